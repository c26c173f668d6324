/* Notes on legs, for devices that keep their list of legs themselves and show an end until the next
 * call: which of them are ours and under which name, which stood, which end is an old one.
 *
 * Called by the SMC adapters with a table in the lane's session. Owns nothing. Must never make a
 * leg up of a note: what stands is told by the device alone. */
#include "adapters/connect.h"
#include "adapters/internal.h"
#include "base/str.h"

enum { GRACE_LISTS = 2 };

struct leg_note *
leg_note(const struct leg_notes *notes, const char *id)
{
	for (size_t i = 0; i < notes->n; i++)
		if (str_eq_nocase(notes->at[i].id, id))
			return &notes->at[i];
	return NULL;
}

struct leg_note *
leg_note_make(struct arena *a, struct leg_notes *notes, const char *id)
{
	struct leg_note *n = leg_note(notes, id);
	if (n)
		return n;
	if (!notes->at)
		notes->at = arena_alloc(a, LEG_NOTES_MOST * sizeof *notes->at);
	n = notes->n < LEG_NOTES_MOST ? &notes->at[notes->n++]
				      : &notes->at[notes->next++ % LEG_NOTES_MOST];
	*n = (struct leg_note){ 0 };
	str_copy(n->id, sizeof n->id, id);
	return n;
}

void
leg_note_dialled(struct leg_note *n, const struct dial *d)
{
	str_copy(n->name, sizeof n->name, d->leg_name);
	str_copy(n->address, sizeof n->address, d->address);
	n->ours = true;
	n->to_mute = d->muted;
	n->was_up = n->hung_up = false;
	n->grace = GRACE_LISTS;
}

void
leg_note_hung_up(const struct leg_notes *notes, const char *id)
{
	struct leg_note *n = leg_note(notes, id);
	if (n)
		n->hung_up = true;
}

void
leg_note_mute_given(const struct leg_notes *notes, const char *id)
{
	struct leg_note *n = leg_note(notes, id);
	if (n)
		n->to_mute = false;
}

bool
leg_is_live(const struct leg *leg)
{
	return leg->state == LEG_UP || leg->state == LEG_DIALING || leg->state == LEG_RINGING;
}

void
leg_note_apply(struct leg_note *n, struct leg *leg)
{
	if (n->ours) {
		str_copy(leg->name, sizeof leg->name, n->name);
		str_copy(leg->address, sizeof leg->address, n->address);
	}
	leg->configured = n->ours;
	if (leg_is_live(leg)) {
		/* It stood, and is called again by the platform itself: an end first, told once. */
		bool dropped = n->was_up && leg->state != LEG_UP;
		n->grace = 0;
		n->was_up = leg->state == LEG_UP;
		if (dropped) {
			leg->state = LEG_GONE;
			leg->ending = (struct ending){ 0 };
		}
		return;
	}
	if (n->grace > 0) { /* called a moment ago: this is the end before */
		n->grace--;
		leg->state = LEG_DIALING;
		leg->ending = (struct ending){ 0 };
		return;
	}
	/* Neither in nor called, without a reason: it stood, or we called it, so that is over. */
	if (n->was_up || n->hung_up || n->ours)
		leg->state = LEG_GONE;
	if (leg->state == LEG_GONE && leg->ending.cause == CAUSE_UNKNOWN && n->hung_up)
		leg->ending.cause = CAUSE_OUR_HANGUP;
}

static enum err
mute_late(struct task *t, struct lane *l, const struct leg_notes *notes, const struct conference *c,
	struct leg *leg, leg_mute_fn *mute)
{
	struct leg_note *n = leg_note(notes, leg->id);
	if (!n || !n->to_mute || leg->state != LEG_UP)
		return OK;
	n->to_mute = false;
	if (leg->muted == YES)
		return OK;
	enum err e = mute(t, l, c, leg);
	if (e == OK)
		leg->muted = YES;
	if (e != ERR_GONE && e != ERR_REFUSED)
		return e;
	task_forgive(t);
	return OK;
}

enum err
leg_notes_mute_late(struct task *t, struct lane *l, const struct leg_notes *notes,
	const struct conference *c, struct leg *legs, size_t n, leg_mute_fn *mute)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && i < n; i++)
		e = mute_late(t, l, notes, c, &legs[i], mute);
	return e;
}

void
leg_dialled(const struct leg *listed, const struct dial *d, struct leg *out)
{
	*out = *listed;
	out->state = leg_is_live(listed) ? listed->state : LEG_DIALING;
	out->ending = (struct ending){ 0 };
	out->configured = true;
	str_copy(out->name, sizeof out->name, d->leg_name);
	str_copy(out->address, sizeof out->address, d->address);
}

enum err
leg_listed_ending(struct task *t, const struct lane *l, const struct leg *list, size_t n,
	const struct leg *leg, struct ending *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_eq_nocase(list[i].id, leg->id))
			continue;
		if (list[i].state != LEG_GONE && list[i].state != LEG_NEW)
			return device_not_ended(t, l, leg);
		*out = list[i].ending;
		return OK;
	}
	return task_fail(
		t, ERR_GONE, "why %s ended on %s: it is not listed", leg->name, l->device->name);
}
