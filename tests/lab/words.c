/* Words of a scenario line. Called by scenario.c and scenario_mcu.c. Owns nothing: all on the
 * reader's arena. Must never guess: what is not a figure of the wanted kind is a fault. */
#include "words.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE = 60 * 1000 };

bool
scenario_duration(const char *word, int64_t *out_ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", MINUTE }, { "h", 60.0 * MINUTE } };
	char *end;
	errno = 0;
	double v = strtod(word, &end);
	if (end == word || errno || v > 1e7 || v < -1e7)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_eq(end, units[i].unit)) {
			*out_ms = (int64_t)(v * units[i].ms);
			return true;
		}
	return false;
}

void
words_split(struct words *r, char *line)
{
	r->n = r->i = 0;
	for (char *p = line; *p;) {
		p += strspn(p, " \t\r");
		if (!*p || *p == '#')
			return;
		if (r->n == WORDS_MAX) {
			WRONG(r, "more than %d words", WORDS_MAX);
			return;
		}
		char *end;
		if (*p == '"') {
			end = strchr(++p, '"');
			if (!end) {
				WRONG(r, "a quote is never closed: \"%s", p);
				return;
			}
		} else {
			end = p + strcspn(p, " \t\r");
		}
		bool last = *end == '\0';
		r->words[r->n++] = arena_strndup(r->arena, p, (size_t)(end - p));
		p = last ? end : end + 1;
	}
}

const char *
words_peek(const struct words *r)
{
	return r->i < r->n ? r->words[r->i] : NULL;
}

const char *
words_want(struct words *r, const char *after)
{
	const char *w = words_peek(r);
	if (!w)
		WRONG(r, "\"%s\" wants a word after it", after);
	else
		r->i++;
	return w;
}

int64_t
words_want_ms(struct words *r, const char *after)
{
	const char *w = words_want(r, after);
	int64_t ms = 0;
	if (w && !scenario_duration(w, &ms))
		WRONG(r, "\"%s\" after \"%s\" is not a duration such as 20s, +18m or 1h", w, after);
	return ms;
}

int
words_want_int(struct words *r, const char *after, int min, int max)
{
	const char *w = words_want(r, after);
	int64_t v = min;
	if (w && !str_to_int(w, min, max, &v))
		WRONG(r, "\"%s\" after \"%s\" is not a number from %d to %d", w, after, min, max);
	return (int)v;
}

double
words_want_unit(struct words *r, const char *after, const char *unit, double min, double max)
{
	const char *w = words_want(r, after);
	if (!w)
		return 0;
	char *end;
	double v = strtod(w, &end);
	if (end == w || !str_eq_nocase(end, unit) || v < min || v > max) {
		WRONG(r, "\"%s\" after \"%s\" is not a figure from %g%s to %g%s", w, after, min,
			unit, max, unit);
		return 0;
	}
	return v;
}

void
words_span(struct words *r, struct spans *s, const char *word, const char *back)
{
	struct span sp = { words_want_ms(r, word), INT64_MAX };
	if (words_peek(r) && str_eq(words_peek(r), back)) {
		r->i++;
		sp.to = words_want_ms(r, back);
		if (sp.to <= sp.from)
			WRONG(r, "%s comes before %s", back, word);
	}
	if (s->n == LAB_SPANS)
		WRONG(r, "more than %d times \"%s\" for one device", LAB_SPANS, word);
	else
		s->at[s->n++] = sp;
}

bool
words_url(struct arena *a, const char *url, const char *scheme, const char **host, int *port)
{
	size_t n = strlen(scheme);
	if (strncmp(url, scheme, n) != 0)
		return false;
	const char *h = url + n;
	size_t len = strcspn(h, ":/");
	if (!len)
		return false;
	*host = arena_strndup(a, h, len);
	if (h[len] != ':')
		return h[len] == '\0' || h[len] == '/';
	char *digits = arena_strndup(a, h + len + 1, strcspn(h + len + 1, "/"));
	int64_t v;
	if (!str_to_int(digits, 1, 65535, &v))
		return false;
	*port = (int)v;
	return true;
}
