/* The simulated Asterisks of a scenario: requests in, JSON out, and the hooks of the lab's main().
 * Owns the boxes. Must never touch their state without the fleet's lock, nor log a password. */
#include "asterisk.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct asterisk *boxes;
static size_t boxes_n;

/* ARI: only the types that are allowed are told from now on */
static void
event_filter(
	struct asterisk *m, const char *app, const struct web_request *rq, struct web_reply *out)
{
	json_t *body = json_loadb(buf_str(&rq->body), rq->body.n, 0, NULL);
	json_t *list = json_object_get(body, "allowed"), *item;
	size_t i, n;
	if (!ast_listens(m, app)) {
		ast_fail(out, 404, "Application not found");
		json_decref(body);
		return;
	}
	for (int k = 0; k < AST_LISTENERS; k++) {
		struct ast_listener *l = &m->listeners[k];
		if (!l->used || l->replaced || !str_eq(l->app, app))
			continue;
		str_copy(l->allowed, sizeof l->allowed, " ");
		json_array_foreach(list, i, item)
		{
			const char *type = json_string_value(json_object_get(item, "type"));
			n = strlen(l->allowed);
			if (type && n + strlen(type) + 2 < sizeof l->allowed)
				snprintf(l->allowed + n, sizeof l->allowed - n, "%s ", type);
		}
	}
	json_decref(body);
	ast_send(out, json_pack("{s:s}", "name", app));
}

/* What is of no channel and no bridge; false: none of these. */
static bool
about_itself(struct asterisk *m, const struct web_request *rq, const char *path, int64_t now,
	struct web_reply *out)
{
	char at[40], ids[2][AST_ID];
	if (str_eq(path, "asterisk/info")) {
		ast_send(out, json_pack("{s:{s:s,s:s},s:{s:s,s:s},s:{s:s,s:s}}", "build", "os",
				      "Linux", "machine", "x86_64", "system", "version", "22.10.1",
				      "entity_id", "00:00:00:00:00:00", "status", "startup_time",
				      ast_time(m->b.started + m->b.plan->clock_off, at),
				      "last_reload_time", at));
		return true;
	}
	if (str_eq(path, "asterisk/ping")) {
		ast_send(out, json_pack("{s:s,s:s,s:s}", "ping", "pong", "timestamp",
				      ast_time(now + m->b.plan->clock_off, at), "asterisk_id",
				      "00:00:00:00:00:00"));
		return true;
	}
	if (str_eq(rq->method, "PUT") && ast_path("applications/@/eventFilter", path, ids)) {
		event_filter(m, ids[0], rq, out);
		return true;
	}
	if (str_eq(path, "events")) {
		const char *app = web_form_get(&rq->query, "app");
		if (!*rq->socket_key || !app) {
			ast_fail(out, 400, "Missing parameter app");
			return true;
		}
		str_copy(m->expected, sizeof m->expected, app);
		out->upgrade = true;
		return true;
	}
	return false;
}

void
ast_request(struct asterisk *m, const struct web_request *rq, int64_t now, struct web_reply *out)
{
	const struct lab_mcu *p = m->b.plan;
	char ids[2][AST_ID];
	bool found = false;
	out->type = "application/json";
	bool right = rq->login && str_eq(rq->user, p->user) && str_eq(rq->password, p->password) &&
		     !p->password_refused;
	if (!right) {
		lab_log(now, "login-refused", p->name, "user", rq->user, NULL);
		ast_fail(out, 401, "Authentication required");
		return;
	}
	if (bridge_fault(&m->b)) {
		lab_log(now, "fault", p->name, "method", rq->path, NULL);
		ast_fail(out, (unsigned)p->fault_code, "Internal Server Error");
		return;
	}
	const char *path = str_starts(rq->path, "/ari/") ? rq->path + 5 : "";
	if (about_itself(m, rq, path, now, out))
		return;
	for (const struct ast_route *r = ast_routes; r->method; r++) {
		if (!ast_path(r->pattern, path, ids))
			continue;
		found = true;
		if (!str_eq(r->method, rq->method))
			continue;
		struct ast_ask a = {
			.m = m, .id = ids[0], .id2 = ids[1], .rq = rq, .now = now, .out = out
		};
		r->run(&a);
		return;
	}
	ast_fail(out, found ? 405 : 404, found ? "Invalid method" : "Resource not found");
}

static void
answer(void *owner, const struct web_request *rq, struct web_reply *out)
{
	fleet_lock();
	ast_request(owner, rq, clock_now(), out);
	fleet_unlock();
}

/* ---- the lab's hooks ---- */

static bool
serves(void *owner, int64_t now)
{
	const struct asterisk *m = owner;
	return bridge_serves(&m->b, now);
}

bool
asterisk_start(const struct scenario *s, const char *dir, int64_t now)
{
	boxes = xalloc((s->mcus.n + 1) * sizeof *boxes);
	for (size_t i = 0; i < s->mcus.n; i++) {
		if (!str_eq(s->mcus.at[i].adapter, "asterisk"))
			continue;
		struct asterisk *m = &boxes[boxes_n++];
		m->b.plan = &s->mcus.at[i];
		m->b.kind = &ast_kind;
		m->b.started = now - 9 * 86400000LL;
		m->web = (struct web){ .plan = m->b.plan,
			.owner = m,
			.serves = serves,
			.answer = answer,
			.socket = ast_listen,
			.parallel = AST_PARALLEL };
		if (!web_start(&m->web, dir))
			return false;
	}
	return true;
}

void
asterisk_tick(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++) {
		bridge_tick(&boxes[i].b, now);
		ast_voices(&boxes[i], now);
	}
}

void
asterisk_follow(int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		web_follow(&boxes[i].web, now);
}

bool
asterisk_dial_in(struct site *s, const char *name, const char *address, int64_t now)
{
	for (size_t i = 0; i < boxes_n; i++)
		if (name ? str_eq(boxes[i].b.plan->name, name)
			 : strstr(address, boxes[i].b.plan->host) != NULL)
			return bridge_dial_in(&boxes[i].b, s, now);
	return false;
}

void
asterisk_stop(void)
{
	for (size_t i = 0; i < boxes_n; i++)
		web_stop(&boxes[i].web);
}
