/* Runs in memory: an event becomes a row, the row becomes a step, its orders become rows and then
 * leave.
 *
 * Called by the loop. A struct live owns its spec and its run. The event that counts is the one
 * read back from its own row, so a replay sees exactly what was seen live. It must never send an
 * order whose row is not committed: orders are only queued here, the loop sends them behind its
 * commit. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "paper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- events ---------------------------------------------------------------------------------- */

static void
keep_order(struct coordinator *c, struct live *l, const struct order *o)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	struct err_text e = { 0 };
	char idem[128];
	order_write(o, &w);
	snprintf(idem, sizeof idem, "%s/%" PRId64, l->spec->id, o->number);
	enum err code = journal_append(c->journal, l->spec->id, c->now, "order", o->site,
		buf_str(&b), idem, &l->last_seq, &e);
	if (code == OK) {
		*vec_add(&c->leaving) = *o;
		l->outstanding++;
	} else if (code == ERR_REFUSED) {
		log_error("coordinator", "order %s was kept before: it is not sent again", idem);
	} else {
		coordinator_break(c, &e);
	}
	buf_free(&b);
}

void
live_feed(struct coordinator *c, struct live *l, const struct event *event)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	struct err_text e = { 0 };
	struct arena *a = arena_new();
	const struct json *j;
	struct event kept;
	int64_t seq;
	event_write(event, &w);
	enum err code = c->broken ? ERR_SYSTEM
				  : journal_append(c->journal, l->spec->id, event->at, "event",
					    event->site, buf_str(&b), NULL, &seq, &e);
	if (code != OK) {
		coordinator_break(c, &e);
	} else if (json_parse(a, buf_str(&b), b.n, &j, &e) != OK ||
		   event_read(j, event->at, seq, a, &kept, &e) != OK) {
		log_error(
			"coordinator", "%s: an event cannot be read back: %s", l->spec->id, e.text);
	} else {
		l->last_seq = seq;
		l->changed = true;
		run_step(l->run, &kept, &l->orders);
		for (size_t i = 0; i < l->orders.n; i++)
			keep_order(c, l, &l->orders.at[i]);
		l->orders.n = 0;
		if (l->orders.cap > ORDERS_KEPT)
			vec_free(&l->orders);
	}
	arena_free(a);
	buf_free(&b);
}

void
live_answer(struct coordinator *c, const struct answer *a)
{
	struct live *l = live_find(c, a->order.run);
	struct event e;
	if (!l)
		return;
	if (l->outstanding)
		l->outstanding--;
	struct arena *arena = arena_new();
	if (a->order.verb == VERB_ROSTER && a->code == OK) {
		run_diff(l->run, a->order.device, &a->roster, c->now, arena, &e);
		e.number = a->order.number;
		e.at = c->now;
	} else {
		event_of_answer(a, c->now, &e);
	}
	if (a->trace)
		log_warn("coordinator", "%s: %s %s was not understood: %s; dialogue: %.2000s",
			l->spec->id, verb_name(a->order.verb), a->order.device, a->why, a->trace);
	live_feed(c, l, &e);
	arena_free(arena);
}

void
live_tick(struct coordinator *c)
{
	for (size_t i = 0; i < c->lives.n; i++) {
		struct live *l = c->lives.at[i];
		if (!l->ended && l->run->wake_at <= c->now)
			live_feed(c, l, &(struct event){ .kind = EVENT_TICK, .at = c->now });
	}
}

/* ---- finding --------------------------------------------------------------------------------- */

struct live *
live_find(struct coordinator *c, const char *run)
{
	for (size_t i = 0; i < c->lives.n; i++)
		if (str_eq(c->lives.at[i]->spec->id, run))
			return c->lives.at[i];
	return NULL;
}

struct live *
live_newest(struct coordinator *c)
{
	for (size_t i = c->lives.n; i > 0; i--)
		if (!c->lives.at[i - 1]->ended)
			return c->lives.at[i - 1];
	return NULL;
}

/* ---- beginning ------------------------------------------------------------------------------- */

void
live_free(struct live *l)
{
	run_free(l->run);
	arena_free(l->arena);
	free(l->orders.at);
	free(l);
}

static struct live *
keep(struct coordinator *c, struct arena *a, struct spec *spec, struct run *run,
	const char *base_key)
{
	struct live *l = xalloc(sizeof *l);
	l->arena = a;
	l->spec = spec;
	l->run = run;
	l->changed = true;
	str_copy(l->base_key, sizeof l->base_key, base_key);
	*vec_add(&c->lives) = l;
	return l;
}

/* What a finished rehearsal left standing for this session, which begins. A rehearsal that is due
 * to close at this very instant closes first. */
