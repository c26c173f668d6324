/* Whose doing it was that legs of one MCU went without a goodbye: its own restart is told by its
 * uptime. Pure part of run.c.
 *
 * An MCU that answers again after a silence is asked how long it has been up. Legs that went at its
 * restart were ended by it, and not by their lines, whatever the boxes' own uptimes let one guess.
 * Some count their uptime from the end of a boot of minutes: the restart then began with the
 * silence.
 * Without an uptime nothing is changed: two causes that fit prove neither. */
#include "run_inner.h"

enum {
	RESTART_SLACK_MS = 5000,      /* uptimes are told in whole seconds, a restart takes some */
	GOING_DOWN_MS = 3 * POLL_MS,  /* an MCU that stops lets its calls go before it falls silent */
};

void
cause_ask(struct run *r, struct run_mcu *m, struct orders *out)
{
	run_order_mcu(r, out, VERB_PROBE, m);
}

static bool
went_silently(const struct interval *i)
{
	return i->to && (i->ended_by == ENDED_UNKNOWN || i->ended_by == ENDED_NETWORK) &&
	       i->ending.cause == CAUSE_UNKNOWN;
}

/* Its packets had stopped long before its MCU went: that was no doing of the MCU. */
static bool
went_before(const struct run *r, const struct interval *i, int64_t mcu_went)
{
	return i->silent_from && mcu_went - i->silent_from >= 2 * r->spec->profile.window_ms;
}

/* The last stretch, if it went without a word on this MCU a moment ago. */
static struct interval *
just_gone(const struct run *r, struct run_site *s, const struct run_mcu *m)
{
	struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;

	bool just = i && i->mcu == m->index && went_silently(i) && r->now - i->to <= GOING_DOWN_MS;

	return just && !went_before(r, i, m->down ? m->away_from : r->now) ? i : NULL;
}

/* Some lists leave legs out before anybody is told that their conference is gone. Of one leg alone
 * two causes fit, which prove neither. */
void
cause_conference_gone(struct run *r, struct run_mcu *m)
{
	int n = 0;

	for (size_t k = 0; k < r->legs_n; k++)
		n += just_gone(r, &r->sites[k], m) != NULL;
	for (size_t k = 0; k < r->legs_n && n >= 2; k++) {
		struct interval *i = just_gone(r, &r->sites[k], m);

		if (!i)
			continue;
		i->ended_by = ENDED_MCU;
		i->ending.cause = CAUSE_MCU;
		i->uptime_seq = 0;
	}
}

/* A leg of before its silence stands: it was not started again, and who by the word of his codec
 * was in no call meanwhile did not go with it. */
void
cause_stood(struct run *r, struct run_mcu *m)
{
	bool stood = false;

	for (size_t k = 0; k < m->legs.n; k++)
		stood = stood ||
			(m->legs.at[k].leg.state == LEG_UP && m->legs.at[k].site >= 0 &&
				!m->legs.at[k].below && m->legs.at[k].since < m->away_from);
	for (size_t k = 0; k < r->legs_n && stood; k++) {
		struct run_site *s = &r->sites[k];
		struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;

		if (i && s->gone_by_codec && i->mcu == m->index && i->ended_by == ENDED_MCU &&
			i->to >= m->away_from && i->to <= m->away_to) {
			i->ended_by = ENDED_UNKNOWN;
			i->ending.cause = CAUSE_UNKNOWN;
		}
	}
}

/* It was away when its uptime began. */
static bool
booted_in_silence(const struct run_mcu *m)
{
	return m->away_to && m->restarted_at >= m->away_from - RESTART_SLACK_MS &&
	       m->restarted_at <= m->away_to + RESTART_SLACK_MS;
}

void
cause_told(struct run *r, struct run_mcu *m, const struct event *e)
{
	if (e->code != OK || !e->identity.uptime_s.known)
		return;
	int64_t restarted = r->now - e->identity.uptime_s.v * 1000;

	if (restarted <= r->begun)
		return;
	m->restarted_at = restarted;
	m->restart_seq = e->seq;
	m->restart_from = restarted - RESTART_SLACK_MS;
	if (booted_in_silence(m) && m->away_from - GOING_DOWN_MS < m->restart_from)
		m->restart_from = m->away_from - GOING_DOWN_MS;
	for (size_t k = 0; k < r->legs_n; k++) {
		struct run_site *s = &r->sites[k];

		cause_of_last(r, s);
	}
}

/* The last stretch of a site, when it is closed or its MCU's restart becomes known. */
void
cause_of_last(struct run *r, struct run_site *s)
{
	struct interval *i = NULL;

	/* Its leg after the restart may be up already. */
	for (size_t k = s->intervals.n; k > 0 && !i; k--)
		if (s->intervals.at[k - 1].ended_by != ENDED_OPEN)
			i = &s->intervals.at[k - 1];
	const struct run_mcu *m = i && i->mcu >= 0 ? &r->mcus[i->mcu] : NULL;

	if (!m || !m->restarted_at || !went_silently(i) ||
		i->seen > m->restarted_at + RESTART_SLACK_MS || i->to < m->restart_from ||
		went_before(r, i, m->restart_from))
		return;
	i->ended_by = ENDED_MCU;
	i->ending.cause = CAUSE_MCU;
	i->uptime_seq = m->restart_seq;
}
