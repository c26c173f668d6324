/* Delivery of a mail.
 *
 * Called by the outbox' worker. Owns a curl handle for the length of one call. A mail counts as
 * given away once curl was told its last byte: silence behind that is an unknown outcome,
 * everything before it can be tried again. It must never send a password without TLS, nor go on
 * after a certificate that is not good. */
#include "notify.h"

#include "base/str.h"
#include "mime.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { CONNECT_MS = 15000, FILE_MODE = 0640 };
static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

struct giving {
	const struct notify *n;
	size_t at;
	bool all; /* curl was told the last byte */
};

static size_t
give(char *to, size_t one, size_t room, void *arg)
{
	struct giving *g = arg;
	size_t left = g->n->n - g->at, n = left < one * room ? left : one * room;
	memcpy(to, (const char *)g->n->bytes + g->at, n);
	g->at += n;
	g->all = g->all || g->at == g->n->n;
	return n;
}

/* Answers of the server are not wanted on stdout. */
static size_t
drop(char *bytes, size_t one, size_t n, void *arg)
{
	return one * n;
}

static void
set_up(CURL *c, const struct notify *n, struct giving *g, struct curl_slist *to, char *why)
{
	bool tls = n->user || n->pin;
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_URL, n->url);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL); /* the bundle is read once, not per connection */
	curl_easy_setopt(c, CURLOPT_CAINFO, n->ca ? n->ca : system_ca);
	if (n->pin) { /* replaces the check of the CA */
		curl_easy_setopt(c, CURLOPT_PINNEDPUBLICKEY, n->pin);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (n->user) {
		curl_easy_setopt(c, CURLOPT_USERNAME, n->user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, n->password ? n->password : "");
	}
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, n->from);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, g);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
}

/* Until it is done, cancelled or out of time; false: not done. */
static bool
drive(struct task *t, CURLM *multi, CURLcode *out)
{
	struct curl_waitfd extra = { .fd = t->cancel_fd, .events = CURL_WAIT_POLLIN };
	for (int64_t left; (left = task_left(t)) > 0 && !task_canceled(t);) {
		int running = 0, queued = 0;
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return false;
		CURLMsg *m = curl_multi_info_read(multi, &queued);
		if (m && m->msg == CURLMSG_DONE) {
			*out = m->data.result;
			return true;
		}
		if (curl_multi_poll(multi, &extra, t->cancel_fd >= 0,
			    left < 1000 ? (int)left : 1000, NULL) != CURLM_OK)
			return false;
	}
	return false;
}

static bool
bad_certificate(CURLcode c)
{
	return c == CURLE_PEER_FAILED_VERIFICATION || c == CURLE_SSL_PINNEDPUBKEYNOTMATCH ||
	       c == CURLE_SSL_ISSUER_ERROR || c == CURLE_SSL_CACERT_BADFILE;
}

static enum err
judge_mail(struct task *t, const struct notify *n, const struct giving *g, bool done, CURLcode code,
	long said, const char *words)
{
	const char *why = words[0] ? words : curl_easy_strerror(code);
	if (done && code == CURLE_OK)
		return OK;
	if (done && bad_certificate(code))
		return task_fail_as(t, ERR_AUTH, "bad-certificate", "mail server: %s", why);
	if (done && code == CURLE_USE_SSL_FAILED)
		return task_fail_as(
			t, ERR_AUTH, "no-tls", "mail server: offers no TLS, and a login needs it");
	if (done && code == CURLE_LOGIN_DENIED && said < 500 && said >= 400)
		return task_fail(t, ERR_BUSY, T("mail server: login: answer %ld"), said);
	if (done && code == CURLE_LOGIN_DENIED)
		return task_fail_as(
			t, ERR_AUTH, "login-refused", "mail server: login refused: %s", why);
	if (done && code == CURLE_URL_MALFORMAT)
		return task_fail(t, ERR_INPUT, T("mail url %s: %s"), n->url, why);
	if (done && said >= 500)
		return task_fail(
			t, ERR_REFUSED, T("mail to %s: refused, answer %ld: %s"), n->to, said, why);
	if (done && said >= 400)
		return task_fail(
			t, ERR_BUSY, T("mail to %s: later, answer %ld: %s"), n->to, said, why);
	if (g->all)
		return task_fail(t, ERR_TIMEOUT,
			T("mail to %s: sent, and no answer: whether it was taken is not known"),
			n->to);
	if (!done && task_canceled(t))
		return task_fail(t, ERR_CANCELED, T("canceled"));
	return task_fail(t, ERR_UNREACHABLE, T("mail server: %s"),
		done ? why : "no answer in the time given");
}

static enum err
by_smtp(struct task *t, const struct notify *n)
{
	struct giving g = { .n = n };
	char why[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	CURLM *multi = curl_multi_init();
	struct curl_slist *to = curl_slist_append(NULL, n->to);
	CURLcode code = CURLE_OK;
	long said = 0;
	enum err result = ERR_SYSTEM;
	if (c && multi && to) {
		set_up(c, n, &g, to, why);
		curl_multi_add_handle(multi, c);
		bool done = drive(t, multi, &code);
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &said);
		curl_multi_remove_handle(multi, c);
		result = judge_mail(t, n, &g, done, code, said, why);
	} else {
		task_fail(t, ERR_SYSTEM, T("no memory for a mail"));
	}
	curl_slist_free_all(to);
	curl_easy_cleanup(c);
	curl_multi_cleanup(multi);
	return result;
}

/* Whole or not at all. */
static enum err
by_file(struct task *t, const struct notify *n)
{
	const char *dir = n->url + strlen("file://");
	const char *path = arena_printf(t->arena, "%s/%s", dir, n->name),
		   *part = arena_printf(t->arena, "%s/.%s.part", dir, n->name);
	size_t at = 0;
	ssize_t got = 0;
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (fd < 0)
		return task_fail(t, ERR_UNREACHABLE, T("write %s: %s"), part, strerror(errno));
	while (at < n->n && (got = write(fd, (const char *)n->bytes + at, n->n - at)) > 0)
		at += (size_t)got;
	bool fine = at == n->n && fsync(fd) == 0;
	fine = close(fd) == 0 && fine && (link(part, path) == 0 || errno == EEXIST);
	int why = errno;
	unlink(part);
	return fine ? OK : task_fail(t, ERR_UNREACHABLE, T("write %s: %s"), path, strerror(why));
}

enum err
notify_send(struct task *t, const struct notify *n)
{
	if (!mime_address(n->from) || !mime_address(n->to))
		return task_fail(t, ERR_REFUSED, T("mail to \"%s\": not a plain address"),
			mime_address(n->from) ? n->to : n->from);
	return str_starts(n->url, "file:///") ? by_file(t, n) : by_smtp(t, n);
}
