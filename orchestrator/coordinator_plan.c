/* What begins when: plans made by a job on the pool, runs started when their time has come, missed
 * ones recorded.
 *
 * Called by the loop. Reading the workspace and its calendars may take long and runs in a child, so
 * a worker does it and posts a struct planning; the coordinator only compares. A run begins once:
 * its key is a row of the house's chain. It must never start a run twice, nor pass one over in
 * silence. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct planning { /* heap; the house owns what the plan points at */
	struct mailbox *back;
	char *dir, *word; /* word: NULL, or the run that a person wants */
	int64_t now, from, to, missed_from;
	bool again;
	uint64_t client;
	struct house *house;
	struct plan plan;
	enum err code;
	struct err_text e;
	char signature[65];
};

static const int64_t by_hand_ahead_ms = (int64_t)60 * 24 * 3600 * 1000;
/* after that an abandoned conference is not ours to end */
static const int64_t longest_wait_ms = (int64_t)24 * 3600 * 1000;
static const int64_t longest_absence_ms = (int64_t)31 * 24 * 3600 * 1000;

/* ---- the job --------------------------------------------------------------------------------- */

static void
work(void *arg)
{
	struct planning *p = arg;
	house_signature(p->dir, p->signature);
	p->code = house_read(p->dir, p->now, &p->house, &p->e);
	if (p->code == OK)
		p->code = house_plan(p->house, p->from, p->to, &p->plan, &p->e);
	if (p->back)
		mailbox_post(p->back, p);
}

static void
planning_free(struct planning *p)
{
	house_free(p->house);
	free(p->dir);
	free(p->word);
	free(p);
}

static struct planning *
planning_new(struct coordinator *c, const char *word)
{
	struct planning *p = xalloc(sizeof *p);
	p->dir = xstrdup(c->dir);
	p->word = xstrdup(word);
	p->now = c->now;
	p->missed_from = c->plan_from;
	p->from =
		word || c->now - LATE_BACK_MS < c->plan_from ? c->now - LATE_BACK_MS : c->plan_from;
	p->to = c->now + (word ? by_hand_ahead_ms : PLAN_AHEAD_MS);
	return p;
}

void
plan_drop(struct coordinator *c)
{
	for (struct planning *p; (p = mailbox_take(c->plannings));)
		planning_free(p);
}

/* ---- the house's chain ----------------------------------------------------------------------- */

static void
remember_begun(struct coordinator *c, const struct row *row, const struct json *j)
{
	struct begun *b = vec_add(&c->begun);
	const char *base = json_text(j, "base"), *base_key = json_text(j, "base_key"),
		   *key = json_text(j, "key"), *run = json_text(j, "run");
	str_copy(b->base, sizeof b->base, base ? base : "");
	str_copy(b->base_key, sizeof b->base_key, base_key ? base_key : "");
	str_copy(b->key, sizeof b->key, key ? key : "");
	str_copy(b->run, sizeof b->run, run ? run : "");
	b->generation = (int)json_int(j, "generation", 0);
	b->start = json_int(j, "start", 0);
	b->at = row->at;
}

static bool
remember(const struct row *row, void *arg)
{
	struct coordinator *c = arg;
	struct arena *a = arena_new();
	const struct json *j = NULL;
	json_parse(a, row->body, strlen(row->body), &j, NULL);
	if (str_eq(row->kind, "run-begun")) {
		remember_begun(c, row, j);
	} else if (str_eq(row->kind, "run-ended")) {
		struct begun *b = plan_begun(c, json_text(j, "run"));
		const char *session = json_text(j, "session_key");
		if (b) {
			b->ended = true;
			b->keep_until = json_int(j, "keep_until", 0);
			str_copy(b->session_key, sizeof b->session_key, session ? session : "");
		}
	} else if (str_starts(row->kind, "device-")) {
		device_remember(c, row->kind, row->body);
	}
	if (row->at > c->plan_from && !str_eq(row->kind, "inventory") &&
		!str_eq(row->kind, "answer-by-person"))
		c->plan_from = row->at; /* the house lived then */
	arena_free(a);
	return true;
}

