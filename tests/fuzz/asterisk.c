/* Any bytes as what Asterisk says: channels, figures, events, variables. What comes out is valid
 * text within its bounds; the table stays bounded; nothing unsafe becomes part of a path. */
#include "adapters/asterisk.h"

#include "base/arena.h"
#include "base/str.h"

#include "tests/fuzz/legs.h"

static void
words(const char *text)
{
	char out[160], id[ARI_ID_SIZE], why[120];
	struct ari_where w;
	struct ari_own own;
	enum err class;
	const char *reason;
	int64_t at;
	if (ari_where(text, &w, why, sizeof why) &&
		(!ari_is_word(w.app) || !ari_is_word(w.endpoint)))
		abort();
	ari_bridge_id(out, 80, text);
	if (!ari_is_word(out))
		abort();
	ari_channel_id(id, text, text, true, "leg");
	if (!ari_is_ours_in(id, text, &own) || !own.muted || !str_eq(own.leg_name, "leg"))
		abort();
	const char *target = ari_target(text, &class, &reason);
	if (target && strpbrk(target, " \t\r\n&,^/\"'|()"))
		abort();
	if (ari_is_ours(text) && !ari_is_word(text))
		abort();
	ari_host(text, out, 48);
	ari_uri(text, out, sizeof out);
	(void)ari_instant(text, &at);
	(void)ari_picture(text);
}

static void
answer(struct arena *a, const struct json *j)
{
	struct media_sample m = { 0 };
	struct ari_channel ch;
	ari_media(j, &m);
	for (int d = 0; d < DIRECTIONS_N; d++)
		if (m.s[AUDIO][d].packets.v < 0 || m.s[AUDIO][d].lost.v < 0 ||
			m.s[AUDIO][d].far_lost.v < 0)
			abort();
	if (ari_channel(a, j, &ch) && (strlen(ch.id) >= ARI_ID_SIZE || !ch.app || !ch.argument))
		abort();
	(void)ari_words(j, "");
	for (const struct json *x = j->first; x; x = x->next)
		if (x->kind == JSON_IS_OBJECT)
			answer(a, x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)bytes, n);
	struct leg_table t;
	const struct json *j;
	struct err_text why = { 0 };
	words(text);
	leg_table_init(&t, a, sizeof(struct ari_leg));
	leg_table_add(&t, "1.1");
	/* one event, or one answer, in each line */
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		why = (struct err_text){ 0 };
		if (json_parse(a, line, strlen(line), &j, &why) != OK)
			continue;
		answer(a, j);
		(void)ari_table_event(&t, j);
	}
	fuzz_legs(&t);
	arena_free(a);
	return 0;
}
