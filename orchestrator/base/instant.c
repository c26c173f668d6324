/* Instants and durations as text, both ways.
 *
 * Called by parsers, reports and the command line. Pure but for the zone that clock_set_zone()
 * chose. The calendar arithmetic is our own: strptime() takes half a text for a whole one, mktime()
 * guesses differently from call to call where a local time exists twice or never. Years 0000 to
 * 9999 are read, no leap seconds. */
#include "base/instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECOND = 1000, DAY_SECONDS = 86400 };

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a proleptic Gregorian date. Years begin in March, so that the leap day
 * is last. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400), in_era = y - era * 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

/* The zone's offset from UTC at an instant, in seconds. */
static int64_t
offset_at(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* A local time that exists twice means the first; one that the clocks skip is read with the offset
 * before. */
static int64_t
from_local(int64_t local)
{
	int64_t before = offset_at(local - DAY_SECONDS), after = offset_at(local + DAY_SECONDS);
	if (offset_at(local - before) == before)
		return local - before;
	return offset_at(local - after) == after ? local - after : local - before;
}

static char *
print(const struct tm *tm, const char *zone, char out[INSTANT_SIZE])
{
	snprintf(out, INSTANT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%s", tm->tm_year + 1900,
		tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, zone);
	return out;
}

char *
instant_utc(int64_t ms, char out[INSTANT_SIZE])
{
	time_t t = (time_t)floor_div(ms, SECOND);
	struct tm tm = { 0 };
	gmtime_r(&t, &tm);
	return print(&tm, "Z", out);
}

char *
instant_rfc3339(int64_t ms, char out[INSTANT_SIZE])
{
	time_t t = (time_t)floor_div(ms, SECOND);
	struct tm tm = { 0 };
	localtime_r(&t, &tm);
	/* Before zones had whole minutes RFC 3339 cannot say the offset. */
	if (tm.tm_gmtoff % 60)
		return instant_utc(ms, out);
	int minutes = (int)(tm.tm_gmtoff / 60);
	char sign = minutes < 0 ? '-' : '+';
	char zone[16];
	minutes = minutes < 0 ? -minutes : minutes;
	snprintf(zone, sizeof zone, "%c%02d:%02d", sign, minutes / 60, minutes % 60);
	return print(&tm, zone, out);
}

char *
instant_local(int64_t ms, const char *format, char *out, size_t size)
{
	if (!size)
		return out;
	time_t t = (time_t)floor_div(ms, SECOND);
	struct tm tm = { 0 };
	localtime_r(&t, &tm);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* formats differ by language */
	if (!strftime(out, size, format, &tm))
		out[0] = '\0';
#pragma GCC diagnostic pop
	return out;
}

/* Exactly `digits` digits within [min, max]; *s moves behind them. */
static bool
take(const char **s, int digits, int min, int max, int *out)
{
	int v = 0;
	for (int i = 0; i < digits; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		v = v * 10 + (**s - '0');
	}
	*out = v;
	return v >= min && v <= max;
}

static bool
take_char(const char **s, const char *any)
{
	if (!**s || !strchr(any, **s))
		return false;
	(*s)++;
	return true;
}

/* The digits behind a point, cut to milliseconds. */
static bool
take_fraction(const char **s, int64_t *out_ms)
{
	int64_t ms = 0, unit = 100;
	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
		ms += unit * (**s - '0');
	*out_ms = ms;
	return true;
}

bool
instant_parse(const char *s, int64_t *out)
{
	int year, month, day, hour, minute, second = 0;
	int64_t ms = 0;
	if (!s || !take(&s, 4, 0, 9999, &year) || !take_char(&s, "-") ||
		!take(&s, 2, 1, 12, &month) || !take_char(&s, "-") ||
		!take(&s, 2, 1, month_days(year, month), &day))
		return false;
	if (!take_char(&s, "Tt ") || !take(&s, 2, 0, 23, &hour) || !take_char(&s, ":") ||
		!take(&s, 2, 0, 59, &minute))
		return false;
	if (take_char(&s, ":") &&
		(!take(&s, 2, 0, 59, &second) || (take_char(&s, ".") && !take_fraction(&s, &ms))))
		return false;
	int64_t seconds =
		days_of(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
	bool west = *s == '-';
	if (!*s) {
		seconds = from_local(seconds);
	} else if (take_char(&s, "+-")) {
		if (!take(&s, 2, 0, 23, &hour) || !take_char(&s, ":") ||
			!take(&s, 2, 0, 59, &minute))
			return false;
		seconds -= (west ? -1 : 1) * (hour * 3600 + minute * 60);
	} else if (!take_char(&s, "Zz")) {
		return false;
	}
	if (*s)
		return false;
	*out = seconds * SECOND + ms;
	return true;
}

/* A number and its letter; fraction is -1 without a point. */
static bool
take_part(const char **s, char *out_letter, int64_t *out_n, int64_t *out_fraction)
{
	int64_t n = 0;
	*out_fraction = -1;
	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, **s - '0', &n))
			return false;
	if (take_char(s, ".") && !take_fraction(s, out_fraction))
		return false;
	*out_n = n;
	*out_letter = **s;
	return *(*s)++ != '\0';
}

