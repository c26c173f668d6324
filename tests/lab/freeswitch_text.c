/* The forms in which FreeSWITCH writes what it knows: lists, events, counters, and the dial string
 * it reads. Called by the other freeswitch_*.c and by its own unit test. Owns nothing. Must never
 * look at the clock, at other sites or at a socket: everything here is a function of its arguments.
 */
#include "freeswitch.h"

#include "base/str.h"
#include "base/vis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AUDIO_BYTES = 172, VIDEO_BYTES = 1100, NAME_MAX_BYTES = 96 };

void
fs_url_encode(struct buf *out, const char *s)
{
	/* recorded: blank, colon, at sign, quote, angle brackets are coded; comma, slash, brackets
	 * are not */
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p <= ' ' || *p >= 127 || strchr("\"#%&+:;<=>?@[\\]^`{|}", *p))
			buf_printf(out, "%%%02X", *p);
		else
			buf_putc(out, (char)*p);
	}
}

void
fs_xml_text(struct buf *out, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '&': buf_puts(out, "&amp;"); break;
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '\r': buf_puts(out, "&#x0d;"); break;
		default: buf_putc(out, *s);
		}
}

double
fs_mos(double r)
{
	/* fits all recorded pairs: 100 and 4.5, 99 and 4.49, 78 and 3.95, 56 and 2.89, 4 and 0.99
	 */
	return 1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r);
}

int
fs_score(int mdb)
{
	/* the fleet's scale ends at -30 dB: a still room must stay below 100, a voice reaches
	 * thousands */
	return mdb <= -30000 ? 0 : (int)(20 * pow(10, (mdb + 30000) / 8000.0));
}

double
fs_quality(const struct media *m, int medium, int64_t silent_ms)
{
	/* recorded trap: a leg that never sent a packet shows a perfect score */
	if (!m->packets[medium][0])
		return 100;
	double q = 100 - m->loss_permille * 0.07 - (double)silent_ms / 1000 * 4.5;
	return floor(q < 4 ? 4 : q);
}

static const struct fs_cause causes[] = {
	{ "disconnectAll", "NORMAL_CLEARING", 16, 0, "" },
	/* recorded: SIP answer, cause, Q.850 number */
	{ "busy", "USER_BUSY", 17, 486, "Busy Here" },
	{ "rejected", "CALL_REJECTED", 21, 603, "Decline" },
	{ "noAnswer", "NO_ANSWER", 19, 487, "CANCEL" },
	{ "noGatekeeperForDN", "UNALLOCATED_NUMBER", 1, 404, "Not Found" },
	{ "dnsFailed", "UNALLOCATED_NUMBER", 1, 404, "Not Found" },
	{ "destinationUnreachable", "NORMAL_TEMPORARY_FAILURE", 41, 503, "Service Unavailable" },
	{ "capabilityNegotiationError", "INCOMPATIBLE_DESTINATION", 88, 488,
		"Not Acceptable Here" },
	{ "notRegistered", "NO_USER_RESPONSE", 18, 480, "Temporarily Unavailable" },
	/* described */
	{ "remoteTeardown", "NORMAL_CLEARING", 16, 200, "OK" },
	{ "networkError", "MEDIA_TIMEOUT", 604, 0, "" },
	{ "portAllocationExceeded", "SWITCH_CONGESTION", 42, 503, "Service Unavailable" },
	{ "badProfile", "INVALID_PROFILE", 609, 0, "" },
	{ "badEndpoint", "CHAN_NOT_IMPLEMENTED", 66, 0, "" },
	{ "badString", "DESTINATION_OUT_OF_ORDER", 27, 0, "" },
};

const struct fs_cause *
fs_cause_of(const char *why)
{
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (str_eq(causes[i].why, why))
			return &causes[i];
	return fs_cause_named(why);
}

const struct fs_cause *
fs_cause_named(const char *name)
{
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (str_eq(causes[i].name, name))
			return &causes[i];
	return &causes[0];
}

void
fs_put(struct fs_headers *h, const char *name, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	h->at = vec_grow(NULL, h->at, h->n, &h->cap, sizeof *h->at);
	h->at[h->n].name = xstrdup(name);
	h->at[h->n++].value = buf_take(&b);
}

const char *
fs_get(const struct fs_headers *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_eq(h->at[i].name, name))
			return h->at[i].value;
	return NULL;
}

void
fs_headers_free(struct fs_headers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->at[i].name);
		free(h->at[i].value);
	}
	free(h->at);
	*h = (struct fs_headers){ 0 };
}

void
fs_write_plain(const struct fs_headers *h, struct buf *out)
{
	for (size_t i = 0; i < h->n; i++) {
		buf_printf(out, "%s: ", h->at[i].name);
		fs_url_encode(out, h->at[i].value);
		buf_putc(out, '\n');
	}
}

