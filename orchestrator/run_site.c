/* One expected site through a run: attempts, presence, the questions to its codec. Pure part of run.c.
 *
 *      WAITING --dial--> DIALING --up--> UP --gone, may return--> AWAY --dial or it wakes--> DIALING ...
 *                           | failed                 \--a person or the site ended it--> LEFT (never dialled again)
 *                           +--> WAITING (next attempt, or probes until it wakes)
 *
 * A dial whose outcome is not known is never repeated before a list of its MCU, read later, has told. */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

bool
run_site_up(const struct run_site *s)
{
	return s->phase == SITE_UP;
}

/* Are sites dialled at all now? Until the all-clear in a rehearsal, to the end in a session whose playbook redials. */
bool
site_may_dial(const struct run *r)
{
	if (!r->dialing || r->closing || r->finished)
		return false;
	return !r->allclear_at && !r->allclear_not_given;
}

static struct attempt *
last_attempt(struct run_site *s)
{
	return s->attempts.n ? &s->attempts.at[s->attempts.n - 1] : NULL;
}

static struct attempt *
attempt_under_way(struct run_site *s)
{
	struct attempt *a = last_attempt(s);

	return a && a->result == ATTEMPT_UNDER_WAY ? a : NULL;
}

static void
alive(struct run_site *s, int64_t seq)
{
	if (!s->alive_seq)
		s->alive_seq = seq;
}

void
site_redial(struct run *r, struct run_site *s, int64_t at)
{
	if (s->phase == SITE_LEFT || s->spec->disabled)
		return;
	if (!s->next_dial || s->next_dial > at)
		s->next_dial = at;
}

/* "sip:x" as "h323:x" and back, or NULL. */
static const char *
other_protocol(struct run *r, const char *address)
{
	if (str_starts(address, "sip:"))
		return arena_printf(r->arena, "h323:%s", address + 4);
	if (str_starts(address, "h323:"))
		return arena_printf(r->arena, "sip:%s", address + 5);
	return NULL;
}

/* Is there anything to try for this fallback? */
static bool
applies(const struct run_site *s, enum fallback f)
{
	switch (f) {
	case FALLBACK_SECOND_ADDRESS: return !str_empty(s->spec->address[1]);
	case FALLBACK_OTHER_PROTOCOL: return str_starts(s->spec->address[0], "sip:") || str_starts(s->spec->address[0], "h323:");
	case FALLBACK_LOWER_RATE: case FALLBACK_AUDIO_ONLY: return true;
	case FALLBACK_SECOND_MCU: return false; /* the directory names one MCU per site */
	}
	return false;
}

/* After the fast attempts: the fallbacks of the playbook in turn, then the planned way again. A box without any sign of life is
 * not helped by a lower rate: only another address is tried on it. */
static void
next_variant(struct run *r, struct run_site *s)
{
	const struct step *d = r->dial_step;

	for (int i = s->variant; d && i < d->fallback_n; i++) {
		bool another_way = d->fallback[i] == FALLBACK_SECOND_ADDRESS || d->fallback[i] == FALLBACK_OTHER_PROTOCOL;

		if (applies(s, d->fallback[i]) && (s->alive_seq || another_way)) {
			s->variant = i + 1;
			return;
		}
	}
	s->variant = 0;
}

/* A rehearsal of the fallback: the next attempt goes by the first one that this site has. */
void
site_exercise(struct run *r, struct run_site *s)
{
	const struct step *d = r->dial_step;

	for (int i = 0; i < d->fallback_n && !s->spec->lower; i++)
		if (applies(s, d->fallback[i])) {
			s->variant = i + 1;
			s->exercising = true;
			s->fast_left++; /* the planned attempts stay */
			return;
		}
}

static const char *
cascade_address(struct run *r, const char *pattern, const struct run_mcu *below)
{
	static const char word[] = "{conference}";
	const char *at = strstr(pattern, word);

	if (!at)
		return pattern;
	return arena_printf(r->arena, "%.*s%s%s", (int)(at - pattern), pattern, below->conference.name, at + sizeof word - 1);
}

/* Address, rate and handle of this attempt. A fallback has a handle of its own, so that a device that remembers what it dialled
 * under a name is not confused. */
