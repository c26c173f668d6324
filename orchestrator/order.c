/* Orders to devices and their answers: the block that travels and the names of the verbs.
 *
 * The run makes orders, the coordinator journals them, lanes carry them to a worker and bring the
 * answer back. An answer lives in its own arena, which is also the arena of the task that filled
 * it, so whatever an adapter put there stays valid until answer_free(). Nothing here may wait, ask
 * the time or decide. */
#include "order.h"

#include "base/str.h"

static const struct {
	const char *name;
	bool acts;
} verbs[VERB_N] = {
	[VERB_PROBE] = { "probe", false },
	[VERB_START] = { "start", true },
	[VERB_FIND] = { "find", false },
	[VERB_DIAL] = { "dial", true },
	[VERB_ROSTER] = { "roster", false },
	[VERB_LOOK] = { "look", false },
	[VERB_MEDIA] = { "media", false },
	[VERB_REASON] = { "reason", false },
	[VERB_HANGUP] = { "hangup", true },
	[VERB_END] = { "end", true },
	[VERB_MUTE] = { "mute", true },
	[VERB_LAYOUT] = { "layout", true },
	[VERB_FOCUS] = { "focus", true },
	[VERB_MESSAGE] = { "message", true },
	[VERB_PLAY] = { "play", true },
	[VERB_STATUS] = { "status", false },
	[VERB_IDENTIFY] = { "identify", false },
	[VERB_HISTORY] = { "history", false },
};

const char *
verb_name(enum verb v)
{
	return (unsigned)v < VERB_N ? verbs[v].name : "unknown";
}

enum verb
verb_from_name(const char *name)
{
	for (int v = 0; v < VERB_N; v++)
		if (str_eq(name, verbs[v].name))
			return (enum verb)v;
	return VERB_N;
}

bool
verb_acts(enum verb v)
{
	return (unsigned)v < VERB_N && verbs[v].acts;
}

struct answer *
answer_new(const struct order *o)
{
	struct arena *arena = arena_new();
	struct answer *a = arena_alloc(arena, sizeof *a);
	a->arena = arena;
	a->order = *o;
	return a;
}

void
answer_free(struct answer *a)
{
	if (a)
		arena_free(a->arena);
}
