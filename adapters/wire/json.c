/* JSON in and out. Read by adapters (answers) and notify; written by reports, snapshots and the
 * command line. Reading is jansson's strict parser, turned into a light tree on an arena; nobody
 * else includes its header. Writing is ours, so that the same values give the same bytes on every
 * machine. Must never: accept duplicate keys, broken UTF-8 or text behind the value; print a number
 * through a locale. */
#include "adapters/wire/json.h"

#include "base/str.h"
#include "base/vis.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>

enum { JSON_DEPTH = 128, JSON_MIB = 16, VALUES_A_MIB = 62500 };

/* ---- reading
 * ------------------------------------------------------------------------------------------------
 */

static int64_t
truncated(double v)
{
	if (!(v > -9.2e18 && v < 9.2e18))
		return v > 0 ? INT64_MAX : v < 0 ? INT64_MIN : 0;
	return (int64_t)v;
}

/* NULL: nested too deep. */
static struct json *
take(struct arena *a, json_t *v, const char *key, int depth)
{
	if (depth > JSON_DEPTH)
		return NULL;
	struct json *j = arena_alloc(a, sizeof *j), **tail = &j->first;
	j->key = arena_strdup(a, key);
	switch (json_typeof(v)) {
	case JSON_NULL: j->kind = JSON_IS_NULL; return j;
	case JSON_TRUE:
	case JSON_FALSE:
		j->kind = JSON_IS_BOOL;
		j->number = json_is_true(v);
		return j;
	case JSON_INTEGER:
		j->kind = JSON_IS_INT;
		j->number = json_integer_value(v);
		j->real = (double)j->number;
		return j;
	case JSON_REAL:
		j->kind = JSON_IS_REAL;
		j->real = json_real_value(v);
		j->number = truncated(j->real);
		return j;
	case JSON_STRING:
		j->kind = JSON_IS_TEXT;
		j->text = arena_strndup(a, json_string_value(v), json_string_length(v));
		return j;
	case JSON_ARRAY:
		j->kind = JSON_IS_ARRAY;
		for (size_t i = 0; i < json_array_size(v); i++, tail = &(*tail)->next, j->count++)
			if (!(*tail = take(a, json_array_get(v, i), NULL, depth + 1)))
				return NULL;
		return j;
	case JSON_OBJECT:
		j->kind = JSON_IS_OBJECT;
		for (void *i = json_object_iter(v); i; i = json_object_iter_next(v, i)) {
			*tail = take(
				a, json_object_iter_value(i), json_object_iter_key(i), depth + 1);
			if (!*tail)
				return NULL;
			tail = &(*tail)->next;
			j->count++;
		}
		return j;
	}
	return NULL;
}

/* Values there can be at least: each member and item has one of these before it. */
static bool
too_many(const char *bytes, size_t n, size_t most)
{
	size_t values = 1;
	bool text = false;
	for (size_t i = 0; i < n && values <= most; i++)
		if (text && bytes[i] == '\\')
			i++;
		else if (bytes[i] == '"')
			text = !text;
		else if (!text)
			values += bytes[i] == ',' || bytes[i] == '[' || bytes[i] == '{';
	return values > most;
}

enum err
json_parse_most(struct arena *a, const char *bytes, size_t n, int mib, const struct json **out,
	struct err_text *e)
{
	json_error_t why;
	*out = NULL;
	if (n > (size_t)mib << 20)
		return err_set(e, ERR_PROTOCOL, T("JSON of %zu bytes, more than %d MiB"), n, mib);
	if (too_many(bytes, n, (size_t)mib * VALUES_A_MIB))
		return err_set(
			e, ERR_PROTOCOL, T("JSON of more than %d values"), mib * VALUES_A_MIB);
	json_t *v = json_loadb(bytes, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!v)
		return err_set(e, ERR_PROTOCOL, T("not JSON: line %d: %s"), why.line, why.text);
	*out = take(a, v, NULL, 0);
	json_decref(v);
	if (!*out)
		return err_set(e, ERR_PROTOCOL, T("JSON nested deeper than %d"), JSON_DEPTH);
	return OK;
}

enum err
json_parse(
	struct arena *a, const char *bytes, size_t n, const struct json **out, struct err_text *e)
{
	return json_parse_most(a, bytes, n, JSON_MIB, out, e);
}

const struct json *
json_get(const struct json *j, const char *key)
{
	for (j = j && j->kind == JSON_IS_OBJECT ? j->first : NULL; j; j = j->next)
		if (str_eq(j->key, key))
			return j;
	return NULL;
}

const char *
json_text(const struct json *j, const char *key)
{
	j = json_get(j, key);
	return j && j->kind == JSON_IS_TEXT ? j->text : NULL;
}

