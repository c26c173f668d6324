/* Letters on their way: put into the outbox, tried by workers, told by rows.
 *
 * Called by the loop. Owns the list of letters and the mailbox of results. A letter is a row before
 * anything happens to it, and "sending" is durable before it leaves: a crash in between leaves a
 * letter of which nobody knows, and such a one is never sent again by the program. A file is
 * delivered under its own name and can be. What can be tried again is, a bounded number of times; a
 * refused login stops all mail until somebody changes the files. */
#include "coordinator_inner.h"
#include "coordinator_post.h"

#include "adapters/wire/json.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "mailbox.h"
#include "outbox.h"
#include "paper.h"
#include "pool.h"

#include <string.h>

enum {
	AT_ONCE = 4,
	CORRECTION_MS = 5 * 60000 /* corrections come in rows */
};

/* ---- rows ------------------------------------------------------------------------------------ */

static void
tell_state(struct coordinator *c, const struct outgoing *o)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	outbox_write_state(o, &w);
	coordinator_house_row(c, "outbox", buf_str(&b), NULL);
	buf_free(&b);
}

/* Letters that were made become rows; one that is there already is left as it is. */
static size_t
keep_all(struct coordinator *c, const struct outgoings *made)
{
	size_t n = 0;
	for (size_t i = 0; i < made->at.n; i++) {
		const struct outgoing *o = &made->at.at[i];
		struct arena *a = arena_new();
		struct buf b = { 0 };
		struct json_out w = { .out = &b };
		if (!outbox_find(c->outbox, o->id)) {
			outbox_write(o, &w);
			struct row row = {
				.at = c->now, .kind = "outbox", .site = "", .body = buf_str(&b)
			};
			if (coordinator_house_row(c, "outbox", buf_str(&b),
				    arena_printf(a, "outbox/%s", o->id)) == OK) {
				outbox_take(c->outbox, &row);
				n++;
			}
		}
		buf_free(&b);
		arena_free(a);
	}
	return n;
}

static void
finish(struct coordinator *c, struct outgoing *o, enum err code, const char *why)
{
	int64_t pause = outbox_pause(o->tries);
	o->why = arena_strdup(c->outbox->arena, why);
	switch (code) {
	case OK:
		o->state = OUT_SENT;
		log_info("coordinator", "letter to %s was sent", o->to);
		break;
	case ERR_TIMEOUT: o->state = OUT_UNKNOWN; break;
	case ERR_AUTH: /* not the letter's fault: it waits for a person */
		str_copy(c->mail_refused, sizeof c->mail_refused, c->signature);
		o->state = OUT_WAITING;
		o->tries--;
		o->next_at = c->now;
		break;
	case ERR_CANCELED:
		o->state = OUT_WAITING;
		o->tries--;
		o->next_at = c->now;
		break;
	case ERR_UNREACHABLE:
	case ERR_BUSY:
	case ERR_SYSTEM:
		o->state = pause ? OUT_WAITING : OUT_FAILED;
		o->next_at = c->now + pause;
		break;
	case ERR_REFUSED:
	case ERR_GONE:
	case ERR_PROTOCOL:
	case ERR_UNSUPPORTED:
	case ERR_INPUT: o->state = OUT_FAILED; break;
	}
	if (code != OK && code != ERR_CANCELED)
		log_warn("coordinator", "letter to %s: %s; %s", o->to, why,
			outgoing_state_name(o->state));
	tell_state(c, o);
}

static void
take_results(struct coordinator *c)
{
	for (struct post *p; (p = mailbox_take(c->posted));) {
		struct outgoing *o = outbox_find(c->outbox, p->letter.id);
		c->posting--;
		if (o && !c->broken)
			finish(c, o, p->code, p->why);
		arena_free(p->arena);
	}
}

/* ---- what is due ----------------------------------------------------------------------------- */

static bool
may_send(const struct coordinator *c)
{
	const struct workspace_mail *m = &c->house->ws.mail;
	return !c->looks_only && !c->broken && !str_empty(m->url) && !m->disabled &&
	       !c->mail_refused[0];
}

static void
escalations(struct coordinator *c, struct live *l)
{
	for (; l->escalated < l->run->escalations.n; l->escalated++) {
		struct arena *a = arena_new();
		struct outgoings made = { .arena = a };
		struct judgement j;
		size_t without = 0;
		if (!str_empty(c->house->ws.mail.url)) {
			judge(l->run, a, &j);
			outbox_escalation(c->house, report_build(l->run, &j, 0, NULL, a),
				&l->run->escalations.at[l->escalated], &made, &without);
			size_t n = keep_all(c, &made);
			log_info("coordinator",
				"%s: escalation: %zu letters, %zu recipients without an address",
				l->spec->id, n, without);
		}
		arena_free(a);
	}
}

