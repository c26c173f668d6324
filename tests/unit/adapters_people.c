/* The adapters without a network: a person as device, a device in memory, and the table that lists
 * them all. */
#include "adapters/fake.h"
#include "adapters/internal.h"
#include "adapters/manual.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
	struct task task;
	struct lane lane;
	struct device device;
};

static void
world_make(struct world *w, const char *name, const struct sheet *sheet)
{
	*w = (struct world){ 0 };
	w->task = (struct task){
		.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 5000
	};
	w->device = (struct device){ .name = name, .adapter = "x", .width = 1, .sheet = sheet };
	w->lane = (struct lane){ .device = &w->device, .arena = arena_new() };
}

static void
world_free(struct world *w)
{
	arena_free(w->task.arena);
	arena_free(w->lane.arena);
}

/* ---- a person -------------------------------------------------------------------------------- */

static void
without_an_answer_the_question_comes_back(void **unused)
{
	static const struct sheet_answer answers[] = { { "start:giao ban", "chắc vậy" },
		{ "end:giao ban", "không, đang họp" }, { "end:giao ban", "xong" } };
	static const struct sheet sheet = { answers, 3 };
	struct world w;
	struct conference c = { .id = "giao ban", .name = "giao ban" };
	struct roster all;
	world_make(&w, "huyen", &sheet);
	const struct mcu_adapter *m = mcu_adapter_find("manual");

	assert_int_equal(m->roster(&w.task, &w.lane, &c, &all), ERR_BUSY);
	assert_string_equal(manual_question(&w.task), "roster:giao ban");
	assert_non_null(strstr(w.task.why, "who is in giao ban"));

	task_forgive(&w.task); /* not understood is asked again */
	struct conference_spec spec = { .name = "giao ban" };
	assert_int_equal(m->start(&w.task, &w.lane, &spec, &c), ERR_BUSY);
	assert_non_null(strstr(w.task.why, "chắc vậy"));

	task_forgive(&w.task); /* the last answer wins */
	assert_int_equal(m->end(&w.task, &w.lane, &c), OK);

	w.device.sheet = NULL;
	assert_int_equal(m->end(&w.task, &w.lane, &c), ERR_BUSY);
	world_free(&w);
}

static void
verdicts_are_understood_with_and_without_marks(void **unused)
{
	static const struct {
		const char *answer;
		enum tri means;
		const char *words;
	} t[] = {
		{ "Có", YES, "" },
		{ "xong", YES, "" },
		{ "OK", YES, "" },
		{ "Không", NO, "" },
		{ "không: máy bận", NO, "máy bận" },
		{ "no, wrong number", NO, "wrong number" },
		{ "chưa gọi được", NO, "chưa gọi được" },
		{ "north", UNKNOWN, "north" },
		{ "", UNKNOWN, "" },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const char *words;
		assert_int_equal(manual_verdict(a, t[i].answer, &words), t[i].means);
		assert_string_equal(words, t[i].words);
	}
	arena_free(a);
}

static void
a_pasted_list_becomes_a_roster(void **unused)
{
	struct arena *a = arena_new();
	struct roster all;
	manual_roster(a,
		"1. Xã Chu Túc\r\n"
		"2) Xã Tri Lễ (tắt mic)\n"
		"- Yên Phúc; mất kết nối\n"
		"\n"
		"• Bình Phúc, đang đổ chuông\n"
		"Hữu Lễ, xóm trên (busy)\n"
		"A (B)\n"
		"Tú Xuyên; up; up; up; up; up; up; up; up; muted\n", /* eight words at most */
		&all);
	static const struct {
		const char *name;
		enum leg_state state;
		enum cause cause;
		enum tri muted;
	} t[] = {
		{ "Xã Chu Túc", LEG_UP, CAUSE_UNKNOWN, UNKNOWN },
		{ "Xã Tri Lễ", LEG_UP, CAUSE_UNKNOWN, YES },
		{ "Yên Phúc", LEG_GONE, CAUSE_NETWORK, UNKNOWN },
		{ "Bình Phúc", LEG_RINGING, CAUSE_UNKNOWN, UNKNOWN },
		{ "Hữu Lễ, xóm trên", LEG_GONE, CAUSE_BUSY, UNKNOWN },
		{ "A (B)", LEG_UP, CAUSE_UNKNOWN, UNKNOWN },
		{ "Tú Xuyên; up", LEG_UP, CAUSE_UNKNOWN, YES },
	};
	assert_int_equal(all.n, sizeof t / sizeof *t);
	for (size_t i = 0; i < all.n; i++) {
		assert_string_equal(all.legs[i].name, t[i].name);
		assert_int_equal(all.legs[i].state, t[i].state);
		assert_int_equal(all.legs[i].ending.cause, t[i].cause);
		assert_int_equal(all.legs[i].muted, t[i].muted);
		assert_false(all.legs[i].sampled);
	}
	arena_free(a);
}

/* The id a dial gives is the one under which the pasted list shows the site, however it is spelled
 * there. */
