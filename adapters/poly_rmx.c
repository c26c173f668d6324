/* Polycom RMX 1500/1800/2000/4000, RealPresence Collaboration Server; shapes of version 8.6.
 *
 * Called by lanes on worker threads, one at a time per session. Owns the HTTP handle, the login's
 * tokens and what the increments of a conference add up to. Must never log in twice with a
 * password that was refused, and never add a party without having looked whether it is there.
 *
 *   POST /  <TRANS_x><TRANS_COMMON_PARAMS> tokens, MESSAGE_ID </..>
 *             <ACTION><VERB>..</VERB></ACTION></TRANS_x>
 *   < 200   <RESPONSE_TRANS_x><RETURN_STATUS><ID/><DESCRIPTION/>..</RETURN_STATUS>
 *             <ACTION>..</ACTION>
 *           ID 0 done; 1 in progress: accepted, its outcome shows in the lists; else refused
 *
 *   TRANS_MCU    LOGIN                  < MCU_TOKEN, MCU_USER_TOKEN: in every later document
 *                GET_STATE              < keeps the session alive, and tells whether it still is
 *   TRANS_CONF_2 GET { ID, OBJ_TOKEN }  < all parties with -1, else what changed since
 *   TRANS_CONF_1 ADD_PARTY, TRANS_CONF_2 SET_CONNECT, TRANS_PARTY GET (40 kB of one party)
 *
 * A lost token looks like any refusal: GET_STATE tells them apart, and then one login follows.
 * Documents hold passwords in clear and texts of far ends that are no XML: they are redacted and
 * cleaned here.
 *
 * Sources: recordings of an RMX 1800 8.6.7, administrator's guide (party status, causes); no
 * vendor description of the interface was at hand. */
#include "adapters/poly_rmx.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/trace.h"
#include "base/str.h"
#include "base/vis.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { MOST_BODY = 8 << 20 };

/* ---- one transaction ----------------------------------------------------------------------- */

static void
put_document(struct rmx_session *s, struct buf *b, const char *trans, const char *action)
{
	buf_printf(b, "<%s><TRANS_COMMON_PARAMS><MCU_TOKEN>", trans);
	vis_xml(b, *s->mcu_token ? s->mcu_token : "0");
	buf_puts(b, "</MCU_TOKEN><MCU_USER_TOKEN>");
	vis_xml(b, *s->user_token ? s->user_token : "0");
	buf_printf(b,
		"</MCU_USER_TOKEN><ASYNC><YOUR_TOKEN1>0</YOUR_TOKEN1><YOUR_TOKEN2>0</YOUR_TOKEN2></"
		"ASYNC>"
		"<MESSAGE_ID>%d</MESSAGE_ID></TRANS_COMMON_PARAMS><ACTION>%s</ACTION></%s>",
		++s->message_id, action, trans);
}

static void
trace_document(struct task *t, char direction, const char *bytes, size_t n)
{
	struct buf b = { 0 };
	if (!t->trace)
		return;
	rmx_redact(&b, bytes, n);
	trace_bytes(t->trace, direction, buf_str(&b), b.n);
	buf_free(&b);
}

/* Sends once. A refusal is OK with its status. */
static enum err
once(struct task *t, struct lane *l, const char *trans, const char *action, const char *what,
	struct rmx_answer *out)
{
	struct rmx_session *s = l->session;
	struct buf body = { 0 };
	struct http_reply r;
	struct err_text why = { 0 };
	struct trace *trace = t->trace;
	put_document(s, &body, trans, action);
	trace_document(t, '>', body.at, body.n);
	t->trace = NULL; /* what goes by here holds passwords of conferences */
	enum err e = http_ask(t, s->http,
		&(struct http_request){ .path = "/",
			.content_type = "application/xml; charset=utf-8",
			.body = body.at,
			.body_len = body.n },
		&r);
	t->trace = trace;
	buf_free(&body);
	if (e)
		return e;
	trace_document(t, '<', r.body, r.len);
	if (r.status == 503)
		return task_fail(t, ERR_BUSY, "%s on %s: HTTP status 503", what, l->device->name);
	if (r.status != 200)
		return task_fail(t, ERR_PROTOCOL, "%s on %s: HTTP status %d", what, l->device->name,
			r.status);
	e = rmx_answer(t->arena, r.body, r.len, trans, out, &why);
	if (e == OK && out->status < 0)
		e = err_set(&why, ERR_PROTOCOL, "an answer without a status");
	return e ? task_fail(t, e, "%s on %s: %s", what, l->device->name, why.text) : OK;
}

