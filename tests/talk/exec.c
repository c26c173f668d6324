/* Talks with an external program: the adapter against small shell scripts, one test per way in
 * which such a talk goes. */
#include "adapters/adapter.h"

#include "adapters/exec.h"
#include "adapters/internal.h"
#include "adapters/wire/program.h"
#include "adapters/wire/trace.h"
#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct talk {
	struct task task;
	struct lane lane;
	struct device device;
	struct trace trace;
	char dir[64], path[96], url[160];
};

static const struct endpoint_adapter *const box = &exec_adapter;

/* `body` answers one request: its id is $id, its verb $verb, the whole of it $line; what it notes
 * goes to $notes. */
static void
begin(struct talk *k, const char *body)
{
	*k = (struct talk){ .dir = "/tmp/tongduyet-exec-XXXXXX" };
	assert_non_null(mkdtemp(k->dir));
	snprintf(k->path, sizeof k->path, "%s/program", k->dir);
	FILE *f = fopen(k->path, "we");
	fprintf(f,
		"#!/bin/bash\nnotes=%s/notes\nn=0\necho \"$# $(env | sort | tr '\\n' ' ') $PWD\" "
		">\"$notes\"\n"
		"while IFS= read -r line; do\n"
		"id=${line#*\\\"id\\\":}; id=${id%%%%,*}\nverb=${line#*\\\"verb\\\":\\\"}; "
		"verb=${verb%%%%\\\"*}\nn=$((n+1))\n"
		"echo \"$line\" >>\"$notes\"\n%s\ndone\necho bye >>\"$notes\"\n",
		k->dir, body);
	fclose(f);
	chmod(k->path, 0700);
	snprintf(k->url, sizeof k->url, "exec://%s#https://10.1.2.3/", k->path);
	k->task = (struct task){ .arena = arena_new(), .cancel_fd = eventfd(0, 0),
		.deadline = clock_mono() + 8000, .trace = &k->trace };
	k->device = (struct device){ .name = "site:chu-tuc",
		.adapter = "exec",
		.url = k->url,
		.user = "admin",
		.password = "s3cret",
		.width = 1 };
	k->lane = (struct lane){ .device = &k->device, .arena = arena_new() };
}

static const char *
notes(struct talk *k)
{
	char path[128], *text = arena_alloc(k->task.arena, 8192);
	snprintf(path, sizeof path, "%s/notes", k->dir);
	FILE *f = fopen(path, "re");
	if (f) {
		size_t n = fread(text, 1, 8191, f);
		text[n] = '\0';
		fclose(f);
	}
	return text;
}

static void
finish(struct talk *k)
{
	char path[128];
	box->close(&k->task, &k->lane);
	assert_null(k->lane.session);
	assert_null(strstr(buf_str(&k->trace.out), "s3cret"));
	snprintf(path, sizeof path, "%s/notes", k->dir);
	unlink(path);
	unlink(k->path);
	rmdir(k->dir);
	trace_free(&k->trace);
	arena_free(k->task.arena);
	arena_free(k->lane.arena);
	close(k->task.cancel_fd);
}

#define OK_LINE "echo \"{\\\"id\\\":$id,\\\"result\\\":\\\"ok\\\"}\""
/* Opens, then does as told. */
#define AFTER_OPEN(body) "if [ $verb = open ]; then " OK_LINE "; else " body "; fi"

static void
opened(struct talk *k, const char *body)
{
	begin(k, body);
	if (box->open(&k->task, &k->lane))
		fail_msg("open: %s", k->task.why);
}

/* ---- it works -------------------------------------------------------------------------------- */

static void
secrets_are_said_and_not_shown(void **unused)
{
	struct talk k;
	opened(&k, OK_LINE);
	const char *seen = notes(&k);
	assert_non_null(strstr(
		seen, "0 LANG=C.UTF-8 LC_ALL=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin PWD=/ "));
	assert_non_null(strstr(seen, "\"device\":{\"name\":\"site:chu-tuc\",\"url\":\"https://"
				     "10.1.2.3/\",\"user\":\"admin\","
				     "\"password\":\"s3cret\",\"pin\":null,\"legacy\":false}}"));
	assert_null(strstr(strndupa(seen, strcspn(seen, "\n")), "s3cret"));
	assert_non_null(strstr(buf_str(&k.trace.out), "\"verb\":\"open\""));
	box->close(&k.task, &k.lane);
	assert_true(str_ends(notes(&k), "bye\n")); /* it had time to log out */
	finish(&k);
}

