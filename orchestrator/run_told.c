/* What a site's codec posted by itself, as its next answer brings it: how a call ended, and by
 * whom. Pure part of run.c, called by run_codec.c with each status and by run_site.c when a leg is
 * gone.
 *
 * A post makes knowledge quicker, never surer: it counts when the codec, asked after it came, says
 * that it is in no call, when the MCU does not list the leg any more and does not know why, and
 * when it came about then. One that the codec denies is a row of the journal and no more. The
 * codec's list of past calls is asked all the same, and goes before it. */
#include "base/str.h"
#include "run_inner.h"

enum { TOLD_APART_MS = 15000 }; /* a post and what the MCU's list shows of it */

/* Ends of calls that were up. That somebody was busy or refused is about another call. */
static bool
ends_a_call(enum cause c)
{
	return c == CAUSE_SITE_HANGUP || c == CAUSE_MCU || c == CAUSE_NETWORK;
}

static bool
is_about(const struct run_site *s, const struct interval *i)
{
	int64_t lasted = s->posted.call.duration_s.v * 1000;

	return s->posted_at >= i->from && s->posted_at >= i->seen - TOLD_APART_MS &&
	       s->posted_at <= i->to + TOLD_APART_MS &&
	       (!s->posted.call.duration_s.known ||
		       s->posted_at - lasted <= i->from + HISTORY_APART_MS);
}

void
told_apply(struct run *r, struct run_site *s)
{
	struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;

	if (!s->posted_seq || !s->posted_sure || !i || !i->to || i->history_seq || i->told_seq ||
		!codec_is_guess(i) || !is_about(s, i))
		return;
	int64_t seq = s->posted_seq;

	s->posted_seq = 0;
	codec_ended_so(r, s, i, &s->posted.call, seq);
	if (i->history_seq != seq)
		return;
	i->told_seq = seq;
	i->history_seq = 0;
	s->history_wanted = s->spec->history;
	s->history_asked = 0;
	s->next_history = r->now + PROOF_APART_MS;
}

static void
take_end(struct run *r, struct run_site *s, const struct told *t, int64_t seq)
{
	for (size_t k = 0; k < t->ends_n; k++) {
		const struct told_end *e = &t->ends[k];

		if (!ends_a_call(e->call.ending.cause))
			continue;
		if (e->call_id[0] && str_eq(e->call_id, s->posted.call_id))
			return; /* sent once more */
		s->posted = *e;
		s->posted_at = r->now - e->call.ended_ago_s.v * 1000;
		s->posted_seq = seq;
		s->posted_sure = false;
		return;
	}
}

void
told_take(struct run *r, struct run_site *s, const struct endpoint_status *st, int64_t seq)
{
	take_end(r, s, &st->told, seq);
	if (st->in_call == YES)
		s->posted_seq = 0;
	else if (st->in_call == NO)
		s->posted_sure = true;
	if (st->mic_muted == UNKNOWN && st->told.mic_muted != UNKNOWN)
		s->mic_muted = st->told.mic_muted;
	if (st->told.posts && st->in_call == NO && s->phase == SITE_UP && s->mcu >= 0)
		mcu_hurry(r, run_mcu_of(r, s));
	told_apply(r, s);
}

void
told_news(struct run *r, const struct event *e)
{
	int index;

	if (!spec_site(r->spec, e->device + sizeof "site:" - 1, &index))
		return;
	struct run_site *s = &r->sites[index];
	int64_t at = s->status_asked + NEWS_MS > r->now ? s->status_asked + NEWS_MS : r->now;

	if (!s->spec->endpoint || s->endpoint_final)
		return;
	if (s->status_under_way)
		s->status_again = true;
	else if (!s->next_status || s->next_status > at)
		s->next_status = at;
}
