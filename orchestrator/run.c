/* The life of a rehearsal or session: run_step(run, event) -> orders. For the coordinator (live), for reports and `replay`
 * (from the journal). Owns the run's state; must never ask the time, do I/O or remember anything outside struct run.
 *
 * Each event first changes what it is about, then everything that is due is worked off in one fixed order: steps of the
 * playbook, the all-clear rule, MCUs, sites, roll calls. So the orders follow from the events alone. */
#include "base/instant.h"
#include "base/str.h"
#include "run_inner.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const ended_names[] = {
	[ENDED_OPEN] = "",	   [ENDED_SITE] = "site",	  [ENDED_POWER] = "power", [ENDED_NETWORK] = "network",
	[ENDED_MCU] = "mcu", [ENDED_OPERATOR] = "operator", [ENDED_US] = "us",	     [ENDED_UNKNOWN] = "unknown",
};

const char *
ended_by_name(enum ended_by e)
{
	return ended_names[e];
}

/* ---- orders and notes ------------------------------------------------------------------------------------------- */

struct order *
run_order(struct run *r, struct orders *out, enum verb verb)
{
	struct order *o;

	out->at = vec_grow(NULL, out->at, out->n, &out->cap, sizeof *out->at);
	o = &out->at[out->n++];
	o->number = ++r->last_number;
	o->verb = verb;
	str_copy(o->run, sizeof o->run, r->spec->id);
	return o;
}

struct order *
run_order_mcu(struct run *r, struct orders *out, enum verb verb, struct run_mcu *m)
{
	struct order *o = run_order(r, out, verb);

	str_copy(o->device, sizeof o->device, m->spec->name);
	o->conference = m->conference;
	return o;
}

struct order *
run_order_leg(struct run *r, struct orders *out, enum verb verb, struct run_site *s)
{
	struct run_mcu *m = run_mcu_of(r, s);
	struct order *o = run_order_mcu(r, out, verb, m);
	const struct run_leg *l = mcu_leg(m, s->leg_id);

	if (l)
		o->leg = l->leg;
	else
		str_copy(o->leg.id, sizeof o->leg.id, s->leg_id);
	memset(&o->leg.media, 0, sizeof o->leg.media);
	o->leg.sampled = false;
	str_copy(o->site, sizeof o->site, s->spec->id);
	return o;
}

void
run_note(struct run *r, int64_t seq, const char *kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < r->notes.n; i++)
		if (str_eq(r->notes.at[i].kind, kind) && str_eq(r->notes.at[i].text, text))
			return;
	*vec_add_in(r->arena, &r->notes) =
		(struct run_note){ .kind = arena_strdup(r->arena, kind), .text = text, .at = r->now, .seq = seq };
}

struct run_mcu *
run_mcu_of(struct run *r, const struct run_site *s)
{
	return s->spec->mcu >= 0 ? &r->mcus[s->spec->mcu] : NULL;
}

struct run_mcu *
run_mcu_named(struct run *r, const char *name)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (str_eq(r->spec->mcus[i].name, name))
			return &r->mcus[i];
	return NULL;
}

const struct run_site *
run_site(const struct run *r, const char *id)
{
	int index;

	return spec_site(r->spec, id, &index) ? &r->sites[index] : NULL;
}

/* ---- selectors -------------------------------------------------------------------------------------------------- */

static bool
selects(const struct run *r, const struct run_site *s, const char *word)
{
	const struct spec_site *p = s->spec;

	if (str_eq(word, "invited") || str_eq(word, "all"))
		return true;
	if (str_eq(word, "failed"))
		return !run_site_up(s);
	if (str_eq(word, "absent"))
		return !s->first_up;
	if (str_starts(word, "tier:"))
		return str_eq(p->tier, word + 5);
	if (str_starts(word, "district:"))
		return str_eq_nocase(p->district, word + 9);
	if (str_starts(word, "group:"))
		return str_eq_nocase(p->tier, word + 6) || str_eq_nocase(p->district, word + 6) || str_eq_nocase(p->class, word + 6) ||
			str_eq_nocase(p->provider, word + 6);
	return str_eq(p->id, word);
}

