/* XML in: bytes to a light tree on an arena, with or without a schema. The only file that knows
 * libxml2. Refuses DOCTYPE, entities, network and XInclude; bounded in bytes, depth and attributes
 * before the parser sees it. */
#ifndef TD_WIRE_XML_H
#define TD_WIRE_XML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/faults.h"

#include <stddef.h>
#include <stdint.h>

struct xml_attr {
	const char *name, *value;
};

struct xml {
	const char *name; /* local name, without namespace prefix */
	const char *text; /* own text, trimmed, never NULL */
	struct xml_attr *attrs;
	size_t attrs_n;
	struct xml *parent, *first, *next; /* first child, next sibling */
	int line;
};

void xml_global_init(void);

/* A device's answer. ERR_PROTOCOL with a sentence. max = 0: 1 MiB. */
enum err xml_parse(struct arena *a, const char *bytes, size_t n, size_t max, struct xml **out,
	struct err_text *e);
/* A file a person wrote: well-formedness and schema faults all at once, each with its line. Returns
 * the tree if it is well-formed even when the schema found faults (the caller disables what is
 * wrong), else NULL. */
struct xml *xml_check(struct arena *a, const char *bytes, size_t n, const char *file,
	const char *xsd, size_t xsd_n, struct faults *faults);

/* NULL if not there; path "a/b/c" of child names below n. */
const struct xml *xml_at(const struct xml *n, const char *path);
/* Text at a path, or NULL. */
const char *xml_text(const struct xml *n, const char *path);
const char *xml_attr(const struct xml *n, const char *name); /* or NULL */
/* First child / next sibling of that name (NULL name = any). */
const struct xml *xml_child(const struct xml *n, const char *name);
const struct xml *xml_next(const struct xml *n, const char *name);

#endif
