/* The directory: every fault of every row in one pass, and names as people write them. */
#include "schedules/sites.h"

#include "base/clock.h"
#include "base/faults.h"
#include "base/instant.h"
#include "base/str.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const char *const mcus[] = { "tinh", "huyen", NULL };

struct read {
	struct arena *a;
	struct faults faults;
	struct sites sites;
	enum err code;
	char *shown;
	char path[64];
};

static void
read_bytes(struct read *r, const char *bytes, size_t n)
{
	*r = (struct read){ .a = arena_new() };
	r->faults.arena = r->a;
	snprintf(r->path, sizeof r->path, "/tmp/td-sites-%d.csv", (int)getpid());
	FILE *f = fopen(r->path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
	r->code = sites_read(r->path, mcus, r->a, &r->faults, &r->sites);
	unlink(r->path);
	struct buf b = { 0 };
	faults_print(&r->faults, &b);
	r->shown = arena_strdup(r->a, buf_str(&b));
	buf_free(&b);
}

static void
read_text(struct read *r, const char *text)
{
	read_bytes(r, text, strlen(text));
}

static void
done(struct read *r)
{
	sites_free(&r->sites);
	arena_free(r->a);
}

/* The fault of that line holds the words. */
static void
want(struct read *r, int line, const char *words)
{
	for (size_t i = 0; i < r->faults.n; i++)
		if (r->faults.at[i].line == line && strstr(r->faults.at[i].text, words))
			return;
	fail_msg("no fault in line %d with \"%s\" in:\n%s", line, words, r->shown);
}

#define HEAD "id,name,tier,parent,mcu,adapter,address1,valid_from,valid_to,mcu2\n"

static void
test_good(void **state)
{
	struct read r;
	read_text(&r, "\xEF\xBB\xBFid;name;aliases;tier;parent;district;mcu;colour;importance;"
		      "legacy;address1;valid_from;valid_to\r\n"
		      "\r\n"
		      "chu-tuc;\"Xã Chu Túc; cũ\";Chu Tuc|CT;commune;tinh;Văn "
		      "Quan;huyen;red;3;yes;h323:10.1.1.2;2019-01-01;2019-12-31\r\n"
		      "tinh-hop;To\xCC\x80"
		      "a nha\xCC\x80;;province;;;tinh;;;;;;\r\n");
	assert_string_equal(r.shown, "");
	assert_int_equal(r.code, OK);
	assert_int_equal(r.sites.n, 2);
	const struct site *s = sites_find(&r.sites, "CHU-TUC");
	assert_non_null(s);
	assert_string_equal(s->name, "Xã Chu Túc; cũ");
	assert_string_equal(s->aliases[1], "CT");
	assert_null(s->aliases[2]);
	assert_int_equal(s->tier, TIER_COMMUNE);
	assert_int_equal(s->importance, 3);
	assert_true(s->legacy);
	assert_int_equal(s->csv_line, 3);
	assert_string_equal(s->control, "");
	char at[INSTANT_SIZE];
	assert_string_equal(instant_rfc3339(s->valid_from, at), "2019-01-01T00:00:00+07:00");
	assert_string_equal(instant_rfc3339(s->valid_to, at), "2020-01-01T00:00:00+07:00");
	assert_false(site_valid(s, s->valid_to));
	assert_true(site_valid(s, s->valid_to - 1));
	assert_string_equal(r.sites.at[1].name, "T\xC3\xB2"
						"a nh\xC3\xA0"); /* composed */
	done(&r);
}

/* One row per fault: a row, and what must be said about it. The row before and behind stay sound.
 */
static const struct {
	const char *row, *words;
} faulty[] = {
	{ "b,B,commun,,huyen,,,,", "perhaps \"commune\"" },
	{ "b,B,,,huyen,,,,", "unknown tier" },
	{ ",B,commune,,huyen,,,,", "has no id" },
	{ "b c,B,commune,,huyen,,,,", "id \"b c\"" },
	{ "b,,commune,,huyen,,,,", "has no name" },
	{ "A,B,commune,,huyen,,,,", "stands twice, first in line 2" },
	{ "b,B,commune,,huyn,,,,", "perhaps \"huyen\"" },
	{ "b,B,commune,xx,huyen,,,,", "neither a site nor an mcu" },
	{ "b,B,commune,,huyen,,,,,tinhh",
		"mcu2: there is no mcu \"tinhh\" in the configuration, perhaps \"tinh\"" },
	{ "b,B,commune,,huyen,,,,,huyen", "mcu2 \"huyen\" is the same as mcu" },
	{ "b,B,commune,,,te,,,,huyen", "a second mcu and no first one" },
	{ "b,B,commune,b,huyen,,,,", "in a circle" },
	{ "b,B,commune,,,,,,", "neither mcu nor adapter" },
	{ "b,B,commune,,huyen,,10.1.1.1,,", "perhaps \"h323:10.1.1.1\"" },
	{ "b,B,commune,,huyen,,a@b,,", "perhaps \"sip:a@b\"" },
	{ "b,B,commune,,huyen,,spi:a@b,,", "perhaps \"sip:a@b\"" },
	{ "b,B,commune,,huyen,,sip:,,", "nothing behind the colon" },
	{ "b,B,commune,,huyen,,,2019-02-30,", "no day of the calendar" },
	{ "b,B,commune,,huyen,,,30/02/2019,", "is not a day like" },
	{ "b,B,commune,,huyen,,,2019-03-02,2019-03-01", "lies before valid_from" },
	{ "b,B,commune,,huyen,,,,,,x", "the row has 11 cells, the header 10" },
	{ "b,B\xE3,commune,,huyen,,,,", "is not UTF-8" },
	{ "b,B\x01,commune,,huyen,,,,", "control character" },
};

static void
test_faults(void **state)
{
	for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
		char text[1024];
		snprintf(text, sizeof text,
			HEAD "a,A,commune,tinh,huyen,,sip:a@x,,\n%s\nz,Z,commune,a,huyen,,,,\n",
			faulty[i].row);
		struct read r;
		read_text(&r, text);
		assert_int_equal(r.code, OK);
		want(&r, 3, faulty[i].words);
		assert_int_equal(r.sites.n, 3);
		assert_false(r.sites.at[0].disabled);
		assert_true(r.sites.at[1].disabled);
		assert_non_null(r.sites.at[1].disabled_why);
		assert_false(r.sites.at[2].disabled);
		assert_ptr_equal(sites_find(&r.sites, "a"), &r.sites.at[0]);
		done(&r);
	}
}

