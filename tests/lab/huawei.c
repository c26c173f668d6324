/* A simulated Huawei TE or Box: POST /action.cgi?ActionID=... Called by codec.c under the fleet's
 * lock. Owns nothing; sessions are the box's. Bodies follow the maker's documents with their
 * misspellings: a JSON text as a string inside JSON, units as text, Rev for receive, the licence
 * number as "lisence". */
#include "huawei.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct ask {
	struct codec_box *box;
	struct site *site;
	json_t *in;
	int64_t now;
	struct buf data; /* the JSON text of the answer */
	bool failed;
};

void
huawei_wrap(const char *data, struct buf *out)
{
	buf_puts(out, "{\"success\":1,\"data\":\"");
	vis_json(out, data);
	buf_puts(out, "\"}");
}

static void
rate(struct buf *out, const char *key, bool flows, double kbps)
{
	buf_printf(out, "\"%s\":\"%.2fk\",", key, flows ? kbps : 0.0);
}

static void
loss(struct buf *out, const char *what, const char *way, int permille, int64_t lost)
{
	buf_printf(out, "\"%sLossPer%s\":\"%d.%d0%%\",\"%sLossNum%s\":%lld,", what, way,
		permille / 10, permille % 10, what, way, (long long)lost);
}

/* Documented example: rates with two digits and a k, "--" where there is nothing, the plain audio
 * called aux. */
void
huawei_call_status(const struct site *s, int64_t now, struct buf *out)
{
	struct media md;
	leg_media(s->leg, now, &md);
	int p = md.loss_permille;
	double keep = (1000 - p) / 1000.0;
	bool still = !codec_sends(s->leg, now);
	bool ar = md.flowing[0][1], vr = md.flowing[1][1];
	double arate = ar ? 63.56 * keep : 0, vrate = vr ? 1764.08 * keep : 0;
	buf_putc(out, '{');
	double send = s->plan->no_picture ? 0 : 1764.08;
	rate(out, "sendRate", !still, 63.56 + send);
	rate(out, "revRate", ar || vr, arate + vrate);
	rate(out, "videoRateSend", !still, send);
	buf_printf(out, "\"videoFrameSend\":%d,", still || !send ? 0 : 25);
	rate(out, "videoRateRev", vr, vrate);
	buf_printf(out,
		"\"videoFrameRev\":%d,\"mainFormatRev\":\"%s\",\"mainFormatSend\":\"720p\",",
		vr ? 25 : 0, vr ? "720p" : "--");
	buf_puts(out,
		"\"auxVideoRateSend\":\"--\",\"auxVideoFrameSend\":\"--\",\"auxVideoRateRev\":\"--"
		"\","
		"\"auxVideoFrameRev\":\"--\",\"auxFormatRev\":\"--\",\"auxFormatSend\":\"--\",");
	rate(out, "auxAudioRateSend", !still, 63.56);
	rate(out, "auxAudioRateRev", ar, arate);
	loss(out, "video", "Send", md.lost[1][0] ? p : 0, md.lost[1][0]);
	loss(out, "video", "Rev", md.lost[1][1] ? p : 0, md.lost[1][1]);
	buf_puts(out, "\"AuxVideoLossPerSend\":\"--\",\"auxVideoLossNumSend\":\"--\","
		      "\"auxVideoLossPerRev\":\"--\",");
	loss(out, "audio", "Send", md.lost[0][0] ? p : 0, md.lost[0][0]);
	loss(out, "audio", "Rev", md.lost[0][1] ? p : 0, md.lost[0][1]);
	long long min = (now - s->leg->connected) / 60000;
	buf_printf(out, "\"joinDay\":%lld,\"joinHour\":%lld,\"joinMin\":%lld}", min / 1440,
		min / 60 % 24, min % 60);
}

/* ---- actions ---- */

/* Sources disagree on what the numbers of callstate mean; here they differ by the box. Only
 * conftype tells. */
static void
mailbox(struct ask *a)
{
	const struct site *s = a->site;
	static const int states[3][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };
	bool up = codec_in_call(s);
	buf_printf(&a->data,
		"{\"state\":{\"callstate\":%d,\"confstate\":%d,\"conftype\":%d,\"mic\":%d,\"sip\":%"
		"d}}",
		states[s->plan->ordinal % 3][up	      ? 2
					     : s->leg ? 1
						      : 0],
		up ? 7 : 0, up ? 2 : 0, !s->mic_muted, str_starts(s->plan->address, "sip:"));
}

static void
call_status(struct ask *a)
{
	if (codec_in_call(a->site))
		huawei_call_status(a->site, a->now, &a->data);
	else
		a->failed = true;
}

static void
call_in_info(struct ask *a)
{
	const struct site *s = a->site;
	buf_printf(&a->data, "{\"callState\":%d,\"siteNum\":%d,\"callDir\":%d,\"peerName\":\"",
		s->leg ? 1 : 0, codec_in_call(s), s->leg && !s->leg->incoming);
	vis_json(&a->data, s->leg ? s->call_name : "");
	buf_printf(&a->data, "\",\"peerNum\":\"%s\"}", s->leg ? s->call_host : "");
}

