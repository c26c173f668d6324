/* Events to instances: our expander. Called by the child once all files of a calendar are read.
 * Everything is compared as instants: the newest copy of a master and of each exception, the set of
 * a series (DTSTART, RRULE, RDATE, less EXDATE), exceptions in place of what they except,
 * THISANDFUTURE by splitting. Must never emit an instance twice, nor take more steps than the
 * budget. */
#include "schedules/calendar_internal.h"

#include "base/str.h"
#include "schedules/calendar.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_EVENT = 2000000, STEPS_SMALL = 20000 };

struct member {		/* of the set of a series */
	int64_t at;	/* UTC ms: its recurrence id */
	int64_t civil;	/* in the series' own zone */
	int64_t length; /* ms of an RDATE period, -1 = the series' */
};

struct over { /* an exception and the instant it stands for */
	struct cal_event *event;
	int64_t at;
};

struct numbers { /* sorted */
	int64_t *at;
	size_t n, cap;
};

struct series {
	struct cal *c;
	struct cal_event *master; /* NULL: exceptions alone */
	struct over *over;	  /* by instant, once tied */
	size_t over_n;
	struct numbers ex_instants, ex_civil, ex_days; /* EXDATE by the way each was written */
	VEC(struct member) set;
	int64_t from, to, low, high; /* window; hull in which the set is built, UTC ms */
	cal_emit_fn emit;
	void *arg;
};

static const struct cal_zone *
zone_of(const struct cal *c, struct cal_time t)
{
	static const struct cal_zone utc = { .utc = true };
	return t.kind == CAL_UTC ? &utc : t.kind == CAL_ZONED ? t.zone : c->local;
}

/* Civil seconds as the clock of the event's zone shows that instant. */
static int64_t
to_civil(const struct cal *c, struct cal_time like, int64_t ms)
{
	int64_t s = civil_div(ms, 1000);
	return s + cal_zone_offset(zone_of(c, like), s);
}

int64_t
cal_instant(const struct cal *c, struct cal_time t)
{
	return cal_zone_utc(zone_of(c, t), t.civil) * 1000;
}

static int64_t
instant_like(const struct cal *c, struct cal_time like, int64_t civil)
{
	like.civil = civil;
	return cal_instant(c, like);
}

/* The end of an instance that starts at civil / start. */
static int64_t
end_of(const struct cal *c, const struct cal_event *e, int64_t civil, int64_t start)
{
	if (!e->nominal)
		return start + e->seconds * 1000;
	int64_t day = e->days ? instant_like(c, e->start, civil + e->days * DAY_S) : start;
	return day + e->seconds * 1000;
}

static int64_t
longest(const struct cal_event *e)
{
	return ((e->days + 2) * DAY_S + e->seconds) * 1000;
}

/* Newer copies win: SEQUENCE, then DTSTAMP, then LAST-MODIFIED, then a cancellation, then the one
 * read last. */
static int
by_age(const struct cal_event *a, const struct cal_event *b)
{
	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	if (a->stamp != b->stamp)
		return a->stamp < b->stamp ? -1 : 1;
	if (a->modified != b->modified)
		return a->modified < b->modified ? -1 : 1;
	if (a->cancelled != b->cancelled)
		return a->cancelled ? 1 : -1;
	return 0;
}

static bool
is_newer(const struct cal_event *a, const struct cal_event *b)
{
	int age = by_age(a, b);
	return age ? age > 0 : a->order > b->order;
}

static int
by_member(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->length < b->length) - (a->length > b->length); /* a period first */
}

static int
by_number(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a > b) - (a < b);
}

static void
add_number(struct series *s, struct numbers *list, int64_t n)
{
	*vec_add_in(s->c->arena, list) = n;
}

static bool
has_number(const struct numbers *list, int64_t n)
{
	return list->n && bsearch(&n, list->at, list->n, sizeof *list->at, by_number);
}

/* The calendar day a time means: as written; of a UTC time that is not midnight, the workspace's
 * day. */
static int64_t
day_of(const struct cal *c, struct cal_time t)
{
	int64_t day = civil_div(t.civil, DAY_S);
	if (t.kind != CAL_UTC || t.civil == day * DAY_S)
		return day;
	return civil_div(t.civil + cal_zone_offset(c->local, t.civil), DAY_S);
}

