/* The forms in which the simulated CMS speaks: pages, errors, media figures, records, end reasons.
 * Called by the other cms_*.c and by a unit test. Owns nothing, pure. Facts follow the CMS API and
 * CDR guides. */
#include "cms.h"

#include "post.h"

#include "base/str.h"
#include "base/vis.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct cms_window
cms_page(size_t total, const char *offset, const char *limit, size_t cap)
{
	int64_t from = 0, n = (int64_t)cap;
	if (offset && !str_to_int(offset, 0, INT32_MAX, &from))
		from = 0;
	if (limit && !str_to_int(limit, 0, INT32_MAX, &n))
		n = (int64_t)cap;
	struct cms_window w = { .offset = (size_t)from,
		.count = (size_t)n < cap ? (size_t)n : cap };
	if (w.offset > total)
		w.offset = total;
	if (w.count > total - w.offset)
		w.count = total - w.offset;
	return w;
}

bool
cms_path(const char *pattern, const char *path, char ids[2][80])
{
	int id = 0;
	path += *path == '/';
	for (;;) {
		size_t p = strcspn(pattern, "/"), q = strcspn(path, "/");
		if (p == 1 && *pattern == '@') {
			if (!q || q >= 80 || id == 2 || (q == 1 && *path == '*'))
				return false;
			snprintf(ids[id++], 80, "%.*s", (int)q, path);
		} else if (p != q || strncasecmp(pattern, path, p) != 0) {
			return false;
		}
		pattern += p;
		path += q;
		if (!*pattern)
			return !*path || str_eq(path, "/");
		if (!*path)
			return false;
		pattern++;
		path++;
	}
}

