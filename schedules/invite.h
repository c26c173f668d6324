/* Who and what an event asks for beyond its hours: sites, playbook, chair, number of people. Pure.
 */
#ifndef TD_INVITE_H
#define TD_INVITE_H

#include "schedules/calendar.h"
#include "schedules/sites.h"

struct invitation {
	bool named;		/* the event itself says who is invited, if only by unknown names */
	struct selection sites; /* directory order */
	struct unknowns unknown;
	const struct site *place; /* the one site its LOCATION names, when it names no list: invited
				     besides the default */
	const char *playbook;	  /* "Kịch bản:", "" = not said */
	const char *chair;	  /* "Chủ trì:" */
	int people;		  /* "Số người:", 0 = not said */
};

/* From ATTENDEE (rooms, resources), RESOURCES, CATEGORIES, LOCATION and the lines of DESCRIPTION.
 */
void invite_read(const struct occurrence *o, const struct sites *s, int64_t at, struct arena *a,
	struct invitation *out);

#endif
