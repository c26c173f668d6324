/* Folders of calendars, watched; and calendars behind an address: each asked as often as its
 * element says, by a job of the pool, never by the loop.
 *
 * Called by the loop. What arrives lies in the state folder (schedules/feed.h); the house sees that
 * its files changed and is read again, so nothing is handed over here but when to ask next and what
 * went wrong. It must never plan by itself, nor ask a server again that refused our login. */
#include "coordinator_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FETCH_MS = 30000 /* real */ };

struct fetch { /* the job; owns its arena, on which everything lies */
	struct arena *arena;
	struct mailbox *back;
	struct feed_source source;
	const char *dir;
	int64_t now;
	int cancel_fd;
	struct feed_state state;
};

static void
fetch_free(void *fetch)
{
	arena_free(((struct fetch *)fetch)->arena);
}

static void
work(void *arg)
{
	struct fetch *f = arg;
	struct task t = {
		.arena = f->arena, .cancel_fd = f->cancel_fd, .deadline = clock_mono() + FETCH_MS
	};
	feed_refresh(&t, &f->source, f->dir, f->now, &f->state);
	mailbox_post(f->back, f);
}

static struct feeding *
feeding_of(struct coordinator *c, const char *id)
{
	for (size_t i = 0; i < c->feedings.n; i++)
		if (str_eq(c->feedings.at[i].id, id))
			return &c->feedings.at[i];
	return NULL;
}

static void
ask(struct coordinator *c, struct feeding *g, const struct workspace_calendar *cal)
{
	struct arena *a = arena_new();
	struct fetch *f = arena_alloc(a, sizeof *f);
	struct feed_source s = house_feed(cal);
	*f = (struct fetch){ .arena = a,
		.back = c->fetched,
		.now = c->now,
		.cancel_fd = c->feed_cancel,
		.dir = house_feeds_dir(&c->house->ws, a) };
	f->source = (struct feed_source){ .id = arena_strdup(a, s.id),
		.url = arena_strdup(a, s.url),
		.user = arena_strdup(a, s.user),
		.password = arena_strdup(a, s.password),
		.pin = arena_strdup(a, s.pin),
		.ca_file = arena_strdup(a, s.ca_file),
		.every_ms = s.every_ms };
	g->under_way = true;
	pool_submit(c->pool, JOB_NORMAL, work, f);
}

/* ---- folders --------------------------------------------------------------------------------- */

static void
want(struct coordinator *c, const char *folder)
{
	struct err_text e = { 0 };
	for (size_t i = 0; i < c->watched.n; i++)
		if (str_eq(c->watched.at[i].folder, folder)) {
			c->watched.at[i].wanted = true;
			return;
		}
	int fd = c->watched.n < WATCHED_MOST ? feed_watch(folder, &e) : -1;
	if (fd >= 0)
		*vec_add(&c->watched) = (struct watched){
			.folder = xstrdup(folder), .fd = fd, .wanted = true
		};
	else if (e.text[0])
		log_warn("coordinator", "%s; it is looked at every minute", e.text);
}

static void
drop(struct coordinator *c, size_t i)
{
	close(c->watched.at[i].fd);
	free(c->watched.at[i].folder);
	c->watched.at[i] = c->watched.at[--c->watched.n];
}

/* The folders that calendars name, and those in which files lie that they name. */
static void
watch_folders(struct coordinator *c)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < c->watched.n; i++)
		c->watched.at[i].wanted = false;
	for (size_t i = 0; i < c->house->ws.calendars_n; i++) {
		const struct workspace_calendar *cal = &c->house->ws.calendars[i];
		if (cal->disabled)
			continue;
		if (!str_empty(cal->folder))
			want(c, cal->folder);
		for (size_t k = 0; cal->files && cal->files[k]; k++) {
			const char *slash = strrchr(cal->files[k], '/');
			if (slash && slash > cal->files[k])
				want(c, arena_strndup(a, cal->files[k],
						(size_t)(slash - cal->files[k])));
		}
	}
	for (size_t i = c->watched.n; i > 0; i--)
		if (!c->watched.at[i - 1].wanted)
			drop(c, i - 1);
	arena_free(a);
}

