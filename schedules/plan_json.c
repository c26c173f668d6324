/* The shapes of `plan --json` and `occurrences --json`. Called by the command line and the board.
 * Pure; the same plan gives the same bytes. */
#include "schedules/occurrence.h"

#include "adapters/wire/json.h"
#include "base/instant.h"

static void
put_instant(struct json_out *w, const char *key, int64_t at)
{
	char text[INSTANT_SIZE];
	json_put_text(w, key, instant_rfc3339(at, text));
}

static void
put_recurrence(struct json_out *w, int64_t recurrence)
{
	char text[INSTANT_SIZE];
	json_put_text(w, "recurrence_id",
		recurrence == OCCURRENCE_NO_RECURRENCE ? "-" : instant_rfc3339(recurrence, text));
}

static void
put_texts(struct json_out *w, const char *key, const char *const *list)
{
	json_open(w, key, '[');
	for (size_t i = 0; list && list[i]; i++)
		json_put_text(w, NULL, list[i]);
	json_close(w, ']');
}

static void
put_unknown(struct json_out *w, const struct plan_run *r)
{
	json_open(w, "unknown", '[');
	for (size_t i = 0; i < r->unknown.n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "text", r->unknown.at[i].text);
		put_texts(w, "nearest", r->unknown.at[i].nearest);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_conflicts(struct json_out *w, const struct plan_run *r)
{
	json_open(w, "conflicts", '[');
	for (size_t i = 0; i < r->conflicts_n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "kind", r->conflicts[i].kind);
		json_put_text(w, "with", r->conflicts[i].with);
		put_texts(w, "sites", r->conflicts[i].sites);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_disabled(struct json_out *w, const struct plan_run *r)
{
	json_open(w, "disabled", '[');
	for (size_t i = 0; i < r->wrong_n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "file", r->wrong[i].file);
		json_put_int(w, "line", r->wrong[i].line);
		json_put_text(w, "why", r->wrong[i].why);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_run(struct json_out *w, const struct plan_run *r)
{
	json_open(w, NULL, '{');
	json_put_text(w, "key", r->key);
	json_put_text(w, "id", r->id);
	json_put_text(w, "calendar", r->calendar);
	json_put_text(w, "uid", r->uid);
	put_recurrence(w, r->recurrence_id);
	json_put_text(w, "name", r->name);
	json_put_text(w, "phase",
		r->session	    ? "session"
		: r->playbook.drill ? "drill"
				    : "rehearsal");
	json_put_int(w, "generation", r->generation);
	put_instant(w, "start", r->start);
	if (r->end)
		put_instant(w, "end", r->end);
	if (r->session_start) {
		put_instant(w, "session_start", r->session_start);
		put_instant(w, "session_end", r->session_end);
	}
	json_put_text(w, "summary", r->summary);
	json_open(w, "playbook", '{');
	json_put_text(w, "name", r->playbook.name);
	json_put_text(w, "commit", r->playbook.commit);
	json_close(w, '}');
	json_open(w, "sites", '[');
	for (size_t i = 0; i < r->sites.n; i++)
		json_put_text(w, NULL, r->sites.at[i]->id);
	json_close(w, ']');
	put_unknown(w, r);
	put_conflicts(w, r);
	json_put_bool(w, "short_notice", r->short_notice);
	if (r->people_expected)
		json_put_int(w, "people_expected", r->people_expected);
	if (r->chair && *r->chair)
		json_put_text(w, "chair", r->chair);
	json_put_bool(w, "will_run", r->disabled == NULL);
	put_disabled(w, r);
	json_close(w, '}');
}

void
plan_json(const struct plan *p, int64_t from, int64_t to, struct buf *out)
{
	struct json_out w = { .out = out, .pretty = true };
	json_open(&w, NULL, '{');
	put_instant(&w, "from", from);
	put_instant(&w, "to", to);
	json_open(&w, "runs", '[');
	for (size_t i = 0; i < p->runs_n; i++)
		put_run(&w, &p->runs[i]);
	json_close(&w, ']');
	json_open(&w, "alarms", '[');
	for (size_t i = 0; i < p->alarms_n; i++) {
		json_open(&w, NULL, '{');
		json_put_text(&w, "kind", p->alarms[i].kind);
		json_put_text(&w, "uid", p->alarms[i].uid);
		json_put_text(&w, "why", p->alarms[i].why);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
}

void
occurrences_json(const struct occurrences *o, struct buf *out)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct occurrence *at = &o->at[i];
		struct json_out w = { .out = out };
		json_open(&w, NULL, '{');
		json_put_text(&w, "uid", at->uid);
		put_recurrence(&w, at->recurrence_id);
		put_instant(&w, "start", at->start);
		put_instant(&w, "end", at->end);
		json_put_bool(&w, "all_day", at->all_day);
		json_put_text(&w, "summary", at->summary);
		json_put_text(&w, "status", at->cancelled ? "CANCELLED" : at->status);
		put_texts(&w, "categories", at->categories);
		json_put_text(&w, "location", at->location);
		json_close(&w, '}');
		buf_putc(out, '\n');
	}
}
