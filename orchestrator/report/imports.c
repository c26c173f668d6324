/* The results of lower levels in the consolidated report: one line per office, our own line, their
 * sum, and by name what was not good.
 *
 * Called by consolidated.c. Owns nothing. It must never count a site twice, nor name a site of
 * another office without saying whose word it is. */
#include "report/imports.h"

#include "report/parts.h"
#include "report/words.h"

#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text.h"

enum { COLUMNS = 2 + HEADLINE_N };

static const char *
folded(struct arena *a, const char *name, const char *tier)
{
	return arena_printf(a, "%s\n%s", utf8_fold(a, name), tier);
}

struct import_sum *
imports_sums(const struct report *r, struct arena *a)
{
	size_t n = r->run->imports.n;
	struct import_sum *sums = arena_alloc(a, (n + 1) * sizeof *sums);
	struct map *ours = map_new();
	for (size_t i = 0; i < r->n && n; i++)
		map_set(ours, folded(a, r->sites[i].spec->name, r->sites[i].spec->tier),
			&r->sites[i]);
	for (size_t i = 0; i < n; i++) {
		const struct imported *in = r->run->imports.at[i];
		sums[i].from = in;
		sums[i].also_ours = arena_alloc(a, (in->sites_n + 1) * sizeof *sums[i].also_ours);
		for (size_t k = 0; k < in->sites_n; k++) {
			const struct imported_site *s = &in->sites[k];
			if (map_has(ours, folded(a, s->name, imported_tiers[s->tier]))) {
				sums[i].also_ours[sums[i].also_n++] = s->name;
				continue;
			}
			sums[i].expected++;
			sums[i].by[s->headline]++;
		}
	}
	map_free(ours);
	return sums;
}

/* ---- the table ---- */

static enum headline
column_headline(int i)
{
	return (enum headline)(HEADLINE_N - 1 - i);
}

static void
add_row(struct grid *g, const char *name, int expected, const int by[HEADLINE_N])
{
	struct cell *c = grid_row(g);
	*c++ = cell_text(name);
	*c++ = cell_number(expected);
	for (int i = 0; i < HEADLINE_N; i++)
		*c++ = cell_number(by[column_headline(i)]);
}

static void
write_table(struct document *d, const struct report *r, const struct import_sum *sums, size_t n)
{
	struct column *c = arena_alloc(d->arena, COLUMNS * sizeof *c);
	int own[HEADLINE_N], all[HEADLINE_N], expected = (int)r->n;
	for (int h = 0; h < HEADLINE_N; h++)
		all[h] = own[h] = (int)r->by_headline[h].n;
	for (size_t i = 0; i < n; i++) {
		expected += sums[i].expected;
		for (int h = 0; h < HEADLINE_N; h++)
			all[h] += sums[i].by[h];
	}
	c[0] = (struct column){
		.title = text_get(d->lang, T("Office")), .width = 24, .align = COLUMN_LEFT
	};
	c[1] = (struct column){
		.title = text_get(d->lang, T("Expected")), .width = 10, .align = COLUMN_RIGHT
	};
	for (int i = 0; i < HEADLINE_N; i++)
		c[2 + i] = (struct column){ .title = words_headline(d->lang, column_headline(i)),
			.width = 10,
			.align = COLUMN_RIGHT,
			.data = column_headline(i) != GOOD && !all[column_headline(i)] };
	struct grid *g = document_grid(
		d, text_get(d->lang, T("With the results of other offices")), c, COLUMNS, n + 2);
	add_row(g, text_get(d->lang, T("Our own sites")), (int)r->n, own);
	for (size_t i = 0; i < n; i++)
		add_row(g, sums[i].from->from, sums[i].expected, sums[i].by);
	add_row(g, text_get(d->lang, T("Total")), expected, all);
	g->totals = 1;
}

/* ---- by name ---- */

static void
write_names(struct document *d, const struct import_sum *sum)
{
	const struct imported *in = sum->from;
	struct buf b = { 0 };
	for (int h = 0; h < HEADLINE_N; h++) {
		int n = 0;
		if (h == GOOD || h == LATE)
			continue;
		for (size_t k = 0; k < in->sites_n; k++) {
			if ((int)in->sites[k].headline != h)
				continue;
			if (!n++)
				buf_printf(&b, "%s%s: ", b.n ? "; " : "",
					words_headline(d->lang, (enum headline)h));
			else
				buf_puts(&b, ", ");
			buf_puts(&b, in->sites[k].name);
		}
	}
	if (b.n)
		document_paragraph(d, parts_say(d, T("%s reports: %s."), in->from, buf_str(&b)));
	buf_free(&b);
}

static void
write_note(struct document *d, const struct report *r, const struct import_sum *sum)
{
	const struct imported *in = sum->from;
	struct buf when = { 0 }, also = { 0 };
	words_clock(&when, in->at, r->run->begun);
	document_note(d, parts_say(d,
				 T("%s: result %s, revision %d, %zu sites, signed by %s, imported "
				   "at %s by %s."),
				 in->from, in->run, in->revision, in->sites_n, in->key,
				 buf_str(&when), in->by));
	for (size_t i = 0; i < sum->also_n; i++)
		buf_printf(&also, "%s%s", i ? ", " : "", sum->also_ours[i]);
	if (sum->also_n)
		document_note(d,
			parts_say(d, T("Counted once, with our own sites: %s."), buf_str(&also)));
	buf_free(&when);
	buf_free(&also);
}

void
imports_write(struct document *d, const struct report *r)
{
	size_t n = r->run->imports.n;
	if (!n)
		return;
	struct import_sum *sums = imports_sums(r, d->arena);
	write_table(d, r, sums, n);
	for (size_t i = 0; i < n; i++)
		write_names(d, &sums[i]);
	for (size_t i = 0; i < n; i++)
		write_note(d, r, &sums[i]);
}
