/* The life of the legs of a simulated CMS, RMX or management platform. Called by cms*.c, rmx*.c,
 * hall.c and by their ticks, under the fleet's lock (bridge_serves() takes it). Owns nothing: legs
 * are allocated by the MCU that lists them. What a machine does is the fleet's; how a family shows
 * it is the family's. Must never open a socket or ask the time. */
#include "bridge.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

void
bridge_id(struct bridge *b, char out[BRIDGE_ID])
{
	/* a count is enough to be unique; it is mixed so that nobody sorts by it */
	uint64_t x = ++b->ids * 0x9e3779b97f4a7c15u + (uint64_t)b->started;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x ^= x >> 31;
	snprintf(out, BRIDGE_ID, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(x >> 32),
		(unsigned)(x >> 16) & 0xffff, (unsigned)x & 0xfff, (unsigned)b->ids & 0xfff,
		(unsigned long long)((x >> 8 ^ b->ids) & 0xffffffffffffULL));
}

void
bridge_log(const struct bridge *b, const struct bridge_leg *l, int64_t now, const char *event,
	const char *why)
{
	lab_log(now, event, b->plan->name, "site", l->leg.site ? l->leg.site->plan->id : NULL,
		"conference", l->room, "participant", l->name, "address", l->address, "why", why,
		NULL);
}

static void
report(struct bridge *b, struct bridge_leg *l, int64_t now)
{
	l->told = l->leg.phase;
	if (l->leg.phase == PHASE_CONNECTED) {
		if (!b->first_leg)
			b->first_leg = l->leg.connected;
		l->leg.mcu_first = b->first_leg;
		bridge_log(b, l, l->leg.connected, "connected", NULL);
	} else if (l->leg.phase == PHASE_DISCONNECTED) {
		bridge_log(b, l, l->leg.ended, "disconnected", l->leg.why);
	}
	b->kind->changed(b, l, now);
}

static int
ports_used(const struct bridge *b)
{
	int n = 0;
	for (size_t i = 0; i < b->legs.n; i++) {
		enum phase p = b->legs.at[i]->leg.phase;
		n += p == PHASE_PROCEEDING || p == PHASE_ALERTING || p == PHASE_CONNECTED;
	}
	return n;
}

static void
show_at_site(struct bridge *b, struct bridge_leg *l)
{
	struct site *s = l->leg.site;
	if (s && s->leg == &l->leg) {
		s->call_name = l->room;
		s->call_host = b->plan->host;
	}
}

void
bridge_dial(struct bridge *b, struct bridge_leg *l, int64_t now)
{
	struct site *s = fleet_find(l->address);
	bool full = ports_used(b) >= b->plan->ports;
	l->leg.mcu = b->plan;
	l->leg.mcu_first = b->first_leg;
	leg_dial(&l->leg, s, now, full);
	show_at_site(b, l);
	l->told = l->leg.phase;
	bridge_log(
		b, l, now, "dial", s && s->leg && s->leg != &l->leg ? "already in a call" : NULL);
	b->kind->changed(b, l, now);
}

void
bridge_hang(struct bridge *b, struct bridge_leg *l, int64_t now, const char *why)
{
	leg_hang(&l->leg, now, why);
	if (l->leg.phase != l->told)
		report(b, l, now);
}

void
bridge_mute(struct bridge *b, struct bridge_leg *l, bool on, int64_t now, const char *by)
{
	if (l->leg.muted != on)
		bridge_log(b, l, now, on ? "mute" : "unmute", by ? by : "api");
	leg_mute(&l->leg, on, now);
}

static void
join(struct bridge *b, struct bridge_leg *l, struct site *s, int64_t now)
{
	l->leg.mcu = b->plan;
	l->leg.mcu_first = b->first_leg;
	leg_dial_in(&l->leg, s, now);
	show_at_site(b, l);
	report(b, l, now);
}

