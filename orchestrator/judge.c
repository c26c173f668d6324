/* Facts and headlines: the law of the product. For reports, the live board and `replay`. Pure: reads struct run, owns nothing,
 * must never guess: what no journal row shows is unknown.
 *
 * 1. Facts first, each yes, no or unknown with its rows. A fact is `no` only when something that could have told says so.
 * 2. One headline per expected site, the first that holds, in the order of enum headline:
 *    untested     our failure left no attempt that could have told: no conclusive attempt, never up
 *    absent       attempts ended conclusively and nothing of the site ever showed a sign of life
 *    unconnected  alive, never reached, and it did not ring to the end unanswered (or auto-answer is off by setting)
 *    left-early   gone before the all-clear by its own hang-up or by being switched off, and not back
 *    lost         gone before the all-clear without a goodbye, cause not proven, and not back
 *    unattended   called and gave no answer; or rang to the end with nobody answering
 *    one-way      a negotiated medium did not arrive
 *    poor         a medium graded poor or bad in the verify window, or below its class's minimum
 *    unverified   a medium, or the answer to the call, could not be measured
 *    late         the lower bound of its lateness is beyond the grace
 *    good
 * 3. Lists are made from facts, not from headlines: a site may stand in two. */
#include "judge.h"

#include "base/str.h"
#include "base/vec.h"

#include <string.h>

static const char *const headline_words[HEADLINE_N] = {
	[UNTESTED] = "untested",     [ABSENT] = "absent",   [UNCONNECTED] = "unconnected", [LEFT_EARLY] = "left-early",
	[LOST] = "lost",	     [UNATTENDED] = "unattended", [ONE_WAY] = "one-way",   [POOR] = "poor",
	[UNVERIFIED] = "unverified", [LATE] = "late",	    [GOOD] = "good",
};
static const char *const grade_words[] = { "", "good", "fair", "poor", "bad" };

const char *const checklist_names[6] = { "connection", "equipment", "sound", "picture", "line", "power" };
const char *const list_names[LIST_N] = {
	[LIST_ABSENT] = "absent",     [LIST_UNCONNECTED] = "unconnected", [LIST_UNATTENDED] = "unattended",
	[LIST_LEFT_EARLY] = "left_early", [LIST_LATE] = "late",		  [LIST_ONE_WAY] = "one_way",
	[LIST_LOST] = "lost",	      [LIST_UNVERIFIED] = "unverified",	  [LIST_UNTESTED] = "untested",
	[LIST_WRONG_NETWORK] = "wrong_network",
};

const char *
headline_name(enum headline h)
{
	return headline_words[h];
}

const char *
grade_value_name(enum grade_value g)
{
	return grade_words[g];
}

static void
rests_on(struct evidence_rows *e, int64_t seq)
{
	if (seq <= 0 || e->n == 4)
		return;
	for (int i = 0; i < e->n; i++)
		if (e->seq[i] == seq)
			return;
	e->seq[e->n++] = seq;
}

static void
flag(struct verdict *v, const char *word)
{
	for (int i = 0; i < v->flags_n; i++)
		if (str_eq(v->flags[i], word))
			return;
	if (v->flags_n < FLAGS_MAX)
		v->flags[v->flags_n++] = word;
}

/* ---- presence --------------------------------------------------------------------------------------------------- */

static const struct interval *
last_interval(const struct run_site *s)
{
	return s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;
}

/* Until when a site had to stay: the all-clear; its latest instant if nobody gave it; now, while it is still to come. */
static int64_t
stay_until(const struct run *r)
{
	if (r->allclear_at)
		return r->allclear_at;
	if (r->allclear_not_given)
		return r->allclear_latest;
	if (r->closed_at) /* a session, or a rehearsal that was stopped: until we ended it */
		return r->closed_at - 1;
	return r->now;
}

static bool
present_at(const struct run_site *s, int64_t at)
{
	for (size_t i = 0; i < s->intervals.n; i++)
		if (s->intervals.at[i].from <= at && (s->intervals.at[i].ended_by == ENDED_OPEN || s->intervals.at[i].to > at))
			return true;
	return false;
}

