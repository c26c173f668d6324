/* Cisco RoomOS, CE and TC codecs (SX, MX, DX, C, Room, Board, Desk): the xAPI over HTTP(S), or over
 * SSH where the address says ssh://.
 *
 * Called by lanes on worker threads, one at a time. Owns the login in the lane's session; how the
 * box is asked is in cisco_roomos_http.c and cisco_roomos_tsh.c, what it says in
 * cisco_roomos_parse.c, what it posts in cisco_roomos_push.c. Must never take an accepted order for
 * a call, nor a missing node for a no: in Microsoft Teams mode a call is up and nothing of it is
 * shown.
 *
 *   Status/Call                        item, Status, AnswerState, CallbackNumber, Direction
 *   Status/MediaChannels               by call, then by channel: Protocol, Packets, Loss, Jitter,
 *                                      ChannelRate (bit/s), picture size
 *   Status/SystemUnit                  ProductId, Software, Uptime (s), State: number of calls
 *   Status/Audio/Microphones/Mute      On | Off
 *   Configuration/Conference/AutoAnswer  Mode, Mute
 *   Command/Dial, Call/Disconnect, Call/Accept, Audio/Microphones/Mute, CallHistory/Get ...
 *
 * Boxes take seconds after Dial before the call is listed, so an order to dial first asks whether
 * there is one, or one on its way: dialled twice, a room howls. Sources: vendor's API guides and
 * schemas of TC5 to RoomOS 26. */
#include "adapters/adapter.h"

#include "adapters/cisco_roomos.h"
#include "adapters/internal.h"
#include "base/net.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { RATE_LEAST = 64, RATE_MOST = 20000, TEXT_MOST = 255, SECONDS_MOST = 3600 };

/* ---- asking ---------------------------------------------------------------------------------- */

enum err
roomos_asked(struct task *t, struct lane *l, const char *path, const struct xml **out)
{
	struct roomos *s = l->session;
	*out = NULL;
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	enum err e = s->http ? roomos_http_get(t, l, path, out) : roomos_tsh_get(t, l, path, out);
	if (e)
		return e;
	enum err what = roomos_answered(*out);
	if (what == ERR_PROTOCOL)
		return task_fail(t, what,
			"ask for %s on %s: neither status nor configuration: <%.40s>", path,
			l->device->name, (*out)->name);
	if (what)
		*out = NULL;
	return OK;
}

enum err
roomos_asked_if_there(struct task *t, struct lane *l, const char *path, const struct xml **out)
{
	enum err e = roomos_asked(t, l, path, out);
	if (e != ERR_UNSUPPORTED && e != ERR_REFUSED)
		return e;
	task_forgive(t);
	*out = NULL;
	return OK;
}

static enum err
order_for(struct task *t, struct lane *l, const struct roomos_command *c, const struct xml **out)
{
	struct roomos *s = l->session;
	const struct xml *root = NULL;
	const char *words;
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	enum err e = s->http ? roomos_http_order(t, l, c, &root) : roomos_tsh_order(t, l, c, &root);
	if (e)
		return e;
	*out = root;
	e = roomos_verdict(t->arena, root, &words);
	return e ? task_fail(t, e, "%s on %s: %.200s", c->path, l->device->name, words) : OK;
}

enum err
roomos_order(struct task *t, struct lane *l, const struct roomos_command *c)
{
	const struct xml *root;
	return order_for(t, l, c, &root);
}

static enum err
ask_calls(struct task *t, struct lane *l, struct roomos_calls *out)
{
	const struct xml *root;
	enum err e = roomos_asked(t, l, "Status/Call", &root);
	roomos_read_calls(root, out);
	return e;
}

static enum err
ask_unit(struct task *t, struct lane *l, struct roomos_unit *out)
{
	const struct xml *root;
	enum err e = roomos_asked(t, l, "Status/SystemUnit", &root);
	roomos_read_unit(root, out);
	return e;
}

/* ---- session --------------------------------------------------------------------------------- */

