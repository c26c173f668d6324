/* Tones that an MCU plays: to everybody while sound is verified, and to the site that is called in
 * the roll call. Pure part of run.c.
 *
 * A site is called by the tone first, and by a text only when it did not answer that. Who answers
 * the tone has heard us. A tone comes back through open microphones, so nothing counts while it
 * sounds and a moment longer; the first sample behind that may still hold its tail. `heard` wants
 * more than `answered`: quiet after the tone, and then a voice, before any text was shown. */
#include "run_inner.h"

enum {
	CALL_S = 1,	       /* the tone that calls a site */
	VERIFY_S = 10,	       /* the tone that is verified by */
	ECHO_MS = 1000,	       /* a tone's way back, and the hangover of a voice flag */
	UNANSWERED_MS = 30000, /* the order to play may take so long */
};

void
sound_verify(struct run *r, struct orders *out)
{
	size_t play = 0, others = 0;

	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		struct run_mcu *m = &r->mcus[i];

		if (m->phase != MCU_READY)
			continue;
		play += m->spec->plays;
		others += !m->spec->plays;
		if (m->spec->plays)
			run_order_mcu(r, out, VERB_PLAY, m)->seconds = VERIFY_S;
	}
	if (others || !play)
		run_note(r, 0, "step-not-done",
			play ? "verify: some of these MCUs play no tone"
			     : "verify: no tone can be played on these MCUs");
}

bool
sound_calls(const struct run *r, const struct run_mcu *m)
{
	return m->spec->plays && !m->sound_failed &&
	       ((r->roll_step && r->roll_step->sound) || (r->verify_step && r->verify_step->sound));
}

void
sound_begin(struct run_mcu *m, struct run_site *s)
{
	m->sound_asked = m->sound_failed = false;
	m->sound_until = 0;
	s->sound_flushed = s->sound_quiet = s->sound_voice = false;
}

void
sound_call(struct run *r, struct run_mcu *m, struct run_site *s, struct orders *out)
{
	struct order *o = run_order_leg(r, out, VERB_PLAY, s);

	o->seconds = CALL_S;
	o->urgent = true;
	m->sound_asked = true;
	m->sound_until = r->now + UNANSWERED_MS; /* it may sound from now on */
}

/* The text follows when half of the time to answer is over, or at once where no tone can be played.
 */
int64_t
sound_text_at(const struct run *r, const struct run_mcu *m)
{
	return m->sound_asked ? m->roll_since + r->roll_step->answer_within_ms / 2
			      : m->roll_since + POLL_ROLL_MS;
}

void
sound_answered(struct run *r, struct run_mcu *m, const struct event *e)
{
	int index;

	if (e->code == ERR_UNSUPPORTED || e->code == ERR_REFUSED)
		run_note(r, e->seq, "unsupported", "%s: %s", m->spec->name, verb_name(e->verb));
	if (!m->sound_asked || m->roll_site < 0 || !spec_site(r->spec, e->site, &index) ||
		index != m->roll_site)
		return;
	struct run_site *s = &r->sites[index];

	m->sound_failed = e->code != OK;
	m->sound_until = e->code == OK ? r->now + CALL_S * 1000 + ECHO_MS : 0;
	m->sound_asked = e->code == OK;
	s->roll.sound = s->roll.sound || e->code == OK;
	if (e->code == OK)
		roll_asked(r, m, e);
}

bool
sound_hides(const struct run *r, const struct run_mcu *m, struct run_site *s, bool voice)
{
	if (!m->sound_until)
		return false;
	if (r->now <= m->sound_until)
		return true;
	bool first = !s->sound_flushed;

	s->sound_flushed = true;
	if (first && voice)
		return true;
	if (m->roll_message_sent)
		return false;
	if (!voice)
		s->sound_quiet = true;
	else
		s->sound_voice = s->sound_voice || s->sound_quiet;
	return false;
}
