/* FreeSWITCH: what is remembered about legs between two questions, because the device itself
 * forgets them. A leg that failed or ended is in no list; its end, who spoke in between and what
 * the site reports by RTCP come as events.
 *
 * Called by the other files of this adapter, with one event at a time. Owns nothing: the legs are
 * on the lane's arena and go with the session. Must never grow, or take an event of a leg that is
 * neither ours nor in one of our conferences. */
#include "adapters/freeswitch.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

enum { REPORT_OLD_US = 20 * 1000 * 1000, RTT_STEADY_MS = 5 };

static bool
number(const struct esl_message *m, const char *name, int64_t *out)
{
	char text[32];
	return esl_value(m, name, text, sizeof text) &&
	       str_to_int(text, INT64_MIN / 4, INT64_MAX / 4, out);
}

/* Yes: the instant is told and is not 0. */
static enum tri
happened(const struct esl_message *m, const char *name)
{
	int64_t at;
	return number(m, name, &at) ? tri_of(at != 0) : UNKNOWN;
}

/* CHANNEL_HANGUP_COMPLETE: Unique-ID, Hangup-Cause, variable_sip_* */
static void
hung_up(struct fs_table *t, const struct esl_message *m, const char *uuid)
{
	struct fs_leg *leg = leg_table_find(&t->legs, uuid);
	struct fs_end end = { 0 };
	int64_t port;
	if (!leg && fs_is_ours(uuid))
		leg = leg_table_add(&t->legs, uuid);
	if (!leg)
		return;
	esl_value(m, "Hangup-Cause", end.cause, sizeof end.cause);
	if (!esl_value(m, "variable_sip_term_status", end.sip, sizeof end.sip))
		esl_value(m, "variable_sip_invite_failure_status", end.sip, sizeof end.sip);
	esl_value(m, "variable_sip_hangup_disposition", end.disposition, sizeof end.disposition);
	end.answered = happened(m, "Caller-Channel-Answered-Time");
	end.rang = happened(m, "Caller-Channel-Progress-Time");
	if (end.rang == NO && happened(m, "Caller-Channel-Progress-Media-Time") == YES)
		end.rang = YES;
	if (str_eq(end.disposition, "recv_refuse") && number(m, "variable_sip_network_port", &port))
		end.replied = tri_of(port != 0);
	if (!*leg->k.name)
		esl_value(m, "variable_tongduyet_leg", leg->k.name, sizeof leg->k.name);
	if (leg->k.state == LEG_NEW && fs_is_ours(uuid))
		leg->k.state = LEG_DIALING; /* ordered through another session of this device */
	known_leg_ended(&leg->k, fs_ending(&end));
}

/* RECV_RTCP_MESSAGE: the site's receiver report. Highest-Sequence-Number may be told with or
 * without its cycles. The device's average of the round trip begins far off and settles: believed
 * when two in a row are near each other. */
static void
reported(struct fs_leg *leg, const struct esl_message *m, int64_t at_us)
{
	int64_t rate = 0, high, lost, jitter;
	char rtt[24];
	double seconds;
	if (!number(m, "Source0-Highest-Sequence-Number-Received", &high) ||
		!number(m, "Source0-Lost", &lost))
		return;
	number(m, "RTP-Rate", &rate);
	struct fs_report *r = &leg->rtcp[rate == 90000 ? VIDEO : AUDIO];
	lost = lost < 0 ? 0 : lost;
	if (r->told) {
		int64_t step = high - r->high;
		if (step < 0 && r->high < 65536 && step + 65536 < 32768)
			step += 65536;
		int64_t missed = lost > r->lost ? lost - r->lost : 0;
		r->received += step > missed ? step - missed : 0;
	}
	if (esl_value(m, "Rtt0-Avg", rtt, sizeof rtt) && str_to_double(rtt, &seconds) &&
		seconds >= 0 && seconds < 60) {
		int64_t ms = (int64_t)(seconds * 1000 + 0.5),
			apart = ms > r->rtt_ms ? ms - r->rtt_ms : r->rtt_ms - ms;
		r->rtt_settled = r->told && apart <= RTT_STEADY_MS + ms / 10;
		r->rtt_ms = ms;
	}
	r->jitter_known = rate > 0 && number(m, "Source0-Jitter", &jitter) && jitter >= 0;
	if (r->jitter_known)
		r->jitter_ms =
			jitter > INT64_MAX / 1000000 ? INT64_MAX / 1000 : jitter * 1000 / rate;
	r->high = high;
	r->lost = lost;
	r->at_us = at_us;
	r->told = true;
}

