/* XML-RPC as MCUs speak it: one struct parameter, values back.
 *
 *   POST /RPC2   <methodCall><methodName>m</methodName><params><param><value><struct>...      ->
 *   <- 200       <methodResponse><params><param><value>...     or     <fault><value><struct>...
 *
 * Called by adapters (both ways) and by the listener (calls that devices make). Owns nothing: calls
 * grow in the caller's buffer, values live on the task's arena. A number that is not one is kept as
 * text, so that one broken figure does not cost a roster. Must never: retry, or decide what a fault
 * means. */
#include "adapters/wire/xmlrpc.h"

#include "adapters/wire/xml.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { RPC_BYTES = 8 << 20, RPC_DEPTH = 32, RPC_NODES = 200000 };

/* ---- calls
 * --------------------------------------------------------------------------------------------------
 */

static void
begin(struct buf *b, const char *name)
{
	if (name) {
		buf_puts(b, "<member><name>");
		vis_xml(b, name);
		buf_puts(b, "</name>");
	}
	buf_puts(b, "<value>");
}

static void
end(struct buf *b, const char *name)
{
	buf_puts(b, name ? "</value></member>" : "</value>");
}

/* Was the structure that is open now begun as a member? Text is escaped, so a tag in the buffer is
 * a tag. */
static bool
opened_as_member(const struct buf *b, const char *open, const char *close)
{
	static const char member[] = "</name><value>";
	size_t depth = 0;
	for (const char *p = b->at + b->n; p > b->at;) {
		p--;
		if (*p != '<')
			continue;
		if (str_starts(p, close)) {
			depth++;
		} else if (str_starts(p, open) && depth-- == 0) {
			size_t n = sizeof member - 1;
			return (size_t)(p - b->at) >= n && memcmp(p - n, member, n) == 0;
		}
	}
	return false;
}

void
xmlrpc_call(struct buf *b, const char *method)
{
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>");
	vis_xml(b, method);
	buf_puts(b, "</methodName><params><param><value><struct>");
}

void
xmlrpc_end(struct buf *b)
{
	buf_puts(b, "</struct></value></param></params></methodCall>");
}

void
xmlrpc_add_string(struct buf *b, const char *name, const char *value)
{
	begin(b, name);
	buf_puts(b, "<string>");
	vis_xml(b, value ? value : "");
	buf_puts(b, "</string>");
	end(b, name);
}

void
xmlrpc_add_int(struct buf *b, const char *name, int64_t value)
{
	begin(b, name);
	buf_printf(b, "<int>%" PRId64 "</int>", value);
	end(b, name);
}

void
xmlrpc_add_bool(struct buf *b, const char *name, bool value)
{
	begin(b, name);
	buf_printf(b, "<boolean>%d</boolean>", value);
	end(b, name);
}

void
xmlrpc_open_struct(struct buf *b, const char *name)
{
	begin(b, name);
	buf_puts(b, "<struct>");
}

void
xmlrpc_close_struct(struct buf *b)
{
	bool member = opened_as_member(b, "<struct>", "</struct>");
	buf_puts(b, "</struct>");
	end(b, member ? "" : NULL);
}

void
xmlrpc_open_array(struct buf *b, const char *name)
{
	begin(b, name);
	buf_puts(b, "<array><data>");
}

void
xmlrpc_close_array(struct buf *b)
{
	bool member = opened_as_member(b, "<array>", "</array>");
	buf_puts(b, "</data></array>");
	end(b, member ? "" : NULL);
}

void
xmlrpc_add_strings(struct buf *b, const char *name, const char *const *values)
{
	xmlrpc_open_array(b, name);
	for (; values && *values; values++)
		xmlrpc_add_string(b, NULL, *values);
	xmlrpc_close_array(b);
}

/* ---- values
 * -------------------------------------------------------------------------------------------------
 */

struct reading {
	struct task *t;
	size_t nodes;
	const char *why; /* set: not understood */
};

struct type_name {
	const char *name;
	enum xmlrpc_kind kind;
};

static const struct type_name type_names[] = {
	{ "string", XMLRPC_STRING },
	{ "int", XMLRPC_INT },
	{ "i4", XMLRPC_INT },
	{ "i8", XMLRPC_INT },
	{ "i2", XMLRPC_INT },
	{ "i1", XMLRPC_INT },
	{ "boolean", XMLRPC_BOOLEAN },
	{ "double", XMLRPC_DOUBLE },
	{ "float", XMLRPC_DOUBLE },
	{ "dateTime.iso8601", XMLRPC_DATE },
	{ "dateTime", XMLRPC_DATE },
	{ "base64", XMLRPC_BASE64 },
	{ "struct", XMLRPC_STRUCT },
	{ "array", XMLRPC_ARRAY },
	{ "nil", XMLRPC_NIL },
	{ NULL, XMLRPC_NIL },
};

