/* SIP of the mixer: calls to sites, and calls of sites that dial in. Called by fleet.c on behalf of
 * the conference, and by the loop when messages come. Owns the calls and the SIP stack. What a call
 * comes to is written into the call and nowhere else: fleet.c takes it from there. */
#include "mixer.h"

#include "../freeswitch.h"
#include "../log.h"
#include "base/clock.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROBE_MS = 2000, HASH = 32 };

struct list calls;

static struct sip *sip;
static struct sipsess_sock *sock;
static int ordinals;

static void
call_free(void *arg)
{
	struct call *k = arg;
	list_unlink(&k->le);
	mem_deref(k->sess);
	mem_deref(k->rtp);
	mem_deref(k->sdp);
	if (k->probe >= 0)
		close(k->probe);
}

struct call *
call_of(const struct site *s)
{
	return (struct call *)((char *)(uintptr_t)s - offsetof(struct call, site));
}

struct call *
call_new(const char *uri)
{
	struct call *k = mem_zalloc(sizeof *k, call_free);
	if (!k)
		return NULL;
	str_copy(k->uri, sizeof k->uri, uri);
	const char *user = str_starts(uri, "sip:") ? uri + 4 : uri, *at = strchr(user, '@');
	const char *host = at ? at + 1 : user;
	snprintf(k->user, sizeof k->user, "%.*s", (int)strcspn(user, "@:;"), user);
	snprintf(k->host, sizeof k->host, "%.*s", (int)strcspn(host, ":;"), host);
	k->plan = (struct lab_site){ .id = k->user,
		.name = k->user,
		.address = k->uri,
		.ip = k->host,
		.ordinal = ++ordinals,
		.on_at = LAB_NEVER,
		.speaks_ms = LAB_NEVER };
	k->site.plan = &k->plan;
	k->site.call_name = "";
	k->probe = -1;
	list_append(&calls, &k->le, k);
	return k;
}

/* ---- SDP ---------------------------------------------------------------------------------------
 */

static bool
make_sdp(struct call *k)
{
	struct sa here;
	if (sa_set_str(&here, mixer_options.ip, 0) || sdp_session_alloc(&k->sdp, &here) ||
		sdp_media_add(&k->audio, k->sdp, "audio", sa_port(rtp_local(k->rtp)), "RTP/AVP") ||
		sdp_format_add(NULL, k->audio, false, "0", "PCMU", 8000, 1, NULL, NULL, NULL, false,
			NULL) ||
		sdp_format_add(NULL, k->audio, false, "8", "PCMA", 8000, 1, NULL, NULL, NULL, false,
			NULL) ||
		sdp_format_add(NULL, k->audio, false, "101", "telephone-event", 8000, 1, NULL, NULL,
			NULL, false, "0-15"))
		return false;
	sdp_media_set_lattr(k->audio, true, "ptime", "20");
	sdp_media_set_lattr(k->audio, true, "rtcp-mux", NULL);
	return true;
}

static bool
has_sound(const struct call *k)
{
	const struct sdp_format *f = sdp_media_rformat(k->audio, NULL);
	return sdp_media_rport(k->audio) && f && (f->pt == 0 || f->pt == 8);
}

/* ---- what the other side does -------------------------------------------------------------------
 */

static void
ended(struct call *k, const char *why)
{
	if (!k->why && !k->ended_at) {
		k->why = why;
		k->ended_at = clock_now();
	}
	k->sess = mem_deref(k->sess);
	rtp_end(k);
}

static void
on_progress(const struct sip_msg *msg, void *arg)
{
	struct call *k = arg;
	k->sip_port = sa_port(&msg->src);
	if (!k->ringing_at && msg->scode >= 180)
		k->ringing_at = clock_now();
}

static int
on_answer(const struct sip_msg *msg, void *arg)
{
	struct call *k = arg;
	k->sip_port = sa_port(&msg->src);
	return sdp_decode(k->sdp, msg->mb, false);
}

static void
on_established(const struct sip_msg *msg, void *arg)
{
	struct call *k = arg;
	if (!has_sound(k)) {
		ended(k, "capabilityNegotiationError");
		return;
	}
	rtp_begin(k, sdp_media_rattr(k->audio, "rtcp-mux") != NULL);
	k->answered_at = clock_now();
}

/* A hold or a move of its ports: agreed to, and the sound goes where it says. */
static int
on_offer(struct mbuf **out, const struct sip_msg *msg, void *arg)
{
	struct call *k = arg;
	int err = 0;
	if (mbuf_get_left(msg->mb)) {
		err = sdp_decode(k->sdp, msg->mb, true);
		if (!err && sdp_media_rport(k->audio))
			k->far = *sdp_media_raddr(k->audio);
	}
	return err ? err : sdp_encode(out, k->sdp, !mbuf_get_left(msg->mb));
}

static const char *
why_of(uint16_t code)
{
	switch (code) {
	case 486:
	case 600: return "busy";
	case 401:
	case 403:
	case 407:
	case 603: return "rejected";
	case 404:
	case 410:
	case 484:
	case 604: return "noGatekeeperForDN";
	case 415:
	case 488:
	case 606: return "capabilityNegotiationError";
	case 480: return "notRegistered";
	default: return "destinationUnreachable";
	}
}