static void
call_number(struct ask *a)
{
	const char *number = json_string_value(json_object_get(a->in, "szNumber"));
	if (!number)
		number = json_string_value(json_object_get(a->in, "szSiteName"));
	a->failed = !number;
	if (number)
		codec_dial(a->site, number, a->now);
}

static void
hang_up(struct ask *a)
{
	a->failed = !a->site->leg;
	if (a->site->leg)
		codec_hang_up(a->site, a->now);
}

/* A call that rings: 0 refuses it; to take it is the scenario's. */
static void
incoming(struct ask *a)
{
	if (json_integer_value(json_object_get(a->in, "ucValue")) == 0)
		hang_up(a);
}

static void
open_mic(struct ask *a)
{
	codec_set_mic(a->site, false, a->now);
}

static void
close_mic(struct ask *a)
{
	codec_set_mic(a->site, true, a->now);
}

/* Documented: MicSwitch 0 is muted, SpeakerSwitch 1 is muted */
static void
audio_params(struct ask *a)
{
	buf_printf(&a->data, "{\"MicSwitch\":%d,\"SpeakerSwitch\":0,\"Volume\":15}",
		!a->site->mic_muted);
}

static void
cameras(struct ask *a)
{
	buf_puts(&a->data, "{\"cameraList\":[{\"id\":0,\"name\":\"Camera1\",\"connected\":1}]}");
}

static void
version(struct ask *a)
{
	static const char *const models[3] = { "Box 300", "TE40", "TE20" };
	buf_printf(&a->data,
		"{\"model\":\"%s\",\"softVersion\":\"V600R006C10SPC%d\",\"lisence\":\"2102311%"
		"09d\"}",
		models[a->site->plan->ordinal % 3], 400 + a->site->plan->ordinal % 3,
		a->site->plan->ordinal);
}

static void
mac(struct ask *a)
{
	/* read so by a driver of TE40 */
	buf_printf(&a->data,
		"{\"system_wanMAC_addr\":\"\",\"system_lanMAC_addr\":\"02-00-00-01-%02X-%02x\"}",
		a->site->plan->ordinal / 256 % 256, a->site->plan->ordinal % 256);
}

static void
line_state(struct ask *a)
{
	long long min = (a->now - site_boot(a->site, a->now)) / 60000;
	buf_printf(&a->data,
		"{\"sipState\":\"%s\",\"runDay\":%lld,\"runHour\":%lld,\"runMin\":%lld}",
		str_starts(a->site->plan->address, "sip:") ? "SIP_STATE_OK" : "SIP_STATE_DISABLE",
		min / 1440, min / 60 % 24, min % 60);
}

static void
sleeping(struct ask *a)
{
	buf_puts(&a->data, "{\"isSleep\":0}");
}

static void
records(struct ask *a)
{
	const struct site *s = a->site;
	unsigned kept = s->past_n < LAB_PAST_CALLS ? s->past_n : LAB_PAST_CALLS;
	/* read so by a driver of TE20 and TE40: local times, and no cause */
	buf_puts(&a->data, "{\"CallList\":[");
	for (unsigned k = 0; k < kept; k++) {
		const struct past_call *p = &s->past[(s->past_n - 1 - k) % LAB_PAST_CALLS];
		char from[INSTANT_SIZE], to[INSTANT_SIZE];
		buf_printf(&a->data, "%s{\"aucCallCode\":\"%s\",\"aucRcdName\":\"", k ? "," : "",
			p->host ? p->host : "");
		vis_json(&a->data, p->name ? p->name : "");
		buf_printf(&a->data,
			"\",\"StartTime\":\"%s\",\"StopTime\":\"%s\",\"uwCallRate\":159}",
			instant_local(p->dialed, "%d/%m/%Y %H:%M:%S", from, sizeof from),
			instant_local(p->ended, "%d/%m/%Y %H:%M:%S", to, sizeof to));
	}
	buf_puts(&a->data, "]}");
}

static const struct {
	const char *name;
	void (*run)(struct ask *a);
} actions[] = {
	{ "WEB_GetMailboxDataAPI", mailbox },
	{ "WEB_GetCallStatusInfoAPI", call_status },
	{ "WEB_GetCallInInfoAPI", call_in_info },
	{ "WEB_CallNumberAPI", call_number },
	{ "WEB_CallSiteAPI", call_number },
	{ "WEB_HangupCallAPI", hang_up },
	{ "WEB_CancelCallAPI", hang_up },
	{ "WEB_IncomingCallProcAPI", incoming },
	{ "WEB_OpenMicAPI", open_mic },
	{ "WEB_CloseMicAPI", close_mic },
	{ "WEB_InitAudioCtrlParamsAPI", audio_params },
	{ "WEB_GetLocalCameraList", cameras },
	{ "WEB_GetVersionInfoAPI", version },
	{ "WEB_GetSystemMacAddrAPI", mac },
	{ "WEB_GetLineStateInfoAPI", line_state },
	{ "WEB_IsSystemSleepAPI", sleeping },
	{ "WEB_GetP2PCallRecordsAPI", records },
};

