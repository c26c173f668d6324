/* FreeSWITCH: its JSON answers, pure. Members of a conference, channels, media figures.
 *
 * Called by freeswitch_legs.c and freeswitch.c, by tests and by the fuzzer with any bytes. Owns
 * nothing: results live on the caller's arena. Must never take an absent figure for zero. */
#include "adapters/freeswitch.h"

#include "base/str.h"

#include <string.h>

static const char *
text_of(const struct json *j, const char *key)
{
	const char *s = json_text(j, key);
	return s ? s : "";
}

static enum tri
flag(const struct json *flags, const char *key)
{
	return json_tri(flags, key);
}

static bool
is_member(const struct json *m, struct fs_member *out)
{
	const struct json *flags = json_get(m, "flags");
	const char *type = json_text(m, "type");
	*out = (struct fs_member){ .id = json_int(m, "id", -1),
		.uuid = text_of(m, "uuid"),
		.name = text_of(m, "caller_id_name"),
		.number = text_of(m, "caller_id_number"),
		.can_speak = flag(flags, "can_speak"),
		.talking = flag(flags, "talking"),
		.mute_detect = flag(flags, "mute_detect"),
		.has_video = flag(flags, "has_video") };
	return (!type || str_eq(type, "caller")) && *out->uuid &&
	       strlen(out->uuid) < FS_UUID_SIZE && fs_is_word(out->uuid) && out->id >= 0 &&
	       flag(flags, "is_ghost") != YES;
}

/*  [ { "conference_name", "members": [ { "type": "caller", "id": 5, "flags": {}, "uuid",
 * "caller_id_name" } ] } ]  */
enum err
fs_members(struct arena *a, const char *text, const char *conference_id, struct fs_member **out,
	size_t *out_n, struct err_text *why)
{
	const struct json *all;
	*out = NULL;
	*out_n = 0;
	enum err e = json_parse(a, text, strlen(text), &all, why);
	if (e)
		return e;
	if (all->kind != JSON_IS_ARRAY)
		return err_set(why, ERR_PROTOCOL, "no list of conferences");
	for (const struct json *c = all->first; c; c = c->next) {
		const struct json *members = json_get(c, "members");
		if (!str_eq(text_of(c, "conference_name"), conference_id) || !members)
			continue;
		if (members->count > FS_LISTED_MOST)
			return err_set(why, ERR_PROTOCOL, "%zu members", members->count);
		*out = arena_alloc(a, (members->count + 1) * sizeof **out);
		for (const struct json *m = members->first; m; m = m->next)
			if (is_member(m, &(*out)[*out_n]))
				++*out_n;
		return OK;
	}
	return OK;
}

/* "rehearsal@default+flags{mute}" is in "rehearsal". */
static bool
is_in(const char *data, const char *conference_id)
{
	size_t n = strlen(conference_id);
	return strncmp(data, conference_id, n) == 0 && (!data[n] || strchr("@+", data[n]));
}

/*  { "row_count": 2, "rows": [ { "uuid", "direction", "name", "callstate", "ip_addr", ... } ] } | {
 * "row_count": 0 }  */
enum err
fs_channels(struct arena *a, const char *text, const char *conference_id, struct fs_channel **out,
	size_t *out_n, struct err_text *why)
{
	const struct json *all;
	*out = NULL;
	*out_n = 0;
	enum err e = json_parse(a, text, strlen(text), &all, why);
	if (e)
		return e;
	const struct json *rows = json_get(all, "rows");
	if (rows ? rows->kind != JSON_IS_ARRAY : json_int(all, "row_count", -1) != 0)
		return err_set(why, ERR_PROTOCOL, "no list of channels");
	if (rows && rows->count > FS_LISTED_MOST)
		return err_set(why, ERR_PROTOCOL, "%zu channels", rows->count);
	*out = arena_alloc(a, ((rows ? rows->count : 0) + 1) * sizeof **out);
	for (const struct json *r = rows ? rows->first : NULL; r; r = r->next) {
		struct fs_channel *c = &(*out)[*out_n];
		const char *app = text_of(r, "application"), *data = text_of(r, "application_data");
		*c = (struct fs_channel){ .uuid = text_of(r, "uuid"),
			.name = text_of(r, "name"),
			.callstate = text_of(r, "callstate"),
			.shown = text_of(r, "initial_cid_name"),
			.ip = text_of(r, "ip_addr"),
			.codec = text_of(r, "write_codec"),
			.incoming = str_eq(text_of(r, "direction"), "inbound"),
			.elsewhere = *app &&
				     (!str_eq(app, "conference") || !is_in(data, conference_id)) };
		if (*c->uuid && strlen(c->uuid) < FS_UUID_SIZE && fs_is_word(c->uuid))
			++*out_n;
	}
	return OK;
}

static struct figure
count(const struct json *j, const char *key)
{
	struct figure f = json_figure(j, key);
	return f.known && f.v >= 0 ? f : (struct figure){ 0 };
}

/* What it skipped counts as lost, as long as the other side sends all the time: silence that is
 * suppressed (comfort noise packets came) is skipped as well. A turn in which a packet was merely
 * late is skipped too, on a busy machine one in ten, so that the gaps in the numbers of what came
 * bound it: the flaws are those and penalties on top, and fall to 0 now and then. Quality and MOS
 * are for a site that sends nothing 100 and 4.5: not used. */
static void
streams(const struct json *j, struct stream out[DIRECTIONS_N])
{
	out[FROM_SITE].open = out[TO_SITE].open = YES;
	out[FROM_SITE].packets = count(j, "in_packet_count");
	struct figure flaws = count(j, "in_flaw_total"), *lost = &out[FROM_SITE].lost;
	if (count(j, "in_cng_packet_count").v == 0)
		*lost = count(j, "in_skip_packet_count");
	if (lost->known && flaws.known && flaws.v < lost->v)
		*lost = flaws;
	out[TO_SITE].packets = count(j, "out_packet_count");
}

/*  { ..., "status": "success", "response": { "audio": { in_packet_count ... }, "video": {} } }
 *  { ..., "status": "error", "response": { "response": "Session does not exist" } }  */
bool
fs_media(struct arena *a, const char *text, struct media_sample *out)
{
	static const char *const media[MEDIA_N] = { [AUDIO] = "audio", [VIDEO] = "video" };
	const struct json *all;
	struct err_text why = { 0 };
	bool any = false;
	*out = (struct media_sample){ 0 };
	if (json_parse(a, text, strlen(text), &all, &why) || all->kind != JSON_IS_OBJECT ||
		!str_eq(json_text(all, "status"), "success"))
		return false;
	for (int m = 0; m < MEDIA_N; m++) {
		const struct json *j = json_get(json_get(all, "response"), media[m]);
		if (!j || j->kind != JSON_IS_OBJECT)
			continue;
		streams(j, out->s[m]);
		any = true;
	}
	return any;
}
