/* What the families that speak lines have in common: the way to the device, the login over telnet,
 * one command and the lines of its answer. Called by poly_cli.c, lifesize.c, tandberg_mxp.c,
 * yealink_vc.c, sony_pcs.c. Owns the connection and its line buffer until dialogue_close(). Must
 * never take "the next line" for an answer, say a password twice, or say it to a question that is
 * not one for it; must not know a family.
 *
 *   < username: | login:     > user          the questions have no line end; a device
 *   < password:              > s3cret        may ask for a password alone, or for nothing
 *   < (lines)  ready prompt
 *
 * What a device says to a wrong password is documented for none of them; asking again is a no, and
 * so is hanging up. */
#include "adapters/dialogue.h"

#include "adapters/connect.h"
#include "adapters/wire/telnet.h"
#include "adapters/wire/trace.h"
#include "base/clock.h"
#include "base/str.h"

#include <string.h>
#include <strings.h>

enum {
	QUESTION_MS = 10000,
	QUESTIONS_MOST = 3,
	GLANCE_MS = 100,
	MOST_LINES = 4000, /* of chatter before one answer */
	MOST_LATE = 400,
};

/* ---- login over telnet ----------------------------------------------------------------------- */

enum question { ASKS_USER, ASKS_LOGIN, ASKS_PASSWORD, READY, NOTHING = -1 };

static enum err
refused(struct task *t, const struct device *d, const char *how)
{
	return task_fail_as(t, ERR_AUTH, "login-refused", "log in to %s: %s", d->name, how);
}

static char *
cleaned(const struct manners *m, char *line)
{
	return m->clean ? m->clean(line) : str_trim(line);
}

/* Drops whole lines; one of them may be the word that the login is over. */
static enum err
look_for_ready_line(struct task *t, struct dialogue *d, int *out_asked)
{
	const char *line = "";
	for (int i = 0; line && i < MOST_LATE && *out_asked == NOTHING; i++) {
		enum err e = lines_next(t, &d->lines, 0, &line);
		if (e)
			return e;
		if (line && str_eq(str_trim(arena_strdup(t->arena, line)), d->manners->ready_line))
			*out_asked = READY;
	}
	return OK;
}

static enum err
next_question(struct task *t, struct dialogue *d, int *out_asked)
{
	const char *const questions[] = { "username:", "login:", "password:", d->manners->ready,
		NULL };
	if (!d->manners->ready_line)
		return lines_prompt_of(t, &d->lines, questions, QUESTION_MS, out_asked);
	int64_t until = clock_mono() + QUESTION_MS;
	enum err e = OK;
	*out_asked = NOTHING;
	while (e == OK && *out_asked == NOTHING && clock_mono() < until) {
		e = look_for_ready_line(t, d, out_asked);
		if (e == OK && *out_asked == NOTHING)
			e = lines_prompt_of(t, &d->lines, questions, GLANCE_MS, out_asked);
	}
	return e;
}

static enum err
log_in(struct task *t, struct dialogue *d, const struct device *dev)
{
	bool user_said = false, password_said = false, first = t->code == OK;
	for (int i = 0; i <= QUESTIONS_MOST; i++) {
		int asked;
		enum err e = next_question(t, d, &asked);
		if (e == ERR_GONE && password_said) {
			if (first)
				task_forgive(t);
			return refused(t, dev, "the device hung up on the password");
		}
		if (e)
			return e;
		if (asked == NOTHING)
			return task_fail(t, password_said ? ERR_TIMEOUT : ERR_PROTOCOL,
				"log in to %s: %s", dev->name,
				password_said ? "no prompt behind the password" : "no question");
		if (asked == READY)
			return OK;
		if (password_said || (asked != ASKS_PASSWORD && user_said))
			return refused(t, dev, "the device asks again");
		const char *answer = asked == ASKS_PASSWORD ? dev->password : dev->user;
		user_said |= asked != ASKS_PASSWORD;
		password_said |= asked == ASKS_PASSWORD;
		e = lines_send(t, &d->lines, answer ? answer : "", "\r\n");
		if (e)
			return e;
	}
	return task_fail(t, ERR_PROTOCOL, "log in to %s: questions without end", dev->name);
}

/* ---- connection ------------------------------------------------------------------------------ */

static enum err
find_way(struct task *t, const struct device *dev, const struct way *ways, const struct way **out,
	struct place *at)
{
	for (*out = ways; (*out)->scheme && !str_starts(dev->url, (*out)->scheme); (*out)++)
		;
	if (!(*out)->scheme)
		return task_fail(t, ERR_UNSUPPORTED, "log in to %s: %s: only %s%s%s is spoken",
			dev->name, dev->url, ways->scheme, ways[1].scheme ? " or " : "",
			ways[1].scheme ? ways[1].scheme : "");
	/* Without a key there is nothing to pin: whoever pinned one does not want this connection.
	 */
	if ((*out)->carrier != CARRIER_SSH && dev->pin)
		return task_fail(t, ERR_INPUT, "log in to %s: a pin, and %s, which has no key",
			dev->name, (*out)->scheme);
	return place_read(t, dev->name, dev->url, (*out)->scheme, (*out)->port, at);
}

static void
hang_up(struct dialogue *d)
{
	lines_free(&d->lines);
	ssh_close(d->ssh);
	telnet_close(d->telnet);
}

