/* Parts of a simulated Cisco codec's tree by their path, and the three ways to write them. Called
 * by roomos_http.c, roomos_tsh.c and a unit test. Owns nothing. Pure: it never asks for state or
 * time. */
#include "roomos.h"

#include "base/str.h"
#include "base/vis.h"

#include <stdlib.h>
#include <string.h>

enum { SEGMENTS = 12 };

struct segment {
	char name[60];
	int64_t item; /* 0: any */
};

static int
split(const char *path, struct segment *out)
{
	int n = 0;
	for (const char *p = path; *p && n < SEGMENTS;) {
		size_t len = strcspn(p, "/");
		size_t name = strcspn(p, "[/");
		if (len) {
			struct segment *s = &out[n++];
			*s = (struct segment){ 0 };
			if (name < sizeof s->name)
				memcpy(s->name, p, name);
			if (p[name] == '[')
				s->item = strtol(p + name + 1, NULL, 10);
		}
		p += len + (p[len] == '/');
	}
	return n;
}

static bool
has_children(const xmlNode *n)
{
	return xmlFirstElementChild((xmlNode *)n) != NULL;
}

static bool
matches(xmlNode *n, const struct segment *s)
{
	if (n->type != XML_ELEMENT_NODE || !str_eq_nocase((const char *)n->name, s->name))
		return false;
	xmlChar *item = xmlGetProp(n, BAD_CAST "item");
	bool is = !s->item || (item && strtol((char *)item, NULL, 10) == s->item);
	xmlFree(item);
	return is;
}

static bool
copy_parts(xmlNode *from, const struct segment *s, int n, xmlNode *to)
{
	bool any = false;
	for (xmlNode *c = from->children; c; c = c->next) {
		if (!matches(c, s))
			continue;
		xmlNode *copy = xmlDocCopyNode(c, to->doc, n == 1 ? 1 : 2);
		if (n > 1 && !copy_parts(c, s + 1, n - 1, copy)) {
			xmlFreeNode(copy);
			continue;
		}
		xmlAddChild(to, copy);
		any = true;
	}
	return any;
}

/* Names that a schema knows though the box may have nothing there now. */
static bool
is_known(xmlNode *root, const struct segment *s)
{
	static const char *const names[] = { "Call", "MediaChannels", "Diagnostics", "Conference",
		"Peripherals", NULL };
	for (int i = 0; names[i]; i++)
		if (str_eq_nocase(names[i], s->name))
			return true;
	for (xmlNode *c = root->children; c; c = c->next)
		if (str_eq_nocase((const char *)c->name, s->name))
			return true;
	return false;
}

xmlDoc *
roomos_pick(xmlDoc *all, const char *path, bool *known)
{
	struct segment s[SEGMENTS];
	xmlNode *root = xmlDocGetRootElement(all);
	int n = split(path, s);
	*known = n > 0 && matches(root, &s[0]) && (n == 1 || is_known(root, &s[1]));
	if (!*known)
		return NULL;
	xmlDoc *d = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *r = xmlDocCopyNode(root, d, n == 1 ? 1 : 2);
	xmlDocSetRootElement(d, r);
	if (n == 1 || copy_parts(root, s + 1, n - 1, r))
		return d;
	xmlFreeDoc(d);
	return NULL;
}

void
roomos_write_xml(xmlNode *n, struct buf *out)
{
	xmlBuffer *b = xmlBufferCreate();
	xmlOutputBuffer *o = xmlOutputBufferCreateBuffer(b, xmlFindCharEncodingHandler("UTF-8"));
	xmlNodeDumpOutput(o, n->doc, n, 0, 1, "UTF-8");
	xmlOutputBufferClose(o);
	buf_puts(out, (const char *)xmlBufferContent(b));
	buf_putc(out, '\n');
	xmlBufferFree(b);
}

/* ---- JSON ---- */

static void
json_text(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	vis_json(out, text);
	buf_putc(out, '"');
}

