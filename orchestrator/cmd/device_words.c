/* Words about a device that several verbs say alike: what it is, and what a person may do when it
 * does not answer as it should.
 *
 * Called by `devices` and `device test`. Owns nothing. It must never guess: where nothing is known
 * to help, nothing is said. */
#include "cmd/cmd.h"

#include "base/str.h"
#include "base/vis.h"
#include "text.h"

const char *
cmd_device_is(const char *vendor, const char *model, const char *software, const char *serial,
	struct arena *a)
{
	struct buf b = { 0 };
	/* "Cisco Cisco Meeting Server": many a model begins with its maker. */
	const char *const words[] = { str_starts(model, vendor) ? "" : vendor, model, software };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i][0])
			buf_printf(&b, "%s%s", b.n ? " " : "", words[i]);
	if (serial[0])
		buf_printf(&b, "%s#%s", b.n ? " " : "", serial);
	const char *text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

void
cmd_device_hint(
	struct buf *out, const char *lang, const char *device, enum err code, const char *word)
{
	struct buf name = { 0 };
	vis_terminal(&name, device);
	const char *n = buf_str(&name);
	if (code != ERR_AUTH)
		;
	else if (str_eq(word, "host-key-changed") || str_eq(word, "bad-certificate"))
		text_printf(out, lang,
			T("%s shows another key: where the box was exchanged on purpose, correct "
			  "its pin, or with the daemon running `tongduyet devices pardon %s`\n"),
			n, n);
	else
		text_printf(out, lang,
			T("%s refused us: correct user and password in secrets.xml (many devices "
			  "lock after a few wrong ones); if they are right, with the daemon "
			  "running `tongduyet devices pardon %s`\n"),
			n, n);
	buf_free(&name);
}
