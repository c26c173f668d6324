/* The sites and their legs. Called by the simulated MCUs (codian_*.c), by the simulated codecs
 * (polycom*.c) and by the lab's ticker, all under one lock. Owns the sites; legs belong to the
 * MCUs.
 * Whoever takes the lock finds the fleet as it is now, not as the ticker left it: on a busy machine
 * that may be long ago, and a device would answer from before and from now at once.
 * A leg is planned when it is dialled and then only compared with the clock: its transitions happen
 * at the planned instants whenever somebody looks, so figures do not depend on how often anybody
 * does.
 * Must never open a socket or ask the time. */
#include "fleet.h"

#include "base/str.h"

#include <pthread.h>
#include <string.h>

enum { AUDIO_PER_S = 50, VIDEO_PER_S = 100 };

static struct site *sites;
static size_t sites_n;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static fleet_follow_fn *bring_to_present;

void
fleet_open(const struct scenario *s, struct arena *a, int64_t now)
{
	sites_n = s->sites.n;
	sites = arena_alloc(a, (sites_n + 1) * sizeof *sites);
	for (size_t i = 0; i < sites_n; i++)
		sites[i] = (struct site){ .plan = &s->sites.at[i], .lab_start = now, .calls = 33,
			.mic_muted = s->sites.at[i].muted_by_setting };
}

void
fleet_lock(void)
{
	pthread_mutex_lock(&lock);
	if (bring_to_present)
		bring_to_present();
}

void
fleet_follow(fleet_follow_fn *fn)
{
	pthread_mutex_lock(&lock);
	bring_to_present = fn;
	pthread_mutex_unlock(&lock);
}

void
fleet_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

struct site *
fleet_site(size_t i)
{
	return i < sites_n ? &sites[i] : NULL;
}

static const char *
skip_scheme(const char *address)
{
	return str_starts(address, "h323:")  ? address + 5
	       : str_starts(address, "sip:") ? address + 4
					     : address;
}

struct site *
fleet_find(const char *address)
{
	const char *want = skip_scheme(address);
	const char *at = strchr(want, '@');
	const char *host = at ? at + 1 : want;
	size_t host_n = strcspn(host, ":;");
	for (size_t i = 0; i < sites_n; i++) {
		const char *own = skip_scheme(sites[i].plan->address);
		if (str_eq_nocase(own, want))
			return &sites[i];
		if (strlen(sites[i].plan->ip) == host_n &&
			strncmp(sites[i].plan->ip, host, host_n) == 0)
			return &sites[i];
	}
	return NULL;
}

/* The span of `s`, counted from `origin`, that holds `now`; NULL: none. */
static const struct span *
within(const struct spans *s, int64_t origin, int64_t now)
{
	if (!origin)
		return NULL;
	for (int i = 0; i < s->n; i++)
		if (now - origin >= s->at[i].from && now - origin < s->at[i].to)
			return &s->at[i];
	return NULL;
}

bool
site_powered(const struct site *s, int64_t now)
{
	const struct lab_site *p = s->plan;
	if (p->answer == ANSWER_OFF && p->on_at == LAB_NEVER)
		return false;
	if (p->on_at != LAB_NEVER && now < s->lab_start + p->on_at)
		return false;
	return !within(&p->power, s->first_connect, now);
}

bool
site_reachable(const struct site *s, int64_t now)
{
	return site_powered(s, now) && !within(&s->plan->drop, s->first_connect, now);
}

bool
site_away(const struct site *s, int64_t now)
{
	return within(&s->plan->away, s->first_connect, now) != NULL;
}

int64_t
site_boot(const struct site *s, int64_t now)
{
	/* Some hours or days before the lab began, different for each box. */
	int64_t boot = s->lab_start - (2 * 3600 + 420 * (int64_t)s->plan->ordinal
		+ (s->plan->ordinal % 5) * 86400LL) * 1000;
	if (s->plan->on_at != LAB_NEVER)
		boot = s->lab_start + s->plan->on_at;
	for (int i = 0; s->first_connect && i < s->plan->power.n; i++) {
		const struct span *cut = &s->plan->power.at[i];
		if (cut->to != INT64_MAX && now >= s->first_connect + cut->to &&
			s->first_connect + cut->to > boot)
			boot = s->first_connect + cut->to;
	}
	return boot;
}

static void
plan_failure(struct leg *l, int64_t after, const char *why)
{
	l->connect_at = 0;
	l->fail_at = l->dialed + after;
	l->fail_why = why;
}