static void
tells_status_and_identity(void **unused)
{
	struct talk k;
	struct endpoint_status s;
	struct identity who;
	opened(&k, AFTER_OPEN("if [ $verb = status ]; then echo "
			      "\"{\\\"id\\\":$id,\\\"result\\\":\\\"ok\\\",\\\"status\\\":{\\\"in_"
			      "call\\\":\\\"yes\\\","
			      "\\\"far_address\\\":\\\"sip:a@b\\\",\\\"mic_muted\\\":false,"
			      "\\\"uptime_s\\\":120,\\\"uptime_step_s\\\":60,"
			      "\\\"media\\\":{\\\"audio\\\":{\\\"to_site\\\":{\\\"open\\\":"
			      "\\\"yes\\\",\\\"packets\\\":812,\\\"lost\\\":-3,"
			      "\\\"kbps\\\":\\\"64\\\",\\\"codec\\\":\\\"G722\\\",\\\"level_"
			      "mdb\\\":-9000}}}}}\"; "
			      "else echo "
			      "\"{\\\"id\\\":$id,\\\"result\\\":\\\"ok\\\",\\\"identity\\\":{"
			      "\\\"vendor\\\":\\\"Kedacom\\\",\\\"model\\\":\\\"H650\\\","
			      "\\\"uptime_s\\\":7,\\\"serial\\\":5}}\"; fi"));
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "sip:a@b");
	assert_int_equal(s.mic_muted, NO);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(s.uptime_step_s, 60);
	assert_true(s.sampled);
	const struct stream *heard = &s.media.s[AUDIO][TO_SITE];
	assert_int_equal(heard->packets.v, 812);
	assert_int_equal(heard->kbps.v, 64);
	assert_false(heard->lost.known); /* below nought */
	assert_int_equal(heard->level_mdb.v, -9000);
	assert_string_equal(heard->codec, "G722");
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, UNKNOWN);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "H650");
	assert_int_equal(who.uptime_s.v, 7);
	assert_string_equal(who.serial, "");
	finish(&k);
}

static void
tells_past_calls(void **unused)
{
	struct talk k;
	struct history h;
	opened(&k, AFTER_OPEN("echo "
			      "\"{\\\"id\\\":$id,\\\"result\\\":\\\"ok\\\",\\\"history\\\":[{"
			      "\\\"far_address\\\":\\\"sip:a@b\\\","
			      "\\\"duration_s\\\":61,\\\"ended_ago_s\\\":5,\\\"cause\\\":\\\"site-"
			      "hangup\\\",\\\"words\\\":\\\"bye\\\"},"
			      "{\\\"cause\\\":\\\"weather\\\",\\\"ended_ago_s\\\":-1}]}\""));
	assert_int_equal(box->history(&k.task, &k.lane, &h), OK);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.at[0].far_address, "sip:a@b");
	assert_int_equal(h.at[0].duration_s.v, 61);
	assert_int_equal(h.at[0].ended_ago_s.v, 5);
	assert_int_equal(h.at[0].ending.cause, CAUSE_SITE_HANGUP);
	assert_string_equal(h.at[0].ending.device_words, "bye");
	assert_int_equal(h.at[1].ending.cause, CAUSE_UNKNOWN);
	assert_false(h.at[1].ended_ago_s.known);
	finish(&k);
}

/* ---- as an MCU ------------------------------------------------------------------------------- */

static const struct mcu_adapter *const mcu = &exec_mcu_adapter;

#define SAY(rest) "echo \"{\\\"id\\\":$id," rest "}\""
#define Q "\\\""

