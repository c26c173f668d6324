/* The lab's sites at chosen instants: what a leg shows does not depend on how often anybody
 * looks. */
#include "tests/lab/fleet.c"
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/words.c"

#include "tests/unit/lab_stage.h"

enum { S = 1000 };

/* A site that behaves so, dialled at START. */
static struct site *
dialled(const char *behaviour)
{
	lab_opens(arena_printf(
		arena, "mcu m cisco-mcu http://127.10.0.1:80\nsite a %s\n", behaviour));
	leg_dial(&leg, fleet_find("h323:127.20.0.1"), START, false);
	return fleet_site(0);
}

static struct media
at(int64_t ms)
{
	struct media m;
	leg_advance(&leg, START + ms);
	leg_media(&leg, START + ms, &m);
	return m;
}

static void
outcomes(void **state)
{
	static const struct {
		const char *behaviour;
		int64_t ms;
		enum phase phase;
		const char *why;
	} table[] = {
		{ "on", 500, PHASE_PROCEEDING, NULL },
		{ "on", 1000, PHASE_ALERTING, NULL },
		{ "on", 3000, PHASE_CONNECTED, NULL },
		{ "on slow 20s", 20000, PHASE_ALERTING, NULL },
		{ "on slow 20s", 21000, PHASE_CONNECTED, NULL },
		{ "off", 19000, PHASE_PROCEEDING, NULL },
		{ "off", 20000, PHASE_DISCONNECTED, "destinationUnreachable" },
		{ "on +6m", 20000, PHASE_DISCONNECTED, "destinationUnreachable" },
		{ "unanswered", 44000, PHASE_ALERTING, NULL },
		{ "unanswered", 46000, PHASE_DISCONNECTED, "noAnswer" },
		{ "on auto-answer-off", 46000, PHASE_DISCONNECTED, "noAnswer" },
		{ "busy", 2000, PHASE_DISCONNECTED, "busy" },
		{ "rejected", 2000, PHASE_DISCONNECTED, "rejected" },
		{ "wrong-address", 2000, PHASE_DISCONNECTED, "noGatekeeperForDN" },
		{ "wrong-address address sip:a@127.20.0.1", 2000, PHASE_DISCONNECTED, "dnsFailed" },
		{ "incompatible", 4000, PHASE_DISCONNECTED, "capabilityNegotiationError" },
		{ "hangup +60s", 61000, PHASE_CONNECTED, NULL },
		{ "hangup +60s", 63000, PHASE_DISCONNECTED, "remoteTeardown" },
		{ "poweroff +60s on +300s", 150000, PHASE_CONNECTED, NULL },
		{ "poweroff +60s on +300s", 155000, PHASE_DISCONNECTED, "networkError" },
		{ "drop +60s back +120s", 300000, PHASE_CONNECTED, NULL },
		{ "drop +60s back +180s", 300000, PHASE_DISCONNECTED, "networkError" },
		{ "frozen +60s", 3600000, PHASE_CONNECTED, NULL },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		dialled(table[i].behaviour);
		at(table[i].ms);
		if (leg.phase != table[i].phase ||
			(table[i].why && strcmp(leg.why, table[i].why) != 0))
			fail_msg("%s at %lld ms: %s %s", table[i].behaviour, (long long)table[i].ms,
				phase_name(leg.phase), leg.why ? leg.why : "");
	}
}

/* Looked at once or a thousand times: the same figures. */
static void
figures_do_not_depend_on_looks(void **state)
{
	dialled("loss 4% drop +60s back +100s");
	for (int64_t t = 0; t < 500 * S; t += 700)
		at(t);
	struct media often = at(500 * S);
	dialled("loss 4% drop +60s back +100s");
	at(2800);
	struct media once = at(500 * S);
	assert_memory_equal(often.flowing, once.flowing, sizeof often.flowing);
	assert_memory_equal(often.packets, once.packets, sizeof often.packets);
	assert_memory_equal(often.lost, once.lost, sizeof often.lost);
	assert_int_equal(often.live_ms, once.live_ms);
	assert_int_equal(often.loss_permille, once.loss_permille);
	assert_int_equal(often.energy_mdb, once.energy_mdb);
	assert_int_equal(often.kbps, once.kbps);
	int64_t sent = (500 * S - 2800 - 40 * S) * 50 / 1000;
	assert_int_equal(once.packets[0][0] + once.lost[0][0], sent);
	assert_int_equal(once.lost[0][0], sent * 40 / 1000);
}