/* ---- login in three steps ---- */

static void
give_cookie(const struct codec_session *s, struct codec_reply *out)
{
	snprintf(out->cookies[0], sizeof out->cookies[0], "SessionID=%s; Path=/; Secure; HttpOnly",
		s->id);
}

static struct codec_session *
session_of(struct codec_box *box, const struct codec_request *rq, int64_t now, int64_t mono)
{
	char id[60];
	if (!codec_cookie(rq->cookie, "SessionID", id, sizeof id))
		str_copy(id, sizeof id, rq->session);
	struct codec_session *s = codec_session_find(box, id, now);
	if (s && mono - s->last > HUAWEI_KEEPALIVE_MS) {
		lab_log(now, "session-silent", box->site->plan->id, NULL);
		*s = (struct codec_session){ 0 };
		return NULL;
	}
	return s;
}

/* The silent ones make room: these boxes end them by themselves. */
static void
request_session(struct ask *a, int64_t mono, struct codec_reply *out)
{
	for (int i = 0; i < CODEC_SESSIONS; i++)
		if (mono - a->box->sessions[i].last > HUAWEI_KEEPALIVE_MS)
			a->box->sessions[i] = (struct codec_session){ 0 };
	struct codec_session *s = codec_session_begin(a->box, a->now, mono);
	a->failed = !s;
	if (!s)
		return;
	give_cookie(s, out);
	buf_puts(&a->data, "{\"acSessionId\":\"\",\"szTermType\":\"TE40\"}");
}

static void
request_certificate(struct ask *a, struct codec_session *s)
{
	const char *user = json_string_value(json_object_get(a->in, "user"));
	const char *password = json_string_value(json_object_get(a->in, "password"));
	if (!s || !codec_login(a->box, user ? user : "", password ? password : "", a->now)) {
		a->failed = true;
		return;
	}
	lab_log(a->now, "login", a->site->plan->id, "user", user, NULL);
	s->authorised = true;
	buf_printf(&a->data, "{\"acCSRFToken\":\"%s\"}", s->token);
}

/* Some boxes do not know this step and go on with the old name. */
static void
change_session(struct ask *a, struct codec_session *s, struct codec_reply *out)
{
	char token[40];
	a->failed = !s || !s->authorised || a->site->plan->ordinal % 3 == 0;
	if (a->failed)
		return;
	str_copy(token, sizeof token, s->token);
	codec_session_rename(a->box, s);
	str_copy(s->token, sizeof s->token, token);
	give_cookie(s, out);
	buf_puts(&a->data, "{}");
}

static bool
is_step(const char *action, const char *name)
{
	/* the TE40's own page says Web_ and leaves API out */
	size_t n = strlen(name);
	return (str_starts(action, "WEB_") || str_starts(action, "Web_")) &&
	       strncmp(action + 4, name, n) == 0 &&
	       (!action[4 + n] || str_eq(action + 4 + n, "API"));
}

static void
obey(struct ask *a, const struct codec_request *rq, int64_t mono, struct codec_reply *out)
{
	struct codec_session *s = session_of(a->box, rq, a->now, mono);
	if (is_step(rq->action, "RequestSessionID")) {
		request_session(a, mono, out);
		return;
	}
	if (is_step(rq->action, "RequestCertificate")) {
		request_certificate(a, s);
		return;
	}
	const char *token = json_string_value(json_object_get(a->in, "acCSRFToken"));
	a->failed = !s || !s->authorised || !token || !str_eq(token, s->token);
	if (a->failed)
		return;
	if (is_step(rq->action, "ChangeSessionID")) {
		change_session(a, s, out);
		return;
	}
	if (str_eq(rq->action, "WEB_GetMailboxDataAPI"))
		s->last = mono;
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (str_eq(actions[i].name, rq->action)) {
			actions[i].run(a);
			return;
		}
	a->failed = true;
}

void
huawei_answer(struct codec_box *box, const struct codec_request *rq, int64_t now, int64_t mono,
	struct codec_reply *out)
{
	struct ask a = { .box = box, .site = box->site, .now = now };
	if (!str_eq(rq->path, "/action.cgi") || !str_eq(rq->method, "POST")) {
		out->status = 404;
		return;
	}
	out->type = box->site->plan->ordinal % 2 ? "text/plain" : "application/json";
	a.in = json_loads(buf_str(&rq->body), 0, NULL);
	obey(&a, rq, mono, out);
	if (a.failed) /* documented shape; the numbers say nothing to us */
		buf_puts(&out->body, "{\"success\":0,\"error\":{\"id\":100666995,\"code\":33558532,"
				     "\"params\":[]}}");
	else
		huawei_wrap(a.data.n ? buf_str(&a.data) : "{}", &out->body);
	buf_free(&a.data);
	json_decref(a.in);
}