int
feeds_fds(const struct coordinator *c, struct pollfd *fds)
{
	for (size_t i = 0; i < c->watched.n; i++)
		fds[i] = (struct pollfd){ .fd = c->watched.at[i].fd, .events = POLLIN };
	return (int)c->watched.n;
}

/* A calendar was written: the next look is now, and it finds a change. A folder that went is looked
 * for again with the next plan. */
void
feeds_watched(struct coordinator *c, const struct pollfd *fds, int n)
{
	for (size_t i = (size_t)n; i > 0; i--) {
		struct watched *w = &c->watched.at[i - 1];
		if (!fds[i - 1].revents || !feed_watch_changed(w->fd))
			continue;
		c->looked_mono = clock_mono() - LOOK_EVERY_MS;
		c->signature[0] = '\0';
		if (access(w->folder, F_OK))
			drop(c, i - 1);
	}
}

/* The files changed: another address or password may be asked at once, one that is final stays so.
 */
void
feeds_adopt(struct coordinator *c)
{
	if (!c->looks_only)
		watch_folders(c);
	for (size_t i = 0; i < c->house->ws.calendars_n; i++) {
		const struct workspace_calendar *cal = &c->house->ws.calendars[i];
		if (cal->disabled || str_empty(cal->url))
			continue;
		struct feeding *g = feeding_of(c, cal->id);
		struct feed_source s = house_feed(cal);
		struct feed_state st;
		struct arena *a = arena_new();
		if (g && g->next_at != INT64_MAX) {
			arena_free(a);
			continue;
		}
		if (!g) {
			g = vec_add(&c->feedings);
			memset(g, 0, sizeof *g);
			str_copy(g->id, sizeof g->id, cal->id);
		}
		feed_last(&s, house_feeds_dir(&c->house->ws, a), c->now, a, &st);
		g->next_at = st.next_at == INT64_MAX
				     ? INT64_MAX
				     : c->now; /* whether it still holds is asked at the start */
		arena_free(a);
	}
}

void
feeds_look(struct coordinator *c)
{
	if (c->looks_only)
		return;
	for (size_t i = 0; i < c->house->ws.calendars_n; i++) {
		const struct workspace_calendar *cal = &c->house->ws.calendars[i];
		struct feeding *g =
			cal->disabled || str_empty(cal->url) ? NULL : feeding_of(c, cal->id);
		if (g && !g->under_way && g->next_at <= c->now)
			ask(c, g, cal);
	}
}

void
feeds_take(struct coordinator *c)
{
	for (struct fetch *f; (f = mailbox_take(c->fetched));) {
		struct feeding *g = feeding_of(c, f->source.id);
		if (g) {
			g->under_way = false;
			g->next_at = f->state.next_at;
			if (f->state.code != OK && !g->failing)
				log_warn("coordinator", "%s", f->state.why);
			else if (f->state.code == OK && (f->state.changed || g->failing))
				log_info("coordinator", "calendar %s was read%s", g->id,
					f->state.changed ? "; it changed" : "");
			g->failing = f->state.code != OK;
		}
		fetch_free(f);
	}
}

enum err
feeds_open(struct coordinator *c, struct err_text *e)
{
	c->fetched = mailbox_new();
	c->feed_cancel = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return c->feed_cancel < 0 ? err_set(e, ERR_SYSTEM, T("no file descriptor left")) : OK;
}

/* Before the pool is waited for. */
void
feeds_cancel(struct coordinator *c)
{
	if (c->fetched && c->feed_cancel >= 0)
		eventfd_write(c->feed_cancel, 1);
}

/* Behind the pool's end. */
void
feeds_close(struct coordinator *c)
{
	if (!c->fetched)
		return;
	mailbox_free(c->fetched, fetch_free);
	if (c->feed_cancel >= 0)
		close(c->feed_cancel);
	vec_free(&c->feedings);
	while (c->watched.n)
		drop(c, c->watched.n - 1);
	vec_free(&c->watched);
}
