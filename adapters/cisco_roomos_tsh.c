/* Cisco RoomOS, CE, TC over SSH: the shell tsh, in its XML output mode.
 *
 * Called by cisco_roomos.c. Owns the shell and its line buffer in the lane's session. Must never
 * take "the next line" for an answer: a document counts only if it carries the number of the
 * question, and what carries none was not asked for.
 *
 *   < Welcome to ...   Cisco Codec Release ...   *r Login successful    unasked, a line each
 *   < OK                                             alone on its line
 *   > echo off                                       < its own echo, perhaps ESC [?1034h, OK
 *   > xPreferences outputmode xml                    not answered
 *   > xStatus Call | resultId="td1"
 *   < <XmlDoc resultId="td1"> <Status>... </XmlDoc>
 *   > xCommand Dial Number: "a@b" | resultId="td2"
 *   < <XmlDoc resultId="td2"> <DialResult status="OK">... </XmlDoc>
 *   > anything it does not know                      < Command not recognized.   ERROR
 *   > bye
 *
 * A shell left open costs the box one of few sessions, and a box without sessions left answers with
 * a refused login: so every way out closes it. Sources: vendor's API guides; recorded welcome
 * texts. */
#include "adapters/cisco_roomos.h"

#include "adapters/connect.h"
#include "adapters/wire/trace.h"
#include "base/clock.h"
#include "base/str.h"

#include <string.h>

enum {
	WELCOME_MS = 20000,
	GOODBYE_MS = 400,
	MOST_LINES = 40000,
	MOST_BYTES = 1 << 20,
	LATE_LINES = 4000
};

/* The shell is gone: what was asked last may have been carried out. */
static enum err
gone(struct task *t, const struct lane *l, enum err e, const char *what)
{
	if (e != ERR_GONE)
		return e;
	task_forgive(t);
	return task_fail(
		t, ERR_TIMEOUT, "%s on %s: it closed the connection", what, l->device->name);
}

/* A line without blanks and without the terminal's switch in front. */
static const char *
plain(struct arena *a, const char *line)
{
	char *s = str_trim(arena_strdup(a, line));
	if (s[0] == '\033' && s[1] == '[')
		s += 2 + strspn(s + 2, "?0123456789;") + 1;
	return s;
}

static enum err
next_line(struct task *t, struct roomos *s, int64_t until, const char **out)
{
	int64_t left = until - clock_mono();
	*out = NULL;
	return left > 0 ? lines_next(t, &s->lines, left, out) : OK;
}

/* Until the line that is exactly "OK". */
static enum err
await_ok(struct task *t, struct lane *l, struct roomos *s, const char *what)
{
	int64_t until = clock_mono() + WELCOME_MS;
	for (int i = 0; i < LATE_LINES; i++) {
		const char *line;
		enum err e = next_line(t, s, until, &line);
		if (e)
			return e;
		if (!line)
			break;
		enum roomos_greeting g = roomos_read_greeting(plain(t->arena, line));
		if (g == ROOMOS_READY)
			return OK;
		if (g == ROOMOS_FULL)
			return task_fail(
				t, ERR_BUSY, "log in to %s: %.120s", l->device->name, line);
	}
	return task_fail(t, ERR_PROTOCOL, "log in to %s: no OK to %s", l->device->name, what);
}

static enum err
connect_shell(struct task *t, struct lane *l, struct roomos *s)
{
	const struct device *d = l->device;
	struct place at;
	enum err e = place_read(t, d->name, d->url, "ssh://", 22, &at);
	if (e)
		return e;
	if (t->trace && d->password && !t->trace->secrets_n)
		trace_secret(t->trace, d->password);
	e = device_ssh(t, l, &at, &s->ssh);
	if (e)
		return e;
	s->lines.ssh = s->ssh;
	return OK;
}

enum err
roomos_tsh_open(struct task *t, struct lane *l, struct roomos *s)
{
	enum err e = connect_shell(t, l, s);
	if (e)
		return e;
	e = await_ok(t, l, s, "the login");
	/* It let us in and shut the door at once: no shell is left. */
	if (e == ERR_GONE) {
		task_forgive(t);
		return task_fail(t, ERR_BUSY, "log in to %s: it closed the session at once",
			l->device->name);
	}
	if (e == OK)
		e = lines_send(t, &s->lines, "echo off", "\n");
	if (e == OK)
		e = await_ok(t, l, s, "echo off");
	if (e == OK)
		e = lines_send(t, &s->lines, "xPreferences outputmode xml", "\n");
	return gone(t, l, e, "log in");
}

