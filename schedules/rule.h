/* Recurrence rules of RFC 5545 (3.3.10) on civil time: seconds since 1970-01-01T00:00:00 as a clock
 * on the wall shows them, without any zone. Pure. Every step is counted, so that no rule can run
 * for long. */
#ifndef TD_RULE_H
#define TD_RULE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DAY_S = 86400, YEAR_MAX = 9999 };

struct civil {
	int year, month, day; /* 1-12, 1-31 */
};
/* Days since 1970-01-01 of the Gregorian calendar, and back. */
int64_t civil_days(int year, int month, int day);
struct civil civil_of(int64_t days);
int civil_month_length(int year, int month);
/* Rounds down, also below zero. */
static inline int64_t
civil_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a ^ b) < 0);
}

enum rule_freq {
	RULE_SECONDLY,
	RULE_MINUTELY,
	RULE_HOURLY,
	RULE_DAILY,
	RULE_WEEKLY,
	RULE_MONTHLY,
	RULE_YEARLY
};
enum rule_until { UNTIL_NONE, UNTIL_DATE, UNTIL_LOCAL, UNTIL_UTC };

struct rule { /* masks: bit n = value n; zero = part not given */
	enum rule_freq freq;
	int64_t interval; /* >= 1 */
	int64_t count;	  /* 0 = none; DTSTART is the first */
	enum rule_until until_kind;
	int64_t until; /* civil seconds; UTC seconds with UNTIL_UTC; the caller compares */
	int wkst;      /* 0 = Monday */
	uint64_t seconds, minutes, hours, months;
	uint64_t monthdays, monthdays_back; /* 1-31 */
	uint64_t weeknos, weeknos_back;	    /* 1-53 */
	uint64_t weekdays;		    /* without a position */
	struct {
		int pos, weekday;
	} nth[64];
	size_t nth_n;
	short yeardays[384], setpos[384]; /* -366..366 */
	size_t yeardays_n, setpos_n;
};

/* NULL, or the sentence that says why RFC 5545 does not allow this rule. */
const char *rule_wrong(const struct rule *r);

struct rule_iter {
	struct rule rule; /* with what DTSTART implies filled in */
	int64_t start, period, given;
	int64_t *set; /* the current period, sorted */
	size_t set_n, set_i, set_cap;
	bool begun;
	int64_t *budget; /* borrowed: steps left */
};

/* start is always the first instance. Without a COUNT, instances between start and skip_to may be
 * left out. Steps are taken from *budget. rule_end() frees. */
void rule_begin(struct rule_iter *it, const struct rule *r, int64_t start, int64_t skip_to,
	int64_t *budget);
/* 1: *out is the next instance, strictly later than the one before; 0: none up to and including
 * limit; -1: the budget is used up. */
int rule_next(struct rule_iter *it, int64_t limit, int64_t *out);
void rule_end(struct rule_iter *it);

#endif
