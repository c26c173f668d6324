/* Cisco RoomOS, CE, TC: its nouns. The pure functions that turn a tree of the xAPI into calls,
 * channels, switches and verdicts, and an order into XML or into a line.
 *
 * Called by cisco_roomos*.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never count
 * on a depth or on an order of siblings: releases differ in both, so everything is looked for by
 * its name, and what is not there is unknown.
 *
 *   <Status><MediaChannels><Call item="3"><Channel item="5">
 *     <Type>Audio</Type> <Direction>Incoming</Direction> <Audio><Protocol>Opus</Protocol></Audio>
 *     <Netstat><Packets>812</Packets> <Loss>0</Loss> <ChannelRate>64000</ChannelRate> bit/s ...
 * and before CE9 <IncomingAudioChannel item="1"> with the same leaves, no Type and no Direction. */
#include "adapters/cisco_roomos.h"

#include "base/str.h"
#include "base/vis.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- trees ----------------------------------------------------------------------------------- */

/* In document order, within root. */
static const struct xml *
next_in(const struct xml *root, const struct xml *n)
{
	if (n->first)
		return n->first;
	while (n != root && !n->next)
		n = n->parent;
	return n == root ? NULL : n->next;
}

const struct xml *
roomos_find(const struct xml *root, const char *name)
{
	for (const struct xml *n = root; n; n = next_in(root, n))
		if (str_eq(n->name, name))
			return n;
	return NULL;
}

static const char *
text_of(const struct xml *root, const char *name)
{
	const struct xml *n = roomos_find(root, name);
	return n ? n->text : "";
}

static struct figure
figure_in(const struct xml *root, const char *name)
{
	double v;
	if (!str_to_double(text_of(root, name), &v) || v < 0 || v > 9e15)
		return (struct figure){ 0 };
	return figure_of((int64_t)v);
}

enum tri
roomos_read_switch(const struct xml *root, const char *name)
{
	const char *word = text_of(root, name);
	if (str_eq_nocase(word, "On") || str_eq_nocase(word, "True"))
		return YES;
	if (str_eq_nocase(word, "Off") || str_eq_nocase(word, "False"))
		return NO;
	return UNKNOWN;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum roomos_state state;
} states[] = {
	{ "Idle", ROOMOS_NONE },
	{ "Dialling", ROOMOS_COMING },
	{ "Ringing", ROOMOS_RINGING },
	{ "Connecting", ROOMOS_COMING },
	{ "EarlyMedia", ROOMOS_COMING },
	{ "Connected", ROOMOS_UP },
	{ "Synced", ROOMOS_UP }, /* the MXP's word */
	{ "OnHold", ROOMOS_UP },
	{ "Disconnecting", ROOMOS_NONE },
};

static enum roomos_state
state_of(const struct xml *call)
{
	const char *word = xml_text(call, "Status"), *answer = xml_text(call, "AnswerState");
	for (size_t i = 0; i < COUNT(states); i++) {
		if (!str_eq_nocase(states[i].word, word))
			continue;
		bool answered = str_empty(answer) || str_eq_nocase(answer, "Answered") ||
				str_eq_nocase(answer, "Autoanswered");
		return states[i].state == ROOMOS_UP && !answered ? ROOMOS_UNSURE : states[i].state;
	}
	return ROOMOS_UNSURE; /* Preserved, RemotePreserved, and what is to come */
}

static void
take_call(const struct xml *x, struct roomos_call *out)
{
	const char *far = xml_text(x, "CallbackNumber"), *id = xml_attr(x, "item");
	*out = (struct roomos_call){ .state = state_of(x) };
	if (str_empty(far))
		far = xml_text(x, "RemoteNumber");
	str_copy(out->far, sizeof out->far, far);
	str_copy(out->id, sizeof out->id, id ? id : xml_attr(x, "id"));
	out->incoming = str_eq_nocase(xml_text(x, "Direction"), "Incoming");
}

static bool
better(const struct roomos_call *a, const struct roomos_call *b)
{
	static const int rank[] = { [ROOMOS_NONE] = 0,
		[ROOMOS_UNSURE] = 1,
		[ROOMOS_RINGING] = 2,
		[ROOMOS_COMING] = 3,
		[ROOMOS_UP] = 4 };
	return rank[a->state] > rank[b->state];
}

