/* The questions to a site's own codec: its status, figures and uptime, and how its last calls
 * ended. Pure part of run.c, called for every event by run_site.c.
 *
 * A codec that answers shows a sign of life and wakes the dial; its uptime tells a power cut from a
 * dead line. It is never asked while its call is being set up (Polycom integrator's guide), and no
 * more after it refused our password. */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

static void
ask_codec(struct run *r, struct run_site *s, enum verb verb, struct orders *out)
{
	struct order *o = run_order(r, out, verb);

	str_copy(o->device, sizeof o->device, "site:");
	str_copy(o->device + 5, sizeof o->device - 5, s->spec->id);
	str_copy(o->site, sizeof o->site, s->spec->id);
	if (verb == VERB_HISTORY) {
		s->history_under_way = true;
		s->history_asked++;
		s->next_history = 0;
		return;
	}
	s->status_under_way = true;
	s->status_asked = r->now;
	s->next_status = 0;
}

static bool
wants_status(const struct run *r, const struct run_site *s)
{
	if (!s->spec->endpoint || s->endpoint_final || s->spec->disabled || r->report_due ||
		r->finished)
		return false;
	if (s->phase == SITE_DIALING)
		return false;
	return s->phase == SITE_UP || s->uptime_wanted || s->history_wanted || site_may_dial(r);
}

static void
end_dead(struct run *r, struct run_site *s, int64_t seq)
{
	static const struct ending dead = { .device_words = "dead: the codec is in no call" };

	site_down(r, s, &dead, ENDED_UNKNOWN, seq);
	struct interval *i = &s->intervals.at[s->intervals.n - 1];

	i->dead = true;
	if (!i->told_seq && s->endpoint_booted > i->seen) {
		i->ended_by = ENDED_POWER;
		i->uptime_seq = s->endpoint_booted_seq;
		s->uptime_wanted = false;
	}
}

/* Its MCU lists a leg from which nothing comes, and the codec says that it is in no call: the leg
 * is dead. It is taken down at the MCU, which may keep it for ever (FreeSWITCH without
 * media_timeout), so that the site can be dialled again. */
static void
take_down_dead(struct run *r, struct run_site *s, struct orders *out)
{
	struct order *o = run_order_leg(r, out, VERB_HANGUP, s);

	o->urgent = true;
	end_dead(r, s, s->dead_seq_of_leg);
	s->dead_seq_of_leg = 0;
}

void
codec_work(struct run *r, struct run_site *s, struct orders *out)
{
	if (s->dead_seq_of_leg && s->phase == SITE_UP && !r->closing)
		take_down_dead(r, s, out);
	if (s->next_status && s->next_status <= r->now && !s->status_under_way &&
		wants_status(r, s))
		ask_codec(r, s, VERB_STATUS, out);
	if (s->next_history && s->next_history <= r->now && !s->history_under_way &&
		wants_status(r, s))
		ask_codec(r, s, VERB_HISTORY, out);
}

void
codec_ask_now(struct run *r, struct run_site *s)
{
	if (s->spec->endpoint && !s->endpoint_final && !s->status_under_way)
		s->next_status = r->now;
}

int64_t
codec_wake(const struct run *r, const struct run_site *s)
{
	int64_t wake = INT64_MAX;

	if (s->next_status && !s->status_under_way && wants_status(r, s))
		wake = s->next_status;
	return s->next_history && s->next_history < wake && !s->history_under_way &&
			       wants_status(r, s)
		       ? s->next_history
		       : wake;
}

/* Its packets had stopped, and not because its MCU's figures did. */
static bool
stopped_before(const struct run *r, const struct run_site *s, const struct interval *i)
{
	return i->silent_from && !run_silent_with_all(r, s, i->silent_from);
}

/* The box was up at `uptime` seconds when asked: did it restart since it was last seen in the
 * conference? */
static void
uptime_tells(struct run *r, struct run_site *s, const struct endpoint_status *st, int64_t seq)
{
	struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;
	int64_t step = (st->uptime_step_s > 0 ? st->uptime_step_s : 1) * 1000;
	int64_t up = st->uptime_s.v * 1000;

	if (!i || !st->uptime_s.known || i->history_seq || i->told_seq ||
		(i->ended_by != ENDED_NETWORK && i->ended_by != ENDED_UNKNOWN))
		return;
	/* Told in whole steps, somewhen between the question and its answer: it has been up between
	 * `up` and `up + step` then. */
	if (r->asked - up - step > i->seen)
		i->ended_by = ENDED_POWER;
	else if (r->now - up >= i->seen)
		return;
	else if (stopped_before(r, s, i) || i->ending.cause == CAUSE_NETWORK ||
		 i->ending.cause == CAUSE_UNREACHABLE)
		i->ended_by = ENDED_NETWORK;
	else { /* it was on all the time; who ended the call, nobody told */
		s->uptime_wanted = false;
		return;
	}
	i->uptime_seq = seq;
	s->uptime_wanted = false;
}

/* ---- how its calls ended --------------------------------------------------------------------- */