static void
sort_exdates(struct series *s)
{
	const struct cal_event *e = s->master;
	for (size_t i = 0; i < e->exdates.n; i++) {
		struct cal_time t = e->exdates.at[i];
		if (t.kind == CAL_DATE || e->start.kind == CAL_DATE) {
			add_number(s, &s->ex_days, day_of(s->c, t));
		} else if (t.kind == CAL_FLOATING) {
			add_number(s, &s->ex_civil,
				t.civil); /* without a zone it is read like its event */
		} else {
			add_number(s, &s->ex_instants, cal_instant(s->c, t));
		}
	}
	struct numbers *lists[] = { &s->ex_instants, &s->ex_civil, &s->ex_days };
	for (int i = 0; i < 3; i++)
		if (lists[i]->n)
			qsort(lists[i]->at, lists[i]->n, sizeof *lists[i]->at, by_number);
}

static bool
is_excluded(const struct series *s, const struct member *m)
{
	return has_number(&s->ex_instants, m->at) || has_number(&s->ex_civil, m->civil) ||
	       has_number(&s->ex_days, civil_div(m->civil, DAY_S));
}

static bool
past_until(const struct series *s, const struct rule *r, int64_t civil)
{
	switch (r->until_kind) {
	case UNTIL_NONE: return false;
	case UNTIL_DATE: return civil_div(civil, DAY_S) > civil_div(r->until, DAY_S);
	case UNTIL_LOCAL: return civil > r->until;
	case UNTIL_UTC:
		if (s->master->start.kind == CAL_DATE)
			return civil_div(civil, DAY_S) > civil_div(r->until, DAY_S);
		return instant_like(s->c, s->master->start, civil) > r->until * 1000;
	}
	return true;
}

static struct member *
add_member(struct series *s, int64_t civil)
{
	struct member *m = vec_add(&s->set);
	m->civil = civil;
	m->at = instant_like(s->c, s->master->start, civil);
	m->length = -1;
	return m;
}

/* One rule's instances within the hull. NULL, or why the event cannot be planned. */
static const char *
add_rule(struct series *s, const struct rule *r)
{
	struct cal *c = s->c;
	int64_t most = c->budget > STEPS_SMALL ? c->budget : STEPS_SMALL;
	most = most < STEPS_EVENT ? most : STEPS_EVENT;
	int64_t budget = most;
	int64_t low = civil_div(s->low, 1000) - 2 * DAY_S,
		high = civil_div(s->high, 1000) + 2 * DAY_S, at;
	struct rule_iter it;
	/* Where rule bombs have used up half of what all may have, each further event gets little:
	 * a meeting among them is planned all the same. */
	size_t instances =
		c->instances > CAL_TOTAL_MAX / 2 ? CAL_PER_EVENT_SMALL : CAL_PER_EVENT_MAX;
	rule_begin(&it, r, s->master->start.civil, low, &budget);
	int rc;
	while ((rc = rule_next(&it, high, &at)) == 1) {
		if (at != s->master->start.civil && past_until(s, r, at))
			break;
		if (at < low)
			continue;
		if (s->set.n >= instances) {
			rc = -2;
			break;
		}
		add_member(s, at);
	}
	rule_end(&it);
	c->budget -= most - budget;
	if (rc == -1)
		return T("its rule takes too many steps to work out");
	if (rc != -2)
		return NULL;
	return instances == CAL_PER_EVENT_MAX
		       ? T("it has more than 100,000 instances in the window asked for")
		       : T("it has more than 2,000 instances in the window asked for, in a "
			   "calendar "
			   "that has too many already");
}

static const char *
build_set(struct series *s)
{
	struct cal_event *e = s->master;
	sort_exdates(s);
	if (!e->rules.n)
		add_member(s, e->start.civil);
	for (size_t i = 0; i < e->rules.n; i++) {
		const char *why = add_rule(s, &e->rules.at[i]);
		if (why)
			return why;
	}
	for (size_t i = 0; i < e->rdates.n; i++) {
		struct cal_rdate *r = &e->rdates.at[i];
		int64_t civil = r->at.civil;
		if (e->start.kind == CAL_DATE)
			civil = civil_div(civil, DAY_S) * DAY_S;
		else if (r->at.kind == CAL_DATE) /* a day alone: at the event's own hour */
			civil += e->start.civil - civil_div(e->start.civil, DAY_S) * DAY_S;
		else if (r->at.kind != CAL_FLOATING)
			civil = to_civil(s->c, e->start, cal_instant(s->c, r->at));
		struct member *m = add_member(s, civil);
		if (e->start.kind != CAL_DATE && r->at.kind != CAL_DATE &&
			r->at.kind != CAL_FLOATING)
			m->at = cal_instant(
				s->c, r->at); /* exact, also in an hour that comes twice */
		m->length = r->period ? r->length : -1;
	}
	if (s->set.n)
		qsort(s->set.at, s->set.n, sizeof *s->set.at, by_member);
	size_t kept = 0;
	for (size_t i = 0; i < s->set.n; i++) {
		struct member m = s->set.at[i];
		if ((kept && s->set.at[kept - 1].at == m.at) || is_excluded(s, &m))
			continue;
		s->set.at[kept++] = m;
	}
	s->set.n = kept;
	return NULL;
}

