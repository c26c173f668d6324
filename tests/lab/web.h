/* The HTTP(S) side that the simulated Codian, CMS, RMX and management platforms have in common: one
 * daemon per MCU, a thread per connection. */
#ifndef TD_LAB_WEB_H
#define TD_LAB_WEB_H

#include "base/buf.h"
#include "base/vec.h"
#include "scenario.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct web_pair {
	char *name, *value;
};

struct web_form { /* names and values of a query or of a form body, in order */
	struct web_pair *at;
	size_t n, cap;
};

void web_form_add(
	struct web_form *f, const char *name, size_t name_n, const char *value, size_t value_n);
/* "a=b&c=d+e%20f"; at most so many pairs are kept. */
void web_form_parse(struct web_form *f, const char *text);
const char *web_form_get(const struct web_form *f, const char *name); /* NULL: not there */
void web_form_free(struct web_form *f);

struct web_request {
	const char *method, *path;
	struct web_form query;
	struct buf body;
	bool login, too_large, crowded; /* a Basic login came; body too long; too many at a time */
	char user[80], password[80], socket_key[64]; /* of a WebSocket handshake, else "" */
	char *uri;				  /* as it came, path and query, nothing decoded */
	/* headers token, Cookie, SOAPAction, Content-Type, or "" */
	char token[80], cookie[200], action[120], type[80];
	bool begun;				  /* its headers are there */
};

struct web_reply {
	unsigned status;
	const char *type;
	char location[200], token[48]; /* headers; token: X-Cisco-CMS-Auth-Token */
	char cookie[120];	       /* Set-Cookie, or "" */
	bool upgrade;                  /* to a WebSocket: `socket` takes over */
	struct buf body;
};

/* Is the box up; takes the fleet's lock. */
typedef bool web_serves_fn(void *owner, int64_t now);
typedef void web_answer_fn(void *owner, const struct web_request *rq, struct web_reply *out);

/* Talks on an upgraded connection until it ends or `stop` says so; `early` is what came with the
 * handshake. */
typedef void web_socket_fn(
	void *owner, int fd, const char *early, size_t early_n, const atomic_bool *stop);

enum { WEB_SOCKETS = 8 };

struct web_socket {
	struct web *web;
	pthread_t thread;
	bool used; /* there is a thread to join */
	atomic_bool over;
	int fd;
	struct buf early;
	struct MHD_UpgradeResponseHandle *handle;
};

struct web {
	const struct lab_mcu *plan;
	void *owner;
	web_serves_fn *serves;
	web_answer_fn *answer; /* called on any thread, without the fleet's lock */
	web_socket_fn *socket; /* NULL: no WebSocket here */
	int parallel;          /* more at a time are `crowded` */
	char *key_pem, *cert_pem;
	struct MHD_Daemon *daemon;
	atomic_int in_flight;
	atomic_uint resets;
	atomic_bool stopping;
	pthread_mutex_t lock; /* of sockets */
	struct web_socket sockets[WEB_SOCKETS];
};

/* False: said on stderr. `dir` keeps the certificate. */
bool web_start(struct web *w, const char *dir);
void web_stop(struct web *w);
/* Opens and closes the socket as the scenario says; without the lock. */
void web_follow(struct web *w, int64_t now);

#endif
