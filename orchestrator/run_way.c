/* By which way a site is dialled next: address, protocol, rate, MCU. Pure part of run.c, for
 * run_dial.c, which knows when.
 *
 * The planned way first, then the fallbacks of the playbook in turn, then the planned way again. An
 * MCU that has failed leads to the other one at once. */
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

/* "sip:x" as "h323:x" and back, or NULL. */
static const char *
other_protocol(struct run *r, const char *address)
{
	if (str_starts(address, "sip:"))
		return arena_printf(r->arena, "h323:%s", address + 4);
	if (str_starts(address, "h323:"))
		return arena_printf(r->arena, "sip:%s", address + 5);
	return NULL;
}

/* Is there anything to try for this fallback? */
static bool
applies(const struct run *r, const struct run_site *s, enum fallback f)
{
	switch (f) {
	case FALLBACK_SECOND_ADDRESS: return !str_empty(s->spec->address[1]);
	case FALLBACK_OTHER_PROTOCOL:
		return str_starts(s->spec->address[0], "sip:") ||
		       str_starts(s->spec->address[0], "h323:");
	case FALLBACK_LOWER_RATE:
	case FALLBACK_AUDIO_ONLY: return true;
	case FALLBACK_SECOND_MCU: return s->spec->mcu2 && !mcu_failed(&r->mcus[s->spec->mcu2 - 1]);
	}
	return false;
}

/* After the fast attempts: the fallbacks of the playbook in turn, then the planned way again. A box
 * without any sign of life is not helped by a lower rate: only another address is tried on it. */
void
way_next(struct run *r, struct run_site *s)
{
	const struct step *d = r->dial_step;

	for (int i = s->variant; d && i < d->fallback_n; i++) {
		bool another_way = d->fallback[i] == FALLBACK_SECOND_ADDRESS ||
				   d->fallback[i] == FALLBACK_OTHER_PROTOCOL ||
				   d->fallback[i] == FALLBACK_SECOND_MCU;

		if (applies(r, s, d->fallback[i]) && (s->alive_seq || another_way)) {
			s->variant = i + 1;
			return;
		}
	}
	s->variant = 0;
}

/* A rehearsal of the fallback: the next attempt goes by the first one that this site has. */
void
site_exercise(struct run *r, struct run_site *s)
{
	const struct step *d = r->dial_step;

	for (int i = 0; i < d->fallback_n && !s->spec->lower; i++)
		if (applies(r, s, d->fallback[i])) {
			s->variant = i + 1;
			s->exercising = true;
			s->fast_left++; /* the planned attempts stay */
			return;
		}
}

/* The MCU that the next dial goes to, -1: none. */
int
way_mcu(const struct run *r, const struct run_site *s)
{
	bool second = s->variant && r->dial_step &&
		      r->dial_step->fallback[s->variant - 1] == FALLBACK_SECOND_MCU;

	return second ? s->spec->mcu2 - 1 : s->spec->mcu;
}

/* The place of second-mcu in the playbook's list, as a variant; 0: it is not there, or this site
 * has none that works. */
static int
second_mcu(const struct run *r, const struct run_site *s)
{
	for (int i = 0; r->dial_step && i < r->dial_step->fallback_n; i++)
		if (r->dial_step->fallback[i] == FALLBACK_SECOND_MCU)
			return applies(r, s, FALLBACK_SECOND_MCU) ? i + 1 : 0;
	return 0;
}

/* The other way, if the MCU of the next dial has failed and the other one has not; else -1. */
int
way_detour(const struct run *r, const struct run_site *s)
{
	int to = way_mcu(r, s);

	if (to < 0 || !mcu_failed(&r->mcus[to]))
		return -1;
	if (to == s->spec->mcu)
		return second_mcu(r, s) ? second_mcu(r, s) : -1;
	return s->spec->mcu >= 0 && !mcu_failed(&r->mcus[s->spec->mcu]) ? 0 : -1;
}

static const char *
cascade_address(struct run *r, const char *pattern, const struct run_mcu *below)
{
	static const char word[] = "{conference}";
	const char *at = strstr(pattern, word);

	if (!at)
		return pattern;
	return arena_printf(r->arena, "%.*s%s%s", (int)(at - pattern), pattern,
		below->conference.name, at + sizeof word - 1);
}

/* Address, rate and handle of this attempt. A fallback has a handle of its own, so that a device
 * that remembers what it dialled under a name is not confused. */
void
way_take(struct run *r, struct run_site *s, struct attempt *a, struct order *o)
{
	const char *address = s->spec->address[0], *other;

	a->variant = s->variant;
	a->fallback = s->variant ? 1 + (int)r->dial_step->fallback[s->variant - 1] : 0;
	if (s->variant) {
		switch (r->dial_step->fallback[s->variant - 1]) {
		case FALLBACK_SECOND_ADDRESS: address = s->spec->address[1]; break;
		case FALLBACK_OTHER_PROTOCOL:
			other = other_protocol(r, address);
			address = other ? other : address;
			break;
		case FALLBACK_LOWER_RATE: o->kbps = o->kbps > 384 ? 384 : 256; break;
		case FALLBACK_AUDIO_ONLY: o->audio_only = true; break;
		case FALLBACK_SECOND_MCU: break;
		}
	}
	if (s->spec->lower) { /* "sip:{conference}@10.1.1.10" */
		address = cascade_address(r, address, &r->mcus[s->spec->lower - 1]);
		o->on = false; /* what comes from below must be heard above */
		s->wanted_muted = NO;
	}
	a->address = address;
	str_copy(o->address, sizeof o->address, address);
	str_copy(o->leg_name, sizeof o->leg_name, s->spec->leg_name);
	if (s->variant) {
		size_t n = strlen(o->leg_name), most = 28;

		n = n > most ? most : n;
		o->leg_name[n] = '~';
		o->leg_name[n + 1] = (char)('0' + s->variant);
		o->leg_name[n + 2] = '\0';
	}
}
