/* The simulated BigBlueButton: its API of checksums, as far as attendance goes. Called by
 * hall_doors.c under the fleet's lock. Owns nothing: rooms and legs are the hall's, and a leg is a
 * browser that joined by itself.
 *
 * "docs" in comments is docs.bigbluebutton.org (API reference, properties of the server). */
#include "hall.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

enum {
	NOBODY_CAME_MS = 5 * 60 * 1000, /* docs, properties: a meeting nobody joins, scaled */
	ALL_LEFT_MS = 60 * 1000,	/* docs, properties: one that all have left */
};

struct ask {
	struct hall *h;
	const struct web_form *query;
	struct buf *b;
	int64_t now;
};

static void
element(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "<%s>", name);
	vis_xml(b, text);
	buf_printf(b, "</%s>", name);
}

static const char *
field(const struct ask *a, const char *name)
{
	const char *v = web_form_get(a->query, name);
	return v ? v : "";
}

/* docs: every answer is 200, and says SUCCESS or FAILED */
static void
failed(struct ask *a, const char *key, const char *message)
{
	buf_puts(a->b, "<response><returncode>FAILED</returncode>");
	element(a->b, "messageKey", key);
	element(a->b, "message", message);
	buf_puts(a->b, "</response>");
}

static void
done(struct ask *a, const char *key)
{
	element(a->b, "messageKey", key);
	buf_puts(a->b, "<message/></response>");
}

static void
begin(struct ask *a)
{
	buf_puts(a->b, "<response><returncode>SUCCESS</returncode>");
}

/* ---- checksums ---- */

/* docs: the hash over call, query as it was sent without the checksum, and secret; SHA-1, SHA-256,
 * SHA-384 or SHA-512 by its length */
static bool
signed_well(const struct hall *h, const char *call, const char *query, const char *checksum)
{
	const char *at = strstr(query, "checksum=");
	size_t n = at ? (size_t)(at - query) : strlen(query);
	if (n && at && query[n - 1] == '&')
		n--;
	struct buf b = { 0 };
	char hex[2 * HASH_MOST + 1] = "";
	uint8_t raw[HASH_MOST];
	const char *kind = "sha1";
	buf_puts(&b, call);
	buf_add(&b, query, n);
	buf_puts(&b, h->b.plan->password);
	switch (strlen(checksum)) {
	case 64: kind = "sha256"; break;
	case 96: kind = "sha384"; break;
	case 128: kind = "sha512"; break;
	default: break;
	}
	size_t bytes = hash_named(kind, b.at, b.n, raw);
	for (size_t i = 0; i < bytes; i++)
		snprintf(hex + 2 * i, 3, "%02x", raw[i]);
	buf_free(&b);
	return str_eq(hex, checksum) && !h->b.plan->password_refused;
}

/* ---- meetings ---- */

static struct hall_room *
meeting(struct ask *a)
{
	const char *id = field(a, "meetingID");
	for (size_t i = 0; *id && i < a->h->rooms.n; i++)
		if (!a->h->rooms.at[i]->gone && str_eq(a->h->rooms.at[i]->alias, id))
			return a->h->rooms.at[i];
	failed(a, "notFound", "We could not find a meeting with that meeting ID");
	return NULL;
}

/* Whoever came last, or the making. */
static void
expire(struct hall *h, int64_t now)
{
	for (size_t i = 0; i < h->rooms.n; i++) {
		struct hall_room *r = h->rooms.at[i];
		int64_t left = 0;
		for (size_t k = 0; k < h->b.legs.n; k++) {
			const struct hall_leg *l = (struct hall_leg *)h->b.legs.at[k];
			if (l->room == r && l->b.leg.ended > left)
				left = l->b.leg.ended;
		}
		if (r->gone || hall_leg_at(h, r, 0) ||
			now < (left ? left + ALL_LEFT_MS : r->made + NOBODY_CAME_MS))
			continue;
		r->gone = true;
		lab_log(now, "conference-end", h->b.plan->name, "conference", r->name, "why",
			"empty", NULL);
	}
}

static void
create(struct ask *a)
{
	const char *id = field(a, "meetingID"), *name = field(a, "name");
	struct hall_room *r = NULL;
	if (!*id || !*name) {
		failed(a, *id ? "missingParamName" : "missingParamMeetingID",
			"a parameter is missing");
		return;
	}
	for (size_t i = 0; i < a->h->rooms.n; i++)
		if (!a->h->rooms.at[i]->gone && str_eq(a->h->rooms.at[i]->alias, id))
			r = a->h->rooms.at[i];
	bool again = r != NULL;
	if (again && !str_eq(r->name, name)) { /* docs: the same id with other parameters */
		failed(a, "idNotUnique", "A meeting already exists with that meeting ID.");
		return;
	}
	if (!again) {
		r = hall_room_add(a->h, name, a->now);
		str_copy(r->alias, sizeof r->alias, id);
	}
	begin(a);
	element(a->b, "meetingID", id);
	done(a, again ? "duplicateWarning" : "");
}