static void
json_pair(struct buf *out, const char *name, const char *value)
{
	buf_putc(out, '"');
	vis_json(out, name);
	buf_puts(out, "\":\"");
	vis_json(out, value);
	buf_putc(out, '"');
}

void
fs_write_json(const struct fs_headers *h, struct buf *out)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < h->n; i++) {
		if (fs_get(h, h->at[i].name) != h->at[i].value)
			continue; /* a name stands once in an object */
		if (i)
			buf_putc(out, ',');
		json_pair(out, h->at[i].name, h->at[i].value);
	}
	buf_putc(out, '}');
}

void
fs_write_xml(const struct fs_headers *h, struct buf *out)
{
	buf_puts(out, "<event>\n  <headers>\n");
	for (size_t i = 0; i < h->n; i++) {
		buf_printf(out, "    <%s>", h->at[i].name);
		fs_url_encode(out, h->at[i].value);
		buf_printf(out, "</%s>\n", h->at[i].name);
	}
	buf_puts(out, "  </headers>\n</event>\n");
}

/* ---- the dial string ---- */

void
fs_set_var(struct fs_chan *c, const char *name, const char *value)
{
	for (int i = 0; i < c->vars_n; i++)
		if (str_eq(c->vars[i].name, name)) {
			free(c->vars[i].value);
			c->vars[i].value = xstrdup(value);
			return;
		}
	if (c->vars_n < FS_VARS)
		c->vars[c->vars_n++] = (struct fs_pair){ xstrdup(name), xstrdup(value) };
}

const char *
fs_var(const struct fs_chan *c, const char *name)
{
	for (int i = 0; i < c->vars_n; i++)
		if (str_eq(c->vars[i].name, name))
			return c->vars[i].value;
	return NULL;
}

void
fs_vars_free(struct fs_chan *c)
{
	for (int i = 0; i < c->vars_n; i++) {
		free(c->vars[i].name);
		free(c->vars[i].value);
	}
	c->vars_n = 0;
}

const char *
fs_dial_string(struct fs_chan *c, const char *text)
{
	if (*text != '{')
		return *text ? text : NULL;
	const char *end = strchr(text, '}');
	if (!end)
		return NULL; /* recorded: a brace that never closes is DESTINATION_OUT_OF_ORDER */
	char sep = ',';
	text++;
	if (str_starts(text, "^^") && text[2] &&
		text + 2 < end) { /* described: another separator */
		sep = text[2];
		text += 3;
	}
	while (text < end) {
		char name[64], value[600];
		size_t n = 0;
		bool quoted = false;
		while (text + n < end && (quoted || text[n] != sep))
			quoted ^= text[n++] == '\'';
		const char *is = memchr(text, '=', n);
		if (is) {
			const char *v = is + 1;
			size_t vn = n - (size_t)(v - text);
			if (vn >= 2 && v[0] == '\'' && v[vn - 1] == '\'')
				v++, vn -= 2;
			snprintf(name, sizeof name, "%.*s", (int)(is - text < 63 ? is - text : 63),
				text);
			snprintf(value, sizeof value, "%.*s", (int)(vn < 599 ? vn : 599), v);
			fs_set_var(c, name, value);
		}
		text += n + 1;
	}
	return end[1] ? end + 1 : NULL;
}

/* ---- members ---- */

bool
fs_has_video(const struct fs_chan *c)
{
	return c->leg.mcu && !c->leg.mcu->audio_only &&
	       !(c->leg.site && c->leg.site->plan->no_picture);
}

static bool
has_floor(const struct fs_chan *c)
{
	return c->conf && c->conf->floor == c->member;
}

void
fs_list_line(const struct fs_chan *c, struct buf *out)
{
	buf_printf(out, "%d;%s;%s;%s;%s;", c->member, c->name, c->uuid, c->cid_name, c->cid_number);
	struct buf flags = { 0 };
	if (!c->deaf)
		buf_puts(&flags, "|hear");
	if (!c->leg.muted) /* recorded: a muted member shows `hear` alone */
		buf_puts(&flags, "|speak");
	if (c->talking)
		buf_puts(&flags, "|talking");
	if (fs_has_video(c))
		buf_puts(&flags, "|video");
	if (has_floor(c))
		buf_puts(&flags, "|floor");
	if (c->conf && c->conf->video_floor == c->member)
		buf_puts(&flags, "|vid-floor");
	buf_printf(out, "%s;%d;%d;%d\n", flags.n ? buf_str(&flags) + 1 : "", c->volume_in,
		c->volume_out, c->energy_level);
	buf_free(&flags);
}