static void
an_mcu_is_found_started_and_listed(void **unused)
{
	struct talk k;
	struct conference c;
	struct leg leg;
	struct roster list;
	opened(&k,
		AFTER_OPEN("case $verb in find) " SAY(Q "result" Q ":" Q "gone" Q) ";; start) " SAY(
			Q "result" Q ":" Q "ok" Q "," Q "conference" Q ":{" Q "id" Q ":" Q "7" Q
			  "}") ";; dial) " SAY(Q "result" Q ":" Q "ok" Q "," Q "leg" Q ":{" Q "id" Q
						 ":" Q "1" Q "," Q "state" Q ":" Q "dialing" Q
						 "}") ";; roster) " SAY(Q
			"result" Q ":" Q "ok" Q "," Q "legs" Q ":[{" Q "id" Q ":" Q "1" Q "," Q
			"state" Q ":" Q "up" Q "," Q "muted" Q ":true," Q "media" Q ":{" Q "audio" Q
			":{" Q "from_site" Q ":{" Q "packets" Q ":812}}}},{" Q "id" Q ":" Q "2" Q
			"," Q "state" Q ":" Q "gone" Q "," Q "incoming" Q ":" Q "yes" Q "," Q
			"ending" Q ":{" Q "cause" Q ":" Q "busy" Q "," Q "words" Q ":" Q "bận" Q
			"}}]") ";; *) " SAY(Q "result" Q ":" Q "unsupported" Q) ";; esac"));
	assert_int_equal(mcu->find(&k.task, &k.lane, "td-1", &c), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(
		mcu->start(&k.task, &k.lane,
			&(struct conference_spec){ .name = "td-1", .muted = true, .ports = 24 },
			&c),
		OK);
	assert_string_equal(c.id, "7");
	assert_string_equal(c.name, "td-1");
	assert_true(c.created);
	struct dial d = { .site_name = "Xã A",
		.leg_name = "a",
		.address = "sip:a@b",
		.attempt = "r/a/1",
		.muted = true };
	assert_int_equal(mcu->dial(&k.task, &k.lane, &c, &d, &leg), OK);
	assert_string_equal(leg.id, "1");
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &c, &list), OK);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.legs[0].state, LEG_UP);
	assert_int_equal(list.legs[0].muted, YES);
	assert_true(list.legs[0].sampled);
	assert_int_equal(list.legs[0].media.s[AUDIO][FROM_SITE].packets.v, 812);
	assert_int_equal(list.legs[1].ending.cause, CAUSE_BUSY);
	assert_string_equal(list.legs[1].ending.device_words, "bận");
	assert_true(list.legs[1].incoming);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &c, &list.legs[0], true), ERR_UNSUPPORTED);
	const char *seen = notes(&k);
	assert_non_null(strstr(seen, "\"conference\":{\"name\":\"td-1\"},\"muted\":true,\"layout\":"
				     "null,\"kbps\":0,\"ports\":24}"));
	assert_non_null(strstr(seen, "\"conference\":{\"id\":\"7\",\"name\":\"td-1\"},\"address\":"
				     "\"sip:a@b\",\"site_name\":\"Xã A\","
				     "\"leg_name\":\"a\",\"attempt\":\"r/a/"
				     "1\",\"kbps\":0,\"muted\":true,\"audio_only\":false}"));
	assert_non_null(strstr(seen, "\"leg\":\"1\",\"on\":true}"));
	finish(&k);
}

static void
a_leg_without_handle_or_state_is_not_understood(void **unused)
{
	static const char *const bad[] = { "[{" Q "state" Q ":" Q "up" Q "}]",
		"[{" Q "id" Q ":" Q "1" Q "}]",
		"[{" Q "id" Q ":" Q "1" Q "," Q "state" Q ":" Q "well" Q "}]", "{}", "7" };
	struct conference c = { .id = "7", .name = "x" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct talk k;
		struct roster list;
		char body[600];
		snprintf(body, sizeof body,
			AFTER_OPEN(SAY(Q "result" Q ":" Q "ok" Q "," Q "legs" Q ":%s")), bad[i]);
		opened(&k, body);
		assert_int_equal(mcu->roster(&k.task, &k.lane, &c, &list), ERR_PROTOCOL);
		finish(&k);
	}
}

