/* Shared by workspace.c, workspace_read.c and workspace_elements.c only: how an element of
 * tongduyet.xml is read. */
#ifndef TD_WORKSPACE_READ_H
#define TD_WORKSPACE_READ_H

#include "workspace.h"

struct xml;

struct reader {
	struct arena *a;
	struct faults *faults;
	struct workspace *w;
	const char *file;
	size_t since, schema; /* the schema's faults are [since, schema) */
};

/* Where an element keeps that it is disabled. */
struct state {
	bool *disabled;
	const char **why;
	int line;
};

#define STATE(x) ((struct state){ &(x)->disabled, &(x)->disabled_why, (x)->line })

/* workspace_read.c. A fault of the element, in its line; it is disabled, with the first one as the
 * reason. */
void element_bad(struct reader *r, struct state s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What the schema refused is disabled with the schema's words. */
void element_schema_fault(struct reader *r, struct state s);
/* An attribute, trimmed; NULL = not given; or what stands for it. */
const char *element_given(struct reader *r, const struct xml *el, const char *name);
const char *element_text(
	struct reader *r, const struct xml *el, const char *name, const char *otherwise);
/* A path, seen from the workspace. */
const char *element_below(struct reader *r, const char *path);
/* A file in PEM: absolute, and there. */
const char *element_pem(struct reader *r, const struct xml *el, const char *name, struct state s);
const char *element_ca(struct reader *r, const struct xml *el, struct state s);
/* The secret of a name, or one called like the element. */
void element_secret(struct reader *r, const char *secret, const char *fallback, struct state s,
	const char **user, const char **password);

/* workspace_elements.c: one element each, */
void element_calendar(struct reader *r, const struct xml *el);
void element_network(struct reader *r, const struct xml *el);
void element_mail(struct reader *r, const struct xml *el);
void element_board(struct reader *r, const struct xml *el);
void element_listen(struct reader *r, const struct xml *el);
void element_sender(struct reader *r, const struct xml *el);
void element_retired(struct reader *r, const struct xml *el);
void element_profile(struct reader *r, const struct xml *el);
/* and what holds between them, when all are read. */
void elements_check_posts(struct reader *r);
void elements_check_senders(struct reader *r);

#endif
