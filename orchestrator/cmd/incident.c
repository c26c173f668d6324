/* `incident`: faults that somebody has to put right. Lists are read from the journal; what changes
 * one goes to the daemon.
 *
 * It must never write the journal. */
#include "cmd/cmd.h"

#include "advice.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "incident.h"
#include "report/words.h"
#include "table.h"
#include "text.h"
#include "workspace.h"

enum { ANSWER_MS = 10000 };

static void
put_instant(struct json_out *w, const char *key, int64_t at)
{
	char when[INSTANT_SIZE];
	json_put_text(w, key, at ? instant_rfc3339(at, when) : NULL);
}

static void
put_json(const struct incident *i, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_int(w, "number", i->number);
	json_put_text(w, "state", incident_state(i));
	json_put_text(w, "key", i->key);
	json_put_text(w, "site", i->site);
	json_put_text(w, "device", i->device);
	json_put_text(w, "fault", i->fault);
	json_put_text(w, "cause_proposed", i->cause);
	json_put_text(w, "cause_confirmed", i->settled_cause);
	json_put_text(w, "evidence", i->evidence);
	json_put_text(w, "provider", i->provider);
	json_put_text(w, "owner", i->owner);
	put_instant(w, "opened", i->opened);
	put_instant(w, "received", i->received);
	put_instant(w, "responded", i->responded);
	put_instant(w, "fixed", i->fixed);
	put_instant(w, "closed", i->closed);
	json_open(w, "entries", '[');
	for (size_t k = 0; k < i->entries.n; k++) {
		const struct incident_entry *n = &i->entries.at[k];
		json_open(w, NULL, '{');
		put_instant(w, "at", n->at);
		json_put_text(w, "action", incident_action_name(n->action));
		json_put_text(w, "by", n->by);
		json_put_text(w, "text", n->text);
		json_put_text(w, "run", n->run);
		if (n->fault[0])
			json_put_text(w, "fault", n->fault);
		if (n->cause[0])
			json_put_text(w, "cause", n->cause);
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
}

static void
put_line(const struct incident *i, const char *lang, struct buf *out)
{
	char when[INSTANT_SIZE];
	struct buf line = { 0 };
	const char *cause = str_empty(i->settled_cause) ? i->cause : i->settled_cause;
	buf_printf(&line, "%4d  ", i->number);
	table_cell(&line, incident_say_state(lang, i), 14, ALIGN_LEFT, true);
	buf_printf(&line, "%s  %s: %s (%s); %s%s%s",
		words_stamp(lang, i->opened, when, sizeof when),
		str_empty(i->name) ? i->device : i->name,
		str_empty(i->device) ? advice_say_fault(lang, i->fault)
				     : words_note(lang, i->fault),
		advice_say_cause(lang, cause), i->owner, str_empty(i->provider) ? "" : "; ",
		i->provider);
	cmd_line_put(out, buf_str(&line), 6);
	buf_free(&line);
}

static void
put_after(struct buf *b, const char *lang, const char *what, int64_t opened, int64_t at)
{
	if (!at)
		return;
	buf_printf(b, "; %s ", text_get(lang, what));
	words_duration(b, lang, (at - opened) / 1000);
}

static void
put_entries(const struct incident *i, const char *lang, struct buf *out)
{
	char when[INSTANT_SIZE];
	struct buf about = { 0 };
	buf_puts(&about, "      ");
	text_printf(&about, lang, T("Cause: proposed %s"), advice_say_cause(lang, i->cause));
	if (!str_empty(i->evidence))
		buf_printf(&about, " (%s)", text_get(lang, i->evidence));
	if (!str_empty(i->settled_cause)) {
		buf_puts(&about, "; ");
		text_printf(
			&about, lang, T("confirmed %s"), advice_say_cause(lang, i->settled_cause));
	}
	put_after(&about, lang, T("received after"), i->opened, i->received);
	put_after(&about, lang, T("responded after"), i->opened, i->responded);
	put_after(&about, lang, T("fixed after"), i->opened, i->fixed);
	cmd_line_put(out, buf_str(&about), 6);
	buf_free(&about);
	for (size_t k = 0; k < i->entries.n; k++) {
		const struct incident_entry *n = &i->entries.at[k];
		struct buf line = { 0 };
		buf_printf(&line, "      %s  ",
			words_stamp(lang, n->at, when, sizeof when));
		table_cell(&line, incident_say_action(lang, n->action), 16, ALIGN_LEFT, true);
		const char *settled = str_eq(n->fault, "none") ? text_get(lang, T("no fault"))
				      : n->fault[0]	       ? advice_say_fault(lang, n->fault)
				      : n->cause[0]	       ? advice_say_cause(lang, n->cause)
							       : "";
		const char *by = str_eq(n->by, "rule") ? text_get(lang, T("by rule")) : n->by;
		buf_printf(&line, "%s%s%s%s%s%s%s", by, settled[0] ? ": " : "", settled,
			n->text[0] ? ": " : "", n->text, n->run[0] ? "  " : "", n->run);
		cmd_line_put(out, buf_str(&line), 8);
		buf_free(&line);
	}
}

static bool
is_wanted(const struct cmd_line *l, const struct incident *i)
{
	const char *site = cmd_value(l, "site"), *provider = cmd_value(l, "provider");
	return !(site && !str_eq_nocase(i->site, site)) &&
	       !(provider && !str_eq_nocase(i->provider, provider)) &&
	       (cmd_flag(l, "all") || !i->closed);
}

/* CMD_FAULTS: some are open. */
static int
look(const struct cmd_line *l, int64_t number)
{
	struct workspace w;
	struct faults faults = { .arena = l->arena };
	struct journal_reader *r;
	struct incidents all;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	struct json_out json = { .out = &b, .pretty = true };
	size_t shown = 0, open = 0;
	workspace_read(l->workspace, l->arena, &faults, &w);
	cmd_zone(l);
	enum err code = journal_reader_open(w.journal_path, &r, &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	code = incidents_read(r, l->arena, &all, &e);
	journal_reader_close(r);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	const char *lang = cmd_lang(l);
	if (l->json && !number)
		json_open(&json, NULL, '[');
	for (size_t k = 0; k < all.at.n; k++) {
		const struct incident *i = &all.at.at[k];
		if (number ? i->number != number : !is_wanted(l, i))
			continue;
		shown++;
		open += !i->closed;
		if (l->json)
			put_json(i, &json);
		else
			put_line(i, lang, &b);
		if (number && !l->json)
			put_entries(i, lang, &b);
	}
	if (l->json && !number)
		json_close(&json, ']');
	if (number && !shown)
		code = ERR_INPUT;
	else
		cmd_print(&b);
	buf_free(&b);
	return code != OK ? cmd_fail(code, T("no incident %lld"), (long long)number)
	       : open	  ? CMD_FAULTS
			  : CMD_DONE;
}

static int
run_incident(const struct cmd_line *l)
{
	int64_t number = 0;
	if (str_eq(l->words[0], "list"))
		return look(l, 0);
	if (l->words_n < 2)
		return cmd_fail(ERR_INPUT,
			T("incident %s: which one; `tongduyet incident list` numbers them"),
			l->words[0]);
	if (str_eq(l->words[0], "show"))
		return str_to_int(l->words[1], 1, INT32_MAX, &number)
			       ? look(l, number)
			       : cmd_fail(ERR_INPUT, T("incident show %s: a number"), l->words[1]);
	return cmd_tell(l, cmd_request(l, "incident", 0), ANSWER_MS, l->json);
}

const struct cmd cmd_incident = { .name = "incident",
	.usage = "incident list [--all] [--site ID] [--provider NAME] | show N | open SITE --fault "
		 "F [--cause C] [--owner WHO] --why TEXT | "
		 "assign N WHO | ack N | respond N | fix N [--cause C] | close N --why TEXT | "
		 "comment N TEXT  [--by NAME]",
	.help = T("Faults that somebody has to put right: who owns them, when they were received, "
		"responded to, fixed."),
	.flags = "all",
	.values = "site provider fault cause owner why by",
	.min = 1,
	.max = 3,
	.run = run_incident };
