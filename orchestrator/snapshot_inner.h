/* Shared by the files of the live view only: snapshot_view.c (head and foot), snapshot_sites.c (the
 * sites between). */
#ifndef TD_SNAPSHOT_INNER_H
#define TD_SNAPSHOT_INNER_H

#include "snapshot.h"

#include "adapters/wire/json.h"
#include "table.h"

enum { RANK_BAD, RANK_BUSY, RANK_WAITING, RANK_UNPROVEN, RANK_GOOD, RANK_N };

struct cell {
	const struct json *site;
	const char *name, *phase, *roll, *sign;
	enum tri media[4];
	bool any_media, none[4]; /* none: not negotiated, it does not apply */
	int rank;
	enum colour colour;
};

struct view {
	const struct json *json;
	const char *lang;
	size_t width, height, rows; /* rows: for sites */
	bool colour;
	struct buf *out;
	struct arena *a;
	int64_t now;
	struct cell *cells;
	size_t n, lines;
};

/* snapshot_view.c */
int64_t view_instant(const struct json *j, const char *key); /* 0: not there */
const char *view_clock(const struct view *v, int64_t at);    /* on the arena, "" for 0 */
bool view_line_end(struct view *v);			     /* false once the picture is full */
void view_put(struct view *v, const char *text, size_t width, enum colour c, bool pad);
void view_sign(struct view *v, const char *sign,
	enum colour c); /* one of ours: not escaped, not measured */

/* snapshot_sites.c; false once the picture is full */
void view_read_cell(struct cell *c, const struct json *site);
bool view_sheet(struct view *v); /* a line per site, all words: from 90 columns on */
bool view_columns(struct view
		*v); /* as many columns as fit; when not all fit, those that need somebody first */

#endif
