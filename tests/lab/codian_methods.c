/* The simulated MCU's methods about the box and its conferences, and the way a request takes:
 * parse, count, log in, dispatch, fault. Called by codian.c (the sockets) with the fleet's lock
 * held. Owns nothing.
 * Behaviour is cited from the vendor's API guides (MCU API 2.6 to 2.10), never from the product. */
#include "codian.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

size_t
codian_length(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

int
codian_name(
	const struct mcu *m, xmlNode *args, const char *member, int missing, char *out, size_t size)
{
	char text[1024];
	if (!rpc_text(args, member, text, sizeof text) || !text[0])
		return missing;
	/* MCU API: most strings hold 31 characters; fault 35 says a string is too long */
	if (codian_length(text) > (size_t)m->plan->name_max)
		return FAULT_TOO_LONG;
	str_copy(out, size, text);
	return FAULT_NONE;
}

struct conf *
codian_conf(struct mcu *m, xmlNode *args, int *fault)
{
	char name[160];
	*fault = codian_name(m, args, "conferenceName", FAULT_CONFERENCE_NAME, name, sizeof name);
	if (*fault)
		return NULL;
	struct conf *c = mcu_conf(m, name);
	if (!c)
		*fault = FAULT_NO_CONFERENCE;
	return c;
}

static int
device_query(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int64_t off = m->plan->clock_off;
	/* MCU API: instants are the device's own clock without a zone; this one runs some minutes
	 * off */
	rpc_put_date(o, "currentTime", now + off);
	rpc_put_date(o, "restartTime", m->started + off);
	/* the emulator of an 8710 in public, its settings: as this box spells itself */
	rpc_put_text(o, "model", m->plan->tps ? "Telepresence Server 8710" : "Codian MCU 4515");
	rpc_put_text(o, "serial", "SM020000");
	rpc_put_text(o, "softwareVersion", "4.5(1.85)");
	rpc_put_text(o, "buildVersion", "6.17(1.85)");
	rpc_put_text(o, "apiVersion", m->plan->api);
	rpc_put_int(o, "uptime", (now - m->started) / 1000);
	rpc_put_int(o, "totalVideoPorts", m->plan->ports);
	rpc_put_int(o, "totalAudioOnlyPorts", m->plan->ports);
	return FAULT_NONE;
}

static int
health_query(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int legs = 0;
	for (size_t i = 0; i < m->parts.n; i++)
		legs += m->parts.at[i]->leg.phase == PHASE_CONNECTED;
	rpc_put_int(o, "cpuLoad", 5 + legs * 60 / m->plan->ports);
	rpc_put_text(o, "temperatureStatus", "ok");
	rpc_put_text(o, "fanStatus", "ok");
	return FAULT_NONE;
}

static int
conference_create(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	char name[160], numeric[32] = "", description[160] = "", layout[64];
	int fault =
		codian_name(m, args, "conferenceName", FAULT_CONFERENCE_NAME, name, sizeof name);
	if (!fault)
		fault = codian_name(m, args, "numericId", 0, numeric, sizeof numeric);
	if (!fault)
		fault = codian_name(m, args, "description", 0, description, sizeof description);
	if (fault)
		return fault;
	if (mcu_conf(m, name))
		return FAULT_DUP_CONFERENCE;
	int64_t v = 0;
	/* MCU API, conference.create: customLayout is one of 1 to 59 */
	if (rpc_text(args, "customLayout", layout, sizeof layout) && !str_to_int(layout, 1, 59, &v))
		return FAULT_INVALID;
	struct conf *c = mcu_conf_add(m, name, now);
	str_copy(c->numeric, sizeof c->numeric, numeric);
	str_copy(c->description, sizeof c->description, description);
	if (v)
		snprintf(c->layout, sizeof c->layout, "layout%d", (int)v);
	rpc_int(args, "durationSeconds", &c->duration_s); /* 0: permanent */
	rpc_bool(args, "joinAudioMuted", &c->join_muted);
	rpc_put_text(o, "status", "operation successful");
	return FAULT_NONE;
}

static int
conference_modify(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = codian_conf(m, args, &fault);
	char layout[64];
	int64_t v = 0;
	if (!c)
		return fault;
	if (rpc_text(args, "customLayout", layout, sizeof layout)) {
		if (!str_to_int(layout, 1, 59, &v))
			return FAULT_INVALID;
		snprintf(c->layout, sizeof c->layout, "layout%d", (int)v);
	}
	rpc_bool(args, "joinAudioMuted", &c->join_muted);
	rpc_int(args, "durationSeconds", &c->duration_s);
	m->revision++;
	lab_log(now, "conference-modify", m->plan->name, "conference", c->name, "layout", c->layout,
		NULL);
	return FAULT_NONE;
}

static int
conference_end(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = codian_conf(m, args, &fault);
	if (!c)
		return fault;
	lab_log(now, "conference-end", m->plan->name, "conference", c->name, NULL);
	mcu_conf_end(m, c, now, false);
	return FAULT_NONE;
}

static int
conference_destroy(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = codian_conf(m, args, &fault);
	if (!c)
		return fault;
	lab_log(now, "conference-destroy", m->plan->name, "conference", c->name, NULL);
	mcu_conf_end(m, c, now, true);
	return FAULT_NONE;
}

static void
write_conference(const struct mcu *m, const struct conf *c, struct rpc_out *o)
{
	rpc_put_text(o, "conferenceName", c->name);
	rpc_put_text(o, "conferenceType", "scheduled");
	rpc_put_int(o, "uniqueId", c->id);
	rpc_put_bool(o, "conferenceActive", c->active);
	rpc_put_text(o, "numericId", c->numeric);
	rpc_put_text(o, "description", c->description);
	rpc_put_date(o, "startTime", c->started + m->plan->clock_off);
	if (c->duration_s)
		rpc_put_int(o, "durationSeconds", c->duration_s);
	rpc_put_bool(o, "joinAudioMuted", c->join_muted);
}

static int
conference_status(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = codian_conf(m, args, &fault);
	if (!c)
		return fault;
	write_conference(m, c, o);
	return FAULT_NONE;
}

static int
conference_enumerate(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	char text[64];
	int64_t after = 0;
	if (rpc_text(args, "enumerateID", text, sizeof text) &&
		!str_to_int(text, 0, INT32_MAX, &after))
		return FAULT_ENUMERATE_ID;
	int shown = 0;
	const struct conf *last = NULL;
	bool more = false;
	for (size_t i = 0; i < m->confs.n && !more; i++) {
		const struct conf *c = m->confs.at[i];
		if (c->id <= after || !c->name[0])
			continue;
		if (shown == m->plan->page) {
			more = true;
			break;
		}
		/* MCU API: with no entries the array is absent */
		if (!shown++)
			rpc_open_array(o, "conferences");
		rpc_open_struct(o, NULL);
		write_conference(m, c, o);
		rpc_close_struct(o, NULL);
		last = c;
	}
	if (shown)
		rpc_close_array(o, "conferences");
	if (more) { /* MCU API: an enumerateID says that there is more */
		snprintf(text, sizeof text, "%lld", (long long)last->id);
		rpc_put_text(o, "enumerateID", text);
	}
	rpc_put_int(o, "currentRevision", m->revision);
	return FAULT_NONE;
}

static int
panes_query(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = codian_conf(m, args, &fault);
	if (!c)
		return fault;
	rpc_put_bool(o, "enabled", c->panes_on);
	rpc_open_array(o, "panes");
	for (int i = 0; i < CODIAN_PANES; i++) {
		const struct pane *p = &c->panes[i];
		rpc_open_struct(o, NULL);
		rpc_put_int(o, "index", i);
		rpc_put_text(o, "type", p->type[0] ? p->type : "default");
		if (str_eq(p->type, "participant")) {
			rpc_put_text(o, "participantName", p->participant);
			rpc_put_text(o, "participantProtocol", p->protocol);
			rpc_put_text(o, "participantType", p->kind);
		}
		rpc_close_struct(o, NULL);
	}
	rpc_close_array(o, "panes");
	return FAULT_NONE;
}

static int
read_pane(struct mcu *m, struct conf *c, xmlNode *strct, struct pane *panes)
{
	static const char *const types[] = { "default", "blank", "loudest", "rolling", "h239",
		"participant", NULL };
	int64_t i;
	if (!rpc_int(strct, "index", &i) || i < 0 || i >= CODIAN_PANES)
		return FAULT_INVALID;
	struct pane p = { 0 };
	rpc_text(strct, "type", p.type, sizeof p.type);
	bool known = false;
	for (size_t t = 0; types[t]; t++)
		known = known || str_eq(types[t], p.type);
	if (!known)
		return FAULT_INVALID;
	if (str_eq(p.type, "participant")) {
		rpc_text(strct, "participantName", p.participant, sizeof p.participant);
		rpc_text(strct, "participantProtocol", p.protocol, sizeof p.protocol);
		rpc_text(strct, "participantType", p.kind, sizeof p.kind);
		if (!mcu_part(m, c, p.participant, p.protocol, p.kind))
			return FAULT_NO_PARTICIPANT;
	}
	panes[i] = p;
	return FAULT_NONE;
}

static int
panes_modify(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = codian_conf(m, args, &fault);
	if (!c)
		return fault;
	struct pane panes[CODIAN_PANES];
	memcpy(panes, c->panes, sizeof panes);
	xmlNode *list = rpc_get(args, "panes");
	int n = 0;
	for (xmlNode *v = rpc_next(list, NULL); v && !fault; v = rpc_next(list, v), n++)
		fault = read_pane(m, c, rpc_struct(v), panes);
	if (fault)
		return fault;
	memcpy(c->panes, panes, sizeof panes);
	rpc_bool(args, "enabled", &c->panes_on);
	rpc_put_int(o, "panesModified", n);
	char first[200];
	snprintf(first, sizeof first, "%s %s", c->panes[0].type, c->panes[0].participant);
	lab_log(now, "panes", m->plan->name, "conference", c->name, "first",
		c->panes_on ? first : "off", NULL);
	return FAULT_NONE;
}

/* ---- feedback receivers ---- */

static int
feedback_configure(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	char uri[200];
	int64_t i = 1; /* MCU API: slot 1 is overwritten unless another is asked for; -1 takes
		        * any */
	if (!rpc_text(args, "receiverURI", uri, sizeof uri))
		return FAULT_MISSING;
	if (!str_ends(uri, "/RPC2"))
		return FAULT_INVALID;
	rpc_int(args, "receiverIndex", &i);
	for (int free_one = 0; i == -1 && free_one < CODIAN_RECEIVERS; free_one++)
		if (!m->receivers[free_one].uri[0])
			i = free_one + 1;
	if (i < 1 || i > CODIAN_RECEIVERS)
		return FAULT_INVALID;
	str_copy(m->receivers[i - 1].uri, sizeof m->receivers[i - 1].uri, uri);
	rpc_text(args, "sourceIdentifier", m->receivers[i - 1].source,
		sizeof m->receivers[i - 1].source);
	m->receivers[i - 1].told = 1u << CODIAN_CONFIGURED; /* MCU API: configureAck */
	lab_log(now, "feedback-receiver", m->plan->name, "uri", uri, NULL);
	rpc_put_int(o, "receiverIndex", i);
	return FAULT_NONE;
}

static int
feedback_query(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int shown = 0;
	for (int i = 0; i < CODIAN_RECEIVERS; i++) {
		if (!m->receivers[i].uri[0])
			continue;
		if (!shown++)
			rpc_open_array(o, "receivers");
		rpc_open_struct(o, NULL);
		rpc_put_int(o, "index", i + 1);
		rpc_put_text(o, "receiverURI", m->receivers[i].uri);
		rpc_put_text(o, "sourceIdentifier", m->receivers[i].source);
		rpc_close_struct(o, NULL);
	}
	if (shown)
		rpc_close_array(o, "receivers");
	return FAULT_NONE;
}

static int
feedback_remove(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int64_t i = 1;
	rpc_int(args, "receiverIndex", &i);
	if (i < 1 || i > CODIAN_RECEIVERS)
		return FAULT_INVALID;
	m->receivers[i - 1].uri[0] = '\0';
	return FAULT_NONE;
}

const struct codian_method codian_box[] = {
	{ "device.query", device_query },
	{ "device.health.query", health_query },
	{ "feedbackReceiver.configure", feedback_configure },
	{ "feedbackReceiver.query", feedback_query },
	{ "feedbackReceiver.remove", feedback_remove },
	{ NULL, NULL },
};

static const struct codian_method methods[] = {
	{ "conference.create", conference_create },
	{ "conference.modify", conference_modify },
	{ "conference.end", conference_end },
	{ "conference.destroy", conference_destroy },
	{ "conference.status", conference_status },
	{ "conference.enumerate", conference_enumerate },
	{ "conference.paneplacement.query", panes_query },
	{ "conference.paneplacement.modify", panes_modify },
	{ NULL, NULL },
};

static const char *
fault_text(int code)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = { /* MCU API, fault codes */
		{ FAULT_METHOD, "method not supported" },
		{ FAULT_DUP_CONFERENCE, "duplicate conference name" },
		{ FAULT_DUP_PARTICIPANT, "duplicate participant name" },
		{ FAULT_NO_CONFERENCE, "no such conference or auto attendant" },
		{ FAULT_NO_PARTICIPANT, "no such participant" },
		{ 6, "too many conferences" },
		{ FAULT_MANY_PARTICIPANTS, "too many participants" },
		{ FAULT_CONFERENCE_NAME, "no conference name or auto attendant id supplied" },
		{ FAULT_PARTICIPANT_NAME, "no participant name supplied" },
		{ FAULT_ADDRESS, "no participant address supplied" },
		{ FAULT_AUTH, "authorization failed" },
		{ FAULT_PRIVILEGES, "insufficient privileges" },
		{ FAULT_ENUMERATE_ID, "invalid enumerateID value" },
		{ FAULT_TYPE, "unsupported participant type" },
		{ FAULT_TOO_LONG, "string is too long" },
		{ FAULT_MISSING, "missing parameter" },
		{ FAULT_INVALID, "invalid parameter" },
		{ FAULT_MALFORMED, "malformed parameter" },
		{ FAULT_TOO_LARGE, "request too large" },
		{ FAULT_FAILED, "operation failed" },
		{ FAULT_ASYNC, "too many asynchronous requests" },
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "operation failed";
}

/* MCU API: credentials are members of every struct; a wrong password is fault 14 from API 2.8 on,
 * before 15 */
static int
log_in(struct mcu *m, xmlNode *args, const char *method, int64_t now)
{
	char user[160], password[160];
	rpc_text(args, "authenticationUser", user, sizeof user);
	rpc_text(args, "authenticationPassword", password, sizeof password);
	if (!m->plan->password_refused && str_eq(user, m->plan->user) &&
		str_eq(password, m->plan->password))
		return FAULT_NONE;
	lab_log(now, "login-refused", m->plan->name, "user", user, "method", method, NULL);
	int64_t minor = 10;
	if (str_starts(m->plan->api, "2."))
		str_to_int(m->plan->api + 2, 0, 99, &minor);
	return minor >= 8 ? FAULT_AUTH : FAULT_PRIVILEGES;
}

static codian_method_fn *
find_method(const struct mcu *m, const char *name)
{
	const struct codian_method *tables[] = { codian_box, m->plan->tps ? tps_methods : methods,
		codian_people };
	for (size_t t = 0; t < (m->plan->tps ? 2 : 3); t++)
		for (const struct codian_method *e = tables[t]; e->name; e++)
			if (str_eq(e->name, name))
				return e->call;
	return NULL;
}

void
codian_request(struct mcu *m, const char *body, size_t n, bool latin1, int64_t now, struct buf *out)
{
	struct rpc_call call;
	struct rpc_out o = { .strings = m->requests };
	int fault;
	if (!rpc_read(body, n, latin1, &call)) {
		rpc_fault(out, FAULT_MALFORMED, fault_text(FAULT_MALFORMED));
		rpc_free(&call);
		return;
	}
	mcu_tick(m, now);
	m->requests++;
	codian_method_fn *method = find_method(m, call.method);
	if (!method)
		fault = FAULT_METHOD;
	else if (m->plan->fault_every && m->requests % (unsigned)m->plan->fault_every == 0)
		fault = m->plan->fault_code;
	else
		fault = log_in(m, call.args, call.method, now);
	if (!fault)
		fault = method(m, call.args, now, &o);
	if (fault) {
		char code[16];
		snprintf(code, sizeof code, "%d", fault);
		lab_log(now, "fault", m->plan->name, "method", call.method, "code", code, NULL);
		/* MCU API: a fault comes with HTTP 200 too */
		rpc_fault(out, fault, fault_text(fault));
	} else {
		rpc_answer(out, &o);
	}
	buf_free(&o.b);
	rpc_free(&call);
}
