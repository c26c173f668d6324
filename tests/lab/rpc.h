/* The lab's own XML-RPC: reading one call, writing one answer. Independent of the product's on
 * purpose. */
#ifndef TD_LAB_RPC_H
#define TD_LAB_RPC_H

#include "base/buf.h"

#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>

struct rpc_call {
	xmlDoc *doc;
	char method[64];
	xmlNode *args; /* the <struct> that is the only parameter, or NULL */
};

/* False: malformed. With `latin1` the bytes are ISO-8859-1 unless the XML header says otherwise. */
bool rpc_read(const char *bytes, size_t n, bool latin1, struct rpc_call *out);
void rpc_free(struct rpc_call *c);

/* The <value> of a member; NULL: absent. */
xmlNode *rpc_get(xmlNode *strct, const char *name);
/* The inside of a value that is a struct or an array of values; NULL: it is not. */
xmlNode *rpc_struct(xmlNode *value);
bool rpc_is_array(xmlNode *value);
/* The next <value> of an array after `last` (NULL: the first); NULL: no more. */
xmlNode *rpc_next(xmlNode *array_value, xmlNode *last);
/* Text of a scalar value, typed or bare, cut to size. False: it is not a scalar. */
bool rpc_scalar(xmlNode *value, char *out, size_t size);
/* Members by name; false: absent (out untouched, but text is emptied). */
bool rpc_text(xmlNode *strct, const char *name, char *out, size_t size);
bool rpc_int(xmlNode *strct, const char *name, int64_t *out);
bool rpc_bool(xmlNode *strct, const char *name, bool *out);

struct rpc_out {
	struct buf b;
	unsigned strings; /* counts: some go out without a type */
};

/* A name of NULL writes a bare <value>, for arrays. */
void rpc_put_text(struct rpc_out *o, const char *name, const char *value);
void rpc_put_int(struct rpc_out *o, const char *name, int64_t value);
void rpc_put_bool(struct rpc_out *o, const char *name, bool value);
void rpc_put_date(struct rpc_out *o, const char *name, int64_t utc_ms); /* no zone: as given */
void rpc_open_struct(struct rpc_out *o, const char *name);
void rpc_close_struct(struct rpc_out *o, const char *name);
void rpc_open_array(struct rpc_out *o, const char *name);
void rpc_close_array(struct rpc_out *o, const char *name);
/* The whole answer around the members in `o`, or a fault. */
void rpc_answer(struct buf *out, const struct rpc_out *o);
void rpc_fault(struct buf *out, int code, const char *text);

#endif
