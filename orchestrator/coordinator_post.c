/* One letter on its way, as a worker sees it: its documents from the files beside the report, else
 * from the journal, then one delivery.
 *
 * Submitted by coordinator_outbox.c, which alone decides what becomes of a letter. Owns nothing but
 * the job. It must never try twice.
 */
#include "coordinator_post.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "mailbox.h"
#include "mime.h"
#include "paper.h"
#include "story.h"
#include "workspace_files.h"

#include <string.h>

enum { SEND_MS = 60000 /* real */, PARTS_MOST = 8 };

#define SIGNED_MEDIA "application/jose+json" /* RFC 7515, 9.2.1 */

static const struct story_report *
revision_of(const struct story *s, int revision)
{
	for (size_t i = 0; i < s->reports.n; i++)
		if (s->reports.at[i].revision == revision)
			return &s->reports.at[i];
	return NULL;
}

/* The result for the office above, to be imported there. */
static enum err
make_signed(struct post *p, const struct story *s, const struct story_report *report,
	struct mail_part *out, struct err_text *e)
{
	struct buf b = { 0 };
	struct sign_key key;
	enum err code = workspace_key(&p->ws, &key, e);
	if (code == OK)
		code = paper_signed(
			s->run, report->revision, report->seal, p->ws.name, &key, &b, e);
	if (code == OK)
		*out = (struct mail_part){
			.name = arena_strdup(
				p->arena, paper_name(p->arena, report->revision, "signed.json")),
			.media = SIGNED_MEDIA,
			.bytes = arena_memdup(p->arena, b.at, b.n),
			.n = b.n
		};
	explicit_bzero(&key, sizeof key);
	buf_free(&b);
	return code;
}

static void
add_part(struct post *p, const char *kind, const char *lang, const char *bytes, size_t n,
	struct mail_part *out)
{
	char *name = arena_strdup(
		p->arena, paper_document_name(p->arena, kind, p->letter.revision, lang, "pdf"));
	for (char *c = name; *c; c++)
		*c = *c == ':' ? '-' : *c;
	*out = (struct mail_part){
		.name = name, .media = "application/pdf", .bytes = bytes, .n = n
	};
}

/* The files that lie beside the report; false: one is missing. */
static bool
take_files(struct post *p, char *const *kinds, struct mail_part *parts, size_t *out_n)
{
	for (; *kinds && *out_n < PARTS_MOST; kinds++) {
		bool is_signed = str_eq(*kinds, "signed");
		const char *bytes, *name = paper_name(p->arena, p->letter.revision, "signed.json");
		const char *path = is_signed ? arena_printf(p->arena, "%s/%s", p->folder, name)
					     : paper_document_path(p->arena, p->folder, *kinds,
						       p->letter.revision, p->lang);
		struct err_text unused = { 0 };
		size_t n;
		int mode;
		if (workspace_file(path, p->arena, &bytes, &n, &mode, &unused) != OK)
			return false;
		if (is_signed)
			parts[(*out_n)++] = (struct mail_part){
				.name = name, .media = SIGNED_MEDIA, .bytes = bytes, .n = n
			};
		else
			add_part(p, *kinds, p->lang, bytes, n, &parts[(*out_n)++]);
	}
	return true;
}

/* The documents as PDF, as they were when they were sealed: the files, else made from the journal.
 */
static enum err
make_parts(struct post *p, struct mail_part *parts, size_t *out_n, struct err_text *e)
{
	struct journal_reader *r;
	struct story whole = { 0 }, s = { 0 };
	struct faults unused = { .arena = p->arena };
	char **kinds = str_split(p->arena, p->letter.documents, " ", NULL);
	*out_n = 0;
	if (!*kinds || take_files(p, kinds, parts, out_n))
		return OK;
	*out_n = 0;
	enum err code = journal_reader_open(p->ws.journal_path, &r, e);
	if (code != OK)
		return code;
	code = story_read(r, p->letter.run, 0, &whole, e);
	const struct story_report *report =
		code == OK ? revision_of(&whole, p->letter.revision) : NULL;
	if (code == OK && !report)
		code = err_set(
			e, ERR_GONE, T("%s has no revision %d"), p->letter.run, p->letter.revision);
	if (code == OK)
		code = story_read(r, p->letter.run, report->seq - 1, &s, e);
	const struct letterhead *head = paper_letterhead(&p->ws, p->arena, &unused);
	for (; code == OK && *kinds && *out_n < PARTS_MOST; kinds++) {
		struct buf b = { 0 };
		if (str_eq(*kinds, "signed")) {
			code = make_signed(p, &s, report, &parts[*out_n], e);
			*out_n += code == OK;
			continue;
		}
		code = paper_document_of(
			r, s.run, report, head, *kinds, "pdf", s.spec->lang, &b, e);
		if (code == OK)
			add_part(p, *kinds, s.spec->lang, arena_memdup(p->arena, b.at, b.n), b.n,
				&parts[(*out_n)++]);
		buf_free(&b);
	}
	story_free(&s);
	story_free(&whole);
	journal_reader_close(r);
	return code;
}

void
post_work(void *arg)
{
	struct post *p = arg;
	struct task t = {
		.arena = p->arena, .cancel_fd = p->cancel_fd, .deadline = clock_mono() + SEND_MS
	};
	struct mail_part parts[PARTS_MOST];
	struct err_text e = { 0 };
	struct buf b = { 0 };
	const char *host = strchr(p->notify.from, '@');
	struct mail m = { .from = p->notify.from,
		.reply_to = p->reply_to,
		.to = p->letter.to,
		.subject = p->letter.subject,
		.text = p->letter.text,
		.date = p->letter.at,
		.parts = parts,
		.message_id =
			arena_printf(p->arena, "%s%s", p->letter.id, host ? host : "@localhost") };
	p->code = make_parts(p, parts, &m.parts_n, &e);
	if (p->code == OK) {
		mime_write(&m, &b);
		p->notify.bytes = b.at;
		p->notify.n = b.n;
		p->code = notify_send(&t, &p->notify);
		str_copy(p->why, sizeof p->why, t.why);
	} else {
		str_copy(p->why, sizeof p->why, e.text);
	}
	buf_free(&b);
	mailbox_post(p->back, p);
	mailbox_wake(p->wake);
}
