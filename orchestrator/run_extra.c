/* Who is in a conference of ours and was not invited: how long, and who the directory says it is.
 * Pure part of run.c.
 *
 * An extra is a leg in an MCU's list that belongs to no expected site and to no MCU of ours. It is
 * told apart by its MCU, address and shown name, so that one who comes back is the same one. It is
 * never dialled, muted, judged or counted among the expected:
 * it is only seen. */
#include "base/str.h"
#include "run_inner.h"

/* The same one, if it was there before and is not a site of the run by now. */
static struct run_extra *
extra_of(struct run *r, const struct run_mcu *m, const struct leg *leg)
{
	for (size_t i = 0; i < r->extras.n; i++) {
		struct run_extra *x = &r->extras.at[i];

		if (!x->adopted && x->mcu == m->index && str_eq(x->address, leg->address) &&
			str_eq(x->shown_name, leg->name))
			return x;
	}
	return NULL;
}

static struct interval *
stretch_of(struct run_extra *x, const char *leg_id)
{
	struct interval *i = x->intervals.n ? &x->intervals.at[x->intervals.n - 1] : NULL;

	return i && i->ended_by == ENDED_OPEN && str_eq(x->leg_id, leg_id) ? i : NULL;
}

static void
came(struct run *r, const struct run_mcu *m, const struct leg *leg, int64_t seq)
{
	struct run_extra *x = extra_of(r, m, leg);

	/* A second leg of the same one is somebody else as long as the first is up. */
	if (!x || (x->intervals.n && x->intervals.at[x->intervals.n - 1].ended_by == ENDED_OPEN)) {
		x = vec_add_in(r->arena, &r->extras);
		x->mcu = m->index;
		x->address = arena_strdup(r->arena, leg->address);
		x->shown_name = arena_strdup(r->arena, leg->name);
		x->site = x->site_name = x->tier = x->district = x->known_by = "";
		x->incoming = leg->incoming;
		run_note(r, seq, "extra", "%s: %s %s", m->spec->name, leg->name, leg->address);
	}
	str_copy(x->leg_id, sizeof x->leg_id, leg->id);
	*vec_add_in(r->arena, &x->intervals) =
		(struct interval){ .from = r->now, .seen = r->now, .begin_seq = seq };
}

static enum ended_by
ended_by_of(const struct run *r, enum cause cause)
{
	switch (cause) {
	case CAUSE_SITE_HANGUP: return ENDED_SITE;
	case CAUSE_OUR_HANGUP: return r->closing ? ENDED_US : ENDED_OPERATOR;
	case CAUSE_NETWORK: case CAUSE_UNREACHABLE: return ENDED_NETWORK;
	case CAUSE_MCU: case CAUSE_GATEKEEPER: return r->closing ? ENDED_US : ENDED_MCU;
	case CAUSE_UNKNOWN:
	case CAUSE_NO_ANSWER:
	case CAUSE_BUSY:
	case CAUSE_REJECTED:
	case CAUSE_WRONG_ADDRESS:
	case CAUSE_INCOMPATIBLE:
	case CAUSE_AUTH: case CAUSE_N: break;
	}
	return ENDED_UNKNOWN;
}

/* Behind every list, and when all legs of an MCU are gone at once. */
void
extra_told(struct run *r, struct run_mcu *m, int64_t seq)
{
	for (size_t l = 0; l < m->legs.n; l++) {
		const struct run_leg *leg = &m->legs.at[l];
		struct interval *open = NULL;

		if (leg->site >= 0 || leg->below)
			continue;
		struct run_extra *x = NULL;

		for (size_t i = 0; i < r->extras.n && !open; i++)
			if (r->extras.at[i].mcu == m->index &&
				(open = stretch_of(&r->extras.at[i], leg->leg.id)))
				x = &r->extras.at[i];
		if (leg->leg.state == LEG_UP && !open) {
			came(r, m, &leg->leg, seq);
			x = extra_of(r, m, &leg->leg);
		} else if (leg->leg.state == LEG_UP) {
			open->seen = r->now;
		} else if (open) {
			open->to = r->now;
			open->end_seq = seq;
			open->ending = leg->leg.ending;
			open->ended_by = ended_by_of(r, leg->leg.ending.cause);
		}
		if (x && leg->leg.remote_ip[0])
			str_copy(x->remote_ip, sizeof x->remote_ip, leg->leg.remote_ip);
	}
}

/* A site was invited that is there already: its leg is its own from now on, since it came, and
 * nobody else's. */
void
extra_adopt(struct run *r, struct run_site *s, int64_t seq)
{
	for (size_t k = 0; k < r->spec->mcus_n && !run_site_up(s); k++)
		for (size_t l = 0; l < r->mcus[k].legs.n && !run_site_up(s); l++) {
			struct run_mcu *m = &r->mcus[k];
			struct run_leg *leg = &m->legs.at[l];
			struct run_extra *x = NULL;

			if (leg->site >= 0 || leg->below || leg->leg.state != LEG_UP ||
				list_leg_owner(r, m, &leg->leg) != s->index)
				continue;
			leg->site = s->index;
			s->mcu = m->index;
			site_up(r, s, &leg->leg, seq);
			/* as one who dials in: roll_keep_muted() */
			if (r->open_step && r->open_step->muted && leg->leg.muted != YES) {
				s->wanted_muted = YES;
				s->muted_ordered = r->now - 2 * POLL_MS;
			}
			for (size_t i = 0; i < r->extras.n && !x; i++)
				if (r->extras.at[i].mcu == m->index &&
					stretch_of(&r->extras.at[i], leg->leg.id))
					x = &r->extras.at[i];
			if (!x)
				continue;
			x->adopted = true;
			s->first_up = s->first_willing = s->intervals.at[0].from =
				stretch_of(x, leg->leg.id)->from;
		}
}

/* What the directory says of the one with this leg. */
void
extra_known(struct run *r, const struct event *e)
{
	const struct run_mcu *m = run_mcu_named(r, e->device);

	for (size_t i = 0; m && e->invited && i < r->extras.n; i++) {
		struct run_extra *x = &r->extras.at[i];

		if (x->mcu != m->index || !str_eq(x->leg_id, e->leg.id))
			continue;
		x->site = arena_strdup(r->arena, e->invited->id);
		x->site_name = arena_strdup(r->arena, e->invited->name);
		x->tier = arena_strdup(r->arena, e->invited->tier);
		x->district = arena_strdup(r->arena, e->invited->district);
		x->known_by = arena_strdup(r->arena, e->word);
		x->known_seq = e->seq;
	}
}
