/* The outbox as rows and back.
 *
 * Called by the coordinator and by `report --sent`. Owns nothing: everything lies on the arena of
 * struct outgoings. It must never lose a letter whose row was written, nor make one out of a row
 * that it does not understand. */
#include "outbox.h"

#include "base/str.h"

#include <string.h>

static const char *const states[] = { [OUT_WAITING] = "waiting",
	[OUT_SENDING] = "sending",
	[OUT_SENT] = "sent",
	[OUT_FAILED] = "failed",
	[OUT_UNKNOWN] = "unknown",
	[OUT_REPLACED] = "replaced" };

const char *
outgoing_state_name(enum outgoing_state s)
{
	return states[s];
}

struct outgoing *
outbox_find(struct outgoings *all, const char *id)
{
	for (size_t i = all->at.n; i > 0; i--)
		if (str_eq(all->at.at[i - 1].id, id))
			return &all->at.at[i - 1];
	return NULL;
}

int64_t
outbox_pause(int tries)
{
	static const int minutes[] = { 1, 2, 5, 10, 30, 60, 60 };
	return tries < 1 ? 1
	       : tries > (int)(sizeof minutes / sizeof minutes[0])
		       ? 0
		       : (int64_t)minutes[tries - 1] * 60000;
}

void
outbox_write(const struct outgoing *o, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_text(w, "id", o->id);
	json_put_text(w, "state", "to-be-sent");
	json_put_text(w, "run", o->run);
	json_put_int(w, "revision", o->revision);
	json_put_text(w, "kind", o->kind);
	json_put_text(w, "role", o->role);
	json_put_text(w, "site", o->site);
	json_put_text(w, "to", o->to);
	json_put_text(w, "subject", o->subject);
	json_put_text(w, "text", o->text);
	json_put_text(w, "documents", o->documents);
	json_put_text(w, "digest", o->digest);
	if (o->replaces)
		json_put_int(w, "replaces", o->replaces);
	if (o->next_at)
		json_put_int(w, "next", o->next_at);
	json_close(w, '}');
}

void
outbox_write_state(const struct outgoing *o, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_text(w, "id", o->id);
	json_put_text(w, "state", states[o->state]);
	json_put_int(w, "tries", o->tries);
	if (o->state == OUT_WAITING)
		json_put_int(w, "next", o->next_at);
	if (!str_empty(o->why))
		json_put_text(w, "why", o->why);
	json_close(w, '}');
}

static const char *
text_of(struct outgoings *all, const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	return arena_strdup(all->arena, text ? text : "");
}

static void
take_new(struct outgoings *all, const struct json *j, int64_t at)
{
	struct outgoing *o = vec_add_in(all->arena, &all->at);
	*o = (struct outgoing){ .id = text_of(all, j, "id"),
		.run = text_of(all, j, "run"),
		.kind = text_of(all, j, "kind"),
		.role = text_of(all, j, "role"),
		.site = text_of(all, j, "site"),
		.to = text_of(all, j, "to"),
		.subject = text_of(all, j, "subject"),
		.text = text_of(all, j, "text"),
		.documents = text_of(all, j, "documents"),
		.digest = text_of(all, j, "digest"),
		.revision = (int)json_int(j, "revision", 0),
		.replaces = (int)json_int(j, "replaces", 0),
		.at = at,
		.next_at = json_int(j, "next", at),
		.why = "" };
}

static void
take_state(struct outgoings *all, const struct json *j, const char *state)
{
	struct outgoing *o = json_text(j, "id") ? outbox_find(all, json_text(j, "id")) : NULL;
	for (int s = 0; o && s < (int)(sizeof states / sizeof states[0]); s++)
		if (str_eq(states[s], state))
			o->state = (enum outgoing_state)s;
	if (!o)
		return;
	o->tries = (int)json_int(j, "tries", o->tries);
	o->next_at = json_int(j, "next", o->next_at);
	o->why = text_of(all, j, "why");
}

void
outbox_take(struct outgoings *all, const struct row *row)
{
	const struct json *j = NULL;
	if (!str_eq(row->kind, "outbox"))
		return;
	struct arena *a = arena_new();
	json_parse(a, row->body, strlen(row->body), &j, NULL);
	const char *state = json_text(j, "state");
	if (str_eq(state, "to-be-sent"))
		take_new(all, j, row->at);
	else if (state)
		take_state(all, j, state);
	arena_free(a);
}

static bool
each(const struct row *row, void *arg)
{
	outbox_take(arg, row);
	return true;
}

enum err
outbox_read(struct journal_reader *r, struct arena *a, struct outgoings *out, struct err_text *e)
{
	*out = (struct outgoings){ .arena = a };
	enum err code = journal_rows(r, JOURNAL_HOUSE, 1, each, out, e);
	return code == ERR_GONE ? OK : code;
}

void
outbox_of_run(struct outgoings *all, const char *run)
{
	size_t kept = 0;
	for (size_t i = 0; i < all->at.n; i++)
		if (str_eq(all->at.at[i].run, run) && str_eq(all->at.at[i].kind, "report"))
			all->at.at[kept++] = all->at.at[i];
	all->at.n = kept;
}
