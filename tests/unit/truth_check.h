/* A judgement held against what really was (world_truth.h). Accusations and clearances that the
 * truth refutes are `wrong`; what it calls unknown although the world had shown it is counted
 * beside how often that was asked. */
#ifndef TD_TEST_TRUTH_CHECK_H
#define TD_TEST_TRUTH_CHECK_H

#include "truth_tally.h"

enum {
	POLL_SLACK_MS = 20000, /* a poll, a lost answer, a slow line */
	SILENCE_MS = 75000     /* two windows and more until a dead leg is known to be one */
};

/* ---- what anybody could have seen ------------------------------------------------------------ */

static inline bool
has_codec(const struct checked *c)
{
	return c->v->site->spec->endpoint && !c->box->b->other_password;
}

/* The lists of its MCU were read all the time. */
static inline bool
watched(const struct checked *c, int64_t from, int64_t to)
{
	int mcu = c->v->site->mcu;

	return mcu >= 0 &&
	       truth_gap(c->t->lists[mcu].at, c->t->lists[mcu].n, from, to) <= POLL_SLACK_MS;
}

static inline bool
is_listed_as(const struct judgement *j, enum list l, const char *id)
{
	for (size_t i = 0; i < j->lists[l].n; i++)
		if (str_eq(j->lists[l].ids[i], id))
			return true;
	return false;
}

/* Still there when it was allowed to go, by the truth. */
static inline bool
stayed(const struct checked *c)
{
	return c->last && (!c->last->to || c->last->to >= c->until);
}

/* ---- accusations and clearances -------------------------------------------------------------- */

static inline void
check_never_reached(const struct checked *c)
{
	const struct verdict *v = c->v;
	enum headline h = v->headline;
	int64_t there = truth_longest(c->t, &c->k->reachable, c->dial, c->until, true);

	must(c, h != ABSENT || there <= 180000 || there * 2 <= c->until - c->dial,
		"absent, and could be reached");
	must(c, v->alive != NO || !c->k->there.n, "no life, and it was in the call");
	must(c, v->alive != YES || c->k->on.n, "alive, and it never was");
	must(c, v->reached != YES || c->k->there.n, "reached, and it never was");
	must(c,
		h != UNATTENDED || !str_eq(v->sub_reason, "rang-unanswered") ||
			c->box->b->kind == W_UNANSWERED,
		"rang-unanswered, and it would have answered");
	must(c,
		h != UNCONNECTED || c->box->b->kind != W_ON ||
			truth_covered(c->t, &c->k->reachable, c->dial, c->until) < 160000,
		"unconnected, and it would have taken the call");
	must(c, h != UNCONNECTED || !str_eq(v->sub_reason, "busy") || c->box->b->kind == W_BUSY,
		"busy, and it was not");
	must(c, h == UNTESTED || c->box->dials || c->box->legs_made,
		"judged, and nothing ever came to its MCU");
}

static inline void
check_leaving(const struct checked *c, const struct judgement *j)
{
	const struct verdict *v = c->v;
	const char *id = c->box->b->id;
	bool left = v->headline == LEFT_EARLY || v->stayed == NO,
	     lost = is_listed_as(j, LIST_LOST, id);
	enum parting why = stayed(c) || !c->last ? STILL_THERE : c->last->why;

	must(c, !left || why != STILL_THERE, "left early, and it stayed");
	must(c, !left || why != LINE_CUT, "left early, and its line was cut");
	must(c, !left || why != MCU_RESTARTED, "left early, and its MCU restarted");
	must(c, !left || why != BY_PERSON_OR_US, "left early, and a person or we ended it");
	must(c, !lost || why != STILL_THERE || c->t->w->stale_from, "lost, and it stayed");
	must(c, !lost || why != MCU_RESTARTED, "lost, and its MCU restarted");
	must(c, !lost || why != BY_PERSON_OR_US, "lost, and a person or we ended it");
	int64_t away = truth_longest(c->t, &c->k->there, c->until - 10 * MINUTE, c->until, false);
	bool gone = c->last && c->last->to && c->last->to < c->until - SILENCE_MS;

	must(c, v->stayed != YES || !gone || !away || v->site->settled_present,
		"stayed, and it was long gone");
}

