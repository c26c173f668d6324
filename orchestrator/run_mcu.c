/* One MCU through a run: its conference, the questions for its list, its failures and its end. Pure
 * part of run.c. What a change in the list means is run_list.c. */
#include "base/str.h"
#include "run_inner.h"

#include <stdlib.h>
#include <string.h>

static bool
ready(struct run *r, struct run_mcu *m)
{
	bool first = !m->ever_ready;

	m->phase = MCU_READY;
	m->ever_ready = true;
	if (m->down)
		m->away_to = r->now;
	m->last_seen = r->now;
	if (m->noted && !first)
		run_note(r, m->fail_seq, "mcu-back", "%s answers again", m->spec->name);
	m->noted = m->down = false;
	return first;
}

static void
open_conference(struct run *r, struct run_mcu *m, struct orders *out)
{
	bool attach = r->open_step && r->open_step->attach;
	struct order *o = run_order_mcu(r, out, attach ? VERB_FIND : VERB_START, m);

	str_copy(o->conference_name, sizeof o->conference_name,
		r->open_step && !str_empty(r->open_step->conference) ? r->open_step->conference
								     : r->spec->conference);
	o->on = !r->open_step || r->open_step->muted;
	if (r->open_step && !str_empty(r->open_step->layout) && !m->without_layout)
		str_copy(o->layout, sizeof o->layout, r->open_step->layout);
	o->kbps = r->open_step ? r->open_step->kbps : 0;
	for (size_t i = 0; i < r->legs_n; i++)
		o->ports += r->spec->sites[i].mcu == m->index ||
			    r->spec->sites[i].lower == m->index + 1 ||
			    (m->reserve && r->spec->sites[i].mcu2 == m->index + 1);
	m->phase = MCU_OPENING;
	m->open_under_way = true;
	m->next_open = 0;
}

void
mcu_want(struct run *r, struct run_mcu *m)
{
	if (m->phase != MCU_CLOSED || m->next_open || m->open_under_way || m->spec->disabled ||
		r->closing)
		return;
	m->next_open = r->now;
	for (size_t i = r->spec->sites_n; i < r->legs_n; i++)
		if (r->spec->sites[i].lower == m->index + 1 && r->spec->sites[i].mcu >= 0)
			mcu_want(r, &r->mcus[r->spec->sites[i].mcu]);
}

bool
mcu_failed(const struct run_mcu *m)
{
	return m->phase == MCU_REFUSED || m->spec->disabled || (m->down && m->phase != MCU_READY);
}

static bool
can_look(const struct run_mcu *m)
{
	return m->spec->evidence & EVIDENCE_ONE_LEG;
}

static void
look(struct run *r, struct run_mcu *m, struct orders *out)
{
	struct order *o = run_order_leg(r, out, VERB_LOOK, &r->sites[m->roll_site]);

	o->timeout_ms = 5000;
	m->look_under_way = true;
	m->looked_at = r->now;
	m->next_look = 0;
}

static void
poll_list(struct run *r, struct run_mcu *m, struct orders *out)
{
	struct order *o = run_order_mcu(r, out, VERB_ROSTER, m);

	o->timeout_ms = 15000;
	m->poll_under_way = true;
	m->polled_at = r->now;
	m->next_poll = 0;
}

void
mcu_work(struct run *r, struct run_mcu *m, struct orders *out)
{
	if (r->finished)
		return;
	if (m->next_end && m->next_end <= r->now)
		mcu_close(r, m, out);
	if (m->phase == MCU_CLOSED && m->next_open && m->next_open <= r->now &&
		!m->open_under_way && !r->closing)
		open_conference(r, m, out);
	if ((m->phase == MCU_READY || m->phase == MCU_LOST) && m->next_poll &&
		m->next_poll <= r->now && !m->poll_under_way)
		poll_list(r, m, out);
	if (m->phase == MCU_READY && m->roll_site >= 0 && can_look(m) && !m->look_under_way &&
		m->next_look <= r->now)
		look(r, m, out);
}

int64_t
mcu_wake(const struct run *r, const struct run_mcu *m)
{
	int64_t wake = m->next_end ? m->next_end : INT64_MAX;

	if (m->silent_until && m->phase == MCU_READY && m->silent_until < wake)
		wake = m->silent_until;
	if (m->phase == MCU_CLOSED && m->next_open && !m->open_under_way && !r->closing &&
		m->next_open < wake)
		wake = m->next_open;
	if ((m->phase == MCU_READY || m->phase == MCU_LOST) && m->next_poll && !m->poll_under_way &&
		m->next_poll < wake)
		wake = m->next_poll;
	if (m->roll_site >= 0 && m->phase == MCU_READY) {
		int64_t message = m->roll_message_sent ? m->roll_until : sound_text_at(r, m);

		if (message < wake)
			wake = message;
		if (can_look(m) && !m->look_under_way && m->next_look < wake)
			wake = m->next_look;
	}
	return wake;
}

