/* Machine words, instants and durations as people read them.
 *
 * Called by the letter, the text report and the live view. Owns nothing but constant tables. It
 * must never decide what is shown, only how it is said, and must say an unknown word as it stands
 * rather than hide it. */
#include "report/words.h"

#include "base/instant.h"
#include "base/str.h"
#include "text.h"

const char *
words_headline(const char *lang, enum headline h)
{
	static const char *const words[HEADLINE_N] = {
		[UNTESTED] = T("untested"),
		[ABSENT] = T("not switched on"),
		[UNCONNECTED] = T("could not be connected"),
		[LEFT_EARLY] = T("left early"),
		[LOST] = T("lost"),
		[UNATTENDED] = T("on, nobody there"),
		[ONE_WAY] = T("one-way"),
		[POOR] = T("poor quality"),
		[UNVERIFIED] = T("not measured"),
		[LATE] = T("connected late"),
		[GOOD] = T("good"),
	};
	return (int)h >= 0 && h < HEADLINE_N ? text_get(lang, words[h]) : "";
}

const char *
words_reason(const char *lang, const char *sub_reason)
{
	static const struct text_word words[] = {
		{ "no-sign-of-life", T("no sign of life") },
		{ "busy", T("the line was busy") },
		{ "rejected", T("the call was rejected") },
		{ "wrong-address", T("wrong address in our directory") },
		{ "incompatible", T("incompatible equipment or settings") },
		{ "auto-answer-off", T("auto-answer is switched off") },
		{ "rang-unanswered", T("rang to the end, nobody answered") },
		{ "no-answer-to-call", T("no answer to the roll call") },
		{ "hang-up", T("hung up") },
		{ "switched-off", T("switched off") },
		{ "mcu-unreachable", T("the MCU could not be reached") },
		{ "login-refused", T("the login was refused") },
		{ "bad-certificate", T("the certificate is not valid") },
		{ "host-key-changed", T("the host key has changed") },
		{ "uplink", T("our own line was interrupted") },
		{ "missed", T("the run was missed") },
		{ "cancelled", T("the run was cancelled") },
		{ 0 },
	};
	return text_word(lang, words, sub_reason);
}

const char *
words_common_cause(const char *lang, const char *cause)
{
	static const struct text_word words[] = {
		{ "power-cut", T("probably a power cut: neighbours went off together") },
		{ "line", T("probably a line in common: most sites of the MCU at once") },
		{ 0 },
	};
	return text_word(lang, words, cause);
}

const char *
words_flag(const char *lang, const char *flag)
{
	static const struct text_word words[] = {
		{ "muted-by-setting", T("microphone muted by a setting at the site") },
		{ "open-microphone", T("open microphone without being called") },
		{ "silent-microphone", T("silent microphone") },
		{ "frozen-picture", T("frozen picture") },
		{ "low-rate", T("bit rate too low") },
		{ "low-resolution", T("resolution too low") },
		{ "audio-only", T("audio only, picture not negotiated") },
		{ "drop", T("dropped and came back") },
		{ "fallback", T("reached by a fallback") },
		{ "short-notice", T("short notice: punctuality is not charged") },
		{ "wrong-network", T("not on the dedicated state network") },
		{ "called-without-sound", T("called by message only, without a sound") },
		{ "ended-by-person", T("ended by an operator at the MCU") },
		{ "extra", T("not invited") },
		{ "silent", T("nothing arrives any more") }, /* live only */
		{ 0 },
	};
	return text_word(lang, words, flag);
}

const char *
words_note(const char *lang, const char *kind)
{
	static const struct text_word words[] = {
		{ "input", T("Fault in a file") },
		{ "begun-late", T("Begun late") },
		{ "step-not-done", T("Not done") },
		{ "mcu-login-refused", T("The MCU refused our login") },
		{ "login-refused", T("A device refused our login") },
		{ "invited", T("Invited while the run was under way") },
		{ "imported", T("Imported") },
		{ "cut-short", T("Ended early") },
		{ "mcu-busy", T("The MCU is busy") },
		{ "clock-set", T("The clock was set") },
		{ "sleep", T("The machine slept") },
		{ "mcu-unreachable", T("The MCU could not be reached") },
		{ "mcu-back", T("The MCU is back") },
		{ "message-not-shown", T("Message not shown: the MCU does not answer") },
		{ "mcu-unusable", T("The MCU's entry cannot be used") },
		{ "bad-certificate", T("A device's certificate is not valid") },
		{ "host-key-changed", T("A device's host key has changed") },
		{ "uplink", T("Our own line was interrupted") },
		{ "missed", T("The run was missed") },
		{ "allclear-not-given", T("Completion of the trial was not announced") },
		{ "allclear-at-latest", T("Completion announced at the latest instant") },
		{ "stopped", T("Stopped by an operator") },
		{ "restart", T("The program was restarted") },
		{ "handover", T("Handed over to the session") },
		{ "escalated", T("Escalated to") },
		{ "conference-gone", T("The conference is gone from the MCU") },
		{ "conference-not-ended", T("The conference could not be ended") },
		{ "second-leg", T("Second connection of a site") },
		{ "extra", T("Not invited") },
		{ "open-microphone", T("Open microphone") },
		{ "changed-by-person", T("Changed by an operator at the MCU") },
		{ "unsupported", T("Not supported by the device") },
		{ "order-failed", T("The device did not do what was asked") },
		{ "hangup-failed", T("Hang-up did not succeed") },
		{ "unmute-failed", T("Microphone could not be opened") },
		{ "mute-failed", T("Microphone could not be closed") },
		{ "held", T("Steps held") },
		{ "released", T("Steps go on") },
		{ "extended", T("Later steps moved") },
		{ "dial-refused", T("The MCU refused the call") },
		{ "endpoint-refused", T("The equipment at the site refused our login") },
		{ "endpoint-unusable", T("The equipment at the site could not be asked") },
		{ "post-contradicted", T("The equipment answers otherwise than it posted") },
		{ 0 },
	};
	return text_word(lang, words, kind);
}