static void
on_close(int err, const struct sip_msg *msg, void *arg)
{
	struct call *k = arg;
	if (msg)
		k->sip_port = sa_port(&msg->src);
	if (k->answered_at)
		ended(k, err == ETIMEDOUT ? "networkError" : "remoteTeardown");
	else
		ended(k, err ? "destinationUnreachable" : why_of(msg ? msg->scode : 0));
}

/* ---- what we do ------------------------------------------------------------------------------ */

/* A port that nobody has says so to a socket that is connected to it. */
static void
begin_probe(struct call *k)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *at = strchr(k->uri, '@'), *colon = at ? strchr(at, ':') : NULL;
	int64_t port = 5060;
	char digits[8] = "";
	if (colon)
		snprintf(digits, sizeof digits, "%.*s", (int)strspn(colon + 1, "0123456789"),
			colon + 1);
	if (*digits && !str_to_int(digits, 1, 65535, &port))
		return;
	to.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, k->host, &to.sin_addr) != 1)
		return;
	k->probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (k->probe >= 0 && (connect(k->probe, (struct sockaddr *)&to, sizeof to) ||
				     send(k->probe, "\r\n\r\n", 4, MSG_NOSIGNAL) < 0)) {
		close(k->probe);
		k->probe = -1;
	}
}

void
call_watch(struct call *k, int64_t now)
{
	char answer[8];
	if (k->probe < 0)
		return;
	bool refused = recv(k->probe, answer, sizeof answer, 0) < 0 && errno == ECONNREFUSED;
	if (!refused && now - k->site.lab_start < PROBE_MS)
		return;
	close(k->probe);
	k->probe = -1;
	if (refused && !k->answered_at)
		ended(k, "destinationUnreachable");
}

void
call_dial(struct call *k, int64_t now)
{
	char from[128];
	struct mbuf *offer = NULL;
	k->site.lab_start = now;
	snprintf(from, sizeof from, "sip:mixer@%s:%d", mixer_options.ip, mixer_options.sip_port);
	begin_probe(k);
	if (!rtp_open(k) || !make_sdp(k) || sdp_encode(&offer, k->sdp, true) ||
		sipsess_connect(&k->sess, sock, k->uri, NULL, from, "mixer", NULL, 0,
			"application/sdp", offer, NULL, NULL, false, on_offer, on_answer,
			on_progress, on_established, NULL, NULL, on_close, k, NULL))
		ended(k, "destinationUnreachable");
	mem_deref(offer);
}

void
call_hang(struct call *k)
{
	k->ended_at = k->ended_at ? k->ended_at : clock_now();
	k->sess = mem_deref(k->sess); /* BYE, or CANCEL */
	rtp_end(k);
}

/* A site calls: it comes into the conference that runs, and nowhere if there is none. */
static void
on_incoming(const struct sip_msg *msg, void *arg)
{
	char uri[256];
	struct mbuf *answer = NULL;
	int64_t now = clock_now();
	re_snprintf(uri, sizeof uri, "%r", &msg->from.auri);
	struct call *k = call_new(uri);
	if (!k) {
		sip_reply(sip, msg, 500, "No Memory");
		return;
	}
	k->incoming = true;
	k->site.lab_start = now;
	k->sip_port = sa_port(&msg->src);
	if (!rtp_open(k) || !make_sdp(k) || sdp_decode(k->sdp, msg->mb, true) || !has_sound(k)) {
		sip_reply(sip, msg, 488, "Not Acceptable Here");
		mem_deref(k);
		return;
	}
	rtp_begin(k, sdp_media_rattr(k->audio, "rtcp-mux") != NULL);
	if (!freeswitch_dial_in(&k->site, "mixer", NULL, now)) {
		sip_reply(sip, msg, 404, "Not Found");
		mem_deref(k);
		return;
	}
	k->answered_at = now;
	if (sdp_encode(&answer, k->sdp, false) ||
		sipsess_accept(&k->sess, sock, msg, 200, "OK", "mixer", "application/sdp", answer,
			NULL, NULL, false, on_offer, on_answer, on_established, NULL, NULL,
			on_close, k, NULL))
		ended(k, "capabilityNegotiationError");
	mem_deref(answer);
}

bool
sip_start(void)
{
	struct sa here;
	return sa_set_str(&here, mixer_options.ip, (uint16_t)mixer_options.sip_port) == 0 &&
	       sip_alloc(&sip, NULL, HASH, HASH, HASH, "mixer", NULL, NULL) == 0 &&
	       sip_transp_add(sip, SIP_TRANSP_UDP, &here) == 0 &&
	       sip_transp_add(sip, SIP_TRANSP_TCP, &here) == 0 &&
	       sipsess_listen(&sock, sip, HASH, on_incoming, NULL) == 0;
}

void
sip_stop(void)
{
	list_flush(&calls);
	sipsess_close_all(sock);
	sip_transp_flush(sip);
	sip_close(sip, true);
	mem_deref(sock);
	mem_deref(sip);
}
