/* A device that stands in for any kind: what it answers is in a file (tests/fuzz/corpus/devices),
 * found by what is asked, and may be twisted on its way. No sockets, no threads, no real time: the
 * wire's functions are wrapped at the link (HOSTILE_WRAPS in the Makefile), and waiting moves a
 * clock of our own. Used by tests/talk/hostile.c and by the fuzz target `devices`.
 *
 * A file: lines "device ADAPTER", "url ..", "user ..", "password ..", "conference ID", "name ..",
 * "leg ..", then one part per answer behind a line "%%": lines "? TEXT" (all of them are in the
 * request, or are the whole line of a line device), for HTTP "= STATUS" and header lines, a blank
 * line, the body. A part "hello" is said unasked, "stream" is all that a bare connection holds. */
#ifndef TD_TESTS_TALK_HOSTILE_H
#define TD_TESTS_TALK_HOSTILE_H

#include "adapters/adapter.h"
#include "adapters/wire/http.h"
#include "adapters/wire/ssh.h"
#include "adapters/wire/stream.h"
#include "adapters/wire/tcp.h"
#include "adapters/wire/telnet.h"
#include "adapters/wire/ws.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HOSTILE_MATCHES = 6,
	HOSTILE_HEADS = 8,
	HOSTILE_ANSWERS = 200,
	HOSTILE_ASKED_MOST = 3000, /* requests of one tour */
	HOSTILE_GIVEN_MS = 60000,  /* for one operation, by the clock of our own */
};

struct hostile_answer {
	const char *match[HOSTILE_MATCHES];
	size_t match_n, weight; /* weight: bytes matched */
	int status;		/* 0: a line device's */
	struct http_header head[HOSTILE_HEADS];
	size_t head_n;
	const char *body;
	size_t n;
	size_t turn; /* asked so often */
};

struct hostile {
	struct arena *a;
	struct device device;
	struct conference conference;
	const char *leg_name;
	struct hostile_answer at[HOSTILE_ANSWERS];
	size_t n;
	const char *hello, *stream;
	/* What becomes of an answer; NULL: nothing. i: how many were given before it. */
	void (*twist)(struct hostile *h, size_t i, struct hostile_answer *copy);
	const void *twist_of;
	size_t asked, missed;	  /* missed: nothing in the file answers that */
	struct buf said, command; /* of a line device: not read yet; not ended yet */
	int far_fd;		  /* its end of a bare connection, or 0 */
	struct buf shaken;	  /* of a WebSocket: its half of the handshake, not read yet */
};

static struct hostile *hostile; /* whom the wire speaks with */
static int64_t hostile_now = 1000000;

/* ---- its file -------------------------------------------------------------------------------- */

static inline void
hostile_part(struct hostile *h, char *part)
{
	struct hostile_answer *x = &h->at[h->n];
	*x = (struct hostile_answer){ 0 };
	char *end;
	bool hello = false, stream = false;
	for (; (end = strchr(part, '\n')) && end != part; part = end + 1) {
		*end = '\0';
		if (str_starts(part, "? ") && x->match_n < HOSTILE_MATCHES) {
			x->match[x->match_n++] = part + 2;
			x->weight += strlen(part + 2);
		} else if (str_starts(part, "= ")) {
			x->status = part[2] >= '1' && part[2] <= '5' ? (part[2] - '0') * 100 : 200;
			if (str_starts(part + 2, "20"))
				x->status += part[4] >= '0' && part[4] <= '9' ? part[4] - '0' : 0;
		} else if (str_eq(part, "hello")) {
			hello = true;
		} else if (str_eq(part, "stream")) {
			stream = true;
		} else if (strchr(part, ':') && x->head_n < HOSTILE_HEADS) {
			char *colon = strchr(part, ':');
			*colon = '\0';
			x->head[x->head_n++] = (struct http_header){ part, str_trim(colon + 1) };
		}
	}
	x->body = end ? end + 1 : "";
	x->n = strlen(x->body);
	if (x->n && x->body[x->n - 1] == '\n')
		x->n--;
	x->body = arena_strndup(h->a, x->body, x->n);
	if (hello)
		h->hello = h->hello ? h->hello : x->body;
	else if (stream)
		h->stream = x->body;
	else if (x->match_n)
		h->n++;
}

