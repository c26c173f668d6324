/* Any rows as the journal of a run, one per line: "KIND AT BODY". It is told again as at a restart,
 * as by `report` and `replay`: an error that names its row, or a run that can be judged, reported
 * and written back. The journal's own reading is wrapped at the link. */
#include "story.h"

#include "adapters/wire/json.h"
#include "adapters/wire/xml.h"
#include "base/clock.h"
#include "base/str.h"
#include "judge.h"
#include "report/model.h"
#include "tests/fuzz/text.h"

static char *text; /* the rows */

enum err __wrap_journal_rows(struct journal_reader *r, const char *run, int64_t from,
	bool (*fn)(const struct row *, void *), void *arg, struct err_text *e);

enum err
__wrap_journal_rows(struct journal_reader *r, const char *run, int64_t from,
	bool (*fn)(const struct row *, void *), void *arg, struct err_text *e)
{
	int64_t seq = 0;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		struct row row = { .seq = ++seq, .site = "", .hash = "" };
		row.kind = strsep(&line, " ");
		const char *at = line ? strsep(&line, " ") : NULL;
		row.body = line ? line : "";
		/* The journal's own column: of the years that a clock can show. */
		if (!at || !str_to_int(at, 0, INT64_C(4102444800000), &row.at))
			row.at = INT64_C(1549756800000) + seq * 1000;
		if (!fn(&row, arg))
			break;
	}
	return OK;
}

static void
report(const struct story *s, struct arena *a)
{
	struct judgement j;
	struct buf b = { 0 };
	const struct json *back;
	struct err_text e = { 0 };
	judge(s->run, a, &j);
	const struct report *r = report_build(s->run, &j, 1, NULL, a);
	report_json(r, &b);
	if (!utf8_valid(buf_str(&b), b.n) || json_parse(a, buf_str(&b), b.n, &back, &e) != OK)
		abort();
	buf_clear(&b);
	report_text(r, "vi", &b);
	if (!utf8_valid(buf_str(&b), b.n))
		abort();
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool begun;
	struct arena *a = arena_new();
	struct story s;
	struct err_text e = { 0 };
	if (!begun) {
		xml_global_init();
		if (clock_set_zone("Asia/Ho_Chi_Minh", &e) != OK)
			abort();
		begun = true;
	}
	text = utf8_repair(a, (const char *)bytes, n);
	enum err code = story_read(NULL, "run", 0, &s, &e);
	fuzz_text(e.text, sizeof e.text);
	if (code != OK && !*e.text)
		abort();
	if (code == OK)
		report(&s, a);
	story_free(&s);
	arena_free(a);
	return 0;
}
