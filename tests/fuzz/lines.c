/* Any bytes as the stream of a command-line device, in pieces of any size, asked for lines and
 * prompts in turn. Every line is valid text without a line end; no byte is given out twice; a
 * stream without line ends is given up at its bound. */
#include "adapters/wire/lines.h"

#include "tests/fuzz/text.h"

struct source {
	const uint8_t *at;
	size_t left, steps;
};

/* The first byte of a piece says how long it is; nought says that nothing came yet. */
static enum err
give(struct task *t, void *of, void *into, size_t cap, int64_t at_most_ms, size_t *out_n)
{
	struct source *s = of;
	*out_n = 0;
	if (!s->left)
		return ERR_GONE;
	size_t n = *s->at++;
	s->left--;
	n = n == 255 ? 4096 : n;
	n = n < s->left ? n : s->left;
	n = n < cap ? n : cap;
	memcpy(into, s->at, n);
	s->at += n;
	s->left -= n;
	s->steps++;
	*out_n = n;
	return OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const prompts[] = { "login:", "password:", "->", NULL };
	struct source s = { .at = bytes, .left = n };
	struct task t = { .arena = arena_new(), .cancel_fd = -1, .deadline = INT64_MAX };
	struct lines l = { .stream = { .of = &s, .read = give } };
	size_t given = 0, step = n ? bytes[0] : 0;
	for (size_t i = 0; i < 2 * n + 4; i++, step++) {
		const char *line = NULL;
		bool seen = false;
		int which = -1;
		enum err e = OK;
		if (step % 5 == 3)
			e = lines_prompt(&t, &l, "-> ", -1, &seen);
		else if (step % 7 == 5)
			e = lines_prompt_of(&t, &l, prompts, -1, &which);
		else
			e = lines_next(&t, &l, -1, &line);
		if (line) {
			given += strlen(line);
			if (e != OK || strchr(line, '\n') || !utf8_valid(line, strlen(line)))
				abort();
		}
		if (e == ERR_GONE || e == ERR_PROTOCOL)
			break;
		if (e != OK || l.given > l.pending.n)
			abort();
	}
	/* U+FFFD stands for a byte and has three. */
	if (given > 3 * n)
		abort();
	lines_free(&l);
	arena_free(t.arena);
	return 0;
}
