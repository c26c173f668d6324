/* Reports on disk: built from the run, written once, never changed.
 *
 * Called by the coordinator when a report is due and after a crash; paper_form() also by `report`
 * and `replay`. Owns nothing. Files appear whole or not at all: written beside, synced, linked into
 * place. It must never overwrite a report that somebody may have signed. */
#include "paper.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "exchange.h"
#include "judge.h"
#include "record.h"
#include "report/documents.h"
#include "story.h"
#include "workspace_files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0750, FILE_MODE = 0640 };

static const int64_t HISTORY_MS = (int64_t)366 * 24 * 3600 * 1000;

static const char *const kinds[] = { "minutes", "attendance",
	"consolidated" }; /* per site: on demand, and by mail */

void
paper_form(const struct run *r, int revision, const char *seal, const char *form, const char *lang,
	struct buf *out)
{
	struct arena *a = arena_new();
	struct judgement j;
	judge(r, a, &j);
	const struct report *report = report_build(r, &j, revision, seal, a);
	if (str_eq(form, "json"))
		report_json(report, out);
	else
		report_text(report, lang, out);
	arena_free(a);
}

/* A document of it (report/documents.h). letterhead NULL: the default one. Pure but for fonts.
 * ERR_INPUT, ERR_SYSTEM: e says. */
static enum err
one_document(const struct run *r, int revision, const char *seal, const struct letterhead *l,
	const char *kind, const char *format, const char *lang, struct buf *out, struct err_text *e)
{
	struct arena *a = arena_new();
	struct judgement j;
	judge(r, a, &j);
	enum err code = documents_write(
		report_build(r, &j, revision, seal, a), l, kind, format, lang, out, e);
	arena_free(a);
	return code;
}

static const struct report_site *
site_of(const struct report *r, const char *kind)
{
	for (size_t i = 0; str_starts(kind, "site:") && i < r->n; i++)
		if (str_eq_nocase(r->sites[i].spec->id, kind + 5))
			return &r->sites[i];
	return NULL;
}

/* The year before this run, as it was known when its report was sealed, and the run itself. */
static enum err
read_history(struct journal_reader *j, const struct report *r, const struct report_site *s,
	int64_t sealed_at, struct records *out, struct err_text *e)
{
	int64_t to = r->spec->planned_start;
	struct record_run now;
	enum err code = record_read(j, s->spec->id, to - HISTORY_MS, to, sealed_at, out, e);
	record_of(r, s, &now);
	record_put(out, s->spec->id, &now);
	record_finish(out);
	return code;
}

enum err
paper_document_of(struct journal_reader *j, const struct run *run,
	const struct story_report *report, const struct letterhead *l, const char *kind,
	const char *format, const char *lang, struct buf *out, struct err_text *e)
{
	struct arena *a = arena_new();
	struct judgement judgement;
	struct records records;
	judge(run, a, &judgement);
	struct report r = *report_build(run, &judgement, report->revision, report->seal, a);
	const struct report_site *s = site_of(&r, kind);
	record_new(&records, a);
	enum err code = s ? read_history(j, &r, s, report->at, &records, e) : OK;
	r.history = records.sites.n ? records.sites.at[0] : NULL;
	if (code == OK)
		code = documents_write(&r, l, kind, format, lang, out, e);
	record_free(&records);
	arena_free(a);
	return code;
}

const struct letterhead *
paper_letterhead(const struct workspace *w, struct arena *a, struct faults *faults)
{
	const char *path = arena_printf(a, "%s/letterhead.xml", w->dir), *bytes;
	struct letterhead *l = arena_alloc(a, sizeof *l);
	struct err_text e = { 0 };
	size_t n;
	int mode;
	enum err code = workspace_file(path, a, &bytes, &n, &mode, &e);
	if (code != OK && code != ERR_GONE)
		faults_add(faults, "letterhead.xml", 0, "%s", e.text);
	if (code == OK && letterhead_read(bytes, n, "letterhead.xml", a, faults, l) == OK)
		return l;
	return letterhead_default(w->organization, w->place, a);
}

