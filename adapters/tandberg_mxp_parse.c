/* Tandberg MXP: its nouns. Called by tandberg_mxp.c, the talks and the fuzzer. Owns nothing, does
 * no I/O. Must never rely on indentation, which guides print in several ways, or take a negotiated
 * rate for a measured one. */
#include "adapters/tandberg_mxp.h"

#include "adapters/dialogue.h"
#include "adapters/internal.h"
#include "adapters/wire/xml.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool
starts(const char *line, const char *head)
{
	return strncasecmp(line, head, strlen(head)) == 0;
}

/* The value behind "name=" of "Something (a=b, name=value):". */
static bool
attribute(const char *line, const char *name, char *out, size_t size)
{
	const char *p = strchr(line, '(');
	size_t n = strlen(name);
	while (p) {
		p += 1 + strspn(p + 1, " ");
		if (strncasecmp(p, name, n) == 0 && p[n] == '=') {
			char value[40];
			size_t length = strcspn(p + n + 1, ",)");
			if (!str_copy_span(value, sizeof value, p + n + 1, length))
				value[0] = '\0';
			str_copy(out, size, str_trim(value));
			return true;
		}
		p = strchr(p, ',');
	}
	return false;
}

/* "Key: value" or "Key: "value"", without the quotes; false: not such a line. */
static bool
key_value(const char *line, char *key, size_t key_size, char *value, size_t value_size)
{
	char copy[256];
	const char *colon = strchr(line, ':');
	if (!colon || line[0] == '*' || !str_copy_span(key, key_size, line, (size_t)(colon - line)))
		return false;
	str_copy(copy, sizeof copy, colon + 1);
	char *text = str_trim(copy);
	size_t n = strlen(text);
	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text[n - 1] = '\0';
		text++;
	}
	str_copy(value, value_size, text);
	return true;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum mxp_state state;
} states[] = {
	{ "Idle", MXP_IDLE },
	{ "CallIDLE", MXP_IDLE },
	{ "Disconnected", MXP_IDLE },
	{ "Dialing", MXP_SETTING_UP },
	{ "Alerting", MXP_SETTING_UP },
	{ "Proceeding", MXP_SETTING_UP },
	{ "EstablOut", MXP_SETTING_UP },
	{ "EstablIn", MXP_SETTING_UP },
	{ "AwaitInCnf", MXP_SETTING_UP },
	{ "Await2ndnr", MXP_SETTING_UP },
	{ "Connected", MXP_SETTING_UP }, /* capabilities and channels are still to come: Syncing,
					    Capex, Synced */
	{ "Syncing", MXP_SETTING_UP },
	{ "Capex", MXP_SETTING_UP },
	{ "Synced", MXP_UP },
	{ "Disconnecting", MXP_ENDING },
	{ "ClearOut", MXP_ENDING },
	{ "ClearIn", MXP_ENDING },
};

/* Where that call is told already (feedback in front of the answer), what comes now replaces it. */
static struct mxp_call *
place_of(struct mxp_calls *c, int64_t id)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->call[i].id == id)
			return &c->call[i];
	c->too_many |= c->n == MXP_CALLS_MOST;
	return c->n == MXP_CALLS_MOST ? NULL : &c->call[c->n++];
}

/*  *s Call 1 (status=Synced, type=Vtlph, protocol=H323, direction=Outgoing, logTag=1):  */
static void
begin_call(struct mxp_calls *c, const char *line)
{
	char word[40] = "";
	int64_t id = strtol(line + strlen("*s Call "), NULL, 10);
	struct mxp_call *one = c->at = place_of(c, id);
	c->direction = c->medium = -1;
	if (!one)
		return;
	*one = (struct mxp_call){ .id = id };
	attribute(line, "status", word, sizeof word);
	for (size_t i = 0; i < COUNT(states); i++)
		if (str_eq_nocase(states[i].word, word))
			one->state = states[i].state;
}

static struct stream *
stream_at(const struct mxp_calls *c)
{
	return c->direction < 0 || c->medium < 0 ? NULL : &c->at->media.s[c->medium][c->direction];
}

