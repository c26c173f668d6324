/* Huawei SMC 3.0, the REST interface of its portal.
 *
 * Called by lanes on worker threads, one at a time per session. Owns the HTTP handle, the token and
 * the notes on legs in the lane's session; the participants are in huawei_smc3_legs.c, what comes
 * back is read in huawei_smc3_parse.c. Must never log in twice with a password that was refused.
 *
 *   GET  /conf-portal/tokens?clientType=smcportal   Basic      < {"uuid","userType","expire"}
 *        from then on the header token: UUID; a token lives some twenty minutes
 *   POST /conf-portal/conferences/conditions?page=0&size=100 {}
 *                                                               < {"content":[{"id","subject"}],..}
 *   GET  /conf-portal/online/conferences/ID/detail             < it runs | 4xx
 *   POST /conf-portal/conferences {"conference":{..}}          < {"conference":{"id"}}
 *   POST .../online/conferences/ID/participants/conditions?page=0&size=100 {}
 *        < content [
 *          {"generalParam":{"id","name","uri"},"state":{"online","calling","callFailReason"}} ]
 *   POST .../participants [ {name,uri,ipProtocolType,dialMode,rate} ]      adds and calls
 *   PATCH .../participants/PID/status {"isOnline":true}        calls again; false hangs up; isMute
 *   POST .../textTips {content,opType,type,..}
 *   a no is 4xx {"errorNo":"0x2003b","errorDesc"}
 *
 * Who failed or left stays in the list, offline with the reason, until called again. Pages begin at
 * 0. Measured figures are pushed over STOMP only, and nobody here reads that: no media.
 *
 * Sources: a client in use (fmc-5.0, fcm-smc3.0: paths, fields, their comments) and the vendor's
 * texts of call reasons that it ships. No vendor document and no platform were at hand. */
#include "adapters/huawei_smc3.h"

#include "adapters/connect.h"
#include "adapters/wire/trace.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

enum { MOST_BODY = 8 << 20, MOST_PAGES = 200, ASKED_MOST = 64, DURATION_MIN = 720 };

#define BASE "/conf-portal"

/* ---- requests ------------------------------------------------------------------------------ */

static enum err
once(struct task *t, struct lane *l, const char *method, const char *path, const struct buf *body,
	bool again, struct http_reply *r)
{
	struct smc3_session *s = l->session;
	bool login = !*s->token;
	const char *headers[] = {
		login ? s->basic : arena_printf(t->arena, "token: %s", s->token), NULL
	};
	struct http_request q = { .method = method, .headers = headers,
		.path = arena_printf(t->arena, BASE "%s", path) };
	trace_secret(t->trace, s->token);
	if (body) {
		q.body = buf_str(body);
		q.body_len = body->n;
		q.content_type = "application/json";
	}
	return device_ask(t, s->http, &q, again, r);
}

/* What a reply says: OK with its tree (or none), or a failure of its class. */
static enum err
read_reply(struct task *t, struct lane *l, const struct http_reply *r, const char *what,
	const struct json **out, bool *out_again)
{
	struct err_text why = { 0 };
	const char *words;
	const struct json *j = NULL;
	*out = NULL;
	*out_again = false;
	bool read = r->len && json_parse(t->arena, r->body, r->len, &j, &why) == OK;
	if (r->status < 200 || r->status > 299) {
		enum err e = smc3_refusal(t->arena, read ? j : NULL, r->status, &words, out_again);
		return e == ERR_AUTH
			       ? task_fail_as(t, e, "login-refused", "%s on %s: %s", what,
					 l->device->name, words)
			       : task_fail(t, e, "%s on %s: %s", what, l->device->name, words);
	}
	if (r->len && !read)
		return task_fail(t, ERR_PROTOCOL, "%s on %s: %s", what, l->device->name, why.text);
	*out = j;
	return OK;
}

/*  > GET /tokens?clientType=smcportal   Authorization: Basic      < {"uuid"} | 401  */
static enum err
log_in(struct task *t, struct lane *l)
{
	struct smc3_session *s = l->session;
	struct http_reply r;
	const struct json *j;
	bool again;
	s->token[0] = '\0';
	enum err e = once(t, l, "GET", "/tokens?clientType=smcportal", NULL, true, &r);
	if (e == OK)
		e = read_reply(t, l, &r, "log in", &j, &again);
	if (e)
		return e;
	const char *uuid = json_text(j, "uuid");
	if (!device_is_id(uuid, sizeof s->token))
		return task_fail(t, ERR_PROTOCOL, "log in on %s: no token came back",
			l->device->name);
	str_copy(s->token, sizeof s->token, uuid);
	return OK;
}

