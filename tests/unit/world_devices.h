/* The devices of the small world: boxes, legs, counters, and what they answer to orders. Included
 * by world.h only. */
#ifndef TD_TEST_WORLD_DEVICES_H
#define TD_TEST_WORLD_DEVICES_H

static inline bool
box_on(const struct world *w, const struct world_site *s)
{
	int64_t up = s->first_up ? w->now - s->first_up : -1;

	if (s->b->kind == W_OFF || w->now < WORLD_START + s->b->on_at)
		return false;
	if (s->b->poweroff_at && up >= s->b->poweroff_at &&
		!(s->b->on_again_at && up >= s->b->on_again_at))
		return false;
	return true;
}

static inline bool
box_reachable(const struct world *w, const struct world_site *s)
{
	int64_t up = s->first_up ? w->now - s->first_up : -1;

	if (s->b->network_down_at && up >= s->b->network_down_at &&
		!(s->b->network_back_at && up >= s->b->network_back_at))
		return false;
	return box_on(w, s);
}

static inline void
leg_end(struct world *w, struct world_site *s, enum cause cause, const char *words)
{
	s->state = LEG_GONE;
	s->since = w->now;
	if (s->up_since && !s->ended)
		s->ended = w->now;
	s->ending.cause = s->b->mcu_knows_not && s->up_since ? CAUSE_UNKNOWN : cause;
	str_copy(s->ending.device_words, sizeof s->ending.device_words, words);
}

static inline void
leg_connect(struct world *w, struct world_site *s, bool incoming)
{
	s->state = LEG_UP;
	s->up_since = w->now;
	s->ended = 0;
	s->person_ended = s->person_told = 0;
	s->since = w->now;
	s->incoming = incoming;
	if (incoming && s->unmuted_in) {
		s->muted = false;
		s->unmuted_since = w->now;
	}
	s->exists = true;
	if (!s->first_up)
		s->first_up = w->now;
	s->legs_made++;
}

static inline void
devices_step(struct world *w)
{
	if (w->mcu_forgets_at && w->now >= w->mcu_forgets_at) {
		w->mcu_forgets_at = 0;
		w->forgot = true;
		for (size_t i = 0; i < w->n; i++) {
			if (w->sites[i].mcu != 0)
				continue;
			w->sites[i].exists = false;
			w->sites[i].state = LEG_NEW;
		}
	}
	for (size_t i = 0; i < w->n; i++) {
		struct world_site *s = &w->sites[i];
		int64_t asked = w->asked_all_at && s->b->answers_alone
					? w->asked_all_at + s->b->answers_alone * 1000
					: INT64_MAX;

		if (s->muted &&
			((w->now >= asked && w->now < asked + 8000) ||
				(s->b->coughs_at && w->now >= WORLD_START + s->b->coughs_at &&
					w->now < WORLD_START + s->b->coughs_at + 1000)))
			s->spoke_muted = true;
		int64_t up = s->first_up ? w->now - s->first_up : -1;

		if (s->state == LEG_DIALING && w->now - s->since >= 2000) {
			if (!box_reachable(w, s) || (w->cut_off && !on_reserve(w, s)))
				w->now - s->since >= 8000
					? leg_end(w, s, CAUSE_UNREACHABLE, "destinationUnreachable")
					: (void)0;
			else if (s->b->kind == W_BUSY)
				leg_end(w, s, CAUSE_BUSY, "busy");
			else if (s->b->kind == W_REJECTED)
				leg_end(w, s, CAUSE_REJECTED, "rejected");
			else if (s->b->kind == W_WRONG_ADDRESS)
				leg_end(w, s, CAUSE_WRONG_ADDRESS, "unallocated");
			else if (s->b->kind == W_INCOMPATIBLE)
				leg_end(w, s, CAUSE_INCOMPATIBLE, "incompatible");
			else {
				s->state = LEG_RINGING;
				s->since = w->now;
			}
		} else if (s->state == LEG_RINGING) {
			if (s->b->kind == W_UNANSWERED)
				w->now - s->since >= 40000
					? leg_end(w, s, CAUSE_NO_ANSWER, "noAnswer")
					: (void)0;
			else if (w->now - s->since >= 2000)
				leg_connect(w, s, false);
		} else if (s->state == LEG_UP) {
			if (s->b->person_mutes_at && up >= s->b->person_mutes_at &&
				up < s->b->person_mutes_at + 500)
				s->muted = !s->muted;
			if (s->b->hangup_at && up >= s->b->hangup_at && up < s->b->hangup_at + 5000)
				leg_end(w, s, CAUSE_SITE_HANGUP, "remoteTeardown");
			else if (s->b->person_hangs_up && up >= s->b->person_at &&
				 up < s->b->person_at + 5000)
				s->person_ended = s->incoming ? 0 : w->now,
				leg_end(w, s, CAUSE_OUR_HANGUP, "disconnectAll");
			else if (!box_reachable(w, s) &&
				 up >= (s->b->poweroff_at ? s->b->poweroff_at
							  : s->b->network_down_at) +
						 (w->keep_alive ? w->keep_alive : 90000))
				leg_end(w, s, CAUSE_NETWORK, "networkError");
		} else if (s->b->dials_in &&
			   (!s->exists || (s->state == LEG_GONE && !s->first_up)) &&
			   w->now >= WORLD_START + s->b->dials_in_at) {
			leg_connect(w, s, true);
		}
	}
}

