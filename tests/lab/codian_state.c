/* What the simulated MCU remembers: conferences, participants, revisions; and what people do on its
 * own page. Called by the methods (codian_methods.c, codian_people.c) and the lab's ticker under
 * the fleet's lock. Owns conferences and participants until the process ends. Must never speak on a
 * socket. */
#include "codian.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf *
mcu_conf(const struct mcu *m, const char *name)
{
	for (size_t i = 0; i < m->confs.n; i++)
		if (str_eq(m->confs.at[i]->name, name))
			return m->confs.at[i];
	return NULL;
}

struct conf *
mcu_conf_add(struct mcu *m, const char *name, int64_t now)
{
	struct conf *c = xalloc(sizeof *c);
	str_copy(c->name, sizeof c->name, name);
	str_copy(c->layout, sizeof c->layout, "default");
	c->id = ++m->next_uid;
	m->revision++;
	c->active = true;
	c->started = now;
	*vec_add(&m->confs) = c;
	lab_log(now, "conference", m->plan->name, "conference", name, NULL);
	codian_tell(m, CODIAN_STARTED);
	return c;
}

struct site *(*mcu_trunk)(struct mcu *m, struct part *p, int64_t now);

static void
touch(struct mcu *m, struct part *p)
{
	p->rev = ++m->revision;
}

static void
log_part(struct mcu *m, const struct part *p, int64_t now, const char *event, const char *why)
{
	lab_log(now, event, m->plan->name, "site", p->leg.site ? p->leg.site->plan->id : NULL,
		"conference", p->conf->name, "participant", p->name, "address", p->address, "why",
		why, NULL);
	if (str_eq(event, "connected") || str_eq(event, "disconnected"))
		codian_tell(m, str_eq(event, "connected") ? CODIAN_JOINED : CODIAN_LEFT);
}

static void
kill_part(struct mcu *m, struct part *p, int64_t now)
{
	p->dead = true;
	p->dead_at = now;
	touch(m, p);
}

struct part *
mcu_part(const struct mcu *m, const struct conf *c, const char *name, const char *protocol,
	const char *type)
{
	for (size_t i = 0; i < m->parts.n; i++) {
		struct part *p = m->parts.at[i];
		if (p->dead || p->conf != c || !str_eq(p->name, name))
			continue;
		if ((str_empty(protocol) || str_eq(p->protocol, protocol))
			&& (str_empty(type) || str_eq(p->type, type)))
			return p;
	}
	return NULL;
}

struct part *
mcu_part_add(struct mcu *m, struct conf *c, const char *name)
{
	struct part *p = xalloc(sizeof *p);
	p->uid = ++m->next_uid;
	p->conf = c;
	p->leg.mcu = m->plan;
	str_copy(p->name, sizeof p->name, name);
	str_copy(p->display, sizeof p->display, name);
	str_copy(p->protocol, sizeof p->protocol, "h323");
	str_copy(p->type, sizeof p->type, "by_address");
	str_copy(p->layout, sizeof p->layout, "default");
	*vec_add(&m->parts) = p;
	touch(m, p);
	return p;
}

/* The leg changed by itself: say so. */
static void
report(struct mcu *m, struct part *p, int64_t now)
{
	touch(m, p);
	p->told = p->leg.phase;
	if (p->leg.phase == PHASE_CONNECTED) {
		if (!m->first_leg)
			m->first_leg = p->leg.connected;
		p->leg.mcu_first = m->first_leg;
		log_part(m, p, p->leg.connected, "connected", NULL);
	} else if (p->leg.phase == PHASE_DISCONNECTED) {
		log_part(m, p, p->leg.ended, "disconnected", p->leg.why);
		/* MCU API, traps: what was not added through the API vanishes when it ends */
		if (!p->by_api)
			kill_part(m, p, now);
	}
}

static int
ports_used(const struct mcu *m)
{
	int n = 0;
	for (size_t i = 0; i < m->parts.n; i++) {
		enum phase ph = m->parts.at[i]->leg.phase;
		n += ph == PHASE_PROCEEDING || ph == PHASE_ALERTING || ph == PHASE_CONNECTED;
	}
	return n;
}

void
mcu_part_dial(struct mcu *m, struct part *p, int64_t now)
{
	bool full = ports_used(m) >= m->plan->ports;
	struct site *s = fleet_find(p->address);
	if (!s && mcu_trunk)
		s = mcu_trunk(m, p, now);
	bool ignored = s && s->plan->mute_ignored;
	p->leg.muted = (p->muted_configured || p->conf->join_muted) && !ignored;
	p->leg.mcu_first = m->first_leg;
	leg_dial(&p->leg, s, now, full);
	if (s && s->leg == &p->leg) {
		s->call_name = p->conf->name;
		s->call_host = m->plan->host;
	}
	p->told = p->leg.phase;
	touch(m, p);
	log_part(m, p, now, "dial", s && s->leg && s->leg != &p->leg ? "already in a call" : NULL);
}

void
mcu_part_hang(struct mcu *m, struct part *p, int64_t now, const char *why)
{
	enum phase before = p->leg.phase;
	leg_hang(&p->leg, now, why);
	if (p->leg.phase != before)
		report(m, p, now);
}

void
mcu_part_remove(struct mcu *m, struct part *p, int64_t now)
{
	mcu_part_hang(m, p, now, "disconnectAll");
	if (!p->dead)
		kill_part(m, p, now);
	log_part(m, p, now, "remove", NULL);
}

