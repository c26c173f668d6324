/* The mixer: a small conference bridge with real SIP, RTP and RTCP (libre) and real mixing of G.711
 * (librem's tables), in the place of the lab's simulated sites. What answers on XML-RPC and on the
 * event socket is the lab's FreeSWITCH, unchanged: it asks fleet.h, and here fleet.h is calls.
 * Everything is touched with the loop's lock held: fleet_lock(). */
#ifndef TD_LAB_MIXER_H
#define TD_LAB_MIXER_H

#include "../fleet.h"

/* Otherwise re.h makes a bool of its own. */
#define HAVE_STDBOOL_H 1
#define HAVE_INTTYPES_H 1
#include <re.h>

enum {
	FRAME = 160, /* samples, and bytes of G.711: 20 ms at 8 kHz */
	FRAME_MS = 20,
	QUEUE = 25,  /* frames that may wait: half a second */
	PREFILL = 3, /* frames that wait before the first one is played */
};

struct frame {
	uint8_t bytes[FRAME];
	uint8_t n, pt;
};

struct tone { /* what `play tone_stream://%(on,off,hz)` makes */
	double hz, phase;
	int on_ms, off_ms, loops, at_ms; /* loops 0: silent */
};

struct call { /* one SIP call and its RTP; a site of the fleet exists as long as its call */
	struct le le;
	struct site site;
	struct lab_site plan;
	char uri[256], user[96], host[64];
	bool incoming, over; /* over: nothing is sent or taken any more */
	struct sipsess *sess;
	struct sdp_session *sdp;
	struct sdp_media *audio;
	struct rtp_sock *rtp;
	struct sa far; /* where the site wants its sound */
	int probe;     /* a socket that hears whether nobody listens there; -1 */
	int64_t ringing_at, answered_at, ended_at, last_in;
	const char *why; /* the fleet's word, once it has ended by itself */
	int sip_port;
	/* sound */
	int pt; /* 0 PCMU, 8 PCMA */
	struct frame queue[QUEUE];
	int waiting, first;
	bool playing;	      /* the queue was filled */
	int16_t heard[FRAME]; /* this tick's, before any mute */
	int energy_mdb;
	uint32_t ts;
	struct tone tone;
	/* figures */
	int64_t in, out, lost_seq, live_ticks;
	uint16_t high_seq;
	struct counted counted;
};

struct options {
	const char *ip; /* of SIP and RTP */
	int sip_port, rtp_min, rtp_max;
};

extern struct options mixer_options;
extern struct list calls; /* of struct call */

/* ---- call.c: SIP ---- */

bool sip_start(void);
void sip_stop(void);
/* A call to "sip:user@host:port" that has not begun. */
struct call *call_new(const char *uri);
struct call *call_of(const struct site *s);
void call_dial(struct call *k, int64_t now);
/* BYE or CANCEL, and the sound stops. */
void call_hang(struct call *k);
/* Nobody listens at that address: seen by a port that is closed. */
void call_watch(struct call *k, int64_t now);

/* ---- rtp.c: what comes and goes ---- */

bool rtp_open(struct call *k);
/* The far end is known, and which of its codecs. */
void rtp_begin(struct call *k, bool mux);
void rtp_end(struct call *k);
/* The next frame to be played, 0: it is missing. */
int rtp_next(struct call *k, struct frame *out);
void rtp_say(struct call *k, const int16_t *samples);

/* ---- mix.c ---- */

void mix_tick(void);
/* "tone_stream://%(200,0,440);loops=5" */
void tone_set(struct tone *t, const char *file);

#endif
