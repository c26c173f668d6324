/* What a session knows of the legs of a device that forgets each with its end: ended or failed it
 * is in no list, and why it ended comes as an event, once. For families whose events tell of legs.
 */
#ifndef TD_ADAPTERS_LEGTABLE_H
#define TD_ADAPTERS_LEGTABLE_H

#include "adapters/adapter.h"

enum { LEG_TABLE_MOST = 512 };

/* A family's own struct of a leg begins with this one, as its member `k`. */
struct known_leg {
	char id[128];
	char conference[80], name[80], address[160], remote_ip[48];
	enum leg_state state; /* as last told to the orchestrator */
	bool incoming, hung_up_by_us;
	bool ended;	  /* its end was seen: `ending` is the device's word */
	bool spoke;	  /* since last told */
	bool measured;	  /* by the last list */
	int told, missed; /* times told as gone; times neither listed nor ended */
	struct ending ending;
	unsigned used;
};

struct leg_table {
	char *at;	/* LEG_TABLE_MOST, on the session's arena */
	size_t size, n; /* of one, with what the family adds */
	unsigned clock;
};

void leg_table_init(struct leg_table *t, struct arena *a, size_t size);
void *leg_table_at(const struct leg_table *t, size_t i);
void *leg_table_find(struct leg_table *t, const char *id); /* NULL: not known */
/* Finds or makes it. When full the one that matters least goes: told and ended before all others.
 */
void *leg_table_add(struct leg_table *t, const char *id);
/* Forgets what was known under this id, for an order that is given anew. */
void leg_table_reset(const struct leg_table *t, struct known_leg *k);

/* An order to dial that was taken. */
void known_leg_dialled(struct known_leg *k, const struct conference *c, const struct dial *d);
/* A list shows it in this state, and is newer than every event read before it. */
void known_leg_listed(struct known_leg *k, enum leg_state state);
void known_leg_ended(struct known_leg *k, struct ending why);
/* It was in, and lives elsewhere: somebody moved it, which is its end here. */
void known_leg_moved(struct known_leg *k);

/* Its line of a roster; `ours` by its id. */
void known_leg_put(const struct known_leg *k, bool ours, struct leg *out);
/* The same of one that is no member. alive: a list shows it on the way. One that was ordered a
 * moment ago has perhaps no channel yet; one whose end nobody told has no reason. false: its end
 * was told often enough, nothing is to be told. */
bool known_leg_put_absent(struct known_leg *k, bool alive, bool ours, struct leg *out);

/* Reads events into the table, waiting so long for a first one. */
typedef enum err leg_listen_fn(struct task *t, struct lane *l, int64_t at_most_ms, bool *out_any);
/* Is the end of this leg still to be told? */
typedef bool leg_ending_fn(const struct known_leg *k, const void *about);
/* The event of an end comes some milliseconds behind the lists: waits a little for those due. */
enum err leg_table_await(struct task *t, struct lane *l, const struct leg_table *table,
	leg_listen_fn *listen, leg_ending_fn *is_ending, const void *about);

/* Does the device know this id? */
typedef enum err leg_exists_fn(struct task *t, struct lane *l, const char *id, bool *out);
typedef enum err leg_order_fn(struct task *t, struct lane *l, const struct conference *c,
	const struct dial *d, const char *id);
/* Orders the call of an id that the device does not know. After an order that was cut off it is
 * asked, and only if it knows nothing the order is given once more: an id is one leg. */
enum err leg_order(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *id, leg_order_fn *order, leg_exists_fn *exists);
/* Why it ended, waiting a little for the event. ERR_BUSY: it has not; ERR_GONE: nobody told. */
enum err leg_table_reason(struct task *t, struct lane *l, struct leg_table *table,
	leg_listen_fn *listen, leg_exists_fn *exists, const struct leg *leg, struct ending *out);

#endif