/* The interval whose end took the site away before the all-clear for good, or NULL. */
static const struct interval *
leaving(const struct run *r, const struct run_site *s)
{
	int64_t until = stay_until(r);
	const struct interval *last = NULL;

	if (present_at(s, until))
		return NULL;
	for (size_t i = 0; i < s->intervals.n; i++)
		if (s->intervals.at[i].to && s->intervals.at[i].to <= until)
			last = &s->intervals.at[i];
	return last;
}

static void
judge_presence(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	const struct interval *gone = leaving(r, s);

	if (s->first_up) {
		v->reached = YES;
		rests_on(&v->reached_rows, s->first_up_seq);
	} else {
		v->reached = UNKNOWN;
		for (size_t i = 0; i < s->attempts.n; i++)
			if (s->attempts.at[i].result == ATTEMPT_FAILED) {
				v->reached = NO;
				rests_on(&v->reached_rows, s->attempts.at[i].seq);
			}
	}
	if (s->intervals.n > 1)
		flag(v, "drop");
	if (s->ended_by_person)
		flag(v, "ended-by-person");
	if (s->carried_by)
		flag(v, "fallback");
	if (s->open_microphone_seq)
		flag(v, "open-microphone");
	if (!s->first_up) {
		v->stayed = UNKNOWN;
		return;
	}
	if (!gone) {
		v->stayed = present_at(s, stay_until(r)) ? YES : UNKNOWN;
		return;
	}
	rests_on(&v->stayed_rows, gone->end_seq);
	rests_on(&v->stayed_rows, gone->uptime_seq);
	v->left_at = gone->seen > gone->from ? gone->seen : gone->to;
	if (s->settled_seq && (s->settled_left || s->settled_present)) {
		v->stayed = s->settled_present ? YES : NO;
		rests_on(&v->stayed_rows, s->settled_seq);
	} else if (gone->ended_by == ENDED_SITE || gone->ended_by == ENDED_POWER) {
		v->stayed = NO;
	} else {
		v->stayed = UNKNOWN;
	}
}

static void
judge_life(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;

	if (s->alive_seq || s->first_up) {
		v->alive = YES;
		rests_on(&v->alive_rows, s->alive_seq);
	} else if (s->dead_seq) {
		v->alive = NO;
		rests_on(&v->alive_rows, s->dead_seq);
	} else {
		v->alive = UNKNOWN;
	}
}

/* Planned is the instant of the first dial step. The site was reachable and willing somewhere between the last attempt that
 * showed it was not and its first leg. */
static void
judge_lateness(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;

	if (!s->first_up || !r->dial_at || r->spec->short_notice) {
		if (r->spec->short_notice)
			flag(v, "short-notice");
		return;
	}
	int64_t upper = s->first_up - r->dial_at, lower = s->not_before ? s->not_before - r->dial_at : 0;

	if (lower < 0)
		lower = 0;
	if (upper < lower)
		upper = lower;
	v->late_s = figure_of(lower / 1000);
	v->late_uncertainty_s = figure_of((upper - lower) / 1000);
	rests_on(&v->late_rows, s->first_up_seq);
	for (size_t i = 0; i < s->attempts.n; i++)
		if (s->attempts.at[i].result == ATTEMPT_FAILED && s->attempts.at[i].ended == s->not_before)
			rests_on(&v->late_rows, s->attempts.at[i].seq);
}

/* ---- roll call -------------------------------------------------------------------------------------------------- */

static void
judge_answer(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;

	v->answered = UNKNOWN;
	v->heard = UNKNOWN;
	if (s->roll.by_person) {
		v->answered = tri_of(s->roll.person_says);
		rests_on(&v->answered_rows, s->roll.seq);
		return;
	}
	if (s->roll.answered) {
		v->answered = YES;
		rests_on(&v->answered_rows, s->roll.seq);
		if (s->roll.sound)
			v->heard = YES;
	} else if (s->roll.called > 0 && s->could_hear && s->mic_muted != YES) {
		/* Called, listened to, nothing came. A room muted by its own setting is not accused: nobody could have been heard. */
		v->answered = NO;
		rests_on(&v->answered_rows, s->roll.called_seq);
	}
	if (s->roll.called > 0 && !s->roll.sound)
		flag(v, "called-without-sound");
	if (s->mic_muted == YES)
		flag(v, "muted-by-setting");
}

