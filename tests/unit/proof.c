/* Whose word proves that a medium arrives, to the site and from it: one table, each row a pair of
 * samples half a minute apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "world.h"

static const char playbook[] =
	"<playbook name='t' title='T' phase='rehearsal' anchor='event'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"
	"<verify at='PT4M' within='PT4M'/>\n"
	"<close at='PT36M'/>\n"
	"</playbook>\n";

enum { NOT = -1 };

struct row {
	const char *what;
	bool by_codec;
	enum direction d;
	int packets[2], kbps[2], lost[2], far[2], loss; /* NOT: not told */
	enum tri proven;
};

static const struct row rows[] = {
	{ "the MCU receives packets", false, FROM_SITE, { 100, 900 }, { NOT, NOT }, { 0, 0 },
		{ NOT, NOT }, NOT, YES },
	{ "none arrive", false, FROM_SITE, { 100, 100 }, { NOT, NOT }, { 0, 0 }, { NOT, NOT }, NOT,
		NO },
	{ "a measured rate, no losses", false, FROM_SITE, { NOT, NOT }, { 64, 64 }, { 0, 0 },
		{ NOT, NOT }, NOT, YES },
	{ "a rate of nothing", false, FROM_SITE, { NOT, NOT }, { 0, 0 }, { 0, 0 }, { NOT, NOT },
		NOT, NO },
	{ "a rate, and losses grow", false, FROM_SITE, { NOT, NOT }, { 64, 64 }, { 0, 50 },
		{ NOT, NOT }, NOT, UNKNOWN },
	{ "a share of losses alone", false, FROM_SITE, { NOT, NOT }, { NOT, NOT }, { NOT, NOT },
		{ NOT, NOT }, 0, UNKNOWN },
	{ "nothing is told", false, FROM_SITE, { NOT, NOT }, { NOT, NOT }, { NOT, NOT },
		{ NOT, NOT }, NOT, UNKNOWN },
	{ "counters run backwards", false, FROM_SITE, { 900, 100 }, { NOT, NOT }, { 0, 0 },
		{ NOT, NOT }, NOT, UNKNOWN },
	{ "the codec receives packets", true, TO_SITE, { 100, 900 }, { NOT, NOT }, { 0, 0 },
		{ NOT, NOT }, NOT, YES },
	{ "it receives none", true, TO_SITE, { 100, 100 }, { NOT, NOT }, { 0, 0 }, { NOT, NOT },
		NOT, NO },
	{ "it measures a rate", true, TO_SITE, { NOT, NOT }, { 64, 64 }, { 0, 0 }, { NOT, NOT },
		NOT, YES },
	{ "its losses grow", true, TO_SITE, { NOT, NOT }, { 64, 64 }, { 0, 9 }, { NOT, NOT }, NOT,
		UNKNOWN },
	{ "its RTCP reports grow", false, TO_SITE, { NOT, NOT }, { NOT, NOT }, { NOT, NOT },
		{ 100, 900 }, NOT, YES },
	{ "its RTCP reports stand still", false, TO_SITE, { 100, 900 }, { NOT, NOT }, { NOT, NOT },
		{ 100, 100 }, NOT, NO },
	{ "the MCU sends", false, TO_SITE, { 100, 900 }, { 64, 64 }, { NOT, NOT }, { NOT, NOT },
		NOT, UNKNOWN },
	{ "the codec sends", true, FROM_SITE, { 100, 900 }, { 64, 64 }, { NOT, NOT }, { NOT, NOT },
		NOT, UNKNOWN },
};

static struct figure
figure(int v)
{
	return v == NOT ? (struct figure){ 0 } : figure_of(v);
}

static struct media_sample
sample(const struct row *row, int i)
{
	struct media_sample m = { 0 };

	m.s[AUDIO][row->d] = (struct stream){ .open = YES,
		.packets = figure(row->packets[i]),
		.kbps = figure(row->kbps[i]),
		.lost = figure(row->lost[i]),
		.far_received = figure(row->far[i]),
		.loss_permille = figure(row->loss) };
	return m;
}

/* To a question of the same moment. */
static void
answer_at_once(struct world *w, struct event *e)
{
	w->run->mcus[0].polled_at = w->run->sites[0].status_asked = w->now;
	world_feed(w, e);
}

static void
feed(struct world *w, const struct row *row, int i)
{
	struct event e = { .verb = row->by_codec ? VERB_STATUS : VERB_ROSTER,
		.kind = row->by_codec ? EVENT_ANSWER : EVENT_ROSTER };
	struct leg leg = { .id = "a",
		.name = "a",
		.state = LEG_UP,
		.configured = true,
		.sampled = true,
		.media = sample(row, i) };

	if (row->by_codec) {
		str_copy(e.device, sizeof e.device, "site:a");
		str_copy(e.site, sizeof e.site, "a");
		e.status = (struct endpoint_status){
			.in_call = YES, .sampled = true, .media = sample(row, i)
		};
	} else {
		str_copy(e.device, sizeof e.device, "huyen");
		e.legs = &leg;
		e.legs_n = 1;
	}
	answer_at_once(w, &e);
}

