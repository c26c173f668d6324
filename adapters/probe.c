/* A box without control, or without a password: is there a sign of life, and what does it call
 * itself?
 *
 * Called by lanes on worker threads. Keeps nothing open between two questions; the lane's session
 * holds the address as read. Asks without any login, rings no room, and must never take silence for
 * a box that is off more surely than "no sign of life": codecs that are registered drop questions
 * of strangers.
 *
 *   address sip://host[:port][?tcp=1720,22,443]
 *   > OPTIONS over UDP, three times in 3.5 s         < any answer, 404 or 486 as well: alive
 *   > OPTIONS over TCP                               < a connection is a sign of life by itself
 *   > connects to 1720 (H.323), 22, 443              < connected: alive
 *
 * Server or User-Agent of an answer names model and firmware. A connection that is refused is no
 * sign: the room's router may have said it. No state of a call is told: only that somebody is
 * there. */
#include "adapters/probe.h"

#include "adapters/internal.h"
#include "adapters/wire/place.h"
#include "adapters/wire/tcp.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/udp.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SIP_PORT = 5060,
	PORTS_MOST = 8,
	CONNECT_MS = 2000,
	ANSWER_MS = 2000,
	ANSWER_MOST = 16 << 10,
	STRAYS_MOST = 64,
	READS_MOST = 1000, /* of one connection: a stream of "100 Trying" has no end */
};

static const int waits_ms[] = { 500, 1000, 2000 };
static const int ports_usual[] = { 1720, 22, 443 };

struct session {
	struct place at;
	int ports[PORTS_MOST];
	size_t ports_n;
	unsigned asked;
};

struct signs {
	bool alive;
	struct sip_answer answer; /* status 0: SIP told nothing */
};

/* ---- SIP
 * ------------------------------------------------------------------------------------------------
 */

static void
ask_options(struct task *t, struct session *s, const char *transport, const char *local_host,
	int local_port, struct buf *out, char word[17])
{
	char hex[HASH_HEX_SIZE];
	const char *seed = arena_printf(t->arena, "%s/%d/%s/%d/%lld/%u", s->at.host, s->at.port,
		local_host, local_port, (long long)clock_mono(), ++s->asked);
	hash_hex(seed, strlen(seed), hex);
	str_copy(word, 17, hex);
	const char *host =
		strchr(s->at.host, ':') ? arena_printf(t->arena, "[%s]", s->at.host) : s->at.host;
	sip_options(out, &(struct sip_way){ .transport = transport,
				 .host = host,
				 .port = s->at.port,
				 .local_host = local_host,
				 .local_port = local_port,
				 .word = word });
}

/* Answers within that time; a provisional one is life too, and the final one may say more. */
static enum err
hear_udp(struct task *t, struct udp *u, const char *word, int ms, struct signs *out)
{
	char bytes[ANSWER_MOST];
	int64_t until = clock_mono() + ms;
	for (int i = 0; i < STRAYS_MOST && out->answer.status < 200; i++) {
		size_t n;
		struct sip_answer a;
		int64_t left = until - clock_mono();
		if (left <= 0)
			return OK;
		enum err e = udp_read(t, u, bytes, sizeof bytes, left, &n);
		if (e)
			return e;
		if (n && sip_read(t->arena, bytes, n, word, &a)) {
			out->answer = a;
			out->alive = true;
		}
	}
	return OK;
}

/* ERR_UNREACHABLE is forgiven: there are other ways to ask. */
static enum err
other_ways(struct task *t, enum err e)
{
	if (e != ERR_UNREACHABLE)
		return e;
	task_forgive(t);
	return OK;
}

static enum err
ask_udp(struct task *t, struct session *s, struct signs *out)
{
	struct udp u;
	struct buf b = { 0 };
	char word[17];
	enum err e = udp_open(t, s->at.host, s->at.port, &u);
	if (e)
		return other_ways(t, e);
	ask_options(t, s, "UDP", u.local_host, u.local_port, &b, word);
	for (size_t i = 0; e == OK && !out->alive && i < sizeof waits_ms / sizeof *waits_ms; i++) {
		e = udp_send(t, &u, b.at, b.n);
		if (e == OK)
			e = hear_udp(t, &u, word, waits_ms[i], out);
	}
	buf_free(&b);
	udp_close(&u);
	return other_ways(t, e);
}

/* A connection within CONNECT_MS, or *out -1. */
static enum err
connect_to(struct task *t, const char *host, int port, int *out)
{
	int64_t until = clock_mono() + CONNECT_MS, kept = t->deadline;
	*out = -1;
	if (kept > until)
		t->deadline = until;
	enum err e = other_ways(t, tcp_connect(t, host, port, out));
	t->deadline = kept;
	if (e == OK && task_left(t) == 0)
		e = task_fail(t, ERR_TIMEOUT, "connect %s port %d: no time was left", host, port);
	return e;
}