/* What was sent need not be looked at any more; its row keeps it from being sent again. */
static void
drop_sent(struct coordinator *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->outbox->at.n; i++)
		if (c->outbox->at.at[i].state != OUT_SENT)
			c->outbox->at.at[kept++] = c->outbox->at.at[i];
	c->outbox->at.n = kept;
}

void
outbox_settle(struct coordinator *c)
{
	size_t ready = 0;
	take_results(c);
	papers_take(c);
	drop_sent(c);
	for (size_t i = 0; i < c->lives.n && !c->looks_only && !c->broken; i++)
		escalations(c, c->lives.at[i]);
	for (size_t i = 0; i < c->outbox->at.n && may_send(c) && c->posting + ready < AT_ONCE;
		i++) {
		struct outgoing *o = &c->outbox->at.at[i];
		if (o->state != OUT_WAITING || o->next_at > c->now ||
			(*o->documents && papers_under_way(c, o->run)))
			continue;
		o->state = OUT_SENDING;
		o->tries++;
		o->leaving = true;
		o->why = "";
		tell_state(c, o);
		ready++;
	}
}

void
outbox_leave(struct coordinator *c)
{
	const struct workspace_mail *m = &c->house->ws.mail;
	for (size_t i = 0; i < c->outbox->at.n; i++) {
		struct outgoing *o = &c->outbox->at.at[i];
		if (!o->leaving)
			continue;
		struct arena *a = arena_new();
		struct post *p = arena_alloc(a, sizeof *p);
		o->leaving = false;
		*p = (struct post){ .arena = a,
			.back = c->posted,
			.wake = c->answers,
			.cancel_fd = c->feed_cancel,
			.letter = *o,
			.reply_to = arena_strdup(a, m->reply_to),
			.folder = report_folder(c, o->run, a),
			.lang = arena_strdup(a, c->house->ws.lang) };
		p->letter.id = arena_strdup(a, o->id);
		p->letter.run = arena_strdup(a, o->run);
		p->letter.to = arena_strdup(a, o->to);
		p->letter.subject = arena_strdup(a, o->subject);
		p->letter.text = arena_strdup(a, o->text);
		p->letter.documents = arena_strdup(a, o->documents);
		p->notify = (struct notify){ .url = arena_strdup(a, m->url),
			.from = arena_strdup(a, m->from),
			.to = p->letter.to,
			.user = arena_strdup(a, m->user),
			.password = arena_strdup(a, m->password),
			.pin = arena_strdup(a, m->pin),
			.ca = arena_strdup(a, m->ca),
			.name = arena_printf(a, "%s.eml", o->id) };
		workspace_paths(c->dir, a, &p->ws);
		p->ws.name = arena_strdup(a, c->house->ws.name);
		p->ws.organization = arena_strdup(a, c->house->ws.organization);
		p->ws.place = arena_strdup(a, c->house->ws.place);
		c->posting++;
		pool_submit(c->pool, JOB_NORMAL, post_work, p);
	}
}

bool
outbox_leaves(const struct coordinator *c, const char *run)
{
	for (size_t i = 0; i < c->outbox->at.n; i++) {
		const struct outgoing *o = &c->outbox->at.at[i];
		bool due =
			o->state == OUT_WAITING && !o->tries && o->next_at <= c->now && may_send(c);
		if (str_eq(o->run, run) && (o->state == OUT_SENDING || due))
			return true;
	}
	return false;
}

/* ---- a report -------------------------------------------------------------------------------- */

static struct outgoings
letters_before(struct coordinator *c, const struct live *l,
	struct arena *a) /* as far as they are committed */
{
	struct outgoings all;
	struct err_text e = { 0 };
	if (outbox_read(c->reader, a, &all, &e) != OK)
		log_error("coordinator", "read the letters of %s: %s", l->spec->id, e.text);
	outbox_of_run(&all, l->spec->id);
	return all;
}

static void
drop_stale(struct coordinator *c, const struct strings *stale)
{
	for (size_t i = 0; i < stale->at.n; i++) {
		struct outgoing *o = outbox_find(c->outbox, stale->at.at[i]);
		if (!o || o->state != OUT_WAITING)
			continue;
		o->state = OUT_REPLACED;
		tell_state(c, o);
	}
}

