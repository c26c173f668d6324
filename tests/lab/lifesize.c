/* A simulated LifeSize Room 220 on its command line, over SSH or telnet. Called by shell.c and
 * polycom.c with the fleet's lock held. Owns nothing; a session's own state is in struct shell.
 * Behaviour is cited from a public Java driver for this family (CESNET shongo, LifeSizeConnector),
 * from a monitoring program (home of "status call statistics") and from the Automation Command Line
 * Interface manual (v4.6.0); never from the product.
 *
 * Own reading, told by none of them: numbers of TermCode, the words of the telnet login, what
 * columns 6, 7 and 9 of an active call hold, that "mute-device" begins as active-mic, and whether
 * what is told unasked stands before the echo or behind it (here every third time behind it). */
#include "shell.h"

#include "codec.h"
#include "log.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define EOL "\r\n"
#define PROMPT "$ "
enum { STATISTICS = 30 };

/* shongo: the blank line, then "ok,00" or "error,XX" with a hexadecimal code */
static void
verdict(int code, struct buf *out)
{
	if (code)
		buf_printf(out, EOL "error,%02x" EOL, (unsigned)code);
	else
		buf_puts(out, EOL "ok,00" EOL);
}

enum {
	MISSING_ARGUMENT = 0x07,
	INVALID_COMMAND = 0x09,
	NO_DATA = 0x0d,
	NOT_IN_CALL = 0x0e,
	INVALID_PARAMETER = 0x04
};

/* shongo, DEVICE_CALL_STATES */
static const char *
state_of(const struct leg *l, int ordinal)
{
	if (l->phase == PHASE_CONNECTED)
		return ordinal % 3 == 0 ? "Call Encrypted" : "Connected";
	if (l->incoming)
		return l->phase == PHASE_ALERTING ? "Ringback" : "Dialing";
	return l->phase == PHASE_ALERTING ? "Ringing" : "Proceeding";
}

/* shongo, getCallInfo: 0 id, 1 conference, 2 state, 3 incoming Yes or No, 4 Video, Audio or
 * Unknown, 5 remote, 8 protocol, 10 duration, which is only there once it is connected. No call: no
 * line. A name may hold the delimiter. */
static int
say_active(struct shell *s, const char *options, int64_t now, struct buf *out)
{
	const struct site *b = s->site;
	char d = strstr(options, "-D |") ? '|' : ',';
	const char *id = strstr(options, "-C ");
	if (!b->leg)
		return 0;
	int64_t wanted;
	char number[24] = "";
	if (id)
		str_copy(number, sizeof number, id + 3);
	number[strcspn(number, " ")] = '\0';
	if (id && (!str_to_int(number, 0, 1 << 30, &wanted) || wanted != b->leg->call_id))
		return 0;
	bool up = codec_in_call(b);
	buf_printf(out, "%d%c1%c%s%c%s%c%s%c%s%c%s%c1920%c%s%c", b->leg->call_id, d, d,
		state_of(b->leg, b->plan->ordinal), d, b->leg->incoming ? "No" : "Yes", d,
		!up		      ? "Unknown"
		: b->plan->no_picture ? "Audio"
				      : "Video",
		d, b->call_host ? b->call_host : "", d, b->call_name ? b->call_name : "", d, d,
		str_starts(b->plan->address, "sip:") ? "sip" : "h323", d);
	if (up) {
		long long run = (now - b->leg->connected) / 1000;
		buf_printf(out, "%c%02lld:%02lld:%02lld", d, run / 3600, run / 60 % 60, run % 60);
	}
	buf_puts(out, EOL);
	return 0;
}

/* monitoring program: packet loss in columns 11, 16, 20, 26, its sum in 12, 17, 21, 27; nothing of
 * the others */
static int
say_statistics(struct shell *s, int64_t now, struct buf *out)
{
	static const int lost_at[4] = { 12, 17, 21, 27 };
	struct media md;
	if (!codec_in_call(s->site))
		return NOT_IN_CALL;
	leg_media(s->site->leg, now, &md);
	for (int i = 0; i < STATISTICS; i++) {
		long long v = i == 0 ? s->site->leg->call_id : 0;
		for (int k = 0; k < 4; k++)
			if (lost_at[k] == i)
				v = md.lost[k / 2][k % 2];
		buf_printf(out, "%s%lld", i ? "," : "", v);
	}
	buf_puts(out, EOL);
	return 0;
}

