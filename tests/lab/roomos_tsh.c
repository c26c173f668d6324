/* What a simulated Cisco codec says on its SSH shell. Called by the sessions of polycom.c with the
 * fleet's lock held. Owns nothing; a session's own state is in struct tsh. The framing follows
 * captured sessions: "OK" says that a line was understood, "** end" closes an answer, its own line
 * comes back until "echo off". */
#include "roomos.h"

#include "codec.h"
#include "log.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORDS = 40 };
#define EOL "\r\n"

struct line { /* a line cut into words, quotes taken off */
	char text[1200];
	char *words[WORDS];
	bool quoted[WORDS]; /* it began with a quote */
	int n;
	char id[80]; /* resultId; "" */
	bool has_id;
};

/* Quotes hold words together, \" inside them is a quote (TC has no such sign). */
static void
cut(const char *in, bool old_tc, struct line *out)
{
	char *to = out->text, *end = out->text + sizeof out->text - 2;
	*out = (struct line){ 0 };
	while (*in && out->n < WORDS) {
		in += strspn(in, " \t");
		if (!*in)
			break;
		bool quote = false;
		out->quoted[out->n] = *in == '"';
		out->words[out->n] = to;
		for (; *in && (quote || (*in != ' ' && *in != '\t')) && to < end; in++) {
			if (*in == '\\' && in[1] == '"' && !old_tc)
				*to++ = *++in;
			else if (*in == '"')
				quote = !quote;
			else
				*to++ = *in;
		}
		*to++ = '\0';
		if (to >= end)
			break;
		if (str_starts(out->words[out->n], "resultId=") && out->n &&
			str_eq(out->words[out->n - 1], "|")) {
			str_copy(out->id, sizeof out->id, out->words[out->n] + 9);
			out->has_id = true;
			out->n--;
			break;
		}
		out->n++;
	}
}

static const char *
gap(const struct tsh *t)
{
	/* captured: on a Room Bar each line is followed by an empty one */
	return roomos_model(t->site)->modern ? EOL : "";
}

void
tsh_open(struct tsh *t, struct site *s, int64_t now, struct buf *out)
{
	const struct roomos_model *m = roomos_model(s);
	char when[INSTANT_SIZE];
	*t = (struct tsh){
		.site = s, .echo = true, .seen = PHASE_DISCONNECTED, .seen_mute = s->mic_muted
	};
	if (s->leg) {
		t->seen = s->leg->phase;
		t->seen_call = s->leg->call_id;
	}
	buf_printf(out, "Welcome to %s" EOL, s->plan->id);
	if (m->modern)
		buf_printf(out, "Last login from 127.0.0.1 at %s" EOL,
			instant_utc(now - 3600000, when));
	buf_printf(out,
		"Cisco Codec Release %s" EOL "SW Release Date: 2015-08-10 18:28:24, matchbox" EOL
		"*r Login successful" EOL EOL "OK" EOL EOL,
		m->display);
}

/* ---- answers ---- */

static void
terminal_end(const struct tsh *t, const struct line *l, struct buf *out)
{
	if (l->has_id)
		buf_printf(out, "** resultId: \"%s\"" EOL "%s", l->id, gap(t));
	buf_puts(out, "** end" EOL EOL);
}

static void
json_end(const struct line *l, const char *comma, struct buf *out)
{
	if (l->has_id) {
		buf_printf(out, "%s\"ResultId\":\"", comma);
		vis_json(out, l->id);
		buf_putc(out, '"');
	}
	buf_puts(out, "}" EOL);
}

static void
say_ok(const struct tsh *t, const struct line *l, struct buf *out)
{
	switch (t->mode) {
	case TSH_TERMINAL: buf_puts(out, EOL "OK" EOL EOL); break;
	case TSH_XML:
		buf_printf(out, "<XmlDoc resultId=\"%s\">" EOL "  <Success/>" EOL "</XmlDoc>" EOL,
			l->id);
		break;
	case TSH_JSON:
		buf_putc(out, '{');
		json_end(l, "", out);
		break;
	}
}

