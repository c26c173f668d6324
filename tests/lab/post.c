/* One HTTP POST of a simulated device. Called by the posting threads of the simulators. Owns its
 * socket. Must never post outside 127.0.0.0/8, or come from another address than the device's own:
 * receivers know a device by where it comes from. */
#include "post.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IO_S = 3 };

bool
lab_post_place(const char *uri, char host[64], int *port, const char **path)
{
	int64_t v = 80;
	if (!str_starts(uri, "http://127."))
		return false; /* the lab speaks to loopback only, and without TLS */
	uri += 7;
	size_t n = strcspn(uri, ":/");
	if (n >= 64)
		return false;
	snprintf(host, 64, "%.*s", (int)n, uri);
	uri += n;
	if (*uri == ':') {
		char digits[8];
		n = strcspn(++uri, "/");
		snprintf(digits, sizeof digits, "%.*s", n < 7 ? (int)n : 7, uri);
		if (!str_to_int(digits, 1, 65535, &v))
			return false;
		uri += n;
	}
	*port = (int)v;
	*path = *uri ? uri : "/";
	return true;
}

static bool
send_all(int fd, const char *at, size_t n)
{
	while (n) {
		ssize_t k = send(fd, at, n, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

int
lab_post(const char *own, const char *uri, const struct buf *body)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	char host[64], answer[256] = "";
	const char *path;
	int port, status = 0;
	if (!lab_post_place(uri, host, &port, &path))
		return 0;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = inet_pton(AF_INET, host, &to.sin_addr) == 1
			 ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)
			 : -1;
	if (fd < 0)
		return 0;
	struct timeval io = { IO_S, 0 };
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &io, sizeof io);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &io, sizeof io);
	if (inet_pton(AF_INET, own, &from.sin_addr) == 1)
		(void)bind(fd, (struct sockaddr *)&from, sizeof from);
	struct buf head = { 0 };
	buf_printf(&head,
		"POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: text/xml\r\nContent-Length: "
		"%zu\r\n"
		"Connection: close\r\n\r\n",
		path, host, port, body->n);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 && send_all(fd, head.at, head.n)
		&& send_all(fd, body->at, body->n)) {
		size_t got = 0;
		while (got < 12) { /* "HTTP/1.1 200" */
			ssize_t k = recv(fd, answer + got, sizeof answer - 1 - got, 0);
			if (k <= 0)
				break;
			got += (size_t)k;
		}
		int64_t v;
		char digits[4];
		snprintf(digits, sizeof digits, "%.3s", got >= 12 ? answer + 9 : "");
		if (str_to_int(digits, 100, 599, &v))
			status = (int)v;
	}
	buf_free(&head);
	close(fd);
	return status;
}
