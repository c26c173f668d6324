/* What the simulated FreeSWITCH says by itself: conference::maintenance, hangups, RTCP reports, job
 * results; and a channel's dump, which has the same form. Called under the fleet's lock by
 * freeswitch_state.c and the commands. Owns nothing. Must never change a conference: events follow
 * changes. */
#include "freeswitch.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void
stamp(int64_t ms, const char *form, char *out, size_t size)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	gmtime_r(&t, &tm);
	if (form[0] == 'G')
		strftime(out, size, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	else
		strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm);
}

static long long
micro(const struct fs_chan *c, int64_t at)
{
	return at ? (long long)(at + c->leg.mcu->clock_off) * 1000 : 0;
}

static void
put_head(struct fs *f, struct fs_headers *h, const char *name, const char *where, int64_t now)
{
	char text[64];
	int64_t at = now + f->plan->clock_off; /* its own clock */
	fs_put(h, "Event-Name", "%s", name);
	fs_put(h, "Core-UUID", "%s", f->core);
	fs_put(h, "FreeSWITCH-Hostname", "%s", f->plan->name);
	fs_put(h, "FreeSWITCH-Switchname", "%s", f->plan->name);
	fs_put(h, "FreeSWITCH-IPv4", "%s", f->plan->host);
	fs_put(h, "FreeSWITCH-IPv6", "::1");
	stamp(at, "L", text, sizeof text);
	fs_put(h, "Event-Date-Local", "%s", text);
	stamp(at, "G", text, sizeof text);
	fs_put(h, "Event-Date-GMT", "%s", text);
	fs_put(h, "Event-Date-Timestamp", "%lld", (long long)at * 1000);
	fs_put(h, "Event-Calling-Function", "%s", where);
	fs_put(h, "Event-Sequence", "%llu", (unsigned long long)++f->sequence);
}

static const char *
call_state(const struct fs_chan *c)
{
	/* described: DOWN, RINGING, ACTIVE, HANGUP; recorded for ringing, active and gone */
	if (c->over)
		return "HANGUP";
	switch (c->leg.phase) {
	case PHASE_ALERTING: return "RINGING";
	case PHASE_CONNECTED: return "ACTIVE";
	case PHASE_DISCONNECTED: return "HANGUP";
	case PHASE_DORMANT:
	case PHASE_PROCEEDING: return "DOWN";
	}
	return "DOWN";
}

