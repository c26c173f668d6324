/* Proof that a medium arrives: windows over what the receiver counts. Pure part of run.c.
 *
 * Only the receiver's word counts: from the site the MCU's receive counters, to the site the
 * codec's own receive counters or, where it has none, its measured receive rate above zero with
 * received loss not growing, or the packets that its RTCP reports to the MCU. Two moments at least
 * five seconds apart prove a flow; a whole window without growth disproves it.
 * A figure is of some moment between its question and its answer: two are apart from the answer of
 * the first to the question for the second.
 * Counters that run backwards or belong to another leg begin a new window. */
#include "run_inner.h"

/* Counters to come belong to another leg, or were not watched meanwhile: new windows. forget: a
 * stretch without growth that was under way does not count (it is how a leg without a goodbye
 * ends). */
void
media_reset(struct run_site *s, bool forget)
{
	for (int t = 0; t < TELLERS_N; t++)
		for (int m = 0; m < MEDIA_N; m++)
			for (int d = 0; d < DIRECTIONS_N; d++) {
				s->proof[t][m][d].have_base = false;
				s->proof[t][m][d].doubt_from = 0;
				if (forget) {
					s->proof[t][m][d].last_no_from = 0;
					s->proof[t][m][d].newest_loss_permille = -1;
				}
			}
}

static void
worst(int64_t *kept, int64_t v)
{
	if (v > *kept)
		*kept = v;
}

static bool
is_receiver(enum teller teller, enum direction d)
{
	return (teller == BY_MCU && d == FROM_SITE) || (teller == BY_ENDPOINT && d == TO_SITE);
}

/* The counter that grows when the medium arrives, or an unknown figure. */
static struct figure
arrival_counter(const struct stream *st, enum teller teller, enum direction d)
{
	if (is_receiver(teller, d))
		return st->packets;
	return st->far_received;
}

static void
begin_window(struct proof *p, const struct stream *st, int64_t at, int64_t seq)
{
	p->base = *st;
	p->base_at = at;
	p->base_seq = seq;
	p->have_base = true;
}

/* Share lost in the window, permille, or -1. */
static int64_t
window_loss(const struct proof *p, const struct stream *st)
{
	if (st->loss_permille.known)
		return st->loss_permille.v;
	if (!st->lost.known || !p->base.lost.known || !st->packets.known || !p->base.packets.known)
		return -1;
	int64_t lost = st->lost.v - p->base.lost.v, got = st->packets.v - p->base.packets.v;

	if (lost < 0 || got < 0 || (lost == 0 && got == 0))
		return -1;
	/* A device may say any number: it is wrong then, but no overflow. */
	return (int64_t)((__int128)lost * 1000 / ((__int128)lost + got));
}

static void
window_yes(struct run *r, struct proof *p, const struct stream *st, int64_t at, int64_t seq)
{
	p->value = YES;
	p->last_yes = at;
	p->last_no_from = p->doubt_from = 0;
	p->windows_yes++;
	if (p->windows_yes == 1) {
		p->yes_seq[0] = p->base_seq;
		p->yes_seq[1] = seq;
	}
	if (r->verify_from && at >= r->verify_from && p->base_at <= r->verify_until) {
		/* What is not there because the stream had stopped is no loss: known one window
		 * later. */
		if (p->newest_from != p->base_at)
			worst(&p->worst_loss_permille, p->newest_loss_permille);
		p->newest_from = p->base_at;
		p->newest_loss_permille = window_loss(p, st);
		if (st->jitter_ms.known)
			worst(&p->worst_jitter_ms, st->jitter_ms.v);
		if (st->rtt_ms.known)
			worst(&p->worst_rtt_ms, st->rtt_ms.v);
	}
}

static void
window_no(struct proof *p, int64_t seq)
{
	p->value = NO;
	p->newest_loss_permille = -1;
	p->windows_no++;
	p->no_seq[0] = p->base_seq;
	p->no_seq[1] = seq;
	if (!p->last_no_from)
		p->last_no_from = p->doubt_from ? p->doubt_from : p->base_at;
}

/* Nobody looked for long, or the clock was set: that nothing came in all this time is told only by
 * the next window, if nothing comes in that either. */
static void
window_long(struct proof *p)
{
	if (!p->doubt_from)
		p->doubt_from = p->base_at;
}

/* A device without packet counters: measured rate above zero at both moments, loss not growing. */
static void
feed_rate(struct run *r, struct proof *p, const struct stream *st, int64_t at, int64_t seq)
{
	int64_t apart = r->asked - p->base_at;
	bool flowing = p->base.kbps.v > 0 && st->kbps.v > 0;
	bool losing = st->lost.known && p->base.lost.known && st->lost.v > p->base.lost.v;

	if (flowing && !losing && apart >= PROOF_APART_MS) {
		window_yes(r, p, st, at, seq);
		begin_window(p, st, at, seq);
	} else if (p->base.kbps.v == 0 && st->kbps.v == 0 && apart >= r->spec->profile.window_ms) {
		if (at - p->base_at <= WINDOW_MOST_MS)
			window_no(p, seq);
		else
			window_long(p);
		begin_window(p, st, at, seq);
	} else if (p->base.kbps.v != st->kbps.v && (p->base.kbps.v == 0 || st->kbps.v == 0)) {
		begin_window(p, st, at, seq); /* it changed between something and nothing */
	} else if (losing && apart >= r->spec->profile.window_ms) {
		begin_window(p, st, at, seq); /* flowing but losing: proves neither */
	}
}

