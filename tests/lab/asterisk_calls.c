/* The simulated Asterisk's channels and bridges: what the paths do, and what channels do by
 * themselves. Called by asterisk.c and by the bridge's tick, under the fleet's lock. Owns rooms and
 * channels until the process ends; one that ended is dead and answers as if it had never been. */
#include "asterisk.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ast_chan *
find_chan(const struct asterisk *m, const char *id)
{
	for (size_t i = 0; i < m->b.legs.n; i++) {
		struct ast_chan *c = (struct ast_chan *)m->b.legs.at[i];
		if (!c->b.dead && str_eq(c->id, id))
			return c;
	}
	return NULL;
}

static struct ast_room *
find_room(const struct asterisk *m, const char *id)
{
	for (size_t i = 0; i < m->rooms.n; i++)
		if (!m->rooms.at[i]->gone && str_eq(m->rooms.at[i]->id, id))
			return m->rooms.at[i];
	return NULL;
}

static struct ast_chan *
new_chan(struct asterisk *m, const char *id, const char *app, const char *address, int64_t now)
{
	struct ast_chan *c = xalloc(sizeof *c);
	str_copy(c->id, sizeof c->id, id);
	str_copy(c->app, sizeof c->app, app);
	str_copy(c->b.address, sizeof c->b.address, address);
	str_copy(c->b.name, sizeof c->b.name, id);
	snprintf(c->name, sizeof c->name, "PJSIP/sites-%08x", m->serials++);
	c->b.room = "";
	c->b.leg.keepalive_ms = AST_DUMB_MS;
	c->created = now;
	*vec_add(&m->b.legs) = &c->b;
	return c;
}

static json_t *
about(const struct ast_chan *c)
{
	return json_pack("{s:o}", "channel", ast_json_channel(c));
}

static void
leave_room(struct asterisk *m, struct ast_chan *c, int64_t now)
{
	if (!c->in)
		return;
	json_t *e = about(c);
	json_object_set_new(e, "bridge", ast_json_room(m, c->in));
	c->in = NULL;
	ast_tell(m, c->app, "ChannelLeftBridge", now, e);
}

/* ---- what channels do by themselves ---- */

/* source: Stasis() ends at once where nobody has registered the application */
static void
enter_app(struct asterisk *m, struct ast_chan *c, int64_t now)
{
	if (!ast_listens(m, c->app)) {
		bridge_hang(&m->b, &c->b, now, "noApplication");
		return;
	}
	json_t *args = json_array(), *e;
	char each[240], *save = NULL;
	str_copy(each, sizeof each, c->args);
	for (char *w = strtok_r(each, ",", &save); w; w = strtok_r(NULL, ",", &save))
		json_array_append_new(args, json_string(w));
	c->in_app = true;
	e = about(c);
	json_object_set_new(e, "args", args);
	ast_tell(m, c->app, "StasisStart", now, e);
}

/* seen: a goodbye of the other side is a hangup request without a cause, an order of ours one with
 * cause 32 and "soft" */
static void
ended(struct asterisk *m, struct ast_chan *c, int64_t now)
{
	const struct ast_cause *why = ast_cause_of(c->b.leg.why);
	json_t *e;
	c->b.dead = true;
	if (str_eq(c->b.leg.why, "restart"))
		return;
	bool ours = str_eq(c->b.leg.why, "order"), bye = str_eq(c->b.leg.why, "remoteTeardown");
	if (ours || bye) {
		e = about(c);
		if (ours) {
			json_object_set_new(e, "cause", json_integer(32));
			json_object_set_new(e, "soft", json_true());
		}
		ast_tell(m, c->app, "ChannelHangupRequest", now, e);
	}
	leave_room(m, c, now);
	if (c->in_app)
		ast_tell(m, c->app, "StasisEnd", now, about(c));
	e = about(c);
	json_object_set_new(e, "cause", json_integer(why->q850));
	json_object_set_new(e, "cause_txt", json_string(ast_cause_text(why->q850)));
	if (why->sip)
		json_object_set_new(e, "tech_cause", json_integer(why->sip));
	ast_tell(m, c->app, "ChannelDestroyed", now, e);
}