static void
inherit(struct coordinator *c, struct live *session)
{
	for (size_t i = 0; i < c->lives.n; i++) {
		struct live *l = c->lives.at[i];
		if (l == session || !str_eq(l->spec->session_key, session->base_key))
			continue;
		if (!l->ended && l->run->wake_at <= c->now)
			live_feed(c, l, &(struct event){ .kind = EVENT_TICK, .at = c->now });
		if (!l->run->handed_over || l->passed_on)
			continue;
		for (size_t m = 0; m < l->spec->mcus_n; m++) {
			struct arena *a = arena_new();
			struct event e;
			if (run_handover(l->run, m, c->now, a, &e))
				live_feed(c, session, &e);
			arena_free(a);
		}
		l->passed_on = true;
		log_info("coordinator", "%s takes over the conference of %s", session->spec->id,
			l->spec->id);
	}
}

static const struct run_mcu *
mcu_of(const struct live *l, const char *name)
{
	for (size_t m = 0; m < l->spec->mcus_n; m++)
		if (str_eq(l->spec->mcus[m].name, name))
			return &l->run->mcus[m];
	return NULL;
}

/* A rehearsal that closes while its session is already there, because it was moved or held: what
 * the session is in is its own from now on, to end as well. It knows the legs from its own lists.
 * Without this the conference would be taken down under it once the handover is over. */
static void
pass_on_late(struct coordinator *c, struct live *l)
{
	for (size_t i = 0; i < c->lives.n; i++) {
		struct live *session = c->lives.at[i];
		if (session == l || session->ended ||
			!str_eq(session->base_key, l->spec->session_key))
			continue;
		for (size_t m = 0; m < l->run->spec->mcus_n; m++) {
			struct arena *a = arena_new();
			struct event e;
			const struct run_mcu *there = mcu_of(session, l->spec->mcus[m].name);
			if (there && run_handover(l->run, m, c->now, a, &e)) {
				bool same = there->have_conference &&
					    str_eq(there->conference.id, e.conference.id);
				if (same)
					e.legs_n = 0;
				if (same || !there->have_conference)
					live_feed(c, session, &e);
				l->passed_on |= same || !there->have_conference;
			}
			arena_free(a);
		}
		if (l->passed_on)
			log_info("coordinator", "%s keeps the conference of %s", session->spec->id,
				l->spec->id);
	}
}

static void
tell_begun(struct coordinator *c, const struct begun *b, const struct spec *s, enum err *out_code)
{
	struct buf body = { 0 };
	struct json_out w = { .out = &body };
	json_open(&w, NULL, '{');
	json_put_text(&w, "key", b->key);
	json_put_text(&w, "run", b->run);
	json_put_text(&w, "base", b->base);
	json_put_text(&w, "base_key", b->base_key);
	json_put_int(&w, "generation", b->generation);
	json_put_int(&w, "start", b->start);
	json_put_text(&w, "uid", s->uid);
	json_put_text(&w, "name", s->name);
	json_close(&w, '}');
	*out_code = coordinator_house_row(c, "run-begun", buf_str(&body), b->key);
	buf_free(&body);
}

enum err
live_begin(struct coordinator *c, const struct begun *b, const char *spec_json, const char *missed,
	struct live **out)
{
	struct arena *a = arena_new();
	struct spec *spec;
	struct err_text e = { 0 };
	int64_t seq;
	*out = NULL;
	enum err code = spec_read(spec_json, strlen(spec_json), a, &spec, &e);
	if (code == OK)
		tell_begun(c, b, spec, &code);
	if (code == OK && (code = journal_append(c->journal, b->run, c->now, "spec", "", spec_json,
				   NULL, &seq, &e)) != OK)
		coordinator_break(c, &e);
	if (code != OK) {
		log_error("coordinator", "%s cannot begin: %s", b->run,
			e.text[0] ? e.text : err_name(code));
		arena_free(a);
		return code;
	}
	*vec_add(&c->begun) = *b;
	c->begun.at[c->begun.n - 1].at = c->now;
	struct live *l = keep(c, a, spec, run_new(spec), b->base_key);
	l->last_seq = seq;
	if (missed) {
		struct event event = { .kind = EVENT_MISSED, .at = c->now };
		str_copy(event.text, sizeof event.text, missed);
		live_feed(c, l, &event);
		log_warn("coordinator", "%s is missed: %s", b->run, missed);
	} else {
		inherit(c, l);
		live_feed(c, l, &(struct event){ .kind = EVENT_BEGIN, .at = c->now });
		log_info("coordinator", "%s begins: %s, %zu sites", b->run, spec->title,
			spec->sites_n);
	}
	*out = l;
	return OK;
}

