/* The roll call of each conference: one site at a time is unmuted, asked by a message, listened to
 * and muted again. Pure part of run.c. A site answers when its level rises above its own floor
 * (profile: 10 dB in two samples) or its voice flag shows; the floor is the lowest level of that
 * site while unmuted, whether before or after the answer. Levels under mute are not used: few
 * devices say what they mean. */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

static bool
needs_call(const struct run *r, const struct run_site *s, int round)
{
	/* Nothing of what it says arrives just now: it could not answer. */
	if (s->proof[BY_MCU][AUDIO][FROM_SITE].last_no_from)
		return false;
	return run_site_up(s) && (!s->roll.answered || s->roll.silent) && !s->roll.by_person &&
	       s->roll.called == round && s->roll.called < r->roll_step->calls &&
	       s->roll.unmute_failed < UNMUTE_TIMES && !s->muted_by_person && !s->passed;
}

/* Who answered without being heard is called after the others, once, and only while there is
 * time. */
static bool
is_before(const struct run *r, const struct run_site *s, const struct run_site *best)
{
	if (s->roll.silent != best->roll.silent)
		return !s->roll.silent;
	return str_eq(r->roll_step->order, "importance") &&
	       s->spec->importance > best->spec->importance;
}

/* The next site to call on this MCU: first those never called, then those that did not answer. */
static int
next_site(const struct run *r, const struct run_mcu *m)
{
	int silent = -1;

	for (int round = 0; round < r->roll_step->calls; round++) {
		int best = -1;

		for (size_t i = 0; i < m->sites_n; i++) {
			const struct run_site *s = &r->sites[m->sites[i]];

			if (s->spec->lower || s->mcu != m->index || !needs_call(r, s, round))
				continue;
			if (s->roll.silent && round > 0)
				continue;
			if (best < 0 || is_before(r, s, &r->sites[best]))
				best = s->index;
		}
		/* A second call of who gave no answer comes before the first one of who did. */
		if (best >= 0 && r->sites[best].roll.silent)
			silent = silent < 0 ? best : silent;
		else if (best >= 0)
			return best;
	}
	return silent;
}

/* The same, remembered while nothing of this MCU changes (run_due.c). */
static int
known_next(const struct run *r, struct run_mcu *m)
{
	if (!m->next_known || m->stirred || r->all_stirred) {
		m->next_call = next_site(r, m);
		m->next_known = !m->stirred && !r->all_stirred;
	}
	return m->next_call;
}

/* by_hand: the operator called it, and speaks. */
static void
begin_call(struct run *r, struct run_mcu *m, int site, bool by_hand, struct orders *out)
{
	struct run_site *s = &r->sites[site];
	struct order *o = run_order_leg(r, out, VERB_MUTE, s);

	o->on = false;
	o->urgent = true;
	s->wanted_muted = NO;
	s->muted_ordered = r->now;
	s->mute_repeats = 0;
	sound_begin(m, s);
	s->levels_n = 0;
	s->voice_last = false;
	s->heard_voice = s->heard_quiet = false;
	s->asked = by_hand || r->roll_step->spoken;
	s->asked_text = false;
	s->roll.called++;
	m->next_known = false;
	if (!s->roll.first_called)
		s->roll.first_called = r->now;
	m->roll_site = site;
	m->roll_since = r->now;
	m->roll_until = r->now + r->roll_step->answer_within_ms;
	m->roll_message_sent = false;
	m->next_look = r->now;
	if (!(m->spec->evidence & EVIDENCE_ONE_LEG))
		m->next_poll = r->now;
	s->listened_at = r->now;
	s->longest_gap = 0;
	due_stir(r, site);
	codec_ask_now(r, s); /* is its microphone off by its own setting? */
}

/* Shown to all where the MCU shows no text to one alone: it names who is called. */
static void
send_call(struct run *r, struct run_mcu *m, struct run_site *s, struct orders *out)
{
	struct order *o = m->texts_to_all ? run_order_mcu(r, out, VERB_MESSAGE, m)
					  : run_order_leg(r, out, VERB_MESSAGE, s);
	const char *own = r->roll_step->text;
	struct buf b = { 0 };

	if (str_empty(own))
		buf_printf(&b,
			!str_eq(r->spec->lang, "en") ? "Điểm danh: mời %s trả lời"
						     : "Roll call: %s, please answer",
			s->spec->name);
	else
		buf_printf(&b, "%s%s%s", m->texts_to_all ? s->spec->name : "",
			m->texts_to_all ? ": " : "", own);
	str_copy(o->text, sizeof o->text, buf_str(&b));
	buf_free(&b);
	str_copy(o->site, sizeof o->site, s->spec->id);
	o->seconds = (int)(r->roll_step->answer_within_ms / 1000);
	m->roll_message_sent = true;
}

