/* Huawei TE10 to TE60, CloudLink Box and Bar, IdeaHub: action.cgi over HTTPS.
 *
 * Called by lanes on worker threads, one at a time. Owns the HTTP handle, cookies and token in the
 * lane's session; what the box says is read in huawei_te_parse.c. Must never try a password twice,
 * nor believe callstate, whose numbers differ between models: conftype tells whether there is a
 * conference.
 *
 *   every request    > POST /action.cgi?ActionID=NAME  { ..., "acCSRFToken":"..." }
 *                        Cookie: SessionID=...
 *   every answer     < {"success":1,"data":"{\"k\":\"v\"}"}     as text/plain too
 *                    < {"success":0,"error":{"id":...,"code":...}}
 *   login            > WEB_RequestSessionIDAPI {}          < Set-Cookie: SessionID=...
 *                    > WEB_RequestCertificateAPI {user, password}   < acCSRFToken   one attempt
 *                    > WEB_ChangeSessionIDAPI {}           < another cookie; a Bar does without
 *   status           > WEB_GetMailboxDataAPI               < state { conftype, mic, ... }
 *                    > WEB_GetCallStatusInfoAPI {"siteHandle":255}    only in a call
 *                                                          < "videoRateRev":"655.24k" ...
 *                    > WEB_InitAudioCtrlParamsAPI, WEB_GetLineStateInfoAPI, WEB_GetCallInInfoAPI,
 *                      WEB_GetVersionInfoAPI
 *   orders           > WEB_CallNumberAPI {"szNumber"}, WEB_HangupCallAPI, WEB_OpenMicAPI,
 *                      WEB_CloseMicAPI, WEB_IncomingCallProcAPI
 *
 * TE boxes speak TLS 1.2 with old suites: `legacy`. The header Sessionid, which TE30 and TE40 want,
 * goes with every request. No logout is documented: the session is left to the box's own time, a
 * minute without a question for the mailbox. So orders ask for that first, and a box that refuses
 * it to a new session as well is not given one session after another. Sources: vendor's guides for
 * IdeaHub and TE; drivers in use. */
#include "adapters/adapter.h"

#include "adapters/connect.h"
#include "adapters/dialogue.h"
#include "adapters/huawei_te.h"
#include "adapters/internal.h"
#include "adapters/wire/cookies.h"
#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>
#include <strings.h>

enum { UPTIME_STEP_S = 60, NOT_OWN_MCU = 255, LOGINS_EVERY = 10 };

struct session {
	struct http *http;
	struct cookies cookies;
	const char *token; /* NULL before the login */
	unsigned refusals; /* in a row, of what every box answers */
};

/* ---- one action ------------------------------------------------------------------------------ */

static void
open_body(struct buf *b, struct json_out *w)
{
	*w = (struct json_out){ .out = b };
	json_open(w, NULL, '{');
}

static enum err
once(struct task *t, struct lane *l, const char *action, const char *body, bool again,
	struct huawei_answer *out)
{
	struct session *s = l->session;
	struct http_reply r;
	const char *id = cookies_value(&s->cookies, "SessionID"), *headers[3] = { 0 };
	if (id) {
		headers[0] = cookies_line(t->arena, &s->cookies);
		headers[1] = arena_printf(t->arena, "Sessionid: %s", id);
	}
	struct http_request q = { .path = arena_printf(t->arena, "/action.cgi?ActionID=%s", action),
		.content_type = "application/json",
		.headers = headers,
		.body = body,
		.body_len = strlen(body) };
	*out = (struct huawei_answer){ 0 };
	enum err e = device_ask(t, s->http, &q, again, &r);
	if (e)
		return e;
	cookies_take(l->arena, &s->cookies, &r);
	const char *name = l->device->name;
	if (r.status == 503 || r.status == 429)
		return task_fail(t, ERR_BUSY, "%s on %s: HTTP status %d", action, name, r.status);
	if (r.status == 403)
		return task_fail(
			t, ERR_REFUSED, "%s on %s: HTTP status %d", action, name, r.status);
	if (r.status == 404)
		return task_fail(
			t, ERR_UNSUPPORTED, "%s on %s: HTTP status %d", action, name, r.status);
	if (r.status != 200)
		return task_fail(
			t, ERR_PROTOCOL, "%s on %s: HTTP status %d", action, name, r.status);
	if (!huawei_read(t->arena, r.body, r.len, out))
		return task_fail(
			t, ERR_PROTOCOL, "%s on %s: not understood: %.80s", action, name, r.body);
	return OK;
}

