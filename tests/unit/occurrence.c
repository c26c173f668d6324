/* From meetings to runs: which rehearsals and sessions start when, with whom, under which key. The
 * instances are made by hand here, but for the examples, which come through the real reader. */
#include "schedules/occurrence.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/map.h"
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
#define VN "Asia/Ho_Chi_Minh"

static const char *const nobody[] = { NULL };

struct world {
	struct arena *a;
	struct sites sites;
	struct faults faults;
	struct occurrence list[32];
	struct occurrences o;
	struct plan_rule rule;
	struct plan plan;
};

static const struct plan_playbook lead = {
	.name = "tong-duyet", .commit = "c1", .first_at = -60 * MINUTE, .last_at = 0
};
static const struct plan_playbook on_event = { .name = "ket-noi-thu",
	.commit = "c2",
	.anchor_event = true,
	.first_at = 0,
	.last_at = 55 * MINUTE };
static const struct plan_playbook session = { .name = "phien-hop",
	.commit = "c3",
	.session_phase = true,
	.first_at = 0,
	.last_at = 10 * MINUTE };

static int64_t
at(const char *text)
{
	int64_t out;
	assert_true(instant_parse(text, &out));
	return out;
}

static void
begin(struct world *w)
{
	static const char csv[] =
		"id,name,tier,district,mcu,aliases,valid_to\nubnd,UBND tỉnh,province,,tinh,Hội "
		"trường A,\n"
		"tri-le,Tri Lễ,commune,Văn Quan,huyen,,\nvan-an,Văn An,commune,Văn Quan,huyen,,\n"
		"binh-la,Bình La,commune,Bình Gia,binh-gia,,\nold,Xã "
		"cũ,commune,,huyen,,2018-12-31\nbad,Hỏng,comune,,huyen,,\n";
	*w = (struct world){ .a = arena_new() };
	w->faults.arena = w->a;
	char path[64];
	snprintf(path, sizeof path, "/tmp/td-occurrence-%d.csv", (int)getpid());
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(csv, f);
	fclose(f);
	assert_int_equal(sites_read(path, NULL, w->a, &w->faults, &w->sites), OK);
	unlink(path);
	w->o.at = w->list;
	w->rule = (struct plan_rule){
		.calendar = "ubnd", .rehearsal = lead, .session = session, .sites = "tier:commune"
	};
}

static void
end(struct world *w)
{
	sites_free(&w->sites);
	arena_free(w->a);
}

/* In order of start. */
static struct occurrence *
add(struct world *w, const char *uid, const char *from, const char *to, bool rehearsal)
{
	struct occurrence *o = &w->list[w->o.n++];
	*o = (struct occurrence){ .calendar = "ubnd",
		.file = "ubnd.ics",
		.line = (int)w->o.n,
		.uid = uid,
		.recurrence_id = OCCURRENCE_NO_RECURRENCE,
		.start = at(from),
		.end = at(to),
		.summary = "Họp",
		.description = "",
		.location = "",
		.status = "",
		.categories = nobody,
		.attendees = nobody,
		.related_to = "",
		.rehearsal = rehearsal };
	return o;
}

static void
make(struct world *w)
{
	plan_make(&w->o, &w->rule, 1, &w->sites, at("2026-03-01T00:00:00"),
		at("2026-04-01T00:00:00"), w->a, &w->plan);
}

/* "0302T0700 tong-duyet: tri-le van-an" per run, "!kind" per alarm. */
static const char *
show(struct world *w)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < w->plan.runs_n; i++) {
		const struct plan_run *r = &w->plan.runs[i];
		char text[32];
		instant_local(r->start, "%m%dT%H%M", text, sizeof text);
		buf_printf(&b, "%s%s %s", b.n ? "; " : "", text, r->name);
		if (r->disabled)
			buf_puts(&b, " disabled");
	}
	for (size_t i = 0; i < w->plan.alarms_n; i++)
		buf_printf(&b, "%s!%s", b.n ? "; " : "", w->plan.alarms[i].kind);
	const char *out = arena_strdup(w->a, buf_str(&b));
	buf_free(&b);
	return out;
}

static const char *
show_sites(struct world *w, const struct plan_run *r)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < r->sites.n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", r->sites.at[i]->id);
	for (size_t i = 0; i < r->unknown.n; i++)
		buf_printf(&b, " ?%s", r->unknown.at[i].text);
	const char *out = arena_strdup(w->a, buf_str(&b));
	buf_free(&b);
	return out;
}

