/* Which sites an event concerns, so that ten thousand of them are not asked at each. Pure part of
 * run.c, called by run_step() only.
 *
 * A site has work when its own instant has come (site_wake()), or when something it depends on was
 * changed: itself, its MCUs, or the run as a whole (a step began, the all-clear was given). What an
 * event may change is told before it is worked off; in doubt everything. Between such events
 * site_work() would do nothing, and site_wake() would say what it said before: tests/unit/world.h
 * holds that against a run that asks everybody. It must never leave out a site that has work. */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

enum { BLOCK = 64 }; /* sites that are passed over at once while nothing is due of any */

void
due_new(struct run *r)
{
	r->due = arena_alloc(r->arena, (r->legs_n + 1) * sizeof *r->due);
	r->stirred = arena_alloc(r->arena, (r->legs_n + 1) * sizeof *r->stirred);
	r->blocks_n = (r->legs_n + BLOCK - 1) / BLOCK;
	r->blocks = arena_alloc(r->arena, (r->blocks_n + 1) * sizeof *r->blocks);
	r->all_stirred = true;
}

void
due_stir(struct run *r, int site)
{
	r->stirred[site] = true;
	r->blocks[site / BLOCK].stirred = true;
}

void
due_stir_mcu(struct run *r, struct run_mcu *m)
{
	m->stirred = true;
	m->next_known = false;
	for (size_t i = 0; i < m->sites_n; i++)
		due_stir(r, m->sites[i]);
}

static void
stir_site(struct run *r, const char *id)
{
	int index;

	if (!spec_site(r->spec, id, &index))
		return;
	due_stir(r, index);
	if (r->sites[index].mcu >= 0) {
		r->mcus[r->sites[index].mcu].stirred = true;
		r->mcus[r->sites[index].mcu].next_known = false;
	}
}

/* These concern one device and one site at most; of an MCU that is away, or a conference that is
 * gone, more may depend. */
static bool
is_narrow(const struct event *e)
{
	switch (e->kind) {
	case EVENT_TICK:
	case EVENT_NEWS: return true;
	case EVENT_ROSTER: return e->code != ERR_GONE;
	case EVENT_ANSWER:
		return e->verb != VERB_PROBE && e->verb != VERB_END &&
		       (e->verb != VERB_DIAL || e->code != ERR_GONE);
	case EVENT_BEGIN:
	case EVENT_RESTART:
	case EVENT_CLOCK:
	case EVENT_COMMAND:
	case EVENT_INHERIT:
	case EVENT_INVITED:
	case EVENT_KNOWN:
	case EVENT_IMPORTED:
	case EVENT_MISSED: break;
	}
	return false;
}

static struct due_stage
stage_of(const struct run *r)
{
	return (struct due_stage){ .step_next = r->step_next,
		.held_since = r->held_since,
		.allclear_at = r->allclear_at,
		.verify_until = r->verify_until,
		.dial_step = r->dial_step,
		.allclear_step = r->allclear_step,
		.flags = (unsigned)r->closing | (unsigned)r->finished << 1 |
			 (unsigned)r->report_due << 2 | (unsigned)r->dialing << 3 |
			 (unsigned)(r->verifying && r->now < r->verify_until) << 4 |
			 (unsigned)r->rolling << 5 | (unsigned)r->watching << 6 |
			 (unsigned)r->redial << 7 | (unsigned)r->allclear_not_given << 8 |
			 (unsigned)r->roll_by_hand << 9 };
}

void
due_begin(struct run *r, const struct event *e)
{
	struct run_mcu *m;

	if (r->thorough || !is_narrow(e))
		r->all_stirred = true;
	if (r->all_stirred)
		return;
	if (str_starts(e->device, "site:"))
		stir_site(r, e->device + sizeof "site:" - 1);
	else if ((m = run_mcu_named(r, e->device)))
		due_stir_mcu(r, m);
	if (e->site[0])
		stir_site(r, e->site);
	/* Between MCUs each end depends on the other; they are few. */
	for (size_t i = r->spec->sites_n; i < r->legs_n; i++)
		due_stir(r, (int)i);
}

void
due_look(struct run *r)
{
	struct due_stage now = stage_of(r), was = r->stage;

	if (now.step_next != was.step_next || now.held_since != was.held_since ||
		now.allclear_at != was.allclear_at || now.verify_until != was.verify_until ||
		now.dial_step != was.dial_step || now.allclear_step != was.allclear_step ||
		now.flags != was.flags)
		r->all_stirred = true;
	r->stage = now;
	if (r->all_stirred)
		for (size_t i = 0; i < r->spec->mcus_n; i++)
			r->mcus[i].next_known = false;
}

size_t
due_next(struct run *r, size_t i)
{
	while (i < r->legs_n && !r->all_stirred) {
		const struct due_block *b = &r->blocks[i / BLOCK];

		if (i % BLOCK == 0 && !b->stirred && b->due > r->now) {
			i += BLOCK;
			continue;
		}
		if (r->stirred[i])
			return i;
		if (r->due[i] <= r->now) {
			due_stir(r, (int)i);
			if (r->sites[i].mcu >= 0)
				r->mcus[r->sites[i].mcu].next_known = false;
			return i;
		}
		i++;
	}
	return i < r->legs_n ? i : r->legs_n;
}

bool
due_mcu(const struct run *r, const struct run_mcu *m)
{
	return r->all_stirred || m->stirred || m->roll_site >= 0 || m->silent_until;
}

static void
look_at_block(struct run *r, size_t k)
{
	struct due_block *b = &r->blocks[k];

	*b = (struct due_block){ .due = INT64_MAX };
	for (size_t i = k * BLOCK; i < (k + 1) * BLOCK && i < r->legs_n; i++) {
		if (r->all_stirred || r->stirred[i])
			r->due[i] = site_wake(r, &r->sites[i]);
		r->stirred[i] = false;
		b->due = r->due[i] < b->due ? r->due[i] : b->due;
	}
}

int64_t
due_end(struct run *r)
{
	int64_t wake = INT64_MAX;

	for (size_t k = 0; k < r->blocks_n; k++) {
		struct due_block *b = &r->blocks[k];

		if (r->all_stirred || b->stirred)
			look_at_block(r, k);
		wake = b->due < wake ? b->due : wake;
	}
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		r->mcus[i].stirred = false;
	r->all_stirred = r->thorough;
	return wake;
}
