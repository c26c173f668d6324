/* An MCU's list of legs: whose they are, and what a change in it means for a site. Pure part of
 * run.c; what changed is run_diff.c. */
#include "base/str.h"
#include "run_inner.h"
#include "schedules/sites.h"

#include <string.h>

struct run_leg *
mcu_leg(struct run_mcu *m, const char *id)
{
	for (size_t i = 0; m && i < m->legs.n; i++)
		if (str_eq(m->legs.at[i].leg.id, id))
			return &m->legs.at[i];
	return NULL;
}

struct run_leg *
mcu_leg_add(struct run *r, struct run_mcu *m, const struct leg *leg, int site)
{
	struct run_leg *l = vec_add_in(r->arena, &m->legs);

	l->leg = *leg;
	l->site = site;
	l->since = r->now;
	return l;
}

/* The handle of a site's leg, or of its leg by a fallback: "chu-tuc", "chu-tuc~2". */
static bool
is_leg_name(const char *handle, const char *name)
{
	size_t n = strlen(handle);

	return strncmp(handle, name, n) == 0 &&
	       (name[n] == '\0' || (name[n] == '~' && name[n + 1] && !name[n + 2]));
}

/* Whose leg is it: the handle we gave, then the address; never the shown name alone. */
int
list_leg_owner(const struct run *r, const struct run_mcu *m, const struct leg *leg)
{
	for (size_t i = 0; leg->configured && i < m->sites_n; i++)
		if (is_leg_name(r->spec->sites[m->sites[i]].leg_name, leg->name))
			return m->sites[i];
	for (size_t i = 0; i < m->sites_n && (size_t)m->sites[i] < r->spec->sites_n; i++) {
		const struct spec_site *s = &r->spec->sites[m->sites[i]];

		for (int a = 0; a < 2; a++)
			if (sites_same_address(s->address[a], leg->address) ||
				sites_same_address(s->address[a], leg->remote_ip))
				return m->sites[i];
	}
	return cascade_from_below(r, m, leg);
}

bool
list_is_its_leg(const struct run_site *s, const struct run_mcu *m, const char *id)
{
	return s->mcu == m->index && str_eq(s->leg_id, id);
}

static bool
is_second_leg(const struct run_site *s, const struct run_mcu *m, const struct leg *leg)
{
	return s->phase == SITE_UP && !list_is_its_leg(s, m, leg->id);
}

/* It is up here, while the MCU that carried it has not answered for a while: a box takes one call,
 * so that leg is gone. Should the other MCU list it again, it is a second one. */
static void
take_from_silent_mcu(struct run *r, struct run_mcu *m, struct run_site *s, int64_t seq)
{
	struct run_mcu *old = run_mcu_of(r, s);
	struct run_leg *l = mcu_leg(old, s->leg_id);

	if (s->phase != SITE_UP || !old || old == m || old->phase != MCU_LOST)
		return;
	if (l)
		l->leg.state = LEG_GONE;
	site_down(r, s, &(struct ending){ .cause = CAUSE_MCU, .device_words = "up on another MCU" },
		ENDED_MCU, seq);
}

/* It is up here, and another MCU had it a moment ago: perhaps it moved, and that list is old. Asked
 * again, it tells whether this one is a second leg. True: wait. */
static bool
may_have_moved(struct run *r, struct run_mcu *m, struct run_leg *l, const struct run_site *s)
{
	struct run_mcu *had = run_mcu_of(r, s);

	if (s->phase != SITE_UP || !had || had == m || had->phase != MCU_READY)
		return false;
	if (!l->doubted) {
		l->doubted = r->now;
		had->next_poll = had->next_poll ? r->now : 0;
	} else if (had->list_asked > l->doubted) {
		return false;
	}
	l->leg.state = LEG_RINGING; /* for us: looked at anew in the next list */
	return true;
}

/* It came in here by itself while another MCU dials it: that dial is taken back. */
static void
take_back_dial(struct run *r, struct run_mcu *m, struct run_site *s, struct orders *out)
{
	if (s->phase != SITE_DIALING || s->mcu == m->index || !s->leg_id[0] || s->dial_under_way)
		return;
	struct order *o = run_order_leg(r, out, VERB_HANGUP, s);

	o->urgent = true;
}

