/* Feeding a run with the rows it once wrote.
 *
 * Called by the coordinator at its start (runs that were under way), by `report` and `replay` on a
 * read-only connection.
 * A struct story owns spec and run. Orders that come out are not sent: each is held against the row
 * that was kept when it was. It must never write anything. */
#include "story.h"

#include "adapters/wire/json.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct telling {
	struct story *s;
	int64_t upto;
	struct orders orders; /* that came out and whose rows have not been read yet */
	size_t next;
	enum err code;
	struct err_text *e;
};

static void
differ(struct story *s, int64_t seq, const char *kept, const char *now)
{
	if (s->differences++ == 0)
		snprintf(s->difference, sizeof s->difference, "row %lld: kept %.*s, now %.*s",
			(long long)seq, (int)utf8_cut(kept, 160), kept, (int)utf8_cut(now, 160),
			now);
}

static void
tell_order(struct telling *t, const struct row *row)
{
	t->s->orders++;
	if (t->next >= t->orders.n) {
		differ(t->s, row->seq, row->body, "nothing");
		return;
	}
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	order_write(&t->orders.at[t->next++], &w);
	if (!str_eq(buf_str(&b), row->body))
		differ(t->s, row->seq, row->body, buf_str(&b));
	buf_free(&b);
}

static enum err
tell_event(struct telling *t, const struct row *row)
{
	struct arena *a = arena_new();
	const struct json *j;
	struct event event;
	if (t->next < t->orders.n)
		differ(t->s, row->seq, "nothing", verb_name(t->orders.at[t->next].verb));
	t->orders.n = t->next = 0;
	enum err code = json_parse(a, row->body, strlen(row->body), &j, t->e);
	if (code == OK)
		code = event_read(j, row->at, row->seq, a, &event, t->e);
	if (code == OK) {
		run_step(t->s->run, &event, &t->orders);
		t->s->events++;
	}
	arena_free(a);
	return code;
}

static void
tell_report(struct story *s, const struct row *row)
{
	struct arena *a = arena_new();
	const struct json *j = NULL;
	struct story_report *r = vec_add(&s->reports);
	json_parse(a, row->body, strlen(row->body), &j, NULL);
	r->seq = row->seq;
	r->at = row->at;
	r->revision = (int)json_int(j, "revision", 0);
	str_copy(r->seal, sizeof r->seal, json_text(j, "seal") ? json_text(j, "seal") : "");
	str_copy(r->sha256, sizeof r->sha256, json_text(j, "sha256") ? json_text(j, "sha256") : "");
	arena_free(a);
}

static bool
tell(const struct row *row, void *arg)
{
	struct telling *t = arg;
	struct story *s = t->s;
	if (str_eq(row->kind, "report"))
		tell_report(s, row);
	if (t->upto && row->seq > t->upto)
		return true; /* reports behind the limit are still listed */
	s->last_seq = row->seq;
	str_copy(s->last_hash, sizeof s->last_hash, row->hash);
	if (str_eq(row->kind, "spec") && s->run) {
		t->code = err_set(t->e, ERR_PROTOCOL, "a second spec");
	} else if (str_eq(row->kind, "spec")) {
		t->code = spec_read(row->body, strlen(row->body), s->arena, &s->spec, t->e);
		if (t->code == OK)
			s->run = run_new(s->spec);
	} else if (!s->run) {
		t->code = err_set(t->e, ERR_PROTOCOL, "its first row is no spec");
	} else if (str_eq(row->kind, "event")) {
		t->code = tell_event(t, row);
	} else if (str_eq(row->kind, "order")) {
		tell_order(t, row);
	}
	if (t->code != OK && t->e)
		snprintf(t->e->text + strlen(t->e->text), sizeof t->e->text - strlen(t->e->text),
			" (row %lld)", (long long)row->seq);
	return t->code == OK;
}

enum err
story_read(struct journal_reader *r, const char *run, int64_t upto, struct story *out,
	struct err_text *e)
{
	struct telling t = { .s = out, .upto = upto, .e = e };
	*out = (struct story){ .arena = arena_new() };
	enum err code = journal_rows(r, run, 1, tell, &t, e);
	free(t.orders.at);
	if (code == OK)
		code = t.code;
	if (code == OK && !out->run)
		code = err_set(e, ERR_PROTOCOL, "run %s has no spec row", run);
	return code;
}

static bool
note_report(const struct row *row, void *arg)
{
	if (str_eq(row->kind, "report"))
		tell_report(arg, row);
	return true;
}

enum err
story_reports(struct journal_reader *r, const char *run, struct story *out, struct err_text *e)
{
	*out = (struct story){ 0 };
	return journal_rows(r, run, 1, note_report, out, e);
}

void
story_free(struct story *s)
{
	run_free(s->run);
	arena_free(s->arena);
	vec_free(&s->reports);
	*s = (struct story){ 0 };
}

enum err
story_find(struct journal_reader *r, const char *word, struct arena *a, const char **out,
	struct err_text *e)
{
	const char *const *ids;
	*out = NULL;
	enum err code = journal_runs(r, str_eq(word, "last") ? "" : word, a, &ids, e);
	if (code != OK)
		return code;
	if (!ids[0])
		return err_set(e, ERR_INPUT, "no run \"%s\" in the journal", word);
	*out = ids[0];
	if (str_eq(word, "last") || !ids[1])
		return OK;
	for (size_t i = 0; ids[i]; i++)
		if (str_eq(ids[i], word)) {
			*out = ids[i];
			return OK;
		}
	*out = NULL;
	return err_set(e, ERR_INPUT, "\"%s\" is the beginning of more than one run: %s, %s%s", word,
		ids[0], ids[1], ids[2] ? " ..." : "");
}
