/* Whose line is down: an MCU that reaches none of its sites has lost its own uplink, and they are
 * not accused. Pure part of run.c; judge.c asks before it calls a site absent. */
#include "base/str.h"
#include "run_inner.h"

/* How far did this MCU come with this site? No attempt, all of them without any sign that they came
 * as far as the box, or further. */
enum reach { REACH_UNTRIED, REACH_NOTHING, REACH_BOX };

static enum reach
reach_of(const struct run_site *s, int mcu)
{
	enum reach reach = REACH_UNTRIED;

	for (size_t i = 0; i < s->attempts.n; i++) {
		const struct attempt *a = &s->attempts.at[i];

		if (a->mcu != mcu || a->result == ATTEMPT_UNDER_WAY || a->result == ATTEMPT_OURS)
			continue;
		if (a->result != ATTEMPT_FAILED || a->rang ||
			(a->cause != CAUSE_UNREACHABLE && a->cause != CAUSE_NO_ANSWER))
			return REACH_BOX;
		reach = REACH_NOTHING;
	}
	return reach;
}

/* This MCU reached nobody at all, while codecs behind it answered us: its own line, not its
 * sites. */
static bool
reaches_nobody(const struct run *r, int mcu)
{
	int awake = 0; /* one box may have its calls switched off; not two */

	for (size_t i = 0; mcu >= 0 && i < r->spec->sites_n; i++) {
		const struct run_site *s = &r->sites[i];

		if ((s->spec->mcu != mcu && s->spec->mcu2 != mcu + 1) || s->spec->disabled ||
			!s->attempts.n)
			continue;
		enum reach reach = reach_of(s, mcu);

		if (reach == REACH_BOX || (reach == REACH_UNTRIED && s->spec->mcu == mcu))
			return false;
		/* Its codec answers us, or another MCU reached it. */
		awake += reach == REACH_NOTHING && (s->endpoint_seen || s->first_up);
	}
	return awake >= 2;
}

bool
run_tried_in_vain(const struct run *r, const struct run_site *s)
{
	bool tried = false;

	for (size_t m = 0; m < r->spec->mcus_n; m++) {
		if (reach_of(s, (int)m) == REACH_UNTRIED)
			continue;
		tried = true;
		if (!reaches_nobody(r, (int)m))
			return false;
	}
	return tried;
}

/* Our own line was down if an MCU could not be reached either, just before or just behind: what was
 * silent then told nothing. */
static void
settle_doubts(struct run *r, bool stands)
{
	for (size_t i = 0; i < r->legs_n && r->doubts > 0; i++) {
		struct run_site *s = &r->sites[i];

		if (!s->probe_doubt)
			continue;
		if (stands)
			s->probe_silent = s->probe_doubt;
		s->probe_doubt = 0;
		r->doubts--;
	}
}

void
uplink_told(struct run *r, const struct event *e)
{
	bool silent = e->code == ERR_UNREACHABLE || e->code == ERR_TIMEOUT ||
		      e->code == ERR_CANCELED || e->code == ERR_SYSTEM;

	if ((e->kind != EVENT_ANSWER && e->kind != EVENT_ROSTER) ||
		(silent && (e->code != ERR_UNREACHABLE || str_starts(e->device, "site:"))))
		return;
	settle_doubts(r, !silent);
	r->line_doubted = silent;
}

void
uplink_unanswered(struct run *r, struct run_site *s)
{
	if (r->line_doubted)
		return;
	r->doubts += !s->probe_doubt;
	s->probe_doubt = r->now;
}

void
uplink_note(struct run *r)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (reaches_nobody(r, (int)i))
			run_note(r, 0, "uplink",
				"%s: it reaches none of its sites, although their codecs answer us",
				r->mcus[i].spec->name);
}
