/* The simulated CMS's paths about spaces, calls, receivers and the box, and the way a request
 * takes: log in, find the route, obey. Called by cms.c under the fleet's lock. Owns spaces and
 * calls until the process ends.
 * Facts follow the CMS API guide. */
#include "cms.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
cms_id(struct cms *m, char out[CMS_ID])
{
	bridge_id(&m->b, out);
}

/* CMS API: 200 without a body; the id stands in the header and nowhere else */
void
cms_created(struct cms_ask *a, const char *kind, const char *id)
{
	snprintf(a->out->location, sizeof a->out->location, "/api/v1/%s/%s", kind, id);
}

void
cms_list_open(struct cms_ask *a, const char *tag, size_t total, struct cms_window *w)
{
	*w = cms_page(total, web_form_get(a->form, "offset"), web_form_get(a->form, "limit"),
		(size_t)a->m->b.plan->page);
	a->out->type = "text/xml";
	buf_printf(&a->out->body, "<?xml version=\"1.0\"?><%s total=\"%zu\">", tag, total);
}

static const char *
field(const struct cms_ask *a, const char *name)
{
	const char *v = web_form_get(a->form, name);
	return v ? v : "";
}

static struct cms_space *
space(struct cms *m, const char *id)
{
	for (size_t i = 0; i < m->spaces.n; i++)
		if (!m->spaces.at[i]->gone && str_eq_nocase(m->spaces.at[i]->id, id))
			return m->spaces.at[i];
	return NULL;
}

static bool
holds(const char *text, const char *part)
{
	return str_empty(part) || strcasestr(text, part);
}

static void
spaces_get(struct cms_ask *a)
{
	VEC(struct cms_space *) hits = { 0 };
	for (size_t i = 0; i < a->m->spaces.n; i++) {
		struct cms_space *s = a->m->spaces.at[i];
		if (!s->gone &&
			(holds(s->name, field(a, "filter")) || holds(s->uri, field(a, "filter"))))
			*vec_add(&hits) = s;
	}
	struct cms_window w;
	cms_list_open(a, "coSpaces", hits.n, &w);
	for (size_t i = w.offset; i < w.offset + w.count; i++) {
		buf_printf(&a->out->body, "<coSpace id=\"%s\">", hits.at[i]->id);
		cms_element(&a->out->body, "name", hits.at[i]->name);
		cms_element(&a->out->body, "uri", hits.at[i]->uri);
		cms_element(&a->out->body, "callId", hits.at[i]->call_id);
		buf_puts(&a->out->body, "</coSpace>");
	}
	buf_puts(&a->out->body, "</coSpaces>");
	vec_free(&hits);
}

/* False: refused, said. */
static bool
space_fill(struct cms_ask *a, struct cms_space *s)
{
	const char *uri = field(a, "uri"), *call_id = field(a, "callId"),
		   *layout = field(a, "defaultLayout");
	for (size_t i = 0; i < a->m->spaces.n; i++) {
		const struct cms_space *o = a->m->spaces.at[i];
		if (o == s || o->gone)
			continue;
		if (*uri && str_eq_nocase(o->uri, uri))
			return cms_fail(a->out, "duplicateCoSpaceUri"), false;
		if (*call_id && str_eq(o->call_id, call_id))
			return cms_fail(a->out, "duplicateCoSpaceId"), false;
	}
	if (!cms_layout_known(layout))
		return cms_fail_parameter(a->out, "defaultLayout", "valueNotRecognized"), false;
	struct {
		const char *name;
		char *to;
		size_t size;
	} all[] = { { "name", s->name, sizeof s->name }, { "uri", s->uri, sizeof s->uri },
		{ "callId", s->call_id, sizeof s->call_id },
		{ "passcode", s->passcode, sizeof s->passcode },
		{ "defaultLayout", s->layout, sizeof s->layout } };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (web_form_get(a->form, all[i].name))
			str_copy(all[i].to, all[i].size, field(a, all[i].name));
	return true;
}