static void
changed(struct bridge *b, struct bridge_leg *bl, int64_t now)
{
	struct asterisk *m = (struct asterisk *)b;
	struct ast_chan *c = (struct ast_chan *)bl;
	switch (bl->leg.phase) {
	case PHASE_DORMANT:
	case PHASE_PROCEEDING: break;
	case PHASE_ALERTING: ast_tell(m, c->app, "ChannelStateChange", now, about(c)); break;
	case PHASE_CONNECTED:
		ast_tell(m, c->app, "ChannelStateChange", now, about(c));
		enter_app(m, c, now);
		break;
	case PHASE_DISCONNECTED: ended(m, c, now); break;
	}
}

/* Who calls in reaches the application by the dialplan, the room's id as argument; who is moved
 * goes to a bridge of somebody else's application. */
static struct bridge_leg *
adopt(struct bridge *b, struct site *s, struct bridge_leg *from, int64_t now)
{
	struct asterisk *m = (struct asterisk *)b;
	struct ast_room *r = NULL;
	char id[40];
	for (size_t i = 0; i < m->rooms.n; i++)
		if (!m->rooms.at[i]->gone)
			r = m->rooms.at[i];
	if (!r)
		return NULL;
	snprintf(id, sizeof id, "%lld.%d", (long long)(now / 1000), m->serials);
	struct ast_chan *c = new_chan(m, id, from ? "other" : "tongduyet", s->plan->address, now);
	const char *user = strchr(s->plan->address, ':');
	snprintf(c->b.name, sizeof c->b.name, "%.*s", (int)strcspn(user ? user + 1 : "", "@"),
		user ? user + 1 : "");
	str_copy(c->args, sizeof c->args, from ? "" : r->id);
	c->b.room = r->name;
	return &c->b;
}

static void
restarted(struct bridge *b, int64_t now)
{
	struct asterisk *m = (struct asterisk *)b;
	for (size_t i = 0; i < m->rooms.n; i++)
		m->rooms.at[i]->gone = true;
}

const struct bridge_kind ast_kind = {
	.changed = changed,
	.adopt = adopt,
	.restarted = restarted,
	.by_person = "order",
	.moved = "order",
};

/* source: talk detection sees what passes on; seen: nothing changes while the channel is muted */
void
ast_voices(struct asterisk *m, int64_t now)
{
	for (size_t i = 0; i < m->b.legs.n; i++) {
		struct ast_chan *c = (struct ast_chan *)m->b.legs.at[i];
		struct media md;
		if (c->b.dead || !c->detects || c->b.leg.muted || c->b.leg.phase != PHASE_CONNECTED)
			continue;
		leg_media(&c->b.leg, now, &md);
		bool voice =
			md.flowing[0][0] && md.energy_mdb - c->b.leg.site->plan->floor_mdb > 10000;
		if (voice)
			c->last_talk = now;
		bool talks = voice || (c->talking && now - c->last_talk < AST_TALK_MS);
		if (talks != c->talking)
			ast_tell(m, c->app,
				talks ? "ChannelTalkingStarted" : "ChannelTalkingFinished", now,
				about(c));
		c->talking = talks;
	}
}

/* ---- bridges ---- */

static const char *
asked(const struct ast_ask *a, const char *name)
{
	const char *v = web_form_get(&a->rq->query, name);
	return v ? v : "";
}

static struct ast_room *
room_or_404(struct ast_ask *a)
{
	struct ast_room *r = find_room(a->m, a->id);
	if (!r)
		ast_fail(a->out, 404, "Bridge not found");
	return r;
}

static void
get_rooms(struct ast_ask *a)
{
	json_t *all = json_array();
	for (size_t i = 0; i < a->m->rooms.n; i++)
		if (!a->m->rooms.at[i]->gone)
			json_array_append_new(all, ast_json_room(a->m, a->m->rooms.at[i]));
	ast_send(a->out, all);
}

static void
get_room(struct ast_ask *a)
{
	struct ast_room *r = room_or_404(a);
	if (r)
		ast_send(a->out, ast_json_room(a->m, r));
}

static void
post_room(struct ast_ask *a)
{
	if (find_room(a->m, a->id)) {
		ast_fail(a->out, 409, "Bridge with id '%s' already exists", a->id);
		return;
	}
	struct ast_room *r = *vec_add(&a->m->rooms) = xalloc(sizeof *r);
	str_copy(r->id, sizeof r->id, a->id);
	str_copy(r->name, sizeof r->name, asked(a, "name"));
	r->created = a->now;
	lab_log(a->now, "conference", a->m->b.plan->name, "conference", r->name, NULL);
	ast_send(a->out, ast_json_room(a->m, r));
}

