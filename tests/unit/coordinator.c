/* The coordinator with a real workspace, journal and calendar, and a device in memory: runs that
 * begin, are missed, are begun by hand, and devices that are left alone after a refusal. Time runs
 * sixty times faster, and stands while the thread that keeps it gets no core. */
#include "coordinator_inner.h"

#include "tests/unit/house_files.h"

#include "adapters/fake.h"
#include "adapters/wire/json.h"
#include "base/instant.h"
#include "base/log.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

#define PLAYBOOK \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<playbook name=\"ngan\" title=\"Thử ngắn\" phase=\"rehearsal\" anchor=\"event\">\n" \
	"\t<open at=\"PT0S\"/>\n\t<dial at=\"PT10S\"/>\n\t<verify at=\"PT1M\" within=\"PT1M\"/>\n" \
	"\t<allclear at=\"PT2M\" by=\"rule\" latest=\"PT2M\"/>\n\t<report " \
	"at=\"PT3M\"/>\n\t<close at=\"PT4M\"/>\n</playbook>\n"

static struct fake fake;
static struct fake_site boxes[2];
/* the device is made anew while its time goes on */
static pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool over;

static int pace = -1; /* the file with the time */

enum { STEP_MOST_MS = 4 };

static void *
advance(void *unused)
{
	int64_t elapsed = 0, last = clock_mono();

	while (!atomic_load(&over)) {
		int64_t now = clock_mono();

		elapsed += now - last < STEP_MOST_MS ? now - last : STEP_MOST_MS;
		last = now;
		if (pwrite(pace, &elapsed, sizeof elapsed, 0) != sizeof elapsed)
			abort();
		pthread_mutex_lock(&fake_lock);
		fake_set_time(&fake, clock_now());
		pthread_mutex_unlock(&fake_lock);
		usleep(2000);
	}
	return unused;
}

/* No lane may be at work on it. */
static void
fresh_device(void)
{
	pthread_mutex_lock(&fake_lock);
	fake_init(&fake, boxes, 2);
	fake_set_time(&fake, clock_now());
	pthread_mutex_unlock(&fake_lock);
}

/* A workspace with two sites and one event that starts at an instant. */
static void
make_workspace(char *dir, size_t n, int64_t start)
{
	char ics[800], when[40], until[40];
	str_copy(dir, n, "/tmp/td-coordinator-XXXXXX");
	make_folders(dir, PLAYBOOK);
	put(dir, "tongduyet.xml",
		"<tongduyet name=\"Thử\"><mcu name=\"huyen\" adapter=\"fake\" secret=\"huyen\"/>"
		"<calendar id=\"tay\" folder=\"schedules\" playbook=\"ngan\"/></tongduyet>\n");
	put(dir, "sites.csv",
		"id,name,tier,mcu,address1\nchu-tuc,Chu Túc,commune,huyen,sip:a@192.0.2.1\n"
		"tri-le,Tri Lễ,commune,huyen,sip:b@192.0.2.2\n");
	put(dir, "secrets.xml",
		"<secrets><secret name=\"huyen\" user=\"u\" password=\"one\"/></secrets>\n");
	snprintf(ics, sizeof ics,
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//"
		"EN\r\nBEGIN:VEVENT\r\nUID:u1@example\r\nDTSTAMP:20190101T000000Z\r\n"
		"DTSTART:%s\r\nDTEND:%s\r\nSUMMARY:Chạy thử\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		instant_local(start, "%Y%m%dT%H%M%S", when, sizeof when),
		instant_local(start + 300000, "%Y%m%dT%H%M%S", until, sizeof until));
	put(dir, "schedules/x.ics", ics);
	boxes[0] = (struct fake_site){ .id = "chu-tuc", .address = "sip:a@192.0.2.1" };
	boxes[1] = (struct fake_site){
		.id = "tri-le", .address = "sip:b@192.0.2.2", .kind = FAKE_OFF
	};
	fresh_device();
}