static bool
accepted(const struct rmx_answer *a)
{
	return a->status == 0 || a->status == 1;
}

/* ---- login --------------------------------------------------------------------------------- */

/* "https://10.1.1.1:8443/?profile=2" in parts. */
static void
put_where(const char *url, struct buf *ip, int *out_port, char profile[RMX_ID_SIZE])
{
	int64_t port = strncasecmp(url, "https:", 6) == 0 ? 443 : 80;
	const char *p = strstr(url, "://"), *asked = strstr(url, "profile=");
	p = p ? p + 3 : url;
	size_t host = strcspn(p, ":/?");
	char number[8] = "";
	if (p[host] == ':')
		for (size_t i = 0; i < 5 && isdigit((unsigned char)p[host + 1 + i]); i++)
			number[i] = p[host + 1 + i];
	str_to_int(number, 1, 65535, &port);
	buf_add(ip, p, host);
	*out_port = (int)port;
	size_t n = asked ? strspn(asked + 8, "0123456789") : 0;
	if (n && n < RMX_ID_SIZE)
		memcpy(profile, asked + 8, n);
}

/* Words of a device that has no room or is not up yet: everything else counts as a refused
 * password, and one more would bring the account nearer to its lock. */
static bool
says_later(const char *words)
{
	static const char *const later[] = { "startup", "start up", "not ready", "maximum",
		"too many", "busy" };
	for (size_t i = 0; i < sizeof later / sizeof *later; i++)
		if (strcasestr(words, later[i]))
			return true;
	return false;
}

static const char *
login_text(const struct rmx_answer *a, const char *name)
{
	const struct xml *x = rmx_find(rmx_find(a->root, "ACTION"), name);
	return x ? x->text : "";
}

/* 0 and -1 stand where there is none, as in our own first document. */
static bool
is_token(const char *text)
{
	return !str_empty(text) && !str_eq(text, "0") && !str_eq(text, "-1");
}

/*  > LOGIN { MCU_IP { IP, LISTEN_PORT, HOST_NAME }, USER_NAME, PASSWORD }
 *  < { MCU_TOKEN, MCU_USER_TOKEN, API_NUMBER, PRODUCT_TYPE, .. }  | another status: refused  */
static enum err
login(struct task *t, struct lane *l)
{
	struct rmx_session *s = l->session;
	const struct device *d = l->device;
	struct buf b = { 0 }, host = { 0 };
	struct rmx_answer a;
	int port;
	put_where(d->url, &host, &port, s->profile);
	buf_puts(&b, "<LOGIN><MCU_IP><IP>");
	vis_xml(&b, buf_str(&host));
	buf_printf(&b, "</IP><LISTEN_PORT>%d</LISTEN_PORT><HOST_NAME/></MCU_IP><USER_NAME>", port);
	vis_xml(&b, d->user ? d->user : "");
	buf_puts(&b, "</USER_NAME><PASSWORD>");
	vis_xml(&b, d->password ? d->password : "");
	buf_puts(&b, "</PASSWORD></LOGIN>");
	*s->mcu_token = *s->user_token = '\0';
	enum err e = once(t, l, "TRANS_MCU", buf_str(&b), "log in", &a);
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	buf_free(&host);
	if (e)
		return e;
	const char *token = login_text(&a, "MCU_TOKEN");
	bool in_progress = a.status == 1 && !is_token(token); /* accepted, and not a refusal */
	if (in_progress || (!accepted(&a) && says_later(a.words)))
		return task_fail(t, ERR_BUSY, "log in to %s: %s", d->name, a.words);
	if (!accepted(&a))
		return task_fail_as(t, ERR_AUTH, "login-refused", "log in to %s: %s (%lld)",
			d->name, a.words, (long long)a.status);
	if (!is_token(token))
		return task_fail(t, ERR_PROTOCOL, "log in to %s: no token came back", d->name);
	str_copy(s->mcu_token, sizeof s->mcu_token, token);
	str_copy(s->user_token, sizeof s->user_token, login_text(&a, "MCU_USER_TOKEN"));
	str_copy(s->product, sizeof s->product, login_text(&a, "PRODUCT_TYPE"));
	str_copy(s->api, sizeof s->api, login_text(&a, "API_NUMBER"));
	for (int i = 0; i < RMX_ROOMS; i++)
		*s->rooms[i].token = '\0'; /* increments are counted per session */
	return OK;
}

