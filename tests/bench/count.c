/* A relay that counts: what goes over each connection between the daemon and a device, for
 * tests/bench/legs.
 *
 * count NAME HOST FROM TO [NAME HOST FROM TO ...]: listens on HOST:FROM, connects to HOST:TO,
 * passes everything on as it comes, and prints once per second for each NAME a line "instant NAME
 * connections requests bytes-up bytes-down", until SIGTERM. Relays of one NAME are added up. A
 * request is a block from the daemon that begins with a method of HTTP, a word of the event socket or
 * a command of baresip; over SSH and TLS there is nothing to see, and every block counts. One
 * thread; loopback only; it must never change or hold back a byte for long. */
#include "base/clock.h"
#include "base/str.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 65536, TELL_MS = 1000 };

struct tally {
	const char *name;
	long long connections, requests, up, down;
};

struct relay {
	struct sockaddr_in from, to;
	int fd;
	size_t tally;
};

struct pair { /* fd[0]: the daemon, fd[1]: the device */
	int fd[2];
	size_t tally;
};

static VEC(struct tally) tallies;
static VEC(struct relay) relays;
static VEC(struct pair) pairs;
static volatile sig_atomic_t stopping;

static void
stop(int signal)
{
	stopping = signal;
}

static size_t
tally_of(const char *name)
{
	for (size_t i = 0; i < tallies.n; i++)
		if (str_eq(tallies.at[i].name, name))
			return i;
	*vec_add(&tallies) = (struct tally){ .name = name };
	return tallies.n - 1;
}

static struct sockaddr_in
address(const char *host, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtol(port, NULL, 10)) };

	if (!str_starts(host, "127.") || inet_pton(AF_INET, host, &a.sin_addr) != 1 ||
		!a.sin_port) {
		fprintf(stderr, "count: %s:%s is no loopback address\n", host, port);
		exit(2);
	}
	return a;
}

static void
listen_at(struct relay *r)
{
	int one = 1;

	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(r->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (r->fd < 0 || bind(r->fd, (struct sockaddr *)&r->from, sizeof r->from) ||
		listen(r->fd, 64)) {
		perror("count: listen");
		exit(1);
	}
}

static void
accept_one(struct relay *r)
{
	int one = 1, daemon = accept4(r->fd, NULL, NULL, SOCK_CLOEXEC);

	if (daemon < 0)
		return;
	int device = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (device < 0 || connect(device, (struct sockaddr *)&r->to, sizeof r->to)) {
		close(daemon);
		if (device >= 0)
			close(device);
		return;
	}
	setsockopt(daemon, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(device, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	*vec_add(&pairs) = (struct pair){ .fd = { daemon, device }, .tally = r->tally };
	tallies.at[r->tally].connections++;
}

static bool
is_request(const char *block, size_t n)
{
	static const char *const words[] = { "POST /", "GET /", "PUT /", "DELETE /", "api ",
		"bgapi ", "event ", "sendmsg ", "auth ", "filter ", "SSH-", NULL };

	for (size_t i = 0; words[i]; i++)
		if (n >= strlen(words[i]) && memcmp(block, words[i], strlen(words[i])) == 0)
			return true;
	/* Encrypted: a record of TLS carries data when it begins with 23. */
	return n > 0 && (block[0] == 23 || memmem(block, n < 16 ? n : 16, ":{\"comm", 7));
}

/* False: this side has ended. */
static bool
pass(struct pair *p, int side)
{
	static char block[BLOCK];
	struct tally *t = &tallies.at[p->tally];
	ssize_t n = recv(p->fd[side], block, sizeof block, 0);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (side == 0) {
		t->up += n;
		t->requests += is_request(block, (size_t)n);
	} else {
		t->down += n;
	}
	for (ssize_t done = 0; done < n;) {
		ssize_t k = send(p->fd[!side], block + done, (size_t)(n - done), MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		done += k;
	}
	return true;
}

static void
tell(void)
{
	for (size_t i = 0; i < tallies.n; i++)
		printf("%lld %s %lld %lld %lld %lld\n", (long long)clock_real(), tallies.at[i].name,
			tallies.at[i].connections, tallies.at[i].requests, tallies.at[i].up,
			tallies.at[i].down);
	fflush(stdout);
}

static void
turn(struct pollfd *p)
{
	size_t n = 0;

	for (size_t i = 0; i < relays.n; i++)
		p[n++] = (struct pollfd){ .fd = relays.at[i].fd, .events = POLLIN };
	size_t known = pairs.n;

	for (size_t i = 0; i < known; i++)
		for (int side = 0; side < 2; side++)
			p[n++] = (struct pollfd){ .fd = pairs.at[i].fd[side], .events = POLLIN };
	if (poll(p, n, 100) <= 0)
		return;
	for (size_t i = 0; i < relays.n; i++)
		if (p[i].revents)
			accept_one(&relays.at[i]);
	for (size_t i = known; i > 0; i--) { /* from the end: one that has ended is replaced by a
					      * later one */
		const struct pollfd *two = &p[relays.n + 2 * (i - 1)];
		struct pair *pair = &pairs.at[i - 1];

		if ((!two[0].revents || pass(pair, 0)) && (!two[1].revents || pass(pair, 1)))
			continue;
		close(pair->fd[0]);
		close(pair->fd[1]);
		*pair = pairs.at[--pairs.n];
	}
}

int
main(int argc, char **argv)
{
	if (argc < 5 || (argc - 1) % 4) {
		fputs("usage: count NAME HOST FROM TO [NAME HOST FROM TO ...]\n", stderr);
		return 2;
	}
	signal(SIGTERM, stop);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < argc; i += 4) {
		struct relay *r = vec_add(&relays);

		*r = (struct relay){ .from = address(argv[i + 1], argv[i + 2]),
			.to = address(argv[i + 1], argv[i + 3]),
			.tally = tally_of(argv[i]) };
		listen_at(r);
	}
	struct pollfd *p = NULL;
	size_t cap = 0;
	int64_t due = 0;

	while (!stopping) {
		if (cap < relays.n + 2 * pairs.n) {
			cap = 2 * (relays.n + 2 * pairs.n);
			p = realloc(p, cap * sizeof *p);
			if (!p)
				return 1;
		}
		turn(p);
		if (clock_mono() >= due) {
			tell();
			due = clock_mono() + TELL_MS;
		}
	}
	tell();
	free(p);
	return 0;
}
