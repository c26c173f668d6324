/* What the files of the law share: a playbook, one play of the world, and how a verdict is looked
 * at. */
#ifndef TD_TESTS_LAW_H
#define TD_TESTS_LAW_H

#include "tests/unit/world_read.h"

#define BOOK(roll, dial) \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n" \
	"<open at='PT0S' muted='yes'/>\n" dial \
	"<verify at='PT4M' within='PT4M'/>\n" \
	"<watch at='PT8M' redial='yes' until='allclear'/>\n" roll \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"
#define DIAL "<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"

static const char playbook[] __attribute__((unused)) =
	BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n", DIAL);

static inline void
play(struct world *w, struct judgement *j)
{
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	judge(w->run, w->arena, j);
}

static inline bool
listed(const struct judgement *j, enum list l, const char *id)
{
	for (size_t i = 0; i < j->lists[l].n; i++)
		if (str_eq(j->lists[l].ids[i], id))
			return true;
	return false;
}

static inline int
ordered(const struct world *w, enum verb verb, const char *site)
{
	int n = 0;

	for (size_t i = 0; i < w->orders.n; i++)
		n += w->orders.at[i].verb == verb && str_eq(w->orders.at[i].site, site);
	return n;
}

static inline const struct media_fact *
fact(const struct verdict *v, enum medium medium, enum direction d)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].medium == medium && v->media[i].direction == d)
			return &v->media[i];
	return NULL;
}

/* One site, one verdict. */
static inline void
play_one(struct world *w, const struct behaviour *b, bool endpoints, struct judgement *j)
{
	world_new(w, playbook, b, 1, endpoints);
	play(w, j);
}

#endif
