/* A simulated Tandberg MXP on telnet and over HTTPS. Called by shell.c and codec.c with the fleet's
 * lock held. Owns nothing. Behaviour is cited from the reference guide for system integrators
 * (D13887), the sibling MPS API guide (D13639, whose page 64 shows the same call in full), and a
 * public AMX driver for the MXP; never from the product.
 *
 * Own reading, told by none of them: what a wrong password gets, whether "*s/end" comes once per
 * call or once per answer (D13639 says per top element; odd places once per answer, even ones per
 * call), the product's name in SystemUnit, the attributes of the document's root. */
#include "shell.h"

#include "codec.h"
#include "log.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define EOL "\r\n"
enum { CALLS_SHOWN = 2 };

/* D13639 p. 64: Rate, DynamicRate, TotalPackets, PacketLoss, Jitter inside a medium that is Active
 */
static void
say_medium(struct shell *s, int medium, bool incoming, int64_t now, struct buf *out)
{
	static const char *const names[2] = { "Audio", "Video 1" };
	const struct leg *l = s->site->leg;
	struct media md;
	leg_media(l, now, &md);
	if (medium && md.no_picture) {
		buf_printf(out, "    %s (status=Inactive): /" EOL, names[medium]);
		return;
	}
	int64_t sent = codec_sent(l, &md, medium, now), n = incoming ? md.packets[medium][1] : sent;
	bool flows = incoming ? md.flowing[medium][1] : codec_sends(l, now);
	int rate = medium ? incoming ? 1748 : md.kbps : 64;
	buf_printf(out, "    %s (status=Active):" EOL "      Protocol: %s" EOL, names[medium],
		medium ? "H264" : "AAC-LD");
	if (medium)
		buf_puts(out, "      Resolution: w720p" EOL);
	buf_printf(out,
		"      Rate: %d" EOL "      RemoteIPAddress: \"%s:2326\"" EOL
		"      Encryption (status=Off): /" EOL "      RSVP: Off" EOL "      RSVPRate: 0" EOL
		"      DynamicRate: %d" EOL "      TotalPackets: %" PRId64 EOL
		"      PacketLoss: %" PRId64 EOL "      Jitter: %d" EOL,
		rate, s->site->call_host ? s->site->call_host : "", flows ? rate : 0, n,
		incoming ? md.lost[medium][1] : 0, 3 + s->site->plan->ordinal % 5);
}

static void
say_call(struct shell *s, int64_t now, struct buf *out)
{
	const struct site *b = s->site;
	const struct leg *l = b->leg;
	/* D13887: Synced is in a call; Alerting and EstablOut before it */
	const char *status = l->phase == PHASE_CONNECTED  ? "Synced"
			     : l->phase == PHASE_ALERTING ? "Alerting"
			     : l->incoming		  ? "EstablOut"
							  : "EstablIn";
	buf_printf(out, "*s Call 1 (status=%s, type=%s, protocol=%s, direction=%s, logTag=%d):" EOL,
		status, b->plan->no_picture ? "Tlph" : "Vtlph",
		str_starts(b->plan->address, "sip:") ? "SIP" : "H323",
		l->incoming ? "Outgoing" : "Incoming", l->call_id);
	buf_printf(out, "  CallRate: 1920" EOL "  RemoteNumber: \"%s\"" EOL "  Mute: %s" EOL,
		b->call_host ? b->call_host : "", l->muted ? "On" : "Off");
	if (l->phase == PHASE_CONNECTED)
		for (int i = 0; i < 2; i++) {
			buf_printf(out,
				"  Channels %d (type=%s):" EOL "    Rate: 1920" EOL
				"    Restrict: Off" EOL "    Encryption (status=Off): /" EOL,
				i + 1, i ? "Outgoing" : "Incoming");
			say_medium(s, 0, !i, now, out);
			say_medium(s, 1, !i, now, out);
			buf_puts(out, "    Video 2 (status=Inactive): /" EOL
				      "    Data (status=Inactive): /" EOL);
		}
}

static void
say_calls(struct shell *s, int64_t now, struct buf *out)
{
	for (int i = 1; i <= CALLS_SHOWN; i++) {
		if (i == 1 && s->site->leg)
			say_call(s, now, out);
		else /* D13887 p. 185, of an idle element */
			buf_printf(out, "*s Call %d (status=Idle): /" EOL, i);
		if (i == CALLS_SHOWN || s->site->plan->ordinal % 2 == 0)
			buf_puts(out, "*s/end" EOL);
	}
}

