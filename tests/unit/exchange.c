/* Signed results between offices: written from a run, opened with an independent program's help,
 * refused when changed, and added to a run of another office, with the hop between the two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "exchange.h"
#include "report/imports.h"
#include "world.h"

#include "adapters/wire/json.h"
#include "base/str.h"

/* RFC 8037, appendix A.1: the example key, as PKCS#8. */
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
			      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
			      "-----END PRIVATE KEY-----\n";
static const char key_text[] = "ed25519//11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

static struct sign_key key;

static void
play(struct world *w, struct judgement *j)
{
	world_begin(w);
	world_until(w, 60 * MINUTE);
	judge(w->run, w->arena, j);
}

/* The office above: two sites of its own MCUs, one of them off, and the hop from the lower MCU. */
static void
upper_document(struct buf *out)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .kind = W_OFF },
		{ .id = "mcu:huyen" } };
	struct world w;
	struct judgement j;
	world_new(&w, world_playbook, b, 3, true);
	world_two_mcus(&w, 1);
	play(&w, &j);
	assert_true(exchange_write(report_build(w.run, &j, 1, "seal", w.arena), "Tỉnh", &key, out));
	world_free(&w);
}

static int
setup(void **state)
{
	(void)state;
	assert_true(sign_key_read(key_pem, sizeof key_pem - 1, &key));
	return 0;
}

static void
test_keys(void **state)
{
	char text[SIGN_TEXT_SIZE];
	uint8_t open[SIGN_KEY_SIZE], sig[SIGN_SIZE];
	struct sign_key other;
	struct buf pem = { 0 };
	(void)state;
	assert_string_equal(sign_text(key.open, text), key_text);
	assert_true(sign_text_read(key_text, open));
	assert_memory_equal(open, key.open, sizeof open);
	assert_false(sign_text_read("ed25519//11qYAYKxCrfVS", open));
	assert_false(sign_text_read("sha256//11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", open));
	/* RFC 8037, appendix A.4. */
	static const char input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	static const char want[] = "hgyY0il_MGCjP0JzlnLWG1PPOt7-"
				   "09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
	struct buf b = { 0 };
	assert_true(sign_bytes(&key, input, sizeof input - 1, sig));
	hash_base64url(&b, sig, sizeof sig);
	assert_string_equal(buf_str(&b), want);
	assert_true(sign_holds(key.open, input, sizeof input - 1, sig));
	assert_false(sign_holds(key.open, input, sizeof input - 2, sig));
	sig[5] ^= 1;
	assert_false(sign_holds(key.open, input, sizeof input - 1, sig));
	assert_true(sign_key_new(&other, &pem));
	assert_memory_not_equal(other.secret, key.secret, sizeof key.secret);
	struct sign_key again;
	assert_true(sign_key_read(buf_str(&pem), pem.n, &again));
	assert_memory_equal(again.secret, other.secret, sizeof again.secret);
	assert_false(sign_key_read("-----BEGIN PRIVATE KEY-----\nAAAA\n", 32, &again));
	buf_free(&b);
	buf_free(&pem);
}

static void
test_base64url(void **state)
{
	struct buf b = { 0 };
	(void)state;
	static const char *const bad[] = { "A", "AB=", "A+BC", "AB", "AAAAA", "AA\n", "A/==" };
	hash_base64url(&b, "\xfb\xff\xfe", 3);
	assert_string_equal(buf_str(&b), "-__-");
	buf_clear(&b);
	assert_true(hash_base64url_read(&b, "-__-", 4));
	assert_memory_equal(b.at, "\xfb\xff\xfe", 3);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(hash_base64url_read(&b, bad[i], strlen(bad[i])));
		assert_int_equal(b.n, 3);
	}
	buf_free(&b);
}

static void
test_what_is_written_is_opened(void **state)
{
	struct buf b = { 0 }, again = { 0 };
	struct arena *a = arena_new();
	struct exchange x;
	struct err_text e = { 0 };
	(void)state;
	upper_document(&b);
	upper_document(&again);
	assert_string_equal(buf_str(&b), buf_str(&again)); /* the same run gives the same bytes */
	if (exchange_open(buf_str(&b), b.n, a, &x, &e))
		fail_msg("%s", e.text);
	assert_string_equal(x.from, "Tỉnh");
	assert_string_equal(x.key, key_text);
	assert_string_equal(x.phase, "rehearsal");
	assert_int_equal(x.revision, 1);
	assert_int_equal(json_int(json_get(x.report, "counts"), "expected", 0), 2);
	arena_free(a);
	buf_free(&b);
	buf_free(&again);
}

