/* The attempts to reach one site: when it is dialled, and what came of it. Pure part of run.c,
 * called for every event by run_site.c, which knows who is there. By which way is run_way.c.
 *
 * Fast attempts first, then as often as the box is probed. A dial whose outcome is not known is
 * never repeated, nor made by another MCU, before a list of its MCU, read later, has told. */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

/* Are sites dialled at all now? Until the all-clear in a rehearsal, to the end in a session whose
 * playbook redials. */
bool
site_may_dial(const struct run *r)
{
	if (!r->dialing || r->closing || r->finished)
		return false;
	return !r->allclear_at && !r->allclear_not_given;
}

struct attempt *
dial_last(struct run_site *s)
{
	return s->attempts.n ? &s->attempts.at[s->attempts.n - 1] : NULL;
}

struct attempt *
dial_attempt(struct run_site *s)
{
	struct attempt *a = dial_last(s);

	return a && a->result == ATTEMPT_UNDER_WAY ? a : NULL;
}

void
site_redial(struct run_site *s, int64_t at)
{
	if (s->phase == SITE_LEFT || s->spec->disabled)
		return;
	if (!s->next_dial || s->next_dial > at)
		s->next_dial = at;
}

/* When to try again: fast attempts first, then as often as the box is looked at. */
static void
plan_next_dial(struct run *r, struct run_site *s)
{
	const struct step *d = r->dial_step;

	if (!d)
		return;
	if (s->exercising) { /* rehearsed, and it failed: now as planned */
		s->exercising = false;
		s->variant = 0;
		s->next_dial = r->now;
		return;
	}
	if (s->fast_left > 0) {
		s->next_dial = r->now + d->every_ms;
		return;
	}
	way_next(r, s);
	if (s->variant) {
		s->next_dial = r->now + d->every_ms;
		return;
	}
	/* A codec that can be asked wakes us (site_answer); the dial behind it is only for a
	 * blocked control port. */
	bool asked = s->spec->endpoint && !s->endpoint_final;

	s->next_dial = r->now + (asked ? 4 : 1) * d->probe_every_ms;
}

static void
dial(struct run *r, struct run_site *s, struct orders *out)
{
	struct attempt *a = vec_add_in(r->arena, &s->attempts);

	s->mcu = way_mcu(r, s);
	s->leg_id[0] = '\0';
	struct order *o = run_order_mcu(r, out, VERB_DIAL, &r->mcus[s->mcu]);

	a->mcu = s->mcu;
	a->number = (int)s->attempts.n;
	a->at = r->now;
	str_copy(o->site, sizeof o->site, s->spec->id);
	o->attempt = a->number;
	str_copy(o->site_name, sizeof o->site_name, s->spec->name);
	o->kbps = r->open_step ? r->open_step->kbps : 0;
	o->on = !r->open_step || r->open_step->muted;
	s->wanted_muted = tri_of(o->on);
	way_take(r, s, a, o);
	struct buf word = { 0 };

	buf_printf(&word, "%s/%s/%d", r->spec->id, s->spec->id, a->number);
	str_copy(o->attempt_word, sizeof o->attempt_word, buf_str(&word));
	buf_free(&word);
	s->muted_ordered = r->now;
	s->mute_repeats = 0;
	s->phase = SITE_DIALING;
	s->dialing_since = r->now;
	s->dial_under_way = true;
	s->unknown_since = 0;
	s->rang = false;
	s->dial_by_person = false;
	s->next_dial = 0;
	if (s->fast_left > 0)
		s->fast_left--;
}

/* Something of it may still stand on its last MCU. */
static bool
is_listed(const struct run_site *s, const struct run_mcu *m)
{
	for (size_t i = 0; i < m->legs.n; i++)
		if (m->legs.at[i].site == s->index && !m->legs.at[i].below &&
			m->legs.at[i].leg.state != LEG_GONE)
			return true;
	return false;
}

/* A leg that is gone is dialled again only when a list that was asked for afterwards shows no other
 * one of it, and when it is known whether a person ended it. */
