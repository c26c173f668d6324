/* What the simulated MCU posts to its feedback receivers: the names of what happened, never what.
 * Called by codian_state.c and codian_methods.c under the fleet's lock; a thread posts. Owns
 * nothing. MCU API 2.9 and 2.10, "Feedback receivers", "Feedback messages", "Feedback events": an
 * XML-RPC message with sourceIdentifier and an array of names; several happenings of one kind are
 * one name. That its method is eventNotification is from captures; whether a post that fails is
 * repeated is not known, here it is not. */
#include "codian.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"
#include "post.h"

#include <stdio.h>
#include <time.h>

enum { BEAT_MS = 100 };

static const char *const names[CODIAN_EVENTS] = {
	[CODIAN_RESTART] = "restart",
	[CODIAN_CONFIGURED] = "configureAck",
	[CODIAN_STARTED] = "conferenceStarted",
	[CODIAN_FINISHED] = "conferenceFinished",
	[CODIAN_JOINED] = "participantJoined",
	[CODIAN_LEFT] = "participantLeft",
};

void
codian_tell(struct mcu *m, enum codian_event e)
{
	for (int i = 0; i < CODIAN_RECEIVERS; i++)
		if (m->receivers[i].uri[0])
			m->receivers[i].told |= 1u << e;
}

/* With the lock. */
static void
write_message(const struct receiver *r, struct buf *b)
{
	buf_puts(b, "<?xml "
		    "version=\"1.0\"?>\n<methodCall><methodName>eventNotification</"
		    "methodName><params><param><value><struct>"
		    "<member><name>sourceIdentifier</name><value><string>");
	/* MCU API: without one, the address of port A */
	vis_xml(b, r->source[0] ? r->source : "000D7C000C66");
	buf_puts(b, "</string></value></member><member><name>events</name><value><array><data>");
	for (int e = 0; e < CODIAN_EVENTS; e++)
		if (r->told & 1u << e)
			buf_printf(b, "<value><string>%s</string></value>", names[e]);
	buf_puts(b, "</data></array></value></member></struct></value></param></params></"
		    "methodCall>\n");
}

static void
serve(struct mcu *m, struct receiver *r)
{
	struct buf body = { 0 };
	char uri[sizeof r->uri], own[64], status[16];
	fleet_lock();
	bool due = r->uri[0] && r->told && mcu_api_up(m, clock_now());
	if (due) {
		write_message(r, &body);
		str_copy(uri, sizeof uri, r->uri);
		str_copy(own, sizeof own, m->plan->host);
		r->told = 0;
	}
	fleet_unlock();
	if (!due)
		return;
	snprintf(status, sizeof status, "%d", lab_post(own, uri, &body));
	lab_log(clock_now(), "feedback", m->plan->name, "status", status, NULL);
	buf_free(&body);
}

static void *
post_main(void *arg)
{
	struct mcu *m = arg;
	while (atomic_load(&m->posting)) {
		struct timespec beat = { 0, BEAT_MS * 1000000L };
		nanosleep(&beat, NULL);
		for (int i = 0; i < CODIAN_RECEIVERS; i++)
			serve(m, &m->receivers[i]);
		tps_post(m);
	}
	return NULL;
}

bool
codian_post_start(struct mcu *m)
{
	atomic_store(&m->posting, true);
	return pthread_create(&m->poster, NULL, post_main, m) == 0;
}

void
codian_post_stop(struct mcu *m)
{
	atomic_store(&m->posting, false);
	pthread_join(m->poster, NULL);
}
