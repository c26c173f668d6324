/* Recognizes sentences that were made from the formats of orchestrator/po, and says them in
 * another language.
 *
 * Called by the command line for whatever went wrong, and by the live views and documents for the
 * reasons they show. It owns nothing and keeps nothing; its work is bounded by the length of a
 * sentence. It must never be applied to what goes into the journal, a log or JSON, and never guess:
 * a part that fits no format stays in the words it came in. */
#include "sentence.h"

#include "base/str.h"
#include "text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEEPEST = 6, /* sentences within sentences */
	CAPTURES_MOST = 10,
	LONGEST = 4096,	   /* bytes of a sentence that is looked at */
	LETTERS_LEAST = 4, /* of its own, so that a format of directives fits nothing */
	STEPS_MOST = 20000,
	LOOKS_MOST = 200,
};

struct span {
	const char *at;
	size_t n;
	bool words; /* of a %s: may be a sentence itself */
};

struct match {
	const char *format; /* from its beginning */
	struct span captures[CAPTURES_MOST];
	size_t n;
	int steps;
};

/* The directive at p, behind its '%': how long, and what it takes: 's', 'u' or 'x' for numbers, '%'
 * itself. */
static size_t
directive(const char *p, char *out_kind)
{
	const char *from = p;
	p += strspn(p, "0123456789$+-. #'*");
	p += strspn(p, "hlzjt");
	*out_kind = !*p ? '\0' : strchr("di", *p) ? 'u' : strchr("%ux", *p) ? *p : 's';
	return (size_t)(p - from) + (*p != '\0');
}

static size_t
digits(const char *text, const char *end, const char *which)
{
	const char *from = text + (text < end && *text == '-'), *p = from;
	while (p < end && *p && strchr(which, *p))
		p++;
	return p > from ? (size_t)(p - text) : 0;
}

/* Does the text up to `end` come from this format? */
static bool
fits(const char *format, const char *text, const char *end, struct match *m)
{
	if (++m->steps > STEPS_MOST)
		return false;
	for (; *format; text++) {
		char kind = '\0';
		size_t skip = 1;
		if (*format == '%')
			skip += directive(format + 1, &kind);
		if (kind && kind != '%') {
			size_t most = kind == 's'   ? (size_t)(end - text)
				      : kind == 'u' ? digits(text, end, "0123456789")
						    : digits(text, end, "0123456789abcdef");
			if (m->n == CAPTURES_MOST || (kind != 's' && !most))
				return false;
			size_t at = m->n;
			/* A number takes all its digits, and the last word all; others as little as
			 * they can. Only what may be left out, a hint behind a word, is nothing. */
			size_t least = format == m->format || format[-1] == ' ';
			size_t n = kind != 's' || !format[skip] ? most : least;
			for (; n >= least && n <= most; n++) {
				m->captures[at] = (struct span){ text, n, kind == 's' };
				m->n = at + 1;
				if (fits(format + skip, text + n, end, m))
					return true;
			}
			m->n = at;
			return false;
		}
		if (text == end || *text != *format)
			return false;
		format += skip;
	}
	return text == end;
}

/* Letters of a format's own. A text without directives counts only if it is more than a word. */
static size_t
own_letters(const char *format)
{
	size_t n = 0;
	bool more = strchr(format, ' ') || strchr(format, '%');
	for (const char *p = format; *p; p++) {
		char kind;
		if (*p == '%')
			p += directive(p + 1, &kind);
		else
			n += str_is_alnum(*p) && !(*p >= '0' && *p <= '9');
	}
	return more ? n : 0;
}

static const struct text_entry *
find_format(const struct text_language *l, const char *text, size_t n, struct match *out)
{
	const struct text_entry *best = NULL;
	size_t best_letters = LETTERS_LEAST - 1;
	for (unsigned i = 0; i < l->n; i++) {
		const char *format = l->at[i].msgid;
		size_t letters;
		struct match m = { .format = format };
		if ((*format != '%' && *format != *text) ||
			(letters = own_letters(format)) <= best_letters ||
			!fits(format, text, text + n, &m))
			continue;
		best = &l->at[i];
		best_letters = letters;
		*out = m;
	}
	return best;
}

struct saying {
	const struct text_language *l;
	int looks; /* how many more parts are looked at, all depths together */
	int depth;
};

static bool put(struct saying *s, const char *text, size_t n, struct buf *out);