static enum err
refused(struct task *t, const struct lane *l, const char *action, const struct huawei_answer *a)
{
	return task_fail(t, ERR_REFUSED, "%s on %s: refused, error %lld", action, l->device->name,
		(long long)a->error);
}

/* Closes what was opened by open_body(), with the token in it. */
static enum err
ask_body(struct task *t, struct lane *l, const char *action, struct json_out *w, bool again,
	struct huawei_answer *out)
{
	struct session *s = l->session;
	if (!s) {
		buf_free(w->out);
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	}
	trace_secret(t->trace, s->token);
	trace_secret(t->trace, cookies_value(&s->cookies, "SessionID"));
	json_put_text(w, "acCSRFToken", s->token ? s->token : "");
	json_close(w, '}');
	const char *body = arena_strdup(t->arena, buf_str(w->out));
	buf_free(w->out);
	enum err e = once(t, l, action, body, again, out);
	/* The password was good: a session that is no longer known is none of a person's business.
	 */
	if (e == ERR_AUTH && str_eq(t->word, "login-refused")) {
		task_forgive(t);
		return task_fail(t, ERR_REFUSED, "%s on %s: the session is no longer known", action,
			l->device->name);
	}
	return e == OK && !out->good ? refused(t, l, action, out) : e;
}

static enum err
ask(struct task *t, struct lane *l, const char *action, bool again, struct huawei_answer *out)
{
	struct buf b = { 0 };
	struct json_out w;
	open_body(&b, &w);
	return ask_body(t, l, action, &w, again, out);
}

/* What this model lacks stays unknown. */
static enum err
ask_if_there(struct task *t, struct lane *l, const char *action, struct huawei_answer *out)
{
	enum err e = ask(t, l, action, true, out);
	if (e != ERR_REFUSED && e != ERR_UNSUPPORTED)
		return e;
	task_forgive(t);
	*out = (struct huawei_answer){ 0 };
	return OK;
}

/* ---- session --------------------------------------------------------------------------------- */

static enum err
certify(struct task *t, struct lane *l)
{
	const struct device *d = l->device;
	struct session *s = l->session;
	struct huawei_answer a;
	struct buf b = { 0 };
	struct json_out w;
	open_body(&b, &w);
	json_put_text(&w, "user", d->user ? d->user : "");
	json_put_text(&w, "password", d->password ? d->password : "");
	json_close(&w, '}');
	enum err e = once(t, l, "WEB_RequestCertificateAPI", b.at, false, &a);
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	if (e)
		return e;
	if (!a.good)
		return task_fail_as(t, ERR_AUTH, "login-refused",
			"log in to %s: refused, error %lld", d->name, (long long)a.error);
	const char *token = json_text(a.data, "acCSRFToken");
	if (str_empty(token))
		return task_fail(t, ERR_PROTOCOL, "log in to %s: no token in the answer", d->name);
	s->token = arena_strdup(l->arena, token);
	return OK;
}

