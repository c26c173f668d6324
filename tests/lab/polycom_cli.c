/* What a simulated Polycom Group or HDX says on its command line. Called by the sessions of
 * polycom.c with the fleet's lock held. Owns nothing; a session's own state is in struct cli.
 * Behaviour is cited from the integrator's guides (HDX/Group) and from field reports, never from
 * the product.
 * Figures of the call come from the same leg that the simulated MCU shows, seen from the other
 * end. */
#include "polycom.h"

#include "log.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define EOL "\r\r\n" /* Group over SSH: answers end in CR CR LF */

static const char *const topics[CLI_NOTIFY] = { "callstatus", "mutestatus", "linestatus",
	"sysalert" };

bool (*cli_dial)(struct site *s, const char *address, int64_t now);

/* Group API, after login and whoami: the block ends with the line that begins SNMP Enabled */
void
cli_intro(const struct site *s, struct buf *out)
{
	buf_printf(out, "Hi, my name is :    %s" EOL, s->plan->name);
	buf_puts(out, "Here is what I know about myself:" EOL);
	buf_puts(out, "Model: RealPresence Group 700" EOL);
	buf_printf(out, "Serial Number: 8213%08dCV        Software Version: Release - 6.2.2-560110"
		"       Build Information: rel" EOL, s->plan->ordinal);
	buf_printf(out,
		"Contact Number: " EOL "Time In Last Call: 0:00:00" EOL
		"Total Time In Calls: 0:00:00" EOL "Total Calls: %d" EOL,
		s->calls);
	buf_printf(out, "Country Code: 84" EOL "Area Code: " EOL "IP Video Number: %s" EOL,
		s->plan->ip);
	buf_puts(out, "SNMP Enabled: True" EOL);
}

static bool
in_call(const struct site *s)
{
	return s->leg && s->leg->phase == PHASE_CONNECTED;
}

static bool
setting_up(const struct site *s)
{
	return s->leg && (s->leg->phase == PHASE_PROCEEDING || s->leg->phase == PHASE_ALERTING);
}

/* Group API, callinfo: three shapes of one line, by software: with the far name, with the name left
 * out together with its colon, and with an empty name */
static void
say_callinfo(struct cli *c, int64_t now, struct buf *out)
{
	const struct site *s = c->site;
	if (!in_call(s)) {
		buf_puts(out, "system is not in a call" EOL);
		return;
	}
	buf_puts(out, "callinfo begin" EOL);
	buf_printf(out, "callinfo:%d:", s->leg->call_id);
	if (s->plan->ordinal % 3 == 1)
		buf_printf(out, "%s:", s->call_name);
	else if (s->plan->ordinal % 3 == 0)
		buf_putc(out, ':');
	buf_printf(out, "%s:1920:connected:%s:%s:videocall" EOL, s->call_host,
		s->mic_muted ? "muted" : "notmuted", s->leg->incoming ? "outgoing" : "incoming");
	buf_puts(out, "callinfo end" EOL);
}

/* Group API, getcallstate: one line per line of the box, the idle ones as inactive */
static void
say_callstate(struct cli *c, int64_t now, struct buf *out)
{
	const struct site *s = c->site;
	int from = 0;
	if (s->leg) {
		buf_printf(out, "cs: call[%d] speed[1920] dialstr[%s] state[%s]" EOL,
			s->leg->call_id, s->call_host, in_call(s) ? "connected" : "ringing");
		from = 1;
	}
	for (int i = from; i < 3; i++)
		buf_printf(out, "cs: call[%d] inactive" EOL, i);
}

static void
rate(struct buf *out, const char *key, bool flows, int kbps)
{
	/* Group API, advnetstats: "<n> K"; nothing arriving is told as 0 */
	buf_printf(out, "%s:%d K", key, flows ? kbps : 0);
}

/* Group API, advnetstats: t/r transmit and receive, a/v audio and video, fr frames, pl lost, j
 * jitter */
