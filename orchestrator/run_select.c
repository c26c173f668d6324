/* Whom a step is for, and what is done about those who are not as they should be: tested again,
 * named for a call by telephone. Pure part of run.c, called by run_steps.c. */
#include "base/str.h"
#include "run_inner.h"

#include <stdlib.h>

/* It is there, and something is known to be wrong: a medium does not arrive at its receiver, or it
 * gave no answer. */
static bool
is_disproved(const struct run_site *s)
{
	for (int m = 0; m < MEDIA_N; m++)
		if (s->proof[BY_MCU][m][FROM_SITE].last_no_from ||
			s->proof[BY_ENDPOINT][m][TO_SITE].last_no_from)
			return true;
	if (s->roll.by_person)
		return !s->roll.person_says;
	return s->roll.called > 0 && s->listened.n && s->could_hear && !s->roll.answered;
}

static bool
selects(const struct run_site *s, const char *word)
{
	const struct spec_site *p = s->spec;

	if (str_eq(word, "invited") || str_eq(word, "all"))
		return true;
	if (str_eq(word, "failed"))
		return !run_site_up(s) || is_disproved(s);
	if (str_eq(word, "absent"))
		return !s->first_up;
	if (str_starts(word, "tier:"))
		return str_eq(p->tier, word + 5);
	if (str_starts(word, "district:"))
		return str_eq_nocase(p->district, word + 9);
	if (str_starts(word, "group:"))
		return str_eq_nocase(p->tier, word + 6) || str_eq_nocase(p->district, word + 6) ||
		       str_eq_nocase(p->class, word + 6) || str_eq_nocase(p->provider, word + 6);
	return str_eq(p->id, word);
}

/* mask has one entry per site of the spec. */
void
run_select(struct run *r, const char *selector, bool *mask)
{
	struct arena *a = arena_new();
	size_t n;
	char **words = str_split(a, str_empty(selector) ? "invited" : selector, " ,;", &n);

	for (size_t i = 0; i < r->spec->sites_n; i++) {
		mask[i] = false;
		for (size_t w = 0; w < n; w++)
			mask[i] = mask[i] || selects(&r->sites[i], words[w]);
		mask[i] = mask[i] && !r->sites[i].spec->disabled;
	}
	arena_free(a);
}

/* Not there; or, of all that failed, sound and picture from it are not proven, or are disproved. */
static bool
needs_retest(const struct run_site *s, bool absent_only)
{
	return !s->spec->disabled && s->phase != SITE_LEFT &&
	       (!run_site_up(s) ||
		       (!absent_only &&
			       (!media_proven(s, BY_MCU, FROM_SITE) || is_disproved(s))));
}

/* Those of the step's sites that did not pass are tried again: who is away is called at once, who
 * is up is measured anew. What is proven stays as it is. */
void
steps_retest(struct run *r, const struct step *s)
{
	bool *mask = xalloc(r->spec->sites_n + 1);
	bool absent_only = str_eq(s->of, "absent");

	run_select(r, s->sites, mask);
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		struct run_site *site = &r->sites[i];

		if (!mask[i] || !needs_retest(site, absent_only))
			continue;
		if (run_site_up(site)) {
			media_reset(site, true);
			if (site->spec->endpoint && !site->endpoint_final &&
				!site->status_under_way)
				site->next_status = r->now;
		} else if (site->phase == SITE_WAITING || site->phase == SITE_AWAY) {
			site->fast_left = site->fast_left > 0 ? site->fast_left : 1;
			site_redial(site, r->now);
		}
	}
	free(mask);
}

static const char *
names_of(struct run *r, const int *sites, size_t n)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", r->spec->sites[sites[i]].name);
	const char *text = arena_strdup(r->arena, buf_str(&b));

	buf_free(&b);
	return text;
}

/* Somebody there has to do something: also where it hung up by itself, and is left alone by
 * automation; not where a person at the desk ended its leg. */
static bool
needs_a_call(const struct run_site *s)
{
	if (s->phase == SITE_LEFT)
		return !s->spec->disabled && !s->ended_by_person;
	return needs_retest(s, false);
}

/* Who is to be called by telephone now: the selected sites that are not there, not proven or gave
 * no answer, most important first. */
void
steps_escalate(struct run *r, const struct step *s)
{
	bool *mask = xalloc(r->spec->sites_n + 1);
	int *sites = arena_alloc(r->arena, (r->spec->sites_n + 1) * sizeof *sites);
	size_t n = 0;

	run_select(r, s->sites, mask);
	for (size_t i = 0; i < r->spec->sites_n; i++) {
		if (!mask[i] || !needs_a_call(&r->sites[i]))
			continue;
		size_t at = n++;

		for (; at > 0 &&
			r->sites[sites[at - 1]].spec->importance < r->sites[i].spec->importance;
			at--)
			sites[at] = sites[at - 1];
		sites[at] = (int)i;
	}
	free(mask);
	if (!n)
		return;
	if (r->spec->drill) {
		run_note(r, r->seq, "step-not-done", "escalate: a drill informs nobody");
		return;
	}
	run_note(
		r, r->seq, "escalated", "%s: %s", s->to ? s->to : "contact", names_of(r, sites, n));
	*vec_add_in(r->arena, &r->escalations) = (struct escalation){
		.at = r->now, .seq = r->seq, .to = s->to ? s->to : "contact", .sites = sites, .n = n
	};
}
