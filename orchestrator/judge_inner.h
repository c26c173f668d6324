/* Shared by judge.c (headline, lists), judge_facts.c, judge_media.c and judge_checklist.c only. */
#ifndef TD_JUDGE_INNER_H
#define TD_JUDGE_INNER_H

#include "judge.h"

/* judge_facts.c */
void judge_rests_on(struct evidence_rows *e, int64_t seq);
void judge_flag(struct verdict *v, const char *word);
void judge_life(struct verdict *v);
void judge_presence(const struct run *r, struct verdict *v);
void judge_lateness(const struct run *r, struct verdict *v);
void judge_answer(const struct run *r, struct verdict *v);
/* Was the real address within a network permitted for the site's tier? */
void judge_network(const struct run *r, struct verdict *v);
/* Until when a site had to stay: the all-clear; its latest instant if nobody gave it; the end; now,
 * while it is still to come. */
int64_t judge_stay_until(const struct run *r);
/* The interval whose end took the site away before the all-clear for good, as it is to be
 * understood, in *out; or NULL. */
const struct interval *judge_leaving(
	const struct run *r, const struct run_site *s, struct interval *out);
/* Its leg is listed, or was until we ended it, and nothing comes from it any more: since when, with
 * the row; 0: not so, or its codec says that it is in the call. */
int64_t judge_fell_silent(const struct run *r, const struct run_site *s, int64_t *out_seq);

/* judge_media.c */
void judge_medium(const struct run *r, struct verdict *v, enum medium medium, enum direction d);
bool judge_below_minimum(const struct run *r, struct verdict *v);
bool judge_any_media(const struct verdict *v, enum tri value);
bool judge_any_poor(const struct verdict *v);
bool judge_media_complete(const struct verdict *v);
/* Sound from the site was negotiated and no picture, which the playbook wants verified. */
bool judge_sound_only(const struct run *r, const struct verdict *v);

/* judge_checklist.c */
void judge_checklist(const struct run *r, struct verdict *v);

#endif
