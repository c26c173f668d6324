/* The simulated MCU's sockets: libmicrohttpd over TLS, POST /RPC2. Called by main() and the ticker. Owns one
 * daemon per MCU; it goes away and comes back when the scenario takes the interface down. A thread per
 * connection, so that latency is a plain sleep. Must never touch state without the fleet's lock. */
#include "codian.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY_MAX = 64 * 1024, RESET_EVERY = 9, STACK = 512 * 1024 };

struct request {
	struct buf body;
	bool too_large;
};

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
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct linger hard = { 1, 0 };
	if (i)
		setsockopt(i->connect_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

static enum MHD_Result
answer(struct MHD_Connection *con, unsigned status, struct buf *body, const char *type)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(body->n, (void *)(uintptr_t)buf_str(body),
		MHD_RESPMEM_MUST_COPY);
	buf_free(body);
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", type);
	enum MHD_Result rc = MHD_queue_response(con, status, r);
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result
refuse(struct MHD_Connection *con, unsigned status)
{
	struct buf b = { 0 };
	buf_printf(&b, "<html><body>%u</body></html>\n", status);
	return answer(con, status, &b, "text/html");
}

/* MCU API: UTF-8 if the content type or the XML header says so, else ISO-8859-1 */
static bool
is_latin1(struct MHD_Connection *con)
{
	const char *type = MHD_lookup_connection_value(con, MHD_HEADER_KIND, "Content-Type");
	return !type || !strcasestr(type, "utf-8");
}

static enum MHD_Result
run(struct mcu *m, struct MHD_Connection *con, struct request *rq)
{
	struct buf out = { 0 };
	nap(m->plan->latency_ms);
	/* MCU API, transport: the box resets busy and idle sockets; the order may have been obeyed or not */
	unsigned turn = m->plan->reset_sockets ? ++m->resets : 0;
	bool reset = turn && turn % RESET_EVERY == 0;
	if (reset)
		will_reset(con);
	if (reset && turn / RESET_EVERY % 2 == 1) {
		lab_log(clock_now(), "reset", m->plan->name, "before", "yes", NULL);
		return MHD_NO;
	}
	/* MCU API, fault 203: not many requests at a time */
	if (atomic_fetch_add(&m->in_flight, 1) >= CODIAN_PARALLEL) {
		rpc_fault(&out, FAULT_ASYNC, "too many asynchronous requests");
	} else if (rq->too_large) {
		rpc_fault(&out, FAULT_TOO_LARGE, "request too large");
	} else {
		fleet_lock();
		codian_request(m, buf_str(&rq->body), rq->body.n, is_latin1(con), clock_now(), &out);
		fleet_unlock();
	}
	atomic_fetch_sub(&m->in_flight, 1);
	if (reset) {
		lab_log(clock_now(), "reset", m->plan->name, "before", "no", NULL);
		buf_free(&out);
		return MHD_NO;
	}
	return answer(con, 200, &out, "text/xml");
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *con, const char *url, const char *method, const char *version,
	const char *data, size_t *n, void **state)
{
	struct mcu *m = cls;
	struct request *rq = *state;
	if (!rq) {
		*state = rq = xalloc(sizeof *rq);
		if (m->plan->reset_sockets)
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
	if (!str_eq(url, "/RPC2"))
		return refuse(con, 404);
	if (!str_eq(method, "POST"))
		return refuse(con, 405);
	return run(m, con, rq);
}

static void
done(void *cls, struct MHD_Connection *con, void **state, enum MHD_RequestTerminationCode why)
{
	struct request *rq = *state;
	if (rq) {
		buf_free(&rq->body);
		free(rq);
	}
	*state = NULL;
}

bool
codian_start(struct mcu *m)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)m->plan->port) };
	if (inet_pton(AF_INET, m->plan->host, &at.sin_addr) != 1) {
		fprintf(stderr, "lab: %s: \"%s\" is not an address\n", m->plan->name, m->plan->host);
		return false;
	}
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL
		| MHD_USE_ITC | (m->plan->tls ? MHD_USE_TLS : 0);
	/* MCU API, transport: keep-alive is there, idle sockets are not kept for ever */
	unsigned idle = m->plan->reset_sockets ? 1 : m->plan->drop_idle ? 2 : 300;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, m->key_pem },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, m->cert_pem },
		{ MHD_OPTION_END, 0, NULL },
	};
	m->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, m, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_CONNECTION_LIMIT, 200u,
		MHD_OPTION_CONNECTION_TIMEOUT, idle, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
		MHD_OPTION_NOTIFY_COMPLETED, done, NULL, m->plan->tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls,
		MHD_OPTION_END);
	m->listening = m->daemon != NULL;
	if (!m->daemon)
		fprintf(stderr, "lab: %s: listen on %s:%d: %s\n", m->plan->name, m->plan->host, m->plan->port,
			strerror(errno));
	return m->daemon != NULL;
}

void
codian_stop(struct mcu *m)
{
	if (m->daemon)
		MHD_stop_daemon(m->daemon);
	m->daemon = NULL;
	m->listening = false;
}

void
codian_follow(struct mcu *m, int64_t now)
{
	fleet_lock();
	bool up = mcu_api_up(m, now);
	fleet_unlock();
	if (up == m->listening)
		return;
	lab_log(now, up ? "api-up" : "api-down", m->plan->name, NULL);
	if (!up)
		codian_stop(m);
	else
		codian_start(m); /* a port not free yet is tried again at the next tick */
}
