/* Lines out of a byte stream of a command-line device (SSH, telnet). A line ends at CR LF, LF or
 * any run of CR before LF; a prompt is text without a line end. Unasked lines are the adapter's
 * business: match by what an answer looks like, never "the next line". */
#ifndef TD_WIRE_LINES_H
#define TD_WIRE_LINES_H

#include "base/buf.h"
#include "base/task.h"
#include "adapters/wire/ssh.h"
#include "adapters/wire/stream.h"

struct lines {
	struct ssh *ssh;      /* borrowed; NULL: */
	struct byte_stream stream; /* whatever else carries the bytes, telnet_stream() */
	struct buf pending; /* bytes read, not yet a line; at most 256 KiB, else ERR_PROTOCOL */
	size_t given;       /* of these, already handed out */
	size_t looked;      /* of these, already searched for a line end */
};

/* The next whole line without its end, repaired to valid UTF-8, on the task's arena; *out = NULL
 * with OK when none came within at_most_ms. Empty lines are given as "". ERR_GONE, ERR_TIMEOUT,
 * ERR_CANCELED, ERR_PROTOCOL. */
enum err lines_next(struct task *t, struct lines *l, int64_t at_most_ms, const char **out);
/* Waits until the bytes behind the last line end with `prompt` ("-> "); that unfinished line is
 * then consumed. Whole lines before it stay for lines_next(). *out_seen false with OK: not within
 * at_most_ms. */
enum err lines_prompt(
	struct task *t, struct lines *l, const char *prompt, int64_t at_most_ms, bool *out_seen);
/* For a dialogue: waits until the unfinished line is one of `prompts` (NULL-terminated list,
 * compared without case and without blanks around) and consumes it. *out_which is its place in the
 * list, -1 with OK: not within at_most_ms. */
enum err lines_prompt_of(struct task *t, struct lines *l, const char *const *prompts,
	int64_t at_most_ms, int *out_which);
/* command + end ("\r"); traced. */
enum err lines_send(struct task *t, struct lines *l, const char *command, const char *end);
/* Forgets what is pending. */
void lines_clear(struct lines *l);
void lines_free(struct lines *l);

#endif