/* A token that is not known any more: nothing was done, so one login follows, and it is said
 * again. */
enum err
smc3_ask(struct task *t, struct lane *l, const char *method, const char *path,
	const struct buf *body, bool again, const char *what, const struct json **out)
{
	const struct json *unused;
	struct http_reply r;
	out = out ? out : &unused;
	*out = NULL;
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	for (int round = 0;; round++) {
		bool expired = false;
		enum err e = once(t, l, method, path, body, again, &r);
		if (e == OK)
			e = read_reply(t, l, &r, what, out, &expired);
		else
			expired = e == ERR_AUTH && str_eq(t->word, "login-refused");
		if (e == OK || !expired || round)
			return e;
		task_forgive(t);
		e = log_in(t, l);
		if (e)
			return e;
	}
}

/* ---- lists --------------------------------------------------------------------------------- */

enum err
smc3_all(struct task *t, struct lane *l, const char *list, const char *what, smc3_take_fn *take,
	void *to)
{
	struct buf nothing = { 0 };
	enum err e = OK;
	buf_puts(&nothing, "{}");
	for (int page = 0; page < MOST_PAGES; page++) {
		const struct json *j;
		struct smc3_page p;
		e = smc3_ask(t, l, "POST",
			arena_printf(
				t->arena, "%s/conditions?page=%d&size=%d", list, page, SMC3_PAGE),
			&nothing, true, what, &j);
		if (e == OK && !smc3_page(j, page, &p))
			e = task_fail(t, ERR_PROTOCOL, "%s on %s: no list came back", what,
				l->device->name);
		if (e)
			break;
		for (const struct json *x = p.first; x; x = x->next)
			if (!take(to, x))
				p.last = true;
		if (p.last)
			break;
		if (page + 1 == MOST_PAGES)
			e = task_fail(t, ERR_PROTOCOL, "%s on %s: the list does not end", what,
				l->device->name);
	}
	buf_free(&nothing);
	return e;
}

/* ---- session ------------------------------------------------------------------------------- */

/* No logout is known: a token ends by itself. */
static enum err
smc3_open(struct task *t, struct lane *l)
{
	struct smc3_session *s = arena_alloc(l->arena, sizeof *s);
	s->basic = device_basic(t, l);
	return device_session(t, l, HTTP_AUTH_NONE, MOST_BODY, s, log_in, device_close);
}

static bool
take_nothing(void *to, const struct json *item)
{
	return false;
}

/* What it is is known by the path; nothing tells its version. */
static enum err
smc3_probe(struct task *t, struct lane *l, struct identity *out)
{
	*out = (struct identity){ 0 };
	str_copy(out->vendor, sizeof out->vendor, "Huawei");
	str_copy(out->model, sizeof out->model, "SMC 3.0");
	return smc3_all(t, l, "/conferences", "probe", take_nothing, NULL);
}

/* ---- conferences --------------------------------------------------------------------------- */

struct wanted {
	const char *subject;
	char ids[ASKED_MOST][SMC3_ID_SIZE];
	size_t n;
};

static bool
take_named(void *to, const struct json *item)
{
	struct wanted *w = to;
	const char *id = json_text(item, "id");
	if (w->n < ASKED_MOST && str_eq(json_text(item, "subject"), w->subject) &&
		device_is_id(id, SMC3_ID_SIZE))
		str_copy(w->ids[w->n++], SMC3_ID_SIZE, id);
	return w->n < ASKED_MOST;
}