/* Each stretch that was ended by somebody, against who really ended it. */
static inline void
check_parting(const struct checked *c, const struct interval *i)
{
	int64_t from = truth_when(c->t, i->from) - POLL_SLACK_MS, to = truth_when(c->t, i->to);
	const struct stretch *s = truth_last(&c->k->there, to + 1);

	if (i->ended_by == ENDED_OPEN || i->ended_by == ENDED_UNKNOWN || !s || s->from < from ||
		!s->to)
		return;
	/* That nobody said goodbye is all that an MCU can tell of either. */
	if (i->ended_by == ENDED_NETWORK && !i->uptime_seq && !i->history_seq &&
		s->why == SWITCHED_OFF)
		return;
	static const char *const names[][6] = {
		[ENDED_SITE] = { "by the site, and it was there", NULL,
			"by the site's hang-up, and it was switched off",
			"by the site, and its line was cut", "by the site, and its MCU restarted",
			"by the site, and a person or we ended it" },
		[ENDED_POWER] = { "by power, and it was there", "by power, and it hung up", NULL,
			"by power, and its line was cut", "by power, and its MCU restarted",
			"by power, and a person or we ended it" },
		[ENDED_NETWORK] = { "by its line, and it was there", "by its line, and it hung up",
			"by its line, and it was switched off", NULL,
			"by its line, and its MCU restarted",
			"by its line, and a person or we ended it" },
		[ENDED_MCU] = { "by the MCU, and it was there", "by the MCU, and it hung up",
			"by the MCU, and it was switched off", "by the MCU, and its line was cut",
			NULL, NULL },
		[ENDED_OPERATOR] = { "by a person, and it was there", "by a person, and it hung up",
			"by a person, and it was switched off", "by a person, and its line was cut",
			"by a person, and its MCU restarted", NULL },
		[ENDED_US] = { NULL, "by us, and it hung up", NULL, NULL, NULL, NULL },
	};
	const char *name = names[i->ended_by][s->why];
	int64_t went = c->t->w->mcu_down_from;

	/* A moment before its MCU: either may have been. */
	if (i->ended_by == ENDED_MCU && s->to <= went && s->to > went - 90000)
		return;
	/* He took down what had been dead: judge.c knows. */
	if (i->ended_by == ENDED_OPERATOR && c->v->silent_since)
		return;
	if ((i->ended_by == ENDED_US || i->ended_by == ENDED_OPERATOR) &&
		truth_when(c->t, i->to) >= c->until)
		return;
	must(c, !name, name);
}

static inline void
check_presence_of(const struct checked *c)
{
	const struct run_site *s = c->v->site;
	int64_t most = 0, from = c->dial, sure_gone = 0;

	for (size_t n = 0; n < s->intervals.n; n++) {
		const struct interval *i = &s->intervals.at[n];
		int64_t a = truth_when(c->t, i->from),
			to = i->to ? truth_when(c->t, i->to) : c->until,
			seen = i->to ? truth_when(c->t, judge_seen_until(i, i->to))
				     : truth_when(c->t, judge_seen_until(i, c->r->now));

		check_parting(c, i);
		if (n + 1 == s->intervals.n && c->v->silent_since)
			seen = truth_when(c->t, c->v->silent_since);
		to = to > c->until ? c->until : to;
		seen = seen > to ? to : seen;
		a = a < from ? from : a;
		int64_t away = seen > a ? seen - a - truth_covered(c->t, &c->k->there, a, seen) : 0;

		/* What is known to be silent is not called presence. */
		for (size_t z = 0; z < s->silences.n; z++) {
			const struct silence *q = &s->silences.at[z];
			int64_t sure = run_silence_from(c->r, q), z_from = truth_when(c->t, sure),
				z_to = truth_when(c->t, q->to);

			if (sure && z_from >= a && z_from < seen)
				away -= (z_to < seen ? z_to : seen) - z_from;
		}
		sure_gone = away > sure_gone ? away : sure_gone;
		most += to > a ? to - a : 0;
	}
	int64_t true_ms = truth_covered(c->t, &c->k->there, from, c->until);

	must(c, sure_gone <= 95000 || (c->t->w->keep_alive > 90000 && !watched(c, from, c->until)),
		"present, and it was gone for long");
	must(c,
		true_ms <= most + (int64_t)(s->intervals.n + 1) * 2 * POLL_SLACK_MS ||
			!watched(c, from, c->until),
		"not present, and it was there");
	if (judge_drops(s)) {
		int real = 0;

		for (size_t n = 0; n < c->k->there.n; n++)
			real += c->k->there.at[n].why == HUNG_UP ||
				c->k->there.at[n].why == SWITCHED_OFF ||
				c->k->there.at[n].why == LINE_CUT;
		for (size_t n = 0; n + 1 < s->intervals.n; n++)
			real += s->intervals.at[n].ended_by == ENDED_UNKNOWN ||
				s->intervals.at[n].ended_by == ENDED_OPEN;
		must(c, real > 0, "a drop, and no leg of it dropped");
	}
}