/* What comes of a call that begins at l->dialed. */
static void
plan_call(struct leg *l, bool busy_ports)
{
	const struct site *s = l->site;
	bool sip = s && str_starts(s->plan->address, "sip:");
	l->alert_at = 0;
	if (busy_ports) {
		/* MCU API, disconnectReason portAllocationExceeded: no port was left */
		plan_failure(l, 200, "portAllocationExceeded");
		return;
	}
	if (!s || l->mcu->cut_off || within(&l->mcu->uplink_down, l->mcu_first, l->dialed)) {
		plan_failure(l, LAB_UNREACHABLE_MS, "destinationUnreachable");
		return;
	}
	if (s->plan->answer == ANSWER_WRONG_ADDRESS) {
		/* MCU API, disconnectReason: a number the gatekeeper does not know, a name DNS does
		 * not know */
		plan_failure(l, 1000, sip ? "dnsFailed" : "noGatekeeperForDN");
		return;
	}
	if (!site_reachable(s, l->dialed)) {
		plan_failure(l, LAB_UNREACHABLE_MS, "destinationUnreachable");
		return;
	}
	if ((s->leg && s->leg != l) || s->plan->answer == ANSWER_BUSY) {
		plan_failure(l, 1500, "busy");
		return;
	}
	if (s->plan->answer == ANSWER_REJECTED) {
		plan_failure(l, 1500, "rejected");
		return;
	}
	l->alert_at = l->dialed + 800;
	if (s->plan->answer == ANSWER_INCOMPATIBLE) {
		plan_failure(l, 3000, "capabilityNegotiationError");
		return;
	}
	if (s->plan->answer == ANSWER_NOBODY || s->plan->auto_answer_off
		|| site_away(s, l->dialed)) {
		plan_failure(l, LAB_RINGING_MS, "noAnswer");
		return;
	}
	l->connect_at = l->alert_at + s->plan->answer_ms;
}

void
leg_dial(struct leg *l, struct site *s, int64_t now, bool busy_ports)
{
	l->site = s;
	l->phase = PHASE_PROCEEDING;
	l->incoming = false;
	l->dialed = now;
	l->connected = l->ended = l->fail_at = l->connect_at = l->sounded = l->shown = 0;
	l->why = l->fail_why = NULL;
	plan_call(l, busy_ports);
	if (s && !s->leg && l->alert_at) {
		s->leg = l;
		l->call_id = ++s->calls;
	}
}

static void
connect_leg(struct leg *l, int64_t at)
{
	l->phase = PHASE_CONNECTED;
	l->connected = l->unmuted = at;
	if (!l->site->first_connect)
		l->site->first_connect = at;
}

void
leg_dial_in(struct leg *l, struct site *s, int64_t now)
{
	l->site = s;
	l->incoming = true;
	l->dialed = now;
	l->ended = l->sounded = l->shown = 0;
	l->why = NULL;
	s->leg = l;
	l->call_id = ++s->calls;
	connect_leg(l, now);
}

/* What the box keeps of a call that is over; a box without power keeps nothing. */
static void
remember(const struct leg *l)
{
	struct site *s = l->site;
	int64_t cut = l->connected ? l->connected : l->dialed;
	for (int i = 0; s->first_connect && i < s->plan->power.n; i++)
		if (s->first_connect + s->plan->power.at[i].from >= cut &&
			s->first_connect + s->plan->power.at[i].from <= l->ended)
			return;
	struct past_call *p = &s->past[s->past_n++ % LAB_PAST_CALLS];
	*p = (struct past_call){ .call_id = l->call_id,
		.incoming = l->incoming,
		.dialed = l->dialed,
		.connected = l->connected,
		.ended = l->ended,
		.why = l->why,
		.name = s->call_name,
		.host = s->call_host };
	leg_media(l, l->ended, &p->media);
}

static void
end_leg(struct leg *l, int64_t at, const char *why)
{
	l->phase = PHASE_DISCONNECTED;
	l->ended = at;
	l->why = why;
	if (l->site && l->site->leg == l) {
		remember(l);
		l->site->leg = NULL;
	}
}

void
leg_hang(struct leg *l, int64_t now, const char *why)
{
	if (l->phase == PHASE_PROCEEDING || l->phase == PHASE_ALERTING ||
		l->phase == PHASE_CONNECTED)
		end_leg(l, now, why);
}

