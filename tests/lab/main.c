/* The lab: a fleet of device simulators on loopback, driven by a scenario file.
 * lab SCENARIO --dir STATEDIR [--clock I@U --speed N]     run until SIGTERM
 * lab SCENARIO --workspace DIR [--dir STATEDIR] [--no-endpoints]   write a matching workspace
 * Both take --shift N: all addresses 127.A.x.y become 127.(A+N).x.y.
 * lab --pace FILE                                         keep a clock in FILE (pace.c)
 * Owns the MCUs and the ticker that follows the clock. Must never listen outside 127.0.0.0/8. */
#include "asterisk.h"
#include "cascade.h"
#include "cms.h"
#include "codec.h"
#include "codian.h"
#include "door.h"
#include "freeswitch.h"
#include "hall.h"
#include "log.h"
#include "pace.h"
#include "polycom.h"
#include "rmx.h"
#include "roomos.h"
#include "scenario.h"
#include "shell.h"
#include "tls.h"
#include "workspace.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <getopt.h>
#include <libxml/parser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 50 };

struct options {
	const char *scenario, *dir, *workspace, *clock, *speed;
	bool endpoints;
	int64_t shift;
};

static struct mcu *mcus;
static size_t mcus_n;

static int
usage(void)
{
	fputs("usage: lab SCENARIO --dir STATEDIR [--clock INSTANT[@UNIX]] [--speed N] [--shift "
	      "N]\n"
	      "       lab SCENARIO --workspace DIR [--dir STATEDIR] [--no-endpoints] [--shift N]\n"
	      "       lab --pace FILE\n",
		stderr);
	return 2;
}

static bool
read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "dir", 1, NULL, 'd' },
		{ "workspace", 1, NULL, 'w' }, { "clock", 1, NULL, 'c' }, { "speed", 1, NULL, 's' },
		{ "no-endpoints", 0, NULL, 'n' }, { "shift", 1, NULL, 'm' }, { NULL, 0, NULL, 0 } };
	*o = (struct options){ .endpoints = true };
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;)
		switch (c) {
		case 'd': o->dir = optarg; break;
		case 'w': o->workspace = optarg; break;
		case 'c': o->clock = optarg; break;
		case 's': o->speed = optarg; break;
		case 'n': o->endpoints = false; break;
		case 'm':
			if (!str_to_int(optarg, 0, 200, &o->shift))
				return false;
			break;
		default: return false;
		}
	if (optind + 1 != argc || (!o->dir && !o->workspace))
		return false;
	o->scenario = argv[optind];
	return true;
}

