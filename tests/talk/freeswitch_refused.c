/* Talks with FreeSWITCH that go wrong: refusals, silence, garbage, wrong passwords, lost answers,
 * and how often it is asked then. */
#include "tests/talk/freeswitch.h"

#include "adapters/wire/trace.h"

#define FAULT(code, text) \
	"<?xml " \
	"version=\"1.0\"?><methodResponse><fault><value><struct><member><name>faultCode</" \
	"name><value><i4>" code \
	"</i4></value></member><member><name>faultString</name><value><string>" text \
	"</string></value></member></struct></value></fault></methodResponse>"

static void
a_command_that_is_refused(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban mute 1<"),
			.body = REPLY("-ERR Non-Existant ID 1\n") },
		{ CALL("conference", "giao-ban vid-layout 2x2<"),
			.body = REPLY("-ERR Conference is not in mixing mode\n") },
		ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban vid-floor 1 force<"),
			.body = REPLY("-ERR floor is held by 1\n") },
		{ CALL("uuid_kill", OTHER), .body = REPLY("-ERR No such channel!\n") },
		{ CALL("uuid_kill", OTHER), .body = FAULT("-501", "Value of type INT supplied") });
	struct leg leg = { .id = OTHER, .name = "An" };
	static const enum err want[] = { ERR_GONE, ERR_UNSUPPORTED, ERR_REFUSED, ERR_GONE,
		ERR_PROTOCOL };
	for (size_t i = 0; i < 5; i++) {
		enum err e = i == 0   ? mcu->mute(&k.task, &k.lane, &k.conference, &leg, true)
			     : i == 1 ? mcu->layout(&k.task, &k.lane, &k.conference, "2x2")
			     : i == 2 ? mcu->focus(&k.task, &k.lane, &k.conference, &leg)
				      : mcu->hangup(&k.task, &k.lane, &k.conference, &leg);
		assert_int_equal(e, want[i]);
		if (i == 2)
			assert_non_null(strstr(k.task.why, "floor is held by 1"));
		task_forgive(&k.task);
	}
	finish(&k);
}

/* Trap 8: a stopped FreeSWITCH takes connections and says nothing. */
static void
silence_ends_at_the_deadline_and_is_not_asked_twice(void **unused)
{
	static const struct peer_step steps[] = { HELLO, NOBODY_YET,
		{ CALL("conference", "giao-ban bgdial "), .how = PEER_HANG } };
	struct talk k;
	begin(&k, steps, 3, 600);
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	struct leg leg;
	int64_t before = clock_mono();
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_TIMEOUT);
	assert_true(clock_mono() - before < 3000);
	finish(&k);
}

static void
a_silent_event_socket_ends_at_the_deadline(void **unused)
{
	static const struct peer_step steps[] = { HELLO };
	struct talk k;
	begin(&k, steps, 1, 1500);
	events.silent = 1;
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_TIMEOUT);
	assert_null(k.lane.session);
	finish(&k);
}

static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED(NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .how = PEER_DROP },
		{ CALL("uuid_exists", MINE), .body = REPLY("true") });
	struct leg leg;
	dial_it(&k, &leg);
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED(NOBODY_YET,
		{ CALL("conference", "giao-ban bgdial "), .how = PEER_CUT,
			.body = REPLY("+OK Job-UUID: x") },
		NOBODY_YET, TAKEN);
	struct leg leg;
	dial_it(&k, &leg);
	finish(&k);
}

static void
a_dial_cut_off_twice_is_unknown(void **unused)
{
	OPENED(NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .how = PEER_DROP }, NOBODY_YET,
		{ CALL("conference", "giao-ban bgdial "), .how = PEER_DROP }, NOBODY_YET);
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_TIMEOUT);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ CALL("conference", "giao-ban json_list"), .how = PEER_GARBAGE },
		{ CALL("conference", "giao-ban json_list"),
			.body = REPLY("[{\"conference_name\":") },
		{ CALL("conference", "giao-ban json_list"), .body = REPLY("{}") },
		{ CALL("conference", "giao-ban json_list"), .body = "<html>what?</html>" }, NO_ROOM,
		{ CALL("show", "channels as json"), .body = REPLY("0 total.") });
	struct roster all;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_PROTOCOL);
		task_forgive(&k.task);
	}
	finish(&k);
}

