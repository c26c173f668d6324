/* Facts about one site that need no figures: sign of life, presence, lateness, the answer to the roll call. Part of judge.c: pure. */
#include "judge_inner.h"

#include "base/net.h"
#include "base/str.h"
#include "schedules/sites.h"

void
judge_rests_on(struct evidence_rows *e, int64_t seq)
{
	if (seq <= 0 || e->n == 4)
		return;
	for (int i = 0; i < e->n; i++)
		if (e->seq[i] == seq)
			return;
	e->seq[e->n++] = seq;
}

void
judge_flag(struct verdict *v, const char *word)
{
	for (int i = 0; i < v->flags_n; i++)
		if (str_eq(v->flags[i], word))
			return;
	if (v->flags_n < FLAGS_MAX)
		v->flags[v->flags_n++] = word;
}

/* ---- presence --------------------------------------------------------------------------------------------------- */

/* Until when a site had to stay: the all-clear; its latest instant if nobody gave it; now, while it is still to come. */
int64_t
judge_stay_until(const struct run *r)
{
	if (r->allclear_at)
		return r->allclear_at;
	if (r->allclear_not_given)
		return r->allclear_latest;
	if (r->closed_at) /* a session, or a rehearsal that was stopped: until we ended it */
		return r->closed_at - 1;
	return r->now;
}

/* When a stretch of presence was surely over: seen gone, or a whole window after its packets had stopped. */
static int64_t
gone_at(const struct run *r, const struct interval *k)
{
	int64_t silent = k->silent_from + r->spec->profile.window_ms;

	return k->silent_from && silent < k->to ? silent : k->to;
}

bool
judge_present_at(const struct run *r, const struct run_site *s, int64_t at)
{
	for (size_t i = 0; i < s->intervals.n; i++)
		if (s->intervals.at[i].from <= at && (s->intervals.at[i].ended_by == ENDED_OPEN || gone_at(r, &s->intervals.at[i]) > at))
			return true;
	return false;
}

/* Was it seen there then? A leg on an MCU that did not answer us for longer than this may have ended meanwhile. */
enum { SEEN_MS = 60000 };

static bool
seen_at(const struct run *r, const struct run_site *s, int64_t at)
{
	for (size_t i = 0; i < s->intervals.n; i++) {
		const struct interval *k = &s->intervals.at[i];

		if (k->from <= at && k->seen + SEEN_MS >= at && (k->ended_by == ENDED_OPEN || gone_at(r, k) > at))
			return true;
	}
	return false;
}

/* The interval whose end took the site away before the all-clear for good, or NULL. */
const struct interval *
judge_leaving(const struct run *r, const struct run_site *s)
{
	int64_t until = judge_stay_until(r);
	const struct interval *last = NULL;

	if (judge_present_at(r, s, until))
		return NULL;
	for (size_t i = 0; i < s->intervals.n; i++)
		if (s->intervals.at[i].to && gone_at(r, &s->intervals.at[i]) <= until)
			last = &s->intervals.at[i];
	return last;
}

/* Seen gone within this of each other: one cause, not many decisions. */
enum { TOGETHER_MS = 60000 };

static const struct interval *
gone_then(const struct run *r, const struct run_site *s, int64_t seen)
{
	for (size_t i = 0; i < s->intervals.n; i++) {
		const struct interval *k = &s->intervals.at[i];
		int64_t apart = k->seen - seen;

		if (k->to && (k->ended_by == ENDED_POWER || k->ended_by == ENDED_NETWORK || k->ended_by == ENDED_UNKNOWN) &&
			apart <= TOGETHER_MS && apart >= -TOGETHER_MS)
			return k;
	}
	return NULL;
}

const char *
judge_common_cause(const struct run *r, const struct run_site *s, const struct interval *gone)
{
	size_t power = 0, together = 1, behind = 0;

	if (gone->ended_by != ENDED_POWER && gone->ended_by != ENDED_NETWORK && gone->ended_by != ENDED_UNKNOWN)
		return NULL;
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		const struct run_site *o = &r->sites[i];
		const struct interval *k;

		if (o->spec->mcu == s->spec->mcu)
			behind += o->first_up && o->first_up <= gone->seen;
		if (o == s || !(k = gone_then(r, o, gone->seen)))
			continue;
		together += o->spec->mcu == s->spec->mcu;
		power += k->ended_by == ENDED_POWER && str_eq_nocase(o->spec->district, s->spec->district) && !str_empty(s->spec->district);
	}
	if (gone->ended_by == ENDED_POWER)
		return power >= 2 ? "power-cut" : NULL;
	return together >= 3 && together * 2 > behind ? "line" : NULL;
}