/* The text was shown, or the tone played, while there was still time to answer. */
void
roll_asked(struct run *r, struct run_mcu *m, const struct event *e)
{
	struct run_site *s = m->roll_site >= 0 ? &r->sites[m->roll_site] : NULL;

	if (!s || !str_eq(s->spec->id, e->site) ||
		m->roll_until - r->now < r->roll_step->answer_within_ms / 4)
		return;
	s->asked = true;
	s->asked_text = s->asked_text || e->verb == VERB_MESSAGE;
}

bool
roll_text_to_all(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out)
{
	struct run_site *s = m->roll_site >= 0 ? &r->sites[m->roll_site] : NULL;

	if (e->code != ERR_UNSUPPORTED || m->texts_to_all || !m->roll_message_sent || !s ||
		!str_eq(s->spec->id, e->site))
		return false;
	m->texts_to_all = true;
	send_call(r, m, s, out);
	return true;
}

/* It could not be unmuted: that was no call, and others are waiting. What became of the order is
 * not known for sure: it is to be muted. */
void
roll_unmute_failed(struct run *r, struct run_mcu *m, const struct event *e)
{
	struct run_site *s = &r->sites[m->roll_site];

	s->roll.called--;
	s->roll.unmute_failed += e->code == ERR_UNSUPPORTED ? UNMUTE_TIMES : 1;
	s->wanted_muted = YES;
	s->muted_ordered = r->now;
	s->mute_repeats = 0;
	m->roll_site = -1;
	run_note(r, e->seq, "unmute-failed", "%s: %s", s->spec->name, e->why);
}

/* A stretch of the call without a sample: in it an answer could have been missed. */
static void
heard_until(struct run_site *s, int64_t at)
{
	if (at - s->listened_at > s->longest_gap)
		s->longest_gap = at - s->listened_at;
	s->listened_at = at;
}

/* A room is never quite still: a level that does not move by half a decibel in a whole call is no
 * microphone's. */
static bool
stood_still(const struct run_site *s)
{
	int64_t low = INT64_MAX, high = INT64_MIN;

	for (int i = 0; i < s->levels_n; i++) {
		low = s->levels[i] < low ? s->levels[i] : low;
		high = s->levels[i] > high ? s->levels[i] : high;
	}
	return s->levels_n >= 5 && high - low < 500;
}

/* A stretch without a sample, or half of a brief call, may hold a whole answer. */
static int64_t
gap_most(const struct run *r)
{
	int64_t half = r->roll_step ? r->roll_step->answer_within_ms / 2 : LISTEN_GAP_MS;

	return half < LISTEN_GAP_MS ? half : LISTEN_GAP_MS;
}

/* Ends the call under way, however it went: the site is muted again. */
void
roll_end_call(struct run *r, struct run_mcu *m, struct orders *out)
{
	struct run_site *s = m->roll_site >= 0 ? &r->sites[m->roll_site] : NULL;

	if (s && r->now >= m->roll_until) {
		heard_until(s, r->now);
		/* A flag that said "voice" all the time, from the first moment on, tells noise, or
		 * nothing at all. */
		bool told = s->heard_quiet || !s->heard_voice;
		s->muted_in_call = s->muted_in_call || s->mic_muted == YES;
		if (told && s->asked && !s->voice_last && s->mic_muted != YES &&
			s->longest_gap <= gap_most(r))
			*vec_add_in(r->arena, &s->listened) = (struct listening){
				.from = m->roll_since, .to = r->now, .text = s->asked_text
			};
		s->even_calls += stood_still(s);
	}

	m->roll_site = -1;
	m->next_known = false;
	m->sound_until = 0;
	if (!s || !run_site_up(s) || s->mcu != m->index)
		return;
	struct order *o = run_order_leg(r, out, VERB_MUTE, s);

	o->on = true;
	o->urgent = true;
	s->wanted_muted = YES;
	s->muted_ordered = r->now;
	s->mute_repeats = 0;
}

/* The floor is heard first where it can be; then by a tone, then by a text. */
static bool
call_due(const struct run *r, const struct run_mcu *m, const struct run_site *s)
{
	return r->now >= sound_text_at(r, m) ||
	       (!m->sound_asked && (s->levels_n > 0 || s->could_hear));
}

