/* Polycom RMX: conferences. Finding and opening one, ending it, and what is done to all who are
 * there.
 *
 * Called through the operations in poly_rmx.c. Owns nothing. Must never wait for an outcome
 * beyond the task's time: what is in progress then is unknown. */
#include "adapters/poly_rmx.h"

#include "adapters/connect.h"
#include "base/str.h"
#include "base/vis.h"

enum { POLL_MS = 300, POLLS_MOST = 100, SECONDS_EACH = 10, REPEATS_MOST = 9, TEXT_MOST = 250 };

/*  > GET_LS { OBJ_TOKEN -1 }
 *  < { CONF_SUMMARY_LS { CONF_SUMMARY { NAME, ID, DISPLAY_NAME, .. } * } }
 * By name, or by id where name is NULL. */
enum err
rmx_find_conference(
	struct task *t, struct lane *l, const char *name, const char *id, struct conference *out)
{
	struct rmx_answer a;
	enum err e = rmx_ask(t, l, "TRANS_CONF_LIST", "<GET_LS><OBJ_TOKEN>-1</OBJ_TOKEN></GET_LS>",
		true, "list conferences", &a);
	if (e)
		return e;
	const struct xml *list = rmx_find(a.root, "CONF_SUMMARY_LS");
	/* Nothing may be made because a list was not told. */
	if (a.status == 1 && !list)
		return task_fail(
			t, ERR_BUSY, "list conferences on %s: %s", l->device->name, a.words);
	if (!list)
		return task_fail(
			t, ERR_PROTOCOL, "list conferences on %s: no list", l->device->name);
	for (const struct xml *x = xml_child(list, "CONF_SUMMARY"); x;
		x = xml_next(x, "CONF_SUMMARY")) {
		const char *shown = xml_text(x, "DISPLAY_NAME"), *own = xml_text(x, "NAME");
		const char *number = xml_text(x, "ID");
		bool same = name ? str_eq(shown, name) || str_eq(own, name) : str_eq(number, id);
		if (!same || !rmx_is_id(number))
			continue;
		*out = (struct conference){ 0 };
		str_copy(out->id, sizeof out->id, number);
		str_copy(out->name, sizeof out->name, name ? name : own ? own : "");
		return OK;
	}
	return task_fail(t, ERR_GONE, "find %s on %s: no such conference", name ? name : id,
		l->device->name);
}

enum err
rmx_find_named(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	return rmx_find_conference(t, l, conference, NULL, out);
}

/* ---- start and end ------------------------------------------------------------------------- */

static void
put_text(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "<%s>", name);
	vis_xml(b, value);
	buf_printf(b, "</%s>", name);
}

/* Only what differs from the profile, in the order of the whole block. AUTO_TERMINATE would end a
 * conference that nobody has joined after ten minutes. */
static void
put_reservation(struct buf *b, const struct rmx_session *s, const struct conference_spec *spec)
{
	bool automatic = true;
	const char *layout = spec->layout ? rmx_layout(spec->layout, &automatic) : NULL;
	buf_puts(b, "<START><RESERVATION>");
	put_text(b, "NAME", spec->name);
	put_text(b, "DISPLAY_NAME", spec->name);
	buf_puts(b, "<NUMERIC_ID/><DURATION><HOUR>23</HOUR><MINUTE>59</MINUTE><SECOND>0</SECOND></"
		    "DURATION>");
	if (spec->kbps > 0)
		buf_printf(b, "<TRANSFER_RATE>%d</TRANSFER_RATE>", spec->kbps);
	buf_puts(b,
		"<AUTO_TERMINATE><ON>false</ON></AUTO_TERMINATE><VIDEO_SESSION>continuous_presence"
		"</VIDEO_SESSION>");
	if (layout)
		buf_printf(b,
			"<VIDEO><AUTO_LAYOUT>%s</AUTO_LAYOUT><FORCE><LAYOUT>%s</LAYOUT></FORCE></"
			"VIDEO>",
			automatic ? "true" : "false", layout);
	if (*s->profile)
		buf_printf(b, "<AD_HOC_PROFILE_ID>%s</AD_HOC_PROFILE_ID>", s->profile);
	buf_puts(b, "</RESERVATION></START>");
}

