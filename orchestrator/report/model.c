/* Builds the document model: what every writer of a report needs, worked out once.
 *
 * Called by the report job at the end of a run and by `tongduyet report`. Owns nothing but what it
 * puts on the caller's arena. It must never judge (judge.c did), ask the time, or leave an expected
 * site out. */
#include "report/model.h"

#include "base/map.h"
#include "base/str.h"

static bool
has_step(const struct spec *s, enum step_kind kind)
{
	for (size_t i = 0; s->playbook && i < s->playbook->n; i++)
		if (s->playbook->steps[i].kind == kind)
			return true;
	return false;
}

/* Two sites of one name are told apart by district, or by id where that does not help either. */
static void
name_sites(struct report *r, struct arena *a)
{
	struct map *names = map_new(), *full = map_new();
	char once = 0, twice = 0; /* only their addresses are used */
	for (size_t i = 0; i < r->n; i++) {
		const struct spec_site *s = r->sites[i].spec;
		map_set(names, s->name, map_has(names, s->name) ? &twice : &once);
		const char *both =
			arena_printf(a, "%s (%s)", s->name, s->district ? s->district : "");
		map_set(full, both, map_has(full, both) ? &twice : &once);
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct spec_site *s = r->sites[i].spec;
		r->sites[i].name = str_empty(s->name) ? s->id : s->name;
		if (map_get(names, s->name) == &once)
			continue;
		const char *both =
			arena_printf(a, "%s (%s)", s->name, s->district ? s->district : "");
		bool told = !str_empty(s->district) && map_get(full, both) == &once;
		r->sites[i].name = told ? both : arena_printf(a, "%s (%s)", s->name, s->id);
	}
	map_free(names);
	map_free(full);
}

static void
count_attempts(struct report_site *s)
{
	for (size_t i = 0; i < s->site->attempts.n; i++) {
		const struct attempt *t = &s->site->attempts.at[i];
		if (t->result == ATTEMPT_INCOMING)
			continue;
		if (t->result == ATTEMPT_OURS)
			s->ours++;
		else
			s->attempts++;
		s->first_attempt = s->first_attempt ? s->first_attempt : t->at;
		s->last_attempt = t->at;
	}
}

static void
measure_presence(struct report_site *s)
{
	const struct run_site *site = s->site;
	if (!site->intervals.n)
		return;
	const struct interval *last = &site->intervals.at[site->intervals.n - 1];
	s->first_up = site->intervals.at[0].from;
	s->last_up = last->ended_by == ENDED_OPEN ? 0 : last->to;
	s->drops = judge_drops(site);
	if (s->verdict->left_at) {
		s->left = (struct report_time){ .from = s->verdict->left_at,
			.to = s->verdict->left_at };
		if (last->to == s->verdict->left_at && last->seen && last->seen < last->to)
			s->left.from = last->seen;
	}
}

static void
measure_arrival(struct report_site *s)
{
	const struct run_site *site = s->site;
	int64_t to = site->first_willing ? site->first_willing : site->first_up;
	if (!to)
		return;
	s->came = (struct report_time){ .from = to, .to = to };
	if (s->verdict->late_uncertainty_s.known && s->verdict->late_uncertainty_s.v > 0)
		s->came.from = to - s->verdict->late_uncertainty_s.v * 1000;
}

static bool
not_negotiated(const struct report_site *s, enum medium m)
{
	for (int d = 0; d < DIRECTIONS_N; d++)
		if (s->media[m][d].judged || s->site->proof[BY_MCU][m][d].open != NO)
			return false;
	return true;
}

static void
fill_site(struct report_site *out, const struct verdict *v)
{
	out->verdict = v;
	out->site = v->site;
	out->spec = v->site->spec;
	count_attempts(out);
	measure_presence(out);
	measure_arrival(out);
	for (int i = 0; i < v->media_n; i++) {
		const struct media_fact *m = &v->media[i];
		if (str_eq(m->hop, "site-mcu")) {
			out->media[m->medium][m->direction].judged = true;
			out->media[m->medium][m->direction].value = m->value;
		}
	}
	out->audio_only =
		out->first_up && not_negotiated(out, VIDEO) && !not_negotiated(out, AUDIO);
}

