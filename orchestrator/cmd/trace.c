/* `trace`: the dialogue of one operation with a device, without its secrets, as text that a talk
 * can be made of.
 *
 * What has to be there before the operation is asked for too, and is not shown. It must never print
 * a secret: what goes over the wire is redacted where it is written down (wire/trace.h). */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "cmd/device_ask.h"

/* What has to be there before an operation; it is not part of the dialogue shown. */
static enum err
prepare(struct bench *b, enum op op)
{
	enum err code = op == OP_OPEN ? OK : bench_ask(b, OP_OPEN);
	if (code == OK && (op == OP_ROSTER || op == OP_MEDIA || op == OP_MESSAGE || op == OP_END))
		code = bench_ask(b, OP_FIND);
	if (code == OK && op == OP_MEDIA) {
		code = bench_ask(b, OP_ROSTER);
		if (code == OK && !b->leg.id[0]) {
			b->why = "nobody is connected";
			code = b->code = ERR_GONE;
		}
	}
	return code;
}

static int
run_trace(const struct cmd_line *l)
{
	static const char *const can[] = { "open", "probe", "find", "start", "roster", "media",
		"message", "end", "status", "history", NULL };
	struct bench b;
	struct buf out = { 0 };
	char when[INSTANT_SIZE];
	enum op op = op_from_name(l->words[1]);
	size_t i = 0;
	while (can[i] && !str_eq(can[i], l->words[1]))
		i++;
	if (!can[i])
		return cmd_fail(ERR_INPUT,
			"trace %s: one of open probe find start roster media message end status "
			"history",
			l->words[1]);
	int exit = bench_open(l, l->words[0], &b);
	if (exit == CMD_DONE &&
		(op == OP_START || op == OP_ROSTER || op == OP_MEDIA || op == OP_MESSAGE ||
			op == OP_END) &&
		!b.conference_name)
		exit = cmd_fail(ERR_INPUT, "trace %s needs --conference NAME", l->words[1]);
	else if (exit == CMD_DONE && !bench_can(&b, op))
		exit = cmd_fail(ERR_UNSUPPORTED, "%s: this kind of device cannot %s", b.device.name,
			op_name(op));
	if (exit == CMD_DONE) {
		cmd_doing(arena_printf(l->arena, "%s: %s", b.device.name, op_name(op)));
		enum err code = prepare(&b, op);
		if (code == OK) {
			trace_free(&b.trace);
			code = bench_ask(&b, op);
		}
		cmd_doing(NULL);
		buf_printf(&out, "# %s of %s (%s), %s\n", op_name(op), b.device.name,
			b.device.adapter, instant_rfc3339(clock_now(), when));
		buf_puts(&out, "# > sent, < received; secrets are ***\n");
		buf_puts(&out, buf_str(&b.trace.out));
		buf_puts(&out, "# result: ");
		buf_puts(&out, err_name(code));
		buf_puts(&out, b.why[0] ? ": " : "");
		vis_terminal(&out, b.why);
		buf_putc(&out, '\n');
		cmd_print(&out);
		exit = code == OK ? CMD_DONE : CMD_FAULTS;
	}
	buf_free(&out);
	bench_close(&b);
	return exit;
}

const struct cmd cmd_trace = { .name = "trace",
	.usage = "trace DEVICE OPERATION [--conference NAME]",
	.help = T("Prints the dialogue of one operation with a device, without its secrets: open "
		"probe find start roster media message end status history."),
	.values = "conference",
	.min = 2,
	.max = 2,
	.run = run_trace };