static inline void
hostile_new(struct hostile *h, const char *bytes, size_t n)
{
	*h = (struct hostile){ .a = arena_new() };
	struct device *d = &h->device;
	*d = (struct device){
		.name = "far", .adapter = "", .url = "http://127.0.0.1/", .width = 1
	};
	h->leg_name = "chu-tuc";
	char *text = utf8_repair(h->a, bytes, n), *next = strstr(text, "%%\n"), *line;
	if (next)
		*next = '\0';
	for (char *rest = text; (line = strsep(&rest, "\n"));) {
		char *value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		if (str_eq(line, "device"))
			d->adapter = value;
		else if (str_eq(line, "url"))
			d->url = value;
		else if (str_eq(line, "user"))
			d->user = value;
		else if (str_eq(line, "password"))
			d->password = value;
		else if (str_eq(line, "leg"))
			h->leg_name = value;
		else if (str_eq(line, "conference"))
			str_copy(h->conference.id, sizeof h->conference.id, value);
		else if (str_eq(line, "name"))
			str_copy(h->conference.name, sizeof h->conference.name, value);
	}
	while (next && h->n < HOSTILE_ANSWERS) {
		char *part = next + 3;
		next = strstr(part, "%%\n");
		if (next)
			*next = '\0';
		hostile_part(h, part);
	}
}

static inline void
hostile_free(struct hostile *h)
{
	buf_free(&h->said);
	buf_free(&h->command);
	buf_free(&h->shaken);
	if (h->far_fd)
		close(h->far_fd);
	arena_free(h->a);
}

/* Before each tour: nothing was asked yet. */
static inline void
hostile_rewind(struct hostile *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->at[i].turn = 0;
	h->asked = h->missed = 0;
	buf_clear(&h->said);
	buf_clear(&h->command);
	buf_clear(&h->shaken);
	hostile = h;
}

/* The answer that fits best; of several alike each in its turn, the last one then for ever. */
static inline bool
hostile_find(struct hostile *h, const char *request, bool whole, struct hostile_answer *out)
{
	struct hostile_answer *best = NULL;
	for (size_t i = 0; i < h->n; i++) {
		struct hostile_answer *x = &h->at[i];
		bool fits = (x->status == 0) == whole;
		for (size_t k = 0; fits && k < x->match_n; k++)
			fits = whole ? str_eq(request, x->match[k])
				     : strstr(request, x->match[k]) != NULL;
		if (fits && (!best || x->weight > best->weight ||
				    (x->weight == best->weight && x->turn < best->turn)))
			best = x;
	}
	h->asked++;
	if (!best || h->asked > HOSTILE_ASKED_MOST) {
		h->missed++;
		return false;
	}
	best->turn++;
	*out = *best;
	if (h->twist)
		h->twist(h, h->asked - 1, out);
	return true;
}

/* ---- the wire, wrapped ----------------------------------------------------------------------- */

int64_t __wrap_clock_mono(void);
enum err __wrap_task_sleep(struct task *t, int64_t ms);
enum err __wrap_task_wait(struct task *t, struct pollfd *fds, int n, int64_t at_most_ms);
enum err __wrap_http_open(struct task *t, const struct http_options *o, struct http **out);
enum err __wrap_http_ask(
	struct task *t, struct http *h, const struct http_request *q, struct http_reply *out);
void __wrap_http_close(struct http *h);
enum err __wrap_telnet_open(struct task *t, const char *host, int port, struct telnet **out);
enum err __wrap_telnet_send(struct task *t, struct telnet *tn, const void *bytes, size_t n);
struct byte_stream __wrap_telnet_stream(struct telnet *tn);
void __wrap_telnet_close(struct telnet *tn);
enum err __wrap_ssh_open(struct task *t, const struct ssh_options *o, struct ssh **out);
const char *__wrap_ssh_host_key(const struct ssh *s);
struct byte_stream __wrap_ssh_stream(struct ssh *s);
void __wrap_ssh_close(struct ssh *s);
enum err __wrap_tcp_connect(struct task *t, const char *host, int port, int *out);
enum err __wrap_http_link_open(
	struct task *t, const struct http_options *o, struct http_link **out);