enum err
live_restore(struct coordinator *c, const struct begun *b, bool restart, struct live **out,
	struct err_text *e)
{
	struct story s;
	*out = NULL;
	enum err code = story_read(c->reader, b->run, 0, &s, e);
	if (code != OK) {
		story_free(&s);
		return code;
	}
	if (s.differences)
		log_error("coordinator",
			"%s: %zu orders came out otherwise than they were kept: %s", b->run,
			s.differences, s.difference);
	struct live *l = keep(c, s.arena, s.spec, s.run, b->base_key);
	l->last_seq = s.last_seq;
	for (size_t i = 0; i < s.reports.n; i++)
		l->revision = s.reports.at[i].revision > l->revision ? s.reports.at[i].revision
								     : l->revision;
	report_ensure(c, b->run, s.reports.at, s.reports.n);
	vec_free(&s.reports);
	l->ended = b->ended;
	for (size_t i = 0; i < c->begun.n; i++)
		if (!str_empty(l->spec->session_key) &&
			str_eq(c->begun.at[i].base_key, l->spec->session_key))
			l->passed_on = l->run->handed_over;
	*out = l;
	if (!restart)
		return OK;
	live_feed(c, l, &(struct event){ .kind = EVENT_RESTART, .at = c->now });
	log_info("coordinator", "%s goes on after a restart: %zu events read", b->run, s.events);
	return OK;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static int64_t
keep_until(const struct live *l)
{
	if (!l->run->handed_over || l->passed_on || l->run->stopped)
		return 0;
	int64_t until = l->run->ended + l->spec->playbook->handover_ms;
	return until > l->spec->session_start ? until : l->spec->session_start;
}

static void
tell_ended(struct coordinator *c, struct live *l)
{
	struct buf body = { 0 };
	struct json_out w = { .out = &body };
	struct err_text e = { 0 };
	char head[65] = "";
	if (!coordinator_commit(c))
		return;
	if (journal_verify(c->reader, l->spec->id, 0, head, &e) != OK)
		log_error("coordinator", "%s: %s", l->spec->id, e.text);
	json_open(&w, NULL, '{');
	json_put_text(&w, "run", l->spec->id);
	json_put_text(&w, "key", l->spec->key);
	json_put_text(&w, "seal", head);
	json_put_int(&w, "seq", l->last_seq);
	if (keep_until(l)) {
		json_put_text(&w, "session_key", l->spec->session_key);
		json_put_int(&w, "keep_until", keep_until(l));
	}
	json_close(&w, '}');
	coordinator_house_row(c, "run-ended", buf_str(&body), NULL);
	buf_free(&body);
	struct begun *b = plan_begun(c, l->spec->id);
	if (b) {
		b->ended = true;
		paper_count(l->run, &b->good, &b->expected);
	}
	l->ended = true;
	l->ended_mono = clock_mono();
	incident_of_run(c, l);
	log_info("coordinator", "%s has ended", l->spec->id);
	report_over(c, l);
}

static bool
ending_conference(const struct live *l)
{
	for (size_t i = 0; i < l->spec->mcus_n; i++)
		if (l->run->mcus[i].ending)
			return true;
	return false;
}

/* No session came for what the rehearsal left standing: it is taken down. */
static void
give_up_handover(struct coordinator *c, struct live *l)
{
	struct event e = { .kind = EVENT_COMMAND, .command = COMMAND_STOP, .at = c->now };
	str_copy(e.by, sizeof e.by, "rule");
	str_copy(e.text, sizeof e.text, "no session took the conference over");
	live_feed(c, l, &e);
	l->ended_mono = clock_mono();
}

static bool
is_over(struct coordinator *c, struct live *l)
{
	if (!l->ended || l->report_wanted)
		return false;
	int64_t until = keep_until(l);
	if (until && c->now < until)
		return false;
	if (until)
		give_up_handover(c, l);
	return (!l->outstanding && !ending_conference(l)) ||
	       clock_mono() > l->ended_mono + LINGER_MS;
}

void
live_settle(struct coordinator *c)
{
	size_t kept = 0, before = c->lives.n;
	for (size_t i = 0; i < c->lives.n; i++)
		report_if_due(c, c->lives.at[i]);
	for (size_t i = 0; i < c->lives.n && !c->broken; i++) {
		struct live *l = c->lives.at[i];
		if (l->run->handed_over && !l->passed_on && !l->run->stopped)
			pass_on_late(c, l);
		if (!l->ended && l->run->finished && l->revision && !l->report_wanted)
			tell_ended(c, l);
	}
	for (size_t i = 0; i < c->lives.n; i++) {
		struct live *l = c->lives.at[i];
		if (!c->broken && is_over(c, l))
			live_free(l);
		else
			c->lives.at[kept++] = l;
	}
	c->lives.n = kept;
	if (kept < before)
		arena_give_back();
}
