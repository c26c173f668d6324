/* The life of a rehearsal or session: run_step(run, event) -> orders. For the coordinator (live),
 * for reports and `replay` (from the journal). Owns the run's state; must never ask the time, do
 * I/O or remember anything outside struct run.
 *
 * Each event first changes what it is about, then everything that is due is worked off in one fixed
 * order: steps of the playbook, the all-clear rule, MCUs, sites, roll calls. So the orders follow
 * from the events alone. */
#include "base/str.h"
#include "imported.h"
#include "run_inner.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const ended_names[] = {
	[ENDED_OPEN] = "",
	[ENDED_SITE] = "site",
	[ENDED_POWER] = "power",
	[ENDED_NETWORK] = "network",
	[ENDED_MCU] = "mcu",
	[ENDED_OPERATOR] = "operator",
	[ENDED_US] = "us",
	[ENDED_UNKNOWN] = "unknown",
};

const char *
ended_by_name(enum ended_by e)
{
	return ended_names[e];
}

/* ---- orders and notes ------------------------------------------------------------------------ */

struct order *
run_order(struct run *r, struct orders *out, enum verb verb)
{
	struct order *o;

	out->at = vec_grow(NULL, out->at, out->n, &out->cap, sizeof *out->at);
	o = &out->at[out->n++];
	o->number = ++r->last_number;
	o->verb = verb;
	str_copy(o->run, sizeof o->run, r->spec->id);
	return o;
}

struct order *
run_order_mcu(struct run *r, struct orders *out, enum verb verb, struct run_mcu *m)
{
	struct order *o = run_order(r, out, verb);

	str_copy(o->device, sizeof o->device, m->spec->name);
	o->conference = m->conference;
	return o;
}

struct order *
run_order_leg(struct run *r, struct orders *out, enum verb verb, struct run_site *s)
{
	struct run_mcu *m = run_mcu_of(r, s);
	struct order *o = run_order_mcu(r, out, verb, m);
	const struct run_leg *l = mcu_leg(m, s->leg_id);

	if (l)
		o->leg = l->leg;
	else
		str_copy(o->leg.id, sizeof o->leg.id, s->leg_id);
	memset(&o->leg.media, 0, sizeof o->leg.media);
	o->leg.sampled = false;
	str_copy(o->site, sizeof o->site, s->spec->id);
	return o;
}

void
run_note(struct run *r, int64_t seq, const char *kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < r->notes.n; i++)
		if (str_eq(r->notes.at[i].kind, kind) && str_eq(r->notes.at[i].text, text))
			return;
	*vec_add_in(r->arena, &r->notes) = (struct run_note){
		.kind = arena_strdup(r->arena, kind), .text = text, .at = r->now, .seq = seq
	};
}

struct run_mcu *
run_mcu_of(struct run *r, const struct run_site *s)
{
	return s->mcu >= 0 ? &r->mcus[s->mcu] : NULL;
}

struct run_mcu *
run_mcu_named(struct run *r, const char *name)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (str_eq(r->spec->mcus[i].name, name))
			return &r->mcus[i];
	return NULL;
}

