/* A report as files: reports/RUN/report.json, report.vi.txt, report.en.txt; a later revision N
 * beside them as report.rN.* ; documents for print as minutes.vi.pdf and so on. The same run,
 * revision and seal always give the same bytes. */
#ifndef TD_PAPER_H
#define TD_PAPER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/faults.h"
#include "run.h"
#include "workspace.h"

struct letterhead;
struct journal_reader;
struct story_report;

/* form: "json" or "text"; lang for text. Pure. */
void paper_form(const struct run *r, int revision, const char *seal, const char *form,
	const char *lang, struct buf *out);
/* The same; the sheet of a site with its own history: what was sealed before this report's row, of
 * the year before the run. */
enum err paper_document_of(struct journal_reader *j, const struct run *r,
	const struct story_report *report, const struct letterhead *l, const char *kind,
	const char *format, const char *lang, struct buf *out, struct err_text *e);
/* letterhead.xml of the workspace; without one, or with a faulty one (named in faults), the
 * default. On the arena. */
const struct letterhead *paper_letterhead(
	const struct workspace *w, struct arena *a, struct faults *faults);
/* The documents that the playbook's report step names formats for, beside report.json: minutes (not
 * of a session), attendance, consolidated, in the run's language. A file that exists stays as it
 * is. The first error; the others are written all the same. */
enum err paper_documents(const struct run *r, const char *dir, int revision, const char *seal,
	const struct letterhead *l, struct err_text *e);
struct sign_key;
/* The result signed for another office (exchange.h); from: our name. */
enum err paper_signed(const struct run *r, int revision, const char *seal, const char *from,
	const struct sign_key *k, struct buf *out, struct err_text *e);
/* report.signed.json, where the workspace has a key; without one nothing is written. */
enum err paper_write_signed(const struct run *r, const char *dir, int revision, const char *seal,
	const struct workspace *w, struct err_text *e);
/* The sheet of each site as PDF, with its history, in the run's language, as sheets/ID.vi.pdf below
 * dir. A file that exists stays. Ends with ERR_CANCELED between two once cancel_fd is readable (-1:
 * never). */
enum err paper_sheets(struct journal_reader *j, const struct run *r,
	const struct story_report *report, const struct letterhead *l, const char *dir,
	int cancel_fd, struct err_text *e);
/* Where a document lies as PDF, if it was written. On the arena. */
const char *paper_document_path(
	struct arena *a, const char *dir, const char *kind, int revision, const char *lang);
/* "minutes.vi.pdf", "minutes.r2.vi.pdf". On the arena. */
const char *paper_document_name(
	struct arena *a, const char *kind, int revision, const char *lang, const char *format);
/* Writes what is not there yet, durably; a file that exists stays as it is. dir: reports/RUN, made
 * if needed. */
enum err paper_write(
	const struct run *r, const char *dir, int revision, const char *seal, struct err_text *e);
/* "report.json", "report.r2.vi.txt". On the arena. */
const char *paper_name(struct arena *a, int revision, const char *suffix);
/* Sites that are as they should be, of how many. */
void paper_count(const struct run *r, size_t *out_good, size_t *out_expected);

#endif