void
roomos_read_calls(const struct xml *root, struct roomos_calls *out)
{
	*out = (struct roomos_calls){ 0 };
	for (const struct xml *n = root; n; n = next_in(root, n)) {
		if (!str_eq(n->name, "Call") || !xml_child(n, "Status") ||
			str_eq_nocase(xml_attr(n, "ghost"), "True"))
			continue;
		struct roomos_call one;
		take_call(n, &one);
		if (one.state == ROOMOS_NONE || out->n == COUNT(out->at))
			continue;
		size_t i = out->n++;
		for (; i > 0 && better(&one, &out->at[i - 1]); i--)
			out->at[i] = out->at[i - 1];
		out->at[i] = one;
	}
}

bool
roomos_same_address(const char *a, const char *b)
{
	static const char *const schemes[] = { "sip:", "sips:", "h323:", "tel:", "spark:" };
	const char *both[2] = { a ? a : "", b ? b : "" };
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < COUNT(schemes); i++)
			if (strncasecmp(both[k], schemes[i], strlen(schemes[i])) == 0) {
				both[k] += strlen(schemes[i]);
				break;
			}
	return *both[0] && str_eq_nocase(both[0], both[1]);
}

/* ---- media ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum medium medium;
	enum direction direction;
} old_channels[] = {
	{ "IncomingAudioChannel", AUDIO, TO_SITE },
	{ "OutgoingAudioChannel", AUDIO, FROM_SITE },
	{ "IncomingVideoChannel", VIDEO, TO_SITE },
	{ "OutgoingVideoChannel", VIDEO, FROM_SITE },
};

/* Which stream a channel is; false: none of ours (data, the presentation). */
static bool
place_channel(const struct xml *x, enum medium *out_m, enum direction *out_d)
{
	if (str_eq_nocase(text_of(x, "ChannelRole"), "Presentation"))
		return false;
	for (size_t i = 0; i < COUNT(old_channels); i++) {
		if (!str_eq(x->name, old_channels[i].name))
			continue;
		*out_m = old_channels[i].medium;
		*out_d = old_channels[i].direction;
		return true;
	}
	const char *type = xml_text(x, "Type"), *direction = xml_text(x, "Direction");
	bool audio = str_eq_nocase(type, "Audio"), in = str_eq_nocase(direction, "Incoming");
	*out_m = audio ? AUDIO : VIDEO;
	*out_d = in ? TO_SITE : FROM_SITE;
	return str_eq(x->name, "Channel") && (audio || str_eq_nocase(type, "Video")) &&
	       (in || str_eq_nocase(direction, "Outgoing"));
}

static void
add_up(struct figure *sum, struct figure more)
{
	if (more.known)
		*sum = figure_of(sum->v + more.v);
}

static void
keep_most(struct figure *most, struct figure v)
{
	if (v.known && (!most->known || v.v > most->v))
		*most = v;
}

/* Several pictures may come at once: together they are what arrives. A rate of some bits is not
 * none. A channel that is "Off" exists and carries nothing. */
static void
take_channel(const struct xml *x, enum medium m, enum direction d, struct stream *out)
{
	const struct xml *protocol = roomos_find(x, "Protocol");
	const char *word = protocol ? protocol->text : "";
	bool off = protocol && (!*word || str_eq_nocase(word, "Off"));
	if (off) {
		if (out->open == UNKNOWN)
			out->open = NO;
		if (!out->kbps.known)
			out->kbps = figure_of(0);
	} else if (protocol) {
		out->open = YES;
		str_copy(out->codec, sizeof out->codec, word);
	}
	struct figure rate = figure_in(x, "ChannelRate");
	if (rate.known)
		rate.v = (rate.v + 999) / 1000;
	add_up(&out->kbps, rate);
	add_up(&out->packets, figure_in(x, "Packets"));
	if (m == VIDEO) {
		keep_most(&out->width, figure_in(x, "ResolutionX"));
		keep_most(&out->height, figure_in(x, "ResolutionY"));
		keep_most(&out->fps, figure_in(x, "FrameRate"));
	}
	/* What became of the packets it sends, it does not see by itself. */
	if (d == FROM_SITE)
		return;
	add_up(&out->lost, figure_in(x, "Loss"));
	keep_most(&out->jitter_ms, figure_in(x, "Jitter"));
	keep_most(&out->rtt_ms, figure_in(x, "RoundTripTime"));
}

