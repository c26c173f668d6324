/* Stretches in which nothing came from a site although its MCU listed the leg: box or line may have
 * been dead in them, whatever the list says, and who is called then cannot be heard. Pure part of
 * run.c: fed with the figures of an MCU and with the word of a codec, asked by the roll call and by
 * judge.c. A stretch is known by whole windows without growth: it may have begun a window before.
 */
#include "run_inner.h"

enum { TOGETHER_MS = 60000 };

static struct silence *
add(struct run *r, struct run_site *s, bool sound_alone)
{
	return sound_alone ? vec_add_in(r->arena, &s->soundless)
			   : vec_add_in(r->arena, &s->silences);
}

static void
go_on(struct run *r, struct run_site *s, bool sound_alone, int64_t from, int64_t to, int64_t seq)
{
	size_t n = sound_alone ? s->soundless.n : s->silences.n;
	struct silence *z = !n		  ? NULL
			    : sound_alone ? &s->soundless.at[n - 1]
					  : &s->silences.at[n - 1];

	if (!z || z->from != from) {
		z = add(r, s, sound_alone);
		z->from = from;
	}
	z->to = to;
	z->seq = seq;
}

void
silence_feed(struct run *r, struct run_site *s)
{
	const struct proof *sound = &s->proof[BY_MCU][AUDIO][FROM_SITE];
	int64_t seq = 0, since = media_silent_since(s, &seq);

	if (sound->last_no_from)
		go_on(r, s, true, sound->last_no_from, sound->base_at, sound->no_seq[1]);
	if (since)
		go_on(r, s, false, since, r->now, seq);
}

/* By its codec's own count nothing comes to it either: no direction of any medium flows. */
static bool
receives_nothing(const struct run_site *s)
{
	bool counted = false;

	for (int medium = 0; medium < MEDIA_N; medium++) {
		const struct proof *p = &s->proof[BY_ENDPOINT][medium][TO_SITE];

		if (p->windows_yes && !p->last_no_from)
			return false;
		counted = counted || p->windows_yes;
	}
	return counted;
}

void
silence_denied(struct run *r, struct run_site *s)
{
	struct silence *z = s->silences.n ? &s->silences.at[s->silences.n - 1] : NULL;
	int64_t seq;

	/* A box that was started meanwhile is in no call of before; one that could not be asked
	 * meanwhile was not there. */
	bool was_away =
		s->probe_silent > (z ? z->from : 0) || s->endpoint_booted > (z ? z->from : 0);

	/* A call in which nothing flows either way is dead on both sides, whatever they believe. */
	if (z && media_silent_since(s, &seq) == z->from && !was_away && !receives_nothing(s) &&
		r->now > z->from + r->spec->profile.window_ms)
		z->lives_at = r->now;
}

bool
run_silence_lives(const struct run_site *s, int64_t from, int64_t until)
{
	for (size_t n = 0; n < s->silences.n; n++) {
		const struct silence *z = &s->silences.at[n];

		if (z->from == from && z->lives_at && z->lives_at + 2 * STATUS_MS >= until)
			return true;
	}
	return false;
}

bool
silence_ends(const struct run *r, const struct run_site *s, struct interval *i)
{
	int64_t seq = 0, since = media_silent_since(s, &seq);

	/* A codec that says in the end that it is in no call believed in a dead one before. */
	bool believed = s->endpoint_in_call == NO && s->none_told >= 2;

	if (since && !believed && run_silence_lives(s, since, i->to))
		return false;
	/* What its MCU ended, it may have silenced a moment before. */
	if (since && s->silences.n &&
		(i->ended_by != ENDED_MCU || i->to - since >= 2 * r->spec->profile.window_ms)) {
		const struct silence *z = &s->silences.at[s->silences.n - 1];

		i->silent_from = z->lives_at > since && !believed ? z->lives_at : since;
		i->silent_seq = seq;
	}
	return true;
}

int64_t
run_silence_from(const struct run *r, const struct silence *z)
{
	int64_t from = z->lives_at > z->from ? z->lives_at : z->from;

	return z->to - from >= 2 * r->spec->profile.window_ms ? from : 0;
}

const struct silence *
run_silence_at(const struct run *r, const struct run_site *s, int64_t at)
{
	for (size_t n = 0; n < s->silences.n; n++) {
		const struct silence *z = &s->silences.at[n];
		int64_t from = run_silence_from(r, z);

		if (from && from <= at && z->to + r->spec->profile.window_ms > at)
			return z;
	}
	return NULL;
}

bool
run_silent_with_all(const struct run *r, const struct run_site *s, int64_t from)
{
	const struct run_mcu *m = s->mcu >= 0 ? &r->mcus[s->mcu] : NULL;
	size_t still = 0, all = 0;

	for (size_t i = 0; m && i < m->sites_n; i++) {
		const struct run_site *o = &r->sites[m->sites[i]];
		bool there = false, silent = false;

		for (size_t n = 0; n < o->intervals.n; n++) {
			const struct interval *k = &o->intervals.at[n];

			there = there ||
				(k->mcu == s->mcu && k->from < from && (!k->to || k->to > from));
		}
		for (size_t n = 0; n < o->silences.n; n++) {
			int64_t apart = o->silences.at[n].from - from;

			silent = silent || (apart <= TOGETHER_MS && apart >= -TOGETHER_MS);
		}
		all += there;
		still += there && silent;
	}
	return still >= 3 && still * 2 > all;
}

/* Its leg went without a goodbye so soon afterwards that box or line may have been dead already. */
static bool
died_behind(const struct run *r, const struct run_site *s, const struct listening *call)
{
	for (size_t n = 0; n < s->intervals.n; n++) {
		const struct interval *i = &s->intervals.at[n];

		if ((i->ended_by == ENDED_NETWORK || i->ended_by == ENDED_POWER ||
			    i->ended_by == ENDED_UNKNOWN) &&
			i->from <= call->from && i->to >= call->to &&
			i->to - call->to < 2 * r->spec->profile.window_ms)
			return true;
	}
	return false;
}

static bool
could_be_heard(const struct run *r, const struct run_site *s, const struct listening *call)
{
	const struct proof *sound = &s->proof[BY_MCU][AUDIO][FROM_SITE];

	/* Where it is counted what arrives, it arrived since. */
	if (sound->windows_yes && sound->last_yes < call->from)
		return false;
	for (size_t n = 0; n < s->soundless.n; n++) {
		const struct silence *z = &s->soundless.at[n];

		if (call->from < z->to && call->to > z->from - r->spec->profile.window_ms)
			return false;
	}
	return !died_behind(r, s, call);
}

bool
run_was_listened_to(const struct run *r, const struct run_site *s, bool deaf)
{
	for (size_t n = 0; n < s->listened.n; n++)
		if ((s->listened.at[n].text || !deaf) && could_be_heard(r, s, &s->listened.at[n]))
			return true;
	return false;
}