/* After a refusal: is it the order, or is the session gone? *out_new: there is another one now. */
static enum err
check_session(struct task *t, struct lane *l, bool *out_new)
{
	struct rmx_answer a;
	*out_new = false;
	enum err e = once(t, l, "TRANS_MCU", "<GET_STATE/>", "keep the session", &a);
	if (e || accepted(&a))
		return e;
	*out_new = true;
	return login(t, l);
}

enum err
rmx_ask(struct task *t, struct lane *l, const char *trans, const char *action, bool again,
	const char *what, struct rmx_answer *out)
{
	struct rmx_answer mine;
	out = out ? out : &mine;
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	for (int round = 0; round < 2; round++) {
		bool renewed;
		enum err e = once(t, l, trans, action, what, out);
		if (again && device_cut_off(t, e)) {
			task_forgive(t);
			e = once(t, l, trans, action, what, out);
		}
		if (e || accepted(out))
			return e;
		struct rmx_answer no = *out;
		e = round ? OK : check_session(t, l, &renewed);
		if (e)
			return e;
		if (round || !renewed)
			return task_fail(t, ERR_REFUSED, "%s on %s: %s (%lld)", what,
				l->device->name, no.words, (long long)no.status);
	}
	return task_fail(t, ERR_PROTOCOL, "%s on %s: refused without end", what, l->device->name);
}

static void
rmx_close(struct task *t, struct lane *l)
{
	struct rmx_session *s = l->session;
	if (!s)
		return;
	http_close(s->http);
	explicit_bzero(s->mcu_token, sizeof s->mcu_token);
	explicit_bzero(s->user_token, sizeof s->user_token);
	l->session = NULL;
}

static enum err
rmx_open(struct task *t, struct lane *l)
{
	struct rmx_session *s = arena_alloc(l->arena, sizeof *s);
	return device_session(t, l, HTTP_AUTH_NONE, MOST_BODY, s, login, rmx_close);
}

/*  > GET_STATE     < { MCU_STATE { ID 1 = normal, DESCRIPTION, NUMBER_OF_ACTIVE_ALARMS } }  */
static enum err
rmx_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct rmx_session *s = l->session;
	struct rmx_answer a;
	enum err e = rmx_ask(t, l, "TRANS_MCU", "<GET_STATE/>", true, "probe", &a);
	if (e)
		return e;
	const struct xml *state = rmx_find(a.root, "MCU_STATE");
	const char *id = xml_text(state, "ID"), *words = xml_text(state, "DESCRIPTION");
	const char *alarms = xml_text(state, "NUMBER_OF_ACTIVE_ALARMS");
	struct buf b = { 0 };
	*out = (struct identity){ 0 };
	str_copy(out->vendor, sizeof out->vendor, "Polycom");
	str_copy(out->model, sizeof out->model, *s->product ? s->product : "RMX");
	if (*s->api)
		str_copy(out->software, sizeof out->software,
			arena_printf(t->arena, "API %s", s->api));
	if (id && !str_eq(id, "1"))
		buf_printf(&b, "state %s %s", id, words ? words : "");
	if (alarms && !str_eq(alarms, "0"))
		buf_printf(&b, "%s%s active alarms", b.n ? ", " : "", alarms);
	str_copy(out->alarms, sizeof out->alarms, buf_str(&b));
	buf_free(&b);
	return OK;
}

/* ---- rooms --------------------------------------------------------------------------------- */

struct rmx_party *
rmx_known(struct rmx_room *room, const char *party_id)
{
	for (size_t i = 0; i < room->n; i++)
		if (str_eq(room->parties[i].leg.id, party_id))
			return &room->parties[i];
	return NULL;
}

