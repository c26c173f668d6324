/* The directory of sites: sites.csv in, struct sites out. Called by every verb and by the daemon at
 * its start. Owns the reading of the table; the rules of a row are sites_row.c, finding sites by
 * name is sites_match.c. Every fault of every row is reported in one pass; a faulty row stays in
 * the directory, disabled, so that plans and reports can name it. Must never drop a row in silence,
 * and never stop at the first fault. */
#include "schedules/sites_internal.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NOT_UTF8_TOLD = 3,
	FILE_MAX = 16 * 1024 * 1024,
	ROWS_MAX = 200000,
	CELLS_MAX = 256,
};

static const char *const columns[C_N + 1] = {
	"id",
	"name",
	"aliases",
	"tier",
	"parent",
	"district",
	"mcu",
	"address1",
	"address2",
	"adapter",
	"control",
	"legacy",
	"contact",
	"contact_phone",
	"contact_mail",
	"chief",
	"chief_mail",
	"provider",
	"line",
	"platform",
	"importance",
	"class",
	"valid_from",
	"valid_to",
	"provider_mail",
	"pin",
	"mcu2",
	"successor",
	NULL,
};

struct reader {
	struct site_rows rows;
	int line;     /* physical line being fed */
	int row_line; /* line where the current row began */
	bool row_ended;
	int of[CELLS_MAX]; /* cell -> enum column, C_N = unknown */
	int header_n;	   /* 0: the header was not seen yet */
	bool has[C_N];
	size_t not_utf8; /* cells; a table saved in another encoding has one in every row */
	bool hopeless;
	const char *cells[CELLS_MAX];
	int cells_n;
	int too_many; /* cells beyond CELLS_MAX */
};

static void
on_cell(void *bytes, size_t n, void *arg)
{
	struct reader *r = arg;
	if (r->cells_n >= CELLS_MAX) {
		r->too_many++;
		return;
	}
	char *text = arena_strndup(r->rows.a, bytes ? bytes : "", bytes ? n : 0);
	r->cells[r->cells_n++] = str_trim(text);
}

/* Learn which cell is which column. */
static void
read_header(struct reader *r)
{
	for (int i = 0; i < r->cells_n; i++) {
		r->of[i] = C_N;
		for (int c = 0; c < C_N; c++)
			if (str_eq_nocase(r->cells[i], columns[c]))
				r->of[i] = c;
		if (r->of[i] == C_N)
			continue;
		if (r->has[r->of[i]]) {
			faults_add(r->rows.faults, r->rows.file, r->row_line,
				T("column %s stands twice: the first counts"), columns[r->of[i]]);
			r->of[i] = C_N;
			continue;
		}
		r->has[r->of[i]] = true;
	}
	r->header_n = r->cells_n;
	static const enum column required[] = { C_ID, C_NAME, C_TIER };
	const char *names[CELLS_MAX + 1] = { 0 };
	int names_n = 0;
	for (int i = 0; i < r->cells_n; i++)
		if (r->of[i] == C_N && r->cells[i][0])
			names[names_n++] = r->cells[i];
	for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
		if (r->has[required[i]])
			continue;
		faults_add(r->rows.faults, r->rows.file, r->row_line, T("column %s is missing%s"),
			columns[required[i]],
			faults_hint(r->rows.faults, columns[required[i]], names));
		r->hopeless = true;
	}
	if (!r->has[C_MCU] && !r->has[C_ADAPTER]) {
		faults_add(r->rows.faults, r->rows.file, r->row_line,
			T("column mcu or adapter is missing%s"),
			faults_hint(r->rows.faults, "mcu", names));
		r->hopeless = true;
	}
}

/* The first ones are named cell by cell; behind them a row is only not used. */
static void
not_utf8(struct reader *r, struct site *s, int cell)
{
	if (r->not_utf8++ < NOT_UTF8_TOLD) {
		site_fault(
			&r->rows, s, T("cell %d is not UTF-8: save the table as CSV UTF-8"), cell);
	} else if (!s->disabled) {
		s->disabled = true;
		s->disabled_why = arena_printf(
			r->rows.a, "cell %d is not UTF-8: save the table as CSV UTF-8", cell);
	}
}

static void
on_row(int end, void *arg)
{
	struct reader *r = arg;
	(void)end;
	r->row_ended = true;
	int n = r->cells_n;
	r->cells_n = 0;
	int more = r->too_many;
	r->too_many = 0;
	bool blank = true;
	for (int i = 0; i < n; i++)
		blank = blank && !r->cells[i][0];
	if (blank || r->hopeless)
		return;
	r->cells_n = n;
	if (!r->header_n) {
		read_header(r);
		r->cells_n = 0;
		return;
	}
	r->cells_n = 0;
	if (r->rows.sites->n >= ROWS_MAX) {
		if (r->rows.sites->n == ROWS_MAX)
			faults_add(r->rows.faults, r->rows.file, r->row_line,
				T("more than %d rows: the rest is not read"), ROWS_MAX);
		r->hopeless = true;
		return;
	}
	struct site *s = vec_add_in(r->rows.a, r->rows.sites);
	s->csv_line = r->row_line;
	const char *v[C_N];
	for (int c = 0; c < C_N; c++)
		v[c] = "";
	int used = 0;
	for (int i = 0; i < n; i++) {
		bool valid = utf8_valid(r->cells[i], strlen(r->cells[i]));
		const char *cell = valid ? r->cells[i]
					 : utf8_repair(r->rows.a, r->cells[i], strlen(r->cells[i]));
		if (!valid)
			not_utf8(r, s, i + 1);
		for (const char *c = cell; *c; c++)
			if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\r' && *c != '\t') {
				site_fault(
					&r->rows, s, T("cell %d holds a control character"), i + 1);
				break;
			}
		if (*cell)
			used = i + 1;
		if (i < r->header_n && r->of[i] < C_N)
			v[r->of[i]] = cell;
	}
	if (used > r->header_n || more)
		site_fault(&r->rows, s,
			T("the row has %d cells, the header %d: a separator inside a cell needs "
			  "quotes"),
			used + more, r->header_n);
	site_fill(&r->rows, s, v);
}

