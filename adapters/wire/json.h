/* JSON in and out. Reading is strict (jansson); writing is a streaming writer with a stable
 * byte-for-byte result. */
#ifndef TD_WIRE_JSON_H
#define TD_WIRE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/tri.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind {
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_INT,
	JSON_IS_REAL,
	JSON_IS_TEXT,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT
};

struct json {
	enum json_kind kind;
	const char *key; /* inside an object, else NULL */
	const char *text;
	int64_t number; /* int, bool */
	double real;
	struct json *first, *next;
	size_t count;
};

/* ERR_PROTOCOL with a sentence; the tree lives on the arena. Duplicate keys, bad UTF-8, trailing
 * text are refused, as are more than 16 MiB or a million values. */
enum err json_parse(
	struct arena *a, const char *bytes, size_t n, const struct json **out, struct err_text *e);
/* The same for mib MiB and as many times 62,500 values: a document of ours that is larger. */
enum err json_parse_most(struct arena *a, const char *bytes, size_t n, int mib,
	const struct json **out, struct err_text *e);
/* j may be NULL in all of these. */
const struct json *json_get(const struct json *j, const char *key);
const char *json_text(const struct json *j, const char *key); /* NULL if absent or no text */
int64_t json_int(const struct json *j, const char *key, int64_t otherwise);
bool json_bool(const struct json *j, const char *key, bool otherwise);
/* "yes" "no" "unknown", true, false; else UNKNOWN */
enum tri json_tri(const struct json *j, const char *key);
struct figure json_figure(const struct json *j, const char *key);
/* A number or a text that is one, with or without a decimal point, times `by` and rounded.
 * Negative, or more than a figure holds: unknown. */
struct figure json_scaled(const struct json *j, const char *key, double by);
/* Its text, cut on a code point; "" if it has none. */
void json_text_in(const struct json *j, const char *key, char *out, size_t size);

/* The writer. pretty: two-space indentation and a final newline. Keys NULL inside arrays. */
struct json_out {
	struct buf *out;
	bool pretty;
	int depth;
	bool first;
};
void json_open(struct json_out *w, const char *key, char bracket);  /* '{' or '[' */
void json_close(struct json_out *w, char bracket);                  /* '}' or ']' */
void json_put_text(struct json_out *w, const char *key, const char *value); /* NULL value = null */
/* Nothing where there is no text, or an empty one. */
void json_put_known_text(struct json_out *w, const char *key, const char *value);
void json_put_int(struct json_out *w, const char *key, int64_t value);
void json_put_bool(struct json_out *w, const char *key, bool value);
void json_put_null(struct json_out *w, const char *key);
void json_put_figure(struct json_out *w, const char *key, struct figure f); /* unknown = null */
void json_put_tri(struct json_out *w, const char *key, enum tri t);
/* Already JSON. */
void json_put_raw(struct json_out *w, const char *key, const char *json);

#endif