static void
counters_stop(void **state)
{
	static const char *const table[] = { "frozen +60s", "poweroff +60s",
		"drop +60s back +900s" };
	for (size_t i = 0; i < 3; i++) {
		dialled(table[i]);
		struct media before = at(50 * S), a = at(70 * S), b = at(80 * S);
		assert_true(a.packets[1][0] > before.packets[1][0]);
		assert_int_equal(a.packets[1][0], b.packets[1][0]);
		assert_true(before.flowing[1][0] && !b.flowing[1][0]);
		assert_int_equal(leg.phase, PHASE_CONNECTED);
	}
}

static void
one_way(void **state)
{
	dialled("one-way video from-site");
	struct media m = at(60 * S);
	assert_true(m.packets[1][0] > 0 && m.flowing[1][0]);
	assert_int_equal(m.packets[1][1], 0);
	assert_true(m.flowing[0][0] && m.flowing[0][1] && !m.flowing[1][1]);
}

/* No new frame is not no stream; without a picture there is none; an order to mute may do nothing;
 * a dead uplink reaches nobody. */
static void
odd_ones(void **state)
{
	dialled("speaks 3s still +1m kbps 256");
	struct media m = at(60 * S);
	assert_false(m.still);
	assert_int_equal(m.kbps, 256);
	m = at(70 * S);
	assert_true(m.still && m.flowing[1][0]);
	dialled("speaks 3s no-picture mute-ignored");
	leg_mute(&leg, true, START);
	m = at(10 * S);
	assert_true(m.no_picture && m.flowing[0][0] && m.flowing[0][1] && !m.flowing[1][0] &&
		    !m.flowing[1][1]);
	assert_true(m.energy_mdb > -14000);
	dialled("speaks 3s");
	scenario.mcus.at[0].cut_off = true;
	leg = (struct leg){ .mcu = &scenario.mcus.at[0] };
	leg_dial(&leg, fleet_find("h323:127.20.0.1"), START, false);
	at(60 * S);
	assert_int_equal(leg.phase, PHASE_DISCONNECTED);
	assert_string_equal(leg.why, "destinationUnreachable");
}

/* Speech follows each unmute and nothing else; MCU levels end at -30 dB. */
static void
speech(void **state)
{
	dialled("speaks 3s noise -26dB");
	at(5 * S);
	leg_mute(&leg, true, START + 5 * S);
	for (int64_t t = 6; t < 60; t++)
		assert_true(at(t * S).energy_mdb < -24000);
	leg_mute(&leg, false, START + 60 * S);
	assert_true(at(61 * S).energy_mdb < -24000);
	assert_true(at(64 * S).energy_mdb > -14000);
	assert_true(at(72 * S).energy_mdb > -14000);
	assert_true(at(75 * S).energy_mdb < -24000);
	dialled("silent");
	for (int64_t t = 3; t < 60; t++)
		assert_true(at(t * S).energy_mdb < -26000);
	dialled("speaks 3s muted-by-setting");
	for (int64_t t = 3; t < 60; t++)
		assert_int_equal(at(t * S).energy_mdb, -30000);
}

/* A sound or a text is answered, if it arrives; what the room says under mute is heard by an MCU
 * that listens to muted legs only. */