static void
roomos_close(struct task *t, struct lane *l)
{
	struct roomos *s = l->session;
	if (!s)
		return;
	roomos_unsubscribe(t, l);
	if (s->http)
		roomos_http_close(t, s);
	roomos_tsh_close(t, s);
	l->session = NULL;
}

static enum err
roomos_open(struct task *t, struct lane *l)
{
	const char *url = l->device->url ? l->device->url : "";
	bool tsh = str_starts(url, "ssh://");
	if (!tsh && !str_starts(url, "https://") && !str_starts(url, "http://"))
		return task_fail(t, ERR_UNSUPPORTED,
			"log in to %s: %s: only https://, http:// and ssh:// are spoken",
			l->device->name, *url ? url : "no address");
	struct roomos *s = arena_alloc(l->arena, sizeof *s);
	l->session = s;
	enum err e = tsh ? roomos_tsh_open(t, l, s) : roomos_http_open(t, l, s);
	if (e)
		roomos_close(t, l);
	return e;
}

static enum err
roomos_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct roomos_unit unit;
	const struct xml *root = NULL;
	enum err e = ask_unit(t, l, &unit);
	if (e == OK)
		e = roomos_asked_if_there(t, l, "Status/Diagnostics", &root);
	if (e)
		return e;
	*out = unit.who;
	roomos_read_alarms(root, out->alarms, sizeof out->alarms);
	e = roomos_asked_if_there(t, l, "Status/Network", &root);
	const struct xml *mac = e == OK ? roomos_find(root, "MacAddress") : NULL;
	net_mac(mac ? mac->text : "", out->mac);
	return e;
}

/* ---- status ---------------------------------------------------------------------------------- */

/* No call is listed. The counter of the box says whether one is there all the same: a Teams call,
 * or one that is about to be listed. */
static enum err
ask_hidden_call(
	struct task *t, struct lane *l, const struct roomos_unit *unit, struct endpoint_status *out)
{
	const struct xml *root = NULL;
	bool some = unit->active.v > 0 || unit->coming.v > 0 || unit->held.v > 0;
	out->in_call = !unit->active.known || some ? UNKNOWN : NO;
	if (out->in_call == NO)
		return OK;
	enum err e = roomos_asked_if_there(t, l, "Status/MicrosoftTeams/Calling/InCall", &root);
	if (e == OK && roomos_read_switch(root, "InCall") == YES)
		out->in_call = YES;
	return e;
}

static enum err
ask_media(
	struct task *t, struct lane *l, const struct roomos_call *call, struct endpoint_status *out)
{
	const struct xml *root = NULL;
	enum err e = roomos_asked_if_there(t, l, "Status/MediaChannels", &root);
	if (e == OK && root)
		out->sampled = roomos_read_media(root, call->id, &out->media);
	return e;
}

static enum err
ask_settings(struct task *t, struct lane *l, struct endpoint_status *out)
{
	const struct xml *root = NULL;
	enum err e = roomos_asked_if_there(t, l, "Status/Audio/Microphones/Mute", &root);
	out->mic_muted = roomos_read_switch(roomos_find(root, "Microphones"), "Mute");
	if (e == OK)
		e = roomos_asked_if_there(t, l, "Configuration/Conference/AutoAnswer", &root);
	const struct xml *answer = e == OK ? roomos_find(root, "AutoAnswer") : NULL;
	out->auto_answer = roomos_read_switch(answer, "Mode");
	out->auto_answer_muted = roomos_read_switch(answer, "Mute");
	return e;
}

