/* Facts about one site that need no figures: sign of life, presence, lateness, the answer to the
 * roll call. Part of judge.c: pure. */
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

bool
verdict_has_flag(const struct verdict *v, const char *flag)
{
	for (int i = 0; i < v->flags_n; i++)
		if (str_eq(v->flags[i], flag))
			return true;
	return false;
}

void
judge_flag(struct verdict *v, const char *word)
{
	if (!verdict_has_flag(v, word) && v->flags_n < FLAGS_MAX)
		v->flags[v->flags_n++] = word;
}

/* ---- presence -------------------------------------------------------------------------------- */

/* Until when a site had to stay: the all-clear; its latest instant if nobody gave it by then; now,
 * while it is still to come. */
int64_t
judge_stay_until(const struct run *r)
{
	if (r->allclear_at) /* given too late, it holds nobody back */
		return r->allclear_latest && r->allclear_latest < r->allclear_at
			       ? r->allclear_latest
			       : r->allclear_at;
	if (r->allclear_not_given)
		return r->allclear_latest;
	if (r->closed_at) /* a session, or a rehearsal that was stopped: until we ended it */
		return r->closed_at - 1;
	return r->now;
}

/* When a stretch of presence was surely over: seen gone, or a whole window after its packets had
 * stopped. */
static int64_t
gone_at(const struct run *r, const struct interval *k)
{
	int64_t silent = k->silent_from + r->spec->profile.window_ms;

	return k->silent_from && silent < k->to ? silent : k->to;
}

/* The codec's last word is of later than the silence. One from its first window may have been on
 * its way before. */
static bool
codec_spoke_since(const struct run *r, const struct run_site *s, int64_t word, int64_t since)
{
	return word > since + r->spec->profile.window_ms && word > s->probe_silent;
}

/* A person ended the leg meanwhile: whether its codec answers since, tells nothing of before. */
static bool
told_after(const struct run_site *s, const struct interval *i)
{
	int64_t last = s->endpoint_seen > s->probe_silent ? s->endpoint_seen : s->probe_silent;

	return i->ended_by == ENDED_OPERATOR && last > i->to;
}

int64_t
judge_fell_silent(const struct run *r, const struct run_site *s, int64_t *out_seq)
{
	const struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;

	*out_seq = 0;
	if (!i || s->spec->lower ||
		(i->ended_by != ENDED_OPEN && i->ended_by != ENDED_US &&
			i->ended_by != ENDED_OPERATOR))
		return 0;
	int64_t since = media_silent_since(s, out_seq),
		end = i->ended_by == ENDED_OPEN ? r->now : i->to;
	/* A box that was started meanwhile is in no call of before, whatever it says. */
	bool lives = (codec_spoke_since(r, s, s->call_told, since) && s->endpoint_in_call != NO &&
			     s->endpoint_booted <= since) ||
		     (s->endpoint_in_call != NO && run_silence_lives(s, since, end));

	return since && !lives && end - since >= 2 * r->spec->profile.window_ms ? since : 0;
}

/* A stretch as it is to be understood. An MCU may list a dead leg to the end: the site was there
 * until its packets stopped. That it is dead, and not only its sound and picture, its codec tells:
 * it does not answer any more, or it answers that it is in no call. Where nobody tells, the stretch
 * ends open: present then is unknown. */
static struct interval
understood(const struct run *r, const struct run_site *s, size_t k)
{
	struct interval i = s->intervals.at[k];
	int64_t seq, since = k + 1 == s->intervals.n ? judge_fell_silent(r, s, &seq) : 0;

	if (!since)
		return i;
	bool answered = codec_spoke_since(r, s, s->endpoint_seen, since) && !told_after(s, &i),
	     asked = s->probe_silent > since && s->endpoint_seen && !told_after(s, &i);

	i.silent_from = since;
	i.silent_seq = seq;
	i.seen = since;
	i.to = since + r->spec->profile.window_ms;
	i.ended_by = answered || asked ? ENDED_UNKNOWN : ENDED_OPEN;
	if (answered && s->endpoint_booted > since && !s->ended_by_person) {
		i.ended_by = ENDED_POWER;
		i.uptime_seq = s->endpoint_booted_seq;
	}
	return i;
}

static bool
present_at(const struct run *r, const struct run_site *s, int64_t at)
{
	for (size_t n = 0; n < s->intervals.n; n++) {
		const struct interval k = understood(r, s, n);

		if (k.from <= at && (!k.to || gone_at(r, &k) > at))
			return true;
	}
	return false;
}

/* Was it seen there then? A leg on an MCU that did not answer us for longer than this may have
 * ended meanwhile. */
enum { SEEN_MS = 60000 };

int64_t
judge_seen_until(const struct interval *i, int64_t end)
{
	bool ours = i->ended_by == ENDED_OPEN || i->ended_by == ENDED_US || !i->seen;

	return !i->seen || (ours && end - i->seen <= SEEN_MS) || i->seen > end ? end : i->seen;
}

