/* Text to pointer: an array of entries in the order of their insertion, and an open-addressed index
 * into it.
 *
 * Used for sites by id, legs by address and the like. The map owns the copies of its keys, never
 * the values. Nothing is ever taken out. The hash is seeded per map because keys come from devices;
 * the seed must never show in any order. */
#include "base/map.h"

#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char *key;
	void *value;
	uint64_t hash;
};

struct map {
	struct entry *at;
	size_t n, cap;
	size_t *index; /* 2 * cap places; 0: free, else entry + 1 */
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
		if (e->hash == h && !strcmp(e->key, key))
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

static void
make_room(struct map *m)
{
	size_t bytes, cap = m->cap ? 2 * m->cap : FIRST;
	if (__builtin_mul_overflow(cap, sizeof *m->at, &bytes))
		bytes = SIZE_MAX;
	m->at = xrealloc(m->at, bytes);
	m->cap = cap;
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

bool
map_next(const struct map *m, size_t *i, const char **key, void **value)
{
	if (!m || *i >= m->n)
		return false;
	const struct entry *e = &m->at[(*i)++];
	if (key)
		*key = e->key;
	if (value)
		*value = e->value;
	return true;
}