/* When it is full one that is gone makes room; else the list is taken as far as it goes. */
static struct rmx_party *
make_party(struct rmx_room *room)
{
	struct rmx_party *p = NULL;
	if (room->n < RMX_PARTIES_MOST)
		p = &room->parties[room->n++];
	for (size_t i = 0; !p && i < room->n; i++)
		if (room->parties[i].removed)
			p = &room->parties[i];
	if (p)
		*p = (struct rmx_party){ 0 };
	return p;
}

/* Told as deleted, one that we dialled was deleted by a person; one that had called in goes from
 * the list by hanging up as well. Merely not listed: why is not known. */
static void
remove_party(struct rmx_party *p, bool told)
{
	if (p->removed)
		return;
	p->removed = true;
	p->told = 0;
	if (p->leg.state != LEG_GONE)
		p->leg.ending = (struct ending){
			.cause = told && !p->leg.incoming ? CAUSE_OUR_HANGUP : CAUSE_UNKNOWN,
		};
	if (p->leg.state != LEG_GONE && told)
		str_copy(p->leg.ending.device_words, sizeof p->leg.ending.device_words, "deleted");
	p->leg.state = LEG_GONE;
	p->state = RMX_DELETED;
}

static void
merge_party(struct rmx_room *room, const struct xml *ongoing)
{
	const char *id = xml_text(ongoing, "PARTY/ID"),
		   *change = xml_text(ongoing, "ONGOING_PARTY_CHANGE");
	struct rmx_party *p = id ? rmx_known(room, id) : NULL;
	if (!rmx_is_id(id))
		return;
	if (change && str_starts(change, "delete")) {
		if (p)
			remove_party(p, true);
		return;
	}
	if (p && p->removed)
		*p = (struct rmx_party){ 0 }; /* its number was given away again */
	p = p ? p : make_party(room);
	if (!p)
		return;
	rmx_party(ongoing, p);
	p->seen = room->round;
}

/* Recorded: ACTION/GET/CONFERENCE. One without that step is read as well. */
static const struct xml *
conference_of(const struct xml *answer)
{
	const struct xml *get = xml_at(answer, "ACTION/GET"), *inside = xml_at(get, "CONFERENCE");
	if (!inside)
		inside = get;
	return xml_at(inside, "OBJ_TOKEN") ? inside : NULL;
}

void
rmx_merge(struct rmx_room *room, const struct xml *answer, bool whole)
{
	const struct xml *conference = conference_of(answer);
	const char *token = xml_text(conference, "OBJ_TOKEN"),
		   *changed = xml_text(conference, "CHANGED");
	const char *layout = xml_text(conference, "RESERVATION/LAYOUT");
	str_copy(room->token, sizeof room->token, token ? token : "");
	if (!whole && changed && str_eq_nocase(changed, "false"))
		return;
	room->round++;
	if (!str_empty(layout))
		str_copy(room->layout, sizeof room->layout, layout);
	const struct xml *list = xml_at(conference, "ONGOING_PARTY_LIST");
	for (const struct xml *p = xml_child(list, "ONGOING_PARTY"); p;
		p = xml_next(p, "ONGOING_PARTY"))
		merge_party(room, p);
	const struct xml *deleted = xml_at(conference, "DELETED_PARTIES");
	for (const struct xml *d = xml_child(deleted, "PARTY_ID"); d; d = xml_next(d, "PARTY_ID")) {
		struct rmx_party *p = rmx_known(room, d->text);
		if (p)
			remove_party(p, true);
	}
	for (size_t i = 0; whole && list && i < room->n; i++)
		if (room->parties[i].seen != room->round)
			remove_party(&room->parties[i], false);
}

/* false: it names another one than was asked for. */
static bool
is_of(const struct xml *answer, const char *id)
{
	const char *own = xml_text(conference_of(answer), "RESERVATION/ID");
	return str_empty(own) || str_eq(own, id);
}

static struct rmx_room *
room_of(struct lane *l, const char *id)
{
	struct rmx_session *s = l->session;
	struct rmx_room *oldest = &s->rooms[0];
	s->clock++;
	for (int i = 0; i < RMX_ROOMS; i++) {
		struct rmx_room *r = &s->rooms[i];
		if (str_eq(r->id, id)) {
			r->used = s->clock;
			return r;
		}
		if (r->used < oldest->used)
			oldest = r;
	}
	struct rmx_party *parties = oldest->parties;
	if (!parties)
		parties = arena_alloc(l->arena, RMX_PARTIES_MOST * sizeof *parties);
	*oldest = (struct rmx_room){ .parties = parties, .used = s->clock };
	str_copy(oldest->id, sizeof oldest->id, id);
	return oldest;
}

