/* `devices`: the devices of this workspace, what they said of themselves and what changed;
 * `--probe` asks them, `pardon` lets a refused one be tried again, `answer` tells one that a person
 * operates what the person did or saw. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"
#include "control.h"
#include "coordinator.h"
#include "house.h"
#include "inventory.h"
#include "table.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MS = 10000, PROBE_MS = 10 * 60 * 1000, PASTE_MOST = 40 * 1024 };

/* Why a device is left alone, as the daemon says; "" also when there is none. */
static const char *
refusal_of(const struct json *status, const char *device)
{
	const struct json *list = json_get(status, "refused");
	for (const struct json *r = list ? list->first : NULL; r; r = r->next)
		if (str_eq(json_text(r, "device"), device))
			return json_text(r, "why") ? json_text(r, "why") : "refused";
	return "";
}

static const char *
failure_of(const struct json *probed, const char *device)
{
	const struct json *list = json_get(probed, "failed");
	for (const struct json *r = list ? list->first : NULL; r; r = r->next)
		if (str_eq(json_text(r, "device"), device) &&
			!str_eq(json_text(r, "class"), err_name(ERR_UNSUPPORTED)))
			return json_text(r, "why") ? json_text(r, "why") : "no answer";
	return "";
}

/* Asks quietly: without a daemon the list is as useful. */
static const struct json *
ask_status(const struct cmd_line *l, const struct workspace *w)
{
	struct control_call *call;
	const struct json *j = NULL;
	const char *line;
	if (control_connect(w->socket_path, &call, NULL) != OK)
		return NULL;
	if (control_send(call, "{\"verb\":\"status\"}", NULL) == OK &&
		control_receive(call, ANSWER_MS, &line, NULL) == OK) {
		line = arena_strdup(l->arena, line);
		json_parse(l->arena, line, strlen(line), &j, NULL);
	}
	control_hangup(call);
	return j;
}

/* ---- the list
 * -----------------------------------------------------------------------------------------------
 */

struct listing {
	const struct cmd_line *l;
	const char *lang;
	const struct json *status, *probed;
	struct inventories inventories;
	struct json_out w;
	struct table *t;
	struct buf changes, hints;
	size_t troubles;
};

static const char *
day_of(const struct listing *g, int64_t at)
{
	char when[INSTANT_SIZE];
	const char *form = str_eq(g->lang, "vi") ? "%d/%m/%Y %H:%M" : "%Y-%m-%d %H:%M";
	return at ? arena_strdup(g->l->arena, instant_local(at, form, when, sizeof when)) : "";
}

static void
put_changes(struct listing *g, const struct inventory *i)
{
	char when[INSTANT_SIZE];
	json_open(&g->w, "changes", '[');
	for (size_t k = 0; k < i->changes.n; k++) {
		const struct inventory_change *c = &i->changes.at[k];
		json_open(&g->w, NULL, '{');
		json_put_text(&g->w, "what", c->what);
		json_put_text(&g->w, "from", c->from);
		json_put_text(&g->w, "to", c->to);
		json_put_text(&g->w, "since", instant_rfc3339(c->since, when));
		json_put_text(&g->w, "at", instant_rfc3339(c->at, when));
		json_close(&g->w, '}');
		struct buf line = { 0 };
		text_printf(&line, g->lang, T("%s: %s changed from %s (%s) to %s (%s)"), i->device,
			inventory_what(g->lang, c->what), c->from, day_of(g, c->since), c->to,
			day_of(g, c->at));
		vis_terminal(&g->changes, buf_str(&line));
		buf_putc(&g->changes, '\n');
		buf_free(&line);
	}
	json_close(&g->w, ']');
}

static void
put_inventory(struct listing *g, const struct inventory *i)
{
	char when[INSTANT_SIZE];
	json_open(&g->w, "inventory", '{');
	json_put_text(&g->w, "at", instant_rfc3339(i->at, when));
	json_put_text(&g->w, "vendor", i->vendor);
	json_put_text(&g->w, "model", i->model);
	json_put_text(&g->w, "software", i->software);
	json_put_text(&g->w, "serial", i->serial);
	json_put_text(&g->w, "mac", i->mac);
	json_put_figure(&g->w, "uptime_s", i->uptime_s);
	json_put_figure(&g->w, "ports", i->ports);
	json_put_text(&g->w, "alarms", i->alarms);
	json_put_tri(&g->w, "auto_answer", i->auto_answer);
	json_put_tri(&g->w, "auto_answer_muted", i->auto_answer_muted);
	json_put_tri(&g->w, "microphone_muted", i->microphone_muted);
	json_put_bool(&g->w, "drift", inventory_drifted(i));
	put_changes(g, i);
	json_close(&g->w, '}');
}