static void
emit(struct series *s, struct cal_event *e, int64_t start, int64_t end, int64_t recid,
	bool cancelled)
{
	bool touches = start < s->to && (end > s->from || (end == start && start >= s->from));
	if (!touches)
		return;
	struct cal_instance i = {
		.event = e, .start = start, .end = end, .recid = recid, .cancelled = cancelled
	};
	s->emit(s->arg, &i);
}

/* The member that a RECURRENCE-ID means, however it is written; NULL: none. */
static const struct member *
find_member(struct series *s, struct cal_time t)
{
	bool by_day = t.kind == CAL_DATE || s->master->start.kind == CAL_DATE;
	bool by_civil = !by_day && t.kind == CAL_FLOATING;
	int64_t day = day_of(s->c, t), at = by_day || by_civil ? 0 : cal_instant(s->c, t);
	size_t low = 0, high = s->set.n;
	if (!by_day && !by_civil) {
		while (low < high) {
			size_t mid = (low + high) / 2;
			if (s->set.at[mid].at < at)
				low = mid + 1;
			else
				high = mid;
		}
		return low < s->set.n && s->set.at[low].at == at ? &s->set.at[low] : NULL;
	}
	s->c->budget -= (int64_t)s->set.n;
	for (size_t i = 0; i < s->set.n && s->c->budget > 0; i++) {
		const struct member *m = &s->set.at[i];
		if (by_civil ? m->civil == t.civil : civil_div(m->civil, DAY_S) == day)
			return m;
	}
	return NULL;
}

/* Each exception's instant; one that means a member takes that member's instant. One that means
 * none stands alone, unless the series excludes that instant or was moved since. */
static void
tie_exceptions(struct series *s)
{
	for (size_t i = 0; i < s->over_n; i++) {
		struct over *o = &s->over[i];
		o->at = cal_instant(s->c, o->event->recid);
		if (!s->master)
			continue;
		const struct member *m = find_member(s, o->event->recid);
		struct member lone = { .at = o->at,
			.civil = to_civil(s->c, s->master->start, o->at) };
		if (m)
			o->at = m->at;
		else
			o->event->refused =
				(!o->event->future && o->event->sequence < s->master->sequence) ||
				is_excluded(s, &lone);
	}
}

static int
by_over(const void *x, const void *y)
{
	const struct over *a = x, *b = y;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return is_newer(b->event, a->event) ? 1 : -1; /* the newest first */
}

/* Sorted, the newest copy for each instant. */
static void
keep_newest(struct series *s)
{
	if (s->over_n)
		qsort(s->over, s->over_n, sizeof *s->over, by_over);
	size_t kept = 0;
	for (size_t i = 0; i < s->over_n; i++)
		if (!s->over[i].event->refused && !(kept && s->over[kept - 1].at == s->over[i].at))
			s->over[kept++] = s->over[i];
	s->over_n = kept;
}

struct placed { /* a member with its start, its end still to be found */
	const struct member *m;
	struct cal_event *by;
	bool moved;
	int64_t civil, start;
};

/* Instances of the master that no exception stands for, split where a THISANDFUTURE begins. First
 * all starts, then all ends: an exception may be in another zone than the series, and to change
 * from one to the other makes the C library read a file. */