/* The list holds those to come and those that were, too: the one that runs is meant. */
static enum err
smc3_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	struct wanted w = { .subject = conference };
	enum err e = smc3_all(t, l, "/conferences", "list conferences", take_named, &w);
	for (size_t i = 0; e == OK && i < w.n; i++) {
		e = smc3_ask(t, l, "GET",
			arena_printf(t->arena, "/online/conferences/%s/detail", w.ids[i]), NULL,
			true, "ask for a conference", NULL);
		if (e == OK) {
			device_conference(out, w.ids[i], conference, false);
			return OK;
		}
		if (e != ERR_GONE && e != ERR_REFUSED)
			return e;
		task_forgive(t);
		e = OK;
	}
	if (e == OK && w.n == ASKED_MOST) /* one that runs may be among the others: none is made */
		return task_fail(t, ERR_REFUSED,
			"find %s on %s: more than %d conferences of that name", conference,
			l->device->name, ASKED_MOST);
	return e ? e
		 : task_fail(t, ERR_GONE, "find %s on %s: no such conference runs", conference,
			   l->device->name);
}

/*  > POST /conferences {"conference":{subject,conferenceTimeType,duration}}  <
 *    {"conference":{"id"}} */
static enum err
make(struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	const struct json *j;
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_open(&w, "conference", '{');
	json_put_text(&w, "subject", spec->name);
	json_put_text(&w, "conferenceTimeType", "INSTANT_CONFERENCE");
	json_put_int(&w, "duration", DURATION_MIN); /* read as minutes: its unit is not told */
	json_close(&w, '}');
	json_close(&w, '}');
	enum err e = smc3_ask(t, l, "POST", "/conferences", &b, false, "open a conference", &j);
	buf_free(&b);
	if (e)
		return e;
	const char *id = json_text(json_get(j, "conference"), "id");
	if (!device_is_id(id, SMC3_ID_SIZE))
		return task_fail(t, ERR_PROTOCOL,
			"open %s on %s: it was made, and its id was not told", spec->name,
			l->device->name);
	device_conference(out, id, spec->name, true);
	return OK;
}

static enum err
smc3_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	if (spec->layout)
		return task_fail(t, ERR_UNSUPPORTED,
			"open %s on %s: layouts of this platform are not documented", spec->name,
			l->device->name);
	return device_start(t, l, spec, smc3_find, make, out);
}

enum err
smc3_check(struct task *t, const struct lane *l, const struct conference *c, const struct leg *leg,
	const char *what)
{
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	if (!device_is_id(c->id, SMC3_ID_SIZE) || (leg && !device_is_id(leg->id, SMC3_ID_SIZE)))
		return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is not one of its own", what,
			l->device->name, leg ? leg->id : c->id);
	return OK;
}

/*  > DELETE /online/conferences/ID  */
static enum err
smc3_end(struct task *t, struct lane *l, const struct conference *c)
{
	enum err e = smc3_check(t, l, c, NULL, "end conference");
	return e ? e
		 : smc3_ask(t, l, "DELETE", arena_printf(t->arena, "/online/conferences/%s", c->id),
			   NULL, true, "end conference", NULL);
}

/*  > POST .../textTips { content, opType: SET | CANCEL, type: BANNER, disPosition, displayType
 *    } */
static enum err
smc3_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	enum err e = smc3_check(t, l, c, NULL, "show a message");
	if (e)
		return e;
	if (leg)
		return task_fail(t, ERR_UNSUPPORTED,
			"show a message on %s: texts go to the whole conference only",
			l->device->name);
	json_open(&w, NULL, '{');
	json_put_text(&w, "content", text ? text : "");
	json_put_text(&w, "opType", str_empty(text) ? "CANCEL" : "SET");
	json_put_text(&w, "type", "BANNER");
	json_put_int(&w, "disPosition", 1); /* top */
	json_put_int(&w, "displayType", 4); /* centred */
	json_close(&w, '}');
	e = smc3_ask(t, l, "POST", arena_printf(t->arena, "/online/conferences/%s/textTips", c->id),
		&b, true, "show a message", NULL);
	buf_free(&b);
	return e;
}

/* This is everything we export. Figures are pushed only and not read; ringing, speech, addresses
 * and uptime are not told; a text stays until the next one. */
const struct mcu_adapter huawei_smc3_adapter = {
	.name = "huawei-smc3",
	.title = "Huawei SMC 3.0",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_END_REASON,
	.causes = huawei_smc3_causes,
	.name_max = 64,
	.open = smc3_open,
	.close = device_close,
	.probe = smc3_probe,
	.find = smc3_find,
	.start = smc3_start,
	.dial = smc3_dial,
	.roster = smc3_roster,
	.reason = smc3_reason,
	.hangup = smc3_hangup,
	.end = smc3_end,
	.mute = smc3_mute,
	.message = smc3_message,
};
