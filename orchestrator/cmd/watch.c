/* `watch`: a run as it goes, until it ends: a picture that is drawn over itself on a terminal, else
 * one line per change. */
#include "cmd/cmd.h"

#include "base/instant.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vis.h"
#include "control.h"
#include "report/notes.h"
#include "report/words.h"
#include "snapshot.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { QUIET_MS = 30000, WAIT_MS = 2000, AGAIN = -2 };

struct watch {
	const struct cmd_line *l;
	bool tty;
	struct map *said;    /* site id or "step" -> what was said last, on `kept` */
	struct arena *kept;
};

static void
draw(const struct watch *w, const struct json *j)
{
	struct winsize size = { 0 };
	struct buf b = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
		size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
	buf_puts(&b, "\033[H");
	snapshot_render(j, w->l->lang, size.ws_col, size.ws_row - 1, true, &b);
	buf_puts(&b, "\033[K\n\033[J");
	cmd_print(&b);
	buf_free(&b);
}

/* What changed of one thing since it was said last. */
static void
say(struct watch *w, const struct json *j, const char *about, const char *what, struct buf *out)
{
	const char *before = map_get(w->said, about);
	if (before && str_eq(before, what))
		return;
	map_set(w->said, about, arena_strdup(w->kept, what));
	const char *now = json_text(j, "now");
	vis_terminal(out, now ? now : "");
	buf_puts(out, "  ");
	vis_terminal(out, about);
	buf_puts(out, ": ");
	vis_terminal(out, what);
	buf_putc(out, '\n');
}

/* Each note once: who is to be called by telephone must be seen at the instant, with or without
 * mail. */
static void
say_note(struct watch *w, const struct json *j, const struct json *note, struct arena *a,
	struct buf *out)
{
	const char *kind = json_text(note, "kind"), *text = json_text(note, "text"),
		   *lang = w->l->lang ? w->l->lang : json_text(j, "lang");
	const char *key = arena_printf(a, "note %s %s", kind ? kind : "", text ? text : "");
	struct buf b = { 0 };
	if (map_get(w->said, key))
		return;
	map_set(w->said, key, "");
	notes_say(&b, lang, kind ? kind : "", text ? text : "");
	vis_terminal(out, json_text(j, "now") ? json_text(j, "now") : "");
	buf_puts(out, "  ! ");
	vis_terminal(out, words_note(lang, kind ? kind : ""));
	buf_puts(out, ": ");
	vis_terminal(out, buf_str(&b));
	buf_putc(out, '\n');
	buf_free(&b);
}

static void
say_changes(struct watch *w, const struct json *j, struct arena *a)
{
	struct buf b = { 0 };
	const struct json *sites = json_get(j, "sites"), *mcus = json_get(j, "mcus");
	const char *step = json_text(json_get(j, "step"), "kind");
	const char *lang = w->l->lang ? w->l->lang : json_text(j, "lang");
	if (step)
		say(w, j, text_get(lang, T("step")), words_step(lang, step), &b);
	if (json_get(j, "allclear") && json_text(json_get(j, "allclear"), "by"))
		say(w, j, text_get(lang, T("all-clear")), json_text(json_get(j, "allclear"), "by"),
			&b);
	for (const struct json *m = mcus ? mcus->first : NULL; m; m = m->next) {
		const char *why = json_text(m, "why"), *phase = json_text(m, "phase");
		say(w, j, arena_printf(a, "mcu %s", json_text(m, "name")),
			arena_printf(a, "%s%s%s", phase ? phase : "", why ? ": " : "",
				why ? cmd_sentence(why) : ""),
			&b);
	}
	const struct json *notes = json_get(j, "notes");
	for (const struct json *n = notes ? notes->first : NULL; n; n = n->next)
		if (str_eq(json_text(n, "kind"), "question"))
			say(w, j, json_text(n, "text"), text_get(lang, T("waits for a person")),
				&b);
		else
			say_note(w, j, n, a, &b);
	for (const struct json *s = sites ? sites->first : NULL; s; s = s->next) {
		const char *phase = json_text(s, "phase"), *roll = json_text(s, "roll"),
			   *id = json_text(s, "id");
		if (id && phase)
			say(w, j, id,
				roll ? arena_printf(a, text_get(lang, T("%s, roll call: %s")),
					       snapshot_phase(lang, phase),
					       snapshot_roll(lang, roll))
				     : snapshot_phase(lang, phase),
				&b);
	}
	cmd_print(&b);
	buf_free(&b);
}

