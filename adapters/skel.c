/* TEMPLATE of an adapter. Copy to vendor_family.c, replace the words, delete what the device cannot
 * do: a NULL operation is shown as unsupported, a guessed one is a lie. It compiles and is never
 * listed in table.c.
 *
 * Say here, in 5 to 15 lines: which family and versions; who calls it (lanes, on worker threads,
 * one task at a time unless the device's width says otherwise); what it owns (the session in the
 * lane); what it must never do.
 * Then draw the dialogue, request and answer, as it goes over the wire:
 *
 *   > POST /api/login  user, password          < 200 token
 *                                                                | 403 refused: exactly one attempt
 *   > GET  /api/calls                          < [ { "id", "state", "rx" } ]
 *
 * Name the sources: vendor guide with version, captured talk, model and software of the box it was
 * seen on.
 *
 * CHECKLIST
 *  [ ] no clock, file, global, lock, thread, sleep but task_sleep(), free, retry, decision
 *  [ ] every failure is one line: what was tried, on whom, what came back; the class is right
 *    (base/err.h)
 *  [ ] silence after an order is ERR_TIMEOUT: the outcome is unknown, and the device itself is
 *    asked
 *  [ ] a refused login is ERR_AUTH with the word "login-refused", after exactly one attempt
 *  [ ] every figure carries known; units are converted here and nowhere else; absent is not zero
 *  [ ] direction is seen from the site: what an MCU receives is FROM_SITE
 *  [ ] text is cut by str_copy() on a code point; names of legs fit the device's limit
 *  [ ] unknown words, states and fields are accepted; garbage is ERR_PROTOCOL, never a crash
 *  [ ] pages are read to the end, and the loop is bounded
 *  [ ] dial returns at once, and twice in a row gives the same leg
 *  [ ] leg.id is stable from dial to the end, and enough to address the leg in every operation
 *  [ ] evidence bits claim only what the sources say; table.c has the line; the README's table too
 *  [ ] talks: works, refuses, hangs, drops mid-answer, garbage, wrong password, canceled, one per
 *    trap */
#include "adapters/adapter.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "base/str.h"

/* ---- nouns: tables, not code ----------------------------------------------------------------- */

/* What some models do otherwise has a name here, and code asks for the quirk, never for the
 * model. */
enum quirk { QUIRK_NO_PAGES = 1 << 0 };

static const struct model models[] = {
	{ "Skel 100", QUIRK_NO_PAGES },
	{ "Skel", 0 },
	{ NULL, 0 },
};

/* The device's words for an end. Compared without case; what is not here is CAUSE_UNKNOWN. */
static const struct cause_word reasons[] = {
	{ "userBusy", CAUSE_BUSY },
	{ "noReply", CAUSE_NO_ANSWER },
	{ NULL, CAUSE_UNKNOWN },
};

/* ---- session: on the lane's arena, so it lives as long as the login -------------------------- */

struct session {
	struct http *http;
	unsigned quirks;
};

static void
skel_close(struct task *t, struct lane *l)
{
	struct session *s = l->session;
	if (!s)
		return; /* open failed half-way, or was never called */
	/* Devices count sessions: log out where there is a way, within the task's time. */
	http_close(s->http);
	l->session = NULL;
}

/* > GET /status          < 200 anything */
static enum err
skel_open(struct task *t, struct lane *l)
{
	const struct device *d = l->device;
	struct session *s = arena_alloc(l->arena, sizeof *s);
	struct http_reply r;
	enum err e = device_http(t, l, HTTP_AUTH_BASIC, 0, &s->http);
	if (e)
		return e;
	l->session = s;
	e = http_ask(t, s->http, &(struct http_request){ .path = "/status" }, &r);
	if (e == OK && r.status != 200)
		e = task_fail(t, ERR_PROTOCOL, "log in to %s: HTTP status %d", d->name, r.status);
	if (e)
		skel_close(t, l); /* a half-open session is nobody's */
	return e;
}

static enum err
skel_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct session *s = l->session;
	struct http_reply r;
	enum err e = http_ask(t, s->http, &(struct http_request){ .path = "/model" }, &r);
	if (e)
		return e; /* the wire has already said what went wrong */
	*out = (struct identity){ 0 };
	str_copy(out->model, sizeof out->model, r.body);
	for (size_t i = 0; models[i].match; i++) {
		if (!str_starts(out->model, models[i].match))
			continue;
		s->quirks = models[i].quirks;
		break;
	}
	return OK;
}

/* ---- legs ------------------------------------------------------------------------------------ */

/* > GET /calls/ID/reason          < 200 userBusy | 404 */
static enum err
skel_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct session *s = l->session;
	struct http_reply r;
	const char *path = arena_printf(t->arena, "/calls/%s/reason", leg->id);
	*out = (struct ending){ 0 };
	enum err e = http_ask(t, s->http, &(struct http_request){ .path = path }, &r);
	if (e)
		return e;
	if (r.status == 404)
		return task_fail(
			t, ERR_GONE, "why %s ended on %s: not there", leg->name, l->device->name);
	out->cause = cause_lookup(reasons, r.body);
	str_copy(out->device_words, sizeof out->device_words, r.body);
	return OK;
}

/* This is everything we export. Left out: find, start, dial, roster ... = unsupported, and shown
 * so. */
const struct mcu_adapter skel_mcu_adapter = {
	.name = "skel",
	.title = "Template",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_END_REASON,
	.open = skel_open,
	.close = skel_close,
	.probe = skel_probe,
	.reason = skel_reason,
};
