/* One whole run of many sites without devices: what run_step() costs per list of an MCU, the
 * judgement, and every document of the run (minutes, attendance, consolidated; each format; one
 * site's sheet), time and memory, for 170, 3,500 and 10,000 sites. The floor is the same work at
 * 170 sites, per site: a ratio that grows with the number of sites is a search inside a search.
 *
 * Each size is a process of its own, so that its peak memory is its own. */
#include "base/clock.h"
#include "base/str.h"
#include "judge.h"
#include "report/documents.h"
#include "report/model.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LEGS = 170, LISTS = 8, PARTS = 24 };
#define START INT64_C(1549756800000)

static const char playbook[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<playbook name=\"do\" title=\"Đo\" phase=\"rehearsal\" anchor=\"event\">\n"
	"<open at=\"PT0S\" muted=\"yes\"/><dial at=\"PT0S\" attempts=\"1\" every=\"PT1M\" "
	"probe-every=\"PT30S\"/>\n"
	"<verify at=\"PT5S\" within=\"PT40S\"/><watch at=\"PT46S\" redial=\"no\" "
	"until=\"allclear\"/>\n"
	"<allclear at=\"PT48S\" by=\"rule\" latest=\"PT49S\"/><close at=\"PT50S\"/><report "
	"at=\"PT51S\"/>\n"
	"</playbook>\n";

struct figures { /* shared with the parent */
	int n;
	struct {
		char what[40];
		int64_t us, bytes;
	} at[PARTS];
	long peak_kib;
	size_t good;
};

struct world {
	struct run *run;
	struct orders orders;
	int64_t seq, now, us, steps, us_lists, lists;
};

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
put(struct figures *f, const char *what, int64_t us, int64_t bytes)
{
	if (f->n == PARTS)
		return;
	str_copy(f->at[f->n].what, sizeof f->at[f->n].what, what);
	f->at[f->n].us = us;
	f->at[f->n++].bytes = bytes;
}

static struct spec *
spec_of(int sites, struct arena *a, struct figures *f)
{
	struct spec s = { .id = "20190210-0700-do-3fa2c1",
		.key = "3fa2c1",
		.calendar = "huyen",
		.uid = "do@huyen.example",
		.recurrence_id = "-",
		.name = "do",
		.title = "Đo tốc độ",
		.summary = "Kết nối thử",
		.phase = PHASE_REHEARSAL,
		.anchor = START,
		.planned_start = START,
		.session_key = "",
		.conference = "td",
		.commit = "0a1b2c3d4e5f",
		.playbook_xml = playbook,
		.profile_xml = "",
		.lang = "vi",
		.sites_n = (size_t)sites };

	s.mcus_n = (size_t)(sites + LEGS - 1) / LEGS;
	s.mcus = arena_alloc(a, s.mcus_n * sizeof *s.mcus);
	s.sites = arena_alloc(a, s.sites_n * sizeof *s.sites);
	for (size_t i = 0; i < s.mcus_n; i++)
		s.mcus[i] = (struct spec_mcu){ .name = arena_printf(a, "m%zu", i + 1),
			.adapter = "cisco-mcu",
			.width = 8,
			.name_max = 31,
			.parent = "",
			.host = "" };
	for (int i = 0; i < sites; i++) {
		const char *id = arena_printf(a, "xa-%05d", i + 1);

		s.sites[i] = (struct spec_site){ .id = id,
			.name = arena_printf(a, "Xã số %d", i + 1),
			.tier = "commune",
			.parent = s.mcus[i / LEGS].name,
			.district = arena_printf(a, "Huyện %d", i / LEGS + 1),
			.address = { arena_printf(a, "h323:10.%d.%d.%d", i / 62500, i / 250 % 250,
					     i % 250 + 1),
				"" },
			.mcu = i / LEGS,
			.leg_name = id,
			.class = "",
			.people = -1,
			.chair = "",
			.contact = "",
			.contact_phone = "",
			.provider = "" };
	}
	int64_t before = cpu_us();
	const char *json = spec_write(&s, a);
	struct spec *back;
	struct err_text e = { 0 };

	if (spec_read(json, strlen(json), a, &back, &e) != OK) {
		fprintf(stderr, "bench report: %s\n", e.text);
		exit(1);
	}
	put(f, "the spec, written and read", cpu_us() - before, (int64_t)strlen(json));
	return back;
}

/* One event; what the run orders is answered at once by whom it concerns, lists are given by
 * lists(). */
static void
step(struct world *w, const struct event *e)
{
	struct event copy = *e;

	copy.at = w->now;
	copy.seq = ++w->seq;
	int64_t before = cpu_us();

	run_step(w->run, &copy, &w->orders);
	w->us += cpu_us() - before;
	w->steps++;
}

static void
obey(struct world *w)
{
	for (size_t i = 0; i < w->orders.n && i < 1000000; i++) {
		const struct order o = w->orders.at[i];
		struct event e = { .kind = EVENT_ANSWER, .verb = o.verb, .number = o.number };

		if (o.verb != VERB_START && o.verb != VERB_DIAL && o.verb != VERB_END)
			continue;
		str_copy(e.device, sizeof e.device, o.device);
		str_copy(e.site, sizeof e.site, o.site);
		str_copy(e.leg.id, sizeof e.leg.id, o.site);
		str_copy(e.leg.name, sizeof e.leg.name, o.site);
		e.leg.state = LEG_DIALING;
		e.leg.configured = true;
		e.conference.created = o.verb == VERB_START;
		str_copy(e.conference.id, sizeof e.conference.id, "td");
		step(w, &e);
	}
	w->orders.n = 0;
}

static struct leg
leg_of(const struct spec_site *s, int list)
{
	struct leg l = { .protocol = "h323",
		.state = LEG_UP,
		.configured = true,
		.muted = YES,
		.sampled = true };

	str_copy(l.id, sizeof l.id, s->id);
	str_copy(l.name, sizeof l.name, s->id);
	str_copy(l.address, sizeof l.address, s->address[0]);
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			l.media.s[m][d] = (struct stream){ .open = YES,
				.packets = figure_of(1000 + list * 250),
				.lost = figure_of(0) };
	return l;
}

/* Every MCU tells its list: 19 of 20 sites are there. */
static void
lists(struct world *w, int list)
{
	const struct spec *s = w->run->spec;

	for (size_t m = 0; m < s->mcus_n; m++) {
		struct arena *a = arena_new();
		struct roster roster = { .legs = arena_alloc(a, LEGS * sizeof *roster.legs) };
		struct event e;

		for (size_t i = m * LEGS; i < (m + 1) * LEGS && i < s->sites_n; i++)
			if (i % 20)
				roster.legs[roster.n++] = leg_of(&s->sites[i], list);
		int64_t before = cpu_us();

		run_diff(w->run, s->mcus[m].name, &roster, w->now, a, &e);
		step(w, &e);
		w->us_lists += cpu_us() - before;
		w->lists++;
		arena_free(a);
		obey(w);
	}
}

static struct run *
live(const struct spec *spec, struct figures *f)
{
	struct world w = { .run = run_new(spec), .now = START };

	step(&w, &(struct event){ .kind = EVENT_BEGIN });
	obey(&w);
	lists(&w, 0); /* the first list, with nobody dialled yet */
	for (int i = 1; i <= LISTS; i++) {
		w.now += 5000;
		step(&w, &(struct event){ .kind = EVENT_TICK });
		obey(&w);
		lists(&w, i);
	}
	for (int i = 0; i < 60 && !w.run->finished; i++) {
		w.now += 1000;
		step(&w, &(struct event){ .kind = EVENT_TICK });
		obey(&w);
	}
	put(f, "all steps of the run", w.us, w.steps);
	put(f, "lists taken, diff and step", w.us_lists, w.lists);
	free(w.orders.at);
	if (!w.run->finished) {
		fputs("bench report: the run does not end\n", stderr);
		exit(1);
	}
	return w.run;
}

static void
documents(const struct report *r, const char *one, struct figures *f)
{
	const char *const kinds[] = { "minutes", "attendance", "consolidated", one };

	for (const struct document_format *d = document_formats; d->name; d++)
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			struct buf b = { 0 };
			struct err_text e = { 0 };
			char what[40];
			int64_t before = cpu_us();
			enum err code = documents_write(r, NULL, kinds[k], d->name, "vi", &b, &e);

			if (code != OK) {
				fprintf(stderr, "bench report: %s.%s: %s\n", kinds[k], d->name,
					e.text);
				exit(1);
			}
			snprintf(what, sizeof what, "%s.%s", k == 3 ? "site" : kinds[k], d->name);
			put(f, what, cpu_us() - before, (int64_t)b.n);
			buf_free(&b);
		}
}

