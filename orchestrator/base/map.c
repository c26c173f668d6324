/* Text to pointer: an array of entries in the order of their insertion, and an open-addressed index
 * into it.
 *
 * Used for sites by id, legs by address and the like. The map owns the copies of its keys, never
 * the values. Removing leaves a hole that is skipped; holes are closed only when a new key needs
 * room, so removing what map_next() just gave is allowed, adding while walking is not. The hash is
 * seeded per map because keys come from devices; the seed must never show in any order. */
#include "base/map.h"

#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char *key; /* NULL: removed */
	void *value;
	uint64_t hash;
};

struct map {
	struct entry *at;
	size_t n, cap; /* holes included; the index has 2 * cap places */
	size_t live;
	size_t *index; /* 0: free, else entry + 1; a hole keeps its place */
	uint64_t seed;
};

enum { FIRST = 8 };

static uint64_t
hash_of(const struct map *m, const char *key)
{
	uint64_t h = m->seed ^ 0xcbf29ce484222325u;
	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3u;
	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

struct map *
map_new(void)
{
	struct map *m = xalloc(sizeof *m);
	m->seed = (uint64_t)(uintptr_t)m * 0x9e3779b97f4a7c15u;
	return m;
}

void
map_free(struct map *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->at[i].key);
	free(m->at);
	free(m->index);
	free(m);
}

static struct entry *
find(const struct map *m, const char *key)
{
	if (!m || !key || !m->cap)
		return NULL;
	uint64_t h = hash_of(m, key);
	size_t mask = 2 * m->cap - 1;
	for (size_t i = h & mask; m->index[i]; i = (i + 1) & mask) {
		struct entry *e = &m->at[m->index[i] - 1];
		if (e->key && e->hash == h && !strcmp(e->key, key))
			return e;
	}
	return NULL;
}

static void
enter(struct map *m, size_t entry)
{
	size_t mask = 2 * m->cap - 1, i = m->at[entry].hash & mask;
	while (m->index[i])
		i = (i + 1) & mask;
	m->index[i] = entry + 1;
}

/* Closes the holes; doubles if they were fewer than half. */
static void
make_room(struct map *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n; i++)
		if (m->at[i].key)
			m->at[n++] = m->at[i];
	m->n = n;
	if (!m->cap || n > m->cap / 2) {
		size_t bytes, cap = m->cap ? 2 * m->cap : FIRST;
		if (__builtin_mul_overflow(cap, sizeof *m->at, &bytes))
			bytes = SIZE_MAX;
		m->at = xrealloc(m->at, bytes);
		m->cap = cap;
	}
	free(m->index);
	m->index = xalloc(2 * m->cap * sizeof *m->index);
	for (size_t i = 0; i < m->n; i++)
		enter(m, i);
}

void
map_set(struct map *m, const char *key, void *value)
{
	assert(key && "a key is text");
	struct entry *e = find(m, key);
	if (e) {
		e->value = value;
		return;
	}
	if (m->n == m->cap)
		make_room(m);
	m->at[m->n] = (struct entry){ xstrdup(key), value, hash_of(m, key) };
	enter(m, m->n++);
	m->live++;
}

void *
map_get(const struct map *m, const char *key)
{
	struct entry *e = find(m, key);
	return e ? e->value : NULL;
}

bool
map_has(const struct map *m, const char *key)
{
	return find(m, key);
}

void
map_remove(struct map *m, const char *key)
{
	struct entry *e = find(m, key);
	if (!e)
		return;
	free(e->key); /* last use of `key`, which may be this very copy */
	*e = (struct entry){ 0 };
	m->live--;
}

size_t
map_count(const struct map *m)
{
	return m ? m->live : 0;
}

bool
map_next(const struct map *m, size_t *i, const char **key, void **value)
{
	while (m && *i < m->n) {
		const struct entry *e = &m->at[(*i)++];
		if (!e->key)
			continue;
		if (key)
			*key = e->key;
		if (value)
			*value = e->value;
		return true;
	}
	return false;
}