static inline void
counters(const struct world *w, const struct world_site *s, struct media_sample *m)
{
	int64_t until = w->now, up = w->now - s->first_up;

	if (s->b->frozen_at && up > s->b->frozen_at)
		until = s->first_up + s->b->frozen_at;
	if (!box_reachable(w, s))
		until = s->first_up +
			(s->b->poweroff_at ? s->b->poweroff_at : s->b->network_down_at);
	if (s->b->poweroff_at && s->since < s->first_up + s->b->poweroff_at &&
		until > s->first_up + s->b->poweroff_at)
		/* on again, it knows nothing of this call */
		until = s->first_up + s->b->poweroff_at;
	int64_t ms = until > s->since ? until - s->since : 0;

	for (int medium = 0; medium < MEDIA_N; medium++) {
		struct stream *from = &m->s[medium][FROM_SITE], *to = &m->s[medium][TO_SITE];
		int64_t packets = ms / (medium == AUDIO ? 20 : 10);
		bool none = medium == AUDIO ? s->b->one_way_audio_from : s->b->one_way_video_from;

		from->open = to->open = tri_of(medium == AUDIO || !s->b->no_video);
		if (s->b->jitter_ms)
			from->jitter_ms = figure_of(s->b->jitter_ms);
		if (s->b->rtt_ms)
			from->rtt_ms = figure_of(s->b->rtt_ms);
		from->packets = figure_of(none ? 0 : packets * (1000 - s->b->loss_permille) / 1000);
		from->lost = figure_of(packets * s->b->loss_permille / 1000);
		if (s->b->from_backwards)
			from->packets = figure_of(1000000000 - packets);
		if (s->b->from_wraps)
			from->packets = figure_of((0xffffffffLL - 12000 + packets) & 0xffffffffLL);
		if (s->b->skips)
			from->lost = figure_of((w->now - s->since) / (medium == AUDIO ? 20 : 10) -
					       from->packets.v);
		to->packets = figure_of((w->now - s->since) / 20);
	}
	bool speaking = !s->b->silent && !s->muted && w->now >= s->unmuted_since + 3000 &&
			w->now < s->unmuted_since + 13000;

	bool asked = w->asked_all_at && s->muted && w->now >= w->asked_all_at + 3000 &&
		     w->now < w->asked_all_at + 13000;

	speaking = s->b->answers_alone ? asked : speaking;
	bool reached = s->sounded && !s->b->one_way_audio_to,
	     echo = s->b->echoes && reached && w->now < s->sounded + 1700;

	if (s->b->hears)
		speaking = !s->muted && reached && w->now >= s->sounded + s->b->hears * 1000 &&
			   w->now < s->sounded + s->b->hears * 1000 + 8000;
	speaking = speaking || (echo && !s->muted);
	if (s->b->told_muted && s->muted) {
		m->speech = tri_of(s->spoke_muted);
		return;
	}
	if (s->b->talks)
		m->speech = s->muted
				    ? UNKNOWN
				    : tri_of(s->b->noisy ||
					      (s->b->hears || s->b->silent
							      ? speaking
							      : w->now >= s->unmuted_since + 2500));
	else
		m->s[AUDIO][FROM_SITE].level_mdb = figure_of((s->b->noisy	? -20000
								     : speaking ? -12000
										: -28000) +
							     s->b->level_shift);
}

