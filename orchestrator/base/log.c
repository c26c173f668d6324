/* One JSON line on stderr per event, or a plain one for a person at a terminal.
 *
 * Called from every thread; a line is one write(2), so lines never mix. It owns the chosen level
 * and form. The time is real, not scaled: a log is compared with other logs. It must never be given
 * a secret, never block on a lock of ours, and never change errno. */
#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/utf8.h"
#include "base/vis.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

enum { TEXT_LONGEST = 16 * 1024 };

static const char *const names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warn",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

static atomic_int most_level = LOG_INFO, plain;

void
log_level(enum log_level most)
{
	atomic_store(&most_level, (int)most);
}

void
log_plain(int on)
{
	atomic_store(&plain, on);
}

static void
put_plain(struct buf *line, enum log_level level, const char *room, const char *text)
{
	buf_printf(line, "%s ", names[level]);
	vis_terminal(line, room);
	buf_puts(line, ": ");
	vis_terminal(line, text);
}

static void
put_json(struct buf *line, enum log_level level, const char *room, const char *text)
{
	char t[INSTANT_SIZE];
	buf_printf(line, "{\"t\":\"%s\",\"level\":\"%s\",\"room\":\"",
		instant_rfc3339(clock_real(), t), names[level]);
	vis_json(line, room);
	buf_puts(line, "\",\"text\":\"");
	vis_json(line, text);
	buf_puts(line, "\"}");
}

/* The rest of a line that a full pipe cut short follows at once; what stderr refuses is lost. */
static void
put_out(const struct buf *line)
{
	for (size_t done = 0; done < line->n;) {
		ssize_t n = write(STDERR_FILENO, line->at + done, line->n - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

void
log_write(enum log_level level, const char *room, const char *fmt, ...)
{
	if ((unsigned)level > LOG_DEBUG || (int)level > atomic_load(&most_level))
		return;
	int kept = errno;
	struct buf text = { 0 }, line = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (text.n > TEXT_LONGEST) {
		text.n = utf8_cut(text.at, TEXT_LONGEST);
		text.at[text.n] = '\0';
		buf_puts(&text, " [cut]");
	}
	if (atomic_load(&plain))
		put_plain(&line, level, room, buf_str(&text));
	else
		put_json(&line, level, room, buf_str(&text));
	buf_putc(&line, '\n');
	put_out(&line);
	buf_free(&text);
	buf_free(&line);
	errno = kept;
}