const struct run_site *
run_site(const struct run *r, const char *id)
{
	int index;

	return spec_site(r->spec, id, &index) ? &r->sites[index] : NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static bool
is_dialled_by(const struct spec_site *s, int mcu)
{
	return s->mcu == mcu || s->mcu2 == mcu + 1;
}

/* The MCU that dials the cascade leg to this one, -1: none. */
static int
above(const struct run *r, int mcu)
{
	for (size_t i = r->spec->sites_n; i < r->legs_n; i++)
		if (r->spec->sites[i].lower == mcu + 1)
			return r->spec->sites[i].mcu;
	return -1;
}

/* Each MCU knows its own sites: a leg's owner is looked for among these only. */
static void
share_out_sites(struct run *r)
{
	for (size_t m = 0; m < r->spec->mcus_n; m++) {
		struct run_mcu *mcu = &r->mcus[m];
		size_t n = 0;

		for (size_t i = 0; i < r->legs_n; i++)
			n += is_dialled_by(&r->spec->sites[i], (int)m);
		mcu->sites = arena_alloc(r->arena, (n + 1) * sizeof *mcu->sites);
		mcu->sites_n = 0;
		for (size_t i = 0; i < r->legs_n; i++)
			if (is_dialled_by(&r->spec->sites[i], (int)m))
				mcu->sites[mcu->sites_n++] = (int)i;
		mcu->reserve = !mcu->spec->foreign;
		mcu->next_known = false;
	}
	for (size_t i = 0; i < r->spec->sites_n; i++)
		for (int up = r->spec->sites[i].mcu, steps = 0;
			up >= 0 && steps <= (int)r->spec->mcus_n; up = above(r, up), steps++)
			r->mcus[up].reserve = false;
	due_new(r);
}

static void
site_init(struct run_site *s, const struct spec_site *spec, int index)
{
	s->spec = spec;
	s->mcu = spec->mcu;
	s->index = index;
	s->people_actual = -1;
	for (int t = 0; t < TELLERS_N; t++)
		for (int m = 0; m < MEDIA_N; m++)
			for (int d = 0; d < DIRECTIONS_N; d++) {
				struct proof *p = &s->proof[t][m][d];

				p->newest_loss_permille = -1;
				p->worst_loss_permille = p->worst_jitter_ms = p->worst_rtt_ms = -1;
				p->kbps = p->width = p->height = -1;
			}
}

struct run *
run_new(const struct spec *spec)
{
	struct arena *a = arena_new();
	struct run *r = arena_alloc(a, sizeof *r);

	r->arena = a;
	r->spec = spec;
	r->wake_at = INT64_MAX;
	r->legs_n = spec->sites_n + spec->cascades_n;
	r->sites = arena_alloc(a, (r->legs_n + 1) * sizeof *r->sites);
	r->mcus = arena_alloc(a, (spec->mcus_n + 1) * sizeof *r->mcus);
	for (size_t i = 0; i < r->legs_n; i++)
		site_init(&r->sites[i], &spec->sites[i], (int)i);
	for (size_t i = 0; i < spec->mcus_n; i++) {
		r->mcus[i].spec = &spec->mcus[i];
		r->mcus[i].index = (int)i;
		r->mcus[i].roll_site = -1;
	}
	share_out_sites(r);
	return r;
}

static const char *
kept(struct run *r, const char *text)
{
	return arena_strdup(r->arena, text ? text : "");
}

/* A site that was added to the meeting: it takes the place behind the others, before the cascade
 * legs, and is called like them.
 * It is not charged for what was before. */
static void
invite(struct run *r, const struct event *e)
{
	const struct spec *old = r->spec;
	const struct spec_site *in = e->invited;
	size_t at = old->sites_n;

	if (!in || r->closing || r->finished || spec_site(old, in->id, NULL) ||
		in->mcu >= (int)old->mcus_n || in->mcu2 > (int)old->mcus_n)
		return;
	struct spec *spec = arena_memdup(r->arena, old, sizeof *old);
	struct run_site *sites = arena_alloc(r->arena, (r->legs_n + 2) * sizeof *sites);

	spec->sites = arena_alloc(r->arena, (r->legs_n + 1) * sizeof *spec->sites);
	memcpy(spec->sites, old->sites, at * sizeof *spec->sites);
	memcpy(spec->sites + at + 1, old->sites + at, old->cascades_n * sizeof *spec->sites);
	spec->sites[at] = *in;
	spec->sites[at].id = kept(r, in->id);
	spec->sites[at].name = kept(r, in->name);
	spec->sites[at].tier = kept(r, in->tier);
	spec->sites[at].parent = kept(r, in->parent);
	spec->sites[at].district = kept(r, in->district);
	spec->sites[at].address[0] = kept(r, in->address[0]);
	spec->sites[at].address[1] = kept(r, in->address[1]);
	spec->sites[at].leg_name = kept(r, in->leg_name);
	spec->sites[at].class = kept(r, in->class);
	spec->sites[at].chair = kept(r, in->chair);
	spec->sites[at].contact = kept(r, in->contact);
	spec->sites[at].contact_phone = kept(r, in->contact_phone);
	spec->sites[at].provider = kept(r, in->provider);
	spec->sites[at].disabled = in->disabled ? kept(r, in->disabled) : NULL;
	spec->sites_n++;
	spec_index(spec, r->arena);
	memcpy(sites, r->sites, at * sizeof *sites);
	memcpy(sites + at + 1, r->sites + at, old->cascades_n * sizeof *sites);
	r->spec = spec;
	r->sites = sites;
	r->legs_n++;
	for (size_t i = 0; i < r->legs_n; i++) {
		sites[i].spec = &spec->sites[i];
		sites[i].index = (int)i;
	}
	site_init(&sites[at], &spec->sites[at], (int)at);
	for (size_t m = 0; m < spec->mcus_n; m++)
		for (size_t l = 0; l < r->mcus[m].legs.n; l++)
			r->mcus[m].legs.at[l].site += r->mcus[m].legs.at[l].site >= (int)at;
	share_out_sites(r);
	struct run_site *s = &sites[at];

	s->invited_at = r->now;
	run_note(r, e->seq, "invited", "%s", s->spec->name);
	extra_adopt(r, s, e->seq);
	if (!site_may_dial(r) || s->spec->disabled)
		return;
	s->fast_left = r->dial_step->attempts;
	if (!run_site_up(s))
		site_redial(s, r->now);
	if (s->spec->endpoint)
		s->next_status = r->now + r->dial_step->probe_every_ms;
	if (s->mcu >= 0 && r->open_step)
		mcu_want(r, &r->mcus[s->mcu]);
}

void
run_free(struct run *r)
{
	if (r)
		arena_free(r->arena);
}

static void
begin(struct run *r)
{
	r->begun = r->now;
	/* Begun late (short notice, catch-up, by hand): the steps keep their distances; what was
	 * planned stays planned. */
	int64_t first = r->spec->anchor + playbook_first(r->spec->playbook);

	if (r->now > first + 60000) {
		r->shift_ms = r->late_ms = r->now - first;
		run_note(r, 0, "begun-late", "begun %lld s after the planned instant",
			(long long)(r->late_ms / 1000));
	}
	for (size_t i = 0; r->spec->notes && r->spec->notes[i]; i++)
		run_note(r, 0, "input", "%s", r->spec->notes[i]);
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->spec->mcus[i].disabled && !r->spec->mcus[i].foreign)
			run_note(r, 0, "mcu-unusable", "%s: %s", r->spec->mcus[i].name,
				r->spec->mcus[i].disabled);
}

