/* A document as a workbook: the letter on the first sheet, each table on a sheet of its own, the
 * presence as rows of instants.
 *
 * Called through documents_write(). Owns an unnamed file in memory, given back before it returns.
 * It must never write a text as a formula, and never the time of day: the same document gives the
 * same bytes. The only file that knows libxlsxwriter. */
#include "report/documents.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum {
	CELL_MAX = 32767,    /* characters Excel takes in a cell; bytes here, to be safe */
	SHEET_NAME_MAX = 31, /* characters */
	LETTER_COLUMNS = 2,
	POINTS_PER_LINE = 16,
	LETTER_WIDTH = 95, /* characters of both columns together */
	LABEL_WIDTH = 30,
};

struct book {
	const struct document *d;
	lxw_workbook *book;
	lxw_format *plain, *bold, *middle, *italic, *small, *title, *wrap, *head, *cell, *number,
		*sum;
	struct buf clean;
	int sheets;
};

static lxw_format *
format(struct book *b, bool bold, bool italic, uint8_t align, bool wrap, bool border)
{
	lxw_format *f = workbook_add_format(b->book);
	format_set_font_name(f, "Times New Roman");
	format_set_font_size(f, 12);
	if (bold)
		format_set_bold(f);
	if (italic)
		format_set_italic(f);
	if (align)
		format_set_align(f, align);
	format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
	if (wrap)
		format_set_text_wrap(f);
	if (border)
		format_set_border(f, LXW_BORDER_THIN);
	return f;
}

static void
make_formats(struct book *b)
{
	b->plain = format(b, false, false, 0, false, false);
	b->bold = format(b, true, false, 0, false, false);
	b->middle = format(b, true, false, LXW_ALIGN_CENTER, true, false);
	b->italic = format(b, false, true, 0, true, false);
	b->small = format(b, false, true, 0, false, false);
	b->title = format(b, true, false, LXW_ALIGN_CENTER, true, false);
	format_set_font_size(b->title, 14);
	b->wrap = format(b, false, false, 0, true, false);
	b->head = format(b, true, false, LXW_ALIGN_CENTER, true, true);
	format_set_bg_color(b->head, 0xEEEEEE);
	b->cell = format(b, false, false, 0, true, true);
	b->number = format(b, false, false, LXW_ALIGN_RIGHT, false, true);
	b->sum = format(b, true, false, 0, false, true);
}

static void
put(struct book *b, lxw_worksheet *s, uint32_t row, uint16_t column, const char *text,
	lxw_format *f)
{
	const char *shown = document_clean(&b->clean, text);
	size_t n = strlen(shown);
	if (n > CELL_MAX)
		b->clean.at[utf8_cut(shown, CELL_MAX)] = '\0';
	if (*shown)
		worksheet_write_string(s, row, column, shown, f);
	else
		worksheet_write_blank(s, row, column, f);
}

/* "3. Attendance": unique by its number, without the characters Excel refuses. */
static lxw_worksheet *
add_sheet(struct book *b, const char *title)
{
	char name[4 * SHEET_NAME_MAX + 1];
	struct buf whole = { 0 };
	buf_printf(&whole, "%d. %s", ++b->sheets, document_clean(&b->clean, title));
	str_copy(name, sizeof name, buf_str(&whole));
	buf_free(&whole);
	for (char *p = name; (p = strpbrk(p, "[]:*?/\\'")); p++)
		*p = ' ';
	while (utf8_width(name) > SHEET_NAME_MAX)
		name[utf8_cut(name, strlen(name) - 1)] = '\0';
	lxw_worksheet *s = workbook_add_worksheet(b->book, name);
	worksheet_set_paper(s, 9); /* A4 */
	return s;
}

/* Over both columns, as high as its text. */
static void
put_wide(struct book *b, lxw_worksheet *s, uint32_t row, const char *text, lxw_format *f)
{
	size_t lines = 1 + utf8_width(text) / LETTER_WIDTH;
	worksheet_merge_range(s, row, 0, row, LETTER_COLUMNS - 1, "", f);
	put(b, s, row, 0, text, f);
	worksheet_set_row(s, row, (double)(lines > 25 ? 25 : lines) * POINTS_PER_LINE, NULL);
}

static void
put_pair(struct book *b, lxw_worksheet *s, uint32_t row, const char *left, const char *right,
	lxw_format *f)
{
	if (!str_empty(left))
		put(b, s, row, 0, left, f);
	if (!str_empty(right))
		put(b, s, row, 1, right, f);
}

