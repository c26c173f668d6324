/* The daemon's loop: answers, requests, ticks, plans; then one commit; then the orders leave.
 *
 * Called by `serve` and `run`. Owns the journal's writer, the lanes, the control socket and
 * everything that lives. Asks the clock once per turn. It must never wait but in its poll, never
 * send an order whose row is not durable, and never go on after the journal could not be
 * written. */
#include "coordinator.h"

#include "coordinator_inner.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "mailbox.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WORKERS = 512,
	WORKERS_KEPT = 16,
	SESSION_IDLE_MS = 120 * 1000,
	FDS = 256,
	OWN_FDS = 5,
	ANSWERS_A_TURN = 2000,
	HURRY_MS = 10,
	LETTERS_MS = 60000,	/* real */
	CLOCK_SLACK_MS = 300000 /* a clock that is set by a little is nothing to tell */
};

/* ---- the journal ----------------------------------------------------------------------------- */

void
coordinator_break(struct coordinator *c, const struct err_text *e)
{
	if (c->broken)
		return;
	c->broken = true;
	c->why = *e;
	log_error("coordinator",
		T("the journal cannot be written, so nothing may be done any more: %s"), e->text);
}

bool
coordinator_commit(struct coordinator *c)
{
	struct err_text e = { 0 };
	if (!c->broken && journal_commit(c->journal, &e) != OK)
		coordinator_break(c, &e);
	return !c->broken;
}

enum err
coordinator_house_row(struct coordinator *c, const char *kind, const char *body, const char *idem)
{
	struct err_text e = { 0 };
	if (c->broken)
		return ERR_SYSTEM;
	enum err code = journal_append(
		c->journal, JOURNAL_HOUSE, c->now, kind, "", body, idem, &(int64_t){ 0 }, &e);
	if (code != OK && code != ERR_REFUSED)
		coordinator_break(c, &e);
	return code;
}

/* ---- a turn ---------------------------------------------------------------------------------- */

static void
take_answers(struct coordinator *c)
{
	struct answer *a;
	for (int i = 0; i < ANSWERS_A_TURN && (a = mailbox_take(c->answers)); i++) {
		lanes_answered(c->lanes, a);
		if (!ask_park(c, a)) {
			device_answered(c, a);
			probe_answered(c, a);
			live_answer(c, a);
		}
		answer_free(a);
	}
}

static void
send_orders(struct coordinator *c)
{
	for (size_t i = 0; i < c->leaving.n; i++)
		lanes_submit(c->lanes, &c->leaving.at[i]);
	c->leaving.n = 0;
	if (c->leaving.cap > ORDERS_KEPT) /* a country was dialled at once */
		vec_free(&c->leaving);
}

static void
take_signal(struct coordinator *c)
{
	struct signalfd_siginfo s;
	while (read(c->signals, &s, sizeof s) == sizeof s)
		c->stopping = true;
}

static int
sooner(int ms, int64_t other)
{
	return other < ms ? (other < 0 ? 0 : (int)other) : ms;
}

/* Real ms until something may have to be done without being woken. */
static int
wait_ms(struct coordinator *c, int64_t mono)
{
	int ms = sooner(INT_MAX, lanes_tick(c->lanes, mono));
	ms = sooner(ms, c->push_again_ms);
	ms = sooner(ms, c->looked_mono + LOOK_EVERY_MS - mono);
	ms = sooner(ms, clock_real_until(plan_next_start(c)));
	for (size_t i = 0; i < c->lives.n; i++) {
		struct live *l = c->lives.at[i];
		if (!l->ended && l->run->wake_at != INT64_MAX) {
			int until = clock_real_until(l->run->wake_at);
			ms = sooner(ms, until > 0 ? until : HURRY_MS);
		}
		if (control_watched(c->control, l->spec->id))
			ms = sooner(ms, c->shown_mono + report_show_every(c) - mono);
	}
	return ms < 1 ? 1 : ms;
}

