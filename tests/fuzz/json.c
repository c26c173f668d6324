/* libFuzzer: adapters/wire/json.c; what was read is written and read again. */
#include "adapters/wire/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
write_out(struct json_out *w, const struct json *j)
{
	switch (j->kind) {
	case JSON_IS_NULL: json_put_null(w, j->key); break;
	case JSON_IS_BOOL: json_put_bool(w, j->key, j->number != 0); break;
	case JSON_IS_INT:
	case JSON_IS_REAL: json_put_int(w, j->key, j->number); break;
	case JSON_IS_TEXT: json_put_text(w, j->key, j->text); break;
	case JSON_IS_ARRAY:
	case JSON_IS_OBJECT:
		json_open(w, j->key, j->kind == JSON_IS_ARRAY ? '[' : '{');
		for (const struct json *c = j->first; c; c = c->next)
			write_out(w, c);
		json_close(w, j->kind == JSON_IS_ARRAY ? ']' : '}');
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct err_text e = { 0 };
	struct buf out = { 0 };
	const struct json *j, *again;
	enum err rc = json_parse(a, (const char *)bytes, n, &j, &e);
	if ((rc == OK) != (j != NULL) || (rc != OK && rc != ERR_PROTOCOL))
		abort();
	if (j) {
		struct json_out w = { .out = &out, .pretty = n % 2 };
		write_out(&w, j);
		if (w.depth != 0 || json_parse(a, out.at, out.n, &again, &e) != OK ||
			again->kind != (j->kind == JSON_IS_REAL ? JSON_IS_INT : j->kind))
			abort();
	}
	buf_free(&out);
	arena_free(a);
	return 0;
}
