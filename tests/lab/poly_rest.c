/* A simulated Poly G7500 or Studio X: the REST interface of VideoOS. Called by codec.c under the
 * fleet's lock. Owns nothing; sessions are the box's. Bodies are those of the vendor's references
 * and of captures of a Studio X30; figures come from the same leg that the simulated MCU shows,
 * seen from the other end. */
#include "codec.h"

#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { BOOT_MS = 200 * 1000 }; /* after a restart the interface is not there for so long, scaled */

/* References: from about 4.0 on a token guards every request */
static bool
has_xsrf(const struct site *s)
{
	return s->plan->ordinal % 2;
}

static const char *
boolean(bool is)
{
	return is ? "true" : "false";
}

static void
text(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "\"%s\":\"", key);
	vis_json(out, value ? value : "");
	buf_putc(out, '"');
}

/* ---- sessions ---- */

static void
open_session(struct codec_box *box, const struct codec_request *rq, int64_t now, int64_t mono,
	struct codec_reply *out)
{
	json_t *in = json_loads(buf_str(&rq->body), 0, NULL);
	const char *user = json_string_value(json_object_get(in, "user"));
	const char *password = json_string_value(json_object_get(in, "password"));
	bool right = codec_login(box, user ? user : "", password ? password : "", now);
	struct codec_session *s = right ? codec_session_begin(box, now, mono) : NULL;
	if (!s) {
		out->status = right ? 503 : 401; /* not in our notes which ones */
		buf_printf(&out->body, "{\"success\":false,\"reason\":\"%s\"}",
			right ? "SessionsExceeded" : "LoginFailed");
		json_decref(in);
		return;
	}
	lab_log(now, "login", box->site->plan->id, "user", user, NULL);
	snprintf(out->cookies[0], sizeof out->cookies[0], "session_id=%s; Path=/; Secure; HttpOnly",
		s->id);
	if (has_xsrf(box->site))
		snprintf(out->cookies[1], sizeof out->cookies[1], "XSRF-TOKEN=%s; Path=/; Secure",
			s->token);
	buf_puts(&out->body, "{\"success\":true,\"session\":{\"role\":\"ADMIN\",");
	text(&out->body, "sessionId", s->id);
	buf_puts(&out->body, ",\"clientType\":\"WEB\",");
	text(&out->body, "userId", user);
	buf_puts(&out->body, "}}");
	json_decref(in);
}

static struct codec_session *
session_by_token(struct codec_box *box, const struct codec_request *rq, int64_t now)
{
	char id[60], token[60];
	codec_cookie(rq->cookie, "session_id", id, sizeof id);
	struct codec_session *s = codec_session_find(box, id, now);
	if (s && has_xsrf(box->site) &&
		(!codec_cookie(rq->cookie, "XSRF-TOKEN", token, sizeof token) ||
			!str_eq(token, s->token) || !str_eq(rq->xsrf, s->token)))
		return NULL;
	return s;
}

/* ---- calls ---- */

static int64_t
own_time(const struct site *s, int64_t at)
{
	return s->plan->ordinal % 3 ? at : at - 3600 * 1000;
}

/* Captured from a Studio X30 (3.10): ids are texts, and what only rings is in a conference named
 * PENDING without terminals; a driver in use (3.2, 4.0) shows numbers. Even places the one, odd ones
 * the other. */
static bool
has_text_ids(const struct site *s)
{
	return s->plan->ordinal % 2 == 0;
}

static void
one_conference(const struct site *s, int64_t now, struct buf *out)
{
	const struct leg *l = s->leg;
	bool up = codec_in_call(s), texts = has_text_ids(s), pending = texts && !up;
	const char *quote = texts ? "\"" : "";
	buf_printf(out,
		"{\"id\":%s%s%s,\"isActive\":%s,\"startTime\":%lld,\"duration\":%lld,"
		"\"isMute\":%s,\"connections\":[{\"id\":%s%d%s,"
		"\"href\":\"/rest/conferences/0/connections/%d\",\"state\":\"%s\","
		"\"direction\":\"%s\",",
		quote, pending ? "PENDING" : "0", quote, boolean(up),
		(long long)(up ? l->connected : l->dialed),
		(long long)(up ? (now - l->connected) / 1000 : 0), boolean(s->mic_muted), quote,
		l->call_id, quote, l->call_id, up ? "CONNECTED" : "RINGING",
		l->incoming ? "OUTGOING" : "INCOMING");
	text(out, "address", s->call_host);
	buf_puts(out, "}],\"terminals\":[");
	if (!pending) {
		buf_putc(out, '{');
		text(out, "address", s->call_host);
		buf_putc(out, ',');
		text(out, "systemID", s->call_name);
		buf_putc(out, '}');
	}
	buf_puts(out, "]}");
}

