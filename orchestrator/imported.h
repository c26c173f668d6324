/* What another office's signed result says, as a run keeps it: who sent it, every site of it with
 * its headline, and how it saw the hop between its MCU and ours. Pure; JSON in and out. */
#ifndef TD_IMPORTED_H
#define TD_IMPORTED_H

#include "judge.h"

struct json;
struct json_out;

enum { TIERS_N = 4 }; /* central province commune other */
extern const char *const imported_tiers[TIERS_N + 1];

struct imported_site {
	const char *id, *name, *district, *sub_reason; /* ids are the sender's own */
	int tier;                                      /* index of imported_tiers */
	enum headline headline;
};

struct imported {
	const char *from, *key;  /* the sender as our file names it, "ed25519//..." */
	const char *sha256;      /* of the signed document, also its name in state/imports */
	const char *run, *run_key, *phase, *summary; /* of the sender */
	int64_t planned_start;
	int revision;
	bool drill;
	struct imported_site *sites;
	size_t sites_n;
	const char *lower, *upper; /* our names of the MCUs of the hop; "" = it tells of none */
	enum tri reached, media[MEDIA_N][DIRECTIONS_N];
	enum grade_value grade[MEDIA_N][DIRECTIONS_N];
	/* of the row that brought it, not in its JSON */
	const char *by;
	int64_t at, seq;
};

void imported_write(struct json_out *w, const char *key, const struct imported *i);
/* On the arena; texts are copied. ERR_PROTOCOL with a sentence. */
enum err imported_read(
	const struct json *j, struct arena *a, struct imported *out, struct err_text *e);
/* The far end of a hop, from {"reached","media"}: a row's, or a report's own hop. NULL: nothing is
 * told. */
void imported_read_hop(const struct json *hop, struct imported *out);
/* A row brought it: one result per sender, the last one. */
void imported_take(struct run *r, const struct event *e);
/* The sender's word on the far end of a hop, or NULL. */
const struct imported *imported_hop(const struct run *r, const char *lower, const char *upper);

#endif
