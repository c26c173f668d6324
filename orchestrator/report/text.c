/* The report for people as plain text: head, the sentences for the letter, what was not done, one
 * line per site.
 *
 * Called through report_text(). Owns nothing. It must never let a name or a device's word steer a
 * terminal, hide an unknown, or depend on anything but the model and the language: the same model
 * gives the same bytes. */
#include "report/letter.h"
#include "report/words.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "table.h"
#include "text.h"

enum { WIDTH = 132, REMARK_MIN = 24 };

struct page {
	const struct report *r;
	const char *lang;
	struct arena *a;
	struct buf *out;
};

static const char *
take(const struct page *p, struct buf *b)
{
	const char *text = arena_strdup(p->a, buf_str(b));
	buf_free(b);
	return text;
}

static void
heading(const struct page *p, const char *text)
{
	buf_putc(p->out, '\n');
	buf_puts(p->out, text_get(p->lang, text));
	buf_puts(p->out, "\n\n");
}

static const char *
title_of(const struct page *p)
{
	switch (p->r->spec->phase) {
	case PHASE_REHEARSAL: return text_get(p->lang, T("REPORT OF THE TRIAL CONNECTION"));
	case PHASE_SESSION:
		return text_get(p->lang, T("REPORT OF THE SESSION: ATTENDANCE AND PUNCTUALITY"));
	case PHASE_DRILL: return text_get(p->lang, T("REPORT OF THE DRILL"));
	}
	return "";
}

static void
head_row(const struct page *p, struct table *t, const char *label, const char *value)
{
	if (!str_empty(value))
		table_row(t, (const char *[]){ text_get(p->lang, label), value }, NULL);
}

static const char *
date_of(const struct page *p, int64_t ms)
{
	if (!ms)
		return "";
	struct buf b = { 0 };
	words_date(&b, p->lang, ms);
	return take(p, &b);
}

static const char *
took_place(const struct page *p)
{
	const struct run *run = p->r->run;
	if (run->missed || !run->begun)
		return text_get(p->lang, T("did not take place"));
	struct buf b = { 0 }, from = { 0 }, to = { 0 };
	words_clock(&from, run->begun, p->r->spec->planned_start);
	if (run->ended)
		words_clock(&to, run->ended, p->r->spec->planned_start);
	if (run->ended)
		text_printf(&b, p->lang, T("from %s to %s"), buf_str(&from), buf_str(&to));
	else
		text_printf(&b, p->lang, T("from %s, not ended yet"), buf_str(&from));
	if (run->stopped) {
		buf_puts(&b, "; ");
		text_printf(
			&b, p->lang, T("stopped by %s"), run->stopped_by ? run->stopped_by : "?");
	}
	if (run->handed_over) {
		buf_puts(&b, "; ");
		buf_puts(&b, text_get(p->lang, T("connections handed over to the session")));
	}
	buf_free(&from);
	buf_free(&to);
	return take(p, &b);
}

static const char *
allclear_of(const struct page *p)
{
	const struct run *run = p->r->run;
	if (!run->allclear_at)
		return p->r->allclear || run->allclear_not_given ? text_get(p->lang, T("not given"))
								 : "";
	struct buf b = { 0 };
	words_when(&b, p->lang, (struct report_time){ run->allclear_at, run->allclear_at },
		p->r->spec->planned_start);
	buf_puts(&b, " (");
	if (str_empty(run->allclear_by) || str_eq(run->allclear_by, "rule"))
		buf_puts(&b, text_get(p->lang, T("by the playbook's rule")));
	else if (str_eq(run->allclear_by, "latest"))
		buf_puts(&b, text_get(p->lang, T("at the latest instant the playbook allows")));
	else
		text_printf(&b, p->lang, T("by %s"), run->allclear_by);
	buf_putc(&b, ')');
	return take(p, &b);
}

