/* Shared by coordinator_people.c (requests of the control socket) and coordinator_words.c (words
 * that steer a run): one request, and what a word needs of it. */
#ifndef TD_COORDINATOR_REQUEST_H
#define TD_COORDINATOR_REQUEST_H

#include "coordinator_inner.h"

enum { ARGS_MOST = 8 };

struct request {
	struct coordinator *c;
	struct control_client *client;
	struct arena *arena;
	const struct json *json;
	const char *verb, *args[ARGS_MOST]; /* "" where not given */
	size_t args_n;
	struct live *live;
	struct err_text e;
};

struct word {
	const char *verb;
	enum command command;
	enum err (*check)(
		struct request *, struct event *); /* fills the event; q->e says why not */
	bool afterwards; /* also for a run that has ended: the report gets a new revision */
};

const struct word *word_find(const char *verb);			       /* or NULL */
const char *request_option(const struct request *q, const char *name); /* "" */

#endif
