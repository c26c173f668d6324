/* The report as data: one JSON object whose keys, order and vocabulary are fixed, because other
 * programs read it.
 *
 * Called through report_json(). Owns nothing. It must never write a key that does not apply, guess
 * a figure (null) or a fact ("unknown"), or depend on anything but the model: the same model gives
 * the same bytes. */
#include "report/model.h"

#include "adapters/wire/json.h"
#include "advice.h"
#include "base/instant.h"
#include "base/str.h"
#include "imported.h"

static void
put_instant(struct json_out *w, const char *key, int64_t ms)
{
	char text[INSTANT_SIZE];
	if (ms)
		json_put_text(w, key, instant_rfc3339(ms, text));
}

/* -1 = unknown, as the run keeps its figures. */
static void
put_count(struct json_out *w, const char *key, int64_t v)
{
	json_put_figure(w, key, v < 0 ? (struct figure){ 0 } : figure_of(v));
}

static void
put_rows(struct json_out *w, const char *key, const int64_t *seq, int n)
{
	struct buf b = { 0 };
	buf_putc(&b, '[');
	for (int i = 0; i < n; i++)
		buf_printf(&b, "%s%lld", i ? ", " : "", (long long)seq[i]);
	buf_putc(&b, ']');
	json_put_raw(w, key, buf_str(&b));
	buf_free(&b);
}

static void
put_evidence(struct json_out *w, const char *key, const struct evidence_rows *e)
{
	if (e->n)
		put_rows(w, key, e->seq, e->n);
}

