/* A device that is a person, asked on the terminal: the question on stderr, the answer from
 * standard input, a line; a list of participants ends with an empty line.
 *
 * Called by device_ask.c. Owns the answers, which hold for one operation. It must never answer for
 * the person: the end of the input is no answer. */
#include "cmd/device_ask.h"

#include "adapters/manual.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWERS_MOST = 64, ANSWER_MOST = 40 * 1024, CHUNK = 4096 };

struct person {
	struct sheet sheet;
	struct sheet_answer answers[ANSWERS_MOST];
	struct buf in; /* read and not yet taken */
};

/* One line without its end; false: the input ended, a signal came, or it is endless. */
static bool
take_line(struct bench *b, const char **out)
{
	struct buf *in = &b->person->in;
	for (;;) {
		char chunk[CHUNK], *end = in->n ? memchr(in->at, '\n', in->n) : NULL;
		if (end) {
			size_t n = (size_t)(end - in->at);
			*out = str_trim(utf8_repair(b->arena, in->at, n));
			buf_drop(in, n + 1);
			return true;
		}
		struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = b->stop_fd, .events = POLLIN } };
		if (in->n > ANSWER_MOST || (poll(p, 2, -1) < 0 && errno != EINTR) || p[1].revents)
			return false;
		ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
		if (n > 0)
			buf_add(in, chunk, (size_t)n);
		else if (n == 0 || errno != EINTR)
			return false;
	}
}

/* The first line that says something, and for a list those behind it; NULL: none came. */
static const char *
take_answer(struct bench *b, bool list)
{
	const char *line, *said = NULL;
	while (take_line(b, &line) && (line[0] || !said)) {
		if (!line[0])
			continue;
		said = said ? arena_printf(b->arena, "%s\n%s", said, line) : line;
		if (!list || strlen(said) > ANSWER_MOST)
			break;
	}
	return said;
}

bool
person_answers(struct bench *b, const struct task *t)
{
	const char *question = manual_question(t);
	bool list = str_starts(question, "roster:");
	struct buf out = { 0 };
	if (!b->person)
		b->person = xalloc(sizeof *b->person);
	struct person *p = b->person;
	if (p->sheet.n == ANSWERS_MOST)
		return false;
	cmd_doing(NULL);
	vis_terminal(&out, t->why);
	fprintf(stderr, "%s%s\n> ", buf_str(&out), list ? "; an empty line ends the list" : "");
	buf_free(&out);
	const char *said = take_answer(b, list);
	if (!said)
		return false;
	p->answers[p->sheet.n++] =
		(struct sheet_answer){ .question = arena_strdup(b->arena, question),
			.answer = said };
	p->sheet.answers = p->answers;
	b->device.sheet = &p->sheet;
	return true;
}

void
person_forget(struct bench *b)
{
	if (b->person)
		b->person->sheet.n = 0;
}

void
person_free(struct bench *b)
{
	if (b->person)
		buf_free(&b->person->in);
	free(b->person);
}
