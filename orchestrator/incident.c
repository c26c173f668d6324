/* Incidents: rows in, state out; and the rule that opens them.
 *
 * Called by the coordinator (which alone writes rows), by `incident` and by summaries. Everything
 * lies on the arena given. It must never open one against a site for a failure of our own, nor two
 * for one cause. */
#include "incident.h"

#include "advice.h"
#include "base/str.h"
#include "text.h"

#include <string.h>

static const char *const actions[INCIDENT_ACTION_N] = { "open", "again", "assign", "ack", "respond",
	"fix", "close", "comment", "works", "settle" };

const char *
incident_action_name(enum incident_action a)
{
	return actions[a];
}

enum incident_action
incident_action_from_name(const char *name)
{
	int i = 0;
	while (i < INCIDENT_ACTION_N && !str_eq(actions[i], name))
		i++;
	return (enum incident_action)i;
}

const char *
incident_state(const struct incident *i)
{
	return i->closed      ? "closed"
	       : i->fixed     ? "fixed"
	       : i->responded ? "responded"
	       : i->received  ? "received"
			      : "open";
}

struct incident *
incident_find(const struct incidents *all, int number)
{
	for (size_t i = 0; i < all->at.n; i++)
		if (all->at.at[i].number == number)
			return &all->at.at[i];
	return NULL;
}

struct incident *
incident_open_with(const struct incidents *all, const char *key)
{
	for (size_t i = all->at.n; i > 0; i--)
		if (!all->at.at[i - 1].closed && str_eq(all->at.at[i - 1].key, key))
			return &all->at.at[i - 1];
	return NULL;
}

/* ---- rows ------------------------------------------------------------------------------------ */

void
incident_write(const struct incident *i, enum incident_action action, const char *by,
	const char *text, const char *run, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_int(w, "incident", i->number);
	json_put_text(w, "action", actions[action]);
	if (action == INCIDENT_OPEN) {
		json_put_text(w, "key", i->key);
		json_put_text(w, "site", i->site);
		json_put_text(w, "name", i->name);
		json_put_text(w, "device", i->device);
		json_put_text(w, "fault", i->fault);
		json_put_text(w, "cause", i->cause);
		json_put_text(w, "evidence", i->evidence);
		json_put_text(w, "provider", i->provider);
		json_put_text(w, "owner", i->owner);
	} else if (action == INCIDENT_FIX && !str_empty(i->settled_cause)) {
		json_put_text(w, "cause", i->settled_cause);
	}
	json_put_text(w, "by", by);
	json_put_text(w, "text", text);
	json_put_text(w, "run", run);
	json_close(w, '}');
}

void
incident_write_settled(const struct incident *i, const char *fault, const char *cause,
	const char *by, const char *why, const char *run, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_int(w, "incident", i->number);
	json_put_text(w, "action", actions[INCIDENT_SETTLE]);
	json_put_text(w, "fault", fault);
	json_put_text(w, "cause", cause);
	json_put_text(w, "by", by);
	json_put_text(w, "text", why);
	json_put_text(w, "run", run);
	json_close(w, '}');
}

static const char *
text_of(struct incidents *all, const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	return arena_strdup(all->arena, text ? text : "");
}

static void
apply(struct incidents *all, struct incident *i, enum incident_action action, const struct json *j,
	int64_t at)
{
	struct incident_entry *entry = vec_add_in(all->arena, &i->entries);
	*entry = (struct incident_entry){ .at = at,
		.action = action,
		.by = text_of(all, j, "by"),
		.text = text_of(all, j, "text"),
		.run = text_of(all, j, "run"),
		.fault = action == INCIDENT_SETTLE ? text_of(all, j, "fault") : "",
		.cause = action == INCIDENT_OPEN ? "" : text_of(all, j, "cause") };
	if (entry->cause[0])
		i->settled_cause = entry->cause;
	switch (action) {
	case INCIDENT_ASSIGN: i->owner = entry->text; return;
	case INCIDENT_ACK: i->received = at; return;
	case INCIDENT_RESPOND:
		i->responded = at;
		i->received = i->received ? i->received : at;
		return;
	case INCIDENT_FIX: i->fixed = at; return;
	case INCIDENT_CLOSE: i->closed = at; return;
	case INCIDENT_AGAIN: i->fixed = 0; return; /* it was not, after all */
	case INCIDENT_OPEN:
	case INCIDENT_COMMENT:
	case INCIDENT_WORKS:
	case INCIDENT_SETTLE:
	case INCIDENT_ACTION_N: return;
	}
}