/* The MCU could not do what was asked; sites behind it are not accused. */
static void
failed(struct run *r, struct run_mcu *m, const struct event *e)
{
	const char *word = e->word[0]		 ? e->word
			   : e->code == ERR_AUTH ? "login-refused"
						 : "mcu-unreachable";

	str_copy(m->word, sizeof m->word, word);
	str_copy(m->why, sizeof m->why, e->why);
	m->fail_seq = e->seq;
	if (!m->down && e->code != ERR_GONE && e->code != ERR_BUSY) {
		m->down = true;
		m->away_from = m->last_seen;
		m->away_to = 0;
	}
	if (e->code == ERR_AUTH) {
		m->phase = MCU_REFUSED;
		run_note(r, e->seq, str_eq(word, "login-refused") ? "mcu-login-refused" : word,
			"%s: %s", m->spec->name, e->why);
		return;
	}
	if (!m->noted)
		run_note(r, e->seq, e->code == ERR_BUSY ? "mcu-busy" : "mcu-unreachable", "%s: %s",
			m->spec->name, e->why);
	m->noted = true;
}

static void
start_answered(struct run *r, struct run_mcu *m, const struct event *e)
{
	m->open_under_way = false;
	if (e->code == OK) {
		m->conference = e->conference;
		m->have_conference = true;
		m->created = m->created || e->conference.created || m->start_unanswered;
		m->start_unanswered = false;
		m->opened_at = r->now;
		m->reconcile = true; /* there may be legs already: read before dialling */
		ready(r, m);
		m->next_poll = r->now;
		return;
	}
	m->phase = MCU_CLOSED;
	if (e->code == ERR_UNSUPPORTED && r->open_step && !str_empty(r->open_step->layout) &&
		!m->without_layout) {
		/* A layout that it does not have keeps nobody from meeting. */
		run_note(r, e->seq, "unsupported", "%s: %s", m->spec->name, e->why);
		m->without_layout = true;
		m->next_open = r->now;
		return;
	}
	failed(r, m, e);
	if (e->code == ERR_TIMEOUT || e->code == ERR_PROTOCOL)
		m->start_unanswered = true;
	if (m->phase == MCU_CLOSED)
		m->next_open = r->now + (e->code == ERR_GONE ? POLL_MS : REOPEN_MS);
}

static void
all_legs_gone(struct run *r, struct run_mcu *m, enum ended_by by, const char *words, int64_t seq)
{
	struct ending ending = { .cause = CAUSE_MCU };

	str_copy(ending.device_words, sizeof ending.device_words, words);
	for (size_t i = 0; i < m->legs.n; i++) {
		struct run_leg *l = &m->legs.at[i];

		if (l->leg.state == LEG_GONE)
			continue;
		enum leg_state was = l->leg.state;

		l->leg.state = LEG_GONE;
		l->leg.ending = ending;
		if (l->site < 0 || l->below)
			continue;
		struct run_site *s = &r->sites[l->site];

		if (s->mcu != m->index)
			continue; /* another MCU carries it */
		if (was == LEG_UP)
			site_down(r, s, &ending, by, seq);
		else
			site_failed(r, s, &ending, seq);
	}
	extra_told(r, m, seq);
}

static void
end_answered(struct run *r, struct run_mcu *m, const struct event *e)
{
	bool later = e->code == ERR_BUSY || e->code == ERR_UNREACHABLE || e->code == ERR_TIMEOUT;

	if (later && m->end_tries < END_TRIES) { /* to end it twice does no harm, to leave it up
						  * does */
		m->next_end = r->now + ++m->end_tries * POLL_MS;
		return;
	}
	m->ending = false;
	if (e->code == OK || e->code == ERR_GONE) {
		all_legs_gone(r, m, ENDED_US, "conference ended", e->seq);
		m->phase = MCU_ENDED;
		return;
	}
	m->phase = MCU_ENDED;
	run_note(r, e->seq, "conference-not-ended", "%s: %s", m->spec->name, e->why);
}

/* "Later", or silence, to the unmute of the call under way: it is asked again while the call
 * lasts. */
static bool
unmute_again(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out)
{
	struct run_site *s = m->roll_site >= 0 ? &r->sites[m->roll_site] : NULL;

	if (!s || !str_eq(s->spec->id, e->site) || s->wanted_muted != NO || s->mute_repeats >= 3 ||
		r->now >= m->roll_until)
		return false;
	struct order *o = run_order_leg(r, out, VERB_MUTE, s);

	o->on = false;
	o->urgent = true;
	s->mute_repeats++;
	return true;
}

