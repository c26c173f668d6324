/* The sites of the lab and the legs that reach them: what a machine does at an instant, as far as
 * possible a pure function of its scenario line, its first connection and scaled time.
 * Everything here is called with fleet_lock() held. */
#ifndef TD_LAB_FLEET_H
#define TD_LAB_FLEET_H

#include "scenario.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	LAB_KEEPALIVE_MS = 90 * 1000,   /* a leg whose far end went dumb is given up after this,
					 * scaled */
	LAB_UNREACHABLE_MS = 20 * 1000, /* dialling into nothing */
	LAB_RINGING_MS = 45 * 1000,     /* ringing to the end */
};

enum phase { PHASE_DORMANT, PHASE_PROCEEDING, PHASE_ALERTING, PHASE_CONNECTED, PHASE_DISCONNECTED };

struct leg;

struct counted { /* by the mixer, at a leg with real RTP: what the simulated fleet reckons
		  * instead */
	int64_t in_bytes, out_bytes, skipped; /* skipped: it was due and was not there */
	double jitter_ms;
	int64_t reports; /* RTCP reports that came; the newest one: */
	uint32_t ssrc, ntp_s, ntp_frac, rtp_ts, sent_packets, sent_bytes;
	bool heard_us;
	uint32_t source, fraction, high, jitter, lsr, dlsr;
	int lost;
	double rtt_s;
};

struct media { /* figures of a leg as its MCU sees them, medium x [from site, to site] */
	bool open;
	bool flowing[2][2];
	int64_t packets[2][2], lost[2][2];
	int64_t live_ms;
	int energy_mdb;
	int room_mdb;    /* the same whether the MCU mutes it or not: of one that still decodes a
			  * muted leg */
	int loss_permille;
	bool no_picture; /* only sound was negotiated */
	bool still;      /* no new frame from the site, although its stream flows */
	int kbps;        /* of its picture */
	bool is_counted;
	struct counted counted;
};

struct past_call { /* as the codec's own history keeps it */
	int call_id;
	bool incoming; /* the site had called */
	int64_t dialed, connected, ended; /* connected 0: never */
	const char *why, *name, *host;
	struct media media;
};

enum { LAB_PAST_CALLS = 8 };

struct site {
	const struct lab_site *plan;
	int64_t lab_start;
	int64_t first_connect;  /* 0: never */
	struct leg *leg;        /* being set up or connected; NULL: idle */
	const char *call_name;  /* conference and MCU of that leg as the codec shows them;
				 * borrowed */
	const char *call_host;
	int calls;              /* call ids of the codec */
	bool mic_muted;         /* the room's own microphone key */
	int64_t dialed_in;      /* last time it dialled by itself */
	bool acted;             /* the operator's act on it is done */
	struct past_call past[LAB_PAST_CALLS]; /* the last ones, by past_n modulo their number */
	unsigned past_n;
	struct roomos_feedback *feedback; /* cisco-roomos: where it posts; NULL: not asked yet */
};

struct leg { /* one call between an MCU and an address */
	struct site *site; /* NULL: nobody lives there */
	const struct lab_mcu *mcu;
	int64_t mcu_first;  /* first connected leg of its MCU, for uplink-down; 0: none */
	enum phase phase;
	bool incoming, muted;
	int64_t dialed, alert_at, connect_at, fail_at; /* planned; 0: not */
	const char *fail_why;
	int64_t connected, ended; /* 0: not */
	const char *why;          /* set when disconnected */
	int64_t unmuted;
	int64_t sounded, shown; /* a sound, a text of the conference reached its site then; 0:
				 * none */
	int call_id;
	int keepalive_ms; /* 0: LAB_KEEPALIVE_MS */
	int64_t limit_ms; /* a call of the mixer's rings so long */
	int sip_port;     /* of the mixer: where a SIP answer came from; 0: none came */
};

void fleet_open(const struct scenario *s, struct arena *a, int64_t now);
/* Brings the devices to the present first, by the function that was given; NULL, as at first: not.
 */
void fleet_lock(void);
typedef void fleet_follow_fn(void);
void fleet_follow(fleet_follow_fn *fn);
void fleet_unlock(void);
struct site *fleet_site(size_t i); /* NULL past the end */
/* Who lives at "h323:127.20.0.7", "127.20.0.7", "sip:1001@host"; NULL: nobody. */
struct site *fleet_find(const char *address);

bool site_powered(const struct site *s, int64_t now);
/* Powered, and its network reaches it. */
bool site_reachable(const struct site *s, int64_t now);
/* A person hung up in the room and does not answer. */
bool site_away(const struct site *s, int64_t now);
/* When the box was switched on last. */
int64_t site_boot(const struct site *s, int64_t now);

/* Begins a call; `busy_ports`: the MCU has no port left. */
void leg_dial(struct leg *l, struct site *s, int64_t now, bool busy_ports);
/* The site dialled by itself: connected at once. */
void leg_dial_in(struct leg *l, struct site *s, int64_t now);
/* Brings the leg to `now`; true if its phase changed. */
bool leg_advance(struct leg *l, int64_t now);
void leg_hang(struct leg *l, int64_t now, const char *why);
void leg_mute(struct leg *l, bool on, int64_t now);
void leg_media(const struct leg *l, int64_t now, struct media *out);
/* A measured figure wanders about a value; the same for whoever asks in the same second. */
int leg_measured(const struct leg *l, int64_t now, int about, int salt);
/* The conference plays this to it. */
void leg_play(struct leg *l, const char *file, int64_t now);
/* ... shows this to it. */
void leg_show(struct leg *l, int64_t now);
const char *phase_name(enum phase p);

#endif
