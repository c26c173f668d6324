/* One expected site through a run: whether it is there, since when, and who ended its legs. Pure
 * part of run.c. How it is dialled is run_dial.c, what its codec says run_codec.c.
 *
 *      WAITING --dial--> DIALING --up--> UP --gone, may return--> AWAY --dial or it wakes-->
 *        DIALING ...
 *                           | failed                 \--a person or the site ended it--> LEFT
 *                             (never dialled again)
 *                           +--> WAITING (next attempt, or probes until it wakes)
 */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

bool
run_site_up(const struct run_site *s)
{
	return s->phase == SITE_UP;
}

void
site_alive(const struct run *r, struct run_site *s, int64_t seq)
{
	if (s->alive_seq)
		return;
	s->alive_seq = seq;
	s->alive_at = r->now;
}

/* Rate, frames and jitter, where the MCU's list lacks them: a few times while the leg is
 * verified. */
static bool
wants_media(const struct run *r, const struct run_site *s)
{
	if (!s->next_media || s->phase != SITE_UP || !r->verifying || r->now >= r->verify_until ||
		r->closing || s->mcu < 0)
		return false;
	const struct run_mcu *m = &r->mcus[s->mcu];

	return m->phase == MCU_READY && !m->no_media;
}

/* Every site comes by here, and by site_wake(), at every event: whether something is due is asked
 * first, whether it may be last. */
void
site_work(struct run *r, struct run_site *s, struct orders *out)
{
	dial_work(r, s, out);
	codec_work(r, s, out);
	if (s->next_media && s->next_media <= r->now && wants_media(r, s)) {
		run_order_leg(r, out, VERB_MEDIA, s);
		s->next_media = ++s->media_asked < MEDIA_TIMES ? r->now + MEDIA_APART_MS : 0;
	}
}

int64_t
site_wake(const struct run *r, const struct run_site *s)
{
	int64_t wake = dial_wake(r, s), codec = codec_wake(r, s);

	wake = codec < wake ? codec : wake;
	return s->next_media && s->next_media < wake && wants_media(r, s) ? s->next_media : wake;
}

void
site_ringing(const struct run *r, struct run_site *s, int64_t seq)
{
	struct attempt *a = dial_attempt(s);

	site_alive(r, s, seq);
	s->rang = true;
	if (a)
		a->rang = true;
	s->leg_state = LEG_RINGING;
}

void
site_came_from(struct run *r, struct run_site *s, const char *ip)
{
	if (str_empty(ip) || str_eq(ip, s->remote_ip))
		return;
	str_copy(s->remote_ip, sizeof s->remote_ip, ip);
	for (size_t i = 0; i < s->came_from.n; i++)
		if (str_eq(s->came_from.at[i], ip))
			return;
	if (s->came_from.n < ADDRESSES_MOST)
		*vec_add_in(r->arena, &s->came_from) = arena_strdup(r->arena, ip);
}

/* That another MCU did not reach it, or nobody answered at another address, may have been that way
 * to it: only who was not there by the way that carries it now was late, or whose control port was
 * silent as well. */
static void
forget_other_ways(struct run_site *s, const struct attempt *by)
{
	int64_t same = 0;

	for (size_t i = 0; i < s->attempts.n; i++) {
		const struct attempt *a = &s->attempts.at[i];

		if (a->unwilling && a->mcu == by->mcu && a->vain_at > same &&
			(by->result == ATTEMPT_INCOMING || str_eq(a->address, by->address)))
			same = a->vain_at;
	}
	if (s->not_before > same)
		s->not_before = s->endpoint_seen && s->probe_silent > same ? s->probe_silent : same;
}

void
site_up(struct run *r, struct run_site *s, const struct leg *leg, int64_t seq)
{
	struct attempt *a = dial_attempt(s);
	struct interval *i;

	site_alive(r, s, seq);
	s->dial_under_way = false;
	if (leg->incoming || !a || a->mcu != s->mcu) {
		if (a) { /* it came by itself while we were dialling, or somebody dialled it
			  * elsewhere */
			a->result = ATTEMPT_OURS;
			a->ended = r->now;
			a->seq = seq;
		}
		a = vec_add_in(r->arena, &s->attempts);
		a->number = (int)s->attempts.n;
		a->at = r->now;
		a->address = arena_strdup(r->arena, leg->address);
		a->mcu = s->mcu;
		a->result = ATTEMPT_INCOMING;
		s->carried_by = 0;
	} else {
		a->result = ATTEMPT_UP;
		s->carried_by = a->variant;
	}
	a->ended = r->now;
	a->seq = seq;
	i = vec_add_in(r->arena, &s->intervals);
	i->from = i->seen = r->now;
	i->begin_seq = seq;
	i->mcu = s->mcu;
	s->gone_by_codec = false;
	s->out_of_call = s->none_told = 0;
	if (!s->first_up) {
		s->first_up = r->now;
		s->first_up_seq = seq;
		s->first_willing = r->now;
		forget_other_ways(s, a);
	}
	s->muted = UNKNOWN; /* of this leg nothing was listed yet: a difference is nobody's act */
	s->phase = SITE_UP;
	s->leg_state = LEG_UP;
	s->incoming = leg->incoming;
	str_copy(s->leg_id, sizeof s->leg_id, leg->id);
	site_came_from(r, s, leg->remote_ip);
	s->next_dial = 0;
	s->exercising = false;
	s->unknown_since = 0;
	s->hangup_by_us = s->hangup_by_person = false;
	s->ended_by_person = s->dial_by_person = false;
	s->uptime_wanted = false;
	s->posted_seq = 0;
	if (s->spec->endpoint && !s->endpoint_final)
		s->next_status = r->now + PROOF_APART_MS;
	s->next_media = r->verifying ? r->now + PROOF_APART_MS : 0;
	s->media_asked = 0;
	media_reset(s, true);
}

