/* Cisco Meeting Server: conferences. A conference is a space by name and the call that goes on in
 * it; and what is done to all who are there: layout, focus, message.
 *
 * Called through the operations in cisco_cms.c. Owns nothing. Must never delete a space that was
 * there before, or change the settings of one. */
#include "adapters/cisco_cms.h"

#include "adapters/connect.h"
#include "adapters/wire/query.h"
#include "base/str.h"

enum { ASKED_MOST = 16, TEXT_MOST = 500 };

/* ---- find ---------------------------------------------------------------------------------- */

/* Not found in a list that leaves some out: nothing may be made for that. */
static enum err
not_found(struct task *t, const struct lane *l, const struct cms_list *all, const char *what)
{
	return all->partial ? task_fail(t, ERR_BUSY, "%s on %s: its list leaves some out", what,
				      l->device->name)
			    : task_fail(t, ERR_GONE, "%s on %s: none", what, l->device->name);
}

/*  > GET /calls?coSpaceFilter=S        < <calls total="N"><call id="C"><coSpace>S</coSpace>..  */
static enum err
find_call(struct task *t, struct lane *l, const char *space, char out[CMS_ID_SIZE])
{
	struct cms_list all;
	enum err e = cms_all(t, l, arena_printf(t->arena, "/calls?coSpaceFilter=%s", space), "call",
		"list calls", &all);
	for (size_t i = 0; e == OK && i < all.n; i++) {
		const char *of = xml_text(all.items[i], "coSpace");
		if (!str_empty(of) && !str_eq_nocase(of, space))
			continue;
		str_copy(out, CMS_ID_SIZE, xml_attr(all.items[i], "id"));
		return OK;
	}
	return e ? e : not_found(t, l, &all, "find a call in that space");
}

/* The filter finds parts of names too: only the whole name counts. Of two spaces of one name the
 * one in which a call goes on is meant.
 *  > GET /coSpaces?filter=N            < <coSpaces total="N"><coSpace id="S"><name>N</name>.. */
static enum err
find_space(struct task *t, struct lane *l, const char *name, struct cms_where *out)
{
	struct cms_list all;
	struct buf path = { 0 };
	int asked = 0;
	buf_puts(&path, "/coSpaces?filter=");
	query_escape(&path, name);
	enum err e = cms_all(
		t, l, arena_strdup(t->arena, buf_str(&path)), "coSpace", "list spaces", &all);
	buf_free(&path);
	*out = (struct cms_where){ 0 };
	for (size_t i = 0; e == OK && i < all.n && asked < ASKED_MOST; i++) {
		const char *id = xml_attr(all.items[i], "id");
		if (!str_eq(xml_text(all.items[i], "name"), name))
			continue;
		asked++;
		e = find_call(t, l, id, out->call);
		if (e == OK || !*out->space)
			str_copy(out->space, sizeof out->space, id);
		if (e != ERR_GONE)
			return e;
		task_forgive(t);
		e = OK;
	}
	if (e)
		return e;
	return *out->space ? OK
			   : not_found(t, l, &all, arena_printf(t->arena, "find a space %s", name));
}

static void
put_conference(struct conference *out, const struct cms_where *w, const char *name)
{
	*out = (struct conference){ 0 };
	cms_conference_id(out->id, sizeof out->id, w);
	str_copy(out->name, sizeof out->name, name);
}

enum err
cms_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	struct cms_where w;
	enum err e = find_space(t, l, conference, &w);
	if (e)
		return e;
	if (!*w.call)
		return task_fail(t, ERR_GONE, "find %s on %s: nobody is in that space", conference,
			l->device->name);
	put_conference(out, &w, conference);
	return OK;
}

/* ---- start and end ------------------------------------------------------------------------- */

static enum err
no_location(struct task *t, const struct lane *l, const char *what)
{
	return task_fail(t, ERR_PROTOCOL, "%s on %s: it was made, and its id was not told", what,
		l->device->name);
}

/*  > POST /coSpaces  name=N[&defaultLayout=]     < Location: /api/v1/coSpaces/S  */
static enum err
make_space(struct task *t, struct lane *l, const struct conference_spec *spec, struct cms_where *w)
{
	for (int round = 0; round < 2; round++) {
		struct buf form = { 0 };
		struct cms_reply r;
		cms_put(&form, "name", spec->name);
		if (spec->layout)
			cms_put(&form, "defaultLayout", cms_layout(spec->layout));
		enum err e = cms_ask(t, l, "POST", "/coSpaces", &form, false, "make a space", &r);
		buf_free(&form);
		w->own_space = true;
		if (e == OK && !*r.id)
			return no_location(t, l, "make a space");
		if (e == OK)
			str_copy(w->space, sizeof w->space, r.id);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
		e = find_space(t, l, spec->name, w);
		w->own_space = true;
		if (e != ERR_GONE)
			return e;
		task_forgive(t);
	}
	return task_fail(t, ERR_TIMEOUT,
		"make a space on %s: the device closed the connection twice", l->device->name);
}

