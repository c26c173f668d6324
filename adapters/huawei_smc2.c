/* Huawei SMC 2.0, SOAP 1.1 of its eSDK TP (Professional Edition).
 *
 * Called by lanes on worker threads, one at a time per session. Owns the HTTP handle, the cookie
 * and the notes on legs in the lane's session; what comes back is read in huawei_smc2_parse.c. Must
 * never add a site without dialingMode 0 (the default lets the site call, and nobody is called),
 * take an old reason for the end of a new call, or log in twice.
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

enum { MOST_BODY = 8 << 20, NAME_MOST = 64, MUTE_LOOKS = 3, MUTE_PAUSE_MS = 400 };

static const struct model models[] = {
	{ "SMC 2.0", 0 },
	{ NULL, 0 },
};

struct session {
	struct http *http;
	const char *base; /* "" or, where the url names no path, the usual one */
	struct cookies cookies;
	struct leg_notes notes;
	bool in;     /* logged in */
	bool unknown; /* the last answer: it does not know us, or we may not */
	bool zero_mutes; /* in orders isMute 0 closes, as it turned out */
	bool barred; /* refused again after a new login: it is the account's right that is missing */
};

static const char common[] = "tpCommon", manager[] = "tpProfessionalConfMgr",
		  control[] = "tpProfessionalConfCtrl";

/* ---- one operation ------------------------------------------------------------------------- */

static void
element(struct buf *b, const char *name, const char *text)
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
	struct session *s = l->session;
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
		return task_fail(t, ERR_REFUSED, "%s on %s: %.160s", what, l->device->name, a.fault);
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
	struct session *s = l->session;
	const struct device *d = l->device;
	const struct xml *in;
	struct buf b = { 0 };
	char proof[48];
	element(&b, "userName", d->user ? d->user : "");
	buf_puts(&b, "<clientType>API</clientType><version>5</version>");
	enum err e = once(t, l, common, "LoginRequest", &b, false, "log in", &in);
	buf_free(&b);
	if (e)
		return e;
	const char *kind = xml_text(in, "hashType");
	if (!str_empty(kind) && !str_eq_nocase(kind, "SHA256"))
		return task_fail(t, ERR_UNSUPPORTED, "log in on %s: its passwords are hashed by %.20s",
			d->name, kind);
	if (!smc2_proof(d->password ? d->password : "", xml_text(in, "randomSequence"), proof))
		return task_fail(t, ERR_PROTOCOL, "log in on %s: no random sequence came back", d->name);
	trace_secret(t->trace, proof);
	trace_secret(t->trace, cookies_value(&s->cookies, "JSESSIONID"));
	element(&b, "encryptPassword", proof);
	e = once(t, l, common, "Authenticate", &b, false, "log in", NULL);
	explicit_bzero(proof, sizeof proof);
	buf_free(&b);
	s->in = e == OK;
	return e;
}

/* Which code a session has that ended is not documented. "No permission" was not obeyed: one login
 * follows, once, and it is said again. */
static enum err
ask(struct task *t, struct lane *l, const char *service, const char *operation,
	const struct buf *inner, bool again, const char *what, const struct xml **out)
{
	struct session *s = l->session;
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
	struct session *s = l->session;
	if (!s)
		return;
	if (s->in)
		ask(t, l, common, "Logout", NULL, false, "log out", NULL);
	http_close(s->http);
	l->session = NULL;
}

