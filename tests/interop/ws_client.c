/* One event stream through adapters/wire/ws.h, for the script in this folder: opens it, says what
 * it is told to, prints what comes.
 *
 *   WS_PASSWORD=... ws_client URL PATH USER|- PIN|- [TEXT...]
 *   message 5 5d41402a...            length and the beginning of its SHA-256
 *   ok | gone - event stream of ...
 *
 * One message is waited for per text that was said; then, as long as they come, more. */
#include "adapters/wire/ws.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GIVEN_MS = 20000, QUIET_MS = 400 };

static enum err
hear(struct task *t, struct ws *w, int64_t at_most_ms, bool *out_any)
{
	const char *text;
	size_t n;
	char hex[HASH_HEX_SIZE];
	enum err e = ws_next(t, w, at_most_ms, &text, &n);
	*out_any = e == OK && text;
	if (*out_any) {
		hash_hex(text, n, hex);
		printf("message %zu %.16s\n", n, hex);
	}
	return e;
}

int
main(int argc, char **argv)
{
	struct ws *w = NULL;
	if (argc < 5) {
		fprintf(stderr, "usage: ws_client URL PATH USER|- PIN|- [TEXT...]\n");
		return 2;
	}
	http_global_init();
	struct task t = {
		.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + GIVEN_MS
	};
	bool login = !str_eq(argv[3], "-"), any = true;
	struct http_options h = { .url = argv[1], .auth = login ? HTTP_AUTH_BASIC : HTTP_AUTH_NONE,
		.user = login ? argv[3] : NULL, .password = getenv("WS_PASSWORD"),
		.pin = str_eq(argv[4], "-") ? NULL : argv[4] };
	struct ws_options o = { .http = &h, .path = argv[2], .max_message = 8 << 20 };
	enum err e = ws_open(&t, &o, &w);
	for (int i = 5; e == OK && i < argc; i++) {
		e = ws_say(&t, w, argv[i], strlen(argv[i]));
		if (e == OK)
			e = hear(&t, w, -1, &any);
	}
	for (any = true; e == OK && any;)
		e = hear(&t, w, QUIET_MS, &any);
	if (e == OK)
		printf("ok\n");
	else
		printf("%s %s %s\n", err_name(e), t.word ? t.word : "-", t.why);
	ws_close(&t, w);
	arena_free(t.arena);
	http_global_done();
	return 0;
}