/* Answers to orders that are about an MCU, all but its list. */
void
mcu_answer(struct run *r, const struct event *e, struct orders *out)
{
	struct run_mcu *m = run_mcu_named(r, e->device);
	int index = -1;

	if (!m)
		return;
	switch (e->verb) {
	case VERB_START: case VERB_FIND:
		start_answered(r, m, e);
		return;
	case VERB_END:
		end_answered(r, m, e);
		return;
	case VERB_MUTE:
		if ((e->code == ERR_BUSY || e->code == ERR_TIMEOUT) && unmute_again(r, m, e, out))
			return;
		if (e->code != OK && m->roll_site >= 0 && spec_site(r->spec, e->site, &index) &&
			index == m->roll_site && r->sites[index].wanted_muted == NO) {
			roll_unmute_failed(r, m, e);
		}
		return;
	case VERB_REASON: {
		if (spec_site(r->spec, e->site, &index))
			r->sites[index].reason_under_way = false;
		struct run_leg *l = mcu_leg(m, e->leg.id);

		if (l && l->site >= 0 && e->code == OK)
			list_reason(r, m, l, &e->ending, e->seq);
		return;
	}
	case VERB_PLAY:
		sound_answered(r, m, e);
		return;
	case VERB_MESSAGE: case VERB_LAYOUT: case VERB_FOCUS:
		if (e->verb == VERB_MESSAGE && e->code != OK && !e->site[0])
			silent_void(r, m, e->seq);
		if (e->verb == VERB_MESSAGE && e->code == OK)
			roll_asked(r, m, e);
		if (e->verb == VERB_MESSAGE && roll_text_to_all(r, m, e, out))
			return;
		/* "huyen: layout: no layout "x"": what was not done stands in the report, whatever
		 * the reason. */
		if (e->code != OK && e->code != ERR_CANCELED)
			run_note(r, e->seq,
				e->code == ERR_UNSUPPORTED ? "unsupported" : "order-failed",
				"%s: %s%s%s", m->spec->name, verb_name(e->verb),
				e->why[0] ? ": " : "", e->why);
		return;
	case VERB_HANGUP:
		m->next_poll = m->next_poll ? r->now : 0; /* what became of it is wanted now */
		if (e->code != OK && e->code != ERR_GONE && e->code != ERR_TIMEOUT)
			people_hangup_failed(r, e);
		if (e->code != OK && e->code != ERR_GONE)
			run_note(r, e->seq, "hangup-failed", "%s: %s", m->spec->name, e->why);
		return;
	case VERB_LOOK:
		mcu_look(r, m, e, out);
		return;
	case VERB_MEDIA:
		m->no_media = m->no_media || e->code == ERR_UNSUPPORTED;
		if (e->code == OK && spec_site(r->spec, e->site, &index) &&
			list_is_its_leg(&r->sites[index], m, e->leg.id) &&
			run_site_up(&r->sites[index]))
			media_note(r, &r->sites[index], BY_MCU, &e->media, r->now, e->seq);
		return;
	case VERB_PROBE:
		cause_told(r, m, e);
		return;
	case VERB_DIAL:
	case VERB_ROSTER:
	case VERB_STATUS:
	case VERB_IDENTIFY:
	case VERB_HISTORY:
	case VERB_N: return;
	}
}

/* It is made again: an MCU that was restarted forgets it, and not every list tells that. */
void
mcu_conference_gone(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out)
{
	run_note(r, e->seq, "conference-gone", "%s: %s", m->spec->name, e->why);
	cause_ask(r, m, out);
	cause_conference_gone(r, m);
	all_legs_gone(r, m, ENDED_MCU, "conference gone", e->seq);
	m->have_conference = false;
	m->phase = MCU_CLOSED;
	m->next_open = r->now;
}