static enum err
smc2_open(struct task *t, struct lane *l)
{
	struct session *s = arena_alloc(l->arena, sizeof *s);
	enum err e = device_http(t, l, HTTP_AUTH_NONE, MOST_BODY, &s->http);
	if (e)
		return e;
	const char *host = strstr(l->device->url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	s->base = path && path[1] ? "" : "/esdk/services";
	l->session = s;
	e = log_in(t, l);
	if (e)
		smc2_close(t, l);
	return e;
}

static enum err
smc2_probe(struct task *t, struct lane *l, struct identity *out)
{
	*out = (struct identity){ 0 };
	str_copy(out->vendor, sizeof out->vendor, "Huawei");
	str_copy(out->model, sizeof out->model, models[0].match);
	return ask(t, l, common, "KeepAlive", NULL, true, "probe", NULL);
}

/* ---- conferences --------------------------------------------------------------------------- */

static bool
is_id(const char *s)
{
	return device_is_id(s, sizeof((struct conference *)0)->id);
}

static void
put_conference(struct conference *out, const char *id, const char *name, bool created)
{
	*out = (struct conference){ .created = created };
	str_copy(out->id, sizeof out->id, id);
	str_copy(out->name, sizeof out->name, name);
}

/* What it cuts a name to is not told: so are ours, and they are looked for so. */
static const char *
cut(struct task *t, const char *name)
{
	char *out = arena_alloc(t->arena, NAME_MOST + 1);
	str_copy(out, NAME_MOST + 1, name);
	return out;
}

static enum err
smc2_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	const struct xml *in;
	const char *want = cut(t, conference);
	enum err e = ask(t, l, manager, "queryConferencesStatusEx", NULL, true, "list conferences", &in);
	if (e)
		return e;
	for (const struct xml *x = xml_child(in, "conferenceStatuses"); x;
		x = xml_next(x, "conferenceStatuses"))
		if (smc2_runs(x) && str_eq(xml_text(x, "name"), want) && is_id(xml_text(x, "id"))) {
			put_conference(out, xml_text(x, "id"), conference, false);
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
	element(&b, "name", cut(t, spec->name));
	element(&b, "duration", "P0Y0M0DT12H0M0.000S");
	if (spec->kbps > 0)
		element(&b, "rate", arena_printf(t->arena, "%dk", spec->kbps));
	buf_puts(&b, "</scheduleConf>");
	enum err e = ask(t, l, manager, "scheduleConfEx", &b, false, "open a conference", &in);
	buf_free(&b);
	if (e)
		return e;
	const char *id = xml_text(in, "conferenceInfo/confId");
	if (!is_id(id))
		return task_fail(t, ERR_PROTOCOL,
			"open %s on %s: it was made, and its id was not told", spec->name,
			l->device->name);
	put_conference(out, id, spec->name, true);
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
	for (int round = 0; round < 2; round++) {
		enum err e = smc2_find(t, l, spec->name, out);
		if (e != ERR_GONE) {
			out->created = round > 0; /* by the order whose answer was lost */
			return e;
		}
		task_forgive(t);
		e = make(t, l, spec, out);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
	}
	return task_fail(t, ERR_TIMEOUT, "open %s on %s: the device closed the connection twice",
		spec->name, l->device->name);
}

/* One of its conferences, and perhaps one of its sites, as they stand in every order. */
static enum err
put_where(struct task *t, const struct lane *l, const struct conference *c, const char *uri,
	const char *what, struct buf *out)
{
	if (!is_id(c->id) || (uri && !*uri))
		return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is not one of its own", what,
			l->device->name, c->id);
	element(out, "confId", c->id);
	if (uri)
		element(out, "siteUris", uri);
	return OK;
}

static enum err
order(struct task *t, struct lane *l, const char *service, const char *operation,
	const struct conference *c, const char *uri, const char *more, const char *what)
{
	struct buf b = { 0 };
	enum err e = put_where(t, l, c, uri, what, &b);
	buf_puts(&b, more);
	if (e == OK)
		e = ask(t, l, service, operation, &b, true, what, NULL);
	buf_free(&b);
	return e;
}

static enum err
smc2_end(struct task *t, struct lane *l, const struct conference *c)
{
	return order(t, l, manager, "delScheduledConfEx", c, NULL, "", "end conference");
}

/* ---- legs ---------------------------------------------------------------------------------- */