static inline struct leg
leg_of(const struct world *w, size_t i)
{
	const struct world_site *s = &w->sites[i];
	bool rings = s->state == LEG_RINGING && !(w->spec.mcus->evidence & EVIDENCE_RINGING);
	struct leg l = { .state = rings ? LEG_DIALING : s->state,
		.incoming = s->incoming,
		.muted = tri_of(s->muted),
		.configured = !s->incoming,
		.ending = s->ending };

	bool renamed = s->b->renamed_at && w->now >= WORLD_START + s->b->renamed_at;

	str_copy(l.name, sizeof l.name, renamed ? s->b->renamed : s->b->id);
	if (s->b->from_ip)
		str_copy(l.remote_ip, sizeof l.remote_ip,
			s->legs_made > 1 ? s->b->then_ip : s->b->from_ip);
	str_copy(l.id, sizeof l.id, s->b->id);
	str_copy(l.address, sizeof l.address, w->spec.sites[i].address[0] + 5);
	if (w->spec.sites[i].lower && s->incoming) { /* dialled from below */
		str_copy(l.name, sizeof l.name, "huyen");
		str_copy(l.address, sizeof l.address, w->spec.mcus[0].host);
	}
	if (s->state == LEG_GONE && w->now - s->since < w->list_reason_late)
		l.ending = (struct ending){ 0 };
	if (s->state == LEG_UP) {
		l.sampled = true;
		counters(w, s, &l.media);
	}
	return l;
}

/* The lower end of a cascade leg. */
static inline struct leg
from_above(const struct world *w, size_t i)
{
	struct leg l = leg_of(w, i);

	l.incoming = !w->sites[i].incoming; /* a person below dialled upward: it goes out from
					     * here */
	l.configured = false;
	str_copy(l.id, sizeof l.id, "above");
	str_copy(l.name, sizeof l.name, "above");
	str_copy(l.address, sizeof l.address, w->spec.mcus[1].host);
	return l;
}

static inline bool
guest_leg(const struct world *w, const struct guest *g, struct leg *out)
{
	int64_t at = w->now - WORLD_START;

	if (at < g->from || (at >= g->to && g->cause == CAUSE_UNKNOWN))
		return false;
	*out = (struct leg){ .state = at < g->to ? LEG_UP : LEG_GONE, .incoming = true };
	str_copy(out->id, sizeof out->id, g->id);
	str_copy(out->name, sizeof out->name, g->name);
	str_copy(out->address, sizeof out->address, g->address);
	if (out->state == LEG_GONE)
		out->ending.cause = g->cause;
	return true;
}

static inline int
mcu_number(const struct world *w, const char *device)
{
	int i = 0;

	while (i + 1 < (int)w->spec.mcus_n && !str_eq(w->spec.mcus[i].name, device))
		i++;
	return i;
}

static inline long
site_index(const struct world *w, const char *id)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->sites[i].b->id, id))
			return (long)i;
	return -1;
}

static inline int64_t
box_booted(const struct world *w, const struct world_site *s)
{
	bool again = s->b->poweroff_at && s->first_up && w->now > s->first_up + s->b->poweroff_at;

	return again ? s->first_up + s->b->on_again_at : WORLD_START - 3600000;
}

/* By its own word: a box that was switched off and on knows nothing of the leg that its MCU still
 * lists. */
static inline bool
box_in_call(const struct world *w, const struct world_site *s)
{
	return s->state == LEG_UP ? s->since > box_booted(w, s)
				  : s->state == LEG_DIALING || s->state == LEG_RINGING;
}

static inline void
order_effect(struct world *w, const struct order *o)
{
	long i = site_index(w, o->site);
	struct world_site *s = i >= 0 ? &w->sites[i] : NULL;

	switch (o->verb) {
	case VERB_MESSAGE:
		if (!s && !w->message)
			w->asked_all_at = w->now;
		return;
	case VERB_PLAY:
		w->tones_to_all += !s;
		if (s)
			s->sounded = w->now, s->tones++;
		return;
	case VERB_DIAL:
		s->dials++;
		w->against_person += s->person_told && w->now - w->latency > s->person_told;
		if (s->state == LEG_UP || s->state == LEG_DIALING || s->state == LEG_RINGING) {
			w->double_dials += !s->incoming && s->mcu != mcu_number(w, o->device) &&
				box_in_call(w, s); /* one that came in a moment ago is busy; a dead
						    * leg is none */
		} else if (!w->forgot || mcu_number(w, o->device) != 0) {
			s->mcu = mcu_number(w, o->device);
			s->state = LEG_DIALING;
			s->since = w->now;
			s->exists = true;
			s->incoming = false;
			s->muted = o->on;
		}
		return;
	case VERB_MUTE:
		if (!o->on && i == 0 && w->unmute)
			return;
		if (o->on && w->lose_mutes > 0) {
			w->lose_mutes--;
			return;
		}
		s->muted = o->on;
		s->spoke_muted = false;
		if (!o->on)
			s->unmuted_since = w->now;
		return;
	case VERB_END:
		for (size_t k = 0; k < w->n && w->busy_ends <= 0; k++)
			if (w->sites[k].mcu == mcu_number(w, o->device) &&
				w->sites[k].state != LEG_GONE && w->sites[k].exists)
				leg_end(w, &w->sites[k], CAUSE_OUR_HANGUP, "conference ended");
		return;
	case VERB_HANGUP:
		if (str_eq(o->leg.id, "upward")) {
			w->upward = false;
			return;
		}
		if (str_eq(o->leg.id, "second")) {
			w->two_legs = 0;
			return;
		}
		if (s->state != LEG_GONE && o->leg.id[0])
			leg_end(w, s, CAUSE_OUR_HANGUP, "disconnected");
		return;
	default:
		return;
	}
}

