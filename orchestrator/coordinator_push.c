/* What devices post to us: the listener as tongduyet.xml wants it, the secret path of each device,
 * and the way of a post: out of the mailbox, to the device's lane, and as news to the runs that use
 * it.
 *
 * Called by the loop and when the files were read again. A post changes nothing by itself: it lies
 * in the lane until the next order, which news bring forward, and what it told comes out of that
 * order's answer and so into the journal. A device that posts much is asked no more often than once
 * a second. Must never look into a post. */
#include "coordinator_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "listener.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEWS_APART_MS = 1000, POSTS_A_TURN = 500 };

void
push_open(struct coordinator *c)
{
	c->pushes = mailbox_new();
	c->push_again_ms = INT_MAX;
}

/* ---- who may --------------------------------------------------------------------------------- */

static bool
secret_of(struct coordinator *c, const char *device, char out[LISTENER_SECRET + 1])
{
	char whole[65];
	if (!device_secret(c, device, whole))
		return false;
	str_copy(out, LISTENER_SECRET + 1, whole);
	return true;
}

static bool
is_site(const char *device)
{
	return str_starts(device, "site:");
}

const char *
push_url(struct coordinator *c, const struct device *d, struct arena *a)
{
	char host[64], secret[LISTENER_SECRET + 1];
	const struct workspace *w = &c->house->ws;
	bool posts = is_site(d->name) ? workspace_site_posts(w, d->adapter, d->url, host)
				      : workspace_posts(w, d->adapter, d->url, host);
	if (!c->listener || !posts || !secret_of(c, d->name, secret))
		return NULL;
	return arena_printf(a, "%s/push/%s", w->listen.reach, secret);
}

static bool
door_of(struct coordinator *c, const struct device *d, bool posts, const char *host,
	struct arena *a, struct listener_door *out)
{
	char secret[LISTENER_SECRET + 1];
	if (!posts || !secret_of(c, d->name, secret))
		return false;
	*out = (struct listener_door){ .device = d->name,
		.address = arena_strdup(a, host),
		.secret = arena_strdup(a, secret) };
	return true;
}

static void
set_doors(struct coordinator *c)
{
	const struct house *h = c->house;
	const struct workspace *w = &h->ws;
	size_t n = 0, sites_n = h->have_sites ? h->sites.n : 0;
	struct arena *a = arena_new();
	struct listener_door *doors = arena_alloc(a, (w->mcus_n + sites_n + 1) * sizeof *doors);
	struct device d;
	char host[64];
	for (size_t i = 0; i < w->mcus_n; i++)
		if (workspace_mcu_device(w, &w->mcus[i], a, &d) &&
			door_of(c, &d, workspace_posts(w, d.adapter, d.url, host), host, a,
				&doors[n]))
			doors[n++].answer = mcu_adapter_find(d.adapter)->push_answer;
	for (size_t i = 0; i < sites_n; i++)
		n += workspace_site_device(w, &h->sites.at[i], a, &d) &&
		     door_of(c, &d, workspace_site_posts(w, d.adapter, d.url, host), host, a,
			     &doors[n]);
	listener_doors(c->listener, doors, n);
	arena_free(a);
}

/* ---- listening ------------------------------------------------------------------------------- */

static struct posting *
posting_of(struct coordinator *c, const char *device)
{
	for (size_t i = 0; i < c->postings.n; i++)
		if (str_eq(c->postings.at[i].device, device))
			return &c->postings.at[i];
	struct posting *p = vec_add(&c->postings);
	*p = (struct posting){ .told_mono = INT64_MIN / 2 };
	str_copy(p->device, sizeof p->device, device);
	return p;
}

/* Only a run that has a conference there, or that asks this codec, makes a row of it. */
static bool
concerns(const struct live *l, const char *device)
{
	if (l->ended || l->run->finished)
		return false;
	if (is_site(device)) {
		const struct run_site *s = run_site(l->run, device + 5);
		return s && s->spec->endpoint && !s->endpoint_final;
	}
	for (size_t i = 0; i < l->spec->mcus_n; i++) {
		const struct run_mcu *m = &l->run->mcus[i];
		if (str_eq(m->spec->name, device))
			return m->phase == MCU_READY || m->phase == MCU_LOST;
	}
	return false;
}

/* A codec goes on posting when nobody rehearses: who would ask it then for what it told? */
static bool
is_wanted(const struct coordinator *c, const char *device)
{
	for (size_t i = 0; is_site(device) && i < c->lives.n; i++)
		if (concerns(c->lives.at[i], device))
			return true;
	return !is_site(device);
}

static void
take_posts(struct coordinator *c, int most)
{
	struct push *p;
	for (int i = 0; i < most && (p = mailbox_take(c->pushes)); i++) {
		if (is_wanted(c, p->device)) {
			lanes_push(c->lanes, p->device, p->bytes, p->n);
			posting_of(c, p->device)->news = true;
		}
		listener_taken(c->listener, p);
	}
}

void
push_adopt(struct coordinator *c)
{
	const struct workspace_listen *l = &c->house->ws.listen;
	struct err_text e = { 0 };
	char wanted[sizeof c->listening] = "";
	if (*l->url && !l->disabled && !c->looks_only)
		snprintf(wanted, sizeof wanted, "%s %s %s", l->url, l->cert ? l->cert : "",
			l->key ? l->key : "");
	if (!str_eq(wanted, c->listening)) {
		listener_close(c->listener);
		c->listener = NULL;
		/* all: nobody posts any more */
		take_posts(c, LISTENER_QUEUE_MOST + LISTENER_CONNECTIONS);
		str_copy(c->listening, sizeof c->listening, wanted);
		struct listener_options o = {
			.host = l->host, .port = l->port, .cert = l->cert, .key = l->key
		};
		if (*wanted && listener_open(&o, c->pushes, &c->listener, &e) != OK) {
			log_error("coordinator",
				"%s; devices cannot post to us, they are asked as before", e.text);
			c->listening[0] = '\0'; /* tried again when a file changes */
		} else if (*wanted) {
			log_info("coordinator", "devices may post to %s", l->reach);
		}
	}
	if (c->listener)
		set_doors(c);
}

void
push_close(struct coordinator *c)
{
	listener_close(c->listener);
	c->listener = NULL;
	for (struct push *p; c->pushes && (p = mailbox_take(c->pushes));)
		listener_taken(NULL, p);
	if (c->pushes)
		mailbox_free(c->pushes, NULL);
	c->pushes = NULL;
	vec_free(&c->postings);
}

/* ---- news ------------------------------------------------------------------------------------ */

static void
tell(struct coordinator *c, const char *device)
{
	struct event e = { .kind = EVENT_NEWS, .at = c->now };
	str_copy(e.device, sizeof e.device, device);
	for (size_t i = 0; i < c->lives.n; i++)
		if (concerns(c->lives.at[i], device))
			live_feed(c, c->lives.at[i], &e);
}

int
push_take(struct coordinator *c, int64_t mono)
{
	int64_t again = INT_MAX;
	take_posts(c, POSTS_A_TURN);
	for (size_t i = 0; i < c->postings.n; i++) {
		struct posting *d = &c->postings.at[i];
		int64_t left = d->told_mono + NEWS_APART_MS - mono;
		if (!d->news)
			continue;
		if (left > 0) {
			again = left < again ? left : again;
			continue;
		}
		d->news = false;
		d->told_mono = mono;
		tell(c, d->device);
	}
	return (int)again;
}
