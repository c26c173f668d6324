/* A document as one HTML page: own styles, no scripts, nothing loaded from anywhere, made for
 * paper.
 *
 * Called through documents_write(). Owns nothing. Every text passes put_text(): there is no other
 * way to write one. It must never write a byte of a name or a device as markup. */
#include "report/html_inner.h"

#include "base/str.h"
#include "base/vis.h"
#include "text.h"

static const char style[] =
	"@page{size:A4;margin:20mm 18mm 20mm 30mm}"
	"@page wide{size:A4 landscape;margin:18mm 20mm}"
	"body{font:13pt/1.25 'Times New Roman','Liberation Serif','DejaVu Serif',serif;color:#000;"
	"background:#fff;margin:0}"
	"header{display:flex;justify-content:space-between;text-align:center;font-size:12pt}"
	"header div{flex:0 1 56%}header div:first-child{flex-basis:42%}"
	"p{margin:1.5mm 0;text-align:justify}header p,footer p{margin:0;text-align:inherit}"
	".up{text-transform:uppercase}.b{font-weight:bold}.i{font-style:italic}"
	"header .i{margin-top:1mm}"
	".rule:after{content:'';display:block;width:40%;margin:1mm auto 2mm;border-top:1px solid "
	"#000}"
	"h1{font-size:14pt;text-align:center;margin:8mm 0 0}"
	"p.subject{font-size:14pt;font-weight:bold;text-align:center;margin:0 0 4mm}"
	"h2{font-size:13pt;margin:4mm 0 1mm;break-after:avoid}"
	".to{display:flex;justify-content:center;margin-bottom:3mm}.to p{margin:0 2mm 0 0}"
	"ol{margin:1mm 0;padding-left:8mm}li{text-align:justify;margin:1mm 0}"
	"ul{margin:0;padding:0;list-style:none}ul li{margin:0}ul li:before{content:'- '}"
	"table{border-collapse:collapse;width:100%;margin:2mm 0;font-size:10pt;line-height:1.15}"
	"caption{text-align:left;font-weight:bold;font-size:11.5pt;padding:1mm 0}"
	"thead{display:table-header-group}tr{break-inside:avoid}"
	"th,td{border:1px solid #000;padding:.5mm 1mm;vertical-align:top;overflow-wrap:anywhere}"
	"th{background:#eee;text-align:center;vertical-align:middle}"
	"td.r{text-align:right}td.c{text-align:center}tr.sum td{font-weight:bold}"
	"table.grid{table-layout:fixed}table.facts{font-size:13pt}"
	".facts th,.facts td{border:0;background:none;text-align:left;font-weight:normal;"
	"vertical-align:top;padding:.4mm 3mm .4mm 0}.facts th{width:30%}"
	".note{font-size:10pt;font-style:italic}"
	"p.attached{font-size:12pt;font-style:italic;text-align:center;margin:0 0 2mm}"
	".sign{display:flex;justify-content:space-between;margin-top:6mm;break-inside:avoid}"
	".sign>div{flex:1 1 0;text-align:center}.sign>div.copies{text-align:left;font-size:11pt}"
	".sign p{text-align:inherit;margin:0}.sign .room{height:22mm}"
	"section{break-before:page;margin-top:8mm}section.wide{page:wide}"
	"section>h2{text-align:center;font-size:14pt;margin-top:0}svg{width:100%;height:auto;break-"
	"inside:avoid}"
	"footer{margin-top:6mm;font-size:8pt;border-top:1px solid #000;overflow-wrap:anywhere}"
	"@media screen{body{max-width:190mm;margin:0 auto;padding:8mm}"
	"section.wide{width:min(96vw,277mm);margin-left:calc(50% - min(48vw,138mm))}}"
	"@media print{section{margin-top:0}}";

void
html_text(struct html *h, const char *text)
{
	vis_xml(h->out, document_clean(&h->clean, text));
}