/* It came into a conference. From ours into another: somebody moved it, which is its end here, and
 * the list of ours must still find it to say so. */
static void
joined(struct fs_leg *leg, const struct esl_message *m)
{
	char name[sizeof leg->k.conference] = "";
	esl_value(m, "Conference-Name", name, sizeof name);
	if (!*leg->k.conference || str_eq(leg->k.conference, name)) {
		str_copy(leg->k.conference, sizeof leg->k.conference, name);
		return;
	}
	if (!leg->k.ended && leg->k.state == LEG_UP)
		known_leg_moved(&leg->k);
}

/* CUSTOM conference::maintenance, Action: ... */
static void
in_conference(struct fs_table *t, const struct esl_message *m, const char *uuid)
{
	char action[32], word[48], job[40];
	esl_value(m, "Action", action, sizeof action);
	if (str_eq(action, "bgdial-result")) {
		struct fs_end end = { 0 };
		esl_value(m, "Result", end.cause, sizeof end.cause);
		esl_value(m, "Job-UUID", job, sizeof job);
		for (size_t i = 0; *job && i < t->legs.n; i++) {
			struct fs_leg *leg = leg_table_at(&t->legs, i);
			if (!str_eq(leg->job, job) || leg->k.ended || str_eq(end.cause, "SUCCESS"))
				continue;
			known_leg_ended(&leg->k, fs_ending(&end));
		}
		return;
	}
	struct fs_leg *leg = *uuid ? leg_table_find(&t->legs, uuid) : NULL;
	if (str_eq(action, "add-member") && *uuid) {
		leg = leg_table_add(&t->legs, uuid);
		joined(leg, m);
		if (esl_value(m, "Caller-Network-Addr", word, sizeof word) && *word)
			str_copy(leg->k.remote_ip, sizeof leg->k.remote_ip, word);
	} else if (leg && str_eq(action, "start-talking")) {
		leg->k.spoke = true;
	}
}

void
fs_table_event(struct fs_table *t, const struct esl_message *m)
{
	char name[48], uuid[FS_UUID_SIZE + 4], subclass[48];
	int64_t at_us = 0;
	if (number(m, "Event-Date-Timestamp", &at_us) && at_us > t->device_us)
		t->device_us = at_us;
	esl_value(m, "Event-Name", name, sizeof name);
	esl_value(m, "Unique-ID", uuid, sizeof uuid);
	if (*uuid && (strlen(uuid) >= FS_UUID_SIZE || !fs_is_word(uuid)))
		return;
	if (str_eq(name, "CHANNEL_HANGUP_COMPLETE")) {
		hung_up(t, m, uuid);
	} else if (str_eq(name, "RECV_RTCP_MESSAGE")) {
		struct fs_leg *leg = leg_table_find(&t->legs, uuid);
		if (!leg && fs_is_ours(uuid))
			leg = leg_table_add(&t->legs, uuid);
		if (leg)
			reported(leg, m, at_us);
	} else if (str_eq(name, "CUSTOM") &&
		   esl_value(m, "Event-Subclass", subclass, sizeof subclass) &&
		   str_eq(subclass, "conference::maintenance")) {
		in_conference(t, m, uuid);
	}
}

/* Old: events went on for a while, and none of them was a report of this leg. Then nothing is
 * known: a counter that only stands still because nobody told it again would look like a site that
 * receives nothing. */
void
fs_table_reports(const struct fs_table *t, const struct fs_leg *leg, struct media_sample *out)
{
	for (int m = 0; m < MEDIA_N; m++) {
		const struct fs_report *r = &leg->rtcp[m];
		struct stream *s = &out->s[m][TO_SITE];
		if (!r->told || t->device_us - r->at_us > REPORT_OLD_US)
			continue;
		s->far_received = figure_of(r->received);
		s->far_lost = figure_of(r->lost);
		if (r->rtt_settled)
			s->rtt_ms = figure_of(r->rtt_ms);
		if (r->jitter_known)
			s->jitter_ms = figure_of(r->jitter_ms);
	}
}