/* Captured: beside the call an empty conference for the next one. */
static void
put_conferences(const struct site *s, int64_t now, struct buf *out)
{
	buf_putc(out, '[');
	if (s->leg)
		one_conference(s, now, out);
	if (s->leg && codec_in_call(s) && has_text_ids(s))
		buf_puts(out, ",{\"connections\":[],\"terminals\":[],\"id\":\"PENDING\","
			      "\"startTime\":null,\"isMute\":false,\"isPendingConference\":true,"
			      "\"isActive\":false,\"duration\":0}");
	buf_putc(out, ']');
}

static void
stream(struct buf *out, const struct site *s, const struct media *md, int m, bool rx, int64_t now)
{
	static const char *const names[2][2] = { { "audioTx", "audioRx" },
		{ "videoTx", "videoRx" } };
	int rate = m ? 1872 : 48, o = s->plan->ordinal;
	bool flows = rx ? md->flowing[m][1] : codec_sends(s->leg, now);
	int actual = flows ? rate * (rx ? 1000 - md->loss_permille : 1000) / 1000 : 0;
	buf_printf(out,
		"{\"mediaDirection\":\"%s\",\"mediaType\":\"%s\",\"mediaStream\":\"%s\","
		"\"mediaAlgorithm\":\"%s\","
		"\"mediaFormat\":\"%s\",\"bitRate\":%d,\"actualBitRate\":%d,",
		rx ? "RX" : "TX", m ? "VIDEO" : "AUDIO", names[m][rx], m ? "H.264" : "G.722.1C",
		m ? flows ? "720p" : "---" : "", rate, actual);
	if (m)
		buf_printf(out, "\"frameRate\":30,\"actualFrameRate\":%d,",
			flows ? 30 - (rx ? md->loss_permille / 40 : 0) : 0);
	buf_printf(out,
		"\"jitter\":%d,\"packetLoss\":%lld,\"percentPacketLoss\":%d.%d,"
		"\"qualityIndicator\":%d}",
		flows ? 3 + o % 4 : 0, (long long)md->lost[m][rx],
		flows ? md->loss_permille / 10 : 0, flows ? md->loss_permille % 10 : 0,
		flows ? 100 - md->loss_permille / 2 : 0);
}

static void
put_mediastats(const struct site *s, int64_t now, struct buf *out)
{
	struct media md;
	leg_media(s->leg, now, &md);
	buf_putc(out, '[');
	for (int i = 0; i < (s->plan->no_picture ? 2 : 4); i++) {
		if (i)
			buf_putc(out, ',');
		stream(out, s, &md, i / 2, i % 2, now);
	}
	buf_putc(out, ']');
}

static void
place_call(
	struct codec_box *box, const struct codec_request *rq, int64_t now, struct codec_reply *out)
{
	json_t *in = json_loads(buf_str(&rq->body), 0, NULL);
	const char *address = json_string_value(json_object_get(in, "address"));
	if (!address) {
		out->status = 400;
	} else {
		codec_dial(box->site, address, now);
		buf_printf(&out->body, "[{\"href\":\"/rest/conferences/0/connections/%d\"}]",
			box->site->leg ? box->site->leg->call_id : box->site->calls + 1);
	}
	json_decref(in);
}

static void
conferences(
	struct codec_box *box, const struct codec_request *rq, int64_t now, struct codec_reply *out)
{
	const char *rest = rq->path + strlen("/rest/conferences");
	const struct site *s = box->site;
	if (!rest[0] && str_eq(rq->method, "POST"))
		place_call(box, rq, now, out);
	else if (!rest[0])
		put_conferences(s, now, &out->body);
	else if (!s->leg || !str_starts(rest, "/0"))
		out->status = 404; /* references: normal right after a hang-up */
	else if (str_eq(rq->method, "DELETE"))
		codec_hang_up(box->site, now);
	else if (str_eq(rest, "/0/mediastats") && codec_in_call(s))
		put_mediastats(s, now, &out->body);
	else if (str_eq(rest, "/0"))
		one_conference(s, now, &out->body);
	else
		out->status = 404;
}

