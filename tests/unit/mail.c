/* Mails as bytes: headers that nobody else can write, names as RFC 2047 and 2231 have them; and the
 * outbox as rows and back. */
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
	const struct mail_part part = { .name = "a\"\r\nBcc: evil@x\r\n.pdf",
		.media = "application/pdf\r\nX: y",
		.bytes = "123",
		.n = 3 };
	const struct mail m = { .from = "a@b",
		.reply_to = "",
		.to = "c@d",
		.message_id = "1@b",
		.date = 0,
		.text = "hello\n.\nend",
		.subject = "Chạy thử\r\nBcc: evil@x\r\n\r\nbody",
		.parts = &part,
		.parts_n = 1 };
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
	const struct mail m = { .from = "a@b",
		.reply_to = "r@b",
		.to = "c@d",
		.message_id = "1@b",
		.date = 1549756800000,
		.text = "",
		.subject = "Điểm cầu cần khắc phục: phiên họp trực tuyến toàn quốc về phòng chống "
			   "thiên tai năm 2019" };
	struct err_text e = { 0 };
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	mime_write(&m, &b);
	assert_non_null(
		strstr(b.at, "Subject: =?UTF-8?B?xJBp4buDbSBj4bqndSBj4bqnbiBraOG6r2MgcGjhu6Vj"));
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
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a@b\r\nRCPT TO:<x@y>",
		"<a@b>", "a b@c", "a@b,c@d", "ă@b" };
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
	outbox_take(
		all, &(struct row){ .at = 7, .kind = "outbox", .site = "", .body = buf_str(&b) });
	buf_free(&b);
}

static void
a_letter_is_its_rows(void **state)
{
	struct arena *a = arena_new();
	struct outgoings all = { .arena = a };
	struct outgoing o = { .id = "x1",
		.run = "r",
		.kind = "report",
		.role = "chief",
		.site = "chu-tuc",
		.to = "c@d",
		.subject = "s\"",
		.text = "dòng\nhai",
		.documents = "site:chu-tuc",
		.revision = 2,
		.why = "" };
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
	outbox_take(&all,
		&(struct row){
			.kind = "run-begun", .site = "", .body = "{\"state\":\"to-be-sent\"}" });
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

static struct outgoing
letter(const char *id, const char *to, int revision, const char *digest, enum outgoing_state state)
{
	return (struct outgoing){ .id = id,
		.run = "r",
		.kind = "report",
		.role = str_starts(to, "chief") ? "chief" : "upper",
		.site = "",
		.to = to,
		.subject = "S",
		.text = "T",
		.documents = "",
		.digest = digest,
		.revision = revision,
		.state = state,
		.why = "" };
}

/* Revision 2 for everybody; what each had of revision 1 says whether it goes, and what it says. */
static void
a_correction_goes_to_those_who_must_know(void **state)
{
	static const struct {
		const char *to, *digest; /* of revision 1, NULL: it had none */
		enum outgoing_state state;
		bool goes, says, stale;
	} rows[] = {
		{ "upper@sent", "old", OUT_SENT, true, true, false },
		{ "upper@same", "new", OUT_SENT, false, false, false },
		{ "upper@perhaps", "old", OUT_UNKNOWN, true, true, false },
		{ "upper@waiting", "old", OUT_WAITING, true, false, true },
		{ "upper@refused", "old", OUT_FAILED, false, false, false },
		/* the same would be refused again */
		{ "chief@refused", "new", OUT_FAILED, false, false, false },
		{ "chief@corrected", "old", OUT_FAILED, true, false, false },
		{ "upper@none", NULL, OUT_SENT, false, false, false },
		{ "chief@none", NULL, OUT_SENT, true, false,
			false }, /* the playbook names chiefs */
		{ "chief@had", "old", OUT_SENDING, true, true, false },
	};
	enum { N = sizeof rows / sizeof rows[0] };
	struct arena *a = arena_new();
	struct outgoings before = { .arena = a }, made = { .arena = a };
	struct strings stale = { 0 };
	for (size_t i = 0; i < N; i++) {
		if (rows[i].digest)
			*vec_add_in(a, &before.at) =
				letter(rows[i].to, rows[i].to, 1, rows[i].digest, rows[i].state);
		*vec_add_in(a, &made.at) = letter(
			arena_printf(a, "2 %s", rows[i].to), rows[i].to, 2, "new", OUT_WAITING);
	}
	outbox_correct(&before, "chief", "en", &made, &stale);
	for (size_t i = 0; i < N; i++) {
		const struct outgoing *o = outbox_find(&made, arena_printf(a, "2 %s", rows[i].to));
		bool is_stale = false;
		for (size_t k = 0; k < stale.at.n; k++)
			is_stale = is_stale || str_eq(stale.at.at[k], rows[i].to);
		if (!!o != rows[i].goes || is_stale != rows[i].stale ||
			(o && (o->replaces == 1) != rows[i].says))
			fail_msg("%s", rows[i].to);
		assert_true(!o || !rows[i].says ||
			    (str_starts(o->text, "This letter replaces the one of ") &&
				    str_starts(o->subject, "Correction: S")));
	}
	arena_free(a);
}

/* Two corrections in a row: the second one waits in the place of the first; one that undoes the
 * first calls it off. */
static void
corrections_in_a_row_are_one_letter(void **state)
{
	struct arena *a = arena_new();
	struct outgoings before = { .arena = a }, made = { .arena = a };
	struct strings stale = { 0 };
	*vec_add_in(a, &before.at) = letter("1", "upper@x", 1, "first", OUT_SENT);
	*vec_add_in(a, &before.at) = letter("2", "upper@x", 2, "second", OUT_WAITING);
	*vec_add_in(a, &made.at) = letter("3", "upper@x", 3, "third", OUT_WAITING);
	outbox_correct(&before, "", "en", &made, &stale);
	assert_int_equal(made.at.n, 1);
	assert_int_equal(made.at.at[0].replaces, 1);
	assert_int_equal(stale.at.n, 1);
	assert_string_equal(stale.at.at[0], "2");
	stale = (struct strings){ 0 };
	made.at.at[0] = letter("3", "upper@x", 3, "first", OUT_WAITING);
	outbox_correct(&before, "upper", "en", &made, &stale);
	assert_int_equal(made.at.n, 0);
	assert_int_equal(stale.at.n, 1);
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
		cmocka_unit_test(a_correction_goes_to_those_who_must_know),
		cmocka_unit_test(corrections_in_a_row_are_one_letter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