/* The translation, with what was taken where the format says. */
static void
put_format(struct saying *s, const struct text_entry *e, const struct match *m, struct buf *out)
{
	size_t next = 0;
	for (const char *p = e->text; *p; p++) {
		char kind, *dollar;
		if (*p != '%') {
			buf_putc(out, *p);
			continue;
		}
		size_t skip = directive(p + 1, &kind), which = next;
		long number = strtol(p + 1, &dollar, 10);
		if (*dollar == '$' && number > 0)
			which = (size_t)number - 1;
		else
			next += kind != '%';
		if (kind == '%')
			buf_putc(out, '%');
		else if (which < m->n && m->captures[which].words)
			put(s, m->captures[which].at, m->captures[which].n, out);
		else if (which < m->n)
			buf_add(out, m->captures[which].at, m->captures[which].n);
		p += skip;
	}
}

/* Parted at a mark, which may have a translation of its own. False: no part is ours. */
static bool
put_parts(struct saying *s, const char *text, size_t n, const char *mark, struct buf *out)
{
	size_t m = strlen(mark), from = 0;
	const char *mark_there = text_get(s->l->lang, mark), *p;
	while ((p = memmem(text + from, n - from, mark, m))) {
		struct buf head = { 0 }, tail = { 0 };
		size_t before = (size_t)(p - text);
		bool found = put(s, text, before, &head);
		found = put(s, p + m, n - before - m, &tail) || found || mark_there != mark;
		if (found) {
			buf_puts(out, buf_str(&head));
			buf_puts(out, mark_there);
			buf_puts(out, buf_str(&tail));
		}
		buf_free(&head);
		buf_free(&tail);
		if (found)
			return true;
		from = before + m;
	}
	return false;
}

/* What the system says, which is met every day behind a colon. Only its marks are needed. */
static const char *const of_the_system[] __attribute__((unused)) = { T("No space left on device"),
	T("Permission denied"), T("No such file or directory"), T("Connection refused"),
	T("Is a directory"), T("No route to host"), T("Network is unreachable"),
	T("Disk quota exceeded"), T("Read-only file system"), T("Not a directory"),
	T("Too many open files"), T("Connection timed out"), T("Address already in use"),
	T("Input/output error"), T("Failed to connect to %s port %d after %d ms: %s"),
	T("Could not resolve host: %s"), T("Couldn't connect to server"),
	T("database or disk is full"), T("disk I/O error"),
	T("attempt to write a readonly database"), T("Could not connect to server") };

/* How adapters begin what they say; the device's own words follow and stay. Only for the marks. */
static const char *const of_adapters[] __attribute__((unused)) = { T("log in to %s: %s"),
	T("log in to %s: HTTP status %d"), T("dial %s on %s: %s"), T("open %s on %s: %s"),
	T("find %s on %s: %s"), T("%s: not logged in"), T("hang up on %s: %s"), T("probe %s: %s"),
	T("mute %s on %s: %s"), T("this address cannot be dialled"), T("no such conference"),
	T("the device closed the connection twice"), T("not in the conference"),
	T("the device did not keep the order") };

/* False: it went out as it came. */
static bool
put(struct saying *s, const char *text, size_t n, struct buf *out)
{
	struct match m;
	bool done = false;
	if (n && n <= LONGEST && s->depth < DEEPEST && s->looks-- > 0) {
		const struct text_entry *e = find_format(s->l, text, n, &m);
		s->depth++;
		if (e)
			put_format(s, e, &m, out);
		done = e || put_parts(s, text, n, T(", perhaps "), out) ||
		       put_parts(s, text, n, "; ", out) || put_parts(s, text, n, ": ", out) ||
		       put_parts(s, text, n, "> ", out);
		s->depth--;
	}
	if (!done)
		buf_add(out, text, n);
	return done;
}

void
sentence_put(struct buf *out, const char *lang, const char *english)
{
	struct saying s = { .l = text_languages, .looks = LOOKS_MOST };
	while (s.l->lang && !str_eq(s.l->lang, lang ? lang : "en"))
		s.l++;
	if (s.l->lang && !str_eq(s.l->lang, "en"))
		put(&s, english, strlen(english), out);
	else
		buf_puts(out, english);
}

const char *
sentence_say(struct arena *a, const char *lang, const char *english)
{
	struct buf b = { 0 };
	if (!english)
		return NULL;
	sentence_put(&b, lang, english);
	const char *said = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return said;
}

void
sentence_faults(const struct faults *f, const char *lang, struct buf *out)
{
	struct faults said = *f;
	said.at = arena_alloc(f->arena, (f->n ? f->n : 1) * sizeof *said.at);
	for (size_t i = 0; i < f->n; i++) {
		said.at[i] = f->at[i];
		said.at[i].text = sentence_say(f->arena, lang, f->at[i].text);
	}
	faults_print(&said, out);
}
