/* The directory of sites: sites.csv in, struct sites out. Called by every verb and by the daemon at its start.
 * Owns the reading of the table and the rules of a row; finding sites by name is sites_match.c. Every fault of every
 * row is reported in one pass; a faulty row stays in the directory, disabled, so that plans and reports can name it.
 * Must never drop a row in silence, and never stop at the first fault. */
#include "schedules/sites.h"

#include "base/buf.h"
#include "base/instant.h"
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
	FILE_MAX = 16 * 1024 * 1024,
	ROWS_MAX = 200000,
	CELLS_MAX = 256,
	ID_MAX = 64,
	PARENTS_MAX = 32,
};

enum column {
	C_ID, C_NAME, C_ALIASES, C_TIER, C_PARENT, C_DISTRICT, C_MCU, C_ADDRESS1, C_ADDRESS2, C_ADAPTER, C_CONTROL, C_LEGACY,
	C_CONTACT, C_CONTACT_PHONE, C_CONTACT_MAIL, C_CHIEF, C_CHIEF_MAIL, C_PROVIDER, C_LINE, C_PLATFORM, C_IMPORTANCE,
	C_CLASS, C_VALID_FROM, C_VALID_TO, C_N
};

static const char *const columns[C_N + 1] = {
	"id", "name", "aliases", "tier", "parent", "district", "mcu", "address1", "address2", "adapter", "control",
	"legacy", "contact", "contact_phone", "contact_mail", "chief", "chief_mail", "provider", "line", "platform",
	"importance", "class", "valid_from", "valid_to", NULL,
};

static const char *const tiers[] = { "central", "province", "commune", "other", NULL };
static const char *const schemes[] = { "sip", "sips", "h323", "tel", NULL };

struct reader {
	struct sites *sites;
	struct faults *faults;
	struct arena *a;
	const char *file;
	const char *const *mcus;
	int line;              /* physical line being fed */
	int row_line;          /* line where the current row began */
	bool row_ended;
	int of[CELLS_MAX];     /* cell -> enum column, C_N = unknown */
	int header_n;          /* 0: the header was not seen yet */
	bool has[C_N];
	bool hopeless;
	const char *cells[CELLS_MAX];
	int cells_n;
	int too_many;          /* cells beyond CELLS_MAX */
};

const char *
tier_name(enum tier t)
{
	return tiers[t];
}

/* Record a fault of a row and disable it; the first reason is kept with the row. */
static void __attribute__((format(printf, 3, 4)))
row_fault(struct reader *r, struct site *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *why = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	faults_add(r->faults, r->file, s->csv_line, "%s", why);
	if (!s->disabled) {
		s->disabled = true;
		s->disabled_why = why;
	}
}

/* One word of a list that a person may have mistyped. */
static const char *
hint(struct reader *r, const char *word, const char *const *list)
{
	return faults_hint(r->faults, word, list);
}

static void
on_cell(void *bytes, size_t n, void *arg)
{
	struct reader *r = arg;
	if (r->cells_n >= CELLS_MAX) {
		r->too_many++;
		return;
	}
	char *text = arena_strndup(r->a, bytes ? bytes : "", bytes ? n : 0);
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
			faults_add(r->faults, r->file, r->row_line, "column %s stands twice: the first counts",
				columns[r->of[i]]);
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
		faults_add(r->faults, r->file, r->row_line, "column %s is missing%s", columns[required[i]],
			hint(r, columns[required[i]], names));
		r->hopeless = true;
	}
	if (!r->has[C_MCU] && !r->has[C_ADAPTER]) {
		faults_add(r->faults, r->file, r->row_line, "column mcu or adapter is missing%s", hint(r, "mcu", names));
		r->hopeless = true;
	}
}

