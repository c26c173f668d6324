/* A report as files: reports/RUN/report.json, report.vi.txt, report.en.txt; a later revision N beside them as report.rN.* .
 * The same run, revision and seal always give the same bytes. */
#ifndef TD_PAPER_H
#define TD_PAPER_H

#include "base/buf.h"
#include "base/err.h"
#include "run.h"

/* form: "json" or "text"; lang for text. Pure. */
void paper_form(const struct run *r, int revision, const char *seal, const char *form, const char *lang, struct buf *out);
/* Writes what is not there yet, durably; a file that exists stays as it is. dir: reports/RUN, made if needed. */
enum err paper_write(const struct run *r, const char *dir, int revision, const char *seal, struct err_text *e);
/* "report.json", "report.r2.vi.txt". On the arena. */
const char *paper_name(struct arena *a, int revision, const char *suffix);
/* Sites that are as they should be, of how many. */
void paper_count(const struct run *r, size_t *out_good, size_t *out_expected);

#endif
