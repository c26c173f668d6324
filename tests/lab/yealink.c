/* A simulated Yealink VC800 on TCP 6024. Called by shell.c with the fleet's lock held. Owns
 * nothing. Behaviour is cited from descriptions of the vendor's "API Commands Introduction"
 * (V1.08); never from the product. There is no login: who reaches the port commands the box.
 *
 * Own reading, told by none of them: units of the figures in callinfo (kbit/s, frames/s, ms, %),
 * what "callinfo all" says without a call, that orders answer with what they changed. */
#include "shell.h"

#include "codec.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EOL "\r\n"

/* V1.08: sent on connecting, and as the answer to "version" */
static void
say_version(struct buf *out)
{
	buf_puts(out, "version \"model:VC800\" \"firmware:63.345.0.30\" \"hardware:63.1.0.0\" "
		      "\"productId:63\""
		      " \"cc_version:1.8\"" EOL);
}

static const char *
state_of(const struct site *b)
{
	if (codec_in_call(b))
		return "talking";
	if (shell_setting_up(b))
		return b->leg->incoming ? "outgoing" : "ringing";
	return "idle";
}

/* V1.08: sysstatus get STATE, in a call with what it is */
static void
say_sysstatus(const struct site *b, const char *state, struct buf *out)
{
	buf_printf(out, "sysstatus get %s", state);
	if (b->leg)
		buf_printf(out,
			" \"dialstr:%s\" \"callid:%d\" \"calltype:%s\" \"protocol:%s\" "
			"\"direction:%s\"",
			b->call_host ? b->call_host : "", b->leg->call_id,
			b->plan->no_picture ? "audio" : "video",
			str_starts(b->plan->address, "sip:") ? "sip" : "h323",
			b->leg->incoming ? "out" : "in");
	buf_puts(out, EOL);
}

static void
pair(struct buf *out, const char *key, bool known, int64_t recv, int64_t sent)
{
	if (known)
		buf_printf(out, " \"%sRecv:%" PRId64 "\" \"%sSend:%" PRId64 "\"", key, recv, key,
			sent);
}

/* V1.08: one line per call, "callinfo video" or "callinfo audio", fields as "key:value" */
static void
say_callinfo(const struct site *b, int64_t now, struct buf *out)
{
	struct media md;
	leg_media(b->leg, now, &md);
	bool video = !md.no_picture, ra = md.flowing[0][1], rv = md.flowing[1][1],
	     sends = codec_sends(b->leg, now);
	int keep = 1000 - md.loss_permille;
	buf_printf(out,
		"callinfo %s \"callid:%d\" \"RemoteStr:%s\" \"direction:%s\" \"protocol:%s\" "
		"\"devInfo:%s\"",
		video ? "video" : "audio", b->leg->call_id, b->call_host ? b->call_host : "",
		b->leg->incoming ? "out" : "in",
		str_starts(b->plan->address, "sip:") ? "sip" : "h323",
		b->call_name ? b->call_name : "");
	pair(out, "TotalBw", true, (ra ? 48 : 0) + (rv ? 1748 : 0), md.kbps + 48);
	if (video) {
		buf_puts(out, " \"VResRecv:1280x720\" \"VResSend:1280x720\" \"VCodecRecv:H264\" "
			      "\"VCodecSend:H264\"");
		pair(out, "VBw", true, rv ? 1748 * keep / 1000 : 0, sends ? md.kbps : 0);
		pair(out, "VFr", true, rv ? 30 : 0, md.still ? 0 : 30);
		pair(out, "VJr", true, rv ? 6 : 0, 4);
		pair(out, "Vtpl", true, md.lost[1][1], md.lost[1][0]);
		pair(out, "Vtplp", true, md.loss_permille / 10, md.loss_permille / 10);
	}
	buf_puts(out, " \"AcodecRecv:G722\" \"AcodecSend:G722\"");
	pair(out, "ABw", true, ra ? 48 * keep / 1000 : 0, sends ? 48 : 0);
	pair(out, "ASr", true, 16, 16);
	pair(out, "AJr", true, ra ? 3 : 0, 2);
	pair(out, "Atpl", true, md.lost[0][1], md.lost[0][0]);
	pair(out, "Atplp", true, md.loss_permille / 10, md.loss_permille / 10);
	buf_puts(out, EOL);
}

