/* Facts about sound and picture per medium, direction and hop, their grades, the class's minimum.
 * Part of judge.c: pure. Only the receiver's word counts; only media that were negotiated are
 * judged. */
#include "judge_inner.h"

#include "base/str.h"

/* ---- media ----------------------------------------------------------------------------------- */

static enum grade_value
worse(enum grade_value a, enum grade_value b)
{
	return a > b ? a : b;
}

static int64_t
worst_loss(const struct proof *p)
{
	return p->newest_loss_permille > p->worst_loss_permille ? p->newest_loss_permille
								: p->worst_loss_permille;
}

static enum grade_value
grade(const struct profile *p, const struct proof *f)
{
	enum grade_value g = GRADE_NONE;
	int64_t loss = worst_loss(f);

	if (loss >= 0)
		g = loss < p->loss_good ? GRADE_GOOD :
			loss < p->loss_fair ? GRADE_FAIR :
			loss < p->loss_poor ? GRADE_POOR : GRADE_BAD;
	if (g != GRADE_NONE && f->worst_jitter_ms > p->jitter_step_ms && g < GRADE_BAD)
		g++;
	if (f->worst_rtt_ms >= 0)
		g = worse(g, f->worst_rtt_ms < p->rtt_good_ms  ? GRADE_GOOD
			     : f->worst_rtt_ms > p->rtt_bad_ms ? GRADE_BAD
							       : GRADE_FAIR);
	return g;
}

static const struct interval *
last_interval(const struct run_site *s)
{
	return s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;
}

/* Most sites of its MCU stood still at the same time, in the MCU's own figures: that is the MCU, or
 * an old list of it, and not three rooms at once. */
static bool
stands_still_for_all(
	const struct run *r, const struct run_site *s, const struct proof *p, enum medium medium)
{
	size_t still = 0, all = 0;

	const struct run_mcu *m = s->mcu >= 0 ? &r->mcus[s->mcu] : NULL;

	if (p != &s->proof[BY_MCU][medium][FROM_SITE])
		return false;
	if (run_silent_with_all(r, s, p->last_no_from))
		return true;
	for (size_t i = 0; m && i < m->sites_n; i++) { /* what it carries is among its sites */
		const struct run_site *o = &r->sites[m->sites[i]];
		const struct proof *q = &o->proof[BY_MCU][medium][FROM_SITE];
		const struct interval *last = last_interval(o);
		int64_t apart = q->last_no_from - p->last_no_from;

		if (o->spec->lower || o->mcu != s->mcu || !q->windows_yes || !last ||
			(last->to && last->to < p->last_no_from))
			continue;
		all++;
		still += q->last_no_from && apart <= 60000 && apart >= -60000;
	}
	return still >= 3 && still * 2 > all;
}

/* A stretch without growth at the end of a leg that stood, or that was ended with a goodbye. The
 * silence before a leg is found dead belongs to the leaving (run_site.c forgets it). */
static bool
stopped_flowing(const struct run *r, const struct run_site *s, const struct proof *p)
{
	const struct interval *i = last_interval(s);

	int64_t seq;

	/* A leg that is dead, or may be: what was proven before stays. */
	if (!p->last_no_from || !i || judge_fell_silent(r, s, &seq))
		return false;
	return (i->ended_by == ENDED_OPEN ? r->now : i->to) - p->last_no_from >=
	       2 * r->spec->profile.window_ms;
}

static enum tri
proof_value(
	const struct run *r, const struct run_site *s, const struct proof *p, enum medium medium)
{
	if (p->windows_yes && (!stopped_flowing(r, s, p) || stands_still_for_all(r, s, p, medium)))
		return YES; /* proven before it, and nothing since says no */
	if (p->windows_no)
		return NO;
	return UNKNOWN;
}

/* A playbook may leave a medium out of its verify step: then it is not judged. */
static bool
to_be_verified(const struct run *r, enum medium medium)
{
	const struct playbook *p = r->spec->playbook;

	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_VERIFY)
			return medium == AUDIO ? p->steps[i].audio : p->steps[i].video;
	return true;
}

/* The two ends disagree: one says it sends and nothing arrives, or what one saw arriving the other
 * did not. Both views stay. */
static bool
contradicts(const struct run *r, const struct run_site *s, enum tri value,
	const struct proof *sender, const struct proof *other, enum medium medium)
{
	enum tri view = proof_value(r, s, other, medium);

	return (value == NO && (sender->sends || view == YES)) || (value == YES && view == NO);
}

