/* One turn of the mix, every 20 ms: what each site says is heard, measured, and summed for all
 * others of its conference; a tone that the conference plays is added. Called by the loop's timer.
 * Owns nothing. A muted leg is measured like any other and left out of the sum. */
#include "mixer.h"

#include "base/str.h"

#include <math.h>
#include <rem.h>
#include <stdio.h>
#include <string.h>

enum { SILENCE_MDB = -96000, TONE_LEVEL = 8000, DECAY_MDB = 4000 };

static void
decode(const struct frame *f, int16_t out[FRAME])
{
	for (int i = 0; i < FRAME; i++)
		out[i] = i >= f->n    ? 0
			 : f->pt == 8 ? g711_alaw2pcm(f->bytes[i])
				      : g711_ulaw2pcm(f->bytes[i]);
}

/* Power of one frame as thousandths of a decibel of full scale. */
static int
level(const int16_t s[FRAME])
{
	double sum = 0;
	for (int i = 0; i < FRAME; i++)
		sum += (double)s[i] * s[i];
	sum /= (double)FRAME * 32768 * 32768;
	return sum < 1e-9 ? SILENCE_MDB : (int)(10000 * log10(sum));
}

static void
listen_to(struct call *k)
{
	struct frame f;
	if (rtp_next(k, &f)) {
		decode(&f, k->heard);
		k->live_ticks++;
	} else {
		memset(k->heard, 0, sizeof k->heard);
	}
	/* A word is not over with each gap in it. */
	int now = level(k->heard), before = k->energy_mdb - DECAY_MDB;
	k->energy_mdb = now > before ? now : before < SILENCE_MDB ? SILENCE_MDB : before;
}

void
tone_set(struct tone *t, const char *file)
{
	int on = 0, off = 0, hz = 0, loops = 1;
	const char *at = strstr(file, "%("), *times = strstr(file, "loops=");
	*t = (struct tone){ 0 };
	if (!at || sscanf(at, "%%(%6d,%6d,%6d", &on, &off, &hz) != 3 || on <= 0 || off < 0 ||
		hz < 20 || hz > 3900)
		return;
	if (times && sscanf(times, "loops=%6d", &loops) == 1 && loops < 0)
		loops = INT32_MAX; /* for ever */
	*t = (struct tone){ .hz = hz, .on_ms = on, .off_ms = off, .loops = loops };
}

static void
add_tone(struct tone *t, int32_t sum[FRAME])
{
	if (t->loops <= 0)
		return;
	bool on = t->at_ms < t->on_ms;
	for (int i = 0; i < FRAME; i++) {
		if (on)
			sum[i] += (int32_t)(TONE_LEVEL * sin(t->phase));
		t->phase = fmod(t->phase + 2 * M_PI * t->hz / 8000, 2 * M_PI);
	}
	t->at_ms += FRAME_MS;
	if (t->at_ms >= t->on_ms + t->off_ms) {
		t->at_ms = 0;
		t->loops -= t->loops != INT32_MAX;
	}
}

static bool
is_in(const struct call *k)
{
	return !k->over && k->answered_at && k->site.leg && !str_empty(k->site.call_name);
}

static bool
is_heard_by(const struct call *speaker, const struct call *k)
{
	return speaker != k && is_in(speaker) && !speaker->site.leg->muted &&
	       str_eq(speaker->site.call_name, k->site.call_name);
}

static void
tell(struct call *k)
{
	int32_t sum[FRAME] = { 0 };
	int16_t out[FRAME];
	struct le *le;
	for (le = list_head(&calls); le; le = le->next) {
		const struct call *speaker = le->data;
		for (int i = 0; is_heard_by(speaker, k) && i < FRAME; i++)
			sum[i] += speaker->heard[i];
	}
	add_tone(&k->tone, sum);
	for (int i = 0; i < FRAME; i++)
		out[i] = (int16_t)(sum[i] > 32767 ? 32767 : sum[i] < -32768 ? -32768 : sum[i]);
	rtp_say(k, out);
}

void
mix_tick(void)
{
	struct le *le;
	for (le = list_head(&calls); le; le = le->next)
		if (is_in(le->data))
			listen_to(le->data);
	for (le = list_head(&calls); le; le = le->next)
		if (is_in(le->data))
			tell(le->data);
}