/*  > POST /calls  coSpace=S                      < Location: /api/v1/calls/C  */
static enum err
make_call(struct task *t, struct lane *l, struct cms_where *w)
{
	for (int round = 0; round < 2; round++) {
		struct buf form = { 0 };
		struct cms_reply r;
		cms_put(&form, "coSpace", w->space);
		enum err e = cms_ask(t, l, "POST", "/calls", &form, false, "open a call", &r);
		buf_free(&form);
		if (e == OK && !*r.id)
			return no_location(t, l, "open a call");
		if (e == OK)
			str_copy(w->call, sizeof w->call, r.id);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
		e = find_call(t, l, w->space, w->call);
		if (e != ERR_GONE)
			return e;
		task_forgive(t);
	}
	return task_fail(t, ERR_TIMEOUT,
		"open a call on %s: the device closed the connection twice", l->device->name);
}

/* Whoever comes by himself comes muted. A version that does not know the word opens without it. */
static enum err
mute_newcomers(struct task *t, struct lane *l, const char *call)
{
	struct buf form = { 0 };
	cms_put(&form, "joinAudioMuteOverride", "true");
	enum err e = cms_ask(t, l, "PUT", arena_printf(t->arena, "/calls/%s", call), &form, true,
		"mute newcomers", NULL);
	buf_free(&form);
	if (e != ERR_REFUSED && e != ERR_UNSUPPORTED && e != ERR_BUSY)
		return e;
	task_forgive(t);
	return OK;
}

enum err
cms_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	struct cms_where w;
	bool made = false;
	if (spec->layout && !cms_layout(spec->layout))
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", spec->name,
			l->device->name, spec->layout);
	enum err e = find_space(t, l, spec->name, &w);
	if (e == ERR_GONE) {
		task_forgive(t);
		e = make_space(t, l, spec, &w);
	}
	if (e == OK && !*w.call) {
		made = true;
		e = make_call(t, l, &w);
		if (e == OK && spec->muted)
			e = mute_newcomers(t, l, w.call);
	}
	if (e)
		return e;
	put_conference(out, &w, spec->name);
	out->created = made;
	return OK;
}

/* The call, and with it everybody; the space only where it was made for this.
 *  > DELETE /calls/C     < 200 | 404        > DELETE /coSpaces/S  */
enum err
cms_end(struct task *t, struct lane *l, const struct conference *c)
{
	struct cms_where w;
	enum err e = cms_check(t, l, c, "end conference", &w);
	if (e)
		return e;
	e = cms_ask(t, l, "DELETE", arena_printf(t->arena, "/calls/%s", w.call), NULL, true,
		"end conference", NULL);
	if (!w.own_space || (e && e != ERR_GONE))
		return e;
	if (e)
		task_forgive(t);
	e = cms_ask(t, l, "DELETE", arena_printf(t->arena, "/coSpaces/%s", w.space), NULL, true,
		"remove our space", NULL);
	if (e == ERR_GONE) {
		task_forgive(t);
		e = OK;
	}
	return e;
}

/* ---- in the conference --------------------------------------------------------------------- */

/* rxAudioMute: the bridge ignores what comes from the site. */
enum err
cms_mute(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	struct buf form = { 0 };
	enum err e = cms_check_leg(t, l, leg, on ? "mute" : "unmute");
	if (e)
		return e;
	cms_put(&form, "rxAudioMute", on ? "true" : "false");
	e = cms_ask(t, l, "PUT", arena_printf(t->arena, "/callLegs/%s", leg->id), &form, true,
		on ? "mute" : "unmute", NULL);
	buf_free(&form);
	return e;
}

/* PUT of one field. */
static enum err
set(struct task *t, struct lane *l, const char *path, const char *name, const char *value,
	const char *what)
{
	struct buf form = { 0 };
	cms_put(&form, name, value);
	enum err e = cms_ask(t, l, "PUT", path, &form, true, what, NULL);
	buf_free(&form);
	return e;
}

/* A space of ours gets it as its own, so that those who come later see it as well.
 *  > PUT /calls/C/participants/<star>  layout=L  */