/* "yes", "no" and what people write for them. */
static bool
read_yes(struct reader *r, struct site *s, const char *column, const char *text)
{
	static const char *const yes[] = { "yes", "true", "1", "x", "có", NULL };
	static const char *const no[] = { "no", "false", "0", "", "không", NULL };
	const char *word = utf8_fold(r->a, text);
	for (int i = 0; yes[i]; i++)
		if (str_eq(word, yes[i]))
			return true;
	for (int i = 0; no[i]; i++)
		if (str_eq(word, no[i]))
			return false;
	row_fault(r, s, "%s \"%s\" is neither yes nor no", column, text);
	return false;
}

/* A local day as the instant of its midnight; plus days. 0 when empty or wrong. */
static int64_t
read_day(struct reader *r, struct site *s, const char *column, const char *text, int64_t plus_days)
{
	if (!*text)
		return 0;
	int64_t at = 0, y = 0, m = 0, d = 0;
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-'
		|| !str_to_int(arena_strndup(r->a, text, 4), 1970, 9998, &y)
		|| !str_to_int(arena_strndup(r->a, text + 5, 2), 0, 99, &m)
		|| !str_to_int(arena_strndup(r->a, text + 8, 2), 0, 99, &d)) {
		row_fault(r, s, "%s \"%s\" is not a day like 2026-03-31", column, text);
		return 0;
	}
	/* Noon is never inside a change of the clock; midnight may be. */
	if (!instant_parse(arena_printf(r->a, "%sT12:00:00", text), &at)) {
		row_fault(r, s, "%s \"%s\" is no day of the calendar", column, text);
		return 0;
	}
	char day[16];
	instant_local(at + plus_days * 86400000, "%Y-%m-%d", day, sizeof day);
	int64_t midnight = 0;
	if (!instant_parse(arena_printf(r->a, "%sT00:00:00", day), &midnight))
		return at - 43200000 + plus_days * 86400000;
	return midnight;
}

static const char *
read_address(struct reader *r, struct site *s, const char *column, const char *text)
{
	if (!*text)
		return text;
	const char *colon = strchr(text, ':');
	const char *scheme = colon ? arena_strndup(r->a, text, (size_t)(colon - text)) : "";
	bool known = false;
	for (int i = 0; schemes[i]; i++)
		known = known || str_eq_nocase(scheme, schemes[i]);
	if (known && colon[1] && !strchr(text, ' '))
		return text;
	if (known)
		row_fault(r, s, "%s \"%s\" has %s", column, text, colon[1] ? "a blank in it" : "nothing behind the colon");
	else if (colon && str_nearest(scheme, schemes))
		row_fault(r, s, "%s \"%s\" begins with no known scheme, perhaps \"%s:%s\"", column, text,
			str_nearest(scheme, schemes), colon + 1);
	else
		row_fault(r, s, "%s \"%s\" begins with no known scheme, perhaps \"%s:%s\"", column, text,
			strchr(text, '@') ? "sip" : "h323", text);
	return text;
}

static bool
good_id(const char *id)
{
	for (const unsigned char *c = (const unsigned char *)id; *c; c++)
		if (*c <= ' ' || strchr(",;:|/\\\"'<>&", *c) || *c == 127)
			return false;
	return strlen(id) <= ID_MAX && id[0] != '.';
}

