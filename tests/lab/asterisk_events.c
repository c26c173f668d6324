/* The simulated Asterisk's events: one WebSocket for each application. Called by asterisk_calls.c,
 * which tells, and by web.c on a thread for each listener. Owns what waits to be sent. Takes the
 * fleet's lock for moments only, and must never hold it while it sends. */
#include "asterisk.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BEAT_MS = 20, SEND_MS = 3000, FRAME_MAX = 64 * 1024 };

bool
ast_listens(const struct asterisk *m, const char *app)
{
	for (int i = 0; i < AST_LISTENERS; i++)
		if (m->listeners[i].used && !m->listeners[i].replaced &&
			str_eq(m->listeners[i].app, app))
			return true;
	return false;
}

static void
tell_one(struct ast_listener *l, const char *type, int64_t now, json_t *event)
{
	char at[40], word[80];
	snprintf(word, sizeof word, " %s ", type);
	if (*l->allowed && !strstr(l->allowed, word))
		return;
	json_object_set_new(event, "type", json_string(type));
	json_object_set_new(event, "timestamp", json_string(ast_time(now, at)));
	json_object_set_new(event, "asterisk_id", json_string("00:00:00:00:00:00"));
	json_object_set_new(event, "application", json_string(l->app));
	char *text = json_dumps(event, JSON_COMPACT);
	if (l->out.n + strlen(text) < AST_BACKLOG)
		buf_add(&l->out, text, strlen(text) + 1);
	free(text);
}

void
ast_tell(struct asterisk *m, const char *app, const char *type, int64_t now, json_t *event)
{
	for (int i = 0; i < AST_LISTENERS; i++) {
		struct ast_listener *l = &m->listeners[i];
		if (l->used && !l->replaced && str_eq(l->app, app))
			tell_one(l, type, now, event);
	}
	json_decref(event);
}

static bool
send_frame(int fd, int opcode, const char *text, size_t n)
{
	uint8_t head[10] = { (uint8_t)(0x80 | opcode), (uint8_t)(n < 126     ? n
								 : n < 65536 ? 126
									     : 127) };
	size_t head_n = n < 126 ? 2 : n < 65536 ? 4 : 10;
	for (size_t i = 2; i < head_n; i++)
		head[i] = (uint8_t)((uint64_t)n >> (8 * (head_n - 1 - i)));
	struct buf b = { 0 };
	bool ok = true;
	buf_add(&b, head, head_n);
	buf_add(&b, text, n);
	for (size_t at = 0; at < b.n && ok;) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		ssize_t k = poll(&p, 1, SEND_MS) == 1
				    ? send(fd, b.at + at, b.n - at, MSG_NOSIGNAL | MSG_DONTWAIT)
				    : -1;
		ok = k > 0;
		at += k > 0 ? (size_t)k : 0;
	}
	buf_free(&b);
	return ok;
}

/* What waits, out of the listener; with the lock for that moment. */
static bool
send_waiting(const struct asterisk *m, struct ast_listener *l, int fd)
{
	struct buf mine = { 0 };
	fleet_lock();
	bool up = bridge_api_up(&m->b, clock_now());
	buf_add(&mine, buf_str(&l->out), l->out.n);
	buf_clear(&l->out);
	bool replaced = l->replaced, ok = up; /* or killed a moment ago */
	fleet_unlock();
	for (size_t at = 0; ok && at < mine.n; at += strlen(mine.at + at) + 1)
		ok = send_frame(fd, 1, mine.at + at, strlen(mine.at + at));
	buf_free(&mine);
	return ok && !replaced;
}

/* RFC 6455: what a client sends is masked. False: it said goodbye, or is none. */
static bool
take_frames(struct buf *in, int fd)
{
	while (in->n >= 6) {
		uint8_t *p = (uint8_t *)in->at;
		size_t n = p[1] & 0x7f;
		if (!(p[1] & 0x80) || n >= 126)
			return false;
		if (in->n < 6 + n)
			return true;
		for (size_t i = 0; i < n; i++)
			p[6 + i] ^= p[2 + i % 4];
		int opcode = p[0] & 0xf;
		if (opcode == 8)
			return false;
		if (opcode == 9 && !send_frame(fd, 10, (char *)p + 6, n))
			return false;
		buf_drop(in, 6 + n);
	}
	return true;
}

/* seen: another listener of the same application takes it, and the first one is told */
static struct ast_listener *
register_listener(struct asterisk *m, int64_t now)
{
	struct ast_listener *mine = NULL;
	for (int i = 0; i < AST_LISTENERS; i++) {
		struct ast_listener *l = &m->listeners[i];
		if (l->used && !l->replaced && str_eq(l->app, m->expected)) {
			tell_one(l, "ApplicationReplaced", now, json_object());
			l->replaced = true;
		} else if (!l->used && !mine) {
			mine = l;
		}
	}
	if (mine) {
		*mine = (struct ast_listener){ .used = true };
		str_copy(mine->app, sizeof mine->app, m->expected);
		lab_log(now, "subscribe", m->b.plan->name, NULL);
	}
	return mine;
}

void
ast_listen(void *owner, int fd, const char *early, size_t early_n, const atomic_bool *stop)
{
	struct asterisk *m = owner;
	struct buf in = { 0 };
	fleet_lock();
	struct ast_listener *l = register_listener(m, clock_now());
	fleet_unlock();
	buf_add(&in, early, early_n);
	bool ok = l != NULL;
	while (ok && !atomic_load(stop)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char bytes[4096];
		if (poll(&p, 1, BEAT_MS) == 1) {
			ssize_t k = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
			ok = k > 0;
			if (ok)
				buf_add(&in, bytes, (size_t)k);
		}
		ok = ok && in.n < FRAME_MAX && take_frames(&in, fd) && send_waiting(m, l, fd);
	}
	buf_free(&in);
	if (!l)
		return;
	fleet_lock();
	buf_free(&l->out);
	l->used = false;
	fleet_unlock();
}