static void
turn(struct coordinator *c)
{
	struct pollfd watched[WATCHED_MOST], fds[FDS + WATCHED_MOST + OWN_FDS] = {
		{ .fd = mailbox_fd(c->answers), .events = POLLIN },
		{ .fd = mailbox_fd(c->plannings), .events = POLLIN },
		{ .fd = c->signals, .events = POLLIN },
		{ .fd = mailbox_fd(c->fetched), .events = POLLIN },
		{ .fd = mailbox_fd(c->pushes), .events = POLLIN },
	};
	int n = control_fds(c->control, fds + OWN_FDS, FDS),
	    folders = feeds_fds(c, fds + OWN_FDS + n);
	int ready = poll(fds, (nfds_t)(OWN_FDS + n + folders), wait_ms(c, clock_mono()));
	memcpy(watched, fds + OWN_FDS + n, (size_t)folders * sizeof *watched);
	int64_t mono = clock_mono(), before = c->now;
	c->now = clock_now();
	change_clock(c, before);
	if (ready > 0) {
		take_signal(c);
		feeds_watched(c, watched, folders);
	}
	take_answers(c);
	c->push_again_ms = push_take(c, mono);
	extra_look(c);
	plan_take(c);
	feeds_take(c);
	import_take(c);
	if (ready > 0)
		control_ready(c->control, fds + OWN_FDS, n, people_request, c);
	plan_look(c, mono);
	feeds_look(c);
	plan_start_due(c);
	live_tick(c);
	ask_settle(c);
	live_settle(c);
	outbox_settle(c);
	if (!coordinator_commit(c))
		return;
	send_orders(c);
	outbox_leave(c);
	probe_settle(c);
	report_show(c, mono);
	if (ready == 0)
		journal_rest(c->journal);
}

enum err
coordinator_serve(struct coordinator *c, struct err_text *e)
{
	c->now = clock_now();
	plan_start_due(c);
	while (!c->stopping && !c->broken)
		turn(c);
	if (c->broken)
		return err_set(e, ERR_SYSTEM, "%s", c->why.text);
	coordinator_house_row(c, "house-closed", "{}", NULL);
	coordinator_commit(c);
	log_info("coordinator", "stops; %zu runs will go on when it is started again", c->lives.n);
	return OK;
}

enum err
coordinator_run(struct coordinator *c, const char *key, bool again, bool *out_good, char *report,
	size_t n, struct err_text *e)
{
	struct live *l;
	char id[100];
	c->now = clock_now();
	c->alone = true;
	enum err code = plan_hand(c, key, again, &l, e);
	if (code != OK)
		return code;
	str_copy(id, sizeof id, l->spec->id);
	if (!coordinator_commit(c))
		return err_set(e, ERR_SYSTEM, "%s", c->why.text);
	send_orders(c);
	const struct begun *b = plan_begun(c, id);
	while (!c->stopping && !c->broken && b && !b->ended) {
		turn(c);
		b = plan_begun(c, id);
	}
	/* Its letters leave with it; what cannot leave now waits for the next start. */
	int64_t until = clock_mono() + LETTERS_MS;
	while (!c->stopping && !c->broken && outbox_leaves(c, id) && clock_mono() < until)
		turn(c);
	struct arena *a = arena_new();
	str_copy(report, n, report_folder(c, id, a));
	arena_free(a);
	*out_good = b && b->ended && b->good == b->expected;
	if (c->broken)
		return err_set(e, ERR_SYSTEM, "%s", c->why.text);
	if (c->stopping)
		return err_set(e, ERR_CANCELED,
			T("%s was interrupted; it goes on when the program is started again"), id);
	return OK;
}

/* ---- life ------------------------------------------------------------------------------------ */

static enum err
block_signals(struct coordinator *c, struct err_text *e)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a journal that may not grow is an error, not a death */
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) ||
		(c->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) < 0)
		return err_set(e, ERR_SYSTEM, T("take signals: %s"), strerror(errno));
	return OK;
}

static enum err
make_folder(const char *path, mode_t mode, struct err_text *e)
{
	if (mkdir(path, mode) && errno != EEXIST)
		return err_set(e, ERR_SYSTEM, T("make %s: %s"), path, strerror(errno));
	return OK;
}

static enum err
open_files(struct coordinator *c, const char *dir, struct err_text *e)
{
	struct arena *a = arena_new();
	struct workspace w;
	workspace_paths(dir, a, &w);
	c->dir = xstrdup(w.dir);
	enum err code = OK;
	if (access(w.config_path, F_OK))
		code = err_set(e, ERR_INPUT,
			T("%s is no workspace: %s is missing; `tongduyet init` makes one"), w.dir,
			w.config_path);
	if (code == OK)
		code = make_folder(w.state_dir, 0750, e);
	if (code == OK)
		code = make_folder(w.reports_dir, 0750, e);
	if (code == OK)
		code = journal_open(w.journal_path, &c->journal, e);
	if (code == OK)
		code = journal_reader_open(w.journal_path, &c->reader, e);
	if (code == OK)
		code = control_listen(w.socket_path, &c->control, e);
	arena_free(a);
	return code;
}