static void
dial_as(struct run *r, struct run_site *s, struct attempt *a, struct order *o)
{
	const char *address = s->spec->address[0], *other;

	a->variant = s->variant;
	a->fallback = s->variant ? 1 + (int)r->dial_step->fallback[s->variant - 1] : 0;
	if (s->variant) {
		switch (r->dial_step->fallback[s->variant - 1]) {
		case FALLBACK_SECOND_ADDRESS: address = s->spec->address[1]; break;
		case FALLBACK_OTHER_PROTOCOL: other = other_protocol(r, address); address = other ? other : address; break;
		case FALLBACK_LOWER_RATE: o->kbps = o->kbps > 384 ? 384 : 256; break;
		case FALLBACK_AUDIO_ONLY: o->audio_only = true; break;
		case FALLBACK_SECOND_MCU: break;
		}
	}
	if (s->spec->lower) { /* "sip:{conference}@10.1.1.10" */
		address = cascade_address(r, address, &r->mcus[s->spec->lower - 1]);
		o->on = false; /* what comes from below must be heard above */
		s->wanted_muted = NO;
	}
	a->address = address;
	str_copy(o->address, sizeof o->address, address);
	str_copy(o->leg_name, sizeof o->leg_name, s->spec->leg_name);
	if (s->variant) {
		size_t n = strlen(o->leg_name), most = 28;

		n = n > most ? most : n;
		o->leg_name[n] = '~';
		o->leg_name[n + 1] = (char)('0' + s->variant);
		o->leg_name[n + 2] = '\0';
	}
}

/* When to try again: fast attempts first, then as often as the box is looked at. */
static void
plan_next_dial(struct run *r, struct run_site *s)
{
	const struct step *d = r->dial_step;

	if (!d)
		return;
	if (s->exercising) { /* rehearsed, and it failed: now as planned */
		s->exercising = false;
		s->variant = 0;
		s->next_dial = r->now;
		return;
	}
	if (s->fast_left > 0) {
		s->next_dial = r->now + d->every_ms;
		return;
	}
	next_variant(r, s);
	if (s->variant) {
		s->next_dial = r->now + d->every_ms;
		return;
	}
	/* A codec that can be asked wakes us (site_answer); the dial behind it is only for a blocked control port. */
	bool asked = s->spec->endpoint && !s->endpoint_final;

	s->next_dial = r->now + (asked ? 4 : 1) * d->probe_every_ms;
}

static void
dial(struct run *r, struct run_site *s, struct orders *out)
{
	struct attempt *a = vec_add_in(r->arena, &s->attempts);
	struct run_mcu *m = run_mcu_of(r, s);
	struct order *o = run_order_mcu(r, out, VERB_DIAL, m);

	a->number = (int)s->attempts.n;
	a->at = r->now;
	str_copy(o->site, sizeof o->site, s->spec->id);
	o->attempt = a->number;
	str_copy(o->site_name, sizeof o->site_name, s->spec->name);
	o->kbps = r->open_step ? r->open_step->kbps : 0;
	o->on = !r->open_step || r->open_step->muted;
	s->wanted_muted = tri_of(o->on);
	dial_as(r, s, a, o);
	struct buf word = { 0 };

	buf_printf(&word, "%s/%s/%d", r->spec->id, s->spec->id, a->number);
	str_copy(o->attempt_word, sizeof o->attempt_word, buf_str(&word));
	buf_free(&word);
	s->muted_ordered = r->now;
	s->mute_repeats = 0;
	s->phase = SITE_DIALING;
	s->dialing_since = r->now;
	s->dial_under_way = true;
	s->unknown_since = 0;
	s->rang = false;
	s->next_dial = 0;
	if (s->fast_left > 0)
		s->fast_left--;
}

/* The codec's own status and uptime; never while its call is being set up (Polycom integrator's guide). */
static void
ask_codec(struct run *r, struct run_site *s, struct orders *out)
{
	struct order *o = run_order(r, out, VERB_STATUS);

	str_copy(o->device, sizeof o->device, "site:");
	str_copy(o->device + 5, sizeof o->device - 5, s->spec->id);
	str_copy(o->site, sizeof o->site, s->spec->id);
	s->status_under_way = true;
	s->next_status = 0;
}

static bool
wants_status(const struct run *r, const struct run_site *s)
{
	if (!s->spec->endpoint || s->endpoint_final || s->spec->disabled || r->report_due || r->finished)
		return false;
	if (s->phase == SITE_DIALING)
		return false;
	return s->phase == SITE_UP || s->uptime_wanted || site_may_dial(r);
}

