/* The checklist before a meeting: connection, equipment, sound, picture, line, power, each with
 * what it rests on. Part of judge.c: pure.
 * It sums up facts; it must never turn a missing sign into a finding: a box that does not answer
 * may have power. */
#include "judge_inner.h"

#include "base/str.h"

enum item { CONNECTION, EQUIPMENT, SOUND, PICTURE, LINE, POWER };

static void
put(struct verdict *v, enum item i, enum tri value, const char *by)
{
	v->checklist[i].value = tri_name(value);
	v->checklist[i].by = value == UNKNOWN ? "" : by;
}

static bool
judged(const struct verdict *v, enum medium m)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].medium == m)
			return true;
	return false;
}

static enum tri
both_directions(const struct verdict *v, enum medium m)
{
	enum tri worst = judged(v, m) ? YES : UNKNOWN;

	for (int i = 0; i < v->media_n; i++) {
		if (v->media[i].medium != m)
			continue;
		if (v->media[i].value == NO)
			return NO;
		if (v->media[i].value == UNKNOWN)
			worst = UNKNOWN;
	}
	return worst;
}

/* Packets of a room that nobody could hear prove its line, not its microphone. */
static void
check_sound(struct verdict *v)
{
	enum tri sound = both_directions(v, AUDIO);

	if (verdict_has_flag(v, "silent-microphone"))
		put(v, SOUND, NO, "rollcall");
	else if (sound == YES && verdict_has_flag(v, "muted-by-setting") && v->answered != YES)
		put(v, SOUND, UNKNOWN, "");
	else
		put(v, SOUND, sound, sound == YES && v->answered == YES ? "rollcall" : "counters");
}

static void
check_picture(struct verdict *v)
{
	const struct run_site *s = v->site;

	if (judged(v, AUDIO) && !judged(v, VIDEO) &&
		s->proof[BY_MCU][VIDEO][FROM_SITE].open == NO) {
		/* audio only: does not apply */
		v->checklist[PICTURE].value = v->checklist[PICTURE].by = "";
		return;
	}
	put(v, PICTURE, verdict_has_flag(v, "frozen-picture") ? NO : both_directions(v, VIDEO),
		"counters");
}

static void
check_line(struct verdict *v, const struct interval *gone)
{
	if (gone && gone->ended_by == ENDED_NETWORK)
		put(v, LINE, NO, gone->uptime_seq ? "endpoint" : "mcu");
	else if (judge_any_poor(v))
		put(v, LINE, NO, "counters");
	else
		put(v, LINE, v->reached == YES ? YES : UNKNOWN, "mcu");
}

void
judge_checklist(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	struct interval end;
	const struct interval *gone = judge_leaving(r, s, &end);
	/* One that refuses our password is there as well. */
	bool answered = s->endpoint_seen || str_eq(s->endpoint_word, "login-refused") ||
			str_eq(s->endpoint_word, err_name(ERR_AUTH));

	put(v, CONNECTION, v->reached, "mcu");
	if (str_eq(v->sub_reason, "incompatible"))
		put(v, EQUIPMENT, NO, "mcu");
	else
		put(v, EQUIPMENT, answered ? YES : UNKNOWN, "endpoint");
	check_sound(v);
	check_picture(v);
	check_line(v, gone);
	if (gone && gone->ended_by == ENDED_POWER)
		put(v, POWER, NO, "endpoint");
	else /* without a sign of life nobody knows what is missing */
		put(v, POWER, v->alive == YES ? YES : UNKNOWN, answered ? "endpoint" : "mcu");
}
