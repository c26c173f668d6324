/* The doors of the simulated codecs that speak lines, over SSH or in the clear: one listening
 * socket per device address, so that a dead box can close its own, one thread per session. Called
 * by main(), the ticker, polycom.c and shell.c. Owns sockets and threads. Must never let a session
 * in for a site that has no power or no network: a black hole takes connections and nobody comes.
 */
#include "door.h"

#include "log.h"

#include "base/clock.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STACK = 256 * 1024 };

struct visit {
	struct door *door;
	int fd;
};

static struct door *doors;
static size_t doors_n, doors_most;
static int epoll_fd = -1;
static atomic_bool stopping;
static atomic_int running;
static pthread_t listener;

void
door_nap(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
	nanosleep(&t, NULL);
}

bool
doors_closing(void)
{
	return atomic_load(&stopping);
}

bool
door_reachable(const struct door *d)
{
	fleet_lock();
	bool is = site_reachable(d->site, clock_now());
	fleet_unlock();
	return is;
}

void
door_fall_silent(struct door *d, int fd)
{
	struct linger hard = { 1, 0 };
	lab_log(clock_now(), "session-silent", d->site->plan->id, NULL);
	while (!doors_closing() && !door_reachable(d)) {
		struct pollfd p = { .fd = fd, .events = POLLRDHUP };
		if (poll(&p, 1, 0) > 0)
			break; /* the client gave up */
		door_nap(DOOR_POLL_MS);
	}
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/* ---- listening ---- */

static void *
run_visit(void *arg)
{
	struct visit v = *(struct visit *)arg;
	free(arg);
	if (door_reachable(v.door)) {
		v.door->serve(v.door, v.fd);
	} else { /* it went a moment ago: its socket is closed at the next tick */
		door_fall_silent(v.door, v.fd);
		close(v.fd);
	}
	atomic_fetch_sub(&v.door->sessions, 1);
	atomic_fetch_sub(&running, 1);
	return NULL;
}

static void
accept_visit(struct door *d)
{
	int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC), on = 1;
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	struct visit *v = xalloc(sizeof *v);
	*v = (struct visit){ .door = d, .fd = fd };
	atomic_fetch_add(&d->sessions, 1);
	atomic_fetch_add(&running, 1);
	pthread_attr_t attr;
	pthread_t t;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&t, &attr, run_visit, v) != 0) {
		close(fd);
		free(v);
		atomic_fetch_sub(&d->sessions, 1);
		atomic_fetch_sub(&running, 1);
	}
	pthread_attr_destroy(&attr);
}

static void *
listen_all(void *arg)
{
	struct epoll_event ready[32];
	while (!doors_closing()) {
		int n = epoll_wait(epoll_fd, ready, 32, DOOR_POLL_MS);
		for (int i = 0; i < n; i++)
			accept_visit(&doors[ready[i].data.u32]);
	}
	return NULL;
}

static int
open_socket(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1 ||
		bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 64) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The socket of one device as its site's state wants it. */
static bool
follow(size_t i, bool up)
{
	struct door *d = &doors[i];
	/* a black hole keeps its socket, so that connecting works and nothing ever comes */
	bool want = up || d->site->plan->black_hole;
	if (want && d->fd < 0)
		d->fd = open_socket(d->site->plan->codec.host, d->port);
	if (d->fd >= 0 && up != d->watched) {
		struct epoll_event e = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
		epoll_ctl(epoll_fd, up ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, d->fd, &e);
		d->watched = up;
	}
	if (!want && d->fd >= 0) {
		close(d->fd);
		d->fd = -1;
	}
	return !want || d->fd >= 0;
}

void
doors_follow(int64_t now)
{
	for (size_t i = 0; i < doors_n; i++) {
		fleet_lock();
		bool up = site_reachable(doors[i].site, now);
		fleet_unlock();
		follow(i, up);
	}
}

void
doors_reserve(size_t most)
{
	doors = xalloc((most + 1) * sizeof *doors);
	doors_most = most;
}

void
door_add(struct site *s, int port, void (*serve)(struct door *, int))
{
	if (doors_n < doors_most)
		doors[doors_n++] =
			(struct door){ .site = s, .port = port, .serve = serve, .fd = -1 };
}

bool
doors_start(int64_t now)
{
	if (!doors_n)
		return true;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < doors_n; i++)
		if (!follow(i, site_reachable(doors[i].site, now))) {
			const struct lab_site *p = doors[i].site->plan;
			fprintf(stderr, "lab: %s: listen on %s:%d: %s\n", p->id, p->codec.host,
				doors[i].port, strerror(errno));
			return false;
		}
	return pthread_create(&listener, NULL, listen_all, NULL) == 0;
}

void
doors_stop(void)
{
	if (!doors_n)
		return;
	atomic_store(&stopping, true);
	pthread_join(listener, NULL);
	for (int i = 0; i < 50 && atomic_load(&running); i++)
		door_nap(20); /* sessions notice within a poll; one in its handshake is left to the
				 end of the process */
	for (size_t i = 0; i < doors_n; i++)
		if (doors[i].fd >= 0)
			close(doors[i].fd);
}
