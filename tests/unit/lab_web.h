/* No web server: for tests of the lab without its sockets. */
#ifndef TD_TESTS_UNIT_LAB_WEB_H
#define TD_TESTS_UNIT_LAB_WEB_H

#include "tests/lab/web.h"

bool
web_start(struct web *w, const char *dir)
{
	return true;
}

void
web_stop(struct web *w)
{
}

void
web_follow(struct web *w, int64_t now)
{
}

#endif