static void
put_channel(struct fs_headers *h, const struct fs_chan *c)
{
	bool in = c->leg.connected && !c->over;
	const char *way = c->leg.incoming ? "inbound" : "outbound";
	const char *number = fs_var(c, "origination_caller_id_number"),
		   *name = fs_var(c, "origination_caller_id_name");
	fs_put(h, "Channel-State", "%s",
		c->over ? "CS_REPORTING"
		: in	? "CS_EXECUTE"
			: "CS_CONSUME_MEDIA");
	fs_put(h, "Channel-Call-State", "%s", call_state(c));
	fs_put(h, "Channel-State-Number", "%d", c->over ? 11 : in ? 4 : 7);
	fs_put(h, "Channel-Name", "%s", c->name);
	fs_put(h, "Unique-ID", "%s", c->uuid);
	fs_put(h, "Call-Direction", "%s", way);
	fs_put(h, "Presence-Call-Direction", "%s", way);
	fs_put(h, "Channel-HIT-Dialplan", "%s", c->leg.connected ? "true" : "false");
	fs_put(h, "Channel-Call-UUID", "%s", c->uuid);
	fs_put(h, "Answer-State", "%s", c->over ? "hangup" : in ? "answered" : "ringing");
	if (c->over)
		fs_put(h, "Hangup-Cause", "%s", c->cause);
	if (in) {
		fs_put(h, "Channel-Read-Codec-Name", "L16");
		fs_put(h, "Channel-Read-Codec-Rate", "8000");
		fs_put(h, "Channel-Read-Codec-Bit-Rate", "128000");
		fs_put(h, "Channel-Write-Codec-Name", "PCMU");
		fs_put(h, "Channel-Write-Codec-Rate", "8000");
		fs_put(h, "Channel-Write-Codec-Bit-Rate", "64000");
	}
	fs_put(h, "Caller-Direction", "%s", way);
	fs_put(h, "Caller-Logical-Direction", "%s", way);
	if (c->cid_name[0]) {
		fs_put(h, "Caller-Caller-ID-Name", "%s", c->cid_name);
		fs_put(h, "Caller-Caller-ID-Number", "%s", c->cid_number);
	}
	if (name)
		fs_put(h, "Caller-Orig-Caller-ID-Name", "%s", name);
	fs_put(h, "Caller-Orig-Caller-ID-Number", "%s", number ? number : "0000000000");
	if (c->leg.site)
		fs_put(h, "Caller-Network-Addr", "%s", c->leg.site->plan->ip);
	fs_put(h, "Caller-ANI", "%s", number ? number : "0000000000");
	fs_put(h, "Caller-Destination-Number", "%s", c->user);
	fs_put(h, "Caller-Unique-ID", "%s", c->uuid);
	fs_put(h, "Caller-Context", "default");
	fs_put(h, "Caller-Channel-Name", "%s", c->name);
	fs_put(h, "Caller-Channel-Created-Time", "%lld", micro(c, c->created));
	fs_put(h, "Caller-Channel-Answered-Time", "%lld", micro(c, c->leg.connected));
	fs_put(h, "Caller-Channel-Hangup-Time", "%lld", c->over ? micro(c, c->leg.ended) : 0);
}

/* What every channel knows of itself. */
static void
put_variables(const struct fs *f, const struct fs_chan *c, struct fs_headers *h)
{
	char name[96];
	fs_put(h, "variable_direction", "%s", c->leg.incoming ? "inbound" : "outbound");
	fs_put(h, "variable_uuid", "%s", c->uuid);
	fs_put(h, "variable_call_uuid", "%s", c->uuid);
	fs_put(h, "variable_session_id", "%d", c->session);
	fs_put(h, "variable_sip_profile_name", "%s", f->profile);
	fs_put(h, "variable_channel_name", "%s", c->name);
	if (strlen(c->name) > strlen(f->profile) + 7)
		fs_put(h, "variable_sip_destination_url", "sip:%s",
			c->name + strlen(f->profile) + 7);
	for (int i = 0; i < c->vars_n; i++) {
		snprintf(name, sizeof name, "variable_%s", c->vars[i].name);
		fs_put(h, name, "%s", c->vars[i].value);
	}
}

static void
put_codecs(const struct fs_chan *c, struct fs_headers *h)
{
	bool video = fs_has_video(c);
	fs_put(h, "variable_rtp_use_codec_string", "%s", "PCMU,PCMA,H264");
	fs_put(h, "variable_remote_audio_media_flow", "sendrecv");
	fs_put(h, "variable_remote_video_media_flow", "%s", video ? "sendrecv" : "inactive");
	fs_put(h, "variable_rtp_use_codec_name", "PCMU");
	fs_put(h, "variable_rtp_use_codec_rate", "8000");
	fs_put(h, "variable_rtp_use_codec_ptime", "20");
	if (video) { /* described only: the recordings with dumps had no picture */
		fs_put(h, "variable_video_possible", "true");
		fs_put(h, "variable_rtp_use_video_codec_name", "H264");
		fs_put(h, "variable_rtp_use_video_codec_rate", "90000");
	}
	fs_put(h, "variable_write_codec", "PCMU");
	fs_put(h, "variable_write_rate", "8000");
}