enum err
paper_signed(const struct run *r, int revision, const char *seal, const char *from,
	const struct sign_key *k, struct buf *out, struct err_text *e)
{
	struct arena *a = arena_new();
	struct judgement j;
	judge(r, a, &j);
	bool done = exchange_write(report_build(r, &j, revision, seal, a), from, k, out);
	arena_free(a);
	return done ? OK : err_set(e, ERR_SYSTEM, T("libcrypto did not sign"));
}

void
paper_count(const struct run *r, size_t *out_good, size_t *out_expected)
{
	struct arena *a = arena_new();
	struct judgement j;
	judge(r, a, &j);
	*out_good = j.count[GOOD];
	*out_expected = j.n;
	arena_free(a);
}

const char *
paper_name(struct arena *a, int revision, const char *suffix)
{
	return revision > 1 ? arena_printf(a, "report.r%d.%s", revision, suffix)
			    : arena_printf(a, "report.%s", suffix);
}

const char *
paper_document_name(
	struct arena *a, const char *kind, int revision, const char *lang, const char *format)
{
	return revision > 1 ? arena_printf(a, "%s.r%d.%s.%s", kind, revision, lang, format)
			    : arena_printf(a, "%s.%s.%s", kind, lang, format);
}

static enum err
write_all(int fd, const struct buf *b)
{
	for (size_t done = 0; done < b->n;) {
		ssize_t n = write(fd, b->at + done, b->n - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM;
		done += (size_t)n;
	}
	return fsync(fd) ? ERR_SYSTEM : OK;
}

/* link() rather than rename(): it refuses where a file is already. */
static enum err
write_once(
	const char *dir, const char *name, const struct buf *b, struct arena *a, struct err_text *e)
{
	const char *path = arena_printf(a, "%s/%s", dir, name),
		   *part = arena_printf(a, "%s/.%s.part", dir, name);
	if (access(path, F_OK) == 0)
		return OK;
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (fd < 0)
		return err_set(e, ERR_SYSTEM, T("write %s: %s"), part, strerror(errno));
	enum err code = write_all(fd, b);
	int why = errno;
	if (close(fd) && code == OK) {
		code = ERR_SYSTEM;
		why = errno;
	}
	if (code == OK && link(part, path) && errno != EEXIST) {
		code = ERR_SYSTEM;
		why = errno;
	}
	unlink(part);
	return code == OK ? OK : err_set(e, code, T("write %s: %s"), path, strerror(why));
}

static void
sync_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

enum err
paper_write(
	const struct run *r, const char *dir, int revision, const char *seal, struct err_text *e)
{
	static const struct {
		const char *suffix, *form, *lang;
	} forms[] = { { "json", "json", NULL }, { "vi.txt", "text", "vi" },
		{ "en.txt", "text", "en" } };
	struct arena *a = arena_new();
	enum err code = OK;
	if (mkdir(dir, FOLDER_MODE) && errno != EEXIST)
		code = err_set(e, ERR_SYSTEM, T("make %s: %s"), dir, strerror(errno));
	for (size_t i = 0; code == OK && i < sizeof forms / sizeof forms[0]; i++) {
		struct buf b = { 0 };
		paper_form(r, revision, seal, forms[i].form, forms[i].lang, &b);
		code = write_once(dir, paper_name(a, revision, forms[i].suffix), &b, a, e);
		buf_free(&b);
	}
	if (code == OK)
		sync_folder(dir);
	arena_free(a);
	return code;
}

/* The formats of all report steps together. */
static bool
wanted(const struct playbook *p, const char *format, struct arena *a)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind != STEP_REPORT)
			continue;
		char **words = str_split(a, p->steps[i].formats, " \t\n", NULL);
		for (; *words; words++)
			if (str_eq(*words, format))
				return true;
	}
	return false;
}