/* A device needs a socket, a session one more: thousands. */
static void
raise_limits(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max < 65536 ? r.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* Whose MCU a codec's own call goes to: the one at that address. */
static bool
dial_from_site(struct site *s, const char *address, int64_t now)
{
	for (size_t i = 0; i < mcus_n; i++)
		if (strstr(address, mcus[i].plan->host))
			return mcu_dial_in(&mcus[i], s, now);
	return freeswitch_dial_in(s, NULL, address, now) || cms_dial_in(s, NULL, address, now) ||
	       rmx_dial_in(s, NULL, address, now) || asterisk_dial_in(s, NULL, address, now) ||
	       hall_dial_in(s, NULL, address, now);
}

/* Sites that call their MCU by themselves. */
static void
dial_in(int64_t now)
{
	struct site *s;
	for (size_t i = 0; (s = fleet_site(i)); i++) {
		const struct lab_site *p = s->plan;
		if (p->dials_in_at == LAB_NEVER || s->leg || site_away(s, now)
			|| now < s->lab_start + p->dials_in_at)
			continue;
		if (s->dialed_in && (!p->dials_in_every || now < s->dialed_in + p->dials_in_every))
			continue;
		for (size_t m = 0; m < mcus_n; m++)
			if (str_eq(mcus[m].plan->name, p->mcu) && mcu_dial_in(&mcus[m], s, now))
				s->dialed_in = now;
		if (freeswitch_dial_in(s, p->mcu, NULL, now) || cms_dial_in(s, p->mcu, NULL, now) ||
			rmx_dial_in(s, p->mcu, NULL, now) ||
			asterisk_dial_in(s, p->mcu, NULL, now) ||
			hall_dial_in(s, p->mcu, NULL, now))
			s->dialed_in = now;
	}
}

/* With the lock held, whoever took it. A big fleet takes long: it is left alone for so many times
 * as long. */
enum { REST = 20 };

static void
bring_to_now(void)
{
	static int64_t seen, rest_until;
	int64_t now = clock_now(), began = clock_mono();
	if (now == seen || began < rest_until)
		return;
	seen = now;
	for (size_t i = 0; i < mcus_n; i++)
		mcu_tick(&mcus[i], now);
	freeswitch_tick(now);
	cms_tick(now);
	rmx_tick(now);
	asterisk_tick(now);
	hall_tick(now);
	cascade_tick(now);
	dial_in(now);
	rest_until = clock_mono() + REST * (clock_mono() - began);
}

static void
tick(void)
{
	int64_t now = clock_now();
	fleet_lock();
	fleet_unlock();
	for (size_t i = 0; i < mcus_n; i++)
		codian_follow(&mcus[i], now);
	freeswitch_follow(now);
	cms_follow(now);
	rmx_follow(now);
	asterisk_follow(now);
	hall_follow(now);
	doors_follow(now);
	codec_follow(now);
}

static bool
start_mcus(const struct scenario *s, const char *dir, int64_t now)
{
	mcus = xalloc((s->mcus.n + 1) * sizeof *mcus);
	for (size_t i = 0; i < s->mcus.n; i++) {
		if (!str_eq(s->mcus.at[i].adapter, "cisco-mcu"))
			continue;
		struct mcu *m = &mcus[mcus_n++];
		m->plan = &s->mcus.at[i];
		m->started = now - 9 * 86400000LL;
		if (!codian_start(m, dir) || !codian_post_start(m))
			return false;
	}
	cascade_open(s, mcus, mcus_n);
	return freeswitch_start(s, now) && cms_start(s, dir, now) && rmx_start(s, dir, now) &&
	       asterisk_start(s, dir, now) && hall_start(s, dir, now);
}

static bool
open_codecs(const struct scenario *s, const char *dir, int64_t now)
{
	doors_reserve(s->sites.n);
	shell_start(s);
	return polycom_start(s, dir) && doors_start(now) && codec_start(s, dir, now) &&
	       roomos_post_start();
}

static bool
write_pid(const char *dir)
{
	char path[600], text[32];
	snprintf(path, sizeof path, "%s/lab.pid", dir);
	snprintf(text, sizeof text, "%ld\n", (long)getpid());
	return write_small_file(path, text, 0644);
}

static int
serve(const struct scenario *s, struct arena *a, const char *dir)
{
	char path[600];
	snprintf(path, sizeof path, "%s/log", dir);
	if (!lab_folder(dir) || !lab_log_open(path)) {
		fprintf(stderr, "lab: open %s: %s\n", path, strerror(errno));
		return 3;
	}
	sigset_t stop;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL); /* before threads: they inherit it */
	signal(SIGPIPE, SIG_IGN);
	int64_t now = clock_now();
	fleet_open(s, a, now);
	cli_dial = dial_from_site;
	if (!start_mcus(s, dir, now) || !open_codecs(s, dir, now) || !write_pid(dir))
		return 3;
	lab_log(now, "start", s->name, NULL);
	puts("lab ready");
	fflush(stdout);
	struct timespec beat = { 0, TICK_MS * 1000000L };
	fleet_follow(bring_to_now);
	while (sigtimedwait(&stop, NULL, &beat) < 0)
		tick();
	fleet_follow(NULL);
	lab_log(clock_now(), "stop", s->name, NULL);
	for (size_t i = 0; i < mcus_n; i++) {
		codian_post_stop(&mcus[i]);
		codian_stop(&mcus[i]);
	}
	freeswitch_stop();
	cms_stop();
	rmx_stop();
	asterisk_stop();
	hall_stop();
	doors_stop();
	roomos_post_stop();
	codec_stop();
	lab_log_close();
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err_text e = { 0 };
	if (argc == 3 && str_eq(argv[1], "--pace"))
		return pace_run(argv[2]);
	if (!read_options(argc, argv, &o))
		return usage();
	if ((o.clock || o.speed) && clock_options(o.clock, o.speed, &e) != OK) {
		fprintf(stderr, "lab: %s\n", e.text);
		return 2;
	}
	xmlInitParser();
	raise_limits();
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct scenario s;
	if (!scenario_read(a, o.scenario, &s, &faults)) {
		struct buf b = { 0 };
		faults_print(&faults, &b);
		fputs(buf_str(&b), stderr);
		buf_free(&b);
		arena_free(a);
		return 2;
	}
	scenario_shift(&s, a, (int)o.shift);
	int rc;
	if (o.workspace) {
		const char *state = o.dir ? o.dir : arena_printf(a, "%s/lab", o.workspace);
		rc = lab_workspace(&s, o.workspace, state, o.endpoints) ? 0 : 3;
	} else {
		rc = serve(&s, a, o.dir);
	}
	arena_free(a);
	return rc;
}