/* Comma or semicolon, whichever the header line has more of outside quotes. */
static unsigned char
find_separator(const char *bytes, size_t n)
{
	size_t commas = 0, semicolons = 0;
	bool quoted = false;
	for (size_t i = 0; i < n && bytes[i] != '\n'; i++) {
		quoted ^= bytes[i] == '"';
		commas += !quoted && bytes[i] == ',';
		semicolons += !quoted && bytes[i] == ';';
	}
	return semicolons > commas ? ';' : ',';
}

static const char *
skip_line(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	return nl ? nl + 1 : end;
}

/* Feed the parser one physical line at a time, so that each row knows where it began. A quote that
 * is never closed costs its own row only: reading starts again on the line behind it. */
static void
read_rows(struct reader *r, const char *bytes, size_t n)
{
	const char *p = bytes, *end = bytes + n;
	unsigned char separator = find_separator(bytes, n);
	int restarts = 0;
	r->line = 1;
	while (p < end && !r->hopeless) {
		struct csv_parser parser;
		csv_init(&parser, CSV_APPEND_NULL);
		csv_set_delim(&parser, separator);
		bool in_row = false;
		const char *row = p;
		while (p < end && !r->hopeless) {
			const char *next = skip_line(p, end);
			bool blank = !in_row;
			for (const char *c = p; blank && c < next; c++)
				blank = strchr(" \t\r\n", *c) && *c;
			if (!blank) {
				if (!in_row) {
					row = p;
					r->row_line = r->line;
				}
				r->row_ended = false;
				csv_parse(&parser, p, (size_t)(next - p), on_cell, on_row, r);
				if (next == end && next[-1] != '\n')
					csv_parse(&parser, "\n", 1, on_cell, on_row, r);
				in_row = !r->row_ended;
			}
			p = next;
			r->line++;
		}
		csv_free(&parser);
		r->cells_n = 0;
		if (!in_row || r->hopeless)
			return; /* after the last line end only an open quote keeps a row open */
		faults_add(r->rows.faults, r->rows.file, r->row_line,
			T("a quote is opened in this row and never closed: the row is not read"));
		if (!r->header_n || ++restarts > 100)
			return;
		p = skip_line(row, end);
		r->line = r->row_line + 1;
	}
}

/* The whole file, at most FILE_MAX bytes; NULL with a fault. */
static char *
slurp(const char *path, struct faults *faults, size_t *out_n)
{
	FILE *f = fopen(path, "re");
	if (!f) {
		faults_add(faults, path, 0, T("cannot be read: %s"), strerror(errno));
		return NULL;
	}
	struct buf b = { 0 };
	char chunk[65536];
	size_t got;
	while (b.n <= FILE_MAX && (got = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, chunk, got);
	bool failed = ferror(f);
	fclose(f);
	if (failed || b.n > FILE_MAX) {
		faults_add(faults, path, 0,
			failed ? T("cannot be read to its end")
			       : T("is larger than 16 MB: not a directory of sites"));
		buf_free(&b);
		return NULL;
	}
	*out_n = b.n;
	return buf_take(&b);
}

enum err
sites_read(const char *path, const char *const *mcus, struct arena *a, struct faults *faults,
	struct sites *out)
{
	*out = (struct sites){ .arena = a, .file = arena_strdup(a, path) };
	out->by_id = map_new();
	out->by_name = map_new();
	out->ambiguous = map_new();
	out->by_group = map_new();
	size_t n = 0;
	char *bytes = slurp(path, faults, &n);
	if (!bytes)
		return ERR_INPUT;
	struct reader r = { .rows = { out, faults, a, out->file, mcus } };
	const char *text = bytes;
	if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		n -= 3;
	}
	if (n >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
		faults_add(faults, out->file, 1, T("is UTF-16: save the table as CSV UTF-8"));
		r.hopeless = true;
	} else {
		read_rows(&r, text, n);
		if (!r.header_n && !r.hopeless) {
			faults_add(faults, out->file, 1,
				T("there is no header row: id,name,tier,mcu,..."));
			r.hopeless = true;
		}
		if (r.not_utf8 > NOT_UTF8_TOLD)
			faults_add(faults, out->file, 0,
				T("is not UTF-8, as %zu cells show: save the table as CSV UTF-8"),
				r.not_utf8);
	}
	free(bytes);
	if (out->n == 0 && r.hopeless)
		return ERR_INPUT;
	site_check_all(&r.rows);
	sites_index(out);
	return OK;
}

void
sites_free(struct sites *s)
{
	map_free(s->by_id);
	map_free(s->by_name);
	map_free(s->ambiguous);
	map_free(s->by_group);
	s->by_id = s->by_name = s->ambiguous = s->by_group = NULL;
	s->n = 0;
}
