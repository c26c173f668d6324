/* The simulated Huawei SMC 2.0: SOAP of its eSDK, log-in by a hash of hashes. Called by
 * hall_doors.c under the fleet's lock. Owns nothing: rooms and legs are the hall's.
 *
 * "SDK" in comments is the vendor's eSDK TP for C++ (services, shapes of requests and answers, its
 * comments), "reference" its interface reference (values, codes); "not known" marks what these do
 * not say and where the simulator does the least. */
#include "hall.h"
#include "rmx.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

enum {
	SESSION_MS = 10 * 60 * 1000, /* not known */
	SHORT_SESSION_MS = 3000,     /* drop-idle */
	TRIES = 3,                   /* wrong passwords until it locks; not known */
	/* reference, result codes */
	WRONG_PASSWORD = 1344274433,
	NO_RIGHT = 1344274435,
	LOCKED = 1344274490,
	NO_SITE = 1345323009,
	NO_CONFERENCE = 1347420162,
};

struct ask {
	struct hall *h;
	const struct web_request *rq;
	struct web_reply *out;
	xmlNode *args; /* the element of the operation */
	struct hall_session *session;
	int64_t now, mono;
	int code;
	struct buf body; /* behind resultCode */
};

static void
element(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "<%s>", name);
	vis_xml(b, text);
	buf_printf(b, "</%s>", name);
}

static void
integer(struct buf *b, const char *name, long long v)
{
	buf_printf(b, "<%s>%lld</%s>", name, v, name);
}

/* ---- login ---- */

/* SDK: LoginRequest gives a cookie and a random sequence, Authenticate proves the password with
 * it */
static void
login_request(struct ask *a)
{
	char user[80], coded[64];
	uint8_t random[24], raw[32];
	struct hall_session *s =
		hall_session_add(a->h, rmx_get(a->args, "userName", user, sizeof user), a->mono);
	hash_raw(s->id, strlen(s->id), raw);
	memcpy(random, raw, sizeof random);
	hash_base64(random, sizeof random, coded);
	str_copy(s->challenge, sizeof s->challenge, coded);
	snprintf(a->out->cookie, sizeof a->out->cookie, "JSESSIONID=%s; Path=/; Secure; HttpOnly",
		s->id);
	element(&a->body, "randomSequence", coded);
	element(&a->body, "hashType", "SHA256");
}

/* reference: base64(SHA256(hex(SHA256(password)) hex(random))) */
static void
expected(const char *password, const char *challenge, char out[64])
{
	struct buf random = { 0 }, both = { 0 };
	uint8_t raw[32];
	char first[HASH_HEX_SIZE];
	hash_hex(password, strlen(password), first);
	hash_unbase64(&random, challenge);
	buf_puts(&both, first);
	for (size_t i = 0; i < random.n; i++)
		buf_printf(&both, "%02x", (unsigned char)random.at[i]);
	hash_raw(both.at, both.n, raw);
	hash_base64(raw, sizeof raw, out);
	buf_free(&random);
	buf_free(&both);
}

static void
authenticate(struct ask *a)
{
	const struct lab_mcu *p = a->h->b.plan;
	char told[100], want[64];
	struct hall_session *s = a->session;
	rmx_get(a->args, "encryptPassword", told, sizeof told);
	expected(p->password, s ? s->challenge : "", want);
	bool right = s && str_eq(s->user, p->user) && str_eq(told, want) && !p->password_refused;
	if (right && a->h->tries < TRIES) {
		s->in = true;
		a->h->tries = 0;
		lab_log(a->now, "login", p->name, "user", s->user, NULL);
		return;
	}
	a->code = a->h->tries >= TRIES ? LOCKED : WRONG_PASSWORD;
	a->h->tries += !right && a->h->tries < TRIES;
	lab_log(a->now, "login-refused", p->name, "user", s ? s->user : "", NULL);
}

static void
logout(struct ask *a)
{
	lab_log(a->now, "logout", a->h->b.plan->name, NULL);
	*a->session = (struct hall_session){ 0 };
}

static void
keep_alive(struct ask *a)
{
}

/* ---- conferences ---- */

static struct hall_room *
named_room(struct ask *a)
{
	char id[24];
	int64_t n = -1;
	str_to_int(rmx_get(a->args, "confId", id, sizeof id), 1, INT32_MAX, &n);
	struct hall_room *r = hall_room_numbered(a->h, n);
	if (!r)
		a->code = NO_CONFERENCE;
	return r;
}

/* SDK: conferenceStatuses, one element each. reference: status 2 is scheduled, 3 runs, 4 is over.
 */
static void
conferences(struct ask *a)
{
	for (size_t i = 0; i < a->h->rooms.n; i++) {
		const struct hall_room *r = a->h->rooms.at[i];
		if (r->gone)
			continue;
		buf_puts(&a->body, "<conferenceStatuses>");
		integer(&a->body, "id", r->number);
		element(&a->body, "name", r->name);
		buf_puts(&a->body, "<status>3</status><isLock>0</isLock></conferenceStatuses>");
	}
}