static void
earlier(int64_t at, const char *why, int64_t *end, const char **end_why)
{
	if (at < *end) {
		*end = at;
		*end_why = why;
	}
}

/* A stretch in which nothing arrives: the leg outlives it if it is shorter than the keep-alive. */
static void
end_by_silence(const struct leg *l, const struct spans *s, int64_t origin, bool always,
	int64_t *end, const char **why)
{
	int64_t patience = l->mcu->keep_ms   ? l->mcu->keep_ms
			   : l->keepalive_ms ? l->keepalive_ms
					     : LAB_KEEPALIVE_MS;
	for (int i = 0; origin && i < s->n; i++) {
		const struct span *sp = &s->at[i];
		int64_t from = origin + sp->from;
		if (from < l->connected)
			continue;
		if (always || sp->to == INT64_MAX || sp->to - sp->from >= patience)
			earlier(from + patience, "networkError", end, why);
	}
}

/* When and why a connected leg ends by what its site does; INT64_MAX: not. */
static int64_t
natural_end(const struct leg *l, const char **why)
{
	const struct site *s = l->site;
	int64_t end = INT64_MAX;
	for (int i = 0; i < s->plan->away.n; i++) {
		int64_t at = s->first_connect + s->plan->away.at[i].from;
		if (at >= l->connected)
			earlier(at, "remoteTeardown", &end, why);
	}
	end_by_silence(l, &s->plan->power, s->first_connect, true, &end, why);
	end_by_silence(l, &s->plan->drop, s->first_connect, false, &end, why);
	end_by_silence(l, &l->mcu->uplink_down, l->mcu_first, false, &end, why);
	return end;
}

bool
leg_advance(struct leg *l, int64_t now)
{
	enum phase before = l->phase;
	if (l->phase == PHASE_PROCEEDING && l->alert_at && now >= l->alert_at)
		l->phase = PHASE_ALERTING;
	if (l->phase == PHASE_PROCEEDING || l->phase == PHASE_ALERTING) {
		if (l->connect_at && now >= l->connect_at) {
			if (site_reachable(l->site, l->connect_at))
				connect_leg(l, l->connect_at);
			else
				end_leg(l, l->connect_at, "destinationUnreachable");
		} else if (l->fail_at && now >= l->fail_at) {
			end_leg(l, l->fail_at, l->fail_why);
		}
	}
	if (l->phase == PHASE_CONNECTED) {
		const char *why = NULL;
		int64_t end = natural_end(l, &why);
		if (now >= end)
			end_leg(l, end, why);
		/* A box that was started again knows nothing of a call that its MCU still lists. */
		else if (l->site->leg == l && site_powered(l->site, now) &&
			 site_boot(l->site, now) > l->connected)
			l->site->leg = NULL;
	}
	return l->phase != before;
}

void
leg_mute(struct leg *l, bool on, int64_t now)
{
	if (on && l->site && l->site->plan->mute_ignored)
		return;
	if (l->muted && !on)
		l->unmuted = now;
	l->muted = on;
}

/* How much of [a, b) the spans cover. */
static int64_t
covered(const struct spans *s, int64_t origin, int64_t a, int64_t b)
{
	int64_t sum = 0;
	for (int i = 0; origin && i < s->n; i++) {
		int64_t from = origin + s->at[i].from;
		int64_t to = s->at[i].to == INT64_MAX ? INT64_MAX : origin + s->at[i].to;
		if (from < a)
			from = a;
		if (to > b)
			to = b;
		if (to > from)
			sum += to - from;
	}
	return sum;
}

/* How long media have flowed on the leg until `now`. */
static int64_t
live_ms(const struct leg *l, int64_t now)
{
	const struct site *s = l->site;
	int64_t end = l->ended && l->ended < now ? l->ended : now;
	/* a box that lost power never takes up the call again */
	for (int i = 0; i < s->plan->power.n; i++) {
		int64_t cut = s->first_connect + s->plan->power.at[i].from;
		if (cut >= l->connected && cut < end)
			end = cut;
	}
	if (s->plan->frozen_at != LAB_NEVER) {
		int64_t ice = s->first_connect + s->plan->frozen_at;
		if (ice >= l->connected && ice < end)
			end = ice;
	}
	if (end <= l->connected)
		return 0;
	int64_t live = end - l->connected -
		       covered(&s->plan->drop, s->first_connect, l->connected, end) -
		       covered(&l->mcu->uplink_down, l->mcu_first, l->connected, end);
	return live > 0 ? live : 0;
}

