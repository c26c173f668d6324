/* The verbs of the command line. One file per verb, or per family that is one idea; each describes
 * itself in a struct cmd and is one line of the table in cmd.c. */
#ifndef TD_CMD_H
#define TD_CMD_H

#include "adapters/wire/json.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/faults.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cmd_exit {
	CMD_DONE = 0,
	CMD_FAULTS = 1,    /* done, and something is not as it should be */
	CMD_USAGE = 2,
	CMD_COULD_NOT = 3, /* daemon away, workspace unreadable */
	CMD_REFUSED = 4,   /* rights, unsupported */
};

enum { CMD_WORDS_MOST = 256 /* files */, CMD_OPTIONS_MOST = 16 };

struct cmd_line { /* what was typed, parsed */
	const struct cmd *cmd;
	struct arena *arena;
	const char *workspace; /* "." by default */
	const char *lang;      /* NULL = not given */
	bool json;
	const char *words[CMD_WORDS_MOST];
	size_t words_n;
	/* of the verb; value NULL: a flag */
	struct { const char *name, *value; } options[CMD_OPTIONS_MOST];
	size_t options_n;
	int argc; /* all of it, for hidden verbs */
	char **argv;
};

struct cmd {
	const char *name, *usage, *help; /* help: one sentence, T("...") */
	const char *flags, *values;      /* its own options, separated by blanks: "again release",
					  * "by why" */
	size_t min, max;                 /* words behind the verb */
	int (*run)(const struct cmd_line *);
	bool hidden;
};

extern const struct cmd cmd_init, cmd_check, cmd_serve, cmd_run, cmd_plan, cmd_occurrences,
	cmd_status, cmd_watch, cmd_report, cmd_replay, cmd_verify, cmd_adapters, cmd_devices,
	cmd_playbook, cmd_version, cmd_help;
extern const struct cmd cmd_allclear, cmd_hold, cmd_extend, cmd_stop, cmd_hangup, cmd_dial,
	cmd_mute, cmd_message, cmd_layout, cmd_focus, cmd_settle, cmd_people, cmd_rollcall;
extern const struct cmd cmd_calendar, cmd_meeting, cmd_device, cmd_trace;
extern const struct cmd cmd_calls, cmd_called, cmd_incident, cmd_import, cmd_sites;
extern const struct cmd cmd_calendar_child, cmd_vault_child;
extern const struct cmd *const cmds[]; /* NULL-terminated */

/* The whole command line; called by main. */
int cmd_main(int argc, char **argv);

bool cmd_flag(const struct cmd_line *l, const char *name);
const char *cmd_value(const struct cmd_line *l, const char *name); /* or NULL */
/* The language in which a verb speaks: what was asked for, the workspace's, the environment's
 * (LC_ALL, LC_MESSAGES, LANG), English. */
const char *cmd_lang(const struct cmd_line *l);
void cmd_usage(const struct cmd *c, const char *lang, struct buf *out);
/* One of our sentences (sentence.h) in the language of this command line. */
const char *cmd_sentence(const char *english);
/* "tongduyet: text" on stderr, in that language; the exit code for that class. */
int cmd_fail(enum err code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* On a terminal: what is being waited for, in one line of stderr that the next replaces; NULL:
 * takes it away. Elsewhere nothing. */
void cmd_doing(const char *what);
void cmd_print(const struct buf *b); /* on stdout; a closed pipe ends quietly */
/* A list: the table, or with --json what is in `json`, which it frees. */
struct table;
void cmd_print_list(const struct cmd_line *l, const struct table *t, struct buf *json);
/* Columns of the terminal that stdout is; 0: it is none. */
size_t cmd_width(void);
/* A line that breaks between words at the terminal's edge and goes on behind `indent` blanks;
 * whole where there is none. Ends with a newline. */
void cmd_line_put(struct buf *out, const char *text, size_t indent);
/* An instant as RFC 3339, local without an offset, or as 02/03/2026 07:00; a day as 2026-03-02 or
 * 02/03/2026, its first instant. */
bool cmd_instant_read(struct arena *a, const char *text, int64_t *out);
/* An instant or a date of an option; otherwise when it is not given. False: said on stderr. */
bool cmd_instant(const struct cmd_line *l, const char *name, int64_t otherwise, int64_t *out);

/* call.c: the daemon. One request, one answer line (on l->arena); cmd_exit in *out_exit when it
 * could not. */
struct control_call;
int cmd_connect(const struct cmd_line *l, struct control_call **out);
/* {"verb","args":words from `first` on, and this verb's options}. */
const char *cmd_request(const struct cmd_line *l, const char *verb, size_t first);
/* The same with other words. */
const char *cmd_request_of(
	const struct cmd_line *l, const char *verb, const char *const *args, size_t n);
int cmd_ask(const struct cmd_line *l, const char *request, int ms, const struct json **out,
	const char **out_line);
/* Asks and prints what the daemon says: its text, or as JSON its whole line. */
int cmd_tell(const struct cmd_line *l, const char *request, int ms, bool as_json);

/* playbook.c: the faults of the playbooks' work tree, as `shown`FILE; without the files that are
 * the same in `but`. */
struct house;
struct faults;
enum err cmd_playbooks_check(const char *dir, const char *shown, const struct house *but,
	struct arena *a, struct faults *faults, struct err_text *e);

/* occurrences.c: a meeting as people read it: weekday, hours, title, whether it is cancelled. */
struct occurrence;
void cmd_meeting_put(struct buf *out, const char *lang, const struct occurrence *o);

/* calendar.c: prints what a calendar file brings; how many meetings. CMD_FAULTS: something in it is
 * not good. */
int cmd_calendar_preview(const struct cmd_line *l, const char *path, size_t *out_n);

/* send.c: `report RUN --send`, `--sent`. */
int cmd_send(const struct cmd_line *l);

/* records.c: `report --from --to`. */
int cmd_period(const struct cmd_line *l);

/* readdress.c: `sites --readdress`. */
int cmd_readdress(const struct cmd_line *l);

/* dry.c: `run KEY --dry-run`. */
int cmd_dry_run(const struct cmd_line *l);

/* device_words.c: who a device says it is, "" nothing; what a person may do about one that answered
 * so, as a line or nothing. word: the machine word of the error, or NULL. */
const char *cmd_device_is(const char *vendor, const char *model, const char *software,
	const char *serial, struct arena *a);
void cmd_device_hint(
	struct buf *out, const char *lang, const char *device, enum err code, const char *word);

/* The workspace's zone, for verbs that show instants without reading all of it. */
void cmd_zone(const struct cmd_line *l);

#endif