/* The call's own part of the answer, by its number: the same here as in Status/Call, in every
 * release. Where one side tells none and there is one call only, that one. NULL: not told: the
 * channels may be those of a call that came or went between two questions. */
static const struct xml *
part_of(const struct xml *root, const char *call_id)
{
	const struct xml *nameless = NULL;
	size_t calls = 0;
	for (const struct xml *n = root; n; n = next_in(root, n)) {
		if (!str_eq(n->name, "Call") || str_eq_nocase(xml_attr(n, "ghost"), "True"))
			continue;
		const char *id = xml_attr(n, "item");
		id = id ? id : xml_attr(n, "id");
		if (!str_empty(call_id) && str_eq(id, call_id))
			return n;
		calls++;
		if (str_empty(id) || str_empty(call_id))
			nameless = n;
	}
	return calls == 1 ? nameless : calls ? NULL : root;
}

bool
roomos_read_media(const struct xml *root, const char *call_id, struct media_sample *out)
{
	bool seen[MEDIA_N][DIRECTIONS_N] = { { false } }, any = false, told = false;
	const struct xml *part = part_of(root, call_id);
	*out = (struct media_sample){ 0 };
	for (const struct xml *n = part; n; n = next_in(part, n)) {
		enum medium m;
		enum direction d;
		if (!place_channel(n, &m, &d))
			continue;
		take_channel(n, m, d, &out->s[m][d]);
		seen[m][d] = any = true;
		told |= out->s[m][d].open == YES;
	}
	/* As long as some channel carries something, one that is not listed does not exist. One
	 * that is listed and Off is no picture that nobody wanted if the other direction has one.
	 */
	for (int m = 0; m < MEDIA_N; m++) {
		bool wanted = out->s[m][FROM_SITE].open == YES || out->s[m][TO_SITE].open == YES;
		for (int d = 0; d < DIRECTIONS_N; d++)
			if (seen[m][d] && out->s[m][d].open == NO && wanted)
				out->s[m][d].open = YES;
			else if (told && !seen[m][d])
				out->s[m][d].open = NO;
	}
	return any;
}

/* ---- the box --------------------------------------------------------------------------------- */

void
roomos_read_unit(const struct xml *root, struct roomos_unit *out)
{
	const struct xml *unit = roomos_find(root, "SystemUnit");
	*out = (struct roomos_unit){ 0 };
	if (!unit)
		return;
	const struct xml *software = roomos_find(unit, "Software");
	const char *version = text_of(software, "DisplayName");
	str_copy(out->who.vendor, sizeof out->who.vendor, "Cisco");
	str_copy(out->who.model, sizeof out->who.model, text_of(unit, "ProductId"));
	str_copy(out->who.software, sizeof out->who.software,
		*version ? version : text_of(software, "Version"));
	str_copy(out->who.serial, sizeof out->who.serial,
		text_of(roomos_find(unit, "Module"), "SerialNumber"));
	out->who.uptime_s = figure_in(unit, "Uptime");
	out->active = figure_in(unit, "NumberOfActiveCalls");
	out->coming = figure_in(unit, "NumberOfInProgressCalls");
	out->held = figure_in(unit, "NumberOfSuspendedCalls");
}

void
roomos_read_alarms(const struct xml *root, char *out, size_t size)
{
	static const char *const levels[] = { "Critical", "Error", "Warning" };
	struct buf b = { 0 };
	for (size_t i = 0; i < COUNT(levels); i++)
		for (const struct xml *n = root; n && b.n < size; n = next_in(root, n)) {
			if (!str_eq(n->name, "Message") ||
				!str_eq_nocase(xml_text(n, "Level"), levels[i]))
				continue;
			const char *type = xml_text(n, "Type"), *more = xml_text(n, "Description");
			buf_printf(&b, "%s%s", b.n ? "; " : "", type ? type : levels[i]);
			if (!str_empty(more))
				buf_printf(&b, ": %s", more);
		}
	str_copy(out, size, buf_str(&b));
	buf_free(&b);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static const char *
reason_in(struct arena *a, const struct xml *x)
{
	static const char *const names[] = { "Description", "Reason", "Error", "Usage", "Cause" };
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *word = text_of(x, names[i]);
		if (*word)
			return arena_strdup(a, word);
	}
	return NULL;
}

