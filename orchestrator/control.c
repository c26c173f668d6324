/* The daemon's end of the local socket.
 *
 * The coordinator polls the descriptors together with its own and calls control_ready(); a line
 * that a client sent goes to its handler, an answer goes out at once as far as the socket takes it
 * and waits otherwise. Clients are freed only inside control_ready(), after the handlers ran, so a
 * pointer stays good within a turn; across turns keep control_number(). It owns the sockets and the
 * clients' buffers. It must never block, never trust a length, and never let one client that does
 * not read hold up the others. */
#include "control.h"

#include "base/log.h"
#include "base/str.h"
#include "base/vec.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	LINE_MOST = 64 * 1024,
	QUEUE_MOST = 4 * 1024 * 1024, /* unread bytes before a further line drops the client */
	CLIENTS_MOST = 200,
	READS_A_TURN = 8
};

struct control_client {
	int fd;
	uint64_t number;
	struct buf in, out;
	char *channel; /* NULL: not subscribed */
	char user[64];
	bool ended; /* says no more; leaves when its answers are out */
	bool dead;
};

struct control {
	int fd;
	char *path;
	uint64_t numbers;
	VEC(struct control_client *) clients;
};

static bool
set_address(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return str_copy(out->sun_path, sizeof out->sun_path, path);
}

/* True if somebody accepts there; a socket nobody listens at is removed. */
static bool
is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	int rc = connect(fd, (const struct sockaddr *)address, sizeof *address);
	bool alive = !rc || errno == EAGAIN; /* a full backlog is a life sign */
	bool stale = !alive && errno == ECONNREFUSED;
	close(fd);
	struct stat st;
	if (stale && !lstat(address->sun_path, &st) && S_ISSOCK(st.st_mode))
		unlink(address->sun_path);
	return alive;
}

