/* "Perhaps you meant": adds the nearest known name to what a schema said about an unknown element
 * or attribute. */
#ifndef TD_HINT_H
#define TD_HINT_H

#include "adapters/wire/xml.h"
#include "base/faults.h"

#include <stdbool.h>
#include <stddef.h>

/* Faults from number `since` on are those of the file's schema check. Lists are NULL-terminated. */
void hint_attributes(struct faults *f, size_t since, const struct xml *el, const char *file,
	const char *const *known);
void hint_element(struct faults *f, size_t since, const struct xml *el, const char *file,
	const char *const *known);
/* Where the schema says "has not the expected form" of that attribute: which form, by example. */
void hint_form(struct faults *f, size_t since, const struct xml *el, const char *attribute,
	const char *form);
/* True if the schema check found something at the line. */
bool hint_faulty(const struct faults *f, size_t since, size_t until, int line);

#endif
