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
	if (s->up_since && !s->ended) {
		s->ended = w->now;
		str_copy(s->ended_words, sizeof s->ended_words, words);
	}
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
		w->mcu_booted = w->mcu_booted ? w->now + w->mcu_boot_ms : 0;
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
			if (!box_reachable(w, s) || s->elsewhere || (w->cut_off && !on_reserve(w, s)))
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
			   w->now >= WORLD_START + s->b->dials_in_at && box_reachable(w, s) &&
			   !(w->cut_off && !on_reserve(w, s))) {
			leg_connect(w, s, true);
		}
	}
	if (w->watch)
		w->watch(w, NULL);
}

/* Somebody in the room says something: an answer, to what this room answers to. */
static inline bool
box_speaks(const struct world *w, const struct world_site *s)
{
	if (w->now < WORLD_START + s->b->mic_muted_to)
		return false;
	if (s->b->hears)
		return !s->muted && s->sounded && !s->b->one_way_audio_to &&
		       w->now >= s->sounded + s->b->hears * 1000 &&
		       w->now < s->sounded + s->b->hears * 1000 + 8000;
	if (s->b->answers_alone)
		return w->asked_all_at && s->muted && w->now >= w->asked_all_at + 3000 &&
		       w->now < w->asked_all_at + 13000;
	return !s->b->silent && !s->muted && w->now >= s->unmuted_since + 3000 &&
	       w->now < s->unmuted_since + 13000;
}

static inline bool
box_echoes(const struct world *w, const struct world_site *s)
{
	return s->b->echoes && s->sounded && !s->b->one_way_audio_to && w->now < s->sounded + 1700;
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

		if (medium == AUDIO ? s->b->one_way_audio_from : s->b->one_way_video_from)
			packets = 0;
		from->open = to->open = tri_of(medium == AUDIO || !s->b->no_video);
		if (s->b->jitter_ms)
			from->jitter_ms = figure_of(s->b->jitter_ms);
		if (s->b->rtt_ms)
			from->rtt_ms = figure_of(s->b->rtt_ms);
		from->packets = figure_of(packets * (1000 - s->b->loss_permille) / 1000);
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
	/* of what does not arrive, there is no level either */
	bool arrives = until == w->now && !s->b->one_way_audio_from, noisy = s->b->noisy && arrives,
	     speaking = arrives && (box_speaks(w, s) || (box_echoes(w, s) && !s->muted));

	if (s->b->told_muted && s->muted) {
		m->speech = tri_of(s->spoke_muted);
		return;
	}
	if (s->b->talks)
		m->speech =
			s->muted ? UNKNOWN
				 : tri_of(noisy ||
					   (s->b->hears || s->b->silent
							   ? speaking
							   : arrives && w->now >= s->unmuted_since +
											  2500));
	else
		m->s[AUDIO][FROM_SITE].level_mdb = figure_of((noisy		? -20000
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

#endif