/* seen: who is in it leaves it, and lives on */
static void
delete_room(struct ast_ask *a)
{
	struct ast_room *r = room_or_404(a);
	if (!r)
		return;
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		struct ast_chan *c = (struct ast_chan *)a->m->b.legs.at[i];
		if (!c->b.dead && c->in == r)
			leave_room(a->m, c, a->now);
	}
	r->gone = true;
	lab_log(a->now, "conference-end", a->m->b.plan->name, "conference", r->name, NULL);
	a->out->status = 204;
}

static void
add_channel(struct ast_ask *a)
{
	struct ast_room *r = room_or_404(a);
	struct ast_chan *c = find_chan(a->m, asked(a, "channel"));
	if (!r)
		return;
	if (!c || !c->in_app) {
		ast_fail(a->out, c ? 422 : 400,
			c ? "Channel not in Stasis application" : "Channel not found");
		return;
	}
	leave_room(a->m, c, a->now);
	c->in = r;
	c->b.room = r->name;
	json_t *e = about(c);
	json_object_set_new(e, "bridge", ast_json_room(a->m, r));
	ast_tell(a->m, c->app, "ChannelEnteredBridge", a->now, e);
	a->out->status = 204;
}

static void
video_source(struct ast_ask *a)
{
	struct ast_room *r = room_or_404(a);
	bool set = str_eq(a->rq->method, "POST");
	struct ast_chan *c = set ? find_chan(a->m, a->id2) : NULL;
	if (!r)
		return;
	if (set && (!c || c->in != r)) {
		ast_fail(a->out, c ? 422 : 400,
			c ? "Channel not in this bridge" : "Channel not found");
		return;
	}
	str_copy(r->seen, sizeof r->seen, c ? c->id : "");
	lab_log(a->now, "panes", a->m->b.plan->name, "participant", r->seen, NULL);
	a->out->status = 204;
}

/* ---- channels ---- */

static struct ast_chan *
chan_or_404(struct ast_ask *a)
{
	struct ast_chan *c = find_chan(a->m, a->id);
	if (!c)
		ast_fail(a->out, 404, "Channel not found");
	return c;
}

static void
get_channels(struct ast_ask *a)
{
	json_t *all = json_array();
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		const struct ast_chan *c = (const struct ast_chan *)a->m->b.legs.at[i];
		if (!c->b.dead)
			json_array_append_new(all, ast_json_channel(c));
	}
	ast_send(a->out, all);
}

static void
get_channel(struct ast_ask *a)
{
	struct ast_chan *c = chan_or_404(a);
	if (c)
		ast_send(a->out, ast_json_channel(c));
}

/* "PJSIP/sites/sip:user@host"; seen: another technology or endpoint is 500 with {"error"} */
static void
originate(struct ast_ask *a)
{
	const char *endpoint = asked(a, "endpoint"), *app = asked(a, "app"), *uri;
	int64_t timeout = AST_DIAL_S;
	if (find_chan(a->m, a->id)) {
		ast_fail(a->out, 409, "Channel with given unique ID already exists");
		return;
	}
	if (!*app) {
		ast_fail(a->out, 400, "Application or extension must be specified");
		return;
	}
	uri = str_starts(endpoint, "PJSIP/sites/sip:") ? endpoint + 12 : NULL;
	if (!uri) {
		a->out->status = 500;
		ast_send(a->out, json_pack("{s:s}", "error", "Allocation failed"));
		return;
	}
	str_to_int(asked(a, "timeout"), 1, 600, &timeout);
	struct ast_chan *c = new_chan(a->m, a->id, app, uri, a->now);
	str_copy(c->args, sizeof c->args, asked(a, "appArgs"));
	struct ast_room *r = a->m->rooms.n ? a->m->rooms.at[a->m->rooms.n - 1] : NULL;
	c->b.room = r ? r->name : "";
	bridge_dial(&a->m->b, &c->b, a->now);
	struct leg *l = &c->b.leg;
	if (l->connect_at > l->dialed + timeout * 1000 ||
		(l->fail_at && l->fail_at > l->dialed + timeout * 1000)) {
		l->connect_at = 0;
		l->fail_at = l->dialed + timeout * 1000;
		l->fail_why = "noAnswer";
	}
	ast_send(a->out, ast_json_channel(c));
}

