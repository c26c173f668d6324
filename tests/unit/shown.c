/* What the report says where a measured value and its word could part: audio only, a picture that
 * the playbook does not verify. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report/model.h"
#include "snapshot.h"
#include "world.h"

#define BOOK(verify) \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n" \
	"<open at='PT0S' muted='yes'/>\n" \
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n" verify \
	"<watch at='PT8M' redial='yes' until='allclear'/>\n" \
	"<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n" \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"

static const char playbook[] = BOOK("<verify at='PT4M' within='PT4M'/>\n");

static const struct report *
report(struct world *w)
{
	struct judgement *j = arena_alloc(w->arena, sizeof *j);

	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	judge(w->run, w->arena, j);
	return report_build(w->run, j, 1, "seal", w->arena);
}

static char *
text_of(struct world *w, const struct report *r, const char *lang)
{
	struct buf b = { 0 };

	report_text(r, lang, &b);
	char *copy = arena_strdup(w->arena, buf_str(&b));
	buf_free(&b);
	return copy;
}

static void
assert_has(const char *text, const char *part, bool has)
{
	if ((strstr(text, part) != NULL) != has)
		fail_msg("\"%s\" is %sin:\n%s", part, has ? "not " : "", text);
}

static void
audio_only_is_said_as_such(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .no_video = true }, { .id = "b" } };
	struct world w;

	world_new(&w, playbook, b, N(b), true);
	const struct report *r = report(&w);

	assert_int_equal(r->by_headline[GOOD].n, 2);
	assert_true(r->sites[0].audio_only);
	assert_false(r->sites[1].audio_only);
	/* picture: does not apply */
	assert_string_equal(r->sites[0].verdict->checklist[3].value, "");
	assert_string_equal(r->sites[1].verdict->checklist[3].value, "yes");
	const char *en = text_of(&w, r, "en"), *vi = text_of(&w, r, "vi");

	assert_has(en, "1 of them with sound only", true);
	assert_has(en, "audio only, picture not negotiated", true);
	assert_has(vi, "chỉ có âm thanh, không thiết lập hình ảnh", true);
	assert_has(en, "? / ?", false);
	assert_has(en, "not measured: picture", false);
	struct judgement j;
	struct buf live = { 0 };

	judge(w.run, w.arena, &j);
	snapshot_json(w.run, &j, w.now, &live);
	assert_has(buf_str(&live), "\"proven\":2", true);
	buf_free(&live);
	world_free(&w);
}

/* One-way sound of such a site: the picture is not among what is missing or not measured. */
static void
what_was_not_negotiated_is_not_missing(void **state)
{
	static const struct behaviour b = { .id = "a", .no_video = true, .one_way_audio_to = true };
	struct world w;

	world_new(&w, playbook, &b, 1, true);
	const struct report *r = report(&w);
	const char *en = text_of(&w, r, "en");

	assert_int_equal(r->by_headline[ONE_WAY].n, 1);
	assert_has(en, "no sound to the site", true);
	assert_has(en, "picture from the site", false);
	world_free(&w);
}

static void
a_picture_that_is_not_to_be_verified_does_not_apply(void **state)
{
	static const char sound[] = BOOK("<verify at='PT4M' within='PT4M' video='no'/>\n");
	static const struct behaviour b = { .id = "a" };
	struct world w;

	world_new(&w, sound, &b, 1, true);
	const struct report *r = report(&w);

	assert_int_equal(r->by_headline[GOOD].n, 1);
	assert_false(r->sites[0].audio_only); /* it has a picture; nobody asked for it */
	assert_has(text_of(&w, r, "en"), "? / ?", false);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(audio_only_is_said_as_such),
		cmocka_unit_test(what_was_not_negotiated_is_not_missing),
		cmocka_unit_test(a_picture_that_is_not_to_be_verified_does_not_apply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
