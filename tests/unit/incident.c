/* Incidents as rows and back: state, one owner, what may follow, and the figures of the
 * providers. */
#include "base/str.h"
#include "incident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "vanquan.h"

static void
row(struct incidents *all, int64_t at, struct incident i, enum incident_action action,
	const char *text)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	incident_write(&i, action, "who", text, "", &w);
	incident_take(all,
		&(struct row){ .at = at, .kind = "incident", .site = "", .body = buf_str(&b) });
	buf_free(&b);
}

static const struct incident first = { .number = 1,
	.key = "site:a/drop",
	.site = "a",
	.name = "A",
	.device = "",
	.fault = "drop",
	.cause = "line",
	.evidence = "",
	.provider = "VNPT",
	.owner = "VNPT",
	.settled_cause = "" };

static void
rows_add_up(void **state)
{
	struct arena *a = arena_new();
	struct incidents all = { .arena = a };
	row(&all, 1000, first, INCIDENT_OPEN, "");
	assert_string_equal(incident_state(&all.at.at[0]), "open");
	assert_ptr_equal(incident_open_with(&all, "site:a/drop"), &all.at.at[0]);
	row(&all, 2000, first, INCIDENT_ASSIGN, "another");
	assert_string_equal(all.at.at[0].owner, "another");
	row(&all, 61000, first, INCIDENT_RESPOND, "");
	assert_int_equal(all.at.at[0].received, 61000); /* who responds has received it */
	struct incident fixed = first;
	fixed.settled_cause = "power";
	row(&all, 121000, fixed, INCIDENT_FIX, "");
	assert_string_equal(all.at.at[0].settled_cause, "power");
	assert_string_equal(all.at.at[0].cause, "line");
	row(&all, 130000, first, INCIDENT_CLOSE, "well");
	assert_string_equal(incident_state(&all.at.at[0]), "closed");
	assert_null(incident_open_with(&all, "site:a/drop"));
	assert_int_equal(all.at.at[0].entries.n, 5);
	arena_free(a);
}

static void
settled(struct incidents *all, int64_t at, const char *fault, const char *cause)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	incident_write_settled(&first, fault, cause, "who", "seen there", "run-1", &w);
	incident_take(all,
		&(struct row){ .at = at, .kind = "incident", .site = "", .body = buf_str(&b) });
	buf_free(&b);
}

/* What a person settled in a run stands with the incident, and a repair without a cause keeps it.
 */
static void
what_a_person_settled_stays(void **state)
{
	struct arena *a = arena_new();
	struct incidents all = { .arena = a };
	row(&all, 1000, first, INCIDENT_OPEN, "");
	settled(&all, 2000, "", "power");
	assert_string_equal(all.at.at[0].settled_cause, "power");
	assert_string_equal(all.at.at[0].cause, "line");
	assert_string_equal(all.at.at[0].entries.at[1].cause, "power");
	assert_string_equal(all.at.at[0].entries.at[1].run, "run-1");
	settled(&all, 3000, "none", "");
	assert_string_equal(all.at.at[0].settled_cause, "power");
	assert_string_equal(all.at.at[0].entries.at[2].fault, "none");
	assert_string_equal(incident_state(&all.at.at[0]), "open");
	row(&all, 4000, first, INCIDENT_FIX, "");
	assert_string_equal(all.at.at[0].settled_cause, "power");
	struct incident fixed = first;
	fixed.settled_cause = "equipment";
	row(&all, 5000, fixed, INCIDENT_AGAIN, "");
	row(&all, 6000, fixed, INCIDENT_FIX, "");
	assert_string_equal(all.at.at[0].settled_cause, "equipment");
	arena_free(a);
}

static void
what_is_settled_concerns_what_was_seen(void **state)
{
	struct incident_entry entries[] = {
		{ .action = INCIDENT_OPEN, .run = "run-1" },
		{ .action = INCIDENT_AGAIN, .run = "run-2" },
		{ .action = INCIDENT_WORKS, .run = "run-3" },
	};
	struct incident i = first;
	i.entries.at = entries;
	i.entries.n = 3;
	assert_string_equal(incident_run(&i), "run-2");
	assert_true(incident_concerns(&i, "a", "run-1", "no-audio"));
	assert_true(incident_concerns(&i, "a", "run-2", ""));
	assert_false(incident_concerns(&i, "a", "run-3", "no-audio"));
	assert_true(incident_concerns(&i, "a", "run-3", "drop")); /* the same fault */
	assert_false(incident_concerns(&i, "a", "run-3", ""));
	assert_false(incident_concerns(&i, "b", "run-1", "drop"));
	i.closed = 9;
	assert_false(incident_concerns(&i, "a", "run-1", "drop"));
	i.closed = 0;
	i.site = "";
	assert_false(incident_concerns(&i, "", "run-1", "drop")); /* an MCU's */
}

static void
what_is_no_incident_is_passed_over(void **state)
{
	struct arena *a = arena_new();
	struct incidents all = { .arena = a };
	struct incident none = { .number = 5, .settled_cause = "" };
	row(&all, 1, none, INCIDENT_ACK, ""); /* of one that nobody opened */
	incident_take(&all, &(struct row){ .kind = "incident", .site = "", .body = "{" });
	incident_take(&all, &(struct row){ .kind = "incident",
				    .site = "",
				    .body = "{\"incident\":1,\"action\":\"sing\"}" });
	incident_take(&all, &(struct row){ .kind = "outbox",
				    .site = "",
				    .body = "{\"incident\":1,\"action\":\"open\"}" });
	assert_int_equal(all.at.n, 0);
	arena_free(a);
}

