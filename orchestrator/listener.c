/* Takes posts of devices: call detail records, feedback. A thread of libmicrohttpd's reads them; a
 * whole body of a known device becomes one flat message in the coordinator's mailbox.
 *
 * Called by coordinator_push.c. Owns the server, its thread and the lists of doors. A stranger's
 * connection is closed before a byte of it is read; a known address that does not know its secret
 * learns nothing (404). Everything is bounded: connections, header bytes, body, time for a body,
 * posts that wait. Must never understand a body, answer from one, or hold a lock: the list of doors
 * is replaced as a whole, and old ones are kept until the end because the thread may still read
 * them.
 *
 * Debian's 0.9.75 takes a second Content-Length and chunks where nobody wants them: both are
 * refused here. */
#include "listener.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_BYTES = 16 << 10, PEM_MOST = 64 << 10, COMPLAIN_MS = 60000 };

static const char prefix[] = "/push/";

struct door {
	char device[100], address[INET6_ADDRSTRLEN], secret[LISTENER_SECRET + 1];
	const char *answer;
};

struct doors {
	size_t n;
	struct door at[];
};

struct listener {
	struct MHD_Daemon *server;
	struct mailbox *to;
	_Atomic(const struct doors *) doors;
	VEC(struct doors *) all; /* coordinator's */
	atomic_size_t waiting, waiting_bytes;
	atomic_llong complained; /* clock_mono() of the last word about a refused post */
	char *cert, *key;
	unsigned given_s;
};

struct post { /* one request whose body is being read */
	const struct door *door;
	size_t expected;
	int64_t until;
	struct buf body;
};

/* ---- who may --------------------------------------------------------------------------------- */

/* An IPv4 address that came over an IPv6 socket is told as IPv4. */
static void
address_text(const struct sockaddr *a, char out[INET6_ADDRSTRLEN])
{
	out[0] = '\0';
	if (a->sa_family == AF_INET) {
		inet_ntop(
			AF_INET, &((const struct sockaddr_in *)a)->sin_addr, out, INET6_ADDRSTRLEN);
	} else if (a->sa_family == AF_INET6) {
		const struct in6_addr *six = &((const struct sockaddr_in6 *)a)->sin6_addr;
		if (IN6_IS_ADDR_V4MAPPED(six))
			inet_ntop(AF_INET, &six->s6_addr[12], out, INET6_ADDRSTRLEN);
		else
			inet_ntop(AF_INET6, six, out, INET6_ADDRSTRLEN);
	}
}

static void
canonical(const char *address, char out[INET6_ADDRSTRLEN])
{
	unsigned char raw[16];
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	out[0] = '\0';
	if (inet_pton(family, address, raw) == 1)
		inet_ntop(family, raw, out, INET6_ADDRSTRLEN);
}

static enum MHD_Result
may_connect(void *of, const struct sockaddr *a, socklen_t n)
{
	struct listener *l = of;
	char from[INET6_ADDRSTRLEN];
	const struct doors *d = atomic_load(&l->doors);
	address_text(a, from);
	for (size_t i = 0; d && i < d->n; i++)
		if (*from && str_eq(d->at[i].address, from))
			return MHD_YES;
	return MHD_NO;
}

/* In a time that does not tell how much of it was right. */
static bool
same_secret(const char *a, const char *b)
{
	unsigned char differs = 0;
	for (size_t i = 0; i < LISTENER_SECRET; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return differs == 0;
}

static const struct door *
find_door(struct listener *l, const char *from, const char *path)
{
	const struct doors *d = atomic_load(&l->doors);
	const char *secret = path + sizeof prefix - 1;
	const struct door *found = NULL;
	if (!d || !str_starts(path, prefix) || strnlen(secret, LISTENER_SECRET) < LISTENER_SECRET ||
		(secret[LISTENER_SECRET] && secret[LISTENER_SECRET] != '/'))
		return NULL;
	for (size_t i = 0; i < d->n; i++)
		if (same_secret(d->at[i].secret, secret) && str_eq(d->at[i].address, from))
			found = &d->at[i];
	return found;
}

/* ---- one request ----------------------------------------------------------------------------- */

static enum MHD_Result
reply(struct MHD_Connection *c, unsigned status, const char *body)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		body ? strlen(body) : 0, (void *)(body ? body : ""), MHD_RESPMEM_PERSISTENT);
	if (!r)
		return MHD_NO;
	if (body)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "text/xml");
	enum MHD_Result queued = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return queued;
}