/* control, pin, and what must be said about them; NULL: nothing. */
#define B43 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO+/"
static const struct {
	const char *control, *pin, *words;
} pins[] = {
	{ "https://10.1.1.1", "", NULL },
	{ "https://10.1.1.1", "ca", NULL },
	{ "https://10.1.1.1", "sha256//" B43 "=", NULL },
	{ "ssh://10.1.1.1", "SHA256:" B43, NULL },
	{ "exec:///usr/bin/x#10.1.1.1", "whatever", NULL },
	{ "https://10.1.1.1", "SHA256:" B43, "neither sha256//" },
	{ "https://10.1.1.1", "sha256//abc", "neither sha256//" },
	{ "https://10.1.1.1", "sha256//" B43 "==", "neither sha256//" },
	{ "ssh://10.1.1.1", "sha256//" B43 "=", "is not SHA256:" },
	{ "ssh://10.1.1.1", "ca", "is not SHA256:" },
	{ "telnet://10.1.1.1", "ca", "https:// or ssh://" },
	{ "", "ca", "no key to compare" },
};

static void
test_pin_column(void **state)
{
	for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
		char text[400];
		struct read r;
		snprintf(text, sizeof text,
			"id,name,tier,mcu,adapter,control,pin\na,A,commune,huyen,poly-rest,%s,%s\n",
			pins[i].control, pins[i].pin);
		read_text(&r, text);
		if (pins[i].words)
			want(&r, 2, pins[i].words);
		else
			assert_string_equal(r.shown, "");
		assert_string_equal(r.sites.at[0].pin, pins[i].pin);
		assert_int_equal(r.sites.at[0].disabled, pins[i].words != NULL);
		done(&r);
	}
}

