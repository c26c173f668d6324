/* The simulated Cisco Meeting Servers of a scenario: started, ticked and stopped by the lab's
 * main(). Owns them.
 * Must never touch their state without the fleet's lock. */
#include "cms.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static struct cms *boxes;
static size_t boxes_n;

static void
answer(void *owner, const struct web_request *rq, struct web_reply *out)
{
	struct cms *m = owner;
	fleet_lock();
	if (rq->too_large)
		out->status = 413;
	else
		cms_request(m, rq, clock_now(), out);
	fleet_unlock();
}

static bool
serves(void *owner, int64_t now)
{
	const struct cms *m = owner;
	return bridge_serves(&m->b, now);
}

bool
cms_start(const struct scenario *s, const char *dir, int64_t now)
{
	boxes = xalloc((s->mcus.n + 1) * sizeof *boxes);
	for (size_t i = 0; i < s->mcus.n; i++) {
		if (!str_eq(s->mcus.at[i].adapter, "cisco-cms"))
			continue;
		struct cms *m = &boxes[boxes_n++];
		m->b.plan = &s->mcus.at[i];
		m->b.kind = &cms_kind;
		m->b.started = now - 9 * 86400000LL;
		m->web = (struct web){ .plan = m->b.plan, .owner = m, .serves = serves,
			.answer = answer, .socket = cms_listen, .parallel = CMS_PARALLEL };
		cms_id(m, m->session);
		if (!web_start(&m->web, dir) ||
			pthread_create(&m->poster, NULL, cms_post_main, m) != 0)
			return false;
	}
	return true;
}

void
cms_tick(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		bridge_tick(&boxes[i].b, now);
}

void
cms_follow(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		web_follow(&boxes[i].web, now);
}

bool
cms_dial_in(struct site *s, const char *name, const char *address, int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		if (bridge_is_called(&boxes[i].b, name, address))
			return bridge_dial_in(&boxes[i].b, s, now);
	return false;
}

void
cms_stop(void)
{
	for (size_t i = 0; i < boxes_n; i++)
		atomic_store(&boxes[i].stopping, true);
	for (size_t i = 0; i < boxes_n; i++) {
		web_stop(&boxes[i].web);
		pthread_join(boxes[i].poster, NULL);
	}
}