/* What came late, for a question before, is not kept for this one. */
static enum err
pass_over(struct task *t, struct roomos *s)
{
	enum err e = OK;
	const char *line = "";
	for (int i = 0; e == OK && line && i < LATE_LINES; i++)
		e = lines_next(t, &s->lines, 0, &line);
	return e;
}

struct document {
	struct buf text;
	bool mine, whole;
};

/* One line more. An end tag may stand on the first line. */
static void
add_line(struct document *d, const char *line, const char *mark)
{
	const char *begin = strstr(line, "<XmlDoc");
	if (begin) {
		buf_clear(&d->text);
		const char *close = strchr(begin, '>');
		const char *id = strstr(begin, mark);
		d->mine = id && close && id < close;
		d->whole = d->mine && close[-1] == '/';
		line = begin;
	}
	if (!d->mine)
		return;
	buf_puts(&d->text, line);
	buf_putc(&d->text, '\n');
	d->whole |= strstr(line, "</XmlDoc>") != NULL;
}

static enum err
read_document(
	struct task *t, struct lane *l, const char *mark, const char *what, struct document *d)
{
	struct roomos *s = l->session;
	int64_t until = clock_mono() + ROOMOS_SILENCE_MS;
	bool unknown = false;
	for (int i = 0; i < MOST_LINES; i++) {
		const char *line;
		enum err e = next_line(t, s, until, &line);
		if (e)
			return gone(t, l, e, what);
		if (!line)
			return task_fail(
				t, ERR_TIMEOUT, "%s on %s: no answer", what, l->device->name);
		if (!d->mine && str_eq(plain(t->arena, line), "ERROR"))
			return task_fail(t, unknown ? ERR_UNSUPPORTED : ERR_REFUSED, "%s on %s: %s",
				what, l->device->name,
				unknown ? "command not recognized" : "ERROR");
		unknown |= strstr(line, "Command not recognized") != NULL;
		add_line(d, line, mark);
		if (d->whole)
			return OK;
		if (d->text.n > MOST_BYTES)
			break;
	}
	return task_fail(t, ERR_PROTOCOL, "%s on %s: lines without end, and no answer", what,
		l->device->name);
}

static enum err
ask(struct task *t, struct lane *l, const char *command, const char *what, const struct xml **out)
{
	struct roomos *s = l->session;
	struct document d = { 0 };
	struct err_text why = { 0 };
	struct xml *root = NULL;
	const char *mark = arena_printf(t->arena, "resultId=\"td%u\"", ++s->ids);
	enum err e = pass_over(t, s);
	if (e == OK)
		e = lines_send(
			t, &s->lines, arena_printf(t->arena, "%s | %s", command, mark), "\n");
	e = e ? gone(t, l, e, what) : read_document(t, l, mark, what, &d);
	if (e == OK && (e = xml_parse(t->arena, buf_str(&d.text), d.text.n, 0, &root, &why)))
		task_fail(t, e, "%s on %s: %s", what, l->device->name, why.text);
	buf_free(&d.text);
	*out = root;
	return e;
}

enum err
roomos_tsh_get(struct task *t, struct lane *l, const char *path, const struct xml **out)
{
	char *command = arena_printf(t->arena, "x%s", path);
	for (char *p = command; *p; p++)
		if (*p == '/')
			*p = ' ';
	return ask(t, l, command, arena_printf(t->arena, "ask for %s", path), out);
}

enum err
roomos_tsh_order(
	struct task *t, struct lane *l, const struct roomos_command *c, const struct xml **out)
{
	struct buf line = { 0 };
	enum err e = roomos_command_line(&line, c)
			     ? OK
			     : task_fail(t, ERR_INPUT, "%s on %s: this text cannot be said",
				       c->path, l->device->name);
	if (e == OK)
		e = ask(t, l, line.at, c->path, out);
	buf_free(&line);
	return e;
}

/* The box hangs up by itself when it has heard "bye": a connection cut in its face may leave the
 * session behind. */
void
roomos_tsh_close(struct task *t, struct roomos *s)
{
	const char *line = "";
	int64_t until = clock_mono() + GOODBYE_MS;
	enum err e = s->ssh ? lines_send(t, &s->lines, "bye", "\n") : ERR_GONE;
	for (int i = 0; e == OK && line && i < LATE_LINES; i++)
		e = next_line(t, s, until, &line);
	lines_free(&s->lines);
	ssh_close(s->ssh);
	s->ssh = NULL;
}
