/* libical's dates and rules to ours. Called by the parser and for VTIMEZONE. Pure. What a rule may
 * say is checked here and in rule_wrong(); nothing that is out of its range gets further. */
#include "schedules/calendar_internal.h"

#include "base/str.h"

#include <libical/ical.h>
#include <stdlib.h>

bool
cal_real_date(struct icaltimetype t)
{
	return t.year >= 1 && t.year <= YEAR_MAX && t.month >= 1 && t.month <= 12 && t.day >= 1 &&
	       t.day <= civil_month_length(t.year, t.month) && t.hour >= 0 && t.hour <= 23 &&
	       t.minute >= 0 && t.minute <= 59 && t.second >= 0 && t.second <= 60;
}

int64_t
cal_civil(struct icaltimetype t)
{
	int second = t.second > 59 ? 59 : t.second;
	return civil_days(t.year, t.month, t.day) * DAY_S +
	       (t.is_date ? 0 : t.hour * 3600 + t.minute * 60 + second);
}

static uint64_t
mask_of(const short *list, size_t max, int low, int high, bool back, bool *bad)
{
	uint64_t out = 0;
	for (size_t i = 0; i < max && list[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		int v = list[i];
		if (v < 0 ? (!back && low < 0 && v >= -high) : (back && low < 0 && v <= high))
			continue; /* belongs to the other direction */
		v = v < 0 ? -v : v;
		if ((low < 0 ? v < 1 : v < low) || v > high || (list[i] < 0 && low >= 0))
			*bad = true;
		else
			out |= UINT64_C(1) << v;
	}
	return out;
}

bool
cal_rule(const struct icalrecurrencetype *f, struct rule *r, const char **why)
{
	*r = (struct rule){
		.freq = (enum rule_freq)f->freq, .interval = f->interval, .count = f->count
	};
	if (f->freq < ICAL_SECONDLY_RECURRENCE || f->freq > ICAL_YEARLY_RECURRENCE) {
		*why = T("FREQ is missing or unknown");
		return false;
	}
	if (!str_empty(f->rscale) && !str_eq_nocase(f->rscale, "GREGORIAN")) {
		*why = T("RSCALE asks for another calendar");
		return false;
	}
	r->wkst = f->week_start >= ICAL_SUNDAY_WEEKDAY ? ((int)f->week_start + 5) % 7 : 0;
	bool bad = false;
	r->seconds = mask_of(f->by_second, ICAL_BY_SECOND_SIZE, 0, 60, false, &bad);
	r->minutes = mask_of(f->by_minute, ICAL_BY_MINUTE_SIZE, 0, 59, false, &bad);
	r->hours = mask_of(f->by_hour, ICAL_BY_HOUR_SIZE, 0, 23, false, &bad);
	r->months = mask_of(f->by_month, ICAL_BY_MONTH_SIZE, 1, 12, false, &bad);
	r->monthdays = mask_of(f->by_month_day, ICAL_BY_MONTHDAY_SIZE, -1, 31, false, &bad);
	r->monthdays_back = mask_of(f->by_month_day, ICAL_BY_MONTHDAY_SIZE, -1, 31, true, &bad);
	r->weeknos = mask_of(f->by_week_no, ICAL_BY_WEEKNO_SIZE, -1, 53, false, &bad);
	r->weeknos_back = mask_of(f->by_week_no, ICAL_BY_WEEKNO_SIZE, -1, 53, true, &bad);
	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && f->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		int day = (int)icalrecurrencetype_day_day_of_week(f->by_day[i]);
		int pos = icalrecurrencetype_day_position(f->by_day[i]);
		if (day < ICAL_SUNDAY_WEEKDAY || day > ICAL_SATURDAY_WEEKDAY || pos < -53 ||
			pos > 53) {
			bad = true;
			continue;
		}
		int weekday = (day + 5) % 7;
		if (!pos)
			r->weekdays |= UINT64_C(1) << weekday;
		else if (r->nth_n < sizeof r->nth / sizeof *r->nth)
			r->nth[r->nth_n].pos = pos, r->nth[r->nth_n++].weekday = weekday;
		else
			bad = true;
	}
	for (size_t i = 0;
		i < ICAL_BY_YEARDAY_SIZE && f->by_year_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		bad = bad || f->by_year_day[i] == 0 || abs(f->by_year_day[i]) > 366 || i >= 384;
		if (!bad)
			r->yeardays[r->yeardays_n++] = f->by_year_day[i];
	}
	for (size_t i = 0; i < ICAL_BY_SETPOS_SIZE && f->by_set_pos[i] != ICAL_RECURRENCE_ARRAY_MAX;
		i++) {
		bad = bad || f->by_set_pos[i] == 0 || abs(f->by_set_pos[i]) > 366 || i >= 384;
		if (!bad)
			r->setpos[r->setpos_n++] = f->by_set_pos[i];
	}
	if (!icaltime_is_null_time(f->until)) {
		bad = bad || !cal_real_date(f->until);
		r->until_kind = f->until.is_date	    ? UNTIL_DATE
				: icaltime_is_utc(f->until) ? UNTIL_UTC
							    : UNTIL_LOCAL;
		r->until = bad ? 0 : cal_civil(f->until);
	}
	*why = bad ? T("a part is out of its range") : rule_wrong(r);
	return *why == NULL;
}