/* A leg that is gone is dialled again only when a list that was asked for afterwards shows no other one of it, and when it is
 * known whether a person ended it. */
static bool
gone_for_sure(const struct run_site *s, const struct run_mcu *m)
{
	return !s->reason_under_way && (s->phase != SITE_AWAY || m->list_asked > s->intervals.at[s->intervals.n - 1].to);
}

/* Rate, frames and jitter, where the MCU's list lacks them: a few times while the leg is verified. */
static bool
wants_media(const struct run *r, const struct run_site *s)
{
	if (!s->next_media || s->phase != SITE_UP || !r->verifying || r->now >= r->verify_until || r->closing || s->spec->mcu < 0)
		return false;
	const struct run_mcu *m = &r->mcus[s->spec->mcu];

	return m->phase == MCU_READY && !m->no_media;
}

/* A cascade leg is dialled once the conference below is open: it may be found by its name only then. */
static bool
lower_ready(const struct run *r, const struct run_site *s)
{
	return !s->spec->lower || r->mcus[s->spec->lower - 1].phase == MCU_READY;
}

static bool
may_be_dialled(const struct run *r, const struct run_site *s)
{
	if ((s->phase != SITE_WAITING && s->phase != SITE_AWAY) || r->held_since || !site_may_dial(r) || s->spec->mcu < 0)
		return false;
	const struct run_mcu *m = &r->mcus[s->spec->mcu];

	return m->phase == MCU_READY && !m->reconcile && lower_ready(r, s) && gone_for_sure(s, m);
}

/* Every site comes by here, and by site_wake(), at every event: whether something is due is asked first, whether it may be last. */
void
site_work(struct run *r, struct run_site *s, struct orders *out)
{
	if (s->phase == SITE_DIALING && !s->dial_under_way && !s->unknown_since && r->now - s->dialing_since >= DIAL_GIVE_UP_MS) {
		struct order *o = run_order_leg(r, out, VERB_HANGUP, s);

		o->urgent = true;
		site_failed(r, s, &(struct ending){ .cause = CAUSE_UNKNOWN, .device_words = "never ended" }, 0);
	}
	if (s->next_dial && s->next_dial <= r->now && !s->dial_under_way && may_be_dialled(r, s))
		dial(r, s, out);
	if (s->next_status && s->next_status <= r->now && !s->status_under_way && wants_status(r, s))
		ask_codec(r, s, out);
	if (s->next_media && s->next_media <= r->now && wants_media(r, s)) {
		run_order_leg(r, out, VERB_MEDIA, s);
		s->next_media = ++s->media_asked < MEDIA_TIMES ? r->now + MEDIA_APART_MS : 0;
	}
}

int64_t
site_wake(const struct run *r, const struct run_site *s)
{
	int64_t wake = INT64_MAX;

	if (s->next_dial && may_be_dialled(r, s))
		wake = s->next_dial;
	if (s->next_status && s->next_status < wake && !s->status_under_way && wants_status(r, s))
		wake = s->next_status;
	if (s->next_media && s->next_media < wake && wants_media(r, s))
		wake = s->next_media;
	if (s->phase == SITE_DIALING && !s->dial_under_way && !s->unknown_since && s->dialing_since + DIAL_GIVE_UP_MS < wake)
		wake = s->dialing_since + DIAL_GIVE_UP_MS;
	return wake;
}

void
site_ringing(struct run *r, struct run_site *s, int64_t seq)
{
	struct attempt *a = attempt_under_way(s);

	alive(s, seq);
	s->rang = true;
	if (a)
		a->rang = true;
	s->leg_state = LEG_RINGING;
}

