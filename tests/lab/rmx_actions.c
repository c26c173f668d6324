/* What the simulated RMX does for a document: conferences and parties, listed with object tokens,
 * dialled, muted, written over, ended. Called by rmx.c under the fleet's lock. Owns conferences and
 * parties until the process ends. Facts follow captures of a box. */
#include "rmx.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rmx_party *
party_at(const struct rmx *m, size_t i)
{
	struct rmx_party *p = (struct rmx_party *)m->b.legs.at[i];
	return p->b.dead ? NULL : p;
}

static void
touch_conf(struct rmx *m, struct rmx_conf *c)
{
	c->token = ++m->token;
}

static void
touch(struct rmx *m, struct rmx_party *p)
{
	touch_conf(m, p->conf);
	p->token = p->conf->token;
}

static struct rmx_party *
add_party(struct rmx *m, struct rmx_conf *c, const char *name, const char *address,
	const char *interface)
{
	struct rmx_party *p = xalloc(sizeof *p);
	p->id = ++m->ids;
	p->conf = c;
	p->b.room = c->name;
	p->b.leg.mcu = m->b.plan;
	str_copy(p->b.name, sizeof p->b.name, name);
	str_copy(p->b.address, sizeof p->b.address, address);
	str_copy(p->interface, sizeof p->interface, interface);
	*vec_add(&m->b.legs) = &p->b;
	touch(m, p);
	p->born = p->token;
	return p;
}

static struct rmx_conf *
add_conf(struct rmx *m, const char *name, int64_t now)
{
	struct rmx_conf *c = xalloc(sizeof *c);
	c->id = ++m->ids;
	c->speaker = -1;
	c->started = now;
	str_copy(c->name, sizeof c->name, name);
	str_copy(c->display, sizeof c->display, name);
	snprintf(c->numeric, sizeof c->numeric, "%d", 70000 + c->id);
	str_copy(c->layout, sizeof c->layout, "auto");
	*vec_add(&m->confs) = c;
	touch_conf(m, c);
	c->born = c->token;
	lab_log(now, "conference", m->b.plan->name, "conference", name, NULL);
	return c;
}

static void
delete_party(struct rmx *m, struct rmx_party *p, int64_t now)
{
	bridge_hang(&m->b, &p->b, now, "user");
	p->b.dead = true;
	touch(m, p);
	p->gone = p->token;
	bridge_log(&m->b, &p->b, now, "remove", NULL);
}

static void
end_conf(struct rmx *m, struct rmx_conf *c, int64_t now, const char *why)
{
	for (size_t i = 0; i < m->b.legs.n; i++) {
		struct rmx_party *p = party_at(m, i);
		if (p && p->conf == c)
			delete_party(m, p, now);
	}
	c->over = true;
	touch_conf(m, c);
	c->gone = c->token;
	lab_log(now, "conference-end", m->b.plan->name, "conference", c->name, "why", why, NULL);
}

/* ---- what they do by themselves ---- */

static void
changed(struct bridge *b, struct bridge_leg *l, int64_t now)
{
	struct rmx_party *p = (struct rmx_party *)l;
	if (l->leg.phase == PHASE_CONNECTED)
		p->conf->joined = true;
	if (l->leg.phase == PHASE_PROCEEDING || l->leg.phase == PHASE_DORMANT)
		p->by_order = false;
	touch((struct rmx *)b, p);
}

static struct bridge_leg *
adopt(struct bridge *b, struct site *s, struct bridge_leg *from, int64_t now)
{
	struct rmx *m = (struct rmx *)b;
	struct rmx_conf *c = NULL;
	for (size_t i = 0; i < m->confs.n; i++)
		if (!m->confs.at[i]->over && m->confs.at[i]->by_people == (from != NULL))
			c = m->confs.at[i];
	if (!c && from) { /* a person moves it to a conference of their own */
		c = add_conf(m, "phong khac", now);
		c->by_people = true;
	}
	if (!c)
		return NULL;
	for (size_t i = 0; i < m->b.legs.n && !from; i++) { /* somebody it was waited for */
		struct rmx_party *p = party_at(m, i);
		if (p && p->conf == c && p->dial_in && p->b.leg.phase != PHASE_CONNECTED &&
			fleet_find(p->b.address) == s)
			return &p->b;
	}
	const char *sip = str_starts(s->plan->address, "sip:") ? "sip" : "h323";
	struct rmx_party *p = add_party(m, c, s->plan->name, s->plan->address, sip);
	p->dial_in = !from;
	return &p->b;
}

