/* The command line's end of the local socket: one call, blocking, with a deadline.
 *
 * Verbs of the command line connect, send one line and read answers until they have what they want.
 * It owns the connection and the line last received. The deadline is real time: a daemon under a
 * faster clock answers no faster. */
#include "control.h"

#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECT_MS = 5000, SEND_MS = 5000, LINE_MOST = 64 * 1024 * 1024 };

struct control_call {
	int fd;
	struct buf in;
	size_t used; /* bytes of the line handed out last */
};

enum err
control_connect(const char *path, struct control_call **out, struct err_text *e)
{
	*out = NULL;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (!str_copy(address.sun_path, sizeof address.sun_path, path))
		return err_set(e, ERR_INPUT, T("connect to %s: the path is longer than %zu bytes"),
			path, sizeof address.sun_path - 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_SYSTEM, T("connect to %s: %s"), path, strerror(errno));
	struct timeval limit = { .tv_sec = CONNECT_MS / 1000 };
	setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* covers a full backlog too */
	if (connect(fd, (const struct sockaddr *)&address, sizeof address)) {
		enum err code = errno == EACCES || errno == EPERM ? ERR_REFUSED : ERR_UNREACHABLE;
		err_set(e, code, T("connect to the daemon at %s: %s"), path, strerror(errno));
		close(fd);
		return code;
	}
	struct control_call *c = xalloc(sizeof *c);
	c->fd = fd;
	*out = c;
	return OK;
}

enum err
control_send(struct control_call *c, const char *line, struct err_text *e)
{
	if (strchr(line, '\n'))
		return err_set(e, ERR_INPUT, T("a request is one line"));
	struct buf out = { 0 };
	buf_puts(&out, line);
	buf_putc(&out, '\n');
	enum err rc = OK;
	for (int64_t until = clock_mono() + SEND_MS; out.n && !rc;) {
		ssize_t n = send(c->fd, out.at, out.n, MSG_NOSIGNAL);
		if (n > 0)
			buf_drop(&out, (size_t)n);
		else if (errno == EINTR && clock_mono() < until)
			continue;
		else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
			rc = err_set(e, ERR_TIMEOUT, T("the daemon takes no request"));
		else
			rc = err_set(e, ERR_GONE, T("the daemon hung up: %s"), strerror(errno));
	}
	buf_free(&out);
	return rc;
}

/* True with a whole line: terminated in place and to be dropped by the next call. */
static bool
cut_line(struct control_call *c, size_t from, const char **out)
{
	char *end = c->in.n > from ? memchr(c->in.at + from, '\n', c->in.n - from) : NULL;
	if (!end)
		return false;
	*end = '\0';
	c->used = (size_t)(end - c->in.at) + 1;
	*out = c->in.at;
	return true;
}

enum err
control_receive(struct control_call *c, int ms, const char **out, struct err_text *e)
{
	*out = NULL;
	buf_drop(&c->in, c->used);
	c->used = 0;
	size_t seen = 0;
	for (int64_t until = clock_mono() + ms;;) {
		if (cut_line(c, seen, out))
			return OK;
		seen = c->in.n;
		if (c->in.n > LINE_MOST)
			return err_set(e, ERR_PROTOCOL, T("the daemon's answer has no end"));
		int64_t left = until - clock_mono();
		struct pollfd fd = { .fd = c->fd, .events = POLLIN };
		int ready = poll(&fd, 1, left > 0 ? (int)left : 0);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return err_set(
				e, ERR_TIMEOUT, T("no answer from the daemon within %d ms"), ms);
		char bytes[16 * 1024];
		ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (n > 0)
			buf_add(&c->in, bytes, (size_t)n);
		else if (n == 0)
			return err_set(e, ERR_GONE, T("the daemon hung up"));
		else if (errno != EAGAIN && errno != EINTR)
			return err_set(e, ERR_GONE, T("the daemon hung up: %s"), strerror(errno));
	}
}

void
control_hangup(struct control_call *c)
{
	if (!c)
		return;
	close(c->fd);
	buf_free(&c->in);
	free(c);
}