static inline bool
mcu_down(const struct world *w)
{
	return w->mcu_down_from && w->now >= w->mcu_down_from && w->now < w->mcu_down_to;
}

/* The list of an MCU, as it is now. */
static inline struct roster
list_of(struct world *w, const struct order *o)
{
	struct roster roster = { .legs = arena_alloc(w->arena,
					 (2 * w->n + w->guests_n + 1) * sizeof(struct leg)) };
	int mcu = mcu_number(w, o->device);
	bool blind = w->now >= w->blind_from && w->now < w->blind_to;

	for (size_t k = 0; k < w->n && !blind; k++) {
		if (w->spec.sites[k].lower == mcu + 1 && w->sites[k].state == LEG_UP)
			roster.legs[roster.n++] = from_above(w, k);
		if (w->upward && w->spec.sites[k].lower &&
			(mcu == 1 || mcu + 1 == w->spec.sites[k].lower)) {
			struct leg *l = &roster.legs[roster.n++];

			*l = leg_of(w, k);
			l->configured = false;
			l->incoming = mcu == 1;
			str_copy(l->id, sizeof l->id, "upward");
			str_copy(l->name, sizeof l->name, "huyen");
			str_copy(
				l->address, sizeof l->address, w->spec.mcus[mcu == 1 ? 0 : 1].host);
		}
		if (w->sites[k].mcu != mcu || !w->sites[k].exists ||
			(w->sites[k].incoming && w->sites[k].state == LEG_GONE))
			continue;
		roster.legs[roster.n++] = leg_of(w, k);
		if (w->sites[k].person_ended && !w->sites[k].person_told)
			w->sites[k].person_told = w->now;
		if (w->two_legs == (int)k + 1) {
			roster.legs[roster.n] = leg_of(w, k);
			str_copy(roster.legs[roster.n].id, sizeof roster.legs[0].id, "second");
			roster.legs[roster.n].configured = false;
			roster.legs[roster.n++].incoming = true;
		}
	}
	for (size_t k = 0; k < w->guests_n && mcu == 0 && !blind; k++)
		roster.n += guest_leg(w, &w->guests[k], &roster.legs[roster.n]);
	return roster;
}

/* That list has arrived: what is new in it. */
static inline void
list_told_by(struct world *w, const struct order *o, const struct roster *list, struct event *e)
{
	run_diff(w->run, o->device, list, w->now + w->skew, w->arena, e);
	e->number = o->number;
}

