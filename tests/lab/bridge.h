/* What the simulated CMS, RMX and management platforms have in common: legs that live and end,
 * restarts, people at the MCU's own page. All of it is touched with fleet_lock() held. */
#ifndef TD_LAB_BRIDGE_H
#define TD_LAB_BRIDGE_H

#include "base/vec.h"
#include "fleet.h"

enum {
	BRIDGE_RESTART_MS = 90 * 1000, /* scaled */
	BRIDGE_ID = 37,		       /* a UUID as text */
};

struct bridge_leg { /* first member of the MCU's own leg */
	struct leg leg;
	enum phase told;
	bool dead;             /* no longer shown; never dialled again */
	char name[200], address[200];
	const char *room;      /* the conference's name; borrowed, lives as long as the lab */
};

struct bridge;

struct bridge_kind {
	/* The leg's phase is another than before. */
	void (*changed)(struct bridge *b, struct bridge_leg *l, int64_t now);
	/* A leg for a site that calls by itself, or that a person moves to another conference
	 * (`from`); NULL: no. */
	struct bridge_leg *(*adopt)(
		struct bridge *b, struct site *s, struct bridge_leg *from, int64_t now);
	/* All legs are gone: forget the conferences. */
	void (*restarted)(struct bridge *b, int64_t now);
	/* Why a leg ended that a person ended, or moved, at the MCU's page. */
	const char *by_person, *moved;
};

struct bridge {
	const struct lab_mcu *plan;
	const struct bridge_kind *kind;
	int64_t started, first_leg; /* last restart; first connected leg, 0: none */
	bool rebooted;
	VEC(struct bridge_leg *) legs;
	unsigned requests;
	uint64_t ids; /* given so far */
};

/* An id that this MCU has not given before. */
void bridge_id(struct bridge *b, char out[BRIDGE_ID]);

void bridge_dial(struct bridge *b, struct bridge_leg *l, int64_t now);
void bridge_hang(struct bridge *b, struct bridge_leg *l, int64_t now, const char *why);
/* `by` NULL: an order through the interface. */
void bridge_mute(struct bridge *b, struct bridge_leg *l, bool on, int64_t now, const char *by);
/* The site calls; false: nothing to call, or it is busy. */
bool bridge_dial_in(struct bridge *b, struct site *s, int64_t now);
void bridge_tick(struct bridge *b, int64_t now);
bool bridge_api_up(const struct bridge *b, int64_t now);
/* The same for who does not hold the lock. */
bool bridge_serves(const struct bridge *b, int64_t now);
/* Whom a site calls: the MCU of this name, or with NULL the one whose host is in the address. */
bool bridge_is_called(const struct bridge *b, const char *name, const char *address);
int bridge_connected(const struct bridge *b);
/* Whether this request is one that the scenario lets fail. */
bool bridge_fault(struct bridge *b);
void bridge_log(const struct bridge *b, const struct bridge_leg *l, int64_t now, const char *event,
	const char *why);

#endif
