/* XML-RPC with one struct parameter: calls out, values in. */
#ifndef TD_WIRE_XMLRPC_H
#define TD_WIRE_XMLRPC_H

#include "base/buf.h"
#include "base/task.h"
#include "base/tri.h"
#include "adapters/wire/http.h"

enum xmlrpc_kind {
	XMLRPC_STRING,
	XMLRPC_INT,
	XMLRPC_BOOLEAN,
	XMLRPC_DOUBLE,
	XMLRPC_DATE,
	XMLRPC_BASE64,
	XMLRPC_STRUCT,
	XMLRPC_ARRAY,
	XMLRPC_NIL
};

struct xmlrpc {
	enum xmlrpc_kind kind;
	const char *name; /* member name inside a struct, else NULL */
	const char *text; /* scalars as sent */
	int64_t number;   /* int, boolean; double truncated */
	struct xmlrpc *first, *next;
};

/* Builds one call in a buffer: xmlrpc_call(), members, xmlrpc_end(). Text is escaped. */
void xmlrpc_call(struct buf *b, const char *method);
void xmlrpc_add_string(struct buf *b, const char *name, const char *value);
void xmlrpc_add_int(struct buf *b, const char *name, int64_t value);
void xmlrpc_add_bool(struct buf *b, const char *name, bool value);
/* NULL-terminated array */
void xmlrpc_add_strings(struct buf *b, const char *name, const char *const *values);
/* a member that is a struct; name NULL: an array item */
void xmlrpc_open_struct(struct buf *b, const char *name);
void xmlrpc_close_struct(struct buf *b);
void xmlrpc_open_array(struct buf *b, const char *name);
void xmlrpc_close_array(struct buf *b);
void xmlrpc_end(struct buf *b);

struct xmlrpc_fault {
	int code; /* 0 = none */
	const char *text;
};

/* Parses a methodResponse: *out the value, or fault->code set with *out NULL. Accepts untyped
 * <value>text</value>.
 * ERR_PROTOCOL. Shapes are bounded (depth 32, 200,000 nodes). */
enum err xmlrpc_parse(struct task *t, const char *bytes, size_t n, const struct xmlrpc **out,
	struct xmlrpc_fault *fault);
/* Parses a methodCall (for our listener and the lab): method name and its one parameter. */
enum err xmlrpc_parse_call(struct task *t, const char *bytes, size_t n, const char **method,
	const struct xmlrpc **out);
/* POST to path, parse. Errors of http_ask(); a non-200 status is ERR_PROTOCOL. A fault is OK with
 * fault->code. An answer that is no UTF-8 and names no encoding is read as ISO-8859-1. */
enum err xmlrpc_ask(struct task *t, struct http *h, const char *path, const struct buf *call,
	const struct xmlrpc **out, struct xmlrpc_fault *fault);

const struct xmlrpc *xmlrpc_get(const struct xmlrpc *v, const char *name); /* member or NULL */
const char *xmlrpc_text(const struct xmlrpc *v, const char *name, const char *otherwise);
/* int/double/boolean or numeric text */
struct figure xmlrpc_figure(const struct xmlrpc *v, const char *name);
enum tri xmlrpc_tri(const struct xmlrpc *v, const char *name);

#endif