static void
write_head(const struct page *p)
{
	static const struct table_column columns[] = { { .title = "" },
		{ .title = "", .shrink = true, .wrap = true } };
	const struct spec *s = p->r->spec;
	struct table *t = table_new(p->a, columns, 2);
	buf_puts(p->out, title_of(p));
	buf_putc(p->out, '\n');
	table_paragraph(p->out, str_empty(s->summary) ? s->title : s->summary, WIDTH, 0, 0);
	buf_putc(p->out, '\n');
	head_row(p, t, T("Planned start"), date_of(p, s->planned_start));
	head_row(p, t, T("Took place"), took_place(p));
	if (s->phase != PHASE_SESSION) {
		head_row(p, t, T("Completion announced"), allclear_of(p));
		head_row(p, t, T("Official session"), date_of(p, s->session_start));
	}
	if (s->short_notice)
		head_row(p, t, T("Short notice"),
			text_get(p->lang, T("the run entered the calendar late: punctuality is not "
					    "charged to any site")));
	struct buf b = { 0 };
	buf_printf(&b, "%s @ %s", s->playbook ? s->playbook->name : s->name, s->commit);
	head_row(p, t, T("Playbook followed"), take(p, &b));
	text_printf(&b, p->lang, T("%s, revision %d"), s->id, p->r->revision);
	head_row(p, t, T("Run"), take(p, &b));
	head_row(p, t, T("Seal"), p->r->seal);
	table_write(t, WIDTH, 0, false, p->out);
}

static void
numbered(const struct page *p, int n, const char *text)
{
	struct buf b = { 0 };
	buf_printf(&b, "%d. ", n);
	buf_puts(p->out, buf_str(&b));
	table_paragraph(p->out, text, WIDTH, b.n, b.n);
	buf_free(&b);
}

static void
write_letter(const struct page *p)
{
	struct letter l;
	letter_write(p->r, p->lang, p->a, &l);
	heading(p, T("I. RESULT"));
	table_paragraph(p->out, l.summary, WIDTH, 0, 0);
	int n = 0;
	for (size_t i = 0; i < l.n; i++)
		if (!l.at[i].ours)
			numbered(p, ++n, l.at[i].text);
	heading(p, T("II. NOT DONE, NOT MEASURED, AND NOTES"));
	n = 0;
	for (size_t i = 0; i < l.n; i++)
		if (l.at[i].ours)
			numbered(p, ++n, l.at[i].text);
	for (size_t i = 0; i < p->r->notes_n; i++) {
		const struct report_note *note = &p->r->notes[i];
		struct buf b = { 0 };
		if (note->at) {
			words_clock(&b, note->at, p->r->spec->planned_start);
			buf_putc(&b, ' ');
		}
		buf_printf(&b, "%s: ", words_note(p->lang, note->kind));
		words_note_text(&b, p->lang, note->text);
		numbered(p, ++n, take(p, &b));
	}
	if (!n)
		table_paragraph(p->out, text_get(p->lang, T("Nothing to note.")), WIDTH, 0, 0);
}

static const char *
connected_of(const struct page *p, const struct report_site *s)
{
	if (!s->first_up)
		return "-";
	struct buf b = { 0 };
	words_clock(&b, s->first_up, p->r->spec->planned_start);
	buf_puts(&b, " – ");
	if (s->last_up)
		words_clock(&b, s->last_up, p->r->spec->planned_start);
	else
		buf_puts(&b, text_get(p->lang, T("still connected")));
	return take(p, &b);
}