/* `d`: root <Command>, <Status> or <Configuration>; `prefix` of its terminal lines. */
static void
say_tree(const struct tsh *t, const struct line *l, xmlDoc *d, char prefix, struct buf *out)
{
	xmlNode *root = xmlDocGetRootElement(d);
	switch (t->mode) {
	case TSH_TERMINAL:
		buf_puts(out, EOL "OK" EOL EOL);
		roomos_write_lines(root, prefix, gap(t), out);
		terminal_end(t, l, out);
		break;
	case TSH_XML:
		buf_printf(out, "<XmlDoc resultId=\"%s\">" EOL, l->id);
		if (prefix == 'r') /* a result stands in the document directly */
			for (xmlNode *c = xmlFirstElementChild(root); c;
				c = xmlNextElementSibling(c))
				roomos_write_xml(c, out);
		else
			roomos_write_xml(root, out);
		buf_puts(out, "</XmlDoc>" EOL);
		break;
	case TSH_JSON:
		buf_printf(out, "{\"%s\":{",
			prefix == 'r' ? "CommandResponse" : (const char *)root->name);
		roomos_write_json(root, out);
		buf_putc(out, '}');
		json_end(l, ",", out);
		break;
	}
}

/* A result named `what` with a reason and the path that was wrong. */
static void
say_wrong(const struct tsh *t, const struct line *l, const char *what, const char *reason,
	const char *path, struct buf *out)
{
	char where[240];
	snprintf(where, sizeof where, "%s%s", path[0] == '/' ? "" : "/", path);
	xmlDoc *d = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *r = xmlNewDocNode(d, NULL, BAD_CAST "Command", NULL);
	xmlDocSetRootElement(d, r);
	xmlNode *n = xmlNewChild(r, NULL, BAD_CAST what, NULL);
	xmlNewProp(n, BAD_CAST "status", BAD_CAST "Error");
	xmlNewTextChild(n, NULL, BAD_CAST "Reason", BAD_CAST reason);
	xmlNewTextChild(n, NULL, BAD_CAST "XPath", BAD_CAST where);
	say_tree(t, l, d, 'r', out);
	xmlFreeDoc(d);
}

/* ---- xCommand, xStatus, xConfiguration ---- */

/* "Audio Microphones Mute" and "Name: value" pairs behind it. */
static void
command(struct tsh *t, const struct line *l, int64_t now, struct buf *out)
{
	char path[200] = "";
	xmlDoc *args = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *in = xmlNewDocNode(args, NULL, BAD_CAST "Arguments", NULL);
	xmlDocSetRootElement(args, in);
	for (int i = 1; i < l->n; i++) {
		char *w = l->words[i], *colon = l->quoted[i] ? NULL : strchr(w, ':');
		size_t n = strlen(path);
		if (!colon) {
			snprintf(path + n, sizeof path - n, "%s%s", n ? "/" : "", w);
			continue;
		}
		char name[60];
		snprintf(name, sizeof name, "%.*s", (int)(colon - w), w);
		const char *value = colon[1] ? colon + 1 : i + 1 < l->n ? l->words[++i] : "";
		if (name[0] >= 'A' && name[0] <= 'z')
			xmlNewTextChild(in, NULL, BAD_CAST name, BAD_CAST value);
	}
	xmlDoc *d = roomos_command(t->site, path, in, now);
	if (d) {
		say_tree(t, l, d, 'r', out);
		xmlFreeDoc(d);
	} else {
		say_wrong(t, l, "Result", "Unknown command", path, out);
	}
	xmlFreeDoc(args);
}

/* "MediaChannels Call 2" or "/MediaChannels/Call[2]" */
static void
path_of(const struct line *l, const char *root, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "%s", root);
	for (int i = 1; i < l->n && n < size; i++) {
		const char *w = l->words[i] + strspn(l->words[i], "/");
		bool item = strspn(w, "0123456789") == strlen(w);
		n += (size_t)snprintf(out + n, size - n, item ? "[%s]" : "/%s", w);
	}
}