static void
spaces_post(struct cms_ask *a)
{
	struct cms_space fresh = { 0 };
	if (!space_fill(a, &fresh))
		return;
	struct cms_space *s = xalloc(sizeof *s);
	*s = fresh;
	cms_id(a->m, s->id);
	*vec_add(&a->m->spaces) = s;
	lab_log(a->now, "space", a->m->b.plan->name, "conference", s->name, NULL);
	cms_created(a, "coSpaces", s->id);
}

static void
space_get(struct cms_ask *a)
{
	struct cms_space *s = space(a->m, a->id);
	if (!s)
		return cms_fail(a->out, "coSpaceDoesNotExist");
	a->out->type = "text/xml";
	buf_printf(&a->out->body, "<?xml version=\"1.0\"?><coSpace id=\"%s\">", s->id);
	cms_element(&a->out->body, "name", s->name);
	cms_element(&a->out->body, "uri", s->uri);
	cms_element(&a->out->body, "callId", s->call_id);
	cms_element(&a->out->body, "passcode", s->passcode);
	cms_element(&a->out->body, "defaultLayout", s->layout);
	buf_puts(&a->out->body, "</coSpace>");
}

static void
space_put(struct cms_ask *a)
{
	struct cms_space *s = space(a->m, a->id);
	if (!s)
		return cms_fail(a->out, "coSpaceDoesNotExist");
	space_fill(a, s);
}

static void
space_delete(struct cms_ask *a)
{
	struct cms_space *s = space(a->m, a->id);
	if (!s)
		return cms_fail(a->out, "coSpaceDoesNotExist");
	s->gone = true;
}

struct cms_call *
cms_call(struct cms *m, const char *id)
{
	for (size_t i = 0; i < m->calls.n; i++)
		if (!m->calls.at[i]->over && str_eq_nocase(m->calls.at[i]->id, id))
			return m->calls.at[i];
	return NULL;
}

struct cms_call *
cms_call_add(struct cms *m, struct cms_space *s, const char *name, int64_t now)
{
	struct cms_call *c = xalloc(sizeof *c);
	cms_id(m, c->id);
	cms_id(m, c->correlator);
	str_copy(c->name, sizeof c->name, str_empty(name) ? s->name : name);
	str_copy(c->layout, sizeof c->layout, s->layout[0] ? s->layout : "allEqual");
	c->space = s;
	c->started = now;
	*vec_add(&m->calls) = c;
	lab_log(now, "conference", m->b.plan->name, "conference", c->name, NULL);
	cms_tell_call(m, c, false, now);
	return c;
}

static void
write_call(const struct cms_call *c, struct buf *b)
{
	cms_element(b, "name", c->name);
	cms_element(b, "coSpace", c->space->id);
	cms_element(b, "callCorrelator", c->correlator);
}

static void
calls_get(struct cms_ask *a)
{
	VEC(struct cms_call *) hits = { 0 };
	const char *want = field(a, "coSpaceFilter");
	for (size_t i = 0; i < a->m->calls.n; i++)
		if (!a->m->calls.at[i]->over &&
			(!*want || str_eq_nocase(a->m->calls.at[i]->space->id, want)))
			*vec_add(&hits) = a->m->calls.at[i];
	struct cms_window w;
	cms_list_open(a, "calls", hits.n, &w);
	for (size_t i = w.offset; i < w.offset + w.count; i++) {
		buf_printf(&a->out->body, "<call id=\"%s\">", hits.at[i]->id);
		write_call(hits.at[i], &a->out->body);
		buf_puts(&a->out->body, "</call>");
	}
	buf_puts(&a->out->body, "</calls>");
	vec_free(&hits);
}

static void
calls_post(struct cms_ask *a)
{
	if (!*field(a, "coSpace"))
		return cms_fail_parameter(a->out, "coSpace", "missing");
	struct cms_space *s = space(a->m, field(a, "coSpace"));
	if (!s)
		return cms_fail(a->out, "coSpaceDoesNotExist");
	/* not known what a second POST for a space in a call does: here the running one is named
	 * again */
	struct cms_call *c = NULL;
	for (size_t i = 0; i < a->m->calls.n; i++)
		if (!a->m->calls.at[i]->over && a->m->calls.at[i]->space == s)
			c = a->m->calls.at[i];
	if (!c)
		c = cms_call_add(a->m, s, field(a, "name"), a->now);
	cms_created(a, "calls", c->id);
}