static void
json_body(xmlNode *n, struct buf *out)
{
	const char *comma = "";
	buf_putc(out, '{');
	for (xmlAttr *a = n->properties; a; a = a->next) {
		bool item = str_eq((const char *)a->name, "item");
		if (!item && !str_eq((const char *)a->name, "status") &&
			!str_eq((const char *)a->name, "ghost"))
			continue;
		xmlChar *v = xmlNodeListGetString(n->doc, a->children, 1);
		buf_printf(out, "%s\"%s\":", comma, item ? "id" : (const char *)a->name);
		json_text(out, v ? (const char *)v : "");
		xmlFree(v);
		comma = ",";
	}
	if (has_children(n)) {
		buf_puts(out, comma);
		roomos_write_json(n, out);
	} else if (n->children) {
		xmlChar *v = xmlNodeGetContent(n);
		buf_printf(out, "%s\"Value\":", comma);
		json_text(out, (const char *)v);
		xmlFree(v);
	}
	buf_putc(out, '}');
}

/* The children of an element; those that are items form one array for each name. */
void
roomos_write_json(xmlNode *n, struct buf *out)
{
	const char *comma = "";
	for (xmlNode *c = xmlFirstElementChild(n); c; c = xmlNextElementSibling(c)) {
		bool list = xmlHasProp(c, BAD_CAST "item") != NULL;
		xmlNode *before = xmlPreviousElementSibling(c), *next = xmlNextElementSibling(c);
		bool first = !list || !before || !xmlStrEqual(before->name, c->name);
		if (first)
			buf_printf(
				out, "%s\"%s\":%s", comma, (const char *)c->name, list ? "[" : "");
		else
			buf_putc(out, ',');
		json_body(c, out);
		if (list && (!next || !xmlStrEqual(next->name, c->name)))
			buf_putc(out, ']');
		comma = ",";
	}
}

/* ---- terminal lines ---- */

static bool
is_text(const char *name)
{
	static const char *const names[] = { "CallbackNumber", "DisplayName", "RemoteNumber",
		"Version", "ProductId", "ProductPlatform", "ProductType", "SerialNumber", "Model",
		"MacAddress", "Address", "Name", "Reason", "XPath", "Description", "CauseString",
		"CauseType", "RemoteURI", "OrigCallDirection", "PacketLoss", "DisconnectCause",
		"StartTime", NULL };
	for (int i = 0; names[i]; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static void
lines(xmlNode *n, const char *path, char prefix, const char *gap, struct buf *out)
{
	for (xmlNode *c = xmlFirstElementChild(n); c; c = xmlNextElementSibling(c)) {
		struct buf here = { 0 };
		xmlChar *item = xmlGetProp(c, BAD_CAST "item"),
			*status = xmlGetProp(c, BAD_CAST "status");
		xmlChar *ghost = xmlGetProp(c, BAD_CAST "ghost");
		buf_printf(&here, "%s %s", path, (const char *)c->name);
		if (item)
			buf_printf(&here, " %s", (char *)item);
		if (status || ghost)
			buf_printf(out, "*%c%s (%s=%s):\r\n%s", prefix, buf_str(&here),
				status ? "status" : "ghost",
				status ? (char *)status : (char *)ghost, gap);
		if (has_children(c)) {
			lines(c, buf_str(&here), prefix, gap, out);
		} else if (!status && !ghost) {
			xmlChar *v = xmlNodeGetContent(c);
			const char *quote = is_text((const char *)c->name) ? "\"" : "";
			buf_printf(out, "*%c%s: %s%s%s\r\n%s", prefix, buf_str(&here), quote,
				(char *)v, quote, gap);
			xmlFree(v);
		}
		xmlFree(item);
		xmlFree(status);
		xmlFree(ghost);
		buf_free(&here);
	}
}

void
roomos_write_lines(xmlNode *root, char prefix, const char *gap, struct buf *out)
{
	lines(root, "", prefix, gap, out);
}