static void
show(struct tsh *t, const struct line *l, bool status, int64_t now, struct buf *out)
{
	char path[240];
	bool known;
	path_of(l, status ? "Status" : "Configuration", path, sizeof path);
	if (!status && strchr(path, ':')) { /* a setting; none of them changes the room here */
		say_ok(t, l, out);
		return;
	}
	xmlDoc *all = status ? roomos_status(t->site, now) : roomos_configuration(t->site);
	xmlDoc *d = roomos_pick(all, path, &known);
	if (d) {
		say_tree(t, l, d, status ? 's' : 'c', out);
	} else if (!known) {
		say_wrong(t, l, status ? "Status" : "Configuration",
			"No match on address expression", path, out);
	} else if (t->mode == TSH_TERMINAL) {
		buf_puts(out, EOL "OK" EOL EOL);
		terminal_end(t, l, out);
	} else {
		say_ok(t, l, out);
	}
	if (d)
		xmlFreeDoc(d);
	xmlFreeDoc(all);
}

/* ---- xFeedback ---- */

static void
feedback(struct tsh *t, const struct line *l, struct buf *out)
{
	const char *verb = l->n > 1 ? l->words[1] : "", *path = l->n > 2 ? l->words[2] : "";
	path += strspn(path, "/");
	if (str_eq_nocase(verb, "register") && path[0]) {
		if (t->feedbacks == TSH_FEEDBACKS || str_eq_nocase(path, "Status")) {
			say_wrong(t, l, "Result", "Too many feedback expressions", path, out);
			return;
		}
		str_copy(t->feedback[t->feedbacks++], sizeof t->feedback[0], path);
	} else if (str_eq_nocase(verb, "deregister") || str_eq_nocase(verb, "deregisterall")) {
		int kept = 0;
		for (int i = 0; i < t->feedbacks; i++)
			if (path[0] && !str_eq_nocase(t->feedback[i], path))
				memmove(t->feedback[kept++], t->feedback[i], sizeof t->feedback[0]);
		t->feedbacks = kept;
	} else if (str_eq_nocase(verb, "list")) {
		buf_puts(out, EOL);
		for (int i = 0; i < t->feedbacks; i++)
			buf_printf(out, "/%s" EOL, t->feedback[i]);
	} else {
		buf_puts(out, EOL "ERROR" EOL EOL);
		return;
	}
	say_ok(t, l, out);
}

/* Whether somebody asked for this, or for a part of it, or for what it is a part of. */
static bool
wanted(const struct tsh *t, const char *path)
{
	for (int i = 0; i < t->feedbacks; i++) {
		const char *f = t->feedback[i];
		size_t a = strlen(f), b = strlen(path);
		if (strncasecmp(f, path, a < b ? a : b) == 0 &&
			(a == b || (a < b ? path[a] : f[b]) == '/'))
			return true;
	}
	return false;
}

/* Feedback has no resultId. */
static void
push(const struct tsh *t, xmlDoc *d, char prefix, struct buf *out)
{
	static const struct line none;
	xmlNode *root = xmlDocGetRootElement(d);
	if (t->mode == TSH_TERMINAL) {
		roomos_write_lines(root, prefix, gap(t), out);
		buf_puts(out, "** end" EOL);
	} else if (t->mode == TSH_JSON) {
		say_tree(t, &none, d, prefix, out);
	} else {
		roomos_write_xml(root, out);
	}
}

static void
push_part(const struct tsh *t, const char *path, int64_t now, struct buf *out)
{
	bool known;
	xmlDoc *all = roomos_status(t->site, now), *d = roomos_pick(all, path, &known);
	if (d) {
		push(t, d, 's', out);
		xmlFreeDoc(d);
	}
	xmlFreeDoc(all);
}