/* mask has one entry per site of the spec. */
void
run_select(struct run *r, const char *selector, bool *mask)
{
	struct arena *a = arena_new();
	size_t n;
	char **words = str_split(a, str_empty(selector) ? "invited" : selector, " ,;", &n);

	for (size_t i = 0; i < r->spec->sites_n; i++) {
		mask[i] = false;
		for (size_t w = 0; w < n; w++)
			mask[i] = mask[i] || selects(r, &r->sites[i], words[w]);
		mask[i] = mask[i] && !r->sites[i].spec->disabled;
	}
	arena_free(a);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static int64_t
step_instant(const struct run *r, const struct step *s)
{
	return r->spec->anchor + s->at_ms + r->shift_ms;
}

static void
step_open(struct run *r, const struct step *s)
{
	r->open_step = s;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].phase == MCU_CLOSED && !r->mcus[i].spec->disabled)
			r->mcus[i].next_open = r->now;
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
		r->dial_at = step_instant(r, s) - r->late_ms;
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		struct run_site *site = &r->sites[i];

		if (!mask[i] || run_site_up(site) || site->phase == SITE_DIALING)
			continue;
		site->fast_left = s->attempts;
		site_redial(r, site, r->now);
		if (site->spec->endpoint && !site->endpoint_final && !site->next_status)
			site->next_status = r->now + s->probe_every_ms;
	}
	free(mask);
}

static void
step_verify(struct run *r, const struct step *s)
{
	r->verifying = true;
	r->verify_step = s;
	if (!r->verify_from)
		r->verify_from = r->now;
	r->verify_until = r->now + s->within_ms;
	for (size_t i = 0; i < r->spec->sites_n; i++)
		if (run_site_up(&r->sites[i]) && r->sites[i].next_status > r->now)
			r->sites[i].next_status = r->now;
	if (s->sound)
		run_note(r, 0, "step-not-done", "verify: no tone can be played on these MCUs");
}

static void
step_rollcall(struct run *r, const struct step *s)
{
	r->rolling = true;
	r->roll_step = s;
	r->roll_from = r->now;
	r->roll_until = INT64_MAX;
	/* It may last until the next step; a waiting all-clear waits until its latest instant. */
	if (r->step_next < r->spec->playbook->n) {
		const struct step *next = &r->spec->playbook->steps[r->step_next];

		r->roll_until = r->spec->anchor + r->shift_ms + (next->kind == STEP_ALLCLEAR && !next->by_operator ? next->latest_ms : next->at_ms);
		/* Steps that do not disturb a call do not end it. */
		for (size_t i = r->step_next; i < r->spec->playbook->n; i++) {
			next = &r->spec->playbook->steps[i];
			if (next->kind == STEP_WATCH || next->kind == STEP_MESSAGE || next->kind == STEP_ESCALATE || next->kind == STEP_VERIFY)
				continue;
			r->roll_until = r->spec->anchor + r->shift_ms + (next->kind == STEP_ALLCLEAR && next->latest_ms > next->at_ms ? next->latest_ms : next->at_ms);
			break;
		}
	}
	if (s->silent)
		run_note(r, 0, "step-not-done", "rollcall: no silent round, levels under mute are not told by these MCUs");
}

static void
message_all(struct run *r, const char *text, int seconds, struct orders *out)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		if (r->mcus[i].phase != MCU_READY)
			continue;
		struct order *o = run_order_mcu(r, out, VERB_MESSAGE, &r->mcus[i]);

		str_copy(o->text, sizeof o->text, text);
		o->seconds = seconds;
	}
}

static void
mute_site(struct run *r, struct run_site *s, bool on, struct orders *out)
{
	if (!run_site_up(s) || s->muted_by_person)
		return;
	struct order *o = run_order_leg(r, out, VERB_MUTE, s);

	o->on = on;
	s->wanted_muted = tri_of(on);
}

