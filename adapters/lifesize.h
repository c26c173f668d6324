/* LifeSize command line: what is pure, lines in, nouns out; tests and the fuzzer call these with
 * any bytes. */
#ifndef TD_ADAPTERS_LIFESIZE_H
#define TD_ADAPTERS_LIFESIZE_H

#include "adapters/adapter.h"

enum lifesize_state { LIFESIZE_OTHER, LIFESIZE_SETTING_UP, LIFESIZE_CONNECTED, LIFESIZE_ENDING };

struct lifesize_call {
	int64_t id;
	enum lifesize_state state;
	bool incoming;
	char remote[160];
};

/* Takes "$ " and blanks off both ends, in place. */
char *lifesize_clean(char *line);
/* "ok,00" or "error,0c": the last line of an answer. */
bool lifesize_parse_verdict(const char *line, int *out_code);
/* What a code means to us, and its name. 0 is OK. */
enum err lifesize_class(int code);
const char *lifesize_error(int code);
/* CS, IC, PS, MS, SS, FC, VC: told unasked. */
bool lifesize_unasked(const char *line);
/* The n-th column, from 0, cut to size; false: there are fewer. */
bool lifesize_column(const char *line, char delimiter, int n, char *out, size_t size);
/* "1|1|Connected|Yes|Video|10.1.2.3|name|1920|h323||00:10:02": false: not such a line. */
bool lifesize_parse_call(const char *line, char delimiter, struct lifesize_call *out);
/* "3,4,5,6": days, hours, minutes, seconds. */
bool lifesize_parse_uptime(const char *line, int64_t *out_s);
/* A line of "status call history -f -X -D |": its id, far number, duration, and the code that it
 * ended with, which no source explains: kept as a word. false: not such a line. */
bool lifesize_parse_past(const char *line, int64_t *out_id, struct past_call *out);
/* on, off; UNKNOWN any other word. */
enum tri lifesize_on(const char *word);
/* false: the address cannot be said safely. */
bool lifesize_dial_command(char *out, size_t size, const char *address);

#endif