static inline void
answer_order(struct world *w, const struct order *o, struct event *e)
{
	long i = site_index(w, o->site);

	memset(e, 0, sizeof *e);
	e->kind = EVENT_ANSWER;
	e->number = o->number;
	e->verb = o->verb;
	str_copy(e->device, sizeof e->device, o->device);
	str_copy(e->site, sizeof e->site, o->site);
	e->leg = o->leg;
	if (str_eq(o->device, "huyen") && mcu_down(w)) {
		e->code = ERR_UNREACHABLE;
		str_copy(e->why, sizeof e->why, "huyen: no route");
		if (o->verb == VERB_ROSTER)
			e->kind = EVENT_ROSTER;
		return;
	}
	switch (o->verb) {
	case VERB_START:
		w->logins += !str_eq(o->device, "du-phong");
		if (o->layout[0] && w->layout != OK) {
			e->code = w->layout;
			str_copy(e->why, sizeof e->why, "open: no layout \"odd\"");
			return;
		}
		e->code = str_eq(o->device, "du-phong") ? OK : w->mcu_open;
		if (e->code != OK) {
			str_copy(e->word, sizeof e->word, w->mcu_word ? w->mcu_word : "");
			str_copy(e->why, sizeof e->why, "huyen: refused");
			return;
		}
		str_copy(e->conference.name, sizeof e->conference.name, o->conference_name);
		str_copy(e->conference.id, sizeof e->conference.id, o->conference_name);
		e->conference.created = true;
		if (str_eq(o->device, "huyen"))
			w->forgot = false;
		return;
	case VERB_FIND:
		if (!w->found) {
			e->code = ERR_GONE;
			return;
		}
		str_copy(e->conference.name, sizeof e->conference.name, w->found);
		str_copy(e->conference.id, sizeof e->conference.id, w->found);
		return;
	case VERB_LAYOUT: case VERB_FOCUS:
		e->code = w->layout;
		if (w->layout != OK)
			str_copy(e->why, sizeof e->why, "no layout \"odd\"");
		return;
	case VERB_PROBE:
		if (w->mcu_uptime_s)
			e->identity.uptime_s = figure_of(w->mcu_uptime_s);
		return;
	case VERB_PLAY:
		e->code = w->play;
		return;
	case VERB_MESSAGE:
		e->code = w->message_alone && o->leg.id[0] ? w->message_alone : w->message;
		return;
	case VERB_MUTE: e->code = !o->on && i == 0 ? w->unmute : OK; return;
	case VERB_REASON:
		e->ending.cause = w->reason;
		return;
	case VERB_END:
		if (w->busy_ends > 0) {
			w->busy_ends--;
			e->code = ERR_BUSY;
		}
		return;
	case VERB_ROSTER: {
		struct roster list = list_of(w, o);

		list_told_by(w, o, &list, e);
		return;
	}
	case VERB_DIAL: case VERB_LOOK:
		if (o->verb == VERB_DIAL && w->lose_dial_answers > 0) {
			w->lose_dial_answers--;
			e->code = ERR_TIMEOUT;
			return;
		}
		e->leg = leg_of(w, (size_t)i);
		if (w->forgot && str_eq(o->device, "huyen"))
			e->code = ERR_GONE;
		return;
	case VERB_STATUS: {
		struct world_site *s = &w->sites[i];

		if (!box_reachable(w, s)) {
			e->code = ERR_UNREACHABLE;
			return;
		}
		if (s->b->other_password) {
			e->code = ERR_AUTH;
			return;
		}
		if (s->b->auto_answer_off)
			e->status.auto_answer = NO;
		int64_t booted = box_booted(w, s);

		e->status.in_call = tri_of(s->state == LEG_UP && box_in_call(w, s));
		e->status.uptime_s = figure_of((w->now - booted) / 60000 * 60);
		e->status.uptime_step_s = 60;
		e->status.mic_muted = tri_of(w->now < WORLD_START + s->b->mic_muted_to);
		e->status.sampled = true;
		for (int m = 0; m < MEDIA_N; m++) {
			e->status.media.s[m][TO_SITE].kbps =
				figure_of(m == AUDIO && s->b->one_way_audio_to ? 0 : 64);
			e->status.media.s[m][TO_SITE].lost = figure_of(0);
			e->status.media.s[m][TO_SITE].open = tri_of(m == AUDIO || !s->b->no_video);
		}
		if (w->hides_call)
			e->status.in_call = UNKNOWN;
		e->status.told = w->told;
		w->told = (struct told){ 0 };
		if (s->b->sends_kbps)
			e->status.media.s[VIDEO][FROM_SITE].kbps = figure_of(s->b->sends_kbps);
		return;
	}
	case VERB_HISTORY: {
		struct world_site *s = &w->sites[i];
		struct past_call *p = e->past = arena_alloc(w->arena, sizeof *p);

		if (!box_reachable(w, s))
			e->code = ERR_UNREACHABLE;
		if (!s->ended || e->code != OK)
			return;
		e->past_n = 1;
		*p = (struct past_call){ .far_address = "127.10.0.1",
			.duration_s = figure_of((s->ended - s->up_since) / 1000),
			.ending = { .cause = s->b->codec_says, .device_words = "by the codec" } };
		if (!s->b->undated)
			p->ended_ago_s = figure_of((w->now - s->ended + s->b->codec_off) / 1000);
		return;
	}
	default:
		return;
	}
}

#endif