struct begun *
plan_begun(struct coordinator *c, const char *run)
{
	for (size_t i = c->begun.n; i > 0; i--)
		if (str_eq(c->begun.at[i - 1].run, run))
			return &c->begun.at[i - 1];
	return NULL;
}

static bool
session_begun(const struct coordinator *c, const struct begun *rehearsal)
{
	for (size_t i = 0; i < c->begun.n; i++)
		if (str_eq(c->begun.at[i].base_key, rehearsal->session_key))
			return true;
	return false;
}

void
plan_restore(struct coordinator *c)
{
	struct err_text e = { 0 };
	int64_t usual = c->now - PLAN_BACK_MS;
	c->plan_from = 0;
	if (journal_rows(c->reader, JOURNAL_HOUSE, 1, remember, c, &e) != OK)
		c->plan_from = 0; /* a new house has missed nothing but the last hour */
	if (!c->plan_from || c->plan_from > usual)
		c->plan_from = usual;
	if (c->plan_from < c->now - longest_absence_ms)
		c->plan_from = c->now - longest_absence_ms;
	for (size_t i = 0; i < c->begun.n && !c->looks_only; i++) {
		struct begun b = c->begun.at[i];
		struct live *l;
		bool waits = b.ended && b.session_key[0] &&
			     b.keep_until > c->now - longest_wait_ms && !session_begun(c, &b);
		if (b.ended && !waits)
			continue;
		e = (struct err_text){ 0 };
		if (live_restore(c, &b, !b.ended, &l, &e) != OK)
			log_error("coordinator", "%s cannot go on: %s", b.run, e.text);
	}
}

/* ---- which runs ------------------------------------------------------------------------------ */

static void
base_of(const struct plan_run *run, char out[65])
{
	struct buf b = { 0 };
	buf_printf(&b, "%s|%s|%lld|%s", run->calendar, run->uid, (long long)run->recurrence_id,
		run->name);
	hash_hex(b.at, b.n, out);
	buf_free(&b);
}

static struct begun *
newest_begun(struct coordinator *c, const char *base)
{
	struct begun *found = NULL;
	for (size_t i = 0; i < c->begun.n; i++)
		if (str_eq(c->begun.at[i].base, base) &&
			(!found || c->begun.at[i].generation > found->generation))
			found = &c->begun.at[i];
	return found;
}

static enum err
begin(struct coordinator *c, const struct house *h, const struct plan_run *planned,
	const struct begun *before, int64_t start_now, const char *missed, struct live **out)
{
	struct arena *a = arena_new();
	struct plan_run run = *planned;
	struct begun b = { .generation = before ? before->generation + 1 : 0,
		.start = planned->start };
	enum err code = ERR_INPUT;
	*out = NULL;
	base_of(planned, b.base);
	str_copy(b.base_key, sizeof b.base_key, planned->key);
	run.generation = b.generation;
	plan_key(&run);
	str_copy(b.key, sizeof b.key, run.key);
	str_copy(b.run, sizeof b.run, run.id);
	const char *spec = house_spec(h, &run, planned->key, start_now, a);
	if (spec && before && !missed)
		change_begins_anew(c, &b);
	if (spec)
		code = live_begin(c, &b, spec, missed, out);
	arena_free(a);
	return code;
}

/* One row per run that did not take place, also where not even a report can be made of it. */
static void
tell_missed(struct coordinator *c, const struct plan_run *run, const char *why)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	char idem[100], when[INSTANT_SIZE];
	json_open(&w, NULL, '{');
	json_put_text(&w, "key", run->key);
	json_put_text(&w, "run", run->id);
	json_put_text(&w, "uid", run->uid);
	json_put_text(&w, "name", run->name);
	json_put_text(&w, "start", instant_rfc3339(run->start, when));
	json_put_text(&w, "reason", why);
	json_close(&w, '}');
	struct buf word = { 0 };
	buf_printf(&word, "missed/%s/%lld", run->key, (long long)run->start);
	str_copy(idem, sizeof idem, buf_str(&word));
	if (coordinator_house_row(c, "run-missed", buf_str(&b), idem) == OK)
		log_warn("coordinator", "%s is missed: %s", run->id, why);
	buf_free(&word);
	buf_free(&b);
}