enum ended_by
site_ended_by(const struct run_site *s, enum cause cause)
{
	switch (cause) {
	case CAUSE_SITE_HANGUP: case CAUSE_REJECTED: case CAUSE_BUSY: return ENDED_SITE;
	case CAUSE_OUR_HANGUP: return s->hangup_by_us ? ENDED_US : ENDED_OPERATOR;
	case CAUSE_NETWORK: case CAUSE_UNREACHABLE: return ENDED_NETWORK;
	case CAUSE_MCU: case CAUSE_GATEKEEPER: return ENDED_MCU;
	case CAUSE_UNKNOWN:
	case CAUSE_NO_ANSWER:
	case CAUSE_WRONG_ADDRESS:
	case CAUSE_INCOMPATIBLE:
	case CAUSE_AUTH:
	case CAUSE_N: break;
	}
	return ENDED_UNKNOWN;
}

/* A leg that was up is gone. by = ENDED_OPEN: to be told from the ending. */
void
site_down(struct run *r, struct run_site *s, const struct ending *ending, enum ended_by by,
	int64_t seq)
{
	struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;

	if (!i || i->ended_by != ENDED_OPEN)
		return;
	bool ours = s->hangup_by_us || (r->closing && ending->cause != CAUSE_SITE_HANGUP);

	if (by == ENDED_OPEN)
		by = s->hangup_by_person ? ENDED_OPERATOR
		     : ours		 ? ENDED_US
					 : site_ended_by(s, ending->cause);
	i->to = r->now;
	i->end_seq = seq;
	i->ended_by = by;
	i->ending = *ending;
	/* A box that says no goodbye stays listed until the MCU gives it up: it went when its
	 * packets stopped. */
	bool dies = (by == ENDED_NETWORK || by == ENDED_UNKNOWN || by == ENDED_MCU) &&
		    silence_ends(r, s, i);
	if (i->silent_from && i->silent_from < i->seen)
		i->seen = i->silent_from;
	s->leg_state = LEG_GONE;
	s->phase = SITE_AWAY;
	media_reset(s, dies);
	switch (by) {
	case ENDED_SITE:
		s->phase = SITE_LEFT;
		break;
	case ENDED_OPERATOR: /* people win: what a person ended is left so */
		s->phase = SITE_LEFT;
		s->ended_by_person = true;
		break;
	case ENDED_NETWORK: case ENDED_UNKNOWN:
		s->uptime_wanted = s->spec->endpoint && !s->endpoint_final;
		s->next_status = r->now + PROOF_APART_MS;
		if (by == ENDED_UNKNOWN && s->spec->history &&
			s->uptime_wanted) { /* before it is called again */
			s->history_wanted = true;
			s->history_asked = 0;
			s->next_status = r->now;
		}
		if (r->redial || !r->watching) {
			s->fast_left = r->dial_step ? r->dial_step->attempts : 0;
			site_redial(s, r->now + (s->history_wanted ? 2 : 1) * PROOF_APART_MS);
		}
		break;
	case ENDED_MCU:
		site_redial(s, r->now + PROOF_APART_MS);
		break;
	case ENDED_OPEN: case ENDED_POWER: case ENDED_US:
		break;
	}
	if (by == ENDED_UNKNOWN)
		told_apply(r, s);
}

void
site_answer(struct run *r, const struct event *e, struct orders *out)
{
	int index;

	if (!spec_site(r->spec, e->site, &index))
		return;
	if (e->verb == VERB_STATUS || e->verb == VERB_HISTORY)
		codec_answered(r, &r->sites[index], e);
	else if (e->verb == VERB_DIAL)
		dial_answered(r, &r->sites[index], e, out);
}
