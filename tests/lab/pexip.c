/* The simulated Pexip Infinity Management Node: configuration, status, history and command API.
 * Called by hall_doors.c under the fleet's lock. Owns nothing: rooms and legs are the hall's.
 *
 * "API" in comments is the vendor's Management API documentation (docs.pexip.com: api_manage,
 * api_status, api_history, api_command and the schemas they print), "reasons" its page of
 * disconnection reasons, "capture" an answer seen in public test data; "not known" marks what these
 * do not say and where the simulator does the least. */
#include "hall.h"

#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	REPLICATION_MS =
		10 * 1000,     /* API: about a minute at the most until nodes know a new room */
	HISTORY_MS = 6 * 1000, /* not known how soon a leg that ended stands in the history */
	PER_S_AUDIO = 50,
	PER_S_VIDEO = 100,
};

struct ask {
	struct hall *h;
	const struct web_request *rq;
	struct web_reply *out;
	json_t *in;	  /* body of a POST, or NULL */
	const char *rest; /* of the path */
	int64_t now;
};

/* ---- shapes ---- */

/* API: instants are UTC and say no zone */
static void
instant(struct buf *b, const char *key, int64_t ms)
{
	char text[40];
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	gmtime_r(&s, &tm);
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof text - n, ".%06d", (int)(ms % 1000) * 1000);
	hall_text(b, key, text);
}

/* API: 400 with the field that is wrong */
static void
bad_field(struct ask *a, const char *resource, const char *field, const char *why)
{
	a->out->status = 400;
	buf_printf(&a->out->body, "{\"%s\":{\"%s\":[\"%s\"]}}", resource, field, why);
}

static void
failure(struct ask *a, unsigned status, const char *why)
{
	a->out->status = status;
	buf_puts(&a->out->body, "{\"status\":\"failure\"");
	hall_text(&a->out->body, "error", why);
	buf_putc(&a->out->body, '}');
}

/* API: {"meta":{limit,next,offset,previous,total_count},"objects":[..]}; twenty unless asked
 * otherwise. Not known whether a larger limit is cut: here it is. */
struct page {
	size_t from, to;
};

static struct page
open_list(struct ask *a, size_t total)
{
	int64_t limit = a->h->b.plan->page, offset = 0;
	const char *asked = web_form_get(&a->rq->query, "limit"),
		   *from = web_form_get(&a->rq->query, "offset");
	if (asked)
		str_to_int(asked, 1, a->h->b.plan->page, &limit);
	if (from)
		str_to_int(from, 0, INT32_MAX, &offset);
	struct page p = { .from = (size_t)offset < total ? (size_t)offset : total };
	p.to = p.from + (size_t)limit < total ? p.from + (size_t)limit : total;
	struct buf *b = &a->out->body;
	buf_puts(b, "{\"meta\":{");
	hall_number(b, "limit", limit);
	char next[300];
	snprintf(next, sizeof next, "%.200s?offset=%zu&limit=%lld", a->rq->path, p.to,
		(long long)limit);
	hall_text(b, "next", p.to < total ? next : NULL);
	hall_number(b, "offset", offset);
	hall_text(b, "previous", NULL);
	hall_number(b, "total_count", (int64_t)total);
	buf_puts(b, "},\"objects\":[");
	return p;
}

static void
close_list(struct ask *a)
{
	buf_puts(&a->out->body, "]}");
}

/* ---- participants ---- */

/* API, service_type: "connecting" while it is dialled, the kind of room when it is in */
static void
write_participant(const struct hall_leg *l, int64_t now, struct buf *b)
{
	const struct leg *g = &l->b.leg;
	bool up = g->phase == PHASE_CONNECTED;
	struct media md;
	leg_media(g, now, &md);
	bool media = md.flowing[0][0] || md.flowing[0][1] || md.flowing[1][0] || md.flowing[1][1];
	const char *own = l->room->alias, *far = l->address;
	hall_open_part(b, NULL, '{');
	hall_number(b, "bandwidth", g->site ? g->site->plan->kbps + 48 : 0);
	hall_text(b, "call_direction", g->incoming ? "in" : "out");
	hall_text(b, "call_quality",
		!up			 ? "0_unknown"
		: md.loss_permille >= 30 ? "3_bad"
					 : "1_good");
	hall_text(b, "call_uuid", l->id);
	hall_text(b, "conference", l->room->name);
	if (up)
		instant(b, "connect_time", g->connected);
	else
		hall_text(b, "connect_time", NULL);
	hall_text(b, "destination_alias", g->incoming ? own : far);
	hall_text(b, "display_name", l->label);
	hall_bool(b, "has_media", up && media);
	hall_text(b, "id", l->id);
	hall_bool(b, "is_muted", g->muted);
	hall_bool(b, "is_on_hold", false);
	hall_text(b, "protocol", strncasecmp(far, "h323", 4) == 0 ? "H323" : "SIP");
	hall_text(b, "remote_address", up ? g->site->plan->ip : "");
	hall_number(b, "remote_port", up ? 5060 : 0);
	hall_text(b, "role", "guest");
	hall_text(b, "service_type", up ? "conference" : "connecting");
	hall_text(b, "source_alias", g->incoming ? far : own);
	hall_text(b, "vendor", up ? "Lab" : "");
	buf_putc(b, '}');
}

