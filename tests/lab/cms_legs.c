/* The simulated CMS's paths about call legs and participants: dialling, listing, muting, hanging
 * up. Called through cms_request() and the bridge's tick under the fleet's lock. Owns the legs
 * until the process ends; one that ended is dead and answers as if it had never been. Facts follow
 * the CMS API guide. */
#include "cms.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cms_leg *
leg_at(const struct cms *m, size_t i)
{
	struct cms_leg *l = (struct cms_leg *)m->b.legs.at[i];
	return l->b.dead ? NULL : l;
}

static struct cms_leg *
find_leg(struct cms *m, const char *id, bool participant)
{
	for (size_t i = 0; i < m->b.legs.n; i++) {
		struct cms_leg *l = leg_at(m, i);
		if (l && str_eq_nocase(participant ? l->participant : l->id, id))
			return l;
	}
	return NULL;
}

static struct cms_leg *
leg_add(struct cms *m, struct cms_call *c, const char *address)
{
	struct cms_leg *l = xalloc(sizeof *l);
	cms_id(m, l->id);
	cms_id(m, l->participant);
	l->call = c;
	l->importance = -1;
	l->b.room = c->name;
	str_copy(l->b.address, sizeof l->b.address, address);
	str_copy(l->b.name, sizeof l->b.name, address);
	*vec_add(&m->b.legs) = &l->b;
	return l;
}

/* ---- what legs do by themselves ---- */

static void
changed(struct bridge *b, struct bridge_leg *bl, int64_t now)
{
	struct cms *m = (struct cms *)b;
	struct cms_leg *l = (struct cms_leg *)bl;
	switch (bl->leg.phase) {
	case PHASE_PROCEEDING:
	case PHASE_DORMANT:
		cms_tell_leg(m, l, "callLegStart", now);
		break;
	case PHASE_ALERTING:
		cms_tell_leg(m, l, "callLegUpdate", now);
		break;
	case PHASE_CONNECTED: {
		int up = bridge_connected(b);
		m->legs_max = up > m->legs_max ? up : m->legs_max;
		l->call->legs_max = up > l->call->legs_max ? up : l->call->legs_max;
		/* the site says who it is; nameLabelOverride wins */
		str_copy(bl->name, sizeof bl->name,
			l->label[0] ? l->label : bl->leg.site->plan->name);
		cms_tell_leg(m, l,
			bl->leg.incoming && bl->leg.connected == now ? "callLegStart"
								     : "callLegUpdate",
			now);
		break;
	}
	case PHASE_DISCONNECTED:
		if (str_eq(bl->leg.why, "restart"))
			break; /* nothing is left to tell of it */
		bl->dead = true; /* CMS API: failed or hung up, it is gone from the lists at once */
		l->call->legs_done++;
		cms_tell_leg(m, l, "callLegEnd", now);
		break;
	}
}

static struct cms_call *
running(struct cms *m)
{
	for (size_t i = m->calls.n; i-- > 0;)
		if (!m->calls.at[i]->over && !str_eq(m->calls.at[i]->name, "phong khac"))
			return m->calls.at[i];
	return NULL;
}

static struct bridge_leg *
adopt(struct bridge *b, struct site *s, struct bridge_leg *from, int64_t now)
{
	struct cms *m = (struct cms *)b;
	struct cms_call *c = from ? NULL : running(m);
	if (from) { /* to a space that a person keeps for such things */
		struct cms_space *other = NULL;
		for (size_t i = 0; i < m->calls.n && !c; i++)
			if (!m->calls.at[i]->over && str_eq(m->calls.at[i]->name, "phong khac"))
				c = m->calls.at[i];
		if (!c) {
			other = *vec_add(&m->spaces) = xalloc(sizeof *other);
			cms_id(m, other->id);
			str_copy(other->name, sizeof other->name, "phong khac");
			c = cms_call_add(m, other, NULL, now);
		}
	}
	if (!c)
		return NULL;
	const char *colon = strchr(s->plan->address, ':');
	struct cms_leg *l = leg_add(m, c, colon ? colon + 1 : s->plan->address);
	str_copy(l->b.name, sizeof l->b.name, s->plan->name);
	return &l->b;
}

static void
restarted(struct bridge *b, int64_t now)
{
	struct cms *m = (struct cms *)b;
	for (size_t i = 0; i < m->calls.n; i++)
		m->calls.at[i]->over = true; /* spaces are configuration and stay */
	m->legs_max = 0;
	cms_forget_records(m);
	for (size_t i = 0; i < CMS_TOKENS; i++)
		m->tokens[i][0] = '\0';
}