static struct coordinator *
open_it(const char *dir)
{
	struct coordinator *c;
	struct err_text e = { 0 };
	enum err code = coordinator_open(dir, &c, &e);
	if (code != OK)
		fail_msg("%s", e.text);
	lanes_device(c->lanes, &(struct device){ .name = "huyen",
				       .adapter = "fake",
				       .width = 1,
				       .sheet = fake_sheet(&fake) });
	return c;
}

static size_t
rows(const char *dir, const char *run, const char *kind, const char *holds)
{
	struct journal_reader *r;
	struct err_text e = { 0 };
	char path[400];
	snprintf(path, sizeof path, "%s/state/journal.db", dir);
	assert_int_equal(journal_reader_open(path, &r, &e), OK);
	size_t n = count_rows(r, run, kind, holds);
	journal_reader_close(r);
	return n;
}

/* By hand, to the end: a report, rows, a chain that holds; a second time only when asked for. */
static void
test_run_by_hand(void **state)
{
	(void)state;
	char dir[200], report[400], path[500];
	bool good = true;
	struct err_text e = { 0 };
	make_workspace(dir, sizeof dir, clock_now() + 3600000);
	struct coordinator *c = open_it(dir);
	assert_int_equal(
		coordinator_run(c, "u1@example", false, &good, report, sizeof report, &e), OK);
	assert_false(good);
	snprintf(path, sizeof path, "%s/report.json", report);
	assert_int_equal(access(path, R_OK), 0);
	snprintf(path, sizeof path, "%s/report.vi.txt", report);
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(boxes[0].dials, 1);
	coordinator_close(c);

	const char *run = strrchr(report, '/') + 1;
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-begun", run), 1);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-ended", run), 1);
	assert_int_equal(rows(dir, run, "spec", NULL), 1);
	assert_int_equal(rows(dir, run, "report", NULL), 1);
	assert_int_equal(rows(dir, run, "order",
				 "\"verb\":\"dial\",\"device\":\"huyen\",\"site\":\"chu-tuc\""),
		1);
	struct journal_reader *r;
	struct story s;
	char head[65];
	snprintf(path, sizeof path, "%s/state/journal.db", dir);
	assert_int_equal(journal_reader_open(path, &r, &e), OK);
	assert_int_equal(journal_verify(r, run, 0, head, &e), OK);
	assert_int_equal(story_read(r, run, 0, &s, &e), OK);
	assert_int_equal(s.differences, 0);
	assert_true(s.orders > 5);
	assert_true(s.run->finished);
	assert_int_equal(s.reports.n, 1);
	story_free(&s);
	journal_reader_close(r);

	char again[400];
	e = (struct err_text){ 0 };
	c = open_it(dir);
	assert_int_equal(coordinator_run(c, "u1@example", false, &good, again, sizeof again, &e),
		ERR_REFUSED);
	assert_non_null(strstr(e.text, "--again"));
	coordinator_close(c);
	fresh_device();
	boxes[1].kind = FAKE_ANSWERS;
	e = (struct err_text){ 0 };
	c = open_it(dir);
	boxes[0].has_leg = boxes[1].has_leg = false;
	assert_int_equal(
		coordinator_run(c, "u1@example", true, &good, again, sizeof again, &e), OK);
	assert_true(good);
	assert_string_not_equal(again, report);
	coordinator_close(c);
	remove_workspace(dir);
}

