/* What really happened in the small world, written down while a run is played in it: who was there
 * and why he went, what flowed, who was asked and who spoke, what anybody could have seen of it.
 * Nothing in here comes from the run, but the two clocks side by side. */
#ifndef TD_TEST_WORLD_TRUTH_H
#define TD_TEST_WORLD_TRUTH_H

#include "world.h"

enum parting { STILL_THERE, HUNG_UP, SWITCHED_OFF, LINE_CUT, MCU_RESTARTED, BY_PERSON_OR_US };
static const char *const parting_words[] = { "still there", "hung up", "switched off", "line cut",
	"its MCU restarted", "a person or we" };

struct stretch { /* by the world's clock; to: 0 not over */
	int64_t from, to;
	enum parting why;
};
typedef VEC(struct stretch) stretches;

struct truth_site {
	stretches there;	 /* its box was in our call, and could be reached */
	stretches on, reachable; /* its box was on, and its line stood; and so did its MCU's */
	stretches flows[MEDIA_N][DIRECTIONS_N];
	int64_t willing; /* first instant after the first dial at which it would have taken a
			  * call; 0 never */
	int64_t asked;	 /* last time a text or a tone came to it */
	int asked_n;
	/* half seconds: called; of these, its voice was to be heard; spoken under mute, to be heard
	 * there; spoken uncalled and unmuted */
	int called_n, audible_n, spoke_n, spoke_silent_n, uncalled_n;
	VEC(int64_t) told; /* when its codec answered */
};

struct truth {
	struct world *w;
	struct truth_site *sites;
	VEC(int64_t) by_world;
	VEC(int64_t) by_run;
	VEC(int64_t) lists[4]; /* when a list of this MCU, as it was then, was read */
};

static inline void
truth_note(stretches *v, int64_t now, bool on, enum parting why)
{
	struct stretch *last = v->n ? &v->at[v->n - 1] : NULL;
	bool open = last && !last->to;

	if (on && !open)
		*vec_add(v) = (struct stretch){ .from = now };
	else if (!on && open)
		last->to = now, last->why = why;
}

static inline bool
truly_there(const struct world *w, const struct world_site *s)
{
	return s->state == LEG_UP && box_reachable(w, s) && box_in_call(w, s);
}

static inline enum parting
parting_of(const struct world *w, const struct world_site *s)
{
	if (!box_on(w, s) || s->up_since <= box_booted(w, s))
		return SWITCHED_OFF;
	if (!box_reachable(w, s))
		return LINE_CUT;
	if (s->state == LEG_NEW)
		return MCU_RESTARTED;
	return str_eq(s->ending.device_words, "remoteTeardown") ? HUNG_UP : BY_PERSON_OR_US;
}

static inline bool
truly_flows(const struct world *w, const struct world_site *s, enum medium m, enum direction d)
{
	const struct behaviour *b = s->b;

	if (!truly_there(w, s) || (m == VIDEO && b->no_video))
		return false;
	if (d == TO_SITE)
		return m == VIDEO || !b->one_way_audio_to;
	return !(m == AUDIO ? b->one_way_audio_from : b->one_way_video_from) &&
	       !(b->frozen_at && w->now - s->first_up > b->frozen_at);
}

static inline void
truth_of_room(const struct world *w, const struct world_site *s, struct truth_site *t)
{
	bool heard = truly_flows(w, s, AUDIO, FROM_SITE);
	bool voice = s->b->talks ? !s->muted && w->now >= s->unmuted_since + 2500 &&
					   (s->b->hears || s->b->silent ? box_speaks(w, s) : true)
				 : box_speaks(w, s);

	bool called = false;

	for (size_t m = 0; m < w->spec.mcus_n; m++)
		called = called || w->run->mcus[m].roll_site == s - w->sites;
	t->called_n += called;
	t->audible_n += called && heard && !s->muted && w->now >= WORLD_START + s->b->mic_muted_to;
	t->spoke_n += called && heard && voice && !s->muted;
	t->spoke_silent_n += heard && voice && s->muted;
	t->uncalled_n +=
		!called && heard && !s->muted && (voice || s->b->noisy || box_echoes(w, s));
}

static inline void
truth_done(struct truth *t, const struct order *o)
{
	struct world *w = t->w;
	long i = site_index(w, o->site);
	int mcu = mcu_number(w, o->device);

	if (o->verb == VERB_ROSTER && !stale_now(w, o->device))
		*vec_add(&t->lists[mcu]) = w->now;
	if (i < 0)
		return;
	struct world_site *s = &w->sites[i];
	bool text = o->verb == VERB_MESSAGE && w->message == OK &&
		    (!o->leg.id[0] || w->message_alone == OK);
	bool tone = o->verb == VERB_PLAY && w->play == OK && !s->b->one_way_audio_to;

	if ((text || tone) && truly_there(w, s)) {
		t->sites[i].asked = w->now;
		t->sites[i].asked_n++;
	}
	if (o->verb == VERB_STATUS && box_reachable(w, s) && !s->b->other_password)
		*vec_add(&t->sites[i].told) = w->now;
}

