/* The silent round of a roll call: one message to all, everybody stays muted in the mix, and the
 * meters are watched. Pure part of run.c, for MCUs whose levels can be read under mute
 * (EVIDENCE_LEVEL_MUTED); on others run_steps.c notes that it was not done.
 *
 * Some devices tell a level. Others tell whether a leg has spoken since it was muted: where it had,
 * it is muted anew, and only one that was still quiet when everybody was asked can have answered.
 *
 * The floor of a site is what its meter showed under mute shortly before, while nobody was asked. A
 * rise in two samples is an answer; no rise is no answer to anything: such a site is called aloud,
 * before those that answered here. */
#include "base/str.h"
#include "run_inner.h"

enum { QUIET_LEAST = 3 }; /* samples before the round, or there is no floor */

static bool
can_listen(const struct run_mcu *m)
{
	return m->spec->evidence & EVIDENCE_LEVEL_MUTED;
}

static void
ask_all(struct run *r, struct run_mcu *m, struct orders *out)
{
	struct order *o = run_order_mcu(r, out, VERB_MESSAGE, m);

	str_copy(o->text, sizeof o->text,
		!str_empty(r->roll_step->text) ? r->roll_step->text
		: str_eq(r->spec->lang, "en")
			? "Roll call: please answer now, your microphone stays muted"
			: "Điểm danh: mời các điểm cầu trả lời, micrô vẫn tắt");
	o->seconds = (int)(r->roll_step->answer_within_ms / 1000);
}

/* A flag that says "has spoken" is taken back by muting anew. */
static void
arm(struct run *r, struct run_mcu *m, struct orders *out)
{
	for (size_t i = 0; i < m->sites_n; i++) {
		struct run_site *s = &r->sites[m->sites[i]];

		s->silent_quiet = false;
		if (!s->muted_voice || !run_site_up(s) || s->mcu != m->index || s->muted != YES ||
			s->wanted_muted != YES || s->spec->lower)
			continue;
		run_order_leg(r, out, VERB_MUTE, s)->on = true;
		s->muted_voice = false;
	}
}

bool
silent_begin(struct run *r, struct orders *out)
{
	bool all = true;

	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		struct run_mcu *m = &r->mcus[i];

		if (m->reserve && m->phase == MCU_CLOSED)
			continue; /* nobody is there */
		all = all && can_listen(m);
		if (!can_listen(m) || m->phase != MCU_READY ||
			r->now + r->roll_step->answer_within_ms > r->roll_until)
			continue;
		m->silent_since = r->now;
		m->silent_until = r->now + r->roll_step->answer_within_ms;
		m->next_poll = m->next_poll ? r->now : 0;
		arm(r, m, out);
		ask_all(r, m, out);
	}
	return all;
}

static bool
floor_of(const struct run_site *s, int64_t *out)
{
	int most = (int)(sizeof s->quiet / sizeof s->quiet[0]),
	    n = s->quiet_n < most ? s->quiet_n : most;

	*out = INT64_MAX;
	for (int i = 0; i < n; i++)
		*out = s->quiet[i] < *out ? s->quiet[i] : *out;
	return n >= QUIET_LEAST;
}

static void
answered(struct run *r, struct run_site *s, const struct run_mcu *m, int64_t seq)
{
	s->roll.answered = s->roll.silent = true;
	s->roll.first_called = m->silent_since;
	s->roll.answered_at = r->now;
	s->roll.seq = seq;
}

/* "Has spoken since it was muted": an answer if it had not in a list that was asked for behind the
 * text. */
static void
flag_told(struct run *r, struct run_site *s, const struct run_mcu *m, bool spoke, int64_t seq)
{
	s->muted_voice = spoke;
	if (!m->silent_until || m->polled_at < m->silent_since || r->now <= m->silent_since ||
		s->roll.answered)
		return;
	if (!spoke)
		s->silent_quiet = true;
	else if (s->silent_quiet)
		answered(r, s, m, seq);
}

void
silent_void(struct run *r, struct run_mcu *m, int64_t seq)
{
	if (!m->silent_until)
		return;
	m->silent_until = 0;
	for (size_t i = 0; i < m->sites_n; i++) {
		struct run_site *s = &r->sites[m->sites[i]];

		if (s->roll.silent && s->roll.answered_at >= m->silent_since)
			s->roll.answered = s->roll.silent = false;
	}
	run_note(r, seq, "step-not-done", "rollcall: no silent round, the text could not be shown");
}

void
silent_level(struct run *r, struct run_site *s, const struct leg *leg, int64_t seq)
{
	const struct run_mcu *m = run_mcu_of(r, s);
	const struct figure level = leg->media.s[AUDIO][FROM_SITE].level_mdb;
	int64_t floor;

	if (!m || !can_listen(m) || leg->muted != YES)
		return;
	if (!level.known) {
		if (leg->media.speech != UNKNOWN)
			flag_told(r, s, m, leg->media.speech == YES, seq);
		return;
	}
	if (!m->silent_until) {
		s->quiet[s->quiet_n++ % (int)(sizeof s->quiet / sizeof s->quiet[0])] = level.v;
		s->silent_hits = 0;
		return;
	}
	if (r->now <= m->silent_since || s->roll.answered || !floor_of(s, &floor))
		return;
	s->silent_hits += level.v >= floor + r->spec->profile.speech_rise_mdb;
	if (s->silent_hits < r->spec->profile.speech_samples)
		return;
	answered(r, s, m, seq);
}

bool
silent_over(struct run *r, struct run_mcu *m)
{
	if (m->silent_until && m->silent_until <= r->now)
		m->silent_until = 0;
	return !m->silent_until;
}
