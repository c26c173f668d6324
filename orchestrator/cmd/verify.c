/* `verify`: the journal's chains, the seals of reports and the files that were written from
 * them. */
#include "cmd/cmd.h"

#include "base/hash.h"
#include "base/str.h"
#include "journal.h"
#include "paper.h"
#include "workspace.h"
#include "workspace_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { REPORT_MOST = 64 << 20 };

struct verify {
	struct journal_reader *reader;
	const char *lang, *run, *dir; /* dir: reports/RUN */
	const struct workspace *ws;
	struct arena *arena;
	struct buf *out;
	char before[65];       /* hash of the row before */
	size_t faults;
};

static void
check_file(struct verify *v, int revision, const char *sha256)
{
	const char *path =
		arena_printf(v->arena, "%s/%s", v->dir, paper_name(v->arena, revision, "json"));
	struct buf b = { 0 };
	char bytes[16384], sha[HASH_HEX_SIZE];
	FILE *f = fopen(path, "re");
	if (!f) {
		text_printf(v->out, v->lang, T("%s: report revision %d: %s: %s"), v->run, revision,
			path, cmd_sentence(strerror(errno)));
		buf_putc(v->out, '\n');
		v->faults++;
		return;
	}
	for (size_t n; b.n < REPORT_MOST && (n = fread(bytes, 1, sizeof bytes, f)) > 0;)
		buf_add(&b, bytes, n);
	fclose(f);
	hash_hex(buf_str(&b), b.n, sha);
	if (!str_eq(sha, sha256)) {
		text_printf(v->out, v->lang, T("%s: %s is not the report that was sealed"), v->run,
			path);
		buf_putc(v->out, '\n');
		v->faults++;
	}
	buf_free(&b);
}

/* Another office's document, as it came. */
static void
check_import(struct verify *v, const struct json *in)
{
	const char *bytes, *sha256 = json_text(in, "sha256") ? json_text(in, "sha256") : "",
			   *from = json_text(in, "from");
	struct err_text e = { 0 };
	char sha[HASH_HEX_SIZE];
	size_t n;
	int mode;
	enum err code = workspace_file(
		workspace_import_path(v->ws, sha256, v->arena), v->arena, &bytes, &n, &mode, &e);
	if (code == OK)
		hash_hex(bytes, n, sha);
	if (code == OK && str_eq(sha, sha256))
		return;
	text_printf(v->out, v->lang, T("%s: the imported result of %s: %s"), v->run,
		from ? from : "?",
		code == OK ? text_get(v->lang, T("the kept document is not the one that was "
						 "imported"))
			   : cmd_sentence(e.text));
	buf_putc(v->out, '\n');
	v->faults++;
}

static bool
check_row(const struct row *row, void *arg)
{
	struct verify *v = arg;
	if (str_eq(row->kind, "report")) {
		const struct json *j = NULL;
		json_parse(v->arena, row->body, strlen(row->body), &j, NULL);
		if (!str_eq(json_text(j, "seal"), v->before)) {
			text_printf(v->out, v->lang,
				T("%s: row %lld: the report's seal is not the hash of the row "
				  "before it"),
				v->run, (long long)row->seq);
			buf_putc(v->out, '\n');
			v->faults++;
		}
		check_file(v, (int)json_int(j, "revision", 0), json_text(j, "sha256"));
	}
	if (str_eq(row->kind, "event") && strstr(row->body, "\"imported\"")) {
		const struct json *j = NULL;
		json_parse(v->arena, row->body, strlen(row->body), &j, NULL);
		if (str_eq(json_text(j, "kind"), "imported"))
			check_import(v, json_get(j, "imported"));
	}
	str_copy(v->before, sizeof v->before, row->hash);
	return true;
}

/* The end of each run, kept in the house's chain: a run cut off behind it is found so. */
static bool
check_end(const struct row *row, void *arg)
{
	struct verify *v = arg;
	const struct json *j = NULL;
	struct err_text e = { 0 };
	char head[65] = "";
	if (!str_eq(row->kind, "run-ended"))
		return true;
	json_parse(v->arena, row->body, strlen(row->body), &j, NULL);
	const char *run = json_text(j, "run");
	enum err code = run ? journal_verify(v->reader, run, json_int(j, "seq", 0), head, &e)
			    : ERR_PROTOCOL;
	if (code == OK && str_eq(head, json_text(j, "seal")))
		return true;
	text_printf(v->out, v->lang, T("%s: not the run that ended: %s"), run ? run : "?",
		code == OK ? text_get(v->lang, T("another last row")) : cmd_sentence(e.text));
	buf_putc(v->out, '\n');
	v->faults++;
	return true;
}

static void
verify_run(struct verify *v, const char *run)
{
	struct err_text e = { 0 };
	char head[65];
	v->run = run[0] ? run : "house";
	v->before[0] = '\0';
	enum err code = journal_verify(v->reader, run, 0, head, &e);
	if (code == OK)
		code = journal_rows(v->reader, run, 1, run[0] ? check_row : check_end, v, &e);
	if (code == OK)
		return;
	buf_printf(v->out, "%s: %s\n", v->run, cmd_sentence(e.text));
	v->faults++;
}

static int
run_verify(const struct cmd_line *l)
{
	struct workspace w;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	struct verify v = { .arena = l->arena, .out = &b, .ws = &w, .lang = cmd_lang(l) };
	const char *const *runs = NULL;
	size_t n = 0;
	workspace_paths(l->workspace, l->arena, &w);
	enum err code = journal_reader_open(w.journal_path, &v.reader, &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	bool one = l->words_n && !str_eq(l->words[0], "last");
	code = journal_runs(v.reader, one ? l->words[0] : "", l->arena, &runs, &e);
	if (code == OK && l->words_n && !runs[0])
		code = err_set(&e, ERR_INPUT, T("no run \"%s\" in the journal"), l->words[0]);
	if (code == OK && !l->words_n)
		verify_run(&v, JOURNAL_HOUSE);
	for (; code == OK && runs[n] && !(l->words_n && !one && n); n++) {
		v.dir = arena_printf(l->arena, "%s/%s", w.reports_dir, runs[n]);
		verify_run(&v, runs[n]);
	}
	journal_reader_close(v.reader);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	text_printf(&b, v.lang, T("verified: %zu runs, %zu faults"), n, v.faults);
	buf_putc(&b, '\n');
	cmd_print(&b);
	buf_free(&b);
	return v.faults ? CMD_FAULTS : CMD_DONE;
}

const struct cmd cmd_verify = { .name = "verify",
	.usage = "verify [RUN] [--lang vi|en]",
	.help = T("Checks that no row and no report was changed, removed or put in."),
	.max = 1,
	.run = run_verify };