/* The program came back: nothing that was under way has a known outcome. Lists are read before
 * anything is sent. */
static void
restart(struct run *r, struct orders *out)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		struct run_mcu *m = &r->mcus[i];

		m->poll_under_way = m->look_under_way = false;
		if (m->open_under_way) {
			m->open_under_way = false;
			m->start_unanswered = true;
			m->phase = MCU_CLOSED;
			m->next_open = r->now;
		}
		if (m->phase == MCU_READY || m->phase == MCU_LOST) {
			m->reconcile = true;
			m->next_poll = r->now;
		}
		if (m->ending) {
			m->ending = false;
			mcu_close(r, m, out);
		}
	}
	for (size_t i = 0; i < r->legs_n; i++) {
		struct run_site *s = &r->sites[i];

		if (s->status_under_way) {
			s->status_under_way = false;
			s->next_status = r->now + PROOF_APART_MS;
		}
		if (s->history_under_way) {
			s->history_under_way = false;
			s->next_history = r->now + PROOF_APART_MS;
		}
		s->reason_under_way = false;
		if (s->phase == SITE_DIALING && s->dial_under_way)
			site_outcome_unknown(r, s);
		media_reset(s, false);
	}
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].roll_site >= 0) { /* whether it was heard is not known: it is called
						  * anew */
			r->sites[r->mcus[i].roll_site].roll.called--;
			roll_end_call(r, &r->mcus[i], out);
		}
	run_note(r, 0, "restart", "the program was started again during the run");
}

static void
finish_if_done(struct run *r)
{
	if (r->finished || r->step_next < r->spec->playbook->n || r->allclear_step)
		return;
	if (!r->closing && !r->missed && steps_end(r) != INT64_MAX)
		return;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (r->mcus[i].ending)
			return;
	r->finished = true;
	r->ended = r->now;
	if (!r->report_due)
		uplink_note(r);
	r->report_due = true;
}

