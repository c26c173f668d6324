/* `import`: another office's signed result for a run of ours; and what was imported.
 *
 * The document is checked here for the sake of a good answer, put into the workspace as it came,
 * and then handed to the daemon, which checks it again and writes. It must never write the
 * journal. */
#include "cmd/cmd.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "exchange.h"
#include "report/words.h"
#include "story.h"
#include "workspace.h"
#include "workspace_files.h"

enum { ANSWER_MS = 60000 };

/* What the document says, by whom. */
static void
show(const struct exchange *x, const struct workspace_sender *s, const char *lang)
{
	struct buf b = { 0 }, line = { 0 };
	char when[24];
	const struct json *counts = json_get(x->report, "counts");
	text_printf(&line, lang,
		T("%s: %s, %s revision %d, %s, planned %s: %lld of %lld good; signed with %s%s"),
		s ? s->name : x->from, x->run, text_get(lang, x->phase), x->revision,
		json_text(json_get(x->report, "run"), "summary"),
		words_stamp(lang, x->planned_start, when, sizeof when),
		(long long)json_int(counts, "good", 0), (long long)json_int(counts, "expected", 0),
		x->key, s ? "" : text_get(lang, T(", which nobody in tongduyet.xml owns")));
	vis_terminal(&b, buf_str(&line));
	buf_putc(&b, '\n');
	cmd_print(&b);
	buf_free(&line);
	buf_free(&b);
}

static int
import_file(const struct cmd_line *l, const struct workspace *w, const char *path)
{
	struct err_text e = { 0 };
	struct exchange x;
	const char *bytes = NULL;
	size_t n = 0;
	int mode;
	enum err code = workspace_file(path, l->arena, &bytes, &n, &mode, &e);
	if (code == OK)
		code = exchange_open(bytes, n, l->arena, &x, &e);
	if (code != OK)
		return cmd_fail(code == ERR_AUTH ? ERR_REFUSED : code, "%s: %s", path, e.text);
	const struct workspace_sender *s = workspace_sender(w, x.key);
	if (cmd_flag(l, "preview")) {
		show(&x, s, cmd_lang(l));
		return s ? CMD_DONE : CMD_FAULTS;
	}
	if (!s)
		return cmd_fail(ERR_REFUSED,
			T("%s is signed with a key that nobody in tongduyet.xml owns; if \"%s\" "
			  "told "
			  "you this key itself, add the line "
			  "<sender name=\"...\" key=\"%s\"/>"),
			path, x.from, x.key);
	if ((code = workspace_import_keep(w, x.sha256, bytes, n, &e)) != OK)
		return cmd_fail(code, "%s", e.text);
	const char *const args[] = { x.sha256, cmd_value(l, "run") ? cmd_value(l, "run") : "" };
	return cmd_tell(l, cmd_request_of(l, "import", args, 2), ANSWER_MS, false);
}

/* ---- what was imported ----------------------------------------------------------------------- */

static void
put_json(const char *run, const struct run *r, struct buf *out)
{
	for (size_t i = 0; i < r->imports.n; i++) {
		const struct imported *in = r->imports.at[i];
		struct json_out w = { .out = out };
		char when[INSTANT_SIZE];
		json_open(&w, NULL, '{');
		json_put_text(&w, "for", run);
		json_put_text(&w, "from", in->from);
		json_put_text(&w, "run", in->run);
		json_put_int(&w, "revision", in->revision);
		json_put_int(&w, "sites", (int64_t)in->sites_n);
		json_put_text(&w, "sha256", in->sha256);
		json_put_text(&w, "at", instant_rfc3339(in->at, when));
		json_put_text(&w, "by", in->by);
		json_close(&w, '}');
		buf_putc(out, '\n');
	}
}

static void
put_text(const struct run *r, const char *lang, struct buf *out)
{
	for (size_t i = 0; i < r->imports.n; i++) {
		const struct imported *in = r->imports.at[i];
		struct buf line = { 0 };
		char when[24];
		text_printf(&line, lang, T("%s  %s: %s revision %d, %zu sites, by %s"),
			words_stamp(lang, in->at, when, sizeof when), in->from, in->run,
			in->revision, in->sites_n, in->by);
		vis_terminal(out, buf_str(&line));
		buf_putc(out, '\n');
		buf_free(&line);
	}
	if (!r->imports.n)
		buf_puts(out, text_get(lang, T("nothing was imported for this run\n")));
}

static int
list(const struct cmd_line *l, const struct workspace *w)
{
	struct journal_reader *r;
	struct story s = { 0 };
	struct err_text e = { 0 };
	struct buf b = { 0 };
	const char *id;
	cmd_zone(l);
	enum err code = journal_reader_open(w->journal_path, &r, &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	code = story_find(r, cmd_value(l, "run") ? cmd_value(l, "run") : "last", l->arena, &id, &e);
	if (code == OK) {
		code = story_read(r, id, 0, &s, &e);
		if (code == OK && l->json)
			put_json(id, s.run, &b);
		else if (code == OK)
			put_text(s.run, cmd_lang(l), &b);
		story_free(&s);
	}
	journal_reader_close(r);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

static int
run_import(const struct cmd_line *l)
{
	struct workspace w;
	struct faults faults = { .arena = l->arena };
	cmd_zone(l);
	if (workspace_read(l->workspace, l->arena, &faults, &w) != OK)
		return cmd_fail(ERR_SYSTEM, "%s",
			faults.n ? fault_say(l->arena, faults.at[0].file, &faults.at[0])
				 : T("no workspace"));
	if (!l->words_n)
		return list(l, &w);
	return import_file(l, &w, l->words[0]);
}

const struct cmd cmd_import = { .name = "import",
	.usage = "import [FILE] [--run RUN] [--replace] [--preview] [--by NAME] [--json]",
	.help = T("Takes another office's signed result for a run of ours: hops and figures add up "
		"in a new revision of its report; without "
		"FILE tells what a run was given."),
	.flags = "replace preview",
	.values = "run by",
	.max = 1,
	.run = run_import };