static void
fill_lists(struct report *r, struct arena *a)
{
	struct map *by_id = map_new();
	for (size_t i = 0; i < r->n; i++)
		map_set(by_id, r->sites[i].spec->id, &r->sites[i]);
	for (int l = 0; l < LIST_N; l++) {
		struct report_list *list = &r->lists[l];
		list->sites = arena_alloc(a, (r->judgement->lists[l].n + 1) * sizeof *list->sites);
		for (size_t i = 0; i < r->judgement->lists[l].n; i++) {
			struct report_site *s = map_get(by_id, r->judgement->lists[l].ids[i]);
			if (!s)
				continue;
			s->lists |= 1u << l;
			list->sites[list->n++] = s;
		}
	}
	map_free(by_id);
	for (int h = 0; h < HEADLINE_N; h++) {
		struct report_list *list = &r->by_headline[h];
		list->sites = arena_alloc(a, (r->n + 1) * sizeof *list->sites);
		for (size_t i = 0; i < r->n; i++)
			if ((int)r->sites[i].verdict->headline == h)
				list->sites[list->n++] = &r->sites[i];
	}
}

static bool
noted(const struct run *run, const char *text)
{
	for (size_t i = 0; i < run->notes.n; i++)
		if (str_eq(run->notes.at[i].kind, "input") && str_eq(run->notes.at[i].text, text))
			return true;
	return false;
}

/* Faults of the files that touched this run (a missed run did not note them itself), then what
 * happened, in the order of the journal. */
static void
fill_notes(struct report *r, struct arena *a)
{
	size_t files = 0;
	while (r->spec->notes && r->spec->notes[files])
		files++;
	r->notes = arena_alloc(a, (files + r->run->notes.n + 1) * sizeof *r->notes);
	for (size_t i = 0; i < files; i++)
		if (!noted(r->run, r->spec->notes[i]))
			r->notes[r->notes_n++] =
				(struct report_note){ .kind = "input", .text = r->spec->notes[i] };
	for (size_t i = 0; i < r->run->notes.n; i++) {
		const struct run_note *n = &r->run->notes.at[i];
		r->notes[r->notes_n++] =
			(struct report_note){ .kind = n->kind, .text = n->text, .at = n->at };
	}
}

static void
fill_extras(struct report *r, struct arena *a)
{
	const struct run *run = r->run;
	r->extras = arena_alloc(a, (run->extras.n + 1) * sizeof *r->extras);
	for (size_t i = 0; i < run->extras.n; i++) {
		const struct run_extra *x = &run->extras.at[i];
		if (x->adopted)
			continue;
		struct report_extra *e = &r->extras[r->extras_n++];
		int64_t end = run->ended ? run->ended : run->now, sum = 0;
		*e = (struct report_extra){ .extra = x, .mcu = r->spec->mcus[x->mcu].name };
		e->name = !str_empty(x->site_name)    ? x->site_name
			  : !str_empty(x->site)	      ? x->site
			  : !str_empty(x->shown_name) ? x->shown_name
						      : x->address;
		e->is_mcu = str_eq(x->known_by, "mcu");
		e->bears_invited_name =
			str_eq(x->known_by, "name") && spec_site(r->spec, x->site, NULL);
		e->elsewhere = str_eq(x->known_by, "address") && spec_site(r->spec, x->site, NULL);
		for (size_t k = 0; k < x->intervals.n; k++) {
			const struct interval *t = &x->intervals.at[k];
			int64_t to = t->ended_by == ENDED_OPEN ? end : t->to;
			e->from = e->from ? e->from : t->from;
			e->to = t->ended_by == ENDED_OPEN ? 0 : t->to;
			sum += to > t->from ? to - t->from : 0;
		}
		e->present_s = sum / 1000;
	}
}

struct report_list
report_flagged(const struct report *r, const char *flag, struct arena *a)
{
	struct report_list list = { .sites = arena_alloc(a, (r->n + 1) * sizeof *list.sites) };
	for (size_t i = 0; i < r->n; i++)
		if (verdict_has_flag(r->sites[i].verdict, flag))
			list.sites[list.n++] = &r->sites[i];
	return list;
}

const struct report *
report_build(const struct run *run, const struct judgement *j, int revision, const char *seal,
	struct arena *a)
{
	struct report *r = arena_alloc(a, sizeof *r);
	r->run = run;
	r->spec = run->spec;
	r->judgement = j;
	r->revision = revision;
	r->seal = seal ? seal : "";
	r->rollcall = has_step(run->spec, STEP_ROLLCALL);
	r->allclear = has_step(run->spec, STEP_ALLCLEAR);
	r->sites = arena_alloc(a, (j->n + 1) * sizeof *r->sites);
	r->n = j->n;
	for (size_t i = 0; i < j->n; i++)
		fill_site(&r->sites[i], &j->verdicts[i]);
	name_sites(r, a);
	fill_lists(r, a);
	fill_extras(r, a);
	fill_notes(r, a);
	return r;
}
