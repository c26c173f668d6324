/* JSON lines on stderr; the first argument is the room. Secrets never come here: callers pass
 * none. */
#ifndef TD_BASE_LOG_H
#define TD_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_level(enum log_level most);
/* For people at a terminal: "warn coordinator: text" rather than JSON. */
void log_plain(int on);
void log_write(enum log_level level, const char *room, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)

#endif