static void
called_by_sound_or_text(void **state)
{
	dialled("hears 3s");
	at(10 * S);
	assert_true(at(20 * S).energy_mdb < -24000);
	leg_play(&leg, "tone_stream://%(1000,0,800)", START + 20 * S);
	assert_true(at(22 * S).energy_mdb < -24000);
	assert_true(at(24 * S).energy_mdb > -14000);
	dialled("hears 3s one-way audio from-site");
	at(10 * S);
	leg_play(&leg, "tone_stream://%(1000,0,800)", START + 10 * S);
	assert_true(at(15 * S).energy_mdb < -24000);
	dialled("reads 3s");
	at(10 * S);
	leg_mute(&leg, true, START + 10 * S);
	leg_show(&leg, START + 10 * S);
	assert_true(at(15 * S).energy_mdb < -24000);
	assert_true(at(15 * S).room_mdb > -14000);
}

/* Who hung up does not answer; who has power again counts uptime from then. */
static void
afterwards(void **state)
{
	dialled("hangup +60s back +120s");
	at(70 * S);
	leg_dial(&leg, fleet_site(0), START + 70 * S, false);
	at(120 * S);
	assert_string_equal(leg.why, "noAnswer");
	leg_dial(&leg, fleet_site(0), START + 130 * S, false);
	at(140 * S);
	assert_int_equal(leg.phase, PHASE_CONNECTED);
	struct site *s = dialled("poweroff +60s on +300s");
	at(70 * S);
	int64_t first = s->first_connect;
	assert_false(site_powered(s, first + 100 * S));
	assert_true(site_boot(s, first + 50 * S) < START);
	assert_int_equal(site_boot(s, first + 400 * S), first + 300 * S);
	s = dialled("drop +60s back +300s");
	at(70 * S);
	assert_true(site_powered(s, s->first_connect + 100 * S));
	assert_false(site_reachable(s, s->first_connect + 100 * S));
	assert_true(site_boot(s, s->first_connect + 400 * S) < START);
}

/* A second call to a site that is in one is busy, as it would be. */
static void
second_call(void **state)
{
	struct site *s = dialled("on");
	at(5 * S);
	struct leg other = { .mcu = leg.mcu };
	leg_dial(&other, s, START + 6 * S, false);
	leg_advance(&other, START + 8 * S);
	assert_string_equal(other.why, "busy");
	assert_ptr_equal(s->leg, &leg);
	leg_hang(&leg, START + 9 * S, "disconnectAll");
	assert_null(s->leg);
	leg_dial(&other, s, START + 10 * S, true);
	leg_advance(&other, START + 11 * S);
	assert_string_equal(other.why, "portAllocationExceeded");
	leg_dial(&other, fleet_find("sip:nobody@127.99.0.1"), START + 12 * S, false);
	leg_advance(&other, START + 40 * S);
	assert_string_equal(other.why, "destinationUnreachable");
}

static int followed;

static void
count(void)
{
	followed++;
}

/* Between two beats of the ticker nobody sees an old state. */
static void
who_takes_the_lock_finds_the_present(void **state)
{
	followed = 0;
	fleet_follow(count);
	for (int i = 1; i <= 3; i++) {
		fleet_lock();
		assert_int_equal(followed, i);
		fleet_unlock();
	}
	fleet_follow(NULL);
	fleet_lock();
	fleet_unlock();
	assert_int_equal(followed, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_takes_the_lock_finds_the_present),
		cmocka_unit_test_setup_teardown(outcomes, setup, teardown),
		cmocka_unit_test_setup_teardown(figures_do_not_depend_on_looks, setup, teardown),
		cmocka_unit_test_setup_teardown(counters_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(one_way, setup, teardown),
		cmocka_unit_test_setup_teardown(speech, setup, teardown),
		cmocka_unit_test_setup_teardown(called_by_sound_or_text, setup, teardown),
		cmocka_unit_test_setup_teardown(afterwards, setup, teardown),
		cmocka_unit_test_setup_teardown(second_call, setup, teardown),
	};
	return cmocka_run_group_tests_name("lab_fleet", tests, NULL, NULL);
}
