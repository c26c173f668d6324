/* A person as device: the answers people gave, as the adapter sees them.
 *
 * Every operation of the manual adapters is a question with an id that stays the same until it is
 * answered. Without an answer the operation returns ERR_BUSY, the question in the task's sentence
 * and its id in the task's word behind "ask:" (manual_question()). The orchestrator shows the
 * question, and puts the answer into the next sheet.
 * What people see (find, roster, reason, probe, status) holds until they answer anew. The answer to
 * an order is used up by it: the next sheet leaves it out, or muting a second time would be taken
 * for done. */
#ifndef TD_ADAPTERS_MANUAL_H
#define TD_ADAPTERS_MANUAL_H

#include "adapters/adapter.h"

struct sheet_answer {
	const char *question; /* id: "roster:hop giao ban", "dial:hop giao
			       * ban/chu-tuc/run7/chu-tuc/1" */
	const char *answer;   /* as typed or pasted */
};

/* A snapshot: never changed once a device points at it, so any thread may read it. The last answer
 * to a question wins. */
struct sheet {
	const struct sheet_answer *answers;
	size_t n;
};

/* The id of the question a task ended with, or NULL. */
const char *manual_question(const struct task *t);

/* ---- pure, for tests ---- */

/* "có", "xong", "yes", "done" -> YES; "không", "no" -> NO, perhaps with words behind; else UNKNOWN.
 * *out_words: what was said beyond that, or the whole. */
enum tri manual_verdict(struct arena *a, const char *answer, const char **out_words);
/* A pasted participant list: one name per line, behind it state words set apart by , ; | tab or in
 * brackets:
 * "Chu Túc (muted)", "3. Tri Lễ; ringing", "Yên Phúc, mất kết nối". A name alone is in the
 * conference. */
void manual_roster(struct arena *a, const char *pasted, struct roster *out);

#endif