static void
open_tag(struct html *h, const char *tag, const char *class)
{
	buf_printf(h->out, "<%s", tag);
	if (class)
		buf_printf(h->out, " class=\"%s\"", class);
	buf_putc(h->out, '>');
}

/* tag and class are constants of ours; class NULL = none. */
static void
close_tag(struct html *h, const char *tag)
{
	buf_printf(h->out, "</%s>\n", tag);
}

static void
element(struct html *h, const char *tag, const char *class, const char *text)
{
	open_tag(h, tag, class);
	html_text(h, text);
	close_tag(h, tag);
}

static void
line(struct html *h, const char *class, const char *text)
{
	if (!str_empty(text))
		element(h, "p", class, text);
}

static void
put_head(struct html *h, const struct document *d)
{
	open_tag(h, "header", NULL);
	open_tag(h, "div", NULL);
	line(h, "up", d->above);
	line(h, "up b rule", d->issuer);
	line(h, NULL, d->number);
	close_tag(h, "div");
	open_tag(h, "div", NULL);
	line(h, "up b", d->state);
	line(h, "b rule", d->motto);
	line(h, "i", d->dated);
	close_tag(h, "div");
	close_tag(h, "header");
	element(h, "h1", NULL, d->title);
	element(h, "p", "subject rule", d->subject);
	if (!d->to.n)
		return;
	open_tag(h, "div", "to");
	line(h, NULL, d->to_label);
	open_tag(h, "ul", NULL);
	for (size_t i = 0; i < d->to.n; i++)
		element(h, "li", NULL, d->to.at[i]);
	close_tag(h, "ul");
	close_tag(h, "div");
}

static void
put_copies(struct html *h, const struct document *d)
{
	open_tag(h, "div", "copies");
	if (d->copies.n) {
		line(h, "b i", d->copies_label);
		open_tag(h, "ul", NULL);
		for (size_t i = 0; i < d->copies.n; i++)
			element(h, "li", NULL, d->copies.at[i]);
		close_tag(h, "ul");
	}
	close_tag(h, "div");
}

static void
put_signatures(struct html *h, const struct document *d)
{
	open_tag(h, "div", "sign");
	if (d->signatures.n < 2)
		put_copies(h, d);
	for (size_t i = 0; i < d->signatures.n; i++) {
		const struct document_signature *s = &d->signatures.at[i];
		open_tag(h, "div", NULL);
		line(h, "up b", s->authority);
		line(h, "up b", s->role);
		line(h, "i", s->note);
		element(h, "p", "room", "");
		line(h, "b", s->name);
		close_tag(h, "div");
	}
	close_tag(h, "div");
	if (d->signatures.n >= 2 && d->copies.n) {
		open_tag(h, "div", "sign");
		put_copies(h, d);
		close_tag(h, "div");
	}
}

static void
put_facts(struct html *h, const struct facts *f)
{
	open_tag(h, "table", "facts");
	for (size_t i = 0; i < f->rows.n; i++) {
		open_tag(h, "tr", NULL);
		buf_puts(h->out, "<th scope=\"row\">");
		html_text(h, f->rows.at[i].label);
		close_tag(h, "th");
		element(h, "td", NULL, f->rows.at[i].text);
		close_tag(h, "tr");
	}
	close_tag(h, "table");
}

static void
put_cell(struct html *h, const struct column *column, const struct cell *c)
{
	static const char *const classes[] = {
		[COLUMN_LEFT] = NULL, [COLUMN_CENTER] = "c", [COLUMN_RIGHT] = "r"
	};
	open_tag(h, "td", classes[column->align]);
	switch (c->kind) {
	case CELL_NUMBER: buf_printf(h->out, "%lld", (long long)c->number); break;
	case CELL_TEXT: html_text(h, c->text); break;
	case CELL_NONE: buf_putc(h->out, '-'); break;
	}
	buf_puts(h->out, "</td>");
}

