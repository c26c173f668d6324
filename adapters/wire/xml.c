/* XML in: bytes of a device or of a person's file become a light tree on an arena.
 * Called by adapters (answers), playbooks, schedules and the configuration (files with a schema).
 * Owns libxml2: nobody else includes its headers. A cheap scan refuses what the library handles
 * badly (DOCTYPE, hundreds of attributes in one element, deep nesting, namespaces piled up, one
 * huge text) before the parser sees a byte: its attribute check is quadratic and its own text limit
 * does not hold. Must never: open a file or a connection, expand entities, follow XInclude, recurse
 * along the input. */
#include "adapters/wire/xml.h"

#include "adapters/wire/xmlfault.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <stdbool.h>
#include <string.h>

enum {
	XML_BYTES = 1 << 20,	   /* of an answer, unless the caller allows more */
	XML_FILE_BYTES = 32 << 20, /* of a person's file */
	XML_TEXT_BYTES = 1 << 20,  /* between two tags, or in one attribute */
	XML_DEPTH = 256,
	XML_ATTRS = 256,      /* in one element */
	XML_NAMESPACES = 256, /* in scope at once: they are looked up one by one */
	XML_ELEMENTS = 500000,
	XML_FAULTS = 500, /* told of one file */
	XML_LOOKS = 50,	  /* elements taken out because they were not expected */
	XML_FLAGS = XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT | XML_PARSE_NOERROR |
		    XML_PARSE_NOWARNING,
};

/* ---- the scan before the parser -------------------------------------------------------------- */

struct scan {
	const char *at, *end;
	int line;
	int depth;
	int elements;
	int names;		       /* namespaces in scope */
	short declared[XML_DEPTH + 1]; /* of which by the element at that depth */
	char why[120];		       /* set: refused */
};

static bool
scan_refuse(struct scan *s, const char *why)
{
	str_copy(s->why, sizeof s->why, why);
	return false;
}

/* Steps behind `what`; to the end of the input if it does not occur: the parser will say so. */
static bool
scan_past(struct scan *s, const char *what)
{
	const char *from = s->at;
	size_t rest = (size_t)(s->end - from);
	/* memmem() for one byte would make the sanitizers look at all of the rest each time. */
	const char *hit =
		what[1] ? memmem(from, rest, what, strlen(what)) : memchr(from, what[0], rest);
	s->at = hit ? hit + strlen(what) : s->end;
	for (const char *p = from; p < s->at && (p = memchr(p, '\n', (size_t)(s->at - p))); p++)
		s->line++;
	if (s->at - from > XML_TEXT_BYTES)
		return scan_refuse(s, "a single text of more than 1 MiB");
	return true;
}

static bool
scan_starts(const struct scan *s, const char *what)
{
	size_t n = strlen(what);
	return (size_t)(s->end - s->at) >= n && memcmp(s->at, what, n) == 0;
}

/* At the first byte of an element's name. */
static bool
scan_element(struct scan *s)
{
	int attrs = 0, names = 0;
	bool empty = false;
	if (++s->elements > XML_ELEMENTS)
		return scan_refuse(s, "more than 500,000 elements");
	for (; s->at < s->end && *s->at != '>'; s->at++) {
		char c = *s->at;
		empty = c == '/';
		if (c == '\n') {
			s->line++;
		} else if (c == '=') {
			if (++attrs > XML_ATTRS)
				return scan_refuse(s, "more than 256 attributes in one element");
		} else if (c == '"' || c == '\'') {
			s->at++;
			if (!scan_past(s, c == '"' ? "\"" : "'"))
				return false;
			s->at--;
			if (s->at >= s->end)
				break;
		} else if (c == 'x' && isspace((unsigned char)s->at[-1]) &&
			   scan_starts(s, "xmlns")) {
			names++;
		}
	}
	if (empty || s->at >= s->end)
		return true;
	if (++s->depth > XML_DEPTH)
		return scan_refuse(s, "nested deeper than 256 elements");
	s->declared[s->depth] = (short)names;
	s->names += names;
	if (s->names > XML_NAMESPACES)
		return scan_refuse(s, "more than 256 namespaces in scope");
	return true;
}