/* Each cell's own rules; what concerns other rows comes in check_rows(). */
static void
fill_row(struct reader *r, struct site *s, const char *const v[C_N])
{
	s->id = v[C_ID];
	s->name = utf8_nfc(r->a, v[C_NAME]);
	size_t n = 0;
	s->aliases = (const char *const *)str_split(r->a, utf8_nfc(r->a, v[C_ALIASES]), "|", &n);
	s->parent = v[C_PARENT], s->district = utf8_nfc(r->a, v[C_DISTRICT]), s->mcu = v[C_MCU];
	s->adapter = v[C_ADAPTER], s->control = v[C_CONTROL];
	s->contact = utf8_nfc(r->a, v[C_CONTACT]), s->contact_phone = v[C_CONTACT_PHONE];
	s->contact_mail = v[C_CONTACT_MAIL];
	s->chief = utf8_nfc(r->a, v[C_CHIEF]), s->chief_mail = v[C_CHIEF_MAIL];
	s->provider = utf8_nfc(r->a, v[C_PROVIDER]), s->platform = utf8_nfc(r->a, v[C_PLATFORM]);
	s->class = v[C_CLASS], s->line = utf8_nfc(r->a, v[C_LINE]);
	if (!*s->id)
		row_fault(r, s, "the site has no id%s%s", *s->name ? ": " : "", s->name);
	else if (!good_id(s->id))
		row_fault(r, s, "id \"%s\" has a blank or sign that ids cannot have, or is too long", s->id);
	if (!*s->name)
		row_fault(r, s, "site %s has no name", s->id);
	s->tier = TIER_OTHER;
	bool known = false;
	for (int i = 0; tiers[i] && !known; i++)
		if (str_eq_nocase(v[C_TIER], tiers[i])) {
			s->tier = (enum tier)i;
			known = true;
		}
	if (!known)
		row_fault(r, s, "unknown tier \"%s\"%s", v[C_TIER], hint(r, v[C_TIER], tiers));
	if (!*s->mcu && !*s->adapter)
		row_fault(r, s, "site %s has neither mcu nor adapter: nobody could ask about it", s->id);
	if (*s->control && !*s->adapter)
		row_fault(r, s, "site %s has a control address but no adapter", s->id);
	s->address[0] = read_address(r, s, "address1", v[C_ADDRESS1]);
	s->address[1] = read_address(r, s, "address2", v[C_ADDRESS2]);
	s->legacy = read_yes(r, s, "legacy", v[C_LEGACY]);
	int64_t number = 0;
	if (*v[C_IMPORTANCE] && !str_to_int(v[C_IMPORTANCE], 0, 1000000, &number))
		row_fault(r, s, "importance \"%s\" is not a whole number from 0", v[C_IMPORTANCE]);
	s->importance = (int)number;
	s->valid_from = read_day(r, s, "valid_from", v[C_VALID_FROM], 0);
	s->valid_to = read_day(r, s, "valid_to", v[C_VALID_TO], 1);
	if (s->valid_from && s->valid_to && s->valid_to <= s->valid_from)
		row_fault(r, s, "valid_to %s lies before valid_from %s", v[C_VALID_TO], v[C_VALID_FROM]);
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
	if (r->sites->n >= ROWS_MAX) {
		if (r->sites->n == ROWS_MAX)
			faults_add(r->faults, r->file, r->row_line, "more than %d rows: the rest is not read", ROWS_MAX);
		r->hopeless = true;
		return;
	}
	struct site *s = vec_add_in(r->a, r->sites);
	s->csv_line = r->row_line;
	const char *v[C_N];
	for (int c = 0; c < C_N; c++)
		v[c] = "";
	int used = 0;
	for (int i = 0; i < n; i++) {
		bool valid = utf8_valid(r->cells[i], strlen(r->cells[i]));
		const char *cell = valid ? r->cells[i] : utf8_repair(r->a, r->cells[i], strlen(r->cells[i]));
		if (!valid)
			row_fault(r, s, "cell %d is not UTF-8: save the table as CSV UTF-8", i + 1);
		for (const char *c = cell; *c; c++)
			if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\r' && *c != '\t') {
				row_fault(r, s, "cell %d holds a control character", i + 1);
				break;
			}
		if (*cell)
			used = i + 1;
		if (i < r->header_n && r->of[i] < C_N)
			v[r->of[i]] = cell;
	}
	if (used > r->header_n || more)
		row_fault(r, s, "the row has %d cells, the header %d: a separator inside a cell needs quotes", used + more,
			r->header_n);
	fill_row(r, s, v);
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

/* Feed the parser one physical line at a time, so that each row knows where it began. A quote that is never closed
 * costs its own row only: reading starts again on the line behind it. */
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
		faults_add(r->faults, r->file, r->row_line, "a quote is opened in this row and never closed: the row is not read");
		if (!r->header_n || ++restarts > 100)
			return;
		p = skip_line(row, end);
		r->line = r->row_line + 1;
	}
}