/* a sibling's guide (D13926) and the AMX driver: ProductType or ProductId, Uptime in seconds,
 * Software, Hardware */
static void
say_unit(struct shell *s, int64_t now, struct buf *out)
{
	buf_printf(out,
		"*s SystemUnit:" EOL "  ProductType: \"TANDBERG Codec\"" EOL
		"  ProductId: \"TANDBERG 6000 MXP\"" EOL "  Uptime: %lld" EOL "  Software:" EOL
		"    Version: \"F8.2 NTSC\"" EOL "    Name: \"\"" EOL
		"    ReleaseDate: \"2009-05-11\"" EOL "  Hardware:" EOL
		"    SerialNumber: \"24A%05d\"" EOL "    MainBoard: \"101000 rev. 05\"" EOL
		"    TemperatureCelcius: \"41.0\"" EOL "*s/end" EOL,
		(long long)(now - site_boot(s->site, now)) / 1000, s->site->plan->ordinal);
}

/* AMX driver: *c xConfiguration Audio Microphones Mode: On | Off */
static void
microphones(struct shell *s, const char *value, int64_t now, struct buf *out)
{
	while (*value == ' ' || *value == ':')
		value++;
	if (*value)
		codec_set_mic(s->site, str_eq_nocase(value, "off"), now);
	else
		buf_printf(out, "*c xConfiguration Audio Microphones Mode: %s" EOL "*c/end" EOL,
			s->site->mic_muted ? "Off" : "On");
}

/* D13887: names and values without regard to case; "number:" with or without a blank behind it */
static bool
dial(struct shell *s, const char *args, int64_t now)
{
	const char *number = strcasestr(args, "number:");
	char address[160];
	if (!number)
		return false;
	number += strlen("number:");
	number += strspn(number, " \"");
	str_copy(address, sizeof address, number);
	address[strcspn(address, " \"")] = '\0';
	if (*address)
		codec_dial(s->site, address, now);
	return *address;
}

static const char *
after(const char *line, const char *head)
{
	return strncasecmp(line, head, strlen(head)) == 0 ? line + strlen(head) : NULL;
}

/* AMX driver: OK, ERROR or "Command not recognized." */
static const char *
obey(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	const char *rest;
	if ((rest = after(line, "xstatus call")) && (!*rest || *rest == ' '))
		say_calls(s, now, out);
	else if (after(line, "xstatus systemunit"))
		say_unit(s, now, out);
	else if ((rest = after(line, "xconfiguration audio microphones mode")))
		microphones(s, rest, now, out);
	else if ((rest = after(line, "xcommand dial")))
		return dial(s, rest, now) ? "OK" : "ERROR";
	else if (after(line, "xcommand disconnectcall")) {
		if (!s->site->leg)
			return "ERROR";
		codec_hang_up(s->site, now);
	} else if (after(line, "xfeedback register"))
		s->registered = true;
	else if ((rest = after(line, "echo ")))
		s->silent = str_eq_nocase(rest, "off");
	else if (!after(line, "xpreferences detaillevel"))
		return "Command not recognized.";
	return "OK";
}

static void
mxp_greet(struct shell *s, int64_t now, struct buf *out)
{
	s->stage = SHELL_PASSWORD; /* AMX driver: only a password is asked for */
	buf_printf(out,
		"\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03"
		"Welcome to %s" EOL "TANDBERG Codec Release F8.2 NTSC" EOL
		"SW Release Date: 2009-05-11" EOL EOL "Password: ",
		s->site->plan->name);
}

static void
mxp_line(struct shell *s, const char *line, int64_t now, struct buf *out)
{
	char copy[2001];
	str_copy(copy, sizeof copy, line);
	const char *order = str_trim(copy);
	if (s->stage != SHELL_IN) {
		bool right = shell_login(s, order, now);
		s->stage = right ? SHELL_IN : SHELL_PASSWORD;
		buf_puts(out, right ? EOL "OK" EOL : EOL "Password incorrect" EOL EOL "Password: ");
		return;
	}
	if (!s->silent)
		buf_printf(out, "%s" EOL, order);
	if (!*order)
		return;
	s->commands++;
	const char *end = obey(s, order, now, out);
	buf_printf(out, EOL "%s" EOL, end);
}

/* ---- over HTTPS ---- */

/* D13639, 2.2: the documents hold exactly what the command line shows, whose lines are the elements
 * without braces and end tags, set in by two blanks a level. Here the way back. */