/* Two legs of one site: the one that was up first is kept. */
static void
drop_second(struct run *r, struct run_mcu *m, struct run_site *s, const struct leg *leg,
	int64_t seq, struct orders *out)
{
	struct order *o = run_order_mcu(r, out, VERB_HANGUP, m);

	o->leg = *leg;
	o->urgent = true;
	str_copy(o->site, sizeof o->site, s->spec->id);
	run_note(r, seq, "second-leg", "%s: a second leg was hung up", s->spec->name);
}

/* Why a leg ended, told after it was seen gone: its presence is closed again, with the cause, at
 * the same instant. */
void
list_reason(struct run *r, const struct run_mcu *m, const struct run_leg *l,
	const struct ending *why, int64_t seq)
{
	struct run_site *s = &r->sites[l->site];
	struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;
	/* A goodbye that the MCU saw is worth more than what an uptime lets one guess. */
	bool goodbye = why->cause == CAUSE_SITE_HANGUP || why->cause == CAUSE_OUR_HANGUP;

	if (i && (i->to != l->gone_at || i->mcu != m->index))
		i = NULL;
	if (!i)
		site_failed_because(r, s, l->gone_at, why, seq);
	if (!i || s->phase == SITE_UP || (i->dead && why->cause == CAUSE_OUR_HANGUP) ||
		(i->ended_by != ENDED_UNKNOWN && !(goodbye && (i->uptime_seq || s->gone_by_codec))))
		return;
	i->uptime_seq = 0;
	i->ended_by = ENDED_OPEN;
	int64_t now = r->now;

	r->now = i->to;
	site_down(r, s, why, ENDED_OPEN, seq);
	r->now = now;
}

static void
ask_reason(struct run *r, struct run_mcu *m, const struct run_leg *l, struct orders *out)
{
	struct run_site *s = &r->sites[l->site];
	struct order *o = run_order_mcu(r, out, VERB_REASON, m);

	o->leg = l->leg;
	str_copy(o->site, sizeof o->site, s->spec->id);
	s->reason_under_way = true;
}

/* A dial that came to nothing, and the list did not say why: the MCU may know it by now. */
static void
ask_why_failed(struct run *r, struct run_mcu *m, struct run_leg *l, struct orders *out)
{
	if (l->leg.ending.cause != CAUSE_UNKNOWN || !(m->spec->evidence & EVIDENCE_END_REASON) ||
		l->reason_asked)
		return;
	l->reason_asked++;
	ask_reason(r, m, l, out);
}

/* It was there when that was asked for; what became of it while the answer was under way, the next
 * one tells. */
static void
seen_there(const struct run *r, struct run_site *s)
{
	struct interval *i = &s->intervals.at[s->intervals.n - 1];

	i->seen = r->asked > i->seen ? r->asked : i->seen;
}

/* Up again after its MCU was silent, and not dialled since: perhaps it is the leg of before, in
 * which by its codec's word it is not any more. Asked behind this list, the codec tells. True: not
 * up, or not yet. */
static bool
is_dead(struct run *r, struct run_mcu *m, struct run_leg *l, struct orders *out)
{
	struct run_site *s = &r->sites[l->site];

	if (!s->gone_by_codec || s->phase != SITE_AWAY || s->endpoint_final ||
		!list_is_its_leg(s, m, l->leg.id) || s->probe_silent > s->endpoint_seen ||
		(s->endpoint_in_call != NO && s->endpoint_seen > m->polled_at))
		return false;
	l->leg.state = LEG_GONE; /* for us: looked at anew in the next list */
	if (s->endpoint_seen > m->polled_at)
		run_order_leg(r, out, VERB_HANGUP, s)->urgent = true;
	else
		codec_ask_now(r, s);
	return true;
}

/* Up in the list before, and dialled again by its MCU in this one: it was gone in between. */
static void
leg_fell(struct run *r, struct run_mcu *m, struct run_leg *l, int64_t seq)
{
	static const struct ending fell = { .cause = CAUSE_UNKNOWN,
		.device_words = "dialled again" };
	struct run_site *s = &r->sites[l->site];

	if (!list_is_its_leg(s, m, l->leg.id) || !run_site_up(s))
		return;
	l->gone_at = r->now;
	site_down(r, s, &fell, ENDED_OPEN, seq);
	cause_of_last(r, s);
}

static void
leg_changed(struct run *r, struct run_mcu *m, struct run_leg *l, enum leg_state was, int64_t seq,
	struct orders *out)
{
	struct run_site *s = l->site >= 0 ? &r->sites[l->site] : NULL;