static void
restarted(struct bridge *b, int64_t now)
{
	struct rmx *m = (struct rmx *)b;
	for (size_t i = 0; i < m->confs.n; i++)
		m->confs.at[i]->over = true;
	for (size_t i = 0; i < RMX_SESSIONS; i++)
		m->sessions[i] = (struct rmx_session){ 0 };
	m->tries = 0;
}

const struct bridge_kind rmx_kind = {
	.changed = changed,
	.adopt = adopt,
	.restarted = restarted,
	.by_person = "user",
	.moved = "user",
};

/* RMX capture: AUDIO_SOURCE_ID is who speaks */
static int
speaker(const struct rmx *m, const struct rmx_conf *c, int64_t now)
{
	int id = -1, loudest = 0;
	for (size_t i = 0; i < m->b.legs.n; i++) {
		const struct rmx_party *p = party_at(m, i);
		struct media md;
		if (!p || p->conf != c || p->b.leg.phase != PHASE_CONNECTED || p->b.leg.muted)
			continue;
		leg_media(&p->b.leg, now, &md);
		int over = md.energy_mdb - p->b.leg.site->plan->floor_mdb;
		if (over > 10000 && (id < 0 || over > loudest)) {
			id = p->id;
			loudest = over;
		}
	}
	return id;
}

void
rmx_conferences_tick(struct rmx *m, int64_t now)
{
	for (size_t i = 0; i < m->b.legs.n; i++) {
		struct rmx_party *p = party_at(m, i);
		int s = p ? (int)rmx_status(p, now) : 0;
		bool self = p && p->b.leg.site && p->b.leg.site->mic_muted;
		if (!p || (s == p->told_status && self == p->self_mute))
			continue;
		p->told_status = s;
		p->self_mute = self;
		touch(m, p);
	}
	for (size_t i = 0; i < m->confs.n; i++) {
		struct rmx_conf *c = m->confs.at[i];
		if (c->over)
			continue;
		int who = speaker(m, c, now);
		if (who != c->speaker) {
			c->speaker = who;
			touch_conf(m, c);
		}
		if (c->terminate_at && now >= c->terminate_at)
			end_conf(m, c, now, "user");
		else if (c->auto_terminate && !c->joined && now >= c->started + RMX_EMPTY_MS)
			end_conf(m, c, now, "empty");
	}
}

/* ---- actions ---- */

static struct rmx_conf *
conf(struct rmx_ask *a, const char *path)
{
	char text[24];
	int64_t id = 0;
	str_to_int(rmx_get(a->args, path, text, sizeof text), 0, INT32_MAX, &id);
	for (size_t i = 0; i < a->m->confs.n; i++)
		if (!a->m->confs.at[i]->over && a->m->confs.at[i]->id == id)
			return a->m->confs.at[i];
	a->code = RMX_NO_CONFERENCE;
	return NULL;
}

static struct rmx_party *
party(struct rmx_ask *a, const struct rmx_conf *c)
{
	char text[24];
	int64_t id = -1;
	if (!c)
		return NULL;
	str_to_int(rmx_get(a->args, "PARTY_ID", text, sizeof text), 0, INT32_MAX, &id);
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		struct rmx_party *p = party_at(a->m, i);
		if (p && p->conf == c && p->id == id)
			return p;
	}
	a->code = RMX_NO_PARTY;
	return NULL;
}