static void
another_server_is_no_freeswitch(void **unused)
{
	BEGIN({ .expect = { "<string>status</string>" },
		.body = REPLY("hello, this is a router") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_PROTOCOL);
	assert_int_equal(events.logins, 0);
	finish(&k);
}

/* A server with one answer, which counts: the peer of the other talks knows status 200 only. */
struct counter {
	const char *answer;
	int accepted, requests;
	struct loopback at;
};

static void *
count_requests(void *arg)
{
	struct counter *n = arg;
	char bytes[4096];
	struct pollfd f[2] = { { .fd = n->at.listener, .events = POLLIN },
		{ .fd = -1, .events = POLLIN } };
	while (poll(f, 2, 300) > 0) {
		if (f[0].revents) {
			if (f[1].fd >= 0)
				close(f[1].fd);
			f[1].fd = accept(n->at.listener, NULL, NULL);
			n->accepted++;
			continue;
		}
		ssize_t k = recv(f[1].fd, bytes, sizeof bytes, 0);
		if (k > 0 && memmem(bytes, (size_t)k, "</methodCall>", 13)) {
			n->requests++;
			esl_send(f[1].fd, n->answer);
		}
		if (k <= 0) {
			close(f[1].fd);
			f[1].fd = -1;
		}
	}
	if (f[1].fd >= 0)
		close(f[1].fd);
	return NULL;
}

static void
counter_start(struct talk *k, struct counter *n)
{
	aim(k, loopback_start(&n->at, count_requests, n));
	peer_stop(&k->peer);
	k->stopped = true;
}

/* Once nothing is asked any more. */
static void
counter_wait(struct counter *n)
{
	pthread_join(n->at.thread, NULL);
	close(n->at.listener);
	close(n->at.stop);
}

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN(HELLO);
	struct counter n = { .answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic "
				       "realm=\"127.0.0.1\"\r\n"
				       "Content-length: 6\r\n\r\n<HTML>" };
	counter_start(&k, &n);
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	counter_wait(&n);
	assert_int_equal(n.requests, 1);
	assert_int_equal(events.logins, 0); /* and the other door is not tried with it */
	finish(&k);
}

static void
a_wrong_event_password_is_tried_once(void **unused)
{
	BEGIN(HELLO);
	events.refuse = 1;
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	assert_null(k.lane.session);
	assert_int_equal(events.logins, 1);
	finish(&k);
}

static void
a_user_outside_the_allowed_commands(void **unused)
{
	BEGIN({ .expect = { "<string>status</string>" }, .body = REPLY("UNAUTHORIZED!") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
}

/* HTTP 200 and a text: what rings is then not listed, what speaks not measured, the rest goes
 * on. */
static void
unauthorized_commands_are_done_without(void **unused)
{
	OPENED({ CALL("uuid_exists", MINE), .body = REPLY("UNAUTHORIZED!") }, TAKEN,
		ROOM(MEMBER("1", OTHER, "An", QUIET) "," MEMBER("2", SECOND, "chu-tuc", QUIET)),
		{ CALL("show", ""), .body = REPLY("UNAUTHORIZED!") },
		{ CALL("json", ""), .body = REPLY("ERROR!") },
		{ CALL("uuid_exists", "7464aa11-"), .body = REPLY("false") },
		{ CALL("conference", "giao-ban bgdial "), .body = REPLY("UNAUTHORIZED!") });
	struct leg leg;
	dial_it(&k, &leg);
	struct roster all = list(&k);
	assert_int_equal(all.n, 3);
	assert_false(all.legs[0].sampled);
	assert_string_equal(all.legs[1].name, "chu-tuc");
	assert_int_equal(all.legs[2].state, LEG_DIALING);
	struct dial d = a_dial;
	d.attempt = "run/chu-tuc/3";
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_REFUSED);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .how = PEER_CANCEL });
	struct leg leg;
	int64_t before = clock_mono();
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_CANCELED);
	assert_true(clock_mono() - before < 2000);
	finish(&k);
}

