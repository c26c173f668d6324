/* Huawei SMC 2.0, SOAP 1.1 of its eSDK TP (Professional Edition).
 *
 * Called by lanes on worker threads, one at a time per session. Owns the HTTP handle, the cookie
 * and the notes on legs in the lane's session; the sites are in huawei_smc2_legs.c, what comes back
 * is read in huawei_smc2_parse.c. Must never log in twice.
 *
 *   POST https://host:18543/esdk/services/SERVICE   SOAPAction: "http://smc.huawei.com/OP"
 *     <soapenv:Envelope xmlns:smc="http://smc.huawei.com/"><soapenv:Body><smc:OP>..</smc:OP>..
 *   < <ns2:OPResponse><resultCode>0</resultCode>..       prefixes differ: local names count
 *
 *   tpCommon               LoginRequest{userName,clientType,version}  < randomSequence, hashType,
 *                          Set-Cookie; Authenticate{encryptPassword}; Logout
 *   tpProfessionalConfMgr  queryConferencesStatusEx   < conferenceStatuses* { id, name, status }
 *                          scheduleConfEx{scheduleConf} < conferenceInfo { confId }
 *                          queryConfSitesStatusEx{confId} < siteStatuses* { uri, name, status, .. }
 *                          addSiteToConfEx{confId,siteInfo}, connectSitesEx, disconnectSitesEx
 *                          {confId,siteUris*}, delScheduledConfEx{confId}
 *   tpProfessionalConfCtrl setSitesMuteEx{confId,siteUris*,isMute}
 *
 * The interface has no figures of media and no texts on screens. Who failed stays listed, status 3
 * with callFailedReason, until called again. Sources contradict each other on which isMute closes a
 * microphone; in the list it is 1: what the order did is looked at there.
 *
 * Sources: the vendor's eSDK TP for C++ (requests, answers, their comments) and its interface
 * reference (values of status, type, codes). No platform was at hand. */
#include "adapters/huawei_smc2.h"

#include "adapters/connect.h"
#include "adapters/wire/cookies.h"
#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/vis.h"

#include <string.h>

enum { MOST_BODY = 8 << 20, NAME_MOST = 64 };

static const char common[] = "tpCommon";
const char smc2_manager[] = "tpProfessionalConfMgr", smc2_control[] = "tpProfessionalConfCtrl";

/* ---- one operation ------------------------------------------------------------------------- */

void
smc2_element(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "<%s>", name);
	vis_xml(b, text);
	buf_printf(b, "</%s>", name);
}

static enum err
refused(struct task *t, const struct lane *l, int64_t code, const char *what)
{
	enum err e = smc2_class(code);
	enum cause cause = smc2_ending(code, NULL).cause;
	const char *word = e == ERR_AUTH		  ? "login-refused"
			   : cause == CAUSE_WRONG_ADDRESS ? cause_name(cause)
							  : NULL;
	task_fail(t, e, "%s on %s: resultCode %lld", what, l->device->name, (long long)code);
	t->word = word;
	return e;
}

/* inner: what stands within the operation's element. */
static enum err
once(struct task *t, struct lane *l, const char *service, const char *operation,
	const struct buf *inner, bool again, const char *what, const struct xml **out)
{
	struct smc2_session *s = l->session;
	struct http_reply r;
	struct smc2_answer a;
	struct err_text why = { 0 };
	struct buf b = { 0 };
	if (out)
		*out = NULL;
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	buf_printf(&b,
		"<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" "
		"xmlns:smc=\"http://smc.huawei.com/\"><soapenv:Header/><soapenv:Body><smc:%s>%s"
		"</smc:%s></soapenv:Body></soapenv:Envelope>",
		operation, inner ? buf_str(inner) : "", operation);
	const char *headers[] = { arena_printf(t->arena, "SOAPAction: \"http://smc.huawei.com/%s\"",
					  operation),
		cookies_line(t->arena, &s->cookies), NULL };
	enum err e = device_ask(t, s->http,
		&(struct http_request){ .method = "POST",
			.path = arena_printf(t->arena, "%s/%s", s->base, service),
			.headers = headers,
			.content_type = "text/xml; charset=utf-8",
			.body = b.at,
			.body_len = b.n },
		again, &r);
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	if (e)
		return e;
	cookies_take(l->arena, &s->cookies, &r);
	bool read = r.len && smc2_read(t->arena, r.body, r.len, operation, &a, &why) == OK;
	/* A fault comes with status 500: its words are better than the number. */
	if (read && a.fault)
		return task_fail(
			t, ERR_REFUSED, "%s on %s: %.160s", what, l->device->name, a.fault);
	if (r.status < 200 || r.status > 299)
		return task_fail(t, device_refusal(r.status), "%s on %s: HTTP status %d", what,
			l->device->name, r.status);
	if (!read)
		return task_fail(t, ERR_PROTOCOL, "%s on %s: %s", what, l->device->name,
			r.len ? why.text : "nothing came back");
	s->unknown = a.code == SMC2_NO_RIGHT;
	if (a.code)
		return refused(t, l, a.code, what);
	if (out)
		*out = a.in;
	return OK;
}

