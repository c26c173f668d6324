/* The sessions of the simulated codecs that speak lines in the clear, telnet or bare TCP. Called by
 * main(), and by door.c on a thread per session. Owns the descriptor of its session. Must never
 * answer for a site without power or network: it falls silent without a goodbye, as the SSH codecs
 * do.
 *
 * A telnet client's refusals (three bytes each) are passed over. */
#include "shell.h"

#include "codec.h"
#include "door.h"

#include "base/clock.h"
#include "base/str.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2000, IAC = 255, NEGOTIATION = 3 };

static bool
say(int fd, struct buf *b)
{
	const char *at = buf_str(b);
	size_t left = b->n;
	while (left) {
		ssize_t n = send(fd, at, left, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		at += n;
		left -= (size_t)n;
	}
	buf_clear(b);
	return left == 0;
}

struct heard {
	struct buf line;
	int skip; /* bytes of a negotiation still to come */
};

/* One byte; true: the line is whole. */
static bool
take_byte(struct heard *h, unsigned char c)
{
	if (h->skip)
		return h->skip--, false;
	if (c == IAC)
		return h->skip = NEGOTIATION - 1, false;
	if (c == '\n')
		return true;
	if (c && c != '\r' && h->line.n < LINE_MAX_BYTES)
		buf_putc(&h->line, (char)c);
	return false;
}

static bool
take_bytes(struct shell *s, const struct shell_kind *kind, struct heard *h, int fd,
	const char *bytes, size_t n)
{
	struct buf out = { 0 };
	bool up = true;
	for (size_t i = 0; up && i < n; i++) {
		if (!take_byte(h, (unsigned char)bytes[i]))
			continue;
		fleet_lock();
		kind->line(s, buf_str(&h->line), clock_now(), &out);
		fleet_unlock();
		buf_clear(&h->line);
		up = say(fd, &out) && s->stage != SHELL_BYE;
	}
	buf_free(&out);
	return up;
}

static void
serve_plain(struct door *d, int fd)
{
	const struct shell_kind *kind =
		shell_kind_of(d->site) ? shell_kind_of(d->site) : &polycom_shell;
	struct shell s = { .site = d->site };
	struct heard h = { 0 };
	struct buf out = { 0 };
	char bytes[512];
	fleet_lock();
	s.seen = d->site->leg ? d->site->leg->phase : PHASE_DISCONNECTED;
	s.seen_call = d->site->leg ? d->site->leg->call_id : 0;
	s.seen_mic = d->site->mic_muted;
	kind->greet(&s, clock_now(), &out);
	fleet_unlock();
	bool up = say(fd, &out);
	while (up && !doors_closing()) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready = poll(&p, 1, DOOR_POLL_MS);
		if (!door_reachable(d)) {
			door_fall_silent(d, fd);
			break;
		}
		ssize_t n = ready > 0 ? recv(fd, bytes, sizeof bytes, 0) : 0;
		if (ready > 0 && (n <= 0 || !take_bytes(&s, kind, &h, fd, bytes, (size_t)n)))
			break;
		fleet_lock();
		if (s.stage == SHELL_IN)
			kind->unasked(&s, clock_now(), &out);
		fleet_unlock();
		up = say(fd, &out);
	}
	buf_free(&out);
	buf_free(&h.line);
	close(fd);
}

void
shell_start(const struct scenario *s)
{
	for (size_t i = 0; i < s->sites.n; i++)
		if (s->sites.at[i].codec.exists && s->sites.at[i].codec.plain)
			door_add(fleet_site(i), s->sites.at[i].codec.port, serve_plain);
}