/* One box for two offices: where both are invited, the first alone is dialled. */
static void
test_one_box_is_dialled_for_one_site(void **state)
{
	(void)state;
	char dir[200];
	struct house *h = NULL;
	struct plan plan = { 0 };
	struct err_text e = { 0 };
	struct arena *a = arena_new();
	int64_t start = clock_now() + 3600000;
	make_workspace(dir, sizeof dir, start);
	put(dir, "sites.csv",
		"id,name,tier,mcu,address1\nchu-tuc,Chu Túc,commune,huyen,sip:a@192.0.2.1\n"
		"tri-le,Tri Lễ,commune,huyen,SIP:A@192.0.2.1;transport=tcp\n"
		"van-an,Văn An,commune,huyen,sip:b@192.0.2.2\n");
	if (house_read(dir, clock_now(), &h, &e) != OK)
		fail_msg("%s", e.text);
	assert_int_equal(house_plan(h, start - 60000, start + 60000, &plan, &e), OK);
	assert_int_equal(plan.runs_n, 1);
	const char *spec = house_spec(h, &plan.runs[0], plan.runs[0].key, 0, a);
	const struct json *j = NULL;
	assert_int_equal(json_parse(a, spec, strlen(spec), &j, &e), OK);
	const struct json *site = json_get(j, "sites")->first;
	assert_null(json_text(site, "disabled"));
	assert_string_equal(json_text(site->next, "disabled"),
		"its address is that of Chu Túc, which is invited as well");
	assert_null(json_text(site->next->next, "disabled"));
	house_free(h);
	arena_free(a);
	remove_workspace(dir);
}

/* The one report of a workspace: everybody untested because it was missed, and a note that says
 * why. */
static void
assert_all_missed(const char *dir, const char *why)
{
	char path[500], found[300] = "";
	struct arena *a = arena_new();
	const struct json *j;
	struct err_text e = { 0 };
	snprintf(path, sizeof path, "%s/reports", dir);
	DIR *reports = opendir(path);
	assert_non_null(reports);
	for (struct dirent *d; (d = readdir(reports));)
		if (d->d_name[0] != '.') {
			assert_string_equal(found, "");
			str_copy(found, sizeof found, d->d_name);
		}
	closedir(reports);
	snprintf(path, sizeof path, "%s/reports/%s/report.json", dir, found);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	char *text = arena_alloc(a, 100000);
	size_t n = fread(text, 1, 99999, f);
	fclose(f);
	assert_int_equal(json_parse(a, text, n, &j, &e), OK);
	const struct json *sites = json_get(j, "sites");
	assert_int_equal(sites->count, 2);
	for (const struct json *s = sites->first; s; s = s->next) {
		assert_string_equal(json_text(s, "headline"), "untested");
		assert_string_equal(json_text(s, "sub_reason"), "missed");
	}
	bool told = false;
	for (const struct json *note = json_get(json_get(j, "run"), "notes")->first; note;
		note = note->next)
		told = told || (str_eq(json_text(note, "kind"), "missed") &&
				       strstr(json_text(note, "text"), why));
	assert_true(told);
	arena_free(a);
}

static void
commit_all(const char *folder)
{
	struct arena *a = arena_new();
	struct vault *v;
	const char *id;
	struct err_text e = { 0 };
	assert_int_equal(vault_open(folder, &v, &e), OK);
	assert_int_equal(vault_commit_all(v, "test", "broken", clock_now(), a, &id, &e), OK);
	vault_close(v);
	arena_free(a);
}

/* Of the only run that is planned; its key too. */
static int
plan_generation(const char *dir, char key[72])
{
	struct house *h;
	struct plan p;
	struct err_text e = { 0 };
	int64_t now = clock_now();
	assert_int_equal(house_read(dir, now, &h, &e), OK);
	assert_int_equal(house_plan(h, now - 24 * 3600 * 1000, now + 48 * 3600 * 1000, &p, &e), OK);
	assert_int_equal(house_past(h, &p, &e), OK);
	assert_int_equal(p.runs_n, 1);
	int generation = p.runs[0].generation;
	memcpy(key, p.runs[0].key, sizeof p.runs[0].key);
	house_free(h);
	return generation;
}

