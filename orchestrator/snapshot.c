/* The live state of a run as one JSON line.
 *
 * Called by the coordinator whenever somebody watches, and by `status`. Owns nothing. It must never
 * show more than the run knows (unknown is left out or said), write a secret, or change the run. */
#include "snapshot.h"

#include "adapters/wire/json.h"
#include "base/instant.h"
#include "base/str.h"

enum { NEXT_STEPS = 3, NOTES_SHOWN = 8 };

struct tally {
	int64_t phase[7], two_way, proven, answered, ever;
};
/* ENDED: our own end of the conference, which is no fault of the site. */
enum shown { WAITING, DIALING, RINGING, UP, AWAY, LEFT, ENDED };
static const char *const shown_words[] = { "waiting", "dialing", "ringing", "up", "away", "left",
	"ended" };

static void
put_instant(struct json_out *w, const char *key, int64_t ms)
{
	char text[INSTANT_SIZE];
	if (ms)
		json_put_text(w, key, instant_rfc3339(ms, text));
}

static enum shown
shown_of(const struct run_site *s)
{
	switch (s->phase) {
	case SITE_WAITING: return WAITING;
	case SITE_DIALING: return s->leg_state == LEG_RINGING ? RINGING : DIALING;
	case SITE_UP: return UP;
	case SITE_AWAY:
		if (s->dial_under_way)
			return s->leg_state == LEG_RINGING ? RINGING : DIALING;
		return s->intervals.n && s->intervals.at[s->intervals.n - 1].ended_by == ENDED_US
			? ENDED
			: AWAY;
	case SITE_LEFT: return LEFT;
	}
	return WAITING;
}

/* Since when it is so; 0 = not known. */
static int64_t
since_of(const struct run_site *s, enum shown shown)
{
	const struct interval *last = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;
	switch (shown) {
	case WAITING: return 0;
	case DIALING:
	case RINGING: return s->attempts.n ? s->attempts.at[s->attempts.n - 1].at : 0;
	case UP: return last ? last->from : 0;
	case AWAY:
	case LEFT:
	case ENDED: return last ? last->to : 0;
	}
	return 0;
}

/* "" = nothing to say about it yet. */
static const char *
roll_of(const struct run *r, const struct run_site *s, const struct verdict *v)
{
	if (s->mcu >= 0 && r->mcus[s->mcu].roll_site == s->index && r->rolling)
		return "calling";
	if (s->roll.by_person)
		return s->roll.person_says ? "answered" : "no-answer";
	if (s->roll.answered)
		return "answered";
	if (s->roll.not_made)
		return "not-made";
	if (!s->roll.called)
		return "";
	/* Broken off, or nothing could be heard: that is no silence of the site. */
	return v && v->answered == NO ? "no-answer" : "not-known";
}

static int64_t
instant_of_step(const struct run *r, const struct step *s)
{
	return r->spec->anchor + s->at_ms + r->shift_ms;
}

static void
put_steps(struct json_out *w, const struct run *r)
{
	const struct playbook *p = r->spec->playbook;
	if (!p || !p->n)
		return;
	put_instant(w, "from", instant_of_step(r, &p->steps[0]));
	put_instant(w, "to", instant_of_step(r, &p->steps[p->n - 1]));
	if (r->step_next > 0 && r->step_next <= p->n) {
		const struct step *s = &p->steps[r->step_next - 1];
		json_open(w, "step", '{');
		json_put_text(w, "kind", step_name(s->kind));
		put_instant(w, "at", instant_of_step(r, s));
		json_close(w, '}');
	}
	json_open(w, "next", '[');
	for (size_t i = r->step_next; i < p->n && i < r->step_next + NEXT_STEPS; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "kind", step_name(p->steps[i].kind));
		put_instant(w, "at", instant_of_step(r, &p->steps[i]));
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_allclear(struct json_out *w, const struct run *r)
{
	if (!r->allclear_at && !r->allclear_until && !r->allclear_not_given)
		return;
	json_open(w, "allclear", '{');
	put_instant(w, "at", r->allclear_at);
	if (r->allclear_at && r->allclear_by)
		json_put_text(w, "by", r->allclear_by);
	if (!r->allclear_at)
		put_instant(w, "latest", r->allclear_until);
	if (r->allclear_not_given)
		json_put_bool(w, "not_given", true);
	json_close(w, '}');
}

/* applies: what was negotiated, as far as anything of the call is known. */
static void
marks_of(const struct verdict *v, enum tri out[4], bool applies[4])
{
	for (int i = 0; i < 4; i++)
		applies[i] = !v || !v->media_n;
	for (int i = 0; v && i < v->media_n; i++) {
		int at = v->media[i].medium * 2 + v->media[i].direction;
		if (!str_eq(v->media[i].hop, "site-mcu"))
			continue;
		out[at] = v->media[i].value;
		applies[at] = true;
	}
}

/* All that was negotiated goes both ways; a site with sound only counts as well. */
static bool
two_way(const struct verdict *v)
{
	for (int i = 0; v && i < v->media_n; i++)
		if (v->media[i].value != YES)
			return false;
	return v && v->media_n > 0;
}

static void
put_site(struct json_out *w, const struct run *r, const struct run_site *s, const struct verdict *v,
	struct tally *t)
{
	enum shown shown = shown_of(s);
	enum tri marks[4] = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN };
	bool applies[4];
	marks_of(v, marks, applies);
	bool any = marks[0] || marks[1] || marks[2] || marks[3];
	const char *roll = roll_of(r, s, v);
	t->phase[shown]++;
	t->ever += s->first_up != 0;
	t->two_way += shown == UP && two_way(v) && !v->silent_since;
	t->proven += two_way(v);
	t->answered += str_eq(roll, "answered");
	json_open(w, NULL, '{');
	json_put_text(w, "id", s->spec->id);
	json_put_text(w, "name", s->spec->name);
	json_put_text(w, "phase", shown_words[shown]);
	put_instant(w, "since", since_of(s, shown));
	if (any) {
		json_open(w, "media", '[');
		for (int i = 0; i < 4; i++) {
			if (applies[i])
				json_put_tri(w, NULL, marks[i]);
			else
				json_put_null(w, NULL);
		}
		json_close(w, ']');
	}
	if (*roll)
		json_put_text(w, "roll", roll);
	if (shown == UP && s->muted != UNKNOWN)
		json_put_bool(w, "muted", s->muted == YES);
	if (v) {
		json_put_text(w, "headline", headline_name(v->headline));
		if (!str_empty(v->sub_reason))
			json_put_text(w, "sub_reason", v->sub_reason);
	}
	if (s->spec->disabled)
		json_put_text(w, "note", s->spec->disabled);
	else if (s->open_microphone_seq)
		json_put_text(w, "note", "open-microphone");
	else if (s->ended_by_person)
		json_put_text(w, "note", "ended-by-person");
	else if (v && v->silent_since)
		json_put_text(w, "note", "silent");
	else if (v && verdict_has_flag(v, "frozen-picture"))
		json_put_text(w, "note", "frozen-picture");
	json_close(w, '}');
}