static void
only_a_receiver_proves(void **state)
{
	static const struct behaviour b = { .id = "a", .kind = W_OFF };

	for (size_t i = 0; i < N(rows); i++) {
		struct world w;
		struct judgement j;
		enum tri got = UNKNOWN;

		world_new(&w, playbook, &b, 1, true);
		world_begin(&w);
		world_until(&w, 1000); /* its conference is open, nobody is there */
		if (rows[i].by_codec) {
			struct row up = { .d = FROM_SITE,
				.packets = { NOT, NOT },
				.kbps = { NOT, NOT },
				.lost = { NOT, NOT },
				.far = { NOT, NOT },
				.loss = NOT };

			feed(&w, &up, 0); /* it is there */
		}
		feed(&w, &rows[i], 0);
		w.now += 30000;
		feed(&w, &rows[i], 1);
		judge(w.run, w.arena, &j);
		for (int k = 0; k < j.verdicts[0].media_n; k++)
			if (j.verdicts[0].media[k].medium == AUDIO &&
				j.verdicts[0].media[k].direction == rows[i].d)
				got = j.verdicts[0].media[k].value;
		if (got != rows[i].proven)
			fail_msg("%s: %s, not %s", rows[i].what, tri_name(got),
				tri_name(rows[i].proven));
		world_free(&w);
	}
}

/* A device may say any number: the share of what was lost does not overflow. */
static void
losses_beyond_all_measure(void **state)
{
	static const struct behaviour b = { .id = "a", .kind = W_OFF };
	struct world w;
	struct judgement j;
	int64_t loss = -1;

	world_new(&w, playbook, &b, 1, false);
	world_begin(&w);
	world_until(&w, 4 * MINUTE + 1000);
	for (int i = 0; i < 3; i++) {
		struct leg leg = {
			.id = "a", .name = "a", .state = LEG_UP, .configured = true, .sampled = true
		};
		struct event e = {
			.verb = VERB_ROSTER, .kind = EVENT_ROSTER, .legs = &leg, .legs_n = 1
		};

		leg.media.s[AUDIO][FROM_SITE] = (struct stream){ .open = YES,
			.packets = figure_of(i),
			.lost = figure_of(i ? INT64_MAX / 500 + i : 0) };
		str_copy(e.device, sizeof e.device, "huyen");
		answer_at_once(&w, &e);
		w.now += 30000;
	}
	judge(w.run, w.arena, &j);
	for (int k = 0; k < j.verdicts[0].media_n; k++)
		if (j.verdicts[0].media[k].medium == AUDIO &&
			j.verdicts[0].media[k].direction == FROM_SITE)
			loss = j.verdicts[0].media[k].loss_permille;
	assert_int_equal(loss, 999);
	world_free(&w);
}

static const struct media_fact *
sound_to_site(const struct judgement *j)
{
	for (int k = 0; k < j->verdicts[0].media_n; k++)
		if (j->verdicts[0].media[k].medium == AUDIO &&
			j->verdicts[0].media[k].direction == TO_SITE)
			return &j->verdicts[0].media[k];
	fail_msg("sound to the site is not judged");
	return NULL;
}

static void
an_answer_to_a_sound_proves_sound_to_the_site(void **state)
{
	static const struct behaviour b = { .id = "a", .one_way_audio_to = true };

	for (int endpoints = 0; endpoints < 2; endpoints++) {
		struct world w;
		struct judgement j;

		world_new(&w, playbook, &b, 1, endpoints);
		world_begin(&w);
		world_until(&w, 6 * MINUTE);
		struct rollcall_mark *roll = &w.run->sites[0].roll;

		*roll = (struct rollcall_mark){ .called = 1, .answered = true, .seq = 77 };
		judge(w.run, w.arena, &j);
		assert_int_equal(sound_to_site(&j)->value, endpoints ? NO : UNKNOWN);
		assert_int_equal(j.verdicts[0].heard, UNKNOWN);
		roll->sound = roll->heard = true;
		judge(w.run, w.arena, &j);
		/* Its codec says that nothing arrives: both views stay. */
		assert_int_equal(sound_to_site(&j)->value, endpoints ? NO : YES);
		assert_int_equal(sound_to_site(&j)->contradiction, endpoints);
		assert_string_equal(
			sound_to_site(&j)->seen_by, endpoints ? "endpoint" : "rollcall");
		assert_int_equal(j.verdicts[0].heard, YES);
		if (!endpoints)
			assert_int_equal(sound_to_site(&j)->evidence.seq[0], 77);
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_receiver_proves),
		cmocka_unit_test(losses_beyond_all_measure),
		cmocka_unit_test(an_answer_to_a_sound_proves_sound_to_the_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
