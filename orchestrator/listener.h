/* Where devices post what happens on them: a small HTTP server that takes whole bodies from known
 * addresses on secret paths and hands them on. It understands none of them. The only file that
 * knows libmicrohttpd is its .c. */
#ifndef TD_LISTENER_H
#define TD_LISTENER_H

#include "base/err.h"
#include "mailbox.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	LISTENER_BODY_MOST = 256 << 10,  /* bytes of one post */
	LISTENER_QUEUE_MOST = 256,       /* posts that nobody has taken yet; more are answered 503,
					  * and the device keeps them */
	LISTENER_QUEUE_BYTES = 8 << 20,
	LISTENER_CONNECTIONS = 64,
	LISTENER_CONNECTIONS_EACH = 8,   /* of one address */
	LISTENER_GIVEN_S = 10,           /* for a body; and as silence on a connection */
	LISTENER_SECRET = 32,            /* hexadecimal digits of a path */
};

struct listener;

struct listener_options {
	const char *host;       /* numeric address of this machine */
	int port;
	const char *cert, *key; /* paths of PEM files: https; NULL: http */
	int given_s;            /* 0 = LISTENER_GIVEN_S */
};

struct listener_door { /* one device that may post */
	const char *device;
	const char *address;    /* numeric */
	const char *secret;     /* LISTENER_SECRET digits: it posts to /push/SECRET, or to anything
				 * below that */
	const char *answer;     /* body of the 200, or NULL; lives as long as the program */
};

struct push { /* a flat block */
	char device[100];
	size_t n;
	char bytes[];           /* n of them, and a NUL */
};

/* Listens from now on, and takes nothing as long as there is no door. Posts go to the mailbox as
 * struct push.
 * ERR_INPUT: the address or the certificate cannot be used. */
enum err listener_open(const struct listener_options *o, struct mailbox *to, struct listener **out,
	struct err_text *e);
/* Replaces the doors. Copied. Coordinator's thread only. */
void listener_doors(struct listener *l, const struct listener_door *doors, size_t n);
/* A post has been worked off: frees it and makes room in the queue. l NULL: frees it. */
void listener_taken(struct listener *l, struct push *p);
/* Ends the thread; what is in the mailbox stays there. NULL is fine. */
void listener_close(struct listener *l);

#endif
