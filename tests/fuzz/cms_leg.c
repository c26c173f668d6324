/* Any bytes as an answer of a Cisco Meeting Server: taken for a leg, for every leg of a list, for a
 * refusal, for an owner and for a conference's id. What comes out is valid text within its bounds,
 * and no figure is below nought. */
#include "adapters/cisco_cms.h"

#include "base/str.h"

#include "tests/fuzz/text.h"

static void
check_leg(const struct xml *item)
{
	struct leg leg;
	char owner[CMS_ID_SIZE];
	if (!cms_leg(item, &leg, owner))
		return;
	fuzz_text(leg.id, sizeof leg.id);
	fuzz_text(leg.name, sizeof leg.name);
	fuzz_text(leg.address, sizeof leg.address);
	fuzz_text(leg.protocol, sizeof leg.protocol);
	fuzz_text(owner, sizeof owner);
	if (!cms_is_id(leg.id) || leg.state == LEG_GONE || (leg.sampled && leg.state != LEG_UP))
		abort();
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &leg.media.s[m][d];
			fuzz_text(s->codec, sizeof s->codec);
			if (s->kbps.v < 0 || s->loss_permille.v < 0 || s->jitter_ms.v < 0)
				abort();
		}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct xml *root = NULL;
	const char *words, *text = arena_strndup(a, (const char *)bytes, n);
	enum cause cause;
	char name[80], again[CMS_ID_SIZE], id[CMS_ID_SIZE];
	struct cms_where w;
	if (xml_parse(a, (const char *)bytes, n, 0, &root, NULL) == OK) {
		check_leg(root);
		for (const struct xml *x = xml_child(root, NULL); x; x = xml_next(x, NULL))
			check_leg(x);
	}
	if (cms_refusal(a, 400 + (int)(n % 200), (const char *)bytes, n, &words, &cause) == OK ||
		cause >= CAUSE_N)
		abort();
	if (cms_owner_name(text, name, sizeof name) && *name) {
		cms_owner(name, again);
		struct buf plain = { 0 };
		for (const char *p = text; *p; p++)
			if (*p != '-')
				buf_putc(&plain, *p);
		struct buf other = { 0 };
		for (const char *p = again; *p; p++)
			if (*p != '-')
				buf_putc(&other, *p);
		if (!str_eq_nocase(buf_str(&plain), buf_str(&other)))
			abort();
		buf_free(&plain);
		buf_free(&other);
	}
	cms_location(text, id);
	if (cms_conference(text, &w) && (!cms_is_id(w.call) || !cms_is_id(w.space)))
		abort();
	arena_free(a);
	return 0;
}