static void
minutes(struct buf *b, int64_t s)
{
	if (s >= 3600)
		buf_printf(b, "%d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	else
		buf_printf(b, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

/* "0:04", "12:00–12:30" when it is not known to the second. */
static const char *
late_of(const struct page *p, const struct report_site *s)
{
	const struct verdict *v = s->verdict;
	if (!v->late_s.known)
		return s->first_up && !p->r->spec->short_notice ? "?" : "-";
	struct buf b = { 0 };
	minutes(&b, v->late_s.v);
	if (v->late_uncertainty_s.known && v->late_uncertainty_s.v > 0) {
		buf_puts(&b, "–");
		minutes(&b, v->late_s.v + v->late_uncertainty_s.v);
	}
	return take(p, &b);
}

static const char *
tri_of_site(const struct page *p, const struct report_site *s, enum tri t)
{
	switch (t) {
	case YES: return text_get(p->lang, T("yes"));
	case NO: return text_get(p->lang, T("no"));
	case UNKNOWN: return s->first_up ? "?" : "-";
	}
	return "?";
}

static const char *
media_of(const struct page *p, const struct report_site *s, enum medium m)
{
	const char *from = tri_of_site(p, s, s->media[m][FROM_SITE].value);
	const char *to = tri_of_site(p, s, s->media[m][TO_SITE].value);
	return arena_printf(p->a, "%s / %s", from, to);
}

static const char *
roll_of(const struct page *p, const struct report_site *s)
{
	const struct rollcall_mark *m = &s->site->roll;
	if (!p->r->rollcall && !m->called && !m->by_person)
		return "-";
	if (s->verdict->answered == YES)
		return text_get(p->lang, T("answered"));
	if (s->verdict->answered == NO)
		return text_get(p->lang, T("no answer"));
	return m->called ? "?" : text_get(p->lang, T("not called"));
}

static void
write_table(const struct page *p)
{
	const struct table_column columns[] = {
		{ .title = text_get(p->lang, T("No.")), .align = ALIGN_RIGHT },
		{ .title = text_get(p->lang, T("Site")), .max = 32 },
		{ .title = text_get(p->lang, T("Result")) },
		{ .title = text_get(p->lang, T("Connected")) },
		{ .title = text_get(p->lang, T("Late")), .align = ALIGN_RIGHT },
		{ .title = text_get(p->lang, T("Sound")) },
		{ .title = text_get(p->lang, T("Picture")) },
		{ .title = text_get(p->lang, T("Roll call")) },
		{ .title = text_get(p->lang, T("Reason, remarks")),
			.min = REMARK_MIN,
			.shrink = true,
			.wrap = true },
	};
	enum { COLUMNS = sizeof columns / sizeof *columns };
	struct table *t = table_new(p->a, columns, COLUMNS);
	for (size_t i = 0; i < p->r->n; i++) {
		const struct report_site *s = &p->r->sites[i];
		table_row(t,
			(const char *[COLUMNS]){ arena_printf(p->a, "%zu", i + 1), s->name,
				words_headline(p->lang, s->verdict->headline), connected_of(p, s),
				late_of(p, s), media_of(p, s, AUDIO), media_of(p, s, VIDEO),
				roll_of(p, s), letter_remark(p->r, s, p->lang, p->a) },
			NULL);
	}
	heading(p, T("III. SITE BY SITE"));
	table_write(t, WIDTH, 0, false, p->out);
	buf_putc(p->out, '\n');
	table_paragraph(p->out,
		text_get(p->lang, T("Late in minutes:seconds; sound and picture from / to the "
				    "site; ? = could not be measured; - = does not apply.")),
		WIDTH, 0, 0);
}

/* A count line: only what occurs. */
static void
write_counts(const struct page *p)
{
	struct buf b = { 0 };
	for (int h = HEADLINE_N - 1; h >= 0; h--)
		if (p->r->by_headline[h].n)
			buf_printf(&b, "%s%s %zu", b.n ? "; " : "", words_headline(p->lang, h),
				p->r->by_headline[h].n);
	buf_putc(p->out, '\n');
	struct buf line = { 0 };
	text_printf(&line, p->lang, T("Total: %d sites (%s)."), (int)p->r->n, buf_str(&b));
	table_paragraph(p->out, buf_str(&line), WIDTH, 0, 0);
	buf_free(&line);
	buf_free(&b);
}

void
report_text(const struct report *r, const char *lang, struct buf *out)
{
	struct page p = { .r = r, .lang = lang, .a = arena_new(), .out = out };
	write_head(&p);
	write_letter(&p);
	write_table(&p);
	write_counts(&p);
	arena_free(p.a);
}