void
incident_take(struct incidents *all, const struct row *row)
{
	const struct json *j = NULL;
	if (!str_eq(row->kind, "incident"))
		return;
	struct arena *a = arena_new();
	json_parse(a, row->body, strlen(row->body), &j, NULL);
	int number = (int)json_int(j, "incident", 0);
	enum incident_action action = incident_action_from_name(json_text(j, "action"));
	struct incident *i = incident_find(all, number);
	if (!i && action == INCIDENT_OPEN && number > 0) {
		i = vec_add_in(all->arena, &all->at);
		*i = (struct incident){ .number = number,
			.key = text_of(all, j, "key"),
			.site = text_of(all, j, "site"),
			.name = text_of(all, j, "name"),
			.device = text_of(all, j, "device"),
			.fault = text_of(all, j, "fault"),
			.cause = text_of(all, j, "cause"),
			.evidence = text_of(all, j, "evidence"),
			.provider = text_of(all, j, "provider"),
			.owner = text_of(all, j, "owner"),
			.settled_cause = "",
			.opened = row->at };
	}
	if (i && action != INCIDENT_ACTION_N)
		apply(all, i, action, j, row->at);
	arena_free(a);
}

static bool
each(const struct row *row, void *arg)
{
	incident_take(arg, row);
	return true;
}

enum err
incidents_read(struct journal_reader *r, struct arena *a, struct incidents *out, struct err_text *e)
{
	*out = (struct incidents){ .arena = a };
	enum err code = journal_rows(r, JOURNAL_HOUSE, 1, each, out, e);
	return code == ERR_GONE ? OK : code;
}

enum err
incident_may(const struct incident *i, enum incident_action action, struct err_text *e)
{
	const char *done = action == INCIDENT_ACK && i->received	? "received"
			   : action == INCIDENT_RESPOND && i->responded ? "responded to"
			   : action == INCIDENT_FIX && i->fixed		? "fixed"
									: NULL;
	if (i->closed && action != INCIDENT_COMMENT)
		return err_set(e, ERR_REFUSED,
			T("incident %d is closed; a new fault opens a new one"), i->number);
	if (done)
		return err_set(e, ERR_REFUSED, T("incident %d was %s already"), i->number, done);
	return OK;
}

const char *
incident_run(const struct incident *i)
{
	for (size_t k = i->entries.n; k > 0; k--) {
		const struct incident_entry *n = &i->entries.at[k - 1];
		if (n->action == INCIDENT_OPEN || n->action == INCIDENT_AGAIN)
			return n->run;
	}
	return "";
}

bool
incident_concerns(const struct incident *i, const char *site, const char *run, const char *fault)
{
	bool seen = !str_empty(fault) && str_eq(i->fault, fault);
	for (size_t k = 0; k < i->entries.n; k++) {
		const struct incident_entry *n = &i->entries.at[k];
		seen = seen || ((n->action == INCIDENT_OPEN || n->action == INCIDENT_AGAIN) &&
				       str_eq(n->run, run));
	}
	return seen && !i->closed && !str_empty(site) && str_eq(i->site, site);
}

bool
incident_works(const struct incident *i, const struct judgement *j)
{
	for (size_t k = 0; !str_empty(i->site) && k < j->n; k++) {
		const struct verdict *v = &j->verdicts[k];
		if (str_eq(v->site->spec->id, i->site))
			return (v->headline == GOOD || v->headline == LATE) &&
			       !str_eq(advice_fault_settled(v), i->fault);
	}
	return false;
}

const char *
incident_say_state(const char *lang, const struct incident *i)
{
	return text_get(lang, i->closed	     ? T("closed")
			      : i->fixed     ? T("fixed")
			      : i->responded ? T("responded")
			      : i->received  ? T("received")
					     : T("open"));
}

const char *
incident_say_action(const char *lang, enum incident_action a)
{
	static const char *const words[INCIDENT_ACTION_N] = { T("opened"), T("seen again"),
		T("given to"), T("received"), T("responded"), T("fixed"), T("closed"), T("comment"),
		T("was good"), T("settled") };
	return text_get(lang, words[a]);
}

