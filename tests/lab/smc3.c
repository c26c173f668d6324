/* The simulated Huawei SMC 3.0: tokens, conferences, participants over REST. Called by hall_doors.c
 * under the fleet's lock. Owns nothing: rooms and legs are the hall's.
 *
 * No vendor document was at hand. "client" in comments is what a program in use sends and reads
 * (fmc-5.0, fcm-smc3.0), "bundle" the vendor's texts of reasons that it ships; "not known" marks
 * what these do not say and where the simulator does the least. */
#include "hall.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

enum {
	TOKEN_MS = 20 * 60 * 1000, /* client: about twenty minutes; real */
	SHORT_TOKEN_MS = 3000,	   /* drop-idle */
};

struct ask {
	struct hall *h;
	const struct web_request *rq;
	struct web_reply *out;
	json_t *in;
	const char *rest; /* of the path */
	int64_t now;
};

/* client: 4xx { errorType, errorNo, errorDesc, param } */
static void
refuse(struct ask *a, unsigned status, const char *no, const char *why)
{
	a->out->status = status;
	buf_clear(&a->out->body);
	buf_putc(&a->out->body, '{');
	hall_text(&a->out->body, "errorType", "ERROR");
	hall_text(&a->out->body, "errorNo", no);
	hall_text(&a->out->body, "errorDesc", why);
	buf_putc(&a->out->body, '}');
}

/* ---- lists ---- */

/* client: pages begin at 0; { content[], totalElements, totalPages, last } */
struct page {
	size_t from, to;
};

static struct page
open_page(struct ask *a, size_t total)
{
	int64_t page = 0, size = 10;
	const char *p = web_form_get(&a->rq->query, "page"),
		   *s = web_form_get(&a->rq->query, "size");
	if (p)
		str_to_int(p, 0, 100000, &page);
	if (s)
		str_to_int(s, 1, 100000, &size);
	/* not known whether it is cut; here it is */
	size_t each = (size_t)(size < a->h->b.plan->page ? size : a->h->b.plan->page);
	size_t from = (size_t)page * each < total ? (size_t)page * each : total;
	size_t to = from + each < total ? from + each : total;
	struct buf *b = &a->out->body;
	buf_putc(b, '{');
	hall_number(b, "totalElements", (int64_t)total);
	hall_number(b, "totalPages", (int64_t)((total + each - 1) / each));
	hall_bool(b, "last", to == total);
	hall_open_part(b, "content", '[');
	return (struct page){ from, to };
}

/* ---- participants ---- */

/* client: { generalParam { id, name, uri, type, model, mcuName }, state { online, calling, mute,
 * .., callFailReason } } */
static void
write_participant(const struct hall_leg *l, struct buf *b)
{
	const struct leg *g = &l->b.leg;
	bool up = g->phase == PHASE_CONNECTED;
	hall_open_part(b, NULL, '{');
	hall_open_part(b, "generalParam", '{');
	hall_text(b, "id", l->id);
	hall_text(b, "name", l->label);
	hall_text(b, "uri", l->address);
	hall_number(b, "type", 0);
	hall_text(b, "model", up ? "Lab" : "");
	hall_text(b, "mcuName", "MCU-1");
	buf_puts(b, "},\"state\":{");
	hall_text(b, "participantId", l->id);
	hall_bool(b, "online", up);
	hall_bool(b, "calling", g->phase == PHASE_PROCEEDING || g->phase == PHASE_ALERTING);
	hall_bool(b, "voice", g->site && g->site->plan->no_picture);
	hall_bool(b, "mute", g->muted);
	hall_bool(b, "quiet", l->quiet);
	hall_bool(b, "videoMute", false);
	hall_number(b, "volume", 80);
	hall_number(b, "callFailReason",
		g->phase == PHASE_DISCONNECTED ? hall_huawei_number(g->why) : 0);
	buf_puts(b, "}}");
}

static void
list_participants(struct ask *a, struct hall_room *r)
{
	size_t n = 0;
	while (hall_leg_at(a->h, r, n))
		n++;
	struct page p = open_page(a, n);
	for (size_t i = p.from; i < p.to; i++)
		write_participant(hall_leg_at(a->h, r, i), &a->out->body);
	buf_puts(&a->out->body, "]}");
}

static struct hall_leg *
by_uri(struct ask *a, struct hall_room *r, const char *uri)
{
	struct hall_leg *l;
	for (size_t i = 0; (l = hall_leg_at(a->h, r, i)); i++)
		if (str_eq_nocase(l->address, uri))
			return l;
	return NULL;
}

/* client: [ { name, uri, ipProtocolType 0 H.323, 1 SIP, rate, dialMode } ]. Not known what comes
 * back: nothing here. client: who is added is called */