void
mcu_conf_end(struct mcu *m, struct conf *c, int64_t now, bool forget)
{
	for (size_t i = 0; i < m->parts.n; i++)
		if (m->parts.at[i]->conf == c && !m->parts.at[i]->dead)
			mcu_part_remove(m, m->parts.at[i], now);
	c->active = false;
	m->revision++;
	codian_tell(m, CODIAN_FINISHED);
	if (forget) /* its name may be used again; participants still point at it */
		c->name[0] = '\0';
}

void
mcu_part_mute(struct mcu *m, struct part *p, bool on, int64_t now, const char *by)
{
	if (p->leg.muted != on)
		log_part(m, p, now, on ? "mute" : "unmute", by);
	leg_mute(&p->leg, on, now);
	touch(m, p);
}

bool
mcu_dial_in(struct mcu *m, struct site *s, int64_t now)
{
	struct conf *c = NULL;
	for (size_t i = 0; i < m->confs.n; i++)
		if (m->confs.at[i]->active)
			c = m->confs.at[i];
	if (!c || s->leg || !site_reachable(s, now) || !mcu_api_up(m, now))
		return false;
	mcu_join(m, c, s, now);
	return true;
}

void
mcu_join(struct mcu *m, struct conf *c, struct site *s, int64_t now)
{
	char name[160];
	snprintf(name, sizeof name, "part_%lld", (long long)m->next_uid + 1);
	struct part *p = mcu_part_add(m, c, name);
	/* MCU API: an incoming participant is ad_hoc, called by a name of the box's own making */
	str_copy(p->type, sizeof p->type, "ad_hoc");
	str_copy(p->protocol, sizeof p->protocol,
		str_starts(s->plan->address, "sip:") ? "sip" : "h323");
	str_copy(p->display, sizeof p->display, s->plan->name);
	const char *colon = strchr(s->plan->address, ':');
	str_copy(p->address, sizeof p->address, colon ? colon + 1 : s->plan->address);
	leg_dial_in(&p->leg, s, now);
	p->leg.muted = c->join_muted && !s->plan->mute_ignored;
	s->call_name = c->name;
	s->call_host = m->plan->host;
	log_part(m, p, now, "dial-in", NULL);
	report(m, p, now);
}

/* A person moved it to another conference on the MCU's page. */
static void
move_part(struct mcu *m, struct part *p, int64_t now)
{
	struct site *s = p->leg.site;
	struct conf *c = mcu_conf(m, "phong khac");
	if (!c) {
		c = mcu_conf_add(m, "phong khac", now);
		c->active = false; /* nobody dials in here */
	}
	mcu_part_hang(m, p, now, "moved");
	struct part *q = mcu_part_add(m, c, p->name);
	str_copy(q->protocol, sizeof q->protocol, p->protocol);
	str_copy(q->address, sizeof q->address, p->address);
	leg_dial_in(&q->leg, s, now);
	q->leg.incoming = false;
	q->by_api = true;
	s->call_name = c->name;
	report(m, q, now);
}

/* A person acts on a site at the MCU's own web page. */
static void
operator_acts(struct mcu *m, struct part *p, int64_t now)
{
	struct site *s = p->leg.site;
	if (!s || s->acted || p->leg.phase != PHASE_CONNECTED || s->plan->act == OPERATOR_NONE
		|| now < s->first_connect + s->plan->act_at)
		return;
	s->acted = true;
	lab_log(now, "operator", m->plan->name, "site", s->plan->id, NULL);
	switch (s->plan->act) {
	case OPERATOR_HANGS_UP:
		mcu_part_hang(m, p, now, "disconnectAll");
		break;
	case OPERATOR_MUTES:
		mcu_part_mute(m, p, true, now, "operator");
		break;
	case OPERATOR_MOVES:
		move_part(m, p, now);
		break;
	case OPERATOR_NONE:
		break;
	}
}

bool
mcu_restarting(const struct mcu *m, int64_t now)
{
	if (m->plan->reboot_at == LAB_NEVER || !m->first_leg)
		return false;
	int64_t at = m->first_leg + m->plan->reboot_at;
	return now >= at && now < at + CODIAN_RESTART_MS;
}

/* A restart forgets conferences and calls; the sites see the call drop. */
static void
restart(struct mcu *m, int64_t now)
{
	m->rebooted = true;
	m->started = m->first_leg + m->plan->reboot_at;
	lab_log(now, "reboot", m->plan->name, NULL);
	for (size_t i = 0; i < m->confs.n; i++)
		mcu_conf_end(m, m->confs.at[i], now, true);
	for (size_t i = 0; i < m->parts.n; i++) /* and no trace of the dead */
		m->parts.at[i]->dead_at = INT64_MIN / 2;
	m->revision = 0;
	codian_tell(m, CODIAN_RESTART); /* MCU API, feedback events: when it starts up; it is away
					 * until then */
}

bool
mcu_api_up(const struct mcu *m, int64_t now)
{
	if (mcu_restarting(m, now))
		return false;
	for (int i = 0; m->first_leg && i < m->plan->api_down.n; i++)
		if (now - m->first_leg >= m->plan->api_down.at[i].from
			&& now - m->first_leg < m->plan->api_down.at[i].to)
			return false;
	return true;
}

void
mcu_tick(struct mcu *m, int64_t now)
{
	size_t n = m->parts.n; /* parts added on the way are new: nothing to do for them yet */
	for (size_t i = 0; i < n; i++) {
		struct part *p = m->parts.at[i];
		if (p->dead)
			continue;
		p->leg.mcu_first = m->first_leg;
		leg_advance(&p->leg, now);
		if (p->leg.phase != p->told) /* by itself, or hung up at the codec */
			report(m, p, now);
		if (!p->dead)
			operator_acts(m, p, now);
	}
	if (!m->rebooted && mcu_restarting(m, now))
		restart(m, now);
}