/* ---- the rule -------------------------------------------------------------------------------- */

/* Who stayed away or left by will stands in the letters; an incident is for somebody who repairs.
 */
static bool
is_technical(const char *fault)
{
	return !str_empty(fault) && !str_eq(fault, "unattended") && !str_eq(fault, "left-early");
}

static void
open_one(struct incidents *out, struct incident i)
{
	if (incident_open_with(out, i.key))
		return;
	i.settled_cause = "";
	*vec_add_in(out->arena, &out->at) = i;
}

static void
of_verdict(const struct run *r, const struct verdict *v, struct incidents *out)
{
	const struct spec_site *s = v->site->spec;
	const char *fault = advice_fault(v), *cause = advice_cause(v);
	bool lies_there = advice_call(v) || str_eq(fault, "wrong-network");
	if (!lies_there || !is_technical(fault) || s->disabled)
		return;
	struct incident i = { .key = arena_printf(out->arena, "site:%s/%s", s->id, fault),
		.site = s->id,
		.name = s->name,
		.device = "",
		.fault = fault,
		.cause = cause,
		.evidence = advice_evidence(v),
		.provider = s->provider };
	bool theirs = (str_eq(cause, "line") || str_eq(cause, "power")) && !str_empty(s->provider);
	i.owner = theirs ? s->provider : !str_empty(s->contact) ? s->contact : s->name;
	if (v->common_cause && v->site->mcu >= 0) { /* one for all of them */
		i.device = r->mcus[v->site->mcu].spec->name;
		i.key = arena_printf(out->arena, "mcu:%s/%s", i.device, v->common_cause);
		i.site = i.name = "";
	}
	open_one(out, i);
}

void
incidents_of_run(
	const struct run *r, const struct judgement *j, struct arena *a, struct incidents *out)
{
	*out = (struct incidents){ .arena = a };
	if (r->missed || r->spec->short_notice || r->spec->drill)
		return;
	for (size_t m = 0; m < r->spec->mcus_n; m++) {
		const struct run_mcu *mcu = &r->mcus[m];
		if (mcu->ever_ready || mcu->spec->foreign || str_empty(mcu->why))
			continue;
		const char *fault = str_empty(mcu->word) ? "mcu-unreachable" : mcu->word;
		open_one(out,
			(struct incident){
				.key = arena_printf(a, "mcu:%s/%s", mcu->spec->name, fault),
				.site = "",
				.name = "",
				.device = mcu->spec->name,
				.fault = fault,
				.cause = str_eq(fault, "mcu-unreachable") ? "" : "configuration",
				.evidence = mcu->why,
				.provider = "",
				.owner = mcu->spec->name });
	}
	for (size_t i = 0; i < j->n; i++)
		of_verdict(r, &j->verdicts[i], out);
}

/* ---- figures --------------------------------------------------------------------------------- */

static void
count(int64_t from, int64_t to, int *n, int64_t *sum, int64_t *most)
{
	int64_t s = (to - from) / 1000;
	if (!to)
		return;
	(*n)++;
	*sum += s;
	*most = s > *most ? s : *most;
}

struct incident_figures *
incidents_figures(
	const struct incidents *all, int64_t from, int64_t to, struct arena *a, size_t *out_n)
{
	struct incident_figures *f = arena_alloc(a, (all->at.n + 1) * sizeof *f);
	size_t n = 0;
	for (size_t k = 0; k < all->at.n; k++) {
		const struct incident *i = &all->at.at[k];
		size_t p = 0;
		if (i->opened < from || i->opened >= to)
			continue;
		while (p < n && !str_eq(f[p].provider, i->provider))
			p++;
		n += p == n;
		f[p].provider = i->provider;
		f[p].opened++;
		f[p].closed += i->closed != 0;
		count(i->opened, i->received, &f[p].received_n, &f[p].received_s,
			&f[p].received_most_s);
		count(i->opened, i->responded, &f[p].responded_n, &f[p].responded_s,
			&f[p].responded_most_s);
		count(i->opened, i->fixed, &f[p].fixed_n, &f[p].fixed_s, &f[p].fixed_most_s);
	}
	*out_n = n;
	return f;
}
