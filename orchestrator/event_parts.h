/* The nouns inside an event as JSON, for event.c only: each writer leaves out what is empty or
 * unknown, each reader gives back exactly what was written. Texts are bounded by their fields on
 * the way out, so that what is read is what was kept. */
#ifndef TD_EVENT_PARTS_H
#define TD_EVENT_PARTS_H

#include "adapters/adapter.h"
#include "adapters/wire/json.h"

/* Nothing when the text is empty, but inside arrays (key NULL); invalid UTF-8 becomes U+FFFD, cut
 * so that it fits a field of `size` bytes. */
void part_put_text(struct json_out *w, const char *key, const char *text, size_t size);
void part_put_int(struct json_out *w, const char *key, int64_t v);  /* nothing when 0 */
void part_put_bool(struct json_out *w, const char *key, bool v);    /* nothing when false */
void part_get_text(const struct json *j, const char *key, char *out, size_t size);

/* Nothing at all when the noun is empty. key NULL inside arrays (then `{}` is written even when
 * empty). */
void part_put_media(struct json_out *w, const char *key, const struct media_sample *m);
void part_put_ending(struct json_out *w, const char *key, const struct ending *e);
void part_put_conference(struct json_out *w, const char *key, const struct conference *c);
void part_put_leg(struct json_out *w, const char *key, const struct leg *l);
void part_put_status(struct json_out *w, const char *key, const struct endpoint_status *s);
void part_put_identity(struct json_out *w, const char *key, const struct identity *i);
void part_put_past(struct json_out *w, const char *key, const struct past_call *p);

/* j may be NULL: the noun is then empty. False: a word that is none of ours. */
void part_get_media(const struct json *j, struct media_sample *out);
bool part_get_ending(const struct json *j, struct ending *out);
void part_get_conference(const struct json *j, struct conference *out);
bool part_get_leg(const struct json *j, struct leg *out);
void part_get_status(const struct json *j, struct endpoint_status *out);
void part_get_identity(const struct json *j, struct identity *out);
bool part_get_past(const struct json *j, struct past_call *out);

#endif
