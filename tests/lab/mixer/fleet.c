/* fleet.h for real calls: the lab's FreeSWITCH asks here what becomes of a leg, and gets what SIP
 * and RTP showed. A site is its call; it lives until the conference has let go of the leg. Called
 * with the loop's lock held. Must never reckon a figure. */
#include "mixer.h"

#include "base/str.h"

#include <pthread.h>
#include <string.h>

enum { FLOWING_MS = 400 };

void
fleet_lock(void)
{
	re_thread_enter();
}

void
fleet_unlock(void)
{
	re_thread_leave();
}

/* Calls that are over, and that no leg holds any more, are forgotten. */
static void
sweep(void)
{
	for (struct le *le = list_head(&calls); le;) {
		struct call *k = le->data;
		le = le->next;
		if (k->ended_at && !k->site.leg)
			mem_deref(k);
	}
}

struct site *
fleet_find(const char *address)
{
	sweep();
	struct call *k = call_new(address);
	return k ? &k->site : NULL;
}

bool
site_powered(const struct site *s, int64_t now)
{
	return true;
}

bool
site_reachable(const struct site *s, int64_t now)
{
	return true;
}

int64_t
site_boot(const struct site *s, int64_t now)
{
	return 0;
}

static void
end_leg(struct leg *l, int64_t at, const char *why)
{
	l->phase = PHASE_DISCONNECTED;
	l->ended = at;
	l->why = why;
}

static void
attach(struct leg *l, struct site *s, int64_t now)
{
	struct call *k = call_of(s);
	l->site = s;
	l->dialed = now;
	l->connected = l->ended = l->alert_at = l->fail_at = l->connect_at = 0;
	l->why = l->fail_why = NULL;
	l->incoming = k->incoming;
	s->leg = l;
}

void
leg_dial(struct leg *l, struct site *s, int64_t now, bool busy_ports)
{
	if (!s || busy_ports) {
		l->site = NULL;
		l->dialed = now;
		end_leg(l, now, "portAllocationExceeded");
		if (s)
			call_hang(call_of(s));
		return;
	}
	attach(l, s, now);
	l->phase = PHASE_PROCEEDING;
	call_dial(call_of(s), now);
}

void
leg_dial_in(struct leg *l, struct site *s, int64_t now)
{
	attach(l, s, now);
	l->phase = PHASE_CONNECTED;
	l->connected = l->unmuted = s->first_connect = now;
}

void
leg_hang(struct leg *l, int64_t now, const char *why)
{
	if (l->phase == PHASE_DISCONNECTED || l->phase == PHASE_DORMANT)
		return;
	if (l->site)
		call_hang(call_of(l->site));
	end_leg(l, now, why);
}

bool
leg_advance(struct leg *l, int64_t now)
{
	enum phase before = l->phase;
	if (!l->site || l->phase == PHASE_DISCONNECTED)
		return false;
	struct call *k = call_of(l->site);
	call_watch(k, now);
	l->sip_port = k->sip_port;
	if (k->ringing_at && l->phase == PHASE_PROCEEDING) {
		l->phase = PHASE_ALERTING;
		l->alert_at = k->ringing_at;
	}
	if (k->answered_at && l->phase < PHASE_CONNECTED) {
		l->phase = PHASE_CONNECTED;
		l->connected = l->unmuted = l->site->first_connect = k->answered_at;
	}
	if (k->why)
		end_leg(l, k->ended_at, k->why);
	else if (l->phase < PHASE_CONNECTED && l->limit_ms && now - l->dialed >= l->limit_ms)
		leg_hang(l, now, "noAnswer");
	else if (l->phase == PHASE_CONNECTED && now - k->last_in >= l->keepalive_ms)
		leg_hang(l, now, "networkError");
	return l->phase != before;
}

void
leg_mute(struct leg *l, bool on, int64_t now)
{
	if (l->muted && !on)
		l->unmuted = now;
	l->muted = on;
}

void
leg_play(struct leg *l, const char *file, int64_t now)
{
	if (l->site)
		tone_set(&call_of(l->site)->tone, file);
}

/* Sound alone is mixed here: nobody has a screen. */
void
leg_show(struct leg *l, int64_t now)
{
}

void
leg_media(const struct leg *l, int64_t now, struct media *out)
{
	*out = (struct media){ .energy_mdb = -96000, .room_mdb = -96000, .is_counted = true };
	if (!l->site || !l->connected)
		return;
	const struct call *k = call_of(l->site);
	out->open = l->phase == PHASE_CONNECTED;
	out->flowing[0][0] = out->open && k->in > 0 && now - k->last_in < FLOWING_MS;
	out->flowing[0][1] = out->open;
	out->packets[0][0] = k->in;
	out->packets[0][1] = k->out;
	out->lost[0][0] = k->lost_seq;
	out->live_ms = k->live_ticks * FRAME_MS;
	out->energy_mdb = out->room_mdb = k->energy_mdb;
	if (k->in + k->lost_seq > 0)
		out->loss_permille = (int)(k->lost_seq * 1000 / (k->in + k->lost_seq));
	out->counted = k->counted;
}

const char *
phase_name(enum phase p)
{
	static const char *const names[] = { "dormant", "proceeding", "alerting", "connected",
		"disconnected" };
	return names[p];
}