static struct xmlrpc *
bad(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return NULL;
}

static bool
whole(const char *s, int64_t *out)
{
	return str_to_int(*s == '+' ? s + 1 : s, INT64_MIN, INT64_MAX, out);
}

static void
take_number(struct xmlrpc *v)
{
	double real;
	bool good = true;
	if (v->kind == XMLRPC_INT) {
		good = whole(v->text, &v->number);
	} else if (v->kind == XMLRPC_BOOLEAN) {
		good = true;
		if (str_eq(v->text, "1") || str_eq_nocase(v->text, "true"))
			v->number = 1;
		else if (!str_eq(v->text, "0") && !str_eq_nocase(v->text, "false"))
			good = false;
	} else if (v->kind == XMLRPC_DOUBLE) {
		good = str_to_double(v->text, &real) && isfinite(real) && fabs(real) < 9.2e18;
		v->number = good ? (int64_t)real : 0;
	}
	if (!good)
		v->kind = XMLRPC_STRING;
}

/* depth-bounded, so that the recursion is */
static struct xmlrpc *
take_value(struct reading *r, const struct xml *x, int depth)
{
	if (!x)
		return bad(r, "a value is missing");
	if (depth > RPC_DEPTH)
		return bad(r, "nested deeper than 32");
	if (++r->nodes > RPC_NODES)
		return bad(r, "more than 200,000 values");
	struct xmlrpc *v = arena_alloc(r->t->arena, sizeof *v), **tail = &v->first;
	const struct xml *typed = x->first;
	v->text = "";
	if (!typed) {
		v->kind = XMLRPC_STRING;
		v->text = x->text;
		return v;
	}
	const struct type_name *type = type_names;
	while (type->name && !str_eq(type->name, typed->name))
		type++;
	if (!type->name || typed->next)
		return bad(r, "a value of no known type");
	v->kind = type->kind;
	if (v->kind == XMLRPC_STRUCT) {
		for (const struct xml *m = xml_child(typed, "member"); m;
			m = xml_next(m, "member")) {
			const char *name = xml_text(m, "name");
			if (!name)
				return bad(r, "a member without a name");
			if (!(*tail = take_value(r, xml_child(m, "value"), depth + 1)))
				return NULL;
			(*tail)->name = name;
			tail = &(*tail)->next;
		}
	} else if (v->kind == XMLRPC_ARRAY) {
		const struct xml *i = xml_child(xml_child(typed, "data"), "value");
		for (; i; i = xml_next(i, "value")) {
			if (!(*tail = take_value(r, i, depth + 1)))
				return NULL;
			tail = &(*tail)->next;
		}
	} else {
		v->text = typed->text;
		take_number(v);
	}
	return v;
}

/* A call or answer without a parameter is read as an empty struct. */
static struct xmlrpc *
take_param(struct reading *r, const struct xml *holder)
{
	const struct xml *param = xml_at(holder, "params/param");
	if (param)
		return take_value(r, xml_child(param, "value"), 0);
	struct xmlrpc *none = arena_alloc(r->t->arena, sizeof *none);
	none->kind = XMLRPC_STRUCT;
	none->text = "";
	return none;
}

static enum err
parse_root(struct task *t, const char *bytes, size_t n, const char *name, struct xml **out)
{
	struct err_text e = { 0 };
	if (xml_parse(t->arena, bytes, n, RPC_BYTES, out, &e) != OK)
		return task_fail(t, ERR_PROTOCOL, "XML-RPC: %s", e.text);
	if (!str_eq((*out)->name, name))
		return task_fail(
			t, ERR_PROTOCOL, T("XML-RPC: <%.60s>, not <%s>"), (*out)->name, name);
	return OK;
}

enum err
xmlrpc_parse(struct task *t, const char *bytes, size_t n, const struct xmlrpc **out,
	struct xmlrpc_fault *fault)
{
	struct xml *root;
	struct reading r = { .t = t };
	*out = NULL;
	*fault = (struct xmlrpc_fault){ .text = "" };
	enum err rc = parse_root(t, bytes, n, "methodResponse", &root);
	if (rc != OK)
		return rc;
	const struct xml *f = xml_child(root, "fault");
	if (f) {
		const struct xmlrpc *v = take_value(&r, xml_child(f, "value"), 0);
		if (v) {
			struct figure code = xmlrpc_figure(v, "faultCode");
			bool fits = code.known && code.v >= INT32_MIN && code.v <= INT32_MAX;
			fault->code = fits && code.v != 0 ? (int)code.v : -1;
			fault->text = xmlrpc_text(v, "faultString", "");
			return OK;
		}
	} else if (xml_child(root, "params")) {
		*out = take_param(&r, root);
	} else {
		r.why = "neither a value nor a fault";
	}
	return *out ? OK : task_fail(t, ERR_PROTOCOL, "XML-RPC: %s", r.why);
}

