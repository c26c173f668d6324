/* Any bytes as a message of a Meeting Server's event stream: ids are ids, words are valid text
 * within their bounds, and no more is taken than there is room for. */
#include "adapters/cisco_cms.h"

#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct cms_news news;
	struct err_text why = { 0 };
	enum err e = cms_news(a, (const char *)bytes, n, &news, &why);
	if (e != OK && (e != ERR_PROTOCOL || news.n || news.acknowledge || !*why.text))
		abort();
	if (news.n > CMS_NEWS_MOST)
		abort();
	for (size_t i = 0; i < news.n; i++) {
		const struct cms_told *t = &news.told[i];
		if (!cms_is_id(t->participant) || !utf8_valid(t->uri, strlen(t->uri)) ||
			(t->speaks != YES && t->speaks != NO && t->speaks != UNKNOWN))
			abort();
	}
	arena_free(a);
	return 0;
}