/* monitoring program, devices_history: 25 columns up to TermCode, then figures of the media; what
 * the codes mean is told nowhere, here the word of the leg's end */
static int
say_history(struct shell *s, struct buf *out)
{
	const struct site *b = s->site;
	unsigned kept = b->past_n < LAB_PAST_CALLS ? b->past_n : LAB_PAST_CALLS;
	for (unsigned i = 0; i < kept; i++) {
		const struct past_call *c = &b->past[(b->past_n - kept + i) % LAB_PAST_CALLS];
		long long lasted = c->connected ? (c->ended - c->connected) / 1000 : 0;
		buf_printf(out,
			"%d|1|%s|%s|%s|%s|%s|2026-01-01 00:00:00|2026-01-01 "
			"00:00:00|%02lld:%02lld:%02lld|%s|h323|"
			"No|1920|1920||||||||||%d|0|0|0|0" EOL,
			c->call_id, b->plan->name, b->plan->ip, c->name ? c->name : "",
			c->host ? c->host : "", c->host ? c->host : "", lasted / 3600,
			lasted / 60 % 60, lasted % 60, c->incoming ? "Out" : "In",
			str_eq(c->why, "remoteTeardown") ? 1 : 2);
	}
	return kept ? 0 : NO_DATA;
}

/* shongo, getDeviceLoadInfo: days, hours, minutes, seconds */
static void
say_uptime(struct shell *s, int64_t now, struct buf *out)
{
	long long up = (now - site_boot(s->site, now)) / 1000;
	buf_printf(
		out, "%lld,%lld,%lld,%lld" EOL, up / 86400, up / 3600 % 24, up / 60 % 60, up % 60);
}

/* shongo, initDeviceInfo and mute(); monitoring program: call auto-answer, call auto-mute */
static int
get(struct shell *s, const char *what, int64_t now, struct buf *out)
{
	const struct lab_site *p = s->site->plan;
	if (str_eq(what, "system serial-number"))
		buf_printf(out, "C%09d,S%09d" EOL, p->ordinal, p->ordinal);
	else if (str_eq(what, "system model"))
		buf_puts(out, "LifeSize,Room 220" EOL);
	else if (str_eq(what, "system version"))
		buf_puts(out, "Room 220,LS_RM2_4.7.22 (19)" EOL);
	else if (str_eq(what, "system name"))
		buf_printf(out, "%s" EOL, p->name);
	else if (str_eq(what, "system uptime"))
		say_uptime(s, now, out);
	else if (str_eq(what, "audio mute"))
		buf_puts(out, s->site->mic_muted ? "on" EOL : "off" EOL);
	else if (str_eq(what, "audio mute-device"))
		buf_puts(out, s->mute_all ? "all" EOL : "active-mic" EOL);
	else if (str_eq(what, "call auto-answer"))
		buf_puts(out, p->auto_answer_off ? "off" EOL : "on" EOL);
	else if (str_eq(what, "call auto-mute"))
		buf_puts(out, p->muted_by_setting ? "on" EOL : "off" EOL);
	else
		return INVALID_COMMAND;
	return 0;
}

/* shongo, mute(): the order reaches only the device that "mute-device" names. The lab's rooms speak
 * into a microphone that is not the active one. */
static int
set(struct shell *s, const char *what, int64_t now)
{
	const char *v;
	if ((v = shell_after(what, "audio mute-device ")))
		s->mute_all = str_eq(v, "all");
	else if ((v = shell_after(what, "audio mute "))) {
		if (!str_eq(v, "on") && !str_eq(v, "off"))
			return INVALID_PARAMETER;
		if (s->mute_all)
			codec_set_mic(s->site, str_eq(v, "on"), now);
	} else if ((v = shell_after(what, "system message ")))
		lab_log(now, "message", s->site->plan->id, "text", v, NULL);
	else if (!str_eq(what, "help-mode off"))
		return INVALID_COMMAND;
	return 0;
}

