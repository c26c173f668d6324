/* Who issues a document, to whom it goes and who signs it: letterhead.xml of the workspace. Pure:
 * bytes in. Texts are never NULL; "" = not given. */
#ifndef TD_REPORT_LETTERHEAD_H
#define TD_REPORT_LETTERHEAD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/faults.h"
#include "base/vec.h"

#include <stddef.h>

struct letterhead_text {
	const char *vi, *en; /* en "" = as vi */
};

struct letterhead_signature {
	struct letterhead_text authority, role; /* "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC" */
	struct letterhead_text note, name;	/* "(Ký, ghi rõ họ tên)", the name */
};

struct letterhead_paper {   /* what differs from document to document */
	const char *kind;   /* "minutes"; "" = all others */
	const char *symbol; /* behind the number, which stays blank: "BB-SKHCN" */
	VEC(struct letterhead_text) to;		     /* addressees of a report */
	VEC(struct letterhead_text) copies;	     /* recipients: "Nơi nhận" */
	VEC(struct letterhead_signature) signatures; /* from left to right */
};

struct letterhead {
	struct letterhead_text state, motto, above, issuer, place;
	VEC(struct letterhead_paper) papers;
};

/* The language's text, or the other one's. Never NULL. */
const char *letterhead_say(const struct letterhead_text *t, const char *lang);
/* The paper of a document, else that of all others, else one without recipients or signatures. */
const struct letterhead_paper *letterhead_paper(const struct letterhead *l, const char *kind);

/* All faults in one pass. ERR_INPUT: it must not be used. On the arena. */
enum err letterhead_read(const char *bytes, size_t n, const char *file, struct arena *a,
	struct faults *faults, struct letterhead *out);
/* Where there is no file: state and motto, the organization (may be ""), places for signatures. */
const struct letterhead *letterhead_default(
	const char *organization, const char *place, struct arena *a);

/* The shipped example, for a new workspace. */
const char *letterhead_example(size_t *out_n);

#endif
