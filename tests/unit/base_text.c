/* Strings, hashes, Unicode forms, escaping, names of errors, faults and log lines. */
#include "base/err.h"
#include "base/faults.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "base/tri.h"
#include "base/utf8.h"
#include "base/vis.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
numbers(void **state)
{
	static const struct {
		const char *s;
		bool good;
		int64_t v;
	} ints[] = {
		{ "0", true, 0 },
		{ "-7", true, -7 },
		{ "+7", true, 7 },
		{ "007", true, 7 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x10", false, 0 },
		{ "1.0", false, 0 },
		{ "+-1", false, 0 },
		{ NULL, false, 0 },
	};
	for (size_t i = 0; i < COUNT(ints); i++) {
		int64_t v = 77;
		assert_int_equal(str_to_int(ints[i].s, INT64_MIN, INT64_MAX, &v), ints[i].good);
		assert_true(v == (ints[i].good ? ints[i].v : 77));
	}
	int64_t v = 0;
	assert_false(str_to_int("65536", 1, 65535, &v));
	assert_false(str_to_int("0", 1, 65535, &v));
	assert_true(str_to_int("65535", 1, 65535, &v));
	static const struct {
		const char *s;
		bool good;
		double v;
	} doubles[] = {
		{ "1.5", true, 1.5 },
		{ "-2e3", true, -2000 },
		{ ".25", true, 0.25 },
		{ "60", true, 60 },
		{ "nan", false, 0 },
		{ "inf", false, 0 },
		{ "0x1p3", false, 0 },
		{ "1,5", false, 0 },
		{ "1e999", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "", false, 0 },
		{ "1e", false, 0 },
		{ "--1", false, 0 },
	};
	for (size_t i = 0; i < COUNT(doubles); i++) {
		double d = 0;
		assert_int_equal(str_to_double(doubles[i].s, &d), doubles[i].good);
		assert_true(d == doubles[i].v);
	}
}

static void
pieces(void **state)
{
	struct arena *a = arena_new();
	size_t n;
	char **parts = str_split(a, " a; b ,,c d ; ", ",;", &n);
	assert_int_equal(n, 3);
	assert_string_equal(parts[0], "a");
	assert_string_equal(parts[1], "b");
	assert_string_equal(parts[2], "c d");
	assert_null(parts[3]);
	assert_null(str_split(a, NULL, ",", &n)[0]);
	assert_int_equal(n, 0);
	char text[] = "\t x y \r\n", blank[] = "   ";
	assert_string_equal(str_trim(text), "x y");
	assert_string_equal(str_trim(blank), "");
	assert_true(
		str_eq(NULL, NULL) && !str_eq(NULL, "") && str_eq("a", "a") && !str_eq("a", "A"));
	assert_true(str_eq_nocase("MCU-1", "mcu-1") && !str_eq_nocase("@", "`") &&
		    !str_eq_nocase("ab", "abc") && !str_eq_nocase("Đ", "đ"));
	assert_true(str_starts("abc", "ab") && !str_starts("a", "ab") && !str_starts(NULL, ""));
	assert_true(
		str_ends("abc", "bc") && !str_ends("c", "bc") && str_empty(NULL) && str_empty(""));
	assert_true(str_only("aZ9-", "-") && str_only("", "") && !str_only("a b", "-"));
	assert_false(str_only("x\xc3\xa0", "-")); /* a letter, but none of ASCII */
	char out[8];
	assert_true(str_copy(out, sizeof out, "1234567"));
	assert_false(str_copy(out, sizeof out, "12345\xe1\xbb\x99")); /* ộ would be cut */
	assert_string_equal(out, "12345");
	assert_false(str_copy(out, 0, ""));
	arena_free(a);
}

static void
nearest(void **state)
{
	static const char *const words[] = { "dial", "verify", "roll-call", "all-clear", "report",
		NULL };
	static const struct {
		const char *word, *want;
	} rows[] = {
		{ "dail", "dial" },
		{ "verfy", "verify" },
		{ "rollcall", "roll-call" },
		{ "all-claer", "all-clear" },
		{ "report", "report" },
		{ "something", NULL },
		{ "", NULL },
		{ "repotrs", "report" },
		{ "xxrepxx", NULL },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = str_nearest(rows[i].word, words);
		if (rows[i].want)
			assert_string_equal(got, rows[i].want);
		else
			assert_null(got);
	}
	assert_int_equal(str_distance("kitten", "sitting", 10), 3);
	assert_int_equal(str_distance("kitten", "sitting", 2), 2);
	assert_int_equal(str_distance("", "abc", 10), 3);
	assert_int_equal(str_distance("abc", "abc", 10), 0);
}

static void
hashes(void **state)
{
	char hex[HASH_HEX_SIZE], b64[16];
	hash_hex("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_hex(NULL, 0, hex);
	assert_string_equal(
		hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	static const char *const rows[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "\xff\xfe\xfd", "//79" } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		hash_base64(rows[i][0], strlen(rows[i][0]), b64);
		assert_string_equal(b64, rows[i][1]);
		struct buf back = { 0 };
		assert_true(hash_unbase64(&back, b64));
		assert_string_equal(buf_str(&back), rows[i][0]);
		buf_free(&back);
	}
	static const char *const wrong[] = { "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9-",
		"Zm 9", "Zh==" };
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct buf none = { 0 };
		assert_false(hash_unbase64(&none, wrong[i]));
		assert_int_equal(none.n, 0);
		buf_free(&none);
	}
}

static void
validity(void **state)
{
	static const struct {
		const char *s;
		bool good;
	} rows[] = {
		{ "", true },
		{ "Tràng Cúc", true },
		{ "\xf0\x9f\x93\x9e", true },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\xc0\x80", false },
		{ "\xe0\x80\x80", false },
		{ "\xed\xa0\x80", false },
		{ "\xf4\x90\x80\x80", false },
		{ "\xc3", false },
		{ "a\x80", false },
		{ "\xff", false },
		{ "\xe1\xbb", false },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = strlen(rows[i].s);
		assert_int_equal(utf8_valid(rows[i].s, n), rows[i].good);
		char *repaired = utf8_repair(a, rows[i].s, n);
		assert_true(utf8_valid(repaired, strlen(repaired)));
		assert_int_equal(!strcmp(repaired, rows[i].s), rows[i].good);
	}
	assert_string_equal(utf8_repair(a, "a\xc3(\0b", 5), "a\xef\xbf\xbd(\xef\xbf\xbd"
							    "b");
	assert_string_equal(utf8_nfc(a, "e\xcc\x81\xff"), "e\xcc\x81\xff"); /* as it came */
	arena_free(a);
}

static void
cutting(void **state)
{
	const char *s = "a\xc3\xa0\xe1\xbb\x99\xf0\x9f\x93\x9e"; /* 1 + 2 + 3 + 4 bytes */
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10 };
	for (size_t max = 0; max < COUNT(want); max++)
		assert_int_equal(utf8_cut(s, max), want[max]);
	assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80\x80", 4), 4); /* nothing to respect */
	assert_int_equal(utf8_width("Tra\xcc\x80ng"), 5);
	assert_int_equal(utf8_width("Tràng"), 5);
	assert_int_equal(utf8_width("會議"), 4);
	assert_int_equal(utf8_width("\xff\x1b"), 8); /* as vis_terminal() shows them */
	assert_int_equal(utf8_width(""), 0);
	static const size_t whole[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };
	for (size_t n = 0; n < COUNT(whole); n++)
		assert_int_equal(utf8_whole(s, n), whole[n]);
	assert_int_equal(utf8_whole("\x80\x80\x80\x80", 4), 4);
	assert_int_equal(utf8_whole("a\xff", 2), 2); /* begins nothing */
}

