/* A device that plays a script of lines in the clear, over telnet or bare TCP, for one connection.
 * One thread; peer_stop() joins it and tells whether the talk went as written. */
#ifndef TD_TESTS_TALK_LINE_PEER_H
#define TD_TESTS_TALK_LINE_PEER_H

#include "base/buf.h"
#include "base/str.h"
#include "tests/talk/loopback.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>

enum how {
	ANSWER,
	SILENT,
	HANG_UP, /* after the reply */
	CANCEL,	 /* silent, and the operator cancels the task */
};

struct peer_step {
	const char *expect; /* a whole line, CR LF behind it */
	const char *reply;  /* lines end in \n here */
	enum how how;
};

/* Says its greeting, then plays the steps; a line too many is a fault. */
struct peer {
	struct loopback at;
	int port, cancel_fd;
	const char *eol; /* of its lines; NULL: \r\r\n */
	const char *greeting;
	const struct peer_step *steps;
	size_t n, done;
	struct buf log;     /* lines of the client */
	struct buf heard;   /* text of the client */
	struct buf answers; /* its negotiation */
	const char *refuses; /* what negotiation must have been heard, or NULL */
	char fault[300];
};

static inline void
peer_say(const struct peer *p, int fd, const char *text)
{
	struct buf out = { 0 };
	for (; *text; text++) {
		if (*text == '\n')
			buf_puts(&out, p->eol ? p->eol : "\r\r\n");
		else
			buf_putc(&out, *text);
	}
	/* Cut where it hurts: behind the first byte. */
	if (out.n) {
		send(fd, out.at, 1, MSG_NOSIGNAL);
		usleep(5000);
		send(fd, out.at + 1, out.n - 1, MSG_NOSIGNAL);
	}
	buf_free(&out);
}

/* false: the talk is over. */
static inline bool
peer_play_line(struct peer *p, int fd, const char *line)
{
	buf_printf(&p->log, "%s\n", line);
	if (p->done == p->n) {
		snprintf(p->fault, sizeof p->fault, "a line too many: %.200s", line);
		return false;
	}
	const struct peer_step *s = &p->steps[p->done++];
	if (!str_eq(line, s->expect) && !*p->fault)
		snprintf(p->fault, sizeof p->fault, "step %zu: \"%.100s\" and not \"%s\"", p->done,
			line, s->expect);
	if (s->how == CANCEL)
		eventfd_write(p->cancel_fd, 1);
	if (s->how == SILENT || s->how == CANCEL)
		return true;
	peer_say(p, fd, s->reply);
	return s->how == ANSWER;
}

static inline void
peer_hear_bytes(struct peer *p, const unsigned char *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (in[i] == 0xff && i + 2 < n) {
			buf_add(&p->answers, in + i, 3);
			i += 2;
		} else {
			buf_putc(&p->heard, (char)in[i]);
		}
	}
}

static inline void *
peer_play(void *of)
{
	struct peer *p = of;
	struct pollfd f[2] = { { .fd = p->at.stop, .events = POLLIN },
		{ .fd = p->at.listener, .events = POLLIN } };
	if (poll(f, 2, 10000) <= 0 || f[0].revents)
		return NULL;
	int fd = f[1].fd = accept(p->at.listener, NULL, NULL);
	bool on = true;
	peer_say(p, fd, p->greeting);
	while (on && poll(f, 2, 30000) > 0 && !f[0].revents) {
		unsigned char in[1024];
		ssize_t k = recv(fd, in, sizeof in, 0);
		if (k <= 0)
			break;
		peer_hear_bytes(p, in, (size_t)k);
		const char *end;
		while (on && (end = strstr(buf_str(&p->heard), "\r\n"))) {
			char line[500];
			snprintf(line, sizeof line, "%.*s", (int)(end - p->heard.at), p->heard.at);
			buf_drop(&p->heard, (size_t)(end - p->heard.at) + 2);
			on = peer_play_line(p, fd, line);
		}
	}
	shutdown(fd, SHUT_WR);
	for (char c; recv(fd, &c, 1, MSG_DONTWAIT) > 0;)
		;
	close(fd);
	return NULL;
}

static inline void
peer_start(struct peer *p, const struct peer_step *steps, size_t n, int cancel_fd)
{
	p->cancel_fd = cancel_fd;
	p->port = loopback_start(&p->at, peer_play, p);
}

static inline const char *
peer_stop(struct peer *p)
{
	loopback_stop(&p->at);
	if (p->refuses && !str_eq(buf_str(&p->answers), p->refuses))
		return "the negotiation was not as expected";
	return loopback_verdict(p->fault, sizeof p->fault, p->done, p->n);
}

static inline void
peer_free(struct peer *p)
{
	buf_free(&p->heard);
	buf_free(&p->answers);
	buf_free(&p->log);
}

#endif