static void
say_advnetstats(struct cli *c, int64_t now, struct buf *out)
{
	const struct site *s = c->site;
	struct media md;
	if (!in_call(s)) {
		buf_puts(out, "system is not in a call" EOL);
		return;
	}
	leg_media(s->leg, now, &md);
	bool ra = md.flowing[0][1], rv = md.flowing[1][1];
	int keep = 1000 - md.loss_permille, o = s->plan->ordinal;
	/* what the box sends it always counts as sent: only the far end knows whether it arrives */
	buf_puts(out, "call:0 tar:48 K ");
	rate(out, "rar", ra, 48 * keep / 1000);
	if (md.no_picture) { /* Group API: no channel is "---" */
		buf_puts(out,
			" tvr:--- rvr:---" EOL "tvru:--- rvru:--- tvfr:--- rvfr:--- vfe:---" EOL);
	} else {
		buf_printf(out, " tvr:%d K ", md.kbps + 124);
		rate(out, "rvr", rv, 1872);
		buf_printf(out, EOL "tvru:%d K ", md.kbps);
		rate(out, "rvru", rv, 1764 * keep / 1000);
		buf_printf(out, " tvfr:%d rvfr:%d vfe:0" EOL, md.still ? 0 : 30,
			rv ? 30 - md.loss_permille / 40 : 0);
	}
	buf_printf(out, "tapl:%lld rapl:%lld taj:%d ms raj:%d ms tvpl:%lld rvpl:%lld" EOL,
		(long long)md.lost[0][0], (long long)md.lost[0][1], 2 + o % 3, ra ? 3 + o % 4 : 0,
		(long long)md.lost[1][0], (long long)md.lost[1][1]);
	buf_printf(out, "tvj:%d ms rvj:%d ms dc:Disabled rsid:%s ccaps:---" EOL, 4 + o % 3,
		rv ? 6 + o % 5 : 0, s->call_host);
}

/* Group API, netstats: pktloss is of the sending side only and renewed every 5 s */
static void
say_netstats(struct cli *c, int64_t now, struct buf *out)
{
	const struct site *s = c->site;
	struct media md;
	if (!in_call(s)) {
		buf_puts(out, "system is not in a call" EOL);
		return;
	}
	leg_media(s->leg, now, &md);
	int rx = (md.flowing[0][1] ? 48 : 0) + (md.flowing[1][1] ? 1872 : 0);
	buf_printf(out, "call:0 txrate:1920 K rxrate:%d K pktloss:%lld %%pktloss:%d.%d %%" EOL, rx,
		(long long)(md.lost[0][0] + md.lost[1][0]), md.loss_permille / 10,
		md.loss_permille % 10);
	buf_puts(out, "tvp:H.264 rvp:H.264 tvf:1280x720 rvf:1280x720 tap:G.722.1C rap:G.722.1C "
		      "tcp:H.323 rcp:H.323" EOL);
}

static void
say_whoami(struct cli *c, int64_t now, struct buf *out)
{
	cli_intro(c->site, out);
}

/* Group API, uptime get: told in minutes, the last word is Minutes, Hours or Days */
static void
say_uptime(struct cli *c, int64_t now, struct buf *out)
{
	long long min = (now - site_boot(c->site, now)) / 60000;
	long long days = min / 1440, hours = min / 60 % 24;
	if (days)
		buf_printf(out, "%lld %s, ", days, days == 1 ? "Day" : "Days");
	if (days || hours)
		buf_printf(out, "%lld %s, ", hours, hours == 1 ? "Hour" : "Hours");
	buf_printf(out, "%lld Minutes" EOL, min % 60);
}

static void
say_mute(struct cli *c, int64_t now, struct buf *out)
{
	buf_printf(out, "mute near %s" EOL, c->site->mic_muted ? "on" : "off");
}

static void
set_mute(struct cli *c, bool on, int64_t now, struct buf *out)
{
	c->site->mic_muted = on;
	lab_log(now, on ? "mic-mute" : "mic-unmute", c->site->plan->id, NULL);
	say_mute(c, now, out);
	if (c->notify[1])
		buf_printf(out, "notification:mutestatus:near:near:near:near:%s" EOL,
			on ? "muted" : "notmuted");
}

static void
mute_on(struct cli *c, int64_t now, struct buf *out)
{
	set_mute(c, true, now, out);
}

static void
mute_off(struct cli *c, int64_t now, struct buf *out)
{
	set_mute(c, false, now, out);
}