static uint32_t
put_head(struct book *b, lxw_worksheet *s)
{
	const struct document *d = b->d;
	uint32_t row = 0;
	put_pair(b, s, row++, d->above, d->state, b->middle);
	put_pair(b, s, row++, d->issuer, d->motto, b->middle);
	put_pair(b, s, row++, d->number, d->dated, b->italic);
	row++;
	put_wide(b, s, row++, d->title, b->title);
	put_wide(b, s, row++, d->subject, b->title);
	for (size_t i = 0; i < d->to.n; i++)
		put_pair(b, s, row++, i ? "" : d->to_label, d->to.at[i], b->plain);
	return row + 1;
}

static uint32_t
put_signatures(struct book *b, lxw_worksheet *s, uint32_t row)
{
	const struct document *d = b->d;
	row++;
	for (size_t i = 0; i < d->signatures.n; i++) {
		const struct document_signature *g = &d->signatures.at[i];
		uint16_t column = d->signatures.n == 1 || i % 2 ? 1 : 0;
		uint32_t at = row + (uint32_t)(i / 2) * 8;
		if (!str_empty(g->authority))
			put(b, s, at, column, g->authority, b->middle);
		put(b, s, at + 1, column, g->role, b->middle);
		if (!str_empty(g->note))
			put(b, s, at + 2, column, g->note, b->italic);
		if (!str_empty(g->name))
			put(b, s, at + 6, column, g->name, b->middle);
	}
	row += (uint32_t)((d->signatures.n + 1) / 2) * 8;
	for (size_t i = 0; i < d->copies.n; i++) {
		if (!i)
			put(b, s, row++, 0, d->copies_label, b->bold);
		struct buf line = { 0 };
		buf_printf(&line, "- %s", d->copies.at[i]);
		put(b, s, row++, 0, buf_str(&line), b->plain);
		buf_free(&line);
	}
	return row + 1;
}

static uint32_t
put_block(struct book *b, lxw_worksheet *s, uint32_t row, const struct block *k)
{
	struct buf line = { 0 };
	switch (k->kind) {
	case BLOCK_HEADING: put_wide(b, s, row++, k->text, b->bold); break;
	case BLOCK_PARAGRAPH: put_wide(b, s, row++, k->text, b->wrap); break;
	case BLOCK_NOTE: put_wide(b, s, row++, k->text, b->italic); break;
	case BLOCK_ITEM:
		buf_printf(&line, "%d. %s", k->number, k->text);
		put_wide(b, s, row++, buf_str(&line), b->wrap);
		break;
	case BLOCK_FACTS:
		for (size_t i = 0; i < k->facts->rows.n; i++) {
			put(b, s, row, 0, k->facts->rows.at[i].label, b->plain);
			put(b, s, row++, 1, k->facts->rows.at[i].text, b->wrap);
		}
		break;
	case BLOCK_SIGNATURES: row = put_signatures(b, s, row); break;
	case BLOCK_GRID:
	case BLOCK_CHART:
	case BLOCK_APPENDIX: break;
	}
	buf_free(&line);
	return row;
}

static void
put_letter(struct book *b)
{
	lxw_worksheet *s = add_sheet(b, b->d->title);
	worksheet_set_column(s, 0, 0, LABEL_WIDTH, NULL);
	worksheet_set_column(s, 1, 1, LETTER_WIDTH - LABEL_WIDTH, NULL);
	worksheet_fit_to_pages(s, 1, 0);
	uint32_t row = put_head(b, s);
	const struct block *k = b->d->blocks.at, *end = k + b->d->blocks.n;
	for (; k < end && k->kind != BLOCK_APPENDIX; k++)
		row = put_block(b, s, row, k);
	put_wide(b, s, row + 1, b->d->origin, b->italic);
}

static void
put_cell(struct book *b, lxw_worksheet *s, uint32_t row, uint16_t column, const struct cell *c,
	bool sum)
{
	switch (c->kind) {
	case CELL_NUMBER:
		worksheet_write_number(s, row, column, (double)c->number, sum ? b->sum : b->number);
		break;
	case CELL_TEXT: put(b, s, row, column, c->text, sum ? b->sum : b->cell); break;
	case CELL_NONE: worksheet_write_blank(s, row, column, b->cell); break;
	}
}