static void
call(struct run *r, struct run_mcu *m, struct run_site *s, struct orders *out)
{
	if (!m->sound_asked && sound_calls(r, m))
		sound_call(r, m, s, out);
	else
		send_call(r, m, s, out);
}

/* A level or voice flag of a site, with its leg as listed. */
void
roll_level(
	struct run *r, struct run_site *s, const struct leg *leg, int64_t seq, struct orders *out)
{
	struct run_mcu *m = run_mcu_of(r, s);

	if (!m || m->roll_site != s->index || leg->muted == YES || r->now <= m->roll_since)
		return;
	const struct figure level = leg->media.s[AUDIO][FROM_SITE].level_mdb;

	if (leg->media.speech != UNKNOWN || level.known) {
		s->could_hear = true;
		heard_until(s, r->now);
		s->roll.called_seq = seq;
	}
	bool voice = leg->media.speech == YES ||
		     (level.known && s->floor_mdb.known &&
			     level.v >= s->floor_mdb.v + r->spec->profile.speech_rise_mdb);

	if (sound_hides(r, m, s, voice))
		return;
	s->voice_last = voice;
	s->heard_voice = s->heard_voice || leg->media.speech == YES;
	s->heard_quiet = s->heard_quiet || leg->media.speech == NO;
	/* An answer is a change: the flag's threshold is the device's own, and a noisy room is
	 * above it all the time. */
	bool answered = s->heard_voice && s->heard_quiet;

	if (level.known) {
		if (s->levels_n < (int)(sizeof s->levels / sizeof s->levels[0]))
			s->levels[s->levels_n++] = level.v;
		if (!s->floor_mdb.known || level.v < s->floor_mdb.v)
			s->floor_mdb = level;
		int hits = 0;

		for (int i = 0; i < s->levels_n; i++)
			hits += s->levels[i] >= s->floor_mdb.v + r->spec->profile.speech_rise_mdb;
		if (hits >= r->spec->profile.speech_samples)
			answered = true;
	}
	if (!answered)
		return;
	s->roll.heard = s->roll.heard || s->sound_voice;
	if (!s->roll.answered || s->roll.silent) { /* of a call that is repeated the first answer
						    * stays */
		if (s->roll.silent)
			s->roll.first_called = m->roll_since;
		s->roll.silent = false;
		s->roll.answered = true;
		s->roll.answered_at = r->now;
		s->roll.seq = seq;
	}
	roll_end_call(r, m, out);
}

/* An order to mute that the list does not confirm is given again, a few times: a site must not stay
 * open because an MCU was busy. What a person changed is left alone. */
void
roll_keep_muted(struct run *r, struct run_site *s, struct orders *out)
{
	struct run_mcu *m = run_mcu_of(r, s);

	if (!m || m->roll_site == s->index || s->wanted_muted != YES || s->muted != NO ||
		s->muted_by_person || s->mute_repeats >= 3 ||
		r->now - s->muted_ordered < 2 * POLL_MS)
		return;
	struct order *o = run_order_leg(r, out, VERB_MUTE, s);

	o->on = true;
	s->muted_ordered = r->now;
	if (++s->mute_repeats == 3)
		run_note(r, 0, "mute-failed", "%s", s->spec->name);
}

static int
wanted_by_hand(const struct run *r, const struct run_mcu *m)
{
	for (size_t i = 0; i < m->sites_n; i++) {
		const struct run_site *s = &r->sites[m->sites[i]];

		if (!s->spec->lower && s->call_next && s->mcu == m->index && run_site_up(s))
			return s->index;
	}
	return -1;
}

void
roll_by_hand(struct run *r, struct run_site *s, enum command c, struct orders *out)
{
	struct run_mcu *m = run_mcu_of(r, s);

	if (!r->rolling || !m)
		return;
	r->roll_by_hand = true;
	if (m->roll_site >= 0 && (c != COMMAND_PASS || m->roll_site == s->index))
		roll_end_call(r, m, out);
	s->passed = c == COMMAND_PASS;
	s->call_next = c != COMMAND_PASS;
}

const struct run_site *
run_roll_next(const struct run *r)
{
	for (size_t i = 0; r->rolling && r->roll_step && i < r->spec->mcus_n; i++) {
		const struct run_mcu *m = &r->mcus[i];
		int site = m->phase == MCU_READY ? next_site(r, m) : -1;

		if (site >= 0)
			return &r->sites[site];
	}
	return NULL;
}

