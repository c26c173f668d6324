/* The size of a picture out of the words that devices have for it.
 *
 * Called by adapters whose devices tell a format and no numbers. Pure. Must never guess a size from
 * a word that it does not know: both figures stay unknown then. */
#include "adapters/internal.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "1080p", "720P60", "1920x1080", "1280*720", "4CIF". A format with lines only has the width of its
 * 16:9 name. */
void
picture_size(const char *word, struct figure *out_width, struct figure *out_height)
{
	static const struct {
		const char *word;
		int width, height;
	} names[] = { { "2160p", 3840, 2160 }, { "4K", 3840, 2160 }, { "1080p", 1920, 1080 },
		{ "1080i", 1920, 1080 }, { "720p", 1280, 720 }, { "480p", 854, 480 },
		{ "360p", 640, 360 }, { "4CIF", 704, 576 }, { "CIF", 352, 288 },
		{ "QCIF", 176, 144 } };
	char *end;
	*out_width = *out_height = (struct figure){ 0 };
	for (size_t i = 0; word && i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i].word);
		if (strncasecmp(word, names[i].word, n) != 0 ||
			(names[i].word[n - 1] != 'p' && word[n]))
			continue;
		*out_width = figure_of(names[i].width);
		*out_height = figure_of(names[i].height);
		return;
	}
	if (!word || *word < '1' || *word > '9')
		return;
	long w = strtol(word, &end, 10);
	if (!strchr("xX*", *end) || !*end || end[1] < '1' || end[1] > '9')
		return;
	long h = strtol(end + 1, &end, 10);
	if (*end || w > 16384 || h > 16384)
		return;
	*out_width = figure_of(w);
	*out_height = figure_of(h);
}