static const char *
yes(bool b)
{
	return b ? "true" : "false";
}

void
fs_xml_member(const struct fs_chan *c, int64_t now, struct buf *out)
{
	const struct {
		const char *name;
		bool on;
	} flags[] = { { "can_hear", !c->deaf }, { "can_see", true }, { "can_speak", !c->leg.muted },
		{ "mute_detect", c->mute_detect }, { "talking", c->talking }, { "hold", c->hold },
		{ "has_video", fs_has_video(c) }, { "video_bridge", false },
		{ "has_floor", has_floor(c) }, { "is_moderator", false },
		{ "end_conference", false }, { "mandatory_member_end_conference", false },
		{ "is_ghost", false } };
	buf_printf(out, "      <member type=\"caller\">\n        <id>%d</id>\n        <flags>\n",
		c->member);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		buf_printf(out, "          <%s>%s</%s>\n", flags[i].name, yes(flags[i].on),
			flags[i].name);
	buf_printf(out, "        </flags>\n        <uuid>%s</uuid>\n        <caller_id_name>",
		c->uuid);
	fs_url_encode(out, c->cid_name); /* recorded trap: coded here, not in the JSON list */
	buf_puts(out, "</caller_id_name>\n        <caller_id_number>");
	fs_url_encode(out, c->cid_number);
	buf_printf(out,
		"</caller_id_number>\n        <join_time>%lld</join_time>\n"
		"        <last_talking>%lld</last_talking>\n        <energy>%d</energy>\n"
		"        <volume_in>%d</volume_in>\n        <volume_out>%d</volume_out>\n"
		"        <output-volume>0</output-volume>\n      </member>\n",
		(long long)((now - c->joined) / 1000),
		c->last_talk ? (long long)((now - c->last_talk) / 1000) : 0LL, c->energy_level,
		c->volume_in, c->volume_out);
}

void
fs_json_member(const struct fs_chan *c, int64_t now, struct buf *out)
{
	const struct {
		const char *name;
		bool on;
	} flags[] = { { "can_hear", !c->deaf }, { "can_see", true }, { "can_speak", !c->leg.muted },
		{ "hold", c->hold }, { "mute_detect", c->mute_detect }, { "talking", c->talking },
		{ "has_video", fs_has_video(c) }, { "video_bridge", false },
		{ "has_floor", has_floor(c) }, { "is_moderator", false },
		{ "end_conference", false }, { "mandatory_member_end_conference", false },
		{ "pass_digits", false } };
	const char *in = "\t\t\t\t";
	buf_printf(out, "{\n%s\"type\":\t\"caller\",\n%s\"id\":\t%d,\n%s\"flags\":\t{\n", in, in,
		c->member, in);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		buf_printf(out, "%s%s\t\"%s\":\t%s", i ? ",\n" : "", in, flags[i].name,
			yes(flags[i].on));
	buf_printf(out, "\n%s},\n%s\"uuid\":\t\"%s\",\n%s\"caller_id_name\":\t\"", in, in, c->uuid,
		in);
	vis_json(out, c->cid_name);
	buf_printf(out, "\",\n%s\"caller_id_number\":\t\"", in);
	vis_json(out, c->cid_number);
	buf_printf(out,
		"\",\n%s\"join_time\":\t%lld,\n%s\"last_talking\":\t%lld,\n%s\"energy\":\t%d,\n",
		in, (long long)((now - c->joined) / 1000), in,
		c->last_talk ? (long long)((now - c->last_talk) / 1000) : 0LL, in, c->energy_level);
	buf_printf(out,
		"%s\"volume_in\":\t%d,\n%s\"volume_out\":\t%d,\n%s\"output-volume\":\t0,\n"
		"%s\"input-volume\":\t0\n\t\t\t}",
		in, c->volume_in, in, c->volume_out, in, in);
}

/* ---- counters ---- */

struct figure {
	const char *name;
	double value;
	bool real; /* written with two decimals in variables */
};

enum { FIGURES = 27 };

/* seen with 1.11.3: without a media_timeout a muted leg is read half as often as packets come, and
 * each turn counts as skipped */
static int64_t
dull_ms(const struct fs_chan *c, int64_t now)
{
	if (fs_var(c, "media_timeout"))
		return 0;
	int64_t to = c->leg.ended ? c->leg.ended : now;
	return c->muted_ms + (c->leg.muted && to > c->muted_at ? to - c->muted_at : 0);
}

