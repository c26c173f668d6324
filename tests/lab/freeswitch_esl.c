/* The event socket of the simulated FreeSWITCH. One thread accepts, one serves each session; events
 * are put into a session's queue under the fleet's lock and written by its own thread. Called by
 * freeswitch.c and by freeswitch_events.c. Owns its sockets and sessions. Must never write to a
 * socket with the lock held. */
#include "freeswitch.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOK_MS = 20, LINE_MAX_BYTES = 64 * 1024, ACCEPT_MS = 100 };

static bool
wanted(const struct fs_session *s, const char *name)
{
	char word[80];
	snprintf(word, sizeof word, " %.70s ", name);
	return strstr(s->wants, word) != NULL;
}

void
fs_post(struct fs *f, const char *name, const char *subclass, struct fs_headers *h,
	const char *body)
{
	for (size_t i = 0; i < f->sessions.n; i++) {
		struct fs_session *s = f->sessions.at[i];
		/* recorded: a subclass is asked for after the word CUSTOM */
		if (!s->known || s->gone || !(s->all || wanted(s, subclass ? subclass : name)))
			continue;
		struct buf text = { 0 };
		if (s->json) {
			fs_write_json(h, &text);
			if (body) { /* described: the body is a member of its own */
				struct fs_headers with = { 0 };
				for (size_t k = 0; k < h->n; k++)
					fs_put(&with, h->at[k].name, "%s", h->at[k].value);
				fs_put(&with, "Content-Length", "%zu", strlen(body));
				fs_put(&with, "_body", "%s", body);
				buf_clear(&text);
				fs_write_json(&with, &text);
				fs_headers_free(&with);
			}
		} else {
			fs_write_plain(h, &text);
			if (body)
				buf_printf(&text, "Content-Length: %zu\n\n%s", strlen(body), body);
			else
				buf_putc(&text, '\n');
		}
		if (s->out.n + text.n > FS_QUEUE_MAX)
			s->gone = true; /* it does not read */
		buf_printf(&s->out, "Content-Length: %zu\nContent-Type: text/event-%s\n\n", text.n,
			s->json ? "json" : "plain");
		buf_add(&s->out, buf_str(&text), text.n);
		buf_free(&text);
	}
}

/* Into the queue, so that answers and events keep their order. */
static void
say(struct fs_session *s, const char *text)
{
	fleet_lock();
	buf_puts(&s->out, text);
	fleet_unlock();
}

static void
say_reply(struct fs_session *s, const char *text)
{
	struct buf b = { 0 };
	buf_printf(&b, "Content-Type: command/reply\nReply-Text: %s\n\n", text);
	say(s, buf_str(&b));
	buf_free(&b);
}

static void
farewell(struct fs_session *s)
{
	static const char text[] =
		"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n";
	struct buf b = { 0 };
	buf_printf(&b, "Content-Type: text/disconnect-notice\nContent-Length: %zu\n\n%s",
		sizeof text - 1, text);
	say(s, buf_str(&b));
	buf_free(&b);
	s->bye = true;
}

static void
subscribe(struct fs_session *s, const char *args)
{
	char word[80];
	bool first = true;
	fleet_lock();
	while (fs_word(&args, word, sizeof word)) {
		if (first && (str_eq_nocase(word, "plain") || str_eq_nocase(word, "json"))) {
			s->json = str_eq_nocase(word, "json");
		} else if (str_eq_nocase(word, "ALL")) {
			s->all = true;
		} else if (strlen(s->wants) + strlen(word) + 3 < sizeof s->wants) {
			size_t n = strlen(s->wants);
			snprintf(s->wants + n, sizeof s->wants - n, "%s%s ", n ? "" : " ", word);
		}
		first = false;
	}
	fleet_unlock();
	say_reply(s,
		s->json ? "+OK event listener enabled json" : "+OK event listener enabled plain");
}

/* api, bgapi */
static void
run(struct fs_session *s, const char *line, bool background)
{
	char command[64] = "";
	struct buf out = { 0 }, b = { 0 };
	fs_word(&line, command, sizeof command);
	while (*line == ' ')
		line++;
	if (background) {
		struct buf whole = { 0 };
		buf_printf(&whole, "%s %s", command, line);
		fs_api(s->owner, "bgapi", buf_str(&whole), &out);
		char *job = str_trim(out.at);
		buf_printf(&b, "Content-Type: command/reply\nReply-Text: %s\nJob-UUID: %s\n\n", job,
			job + 14);
		buf_free(&whole);
	} else {
		fs_api(s->owner, command, line, &out);
		buf_printf(&b, "Content-Type: api/response\nContent-Length: %zu\n\n%s", out.n,
			buf_str(&out));
	}
	if (fs_serves(s->owner, clock_now()))
		say(s, buf_str(&b));
	buf_free(&out);
	buf_free(&b);
}

