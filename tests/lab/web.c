/* The sockets of the simulated Codian, CMS, RMX and management platforms: libmicrohttpd, TLS where
 * the address says https. Called by codian.c, cms.c, rmx.c and hall_doors.c. Owns one daemon per
 * MCU, which goes away and comes back with the scenario; latency is a plain sleep in the
 * connection's thread. Must never touch the MCUs' state: that is the answering function's. */
#include "web.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "log.h"
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BODY_MAX = 128 * 1024, RESET_EVERY = 9, STACK = 512 * 1024, IDLE_S = 300 };

static void
nap(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
	while (ms > 0 && nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* A reset rather than a farewell when this connection closes. */
static void
will_reset(struct MHD_Connection *con)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct linger hard = { 1, 0 };
	if (i)
		setsockopt(i->connect_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

static void *
socket_main(void *arg)
{
	struct web_socket *s = arg;
	s->web->socket(s->web->owner, s->fd, buf_str(&s->early), s->early.n, &s->web->stopping);
	buf_free(&s->early);
	MHD_upgrade_action(s->handle, MHD_UPGRADE_ACTION_CLOSE);
	atomic_store(&s->over, true);
	return NULL;
}

/* The connection is ours now; a thread of its own speaks on it. */
static void
upgraded(void *cls, struct MHD_Connection *con, void *state, const char *early, size_t n,
	MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
	struct web *w = cls;
	struct web_socket *s = NULL;
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < WEB_SOCKETS && !s; i++)
		if (!w->sockets[i].used || atomic_load(&w->sockets[i].over))
			s = &w->sockets[i];
	if (s && s->used)
		pthread_join(s->thread, NULL);
	bool ok = s && !atomic_load(&w->stopping);
	if (s) {
		*s = (struct web_socket){ .web = w, .fd = fd, .handle = handle };
		buf_add(&s->early, early, n);
		s->used = ok = ok && pthread_create(&s->thread, NULL, socket_main, s) == 0;
	}
	if (s && !ok)
		buf_free(&s->early);
	pthread_mutex_unlock(&w->lock);
	if (!ok)
		MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

/* RFC 6455: the key with a fixed tail, hashed, says that a WebSocket was understood. */
static enum MHD_Result
send_upgrade(struct web *w, struct MHD_Connection *con, const struct web_request *rq)
{
	char text[128], accept[64];
	uint8_t digest[20];
	snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", rq->socket_key);
	SHA1((const unsigned char *)text, strlen(text), digest);
	hash_base64(digest, sizeof digest, accept);
	struct MHD_Response *r = MHD_create_response_for_upgrade(upgraded, w);
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Upgrade", "websocket");
	MHD_add_response_header(r, "Sec-WebSocket-Accept", accept);
	enum MHD_Result rc = MHD_queue_response(con, MHD_HTTP_SWITCHING_PROTOCOLS, r);
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result
send_reply(struct MHD_Connection *con, struct web_reply *out)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		out->body.n, (void *)(uintptr_t)buf_str(&out->body), MHD_RESPMEM_MUST_COPY);
	buf_free(&out->body);
	if (!r)
		return MHD_NO;
	if (out->type)
		MHD_add_response_header(r, "Content-Type", out->type);
	if (out->location[0])
		MHD_add_response_header(r, "Location", out->location);
	if (out->cookie[0])
		MHD_add_response_header(r, "Set-Cookie", out->cookie);
	if (out->token[0])
		MHD_add_response_header(r, "X-Cisco-CMS-Auth-Token", out->token);
	if (out->status == 401)
		MHD_add_response_header(r, "WWW-Authenticate", "Basic realm=\"acano\"");
	enum MHD_Result rc = MHD_queue_response(con, out->status, r);
	MHD_destroy_response(r);
	return rc;
}

static void
take_login(struct MHD_Connection *con, struct web_request *rq)
{
	char *password = NULL, *user = MHD_basic_auth_get_username_password(con, &password);
	rq->login = user != NULL;
	str_copy(rq->user, sizeof rq->user, user ? user : "");
	str_copy(rq->password, sizeof rq->password, password ? password : "");
	MHD_free(user);
	MHD_free(password);
}

static void
take_header(struct MHD_Connection *con, const char *name, char *out, size_t size)
{
	const char *value = MHD_lookup_connection_value(con, MHD_HEADER_KIND, name);
	str_copy(out, size, value ? value : "");
}

static enum MHD_Result
take_pair(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	value = value ? value : "";
	web_form_add(cls, name, strlen(name), value, strlen(value));
	return MHD_YES;
}

static enum MHD_Result
run(struct web *w, struct MHD_Connection *con, struct web_request *rq)
{
	struct web_reply out = { .status = 200 };
	nap(w->plan->latency_ms);
	if (!w->serves(w->owner, clock_now()))
		return MHD_NO; /* killed a moment ago; the door is closed at the next tick */
	/* the order may have been obeyed or not when the socket dies */
	unsigned turn = w->plan->reset_sockets ? atomic_fetch_add(&w->resets, 1) + 1 : 0;
	bool reset = turn && turn % RESET_EVERY == 0, before = turn / RESET_EVERY % 2 == 1;
	if (reset) {
		will_reset(con);
		lab_log(clock_now(), "reset", w->plan->name, "before", before ? "yes" : "no", NULL);
		if (before)
			return MHD_NO;
	}
	take_header(con, "Sec-WebSocket-Key", rq->socket_key, sizeof rq->socket_key);
	take_header(con, "token", rq->token, sizeof rq->token);
	take_header(con, "Cookie", rq->cookie, sizeof rq->cookie);
	take_header(con, "SOAPAction", rq->action, sizeof rq->action);
	take_header(con, "Content-Type", rq->type, sizeof rq->type);
	rq->crowded = atomic_fetch_add(&w->in_flight, 1) >= w->parallel;
	take_login(con, rq);
	MHD_get_connection_values(con, MHD_GET_ARGUMENT_KIND, take_pair, &rq->query);
	w->answer(w->owner, rq, &out);
	atomic_fetch_sub(&w->in_flight, 1);
	if (reset || !w->serves(w->owner, clock_now())) {
		buf_free(&out.body);
		return MHD_NO;
	}
	return out.upgrade ? send_upgrade(w, con, rq) : send_reply(con, &out);
}

/* The first that is known of a request. */
static void *
take_uri(void *cls, const char *uri, struct MHD_Connection *con)
{
	struct web_request *rq = xalloc(sizeof *rq);
	rq->uri = strdup(uri);
	return rq;
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *con, const char *url, const char *method,
	const char *version, const char *data, size_t *n, void **state)
{
	struct web *w = cls;
	struct web_request *rq = *state;
	if (!rq->begun) {
		rq->begun = true;
		if (w->plan->reset_sockets)
			will_reset(con);
		return MHD_YES;
	}
	if (*n) {
		if (rq->body.n + *n > BODY_MAX)
			rq->too_large = true;
		else
			buf_add(&rq->body, data, *n);
		*n = 0;
		return MHD_YES;
	}
	rq->method = method;
	rq->path = url;
	return run(w, con, rq);
}

static void
done(void *cls, struct MHD_Connection *con, void **state, enum MHD_RequestTerminationCode why)
{
	struct web_request *rq = *state;
	if (rq) {
		buf_free(&rq->body);
		web_form_free(&rq->query);
		free(rq->uri);
		free(rq);
	}
	*state = NULL;
}

static bool
listen_on(struct web *w)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)w->plan->port) };
	if (inet_pton(AF_INET, w->plan->host, &at.sin_addr) != 1) {
		fprintf(stderr, "lab: %s: \"%s\" is not an address\n", w->plan->name,
			w->plan->host);
		return false;
	}
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
			 MHD_USE_POLL | MHD_USE_ITC | (w->plan->tls ? MHD_USE_TLS : 0) |
			 (w->socket ? MHD_ALLOW_UPGRADE : 0);
	unsigned idle = w->plan->reset_sockets ? 1 : w->plan->drop_idle ? 2 : IDLE_S;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, w->key_pem },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, w->cert_pem },
		{ MHD_OPTION_END, 0, NULL },
	};
	w->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, w, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&at, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
		MHD_OPTION_CONNECTION_LIMIT, 200u, MHD_OPTION_CONNECTION_TIMEOUT, idle,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK, MHD_OPTION_URI_LOG_CALLBACK, take_uri,
		NULL, MHD_OPTION_NOTIFY_COMPLETED, done, NULL,
		w->plan->tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls, MHD_OPTION_END);
	if (!w->daemon)
		fprintf(stderr, "lab: %s: listen on %s:%d: %s\n", w->plan->name, w->plan->host,
			w->plan->port, strerror(errno));
	return w->daemon != NULL;
}

bool
web_start(struct web *w, const char *dir)
{
	struct tls_identity id = { 0 };
	if (w->plan->tls && !tls_identity(dir, w->plan->name, w->plan->host, &id))
		return false;
	pthread_mutex_init(&w->lock, NULL);
	w->key_pem = id.key_pem;
	w->cert_pem = id.cert_pem;
	return listen_on(w);
}

void
web_stop(struct web *w)
{
	atomic_store(&w->stopping, true); /* those who listen end first: the daemon waits for
					   * them */
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < WEB_SOCKETS; i++)
		if (w->sockets[i].used) {
			pthread_join(w->sockets[i].thread, NULL);
			w->sockets[i].used = false;
		}
	pthread_mutex_unlock(&w->lock);
	if (w->daemon)
		MHD_stop_daemon(w->daemon);
	w->daemon = NULL;
	atomic_store(&w->stopping, false);
}

void
web_follow(struct web *w, int64_t now)
{
	bool up = w->serves(w->owner, now);
	if (up == (w->daemon != NULL))
		return;
	lab_log(now, up ? "api-up" : "api-down", w->plan->name, NULL);
	if (up)
		listen_on(w); /* a port not free yet is tried again at the next tick */
	else
		web_stop(w);
}
