/* From directory, record and inventory to a proposal per site: the first line of the rule that
 * holds speaks.
 *
 * Called by `report --document survey`. Owns nothing. It must never propose to replace what was not
 * measured, nor hold a line, a power cut or a person against the equipment. */
#include "survey.h"

#include "advice.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[PROPOSALS_N] = { "unknown", "keep", "reconfigure", "small-part",
	"replace" };
static const char *const titles[PROPOSALS_N] = { T("not known"), T("keep in use"), T("set up anew"),
	T("add a small part"), T("replace") };

const char *
proposal_name(enum proposal p)
{
	return names[p];
}

const char *
proposal_title(enum proposal p)
{
	return titles[p];
}

const char *
survey_rule(void)
{
	return T("Proposal: not known = fewer than 3 tested runs; replace = no longer fit and most "
		 "faults of equipment, or below the minimum "
		 "in at least 3 runs, never reaching it, while the line was good; small part = at "
		 "least 2 runs with a silent or missing sound "
		 "or picture by the equipment; set up anew = at least 2 runs with a fault of "
		 "configuration, auto-answer off, or still at a "
		 "server to be left; else keep in use. Faults of line, power and operation are "
		 "named besides and charge no equipment.");
}

const char *
survey_server(const char *address, struct arena *a)
{
	const char *at = address ? strchr(address, '@') : NULL;
	return at ? arena_strndup(a, at + 1, strcspn(at + 1, ":;>")) : "";
}

/* ---- one site -------------------------------------------------------------------------------- */

static void
find_server(struct survey_site *s, const char *const *retired, struct arena *a)
{
	s->server = survey_server(s->site->address[0], a);
	for (int i = 0; i < 2; i++) {
		const char *host = survey_server(s->site->address[i], a);
		for (size_t k = 0; *host && retired && retired[k]; k++)
			if (str_eq_nocase(host, retired[k])) {
				s->server = host;
				s->retired = true;
				return;
			}
	}
}

/* "cáp quang TSLCD | FTTH VNPT" */
static void
find_lines(struct survey_site *s, struct arena *a)
{
	size_t n;
	char **parts = str_split(a, s->site->line, "|", &n);
	const char **lines = arena_alloc(a, (n + 1) * sizeof *lines);
	int dedicated = 0;
	for (size_t i = 0; i < n; i++) {
		const char *line = str_trim(parts[i]);
		if (!*line)
			continue;
		const char *folded = utf8_fold(a, line);
		for (size_t k = 0; k < s->lines_n; k++)
			s->same_line_twice =
				s->same_line_twice || str_eq(folded, utf8_fold(a, lines[k]));
		dedicated += strstr(folded, "tslcd") != NULL;
		lines[s->lines_n++] = line;
	}
	s->lines = lines;
	s->beside_dedicated = dedicated && (size_t)dedicated < s->lines_n;
}

static const char *
group_of(const struct survey_site *s, struct arena *a)
{
	const struct inventory *i = s->inventory;
	if (i && (*i->model || *i->vendor))
		return !*i->vendor || str_starts(i->model, i->vendor) ? i->model
		       : !*i->model				      ? i->vendor
				    : arena_printf(a, "%s %s", i->vendor, i->model);
	return !str_empty(s->site->platform) ? s->site->platform : s->site->adapter;
}

static void
measure(struct survey_site *s)
{
	s->kbps = s->width = s->height = -1;
	for (size_t i = 0; s->record && i < s->record->runs.n; i++) {
		const struct record_run *r = &s->record->runs.at[i];
		s->measured += r->height >= 0 || r->kbps >= 0 || r->below;
		s->below += r->below;
		if (r->kbps > s->kbps)
			s->kbps = r->kbps;
		if (r->height > s->height) {
			s->height = r->height;
			s->width = r->width;
		}
	}
}

struct tally {
	int tested, equipment, configuration, part, good_line_below;
	int other[4]; /* line power operation coordination */
};
static const char *const others[4] = { "line", "power", "operation", "coordination" };

static void
tally_runs(const struct survey_site *s, struct tally *t)
{
	*t = (struct tally){ 0 };
	for (size_t i = 0; s->record && i < s->record->runs.n; i++) {
		const struct record_run *r = &s->record->runs.at[i];
		if (r->headline == UNTESTED || r->headline == UNVERIFIED)
			continue;
		bool equipment = str_eq(r->cause, "equipment");
		t->tested++;
		t->equipment += equipment;
		t->configuration += str_eq(r->cause, "configuration");
		t->part +=
			equipment && (str_eq(r->fault, "no-audio") || str_eq(r->fault, "no-video"));
		t->good_line_below += r->below && r->loss_permille >= 0 && r->loss_permille < 30;
		for (int k = 0; k < 4; k++)
			t->other[k] += *r->fault && str_eq(r->cause, others[k]);
	}
}

