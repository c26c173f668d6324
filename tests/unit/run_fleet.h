/* Random fleets: a playbook with everything in it, sites that behave by chance, people at the desk,
 * crashes and set clocks. For the programs that play many of them. */
#ifndef TD_TESTS_RUN_FLEET_H
#define TD_TESTS_RUN_FLEET_H

#include "world.h"

static const char playbook[] =
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event' handover='PT60M'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	"<dial at='PT0S' attempts='2' every='PT1M' probe-every='PT30S' fallback='second-address "
	"second-mcu audio-only'/>\n"
	"<verify at='PT3M' within='PT3M'/>\n"
	"<watch at='PT6M' redial='yes' until='allclear'/>\n"
	"<rollcall at='PT7M' silent='yes' sound='yes' answer-within='PT20S' calls='2'/>\n"
	"<allclear at='PT15M' by='rule' latest='PT18M'/>\n"
	"<close at='PT22M'/>\n"
	"<report at='PT24M'/>\n"
	"</playbook>\n";

static uint64_t random_state;

static uint32_t
next_random(uint32_t below)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(random_state >> 33) % below;
}

static int64_t
some_minute(uint32_t most)
{
	return (1 + next_random(most)) * MINUTE + next_random(60) * 1000;
}

static void
random_site(struct behaviour *b, const char *id)
{
	*b = (struct behaviour){ .id = id, .kind = next_random(4) ? W_ON : (int)next_random(5) };
	b->silent = !next_random(4);
	b->hears = next_random(4) ? 0 : 2 + (int)next_random(14);
	b->echoes = !next_random(4);
	b->answers_alone = next_random(5) ? 0 : 4;
	b->on_at = next_random(4) ? 0 : some_minute(10);
	switch (next_random(8)) {
	case 0: b->hangup_at = some_minute(18); break;
	case 1:
		b->poweroff_at = some_minute(15);
		b->on_again_at = next_random(2) ? b->poweroff_at + some_minute(12) : 0;
		break;
	case 2:
		b->network_down_at = some_minute(15);
		b->network_back_at = next_random(2) ? b->network_down_at + some_minute(8) : 0;
		break;
	case 3: b->frozen_at = some_minute(15); break;
	case 4:
		b->person_hangs_up = true;
		b->person_at = some_minute(12);
		break;
	case 5:
		b->one_way_audio_from = next_random(2);
		b->one_way_audio_to = next_random(2);
		break;
	case 6:
		b->dials_in = true;
		b->dials_in_at = some_minute(5);
		break;
	default: break;
	}
}

static void
random_command(struct world *w)
{
	static const enum command all[] = { COMMAND_HANGUP, COMMAND_DIAL, COMMAND_MUTE,
		COMMAND_UNMUTE, COMMAND_MARK, COMMAND_NEXT, COMMAND_CALL, COMMAND_PASS,
		COMMAND_REPEAT, COMMAND_EXTEND, COMMAND_HOLD, COMMAND_RELEASE, COMMAND_ALLCLEAR };
	enum command c = all[next_random(sizeof all / sizeof all[0])];
	struct world_site *s = &w->sites[next_random((uint32_t)w->spec.sites_n)];

	if (c == COMMAND_DIAL)
		s->person_ended = s->person_told = 0; /* another person wants it back */
	world_command(w, c, s->b->id, "operator", "", c == COMMAND_EXTEND ? MINUTE : 1);
}

static void
crash(struct world *w)
{
	for (size_t i = 0; i < w->pending.n; i++)
		if (next_random(2))
			order_done(w, &w->pending.at[i].order);
	w->pending.n = 0;
	for (int64_t back = w->now + next_random(40000); w->now < back; w->now += 500)
		devices_step(w);
	world_feed(w, &(struct event){ .kind = EVENT_RESTART });
}

/* The clock is set, and the run is told. */
static void
set_clock(struct world *w)
{
	static const int64_t by[] = { -60 * MINUTE, -3000, 4000, 2 * MINUTE };
	struct event e = { .kind = EVENT_CLOCK,
		.value = by[next_random(4)],
		.word = "clock-set",
		.text = "from - to" };

	w->skew += e.value;
	world_feed(w, &e);
}

enum { GUESTS = 3 };

/* Nobody invited them; one comes twice. */
static void
random_guests(struct world *w, struct guest *g)
{
	static const char *const ids[GUESTS] = { "guest1", "guest2", "guest3" },
				 *const names[GUESTS] = { "may", "may", "x" };

	for (int i = 0; i < GUESTS; i++) {
		int64_t from = some_minute(30);

		g[i] = (struct guest){ ids[i], names[i], i < 2 ? "10.9.9.9" : "10.9.9.8", from,
			from + some_minute(10),
			next_random(2) ? CAUSE_SITE_HANGUP : CAUSE_UNKNOWN };
	}
	w->guests = g;
	w->guests_n = (size_t)next_random(GUESTS + 1);
}

#endif