static void
call_get(struct cms_ask *a)
{
	struct cms_call *c = cms_call(a->m, a->id);
	struct buf *b = &a->out->body;
	if (!c)
		return cms_fail(a->out, "callDoesNotExist");
	int legs = 0;
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		struct cms_leg *l = (struct cms_leg *)a->m->b.legs.at[i];
		legs += !l->b.dead && l->call == c;
	}
	a->out->type = "text/xml";
	buf_printf(b, "<?xml version=\"1.0\"?><call id=\"%s\">", c->id);
	write_call(c, b);
	cms_element(b, "callType", "coSpace");
	buf_printf(b, "<durationSeconds>%lld</durationSeconds><numCallLegs>%d</numCallLegs>",
		(long long)((a->now - c->started) / 1000), legs);
	if (c->text_until > a->now) {
		cms_element(b, "messageText", c->text);
		cms_element(b, "messagePosition", c->position);
		if (c->text_until == INT64_MAX)
			cms_element(b, "messageTimeRemaining", "permanent");
		else
			buf_printf(b, "<messageTimeRemaining>%lld</messageTimeRemaining>",
				(long long)((c->text_until - a->now + 999) / 1000));
	}
	cms_element(b, "defaultLayout", c->layout);
	cms_element(b, "panePlacementHighestImportance", c->highest);
	cms_element(b, "panePlacementSelfPaneMode", c->self_pane);
	buf_puts(b, "</call>");
}

/* CMS API: messageText with messagePosition and messageDuration, seconds or permanent, 0 hides
 * it */
static bool
put_message(struct cms_ask *a, struct cms_call *c)
{
	const char *text = web_form_get(a->form, "messageText"), *at = field(a, "messagePosition");
	const char *dur = web_form_get(a->form, "messageDuration");
	int64_t s = 0;
	if (*at && !str_eq(at, "top") && !str_eq(at, "middle") && !str_eq(at, "bottom"))
		return cms_fail_parameter(a->out, "messagePosition", "valueNotRecognized"), false;
	if (dur && !str_eq(dur, "permanent") && *dur && !str_to_int(dur, 0, 1000000, &s))
		return cms_fail_parameter(a->out, "messageDuration", "valueNotRecognized"), false;
	if (text)
		str_copy(c->text, sizeof c->text, text);
	if (*at || !c->position[0])
		str_copy(c->position, sizeof c->position, *at ? at : "middle");
	if (dur)
		c->text_until = str_eq(dur, "permanent") ? INT64_MAX : s ? a->now + s * 1000 : 0;
	if (!c->text[0])
		c->text_until = 0;
	if (text || dur)
		lab_log(a->now, "message", a->m->b.plan->name, "conference", c->name, "text",
			c->text, "duration", dur, NULL);
	return true;
}

static void
call_put(struct cms_ask *a)
{
	struct cms_call *c = cms_call(a->m, a->id);
	const char *layout = web_form_get(a->form, "defaultLayout"),
		   *self = field(a, "panePlacementSelfPaneMode");
	if (!c)
		return cms_fail(a->out, "callDoesNotExist");
	if (layout && !cms_layout_known(layout))
		return cms_fail_parameter(a->out, "defaultLayout", "valueNotRecognized");
	if (*self && !str_eq(self, "skip") && !str_eq(self, "self") && !str_eq(self, "blank"))
		return cms_fail_parameter(
			a->out, "panePlacementSelfPaneMode", "valueNotRecognized");
	if (!put_message(a, c))
		return;
	if (layout) {
		str_copy(c->layout, sizeof c->layout, *layout ? layout : "allEqual");
		lab_log(a->now, "layout", a->m->b.plan->name, "conference", c->name, "layout",
			c->layout, NULL);
	}
	if (web_form_get(a->form, "panePlacementHighestImportance"))
		str_copy(c->highest, sizeof c->highest, field(a, "panePlacementHighestImportance"));
	if (web_form_get(a->form, "panePlacementSelfPaneMode"))
		str_copy(c->self_pane, sizeof c->self_pane, self);
}

