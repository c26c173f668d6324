/* The report for people as plain text: head, the sentences for the letter, what was not done, one
 * line per site.
 *
 * Called through report_text(). Owns nothing. It must never let a name or a device's word steer a
 * terminal, hide an unknown, or depend on anything but the model and the language: the same model
 * gives the same bytes. */
#include "report/letter.h"
#include "report/say.h"
#include "report/words.h"

#include "base/str.h"
#include "table.h"
#include "text.h"

enum { WIDTH = 132, REMARK_MIN = 24 };

struct page {
	const struct report *r;
	const char *lang;
	struct arena *a;
	struct buf *out;
};

static void
heading(const struct page *p, const char *text)
{
	buf_putc(p->out, '\n');
	buf_puts(p->out, text_get(p->lang, text));
	buf_puts(p->out, "\n\n");
}

static void
head_row(const struct page *p, struct table *t, const char *label, const char *value)
{
	if (!str_empty(value))
		table_row(t, (const char *[]){ text_get(p->lang, label), value }, NULL);
}

static void
write_head(const struct page *p)
{
	static const struct table_column columns[] = { { .title = "" },
		{ .title = "", .shrink = true, .wrap = true } };
	const struct spec *s = p->r->spec;
	struct table *t = table_new(p->a, columns, 2);
	buf_puts(p->out, say_title(p->r, p->lang));
	buf_putc(p->out, '\n');
	table_paragraph(p->out, str_empty(s->summary) ? s->title : s->summary, WIDTH, 0, 0);
	buf_putc(p->out, '\n');
	head_row(p, t, T("Planned start"), say_date(s->planned_start, p->lang, p->a));
	head_row(p, t, T("Took place"), say_took_place(p->r, p->lang, p->a));
	if (s->phase != PHASE_SESSION) {
		head_row(p, t, T("Completion announced"), say_allclear(p->r, p->lang, p->a));
		head_row(p, t, T("Official session"), say_date(s->session_start, p->lang, p->a));
	}
	if (s->short_notice)
		head_row(p, t, T("Short notice"),
			text_get(p->lang, T("the run entered the calendar late: punctuality is not "
					    "charged to any site")));
	head_row(p, t, T("Drill"), say_drill(p->r, p->lang));
	head_row(p, t, T("Playbook followed"), say_playbook(p->r, p->a));
	head_row(p, t, T("Run"), say_run(p->r, p->lang, p->a));
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
	for (size_t i = 0; i < p->r->notes_n; i++)
		if (!str_eq(p->r->notes[i].kind, "extra")) /* told as a participant */
			numbered(p, ++n, say_note(p->r, &p->r->notes[i], p->lang, p->a));
	if (!n)
		table_paragraph(p->out, text_get(p->lang, T("Nothing to note.")), WIDTH, 0, 0);
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
				words_headline(p->lang, s->verdict->headline),
				say_connected(p->r, s, p->lang, p->a), say_late(p->r, s, p->a),
				say_media(s, AUDIO, p->lang, p->a),
				say_media(s, VIDEO, p->lang, p->a), say_roll(p->r, s, p->lang),
				letter_remark(p->r, s, p->lang, p->a) },
			NULL);
	}
	heading(p, T("III. SITE BY SITE"));
	table_write(t, WIDTH, 0, false, p->out);
	buf_putc(p->out, '\n');
	table_paragraph(p->out,
		text_get(p->lang,
			T("Late in minutes:seconds, two figures where the instant is known to lie "
			  "between them; sound and picture from / to the site; ? = could not be "
			  "measured; - = does not apply.")),
		WIDTH, 0, 0);
	if (letter_all_without_sound(p->r))
		table_paragraph(p->out,
			text_get(p->lang, T("The roll was called by messages on the screen, "
					    "without a sound: that a site "
					    "hears us is not proven by its answer.")),
			WIDTH, 0, 0);
}

static void
write_extras(const struct page *p)
{
	const struct table_column columns[] = {
		{ .title = text_get(p->lang, T("No.")), .align = ALIGN_RIGHT },
		{ .title = text_get(p->lang, T("Participant")), .max = 32 },
		{ .title = text_get(p->lang, T("Connected")) },
		{ .title = text_get(p->lang, T("Present")), .align = ALIGN_RIGHT },
		{ .title = text_get(p->lang, T("Address")), .shrink = true, .wrap = true },
		{ .title = text_get(p->lang, T("Who it is")),
			.min = REMARK_MIN,
			.shrink = true,
			.wrap = true },
	};
	enum { COLUMNS = sizeof columns / sizeof *columns };
	if (!p->r->extras_n)
		return;
	struct table *t = table_new(p->a, columns, COLUMNS);
	for (size_t i = 0; i < p->r->extras_n; i++) {
		const struct report_extra *e = &p->r->extras[i];
		struct buf span = { 0 };
		say_minutes(&span, e->present_s);
		table_row(t,
			(const char *[COLUMNS]){ arena_printf(p->a, "%zu", i + 1), e->name,
				say_extra_connected(p->r, e, p->lang, p->a),
				arena_strdup(p->a, buf_str(&span)), e->extra->address,
				say_extra_who(e, p->lang, p->a) },
			NULL);
		buf_free(&span);
	}
	heading(p, T("IV. PRESENT AND NOT INVITED"));
	table_write(t, WIDTH, 0, false, p->out);
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
	write_extras(&p);
	arena_free(p.a);
}
