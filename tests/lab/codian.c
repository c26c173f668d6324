/* The simulated MCU at its socket: POST /RPC2. Called by main(), the ticker and web.c, which owns
 * the daemon. Must never touch state without the fleet's lock. */
#include "codian.h"

#include "base/clock.h"
#include "base/str.h"

#include <string.h>

enum { BODY_MAX = 64 * 1024 };

static void
refuse(struct web_reply *out, unsigned status)
{
	out->status = status;
	out->type = "text/html";
	buf_printf(&out->body, "<html><body>%u</body></html>\n", status);
}

/* MCU API, transport: the box resets busy and idle sockets, as web.c does; the order may have been
 * obeyed or not. */
static void
answer(void *owner, const struct web_request *rq, struct web_reply *out)
{
	struct mcu *m = owner;
	out->type = "text/xml";
	if (!str_eq(rq->path, "/RPC2")) {
		refuse(out, 404);
	} else if (!str_eq(rq->method, "POST")) {
		refuse(out, 405);
	} else if (rq->crowded) { /* MCU API, fault 203: not many requests at a time */
		rpc_fault(&out->body, FAULT_ASYNC, "too many asynchronous requests");
	} else if (rq->too_large || rq->body.n > BODY_MAX) {
		rpc_fault(&out->body, FAULT_TOO_LARGE, "request too large");
	} else {
		/* MCU API: UTF-8 if the content type or the XML header says so, else ISO-8859-1 */
		bool latin1 = !strcasestr(rq->type, "utf-8");
		fleet_lock();
		codian_request(m, buf_str(&rq->body), rq->body.n, latin1, clock_now(), &out->body);
		fleet_unlock();
	}
}

static bool
serves(void *owner, int64_t now)
{
	fleet_lock();
	bool up = mcu_api_up(owner, now);
	fleet_unlock();
	return up;
}

bool
codian_start(struct mcu *m, const char *dir)
{
	m->web = (struct web){
		.plan = m->plan,
		.owner = m,
		.serves = serves,
		.answer = answer,
		.parallel = CODIAN_PARALLEL,
	};
	return web_start(&m->web, dir);
}

void
codian_stop(struct mcu *m)
{
	web_stop(&m->web);
}

void
codian_follow(struct mcu *m, int64_t now)
{
	web_follow(&m->web, now);
}
