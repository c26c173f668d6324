/* The simulated RMXs of a scenario: documents in and out, sessions, and the hooks of the lab's
 * main(). Owns the boxes. Must never touch their state without the fleet's lock, nor log a
 * password. */
#include "rmx.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARALLEL = 20 };

static struct rmx *boxes;
static size_t boxes_n;

/* ---- sessions ---- */

static int64_t
session_ms(const struct rmx *m)
{
	return m->b.plan->drop_idle ? RMX_SHORT_SESSION_MS : (int64_t)RMX_SESSION_MIN * 60 * 1000;
}

/* RMX capture: both tokens stand in every document; silence ends the session */
static bool
known_session(struct rmx *m, xmlNode *common, int64_t mono)
{
	char text[24];
	int64_t token = 0, user = 0;
	str_to_int(rmx_get(common, "MCU_TOKEN", text, sizeof text), 1, INT32_MAX, &token);
	str_to_int(rmx_get(common, "MCU_USER_TOKEN", text, sizeof text), 1, INT32_MAX, &user);
	for (size_t i = 0; token && i < RMX_SESSIONS; i++) {
		struct rmx_session *s = &m->sessions[i];
		if (s->token != token || s->user_token != user)
			continue;
		if (mono - s->last > session_ms(m)) {
			lab_log(clock_now(), "session-silent", m->b.plan->name, NULL);
			*s = (struct rmx_session){ 0 };
			return false;
		}
		s->last = mono;
		return true;
	}
	return false;
}

static void
login(struct rmx_ask *a, int64_t mono)
{
	struct rmx *m = a->m;
	const struct lab_mcu *p = m->b.plan;
	char user[80], password[80];
	rmx_get(a->args, "USER_NAME", user, sizeof user);
	rmx_get(a->args, "PASSWORD", password, sizeof password);
	bool right = str_eq(user, p->user) && str_eq(password, p->password) && !p->password_refused;
	if (m->tries >= RMX_TRIES || !right) {
		/* wrong passwords lock the account, and then the right one is refused too */
		a->code = m->tries >= RMX_TRIES ? RMX_LOCKED : RMX_LOGIN_FAILED;
		lab_log(a->now, "login-refused", p->name, "user", user, "why",
			a->code == RMX_LOCKED ? "locked" : "wrong", NULL);
		m->tries += !right && m->tries < RMX_TRIES;
		return;
	}
	m->tries = 0;
	struct rmx_session *s = &m->sessions[0];
	for (size_t i = 0; i < RMX_SESSIONS; i++) /* a free one, else the one that is silent
						   * longest */
		if (m->sessions[i].last < s->last)
			s = &m->sessions[i];
	s->token = 100 + ++m->ids;
	s->user_token = s->token;
	s->last = mono;
	lab_log(a->now, "login", p->name, "user", user, NULL);
	buf_printf(&a->out,
		"<MCU_TOKEN>%d</MCU_TOKEN>\n<MCU_USER_TOKEN>%d</MCU_USER_TOKEN>\n<API_NUMBER>860</"
		"API_NUMBER>\n"
		"<PRODUCT_TYPE>RPCS_1800</PRODUCT_TYPE>\n<SESSION_TIMEOUT_IN_MINUTES>%d</"
		"SESSION_TIMEOUT_IN_MINUTES>\n"
		"<TOTAL_NUMBER_OF_PARTICIPANTS>%d</"
		"TOTAL_NUMBER_OF_PARTICIPANTS>\n<MAX_LINE_RATE>6144</MAX_LINE_RATE>\n",
		s->token, s->user_token, p->drop_idle ? 1 : RMX_SESSION_MIN, p->ports);
}

/* ---- one document ---- */

static void
run(struct rmx_ask *a, const char *transaction, const char *action, xmlNode *common, int64_t mono)
{
	if (str_eq(transaction, "TRANS_MCU") && str_eq(action, "LOGIN")) {
		login(a, mono);
		return;
	}
	if (!known_session(a->m, common, mono)) {
		a->code = RMX_NO_SESSION;
		return;
	}
	if (str_eq(transaction, "TRANS_MCU") && str_eq(action, "GET_STATE")) {
		buf_puts(&a->out, "<MCU_STATE><ID>1</ID><DESCRIPTION>Normal</DESCRIPTION>"
			"<NUMBER_OF_ACTIVE_ALARMS>0</NUMBER_OF_ACTIVE_ALARMS></MCU_STATE>\n");
		return;
	}
	for (const struct rmx_action *r = rmx_actions; r->name; r++)
		if (str_eq(r->transaction, transaction) && str_eq(r->name, action)) {
			r->run(a);
			return;
		}
	a->code = RMX_UNKNOWN_ACTION;
}

