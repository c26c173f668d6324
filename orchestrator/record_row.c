/* What a report says of one site, as a row of its run's chain and back.
 *
 * Written by the coordinator with each sealed report, in the same commit; read by sheets and by
 * summaries of a period, which so need not tell a year of runs again. Pure but for reading the
 * journal. It must never write another figure than the report has: `replay` holds the rows against
 * the runs. */
#include "record.h"

#include "advice.h"
#include "base/str.h"
#include "report/presence.h"

#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static void
worst_media(const struct verdict *v, struct record_run *out)
{
	out->loss_permille = out->jitter_ms = -1;
	for (int i = 0; i < v->media_n; i++) {
		const struct media_fact *m = &v->media[i];
		out->loss_permille = m->loss_permille > out->loss_permille ? m->loss_permille
									   : out->loss_permille;
		out->jitter_ms = m->jitter_ms > out->jitter_ms ? m->jitter_ms : out->jitter_ms;
	}
}

/* What the picture from the site was like, by whom it was told. */
static void
picture(const struct verdict *v, const struct run_site *s, struct record_run *out)
{
	const struct proof *sent = &s->proof[BY_ENDPOINT][VIDEO][FROM_SITE];
	out->kbps = out->width = out->height = -1;
	for (int i = 0; i < v->media_n; i++) {
		const struct media_fact *m = &v->media[i];
		if (m->medium != VIDEO || m->direction != FROM_SITE)
			continue;
		out->kbps = m->kbps >= 0 ? m->kbps : sent->kbps;
		out->width = m->height >= 0 ? m->width : sent->width;
		out->height = m->height >= 0 ? m->height : sent->height;
	}
	out->below = verdict_has_flag(v, "low-rate") || verdict_has_flag(v, "low-resolution") ||
		     verdict_has_flag(v, "audio-only");
}

void
record_of(const struct report *report, const struct report_site *s, struct record_run *out)
{
	const struct spec *spec = report->spec;
	const struct verdict *v = s->verdict;
	struct presence p;
	presence_of(report, s, &p);
	*out = (struct record_run){ .run = spec->id,
		.revision = report->revision,
		.phase = spec->drill ? PHASE_DRILL : spec->phase,
		.session = spec->phase == PHASE_SESSION,
		.start = spec->planned_start,
		.headline = v->headline,
		.fault = advice_fault_settled(v),
		.cause = advice_cause_settled(v),
		.fault_proposed = advice_fault(v),
		.cause_proposed = advice_cause(v),
		.sub_reason = v->sub_reason ? v->sub_reason : "",
		.name = s->name,
		.district = s->spec->district ? s->spec->district : "",
		.provider = s->spec->provider ? s->spec->provider : "",
		.tier = s->spec->tier ? s->spec->tier : "",
		.importance = s->spec->importance,
		.late = s->lists & 1u << LIST_LATE,
		.late_s = v->late_s,
		.late_uncertainty_s = v->late_uncertainty_s,
		.share_least = p.known ? p.least_permille : -1,
		.share_most = p.known ? p.most_permille : -1,
		.drops = s->drops };
	worst_media(v, out);
	picture(v, s->site, out);
}

static void
put_word(struct json_out *w, const char *key, const char *text)
{
	if (!str_empty(text))
		json_put_text(w, key, text);
}

static void
put_figure(struct json_out *w, const char *key, int64_t v)
{
	if (v >= 0)
		json_put_int(w, key, v);
}