void
fs_dump(struct fs *f, const struct fs_chan *c, int64_t now, struct fs_headers *h)
{
	put_head(f, h, "CHANNEL_DATA", "uuid_dump_function", now);
	put_channel(h, c);
	put_variables(f, c, h);
	if (c->leg.connected) {
		put_codecs(c, h);
		fs_put(h, "variable_endpoint_disposition", "ANSWER");
	}
	if (c->conf) {
		fs_put(h, "variable_current_application", "conference");
		fs_put(h, "variable_conference_name", "%s", c->conf->name);
		fs_put(h, "variable_conference_member_id", "%d", c->member);
		fs_put(h, "variable_conference_uuid", "%s", c->conf->uuid);
	}
	if (c->stats_set) /* recorded: unknown until uuid_set_media_stats was run, and stale after
			     it */
		fs_put_media(h, c);
}

static const char *
yes(bool b)
{
	return b ? "true" : "false";
}

static void
put_conference(struct fs_headers *h, const struct fs_conf *conf)
{
	fs_put(h, "Conference-Name", "%s", conf->name);
	fs_put(h, "Conference-Domain", "127.0.0.1");
	fs_put(h, "Conference-Size", "%d", conf->members);
	fs_put(h, "Conference-Ghosts", "0");
	fs_put(h, "Conference-Profile-Name", "default");
	fs_put(h, "Conference-Unique-ID", "%s", conf->uuid);
}

static void
put_member(struct fs_headers *h, const struct fs_chan *c, const struct fs_conf *conf, int64_t now)
{
	struct media md;
	leg_media(&c->leg, now, &md);
	fs_put(h, "Floor", "%s", yes(conf->floor == c->member));
	put_channel(h, c);
	fs_put(h, "Video", "%s", yes(fs_has_video(c)));
	fs_put(h, "Hear", "%s", yes(!c->deaf));
	fs_put(h, "See", "true");
	fs_put(h, "Speak", "%s", yes(!c->leg.muted));
	fs_put(h, "Talking", "%s", yes(c->talking));
	fs_put(h, "Mute-Detect", "%s", yes(c->mute_detect));
	fs_put(h, "Hold", "%s", yes(c->hold));
	fs_put(h, "Member-ID", "%d", c->member);
	fs_put(h, "Member-Type", "member");
	fs_put(h, "Member-Ghost", "false");
	fs_put(h, "Energy-Level", "%d", c->energy_level);
	fs_put(h, "Current-Energy", "%d", fs_score(md.energy_mdb));
}

void
fs_tell(struct fs *f, const struct fs_conf *conf, const struct fs_chan *c, const char *action,
	int64_t now, ...)
{
	struct fs_headers h = { 0 };
	va_list ap;
	if (!conf)
		return;
	fs_put(&h, "Event-Subclass", "conference::maintenance");
	put_head(f, &h, "CUSTOM", "conference", now);
	put_conference(&h, conf);
	if (c)
		put_member(&h, c, conf, now);
	fs_put(&h, "Action", "%s", action);
	va_start(ap, now);
	for (const char *name; (name = va_arg(ap, const char *));)
		fs_put(&h, name, "%s", va_arg(ap, const char *));
	va_end(ap);
	fs_post(f, "CUSTOM", "conference::maintenance", &h, NULL);
	fs_headers_free(&h);
}

