/* Any bytes as what FreeSWITCH says: lists, figures, status, refusals, and a stream of its event
 * socket. What comes out is valid text within its bounds; the table stays bounded; nothing unsafe
 * becomes a word of a command. */
#include "adapters/freeswitch.h"

#include "base/arena.h"
#include "base/str.h"

#include "tests/fuzz/legs.h"

static void
check_sample(const struct media_sample *m)
{
	for (int d = 0; d < DIRECTIONS_N; d++)
		if (m->s[AUDIO][d].packets.v < 0 || m->s[AUDIO][d].lost.v < 0 ||
			m->s[VIDEO][d].far_received.v < 0)
			abort();
}

static void
answers(struct arena *a, const char *text)
{
	struct fs_member *members;
	struct fs_channel *channels;
	struct media_sample sample;
	struct err_text why = { 0 };
	struct identity who;
	size_t k;
	char job[40], word[80];
	if (fs_members(a, text, "c", &members, &k, &why) == OK)
		for (size_t i = 0; i < k; i++)
			if (!fs_is_word(members[i].uuid) ||
				strlen(members[i].uuid) >= FS_UUID_SIZE || members[i].id < 0)
				abort();
	why = (struct err_text){ 0 };
	if (fs_channels(a, text, "c", &channels, &k, &why) == OK)
		for (size_t i = 0; i < k; i++)
			if (!fs_is_word(channels[i].uuid) || !channels[i].name ||
				!channels[i].callstate)
				abort();
	if (fs_media(a, text, &sample))
		check_sample(&sample);
	if (fs_status(utf8_repair(a, text, strlen(text)), &who))
		fuzz_text(who.software, sizeof who.software);
	(void)fs_said(text);
	(void)fs_says_ok(text);
	if (fs_job(text, job, sizeof job) && strpbrk(job, " \n\r{},"))
		abort();
	fs_conference_id(word, sizeof word, text);
	if (!fs_is_word(word))
		abort();
	const char *layout = fs_layout(text, word, sizeof word);
	if (layout && strpbrk(layout, "\n\r{},;'\""))
		abort();
	enum err class;
	const char *reason;
	const char *target = fs_target(text, &class, &reason);
	if (target && strpbrk(target, " \t\n\r{}[]()<>,|'\"\\^$&!"))
		abort();
	struct fs_where where;
	char sentence[120];
	if (fs_where(text, &where, sentence, sizeof sentence) && !fs_is_word(where.profile))
		abort();
}

static void
stream(struct arena *a, const char *bytes, size_t n)
{
	struct fs_table t = { 0 };
	struct media_sample sample = { 0 };
	leg_table_init(&t.legs, a, sizeof(struct fs_leg));
	struct fs_leg *f = leg_table_add(&t.legs, "4554ebbb-bec7-4828-9e2f-23ddb12964a7");
	str_copy(f->job, sizeof f->job, "j");
	while (n) {
		struct esl_message m;
		size_t used;
		if (esl_take(bytes, n, &m, &used) != ESL_WHOLE)
			break;
		if (!used || used > n)
			abort();
		fs_table_event(&t, &m);
		bytes += used;
		n -= used;
	}
	fuzz_legs(&t.legs);
	for (size_t i = 0; i < t.legs.n; i++) {
		fs_table_reports(&t, leg_table_at(&t.legs, i), &sample);
		check_sample(&sample);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	answers(a, arena_strndup(a, (const char *)bytes, n));
	char *copy = malloc(n ? n : 1); /* its end is where the sanitizer sees it */
	memcpy(copy, bytes, n);
	stream(a, copy, n);
	free(copy);
	arena_free(a);
	return 0;
}
