/* XML-RPC for the simulated MCU: libxml2 for reading, a buffer for writing.
 * Called by codian*.c. Owns the document of a call until rpc_free(). Must never share code with
 * adapters/wire: a fault there would then be hidden by its twin here. */
#include "rpc.h"

#include "base/str.h"
#include "base/vis.h"

#include <libxml/parser.h>
#include <string.h>
#include <time.h>

static xmlNode *
child(xmlNode *n, const char *name)
{
	for (xmlNode *c = n ? n->children : NULL; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && (!name || str_eq((const char *)c->name, name)))
			return c;
	return NULL;
}

static void
node_text(xmlNode *n, char *out, size_t size)
{
	xmlChar *s = n ? xmlNodeGetContent(n) : NULL;
	str_copy(out, size, s ? (const char *)s : "");
	xmlFree(s);
}

bool
rpc_read(const char *bytes, size_t n, bool latin1, struct rpc_call *out)
{
	*out = (struct rpc_call){ 0 };
	bool says = n > 5 && memmem(bytes, n < 120 ? n : 120, "encoding=", 9);
	out->doc = xmlReadMemory(bytes, (int)n, NULL, latin1 && !says ? "ISO-8859-1" : NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *root = out->doc ? xmlDocGetRootElement(out->doc) : NULL;
	if (!root || !str_eq((const char *)root->name, "methodCall"))
		return false;
	node_text(child(root, "methodName"), out->method, sizeof out->method);
	xmlNode *value = child(child(child(root, "params"), "param"), "value");
	out->args = child(value, "struct");
	return out->method[0] != '\0';
}

void
rpc_free(struct rpc_call *c)
{
	if (c->doc)
		xmlFreeDoc(c->doc);
	c->doc = NULL;
}

xmlNode *
rpc_get(xmlNode *strct, const char *name)
{
	char own[64];
	for (xmlNode *m = strct ? strct->children : NULL; m; m = m->next) {
		if (m->type != XML_ELEMENT_NODE || !str_eq((const char *)m->name, "member"))
			continue;
		node_text(child(m, "name"), own, sizeof own);
		if (str_eq(own, name))
			return child(m, "value");
	}
	return NULL;
}

xmlNode *
rpc_struct(xmlNode *value)
{
	return child(value, "struct");
}

bool
rpc_is_array(xmlNode *value)
{
	return child(value, "array") != NULL;
}

xmlNode *
rpc_next(xmlNode *array_value, xmlNode *last)
{
	xmlNode *n = last ? last->next : NULL;
	if (!last) {
		xmlNode *data = child(child(array_value, "array"), "data");
		n = data ? data->children : NULL;
	}
	while (n && (n->type != XML_ELEMENT_NODE || !str_eq((const char *)n->name, "value")))
		n = n->next;
	return n;
}

bool
rpc_scalar(xmlNode *value, char *out, size_t size)
{
	if (size)
		out[0] = '\0';
	if (!value)
		return false;
	xmlNode *typed = child(value, NULL);
	if (typed && (str_eq((const char *)typed->name, "struct") ||
			     str_eq((const char *)typed->name, "array")))
		return false;
	node_text(typed ? typed : value, out, size);
	return true;
}

bool
rpc_text(xmlNode *strct, const char *name, char *out, size_t size)
{
	return rpc_scalar(rpc_get(strct, name), out, size);
}

bool
rpc_int(xmlNode *strct, const char *name, int64_t *out)
{
	char text[32];
	return rpc_text(strct, name, text, sizeof text) &&
	       str_to_int(text, INT32_MIN, INT32_MAX, out);
}

bool
rpc_bool(xmlNode *strct, const char *name, bool *out)
{
	char text[32];
	if (!rpc_text(strct, name, text, sizeof text))
		return false;
	*out = str_eq(text, "1") || str_eq(text, "true");
	return true;
}

static void
open_value(struct rpc_out *o, const char *name)
{
	if (name)
		buf_printf(&o->b, "<member><name>%s</name>\n", name);
	buf_puts(&o->b, "<value>");
}

static void
close_value(struct rpc_out *o, const char *name)
{
	buf_puts(&o->b, name ? "</value></member>\n" : "</value>\n");
}

void
rpc_put_text(struct rpc_out *o, const char *name, const char *value)
{
	/* MCU API, traps: a string may come as <value>text</value> without its type */
	bool bare = o->strings++ % 3 == 2;
	open_value(o, name);
	if (!bare)
		buf_puts(&o->b, "<string>");
	vis_xml(&o->b, value ? value : "");
	if (!bare)
		buf_puts(&o->b, "</string>");
	close_value(o, name);
}

void
rpc_put_int(struct rpc_out *o, const char *name, int64_t value)
{
	open_value(o, name);
	buf_printf(&o->b, "<int>%lld</int>", (long long)value);
	close_value(o, name);
}

void
rpc_put_bool(struct rpc_out *o, const char *name, bool value)
{
	open_value(o, name);
	buf_printf(&o->b, "<boolean>%d</boolean>", value);
	close_value(o, name);
}

void
rpc_put_date(struct rpc_out *o, const char *name, int64_t utc_ms)
{
	time_t t = (time_t)(utc_ms / 1000);
	struct tm tm;
	char text[32];
	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%Y%m%dT%H:%M:%S", &tm);
	open_value(o, name);
	buf_printf(&o->b, "<dateTime.iso8601>%s</dateTime.iso8601>", text);
	close_value(o, name);
}

void
rpc_open_struct(struct rpc_out *o, const char *name)
{
	open_value(o, name);
	buf_puts(&o->b, "<struct>\n");
}

void
rpc_close_struct(struct rpc_out *o, const char *name)
{
	buf_puts(&o->b, "</struct>");
	close_value(o, name);
}

void
rpc_open_array(struct rpc_out *o, const char *name)
{
	open_value(o, name);
	buf_puts(&o->b, "<array><data>\n");
}

void
rpc_close_array(struct rpc_out *o, const char *name)
{
	buf_puts(&o->b, "</data></array>");
	close_value(o, name);
}

void
rpc_answer(struct buf *out, const struct rpc_out *o)
{
	buf_puts(out, "<?xml version=\"1.0\" "
		      "encoding=\"UTF-8\"?>\n<methodResponse><params><param><value><struct>\n");
	buf_add(out, buf_str(&o->b), o->b.n);
	buf_puts(out, "</struct></value></param></params></methodResponse>\n");
}

void
rpc_fault(struct buf *out, int code, const char *text)
{
	buf_printf(out,
		"<?xml version=\"1.0\" "
		"encoding=\"UTF-8\"?>\n<methodResponse><fault><value><struct>\n"
		"<member><name>faultCode</name><value><int>%d</int></value></member>\n"
		"<member><name>faultString</name><value><string>",
		code);
	vis_xml(out, text);
	buf_puts(out, "</string></value></member>\n</struct></value></fault></methodResponse>\n");
}