static enum MHD_Result
refuse(struct listener *l, struct MHD_Connection *c, unsigned status, const char *from,
	const char *device)
{
	long long now = clock_mono(), last = atomic_load(&l->complained);
	if ((!last || now - last > COMPLAIN_MS) &&
		atomic_compare_exchange_strong(&l->complained, &last, now))
		log_warn("listener",
			"a post from %s%s%s was refused with status %u; more such are not told for "
			"a minute",
			from, *device ? ", " : "", device, status);
	return reply(c, status, NULL);
}

struct lengths {
	int n;
	bool chunks;
	const char *value;
};

static enum MHD_Result
count_length(void *of, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct lengths *n = of;
	if (str_eq_nocase(name, "Content-Length")) {
		n->n++;
		n->value = value;
	} else if (str_eq_nocase(name, "Transfer-Encoding")) {
		n->chunks = true;
	}
	return MHD_YES;
}

static bool
has_room(struct listener *l, size_t n)
{
	return atomic_load(&l->waiting) < LISTENER_QUEUE_MOST &&
	       atomic_load(&l->waiting_bytes) + n <= LISTENER_QUEUE_BYTES;
}

/* Headers are here. */
static enum MHD_Result
begin(struct listener *l, struct MHD_Connection *c, const char *path, const char *method,
	void **own)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char from[INET6_ADDRSTRLEN] = "";
	struct lengths len = { 0 };
	int64_t expected = -1;
	if (info)
		address_text(info->client_addr, from);
	const struct door *d = find_door(l, from, path);
	if (!d)
		return refuse(l, c, MHD_HTTP_NOT_FOUND, from, "");
	if (!str_eq(method, MHD_HTTP_METHOD_POST))
		return refuse(l, c, MHD_HTTP_METHOD_NOT_ALLOWED, from, d->device);
	MHD_get_connection_values(c, MHD_HEADER_KIND, count_length, &len);
	if (len.chunks || len.n != 1 || !str_to_int(len.value, 0, INT64_MAX, &expected))
		return refuse(l, c, MHD_HTTP_LENGTH_REQUIRED, from, d->device);
	if (expected > LISTENER_BODY_MOST)
		return refuse(l, c, MHD_HTTP_CONTENT_TOO_LARGE, from, d->device);
	if (!has_room(l, (size_t)expected))
		return refuse(l, c, MHD_HTTP_SERVICE_UNAVAILABLE, from, d->device);
	struct post *p = xalloc(sizeof *p);
	*p = (struct post){
		.door = d, .expected = (size_t)expected, .until = clock_mono() + l->given_s * 1000LL
	};
	*own = p;
	return MHD_YES;
}

static enum MHD_Result
deliver(struct listener *l, struct MHD_Connection *c, const struct post *p)
{
	struct push *m = xalloc(sizeof *m + p->body.n + 1);
	str_copy(m->device, sizeof m->device, p->door->device);
	m->n = p->body.n;
	memcpy(m->bytes, buf_str(&p->body), p->body.n);
	atomic_fetch_add(&l->waiting, 1);
	atomic_fetch_add(&l->waiting_bytes, m->n);
	mailbox_post(l->to, m);
	return reply(c, MHD_HTTP_OK, p->door->answer);
}

static enum MHD_Result
handle(void *of, struct MHD_Connection *c, const char *path, const char *method,
	const char *version, const char *data, size_t *n, void **own)
{
	struct listener *l = of;
	struct post *p = *own;
	if (!p)
		return begin(l, c, path, method, own);
	if (clock_mono() > p->until || *n > p->expected - p->body.n)
		return MHD_NO; /* the connection is closed */
	if (*n) {
		buf_add(&p->body, data, *n);
		*n = 0;
		return MHD_YES;
	}
	if (p->body.n != p->expected)
		return MHD_NO;
	return deliver(l, c, p);
}