const struct bridge_kind cms_kind = {
	.changed = changed,
	.adopt = adopt,
	.restarted = restarted,
	.by_person = "clientInitiatedTeardown",
	.moved = "callMoved",
};

/* ---- paths ---- */

/* CMS API: rxAudioMute is the bridge not hearing the site; txAudioMute the site hearing nothing.
 * False:
 * refused, said, nothing changed. `l` NULL: only checks. */
static bool
apply(struct cms_ask *a, struct cms_leg *l)
{
	static const char *const mutes[] = { "rxAudioMute", "txAudioMute", "rxVideoMute",
		"txVideoMute" };
	bool on;
	for (size_t i = 0; i < 4; i++) {
		const char *v = web_form_get(a->form, mutes[i]);
		if (!v)
			continue;
		if (!cms_bool(v, &on))
			return cms_fail_parameter(a->out, mutes[i], "valueNotRecognized"), false;
		if (!l)
			continue;
		if (i == 0 && l->b.leg.phase == PHASE_DORMANT)
			l->b.leg.muted = on; /* dialled so: nobody was muted */
		else if (i == 0)
			bridge_mute(&a->m->b, &l->b, on, a->now, NULL);
		else
			*(i == 1	 ? &l->tx_audio_mute
				: i == 2 ? &l->rx_video_mute
					 : &l->tx_video_mute) = on;
	}
	const char *layout = web_form_get(a->form, "chosenLayout");
	if (!layout)
		layout = web_form_get(a->form, "layout");
	if (layout && !cms_layout_known(layout))
		return cms_fail_parameter(a->out, "layout", "valueNotRecognized"), false;
	const char *importance = web_form_get(a->form, "importance");
	int64_t v = -1;
	if (importance && *importance && !str_to_int(importance, 0, INT32_MAX, &v))
		return cms_fail_parameter(a->out, "importance", "valueNotRecognized"), false;
	const char *label = web_form_get(a->form, "nameLabelOverride");
	if (label && strlen(label) > CMS_LABEL_BYTES)
		return cms_fail_parameter(a->out, "nameLabelOverride", "tooLong"), false;
	if (!l)
		return true;
	if (layout) {
		str_copy(l->layout, sizeof l->layout, layout);
		bridge_log(&a->m->b, &l->b, a->now, "layout", layout);
	}
	if (importance) {
		l->importance = (int)v;
		bridge_log(&a->m->b, &l->b, a->now, "importance", importance);
	}
	if (label) {
		str_copy(l->label, sizeof l->label, label);
		if (*label)
			str_copy(l->b.name, sizeof l->b.name, label);
	}
	if (web_form_get(a->form, "ownerId"))
		str_copy(l->owner, sizeof l->owner, web_form_get(a->form, "ownerId"));
	return true;
}

/* The answer comes before anything rings. */
static struct cms_leg *
dial(struct cms_ask *a)
{
	struct cms_call *c = cms_call(a->m, a->id);
	const char *to = web_form_get(a->form, "remoteParty");
	if (!c)
		return cms_fail(a->out, "callDoesNotExist"), NULL;
	if (str_empty(to))
		return cms_fail_parameter(a->out, "remoteParty", "missing"), NULL;
	if (!apply(a, NULL))
		return NULL;
	struct cms_leg *l = leg_add(a->m, c, to);
	apply(a, l);
	bridge_dial(&a->m->b, &l->b, a->now);
	return l;
}

static void
legs_post(struct cms_ask *a)
{
	struct cms_leg *l = dial(a);
	if (l)
		cms_created(a, "callLegs", l->id);
}

static void
participants_post(struct cms_ask *a)
{
	struct cms_leg *l = dial(a);
	if (l)
		cms_created(a, "participants", l->participant);
}

static void
write_identity(const struct cms_leg *l, struct buf *b)
{
	cms_element(b, "name", l->b.name);
	cms_element(b, "remoteParty", l->b.address);
	cms_element(b, "originalRemoteParty", l->b.address);
	cms_element(b, "call", l->call->id);
}

static bool
lossy(const struct cms_leg *l)
{
	return l->b.leg.phase == PHASE_CONNECTED &&
	       l->b.leg.site->plan->loss_permille >= CMS_ALARM_PERMILLE;
}

