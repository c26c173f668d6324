/* Cisco TelePresence MCU: conferences. Looked for, made without ever making a second one, ended.
 *
 * Called through the operations in cisco_mcu.c. Owns nothing. Must never make a conference again
 * without having asked what became of the last order. */
#include "adapters/cisco_mcu.h"

#include "base/buf.h"
#include "base/str.h"

enum { MOST_PAGES = 500 };

/*  > conference.enumerate { enumerateFilter "!completed" [, enumerateID] }
 *  < { conferences [ { conferenceName, ... } ] [, enumerateID: more] }  */
enum err
cisco_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	if (cisco_is_tps(l))
		return tps_find(t, l, conference, out);
	char name[CISCO_NAME_MAX + 1];
	cisco_cut(name, sizeof name, CISCO_NAME_MAX, conference);
	const char *cursor = NULL;
	for (int page = 0; page < MOST_PAGES; page++) {
		struct buf call = { 0 };
		const struct xmlrpc *v;
		cisco_begin(l, &call, "conference.enumerate");
		xmlrpc_add_string(&call, "enumerateFilter", "!completed");
		if (cursor)
			xmlrpc_add_string(&call, "enumerateID", cursor);
		enum err e = cisco_again(t, l, &call, "list conferences", &v);
		if (e)
			return e;
		const struct xmlrpc *list = xmlrpc_get(v, "conferences");
		for (const struct xmlrpc *i = list ? list->first : NULL; i; i = i->next) {
			if (!str_eq(xmlrpc_text(i, "conferenceName", ""), name) ||
				xmlrpc_tri(i, "dead") == YES)
				continue;
			*out = (struct conference){ 0 };
			str_copy(out->id, sizeof out->id, name);
			str_copy(out->name, sizeof out->name, conference);
			return OK;
		}
		cursor = xmlrpc_text(v, "enumerateID", NULL);
		if (str_empty(cursor))
			return task_fail(t, ERR_GONE, "find %s on %s: no such conference", name,
				l->device->name);
	}
	return task_fail(
		t, ERR_PROTOCOL, "list conferences on %s: the list does not end", l->device->name);
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

static enum err
create(struct task *t, struct lane *l, const char *name, const struct conference_spec *spec,
	struct xmlrpc_fault *fault)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	cisco_begin(l, &call, "conference.create");
	xmlrpc_add_string(&call, "conferenceName", name);
	xmlrpc_add_int(&call, "durationSeconds", 0); /* until destroyed: a run may be extended */
	xmlrpc_add_bool(&call, "joinAudioMuted", spec->muted);
	if (spec->ports > 0)
		xmlrpc_add_int(&call, "maximumVideoPorts", spec->ports);
	cisco_put_custom_layout(&call, cisco_custom_layout(spec->layout));
	enum err e = cisco_once(t, l, &call, &v, fault);
	buf_free(&call);
	return e;
}

/*  > conference.create { conferenceName, durationSeconds 0, joinAudioMuted, ... }
 *                                                                         < {} | fault 2 exists  */
enum err
cisco_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	if (cisco_is_tps(l))
		return tps_start(t, l, spec, out);
	char name[CISCO_NAME_MAX + 1], layout[CISCO_LAYOUT_SIZE];
	cisco_cut(name, sizeof name, CISCO_NAME_MAX, spec->name);
	if (spec->layout && !cisco_layout(spec->layout, layout))
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", name,
			l->device->name, spec->layout);
	enum err e = cisco_find(t, l, spec->name, out);
	if (e != ERR_GONE)
		return e;
	task_forgive(t);

	struct xmlrpc_fault fault;
	bool cut = false;
	for (int round = 0; round < 2; round++) {
		e = create(t, l, name, spec, &fault);
		cut = cisco_cut_off(t, e);
		if (e && !cut)
			return e;
		if (!cut && fault.code && fault.code != 2)
			return cisco_deny(t, l, &fault, "open conference");
		if (!cut && !fault.code)
			break;
		/* Outcome unknown, or somebody was quicker: the list tells. */
		task_forgive(t);
		e = cisco_find(t, l, spec->name, out);
		if (e == OK)
			out->created = cut;
		if (e != ERR_GONE || !cut)
			return e;
		task_forgive(t);
	}
	if (cut)
		return task_fail(t, ERR_TIMEOUT,
			"open %s on %s: the device closed the connection twice", name,
			l->device->name);
	*out = (struct conference){ .created = true };
	str_copy(out->id, sizeof out->id, name);
	str_copy(out->name, sizeof out->name, spec->name);
	return OK;
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
