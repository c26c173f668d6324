/* The sockets of the simulated HTTPS codecs: one libmicrohttpd daemon per box, so that a dead box
 * can close its own, and a thread per connection. Called by main() and the ticker. Owns daemons and
 * certificates. Must never answer for a site without power or network: its socket is gone, or, for
 * a black hole, takes and never speaks. */
#include "codec.h"

#include "log.h"
#include "tls.h"

#include "base/clock.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY_MAX = 64 * 1024, STACK = 256 * 1024, IDLE_S = 120, IDENTITIES = 2 };

struct codec_socket {
	struct MHD_Daemon *daemon; /* NULL: closed */
	int identity;		   /* the certificate it shows */
	int hole;		   /* a listening socket that nobody serves, or -1 */
};

static struct codec_box *boxes;
static size_t boxes_n;
static struct tls_identity identities[IDENTITIES];

static codec_answer_fn *
answer_of(enum codec_kind kind)
{
	return kind == CODEC_POLY_REST ? poly_rest_answer
	       : kind == CODEC_HUAWEI  ? huawei_answer
	       : kind == CODEC_MXP     ? mxp_answer
				       : roomos_answer;
}

static void
take(struct MHD_Connection *con, enum MHD_ValueKind kind, const char *name, char *out, size_t size)
{
	const char *v = MHD_lookup_connection_value(con, kind, name);
	str_copy(out, size, v ? v : "");
}

static void
take_heads(struct MHD_Connection *con, struct codec_request *rq)
{
	take(con, MHD_GET_ARGUMENT_KIND, "location", rq->location, sizeof rq->location);
	take(con, MHD_GET_ARGUMENT_KIND, "ActionID", rq->action, sizeof rq->action);
	take(con, MHD_HEADER_KIND, "Cookie", rq->cookie, sizeof rq->cookie);
	take(con, MHD_HEADER_KIND, "X-XSRF-TOKEN", rq->xsrf, sizeof rq->xsrf);
	take(con, MHD_HEADER_KIND, "Sessionid", rq->session, sizeof rq->session);
	char *password = NULL, *user = MHD_basic_auth_get_username_password(con, &password);
	rq->login = user != NULL;
	str_copy(rq->user, sizeof rq->user, user ? user : "");
	str_copy(rq->password, sizeof rq->password, password ? password : "");
	MHD_free(user);
	MHD_free(password);
}

static enum MHD_Result
send_reply(struct MHD_Connection *con, struct codec_reply *out)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		out->body.n, (void *)(uintptr_t)buf_str(&out->body), MHD_RESPMEM_MUST_COPY);
	char challenge[80];
	buf_free(&out->body);
	if (!r)
		return MHD_NO;
	if (out->type)
		MHD_add_response_header(r, "Content-Type", out->type);
	if (out->location[0])
		MHD_add_response_header(r, "Location", out->location);
	for (int i = 0; i < 2; i++)
		if (out->cookies[i][0])
			MHD_add_response_header(r, "Set-Cookie", out->cookies[i]);
	if (out->realm) {
		snprintf(challenge, sizeof challenge, "Basic realm=\"%s\"", out->realm);
		MHD_add_response_header(r, "WWW-Authenticate", challenge);
	}
	enum MHD_Result rc = MHD_queue_response(con, out->status, r);
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *con, const char *url, const char *method,
	const char *version, const char *data, size_t *n, void **state)
{
	struct codec_box *box = cls;
	struct codec_request *rq = *state;
	if (!rq) {
		*state = xalloc(sizeof *rq);
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
	struct codec_reply out = { .status = 200 };
	rq->method = method;
	rq->path = url;
	take_heads(con, rq);
	if (rq->too_large) {
		out.status = 413;
	} else {
		fleet_lock();
		bool up = site_reachable(box->site, clock_now());
		if (up)
			answer_of(box->site->plan->codec.kind)(
				box, rq, clock_now(), clock_mono(), &out);
		fleet_unlock();
		if (!up)
			return MHD_NO; /* its door is closed at the next tick */
	}
	return send_reply(con, &out);
}

static void
done(void *cls, struct MHD_Connection *con, void **state, enum MHD_RequestTerminationCode why)
{
	struct codec_request *rq = *state;
	if (rq) {
		buf_free(&rq->body);
		free(rq);
	}
	*state = NULL;
}

/* ---- listening ---- */

static bool
address_of(const struct lab_codec *c, struct sockaddr_in *out)
{
	*out = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)c->port) };
	return inet_pton(AF_INET, c->host, &out->sin_addr) == 1;
}

