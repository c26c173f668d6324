/* Sony PCS control lines: their nouns. Called by sony_pcs.c, the talks and the fuzzer. Owns
 * nothing, does no I/O. Must never conclude anything about the call from silence. */
#include "adapters/sony_pcs.h"

#include "adapters/dialogue.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* A prompt has no line end and sticks to what follows, an echo or news. */
char *
sony_clean(char *line)
{
	static const char prompt[] = "CNTR>";
	line = str_trim(line);
	while (str_starts(line, prompt))
		line = str_trim(line + sizeof prompt - 1);
	return line;
}

static void
no_call(struct sony_call *c)
{
	*c = (struct sony_call){ .up = NO };
}

/*  ring manual / who calls     connect status / 2 or 3     connect complete     disconnect     dial
 * cancel  */
bool
sony_hear(struct sony_call *c, const char *line)
{
	if (!*line)
		return false;
	bool ring = str_eq(line, "ring manual"), status = str_eq(line, "connect status");
	if (ring || status) {
		c->up = NO;
		c->awaits = ring ? SONY_CALLER : SONY_STATE;
	} else if (str_eq(line, "connect complete")) {
		c->up = YES;
		c->awaits = SONY_NOTHING;
	} else if (str_eq(line, "disconnect") || str_eq(line, "dial cancel")) {
		no_call(c);
	} else if (c->awaits == SONY_CALLER) {
		str_copy(c->far_address, sizeof c->far_address, line);
		c->awaits = SONY_NOTHING;
	} else if (c->awaits == SONY_STATE) {
		c->awaits = SONY_NOTHING;
	} else {
		return false;
	}
	return true;
}

void
sony_echoed(struct sony_call *c)
{
	c->awaits = SONY_NOTHING;
}

enum err
sony_refusal(const char *line)
{
	static const struct {
		const char *word;
		enum err class;
	} errors[] = {
		{ "not init", ERR_BUSY },
		{ "busy", ERR_BUSY },
		{ "buffer full", ERR_BUSY },
		{ "on network test", ERR_BUSY },
		{ "on update", ERR_BUSY },
		{ "syntax error", ERR_UNSUPPORTED },
		{ "not supported", ERR_UNSUPPORTED },
		{ "not communication", ERR_GONE },
		{ "not connect", ERR_GONE },
		{ "not power on", ERR_REFUSED },
		{ "socket error", ERR_REFUSED },
		{ "execute error", ERR_REFUSED },
		{ "timeout", ERR_REFUSED },
		{ "error", ERR_REFUSED },
	};
	for (size_t i = 0; i < COUNT(errors); i++)
		if (str_eq(errors[i].word, line))
			return errors[i].class;
	return OK;
}

enum tri
sony_power(const char *line)
{
	return str_eq(line, "status power power-on")   ? YES
	       : str_eq(line, "status power stand-by") ? NO
						       : UNKNOWN;
}

/* A stroke ends the number. Which protocol, and what rate, is the box's own choice. */
bool
sony_dial_command(char *out, size_t size, const char *address)
{
	const char *unused;
	address = dialogue_number(address, &unused);
	int n = snprintf(out, size, "dial /%s/", address);
	return dialogue_sayable(address) && !strchr(address, '/') && n > 0 && (size_t)n < size;
}
