/* The simulated management platforms of a scenario: started, ticked and stopped by the lab's
 * main(). Owns them. Must never touch their state without the fleet's lock. */
#include "hall.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

enum { PARALLEL = 20 };

static struct hall *halls;
static size_t halls_n;

const struct hall_kind *const hall_kinds[] = { &pexip_kind, &smc3_kind, &smc2_kind, &bbb_kind,
	NULL };

static void
answer(void *owner, const struct web_request *rq, struct web_reply *out)
{
	struct hall *h = owner;
	if (rq->too_large || rq->crowded) {
		out->status = rq->too_large ? 413 : 503;
		return;
	}
	fleet_lock();
	h->kind->answer(h, rq, clock_now(), clock_mono(), out);
	fleet_unlock();
}

static bool
serves(void *owner, int64_t now)
{
	const struct hall *h = owner;
	return bridge_serves(&h->b, now);
}

bool
hall_start(const struct scenario *s, const char *dir, int64_t now)
{
	halls = xalloc((s->mcus.n + 1) * sizeof *halls);
	for (size_t i = 0; i < s->mcus.n; i++)
		for (size_t k = 0; hall_kinds[k]; k++) {
			if (!str_eq(s->mcus.at[i].adapter, hall_kinds[k]->adapter))
				continue;
			struct hall *h = &halls[halls_n++];
			hall_open(h, hall_kinds[k], &s->mcus.at[i], now);
			h->web = (struct web){ .plan = h->b.plan,
				.owner = h,
				.serves = serves,
				.answer = answer,
				.parallel = PARALLEL };
			if (!web_start(&h->web, dir))
				return false;
		}
	return true;
}

void
hall_tick(int64_t now)
{
	for (size_t i = 0; i < halls_n; i++)
		bridge_tick(&halls[i].b, now);
}

void
hall_follow(int64_t now)
{
	for (size_t i = 0; i < halls_n; i++)
		web_follow(&halls[i].web, now);
}

bool
hall_dial_in(struct site *s, const char *name, const char *address, int64_t now)
{
	for (size_t i = 0; i < halls_n; i++)
		if (bridge_is_called(&halls[i].b, name, address))
			return bridge_dial_in(&halls[i].b, s, now);
	return false;
}

void
hall_stop(void)
{
	for (size_t i = 0; i < halls_n; i++)
		web_stop(&halls[i].web);
}