static void
put_notes(struct json_out *w, const struct report *r)
{
	json_open(w, "notes", '[');
	for (size_t i = 0; i < r->notes_n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "kind", r->notes[i].kind);
		json_put_text(w, "text", r->notes[i].text);
		put_instant(w, "at", r->notes[i].at);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_run(struct json_out *w, const struct report *r)
{
	const struct spec *s = r->spec;
	json_open(w, "run", '{');
	json_put_text(w, "id", s->id);
	json_put_text(w, "key", s->key);
	json_put_text(w, "uid", s->uid);
	json_put_text(w, "recurrence_id", s->recurrence_id);
	json_put_text(w, "name", s->name);
	json_put_text(w, "phase", phase_name(s->phase));
	put_instant(w, "planned_start", s->planned_start);
	put_instant(w, "started", r->run->begun);
	put_instant(w, "allclear_at", r->run->allclear_at);
	put_instant(w, "ended", r->run->ended);
	json_open(w, "playbook", '{');
	json_put_text(w, "name", s->playbook ? s->playbook->name : s->name);
	json_put_text(w, "commit", s->commit);
	json_close(w, '}');
	json_put_int(w, "revision", r->revision);
	json_put_known_text(w, "seal", r->seal);
	put_notes(w, r);
	json_put_known_text(w, "title", s->title);
	json_put_known_text(w, "summary", s->summary);
	put_instant(w, "session_start", s->session_start);
	json_put_known_text(w, "allclear_by", r->run->allclear_by);
	if (r->run->allclear_not_given)
		json_put_bool(w, "allclear_not_given", true);
	if (s->drill)
		json_put_bool(w, "drill", true);
	if (s->short_notice)
		json_put_bool(w, "short_notice", true);
	if (r->run->handed_over)
		json_put_bool(w, "handed_over", true);
	json_put_known_text(w, "stopped_by", r->run->stopped ? r->run->stopped_by : NULL);
	json_put_known_text(w, "missed", r->run->missed ? r->run->missed_why : NULL);
	json_close(w, '}');
}

/* expected and good first; the rest by headline, so that the figures add up. */
static void
put_headlines(struct json_out *w, size_t expected, const int by[HEADLINE_N])
{
	json_open(w, "counts", '{');
	json_put_int(w, "expected", (int64_t)expected);
	json_put_int(w, "good", by[GOOD]);
	for (int h = 0; h < HEADLINE_N; h++) {
		char key[24];
		str_copy(key, sizeof key, headline_name(h));
		for (char *p = key; *p; p++)
			*p = *p == '-' ? '_' : *p;
		if (h != GOOD)
			json_put_int(w, key, by[h]);
	}
	json_close(w, '}');
}

static void
put_counts(struct json_out *w, const struct report *r)
{
	int by[HEADLINE_N];
	for (int h = 0; h < HEADLINE_N; h++)
		by[h] = (int)r->by_headline[h].n;
	put_headlines(w, r->n, by);
}

static void
put_facts(struct json_out *w, const struct report_site *s)
{
	const struct verdict *v = s->verdict;
	json_open(w, "facts", '{');
	json_put_tri(w, "alive", v->alive);
	json_put_tri(w, "reached", v->reached);
	json_put_figure(w, "late_s", v->late_s);
	json_put_figure(w, "late_uncertainty_s", v->late_uncertainty_s);
	json_put_tri(w, "answered", v->answered);
	json_put_tri(w, "heard", v->heard);
	json_put_tri(w, "stayed", v->stayed);
	json_close(w, '}');
	json_open(w, "facts_evidence", '{');
	put_evidence(w, "alive", &v->alive_rows);
	put_evidence(w, "reached", &v->reached_rows);
	put_evidence(w, "late_s", &v->late_rows);
	put_evidence(w, "answered", &v->answered_rows);
	if (v->heard != UNKNOWN)
		put_evidence(w, "heard", &v->answered_rows);
	put_evidence(w, "stayed", &v->stayed_rows);
	json_close(w, '}');
}

static void
put_people(struct json_out *w, const struct report_site *s)
{
	json_open(w, "people", '{');
	put_count(w, "expected", s->spec->people);
	put_count(w, "actual", s->site->people_actual);
	json_put_text(w, "chair", str_empty(s->site->people_chair) ? NULL : s->site->people_chair);
	json_put_known_text(w, "by", s->site->people_by);
	json_put_known_text(w, "expected_chair", s->spec->chair);
	json_close(w, '}');
}

static void
put_presence(struct json_out *w, const struct interval *at, size_t intervals_n)
{
	json_open(w, "presence", '[');
	for (size_t i = 0; i < intervals_n; i++) {
		const struct interval *t = &at[i];
		json_open(w, NULL, '{');
		put_instant(w, "from", t->from);
		if (t->ended_by != ENDED_OPEN) {
			put_instant(w, "to", t->to);
			json_put_text(w, "ended_by", ended_by_name(t->ended_by));
			put_instant(w, "last_seen", t->seen);
			json_put_known_text(w, "device_words", t->ending.device_words);
		}
		int64_t rows[3] = { t->begin_seq, t->end_seq,
			t->history_seq ? t->history_seq
			: t->told_seq  ? t->told_seq
				       : t->uptime_seq };
		int n = !rows[0] ? 0 : !rows[1] ? 1 : !rows[2] ? 2 : 3;
		if (n)
			put_rows(w, "evidence", rows, n);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* Who was to be informed, of whom, at the playbook's instants. */
static void
put_escalations(struct json_out *w, const struct run *r)
{
	if (!r->escalations.n)
		return;
	json_open(w, "escalations", '[');
	for (size_t i = 0; i < r->escalations.n; i++) {
		const struct escalation *e = &r->escalations.at[i];
		json_open(w, NULL, '{');
		put_instant(w, "at", e->at);
		json_put_text(w, "to", e->to);
		json_open(w, "sites", '[');
		for (size_t k = 0; k < e->n; k++)
			json_put_text(w, NULL, r->spec->sites[e->sites[k]].id);
		json_close(w, ']');
		if (e->seq)
			put_rows(w, "evidence", &e->seq, 1);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static const char *
result_word(const struct attempt *t)
{
	switch (t->result) {
	case ATTEMPT_UNDER_WAY: return "unknown";
	case ATTEMPT_UP: return "up";
	case ATTEMPT_FAILED: return "failed";
	case ATTEMPT_OURS: return "our-failure";
	case ATTEMPT_INCOMING: return "incoming";
	}
	return "unknown";
}

static const char *
mcu_name(const struct report *r, int mcu)
{
	return mcu >= 0 && (size_t)mcu < r->spec->mcus_n ? r->spec->mcus[mcu].name : NULL;
}

/* By which way its last leg came about. */
static void
put_carried(struct json_out *w, const struct report *r, const struct run_site *s)
{
	const struct attempt *by = NULL;
	for (size_t i = 0; i < s->attempts.n; i++)
		if (s->attempts.at[i].result == ATTEMPT_UP ||
			s->attempts.at[i].result == ATTEMPT_INCOMING)
			by = &s->attempts.at[i];
	if (!by)
		return;
	json_open(w, "carried_by", '{');
	json_put_known_text(w, "mcu", mcu_name(r, by->mcu));
	json_put_known_text(w, "address", by->address);
	if (by->fallback)
		json_put_text(w, "fallback", fallback_name((enum fallback)(by->fallback - 1)));
	json_close(w, '}');
}

static void
put_attempts(struct json_out *w, const struct report *r, const struct run_site *s)
{
	json_open(w, "attempts", '[');
	for (size_t i = 0; i < s->attempts.n; i++) {
		const struct attempt *t = &s->attempts.at[i];
		bool failed = t->result == ATTEMPT_FAILED || t->result == ATTEMPT_OURS;
		json_open(w, NULL, '{');
		json_put_known_text(w, "address", t->address);
		json_put_known_text(w, "mcu", mcu_name(r, t->mcu));
		put_instant(w, "at", t->at);
		json_put_text(w, "result", result_word(t));
		if (t->fallback)
			json_put_text(
				w, "fallback", fallback_name((enum fallback)(t->fallback - 1)));
		if (failed)
			json_put_text(w, "cause", cause_name(t->cause));
		json_put_known_text(w, "device_words", t->words);
		if (t->seq)
			put_rows(w, "evidence", &t->seq, 1);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_media(struct json_out *w, const struct verdict *v)
{
	json_open(w, "media", '[');
	for (int i = 0; i < v->media_n; i++) {
		const struct media_fact *m = &v->media[i];
		json_open(w, NULL, '{');
		json_put_text(w, "hop", m->hop);
		json_put_text(w, "medium", medium_name(m->medium));
		json_put_text(w, "direction", direction_name(m->direction));
		json_put_tri(w, "value", m->value);
		if (m->grade != GRADE_NONE)
			json_put_text(w, "grade", grade_value_name(m->grade));
		json_put_known_text(w, "seen_by", m->seen_by);
		put_rows(w, "evidence", m->evidence.seq, m->evidence.n);
		if (m->contradiction)
			json_put_bool(w, "contradiction", true);
		put_count(w, "loss_permille", m->loss_permille);
		put_count(w, "jitter_ms", m->jitter_ms);
		put_count(w, "kbps", m->kbps);
		if (m->medium == VIDEO) {
			put_count(w, "width", m->width);
			put_count(w, "height", m->height);
		}
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_rollcall(struct json_out *w, const struct report *r, const struct report_site *s)
{
	const struct rollcall_mark *m = &s->site->roll;
	if (!r->rollcall && !m->called && !m->by_person)
		return;
	json_open(w, "rollcall", '{');
	json_put_int(w, "called", m->called);
	json_put_tri(w, "answered", s->verdict->answered);
	bool timed = m->answered && m->first_called && m->answered_at >= m->first_called;
	json_put_figure(w, "after_s",
		timed ? figure_of((m->answered_at - m->first_called) / 1000)
		      : (struct figure){ 0 });
	if (m->by_person || m->answered)
		json_put_text(w, "by", m->by_person ? "person" : "device");
	if (m->by_person) {
		json_put_known_text(w, "person", m->person);
		json_put_known_text(w, "why", m->why);
	}
	if (m->silent)
		json_put_bool(w, "silent", true);
	if (m->not_made)
		json_put_bool(w, "not_made", true);
	json_close(w, '}');
}

static void
put_checklist(struct json_out *w, const struct verdict *v)
{
	json_open(w, "checklist", '{');
	for (size_t i = 0; i < sizeof v->checklist / sizeof *v->checklist; i++) {
		json_open(w, checklist_names[i], '{');
		json_put_known_text(w, "value", v->checklist[i].value);
		json_put_known_text(w, "by", v->checklist[i].by);
		json_close(w, '}');
	}
	json_close(w, '}');
}

static void
put_settled(struct json_out *w, const struct run_site *s)
{
	if (!s->settled_present && !s->settled_left)
		return;
	json_open(w, "settled", '{');
	json_put_text(w, "left", s->settled_left ? "yes" : "no");
	json_put_known_text(w, "by", s->settled_by);
	json_put_known_text(w, "why", s->settled_why);
	if (s->settled_seq)
		put_rows(w, "evidence", &s->settled_seq, 1);
	json_close(w, '}');
}

/* What the program proposes, and what a person confirmed: both stay. */
static void
put_fault(struct json_out *w, const struct verdict *v)
{
	const struct run_site *s = v->site;
	if (str_empty(advice_fault(v)) && !s->fault_confirmed && !s->cause_confirmed)
		return;
	json_open(w, "fault", '{');
	json_put_text(w, "proposed", advice_fault(v));
	json_put_text(w, "cause_proposed", advice_cause(v));
	json_put_known_text(w, "why_proposed", advice_evidence(v));
	json_put_known_text(w, "confirmed", s->fault_confirmed);
	json_put_known_text(w, "cause_confirmed", s->cause_confirmed);
	json_close(w, '}');
}

static void
put_corrections(struct json_out *w, const struct run_site *s)
{
	if (!s->corrections.n)
		return;
	json_open(w, "corrections", '[');
	for (size_t i = 0; i < s->corrections.n; i++) {
		const struct correction *c = &s->corrections.at[i];
		json_open(w, NULL, '{');
		put_instant(w, "at", c->at);
		json_put_text(w, "what", c->what);
		json_put_text(w, "old", c->old);
		json_put_text(w, "value", c->value);
		json_put_known_text(w, "by", c->by);
		json_put_known_text(w, "why", c->why);
		put_rows(w, "evidence", &c->seq, c->seq ? 1 : 0);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_calls(struct json_out *w, const struct run_site *s)
{
	if (!s->calls.n)
		return;
	json_open(w, "calls", '[');
	for (size_t i = 0; i < s->calls.n; i++) {
		json_open(w, NULL, '{');
		put_instant(w, "at", s->calls.at[i].at);
		json_put_known_text(w, "by", s->calls.at[i].by);
		json_put_known_text(w, "said", s->calls.at[i].said);
		put_rows(w, "evidence", &s->calls.at[i].seq, s->calls.at[i].seq ? 1 : 0);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_site(struct json_out *w, const struct report *r, const struct report_site *s)
{
	const struct verdict *v = s->verdict;
	json_open(w, NULL, '{');
	json_put_text(w, "id", s->spec->id);
	json_put_text(w, "name", s->spec->name);
	json_put_text(w, "tier", s->spec->tier);
	json_put_known_text(w, "parent", s->spec->parent);
	json_put_text(w, "headline", headline_name(v->headline));
	json_put_known_text(w, "sub_reason", v->sub_reason);
	json_open(w, "flags", '[');
	for (int i = 0; i < v->flags_n; i++)
		json_put_text(w, NULL, v->flags[i]);
	json_close(w, ']');
	put_facts(w, s);
	put_people(w, s);
	put_presence(w, s->site->intervals.at, s->site->intervals.n);
	put_attempts(w, r, s->site);
	put_carried(w, r, s->site);
	put_media(w, v);
	put_rollcall(w, r, s);
	put_checklist(w, v);
	json_put_known_text(w, "district", s->spec->district);
	json_put_known_text(w, "remote_ip", v->network_ip);
	if (v->network != UNKNOWN)
		json_put_tri(w, "network", v->network);
	json_put_known_text(w, "disabled", s->spec->disabled);
	json_put_known_text(w, "common_cause", v->common_cause);
	put_instant(w, "silent_since", v->silent_since);
	put_settled(w, s->site);
	put_fault(w, v);
	put_corrections(w, s->site);
	put_calls(w, s->site);
	json_close(w, '}');
}

/* Between an MCU and the one above it: told with the MCU, never charged to a site. */
static void
put_hops(struct json_out *w, const struct judgement *j)
{
	if (!j->hops_n)
		return;
	json_open(w, "hops", '[');
	for (size_t i = 0; i < j->hops_n; i++) {
		const struct hop *h = &j->hops[i];
		json_open(w, NULL, '{');
		json_put_text(w, "name", h->name);
		json_put_text(w, "lower", h->lower);
		json_put_text(w, "upper", h->upper);
		json_put_bool(w, "foreign", h->foreign);
		if (h->import)
			json_put_text(w, "imported_from", h->import->from);
		json_put_tri(w, "reached", h->verdict.reached);
		put_media(w, &h->verdict);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* Apart from the sites, so that these stay the expected ones. */
static void
put_extras(struct json_out *w, const struct report *r)
{
	if (!r->extras_n)
		return;
	json_open(w, "extras", '[');
	for (size_t i = 0; i < r->extras_n; i++) {
		const struct report_extra *e = &r->extras[i];
		const struct run_extra *x = e->extra;
		json_open(w, NULL, '{');
		json_put_known_text(w, "id", x->site);
		json_put_text(w, "name", e->name);
		json_put_known_text(w, "tier", x->tier);
		json_put_known_text(w, "district", x->district);
		json_put_text(w, "mcu", e->mcu);
		json_open(w, "flags", '[');
		if (!e->is_mcu)
			json_put_text(w, NULL, "extra");
		json_close(w, ']');
		json_put_known_text(w, "known_by", x->known_by);
		if (x->known_seq)
			put_rows(w, "known_evidence", &x->known_seq, 1);
		if (e->bears_invited_name)
			json_put_bool(w, "bears_invited_name", true);
		if (e->elsewhere)
			json_put_bool(w, "invited_elsewhere", true);
		json_put_known_text(w, "shown_name", x->shown_name);
		json_put_known_text(w, "address", x->address);
		json_put_known_text(w, "remote_ip", x->remote_ip);
		json_put_bool(w, "incoming", x->incoming);
		put_presence(w, x->intervals.at, x->intervals.n);
		json_put_int(w, "present_s", e->present_s);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* Results of other offices: their figures, never mixed with ours. */
static void
put_imports(struct json_out *w, const struct report *r)
{
	if (!r->run->imports.n)
		return;
	json_open(w, "imports", '[');
	for (size_t i = 0; i < r->run->imports.n; i++) {
		const struct imported *in = r->run->imports.at[i];
		int by[HEADLINE_N] = { 0 };
		for (size_t k = 0; k < in->sites_n; k++)
			by[in->sites[k].headline]++;
		json_open(w, NULL, '{');
		json_put_text(w, "from", in->from);
		json_put_text(w, "key", in->key);
		json_put_text(w, "sha256", in->sha256);
		json_put_text(w, "run", in->run);
		json_put_text(w, "run_key", in->run_key);
		json_put_int(w, "revision", in->revision);
		put_instant(w, "planned_start", in->planned_start);
		put_instant(w, "at", in->at);
		json_put_known_text(w, "by", in->by);
		put_headlines(w, in->sites_n, by);
		json_open(w, "sites", '[');
		for (size_t k = 0; k < in->sites_n; k++) {
			json_open(w, NULL, '{');
			json_put_text(w, "id", in->sites[k].id);
			json_put_text(w, "name", in->sites[k].name);
			json_put_text(w, "tier", imported_tiers[in->sites[k].tier]);
			json_put_text(w, "headline", headline_name(in->sites[k].headline));
			json_put_known_text(w, "sub_reason", in->sites[k].sub_reason);
			json_close(w, '}');
		}
		json_close(w, ']');
		put_rows(w, "evidence", &in->seq, in->seq ? 1 : 0);
		json_close(w, '}');
	}
	json_close(w, ']');
}

void
report_json_put(struct json_out *w, const char *key, const struct report *r)
{
	json_open(w, key, '{');
	put_run(w, r);
	put_counts(w, r);
	json_open(w, "sites", '[');
	for (size_t i = 0; i < r->n; i++)
		put_site(w, r, &r->sites[i]);
	json_close(w, ']');
	put_extras(w, r);
	put_escalations(w, r->run);
	put_hops(w, r->judgement);
	json_open(w, "lists", '{');
	for (int l = 0; l < LIST_N; l++) {
		json_open(w, list_names[l], '[');
		for (size_t i = 0; i < r->lists[l].n; i++)
			json_put_text(w, NULL, r->lists[l].sites[i]->spec->id);
		json_close(w, ']');
	}
	json_close(w, '}');
	put_imports(w, r);
	json_close(w, '}');
}

void
report_json(const struct report *r, struct buf *out)
{
	struct json_out w = { .out = out, .pretty = true };
	report_json_put(&w, NULL, r);
}