static void
emit_set(struct series *s, bool recurring)
{
	struct cal_event *e = s->master;
	const struct over *range = NULL;
	size_t k = 0;
	int64_t shift = 0; /* of the members behind `range` */
	VEC(struct placed) placed = { 0 };
	for (size_t i = 0; i < s->set.n; i++) {
		const struct member *m = &s->set.at[i];
		const struct over *before = range;
		for (; k < s->over_n && s->over[k].at < m->at; k++)
			if (s->over[k].event->future)
				range = &s->over[k];
		if (k < s->over_n && s->over[k].at == m->at)
			continue; /* the exception itself is emitted */
		/* Moved by as much as the exception itself was, on the clock of the series. */
		if (range != before) {
			int64_t to = cal_instant(s->c, range->event->start);
			shift = to_civil(s->c, e->start, to) - to_civil(s->c, e->start, range->at);
		}
		int64_t civil = m->civil + (range ? shift : 0);
		*vec_add(&placed) = (struct placed){ .m = m,
			.by = range ? range->event : e,
			.moved = range != NULL,
			.civil = civil,
			.start = range ? instant_like(s->c, e->start, civil) : m->at };
	}
	for (size_t i = 0; i < placed.n; i++) {
		const struct placed *x = &placed.at[i];
		int64_t end = x->m->length >= 0 && !x->moved
				      ? x->start + x->m->length
				      : end_of(s->c, x->by, x->civil, x->start);
		emit(s, x->by, x->start, end, recurring ? x->m->at : OCCURRENCE_NO_RECURRENCE,
			x->by->cancelled || e->cancelled);
	}
	vec_free(&placed);
}

static void
expand_series(struct series *s)
{
	struct cal_event *e = s->master;
	if (e) {
		int64_t reach = longest(e);
		for (size_t i = 0; i < e->rdates.n; i++)
			reach = e->rdates.at[i].length > reach ? e->rdates.at[i].length : reach;
		s->low = s->from - reach;
		s->high = s->to;
		for (size_t i = 0; i < s->over_n; i++) {
			struct cal_event *o = s->over[i].event;
			int64_t at = cal_instant(s->c, o->recid),
				start = cal_instant(s->c, o->start);
			int64_t end = end_of(s->c, o, o->start.civil, start);
			if (o->future) { /* later members may be moved into the window */
				int64_t shift = start - at;
				s->low = s->low - (shift > 0 ? shift : 0) - longest(o);
				s->high = s->high + (shift < 0 ? -shift : 0);
			}
			if ((start < s->to && end >= s->from) || o->future) {
				s->low = at - DAY_S * 1000 < s->low ? at - DAY_S * 1000 : s->low;
				s->high = at + DAY_S * 1000 > s->high ? at + DAY_S * 1000 : s->high;
			}
		}
		const char *why = build_set(s);
		/* also of what is refused: it took its time */
		s->c->instances += (int64_t)s->set.n;
		if (why) {
			faults_add(s->c->faults, e->file, e->line,
				T("%s: the event is not planned"), why);
			return;
		}
	}
	tie_exceptions(s);
	keep_newest(s);
	bool recurring = e && (e->rules.n || e->rdates.n || s->over_n);
	if (e)
		emit_set(s, recurring);
	for (size_t i = 0; i < s->over_n; i++) {
		struct cal_event *o = s->over[i].event;
		int64_t start = cal_instant(s->c, o->start);
		bool cancelled = o->cancelled || (e && e->cancelled && by_age(o, e) <= 0);
		emit(s, o, start, end_of(s->c, o, o->start.civil, start), s->over[i].at, cancelled);
	}
}

static int
by_uid(const void *x, const void *y)
{
	const struct cal_event *a = *(struct cal_event *const *)x,
			       *b = *(struct cal_event *const *)y;
	int d = strcmp(a->uid, b->uid);
	return d ? d : (a->order > b->order) - (a->order < b->order);
}

void
cal_expand(struct cal *c, int64_t from, int64_t to, cal_emit_fn emit_fn, void *arg)
{
	if (c->n)
		qsort(c->at, c->n, sizeof *c->at, by_uid);
	for (size_t i = 0; i < c->n;) {
		size_t end = i;
		struct series s = { .c = c, .from = from, .to = to, .emit = emit_fn, .arg = arg };
		while (end < c->n && str_eq(c->at[end]->uid, c->at[i]->uid))
			end++;
		s.over = arena_alloc(c->arena, (end - i) * sizeof *s.over);
		for (size_t k = i; k < end; k++) {
			struct cal_event *e = c->at[k];
			if (e->has_recid)
				s.over[s.over_n++].event = e;
			else if (!s.master || is_newer(e, s.master))
				s.master = e;
		}
		expand_series(&s);
		vec_free(&s.set);
		i = end;
	}
}