/* The span lies on the heap and ends where it ends: an address sanitizer sees one byte more. */
static void
spans(void **state)
{
	static const struct {
		const char *in;
		size_t size;
		const char *out;
		bool whole;
	} rows[] = {
		{ "", 8, "", true },
		{ "abc", 8, "abc", true },
		{ "1234567", 8, "1234567", true },
		{ "12345678", 8, "1234567", false },
		{ "12345\xe1\xbb\x99", 8, "12345", false },
		{ "1234\xe1\xbb\x99", 8, "1234\xe1\xbb\x99", true },
		{ "1234\xe1\xbb\x99x", 8, "1234\xe1\xbb\x99", false },
		{ "123\xf0\x9f\x93", 8, "123", false }, /* the span itself ends in a letter */
		{ "abc", 1, "", false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = strlen(rows[i].in);
		char *span = xalloc(n + !n), out[8] = "x";
		memcpy(span, rows[i].in, n);
		assert_int_equal(str_copy_span(out, rows[i].size, span, n), rows[i].whole);
		assert_string_equal(out, rows[i].out);
		free(span);
	}
	char out[8] = "x";
	assert_true(str_copy_span(out, sizeof out, "ab,cd", 2));
	assert_string_equal(out, "ab");
	assert_true(str_copy_span(out, sizeof out, "ab\0cd", 5)); /* as long as the text is */
	assert_string_equal(out, "ab");
	assert_true(str_copy_span(out, sizeof out, NULL, 5));
	assert_string_equal(out, "");
	assert_false(str_copy_span(out, 0, "a", 1));
}

static void
mending(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" }, { "Xã Tràng Các", "Xã Tràng Các" }, { "Chu T\xc3", "Chu T" },
		{ "Tri L\xe1\xbb", "Tri L" }, { "Tri L\xe1\xbb: x", "Tri L?: x" },
		{ "\xf0\x9f\x93\xf0\x9f\x93\x9e", "?\xf0\x9f\x93\x9e" }, { "a\xff", "a?" },
		{ "\x80\x80\x80\x80 b", "?? b" },
		{ "\xed\xa0\x80", "?" }, /* half a surrogate pair */
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[32];
		memcpy(text, rows[i][0], strlen(rows[i][0]) + 1);
		utf8_mend(text);
		assert_string_equal(text, rows[i][1]);
		assert_true(utf8_valid(text, strlen(text)));
	}
}