static void
add_participants(struct ask *a, struct hall_room *r)
{
	json_t *item;
	size_t i;
	if (!json_is_array(a->in) || !json_array_size(a->in)) {
		refuse(a, 400, "0x20000001", "PARAM_ERROR");
		return;
	}
	json_array_foreach(a->in, i, item) {
		const char *uri = hall_string(item, "uri"), *name = hall_string(item, "name");
		if (!*uri || !*name) {
			refuse(a, 400, "0x20000001", "PARAM_ERROR");
			return;
		}
		if (!by_uri(a, r, uri))
			hall_dial(a->h, r, uri, name, false, a->now);
	}
	buf_puts(&a->out->body, "[]");
}

/* client: DELETE with a body of ids */
static void
remove_participants(struct ask *a, struct hall_room *r)
{
	json_t *item;
	size_t i;
	json_array_foreach(a->in, i, item) {
		struct hall_leg *l =
			hall_leg(a->h, json_string_value(item) ? json_string_value(item) : "");
		if (!l || l->room != r)
			continue;
		bridge_hang(&a->h->b, &l->b, a->now, HALL_BY_ORDER);
		l->removed = true;
	}
}

static bool
asked(struct ask *a, const char *key, bool *out)
{
	json_t *v = json_object_get(a->in, key);
	*out = json_is_true(v);
	return json_is_boolean(v);
}

/* client: PATCH { isOnline true calls, false hangs up, isMute, isQuiet } */
static void
patch_participant(struct ask *a, struct hall_leg *l)
{
	bool on;
	if (asked(a, "isOnline", &on)) {
		if (on && hall_is_live(l)) {
			refuse(a, 400,
				l->b.leg.phase == PHASE_CONNECTED ? "0x3000037" : "0x3000057",
				"CALLING");
			return;
		}
		if (on) {
			l->b.leg.muted = false;
			bridge_dial(&a->h->b, &l->b, a->now);
		} else if (hall_is_live(l)) {
			bridge_log(&a->h->b, &l->b, a->now, "disconnect", NULL);
			bridge_hang(&a->h->b, &l->b, a->now, HALL_BY_ORDER);
		}
	}
	if (asked(a, "isMute", &on))
		bridge_mute(&a->h->b, &l->b, on, a->now, NULL);
	if (asked(a, "isQuiet", &on))
		l->quiet = on;
}

/* "ID/status" */
static void
one_participant(struct ask *a, struct hall_room *r, const char *rest)
{
	char id[BRIDGE_ID];
	snprintf(id, sizeof id, "%.*s", (int)strcspn(rest, "/"), rest);
	struct hall_leg *l = hall_leg(a->h, id);
	if (!l || l->room != r || l->removed)
		refuse(a, 404, "0x20000404", "PARTICIPANT_NOT_EXIST");
	else if (!str_eq(a->rq->method, "PATCH") || !str_ends(rest, "/status"))
		a->out->status = 404;
	else
		patch_participant(a, l);
}

/* ---- conferences ---- */

static void
write_room(const struct hall_room *r, struct buf *b)
{
	hall_open_part(b, NULL, '{');
	hall_text(b, "id", r->id);
	hall_text(b, "subject", r->name);
	hall_text(b, "conferenceTimeType", "INSTANT_CONFERENCE");
	buf_putc(b, '}');
}

static void
make_room(struct ask *a)
{
	json_t *c = json_object_get(a->in, "conference");
	const char *subject = hall_string(c, "subject");
	if (!*subject || !str_eq(hall_string(c, "conferenceTimeType"), "INSTANT_CONFERENCE")) {
		refuse(a, 400, "0x20000001", "PARAM_ERROR");
		return;
	}
	buf_puts(&a->out->body, "{\"conference\":");
	write_room(hall_room_add(a->h, subject, a->now), &a->out->body);
	buf_putc(&a->out->body, '}');
}

/* Not known how it filters: it does not. */
static void
list_rooms(struct ask *a)
{
	size_t n = 0, k = 0;
	for (size_t i = 0; i < a->h->rooms.n; i++)
		n += !a->h->rooms.at[i]->gone;
	struct page p = open_page(a, n);
	for (size_t i = 0; i < a->h->rooms.n; i++) {
		if (a->h->rooms.at[i]->gone)
			continue;
		if (k >= p.from && k < p.to)
			write_room(a->h->rooms.at[i], &a->out->body);
		k++;
	}
	buf_puts(&a->out->body, "]}");
}

static void
end_room(struct ask *a, struct hall_room *r)
{
	struct hall_leg *l;
	hall_room_empty(a->h, r, a->now);
	r->gone = true;
	while ((l = hall_leg_at(a->h, r, 0)))
		l->removed = true;
}

/* client: { content, opType SAVE | SET | CANCEL, type BANNER | CAPTION | SHORTMSG, disPosition,
 * displayType } */