/* The settings that make a site look unattended, and whatever else a person should know. */
static const char *
remark_on(struct listing *g, const struct inventory *i)
{
	struct buf b = { 0 };
	if (i->alarms[0])
		text_printf(&b, g->lang, T("; alarm: %s"), i->alarms);
	if (inventory_drifted(i))
		for (size_t k = 0; k < i->changes.n; k++)
			if (i->changes.at[k].at == i->at)
				text_printf(&b, g->lang, T("; other %s since %s"),
					inventory_what(g->lang, i->changes.at[k].what),
					day_of(g, i->at));
	if (i->auto_answer == NO)
		buf_puts(&b, text_get(g->lang, T("; auto-answer off")));
	if (i->auto_answer_muted == YES)
		buf_puts(&b, text_get(g->lang, T("; answers muted")));
	if (i->microphone_muted == YES)
		buf_puts(&b, text_get(g->lang, T("; microphone muted")));
	const char *text = arena_strdup(g->l->arena, b.n ? buf_str(&b) + 2 : "");
	buf_free(&b);
	return text;
}

static const char *
what_it_is(struct arena *a, const struct inventory *i)
{
	return cmd_device_is(i->vendor, i->model, i->software, i->serial, a);
}

/* What a person may do about it; a device that was refused before says its word no more. */
static void
hint(struct listing *g, const char *name, const char *refusal)
{
	const struct json *list = json_get(g->probed, "failed"), *r = list ? list->first : NULL;
	while (r && !str_eq(json_text(r, "device"), name))
		r = r->next;
	if (r)
		cmd_device_hint(&g->hints, g->lang, name, err_from_name(json_text(r, "class")),
			json_text(r, "word"));
	else if (refusal[0])
		text_printf(&g->hints, g->lang,
			T("%s is left alone: set it right, then `tongduyet devices pardon %s`\n"),
			name, name);
}

static void
list(struct listing *g, const char *name, const char *adapter, const char *url, const char *trouble)
{
	const char *refusal = refusal_of(g->status, name), *failure = failure_of(g->probed, name);
	const char *why = trouble ? trouble : refusal[0] ? refusal : failure;
	const struct inventory *i = inventory_of(&g->inventories, name);
	bool odd = i && (i->alarms[0] || inventory_drifted(i)) && g->probed;
	g->troubles += why[0] || odd;
	hint(g, name, refusal);
	json_open(&g->w, NULL, '{');
	json_put_text(&g->w, "name", name);
	json_put_text(&g->w, "adapter", adapter);
	json_put_text(&g->w, "url", url);
	if (trouble)
		json_put_text(&g->w, "disabled", trouble);
	if (refusal[0])
		json_put_text(&g->w, "refused", refusal);
	if (failure[0])
		json_put_text(&g->w, "failed", failure);
	if (i)
		put_inventory(g, i);
	json_close(&g->w, '}');
	const char *remark = why[0] || !i ? why : remark_on(g, i);
	table_row(g->t,
		(const char *const[]){ name, adapter, url, i ? what_it_is(g->l->arena, i) : "",
			i ? day_of(g, i->at) : "", cmd_sentence(remark) },
		NULL);
}

static void
list_house(struct listing *g, const struct house *h, const char *only)
{
	json_open(&g->w, NULL, '[');
	for (size_t i = 0; i < h->ws.mcus_n; i++) {
		const struct workspace_mcu *m = &h->ws.mcus[i];
		if (str_empty(only) || str_eq(only, m->name))
			list(g, m->name, m->adapter, m->url, m->disabled ? m->disabled_why : NULL);
	}
	for (size_t i = 0; h->have_sites && i < h->sites.n; i++) {
		const struct site *s = &h->sites.at[i];
		const char *name = arena_printf(g->l->arena, "site:%s", s->id);
		if (!str_empty(s->adapter) && (str_empty(only) || str_eq(only, name)))
			list(g, name, s->adapter, s->control, s->disabled ? s->disabled_why : NULL);
	}
	json_close(&g->w, ']');
}

static int
list_devices(const struct cmd_line *l, const char *only, const struct json *probed)
{
	const char *lang = cmd_lang(l);
	const struct table_column columns[] = { { .title = text_get(lang, T("DEVICE")) },
		{ .title = text_get(lang, T("ADAPTER")) },
		{ .title = text_get(lang, T("ADDRESS")) },
		{ .title = text_get(lang, T("WHAT IT IS")) },
		{ .title = text_get(lang, T("ASKED LAST")) }, { .title = "" } };
	struct house *h;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	struct journal_reader *reader;
	cmd_zone(l);
	if (house_read(l->workspace, clock_now(), &h, &e) != OK) {
		house_free(h);
		return cmd_fail(ERR_SYSTEM, "%s", e.text);
	}
	struct listing g = { .l = l,
		.lang = lang,
		.status = ask_status(l, &h->ws),
		.probed = probed,
		.w = { .out = &b, .pretty = true },
		.t = table_new(l->arena, columns, 6),
		.inventories = { .arena = l->arena } };
	if (access(h->ws.journal_path, F_OK) == 0 &&
		journal_reader_open(h->ws.journal_path, &reader, &e) == OK) {
		if (inventory_read(reader, l->arena, &g.inventories, &e) != OK)
			cmd_fail(OK, T("the inventory: %s"), e.text);
		journal_reader_close(reader);
	}
	list_house(&g, h, only);
	if (!l->json) {
		buf_clear(&b);
		table_write(g.t, 0, 0, false, &b);
		buf_puts(&b, buf_str(&g.changes));
		const struct json *asked = json_get(probed, "asked");
		for (const struct json *d = asked ? asked->first : NULL; d; d = d->next) {
			struct buf name = { 0 };
			vis_terminal(&name, d->text);
			text_printf(&b, lang,
				T("%s is operated by a person, who is asked: `tongduyet status`\n"),
				buf_str(&name));
			buf_free(&name);
		}
		buf_puts(&b, buf_str(&g.hints));
	}
	cmd_print(&b);
	buf_free(&b);
	buf_free(&g.changes);
	buf_free(&g.hints);
	house_free(h);
	return g.troubles ? CMD_FAULTS : CMD_DONE;
}

