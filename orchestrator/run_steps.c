/* The steps of the playbook at their instants, and the all-clear. Pure part of
 * run.c. */
#include "base/str.h"
#include "run_inner.h"

#include <stdlib.h>
#include <string.h>

/* ---- steps ----------------------------------------------------------------------------------- */

int64_t
steps_instant(const struct run *r, const struct step *s)
{
	return r->spec->anchor + s->at_ms + r->shift_ms;
}

static void
step_open(struct run *r, const struct step *s)
{
	r->open_step = s;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (!r->mcus[i].reserve)
			mcu_want(r, &r->mcus[i]);
}

static void
step_dial(struct run *r, const struct step *s)
{
	bool *mask = xalloc(r->spec->sites_n + 1);

	run_select(r, s->sites, mask);
	r->dialing = true;
	r->redial = true;
	r->dial_step = s;
	if (!r->dial_at)
		r->dial_at = steps_instant(r, s) - r->late_ms;
	for (size_t i = 0; i < r->legs_n; i++) {
		struct run_site *site = &r->sites[i];

		if ((i < r->spec->sites_n && !mask[i]) || run_site_up(site) ||
			site->phase == SITE_DIALING)
			continue;
		site->fast_left = s->attempts;
		site->variant = 0; /* of another dial step */
		if (s->exercise)
			site_exercise(r, site);
		site_redial(site, r->now);
		if (site->spec->endpoint && !site->endpoint_final && !site->next_status)
			site->next_status = r->now + s->probe_every_ms;
	}
	free(mask);
}

static void
step_verify(struct run *r, const struct step *s, struct orders *out)
{
	r->verifying = true;
	r->verify_step = s;
	if (!r->verify_from)
		r->verify_from = r->now;
	r->verify_until = r->now + s->within_ms;
	for (size_t i = 0; i < r->spec->sites_n; i++)
		if (run_site_up(&r->sites[i])) {
			if (r->sites[i].next_status > r->now)
				r->sites[i].next_status = r->now;
			r->sites[i].next_media = r->now;
		}
	if (s->sound)
		sound_verify(r, out);
}

static void
step_rollcall(struct run *r, const struct step *s, struct orders *out)
{
	if (r->allclear_at || r->allclear_not_given) { /* everybody may be gone */
		run_note(r, 0, "step-not-done", "rollcall: after the all-clear");
		return;
	}
	r->rolling = true;
	r->roll_step = s;
	r->roll_until = INT64_MAX;
	/* It may last until the next step; a waiting all-clear waits until its latest instant. */
	if (r->step_next < r->spec->playbook->n) {
		const struct step *next = &r->spec->playbook->steps[r->step_next];

		r->roll_until = r->spec->anchor + r->shift_ms +
				(next->kind == STEP_ALLCLEAR && !next->by_operator ? next->latest_ms
										   : next->at_ms);
		/* Steps that do not disturb a call do not end it. */
		for (size_t i = r->step_next; i < r->spec->playbook->n; i++) {
			next = &r->spec->playbook->steps[i];
			if (next->kind == STEP_WATCH || next->kind == STEP_MESSAGE ||
				next->kind == STEP_ESCALATE || next->kind == STEP_VERIFY)
				continue;
			r->roll_until =
				r->spec->anchor + r->shift_ms +
				(next->kind == STEP_ALLCLEAR && next->latest_ms > next->at_ms
						? next->latest_ms
						: next->at_ms);
			break;
		}
	}
	if (s->silent && !silent_begin(r, out))
		run_note(r, 0, "step-not-done",
			"rollcall: no silent round, levels under mute are not told by these MCUs");
}

void
steps_message_all(struct run *r, const char *text, int seconds, struct orders *out)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		if (r->mcus[i].phase == MCU_LOST)
			run_note(r, r->seq, "message-not-shown", "%s", r->mcus[i].spec->name);
		if (r->mcus[i].phase != MCU_READY)
			continue;
		struct order *o = run_order_mcu(r, out, VERB_MESSAGE, &r->mcus[i]);

		str_copy(o->text, sizeof o->text, text);
		o->seconds = seconds;
	}
}

void
steps_mute_site(struct run *r, struct run_site *s, bool on, struct orders *out)
{
	if (!run_site_up(s) || s->muted_by_person)
		return;
	struct order *o = run_order_leg(r, out, VERB_MUTE, s);

	o->on = on;
	s->wanted_muted = tri_of(on);
	s->muted_ordered = r->now;
	s->mute_repeats = 0;
}

