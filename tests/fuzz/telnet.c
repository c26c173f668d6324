/* Any bytes as what a telnet server sends, once in one piece and once in pieces whose length the
 * first byte says. The text that is read is the same, no longer than what came; all that is
 * answered are refusals of options, one for each that was offered or asked for at most. */
#include "adapters/wire/telnet.h"

#include "base/clock.h"
#include "tests/fuzz/text.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 8192, IAC = 255, WONT = 252, DONT = 254 };

struct heard {
	char text[MOST];
	size_t n;
	enum err end;
};

static int
listener(int *out_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 8) ||
		getsockname(fd, (struct sockaddr *)&at, &size))
		abort();
	*out_port = ntohs(at.sin_port);
	return fd;
}

static void
read_text(struct task *t, struct telnet *tn, int64_t at_most_ms, struct heard *h)
{
	size_t got = 1;
	while (h->end == OK && got) {
		h->end =
			telnet_read(t, tn, h->text + h->n, sizeof h->text - h->n, at_most_ms, &got);
		h->n += got;
	}
}

/* The peer leaves with a reset: no port is kept for a while. */
static void
check_replies(int fd, size_t n)
{
	unsigned char got[3 * MOST];
	size_t all = 0;
	for (ssize_t k; (k = recv(fd, got + all, sizeof got - all, MSG_DONTWAIT)) > 0;)
		all += (size_t)k;
	if (all % 3 || all > n)
		abort();
	for (size_t i = 0; i < all; i += 3)
		if (got[i] != IAC || (got[i + 1] != WONT && got[i + 1] != DONT))
			abort();
	struct linger none = { .l_onoff = 1 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	close(fd);
}

static void
session(const uint8_t *bytes, size_t n, size_t piece, struct heard *h)
{
	static int server, port;
	struct task t = { .arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 10000 };
	struct telnet *tn;
	if (!port)
		server = listener(&port);
	if (telnet_open(&t, "127.0.0.1", port, &tn) != OK)
		abort();
	int fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	*h = (struct heard){ .end = OK };
	for (size_t at = 0; at < n; at += piece) {
		size_t part = n - at < piece ? n - at : piece;
		if (send(fd, bytes + at, part, MSG_NOSIGNAL) != (ssize_t)part)
			abort();
		if (piece < n)
			read_text(&t, tn, 0, h);
	}
	shutdown(fd, SHUT_WR);
	read_text(&t, tn, -1, h);
	if (h->end != ERR_GONE && h->end != ERR_PROTOCOL)
		abort();
	check_replies(fd, n);
	telnet_close(tn);
	arena_free(t.arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct heard whole, pieces;
	if (!n)
		return 0;
	size_t piece = bytes[0] ? bytes[0] : 1, most = piece * 64 < MOST ? piece * 64 : MOST;
	n = n - 1 < most ? n - 1 : most;
	session(bytes + 1, n, MOST, &whole);
	session(bytes + 1, n, piece, &pieces);
	/* One that negotiates much is given up, in time or not. */
	bool both = whole.end == ERR_GONE && pieces.end == ERR_GONE;
	if (whole.n > n || pieces.n > n ||
		(both && (whole.n != pieces.n || memcmp(whole.text, pieces.text, whole.n))))
		abort();
	return 0;
}