/* Whether that past call is this stretch of presence: it ended when ours did, and had begun by
 * then. Where the box does not tell when, only its newest call can be meant, if it lasted as long.
 */
static bool
is_call_of(const struct past_call *p, bool newest, const struct interval *i, int64_t now)
{
	int64_t lasted = p->duration_s.v * 1000;

	if (p->ended_ago_s.known) {
		int64_t ended = now - p->ended_ago_s.v * 1000;

		return ended >= i->seen - HISTORY_APART_MS && ended <= i->to + HISTORY_APART_MS &&
		       (!p->duration_s.known || ended - lasted <= i->from + HISTORY_APART_MS);
	}
	return newest && p->duration_s.known && lasted >= i->seen - i->from - HISTORY_APART_MS &&
	       lasted <= i->to - i->from + HISTORY_APART_MS;
}

bool
codec_is_guess(const struct interval *i)
{
	return i->ended_by == ENDED_UNKNOWN || (i->uptime_seq && i->ending.cause == CAUSE_UNKNOWN);
}

/* The codec's word on the end of a stretch that the MCU knew nothing about. It goes before what an
 * uptime lets one guess, but not before silence: a box whose packets had stopped already was given
 * up by the MCU, and calls that a goodbye of the other side. */
void
codec_ended_so(struct run *r, struct run_site *s, struct interval *i, const struct past_call *p,
	int64_t seq)
{
	bool last = i == &s->intervals.at[s->intervals.n - 1];
	const struct ending *e = &p->ending;
	enum ended_by by = site_ended_by(s, e->cause);

	if (i->ending.cause == CAUSE_UNKNOWN && e->device_words[0])
		i->ending = *e;
	if (by == ENDED_UNKNOWN || (by == ENDED_MCU && stopped_before(r, s, i)))
		return;
	i->history_seq = seq;
	i->uptime_seq = 0;
	if (i->told_seq && by == i->ended_by)
		return;
	if (i->told_seq)
		run_note(r, seq, "post-contradicted", "%s", s->spec->name);
	bool left = i->told_seq && s->phase == SITE_LEFT && !s->ended_by_person;

	if (last && (s->phase == SITE_AWAY || left)) { /* told now: close it again, with the cause,
						at the instant it was seen gone */
		int64_t now = r->now;

		i->ended_by = ENDED_OPEN;
		r->now = i->to;
		site_down(r, s, e, by, i->end_seq);
		r->now = now;
		s->uptime_wanted = false;
		return;
	}
	i->ending = *e;
	i->ended_by = by;
}

static void
history_told(struct run *r, struct run_site *s, const struct event *e)
{
	bool open = false;

	s->history_under_way = false;
	if (e->code == ERR_UNSUPPORTED || e->code == ERR_REFUSED)
		s->history_wanted = false; /* this release or this user's role has none */
	for (size_t k = s->intervals.n; e->code == OK && k > 0; k--) {
		struct interval *i = &s->intervals.at[k - 1];
		size_t n = 0;

		if (!i->to || !(codec_is_guess(i) || i->told_seq) || i->history_seq)
			continue;
		while (n < e->past_n && !is_call_of(&e->past[n], n == 0, i, r->now))
			n++;
		if (n < e->past_n)
			codec_ended_so(r, s, i, &e->past[n], e->seq);
		else
			open = true;
	}
	if (e->code == OK)
		s->history_wanted = open && s->history_asked < HISTORY_TIMES;
}

/* Its MCU does not answer, and the codec says twice that it is in no call: the leg went with the
 * MCU. */
static void
out_of_call_told(struct run *r, struct run_site *s, enum tri in_call, int64_t seq)
{
	struct run_mcu *m = run_mcu_of(r, s);

	s->out_of_call =
		m && m->phase == MCU_LOST && in_call == NO && !r->closing ? s->out_of_call + 1 : 0;
	if (s->phase != SITE_UP || s->out_of_call < 2)
		return;
	struct run_leg *l = mcu_leg(m, s->leg_id);

	if (l) {
		l->leg.state = LEG_GONE;
		l->gone_at = r->now; /* who ended it, its MCU may still say */
	}
	s->gone_by_codec = true;
	int64_t row, since = media_silent_since(s, &row);

	if (since && m->away_from - since >= 2 * r->spec->profile.window_ms &&
		!run_silence_lives(s, since, m->away_from)) {
		end_dead(r, s, seq); /* its MCU had nothing to do with it */
		return;
	}
	site_down(r, s,
		&(struct ending){ .cause = CAUSE_MCU, .device_words = "its codec is in no call" },
		ENDED_MCU, seq);
}

void
codec_mcu_lost(struct run *r, struct run_mcu *m)
{
	for (size_t i = 0; i < m->sites_n; i++) {
		struct run_site *s = &r->sites[m->sites[i]];

		if (s->mcu == m->index && s->phase == SITE_UP &&
			s->next_status > r->now + PROOF_APART_MS)
			s->next_status = r->now + PROOF_APART_MS;
	}
}