static enum err
roomos_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	static const enum tri up[] = { [ROOMOS_NONE] = NO,
		[ROOMOS_COMING] = NO,
		[ROOMOS_RINGING] = NO,
		[ROOMOS_UP] = YES,
		[ROOMOS_UNSURE] = UNKNOWN };
	struct roomos_calls calls;
	struct roomos_unit unit;
	*out = (struct endpoint_status){ .uptime_step_s = 1 };
	enum err e = ask_calls(t, l, &calls);
	if (e == OK)
		e = ask_unit(t, l, &unit);
	if (e)
		return e;
	struct roomos *s = l->session;
	str_copy(s->serial, sizeof s->serial, unit.who.serial);
	out->told = s->told;
	out->uptime_s = unit.who.uptime_s;
	if (calls.n) {
		out->in_call = up[calls.at[0].state];
		str_copy(out->far_address, sizeof out->far_address, calls.at[0].far);
		if (calls.at[0].state == ROOMOS_UP)
			e = ask_media(t, l, &calls.at[0], out);
	} else {
		e = ask_hidden_call(t, l, &unit, out);
	}
	if (e == OK)
		e = ask_settings(t, l, out);
	if (e == OK)
		s->told = (struct told){ 0 }; /* told with this answer, and only if there is one */
	return e;
}

/* ---- past calls ------------------------------------------------------------------------------ */

/*  > CallHistory/Get { Limit, DetailLevel }
 *  < CallHistoryGetResult Entry item="0" EndTimeUTC DisconnectCauseType ... */
static enum err
roomos_history(struct task *t, struct lane *l, struct history *out)
{
	const struct xml *root = NULL, *time = NULL;
	struct roomos_command c = { .path = "CallHistory/Get",
		.params = { { "Limit", arena_printf(t->arena, "%d", HISTORY_MOST) },
			{ "DetailLevel", "Full" } } };
	*out = (struct history){ 0 };
	enum err e = order_for(t, l, &c, &root);
	if (e == OK)
		e = roomos_asked_if_there(t, l, "Status/Time/SystemTime", &time);
	if (e)
		return e;
	const struct xml *now = roomos_find(time, "SystemTime");
	roomos_read_history(t->arena, root, now ? now->text : NULL, out);
	return OK;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static enum err
free_to_dial(struct task *t, struct lane *l, const char *address, bool *out_there)
{
	struct roomos_calls calls;
	struct roomos_unit unit;
	*out_there = false;
	enum err e = ask_calls(t, l, &calls);
	for (size_t i = 0; e == OK && i < calls.n && !*out_there; i++)
		*out_there = roomos_same_address(calls.at[i].far, address);
	if (e || *out_there)
		return e;
	if (calls.n)
		return task_fail(t, ERR_BUSY, "dial %s on %s: it is in a call with %s", address,
			l->device->name, *calls.at[0].far ? calls.at[0].far : "somebody");
	e = ask_unit(t, l, &unit);
	if (e == OK && (unit.active.v > 0 || unit.coming.v > 0 || unit.held.v > 0))
		return task_fail(t, ERR_BUSY,
			"dial %s on %s: a call is there that is not listed yet", address,
			l->device->name);
	return e;
}

/*  > Dial { Number, Protocol, CallRate }
 *  < DialResult status="OK" CallId | status="Error" Cause, Description  */
static enum err
roomos_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	bool h323 = address && strncasecmp(address, "h323:", 5) == 0;
	bool sip = address && strncasecmp(address, "sip:", 4) == 0;
	const char *number = address ? address + (h323 ? 5 : sip ? 4 : 0) : "";
	if (!*number || strpbrk(number, " \t\r\n\"\\") || strlen(number) > TEXT_MOST)
		return task_fail(t, ERR_INPUT, "dial %s on %s: this address cannot be dialled",
			address ? address : "", l->device->name);
	bool there;
	enum err e = free_to_dial(t, l, address, &there);
	if (e || there)
		return e;
	struct roomos_command c = { .path = "Dial", .params = { { "Number", number } } };
	size_t n = 1;
	if (h323 || sip)
		c.params[n++] = (struct roomos_param){ "Protocol", h323 ? "H323" : "Sip" };
	if (kbps > 0) {
		int rate = kbps < RATE_LEAST ? RATE_LEAST : kbps > RATE_MOST ? RATE_MOST : kbps;
		c.params[n] =
			(struct roomos_param){ "CallRate", arena_printf(t->arena, "%d", rate) };
	}
	return roomos_order(t, l, &c);
}