enum err __wrap_http_link_send(struct task *t, struct http_link *k, const void *bytes, size_t n);
enum err __wrap_http_link_read(struct task *t, struct http_link *k, void *into, size_t cap,
	int64_t at_most_ms, size_t *out_n);
const char *__wrap_http_link_host(const struct http_link *k);
const char *__wrap_http_link_path(const struct http_link *k);
void __wrap_http_link_close(struct http_link *k);

int64_t
__wrap_clock_mono(void)
{
	return hostile_now;
}

/* Time goes on without anything to wait for. */
static inline enum err
hostile_wait(struct task *t, int64_t at_most_ms)
{
	int64_t left = t->deadline > hostile_now ? t->deadline - hostile_now : 0;
	if (at_most_ms >= 0 && at_most_ms < left) {
		hostile_now += at_most_ms > 0 ? at_most_ms : 1;
		return OK;
	}
	hostile_now += left;
	return task_fail(t, ERR_TIMEOUT, "no answer within the time given");
}

enum err
__wrap_task_sleep(struct task *t, int64_t ms)
{
	return hostile_wait(t, ms);
}

enum err
__wrap_task_wait(struct task *t, struct pollfd *fds, int n, int64_t at_most_ms)
{
	return n && poll(fds, (nfds_t)n, 0) > 0 ? OK : hostile_wait(t, at_most_ms);
}

enum err
__wrap_http_open(struct task *t, const struct http_options *o, struct http **out)
{
	*out = (struct http *)hostile;
	return OK;
}

enum err
__wrap_http_ask(
	struct task *t, struct http *h, const struct http_request *q, struct http_reply *out)
{
	struct buf b = { 0 };
	struct hostile_answer x;
	const char *place = strstr(hostile->device.url, "://");
	const char *path = place ? strchr(place + 3, '/') : NULL;
	size_t base = path ? strcspn(path, "?") : 0;
	*out = (struct http_reply){ .status = 404, .body = "" };
	while (base && path[base - 1] == '/')
		base--;
	buf_printf(&b, "%s %.*s%s HTTP/1.1\r\n",
		q->method ? q->method
		: q->body ? "POST"
			  : "GET",
		(int)base, path ? path : "", q->path ? q->path : "/");
	for (size_t i = 0; q->headers && q->headers[i]; i++)
		buf_printf(&b, "%s\r\n", q->headers[i]);
	if (q->content_type)
		buf_printf(&b, "Content-Type: %s\r\n", q->content_type);
	buf_puts(&b, "\r\n");
	buf_add(&b, q->body ? q->body : "", q->body ? q->body_len : 0);
	bool found = hostile_find(hostile, buf_str(&b), false, &x);
	buf_free(&b);
	hostile_now++;
	if (hostile_now >= t->deadline)
		return hostile_wait(t, -1);
	if (!found)
		return OK;
	struct http_header *heads = arena_memdup(t->arena, x.head, sizeof x.head);
	*out = (struct http_reply){ .status = x.status,
		.headers = heads,
		.headers_n = x.head_n,
		.body = arena_strndup(t->arena, x.body, x.n),
		.len = x.n };
	return OK;
}

void
__wrap_http_close(struct http *h)
{
}

/* A line device: whole commands are answered, the rest waits. */
static inline enum err
hostile_hear(struct task *t, void *of, const void *bytes, size_t n)
{
	struct hostile *h = hostile;
	for (size_t i = 0; i < n; i++) {
		char c = ((const char *)bytes)[i];
		if (c != '\r' && c != '\n') {
			buf_putc(&h->command, c);
			continue;
		}
		struct hostile_answer x;
		if (h->command.n && hostile_find(h, buf_str(&h->command), true, &x))
			for (size_t k = 0; k < x.n; k++)
				buf_puts(&h->said,
					x.body[k] == '\n' ? "\r\n" : (char[]){ x.body[k], 0 });
		buf_clear(&h->command);
	}
	return OK;
}