void
judge_presence(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	const struct interval *gone = judge_leaving(r, s);

	if (s->first_up) {
		v->reached = YES;
		judge_rests_on(&v->reached_rows, s->first_up_seq);
	} else {
		v->reached = UNKNOWN;
		for (size_t i = 0; i < s->attempts.n; i++)
			if (s->attempts.at[i].result == ATTEMPT_FAILED) {
				v->reached = NO;
				judge_rests_on(&v->reached_rows, s->attempts.at[i].seq);
			}
	}
	if (s->intervals.n > 1)
		judge_flag(v, "drop");
	if (s->ended_by_person)
		judge_flag(v, "ended-by-person");
	if (s->carried_by)
		judge_flag(v, "fallback");
	if (s->open_microphone_seq)
		judge_flag(v, "open-microphone");
	if (!s->first_up) {
		v->stayed = UNKNOWN;
		return;
	}
	if (!gone) {
		v->stayed = seen_at(r, s, judge_stay_until(r)) ? YES : UNKNOWN;
		return;
	}
	judge_rests_on(&v->stayed_rows, gone->silent_seq);
	judge_rests_on(&v->stayed_rows, gone->end_seq);
	judge_rests_on(&v->stayed_rows, gone->uptime_seq);
	v->left_at = gone->seen > gone->from ? gone->seen : gone->to;
	v->common_cause = judge_common_cause(r, s, gone);
	if (s->settled_seq && (s->settled_left || s->settled_present)) {
		v->stayed = s->settled_present ? YES : NO;
		judge_rests_on(&v->stayed_rows, s->settled_seq);
	} else if (gone->ended_by == ENDED_SITE || (gone->ended_by == ENDED_POWER && !v->common_cause)) {
		v->stayed = NO;
	} else {
		v->stayed = UNKNOWN;
	}
}

void
judge_life(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;

	if (s->alive_seq || s->first_up) {
		v->alive = YES;
		judge_rests_on(&v->alive_rows, s->alive_seq);
	} else if (s->dead_seq) {
		v->alive = NO;
		judge_rests_on(&v->alive_rows, s->dead_seq);
	} else {
		v->alive = UNKNOWN;
	}
}

/* Planned is the instant of the first dial step. The site was reachable and willing somewhere between the last attempt that
 * showed it was not and its first leg. */
void
judge_lateness(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;

	int64_t at, planned = r->dial_at;

	/* A playbook that dials nobody counts from its anchor. */
	if (!planned && !playbook_at(r->spec->playbook, STEP_DIAL, &at))
		planned = r->spec->anchor;
	bool short_notice = r->spec->short_notice || s->invited_at;

	if (!s->first_up || !planned || short_notice) {
		if (short_notice)
			judge_flag(v, "short-notice");
		return;
	}
	int64_t upper = s->first_up - planned, lower = s->not_before ? s->not_before - planned : 0;

	if (lower < 0)
		lower = 0;
	if (upper < lower)
		upper = lower;
	v->late_s = figure_of(lower / 1000);
	v->late_uncertainty_s = figure_of((upper - lower) / 1000);
	judge_rests_on(&v->late_rows, s->first_up_seq);
	for (size_t i = 0; i < s->attempts.n; i++)
		if (s->attempts.at[i].result == ATTEMPT_FAILED && s->attempts.at[i].ended == s->not_before)
			judge_rests_on(&v->late_rows, s->attempts.at[i].seq);
}

/* ---- roll call -------------------------------------------------------------------------------------------------- */

/* Nothing at all arrived from its microphone: whoever answered could not have been heard. */
static bool
no_sound_arrived(const struct verdict *v)
{
	for (int m = 0; m < v->media_n; m++)
		if (v->media[m].medium == AUDIO && v->media[m].direction == FROM_SITE && v->media[m].value == NO)
			return true;
	return false;
}

void
judge_answer(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;

	v->answered = UNKNOWN;
	v->heard = UNKNOWN;
	if (s->roll.by_person) {
		v->answered = tri_of(s->roll.person_says);
		judge_rests_on(&v->answered_rows, s->roll.seq);
		return;
	}
	if (s->roll.answered) {
		v->answered = YES;
		judge_rests_on(&v->answered_rows, s->roll.seq);
		if (s->roll.sound)
			v->heard = YES;
	} else if (s->roll.called > 0 && s->could_hear && s->listened && s->mic_muted != YES && !no_sound_arrived(v)) {
		/* Called, listened to without a gap, nothing came. A room muted by its own setting, or whose sound does not arrive at all,
		 * is not accused: nobody could have been heard. */
		v->answered = NO;
		judge_rests_on(&v->answered_rows, s->roll.called_seq);
	}
	if ((s->roll.called > 0 || s->roll.silent) && !s->roll.sound)
		judge_flag(v, "called-without-sound");
	if (v->answered == NO && s->even_calls)
		judge_flag(v, "silent-microphone");
	if (s->mic_muted == YES)
		judge_flag(v, "muted-by-setting");
}

void
judge_network(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	bool ruled = false;

	v->network = UNKNOWN;
	if (!net_is_address(s->remote_ip))
		return;
	for (size_t i = 0; i < r->spec->networks_n; i++) {
		const struct spec_network *n = &r->spec->networks[i];
		bool for_tier = false;

		for (int t = TIER_CENTRAL; t <= TIER_OTHER; t++)
			for_tier = for_tier || (n->tiers & 1u << t && str_eq(tier_name(t), s->spec->tier));
		if (!for_tier)
			continue;
		ruled = true;
		if (net_contains(n->cidr, s->remote_ip)) {
			v->network = YES;
			return;
		}
	}
	if (!ruled)
		return; /* no network is laid down for this tier */
	v->network = NO;
	judge_flag(v, "wrong-network");
}
