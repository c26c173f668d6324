/* Events and orders as rows: what is written is what is read, byte for byte. */
#include "event.h"

#include "adapters/wire/json.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed = 1;

static uint64_t
chance(uint64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

static char *
write_event(struct arena *a, const struct event *e)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	event_write(e, &w);
	char *text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

static void
read_event(struct arena *a, const char *text, struct event *out)
{
	const struct json *j;
	struct err_text e = { 0 };
	assert_int_equal(json_parse(a, text, strlen(text), &j, &e), OK);
	assert_int_equal(event_read(j, 1234, 7, a, out, &e), OK);
}

static const struct row {
	const char *what;
	struct event event;
	const char *json;
} rows[] = {
	{ "a begin has nothing else", { .kind = EVENT_BEGIN }, "{\"kind\":\"begin\"}" },
	{ "a tick", { .kind = EVENT_TICK }, "{\"kind\":\"tick\"}" },
	{ "a missed run says why", { .kind = EVENT_MISSED, .text = "the program was away" },
		"{\"kind\":\"missed\",\"text\":\"the program was away\"}" },
	{ "zero is a figure, unknown is none",
		{ .kind = EVENT_ANSWER,
			.number = 3,
			.verb = VERB_MEDIA,
			.device = "tinh",
			.site = "chu-tuc",
			.media.s[AUDIO][FROM_SITE] = { .open = YES,
				.packets = { 0, true },
				.lost = { 5, false } } },
		"{\"kind\":\"answer\",\"number\":3,\"verb\":\"media\",\"device\":\"tinh\",\"site\":"
		"\"chu-tuc\",\"code\":\"ok\","
		"\"media\":{\"audio\":{\"from_site\":{\"open\":\"yes\",\"packets\":0}}}}" },
	{ "a failure keeps its word",
		{ .kind = EVENT_ANSWER,
			.number = 1,
			.verb = VERB_PROBE,
			.device = "tinh",
			.code = ERR_AUTH,
			.word = "login-refused",
			.why = "log in to tinh: wrong password" },
		"{\"kind\":\"answer\",\"number\":1,\"verb\":\"probe\",\"device\":\"tinh\",\"code\":"
		"\"auth\","
		"\"word\":\"login-refused\",\"why\":\"log in to tinh: wrong password\"}" },
	{ "a dial's leg",
		{ .kind = EVENT_ANSWER,
			.number = 9,
			.verb = VERB_DIAL,
			.device = "tinh",
			.site = "x",
			.leg = { .id = "x",
				.protocol = "sip",
				.state = LEG_RINGING,
				.configured = true,
				.ending = { .cause = CAUSE_BUSY,
					.device_words = "486 \"busy\"" } } },
		"{\"kind\":\"answer\",\"number\":9,\"verb\":\"dial\",\"device\":\"tinh\",\"site\":"
		"\"x\",\"code\":\"ok\","
		"\"leg\":{\"id\":\"x\",\"protocol\":\"sip\",\"state\":\"ringing\",\"configured\":"
		"true,"
		"\"ending\":{\"cause\":\"busy\",\"device_words\":\"486 \\\"busy\\\"\"}}}" },
	{ "a command",
		{ .kind = EVENT_COMMAND,
			.command = COMMAND_EXTEND,
			.by = "lan",
			.text = "chờ xã",
			.value = 600000 },
		"{\"kind\":\"command\",\"command\":\"extend\",\"by\":\"lan\",\"text\":\"chờ "
		"xã\",\"value\":600000}" },
};

static void
test_table(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct event back;
		char *text = write_event(a, &rows[i].event);
		assert_string_equal(text, rows[i].json);
		read_event(a, text, &back);
		assert_int_equal(back.at, 1234);
		assert_int_equal(back.seq, 7);
		assert_int_equal(back.kind, rows[i].event.kind);
		assert_int_equal(back.code, rows[i].event.code);
		assert_string_equal(write_event(a, &back), text);
	}
	arena_free(a);
}

/* Shows the neighbourhood of the first difference: rows are longer than what cmocka prints. */
static void
same_bytes(const char *x, const char *y)
{
	size_t i = 0;
	while (x[i] && x[i] == y[i])
		i++;
	if (x[i] != y[i])
		fail_msg("differs at %zu: %.80s | %.60s", i, x + (i > 40 ? i - 40 : 0), y + i);
}

/* ---- any event at all ------------------------------------------------------------------------ */

static void
any_text(char *out, size_t size)
{
	static const char *const parts[] = { "a", "Xã ", "điểm", "\"", "\\", "\n", "\x01", "\xff",
		"\xe1\xba", "😀", "0", "</x>" };
	struct buf b = { 0 };
	if (chance(3))
		for (uint64_t n = chance(size * 2); n > 0; n--)
			buf_puts(&b, parts[chance(sizeof parts / sizeof parts[0])]);
	/* Bytes as a careless device may leave them: cut anywhere. */
	size_t n = b.n < size ? b.n : size - 1;
	if (n)
		memcpy(out, b.at, n);
	out[n] = '\0';
	buf_free(&b);
}
#define ANY(field) any_text(field, sizeof(field))