/* A small figure that wanders from second to second, the same whoever asks: 0..span-1. */
static int
wander(const struct leg *l, int64_t now, int span)
{
	uint32_t x =
		(uint32_t)(now / 500) * 2654435761u + (uint32_t)l->site->plan->ordinal * 40503u;
	x ^= x >> 15;
	x *= 2246822519u;
	x ^= x >> 13;
	return (int)(x % (uint32_t)span);
}

/* Somebody in the room speaks: so long after an unmute, a sound or a text. */
static bool
room_speaks(const struct leg *l, int64_t now)
{
	const struct lab_site *p = l->site->plan;
	const int64_t from[] = { p->speaks_ms == LAB_NEVER || l->muted ? 0
								       : l->unmuted + p->speaks_ms,
		p->hears_ms == LAB_NEVER || !l->sounded ? 0 : l->sounded + p->hears_ms,
		p->reads_ms == LAB_NEVER || !l->shown ? 0 : l->shown + p->reads_ms };
	for (size_t i = 0; i < sizeof from / sizeof *from; i++)
		if (from[i] && now >= from[i] && now < from[i] + p->speech_ms)
			return true;
	return false;
}

/* MCU API, audioRxEnergyMillidB: ends at -30 dB, so a quiet room is near -30000, not near minus
 * infinity */
static int
energy(const struct leg *l, int64_t now, bool arrives, bool muted)
{
	const struct lab_site *p = l->site->plan;
	if (!arrives || l->site->mic_muted)
		return -30000;
	int floor = p->floor_mdb + wander(l, now, 800) - 400;
	int level = floor;
	if (!muted && room_speaks(l, now)) {
		level = floor + 17000 + wander(l, now, 3000);
		int loud = -7000 + wander(l, now, 2500);
		if (loud > level)
			level = loud;
	}
	return level < -30000 ? -30000 : level > 0 ? 0 : level;
}

void
leg_media(const struct leg *l, int64_t now, struct media *out)
{
	*out = (struct media){ .energy_mdb = -30000, .room_mdb = -30000 };
	if (!l->connected || !l->site)
		return;
	static const int per_s[2] = { AUDIO_PER_S, VIDEO_PER_S };
	const struct lab_site *p = l->site->plan;
	out->open = l->phase == PHASE_CONNECTED;
	out->live_ms = live_ms(l, now);
	out->loss_permille = p->loss_permille;
	out->no_picture = p->no_picture;
	out->still = p->still_at != LAB_NEVER && now >= l->site->first_connect + p->still_at;
	out->kbps = p->kbps;
	bool moving = out->open && now > l->connected && live_ms(l, now) > live_ms(l, now - 1);
	for (int m = 0; m < 2; m++)
		for (int d = 0; d < 2; d++) {
			if (p->blocked[m][d] || (m && p->no_picture))
				continue;
			int64_t sent = out->live_ms * per_s[m] / 1000;
			out->lost[m][d] = sent * p->loss_permille / 1000;
			out->packets[m][d] = sent - out->lost[m][d];
			out->flowing[m][d] = moving && p->loss_permille < 1000;
		}
	out->energy_mdb = energy(l, now, out->flowing[0][0], l->muted);
	out->room_mdb = energy(l, now, out->flowing[0][0], false);
}

int
leg_measured(const struct leg *l, int64_t now, int about, int salt)
{
	uint32_t x = (uint32_t)(now / 1000) * 2654435761u +
		     (uint32_t)l->site->plan->ordinal * 40503u + (uint32_t)salt * 97u;
	x ^= x >> 13;
	return about - about / 20 + (int)(x % (uint32_t)(about / 10));
}

/* Who hears it stands in the log; a site that `hears` answers it. */
void
leg_play(struct leg *l, const char *file, int64_t now)
{
	struct media md;
	leg_media(l, now, &md);
	if (md.flowing[0][1])
		l->sounded = now;
}

void
leg_show(struct leg *l, int64_t now)
{
	struct media md;
	leg_media(l, now, &md);
	if (md.flowing[1][1])
		l->shown = now;
}

const char *
phase_name(enum phase p)
{
	switch (p) {
	case PHASE_DORMANT: return "dormant";
	case PHASE_PROCEEDING: return "proceeding";
	case PHASE_ALERTING: return "alerting";
	case PHASE_CONNECTED: return "connected";
	case PHASE_DISCONNECTED: return "disconnected";
	}
	return "dormant";
}
