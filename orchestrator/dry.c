/* A rehearsal on paper: run_step against devices that all answer at once, so that an operator sees
 * every order and its instant before the day. For `run --dry-run`. Pure; sends nothing, asks no
 * clock: time is the run's own, moved from one wake to the next. */
#include "dry.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

enum {
	ANSWER_MS = 200,      /* a device's answer */
	CONNECT_MS = 4000,    /* from dial to leg up */
	SPEAK_MS = 3000,      /* from unmute to an answer */
	EVENTS_MOST = 2000000 /* a run on paper ends, whatever its playbook says */
};

struct paper_leg {
	bool dialed, muted;
	int64_t at, unmuted;
	struct leg leg;
};

struct answer_due {
	int64_t at;
	struct order order;
};

struct dry {
	struct run *run;
	struct arena *arena; /* of one event */
	struct paper_leg *legs;
	/* In the order of their instants: all take as long. due_from: those before it were given.
	 */
	VEC(struct answer_due) due;
	size_t due_from;
	int64_t now, seq;
	void (*fn)(const struct run *, const struct order *, int64_t, void *);
	void *arg;
};

static bool
is_poll(enum verb v)
{
	return v == VERB_ROSTER || v == VERB_LOOK || v == VERB_STATUS || v == VERB_REASON ||
	       v == VERB_MEDIA;
}

static void
feed(struct dry *d, struct event *e)
{
	struct orders out = { 0 };

	e->at = d->now;
	e->seq = ++d->seq;
	run_step(d->run, e, &out);
	for (size_t i = 0; i < out.n; i++) {
		*vec_add(&d->due) =
			(struct answer_due){ .at = d->now + ANSWER_MS, .order = out.at[i] };
		if (!is_poll(out.at[i].verb))
			d->fn(d->run, &out.at[i], d->now, d->arg);
	}
	free(out.at);
}

static struct leg
shown(const struct dry *d, const struct paper_leg *p)
{
	struct leg l = p->leg;

	l.state = d->now - p->at >= CONNECT_MS ? LEG_UP : LEG_DIALING;
	l.configured = true;
	l.muted = tri_of(p->muted);
	if (l.state != LEG_UP)
		return l;
	int64_t ms = d->now - p->at;
	bool speaks = !p->muted && d->now - p->unmuted >= SPEAK_MS;

	l.sampled = true;
	for (int m = 0; m < MEDIA_N; m++) {
		l.media.s[m][FROM_SITE].open = YES;
		l.media.s[m][FROM_SITE].packets = l.media.s[m][TO_SITE].far_received =
			figure_of(ms / 20);
	}
	l.media.s[AUDIO][FROM_SITE].level_mdb = figure_of(speaks ? -10000 : -40000);
	return l;
}

static struct paper_leg *
leg_of(struct dry *d, const char *site)
{
	int index;

	return spec_site(d->run->spec, site, &index) ? &d->legs[index] : NULL;
}

static void
list(struct dry *d, const struct order *o, struct event *e)
{
	const struct run_mcu *m = NULL;

	for (size_t i = 0; i < d->run->spec->mcus_n && !m; i++)
		if (str_eq(d->run->mcus[i].spec->name, o->device))
			m = &d->run->mcus[i];
	struct roster roster = { .legs = arena_alloc(d->arena,
					 ((m ? m->sites_n : 0) + 1) * sizeof(struct leg)) };

	for (size_t i = 0; m && i < m->sites_n; i++)
		if (d->legs[m->sites[i]].dialed && d->run->sites[m->sites[i]].mcu == m->index)
			roster.legs[roster.n++] = shown(d, &d->legs[m->sites[i]]);
	run_diff(d->run, o->device, &roster, d->now, d->arena, e);
}

static void
answer(struct dry *d, const struct order *o)
{
	struct event e = { .kind = EVENT_ANSWER, .number = o->number, .verb = o->verb };
	struct paper_leg *p = leg_of(d, o->site);

	str_copy(e.device, sizeof e.device, o->device);
	str_copy(e.site, sizeof e.site, o->site);
	e.leg = o->leg;
	switch (o->verb) {
	case VERB_START: case VERB_FIND:
		str_copy(e.conference.name, sizeof e.conference.name, o->conference_name);
		str_copy(e.conference.id, sizeof e.conference.id, o->conference_name);
		e.conference.created = o->verb == VERB_START;
		break;
	case VERB_ROSTER:
		list(d, o, &e);
		e.number = o->number;
		break;
	case VERB_DIAL:
		if (!p)
			return;
		*p = (struct paper_leg){ .dialed = true, .muted = o->on, .at = d->now };
		str_copy(p->leg.id, sizeof p->leg.id, o->leg_name);
		str_copy(p->leg.name, sizeof p->leg.name, o->leg_name);
		str_copy(p->leg.address, sizeof p->leg.address, o->address);
		e.leg = shown(d, p);
		break;
	case VERB_LOOK:
		if (p)
			e.leg = shown(d, p);
		break;
	case VERB_MUTE:
		if (p) {
			p->muted = o->on;
			p->unmuted = d->now;
		}
		break;
	case VERB_STATUS:
		e.status.in_call = YES;
		e.status.sampled = true;
		for (int m = 0; m < MEDIA_N; m++)
			e.status.media.s[m][TO_SITE].packets = figure_of(d->now / 20);
		break;
	case VERB_PROBE:
	case VERB_MEDIA:
	case VERB_REASON:
	case VERB_HANGUP:
	case VERB_END:
	case VERB_LAYOUT:
	case VERB_FOCUS:
	case VERB_MESSAGE:
	case VERB_PLAY:
	case VERB_IDENTIFY:
	case VERB_HISTORY:
	case VERB_N: break;
	}
	feed(d, &e);
}

/* Takes the answer that is due first, if it is before the run's own wake. */
static bool
take_due(struct dry *d, struct answer_due *out)
{
	if (d->due_from == d->due.n || d->due.at[d->due_from].at > d->run->wake_at)
		return false;
	*out = d->due.at[d->due_from++];
	if (d->due_from * 2 > d->due.n) { /* moved once for each that was given */
		d->due.n -= d->due_from;
		memmove(d->due.at, d->due.at + d->due_from, d->due.n * sizeof *d->due.at);
		d->due_from = 0;
	}
	return true;
}

void
dry_run(const struct spec *spec,
	void (*fn)(const struct run *r, const struct order *o, int64_t now, void *arg), void *arg)
{
	struct dry d = { .run = run_new(spec),
		.fn = fn,
		.arg = arg,
		.now = spec->anchor + playbook_first(spec->playbook) };
	struct event begin = { .kind = EVENT_BEGIN };

	d.legs = xalloc((d.run->legs_n + 1) * sizeof *d.legs);
	feed(&d, &begin);
	for (int i = 0; i < EVENTS_MOST && !d.run->finished; i++) {
		struct answer_due a;

		d.arena = arena_new();
		if (take_due(&d, &a)) {
			d.now = a.at > d.now ? a.at : d.now;
			answer(&d, &a.order);
		} else if (d.run->wake_at != INT64_MAX) {
			struct event tick = { .kind = EVENT_TICK };

			d.now = d.run->wake_at > d.now ? d.run->wake_at : d.now;
			feed(&d, &tick);
		} else {
			i = EVENTS_MOST; /* nothing will ever happen again */
		}
		arena_free(d.arena);
	}
	free(d.legs);
	vec_free(&d.due);
	run_free(d.run);
}