bool
bridge_dial_in(struct bridge *b, struct site *s, int64_t now)
{
	if (s->leg || !site_reachable(s, now) || !bridge_api_up(b, now))
		return false;
	struct bridge_leg *l = b->kind->adopt(b, s, NULL, now);
	if (!l)
		return false;
	lab_log(now, "dial-in", b->plan->name, "site", s->plan->id, "conference", l->room, NULL);
	join(b, l, s, now);
	return true;
}

/* A person acts on a site at the MCU's own page. */
static void
operator_acts(struct bridge *b, struct bridge_leg *l, int64_t now)
{
	struct site *s = l->leg.site;
	if (!s || s->acted || l->leg.phase != PHASE_CONNECTED || s->plan->act == OPERATOR_NONE
		|| now < s->first_connect + s->plan->act_at)
		return;
	s->acted = true;
	lab_log(now, "operator", b->plan->name, "site", s->plan->id, NULL);
	switch (s->plan->act) {
	case OPERATOR_HANGS_UP:
		bridge_hang(b, l, now, b->kind->by_person);
		break;
	case OPERATOR_MUTES:
		bridge_mute(b, l, true, now, "operator");
		b->kind->changed(b, l, now);
		break;
	case OPERATOR_MOVES: {
		bridge_hang(b, l, now, b->kind->moved);
		struct bridge_leg *to = b->kind->adopt(b, s, l, now);
		if (to)
			join(b, to, s, now);
		break;
	}
	case OPERATOR_NONE:
		break;
	}
}

/* When it restarts; INT64_MAX: not, as far as is known. */
static int64_t
restart_at(const struct bridge *b)
{
	return b->plan->reboot_at == LAB_NEVER || !b->first_leg ? INT64_MAX
								: b->first_leg + b->plan->reboot_at;
}

static bool
restarting(const struct bridge *b, int64_t now)
{
	int64_t at = restart_at(b);
	return now >= at && now - at < BRIDGE_RESTART_MS;
}

bool
bridge_api_up(const struct bridge *b, int64_t now)
{
	if (restarting(b, now))
		return false;
	for (int i = 0; b->first_leg && i < b->plan->api_down.n; i++)
		if (now - b->first_leg >= b->plan->api_down.at[i].from
			&& now - b->first_leg < b->plan->api_down.at[i].to)
			return false;
	return true;
}

bool
bridge_serves(const struct bridge *b, int64_t now)
{
	fleet_lock();
	bool up = bridge_api_up(b, now);
	fleet_unlock();
	return up;
}

bool
bridge_is_called(const struct bridge *b, const char *name, const char *address)
{
	return name ? str_eq(b->plan->name, name) : strstr(address, b->plan->host) != NULL;
}

static void
restart(struct bridge *b, int64_t now)
{
	b->rebooted = true;
	b->started = restart_at(b);
	lab_log(now, "reboot", b->plan->name, NULL);
	for (size_t i = 0; i < b->legs.n; i++) {
		bridge_hang(b, b->legs.at[i], now, "restart");
		b->legs.at[i]->dead = true;
	}
	b->kind->restarted(b, now);
}

void
bridge_tick(struct bridge *b, int64_t now)
{
	size_t n = b->legs.n; /* legs added on the way are new: nothing to do for them yet */
	for (size_t i = 0; i < n; i++) {
		struct bridge_leg *l = b->legs.at[i];
		if (l->dead)
			continue;
		l->leg.mcu_first = b->first_leg;
		leg_advance(&l->leg, now);
		if (l->leg.phase != l->told) /* by itself, or hung up at the codec */
			report(b, l, now);
		if (!l->dead)
			operator_acts(b, l, now);
	}
	if (!b->rebooted && now >= restart_at(b))
		restart(b, now);
}

int
bridge_connected(const struct bridge *b)
{
	int n = 0;
	for (size_t i = 0; i < b->legs.n; i++)
		n += b->legs.at[i]->leg.phase == PHASE_CONNECTED;
	return n;
}

bool
bridge_fault(struct bridge *b)
{
	b->requests++;
	return b->plan->fault_every && b->requests % (unsigned)b->plan->fault_every == 0;
}
