/* mixer: a small conference bridge with real SIP and RTP that answers like FreeSWITCH.
 *
 *   mixer --ip 127.0.0.1 [--sip 5080] [--http 8080] [--esl 8021] [--rtp 40000-41998]
 *         [--user lab] [--password P] [--esl-password P] [--log FILE]
 *
 * One loop (libre's) carries SIP, RTP and the mix; the lab's FreeSWITCH brings threads for HTTP and
 * for the event socket, and takes the loop's lock. Must never listen outside loopback. */
#include "mixer.h"

#include "../freeswitch.h"
#include "../log.h"
#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <getopt.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLLOW_MS = 20, BEHIND_MOST_MS = 5000 };

struct options mixer_options = { .ip = "127.0.0.1",
	.sip_port = 5080,
	.rtp_min = 40000,
	.rtp_max = 41998 };

static pthread_mutex_t loop_lock = PTHREAD_MUTEX_INITIALIZER;
static struct tmr beat;
static int64_t due;

static int
usage(void)
{
	fputs("usage: mixer [--ip 127.x.y.z] [--sip PORT] [--http PORT] [--esl PORT] [--rtp "
	      "MIN-MAX]\n"
	      "       [--user U] [--password P] [--esl-password P] [--log FILE]\n",
		stderr);
	return 2;
}

static bool
to_port(const char *text, int *out)
{
	int64_t n;
	if (!str_to_int(text, 1024, 65534, &n))
		return false;
	*out = (int)n;
	return true;
}

static bool
to_range(const char *text)
{
	char low[8];
	const char *dash = strchr(text, '-');
	if (!dash || dash - text >= (long)sizeof low)
		return false;
	snprintf(low, sizeof low, "%.*s", (int)(dash - text), text);
	return to_port(low, &mixer_options.rtp_min) && to_port(dash + 1, &mixer_options.rtp_max) &&
	       mixer_options.rtp_min < mixer_options.rtp_max;
}

static bool
read_options(int argc, char **argv, struct lab_mcu *box, const char **log)
{
	static const struct option longs[] = { { "ip", 1, NULL, 'i' }, { "sip", 1, NULL, 's' },
		{ "http", 1, NULL, 'h' }, { "esl", 1, NULL, 'e' }, { "rtp", 1, NULL, 'r' },
		{ "user", 1, NULL, 'u' }, { "password", 1, NULL, 'p' },
		{ "esl-password", 1, NULL, 'E' }, { "log", 1, NULL, 'l' }, { NULL, 0, NULL, 0 } };
	bool fine = true;
	for (int c; fine && (c = getopt_long(argc, argv, "", longs, NULL)) != -1;)
		switch (c) {
		case 'i': mixer_options.ip = optarg; break;
		case 's': fine = to_port(optarg, &mixer_options.sip_port); break;
		case 'h': fine = to_port(optarg, &box->port); break;
		case 'e': fine = to_port(optarg, &box->esl_port); break;
		case 'r': fine = to_range(optarg); break;
		case 'u': box->user = optarg; break;
		case 'p': box->password = optarg; break;
		case 'E': box->esl_password = optarg; break;
		case 'l': *log = optarg; break;
		default: fine = false;
		}
	return fine && optind == argc && str_starts(mixer_options.ip, "127.");
}

/* Every 20 ms. Behind, it catches up one turn at a time, so that packets are read between. */
static void
turn(void *arg)
{
	int64_t now = (int64_t)tmr_jiffies();
	if (pthread_mutex_trylock(&loop_lock) == 0) { /* then the other threads are not kept out */
		fputs("mixer: the loop does not hold its lock\n", stderr);
		abort();
	}
	mix_tick();
	freeswitch_tick(clock_now());
	due = now - due > BEHIND_MOST_MS ? now : due + FRAME_MS;
	tmr_start(&beat, due > now ? (uint64_t)(due - now) : 1, turn, NULL);
}

static void
on_signal(int sig)
{
	re_cancel();
}

static int
serve(struct lab_mcu *box)
{
	struct scenario s = { .name = "mixer" };
	*vec_add(&s.mcus) = *box;
	if (!sip_start()) {
		fprintf(stderr, "mixer: listen on %s:%d: %s\n", mixer_options.ip,
			mixer_options.sip_port, strerror(errno));
		return 3;
	}
	if (!freeswitch_start(&s, clock_now()))
		return 3;
	due = (int64_t)tmr_jiffies();
	tmr_init(&beat);
	tmr_start(&beat, FRAME_MS, turn, NULL);
	puts("mixer ready");
	fflush(stdout);
	int err = re_main(on_signal);
	tmr_cancel(&beat);
	freeswitch_stop();
	fleet_lock();
	sip_stop();
	fleet_unlock();
	vec_free(&s.mcus);
	return err ? 3 : 0;
}

int
main(int argc, char **argv)
{
	struct lab_mcu box = { .name = "mixer",
		.adapter = "freeswitch",
		.user = "lab",
		.password = "labpass",
		.port = 8080,
		.esl_port = 8021,
		.ports = 1000,
		.audio_only = true,
		.reboot_at = LAB_NEVER };
	const char *log = NULL;
	if (!read_options(argc, argv, &box, &log))
		return usage();
	box.host = box.esl_host = mixer_options.ip;
	if (log && !lab_log_open(log)) {
		fprintf(stderr, "mixer: open %s: %s\n", log, strerror(errno));
		return 3;
	}
	xmlInitParser();
	signal(SIGPIPE, SIG_IGN);
	if (libre_init())
		return 3;
	re_set_mutex(&loop_lock);
	int rc = serve(&box);
	libre_close();
	lab_log_close();
	return rc;
}