static void
every_order_to_an_mcu_names_its_leg(void **unused)
{
	struct talk k;
	struct conference c = { .id = "7", .name = "x" };
	struct leg leg = { .id = "1" };
	struct ending why;
	struct media_sample m;
	opened(&k, OK_LINE);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &c, &leg), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &c, NULL), OK);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &c, "equal"), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &c, &leg, "chào", 5), OK);
	assert_int_equal(mcu->play(&k.task, &k.lane, &c, NULL, 3), OK);
	assert_int_equal(mcu->media(&k.task, &k.lane, &c, &leg, &m), OK);
	assert_false(m.s[AUDIO][FROM_SITE].packets.known);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &c, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_UNKNOWN);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	const char *seen = notes(&k);
	assert_non_null(strstr(seen, "\"verb\":\"hangup\""));
	assert_non_null(strstr(seen, "\"leg\":null}"));
	assert_non_null(strstr(seen, "\"leg\":null,\"seconds\":3}"));
	assert_non_null(strstr(seen, "\"value\":\"equal\"}"));
	assert_non_null(strstr(seen, "\"leg\":\"1\",\"text\":\"chào\",\"seconds\":5}"));
	finish(&k);
}

static void
gives_every_order(void **unused)
{
	struct talk k;
	opened(&k, OK_LINE);
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a\"b@c", 768), OK);
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	assert_int_equal(box->message(&k.task, &k.lane, "Xin ch\303\240o\n", 10), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	struct endpoint_status s;
	/* ok, and no status in it */
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_PROTOCOL);
	const char *seen = notes(&k);
	assert_non_null(strstr(seen, "\"address\":\"sip:a\\\"b@c\",\"kbps\":768}"));
	assert_non_null(strstr(seen, "\"on\":true}"));
	assert_non_null(strstr(seen, "\"text\":\"Xin ch\303\240o\\n\",\"seconds\":10}"));
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_refusal_keeps_its_class(void **unused)
{
	struct talk k;
	opened(&k, AFTER_OPEN("if [ $verb = dial ]; then echo "
			      "\"{\\\"id\\\":$id,\\\"result\\\":\\\"refused\\\",\\\"word\\\":"
			      "\\\"busy\\\","
			      "\\\"why\\\":\\\"in a call\\\"}\"; else echo "
			      "\"{\\\"id\\\":$id,\\\"result\\\":\\\"unsupported\\\"}\"; fi"));
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a@b", 0), ERR_REFUSED);
	assert_string_equal(k.task.word, "busy");
	assert_non_null(strstr(k.task.why, "site:chu-tuc: in a call"));
	task_forgive(&k.task);
	assert_int_equal(box->answer(&k.task, &k.lane), ERR_UNSUPPORTED);
	finish(&k);
}

static void
a_wrong_password_is_tried_once(void **unused)
{
	struct talk k;
	begin(&k, "echo "
		  "\"{\\\"id\\\":$id,\\\"result\\\":\\\"auth\\\",\\\"word\\\":\\\"login-"
		  "refused\\\"}\"");
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	assert_null(k.lane.session);
	const char *first = strstr(notes(&k), "\"verb\":\"open\"");
	assert_non_null(first);
	assert_null(strstr(first + 1, "\"verb\":"));
	finish(&k);
}

/* A program that repeats what it was told, or what the library below it said, puts the password
 * into its reason: the sentence goes to journals and screens. */
static void
a_reason_does_not_carry_the_password(void **unused)
{
	static const char *const bodies[] = {
		"echo "
		"\"{\\\"id\\\":$id,\\\"result\\\":\\\"refused\\\",\\\"why\\\":\\\"https://"
		"admin:s3cret@10.1.2.3/\\\"}\"",
		"echo "
		"\"{\\\"id\\\":$id,\\\"result\\\":\\\"refused\\\",\\\"word\\\":\\\"s3cret\\\","
		"\\\"why\\\":\\\"x\\\"}\"",
		"echo \"password s3cret: no\"",
		"echo \"{${line#*user}\"",
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct talk k;
		begin(&k, bodies[i]);
		assert_int_not_equal(box->open(&k.task, &k.lane), OK);
		assert_null(strstr(k.task.why, "s3cret"));
		assert_true(!k.task.word || !strstr(k.task.word, "s3cret"));
		finish(&k);
	}
}

static bool
runs(pid_t pid)
{
	return kill(pid, 0) == 0 || errno != ESRCH;
}

