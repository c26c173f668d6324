/* Cisco Meeting Server (Acano), REST API v1, versions 2.4 and later.
 *
 * Called by lanes on worker threads, one at a time per session. Owns the HTTP handle and the
 * table of legs in the lane's session. Must never make a second leg for a site, delete a space
 * that it did not make, or take a leg that vanished for one that hung up.
 *
 *   GET  /api/v1/calls/C/callLegs?offset=&limit=   < 200 <callLegs total="N"> <callLeg id=""/>..
 *   GET  /api/v1/callLegs/L                        < 200 <callLeg> state, figures | 404: over
 *   POST /api/v1/calls/C/callLegs  remoteParty=..  < 200, no body, Location: /api/v1/callLegs/L
 *   PUT, DELETE                                    < 200, no body
 *   a no is 4xx <failureDetails><tag/></failureDetails>; 503: later; 401: login refused
 *
 * The list of legs tells names only; state and figures cost one request per leg. The server cuts
 * pages as it likes and lists move between two pages. A leg that ended is gone at once, and only
 * a call detail record says why: the table remembers what was there.
 *
 * Sources: Cisco Meeting Server API reference (2.4 to 2.9), Call Detail Records guide 2.0. */
#include "adapters/cisco_cms.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "base/str.h"

#include <string.h>

enum { MOST_BODY = 4 << 20, MOST_PAGES = 500, MOST_ITEMS = 5000, PAGE = 200, TOLD_ENOUGH = 2 };

/* ---- the table of legs --------------------------------------------------------------------- */

struct cms_known *
cms_known(struct cms_session *s, const char *leg_id)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq_nocase(s->legs[i].id, leg_id))
			return &s->legs[i];
	return NULL;
}

/* Who matters least when the table is full. */
static struct cms_known *
least(struct cms_session *s)
{
	struct cms_known *worst = &s->legs[0];
	for (size_t i = 1; i < s->n; i++) {
		struct cms_known *k = &s->legs[i];
		bool done = k->told >= TOLD_ENOUGH, worst_done = worst->told >= TOLD_ENOUGH;
		if (done != worst_done ? done : k->seen < worst->seen)
			worst = k;
	}
	return worst;
}

struct cms_known *
cms_know(struct cms_session *s, const char *leg_id, const char *call)
{
	struct cms_known *k = cms_known(s, leg_id);
	if (k)
		return k;
	k = s->n < CMS_LEGS_MOST ? &s->legs[s->n++] : least(s);
	*k = (struct cms_known){ .leg.state = LEG_DIALING };
	str_copy(k->id, sizeof k->id, leg_id);
	str_copy(k->leg.id, sizeof k->leg.id, leg_id);
	str_copy(k->call, sizeof k->call, call);
	return k;
}

void
cms_take_ended(struct cms_session *s, const struct cms_ended *e)
{
	struct cms_known *k = cms_know(s, e->leg, "");
	k->ended = true;
	k->leg.ending = e->ending;
	if (!*k->call) /* seen in no list: it goes before those that were, when the table is full */
		k->leg.state = LEG_GONE;
	k->told = 0; /* told once more, now with its reason */
}

/* ---- one request --------------------------------------------------------------------------- */

static enum err
refused(struct task *t, const struct lane *l, const struct http_reply *r, const char *what,
	struct cms_reply *out)
{
	const char *words;
	enum err e = cms_refusal(t->arena, r->status, r->body, r->len, &words, &out->cause);
	if (out->cause == CAUSE_UNKNOWN || out->cause == CAUSE_MCU)
		return task_fail(t, e, "%s on %s: %s", what, l->device->name, words);
	return task_fail_as(
		t, e, cause_name(out->cause), "%s on %s: %s", what, l->device->name, words);
}