static void
put_grid(struct book *b, const struct grid *g, const char *note)
{
	lxw_worksheet *s = add_sheet(b, g->title);
	uint16_t columns = (uint16_t)g->columns_n;
	worksheet_set_landscape(s);
	worksheet_fit_to_pages(s, 1, 0);
	worksheet_repeat_rows(s, 0, 0);
	worksheet_freeze_panes(s, 1, 0);
	for (uint16_t k = 0; k < columns; k++) {
		const struct column *c = &g->columns[k];
		worksheet_set_column(s, k, k, c->data ? 14 : c->width + 3, NULL);
		put(b, s, 0, k, c->title, b->head);
	}
	for (size_t i = 0; i < g->rows; i++)
		for (uint16_t k = 0; k < columns; k++)
			put_cell(b, s, (uint32_t)i + 1, k, &g->cells[i * g->columns_n + k],
				i + g->totals >= g->rows);
	if (!str_empty(note))
		put(b, s, (uint32_t)g->rows + 2, 0, note, b->small);
	if (g->rows && columns)
		worksheet_autofilter(s, 0, 0, (uint32_t)(g->rows - g->totals), columns - 1);
}

static void
put_instant(struct book *b, lxw_worksheet *s, uint32_t row, uint16_t column, int64_t at)
{
	char text[40];
	put(b, s, row, column, instant_local(at, "%d/%m/%Y %H:%M:%S", text, sizeof text), b->cell);
}

/* What the chart shows, as rows: site, what, from, to. */
static void
put_chart(struct book *b, const struct chart *c)
{
	const char *lang = b->d->lang;
	const char *const heads[] = { text_get(lang, T("Site")), text_get(lang, T("What")),
		text_get(lang, T("From")), text_get(lang, T("To")) };
	lxw_worksheet *s = add_sheet(b, text_get(lang, T("Presence")));
	worksheet_freeze_panes(s, 1, 0);
	worksheet_set_column(s, 0, 1, 32, NULL);
	worksheet_set_column(s, 2, 3, 22, NULL);
	uint32_t row = 0;
	for (uint16_t k = 0; k < 4; k++)
		put(b, s, row, k, heads[k], b->head);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->lines[i].items.n && row < LXW_ROW_MAX - 1; k++) {
			const struct chart_item *t = &c->lines[i].items.at[k];
			if (t->shape == CHART_EXPECTED)
				continue;
			put(b, s, ++row, 0, c->lines[i].name, b->cell);
			put(b, s, row, 1, chart_word(lang, t->shape), b->cell);
			put_instant(b, s, row, 2, t->from);
			put_instant(b, s, row, 3, t->to);
		}
	worksheet_autofilter(s, 0, 0, row, 3);
}

static const char *
note_after(const struct document *d, size_t i)
{
	bool note = i + 1 < d->blocks.n && d->blocks.at[i + 1].kind == BLOCK_NOTE;
	return note ? d->blocks.at[i + 1].text : NULL;
}

static char *
property(struct book *b, const char *text)
{
	return arena_strdup(b->d->arena, document_clean(&b->clean, text));
}

static void
put_all(struct book *b)
{
	lxw_doc_properties properties = { .title = property(b, b->d->title),
		.subject = property(b, b->d->subject),
		.company = property(b, b->d->issuer),
		.comments = property(b, b->d->origin),
		.created = (time_t)(b->d->made / 1000) };
	workbook_set_properties(b->book, &properties);
	make_formats(b);
	put_letter(b);
	for (size_t i = 0; i < b->d->blocks.n; i++) {
		const struct block *k = &b->d->blocks.at[i];
		if (k->kind == BLOCK_GRID)
			put_grid(b, k->grid, note_after(b->d, i));
		else if (k->kind == BLOCK_CHART)
			put_chart(b, k->chart);
	}
}

static enum err
read_back(int fd, struct buf *out, struct err_text *e)
{
	char block[65536];
	off_t at = 0;
	for (ssize_t n; (n = pread(fd, block, sizeof block, at)) != 0; at += n) {
		if (n < 0 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n < 0)
			return err_set(e, ERR_SYSTEM, "read the workbook: %s", strerror(errno));
		buf_add(out, block, (size_t)n);
	}
	return at ? OK : err_set(e, ERR_SYSTEM, "write the workbook: it is empty");
}

enum err
xlsx_write(const struct document *d, struct buf *out, struct err_text *e)
{
	char path[40];
	int fd = memfd_create("tongduyet-xlsx", MFD_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_SYSTEM, "memory for the workbook: %s", strerror(errno));
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	struct book b = { .d = d, .book = workbook_new(path) };
	enum err code = OK;
	if (b.book) {
		put_all(&b);
		lxw_error why = workbook_close(b.book);
		if (why != LXW_NO_ERROR)
			code = err_set(e, ERR_SYSTEM, "write the workbook: %s", lxw_strerror(why));
	} else {
		code = err_set(e, ERR_SYSTEM, "write the workbook: no memory");
	}
	if (code == OK)
		code = read_back(fd, out, e);
	buf_free(&b.clean);
	close(fd);
	return code;
}