static void
a_dialled_site_is_found_in_the_list(void **unused)
{
	static const struct sheet_answer answers[] = { { "dial:gb/Chu Túc/r/chu-tuc/1", "xong" },
		{ "roster:gb", "CHU  TÚC (muted)" } };
	static const struct sheet sheet = { answers, 2 };
	struct world w;
	struct conference c = { .id = "gb", .name = "gb" };
	struct dial d = { .site_name = "Chu Túc",
		.leg_name = "chu-tuc",
		.address = "sip:a@1",
		.attempt = "r/chu-tuc/1" };
	struct leg leg;
	struct roster all;
	world_make(&w, "huyen", &sheet);
	assert_int_equal(manual_mcu_adapter.dial(&w.task, &w.lane, &c, &d, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(manual_mcu_adapter.roster(&w.task, &w.lane, &c, &all), OK);
	assert_string_equal(all.legs[0].id, leg.id);
	d.attempt = "r/chu-tuc/2"; /* a second attempt is a new question */
	assert_int_equal(manual_mcu_adapter.dial(&w.task, &w.lane, &c, &d, &leg), ERR_BUSY);
	world_free(&w);
}

static void
a_person_tells_about_a_box(void **unused)
{
	static const struct {
		const char *answer;
		enum err err;
		enum tri in_call, muted;
	} t[] = {
		{ "trong phòng, tắt mic", OK, YES, YES },
		{ "có", OK, YES, UNKNOWN },
		{ "disconnected", OK, NO, UNKNOWN },
		{ "mây mù", ERR_BUSY, UNKNOWN, UNKNOWN },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct sheet_answer answer = { "status", t[i].answer };
		struct sheet sheet = { &answer, 1 };
		struct endpoint_status s = { 0 };
		struct world w;
		world_make(&w, "site:a", &sheet);
		assert_int_equal(manual_endpoint_adapter.status(&w.task, &w.lane, &s), t[i].err);
		assert_int_equal(s.in_call, t[i].in_call);
		assert_int_equal(s.mic_muted, t[i].muted);
		assert_false(s.uptime_s.known);
		world_free(&w);
	}
}

/* ---- in memory ------------------------------------------------------------------------------- */

static enum leg_state
state_of(struct world *w, const struct conference *c, const char *id, struct leg *out)
{
	struct roster all;
	assert_int_equal(fake_mcu_adapter.roster(&w->task, &w->lane, c, &all), OK);
	for (size_t i = 0; i < all.n; i++) {
		if (!str_eq(all.legs[i].id, id))
			continue;
		*out = all.legs[i];
		return out->state;
	}
	fail_msg("no leg %s", id);
	return LEG_GONE;
}

static void
a_script_is_played_by_the_clock_of_the_test(void **unused)
{
	struct fake_site sites[] = {
		{ .id = "a",
			.address = "sip:a",
			.answer_ms = 2000,
			.hangup_ms = 60000,
			.speaks_ms = 3000,
			.dead[VIDEO][FROM_SITE] = true },
		{ .id = "b", .address = "sip:b", .kind = FAKE_UNANSWERED },
		{ .id = "c", .address = "sip:c", .kind = FAKE_BUSY },
		{ .id = "d", .address = "sip:d", .kind = FAKE_OFF },
		{ .id = "e", .address = "sip:e", .off_at = 130000, .on_at = 1000 },
	};
	struct fake f;
	struct world w;
	struct conference c;
	struct leg leg;
	const struct mcu_adapter *m = &fake_mcu_adapter;
	fake_init(&f, sites, 5);
	fake_set_time(&f, 100000);
	world_make(&w, "huyen", fake_sheet(&f));
	assert_int_equal(m->open(&w.task, &w.lane), OK);
	assert_int_equal(
		m->start(&w.task, &w.lane, &(struct conference_spec){ .name = "gb" }, &c), OK);
	assert_true(c.created);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(
			m->dial(&w.task, &w.lane, &c,
				&(struct dial){ .address = sites[i].address, .muted = true }, &leg),
			OK);
	fake_set_time(&f, 101000);
	assert_int_equal(state_of(&w, &c, "a", &leg), LEG_RINGING);
	assert_int_equal(state_of(&w, &c, "b", &leg), LEG_RINGING);
	assert_int_equal(state_of(&w, &c, "c", &leg), LEG_GONE);
	assert_int_equal(leg.ending.cause, CAUSE_BUSY);
	assert_int_equal(state_of(&w, &c, "d", &leg), LEG_DIALING);

	fake_set_time(&f, 112000);
	assert_int_equal(state_of(&w, &c, "a", &leg), LEG_UP);
	assert_int_equal(leg.media.s[AUDIO][FROM_SITE].packets.v, 500);
	assert_int_equal(leg.media.s[VIDEO][FROM_SITE].packets.v, 0);
	assert_int_equal(leg.media.speech, NO); /* muted: nobody is called */
	assert_int_equal(m->mute(&w.task, &w.lane, &c, &leg, false), OK);
	assert_int_equal(state_of(&w, &c, "d", &leg), LEG_GONE);
	assert_int_equal(leg.ending.cause, CAUSE_UNREACHABLE);

	fake_set_time(&f, 116000);
	assert_int_equal(state_of(&w, &c, "a", &leg), LEG_UP);
	assert_int_equal(leg.media.speech, YES);
	struct leg same;
	assert_int_equal(
		m->dial(&w.task, &w.lane, &c, &(struct dial){ .address = "sip:a" }, &same), OK);
	assert_int_equal(same.state, LEG_UP);
	assert_int_equal(sites[0].dials, 1); /* never a second leg */

	fake_set_time(&f, 170000);
	assert_int_equal(state_of(&w, &c, "a", &leg), LEG_GONE);
	assert_int_equal(leg.ending.cause, CAUSE_SITE_HANGUP);
	assert_int_equal(state_of(&w, &c, "b", &leg), LEG_GONE);
	assert_int_equal(leg.ending.cause, CAUSE_NO_ANSWER);
	assert_int_equal(state_of(&w, &c, "e", &leg), LEG_GONE);
	assert_int_equal(leg.ending.cause, CAUSE_NETWORK); /* power off: no goodbye */

	assert_int_equal(m->end(&w.task, &w.lane, &c), OK);
	assert_int_equal(m->find(&w.task, &w.lane, "gb", &c), ERR_GONE);
	m->close(&w.task, &w.lane);
	assert_int_equal(f.closes, 1);
	world_free(&w);
}

static void
the_script_can_fail_the_device(void **unused)
{
	struct fake_site site = { .id = "a", .address = "sip:a", .on_at = 50000 };
	struct fake f;
	struct world w, x;
	struct conference c;
	struct endpoint_status s;
	fake_init(&f, &site, 1);
	fake_set_time(&f, 110000);
	world_make(&w, "huyen", fake_sheet(&f));
	world_make(&x, "site:a", fake_sheet(&f));

	f.fail_next = ERR_TIMEOUT; /* it took effect, and the answer was lost */
	struct conference_spec spec = { .name = "gb" };
	assert_int_equal(fake_mcu_adapter.start(&w.task, &w.lane, &spec, &c), ERR_TIMEOUT);
	task_forgive(&w.task);
	assert_int_equal(fake_mcu_adapter.find(&w.task, &w.lane, "gb", &c), OK);
	f.down = ERR_UNREACHABLE;
	assert_int_equal(fake_mcu_adapter.find(&w.task, &w.lane, "gb", &c), ERR_UNREACHABLE);
	f.down = OK;

	assert_int_equal(fake_endpoint_adapter.status(&x.task, &x.lane, &s), OK);
	assert_int_equal(s.uptime_s.v, 60);
	assert_int_equal(s.in_call, NO);
	fake_set_time(&f, 40000); /* before its power came on */
	assert_int_equal(fake_endpoint_adapter.status(&x.task, &x.lane, &s), ERR_UNREACHABLE);

	static const struct sheet not_a_fake = { NULL, 0 };
	w.device.sheet = &not_a_fake;
	task_forgive(&w.task);
	assert_int_equal(fake_mcu_adapter.open(&w.task, &w.lane), ERR_INPUT);
	world_free(&w);
	world_free(&x);
}

static void
the_table_is_complete(void **unused)
{
	for (size_t i = 0; mcu_adapters[i]; i++) {
		const struct mcu_adapter *m = mcu_adapters[i];
		assert_ptr_equal(mcu_adapter_find(m->name), m);
		assert_true(m->open && m->close && m->title && m->roster);
		assert_int_equal(!m->dial, !m->hangup); /* who only tells attendance can neither */
		assert_int_equal(!m->subscribe, !m->pushed);
		assert_false(m->push_evidence && !m->pushed);
		assert_false((m->evidence & EVIDENCE_LEVEL_MUTED) &&
			     !(m->evidence & (EVIDENCE_LEVEL | EVIDENCE_SPEECH)));
	}
	for (size_t i = 0; endpoint_adapters[i]; i++) {
		const struct endpoint_adapter *e = endpoint_adapters[i];
		assert_ptr_equal(endpoint_adapter_find(e->name), e);
		assert_true(e->open && e->close && e->title && e->status);
	}
	assert_null(endpoint_adapter_find("no-such"));
	assert_null(mcu_adapter_find(NULL));
	assert_int_equal(cause_from_name("never heard of"), CAUSE_UNKNOWN);
	static const struct cause_word table[] = { { "Busy", CAUSE_BUSY },
		{ NULL, CAUSE_UNKNOWN } };
	assert_int_equal(cause_lookup(table, "bUSY"), CAUSE_BUSY);
	assert_int_equal(cause_lookup(table, "x"), CAUSE_UNKNOWN);
	assert_int_equal(cause_lookup(table, NULL), CAUSE_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_answer_the_question_comes_back),
		cmocka_unit_test(verdicts_are_understood_with_and_without_marks),
		cmocka_unit_test(a_pasted_list_becomes_a_roster),
		cmocka_unit_test(a_dialled_site_is_found_in_the_list),
		cmocka_unit_test(a_person_tells_about_a_box),
		cmocka_unit_test(a_script_is_played_by_the_clock_of_the_test),
		cmocka_unit_test(the_script_can_fail_the_device),
		cmocka_unit_test(the_table_is_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