const struct run_site *
run_roll_now(const struct run *r)
{
	const struct run_site *found = NULL;

	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		if (r->mcus[i].roll_site < 0)
			continue;
		if (found)
			return NULL;
		found = &r->sites[r->mcus[i].roll_site];
	}
	return found;
}

/* When a person leads it: one at a time in the whole meeting. */
void
roll_next(struct run *r, struct orders *out)
{
	if (!r->rolling || !r->roll_step)
		return;
	r->roll_by_hand = true;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].phase == MCU_READY && r->mcus[i].roll_site >= 0)
			roll_end_call(r, &r->mcus[i], out);
	const struct run_site *s = run_roll_next(r);

	if (s)
		r->sites[s->index].call_next = true;
}

void
roll_uncalled(
	struct run *r, struct run_site *s, const struct leg *leg, int64_t seq, struct orders *out)
{
	struct run_mcu *m = run_mcu_of(r, s);
	const struct figure level = leg->media.s[AUDIO][FROM_SITE].level_mdb;
	/* Open by our doing or by a setting; not when a person opened it, nor before the MCU could
	 * have shut it after a call. */
	bool settled = s->mute_repeats > 0 || r->now - s->muted_ordered >= 2 * POLL_MS;
	bool ours = s->wanted_muted == YES && leg->muted == NO && !s->muted_by_person && settled;

	if (!ours || !m || m->roll_site == s->index || s->open_microphone_seq)
		return;
	if (level.known && (!s->uncalled_floor || level.v < s->uncalled_floor_mdb)) {
		s->uncalled_floor = true;
		s->uncalled_floor_mdb = level.v;
	}
	if (level.known && level.v >= s->uncalled_floor_mdb + r->spec->profile.speech_rise_mdb)
		s->uncalled_hits++;
	if (leg->media.speech != YES && s->uncalled_hits < r->spec->profile.speech_samples)
		return;
	s->open_microphone_seq = seq;
	run_note(r, seq, "open-microphone", "%s", s->spec->name);
	struct order *o = run_order_leg(r, out, VERB_MUTE, s);

	o->on = true;
	o->urgent = true;
}

void
roll_work(struct run *r, struct run_mcu *m, struct orders *out)
{
	if (!r->rolling || !r->roll_step || m->phase != MCU_READY)
		return;
	if (m->roll_site >= 0) {
		struct run_site *s = &r->sites[m->roll_site];

		if (!run_site_up(s) || s->mcu != m->index)
			m->roll_site = -1;
		else if (r->now >= m->roll_until)
			roll_end_call(r, m, out);
		else if (!m->roll_message_sent && call_due(r, m, s))
			call(r, m, s, out);
	}
	if (!silent_over(r, m) || m->roll_site >= 0)
		return;
	int site = wanted_by_hand(r, m);

	if (site >= 0) {
		r->sites[site].call_next = false;
		begin_call(r, m, site, true, out);
		return;
	}
	if (r->roll_by_hand || r->held_since)
		return;
	site = known_next(r, m);
	/* A call that would run into the next step is not begun. */
	if (site >= 0 && r->now + r->roll_step->answer_within_ms <= r->roll_until)
		begin_call(r, m, site, false, out);
}

/* The step that follows the roll call begins: what was not called is said. */
void
roll_over(struct run *r, struct orders *out)
{
	if (!r->rolling)
		return;
	r->rolling = false;
	r->roll_until = r->now;
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		r->mcus[i].silent_until = 0;
		if (r->mcus[i].roll_site >= 0)
			roll_end_call(r, &r->mcus[i], out);
	}
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		struct run_site *s = &r->sites[i];

		if (run_site_up(s) && !s->roll.called && !s->roll.answered && !s->roll.by_person)
			s->roll.not_made = true;
	}
}

static bool
must_call(const struct run *r, struct run_mcu *m)
{
	int site = known_next(r, m);

	return site >= 0 && !r->sites[site].roll.silent;
}

/* Every site that is up has answered or has been called as often as the playbook says. */
bool
roll_complete(struct run *r)
{
	if (!r->roll_step || !r->rolling)
		return true;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].phase == MCU_READY &&
			(r->mcus[i].silent_until || r->mcus[i].roll_site >= 0 ||
				must_call(r, &r->mcus[i])))
			return false;
	return true;
}