/* ---- media ------------------------------------------------------------------------------------------------------ */

static enum grade_value
worse(enum grade_value a, enum grade_value b)
{
	return a > b ? a : b;
}

static enum grade_value
grade(const struct profile *p, const struct proof *f)
{
	enum grade_value g = GRADE_NONE;

	if (f->worst_loss_permille >= 0)
		g = f->worst_loss_permille < p->loss_good ? GRADE_GOOD :
			f->worst_loss_permille < p->loss_fair ? GRADE_FAIR :
			f->worst_loss_permille < p->loss_poor ? GRADE_POOR : GRADE_BAD;
	if (g != GRADE_NONE && f->worst_jitter_ms > p->jitter_step_ms && g < GRADE_BAD)
		g++;
	if (f->worst_rtt_ms >= 0)
		g = worse(g, f->worst_rtt_ms < p->rtt_good_ms ? GRADE_GOOD : f->worst_rtt_ms > p->rtt_bad_ms ? GRADE_BAD : GRADE_FAIR);
	return g;
}

/* A stretch without growth at the end of a leg that stood, or that was ended with a goodbye. The silence before a leg is found
 * dead belongs to the leaving (run_site.c forgets it). */
static bool
stopped_flowing(const struct run *r, const struct run_site *s, const struct proof *p)
{
	const struct interval *i = last_interval(s);

	if (!p->last_no_from || !i)
		return false;
	return (i->ended_by == ENDED_OPEN ? r->now : i->to) - p->last_no_from >= 2 * r->spec->profile.window_ms;
}

static enum tri
proof_value(const struct run *r, const struct run_site *s, const struct proof *p)
{
	if (p->windows_yes && !stopped_flowing(r, s, p))
		return YES;
	if (p->windows_no)
		return NO;
	return UNKNOWN;
}

static void
judge_medium(const struct run *r, struct verdict *v, enum medium medium, enum direction d)
{
	const struct run_site *s = v->site;
	const struct proof *mcu = &s->proof[BY_MCU][medium][d], *codec = &s->proof[BY_ENDPOINT][medium][d];
	/* The receiver's word; to the site also what its RTCP reports told the MCU. */
	const struct proof *p = d == FROM_SITE ? mcu : codec->windows_yes || codec->windows_no ? codec : mcu;
	struct media_fact *f;

	if (p->open == NO && !p->windows_yes && mcu->open == NO)
		return; /* not negotiated: not judged */
	f = &v->media[v->media_n++];
	*f = (struct media_fact){ .medium = medium, .direction = d, .hop = "site-mcu", .loss_permille = p->worst_loss_permille,
		.jitter_ms = p->worst_jitter_ms, .kbps = p->kbps, .width = p->width, .height = p->height };
	f->value = proof_value(r, s, p);
	f->seen_by = f->value == UNKNOWN ? "" : p == mcu ? "mcu" : "endpoint";
	f->grade = f->value == YES ? grade(&r->spec->profile, p) : GRADE_NONE;
	if (f->value == YES) {
		rests_on(&f->evidence, p->yes_seq[0]);
		rests_on(&f->evidence, p->yes_seq[1]);
	} else if (f->value == NO) {
		rests_on(&f->evidence, p->no_seq[0]);
		rests_on(&f->evidence, p->no_seq[1]);
	}
	/* The codec says it sends, the MCU receives nothing (or the other way round): both views stay, and are named. */
	f->contradiction = f->value == NO && d == FROM_SITE && codec->kbps > 0;
}

static bool
below_minimum(const struct run *r, struct verdict *v)
{
	const struct profile *p = &r->spec->profile;

	for (size_t i = 0; i < p->classes_n; i++) {
		const struct site_class *c = &p->classes[i];

		if (!str_eq(c->name, v->site->spec->class))
			continue;
		bool video = false, below = false;

		for (int m = 0; m < v->media_n; m++) {
			const struct media_fact *f = &v->media[m];

			if (f->medium != VIDEO || f->direction != FROM_SITE)
				continue;
			video = true;
			if (c->min_kbps && f->kbps >= 0 && f->kbps < c->min_kbps) {
				flag(v, "low-rate");
				below = true;
			}
			if (c->min_height && f->height >= 0 && (f->height < c->min_height || f->width < c->min_width)) {
				flag(v, "low-resolution");
				below = true;
			}
		}
		if (c->video && !video && v->media_n) {
			flag(v, "audio-only");
			below = true;
		}
		return below;
	}
	return false;
}

