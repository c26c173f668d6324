/* What the schema checker says, in words for the person who wrote the file. Used by xml.c only. */
#ifndef TD_WIRE_XMLFAULT_H
#define TD_WIRE_XMLFAULT_H

#include "base/arena.h"
#include "base/faults.h"

#include <stddef.h>

struct xmlfault_sink {
	struct arena *scratch; /* borrowed */
	struct faults *faults; /* borrowed */
	const char *file;
	const char *xsd; /* for the names a person may have meant */
	size_t xsd_n;
	size_t since;	   /* the faults of this file begin there: none is told twice */
	size_t told, most; /* faults of this file so far, and the most that are told */
	int last_line;	   /* of the last facet fault: the checker repeats it as a type fault */
	const char *last_where;
};

/* One line, blanks folded, no full stop, on the arena. */
char *xmlfault_plain(struct arena *a, const char *message);
/* Not well-formed. */
void xmlfault_syntax(struct xmlfault_sink *to, int line, const char *text);
/* A message of the schema checker as it comes. */
void xmlfault_schema(struct xmlfault_sink *to, int line, const char *message);

#endif