static void
say_status(struct cli *c, int64_t now, struct buf *out)
{
	buf_printf(out,
		"inacall %s" EOL "microphones online" EOL "sipserver offline" EOL
		"gatekeeper offline" EOL "status end" EOL,
		in_call(c->site) ? "online" : "offline");
}

static void
hang_up(struct cli *c, int64_t now, struct buf *out)
{
	lab_log(now, "codec-hangup", c->site->plan->id, NULL);
	if (c->site->leg)
		leg_hang(c->site->leg, now, "remoteTeardown");
	buf_puts(out, "hanging up all" EOL);
}

/* HDX guide 4-34, Group guide 137: autoanswer get|yes|no|donotdisturb */
static void
say_auto_answer(struct cli *c, int64_t now, struct buf *out)
{
	buf_printf(out, "autoanswer %s" EOL, c->site->plan->auto_answer_off ? "no" : "yes");
}

/* HDX guide 4-228: the answer has another name than the command */
static void
say_mute_auto_answer(struct cli *c, int64_t now, struct buf *out)
{
	buf_puts(out, "muteautoanswercalls no" EOL);
}

static void
say_nothing(struct cli *c, int64_t now, struct buf *out)
{
}

static void
say_registered(struct cli *c, int64_t now, struct buf *out)
{
	/* Group: a registration repeated is answered by a line that begins info: */
	buf_puts(out, c->registered ? "info: event/notification already active:callstate" EOL
		: "callstate registered" EOL);
	c->registered = true;
}

/* notify TOPIC */
static bool
notify(struct cli *c, const char *line, struct buf *out)
{
	if (!str_starts(line, "notify "))
		return false;
	for (int i = 0; i < CLI_NOTIFY; i++) {
		if (!str_eq(line + 7, topics[i]))
			continue;
		if (c->notify[i])
			buf_printf(out, "%sevent/notification already active:%s" EOL,
				c->site->plan->ordinal % 2 ? "info: " : "", topics[i]);
		else
			buf_printf(out, "notify %s success" EOL, topics[i]);
		c->notify[i] = true;
		return true;
	}
	return false;
}

/* systemsetting get NAME */
static bool
setting(struct cli *c, const char *line, struct buf *out)
{
	static const char head[] = "systemsetting get ";
	if (!str_starts(line, head))
		return false;
	const char *name = line + sizeof head - 1;
	const struct lab_site *p = c->site->plan;
	if (str_eq_nocase(name, "model"))
		buf_puts(out, "systemsetting model \"RealPresence Group 700\"" EOL);
	else if (str_eq_nocase(name, "sipregistrarserver"))
		buf_puts(out, "systemsetting sipregistrarserver \"\"" EOL);
	else if (str_eq_nocase(name, "systemname"))
		buf_printf(out, "systemsetting systemname \"%s\"" EOL, p->name);
	else if (str_eq_nocase(name, "autoanswer"))
		buf_printf(out, "systemsetting autoanswer \"%s\"" EOL,
			p->auto_answer_off ? "no" : "yes");
	else
		return false;
	return true;
}

/* dial manual SPEED "ADDRESS" TYPE: accepted at once, what comes of it is seen later */
static bool
dial(struct cli *c, const char *line, int64_t now, struct buf *out)
{
	if (!str_starts(line, "dial "))
		return false;
	if (!str_starts(line, "dial manual ")) {
		buf_puts(out, "error: command needs more parameters to execute successfully" EOL);
		return true;
	}
	lab_log(now, "codec-dial", c->site->plan->id, "line", line, NULL);
	buf_puts(out, "dialing manual" EOL);
	if (cli_dial)
		cli_dial(c->site, line, now);
	return true;
}

static bool
hang_one(struct cli *c, const char *line, int64_t now, struct buf *out)
{
	static const char head[] = "hangup video ";
	int64_t id;
	if (!str_starts(line, head))
		return false;
	if (!str_to_int(line + sizeof head - 1, 0, 1 << 30, &id) || !c->site->leg ||
		c->site->leg->call_id != id) {
		buf_printf(out, "connection %s is not active" EOL, line + sizeof head - 1);
		return true;
	}
	lab_log(now, "codec-hangup", c->site->plan->id, NULL);
	leg_hang(c->site->leg, now, "remoteTeardown");
	buf_puts(out, "hanging up video" EOL);
	return true;
}

