/* Who was there and not invited: seen with its times, named by the directory where that is honest,
 * apart from the expected in every form of the report; and whose doing it was that legs went when
 * an MCU was started again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report/documents.h"
#include "report/model.h"
#include "schedules/sites.h"
#include "world.h"

static const struct behaviour sites[] = { { .id = "a" }, { .id = "b" } };

static const struct report *
report(struct world *w)
{
	struct judgement *j = arena_alloc(w->arena, sizeof *j);

	assert_true(w->run->finished);
	judge(w->run, w->arena, j);
	return report_build(w->run, j, 1, "seal", w->arena);
}

/* Two sites that behave so, and these guests. */
static void
open_with(struct world *w, const struct behaviour b[2], const struct guest *guests, size_t n)
{
	world_new(w, world_playbook, b, 2, true);
	w->guests = guests;
	w->guests_n = n;
	world_begin(w);
}

static void
open_world(struct world *w, const struct guest *guests, size_t n)
{
	open_with(w, sites, guests, n);
}

static void
known(struct world *w, const char *leg, const char *id, const char *by)
{
	struct spec_site site = { .id = id,
		.name = "Xã Lạ",
		.tier = "commune",
		.district = "Bắc",
		.people = -1,
		.mcu = -1 };
	struct event e = { .kind = EVENT_KNOWN, .device = "huyen", .invited = &site };

	str_copy(e.leg.id, sizeof e.leg.id, leg);
	str_copy(e.word, sizeof e.word, by);
	world_feed(w, &e);
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void
an_extra_is_told_with_its_times_and_is_nobody_expected(void **state)
{
	static const struct guest guests[] = { { "g1", "May la", "10.9.9.9", 3 * MINUTE,
		20 * MINUTE, CAUSE_SITE_HANGUP } };
	struct world w;

	open_world(&w, guests, N(guests));
	world_until(&w, 60 * MINUTE);
	const struct report *r = report(&w);

	assert_int_equal(r->n, 2);
	assert_int_equal(r->by_headline[GOOD].n, 2);
	assert_int_equal(r->extras_n, 1);
	const struct report_extra *x = &r->extras[0];

	assert_string_equal(x->name, "May la");
	assert_string_equal(x->extra->address, "10.9.9.9");
	assert_string_equal(x->extra->known_by, "");
	assert_int_equal(x->extra->intervals.n, 1);
	assert_int_equal(x->extra->intervals.at[0].ended_by, ENDED_SITE);
	/* To within two lists. */
	assert_true(x->present_s > 17 * 60 - 12 && x->present_s < 17 * 60 + 12);
	assert_true(x->extra->intervals.at[0].begin_seq && x->extra->intervals.at[0].end_seq);
	for (size_t i = 0; i < w.orders.n; i++) /* it is left alone */
		assert_true(!str_eq(w.orders.at[i].leg.id, "g1"));
	world_free(&w);
}

static void
one_who_comes_back_is_the_same_one(void **state)
{
	static const struct guest guests[] = { { "g1", "May la", "10.9.9.9", 3 * MINUTE, 5 * MINUTE,
						       CAUSE_UNKNOWN },
		{ "g2", "May la", "10.9.9.9", 10 * MINUTE, 60 * MINUTE, CAUSE_UNKNOWN },
		{ "g3", "May khac", "10.9.9.9", 12 * MINUTE, 60 * MINUTE, CAUSE_UNKNOWN } };
	struct world w;

	open_world(&w, guests, N(guests));
	world_until(&w, 60 * MINUTE);
	const struct report *r = report(&w);

	assert_int_equal(r->extras_n, 2);
	assert_int_equal(r->extras[0].extra->intervals.n, 2);
	assert_int_equal(r->extras[0].extra->intervals.at[0].ended_by, ENDED_UNKNOWN);
	/* the conference was ended */
	assert_int_equal(r->extras[0].extra->intervals.at[1].ended_by, ENDED_US);
	assert_true(r->extras[0].present_s > 28 * 60 - 12 && r->extras[0].present_s < 28 * 60 + 12);
	assert_string_equal(r->extras[1].name, "May khac");
	world_free(&w);
}

static char *
json_of(struct world *w)
{
	struct buf b = { 0 };

	report_json(report(w), &b);
	char *copy = arena_strdup(w->arena, buf_str(&b));
	buf_free(&b);
	return copy;
}

static char *
text_of(struct world *w, const char *lang)
{
	struct buf b = { 0 };

	report_text(report(w), lang, &b);
	char *copy = arena_strdup(w->arena, buf_str(&b));
	buf_free(&b);
	return copy;
}

static void
the_directory_names_it_in_every_form(void **state)
{
	static const struct guest guests[] = { { "g1", "May la", "10.9.9.9", 3 * MINUTE,
						       20 * MINUTE, CAUSE_SITE_HANGUP },
		{ "g2", "=cmd()", "10.9.9.8", 4 * MINUTE, 20 * MINUTE, CAUSE_SITE_HANGUP } };
	struct world w;

	open_world(&w, guests, N(guests));
	world_until(&w, 10 * MINUTE);
	known(&w, "g1", "xa-la", "address");
	known(&w, "nobody", "xa-la", "address");
	world_until(&w, 60 * MINUTE);
	const struct json *j;
	const char *bytes = json_of(&w);

	assert_int_equal(json_parse(w.arena, bytes, strlen(bytes), &j, NULL), OK);
	assert_int_equal(json_int(json_get(j, "counts"), "expected", -1), 2);
	assert_int_equal(json_get(j, "sites")->count, 2);
	const struct json *x = json_get(j, "extras")->first;

	assert_string_equal(json_text(x, "id"), "xa-la");
	assert_string_equal(json_text(x, "name"), "Xã Lạ");
	assert_string_equal(json_text(x, "known_by"), "address");
	assert_string_equal(json_get(x, "flags")->first->text, "extra");
	assert_string_equal(json_text(json_get(x, "presence")->first, "ended_by"), "site");
	assert_null(json_text(x, "headline"));
	assert_null(json_text(x->next, "id")); /* known to nobody */
	assert_has(text_of(&w, "vi"), "Thành phần không được mời có mặt trong phiên, không tính "
				      "vào số liệu trên (2): Xã Lạ");
	assert_has(text_of(&w, "en"), "IV. PRESENT AND NOT INVITED");
	assert_has(text_of(&w, "en"), "site xa-la of the directory, by its address");
	static const char *const kinds[] = { "minutes", "attendance", "consolidated" };

	for (size_t k = 0; k < N(kinds); k++) {
		struct buf csv = { 0 }, html = { 0 };
		struct faults faults = { .arena = w.arena };
		struct letterhead l;
		size_t n;
		const char *example = letterhead_example(&n);

		assert_int_equal(
			letterhead_read(example, n, "letterhead.xml", w.arena, &faults, &l), OK);
		assert_int_equal(
			documents_write(report(&w), &l, kinds[k], "csv", "en", &csv, NULL), OK);
		assert_has(buf_str(&csv), "Present and not invited");
		assert_has(buf_str(&csv), "Xã Lạ");
		assert_has(buf_str(&csv), "'=cmd()"); /* no formula */
		assert_int_equal(
			documents_write(report(&w), &l, kinds[k], "html", "vi", &html, NULL), OK);
		assert_has(buf_str(&html), "Có mặt nhưng không được mời");
		assert_has(buf_str(&html), "10.9.9.9");
		buf_free(&csv);
		buf_free(&html);
	}
	world_free(&w);
}

static void
a_name_alone_proves_nobody(void **state)
{
	static const struct guest guests[] = { { "g1", "a", "10.9.9.9", 3 * MINUTE, 20 * MINUTE,
		CAUSE_SITE_HANGUP } };
	static const struct behaviour off[] = { { .id = "a", .kind = W_OFF }, { .id = "b" } };
	struct world w;

	open_with(&w, off, guests, N(guests));
	world_until(&w, 10 * MINUTE);
	known(&w, "g1", "a", "name");
	world_until(&w, 60 * MINUTE);
	const struct report *r = report(&w);

	assert_int_equal(r->sites[0].verdict->headline, ABSENT);
	assert_true(r->extras[0].bears_invited_name);
	assert_has(text_of(&w, "en"), "shows the name of the invited site a, from another address");
	world_free(&w);
}

static void
an_invited_site_on_a_wrong_mcu_is_told_so(void **state)
{
	static const struct guest guests[] = { { "g1", "b", "10.9.9.9", 3 * MINUTE, 20 * MINUTE,
		CAUSE_SITE_HANGUP } };
	static const struct behaviour off[] = { { .id = "a" }, { .id = "b", .kind = W_OFF } };
	struct world w;

	open_with(&w, off, guests, N(guests));
	world_until(&w, 10 * MINUTE);
	known(&w, "g1", "b", "address");
	world_until(&w, 60 * MINUTE);
	assert_true(report(&w)->extras[0].elsewhere);
	assert_has(text_of(&w, "en"), "in the conference of another MCU than its own");
	world_free(&w);
}

static void
an_mcu_of_the_configuration_is_a_hop(void **state)
{
	static const struct guest guests[] = { { "g1", "tw", "10.1.1.1", 3 * MINUTE, 20 * MINUTE,
		CAUSE_SITE_HANGUP } };
	struct world w;

	open_world(&w, guests, N(guests));
	world_until(&w, 10 * MINUTE);
	known(&w, "g1", "tw", "mcu");
	world_until(&w, 60 * MINUTE);
	assert_true(report(&w)->extras[0].is_mcu);
	assert_null(strstr(text_of(&w, "en"), "not invited, not counted"));
	world_free(&w);
}

/* It called in before it was invited: its leg becomes its own, and nobody calls a box that is in
 * its call. */
static void
one_who_is_invited_later_was_there_already(void **state)
{
	static const struct behaviour b[] = { { .id = "a" },
		{ .id = "b", .kind = W_UNANSWERED, .dials_in = true, .dials_in_at = 2 * MINUTE } };
	struct world w;

	world_new(&w, world_playbook, b, N(b), true);
	run_free(w.run);
	w.spec.sites_n = 1;
	w.run = run_new(&w.spec);
	w.sites[1].unmuted_in = true;
	world_begin(&w);
	world_until(&w, 6 * MINUTE);
	assert_int_equal(w.run->extras.n, 1);
	assert_false(w.sites[1].muted);
	world_feed(&w, &(struct event){ .kind = EVENT_INVITED, .invited = &w.spec.sites[1] });
	world_until(&w, 60 * MINUTE);
	const struct report *r = report(&w);

	assert_int_equal(r->n, 2);
	assert_int_equal(r->extras_n, 0);
	assert_int_equal(w.sites[1].dials, 0);
	assert_true(w.sites[1].muted);
	assert_int_equal(r->sites[1].verdict->headline, GOOD);
	assert_true(w.run->sites[1].first_up < WORLD_START + 3 * MINUTE);
	assert_int_equal(w.run->sites[1].intervals.n, 1);
	world_free(&w);
}

static void
the_event_comes_back_from_its_row(void **state)
{
	struct arena *a = arena_new();
	struct spec_site site = {
		.id = "xa-la", .name = "Xã Lạ", .tier = "commune", .people = -1, .mcu = -1
	};
	struct event e = { .kind = EVENT_KNOWN,
		.device = "huyen",
		.leg = { .id = "g1" },
		.word = "name",
		.invited = &site },
		     back;
	struct buf b = { 0 };
	struct json_out out = { .out = &b };
	const struct json *j;

	event_write(&e, &out);
	assert_int_equal(json_parse(a, buf_str(&b), b.n, &j, NULL), OK);
	assert_int_equal(event_read(j, 5, 7, a, &back, NULL), OK);
	assert_int_equal(back.kind, EVENT_KNOWN);
	assert_string_equal(back.leg.id, "g1");
	assert_string_equal(back.word, "name");
	assert_string_equal(back.invited->name, "Xã Lạ");
	buf_free(&b);
	arena_free(a);
}

static void
addresses_lead_to_one_site_or_to_none(void **state)
{
	struct site at[] = { { .id = "a", .address = { "h323:10.1.1.1", "" } },
		{ .id = "b", .address = { "sip:B@10.1.1.2:5060", "" } },
		{ .id = "c", .address = { "sip:c@10.1.1.9", "" } },
		{ .id = "d", .address = { "sip:d@10.1.1.9", "" } } };
	struct sites s = { .at = at, .n = N(at) };

	assert_ptr_equal(sites_by_address(&s, "10.1.1.1", ""), &at[0]);
	assert_ptr_equal(sites_by_address(&s, "sip:b@10.1.1.2:5060;transport=tcp", ""), &at[1]);
	assert_ptr_equal(sites_by_address(&s, "1002", "10.1.1.2"), &at[1]);
	assert_null(sites_by_address(&s, "somebody@10.1.1.9", "10.1.1.9")); /* one of two */
	assert_ptr_equal(sites_by_address(&s, "c@10.1.1.9", "10.1.1.9"), &at[2]);
	assert_null(sites_by_address(&s, "", ""));
}

/* ---- an MCU that was started again ----------------------------------------------------------- */

/* Away from the 12th to the 14th minute; its uptime then says whether it was started again. */
static void
away(struct world *w, int64_t uptime_s)
{
	open_world(w, NULL, 0);
	w->mcu_down_from = WORLD_START + 12 * MINUTE;
	w->mcu_down_to = WORLD_START + 14 * MINUTE;
	w->mcu_forgets_at = uptime_s < 200 ? w->mcu_down_from : 0;
	w->mcu_uptime_s = uptime_s;
	world_until(w, 60 * MINUTE);
}

static void
its_uptime_tells_that_an_mcu_was_started_again(void **state)
{
	struct world w;

	away(&w, 60);
	for (size_t i = 0; i < N(sites); i++) {
		const struct run_site *s = &w.run->sites[i];

		assert_int_equal(s->intervals.n, 2);
		assert_int_equal(s->intervals.at[0].ended_by, ENDED_MCU);
	}
	assert_int_equal(report(&w)->by_headline[GOOD].n, 2);
	assert_true(w.run->mcus[0].restarted_at > w.mcu_down_from - 1000 &&
		    w.run->mcus[0].restarted_at < w.mcu_down_to);
	world_free(&w);
	away(&w, 86400);
	assert_int_equal(w.run->mcus[0].restarted_at, 0);
	assert_int_equal(w.run->sites[0].intervals.n, 1);
	world_free(&w);
}

/* Gone before the MCU was: its restart did not do it. */
static void
who_went_before_the_restart_is_not_excused_by_it(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .network_down_at = 6 * MINUTE },
		{ .id = "b" } };
	struct world w;

	world_new(&w, world_playbook, b, N(b), true);
	world_begin(&w);
	w.mcu_down_from = WORLD_START + 12 * MINUTE;
	w.mcu_down_to = WORLD_START + 14 * MINUTE;
	w.mcu_forgets_at = w.mcu_down_from;
	w.mcu_uptime_s = 60;
	world_until(&w, 60 * MINUTE);
	assert_int_equal(w.run->sites[0].intervals.at[0].ended_by, ENDED_NETWORK);
	assert_int_equal(w.run->sites[1].intervals.at[0].ended_by, ENDED_MCU);
	assert_int_equal(report(&w)->sites[0].verdict->headline, LOST);
	world_free(&w);
}

