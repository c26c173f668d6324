/* The MCUs of a run as a table: sums up the tree, and how far what works is proven upwards. Pure.
 */
#ifndef TD_REPORT_HOPS_H
#define TD_REPORT_HOPS_H

#include "report/document.h"
#include "report/model.h"

/* Nothing where the run has one level of MCUs. */
void hops_write(struct document *d, const struct report *r);

#endif
