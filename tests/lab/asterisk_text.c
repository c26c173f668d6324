/* The simulated Asterisk's forms: causes, instants, channels, bridges and figures as JSON. Called
 * by asterisk*.c and by its unit test. Pure; owns nothing. */
#include "asterisk.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* seen: 404, a dial that timed out, and goodbyes of either side; source, SIP answers to Q.850: the
 * others. A dead leg is never given up without rtp_timeout. */
static const struct ast_cause causes[] = {
	{ "busy", 17, 486 },
	{ "rejected", 21, 603 },
	{ "noAnswer", 19, 480 },
	{ "destinationUnreachable", 19, 480 },
	{ "dnsFailed", 1, 404 },
	{ "noGatekeeperForDN", 1, 404 },
	{ "capabilityNegotiationError", 58, 488 },
	{ "portAllocationExceeded", 34, 503 },
	{ "networkError", 44, 0 },
	{ "restart", 0, 0 },
	{ NULL, 16, 0 },
};

const struct ast_cause *
ast_cause_of(const char *why)
{
	const struct ast_cause *c = causes;
	while (c->why && !str_eq(c->why, why))
		c++;
	return c;
}

const char *
ast_cause_text(int q850)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = { { 0, "Unknown" }, { 1, "Unallocated (unassigned) number" },
		{ 16, "Normal Clearing" }, { 17, "User busy" }, { 19, "User alerting, no answer" },
		{ 21, "Call Rejected" }, { 34, "Circuit/channel congestion" },
		{ 44, "Requested channel not available" },
		{ 58, "Bearer capability not available" } };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].code == q850)
			return texts[i].text;
	return "Unknown";
}

const char *
ast_time(int64_t at, char out[40])
{
	time_t s = (time_t)(at / 1000);
	struct tm tm;
	gmtime_r(&s, &tm);
	size_t n = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 40 - n, ".%03d+0000", (int)(at % 1000));
	return out;
}

/* seen: Down until 180 or 183, Ringing, Up; a channel that came in is Ring until it is answered,
 * which here its dialplan has done already */
static const char *
state(const struct leg *l)
{
	return l->phase == PHASE_CONNECTED ? "Up" : l->phase == PHASE_ALERTING ? "Ringing" : "Down";
}

json_t *
ast_json_channel(const struct ast_chan *c)
{
	char made[40], data[320];
	bool in = c->b.leg.incoming;
	snprintf(data, sizeof data, "%s%s%s", c->app, *c->args ? "," : "", c->args);
	return json_pack(
		"{s:s,s:s,s:s,s:s,s:{s:s,s:s},s:{s:s,s:s},s:s,s:{s:s,s:s,s:i,s:s,s:s},s:s,s:s}",
		"id", c->id, "name", c->name, "state", state(&c->b.leg), "protocol_id", "1@lab",
		"caller", "name", "", "number", in ? c->b.name : "", "connected", "name", "",
		"number", "", "accountcode", "", "dialplan", "context", "in", "exten", "s",
		"priority", 1, "app_name", c->in_app ? "Stasis" : "AppDial2", "app_data",
		c->in_app ? data : "(Outgoing Line)", "creationtime", ast_time(c->created, made),
		"language", "en");
}

json_t *
ast_json_room(const struct asterisk *m, const struct ast_room *r)
{
	char made[40];
	json_t *ids = json_array();
	for (size_t i = 0; i < m->b.legs.n; i++) {
		const struct ast_chan *c = (const struct ast_chan *)m->b.legs.at[i];
		if (!c->b.dead && c->in == r)
			json_array_append_new(ids, json_string(c->id));
	}
	/* seen: two are bridged simply, three and more are mixed */
	json_t *out = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id", r->id, "technology",
		json_array_size(ids) > 2 ? "softmix" : "simple_bridge", "bridge_type", "mixing",
		"bridge_class", "stasis", "creator", "Stasis", "name", r->name, "creationtime",
		ast_time(r->created, made), "video_mode", *r->seen ? "single" : "talker");
	json_object_set_new(out, "channels", ids);
	if (*r->seen)
		json_object_set_new(out, "video_source_id", json_string(r->seen));
	return out;
}

/* ARI, RTPstat: of the sound alone; seconds. seen: it sends from the moment it is in a bridge with
 * others; source: txploss and rxjitter are what the far end reports, rtt is 0 until it does, and
 * the measured jitter of what arrives stands in txjitter. */
json_t *
ast_json_statistics(const struct ast_chan *c, int64_t now)
{
	struct media md;
	leg_media(&c->b.leg, now, &md);
	int64_t up = c->b.leg.connected ? now - c->b.leg.connected : 0;
	bool told = md.flowing[0][0] && md.live_ms > 5000;
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:s,s:f,s:f,s:f}", "txcount",
		(json_int_t)(c->in ? up / 20 : 0), "rxcount", (json_int_t)md.packets[0][0],
		"txploss", (json_int_t)(told ? md.lost[0][1] : 0), "rxploss",
		(json_int_t)md.lost[0][0], "local_ssrc", (json_int_t)1347456072, "remote_ssrc",
		(json_int_t)(md.packets[0][0] ? 1775233890 : 0), "txoctetcount",
		(json_int_t)(c->in ? up / 20 * 160 : 0), "rxoctetcount",
		(json_int_t)(md.packets[0][0] * 160), "channel_uniqueid", c->id, "txjitter", 0.0025,
		"rxjitter", told ? 0.0005 : 0.0, "rtt", told ? 0.0033 : 0.0);
}

bool
ast_path(const char *pattern, const char *path, char ids[2][AST_ID])
{
	int n = 0;
	while (*pattern && *path) {
		if (*pattern != '@') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t k = strcspn(path, "/");
		if (!k || k >= AST_ID || n == 2)
			return false;
		memcpy(ids[n], path, k);
		ids[n++][k] = '\0';
		path += k;
		pattern++;
	}
	return !*pattern && !*path;
}

void
ast_fail(struct web_reply *out, unsigned status, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	out->status = status;
	ast_send(out, json_pack("{s:s}", "message", text));
}

void
ast_send(struct web_reply *out, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	buf_puts(&out->body, text ? text : "{}");
	free(text);
	json_decref(body);
}
