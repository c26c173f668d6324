/* A device asked by this very process, one operation at a time.
 *
 * Called by `device test` and `trace`. Owns the session, and closes it. A host key that is seen for
 * the first time is kept, as the daemon does. A signal gives up the question under way and lets the
 * caller end what it began. It must never ask a device that a daemon may be talking to: devices
 * count their sessions, and a conference under way is nobody's bench. */
#include "cmd/device_ask.h"

#include "adapters/manual.h"
#include "base/clock.h"
#include "base/str.h"
#include "control.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { ASK_MS = 30000, CLOSE_MS = 2000, PLAY_S = 1 };
const char bench_text[] = "tongduyet: thử thiết bị";
static const char leg_name[] = "tongduyet-test";

static const char *const names[OP_N] = { "open", "probe", "find", "start", "roster", "dial", "up",
	"media", "mute", "unmute", "message", "play", "hangup", "reason", "end", "status",
	"history" };

const char *
op_name(enum op op)
{
	return (unsigned)op < OP_N ? names[op] : "unknown";
}

enum op
op_from_name(const char *name)
{
	int i = 0;
	while (i < OP_N && !str_eq(names[i], name))
		i++;
	return (enum op)i;
}

/* "sip:", "h323:" in front is not everywhere told. */
static const char *
bare(const char *address)
{
	return str_starts(address, "sip:")    ? address + 4
	       : str_starts(address, "h323:") ? address + 5
					      : address;
}

