/* `report` and `replay`: a run told again from the journal, on a read-only connection. */
#include "cmd/cmd.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/vis.h"
#include "paper.h"
#include "record.h"
#include "report/documents.h"
#include "story.h"
#include "workspace.h"

/* The run that the first word means. */
static int
open_run(const struct cmd_line *l, struct journal_reader **out, const char **out_id)
{
	struct workspace w;
	struct err_text e = { 0 };
	workspace_paths(l->workspace, l->arena, &w);
	cmd_zone(l);
	enum err code = journal_reader_open(w.journal_path, out, &e);
	if (code == ERR_GONE)
		return cmd_fail(code, T("nothing was run in %s yet"), w.dir);
	if (code == OK && (code = story_find(*out, l->words_n ? l->words[0] : "last", l->arena,
				   out_id, &e)) != OK)
		journal_reader_close(*out);
	return code == OK ? CMD_DONE : cmd_fail(code, "%s", e.text);
}

static const struct story_report *
revision_of(const struct story *s, int64_t wanted)
{
	const struct story_report *found = NULL;
	for (size_t i = 0; i < s->reports.n; i++)
		if (!wanted || s->reports.at[i].revision == wanted)
			found = &s->reports.at[i];
	return found;
}

/* A form of the report itself, or a document for print. */
static enum err
write_form(const struct cmd_line *l, struct journal_reader *j, const struct run *r,
	const struct story_report *report, const char *form, const char *lang, struct buf *out,
	struct err_text *e)
{
	struct workspace w;
	struct faults faults = { .arena = l->arena };
	const char *kind = cmd_value(l, "document");
	if (str_eq(form, "signed")) {
		struct sign_key key;
		workspace_read(l->workspace, l->arena, &faults, &w);
		enum err code = workspace_key(&w, &key, e);
		return code == OK ? paper_signed(
					    r, report->revision, report->seal, w.name, &key, out, e)
				  : code;
	}
	if (!kind && !document_format(form)) {
		paper_form(r, report->revision, report->seal, form, lang, out);
		return OK;
	}
	workspace_read(l->workspace, l->arena, &faults, &w);
	faults.n = 0;
	const struct letterhead *head = paper_letterhead(&w, l->arena, &faults);
	for (size_t i = 0; i < faults.n; i++)
		cmd_fail(OK, T("%s; the default letterhead is used"),
			fault_say(l->arena, faults.at[i].file, &faults.at[i]));
	return paper_document_of(j, r, report, head, kind ? kind : "minutes", form, lang, out, e);
}

static int
print_report(const struct cmd_line *l, struct journal_reader *r, const char *id, const char *form,
	int64_t wanted)
{
	struct story s;
	struct err_text e = { 0 };
	struct story_report report = { .revision = 1 };
	struct buf b = { 0 };
	enum err code = story_reports(r, id, &s, &e);
	const struct story_report *found = code == OK ? revision_of(&s, wanted) : NULL;
	if (code == OK && wanted && !found)
		code = err_set(
			&e, ERR_INPUT, T("%s has no report revision %lld"), id, (long long)wanted);
	bool sealed = found != NULL;
	if (sealed)
		report = *found;
	story_free(&s);
	if (code == OK) /* as it was when it was sealed */
		code = story_read(r, id, sealed ? report.seq - 1 : 0, &s, &e);
	size_t good = 0, expected = 0;
	if (code == OK) {
		code = write_form(
			l, r, s.run, &report, form, l->lang ? l->lang : s.spec->lang, &b, &e);
	}
	if (code == OK) {
		paper_count(s.run, &good, &expected);
		cmd_print(&b);
	}
	int exit = code != OK	     ? cmd_fail(code, T("report %s: %s"), id, e.text)
		   : good < expected ? CMD_FAULTS
				     : CMD_DONE;
	if (code == OK && !sealed)
		cmd_fail(OK, T("%s has no report yet: this is how it stands"), id);
	buf_free(&b);
	story_free(&s);
	return exit;
}

static int
run_report(const struct cmd_line *l)
{
	struct journal_reader *r;
	const char *id, *form = cmd_value(l, "format");
	int64_t wanted = 0;
	if (cmd_flag(l, "send") || cmd_flag(l, "sent"))
		return cmd_send(l);
	if (cmd_value(l, "from") || (cmd_value(l, "to") && !l->words_n) ||
		str_eq(cmd_value(l, "document"), "survey"))
		return cmd_period(l);
	form = form ? form : l->json ? "json" : cmd_value(l, "document") ? "pdf" : "text";
	bool plain = str_eq(form, "json") || str_eq(form, "text") || str_eq(form, "signed");
	if (!plain && !document_format(form))
		return cmd_fail(ERR_INPUT,
			T("--format %s: text, json, signed, html, csv, xlsx or pdf"), form);
	if (cmd_value(l, "document") && !document_kind(cmd_value(l, "document")))
		return cmd_fail(ERR_INPUT,
			T("--document %s: minutes, attendance, consolidated, site:ID or survey"),
			cmd_value(l, "document"));
	if (cmd_value(l, "document") && plain && !str_eq(form, "text"))
		return cmd_fail(ERR_INPUT,
			T("--document is written as text, html, csv, xlsx or pdf, not as %s"),
			form);
	if (cmd_value(l, "revision") && !str_to_int(cmd_value(l, "revision"), 1, 100000, &wanted))
		return cmd_fail(
			ERR_INPUT, T("--revision %s: a number from 1"), cmd_value(l, "revision"));
	int exit = open_run(l, &r, &id);
	if (exit != CMD_DONE)
		return exit;
	exit = print_report(l, r, id, form, wanted);
	journal_reader_close(r);
	return exit;
}