/* ---- headline --------------------------------------------------------------------------------------------------- */

static const char *
our_reason(const struct run *r, const struct run_site *s)
{
	if (r->missed)
		return "missed";
	if (s->spec->mcu >= 0) {
		const struct run_mcu *m = &r->mcus[s->spec->mcu];

		if (m->spec->disabled)
			return "mcu-unreachable";
		if (m->phase == MCU_REFUSED || (m->word[0] && !m->ever_ready))
			return m->word;
	}
	if (r->stopped)
		return "cancelled";
	if (s->spec->mcu >= 0 && r->mcus[s->spec->mcu].word[0])
		return r->mcus[s->spec->mcu].word;
	return "";
}

static const char *
cause_reason(enum cause c)
{
	switch (c) {
	case CAUSE_BUSY: return "busy";
	case CAUSE_REJECTED: case CAUSE_SITE_HANGUP: case CAUSE_AUTH: return "rejected";
	case CAUSE_WRONG_ADDRESS: return "wrong-address";
	case CAUSE_INCOMPATIBLE: return "incompatible";
	case CAUSE_NO_ANSWER: return "rang-unanswered";
	case CAUSE_UNKNOWN: case CAUSE_OUR_HANGUP: case CAUSE_UNREACHABLE: case CAUSE_NETWORK: case CAUSE_MCU: case CAUSE_GATEKEEPER:
	case CAUSE_N:
		break;
	}
	return "";
}

/* The last attempt that told something about the site. */
static const struct attempt *
telling_attempt(const struct run_site *s)
{
	for (size_t i = s->attempts.n; i > 0; i--)
		if (s->attempts.at[i - 1].result == ATTEMPT_FAILED)
			return &s->attempts.at[i - 1];
	return NULL;
}

static bool
rang_to_the_end(const struct run_site *s)
{
	for (size_t i = 0; i < s->attempts.n; i++)
		if (s->attempts.at[i].result == ATTEMPT_FAILED && s->attempts.at[i].rang && s->attempts.at[i].cause == CAUSE_NO_ANSWER)
			return true;
	return false;
}

static bool
any_media(const struct verdict *v, enum tri value)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].value == value)
			return true;
	return false;
}

static bool
any_poor(const struct verdict *v)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].grade >= GRADE_POOR)
			return true;
	return false;
}

/* Two-way means audio and video were judged: with nothing negotiated at all nothing is proven. */
static bool
media_complete(const struct verdict *v)
{
	return v->media_n > 0 && !any_media(v, UNKNOWN);
}

static enum headline
never_reached(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	const struct attempt *a = telling_attempt(s);

	if (s->spec->disabled || !a) {
		v->sub_reason = our_reason(r, s);
		return UNTESTED;
	}
	if (v->alive == NO) {
		v->sub_reason = "no-sign-of-life";
		return ABSENT;
	}
	if (v->alive == UNKNOWN)
		return UNVERIFIED;
	if (s->auto_answer == NO && rang_to_the_end(s)) {
		v->sub_reason = "auto-answer-off";
		return UNCONNECTED;
	}
	if (rang_to_the_end(s)) {
		v->sub_reason = "rang-unanswered";
		return UNATTENDED;
	}
	v->sub_reason = cause_reason(a->cause);
	return UNCONNECTED;
}

static enum headline
headline(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	const struct interval *gone = leaving(r, s);

	v->sub_reason = "";
	if (!s->first_up)
		return never_reached(r, v);
	if (gone && v->stayed == NO) {
		v->sub_reason = gone->ended_by == ENDED_POWER ? "switched-off" : gone->ended_by == ENDED_SITE ? "hang-up" : "";
		return LEFT_EARLY;
	}
	if (gone && v->stayed == UNKNOWN && (gone->ended_by == ENDED_NETWORK || gone->ended_by == ENDED_UNKNOWN))
		return LOST;
	if (v->answered == NO) {
		v->sub_reason = "no-answer-to-call";
		return UNATTENDED;
	}
	if (any_media(v, NO))
		return ONE_WAY;
	if (below_minimum(r, v) || any_poor(v))
		return POOR;
	if (!media_complete(v) || (r->roll_step && v->answered != YES))
		return UNVERIFIED;
	if (v->late_s.known && v->late_s.v * 1000 > r->spec->profile.grace_ms)
		return LATE;
	return GOOD;
}