/* RMX capture: an order may be taken and not yet done; "In progress" is no failure. True: this one
 * is so. */
static bool
in_progress(struct rmx_ask *a)
{
	bool so = ++a->m->orders % RMX_PROGRESS_EVERY == 0;
	if (so)
		a->code = RMX_IN_PROGRESS;
	return so;
}

static int64_t
asked_token(struct rmx_ask *a)
{
	char text[24];
	int64_t t = -1;
	str_to_int(rmx_get(a->args, "OBJ_TOKEN", text, sizeof text), -1, INT64_MAX / 2, &t);
	return t;
}

static void
write_instant(struct buf *b, const char *name, int64_t at)
{
	char when[INSTANT_SIZE];
	instant_utc(at, when);
	when[strcspn(when, "Z")] = '\0';
	rmx_element(b, name, when);
}

static void
write_summary(struct rmx_ask *a, const struct rmx_conf *c, const char *change)
{
	struct buf *b = &a->out;
	int n = 0, up = 0, bad = 0;
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		const struct rmx_party *p = party_at(a->m, i);
		if (!p || p->conf != c)
			continue;
		enum rmx_status s = rmx_status(p, a->now);
		n++;
		up += p->b.leg.phase == PHASE_CONNECTED;
		bad += s == RMX_DISCONNECTED || s == RMX_SECONDARY || s == RMX_PROBLEM;
	}
	static const char *const flags[] = { "CONF_OK", "CONF_EMPTY", "SINGLE_PARTY", "NOT_FULL",
		"RESOURCES_DEFICIENCY", "BAD_RESOURCES", "PROBLEM_PARTY",
		"PARTY_REQUIRES_OPERATOR_ASSIST", "CONTENT_RESOURCES_DEFICIENCY" };
	bool is[9] = { n && up == n && !bad, !up, up == 1, up && up<n, false, false, bad> 0, false,
		false };
	buf_puts(b, "<CONF_SUMMARY>\n");
	rmx_element(b, "NAME", c->name);
	buf_printf(b, "<ID>%d</ID>\n<CONF_CHANGE>%s</CONF_CHANGE>\n<CONF_STATUS>\n", c->id, change);
	for (size_t i = 0; i < 9; i++)
		rmx_element(b, flags[i], is[i] ? "true" : "false");
	buf_puts(b, "</CONF_STATUS>\n");
	write_instant(b, "START_TIME", c->started);
	write_instant(b, "END_TIME", c->started + 3600000);
	buf_printf(b,
		"<NUM_PARTIES>%d</NUM_PARTIES>\n<NUM_CONNECTED_PARTIES>%d</"
		"NUM_CONNECTED_PARTIES>\n",
		n, up);
	rmx_element(b, "NUMERIC_ID", c->numeric);
	rmx_element(b, "DISPLAY_NAME", c->display);
	buf_puts(b, "</CONF_SUMMARY>\n");
}

/* RMX capture: -1 asks for all, a token for what changed since */
static void
list_conferences(struct rmx_ask *a)
{
	int64_t since = asked_token(a), last = 0;
	for (size_t i = 0; i < a->m->confs.n; i++)
		last = a->m->confs.at[i]->token > last ? a->m->confs.at[i]->token : last;
	buf_printf(&a->out,
		"<CONF_SUMMARY_LS>\n<OBJ_TOKEN>%lld</OBJ_TOKEN>\n<CHANGED>%s</CHANGED>\n",
		(long long)last, since < 0 || last > since ? "true" : "false");
	for (size_t i = 0; i < a->m->confs.n; i++) {
		const struct rmx_conf *c = a->m->confs.at[i];
		if (!c->over && (since < 0 || c->token > since))
			write_summary(a, c, since < 0 || c->born > since ? "new" : "updated");
	}
	buf_puts(&a->out, "<DELETED_CONF_LIST>\n");
	for (size_t i = 0; since >= 0 && i < a->m->confs.n; i++)
		if (a->m->confs.at[i]->gone > since)
			buf_printf(&a->out, "<CONF_ID>%d</CONF_ID>\n", a->m->confs.at[i]->id);
	buf_puts(&a->out, "</DELETED_CONF_LIST>\n</CONF_SUMMARY_LS>\n");
}

