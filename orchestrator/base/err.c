/* The names of the error classes and the carrier of the first error.
 *
 * Called by everything that can fail; the words go to logs, the journal and reports. It owns
 * nothing and must never replace an error that is already recorded. */
#include "base/err.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[OK] = "ok",
	[ERR_UNREACHABLE] = "unreachable",
	[ERR_TIMEOUT] = "timeout",
	[ERR_AUTH] = "auth",
	[ERR_REFUSED] = "refused",
	[ERR_BUSY] = "busy",
	[ERR_GONE] = "gone",
	[ERR_PROTOCOL] = "protocol",
	[ERR_UNSUPPORTED] = "unsupported",
	[ERR_CANCELED] = "canceled",
	[ERR_INPUT] = "input",
	[ERR_SYSTEM] = "system",
};

enum { NAMES = sizeof names / sizeof *names };

const char *
err_name(enum err code)
{
	return (unsigned)code < NAMES ? names[code] : names[ERR_PROTOCOL];
}

enum err
err_from_name(const char *name)
{
	for (int i = 0; name && i < NAMES; i++)
		if (!strcmp(name, names[i]))
			return (enum err)i;
	return ERR_PROTOCOL;
}

enum err
err_set(struct err_text *e, enum err code, const char *fmt, ...)
{
	if (!e || e->code != OK || code == OK)
		return code;
	/* The arguments may point into e->text; room to see whether a last letter is whole. */
	char text[sizeof e->text + 4];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text[utf8_cut(text, sizeof e->text - 1)] = '\0';
	utf8_mend(text);
	e->code = code;
	memcpy(e->text, text, strlen(text) + 1);
	return code;
}