static void
say_mute(const struct site *b, struct buf *out)
{
	buf_printf(out, "mute near get %s" EOL, b->mic_muted ? "on" : "off");
}

/* dial manual <video|audio|auto> <auto|sip|h323> "<speed>" "<number>" */
static bool
dial(struct shell *s, const char *args, int64_t now)
{
	char number[160];
	const char *end = strrchr(args, '"'), *from = end;
	while (from && from > args && from[-1] != '"')
		from--;
	if (!end || from == end || from == args)
		return false;
	snprintf(number, sizeof number, "%.*s", (int)(end - from), from);
	codec_dial(s->site, number, now);
	return true;
}

static const char *
obey(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	struct site *b = s->site;
	const char *rest;
	/* V1.08: case-sensitive; these two sentences are its errors */
	static const char illegal[] = "error: command has illegal parameters",
			  unknown[] = "error: command not found";
	if (str_eq(line, "version"))
		say_version(out);
	else if (str_eq(line, "sysstatus get"))
		say_sysstatus(b, state_of(b), out);
	else if (str_eq(line, "callinfo all")) {
		if (!codec_in_call(b))
			return illegal;
		say_callinfo(b, now, out);
	} else if (str_eq(line, "mute near get"))
		say_mute(b, out);
	else if (str_eq(line, "mute near on") || str_eq(line, "mute near off")) {
		codec_set_mic(b, str_eq(line, "mute near on"), now);
		s->seen_mic = b->mic_muted;
		say_mute(b, out);
	} else if ((rest = shell_after(line, "dial manual ")) ||
		   (rest = shell_after(line, "dial auto ")))
		return dial(s, rest, now) ? NULL : illegal;
	else if (str_eq(line, "button hangup")) {
		if (b->leg)
			codec_hang_up(b, now);
	} else if (str_eq(line, "donotdisturb global get"))
		buf_printf(out, "donotdisturb global get %s" EOL,
			b->plan->auto_answer_off ? "on" : "off");
	else if (str_eq(line, "volume get"))
		buf_puts(out, "volume get 6" EOL);
	else if (shell_after(line, "mute ") || shell_after(line, "dial ") ||
		 shell_after(line, "callinfo "))
		return illegal;
	else
		return unknown;
	return NULL;
}

static void
yealink_greet(struct shell *s, int64_t now, struct buf *out)
{
	s->stage = SHELL_IN;
	say_version(out);
}

static void
yealink_line(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	if (!line[0])
		return;
	s->commands++;
	if (s->commands % 7 == 3) /* V1.08: tells unasked, here before an answer */
		buf_puts(out, "storage get unavailable" EOL);
	const char *error = obey(s, line, now, out);
	if (error)
		buf_printf(out, "%s" EOL, error);
}

/* V1.08: sysstatus, incoming and mute are told to everybody who is connected; "finished" only so */
static void
yealink_unasked(struct shell *s, int64_t now, struct buf *out)
{
	const struct site *b = s->site;
	enum phase was;
	if (shell_call_changed(s, &was)) {
		bool over = was == PHASE_CONNECTED && !b->leg;
		say_sysstatus(b, over ? "finished" : state_of(b), out);
		if (s->seen == PHASE_ALERTING && !b->leg->incoming)
			buf_printf(out, "incoming \"num:%s\" \"name:%s\"" EOL,
				b->call_host ? b->call_host : "", b->call_name ? b->call_name : "");
	}
	if (s->seen_mic != b->mic_muted) {
		s->seen_mic = b->mic_muted;
		say_mute(b, out);
	}
}

const struct shell_kind yealink_shell = { yealink_greet, yealink_line, yealink_unasked };