int64_t
coordinator_clock_behind(const struct coordinator *c)
{
	int64_t newest = 0;
	for (size_t i = 0; i < c->begun.n; i++)
		if (c->begun.at[i].at > newest)
			newest = c->begun.at[i].at;
	return newest > c->now + CLOCK_SLACK_MS ? newest : 0;
}

static enum err
open_house(const char *dir, bool looks_only, struct coordinator **out, struct err_text *e)
{
	struct coordinator *c = xalloc(sizeof *c);
	*out = NULL;
	c->signals = -1;
	c->looks_only = c->alone = looks_only;
	c->now = clock_now();
	enum err code = block_signals(c, e);
	if (code == OK)
		code = open_files(c, dir, e);
	if (code != OK) {
		coordinator_close(c);
		return code;
	}
	c->answers = mailbox_new();
	c->imports = mailbox_new();
	code = feeds_open(c, e);
	outbox_open(c);
	papers_open(c);
	push_open(c);
	c->plannings = mailbox_new();
	c->pool = pool_new(WORKERS, WORKERS_KEPT);
	c->lanes = lanes_new(c->pool, c->answers, SESSION_IDLE_MS);
	c->plan_from = c->now - PLAN_BACK_MS;
	if (code == OK && (code = house_read(c->dir, c->now, &c->house, e)) == OK) {
		plan_restore(c);
		outbox_restored(c);
		incident_restored(c);
		if (!looks_only)
			coordinator_house_row(c, "house-opened", "{}", NULL);
		code = plan_read_now(c, e);
	}
	if (code == OK && !coordinator_commit(c))
		code = err_set(e, ERR_SYSTEM, "%s", c->why.text);
	if (code != OK) {
		coordinator_close(c);
		return code;
	}
	send_orders(c);
	if (coordinator_clock_behind(c)) {
		char now[INSTANT_SIZE], then[INSTANT_SIZE];
		log_warn("coordinator",
			"the clock says %s, but a run began at %s: is the clock of this machine "
			"right?",
			instant_rfc3339(c->now, now),
			instant_rfc3339(coordinator_clock_behind(c), then));
	}
	for (size_t i = 0; i < c->house->faults.n; i++)
		log_warn("coordinator", "%s",
			fault_say(c->house->arena, c->house->faults.at[i].file,
				&c->house->faults.at[i]));
	*out = c;
	return OK;
}

enum err
coordinator_open(const char *dir, struct coordinator **out, struct err_text *e)
{
	return open_house(dir, false, out, e);
}

enum err
coordinator_probe(const char *dir, const char *device, struct buf *out, struct err_text *e)
{
	struct coordinator *c;
	enum err code = open_house(dir, true, &c, e);
	if (code != OK)
		return code;
	c->now = clock_now();
	if (probe_begin(c, device, 0, e)) {
		send_orders(c);
		while (!c->stopping && !c->broken && probe_waits(c, 0))
			turn(c);
		probe_result(c, out);
		if (c->broken)
			code = err_set(e, ERR_SYSTEM, "%s", c->why.text);
		else if (c->stopping)
			code = err_set(
				e, ERR_CANCELED, T("interrupted before every device had answered"));
	} else {
		code = e->code;
	}
	coordinator_close(c);
	return code;
}

static void
free_answer(void *a)
{
	answer_free(a);
}

void
coordinator_close(struct coordinator *c)
{
	if (!c)
		return;
	push_close(c);
	if (c->lanes)
		lanes_free(c->lanes);
	feeds_cancel(c);
	if (c->pool)
		pool_free(c->pool);
	feeds_close(c);
	import_close(c);
	outbox_close(c);
	papers_close(c);
	incident_close(c);
	if (c->plannings) {
		plan_drop(c);
		mailbox_free(c->plannings, NULL);
	}
	if (c->answers)
		mailbox_free(c->answers, free_answer);
	for (size_t i = 0; i < c->lives.n; i++)
		live_free(c->lives.at[i]);
	vec_free(&c->lives);
	vec_free(&c->leaving);
	vec_free(&c->begun);
	vec_free(&c->refusals);
	vec_free(&c->probes);
	ask_free(c);
	free(c->tried);
	free(c->came);
	control_close(c->control);
	journal_reader_close(c->reader);
	journal_close(c->journal);
	house_free(c->house);
	if (c->signals >= 0)
		close(c->signals);
	free(c->dir);
	free(c);
}
