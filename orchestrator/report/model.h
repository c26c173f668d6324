/* The one document model behind every form of a report, and its writers. Pure: a run, its
 * judgement, a revision and a seal in; the same bytes out, whenever it is asked again. */
#ifndef TD_REPORT_MODEL_H
#define TD_REPORT_MODEL_H

#include "judge.h"

#include "base/buf.h"

struct report_time {	  /* an instant known to lie in [from, to] */
	int64_t from, to; /* 0, 0: none; equal: to the second */
};

struct record_site;

struct report_site {
	const struct verdict *verdict;
	const struct run_site *site;
	const struct spec_site *spec;
	unsigned lists;		 /* bits 1 << enum list */
	const char *name;	 /* shown; told apart by district or id where two sites share it */
	struct report_time came; /* when it became reachable and willing */
	struct report_time left; /* gone for good before the all-clear */
	int64_t first_up,
		last_up; /* presence from, to; 0 = never; last_up 0 = still up at the report */
	int drops;	 /* gone and back, by its own doing or its line's */
	int attempts, ours; /* calls of ours that could have told; that failed at our end */
	int64_t first_attempt, last_attempt;
	struct {
		bool judged; /* negotiated, and to be verified by the playbook */
		enum tri value;
	} media[MEDIA_N][DIRECTIONS_N]; /* hop site-mcu */
	bool audio_only; /* it was there, with sound, and no picture was negotiated */
};

/* Who was in a conference and not invited. Never among the expected; judged by nobody. */
struct report_extra {
	const struct run_extra *extra;
	const char *name;	 /* the directory's, else as the MCU shows it, else the address */
	const char *mcu;	 /* in whose conference */
	bool is_mcu;		 /* an MCU of the configuration: a hop, no participant */
	bool bears_invited_name; /* shows the name of an expected site, from another address */
	bool elsewhere;		 /* has the address of an expected site, which belongs to another
				  * MCU */
	int64_t from, to;	 /* first and last instant; to 0 = still there at the report */
	int64_t present_s;
};

struct report_list {
	const struct report_site **sites; /* in the directory's order */
	size_t n;
};

struct report_note {
	const char *kind, *text;
	int64_t at; /* 0: none */
};

struct report {
	const struct run *run;
	const struct spec *spec;
	const struct judgement *judgement;
	int revision;
	const char *seal;	   /* "" = none yet */
	bool rollcall;		   /* its playbook calls the roll */
	bool allclear;		   /* its playbook announces the end */
	struct report_site *sites; /* every expected site once, in the directory's order */
	size_t n;
	struct report_list lists[LIST_N];
	struct report_list by_headline[HEADLINE_N];
	struct report_extra *extras; /* in the order they came */
	size_t extras_n;
	struct report_note *notes;
	size_t notes_n;
	const struct record_site
		*history; /* of the site of a sheet, with this run; NULL: not read */
};

/* On the arena; run, judgement and seal are borrowed and outlive it. seal NULL = "". */
const struct report *report_build(const struct run *r, const struct judgement *j, int revision,
	const char *seal, struct arena *a);
/* The sites whose verdict carries this flag. */
struct report_list report_flagged(const struct report *r, const char *flag, struct arena *a);

/* `report RUN --format json`: keys in a fixed order, pretty-printed, ends with a newline. */
void report_json(const struct report *r, struct buf *out);
/* The same object as a part of another one. */
struct json_out;
void report_json_put(struct json_out *w, const char *key, const struct report *r);
/* For people, "vi" or "en": letter first, then one line per site. About 132 columns. */
void report_text(const struct report *r, const char *lang, struct buf *out);

#endif
