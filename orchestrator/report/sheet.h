/* Parts of the sheet of a site. */
#ifndef TD_REPORT_SHEET_H
#define TD_REPORT_SHEET_H

#include "report/document.h"
#include "report/model.h"

/* From report->history; nothing where it was not read. */
void sheet_history(struct document *d, const struct report *r);

#endif
