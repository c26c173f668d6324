/* Cisco TelePresence MCU: conferences. Looked for, made without ever making a second one, ended.
 *
 * Both dialects, MCU and Server. Called through the operations in cisco_mcu.c. Owns nothing. Must
 * never make a conference again without having asked what became of the last order. */
#include "adapters/cisco_mcu.h"

#include "adapters/connect.h"
#include "base/buf.h"
#include "base/str.h"

/* What a name is cut to. */
static const char *
room_name(struct task *t, const struct lane *l, const char *name)
{
	size_t most = cisco_is_tps(l) ? TPS_NAME_MAX : CISCO_NAME_MAX;
	return cisco_cut(arena_alloc(t->arena, most + 1), most + 1, most, name);
}

/*  > conference.enumerate { enumerateFilter "!completed" [, enumerateID] }
 *  < { conferences [ { conferenceName, ... } ] [, enumerateID: more] }
 * A Server has no such filter, and a conferenceGUID. */
enum err
cisco_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	const char *name = room_name(t, l, conference);
	struct cisco_pages pages = { 0 };
	bool more = true;
	while (more) {
		struct buf call = { 0 };
		const struct xmlrpc *i;
		cisco_begin(l, &call, "conference.enumerate");
		if (!cisco_is_tps(l))
			xmlrpc_add_string(&call, "enumerateFilter", "!completed");
		enum err e = cisco_page(
			t, l, &pages, &call, "conferences", "list conferences", &i, &more);
		if (e)
			return e;
		for (; i; i = i->next) {
			const char *id =
				cisco_is_tps(l) ? xmlrpc_text(i, "conferenceGUID", "") : name;
			if (str_empty(id) || xmlrpc_tri(i, "dead") == YES ||
				!str_eq(xmlrpc_text(i, "conferenceName", ""), name))
				continue;
			device_conference(out, id, conference, false);
			return OK;
		}
	}
	return task_fail(t, ERR_GONE, "find %s on %s: no such conference", name, l->device->name);
}

/* "layout12" as the number conference.* wants; 0: a family or default, which conferences cannot
 * hold. */
int64_t
cisco_custom_layout(const char *value)
{
	char word[CISCO_LAYOUT_SIZE];
	int64_t n = 0;
	if (value && cisco_layout(value, word) && str_starts(word, "layout"))
		str_to_int(word + 6, 1, 59, &n);
	return n;
}

void
cisco_put_custom_layout(struct buf *call, int64_t n)
{
	if (!n)
		return;
	xmlrpc_add_bool(call, "customLayoutEnabled", true);
	xmlrpc_add_bool(call, "newParticipantsCustomLayout", true);
	xmlrpc_add_int(call, "customLayout", n);
}

/*  > conference.create { conferenceName, durationSeconds 0, joinAudioMuted, ... }
 *                                                                         < {} | fault 2 exists
 * A Server: { conferenceName, persistent 1 }        < { conferenceGUID, ... } | fault 2 exists
 * Not persistent, it would end 30 s after the last site dropped. *out_id "" : not told. */
static enum err
create(struct task *t, struct lane *l, const char *name, const struct conference_spec *spec,
	const char **out_id, struct xmlrpc_fault *fault)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	bool tps = cisco_is_tps(l);
	cisco_begin(l, &call, "conference.create");
	xmlrpc_add_string(&call, "conferenceName", name);
	if (tps) {
		xmlrpc_add_bool(&call, "persistent", true);
	} else {
		xmlrpc_add_int(&call, "durationSeconds", 0); /* until destroyed: a run may be
							      * extended */
		xmlrpc_add_bool(&call, "joinAudioMuted", spec->muted);
		if (spec->ports > 0)
			xmlrpc_add_int(&call, "maximumVideoPorts", spec->ports);
		cisco_put_custom_layout(&call, cisco_custom_layout(spec->layout));
	}
	enum err e = cisco_once(t, l, &call, &v, fault);
	buf_free(&call);
	*out_id = e || fault->code ? "" : tps ? xmlrpc_text(v, "conferenceGUID", "") : name;
	return e;
}

enum err
cisco_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	const char *name = room_name(t, l, spec->name), *id;
	char layout[CISCO_LAYOUT_SIZE];
	struct xmlrpc_fault fault;
	bool cut = false;
	if (spec->layout && (cisco_is_tps(l) || !cisco_layout(spec->layout, layout)))
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", name,
			l->device->name, spec->layout);
	enum err e = cisco_find(t, l, spec->name, out);
	for (int round = 0; e == ERR_GONE && round < 2; round++) {
		task_forgive(t);
		e = create(t, l, name, spec, &id, &fault);
		cut = device_cut_off(t, e);
		if (e && !cut)
			return e;
		if (fault.code && fault.code != 2)
			return cisco_deny(t, l, &fault, "open conference");
		if (*id) {
			device_conference(out, id, spec->name, true);
			return OK;
		}
		/* Outcome unknown, somebody was quicker, or an answer without the id: the list
		 * tells. */
		task_forgive(t);
		e = cisco_find(t, l, spec->name, out);
		if (e == OK)
			out->created = !fault.code;
		if (!cut)
			return e;
	}
	if (e == ERR_GONE)
		return task_fail(t, ERR_TIMEOUT,
			"open %s on %s: the device closed the connection twice", name,
			l->device->name);
	return e;
}

enum err
cisco_end(struct task *t, struct lane *l, const struct conference *c)
{
	if (cisco_is_tps(l))
		return tps_end(t, l, c);
	struct buf call = { 0 };
	cisco_begin(l, &call, "conference.destroy");
	xmlrpc_add_string(&call, "conferenceName", c->id);
	return cisco_again(t, l, &call, "end conference", NULL);
}