struct writer {
	char open[8][40];
	int depth;
	struct buf *out;
};

static void
close_to(struct writer *w, int depth)
{
	while (w->depth > depth)
		buf_printf(w->out, "</%s>", w->open[--w->depth]);
}

/* "Name 1 (a=b, c=d):", "Name (a=b): /", "Name: value" */
static void
write_element(struct writer *w, const char *line)
{
	char name[40], item[12] = "1";
	size_t n = strcspn(line, " :(");
	snprintf(name, sizeof name, "%.*s", (int)n, line);
	const char *p = line + n + strspn(line + n, " "), *attributes = strchr(p, '('),
		   *colon = strchr(p, ':');
	if (*p >= '0' && *p <= '9')
		snprintf(item, sizeof item, "%.*s", (int)strcspn(p, " :"), p);
	buf_printf(w->out, "<%s item=\"%s\"", name, item);
	if (attributes && (!colon || attributes < colon)) {
		const char *end = strchr(attributes, ')');
		for (const char *a = attributes + 1; a < end;) {
			size_t key = strcspn(a, "="), value = strcspn(a + key + 1, ",)");
			buf_printf(w->out, " %.*s=\"%.*s\"", (int)key, a, (int)value, a + key + 1);
			a += key + 1 + value;
			a += strspn(a, ", ");
		}
		colon = strchr(end, ':');
	}
	const char *value = colon ? colon + 1 + strspn(colon + 1, " ") : "";
	if (str_eq(value, "/")) {
		buf_puts(w->out, "/>");
	} else if (*value) {
		buf_putc(w->out, '>');
		for (; *value; value++)
			if (*value == '&' || *value == '<')
				buf_puts(w->out, *value == '&' ? "&amp;" : "&lt;");
			else if (*value != '"')
				buf_putc(w->out, *value);
		buf_printf(w->out, "</%s>", name);
	} else {
		buf_putc(w->out, '>');
		str_copy(w->open[w->depth++], sizeof w->open[0], name);
	}
}

static void
write_document(const char *text, struct buf *out)
{
	struct writer w = { .out = out };
	char line[400];
	buf_puts(out, "<?xml version=\"1.0\"?>\r\n<Status product=\"TANDBERG Codec\" "
		      "version=\"F8.2 NTSC\">");
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\r\n"), text);
		size_t blanks = strspn(line, " ");
		bool top = str_starts(line, "*s ");
		if (!line[0] || str_starts(line, "*s/"))
			continue;
		close_to(&w, top ? 0 : (int)blanks / 2);
		write_element(&w, line + (top ? 3 : blanks));
	}
	close_to(&w, 0);
	buf_puts(out, "</Status>\r\n");
}

/* D13887 p. 63: /getxml?location=XPath; a wrong expression gets a Fault with an XPathError */
void
mxp_answer(struct codec_box *box, const struct codec_request *rq, int64_t now, int64_t mono,
	struct codec_reply *out)
{
	struct shell s = { .site = box->site };
	struct buf text = { 0 };
	out->type = "text/xml";
	if (!rq->login || !codec_login(box, rq->user, rq->password, now)) {
		out->status = 401;
		out->realm = "TANDBERG Codec";
		return;
	}
	if (!str_eq(rq->path, "/getxml")) {
		out->status = 404;
		return;
	}
	const char *at = rq->location[0] == '/' ? rq->location + 1 : rq->location;
	if (str_eq_nocase(at, "Status/Call"))
		say_calls(&s, now, &text);
	else if (str_eq_nocase(at, "Status/SystemUnit"))
		say_unit(&s, now, &text);
	if (text.n)
		write_document(buf_str(&text), &out->body);
	else
		buf_puts(&out->body, "<?xml version=\"1.0\"?>\r\n<Fault><XPathError>no such "
				     "element</XPathError></Fault>\r\n");
	buf_free(&text);
}

/* notes of the guide: feedback comes at any time to who registered */
static void
mxp_unasked(struct shell *s, int64_t now, struct buf *out)
{
	enum phase was;
	if (!shell_call_changed(s, &was) || !s->registered)
		return;
	if (s->site->leg)
		say_call(s, now, out);
	else
		buf_puts(out, "*s Call 1 (status=Idle): /" EOL);
	buf_puts(out, "*s/end" EOL);
}

const struct shell_kind mxp_shell = { mxp_greet, mxp_line, mxp_unasked };