static void
catch_signals(struct bench *b)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	b->stop_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
let_signals(struct bench *b)
{
	sigset_t set;
	struct signalfd_siginfo came;
	if (b->stop_fd < 0)
		return;
	while (read(b->stop_fd, &came, sizeof came) == (ssize_t)sizeof came)
		;
	close(b->stop_fd);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static const char *
site_name_of(const struct house *h, const char *address)
{
	for (size_t i = 0; address && h->have_sites && i < h->sites.n; i++)
		for (int k = 0; k < 2; k++)
			if (str_eq(h->sites.at[i].address[k], address))
				return h->sites.at[i].name;
	return "tongduyet";
}

int
bench_open(const struct cmd_line *l, const char *name, struct bench *b)
{
	struct control_call *call;
	struct workspace w;
	struct err_text e = { 0 };
	memset(b, 0, sizeof *b);
	b->why = "";
	b->stop_fd = -1;
	b->arena = arena_new();
	cmd_zone(l);
	workspace_paths(l->workspace, l->arena, &w);
	if (control_connect(w.socket_path, &call, NULL) == OK) {
		control_hangup(call);
		return cmd_fail(ERR_REFUSED,
			T("a daemon serves this workspace and may be talking to %s: stop it first, "
			  "or use `devices --probe %s`"),
			name, name);
	}
	if (house_read(l->workspace, clock_now(), &b->house, &e) != OK)
		return cmd_fail(ERR_SYSTEM, "%s", e.text);
	if (!house_device(b->house, name, b->arena, &b->device))
		return cmd_fail(ERR_INPUT,
			T("no usable device \"%s\": `tongduyet devices` lists them; MCUs by name, "
			  "codecs as site:ID"),
			name);
	if (str_starts(name, "site:"))
		b->endpoint = endpoint_adapter_find(b->device.adapter);
	else
		b->mcu = mcu_adapter_find(b->device.adapter);
	if (!b->mcu && !b->endpoint)
		return cmd_fail(
			ERR_UNSUPPORTED, T("%s: no adapter \"%s\""), name, b->device.adapter);
	b->lane = (struct lane){ .device = &b->device, .arena = b->arena };
	b->conference_name = cmd_value(l, "conference");
	b->address = cmd_value(l, "address");
	b->site_name = site_name_of(b->house, b->address);
	catch_signals(b);
	return CMD_DONE;
}

static bool
mcu_can(const struct mcu_adapter *m, enum op op)
{
	switch (op) {
	case OP_OPEN: return true;
	case OP_PROBE: return m->probe;
	case OP_FIND: return m->find;
	case OP_START: return m->start;
	case OP_ROSTER:
	case OP_UP: return m->roster;
	case OP_DIAL: return m->dial;
	case OP_MEDIA: return m->media;
	case OP_MUTE:
	case OP_UNMUTE: return m->mute;
	case OP_MESSAGE: return m->message;
	case OP_PLAY: return m->play;
	case OP_HANGUP: return m->hangup;
	case OP_REASON: return m->reason;
	case OP_END: return m->end;
	case OP_STATUS:
	case OP_HISTORY:
	case OP_N: break;
	}
	return false;
}

bool
bench_can(const struct bench *b, enum op op)
{
	return b->mcu ? mcu_can(b->mcu, op) : codec_can(b->endpoint, op);
}

static enum err
dial(struct bench *b, struct task *t)
{
	struct dial d = { .site_name = b->site_name,
		.leg_name = leg_name,
		.address = b->address,
		.attempt = "device-test",
		.muted = true };
	b->leg = (struct leg){ 0 };
	return b->mcu->dial(t, &b->lane, &b->conference, &d, &b->leg);
}

/* Until the leg that was dialled is up, or gone. */
static enum err
wait_up(struct bench *b, struct task *t)
{
	for (;;) {
		enum err code = b->mcu->roster(t, &b->lane, &b->conference, &b->roster);
		if (code != OK)
			return code;
		for (size_t i = 0; i < b->roster.n; i++) {
			if (!str_eq(b->roster.legs[i].id, b->leg.id))
				continue;
			b->leg = b->roster.legs[i];
			if (b->leg.state == LEG_UP)
				return OK;
			if (b->leg.state == LEG_GONE)
				return task_fail(t, ERR_REFUSED, T("the call ended: %s, %s"),
					cause_name(b->leg.ending.cause),
					b->leg.ending.device_words);
		}
		person_forget(b);
		if ((code = task_sleep(t, BENCH_LOOK_MS)) != OK)
			return code;
	}
}

/* Two looks at the figures: only what grows proves anything. */
static enum err
media(struct bench *b, struct task *t)
{
	const struct mcu_adapter *m = b->mcu;
	enum err code = m->media(t, &b->lane, &b->conference, &b->leg, &b->media_before);
	if (code == OK)
		code = task_sleep(t, BENCH_MEDIA_APART_MS);
	return code ? code : m->media(t, &b->lane, &b->conference, &b->leg, &b->media);
}

/* Handles must be there, and name one leg each: everything is built on that. */
static enum err
list(struct bench *b, struct task *t)
{
	enum err code = b->mcu->roster(t, &b->lane, &b->conference, &b->roster);
	for (size_t i = 0; code == OK && i < b->roster.n; i++) {
		const struct leg *leg = &b->roster.legs[i];
		if (str_empty(leg->id))
			return task_fail(
				t, ERR_PROTOCOL, T("a leg without a handle: \"%s\""), leg->name);
		for (size_t k = i + 1; k < b->roster.n; k++)
			if (str_eq(leg->id, b->roster.legs[k].id))
				return task_fail(t, ERR_PROTOCOL,
					T("two legs with the handle \"%s\""), leg->id);
		if (!b->leg.id[0] && leg->state == LEG_UP)
			b->leg = *leg;
	}
	return code;
}

static enum err
ask_mcu(struct bench *b, enum op op, struct task *t)
{
	const struct mcu_adapter *m = b->mcu;
	struct lane *l = &b->lane;
	const char *name = b->conference_name ? b->conference_name : leg_name;
	struct conference_spec spec = { .name = name, .muted = true };
	struct conference found;
	enum err code;
	switch (op) {
	case OP_OPEN: return m->open ? m->open(t, l) : OK;
	case OP_PROBE: return m->probe(t, l, &b->identity);
	case OP_FIND:
		if ((code = m->find(t, l, name, &found)) == OK) {
			b->conference = found;
			b->have_conference = true;
		}
		return code;
	case OP_START:
		if ((code = m->start(t, l, &spec, &b->conference)) == OK)
			b->have_conference = true;
		return code;
	case OP_ROSTER: return list(b, t);
	case OP_DIAL: return dial(b, t);
	case OP_UP: return wait_up(b, t);
	case OP_MEDIA: return media(b, t);
	case OP_MUTE:
	case OP_UNMUTE: return m->mute(t, l, &b->conference, &b->leg, op == OP_MUTE);
	case OP_MESSAGE: return m->message(t, l, &b->conference, NULL, bench_text, BENCH_SHOW_S);
	case OP_PLAY: return m->play(t, l, &b->conference, NULL, PLAY_S);
	case OP_HANGUP: return m->hangup(t, l, &b->conference, &b->leg);
	case OP_REASON: return m->reason(t, l, &b->conference, &b->leg, &b->ending);
	case OP_END: return m->end(t, l, &b->conference);
	case OP_STATUS:
	case OP_HISTORY:
	case OP_N: break;
	}
	return task_fail(t, ERR_UNSUPPORTED, "%s: %s", m->name, op_name(op));
}

static enum err
ask_once(struct bench *b, enum op op, struct task *t)
{
	return b->mcu ? ask_mcu(b, op, t) : codec_ask(b, op, t);
}

/* A room that is new, or a leg that is just ending: the device says later, and is asked again as
 * long as that may take. */
static enum err
ask_patiently(struct bench *b, enum op op, struct task *t)
{
	enum err code;
	while ((code = ask_once(b, op, t)) == ERR_BUSY && !manual_question(t) &&
		task_left(t) > BENCH_LOOK_MS) {
		task_forgive(t);
		if ((code = task_sleep(t, BENCH_LOOK_MS)) != OK)
			break;
	}
	return code;
}

static bool
ends(enum op op)
{
	return op == OP_HANGUP || op == OP_END;
}

static void
keep_pin(struct bench *b)
{
	struct err_text e = { 0 };
	if (b->lane.learned_pin[0] && b->code != ERR_AUTH && b->code != ERR_PROTOCOL &&
		workspace_pin_save(&b->house->ws, b->device.name, b->lane.learned_pin, &e) != OK)
		cmd_fail(OK, T("keep the key of %s: %s"), b->device.name, e.text);
	b->lane.learned_pin[0] = '\0';
}

static enum err
ask(struct bench *b, enum op op, int stop_fd)
{
	bool patient = op == OP_DIAL || op == OP_REASON;
	int64_t from = clock_mono(), most = op == OP_UP || patient ? BENCH_UP_MS : ASK_MS;
	struct task t;
	b->why = "";
	if (!bench_can(b, op))
		return b->code = ERR_UNSUPPORTED;
	trace_secret(&b->trace, b->device.password);
	person_forget(b);
	do {
		t = (struct task){ .arena = b->arena,
			.cancel_fd = stop_fd,
			.deadline = clock_mono() + most,
			.trace = &b->trace };
		b->code = patient ? ask_patiently(b, op, &t) : ask_once(b, op, &t);
	} while (manual_question(&t) && person_answers(b, &t));
	b->word = t.word;
	b->took_ms = clock_mono() - from;
	if (b->code != OK)
		b->why = arena_strdup(b->arena, t.why[0] ? t.why : err_name(b->code));
	if (manual_question(&t))
		b->why = arena_printf(b->arena, "nobody answered: %s", t.why);
	b->opened = b->opened || (op == OP_OPEN && b->code == OK);
	b->stopped = b->stopped || task_canceled(&t);
	b->broken = b->broken || b->code == ERR_CANCELED || b->code == ERR_TIMEOUT ||
		    b->code == ERR_PROTOCOL;
	keep_pin(b);
	return b->code;
}

enum err
bench_ask(struct bench *b, enum op op)
{
	return ask(b, op, ends(op) ? -1 : b->stop_fd);
}

static void
close_session(struct bench *b)
{
	struct task t = { .arena = b->arena, .cancel_fd = -1, .deadline = clock_mono() + CLOSE_MS };
	if ((b->opened || b->lane.session) && b->mcu && b->mcu->close)
		b->mcu->close(&t, &b->lane);
	if ((b->opened || b->lane.session) && b->endpoint && b->endpoint->close)
		b->endpoint->close(&t, &b->lane);
	b->opened = b->broken = false;
}

enum err
bench_mend(struct bench *b)
{
	if (!b->broken)
		return OK;
	close_session(b);
	return ask(b, OP_OPEN, -1);
}

/* ---- what an order whose outcome is not known has left -------------------------------------- */

bool
bench_stands(const struct bench *b)
{
	for (size_t i = 0; b->address && i < b->roster.n; i++)
		if (b->roster.legs[i].state != LEG_GONE &&
			str_eq_nocase(bare(b->roster.legs[i].address), bare(b->address)))
			return true;
	return false;
}

static bool
outcome_unknown(enum err code)
{
	return code == ERR_TIMEOUT || code == ERR_CANCELED || code == ERR_PROTOCOL;
}

bool
bench_was_dialled(struct bench *b)
{
	if (!outcome_unknown(b->code))
		return false;
	b->leg = (struct leg){ 0 };
	if (bench_mend(b) != OK || ask(b, OP_ROSTER, -1) != OK)
		return false;
	b->leg = (struct leg){ 0 };
	for (size_t i = 0; i < b->roster.n; i++) {
		const struct leg *leg = &b->roster.legs[i];
		if (leg->state != LEG_GONE &&
			(str_eq(leg->name, leg_name) ||
				str_eq_nocase(bare(leg->address), bare(b->address))))
			b->leg = *leg;
	}
	return b->leg.id[0];
}

bool
bench_was_started(struct bench *b)
{
	if (!outcome_unknown(b->code) || b->have_conference || bench_mend(b) != OK ||
		ask(b, OP_FIND, -1) != OK)
		return false;
	b->conference.created = true;
	return true;
}

void
bench_close(struct bench *b)
{
	close_session(b);
	let_signals(b);
	person_free(b);
	trace_free(&b->trace);
	house_free(b->house);
	arena_free(b->arena);
}