static void
start(struct rmx_ask *a)
{
	char name[160], text[160];
	rmx_get(a->args, "RESERVATION/NAME", name, sizeof name);
	if (!name[0]) {
		a->code = RMX_BAD_VALUE;
		return;
	}
	for (size_t i = 0; i < a->m->confs.n; i++)
		if (!a->m->confs.at[i]->over && str_eq(a->m->confs.at[i]->name, name)) {
			a->code = RMX_NAME_TAKEN;
			return;
		}
	struct rmx_conf *c = add_conf(a->m, name, a->now);
	if (*rmx_get(a->args, "RESERVATION/DISPLAY_NAME", text, sizeof text))
		str_copy(c->display, sizeof c->display, text);
	if (*rmx_get(a->args, "RESERVATION/NUMERIC_ID", text, sizeof text))
		str_copy(c->numeric, sizeof c->numeric, text);
	if (*rmx_get(a->args, "RESERVATION/VIDEO/FORCE/LAYOUT", text, sizeof text))
		str_copy(c->layout, sizeof c->layout, text);
	/* RMX capture: a conference nobody joins ends by itself, unless that is switched off */
	c->auto_terminate = !str_eq_nocase(
		rmx_get(a->args, "RESERVATION/AUTO_TERMINATE/ON", text, sizeof text), "false");
	buf_puts(&a->out, "<RESERVATION>\n");
	rmx_element(&a->out, "NAME", c->name);
	if (!in_progress(a)) /* not known what stands in an answer that comes too early: no id
			      * here */
		buf_printf(&a->out, "<ID>%d</ID>\n", c->id);
	rmx_element(&a->out, "DISPLAY_NAME", c->display);
	rmx_element(&a->out, "NUMERIC_ID", c->numeric);
	buf_puts(&a->out, "</RESERVATION>\n");
}

static void
read_conference(struct rmx_ask *a)
{
	struct rmx_conf *c = conf(a, "ID");
	struct buf *b = &a->out;
	int64_t since = asked_token(a);
	if (!c)
		return;
	bool news = since < 0 || c->token > since;
	buf_printf(b, "<ID>%d</ID>\n<OBJ_TOKEN>%lld</OBJ_TOKEN>\n<CHANGED>%s</CHANGED>\n", c->id,
		(long long)c->token, news ? "true" : "false");
	if (!news)
		return;
	buf_puts(b, "<RESERVATION>\n");
	rmx_element(b, "NAME", c->name);
	buf_printf(b, "<ID>%d</ID>\n", c->id);
	rmx_element(b, "DISPLAY_NAME", c->display);
	rmx_element(b, "NUMERIC_ID", c->numeric);
	rmx_element(b, "ENTRY_PASSWORD", "mat-khau-phong"); /* RMX capture: in clear */
	rmx_element(b, "TRANSFER_RATE", "1920");
	buf_printf(b, "<VIDEO><AUTO_LAYOUT>%s</AUTO_LAYOUT><FORCE><LAYOUT>",
		str_eq(c->layout, "auto") ? "true" : "false");
	vis_xml(b, c->layout);
	buf_printf(b, "</LAYOUT></FORCE></VIDEO>\n<MESSAGE_OVERLAY><ON>%s</ON><MESSAGE_TEXT>",
		c->overlay ? "true" : "false");
	vis_xml(b, c->text);
	buf_puts(b, "</MESSAGE_TEXT></MESSAGE_OVERLAY>\n</RESERVATION>\n");
	buf_printf(b, "<AUDIO_SOURCE_ID>%d</AUDIO_SOURCE_ID>\n<ONGOING_PARTY_LIST>\n", c->speaker);
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		const struct rmx_party *p = party_at(a->m, i);
		if (p && p->conf == c && (since < 0 || p->token > since))
			rmx_write_party(
				p, since < 0 || p->born > since ? "new" : "updated", a->now, b);
	}
	buf_puts(b, "</ONGOING_PARTY_LIST>\n<DELETED_PARTIES>\n");
	for (size_t i = 0; since >= 0 && i < a->m->b.legs.n; i++) {
		const struct rmx_party *p = (const struct rmx_party *)a->m->b.legs.at[i];
		if (p->conf == c && p->gone > since)
			buf_printf(b, "<PARTY_ID>%d</PARTY_ID>\n", p->id);
	}
	buf_puts(b, "</DELETED_PARTIES>\n");
}