enum err
xmlrpc_parse_call(
	struct task *t, const char *bytes, size_t n, const char **method, const struct xmlrpc **out)
{
	struct xml *root;
	struct reading r = { .t = t };
	*out = NULL;
	*method = NULL;
	enum err rc = parse_root(t, bytes, n, "methodCall", &root);
	if (rc != OK)
		return rc;
	*method = xml_text(root, "methodName");
	if (str_empty(*method))
		return task_fail(t, ERR_PROTOCOL, T("XML-RPC: a call without a method"));
	*out = take_param(&r, root);
	return *out ? OK : task_fail(t, ERR_PROTOCOL, "XML-RPC: %s: %s", *method, r.why);
}

/* An answer whose encoding nobody names, in its own first line or in the header, and which is no
 * UTF-8, is ISO-8859-1 (the rule of the MCU API guides; RFC 2616 3.7.1): each byte is the character
 * of its number. */
static const char *
from_latin(struct arena *a, const char *bytes, size_t *n)
{
	static const char word[] = "encoding";
	size_t head = *n < 160 ? *n : 160, k = 0;
	if (utf8_valid(bytes, *n) || memmem(bytes, head, word, sizeof word - 1) || *n > RPC_BYTES)
		return bytes;
	char *out = arena_alloc(a, 2 * *n + 1);
	for (size_t i = 0; i < *n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c >= 0x80)
			out[k++] = (char)(0xc0 | c >> 6);
		out[k++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
	}
	out[k] = '\0';
	*n = k;
	return out;
}

enum err
xmlrpc_ask(struct task *t, struct http *h, const char *path, const struct buf *call,
	const struct xmlrpc **out, struct xmlrpc_fault *fault)
{
	struct http_reply reply;
	struct http_request q = {
		.path = path,
		.content_type = "text/xml",
		.body = buf_str(call),
		.body_len = call->n,
	};
	*out = NULL;
	*fault = (struct xmlrpc_fault){ .text = "" };
	enum err rc = http_ask(t, h, &q, &reply);
	if (rc != OK)
		return rc;
	if (reply.status != 200)
		return task_fail(t, ERR_PROTOCOL, T("POST %s: status %d"), path, reply.status);
	const char *type = http_header(&reply, "Content-Type"), *body = reply.body;
	size_t n = reply.len;
	if (!type || !strcasestr(type, "utf-8"))
		body = from_latin(t->arena, body, &n);
	return xmlrpc_parse(t, body, n, out, fault);
}

const struct xmlrpc *
xmlrpc_get(const struct xmlrpc *v, const char *name)
{
	for (v = v && v->kind == XMLRPC_STRUCT ? v->first : NULL; v; v = v->next)
		if (str_eq(v->name, name))
			return v;
	return NULL;
}

const char *
xmlrpc_text(const struct xmlrpc *v, const char *name, const char *otherwise)
{
	v = xmlrpc_get(v, name);
	if (!v || v->kind == XMLRPC_STRUCT || v->kind == XMLRPC_ARRAY || v->kind == XMLRPC_NIL)
		return otherwise;
	return v->text;
}

struct figure
xmlrpc_figure(const struct xmlrpc *v, const char *name)
{
	int64_t n;
	v = xmlrpc_get(v, name);
	if (!v)
		return (struct figure){ 0 };
	if (v->kind == XMLRPC_INT || v->kind == XMLRPC_BOOLEAN || v->kind == XMLRPC_DOUBLE)
		return figure_of(v->number);
	if (v->kind == XMLRPC_STRING && whole(v->text, &n))
		return figure_of(n);
	return (struct figure){ 0 };
}

enum tri
xmlrpc_tri(const struct xmlrpc *v, const char *name)
{
	v = xmlrpc_get(v, name);
	if (!v)
		return UNKNOWN;
	if (v->kind == XMLRPC_BOOLEAN ||
		(v->kind == XMLRPC_INT && (v->number == 0 || v->number == 1)))
		return tri_of(v->number != 0);
	if (v->kind != XMLRPC_STRING)
		return UNKNOWN;
	if (str_eq_nocase(v->text, "true") || str_eq(v->text, "1") || str_eq_nocase(v->text, "yes"))
		return YES;
	if (str_eq_nocase(v->text, "false") || str_eq(v->text, "0") || str_eq_nocase(v->text, "no"))
		return NO;
	return UNKNOWN;
}