enum err
cms_ask(struct task *t, struct lane *l, const char *method, const char *path, struct buf *form,
	bool again, const char *what, struct cms_reply *out)
{
	struct cms_session *s = l->session;
	struct cms_reply mine;
	struct http_reply r;
	struct err_text why = { 0 };
	struct xml *root = NULL;
	out = out ? out : &mine;
	*out = (struct cms_reply){ 0 };
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	struct http_request q = { .method = method,
		.path = arena_printf(t->arena, "/api/v1%s", path) };
	if (form) {
		q.body = buf_str(form);
		q.body_len = form->n;
		q.content_type = "application/x-www-form-urlencoded";
	}
	enum err e = http_ask(t, s->http, &q, &r);
	if (again && device_cut_off(t, e)) {
		task_forgive(t);
		e = http_ask(t, s->http, &q, &r);
	}
	if (e)
		return e;
	if (r.status < 200 || r.status > 299)
		return refused(t, l, &r, what, out);
	cms_location(http_header(&r, "Location"), out->id);
	/* An order is obeyed without a word: a page of somebody in between is no obedience. */
	if (str_eq(method, "GET") || strspn(r.body, " \t\r\n") < r.len) {
		e = xml_parse(t->arena, r.body, r.len, MOST_BODY, &root, &why);
		if (e)
			return task_fail(t, e, "%s on %s: %s", what, l->device->name, why.text);
		out->xml = root;
	}
	return OK;
}

/* ---- lists --------------------------------------------------------------------------------- */

static bool
has_id(const struct cms_list *list, const char *id)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq_nocase(xml_attr(list->items[i], "id"), id))
			return true;
	return false;
}

/* One reading of the whole list. *out_total: what the last page said. */
static enum err
read_all(struct task *t, struct lane *l, const char *path, const char *item, const char *what,
	struct cms_list *out, int64_t *out_total)
{
	size_t offset = 0;
	out->n = 0;
	for (int page = 0; page < MOST_PAGES; page++) {
		struct cms_reply r;
		size_t got = 0;
		const char *at = arena_printf(t->arena, "%s%coffset=%zu&limit=%d", path,
			strchr(path, '?') ? '&' : '?', offset, PAGE);
		enum err e = cms_ask(t, l, "GET", at, NULL, true, what, &r);
		if (e)
			return e;
		const char *total = xml_attr(r.xml, "total");
		if (!total || !str_to_int(total, 0, INT32_MAX, out_total))
			return task_fail(t, ERR_PROTOCOL, "%s on %s: <%.40s> is no list", what,
				l->device->name, r.xml->name);
		for (const struct xml *x = xml_child(r.xml, item); x; x = xml_next(x, item)) {
			const char *id = xml_attr(x, "id");
			got++;
			if (!cms_is_id(id) || has_id(out, id))
				continue;
			if (out->n == MOST_ITEMS)
				return task_fail(t, ERR_PROTOCOL, "%s on %s: more than %d of them",
					what, l->device->name, MOST_ITEMS);
			out->items[out->n++] = x;
		}
		offset += got;
		if (got == 0 || (int64_t)offset >= *out_total)
			return OK;
	}
	return task_fail(t, ERR_PROTOCOL, "%s on %s: the list does not end", what, l->device->name);
}

enum err
cms_all(struct task *t, struct lane *l, const char *path, const char *item, const char *what,
	struct cms_list *out)
{
	int64_t total = 0;
	*out = (struct cms_list){ .items = arena_alloc(t->arena, MOST_ITEMS * sizeof *out->items) };
	enum err e = read_all(t, l, path, item, what, out, &total);
	/* It moved while it was read: once more, and then it is what it is. */
	if (e == OK && (int64_t)out->n != total)
		e = read_all(t, l, path, item, what, out, &total);
	out->partial = (int64_t)out->n < total;
	return e;
}

/* ---- session ------------------------------------------------------------------------------- */

static void
cms_close(struct task *t, struct lane *l)
{
	struct cms_session *s = l->session;
	if (!s)
		return;
	cms_deafen(t, s);
	http_close(s->http);
	l->session = NULL;
}

/*  > GET /system/status        < <status><softwareVersion/><uptimeSeconds/>...  | 401  */
static enum err
system_status(struct task *t, struct lane *l, const char *what, const struct xml **out)
{
	struct cms_reply r;
	enum err e = cms_ask(t, l, "GET", "/system/status", NULL, true, what, &r);
	if (e)
		return e;
	if (!xml_text(r.xml, "softwareVersion") && !xml_text(r.xml, "uptimeSeconds"))
		return task_fail(t, ERR_PROTOCOL,
			"%s on %s: <%.40s> is no status of a Meeting Server", what, l->device->name,
			r.xml->name);
	*out = r.xml;
	return OK;
}