void
fs_tell_hangup(struct fs *f, const struct fs_chan *c, int64_t now)
{
	struct fs_headers h = { 0 };
	const struct fs_cause *cause = fs_cause_named(c->cause);
	bool failed = !c->leg.connected;
	int64_t from = c->leg.connected;
	put_head(f, &h, "CHANNEL_HANGUP_COMPLETE", "switch_core_session_reporting_state", now);
	fs_put(&h, "Hangup-Cause", "%s", c->cause);
	put_channel(&h, c);
	int64_t rang = c->leg.alert_at && c->leg.alert_at <= now ? c->leg.alert_at : 0;
	fs_put(&h, "Caller-Channel-Progress-Time", "%lld", micro(c, rang));
	put_variables(f, c, &h);
	/* recorded: of whoever answered; 0 of a call that failed without one */
	if (c->leg.sip_port || (failed && cause->sip))
		fs_put(&h, "variable_sip_network_port", "%d", c->leg.sip_port);
	if (failed && cause->sip) {
		bool cancelled = cause->sip ==
				 487; /* recorded: it gave up itself, and no term_status is there */
		fs_put(&h, "variable_sip_hangup_disposition", "%s",
			cancelled ? "send_cancel" : "recv_refuse");
		fs_put(&h, "variable_sip_invite_failure_status", "%d", cause->sip);
		fs_put(&h, "variable_sip_invite_failure_phrase", "%s", cause->phrase);
		if (!cancelled) {
			fs_put(&h, "variable_sip_term_status", "%d", cause->sip);
			fs_put(&h, "variable_proto_specific_hangup_cause", "sip:%d", cause->sip);
			fs_put(&h, "variable_sip_term_cause", "%d", cause->q850);
		}
	} else if (!failed) {
		put_codecs(c, &h);
		fs_put(&h, "variable_sip_hangup_disposition", "%s",
			c->leg.why && str_eq(c->leg.why, "remoteTeardown") ? "recv_bye"
									   : "send_bye");
	}
	fs_put(&h, "variable_hangup_cause", "%s", c->cause);
	fs_put(&h, "variable_hangup_cause_q850", "%d", cause->q850);
	fs_put(&h, "variable_start_epoch", "%lld", micro(c, c->created) / 1000000);
	fs_put(&h, "variable_answer_epoch", "%lld", micro(c, from) / 1000000);
	fs_put(&h, "variable_end_epoch", "%lld", micro(c, now) / 1000000);
	fs_put(&h, "variable_duration", "%lld", (long long)((now - c->created) / 1000));
	fs_put(&h, "variable_billsec", "%lld", from ? (long long)((now - from) / 1000) : 0LL);
	if (from) { /* recorded: at the end the counters are there unasked */
		struct fs_chan last = *c;
		leg_media(&c->leg, now, &last.stats);
		last.stats_at = now;
		fs_put_media(&h, &last);
	}
	fs_post(f, "CHANNEL_HANGUP_COMPLETE", NULL, &h, NULL);
	fs_headers_free(&h);
}

/* What a site with real RTP reported. */
static void
tell_counted(struct fs *f, const struct fs_chan *c, const struct counted *k, int64_t now)
{
	struct fs_headers h = { 0 };
	put_head(f, &h, "RECV_RTCP_MESSAGE", "switch_core_media_read_frame", now);
	fs_put(&h, "Unique-ID", "%s", c->uuid);
	fs_put(&h, "SSRC", "%08x", k->ssrc);
	fs_put(&h, "NTP-Most-Significant-Word", "%u", k->ntp_s);
	fs_put(&h, "NTP-Least-Significant-Word", "%u", k->ntp_frac);
	fs_put(&h, "RTP-Timestamp", "%u", k->rtp_ts);
	fs_put(&h, "Sender-Packet-Count", "%u", k->sent_packets);
	fs_put(&h, "Octect-Packet-Count", "%u", k->sent_bytes);
	fs_put(&h, "Last-RTP-Timestamp", "%u", k->rtp_ts);
	fs_put(&h, "RTP-Rate", "8000");
	fs_put(&h, "Capture-Time", "%lld", micro(c, now));
	if (k->heard_us) {
		fs_put(&h, "Source0-SSRC", "%08x", k->source);
		fs_put(&h, "Source0-Fraction", "%u", k->fraction);
		fs_put(&h, "Source0-Lost", "%d", k->lost);
		fs_put(&h, "Source0-Loss-Avg", "%u", k->fraction);
		fs_put(&h, "Source0-Highest-Sequence-Number-Received", "%u", k->high);
		fs_put(&h, "Source0-Jitter", "%u", k->jitter);
		fs_put(&h, "Source0-LSR", "%u", k->lsr);
		fs_put(&h, "Source0-DLSR", "%u", k->dlsr);
		fs_put(&h, "Rtt0-Avg", "%.6f", k->rtt_s);
	}
	fs_post(f, "RECV_RTCP_MESSAGE", NULL, &h, NULL);
	fs_headers_free(&h);
}