/* In progress: the list shows when it is there. */
static enum err
await(struct task *t, struct lane *l, const char *name, struct conference *out)
{
	for (int i = 0; i < POLLS_MOST; i++) {
		enum err e = rmx_find_conference(t, l, name, NULL, out);
		if (e != ERR_GONE && e != ERR_BUSY)
			return e;
		task_forgive(t);
		e = task_sleep(t, POLL_MS);
		if (e)
			return e;
	}
	return task_fail(t, ERR_TIMEOUT, "open %s on %s: in progress, and not there yet", name,
		l->device->name);
}

/*  > TRANS_RES_1 START { RESERVATION }      < { RESERVATION { ID, .. } }  | 1: in progress |
 * refused */
enum err
rmx_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	bool automatic, cut = false;
	if (spec->layout && !rmx_layout(spec->layout, &automatic))
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", spec->name,
			l->device->name, spec->layout);
	enum err e = rmx_find_conference(t, l, spec->name, NULL, out);
	for (int round = 0; round < 2 && e == ERR_GONE; round++) {
		struct rmx_answer a;
		struct buf b = { 0 };
		task_forgive(t);
		put_reservation(&b, l->session, spec);
		e = rmx_ask(t, l, "TRANS_RES_1", buf_str(&b), false, "open conference", &a);
		buf_free(&b);
		if (e == OK) {
			const char *id = xml_text(rmx_find(a.root, "RESERVATION"), "ID");
			*out = (struct conference){ 0 };
			str_copy(out->name, sizeof out->name, spec->name);
			if (a.status == 0 && rmx_is_id(id))
				str_copy(out->id, sizeof out->id, id);
			else
				e = await(t, l, spec->name, out);
			out->created = true;
			return e;
		}
		cut = device_cut_off(t, e);
		if (!cut)
			return e;
		task_forgive(t);
		e = rmx_find_conference(t, l, spec->name, NULL, out);
		if (e == OK)
			out->created = true;
	}
	if (e == ERR_GONE && cut) {
		task_forgive(t);
		return task_fail(t, ERR_TIMEOUT,
			"open %s on %s: the device closed the connection twice", spec->name,
			l->device->name);
	}
	return e;
}

/* Nobody of that number in the list: it is gone, whatever was the reason of the refusal. */
static enum err
refused_or_gone(struct task *t, struct lane *l, const struct conference *c, enum err e)
{
	struct conference still;
	char why[sizeof t->why];
	if (e != ERR_REFUSED)
		return e;
	str_copy(why, sizeof why, t->why);
	task_forgive(t);
	e = rmx_find_conference(t, l, NULL, c->id, &still);
	return e ? e : task_fail(t, ERR_REFUSED, "%s", why);
}

static enum err
order(struct task *t, struct lane *l, const struct conference *c, const char *trans,
	const char *verb, const char *inside, const char *what)
{
	if (!rmx_is_id(c->id))
		return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is no conference of this MCU",
			what, l->device->name, c->id);
	enum err e = rmx_ask(t, l, trans,
		arena_printf(t->arena, "<%s><ID>%s</ID>%s</%s>", verb, c->id, inside, verb), true,
		what, NULL);
	return refused_or_gone(t, l, c, e);
}

enum err
rmx_end(struct task *t, struct lane *l, const struct conference *c)
{
	return order(t, l, c, "TRANS_CONF_2", "TERMINATE_CONF", "", "end conference");
}

/* ---- in the conference --------------------------------------------------------------------- */

static enum err
set_auto(struct task *t, struct lane *l, const struct conference *c, bool on)
{
	return order(t, l, c, "TRANS_CONF_1", "SET_AUTO_LAYOUT",
		on ? "<AUTO_LAYOUT>true</AUTO_LAYOUT>" : "<AUTO_LAYOUT>false</AUTO_LAYOUT>",
		"set the layout");
}

