/* The small world: what orders do to its devices, what is answered, and what gets lost on the way.
 * Included by world.h only. */
#ifndef TD_TEST_WORLD_ANSWERS_H
#define TD_TEST_WORLD_ANSWERS_H

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
					   box_in_call(w, s); /* one that came in a moment ago is
							       * busy; a dead leg is none */
		} else if (!w->forgot || mcu_number(w, o->device) != 0) {
			s->mcu = mcu_number(w, o->device);
			s->state = LEG_DIALING;
			s->since = w->now;
			s->exists = true;
			s->incoming = false;
			s->muted = o->on;
			s->elsewhere =
				s->b->moved && !str_eq(o->address, w->spec.sites[i].address[1]);
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
	default: return;
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

/* It shows its list as it was once. */
static inline bool
stale_now(const struct world *w, const char *device)
{
	return w->stale.legs && w->now < w->stale_to && str_eq(device, "huyen");
}

static inline struct roster
shown_list(struct world *w, const struct order *o)
{
	struct roster list = stale_now(w, o->device) ? w->stale : list_of(w, o);

	if (w->stale_from && !w->stale.legs && w->now >= w->stale_from &&
		str_eq(o->device, "huyen"))
		w->stale = list;
	return list;
}

/* That list has arrived: what is new in it. */
static inline void
list_told_by(struct world *w, const struct order *o, const struct roster *list, struct event *e)
{
	run_diff(w->run, o->device, list, w->now + w->skew, w->arena, e);
	e->number = o->number;
}

/* How its last call ended, by what really was. */
static inline enum cause
codec_knows(const struct world *w, const struct world_site *s)
{
	if (box_booted(w, s) > s->up_since)
		return CAUSE_UNKNOWN; /* it was off then */
	return str_eq(s->ended_words, "remoteTeardown") ? CAUSE_SITE_HANGUP
	       : str_eq(s->ended_words, "networkError") ? CAUSE_NETWORK
							: CAUSE_MCU;
}

/* What becomes of an order on its way: OK, refused by a dead line, or its answer gets lost. */
static inline enum err
way_fault(struct world *w, const struct order *o)
{
	bool line = w->line_down_from && w->now >= w->line_down_from && w->now < w->line_down_to;

	if (line || (mcu_down(w) && str_eq(o->device, "huyen")))
		return ERR_UNREACHABLE;
	return w->lose_every && ++w->lost % w->lose_every == 0 ? ERR_TIMEOUT : OK;
}

static inline int64_t
codec_slowness(const struct world *w, const struct order *o)
{
	long i = str_starts(o->device, "site:") ? site_index(w, o->site) : -1;

	return i >= 0 ? w->sites[i].b->slow_ms : 0;
}

static inline void
order_done(struct world *w, const struct order *o)
{
	order_effect(w, o);
	if (w->watch)
		w->watch(w, o);
}

static inline void
answer_order(struct world *w, const struct order *o, enum err fault, struct event *e)
{
	long i = site_index(w, o->site);

	memset(e, 0, sizeof *e);
	e->kind = EVENT_ANSWER;
	e->number = o->number;
	e->verb = o->verb;
	str_copy(e->device, sizeof e->device, o->device);
	str_copy(e->site, sizeof e->site, o->site);
	e->leg = o->leg;
	if (fault != OK) {
		e->code = fault;
		str_copy(e->why, sizeof e->why,
			str_eq(o->device, "huyen") ? "huyen: no route" : "no answer");
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
	case VERB_LAYOUT:
	case VERB_FOCUS:
		e->code = w->layout;
		if (w->layout != OK)
			str_copy(e->why, sizeof e->why, "no layout \"odd\"");
		return;
	case VERB_PROBE:
		if (w->mcu_booted)
			e->identity.uptime_s = figure_of((w->now - w->mcu_booted) / 1000);
		if (w->mcu_uptime_s)
			e->identity.uptime_s = figure_of(w->mcu_uptime_s);
		return;
	case VERB_PLAY: e->code = w->play; return;
	case VERB_MESSAGE:
		e->code = w->message_alone && o->leg.id[0] ? w->message_alone : w->message;
		return;
	case VERB_MUTE: e->code = !o->on && i == 0 ? w->unmute : OK; return;
	case VERB_REASON: e->ending.cause = w->reason; return;
	case VERB_END:
		if (w->busy_ends > 0) {
			w->busy_ends--;
			e->code = ERR_BUSY;
		}
		return;
	case VERB_ROSTER: {
		struct roster list = shown_list(w, o);

		list_told_by(w, o, &list, e);
		return;
	}
	case VERB_DIAL:
	case VERB_LOOK:
		if (o->verb == VERB_DIAL && w->lose_dial_answers > 0) {
			w->lose_dial_answers--;
			e->code = ERR_TIMEOUT;
			return;
		}
		e->leg = leg_of(w, (size_t)i);
		for (size_t k = 0;
			o->verb == VERB_LOOK && stale_now(w, o->device) && k < w->stale.n; k++)
			if (str_eq(w->stale.legs[k].id, o->leg.id))
				e->leg = w->stale.legs[k];
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
		int64_t step = s->b->uptime_step_s ? s->b->uptime_step_s : 60;

		if (step > 0)
			e->status.uptime_s = figure_of((w->now - booted) / 1000 / step * step);
		e->status.uptime_step_s = step > 0 ? (int)step : 0;
		e->status.mic_muted = tri_of(w->now < WORLD_START + s->b->mic_muted_to);
		e->status.sampled = s->state == LEG_UP && box_in_call(w, s);
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
			.ending = { .cause = s->b->codec_says == CAUSE_N ? codec_knows(w, s)
									 : s->b->codec_says,
				.device_words = "by the codec" } };
		if (!s->b->undated)
			p->ended_ago_s = figure_of((w->now - s->ended + s->b->codec_off) / 1000);
		return;
	}
	default: return;
	}
}

#endif