static bool
listen_on(struct codec_box *b)
{
	struct sockaddr_in at;
	struct tls_identity *id = &identities[b->socket->identity];
	if (!address_of(&b->site->plan->codec, &at))
		return false;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, id->key_pem },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, id->cert_pem },
		{ MHD_OPTION_END, 0, NULL },
	};
	b->socket->daemon =
		MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
					 MHD_USE_POLL | MHD_USE_ITC | MHD_USE_TLS,
			0, NULL, NULL, handle, b, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
			MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_CONNECTION_LIMIT, 40u,
			MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
			MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK, MHD_OPTION_NOTIFY_COMPLETED,
			done, NULL, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	return b->socket->daemon != NULL;
}

static int
open_hole(const struct lab_codec *c)
{
	struct sockaddr_in at;
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (!address_of(c, &at) || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ||
		listen(fd, 64) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* VideoOS: another certificate after each boot; elsewhere only when the scenario changes it */
static int
identity_of(const struct site *s, int64_t now)
{
	const struct lab_site *p = s->plan;
	if (p->hostkey_changes_at != LAB_NEVER && s->first_connect &&
		now >= s->first_connect + p->hostkey_changes_at)
		return 1;
	return p->codec.kind == CODEC_POLY_REST && s->first_connect &&
	       site_boot(s, now) > s->first_connect;
}

static bool
follow(struct codec_box *b, bool up, int identity)
{
	struct codec_socket *k = b->socket;
	bool hole = !up && b->site->plan->black_hole;
	if (k->daemon && (!up || k->identity != identity)) {
		MHD_stop_daemon(k->daemon);
		k->daemon = NULL;
	}
	if (k->hole >= 0 && !hole) {
		close(k->hole);
		k->hole = -1;
	}
	k->identity = identity;
	if (hole && k->hole < 0)
		k->hole = open_hole(&b->site->plan->codec);
	if (up && !k->daemon)
		return listen_on(b); /* a port not free yet is tried again at the next tick */
	return true;
}

void
codec_follow(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++) {
		fleet_lock();
		bool up = site_reachable(boxes[i].site, now);
		int identity = identity_of(boxes[i].site, now);
		fleet_unlock();
		follow(&boxes[i], up, identity);
	}
}

bool
codec_start(const struct scenario *s, const char *dir, int64_t now)
{
	static const char *const names[IDENTITIES] = { "codec-tls", "codec-tls-changed" };
	boxes = xalloc((s->sites.n + 1) * sizeof *boxes);
	for (size_t i = 0; i < s->sites.n; i++) {
		if (!s->sites.at[i].codec.exists || !s->sites.at[i].codec.tls)
			continue;
		struct codec_box *b = &boxes[boxes_n++];
		b->site = fleet_site(i);
		b->socket = xalloc(sizeof *b->socket);
		b->socket->hole = -1;
	}
	for (int i = 0; boxes_n && i < IDENTITIES;
		i++) /* all boxes of one make: one key, as of the SSH codecs */
		if (!tls_identity(dir, names[i], boxes[0].site->plan->codec.host, &identities[i]))
			return false;
	for (size_t i = 0; i < boxes_n; i++) {
		const struct lab_site *p = boxes[i].site->plan;
		if (!follow(&boxes[i], site_reachable(boxes[i].site, now), 0)) {
			fprintf(stderr, "lab: %s: listen on %s:%d: %s\n", p->id, p->codec.host,
				p->codec.port, strerror(errno));
			return false;
		}
	}
	return true;
}

void
codec_stop(void)
{
	for (size_t i = 0; i < boxes_n; i++) {
		if (boxes[i].socket->daemon)
			MHD_stop_daemon(boxes[i].socket->daemon);
		if (boxes[i].socket->hole >= 0)
			close(boxes[i].socket->hole);
	}
}