static const struct {
	const char *line;
	void (*say)(struct cli *c, int64_t now, struct buf *out);
	bool any_time; /* answered while a call is set up as well */
} commands[] = {
	{ "callinfo all", say_callinfo, false },
	{ "getcallstate", say_callstate, false },
	{ "advnetstats", say_advnetstats, false },
	{ "netstats", say_netstats, false },
	{ "whoami", say_whoami, true },
	{ "uptime get", say_uptime, true },
	{ "mute near get", say_mute, false },
	{ "mute near on", mute_on, false },
	{ "mute near off", mute_off, false },
	{ "status", say_status, true },
	{ "hangup all", hang_up, true },
	{ "autoanswer get", say_auto_answer, true },
	{ "muteautoanswer get", say_mute_auto_answer, true },
	{ "callstate register", say_registered, true },
	{ "generatetone on", say_nothing, true },
	{ "generatetone off", say_nothing, true },
};

void
cli_command(struct cli *c, const char *line, int64_t now, struct buf *out)
{
	if (!line[0])
		return;
	c->commands++;
	/* field report: an answer may lag behind and seem to belong to the next command */
	c->late_ms = c->commands % 11 == 10 ? 700 : 0;
	/* field report: the intro block comes again in the middle of a session, before the
	 * answer */
	if (c->commands % 9 == 7)
		cli_intro(c->site, out);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (!str_eq(line, commands[i].line))
			continue;
		/* Group API: no commands while a call is being established; here such an order says
		 * "failed" */
		if (setting_up(c->site) && !commands[i].any_time)
			buf_printf(out, "error: %s failed" EOL, line);
		else
			commands[i].say(c, now, out);
		return;
	}
	if (notify(c, line, out) || setting(c, line, out) || dial(c, line, now, out) ||
		hang_one(c, line, now, out))
		return;
	/* Group API: both spellings are met */
	buf_puts(out,
		c->commands % 2 ? "error: command not found" EOL : "error:command not found" EOL);
}

static void
tell_change(struct cli *c, struct buf *out)
{
	const struct leg *l = c->site->leg;
	enum phase now = l ? l->phase : PHASE_DISCONNECTED;
	const char *way = l && l->incoming ? "outgoing" : "incoming";
	if (now == PHASE_ALERTING && c->registered)
		buf_printf(out, "cs: call[%d] chan[0] dialstr[%s] state[RINGING]" EOL, l->call_id,
			c->site->call_host);
	if (now == PHASE_CONNECTED) {
		if (c->registered)
			buf_printf(out,
				"cs: call[%d] chan[0] dialstr[%s] state[COMPLETE]" EOL
				"active: call[%d] speed[1920]" EOL,
				l->call_id, c->site->call_host, l->call_id);
		if (c->notify[0])
			buf_printf(out,
				"notification:callstatus:%s:%d:%s:%s:connected:1920:0:"
				"videocall" EOL,
				way, l->call_id, c->site->call_name, c->site->call_host);
	}
	if (now == PHASE_DISCONNECTED && c->seen == PHASE_CONNECTED) {
		if (c->registered)
			buf_printf(out, "cleared: call[%d]" EOL "ended: call[%d]" EOL, c->seen_call,
				c->seen_call);
		if (c->notify[0])
			buf_printf(out,
				"notification:callstatus:%s:%d:::disconnected:1920:0:videocall" EOL,
				way, c->seen_call);
		buf_puts(out, "Far site disconnected." EOL);
	}
	c->seen = now;
	c->seen_call = l ? l->call_id : c->seen_call;
}

void
cli_unasked(struct cli *c, int64_t now, struct buf *out)
{
	const struct leg *l = c->site->leg;
	enum phase phase = l ? l->phase : PHASE_DISCONNECTED;
	if (c->commands % 13 == 5) { /* Group API: a session receives such lines at any point */
		buf_puts(out, "configchange: powerlight Amber*on*" EOL);
		c->commands++;
	}
	if (phase != c->seen)
		tell_change(c, out);
}