/* Of a run that came in or was moved late: as long as it is of use. Of any other: the catch-up
 * window. */
static int64_t
latest_start(const struct plan_run *run, bool late)
{
	int64_t usual = run->start + CATCH_UP_MS;
	if (!late)
		return run->end && run->end - 1 < usual ? run->end - 1 : usual;
	if (run->session || run->from_event)
		return run->end ? run->end - 1 : usual;
	return run->session_start ? run->session_start - 1 : usual;
}

/* Another rehearsal of the same meeting that is due later: two at once would call every site
 * twice. */
static const struct plan_run *
stands_for(const struct coordinator *c, const struct plan_run *run)
{
	for (size_t i = 0; !run->session && i < c->plan.runs_n; i++) {
		const struct plan_run *o = &c->plan.runs[i];
		if (o != run && !o->session && !o->disabled && o->start > run->start &&
			o->session_start == run->session_start &&
			o->recurrence_id == run->recurrence_id && str_eq(o->uid, run->uid) &&
			str_eq(o->calendar, run->calendar))
			return o;
	}
	return NULL;
}

static const char *
why_missed(const struct coordinator *c, const struct plan_run *run, bool late,
	const struct plan_run *instead, struct arena *a)
{
	char when[INSTANT_SIZE], other[INSTANT_SIZE];
	instant_rfc3339(run->start, when);
	if (late && instead)
		return arena_printf(a,
			"it came into the calendar after its start at %s; %s at %s stands for it",
			when, instead->name, instant_rfc3339(instead->start, other));
	if (late)
		return arena_printf(a, "it came into the calendar after its start at %s", when);
	if (c->jumped_from < run->start && run->start <= c->jumped_to)
		return arena_printf(a,
			c->slept ? "the machine slept at %s" : "the clock was set forward over %s",
			when);
	return arena_printf(a, "the program was not running at %s", when);
}

static void
start_one(struct coordinator *c, const struct plan_run *planned, bool came)
{
	char base[65];
	struct live *l;
	struct plan_run run = *planned;
	base_of(&run, base);
	const struct begun *before = newest_begun(c, base);
	if (before && (before->start == run.start || run.start <= before->at))
		return; /* it began; or was moved to an instant before that */
	bool late = came || run.known_since > run.start;
	int64_t latest = latest_start(&run, late);
	if (run.start < c->missed_from && (!late || c->now > latest))
		return; /* long past when it became known */
	run.short_notice = run.short_notice || late;
	if (run.disabled) {
		tell_missed(c, &run, run.disabled);
		begin(c, c->house, &run, before, 0, run.disabled, &l);
		return;
	}
	const struct plan_run *instead =
		late && c->now > run.start + CATCH_UP_MS ? stands_for(c, planned) : NULL;
	if (c->now <= latest && !instead) {
		begin(c, c->house, &run, before, 0, NULL, &l);
		return;
	}
	struct arena *a = arena_new();
	const char *why = why_missed(c, &run, late, instead, a);
	tell_missed(c, &run, why);
	begin(c, c->house, &run, before, 0, why, &l);
	arena_free(a);
}

/* What cannot run waits as long as it might still begin: somebody may mend it. */
static int64_t
due_at(const struct plan_run *r)
{
	return r->start + (r->disabled ? CATCH_UP_MS : 0);
}

void
plan_start_due(struct coordinator *c)
{
	if (!c->have_plan || c->alone)
		return;
	for (size_t i = 0; i < c->plan.runs_n && !c->broken; i++)
		if (due_at(&c->plan.runs[i]) <= c->now && !c->tried[i]) {
			c->tried[i] = true;
			start_one(c, &c->plan.runs[i], c->came[i]);
		}
}

