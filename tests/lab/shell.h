/* The simulated codecs of the second shelf that speak lines in the clear: LifeSize (SSH as well),
 * Tandberg MXP, Yealink VC, Sony PCS. One interface: bytes of a line in, what the box says out. */
#ifndef TD_LAB_SHELL_H
#define TD_LAB_SHELL_H

#include "base/buf.h"
#include "fleet.h"
#include "polycom.h"

#include <stdbool.h>
#include <stdint.h>

enum shell_stage { SHELL_USER, SHELL_PASSWORD, SHELL_IN, SHELL_BYE };

struct shell { /* one session */
	struct site *site;
	enum shell_stage stage;
	char user[80];
	unsigned commands;
	enum phase seen; /* of the leg, as last told */
	int seen_call;
	bool seen_mic;
	bool registered, silent; /* mxp: feedback; echo off */
	bool mute_all;		 /* lifesize: audio mute-device */
	struct cli cli;		 /* poly-cli */
};

struct shell_kind {
	/* What it says when somebody comes; sets the stage. Called with the fleet's lock held, as
	 * the others. */
	void (*greet)(struct shell *s, int64_t now, struct buf *out);
	/* The answer to one line without its end, echo and prompt included; the login as well. */
	void (*line)(struct shell *s, const char *line, int64_t now, struct buf *out);
	/* What nobody asked for. */
	void (*unasked)(struct shell *s, int64_t now, struct buf *out);
};

extern const struct shell_kind lifesize_shell, mxp_shell, yealink_shell, sony_shell;
extern const struct shell_kind polycom_shell; /* on telnet; its SSH is polycom.c */

/* NULL: not one of these four. */
const struct shell_kind *shell_kind_of(const struct site *s);
/* Takes a password; true: it is right. Both are written to the log. */
bool shell_login(struct shell *s, const char *password, int64_t now);
/* The words of a command behind `head`; NULL: another command. */
const char *shell_after(const char *line, const char *head);
/* The site has a call of its own or is being called. */
bool shell_setting_up(const struct site *s);
/* The call changed since it was last told: *out_was is what it was. */
bool shell_call_changed(struct shell *s, enum phase *out_was);

/* ---- shell.c: sockets ---- */
/* Adds the doors of all sites whose codec is spoken to in the clear. */
void shell_start(const struct scenario *s);

#endif
