/* Events and orders as the rows the journal keeps, and events back again.
 *
 * Called by the coordinator for every row, by replay and report for every row read. Owns nothing;
 * pure. What is written is everything run_step() looks at: the coordinator itself feeds the event
 * it has read back from its own row, so that the first time and every replay see the same. It must
 * never write a secret: orders and answers carry none. */
#include "event.h"
#include "spec.h"

#include "base/str.h"
#include "event_parts.h"
#include "imported.h"

#include <string.h>

static const char *const kind_names[] = { "begin", "restart", "tick", "answer", "roster", "command",
	"inherit", "missed", "invited", "known", "news", "clock", "imported" };
enum { KINDS_N = sizeof kind_names / sizeof kind_names[0] };

static const char *const command_names[COMMAND_N] = {
	[COMMAND_ALLCLEAR] = "allclear",
	[COMMAND_HOLD] = "hold",
	[COMMAND_RELEASE] = "release",
	[COMMAND_EXTEND] = "extend",
	[COMMAND_STOP] = "stop",
	[COMMAND_HANGUP] = "hangup",
	[COMMAND_DIAL] = "dial",
	[COMMAND_MUTE] = "mute",
	[COMMAND_UNMUTE] = "unmute",
	[COMMAND_MARK] = "mark",
	[COMMAND_SETTLE] = "settle",
	[COMMAND_PEOPLE] = "people",
	[COMMAND_LAYOUT] = "layout",
	[COMMAND_FOCUS] = "focus",
	[COMMAND_MESSAGE] = "message",
	[COMMAND_NEXT] = "next",
	[COMMAND_CALL] = "call",
	[COMMAND_PASS] = "pass",
	[COMMAND_REPEAT] = "repeat",
	[COMMAND_CALLED] = "called",
};

const char *
command_name(enum command c)
{
	return c < COMMAND_N ? command_names[c] : "?";
}