/*  Channels 1 (type=Incoming):   Audio (status=Active):   Video 1 (status=Inactive): /   Video 2,
 * Data: not the main ones  */
static bool
enter_section(struct mxp_calls *c, const char *line)
{
	char word[40] = "";
	if (starts(line, "Channels ")) {
		attribute(line, "type", word, sizeof word);
		c->direction = str_eq_nocase(word, "Incoming")	 ? TO_SITE
			       : str_eq_nocase(word, "Outgoing") ? FROM_SITE
								 : -1;
		c->medium = -1;
		return true;
	}
	if (!starts(line, "Audio (") && !starts(line, "Video ") && !starts(line, "Data (") &&
		!starts(line, "Duo"))
		return false;
	c->medium = starts(line, "Audio (") ? AUDIO : starts(line, "Video 1 (") ? VIDEO : -1;
	attribute(line, "status", word, sizeof word);
	struct stream *s = stream_at(c);
	if (s && str_eq_nocase(word, "Active"))
		s->open = YES;
	else if (s && str_eq_nocase(word, "Inactive"))
		s->open = NO;
	if (s)
		c->at->figures++;
	if (!str_eq_nocase(word, "Active"))
		c->medium = -1;
	return true;
}

/* DynamicRate is what flows, Rate what was agreed. Losses are told by who receives: of outgoing
 * packets nobody says whose count it is. */
static void
take_figure(struct mxp_calls *c, struct stream *s, const char *key, const char *value)
{
	static const struct {
		const char *key;
		bool received_only;
		size_t at;
	} figures[] = {
		{ "DynamicRate", false, offsetof(struct stream, kbps) },
		{ "TotalPackets", false, offsetof(struct stream, packets) },
		{ "PacketLoss", true, offsetof(struct stream, lost) },
		{ "Jitter", true, offsetof(struct stream, jitter_ms) },
	};
	int64_t v;
	if (str_eq_nocase(key, "Protocol"))
		str_copy(s->codec, sizeof s->codec, value);
	else if (str_eq_nocase(key, "Resolution"))
		picture_size(value, &s->width, &s->height);
	for (size_t i = 0; i < COUNT(figures); i++) {
		if (!str_eq_nocase(figures[i].key, key) ||
			(figures[i].received_only && c->direction != TO_SITE) ||
			!str_to_int(value, 0, INT64_C(1000000000000), &v))
			continue;
		struct figure f = figure_of(v);
		memcpy((char *)s + figures[i].at, &f, sizeof f);
		c->at->figures++;
	}
}

bool
mxp_read_call(struct mxp_calls *c, const char *line)
{
	char key[40], value[200];
	if (starts(line, "*s Call ")) {
		begin_call(c, line);
		return true;
	}
	if (line[0] == '*') {
		c->at = NULL; /* another element, or the end of this one */
		return false;
	}
	if (!c->at || !*line)
		return false;
	if (enter_section(c, line) || !key_value(line, key, sizeof key, value, sizeof value))
		return true;
	if (str_eq_nocase(key, "RemoteNumber"))
		str_copy(c->at->number, sizeof c->at->number, value);
	struct stream *s = stream_at(c);
	if (s)
		take_figure(c, s, key, value);
	return true;
}

const struct mxp_call *
mxp_main_call(const struct mxp_calls *c)
{
	static const enum mxp_state order[] = { MXP_UP, MXP_OTHER, MXP_SETTING_UP, MXP_ENDING };
	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t k = 0; k < c->n; k++)
			if (c->call[k].state == order[i])
				return &c->call[k];
	return NULL;
}

/* ---- documents ------------------------------------------------------------------------------- */

enum { DEEPEST = 12 };

static void
add_cut(struct buf *b, const char *s, size_t most)
{
	buf_add(b, s, utf8_cut(s, most));
}

/*  <Channels item="1" type="Incoming"> : Channels 1 (type=Incoming):     <Rate item="1">384</Rate>
 * : Rate: 384 Only Call, Channels and Video are numbered on the command line.  */