static void
test_unknown_word(void **state)
{
	(void)state;
	char dir[200], report[400];
	bool good;
	struct err_text e = { 0 };
	make_workspace(dir, sizeof dir, clock_now() + 3600000);
	struct coordinator *c = open_it(dir);
	assert_int_equal(
		coordinator_run(c, "nobody", false, &good, report, sizeof report, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "nobody"));
	coordinator_close(c);
	remove_workspace(dir);
}

/* The program was away: the run is told as missed, once, with a report that accuses nobody. */
static void
test_missed(void **state)
{
	(void)state;
	char dir[200];
	make_workspace(dir, sizeof dir, clock_now() - 40 * 60000);
	for (int round = 0; round < 2; round++) {
		struct coordinator *c = open_it(dir);
		c->now = clock_now();
		plan_start_due(c);
		live_settle(c);
		assert_true(coordinator_commit(c));
		if (!round)
			assert_int_equal(c->begun.n, 1);
		coordinator_close(c);
	}
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-missed", NULL), 1);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-begun", NULL), 1);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-ended", NULL), 1);
	assert_int_equal(boxes[0].dials, 0);
	assert_all_missed(dir, "the program was not running");
	remove_workspace(dir);
}

static void
look(struct coordinator *c, int64_t later)
{
	c->now = clock_now() + later;
	plan_start_due(c);
	live_settle(c);
	assert_true(coordinator_commit(c));
}

/* A broken playbook: as long as somebody may mend it nothing is told; then a report names file and
 * reason, once. */
static void
test_broken_playbook(void **state)
{
	(void)state;
	char dir[200], path[300];
	make_workspace(dir, sizeof dir, clock_now() - 5 * 60000);
	put(dir, "playbooks/ngan.xml",
		"<playbook name=\"ngan\" title=\"Hỏng\"><dance at=\"PT0S\"/></playbook>\n");
	snprintf(path, sizeof path, "%s/playbooks", dir);
	commit_all(path);
	struct coordinator *c = open_it(dir);
	look(c, 0);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-begun", NULL), 0);
	assert_true(plan_next_start(c) > c->now);
	coordinator_close(c);
	for (int round = 0; round < 2; round++) {
		c = open_it(dir);
		look(c, 15 * 60000);
		coordinator_close(c);
	}
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-missed", "ngan"), 1);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-begun", NULL), 1);
	assert_int_equal(boxes[0].dials, 0);
	assert_all_missed(dir, "playbook ngan cannot be used");
	remove_workspace(dir);
}

/* `plan` shows the generation a run has, or would have after it was moved; and `run` takes the key
 * that is shown. */
static void
test_generation(void **state)
{
	(void)state;
	char dir[200], report[400], key[72], ics[400];
	bool good;
	struct err_text e = { 0 };
	int64_t start = clock_now() + 3600000;
	make_workspace(dir, sizeof dir, start);
	struct coordinator *c = open_it(dir);
	assert_int_equal(
		coordinator_run(c, "u1@example", false, &good, report, sizeof report, &e), OK);
	coordinator_close(c);
	assert_int_equal(plan_generation(dir, key), 0);
	assert_non_null(strstr(report, "ngan"));
	char when[40];
	snprintf(ics, sizeof ics,
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//"
		"EN\r\nBEGIN:VEVENT\r\nUID:u1@example\r\nDTSTAMP:20190101T000000Z\r\n"
		"DTSTART:%s\r\nSUMMARY:Chạy thử\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		instant_local(start + 3600000, "%Y%m%dT%H%M%S", when, sizeof when));
	put(dir, "schedules/x.ics", ics);
	assert_int_equal(plan_generation(dir, key), 1);
	boxes[0].has_leg = boxes[1].has_leg = false;
	fresh_device();
	c = open_it(dir);
	assert_int_equal(coordinator_run(c, key, true, &good, report, sizeof report, &e), OK);
	key[6] = '\0';
	assert_non_null(strstr(report, key));
	coordinator_close(c);
	assert_int_equal(plan_generation(dir, key), 1);
	remove_workspace(dir);
}

/* Interrupted in the middle: it goes on, asks before it dials, and nobody is called twice. */
static void
test_goes_on(void **state)
{
	(void)state;
	char dir[200];
	struct live *l;
	struct err_text e = { 0 };
	make_workspace(dir, sizeof dir, clock_now());
	struct coordinator *c = open_it(dir);
	c->now = clock_now();
	plan_start_due(c);
	assert_int_equal(c->lives.n, 1);
	char run[100];
	str_copy(run, sizeof run, c->lives.at[0]->spec->id);
	assert_true(coordinator_commit(c));
	coordinator_close(c);

	c = open_it(dir);
	assert_int_equal(c->lives.n, 1);
	l = c->lives.at[0];
	assert_string_equal(l->spec->id, run);
	assert_int_equal(rows(dir, run, "event", "\"kind\":\"restart\""), 1);
	plan_start_due(c);
	assert_int_equal(c->lives.n, 1);
	coordinator_close(c);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "run-begun", NULL), 1);
	assert_int_equal(coordinator_open("/nonexistent/workspace", &c, &e), ERR_INPUT);
	remove_workspace(dir);
}

