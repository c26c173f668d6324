/* Every adapter against a device whose answers are cut at any byte, hold other numbers, come twice,
 * come empty, or are the login page of a web server, one answer at a time and all of them from the
 * login on. Whatever it says: no crash, bounded memory, few questions, valid words; and nothing
 * good comes of it. The adapters are the product's own, the wire is hostile.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char about[200]; /* the tour that is going on */
#define HARM(text) fail_msg("%s: %s", about, text)

#include "tests/talk/hostile_tour.h"

enum { CUTS = 24, MEMORY_MOST = 32 << 20, ASKED_MOST = 2500 };

static const char page[] =
	"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>\n<form method=\"post\" "
	"action=\"/login\"><input name=\"user\"><input name=\"password\" type=\"password\">\n"
	"<p>Session 1234 expired, 15 minutes</p></form></body></html>\n";

/* How far each must get when nothing is wrong, or the rest proves little: less than it does, for
 * the answers are of many talks, and an adapter may learn to ask for more. */
static const struct {
	const char *file;
	int good; /* operations that go well */
	size_t figures;
} devices[] = {
	{ "asterisk", 5, 0 },
	{ "bigbluebutton", 4, 0 },
	{ "cisco_cms", 7, 1 },
	{ "cisco_mcu", 5, 1 },
	{ "cisco_roomos", 4, 1 },
	{ "cisco_roomos_tsh", 2, 0 },
	{ "freeswitch", 5, 1 },
	{ "huawei_smc2", 4, 0 },
	{ "huawei_smc3", 6, 0 },
	{ "huawei_te", 4, 0 },
	{ "lifesize", 4, 0 },
	{ "pexip", 6, 1 },
	{ "poly_cli", 3, 0 },
	{ "poly_cli_telnet", 2, 0 },
	{ "poly_rest", 3, 0 },
	{ "poly_rmx", 6, 0 },
	{ "sony_pcs", 3, 0 },
	{ "tandberg_mxp", 3, 0 },
	{ "yealink_vc", 2, 0 },
};
enum { DEVICES = sizeof devices / sizeof *devices };

struct twist {
	size_t from, to; /* answers */
	size_t cut;	 /* bytes that are left */
	const char *number;
	const char *body;
	bool twice;
};

static void
read_device(const char *file, struct hostile *h)
{
	static char bytes[1 << 16];
	char path[100];
	snprintf(path, sizeof path, "tests/fuzz/corpus/devices/%s", file);
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	hostile_new(h, bytes, n);
}

static void
replace_numbers(struct hostile_answer *x, const char *by, struct arena *a)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < x->n;) {
		size_t digits = strspn(x->body + i, "0123456789");
		if (digits)
			buf_puts(&b, by);
		else
			buf_putc(&b, x->body[i]);
		i += digits ? digits : 1;
	}
	x->body = arena_strndup(a, buf_str(&b), b.n);
	x->n = b.n;
	buf_free(&b);
}

static void
twist(struct hostile *h, size_t i, struct hostile_answer *x)
{
	const struct twist *w = h->twist_of;
	if (i < w->from || i >= w->to)
		return;
	if (w->number) {
		replace_numbers(x, w->number, h->a);
	} else if (w->twice) {
		x->body = arena_printf(h->a, "%.*s%.*s", (int)x->n, x->body, (int)x->n, x->body);
		x->n *= 2;
	} else if (w->body) {
		x->head_n = 0;
		x->body = w->body;
		x->n = strlen(w->body);
	} else {
		x->n = w->cut < x->n ? w->cut : x->n;
		x->body = arena_strndup(h->a, x->body, x->n);
	}
}

static void
go(struct hostile *h, const struct twist *w, struct tour *o)
{
	*o = (struct tour){ 0 };
	h->twist = w ? twist : NULL;
	h->twist_of = w;
	assert_true(tour_of(h, o));
	if (h->asked > ASKED_MOST)
		HARM("it is asked without end");
	if (o->memory > MEMORY_MOST)
		HARM("too much memory");
}

/* Lengths of the answers of a tour in which nothing is wrong. */
static size_t lengths[HOSTILE_ASKED_MOST];

static void
note_length(struct hostile *h, size_t i, struct hostile_answer *x)
{
	if (i < HOSTILE_ASKED_MOST)
		lengths[i] = x->n;
}