int64_t
plan_next_start(const struct coordinator *c)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; c->have_plan && !c->alone && i < c->plan.runs_n; i++)
		if (due_at(&c->plan.runs[i]) > c->now && due_at(&c->plan.runs[i]) < next)
			next = due_at(&c->plan.runs[i]);
	return next;
}

/* ---- by hand --------------------------------------------------------------------------------- */

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* As `plan` shows it: with the generation it has or would have. */
static void
as_shown(struct coordinator *c, const struct plan_run *planned, struct plan_run *out)
{
	char base[65];
	base_of(planned, base);
	const struct begun *before = newest_begun(c, base);
	*out = *planned;
	if (!before)
		return;
	out->generation = before->generation +
			  !(before->start == planned->start || planned->start <= before->at);
	plan_key(out);
}

static bool
is_key_of(struct coordinator *c, const struct plan_run *r, const char *word)
{
	struct plan_run shown;
	size_t n = strlen(word);
	as_shown(c, r, &shown);
	return !strncmp(r->key, word, n) || !strncmp(shown.key, word, n) || str_eq(r->id, word) ||
	       str_eq(shown.id, word);
}

/* A key or its beginning, or a UID: of a UID's runs the rehearsal nearest to now. */
static const struct plan_run *
find(struct coordinator *c, const struct plan *p, const char *word, struct err_text *e)
{
	const struct plan_run *found = NULL;
	for (size_t i = 0; strlen(word) >= 6 && i < p->runs_n; i++)
		if (is_key_of(c, &p->runs[i], word)) {
			if (found) {
				err_set(e, ERR_INPUT,
					T("\"%s\" is the beginning of more than one key"), word);
				return NULL;
			}
			found = &p->runs[i];
		}
	for (size_t i = 0; !found && i < p->runs_n; i++) {
		const struct plan_run *r = &p->runs[i], *best = NULL;
		if (!str_eq(r->uid, word))
			continue;
		for (size_t k = i; k < p->runs_n; k++) {
			const struct plan_run *o = &p->runs[k];
			if (str_eq(o->uid, word) &&
				(!best || (best->session && !o->session) ||
					(best->session == o->session &&
						distance(o->start, c->now) <
							distance(best->start, c->now))))
				best = o;
		}
		found = best;
	}
	if (!found)
		err_set(e, ERR_INPUT,
			T("no run \"%s\" is planned from yesterday to 60 days ahead; `tongduyet "
			  "plan` lists keys"),
			word);
	return found;
}

static enum err
begin_found(struct coordinator *c, struct house *h, const struct plan *p, const char *word,
	bool again, struct live **out, struct err_text *e)
{
	char base[65];
	*out = NULL;
	const struct plan_run *run = find(c, p, word, e);
	if (!run)
		return ERR_INPUT;
	if (run->disabled)
		return err_set(e, ERR_REFUSED, T("%s cannot begin: %s"), run->id, run->disabled);
	base_of(run, base);
	const struct begun *before = newest_begun(c, base);
	if (before && !again)
		return err_set(e, ERR_REFUSED,
			T("%s began already as %s; --again makes a new run of it"), run->name,
			before->run);
	if (before && !before->ended)
		return err_set(e, ERR_REFUSED, T("%s is still under way"), before->run);
	enum err code = begin(c, h, run, before, c->now, NULL, out);
	return code == OK ? OK
			  : err_set(e, code, T("%s cannot begin: %s"), run->id, err_name(code));
}

void
plan_begin_by_hand(struct coordinator *c, const char *word, bool again, uint64_t client)
{
	struct planning *p = planning_new(c, word);
	p->again = again;
	p->client = client;
	p->back = c->plannings;
	pool_submit(c->pool, JOB_URGENT, work, p);
}