/* CMS API: a list carries names, addresses, the call and alarms; everything else has to be asked
 * leg by leg */
static void
write_entry(const struct cms_leg *l, bool participant, struct buf *b)
{
	buf_printf(b, "<%s id=\"%s\">", participant ? "participant" : "callLeg",
		participant ? l->participant : l->id);
	write_identity(l, b);
	if (!participant)
		buf_printf(b, "<alarms>%s</alarms>", lossy(l) ? "<packetLoss/>" : "");
	buf_printf(b, "</%s>", participant ? "participant" : "callLeg");
}

static bool
wanted(const struct cms_ask *a, const struct cms_leg *l)
{
	const char *filter = web_form_get(a->form, "filter"),
		   *who = web_form_get(a->form, "participantFilter");
	const char *owned = web_form_get(a->form, "ownerIdSet"),
		   *alarm = web_form_get(a->form, "alarms");
	if (!str_empty(filter) && !strcasestr(l->b.name, filter) &&
		!strcasestr(l->b.address, filter))
		return false;
	if (!str_empty(who) && !str_eq_nocase(l->participant, who))
		return false;
	if (!str_empty(owned) && str_eq(owned, "true") != (l->owner[0] != '\0'))
		return false;
	if (!str_empty(alarm) &&
		!(lossy(l) && (str_eq(alarm, "all") || str_eq(alarm, "packetLoss"))))
		return false;
	return true;
}

/* `c` NULL: of every call; `only` NULL: all. */
static void
list(struct cms_ask *a, const struct cms_call *c, const struct cms_leg *only, bool participant)
{
	VEC(struct cms_leg *) hits = { 0 };
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		struct cms_leg *l = leg_at(a->m, i);
		if (l && (!c || l->call == c) && (!only || l == only) && wanted(a, l))
			*vec_add(&hits) = l;
	}
	struct cms_window w;
	cms_list_open(a, participant ? "participants" : "callLegs", hits.n, &w);
	for (size_t i = w.offset; i < w.offset + w.count; i++)
		write_entry(hits.at[i], participant, &a->out->body);
	buf_printf(&a->out->body, "</%s>", participant ? "participants" : "callLegs");
	vec_free(&hits);
}

static void
legs_get(struct cms_ask *a)
{
	list(a, NULL, NULL, false);
}

static void
list_of_call(struct cms_ask *a, bool participant)
{
	struct cms_call *c = cms_call(a->m, a->id);
	if (!c)
		return cms_fail(a->out, "callDoesNotExist");
	list(a, c, NULL, participant);
}

static void
call_legs_get(struct cms_ask *a)
{
	list_of_call(a, false);
}

static void
call_participants_get(struct cms_ask *a)
{
	list_of_call(a, true);
}

static void
participants_get(struct cms_ask *a)
{
	list(a, NULL, NULL, true);
}

/* The leg that the path names; NULL: gone, said. */
static struct cms_leg *
named(struct cms_ask *a, bool participant)
{
	struct cms_leg *l = find_leg(a->m, a->id, participant);
	if (!l) /* not known what a participant that is gone is called; by analogy */
		cms_fail(a->out, participant ? "participantDoesNotExist" : "callLegDoesNotExist");
	return l;
}

static void
participant_legs_get(struct cms_ask *a)
{
	struct cms_leg *l = named(a, true);
	if (l)
		list(a, NULL, l, false);
}

static void
write_configuration(const struct cms_leg *l, struct buf *b)
{
	buf_puts(b, "<configuration>");
	cms_element(b, "ownerId", l->owner);
	cms_element(b, "chosenLayout", l->layout);
	cms_element(b, "nameLabelOverride", l->label);
	if (l->importance >= 0)
		buf_printf(b, "<importance>%d</importance>", l->importance);
	buf_printf(b,
		"<rxAudioMute>%s</rxAudioMute><txAudioMute>%s</txAudioMute><rxVideoMute>%s</"
		"rxVideoMute>"
		"<txVideoMute>%s</txVideoMute></configuration>",
		l->b.leg.muted ? "true" : "false", l->tx_audio_mute ? "true" : "false",
		l->rx_video_mute ? "true" : "false", l->tx_video_mute ? "true" : "false");
}