void
mcu_roster(struct run *r, const struct event *e, struct orders *out)
{
	struct run_mcu *m = run_mcu_named(r, e->device);

	if (!m)
		return;
	m->poll_under_way = false;
	r->asked = m->polled_at;
	if (m->phase != MCU_READY && m->phase != MCU_LOST)
		return;
	m->next_poll = r->now + (m->poll_again ? NEWS_MS
					: m->silent_until || (m->roll_site >= 0 && !can_look(m))
						? POLL_ROLL_MS
						: POLL_MS);
	m->poll_again = false;
	bool was_lost = m->phase == MCU_LOST;

	switch (e->code) {
	case OK:
		if (was_lost)
			cause_ask(r, m, out);
		ready(r, m);
		list_told(r, m, e, out);
		if (was_lost)
			cause_stood(r, m);
		return;
	case ERR_GONE: mcu_conference_gone(r, m, e, out); return;
	case ERR_AUTH:
		failed(r, m, e);
		return;
	case ERR_BUSY: /* it answers, and says later */
		return;
	case ERR_UNREACHABLE:
	case ERR_TIMEOUT:
	case ERR_PROTOCOL:
	case ERR_SYSTEM:
	case ERR_REFUSED:
	case ERR_CANCELED:
	case ERR_UNSUPPORTED: case ERR_INPUT:
		failed(r, m, e);
		if (m->phase == MCU_READY)
			codec_mcu_lost(r, m);
		m->phase = MCU_LOST;
		m->next_poll = r->now + 2 * POLL_MS;
		return;
	}
}

/* Once more if it is being read just then. */
void
mcu_hurry(struct run *r, struct run_mcu *m)
{
	if (m->poll_under_way)
		m->poll_again = true;
	else if (m->next_poll > r->now && m->next_poll > m->polled_at + NEWS_MS)
		m->next_poll = m->polled_at + NEWS_MS > r->now ? m->polled_at + NEWS_MS : r->now;
}

/* It told that something changed. */
void
mcu_news(struct run *r, const struct event *e, struct orders *out)
{
	struct run_mcu *m = run_mcu_named(r, e->device);

	if (!m || (m->phase != MCU_READY && m->phase != MCU_LOST))
		return;
	mcu_hurry(r, m);
	list_news(r, m, out);
}

/* A run before this one leaves its conference and its legs to us. */
void
mcu_inherit(struct run *r, const struct event *e)
{
	struct run_mcu *m = run_mcu_named(r, e->device);

	if (!m)
		return;
	m->conference = e->conference;
	m->have_conference = true;
	m->created = e->conference.created;
	ready(r, m);
	m->next_poll = r->now;
	for (size_t i = 0; i < e->legs_n; i++) {
		struct run_leg *l =
			mcu_leg_add(r, m, &e->legs[i], list_leg_owner(r, m, &e->legs[i]));

		if (l->site < 0 && (l->site = cascade_to_above(r, m, &e->legs[i])) >= 0)
			l->below = true;
		if (l->site >= 0 && !l->below && l->leg.state == LEG_UP) {
			r->sites[l->site].mcu = m->index;
			site_up(r, &r->sites[l->site], &l->leg, e->seq);
		}
	}
}

/* The run is over: a conference we made is ended, in another only our own legs. */
void
mcu_close(struct run *r, struct run_mcu *m, struct orders *out)
{
	m->next_end = 0;
	if (!m->have_conference || m->phase == MCU_REFUSED || m->phase == MCU_ENDED) {
		m->ending = false;
		if (m->phase != MCU_REFUSED)
			m->phase = MCU_ENDED;
		return;
	}
	if (m->created) {
		struct order *o = run_order_mcu(r, out, VERB_END, m);

		o->urgent = true;
		m->ending = true;
		m->next_poll = 0;
		return;
	}
	for (size_t i = 0; i < r->legs_n; i++) {
		struct run_site *s = &r->sites[i];

		if (s->mcu == m->index && s->phase == SITE_DIALING && s->leg_id[0]) {
			/* nobody's room rings on behind us */
			run_order_leg(r, out, VERB_HANGUP, s)->urgent = true;
			s->hangup_by_us = true;
		}
		if (s->mcu == m->index && run_site_up(s) && !s->incoming) {
			struct order *o = run_order_leg(r, out, VERB_HANGUP, s);

			o->urgent = true;
			s->hangup_by_us = true;
			site_down(r, s, &(struct ending){ .cause = CAUSE_OUR_HANGUP }, ENDED_US, 0);
		}
	}
	m->phase = MCU_ENDED;
}

bool
run_handover(const struct run *r, size_t mcu, int64_t now, struct arena *a, struct event *out)
{
	const struct run_mcu *m = &r->mcus[mcu];

	memset(out, 0, sizeof *out);
	if (!m->have_conference || (m->phase != MCU_READY && m->phase != MCU_LOST))
		return false;
	out->kind = EVENT_INHERIT;
	out->at = now;
	str_copy(out->device, sizeof out->device, m->spec->name);
	out->conference = m->conference;
	out->conference.created = m->created;
	out->legs = arena_alloc(a, (m->legs.n + 1) * sizeof *out->legs);
	for (size_t i = 0; i < m->legs.n; i++)
		if (m->legs.at[i].leg.state != LEG_GONE)
			out->legs[out->legs_n++] = m->legs.at[i].leg;
	return true;
}