/* ---- checklist -------------------------------------------------------------------------------------------------- */

static enum tri
both_directions(const struct verdict *v, enum medium m)
{
	enum tri worst = YES;
	bool any = false;

	for (int i = 0; i < v->media_n; i++) {
		if (v->media[i].medium != m)
			continue;
		any = true;
		if (v->media[i].value == NO)
			return NO;
		if (v->media[i].value == UNKNOWN)
			worst = UNKNOWN;
	}
	return any ? worst : UNKNOWN;
}

static void
judge_checklist(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	enum tri sound = both_directions(v, AUDIO), picture = both_directions(v, VIDEO);
	const struct interval *gone = leaving(r, s);
	enum tri power = v->alive;

	if (gone && gone->ended_by == ENDED_POWER)
		power = NO;
	const enum tri values[6] = { v->reached, s->endpoint_seen ? YES : UNKNOWN, sound, picture,
		gone && gone->ended_by == ENDED_NETWORK ? NO : any_poor(v) ? NO : v->reached == YES ? YES : UNKNOWN, power };
	const char *const by[6] = { "mcu", "endpoint", "counters", "counters", "mcu", s->endpoint_seen ? "endpoint" : "mcu" };

	for (int i = 0; i < 6; i++) {
		v->checklist[i].value = tri_name(values[i]);
		v->checklist[i].by = values[i] == UNKNOWN ? "" : by[i];
	}
}

/* ---- all sites -------------------------------------------------------------------------------------------------- */

static void
into_list(struct judgement *j, enum list l, const char *id)
{
	j->lists[l].ids[j->lists[l].n++] = id;
}

static void
fill_lists(struct judgement *j, const struct run *r)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct verdict *v = &j->verdicts[i];
		const char *id = v->site->spec->id;
		const struct interval *gone = leaving(r, v->site);

		j->count[v->headline]++;
		if (v->headline == ABSENT)
			into_list(j, LIST_ABSENT, id);
		if (v->headline == UNCONNECTED)
			into_list(j, LIST_UNCONNECTED, id);
		if (v->headline == UNATTENDED || (v->site->first_up && v->answered == NO))
			into_list(j, LIST_UNATTENDED, id);
		if (v->headline == LEFT_EARLY)
			into_list(j, LIST_LEFT_EARLY, id);
		if (v->late_s.known && v->late_s.v * 1000 > r->spec->profile.grace_ms)
			into_list(j, LIST_LATE, id);
		if (any_media(v, NO))
			into_list(j, LIST_ONE_WAY, id);
		if (v->headline == LOST || (gone && v->stayed == UNKNOWN && (gone->ended_by == ENDED_NETWORK || gone->ended_by == ENDED_UNKNOWN)))
			into_list(j, LIST_LOST, id);
		if (v->headline == UNVERIFIED)
			into_list(j, LIST_UNVERIFIED, id);
		if (v->headline == UNTESTED)
			into_list(j, LIST_UNTESTED, id);
	}
}

void
judge(const struct run *r, struct arena *a, struct judgement *out)
{
	memset(out, 0, sizeof *out);
	out->n = r->spec->sites_n;
	out->verdicts = arena_alloc(a, (out->n + 1) * sizeof *out->verdicts);
	for (int l = 0; l < LIST_N; l++)
		out->lists[l].ids = arena_alloc(a, (out->n + 1) * sizeof *out->lists[l].ids);
	for (size_t i = 0; i < out->n; i++) {
		struct verdict *v = &out->verdicts[i];

		v->site = &r->sites[i];
		judge_life(r, v);
		judge_presence(r, v);
		judge_lateness(r, v);
		judge_answer(r, v);
		if (v->site->first_up)
			for (int m = 0; m < MEDIA_N; m++)
				for (int d = 0; d < DIRECTIONS_N; d++)
					judge_medium(r, v, m, d);
		v->headline = headline(r, v);
		judge_checklist(r, v);
	}
	fill_lists(out, r);
}