const char *
words_step(const char *lang, const char *step)
{
	static const struct text_word words[] = {
		{ "open", T("open the conference") },
		{ "dial", T("call the sites") },
		{ "verify", T("verify sound and picture") },
		{ "rollcall", T("roll call") },
		{ "message", T("message to the sites") },
		{ "mute", T("microphones") },
		{ "layout", T("picture layout") },
		{ "focus", T("focus on a site") },
		{ "watch", T("watch the sites") },
		{ "retest", T("test failed sites again") },
		{ "escalate", T("inform those in charge") },
		{ "allclear", T("announce completion") },
		{ "report", T("write the report") },
		{ "close", T("close") },
		{ 0 },
	};
	return text_word(lang, words, step);
}

const char *
words_phase(const char *lang, enum phase p)
{
	switch (p) {
	case PHASE_REHEARSAL: return text_get(lang, T("rehearsal"));
	case PHASE_SESSION: return text_get(lang, T("session"));
	case PHASE_DRILL: return text_get(lang, T("drill"));
	}
	return "";
}

const char *
words_media(const char *lang, enum medium m, enum direction d)
{
	static const char *const words[MEDIA_N][DIRECTIONS_N] = {
		[AUDIO] = { [FROM_SITE] = T("sound from the site"),
			[TO_SITE] = T("sound to the site") },
		[VIDEO] = { [FROM_SITE] = T("picture from the site"),
			[TO_SITE] = T("picture to the site") },
	};
	return text_get(lang, words[m][d]);
}

const char *
words_grade(const char *lang, enum grade_value g)
{
	switch (g) {
	case GRADE_NONE: return "";
	case GRADE_GOOD: return text_get(lang, T("grade good"));
	case GRADE_FAIR: return text_get(lang, T("grade fair"));
	case GRADE_POOR: return text_get(lang, T("grade poor"));
	case GRADE_BAD: return text_get(lang, T("grade bad"));
	}
	return "";
}

void
words_clock(struct buf *out, int64_t ms, int64_t day)
{
	char a[24], b[24];
	instant_local(ms, "%Y%m%d", a, sizeof a);
	instant_local(day, "%Y%m%d", b, sizeof b);
	bool same = !day || str_eq(a, b);
	buf_puts(out, instant_local(ms, same ? "%H:%M:%S" : "%d/%m %H:%M:%S", a, sizeof a));
}

const char *
words_stamp(const char *lang, int64_t ms, char *buf, size_t size)
{
	return instant_local(
		ms, str_eq(lang, "vi") ? "%d/%m/%Y %H:%M" : "%Y-%m-%d %H:%M", buf, size);
}

const char *
words_month(const char *lang, int64_t ms, char *buf, size_t size)
{
	instant_local(ms, "%m", buf, size);
	bool bare = str_eq(lang, "vi") && buf[0] == '0' && buf[1] > '2';
	return bare ? buf + 1 : buf;
}

const char *
words_weekday(const char *lang, int64_t ms)
{
	static const char *const days[] = { T("Sunday"), T("Monday"), T("Tuesday"), T("Wednesday"),
		T("Thursday"), T("Friday"), T("Saturday") };
	char weekday[8];
	instant_local(ms, "%w", weekday, sizeof weekday);
	int w = weekday[0] - '0';
	return text_get(lang, days[w >= 0 && w < 7 ? w : 0]);
}

void
words_date(struct buf *out, const char *lang, int64_t ms)
{
	char hour[8], minute[8], day[8], month[8], year[12];
	text_printf(out, lang, T("%s:%s, %s, %s/%s/%s"), instant_local(ms, "%H", hour, sizeof hour),
		instant_local(ms, "%M", minute, sizeof minute), words_weekday(lang, ms),
		instant_local(ms, "%d", day, sizeof day),
		words_month(lang, ms, month, sizeof month),
		instant_local(ms, "%Y", year, sizeof year));
}

void
words_when(struct buf *out, const char *lang, struct report_time t, int64_t day)
{
	struct buf from = { 0 }, to = { 0 };
	words_clock(&from, t.from, day);
	words_clock(&to, t.to, day);
	if (t.to - t.from < 1000 || !t.from)
		text_printf(out, lang, T("at %s"), buf_str(&to));
	else
		text_printf(out, lang, T("between %s and %s"), buf_str(&from), buf_str(&to));
	buf_free(&from);
	buf_free(&to);
}

void
words_duration(struct buf *out, const char *lang, int64_t seconds)
{
	int s = (int)(seconds % 60), m = (int)(seconds / 60 % 60), h = (int)(seconds / 3600);
	if (h)
		text_printf(out, lang, T("%d h %02d min"), h, m);
	else if (m)
		text_printf(out, lang, T("%d min"), m);
	if (s || !(h || m)) {
		if (h || m)
			buf_putc(out, ' ');
		text_printf(out, lang, T("%d s"), s);
	}
}
