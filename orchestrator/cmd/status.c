/* `status`: what the daemon does now, what comes next, which devices it leaves alone. */
#include "cmd/cmd.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "snapshot.h"

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

static void
put_runs(const struct json *runs, struct buf *out)
{
	for (const struct json *r = runs ? runs->first : NULL; r; r = r->next) {
		const struct json *c = json_get(r, "counts");
		put_plain(out, r, "run", "  ");
		put_plain(out, r, "title", "");
		int64_t now = json_int(c, "two_way", 0), proven = json_int(c, "proven", 0);
		buf_printf(out, "  step %s  %lld of %lld up, %lld two-way",
			text_of(json_get(r, "step"), "kind"), (long long)json_int(c, "up", 0),
			(long long)json_int(c, "expected", 0), (long long)now);
		if (proven > now) /* some have gone since, or nothing comes from them any more */
			buf_printf(out, " (proven %lld)", (long long)proven);
		buf_printf(out, ", %lld answered%s\n", (long long)json_int(c, "answered", 0),
			json_text(r, "held") ? "  HELD" : "");
	}
	if (!runs || !runs->count)
		buf_puts(out, "no run is under way\n");
}

static void
put_next(const struct json *next, struct buf *out)
{
	for (const struct json *r = next ? next->first : NULL; r; r = r->next) {
		buf_puts(out, "next: ");
		put_plain(out, r, "start", "  ");
		put_plain(out, r, "name", "  ");
		buf_printf(out, "%.12s  %lld sites  ", text_of(r, "key"),
			(long long)json_int(r, "sites", 0));
		put_plain(out, r, "summary", "");
		if (json_text(r, "disabled")) {
			buf_puts(out, "  will not run: ");
			put_plain(out, r, "disabled", "");
		}
		buf_putc(out, '\n');
	}
}

static void
put_questions(const struct json *questions, struct buf *out)
{
	for (const struct json *q = questions ? questions->first : NULL; q; q = q->next) {
		buf_printf(out, "question %lld: ", (long long)json_int(q, "number", 0));
		put_plain(out, q, "text", "\n");
	}
	if (!questions || !questions->count)
		return;
	buf_puts(out, "answer with `tongduyet devices answer ");
	put_plain(out, questions->first, "device", " ");
	buf_printf(out,
		"%lld TEXT`; xong = done, không: WHY = no; a list of participants from the "
		"standard input with -\n",
		(long long)json_int(questions->first, "number", 0));
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
		put_plain(&b, j, "name", ", ");
		put_plain(&b, j, "now", "\n");
		put_runs(json_get(j, "runs"), &b);
		put_questions(json_get(j, "questions"), &b);
		put_next(json_get(j, "next"), &b);
		for (const struct json *r = refused ? refused->first : NULL; r; r = r->next) {
			put_plain(&b, r, "device", " is left alone: ");
			put_plain(&b, r, "why",
				"; correct secrets.xml or tongduyet.xml, or `tongduyet devices "
				"pardon ");
			put_plain(&b, r, "device", "`\n");
		}
		if (json_int(j, "faults", 0))
			buf_printf(&b,
				"%lld faults in the workspace's files: `tongduyet check` tells "
				"them\n",
				(long long)json_int(j, "faults", 0));
	}
	cmd_print(&b);
	buf_free(&b);
	return refused && refused->count ? CMD_FAULTS : CMD_DONE;
}

const struct cmd cmd_status = { .name = "status",
	.usage = "status [--json]",
	.help = T("Shows the runs under way, the next ones, and devices that refused us."),
	.run = run_status };