static void
put_counts(struct json_out *w, const struct tally *t, size_t expected)
{
	json_open(w, "counts", '{');
	json_put_int(w, "expected", (int64_t)expected);
	for (int i = WAITING; i <= ENDED; i++)
		json_put_int(w, shown_words[i], t->phase[i]);
	json_put_int(w, "two_way", t->two_way);
	json_put_int(w, "proven", t->proven);
	json_put_int(w, "answered", t->answered);
	json_put_int(w, "ever", t->ever);
	json_close(w, '}');
}

static const char *
mcu_word(enum mcu_phase p)
{
	switch (p) {
	case MCU_CLOSED: return "closed";
	case MCU_OPENING: return "opening";
	case MCU_READY: return "ready";
	case MCU_LOST: return "lost";
	case MCU_REFUSED: return "refused";
	case MCU_ENDED: return "ended";
	}
	return "";
}

static void
put_mcus(struct json_out *w, const struct run *r)
{
	json_open(w, "mcus", '[');
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		const struct run_mcu *m = &r->mcus[i];
		json_open(w, NULL, '{');
		json_put_text(w, "name", m->spec->name);
		json_put_text(w, "phase", mcu_word(m->phase));
		if ((m->phase == MCU_LOST || m->phase == MCU_REFUSED) && *m->why)
			json_put_text(w, "why", m->why);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_note(struct json_out *w, const struct run_note *n)
{
	json_open(w, NULL, '{');
	json_put_text(w, "kind", n->kind);
	json_put_text(w, "text", n->text);
	put_instant(w, "at", n->at);
	json_close(w, '}');
}

/* The newest ones, oldest of them first; and in front of them who is to be called by telephone,
 * however much was noted since. */
static void
put_notes(struct json_out *w, const struct run *r)
{
	size_t first = r->notes.n > NOTES_SHOWN ? r->notes.n - NOTES_SHOWN : 0, call = r->notes.n;

	while (call > 0 && !str_eq(r->notes.at[call - 1].kind, "escalated"))
		call--;
	json_open(w, "notes", '[');
	if (call > 0 && call <= first)
		put_note(w, &r->notes.at[call - 1]);
	for (size_t i = first; i < r->notes.n; i++)
		put_note(w, &r->notes.at[i]);
	json_close(w, ']');
}

void
snapshot_json(const struct run *r, const struct judgement *j, int64_t now, struct buf *out)
{
	struct json_out w = { .out = out };
	struct tally t = { 0 };
	json_open(&w, NULL, '{');
	json_put_text(&w, "run", r->spec->id);
	json_put_text(&w, "name", r->spec->name);
	json_put_text(&w, "title", r->spec->title);
	json_put_text(&w, "summary", r->spec->summary);
	json_put_text(&w, "lang", r->spec->lang);
	json_put_text(&w, "phase", phase_name(r->spec->phase));
	put_instant(&w, "now", now);
	if (r->held_since)
		put_instant(&w, "held", r->held_since);
	put_steps(&w, r);
	put_allclear(&w, r);
	json_put_bool(&w, "finished", r->finished);
	if (r->extras.n)
		json_put_int(&w, "extras", (int64_t)r->extras.n);
	json_open(&w, "sites", '[');
	for (size_t i = 0; i < r->spec->sites_n; i++)
		put_site(&w, r, &r->sites[i], j && i < j->n ? &j->verdicts[i] : NULL, &t);
	json_close(&w, ']');
	put_counts(&w, &t, r->spec->sites_n);
	put_mcus(&w, r);
	put_notes(&w, r);
	json_close(&w, '}');
}