void
record_write(const struct record_run *r, struct json_out *w)
{
	json_open(w, NULL, '{');
	json_put_int(w, "revision", r->revision);
	json_put_text(w, "phase", phase_name(r->phase));
	json_put_int(w, "start", r->start);
	put_word(w, "name", r->name);
	put_word(w, "tier", r->tier);
	put_word(w, "district", r->district);
	put_word(w, "provider", r->provider);
	if (r->importance)
		json_put_int(w, "importance", r->importance);
	json_put_text(w, "headline", headline_name(r->headline));
	put_word(w, "sub_reason", r->sub_reason);
	put_word(w, "fault", r->fault);
	put_word(w, "cause", r->cause);
	put_word(w, "fault_proposed", r->fault_proposed);
	put_word(w, "cause_proposed", r->cause_proposed);
	if (r->late)
		json_put_bool(w, "late", true);
	if (r->late_s.known)
		json_put_int(w, "late_s", r->late_s.v);
	if (r->late_uncertainty_s.known)
		json_put_int(w, "late_uncertainty_s", r->late_uncertainty_s.v);
	put_figure(w, "share_least", r->share_least);
	put_figure(w, "share_most", r->share_most);
	if (r->drops)
		json_put_int(w, "drops", r->drops);
	put_figure(w, "loss_permille", r->loss_permille);
	put_figure(w, "jitter_ms", r->jitter_ms);
	put_figure(w, "kbps", r->kbps);
	put_figure(w, "width", r->width);
	put_figure(w, "height", r->height);
	if (r->below)
		json_put_bool(w, "below", true);
	json_close(w, '}');
}

static const char *
get_word(const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	return text ? text : "";
}

static struct figure
get_figure(const struct json *j, const char *key)
{
	return json_get(j, key) ? figure_of(json_int(j, key, 0)) : (struct figure){ 0 };
}

static bool
get_phase(const char *name, enum phase *out)
{
	for (int p = PHASE_REHEARSAL; p <= PHASE_DRILL; p++)
		if (str_eq(name, phase_name((enum phase)p))) {
			*out = (enum phase)p;
			return true;
		}
	return false;
}

static bool
read_body(const struct json *j, const char *run, struct record_run *out)
{
	int h = 0;
	*out = (struct record_run){ .run = run,
		.revision = (int)json_int(j, "revision", 0),
		.start = json_int(j, "start", 0),
		.fault = get_word(j, "fault"),
		.cause = get_word(j, "cause"),
		.fault_proposed = get_word(j, "fault_proposed"),
		.cause_proposed = get_word(j, "cause_proposed"),
		.sub_reason = get_word(j, "sub_reason"),
		.name = get_word(j, "name"),
		.district = get_word(j, "district"),
		.provider = get_word(j, "provider"),
		.tier = get_word(j, "tier"),
		.importance = (int)json_int(j, "importance", 0),
		.late = json_bool(j, "late", false),
		.late_s = get_figure(j, "late_s"),
		.late_uncertainty_s = get_figure(j, "late_uncertainty_s"),
		.share_least = (int)json_int(j, "share_least", -1),
		.share_most = (int)json_int(j, "share_most", -1),
		.drops = (int)json_int(j, "drops", 0),
		.loss_permille = json_int(j, "loss_permille", -1),
		.jitter_ms = json_int(j, "jitter_ms", -1),
		.kbps = json_int(j, "kbps", -1),
		.width = json_int(j, "width", -1),
		.height = json_int(j, "height", -1),
		.below = json_bool(j, "below", false) };
	while (h < HEADLINE_N && !str_eq(headline_name((enum headline)h), json_text(j, "headline")))
		h++;
	out->headline = (enum headline)h;
	if (h == HEADLINE_N || !get_phase(json_text(j, "phase"), &out->phase))
		return false;
	out->session = out->phase == PHASE_SESSION;
	return true;
}

struct reading {
	struct records *records;
	int64_t from, to;
};

void
record_take(struct records *r, const char *run, const struct row *row, int64_t from, int64_t to)
{
	const struct json *j = NULL;
	struct record_run entry;
	struct arena *a = arena_new();
	if (json_parse(a, row->body, strlen(row->body), &j, NULL) == OK &&
		read_body(j, run, &entry) && entry.start >= from && entry.start < to &&
		!str_empty(row->site))
		record_put(r, row->site, &entry);
	arena_free(a);
}

static bool
each(const char *run, const struct row *row, void *arg)
{
	struct reading *r = arg;
	record_take(r->records, run, row, r->from, r->to);
	return true;
}

enum err
record_read(struct journal_reader *j, const char *site, int64_t from, int64_t to, int64_t before,
	struct records *out, struct err_text *e)
{
	struct reading r = { .records = out, .from = from, .to = to };
	return journal_records(j, site, from - DAY_MS, before, each, &r,
		e); /* one that is missed is sealed before it would begin */
}