void
outbox_sealed(struct coordinator *c, struct live *l, const char *seal)
{
	const char *named = l->spec->letters && !l->spec->drill
				    ? outbox_roles_named(l->spec)
				    : ""; /* a drill informs nobody by itself */
	struct arena *a = arena_new();
	struct outgoings made = { .arena = a }, before = { .arena = a };
	struct strings stale = { 0 };
	struct judgement j;
	size_t without = 0;
	if (l->revision > 1)
		before = letters_before(c, l, a);
	if (*named || before.at.n) {
		judge(l->run, a, &j);
		outbox_report(c->house, report_build(l->run, &j, l->revision, seal, a),
			OUTBOX_ROLES, &made, &without);
		outbox_correct(&before, named, l->spec->lang, &made, &stale);
		for (size_t i = 0; l->revision > 1 && i < made.at.n; i++)
			made.at.at[i].next_at = c->now + CORRECTION_MS;
		drop_stale(c, &stale);
		log_info("coordinator", "%s: report revision %d goes out in %zu letters",
			l->spec->id, l->revision, keep_all(c, &made));
	}
	arena_free(a);
}

size_t
outbox_send(struct coordinator *c, struct live *l, const char *roles, bool again,
	size_t *out_without, struct err_text *e)
{
	struct arena *a = arena_new();
	struct outgoings made = { .arena = a };
	struct judgement j;
	size_t n = 0;
	if (str_empty(c->house->ws.mail.url) || c->house->ws.mail.disabled) {
		err_set(e, ERR_REFUSED,
			T("tongduyet.xml has no usable <mail>: nothing can be sent"));
	} else if (l->report_wanted) {
		err_set(e, ERR_BUSY, T("%s: a new revision of the report is being made"),
			l->spec->id);
	} else {
		judge(l->run, a, &j);
		outbox_report(c->house, report_build(l->run, &j, l->revision, NULL, a),
			str_empty(roles) ? outbox_roles(l->spec) : roles, &made, out_without);
		struct outgoings before = letters_before(c, l, a);
		outbox_replacing(&before, l->spec->lang, &made);
		n = keep_all(c, &made);
		for (size_t i = 0; again && i < made.at.n; i++) {
			struct outgoing *o = outbox_find(c->outbox, made.at.at[i].id);
			if (!o || (o->state != OUT_FAILED && o->state != OUT_UNKNOWN))
				continue;
			o->state = OUT_WAITING;
			o->tries = 0;
			o->next_at = c->now;
			tell_state(c, o);
			n++;
		}
		if (!n && made.at.n)
			err_set(e, ERR_REFUSED,
				T("%s: all of its %zu letters are in the outbox already (`report "
				  "%s "
				  "--sent`)"),
				l->spec->id, made.at.n, l->spec->id);
		else if (!n)
			err_set(e, ERR_REFUSED, T("%s: nobody with an address to send it to"),
				l->spec->id);
	}
	arena_free(a);
	return n;
}

/* ---- life ------------------------------------------------------------------------------------ */

void
outbox_open(struct coordinator *c)
{
	struct arena *a = arena_new();
	c->posted = mailbox_new();
	c->outbox = arena_alloc(a, sizeof *c->outbox);
	c->outbox->arena = a;
}

void
outbox_restored(struct coordinator *c)
{
	struct err_text e = { 0 };
	if (outbox_read(c->reader, c->outbox->arena, c->outbox, &e) != OK)
		log_error("coordinator", "read the outbox: %s", e.text);
	for (size_t i = 0; i < c->outbox->at.n && !c->looks_only; i++) {
		struct outgoing *o = &c->outbox->at.at[i];
		if (o->state != OUT_SENDING)
			continue;
		bool file = str_starts(c->house->ws.mail.url, "file:///");
		finish(c, o, file ? ERR_CANCELED : ERR_TIMEOUT,
			file ? "" : "the program ended while it was being sent: nobody knows");
	}
}

void
outbox_adopt(struct coordinator *c)
{
	if (!str_eq(c->mail_refused, c->signature))
		c->mail_refused[0] = '\0';
}

void
outbox_close(struct coordinator *c)
{
	if (!c->outbox)
		return;
	take_results(c);
	if (c->journal)
		coordinator_commit(c);
	mailbox_free(c->posted, NULL);
	arena_free(c->outbox->arena);
}