static bool
seen_at(const struct run *r, const struct run_site *s, int64_t at)
{
	for (size_t n = 0; n < s->intervals.n; n++) {
		const struct interval k = understood(r, s, n);

		if (k.from <= at && k.seen + SEEN_MS >= at && (!k.to || gone_at(r, &k) > at))
			return !run_silence_at(r, s, at);
	}
	return false;
}

/* It was dialled by then, and answered a moment later: a drop that returned. */
static bool
was_coming_back(const struct run_site *s, int64_t until)
{
	for (size_t n = 1; n < s->intervals.n; n++) {
		const struct interval *k = &s->intervals.at[n];

		if (k->from <= until || k->from - until > SEEN_MS)
			continue;
		for (size_t a = 0; a < s->attempts.n; a++)
			if (s->attempts.at[a].result == ATTEMPT_UP &&
				s->attempts.at[a].at <= until && s->attempts.at[a].ended == k->from)
				return true;
	}
	return false;
}

/* And it had been away for no longer than a leg may go unseen. */
static bool
was_back_at_once(const struct run_site *s, int64_t until)
{
	for (size_t n = 1; n < s->intervals.n && was_coming_back(s, until); n++)
		if (s->intervals.at[n].from > until)
			return s->intervals.at[n].from - s->intervals.at[n - 1].seen <= SEEN_MS;
	return false;
}

const struct interval *
judge_leaving(const struct run *r, const struct run_site *s, struct interval *out)
{
	int64_t until = judge_stay_until(r);
	const struct interval *last = NULL;

	if (present_at(r, s, until) || was_coming_back(s, until))
		return NULL;
	for (size_t n = 0; n < s->intervals.n; n++) {
		struct interval k = understood(r, s, n);

		if (k.to && gone_at(r, &k) <= until) {
			*out = k;
			last = out;
		}
	}
	return last;
}

/* Seen gone within this of each other: one cause, not many decisions. */
enum { TOGETHER_MS = 60000 };

static bool
went_together(const struct run *r, const struct run_site *s, int64_t seen, enum ended_by *out_by)
{
	for (size_t i = 0; i < s->intervals.n; i++) {
		const struct interval k = understood(r, s, i);
		int64_t apart = k.seen - seen;

		*out_by = k.ended_by;
		if (k.to &&
			(k.ended_by == ENDED_POWER || k.ended_by == ENDED_NETWORK ||
				k.ended_by == ENDED_UNKNOWN) &&
			apart <= TOGETHER_MS && apart >= -TOGETHER_MS)
			return true;
	}
	return false;
}

/* "power-cut" when neighbours went off at the same time, "line" when most of an MCU's sites went
 * silent at once, else NULL. */
static const char *
shared_cause(const struct run *r, const struct run_site *s, const struct interval *gone)
{
	size_t power = 0, together = 1, behind = 0;
	enum ended_by by;

	if (gone->ended_by != ENDED_POWER && gone->ended_by != ENDED_NETWORK &&
		gone->ended_by != ENDED_UNKNOWN)
		return NULL;
	if (gone->ended_by == ENDED_POWER) {
		bool any = !str_empty(s->spec->district);

		for (size_t i = 0; any && power < 2 && i < r->spec->sites_n; i++) {
			const struct run_site *o = &r->sites[i];

			power += o != s && o->intervals.n &&
				 str_eq_nocase(o->spec->district, s->spec->district) &&
				 went_together(r, o, gone->seen, &by) && by == ENDED_POWER;
		}
		return power >= 2 ? "power-cut" : NULL;
	}
	/* What an MCU carries is among its sites. */
	const struct run_mcu *m = s->mcu >= 0 ? &r->mcus[s->mcu] : NULL;

	for (size_t i = 0; m && i < m->sites_n; i++) {
		const struct run_site *o = &r->sites[m->sites[i]];

		if (o->spec->lower || o->mcu != s->mcu)
			continue;
		behind += o->first_up && o->first_up <= gone->seen;
		together += o != s && went_together(r, o, gone->seen, &by);
	}
	return together >= 3 && together * 2 > behind ? "line" : NULL;
}

int
judge_drops(const struct run_site *s)
{
	int n = 0;
	for (size_t i = 0; i + 1 < s->intervals.n; i++)
		switch (s->intervals.at[i].ended_by) {
		case ENDED_SITE:
		case ENDED_POWER:
		case ENDED_NETWORK:
		case ENDED_UNKNOWN:
		case ENDED_OPEN: n++; break;
		case ENDED_MCU:
		case ENDED_OPERATOR:
		case ENDED_US: break;
		}
	return n;
}