static bool
scan_tag(struct scan *s)
{
	if (scan_starts(s, "<!--")) {
		s->at += 4; /* "<!-->" ends nothing */
		return scan_past(s, "-->");
	}
	if (scan_starts(s, "<![CDATA["))
		return scan_past(s, "]]>");
	if (scan_starts(s, "<!"))
		return scan_refuse(s, "DOCTYPE is not accepted");
	if (scan_starts(s, "<?")) {
		s->at += 2;
		return scan_past(s, "?>");
	}
	if (scan_starts(s, "</")) {
		if (s->depth > 0)
			s->names -= s->declared[s->depth--];
		return scan_past(s, ">");
	}
	s->at++;
	return scan_element(s);
}

static bool
scan_run(struct scan *s)
{
	while (s->at < s->end) {
		if (*s->at == '<') {
			if (!scan_tag(s))
				return false;
			continue;
		}
		if (!scan_past(s, "<"))
			return false;
		if (s->at[-1] == '<')
			s->at--;
	}
	return true;
}

/* Only encodings in which the scan above reads the same bytes as the parser: supersets of ASCII. */
static bool
encoding_known(const char *bytes, size_t n, bool *out_utf8)
{
	char head[160];
	size_t len = n < sizeof head - 1 ? n : sizeof head - 1;
	*out_utf8 = true;
	if (memchr(bytes, 0, n))
		return false;
	memcpy(head, bytes, len);
	head[len] = 0;
	const char *from = strstr(head, "<?xml"), *to = from ? strstr(from, "?>") : NULL;
	const char *word = from ? strstr(from, "encoding") : NULL;
	if (from && !to && len == sizeof head - 1)
		return false;
	if (!word || (to && word > to))
		return true;
	word += strcspn(word, "\"'");
	if (!*word)
		return true; /* malformed: the parser will say so */
	word++;
	static const char *const good[] = { "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-",
		"windows-125", "cp125", NULL };
	for (size_t i = 0; good[i]; i++) {
		if (strncasecmp(word, good[i], strlen(good[i])) == 0) {
			*out_utf8 = i < 2;
			return true;
		}
	}
	return false;
}

/* ---- from the library's tree to ours --------------------------------------------------------- */

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
trimmed(struct arena *a, const char *s, size_t n)
{
	while (n > 0 && blank(s[n - 1]))
		n--;
	while (n > 0 && blank(*s))
		s++, n--;
	return n ? arena_strndup(a, s, n) : "";
}

static const char *
own_text(struct arena *a, const xmlNode *n, struct buf *scratch)
{
	buf_clear(scratch);
	for (const xmlNode *c = n->children; c; c = c->next)
		if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) && c->content)
			buf_puts(scratch, (const char *)c->content);
	return trimmed(a, buf_str(scratch), scratch->n);
}

/* Attributes without a prefix come first, so that "type" is never answered by "xsi:type". */
static void
take_attrs(struct arena *a, xmlNode *n, struct xml *x)
{
	size_t count = 0;
	for (const xmlAttr *at = n->properties; at; at = at->next)
		count++;
	if (count == 0)
		return;
	x->attrs = arena_alloc(a, count * sizeof *x->attrs);
	for (int prefixed = 0; prefixed < 2; prefixed++) {
		for (const xmlAttr *at = n->properties; at; at = at->next) {
			if ((at->ns != NULL) != (prefixed == 1))
				continue;
			xmlChar *value = xmlNodeListGetString(n->doc, at->children, 1);
			x->attrs[x->attrs_n].name = arena_strdup(a, (const char *)at->name);
			x->attrs[x->attrs_n].value =
				value ? arena_strdup(a, (const char *)value) : "";
			x->attrs_n++;
			xmlFree(value);
		}
	}
}

