/* What changes while runs are under way: meetings that are cancelled, moved or prolonged; and the
 * clock itself.
 *
 * Called by the loop behind a new plan, and each turn for the clock. A change reaches a run as a
 * person's command would, by "calendar", so it stands in the run's journal and in its report. What
 * is merely missing from a calendar that did not come through whole is no cancellation. It must
 * never begin a run. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { PROLONGED_MS = 60 * 1000 };

/* ---- runs under way -------------------------------------------------------------------------- */

static void
tell(struct coordinator *c, const char *kind, const char *run, const char *why)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	char idem[400];
	json_open(&w, NULL, '{');
	json_put_text(&w, "run", run);
	json_put_text(&w, "reason", why);
	json_close(&w, '}');
	snprintf(idem, sizeof idem, "%s/%s/%.*s", kind, run, (int)utf8_cut(why, 200), why);
	coordinator_house_row(c, kind, buf_str(&b), idem);
	log_info("coordinator", "%s: %s", run, why);
	buf_free(&b);
}

static void
command(struct coordinator *c, struct live *l, enum command what, int64_t value, const char *why)
{
	struct event e = { .kind = EVENT_COMMAND, .command = what, .at = c->now, .value = value };
	str_copy(e.by, sizeof e.by, "calendar");
	str_copy(e.text, sizeof e.text, why);
	live_feed(c, l, &e);
}

static void
stop(struct coordinator *c, struct live *l, const char *why)
{
	tell(c, "run-stopped", l->spec->id, why);
	command(c, l, COMMAND_STOP, 0, why);
}

static bool
is_instance(const struct occurrence *o, const struct spec *s)
{
	int64_t recurrence;
	if (!str_eq(o->uid, s->uid) || !str_eq(o->calendar, s->calendar))
		return false;
	if (o->recurrence_id == OCCURRENCE_NO_RECURRENCE || str_eq(s->recurrence_id, "-"))
		return o->recurrence_id == OCCURRENCE_NO_RECURRENCE &&
		       str_eq(s->recurrence_id, "-");
	return instant_parse(s->recurrence_id, &recurrence) && recurrence == o->recurrence_id;
}

/* The run's meeting as the calendars have it now; a series that became a single event, or the
 * reverse, is known by its hour. NULL: it is not there. */
static const struct occurrence *
meeting_of(const struct coordinator *c, const struct live *l, const struct begun *b)
{
	const struct occurrences *all = &c->house->meetings;
	const struct occurrence *cancelled = NULL;
	for (size_t i = 0; i < all->n; i++) {
		const struct occurrence *o = &all->at[i];
		if (!str_eq(o->uid, l->spec->uid) || !str_eq(o->calendar, l->spec->calendar))
			continue;
		bool same = is_instance(o, l->spec) || o->start == l->spec->session_start ||
			    o->start == b->start;
		if (same && !o->cancelled)
			return o;
		cancelled = same ? o : cancelled;
	}
	return cancelled;
}

static const struct plan_run *
planned_of(const struct coordinator *c, const struct begun *b)
{
	for (size_t i = 0; i < c->plan.runs_n; i++)
		if (str_eq(c->plan.runs[i].key, b->base_key))
			return &c->plan.runs[i];
	return NULL;
}

static void
prolong(struct coordinator *c, struct live *l, int64_t end)
{
	char why[120], when[INSTANT_SIZE];
	const struct run *r = l->run;
	bool closes = false;
	for (size_t i = 0; i < l->spec->playbook->n; i++)
		closes = closes || l->spec->playbook->steps[i].kind == STEP_CLOSE;
	int64_t more = end - (l->spec->event_end + r->shift_ms - r->late_ms);
	/* A rehearsal whose playbook says when it closes, or has steps to do, keeps its
	 * instants. */
	if (!l->spec->event_end || more < PROLONGED_MS || r->closing || r->held_since ||
		(l->spec->phase != PHASE_SESSION &&
			(closes || r->step_next < l->spec->playbook->n)))
		return;
	snprintf(why, sizeof why, T("the meeting was prolonged to %s"), instant_rfc3339(end, when));
	tell(c, "run-prolonged", l->spec->id, why);
	command(c, l, COMMAND_EXTEND, more, why);
}

/* Sites that the meeting has now and its run does not: they are called as well. Nobody is taken out
 * of a run under way. */
static void
invite(struct coordinator *c, struct live *l, const struct plan_run *planned)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < planned->sites.n; i++) {
		const struct site *site = planned->sites.at[i];
		struct spec_site entry;
		if (spec_site(l->run->spec, site->id, NULL))
			continue;
		if (!house_invited(c->house, planned, site, l->run->spec, a, &entry)) {
			tell(c, "site-not-added", l->spec->id,
				arena_printf(a, "%s: its MCU has no part in the run under way",
					site->id));
			continue;
		}
		struct event e = { .kind = EVENT_INVITED, .at = c->now, .invited = &entry };
		str_copy(e.site, sizeof e.site, site->id);
		log_info("coordinator", "%s: %s was invited, and is called", l->spec->id, site->id);
		live_feed(c, l, &e);
	}
	arena_free(a);
}

