/* What people at the desk order: it wins over automation, and is part of the record. Pure part of
 * run.c. */
#include "base/str.h"
#include "run_inner.h"

#include <stdlib.h>
#include <string.h>

/* ---- commands of people ---------------------------------------------------------------------- */

/* "fact=value: why", of which the fact, the value and the reason. */
static void
correct(struct run *r, struct run_site *s, const struct event *e, const char *what,
	const char *value, const char *why)
{
	*vec_add_in(r->arena, &s->corrections) = (struct correction){ .at = r->now,
		.seq = e->seq,
		.what = what,
		.old = arena_strdup(r->arena, e->word),
		.value = value,
		.by = arena_strdup(r->arena, e->by),
		.why = arena_strdup(r->arena, why) };
}

static void
settle_stayed(struct run *r, struct run_site *s, const struct event *e, const char *why)
{
	s->settled_left = str_starts(e->text, "left=yes") || str_starts(e->text, "stayed=no");
	s->settled_present = str_starts(e->text, "left=no") || str_starts(e->text, "stayed=yes");
	s->settled_by = arena_strdup(r->arena, e->by);
	s->settled_why = arena_strdup(r->arena, e->text);
	s->settled_seq = e->seq;
	s->settled_at = r->now;
	correct(r, s, e, "stayed", s->settled_present ? "yes" : "no", why);
}

static void
settle(struct run *r, struct run_site *s, const struct event *e)
{
	const char *equals = strchr(e->text, '='), *colon = strstr(e->text, ": ");
	const char *why = colon ? colon + 2 : "";
	if (!str_starts(e->text, "fault=") && !str_starts(e->text, "cause=")) {
		settle_stayed(r, s, e, why);
		return;
	}
	const char *value = arena_strndup(
		r->arena, equals + 1, colon ? (size_t)(colon - equals - 1) : strlen(equals + 1));
	if (str_starts(e->text, "fault="))
		s->fault_confirmed = value;
	else
		s->cause_confirmed = value;
	correct(r, s, e, str_starts(e->text, "fault=") ? "fault" : "cause", value, why);
}

static void
command_site(struct run *r, const struct event *e, struct run_site *s, struct orders *out)
{
	switch (e->command) {
	case COMMAND_HANGUP:
		if (s->phase == SITE_UP || s->phase == SITE_DIALING) {
			if (s->leg_id[0]) /* else the answer to its dial tells which leg */
				run_order_leg(r, out, VERB_HANGUP, s)->urgent = true;
			s->hangup_by_person = true;
			s->ended_by_person = true;
		}
		if (s->phase != SITE_UP) { /* nor is it dialled any more */
			s->phase = SITE_LEFT;
			s->ended_by_person = true;
		}
		s->dial_by_person = false;
		s->next_dial = 0;
		return;
	case COMMAND_DIAL:
		if (s->phase == SITE_UP || s->phase == SITE_DIALING)
			return;
		s->phase = s->intervals.n ? SITE_AWAY : SITE_WAITING;
		s->ended_by_person = false;
		s->dial_by_person = true;
		s->fast_left = s->fast_left > 0 ? s->fast_left : 1;
		site_redial(s, r->now);
		return;
	case COMMAND_MUTE: case COMMAND_UNMUTE:
		s->muted_by_person = false;
		steps_mute_site(r, s, e->command == COMMAND_MUTE, out);
		return;
	case COMMAND_MARK:
		s->roll.by_person = true;
		s->roll.person_says = e->value != 0;
		s->roll.person = arena_strdup(r->arena, e->by);
		s->roll.why = arena_strdup(r->arena, e->text);
		s->roll.seq = e->seq;
		correct(r, s, e, "answered", e->value ? "yes" : "no", e->text);
		return;
	case COMMAND_SETTLE: settle(r, s, e); return;
	case COMMAND_PEOPLE:
		if (s->people_actual >= 0)
			correct(r, s, e, "people", arena_printf(r->arena, "%d", (int)e->value), "");
		s->people_actual = (int)e->value;
		s->people_by = arena_strdup(r->arena, e->by);
		s->people_chair = arena_strdup(r->arena, e->text);
		return;
	case COMMAND_CALL: case COMMAND_REPEAT: case COMMAND_PASS:
		roll_by_hand(r, s, e->command, out);
		return;
	case COMMAND_CALLED:
		*vec_add_in(r->arena, &s->calls) = (struct phone_call){ .at = r->now,
			.seq = e->seq,
			.by = arena_strdup(r->arena, e->by),
			.said = arena_strdup(r->arena, e->text) };
		return;
	case COMMAND_ALLCLEAR:
	case COMMAND_HOLD:
	case COMMAND_RELEASE:
	case COMMAND_EXTEND:
	case COMMAND_STOP:
	case COMMAND_LAYOUT:
	case COMMAND_FOCUS:
	case COMMAND_MESSAGE: case COMMAND_NEXT: case COMMAND_N:
		return;
	}
}