static xmlNode *
next_element(xmlNode *n)
{
	while (n && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return n;
}

static struct xml *
take_tree(struct arena *a, xmlNode *root)
{
	struct buf scratch = { 0 };
	struct xml *top = NULL, *up = NULL, *before = NULL;
	for (xmlNode *n = root;;) {
		struct xml *x = arena_alloc(a, sizeof *x);
		x->name = arena_strdup(a, (const char *)n->name);
		x->text = own_text(a, n, &scratch);
		x->line = (int)xmlGetLineNo(n);
		x->parent = up;
		take_attrs(a, n, x);
		if (before)
			before->next = x;
		else if (up)
			up->first = x;
		else
			top = x;

		xmlNode *step = next_element(n->children);
		if (step) {
			up = x;
			before = NULL;
			n = step;
			continue;
		}
		before = x;
		while (n != root && !(step = next_element(n->next))) {
			n = n->parent;
			before = up;
			up = up->parent;
		}
		if (n == root)
			break;
		n = step;
	}
	buf_free(&scratch);
	return top;
}

/* ---- parsing
 * ------------------------------------------------------------------------------------------------
 */

struct sink { /* where the library's complaints go */
	struct xmlfault_sink to;
	struct err_text *e; /* of a device's answer: the first only */
};

static void
complaint(void *ctxt, xmlErrorPtr error)
{
	struct sink *sink = ((xmlParserCtxtPtr)ctxt)->_private;
	if (error->level < XML_ERR_ERROR)
		return;
	char *text = xmlfault_plain(sink->to.scratch, error->message);
	if (sink->e)
		err_set(sink->e, ERR_PROTOCOL, T("not XML: line %d: %s"), error->line, text);
	else if (sink->to.faults)
		xmlfault_syntax(&sink->to, error->line, text);
}

/* The document is the caller's: xmlFreeDoc(). NULL: not well-formed, told to the sink. */
static xmlDoc *
parse(const char *bytes, size_t n, struct sink *sink)
{
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	if (!ctxt)
		return NULL;
	ctxt->_private = sink;
	ctxt->sax->serror = complaint;
	xmlDoc *doc = xmlCtxtReadMemory(ctxt, bytes, (int)n, NULL, NULL, XML_FLAGS);
	bool good = doc && ctxt->wellFormed && !doc->intSubset && xmlDocGetRootElement(doc);
	if (!good) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(ctxt);
	return doc;
}

static xmlParserInputPtr
deny(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	return NULL;
}

void
xml_global_init(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(deny);
	xmlSchemaInitTypes();
}

enum err
xml_parse(struct arena *a, const char *bytes, size_t n, size_t max, struct xml **out,
	struct err_text *e)
{
	struct err_text local = { 0 };
	if (!e)
		e = &local;
	*out = NULL;
	while (n > 0 && blank(*bytes))
		bytes++, n--;
	if (n == 0)
		return err_set(e, ERR_PROTOCOL, T("not XML: empty"));
	if (max == 0)
		max = XML_BYTES;
	if (n > max || n > XML_FILE_BYTES)
		return err_set(e, ERR_PROTOCOL, T("XML of %zu bytes, more than %zu"), n, max);
	bool utf8;
	if (!encoding_known(bytes, n, &utf8))
		return err_set(e, ERR_PROTOCOL, T("XML in an encoding that is not accepted"));
	if (utf8 && !utf8_valid(bytes, n)) {
		bytes = utf8_repair(a, bytes, n);
		n = strlen(bytes);
	}
	struct scan s = { .at = bytes, .end = bytes + n, .line = 1 };
	if (!scan_run(&s))
		return err_set(e, ERR_PROTOCOL, T("XML refused: line %d: %s"), s.line, s.why);
	struct sink sink = { .to.scratch = a, .e = e };
	xmlDoc *doc = parse(bytes, n, &sink);
	if (!doc)
		return err_set(e, ERR_PROTOCOL, T("not XML"));
	*out = take_tree(a, xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
	return OK;
}

/* ---- files of people ------------------------------------------------------------------------- */

/* One look of the checker at a document. An element that it did not expect ends its look at that
 * element's siblings. */
struct look {
	struct xmlfault_sink *to;
	xmlNode *unexpected;
	bool again;
};

static void
schema_complaint(void *look, xmlErrorPtr error)
{
	struct look *l = look;
	int line = error->line;
	if (error->node && (line <= 0 || line >= 65535))
		line = (int)xmlGetLineNo(error->node);
	bool lacks = error->message && strstr(error->message, "Missing child element(s)");
	if (error->code == XML_SCHEMAV_ELEMENT_CONTENT && error->node && !lacks && !l->unexpected)
		l->unexpected = error->node;
	if (!lacks || !l->again) /* what was taken out is lacking now: that is our doing */
		xmlfault_schema(l->to, line, error->message);
}

/* Takes out of the document what is not expected, until the checker has seen all the others. */
static void
schema_looks(xmlDoc *doc, xmlSchema *schema, struct xmlfault_sink *to)
{
	struct look l = { .to = to };
	for (int i = 0; i < XML_LOOKS; i++) {
		xmlSchemaValidCtxt *check = xmlSchemaNewValidCtxt(schema);
		int code = -1;
		l.unexpected = NULL;
		if (check) {
			xmlSchemaSetValidStructuredErrors(check, schema_complaint, &l);
			code = xmlSchemaValidateDoc(check, doc);
			xmlSchemaFreeValidCtxt(check);
		}
		if (code < 0)
			faults_add(to->faults, to->file, 0,
				T("could not be checked against its schema"));
		if (code < 0 || !l.unexpected || l.unexpected == xmlDocGetRootElement(doc))
			return;
		xmlUnlinkNode(l.unexpected);
		xmlFreeNode(l.unexpected);
		l.again = true;
	}
}

static void
schema_check(xmlDoc *doc, const char *xsd, size_t xsd_n, struct xmlfault_sink *to)
{
	xmlSchemaParserCtxt *reader = xmlSchemaNewMemParserCtxt(xsd, (int)xsd_n);
	xmlSchema *schema = NULL;
	struct look l = { .to = to };
	if (reader) {
		xmlSchemaSetParserStructuredErrors(reader, schema_complaint, &l);
		schema = xmlSchemaParse(reader);
		xmlSchemaFreeParserCtxt(reader);
	}
	if (schema)
		schema_looks(doc, schema, to);
	else
		faults_add(to->faults, to->file, 0, T("its schema could not be read"));
	xmlSchemaFree(schema);
}

struct xml *
xml_check(struct arena *a, const char *bytes, size_t n, const char *file, const char *xsd,
	size_t xsd_n, struct faults *faults)
{
	bool utf8;
	if (n == 0) {
		faults_add(faults, file, 0, T("is empty"));
		return NULL;
	}
	if (n > XML_FILE_BYTES) {
		faults_add(faults, file, 0, T("has %zu bytes, more than 32 MiB"), n);
		return NULL;
	}
	if (!encoding_known(bytes, n, &utf8)) {
		faults_add(faults, file, 1,
			T("is in an encoding that is not accepted: save it as UTF-8"));
		return NULL;
	}
	struct scan s = { .at = bytes, .end = bytes + n, .line = 1 };
	if (!scan_run(&s)) {
		faults_add(faults, file, s.line, "%s", s.why);
		return NULL;
	}
	struct sink sink = { .to = { .scratch = a,
				     .faults = faults,
				     .file = file,
				     .xsd = xsd,
				     .xsd_n = xsd_n,
				     .since = faults->n,
				     .most = XML_FAULTS } };
	size_t before = faults->n;
	xmlDoc *doc = parse(bytes, n, &sink);
	if (!doc) {
		if (faults->n == before)
			faults_add(faults, file, 0, T("is not XML"));
		return NULL;
	}
	struct xml *tree = take_tree(a, xmlDocGetRootElement(doc));
	if (xsd)
		schema_check(doc, xsd, xsd_n, &sink.to);
	xmlFreeDoc(doc);
	return tree;
}

/* ---- looking around -------------------------------------------------------------------------- */

const struct xml *
xml_next(const struct xml *n, const char *name)
{
	for (n = n ? n->next : NULL; n; n = n->next)
		if (!name || str_eq(n->name, name))
			return n;
	return NULL;
}

const struct xml *
xml_child(const struct xml *n, const char *name)
{
	const struct xml *c = n ? n->first : NULL;
	return !c || !name || str_eq(c->name, name) ? c : xml_next(c, name);
}

const struct xml *
xml_at(const struct xml *n, const char *path)
{
	while (n && *path) {
		size_t len = strcspn(path, "/");
		const struct xml *c = n->first;
		while (c && (strncmp(c->name, path, len) != 0 || c->name[len]))
			c = c->next;
		n = c;
		path += len;
		path += *path == '/';
	}
	return n;
}

const char *
xml_text(const struct xml *n, const char *path)
{
	n = xml_at(n, path);
	return n ? n->text : NULL;
}

const char *
xml_attr(const struct xml *n, const char *name)
{
	for (size_t i = 0; n && i < n->attrs_n; i++)
		if (str_eq(n->attrs[i].name, name))
			return n->attrs[i].value;
	return NULL;
}