static int
say_over(const struct watch *w, const struct json *j)
{
	struct buf b = { 0 };
	int64_t good = json_int(j, "good", 0), expected = json_int(j, "expected", 0);
	text_printf(&b, cmd_lang(w->l), T("ended: %lld of %lld sites good; report in %s\n"),
		(long long)good, (long long)expected,
		json_text(j, "report") ? json_text(j, "report") : "");
	cmd_print(&b);
	buf_free(&b);
	return good == expected ? CMD_DONE : CMD_FAULTS;
}

/* Before a run has begun: a terminal that was opened early stays, and shows what comes. True: look
 * again. */
static bool
wait_for_run(const struct watch *w, const struct json *answer)
{
	const struct json *status, *next;
	const char *line;
	char when[24];
	int64_t start;
	if (!w->tty || (w->l->words_n && !str_eq(w->l->words[0], "last")) ||
		!str_eq(json_text(answer, "text"), "no run is under way"))
		return false;
	if (cmd_ask(w->l, "{\"verb\":\"status\"}", QUIET_MS, &status, &line) != CMD_DONE)
		return false;
	struct buf b = { 0 }, said = { 0 };
	const char *lang = cmd_lang(w->l);
	next = json_get(status, "next") ? json_get(status, "next")->first : NULL;
	buf_puts(&b, "\033[H");
	if (next && instant_parse(json_text(next, "start") ? json_text(next, "start") : "", &start))
		text_printf(&said, lang, T("no run is under way; the next one begins at %s: %s"),
			words_stamp(lang, start, when, sizeof when),
			json_text(next, "summary") ? json_text(next, "summary") : "");
	else
		buf_puts(&said, text_get(lang, T("no run is under way, and none is planned")));
	vis_terminal(&b, buf_str(&said));
	buf_printf(&b, "\033[K\n%s\033[K\n\033[J", text_get(lang, T("waits; Ctrl-C ends")));
	cmd_print(&b);
	buf_free(&b);
	buf_free(&said);
	poll(NULL, 0, WAIT_MS);
	return true;
}

/* -1: goes on; AGAIN: asked too early. */
static int
take(struct watch *w, const char *line)
{
	struct arena *a = arena_new();
	const struct json *j;
	int exit = -1;
	if (json_parse(a, line, strlen(line), &j, NULL) != OK) {
		exit = cmd_fail(ERR_PROTOCOL, T("the daemon said what cannot be read"));
	} else if (json_bool(j, "over", false)) {
		exit = say_over(w, j);
	} else if (json_text(j, "code")) {
		enum err code = err_from_name(json_text(j, "code"));
		if (code != OK)
			exit = wait_for_run(w, j) ? AGAIN
						  : cmd_fail(code, "%s", json_text(j, "text"));
	} else if (w->l->json) {
		printf("%s\n", line);
		fflush(stdout);
	} else if (w->tty) {
		draw(w, j);
	} else {
		say_changes(w, j, a);
	}
	arena_free(a);
	return exit;
}

/* Until it ends; AGAIN: it has not begun. */
static int
follow(struct watch *w)
{
	struct control_call *call;
	struct err_text e = { 0 };
	const char *line;
	int exit = cmd_connect(w->l, &call);
	if (exit != CMD_DONE)
		return exit;
	enum err code = control_send(call, cmd_request(w->l, "watch", 0), &e);
	for (exit = -1; code == OK && exit == -1;)
		if ((code = control_receive(call, QUIET_MS, &line, &e)) == OK)
			exit = take(w, line);
	if (code != OK)
		exit = cmd_fail(code, T("watch: %s"), e.text);
	control_hangup(call);
	return exit;
}

static int
run_watch(const struct cmd_line *l)
{
	struct watch w = { .l = l,
		.tty = isatty(STDOUT_FILENO) && !l->json,
		.said = map_new(),
		.kept = arena_new() };
	int exit;
	cmd_zone(l);
	if (w.tty)
		fputs("\033[2J", stdout);
	do
		exit = follow(&w);
	while (exit == AGAIN);
	map_free(w.said);
	arena_free(w.kept);
	return exit;
}

const struct cmd cmd_watch = { .name = "watch", .usage = "watch [RUN|last] [--json] [--lang vi|en]",
	.help = T("Shows a run as it goes, until it ends."), .max = 1, .run = run_watch };
