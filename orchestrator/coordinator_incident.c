/* Incidents: opened when a run ends, and by people; every step of them a row of the house's chain.
 *
 * Called by the loop and by requests. Owns the list. It must never change a row: what a person
 * corrects is a new one. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "advice.h"
#include "base/log.h"
#include "base/str.h"
#include "incident.h"

#include <string.h>

void
incident_restored(struct coordinator *c)
{
	struct arena *a = arena_new();
	struct err_text e = { 0 };
	c->incidents = arena_alloc(a, sizeof *c->incidents);
	c->incidents->arena = a;
	if (incidents_read(c->reader, a, c->incidents, &e) != OK)
		log_error("coordinator", "read the incidents: %s", e.text);
}

void
incident_close(struct coordinator *c)
{
	if (c->incidents)
		arena_free(c->incidents->arena);
}

static int
next_number(const struct coordinator *c)
{
	size_t n = c->incidents->at.n;
	return n ? c->incidents->at.at[n - 1].number + 1 : 1;
}

/* Into the journal, and then into what lives. Frees the row. */
static bool
keep(struct coordinator *c, struct buf *row, const char *idem)
{
	bool kept = coordinator_house_row(c, "incident", buf_str(row), idem) == OK;
	if (kept)
		incident_take(c->incidents, &(struct row){ .at = c->now,
						    .kind = "incident",
						    .site = "",
						    .body = buf_str(row) });
	buf_free(row);
	return kept;
}

static bool
tell(struct coordinator *c, const struct incident *i, enum incident_action action, const char *by,
	const char *text, const char *run, const char *idem)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	incident_write(i, action, by, text, run, &w);
	return keep(c, &b, idem);
}

/* The last word of a person on this fact ("fault", "cause"), or NULL. */
static const struct correction *
last_word(const struct run_site *s, const char *fact)
{
	for (size_t k = s->corrections.n; k > 0; k--)
		if (str_eq(s->corrections.at[k - 1].what, fact))
			return &s->corrections.at[k - 1];
	return NULL;
}

static bool
tell_settled(struct coordinator *c, const struct incident *i, const struct live *l,
	const struct correction *w)
{
	struct buf b = { 0 };
	struct json_out out = { .out = &b };
	bool fault = str_eq(w->what, "fault");
	incident_write_settled(
		i, fault ? w->value : "", fault ? "" : w->value, w->by, w->why, l->spec->id, &out);
	return keep(c, &b, NULL);
}

static const struct verdict *
verdict_of(const struct judgement *j, const char *site)
{
	for (size_t i = 0; i < j->n; i++)
		if (str_eq(j->verdicts[i].site->spec->id, site))
			return &j->verdicts[i];
	return NULL;
}

const char *
incident_settled(struct coordinator *c, const struct live *l, const char *site, struct arena *a)
{
	struct judgement j;
	struct buf told = { 0 };
	judge(l->run, a, &j);
	const struct verdict *v = verdict_of(&j, site);
	const struct correction *w = v && v->site->corrections.n
					     ? &v->site->corrections.at[v->site->corrections.n - 1]
					     : NULL;
	bool ours = w && (str_eq(w->what, "fault") || str_eq(w->what, "cause"));
	for (size_t k = 0; ours && k < c->incidents->at.n; k++) {
		const struct incident *i = &c->incidents->at.at[k];
		if (incident_concerns(i, site, l->spec->id, advice_fault_settled(v)) &&
			tell_settled(c, i, l, w))
			buf_printf(&told, "%s%d", told.n ? ", " : "", i->number);
	}
	const char *text = arena_strdup(a, buf_str(&told));
	buf_free(&told);
	return text;
}

/* What was settled while the run was under way, before there was an incident. */
static void
tell_settled_before(struct coordinator *c, const struct live *l, const struct incident *i,
	const struct judgement *j)
{
	const struct verdict *v = str_empty(i->site) ? NULL : verdict_of(j, i->site);
	const struct correction *fault = v ? last_word(v->site, "fault") : NULL,
				*cause = v ? last_word(v->site, "cause") : NULL;
	if (fault)
		tell_settled(c, i, l, fault);
	if (cause)
		tell_settled(c, i, l, cause);
}