static void
folding(void **state)
{
	struct arena *a = arena_new();
	static const char nfc[] = "Tr\xc3\xa0ng C\xc3\xba"
				  "c",
			  nfd[] = "Tra\xcc\x80ng Cu\xcc\x81"
				  "c";
	assert_string_not_equal(nfc, nfd);
	assert_string_equal(utf8_nfc(a, nfd), nfc);
	assert_string_equal(utf8_fold(a, nfd), utf8_fold(a, nfc));
	assert_string_equal(utf8_fold(a, nfd), "tràng cúc");
	static const struct {
		const char *s, *fold, *plain;
	} rows[] = {
		{ "  XÃ\xc2\xa0\t ĐỨC  Long ", "xã đức long", "xa duc long" },
		{ "Chu Túc", "chu túc", "chu tuc" },
		{ "PHƯỜNG Ở Ẵ", "phường ở ẵ", "phuong o a" },
		{ "\xc3\x90\xc3\xa0m", "\xc3\xb0\xc3\xa0m", "dam" }, /* eth for đ */
		{ "u\xcc\x9b\xcc\xa3", "\xe1\xbb\xb1",
			"u" }, /* u + horn + dot below is one letter */
		{ "u\xcc\xa3\xcc\x9b", "\xe1\xbb\xb1", "u" }, /* marks typed the other way round */
		{ "\xed\x95\x9c", "\xed\x95\x9c", "\xed\x95\x9c" },
		{ "", "", "" },
		{ " \n ", "", "" },
		{ "A\xff"
		  "B",
			"a\xef\xbf\xbd"
			"b",
			"a\xef\xbf\xbd"
			"b" },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(utf8_fold(a, rows[i].s), rows[i].fold);
		assert_string_equal(utf8_plain(a, rows[i].s), rows[i].plain);
	}
	/* Marks stay in the comparable form: these are different communes. */
	assert_string_not_equal(utf8_fold(a, "Chu Túc"), utf8_fold(a, "Chu Tục"));
	assert_string_equal(utf8_zone_from_windows(a, "SE Asia Standard Time"), "Asia/Bangkok");
	assert_null(utf8_zone_from_windows(a, "Nowhere Standard Time"));
	assert_null(utf8_zone_from_windows(a, ""));
	arena_free(a);
}

