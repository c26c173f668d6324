/* A simulated Polycom HDX or Group on telnet. Called by shell.c with the fleet's lock held. Owns
 * nothing: what the box says is polycom_cli.c, as over SSH. Cited from the integrator's guides: an
 * HDX asks for a password alone, a Group for both, without a line end; an echo comes for whatever
 * was typed, and the prompt behind each answer. */
#include "polycom.h"
#include "shell.h"

#include "base/str.h"

static const char asks_password[] = "password: ";

static void
polycom_greet(struct shell *s, int64_t now, struct buf *out)
{
	bool hdx = s->site->plan->ordinal % 2;
	s->cli = (struct cli){ .site = s->site, .seen = s->seen, .seen_call = s->seen_call };
	s->stage = hdx ? SHELL_PASSWORD : SHELL_USER;
	/* field reports: telnet options first */
	buf_puts(out, "\xff\xfd\x18\xff\xfd\x20");
	buf_puts(out, hdx ? "Password: " : "Polycom Command Shell\r\nusername: ");
}

static void
polycom_line(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	switch (s->stage) {
	case SHELL_USER:
		str_copy(s->user, sizeof s->user, line);
		s->stage = SHELL_PASSWORD;
		buf_printf(out, "%s\r\n%s", line, asks_password);
		return;
	case SHELL_PASSWORD:
		buf_puts(out, "\r\n");
		if (shell_login(s, line, now)) {
			cli_intro(s->site, out);
			buf_puts(out, "-> ");
			return;
		}
		buf_puts(out, "password failed\r\n"); /* integrator's guide, errors */
		s->stage = SHELL_BYE;
		return;
	case SHELL_IN:
		buf_printf(out, "%s\r\n", line);
		cli_command(&s->cli, line, now, out);
		buf_puts(out, "-> ");
		return;
	case SHELL_BYE: return;
	}
}

static void
polycom_unasked(struct shell *s, int64_t now, struct buf *out)
{
	cli_unasked(&s->cli, now, out);
}

const struct shell_kind polycom_shell = { polycom_greet, polycom_line, polycom_unasked };