	if (l->below) {
		cascade_end_told(r, m, l, seq);
		return;
	}
	if (!s)
		return; /* not invited: run_extra.c */
	if (was == LEG_UP && l->leg.state < LEG_UP)
		leg_fell(r, m, l, seq);
	if (was != l->leg.state) {
		switch (l->leg.state) {
		case LEG_NEW: case LEG_DIALING:
			break;
		case LEG_RINGING:
			if (s->mcu == m->index)
				site_ringing(r, s, seq);
			break;
		case LEG_UP:
			if (is_dead(r, m, l, out))
				return;
			take_from_silent_mcu(r, m, s, seq);
			if (may_have_moved(r, m, l, s))
				break;
			l->doubted = 0;
			if (is_second_leg(s, m, &l->leg)) {
				drop_second(r, m, s, &l->leg, seq, out);
				break;
			}
			take_back_dial(r, m, s, out);
			s->mcu = m->index;
			site_up(r, s, &l->leg, seq);
			/* Who dials in by himself comes in as the device likes; what comes from
			 * below must be heard above. */
			if (s->spec->lower)
				s->wanted_muted = NO;
			if (s->spec->lower && l->leg.muted == YES)
				steps_mute_site(r, s, false, out);
			else if (!s->spec->lower && l->leg.incoming && l->leg.muted != YES &&
				 r->open_step && r->open_step->muted)
				steps_mute_site(r, s, true, out);
			break;
		case LEG_GONE:
			if (s->mcu != m->index ||
				(!str_eq(s->leg_id, l->leg.id) && s->phase == SITE_UP))
				break; /* its second leg, or one of before */
			l->gone_at = r->now;
			if (was == LEG_UP) {
				site_down(r, s, &l->leg.ending, ENDED_OPEN, seq);
			} else if (s->phase == SITE_DIALING) {
				site_failed(r, s, &l->leg.ending, seq);
				ask_why_failed(r, m, l, out);
			}
			break;
		}
	}
	if (was == LEG_GONE && l->leg.state == LEG_GONE && l->leg.ending.cause != CAUSE_UNKNOWN)
		list_reason(r, m, l, &l->leg.ending, seq);
	if (!run_site_up(s) || l->leg.state != LEG_UP || !list_is_its_leg(s, m, l->leg.id))
		return;
	seen_there(r, s);
	if (l->leg.muted != UNKNOWN && l->leg.muted != s->muted) {
		/* it was as we ordered, and changed without an order */
		bool settled = s->muted == s->wanted_muted;
		bool called = m->roll_site == s->index || r->now - m->roll_since < POLL_MS;

		if (settled && s->muted != UNKNOWN && s->wanted_muted != UNKNOWN &&
			l->leg.muted != s->wanted_muted && !called) {
			s->muted_by_person = true;
			run_note(r, seq, "changed-by-person", "%s: %s on the MCU", s->spec->name,
				l->leg.muted == YES ? "muted" : "unmuted");
		}
		s->muted = l->leg.muted;
	}
	site_came_from(r, s, l->leg.remote_ip);
	roll_keep_muted(r, s, out);
	if (l->leg.sampled) {
		media_feed(r, s, BY_MCU, &l->leg.media, r->now, seq);
		silent_level(r, s, &l->leg, seq);
		roll_level(r, s, &l->leg, seq, out);
		roll_uncalled(r, s, &l->leg, seq, out);
	}
}

void
mcu_look(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out)
{
	struct run_leg *l = mcu_leg(m, e->leg.id);

	m->look_under_way = false;
	r->asked = m->looked_at;
	m->next_look = r->now + LOOK_MS;
	if (e->code != OK || !l || l->leg.state != LEG_UP)
		return; /* the list tells what became of it */
	if (e->leg.state != LEG_UP) {
		m->next_poll = r->now;
		return;
	}
	/* Who it is was told by the list. */
	l->leg.muted = e->leg.muted;
	l->leg.sampled = e->leg.sampled;
	l->leg.media = e->leg.media;
	if (l->leg.sampled)
		l->sampled_at = r->now;
	leg_changed(r, m, l, LEG_UP, e->seq, out);
}

