/* Call detail records of the simulated CMS: made when calls and legs change, kept for each
 * receiver, posted by a thread. Called by cms_objects.c and cms_legs.c under the fleet's lock; the
 * thread takes it for moments only.
 * Owns the queues. Must never post outside 127.0.0.0/8. */
#include "cms.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"
#include "post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BEAT_MS = 250, RETRY_MS = 1000, RETRY_MAX_MS = 16000 };

void
cms_receiver_clear(struct cms_receiver *r)
{
	for (size_t i = 0; i < r->queue.n; i++)
		free(r->queue.at[i].xml);
	vec_free(&r->queue);
	*r = (struct cms_receiver){ 0 };
}

void
cms_forget_records(struct cms *m)
{
	/* CDR guide: a restart begins a new session, and counting begins again */
	cms_id(m, m->session);
	m->correlator = 0;
	for (int i = 0; i < CMS_RECEIVERS; i++) {
		struct cms_receiver *r = &m->receivers[i], fresh = { 0 };
		str_copy(fresh.id, sizeof fresh.id, r->id);
		str_copy(fresh.uri, sizeof fresh.uri, r->uri);
		cms_receiver_clear(r);
		*r = fresh;
	}
}

/* Hands a record to all receivers; a queue that is full loses it and counts. */
static void
queue_record(struct cms *m, const char *type, int64_t now, struct buf *body)
{
	char when[INSTANT_SIZE];
	struct buf x = { 0 };
	uint64_t correlator = m->correlator++;
	buf_printf(&x, "<record type=\"%s\" time=\"%s\"", type,
		instant_utc(now + m->b.plan->clock_off, when));
	buf_putc(&x, '\0');
	buf_add(&x, buf_str(body), body->n);
	for (int i = 0; i < CMS_RECEIVERS; i++) {
		struct cms_receiver *r = &m->receivers[i];
		if (!r->id[0])
			continue;
		if (r->queue.n >= CMS_QUEUE) {
			r->missing++;
			continue;
		}
		char *copy = xalloc(x.n + 1);
		memcpy(copy, x.at, x.n);
		struct cms_record *c = vec_add(&r->queue);
		*c = (struct cms_record){ .index = ++r->index,
			.correlator = correlator,
			.missing = r->missing,
			.xml = copy };
		r->missing = 0;
	}
	buf_free(&x);
	buf_free(body);
}

void
cms_tell_call(struct cms *m, const struct cms_call *c, bool end, int64_t now)
{
	struct buf b = { 0 };
	buf_printf(&b, "<call id=\"%s\">", c->id);
	if (end) {
		buf_printf(&b,
			"<callLegsCompleted>%d</callLegsCompleted><callLegsMaxActive>%d</"
			"callLegsMaxActive>"
			"<durationSeconds>%lld</durationSeconds>",
			c->legs_done, c->legs_max, (long long)((now - c->started) / 1000));
	} else {
		cms_element(&b, "name", c->name);
		buf_puts(&b, "<callType>coSpace</callType>");
		cms_element(&b, "coSpace", c->space->id);
		cms_element(&b, "callCorrelator", c->correlator);
	}
	buf_puts(&b, "</call>");
	queue_record(m, end ? "callEnd" : "callStart", now, &b);
}

static void
write_end(const struct cms_leg *l, struct buf *b)
{
	const struct leg *g = &l->b.leg;
	const char *reason = cms_reason(g->why, l->b.address);
	long long s = g->connected ? (long long)((g->ended - g->connected) / 1000) : 0;
	int loss = g->site ? g->site->plan->loss_permille : 0;
	cms_element(b, "reason", reason);
	buf_printf(b,
		"<remoteTeardown>%s</remoteTeardown><encryptedMedia>false</encryptedMedia>"
		"<unencryptedMedia>%s</unencryptedMedia><durationSeconds>%lld</durationSeconds>",
		str_eq(reason, "remoteTeardown") ? "true" : "false",
		g->connected ? "true" : "false", s);
	if (!g->connected)
		return;
	buf_puts(b, "<mediaUsagePercentages><mainVideoViewer>100.0</"
		    "mainVideoViewer><mainVideoContributor>100.0"
		    "</mainVideoContributor></mediaUsagePercentages>");
	if (loss >= CMS_ALARM_PERMILLE)
		buf_puts(b, "<alarm type=\"packetLoss\" durationPercentage=\"100\"/>");
	buf_puts(b, "<rxVideo><codec>h264</codec><maxSizeWidth>1280</"
		    "maxSizeWidth><maxSizeHeight>720</maxSizeHeight>");
	if (loss)
		buf_printf(b,
			"<packetStatistics><packetLossBursts><duration>0.%d</"
			"duration><density>%d.%d</density>"
			"</packetLossBursts><packetGap><duration>8.0</duration><density>0.0</"
			"density></packetGap>"
			"</packetStatistics>",
			loss % 10, loss / 10, loss % 10);
	buf_puts(b, "</rxVideo>");
}