/* CMS API: deleting the call drops everybody */
static void
call_delete(struct cms_ask *a)
{
	struct cms_call *c = cms_call(a->m, a->id);
	if (!c)
		return cms_fail(a->out, "callDoesNotExist");
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		struct cms_leg *l = (struct cms_leg *)a->m->b.legs.at[i];
		if (!l->b.dead && l->call == c)
			bridge_hang(&a->m->b, &l->b, a->now, "callEnded");
	}
	c->over = true;
	lab_log(a->now, "conference-end", a->m->b.plan->name, "conference", c->name, NULL);
	cms_tell_call(a->m, c, true, a->now);
}

static void
status_get(struct cms_ask *a)
{
	struct cms *m = a->m;
	char when[INSTANT_SIZE];
	int up = bridge_connected(&m->b);
	a->out->type = "text/xml";
	/* cdrTime is the box's own clock */
	buf_printf(&a->out->body,
		"<?xml version=\"1.0\"?><status><softwareVersion>2.9.5</softwareVersion>"
		"<uptimeSeconds>%lld</uptimeSeconds><cdrTime>%s</cdrTime><callLegsActive>%d</"
		"callLegsActive>"
		"<callLegsMaxActive>%d</callLegsMaxActive><audioBitRateOutgoing>%d</"
		"audioBitRateOutgoing></status>",
		(long long)((a->now - m->b.started) / 1000),
		instant_utc(a->now + m->b.plan->clock_off, when), up, m->legs_max, up * 48000);
}

static void
alarms_get(struct cms_ask *a)
{
	struct cms_window w;
	cms_list_open(a, "alarms", 0, &w); /* not known what an alarm here looks like: there is
					    * none */
	buf_puts(&a->out->body, "</alarms>");
}

static struct cms_receiver *
receiver(struct cms *m, const char *id)
{
	for (int i = 0; i < CMS_RECEIVERS; i++)
		if (m->receivers[i].id[0] && str_eq_nocase(m->receivers[i].id, id))
			return &m->receivers[i];
	return NULL;
}

static void
receivers_get(struct cms_ask *a)
{
	size_t n = 0;
	for (int i = 0; i < CMS_RECEIVERS; i++)
		n += a->m->receivers[i].id[0] != '\0';
	struct cms_window w;
	cms_list_open(a, "cdrReceivers", n, &w);
	size_t at = 0;
	for (int i = 0; i < CMS_RECEIVERS; i++) {
		const struct cms_receiver *r = &a->m->receivers[i];
		if (!r->id[0] || at++ < w.offset || at > w.offset + w.count)
			continue;
		buf_printf(&a->out->body, "<cdrReceiver id=\"%s\">", r->id);
		cms_element(&a->out->body, "uri", r->uri);
		buf_puts(&a->out->body, "</cdrReceiver>");
	}
	buf_puts(&a->out->body, "</cdrReceivers>");
}

/* CMS API: the parameter is `uri`; four of them and no more */
static void
receivers_post(struct cms_ask *a)
{
	char host[64];
	const char *path, *uri = field(a, "uri");
	int port;
	struct cms_receiver *r = NULL;
	if (!*uri)
		return cms_fail_parameter(a->out, "uri", "missing");
	if (!cms_receiver_uri(uri, host, &port, &path))
		return cms_fail_parameter(a->out, "uri", "invalid");
	for (int i = CMS_RECEIVERS - 1; i >= 0; i--)
		if (!a->m->receivers[i].id[0])
			r = &a->m->receivers[i];
	if (!r)
		return cms_fail(a->out, "tooManyCdrReceivers");
	cms_id(a->m, r->id);
	str_copy(r->uri, sizeof r->uri, uri);
	lab_log(a->now, "cdr-receiver", a->m->b.plan->name, "uri", uri, NULL);
	cms_created(a, "system/cdrReceivers", r->id);
}

