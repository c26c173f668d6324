/* What a few kilobytes from outside may cost: counted, in bytes of an arena, in items, in alarms,
 * never in time. Each case once took gigabytes or minutes. */
#include "schedules/occurrence.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"
#include "schedules/invite.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define MIB ((size_t)1 << 20)

struct world {
	struct arena *a;
	struct sites sites;
	struct faults faults;
};

static const char *const nobody[] = { NULL };

static void
begin(struct world *w, int sites_n)
{
	char path[64];
	snprintf(path, sizeof path, "/tmp/td-bounds-%d.csv", (int)getpid());
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("id,name,tier,mcu,district,platform\n", f);
	for (int i = 0; i < sites_n; i++)
		fprintf(f, "xa-%d,Xã Số %d,commune,tinh,Huyện %d,SIP\n", i, i, i % 12);
	fclose(f);
	*w = (struct world){ .a = arena_new() };
	w->faults.arena = w->a;
	assert_int_equal(sites_read(path, NULL, w->a, &w->faults, &w->sites), OK);
	assert_int_equal(w->sites.n, sites_n);
	unlink(path);
}

static void
end(struct world *w)
{
	sites_free(&w->sites);
	arena_free(w->a);
}

/* The same words so often, on the arena. */
static char *
many(struct arena *a, const char *words, size_t times)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < times; i++)
		buf_puts(&b, words);
	char *out = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

/* RRULE:FREQ=MINUTELY with DURATION:P1D, everybody invited: each run overlaps with all the others
 * at all its sites. */
static void
test_a_meeting_every_minute(void **state)
{
	enum { RUNS = 1500, SITES = 300 };
	static const struct plan_playbook session = {
		.name = "phien-hop", .session_phase = true, .last_at = 10 * MINUTE
	};
	struct world w;
	for (int named = 0; named < 2; named++) {
		begin(&w, SITES);
		struct occurrence *list = arena_alloc(w.a, RUNS * sizeof *list);
		struct occurrences o = { .at = list, .n = RUNS };
		for (int i = 0; i < RUNS; i++)
			list[i] = (struct occurrence){ .calendar = "c",
				.file = "c.ics",
				.uid = "u",
				.recurrence_id = i * MINUTE,
				.start = i * MINUTE,
				.end = (i + 1440) * MINUTE,
				.summary = "Họp",
				.description = named ? "Điểm cầu: tất cả" : "",
				.location = "",
				.status = "",
				.categories = nobody,
				.attendees = nobody,
				.related_to = "" };
		struct plan_rule rule = { .calendar = "c", .session = session, .sites = "all" };
		struct plan_mcu mcu = { .name = "tinh", .ports = 100 };
		struct plan plan;
		size_t before = arena_used(w.a), told = 0, spent = 0;
		plan_make(&o, &rule, 1, &w.sites, 0, RUNS * MINUTE, w.a, &plan);
		plan_ports(&plan, &mcu, 1, w.a);
		assert_true(arena_used(w.a) - before < 32 * MIB);
		assert_int_equal(plan.runs_n, RUNS);
		for (int i = 0; i < RUNS; i++) {
			assert_int_equal(plan.runs[i].sites.n, SITES);
			told += plan.runs[i].conflicts_n;
		}
		assert_true(plan.runs[0].conflicts_n > 1);
		assert_in_range(told, 1, 41000);
		for (size_t i = 0; i < plan.alarms_n; i++)
			spent += str_eq(plan.alarms[i].kind, "conflicts-not-all");
		assert_in_range(spent, 1, 2); /* and it is said */
		end(&w);
	}
}

/* A line of 64 KiB of names nobody has, of groups nobody has, and of one group again and again. */
static void
test_an_invitation_of_strangers(void **state)
{
	static const char *const words[] = { "chỗ lạ, ", "nhóm lạ;", "group:sip ", "xa-1 lạ ",
		"Huyện 3, ", "district:x ", "Xã Số 77x;" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct world w;
		begin(&w, 500);
		char *text = many(w.a, words[i], 65536 / strlen(words[i]));
		const char **rooms = arena_alloc(w.a, 1001 * sizeof *rooms);
		for (int k = 0; k < 1000; k++)
			rooms[k] = "phòng lạ";
		struct occurrence o = { .description = arena_printf(w.a, "Điểm cầu: %s", text),
			.location = text,
			.categories = rooms,
			.attendees = rooms };
		struct invitation out;
		size_t before = arena_used(w.a), offered = 0;
		invite_read(&o, &w.sites, 0, w.a, &out);
		assert_true(arena_used(w.a) - before < 64 * MIB);
		assert_true(out.named);
		for (size_t k = 0; k < out.unknown.n; k++) {
			assert_non_null(out.unknown.at[k].nearest);
			offered += out.unknown.at[k].nearest[0] != NULL;
		}
		assert_int_equal(offered, strstr(words[i], "77") ? SITES_NEAREST_MOST : 0);
		end(&w);
	}
}

static void
test_groups_of_a_selector_are_counted(void **state)
{
	struct world w;
	begin(&w, 20);
	struct selection found = { 0 };
	struct unknowns unknown = { 0 };
	sites_select(&w.sites, many(w.a, "district:Huyện 1;", SITES_GROUPS_MOST + 7), 0, w.a,
		&found, &unknown);
	assert_int_equal(found.n, 2);
	assert_int_equal(unknown.n, 7); /* in no silence */
	end(&w);
}

/* A letter with 20,000 marks, in the order that costs most to put right; what people write with
 * their marks stays as it is. */
static void
test_marks_without_end(void **state)
{
	enum { MARKS = 10000 };
	struct arena *a = arena_new();
	const char *text = arena_printf(a, "a%s", many(a, "\xCC\x81\xCC\xA3", MARKS));
	const char *forms[] = { utf8_nfc(a, text), utf8_fold(a, text) };
	for (size_t i = 0; i < 2; i++) {
		size_t run = 0, longest = 0, breaks = 0, n = strlen(forms[i]), len;
		assert_true(utf8_valid(forms[i], n));
		for (const char *c = forms[i]; *c; c += len) {
			uint32_t sign;
			len = utf8_char(c, strlen(c) < 4 ? strlen(c) : 4, &sign);
			breaks += sign == 0x34f;
			run = sign == 0x301 || sign == 0x323 ? run + 1 : 0;
			longest = run > longest ? run : longest;
		}
		assert_in_range(longest, 20, 30);
		assert_int_equal(breaks, (2 * MARKS - 1) / 30);
		assert_string_equal(utf8_nfc(a, forms[i]), forms[i]);
	}
	assert_string_equal(utf8_plain(a, text), "a");
	assert_string_equal(utf8_nfc(a, "Vie\xCC\x82\xCC\xA3t Nam"), "Việt Nam");
	arena_free(a);
}

int
main(void)
{
	struct err_text e = { 0 };
	if (clock_set_zone("Asia/Ho_Chi_Minh", &e) != OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_meeting_every_minute),
		cmocka_unit_test(test_an_invitation_of_strangers),
		cmocka_unit_test(test_groups_of_a_selector_are_counted),
		cmocka_unit_test(test_marks_without_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