static void
hang_up(struct ast_ask *a)
{
	struct ast_chan *c = chan_or_404(a);
	if (!c)
		return;
	bridge_log(&a->m->b, &c->b, a->now, "disconnect", NULL);
	bridge_hang(&a->m->b, &c->b, a->now, "order");
	a->out->status = 204;
}

/* ARI: for channels in an application only; "in" is what comes from the channel */
static void
mute(struct ast_ask *a)
{
	struct ast_chan *c = chan_or_404(a);
	const char *way = asked(a, "direction");
	if (!c)
		return;
	if (!c->in_app) {
		ast_fail(a->out, 409, "Channel not in Stasis application");
		return;
	}
	if (!str_eq(way, "out"))
		bridge_mute(&a->m->b, &c->b, str_eq(a->rq->method, "POST"), a->now, NULL);
	a->out->status = 204;
}

static void
answer_channel(struct ast_ask *a)
{
	if (chan_or_404(a))
		a->out->status = 204;
}

/* seen: 404 before the first packet of any kind; a dialled leg in a bridge has some at once */
static void
statistics(struct ast_ask *a)
{
	struct ast_chan *c = chan_or_404(a);
	if (c && c->b.leg.phase == PHASE_CONNECTED)
		ast_send(a->out, ast_json_statistics(c, a->now));
	else if (c)
		ast_fail(a->out, 404, "RTP info not found");
}

/* seen: values of functions; what cannot be read is 500, what does not exist 404 */
static void
get_variable(struct ast_ask *a)
{
	struct ast_chan *c = chan_or_404(a);
	const char *name = asked(a, "variable");
	char value[120] = "";
	if (!c)
		return;
	bool up = c->b.leg.phase == PHASE_CONNECTED;
	bool picture = up && c->b.leg.site && !c->b.leg.site->plan->no_picture;
	if (str_eq(name, "CHANNEL(rtp,dest)") && up)
		snprintf(value, sizeof value, "%s:20060", c->b.leg.site->plan->ip);
	else if (str_eq(name, "CHANNEL(videonativeformat)"))
		str_copy(value, sizeof value, picture ? "(h264)" : "(nothing)");
	else if (str_eq(name, "CHANNEL(rtcp,rxcount,video)") && picture) {
		struct media md;
		leg_media(&c->b.leg, a->now, &md);
		snprintf(value, sizeof value, "%lld", (long long)md.packets[1][0]);
	}
	if (*value)
		ast_send(a->out, json_pack("{s:s}", "value", value));
	else if (str_starts(name, "CHANNEL("))
		ast_fail(a->out, 500, "Unable to read provided function");
	else
		ast_fail(a->out, 404, "Provided variable was not found");
}

/* Talk detection begins anew when it is set. */
static void
set_variable(struct ast_ask *a)
{
	struct ast_chan *c = chan_or_404(a);
	const char *name = asked(a, "variable");
	if (!c)
		return;
	if (!c->in_app) {
		ast_fail(a->out, 409, "Channel not in Stasis application");
		return;
	}
	if (str_starts(name, "TALK_DETECT(")) {
		c->detects = str_eq(name, "TALK_DETECT(set)");
		c->talking = false;
	}
	a->out->status = 204;
}

const struct ast_route ast_routes[] = {
	{ "GET", "bridges", get_rooms },
	{ "GET", "bridges/@", get_room },
	{ "POST", "bridges/@", post_room },
	{ "DELETE", "bridges/@", delete_room },
	{ "POST", "bridges/@/addChannel", add_channel },
	{ "POST", "bridges/@/videoSource/@", video_source },
	{ "DELETE", "bridges/@/videoSource", video_source },
	{ "GET", "channels", get_channels },
	{ "GET", "channels/@", get_channel },
	{ "POST", "channels/@", originate },
	{ "DELETE", "channels/@", hang_up },
	{ "POST", "channels/@/answer", answer_channel },
	{ "POST", "channels/@/mute", mute },
	{ "DELETE", "channels/@/mute", mute },
	{ "GET", "channels/@/rtp_statistics", statistics },
	{ "GET", "channels/@/variable", get_variable },
	{ "POST", "channels/@/variable", set_variable },
	{ NULL, NULL, NULL },
};
