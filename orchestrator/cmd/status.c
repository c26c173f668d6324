/* `status`: what the daemon does now, what comes next, which devices it leaves alone. */
#include "cmd/cmd.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "report/words.h"
#include "table.h"

#include <stdio.h>

enum { ANSWER_MS = 10000 };

static const char *
text_of(const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	return text ? text : "";
}

static void
put_plain(struct buf *out, const struct json *j, const char *key, const char *after)
{
	vis_terminal(out, text_of(j, key));
	buf_puts(out, after);
}

static int64_t
instant_of(const struct json *j, const char *key)
{
	int64_t at;
	return instant_parse(text_of(j, key), &at) ? at : 0;
}

static void
put_runs(const struct json *runs, const char *lang, struct buf *out)
{
	for (const struct json *r = runs ? runs->first : NULL; r; r = r->next) {
		const struct json *c = json_get(r, "counts");
		char since[24];
		put_plain(out, r, "run", "  ");
		put_plain(out, r, "title", "\n    ");
		int64_t now = json_int(c, "two_way", 0), proven = json_int(c, "proven", 0);
		text_printf(out, lang, T("now: %s; %lld of %lld up, %lld two-way"),
			words_step(lang, text_of(json_get(r, "step"), "kind")),
			(long long)json_int(c, "up", 0), (long long)json_int(c, "expected", 0),
			(long long)now);
		if (proven > now) /* some have gone since, or nothing comes from them any more */
			text_printf(out, lang, T(" (proven %lld)"), (long long)proven);
		text_printf(out, lang, T(", %lld answered"), (long long)json_int(c, "answered", 0));
		if (json_text(r, "held")) {
			buf_puts(out, "  ");
			text_printf(out, lang, T("HELD since %s"),
				words_stamp(lang, instant_of(r, "held"), since, sizeof since));
		}
		buf_putc(out, '\n');
	}
	if (!runs || !runs->count)
		buf_printf(out, "%s\n", text_get(lang, T("no run is under way")));
}

static void
put_next(const struct json *next, const char *lang, struct arena *a, struct buf *out)
{
	const struct table_column columns[] = {
		{ .title = text_get(lang, T("Next")) },
		{ .title = text_get(lang, T("Key")) },
		{ .title = text_get(lang, T("Playbook")) },
		{ .title = text_get(lang, T("Sites, number")),
			.align = ALIGN_RIGHT,
			.min = 5,
			.shrink = true,
			.wrap = true },
		{ .title = text_get(lang, T("Meeting")), .min = 12, .shrink = true, .wrap = true },
	};
	struct table *t = table_new(a, columns, sizeof columns / sizeof *columns);
	for (const struct json *r = next ? next->first : NULL; r; r = r->next) {
		char start[24];
		const char *why = json_text(r, "disabled");
		const char *cells[] = { arena_strdup(a, words_stamp(lang, instant_of(r, "start"),
								start, sizeof start)),
			arena_strndup(a, text_of(r, "key"), 12), text_of(r, "name"),
			arena_printf(a, "%lld", (long long)json_int(r, "sites", 0)),
			why ? arena_printf(a, "%s; %s: %s", text_of(r, "summary"),
				      text_get(lang, T("will not run")), cmd_sentence(why))
			    : text_of(r, "summary") };
		table_row(t, cells, NULL);
	}
	if (next && next->count) {
		buf_putc(out, '\n');
		table_write(t, cmd_width(), 0, false, out);
	}
}

static void
put_questions(const struct json *questions, const char *lang, struct buf *out)
{
	for (const struct json *q = questions ? questions->first : NULL; q; q = q->next) {
		text_printf(out, lang, T("question %lld: "), (long long)json_int(q, "number", 0));
		put_plain(out, q, "text", "\n");
	}
	if (!questions || !questions->count)
		return;
	struct buf device = { 0 };
	vis_terminal(&device, text_of(questions->first, "device"));
	text_printf(out, lang,
		T("answer with `tongduyet devices answer %s %lld TEXT`; done, or no: WHY; "
		  "a list of participants from the standard input with -"),
		buf_str(&device), (long long)json_int(questions->first, "number", 0));
	buf_putc(out, '\n');
	buf_free(&device);
}

static void
put_refused(const struct json *refused, const char *lang, struct buf *out)
{
	for (const struct json *r = refused ? refused->first : NULL; r; r = r->next) {
		struct buf device = { 0 }, why = { 0 };
		vis_terminal(&device, text_of(r, "device"));
		vis_terminal(&why, cmd_sentence(text_of(r, "why")));
		text_printf(out, lang,
			T("%s is left alone: %s; correct secrets.xml or tongduyet.xml, or "
			  "`tongduyet devices pardon %s`"),
			buf_str(&device), buf_str(&why), buf_str(&device));
		buf_putc(out, '\n');
		buf_free(&device);
		buf_free(&why);
	}
}

static int
run_status(const struct cmd_line *l)
{
	const struct json *j;
	const char *line;
	struct buf b = { 0 };
	int code = cmd_ask(l, cmd_request(l, "status", 0), ANSWER_MS, &j, &line);
	if (code != CMD_DONE)
		return code;
	const struct json *refused = json_get(j, "refused");
	if (l->json) {
		buf_printf(&b, "%s\n", line);
	} else {
		const char *lang = cmd_lang(l);
		char now[24];
		cmd_zone(l);
		put_plain(&b, j, "name", ", ");
		buf_printf(&b, "%s\n", words_stamp(lang, instant_of(j, "now"), now, sizeof now));
		put_runs(json_get(j, "runs"), lang, &b);
		put_questions(json_get(j, "questions"), lang, &b);
		put_refused(refused, lang, &b);
		if (json_text(j, "clock_behind")) {
			text_printf(&b, lang,
				T("the clock of this machine is behind: a run began at %s; set the "
				  "clock right, then start the daemon again"),
				words_stamp(lang, instant_of(j, "clock_behind"), now, sizeof now));
			buf_putc(&b, '\n');
		}
		if (json_int(j, "faults", 0)) {
			text_printf(&b, lang,
				T("%lld faults in the workspace's files: `tongduyet check` tells "
				  "them"),
				(long long)json_int(j, "faults", 0));
			buf_putc(&b, '\n');
		}
		put_next(json_get(j, "next"), lang, l->arena, &b);
	}
	cmd_print(&b);
	buf_free(&b);
	return (refused && refused->count) || json_text(j, "clock_behind") ? CMD_FAULTS : CMD_DONE;
}

const struct cmd cmd_status = { .name = "status",
	.usage = "status [--json] [--lang vi|en]",
	.help = T("Shows the runs under way, the next ones, and devices that refused us."),
	.run = run_status };
