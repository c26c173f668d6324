/* The legs between two MCUs of ours, as either of them lists them. Pure part of run.c, called by
 * run_list.c for legs that are nobody's.
 *
 * The MCU above dials the one below. A person may dial upward instead, on the page of the MCU
 * below: above, that leg comes in from the address of the MCU below, and is the cascade leg. Its
 * other end, in the conference below, is a second view of it and never a leg of its own. */
#include "base/net.h"
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

/* Does this leg lead to that MCU, or come from it? */
static bool
is_at(const struct run *r, int mcu, const struct leg *leg)
{
	const char *host = mcu >= 0 ? r->mcus[mcu].spec->host : "";
	char of[64];

	net_host(strchr(leg->address, '@') ? strchr(leg->address, '@') + 1 : leg->address, of,
		sizeof of);
	return !str_empty(host) && (str_eq(host, of) || str_eq(host, leg->remote_ip));
}

/* Dialled out to the conference above, by its name or by none. Others may live behind the same
 * address. */
static bool
is_upward(const struct run *r, const struct run_site *cascade, const struct leg *leg)
{
	const char *name = r->mcus[cascade->spec->mcu].conference.name,
		   *colon = strchr(leg->address, ':'), *at = strchr(leg->address, '@');
	const char *user = colon && at && colon < at ? colon + 1 : leg->address;
	size_t n = at ? (size_t)(at - user) : 0;

	return n == 0 || (strlen(name) == n && strncmp(user, name, n) == 0) ||
	       (run_site_up(cascade) && cascade->incoming);
}

int
cascade_to_above(const struct run *r, const struct run_mcu *m, const struct leg *leg)
{
	for (size_t i = r->spec->sites_n; i < r->legs_n; i++)
		if (r->sites[i].spec->lower == m->index + 1 &&
			is_at(r, r->sites[i].spec->mcu, leg) &&
			(leg->incoming || is_upward(r, &r->sites[i], leg)))
			return (int)i;
	return -1;
}

int
cascade_from_below(const struct run *r, const struct run_mcu *m, const struct leg *leg)
{
	for (size_t i = r->spec->sites_n; i < r->legs_n && leg->incoming; i++)
		if (r->sites[i].spec->mcu == m->index && is_at(r, r->sites[i].spec->lower - 1, leg))
			return (int)i;
	return -1;
}

/* Two ends at a time, of two legs: the first one is looked at. */
static bool
is_first_end(const struct run_mcu *m, const struct run_leg *l)
{
	for (size_t i = 0; i < m->legs.n; i++) {
		const struct run_leg *o = &m->legs.at[i];

		if (o->below && o->site == l->site && o->leg.state == LEG_UP)
			return o == l;
	}
	return false;
}

void
cascade_end_told(struct run *r, const struct run_mcu *m, const struct run_leg *l, int64_t seq)
{
	/* What the lower MCU receives is what flows down the cascade. */
	struct media_sample down = { 0 };
	struct run_site *s = &r->sites[l->site];

	/* Another office's MCU is above: this end is all that we see of it. */
	if (l->leg.state == LEG_UP && r->mcus[s->spec->mcu].spec->foreign && !s->first_up) {
		s->first_up = r->now;
		s->first_up_seq = seq;
	}
	if (l->leg.state != LEG_UP || !l->leg.sampled || !is_first_end(m, l))
		return;
	for (int medium = 0; medium < MEDIA_N; medium++)
		down.s[medium][TO_SITE] = l->leg.media.s[medium][FROM_SITE];
	media_feed(r, s, BY_ENDPOINT, &down, r->now, seq);
}