/* U+1E9B-like growth: every letter becomes longer when decomposed, so the first guess is too small.
 */
static void
folding_long(void **state)
{
	struct arena *a = arena_new();
	struct buf in = { 0 }, want = { 0 };
	for (int i = 0; i < 5000; i++) {
		buf_puts(&in, "Ộ");
		buf_puts(&want, "o");
	}
	assert_string_equal(utf8_plain(a, in.at), want.at);
	buf_free(&in);
	buf_free(&want);
	arena_free(a);
}

static void
escaping(void **state)
{
	static const struct {
		const char *s, *terminal, *json, *xml;
	} rows[] = {
		{ "Tràng Cúc", "Tràng Cúc", "Tràng Cúc", "Tràng Cúc" },
		{ "\x1b[2J\x07", "\\x1b[2J\\x07", "\\u001b[2J\\u0007",
			"\xef\xbf\xbd[2J\xef\xbf\xbd" },
		{ "a\r\nb\tc", "a\\x0d\\x0ab\\x09c", "a\\r\\nb\\tc", "a&#13;&#10;b&#9;c" },
		{ "\xc2\x9b"
		  "31m\x7f",
			"\\xc2\\x9b31m\\x7f", "\\u009b31m\\u007f",
			"\xc2\x9b"
			"31m\x7f" },
		{ "\xff<\"&'>", "\\xff<\"&'>", "\xef\xbf\xbd<\\\"&'>",
			"\xef\xbf\xbd&lt;&quot;&amp;&#39;&gt;" },
		{ "\xe2\x80\xae"
		  "cod",
			"\\xe2\\x80\\xaecod", "\\u202ecod",
			"\xe2\x80\xae"
			"cod" },
		{ "c:\\x\b\f", "c:\\x\\x08\\x0c", "c:\\\\x\\b\\f",
			"c:\\x\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xef\xbf\xbf", "\xef\xbf\xbf", "\xef\xbf\xbf", "\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "", "", "", "" },
		{ NULL, "", "", "" },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf t = { 0 }, j = { 0 }, x = { 0 };
		vis_terminal(&t, rows[i].s);
		vis_json(&j, rows[i].s);
		vis_xml(&x, rows[i].s);
		assert_string_equal(buf_str(&t), rows[i].terminal);
		assert_string_equal(buf_str(&j), rows[i].json);
		assert_string_equal(buf_str(&x), rows[i].xml);
		buf_free(&t);
		buf_free(&j);
		buf_free(&x);
	}
}

static void
errors(void **state)
{
	for (int code = OK; code <= ERR_SYSTEM; code++)
		assert_int_equal(err_from_name(err_name((enum err)code)), code);
	assert_int_equal(err_from_name("nonsense"), ERR_PROTOCOL);
	assert_int_equal(err_from_name(NULL), ERR_PROTOCOL);
	assert_string_equal(err_name(ERR_UNREACHABLE), "unreachable");
	struct err_text e = { 0 };
	assert_int_equal(err_set(&e, ERR_BUSY, "dial %s: busy", "a@b"), ERR_BUSY);
	assert_int_equal(err_set(&e, ERR_AUTH, "later"), ERR_AUTH);
	assert_int_equal(e.code, ERR_BUSY);
	assert_string_equal(e.text, "dial a@b: busy");
	assert_int_equal(err_set(NULL, ERR_AUTH, "nobody"), ERR_AUTH);
	struct err_text cut = { 0 };
	err_set(&cut, ERR_INPUT, "%0478d\xe1\xbb\x99", 0);
	assert_int_equal(strlen(cut.text), 478); /* not half of ộ */
	struct err_text inner = { 0 };
	err_set(&inner, ERR_REFUSED, "dial x: %.7s: %.3s", "b\xe1\xba\xad n\xe1\xbb\x99i",
		"T\xe1\xbb\x99");
	assert_string_equal(
		inner.text, "dial x: b\xe1\xba\xad n?: T"); /* what %.Ns left of a letter */
	assert_int_equal(tri_from_name(tri_name(NO)), NO);
	assert_int_equal(tri_from_name(tri_name(YES)), YES);
	assert_int_equal(tri_from_name("perhaps"), UNKNOWN);
	assert_int_equal(tri_from_name(NULL), UNKNOWN);
}

static void
fault_list(void **state)
{
	static const char *const words[] = { "dial", "mute", NULL };
	struct faults f = { .arena = arena_new() };
	faults_add(&f, "b.xml", 9, "step \"dail\"%s", faults_hint(&f, "dail", words));
	faults_add(&f, "b.xml", 2, "second");
	faults_add(&f, "a.csv", 0, "empty");
	faults_add(&f, "b.xml", 2, "\x1b[31mthird");
	faults_add(&f, "b.xml", 2, "word%s", faults_hint(&f, "unrelated", words));
	faults_add(&f, "b.xml", 3, "a file in %s", "Vi\xeat"); /* as it stood there */
	struct buf out = { 0 };
	faults_print(&f, &out);
	assert_string_equal(out.at, "a.csv: empty\nb.xml:2: second\nb.xml:2: \\x1b[31mthird\n"
				    "b.xml:2: word\nb.xml:3: a file in Vi\xef\xbf\xbdt\nb.xml:9: "
				    "step \"dail\", perhaps \"dial\"\n");
	assert_int_equal(f.at[0].line, 9); /* printing leaves the list as it was */
	buf_free(&out);
	arena_free(f.arena);
}

/* Runs with stderr in a file and gives back what was written there. */
static void
captured(void (*run)(void), char *out, size_t size)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	int kept = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	run();
	dup2(kept, STDERR_FILENO);
	close(kept);
	ssize_t n = pread(fileno(file), out, size - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	fclose(file);
}

static void
log_some(void)
{
	log_level(LOG_WARN);
	log_info("base", "not wanted");
	errno = ERANGE;
	log_warn("base", "say \"%s\"", "\x1b[2J\n\xff");
	assert_int_equal(errno, ERANGE);
	log_plain(1);
	log_error("coordinator", "two\nlines");
	log_plain(0);
	log_level(LOG_INFO);
}

static void
log_lines(void **state)
{
	char out[4096];
	captured(log_some, out, sizeof out);
	assert_true(str_starts(out, "{\"t\":\"2"));
	assert_non_null(strstr(out, "\",\"level\":\"warn\",\"room\":\"base\",\"text\":\"say "
				    "\\\"\\u001b[2J\\n\xef\xbf\xbd\\\"\"}\n"));
	assert_true(str_ends(out, "}\nerror coordinator: two\\x0alines\n"));
	assert_null(strstr(out, "not wanted"));
}

static void
log_huge(void)
{
	log_error("base", "%0100000d", 1);
}

static void
log_bound(void **state)
{
	static char out[200000];
	captured(log_huge, out, sizeof out);
	assert_true(strlen(out) < 20000);
	assert_true(str_ends(out, " [cut]\"}\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(pieces),
		cmocka_unit_test(nearest),
		cmocka_unit_test(hashes),
		cmocka_unit_test(validity),
		cmocka_unit_test(cutting),
		cmocka_unit_test(spans),
		cmocka_unit_test(mending),
		cmocka_unit_test(folding),
		cmocka_unit_test(folding_long),
		cmocka_unit_test(escaping),
		cmocka_unit_test(errors),
		cmocka_unit_test(fault_list),
		cmocka_unit_test(log_lines),
		cmocka_unit_test(log_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