static void
step_on_sites(struct run *r, const struct step *s, struct orders *out)
{
	bool *mask = xalloc(r->spec->sites_n + 1);
	bool all = str_empty(s->sites) || str_eq(s->sites, "invited") || str_eq(s->sites, "all");

	run_select(r, s->sites, mask);
	if (s->kind == STEP_MESSAGE && all)
		steps_message_all(r, s->text ? s->text : "", s->seconds, out);
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		struct run_site *site = &r->sites[i];

		if (!mask[i] || !run_site_up(site))
			continue;
		if (s->kind == STEP_MUTE) {
			steps_mute_site(r, site, !str_eq(s->value, "off"), out);
		} else if (s->kind == STEP_MESSAGE && !all) {
			struct order *o = run_order_leg(r, out, VERB_MESSAGE, site);

			str_copy(o->text, sizeof o->text, s->text ? s->text : "");
			o->seconds = s->seconds;
		}
	}
	free(mask);
}

void
steps_focus(struct run *r, const char *id, struct orders *out)
{
	const struct run_site *site = str_empty(id) ? NULL : run_site(r, id);

	if (!str_empty(id) && (!site || !run_site_up(site))) {
		run_note(r, 0, "step-not-done",
			site ? "focus: %s is not connected" : "focus: no site \"%s\" in this run",
			id);
		return;
	}
	if (site) {
		run_order_leg(r, out, VERB_FOCUS, &r->sites[site->index]);
		return;
	}
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].phase == MCU_READY)
			run_order_mcu(r, out, VERB_FOCUS, &r->mcus[i]);
}

static void
step_layout(struct run *r, const struct step *s, struct orders *out)
{
	if (s->kind == STEP_FOCUS) {
		steps_focus(r, str_eq(s->value, "normal") ? "" : s->value, out);
		return;
	}
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].phase == MCU_READY)
			str_copy(run_order_mcu(r, out, VERB_LAYOUT, &r->mcus[i])->layout,
				sizeof((struct order *)0)->layout, s->value);
}

static void
step_close(struct run *r, struct orders *out)
{
	bool follows = r->spec->session_start && !str_empty(r->spec->session_key) &&
		       r->spec->phase != PHASE_SESSION &&
		       r->spec->session_start - r->now <= r->spec->playbook->handover_ms;

	roll_over(r, out);
	r->closed_at = r->now;
	if (r->allclear_step ||
		(!r->allclear_at && r->spec->phase == PHASE_REHEARSAL && !r->allclear_not_given))
		run_note(r, 0, "allclear-not-given", "the end of the trial was never announced");
	r->allclear_step = NULL;
	r->closing = true;
	if (follows) {
		r->handed_over = true;
		return;
	}
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		mcu_close(r, &r->mcus[i], out);
}

static void
step_begin(struct run *r, const struct step *s, struct orders *out)
{
	switch (s->kind) {
	case STEP_OPEN: step_open(r, s); return;
	case STEP_DIAL: step_dial(r, s); return;
	case STEP_VERIFY: step_verify(r, s, out); return;
	case STEP_ROLLCALL: step_rollcall(r, s, out); return;
	case STEP_MESSAGE: case STEP_MUTE: step_on_sites(r, s, out); return;
	case STEP_LAYOUT: case STEP_FOCUS: step_layout(r, s, out); return;
	case STEP_WATCH:
		r->watching = true;
		r->redial = s->redial;
		return;
	case STEP_ALLCLEAR:
		if (r->allclear_at) /* somebody announced it before */
			return;
		r->allclear_step = s;
		r->allclear_until = r->spec->anchor + r->shift_ms +
				    (s->latest_ms > s->at_ms ? s->latest_ms : s->at_ms);
		return;
	case STEP_RETEST: steps_retest(r, s); return;
	case STEP_ESCALATE: steps_escalate(r, s); return;
	case STEP_REPORT:
		if (!str_empty(s->to) && r->spec->drill)
			run_note(r, 0, "step-not-done", "report: a drill informs nobody");
		else if (!str_empty(s->to) && !r->spec->letters)
			run_note(r, 0, "step-not-done",
				"report: not sent to %s, kept in the reports folder", s->to);
		/* A session is judged at its end. */
		r->report_due = r->spec->phase != PHASE_SESSION;
		if (r->report_due)
			uplink_note(r);
		return;
	case STEP_CLOSE:
		step_close(r, out);
		return;
	case STEP_N:
		return;
	}
}