static void
propose(struct survey_site *s, enum proposal p, const char *evidence, int times)
{
	if (s->evidence)
		return;
	s->proposal = p;
	s->evidence = evidence;
	s->times = times;
}

static void
decide(struct survey_site *s)
{
	struct tally t;
	int most = 0;
	tally_runs(s, &t);
	s->besides = "";
	for (int k = 0; k < 4; k++)
		if (t.other[k] > most) {
			most = t.other[k];
			s->besides = others[k];
		}
	const struct inventory *i = s->inventory;
	if (i && i->auto_answer == NO)
		propose(s, PROPOSAL_RECONFIGURE, T("auto-answer is switched off"), 0);
	if (s->retired)
		propose(s, PROPOSAL_RECONFIGURE, T("still at a server to be left"), 0);
	/* What the record says is stronger than a setting. */
	const char *setting = s->evidence;
	s->evidence = NULL;
	if (s->record && s->record->class == RECORD_UNFIT &&
		2 * t.equipment > s->record->all.failed)
		propose(s, PROPOSAL_REPLACE, T("no longer fit, mostly by faults of the equipment"),
			t.equipment);
	if (t.good_line_below >= SURVEY_SHORT && s->below == s->measured)
		propose(s, PROPOSAL_REPLACE,
			T("never reached the minimum of its class although the line was good"),
			t.good_line_below);
	if (t.part >= SURVEY_PART)
		propose(s, PROPOSAL_PART, T("sound or picture failed by the equipment"), t.part);
	if (t.configuration >= SURVEY_SETTING)
		propose(s, PROPOSAL_RECONFIGURE, T("faults of configuration"), t.configuration);
	if (setting)
		propose(s, PROPOSAL_RECONFIGURE, setting, 0);
	if (t.tested < RECORD_LEAST)
		propose(s, PROPOSAL_UNKNOWN, T("fewer than 3 tested runs"), t.tested);
	propose(s, PROPOSAL_KEEP, T("nothing speaks against it"), t.tested);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const struct site_class *
minimum_of(const struct profile *p, const char *class)
{
	for (size_t i = 0; p && i < p->classes_n; i++)
		if (str_eq(p->classes[i].name, class))
			return &p->classes[i];
	return NULL;
}

static int
by_name(const void *x, const void *y)
{
	const struct survey_group *a = x, *b = y;
	return strcmp(a->name, b->name);
}

static void
make_groups(struct survey *s, struct arena *a)
{
	struct map *index = map_new();
	s->groups = arena_alloc(a, (s->n + 1) * sizeof *s->groups);
	for (size_t i = 0; i < s->n; i++) {
		const struct survey_site *site = &s->sites[i];
		size_t at = (size_t)(uintptr_t)map_get(index, site->group);
		if (!at) {
			s->groups[s->groups_n++] = (struct survey_group){ .name = site->group };
			at = s->groups_n;
			map_set(index, site->group, (void *)(uintptr_t)at);
		}
		struct survey_group *g = &s->groups[at - 1];
		g->sites++;
		g->by_class[site->record ? site->record->class : RECORD_UNKNOWN]++;
		g->by_proposal[site->proposal]++;
		g->runs +=
			site->record ? site->record->all.expected - site->record->all.untested : 0;
		g->failed += site->record ? site->record->all.failed : 0;
	}
	map_free(index);
	qsort(s->groups, s->groups_n, sizeof *s->groups, by_name);
}

void
survey_make(const struct sites *sites, const struct records *records,
	const struct inventories *inventories, const struct profile *profile,
	const char *const *retired, int64_t at, struct arena *a, struct survey *out)
{
	struct map *addresses = map_new();
	*out = (struct survey){ .sites = arena_alloc(a, (sites->n + 1) * sizeof *out->sites) };
	for (size_t i = 0; i < sites->n; i++) {
		const struct site *site = &sites->at[i];
		if (!site_valid(site, at))
			continue;
		struct survey_site *s = &out->sites[out->n++];
		*s = (struct survey_site){ .site = site,
			.record = map_get(records->by_id, site->id),
			.inventory =
				inventory_of(inventories, arena_printf(a, "site:%s", site->id)),
			.minimum = minimum_of(profile, site->class) };
		s->group = group_of(s, a);
		find_server(s, retired, a);
		find_lines(s, a);
		measure(s);
		for (int k = 0; k < 2 && !str_empty(site->address[k]); k++) {
			const char *key = utf8_fold(a, site->address[k]);
			const struct site *first = map_get(addresses, key);
			if (first && first != site && !s->shares_address)
				s->shares_address = first->id;
			else if (!first)
				map_set(addresses, key, (void *)(uintptr_t)site);
		}
		decide(s);
	}
	map_free(addresses);
	make_groups(out, a);
}