/* ---- the room ---- */

static void
audio(struct codec_box *box, const struct codec_request *rq, int64_t now, struct codec_reply *out)
{
	struct site *s = box->site;
	const char *rest = rq->path + strlen("/rest/audio");
	bool post = str_eq(rq->method, "POST");
	if (str_eq(rest, "/muted") && post) {
		bool on = str_starts(buf_str(&rq->body), "true");
		if (!on && !str_starts(buf_str(&rq->body), "false"))
			out->status = 400;
		else
			codec_set_mic(s, on, now);
	} else if (str_eq(rest, "/muted")) { /* references: a bare word is the whole body */
		buf_puts(&out->body, boolean(s->mic_muted));
	} else if (str_eq(rest, "/volume")) {
		buf_puts(&out->body, "39");
	} else if (str_eq(rest, "/microphones")) {
		buf_printf(&out->body,
			"[{\"hwVersion\":\"NA\",\"mute\":%d,\"number\":0,\"state\":\"MIC_STATE_%"
			"s\","
			"\"typeInString\":\"Polycom Kitten Mic\"}]",
			s->mic_muted, s->mic_muted ? "RED" : "GREEN");
	} else if (!rest[0]) {
		buf_printf(&out->body,
			"{\"muteLocked\":false,\"muted\":%s,\"numOfMicsConnected\":1,\"volume\":"
			"39}",
			boolean(s->mic_muted));
	} else {
		out->status = 404;
	}
}

/* Captured (3.10, 3.12): systemTime in milliseconds, uptime in seconds with a decimal. Their clocks
 * are as wrong as in rooms: every third is an hour slow. */
static void
put_system(const struct site *s, int64_t now, struct buf *out)
{
	buf_printf(out,
		"{\"model\":\"%s\",\"serialNumber\":\"8L%08dFA\",\"softwareVersion\":\"%s\","
		"\"build\":\"366027\","
		"\"hardwareVersion\":\"1\",\"state\":\"%s\",\"lanStatus\":{\"duplex\":\"FULL\","
		"\"speedMbps\":1000,\"state\":\"LAN_UP\"},"
		"\"uptime\":%lld.1,\"systemTime\":%lld,\"rebootNeeded\":false,",
		s->plan->ordinal % 3 ? "StudioX30" : "G7500", s->plan->ordinal,
		has_xsrf(s) ? "4.1.0" : "3.12.0", s->leg ? "AWAKE" : "ASLEEP",
		(long long)(now - site_boot(s, now)) / 1000, (long long)own_time(s, now));
	text(out, "systemName", s->plan->name);
	buf_putc(out, '}');
}

static void
ping(const struct site *s, const struct codec_request *rq, struct codec_reply *out)
{
	json_t *in = json_loads(buf_str(&rq->body), 0, NULL);
	const char *address = json_string_value(json_object_get(in, "address"));
	bool sip = str_starts(s->plan->address, "sip:"), is = address && strstr(address, "127.");
	buf_printf(&out->body,
		"{\"icmpReachable\":%s,\"responseTime\":%d,\"h323Reachable\":%s,\"sipReachable\":%"
		"s}",
		boolean(is), is ? 4 : 0, boolean(is && !sip), boolean(is && sip));
	json_decref(in);
}

/* Captured from a Studio X30 and a Group: newest first, milliseconds, seconds; causeCode was 0 in
 * all of them, and what it counts is not told. */