enum err
control_listen(const char *path, struct control **out, struct err_text *e)
{
	*out = NULL;
	struct sockaddr_un address;
	if (!set_address(path, &address))
		return err_set(e, ERR_INPUT, T("listen at %s: the path is longer than %zu bytes"),
			path, sizeof address.sun_path - 1);
	if (is_alive(&address))
		return err_set(
			e, ERR_BUSY, T("listen at %s: a daemon is already running there"), path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The mode of the open socket narrows what bind() makes, so nobody else gets in meanwhile.
	 */
	if (fd < 0 || fchmod(fd, 0660) ||
		bind(fd, (const struct sockaddr *)&address, sizeof address) || chmod(path, 0660) ||
		listen(fd, 64)) {
		enum err rc = err_set(e, ERR_SYSTEM, T("listen at %s: %s"), path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	struct control *c = xalloc(sizeof *c);
	c->fd = fd;
	c->path = xstrdup(path);
	*out = c;
	return OK;
}

static void
free_client(struct control_client *k)
{
	close(k->fd);
	buf_free(&k->in);
	buf_free(&k->out);
	free(k->channel);
	free(k);
}

void
control_close(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->clients.n; i++)
		free_client(c->clients.at[i]);
	vec_free(&c->clients);
	close(c->fd);
	unlink(c->path);
	free(c->path);
	free(c);
}

int
control_fds(struct control *c, struct pollfd *fds, int max)
{
	int n = 0;
	if (n < max)
		fds[n++] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	for (size_t i = 0; i < c->clients.n && n < max; i++) {
		const struct control_client *k = c->clients.at[i];
		short events = (short)((k->ended ? 0 : POLLIN) | (k->out.n ? POLLOUT : 0));
		fds[n++] = (struct pollfd){ .fd = k->fd, .events = events };
	}
	return n;
}

/* ---- one client ------------------------------------------------------------------------------ */

static void
learn_peer(struct control_client *k)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t size = sizeof who;
	struct passwd entry, *found = NULL;
	char space[4096];
	if (getsockopt(k->fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
		who.uid = (uid_t)-1;
	else
		getpwuid_r(who.uid, &entry, space, sizeof space, &found);
	if (found)
		str_copy(k->user, sizeof k->user, found->pw_name);
	else
		snprintf(k->user, sizeof k->user, "%lu", (unsigned long)who.uid);
}

static void
accept_client(struct control *c)
{
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (c->clients.n >= CLIENTS_MOST) {
		log_warn("control", "more than %d connections: one is turned away", CLIENTS_MOST);
		close(fd);
		return;
	}
	struct control_client *k = xalloc(sizeof *k);
	k->fd = fd;
	k->number = ++c->numbers;
	learn_peer(k);
	*vec_add(&c->clients) = k;
}

static void
send_waiting(struct control_client *k)
{
	while (k->out.n && !k->dead) {
		ssize_t n = send(k->fd, k->out.at, k->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			buf_drop(&k->out, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else if (n < 0 && errno != EINTR)
			k->dead = true;
	}
}

static void
read_some(struct control_client *k)
{
	char bytes[16 * 1024];
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = recv(k->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (n > 0) {
			buf_add(&k->in, bytes, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		k->ended = n == 0;
		k->dead = n < 0 && errno != EAGAIN && errno != EWOULDBLOCK;
		return;
	}
}

static void
take_lines(struct control_client *k, void (*fn)(struct control_client *, const char *, void *),
	void *arg)
{
	size_t used = 0;
	for (char *end; k->in.n > used && (end = memchr(k->in.at + used, '\n', k->in.n - used));) {
		char *line = k->in.at + used;
		size_t n = (size_t)(end - line);
		if (n > LINE_MOST || memchr(line, '\0', n)) {
			k->dead = true;
			return;
		}
		*end = '\0';
		if (n && !k->dead)
			fn(k, line, arg);
		used += n + 1;
	}
	buf_drop(&k->in, used);
	if (k->in.n > LINE_MOST) {
		log_warn("control", "%s sent a line of more than %d bytes", k->user, LINE_MOST);
		k->dead = true;
	}
}

static void
sweep(struct control *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->clients.n; i++) {
		struct control_client *k = c->clients.at[i];
		if (k->dead || (k->ended && !k->out.n))
			free_client(k);
		else
			c->clients.at[kept++] = k;
	}
	c->clients.n = kept;
}

void
control_ready(struct control *c, const struct pollfd *fds, int n,
	void (*fn)(struct control_client *, const char *line, void *), void *arg)
{
	bool knock = false;
	for (int i = 0; i < n; i++) {
		if (!fds[i].revents)
			continue;
		knock = knock || fds[i].fd == c->fd;
		struct control_client *k = NULL;
		for (size_t m = 0; m < c->clients.n && !k; m++)
			if (c->clients.at[m]->fd == fds[i].fd)
				k = c->clients.at[m];
		if (!k)
			continue;
		if (fds[i].revents & (POLLERR | POLLNVAL))
			k->dead = true;
		if (!k->dead && !k->ended && (fds[i].revents & (POLLIN | POLLHUP))) {
			read_some(k);
			take_lines(k, fn, arg);
		} else if (k->ended && (fds[i].revents & POLLHUP)) {
			k->dead = true;
		}
		send_waiting(k);
	}
	sweep(c);
	if (knock)
		accept_client(c); /* last: its descriptor may be one that was just closed */
}

void
control_answer(struct control_client *k, const char *line)
{
	if (k->dead)
		return;
	if (k->out.n > QUEUE_MOST) {
		log_warn("control", "%s does not read what it asked for", k->user);
		k->dead = true;
		return;
	}
	size_t from = k->out.n;
	buf_puts(&k->out, line);
	for (size_t i = from; i < k->out.n; i++)
		if (k->out.at[i] == '\n') /* between JSON's tokens any blank is as good */
			k->out.at[i] = ' ';
	buf_putc(&k->out, '\n');
	send_waiting(k);
}

void
control_subscribe(struct control_client *k, const char *channel)
{
	free(k->channel);
	k->channel = xstrdup(channel ? channel : "");
}

static bool
listens(const struct control_client *k, const char *channel)
{
	return !k->dead && !k->ended && k->channel && str_eq(k->channel, channel);
}

void
control_broadcast(struct control *c, const char *channel, const char *line)
{
	for (size_t i = 0; i < c->clients.n; i++)
		if (listens(c->clients.at[i], channel))
			control_answer(c->clients.at[i], line);
}

bool
control_watched(const struct control *c, const char *channel)
{
	for (size_t i = 0; i < c->clients.n; i++)
		if (listens(c->clients.at[i], channel))
			return true;
	return false;
}

const char *
control_peer(const struct control_client *k)
{
	return k->user;
}

uint64_t
control_number(const struct control_client *k)
{
	return k->number;
}

struct control_client *
control_find(struct control *c, uint64_t number)
{
	for (size_t i = 0; i < c->clients.n; i++)
		if (c->clients.at[i]->number == number && !c->clients.at[i]->dead)
			return c->clients.at[i];
	return NULL;
}