bool
cms_layout_known(const char *name)
{
	static const char *const names[] = { "allEqual", "speakerOnly", "telepresence", "stacked",
		"allEqualQuarters", "allEqualNinths", "allEqualSixteenths", "allEqualTwentyFifths",
		"onePlusFive", "onePlusSeven", "onePlusNine", "automatic", "onePlusN", "" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

const char *
cms_reason(const char *why, const char *address)
{
	static const struct {
		const char *why, *reason;
	} table[] = { { "busy", "remoteBusy" }, { "rejected", "remoteRejected" },
		{ "noAnswer", "ringingTimeout" }, { "remoteTeardown", "remoteTeardown" },
		{ "noGatekeeperForDN", "unknownDestination" },
		{ "portAllocationExceeded", "participantLimitReached" },
		/* not known which words these get: the guide has a list, not their occasions */
		{ "networkError", "timeout" }, { "destinationUnreachable", "timeout" },
		{ "capabilityNegotiationError", "error" } };
	if (str_eq(why, "dnsFailed")) { /* a name has to be looked up, figures have not */
		const char *at = strchr(address, '@');
		return at && at[1] >= '0' && at[1] <= '9' ? "unknownDestination" : "dnsFailure";
	}
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(why, table[i].why))
			return table[i].reason;
	return why; /* already a word of the guide: the simulator gave it */
}

void
cms_element(struct buf *out, const char *name, const char *text)
{
	if (str_empty(text))
		return;
	buf_printf(out, "<%s>", name);
	vis_xml(out, text);
	buf_printf(out, "</%s>", name);
}

/* CMS API: 404 for what is gone, another 4xx for what cannot be done */
void
cms_fail(struct web_reply *out, const char *tag)
{
	out->status =
		str_ends(tag, "DoesNotExist") || str_eq(tag, "unrecognizedObject") ? 404 : 400;
	out->type = "text/xml";
	buf_clear(&out->body);
	buf_printf(
		&out->body, "<?xml version=\"1.0\"?><failureDetails><%s/></failureDetails>", tag);
}

void
cms_fail_parameter(struct web_reply *out, const char *parameter, const char *error)
{
	cms_fail(out, "parameterError");
	buf_clear(&out->body);
	buf_puts(&out->body, "<?xml version=\"1.0\"?><failureDetails><parameterError parameter=\"");
	vis_xml(&out->body, parameter);
	buf_printf(&out->body, "\" error=\"%s\"/></failureDetails>", error);
}

bool
cms_bool(const char *text, bool *out)
{
	*out = str_eq(text, "true");
	return *out || str_eq(text, "false") || !*text;
}

struct stream {
	const char *tag, *codec;
	int bps, medium;
	bool receive;
};

/* CMS API: percent as decimal text, jitter in ms, bit rate measured; the round trip only where it
 * sends */
static void
write_stream(const struct cms_leg *l, const struct media *md, const struct stream *s, int64_t now,
	struct buf *out)
{
	bool flows = md->flowing[s->medium][s->receive ? 0 : 1];
	/* what it sends says nothing of what arrives: it goes on into a dead line */
	bool sends = !s->receive;
	int loss = flows ? md->loss_permille : 0;
	buf_printf(out, "<%s%s><codec>%s</codec>", s->tag, s->medium ? " role=\"main\"" : "",
		s->codec);
	/* CMS API: what it receives may come without a size */
	if (s->medium && (sends || l->b.leg.site->plan->ordinal % 2 == 0))
		buf_printf(out,
			"<width>1280</width><height>720</height><frameRate>%d.%d</frameRate>",
			flows || sends ? 29 : 0,
			flows || sends ? leg_measured(&l->b.leg, now, 100, 3) % 10 : 0);
	int bps = flows || sends ? leg_measured(&l->b.leg, now, s->bps, s->medium) : 0;
	if (s->receive)
		bps -= (int)((int64_t)bps * loss / 1000);
	buf_printf(out,
		"<packetLossPercentage>%d.%d</packetLossPercentage><jitter>%d</jitter><bitRate>%d</"
		"bitRate>",
		loss / 10, loss % 10, flows ? 4 + l->b.leg.site->plan->ordinal % 5 : 0, bps);
	if (sends)
		buf_printf(out, "<roundTripTime>%d</roundTripTime>",
			12 + l->b.leg.site->plan->ordinal % 9);
	buf_printf(out, "</%s>", s->tag);
}

static void
write_streams(const struct cms_leg *l, int64_t now, struct buf *out)
{
	static const struct stream streams[] = { { "rxAudio", "aac", 48000, 0, true },
		{ "txAudio", "aac", 48000, 0, false }, { "rxVideo", "h264", 1720000, 1, true },
		{ "txVideo", "h264", 1760000, 1, false } };
	struct media md;
	leg_media(&l->b.leg, now, &md);
	if (!md.open)
		return;
	for (size_t i = 0; i < 4; i++) {
		/* CMS API: no section where no stream exists. Here: a picture that never came; a
		 * sound that never came has a section at 0 bit/s, so both shapes of silence are
		 * met */
		if (i == 2 && l->b.leg.site->plan->blocked[1][0])
			continue;
		write_stream(l, &md, &streams[i], now, out);
	}
}

void
cms_write_status(const struct cms_leg *l, const char *layout, int64_t now, struct buf *out)
{
	const struct leg *g = &l->b.leg;
	bool up = g->phase == PHASE_CONNECTED;
	const char *state = up ? "connected" : g->phase == PHASE_ALERTING ? "ringing" : "initial";
	const char *direction = g->incoming ? "incoming" : "outgoing";
	buf_printf(out, "<status><state>%s</state>", state);
	if (up)
		buf_printf(out, "<durationSeconds>%lld</durationSeconds>",
			(long long)((now - g->connected) / 1000));
	buf_printf(
		out, "<direction>%s</direction><sipCallId>%.8s@lab</sipCallId>", direction, l->id);
	if (up) {
		buf_puts(out, "<encryptedMedia>false</encryptedMedia><unencryptedMedia>true</"
			      "unencryptedMedia>");
		cms_element(out, "layout", layout);
		write_streams(l, now, out);
	}
	buf_puts(out, "</status>");
}

/* CDR guide: recordIndex has no gap when records were lost, numPreceedingRecordsMissing (their
 * spelling) says so; callBridge stands in a cluster only */
void
cms_write_records(const struct cms_receiver *r, const char *session, size_t taken, struct buf *out)
{
	buf_printf(out, "<?xml version=\"1.0\"?>\n<records session=\"%s\">\n", session);
	for (size_t i = 0; i < taken && i < r->queue.n; i++) {
		const struct cms_record *c = &r->queue.at[i];
		buf_printf(out, "%s recordIndex=\"%llu\" correlatorIndex=\"%llu\"", c->xml,
			(unsigned long long)c->index, (unsigned long long)c->correlator);
		if (c->missing)
			buf_printf(out, " numPreceedingRecordsMissing=\"%llu\"",
				(unsigned long long)c->missing);
		buf_printf(out, ">%s</record>\n", c->xml + strlen(c->xml) + 1);
	}
	buf_puts(out, "</records>\n");
}

bool
cms_receiver_uri(const char *uri, char host[64], int *port, const char **path)
{
	return lab_post_place(uri, host, port, path);
}