static void
text_tips(struct ask *a, struct hall_room *r)
{
	bool set = str_eq(hall_string(a->in, "opType"), "SET");
	if (!set && !str_eq(hall_string(a->in, "opType"), "CANCEL")) {
		refuse(a, 400, "0x20000001", "PARAM_ERROR");
		return;
	}
	str_copy(r->text, sizeof r->text, set ? hall_string(a->in, "content") : "");
	lab_log(a->now, "message", a->h->b.plan->name, "conference", r->name, "text", r->text,
		NULL);
}

/* "ID", "ID/detail", "ID/participants..", "ID/textTips" */
static void
one_room(struct ask *a)
{
	char id[BRIDGE_ID];
	size_t n = strcspn(a->rest, "/");
	snprintf(id, sizeof id, "%.*s", (int)(n < BRIDGE_ID ? n : BRIDGE_ID - 1), a->rest);
	const char *what = a->rest + n, *method = a->rq->method;
	struct hall_room *r = hall_room(a->h, id);
	if (!r) {
		refuse(a, 404, "0x2003d", "CONFERENCE_NOT_EXIST");
	} else if (str_eq(method, "DELETE") && !*what) {
		end_room(a, r);
	} else if (str_eq(method, "GET") && str_eq(what, "/detail")) {
		buf_puts(&a->out->body, "{\"conferenceUiParam\":");
		write_room(r, &a->out->body);
		buf_putc(&a->out->body, '}');
	} else if (str_eq(method, "POST") && str_eq(what, "/participants/conditions")) {
		list_participants(a, r);
	} else if (str_eq(method, "POST") && str_eq(what, "/participants")) {
		add_participants(a, r);
	} else if (str_eq(method, "DELETE") && str_eq(what, "/participants")) {
		remove_participants(a, r);
	} else if (str_starts(what, "/participants/")) {
		one_participant(a, r, what + strlen("/participants/"));
	} else if (str_eq(method, "POST") && str_eq(what, "/textTips")) {
		text_tips(a, r);
	} else {
		a->out->status = 404;
	}
}

/* ---- tokens ---- */

static int64_t
patience(const struct hall *h)
{
	return h->b.plan->drop_idle ? SHORT_TOKEN_MS : TOKEN_MS;
}

/* client: Basic, then { uuid, userType, expire } */
static void
give_token(struct ask *a, int64_t mono)
{
	const struct lab_mcu *p = a->h->b.plan;
	if (!a->rq->login || !str_eq(a->rq->user, p->user) ||
		!str_eq(a->rq->password, p->password) || p->password_refused) {
		lab_log(a->now, "login-refused", p->name, "user", a->rq->user, NULL);
		refuse(a, 401, "0x1002000c", "PASSWORD_ERROR");
		return;
	}
	lab_log(a->now, "login", p->name, "user", a->rq->user, NULL);
	struct hall_session *s = hall_session_add(a->h, a->rq->user, mono);
	buf_putc(&a->out->body, '{');
	hall_text(&a->out->body, "uuid", s->id);
	hall_text(&a->out->body, "userType", "ADMIN");
	hall_number(&a->out->body, "expire", patience(a->h) / 1000);
	buf_putc(&a->out->body, '}');
}

static void
smc3_answer(struct hall *h, const struct web_request *rq, int64_t now, int64_t mono,
	struct web_reply *out)
{
	static const char base[] = "/conf-portal/";
	struct ask a = { .h = h, .rq = rq, .out = out, .now = now };
	out->type = "application/json";
	if (!str_starts(rq->path, base)) {
		out->status = 404;
		return;
	}
	if (bridge_fault(&h->b)) {
		lab_log(now, "fault", h->b.plan->name, NULL);
		refuse(&a, (unsigned)h->b.plan->fault_code, "0x2003e", "NO_RESOURCE");
		return;
	}
	a.rest = rq->path + strlen(base);
	if (str_eq(a.rest, "tokens") &&
		str_eq(web_form_get(&rq->query, "clientType"), "smcportal")) {
		give_token(&a, mono);
		return;
	}
	if (!hall_session(h, rq->token, patience(h), mono)) {
		lab_log(now, "session-silent", h->b.plan->name, NULL);
		/* client: the words; not known which status */
		refuse(&a, 401, "0x10010001", "token not exist");
		return;
	}
	a.in = rq->body.n ? json_loadb(buf_str(&rq->body), rq->body.n, 0, NULL) : NULL;
	bool post = str_eq(rq->method, "POST");
	if (post && !a.in)
		refuse(&a, 400, "0x20000001", "PARAM_ERROR");
	else if (post && str_eq(a.rest, "conferences"))
		make_room(&a);
	else if (post && str_eq(a.rest, "conferences/conditions"))
		list_rooms(&a);
	else if (str_starts(a.rest, "online/conferences/")) {
		a.rest += strlen("online/conferences/");
		one_room(&a);
	} else
		out->status = 404;
	json_decref(a.in);
}

/* This is everything we export. */
const struct hall_kind smc3_kind = {
	.adapter = "huawei-smc3", .keeps_ended = true, .room = "phong-thu", .answer = smc3_answer
};