/* The MCU told of news: perhaps why a leg ended whose end the list does not show any more. */
void
list_news(struct run *r, struct run_mcu *m, struct orders *out)
{
	for (size_t i = 0; i < m->legs.n && (m->spec->evidence & EVIDENCE_END_REASON); i++) {
		struct run_leg *l = &m->legs.at[i];
		struct run_site *s = l->site >= 0 && !l->below ? &r->sites[l->site] : NULL;

		if (!s || !s->intervals.n || l->leg.state != LEG_GONE ||
			l->leg.ending.cause != CAUSE_UNKNOWN || s->reason_under_way ||
			s->phase == SITE_UP || r->now - l->gone_at > NEWS_REASON_MS ||
			l->reason_asked >= REASON_TIMES)
			continue;
		const struct interval *k = &s->intervals.at[s->intervals.n - 1];

		if (k->to != l->gone_at || k->ended_by != ENDED_UNKNOWN)
			continue;
		l->reason_asked++;
		ask_reason(r, m, l, out);
	}
}

static void
leg_vanished(struct run *r, struct run_mcu *m, struct run_leg *l, int64_t seq, struct orders *out)
{
	static const struct ending unknown = { .cause = CAUSE_UNKNOWN,
		.device_words = "no longer listed" };
	enum leg_state was = l->leg.state;

	l->leg.state = LEG_GONE;
	l->leg.ending = unknown;
	l->gone_at = r->now;
	if (l->site < 0 || l->below)
		return;
	struct run_site *s = &r->sites[l->site];

	if (!list_is_its_leg(s, m, l->leg.id))
		return;
	if (was == LEG_UP) {
		site_down(r, s, &unknown, ENDED_OPEN, seq);
		cause_of_last(r, s);
		if (s->intervals.at[s->intervals.n - 1].ended_by == ENDED_UNKNOWN)
			ask_reason(r, m, l, out);
	} else if (s->phase == SITE_DIALING) {
		site_failed(r, s, &unknown, seq);
		ask_why_failed(r, m, l, out);
	}
}

/* A leg of it on this MCU would be the one that we dialled, or that it came in with. */
static bool
is_awaited(const struct run_site *s, const struct run_mcu *m)
{
	return s->phase != SITE_UP && s->mcu == m->index;
}

/* What became of dials whose answers were lost: they made a leg, which is listed, or none. */
static void
settle_unknown(struct run *r, struct run_mcu *m)
{
	for (size_t i = 0; i < m->sites_n; i++) {
		struct run_site *s = &r->sites[m->sites[i]];
		bool listed = false;

		if (s->mcu != m->index || !s->unknown_since || m->polled_at < s->unknown_since)
			continue;
		for (size_t l = 0; l < m->legs.n; l++)
			listed =
				listed || (m->legs.at[l].site == s->index && !m->legs.at[l].below &&
						  m->legs.at[l].leg.state != LEG_GONE);
		if (listed)
			s->unknown_since = 0;
		else
			site_settle_unknown(r, s);
	}
}

void
list_told(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out)
{
	for (size_t i = 0; i < e->legs_n; i++) {
		struct run_leg *l = mcu_leg(m, e->legs[i].id);
		enum leg_state was = LEG_NEW;

		if (l) {
			was = l->leg.state;
			l->leg = e->legs[i];
		} else {
			l = mcu_leg_add(r, m, &e->legs[i], list_leg_owner(r, m, &e->legs[i]));
			if (l->site < 0 && (l->site = cascade_to_above(r, m, &e->legs[i])) >= 0)
				l->below = true;
		}
		if (l->site >= 0 && !l->below && l->leg.state != LEG_GONE &&
			is_awaited(&r->sites[l->site], m))
			str_copy(r->sites[l->site].leg_id, sizeof r->sites[l->site].leg_id,
				l->leg.id);
		if (l->leg.sampled)
			l->sampled_at = r->now;
		leg_changed(r, m, l, was, e->seq, out);
	}
	for (size_t i = 0; i < e->gone_n; i++) {
		struct run_leg *l = mcu_leg(m, e->gone[i]);

		if (l && l->leg.state != LEG_GONE)
			leg_vanished(r, m, l, e->seq, out);
	}
	/* Legs that did not change are still there. */
	for (size_t i = 0; i < m->legs.n; i++) {
		struct run_leg *l = &m->legs.at[i];

		if (l->leg.state == LEG_UP && l->site >= 0 && !l->below &&
			run_site_up(&r->sites[l->site]) &&
			list_is_its_leg(&r->sites[l->site], m, l->leg.id))
			seen_there(r, &r->sites[l->site]);
	}
	settle_unknown(r, m);
	extra_told(r, m, e->seq);
	m->reconcile = false;
	m->list_asked = m->polled_at;
}