static enum err
opened(const char *bytes, size_t n, struct err_text *e)
{
	struct arena *a = arena_new();
	struct exchange x;
	*e = (struct err_text){ 0 };
	enum err code = exchange_open(bytes, n, a, &x, e);
	arena_free(a);
	return code;
}

/* Each byte of the three parts matters; nothing but the document is taken. */
static void
test_what_was_changed_is_refused(void **state)
{
	struct buf b = { 0 };
	struct err_text e;
	(void)state;
	upper_document(&b);
	assert_int_equal(opened(buf_str(&b), b.n, &e), OK);
	char *payload = strstr(b.at, "\"payload\":\"");
	size_t from = (size_t)(payload - b.at) + 11;
	for (size_t at = from; at < b.n - 120; at += 97) {
		char kept = b.at[at];
		b.at[at] = kept == 'A' ? 'B' : 'A';
		enum err code = opened(b.at, b.n, &e);
		assert_true(code == ERR_AUTH || code == ERR_INPUT);
		b.at[at] = kept;
	}
	assert_int_equal(opened(b.at, b.n - 3, &e), ERR_INPUT);
	assert_int_equal(opened("", 0, &e), ERR_INPUT);
	assert_int_equal(opened("[1,2]", 5, &e), ERR_INPUT);
	assert_int_equal(opened("{\"payload\":1}", 13, &e), ERR_INPUT);
	buf_free(&b);
}

/* A document with this payload and head, rightly signed. */
static void
sign_text_of(const char *head, const char *payload, struct buf *out)
{
	struct buf input = { 0 }, sig = { 0 };
	uint8_t raw[SIGN_SIZE];
	hash_base64url(&input, head, strlen(head));
	size_t dot = input.n;
	buf_putc(&input, '.');
	hash_base64url(&input, payload, strlen(payload));
	assert_true(sign_bytes(&key, input.at, input.n, raw));
	hash_base64url(&sig, raw, sizeof raw);
	buf_printf(out, "{\"protected\":\"%.*s\",\"payload\":\"%s\",\"signature\":\"%s\"}",
		(int)dot, input.at, input.at + dot + 1, sig.at);
	buf_free(&input);
	buf_free(&sig);
}

