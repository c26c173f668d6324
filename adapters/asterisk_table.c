/* Asterisk: what is remembered about legs between two questions, because the device forgets a
 * channel with its end: why it ended, who spoke in between, what was muted here.
 *
 * Called by the other files of this adapter, with one event at a time. Owns nothing: the legs are
 * on the lane's arena and go with the session. Must never grow, or make a leg of a channel that is
 * not ours. */
#include "adapters/asterisk.h"

#include "base/str.h"

#include <string.h>

/*  ChannelDestroyed { "cause": 17, "cause_txt": "User busy", "tech_cause": 486, "channel" }  */
static void
destroyed(struct ari_leg *leg, const struct json *e)
{
	leg->end.q850 = json_int(e, "cause", 0);
	leg->end.sip = json_int(e, "tech_cause", 0);
	json_text_in(e, "cause_txt", leg->end.text, sizeof leg->end.text);
	leg->talking = false;
	known_leg_ended(&leg->k, ari_ending(&leg->end));
}

bool
ari_table_event(struct leg_table *t, const struct json *event)
{
	const char *type = json_text(event, "type");
	const struct json *channel = json_get(event, "channel");
	const char *id = json_text(channel, "id"), *state = json_text(channel, "state");
	if (str_eq(type, "ApplicationReplaced"))
		return false;
	if (!type || str_empty(id) || strlen(id) >= ARI_ID_SIZE)
		return true;
	struct ari_leg *leg = leg_table_find(t, id);
	if (!leg && ari_is_ours(id))
		leg = leg_table_add(t, id);
	if (!leg || leg->k.ended)
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
		leg->talking = leg->k.spoke = true;
	} else if (str_eq(type, "ChannelTalkingFinished")) {
		leg->talking = false;
	}
	return true;
}