/* The password itself is never sent: its proof is made of what LoginRequest gives. */
static enum err
log_in(struct task *t, struct lane *l)
{
	struct smc2_session *s = l->session;
	const struct device *d = l->device;
	const struct xml *in;
	struct buf b = { 0 };
	char proof[48];
	smc2_element(&b, "userName", d->user ? d->user : "");
	buf_puts(&b, "<clientType>API</clientType><version>5</version>");
	enum err e = once(t, l, common, "LoginRequest", &b, false, "log in", &in);
	buf_free(&b);
	if (e)
		return e;
	const char *kind = xml_text(in, "hashType");
	if (!str_empty(kind) && !str_eq_nocase(kind, "SHA256"))
		return task_fail(t, ERR_UNSUPPORTED,
			"log in on %s: its passwords are hashed by %.20s", d->name, kind);
	if (!smc2_proof(d->password ? d->password : "", xml_text(in, "randomSequence"), proof))
		return task_fail(
			t, ERR_PROTOCOL, "log in on %s: no random sequence came back", d->name);
	trace_secret(t->trace, proof);
	trace_secret(t->trace, cookies_value(&s->cookies, "JSESSIONID"));
	smc2_element(&b, "encryptPassword", proof);
	e = once(t, l, common, "Authenticate", &b, false, "log in", NULL);
	explicit_bzero(proof, sizeof proof);
	buf_free(&b);
	s->in = e == OK;
	return e;
}

/* Which code a session has that ended is not documented. "No permission" was not obeyed: one login
 * follows, once, and it is said again. */
enum err
smc2_ask(struct task *t, struct lane *l, const char *service, const char *operation,
	const struct buf *inner, bool again, const char *what, const struct xml **out)
{
	struct smc2_session *s = l->session;
	enum err e = once(t, l, service, operation, inner, again, what, out);
	if (e == OK || !s || !s->unknown || !s->in || s->barred)
		return e;
	task_forgive(t);
	s->in = false;
	s->cookies.n = 0;
	e = log_in(t, l);
	if (e)
		return e;
	e = once(t, l, service, operation, inner, again, what, out);
	s->barred = e && s->unknown;
	return e;
}

/* ---- session ------------------------------------------------------------------------------- */

static void
smc2_close(struct task *t, struct lane *l)
{
	struct smc2_session *s = l->session;
	if (!s)
		return;
	if (s->in) /* one that ended by itself is not renewed for that */
		once(t, l, common, "Logout", NULL, false, "log out", NULL);
	http_close(s->http);
	l->session = NULL;
}

static enum err
smc2_open(struct task *t, struct lane *l)
{
	struct smc2_session *s = arena_alloc(l->arena, sizeof *s);
	const char *host = l->device->url ? strstr(l->device->url, "://") : NULL;
	const char *path = host ? strchr(host + 3, '/') : NULL;
	s->base = path && path[1] ? "" : "/esdk/services";
	return device_session(t, l, HTTP_AUTH_NONE, MOST_BODY, s, log_in, smc2_close);
}

static enum err
smc2_probe(struct task *t, struct lane *l, struct identity *out)
{
	*out = (struct identity){ 0 };
	str_copy(out->vendor, sizeof out->vendor, "Huawei");
	str_copy(out->model, sizeof out->model, "SMC 2.0");
	return smc2_ask(t, l, common, "KeepAlive", NULL, true, "probe", NULL);
}

/* ---- conferences --------------------------------------------------------------------------- */