static void
test_what_is_signed_and_wrong_is_refused(void **state)
{
	static const char head[] =
		"{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"typ\":\"tongduyet-result+json\"}";
	static const char report[] = "{\"format\":\"%s\",\"version\":%d,\"from\":\"T\",\"report\":{"
				     "\"run\":{\"id\":\"r\",\"key\":\"k\",\"phase\":\"rehearsal\","
				     "\"planned_start\":\"2019-02-10T07:00:00+07:00\",\"revision\":"
				     "1},\"counts\":{\"expected\":%d,\"good\":1},"
				     "\"sites\":[{\"id\":\"a\",\"name\":\"A\",\"tier\":\"commune\","
				     "\"headline\":\"good\"}]}}";
	static const struct {
		const char *format;
		int version, expected;
		const char *alg, *why;
	} rows[] = {
		{ "tongduyet-result", 1, 1, "EdDSA", NULL },
		{ "tongduyet-result", 2, 1, "EdDSA", "version 2" },
		{ "tongduyet-result", 1, 2, "EdDSA", "do not add up" },
		{ "something", 1, 1, "EdDSA", "not a result" },
		{ "tongduyet-result", 1, 1, "none ", "algorithm" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf h = { 0 }, p = { 0 }, d = { 0 };
		struct err_text e;
		buf_printf(&h, head, key_text);
		memcpy(strstr(h.at, "EdDSA"), rows[i].alg, 5);
		buf_printf(&p, report, rows[i].format, rows[i].version, rows[i].expected);
		sign_text_of(h.at, p.at, &d);
		assert_int_equal(opened(d.at, d.n, &e), rows[i].why ? ERR_INPUT : OK);
		if (rows[i].why && !strstr(e.text, rows[i].why))
			fail_msg("row %zu: %s", i, e.text);
		buf_free(&h);
		buf_free(&p);
		buf_free(&d);
	}
}

/* Lower office: its uplink's other end belongs to the office above, whose result it imports. */
static void
test_a_foreign_hop_becomes_known(void **state)
{
	static const struct behaviour b = { .id = "c" };
	static const struct exchange_sender sender = {
		.name = "Tỉnh Ví Dụ", .mcu = "tren", .as = "huyen"
	};
	struct buf doc = { 0 }, row = { 0 };
	struct json_out out = { .out = &row };
	struct arena *a = arena_new();
	struct exchange x;
	struct imported in;
	struct event event = { .kind = EVENT_IMPORTED, .imported = &in }, back;
	struct err_text e = { 0 };
	struct judgement j;
	struct world w;
	const struct json *parsed;
	(void)state;
	upper_document(&doc);
	world_new(&w, world_playbook, &b, 1, true);
	((struct spec_mcu *)w.spec.mcus)[0].parent = "tren";
	play(&w, &j);
	assert_true(j.hops[0].foreign);
	assert_int_equal(j.hops[0].verdict.reached, UNKNOWN);
	assert_int_equal(exchange_open(doc.at, doc.n, a, &x, &e), OK);
	if (exchange_import(&x, &sender, &w.spec, a, &in, &e))
		fail_msg("%s", e.text);
	str_copy(event.by, sizeof event.by, "Chị Trực");
	event_write(&event, &out);
	assert_int_equal(json_parse(a, row.at, row.n, &parsed, &e), OK);
	if (event_read(parsed, w.now, 999, a, &back, &e))
		fail_msg("%s", e.text);
	world_feed(&w, &back);
	judge(w.run, w.arena, &j);
	assert_string_equal(j.hops[0].import->from, "Tỉnh Ví Dụ");
	assert_int_equal(j.hops[0].verdict.reached, YES);
	assert_int_equal(j.hops[0].verdict.media_n, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(j.hops[0].verdict.media[i].value, YES);
		assert_string_equal(j.hops[0].verdict.media[i].seen_by, "import");
	}
	/* Our own figures are what they were; both add up. */
	assert_int_equal(j.n, 1);
	struct import_sum *sums = imports_sums(report_build(w.run, &j, 1, "", a), a);
	assert_int_equal(sums[0].expected, 2);
	assert_int_equal(sums[0].by[GOOD], 1);
	assert_int_equal(sums[0].by[ABSENT], 1);
	assert_int_equal(sums[0].also_n, 0);
	/* A newer one of the same sender stands in its place. */
	in.revision = 2;
	in.sites_n = 1;
	in.sites[0].name = w.spec.sites[0].name;
	world_feed(&w, &event);
	assert_int_equal(w.run->imports.n, 1);
	judge(w.run, w.arena, &j);
	sums = imports_sums(report_build(w.run, &j, 2, "", a), a);
	assert_int_equal(sums[0].expected, 0); /* a site that both expect is counted with ours */
	assert_int_equal(sums[0].also_n, 1);
	world_free(&w);
	arena_free(a);
	buf_free(&doc);
	buf_free(&row);
}

/* The office above imports: what arrives at the lower end is the lower office's word. */
static void
test_the_receiver_is_heard(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "mcu:huyen" } };
	struct imported in = { .from = "Huyện",
		.key = "k",
		.sha256 = "s",
		.run = "r",
		.run_key = "k",
		.phase = "rehearsal",
		.summary = "",
		.revision = 1,
		.lower = "huyen",
		.upper = "tinh",
		.reached = YES,
		.by = "" };
	struct event event = { .kind = EVENT_IMPORTED, .imported = &in };
	struct judgement j;
	struct world w;
	(void)state;
	world_new(&w, world_playbook, b, 3, true);
	world_two_mcus(&w, 1);
	play(&w, &j);
	in.media[AUDIO][TO_SITE] = NO;
	in.media[VIDEO][TO_SITE] = YES;
	in.media[AUDIO][FROM_SITE] = NO; /* what it sends, the upper MCU tells better */
	event.seq = 7777;
	world_feed(&w, &event);
	judge(w.run, w.arena, &j);
	for (int i = 0; i < j.hops[0].verdict.media_n; i++) {
		const struct media_fact *f = &j.hops[0].verdict.media[i];
		bool audio_down = f->medium == AUDIO && f->direction == TO_SITE;
		assert_int_equal(f->value, audio_down ? NO : YES);
		assert_int_equal(f->contradiction, audio_down);
		assert_string_equal(f->seen_by, f->direction == TO_SITE ? "import" : "mcu");
	}
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_base64url),
		cmocka_unit_test(test_what_is_written_is_opened),
		cmocka_unit_test(test_what_was_changed_is_refused),
		cmocka_unit_test(test_what_is_signed_and_wrong_is_refused),
		cmocka_unit_test(test_a_foreign_hop_becomes_known),
		cmocka_unit_test(test_the_receiver_is_heard),
	};
	return cmocka_run_group_tests_name("exchange", tests, setup, NULL);
}
