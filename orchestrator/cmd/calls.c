/* `calls` and `called`: whom to telephone, in which order, and what was said.
 *
 * `calls` reads the journal, so it works while the run is under way and when the daemon is gone.
 * `called` is a person's word to the daemon. It must never tell a number to anybody but the
 * terminal. */
#include "cmd/cmd.h"

#include "advice.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "report/letter.h"
#include "report/words.h"
#include "story.h"
#include "text.h"
#include "workspace.h"

enum { ANSWER_MS = 10000 };

struct calling {
	const struct cmd_line *l;
	const struct report *report;
	const char *lang;
	struct buf *out;
};

static void
put_json(struct calling *c, struct json_out *w, const struct report_site *s)
{
	char when[INSTANT_SIZE];
	json_open(w, NULL, '{');
	json_put_text(w, "id", s->spec->id);
	json_put_text(w, "name", s->spec->name);
	json_put_int(w, "importance", s->spec->importance);
	json_put_text(w, "contact", s->spec->contact);
	json_put_text(w, "phone", s->spec->contact_phone);
	json_put_text(w, "provider", s->spec->provider);
	json_put_text(w, "headline", headline_name(s->verdict->headline));
	json_put_text(w, "reason", letter_remark(c->report, s, c->lang, c->l->arena));
	json_put_text(w, "fault", advice_fault(s->verdict));
	json_put_text(w, "cause", advice_cause(s->verdict));
	json_put_text(w, "first", text_get(c->lang, advice_first(s->verdict)));
	json_open(w, "calls", '[');
	for (size_t i = 0; i < s->site->calls.n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "at", instant_rfc3339(s->site->calls.at[i].at, when));
		json_put_text(w, "by", s->site->calls.at[i].by);
		json_put_text(w, "said", s->site->calls.at[i].said);
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
}

static void
put_text(struct calling *c, const struct report_site *s, size_t number)
{
	const struct spec_site *p = s->spec;
	struct buf line = { 0 };
	buf_printf(&line, "%zu. %s (%s): %s, %s%s%s", number, s->name, p->id,
		str_empty(p->contact) ? text_get(c->lang, T("no contact in the directory"))
				      : p->contact,
		str_empty(p->contact_phone) ? text_get(c->lang, T("no number in the directory"))
					    : p->contact_phone,
		str_empty(p->provider) ? "" : "; ", p->provider);
	cmd_line_put(c->out, buf_str(&line), 3);
	buf_clear(&line);
	buf_printf(&line, "   %s: %s", words_headline(c->lang, s->verdict->headline),
		letter_remark(c->report, s, c->lang, c->l->arena));
	cmd_line_put(c->out, buf_str(&line), 3);
	buf_clear(&line);
	buf_puts(&line, "   ");
	text_printf(&line, c->lang, T("First: %s"), text_get(c->lang, advice_first(s->verdict)));
	cmd_line_put(c->out, buf_str(&line), 3);
	buf_free(&line);
}

static size_t
put_calls(struct calling *c, const struct story *s)
{
	struct judgement j;
	struct json_out w = { .out = c->out, .pretty = true };
	size_t n;
	judge(s->run, c->l->arena, &j);
	c->report = report_build(s->run, &j, 1, NULL, c->l->arena);
	const int *order = advice_order(s->run, &j, c->l->arena, &n);
	if (c->l->json)
		json_open(&w, NULL, '[');
	else if (s->spec->drill)
		buf_printf(c->out, "%s\n",
			text_get(c->lang, T("A drill: the site need not be told.")));
	for (size_t i = 0; i < n; i++)
		if (c->l->json)
			put_json(c, &w, &c->report->sites[order[i]]);
		else
			put_text(c, &c->report->sites[order[i]], i + 1);
	if (c->l->json)
		json_close(&w, ']');
	else if (!n)
		buf_printf(c->out, "%s\n", text_get(c->lang, T("Nobody is to be called.")));
	return n;
}

static int
run_calls(const struct cmd_line *l)
{
	struct workspace w;
	struct journal_reader *r;
	struct err_text e = { 0 };
	struct story s = { 0 };
	struct buf b = { 0 };
	const char *id;
	size_t n = 0;
	workspace_paths(l->workspace, l->arena, &w);
	cmd_zone(l);
	enum err code = journal_reader_open(w.journal_path, &r, &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	code = story_find(r, l->words_n ? l->words[0] : "last", l->arena, &id, &e);
	if (code == OK)
		code = story_read(r, id, 0, &s, &e);
	if (code == OK) {
		struct calling c = { .l = l, .lang = l->lang ? l->lang : s.spec->lang, .out = &b };
		n = put_calls(&c, &s);
		cmd_print(&b);
	}
	buf_free(&b);
	story_free(&s);
	journal_reader_close(r);
	return code != OK ? cmd_fail(code, "%s", e.text) : n ? CMD_FAULTS : CMD_DONE;
}

/* The daemon wants the run in front. */
static int
run_called(const struct cmd_line *l)
{
	struct cmd_line asked = *l;
	if (str_empty(cmd_value(l, "said")))
		return cmd_fail(ERR_INPUT, T("called needs --said: what the site said"));
	asked.words[0] = cmd_value(l, "run") ? cmd_value(l, "run") : "last";
	asked.words[1] = l->words[0];
	asked.words_n = 2;
	return cmd_tell(l, cmd_request(&asked, "called", 0), ANSWER_MS, l->json);
}

const struct cmd cmd_calls = { .name = "calls",
	.usage = "calls [RUN] [--json] [--lang vi|en]",
	.help = T("Lists whom to telephone, most important first: number, reason, first thing to "
		"try."),
	.max = 1,
	.run = run_calls };
const struct cmd cmd_called = { .name = "called",
	.usage = "called SITE --said TEXT [--run RUN] [--by NAME]",
	.help = T("Keeps what a site said on the telephone; it stands in the report."),
	.values = "said run by",
	.min = 1,
	.max = 1,
	.run = run_called };