static bool
is_id(const char *s)
{
	return device_is_id(s, sizeof((struct conference *)0)->id);
}

/* What it cuts a name to is not told: so are ours, and they are looked for so. */
const char *
smc2_cut(struct task *t, const char *name)
{
	char *out = arena_alloc(t->arena, NAME_MOST + 1);
	str_copy(out, NAME_MOST + 1, name);
	return out;
}

static enum err
smc2_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	const struct xml *in;
	const char *want = smc2_cut(t, conference);
	enum err e = smc2_ask(t, l, smc2_manager, "queryConferencesStatusEx", NULL, true,
		"list conferences", &in);
	if (e)
		return e;
	for (const struct xml *x = xml_child(in, "conferenceStatuses"); x;
		x = xml_next(x, "conferenceStatuses"))
		if (smc2_runs(x) && str_eq(xml_text(x, "name"), want) && is_id(xml_text(x, "id"))) {
			device_conference(out, xml_text(x, "id"), conference, false);
			return OK;
		}
	return task_fail(t, ERR_GONE, "find %s on %s: no such conference", conference,
		l->device->name);
}

/*  > scheduleConfEx { scheduleConf { name, duration, rate } }   without beginTime: at once
 *  < conferenceInfo { confId }  */
static enum err
make(struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	const struct xml *in;
	struct buf b = { 0 };
	buf_puts(&b, "<scheduleConf>");
	smc2_element(&b, "name", smc2_cut(t, spec->name));
	smc2_element(&b, "duration", "P0Y0M0DT12H0M0.000S");
	if (spec->kbps > 0)
		smc2_element(&b, "rate", arena_printf(t->arena, "%dk", spec->kbps));
	buf_puts(&b, "</scheduleConf>");
	enum err e =
		smc2_ask(t, l, smc2_manager, "scheduleConfEx", &b, false, "open a conference", &in);
	buf_free(&b);
	if (e)
		return e;
	const char *id = xml_text(in, "conferenceInfo/confId");
	if (!is_id(id))
		return task_fail(t, ERR_PROTOCOL,
			"open %s on %s: it was made, and its id was not told", spec->name,
			l->device->name);
	device_conference(out, id, spec->name, true);
	return OK;
}

static enum err
smc2_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	if (spec->layout)
		return task_fail(t, ERR_UNSUPPORTED,
			"open %s on %s: a layout needs a picture's place for each site", spec->name,
			l->device->name);
	return device_start(t, l, spec, smc2_find, make, out);
}

/* One of its conferences, and perhaps one of its sites, as they stand in every order. */
enum err
smc2_put_where(struct task *t, const struct lane *l, const struct conference *c, const char *uri,
	const char *what, struct buf *out)
{
	if (!is_id(c->id) || (uri && !*uri))
		return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is not one of its own", what,
			l->device->name, c->id);
	smc2_element(out, "confId", c->id);
	if (uri)
		smc2_element(out, "siteUris", uri);
	return OK;
}

enum err
smc2_order(struct task *t, struct lane *l, const char *service, const char *operation,
	const struct conference *c, const char *uri, const char *more, const char *what)
{
	struct buf b = { 0 };
	enum err e = smc2_put_where(t, l, c, uri, what, &b);
	buf_puts(&b, more);
	if (e == OK)
		e = smc2_ask(t, l, service, operation, &b, true, what, NULL);
	buf_free(&b);
	return e;
}

static enum err
smc2_end(struct task *t, struct lane *l, const struct conference *c)
{
	return smc2_order(t, l, smc2_manager, "delScheduledConfEx", c, NULL, "", "end conference");
}

/* This is everything we export. No figures of media, no speech, no addresses, no uptime: nothing
 * can be good by it. Ringing is a state of its own. */
const struct mcu_adapter huawei_smc2_adapter = {
	.name = "huawei-smc2",
	.title = "Huawei SMC 2.0",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_END_REASON | EVIDENCE_RINGING,
	.causes = huawei_smc2_causes,
	.name_max = NAME_MOST,
	.open = smc2_open,
	.close = smc2_close,
	.probe = smc2_probe,
	.find = smc2_find,
	.start = smc2_start,
	.dial = smc2_dial,
	.roster = smc2_roster,
	.reason = smc2_reason,
	.hangup = smc2_hangup,
	.end = smc2_end,
	.mute = smc2_mute,
};
