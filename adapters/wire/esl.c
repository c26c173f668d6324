/* FreeSWITCH's event socket.
 *
 *   < Content-Type: auth/request
 *   > auth PASSWORD                     < Content-Type: command/reply, Reply-Text: +OK accepted |
 * -ERR invalid > event plain NAMES                 < command/reply, +OK event listener enabled
 * plain < Content-Length: 965, Content-Type: text/event-plain, blank line, 965 bytes "Name: value"
 * with %XX < text/disconnect-notice, text/rude-rejection (the address is not allowed)
 *
 * Called by the freeswitch adapter, which reads without waiting at the beginning of its operations.
 * Owns the socket and the bytes that are not yet a message. What is traced is traced here, by whole
 * messages. Must never: log in twice, wait longer than asked, or hold more than a bounded pile of
 * unread bytes. */
#include "adapters/wire/esl.h"

#include "adapters/wire/tcp.h"
#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MOST = 64 << 10, BODY_MOST = 1 << 20, CHUNK = 64 << 10, STRAYS_MOST = 64 };

struct esl {
	int fd;
	struct buf in;
	size_t given; /* bytes of in that the last message took */
};

/* ---- pure ---- */

/* The value of a line "Name: value" in the block, or NULL. */
static const char *
find_line(const char *at, size_t n, const char *name, size_t *out_n)
{
	size_t name_n = strlen(name);
	for (const char *end = at + n; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t line = stop ? (size_t)(stop - at) : (size_t)(end - at);
		if (line > name_n && at[name_n] == ':' && strncasecmp(at, name, name_n) == 0) {
			const char *value = at + name_n + 1;
			size_t left = line - name_n - 1;
			for (; left && *value == ' '; left--)
				value++;
			for (; left && value[left - 1] == '\r'; left--)
				;
			*out_n = left;
			return value;
		}
		at += line + 1;
	}
	return NULL;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode(const char *at, size_t n, char *out, size_t size)
{
	size_t k = 0;
	bool plain = true;
	for (size_t i = 0; i < n && k + 1 < size; i++, k++) {
		out[k] = at[i];
		if (at[i] == '%' && i + 2 < n && hex(at[i + 1]) >= 0 && hex(at[i + 2]) >= 0) {
			out[k] = (char)(hex(at[i + 1]) << 4 | hex(at[i + 2]));
			i += 2;
		}
		if ((unsigned char)out[k] < 0x20 || out[k] == 0x7f)
			out[k] = ' ';
		plain = plain && (unsigned char)out[k] < 0x80;
	}
	out[k] = '\0';
	if (plain || utf8_valid(out, k))
		return;
	/* Cut in a letter at the end of the room, or no UTF-8 at all. */
	size_t whole = k;
	for (int back = 0; k + 1 == size && back < 4 && whole > 0 && !utf8_valid(out, whole);
		back++)
		whole--;
	if (utf8_valid(out, whole)) {
		out[whole] = '\0';
		return;
	}
	for (size_t i = 0; i < k; i++)
		if ((unsigned char)out[i] >= 0x80)
			out[i] = '?';
}

bool
esl_value(const struct esl_message *m, const char *name, char *out, size_t size)
{
	size_t n = 0;
	bool event = str_eq(m->type, "text/event-plain");
	const char *v =
		find_line(event ? m->body : m->head, event ? m->body_n : m->head_n, name, &n);
	out[0] = '\0';
	if (v)
		decode(v, n, out, size);
	return v != NULL;
}

/* The blank line that ends a head; LF LF, or with CRs. */
static const char *
head_end(const char *bytes, size_t n, size_t *out_skip)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (bytes[i] != '\n')
			continue;
		if (bytes[i + 1] == '\n' ||
			(bytes[i + 1] == '\r' && i + 2 < n && bytes[i + 2] == '\n')) {
			*out_skip = i + (bytes[i + 1] == '\n' ? 2 : 3);
			return bytes + i + 1;
		}
	}
	return NULL;
}

enum esl_taken
esl_take(const char *bytes, size_t n, struct esl_message *out, size_t *out_used)
{
	size_t lead = 0, skip = 0, len = 0;
	int64_t body = 0;
	*out = (struct esl_message){ 0 };
	*out_used = 0;
	while (lead < n && (bytes[lead] == '\n' || bytes[lead] == '\r'))
		lead++;
	bytes += lead;
	n -= lead;
	const char *end = head_end(bytes, n, &skip);
	if (!end)
		return lead + n > HEAD_MOST ? ESL_GARBAGE : ESL_PART;
	out->head = bytes;
	out->head_n = (size_t)(end - bytes);
	const char *v = find_line(out->head, out->head_n, "Content-Length", &len);
	if (v) {
		char number[24];
		decode(v, len, number, sizeof number);
		if (!str_to_int(number, 0, BODY_MOST, &body))
			return ESL_GARBAGE;
	}
	v = find_line(out->head, out->head_n, "Content-Type", &len);
	if (!v)
		return ESL_GARBAGE;
	decode(v, len, out->type, sizeof out->type);
	if (n - skip < (size_t)body)
		return ESL_PART;
	out->body = bytes + skip;
	out->body_n = (size_t)body;
	*out_used = lead + skip + (size_t)body;
	return ESL_WHOLE;
}

/* ---- the connection ---- */