static void
test_automatic(void **state)
{
	struct world w;
	begin(&w);
	add(&w, "s", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false)->known_since =
		at("2026-03-02T06:59:00");
	add(&w, "late", "2026-03-03T08:00:00", "2026-03-03T10:00:00", false)->known_since =
		at("2026-03-03T07:30:00");
	make(&w);
	assert_string_equal(show(&w), "0302T0700 tong-duyet; 0302T0800 phien-hop; 0303T0700 "
				      "tong-duyet; 0303T0800 phien-hop");
	const struct plan_run *r = w.plan.runs;
	assert_int_equal(r[0].anchor, at("2026-03-02T08:00:00"));
	assert_int_equal(r[0].end, 0);
	assert_int_equal(r[0].session_end, at("2026-03-02T10:00:00"));
	assert_string_equal(r[0].session_key, r[1].key);
	assert_true(r[1].session);
	assert_int_equal(r[1].end, at("2026-03-02T10:00:00"));
	assert_false(r[0].short_notice);
	assert_true(r[2].short_notice);
	assert_false(r[3].short_notice);
	/* The old row is gone by then; the faulty one stays and is named. */
	assert_string_equal(show_sites(&w, &r[0]), "tri-le van-an binh-la");
	assert_int_equal(strlen(r[0].key), 64);
	assert_true(str_starts(r[0].id, "20260302-0700-tong-duyet-"));
	assert_int_equal(strlen(r[0].id), strlen("20260302-0700-tong-duyet-") + 6);
	assert_int_equal(r[0].conflicts_n, 0);
	end(&w);
}

static void
test_event_replaces(void **state)
{
	struct world w;
	begin(&w);
	w.rule.more = &on_event;
	w.rule.more_n = 1;
	add(&w, "r", "2026-03-02T07:00:00", "2026-03-02T07:45:00", true);
	add(&w, "s", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false);
	add(&w, "t", "2026-03-03T08:00:00", "2026-03-03T10:00:00", false);
	make(&w);
	assert_string_equal(show(&w), "0302T0700 ket-noi-thu; 0302T0800 phien-hop; 0303T0700 "
				      "tong-duyet; 0303T0800 phien-hop");
	assert_int_equal(w.plan.runs[0].end, at("2026-03-02T07:45:00"));
	assert_int_equal(w.plan.runs[0].session_start, at("2026-03-02T08:00:00"));
	assert_string_equal(w.plan.runs[0].uid, "r");
	assert_true(w.plan.runs[0].from_event);
	/* RELATED-TO wins over the next session. */
	w.list[0].related_to = "t";
	make(&w);
	bool first = str_eq(
		w.plan.runs[0].name, "tong-duyet"); /* both start at one instant: ordered by key */
	assert_string_equal(show(&w), first ? "0302T0700 tong-duyet; 0302T0700 ket-noi-thu; "
					      "0302T0800 phien-hop; 0303T0800 phien-hop"
					    : "0302T0700 ket-noi-thu; 0302T0700 tong-duyet; "
					      "0302T0800 phien-hop; 0303T0800 phien-hop");
	end(&w);
}

static void
test_event_only(void **state)
{
	struct world w;
	begin(&w);
	w.rule.rehearsal = on_event;
	w.rule.session = (struct plan_playbook){ .name = "" };
	add(&w, "s", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false);
	add(&w, "r", "2026-03-03T07:00:00", "2026-03-03T07:45:00", true);
	make(&w);
	assert_string_equal(show(&w),
		"0303T0700 ket-noi-thu; !rehearsal-without-session; !session-without-rehearsal");
	assert_null(w.plan.runs[0].session_key);
	/* A playbook that counts to the session is laid on the event. */
	w.rule.rehearsal = lead;
	make(&w);
	assert_string_equal(
		show(&w), "0302T0700 tong-duyet; 0303T0700 tong-duyet; !rehearsal-without-session");
	assert_int_equal(w.plan.runs[1].anchor, at("2026-03-03T08:00:00"));
	end(&w);
}