static enum err
talk_tcp(struct task *t, struct session *s, int fd, struct signs *out)
{
	char host[64], word[17], chunk[4096];
	int port;
	struct buf b = { 0 }, in = { 0 };
	udp_local(fd, host, sizeof host, &port);
	ask_options(t, s, "TCP", host, port, &b, word);
	trace_bytes(t->trace, '>', b.at, b.n);
	/* Some hundred bytes on a new connection: the kernel takes them whole. */
	bool good = send(fd, b.at, b.n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)b.n;
	enum err e = OK;
	int64_t until = clock_mono() + ANSWER_MS;
	for (int i = 0; good && i < READS_MOST && e == OK && out->answer.status < 200; i++) {
		int64_t left = until - clock_mono();
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (left <= 0)
			break;
		e = task_wait(t, &p, 1, left);
		ssize_t n = e == OK && p.revents ? recv(fd, chunk, sizeof chunk, MSG_DONTWAIT) : -1;
		if (e || (n < 0 && p.revents && errno != EAGAIN && errno != EINTR) || n == 0)
			break;
		if (n > 0)
			buf_add(&in, chunk, (size_t)n);
		struct sip_answer a;
		if (in.n && sip_read(t->arena, in.at, in.n, word, &a)) {
			out->answer = a;
			char *end = memmem(in.at, in.n, "\r\n\r\n", 4);
			buf_drop(&in, end ? (size_t)(end - in.at) + 4 : in.n);
		}
		good = in.n < ANSWER_MOST;
	}
	trace_bytes(t->trace, '<', buf_str(&in), in.n);
	buf_free(&b);
	buf_free(&in);
	return e;
}

static enum err
ask_tcp(struct task *t, struct session *s, struct signs *out)
{
	int fd;
	enum err e = connect_to(t, s->at.host, s->at.port, &fd);
	if (e || fd < 0)
		return e;
	out->alive = true;
	e = talk_tcp(t, s, fd, out);
	close(fd);
	return e;
}

static enum err
ask_ports(struct task *t, struct session *s, struct signs *out)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && !out->alive && i < s->ports_n; i++) {
		int fd;
		e = connect_to(t, s->at.host, s->ports[i], &fd);
		out->alive = e == OK && fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	return e;
}

static enum err
look_for_life(struct task *t, struct lane *l, struct signs *out)
{
	struct session *s = l->session;
	*out = (struct signs){ 0 };
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: no address", l->device->name);
	enum err e = ask_udp(t, s, out);
	if (e == OK && !out->alive)
		e = ask_tcp(t, s, out);
	if (e == OK && !out->alive)
		e = ask_ports(t, s, out);
	if (e == ERR_TIMEOUT && out->alive) { /* there is only less to tell of it */
		task_forgive(t);
		e = OK;
	}
	if (e == OK && !out->alive)
		return task_fail(t, ERR_UNREACHABLE,
			"%s: no sign of life: OPTIONS to %s port %d and %zu TCP ports",
			l->device->name, s->at.host, s->at.port, s->ports_n);
	return e;
}

/* ---- the contract ---------------------------------------------------------------------------- */

static enum err
read_ports(struct task *t, const struct device *d, struct session *s)
{
	const char *list = strstr(d->url, "?tcp=");
	if (!list) {
		s->ports_n = sizeof ports_usual / sizeof *ports_usual;
		memcpy(s->ports, ports_usual, sizeof ports_usual);
		return OK;
	}
	char **parts = str_split(t->arena, list + strlen("?tcp="), ",", NULL);
	for (size_t i = 0; parts[i]; i++) {
		int64_t port;
		if (!str_to_int(parts[i], 1, 65535, &port) || s->ports_n == PORTS_MOST)
			return task_fail(t, ERR_INPUT, "%s: %s: tcp= takes at most %d port numbers",
				d->name, d->url, PORTS_MOST);
		s->ports[s->ports_n++] = (int)port;
	}
	return OK;
}

static enum err
probe_open(struct task *t, struct lane *l)
{
	struct session *s = arena_alloc(l->arena, sizeof *s);
	enum err e = place_read(t, l->device->name, l->device->url, "sip://", SIP_PORT, &s->at);
	if (e == OK)
		e = read_ports(t, l->device, s);
	if (e == OK)
		l->session = s;
	return e;
}

static void
probe_close(struct task *t, struct lane *l)
{
	l->session = NULL;
}

static enum err
probe_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct signs signs;
	*out = (struct identity){ 0 };
	enum err e = look_for_life(t, l, &signs);
	if (e == OK)
		sip_agent(signs.answer.agent, out);
	return e;
}

/* Alive, and nothing else is known. */
static enum err
probe_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct signs signs;
	*out = (struct endpoint_status){ 0 };
	return look_for_life(t, l, &signs);
}

/* This is everything we export: no control and no media without a login. */
const struct endpoint_adapter probe_adapter = {
	.name = "probe",
	.title = "Sign of life (SIP OPTIONS, TCP)",
	.grade = GRADE_PROVEN,
	.met = "baresip 1.0.0",
	.evidence = 0,
	.open = probe_open,
	.close = probe_close,
	.probe = probe_probe,
	.status = probe_status,
};