/* A slip, or a box that two offices share: told, and both can be invited, one at a time. */
static void
test_one_address_for_two_sites_is_told(void **state)
{
#define TIMES "id,name,tier,mcu,address1,valid_from,valid_to\n"
	struct read r;
	read_text(&r, TIMES "a,A,commune,huyen,sip:x@10.1.1.1;transport=tcp,,\n"
			    "b,B,commune,huyen,SIP:X@10.1.1.1,,\n"
			    "c,C,commune,huyen,sip:x@10.1.1.2,,\n");
	assert_int_equal(r.faults.n, 1);
	want(&r, 3, "is that of a in line 2 already");
	for (size_t i = 0; i < 3; i++)
		assert_false(r.sites.at[i].disabled);
	done(&r);
	/* The box of a site that was closed stands elsewhere now. */
	read_text(&r, TIMES "a,A,commune,huyen,sip:x@10.1.1.1,,2019-12-31\n"
			    "b,B,commune,huyen,sip:x@10.1.1.1,2020-01-01,\n");
	assert_int_equal(r.faults.n, 0);
	done(&r);
}

static void
test_all_in_one_pass(void **state)
{
	struct read r;
	read_text(&r, HEAD "a,A,commun,,huyn,,10.0.0.1,x,y\nb,B,commune,,huyen,,,,\nb,\"B\nb\","
			   "commune,,huyen,,,,\nc,C,x,,huyen,,,,\n");
	assert_int_equal(r.faults.n, 7);
	want(&r, 4, "stands twice");
	want(&r, 6, "unknown tier"); /* the quoted cell above spans two lines */
	assert_int_equal(r.sites.n, 4);
	done(&r);
}

static void
test_open_quote(void **state)
{
	struct read r;
	read_text(&r,
		HEAD "a,\"A,commune,,huyen,,,,\nb,B,commune,,huyen,,,,\nc,C,commun,,huyen,,,,\n");
	want(&r, 2, "never closed");
	want(&r, 4, "perhaps \"commune\"");
	assert_non_null(sites_find(&r.sites, "b"));
	done(&r);
}

static void
test_hopeless(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *words;
	} t[] = {
		{ "", 0, "no header row" },
		{ "\xFF\xFEi\0d\0", 6, "UTF-16" },
		{ "nam,tier,mcu\n", 13, "column name is missing, perhaps \"nam\"" },
		{ "id,name,tier\n", 13, "column mcu or adapter" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct read r;
		read_bytes(&r, t[i].bytes, t[i].n);
		assert_int_equal(r.code, ERR_INPUT);
		want(&r, 1, t[i].words);
		done(&r);
	}
	struct arena *a = arena_new();
	struct faults f = { .arena = a };
	struct sites s;
	assert_int_equal(sites_read("/nonexistent/sites.csv", NULL, a, &f, &s), ERR_INPUT);
	assert_int_equal(f.n, 1);
	sites_free(&s);
	arena_free(a);
}

#define FLEET \
	"id,name,aliases,tier,district,mcu,platform,valid_to\n" \
	"tri-le,Tri Lễ,Tri Le cu|TL,commune,Văn Quan,huyen,VNPT,\n" \
	"hoa-an,Xã Hoà An,,commune,Hòa An,huyen,,\n" \
	"van-an,Vân An,,commune,Văn Quan,huyen,,\n" \
	"p-van-an,Phường Vân An,,commune,Hạ Lang,huyen,,\n" \
	"x-van-an,Xã Vân An,,commune,Chi Lăng,huyen,,\n" \
	"p-doi,Phường Đôi,,commune,,huyen,,\n" \
	"x-doi,Xã Đôi,,commune,,huyen,,\n" \
	"ubnd,UBND tỉnh,,province,,tinh,Viettel,2018-12-31\n"

