/* What truth_check.h finds, by its name and with the first seeds of each, and how it is told. */
#ifndef TD_TEST_TRUTH_TALLY_H
#define TD_TEST_TRUTH_TALLY_H

#include "world_read.h"
#include "world_truth.h"

enum { CLASSES_MOST = 64, SEEDS_KEPT = 6 };

struct tally {
	const char *name;
	int n, of;
	unsigned seeds[SEEDS_KEPT];
};

static struct tally wrongs[CLASSES_MOST], unknowns[CLASSES_MOST];
static int matrix[HEADLINE_N][HEADLINE_N];
static bool truth_tells;
static int truth_said;

struct checked { /* one site of one run */
	const struct truth *t;
	const struct run *r;
	const struct verdict *v;
	const struct truth_site *k;
	const struct world_site *box;
	const struct stretch *last; /* of presence, begun before `until` */
	int64_t dial, until; /* the first dial, and until when it had to stay; by the world */
	unsigned seed;
};

static inline struct tally *
tally_of(struct tally *at, const char *name)
{
	int i = 0;

	while (i + 1 < CLASSES_MOST && at[i].name && !str_eq(at[i].name, name))
		i++;
	at[i].name = name;
	return &at[i];
}

static inline void
tally_add(struct tally *at, const struct checked *c, const char *name)
{
	struct tally *y = tally_of(at, name);

	for (int i = 0; i < SEEDS_KEPT; i++)
		if (y->n < SEEDS_KEPT && i == y->n)
			y->seeds[i] = c->seed;
	y->n++;
	truth_said += truth_tells;
	if (truth_tells)
		fprintf(stderr, "# seed %u: %s: %s %s\n", c->seed, c->box->b->id,
			at == wrongs ? "wrong:" : "unknown:", name);
}

static inline void
must(const struct checked *c, bool ok, const char *name)
{
	if (!ok)
		tally_add(wrongs, c, name);
}

static inline void
known(const struct checked *c, bool ok, const char *name)
{
	tally_of(unknowns, name)->of++;
	if (!ok)
		tally_add(unknowns, c, name);
}

static inline int
truth_wrongs(void)
{
	int n = 0;

	for (int i = 0; i < CLASSES_MOST; i++)
		n += wrongs[i].n;
	return n;
}

static inline void
tallies_print(const char *title, const struct tally *at)
{
	for (int i = 0; i < CLASSES_MOST && at[i].name; i++) {
		fprintf(stderr, "# %s %6d", title, at[i].n);
		if (at[i].of)
			fprintf(stderr, " of %6d (%4.1f %%)", at[i].of, 100.0 * at[i].n / at[i].of);
		fprintf(stderr, "  %s:", at[i].name);
		for (int k = 0; k < SEEDS_KEPT && k < at[i].n; k++)
			fprintf(stderr, " %u", at[i].seeds[k]);
		fprintf(stderr, "\n");
	}
}

static inline void
truth_print(void)
{
	tallies_print("wrong", wrongs);
	tallies_print("unknown", unknowns);
	fprintf(stderr, "# true \\ said ");
	for (int h = 0; h < HEADLINE_N; h++)
		fprintf(stderr, " %10.10s", headline_name(h));
	for (int t = 0; t < HEADLINE_N; t++) {
		fprintf(stderr, "\n# %-12s", headline_name(t));
		for (int h = 0; h < HEADLINE_N; h++)
			fprintf(stderr, " %10d", matrix[t][h]);
	}
	fprintf(stderr, "\n");
}

/* ---- a seed that is played alone ------------------------------------------------------------ */

/* Minutes after the first dial. */
static inline double
minute_of(const struct checked *c, int64_t at)
{
	return at ? (double)(at - c->dial) / MINUTE : 0;
}

/* Of a seed that is played alone: what was, and what the run saw. */
static inline void
tell(const struct checked *c, enum headline truth)
{
	const struct run_site *s = c->v->site;

	fprintf(stderr, "# %-8s true %s, said %s %s; kind %d, until %.2f\n", c->box->b->id,
		headline_name(truth), headline_name(c->v->headline), c->v->sub_reason,
		c->box->b->kind, minute_of(c, c->until));
	for (size_t i = 0; i < c->k->there.n; i++)
		fprintf(stderr, "#    there %.2f .. %.2f %s\n",
			minute_of(c, c->k->there.at[i].from), minute_of(c, c->k->there.at[i].to),
			parting_words[c->k->there.at[i].why]);
	for (size_t i = 0; i < s->intervals.n; i++) {
		const struct interval *k = &s->intervals.at[i];

		fprintf(stderr, "#    seen  %.2f .. %.2f (%.2f silent %.2f) %s on %d, \"%s\"\n",
			minute_of(c, truth_when(c->t, k->from)),
			minute_of(c, k->to ? truth_when(c->t, k->to) : 0),
			minute_of(c, truth_when(c->t, k->seen)),
			minute_of(c, k->silent_from ? truth_when(c->t, k->silent_from) : 0),
			ended_by_name(k->ended_by), k->mcu, k->ending.device_words);
	}
	for (size_t i = 0; i < s->attempts.n; i++)
		fprintf(stderr, "#    attempt %.2f .. %.2f on %d: %d %s\n",
			minute_of(c, truth_when(c->t, s->attempts.at[i].at)),
			minute_of(c, truth_when(c->t, s->attempts.at[i].ended)),
			s->attempts.at[i].mcu, s->attempts.at[i].result, s->attempts.at[i].words);
	if (c->v->silent_since)
		fprintf(stderr, "#    silent since %.2f\n",
			minute_of(c, truth_when(c->t, c->v->silent_since)));
	for (size_t i = 0; i < s->silences.n; i++)
		fprintf(stderr, "#    silence %.2f .. %.2f, lives %.2f\n",
			minute_of(c, truth_when(c->t, s->silences.at[i].from)),
			minute_of(c, truth_when(c->t, s->silences.at[i].to)),
			minute_of(c, s->silences.at[i].lives_at
					     ? truth_when(c->t, s->silences.at[i].lives_at)
					     : 0));
	fprintf(stderr,
		"#    called %d, audible %d, spoke %d, %d under mute, %d uncalled, asked %d\n",
		c->k->called_n, c->k->audible_n, c->k->spoke_n, c->k->spoke_silent_n,
		c->k->uncalled_n, c->k->asked_n);
}

/* The same of the whole run. */
static inline void
tell_run(const struct checked *c)
{
	const struct world *w = c->t->w;

	fprintf(stderr,
		"# MCU down %.2f .. %.2f, line down %.2f .. %.2f, old list %.2f .. %.2f, endpoints "
		"%d, cut off %d, keep alive %.2f, latency %d, every %d lost, closed %.2f\n",
		minute_of(c, w->mcu_down_from), minute_of(c, w->mcu_down_to),
		minute_of(c, w->line_down_from), minute_of(c, w->line_down_to),
		minute_of(c, w->stale_from), minute_of(c, w->stale_to), w->endpoints, w->cut_off,
		(double)w->keep_alive / MINUTE, (int)w->latency, w->lose_every,
		minute_of(c, truth_when(c->t, c->r->closed_at)));
	for (size_t i = 0; i < c->r->notes.n; i++)
		fprintf(stderr, "#    note %.2f %s: %s\n",
			minute_of(c, truth_when(c->t, c->r->notes.at[i].at)),
			c->r->notes.at[i].kind, c->r->notes.at[i].text);
}

#endif
