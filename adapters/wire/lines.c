/* Lines and prompts out of the byte stream of a command-line device. Called by adapters; reads
 * through ssh.c or another stream. Owns the bytes that are not yet a line. What is traced is traced
 * here, by whole lines, so that the redactor sees a secret in one piece. Bytes are read only when
 * no whole line is waiting, so little is kept. Must never: guess that a line answers a command, or
 * wait longer than asked because a device drips. */
#include "adapters/wire/lines.h"

#include "adapters/wire/trace.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <assert.h>
#include <string.h>

enum { PENDING_MOST = 256 << 10, CHUNK = 4096 };

/* Forgets what was given out, once it is worth moving the rest. */
static void
compact(struct lines *l)
{
	if (l->given == l->pending.n)
		buf_clear(&l->pending);
	else if (l->given < CHUNK * 4)
		return;
	else
		buf_drop(&l->pending, l->given);
	l->given = 0;
	l->looked = 0;
}

static int64_t
left_of(int64_t until)
{
	int64_t now = clock_mono();
	return until > now ? until - now : 0;
}

static struct byte_stream
stream_of(const struct lines *l)
{
	return l->ssh ? ssh_stream(l->ssh) : l->stream;
}

/* How long somebody waits. */
struct patience {
	int64_t until;
	bool brief; /* asked for a time, not for what is there or for ever */
	bool over;
};

static struct patience
patience_of(int64_t at_most_ms)
{
	return (struct patience){
		.until = at_most_ms < 0 ? INT64_MAX : clock_mono() + at_most_ms,
		.brief = at_most_ms > 0,
	};
}

/* Reads once. p->over with OK: the time is over. */
static enum err
read_more(struct task *t, struct lines *l, struct patience *p)
{
	p->over = p->brief && left_of(p->until) == 0;
	if (p->over)
		return OK;
	char chunk[CHUNK];
	size_t n;
	struct byte_stream from = stream_of(l);
	assert(from.read && "lines need a connection");
	compact(l);
	if (l->pending.n - l->given > PENDING_MOST)
		return task_fail(
			t, ERR_PROTOCOL, T("more than 256 KiB without a line end or prompt"));
	enum err rc = from.read(t, from.of, chunk, sizeof chunk,
		p->until == INT64_MAX ? -1 : left_of(p->until), &n);
	if (rc != OK) {
		trace_bytes(
			t->trace, '<', buf_str(&l->pending) + l->given, l->pending.n - l->given);
		return rc;
	}
	buf_add(&l->pending, chunk, n);
	p->over = n == 0;
	return OK;
}

/* Without line end and NULs (telnet sends them behind CR), as valid UTF-8. */
static const char *
make_line(struct task *t, const char *s, size_t n)
{
	while (n > 0 && s[n - 1] == '\r')
		n--;
	char *copy = arena_alloc(t->arena, n + 1);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (s[i])
			copy[kept++] = s[i];
	return utf8_valid(copy, kept) ? copy : utf8_repair(t->arena, copy, kept);
}

static bool
take_line(struct task *t, struct lines *l, const char **out)
{
	size_t from = l->looked > l->given ? l->looked : l->given;
	const char *at = buf_str(&l->pending);
	const char *end = from < l->pending.n ? memchr(at + from, '\n', l->pending.n - from) : NULL;
	l->looked = end ? 0 : l->pending.n;
	if (!end)
		return false;
	size_t n = (size_t)(end - at) - l->given;
	trace_bytes(t->trace, '<', at + l->given, n + 1);
	*out = make_line(t, at + l->given, n);
	l->given += n + 1;
	return true;
}

enum err
lines_next(struct task *t, struct lines *l, int64_t at_most_ms, const char **out)
{
	struct patience p = patience_of(at_most_ms);
	*out = NULL;
	enum err rc = task_room(t);
	while (rc == OK && !p.over && !take_line(t, l, out))
		rc = read_more(t, l, &p);
	return rc;
}

/* Consumes the text behind the last line end; of the n bytes not yet handed out, `kept` are whole
 * lines. */
static void
drop_unfinished(struct task *t, struct lines *l, size_t n, size_t kept)
{
	trace_bytes(t->trace, '<', buf_str(&l->pending) + l->given + kept, n - kept);
	l->pending.n = l->given + kept;
	if (l->pending.at)
		l->pending.at[l->pending.n] = 0;
	l->looked = 0;
}

/* The text behind the last line end, if it ends with the prompt. */
static bool
take_prompt(struct task *t, struct lines *l, const char *prompt)
{
	size_t len = strlen(prompt), n = l->pending.n - l->given;
	const char *s = buf_str(&l->pending) + l->given;
	if (n < len || memcmp(s + n - len, prompt, len) != 0)
		return false;
	const char *last = memrchr(s, '\n', n - len);
	drop_unfinished(t, l, n, last ? (size_t)(last - s) + 1 : 0);
	return true;
}

/* Not only the end of the unfinished line: "... password:" may be a line of text, cut by the
 * network. */
static int
take_prompt_of(struct task *t, struct lines *l, const char *const *prompts)
{
	size_t n = l->pending.n - l->given, end = n;
	const char *s = buf_str(&l->pending) + l->given, *last = memrchr(s, '\n', n);
	size_t kept = last ? (size_t)(last - s) + 1 : 0, from = kept;
	while (end > from && (unsigned char)s[end - 1] <= ' ')
		end--;
	while (from < end && (unsigned char)s[from] <= ' ')
		from++;
	for (int i = 0; prompts[i]; i++) {
		size_t len = strlen(prompts[i]);
		if (end - from != len || strncasecmp(s + from, prompts[i], len) != 0)
			continue;
		drop_unfinished(t, l, n, kept);
		return i;
	}
	return -1;
}

enum err
lines_prompt(
	struct task *t, struct lines *l, const char *prompt, int64_t at_most_ms, bool *out_seen)
{
	struct patience p = patience_of(at_most_ms);
	*out_seen = false;
	assert(*prompt && "a prompt has a text");
	while (!take_prompt(t, l, prompt)) {
		enum err rc = read_more(t, l, &p);
		if (rc != OK || p.over)
			return rc;
	}
	*out_seen = true;
	return OK;
}

enum err
lines_prompt_of(struct task *t, struct lines *l, const char *const *prompts, int64_t at_most_ms,
	int *out_which)
{
	struct patience p = patience_of(at_most_ms);
	while ((*out_which = take_prompt_of(t, l, prompts)) < 0) {
		enum err rc = read_more(t, l, &p);
		if (rc != OK || p.over)
			return rc;
	}
	return OK;
}

enum err
lines_send(struct task *t, struct lines *l, const char *command, const char *end)
{
	struct buf b = { 0 };
	buf_puts(&b, command);
	buf_puts(&b, end);
	trace_bytes(t->trace, '>', b.at, b.n);
	struct byte_stream to = stream_of(l);
	enum err rc = b.n ? to.send(t, to.of, b.at, b.n) : OK;
	buf_free(&b);
	return rc;
}

void
lines_clear(struct lines *l)
{
	buf_clear(&l->pending);
	l->given = l->looked = 0;
}

void
lines_free(struct lines *l)
{
	buf_free(&l->pending);
	l->given = l->looked = 0;
}
