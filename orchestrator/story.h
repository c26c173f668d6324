/* A run told again from its journal: the same spec and the same events give the same state, orders
 * and verdicts. For a restart, for `report` and for `replay`. */
#ifndef TD_STORY_H
#define TD_STORY_H

#include "journal.h"
#include "run.h"

struct story_report { /* a report row */
	int revision;
	int64_t seq, at;   /* of its row: the report tells the rows before */
	char seal[65];     /* hash of the row before it */
	char sha256[65];   /* of the JSON form */
};

struct story {
	struct arena *arena; /* of the spec */
	struct spec *spec;
	struct run *run;
	int64_t last_seq;
	char last_hash[65];
	VEC(struct story_report) reports; /* all there are, whatever the limit */
	size_t events, orders;
	size_t differences;  /* orders that came out otherwise than they were kept */
	char difference[400]; /* the first of them */
};

/* Rows up to and including `upto` (0 = all) are told. ERR_GONE: no such run. ERR_PROTOCOL: a row
 * that cannot be read; the sentence says which. Caller frees with story_free(), also after an
 * error. */
enum err story_read(struct journal_reader *r, const char *run, int64_t upto, struct story *out,
	struct err_text *e);
/* Its report rows alone: nothing is told again. Errors and freeing as above. */
enum err story_reports(
	struct journal_reader *r, const char *run, struct story *out, struct err_text *e);
void story_free(struct story *s);
/* The run id that RUN means: an id, a unique prefix, or "last". ERR_INPUT with the candidates. On
 * the arena. */
enum err story_find(struct journal_reader *r, const char *word, struct arena *a, const char **out,
	struct err_text *e);

#endif