static void
write_head(const struct hall_room *r, struct buf *b)
{
	element(b, "meetingName", r->name);
	element(b, "meetingID", r->alias);
	buf_printf(b, "<createTime>%lld</createTime><running>true</running>", (long long)r->made);
}

static void
meetings(struct ask *a)
{
	bool any = false;
	begin(a);
	buf_puts(a->b, "<meetings>");
	for (size_t i = 0; i < a->h->rooms.n; i++) {
		if (a->h->rooms.at[i]->gone)
			continue;
		any = true;
		buf_puts(a->b, "<meeting>");
		write_head(a->h->rooms.at[i], a->b);
		buf_puts(a->b, "</meeting>");
	}
	buf_puts(a->b, "</meetings>");
	done(a, any ? "" : "noMeetings");
}

/* docs: userID is what the link to join gave; voice and picture are told as flags only */
static void
write_attendee(const struct hall_leg *l, int64_t now, struct buf *b)
{
	struct media md;
	leg_media(&l->b.leg, now, &md);
	const char *colon = strchr(l->address, ':');
	buf_puts(b, "<attendee>");
	element(b, "userID", colon ? colon + 1 : l->address);
	element(b, "fullName", l->label);
	buf_printf(b,
		"<role>VIEWER</role><isPresenter>false</isPresenter><isListeningOnly>%s</"
		"isListeningOnly>"
		"<hasJoinedVoice>%s</hasJoinedVoice><hasVideo>%s</hasVideo><clientType>HTML5</"
		"clientType></attendee>",
		!md.flowing[0][0] && md.flowing[0][1] ? "true" : "false",
		md.flowing[0][0] ? "true" : "false", md.flowing[1][0] ? "true" : "false");
}

static void
info(struct ask *a)
{
	struct hall_room *r = meeting(a);
	struct hall_leg *l;
	if (!r)
		return;
	begin(a);
	write_head(r, a->b);
	buf_puts(a->b, "<attendees>");
	size_t n = 0;
	for (; (l = hall_leg_at(a->h, r, n)); n++)
		write_attendee(l, a->now, a->b);
	buf_printf(a->b, "</attendees><participantCount>%zu</participantCount>", n);
	done(a, "");
}

static void
end(struct ask *a)
{
	struct hall_room *r = meeting(a);
	if (!r)
		return;
	hall_room_empty(a->h, r, a->now);
	r->gone = true;
	begin(a);
	done(a, "sentEndMeetingRequest");
}

/* ---- one request ---- */

static void
bbb_answer(struct hall *h, const struct web_request *rq, int64_t now, int64_t mono,
	struct web_reply *out)
{
	static const char base[] = "/bigbluebutton/api";
	static const struct {
		const char *call;
		void (*run)(struct ask *a);
	} calls[] = { { "create", create }, { "getMeetings", meetings }, { "getMeetingInfo", info },
		{ "end", end } };
	struct ask a = { .h = h, .query = &rq->query, .b = &out->body, .now = now };
	out->type = "text/xml";
	if (!str_starts(rq->path, base)) {
		out->status = 404;
		return;
	}
	const char *call = rq->path + strlen(base), *mark = strchr(rq->uri, '?');
	call += *call == '/';
	if (!*call) { /* docs: without a checksum it says its version */
		begin(&a);
		buf_puts(&out->body, "<version>2.0</version><apiVersion>2.0</"
				     "apiVersion><bbbVersion>2.7.1</bbbVersion></response>");
		return;
	}
	if (!signed_well(h, call, mark ? mark + 1 : "", field(&a, "checksum"))) {
		lab_log(now, "login-refused", h->b.plan->name, NULL);
		failed(&a, "checksumError", "Checksums do not match");
		return;
	}
	if (bridge_fault(&h->b)) {
		out->status = (unsigned)h->b.plan->fault_code;
		return;
	}
	expire(h, now);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (str_eq(calls[i].call, call)) {
			calls[i].run(&a);
			return;
		}
	failed(&a, "unsupportedRequest", "This request is not supported.");
}

/* This is everything we export. */
const struct hall_kind bbb_kind = { .adapter = "bigbluebutton", .answer = bbb_answer };
