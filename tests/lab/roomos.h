/* The simulated Cisco RoomOS, CE and TC codecs: one tree of status and configuration, orders that
 * act on the room, three ways to write both (XML, JSON, terminal lines). All of it under the
 * fleet's lock. */
#ifndef TD_LAB_ROOMOS_H
#define TD_LAB_ROOMOS_H

#include "base/buf.h"
#include "fleet.h"

#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>

struct roomos_model {
	const char *product, *platform, *version, *display, *api;
	bool modern; /* RoomOS 11 and later */
};

/* By the box: old-tc, or CE 9 and RoomOS in turn. */
const struct roomos_model *roomos_model(const struct site *s);

/* ---- roomos_status.c ---- */
/* The whole tree: root <Status> or <Configuration>. Caller: xmlFreeDoc(). */
xmlDoc *roomos_status(struct site *s, int64_t now);
xmlDoc *roomos_configuration(const struct site *s);
void roomos_put(xmlNode *in, const char *name, const char *value);
void roomos_put_n(xmlNode *in, const char *name, int64_t v);
bool roomos_call_shown(const struct site *s, int64_t now);
/* What the box takes for that instant: every third is right, the others are 17 and 34 minutes slow.
 */
int64_t roomos_clock(const struct site *s, int64_t at);

/* ---- roomos_write.c ---- */
/* What "Status/Call[2]/Status" or "/Status/Call" names, with the elements above it; without regard
 * to case. NULL: nothing there; *known says whether the first part of it is a name of the tree at
 * all. */
xmlDoc *roomos_pick(xmlDoc *all, const char *path, bool *known);
/* The element with all that is in it, indented. */
void roomos_write_xml(xmlNode *n, struct buf *out);
/* {"Value":...} at the leaves, repeated ones as arrays with "id"; without the braces around the
 * whole. */
void roomos_write_json(xmlNode *n, struct buf *out);
/* Lines "*s Call 2 Status: Connected"; `gap` goes behind each. */
void roomos_write_lines(xmlNode *root, char prefix, const char *gap, struct buf *out);

/* ---- roomos_command.c ---- */
/* Obeys "Call/Disconnect" with its parameters as child elements; root <Command> around the result.
 * NULL: no such command. */
xmlDoc *roomos_command(struct site *s, const char *path, xmlNode *args, int64_t now);

/* ---- roomos_feedback.c ---- */
enum { ROOMOS_SLOTS = 4 };

/* Whatever was in that slot (from 1) is gone; url "": nothing is in it now. */
void roomos_slot_set(struct site *s, int slot, const char *url, const char *const *expressions,
	int n, int64_t now);
/* HttpFeedback of the status tree. */
void roomos_write_slots(xmlNode *r, struct site *s, int64_t now);
/* The event of a call that ended just now; items: as it is posted. Caller: xmlFreeDoc(). */
xmlDoc *roomos_disconnect(const struct site *s, int call, bool items);
/* Notes for each slot what has changed since the last look. */
void roomos_feedback_watch(struct site *s, int64_t now);
/* The next body for that slot, if it is time; false: none. The caller says what became of it. url
 * NULL: it is only looked whether there is one. */
bool roomos_feedback_due(struct site *s, int slot, int64_t now, char url[256], struct buf *body);
void roomos_feedback_posted(struct site *s, int slot, bool answered, int64_t now);
void roomos_feedback_free(struct site *s);

/* ---- roomos_post.c: a thread, without the lock ---- */
bool roomos_post_start(void);
void roomos_post_stop(void);

/* ---- roomos_tsh.c ---- */
enum { TSH_FEEDBACKS = 38 };
enum tsh_mode { TSH_TERMINAL, TSH_XML, TSH_JSON };

struct tsh { /* one session */
	struct site *site;
	bool echo, bye;
	enum tsh_mode mode;
	char feedback[TSH_FEEDBACKS][80];
	int feedbacks;
	enum phase seen; /* as last told */
	int seen_call;
	bool seen_mute;
};

void tsh_open(struct tsh *t, struct site *s, int64_t now, struct buf *out);
/* One line without its end; writes the echo as well. */
void tsh_line(struct tsh *t, const char *line, int64_t now, struct buf *out);
/* Feedback that fell due. */
void tsh_unasked(struct tsh *t, int64_t now, struct buf *out);

#endif