static void
test_match(void **state)
{
	static const struct {
		const char *text, *id;
	} t[] = {
		{ "tri-le", "tri-le" },
		{ "TRI-LE", "tri-le" },
		{ "Tri Lễ", "tri-le" },
		{ "xã  tri lễ", "tri-le" },
		{ "Điểm cầu xã Tri Lễ", "tri-le" },
		{ "Tri Le\xCC\x82\xCC\x83", "tri-le" },
		{ "TL", "tri-le" },
		{ "Hòa An", "hoa-an" },
		{ "Hoà An", "hoa-an" },
		{ "XÃ HÒA AN", "hoa-an" },
		{ "Hóa An", NULL },
		{ "Vân An", "van-an" },
		{ "Phường Vân An", "p-van-an" },
		{ "xã Vân An", "x-van-an" },
		{ "Đôi", NULL },
		{ "phường Đôi", "p-doi" },
		{ "", NULL },
		{ "nowhere", NULL },
	};
	struct read r;
	read_text(&r, FLEET);
	assert_string_equal(r.shown, "");
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const char *const *nearest = NULL;
		const struct site *s = sites_match(&r.sites, t[i].text, r.a, &nearest);
		if (!str_eq(s ? s->id : NULL, t[i].id))
			fail_msg("\"%s\" is %s, not %s", t[i].text, s ? s->id : "nobody", t[i].id);
		assert_non_null(nearest);
	}
	const char *const *nearest = NULL;
	assert_null(sites_match(&r.sites, "Chi Lễ", r.a, &nearest));
	assert_string_equal(nearest[0], "tri-le");
	assert_null(sites_match(&r.sites, "Đôi", r.a, &nearest));
	assert_string_equal(nearest[0], "p-doi");
	assert_string_equal(nearest[1], "x-doi");
	done(&r);
}

static void
test_select(void **state)
{
	static const struct {
		const char *selector, *ids, *unknown;
	} t[] = {
		{ "all", "tri-le hoa-an van-an p-van-an x-van-an p-doi x-doi ubnd", "" },
		{ "tier:province", "ubnd", "" },
		{ "tier:central", "", "" },
		{ "tier:comune", "", "tier:comune" },
		{ "district:Văn Quan", "tri-le van-an", "" },
		{ "district:Hoà An, ubnd", "hoa-an ubnd", "" },
		{ "group:vnpt group:viettel", "tri-le ubnd", "" },
		{ "ubnd tri-le TRI-LE", "tri-le ubnd", "" },
		{ "Xã Tri Lễ; Vân An", "tri-le van-an", "" },
		{ "tri-le district:Văn Quan ubnd", "tri-le van-an ubnd", "" },
		{ "Tri Lễ, Hội trường tầng 3, ubnd", "tri-le ubnd", "Hội trường tầng 3" },
		{ "", "", "" },
	};
	struct read r;
	read_text(&r, FLEET);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct selection s = { 0 };
		struct unknowns u = { 0 };
		sites_select(&r.sites, t[i].selector, 0, r.a, &s, &u);
		char ids[256] = "", unknown[256] = "";
		for (size_t k = 0; k < s.n; k++)
			snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%s", k ? " " : "",
				s.at[k]->id);
		for (size_t k = 0; k < u.n; k++)
			snprintf(unknown + strlen(unknown), sizeof unknown - strlen(unknown),
				"%s%s", k ? "|" : "", u.at[k].text);
		assert_string_equal(ids, t[i].ids);
		assert_string_equal(unknown, t[i].unknown);
	}
	struct selection s = { 0 };
	sites_select(&r.sites, "all", INT64_C(1551600000000), r.a, &s,
		NULL); /* March 2019: one row has ended */
	assert_int_equal(s.n, 7);
	done(&r);
}

