/* From instances of meetings to runs. Called by the coordinator's planner and by the verbs plan and
 * calendar. Pure: it is given instances, rules and the directory and decides nothing about the
 * present. Must never lose a session in silence: one without a rehearsal is an alarm, and what
 * cannot run is in the plan with its reason. */
#include "schedules/occurrence.h"

#include "base/hash.h"
#include "base/instant.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "schedules/plan_choose.h"
#include "schedules/plan_conflicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct meeting { /* an occurrence that is planned */
	const struct occurrence *o;
	const struct plan_rule *rule;
	const struct invitation *invited;
	struct meeting *session;  /* of a rehearsal: what it is for, or NULL */
	struct meeting *next;	  /* the next session of its calendar, perhaps itself, or NULL */
	bool has_event; /* of a session: a rehearsal event of its own stands for the automatic one
			 */
	bool rehearsed; /* of a session: some rehearsal will run */
};

struct sessions {		  /* of one UID, or of that UID in one calendar */
	VEC(struct meeting *) at; /* by start */
};

struct planner {
	struct plan_chooser chooser;
	struct arena *a;
	struct plan *out;
	int64_t from, to;
	struct meeting *at; /* by start */
	size_t n;
	struct map *by_uid;  /* struct sessions */
	struct map *by_own;  /* the same, by calendar and UID */
	struct map *invited; /* by event: what its texts say is the same for all its instances */
};

static bool
named(const struct plan_playbook *p)
{
	return !str_empty(p->name);
}

static void
put_alarm(struct plan *p, struct arena *a, const char *kind, const char *uid, const char *why)
{
	p->alarms = vec_grow(a, p->alarms, p->alarms_n, &p->alarms_cap, sizeof *p->alarms);
	p->alarms[p->alarms_n++] = (struct plan_alarm){ .kind = kind, .uid = uid, .why = why };
}

static void
add_alarm(struct planner *p, const char *kind, const struct occurrence *o, const char *why)
{
	if (o->start >= p->from && o->start < p->to)
		put_alarm(p->out, p->a, kind, o->uid, why);
}

static void
add_wrong(struct planner *p, struct plan_run *r, const char *file, int line, const char *why)
{
	r->wrong = vec_grow(p->a, r->wrong, r->wrong_n, &r->wrong_cap, sizeof *r->wrong);
	r->wrong[r->wrong_n++] = (struct plan_wrong){ .file = file, .line = line, .why = why };
}

/* The first that a run gets it shares; adding to them makes a copy. */
static void
take_wrongs(struct planner *p, struct plan_run *r, const struct plan_wrongs *w)
{
	if (!r->wrong_n) {
		r->wrong = w->at;
		r->wrong_n = r->wrong_cap = w->n;
		return;
	}
	for (size_t i = 0; i < w->n; i++)
		add_wrong(p, r, w->at[i].file, w->at[i].line, w->at[i].why);
}

static void
disable(struct plan_run *r, const char *why)
{
	if (!r->disabled)
		r->disabled = why;
}