/* shongo: dial() gives no id, hangUp() takes one or -a */
static int
control(struct shell *s, const char *what, int64_t now)
{
	const char *v;
	int64_t id;
	if ((v = shell_after(what, "call dial"))) {
		if (!v[0] || !v[1])
			return MISSING_ARGUMENT;
		codec_dial(s->site, v + 1, now);
		return 0;
	}
	if (!(v = shell_after(what, "call hangup ")))
		return INVALID_COMMAND;
	if (!s->site->leg || (!str_eq(v, "-a") && (!str_to_int(v, 0, 1 << 30, &id) ||
							  id != s->site->leg->call_id)))
		return NOT_IN_CALL;
	codec_hang_up(s->site, now);
	return 0;
}

/* manual, 4.8 note: <verb> <object> <target> [options] */
static int
obey(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	const char *rest;
	if (!line[0])
		return 0;
	if ((rest = shell_after(line, "get ")))
		return get(s, rest, now, out);
	if ((rest = shell_after(line, "set ")))
		return set(s, rest, now);
	if ((rest = shell_after(line, "control ")))
		return control(s, rest, now);
	if ((rest = shell_after(line, "status call active")))
		return say_active(s, rest, now, out);
	if (str_eq(line, "status call history -f -X -D |"))
		return say_history(s, out);
	if (str_eq(line, "status call statistics"))
		return say_statistics(s, now, out);
	return INVALID_COMMAND;
}

/* shongo, processAsynchronousMessage: they wait until something is sent; a blank line and an
 * "ok,00" that answers nothing may follow them */
static void
push(struct shell *s, bool before_echo, struct buf *out)
{
	const struct leg *l = s->site->leg;
	enum phase was;
	size_t before = out->n;
	if (shell_call_changed(s, &was)) {
		buf_printf(out, EOL "%s,%d,1,%s,Video,%s,%s" EOL,
			l && !l->incoming && s->seen != PHASE_CONNECTED ? "IC" : "CS", s->seen_call,
			l ? state_of(l, s->site->plan->ordinal) : "Terminated",
			s->site->call_host ? s->site->call_host : "",
			s->site->call_host ? s->site->call_host : "");
		if (s->commands % 2)
			buf_puts(out, EOL "ok,00" EOL);
	}
	if (s->seen_mic != s->site->mic_muted) {
		s->seen_mic = s->site->mic_muted;
		buf_printf(out, EOL "MS,%s" EOL, s->seen_mic ? "true" : "false");
	}
	if (out->n > before && before_echo)
		buf_puts(out, PROMPT);
}

static void
lifesize_greet(struct shell *s, int64_t now, struct buf *out)
{
	if (s->stage == SHELL_IN)
		buf_puts(out, PROMPT);
	else
		buf_puts(out, "\xff\xfd\x18\xff\xfb\x01"
			      "login: ");
}

static void
lifesize_line(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	char copy[2001];
	str_copy(copy, sizeof copy, line);
	const char *order = str_trim(copy);
	if (s->stage == SHELL_USER) {
		str_copy(s->user, sizeof s->user, order);
		s->stage = SHELL_PASSWORD;
		buf_printf(out, "%s" EOL "Password: ", order);
	} else if (s->stage == SHELL_PASSWORD) {
		buf_puts(out, shell_login(s, order, now) ? EOL PROMPT
							 : EOL "Login incorrect" EOL "login: ");
	} else {
		bool behind = ++s->commands % 3 == 0;
		if (!behind)
			push(s, true, out);
		buf_printf(out, "%s" EOL, order);
		if (behind)
			push(s, false, out);
		int code = obey(s, order, now, out);
		verdict(code, out);
		buf_puts(out, PROMPT);
	}
}

static void
lifesize_unasked(struct shell *s, int64_t now, struct buf *out)
{
}

const struct shell_kind lifesize_shell = { lifesize_greet, lifesize_line, lifesize_unasked };
