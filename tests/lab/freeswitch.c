/* The simulated FreeSWITCHes of a scenario: opened, followed and closed for main(). Owns them all
 * and their listening sockets, which go away and come back as the scenario says. Must never listen
 * outside loopback: the scenario's reader has seen to the addresses. */
#include "freeswitch.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 64, STOP_WAIT_MS = 3000 };

static struct fs *boxes;
static size_t boxes_n;

static int
open_socket(const char *name, const char *host, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || inet_pton(AF_INET, host, &at.sin_addr) != 1 ||
		bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0) {
		fprintf(stderr, "lab: %s: listen on %s:%d: %s\n", name, host, port,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool
open_box(struct fs *f)
{
	const struct lab_mcu *p = f->plan;
	f->http_fd = open_socket(p->name, p->host, p->port);
	f->esl_fd = p->esl_host && f->http_fd >= 0 ? open_socket(p->name, p->esl_host, p->esl_port)
						   : -1;
	if (f->http_fd < 0 || (p->esl_host && f->esl_fd < 0)) {
		if (f->http_fd >= 0)
			close(f->http_fd);
		return false;
	}
	f->listening = true;
	if (pthread_create(&f->http_thread, NULL, fs_http_main, f) != 0)
		return false;
	return f->esl_fd < 0 || pthread_create(&f->esl_thread, NULL, fs_esl_main, f) == 0;
}

/* Closes the doors; who is inside sees it within moments. */
static void
close_box(struct fs *f)
{
	if (!f->listening)
		return;
	f->listening = false;
	pthread_join(f->http_thread, NULL);
	if (f->esl_fd >= 0)
		pthread_join(f->esl_thread, NULL);
	close(f->http_fd);
	if (f->esl_fd >= 0)
		close(f->esl_fd);
	f->http_fd = f->esl_fd = -1;
}

bool
freeswitch_start(const struct scenario *s, int64_t now)
{
	boxes = xalloc((s->mcus.n + 1) * sizeof *boxes);
	for (size_t i = 0; i < s->mcus.n; i++) {
		if (!str_eq(s->mcus.at[i].adapter, "freeswitch"))
			continue;
		struct fs *f = &boxes[boxes_n++];
		f->plan = &s->mcus.at[i];
		f->profile = f->plan->profile ? f->plan->profile : "lab";
		f->started = now - 9 * 86400000LL;
		f->http_fd = f->esl_fd = -1;
		fs_uuid(f, f->core);
		if (!open_box(f))
			return false;
	}
	return true;
}

void
freeswitch_tick(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		fs_tick(&boxes[i], now);
}

void
freeswitch_follow(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++) {
		struct fs *f = &boxes[i];
		bool up = fs_serves(f, now);
		if (up == f->listening)
			continue;
		lab_log(now, up ? "api-up" : "api-down", f->plan->name, NULL);
		if (up)
			open_box(f); /* a port not free yet is tried again at the next tick */
		else
			close_box(f);
	}
}

bool
freeswitch_dial_in(struct site *s, const char *name, const char *address, int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		if (name ? str_eq(boxes[i].plan->name, name)
			 : strstr(address, boxes[i].plan->host) != NULL)
			return fs_dial_in(&boxes[i], s, now);
	return false;
}

void
freeswitch_stop(void)
{
	for (size_t i = 0; i < boxes_n; i++) {
		struct fs *f = &boxes[i];
		atomic_store(&f->stopping, true);
		close_box(f);
		int64_t until = clock_mono() + STOP_WAIT_MS;
		while (atomic_load(&f->threads) > 0 && clock_mono() < until)
			fs_nap(10);
		if (atomic_load(&f->threads) > 0)
			return; /* the process ends anyway; what a thread uses is not taken from
				   under it */
		fleet_lock();
		fs_forget(f);
		fleet_unlock();
	}
	free(boxes);
	boxes = NULL;
	boxes_n = 0;
}
