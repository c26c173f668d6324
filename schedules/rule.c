/* Recurrence rules on civil time. Called by the calendar's expander and for VTIMEZONE. We do not
 * use libical's iterator: it leaves out DTSTART, gives instances where the RFC has none, and one
 * step of it may last half a minute. Here a rule is a row of periods (a year, a month ... a
 * second), each turned into its sorted set of instances. Owns one set per iterator. Must never loop
 * without taking from the budget. */
#include "schedules/rule.h"

#include <stdlib.h>

enum { SET_MAX = 200000 };

int64_t
civil_days(int year, int month, int day)
{
	/* Years that begin in March put the leap day last. */
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = civil_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct civil
civil_of(int64_t days)
{
	days += 719468;
	int64_t era = civil_div(days, 146097);
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	return (struct civil){ .year = (int)(yoe + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1) };
}

/* 0 = Monday */
static int
weekday_of(int64_t days)
{
	return (int)(((days + 3) % 7 + 7) % 7);
}

int
civil_month_length(int year, int month)
{
	return (int)((month == 12 ? civil_days(year + 1, 1, 1) : civil_days(year, month + 1, 1)) -
		     civil_days(year, month, 1));
}

const char *
rule_wrong(const struct rule *r)
{
	bool weekno = r->weeknos || r->weeknos_back;
	if (r->interval < 1)
		return "INTERVAL below 1";
	if (r->count && r->until_kind != UNTIL_NONE)
		return "COUNT and UNTIL together";
	if (weekno && r->freq != RULE_YEARLY)
		return "BYWEEKNO in a rule that is not yearly";
	if (r->yeardays_n &&
		(r->freq == RULE_DAILY || r->freq == RULE_WEEKLY || r->freq == RULE_MONTHLY))
		return "BYYEARDAY in a daily, weekly or monthly rule";
	if ((r->monthdays || r->monthdays_back) && r->freq == RULE_WEEKLY)
		return "BYMONTHDAY in a weekly rule";
	if (r->nth_n && r->freq != RULE_MONTHLY && r->freq != RULE_YEARLY)
		return "a numbered BYDAY in a rule that is neither monthly nor yearly";
	if (r->nth_n && weekno)
		return "a numbered BYDAY together with BYWEEKNO";
	bool any = r->seconds || r->minutes || r->hours || r->months || r->monthdays ||
		   r->monthdays_back || weekno || r->weekdays || r->nth_n || r->yeardays_n;
	if (r->setpos_n && !any)
		return "BYSETPOS without another BY part";
	return NULL;
}

static uint64_t
bit(int n)
{
	return UINT64_C(1) << n;
}

void
rule_begin(
	struct rule_iter *it, const struct rule *r, int64_t start, int64_t skip_to, int64_t *budget)
{
	*it = (struct rule_iter){ .rule = *r, .start = start, .budget = budget };
	struct rule *q = &it->rule;
	int64_t day = civil_div(start, DAY_S), second = start - day * DAY_S;
	struct civil c = civil_of(day);
	bool by_day = q->weekdays || q->nth_n;
	bool by_monthday = q->monthdays || q->monthdays_back;
	bool by_week = q->weeknos || q->weeknos_back;
	/* What the rule does not say comes from DTSTART. */
	if (q->freq == RULE_YEARLY && !by_day && !by_monthday && !q->yeardays_n) {
		if (by_week) {
			q->weekdays = bit(weekday_of(day));
		} else {
			q->monthdays = bit(c.day);
			q->months = q->months ? q->months : bit(c.month);
		}
	}
	if (q->freq == RULE_MONTHLY && !by_day && !by_monthday)
		q->monthdays = bit(c.day);
	if (q->freq == RULE_WEEKLY && !by_day)
		q->weekdays = bit(weekday_of(day));
	if (!q->hours && q->freq >= RULE_DAILY)
		q->hours = bit((int)(second / 3600));
	if (!q->minutes && q->freq >= RULE_HOURLY)
		q->minutes = bit((int)(second / 60 % 60));
	if (!q->seconds && q->freq >= RULE_MINUTELY)
		q->seconds = bit((int)(second % 60));
	if (q->seconds & bit(60)) /* a leap second is read as the one before it */
		q->seconds = (q->seconds & ~bit(60)) | bit(59);
	if (q->count || skip_to <= start)
		return;
	/* Begin one period before the one that holds skip_to. */
	struct civil to = civil_of(civil_div(skip_to, DAY_S));
	int64_t behind = skip_to - start;
	switch (q->freq) {
	case RULE_YEARLY: behind = to.year - c.year; break;
	case RULE_MONTHLY: behind = (to.year - c.year) * 12 + to.month - c.month; break;
	case RULE_WEEKLY: behind /= 7 * DAY_S; break;
	case RULE_DAILY: behind /= DAY_S; break;
	case RULE_HOURLY: behind /= 3600; break;
	case RULE_MINUTELY: behind /= 60; break;
	case RULE_SECONDLY: break;
	}
	it->period = behind / q->interval - 2;
	it->period = it->period < 0 ? 0 : it->period;
}

/* Week number of a day, and how many weeks its week-year has; weeks begin on wkst, the first has
 * four days. */
static int
week_number(int64_t day, int wkst, int *weeks)
{
	int64_t monday = day - (weekday_of(day) - wkst + 7) % 7;
	int year = civil_of(monday + 3).year;
	int64_t first = civil_days(year, 1, 4);
	first -= (weekday_of(first) - wkst + 7) % 7;
	int64_t next = civil_days(year + 1, 1, 4);
	next -= (weekday_of(next) - wkst + 7) % 7;
	*weeks = (int)((next - first) / 7);
	return (int)((monday - first) / 7) + 1;
}

static bool
nth_matches(const struct rule *r, int64_t day, struct civil c)
{
	int weekday = weekday_of(day);
	bool in_month = r->freq == RULE_MONTHLY || r->months;
	int64_t first = in_month ? civil_days(c.year, c.month, 1) : civil_days(c.year, 1, 1);
	int64_t length = in_month ? civil_month_length(c.year, c.month)
				  : civil_days(c.year + 1, 1, 1) - first;
	int from_start = (int)((day - first) / 7) + 1,
	    from_end = -(int)((first + length - 1 - day) / 7) - 1;
	for (size_t i = 0; i < r->nth_n; i++)
		if (r->nth[i].weekday == weekday &&
			(r->nth[i].pos == from_start || r->nth[i].pos == from_end))
			return true;
	return false;
}

/* Whether every BY part about days lets this day pass. */
static bool
day_matches(const struct rule *r, int64_t day)
{
	struct civil c = civil_of(day);
	if (r->months && !(r->months & bit(c.month)))
		return false;
	if (r->monthdays || r->monthdays_back) {
		int back = civil_month_length(c.year, c.month) - c.day + 1;
		if (!(r->monthdays & bit(c.day)) && !(r->monthdays_back & bit(back)))
			return false;
	}
	if (r->weekdays || r->nth_n)
		if (!(r->weekdays & bit(weekday_of(day))) && !nth_matches(r, day, c))
			return false;
	if (r->yeardays_n) {
		int64_t first = civil_days(c.year, 1, 1);
		int n = (int)(day - first) + 1,
		    back = n - (int)(civil_days(c.year + 1, 1, 1) - first) - 1;
		bool hit = false;
		for (size_t i = 0; i < r->yeardays_n && !hit; i++)
			hit = r->yeardays[i] == n || r->yeardays[i] == back;
		if (!hit)
			return false;
	}
	if (r->weeknos || r->weeknos_back) {
		int weeks, n = week_number(day, r->wkst, &weeks);
		if (!(r->weeknos & bit(n)) && !(r->weeknos_back & bit(weeks - n + 1)))
			return false;
	}
	return true;
}

static bool
set_add(struct rule_iter *it, int64_t at)
{
	if (it->set_n == it->set_cap) {
		if (it->set_n >= SET_MAX)
			return false;
		it->set_cap = it->set_cap ? it->set_cap * 2 : 16;
		it->set = xrealloc(it->set, it->set_cap * sizeof *it->set);
	}
	it->set[it->set_n++] = at;
	return true;
}

/* All seconds, minutes and hours of the masks on one day, in order. */
static bool
add_times(struct rule_iter *it, int64_t base, uint64_t hours, uint64_t minutes, uint64_t seconds)
{
	for (int h = 0; h < 24; h++) {
		if (!(hours & bit(h)))
			continue;
		for (int m = 0; m < 60; m++) {
			if (!(minutes & bit(m)))
				continue;
			for (int s = 0; s < 60; s++)
				if ((seconds & bit(s)) &&
					!set_add(it, base + h * 3600 + m * 60 + s))
					return false;
		}
	}
	return true;
}

/* First day and number of days of period n. False: beyond the last year. */
static bool
period_days(const struct rule_iter *it, int64_t n, int64_t *first, int64_t *days)
{
	int64_t day = civil_div(it->start, DAY_S), steps = n * it->rule.interval;
	struct civil c = civil_of(day);
	if (steps > 4000000)
		return false;
	if (it->rule.freq == RULE_YEARLY) {
		int64_t year = c.year + steps;
		if (year > YEAR_MAX)
			return false;
		*first = civil_days((int)year, 1, 1);
		*days = civil_days((int)year + 1, 1, 1) - *first;
		return true;
	}
	if (it->rule.freq == RULE_MONTHLY) {
		int64_t month = c.month - 1 + steps;
		int64_t year = c.year + month / 12;
		if (year > YEAR_MAX)
			return false;
		*first = civil_days((int)year, (int)(month % 12) + 1, 1);
		*days = civil_month_length((int)year, (int)(month % 12) + 1);
		return true;
	}
	bool weekly = it->rule.freq == RULE_WEEKLY;
	*first = weekly ? day - (weekday_of(day) - it->rule.wkst + 7) % 7 + steps * 7 : day + steps;
	*days = weekly ? 7 : 1;
	return *first < civil_days(YEAR_MAX + 1, 1, 1);
}

static bool
spend(struct rule_iter *it, int64_t steps)
{
	*it->budget -= steps;
	return *it->budget >= 0;
}

/* The next period of a day or more into the set. 1, 0 behind the limit, -1 too much. */
static int
fill_days(struct rule_iter *it, int64_t limit)
{
	int64_t first, days;
	if (!period_days(it, it->period++, &first, &days) || first > civil_div(limit, DAY_S))
		return 0;
	if (!spend(it, days))
		return -1;
	for (int64_t d = first; d < first + days; d++) {
		if (!day_matches(&it->rule, d))
			continue;
		size_t before = it->set_n;
		if (!add_times(it, d * DAY_S, it->rule.hours, it->rule.minutes, it->rule.seconds) ||
			!spend(it, (int64_t)(it->set_n - before)))
			return -1;
	}
	return 1;
}

/* The next hour, minute or second into the set; leaps over days, hours and minutes that cannot
 * match. */
static int
fill_time(struct rule_iter *it, int64_t limit)
{
	const struct rule *r = &it->rule;
	int64_t unit = r->freq == RULE_HOURLY ? 3600 : r->freq == RULE_MINUTELY ? 60 : 1;
	int64_t base = civil_div(it->start, unit) * unit;
	if (r->interval > INT64_C(4000000000) / unit)
		return 0;
	int64_t stride = r->interval * unit, at = base + it->period * stride;
	if (at > limit)
		return 0;
	if (!spend(it, 1))
		return -1;
	int64_t day = civil_div(at, DAY_S), second = at - day * DAY_S, leap = 0;
	int h = (int)(second / 3600), m = (int)(second / 60 % 60), s = (int)(second % 60);
	if (!day_matches(r, day))
		leap = (day + 1) * DAY_S;
	else if (r->hours && !(r->hours & bit(h)))
		leap = day * DAY_S + (h + 1) * 3600;
	else if (unit < 3600 && r->minutes && !(r->minutes & bit(m)))
		leap = day * DAY_S + h * 3600 + (m + 1) * 60;
	else if (unit == 1 && r->seconds && !(r->seconds & bit(s)))
		leap = at + 1;
	if (leap) {
		int64_t next = (leap - base + stride - 1) / stride;
		it->period = next > it->period ? next : it->period + 1;
		return 1;
	}
	it->period++;
	bool fits = add_times(it, day * DAY_S, bit(h), unit == 3600 ? r->minutes : bit(m),
		unit == 1 ? bit(s) : r->seconds);
	return fits && spend(it, (int64_t)it->set_n) ? 1 : -1;
}

/* Keep only the positions asked for. */
static void
apply_setpos(struct rule_iter *it)
{
	size_t kept = 0, n = it->set_n;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < it->rule.setpos_n; k++) {
			int pos = it->rule.setpos[k];
			if ((pos > 0 && (size_t)pos == i + 1) ||
				(pos < 0 && (size_t)-pos == n - i)) {
				it->set[kept++] = it->set[i];
				break;
			}
		}
	it->set_n = kept;
}

int
rule_next(struct rule_iter *it, int64_t limit, int64_t *out)
{
	if (it->rule.count && it->given >= it->rule.count)
		return 0;
	if (!it->begun) {
		it->begun = true;
		it->given = 1;
		*out = it->start;
		return it->start <= limit;
	}
	for (;;) {
		while (it->set_i < it->set_n) {
			int64_t at = it->set[it->set_i];
			if (at > limit)
				return 0;
			it->set_i++;
			if (at <= it->start)
				continue;
			it->given++;
			*out = at;
			return 1;
		}
		it->set_i = it->set_n = 0;
		int rc = it->rule.freq >= RULE_DAILY ? fill_days(it, limit) : fill_time(it, limit);
		if (rc <= 0)
			return rc;
		if (it->rule.setpos_n)
			apply_setpos(it);
	}
}

void
rule_end(struct rule_iter *it)
{
	free(it->set);
	it->set = NULL;
	it->set_n = it->set_cap = 0;
}