static size_t
go_well(struct hostile *h, struct tour *o)
{
	*o = (struct tour){ 0 };
	memset(lengths, 0, sizeof lengths);
	h->twist = note_length;
	assert_true(tour_of(h, o));
	return h->asked < 60 ? h->asked : 60;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
nothing_is_wrong(void **unused)
{
	for (int d = 0; d < DEVICES; d++) {
		struct hostile h;
		struct tour o;
		int good = 0;
		read_device(devices[d].file, &h);
		go_well(&h, &o);
		for (int k = 0; k < TOUR_OPS; k++)
			good += o.tried[k] && o.code[k] == OK;
		if (good < devices[d].good || o.figures < devices[d].figures)
			fail_msg(
				"%s: %d operations, %zu figures", devices[d].file, good, o.figures);
		hostile_free(&h);
	}
}

/* It was given this answer alone, half of it, and went well: with a document that was not whole. */
static int
show_halves(const struct hostile *h, const struct tour *o, size_t i)
{
	int n = 0;
	if (!str_starts(h->device.url, "http"))
		return 0; /* lines have no end */
	for (int k = T_OPEN; k < TOUR_OPS; k++)
		if (o->tried[k] && o->code[k] == OK && o->first[k] == i && o->last[k] == i + 1) {
			print_error("%s: %s goes well\n", about, tour_words[k]);
			n++;
		}
	return n;
}

static void
cut_at_any_byte(void **unused)
{
	int halves = 0;
	for (int d = 0; d < DEVICES; d++) {
		struct hostile h;
		struct tour good, o;
		read_device(devices[d].file, &h);
		size_t n = go_well(&h, &good), length[60];
		memcpy(length, lengths, sizeof length);
		for (size_t i = 0; i < n; i++) {
			size_t step = length[i] / CUTS + 1;
			for (size_t cut = i % step; cut < length[i]; cut += step) {
				struct twist w = { .from = i, .to = i + 1, .cut = cut };
				snprintf(about, sizeof about, "%s: answer %zu cut to %zu bytes",
					devices[d].file, i, cut);
				go(&h, &w, &o);
				if (cut && cut + 3 < length[i])
					halves += show_halves(&h, &o, i);
			}
		}
		hostile_free(&h);
	}
	assert_int_equal(halves, 0);
}

static void
other_numbers(void **unused)
{
	static const char *const numbers[] = { "99999999999999999999999", "-1",
		"-9223372036854775808", "9223372036854775807", "4294967296", "1e309", "NaN", "0.5",
		"" };
	for (int d = 0; d < DEVICES; d++) {
		struct hostile h;
		struct tour o;
		read_device(devices[d].file, &h);
		size_t n = go_well(&h, &o);
		for (size_t i = 0; i <= n; i++)
			for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
				struct twist w = { .from = i < n ? i : o.last[T_OPEN],
					.to = i < n ? i + 1 : SIZE_MAX,
					.number = numbers[k] };
				snprintf(about, sizeof about, "%s: answer %zu with %s",
					devices[d].file, i, numbers[k]);
				go(&h, &w, &o);
			}
		hostile_free(&h);
	}
}

static void
told_twice(void **unused)
{
	for (int d = 0; d < DEVICES; d++) {
		struct hostile h;
		struct tour good, o;
		read_device(devices[d].file, &h);
		size_t n = go_well(&h, &good);
		for (size_t i = 0; i <= n; i++) {
			struct twist w = {
				.from = i < n ? i : 0, .to = i < n ? i + 1 : SIZE_MAX, .twice = true
			};
			snprintf(about, sizeof about, "%s: answer %zu twice", devices[d].file, i);
			go(&h, &w, &o);
		}
		hostile_free(&h);
	}
}

/* Whose answers were none of the device's, all of them, and which went well all the same. */
static int
show_good(const struct tour *o, size_t from, bool orders_too)
{
	static const bool order[TOUR_OPS] = { [T_MUTE] = true,
		[T_LAYOUT] = true,
		[T_FOCUS] = true,
		[T_MESSAGE] = true,
		[T_PLAY] = true,
		[T_SUBSCRIBE] = true,
		[T_ANSWER] = true,
		[T_HANGUP] = true,
		[T_END] = true };
	int n = 0;
	for (int k = T_OPEN; k < TOUR_OPS; k++)
		if (o->tried[k] && o->code[k] == OK && o->first[k] >= from &&
			o->last[k] > o->first[k] && (orders_too || !order[k])) {
			print_error("%s: %s goes well\n", about, tour_words[k]);
			n++;
		}
	return n;
}

/* Instead of each answer alone, and of it and all behind it. */
static void
something_else(const char *body)
{
	int good_ones = 0;
	for (int d = 0; d < DEVICES; d++) {
		struct hostile h;
		struct tour good, o;
		read_device(devices[d].file, &h);
		size_t n = go_well(&h, &good);
		for (size_t i = 0; i < 2 * n; i++) {
			struct twist w = {
				.from = i / 2, .to = i % 2 ? i / 2 + 1 : SIZE_MAX, .body = body
			};
			snprintf(about, sizeof about, "%s: %s instead of answer %zu%s",
				devices[d].file, *body ? "a login page" : "nothing", i / 2,
				i % 2 ? "" : " and all behind it");
			go(&h, &w, &o);
			if (i % 2 == 0)
				good_ones += show_good(&o, i / 2, *body);
		}
		hostile_free(&h);
	}
	assert_int_equal(good_ones, 0);
}

static void
empty(void **unused)
{
	something_else("");
}

static void
a_login_page(void **unused)
{
	something_else(page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong),
		cmocka_unit_test(cut_at_any_byte),
		cmocka_unit_test(other_numbers),
		cmocka_unit_test(told_twice),
		cmocka_unit_test(empty),
		cmocka_unit_test(a_login_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