static inline void
truth_watch(struct world *w, const struct order *done)
{
	struct truth *t = w->watcher;
	const struct run *r = w->run;

	if (done) {
		truth_done(t, done);
		return;
	}
	int64_t by_run = w->now + w->skew + r->back_ms;

	*vec_add(&t->by_world) = w->now;
	*vec_add(&t->by_run) = by_run > r->now ? by_run : r->now;
	for (size_t i = 0; i < w->spec.sites_n; i++) {
		const struct world_site *s = &w->sites[i];
		struct truth_site *k = &t->sites[i];
		bool there = truly_there(w, s);

		truth_note(&k->there, w->now, there, there ? STILL_THERE : parting_of(w, s));
		truth_note(&k->on, w->now, box_reachable(w, s), STILL_THERE);
		truth_note(&k->reachable, w->now,
			box_reachable(w, s) && (!w->cut_off || on_reserve(w, s)), STILL_THERE);
		for (int m = 0; m < MEDIA_N; m++)
			for (int d = 0; d < DIRECTIONS_N; d++)
				truth_note(&k->flows[m][d], w->now, truly_flows(w, s, m, d),
					STILL_THERE);
		if (!k->willing && r->dial_at &&
			(there || (box_reachable(w, s) && s->b->kind == W_ON)))
			k->willing = w->now;
		truth_of_room(w, s, k);
	}
}

static inline void
truth_begin(struct truth *t, struct world *w)
{
	memset(t, 0, sizeof *t);
	t->w = w;
	t->sites = arena_alloc(w->arena, w->n * sizeof *t->sites);
	w->watch = truth_watch;
	w->watcher = t;
}

static inline void
truth_free(struct truth *t)
{
	for (size_t i = 0; i < t->w->n; i++) {
		vec_free(&t->sites[i].there);
		vec_free(&t->sites[i].on);
		vec_free(&t->sites[i].reachable);
		vec_free(&t->sites[i].told);
		for (int m = 0; m < MEDIA_N; m++)
			for (int d = 0; d < DIRECTIONS_N; d++)
				vec_free(&t->sites[i].flows[m][d]);
	}
	vec_free(&t->by_world);
	vec_free(&t->by_run);
	for (size_t m = 0; m < sizeof t->lists / sizeof t->lists[0]; m++)
		vec_free(&t->lists[m]);
}

/* ---- asked about it afterwards --------------------------------------------------------------- */

/* The world's instant at which the run's clock showed this. */
static inline int64_t
truth_when(const struct truth *t, int64_t by_run)
{
	size_t low = 0, high = t->by_run.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->by_run.at[mid] < by_run)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->by_world.n ? t->by_world.at[low] : t->w->now;
}

/* How much of [from, to) is covered. */
static inline int64_t
truth_covered(const struct truth *t, const stretches *v, int64_t from, int64_t to)
{
	int64_t sum = 0;

	for (size_t i = 0; i < v->n; i++) {
		int64_t a = v->at[i].from, b = v->at[i].to ? v->at[i].to : t->w->now;

		a = a > from ? a : from;
		b = b < to ? b : to;
		sum += b > a ? b - a : 0;
	}
	return sum;
}

/* The longest part of [from, to) that is not covered, or that is. */
static inline int64_t
truth_longest(const struct truth *t, const stretches *v, int64_t from, int64_t to, bool covered)
{
	int64_t most = 0, at = from;

	for (size_t i = 0; i <= v->n; i++) {
		int64_t a = i < v->n ? v->at[i].from : to,
			b = i < v->n && v->at[i].to ? v->at[i].to : t->w->now;

		a = a > from ? a : from;
		a = a < to ? a : to;
		b = b < to ? b : to;
		if (!covered && a - at > most)
			most = a - at;
		if (covered && i < v->n && b - a > most)
			most = b - a;
		at = b > at ? b : at;
	}
	return most;
}

/* The longest time in [from, to) without one of these instants. */
static inline int64_t
truth_gap(const int64_t *at, size_t n, int64_t from, int64_t to)
{
	int64_t most = 0, last = from;

	for (size_t i = 0; i < n && at[i] < to; i++) {
		if (at[i] <= from)
			continue;
		most = at[i] - last > most ? at[i] - last : most;
		last = at[i];
	}
	return to - last > most ? to - last : most;
}

/* The last stretch that had begun before; NULL none. */
static inline const struct stretch *
truth_last(const stretches *v, int64_t before)
{
	const struct stretch *last = NULL;

	for (size_t i = 0; i < v->n && v->at[i].from < before; i++)
		last = &v->at[i];
	return last;
}

#endif
