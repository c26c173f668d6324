/* Reports when they are due, and snapshots for those who watch.
 *
 * Called by the loop. The row that seals a report is durable before the report's files are written;
 * a crash between the two leaves a row from which the same bytes are made again. It must never
 * write over a report. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "paper.h"
#include "record.h"
#include "snapshot.h"

#include <string.h>
#include <unistd.h>

const char *
report_folder(const struct coordinator *c, const char *run, struct arena *a)
{
	return arena_printf(a, "%s/%s", c->house->ws.reports_dir, run);
}

/* ---- the seal -------------------------------------------------------------------------------- */

struct seal {
	char hash[HASH_HEX_SIZE];
};

static bool
take_seal(const struct row *row, void *arg)
{
	struct seal *s = arg;
	str_copy(s->hash, sizeof s->hash, row->hash);
	return true;
}

/* What it says of each site, for histories and summaries. */
static enum err
keep_records(struct coordinator *c, struct live *l, struct err_text *e)
{
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct judgement j;
	enum err code = OK;
	judge(l->run, a, &j);
	const struct report *r = report_build(l->run, &j, l->revision, NULL, a);
	for (size_t i = 0; code == OK && i < r->n; i++) {
		struct json_out w = { .out = &b };
		struct record_run entry;
		buf_clear(&b);
		record_of(r, &r->sites[i], &entry);
		record_write(&entry, &w);
		code = journal_append(c->journal, l->spec->id, c->now, "record",
			r->sites[i].spec->id, buf_str(&b), NULL, &l->last_seq, e);
	}
	buf_free(&b);
	arena_free(a);
	return code;
}

/* Seals what the run's rows say now: a row, a commit, then the files. */
static void
seal(struct coordinator *c, struct live *l)
{
	struct buf json = { 0 }, body = { 0 };
	struct json_out w = { .out = &body };
	struct seal last = { 0 };
	struct err_text e = { 0 };
	char sha[HASH_HEX_SIZE];
	if (!coordinator_commit(c))
		return;
	if (journal_rows(c->reader, l->spec->id, l->last_seq, take_seal, &last, &e) != OK) {
		log_error("coordinator", "seal the report of %s: %s", l->spec->id, e.text);
		return;
	}
	int64_t row = 0;
	int revision = l->revision + 1;
	paper_form(l->run, revision, last.hash, "json", NULL, &json);
	hash_hex(buf_str(&json), json.n, sha);
	json_open(&w, NULL, '{');
	json_put_int(&w, "revision", revision);
	json_put_text(&w, "seal", last.hash);
	json_put_text(&w, "sha256", sha);
	json_close(&w, '}');
	enum err code = journal_append(
		c->journal, l->spec->id, c->now, "report", "", buf_str(&body), NULL, &row, &e);
	if (code == OK) {
		l->last_seq = row;
		l->revision = revision;
		l->report_wanted = false;
		code = keep_records(c, l, &e);
	}
	if (code == OK)
		outbox_sealed(c, l, last.hash);
	else
		coordinator_break(c, &e);
	if (code == OK && coordinator_commit(c)) {
		struct arena *a = arena_new();
		if (paper_write(l->run, report_folder(c, l->spec->id, a), revision, last.hash,
			    &e) != OK)
			log_error("coordinator",
				"%s: %s; `tongduyet report` shows it from the journal", l->spec->id,
				e.text);
		else
			log_info("coordinator", "%s: report revision %d is in %s", l->spec->id,
				revision, report_folder(c, l->spec->id, a));
		papers_order(c, l->spec->id, revision, last.hash, row);
		arena_free(a);
	}
	buf_free(&json);
	buf_free(&body);
}

void
report_if_due(struct coordinator *c, struct live *l)
{
	if (c->broken)
		return;
	bool first = !l->revision && (l->run->report_due || l->run->finished);
	/* A session is reported when it is under way, and again when it is over. */
	bool last = l->revision == 1 && !l->ended && l->run->finished &&
		    l->spec->phase == PHASE_SESSION && !l->run->missed;
	if (first || last || l->report_wanted)
		seal(c, l);
}

void
report_ensure(struct coordinator *c, const char *run, const struct story_report *reports, size_t n)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(a, "%s/%s", report_folder(c, run, a),
			paper_name(a, reports[i].revision, "en.txt"));
		struct story s;
		struct err_text e = { 0 };
		papers_order(c, run, reports[i].revision, reports[i].seal,
			reports[i].seq); /* those that are missing */
		if (access(path, F_OK) == 0)
			continue;
		enum err code = story_read(c->reader, run, reports[i].seq - 1, &s, &e);
		if (code == OK)
			code = paper_write(s.run, report_folder(c, run, a), reports[i].revision,
				reports[i].seal, &e);
		if (code != OK)
			log_error("coordinator", "write the report of %s: %s", run, e.text);
		story_free(&s);
	}
	arena_free(a);
}

void
report_over(struct coordinator *c, struct live *l)
{
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	size_t good, expected;
	if (control_watched(c->control, l->spec->id)) {
		report_snapshot(c, l, &b);
		control_broadcast(c->control, l->spec->id, buf_str(&b));
		buf_clear(&b);
	}
	paper_count(l->run, &good, &expected);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "over", true);
	json_put_text(&w, "run", l->spec->id);
	json_put_text(&w, "report", report_folder(c, l->spec->id, a));
	json_put_int(&w, "good", (int64_t)good);
	json_put_int(&w, "expected", (int64_t)expected);
	json_close(&w, '}');
	control_broadcast(c->control, l->spec->id, buf_str(&b));
	buf_free(&b);
	arena_free(a);
}

void
report_snapshot(const struct coordinator *c, const struct live *l, struct buf *out)
{
	struct arena *a = arena_new();
	struct judgement j;
	judge(l->run, a, &j);
	snapshot_json(l->run, &j, c->now, out);
	ask_note(c, l->spec->id, out);
	arena_free(a);
}

int64_t
report_show_every(const struct coordinator *c)
{
	int64_t least = c->showing_ms * SNAPSHOT_SHARE;

	return least > SNAPSHOT_EVERY_MS ? least : SNAPSHOT_EVERY_MS;
}

void
report_show(struct coordinator *c, int64_t mono)
{
	if (mono < c->shown_mono + report_show_every(c))
		return;
	int64_t began = clock_mono();
	bool all = mono >= c->shown_mono + 1000;
	c->shown_mono = mono;
	for (size_t i = 0; i < c->lives.n; i++) {
		struct live *l = c->lives.at[i];
		if (!control_watched(c->control, l->spec->id) || (!l->changed && !all))
			continue;
		struct buf b = { 0 };
		report_snapshot(c, l, &b);
		control_broadcast(c->control, l->spec->id, buf_str(&b));
		buf_free(&b);
		l->changed = false;
	}
	c->showing_ms = clock_mono() - began;
}