/* Merged by law: two into one, that one into another later; a closed one follows nobody. */
static void
test_merged(void **state)
{
	struct read r;
	read_text(&r,
		"id,name,tier,mcu,valid_from,valid_to,successor\na,Xã "
		"A,commune,tinh,,2019-06-30,c\n"
		"b,Xã B,commune,tinh,,2019-06-30,c\nc,Xã C,commune,tinh,2019-07-01,2020-12-31,d\n"
		"d,Phường D,commune,tinh,2021-01-01,,\nshut,Xã Đóng,commune,tinh,,2019-06-30,\n");
	assert_string_equal(r.shown, "");
	static const struct {
		const char *site, *day, *stands;
	} rows[] = { { "a", "2019-06-30T12:00:00+07:00", "a" },
		{ "a", "2019-07-01T00:00:00+07:00", "c" },
		{ "b", "2020-01-01T00:00:00+07:00", "c" },
		{ "b", "2022-01-01T00:00:00+07:00", "d" },
		{ "shut", "2019-06-30T12:00:00+07:00", "shut" },
		{ "shut", "2019-07-01T00:00:00+07:00", "" },
		{ "d", "2019-07-01T00:00:00+07:00", "" /* not yet there */ } };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t day;
		assert_true(instant_parse(rows[i].day, &day));
		const struct site *now =
			sites_in_place_of(&r.sites, sites_find(&r.sites, rows[i].site), day);
		if (!str_eq(now ? now->id : "", rows[i].stands))
			fail_msg("%s on %s: %s", rows[i].site, rows[i].day,
				now ? now->id : "nobody");
	}
	done(&r);
}

static void
test_successor_faults(void **state)
{
	struct read r;
	read_text(&r, "id,name,tier,mcu,valid_to,successor\na,A,commune,tinh,2019-06-30,nowhere\nb,"
		      "B,commune,tinh,,c\n"
		      "c,C,commune,tinh,2019-06-30,d\nd,D,commune,tinh,2019-06-30,c\n");
	want(&r, 2, "is no site");
	want(&r, 3, "without valid_to");
	want(&r, 4, "in a circle");
	want(&r, 5, "in a circle");
	done(&r);
}

/* Every row wrong in the same way, and all of them one circle: what is told and kept grows with the
 * rows, not with their square. */
static void
test_many_faults(void **state)
{
	enum { ROWS = 2000 };
	struct read r;
	struct buf b = { 0 };
	size_t hints = 0;
	buf_puts(&b, "id,name,tier,mcu,parent,valid_to,successor\n");
	for (int i = 0; i < ROWS; i++)
		buf_printf(&b, "xa-%d,X%d,commune,tinh,xb-%d,2019-06-30,xa-%d\n", i, i, i,
			(i + 1) % ROWS);
	read_bytes(&r, buf_str(&b), b.n);
	buf_free(&b);
	for (size_t i = 0; i < r.faults.n; i++)
		hints += strstr(r.faults.at[i].text, "perhaps") != NULL;
	assert_int_equal(r.faults.n, 2 * ROWS);
	assert_in_range(hints, 1, 200);
	want(&r, 2, "perhaps");
	want(&r, ROWS + 1, "in a circle, or more than 16");
	assert_in_range(arena_used(r.a), 1, 16 << 20);
	done(&r);
}

/* A table that Excel saved in another encoding: a few cells show it, one line says it, and no row
 * counts. */
static void
test_other_encoding(void **state)
{
	struct buf text = { 0 };
	struct read r;
	buf_puts(&text, HEAD);
	for (int i = 0; i < 60; i++)
		buf_printf(&text, "x%d,X\xE3 %d,commune,,huyen,,,,\n", i, i);
	read_text(&r, buf_str(&text));
	assert_int_equal(r.faults.n, 4);
	want(&r, 0, "as 60 cells show");
	for (size_t i = 0; i < r.sites.n; i++)
		assert_true(r.sites.at[i].disabled && r.sites.at[i].disabled_why);
	done(&r);
	buf_free(&text);
}

int
main(void)
{
	struct err_text e = { 0 };
	if (clock_set_zone("Asia/Ho_Chi_Minh", &e) != OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_pin_column),
		cmocka_unit_test(test_one_address_for_two_sites_is_told),
		cmocka_unit_test(test_all_in_one_pass),
		cmocka_unit_test(test_open_quote),
		cmocka_unit_test(test_hopeless),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_successor_faults),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_other_encoding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