static struct figure
any_figure(void)
{
	switch (chance(4)) {
	case 0: return figure_of(0);
	case 1: return figure_of((int64_t)chance(1u << 30) - (1 << 29));
	case 2: return figure_of(chance(2) ? INT64_MAX : INT64_MIN);
	}
	return (struct figure){ .v = 77 };
}

static void
any_media(struct media_sample *m)
{
	for (int i = 0; i < MEDIA_N; i++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			struct stream *s = &m->s[i][d];
			if (!chance(3))
				continue;
			struct figure *all[] = { &s->packets, &s->lost, &s->kbps, &s->jitter_ms,
				&s->width, &s->height, &s->fps, &s->rtt_ms, &s->level_mdb,
				&s->far_received, &s->far_lost, &s->loss_permille };
			for (size_t f = 0; f < sizeof all / sizeof all[0]; f++)
				*all[f] = any_figure();
			s->open = (enum tri)chance(3);
			ANY(s->codec);
		}
	m->speech = (enum tri)chance(3);
}

static void
any_leg(struct leg *l)
{
	ANY(l->id);
	ANY(l->name);
	ANY(l->address);
	ANY(l->protocol);
	ANY(l->remote_ip);
	l->state = (enum leg_state)chance(LEG_GONE + 1);
	l->incoming = chance(2);
	l->muted = (enum tri)chance(3);
	l->configured = chance(2);
	l->sampled = chance(2);
	l->ending.cause = (enum cause)chance(CAUSE_N);
	ANY(l->ending.device_words);
	any_media(&l->media);
}

static void
any_event(struct arena *a, struct event *e)
{
	*e = (struct event){ .kind = (enum event_kind)chance(EVENT_MISSED + 1) };
	e->number = (int64_t)chance(3) * 1000000007;
	if (e->kind == EVENT_ANSWER || e->kind == EVENT_ROSTER)
		e->verb = (enum verb)chance(VERB_N);
	if (e->kind == EVENT_COMMAND)
		e->command = (enum command)chance(COMMAND_N);
	ANY(e->device);
	ANY(e->site);
	e->code = (enum err)chance(ERR_SYSTEM + 1);
	ANY(e->word);
	ANY(e->why);
	ANY(e->conference.id);
	ANY(e->conference.name);
	e->conference.created = chance(2);
	if (chance(2))
		any_leg(&e->leg);
	e->ending.cause = (enum cause)chance(CAUSE_N);
	ANY(e->ending.device_words);
	if (chance(2))
		any_media(&e->media);
	e->status = (struct endpoint_status){ .in_call = (enum tri)chance(3),
		.mic_muted = (enum tri)chance(3),
		.auto_answer = (enum tri)chance(3),
		.auto_answer_muted = (enum tri)chance(3),
		.uptime_s = any_figure(),
		.uptime_step_s = (int)chance(2) * 60,
		.sampled = chance(2) };
	ANY(e->status.far_address);
	any_media(&e->status.media);
	ANY(e->identity.vendor);
	ANY(e->identity.model);
	ANY(e->identity.software);
	ANY(e->identity.serial);
	ANY(e->identity.mac);
	ANY(e->identity.alarms);
	e->identity.uptime_s = any_figure();
	e->identity.ports = any_figure();
	e->legs_n = chance(5);
	e->legs = arena_alloc(a, 5 * sizeof *e->legs);
	for (size_t i = 0; i < e->legs_n; i++)
		any_leg(&e->legs[i]);
	e->gone_n = chance(4);
	e->gone = arena_alloc(a, 4 * sizeof *e->gone);
	for (size_t i = 0; i < e->gone_n; i++)
		ANY(e->gone[i]);
	e->past_n = chance(3);
	e->past = arena_alloc(a, 3 * sizeof *e->past);
	for (size_t i = 0; i < e->past_n; i++) {
		e->past[i] = (struct past_call){ .duration_s = any_figure(),
			.ended_ago_s = any_figure(),
			.ending.cause = (enum cause)chance(CAUSE_N) };
		ANY(e->past[i].far_address);
		ANY(e->past[i].ending.device_words);
	}
	ANY(e->by);
	ANY(e->text);
	e->value = (int64_t)chance(1000) - 500;
}

static void
same_stream(const struct stream *x, const struct stream *y)
{
	assert_int_equal(x->open, y->open);
	assert_int_equal(x->packets.known, y->packets.known);
	if (x->packets.known)
		assert_true(x->packets.v == y->packets.v);
	assert_int_equal(x->loss_permille.known, y->loss_permille.known);
	assert_int_equal(x->level_mdb.known, y->level_mdb.known);
	if (x->level_mdb.known)
		assert_true(x->level_mdb.v == y->level_mdb.v);
}