static bool
no_such_command(const char *words)
{
	return strcasestr(words, "unknown command") || strcasestr(words, "no action detected") ||
	       strcasestr(words, "not recognized");
}

/*  <VolumeSetResult status="OK"/>   <DialResult status="Error"><Cause/><Description/>
 * <ActionError><Reason/>  */
enum err
roomos_verdict(struct arena *a, const struct xml *root, const char **out_words)
{
	*out_words = "no verdict in the answer";
	for (const struct xml *n = root; n; n = next_in(root, n)) {
		const char *status = xml_attr(n, "status");
		bool no = str_eq(n->name, "ActionError") || str_eq(n->name, "Fault");
		if (!no && (!status || !(str_ends(n->name, "Result") || str_eq(n->name, "Status"))))
			continue;
		if (!no && str_eq_nocase(status, "OK"))
			return OK;
		const char *words = reason_in(a, n);
		*out_words = words ? words : status ? arena_strdup(a, status) : n->name;
		return words && no_such_command(words) ? ERR_UNSUPPORTED : ERR_REFUSED;
	}
	return ERR_PROTOCOL;
}

enum err
roomos_answered(const struct xml *root)
{
	if (roomos_find(root, "EmptyResult") || roomos_find(root, "Fault"))
		return ERR_GONE;
	for (const struct xml *n = root; n; n = next_in(root, n)) {
		bool part = str_eq(n->name, "Status") || str_eq(n->name, "Configuration");
		if (!part && !(n == root && str_eq(n->name, "XmlDoc")))
			continue;
		if (part && str_eq_nocase(xml_attr(n, "status"), "Error"))
			return ERR_GONE; /* no match on address expression */
		if (part)
			return OK;
	}
	return str_eq(root ? root->name : NULL, "XmlDoc") ? ERR_GONE : ERR_PROTOCOL;
}

/* ---- orders ---------------------------------------------------------------------------------- */

void
roomos_command_xml(struct buf *out, const struct roomos_command *c)
{
	const char *p = c->path;
	buf_puts(out, "<Command>");
	while (*p) {
		size_t n = strcspn(p, "/");
		bool last = !p[n];
		buf_printf(out, "<%.*s%s>", (int)n, p, last ? " command=\"True\"" : "");
		p += n + !last;
	}
	for (size_t i = 0; i < COUNT(c->params) && c->params[i].name; i++) {
		const char *name = c->params[i].name;
		int n = (int)strcspn(name, "[");
		int64_t item = 0;
		if (name[n] && str_to_int((const char[]){ name[n + 1], '\0' }, 1, 9, &item))
			buf_printf(out, "<%.*s item=\"%d\">", n, name, (int)item);
		else
			buf_printf(out, "<%.*s>", n, name);
		vis_xml(out, c->params[i].value);
		buf_printf(out, "</%.*s>", n, name);
	}
	while (p > c->path) {
		const char *from = p;
		while (from > c->path && from[-1] != '/')
			from--;
		buf_printf(out, "</%.*s>", (int)(p - from), from);
		p = from > c->path ? from - 1 : from;
	}
	buf_puts(out, "</Command>");
}

/* TC has no way to say a quote inside quotes, and no release takes control characters. */
static bool
can_be_said(const char *value)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < ' ' || *p == '"' || *p == '\\' || *p == 0x7f)
			return false;
	return true;
}

bool
roomos_command_line(struct buf *out, const struct roomos_command *c)
{
	buf_puts(out, "xCommand ");
	for (const char *p = c->path; *p; p++)
		buf_putc(out, *p == '/' ? ' ' : *p);
	for (size_t i = 0; i < COUNT(c->params) && c->params[i].name; i++) {
		if (!can_be_said(c->params[i].value))
			return false;
		buf_printf(out, " %s: \"%s\"", c->params[i].name, c->params[i].value);
	}
	return true;
}

enum roomos_greeting
roomos_read_greeting(const char *line)
{
	if (str_eq(line, "OK"))
		return ROOMOS_READY;
	bool sessions = strcasestr(line, "session") != NULL;
	return sessions && (strcasestr(line, "maximum") || strcasestr(line, "limit") ||
				   strcasestr(line, "too many"))
		       ? ROOMOS_FULL
		       : ROOMOS_GREETS;
}
