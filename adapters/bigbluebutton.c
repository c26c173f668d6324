/* BigBlueButton: attendance, and nothing else.
 *
 * Called by lanes on worker threads, one at a time. Owns the HTTP handle in the lane's session;
 * what comes back is read in bigbluebutton_parse.c. Must never call anybody (there is no way to),
 * end a meeting that it did not make, or take a joined microphone for a heard one.
 *
 *   GET /bigbluebutton/api/CALL?QUERY&checksum=H
 *                                                  H = hash of CALL QUERY SECRET, over the query as
 *       it is sent; the secret is the device's password, nobody logs in
 *   < 200 <response><returncode>SUCCESS|FAILED</returncode><messageKey/><message/>..
 *
 *   getMeetings                        < meetings/meeting* { meetingName, meetingID }
 *   getMeetingInfo?meetingID=M         < attendees/attendee* { userID, fullName, hasJoinedVoice, ..
 *     }
 *   create?meetingID=M&name=N          twice is SUCCESS with duplicateWarning
 *   end?meetingID=M                    (without a path: its version, unsigned)
 *
 * People come with their browsers; a site is known by the userID that its link to join gives, which
 * is its address in the directory. SHA-1 unless the url says ?checksum=sha256, sha384 or
 * sha512.
 *
 * Source: docs.bigbluebutton.org, API reference. No server was at hand. */
#include "adapters/bigbluebutton.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/query.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>

enum { MOST_BODY = 4 << 20, LEGS_MOST = 2000 };

struct session {
	struct http *http;
	const char *base; /* "" or, where the url names no path, the usual one */
	char kind[16];	  /* of checksum */
};

/* ---- one call ------------------------------------------------------------------------------ */

/* query: "?a=b&c=d" or NULL. again: asked a second time, once, when cut off. */
static enum err
once(struct task *t, struct lane *l, const char *call, const struct buf *query, bool again,
	const char *what, struct bbb_answer *out)
{
	struct session *s = l->session;
	struct http_reply r;
	struct err_text why = { 0 };
	struct buf path = { 0 };
	char sum[BBB_SUM_SIZE];
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	const char *text = query && query->n ? buf_str(query) : "", *secret = l->device->password;
	bbb_checksum(call, *text ? text + 1 : "", secret ? secret : "", s->kind, sum);
	buf_printf(&path, "%s/api/%s%s", s->base, call, text);
	query_put(&path, "checksum", sum);
	enum err e = device_ask(t, s->http,
		&(struct http_request){ .path = arena_strdup(t->arena, path.at) }, again, &r);
	buf_free(&path);
	if (e)
		return e;
	if (r.status < 200 || r.status > 299)
		return task_fail(t, device_refusal(r.status), "%s on %s: HTTP status %d", what,
			l->device->name, r.status);
	if (bbb_read(t->arena, r.body, r.len, out, &why))
		return task_fail(t, ERR_PROTOCOL, "%s on %s: %s", what, l->device->name, why.text);
	if (out->failed)
		return out->class == ERR_AUTH
			       ? task_fail_as(t, out->class, "login-refused", "%s on %s: %s", what,
					 l->device->name, out->failed)
			       : task_fail(t, out->class, "%s on %s: %s", what, l->device->name,
					 out->failed);
	return OK;
}

/* What only reads, or says the same thing twice if it is said twice. */
static enum err
ask(struct task *t, struct lane *l, const char *call, const struct buf *query, const char *what,
	const struct xml **out)
{
	struct bbb_answer a;
	enum err e = once(t, l, call, query, true, what, &a);
	if (e == OK)
		*out = a.root;
	return e;
}

static enum err
ask_of(struct task *t, struct lane *l, const char *call, const struct conference *c,
	const char *what, const struct xml **out)
{
	struct buf query = { 0 };
	if (str_empty(c->id))
		return task_fail(t, ERR_INPUT, "%s on %s: no meeting", what, l->device->name);
	query_put(&query, "meetingID", c->id);
	enum err e = ask(t, l, call, &query, what, out);
	buf_free(&query);
	return e;
}

/* ---- session ------------------------------------------------------------------------------- */