static void
walk(const struct xml *x, int depth, mxp_line_fn line, void *of)
{
	struct buf text = { 0 };
	const char *item = xml_attr(x, "item");
	size_t n = 0;
	buf_puts(&text, depth ? "" : "*s ");
	add_cut(&text, x->name, 40);
	bool numbered = item && (str_eq(x->name, "Call") || str_eq(x->name, "Channels") ||
					str_eq(x->name, "Video"));
	if (numbered) {
		buf_putc(&text, ' ');
		add_cut(&text, item, 8);
	}
	for (size_t i = 0; i < x->attrs_n && text.n < 250; i++) {
		if (str_eq(x->attrs[i].name, "item"))
			continue;
		buf_puts(&text, n++ ? ", " : " (");
		add_cut(&text, x->attrs[i].name, 30);
		buf_putc(&text, '=');
		add_cut(&text, x->attrs[i].value, 60);
	}
	buf_puts(&text, n ? "):" : ":");
	bool inner = x->first || n;
	buf_puts(&text, inner ? x->first ? "" : " /" : " ");
	if (!inner)
		add_cut(&text, x->text, 200);
	line(of, buf_str(&text));
	buf_free(&text);
	for (const struct xml *c = x->first; c && depth < DEEPEST; c = c->next)
		walk(c, depth + 1, line, of);
}

void
mxp_walk(const struct xml *root, mxp_line_fn line, void *of)
{
	for (const struct xml *c = root->first; c; c = c->next)
		walk(c, 0, line, of);
	line(of, "*s/end");
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* Software and Hardware have a Version each: the first one is the software's. */
bool
mxp_read_unit(struct mxp_unit *u, const char *line)
{
	char key[40], value[80];
	int64_t v;
	if (line[0] == '*') {
		bool mine = starts(line, "*s SystemUnit");
		u->whole |= u->begun && !mine;
		u->begun = mine;
		return mine;
	}
	if (!u->begun || !key_value(line, key, sizeof key, value, sizeof value))
		return u->begun;
	struct identity *w = &u->who;
	if (str_eq_nocase(key, "ProductId") || (str_eq_nocase(key, "ProductType") && !*w->model))
		str_copy(w->model, sizeof w->model, value);
	else if (str_eq_nocase(key, "Version") && !*w->software)
		str_copy(w->software, sizeof w->software, value);
	else if (str_eq_nocase(key, "SerialNumber") && !*w->serial)
		str_copy(w->serial, sizeof w->serial, value);
	else if (str_eq_nocase(key, "Uptime") && str_to_int(value, 0, INT32_MAX, &v))
		w->uptime_s = figure_of(v);
	return true;
}

enum tri
mxp_muted(const char *line)
{
	static const char head[] = "*c xConfiguration Audio Microphones Mode:";
	if (!starts(line, head))
		return UNKNOWN;
	line += sizeof head - 1;
	line += strspn(line, " ");
	return str_eq_nocase(line, "Off") ? YES : str_eq_nocase(line, "On") ? NO : UNKNOWN;
}

enum err
mxp_refusal(const char *line)
{
	if (starts(line, "Command not recognized"))
		return ERR_UNSUPPORTED;
	char word[40] = "";
	if (starts(line, "*r Result") && attribute(line, "status", word, sizeof word) &&
		!str_eq_nocase(word, "OK"))
		return ERR_REFUSED;
	return str_eq(line, "ERROR") ? ERR_REFUSED : OK;
}

bool
mxp_dial_command(char *out, size_t size, const char *address, int kbps)
{
	char rate[32] = "";
	const char *unused;
	address = dialogue_number(address, &unused);
	if (!dialogue_sayable(address) || strchr(address, ' '))
		return false;
	if (kbps > 0)
		snprintf(rate, sizeof rate, " callrate: %d", kbps);
	int n = snprintf(out, size, "xcommand dial number: %s%s", address, rate);
	return n > 0 && (size_t)n < size;
}