/* ---- asking and telling ---------------------------------------------------------------------- */

/* Through the daemon, or here when there is none. */
static int
probe(const struct cmd_line *l, const char *only)
{
	struct control_call *call;
	struct workspace w;
	struct err_text e = { 0 };
	const struct json *probed = NULL;
	struct buf b = { 0 };
	workspace_paths(l->workspace, l->arena, &w);
	if (access(w.config_path, F_OK) == 0)
		cmd_doing(text_get(cmd_lang(l), T("the devices are asked")));
	if (control_connect(w.socket_path, &call, NULL) == OK) {
		control_hangup(call);
		int code =
			cmd_ask(l, cmd_request_of(l, "probe", &only, 1), PROBE_MS, &probed, NULL);
		cmd_doing(NULL);
		return code == CMD_DONE ? list_devices(l, only, probed) : code;
	}
	if (access(w.config_path, F_OK))
		return cmd_fail(
			ERR_SYSTEM, T("%s is no workspace: %s is missing"), w.dir, w.config_path);
	cmd_zone(l);
	enum err code = coordinator_probe(l->workspace, only, &b, &e);
	cmd_doing(NULL);
	if (code == OK)
		code = json_parse(l->arena, buf_str(&b), b.n, &probed, &e);
	buf_free(&b);
	return code == OK ? list_devices(l, only, probed) : cmd_fail(code, "%s", e.text);
}

/* What stands on the standard input, for "-". NULL: said why. */
static const char *
read_paste(const struct cmd_line *l)
{
	char *text = arena_alloc(l->arena, PASTE_MOST + 2);
	size_t n = fread(text, 1, PASTE_MOST + 1, stdin);
	if (n > PASTE_MOST) {
		cmd_fail(ERR_INPUT, T("the list is longer than %d bytes"), PASTE_MOST);
		return NULL;
	}
	return utf8_repair(l->arena, text, n);
}

static int
answer(const struct cmd_line *l)
{
	if (l->words_n < 3)
		return cmd_fail(ERR_INPUT, T("devices answer NAME [QUESTION] TEXT|-: `tongduyet "
					     "status` shows what is asked"));
	const char *text = l->words[l->words_n - 1];
	if (str_eq(text, "-") && !(text = read_paste(l)))
		return CMD_USAGE;
	const char *const args[] = { l->words[1], l->words_n == 4 ? l->words[2] : "", text };
	return cmd_tell(l, cmd_request_of(l, "answer", args, 3), ANSWER_MS, false);
}

static int
pardon(const struct cmd_line *l)
{
	return cmd_tell(l, cmd_request(l, "pardon", 1), ANSWER_MS, false);
}

static int
run_devices(const struct cmd_line *l)
{
	if (l->words_n && str_eq(l->words[0], "answer"))
		return answer(l);
	if (l->words_n == 2 && str_eq(l->words[0], "pardon"))
		return pardon(l);
	if (cmd_flag(l, "probe") && l->words_n < 2)
		return probe(l, l->words_n ? l->words[0] : "");
	if (!l->words_n)
		return list_devices(l, "", NULL);
	return cmd_fail(ERR_INPUT,
		T("devices %s: `devices` lists them, `devices --probe [NAME]` asks them who they "
		  "are, `devices pardon NAME` "
		  "lets a refused one be tried again, `devices answer NAME [QUESTION] TEXT|-` "
		  "answers for one that a person operates"),
		l->words[0]);
}

const struct cmd cmd_devices = { .name = "devices",
	.usage = "devices [--probe [NAME] | pardon NAME | answer NAME [QUESTION] TEXT|- [--by "
		 "NAME]] [--json]",
	.help = T(
		"Lists the devices and what changed on them; asks them who they are, pardons one, "
		"or answers for one that a person operates."),
	.flags = "probe",
	.values = "by",
	.max = 4,
	.run = run_devices };
