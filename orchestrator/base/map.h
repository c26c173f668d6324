/* Text to pointer. Keys are copied; iteration is in order of insertion. */
#ifndef TD_BASE_MAP_H
#define TD_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *m);                              /* values are not touched */
void map_set(struct map *m, const char *key, void *value); /* replaces */
void *map_get(const struct map *m, const char *key);       /* NULL: not there */
bool map_has(const struct map *m, const char *key);
/* i from 0; false past the end. *i is advanced. Nothing may be added while walking. */
bool map_next(const struct map *m, size_t *i, const char **key, void **value);

#endif