/* It lets its calls go, falls silent, and counts its uptime from the end of its boot: one of its
 * lists may show the calls gone before anything shows the restart. */
static void
legs_let_go_before_its_silence_went_with_the_restart(void **state)
{
	for (int uptime_s = 30; uptime_s <= 86400; uptime_s += 86370) {
		struct world w;

		open_world(&w, NULL, 0);
		world_until(&w, 12 * MINUTE);
		w.cut_off = true; /* nobody is back before the silence */
		w.mcu_forgets_at = w.now;
		w.mcu_down_from = w.now + 8000;
		w.mcu_down_to = w.now + 2 * MINUTE;
		w.mcu_uptime_s = uptime_s;
		world_until(&w, 14 * MINUTE);
		w.cut_off = false;
		world_until(&w, 60 * MINUTE);
		for (size_t i = 0; i < N(sites); i++) {
			const struct interval *k = &w.run->sites[i].intervals.at[0];

			assert_true(k->to < w.mcu_down_from);
			assert_int_equal(k->ended_by == ENDED_MCU, uptime_s == 30);
		}
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_extra_is_told_with_its_times_and_is_nobody_expected),
		cmocka_unit_test(one_who_comes_back_is_the_same_one),
		cmocka_unit_test(the_directory_names_it_in_every_form),
		cmocka_unit_test(a_name_alone_proves_nobody),
		cmocka_unit_test(an_invited_site_on_a_wrong_mcu_is_told_so),
		cmocka_unit_test(an_mcu_of_the_configuration_is_a_hop),
		cmocka_unit_test(one_who_is_invited_later_was_there_already),
		cmocka_unit_test(the_event_comes_back_from_its_row),
		cmocka_unit_test(addresses_lead_to_one_site_or_to_none),
		cmocka_unit_test(its_uptime_tells_that_an_mcu_was_started_again),
		cmocka_unit_test(who_went_before_the_restart_is_not_excused_by_it),
		cmocka_unit_test(legs_let_go_before_its_silence_went_with_the_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
