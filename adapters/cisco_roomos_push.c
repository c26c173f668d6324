/* Cisco RoomOS, CE, TC: HttpFeedback, what the codec posts to our listener, and how it is asked to.
 *
 * Called through the operations in cisco_roomos.c, on both ways; roomos_read_post() and
 * roomos_read_slots() are pure, for talks and the fuzzer too. Owns nothing: what was told waits in
 * the session for the next status. Must never take a slot that somebody else has, nor the third,
 * which is the vendor's management system's.
 *
 *   > Status/HttpFeedback              < <HttpFeedback item="1"> Expression, Format, Status, URL
 *   > HttpFeedback/Register { FeedbackSlot, ServerUrl, Expression[1] ... }    XML unless asked
 *   > HttpFeedback/Deregister { FeedbackSlot }        one of an earlier life of this workspace
 *   < <Event><Identification>...<CallDisconnect item="1"><CauseType item="1">LocalDisconnect
 *   < <Status><Identification>...<Call item="24"><Status>Connected     or  ghost="True"
 *   < {"Event":{"Identification":{...},"CallDisconnect":{"CauseType":{"Value":"..."}}}}
 *
 * Identification is missing in some releases. The slots do not outlive a restart, and one to which
 * ten tries in a row went unanswered is deleted: so it is looked at again in time. There are four
 * for all: ours is given back when the session ends, which is some minutes behind the last
 * question of a rehearsal. Sources: API
 * guides TC6 to CE9.2, "Feedback from codec over HTTP"; administrator guide CE9.2 of the SX20, "Get
 * a new HTTPFeedback address"; recorded posts of CE 8.2 and 9.8, of drivers in use for JSON. */
#include "adapters/cisco_roomos.h"

#include "adapters/wire/json.h"
#include "adapters/wire/trace.h"
#include "base/str.h"

#include <string.h>
#include <strings.h>

enum { AGAIN_S = 120, DEPTH_MOST = 24, NODES_MOST = 4000, POST_MOST = 64 << 10 };

static const char *const expressions[] = {
	"/Event/CallDisconnect",
	"/Status/Call",
	"/Status/Audio/Microphones/Mute",
};
enum { EXPRESSIONS = sizeof expressions / sizeof *expressions };

/* ---- slots ----------------------------------------------------------------------------------- */

/* "http://10.1.1.2:8091/push/SECRET": the same listener, whatever the secret. */
static bool
is_of_us(const char *known, const char *url)
{
	const char *secret = strrchr(url, '/');
	return secret && strncmp(known, url, (size_t)(secret - url) + 1) == 0;
}

static bool
has_all(const struct xml *slot)
{
	for (size_t i = 0; i < EXPRESSIONS; i++) {
		const struct xml *e = xml_child(slot, "Expression");
		while (e && strcasecmp(e->text, expressions[i]) != 0)
			e = xml_next(e, "Expression");
		if (!e)
			return false;
	}
	return true;
}

static enum roomos_slot
slot_of(const struct xml *x, const char *url)
{
	const char *known = xml_text(x, "URL"), *state = xml_text(x, "Status");
	if (str_empty(known))
		return xml_child(x, "Expression") ? ROOMOS_THEIRS : ROOMOS_FREE;
	if (!str_eq(known, url))
		return is_of_us(known, url) ? ROOMOS_STALE : ROOMOS_THEIRS;
	bool well = str_empty(state) || str_eq_nocase(state, "OK");
	return well && has_all(x) ? ROOMOS_OURS : ROOMOS_STALE;
}

bool
roomos_read_slots(const struct xml *root, const char *url, enum roomos_slot out[ROOMOS_SLOTS])
{
	const struct xml *x = roomos_find(root, "HttpFeedback");
	for (int i = 0; i < ROOMOS_SLOTS; i++)
		out[i] = ROOMOS_FREE;
	for (; x; x = xml_next(x, "HttpFeedback")) {
		const char *number = xml_attr(x, "item");
		int64_t n;
		if (!str_to_int(number ? number : xml_attr(x, "id"), 1, ROOMOS_SLOTS, &n))
			return false;
		out[n - 1] = slot_of(x, url);
	}
	return true;
}

int
roomos_choose_slot(const enum roomos_slot slots[ROOMOS_SLOTS])
{
	static const int order[] = { 2, 4, 1 };
	for (int i = 0; i < ROOMOS_SLOTS; i++)
		if (slots[i] == ROOMOS_STALE)
			return i + 1;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (slots[order[i] - 1] == ROOMOS_FREE)
			return order[i];
	return 0;
}

/* ---- registering ----------------------------------------------------------------------------- */

static enum err
set_slot(struct task *t, struct lane *l, int slot, const char *url)
{
	const char *number = arena_printf(t->arena, "%d", slot);
	struct roomos_command c = { .path = "HttpFeedback/Register",
		.params = { { "FeedbackSlot", number }, { "ServerUrl", url },
			{ "Expression[1]", expressions[0] }, { "Expression[2]", expressions[1] },
			{ "Expression[3]", expressions[2] } } };
	return roomos_order(t, l, &c);
}