static bool
gone_for_sure(const struct run_site *s, const struct run_mcu *m)
{
	if (s->reason_under_way || s->history_under_way)
		return false;
	if (s->phase != SITE_AWAY || s->gone_by_codec || !m->have_conference)
		return true;
	return m->list_asked > s->intervals.at[s->intervals.n - 1].to && !is_listed(s, m);
}

/* A cascade leg is dialled once the conference below is open: it may be found by its name only
 * then. */
static bool
lower_ready(const struct run *r, const struct run_site *s)
{
	const struct run_mcu *below = s->spec->lower ? &r->mcus[s->spec->lower - 1] : NULL;
	/* another office opens its own */
	return !below || below->phase == MCU_READY || below->spec->foreign;
}

/* Automation stops at a hold and at the all-clear; what a person ordered goes out until the
 * conference is taken down. */
static bool
is_due(const struct run *r, const struct run_site *s)
{
	if (s->dial_by_person)
		return !r->closing && !r->finished;
	return !r->held_since && site_may_dial(r);
}

static bool
is_free(const struct run *r, const struct run_site *s)
{
	if ((s->phase != SITE_WAITING && s->phase != SITE_AWAY) || !is_due(r, s) || s->mcu < 0)
		return false;
	return lower_ready(r, s) && gone_for_sure(s, &r->mcus[s->mcu]);
}

static bool
may_be_dialled(const struct run *r, const struct run_site *s)
{
	const struct run_mcu *m = is_free(r, s) ? &r->mcus[way_mcu(r, s)] : NULL;

	if (!m || m->phase != MCU_READY || m->reconcile)
		return false;
	return s->mcu == m->index || !is_listed(s, &r->mcus[s->mcu]);
}

/* Its MCU is not open, and another one can be asked, or this one opened. */
static bool
may_be_led(const struct run *r, const struct run_site *s)
{
	if (!is_free(r, s))
		return false;
	const struct run_mcu *m = &r->mcus[way_mcu(r, s)];

	return way_detour(r, s) >= 0 || (m->phase == MCU_CLOSED && m->reserve && !m->next_open &&
						!m->open_under_way && !m->spec->disabled);
}

/* At once: an MCU that does not answer leads its sites to their second one, and back. */
static void
lead(struct run *r, struct run_site *s)
{
	int way = way_detour(r, s);

	if (way >= 0) {
		s->variant = way;
		s->exercising = false;
	}
	mcu_want(r, &r->mcus[way_mcu(r, s)]);
}

static bool
shows_no_life(const struct run_site *s, enum cause cause)
{
	return cause == CAUSE_UNREACHABLE || (cause == CAUSE_NO_ANSWER && !s->rang);
}

static bool
shows_life(const struct run_site *s, enum cause cause)
{
	return cause == CAUSE_BUSY || cause == CAUSE_REJECTED || cause == CAUSE_INCOMPATIBLE ||
	       cause == CAUSE_AUTH || cause == CAUSE_SITE_HANGUP || s->rang;
}

/* Not there, or not willing. A wrong address, a foreign protocol or a password is no lateness of
 * the room. */
static bool
shows_unwilling(const struct run_site *s, enum cause cause)
{
	return shows_no_life(s, cause) || s->rang || cause == CAUSE_NO_ANSWER ||
	       cause == CAUSE_BUSY || cause == CAUSE_REJECTED || cause == CAUSE_SITE_HANGUP;
}

/* Where no list can show it ringing, the word is all that tells it. */
static bool
says_it_rang(const struct run *r, const struct attempt *a, enum cause cause)
{
	return cause == CAUSE_NO_ANSWER && a->mcu >= 0 &&
	       !(r->mcus[a->mcu].spec->evidence & EVIDENCE_RINGING);
}