enum err
cms_set_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	const char *word = cms_layout(value);
	struct cms_where w;
	enum err e = cms_check(t, l, c, "set the layout", &w);
	if (e)
		return e;
	if (!word)
		return task_fail(t, ERR_UNSUPPORTED, "set the layout on %s: no layout \"%s\"",
			l->device->name, value);
	if (w.own_space)
		e = set(t, l, arena_printf(t->arena, "/coSpaces/%s", w.space), "defaultLayout",
			word, "set the layout");
	return e ? e
		 : set(t, l, arena_printf(t->arena, "/calls/%s/participants/*", w.call), "layout",
			   word, "set the layout");
}

/*  > GET /participants/P/callLegs      < <callLegs total="1"><callLeg id="L">..  */
static enum err
holds_leg(struct task *t, struct lane *l, const char *participant, const char *leg, bool *out)
{
	struct cms_list legs;
	*out = false;
	enum err e = cms_all(t, l, arena_printf(t->arena, "/participants/%s/callLegs", participant),
		"callLeg", "ask for a participant", &legs);
	if (e == ERR_GONE) {
		task_forgive(t);
		return OK;
	}
	for (size_t i = 0; e == OK && i < legs.n; i++)
		*out |= str_eq_nocase(xml_attr(legs.items[i], "id"), leg);
	return e;
}

/* Importance is given to participants, and a leg does not name its own. Those of the same address
 * are asked whether the leg is theirs.
 *  > GET /calls/C/participants         < <participants total><participant id="P"><name/><uri/>.. */
static enum err
participant_of(struct task *t, struct lane *l, const char *call, const struct leg *leg,
	char out[CMS_ID_SIZE])
{
	struct cms_list all;
	struct cms_reply r;
	int asked = 0;
	enum err e = cms_ask(t, l, "GET", arena_printf(t->arena, "/callLegs/%s", leg->id), NULL,
		true, "focus", &r);
	if (e)
		return e;
	const char *party = xml_text(r.xml, "remoteParty"), *name = xml_text(r.xml, "name");
	e = cms_all(t, l, arena_printf(t->arena, "/calls/%s/participants", call), "participant",
		"list participants", &all);
	for (size_t i = 0; e == OK && i < all.n && asked < ASKED_MOST; i++) {
		const char *uri = xml_text(all.items[i], "uri"), *id = xml_attr(all.items[i], "id");
		bool same = str_empty(uri) ? str_eq(xml_text(all.items[i], "name"), name)
					   : str_eq_nocase(uri, party);
		bool holds = false;
		if (!same)
			continue;
		asked++;
		e = holds_leg(t, l, id, leg->id, &holds);
		if (holds) {
			str_copy(out, CMS_ID_SIZE, id);
			return OK;
		}
	}
	return e ? e
		 : task_fail(t, ERR_REFUSED, "focus %s on %s: no participant has this leg",
			   leg->name, l->device->name);
}

/* The largest pane belongs to whoever has the highest importance: everybody loses his, one gets
 * it, and the call places panes by it. */
enum err
cms_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct cms_where w;
	char who[CMS_ID_SIZE];
	enum err e = cms_check(t, l, c, "focus", &w);
	if (e == OK && leg)
		e = cms_check_leg(t, l, leg, "focus");
	if (e == OK && leg)
		e = participant_of(t, l, w.call, leg, who);
	if (e == OK)
		e = set(t, l, arena_printf(t->arena, "/calls/%s/participants/*", w.call),
			"importance", "", "focus");
	if (e == OK && leg)
		e = set(t, l, arena_printf(t->arena, "/participants/%s", who), "importance", "1",
			"focus");
	return e ? e
		 : set(t, l, arena_printf(t->arena, "/calls/%s", w.call),
			   "panePlacementHighestImportance", leg ? "1" : "", "focus");
}

/*  > PUT /calls/C  messageText=..&messagePosition=middle&messageDuration=30|permanent  */
enum err
cms_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	struct cms_where w;
	struct buf form = { 0 };
	char cut[TEXT_MOST + 1];
	enum err e = cms_check(t, l, c, "show a message", &w);
	if (e)
		return e;
	if (leg)
		return task_fail(t, ERR_UNSUPPORTED,
			"show a message on %s: this MCU shows texts to the whole conference only",
			l->device->name);
	str_copy(cut, sizeof cut, text ? text : "");
	cms_put(&form, "messageText", cut);
	cms_put(&form, "messagePosition", "middle");
	cms_put(&form, "messageDuration",
		!*cut	      ? "0"
		: seconds > 0 ? arena_printf(t->arena, "%d", seconds)
			      : "permanent");
	e = cms_ask(t, l, "PUT", arena_printf(t->arena, "/calls/%s", w.call), &form, true,
		"show a message", NULL);
	buf_free(&form);
	return e;
}
