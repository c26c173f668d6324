/* Mails as bytes: headers that nobody else can write, names as RFC 2047 and 2231 have them; and the outbox as rows and back. */
#include "base/clock.h"
#include "base/str.h"
#include "mime.h"
#include "outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
a_name_cannot_write_a_header(void **state)
{
	struct buf b = { 0 };
	const struct mail_part part = { .name = "a\"\r\nBcc: evil@x\r\n.pdf", .media = "application/pdf\r\nX: y", .bytes = "123", .n = 3 };
	const struct mail m = { .from = "a@b", .reply_to = "", .to = "c@d", .message_id = "1@b", .date = 0, .text = "hello\n.\nend",
		.subject = "Chạy thử\r\nBcc: evil@x\r\n\r\nbody", .parts = &part, .parts_n = 1 };
	mime_write(&m, &b);
	assert_null(strstr(b.at, "\nBcc:"));
	assert_null(strstr(b.at, "\nX:"));
	assert_non_null(strstr(b.at, "filename=\"a--bcc--evil-x-.pdf\""));
	assert_non_null(strstr(b.at, "filename*=UTF-8''a%22%20%20Bcc%3A%20evil%40x%20%20.pdf"));
	for (const char *p = b.at; (p = strchr(p, '\n')); p++)
		assert_true(p > b.at && p[-1] == '\r');
	struct buf again = { 0 };
	mime_write(&m, &again);
	assert_string_equal(b.at, again.at);
	buf_free(&again);
	buf_free(&b);
}

static void
headers_are_encoded_in_words_that_cut_no_letter(void **state)
{
	struct buf b = { 0 };
	const struct mail m = { .from = "a@b", .reply_to = "r@b", .to = "c@d", .message_id = "1@b", .date = 1549756800000, .text = "",
		.subject = "Điểm cầu cần khắc phục: phiên họp trực tuyến toàn quốc về phòng chống thiên tai năm 2019" };
	struct err_text e = { 0 };
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	mime_write(&m, &b);
	assert_non_null(strstr(b.at, "Subject: =?UTF-8?B?xJBp4buDbSBj4bqndSBj4bqnbiBraOG6r2MgcGjhu6Vj"));
	assert_non_null(strstr(b.at, "Date: Sun, 10 Feb 2019 07:00:00 +0700\r\n"));
	assert_non_null(strstr(b.at, "Message-ID: <1@b>\r\n"));
	assert_non_null(strstr(b.at, "Reply-To: r@b\r\n"));
	for (const char *p = b.at, *end; (end = strstr(p, "\r\n")); p = end + 2)
		assert_true(end - p <= 78);
	buf_free(&b);
}

static void
addresses_are_plain(void **state)
{
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a b@c", "a@b,c@d", "ă@b" };
	assert_true(mime_address("chu-tuc+1@xa.example"));
	assert_false(mime_address(NULL));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(mime_address(bad[i]));
}

static void
take(struct outgoings *all, const struct outgoing *o, bool first)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	if (first)
		outbox_write(o, &w);
	else
		outbox_write_state(o, &w);
	outbox_take(all, &(struct row){ .at = 7, .kind = "outbox", .site = "", .body = buf_str(&b) });
	buf_free(&b);
}

static void
a_letter_is_its_rows(void **state)
{
	struct arena *a = arena_new();
	struct outgoings all = { .arena = a };
	struct outgoing o = { .id = "x1", .run = "r", .kind = "report", .role = "chief", .site = "chu-tuc", .to = "c@d", .subject = "s\"",
		.text = "dòng\nhai", .documents = "site:chu-tuc", .revision = 2, .why = "" };
	take(&all, &o, true);
	assert_int_equal(all.at.n, 1);
	assert_string_equal(all.at.at[0].text, "dòng\nhai");
	assert_int_equal(all.at.at[0].state, OUT_WAITING);
	assert_int_equal(all.at.at[0].next_at, 7);
	o.state = OUT_SENDING, o.tries = 1;
	take(&all, &o, false);
	assert_int_equal(all.at.at[0].state, OUT_SENDING);
	o.state = OUT_WAITING, o.next_at = 99, o.why = "away";
	take(&all, &o, false);
	assert_int_equal(all.at.at[0].next_at, 99);
	assert_int_equal(all.at.at[0].tries, 1);
	assert_string_equal(outbox_find(&all, "x1")->why, "away");
	o.id = "another", o.state = OUT_SENT;
	take(&all, &o, false); /* of a letter that nobody knows */
	assert_int_equal(all.at.n, 1);
	outbox_take(&all, &(struct row){ .kind = "outbox", .site = "", .body = "{" });
	outbox_take(&all, &(struct row){ .kind = "run-begun", .site = "", .body = "{\"state\":\"to-be-sent\"}" });
	assert_int_equal(all.at.n, 1);
	arena_free(a);
}

static void
tries_are_bounded(void **state)
{
	int n = 1;
	int64_t before = 0;
	for (; outbox_pause(n) && n < 100; n++) {
		assert_true(outbox_pause(n) >= before);
		before = outbox_pause(n);
	}
	assert_int_equal(n, 8);
}

static void
roles_are_known_words(void **state)
{
	struct arena *a = arena_new();
	assert_null(outbox_roles_wrong("contact chief, provider department upper", a));
	assert_string_equal(outbox_roles_wrong("chief boss", a), "boss");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_cannot_write_a_header),
		cmocka_unit_test(headers_are_encoded_in_words_that_cut_no_letter),
		cmocka_unit_test(addresses_are_plain),
		cmocka_unit_test(a_letter_is_its_rows),
		cmocka_unit_test(tries_are_bounded),
		cmocka_unit_test(roles_are_known_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
