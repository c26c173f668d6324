/* A device that plays a script over HTTP on loopback: each step names what the request must hold
 * and what is done then. One thread; peer_stop() joins it and tells whether the talk went as
 * written. */
#ifndef TD_TESTS_TALK_PEER_H
#define TD_TESTS_TALK_PEER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/task.h"
#include "tests/talk/loopback.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>

enum peer_how {
	PEER_ANSWER,
	PEER_ANSWER_RESET, /* answers, keeps the connection, then resets it while idle */
	PEER_HANG,         /* reads, says nothing */
	PEER_CANCEL,       /* the same, and the operator cancels the task */
	PEER_DROP,         /* reads, resets the connection */
	PEER_CUT,          /* half an answer, then the connection closes */
	PEER_GARBAGE,      /* bytes that are no HTTP */
};

struct peer_step {
	const char *expect[4]; /* all of them are in the request */
	enum peer_how how;
	const char *body;
	const char *never; /* this is not */
	const char *head;  /* status and headers instead of "200 OK\r\nContent-Type: text/xml" */
	bool endless;	   /* the last step: played once, and again for whatever is asked then */
};

struct peer {
	struct loopback at;
	int port, cancel_fd;
	const struct peer_step *steps;
	size_t n, done, extra;
	char fault[512];
	struct buf log; /* all requests, in order */
};

static inline void
peer_send(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t k = send(fd, s, n, MSG_NOSIGNAL);
		if (k <= 0)
			return;
		s += k;
		n -= (size_t)k;
	}
}

static inline void
peer_reset(int *fd)
{
	struct linger hard = { .l_onoff = 1 };
	setsockopt(*fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(*fd);
	*fd = -1;
}

/* A whole request is in the buffer: its length, else 0. */
static inline size_t
peer_whole(const struct buf *in)
{
	const char *end = in->n ? strstr(in->at, "\r\n\r\n") : NULL;
	const char *length = end ? strcasestr(in->at, "content-length:") : NULL;
	size_t head = end ? (size_t)(end - in->at) + 4 : 0;
	size_t all = head + (length && length < end ? strtoul(length + 15, NULL, 10) : 0);
	return end && in->n >= all ? all : 0;
}

/* Requests that hold this text are none of the talk's business: they are answered 404 and not
 * counted. */
#ifndef PEER_ASIDE
#define PEER_ASIDE ""
#endif

static inline void
peer_play(struct peer *p, int *fd, const char *request)
{
	static const char aside[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
	const char *const passed_over = PEER_ASIDE;
	if (*passed_over && strstr(request, passed_over)) {
		peer_send(*fd, aside, sizeof aside - 1);
		return;
	}
	buf_puts(&p->log, request);
	buf_puts(&p->log, "\n");
	bool again = p->done == p->n && p->n && p->steps[p->n - 1].endless;
	if (p->done == p->n && !again) {
		p->extra++;
		snprintf(p->fault, sizeof p->fault, "a request too many: %.300s", request);
		peer_reset(fd);
		return;
	}
	const struct peer_step *s = &p->steps[again ? p->n - 1 : p->done++];
	for (int i = 0; i < 4 && s->expect[i]; i++)
		if (!strstr(request, s->expect[i]) && !*p->fault)
			snprintf(p->fault, sizeof p->fault, "step %zu: no \"%s\" in the request",
				p->done, s->expect[i]);
	if (s->never && strstr(request, s->never) && !*p->fault)
		snprintf(p->fault, sizeof p->fault, "step %zu: \"%s\" in the request", p->done,
			s->never);
	const char *body = s->body ? s->body : "";
	struct buf out = { 0 };
	buf_printf(&out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
		s->head ? s->head : "200 OK\r\nContent-Type: text/xml", strlen(body), body);
	switch (s->how) {
	case PEER_ANSWER:
		peer_send(*fd, out.at, out.n);
		break;
	case PEER_ANSWER_RESET:
		peer_send(*fd, out.at, out.n);
		usleep(50000); /* the answer is read before the reset overtakes it */
		peer_reset(fd);
		break;
	case PEER_HANG:
		break;
	case PEER_CANCEL:
		eventfd_write(p->cancel_fd, 1);
		break;
	case PEER_DROP:
		peer_reset(fd);
		break;
	case PEER_CUT:
		peer_send(*fd, out.at, out.n - strlen(body) / 2 - 1);
		shutdown(*fd, SHUT_RDWR);
		close(*fd);
		*fd = -1;
		break;
	case PEER_GARBAGE:
		peer_send(*fd, "\x16\x03hello, this is no HTTP\n\n", 26);
		shutdown(*fd, SHUT_RDWR);
		close(*fd);
		*fd = -1;
		break;
	}
	buf_free(&out);
}

static inline void *
peer_main(void *arg)
{
	struct peer *p = arg;
	int fd = -1;
	struct buf in = { 0 };
	for (;;) {
		struct pollfd f[2] = { { .fd = p->at.stop, .events = POLLIN },
			{ .fd = fd >= 0 ? fd : p->at.listener, .events = POLLIN } };
		struct pollfd other = { .fd = p->at.listener, .events = POLLIN };
		if (poll(f, 2, 20) < 0 || f[0].revents)
			break;
		if (fd >= 0 && !f[1].revents && poll(&other, 1, 0) == 1) {
			close(fd); /* the client went on elsewhere */
			fd = -1;
		}
		if (fd < 0) {
			fd = poll(&other, 1, 0) == 1 ? accept(p->at.listener, NULL, NULL) : -1;
			buf_clear(&in);
			continue;
		}
		if (!f[1].revents)
			continue;
		char bytes[8192];
		ssize_t k = recv(fd, bytes, sizeof bytes, 0);
		if (k <= 0) {
			close(fd);
			fd = -1;
			continue;
		}
		buf_add(&in, bytes, (size_t)k);
		size_t whole;
		while (fd >= 0 && (whole = peer_whole(&in))) {
			char *request = strndup(in.at, whole);
			buf_drop(&in, whole);
			peer_play(p, &fd, request);
			free(request);
		}
	}
	if (fd >= 0)
		close(fd);
	buf_free(&in);
	return NULL;
}

static inline void
peer_start(struct peer *p, const struct peer_step *steps, size_t n, int cancel_fd)
{
	*p = (struct peer){ .steps = steps, .n = n, .cancel_fd = cancel_fd };
	p->port = loopback_start(&p->at, peer_main, p);
}

/* NULL: the talk went as written. The text is p's. */
static inline const char *
peer_stop(struct peer *p)
{
	loopback_stop(&p->at);
	return loopback_verdict(p->fault, sizeof p->fault, p->done, p->n);
}

static inline void
peer_free(struct peer *p)
{
	buf_free(&p->log);
}

#endif
