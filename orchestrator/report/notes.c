/* What a note of a run says, in the reader's language.
 *
 * Called by say.c, the letter and the live view. A run notes what happened in one English sentence,
 * because journal and data keep that; here the sentences that are ours are said in the language
 * asked for, and what a device, a file or a library said is quoted as it stands. Owns nothing but
 * tables. It must never drop a part of a note, nor translate a person's words. */
#include "report/notes.h"

#include "report/words.h"

#include "base/instant.h"
#include "base/str.h"
#include "sentence.h"
#include "text.h"

#include <string.h>

enum { HOLES = 4, HOLE_SIZE = 1024 };

/* Each stands for a run_note() of run*.c, or a reason of coordinator_plan.c; %s is what they put
 * in. The first that fits is taken. */
static const char *const sentences[] = {
	T("the end of the trial was never announced"),
	T("not announced by its latest instant"),
	T("given at its latest instant, before every site was verified and called"),
	T("the program was started again during the run"),
	T("no tone can be played on these MCUs"),
	T("some of these MCUs play no tone"),
	T("no silent round, levels under mute are not told by these MCUs"),
	T("no silent round, the text could not be shown"),
	T("not done by this version"),
	T("a drill informs nobody"),
	T("the session begins"),
	T("held, and never released"),
	T("%s is not connected"),
	T("no site \"%s\" in this run"),
	T("%s answers again"),
	T("begun %s s after the planned instant"),
	T("%s: a second leg was hung up"),
	T("%s: muted on the MCU"),
	T("%s: unmuted on the MCU"),
	T("%s: it reaches none of its sites, although their codecs answer us"),
	T("stopped by %s: %s"),
	T("stopped by %s"),
	T("it came into the calendar after its start at %s; %s at %s stands for it"),
	T("it came into the calendar after its start at %s"),
	T("the machine slept at %s"),
	T("the clock was set forward over %s"),
	T("the program was not running at %s"),
};

/* Those whose text is "NAME: what a device or a library said". */
static const char *const told[] = { "mcu-login-refused", "login-refused", "mcu-busy",
	"mcu-unreachable", "mcu-unusable", "bad-certificate", "host-key-changed", "conference-gone",
	"conference-not-ended", "hangup-failed", "unmute-failed", "dial-refused",
	"endpoint-refused", "endpoint-unusable" };

static bool
is_told(const char *kind)
{
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (str_eq(told[i], kind))
			return true;
	return false;
}

/* False: it would not fit whole. */
static bool
copy_n(char *out, size_t size, const char *text, size_t n)
{
	if (n >= size)
		return false;
	memcpy(out, text, n);
	out[n] = '\0';
	return true;
}

/* text = pattern with its %s filled in, and what filled them. */
static bool
fits(const char *pattern, const char *text, char hole[HOLES][HOLE_SIZE])
{
	int n = 0;
	for (;;) {
		const char *gap = strstr(pattern, "%s");
		size_t plain = gap ? (size_t)(gap - pattern) : strlen(pattern);
		if (strncmp(text, pattern, plain) != 0)
			return false;
		text += plain;
		if (!gap)
			return !*text;
		pattern = gap + 2;
		const char *next = strstr(pattern, "%s");
		char until[128];
		if (!copy_n(until, sizeof until, pattern,
			    next ? (size_t)(next - pattern) : strlen(pattern)))
			return false;
		const char *end = *until ? strstr(text, until) : text + strlen(text);
		if (n == HOLES || !end || end == text ||
			!copy_n(hole[n++], HOLE_SIZE, text, (size_t)(end - text)))
			return false;
		text = end;
	}
}

/* An instant as people write it. */
static void
fill(const char *lang, char hole[HOLE_SIZE])
{
	int64_t at;
	char when[24];
	if (strchr(hole, 'T') && instant_parse(hole, &at))
		str_copy(hole, HOLE_SIZE, words_stamp(lang, at, when, sizeof when));
}

/* The %s of a translation are those of its key, in its order: tests/unit/text. */
static void
put_filled(struct buf *out, const char *lang, const char *pattern, char hole[HOLES][HOLE_SIZE])
{
	const char *gap;
	for (int k = 0; k < HOLES && (gap = strstr(pattern, "%s")); k++, pattern = gap + 2) {
		buf_add(out, pattern, (size_t)(gap - pattern));
		sentence_put(out, lang, hole[k]);
	}
	buf_puts(out, pattern);
}

static bool
put_sentence(struct buf *out, const char *lang, const char *text)
{
	char hole[HOLES][HOLE_SIZE];
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
		memset(hole, 0, sizeof hole);
		if (!fits(sentences[i], text, hole))
			continue;
		for (int k = 0; k < HOLES; k++)
			fill(lang, hole[k]);
		put_filled(out, lang, text_get(lang, sentences[i]), hole);
		return true;
	}
	return false;
}

/* "contact" "chief" "provider" "department" "upper"; another word stands as it is. */
const char *
notes_role(const char *lang, const char *role)
{
	static const struct text_word words[] = { { "contact", T("technical contact") },
		{ "chief", T("chief of the site") },
		{ "provider", T("telecommunications provider") }, { "department", T("department") },
		{ "upper", T("the level above") }, { 0 } };
	return text_word(lang, words, role);
}