static inline void
check_late(const struct checked *c)
{
	const struct verdict *v = c->v;
	int64_t late = c->k->willing ? c->k->willing - c->dial : 0;

	if (!v->late_s.known || !c->k->willing)
		return;
	late = late > 0 ? late : 0;
	must(c, v->late_s.v * 1000 <= late + 2000 || c->t->w->stale_from,
		"late, and it was up in time");
	must(c, (v->late_s.v + v->late_uncertainty_s.v) * 1000 >= late - 2000,
		"not that late, and it was later");
	known(c, v->late_uncertainty_s.v <= 120, "lateness wider than two minutes");
}

static inline void
check_media(const struct checked *c)
{
	for (int n = 0; n < c->v->media_n; n++) {
		const struct media_fact *f = &c->v->media[n];
		const stretches *flow = &c->k->flows[f->medium][f->direction];
		int64_t all = truth_covered(c->t, flow, 0, INT64_MAX), end = c->t->w->now;
		/* the longest silence while it was in the call */
		int64_t silent = 0;

		for (size_t i = 0; i < c->k->there.n; i++) {
			const struct stretch *s = &c->k->there.at[i];
			int64_t part =
				truth_longest(c->t, flow, s->from, s->to ? s->to : end, false);

			silent = part > silent ? part : silent;
		}
		must(c, f->value != NO || silent >= 15000,
			f->direction == FROM_SITE ? "nothing from it, and it flowed"
						  : "nothing to it, and it flowed");
		must(c, f->value != YES || all >= 4000,
			f->direction == FROM_SITE ? "proven from it, and nothing flowed"
						  : "proven to it, and nothing flowed");
		const struct stretch *last = truth_last(&c->k->there, INT64_MAX);

		end = last && last->to ? last->to : end;
		bool told = has_codec(c) && c->k->told.n &&
			    c->k->told.at[c->k->told.n - 1] > (last ? last->to : 0);

		if (last && end - last->from > 120000 && f->direction == FROM_SITE && told &&
			watched(c, end - 120000, end))
			must(c, f->value != YES || truth_covered(c->t, flow, end - 100000, end) > 0,
				"proven from it, and it had stopped long before");
		int64_t from = last ? last->from : 0;
		bool shown =
			last && end - from > 90000 &&
			(f->direction == FROM_SITE
					? watched(c, from, from + 90000) &&
						  !c->box->b->from_backwards
					: has_codec(c) && truth_gap(c->k->told.at, c->k->told.n,
								  from, from + 90000) < 30000);

		if (shown)
			known(c, f->value != UNKNOWN,
				f->direction == FROM_SITE ? "sound or picture from it"
							  : "sound or picture to it");
	}
}

static inline void
check_roll(const struct checked *c)
{
	const struct verdict *v = c->v;
	const struct run_site *s = v->site;
	const struct truth_site *k = c->k;
	bool by_hand = c->r->roll_by_hand;

	if (s->roll.by_person)
		return;
	must(c,
		v->answered != NO || k->asked_n || by_hand ||
			(c->box->b->one_way_audio_to && !has_codec(c)),
		"no answer, and it was never asked");
	must(c, v->answered != NO || k->spoke_n < 10 || c->box->b->noisy,
		"no answer, and it answered");
	must(c,
		v->answered != NO || k->audible_n > 10 ||
			(c->box->b->mic_muted_to && !has_codec(c)),
		"no answer, and it could not be heard");
	must(c,
		v->answered != YES || k->spoke_n || k->spoke_silent_n || c->box->b->noisy ||
			(c->box->b->coughs_at && s->roll.silent) || c->box->b->mic_muted_to,
		"answered, and nobody spoke");
	must(c, v->heard != YES || (!c->box->b->one_way_audio_to && c->box->tones),
		"heard a sound, and none came to it");
	must(c, !s->open_microphone_seq || k->uncalled_n || k->called_n,
		"open microphone, and it was shut");
	must(c, !flagged(v, "muted-by-setting") || c->box->b->mic_muted_to,
		"muted by its setting, and it was not");
	if (k->spoke_n >= 8 && !c->box->b->noisy && !c->box->b->talks)
		known(c, v->answered == YES, "it answered aloud");
	if (k->asked_n && k->audible_n > 60 && !k->spoke_n && !k->spoke_silent_n &&
		!c->box->b->mic_muted_to && !c->box->b->noisy && !c->box->b->talks)
		known(c, v->answered == NO, "it was called, and gave no answer");
}

