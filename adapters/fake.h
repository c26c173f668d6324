/* A device in memory for tests of the orchestrator: sites behave as a script says, time is what the
 * test says.
 *
 *	struct fake_site sites[] = { { .id = "chu-tuc", .address = "sip:a@1", .answer_ms = 2000 }, ... };
 *	struct fake fake;
 *	fake_init(&fake, sites, 1);
 *	struct device mcu = { .name = "huyen", .adapter = "fake", .sheet = fake_sheet(&fake) };
 *	struct device box = { .name = "site:chu-tuc", .adapter = "fake", .sheet = fake_sheet(&fake) };
 *	fake_set_time(&fake, t0);
 *
 * The test's thread sets the time, and reads counts while no task is under way; the lane does the
 * rest. One lane at a time may work on one struct fake. */
#ifndef TD_ADAPTERS_FAKE_H
#define TD_ADAPTERS_FAKE_H

#include "adapters/adapter.h"

enum fake_kind {
	FAKE_ANSWERS,
	FAKE_OFF,           /* no sign of life */
	FAKE_UNANSWERED,    /* rings to the end */
	FAKE_BUSY,
	FAKE_REJECTS,
	FAKE_WRONG_ADDRESS,
	FAKE_INCOMPATIBLE,
};

struct fake_site {
	/* the script: durations in ms, instants as fake_set_time() counts; 0 = at once, never,
	 * always */
	const char *id;      /* "chu-tuc": the endpoint "site:chu-tuc", and the name of its leg */
	const char *address; /* as dialled */
	enum fake_kind kind;
	int64_t on_at, off_at;     /* powered from, until */
	int64_t answer_ms;         /* after the dial; it rings meanwhile */
	int64_t hangup_ms;         /* after it came up: goes with a goodbye */
	int64_t drop_ms;           /* after it came up: goes without one */
	int64_t speaks_ms;         /* after each unmute it speaks for ten seconds; 0 = never */
	int loss_permille;
	bool dead[MEDIA_N][DIRECTIONS_N]; /* negotiated, and nothing flows */
	bool mic_muted, no_auto_answer;

	/* the leg: the adapter's own */
	bool has_leg, muted, hung_up, by_mcu;
	int64_t dialled_at, unmuted_at, hung_up_at;
	int dials;
};

struct fake {
	unsigned magic;
	_Atomic int64_t now;
	struct fake_site *sites; /* borrowed */
	size_t n;
	_Atomic int down;        /* enum err: every operation fails with it; OK = works */
	_Atomic int fail_next;   /* enum err: the next operation fails with it, once, after it took
				  * effect */

	char conference[80];     /* "" = none is running */
	int closes;
};

void fake_init(struct fake *f, struct fake_site *sites, size_t n);
void fake_set_time(struct fake *f, int64_t now);
/* How devices carry it. */
const struct sheet *fake_sheet(struct fake *f);

#endif