/* SDK: scheduleConf without beginTime is one that begins at once; the answer names it in
 * conferenceInfo */
static void
schedule(struct ask *a)
{
	char name[160];
	rmx_get(a->args, "scheduleConf/name", name, sizeof name);
	if (!*name) {
		a->code = NO_RIGHT;
		return;
	}
	struct hall_room *r = hall_room_add(a->h, name, a->now);
	buf_puts(&a->body, "<conferenceInfo>");
	integer(&a->body, "confId", r->number);
	element(&a->body, "accessCode", "01");
	buf_puts(&a->body, "</conferenceInfo>");
}

static void
end_conference(struct ask *a)
{
	struct hall_room *r = named_room(a);
	if (!r)
		return;
	hall_room_empty(a->h, r, a->now);
	r->gone = true;
}

/* ---- sites ---- */

static struct hall_leg *
by_uri(struct ask *a, struct hall_room *r, const char *uri)
{
	struct hall_leg *l;
	for (size_t i = 0; (l = hall_leg_at(a->h, r, i)); i++)
		if (str_eq_nocase(l->address, uri))
			return l;
	return NULL;
}

/* reference, site status: 2 in conference, 3 not joined, 4 calling, 5 ringing */
static int
status_of(const struct hall_leg *l)
{
	switch (l->b.leg.phase) {
	case PHASE_PROCEEDING: return 4;
	case PHASE_ALERTING: return 5;
	case PHASE_CONNECTED: return 2;
	case PHASE_DORMANT:
	case PHASE_DISCONNECTED: break;
	}
	return 3;
}

/* reference: the codes of failed calls; the texts are not known. SDK: the text's tag is misspelt.
 */
static void
write_failure(const struct hall_leg *l, struct buf *b)
{
	const char *why = l->b.leg.why;
	if (l->b.leg.phase != PHASE_DISCONNECTED || str_eq(why, HALL_BY_ORDER) ||
		str_eq(why, HALL_BY_PERSON) || str_eq(why, "remoteTeardown"))
		return;
	buf_puts(b, "<callFailedReason>");
	integer(b, "errCode", hall_huawei_number(why));
	element(b, "discription", why);
	buf_puts(b, "</callFailedReason>");
}

/* SDK: siteStatuses, one element each; isMute 1 is the site's microphone closed */
static void
write_site(const struct hall_leg *l, struct buf *b)
{
	buf_puts(b, "<siteStatuses>");
	element(b, "uri", l->address);
	element(b, "name", l->label);
	integer(b, "status", status_of(l));
	integer(b, "volume", 80);
	element(b, "videoSource", "");
	integer(b, "isMute", l->b.leg.muted);
	integer(b, "isQuiet", l->quiet);
	integer(b, "type",
		str_starts(l->b.leg.site ? l->b.leg.site->plan->address : "", "h323:") ? 4 : 7);
	write_failure(l, b);
	integer(b, "isLocalVideoOpen", 1);
	buf_puts(b, "</siteStatuses>");
}

static void
list_sites(struct ask *a)
{
	struct hall_room *r = named_room(a);
	struct hall_leg *l;
	for (size_t i = 0; r && (l = hall_leg_at(a->h, r, i)); i++)
		write_site(l, &a->body);
}

/* reference: dialingMode 0 is the MCU calling the site, 1 the site calling in, and 1 where nothing
 * is said */
static void
add_site(struct ask *a)
{
	struct hall_room *r = named_room(a);
	char uri[200], name[200], mode[8];
	if (!r)
		return;
	rmx_get(a->args, "siteInfo/uri", uri, sizeof uri);
	rmx_get(a->args, "siteInfo/name", name, sizeof name);
	rmx_get(a->args, "siteInfo/dialingMode", mode, sizeof mode);
	if (!*uri || by_uri(a, r, uri)) {
		a->code = NO_SITE;
		return;
	}
	if (str_eq(mode, "0"))
		hall_dial(a->h, r, uri, name, false, a->now);
	else
		lab_log(a->now, "waits-for-call", a->h->b.plan->name, "address", uri, NULL);
}

typedef void act_fn(struct ask *a, struct hall_leg *l);

static void
connect_one(struct ask *a, struct hall_leg *l)
{
	if (!hall_is_live(l)) {
		l->b.leg.muted = false;
		bridge_dial(&a->h->b, &l->b, a->now);
	}
}

static void
disconnect_one(struct ask *a, struct hall_leg *l)
{
	if (!hall_is_live(l))
		return;
	bridge_log(&a->h->b, &l->b, a->now, "disconnect", NULL);
	bridge_hang(&a->h->b, &l->b, a->now, HALL_BY_ORDER);
}

/* reference, SDK: 0 closes the microphone, 1 opens it, against the list's isMute. (Another
 * edition's example and a client in use have it the other way.) */
static void
mute_one(struct ask *a, struct hall_leg *l)
{
	char on[8];
	bridge_mute(&a->h->b, &l->b, str_eq(rmx_get(a->args, "isMute", on, sizeof on), "0"), a->now,
		NULL);
}