static bool
is_mcu(const struct reader *r, const char *name)
{
	for (size_t i = 0; r->mcus[i]; i++)
		if (str_eq(r->mcus[i], name))
			return true;
	return false;
}

/* What concerns other rows and the configuration: ids that stand twice, MCUs and parents that do not exist, circles. */
static void
check_rows(struct reader *r)
{
	struct sites *all = r->sites;
	const char **ids = arena_alloc(r->a, (all->n + 1) * sizeof *ids);
	size_t ids_n = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct site *s = &all->at[i];
		if (!*s->id)
			continue;
		const char *key = utf8_fold(r->a, s->id);
		const struct site *first = map_get(all->by_id, key);
		if (first) {
			row_fault(r, s, "id \"%s\" stands twice, first in line %d", s->id, first->csv_line);
			continue;
		}
		map_set(all->by_id, key, s);
		ids[ids_n++] = s->id;
	}
	if (!r->mcus)
		return;
	const char **parents = arena_alloc(r->a, (ids_n + 1) * sizeof *parents);
	memcpy(parents, ids, ids_n * sizeof *parents);
	for (size_t i = 0; i < all->n; i++) {
		struct site *s = &all->at[i];
		if (*s->mcu && !is_mcu(r, s->mcu))
			row_fault(r, s, "there is no mcu \"%s\" in the configuration%s", s->mcu, hint(r, s->mcu, r->mcus));
		if (!*s->parent || is_mcu(r, s->parent))
			continue;
		const struct site *above = map_get(all->by_id, utf8_fold(r->a, s->parent));
		if (!above) {
			const char *near = hint(r, s->parent, parents);
			row_fault(r, s, "parent \"%s\" is neither a site nor an mcu%s", s->parent,
				*near ? near : hint(r, s->parent, r->mcus));
			continue;
		}
		int depth = 0;
		while (above && above != s && depth++ < PARENTS_MAX)
			above = *above->parent ? map_get(all->by_id, utf8_fold(r->a, above->parent)) : NULL;
		if (above == s || depth > PARENTS_MAX)
			row_fault(r, s, "parent \"%s\": the sites stand in a circle", s->parent);
	}
}

/* The whole file, at most FILE_MAX bytes; NULL with a fault. */
static char *
slurp(const char *path, struct faults *faults, size_t *out_n)
{
	FILE *f = fopen(path, "re");
	if (!f) {
		faults_add(faults, path, 0, "cannot be read: %s", strerror(errno));
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
		faults_add(faults, path, 0, failed ? "cannot be read to its end" : "is larger than 16 MB: not a directory of sites");
		buf_free(&b);
		return NULL;
	}
	*out_n = b.n;
	return buf_take(&b);
}

enum err
sites_read(const char *path, const char *const *mcus, struct arena *a, struct faults *faults, struct sites *out)
{
	*out = (struct sites){ .arena = a, .file = arena_strdup(a, path) };
	out->by_id = map_new();
	out->by_name = map_new();
	out->ambiguous = map_new();
	size_t n = 0;
	char *bytes = slurp(path, faults, &n);
	if (!bytes)
		return ERR_INPUT;
	struct reader r = { .sites = out, .faults = faults, .a = a, .file = out->file, .mcus = mcus };
	const char *text = bytes;
	if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		n -= 3;
	}
	if (n >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
		faults_add(faults, out->file, 1, "is UTF-16: save the table as CSV UTF-8");
		r.hopeless = true;
	} else {
		read_rows(&r, text, n);
		if (!r.header_n && !r.hopeless) {
			faults_add(faults, out->file, 1, "there is no header row: id,name,tier,mcu,...");
			r.hopeless = true;
		}
	}
	free(bytes);
	if (out->n == 0 && r.hopeless)
		return ERR_INPUT;
	check_rows(&r);
	sites_index(out);
	return OK;
}

void
sites_free(struct sites *s)
{
	map_free(s->by_id);
	map_free(s->by_name);
	map_free(s->ambiguous);
	s->by_id = s->by_name = s->ambiguous = NULL;
	s->n = 0;
}
