/* The MCUs of a run and the hops between them: how far what works below is proven upwards, and sums
 * that add up to the top.
 *
 * Called by the consolidated report. Owns nothing but what it puts on the document's arena. It must
 * never charge a site with a hop above its own MCU, nor call a hop proven whose other end has not
 * told. */
#include "report/hops.h"

#include "report/parts.h"

#include "base/str.h"
#include "text.h"

enum { COLUMNS = 10, DEEPEST = 8 };

struct node { /* an MCU */
	const struct spec_mcu *mcu;
	const struct hop *up; /* to the one above, NULL none */
	int above;	      /* index, -1 none of this run */
	int own, below, good,
		through; /* sites: of its own; with all below; good; good and proven up to here */
};

static const struct hop *
hop_above(const struct report *r, const char *lower)
{
	for (size_t i = 0; i < r->judgement->hops_n; i++)
		if (str_eq(r->judgement->hops[i].lower, lower))
			return &r->judgement->hops[i];
	return NULL;
}

static enum tri
medium_of(const struct hop *h, enum medium medium, enum direction direction)
{
	for (int i = 0; i < h->verdict.media_n; i++)
		if (h->verdict.media[i].medium == medium &&
			h->verdict.media[i].direction == direction)
			return h->verdict.media[i].value;
	return UNKNOWN;
}

/* Reached, and both media received in both directions. */
static bool
is_proven(const struct hop *h)
{
	bool proven = h->verdict.reached == YES;
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			proven = proven && medium_of(h, (enum medium)m, (enum direction)d) == YES;
	return proven;
}

static int
index_of(const struct report *r, const char *name)
{
	for (size_t i = 0; !str_empty(name) && i < r->spec->mcus_n; i++)
		if (str_eq(r->spec->mcus[i].name, name))
			return (int)i;
	return -1;
}

/* A site counts with the MCU that carried it, or was to, and every one above. */
static void
count_site(struct node *nodes, const struct report_site *s)
{
	bool good = s->verdict->headline == GOOD || s->verdict->headline == LATE, proven = good;
	int at = s->site->first_up ? s->site->mcu : s->spec->mcu;
	nodes[at].own++;
	for (int i = 0; at >= 0 && i < DEEPEST; i++) {
		nodes[at].below++;
		nodes[at].good += good;
		nodes[at].through += proven;
		proven = proven && nodes[at].up && is_proven(nodes[at].up);
		at = nodes[at].above;
	}
}

static struct node *
nodes_of(const struct report *r, struct arena *a)
{
	struct node *nodes = arena_alloc(a, (r->spec->mcus_n + 1) * sizeof *nodes);
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		nodes[i] = (struct node){ .mcu = &r->spec->mcus[i],
			.up = hop_above(r, r->spec->mcus[i].name),
			.above = index_of(r, r->spec->mcus[i].parent) };
	for (size_t i = 0; i < r->n; i++)
		if (r->sites[i].spec->mcu >= 0 && (size_t)r->sites[i].spec->mcu < r->spec->mcus_n)
			count_site(nodes, &r->sites[i]);
	return nodes;
}

static const char *
word(const char *lang, enum tri t)
{
	return t == YES ? text_get(lang, T("yes")) : t == NO ? text_get(lang, T("no")) : "?";
}

static const char *
both(struct document *d, const struct hop *h, enum medium m)
{
	return parts_say(d, "%s / %s", word(d->lang, medium_of(h, m, FROM_SITE)),
		word(d->lang, medium_of(h, m, TO_SITE)));
}

static void
put_node(struct document *d, struct grid *g, const struct node *n)
{
	struct cell *c = grid_row(g);
	bool above = n->up && n->up->foreign;
	*c++ = cell_text(n->mcu->foreign ? parts_say(d, "%s (*)", n->mcu->name) : n->mcu->name);
	*c++ = cell_text(n->up ? parts_say(d, above ? "%s (*)" : "%s", n->up->upper) : "-");
	*c++ = cell_text(n->up ? word(d->lang, n->up->verdict.reached) : "-");
	*c++ = cell_text(n->up ? both(d, n->up, AUDIO) : "-");
	*c++ = cell_text(n->up ? both(d, n->up, VIDEO) : "-");
	*c++ = cell_number(n->own);
	*c++ = cell_number(n->below);
	*c++ = cell_number(n->good);
	*c++ = cell_number(n->through);
	*c++ = cell_text(n->up ? n->up->name : "");
}

void
hops_write(struct document *d, const struct report *r)
{
	static const struct column columns[COLUMNS] = { { T("MCU"), 16, COLUMN_LEFT, false },
		{ T("MCU above"), 14, COLUMN_LEFT, false },
		{ T("Hop up"), 9, COLUMN_CENTER, false },
		{ T("Sound up / down"), 12, COLUMN_CENTER, false },
		{ T("Picture up / down"), 12, COLUMN_CENTER, false },
		{ T("Own sites"), 9, COLUMN_RIGHT, false },
		{ T("With those below"), 10, COLUMN_RIGHT, false },
		{ T("of them connected well"), 10, COLUMN_RIGHT, false },
		{ T("and proven to here"), 10, COLUMN_RIGHT, false },
		{ "hop", 0, COLUMN_LEFT, true } };
	if (!r->judgement->hops_n || r->run->missed)
		return;
	struct column *c = arena_memdup(d->arena, columns, sizeof columns);
	for (int i = 0; i < COLUMNS; i++)
		c[i].title = c[i].data ? c[i].title : text_get(d->lang, c[i].title);
	const struct node *nodes = nodes_of(r, d->arena);
	struct grid *g = document_grid(d, text_get(d->lang, T("By MCU, and the hops between them")),
		c, COLUMNS, r->spec->mcus_n);
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		if (!r->run->mcus[i].reserve || nodes[i].own) /* a second MCU that nobody needed */
			put_node(d, g, &nodes[i]);
	document_note(d, text_get(d->lang, T("A hop is told with its MCUs and charged to no site; "
					     "it is proven where sound and picture were "
					     "received at both ends. (*) belongs to another level: "
					     "known only from its own result.")));
}