static void
command(struct fs_session *s, const char *line)
{
	const struct lab_mcu *p = s->owner->plan;
	const char *password = p->esl_password ? p->esl_password : p->password;
	fs_nap(p->latency_ms);
	if (!fs_serves(s->owner, clock_now())) {
		s->bye = true; /* killed a moment ago: no farewell either */
	} else if (str_starts(line, "auth ")) {
		fleet_lock();
		s->known = str_eq(line + 5, password) && !p->password_refused;
		fleet_unlock();
		say_reply(s, s->known ? "+OK accepted" : "-ERR invalid");
		if (!s->known) {
			lab_log(clock_now(), "refused", p->name, NULL);
			farewell(s);
		}
	} else if (str_eq(line, "exit")) {
		say_reply(s, "+OK bye");
		farewell(s);
	} else if (!s->known) {
		say_reply(s, "-ERR command not found");
	} else if (str_starts(line, "event ")) {
		subscribe(s, line + 6);
	} else if (str_eq(line, "noevents")) {
		fleet_lock();
		s->wants[0] = '\0';
		s->all = false;
		fleet_unlock();
		say_reply(s, "+OK no longer listening for events");
	} else if (str_starts(line, "api ")) {
		run(s, line + 4, false);
	} else if (str_starts(line, "bgapi ")) {
		run(s, line + 6, true);
	} else {
		say_reply(s, "-ERR command not found");
	}
}

/* Takes whole commands off the input; a command ends with an empty line, its other headers are not
 * looked at. */
static void
commands(struct fs_session *s)
{
	char *end;
	for (char *p = s->in.at; p && *p; p++) /* CR LF counts as LF */
		if (*p == '\r')
			memmove(p, p + 1, strlen(p)), s->in.n--;
	while (!s->bye && s->in.n && (end = strstr(s->in.at, "\n\n"))) {
		size_t n = (size_t)(end - s->in.at) + 2;
		char *line = xstrdup(s->in.at);
		line[strcspn(line, "\n")] = '\0';
		buf_drop(&s->in, n);
		if (line[0])
			command(s, str_trim(line));
		free(line);
	}
	while (s->in.n && s->in.at[0] == '\n')
		buf_drop(&s->in, 1);
}

static bool
flush_out(struct fs_session *s)
{
	struct buf mine;
	fleet_lock();
	mine = s->out;
	s->out = (struct buf){ 0 };
	bool up = fs_api_up(s->owner, clock_now());
	fleet_unlock();
	size_t at = 0;
	if (!up) { /* killed a moment ago */
		buf_free(&mine);
		return false;
	}
	while (at < mine.n) {
		ssize_t k = send(s->fd, mine.at + at, mine.n - at, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		at += (size_t)k;
	}
	bool ok = at == mine.n;
	buf_free(&mine);
	return ok;
}

static void
forget(struct fs_session *s)
{
	struct fs *f = s->owner;
	fleet_lock();
	for (size_t i = 0; i < f->sessions.n; i++)
		if (f->sessions.at[i] == s) {
			f->sessions.at[i] = f->sessions.at[--f->sessions.n];
			break;
		}
	fleet_unlock();
	close(s->fd);
	buf_free(&s->in);
	buf_free(&s->out);
	free(s);
	atomic_fetch_sub(&f->threads, 1);
}

static void *
serve(void *p)
{
	struct fs_session *s = p;
	struct fs *f = s->owner;
	char part[8192];
	say(s, "Content-Type: auth/request\n\n");
	while (!atomic_load(&f->stopping) && f->listening && !s->gone) {
		struct pollfd l = { s->fd, POLLIN, 0 };
		if (!flush_out(s) || s->bye)
			break;
		if (poll(&l, 1, LOOK_MS) <= 0)
			continue;
		ssize_t n = recv(s->fd, part, sizeof part, 0);
		if (n <= 0 || s->in.n + (size_t)n > LINE_MAX_BYTES)
			break;
		buf_add(&s->in, part, (size_t)n);
		commands(s);
	}
	forget(s);
	return NULL;
}

void *
fs_esl_main(void *p)
{
	struct fs *f = p;
	while (!atomic_load(&f->stopping) && f->listening) {
		struct pollfd l = { f->esl_fd, POLLIN, 0 };
		if (poll(&l, 1, ACCEPT_MS) <= 0)
			continue;
		int fd = accept4(f->esl_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		struct fs_session *s = xalloc(sizeof *s);
		pthread_t thread;
		s->owner = f;
		s->fd = fd;
		fleet_lock();
		*vec_add(&f->sessions) = s;
		fleet_unlock();
		atomic_fetch_add(&f->threads, 1);
		if (pthread_create(&thread, NULL, serve, s) == 0)
			pthread_detach(thread);
		else
			serve(s);
	}
	return NULL;
}