static void
step_on_sites(struct run *r, const struct step *s, struct orders *out)
{
	bool *mask = xalloc(r->spec->sites_n + 1);
	bool all = str_empty(s->sites) || str_eq(s->sites, "invited") || str_eq(s->sites, "all");

	run_select(r, s->sites, mask);
	if (s->kind == STEP_MESSAGE && all)
		message_all(r, s->text ? s->text : "", s->seconds, out);
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		struct run_site *site = &r->sites[i];

		if (!mask[i] || !run_site_up(site))
			continue;
		if (s->kind == STEP_MUTE) {
			mute_site(r, site, !str_eq(s->value, "off"), out);
		} else if (s->kind == STEP_MESSAGE && !all) {
			struct order *o = run_order_leg(r, out, VERB_MESSAGE, site);

			str_copy(o->text, sizeof o->text, s->text ? s->text : "");
			o->seconds = s->seconds;
		}
	}
	free(mask);
}

static void
step_layout(struct run *r, const struct step *s, struct orders *out)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		struct run_mcu *m = &r->mcus[i];

		if (m->phase != MCU_READY)
			continue;
		if (s->kind == STEP_LAYOUT) {
			struct order *o = run_order_mcu(r, out, VERB_LAYOUT, m);

			str_copy(o->layout, sizeof o->layout, s->value);
			continue;
		}
		const struct run_site *site = run_site(r, s->value);

		if (site && site->spec->mcu == (int)i && run_site_up(site))
			run_order_leg(r, out, VERB_FOCUS, &r->sites[site->index]);
		else if (!site)
			run_order_mcu(r, out, VERB_FOCUS, m);
	}
}

static void
step_begin(struct run *r, const struct step *s, struct orders *out)
{
	switch (s->kind) {
	case STEP_OPEN: step_open(r, s); return;
	case STEP_DIAL: step_dial(r, s); return;
	case STEP_VERIFY: step_verify(r, s); return;
	case STEP_ROLLCALL: step_rollcall(r, s); return;
	case STEP_MESSAGE: case STEP_MUTE: step_on_sites(r, s, out); return;
	case STEP_LAYOUT: case STEP_FOCUS: step_layout(r, s, out); return;
	case STEP_WATCH:
		r->watching = true;
		r->redial = s->redial;
		return;
	case STEP_ALLCLEAR:
		r->allclear_step = s;
		r->allclear_until = r->spec->anchor + r->shift_ms + (s->latest_ms > s->at_ms ? s->latest_ms : s->at_ms);
		return;
	case STEP_RETEST: case STEP_ESCALATE:
		run_note(r, 0, "step-not-done", "%s: not done by this version", step_name(s->kind));
		return;
	case STEP_REPORT:
		if (!str_empty(s->to))
			run_note(r, 0, "step-not-done", "report: not sent to %s, kept in the reports folder", s->to);
		r->report_due = true;
		return;
	case STEP_CLOSE: {
		roll_over(r, out);
		bool follows = r->spec->session_start && !str_empty(r->spec->session_key) &&
			r->spec->session_start - r->now <= r->spec->playbook->handover_ms;

		r->closed_at = r->now;
		if (r->allclear_step || (!r->allclear_at && r->spec->phase == PHASE_REHEARSAL && !r->allclear_not_given))
			run_note(r, 0, "allclear-not-given", "the end of the trial was never announced");
		r->closing = true;
		if (follows) {
			r->handed_over = true;
			return;
		}
		for (size_t i = 0; i < r->spec->mcus_n; i++)
			mcu_close(r, &r->mcus[i], out);
		return;
	}
	case STEP_N:
		return;
	}
}

static void
work_steps(struct run *r, struct orders *out)
{
	const struct playbook *p = r->spec->playbook;

	while (!r->held_since && !r->finished && r->step_next < p->n && step_instant(r, &p->steps[r->step_next]) <= r->now) {
		const struct step *s = &p->steps[r->step_next++];

		step_begin(r, s, out);
	}
}

/* ---- the all-clear ---------------------------------------------------------------------------------------------- */

