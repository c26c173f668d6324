/* What the cause of an ending means, and what to try first: texts for text_get(), "" where nothing
 * can be said. Pure. */
#ifndef TD_CAUSES_H
#define TD_CAUSES_H

#include "adapters/adapter.h"

const char *causes_class(enum cause c);      /* of any word of that class; "" CAUSE_UNKNOWN */
const char *causes_word(const char *said);   /* what the device's own word says beyond its class;
					      * "" */
/* the word's if there is one, else the class's */
const char *causes_say(enum cause c, const char *said);
const char *causes_first(enum cause c, const char *said);

#endif
