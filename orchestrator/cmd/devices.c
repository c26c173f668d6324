/* `adapters`, `devices`: the kinds of devices the program can talk to, and the devices of this workspace. */
#include "cmd/cmd.h"

#include "base/str.h"
#include "control.h"
#include "house.h"
#include "table.h"

#include <string.h>

enum { ANSWER_MS = 10000 };

static const char *const grades[] = { "draft", "tested", "proven" };

static void
put_adapter(struct json_out *w, const char *kind, const char *name, const char *title, enum grade grade, unsigned evidence)
{
	static const char *const words[] = { "rx-counters", "rx-rate", "far-reports", "speech", "level", "level-muted", "end-reason",
		"remote-ip", "absent-is-none", "uptime", "ringing" };
	json_open(w, NULL, '{');
	json_put_text(w, "kind", kind);
	json_put_text(w, "name", name);
	json_put_text(w, "title", title);
	json_put_text(w, "grade", grades[grade]);
	json_open(w, "evidence", '[');
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (evidence & (1u << i))
			json_put_text(w, NULL, words[i]);
	json_close(w, ']');
	json_close(w, '}');
}

static int
run_adapters(const struct cmd_line *l)
{
	static const struct table_column columns[] = { { .title = "KIND" }, { .title = "NAME" }, { .title = "GRADE" }, { .title = "TITLE" } };
	struct table *t = table_new(l->arena, columns, 4);
	struct buf b = { 0 };
	struct json_out w = { .out = &b, .pretty = true };
	json_open(&w, NULL, '[');
	for (size_t i = 0; mcu_adapters[i]; i++) {
		const struct mcu_adapter *m = mcu_adapters[i];
		put_adapter(&w, "mcu", m->name, m->title, m->grade, m->evidence);
		table_row(t, (const char *const[]){ "mcu", m->name, grades[m->grade], m->title }, NULL);
	}
	for (size_t i = 0; endpoint_adapters[i]; i++) {
		const struct endpoint_adapter *e = endpoint_adapters[i];
		put_adapter(&w, "endpoint", e->name, e->title, e->grade, e->evidence);
		table_row(t, (const char *const[]){ "endpoint", e->name, grades[e->grade], e->title }, NULL);
	}
	json_close(&w, ']');
	if (!l->json) {
		buf_clear(&b);
		table_write(t, 0, 0, false, &b);
	}
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

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

/* Asks quietly: without a daemon the list is as useful. */
static const struct json *
ask_status(const struct cmd_line *l, const struct workspace *w)
{
	struct control_call *call;
	const struct json *j = NULL;
	const char *line;
	if (control_connect(w->socket_path, &call, NULL) != OK)
		return NULL;
	if (control_send(call, "{\"verb\":\"status\"}", NULL) == OK && control_receive(call, ANSWER_MS, &line, NULL) == OK) {
		line = arena_strdup(l->arena, line);
		json_parse(l->arena, line, strlen(line), &j, NULL);
	}
	control_hangup(call);
	return j;
}

struct listing {
	const struct json *status;
	struct json_out w;
	struct table *t;
	size_t refused;
};

static void
list(struct listing *g, const char *name, const char *adapter, const char *url, const char *trouble)
{
	const char *refusal = refusal_of(g->status, name), *why = trouble ? trouble : refusal;
	g->refused += why[0] != '\0';
	json_open(&g->w, NULL, '{');
	json_put_text(&g->w, "name", name);
	json_put_text(&g->w, "adapter", adapter);
	json_put_text(&g->w, "url", url);
	if (trouble)
		json_put_text(&g->w, "disabled", trouble);
	if (refusal[0])
		json_put_text(&g->w, "refused", refusal);
	json_close(&g->w, '}');
	table_row(g->t, (const char *const[]){ name, adapter, url, why }, NULL);
}

static int
list_devices(const struct cmd_line *l)
{
	static const struct table_column columns[] = { { .title = "DEVICE" }, { .title = "ADAPTER" }, { .title = "ADDRESS" }, { .title = "" } };
	struct house *h;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	cmd_zone(l);
	if (house_read(l->workspace, &h, &e) != OK) {
		house_free(h);
		return cmd_fail(ERR_SYSTEM, "%s", e.text);
	}
	struct listing g = { .status = ask_status(l, &h->ws), .w = { .out = &b, .pretty = true },
		.t = table_new(l->arena, columns, 4) };
	json_open(&g.w, NULL, '[');
	for (size_t i = 0; i < h->ws.mcus_n; i++) {
		const struct workspace_mcu *m = &h->ws.mcus[i];
		list(&g, m->name, m->adapter, m->url, m->disabled ? m->disabled_why : NULL);
	}
	for (size_t i = 0; h->have_sites && i < h->sites.n; i++) {
		const struct site *s = &h->sites.at[i];
		if (!str_empty(s->adapter))
			list(&g, arena_printf(l->arena, "site:%s", s->id), s->adapter, s->control, s->disabled ? s->disabled_why : NULL);
	}
	json_close(&g.w, ']');
	if (!l->json) {
		buf_clear(&b);
		table_write(g.t, 0, 0, false, &b);
	}
	cmd_print(&b);
	buf_free(&b);
	house_free(h);
	return g.refused ? CMD_FAULTS : CMD_DONE;
}

static int
run_devices(const struct cmd_line *l)
{
	const struct json *answer;
	struct buf b = { 0 };
	if (!l->words_n)
		return list_devices(l);
	if (!str_eq(l->words[0], "pardon") || l->words_n != 2)
		return cmd_fail(ERR_INPUT, "devices %s: `devices` lists them, `devices pardon NAME` lets a refused one be tried again", l->words[0]);
	int code = cmd_ask(l, cmd_request(l, "pardon", 1), ANSWER_MS, &answer, NULL);
	if (code != CMD_DONE)
		return code;
	buf_printf(&b, "%s\n", json_text(answer, "text"));
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

const struct cmd cmd_adapters = { .name = "adapters", .usage = "adapters [--json]",
	.help = "Lists the kinds of devices, how well each is proven and what evidence it gives.", .run = run_adapters };
const struct cmd cmd_devices = { .name = "devices", .usage = "devices [pardon NAME] [--json]",
	.help = "Lists the devices; `pardon` lets one that refused our login be tried again.", .max = 2, .run = run_devices };
