/* The lab's own log: an append-only file of JSON lines that tests read to count dials, logins,
 * mutes.
 * Called from every simulator, on any thread. Owns one descriptor. Must never block the caller for
 * long and never hold a secret: passwords are not passed to it. */
#include "log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/vis.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <unistd.h>

static int log_fd = -1;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

bool
lab_log_open(const char *path)
{
	log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return log_fd >= 0;
}

void
lab_log_close(void)
{
	pthread_mutex_lock(&log_lock);
	if (log_fd >= 0)
		close(log_fd);
	log_fd = -1;
	pthread_mutex_unlock(&log_lock);
}

static void
add_pair(struct buf *b, const char *key, const char *value)
{
	buf_printf(b, ",\"%s\":\"", key);
	vis_json(b, value);
	buf_putc(b, '"');
}

void
lab_log(int64_t at, const char *event, const char *device, ...)
{
	if (log_fd < 0)
		return;
	struct buf b = { 0 };
	char when[INSTANT_SIZE];
	buf_printf(&b, "{\"at\":\"%s\",\"at_ms\":%lld,\"real_ms\":%lld", instant_utc(at, when),
		(long long)at, (long long)clock_real());
	add_pair(&b, "event", event);
	add_pair(&b, "device", device);
	va_list ap;
	va_start(ap, device);
	for (const char *key; (key = va_arg(ap, const char *)); ) {
		const char *value = va_arg(ap, const char *);
		if (value)
			add_pair(&b, key, value);
	}
	va_end(ap);
	buf_puts(&b, "}\n");
	pthread_mutex_lock(&log_lock);
	if (log_fd >= 0 && write(log_fd, b.at, b.n) < 0)
		log_fd = -1; /* a full disk silences the log, not the lab */
	pthread_mutex_unlock(&log_lock);
	buf_free(&b);
}
