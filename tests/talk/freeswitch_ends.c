/* How calls end on FreeSWITCH: no list shows it, so the adapter hears it on the event socket, or
 * does not know. */
#include "tests/talk/freeswitch.h"

static void
events_drop(struct events *e)
{
	pthread_mutex_lock(&e->lock);
	if (e->fd >= 0) {
		shutdown(e->fd, SHUT_RDWR); /* the other thread may be waiting for it: close() alone
					       does nothing then */
		close(e->fd);
	}
	e->fd = -1;
	pthread_mutex_unlock(&e->lock);
}

static void
hangup_event(struct talk *k, const char *uuid, const char *cause, const char *more)
{
	event(k,
		"Event-Name: CHANNEL_HANGUP_COMPLETE\nEvent-Date-Timestamp: "
		"1795175108788607\nHangup-Cause: %s\n"
		"Unique-ID: %s\nHangup-Cause: %s\n%s",
		cause, uuid, cause, more);
}

/* +OK is told for a site that is busy; the leg is in no list; the reason comes as an event, and is
 * told twice. */
static void
plus_ok_is_no_proof(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	struct ending why;
	dial_it(&k, &leg);
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: "
		  "CUSTOM\nConference-Name: giao-ban\n"
		  "Action: bgdial-result\nResult: USER_BUSY\nJob-UUID: " JOB "\n");
	for (int i = 0; i < 2; i++) {
		struct roster all = list(&k);
		assert_int_equal(all.n, 1);
		assert_int_equal(all.legs[0].state, LEG_GONE);
		assert_int_equal(all.legs[0].ending.cause, CAUSE_BUSY);
		assert_string_equal(all.legs[0].ending.device_words, "USER_BUSY");
		assert_string_equal(all.legs[0].name, "chu-tuc");
	}
	assert_int_equal(list(&k).n, 0);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_BUSY);
	finish(&k);
}

/* An order for a conference without members: no bgdial-result is sent, only the channel's own
 * end. */
static void
the_channel_tells_where_the_job_does_not(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	dial_it(&k, &leg);
	hangup_event(&k, MINE, "NO_ANSWER",
		"Caller-Channel-Progress-Time: 1795175108989234\nvariable_sip_hangup_disposition: "
		"send_cancel\n"
		"variable_sip_invite_failure_status: 487\n");
	struct roster all = list(&k);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_NO_ANSWER);
	assert_string_equal(all.legs[0].ending.device_words, "NO_ANSWER 487");
	finish(&k);
}

/* An order that made no channel, and no word about it: not dialling for ever. */
static void
an_order_without_a_trace_ends_unknown(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	dial_it(&k, &leg);
	assert_int_equal(list(&k).legs[0].state, LEG_DIALING);
	assert_int_equal(list(&k).legs[0].state, LEG_DIALING);
	struct roster all = list(&k);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
	finish(&k);
}

/* The second order with a uuid that lives is answered DESTINATION_OUT_OF_ORDER: the list is
 * believed, not that. */
static void
a_list_is_believed_before_an_event(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS,
		AUDIO_OF(MINE, "10", "0", "10"));
	struct leg leg;
	dial_it(&k, &leg);
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: CUSTOM\nAction: "
		  "bgdial-result\n"
		  "Result: DESTINATION_OUT_OF_ORDER\nJob-UUID: " JOB "\n");
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	finish(&k);
}

static void *
goodbye_later(void *arg)
{
	usleep(80000);
	hangup_event(arg, MINE, "NORMAL_CLEARING",
		"variable_sip_hangup_disposition: recv_bye\n"
		"Caller-Channel-Answered-Time: 1795175108989234\n");
	return NULL;
}

/* The event of an end comes a little behind the lists. */
static void
an_end_is_awaited_for_a_moment(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS,
		AUDIO_OF(MINE, "10", "0", "10"), NO_ROOM,
		CHANNELS(ROW(MINE, "a@b", "HANGUP", "conference", "chu-tuc")));
	struct leg leg;
	pthread_t thread;
	dial_it(&k, &leg);
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	pthread_create(&thread, NULL, goodbye_later, &k);
	struct roster all = list(&k);
	pthread_join(thread, NULL);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_SITE_HANGUP);
	finish(&k);
}

/* The socket was lost: what vanished has no reason, and none is made up. */
static void
a_lost_event_socket_leaves_ends_unknown(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS,
		AUDIO_OF(MINE, "10", "0", "10"), NO_ROOM, NO_CHANNELS,
		{ CALL("uuid_exists", MINE), .body = REPLY("false") });
	struct leg leg;
	struct ending why;
	dial_it(&k, &leg);
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	events.refuse = 1;
	events_drop(&events);
	usleep(20000);
	struct roster all = list(&k);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), ERR_GONE);
	assert_int_equal(events.logins, 2); /* once more, refused, and never again */
	finish(&k);
}

static void
a_lost_event_socket_is_opened_again(void **unused)
{
	OPENED(NO_ROOM, NO_CHANNELS, NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	events_drop(&events);
	usleep(20000);
	assert_int_equal(list(&k).n, 0);
	assert_int_equal(events.logins, 2);
	dial_it(&k, &leg);
	hangup_event(&k, MINE, "CALL_REJECTED", "variable_sip_term_status: 603\n");
	assert_int_equal(list(&k).legs[0].ending.cause, CAUSE_REJECTED);
	finish(&k);
}

static void
hung_up_by_us(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, { CALL("uuid_kill", MINE), .body = REPLY("+OK\n") }, NO_ROOM,
		NO_CHANNELS);
	struct leg leg;
	dial_it(&k, &leg);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	hangup_event(&k, MINE, "NORMAL_CLEARING", "");
	assert_int_equal(list(&k).legs[0].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

/* A person moved it into another conference by the device's own page. The event of its arrival
 * there may come before the lists. */
static void
is_moved_elsewhere(bool told)
{
	OPENED(ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS,
		AUDIO_OF(MINE, "10", "0", "10"), NO_ROOM,
		{ CALL("show", ""),
			.body = REPLY(
				"{\"row_count\":1,\"rows\":[{\"uuid\":\"" MINE "\","
				"\"application\":\"conference\",\"application_data\":\"other\","
				"\"callstate\":\"ACTIVE\"}]}") });
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	if (told)
		event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: CUSTOM\n"
			  "Conference-Name: other\nUnique-ID: " MINE "\nAction: add-member\n");
	struct roster all = list(&k);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

static void
moved_elsewhere(void **unused)
{
	is_moved_elsewhere(false);
}

static void
moved_elsewhere_told_by_an_event(void **unused)
{
	is_moved_elsewhere(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plus_ok_is_no_proof),
		cmocka_unit_test(the_channel_tells_where_the_job_does_not),
		cmocka_unit_test(an_order_without_a_trace_ends_unknown),
		cmocka_unit_test(a_list_is_believed_before_an_event),
		cmocka_unit_test(an_end_is_awaited_for_a_moment),
		cmocka_unit_test(a_lost_event_socket_leaves_ends_unknown),
		cmocka_unit_test(a_lost_event_socket_is_opened_again),
		cmocka_unit_test(hung_up_by_us),
		cmocka_unit_test(moved_elsewhere),
		cmocka_unit_test(moved_elsewhere_told_by_an_event),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
