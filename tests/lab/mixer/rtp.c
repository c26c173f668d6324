/* RTP and RTCP of a call: sockets, the queue that evens out jitter, and all figures that are told
 * later. Called by call.c, and by the loop when packets come. Owns the call's sockets. Counts what
 * really came: nothing is reckoned here. */
#include "mixer.h"

#include "base/clock.h"

#include <rem.h>
#include <string.h>

enum { HEADROOM = RTP_HEADER_SIZE + 4 };

/* A gap in the numbers, reordered packets apart. */
static void
count_gap(struct call *k, uint16_t seq)
{
	int16_t step = (int16_t)(seq - k->high_seq);
	if (k->in == 0 || step > 500 || step < -500) { /* the first one, or a new beginning */
		k->high_seq = seq;
		return;
	}
	if (step > 0) {
		k->lost_seq += step - 1;
		k->high_seq = seq;
	} else if (step < 0 && k->lost_seq > 0) {
		k->lost_seq--; /* late, not lost */
	}
}

static void
packet_came(const struct sa *src, const struct rtp_header *h, struct mbuf *mb, void *arg)
{
	struct call *k = arg;
	size_t n = mbuf_get_left(mb);
	/* baresip pierces firewalls with a "packet" of its own */
	if (k->over || (h->pt != 0 && h->pt != 8 && h->pt != 101 && h->pt != 13) || n == 0)
		return;
	count_gap(k, h->seq);
	k->in++;
	k->counted.in_bytes += (int64_t)(n + RTP_HEADER_SIZE);
	k->last_in = clock_now();
	if ((h->pt != 0 && h->pt != 8) || k->waiting == QUEUE)
		return;
	struct frame *f = &k->queue[(k->first + k->waiting++) % QUEUE];
	f->n = (uint8_t)(n < FRAME ? n : FRAME);
	f->pt = h->pt;
	memcpy(f->bytes, mbuf_buf(mb), f->n);
}

static void
take_block(struct call *k, const struct rtcp_rr *b, size_t n)
{
	uint32_t ours = rtp_sess_ssrc(k->rtp);
	k->counted.heard_us = false;
	for (size_t i = 0; i < n && b; i++) {
		if (b[i].ssrc != ours)
			continue;
		k->counted.heard_us = true;
		k->counted.source = b[i].ssrc;
		k->counted.fraction = b[i].fraction;
		k->counted.lost = b[i].lost;
		k->counted.high = b[i].last_seq;
		k->counted.jitter = b[i].jitter;
		k->counted.lsr = b[i].lsr;
		k->counted.dlsr = b[i].dlsr;
	}
}

static void
report_came(const struct sa *src, struct rtcp_msg *msg, void *arg)
{
	struct call *k = arg;
	struct counted *c = &k->counted;
	if (k->over || !k->rtp)
		return;
	if (msg->hdr.pt == RTCP_SR) {
		c->ssrc = msg->r.sr.ssrc;
		c->ntp_s = msg->r.sr.ntp_sec;
		c->ntp_frac = msg->r.sr.ntp_frac;
		c->rtp_ts = msg->r.sr.rtp_ts;
		c->sent_packets = msg->r.sr.psent;
		c->sent_bytes = msg->r.sr.osent;
		take_block(k, msg->r.sr.rrv, msg->hdr.count);
	} else if (msg->hdr.pt == RTCP_RR) {
		c->ssrc = msg->r.rr.ssrc;
		take_block(k, msg->r.rr.rrv, msg->hdr.count);
	} else {
		return;
	}
	struct rtcp_stats st;
	if (rtcp_stats(k->rtp, c->ssrc, &st) == 0) {
		c->rtt_s = st.rtt / 1e6;
		c->jitter_ms = st.rx.jit / 1e3;
	}
	c->reports++;
}

bool
rtp_open(struct call *k)
{
	struct sa here;
	return sa_set_str(&here, mixer_options.ip, 0) == 0 &&
	       rtp_listen(&k->rtp, IPPROTO_UDP, &here, (uint16_t)mixer_options.rtp_min,
		       (uint16_t)mixer_options.rtp_max, true, packet_came, report_came, k) == 0;
}

void
rtp_begin(struct call *k, bool mux)
{
	struct sa reports;
	const struct sdp_format *f = sdp_media_rformat(k->audio, NULL);
	k->far = *sdp_media_raddr(k->audio);
	k->pt = f && f->pt == 8 ? 8 : 0;
	sdp_media_raddr_rtcp(k->audio, &reports);
	rtcp_set_srate(k->rtp, 8000, 8000);
	rtcp_enable_mux(k->rtp, mux);
	rtcp_start(k->rtp, "mixer", mux ? &k->far : &reports);
	k->ts = rand_u32();
	k->last_in = clock_now();
}

void
rtp_end(struct call *k)
{
	k->over = true;
	k->rtp = mem_deref(k->rtp);
}

/* After the queue ran dry it is filled again before the next frame is played, as a jitter buffer
 * does: what is late by less than that is no gap. */
int
rtp_next(struct call *k, struct frame *out)
{
	if (!k->playing)
		k->playing = k->waiting >= PREFILL;
	if (k->playing && k->waiting) {
		*out = k->queue[k->first];
		k->first = (k->first + 1) % QUEUE;
		k->waiting--;
		return 1;
	}
	k->playing = false;
	k->counted.skipped++;
	return 0;
}

void
rtp_say(struct call *k, const int16_t *samples)
{
	struct mbuf *mb = mbuf_alloc(HEADROOM + FRAME);
	if (!mb)
		return;
	mb->pos = mb->end = HEADROOM;
	for (int i = 0; i < FRAME; i++)
		mbuf_write_u8(
			mb, k->pt == 8 ? g711_pcm2alaw(samples[i]) : g711_pcm2ulaw(samples[i]));
	mb->pos = HEADROOM;
	if (rtp_send(k->rtp, &k->far, false, k->out == 0, (uint8_t)k->pt, k->ts, mb) == 0)
		k->counted.out_bytes += FRAME + RTP_HEADER_SIZE;
	k->out++;
	k->ts += FRAME;
	mem_deref(mb);
}
