/* What is new in an MCU's list, against what the run knows: the row of the journal holds no more.
 * Pure part of run.c, called by the coordinator and the dry run. A list was taken when its
 * order left, not when it arrives: a leg that was made or dialled again since is not judged by it.
 */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

static bool
sample_due(const struct run *r, const struct run_mcu *m, const struct run_leg *l, int64_t now)
{
	const struct run_site *s = l->site >= 0 && !l->below ? &r->sites[l->site] : NULL;
	bool fresh = s && s->phase == SITE_UP &&
		     now - s->intervals.at[s->intervals.n - 1].from < FRESH_MS &&
		     !media_proven(s, BY_MCU, FROM_SITE);
	int64_t every = s && (m->silent_until || m->roll_site == l->site) ? 0
			: fresh						  ? SAMPLE_FRESH_MS
									  : SAMPLE_MS;

	return l->leg.state == LEG_UP && now - l->sampled_at >= every;
}

static bool
differs(const struct leg *a, const struct leg *b)
{
	return a->state != b->state || a->muted != b->muted || a->incoming != b->incoming ||
	       !str_eq(a->remote_ip, b->remote_ip) || !str_eq(a->name, b->name) ||
	       a->ending.cause != b->ending.cause;
}

void
run_diff(const struct run *r, const char *mcu, const struct roster *roster, int64_t now,
	struct arena *a, struct event *out)
{
	const struct run_mcu *m = run_mcu_named((struct run *)r, mcu);
	bool *seen;

	memset(out, 0, sizeof *out);
	out->kind = EVENT_ROSTER;
	out->verb = VERB_ROSTER;
	out->at = now;
	str_copy(out->device, sizeof out->device, mcu);
	if (!m)
		return;
	out->legs = arena_alloc(a, (roster->n + 1) * sizeof *out->legs);
	out->gone = arena_alloc(a, (m->legs.n + 1) * sizeof *out->gone);
	seen = arena_alloc(a, m->legs.n + 1);
	for (size_t i = 0; i < roster->n; i++) {
		const struct leg *leg = &roster->legs[i];
		const struct run_leg *l = mcu_leg((struct run_mcu *)m, leg->id);

		if (l)
			seen[l - m->legs.at] = true;
		if (l && l->since > m->polled_at)
			continue; /* made or dialled again after this list was asked for */
		if (!l && leg->state == LEG_GONE)
			continue; /* an old end of a leg we never knew */
		bool sample =
			leg->state == LEG_UP && leg->sampled &&
			(!l || l->leg.state != LEG_UP || sample_due(r, m, l, now + r->back_ms));

		if (l && !differs(&l->leg, leg) && !sample)
			continue;
		struct leg *put = &out->legs[out->legs_n++];

		*put = *leg;
		if (!sample) {
			put->sampled = false;
			memset(&put->media, 0, sizeof put->media);
		}
	}
	for (size_t i = 0; i < m->legs.n; i++)
		if (!seen[i] && m->legs.at[i].leg.state != LEG_GONE &&
			m->legs.at[i].since <= m->polled_at)
			memcpy(out->gone[out->gone_n++], m->legs.at[i].leg.id, sizeof out->gone[0]);
}
