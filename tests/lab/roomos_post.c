/* The thread that posts what simulated Cisco codecs have to tell. Called by main(). Owns the
 * thread. Posts outside the fleet's lock, one after the other: a receiver that does not answer
 * holds up the others as well, which no test counts on. */
#include "codec.h"
#include "log.h"
#include "post.h"
#include "roomos.h"

#include "base/clock.h"
#include "base/str.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { BEAT_MS = 50, DUE_MOST = 64 };

struct due {
	struct site *site;
	int slot;
};

static pthread_t poster;
static atomic_bool posting;

static void
serve(struct site *s, int slot)
{
	struct buf body = { 0 };
	char url[256], number[8], code[16];
	fleet_lock();
	bool due = roomos_feedback_due(s, slot, clock_now(), url, &body);
	bool reaches = site_reachable(s, clock_now());
	fleet_unlock();
	if (!due)
		return;
	char host[64];
	const char *path;
	int port;
	bool ours = lab_post_place(url, host, &port, &path); /* others take theirs unseen */
	int status = !ours ? 200 : reaches ? lab_post(s->plan->codec.host, url, &body) : 0;
	int64_t now = clock_now();
	snprintf(number, sizeof number, "%d", slot);
	snprintf(code, sizeof code, "%d", status);
	if (ours)
		lab_log(now, "feedback", s->plan->id, "slot", number, "status", code, "about",
			strstr(buf_str(&body), "<CallDisconnect") ? "CallDisconnect" : "Status",
			NULL);
	fleet_lock();
	roomos_feedback_posted(s, slot, status != 0, now);
	fleet_unlock();
	buf_free(&body);
}

static size_t
look(struct due *out)
{
	size_t n = 0;
	struct site *s;
	int64_t now = clock_now();
	fleet_lock();
	for (size_t i = 0; (s = fleet_site(i)); i++) {
		roomos_feedback_watch(s, now);
		for (int slot = 1; slot <= ROOMOS_SLOTS; slot++)
			if (n < DUE_MOST && roomos_feedback_due(s, slot, now, NULL, NULL))
				out[n++] = (struct due){ s, slot };
	}
	fleet_unlock();
	return n;
}

static void *
post_main(void *unused)
{
	while (atomic_load(&posting)) {
		struct timespec beat = { 0, BEAT_MS * 1000000L };
		nanosleep(&beat, NULL);
		struct due due[DUE_MOST];
		size_t n = look(due);
		for (size_t i = 0; i < n; i++)
			serve(due[i].site, due[i].slot);
	}
	return NULL;
}

bool
roomos_post_start(void)
{
	atomic_store(&posting, true);
	if (pthread_create(&poster, NULL, post_main, NULL) == 0)
		return true;
	atomic_store(&posting, false);
	return false;
}

void
roomos_post_stop(void)
{
	if (atomic_exchange(&posting, false))
		pthread_join(poster, NULL);
}