static void
steps_are_made_once(void **state)
{
	struct err_text e = { 0 };
	struct incident i = { .number = 1, .received = 5 };
	assert_int_equal(incident_may(&i, INCIDENT_ACK, &e), ERR_REFUSED);
	assert_int_equal(incident_may(&i, INCIDENT_RESPOND, &e), OK);
	i.closed = 9;
	assert_int_equal(incident_may(&i, INCIDENT_RESPOND, &e), ERR_REFUSED);
	assert_int_equal(incident_may(&i, INCIDENT_COMMENT, &e), OK);
}

static void
providers_are_measured(void **state)
{
	struct arena *a = arena_new();
	struct incident rows[] = {
		{ .provider = "VNPT", .opened = 1000, .received = 11000, .fixed = 61000 },
		{ .provider = "VNPT", .opened = 2000, .received = 32000 },
		{ .provider = "", .opened = 3000 },
		{ .provider = "VNPT", .opened = 900000, .received = 900001 }, /* outside */
	};
	struct incidents all = { .arena = a };
	all.at.at = rows;
	all.at.n = 4;
	size_t n;
	const struct incident_figures *f = incidents_figures(&all, 1000, 900000, a, &n);
	assert_int_equal(n, 2);
	assert_string_equal(f[0].provider, "VNPT");
	assert_int_equal(f[0].opened, 2);
	assert_int_equal(f[0].received_n, 2);
	assert_int_equal(f[0].received_s, 40);
	assert_int_equal(f[0].received_most_s, 30);
	assert_int_equal(f[0].fixed_n, 1);
	assert_int_equal(f[0].fixed_s, 60);
	assert_int_equal(f[1].opened, 1);
	assert_int_equal(f[1].received_n, 0);
	arena_free(a);
}

/* One for each cause, whoever is hit by it; none for people, for a blink, or for what is good. */
static void
one_per_cause_not_per_blink(void **state)
{
	struct vanquan f;
	struct incidents found;
	vanquan_open(&f);
	vanquan_note(&f, "input", "x");
	f.judgement.verdicts[10].flags[f.judgement.verdicts[10].flags_n++] =
		"drop"; /* gone and back: good all the same */
	incidents_of_run(&f.run, &f.judgement, f.arena, &found);
	assert_int_equal(found.at.n, 2);
	assert_string_equal(found.at.at[0].key, "site:chu-tuc/no-connection");
	assert_string_equal(found.at.at[1].key, "site:xuan-mai/no-connection");
	for (int i = 0; i < 2; i++)
		f.judgement.verdicts[i].common_cause = "line";
	incidents_of_run(&f.run, &f.judgement, f.arena, &found);
	assert_int_equal(found.at.n, 1);
	assert_string_equal(found.at.at[0].key, "mcu:huyen/line");
	assert_string_equal(found.at.at[0].site, "");
	f.spec.short_notice = true;
	incidents_of_run(&f.run, &f.judgement, f.arena, &found);
	assert_int_equal(found.at.n, 0);
	vanquan_close(&f);
}

static void
a_later_run_tells_whether_it_works(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	struct incident i = { .number = 1, .site = "chu-tuc", .fault = "no-connection" };
	assert_false(incident_works(&i, &f.judgement));
	i.site = "dai-an";
	assert_true(incident_works(&i, &f.judgement));
	i.site = "tri-le"; /* reached, and nobody there: not as it should be */
	assert_false(incident_works(&i, &f.judgement));
	i.site = ""; /* of a device */
	assert_false(incident_works(&i, &f.judgement));
	i.site = "elsewhere"; /* took no part */
	assert_false(incident_works(&i, &f.judgement));
	vanquan_close(&f);
}

/* Called fixed, and seen again: the time to fix it runs on. */
static void
seen_again_is_not_fixed(void **state)
{
	struct arena *a = arena_new();
	struct incidents all = { .arena = a };
	static const struct {
		enum incident_action action;
		int64_t at;
	} rows[] = { { INCIDENT_OPEN, 1000 }, { INCIDENT_FIX, 5000 }, { INCIDENT_WORKS, 6000 },
		{ INCIDENT_AGAIN, 7000 } };
	struct incident i = { .number = 1,
		.key = "site:x/drop",
		.site = "x",
		.name = "X",
		.device = "",
		.fault = "drop",
		.cause = "line",
		.evidence = "",
		.provider = "VNPT",
		.owner = "VNPT",
		.settled_cause = "" };
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct buf b = { 0 };
		struct json_out w = { .out = &b };
		incident_write(&i, rows[k].action, "rule", "", "", &w);
		incident_take(&all, &(struct row){ .at = rows[k].at,
					    .kind = "incident",
					    .site = "",
					    .body = buf_str(&b) });
		buf_free(&b);
		if (rows[k].action == INCIDENT_WORKS)
			assert_string_equal(incident_state(&all.at.at[0]), "fixed");
	}
	assert_string_equal(incident_state(&all.at.at[0]), "open");
	assert_int_equal(all.at.at[0].entries.n, 4);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_add_up),
		cmocka_unit_test(what_a_person_settled_stays),
		cmocka_unit_test(what_is_settled_concerns_what_was_seen),
		cmocka_unit_test(what_is_no_incident_is_passed_over),
		cmocka_unit_test(steps_are_made_once),
		cmocka_unit_test(providers_are_measured),
		cmocka_unit_test(one_per_cause_not_per_blink),
		cmocka_unit_test(a_later_run_tells_whether_it_works),
		cmocka_unit_test(seen_again_is_not_fixed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