static void
write_status(xmlNode *common, int code, struct buf *out)
{
	char one[32], two[32], message[32];
	rmx_get(common, "ASYNC/YOUR_TOKEN1", one, sizeof one);
	rmx_get(common, "ASYNC/YOUR_TOKEN2", two, sizeof two);
	rmx_get(common, "MESSAGE_ID", message, sizeof message);
	buf_printf(out, "<RETURN_STATUS>\n<ID>%d</ID>\n", code);
	rmx_element(out, "DESCRIPTION", rmx_return_text(code));
	rmx_element(out, "YOUR_TOKEN1", one);
	rmx_element(out, "YOUR_TOKEN2", two);
	rmx_element(out, "MESSAGE_ID", message);
	buf_puts(out, "<DESCRIPTION_EX/>\n</RETURN_STATUS>\n");
}

void
rmx_document(struct rmx *m, const char *body, size_t n, int64_t now, int64_t mono, struct buf *out)
{
	struct rmx_ask a = { .m = m, .now = now };
	xmlDoc *doc = xmlReadMemory(body, (int)n, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	xmlNode *common = rmx_child(root, "TRANS_COMMON_PARAMS");
	char response[64] = "RESPONSE_TRANS_MCU", action[64] = "";
	a.args = rmx_child(rmx_child(root, "ACTION"), NULL);
	bool fault = bridge_fault(&m->b);
	if (root && str_starts((const char *)root->name, "TRANS_") && common && a.args) {
		rmx_response_name((const char *)root->name, response, sizeof response);
		str_copy(action, sizeof action, (const char *)a.args->name);
		if (fault)
			lab_log(now, "fault", m->b.plan->name, "method", action, NULL);
		else
			run(&a, response + strlen("RESPONSE_"), action, common, mono);
	} else {
		a.code = RMX_MALFORMED;
	}
	buf_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s>\n", response);
	write_status(common, fault ? m->b.plan->fault_code : (int)a.code, out);
	buf_puts(out, "<ACTION>\n");
	if (action[0]) {
		buf_printf(out, "<%s>\n", action);
		if (!fault)
			buf_add(out, buf_str(&a.out), a.out.n);
		buf_printf(out, "</%s>\n", action);
	}
	buf_printf(out, "</ACTION>\n</%s>\n", response);
	buf_free(&a.out);
	if (doc)
		xmlFreeDoc(doc);
}

/* ---- the lab's hooks ---- */

static void
answer(void *owner, const struct web_request *rq, struct web_reply *out)
{
	struct rmx *m = owner;
	out->type = "application/xml";
	if (!str_eq(rq->method, "POST") || rq->too_large) {
		out->status = rq->too_large ? 413 : 405;
		return;
	}
	fleet_lock();
	rmx_document(m, buf_str(&rq->body), rq->body.n, clock_now(), clock_mono(), &out->body);
	fleet_unlock();
}

static bool
serves(void *owner, int64_t now)
{
	const struct rmx *m = owner;
	return bridge_serves(&m->b, now);
}

bool
rmx_start(const struct scenario *s, const char *dir, int64_t now)
{
	boxes = xalloc((s->mcus.n + 1) * sizeof *boxes);
	for (size_t i = 0; i < s->mcus.n; i++) {
		if (!str_eq(s->mcus.at[i].adapter, "poly-rmx"))
			continue;
		struct rmx *m = &boxes[boxes_n++];
		m->b.plan = &s->mcus.at[i];
		m->b.kind = &rmx_kind;
		m->b.started = now - 9 * 86400000LL;
		m->web = (struct web){
			.plan = m->b.plan,
			.owner = m,
			.serves = serves,
			.answer = answer,
			.parallel = PARALLEL,
		};
		if (!web_start(&m->web, dir))
			return false;
	}
	return true;
}

void
rmx_tick(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++) {
		bridge_tick(&boxes[i].b, now);
		rmx_conferences_tick(&boxes[i], now);
	}
}

void
rmx_follow(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		web_follow(&boxes[i].web, now);
}

bool
rmx_dial_in(struct site *s, const char *name, const char *address, int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		if (bridge_is_called(&boxes[i].b, name, address))
			return bridge_dial_in(&boxes[i].b, s, now);
	return false;
}

void
rmx_stop(void)
{
	for (size_t i = 0; i < boxes_n; i++)
		web_stop(&boxes[i].web);
}