static enum err
cms_open(struct task *t, struct lane *l)
{
	struct cms_session *s = arena_alloc(l->arena, sizeof *s);
	const struct xml *status;
	s->legs = arena_alloc(l->arena, CMS_LEGS_MOST * sizeof *s->legs);
	enum err e = device_http(t, l, HTTP_AUTH_BASIC, MOST_BODY, &s->http);
	if (e)
		return e;
	l->session = s;
	e = system_status(t, l, "log in", &status);
	if (e)
		cms_close(t, l);
	return e;
}

static struct figure
seconds(const struct xml *from, const char *name)
{
	int64_t n;
	const char *text = xml_text(from, name);
	return text && str_to_int(text, 0, INT64_MAX, &n) ? figure_of(n) : (struct figure){ 0 };
}

/*  > GET /system/alarms        < <alarms total="N"><alarm id=""><type/>..  */
static enum err
cms_probe(struct task *t, struct lane *l, struct identity *out)
{
	const struct xml *status;
	struct cms_reply r;
	struct buf words = { 0 };
	enum err e = system_status(t, l, "probe", &status);
	if (e)
		return e;
	*out = (struct identity){ .uptime_s = seconds(status, "uptimeSeconds") };
	str_copy(out->vendor, sizeof out->vendor, "Cisco");
	str_copy(out->model, sizeof out->model, "Cisco Meeting Server");
	const char *version = xml_text(status, "softwareVersion");
	str_copy(out->software, sizeof out->software, version ? version : "");
	e = cms_ask(t, l, "GET", "/system/alarms", NULL, true, "ask for alarms", &r);
	if (e == ERR_GONE || e == ERR_REFUSED || e == ERR_UNSUPPORTED || e == ERR_BUSY) {
		task_forgive(t); /* it has no such list, or no time for it: nothing is told */
		return OK;
	}
	if (e)
		return e;
	for (const struct xml *x = xml_child(r.xml, "alarm"); x; x = xml_next(x, "alarm")) {
		const char *type = xml_text(x, "type"), *more = xml_text(x, "failureReason");
		if (!str_empty(type))
			buf_printf(&words, "%s%s%s%s", words.n ? ", " : "", type,
				str_empty(more) ? "" : " ", str_empty(more) ? "" : more);
	}
	str_copy(out->alarms, sizeof out->alarms, buf_str(&words));
	buf_free(&words);
	return OK;
}

enum err
cms_check(struct task *t, const struct lane *l, const struct conference *c, const char *what,
	struct cms_where *out)
{
	if (cms_conference(c->id, out))
		return OK;
	return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is no conference of this MCU", what,
		l->device->name, c->id);
}

enum err
cms_check_leg(struct task *t, const struct lane *l, const struct leg *leg, const char *what)
{
	if (cms_is_id(leg->id))
		return OK;
	return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is no leg of this MCU", what,
		l->device->name, leg->id);
}

static bool
cms_has_layout(const char *value)
{
	return cms_layout(value) != NULL;
}

/* This is everything we export. Why a leg ended comes by call detail records only: where our
 * listener takes them it is told, elsewhere no end reason is claimed. Losses are told as a share,
 * so there are no counters and no reports of the far end; who speaks comes over the event
 * stream. */
const struct mcu_adapter cisco_cms_adapter = {
	.name = "cisco-cms",
	.title = "Cisco Meeting Server",
	.grade = GRADE_TESTED,
	.causes = cisco_cms_causes,
	.evidence = EVIDENCE_RX_RATE | EVIDENCE_SPEECH | EVIDENCE_ABSENT_IS_NONE | EVIDENCE_UPTIME |
		    EVIDENCE_RINGING | EVIDENCE_ONE_LEG,
	.open = cms_open,
	.close = cms_close,
	.probe = cms_probe,
	.find = cms_find,
	.start = cms_start,
	.dial = cms_dial,
	.roster = cms_roster,
	.look = cms_look,
	.media = cms_media,
	.reason = cms_reason,
	.hangup = cms_hangup,
	.end = cms_end,
	.mute = cms_mute,
	.layout = cms_set_layout,
	.has_layout = cms_has_layout,
	.layouts = "equal, speaker, 1+5, 1+7, 1+9, 1+n, automatic, stacked, telepresence, or as "
		   "the API has it (allEqual ...)",
	.focus = cms_focus,
	.message = cms_message,
	.subscribe = cms_subscribe,
	.pushed = cms_pushed,
	.push_evidence = EVIDENCE_END_REASON,
};