static bool
lists_call(const struct roomos_calls *calls, const char *id)
{
	for (size_t i = 0; i < calls->n; i++)
		if (str_eq(calls->at[i].id, id))
			return true;
	return false;
}

/* Every call. A refused one may have ended by itself meanwhile: then it is listed no more, and was
 * no reason to leave the others up. */
static enum err
roomos_hangup(struct task *t, struct lane *l)
{
	struct roomos_calls calls, left;
	enum err e = ask_calls(t, l, &calls);
	if (e == OK && !calls.n)
		return task_fail(t, ERR_GONE, "hang up on %s: no call", l->device->name);
	const char *refused = NULL, *why = NULL;
	for (size_t i = 0; e == OK && i < calls.n; i++) {
		e = roomos_order(t, l,
			&(struct roomos_command){ .path = "Call/Disconnect",
				.params = { { "CallId", calls.at[i].id } } });
		if (e != ERR_REFUSED)
			continue;
		refused = calls.at[i].id;
		why = arena_strdup(t->arena, t->why);
		task_forgive(t);
		e = OK;
	}
	if (e || !refused)
		return e;
	e = ask_calls(t, l, &left);
	return e || !lists_call(&left, refused) ? e : task_fail(t, ERR_REFUSED, "%s", why);
}

static enum err
roomos_answer(struct task *t, struct lane *l)
{
	struct roomos_calls calls;
	enum err e = ask_calls(t, l, &calls);
	for (size_t i = 0; e == OK && i < calls.n; i++)
		if (calls.at[i].incoming && calls.at[i].state == ROOMOS_RINGING)
			return roomos_order(t, l,
				&(struct roomos_command){ .path = "Call/Accept",
					.params = { { "CallId", calls.at[i].id } } });
	return e ? e : task_fail(t, ERR_GONE, "answer on %s: nobody rings", l->device->name);
}

static enum err
roomos_mute(struct task *t, struct lane *l, bool on)
{
	return roomos_order(t, l,
		&(struct roomos_command){
			.path = on ? "Audio/Microphones/Mute" : "Audio/Microphones/Unmute" });
}

/* The command moved below UserInterface with CE9. A duration of 0 would stay for ever. */
static enum err
roomos_message(struct task *t, struct lane *l, const char *text, int seconds)
{
	char *words = arena_strdup(t->arena, text ? text : ""), cut[TEXT_MOST + 1];
	for (char *p = words; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
		else if (*p == '"' || *p == '\\')
			*p = *p == '"' ? '\'' : '/';
	str_copy(cut, sizeof cut, words);
	int most = seconds < 1 ? 1 : seconds > SECONDS_MOST ? SECONDS_MOST : seconds;
	struct roomos_command c = { .path = "UserInterface/Message/Alert/Display",
		.params = { { "Text", cut }, { "Duration", arena_printf(t->arena, "%d", most) } } };
	enum err e = roomos_order(t, l, &c);
	if (e != ERR_UNSUPPORTED)
		return e;
	task_forgive(t);
	c.path = "Message/Alert/Display";
	return roomos_order(t, l, &c);
}

/* This is everything we export. */
const struct endpoint_adapter cisco_roomos_adapter = {
	.name = "cisco-roomos",
	.title = "Cisco RoomOS, CE, TC (HTTPS, SSH)",
	.grade = GRADE_TESTED,
	.causes = cisco_roomos_causes,
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_RX_RATE | EVIDENCE_UPTIME |
		    EVIDENCE_ABSENT_IS_NONE | EVIDENCE_END_REASON,
	.open = roomos_open,
	.close = roomos_close,
	.probe = roomos_probe,
	.status = roomos_status,
	.dial = roomos_dial,
	.answer = roomos_answer,
	.hangup = roomos_hangup,
	.mute = roomos_mute,
	.message = roomos_message,
	.history = roomos_history,
	.subscribe = roomos_subscribe,
	.pushed = roomos_pushed,
	.push_evidence = EVIDENCE_END_REASON,
};
