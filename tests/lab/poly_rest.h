/* Bodies of the simulated VideoOS, for its dispatcher and the unit test. */
#ifndef TD_LAB_POLY_REST_H
#define TD_LAB_POLY_REST_H

#include "codec.h"

void poly_rest_conferences(const struct site *s, int64_t now, struct buf *out);
/* Only in a call. */
void poly_rest_mediastats(const struct site *s, int64_t now, struct buf *out);
void poly_rest_system(const struct site *s, int64_t now, struct buf *out);

#endif