void
cms_tell_leg(struct cms *m, const struct cms_leg *l, const char *type, int64_t now)
{
	struct buf b = { 0 };
	const struct leg *g = &l->b.leg;
	buf_printf(&b, "<callLeg id=\"%s\">", l->id);
	if (str_eq(type, "callLegStart")) {
		cms_element(&b, "displayName", l->b.name);
		cms_element(&b, "localAddress", m->b.plan->host);
		/* CMS API: the address it speaks to stands in records only */
		cms_element(
			&b, "remoteAddress", g->connected && g->site ? g->site->plan->ip : NULL);
		cms_element(&b, "remoteParty", l->b.address);
		cms_element(&b, "type", "sip");
		cms_element(&b, "direction", g->incoming ? "incoming" : "outgoing");
		cms_element(&b, "call", l->call->id);
		cms_element(&b, "ownerId", l->owner);
		buf_printf(&b, "<sipCallId>%.8s@lab</sipCallId>", l->id);
	} else if (str_eq(type, "callLegUpdate")) {
		cms_element(&b, "state", g->phase == PHASE_CONNECTED ? "connected" : "ringing");
		cms_element(&b, "call", l->call->id);
		buf_puts(&b, "<deactivated>false</deactivated>");
		cms_element(
			&b, "remoteAddress", g->site && g->connected ? g->site->plan->ip : NULL);
	} else {
		write_end(l, &b);
	}
	buf_puts(&b, "</callLeg>");
	queue_record(m, type, now, &b);
}

static void
posted(struct cms *m, struct cms_receiver *r, size_t taken, int status)
{
	bool ok = status >= 200 && status < 300;
	char records[24], code[24];
	snprintf(records, sizeof records, "%zu", taken);
	snprintf(code, sizeof code, "%d", status);
	lab_log(clock_now(), ok ? "cdr" : "cdr-failed", m->b.plan->name, "uri", r->uri, "records",
		records, "status", code, NULL);
	if (!ok) { /* the same records again, later each time */
		int64_t wait = (int64_t)RETRY_MS << (r->failures < 4 ? r->failures : 4);
		r->failures++;
		r->retry_at = clock_mono() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS);
		return;
	}
	r->failures = 0;
	for (size_t i = 0; i < taken; i++)
		free(r->queue.at[i].xml);
	memmove(r->queue.at, r->queue.at + taken, (r->queue.n - taken) * sizeof *r->queue.at);
	r->queue.n -= taken;
}

static void
serve_receiver(struct cms *m, struct cms_receiver *r)
{
	struct buf body = { 0 };
	char session[CMS_ID], id[CMS_ID], uri[240], own[64];
	fleet_lock();
	size_t taken = r->queue.n < CMS_PER_POST ? r->queue.n : CMS_PER_POST;
	if (!r->id[0] || clock_mono() < r->retry_at || !bridge_api_up(&m->b, clock_now()))
		taken = 0;
	if (taken)
		cms_write_records(r, m->session, taken, &body);
	str_copy(session, sizeof session, m->session);
	str_copy(id, sizeof id, r->id);
	str_copy(uri, sizeof uri, r->uri);
	str_copy(own, sizeof own, m->b.plan->host);
	fleet_unlock();
	if (!taken)
		return;
	int status = lab_post(own, uri, &body);
	buf_free(&body);
	fleet_lock();
	/* neither restarted nor replaced meanwhile */
	if (str_eq(session, m->session) && str_eq(id, r->id))
		posted(m, r, taken, status);
	fleet_unlock();
}

void *
cms_post_main(void *arg)
{
	struct cms *m = arg;
	while (!atomic_load(&m->stopping)) {
		struct timespec beat = { 0, BEAT_MS * 1000000L };
		nanosleep(&beat, NULL);
		for (int i = 0; i < CMS_RECEIVERS; i++)
			serve_receiver(m, &m->receivers[i]);
	}
	return NULL;
}