/* confId, siteUris one element each */
static void
each_site(struct ask *a, act_fn *act)
{
	struct hall_room *r = named_room(a);
	for (xmlNode *n = r ? a->args->children : NULL; n; n = n->next) {
		char uri[200];
		if (n->type != XML_ELEMENT_NODE || !str_eq((const char *)n->name, "siteUris"))
			continue;
		struct hall_leg *l = by_uri(a, r, rmx_get(n, "", uri, sizeof uri));
		if (l)
			act(a, l);
		else
			a->code = NO_SITE;
	}
}

static void
connect_sites(struct ask *a)
{
	each_site(a, connect_one);
}

static void
disconnect_sites(struct ask *a)
{
	each_site(a, disconnect_one);
}

static void
mute_sites(struct ask *a)
{
	each_site(a, mute_one);
}

/* ---- one request ---- */

static const struct {
	const char *service, *name;
	bool open; /* without a login */
	void (*run)(struct ask *a);
} operations[] = {
	{ "tpCommon", "LoginRequest", true, login_request },
	{ "tpCommon", "Authenticate", true, authenticate },
	{ "tpCommon", "Logout", false, logout },
	{ "tpCommon", "KeepAlive", false, keep_alive },
	{ "tpProfessionalConfMgr", "queryConferencesStatusEx", false, conferences },
	{ "tpProfessionalConfMgr", "scheduleConfEx", false, schedule },
	{ "tpProfessionalConfMgr", "delScheduledConfEx", false, end_conference },
	{ "tpProfessionalConfMgr", "queryConfSitesStatusEx", false, list_sites },
	{ "tpProfessionalConfMgr", "addSiteToConfEx", false, add_site },
	{ "tpProfessionalConfMgr", "connectSitesEx", false, connect_sites },
	{ "tpProfessionalConfMgr", "disconnectSitesEx", false, disconnect_sites },
	{ "tpProfessionalConfCtrl", "setSitesMuteEx", false, mute_sites },
};

static bool
run(struct ask *a, const char *service)
{
	const char *name = (const char *)a->args->name;
	char action[120];
	snprintf(action, sizeof action, "\"http://smc.huawei.com/%s\"", name);
	if (!str_eq(a->rq->action, action)) /* SDK: SOAPAction names the operation */
		return false;
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		if (!str_eq(operations[i].service, service) || !str_eq(operations[i].name, name))
			continue;
		if (operations[i].open || (a->session && a->session->in))
			operations[i].run(a);
		else
			a->code = NO_RIGHT; /* not known which code a session that ended has */
		return true;
	}
	return false;
}

static void
smc2_answer(struct hall *h, const struct web_request *rq, int64_t now, int64_t mono,
	struct web_reply *out)
{
	static const char base[] = "/esdk/services/";
	struct ask a = { .h = h, .rq = rq, .out = out, .now = now, .mono = mono };
	const char *cookie = strstr(rq->cookie, "JSESSIONID=");
	char id[BRIDGE_ID];
	if (!str_starts(rq->path, base) || !str_eq(rq->method, "POST")) {
		out->status = 404;
		return;
	}
	snprintf(id, sizeof id, "%.*s", cookie ? (int)strcspn(cookie + 11, "; ") : 0,
		cookie ? cookie + 11 : "");
	a.session = hall_session(h, id, h->b.plan->drop_idle ? SHORT_SESSION_MS : SESSION_MS, mono);
	xmlDoc *doc = xmlReadMemory(buf_str(&rq->body), (int)rq->body.n, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	a.args = rmx_child(rmx_child(doc ? xmlDocGetRootElement(doc) : NULL, "Body"), NULL);
	out->type = "text/xml; charset=utf-8";
	bool fault = bridge_fault(&h->b);
	if (fault) {
		lab_log(now, "fault", h->b.plan->name, NULL);
		a.code = h->b.plan->fault_code;
	}
	if (!fault && (!a.args || !run(&a, rq->path + strlen(base)))) {
		out->status = 500; /* SOAP 1.1 section 6.2 */
		buf_puts(&out->body,
			"<soap:Envelope "
			"xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>"
			"<soap:Fault><faultcode>soap:Client</faultcode><faultstring>not "
			"understood</faultstring>"
			"</soap:Fault></soap:Body></soap:Envelope>");
	} else {
		const char *name = a.args ? (const char *)a.args->name : "unknown";
		/* SDK: ns2 in answers */
		buf_printf(&out->body,
			"<soap:Envelope "
			"xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>"
			"<ns2:%sResponse "
			"xmlns:ns2=\"http://smc.huawei.com/\"><resultCode>%d</resultCode>%s</"
			"ns2:%sResponse>"
			"</soap:Body></soap:Envelope>",
			name, a.code, buf_str(&a.body), name);
	}
	buf_free(&a.body);
	if (doc)
		xmlFreeDoc(doc);
}

/* This is everything we export. */
const struct hall_kind smc2_kind = {
	.adapter = "huawei-smc2", .keeps_ended = true, .room = "phong-thu", .answer = smc2_answer
};