static void
list_participants(struct ask *a)
{
	const char *of = web_form_get(&a->rq->query, "conference");
	size_t n = 0;
	struct hall_room *r = of ? hall_room_named(a->h, of) : NULL;
	while ((r || !of) && hall_leg_at(a->h, r, n))
		n++;
	struct page p = open_list(a, n);
	for (size_t i = p.from; i < p.to; i++)
		write_participant(hall_leg_at(a->h, r, i), a->now, &a->out->body);
	close_list(a);
}

struct channel {
	const char *type, *rx_codec, *tx_codec;
	int medium, kbps, per_s;
};

/* API: per stream and direction rates in kbit/s, counters, losses in percent, jitter in ms; what
 * the endpoint lost is called tx_packets_lost. Not known: whether a stream that one side never
 * sends is listed; here it is, at 0. */
static void
write_stream(const struct hall_leg *l, const struct media *md, const struct channel *c, int64_t now,
	struct buf *b)
{
	const struct leg *g = &l->b.leg;
	bool rx = md->flowing[c->medium][0], tx = md->flowing[c->medium][1];
	int64_t sent = (now - g->connected) * c->per_s / 1000;
	double loss = md->loss_permille / 10.0;
	hall_open_part(b, NULL, '{');
	hall_text(b, "end_time", "");
	hall_text(b, "id", c->medium ? "1" : "0");
	hall_text(b, "node", "127.0.0.1"); /* trap: bulk and single-node answers name this */
	hall_number(b, "rx_bitrate",
		rx ? leg_measured(g, now, c->kbps, c->medium) * (1000 - md->loss_permille) / 1000
		   : 0);
	hall_text(b, "rx_codec", c->rx_codec);
	buf_printf(b, ",\"rx_fps\":%.1f,\"rx_jitter\":%.2f,\"rx_packet_loss\":%.2f",
		c->medium && rx ? 29.5 : 0.0, rx ? 0.62 : 0.0, rx ? loss : 0.0);
	hall_number(b, "rx_packets_lost", md->lost[c->medium][0]);
	hall_number(b, "rx_packets_received", md->packets[c->medium][0]);
	hall_text(b, "rx_resolution", c->medium && rx ? "1280x720" : "");
	instant(b, "start_time", g->connected);
	hall_number(b, "tx_bitrate", leg_measured(g, now, c->kbps, 2 + c->medium));
	hall_text(b, "tx_codec", c->tx_codec);
	buf_printf(
		b, ",\"tx_jitter\":%.2f,\"tx_packet_loss\":%.2f", tx ? 1.07 : 0.0, tx ? loss : 0.0);
	hall_number(b, "tx_packets_lost", md->lost[c->medium][1]);
	hall_number(b, "tx_packets_sent", sent);
	hall_text(b, "tx_resolution", c->medium ? "1280x720" : "");
	hall_text(b, "type", c->type);
	buf_putc(b, '}');
}

static void
list_streams(struct ask *a, const struct hall_leg *l)
{
	const struct channel channels[] = {
		{ "audio", "opus", "opus", 0, 48, PER_S_AUDIO },
		{ "video", "H264", "H264", 1, l->b.leg.site ? l->b.leg.site->plan->kbps : 0,
			PER_S_VIDEO },
	};
	struct media md;
	leg_media(&l->b.leg, a->now, &md);
	size_t n = l->b.leg.phase != PHASE_CONNECTED ? 0 : md.no_picture ? 1 : 2;
	struct page p = open_list(a, n);
	for (size_t i = p.from; i < p.to; i++)
		write_stream(l, &md, &channels[i], a->now, &a->out->body);
	close_list(a);
}