/* What it started dies with it. */
static void
silence_ends_at_the_deadline_and_nothing_is_left(void **unused)
{
	struct talk k;
	opened(&k, AFTER_OPEN("sleep 1000 & echo \"pid $!\" >>\"$notes\"; trap '' TERM; wait"));
	k.task.deadline = clock_mono() + 1500;
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_TIMEOUT);
	const char *pid = strstr(notes(&k), "\npid ");
	assert_non_null(pid);
	pid_t child = (pid_t)strtol(pid + 5, NULL, 10);
	assert_true(runs(child));
	box->close(&k.task, &k.lane);
	/* Killed; reaped by whoever inherits orphans here. */
	char path[64], state[512] = "";
	snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
	for (int i = 0; i < 100 && runs(child); i++) {
		FILE *f = fopen(path, "re");
		if (f && fgets(state, sizeof state, f) && strstr(state, ") Z "))
			i = 1000;
		if (f)
			fclose(f);
		usleep(20000);
	}
	assert_true(!runs(child) || strstr(state, ") Z "));
	finish(&k);
}

static void *
cancel_soon(void *of)
{
	usleep(200000);
	eventfd_write(*(int *)of, 1);
	return NULL;
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	struct talk k;
	pthread_t thread;
	opened(&k, AFTER_OPEN("sleep 1000"));
	pthread_create(&thread, NULL, cancel_soon, &k.task.cancel_fd);
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a@b", 0), ERR_CANCELED);
	pthread_join(thread, NULL);
	finish(&k);
}

static void
it_ends_in_the_middle(void **unused)
{
	struct talk k;
	opened(&k, AFTER_OPEN("printf '{\"id\":2,\"resu'; exit 3"));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_TIMEOUT);
	assert_non_null(strstr(k.task.why, "ended before it answered"));
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_TIMEOUT); /* no signal ends us */
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	static const char *const bodies[] = { "echo hello", "echo '[1]'",
		"echo \"{\\\"id\\\":$id}\"",
		"echo \"{\\\"id\\\":$id,\\\"result\\\":\\\"splendid\\\"}\"",
		"printf '\\377\\000\\n'", "echo" };
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct talk k;
		begin(&k, bodies[i]);
		assert_int_equal(box->open(&k.task, &k.lane), ERR_PROTOCOL);
		finish(&k);
	}
}

/* ---- traps ----------------------------------------------------------------------------------- */

static void
a_late_answer_is_passed_over(void **unused)
{
	struct talk k;
	opened(&k, AFTER_OPEN("echo '{\"id\":1,\"result\":\"refused\"}'; echo "
			      "\"{\\\"id\\\":$id,\\\"result\\\":\\\"gone\\\"}\""));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
what_it_says_is_capped(void **unused)
{
	struct talk k;
	opened(&k, AFTER_OPEN("head -c 3000000 /dev/zero | tr '\\0' x"));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_PROTOCOL);
	assert_non_null(strstr(k.task.why, "a line of more than"));
	task_forgive(&k.task);
	finish(&k);
	opened(&k, AFTER_OPEN("while :; do echo '{\"id\":0,\"result\":\"ok\"}'; done"));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_PROTOCOL);
	finish(&k);
}

/* No shell looks at the address, and no other program than the one that was named is run. */
static void
an_address_names_a_program(void **unused)
{
	static const char *const wrong[] = { "exec://program", "exec:///", "http://a",
		"exec:///no/such/program", "exec:///tmp", "exec:///bin/echo hello",
		"exec:///bin/sh;true", NULL };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct task t = {
			.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 2000
		};
		struct device d = { .name = "site:x", .url = wrong[i] };
		struct lane l = { .device = &d, .arena = arena_new() };
		assert_int_equal(box->open(&t, &l), ERR_INPUT);
		assert_null(l.session);
		arena_free(t.arena);
		arena_free(l.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_said_and_not_shown),
		cmocka_unit_test(tells_status_and_identity),
		cmocka_unit_test(tells_past_calls),
		cmocka_unit_test(gives_every_order),
		cmocka_unit_test(an_mcu_is_found_started_and_listed),
		cmocka_unit_test(a_leg_without_handle_or_state_is_not_understood),
		cmocka_unit_test(every_order_to_an_mcu_names_its_leg),
		cmocka_unit_test(a_refusal_keeps_its_class),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_reason_does_not_carry_the_password),
		cmocka_unit_test(silence_ends_at_the_deadline_and_nothing_is_left),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(it_ends_in_the_middle),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(a_late_answer_is_passed_over),
		cmocka_unit_test(what_it_says_is_capped),
		cmocka_unit_test(an_address_names_a_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