static enum err
bbb_open(struct task *t, struct lane *l)
{
	struct session *s = arena_alloc(l->arena, sizeof *s);
	const struct xml *root;
	char none[BBB_SUM_SIZE];
	str_copy(s->kind, sizeof s->kind, "sha1");
	query_option(l->device->url, "checksum", s->kind, sizeof s->kind);
	if (!bbb_checksum("", "", "", s->kind, none))
		return task_fail(t, ERR_INPUT,
			"log in on %s: checksum=%s in the url is not sha1, sha256, sha384 or "
			"sha512",
			l->device->name, s->kind);
	const char *host = strstr(l->device->url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	s->base = path && path[1] && path[1] != '?' ? "" : "/bigbluebutton";
	enum err e = device_http(t, l, HTTP_AUTH_NONE, MOST_BODY, &s->http);
	if (e)
		return e;
	l->session = s;
	e = ask(t, l, "getMeetings", NULL, "log in", &root);
	if (e)
		device_close(t, l);
	return e;
}

/*  > GET /bigbluebutton/api      < <version>2.0</version><bbbVersion/>  */
static enum err
bbb_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct session *s = l->session;
	struct http_reply r;
	struct bbb_answer a;
	struct err_text why = { 0 };
	*out = (struct identity){ 0 };
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	enum err e = device_ask(t, s->http,
		&(struct http_request){ .path = arena_printf(t->arena, "%s/api", s->base) }, true,
		&r);
	if (e)
		return e;
	if (bbb_read(t->arena, r.body, r.len, &a, &why))
		return task_fail(t, ERR_PROTOCOL, "probe on %s: %s", l->device->name, why.text);
	const char *version = xml_text(a.root, "bbbVersion");
	version = str_empty(version) ? xml_text(a.root, "version") : version;
	str_copy(out->model, sizeof out->model, "BigBlueButton");
	str_copy(out->software, sizeof out->software, version ? version : "");
	return OK;
}

/* ---- meetings ------------------------------------------------------------------------------ */

static enum err
bbb_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	const struct xml *root;
	enum err e = ask(t, l, "getMeetings", NULL, "list meetings", &root);
	if (e)
		return e;
	for (const struct xml *x = xml_child(xml_at(root, "meetings"), "meeting"); x;
		x = xml_next(x, "meeting"))
		if (bbb_is_meeting(x, conference)) {
			device_conference(out, xml_text(x, "meetingID"), conference, false);
			return OK;
		}
	return task_fail(
		t, ERR_GONE, "find %s on %s: no such meeting", conference, l->device->name);
}

/* Made twice is made once, and the second time says so: if the first answer was lost it was made by
 * us, else somebody was quicker, and it is not ours to end. */
static enum err
bbb_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	struct bbb_answer a;
	struct buf query = { 0 };
	if (spec->layout)
		return task_fail(t, ERR_UNSUPPORTED,
			"open %s on %s: everybody lays out for himself", spec->name,
			l->device->name);
	enum err e = bbb_find(t, l, spec->name, out);
	if (e != ERR_GONE)
		return e;
	task_forgive(t);
	query_put(&query, "meetingID", spec->name);
	query_put(&query, "name", spec->name);
	if (spec->muted)
		query_put(&query, "muteOnStart", "true");
	e = once(t, l, "create", &query, false, "open a meeting", &a);
	bool lost = device_cut_off(t, e);
	if (lost) {
		task_forgive(t);
		e = once(t, l, "create", &query, false, "open a meeting", &a);
	}
	buf_free(&query);
	if (e == OK)
		device_conference(out, spec->name, spec->name, lost || !a.twice);
	return e;
}

static enum err
bbb_end(struct task *t, struct lane *l, const struct conference *c)
{
	const struct xml *root;
	return ask_of(t, l, "end", c, "end meeting", &root);
}

static enum err
bbb_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	const struct xml *root;
	size_t most = 0;
	*out = (struct roster){ 0 };
	enum err e = ask_of(t, l, "getMeetingInfo", c, "list attendees", &root);
	if (e)
		return e;
	const struct xml *list = xml_at(root, "attendees"), *first = xml_child(list, "attendee");
	if (!str_eq(xml_text(root, "meetingID"), c->id) || !list)
		return task_fail(t, ERR_PROTOCOL, "list attendees on %s: another meeting came back",
			l->device->name);
	for (const struct xml *x = first; x && most < LEGS_MOST; x = xml_next(x, "attendee"))
		most++;
	out->legs = arena_alloc(t->arena, (most + 1) * sizeof *out->legs);
	for (const struct xml *x = first; x && most--; x = xml_next(x, "attendee")) {
		struct leg leg;
		if (bbb_attendee(x, &leg))
			bbb_roster_add(out, &leg);
	}
	return OK;
}

/* This is everything we export. Nobody can be dialled, muted, sent away or written to one by one,
 * and there are no figures: who is there is all that is told. */
const struct mcu_adapter bigbluebutton_adapter = {
	.name = "bigbluebutton",
	.title = "BigBlueButton, attendance only",
	.grade = GRADE_DRAFT,
	.open = bbb_open,
	.close = device_close,
	.probe = bbb_probe,
	.find = bbb_find,
	.start = bbb_start,
	.roster = bbb_roster,
	.end = bbb_end,
};