static void
call_log(const struct site *s, struct buf *out)
{
	unsigned kept = s->past_n < LAB_PAST_CALLS ? s->past_n : LAB_PAST_CALLS;
	buf_putc(out, '[');
	for (unsigned k = 0; k < kept; k++) {
		const struct past_call *p = &s->past[(s->past_n - 1 - k) % LAB_PAST_CALLS];
		int64_t from = p->connected ? p->connected : p->dialed;
		buf_printf(out,
			"%s{\"address\":\"%s\",\"callType\":\"UNKNOWN\",\"causeCode\":0,"
			"\"connected\":%s,"
			"\"duration\":%lld,\"endTime\":%lld,\"precedenceLevel\":\"none\",\"rate\":"
			"1920,"
			"\"rowId\":%u,\"startTime\":%lld,\"type\":\"%s\",\"outgoingCall\":%s,",
			k ? "," : "", p->host ? p->host : "", boolean(p->connected),
			(long long)(p->connected ? (p->ended - from) / 1000 : 0),
			(long long)own_time(s, p->ended), s->past_n - k,
			(long long)own_time(s, from),
			p->incoming    ? "PLACED"
			: p->connected ? "RECEIVED"
				       : "MISSED",
			boolean(p->incoming));
		text(out, "name", p->name ? p->name : "");
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

static void
fixed(const struct site *s, const struct codec_request *rq, int64_t now, struct codec_reply *out)
{
	bool sip = str_starts(s->plan->address, "sip:");
	if (str_eq(rq->path, "/rest/system"))
		put_system(s, now, &out->body);
	else if (str_eq(rq->path, "/rest/system/network/ping"))
		ping(s, rq, out);
	else if (str_eq(rq->path, "/rest/system/status"))
		buf_printf(&out->body,
			"[{\"name\":\"system.status.sipserver\",\"stateList\":[\"%s\"]},"
			"{\"name\":\"system.status.gatekeeper\",\"stateList\":[\"off\"]}]",
			sip ? "up" : "off");
	else if (str_eq(rq->path, "/rest/system/sipservers"))
		buf_puts(&out->body, sip ? "[{\"address\":\"127.0.0.1\",\"state\":\"UP\"}]" : "[]");
	else if (str_eq(rq->path, "/rest/system/h323gatekeepers"))
		buf_puts(&out->body, "[]");
	else if (str_eq(rq->path, "/rest/cameras/contentstatus"))
		buf_puts(&out->body,
			"CONTENT_IDLE"); /* captured: a bare word, though the type says JSON */
	else if (str_eq(rq->path, "/rest/cameras/near/all"))
		buf_puts(&out->body, "[{\"cameraIndex\":1,\"connected\":true,\"model\":\"Studio "
				     "X30\",\"name\":\"Camera 1\"}]");
	else if (str_eq(rq->path, "/rest/mediastats"))
		buf_puts(&out->body, "{\"vars\":[]}");
	else if (str_eq(rq->path, "/rest/calllog/entries"))
		call_log(s, &out->body);
	else
		out->status = 404;
}

/* Real time has no part here: its sessions end with the box, or when they are ended. */
void
poly_rest_answer(struct codec_box *box, const struct codec_request *rq, int64_t now, int64_t mono,
	struct codec_reply *out)
{
	struct site *s = box->site;
	bool post = str_eq(rq->method, "POST");
	out->type = "application/json";
	if (s->first_connect && site_boot(s, now) > s->first_connect &&
		now < site_boot(s, now) + BOOT_MS) {
		out->status = 503;
		return;
	}
	if (str_eq(rq->path, "/rest/session") && post &&
		!strstr(buf_str(&rq->body), "\"logout\"")) {
		open_session(box, rq, now, mono, out);
		return;
	}
	struct codec_session *ses = session_by_token(box, rq, now);
	if (!ses) {
		out->status = 403;
		return;
	}
	if (str_eq(rq->path, "/rest/session") && (post || str_eq(rq->method, "DELETE"))) {
		codec_session_end(box, ses, now);
		buf_puts(&out->body, "{\"success\":true}");
	} else if (str_eq(rq->path, "/rest/current/session/sessions")) {
		buf_putc(&out->body, '[');
		for (int i = 0, n = 0; i < CODEC_SESSIONS; i++)
			if (box->sessions[i].id[0])
				buf_printf(&out->body, "%s{\"role\":\"ADMIN\",\"userId\":\"%s\"}",
					n++ ? "," : "", s->plan->codec.user);
		buf_putc(&out->body, ']');
	} else if (str_starts(rq->path, "/rest/conferences")) {
		conferences(box, rq, now, out);
	} else if (str_starts(rq->path, "/rest/audio")) {
		audio(box, rq, now, out);
	} else if (str_eq(rq->path, "/rest/video/local/mute")) {
		buf_puts(&out->body,
			post ? "{\"success\":true,\"reason\":\"\"}" : "{\"mute\":false}");
	} else {
		fixed(s, rq, now, out);
	}
}
