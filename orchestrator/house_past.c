/* The past of a plan: which of its runs began, and as what.
 *
 * Called by `plan`. Reads the house's chain on a connection of its own that cannot write. It must
 * never decide what begins: the coordinator does, from the same rows. */
#include "house.h"

#include "adapters/wire/json.h"
#include "base/map.h"
#include "base/str.h"
#include "journal.h"

#include <string.h>
#include <unistd.h>

struct past_run {
	int generation;
	int64_t start, at; /* as planned; when it began */
};

struct past {
	struct map *runs; /* key in generation 0 -> struct past_run */
	struct arena *arena;
};

static bool
take(const struct row *row, void *arg)
{
	struct past *past = arg;
	if (!str_eq(row->kind, "run-begun"))
		return true;
	struct arena *a = arena_new();
	const struct json *j = NULL;
	json_parse(a, row->body, strlen(row->body), &j, NULL);
	const char *key = json_text(j, "base_key");
	struct past_run *r = key ? map_get(past->runs, key) : NULL;
	if (key && !r) {
		r = arena_alloc(past->arena, sizeof *r);
		r->generation = -1;
		map_set(past->runs, key, r);
	}
	int generation = (int)json_int(j, "generation", 0);
	if (r && generation > r->generation)
		*r = (struct past_run){
			.generation = generation, .start = json_int(j, "start", 0), .at = row->at
		};
	arena_free(a);
	return true;
}

static const char *
renamed(const struct map *names, const char *key)
{
	const char *now = key ? map_get(names, key) : NULL;
	return now ? now : key;
}

static void
apply(const struct past *past, struct plan *p)
{
	struct map *names = map_new();
	for (size_t i = 0; i < p->runs_n; i++) {
		struct plan_run *run = &p->runs[i];
		const struct past_run *began = map_get(past->runs, run->key);
		if (!began)
			continue;
		const char *before = arena_strdup(past->arena, run->key);
		bool same = began->start == run->start || run->start <= began->at;
		run->generation = began->generation + !same;
		plan_key(run);
		map_set(names, before, arena_strdup(past->arena, run->key));
	}
	for (size_t i = 0; i < p->runs_n; i++) {
		p->runs[i].session_key = renamed(names, p->runs[i].session_key);
		for (size_t k = 0; k < p->runs[i].conflicts_n; k++)
			p->runs[i].conflicts[k].with = renamed(names, p->runs[i].conflicts[k].with);
	}
	map_free(names);
}

enum err
house_past(const struct house *h, struct plan *p, struct err_text *e)
{
	struct journal_reader *r;
	struct past past = { .arena = h->arena };
	if (access(h->ws.journal_path, F_OK))
		return OK;
	enum err code = journal_reader_open(h->ws.journal_path, &r, e);
	if (code != OK)
		return code;
	past.runs = map_new();
	code = journal_rows(r, JOURNAL_HOUSE, 1, take, &past, e);
	if (code == OK)
		apply(&past, p);
	map_free(past.runs);
	journal_reader_close(r);
	return code == ERR_GONE ? OK : code;
}