/* A token that went backwards is another count than ours: the whole list again. */
static bool
went_back(const char *before, const char *now)
{
	int64_t a, b;
	return !str_to_int(now, 0, INT64_MAX, &b) ||
	       (str_to_int(before, 0, INT64_MAX, &a) && b < a);
}

/*  > GET { ID, OBJ_TOKEN -1 | the last }    < { CONFERENCE { OBJ_TOKEN, CHANGED, .. } }  |
 * refused */
enum err
rmx_refresh(struct task *t, struct lane *l, const struct conference *c, struct rmx_room **out)
{
	struct rmx_answer a;
	struct conference still;
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	if (!rmx_is_id(c->id))
		return task_fail(t, ERR_INPUT,
			"list parties on %s: \"%s\" is no conference of this MCU", l->device->name,
			c->id);
	for (int round = 0; round < 2; round++) {
		struct rmx_room *room = room_of(l, c->id);
		char before[sizeof room->token];
		bool whole = !*room->token;
		str_copy(before, sizeof before, room->token);
		enum err e = rmx_ask(t, l, "TRANS_CONF_2",
			arena_printf(t->arena, "<GET><ID>%s</ID><OBJ_TOKEN>%s</OBJ_TOKEN></GET>",
				c->id, whole ? "-1" : before),
			true, "list parties", &a);
		if (e == ERR_REFUSED) { /* no such conference, or no such token */
			char why[sizeof t->why];
			str_copy(why, sizeof why, t->why);
			task_forgive(t);
			*room->token = '\0';
			e = rmx_find_conference(t, l, NULL, c->id, &still);
			if (e || whole)
				return e ? e : task_fail(t, ERR_REFUSED, "%s", why);
			continue;
		}
		if (e)
			return e;
		if (a.status == 1)
			return task_fail(
				t, ERR_BUSY, "list parties on %s: %s", l->device->name, a.words);
		if (!conference_of(a.root) || !is_of(a.root, c->id))
			return task_fail(t, ERR_PROTOCOL, "list parties on %s: %s",
				l->device->name,
				conference_of(a.root) ? "it told of another conference"
						      : "no conference in the answer");
		if (!whole && !*room->token)
			continue; /* another login in between: increments begin anew */
		rmx_merge(room, a.root, whole);
		*out = room;
		if (whole || !went_back(before, room->token))
			return OK;
		*room->token = '\0';
	}
	return task_fail(t, ERR_PROTOCOL,
		"list parties on %s: its count of changes does not settle", l->device->name);
}

static bool
rmx_has_layout(const char *value)
{
	bool automatic;
	return rmx_layout(value, &automatic) != NULL;
}

/* This is everything we export. Ringing is not told apart from connecting. AUDIO_SOURCE_ID shows
 * who spoke last, and stays when he is silent: no voice flag. Losses of what is sent are not said
 * to be the site's. A channel that is not listed may not have been told. */
const struct mcu_adapter poly_rmx_adapter = {
	.name = "poly-rmx",
	.title = "Polycom RMX, RealPresence Collaboration Server",
	.grade = GRADE_TESTED,
	.causes = poly_rmx_causes,
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_RX_RATE | EVIDENCE_END_REASON |
		    EVIDENCE_REMOTE_IP | EVIDENCE_ONE_LEG,
	.open = rmx_open,
	.close = rmx_close,
	.probe = rmx_probe,
	.find = rmx_find_named,
	.start = rmx_start,
	.dial = rmx_dial,
	.roster = rmx_roster,
	.look = rmx_look,
	.media = rmx_media_of,
	.reason = rmx_reason,
	.hangup = rmx_hangup,
	.end = rmx_end,
	.mute = rmx_mute,
	.layout = rmx_set_layout,
	.has_layout = rmx_has_layout,
	.layouts = "equal, speaker, 1+5, 1+7, 1x1, 1x2, 2x1, 2x2, 1and5, 1and7, 3x3, 4x4",
	.focus = rmx_focus,
	.message = rmx_message,
};