static bool
heard_a_sound(const struct run_site *s)
{
	return s->roll.answered && s->roll.heard && !s->roll.by_person && !s->roll.silent;
}

void
judge_medium(const struct run *r, struct verdict *v, enum medium medium, enum direction d)
{
	const struct run_site *s = v->site;
	const struct proof *mcu = &s->proof[BY_MCU][medium][d],
			   *codec = &s->proof[BY_ENDPOINT][medium][d];
	/* The receiver's word; to the site also what its RTCP reports told the MCU. */
	const struct proof *p = d == FROM_SITE				  ? mcu
				: codec->windows_yes || codec->windows_no ? codec
									  : mcu;
	struct media_fact *f;

	if (!to_be_verified(r, medium))
		return;
	if (p->open == NO && !p->windows_yes && mcu->open == NO)
		return; /* not negotiated: not judged */
	f = &v->media[v->media_n++];
	*f = (struct media_fact){ .medium = medium,
		.direction = d,
		.hop = v->hop,
		.loss_permille = worst_loss(p),
		.jitter_ms = p->worst_jitter_ms,
		.kbps = p->kbps,
		.width = p->width,
		.height = p->height };
	f->value = proof_value(r, s, p, medium);
	/* below a cascade leg is an MCU as well */
	f->seen_by = f->value == UNKNOWN ? "" : p == mcu || s->spec->lower ? "mcu" : "endpoint";
	f->grade = f->value == YES ? grade(&r->spec->profile, p) : GRADE_NONE;
	if (f->value == YES) {
		judge_rests_on(&f->evidence, p->yes_seq[0]);
		judge_rests_on(&f->evidence, p->yes_seq[1]);
	} else if (f->value == NO) {
		judge_rests_on(&f->evidence, p->no_seq[0]);
		judge_rests_on(&f->evidence, p->no_seq[1]);
	}
	if (medium == VIDEO && f->value == YES && (mcu->still >= 3 || codec->still >= 3)) {
		judge_flag(v, "frozen-picture");
		judge_rests_on(&f->evidence, mcu->still >= 3 ? mcu->still_seq : codec->still_seq);
	}
	f->contradiction = contradicts(
		r, s, f->value, d == FROM_SITE ? codec : mcu, p == mcu ? codec : mcu, medium);
	if (medium == AUDIO && d == TO_SITE && heard_a_sound(s) && f->value != YES) {
		/* Who answers a sound has heard it, whatever the counters lack; against them both
		 * views stay. */
		f->contradiction = f->contradiction || f->value == NO;
		if (f->value == NO)
			return;
		f->value = YES;
		f->seen_by = "rollcall";
		judge_rests_on(&f->evidence, s->roll.seq);
	}
}

bool
judge_below_minimum(const struct run *r, struct verdict *v)
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
			/* Where the MCU tells no figure: what the codec sends at most. */
			const struct proof *sent = &v->site->proof[BY_ENDPOINT][VIDEO][FROM_SITE];
			int64_t kbps = f->kbps >= 0 ? f->kbps : sent->kbps;
			int64_t width = f->height >= 0 ? f->width : sent->width,
				height = f->height >= 0 ? f->height : sent->height;

			if (c->min_kbps && kbps >= 0 && kbps < c->min_kbps) {
				judge_flag(v, "low-rate");
				below = true;
			}
			if (c->min_height && height >= 0 &&
				(height < c->min_height || width < c->min_width)) {
				judge_flag(v, "low-resolution");
				below = true;
			}
		}
		if (c->video && !video && v->media_n) {
			judge_flag(v, "audio-only");
			below = true;
		}
		return below;
	}
	return false;
}

bool
judge_sound_only(const struct run *r, const struct verdict *v)
{
	bool sound = false;

	for (int m = 0; m < v->media_n; m++) {
		if (v->media[m].direction == FROM_SITE && v->media[m].medium == VIDEO)
			return false;
		sound = sound || v->media[m].direction == FROM_SITE;
	}
	return sound && to_be_verified(r, VIDEO);
}

bool
judge_any_media(const struct verdict *v, enum tri value)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].value == value)
			return true;
	return false;
}

bool
judge_any_poor(const struct verdict *v)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].grade >= GRADE_POOR)
			return true;
	return false;
}

/* Two-way means audio and video were judged: with nothing negotiated at all nothing is proven. */
bool
judge_media_complete(const struct verdict *v)
{
	return v->media_n > 0 && !judge_any_media(v, UNKNOWN);
}