enum err
paper_write_signed(const struct run *r, const char *dir, int revision, const char *seal,
	const struct workspace *w, struct err_text *e)
{
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct sign_key key;
	enum err code = workspace_key(w, &key, e);
	if (code == OK)
		code = paper_signed(r, revision, seal, w->name, &key, &b, e);
	if (code == OK)
		code = write_once(dir, paper_name(a, revision, "signed.json"), &b, a, e);
	explicit_bzero(&key, sizeof key);
	buf_free(&b);
	arena_free(a);
	return code == ERR_GONE ? OK : code;
}

enum err
paper_documents(const struct run *r, const char *dir, int revision, const char *seal,
	const struct letterhead *l, struct err_text *e)
{
	struct arena *a = arena_new();
	enum err first = OK;
	for (const struct document_format *f = document_formats; f->name; f++) {
		for (size_t i = 0;
			i < sizeof kinds / sizeof *kinds && wanted(r->spec->playbook, f->name, a);
			i++) {
			const char *name =
				paper_document_name(a, kinds[i], revision, r->spec->lang, f->name);
			struct err_text why = { 0 };
			struct buf b = { 0 };
			if (str_eq(kinds[i], "minutes") && r->spec->phase == PHASE_SESSION)
				continue;
			if (access(arena_printf(a, "%s/%s", dir, name), F_OK) == 0)
				continue;
			enum err code = one_document(
				r, revision, seal, l, kinds[i], f->name, r->spec->lang, &b, &why);
			if (code == OK)
				code = write_once(dir, name, &b, a, &why);
			if (code != OK && first == OK)
				first = err_set(e, code, "%s: %s", name, why.text);
			buf_free(&b);
		}
	}
	sync_folder(dir);
	arena_free(a);
	return first;
}

const char *
paper_document_path(
	struct arena *a, const char *dir, const char *kind, int revision, const char *lang)
{
	bool sheet = str_starts(kind, "site:");
	return arena_printf(a, "%s/%s%s", dir, sheet ? "sheets/" : "",
		paper_document_name(
			a, sheet ? kind + strlen("site:") : kind, revision, lang, "pdf"));
}

static enum err
write_sheet(struct journal_reader *j, const struct report *report, const struct report_site *s,
	int64_t sealed_at, const struct letterhead *l, const char *dir, struct err_text *e)
{
	struct arena *a = arena_new();
	const char *lang = report->spec->lang, *kind = arena_printf(a, "site:%s", s->spec->id);
	const char *name = paper_document_name(a, s->spec->id, report->revision, lang, "pdf");
	struct records records;
	struct buf b = { 0 };
	struct report r = *report;
	enum err code = OK;
	record_new(&records, a);
	if (access(arena_printf(a, "%s/%s", dir, name), F_OK)) {
		code = read_history(j, &r, s, sealed_at, &records, e);
		r.history = records.sites.n ? records.sites.at[0] : NULL;
		if (code == OK)
			code = documents_write(&r, l, kind, "pdf", lang, &b, e);
		if (code == OK)
			code = write_once(dir, name, &b, a, e);
	}
	buf_free(&b);
	record_free(&records);
	arena_free(a);
	return code;
}

enum err
paper_sheets(struct journal_reader *j, const struct run *run, const struct story_report *report,
	const struct letterhead *l, const char *dir, int cancel_fd, struct err_text *e)
{
	struct arena *a = arena_new();
	struct judgement judgement;
	struct pollfd cancel = { .fd = cancel_fd, .events = POLLIN };
	const char *sheets = arena_printf(a, "%s/sheets", dir);
	enum err code = OK;
	if (mkdir(sheets, FOLDER_MODE) && errno != EEXIST)
		code = err_set(e, ERR_SYSTEM, T("make %s: %s"), sheets, strerror(errno));
	judge(run, a, &judgement);
	const struct report *r = report_build(run, &judgement, report->revision, report->seal, a);
	for (size_t i = 0; code == OK && i < r->n; i++)
		code = cancel_fd >= 0 && poll(&cancel, 1, 0) > 0
			       ? err_set(e, ERR_CANCELED, T("the program ends"))
			       : write_sheet(j, r, &r->sites[i], report->at, l, sheets, e);
	if (code == OK)
		sync_folder(sheets);
	arena_free(a);
	return code;
}
