/* An external program that is spoken with by lines: started without a shell, in a clean
 * environment, and never left behind. What it must not see in its arguments (passwords) is said on
 * its input. */
#ifndef TD_WIRE_PROGRAM_H
#define TD_WIRE_PROGRAM_H

#include "base/task.h"

#include <stddef.h>

enum { PROGRAM_LINE_MOST = 1 << 20 };

struct program;

/* path is absolute; args NULL or NULL-terminated, without the program's name. Its input and output
 * are ours, what it says on its error output is lost; its folder is "/". ERR_INPUT: no such
 * program, or it cannot be run. ERR_SYSTEM. */
enum err program_start(
	struct task *t, const char *path, const char *const *args, struct program **out);
/* The line and a line end. ERR_TIMEOUT: it ended, or does not read; ERR_CANCELED. Not traced: the
 * caller knows its secrets. */
enum err program_say(struct task *t, struct program *p, const char *line);
/* Its next line, without the end, on the task's arena; waits at most at_most_ms (-1: until the
 * deadline). *out NULL with OK: none came. ERR_TIMEOUT: it ended, or the deadline passed;
 * ERR_PROTOCOL: a line of more than PROGRAM_LINE_MOST bytes; ERR_CANCELED. */
enum err program_hear(struct task *t, struct program *p, int64_t at_most_ms, const char **out);
/* Closes its input, gives it 500 ms to end, then kills it and what it started in its group. NULL is
 * fine. */
void program_stop(struct program *p);

#endif