void
incident_of_run(struct coordinator *c, const struct live *l)
{
	struct arena *a = arena_new();
	struct incidents found;
	struct judgement j;
	judge(l->run, a, &j);
	incidents_of_run(l->run, &j, a, &found);
	for (size_t k = 0; k < found.at.n; k++) {
		struct incident *i = &found.at.at[k],
				*open = incident_open_with(c->incidents, i->key);
		const char *idem = arena_printf(a, "incident/%s/%s", l->spec->id, i->key);
		i->number = open ? open->number : next_number(c);
		if (tell(c, i, open ? INCIDENT_AGAIN : INCIDENT_OPEN, "rule", "", l->spec->id,
			    idem)) {
			if (!open)
				log_info(
					"coordinator", "incident %d opened: %s", i->number, i->key);
			tell_settled_before(c, l, i, &j);
		}
	}
	for (size_t k = 0; k < c->incidents->at.n && !l->run->missed && !l->spec->drill; k++) {
		const struct incident *i = &c->incidents->at.at[k];
		if (!i->closed && incident_works(i, &j))
			tell(c, i, INCIDENT_WORKS, "rule", "", l->spec->id,
				arena_printf(a, "incident/%s/%d/works", l->spec->id, i->number));
	}
	arena_free(a);
}

/* By a person, about a site of the directory. */
static struct incident *
open_by_hand(
	struct coordinator *c, const struct incident_order *o, struct arena *a, struct err_text *e)
{
	const struct site *s =
		c->house->have_sites ? sites_match(&c->house->sites, o->word, a, NULL) : NULL;
	const char *near = str_nearest(o->fault, advice_faults);
	bool known = false;
	for (size_t i = 0; advice_faults[i]; i++)
		known = known || str_eq(advice_faults[i], o->fault);
	if (!s) {
		err_set(e, ERR_INPUT, T("no site \"%s\" in sites.csv"), o->word);
		return NULL;
	}
	if (!known) {
		err_set(e, ERR_INPUT,
			near ? T("--fault \"%s\": perhaps %s")
			     : T("--fault \"%s\": one of no-connection no-audio noisy-audio "
				 "no-video "
				 "video-delay broken-video drop ...%s"),
			o->fault, near ? near : "");
		return NULL;
	}
	struct incident i = { .number = next_number(c),
		.key = arena_printf(a, "site:%s/%s", s->id, o->fault),
		.site = s->id,
		.name = s->name,
		.device = "",
		.fault = o->fault,
		.cause = o->cause,
		.evidence = o->text,
		.provider = s->provider,
		.settled_cause = "" };
	struct incident *open = incident_open_with(c->incidents, i.key);
	if (open) {
		err_set(e, ERR_REFUSED, T("incident %d is open for that already"), open->number);
		return NULL;
	}
	i.owner = !str_empty(o->owner) ? o->owner : !str_empty(s->contact) ? s->contact : s->name;
	return tell(c, &i, INCIDENT_OPEN, o->by, o->text, "", NULL)
		       ? incident_find(c->incidents, i.number)
		       : NULL;
}

const struct incident *
incident_order(
	struct coordinator *c, const struct incident_order *o, struct arena *a, struct err_text *e)
{
	enum incident_action action = incident_action_from_name(o->action);
	int64_t number;
	bool cause = str_empty(o->cause);
	for (size_t k = 0; advice_causes[k]; k++)
		cause = cause || str_eq(advice_causes[k], o->cause);
	if (action == INCIDENT_ACTION_N || action == INCIDENT_AGAIN || action == INCIDENT_WORKS ||
		action == INCIDENT_SETTLE) {
		err_set(e, ERR_INPUT,
			T("incident %s: one of open, assign, ack, respond, fix, close, comment, "
			  "list, show"),
			o->action);
		return NULL;
	}
	if (!cause) {
		err_set(e, ERR_INPUT,
			T("--cause \"%s\": one of equipment configuration line power operation "
			  "coordination"),
			o->cause);
		return NULL;
	}
	if (action == INCIDENT_OPEN)
		return open_by_hand(c, o, a, e);
	struct incident *i = str_to_int(o->word, 1, INT32_MAX, &number)
				     ? incident_find(c->incidents, (int)number)
				     : NULL;
	if (!i) {
		err_set(e, ERR_INPUT,
			T("no incident \"%s\"; `tongduyet incident list` numbers them"), o->word);
		return NULL;
	}
	if (incident_may(i, action, e) != OK)
		return NULL;
	if (str_empty(o->text) && (action == INCIDENT_ASSIGN || action == INCIDENT_CLOSE ||
					  action == INCIDENT_COMMENT)) {
		err_set(e, ERR_INPUT,
			action == INCIDENT_ASSIGN  ? T("incident assign %d: to whom")
			: action == INCIDENT_CLOSE ? T("incident close %d needs --why")
						   : T("incident comment %d: no text"),
			i->number);
		return NULL;
	}
	struct incident row = *i;
	row.settled_cause = o->cause;
	return tell(c, &row, action, o->by, o->text, "", NULL) ? i : NULL;
}