static void
measure(int sites, struct figures *f)
{
	struct arena *a = arena_new();
	struct judgement j;
	struct buf b = { 0 };
	const struct spec *spec = spec_of(sites, a, f);
	struct run *run = live(spec, f);
	int64_t before = cpu_us();

	judge(run, a, &j);
	for (size_t i = 0; i < j.n; i++)
		f->good += j.verdicts[i].reached == YES;
	put(f, "judgement", cpu_us() - before, 0);
	before = cpu_us();
	const struct report *r = report_build(run, &j, 1, "", a);

	put(f, "report, built", cpu_us() - before, 0);
	before = cpu_us();
	report_json(r, &b);
	put(f, "report.json", cpu_us() - before, (int64_t)b.n);
	b.n = 0;
	before = cpu_us();
	report_text(r, "vi", &b);
	put(f, "report.txt", cpu_us() - before, (int64_t)b.n);
	buf_free(&b);
	documents(r, "site:xa-00002", f);
	struct rusage own;

	getrusage(RUSAGE_SELF, &own);
	f->peak_kib = own.ru_maxrss;
	run_free(run);
	arena_free(a);
}

int
main(int argc, char **argv)
{
	static const int sizes[] = { 170, 3500, 10000 };
	enum { SIZES = sizeof sizes / sizeof *sizes };
	struct figures *f = mmap(
		NULL, SIZES * sizeof *f, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct err_text e = { 0 };
	int most = argc > 1 ? (int)strtol(argv[1], NULL, 10) : SIZES;

	if (f == MAP_FAILED)
		return 1;
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	for (int i = 0; i < SIZES && i < most; i++) {
		int status = 0;
		pid_t child = fork();

		if (child == 0) {
			measure(sizes[i], &f[i]);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status) {
			fprintf(stderr, "bench report: %d sites: no result\n", sizes[i]);
			return 1;
		}
		if (f[i].good != (size_t)(sizes[i] - (sizes[i] + 19) / 20)) {
			fprintf(stderr,
				"bench report: not the run that is meant: %zu of %d sites "
				"reached\n",
				f[i].good, sizes[i]);
			return 1;
		}
	}
	printf("%-30s %10s %12s %10s %12s %10s %12s %8s %8s\n", "run and report, ms of cpu", "170",
		"KiB", "3500", "KiB", "10000", "KiB", "x 3500", "x 10000");
	for (int k = 0; k < f[0].n; k++) {
		printf("%-30s", f[0].at[k].what);
		for (int i = 0; i < SIZES && i < most; i++)
			printf(" %10.1f %12lld", (double)f[i].at[k].us / 1000,
				(long long)(k == 1 || k == 2 ? f[i].at[k].bytes
							     : f[i].at[k].bytes / 1024));
		for (int i = 1; i < SIZES && i < most; i++)
			printf(" %8.2f",
				(double)f[i].at[k].us / sizes[i] /
					((double)(f[0].at[k].us ? f[0].at[k].us : 1) / sizes[0]));
		putchar('\n');
	}
	printf("%-30s", "peak memory, KiB");
	for (int i = 0; i < SIZES && i < most; i++)
		printf(" %10s %12ld", "", f[i].peak_kib);
	puts("\n  x: per site, beside the same per site at 170; beside the steps and the lists "
	     "stands their number");
	return 0;
}