/* A name that is safe in file names: plain letters, digits and dashes. */
static void
safe_name(const char *name, char *out, size_t size)
{
	struct arena *a = arena_new();
	size_t n = 0;
	for (const char *c = utf8_plain(a, name); *c && n + 1 < size; c++) {
		bool word = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
		if (word)
			out[n++] = *c;
		else if (n && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n && out[n - 1] == '-')
		n--;
	out[n] = '\0';
	arena_free(a);
}

void
plan_key(struct plan_run *run)
{
	char recurrence[INSTANT_SIZE] = "-", name[56], local[20];
	if (run->recurrence_id != OCCURRENCE_NO_RECURRENCE)
		instant_utc(run->recurrence_id, recurrence);
	struct buf b = { 0 };
	buf_printf(&b, "%s|%s|%s|%s|%d", run->calendar, run->uid, recurrence, run->name,
		run->generation);
	char hex[HASH_HEX_SIZE];
	hash_hex(buf_str(&b), b.n, hex);
	buf_free(&b);
	str_copy(run->key, sizeof run->key, hex);
	safe_name(run->name, name, sizeof name);
	instant_local(run->start, "%Y%m%d-%H%M", local, sizeof local);
	snprintf(run->id, sizeof run->id, "%s-%s-%.6s", local, *name ? name : "run", hex);
}

/* The playbook a line "Kịch bản: NAME" asks for, or NULL. */
static const struct plan_playbook *
asked_playbook(const struct plan_rule *rule, const char *name, struct arena *a)
{
	const char *want = utf8_plain(a, name);
	for (size_t i = 0; *want && i < rule->known_n; i++)
		if (str_eq(utf8_plain(a, rule->known[i].name), want))
			return &rule->known[i];
	return NULL;
}

static const char *
playbook_hint(const struct plan_rule *rule, const char *name, struct arena *a)
{
	const char **names = arena_alloc(a, (rule->known_n + 1) * sizeof *names);
	for (size_t i = 0; i < rule->known_n; i++)
		names[i] = rule->known[i].name;
	const char *near = str_nearest(name, names);
	return near ? arena_printf(a, ", perhaps \"%s\"", near) : "";
}

/* The rehearsal's own list, else its session's, else the calendar's default with the place of the
 * meeting. */
static void
choose_sites(struct planner *p, struct plan_run *r, const struct meeting *m,
	const struct meeting *session)
{
	const struct meeting *by = m->invited->named || !session ? m : session;
	if (by->invited->named) {
		const struct plan_choice *c =
			plan_choose_invited(&p->chooser, by->invited, r->start);
		take_wrongs(p, r, &c->wrong);
		r->sites = c->sites;
		r->merged = c->merged;
		r->unknown = c->unknown;
	} else {
		const char *selector = str_empty(m->rule->sites) ? "all" : m->rule->sites;
		const struct site *place = by->invited->place;
		if (place)
			selector = arena_printf(p->a, "%s,%s", selector, place->id);
		const struct plan_choice *c = plan_choose(&p->chooser, selector, r->start);
		take_wrongs(p, r, &c->wrong);
		r->sites = c->sites;
		r->unknown = c->unknown;
	}
	if (r->sites.n == 0) {
		const char *why = r->unknown.n ? T("none of the sites invited is known")
					       : T("no site is invited");
		add_wrong(p, r, r->file, r->line, why);
		disable(r, why);
	}
}

static void
set_key(struct plan_run *r, const struct meeting *m, const char *name)
{
	r->calendar = m->o->calendar;
	r->uid = m->o->uid;
	r->recurrence_id = m->o->recurrence_id;
	r->name = name;
	plan_key(r);
}

/* One run of one playbook for a meeting (a session, or a rehearsal event with its session). */
static bool
add_run(struct planner *p, const struct meeting *m, const struct meeting *session,
	const struct plan_playbook *book, int64_t anchor, bool is_session)
{
	int64_t start = anchor + book->first_at;
	struct plan_run r = { .name = book->name,
		.session = is_session,
		.anchor = anchor,
		.start = start,
		.summary = m->o->summary,
		.playbook = *book,
		.file = m->o->file,
		.line = m->o->line,
		.chair = "",
		.known_since = m->o->known_since,
		.from_event = m->o->rehearsal };
	set_key(&r, m, book->name);
	if (m->o->rehearsal || is_session)
		r.end = m->o->end;
	if (session) {
		r.session_start = session->o->start;
		r.session_end = session->o->end;
	}
	if (session && !is_session && named(&session->rule->session)) {
		struct plan_run own = { .generation = 0 };
		set_key(&own, session, session->rule->session.name);
		r.session_key = arena_strdup(p->a, own.key);
	}
	const struct meeting *said =
		m->invited->people || *m->invited->chair || !session ? m : session;
	r.people_expected = said->invited->people;
	r.chair = said->invited->chair;
	r.short_notice = r.known_since && r.known_since > start;
	if (*m->invited->playbook && !asked_playbook(m->rule, m->invited->playbook, p->a))
		add_wrong(p, &r, r.file, r.line,
			arena_printf(p->a,
				T("there is no playbook \"%s\"%s: the calendar's own is used"),
				m->invited->playbook,
				playbook_hint(m->rule, m->invited->playbook, p->a)));
	if (book->broken) {
		const char *file = book->file ? book->file
					      : arena_printf(p->a, "playbooks/%s.xml", book->name);
		add_wrong(p, &r, file, book->broken_line, book->broken);
		disable(&r, arena_printf(p->a, T("playbook %s cannot be used: %s"), book->name,
				    book->broken));
	}
	if (start >= p->from && start < p->to) {
		choose_sites(p, &r, m, session);
		p->out->runs =
			vec_grow(p->a, p->out->runs, p->out->runs_n, &p->out->runs_cap, sizeof r);
		p->out->runs[p->out->runs_n++] = r;
	}
	return !r.disabled;
}

/* An id of a calendar is an XML name: no blank is in it. */
static const char *
own_key(struct planner *p, const char *calendar, const char *uid)
{
	return arena_printf(p->a, "%s %s", calendar, uid);
}

static void
file_session(struct planner *p, struct map *by, const char *key, struct meeting *m)
{
	struct sessions *s = map_get(by, key);
	if (!s) {
		s = arena_alloc(p->a, sizeof *s);
		map_set(by, key, s);
	}
	*vec_add_in(p->a, &s->at) = m;
}

/* The first that does not begin before it, else the last; NULL: none of that key. */
static struct meeting *
session_of(const struct map *by, const char *key, int64_t start)
{
	const struct sessions *s = map_get(by, key);
	size_t low = 0, high = s ? s->at.n : 0;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (s->at.at[mid]->o->start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return s ? s->at.at[low < s->at.n ? low : s->at.n - 1] : NULL;
}

/* The session a rehearsal event is for: RELATED-TO, else the next of its calendar. */
static struct meeting *
find_session(struct planner *p, const struct meeting *m)
{
	const char *uid = m->o->related_to;
	struct meeting *s = NULL;
	/* Two calendars may hold copies of one meeting: its own goes first. */
	if (*uid)
		s = session_of(p->by_own, own_key(p, m->o->calendar, uid), m->o->start);
	if (*uid && !s)
		s = session_of(p->by_uid, uid, m->o->start);
	return s ? s : m->next;
}

/* The playbook of a rehearsal event: asked for by the event, else one made for events, else the
 * automatic one's. */
static const struct plan_playbook *
event_playbook(struct planner *p, const struct meeting *m)
{
	const struct plan_rule *rule = m->rule;
	const struct plan_playbook *asked = asked_playbook(rule, m->invited->playbook, p->a);
	if (asked && !asked->session_phase)
		return asked;
	if (named(&rule->rehearsal) && rule->rehearsal.anchor_event)
		return &rule->rehearsal;
	for (size_t i = 0; i < rule->more_n; i++)
		if (rule->more[i].anchor_event)
			return &rule->more[i];
	return named(&rule->rehearsal) ? &rule->rehearsal : NULL;
}

static void
plan_rehearsal_event(struct planner *p, struct meeting *m)
{
	const struct plan_playbook *book = event_playbook(p, m);
	struct meeting *s = m->session;
	if (!s)
		add_alarm(p, "rehearsal-without-session", m->o,
			T("no session follows in its calendar"));
	if (!book) {
		add_alarm(p, "rehearsal-without-playbook", m->o,
			T("its calendar has no rehearsal playbook"));
		return;
	}
	/* A playbook that counts to the session is laid so that its first step falls on the event's
	 * start. */
	int64_t anchor = book->anchor_event ? m->o->start : m->o->start - book->first_at;
	bool runs = add_run(p, m, s, book, anchor, false);
	if (s) {
		s->has_event = true;
		s->rehearsed = s->rehearsed || runs;
	}
}

static void
plan_session(struct planner *p, struct meeting *m)
{
	const struct plan_rule *rule = m->rule;
	const struct plan_playbook *asked = asked_playbook(rule, m->invited->playbook, p->a);
	const struct plan_playbook *rehearsal =
		asked && !asked->session_phase ? asked : &rule->rehearsal;
	const struct plan_playbook *session =
		asked && asked->session_phase ? asked : &rule->session;
	if (named(rehearsal) && !rehearsal->anchor_event && !m->has_event)
		m->rehearsed = add_run(p, m, m, rehearsal, m->o->start, false) || m->rehearsed;
	for (size_t i = 0; i < rule->more_n; i++)
		if (!rule->more[i].anchor_event)
			m->rehearsed = add_run(p, m, m, &rule->more[i], m->o->start, false) ||
				       m->rehearsed;
	if (named(session))
		add_run(p, m, m, session, m->o->start, true);
	if (!m->rehearsed)
		add_alarm(p, "session-without-rehearsal", m->o,
			!named(rehearsal)   ? T("its calendar has no rehearsal playbook")
			: rehearsal->broken ? T("its playbook cannot be used")
			: rehearsal->anchor_event && !m->has_event
				? T("no rehearsal event stands for it")
				: T("its rehearsal cannot run"));
}

/* Instances of one event share their texts, so they share what these say. */
static const struct invitation *
invitation_of(struct planner *p, const struct occurrence *o)
{
	const char *key = arena_printf(p->a, "%p %p %p %p", (const void *)o->description,
		(const void *)o->location, (const void *)o->attendees, (const void *)o->categories);
	struct invitation *known = map_get(p->invited, key);
	if (known)
		return known;
	known = arena_alloc(p->a, sizeof *known);
	invite_read(o, p->chooser.sites, 0, p->a, known);
	map_set(p->invited, key, known);
	return known;
}

/* What is planned at all, with its invitation; sorted by start, as the instances are. */
static void
gather(struct planner *p, const struct occurrences *o, const struct plan_rule *rules,
	size_t rules_n)
{
	p->at = arena_alloc(p->a, (o->n + 1) * sizeof *p->at);
	for (size_t i = 0; i < o->n; i++) {
		const struct plan_rule *rule = NULL;
		for (size_t k = 0; k < rules_n && !rule; k++)
			if (str_eq(rules[k].calendar, o->at[i].calendar))
				rule = &rules[k];
		if (!rule || o->at[i].cancelled)
			continue;
		if (o->at[i].all_day) {
			add_alarm(p, "all-day-event", &o->at[i],
				T("it has no hour: nothing is planned for it"));
			continue;
		}
		struct meeting *m = &p->at[p->n++];
		*m = (struct meeting){ .o = &o->at[i], .rule = rule };
		m->invited = invitation_of(p, m->o);
	}
	for (size_t i = 0; i < p->n; i++) {
		struct meeting *m = &p->at[i];
		if (m->o->rehearsal)
			continue;
		file_session(p, p->by_uid, m->o->uid, m);
		file_session(p, p->by_own, own_key(p, m->o->calendar, m->o->uid), m);
	}
	struct map *next = map_new(); /* by calendar */
	for (size_t i = p->n; i-- > 0;) {
		struct meeting *m = &p->at[i];
		if (!m->o->rehearsal)
			map_set(next, m->o->calendar, m);
		m->next = map_get(next, m->o->calendar);
	}
	map_free(next);
}

static int
by_start(const void *x, const void *y)
{
	const struct plan_run *a = x, *b = y;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return strcmp(a->key, b->key);
}

void
plan_make(const struct occurrences *o, const struct plan_rule *rules, size_t rules_n,
	const struct sites *sites, int64_t from, int64_t to, struct arena *a, struct plan *out)
{
	*out = (struct plan){ 0 };
	struct planner p = { .chooser = { .sites = sites, .a = a },
		.a = a,
		.out = out,
		.from = from,
		.to = to,
		.by_uid = map_new(),
		.by_own = map_new(),
		.invited = map_new() };
	gather(&p, o, rules, rules_n);
	for (size_t i = 0; i < p.n; i++)
		if (p.at[i].o->rehearsal)
			p.at[i].session = find_session(&p, &p.at[i]);
	for (size_t i = 0; i < p.n; i++)
		if (p.at[i].o->rehearsal)
			plan_rehearsal_event(&p, &p.at[i]);
	for (size_t i = 0; i < p.n; i++)
		if (!p.at[i].o->rehearsal)
			plan_session(&p, &p.at[i]);
	map_free(p.by_uid);
	map_free(p.by_own);
	map_free(p.invited);
	if (out->runs_n)
		qsort(out->runs, out->runs_n, sizeof *out->runs, by_start);
	plan_conflicts(out, a);
}

void
plan_add_faults(struct plan *p, const struct faults *faults, struct arena *a)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct fault *f = &faults->at[i];
		put_alarm(p, a, "broken-event", "",
			f->line ? arena_printf(a, "%s:%d: %s", f->file, f->line, f->text)
				: arena_printf(a, "%s: %s", f->file, f->text));
	}
}
