/* Asterisk: what is remembered about legs between two questions, because the device forgets a
 * channel with its end: why it ended, who spoke in between, what was muted here.
 *
 * Called by the other files of this adapter, with one event at a time. Owns nothing: the legs are
 * on the lane's arena and go with the session. Must never grow, or make a leg of a channel that is
 * not ours. */
#include "adapters/asterisk.h"

#include "base/str.h"

#include <string.h>

struct ari_leg *
ari_table_find(struct ari_table *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->legs[i].id, id)) {
			t->legs[i].used = ++t->clock;
			return &t->legs[i];
		}
	return NULL;
}

static int
worth(const struct ari_leg *leg)
{
	return leg->told >= 2 ? 0 : leg->ended || leg->state == LEG_GONE ? 1 : 2;
}

struct ari_leg *
ari_table_add(struct ari_table *t, const char *id)
{
	struct ari_leg *leg = ari_table_find(t, id);
	if (leg)
		return leg;
	if (t->n < ARI_LEGS_MOST) {
		leg = &t->legs[t->n++];
	} else {
		leg = &t->legs[0];
		for (size_t i = 1; i < t->n; i++) {
			int a = worth(&t->legs[i]), b = worth(leg);
			if (a < b || (a == b && t->legs[i].used < leg->used))
				leg = &t->legs[i];
		}
	}
	*leg = (struct ari_leg){ .used = ++t->clock };
	str_copy(leg->id, sizeof leg->id, id);
	return leg;
}

/*  ChannelDestroyed { "cause": 17, "cause_txt": "User busy", "tech_cause": 486, "channel" }  */
static void
destroyed(struct ari_leg *leg, const struct json *e)
{
	leg->end.q850 = json_int(e, "cause", 0);
	leg->end.sip = json_int(e, "tech_cause", 0);
	json_text_in(e, "cause_txt", leg->end.text, sizeof leg->end.text);
	leg->ended = true;
	leg->told = 0;
	leg->talking = false;
	leg->ending = ari_ending(&leg->end);
	if (leg->hung_up_by_us && leg->ending.cause == CAUSE_UNKNOWN)
		leg->ending.cause = CAUSE_OUR_HANGUP;
}

bool
ari_table_event(struct ari_table *t, const struct json *event)
{
	const char *type = json_text(event, "type");
	const struct json *channel = json_get(event, "channel");
	const char *id = json_text(channel, "id"), *state = json_text(channel, "state");
	if (str_eq(type, "ApplicationReplaced"))
		return false;
	if (!type || str_empty(id) || strlen(id) >= ARI_ID_SIZE)
		return true;
	struct ari_leg *leg = ari_table_find(t, id);
	if (!leg && ari_is_ours(id))
		leg = ari_table_add(t, id);
	if (!leg || leg->ended)
		return true;
	leg->end.rang |= str_eq(state, "Ringing");
	leg->end.up |= str_eq(state, "Up");
	if (str_eq(type, "ChannelDestroyed")) {
		destroyed(leg, event);
	} else if (str_eq(type, "ChannelHangupRequest")) {
		bool soft = json_bool(event, "soft", false);
		leg->end.soft |= soft;
		leg->end.bye |= !soft;
	} else if (str_eq(type, "ChannelTalkingStarted")) {
		leg->talking = leg->spoke = true;
	} else if (str_eq(type, "ChannelTalkingFinished")) {
		leg->talking = false;
	}
	return true;
}