static int
figures(const struct fs_chan *c, const struct media *m, int medium, int64_t now,
	struct figure out[FIGURES])
{
	static const int per_s[2] = { 50, 100 };
	int64_t bytes = medium ? VIDEO_BYTES : AUDIO_BYTES;
	int64_t up = c->leg.connected ? (c->leg.ended ? c->leg.ended : now) - c->leg.connected : 0;
	double in = (double)m->packets[medium][0];
	/* it sends on, whether anybody hears it or not */
	double out_n = m->is_counted ? (double)m->packets[medium][1]
				     : (double)(up * per_s[medium] / 1000);
	/* recorded: packets that were due and did not come, on a leg that never sent one too */
	double skip = m->is_counted ? (double)m->counted.skipped : out_n > in ? out_n - in : 0;
	double in_bytes = m->is_counted ? (double)m->counted.in_bytes : in * (double)bytes;
	double out_bytes = m->is_counted ? (double)m->counted.out_bytes : out_n * (double)bytes;
	int64_t silent = up - m->live_ms;
	int64_t dull = dull_ms(c, now) * per_s[medium] / 1000;
	if (medium == 0 && dull) {
		skip += (double)dull;
		in = in > (double)dull / 2 ? in - (double)(dull / 2) : 0;
	}
	double q = fs_quality(m, medium, silent > 200 ? silent : 0);
	bool had = in > 0;
	/* recorded: what the far end told of its sending last, every five seconds */
	double told =
		m->packets[medium][0] && fs_var(c, "rtcp_audio_interval_msec")
			? (double)(m->live_ms / FS_RTCP_MS * FS_RTCP_MS * per_s[medium] / 1000)
			: 0;
	double told_bytes = told * (double)(bytes - 12), least = 79.5, most = 297.25;
	if (m->is_counted) {
		told = m->counted.sent_packets;
		told_bytes = m->counted.sent_bytes;
		least = most = m->counted.jitter_ms * m->counted.jitter_ms;
	}
	const struct figure all[FIGURES] = {
		{ "in_raw_bytes", in_bytes, false },
		{ "in_media_bytes", in_bytes, false },
		{ "in_packet_count", in, false },
		{ "in_media_packet_count", in, false },
		{ "in_skip_packet_count", skip, false },
		{ "in_jitter_packet_count", 0, false },
		{ "in_dtmf_packet_count", 0, false },
		{ "in_cng_packet_count", 0, false },
		{ "in_flush_packet_count", had, false },
		{ "in_largest_jb_size", 0, false },
		{ "in_jitter_min_variance", had ? least : 0, true },
		{ "in_jitter_max_variance", had ? most : 0, true },
		{ "in_jitter_loss_rate", 0, true },
		{ "in_jitter_burst_rate", 0, true },
		{ "in_mean_interval", had ? (medium ? 10 : 20) : 0, true },
		{ "in_flaw_total",
			had ? (double)m->lost[medium][0] + (double)(silent > 200 ? silent / 20 : 0)
			    : 0,
			false },
		{ "in_quality_percentage", q, true },
		{ "in_mos", fs_mos(q), true },
		{ "out_raw_bytes", out_bytes, false },
		{ "out_media_bytes", out_bytes, false },
		{ "out_packet_count", out_n, false },
		{ "out_media_packet_count", out_n, false },
		{ "out_skip_packet_count", 0, false },
		{ "out_dtmf_packet_count", 0, false },
		{ "out_cng_packet_count", 0, false },
		{ "rtcp_packet_count", told, false },
		{ "rtcp_octet_count", told_bytes, false },
	};
	memcpy(out, all, sizeof all);
	return FIGURES;
}

void
fs_json_media(
	const struct fs_chan *c, const struct media *m, int medium, int64_t now, struct buf *out)
{
	struct figure f[FIGURES];
	int n = figures(c, m, medium, now, f);
	buf_putc(out, '{');
	for (int i = 0; i < n; i++)
		if (f[i].real)
			buf_printf(out, "%s\"%s\":%.7g", i ? "," : "", f[i].name, f[i].value);
		else
			buf_printf(out, "%s\"%s\":%lld", i ? "," : "", f[i].name,
				(long long)f[i].value);
	buf_putc(out, '}');
}

void
fs_put_media(struct fs_headers *h, const struct fs_chan *c)
{
	static const char *const media[2] = { "audio", "video" };
	for (int m = 0; m < (fs_has_video(c) ? 2 : 1); m++) {
		struct figure f[FIGURES];
		char name[NAME_MAX_BYTES];
		int n = figures(c, &c->stats, m, c->stats_at, f);
		for (int i = 0; i < n; i++) {
			snprintf(name, sizeof name, "variable_rtp_%s_%s", media[m], f[i].name);
			if (f[i].real)
				fs_put(h, name, "%.2f", f[i].value);
			else
				fs_put(h, name, "%lld", (long long)f[i].value);
		}
	}
}