/* What the cause of a failed attempt tells about the site. */
static void
learn_cause(const struct run *r, struct run_site *s, struct attempt *a, const struct ending *ending,
	int64_t seq)
{
	bool ours = ending->cause == CAUSE_MCU || ending->cause == CAUSE_GATEKEEPER;

	if (says_it_rang(r, a, ending->cause))
		s->rang = a->rang = true;
	a->seq = seq;
	a->cause = ending->cause;
	str_copy(a->words, sizeof a->words, ending->device_words);
	a->result = ours ? ATTEMPT_OURS : ATTEMPT_FAILED;
	if (ours || (ending->cause == CAUSE_OUR_HANGUP && !s->hangup_by_us)) /* a person's act */
		return;
	if (shows_life(s, ending->cause))
		site_alive(r, s, seq);
	if (shows_no_life(s, ending->cause))
		s->dead_seq = seq;
	if (!s->first_up && shows_unwilling(s, ending->cause)) {
		s->not_before = a->vain_at;
		a->unwilling = true;
		s->not_before_mcu = a->mcu;
	}
}

void
site_failed_because(
	struct run *r, struct run_site *s, int64_t ended, const struct ending *ending, int64_t seq)
{
	struct attempt *a = dial_last(s);

	if (a && a->result == ATTEMPT_FAILED && a->cause == CAUSE_UNKNOWN && a->ended == ended &&
		ending->cause != CAUSE_OUR_HANGUP)
		learn_cause(r, s, a, ending, seq);
}

/* An attempt ended without a leg. */
void
site_failed(struct run *r, struct run_site *s, const struct ending *ending, int64_t seq)
{
	struct attempt *a = dial_attempt(s);
	bool listed = !s->dial_under_way;

	s->dial_under_way = false;
	s->unknown_since = 0;
	s->phase = s->intervals.n ? SITE_AWAY : SITE_WAITING;
	s->leg_state = LEG_GONE;
	if (!a)
		return;
	a->ended = a->vain_at = r->now;
	if (listed && a->mcu >= 0 && r->mcus[a->mcu].list_asked < r->now)
		a->vain_at =
			r->mcus[a->mcu].list_asked > a->at ? r->mcus[a->mcu].list_asked : a->at;
	learn_cause(r, s, a, ending, seq);
	/* a person stopped the dial on the MCU */
	if (ending->cause == CAUSE_OUR_HANGUP && !s->hangup_by_us) {
		s->phase = SITE_LEFT;
		s->ended_by_person = true;
		a->result = ATTEMPT_OURS;
		return;
	}
	s->hangup_by_us = false;
	plan_next_dial(r, s);
	if (s->spec->endpoint && !s->endpoint_final && (!s->next_status || s->next_status < r->now))
		s->next_status = r->now + PROOF_APART_MS;
}

/* The order to dial left, and what came of it is not known. */
void
site_outcome_unknown(struct run *r, struct run_site *s)
{
	s->dial_under_way = false;
	s->unknown_since = r->now;
}

/* A list read after that shows no leg of this site: the attempt is over, without telling anything
 * about the site. */
void
site_settle_unknown(struct run *r, struct run_site *s)
{
	struct attempt *a = dial_attempt(s);

	s->unknown_since = 0;
	if (s->phase != SITE_DIALING)
		return;
	s->phase = s->intervals.n ? SITE_AWAY : SITE_WAITING;
	if (a) {
		a->result = ATTEMPT_OURS;
		a->ended = r->now;
	}
	site_redial(s, r->now);
}

void
dial_work(struct run *r, struct run_site *s, struct orders *out)
{
	if (s->phase == SITE_DIALING && !s->dial_under_way && !s->unknown_since &&
		r->now - s->dialing_since >= DIAL_GIVE_UP_MS) {
		if (r->mcus[s->mcu].phase == MCU_READY) {
			struct order *o = run_order_leg(r, out, VERB_HANGUP, s);

			o->urgent = true;
			site_failed(r, s,
				&(struct ending){
					.cause = CAUSE_UNKNOWN, .device_words = "never ended" },
				0);
		} else { /* nobody told us how it ended */
			site_outcome_unknown(r, s);
		}
	}
	if (!s->next_dial || s->next_dial > r->now || s->dial_under_way)
		return;
	if (may_be_led(r, s))
		lead(r, s);
	if (may_be_dialled(r, s))
		dial(r, s, out);
}