static void
receiver_delete(struct cms_ask *a)
{
	struct cms_receiver *r = receiver(a->m, a->id);
	if (!r)
		return cms_fail(a->out, "cdrReceiverDoesNotExist");
	cms_receiver_clear(r);
}

static void
tokens_post(struct cms_ask *a)
{
	char *t = a->m->tokens[a->m->tokens_n++ % CMS_TOKENS];
	cms_id(a->m, t);
	str_copy(a->out->token, sizeof a->out->token, t);
}

/* The handshake of an event stream: the token in the query is its login. How long one lives is not
 * known. */
static void
events(struct cms *m, const struct web_request *rq, int64_t now, struct web_reply *out)
{
	const char *token = web_form_get(&rq->query, "authToken");
	for (size_t i = 0; token && *token && i < CMS_TOKENS; i++)
		out->upgrade = out->upgrade || str_eq(m->tokens[i], token);
	out->upgrade = out->upgrade && rq->socket_key[0];
	out->status = out->upgrade ? 101 : 401;
	if (!out->upgrade)
		lab_log(now, "login-refused", m->b.plan->name, "user", "event stream", NULL);
}

static bool
try_routes(const struct cms_route *r, struct cms_ask *a, const char *method, const char *path,
	bool *known)
{
	char ids[2][80] = { "", "" };
	for (; r->method; r++) {
		if (!cms_path(r->pattern, path, ids))
			continue;
		*known = true;
		if (!str_eq(r->method, method))
			continue;
		a->id = ids[0];
		r->run(a);
		return true;
	}
	return false;
}

void
cms_request(struct cms *m, const struct web_request *rq, int64_t now, struct web_reply *out)
{
	const struct lab_mcu *p = m->b.plan;
	struct web_form body = { 0 };
	bool get = str_eq(rq->method, "GET"), known = false;
	bool fault = bridge_fault(&m->b);
	/* CMS API: 503 is busy, later */
	if (rq->crowded || (fault && p->fault_code == 503)) {
		if (fault)
			lab_log(now, "fault", p->name, "code", "503", NULL);
		out->status = 503;
		return;
	}
	if (str_eq(rq->path, "/events/v1")) {
		events(m, rq, now, out);
		return;
	}
	if (!rq->login || !str_eq(rq->user, p->user) || !str_eq(rq->password, p->password) ||
		p->password_refused) {
		lab_log(now, "login-refused", p->name, "user", rq->user, NULL);
		out->status = 401;
		return;
	}
	if (fault) {
		lab_log(now, "fault", p->name, NULL);
		cms_fail(out, "databaseNotReady");
		return;
	}
	if (strncasecmp(rq->path, "/api/v1/", 8) != 0) {
		out->status = 404;
		return;
	}
	if (!get)
		web_form_parse(&body, buf_str(&rq->body));
	struct cms_ask a = { .m = m, .form = get ? &rq->query : &body, .now = now, .out = out };
	if (!try_routes(cms_objects, &a, rq->method, rq->path + 8, &known)
		&& !try_routes(cms_legs, &a, rq->method, rq->path + 8, &known))
		cms_fail(out, known ? "invalidOperation" : "unrecognizedObject");
	web_form_free(&body);
}

/* This is everything we export. */
const struct cms_route cms_objects[] = {
	{ "GET", "coSpaces", spaces_get },
	{ "POST", "coSpaces", spaces_post },
	{ "GET", "coSpaces/@", space_get },
	{ "PUT", "coSpaces/@", space_put },
	{ "DELETE", "coSpaces/@", space_delete },
	{ "GET", "calls", calls_get },
	{ "POST", "calls", calls_post },
	{ "GET", "calls/@", call_get },
	{ "PUT", "calls/@", call_put },
	{ "DELETE", "calls/@", call_delete },
	{ "GET", "system/status", status_get },
	{ "GET", "system/alarms", alarms_get },
	{ "GET", "system/cdrReceivers", receivers_get },
	{ "POST", "system/cdrReceivers", receivers_post },
	{ "DELETE", "system/cdrReceivers/@", receiver_delete },
	{ "POST", "authTokens", tokens_post },
	{ NULL, NULL, NULL },
};
