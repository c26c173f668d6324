/* What a verdict means for those who repair: the fault in the field's words, the cause it points
 * to, and the first thing to try.
 * Proposals from evidence: a person confirms. Pure. */
#ifndef TD_ADVICE_H
#define TD_ADVICE_H

#include "judge.h"

/* "no-connection" "unattended" "left-early" "no-audio" "noisy-audio" "no-video" "video-delay"
 * "broken-video" "drop" "wrong-network"; "" none, or a failure of our own, which is no fault of a
 * site. */
const char *advice_fault(const struct verdict *v);
/* "equipment" "configuration" "line" "power" "operation" "coordination"; "" the evidence points to
 * none. */
const char *advice_cause(const struct verdict *v);
/* As a person confirmed it, else as proposed; "none" a person says there is none. */
const char *advice_fault_settled(const struct verdict *v);
const char *advice_cause_settled(const struct verdict *v);
/* Why this cause, as a text for text_get(). */
const char *advice_evidence(const struct verdict *v);
/* What the device said of the end or the last call that this verdict is about; "" nothing, or it is
 * about neither. */
const char *advice_device(const struct verdict *v);
/* For the caller on the telephone: a text for text_get(); "" nothing to try. */
const char *advice_first(const struct verdict *v);
/* Somebody should telephone: it is not there, or not as it should be, and not by our failure. */
bool advice_call(const struct verdict *v);

/* The words in a language; unknown ones as they are. */
const char *advice_say_fault(const char *lang, const char *fault);
const char *advice_say_cause(const char *lang, const char *cause);
extern const char *const advice_faults[], *const advice_causes[]; /* NULL ends */

/* Indexes of the sites to telephone, most important first, then the directory's order. On the
 * arena. */
int *advice_order(const struct run *r, const struct judgement *j, struct arena *a, size_t *out_n);

#endif