int64_t
json_int(const struct json *j, const char *key, int64_t otherwise)
{
	j = json_get(j, key);
	return j && j->kind == JSON_IS_INT ? j->number : otherwise;
}

bool
json_bool(const struct json *j, const char *key, bool otherwise)
{
	j = json_get(j, key);
	return j && j->kind == JSON_IS_BOOL ? j->number != 0 : otherwise;
}

enum tri
json_tri(const struct json *j, const char *key)
{
	j = json_get(j, key);
	if (j && j->kind == JSON_IS_BOOL)
		return tri_of(j->number != 0);
	if (j && j->kind == JSON_IS_TEXT)
		return tri_from_name(j->text);
	return UNKNOWN;
}

struct figure
json_figure(const struct json *j, const char *key)
{
	int64_t v;
	j = json_get(j, key);
	if (j && (j->kind == JSON_IS_INT || j->kind == JSON_IS_REAL))
		return figure_of(j->number);
	if (j && j->kind == JSON_IS_TEXT && str_to_int(j->text, INT64_MIN, INT64_MAX, &v))
		return figure_of(v);
	return (struct figure){ 0 };
}

struct figure
json_scaled(const struct json *j, const char *key, double by)
{
	double v;
	const struct json *x = json_get(j, key);
	bool number = x && (x->kind == JSON_IS_INT || x->kind == JSON_IS_REAL);
	if (number)
		v = x->real;
	else if (!x || x->kind != JSON_IS_TEXT || !str_to_double(x->text, &v))
		return (struct figure){ 0 };
	v *= by;
	if (!(v >= 0 && v < 9e15))
		return (struct figure){ 0 };
	return figure_of((int64_t)(v + 0.5));
}

void
json_text_in(const struct json *j, const char *key, char *out, size_t size)
{
	const char *text = json_text(j, key);
	str_copy(out, size, text ? text : "");
}

/* ---- writing
 * ------------------------------------------------------------------------------------------------
 */

static void
new_line(struct json_out *w)
{
	if (!w->pretty)
		return;
	buf_putc(w->out, '\n');
	for (int i = 0; i < w->depth; i++)
		buf_puts(w->out, "  ");
}

static void
put_string(struct json_out *w, const char *s)
{
	buf_putc(w->out, '"');
	vis_json(w->out, s);
	buf_putc(w->out, '"');
}

/* Everything in front of a value. */
static void
begin(struct json_out *w, const char *key)
{
	if (w->depth > 0) {
		if (!w->first)
			buf_putc(w->out, ',');
		new_line(w);
	}
	w->first = false;
	if (key) {
		put_string(w, key);
		buf_puts(w->out, w->pretty ? ": " : ":");
	}
}

static void
end(struct json_out *w)
{
	if (w->depth == 0 && w->pretty)
		buf_putc(w->out, '\n');
}

void
json_open(struct json_out *w, const char *key, char bracket)
{
	assert((bracket == '{' || bracket == '[') && "an opening bracket");
	begin(w, key);
	buf_putc(w->out, bracket);
	w->depth++;
	w->first = true;
}

void
json_close(struct json_out *w, char bracket)
{
	assert(w->depth > 0 && "more closed than opened");
	w->depth--;
	if (!w->first)
		new_line(w);
	buf_putc(w->out, bracket);
	w->first = false;
	end(w);
}

void
json_put_raw(struct json_out *w, const char *key, const char *json)
{
	begin(w, key);
	buf_puts(w->out, json ? json : "null");
	end(w);
}

void
json_put_text(struct json_out *w, const char *key, const char *value)
{
	if (!value) {
		json_put_null(w, key);
		return;
	}
	begin(w, key);
	put_string(w, value);
	end(w);
}

void
json_put_known_text(struct json_out *w, const char *key, const char *value)
{
	if (!str_empty(value))
		json_put_text(w, key, value);
}

void
json_put_int(struct json_out *w, const char *key, int64_t value)
{
	begin(w, key);
	buf_printf(w->out, "%" PRId64, value);
	end(w);
}

void
json_put_bool(struct json_out *w, const char *key, bool value)
{
	json_put_raw(w, key, value ? "true" : "false");
}

void
json_put_null(struct json_out *w, const char *key)
{
	json_put_raw(w, key, "null");
}

void
json_put_figure(struct json_out *w, const char *key, struct figure f)
{
	if (f.known)
		json_put_int(w, key, f.v);
	else
		json_put_null(w, key);
}

void
json_put_tri(struct json_out *w, const char *key, enum tri t)
{
	json_put_text(w, key, tri_name(t));
}