/* That it is in no call any more then says nothing of the call before. The question may have left
 * earlier: a codec takes its time. */
static bool
ended_by_us(const struct run *r, const struct run_site *s)
{
	return r->closing || s->hangup_by_us;
}

static void
status_told(struct run *r, struct run_site *s, const struct event *e)
{
	const struct endpoint_status *st = &e->status;

	site_alive(r, s, e->seq);
	s->endpoint_seen = r->now;
	if (st->in_call != NO || (s->phase == SITE_UP && !ended_by_us(r, s))) {
		s->endpoint_in_call = st->in_call;
		s->call_told = r->now;
	}
	if (st->uptime_s.known) {
		s->endpoint_booted =
			r->asked -
			(st->uptime_s.v + (st->uptime_step_s > 0 ? st->uptime_step_s : 1)) * 1000;
		s->endpoint_booted_seq = e->seq;
	}
	/* The port answers now, so its silence before was the box's. */
	if (!s->first_up && s->probe_silent > s->not_before)
		s->not_before = s->probe_silent;
	if (st->mic_muted != UNKNOWN)
		s->mic_muted = st->mic_muted;
	if (st->auto_answer != UNKNOWN)
		s->auto_answer = st->auto_answer;
	if (st->in_call == YES)
		silence_denied(r, s);
	told_take(r, s, st, e->seq);
	uptime_tells(r, s, st, e->seq);
	out_of_call_told(r, s, st->in_call, e->seq);
	if (s->history_wanted && !s->history_under_way)
		s->next_history = r->now;
	if (s->phase == SITE_UP) {
		int64_t seq, since = media_silent_since(s, &seq);

		/* Who was in the call until a moment ago may have been ended by its MCU, whose list
		 * tells: asked once more. */
		s->none_told = st->in_call == NO ? s->none_told + 1 : 0;
		bool in_none = s->none_told >= 2 || s->endpoint_booted > since ||
			       (s->none_told && !run_silence_lives(s, since, r->now));
		if (since && in_none && run_mcu_of(r, s)->phase == MCU_READY &&
			r->now - since >= r->spec->profile.window_ms)
			s->dead_seq_of_leg = e->seq;
		if (st->sampled && st->in_call != NO)
			media_feed(r, s, BY_ENDPOINT, &st->media, r->now, e->seq);
		bool proven = media_proven(s, BY_ENDPOINT, TO_SITE);

		bool fresh = s->out_of_call || s->none_told ||
			     r->now - s->intervals.at[s->intervals.n - 1].from < FRESH_MS;

		s->next_status =
			r->now + ((!proven || s->out_of_call || s->none_told) && fresh
						 ? STATUS_FRESH_MS
					 : proven && !(r->verifying && r->now < r->verify_until)
						 ? STATUS_MS
						 : STATUS_VERIFY_MS);
		return;
	}
	s->next_status = r->now + (r->dial_step ? r->dial_step->probe_every_ms : STATUS_MS);
	/* It is awake: call it now, unless it was called a moment ago. */
	struct attempt *a = dial_last(s);
	int64_t rest = r->dial_step ? r->dial_step->probe_every_ms : STATUS_MS;

	if ((s->phase == SITE_WAITING || s->phase == SITE_AWAY) && s->next_dial &&
		(!a || r->now - a->ended >= rest))
		site_redial(s, r->now);
}

static void
status_failed(struct run *r, struct run_site *s, const struct event *e)
{
	s->next_status = r->now + (r->dial_step ? r->dial_step->probe_every_ms : STATUS_MS);
	if (e->code == ERR_AUTH || e->code == ERR_UNSUPPORTED || e->code == ERR_INPUT) {
		s->endpoint_final = true;
		s->uptime_wanted = false;
		s->next_status = 0;
		str_copy(s->endpoint_word, sizeof s->endpoint_word,
			e->word[0] ? e->word : err_name(e->code));
		/* It is not who it was, which is another thing than a password it does not take. */
		bool stranger =
			str_eq(e->word, "host-key-changed") || str_eq(e->word, "bad-certificate");
		const char *kind = stranger		 ? e->word
				   : e->code == ERR_AUTH ? "endpoint-refused"
							 : "endpoint-unusable";

		run_note(r, e->seq, kind, "%s: %s", s->spec->name, e->why);
		if (e->code == ERR_AUTH)
			site_alive(r, s, e->seq);
	}
	if (e->code == ERR_UNREACHABLE)
		uplink_unanswered(r, s);
	if (e->code == ERR_PROTOCOL || e->code == ERR_BUSY)
		site_alive(r, s, e->seq); /* something answered */
}

void
codec_answered(struct run *r, struct run_site *s, const struct event *e)
{
	if (e->verb == VERB_HISTORY) {
		history_told(r, s, e);
		return;
	}
	s->status_under_way = false;
	r->asked = s->status_asked;
	if (e->code == OK)
		status_told(r, s, e);
	else
		status_failed(r, s, e);
	if (s->status_again && s->next_status > r->now + NEWS_MS)
		s->next_status = r->now + NEWS_MS;
	s->status_again = false;
}
