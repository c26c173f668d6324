/* The table of kinds and formats, and the call that writes a document.
 *
 * Called by `report` and by whoever writes or sends reports. Owns the arena in which a document is
 * built and gives it back. It must never leave half a document in the caller's buffer. */
#include "report/documents.h"

#include "base/str.h"
#include "report/period.h"
#include "text.h"

#include <string.h>

/* This is everything we write. */
const struct document_kind document_kinds[] = {
	{ "minutes", false, minutes_build },
	{ "attendance", false, attendance_build },
	{ "site", true, sheet_build },
	{ "consolidated", false, consolidated_build },
	{ 0 },
};

const struct document_format document_formats[] = {
	{ "html", html_write },
	{ "csv", csv_write },
	{ "xlsx", xlsx_write },
	{ "pdf", pdf_write },
	{ 0 },
};

/* For the terminal; not among those that are kept or sent. Ends with run, revision and seal. */
static enum err
text_write_plain(const struct document *d, struct buf *out, struct err_text *e)
{
	struct buf clean = { 0 };
	(void)e;
	plain_write(d, 0, out);
	buf_printf(out, "\n%s\n", document_clean(&clean, d->origin));
	buf_free(&clean);
	return OK;
}
static const struct document_format as_text = { "text", text_write_plain };

static const char *
after_colon(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon ? colon + 1 : NULL;
}

const struct document_kind *
document_kind(const char *name)
{
	size_t n = name ? strcspn(name, ":") : 0;
	for (const struct document_kind *k = document_kinds; name && k->name; k++)
		if (strlen(k->name) == n && memcmp(k->name, name, n) == 0)
			return k->of_site ? str_empty(after_colon(name)) ? NULL : k
					  : after_colon(name) ? NULL
							      : k;
	return NULL;
}

const struct document_format *
document_format(const char *name)
{
	for (const struct document_format *f = document_formats; f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}

static const struct report_site *
site_of(const struct report *r, const char *id)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq_nocase(r->sites[i].spec->id, id))
			return &r->sites[i];
	return NULL;
}

static enum err
write_with(const struct document_kind *k, const struct document_format *f, const struct report *r,
	const struct letterhead *letterhead, const struct report_site *site, const char *lang,
	struct buf *out, struct err_text *e)
{
	struct arena *a = arena_new();
	size_t before = out->n;
	enum err code = f->write(k->build(r, letterhead, site, lang, a), out, e);
	if (code != OK && out->n > before) {
		out->n = before;
		out->at[before] = '\0';
	}
	arena_free(a);
	return code;
}

enum err
documents_write(const struct report *r, const struct letterhead *letterhead, const char *kind,
	const char *format, const char *lang, struct buf *out, struct err_text *e)
{
	const struct document_kind *k = document_kind(kind);
	const struct document_format *f =
		str_eq(format, "text") ? &as_text : document_format(format);
	const struct report_site *site = NULL;
	if (!k)
		return err_set(e, ERR_INPUT,
			T("document %s: unknown, there are minutes, attendance, site:ID, "
			  "consolidated"),
			kind ? kind : "");
	if (!f)
		return err_set(e, ERR_INPUT,
			T("format %s: unknown, there are text, html, csv, xlsx, pdf"),
			format ? format : "");
	if (k->of_site && !(site = site_of(r, after_colon(kind))))
		return err_set(
			e, ERR_INPUT, T("document %s: no such site in run %s"), kind, r->spec->id);
	return write_with(k, f, r, letterhead, site, lang, out, e);
}