enum err
dialogue_open(struct task *t, struct lane *l, const struct manners *m, size_t size)
{
	const struct device *dev = l->device;
	const struct way *way;
	struct place at;
	enum err e = find_way(t, dev, m->ways, &way, &at);
	if (e)
		return e;
	if (t->trace && dev->password && !t->trace->secrets_n)
		trace_secret(t->trace, dev->password);
	struct dialogue *d = arena_alloc(l->arena, size);
	*d = (struct dialogue){ .manners = m, .name = dev->name };
	if (way->carrier == CARRIER_SSH) {
		e = device_ssh(t, l, &at, &d->ssh);
		d->lines.ssh = d->ssh;
	} else {
		e = telnet_open(t, at.host, at.port, &d->telnet);
		if (e == OK)
			d->lines.stream = telnet_stream(d->telnet);
		if (e == OK && way->carrier == CARRIER_TELNET)
			e = log_in(t, d, dev);
	}
	if (e == OK)
		l->session = d;
	else
		hang_up(d);
	return e;
}

void
dialogue_close(struct task *t, struct lane *l)
{
	if (l->session)
		hang_up(l->session);
	l->session = NULL;
}

/* ---- one command ----------------------------------------------------------------------------- */

enum err
dialogue_line(struct task *t, struct dialogue *d, int64_t at_most_ms, const char **out)
{
	enum err e = lines_next(t, &d->lines, at_most_ms, out);
	if (e == OK && *out)
		*out = cleaned(d->manners, arena_strdup(t->arena, *out));
	return e;
}

static void
heard(struct dialogue *d, const char *line)
{
	if (d->hear)
		d->hear(d->hear_of, line);
}

/* Hears what is waiting, without asking. */
static enum err
hear_out(struct task *t, struct dialogue *d)
{
	enum err e = OK;
	const char *line = "";
	for (int i = 0; e == OK && line && i < MOST_LATE; i++) {
		e = dialogue_line(t, d, 0, &line);
		if (e == OK && line)
			heard(d, line);
	}
	return e;
}

/* What came late, for a command before, is heard out before the next one is sent. */
static enum err
pass_over(struct task *t, struct dialogue *d)
{
	enum err e = d->manners->spacing_ms ? task_sleep(t, d->manners->spacing_ms) : OK;
	if (e == OK)
		e = hear_out(t, d);
	if (!d->hear)
		lines_clear(
			&d->lines); /* a prompt; who hears may be told something in two pieces */
	return e;
}

enum err
dialogue_ask(struct task *t, struct lane *l, const char *command, look_fn look, void *into,
	int64_t silence_ms)
{
	struct dialogue *d = l->session;
	if (!d)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	const struct manners *m = d->manners;
	bool enough = false;
	enum err e = pass_over(t, d);
	if (e == OK)
		e = lines_send(t, &d->lines, command, d->telnet ? m->telnet_end : m->end);
	for (int i = 0; e == OK && i < MOST_LINES; i++) {
		const char *line;
		e = dialogue_line(t, d,
			enough	     ? m->settle_ms
			: silence_ms ? silence_ms
				     : m->silence_ms,
			&line);
		if (e)
			break;
		if (!line && enough)
			return OK;
		if (!line)
			return task_fail(t, ERR_TIMEOUT, "%s on %s: no answer", command, d->name);
		enum look seen = look(line, into);
		if (seen == LOOK_DONE)
			return OK;
		if (seen == LOOK_ENOUGH || seen == LOOK_MORE)
			enough = seen == LOOK_ENOUGH;
		if (seen != LOOK_NOT_MINE)
			continue;
		enum err no = m->refusal ? m->refusal(line) : OK;
		if (no)
			return task_fail(t, no, "%s on %s: %s", command, d->name,
				trace_without(t->arena, l->device->password, line));
		heard(d, line);
	}
	return e ? e
		 : task_fail(t, ERR_PROTOCOL, "%s on %s: lines without end, and no answer", command,
			   d->name);
}

enum err
dialogue_may_lack(struct task *t, enum err e)
{
	if (e != ERR_UNSUPPORTED && e != ERR_REFUSED)
		return e;
	task_forgive(t);
	return OK;
}

enum err
dialogue_may_be_silent(struct task *t, enum err e)
{
	if (e != ERR_TIMEOUT || task_left(t) == 0)
		return e;
	task_forgive(t);
	return OK;
}

bool
dialogue_sayable(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == '"' || *p == '\\' || *p == 0x7f)
			return false;
	return *text;
}

const char *
dialogue_number(const char *address, const char **out_protocol)
{
	static const char *const protocols[] = { "sip", "h323" };
	*out_protocol = NULL;
	for (int i = 0; i < 2; i++) {
		size_t n = strlen(protocols[i]);
		if (strncasecmp(address, protocols[i], n) == 0 && address[n] == ':') {
			*out_protocol = protocols[i];
			return address + n + 1;
		}
	}
	return address;
}

enum err
dialogue_free(
	struct task *t, const struct lane *l, const char *address, const char *far, bool *out_there)
{
	const char *unused, *number = dialogue_number(address, &unused);
	*out_there = *far && str_eq_nocase(dialogue_number(far, &unused), number);
	if (*out_there)
		return OK;
	return task_fail(t, ERR_BUSY, "dial %s on %s: it is in a call with %s", address,
		l->device->name, *far ? far : "somebody");
}

enum err
dialogue_undiallable(struct task *t, const struct lane *l, const char *address)
{
	return task_fail(t, ERR_INPUT, "dial %s on %s: this address cannot be dialled", address,
		l->device->name);
}

enum err
dialogue_muted(struct task *t, const struct lane *l, bool wanted, enum tri now)
{
	if (now == tri_of(wanted))
		return OK;
	return task_fail(t, ERR_REFUSED, "mute %s on %s: it stayed %s", wanted ? "on" : "off",
		l->device->name,
		now == UNKNOWN ? "unknown"
		: now == YES   ? "on"
			       : "off");
}
