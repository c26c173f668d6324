/* The least of telnet that a codec's command line needs. Called by lines.c and by adapters. Owns
 * the connection.
 *
 *   < IAC DO x      > IAC WONT x          IAC IAC          one byte 0xFF
 *   < IAC WILL x    > IAC DONT x          CR NUL           CR
 *   < IAC WONT, DONT: nothing changes     IAC SB ... IAC SE, IAC other: passed over
 *
 * Every option is refused, so both sides stay in the state that RFC 854 begins with. A sequence may
 * be cut anywhere by TCP. Answers never make a reader wait. A peer that negotiates and says nothing
 * is given up, and so is one that goes on negotiating and reads no answer. Must never: offer an
 * option, answer a WONT or DONT (loops), keep more than UNREAD_MOST for a peer. */
#include "adapters/wire/telnet.h"

#include "adapters/wire/tcp.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_PORT = 23, CHUNK = 4096, ANSWERS_MOST = 1000, UNREAD_MOST = 16 << 10 };

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };

enum state { TEXT, AFTER_CR, AFTER_IAC, OPTION, SUB, SUB_IAC };

struct telnet {
	int fd;
	char *host;
	enum state state;
	unsigned char verb; /* of the OPTION that follows */
	int answers;	    /* since the last text */
	struct buf replies; /* not yet written */
};

enum err
telnet_open(struct task *t, const char *host, int port, struct telnet **out)
{
	int fd;
	*out = NULL;
	if (str_empty(host))
		return task_fail(t, ERR_INPUT, T("telnet: no host"));
	enum err code = tcp_connect(t, host, port > 0 ? port : DEFAULT_PORT, &fd);
	if (code != OK)
		return code;
	struct telnet *tn = xalloc(sizeof *tn);
	tn->fd = fd;
	tn->host = xstrdup(host);
	*out = tn;
	return OK;
}

static enum err
hung_up(struct task *t, const struct telnet *tn)
{
	return task_fail(t, ERR_GONE, T("telnet %s: closed by the device"), tn->host);
}

static enum err
write_all(struct task *t, struct telnet *tn, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t wrote = send(tn->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (wrote > 0) {
			p += wrote;
			n -= (size_t)wrote;
			continue;
		}
		if (wrote < 0 && errno != EAGAIN && errno != EINTR)
			return hung_up(t, tn);
		struct pollfd f = { .fd = tn->fd, .events = POLLOUT };
		enum err code = task_wait(t, &f, 1, -1);
		if (code != OK)
			return code;
	}
	return OK;
}

enum err
telnet_send(struct task *t, struct telnet *tn, const void *bytes, size_t n)
{
	struct buf b = { 0 };
	const char *p = bytes;
	buf_add(&b, tn->replies.at, tn->replies.n);
	buf_clear(&tn->replies);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)p[i] == IAC)
			buf_putc(&b, p[i]);
		buf_putc(&b, p[i]);
	}
	enum err code = write_all(t, tn, b.at, b.n);
	buf_free(&b);
	return code;
}

/* One byte of what came. true: it is text. */
static bool
is_text(struct telnet *tn, unsigned char c)
{
	enum state was = tn->state;
	switch (was) {
	case TEXT:
	case AFTER_CR:
		tn->state = c == IAC ? AFTER_IAC : c == '\r' ? AFTER_CR : TEXT;
		return c != IAC && !(was == AFTER_CR && c == 0);
	case AFTER_IAC:
		tn->verb = c;
		tn->state = c == SB ? SUB : c >= WILL && c < IAC ? OPTION : TEXT;
		return c == IAC;
	case OPTION:
		tn->state = TEXT;
		if (tn->verb == DO || tn->verb == WILL) {
			const unsigned char no[3] = { IAC, tn->verb == DO ? WONT : DONT, c };
			buf_add(&tn->replies, no, sizeof no);
			tn->answers++;
		}
		return false;
	case SUB:
		if (c == IAC)
			tn->state = SUB_IAC;
		return false;
	case SUB_IAC: tn->state = c == SE ? TEXT : SUB; return false;
	}
	return false;
}

/* Takes what is there; *out_n counts the text of it. */
static enum err
receive(struct task *t, struct telnet *tn, char *into, size_t cap, size_t *out_n, bool *out_empty)
{
	unsigned char raw[CHUNK];
	ssize_t got = recv(tn->fd, raw, cap < sizeof raw ? cap : sizeof raw, MSG_DONTWAIT);
	*out_empty = got < 0 && (errno == EAGAIN || errno == EINTR);
	if (*out_empty)
		return OK;
	if (got <= 0)
		return hung_up(t, tn);
	for (ssize_t i = 0; i < got; i++)
		if (is_text(tn, raw[i]))
			into[(*out_n)++] = (char)raw[i];
	if (tn->answers > ANSWERS_MOST)
		return task_fail(
			t, ERR_PROTOCOL, T("telnet %s: it negotiates without end"), tn->host);
	if (*out_n)
		tn->answers = 0;
	/* Now or with what is sent next. That it hung up is told by the next recv(), behind what it
	 * said before. */
	ssize_t wrote = tn->replies.n ? send(tn->fd, tn->replies.at, tn->replies.n,
						MSG_NOSIGNAL | MSG_DONTWAIT)
				      : 0;
	if (wrote > 0)
		buf_drop(&tn->replies, (size_t)wrote);
	if (tn->replies.n > UNREAD_MOST)
		return task_fail(
			t, ERR_PROTOCOL, "telnet %s: it negotiates and reads no answer", tn->host);
	return OK;
}

enum err
telnet_read(struct task *t, struct telnet *tn, void *into, size_t cap, int64_t at_most_ms,
	size_t *out_n)
{
	int64_t until = at_most_ms < 0 ? INT64_MAX : clock_mono() + at_most_ms;
	bool waited_out = false;
	*out_n = 0;
	for (;;) {
		bool empty;
		enum err code = receive(t, tn, into, cap, out_n, &empty);
		if (code != OK || *out_n)
			return code;
		int64_t now = clock_mono(), left = until > now ? until - now : 0;
		if (waited_out || (!empty && at_most_ms >= 0 && !left))
			return OK;
		struct pollfd f = { .fd = tn->fd, .events = POLLIN };
		code = task_wait(t, &f, 1, at_most_ms < 0 ? -1 : left);
		if (code != OK)
			return code;
		waited_out = at_most_ms >= 0 && clock_mono() >= until;
	}
}

static enum err
stream_read(struct task *t, void *of, void *into, size_t cap, int64_t at_most_ms, size_t *out_n)
{
	return telnet_read(t, of, into, cap, at_most_ms, out_n);
}

static enum err
stream_send(struct task *t, void *of, const void *bytes, size_t n)
{
	return telnet_send(t, of, bytes, n);
}

struct byte_stream
telnet_stream(struct telnet *tn)
{
	return (struct byte_stream){ .of = tn, .read = stream_read, .send = stream_send };
}

void
telnet_close(struct telnet *tn)
{
	if (!tn)
		return;
	close(tn->fd);
	buf_free(&tn->replies);
	free(tn->host);
	free(tn);
}