static enum err
log_in(struct task *t, struct lane *l)
{
	struct session *s = l->session;
	struct huawei_answer a;
	enum err e = once(t, l, "WEB_RequestSessionIDAPI", "{}", false, &a);
	if (e)
		return e;
	/* The cookie carries it; some models say it in the body only. */
	const char *id = json_text(a.data, "acSessionId");
	if (!cookies_value(&s->cookies, "SessionID") && !str_empty(id))
		cookies_set(l->arena, &s->cookies, "SessionID", id);
	if (!a.good || !cookies_value(&s->cookies, "SessionID"))
		return task_fail(t, ERR_BUSY, "log in to %s: it gave no session, error %lld",
			l->device->name, (long long)a.error);
	e = certify(t, l);
	if (e)
		return e;
	/* The Bar answers it with an error, or not in this form. */
	e = ask_if_there(t, l, "WEB_ChangeSessionIDAPI", &a);
	if (e == ERR_PROTOCOL) {
		task_forgive(t);
		e = OK;
	}
	return e;
}

/* What every box answers: a refusal says that the session is gone (the box restarted). One login
 * more, with the password that was good; where that did not help, the next one not before long. */
static enum err
ask_surely(struct task *t, struct lane *l, const char *action, struct huawei_answer *out)
{
	struct session *s = l->session;
	enum err e = ask(t, l, action, true, out);
	if (e == OK)
		s->refusals = 0;
	if (e != ERR_REFUSED || s->refusals++ % LOGINS_EVERY)
		return e;
	task_forgive(t);
	s->cookies.n = 0;
	s->token = NULL;
	e = log_in(t, l);
	if (e == OK)
		e = ask(t, l, action, true, out);
	if (e == OK)
		s->refusals = 0;
	return e;
}

static enum err
te_open(struct task *t, struct lane *l)
{
	struct session *s = arena_alloc(l->arena, sizeof *s);
	return device_session(t, l, HTTP_AUTH_NONE, 0, s, log_in, device_close);
}

static enum err
te_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct huawei_answer a;
	enum err e = ask_surely(t, l, "WEB_GetVersionInfoAPI", &a);
	*out = (struct identity){ 0 };
	if (e)
		return e;
	huawei_read_version(a.data, out);
	e = ask_if_there(t, l, "WEB_GetLineStateInfoAPI", &a);
	out->uptime_s = huawei_read_line(a.data, out->alarms, sizeof out->alarms);
	if (e == OK)
		e = ask_if_there(t, l, "WEB_GetSystemMacAddrAPI", &a);
	if (e == OK)
		huawei_read_mac(a.data, out->mac);
	return e;
}

/* ---- status ---------------------------------------------------------------------------------- */

static enum err
ask_mailbox(struct task *t, struct lane *l, struct huawei_answer *out, enum tri *out_in_call)
{
	enum err e = ask_surely(t, l, "WEB_GetMailboxDataAPI", out);
	*out_in_call = e == OK ? huawei_in_call(out->data) : UNKNOWN;
	return e;
}

static enum err
ask_media(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct huawei_answer a;
	struct buf b = { 0 };
	struct json_out w;
	open_body(&b, &w);
	json_put_int(&w, "siteHandle", NOT_OWN_MCU);
	enum err e = ask_body(t, l, "WEB_GetCallStatusInfoAPI", &w, true, &a);
	if (e == OK)
		out->sampled = huawei_read_media(a.data, &out->media);
	if (e == ERR_REFUSED || e == ERR_UNSUPPORTED) { /* it ended meanwhile, or another model */
		task_forgive(t);
		e = OK;
	}
	if (e == OK)
		e = ask_if_there(t, l, "WEB_GetCallInInfoAPI", &a);
	const char *far = e == OK ? json_text(a.data, "peerNum") : NULL;
	str_copy(out->far_address, sizeof out->far_address, far ? far : "");
	return e;
}