static inline enum err
hostile_speak(struct task *t, void *of, void *into, size_t cap, int64_t at_most_ms, size_t *out_n)
{
	struct buf *said = &hostile->said;
	*out_n = said->n < cap ? said->n : cap;
	if (!*out_n)
		return hostile_wait(t, at_most_ms);
	memcpy(into, said->at, *out_n);
	buf_drop(said, *out_n);
	return OK;
}

static inline void
hostile_greet(void)
{
	buf_clear(&hostile->said);
	for (const char *c = hostile->hello ? hostile->hello : ""; *c; c++)
		buf_puts(&hostile->said, *c == '\n' ? "\r\n" : (char[]){ *c, 0 });
}

enum err
__wrap_telnet_open(struct task *t, const char *host, int port, struct telnet **out)
{
	hostile_greet();
	*out = (struct telnet *)hostile;
	return OK;
}

enum err
__wrap_telnet_send(struct task *t, struct telnet *tn, const void *bytes, size_t n)
{
	return hostile_hear(t, tn, bytes, n);
}

struct byte_stream
__wrap_telnet_stream(struct telnet *tn)
{
	return (struct byte_stream){ .of = tn, .read = hostile_speak, .send = hostile_hear };
}

void
__wrap_telnet_close(struct telnet *tn)
{
}

enum err
__wrap_ssh_open(struct task *t, const struct ssh_options *o, struct ssh **out)
{
	hostile_greet();
	*out = (struct ssh *)hostile;
	return OK;
}

const char *
__wrap_ssh_host_key(const struct ssh *s)
{
	return "SHA256:hostile";
}

struct byte_stream
__wrap_ssh_stream(struct ssh *s)
{
	return (struct byte_stream){ .of = s, .read = hostile_speak, .send = hostile_hear };
}

void
__wrap_ssh_close(struct ssh *s)
{
}

/* All that it will ever say is there. */
enum err
__wrap_tcp_connect(struct task *t, const char *host, int port, int *out)
{
	int pair[2];
	const char *text = hostile->stream ? hostile->stream : "";
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return task_fail(t, ERR_SYSTEM, "no socket");
	send(pair[1], text, strlen(text), MSG_NOSIGNAL);
	if (hostile->far_fd)
		close(hostile->far_fd);
	hostile->far_fd = pair[1];
	*out = pair[0];
	return OK;
}

enum err
__wrap_http_link_open(struct task *t, const struct http_options *o, struct http_link **out)
{
	buf_clear(&hostile->shaken);
	*out = (struct http_link *)hostile;
	return OK;
}

/* The handshake is answered rightly; then comes the stream. */
enum err
__wrap_http_link_send(struct task *t, struct http_link *k, const void *bytes, size_t n)
{
	static const char name[] = "Sec-WebSocket-Key: ";
	const char *key = memmem(bytes, n, name, sizeof name - 1);
	if (!key)
		return OK;
	char accept[32];
	key += sizeof name - 1;
	ws_accept(arena_strndup(t->arena, key, strcspn(key, "\r")), accept);
	buf_printf(&hostile->shaken,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n%s",
		accept, hostile->stream ? hostile->stream : "");
	return OK;
}

enum err
__wrap_http_link_read(struct task *t, struct http_link *k, void *into, size_t cap,
	int64_t at_most_ms, size_t *out_n)
{
	struct buf *b = &hostile->shaken;
	*out_n = b->n < cap ? b->n : cap;
	if (!*out_n)
		return hostile_wait(t, at_most_ms);
	memcpy(into, b->at, *out_n);
	buf_drop(b, *out_n);
	return OK;
}

const char *
__wrap_http_link_host(const struct http_link *k)
{
	return "127.0.0.1";
}

const char *
__wrap_http_link_path(const struct http_link *k)
{
	return "";
}

void
__wrap_http_link_close(struct http_link *k)
{
}

#endif