static void
tell_report(struct fs *f, const struct fs_chan *c, const struct media *md, int medium, int64_t now)
{
	struct fs_headers h = { 0 };
	int rate = medium ? 90000 : 8000, per_s = medium ? 100 : 50, bytes = medium ? 1088 : 160;
	unsigned ssrc = 0x1000000u * (unsigned)(medium + 1) + (unsigned)c->session * 7919u;
	/* what the site's own sender counts: loss on the way is not in it */
	int64_t sent = md->live_ms * per_s / 1000;
	put_head(f, &h, "RECV_RTCP_MESSAGE", "switch_core_media_read_frame", now);
	fs_put(&h, "Unique-ID", "%s", c->uuid);
	fs_put(&h, "SSRC", "%08x", ssrc);
	fs_put(&h, "NTP-Most-Significant-Word", "%lld", (long long)(now / 1000) + 2208988800LL);
	fs_put(&h, "NTP-Least-Significant-Word", "%lld", (long long)(now % 1000) * 4294967);
	fs_put(&h, "RTP-Timestamp", "%lld", (long long)(md->live_ms * rate / 1000));
	fs_put(&h, "Sender-Packet-Count", "%lld", (long long)sent);
	fs_put(&h, "Octect-Packet-Count", "%lld", (long long)sent * bytes);
	fs_put(&h, "Last-RTP-Timestamp", "%lld", (long long)(md->live_ms * rate / 1000));
	fs_put(&h, "RTP-Rate", "%d", rate);
	fs_put(&h, "Capture-Time", "%lld", micro(c, now));
	int64_t heard = md->packets[medium][1];
	if (heard > 0) { /* RFC 3550: a report block speaks of a sender that was heard */
		fs_put(&h, "Source0-SSRC", "%08x", ssrc ^ 0x5a5a5a5au);
		fs_put(&h, "Source0-Fraction", "%d", md->loss_permille * 256 / 1000);
		fs_put(&h, "Source0-Lost", "%lld", (long long)md->lost[medium][1]);
		fs_put(&h, "Source0-Loss-Avg", "%d", md->loss_permille * 256 / 1000);
		fs_put(&h, "Source0-Highest-Sequence-Number-Received", "%lld",
			(long long)(4000 + heard + md->lost[medium][1]));
		fs_put(&h, "Source0-Jitter", "%d", 0);
		fs_put(&h, "Source0-LSR", "%lld", (long long)(now & 0xffffffff));
		fs_put(&h, "Source0-DLSR", "%d", 231000);
		fs_put(&h, "Rtt0-Avg", "%.6f", 0.018 + md->loss_permille / 10000.0);
	}
	fs_post(f, "RECV_RTCP_MESSAGE", NULL, &h, NULL);
	fs_headers_free(&h);
}

void
fs_tell_rtcp(struct fs *f, struct fs_chan *c, int64_t now)
{
	struct media md;
	leg_media(&c->leg, now, &md);
	if (md.is_counted) {
		tell_counted(f, c, &md.counted, now);
		return;
	}
	for (int m = 0; m < (fs_has_video(c) ? 2 : 1); m++)
		if (md.flowing[m][0]) /* reports come the way the medium comes */
			tell_report(f, c, &md, m, now);
}

void
fs_tell_job(struct fs *f, const char *job, const char *command, const char *args,
	const char *result, int64_t now)
{
	struct fs_headers h = { 0 };
	put_head(f, &h, "BACKGROUND_JOB", "api_exec", now);
	fs_put(&h, "Job-UUID", "%s", job);
	fs_put(&h, "Job-Command", "%s", command);
	if (*args)
		fs_put(&h, "Job-Command-Arg", "%s", args);
	fs_post(f, "BACKGROUND_JOB", NULL, &h, result);
	fs_headers_free(&h);
}