/* Whether it answers by itself, no document at hand says how to ask. */
static enum err
te_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct huawei_answer mailbox, audio = { 0 }, line = { 0 };
	char unused[8];
	*out = (struct endpoint_status){ .uptime_step_s = UPTIME_STEP_S };
	enum err e = ask_mailbox(t, l, &mailbox, &out->in_call);
	if (e == OK && out->in_call == YES)
		e = ask_media(t, l, out);
	if (e == OK)
		e = ask_if_there(t, l, "WEB_InitAudioCtrlParamsAPI", &audio);
	if (e == OK)
		e = ask_if_there(t, l, "WEB_GetLineStateInfoAPI", &line);
	if (e)
		return e;
	out->mic_muted = huawei_mic_muted(mailbox.data, audio.data);
	out->uptime_s = huawei_read_line(line.data, unused, sizeof unused);
	return OK;
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* The box picks the line by itself: its numbers carry no scheme, and it takes no rate. */
static enum err
te_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	struct huawei_answer a;
	enum tri in_call;
	struct buf b = { 0 };
	struct json_out w;
	bool sip = address && strncasecmp(address, "sip:", 4) == 0;
	bool h323 = address && strncasecmp(address, "h323:", 5) == 0;
	const char *number = address ? address + (sip ? 4 : h323 ? 5 : 0) : "";
	if (!*number || strpbrk(number, " \t\r\n\""))
		return task_fail(t, ERR_INPUT, "dial %s on %s: this address cannot be dialled",
			address ? address : "", l->device->name);
	enum err e = ask_mailbox(t, l, &a, &in_call);
	if (e == OK && in_call == YES)
		return task_fail(
			t, ERR_BUSY, "dial %s on %s: it is in a call", address, l->device->name);
	if (e)
		return e;
	open_body(&b, &w);
	json_put_text(&w, "szNumber", number);
	return ask_body(t, l, "WEB_CallNumberAPI", &w, false, &a);
}

static enum err
te_hangup(struct task *t, struct lane *l)
{
	struct huawei_answer a;
	enum tri in_call;
	enum err e = ask_mailbox(t, l, &a, &in_call);
	if (e == OK && in_call == NO)
		return task_fail(t, ERR_GONE, "hang up on %s: no call", l->device->name);
	return e ? e : ask(t, l, "WEB_HangupCallAPI", false, &a);
}

static enum err
te_answer(struct task *t, struct lane *l)
{
	struct huawei_answer a;
	enum tri unused;
	struct buf b = { 0 };
	struct json_out w;
	enum err e = ask_mailbox(t, l, &a, &unused);
	if (e)
		return e;
	open_body(&b, &w);
	json_put_int(&w, "ucValue", 1);
	json_put_int(&w, "ucMediaType", 0);
	json_put_int(&w, "ucSiteHandle", 1);
	return ask_body(t, l, "WEB_IncomingCallProcAPI", &w, false, &a);
}

/* "success" says that the order was understood; what counts is what it says of its microphone. */
static enum err
te_mute(struct task *t, struct lane *l, bool on)
{
	struct huawei_answer mailbox, audio;
	enum tri unused;
	enum err e = ask_mailbox(t, l, &mailbox, &unused);
	if (e == OK)
		e = ask(t, l, on ? "WEB_CloseMicAPI" : "WEB_OpenMicAPI", true, &audio);
	if (e == OK)
		e = ask_if_there(t, l, "WEB_InitAudioCtrlParamsAPI", &audio);
	if (e == OK && huawei_mic_muted(NULL, audio.data) == UNKNOWN)
		e = ask_mailbox(t, l, &mailbox, &unused);
	return e ? e : dialogue_muted(t, l, on, huawei_mic_muted(mailbox.data, audio.data));
}

/* This is everything we export. To show a text is not documented. */
const struct endpoint_adapter huawei_te_adapter = {
	.name = "huawei-te",
	.title = "Huawei TE, Box, Bar, IdeaHub (HTTPS)",
	.grade = GRADE_TESTED,
	.evidence = EVIDENCE_RX_RATE | EVIDENCE_UPTIME | EVIDENCE_ABSENT_IS_NONE,
	.open = te_open,
	.close = device_close,
	.probe = te_probe,
	.status = te_status,
	.dial = te_dial,
	.answer = te_answer,
	.hangup = te_hangup,
	.mute = te_mute,
};