void
site_up(struct run *r, struct run_site *s, const struct leg *leg, int64_t seq)
{
	struct attempt *a = attempt_under_way(s);
	struct interval *i;

	alive(s, seq);
	s->dial_under_way = false;
	if (leg->incoming || !a) {
		if (a) { /* it came by itself while we were dialling */
			a->result = ATTEMPT_OURS;
			a->ended = r->now;
			a->seq = seq;
		}
		a = vec_add_in(r->arena, &s->attempts);
		a->number = (int)s->attempts.n;
		a->at = r->now;
		a->address = arena_strdup(r->arena, leg->address);
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
	if (!s->first_up) {
		s->first_up = r->now;
		s->first_up_seq = seq;
		s->first_willing = r->now;
	}
	s->muted = UNKNOWN; /* of this leg nothing was listed yet: a difference is nobody's act */
	s->phase = SITE_UP;
	s->leg_state = LEG_UP;
	s->incoming = leg->incoming;
	str_copy(s->leg_id, sizeof s->leg_id, leg->id);
	if (leg->remote_ip[0])
		str_copy(s->remote_ip, sizeof s->remote_ip, leg->remote_ip);
	s->next_dial = 0;
	s->exercising = false;
	s->unknown_since = 0;
	s->hangup_by_us = s->hangup_by_person = false;
	s->ended_by_person = false;
	s->uptime_wanted = false;
	if (s->spec->endpoint && !s->endpoint_final)
		s->next_status = r->now + PROOF_APART_MS;
	s->next_media = r->verifying ? r->now + PROOF_APART_MS : 0;
	s->media_asked = 0;
	media_reset(s, true);
}

static enum ended_by
ended_by_of(const struct run_site *s, enum cause cause)
{
	switch (cause) {
	case CAUSE_SITE_HANGUP: case CAUSE_REJECTED: case CAUSE_BUSY: return ENDED_SITE;
	case CAUSE_OUR_HANGUP: return s->hangup_by_us ? ENDED_US : ENDED_OPERATOR;
	case CAUSE_NETWORK: case CAUSE_UNREACHABLE: return ENDED_NETWORK;
	case CAUSE_MCU: case CAUSE_GATEKEEPER: return ENDED_MCU;
	case CAUSE_UNKNOWN: case CAUSE_NO_ANSWER: case CAUSE_WRONG_ADDRESS: case CAUSE_INCOMPATIBLE: case CAUSE_AUTH: case CAUSE_N:
		break;
	}
	return ENDED_UNKNOWN;
}

/* A leg that was up is gone. by = ENDED_OPEN: to be told from the ending. */
void
site_down(struct run *r, struct run_site *s, const struct ending *ending, enum ended_by by, int64_t seq)
{
	struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;

	if (!i || i->ended_by != ENDED_OPEN)
		return;
	if (by == ENDED_OPEN)
		by = s->hangup_by_person ? ENDED_OPERATOR : r->closing || s->hangup_by_us ? ENDED_US : ended_by_of(s, ending->cause);
	i->to = r->now;
	i->end_seq = seq;
	i->ended_by = by;
	i->ending = *ending;
	/* A box that says no goodbye stays listed until the MCU gives it up: it went when its packets stopped. */
	if (by == ENDED_NETWORK || by == ENDED_UNKNOWN)
		i->silent_from = media_silent_since(s, &i->silent_seq);
	if (i->silent_from && i->silent_from < i->seen)
		i->seen = i->silent_from;
	s->leg_state = LEG_GONE;
	s->phase = SITE_AWAY;
	media_reset(s, by == ENDED_NETWORK || by == ENDED_UNKNOWN || by == ENDED_MCU);
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
		if (r->redial || !r->watching) {
			s->fast_left = r->dial_step ? r->dial_step->attempts : 0;
			site_redial(r, s, r->now + PROOF_APART_MS);
		}
		break;
	case ENDED_MCU:
		site_redial(r, s, r->now + PROOF_APART_MS);
		break;
	case ENDED_OPEN: case ENDED_POWER: case ENDED_US:
		break;
	}
}

static bool
shows_no_life(const struct run_site *s, enum cause cause)
{
	return cause == CAUSE_UNREACHABLE || (cause == CAUSE_NO_ANSWER && !s->rang);
}

static bool
shows_life(const struct run_site *s, enum cause cause)
{
	return cause == CAUSE_BUSY || cause == CAUSE_REJECTED || cause == CAUSE_INCOMPATIBLE || cause == CAUSE_AUTH ||
		cause == CAUSE_SITE_HANGUP || s->rang;
}

/* Not there, or not willing. A wrong address, a foreign protocol or a password is no lateness of the room. */
static bool
shows_unwilling(const struct run_site *s, enum cause cause)
{
	return shows_no_life(s, cause) || s->rang || cause == CAUSE_NO_ANSWER || cause == CAUSE_BUSY || cause == CAUSE_REJECTED ||
		cause == CAUSE_SITE_HANGUP;
}

