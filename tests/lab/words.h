/* One line of a scenario as words, and the taking of values from them; a wrong word is a fault with
 * its line. */
#ifndef TD_LAB_WORDS_H
#define TD_LAB_WORDS_H

#include "scenario.h"

enum { WORDS_MAX = 96 };

struct words {
	struct arena *arena;
	const char *file;
	int line;
	struct faults *faults;
	struct scenario *out; /* what is being filled */
	char *words[WORDS_MAX];
	int n, i; /* words of this line; the next one */
};

#define WRONG(r, ...) faults_add((r)->faults, (r)->file, (r)->line, __VA_ARGS__)

/* Cuts a line into words; '#' ends it, "quoted" words may hold blanks. */
void words_split(struct words *r, char *line);
/* The next word without taking it, or NULL. */
const char *words_peek(const struct words *r);
/* The next word; `after` names what wants it. NULL: there is none, said. */
const char *words_want(struct words *r, const char *after);
int64_t words_want_ms(struct words *r, const char *after);
int words_want_int(struct words *r, const char *after, int min, int max);
/* A number with a unit glued to it: 4%, -38dB. */
double words_want_unit(
	struct words *r, const char *after, const char *unit, double min, double max);
/* "WORD +A [BACK +B]" */
void words_span(struct words *r, struct spans *s, const char *word, const char *back);
/* scheme://host[:port][/...]; false: not one. */
bool words_url(struct arena *a, const char *url, const char *scheme, const char **host, int *port);
/* The rest of a line that begins with "mcu" (scenario_mcu.c). */
void scenario_mcu(struct words *r);

#endif
