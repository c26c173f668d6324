/* The rules of a row of sites.csv, shared by the reader (sites.c) and the checks (sites_row.c). */
#ifndef TD_SITES_INTERNAL_H
#define TD_SITES_INTERNAL_H

#include "schedules/sites.h"

enum column {
	C_ID,
	C_NAME,
	C_ALIASES,
	C_TIER,
	C_PARENT,
	C_DISTRICT,
	C_MCU,
	C_ADDRESS1,
	C_ADDRESS2,
	C_ADAPTER,
	C_CONTROL,
	C_LEGACY,
	C_CONTACT,
	C_CONTACT_PHONE,
	C_CONTACT_MAIL,
	C_CHIEF,
	C_CHIEF_MAIL,
	C_PROVIDER,
	C_LINE,
	C_PLATFORM,
	C_IMPORTANCE,
	C_CLASS,
	C_VALID_FROM,
	C_VALID_TO,
	C_PROVIDER_MAIL,
	C_PIN,
	C_MCU2,
	C_SUCCESSOR,
	C_N
};

struct site_rows { /* the directory being read */
	struct sites *sites;
	struct faults *faults;
	struct arena *a;
	const char *file;
	const char *const *mcus; /* NULL = not checked */
	size_t hints;		 /* given so far */
};


/* A site that was merged into one that was merged ...: so often, then nobody stands in its place.
 */
enum { MERGERS_MOST = 16 };

/* Record a fault of a row and disable it; the first reason is kept with the row. */
void site_fault(struct site_rows *r, struct site *s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Each cell's own rules; v holds a text for every column. */
void site_fill(struct site_rows *r, struct site *s, const char *const v[C_N]);
/* What concerns other rows and the configuration: ids that stand twice, MCUs and parents that do
 * not exist, circles. Fills sites->by_id. */
void site_check_all(struct site_rows *r);

#endif