void
people_hangup_failed(struct run *r, const struct event *e)
{
	int index;

	if (!spec_site(r->spec, e->site, &index) || !run_site_up(&r->sites[index]))
		return;
	struct run_site *s = &r->sites[index];

	s->ended_by_person = s->ended_by_person && !s->hangup_by_person;
	s->hangup_by_us = s->hangup_by_person = false;
}

static void
stop(struct run *r, const char *by, const char *why, struct orders *out)
{
	r->stopped = true;
	r->stopped_by = arena_strdup(r->arena, by);
	run_note(r, 0, "stopped", "stopped by %s%s%s", by, str_empty(why) ? "" : ": ",
		why ? why : "");
	roll_over(r, out);
	r->held_since = 0;
	r->step_next = r->spec->playbook->n;
	r->allclear_step = NULL;
	r->closing = true;
	r->closed_at = r->now;
	for (size_t i = 0; i < r->spec->mcus_n; i++)
		mcu_close(r, &r->mcus[i], out);
}

void
people_command(struct run *r, const struct event *e, struct orders *out)
{
	int index;

	switch (e->command) {
	case COMMAND_ALLCLEAR:
		steps_give_allclear(r, e->by, out);
		return;
	case COMMAND_HOLD:
		if (r->held_since)
			return;
		r->held_since = r->now;
		run_note(r, e->seq, "held", "%s%s%s", e->by, str_empty(e->text) ? "" : ": ",
			e->text);
		return;
	case COMMAND_RELEASE:
		if (r->held_since) {
			r->shift_ms += r->now - r->held_since;
			if (r->allclear_step)
				r->allclear_until += r->now - r->held_since;
			if (r->rolling && r->roll_until != INT64_MAX)
				r->roll_until += r->now - r->held_since;
			r->held_since = 0;
			run_note(r, e->seq, "released", "%s%s%s", e->by,
				str_empty(e->text) ? "" : ": ", e->text);
		}
		return;
	case COMMAND_EXTEND:
		run_note(r, e->seq, "extended", "%s: +%d:%02d%s%s", e->by, (int)(e->value / 60000),
			(int)(e->value / 1000 % 60), str_empty(e->text) ? "" : ", ", e->text);
		r->shift_ms += e->value;
		if (r->allclear_step)
			r->allclear_until += e->value;
		if (r->rolling && r->roll_until != INT64_MAX)
			r->roll_until += e->value;
		return;
	case COMMAND_STOP:
		stop(r, e->by, e->text, out);
		return;
	case COMMAND_LAYOUT:
		for (size_t i = 0; i < r->spec->mcus_n; i++)
			if (r->mcus[i].phase == MCU_READY &&
				(str_empty(e->device) || str_eq(e->device, r->mcus[i].spec->name)))
				str_copy(run_order_mcu(r, out, VERB_LAYOUT, &r->mcus[i])->layout,
					40, e->text);
		return;
	case COMMAND_FOCUS:
		steps_focus(r, e->site, out);
		return;
	case COMMAND_MESSAGE:
		if (!e->site[0]) {
			steps_message_all(r, e->text, 30, out);
		} else if (spec_site(r->spec, e->site, &index) && run_site_up(&r->sites[index])) {
			struct order *o = run_order_leg(r, out, VERB_MESSAGE, &r->sites[index]);

			str_copy(o->text, sizeof o->text, e->text);
			o->seconds = 30;
		}
		return;
	case COMMAND_MUTE: case COMMAND_UNMUTE:
		if (!e->site[0]) {
			for (size_t i = 0; i < r->spec->sites_n; i++)
				command_site(r, e, &r->sites[i], out);
			return;
		}
		break;
	case COMMAND_NEXT:
		roll_next(r, out);
		return;
	case COMMAND_HANGUP:
	case COMMAND_DIAL:
	case COMMAND_MARK:
	case COMMAND_SETTLE:
	case COMMAND_PEOPLE:
	case COMMAND_CALL:
	case COMMAND_PASS: case COMMAND_REPEAT: case COMMAND_CALLED: case COMMAND_N:
		break;
	}
	if (spec_site(r->spec, e->site, &index))
		command_site(r, e, &r->sites[index], out);
}