/* "contact provider" */
static void
put_roles(struct buf *out, const char *lang, const char *roles)
{
	const char *p = roles;
	while (*p) {
		char role[64];
		size_t n = strcspn(p, " ,;");
		if (n && copy_n(role, sizeof role, p, n))
			buf_printf(out, "%s%s", p == roles ? "" : ", ", notes_role(lang, role));
		p += n;
		p += strspn(p, " ,;");
	}
}

void
notes_quote(struct buf *out, const char *lang, const char *text)
{
	text_printf(out, lang, T("\"%s\""), text);
}

/* What was ordered or asked of a device. */
static const char *
say_verb(const char *lang, const char *verb)
{
	static const struct text_word words[] = { { "start", T("open a conference") },
		{ "find", T("look for the conference") }, { "dial", T("call a site") },
		{ "hangup", T("hang up a site") }, { "end", T("end the conference") },
		{ "mute", T("close or open microphones") }, { "layout", T("set the layout") },
		{ "focus", T("put a site into the picture") },
		{ "message", T("show a text on the screens") }, { "play", T("play a sound") },
		{ "roster", T("tell who is connected") },
		{ "media", T("tell figures of sound and "
			     "picture") },
		{ "reason", T("tell why a connection ended") },
		{ "history", T("tell its past calls") }, { "status", T("tell its state") },
		{ "identify", T("tell what it is") }, { "probe", T("tell what it is") }, { 0 } };
	return text_word(lang, words, verb);
}

/* NAME: mute: what was said. */
static void
put_order(struct buf *out, const char *lang, const char *rest)
{
	char verb[32];
	const char *colon = strstr(rest, ": ");
	size_t n = colon ? (size_t)(colon - rest) : strlen(rest);
	if (!copy_n(verb, sizeof verb, rest, n) || str_eq(say_verb(lang, verb), verb)) {
		text_printf(out, lang, T(" (told: \"%s\")"), rest);
		return;
	}
	buf_printf(out, ": %s", say_verb(lang, verb));
	if (colon)
		text_printf(out, lang, T(" (told: \"%s\")"), colon + 2);
}

static void
put_span(struct buf *out, const char *lang, const char *text)
{
	char a[INSTANT_SIZE], from[24], to[24];
	int64_t x, y;
	const char *dash = strstr(text, " - ");
	if (dash && copy_n(a, sizeof a, text, (size_t)(dash - text)) && instant_parse(a, &x) &&
		instant_parse(dash + 3, &y))
		text_printf(out, lang, T("from %s to %s"), words_stamp(lang, x, from, sizeof from),
			words_stamp(lang, y, to, sizeof to));
	else
		buf_puts(out, text);
}

/* "playbook step: sentence" */
static const char *
put_step(struct buf *out, const char *lang, const char *text)
{
	for (int k = 0; k < STEP_N; k++) {
		const char *step = step_name(k);
		size_t n = strlen(step);
		if (str_starts(text, step) && strncmp(text + n, ": ", 2) == 0) {
			buf_printf(out, "%s: ", words_step(lang, step));
			return text + n + 2;
		}
	}
	return text;
}

static bool
put_not_sent(struct buf *out, const char *lang, const char *text)
{
	static const char before[] = "not sent to ", after[] = ", kept in the reports folder";
	char roles[256];
	if (!str_starts(text, before) || !str_ends(text, after) ||
		strlen(text) < sizeof before + sizeof after - 1 ||
		!copy_n(roles, sizeof roles, text + sizeof before - 1,
			strlen(text) - (sizeof before - 1) - (sizeof after - 1)))
		return false;
	struct buf to = { 0 };
	put_roles(&to, lang, roles);
	text_printf(out, lang, T("not sent to: %s; kept in the reports folder"), buf_str(&to));
	buf_free(&to);
	return true;
}

void
notes_say(struct buf *out, const char *lang, const char *kind, const char *text)
{
	const char *colon = strstr(text, ": ");
	bool order = str_eq(kind, "order-failed") || str_eq(kind, "unsupported");
	if (str_eq(kind, "input")) {
		struct buf said = { 0 };
		sentence_put(&said, lang, text);
		notes_quote(out, lang, buf_str(&said));
		buf_free(&said);
	} else if (str_eq(kind, "clock-set") || str_eq(kind, "sleep")) {
		put_span(out, lang, text);
	} else if (colon && str_eq(kind, "escalated")) {
		char roles[256];
		if (copy_n(roles, sizeof roles, text, (size_t)(colon - text)))
			put_roles(out, lang, roles);
		buf_puts(out, colon);
	} else if (colon && (is_told(kind) || order)) {
		buf_add(out, text, (size_t)(colon - text));
		if (order)
			put_order(out, lang, colon + 2);
		else
			text_printf(out, lang, T(" (told: \"%s\")"), colon + 2);
	} else {
		text = str_eq(kind, "step-not-done") ? put_step(out, lang, text) : text;
		if (!put_not_sent(out, lang, text) && !put_sentence(out, lang, text))
			sentence_put(out, lang, text);
	}
}

const char *
notes_own_words(const char *lang, const char *words)
{
	static const char *const own[] = { T("its codec is in no call"), T("never ended"),
		T("up on another MCU"), T("no longer listed"), T("conference ended"),
		T("conference gone") };
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (str_eq(own[i], words))
			return text_get(lang, own[i]);
	return NULL;
}