static void
plan_wake(struct run *r)
{
	const struct playbook *p = r->spec->playbook;
	int64_t wake = INT64_MAX, sites = due_end(r);

	if (!r->finished) {
		if (!r->held_since && r->step_next < p->n)
			wake = steps_instant(r, &p->steps[r->step_next]);
		if (!r->held_since && r->allclear_step && r->allclear_until < wake)
			wake = r->allclear_until;
		if (steps_wake(r) < wake)
			wake = steps_wake(r);
		if (r->verifying && r->now < r->verify_until && r->verify_until < wake)
			wake = r->verify_until;
		for (size_t i = 0; i < r->spec->mcus_n; i++) {
			int64_t w = mcu_wake(r, &r->mcus[i]);

			wake = w < wake ? w : wake;
		}
		wake = sites < wake ? sites : wake;
	}
	r->wake_at = wake == INT64_MAX ? wake : wake - r->back_ms; /* by the clock */
}

/* Set back, the run goes on by the clock as it was, or it would wait without looking until that has
 * caught up. Set forward, or after a sleep, what was due meanwhile is due now. */
static void
clock_jumped(struct run *r, const struct event *e)
{
	bool slept = str_eq(e->word, "sleep");

	r->back_ms += e->value < 0 ? -e->value : 0;
	if (e->value > 0 && !slept && r->dial_at) {
		r->ahead_ms += e->value;
		r->ahead_at = r->ahead_at ? r->ahead_at : r->now;
	}
	run_note(r, e->seq, slept ? "sleep" : "clock-set", "%s", e->text);
}

/* Time never runs backwards for a run, nor does it stand still because the clock was set back while
 * the program was away. */
static void
tell_time(struct run *r, const struct event *e)
{
	int64_t at = e->at + r->back_ms;

	if (e->kind == EVENT_RESTART && at < r->now)
		r->back_ms += r->now - at;
	if (e->at + r->back_ms > r->now)
		r->now = e->at + r->back_ms;
}

void
run_step(struct run *r, const struct event *e, struct orders *out)
{
	if (e->kind == EVENT_CLOCK)
		clock_jumped(r, e);
	tell_time(r, e);
	r->seq = e->seq;
	r->asked = r->now;
	due_begin(r, e);
	uplink_told(r, e);
	switch (e->kind) {
	case EVENT_BEGIN: begin(r); break;
	case EVENT_RESTART: restart(r, out); break;
	case EVENT_TICK: case EVENT_CLOCK: break;
	case EVENT_ANSWER:
		if (e->verb == VERB_STATUS || e->verb == VERB_DIAL || e->verb == VERB_HISTORY)
			site_answer(r, e, out);
		else
			mcu_answer(r, e, out);
		break;
	case EVENT_ROSTER: mcu_roster(r, e, out); break;
	case EVENT_COMMAND: people_command(r, e, out); break;
	case EVENT_INHERIT: mcu_inherit(r, e); break;
	case EVENT_INVITED: invite(r, e); break;
	case EVENT_KNOWN: extra_known(r, e); break;
	case EVENT_NEWS:
		if (str_starts(e->device, "site:"))
			told_news(r, e);
		else
			mcu_news(r, e, out);
		break;
	case EVENT_IMPORTED: imported_take(r, e); break;
	case EVENT_MISSED:
		r->missed = true;
		r->missed_why = arena_strdup(r->arena, e->text);
		run_note(r, e->seq, "missed", "%s", e->text);
		r->step_next = r->spec->playbook->n;
		break;
	}
	steps_work(r, out);
	steps_work_allclear(r, out);
	steps_work_end(r, out);
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		enum mcu_phase was = r->mcus[i].phase;

		mcu_work(r, &r->mcus[i], out);
		if (r->mcus[i].phase != was)
			due_stir_mcu(r, &r->mcus[i]);
	}
	due_look(r);
	for (size_t i = 0; (i = due_next(r, i)) < r->legs_n; i++)
		site_work(r, &r->sites[i], out);
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (due_mcu(r, &r->mcus[i]))
			roll_work(r, &r->mcus[i], out);
	finish_if_done(r);
	plan_wake(r);
}