/* The sites of the conference; keep: the notes stay as they are, somebody looks before an order. */
static enum err
list_sites(struct task *t, struct lane *l, const struct conference *c, bool keep, struct roster *out)
{
	struct session *s = l->session;
	const struct xml *in;
	struct buf b = { 0 };
	size_t most = 0;
	*out = (struct roster){ 0 };
	enum err e = put_where(t, l, c, NULL, "list legs", &b);
	if (e == OK)
		e = ask(t, l, manager, "queryConfSitesStatusEx", &b, true, "list legs", &in);
	buf_free(&b);
	if (e)
		return e;
	for (const struct xml *x = xml_child(in, "siteStatuses"); x; x = xml_next(x, "siteStatuses"))
		most++;
	out->legs = arena_alloc(t->arena, (most + 1) * sizeof *out->legs);
	for (const struct xml *x = xml_child(in, "siteStatuses"); x && out->n < LEG_NOTES_MOST;
		x = xml_next(x, "siteStatuses")) {
		struct leg *leg = &out->legs[out->n];
		if (!smc2_leg(x, &s->notes, leg))
			continue;
		if (!keep)
			leg_note_apply(leg_note_make(l->arena, &s->notes, leg->id), leg);
		out->n++;
	}
	return OK;
}

/* Whether this site's microphone is closed, as the list has it. */
static enum err
look_muted(
	struct task *t, struct lane *l, const struct conference *c, const char *id, enum tri *out)
{
	struct roster all;
	enum err e = list_sites(t, l, c, true, &all);
	for (size_t i = 0; e == OK && i < all.n; i++)
		if (str_eq(all.legs[i].id, id)) {
			*out = all.legs[i].muted;
			return OK;
		}
	return e ? e
		 : task_fail(t, ERR_GONE, "mute on %s: \"%s\" is not listed", l->device->name, id);
}

/* Ordered, and looked at: nothing happened means that the other number is the one. A list that does
 * not tell is believed. is: as the list had it just now. */
static enum err
set_mute(struct task *t, struct lane *l, const struct conference *c, const char *id, enum tri is,
	enum tri want)
{
	struct session *s = l->session;
	enum err e = OK;
	for (int round = 0; round < 2 && is != want; round++) {
		bool one = (want == YES) != s->zero_mutes;
		e = order(t, l, control, "setSitesMuteEx", c, id,
			one ? "<isMute>1</isMute>" : "<isMute>0</isMute>",
			want == YES ? "mute" : "unmute");
		for (int look = 0; e == OK && look < MUTE_LOOKS && is != want; look++) {
			e = look ? task_sleep(t, MUTE_PAUSE_MS) : OK;
			e = e ? e : look_muted(t, l, c, id, &is);
			if (e == OK && is == UNKNOWN)
				return OK;
		}
		if (e)
			return e;
		s->zero_mutes ^= is != want;
	}
	return is == want ? OK
			  : task_fail(t, ERR_REFUSED, "mute on %s: taken, and nothing changed",
				    l->device->name);
}

/* The order to call has no word for it: once it is up. */
static enum err
mute_late(struct task *t, struct lane *l, const struct conference *c, struct leg *leg)
{
	struct leg_note *n = leg_note(&((struct session *)l->session)->notes, leg->id);
	if (!n || !n->to_mute || leg->state != LEG_UP)
		return OK;
	n->to_mute = false;
	if (leg->muted == YES)
		return OK;
	enum err e = set_mute(t, l, c, leg->id, NO, YES);
	if (e == OK)
		leg->muted = YES;
	if (e != ERR_REFUSED && e != ERR_GONE)
		return e;
	task_forgive(t);
	return OK;
}

static enum err
smc2_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	enum err e = list_sites(t, l, c, false, out);
	for (size_t i = 0; e == OK && i < out->n; i++)
		e = mute_late(t, l, c, &out->legs[i]);
	return e;
}

