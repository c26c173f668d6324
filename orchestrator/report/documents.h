/* The documents of a run: which kinds there are, in which formats, and the one call that writes
 * one. Pure but for the fonts that PDF reads and the unnamed file that XLSX is zipped in. */
#ifndef TD_REPORT_DOCUMENTS_H
#define TD_REPORT_DOCUMENTS_H

#include "report/document.h"

struct document_kind {
	const char *name; /* "minutes" "attendance" "site" "consolidated" */
	bool of_site;	  /* written as "site:ID" */
	/* site NULL unless of_site */
	struct document *(*build)(const struct report *r, const struct letterhead *l,
		const struct report_site *site, const char *lang, struct arena *a);
};
extern const struct document_kind document_kinds[]; /* name NULL ends */

struct document_format {
	const char *name; /* "html" "csv" "xlsx" "pdf"; also the file's ending */
	enum err (*write)(const struct document *d, struct buf *out, struct err_text *e);
};
extern const struct document_format document_formats[]; /* name NULL ends */

const struct document_kind *document_kind(const char *name); /* "site:ID" as well; or NULL */
const struct document_format *document_format(const char *name); /* or NULL */

/* Appends one document to out. letterhead NULL = the default one. kind: a name of document_kinds,
 * "site:ID" for one site. format: a name of document_formats, or "text" for a terminal. lang "vi"
 * or "en". e may be NULL. The same report gives the same bytes.
 * ERR_INPUT: no such kind, format or site; ERR_SYSTEM: no font with Vietnamese letters, no room for
 * the file. Nothing is appended then. */
enum err documents_write(const struct report *r, const struct letterhead *letterhead,
	const char *kind, const char *format, const char *lang, struct buf *out,
	struct err_text *e);

/* Builders. */
struct document *minutes_build(const struct report *r, const struct letterhead *l,
	const struct report_site *site, const char *lang, struct arena *a);
struct document *attendance_build(const struct report *r, const struct letterhead *l,
	const struct report_site *site, const char *lang, struct arena *a);
struct document *sheet_build(const struct report *r, const struct letterhead *l,
	const struct report_site *site, const char *lang, struct arena *a);
struct document *consolidated_build(const struct report *r, const struct letterhead *l,
	const struct report_site *site, const char *lang, struct arena *a);

/* Writers: append to out. */
enum err html_write(const struct document *d, struct buf *out, struct err_text *e);
enum err csv_write(const struct document *d, struct buf *out, struct err_text *e);
enum err xlsx_write(const struct document *d, struct buf *out, struct err_text *e);
enum err pdf_write(const struct document *d, struct buf *out, struct err_text *e);

#endif