static void
test_day_before(void **state)
{
	static const struct plan_playbook before = { .name = "hom-truoc",
		.commit = "c",
		.first_at = -1440 * MINUTE,
		.last_at = -1380 * MINUTE };
	struct world w;
	begin(&w);
	w.rule.more = &before;
	w.rule.more_n = 1;
	add(&w, "s", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false);
	make(&w);
	assert_string_equal(
		show(&w), "0301T0800 hom-truoc; 0302T0700 tong-duyet; 0302T0800 phien-hop");
	assert_string_not_equal(w.plan.runs[0].key, w.plan.runs[1].key);
	end(&w);
}

static void
test_not_planned(void **state)
{
	struct world w;
	begin(&w);
	add(&w, "x", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false)->cancelled = true;
	add(&w, "d", "2026-03-03T00:00:00", "2026-03-04T00:00:00", false)->all_day = true;
	add(&w, "o", "2026-03-05T08:00:00", "2026-03-05T10:00:00", false)->calendar = "other";
	add(&w, "s", "2026-04-01T00:30:00", "2026-04-01T02:00:00", false);
	make(&w);
	assert_string_equal(show(&w), "0331T2330 tong-duyet; !all-day-event");
	w.rule.rehearsal.broken = "step dial has no attempts";
	w.rule.rehearsal.broken_line = 7;
	make(&w);
	assert_string_equal(show(&w), "0331T2330 tong-duyet disabled; !all-day-event");
	assert_string_equal(w.plan.runs[0].wrong[0].file, "playbooks/tong-duyet.xml");
	assert_int_equal(w.plan.runs[0].wrong[0].line, 7);
	end(&w);
}