enum command
command_from_name(const char *name)
{
	for (int i = 0; i < COMMAND_N; i++)
		if (str_eq(name, command_names[i]))
			return (enum command)i;
	return COMMAND_N;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool
is_answer(const struct event *e)
{
	return e->kind == EVENT_ANSWER || e->kind == EVENT_ROSTER;
}

static void
put_lists(const struct event *e, struct json_out *w)
{
	if (e->legs_n) {
		json_open(w, "legs", '[');
		for (size_t i = 0; i < e->legs_n; i++)
			part_put_leg(w, NULL, &e->legs[i]);
		json_close(w, ']');
	}
	if (e->past_n) {
		json_open(w, "history", '[');
		for (size_t i = 0; i < e->past_n; i++)
			part_put_past(w, NULL, &e->past[i]);
		json_close(w, ']');
	}
	if (!e->gone_n)
		return;
	json_open(w, "gone", '[');
	for (size_t i = 0; i < e->gone_n; i++)
		part_put_text(w, NULL, e->gone[i], sizeof e->gone[i]);
	json_close(w, ']');
}

void
event_write(const struct event *e, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_text(w, "kind", kind_names[e->kind]);
	part_put_int(w, "number", e->number);
	if (is_answer(e))
		json_put_text(w, "verb", verb_name(e->verb));
	if (e->kind == EVENT_COMMAND)
		json_put_text(w, "command", command_name(e->command));
	part_put_text(w, "device", e->device, sizeof e->device);
	part_put_text(w, "site", e->site, sizeof e->site);
	if (is_answer(e) || e->code != OK)
		json_put_text(w, "code", err_name(e->code));
	part_put_text(w, "word", e->word, sizeof e->word);
	part_put_text(w, "why", e->why, sizeof e->why);
	part_put_conference(w, "conference", &e->conference);
	part_put_leg(w, "leg", &e->leg);
	part_put_ending(w, "ending", &e->ending);
	part_put_media(w, "media", &e->media);
	part_put_status(w, "status", &e->status);
	part_put_identity(w, "identity", &e->identity);
	put_lists(e, w);
	part_put_text(w, "by", e->by, sizeof e->by);
	part_put_text(w, "text", e->text, sizeof e->text);
	part_put_int(w, "value", e->value);
	if (e->invited)
		spec_site_write(w, "invited", e->invited);
	if (e->imported)
		imported_write(w, "imported", e->imported);
	json_close(w, '}');
}

void
order_write(const struct order *o, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_int(w, "number", o->number);
	json_put_text(w, "verb", verb_name(o->verb));
	part_put_text(w, "device", o->device, sizeof o->device);
	part_put_text(w, "site", o->site, sizeof o->site);
	part_put_int(w, "attempt", o->attempt);
	part_put_bool(w, "urgent", o->urgent);
	part_put_int(w, "timeout_ms", o->timeout_ms);
	part_put_conference(w, "conference", &o->conference);
	part_put_leg(w, "leg", &o->leg);
	part_put_text(w, "conference_name", o->conference_name, sizeof o->conference_name);
	part_put_text(w, "layout", o->layout, sizeof o->layout);
	part_put_int(w, "kbps", o->kbps);
	part_put_int(w, "ports", o->ports);
	if (o->verb == VERB_MUTE || o->verb == VERB_START || o->verb == VERB_DIAL)
		json_put_bool(w, "on", o->on);
	part_put_bool(w, "audio_only", o->audio_only);
	part_put_text(w, "site_name", o->site_name, sizeof o->site_name);
	part_put_text(w, "leg_name", o->leg_name, sizeof o->leg_name);
	part_put_text(w, "address", o->address, sizeof o->address);
	part_put_text(w, "attempt_word", o->attempt_word, sizeof o->attempt_word);
	part_put_text(w, "text", o->text, sizeof o->text);
	part_put_int(w, "seconds", o->seconds);
	json_close(w, '}');
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err
get_words(const struct json *j, struct event *out, struct err_text *e)
{
	const char *kind = json_text(j, "kind"), *verb = json_text(j, "verb"),
		   *command = json_text(j, "command"), *code = json_text(j, "code");
	int k = 0;
	while (k < KINDS_N && !str_eq(kind, kind_names[k]))
		k++;
	if (k == KINDS_N)
		return err_set(
			e, ERR_PROTOCOL, "event of an unknown kind: %s", kind ? kind : "(none)");
	out->kind = (enum event_kind)k;
	if (is_answer(out) && (out->verb = verb_from_name(verb ? verb : "")) == VERB_N)
		return err_set(
			e, ERR_PROTOCOL, "event with an unknown verb: %s", verb ? verb : "(none)");
	if (out->kind == EVENT_COMMAND && (out->command = command_from_name(command)) == COMMAND_N)
		return err_set(e, ERR_PROTOCOL, "event with an unknown command: %s",
			command ? command : "(none)");
	out->code = code ? err_from_name(code) : OK;
	if (code && !str_eq(err_name(out->code), code))
		return err_set(e, ERR_PROTOCOL, "event with an unknown code: %s", code);
	return OK;
}

static enum err
get_lists(const struct json *j, struct arena *a, struct event *out, struct err_text *e)
{
	const struct json *legs = json_get(j, "legs"), *gone = json_get(j, "gone"),
			  *past = json_get(j, "history");
	size_t past_n = past && past->kind == JSON_IS_ARRAY ? past->count : 0;
	size_t legs_n = legs && legs->kind == JSON_IS_ARRAY ? legs->count : 0;
	size_t gone_n = gone && gone->kind == JSON_IS_ARRAY ? gone->count : 0;
	out->legs = legs_n ? arena_alloc(a, legs_n * sizeof *out->legs) : NULL;
	out->gone = gone_n ? arena_alloc(a, gone_n * sizeof *out->gone) : NULL;
	for (const struct json *l = legs_n ? legs->first : NULL; l; l = l->next)
		if (!part_get_leg(l, &out->legs[out->legs_n++]))
			return err_set(e, ERR_PROTOCOL, "event with a leg in an unknown state");
	out->past = past_n ? arena_alloc(a, past_n * sizeof *out->past) : NULL;
	for (const struct json *p = past_n ? past->first : NULL; p; p = p->next)
		if (!part_get_past(p, &out->past[out->past_n++]))
			return err_set(
				e, ERR_PROTOCOL, "event with a past call of an unknown cause");
	for (const struct json *g = gone_n ? gone->first : NULL; g; g = g->next)
		str_copy(out->gone[out->gone_n++], sizeof out->gone[0], g->text ? g->text : "");
	return OK;
}

enum err
event_read(const struct json *j, int64_t at, int64_t seq, struct arena *a, struct event *out,
	struct err_text *e)
{
	*out = (struct event){ .at = at, .seq = seq };
	enum err code = get_words(j, out, e);
	if (code != OK)
		return code;
	out->number = json_int(j, "number", 0);
	part_get_text(j, "device", out->device, sizeof out->device);
	part_get_text(j, "site", out->site, sizeof out->site);
	part_get_text(j, "word", out->word, sizeof out->word);
	part_get_text(j, "why", out->why, sizeof out->why);
	part_get_conference(json_get(j, "conference"), &out->conference);
	if (!part_get_leg(json_get(j, "leg"), &out->leg) ||
		!part_get_ending(json_get(j, "ending"), &out->ending))
		return err_set(e, ERR_PROTOCOL, "event with a leg in an unknown state");
	part_get_media(json_get(j, "media"), &out->media);
	part_get_status(json_get(j, "status"), &out->status);
	part_get_identity(json_get(j, "identity"), &out->identity);
	part_get_text(j, "by", out->by, sizeof out->by);
	part_get_text(j, "text", out->text, sizeof out->text);
	out->value = json_int(j, "value", 0);
	if (out->kind == EVENT_INVITED || out->kind == EVENT_KNOWN) {
		struct spec_site *site = arena_alloc(a, sizeof *site);
		enum err read = spec_site_read(json_get(j, "invited"), site, e);
		if (read != OK)
			return read;
		out->invited = site;
	}
	if (out->kind == EVENT_IMPORTED) {
		struct imported *in = arena_alloc(a, sizeof *in);
		enum err read = imported_read(json_get(j, "imported"), a, in, e);
		if (read != OK)
			return read;
		in->by = out->by;
		in->at = at;
		in->seq = seq;
		out->imported = in;
	}
	return get_lists(j, a, out, e);
}

/* ---- from an answer -------------------------------------------------------------------------- */

void
event_of_answer(const struct answer *a, int64_t at, struct event *out)
{
	const struct order *o = &a->order;
	*out = (struct event){ .kind = o->verb == VERB_ROSTER ? EVENT_ROSTER : EVENT_ANSWER,
		.at = at,
		.number = o->number,
		.verb = o->verb,
		.code = a->code };
	str_copy(out->device, sizeof out->device, o->device);
	str_copy(out->site, sizeof out->site, o->site);
	str_copy(out->word, sizeof out->word, a->word);
	str_copy(out->why, sizeof out->why, a->why);
	/* A dial and a look tell their leg; the others are about the leg they were given. */
	if (o->verb != VERB_DIAL)
		str_copy(out->leg.id, sizeof out->leg.id, o->leg.id);
	/* What a failed task left behind is half told: only the words of the failure count. */
	if (a->code != OK)
		return;
	out->conference = a->conference;
	if (o->verb == VERB_DIAL || o->verb == VERB_LOOK)
		out->leg = a->leg;
	out->ending = a->ending;
	out->media = a->media;
	out->status = a->status;
	out->identity = a->identity;
	out->past = a->history.at;
	out->past_n = a->history.n < HISTORY_MOST ? a->history.n : HISTORY_MOST;
}