/* "status/v1/participant/ID/[media_stream/]" */
static void
one_participant(struct ask *a)
{
	char id[BRIDGE_ID];
	size_t n = strcspn(a->rest, "/");
	snprintf(id, sizeof id, "%.*s", (int)(n < BRIDGE_ID ? n : BRIDGE_ID - 1), a->rest);
	struct hall_leg *l = hall_leg(a->h, id);
	if (!l || l->b.dead)
		a->out->status =
			404; /* API: what failed or ended is gone from the status at once */
	else if (str_eq(a->rest + n, "/"))
		write_participant(l, a->now, &a->out->body);
	else if (str_eq(a->rest + n, "/media_stream/"))
		list_streams(a, l);
	else
		a->out->status = 404;
}

/* ---- history ---- */

/* reasons: the first four are named there. The rest: the page says that some come from the
 * endpoint, so they are the phrases of RFC 3261 section 21; not known which of them the platform
 * shows, nor its words for a dead line. */
static const char *
reason(const char *why)
{
	static const struct {
		const char *why, *words;
	} table[] = {
		{ HALL_BY_PERSON, "Disconnected by an administrator" },
		{ HALL_BY_ORDER, "Disconnected by an administrator" },
		{ HALL_ALL_ENDED, "Conference terminated by an administrator" },
		{ "remoteTeardown", "Call disconnected" }, /* capture */
		{ HALL_MOVED, "Call transferred" },
		{ "busy", "Busy Here" },
		{ "rejected", "Call rejected" },
		{ "dnsFailed", "Not Found" },
		{ "noGatekeeperForDN", "Not Found" },
		{ "capabilityNegotiationError", "Not Acceptable Here" },
		{ "destinationUnreachable", "Request Timeout" },
		{ "networkError", "Media timeout" },
		{ "portAllocationExceeded", "Insufficient capacity" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(why, table[i].why))
			return table[i].words;
	return "Call failed";
}

static void
write_past(const struct hall_leg *l, struct buf *b)
{
	const struct leg *g = &l->b.leg;
	hall_open_part(b, NULL, '{');
	hall_text(b, "call_direction", g->incoming ? "in" : "out");
	hall_text(b, "call_uuid", l->id);
	hall_text(b, "conference_name", l->room->name);
	hall_text(b, "disconnect_reason", reason(g->why));
	hall_text(b, "display_name", l->label);
	hall_number(b, "duration", g->connected ? (g->ended - g->connected) / 1000 : 0);
	instant(b, "end_time", g->ended);
	hall_bool(b, "has_media", g->connected != 0);
	hall_text(b, "id", l->id);
	hall_text(b, "local_alias", l->room->alias);
	hall_text(b, "remote_alias", l->address);
	instant(b, "start_time", g->dialed);
	buf_putc(b, '}');
}

static void
one_past(struct ask *a)
{
	char id[BRIDGE_ID];
	snprintf(id, sizeof id, "%.*s", (int)strcspn(a->rest, "/"), a->rest);
	struct hall_leg *l = hall_leg(a->h, id);
	if (!l || l->b.leg.phase != PHASE_DISCONNECTED || a->now < l->b.leg.ended + HISTORY_MS)
		a->out->status = 404;
	else
		write_past(l, &a->out->body);
}

/* ---- rooms ---- */

static bool
is_running(struct hall *h, const struct hall_room *r)
{
	return hall_leg_at(h, r, 0) != NULL;
}

static void
write_room(const struct hall_room *r, struct buf *b)
{
	hall_open_part(b, NULL, '{');
	buf_puts(b, "\"aliases\":[{");
	hall_text(b, "alias", r->alias);
	hall_number(b, "id", r->number);
	buf_puts(b, "}]");
	hall_number(b, "id", r->number);
	hall_text(b, "name", r->name);
	hall_text(b, "service_type", "conference");
	buf_putc(b, '}');
}

/* A conference instance has an id of its own, and is there as long as somebody is in it. */
static void
write_instance(const struct hall_room *r, struct buf *b)
{
	hall_open_part(b, NULL, '{');
	hall_bool(b, "guests_muted", false);
	hall_text(b, "id", r->id);
	hall_bool(b, "is_locked", false);
	hall_bool(b, "is_started", true);
	hall_text(b, "name", r->name);
	hall_text(b, "service_type", "conference");
	instant(b, "start_time", r->made);
	buf_putc(b, '}');
}

static void
list_rooms(struct ask *a, bool running)
{
	const char *name = web_form_get(&a->rq->query, "name");
	VEC(struct hall_room *) hits = { 0 };
	for (size_t i = 0; i < a->h->rooms.n; i++) {
		struct hall_room *r = a->h->rooms.at[i];
		if ((running ? is_running(a->h, r) : !r->gone) && (!name || str_eq(r->name, name)))
			*vec_add(&hits) = r;
	}
	struct page p = open_list(a, hits.n);
	for (size_t i = p.from; i < p.to; i++)
		(running ? write_instance : write_room)(hits.at[i], &a->out->body);
	close_list(a);
	vec_free(&hits);
}

static void
make_room(struct ask *a)
{
	const char *name = hall_string(a->in, "name"), *type = hall_string(a->in, "service_type");
	json_t *alias = json_array_get(json_object_get(a->in, "aliases"), 0);
	if (!*name || hall_room_named(a->h, name)) {
		bad_field(a, "conference", "name",
			*name ? "This name is in use." : "This field is required.");
		return;
	}
	if (!str_eq(type, "conference")) {
		bad_field(a, "conference", "service_type", "Not a valid choice.");
		return;
	}
	struct hall_room *r = hall_room_add(a->h, name, a->now);
	str_copy(r->alias, sizeof r->alias, hall_string(alias, "alias"));
	a->out->status = 201; /* API: created, its place in the header */
	snprintf(a->out->location, sizeof a->out->location,
		"/api/admin/configuration/v1/conference/%d/", r->number);
}

static void
one_room(struct ask *a)
{
	char digits[12];
	int64_t n = -1;
	snprintf(digits, sizeof digits, "%.*s", (int)strcspn(a->rest, "/"), a->rest);
	str_to_int(digits, 1, INT32_MAX, &n);
	struct hall_room *r = hall_room_numbered(a->h, n);
	if (!r) {
		a->out->status = 404;
	} else if (str_eq(a->rq->method, "DELETE")) {
		r->gone = true;
		a->out->status = 204; /* API */
	} else {
		write_room(r, &a->out->body);
	}
}

/* ---- commands ---- */

/* API: 202 does not mean that a call is up */
static void
accepted(struct ask *a, const char *participant)
{
	a->out->status = 202;
	buf_puts(&a->out->body, "{\"status\":\"success\"");
	if (participant) {
		hall_open_part(&a->out->body, "data", '{');
		hall_text(&a->out->body, "participant_id", participant);
		hall_open_part(&a->out->body, "participant_ids", '[');
		hall_text(&a->out->body, NULL, participant);
		buf_puts(&a->out->body, "]}");
	}
	buf_putc(&a->out->body, '}');
}

static void
dial(struct ask *a)
{
	const char *alias = hall_string(a->in, "conference_alias"),
		   *to = hall_string(a->in, "destination");
	const char *name = hall_string(a->in, "remote_display_name");
	struct hall_room *r = NULL;
	for (size_t i = 0; i < a->h->rooms.n && !r; i++)
		if (!a->h->rooms.at[i]->gone && str_eq_nocase(a->h->rooms.at[i]->alias, alias))
			r = a->h->rooms.at[i];
	/* API: a location or a node has to be named */
	if (!*hall_string(a->in, "system_location") && !*hall_string(a->in, "node")) {
		bad_field(a, "dial", "system_location", "Either a location or a node is required.");
	} else if (!*to) {
		bad_field(a, "dial", "destination", "This field is required.");
	} else if (!r || a->now < r->made + REPLICATION_MS) {
		failure(a, 400,
			"Neither conference nor gateway found"); /* seen when a room is too new */
	} else {
		struct hall_leg *l = hall_dial(a->h, r, to, *name ? name : to, false, a->now);
		accepted(a, l->id);
	}
}

static struct hall_leg *
named(struct ask *a)
{
	struct hall_leg *l = hall_leg(a->h, hall_string(a->in, "participant_id"));
	if (l && !l->b.dead)
		return l;
	failure(a, 404, "Failed to find participant"); /* not known which words */
	return NULL;
}

static void
command(struct ask *a)
{
	const char *what = a->rest;
	bool mute = str_eq(what, "participant/mute/"), unmute = str_eq(what, "participant/unmute/");
	struct hall_leg *l;
	if (str_eq(what, "participant/dial/")) {
		dial(a);
	} else if (mute || unmute) {
		if ((l = named(a))) {
			bridge_mute(&a->h->b, &l->b, mute, a->now, NULL);
			accepted(a, NULL);
		}
	} else if (str_eq(what, "participant/disconnect/")) {
		if ((l = named(a))) {
			bridge_log(&a->h->b, &l->b, a->now, "disconnect", NULL);
			bridge_hang(&a->h->b, &l->b, a->now, HALL_BY_ORDER);
			accepted(a, NULL);
		}
	} else {
		struct hall_room *r = hall_room(a->h, hall_string(a->in, "conference_id"));
		if (!r || !is_running(a->h, r)) {
			failure(a, 404, "Failed to find conference");
		} else if (str_eq(what, "conference/disconnect/")) {
			hall_room_empty(a->h, r, a->now);
			accepted(a, NULL);
		} else if (str_eq(what, "conference/transform_layout/")) {
			str_copy(r->layout, sizeof r->layout, hall_string(a->in, "layout"));
			lab_log(a->now, "layout", a->h->b.plan->name, "conference", r->name,
				"layout", r->layout, NULL);
			accepted(a, NULL);
		} else {
			a->out->status = 404;
		}
	}
}

/* ---- routes ---- */

static void
nodes(struct ask *a)
{
	struct page p = open_list(a, 1);
	if (p.from < p.to)
		buf_puts(&a->out->body, "{\"id\":1,\"name\":\"manager\",\"primary\":true,"
					"\"version\":\"36 (77777.0.0)\"}");
	close_list(a);
}

static void
locations(struct ask *a)
{
	struct page p = open_list(a, 1);
	if (p.from < p.to)
		buf_puts(&a->out->body, "{\"id\":1,\"name\":\"Lab\"}");
	close_list(a);
}

static void
alarms(struct ask *a)
{
	open_list(a, 0);
	close_list(a);
}

static void
participants(struct ask *a)
{
	if (*a->rest)
		one_participant(a);
	else
		list_participants(a);
}

static void
instances(struct ask *a)
{
	list_rooms(a, true);
}

static void
rooms(struct ask *a)
{
	if (*a->rest)
		one_room(a);
	else if (str_eq(a->rq->method, "POST"))
		make_room(a);
	else
		list_rooms(a, false);
}

static const struct {
	const char *prefix;
	bool post; /* and nothing else */
	void (*run)(struct ask *a);
} routes[] = {
	{ "status/v1/participant/", false, participants },
	{ "status/v1/conference/", false, instances },
	{ "status/v1/management_vm/", false, nodes },
	{ "status/v1/alarm/", false, alarms },
	{ "history/v1/participant/", false, one_past },
	{ "configuration/v1/conference/", false, rooms },
	{ "configuration/v1/system_location/", false, locations },
	{ "command/v1/", true, command },
};

static void
pexip_answer(struct hall *h, const struct web_request *rq, int64_t now, int64_t mono,
	struct web_reply *out)
{
	static const char base[] = "/api/admin/";
	const struct lab_mcu *p = h->b.plan;
	out->type = "application/json";
	if (!rq->login || !str_eq(rq->user, p->user) || !str_eq(rq->password, p->password) ||
		p->password_refused) {
		lab_log(now, "login-refused", p->name, "user", rq->user, NULL);
		out->status = 401;
		return;
	}
	if (bridge_fault(&h->b)) {
		lab_log(now, "fault", p->name, NULL);
		out->status = (unsigned)p->fault_code;
		return;
	}
	struct ask a = { .h = h, .rq = rq, .out = out, .now = now };
	out->status = 404;
	/* API: the slash at the end is required */
	if (!str_starts(rq->path, base) || !str_ends(rq->path, "/"))
		return;
	bool post = str_eq(rq->method, "POST");
	if (post && !(a.in = json_loadb(buf_str(&rq->body), rq->body.n, 0, NULL))) {
		failure(&a, 400, "not JSON");
		return;
	}
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!str_starts(rq->path + strlen(base), routes[i].prefix))
			continue;
		a.rest = rq->path + strlen(base) + strlen(routes[i].prefix);
		out->status = routes[i].post && !post ? 405 : 200;
		if (out->status == 200)
			routes[i].run(&a);
		break;
	}
	json_decref(a.in);
}

/* This is everything we export. */
const struct hall_kind pexip_kind = {
	.adapter = "pexip", .room = "phong-thu", .answer = pexip_answer
};