/* An attempt ended without a leg. */
void
site_failed(struct run *r, struct run_site *s, const struct ending *ending, int64_t seq)
{
	struct attempt *a = attempt_under_way(s);
	bool ours = ending->cause == CAUSE_MCU || ending->cause == CAUSE_GATEKEEPER;

	s->dial_under_way = false;
	s->unknown_since = 0;
	s->phase = s->intervals.n ? SITE_AWAY : SITE_WAITING;
	s->leg_state = LEG_GONE;
	if (!a)
		return;
	a->ended = r->now;
	a->seq = seq;
	a->cause = ending->cause;
	str_copy(a->words, sizeof a->words, ending->device_words);
	a->result = ours ? ATTEMPT_OURS : ATTEMPT_FAILED;
	if (ending->cause == CAUSE_OUR_HANGUP && !s->hangup_by_us) { /* a person stopped the dial on the MCU */
		s->phase = SITE_LEFT;
		s->ended_by_person = true;
		a->result = ATTEMPT_OURS;
		return;
	}
	if (!ours) {
		if (shows_life(s, ending->cause))
			alive(s, seq);
		if (shows_no_life(s, ending->cause)) {
			s->dead_seq = seq;
		}
		if (!s->first_up && shows_unwilling(s, ending->cause))
			s->not_before = r->now;
	}
	s->hangup_by_us = false;
	plan_next_dial(r, s);
	if (s->spec->endpoint && !s->endpoint_final && (!s->next_status || s->next_status < r->now))
		s->next_status = r->now + PROOF_APART_MS;
}

/* The order to dial left, and what came of it is not known. */
void
site_outcome_unknown(struct run *r, struct run_site *s)
{
	s->dial_under_way = false;
	s->unknown_since = r->now;
}

/* A list read after that shows no leg of this site: the attempt is over, without telling anything about the site. */
void
site_settle_unknown(struct run *r, struct run_site *s)
{
	struct attempt *a = attempt_under_way(s);

	s->unknown_since = 0;
	if (s->phase != SITE_DIALING)
		return;
	s->phase = s->intervals.n ? SITE_AWAY : SITE_WAITING;
	if (a) {
		a->result = ATTEMPT_OURS;
		a->ended = r->now;
	}
	site_redial(r, s, r->now);
}

/* The box was up at `uptime` seconds when asked: did it restart since it was last seen in the conference? */
static void
uptime_tells(struct run *r, struct run_site *s, const struct endpoint_status *st, int64_t seq)
{
	struct interval *i = s->intervals.n ? &s->intervals.at[s->intervals.n - 1] : NULL;
	int64_t step = (st->uptime_step_s > 0 ? st->uptime_step_s : 1) * 1000;
	int64_t up = st->uptime_s.v * 1000;

	if (!i || !st->uptime_s.known || (i->ended_by != ENDED_NETWORK && i->ended_by != ENDED_UNKNOWN))
		return;
	/* Told in whole steps: it has been up between `up` and `up + step`. */
	if (r->now - up - step > i->seen)
		i->ended_by = ENDED_POWER;
	else if (r->now - up < i->seen)
		i->ended_by = ENDED_NETWORK;
	else
		return;
	i->uptime_seq = seq;
	s->uptime_wanted = false;
}

static void
status_told(struct run *r, struct run_site *s, const struct event *e)
{
	const struct endpoint_status *st = &e->status;

	alive(s, e->seq);
	s->endpoint_seen = r->now;
	/* The port answers now, so its silence before was the box's. */
	if (!s->first_up && s->probe_silent > s->not_before)
		s->not_before = s->probe_silent;
	if (st->mic_muted != UNKNOWN) {
		s->mic_muted = st->mic_muted;
		s->mic_seq = e->seq;
	}
	if (st->auto_answer != UNKNOWN) {
		s->auto_answer = st->auto_answer;
		s->auto_answer_seq = e->seq;
	}
	uptime_tells(r, s, st, e->seq);
	if (s->phase == SITE_UP) {
		if (st->sampled && st->in_call != NO)
			media_feed(r, s, BY_ENDPOINT, &st->media, r->now, e->seq);
		bool proven = media_proven(s, BY_ENDPOINT, TO_SITE);

		bool fresh = r->now - s->intervals.at[s->intervals.n - 1].from < FRESH_MS;

		s->next_status = r->now + (!proven && fresh ? STATUS_FRESH_MS :
			proven && !(r->verifying && r->now < r->verify_until) ? STATUS_MS : STATUS_VERIFY_MS);
		return;
	}
	s->next_status = r->now + (r->dial_step ? r->dial_step->probe_every_ms : STATUS_MS);
	/* It is awake: call it now, unless it was called a moment ago. */
	struct attempt *a = last_attempt(s);
	int64_t rest = r->dial_step ? r->dial_step->probe_every_ms : STATUS_MS;

	if ((s->phase == SITE_WAITING || s->phase == SITE_AWAY) && s->next_dial && (!a || r->now - a->ended >= rest))
		site_redial(r, s, r->now);
}