/* Captured: a node that is gone is a ghost of its number */
static void
push_ghost(const struct tsh *t, int call, struct buf *out)
{
	char id[16];
	xmlDoc *d = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *r = xmlNewDocNode(d, NULL, BAD_CAST "Status", NULL);
	xmlDocSetRootElement(d, r);
	xmlNode *c = xmlNewChild(r, NULL, BAD_CAST "Call", NULL);
	snprintf(id, sizeof id, "%d", call);
	xmlNewProp(c, BAD_CAST "item", BAD_CAST id);
	xmlNewProp(c, BAD_CAST "ghost", BAD_CAST "True");
	push(t, d, 's', out);
	xmlFreeDoc(d);
}

static void
push_disconnect(const struct tsh *t, struct buf *out)
{
	xmlDoc *d = roomos_disconnect(t->site, t->seen_call, false);
	push(t, d, 'e', out);
	xmlFreeDoc(d);
}

void
tsh_unasked(struct tsh *t, int64_t now, struct buf *out)
{
	const struct site *s = t->site;
	bool shown = roomos_call_shown(s, now);
	enum phase phase = shown ? s->leg->phase : PHASE_DISCONNECTED;
	if (s->mic_muted != t->seen_mute && wanted(t, "Status/Audio/Microphones/Mute"))
		push_part(t, "Status/Audio/Microphones/Mute", now, out);
	t->seen_mute = s->mic_muted;
	bool other = shown && t->seen != PHASE_DISCONNECTED && s->leg->call_id != t->seen_call;
	if (t->seen != PHASE_DISCONNECTED && (phase == PHASE_DISCONNECTED || other)) {
		if (wanted(t, "Event/CallDisconnect"))
			push_disconnect(t, out);
		if (wanted(t, "Status/Call"))
			push_ghost(t, t->seen_call, out);
	}
	if (shown && (phase != t->seen || other) && wanted(t, "Status/Call"))
		push_part(t, "Status/Call", now, out);
	t->seen = phase;
	if (shown)
		t->seen_call = s->leg->call_id;
}

/* ---- one line ---- */

static void
preferences(struct tsh *t, const struct line *l, struct buf *out)
{
	const char *mode = l->n > 2 && str_eq_nocase(l->words[1], "outputmode") ? l->words[2] : "";
	/* guide: the change to xml or json is not answered */
	if (str_eq_nocase(mode, "xml"))
		t->mode = TSH_XML;
	else if (str_eq_nocase(mode, "json") && !t->site->plan->old_tc)
		t->mode = TSH_JSON;
	else if (str_eq_nocase(mode, "terminal"))
		t->mode = TSH_TERMINAL, say_ok(t, l, out);
	else
		buf_puts(out, EOL "ERROR" EOL EOL);
}

void
tsh_line(struct tsh *t, const char *line, int64_t now, struct buf *out)
{
	struct line l;
	if (t->echo)
		buf_printf(out, "%s" EOL, line);
	cut(line, t->site->plan->old_tc, &l);
	if (!l.n)
		return;
	const char *w = l.words[0];
	if (str_eq_nocase(w, "bye")) {
		t->bye = true;
	} else if (str_eq_nocase(w, "echo") && l.n > 1) {
		t->echo = !str_eq_nocase(l.words[1], "off");
		buf_puts(out, t->site->plan->ordinal % 2 ? "\x1b[?1034h" EOL "OK" EOL EOL
							 : EOL "OK" EOL EOL);
	} else if (str_eq_nocase(w, "xPreferences")) {
		preferences(t, &l, out);
	} else if (str_eq_nocase(w, "xCommand") && l.n > 1) {
		command(t, &l, now, out);
	} else if (str_eq_nocase(w, "xStatus")) {
		show(t, &l, true, now, out);
	} else if (str_eq_nocase(w, "xConfiguration")) {
		show(t, &l, false, now, out);
	} else if (str_eq_nocase(w, "xFeedback")) {
		feedback(t, &l, out);
	} else {
		buf_puts(out, EOL "Command not recognized." EOL "ERROR" EOL EOL);
	}
}