/*  > addSiteToConfEx { confId, siteInfo { name, uri, type, from, dialingMode 0, rate } }  */
static enum err
add(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *target, bool h323)
{
	struct buf b = { 0 };
	const char *what = arena_printf(t->arena, "dial %s", target);
	enum err e = put_where(t, l, c, NULL, what, &b);
	buf_puts(&b, "<siteInfo>");
	element(&b, "name", cut(t, str_empty(d->site_name) ? d->leg_name : d->site_name));
	element(&b, "uri", target);
	buf_printf(&b, "<type>%d</type><from>1</from><dialingMode>0</dialingMode>", h323 ? 4 : 7);
	if (d->kbps > 0)
		buf_printf(&b, "<rate>%dk</rate>", d->kbps);
	buf_puts(&b, "</siteInfo>");
	if (e == OK)
		e = ask(t, l, manager, "addSiteToConfEx", &b, false, what, NULL);
	buf_free(&b);
	return e;
}

/* Looks first. Listed and in or being called: that is it. Listed and out: called again. Not listed:
 * added, and the MCU calls it. */
static enum err
smc2_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct roster all;
	bool h323;
	const char *target = device_target(d->address, &h323);
	const struct leg *leg = NULL;
	enum err e;
	if (target && strlen(target) >= sizeof out->id) /* it is the leg's id */
		target = NULL;
	if (!target || str_empty(d->leg_name))
		return task_fail(t, ERR_INPUT, "dial %s on %s: %s", d->address ? d->address : "",
			l->device->name, target ? "no name" : "no address that it takes");
	if (d->audio_only)
		return task_fail(t, ERR_UNSUPPORTED,
			"dial %s on %s: this platform cannot dial without video", target,
			l->device->name);
	for (int round = 0; round < 2; round++) {
		e = list_sites(t, l, c, true, &all);
		for (size_t i = 0; e == OK && i < all.n && !leg; i++)
			leg = str_eq_nocase(all.legs[i].id, target) ? &all.legs[i] : NULL;
		if (e || leg)
			break;
		e = add(t, l, c, d, target, h323);
		if (!device_cut_off(t, e))
			break;
		task_forgive(t);
		e = round ? task_fail(t, ERR_TIMEOUT,
				    "dial %s on %s: the device closed the connection twice", target,
				    l->device->name)
			  : OK;
	}
	if (e)
		return e;
	bool live = leg && (leg->state == LEG_UP || leg->state == LEG_DIALING || leg->state == LEG_RINGING);
	if (leg && !live)
		e = order(t, l, manager, "connectSitesEx", c, leg->id, "",
			arena_printf(t->arena, "dial %s", target));
	if (e)
		return e;
	struct session *s = l->session;
	struct leg_note *n = leg_note_make(l->arena, &s->notes, leg ? leg->id : target);
	if (!n->ours || !live)
		leg_note_dialled(n, d);
	*out = leg ? *leg : (struct leg){ .muted = UNKNOWN };
	out->state = live ? leg->state : LEG_DIALING;
	out->ending = (struct ending){ 0 };
	out->configured = true;
	str_copy(out->id, sizeof out->id, n->id);
	str_copy(out->name, sizeof out->name, d->leg_name);
	str_copy(out->address, sizeof out->address, d->address);
	str_copy(out->protocol, sizeof out->protocol, h323 ? "h323" : "sip");
	return OK;
}

/* The list keeps it. */
static enum err
smc2_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct roster all;
	*out = (struct ending){ 0 };
	enum err e = list_sites(t, l, c, true, &all);
	return e ? e : leg_listed_ending(t, l, all.legs, all.n, leg, out);
}

static enum err
smc2_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = order(t, l, manager, "disconnectSitesEx", c, leg->id, "", "hang up");
	struct leg_note *n = e ? NULL : leg_note(&((struct session *)l->session)->notes, leg->id);
	if (n)
		n->hung_up = true;
	return e;
}

static enum err
smc2_mute(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	struct session *s = l->session;
	struct leg_note *n = s ? leg_note(&s->notes, leg->id) : NULL;
	if (n)
		n->to_mute = false;
	enum tri is = UNKNOWN;
	enum err e = look_muted(t, l, c, leg->id, &is);
	return e ? e : set_mute(t, l, c, leg->id, is, on ? YES : NO);
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
	.models = models,
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
