/* Reports on disk: whole or not at all, never written over; a disk that is full leaves nothing
 * behind and is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "judge.h"
#include "paper.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define START INT64_C(1549756800000)

static const char playbook[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<playbook name=\"do\" title=\"Thử\" phase=\"rehearsal\" anchor=\"event\">\n"
	"<open at=\"PT0S\"/><dial at=\"PT0S\" attempts=\"1\" every=\"PT1M\" "
	"probe-every=\"PT30S\"/>\n"
	"<report at=\"PT1M\" formats=\"text json html csv xlsx pdf\"/><close at=\"PT2M\"/>\n"
	"</playbook>\n";

struct desk {
	struct arena *arena;
	struct spec *spec;
	struct run *run;
	char dir[64];
};

static void
open_desk(struct desk *d)
{
	*d = (struct desk){ .arena = arena_new() };
	struct err_text e = { 0 };
	struct spec_site sites[] = { { .id = "a",
		.name = "Xã A",
		.tier = "commune",
		.parent = "",
		.district = "",
		.leg_name = "a",
		.class = "",
		.people = -1,
		.chair = "",
		.contact = "",
		.contact_phone = "",
		.provider = "",
		.address = { "h323:10.0.0.1", "" } } };
	struct spec_mcu mcus[] = { { .name = "m",
		.adapter = "cisco-mcu",
		.width = 1,
		.name_max = 31,
		.parent = "",
		.host = "" } };
	struct spec s = { .id = "20190210-0700-do-3fa2c1",
		.key = "3fa2c1",
		.calendar = "huyen",
		.uid = "do@x",
		.recurrence_id = "-",
		.name = "do",
		.title = "Thử",
		.summary = "Kết nối thử",
		.phase = PHASE_REHEARSAL,
		.anchor = START,
		.planned_start = START,
		.session_key = "",
		.conference = "td",
		.commit = "0a",
		.playbook_xml = playbook,
		.profile_xml = "",
		.lang = "vi",
		.sites = sites,
		.sites_n = 1,
		.mcus = mcus,
		.mcus_n = 1 };
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	const char *json = spec_write(&s, d->arena);
	if (spec_read(json, strlen(json), d->arena, &d->spec, &e) != OK)
		fail_msg("%s", e.text);
	struct event missed = { .kind = EVENT_MISSED, .at = START, .seq = 2 };
	struct orders orders = { 0 };
	str_copy(missed.text, sizeof missed.text, "the program was not running");
	d->run = run_new(d->spec);
	run_step(d->run, &missed, &orders);
	free(orders.at);
	snprintf(d->dir, sizeof d->dir, "/tmp/td-paper-%ld", (long)getpid());
	signal(SIGXFSZ, SIG_IGN);
}

/* Files of the folder; removes them. */
static size_t
clear(const char *dir)
{
	DIR *open = opendir(dir);
	size_t n = 0;
	for (struct dirent *f; open && (f = readdir(open));) {
		char path[400];
		if (str_eq(f->d_name, ".") || str_eq(f->d_name, ".."))
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
		unlink(path);
		n++;
	}
	if (open)
		closedir(open);
	return n;
}

static void
close_desk(struct desk *d)
{
	clear(d->dir);
	rmdir(d->dir);
	run_free(d->run);
	arena_free(d->arena);
}

/* A limit on the size of files is what a full disk looks like; no right is needed for it. */
static void
room(rlim_t bytes)
{
	struct rlimit l;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void
a_full_disk_leaves_nothing_half(void **state)
{
	struct desk d;
	struct err_text e = { 0 };
	open_desk(&d);
	room(60);
	enum err report = paper_write(d.run, d.dir, 1, "seal", &e);
	enum err documents =
		paper_documents(d.run, d.dir, 1, "seal", NULL, &(struct err_text){ 0 });
	room(RLIM_INFINITY);
	assert_int_equal(report, ERR_SYSTEM);
	assert_int_equal(documents, ERR_SYSTEM);
	assert_non_null(strstr(e.text, "report.json"));
	assert_int_equal(clear(d.dir), 0);

	assert_int_equal(paper_write(d.run, d.dir, 1, "seal", &e), OK);
	assert_int_equal(paper_documents(d.run, d.dir, 1, "seal", NULL, &e), OK);
	assert_int_equal(clear(d.dir), 3 + 3 * 4); /* with room again: all of them */
	close_desk(&d);
}

/* The small ones fit, the large ones do not: the others are written all the same. */
static void
what_fits_is_written(void **state)
{
	struct desk d;
	struct err_text e = { 0 };
	open_desk(&d);
	room(4096);
	assert_int_equal(paper_write(d.run, d.dir, 1, "seal", &e), OK);
	enum err documents = paper_documents(d.run, d.dir, 1, "seal", NULL, &e);
	room(RLIM_INFINITY);
	assert_int_equal(documents, ERR_SYSTEM);
	size_t n = clear(d.dir);
	assert_in_range(n, 4, 3 + 3 * 4 - 1);
	close_desk(&d);
}

static void
what_is_there_stays(void **state)
{
	struct desk d;
	struct err_text e = { 0 };
	char path[200], bytes[40] = "";
	open_desk(&d);
	assert_int_equal(mkdir(d.dir, 0750), 0);
	snprintf(path, sizeof path, "%s/report.json", d.dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("signed", f);
	fclose(f);
	assert_int_equal(paper_write(d.run, d.dir, 1, "seal", &e), OK);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(bytes, sizeof bytes, f));
	fclose(f);
	assert_string_equal(bytes, "signed");
	close_desk(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_leaves_nothing_half),
		cmocka_unit_test(what_fits_is_written),
		cmocka_unit_test(what_is_there_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
