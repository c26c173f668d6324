/* The survey of sites and equipment: what is there, what it was measured to do, which class its
 * record gives it, and what to do about it: keep, reconfigure, a small part, replace. Pure:
 * directory, record, inventory and profile in, proposals out, by a rule that is printed with them.
 * A person decides. */
#ifndef TD_SURVEY_H
#define TD_SURVEY_H

#include "inventory.h"
#include "playbooks/playbook.h"
#include "record.h"
#include "schedules/sites.h"

enum { SURVEY_SHORT = 3 /* runs below the minimum, and none that reached it */, SURVEY_PART = 2, SURVEY_SETTING = 2 };

enum proposal {
	PROPOSAL_UNKNOWN,
	PROPOSAL_KEEP,
	PROPOSAL_RECONFIGURE,
	PROPOSAL_PART,
	PROPOSAL_REPLACE,
	PROPOSALS_N
};
const char *proposal_name(enum proposal p);  /* "unknown" "keep" "reconfigure" "small-part"
					      * "replace" */
const char *proposal_title(enum proposal p); /* msgid */
const char *survey_rule(void);               /* msgid */

struct survey_site {
	const struct site *site;
	const struct record_site *record;   /* NULL: no run of the period knows it */
	const struct inventory *inventory;  /* of its codec; NULL: never asked */
	const char *group;                  /* "Cisco SX20"; without an inventory its platform or
					     * adapter; "" */
	const char *server;                 /* the host behind @ of its first address that is of a
					     * retired server, or of its first; "" */
	bool retired;                       /* that server is one of the retired */
	const struct site_class *minimum;   /* of its class; NULL: none is asked */
	int measured, below;                /* runs with a picture measured, or that had none; those
					     * below the minimum */
	int64_t kbps, width, height;        /* best of the period, -1 not measured */
	const char *const *lines;           /* as the directory lists them, NULL-terminated */
	size_t lines_n;
	bool same_line_twice, beside_dedicated; /* of its lines */
	const char *shares_address;         /* id of the site before it with the same address;
					     * NULL */
	enum proposal proposal;
	const char *evidence;               /* msgid: the line of the rule that spoke */
	int times;                          /* how many runs it rests on, 0: none */
	const char *besides;                /* cause of most faults that are not the equipment's:
					     * "line" "power" "operation" "coordination"; "" */
};

struct survey_group {
	const char *name;
	int sites, by_class[RECORD_UNFIT + 1], by_proposal[PROPOSALS_N], runs, failed;
};

struct survey {
	struct survey_site *sites; /* directory order */
	size_t n;
	struct survey_group *groups; /* by name */
	size_t groups_n;
};

/* Rows that are not valid at `at` (0 = any time) are left out. retired: hosts of servers that are
 * to be left, NULL-terminated. On the arena; what is given is borrowed. */
void survey_make(const struct sites *sites, const struct records *records,
	const struct inventories *inventories, const struct profile *profile,
	const char *const *retired, int64_t at, struct arena *a, struct survey *out);
/* "gk.example" of "h323:1001@gk.example"; "" where the address names no server. */
const char *survey_server(const char *address, struct arena *a);

#endif