static void
look_at(struct coordinator *c, struct live *l, const struct begun *b)
{
	char why[160], when[INSTANT_SIZE];
	const struct occurrence *o = meeting_of(c, l, b);
	bool by_hand = b->start != l->spec->planned_start;
	int64_t hour = l->spec->session_start ? l->spec->session_start : b->start;
	if (!o) {
		/* Started by hand weeks before or after its day, it is out of sight; and a broken
		 * file has cancelled nothing. */
		if (!by_hand && hour > c->now - LATE_BACK_MS && hour < c->now + PLAN_AHEAD_MS &&
			house_calendar_sound(c->house, l->spec->calendar))
			stop(c, l, T("the meeting is no longer in its calendar"));
		return;
	}
	if (o->cancelled) {
		stop(c, l, T("the meeting was cancelled"));
		return;
	}
	const struct plan_run *planned = planned_of(c, b);
	if (!planned || by_hand)
		return;
	if (planned->start > b->at && planned->start != b->start) {
		snprintf(why, sizeof why, T("the meeting was moved: it begins anew at %s"),
			instant_rfc3339(planned->start, when));
		if (l->spec->phase == PHASE_SESSION)
			stop(c, l, why);
		else
			/* it may end as it is; the next generation follows */
			tell(c, "run-moved", l->spec->id, why);
		return;
	}
	prolong(c, l, planned->end);
	if (!l->run->closing)
		invite(c, l, planned);
}

void
change_look(struct coordinator *c)
{
	for (size_t i = 0; !c->looks_only && i < c->lives.n; i++) {
		struct live *l = c->lives.at[i];
		const struct begun *b = plan_begun(c, l->spec->id);
		if (b && !b->ended && !l->ended && !l->run->stopped && !l->run->finished &&
			!l->run->missed)
			look_at(c, l, b);
	}
}

void
change_begins_anew(struct coordinator *c, const struct begun *next)
{
	for (size_t i = 0; i < c->lives.n; i++) {
		struct live *l = c->lives.at[i];
		const struct begun *b = plan_begun(c, l->spec->id);
		if (b && str_eq(b->base, next->base) && !b->ended && !l->ended &&
			!l->run->stopped && !l->run->finished)
			stop(c, l, T("the meeting was moved, and its rehearsal begins anew"));
	}
}

/* ---- the clock ------------------------------------------------------------------------------- */

/* A run under way says in its report that its times do not follow from each other. */
static void
tell_jump(struct coordinator *c, struct live *l, int64_t before, int64_t by)
{
	char from[INSTANT_SIZE], to[INSTANT_SIZE];
	struct event e = { .kind = EVENT_CLOCK, .at = c->now, .value = by };
	str_copy(e.word, sizeof e.word, c->slept ? "sleep" : "clock-set");
	snprintf(e.text, sizeof e.text, "%s - %s", instant_rfc3339(before, from),
		instant_rfc3339(c->now, to));
	live_feed(c, l, &e);
}

/* Runs are started by the clock on the wall, so a jump of it is told, with what it passed over:
 * what began is known by its key and begins no second time, what was passed over is caught up or
 * told as missed. */
void
change_clock(struct coordinator *c, int64_t before)
{
	int64_t real = clock_real(), apart = real - clock_mono(), apart_boot = real - clock_boot();
	int64_t by = apart - c->apart, by_boot = apart_boot - c->apart_boot;
	bool known = c->apart != 0;
	c->apart = apart;
	c->apart_boot = apart_boot;
	if (!known || (by <= JUMP_MS && by >= -JUMP_MS))
		return;
	c->slept = by_boot <= JUMP_MS && by_boot >= -JUMP_MS;
	c->jumped_from = before;
	c->jumped_to = c->now;
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	char from[INSTANT_SIZE], to[INSTANT_SIZE];
	json_open(&w, NULL, '{');
	json_put_text(&w, "kind", c->slept ? "sleep" : "clock-set");
	json_put_text(&w, "from", instant_rfc3339(before, from));
	json_put_text(&w, "to", instant_rfc3339(c->now, to));
	json_put_int(&w, "by_ms", by);
	json_close(&w, '}');
	if (!c->looks_only)
		coordinator_house_row(c, "clock-jump", buf_str(&b), NULL);
	log_warn("coordinator", "%s: it was %s and is %s",
		c->slept ? "the machine slept" : "the clock was set", from, to);
	buf_free(&b);
	for (size_t i = 0; !c->looks_only && i < c->lives.n; i++)
		if (!c->lives.at[i]->ended && !c->lives.at[i]->run->finished)
			tell_jump(c, c->lives.at[i], before, (int64_t)((double)by * clock_speed()));
}