void
steps_work(struct run *r, struct orders *out)
{
	const struct playbook *p = r->spec->playbook;

	while (!r->held_since && !r->finished && r->step_next < p->n &&
		steps_instant(r, &p->steps[r->step_next]) <= r->now) {
		const struct step *s = &p->steps[r->step_next++];

		step_begin(r, s, out);
	}
}

/* A playbook without a close step ends with its event; an event without an end is given an hour. */
int64_t
steps_end(const struct run *r)
{
	for (size_t i = 0; i < r->spec->playbook->n; i++)
		if (r->spec->playbook->steps[i].kind == STEP_CLOSE)
			return INT64_MAX;
	int64_t last = r->spec->anchor + playbook_last(r->spec->playbook);
	int64_t end = r->spec->event_end > last ? r->spec->event_end : last + 3600000;

	return end + r->shift_ms;
}

/* A rehearsal that began late, or was held, must not reach into its session: what is left of it
 * gives way. */
static int64_t
session_begins(const struct run *r)
{
	bool before = r->spec->phase == PHASE_REHEARSAL && r->spec->session_start &&
		      r->begun < r->spec->session_start;

	return before && !r->closing && !r->finished ? r->spec->session_start : INT64_MAX;
}

int64_t
steps_wake(const struct run *r)
{
	int64_t end = !r->held_since && !r->closing ? steps_end(r) : INT64_MAX,
		session = session_begins(r);

	if (r->held_since && !r->finished && r->held_since + HOLD_MOST_MS < end)
		end = r->held_since + HOLD_MOST_MS;
	return session < end ? session : end;
}

/* What is left of it is not done: it ends and is reported. */
static void
cut_short(struct run *r, const char *why, struct orders *out)
{
	run_note(r, r->seq, "cut-short", "%s", why);
	r->held_since = 0;
	r->step_next = r->spec->playbook->n;
	r->report_due = true;
	step_close(r, out);
}

void
steps_work_end(struct run *r, struct orders *out)
{
	if (session_begins(r) <= r->now)
		cut_short(r, "the session begins", out);
	else if (r->held_since && !r->finished && r->now - r->held_since >= HOLD_MOST_MS)
		cut_short(r, "held, and never released", out);
	if (!r->held_since && !r->finished && !r->closing && steps_end(r) <= r->now)
		step_close(r, out);
}

/* ---- the all-clear --------------------------------------------------------------------------- */

void
steps_give_allclear(struct run *r, const char *by, struct orders *out)
{
	if (r->allclear_at)
		return;
	r->allclear_at = r->now;
	r->allclear_by = arena_strdup(r->arena, by);
	r->allclear_step = NULL;
	r->allclear_not_given = false;
	roll_over(r, out);
	bool en = str_eq(r->spec->lang, "en"), session = r->spec->phase == PHASE_SESSION;

	steps_message_all(r,
		session ? en ? "The session is over. Thank you."
			     : "Phiên họp đã kết thúc. Xin cảm ơn."
		: en	? "The trial is complete. Thank you."
			: "Đã hoàn thành chạy thử. Xin cảm ơn.",
		60, out);
}

static bool
everybody_verified(const struct run *r)
{
	if (!r->verify_step || r->now >= r->verify_until)
		return true;
	for (size_t i = 0; i < r->spec->sites_n; i++)
		if (run_site_up(&r->sites[i]) && !media_proven(&r->sites[i], BY_MCU, FROM_SITE))
			return false;
	return true;
}

void
steps_work_allclear(struct run *r, struct orders *out)
{
	const struct step *s = r->allclear_step;

	if (!s || r->held_since)
		return;
	if (!s->by_operator && everybody_verified(r) && roll_complete(r)) {
		steps_give_allclear(r, "rule", out);
	} else if (r->now >= r->allclear_until) {
		if (s->by_operator) {
			r->allclear_not_given = true;
			r->allclear_latest = r->allclear_until;
			r->allclear_step = NULL;
			run_note(r, 0, "allclear-not-given", "not announced by its latest instant");
			return;
		}
		run_note(r, 0, "allclear-at-latest",
			"given at its latest instant, before every site was verified and called");
		steps_give_allclear(r, "latest", out);
	}
}