static void
feed_counter(struct run *r, struct proof *p, const struct stream *st, struct figure base,
	struct figure now_count, int64_t at, int64_t seq)
{
	int64_t apart = r->asked - p->base_at;

	if (now_count.v < base.v) { /* restarted, wrapped or another leg */
		p->doubt_from = 0;
		begin_window(p, st, at, seq);
		return;
	}
	if (now_count.v > base.v) {
		if (apart < PROOF_APART_MS)
			return;
		/* A window may stay open longer for the grade, but growth is proven now. */
		window_yes(r, p, st, at, seq);
		if (apart >= r->spec->profile.window_ms || p->windows_yes == 1)
			begin_window(p, st, at, seq);
		return;
	}
	if (apart >= r->spec->profile.window_ms) {
		if (at - p->base_at <= WINDOW_MOST_MS)
			window_no(p, seq);
		else
			window_long(p);
		begin_window(p, st, at, seq);
	}
}

/* Figures that stand beside the windows. */
static void
note_one(struct proof *p, const struct stream *st, int64_t seq)
{
	if (st->kbps.known)
		p->kbps = st->kbps.v;
	if (st->fps.known) {
		p->still = st->fps.v == 0 && (!st->kbps.known || st->kbps.v > 0) ? p->still + 1 : 0;
		p->still_seq = p->still ? seq : 0;
	}
	if (st->width.known && st->height.known) {
		p->width = st->width.v;
		p->height = st->height.v;
	}
}

static void
feed_one(struct run *r, struct proof *p, const struct stream *st, enum teller teller,
	enum direction d, int64_t at, int64_t seq)
{
	if (st->open != UNKNOWN)
		p->open = st->open;
	note_one(p, st, seq);
	if (!is_receiver(teller, d)) { /* a sender's word is no evidence: it only shows that the two
				        * ends disagree */
		p->sends = st->packets.known ? p->sent.known && st->packets.v > p->sent.v
					     : st->kbps.known && st->kbps.v > 0;
		p->sent = st->packets;
	}
	if (st->open == NO) {
		p->have_base = false;
		return;
	}
	struct figure count = arrival_counter(st, teller, d);
	bool by_rate = !count.known && is_receiver(teller, d) && st->kbps.known;

	if (!count.known && !by_rate)
		return;
	if (!p->have_base) {
		begin_window(p, st, at, seq);
		return;
	}
	struct figure base = arrival_counter(&p->base, teller, d);

	if (base.known != count.known || (by_rate && !p->base.kbps.known))
		begin_window(p, st, at, seq);
	else if (by_rate)
		feed_rate(r, p, st, at, seq);
	else
		feed_counter(r, p, st, base, count, at, seq);
}

void
media_feed(struct run *r, struct run_site *s, enum teller teller, const struct media_sample *m,
	int64_t at, int64_t seq)
{
	for (int medium = 0; medium < MEDIA_N; medium++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			feed_one(r, &s->proof[teller][medium][d], &m->s[medium][d], teller, d, at,
				seq);
	if (teller == BY_MCU)
		silence_feed(r, s);
}

/* Audio and video in this direction are proven, or not negotiated. */
bool
media_proven(const struct run_site *s, enum teller teller, enum direction d)
{
	for (int medium = 0; medium < MEDIA_N; medium++) {
		const struct proof *p = &s->proof[teller][medium][d];

		if (p->value != YES && p->open != NO)
			return false;
	}
	return true;
}

int64_t
media_silent_since(const struct run_site *s, int64_t *out_seq)
{
	int64_t since = 0;

	for (int medium = 0; medium < MEDIA_N; medium++) {
		const struct proof *p = &s->proof[BY_MCU][medium][FROM_SITE];

		if (!p->windows_yes)
			continue;
		if (!p->last_no_from)
			return 0;
		if (p->last_no_from > since) {
			since = p->last_no_from;
			*out_seq = p->no_seq[1];
		}
	}
	return since;
}

void
media_note(struct run *r, struct run_site *s, enum teller teller, const struct media_sample *m,
	int64_t at, int64_t seq)
{
	for (int medium = 0; medium < MEDIA_N; medium++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			struct proof *p = &s->proof[teller][medium][d];
			const struct stream *st = &m->s[medium][d];

			note_one(p, st, seq);
			if (r->verify_from && at <= r->verify_until && st->jitter_ms.known)
				worst(&p->worst_jitter_ms, st->jitter_ms.v);
		}
}
