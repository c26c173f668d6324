/* The words of the trade for people, in Vietnamese and English: one place for reports and for the
 * live view. Machine words that are not known here are shown as they are. Pure. */
#ifndef TD_REPORT_WORDS_H
#define TD_REPORT_WORDS_H

#include "report/model.h"

const char *words_headline(const char *lang, enum headline h);
const char *words_reason(const char *lang, const char *sub_reason);
const char *words_common_cause(const char *lang, const char *cause);
const char *words_flag(const char *lang, const char *flag);
const char *words_note(const char *lang,
	const char *kind); /* what kind of note; "" for one that speaks for itself */
const char *words_step(const char *lang, const char *step); /* of a playbook: "rollcall" */
const char *words_phase(const char *lang, enum phase p);
const char *words_media(
	const char *lang, enum medium m, enum direction d); /* "sound from the site" */
const char *words_grade(const char *lang, enum grade_value g);

/* 07:18:05; with the date in front if that is not the day of `day`. */
void words_clock(struct buf *out, int64_t ms, int64_t day);
/* "10/02/2019 07:18" in Vietnamese, "2019-02-10 07:18" in English; valid as long as buf is. */
const char *words_stamp(const char *lang, int64_t ms, char *buf, size_t size);
/* "Monday", "thứ Hai". */
const char *words_weekday(const char *lang, int64_t ms);
/* The month as official documents write it: Vietnamese puts a 0 before January and February only
 * (decree 30/2020/ND-CP, annex I), English before all below ten; valid as long as buf is. */
const char *words_month(const char *lang, int64_t ms, char *buf, size_t size);
/* 07 giờ 00 phút, Chủ nhật, ngày 10 tháng 02 năm 2019. */
void words_date(struct buf *out, const char *lang, int64_t ms);
/* "at 06:12:00", or "between 06:12:00 and 06:12:30" where it is not known to the second. */
void words_when(struct buf *out, const char *lang, struct report_time t, int64_t day);
/* 5 phút 30 giây. */
void words_duration(struct buf *out, const char *lang, int64_t seconds);

#endif
