/* The clock jumps under the coordinator: nothing begins twice, nothing is passed over in silence,
 * and each jump is a row. The clocks of the system are replaced by this program's own, which can be
 * set. */
#include "coordinator_inner.h"

#include "tests/unit/house_files.h"

#include "base/instant.h"
#include "base/log.h"
#include "schedules/calendar.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#define PLAYBOOK \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<playbook name=\"ngan\" title=\"Thử ngắn\" phase=\"rehearsal\" anchor=\"event\">\n" \
	"\t<open at=\"PT0S\"/>\n\t<dial at=\"PT10S\"/>\n\t<report at=\"PT3M\"/>\n\t<close " \
	"at=\"PT4M\"/>\n</playbook>\n"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static _Atomic int64_t set_real, set_boot; /* ms by which the clocks were set */

/* In place of the C library's, for the whole program. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	long status = syscall(SYS_clock_gettime, id, ts);
	int64_t by = id == CLOCK_REALTIME   ? atomic_load(&set_real)
		     : id == CLOCK_BOOTTIME ? atomic_load(&set_boot)
					    : 0;
	ts->tv_sec += by / 1000;
	return (int)status;
}

/* One rehearsal event that starts in so many ms and lasts ten minutes. */
static struct coordinator *
house_with(char dir[64], int64_t in_ms)
{
	char ics[600], when[40], until[40];
	struct err_text e = { 0 };
	int64_t start = clock_now() + in_ms;
	str_copy(dir, 64, "/tmp/td-jump-XXXXXX");
	make_folders(dir, PLAYBOOK);
	put(dir, "tongduyet.xml",
		"<tongduyet name=\"Thử\"><mcu name=\"huyen\" adapter=\"manual\"/>"
		"<calendar id=\"tay\" folder=\"schedules\" playbook=\"ngan\"/></tongduyet>\n");
	put(dir, "sites.csv",
		"id,name,tier,mcu,address1\nchu-tuc,Chu Túc,commune,huyen,sip:a@192.0.2.1\n");
	put(dir, "secrets.xml", "<secrets/>\n");
	snprintf(ics, sizeof ics,
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u1@example\nDTSTAMP:20190101T000000Z\nDTSTART:%"
		"s\nDTEND:%s\nSUMMARY:Chạy thử\n"
		"END:VEVENT\nEND:VCALENDAR\n",
		instant_local(start, "%Y%m%dT%H%M%S", when, sizeof when),
		instant_local(start + 10 * MINUTE, "%Y%m%dT%H%M%S", until, sizeof until));
	put(dir, "schedules/x.ics", ics);
	struct coordinator *c;
	if (coordinator_open(dir, &c, &e) != OK)
		fail_msg("%s", e.text);
	return c;
}

static size_t
rows(struct coordinator *c, const char *kind, const char *holds)
{
	return count_rows(c->reader, JOURNAL_HOUSE, kind, holds);
}

/* What a turn of the loop does with the time. */
static void
turn(struct coordinator *c)
{
	int64_t before = c->now;
	c->now = clock_now();
	change_clock(c, before);
	plan_start_due(c);
	live_settle(c);
	assert_true(coordinator_commit(c));
}

static void
close_it(struct coordinator *c, const char *dir)
{
	coordinator_close(c);
	remove_workspace(dir);
	atomic_store(&set_real, 0);
	atomic_store(&set_boot, 0);
}

static const struct row_of_test {
	const char *what;
	int64_t starts_in, real, boot; /* when it should begin; by how much the clocks are set */
	size_t jumps;
	const char *kind;
	size_t begun, missed;
	const char *why;
} table[] = {
	{ "drift is no jump", HOUR, 1000, 0, 0, "", 0, 0, "" },
	{ "a step of NTP, forward", HOUR, 5000, 0, 1, "clock-set", 0, 0, "" },
	{ "a step of NTP, backward", HOUR, -5000, 0, 1, "clock-set", 0, 0, "" },
	{ "set over a start, within the catch-up window", 2 * MINUTE, 5 * MINUTE, 0, 1, "clock-set",
		1, 0, "" },
	{ "set far over a start", HOUR, 3 * HOUR, 0, 1, "clock-set", 1, 1,
		"the clock was set forward over" },
	{ "slept over a start", HOUR, 3 * HOUR, 3 * HOUR, 1, "sleep", 1, 1, "the machine slept" },
	{ "slept, and woke in time", HOUR, 30 * MINUTE, 30 * MINUTE, 1, "sleep", 0, 0, "" },
	{ "a day forward", HOUR, 24 * HOUR, 0, 1, "clock-set", 1, 1,
		"the clock was set forward over" },
	{ "back, before a start", HOUR, -3 * HOUR, 0, 1, "clock-set", 0, 0, "" },
};

static void
test_jumps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct row_of_test *t = &table[i];
		char dir[64];
		struct coordinator *c = house_with(dir, t->starts_in);
		turn(c);
		turn(c);
		assert_int_equal(rows(c, "clock-jump", ""), 0);
		atomic_store(&set_real, t->real);
		atomic_store(&set_boot, t->boot);
		for (int again = 0; again < 3; again++)
			turn(c);
		if (rows(c, "clock-jump", t->kind) != t->jumps ||
			rows(c, "run-begun", "") != t->begun ||
			rows(c, "run-missed", t->why) != t->missed)
			fail_msg("%s: %zu jumps, %zu begun, %zu missed", t->what,
				rows(c, "clock-jump", t->kind), rows(c, "run-begun", ""),
				rows(c, "run-missed", t->why));
		close_it(c, dir);
	}
}

/* Begun, then the clock is set back before its start, the plan is read anew, and the start comes a
 * second time. */
static void
test_back_over_a_start(void **state)
{
	(void)state;
	char dir[64];
	struct err_text e = { 0 };
	struct coordinator *c = house_with(dir, 0);
	turn(c);
	assert_int_equal(rows(c, "run-begun", ""), 1);
	static const int64_t sets[] = { -2 * (int64_t)HOUR, -HOUR, MINUTE, -30 * MINUTE, 0 };
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		atomic_store(&set_real, sets[i]);
		turn(c);
		assert_int_equal(plan_read_now(c, &e), OK);
		turn(c);
	}
	assert_int_equal(rows(c, "run-begun", ""), 1);
	assert_int_equal(rows(c, "run-missed", ""), 0);
	assert_int_equal(rows(c, "clock-jump", "clock-set"), 5);
	/* The run under way says so in its report. */
	assert_int_equal(c->lives.n, 1);
	const struct run *r = c->lives.at[0]->run;
	size_t noted = 0;
	for (size_t i = 0; i < r->notes.n; i++)
		noted += str_eq(r->notes.at[i].kind, "clock-set") && r->notes.at[i].seq > 0;
	assert_int_equal(noted, 2); /* set forward over its end it was over */
	close_it(c, dir);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	struct err_text e = { 0 };
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_back_over_a_start) };
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	vault_global_init();
	if (!getenv("TD_TEST_LOG"))
		log_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