static void
test_two_processes(void **state)
{
	(void)state;
	char dir[200];
	struct coordinator *c, *second = NULL;
	struct err_text e = { 0 };
	make_workspace(dir, sizeof dir, clock_now() + 3600000);
	c = open_it(dir);
	assert_int_equal(coordinator_open(dir, &second, &e), ERR_BUSY);
	assert_null(second);
	coordinator_close(c);
	remove_workspace(dir);
}

/* A refused login is remembered over a restart; another password lifts it. */
static void
test_refused_device(void **state)
{
	(void)state;
	char dir[200], report[400], body[600];
	bool good;
	const char *word = NULL;
	struct err_text e = { 0 };
	make_workspace(dir, sizeof dir, clock_now() + 3600000);
	atomic_store(&fake.down, ERR_AUTH);
	struct coordinator *c = open_it(dir);
	assert_int_equal(
		coordinator_run(c, "u1@example", false, &good, report, sizeof report, &e), OK);
	assert_non_null(lanes_refused(c->lanes, "huyen", &word));
	coordinator_close(c);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "device-refused", NULL), 1);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "device-refused", "one"), 0);

	c = open_it(dir);
	assert_non_null(lanes_refused(c->lanes, "huyen", &word));
	coordinator_close(c);

	snprintf(body, sizeof body,
		"<secrets><secret name=\"huyen\" user=\"u\" password=\"two\"/></secrets>\n");
	put(dir, "secrets.xml", body);
	c = open_it(dir);
	assert_null(lanes_refused(c->lanes, "huyen", &word));
	coordinator_close(c);
	assert_int_equal(rows(dir, JOURNAL_HOUSE, "device-pardoned", NULL), 1);
	remove_workspace(dir);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	pthread_t thread;
	struct err_text e = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_box_is_dialled_for_one_site),
		cmocka_unit_test(test_run_by_hand),
		cmocka_unit_test(test_unknown_word),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_broken_playbook),
		cmocka_unit_test(test_generation),
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_two_processes),
		cmocka_unit_test(test_refused_device),
	};
	char path[] = "/tmp/td-pace-XXXXXX", option[80];
	int64_t begin = 0;
	pace = mkstemp(path);
	snprintf(option, sizeof option, "2019-02-10T00:00:00Z@%s", path);
	if (pace < 0 || pwrite(pace, &begin, sizeof begin, 0) != sizeof begin ||
		clock_options(option, "60", &e) != OK) /* faster, and it dials too late */
		return 1;
	unlink(path);
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	vault_global_init();
	if (!getenv("TD_TEST_LOG"))
		log_level(LOG_ERROR);
	fresh_device();
	if (pthread_create(&thread, NULL, advance, NULL))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	return failed;
}
