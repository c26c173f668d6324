/* Reads letterhead.xml.
 *
 * Called by whoever has documents written; the file's bytes come from the caller. Owns nothing but
 * what it puts on the caller's arena. It must never let a faulty file stand over a document, and
 * never fill in a number: that is the office's. */
#include "report/letterhead.h"

#include "adapters/wire/xml.h"
#include "base/embed.h"
#include "base/str.h"
#include "text.h"

EMBED(letterhead_xsd, "orchestrator/report/letterhead.xsd");
EMBED(letterhead_xml, "orchestrator/report/letterhead.xml");

const char *
letterhead_example(size_t *out_n)
{
	*out_n = EMBED_SIZE(letterhead_xml);
	return letterhead_xml;
}

const char *
letterhead_say(const struct letterhead_text *t, const char *lang)
{
	if (str_eq(lang, "vi"))
		return str_empty(t->vi) ? "" : t->vi;
	return !str_empty(t->en) ? t->en : str_empty(t->vi) ? "" : t->vi;
}

const struct letterhead_paper *
letterhead_paper(const struct letterhead *l, const char *kind)
{
	static const struct letterhead_paper none = { .kind = "", .symbol = "" };
	const struct letterhead_paper *others = &none;
	for (size_t i = 0; i < l->papers.n; i++) {
		if (str_eq(l->papers.at[i].kind, kind))
			return &l->papers.at[i];
		if (str_empty(l->papers.at[i].kind))
			others = &l->papers.at[i];
	}
	return others;
}

static struct letterhead_text
text_of(const struct xml *n)
{
	if (!n)
		return (struct letterhead_text){ .vi = "", .en = "" };
	const char *en = xml_attr(n, "en");
	return (struct letterhead_text){ .vi = n->text, .en = en ? en : "" };
}

static void
read_signature(const struct xml *n, struct letterhead_signature *out)
{
	out->authority = text_of(xml_child(n, "authority"));
	out->role = text_of(xml_child(n, "role"));
	out->note = text_of(xml_child(n, "note"));
	out->name = text_of(xml_child(n, "name"));
}

static void
read_paper(const struct xml *n, struct arena *a, struct letterhead_paper *out)
{
	const char *kind = xml_attr(n, "kind"), *symbol = xml_attr(n, "symbol");
	out->kind = kind ? kind : "";
	out->symbol = symbol ? symbol : "";
	for (const struct xml *c = xml_child(n, NULL); c; c = xml_next(c, NULL)) {
		if (str_eq(c->name, "to"))
			*vec_add_in(a, &out->to) = text_of(c);
		else if (str_eq(c->name, "copy"))
			*vec_add_in(a, &out->copies) = text_of(c);
		else if (str_eq(c->name, "signature"))
			read_signature(c, vec_add_in(a, &out->signatures));
	}
}

static void
check_kinds(const struct letterhead *l, const char *file, struct faults *faults)
{
	for (size_t i = 0; i < l->papers.n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(l->papers.at[i].kind, l->papers.at[k].kind))
				faults_add(faults, file, 0, T("two <document> of kind \"%s\""),
					l->papers.at[i].kind);
}

enum err
letterhead_read(const char *bytes, size_t n, const char *file, struct arena *a,
	struct faults *faults, struct letterhead *out)
{
	size_t before = faults->n;
	*out = *letterhead_default("", "", a);
	const struct xml *root =
		xml_check(a, bytes, n, file, letterhead_xsd, EMBED_SIZE(letterhead_xsd), faults);
	if (!root || faults->n > before)
		return ERR_INPUT;
	if (xml_child(root, "state"))
		out->state = text_of(xml_child(root, "state"));
	if (xml_child(root, "motto"))
		out->motto = text_of(xml_child(root, "motto"));
	out->above = text_of(xml_child(root, "above"));
	out->issuer = text_of(xml_child(root, "issuer"));
	out->place = text_of(xml_child(root, "place"));
	out->papers.n = 0;
	for (const struct xml *c = xml_child(root, "document"); c; c = xml_next(c, "document"))
		read_paper(c, a, vec_add_in(a, &out->papers));
	check_kinds(out, file, faults);
	return faults->n > before ? ERR_INPUT : OK;
}

static struct letterhead_text
both(const char *lang_vi, const char *en)
{
	return (struct letterhead_text){ .vi = lang_vi, .en = en };
}

static void
sign(struct letterhead_paper *p, struct arena *a, const char *role)
{
	struct letterhead_signature *s = vec_add_in(a, &p->signatures);
	s->authority = s->name = both("", "");
	s->role = both(text_get("vi", role), text_get("en", role));
	s->note = both(text_get("vi", T("(signature, full name)")),
		text_get("en", "(signature, full name)"));
}

static void
copy_to(struct letterhead_paper *p, struct arena *a, const char *text)
{
	*vec_add_in(a, &p->copies) = both(text_get("vi", text), text_get("en", text));
}

const struct letterhead *
letterhead_default(const char *organization, const char *place, struct arena *a)
{
	struct letterhead *l = arena_alloc(a, sizeof *l);
	const char *state = T("SOCIALIST REPUBLIC OF VIET NAM");
	const char *motto = T("Independence - Freedom - Happiness");
	l->state = both(text_get("vi", state), text_get("en", state));
	l->motto = both(text_get("vi", motto), text_get("en", motto));
	l->above = both("", "");
	const char *issuer = str_empty(organization) ? "........................" : organization;
	l->issuer = both(issuer, issuer);
	l->place = both(place, place);
	struct letterhead_paper *minutes = vec_add_in(a, &l->papers);
	*minutes = (struct letterhead_paper){ .kind = "minutes", .symbol = "BB" };
	sign(minutes, a, T("WRITTEN BY"));
	sign(minutes, a, T("HEAD OF THE OFFICE"));
	copy_to(minutes, a, T("The sites;"));
	copy_to(minutes, a, T("File."));
	struct letterhead_paper *others = vec_add_in(a, &l->papers);
	*others = (struct letterhead_paper){ .kind = "", .symbol = "BC" };
	sign(others, a, T("HEAD OF THE OFFICE"));
	copy_to(others, a, T("The sites;"));
	copy_to(others, a, T("File."));
	return l;
}