static void
test_invited(void **state)
{
	static const char *const rooms[] = { "Điểm cầu Tri Lễ", "Xã Lạ", NULL };
	static const char *const district[] = { "Văn Quan", "Họp", NULL };
	static const struct {
		const char *description, *location;
		const char *const *attendees, *const *categories;
		const char *want;
	} t[] = {
		{ "", "", nobody, nobody, "tri-le van-an binh-la" },
		{ "Điểm cầu: Tri Lễ, xã Bình La", "", nobody, nobody, "tri-le binh-la" },
		{ "Diem cau: tri-le", "", nobody, nobody, "tri-le" },
		{ "- ĐIỂM CẦU : cấp tỉnh; Văn An", "", nobody, nobody, "ubnd van-an" },
		{ "Điểm cầu: tất cả", "", nobody, nobody, "ubnd tri-le van-an binh-la" },
		{ "Nội dung\nĐiểm cầu:\n- Tri Lễ\n+ Văn An\nHết\n- Bình La", "", nobody, nobody,
			"tri-le van-an" },
		{ "<p>Điểm cầu: Tri Lễ</p><p>Khác: Bình La</p>", "", nobody, nobody, "tri-le" },
		{ "Điểm cầu: Tri Lê", "", nobody, nobody, " ?Tri Lê" },
		{ "", "", rooms, nobody, "tri-le ?Xã Lạ" },
		{ "", "", nobody, district, "tri-le van-an" },
		{ "", "Hội trường A", nobody, nobody, "ubnd tri-le van-an binh-la" },
		{ "", "Tầng 3", nobody, nobody, "tri-le van-an binh-la" },
		{ "", "Tri Lễ; Bình La; Xã Lạ", nobody, nobody, "tri-le binh-la ?Xã Lạ" },
		{ "Điểm cầu: Xã cũ, Tri Lễ", "", nobody, nobody, "tri-le" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct world w;
		begin(&w);
		struct occurrence *o =
			add(&w, "s", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false);
		o->description = t[i].description;
		o->location = t[i].location;
		o->attendees = t[i].attendees;
		o->categories = t[i].categories;
		make(&w);
		const char *got = show_sites(&w, &w.plan.runs[0]);
		/* The faulty row belongs to no tier but to "all". */
		if (str_eq(t[i].description, "Điểm cầu: tất cả")) {
			assert_string_equal(got, "ubnd tri-le van-an binh-la bad");
			assert_string_equal(w.plan.runs[0].wrong[w.plan.runs[0].wrong_n - 1].why,
				w.sites.at[5].disabled_why);
		} else if (!str_eq(got, t[i].want)) {
			fail_msg("row %zu: want \"%s\", got \"%s\"", i, t[i].want, got);
		}
		end(&w);
	}
}

static void
test_lines(void **state)
{
	struct world w;
	begin(&w);
	static const struct plan_playbook known[] = {
		{ .name = "rut-gon", .commit = "c9", .first_at = -30 * MINUTE, .last_at = 0 }
	};
	w.rule.known = known;
	w.rule.known_n = 1;
	struct occurrence *o = add(&w, "s", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false);
	o->description = "Kịch bản: rut-gon\nChủ trì: Lãnh đạo tỉnh\nSố người: 12 người";
	add(&w, "t", "2026-03-03T08:00:00", "2026-03-03T10:00:00", false)->description =
		"Kịch bản: rut-gn";
	make(&w);
	assert_string_equal(show(&w), "0302T0730 rut-gon; 0302T0800 phien-hop; 0303T0700 "
				      "tong-duyet; 0303T0800 phien-hop");
	assert_string_equal(w.plan.runs[0].chair, "Lãnh đạo tỉnh");
	assert_int_equal(w.plan.runs[0].people_expected, 12);
	assert_string_equal(w.plan.runs[0].playbook.commit, "c9");
	assert_non_null(strstr(w.plan.runs[2].wrong[0].why, "perhaps \"rut-gon\""));
	end(&w);
}

static void
test_conflicts(void **state)
{
	struct world w;
	begin(&w);
	w.rule.session = (struct plan_playbook){ .name = "" };
	struct occurrence *o[4];
	static const char *const lines[] = { "Điểm cầu: Tri Lễ, Bình La", "Điểm cầu: Tri Lễ",
		"Điểm cầu: Văn An", "Điểm cầu: Bình La" };
	for (int i = 0; i < 4; i++) {
		o[i] = add(&w, lines[i], i < 3 ? "2026-03-02T08:00:00" : "2026-03-02T09:00:00",
			"2026-03-02T10:00:00", false);
		o[i]->description = lines[i];
	}
	make(&w);
	static const struct plan_mcu mcus[] = { { "huyen", 2 }, { "binh-gia", 9 } };
	plan_ports(&w.plan, mcus, 2, w.a);
	assert_int_equal(w.plan.runs_n, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct plan_run *r = &w.plan.runs[i];
		int twice = 0, mcu = 0, ports = 0;
		for (size_t k = 0; k < r->conflicts_n; k++) {
			twice += str_eq(r->conflicts[k].kind, "site-twice");
			mcu += str_eq(r->conflicts[k].kind, "mcu-twice");
			ports += str_eq(r->conflicts[k].kind, "ports-short");
			if (str_eq(r->conflicts[k].kind, "site-twice")) {
				assert_string_equal(r->conflicts[k].sites[0], "tri-le");
				assert_null(r->conflicts[k].sites[1]);
			}
		}
		bool van_an = str_eq(r->uid, lines[2]), last = str_eq(r->uid, lines[3]);
		assert_int_equal(twice, van_an || last ? 0 : 1);
		assert_int_equal(mcu, last ? 0 : van_an ? 2 : 1);
		assert_int_equal(ports, last ? 0 : 1);
	}
	end(&w);
}

/* The key tells runs apart and survives whatever does not make another run. */
static void
test_keys(void **state)
{
	struct plan_run r = { .calendar = "c",
		.uid = "u",
		.recurrence_id = OCCURRENCE_NO_RECURRENCE,
		.name = "Tổng duyệt / 1" };
	plan_key(&r);
	assert_string_equal(
		r.key, "5048f2731b788a2d16b9681bda62327491fc2941bb7192dc5dcc38b3103b8dff");
	char first[72];
	str_copy(first, sizeof first, r.key);
	r.start = 1000 * MINUTE; /* moved */
	plan_key(&r);
	assert_string_equal(r.key, first);
	assert_non_null(strstr(r.id, "-tong-duyet-1-"));
	r.generation = 1;
	plan_key(&r);
	assert_string_not_equal(r.key, first);
	r.generation = 0;
	r.recurrence_id = 0;
	plan_key(&r);
	assert_string_not_equal(r.key, first);
}

static void
read_example(struct world *w, const char *path)
{
	const char *const files[] = { path, NULL };
	struct calendar_source source = { .id = "ubnd", .files = files };
	w->faults.n = 0;
	assert_int_equal(calendar_read(&source, 1, at("2019-01-01T00:00:00"),
				 at("2027-01-01T00:00:00"), VN, false, w->a, &w->faults, &w->o),
		OK);
	assert_int_equal(w->faults.n, 0);
}

static void
test_examples(void **state)
{
	struct world w;
	begin(&w);
	w.rule.rehearsal = on_event;
	read_example(&w, "schedules/examples/van-quan.ics");
	plan_make(&w.o, &w.rule, 1, &w.sites, at("2019-02-01T00:00:00"), at("2019-03-01T00:00:00"),
		w.a, &w.plan);
	assert_string_equal(show(&w), "0210T0700 ket-noi-thu; 0210T0900 phien-hop");
	assert_string_equal(w.plan.runs[0].session_key, w.plan.runs[1].key);
	assert_int_equal(w.plan.runs[0].end, at("2019-02-10T08:00:00"));
	assert_int_equal(w.plan.runs[0].session_end, at("2019-02-10T11:30:00"));
	struct buf b = { 0 };
	plan_json(&w.plan, at("2019-02-01T00:00:00"), at("2019-03-01T00:00:00"), &b);
	assert_non_null(strstr(buf_str(&b), "\"start\": \"2019-02-10T07:00:00+07:00\""));
	assert_non_null(strstr(buf_str(&b), "\"recurrence_id\": \"-\""));
	buf_clear(&b);
	occurrences_json(&w.o, &b);
	assert_true(str_starts(buf_str(&b),
		"{\"uid\":\"ket-noi-thu-20190210@van-quan.example\",\"recurrence_id\":\"-\","
		"\"start\":\"2019-02-10T07:00:00+07:00\",\"end\":\"2019-02-10T08:00:00+07:00\","
		"\"all_day\":false,"));
	buf_free(&b);
	read_example(&w, "schedules/examples/giao-ban-tuan.ics");
	w.rule.rehearsal = lead;
	make(&w);
	assert_true(str_starts(
		show(&w), "0303T1300 tong-duyet; 0303T1400 phien-hop; 0309T0700 tong-duyet; "));
	assert_string_equal(w.plan.runs[0].chair, "Lãnh đạo UBND tỉnh");
	end(&w);
}

/* What we publish is read back by ourselves as the same hours. */
static void
test_feed(void **state)
{
	struct world w;
	begin(&w);
	add(&w, "s,1", "2026-03-02T08:00:00", "2026-03-02T10:00:00", false)->summary =
		"Họp; một, hai\\ba và một cái tên rất dài để phải gấp dòng lại cho đúng chuẩn";
	make(&w);
	struct buf b = { 0 };
	plan_ics(&w.plan, "Tổng duyệt", at("2026-03-01T00:00:00"), &b);
	const char *line = buf_str(&b);
	for (const char *nl; (nl = strstr(line, "\r\n")); line = nl + 2) {
		assert_in_range(nl - line, 1, 75);
		assert_true(utf8_valid(line, (size_t)(nl - line)));
	}
	assert_string_equal(line, "");
	char path[64];
	snprintf(path, sizeof path, "/tmp/td-feed-%d.ics", (int)getpid());
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fwrite(b.at, 1, b.n, f);
	fclose(f);
	buf_free(&b);
	struct occurrences back;
	const char *const files[] = { path, NULL };
	struct calendar_source source = { .id = "feed", .files = files };
	w.faults.n = 0;
	assert_int_equal(calendar_read(&source, 1, at("2026-01-01T00:00:00"),
				 at("2027-01-01T00:00:00"), VN, false, w.a, &w.faults, &back),
		OK);
	unlink(path);
	assert_int_equal(w.faults.n, 0);
	assert_int_equal(back.n, 1);
	assert_int_equal(back.at[0].start, w.plan.runs[0].start);
	assert_int_equal(back.at[0].end, at("2026-03-02T08:00:00"));
	assert_true(back.at[0].rehearsal);
	assert_string_equal(back.at[0].related_to, "s,1");
	assert_non_null(strstr(back.at[0].summary, w.list[0].summary));
	end(&w);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	struct err_text e = { 0 };
	if (clock_set_zone(VN, &e) != OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_automatic),
		cmocka_unit_test(test_event_replaces),
		cmocka_unit_test(test_event_only),
		cmocka_unit_test(test_day_before),
		cmocka_unit_test(test_not_planned),
		cmocka_unit_test(test_invited),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_feed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