static enum err
free_slot(struct task *t, struct lane *l, int slot)
{
	struct roomos_command c = { .path = "HttpFeedback/Deregister",
		.params = { { "FeedbackSlot", arena_printf(t->arena, "%d", slot) } } };
	return roomos_order(t, l, &c);
}

/* Whose posts they are. What has no serial number is known by its address alone. */
static enum err
learn_serial(struct task *t, struct lane *l)
{
	struct roomos *s = l->session;
	const struct xml *root = NULL;
	if (*s->serial)
		return OK;
	enum err e = roomos_asked_if_there(t, l, "Status/SystemUnit/Hardware/Module", &root);
	const struct xml *serial = roomos_find(roomos_find(root, "Module"), "SerialNumber");
	str_copy(s->serial, sizeof s->serial, serial ? serial->text : "");
	return e;
}

enum err
roomos_subscribe(struct task *t, struct lane *l, int *out_again_s)
{
	const char *url = l->device->push_url, *secret = strrchr(url, '/');
	const struct xml *root = NULL;
	enum roomos_slot slots[ROOMOS_SLOTS];
	struct roomos *s = l->session;
	int there = 0;
	trace_secret(t->trace, secret ? secret + 1 : url);
	trace_secret(t->trace, l->device->password);
	*out_again_s = AGAIN_S;
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	enum err e = learn_serial(t, l);
	if (e == OK)
		e = roomos_asked(t, l, "Status/HttpFeedback", &root);
	if (e)
		return e;
	if (!roomos_read_slots(root, url, slots))
		return task_fail(t, ERR_PROTOCOL,
			"register for feedback on %s: slots without a number", l->device->name);
	for (int i = 0; i < ROOMOS_SLOTS && !there; i++)
		there = slots[i] == ROOMOS_OURS ? i + 1 : 0;
	s->slot = there;
	int chosen = there ? 0 : roomos_choose_slot(slots);
	if (!there && !chosen)
		return task_fail(t, ERR_REFUSED,
			"register for feedback on %s: no slot is free, others have them",
			l->device->name);
	for (int i = 0; e == OK && i < ROOMOS_SLOTS; i++)
		if (slots[i] == ROOMOS_STALE && i + 1 != chosen)
			e = free_slot(t, l, i + 1);
	if (e || !chosen)
		return e;
	s->slot = chosen; /* perhaps also where the answer is lost */
	e = set_slot(t, l, chosen, url);
	if (e == ERR_REFUSED || e == ERR_UNSUPPORTED)
		s->slot = 0;
	return e;
}

void
roomos_unsubscribe(struct task *t, struct lane *l)
{
	struct roomos *s = l->session;
	int64_t deadline = t->deadline;
	if (!s->slot)
		return;
	t->deadline -= task_left(t) / 2; /* the session is to be ended as well */
	free_slot(t, l, s->slot);
	s->slot = 0;
	t->deadline = deadline;
	task_forgive(t);
}

/* ---- one post -------------------------------------------------------------------------------- */

struct grower {
	struct arena *arena;
	int left;
};

static void
put_attr(struct grower *g, struct xml *x, const char *name, const char *value)
{
	if (!value || x->attrs_n)
		return;
	x->attrs = arena_alloc(g->arena, sizeof *x->attrs);
	x->attrs[x->attrs_n++] = (struct xml_attr){ name, value };
}

/* {"Call":[{"id":"2","Status":{"Value":"Connected"}}]} as the tree that its XML would give. */
static void
grow(struct grower *g, struct xml *in, struct xml ***end, const struct json *j, const char *name,
	int depth)
{
	if (depth > DEPTH_MOST || g->left-- <= 0)
		return;
	if (j->kind == JSON_IS_ARRAY) {
		for (const struct json *k = j->first; k; k = k->next)
			grow(g, in, end, k, name, depth + 1);
		return;
	}
	struct xml *x = arena_alloc(g->arena, sizeof *x), **last = &x->first;
	const char *value = j->kind == JSON_IS_TEXT ? j->text : json_text(j, "Value");
	*x = (struct xml){ .name = name, .text = value ? value : "", .parent = in };
	**end = x;
	*end = &x->next;
	if (j->kind != JSON_IS_OBJECT)
		return;
	put_attr(g, x, "ghost", json_text(j, "ghost"));
	put_attr(g, x, "id", json_text(j, "id"));
	for (const struct json *k = j->first; k; k = k->next)
		if (!str_eq(k->key, "Value") && !str_eq(k->key, "id") && !str_eq(k->key, "ghost"))
			grow(g, x, &last, k, k->key, depth + 1);
}

static enum err
read_json(struct arena *a, const char *bytes, size_t n, struct xml **out, struct err_text *why)
{
	const struct json *j = NULL;
	struct grower g = { a, NODES_MOST };
	struct xml **end = out;
	*out = NULL;
	enum err e = json_parse(a, bytes, n, &j, why);
	if (e)
		return e;
	if (j->kind != JSON_IS_OBJECT || !j->first || j->first->next)
		return err_set(why, ERR_PROTOCOL, "not one event or status");
	grow(&g, NULL, &end, j->first, j->first->key, 0);
	return *out ? OK : err_set(why, ERR_PROTOCOL, "nothing in it");
}