static void
nobody_listens(void **unused)
{
	BEGIN(HELLO);
	peer_stop(&k.peer);
	k.stopped = true;
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_UNREACHABLE);
	finish(&k);
}

/* Keep-alive ends after 30 requests or 5 s: a connection that died idle costs nothing, and there is
 * only one. */
static void
an_idle_connection_is_reset(void **unused)
{
	OPENED({ CALL("uuid_kill", OTHER), .how = PEER_ANSWER_RESET, .body = REPLY("+OK\n") },
		{ CALL("uuid_kill", OTHER), .body = REPLY("+OK\n") });
	struct leg leg = { .id = OTHER };
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	usleep(100000);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	finish(&k);
}

/* Trap 5: a failure without -ERR before it. */
static void
a_refusal_without_a_prefix(void **unused)
{
	OPENED({ CALL("conference", "giao-ban vid-banner all hi<"),
		       .body = REPLY("Channel sofia/lab/site01 is not in a video layer\n") },
		ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban mute 1<"),
			.body = REPLY("relate &lt;member_id&gt;[,&lt;member_id&gt;]") },
		NOBODY_YET,
		{ CALL("conference", "giao-ban bgdial "),
			.body = REPLY("+OK Call Requested: result: [SUCCESS]\n") });
	struct leg leg = { .id = OTHER };
	assert_int_equal(
		mcu->message(&k.task, &k.lane, &k.conference, NULL, "hi", 5), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg),
		ERR_PROTOCOL); /* no job */
	finish(&k);
}

/* The password is in no trace, on neither wire. */
static void
secrets_stay_out_of_the_trace(void **unused)
{
	BEGIN(HELLO);
	struct trace trace = { 0 };
	k.task.trace = &trace;
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_non_null(strstr(buf_str(&trace.out), "auth ***"));
	assert_null(strstr(buf_str(&trace.out), "labpass"));
	k.task.trace = NULL;
	trace_free(&trace);
	finish(&k);
}

/* Trap 1: 16 connections block the device, idle ones too. Whatever is asked, ours is one. */
static void
one_connection_serves_all(void **unused)
{
	static const char body[] = REPLY(UP);
	BEGIN(HELLO);
	struct counter n = { .answer = arena_printf(k.task.arena,
				     "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: "
				     "%zu\r\n\r\n%s",
				     sizeof body - 1, body) };
	struct identity who;
	counter_start(&k, &n);
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	for (int i = 0; i < 20; i++)
		assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	counter_wait(&n);
	assert_int_equal(n.requests, 21);
	assert_int_equal(n.accepted, 1);
	assert_int_equal(events.logins, 1);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_that_is_refused),
		cmocka_unit_test(silence_ends_at_the_deadline_and_is_not_asked_twice),
		cmocka_unit_test(a_silent_event_socket_ends_at_the_deadline),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_dial_that_never_arrived_is_made_once_more),
		cmocka_unit_test(a_dial_cut_off_twice_is_unknown),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(another_server_is_no_freeswitch),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_wrong_event_password_is_tried_once),
		cmocka_unit_test(a_user_outside_the_allowed_commands),
		cmocka_unit_test(unauthorized_commands_are_done_without),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(an_idle_connection_is_reset),
		cmocka_unit_test(a_refusal_without_a_prefix),
		cmocka_unit_test(secrets_stay_out_of_the_trace),
		cmocka_unit_test(one_connection_serves_all),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
