/* A simulated Sony PCS-XG80 on telnet. Called by shell.c with the fleet's lock held. Owns nothing.
 * Behaviour is cited from a public Extron driver for this family; never from the product. It tells
 * of its call only when that changes: nothing asks for it.
 *
 * Own reading, told by none: what a wrong password gets, the blanks behind the questions, which
 * command has which of the error words, which microphone word is the muted one (here mic-off). */
#include "shell.h"

#include "codec.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define EOL "\r\r\n"
#define PROMPT "CNTR>"

/* dial /number/ */
static bool
dial(struct shell *s, const char *args, int64_t now)
{
	char number[160];
	size_t n = strlen(args);
	if (n < 3 || args[0] != '/' || args[n - 1] != '/')
		return false;
	snprintf(number, sizeof number, "%.*s", (int)(n - 2), args + 1);
	codec_dial(s->site, number, now);
	return true;
}

/* NULL: it is done and there is nothing to say. */
static const char *
obey(struct shell *s, const char *line, int64_t now)
{
	struct site *b = s->site;
	const char *rest;
	if (str_eq(line, "status power"))
		return "status power power-on";
	if (str_eq(line, "status macstatus"))
		return "status macstatus" EOL "CAMERA";
	if ((rest = shell_after(line, "dial "))) {
		if (b->leg)
			return "busy";
		return dial(s, rest, now) ? NULL : "syntax error";
	}
	if (str_eq(line, "disconnect")) {
		if (!b->leg)
			return "not communication";
		codec_hang_up(b, now);
		return NULL;
	}
	if (str_eq(line, "answer accept") || str_eq(line, "answer reject"))
		return shell_setting_up(b) && !b->leg->incoming ? NULL : "not connect";
	if (str_eq(line, "audio mic-on") || str_eq(line, "audio mic-off")) {
		codec_set_mic(b, str_eq(line, "audio mic-off"), now);
		return b->mic_muted ? "audio mic-off" : "audio mic-on";
	}
	return "syntax error";
}

static void
sony_greet(struct shell *s, int64_t now, struct buf *out)
{
	buf_puts(out, "\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27"
		      "login: ");
}

static void
sony_line(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	if (s->stage == SHELL_USER) {
		str_copy(s->user, sizeof s->user, line);
		s->stage = SHELL_PASSWORD;
		buf_printf(out, "%s" EOL "Password:", line);
		return;
	}
	if (s->stage == SHELL_PASSWORD) {
		buf_puts(out, shell_login(s, line, now) ? EOL PROMPT
							: EOL "Login incorrect" EOL "login: ");
		return;
	}
	s->commands++;
	const char *answer = *line ? obey(s, line, now) : NULL;
	buf_printf(out, "%s" EOL, line);
	if (answer)
		buf_printf(out, "%s" EOL, answer);
	buf_puts(out, PROMPT);
}

/* driver: "ring manual" with who calls, "connect status" 2 outgoing, 3 connecting, "connect
 * complete", "disconnect" */
static void
sony_unasked(struct shell *s, int64_t now, struct buf *out)
{
	const struct site *b = s->site;
	enum phase was;
	if (!shell_call_changed(s, &was))
		return;
	if (s->seen == PHASE_CONNECTED)
		buf_puts(out, "connect complete" EOL);
	else if (!b->leg)
		buf_puts(out, was == PHASE_CONNECTED ? "disconnect" EOL : "dial cancel" EOL);
	else if (s->seen == PHASE_ALERTING && !b->leg->incoming)
		buf_printf(
			out, "ring manual" EOL "%s" EOL "\r\n", b->call_host ? b->call_host : "");
	else
		buf_printf(out, "connect status" EOL "%d" EOL, b->leg->incoming ? 2 : 3);
	buf_puts(out, PROMPT);
}

const struct shell_kind sony_shell = { sony_greet, sony_line, sony_unasked };