static void
test_any_event(void **state)
{
	(void)state;
	for (int round = 0; round < 400; round++) {
		struct arena *a = arena_new();
		struct event e, back;
		any_event(a, &e);
		char *text = write_event(a, &e);
		read_event(a, text, &back);
		same_bytes(write_event(a, &back), text);
		assert_int_equal(back.legs_n, e.legs_n);
		assert_int_equal(back.past_n, e.past_n);
		assert_int_equal(back.verb, e.verb);
		assert_int_equal(back.command, e.command);
		assert_int_equal(back.value, e.value);
		assert_int_equal(back.leg.state, e.leg.state);
		assert_int_equal(back.status.uptime_step_s, e.status.uptime_step_s);
		for (size_t i = 0; i < e.legs_n; i++) {
			assert_int_equal(back.legs[i].ending.cause, e.legs[i].ending.cause);
			for (int m = 0; m < MEDIA_N; m++)
				for (int d = 0; d < DIRECTIONS_N; d++)
					same_stream(&e.legs[i].media.s[m][d],
						&back.legs[i].media.s[m][d]);
		}
		arena_free(a);
	}
}

static void
test_damaged(void **state)
{
	(void)state;
	static const char *const damaged[] = {
		"{}",
		"[]",
		"{\"kind\":\"dance\"}",
		"{\"kind\":\"answer\",\"verb\":\"jump\"}",
		"{\"kind\":\"command\",\"command\":\"x\"}",
		"{\"kind\":\"answer\",\"verb\":\"dial\",\"code\":\"fine\"}",
		"{\"kind\":\"tick\",\"leg\":{\"state\":\"flying\"}}",
		"{\"kind\":\"tick\",\"legs\":[{\"ending\":{\"cause\":\"boredom\"}}]}",
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
		const struct json *j;
		struct event out;
		struct err_text e = { 0 };
		assert_int_equal(json_parse(a, damaged[i], strlen(damaged[i]), &j, &e), OK);
		assert_int_equal(event_read(j, 0, 0, a, &out, &e), ERR_PROTOCOL);
		assert_true(e.text[0] != '\0');
	}
	arena_free(a);
}

static void
test_answer(void **state)
{
	(void)state;
	struct order o = { .number = 12, .verb = VERB_DIAL, .device = "tinh", .site = "tri-le" };
	struct answer *ok = answer_new(&o), *bad = answer_new(&o);
	struct event e;
	str_copy(ok->leg.id, sizeof ok->leg.id, "tri-le");
	event_of_answer(ok, 99, &e);
	assert_int_equal(e.kind, EVENT_ANSWER);
	assert_int_equal(e.at, 99);
	assert_int_equal(e.number, 12);
	assert_string_equal(e.site, "tri-le");
	assert_string_equal(e.leg.id, "tri-le");
	bad->code = ERR_TIMEOUT;
	str_copy(bad->why, sizeof bad->why, "dial tri-le: silence");
	str_copy(bad->leg.id, sizeof bad->leg.id, "half");
	event_of_answer(bad, 99, &e);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_string_equal(e.why, "dial tri-le: silence");
	assert_string_equal(e.leg.id, "");
	/* The reason of a leg that is gone is told about the leg that was asked for, answered or
	 * not. */
	struct order why = { .number = 13, .verb = VERB_REASON, .device = "tinh", .leg.id = "p7" };
	struct answer *reason = answer_new(&why);
	reason->ending.cause = CAUSE_SITE_HANGUP;
	event_of_answer(reason, 99, &e);
	assert_string_equal(e.leg.id, "p7");
	assert_int_equal(e.ending.cause, CAUSE_SITE_HANGUP);
	reason->code = ERR_GONE;
	event_of_answer(reason, 99, &e);
	assert_string_equal(e.leg.id, "p7");
	assert_int_equal(e.ending.cause, CAUSE_UNKNOWN);
	struct answer *list =
		answer_new(&(struct order){ .number = 14, .verb = VERB_ROSTER, .device = "tinh" });
	list->code = ERR_UNREACHABLE;
	event_of_answer(list, 99, &e);
	assert_int_equal(e.kind, EVENT_ROSTER);
	answer_free(list);
	answer_free(reason);
	answer_free(ok);
	answer_free(bad);
}

static void
test_order(void **state)
{
	(void)state;
	struct order o = { .number = 4,
		.verb = VERB_MUTE,
		.device = "tinh",
		.site = "x",
		.urgent = true,
		.leg.id = "7" };
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	order_write(&o, &w);
	assert_string_equal(buf_str(&b), "{\"number\":4,\"verb\":\"mute\",\"device\":\"tinh\","
					 "\"site\":\"x\",\"urgent\":true,"
					 "\"leg\":{\"id\":\"7\"},\"on\":false}");
	buf_free(&b);
}

static void
test_command_names(void **state)
{
	(void)state;
	for (int i = 0; i < COMMAND_N; i++)
		assert_int_equal(command_from_name(command_name((enum command)i)), i);
	assert_int_equal(command_from_name("dance"), COMMAND_N);
	assert_int_equal(command_from_name(NULL), COMMAND_N);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_any_event),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_command_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