static void
take_end(const struct xml *x, struct told *out)
{
	int64_t seconds;
	const char *id = xml_text(x, "CallId"), *far = xml_text(x, "RemoteURI");
	if (out->ends_n == TOLD_ENDS_MOST || str_empty(xml_text(x, "CauseType")))
		return;
	struct told_end *e = &out->ends[out->ends_n++];
	str_copy(e->call_id, sizeof e->call_id, id);
	str_copy(e->call.far_address, sizeof e->call.far_address, far);
	if (str_to_int(xml_text(x, "Duration"), 0, INT32_MAX, &seconds))
		e->call.duration_s = figure_of(seconds);
	roomos_ending(&(struct roomos_cause){ xml_text(x, "CauseType"), xml_text(x, "CauseString"),
			      xml_text(x, "CauseOrigin"), xml_text(x, "CauseCode") },
		&e->call.ending);
}

/* Calls that are up, or that are not any more: a part of a call that tells neither tells nothing.
 */
static enum tri
call_told(const struct xml *root)
{
	struct roomos_calls calls;
	const struct xml *call = roomos_find(root, "Call");
	bool over = false;
	roomos_read_calls(root, &calls);
	if (calls.n)
		return calls.at[0].state == ROOMOS_UP ? YES : UNKNOWN;
	for (; call; call = xml_next(call, "Call"))
		over |= str_eq_nocase(xml_attr(call, "ghost"), "True") || xml_child(call, "Status");
	return over ? NO : UNKNOWN;
}

enum err
roomos_read_post(
	struct arena *a, const char *bytes, size_t n, struct roomos_post *out, struct err_text *why)
{
	size_t blank = 0;
	struct xml *root = NULL;
	*out = (struct roomos_post){ 0 };
	if (n > POST_MOST)
		return err_set(why, ERR_PROTOCOL, "%zu bytes", n);
	while (blank < n && strchr(" \t\r\n", bytes[blank]) && bytes[blank])
		blank++;
	enum err e = blank < n && bytes[blank] == '{' ? read_json(a, bytes, n, &root, why)
						      : xml_parse(a, bytes, n, 0, &root, why);
	if (e)
		return ERR_PROTOCOL;
	bool event = str_eq(root->name, "Event");
	if (!event && !str_eq(root->name, "Status"))
		return err_set(why, ERR_PROTOCOL, "neither event nor status: <%.40s>", root->name);
	const struct xml *who = xml_child(root, "Identification");
	const char *serial = who ? xml_text(who, "SerialNumber") : NULL;
	str_copy(out->serial, sizeof out->serial, serial);
	out->told.posts = 1;
	for (const struct xml *x = event ? xml_child(root, "CallDisconnect") : NULL; x;
		x = xml_next(x, "CallDisconnect"))
		take_end(x, &out->told);
	if (!event) {
		out->told.in_call = call_told(root);
		out->told.mic_muted = roomos_read_switch(roomos_find(root, "Microphones"), "Mute");
	}
	return OK;
}

/* ---- taking it ------------------------------------------------------------------------------- */

static void
add_end(struct told *to, const struct told_end *e, int64_t ago_ms)
{
	for (size_t i = 0; i < to->ends_n; i++)
		if (*e->call_id && str_eq(to->ends[i].call_id, e->call_id))
			return; /* the same once more */
	size_t keep = to->ends_n < TOLD_ENDS_MOST ? to->ends_n : TOLD_ENDS_MOST - 1;
	memmove(to->ends + 1, to->ends, keep * sizeof *to->ends);
	to->ends[0] = *e;
	to->ends[0].call.ended_ago_s = figure_of(ago_ms / 1000);
	to->ends_n = keep + 1;
}

enum err
roomos_pushed(struct task *t, struct lane *l, const char *bytes, size_t n, int64_t ago_ms)
{
	struct roomos *s = l->session;
	struct roomos_post p;
	struct err_text why = { 0 };
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	if (roomos_read_post(t->arena, bytes, n, &p, &why) != OK)
		return task_fail(t, ERR_PROTOCOL, "feedback of %s: %s", l->device->name, why.text);
	if (*p.serial && *s->serial && !str_eq_nocase(p.serial, s->serial))
		return task_fail(t, ERR_PROTOCOL,
			"feedback of %s: it is of another device, %s instead of %s",
			l->device->name, p.serial, s->serial);
	s->told.posts++;
	if (p.told.in_call != UNKNOWN)
		s->told.in_call = p.told.in_call;
	if (p.told.mic_muted != UNKNOWN)
		s->told.mic_muted = p.told.mic_muted;
	for (size_t i = 0; i < p.told.ends_n; i++)
		add_end(&s->told, &p.told.ends[i], ago_ms);
	return OK;
}
