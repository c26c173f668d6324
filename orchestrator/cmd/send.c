/* `report RUN --send` and `--sent`: a report as letters.
 *
 * Called by `report`. --preview makes the letters here, from the journal and the files, as the
 * daemon would; --send asks the daemon, which alone writes; --sent reads what the journal says of a
 * run's letters. It must never send anything itself. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "outbox.h"
#include "report/notes.h"
#include "report/words.h"
#include "story.h"
#include "table.h"

#include <string.h>

enum { ANSWER_MS = 30000 };

struct showing {
	const struct cmd_line *l;
	struct buf out;
	struct json_out w;
	bool whole; /* the text as well */
	size_t n, bad;
};

static const char *
say_state(const char *lang, enum outgoing_state state)
{
	static const struct text_word words[] = { { "waiting", T("to be sent") },
		{ "sent", T("sent") }, { "failed", T("not sent") },
		{ "unknown", T("perhaps sent") }, { "sending", T("being sent") },
		{ "replaced", T("replaced by a later one") }, { 0 } };
	return text_word(lang, words, outgoing_state_name(state));
}

static void
put_end(struct showing *s, size_t letters, size_t without)
{
	text_printf(&s->out, cmd_lang(s->l),
		T("letters: %zu; recipients without an address: %zu; nothing was sent"), letters,
		without);
	buf_putc(&s->out, '\n');
}

static void
put_text(struct showing *s, const struct outgoing *o)
{
	char when[INSTANT_SIZE];
	struct buf line = { 0 };
	const char *lang = cmd_lang(s->l);
	if (!s->whole) {
		buf_printf(&line, "%s  ", words_stamp(lang, o->at, when, sizeof when));
		table_cell(&line, say_state(lang, o->state), 18, ALIGN_LEFT, true);
	}
	buf_printf(&line, "%s %s%s%s: %s%s%s%s", notes_role(lang, o->role), o->to,
		o->site[0] ? " " : "", o->site, o->subject, o->documents[0] ? " [" : "",
		o->documents, o->documents[0] ? "]" : "");
	if (!str_empty(o->why))
		text_printf(&line, lang, T(" (told: \"%s\")"), o->why);
	cmd_line_put(&s->out, buf_str(&line), 4);
	buf_free(&line);
	for (const char *p = s->whole ? o->text : ""; *p;) {
		size_t n = strcspn(p, "\n");
		buf_puts(&s->out, "    ");
		vis_terminal(&s->out, arena_strndup(s->l->arena, p, n));
		buf_putc(&s->out, '\n');
		p += n + (p[n] == '\n');
	}
}

static void
show(struct showing *s, const struct outgoing *o)
{
	char when[INSTANT_SIZE];
	s->n++;
	s->bad += o->state == OUT_FAILED || o->state == OUT_UNKNOWN;
	if (!s->l->json) {
		put_text(s, o);
		return;
	}
	json_open(&s->w, NULL, '{');
	json_put_text(&s->w, "id", o->id);
	if (!s->whole) {
		json_put_text(&s->w, "at", instant_rfc3339(o->at, when));
		json_put_text(&s->w, "state", outgoing_state_name(o->state));
		json_put_int(&s->w, "tries", o->tries);
		json_put_text(&s->w, "why", o->why);
	}
	json_put_text(&s->w, "kind", o->kind);
	json_put_int(&s->w, "revision", o->revision);
	if (o->replaces)
		json_put_int(&s->w, "replaces", o->replaces);
	json_put_text(&s->w, "role", o->role);
	json_put_text(&s->w, "site", o->site);
	json_put_text(&s->w, "to", o->to);
	json_put_text(&s->w, "subject", o->subject);
	json_put_text(&s->w, "documents", o->documents);
	json_put_text(&s->w, "text", o->text);
	json_close(&s->w, '}');
}

static enum err
sent(struct showing *s, struct journal_reader *r, const char *id, struct err_text *e)
{
	struct outgoings all;
	enum err code = outbox_read(r, s->l->arena, &all, e);
	for (size_t i = 0; code == OK && i < all.at.n; i++)
		if (str_eq(all.at.at[i].run, id))
			show(s, &all.at.at[i]);
	return code;
}

static enum err
preview(struct showing *s, struct journal_reader *r, const char *id, struct err_text *e)
{
	const char *roles = cmd_value(s->l, "to");
	struct outgoings made = { .arena = s->l->arena };
	struct story story;
	struct house *h = NULL;
	struct judgement j;
	size_t without = 0;
	enum err code = story_read(r, id, 0, &story, e);
	if (code == OK && !story.reports.n)
		code = err_set(e, ERR_REFUSED, T("%s has no report yet"), id);
	if (code == OK)
		code = house_read(s->l->workspace, clock_now(), &h, e);
	if (code == OK) {
		judge(story.run, s->l->arena, &j);
		int revision = story.reports.at[story.reports.n - 1].revision;
		outbox_report(h, report_build(story.run, &j, revision, NULL, s->l->arena),
			roles ? roles : outbox_roles(story.spec), &made, &without);
		struct outgoings before;
		code = outbox_read(r, s->l->arena, &before, e);
		outbox_of_run(&before, id);
		outbox_replacing(&before, story.spec->lang, &made);
		for (size_t i = 0; i < made.at.n; i++)
			show(s, &made.at.at[i]);
		if (!s->l->json)
			put_end(s, made.at.n, without);
	}
	house_free(h);
	story_free(&story);
	return code;
}

static int
look(const struct cmd_line *l, bool whole)
{
	struct showing s = { .l = l, .whole = whole };
	struct workspace w;
	struct journal_reader *r;
	struct err_text e = { 0 };
	const char *id;
	workspace_paths(l->workspace, l->arena, &w);
	cmd_zone(l);
	enum err code = journal_reader_open(w.journal_path, &r, &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	s.w = (struct json_out){ .out = &s.out, .pretty = true };
	code = story_find(r, l->words_n ? l->words[0] : "last", l->arena, &id, &e);
	if (l->json)
		json_open(&s.w, NULL, '[');
	if (code == OK)
		code = whole ? preview(&s, r, id, &e) : sent(&s, r, id, &e);
	if (l->json)
		json_close(&s.w, ']');
	if (code == OK)
		cmd_print(&s.out);
	buf_free(&s.out);
	journal_reader_close(r);
	return code != OK ? cmd_fail(code, "%s", e.text) : s.bad ? CMD_FAULTS : CMD_DONE;
}

int
cmd_send(const struct cmd_line *l)
{
	const char *wrong =
		cmd_value(l, "to") ? outbox_roles_wrong(cmd_value(l, "to"), l->arena) : NULL;
	if (wrong)
		return cmd_fail(ERR_INPUT,
			T("--to %s: of contact, chief, provider, department, upper"), wrong);
	if (cmd_flag(l, "sent") || cmd_flag(l, "preview"))
		return look(l, cmd_flag(l, "preview"));
	return cmd_tell(l, cmd_request(l, "send", 0), ANSWER_MS, l->json);
}
