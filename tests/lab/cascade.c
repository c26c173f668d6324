/* A simulated cisco-mcu dials another MCU of the scenario. Called by codian_state.c through
 * mcu_trunk and by the ticker, under the fleet's lock. Each end sees the other as a site of its own
 * making, so that legs, counters and reasons are the fleet's as everywhere. Owns those sites until
 * the process ends. An MCU of another family takes the call as it takes one from a site: in its
 * running conference. Must never touch a site of the scenario. */
#include "cascade.h"

#include "log.h"
#include "polycom.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

struct trunk {
	struct mcu *above;
	struct part *part;	    /* the participant that dialled */
	const struct lab_mcu *plan; /* of the MCU below */
	struct mcu *below;	    /* NULL: it is of another family */
	struct lab_site near_plan, far_plan;
	struct site near, far; /* the MCU below as seen above, and the other way round */
	char conference[160], near_address[220], far_address[120];
	bool joined, over;
};

static const struct scenario *scenario;
static struct mcu *mcus;
static size_t mcus_n;
static VEC(struct trunk *) trunks;

static struct mcu *
codian_of(const struct lab_mcu *plan)
{
	for (size_t i = 0; i < mcus_n; i++)
		if (mcus[i].plan == plan)
			return &mcus[i];
	return NULL;
}

/* Whose address "sip:NAME@127.11.0.1", "127.11.0.1" or "h323:..." is; NULL: no MCU's. */
static const struct lab_mcu *
find(const char *address, char *conference, size_t size)
{
	const char *want = str_starts(address, "sip:")	  ? address + 4
			   : str_starts(address, "h323:") ? address + 5
							  : address;
	const char *at = strrchr(want, '@'), *host = at ? at + 1 : want;
	size_t n = strcspn(host, ":;");
	snprintf(conference, size, "%.*s", at ? (int)(at - want) : 0, want);
	for (size_t i = 0; i < scenario->mcus.n; i++)
		if (strlen(scenario->mcus.at[i].host) == n &&
			strncmp(scenario->mcus.at[i].host, host, n) == 0)
			return &scenario->mcus.at[i];
	return NULL;
}

/* The conference of that name or number; without a name the running one. */
static struct conf *
conference_of(const struct trunk *t)
{
	struct conf *found = NULL;
	for (size_t i = 0; t->below && i < t->below->confs.n; i++) {
		struct conf *c = t->below->confs.at[i];
		bool named = c->name[0] &&
			     (str_eq(c->name, t->conference) || str_eq(c->numeric, t->conference));
		if (c->active && c->name[0] && (!t->conference[0] || named))
			found = c;
	}
	return found;
}

static bool
cut(const struct lab_mcu *m, int64_t first_leg, int64_t now)
{
	for (int i = 0; first_leg && i < m->uplink_down.n; i++)
		if (now - first_leg >= m->uplink_down.at[i].from &&
			now - first_leg < m->uplink_down.at[i].to)
			return true;
	return m->cut_off;
}

static struct lab_site
plan_of(const struct lab_mcu *m, const char *address)
{
	struct lab_site p = scenario_plain_site();
	p.id = p.name = m->name;
	p.address = address;
	p.ip = m->host;
	p.answer_ms = 1000;
	p.codec.exists = false;
	return p;
}

/* The MCU below as a site to dial: what comes of it depends on its state at this moment. */
static struct site *
dial(struct mcu *m, struct part *p, int64_t now)
{
	char conference[160];
	const struct lab_mcu *to = find(p->address, conference, sizeof conference);
	if (!to || to == m->plan)
		return NULL;
	struct trunk *t = xalloc(sizeof *t);
	*vec_add(&trunks) = t;
	t->above = m;
	t->part = p;
	t->plan = to;
	t->below = codian_of(to);
	str_copy(t->conference, sizeof t->conference, conference);
	snprintf(t->near_address, sizeof t->near_address, "%s:%s", p->protocol, p->address);
	snprintf(t->far_address, sizeof t->far_address, "%s:%s", p->protocol, m->plan->host);
	t->near_plan = plan_of(to, t->near_address);
	t->far_plan = plan_of(m->plan, t->far_address);
	if (t->below && (mcu_restarting(t->below, now) || cut(to, t->below->first_leg, now)))
		t->near_plan.answer = ANSWER_OFF;
	else if (t->below && !conference_of(t))
		t->near_plan.answer = ANSWER_REJECTED;
	t->near = (struct site){ .plan = &t->near_plan, .lab_start = now, .calls = 1 };
	t->far = (struct site){ .plan = &t->far_plan, .lab_start = now, .calls = 1 };
	return &t->near;
}

/* The outages of an MCU's uplink as those of a site: counted from the connection, not from its
 * first leg. */
static void
take_outages(struct lab_site *to, const struct lab_mcu *m, int64_t first_leg, int64_t connected)
{
	to->drop = m->uplink_down;
	for (int i = 0; i < to->drop.n; i++) {
		struct span *s = &to->drop.at[i];
		s->from += first_leg - connected;
		if (s->to != INT64_MAX)
			s->to += first_leg - connected;
	}
}

static void
put_through(struct trunk *t, int64_t now)
{
	int64_t up = t->part->leg.connected;
	t->joined = true;
	if (t->below) {
		struct conf *c = conference_of(t);
		if (c && !mcu_restarting(t->below, now))
			mcu_join(t->below, c, &t->far, now);
	} else if (cli_dial) {
		cli_dial(&t->far, t->near_address, now);
	}
	if (!t->far.leg) {
		mcu_part_hang(t->above, t->part, now, "remoteTeardown");
		return;
	}
	int64_t first = t->below && t->below->first_leg ? t->below->first_leg : up;
	take_outages(&t->near_plan, t->plan, first, t->near.first_connect);
	take_outages(&t->far_plan, t->above->plan, t->above->first_leg, t->far.first_connect);
}

/* Both ends know of the same reason: a dead line for both, or the other side's farewell. */
static const char *
reason(const char *why)
{
	return why && str_eq(why, "networkError") ? why : "remoteTeardown";
}

static void
follow(struct trunk *t, int64_t now)
{
	/* a participant that was dialled again stands on another trunk */
	bool mine = t->part->leg.site == &t->near;
	bool up = mine && t->part->leg.phase == PHASE_CONNECTED;
	if (up && !t->joined)
		put_through(t, now);
	else if (up && !t->far.leg)
		mcu_part_hang(t->above, t->part, now,
			reason(t->far.past_n ? t->far.past[(t->far.past_n - 1) % LAB_PAST_CALLS].why
					     : NULL));
	if (!mine || t->part->leg.phase == PHASE_DISCONNECTED) {
		if (t->far.leg)
			leg_hang(t->far.leg, now, reason(mine ? t->part->leg.why : NULL));
		t->over = true;
	}
}

void
cascade_tick(int64_t now)
{
	for (size_t i = 0; i < trunks.n; i++)
		if (!trunks.at[i]->over)
			follow(trunks.at[i], now);
}

void
cascade_open(const struct scenario *s, struct mcu *all, size_t n)
{
	scenario = s;
	mcus = all;
	mcus_n = n;
	mcu_trunk = dial;
}