bool
duration_parse(const char *s, int64_t *out_ms)
{
	/* In the order in which they must stand; T lies between days and hours. */
	static const char letters[] = "WDHMS";
	static const int64_t units[] = { 604800000, 86400000, 3600000, 60000, 1000 };
	enum { FIRST_OF_TIME = 2 };
	if (!s)
		return false;
	bool negative = *s == '-', in_time = false;
	take_char(&s, "+-");
	if (!take_char(&s, "P"))
		return false;
	int64_t total = 0;
	size_t next = 0;
	while (*s || !next) {
		if (!in_time && take_char(&s, "T")) {
			in_time = true;
			next = FIRST_OF_TIME;
		}
		char letter;
		int64_t n, fraction;
		if (!take_part(&s, &letter, &n, &fraction))
			return false;
		const char *at = strchr(letters + next, letter);
		size_t i = at ? (size_t)(at - letters) : 0;
		if (!at || (i >= FIRST_OF_TIME) != in_time || (fraction >= 0 && letter != 'S'))
			return false;
		if (__builtin_mul_overflow(n, units[i], &n) ||
			__builtin_add_overflow(total, n, &total) ||
			__builtin_add_overflow(total, fraction > 0 ? fraction : 0, &total))
			return false;
		next = i + 1;
	}
	*out_ms = negative ? -total : total;
	return true;
}

char *
duration_iso(int64_t ms, char out[INSTANT_SIZE])
{
	uint64_t left = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
	uint64_t days = left / 86400000, hours = left / 3600000 % 24, minutes = left / 60000 % 60;
	uint64_t seconds = left / 1000 % 60, rest = left % 1000;
	size_t n = (size_t)snprintf(out, INSTANT_SIZE, "%sP", ms < 0 ? "-" : "");
	if (days)
		n += (size_t)snprintf(out + n, INSTANT_SIZE - n, "%lluD", (unsigned long long)days);
	if (left % 86400000 || !left)
		n += (size_t)snprintf(out + n, INSTANT_SIZE - n, "T");
	if (hours)
		n += (size_t)snprintf(out + n, INSTANT_SIZE - n, "%dH", (int)hours);
	if (minutes)
		n += (size_t)snprintf(out + n, INSTANT_SIZE - n, "%dM", (int)minutes);
	if (rest)
		snprintf(out + n, INSTANT_SIZE - n, "%d.%03dS", (int)seconds, (int)rest);
	else if (seconds || !left)
		snprintf(out + n, INSTANT_SIZE - n, "%dS", (int)seconds);
	return out;
}
