/* What others may see of a run that lives: one JSON line for the command line and the board, and
 * its picture in a terminal. Pure. */
#ifndef TD_SNAPSHOT_H
#define TD_SNAPSHOT_H

#include "judge.h"

#include "base/buf.h"

struct json;

/* One compact JSON object, no newline; instants RFC 3339:
 * {"run","name","title","summary","lang","phase","now","held","from","to","step":{"kind","at"},"next":[{"kind","at"}],
 *  "allclear":{"at","by" or
 * "latest","not_given"},"finished","extras","sites":[{"id","name","phase","since","media":["yes","no","unknown",..],
 *  "roll","muted","headline","sub_reason","note"}],"counts":{"expected","waiting","dialing","ringing","up","away","left","two_way",
 *  "proven","answered","ever"},"mcus":[{"name","phase","why"}],"notes":[{"kind","text","at"}]}
 * media: sound from, sound to, picture from, picture to the site, left out while all unknown; roll:
 * calling answered no-answer not-made. Absent = does not apply (yet). two_way: there now; proven:
 * also those that have gone since. */
void snapshot_json(const struct run *r, const struct judgement *j, int64_t now, struct buf *out);

/* The picture: at most `height` lines of at most `width` columns, without a newline after the last.
 * colour also erases the rest of each line, so that it can be drawn over the one before from the
 * home position. lang NULL = the run's own. */
void snapshot_render(const struct json *snapshot, const char *lang, int width, int height,
	bool colour, struct buf *out);

/* The words of a site's phase and roll for people, as the picture has them. */
const char *snapshot_phase(const char *lang, const char *phase);
const char *snapshot_roll(const char *lang, const char *roll);

#endif
