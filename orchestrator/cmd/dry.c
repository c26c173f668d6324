/* `run KEY --dry-run`: every order of a planned run with its instant, if every device did as it is
 * told. No device is asked and nothing is kept.
 *
 * Called by `run`. It must never open the journal for writing nor speak with the daemon. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "dry.h"
#include "house.h"

#include <string.h>

enum { DAYS_BACK = 1, DAYS_AHEAD = 60 };

struct showing {
	const struct cmd_line *l;
	struct buf *out;
	struct json_out w;
	size_t n;
};

static void
show(const struct run *r, const struct order *o, int64_t now, void *arg)
{
	struct showing *s = arg;
	char when[INSTANT_SIZE];
	s->n++;
	if (s->l->json) {
		json_open(&s->w, NULL, '{');
		json_put_text(&s->w, "at", instant_rfc3339(now, when));
		json_put_text(&s->w, "verb", verb_name(o->verb));
		json_put_text(&s->w, "device", o->device);
		json_put_text(&s->w, "site", o->site);
		json_put_text(&s->w, "address", o->address);
		json_put_text(&s->w, "text", o->text);
		json_put_bool(&s->w, "on", o->on);
		json_close(&s->w, '}');
		return;
	}
	buf_printf(s->out, "%s  %-8s ", instant_local(now, "%Y-%m-%d %H:%M:%S", when, sizeof when),
		verb_name(o->verb));
	vis_terminal(s->out, o->device);
	if (o->site[0])
		buf_printf(s->out, "  %s", o->site);
	if (o->verb == VERB_MUTE)
		buf_puts(s->out, o->on ? "  on" : "  off");
	if (o->address[0] || o->text[0] || o->layout[0] ||
		(o->verb == VERB_START && o->conference_name[0])) {
		buf_puts(s->out, "  ");
		vis_terminal(s->out, o->address[0]  ? o->address
				     : o->text[0]   ? o->text
				     : o->layout[0] ? o->layout
						    : o->conference_name);
	}
	buf_putc(s->out, '\n');
}

/* By key, its beginning, id or UID; the first that is still to come, else the newest. */
static const struct plan_run *
find(const struct cmd_line *l, const struct plan *p, const char *word, int64_t now)
{
	const struct plan_run *found = NULL;
	const char **keys = arena_alloc(l->arena, (p->runs_n + 1) * sizeof *keys);
	for (size_t i = 0; i < p->runs_n; i++) {
		const struct plan_run *r = &p->runs[i];
		keys[i] = r->key;
		bool meant =
			str_starts(r->key, word) || str_starts(r->id, word) || str_eq(r->uid, word);
		if (meant && (!found || found->start < now))
			found = r;
	}
	const char *near = found ? NULL : str_nearest(word, keys);
	if (!found)
		cmd_fail(ERR_INPUT,
			near ? T("no planned run \"%s\", perhaps %s")
			     : T("no planned run \"%s\"%s; `tongduyet plan` lists them"),
			word, near ? near : "");
	return found;
}

int
cmd_dry_run(const struct cmd_line *l)
{
	struct house *h;
	struct plan plan;
	struct spec *spec;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	struct showing s = { .l = l, .out = &b, .w = { .out = &b, .pretty = true } };
	const int64_t day = (int64_t)24 * 3600 * 1000;
	cmd_zone(l);
	int64_t now = clock_now();
	enum err code = house_read(l->workspace, now, &h, &e);
	if (code == OK)
		code = house_plan(h, now - DAYS_BACK * day, now + DAYS_AHEAD * day, &plan, &e);
	const struct plan_run *run = code == OK ? find(l, &plan, l->words[0], now) : NULL;
	int exit = code != OK ? cmd_fail(code, "%s", e.text) : CMD_USAGE;
	if (run && run->disabled) {
		exit = cmd_fail(ERR_REFUSED, T("%s cannot begin: %s"), run->id, run->disabled);
	} else if (run) {
		const char *json = house_spec(h, run, run->key, 0, l->arena);
		code = spec_read(json, strlen(json), l->arena, &spec, &e);
		if (l->json)
			json_open(&s.w, NULL, '[');
		if (code == OK)
			dry_run(spec, show, &s);
		if (l->json)
			json_close(&s.w, ']');
		else
			text_printf(&b, cmd_lang(l), T("orders: %zu; nothing was sent\n"), s.n);
		if (code == OK)
			cmd_print(&b);
		exit = code == OK ? CMD_DONE : cmd_fail(code, "%s", e.text);
	}
	buf_free(&b);
	house_free(h);
	return exit;
}
