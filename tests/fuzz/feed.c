/* Any answers as those of a calendar server, CalDAV or not, parts behind lines "%%": "STATUS",
 * header lines, a blank line, the body. Nothing is asked elsewhere than at the server that was
 * configured, what is kept is a whole calendar, and the questions end. The wire and the disk are
 * wrapped at the link. */
#include "schedules/feed_internal.h"

#include "adapters/wire/xml.h"
#include "base/str.h"
#include "tests/fuzz/text.h"

#include <strings.h>

enum { ASKED_MOST = 3000, HEADS = 8 };
static const char home[] = "http://lich.example";

static char *rest; /* of the answers */
static int asked;
static struct arena *scratch;

enum err __wrap_feed_ask(
	struct feed_link *l, const char *url, const struct http_request *q, struct http_reply *out);
enum err __wrap_feed_write(const char *path, const void *bytes, size_t n, struct err_text *e);

enum err
__wrap_feed_ask(
	struct feed_link *l, const char *url, const struct http_request *q, struct http_reply *out)
{
	struct http_header *heads = arena_alloc(l->t->arena, HEADS * sizeof *heads);
	char *part = rest, *line;
	size_t n = sizeof home - 1;
	*out = (struct http_reply){ .status = 404, .body = "", .headers = heads };
	if (strncmp(url, home, n) != 0 || (url[n] && !strchr("/?#", url[n])))
		abort(); /* with the name and the password */
	if (++asked > ASKED_MOST)
		abort();
	if (!part)
		return task_fail(l->t, ERR_TIMEOUT, "nothing more comes");
	rest = strstr(part, "%%\n");
	if (rest) {
		*rest = '\0';
		rest += 3;
	}
	l->url = url;
	line = strsep(&part, "\n");
	out->status = *line >= '1' && *line <= '5' ? atoi(line) % 1000 : 207;
	while (part && (line = strsep(&part, "\n")) && *line) {
		char *colon = strchr(line, ':');
		if (!colon || out->headers_n == HEADS)
			continue;
		*colon = '\0';
		heads[out->headers_n++] = (struct http_header){ line, str_trim(colon + 1) };
	}
	out->body = part ? part : "";
	out->len = strlen(out->body);
	return OK;
}

enum err
__wrap_feed_write(const char *path, const void *bytes, size_t n, struct err_text *e)
{
	if (str_ends(path, ".ics") &&
		(!n || !strcasestr(arena_strndup(scratch, bytes, n), "BEGIN:VCALENDAR")))
		abort();
	return OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool begun;
	if (!begun)
		xml_global_init();
	begun = true;
	for (int dav = 0; dav < 2; dav++) {
		struct task t = { .arena = arena_new(), .cancel_fd = -1, .deadline = INT64_MAX };
		struct feed_source s = { .id = "lich",
			.url = dav ? "caldav://lich.example/dav/" : "http://lich.example/a.ics",
			.user = "u",
			.password = "s3cret" };
		struct feed_state out;
		rest = utf8_repair(t.arena, (const char *)bytes, n);
		asked = 0;
		scratch = t.arena;
		/* a folder that cannot be: nothing is on the disk */
		enum err code = feed_refresh(&t, &s, "/proc/self/none", 1000, &out);
		bool told = memmem(bytes, n, s.password, strlen(s.password)); /* by the server */
		if (code != out.code || (code != OK) != (*out.why != '\0') || out.next_at <= 1000 ||
			(!told && strstr(out.why, s.password)))
			abort();
		arena_free(t.arena);
	}
	return 0;
}