/* In the calling thread: before there is a loop. */
enum err
plan_hand(
	struct coordinator *c, const char *word, bool again, struct live **out, struct err_text *e)
{
	struct planning *p = planning_new(c, word);
	work(p);
	enum err code = p->code == OK ? begin_found(c, p->house, &p->plan, word, again, out, e)
				      : err_set(e, p->code, "%s", p->e.text);
	planning_free(p);
	return code;
}

/* ---- taking ---------------------------------------------------------------------------------- */

/* Which runs were not in the plan before with that start, although it reached so far and their
 * start is past: they came in, or were moved, at short notice. */
static bool *
newcomers(const struct coordinator *c, const struct planning *p)
{
	bool *came = xalloc(p->plan.runs_n + 1);
	if (!c->have_plan)
		return came;
	struct map *known = map_new();
	for (size_t i = 0; i < c->plan.runs_n; i++)
		map_set(known, c->plan.runs[i].key, &c->plan.runs[i]);
	for (size_t i = 0; i < p->plan.runs_n && p->plan.runs[i].start <= c->now; i++) {
		const struct plan_run *now = &p->plan.runs[i], *was = map_get(known, now->key);
		came[i] = now->start < c->plan_to && (!was || was->start != now->start);
	}
	map_free(known);
	return came;
}

/* The new house replaces the old one. */
static void
adopt(struct coordinator *c, struct planning *p)
{
	bool *came = newcomers(c, p);
	free(c->came);
	c->came = came;
	c->plan_to = p->to;
	c->missed_from = p->missed_from;
	house_free(c->house);
	c->house = p->house;
	c->plan = p->plan;
	c->have_plan = true;
	free(c->tried);
	c->tried = xalloc(c->plan.runs_n + 1);
	str_copy(c->signature, sizeof c->signature, p->signature);
	p->house = NULL;
	push_adopt(c);
	device_register(c);
	feeds_adopt(c);
	outbox_adopt(c);
	c->plan_from = c->now - PLAN_BACK_MS;
	change_look(c);
}

enum err
plan_read_now(struct coordinator *c, struct err_text *e)
{
	struct planning *p = planning_new(c, NULL);
	work(p);
	enum err code = p->code;
	if (code == OK)
		adopt(c, p);
	else
		err_set(e, code, "%s", p->e.text);
	planning_free(p);
	c->planned_mono = c->looked_mono = clock_mono();
	return code;
}

static void
take_by_hand(struct coordinator *c, struct planning *p)
{
	struct live *l = NULL;
	struct err_text e = { 0 };
	struct control_client *client = control_find(c->control, p->client);
	enum err code = p->code == OK
				? begin_found(c, p->house, &p->plan, p->word, p->again, &l, &e)
				: err_set(&e, p->code, "%s", p->e.text);
	coordinator_commit(c);
	if (!client)
		return;
	if (code == OK)
		people_say(client, OK, "%s", l->spec->id);
	else
		people_say(client, code, "%s", e.text);
}

void
plan_take(struct coordinator *c)
{
	for (struct planning *p; (p = mailbox_take(c->plannings));) {
		if (p->word) {
			take_by_hand(c, p);
		} else {
			c->planning = false;
			if (p->code == OK)
				adopt(c, p);
			else
				log_error("coordinator", "plan: %s; the last plan stays in force",
					p->e.text);
		}
		planning_free(p);
	}
}

void
plan_look(struct coordinator *c, int64_t mono)
{
	char now[65];
	if (c->planning || mono < c->looked_mono + LOOK_EVERY_MS)
		return;
	c->looked_mono = mono;
	house_signature(c->dir, now);
	if (mono < c->planned_mono + PLAN_EVERY_MS && str_eq(now, c->signature))
		return;
	str_copy(c->signature, sizeof c->signature, now);
	c->planned_mono = mono;
	c->planning = true;
	struct planning *p = planning_new(c, NULL);
	p->back = c->plannings;
	pool_submit(c->pool, JOB_NORMAL, work, p);
}
