/* The directory of sites (sites.csv): who exists, where they hang, how they are reached and who
 * answers for them. */
#ifndef TD_SITES_H
#define TD_SITES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/faults.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tier { TIER_CENTRAL, TIER_PROVINCE, TIER_COMMUNE, TIER_OTHER };
const char *tier_name(enum tier t);

struct site {
	const char *id, *name;	    /* name in NFC */
	const char *const *aliases; /* NULL-terminated */
	enum tier tier;
	const char *parent, *district, *mcu; /* "" if not given, as all texts below */
	const char *mcu2; /* dials it when `mcu` cannot, where the playbook says so */
	const char *address[2];
	const char *adapter, *control;
	bool legacy;
	const char *pin; /* key of the codec: "sha256//..", "SHA256:..", or "ca" */
	const char *contact, *contact_phone, *contact_mail, *chief, *chief_mail;
	const char *provider, *provider_mail, *platform, *class;
	const char *line;	      /* kind of line, wired or not */
	int importance;		      /* higher is more important; 0 = not given */
	int64_t valid_from, valid_to; /* local days as instants, first one and the one after the
					 last; 0 = open */
	const char *successor; /* id of the site that it was merged into, or that follows it */
	int csv_line;
	bool disabled; /* its row is faulty: named in plans and reports, never dialled */
	const char *disabled_why;
};

enum { SITE_GROUPS = 4 };

struct sites {
	struct arena *arena;
	struct site *at;
	size_t n, cap;
	struct map *by_id;     /* lower-case id -> struct site * */
	struct map *by_name;   /* folded names, aliases and prefix-free forms -> struct site *;
				  ambiguous ones -> the first */
	struct map *ambiguous; /* forms that more than one site answers to */
	const char **plain;    /* per site: name without prefix and marks, for near matches */
	const char *(*groups)[SITE_GROUPS]; /* per site: district, platform, provider and class,
					     * folded */
	struct map *by_group;		    /* every one of these */
	const char *file;
};

/* Reads the file; every fault of every row in one pass. mcus: NULL-terminated names of
 * tongduyet.xml that the mcu and parent columns are checked against (NULL: not checked). ERR_INPUT
 * only if nothing can be used (no header, unreadable); a faulty row is disabled and kept. */
enum err sites_read(const char *path, const char *const *mcus, struct arena *a,
	struct faults *faults, struct sites *out);
void sites_free(struct sites *s);
const struct site *sites_find(const struct sites *s, const char *id); /* or NULL */
/* A site by id, name or alias, tolerant of Unicode form, case and "xã/phường/thị trấn/điểm cầu"
 * prefixes; NULL if none or ambiguous. nearest (may be NULL) gets up to 3 ids, NULL-terminated, on
 * the arena. */
const struct site *sites_match(
	const struct sites *s, const char *text, struct arena *a, const char *const **nearest);

/* Host, port and user of an address without its scheme and parameters, for comparing. */
void sites_plain_address(const char *address, char *out, size_t size);
/* Do two dial addresses lead to one place: scheme, parameters and case aside? Empty ones never
 * do. */
bool sites_same_address(const char *a, const char *b);
/* The only site with this address among its own, or with this network address as the host of one;
 * NULL if none or several. */
const struct site *sites_by_address(const struct sites *s, const char *address, const char *ip);

struct selection {
	const struct site **at;
	size_t n, cap;
};
struct unknown_site {
	const char *text;
	const char *const *nearest; /* ids, NULL-terminated */
};
struct unknowns {
	struct unknown_site *at;
	size_t n, cap;
	bool bare; /* set by the caller: it asks for none that are near */
};
enum {
	SITES_NEAREST_MOST = 100,  /* unknown ones of a selector for which near ones are sought */
	SITES_GROUPS_MOST = 500,   /* groups of a selector; more are unknown */
	SITES_WORDS_MOST = 100000, /* tried for a name, with those behind them; more are unknown */
};
/* Fills by_name, ambiguous, plain and the groups from the rows; called by sites_read(). */
void sites_index(struct sites *s);

/* "all", "tier:commune", "district:X", "group:X" (tier, district, platform, provider or class),
 * ids, names; separated by blanks or commas (names with blanks only by commas or semicolons). Each
 * site once, directory order. `at`: only rows valid then (0 = any). */
void sites_select(const struct sites *s, const char *selector, int64_t at, struct arena *a,
	struct selection *out, struct unknowns *unknown);
/* The site that stands in its place then: itself while it is valid, else the one it was merged
 * into, and so on; NULL: nobody, it is closed or not yet there. */
const struct site *sites_in_place_of(const struct sites *s, const struct site *site, int64_t at);
/* Whether the row was valid then (0 = any time). */
bool site_valid(const struct site *site, int64_t at);

#endif