static void
put_widths(struct html *h, const struct grid *g)
{
	int all = 0;
	for (size_t k = 0; k < g->columns_n; k++)
		all += g->columns[k].data ? 0 : g->columns[k].width;
	buf_puts(h->out, "<colgroup>");
	for (size_t k = 0; k < g->columns_n; k++)
		if (!g->columns[k].data)
			buf_printf(h->out, "<col style=\"width:%d.%d%%\"/>",
				g->columns[k].width * 1000 / all / 10,
				g->columns[k].width * 1000 / all % 10);
	buf_puts(h->out, "</colgroup>\n");
}

static void
put_grid(struct html *h, const struct grid *g, bool titled)
{
	open_tag(h, "table", "grid");
	if (titled)
		element(h, "caption", NULL, g->title);
	put_widths(h, g);
	buf_puts(h->out, "<thead><tr>");
	for (size_t k = 0; k < g->columns_n; k++) {
		if (g->columns[k].data)
			continue;
		buf_puts(h->out, "<th scope=\"col\">");
		html_text(h, g->columns[k].title);
		buf_puts(h->out, "</th>");
	}
	buf_puts(h->out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < g->rows; i++) {
		open_tag(h, "tr", i + g->totals >= g->rows ? "sum" : NULL);
		for (size_t k = 0; k < g->columns_n; k++)
			if (!g->columns[k].data)
				put_cell(h, &g->columns[k], &g->cells[i * g->columns_n + k]);
		close_tag(h, "tr");
	}
	close_tag(h, "tbody");
	close_tag(h, "table");
}

static void
put_item(struct html *h, const struct block *blocks, size_t i, size_t n)
{
	if (!i || blocks[i - 1].kind != BLOCK_ITEM)
		buf_printf(h->out, "<ol start=\"%d\">\n", blocks[i].number);
	element(h, "li", NULL, blocks[i].text);
	if (i + 1 == n || blocks[i + 1].kind != BLOCK_ITEM)
		close_tag(h, "ol");
}

static void
put_block(struct html *h, const struct document *d, size_t i)
{
	const struct block *b = &d->blocks.at[i];
	switch (b->kind) {
	case BLOCK_HEADING: element(h, "h2", NULL, b->text); break;
	case BLOCK_PARAGRAPH: element(h, "p", NULL, b->text); break;
	case BLOCK_NOTE: element(h, "p", "note", b->text); break;
	case BLOCK_ITEM: put_item(h, d->blocks.at, i, d->blocks.n); break;
	case BLOCK_FACTS: put_facts(h, b->facts); break;
	case BLOCK_GRID:
		put_grid(h, b->grid, !i || d->blocks.at[i - 1].kind != BLOCK_APPENDIX);
		break;
	case BLOCK_CHART: html_chart(h, b->chart, d->lang); break;
	case BLOCK_SIGNATURES: put_signatures(h, d); break;
	case BLOCK_APPENDIX:
		if (h->in_section)
			close_tag(h, "section");
		open_tag(h, "section", b->wide ? "wide" : NULL);
		element(h, "h2", NULL, b->text);
		element(h, "p", "attached", d->attached);
		h->in_section = true;
		break;
	}
}

enum err
html_write(const struct document *d, struct buf *out, struct err_text *e)
{
	struct html h = { .out = out };
	buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n",
		d->lang);
	buf_puts(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "style-src 'unsafe-inline'\"/>\n<title>");
	html_text(&h, d->title);
	buf_puts(out, " – ");
	html_text(&h, d->subject);
	buf_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
	put_head(&h, d);
	for (size_t i = 0; i < d->blocks.n; i++)
		put_block(&h, d, i);
	if (h.in_section)
		close_tag(&h, "section");
	open_tag(&h, "footer", NULL);
	element(&h, "p", NULL, d->origin);
	buf_puts(out, "</footer>\n</body>\n</html>\n");
	buf_free(&h.clean);
	return OK;
}