static void
give_allclear(struct run *r, const char *by, struct orders *out)
{
	if (r->allclear_at)
		return;
	r->allclear_at = r->now;
	r->allclear_by = arena_strdup(r->arena, by);
	r->allclear_step = NULL;
	r->allclear_not_given = false;
	roll_over(r, out);
	message_all(r, str_eq(r->spec->lang, "en") ? "The trial is complete. Thank you." : "Đã hoàn thành chạy thử. Xin cảm ơn.", 60, out);
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

static void
work_allclear(struct run *r, struct orders *out)
{
	const struct step *s = r->allclear_step;

	if (!s || r->held_since)
		return;
	if (!s->by_operator && everybody_verified(r) && roll_complete(r)) {
		give_allclear(r, "rule", out);
	} else if (r->now >= r->allclear_until) {
		if (s->by_operator) {
			r->allclear_not_given = true;
			r->allclear_latest = r->allclear_until;
			r->allclear_step = NULL;
			run_note(r, 0, "allclear-not-given", "not announced by its latest instant");
			return;
		}
		run_note(r, 0, "allclear-at-latest", "given at its latest instant, before every site was verified and called");
		give_allclear(r, "latest", out);
	}
}

/* ---- commands of people ----------------------------------------------------------------------------------------- */

static void
command_site(struct run *r, const struct event *e, struct run_site *s, struct orders *out)
{
	switch (e->command) {
	case COMMAND_HANGUP:
		if (s->phase == SITE_UP || s->phase == SITE_DIALING) {
			struct order *o = run_order_leg(r, out, VERB_HANGUP, s);

			o->urgent = true;
			s->hangup_by_person = true;
			s->ended_by_person = true;
		}
		if (s->phase != SITE_UP)
			s->phase = SITE_LEFT;
		s->next_dial = 0;
		return;
	case COMMAND_DIAL:
		if (s->phase == SITE_UP || s->phase == SITE_DIALING)
			return;
		s->phase = s->intervals.n ? SITE_AWAY : SITE_WAITING;
		s->ended_by_person = false;
		s->fast_left = s->fast_left > 0 ? s->fast_left : 1;
		site_redial(r, s, r->now);
		return;
	case COMMAND_MUTE: case COMMAND_UNMUTE:
		s->muted_by_person = false;
		mute_site(r, s, e->command == COMMAND_MUTE, out);
		return;
	case COMMAND_MARK:
		s->roll.by_person = true;
		s->roll.person_says = e->value != 0;
		s->roll.person = arena_strdup(r->arena, e->by);
		s->roll.why = arena_strdup(r->arena, e->text);
		s->roll.seq = e->seq;
		return;
	case COMMAND_SETTLE:
		s->settled_left = str_starts(e->text, "left=yes") || str_starts(e->text, "stayed=no");
		s->settled_present = str_starts(e->text, "left=no") || str_starts(e->text, "stayed=yes");
		s->settled_by = arena_strdup(r->arena, e->by);
		s->settled_why = arena_strdup(r->arena, e->text);
		s->settled_seq = e->seq;
		return;
	case COMMAND_PEOPLE:
		s->people_actual = (int)e->value;
		s->people_by = arena_strdup(r->arena, e->by);
		s->people_chair = arena_strdup(r->arena, e->text);
		return;
	case COMMAND_CALL: case COMMAND_REPEAT: case COMMAND_PASS:
		roll_by_hand(r, s, e->command, out);
		return;
	case COMMAND_CALLED:
		*vec_add_in(r->arena, &s->calls) = (struct phone_call){ .at = r->now, .seq = e->seq,
			.by = arena_strdup(r->arena, e->by), .said = arena_strdup(r->arena, e->text) };
		return;
	case COMMAND_ALLCLEAR: case COMMAND_HOLD: case COMMAND_RELEASE: case COMMAND_EXTEND: case COMMAND_STOP: case COMMAND_LAYOUT:
	case COMMAND_MESSAGE: case COMMAND_NEXT: case COMMAND_N:
		return;
	}
}

static void
stop(struct run *r, const char *by, const char *why, struct orders *out)
{
	r->stopped = true;
	r->stopped_by = arena_strdup(r->arena, by);
	run_note(r, 0, "stopped", "stopped by %s%s%s", by, str_empty(why) ? "" : ": ", why ? why : "");
	roll_over(r, out);
	r->held_since = 0;
	r->step_next = r->spec->playbook->n;
	r->allclear_step = NULL;
	r->closing = true;
	r->closed_at = r->now;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		mcu_close(r, &r->mcus[i], out);
}

static void
command(struct run *r, const struct event *e, struct orders *out)
{
	int index;

	switch (e->command) {
	case COMMAND_ALLCLEAR:
		give_allclear(r, e->by, out);
		return;
	case COMMAND_HOLD:
		if (!r->held_since)
			r->held_since = r->now;
		return;
	case COMMAND_RELEASE:
		if (r->held_since) {
			r->shift_ms += r->now - r->held_since;
			if (r->allclear_step)
				r->allclear_until += r->now - r->held_since;
			r->held_since = 0;
		}
		return;
	case COMMAND_EXTEND:
		r->shift_ms += e->value;
		if (r->allclear_step)
			r->allclear_until += e->value;
		if (r->rolling && r->roll_until != INT64_MAX)
			r->roll_until += e->value;
		return;
	case COMMAND_STOP:
		stop(r, e->by, e->text, out);
		return;
	case COMMAND_LAYOUT:
		for (size_t i = 0; i < r->spec->mcus_n; i++)
			if (r->mcus[i].phase == MCU_READY && (str_empty(e->device) || str_eq(e->device, r->mcus[i].spec->name)))
				str_copy(run_order_mcu(r, out, VERB_LAYOUT, &r->mcus[i])->layout, 40, e->text);
		return;
	case COMMAND_MESSAGE:
		if (!e->site[0]) {
			message_all(r, e->text, 30, out);
		} else if (spec_site(r->spec, e->site, &index) && run_site_up(&r->sites[index])) {
			struct order *o = run_order_leg(r, out, VERB_MESSAGE, &r->sites[index]);

			str_copy(o->text, sizeof o->text, e->text);
			o->seconds = 30;
		}
		return;
	case COMMAND_MUTE: case COMMAND_UNMUTE:
		if (!e->site[0]) {
			for (size_t i = 0; i < r->spec->sites_n; i++)
				command_site(r, e, &r->sites[i], out);
			return;
		}
		break;
	case COMMAND_NEXT:
		roll_next(r, out);
		return;
	case COMMAND_HANGUP: case COMMAND_DIAL: case COMMAND_MARK: case COMMAND_SETTLE: case COMMAND_PEOPLE: case COMMAND_CALL:
	case COMMAND_PASS: case COMMAND_REPEAT: case COMMAND_CALLED: case COMMAND_N:
		break;
	}
	if (spec_site(r->spec, e->site, &index))
		command_site(r, e, &r->sites[index], out);
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

struct run *
run_new(const struct spec *spec)
{
	struct arena *a = arena_new();
	struct run *r = arena_alloc(a, sizeof *r);

	r->arena = a;
	r->spec = spec;
	r->wake_at = INT64_MAX;
	r->sites = arena_alloc(a, (spec->sites_n + 1) * sizeof *r->sites);
	r->mcus = arena_alloc(a, (spec->mcus_n + 1) * sizeof *r->mcus);
	for (size_t i = 0; i < spec->sites_n; i++) {
		struct run_site *s = &r->sites[i];

		s->spec = &spec->sites[i];
		s->index = (int)i;
		s->people_actual = -1;
		for (int t = 0; t < TELLERS_N; t++)
			for (int m = 0; m < MEDIA_N; m++)
				for (int d = 0; d < DIRECTIONS_N; d++) {
					struct proof *p = &s->proof[t][m][d];

					p->worst_loss_permille = p->worst_jitter_ms = p->worst_rtt_ms = -1;
					p->kbps = p->width = p->height = -1;
				}
	}
	for (size_t i = 0; i < spec->mcus_n; i++) {
		r->mcus[i].spec = &spec->mcus[i];
		r->mcus[i].index = (int)i;
		r->mcus[i].roll_site = -1;
	}
	return r;
}

void
run_free(struct run *r)
{
	if (r)
		arena_free(r->arena);
}

static void
begin(struct run *r)
{
	r->begun = r->now;
	/* Begun late (short notice, catch-up, by hand): the steps keep their distances; what was planned stays planned. */
	int64_t first = r->spec->anchor + playbook_first(r->spec->playbook);

	if (r->now > first + 60000) {
		r->shift_ms = r->late_ms = r->now - first;
		run_note(r, 0, "begun-late", "begun %lld s after the planned instant", (long long)(r->late_ms / 1000));
	}
	for (size_t i = 0; r->spec->notes && r->spec->notes[i]; i++)
		run_note(r, 0, "input", "%s", r->spec->notes[i]);
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->spec->mcus[i].disabled)
			run_note(r, 0, "mcu-unusable", "%s: %s", r->spec->mcus[i].name, r->spec->mcus[i].disabled);
}

/* The program came back: nothing that was under way has a known outcome. Lists are read before anything is sent. */
static void
restart(struct run *r, struct orders *out)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		struct run_mcu *m = &r->mcus[i];

		m->poll_under_way = false;
		if (m->open_under_way) {
			m->open_under_way = false;
			m->start_unanswered = true;
			m->phase = MCU_CLOSED;
			m->next_open = r->now;
		}
		if (m->phase == MCU_READY || m->phase == MCU_LOST) {
			m->reconcile = true;
			m->next_poll = r->now;
		}
		if (m->ending) {
			m->ending = false;
			mcu_close(r, m, out);
		}
	}
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		struct run_site *s = &r->sites[i];

		if (s->status_under_way) {
			s->status_under_way = false;
			s->next_status = r->now + PROOF_APART_MS;
		}
		s->reason_under_way = false;
		if (s->phase == SITE_DIALING && s->dial_under_way)
			site_outcome_unknown(r, s);
		media_reset(s, false);
	}
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].roll_site >= 0) { /* whether it was heard is not known: it is called anew */
			r->sites[r->mcus[i].roll_site].roll.called--;
			roll_end_call(r, &r->mcus[i], out);
		}
	run_note(r, 0, "restart", "the program was started again during the run");
}