/* ---- replay ---------------------------------------------------------------------------------- */

/* The JSON of a sealed report, made again: does it have the hash that was kept? */
static size_t
compare_reports(struct journal_reader *r, const char *id, const struct story *whole,
	const char *lang, struct buf *out)
{
	size_t wrong = 0;
	for (size_t i = 0; i < whole->reports.n; i++) {
		const struct story_report *report = &whole->reports.at[i];
		struct story s;
		struct err_text e = { 0 };
		struct buf b = { 0 };
		char sha[HASH_HEX_SIZE] = "";
		if (story_read(r, id, report->seq - 1, &s, &e) == OK) {
			paper_form(s.run, report->revision, report->seal, "json", NULL, &b);
			hash_hex(buf_str(&b), b.n, sha);
		}
		bool same = str_eq(sha, report->sha256) && str_eq(s.last_hash, report->seal);
		wrong += !same;
		text_printf(out, lang,
			same ? T("report revision %d: the same\n")
			     : T("report revision %d: NOT the same\n"),
			report->revision);
		buf_free(&b);
		story_free(&s);
	}
	return wrong;
}

struct kept { /* rows of kind "record" behind the row of a report */
	const struct report *r;
	size_t n, wrong;
};

static bool
compare_record(const struct row *row, void *arg)
{
	struct kept *k = arg;
	struct record_run now;
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	if (!str_eq(row->kind, "record") || k->n >= k->r->n)
		return false;
	record_of(k->r, &k->r->sites[k->n], &now);
	record_write(&now, &w);
	k->wrong +=
		!str_eq(row->site, k->r->sites[k->n].spec->id) || !str_eq(row->body, buf_str(&b));
	k->n++;
	buf_free(&b);
	return true;
}

/* What was kept of each site for histories, held against the run. A run older than such rows has
 * none. */
static size_t
compare_records(struct journal_reader *r, const char *id, const struct story *whole,
	const char *lang, struct buf *out)
{
	size_t wrong = 0;
	for (size_t i = 0; i < whole->reports.n; i++) {
		const struct story_report *report = &whole->reports.at[i];
		struct arena *a = arena_new();
		struct story s;
		struct judgement j;
		struct kept k = { 0 };
		struct err_text e = { 0 };
		if (story_read(r, id, report->seq - 1, &s, &e) == OK) {
			judge(s.run, a, &j);
			k.r = report_build(s.run, &j, report->revision, NULL, a);
			journal_rows(r, id, report->seq + 1, compare_record, &k, &e);
			if (k.n)
				text_printf(out, lang,
					T("record rows of revision %d: %zu of %zu the same\n"),
					report->revision, k.n - k.wrong, k.r->n);
			wrong += k.n ? k.r->n - (k.n - k.wrong) : 0;
		}
		story_free(&s);
		arena_free(a);
	}
	return wrong;
}

static int
run_replay(const struct cmd_line *l)
{
	struct journal_reader *r;
	struct story s;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	const char *id;
	int exit = open_run(l, &r, &id);
	if (exit != CMD_DONE)
		return exit;
	enum err code = story_read(r, id, 0, &s, &e);
	if (code != OK) {
		exit = cmd_fail(code, T("replay %s: %s"), id, e.text);
	} else {
		const char *lang = cmd_lang(l);
		size_t wrong =
			compare_reports(r, id, &s, lang, &b) + compare_records(r, id, &s, lang, &b);
		text_printf(&b, lang, T("%s: %zu events gave %zu orders, %zu different\n"), id,
			s.events, s.orders, s.differences);
		if (s.differences) {
			vis_terminal(&b, s.difference);
			buf_putc(&b, '\n');
		}
		cmd_print(&b);
		exit = wrong || s.differences ? CMD_FAULTS : CMD_DONE;
	}
	buf_free(&b);
	story_free(&s);
	journal_reader_close(r);
	return exit;
}

const struct cmd cmd_report = { .name = "report",
	.usage = "report [RUN] [--format text|json|signed|html|csv|xlsx|pdf] [--document "
		 "minutes|attendance|consolidated|site:ID|survey] "
		 "[--lang vi|en] [--revision N] | --send [--preview] [--to ROLES] [--again] | "
		 "--sent | --from DAY --to DAY "
		 "[--site S] [--district D] [--provider P] [--format F]",
	.help = T("Prints the report of a run, or a document for print, from the journal; --send "
		"mails it, --sent tells what became of that; "
		"--from and --to summarize a period."),
	.flags = "send sent preview again",
	.values = "format document revision from to site district provider",
	.max = 1,
	.run = run_report };
const struct cmd cmd_replay = { .name = "replay",
	.usage = "replay [RUN]",
	.help = T("Runs a run again from the journal, and compares orders and verdicts."),
	.max = 1,
	.run = run_replay };