static void
get_one(struct cms_ask *a, bool participant)
{
	struct cms_leg *l = named(a, participant);
	struct buf *b = &a->out->body;
	const char *tag = participant ? "participant" : "callLeg";
	if (!l)
		return;
	a->out->type = "text/xml";
	buf_printf(b, "<?xml version=\"1.0\"?><%s id=\"%s\">", tag,
		participant ? l->participant : l->id);
	write_identity(l, b);
	if (!participant)
		buf_printf(b, "<type>sip</type><direction>%s</direction>",
			l->b.leg.incoming ? "incoming" : "outgoing");
	write_configuration(l, b);
	if (participant) { /* not known what else its status holds */
		bool up = l->b.leg.phase == PHASE_CONNECTED;
		buf_printf(b, "<status><state>%s</state></status>",
			up				   ? "connected"
			: l->b.leg.phase == PHASE_ALERTING ? "ringing"
							   : "initial");
	} else {
		cms_write_status(l, l->layout[0] ? l->layout : l->call->layout, a->now, b);
	}
	buf_printf(b, "</%s>", tag);
}

static void
leg_get(struct cms_ask *a)
{
	get_one(a, false);
}

static void
participant_get(struct cms_ask *a)
{
	get_one(a, true);
}

static void
leg_put(struct cms_ask *a)
{
	struct cms_leg *l = named(a, false);
	if (l && apply(a, NULL))
		apply(a, l);
}

static void
participant_put(struct cms_ask *a)
{
	struct cms_leg *l = named(a, true);
	if (l && apply(a, NULL))
		apply(a, l);
}

static void
delete_one(struct cms_ask *a, bool participant)
{
	struct cms_leg *l = named(a, participant);
	if (!l)
		return;
	bridge_log(&a->m->b, &l->b, a->now, "disconnect", NULL);
	bridge_hang(&a->m->b, &l->b, a->now, "apiInitiatedTeardown");
}

static void
leg_delete(struct cms_ask *a)
{
	delete_one(a, false);
}

static void
participant_delete(struct cms_ask *a)
{
	delete_one(a, true);
}

/* Ids with commas between; how they are joined is not known. -1: too many. */
static int
listed(const char *ids, const char *id)
{
	int n = 0, hit = 0;
	while (*ids) {
		size_t k = strcspn(ids, ",");
		if (k && ++n > CMS_FILTER_IDS)
			return -1;
		hit |= k == strlen(id) && strncasecmp(ids, id, k) == 0;
		ids += k + (ids[k] == ',');
	}
	return hit;
}

/* CMS API: one order for all participants of a call, or those listed, or all but those */
static void
bulk_put(struct cms_ask *a)
{
	struct cms_call *c = cms_call(a->m, a->id);
	const char *ids = web_form_get(a->form, "filterIds"), *mode = web_form_get(a->form, "mode");
	bool exclude = str_eq(mode, "exclude");
	if (!c)
		return cms_fail(a->out, "callDoesNotExist");
	if (mode && !exclude && !str_eq(mode, "selected"))
		return cms_fail_parameter(a->out, "mode", "valueNotRecognized");
	if (ids && listed(ids, "") < 0)
		return cms_fail_parameter(a->out, "filterIds", "tooMany");
	if (!apply(a, NULL))
		return;
	for (size_t i = 0; i < a->m->b.legs.n; i++) {
		struct cms_leg *l = leg_at(a->m, i);
		if (l && l->call == c &&
			(str_empty(ids) || (listed(ids, l->participant) > 0) != exclude))
			apply(a, l);
	}
}

static void
keyframe_post(struct cms_ask *a)
{
	named(a, false);
}

/* This is everything we export. */
const struct cms_route cms_legs[] = {
	{ "GET", "callLegs", legs_get },
	{ "GET", "callLegs/@", leg_get },
	{ "PUT", "callLegs/@", leg_put },
	{ "DELETE", "callLegs/@", leg_delete },
	{ "POST", "callLegs/@/generateKeyframe", keyframe_post },
	{ "GET", "calls/@/callLegs", call_legs_get },
	{ "POST", "calls/@/callLegs", legs_post },
	{ "GET", "calls/@/participants", call_participants_get },
	{ "POST", "calls/@/participants", participants_post },
	{ "PUT", "calls/@/participants/*", bulk_put },
	{ "GET", "participants", participants_get },
	{ "GET", "participants/@", participant_get },
	{ "GET", "participants/@/callLegs", participant_legs_get },
	{ "PUT", "participants/@", participant_put },
	{ "DELETE", "participants/@", participant_delete },
	{ NULL, NULL, NULL },
};