static void
finish_if_done(struct run *r)
{
	if (r->finished || r->step_next < r->spec->playbook->n || r->allclear_step)
		return;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].ending)
			return;
	r->finished = true;
	r->ended = r->now;
	r->report_due = true;
}

static void
plan_wake(struct run *r)
{
	const struct playbook *p = r->spec->playbook;
	int64_t wake = INT64_MAX;

	if (!r->finished) {
		if (!r->held_since && r->step_next < p->n)
			wake = step_instant(r, &p->steps[r->step_next]);
		if (!r->held_since && r->allclear_step && r->allclear_until < wake)
			wake = r->allclear_until;
		if (r->verifying && r->now < r->verify_until && r->verify_until < wake)
			wake = r->verify_until;
		for (size_t i = 0; i < r->spec->mcus_n; i++) {
			int64_t w = mcu_wake(r, &r->mcus[i]);

			wake = w < wake ? w : wake;
		}
		for (size_t i = 0; i < r->spec->sites_n; i++) {
			int64_t w = site_wake(r, &r->sites[i]);

			wake = w < wake ? w : wake;
		}
	}
	r->wake_at = wake;
}

void
run_step(struct run *r, const struct event *e, struct orders *out)
{
	if (e->at > r->now)
		r->now = e->at; /* time never runs backwards for a run */
	switch (e->kind) {
	case EVENT_BEGIN: begin(r); break;
	case EVENT_RESTART: restart(r, out); break;
	case EVENT_TICK: break;
	case EVENT_ANSWER:
		if (e->verb == VERB_STATUS || e->verb == VERB_DIAL)
			site_answer(r, e, out);
		else
			mcu_answer(r, e, out);
		break;
	case EVENT_ROSTER: mcu_roster(r, e, out); break;
	case EVENT_COMMAND: command(r, e, out); break;
	case EVENT_INHERIT: mcu_inherit(r, e); break;
	case EVENT_MISSED:
		r->missed = true;
		r->missed_why = arena_strdup(r->arena, e->text);
		run_note(r, e->seq, "missed", "%s", e->text);
		r->step_next = r->spec->playbook->n;
		break;
	}
	work_steps(r, out);
	work_allclear(r, out);
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		mcu_work(r, &r->mcus[i], out);
	for (size_t i = 0; i < r->spec->sites_n; i++)
		site_work(r, &r->sites[i], out);
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		roll_work(r, &r->mcus[i], out);
	finish_if_done(r);
	plan_wake(r);
}