static void
read_party(struct rmx_ask *a)
{
	struct rmx_party *p = party(a, conf(a, "CONF_ID"));
	if (p)
		rmx_write_monitored(p, a->now, &a->out);
}

static void
add(struct rmx_ask *a)
{
	struct rmx_conf *c = conf(a, "ID");
	char name[160], interface[16], address[200], text[32];
	if (!c)
		return;
	rmx_get(a->args, "PARTY/NAME", name, sizeof name);
	bool dial_in = str_eq(rmx_get(a->args, "PARTY/CONNECTION", text, sizeof text), "dial_in");
	bool sip = str_eq(rmx_get(a->args, "PARTY/INTERFACE", interface, sizeof interface), "sip");
	if (sip)
		rmx_get(a->args, "PARTY/SIP_ADDRESS", address, sizeof address);
	else
		rmx_get(a->args, "PARTY/IP", address, sizeof address);
	if (!address[0] || str_eq(address, "0.0.0.0"))
		rmx_get(a->args, sip ? "PARTY/IP" : "PARTY/ALIAS/NAME", address, sizeof address);
	if (!name[0] || (!sip && !str_eq(interface, "h323")) || (!address[0] && !dial_in)) {
		a->code = RMX_BAD_VALUE;
		return;
	}
	struct rmx_party *p = add_party(a->m, c, name, address, interface);
	p->dial_in = dial_in;
	if (!dial_in)
		bridge_dial(&a->m->b, &p->b, a->now);
	p->told_status = (int)rmx_status(p, a->now);
	/* the request comes back; where exactly the new id stands is our own reading */
	buf_printf(&a->out, "<ID>%d</ID>\n<PARTY>\n", c->id);
	rmx_element(&a->out, "NAME", name);
	if (!in_progress(a))
		buf_printf(&a->out, "<ID>%d</ID>\n", p->id);
	buf_puts(&a->out, "</PARTY>\n");
}

static void
connect_party(struct rmx_ask *a)
{
	struct rmx_party *p = party(a, conf(a, "ID"));
	if (!p)
		return;
	enum phase ph = p->b.leg.phase;
	bool idle = ph == PHASE_DORMANT || ph == PHASE_DISCONNECTED;
	in_progress(a);
	if (rmx_is_true(a->args, "CONNECT")) {
		if (idle)
			bridge_dial(&a->m->b, &p->b, a->now);
		return;
	}
	bridge_log(&a->m->b, &p->b, a->now, "disconnect", NULL);
	p->by_order = true;
	bridge_hang(&a->m->b, &p->b, a->now, "user");
}

static void
remove_party(struct rmx_ask *a)
{
	struct rmx_party *p = party(a, conf(a, "ID"));
	if (!p)
		return;
	in_progress(a);
	delete_party(a->m, p, a->now);
}

/* RMX capture: accepted, and done later */
static void
terminate(struct rmx_ask *a)
{
	struct rmx_conf *c = conf(a, "ID");
	if (!c)
		return;
	c->terminate_at = a->now + RMX_LEAVE_MS;
	a->code = RMX_IN_PROGRESS;
}