enum err
rmx_set_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	bool automatic;
	const char *word = rmx_layout(value, &automatic);
	if (!word)
		return task_fail(t, ERR_UNSUPPORTED, "set the layout on %s: no layout \"%s\"",
			l->device->name, value);
	enum err e = set_auto(t, l, c, automatic);
	if (e || automatic)
		return e;
	return order(t, l, c, "TRANS_CONF_1", "SET_VIDEO_LAYOUT",
		arena_printf(t->arena, "<FORCE><LAYOUT>%s</LAYOUT></FORCE>", word),
		"set the layout");
}

/* The first cell of the layout that is on now.
 *  > SET_VIDEO_LAYOUT { ID, FORCE { LAYOUT, CELL { ID 1, FORCE_STATE forced, FORCE_ID,
 *      FORCE_NAME } } } */
enum err
rmx_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct rmx_room *room;
	struct buf b = { 0 };
	enum err e = rmx_refresh(t, l, c, &room);
	if (e)
		return e;
	const struct rmx_party *p = leg ? rmx_known(room, leg->id) : NULL;
	if (leg && (!p || p->removed))
		return task_fail(
			t, ERR_GONE, "focus %s on %s: not there", leg->name, l->device->name);
	buf_puts(&b, "<FORCE>");
	put_text(&b, "LAYOUT", *room->layout ? room->layout : "1x1");
	buf_puts(&b, "<CELL><ID>1</ID>");
	if (p) {
		buf_printf(
			&b, "<FORCE_STATE>forced</FORCE_STATE><FORCE_ID>%s</FORCE_ID>", p->leg.id);
		put_text(&b, "FORCE_NAME", p->leg.name);
	} else {
		buf_puts(&b, "<FORCE_STATE>auto</FORCE_STATE>");
	}
	buf_puts(&b, "</CELL></FORCE>");
	e = order(t, l, c, "TRANS_CONF_1", "SET_VIDEO_LAYOUT", buf_str(&b), "focus");
	buf_free(&b);
	return e;
}

/* The device counts repetitions of a running text, not seconds: one for each ten.
 *  > SET_MESSAGE_OVERLAY { ID, MESSAGE_OVERLAY { ON, MESSAGE_TEXT, .. } }  */
enum err
rmx_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	char cut[TEXT_MOST + 1];
	struct buf b = { 0 };
	if (leg)
		return task_fail(t, ERR_UNSUPPORTED,
			"show a message on %s: this MCU shows texts to the whole conference only",
			l->device->name);
	str_copy(cut, sizeof cut, text ? text : "");
	int repeats = (seconds + SECONDS_EACH - 1) / SECONDS_EACH;
	repeats = seconds <= 0 || repeats > REPEATS_MOST ? REPEATS_MOST : repeats;
	buf_printf(&b, "<MESSAGE_OVERLAY><ON>%s</ON>", *cut ? "true" : "false");
	put_text(&b, "MESSAGE_TEXT", cut);
	buf_printf(&b,
		"<MESSAGE_FONT_SIZE>small</"
		"MESSAGE_FONT_SIZE><MESSAGE_COLOR>white_font_on_red_background"
		"</MESSAGE_COLOR><NUM_OF_REPETITIONS>%d</"
		"NUM_OF_REPETITIONS><MESSAGE_DISPLAY_SPEED>slow"
		"</MESSAGE_DISPLAY_SPEED><MESSAGE_DISPLAY_POSITION>bottom</"
		"MESSAGE_DISPLAY_POSITION>"
		"</MESSAGE_OVERLAY>",
		repeats);
	enum err e = order(
		t, l, c, "TRANS_CONF_2", "SET_MESSAGE_OVERLAY", buf_str(&b), "show a message");
	buf_free(&b);
	return e;
}