/* ---- what the truth would have said ---------------------------------------------------------- */

static inline enum headline
true_headline(const struct checked *c)
{
	const struct truth_site *k = c->k;

	if (!k->there.n || !c->last) {
		if (c->box->b->kind == W_UNANSWERED && k->reachable.n)
			return UNATTENDED;
		if (c->box->b->kind > W_UNANSWERED && k->reachable.n)
			return UNCONNECTED;
		return c->k->willing && c->k->willing < c->until - 60000 ? UNTESTED : ABSENT;
	}
	if (!stayed(c) && (c->last->why == HUNG_UP || c->last->why == SWITCHED_OFF))
		return LEFT_EARLY;
	if (!stayed(c) && c->last->why == LINE_CUT)
		return LOST;
	if (k->asked_n && k->audible_n > 10 && !k->spoke_n && !k->spoke_silent_n)
		return UNATTENDED;
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			if ((m == AUDIO || !c->box->b->no_video) &&
				truth_longest(c->t, &k->flows[m][d], c->last->from,
					c->last->to ? c->last->to : c->until, false) > 45000)
				return ONE_WAY;
	if (c->box->b->loss_permille >= 30)
		return POOR;
	if (!k->spoke_n && !k->spoke_silent_n)
		return UNVERIFIED;
	return k->willing - c->dial > 120000 ? LATE : GOOD;
}

static inline void
check_unknown(const struct checked *c)
{
	const struct verdict *v = c->v;

	int64_t stopped = 0;

	for (int m = 0; m < MEDIA_N && c->last; m++)
		stopped += truth_longest(c->t, &c->k->flows[m][FROM_SITE], c->last->from,
				   c->last->to ? c->last->to : c->until, false) > 30000;
	if (c->last && !stopped && stayed(c) && watched(c, c->until - 60000, c->until) &&
		watched(c, c->until, c->until + 15000))
		known(c, v->stayed != UNKNOWN, "it stayed, and its MCU was watched");
	if (c->last && !stayed(c) && c->last->why == HUNG_UP && !c->box->b->mcu_knows_not &&
		watched(c, c->last->to - 30000, c->last->to + 30000))
		known(c, v->stayed != UNKNOWN, "it hung up, and its MCU knew");
	if (c->last && !stayed(c) && c->last->why == SWITCHED_OFF && has_codec(c) &&
		watched(c, c->last->from, c->until) && c->box->b->on_again_at &&
		c->box->b->uptime_step_s >= 0 && c->box->b->uptime_step_s < 3600 && c->k->told.n &&
		c->k->told.at[c->k->told.n - 1] > c->last->to)
		known(c, v->stayed != UNKNOWN, "it was switched off, and told its uptime");
	if (v->headline != UNTESTED)
		return;
	known(c, !c->k->reachable.n, "untested: all");
}

static inline void
truth_check(const struct truth *t, const struct judgement *j, unsigned seed)
{
	const struct run *r = t->w->run;
	int64_t until = r->allclear_at ? r->allclear_at : r->closed_at - 1;

	if (r->allclear_latest && (r->allclear_not_given || r->allclear_latest < until))
		until = r->allclear_latest;
	int told_run = 0;

	for (size_t i = 0; i < j->n; i++) {
		struct checked c = { .t = t,
			.r = r,
			.v = &j->verdicts[i],
			.k = &t->sites[i],
			.box = &t->w->sites[i],
			.dial = truth_when(t, r->dial_at),
			.until = truth_when(t, until),
			.seed = seed };

		int said = truth_said;

		c.last = truth_last(&c.k->there, c.until);
		check_never_reached(&c);
		check_leaving(&c, j);
		check_presence_of(&c);
		check_late(&c);
		check_media(&c);
		check_roll(&c);
		check_unknown(&c);
		matrix[true_headline(&c)][c.v->headline]++;
		if (truth_tells && truth_said && !told_run++)
			tell_run(&c);
		if (truth_said > said)
			tell(&c, true_headline(&c));
	}
}

#endif
