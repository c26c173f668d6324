/* Everything that happens to a run, in one type: what run_step is fed and what the journal keeps.
 * Pure; JSON in and out.
 * An event that was written and read back drives run_step exactly as the first time. */
#ifndef TD_EVENT_H
#define TD_EVENT_H

#include "order.h"

struct json;
struct imported;
struct spec_site;
struct json_out;

enum event_kind {
	EVENT_BEGIN,    /* the run starts */
	EVENT_RESTART,  /* the program came back: orders under way have an unknown outcome */
	EVENT_TICK,     /* run->wake_at was reached */
	EVENT_ANSWER,   /* an order's outcome (all verbs but roster) */
	EVENT_ROSTER,   /* an MCU's list, as difference to what was known */
	EVENT_COMMAND,  /* a person's word */
	EVENT_INHERIT,  /* a run before this one hands over its conference and legs */
	EVENT_MISSED,   /* the run could not take place: reason in text */
	EVENT_INVITED,  /* a site was added to the meeting while its run is under way */
	EVENT_KNOWN,    /* who a participant is that nobody invited: its MCU, its leg's id, what the
			 * directory says, by what (word) */
	EVENT_NEWS,     /* a device told on its own that something changed: what, its list says */
	EVENT_CLOCK,    /* the clock jumped by value ms; word "clock-set", or "sleep" of the
			 * machine; text: from and to */
	EVENT_IMPORTED, /* another office's signed result for the same meeting */
};

enum command {
	COMMAND_ALLCLEAR,
	COMMAND_HOLD,
	COMMAND_RELEASE,
	COMMAND_EXTEND,
	COMMAND_STOP,
	COMMAND_HANGUP,
	COMMAND_DIAL,
	COMMAND_MUTE,
	COMMAND_UNMUTE,
	COMMAND_MARK /* roll call by hand */,
	COMMAND_SETTLE,
	COMMAND_PEOPLE,
	COMMAND_LAYOUT,
	COMMAND_FOCUS,
	COMMAND_MESSAGE,
	COMMAND_NEXT,
	COMMAND_CALL,
	COMMAND_PASS,
	COMMAND_REPEAT, /* the roll call, by hand */
	COMMAND_CALLED /* what was said on the telephone */,
	COMMAND_N
};
const char *command_name(enum command c);
enum command command_from_name(const char *name); /* COMMAND_N if none */

struct event {
	enum event_kind kind;
	int64_t at;      /* scaled UTC ms */
	int64_t seq;     /* of its journal row */
	/* answer and roster: the order they answer */
	int64_t number;
	enum verb verb;
	char device[100], site[64];
	enum err code;
	char word[40], why[480];
	struct conference conference;
	struct leg leg;
	struct ending ending;
	struct media_sample media;
	struct endpoint_status status;
	struct identity identity;
	struct past_call *past; /* a codec's history, newest first; on the arena when read */
	size_t past_n;
	/* roster: changed legs whole, vanished ones by id; inherit: legs */
	struct leg *legs;
	char (*gone)[128];
	size_t legs_n, gone_n;
	/* command */
	enum command command;
	char by[80], text[300]; /* who said it; why, message, layout, fact=value */
	int64_t value;          /* extend: ms; people: count */
	const struct spec_site *invited; /* EVENT_INVITED, EVENT_KNOWN: borrowed; on the arena when
					  * read */
	const struct imported *imported; /* EVENT_IMPORTED: the same */
};

/* One JSON object; empty and unknown figures are left out. */
void event_write(const struct event *e, struct json_out *w);
enum err event_read(const struct json *j, int64_t at, int64_t seq, struct arena *a,
	struct event *out, struct err_text *e);
/* An answer as an event (payload pointers borrowed). */
void event_of_answer(const struct answer *a, int64_t at, struct event *out);
/* what the journal keeps of an order; no secrets are in it */
void order_write(const struct order *o, struct json_out *w);

#endif