void
judge_presence(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	struct interval end;
	const struct interval *gone = judge_leaving(r, s, &end);
	int64_t seq;

	v->silent_since = judge_fell_silent(r, s, &seq);
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
	if (judge_drops(s))
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
		v->stayed = seen_at(r, s, judge_stay_until(r)) ||
					    was_back_at_once(s, judge_stay_until(r))
				    ? YES
				    : UNKNOWN;
		return;
	}
	judge_rests_on(&v->stayed_rows, gone->silent_seq);
	judge_rests_on(&v->stayed_rows, gone->end_seq);
	judge_rests_on(&v->stayed_rows, gone->uptime_seq);
	judge_rests_on(&v->stayed_rows, gone->told_seq);
	judge_rests_on(&v->stayed_rows, gone->history_seq);
	v->left_at = gone->seen > gone->from ? gone->seen : gone->to;
	v->common_cause = shared_cause(r, s, gone);
	if (s->settled_at >= v->left_at && (s->settled_left || s->settled_present)) {
		v->stayed = s->settled_present ? YES : NO;
		judge_rests_on(&v->stayed_rows, s->settled_seq);
	} else if (gone->ended_by == ENDED_SITE ||
		   (gone->ended_by == ENDED_POWER && !v->common_cause)) {
		v->stayed = NO;
	} else {
		v->stayed = UNKNOWN;
	}
}

void
judge_life(struct verdict *v)
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

/* Planned is the instant of the first dial step. The site was reachable and willing somewhere
 * between the last attempt that showed it was not and its first leg. */
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

	/* Our clock was put forward meanwhile: those minutes it may never have had. */
	if (r->ahead_ms && s->not_before > r->ahead_at)
		lower -= r->ahead_ms;
	if (lower < 0)
		lower = 0;
	if (upper < lower)
		upper = lower;
	v->late_s = figure_of(lower / 1000);
	v->late_uncertainty_s = figure_of((upper - lower) / 1000);
	judge_rests_on(&v->late_rows, s->first_up_seq);
	for (size_t i = 0; i < s->attempts.n; i++)
		if (s->attempts.at[i].result == ATTEMPT_FAILED &&
			s->attempts.at[i].vain_at == s->not_before)
			judge_rests_on(&v->late_rows, s->attempts.at[i].seq);
}

/* ---- roll call ------------------------------------------------------------------------------- */

/* No sound came at all: from its microphone, whoever answered could not have been heard; to it,
 * nobody could have heard a call. */
static bool
no_sound(const struct verdict *v, enum direction d)
{
	for (int m = 0; m < v->media_n; m++)
		if (v->media[m].medium == AUDIO && v->media[m].direction == d &&
			v->media[m].value == NO)
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
		if (s->roll.heard)
			v->heard = YES;
	} else if (s->roll.called > 0 && s->could_hear && s->mic_muted != YES &&
		   run_was_listened_to(r, s, no_sound(v, TO_SITE)) && !no_sound(v, FROM_SITE)) {
		/* Called, listened to without a gap, nothing came. A room muted by its own setting,
		 * or whose sound does not arrive at all, is not accused: nobody could have been
		 * heard. */
		v->answered = NO;
		judge_rests_on(&v->answered_rows, s->roll.called_seq);
	}
	if ((s->roll.called > 0 || s->roll.silent) && !s->roll.sound)
		judge_flag(v, "called-without-sound");
	if (v->answered == NO && s->even_calls)
		judge_flag(v, "silent-microphone");
	if (s->mic_muted == YES || (s->muted_in_call && v->answered != YES))
		judge_flag(v, "muted-by-setting");
}

/* Within a network for its tier? Unknown: none is laid down for it. */
static enum tri
is_permitted(const struct run *r, const struct run_site *s, const char *ip)
{
	enum tri found = UNKNOWN;

	for (size_t i = 0; i < r->spec->networks_n; i++) {
		const struct spec_network *n = &r->spec->networks[i];
		bool for_tier = false;

		for (int t = TIER_CENTRAL; t <= TIER_OTHER; t++)
			for_tier = for_tier ||
				   (n->tiers & 1u << t && str_eq(tier_name(t), s->spec->tier));
		if (for_tier && net_contains(n->cidr, ip))
			return YES;
		found = for_tier ? NO : found;
	}
	return found;
}

/* Of all its legs: one that came from elsewhere is a violation, whatever the next one did. */
void
judge_network(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;

	v->network = UNKNOWN;
	v->network_ip = s->remote_ip;
	for (size_t i = 0; i < s->came_from.n; i++) {
		const char *ip = s->came_from.at[i];
		enum tri permitted = net_is_address(ip) ? is_permitted(r, s, ip) : UNKNOWN;

		if (permitted == YES)
			v->network = YES;
		if (permitted != NO)
			continue;
		v->network = NO;
		v->network_ip = ip;
		judge_flag(v, "wrong-network");
		return;
	}
}