/* What is there now. *out_n 0 with OK: nothing yet. */
static enum err
receive(struct task *t, struct esl *s, size_t *out_n)
{
	char chunk[CHUNK];
	*out_n = 0;
	ssize_t k = recv(s->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return OK;
	if (k <= 0)
		return task_fail(t, ERR_GONE, T("event socket: %s"),
			k == 0 ? "closed by the device" : strerrordesc_np(errno));
	buf_add(&s->in, chunk, (size_t)k);
	*out_n = (size_t)k;
	return OK;
}

/* The next message of any kind. */
static enum err
next(struct task *t, struct esl *s, int64_t at_most_ms, struct esl_message *out, bool *out_any)
{
	int64_t until = at_most_ms < 0 ? INT64_MAX : clock_mono() + at_most_ms;
	*out_any = false;
	buf_drop(&s->in, s->given);
	s->given = 0;
	for (;;) {
		size_t got = 0;
		switch (esl_take(buf_str(&s->in), s->in.n, out, &s->given)) {
		case ESL_WHOLE:
			trace_bytes(t->trace, '<', buf_str(&s->in), s->given);
			*out_any = true;
			return OK;
		case ESL_GARBAGE:
			s->given = 0;
			return task_fail(t, ERR_PROTOCOL, T("event socket: not understood"));
		case ESL_PART: break;
		}
		enum err e = receive(t, s, &got);
		if (e)
			return e;
		if (got)
			continue;
		int64_t now = clock_mono();
		if (now >= until)
			return OK;
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		e = task_wait(t, &p, 1, until == INT64_MAX ? -1 : until - now);
		if (e)
			return e;
	}
}

enum err
esl_next(struct task *t, struct esl *s, int64_t at_most_ms, struct esl_message *out, bool *out_any)
{
	for (int strays = 0; strays < STRAYS_MOST; strays++) {
		enum err e = next(t, s, at_most_ms, out, out_any);
		if (e || !*out_any || str_eq(out->type, "text/event-plain"))
			return e;
		if (str_eq(out->type, "text/disconnect-notice"))
			return task_fail(t, ERR_GONE, T("event socket: the device said goodbye"));
	}
	*out_any = false;
	return task_fail(t, ERR_PROTOCOL, T("event socket: no event among many messages"));
}

static enum err
say(struct task *t, struct esl *s, const char *verb, const char *what)
{
	struct buf out = { 0 };
	buf_printf(&out, "%s %s\n\n", verb, what);
	trace_bytes(t->trace, '>', out.at, out.n);
	size_t sent = 0;
	enum err e = OK;
	while (e == OK && sent < out.n) {
		ssize_t k = send(s->fd, out.at + sent, out.n - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (k > 0) {
			sent += (size_t)k;
		} else if (k < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = s->fd, .events = POLLOUT };
			e = task_wait(t, &p, 1, -1);
		} else if (k == 0 || errno != EINTR) {
			e = task_fail(
				t, ERR_TIMEOUT, T("event socket: %s"), strerrordesc_np(errno));
		}
	}
	explicit_bzero(out.at, out.n);
	buf_free(&out);
	return e;
}

/* Reads until a message of that kind. */
static enum err
expect(struct task *t, struct esl *s, const char *type, char *reply, size_t size)
{
	for (int strays = 0; strays < STRAYS_MOST; strays++) {
		struct esl_message m;
		bool any;
		enum err e = next(t, s, -1, &m, &any);
		if (e == ERR_GONE) {
			task_forgive(t);
			return task_fail(t, ERR_TIMEOUT,
				T("event socket: the device closed the connection"));
		}
		if (e)
			return e;
		if (str_eq(m.type, "text/rude-rejection"))
			return task_fail_as(t, ERR_AUTH, "login-refused",
				"event socket: the device does not allow our address");
		if (!str_eq(m.type, type))
			continue;
		esl_value(&m, "Reply-Text", reply, size);
		return OK;
	}
	return task_fail(t, ERR_PROTOCOL, T("event socket: not understood"));
}

static enum err
greet(struct task *t, struct esl *s, const struct esl_options *o)
{
	char reply[160];
	enum err e = expect(t, s, "auth/request", reply, sizeof reply);
	if (e == OK)
		e = say(t, s, "auth", o->password ? o->password : "");
	if (e == OK)
		e = expect(t, s, "command/reply", reply, sizeof reply);
	if (e == OK && !str_starts(reply, "+OK"))
		e = task_fail_as(
			t, ERR_AUTH, "login-refused", "event socket: login refused: %s", reply);
	if (e == OK)
		e = say(t, s, "event plain", o->events);
	if (e == OK)
		e = expect(t, s, "command/reply", reply, sizeof reply);
	if (e == OK && !str_starts(reply, "+OK"))
		e = task_fail(t, ERR_REFUSED, T("event socket: no subscription: %s"), reply);
	return e;
}

enum err
esl_open(struct task *t, const struct esl_options *o, struct esl **out)
{
	*out = NULL;
	if (strpbrk(o->password ? o->password : "", "\r\n"))
		return task_fail(
			t, ERR_INPUT, T("event socket: the password has a line end in it"));
	if (t->trace)
		trace_secret(t->trace, o->password);
	int64_t deadline = t->deadline;
	if (o->at_most_ms > 0 && clock_mono() + o->at_most_ms < deadline)
		t->deadline = clock_mono() + o->at_most_ms;
	struct esl *s = xalloc(sizeof *s);
	enum err e = tcp_connect(t, o->host, o->port, &s->fd);
	if (e == OK)
		e = greet(t, s, o);
	t->deadline = deadline;
	if (e) {
		esl_close(s);
		return e;
	}
	*out = s;
	return OK;
}

void
esl_close(struct esl *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	buf_free(&s->in);
	free(s);
}