int64_t
dial_wake(const struct run *r, const struct run_site *s)
{
	int64_t wake = s->next_dial && (may_be_dialled(r, s) || may_be_led(r, s)) ? s->next_dial
										  : INT64_MAX;

	if (s->phase == SITE_DIALING && !s->dial_under_way && !s->unknown_since &&
		s->dialing_since + DIAL_GIVE_UP_MS < wake)
		wake = s->dialing_since + DIAL_GIVE_UP_MS;
	return wake;
}

/* A person hung up, or the run ended, while the order to dial was on its way: the leg that it made
 * is taken down. */
static void
dial_overtaken(struct run *r, struct run_site *s, struct run_mcu *m, const struct event *e,
	struct orders *out)
{
	struct attempt *a = dial_attempt(s);

	s->dial_under_way = false;
	if (a) {
		a->result = ATTEMPT_OURS;
		a->ended = r->now;
		a->seq = e->seq;
	}
	if (e->code == ERR_TIMEOUT || e->code == ERR_PROTOCOL || e->code == ERR_CANCELED) {
		s->unknown_since = r->now; /* the next list tells whether there is a leg */
		m->next_poll = m->next_poll ? r->now : 0;
	}
	if (e->code != OK)
		return;
	str_copy(s->leg_id, sizeof s->leg_id, e->leg.id);
	struct order *o = run_order_leg(r, out, VERB_HANGUP, s);

	o->leg = e->leg;
	o->urgent = true;
}

/* A dial's answer says only that the MCU took the order. */
void
dial_answered(struct run *r, struct run_site *s, const struct event *e, struct orders *out)
{
	struct run_mcu *m = run_mcu_of(r, s);

	if (!s->dial_under_way || !m || !str_eq(m->spec->name, e->device))
		return;
	if (s->phase == SITE_LEFT || (r->closing && !m->created)) {
		dial_overtaken(r, s, m, e, out);
		return;
	}
	if (s->phase != SITE_DIALING)
		return;
	switch (e->code) {
	case OK: {
		struct run_leg *l = mcu_leg(m, e->leg.id);

		s->dial_under_way = false;
		str_copy(s->leg_id, sizeof s->leg_id, e->leg.id);
		if (!l)
			l = mcu_leg_add(r, m, &e->leg, s->index);
		l->site = s->index;
		l->since = r->now;
		l->leg.state = e->leg.state == LEG_UP || e->leg.state == LEG_GONE ? LEG_DIALING
										  : e->leg.state;
		if (l->leg.state == LEG_RINGING)
			site_ringing(r, s, e->seq);
		m->next_poll = r->now;
		return;
	}
	case ERR_REFUSED: case ERR_UNSUPPORTED: case ERR_INPUT: {
		struct ending ending = { .cause = cause_from_name(e->word) };

		str_copy(ending.device_words, sizeof ending.device_words, e->why);
		if (ending.cause == CAUSE_UNKNOWN)
			ending.cause = CAUSE_MCU; /* the MCU refused the order itself: not the
						   * site's doing */
		site_failed(r, s, &ending, e->seq);
		run_note(r, e->seq, "dial-refused", "%s: %s", s->spec->name, e->why);
		return;
	}
	case ERR_TIMEOUT: case ERR_PROTOCOL: case ERR_CANCELED: case ERR_SYSTEM:
		site_outcome_unknown(r, s);
		m->next_poll = r->now;
		return;
	case ERR_UNREACHABLE: case ERR_AUTH: case ERR_BUSY: case ERR_GONE: {
		struct ending ending = { .cause = CAUSE_MCU };

		str_copy(ending.device_words, sizeof ending.device_words, err_name(e->code));
		s->fast_left++; /* nothing was tried on the site */
		site_failed(r, s, &ending, e->seq);
		if (e->code != ERR_BUSY)
			m->next_poll = r->now;
		if (e->code == ERR_GONE && m->phase == MCU_READY &&
			s->dialing_since >= m->opened_at)
			mcu_conference_gone(r, m, e, out);
		return;
	}
	}
}