static void
status_failed(struct run *r, struct run_site *s, const struct event *e)
{
	s->next_status = r->now + (r->dial_step ? r->dial_step->probe_every_ms : STATUS_MS);
	if (e->code == ERR_AUTH || e->code == ERR_UNSUPPORTED || e->code == ERR_INPUT) {
		s->endpoint_final = true;
		s->uptime_wanted = false;
		s->next_status = 0;
		str_copy(s->endpoint_word, sizeof s->endpoint_word, e->word[0] ? e->word : err_name(e->code));
		/* It is not who it was, which is another thing than a password it does not take. */
		bool stranger = str_eq(e->word, "host-key-changed") || str_eq(e->word, "bad-certificate");
		const char *kind = stranger ? e->word : e->code == ERR_AUTH ? "endpoint-refused" : "endpoint-unusable";

		run_note(r, e->seq, kind, "%s: %s", s->spec->name, e->why);
		if (e->code == ERR_AUTH)
			alive(s, e->seq);
	}
	if (e->code == ERR_UNREACHABLE)
		s->probe_silent = r->now;
	if (e->code == ERR_PROTOCOL || e->code == ERR_BUSY)
		alive(s, e->seq); /* something answered */
}

/* A dial's answer says only that the MCU took the order. */
static void
dial_answered(struct run *r, struct run_site *s, const struct event *e)
{
	struct run_mcu *m = run_mcu_of(r, s);

	if (s->phase != SITE_DIALING || !s->dial_under_way)
		return;
	switch (e->code) {
	case OK: {
		struct run_leg *l = mcu_leg(m, e->leg.id);

		s->dial_under_way = false;
		str_copy(s->leg_id, sizeof s->leg_id, e->leg.id);
		if (!l)
			l = mcu_leg_add(r, m, &e->leg, s->index);
		l->site = s->index;
		l->since = r->now;
		l->leg.state = e->leg.state == LEG_UP || e->leg.state == LEG_GONE ? LEG_DIALING : e->leg.state;
		if (l->leg.state == LEG_RINGING)
			site_ringing(r, s, e->seq);
		m->next_poll = r->now;
		return;
	}
	case ERR_REFUSED: case ERR_UNSUPPORTED: case ERR_INPUT: {
		struct ending ending = { .cause = cause_from_name(e->word) };

		str_copy(ending.device_words, sizeof ending.device_words, e->why);
		if (ending.cause == CAUSE_UNKNOWN)
			ending.cause = CAUSE_MCU; /* the MCU refused the order itself: not the site's doing */
		site_failed(r, s, &ending, e->seq);
		run_note(r, e->seq, "dial-refused", "%s: %s", s->spec->name, e->why);
		return;
	}
	case ERR_TIMEOUT: case ERR_PROTOCOL: case ERR_CANCELED: case ERR_SYSTEM:
		site_outcome_unknown(r, s);
		m->next_poll = r->now;
		return;
	case ERR_UNREACHABLE: case ERR_AUTH: case ERR_BUSY: case ERR_GONE: {
		struct ending ending = { .cause = CAUSE_MCU };

		str_copy(ending.device_words, sizeof ending.device_words, err_name(e->code));
		s->fast_left++; /* nothing was tried on the site */
		site_failed(r, s, &ending, e->seq);
		if (e->code != ERR_BUSY)
			m->next_poll = r->now;
		if (e->code == ERR_GONE && m->phase == MCU_READY && s->dialing_since >= m->opened_at)
			mcu_conference_gone(r, m, e);
		return;
	}
	}
}

void
site_answer(struct run *r, const struct event *e, struct orders *out)
{
	int index;

	if (!spec_site(r->spec, e->site, &index))
		return;
	struct run_site *s = &r->sites[index];

	if (e->verb == VERB_STATUS) {
		s->status_under_way = false;
		if (e->code == OK)
			status_told(r, s, e);
		else
			status_failed(r, s, e);
	} else if (e->verb == VERB_DIAL) {
		dial_answered(r, s, e);
	}
}