static void
mute(struct rmx_ask *a)
{
	struct rmx_party *p = party(a, conf(a, "ID"));
	if (!p)
		return;
	bridge_mute(&a->m->b, &p->b, rmx_is_true(a->args, "AUDIO_MUTE"), a->now, NULL);
	p->video_mute = rmx_is_true(a->args, "VIDEO_MUTE");
	touch(a->m, p);
	in_progress(a);
}

static void
layout(struct rmx_ask *a)
{
	struct rmx_conf *c = conf(a, "ID");
	char text[20], cell[24];
	if (!c)
		return;
	if (!*rmx_get(a->args, "FORCE/LAYOUT", text, sizeof text)) {
		a->code = RMX_BAD_VALUE;
		return;
	}
	str_copy(c->layout, sizeof c->layout, text);
	touch_conf(a->m, c);
	lab_log(a->now, "layout", a->m->b.plan->name, "conference", c->name, "layout", text, NULL);
	xmlNode *force = rmx_child(a->args, "FORCE");
	for (xmlNode *n = force ? force->children : NULL; n; n = n->next) {
		if (n->type != XML_ELEMENT_NODE || !str_eq((const char *)n->name, "CELL")
			|| !str_eq(rmx_get(n, "FORCE_STATE", cell, sizeof cell), "forced"))
			continue;
		lab_log(a->now, "panes", a->m->b.plan->name, "conference", c->name, "participant",
			rmx_get(n, "FORCE_ID", cell, sizeof cell), NULL);
	}
	in_progress(a);
}

static void
auto_layout(struct rmx_ask *a)
{
	struct rmx_conf *c = conf(a, "ID");
	if (!c)
		return;
	if (rmx_is_true(a->args, "AUTO_LAYOUT"))
		str_copy(c->layout, sizeof c->layout, "auto");
	touch_conf(a->m, c);
	lab_log(a->now, "layout", a->m->b.plan->name, "conference", c->name, "layout", c->layout,
		NULL);
}

static void
party_layout(struct rmx_ask *a)
{
	struct rmx_party *p = party(a, conf(a, "ID"));
	char text[20];
	if (p)
		bridge_log(&a->m->b, &p->b, a->now, "layout",
			rmx_get(a->args, "LAYOUT_TYPE", text, sizeof text));
}

/* RMX capture: for the whole conference; long messages move, which is not played */
static void
message(struct rmx_ask *a)
{
	struct rmx_conf *c = conf(a, "ID");
	if (!c)
		return;
	c->overlay = rmx_is_true(a->args, "MESSAGE_OVERLAY/ON");
	rmx_get(a->args, "MESSAGE_OVERLAY/MESSAGE_TEXT", c->text, sizeof c->text);
	touch_conf(a->m, c);
	lab_log(a->now, "message", a->m->b.plan->name, "conference", c->name, "text",
		c->overlay ? c->text : "", NULL);
	in_progress(a);
}

/* This is everything we export. */
const struct rmx_action rmx_actions[] = {
	{ "TRANS_CONF_LIST", "GET_LS", list_conferences },
	{ "TRANS_RES", "START", start },
	{ "TRANS_CONF", "ADD_PARTY", add },
	{ "TRANS_CONF", "SET_CONNECT", connect_party },
	{ "TRANS_CONF", "DELETE_PARTY", remove_party },
	{ "TRANS_CONF", "GET", read_conference },
	{ "TRANS_CONF", "TERMINATE_CONF", terminate },
	{ "TRANS_CONF", "SET_AUDIO_VIDEO_MUTE", mute },
	{ "TRANS_CONF", "SET_VIDEO_LAYOUT", layout },
	{ "TRANS_CONF", "SET_AUTO_LAYOUT", auto_layout },
	{ "TRANS_CONF", "SET_PARTY_VIDEO_LAYOUT_EX", party_layout },
	{ "TRANS_CONF", "SET_PARTY_LAYOUT_TYPE", party_layout },
	{ "TRANS_CONF", "SET_MESSAGE_OVERLAY", message },
	{ "TRANS_PARTY", "GET", read_party },
	{ NULL, NULL, NULL },
};