static void
completed(void *of, struct MHD_Connection *c, void **own, enum MHD_RequestTerminationCode why)
{
	struct post *p = *own;
	if (!p)
		return;
	buf_free(&p->body);
	free(p);
	*own = NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static enum err
read_pem(const char *path, char **out, struct err_text *e)
{
	struct buf b = { 0 };
	char chunk[4096];
	ssize_t k = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (k = read(fd, chunk, sizeof chunk)) > 0 && b.n <= PEM_MOST)
		buf_add(&b, chunk, (size_t)k);
	int why = errno;
	if (fd >= 0)
		close(fd);
	explicit_bzero(chunk, sizeof chunk);
	if (k != 0) {
		buf_free(&b);
		return err_set(e, ERR_INPUT, T("read %s: %s"), path,
			k > 0 ? "too long" : strerrordesc_np(why));
	}
	*out = buf_take(&b);
	return OK;
}

static bool
place_of(const struct listener_options *o, struct sockaddr_storage *out)
{
	*out = (struct sockaddr_storage){ 0 };
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
	if (inet_pton(AF_INET, o->host, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)o->port);
		return true;
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons((uint16_t)o->port);
	return inet_pton(AF_INET6, o->host, &six->sin6_addr) == 1;
}

enum err
listener_open(const struct listener_options *o, struct mailbox *to, struct listener **out,
	struct err_text *e)
{
	struct sockaddr_storage place;
	*out = NULL;
	if (!place_of(o, &place))
		return err_set(e, ERR_INPUT, T("listen on %s: not a numeric address"), o->host);
	struct listener *l = xalloc(sizeof *l);
	l->to = to;
	l->given_s = o->given_s > 0 ? (unsigned)o->given_s : LISTENER_GIVEN_S;
	enum err code = o->cert ? read_pem(o->cert, &l->cert, e) : OK;
	if (code == OK && o->key)
		code = read_pem(o->key, &l->key, e);
	if (code != OK) {
		listener_close(l);
		return code;
	}
	struct MHD_OptionItem tls[] = {
		{ l->cert ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, l->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, l->key },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | (l->cert ? MHD_USE_TLS : 0) |
		(place.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
	errno = 0;
	l->server = MHD_start_daemon(flags, 0, may_connect, l, handle, l, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&place, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)LISTENER_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)LISTENER_CONNECTIONS_EACH, MHD_OPTION_CONNECTION_TIMEOUT, l->given_s,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
		MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (!l->server) {
		int why = errno;
		listener_close(l);
		return err_set(e, ERR_INPUT, T("listen on %s port %d: %s"), o->host, o->port,
			why ? strerrordesc_np(why) : "no server; are certificate and key a pair?");
	}
	*out = l;
	return OK;
}

void
listener_doors(struct listener *l, const struct listener_door *doors, size_t n)
{
	struct doors *d = xalloc(sizeof *d + n * sizeof d->at[0]);
	for (size_t i = 0; i < n; i++) {
		if (strlen(doors[i].secret) != LISTENER_SECRET)
			continue;
		struct door *at = &d->at[d->n++];
		str_copy(at->device, sizeof at->device, doors[i].device);
		str_copy(at->secret, sizeof at->secret, doors[i].secret);
		canonical(doors[i].address, at->address);
		at->answer = doors[i].answer;
	}
	*vec_add(&l->all) = d;
	atomic_store(&l->doors, d);
}

void
listener_taken(struct listener *l, struct push *p)
{
	if (l) {
		atomic_fetch_sub(&l->waiting, 1);
		atomic_fetch_sub(&l->waiting_bytes, p->n);
	}
	free(p);
}

void
listener_close(struct listener *l)
{
	if (!l)
		return;
	if (l->server)
		MHD_stop_daemon(l->server);
	for (size_t i = 0; i < l->all.n; i++)
		free(l->all.at[i]);
	vec_free(&l->all);
	if (l->key)
		explicit_bzero(l->key, strlen(l->key));
	free(l->key);
	free(l->cert);
	free(l);
}
