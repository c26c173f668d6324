/* What a run is given at its beginning, complete: with this row and the events behind it the
 * journal replays without the directory, the calendar or the playbooks' repository. Pure; JSON in
 * and out. */
#ifndef TD_SPEC_H
#define TD_SPEC_H

#include "base/arena.h"
#include "base/err.h"
#include "playbooks/playbook.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spec_site {
	const char *id, *name, *tier, *parent, *district;
	const char *address[2];
	int mcu;              /* index into mcus, -1: none */
	int mcu2;             /* index + 1 of the MCU that dials it as a fallback; 0: none */
	bool endpoint;        /* the codec can be asked: device "site:ID" */
	bool history;	      /* and keeps why its calls ended */
	const char *leg_name; /* short ASCII handle on the MCU, unique in the run */
	const char *class;
	int importance;
	int people;           /* expected in the room; -1 unknown */
	const char *chair;    /* "" */
	const char *contact, *contact_phone, *provider;
	const char *disabled; /* NULL, or why its row cannot be used: reported untested, never
			       * dialled */
	int lower;            /* a cascade leg: 1 + index of the MCU below, which `mcu` dials; 0: a
			       * site */
};

struct spec_mcu {
	const char *name, *adapter;
	unsigned evidence;    /* bits of adapter.h */
	int width, name_max;
	bool plays;           /* it can play a tone */
	bool foreign;         /* belongs to another tier */
	const char *parent;   /* name of the MCU above, "" */
	const char *host;     /* of its address: how the MCU below knows its cascade leg; "" */
	const char *disabled; /* NULL, or why its element cannot be used */
};

struct spec_network { /* where the sites of some tiers may come from */
	const char *name, *cidr;
	unsigned tiers;       /* bits 1 << enum tier */
};

struct spec {
	const char *id, *key, *calendar, *uid, *recurrence_id; /* RFC 3339 in UTC, or "-" */
	const char *name, *title, *summary;
	enum phase phase;
	int generation;
	int64_t anchor, planned_start, event_end; /* event_end 0 unknown */
	int64_t session_start, session_end;       /* 0: none */
	const char *session_key;                  /* "" */
	bool short_notice, drill;
	bool letters;				  /* the house could send some when it began */
	const char *conference;                   /* name on the MCUs, shared by a rehearsal and its
						   * session */
	const char *commit;
	const char *playbook_xml, *profile_xml;   /* the very bytes; profile "" = defaults */
	const char *lang;
	struct spec_site *sites; /* sites_n expected sites, then cascades_n cascade legs between
				  * MCUs of ours */
	size_t sites_n, cascades_n;
	const int *by_id; /* their indexes, sorted by id; by_id_n is another number: not
			   * yet, spec_site() walks */
	size_t by_id_n;
	struct spec_mcu *mcus;
	size_t mcus_n;
	struct spec_network *networks;
	size_t networks_n;
	const char *const *notes;                 /* faults of files that touched this run, as text;
						   * NULL-terminated */
	/* parsed from the bytes, not stored */
	const struct playbook *playbook;
	struct profile profile;
};

/* One JSON object on the arena. */
const char *spec_write(const struct spec *s, struct arena *a);
/* Back, with playbook and profile parsed. */
enum err spec_read(
	const char *json, size_t n, struct arena *a, struct spec **out, struct err_text *e);
/* Sorts by_id. */
void spec_index(struct spec *s, struct arena *a);
struct json;
struct json_out;
/* One site as it stands in a spec row; texts borrowed from the JSON when read. */
void spec_site_write(struct json_out *w, const char *key, const struct spec_site *s);
enum err spec_site_read(const struct json *j, struct spec_site *out, struct err_text *e);
/* or NULL */
const struct spec_site *spec_site(const struct spec *s, const char *id, int *out_index);

#endif
