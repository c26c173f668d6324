/* What an external program says, as nouns of the contract.
 *
 * Called by exec.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never take what is
 * missing, of another kind or below nought for a figure: it is unknown. */
#include "adapters/exec.h"

#include "base/net.h"
#include "base/str.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

bool
exec_url(struct arena *a, const char *url, const char **out_path, const char **out_address)
{
	const char *scheme = "exec://";
	if (!str_starts(url, scheme) || url[strlen(scheme)] != '/')
		return false;
	char *path = arena_strdup(a, url + strlen(scheme)), *hash = strchr(path, '#');
	*out_address = hash ? hash + 1 : "";
	if (hash)
		*hash = '\0';
	*out_path = path;
	return path[1] != '\0';
}

/* Only the words of base/err.h: one that is not known is no verdict. */
static bool
result_of(const char *word, enum err *out)
{
	*out = err_from_name(word ? word : "");
	return word && str_eq(err_name(*out), word);
}

bool
exec_read(struct arena *a, const char *line, struct exec_reply *out)
{
	const struct json *j;
	*out = (struct exec_reply){ .id = -1, .why = "no reason given" };
	if (json_parse(a, line, strlen(line), &j, NULL) || j->kind != JSON_IS_OBJECT)
		return false;
	const char *word = json_text(j, "word"), *why = json_text(j, "why");
	out->all = j;
	out->id = json_int(j, "id", -1);
	out->word = str_empty(word) ? NULL : word;
	if (!str_empty(why))
		out->why = why;
	return result_of(json_text(j, "result"), &out->result);
}

static struct figure
figure_in(const struct json *j, const char *key)
{
	struct figure f = json_figure(j, key);
	return f.known && f.v >= 0 ? f : (struct figure){ 0 };
}

static void
text_in(const struct json *j, const char *key, char *out, size_t size)
{
	const char *text = json_text(j, key);
	str_copy(out, size, text ? text : "");
}

void
exec_identity(const struct json *j, struct identity *out)
{
	*out = (struct identity){ 0 };
	text_in(j, "vendor", out->vendor, sizeof out->vendor);
	text_in(j, "model", out->model, sizeof out->model);
	text_in(j, "software", out->software, sizeof out->software);
	text_in(j, "serial", out->serial, sizeof out->serial);
	text_in(j, "alarms", out->alarms, sizeof out->alarms);
	net_mac(json_text(j, "mac"), out->mac);
	out->uptime_s = figure_in(j, "uptime_s");
}

static void
read_stream(const struct json *j, struct stream *out)
{
	struct {
		const char *key;
		struct figure *at;
	} figures[] = {
		{ "packets", &out->packets },
		{ "lost", &out->lost },
		{ "kbps", &out->kbps },
		{ "jitter_ms", &out->jitter_ms },
		{ "width", &out->width },
		{ "height", &out->height },
		{ "fps", &out->fps },
		{ "rtt_ms", &out->rtt_ms },
		{ "far_received", &out->far_received },
		{ "far_lost", &out->far_lost },
		{ "loss_permille", &out->loss_permille },
	};
	for (size_t i = 0; i < COUNT(figures); i++)
		*figures[i].at = figure_in(j, figures[i].key);
	out->level_mdb = json_figure(j, "level_mdb"); /* usually below nought */
	out->open = json_tri(j, "open");
	text_in(j, "codec", out->codec, sizeof out->codec);
}

void
exec_media(const struct json *all, struct media_sample *out)
{
	static const char *const media[] = { [AUDIO] = "audio", [VIDEO] = "video" };
	*out = (struct media_sample){ .speech = json_tri(all, "speech") };
	for (int m = 0; m < MEDIA_N; m++) {
		const struct json *medium = json_get(all, media[m]);
		read_stream(json_get(medium, "from_site"), &out->s[m][FROM_SITE]);
		read_stream(json_get(medium, "to_site"), &out->s[m][TO_SITE]);
	}
}

static bool
has_media(const struct json *all)
{
	return all && all->kind == JSON_IS_OBJECT && all->count > 0;
}

void
exec_status(const struct json *j, struct endpoint_status *out)
{
	const struct json *all = json_get(j, "media");
	*out = (struct endpoint_status){ .in_call = json_tri(j, "in_call"),
		.mic_muted = json_tri(j, "mic_muted"),
		.auto_answer = json_tri(j, "auto_answer"),
		.auto_answer_muted = json_tri(j, "auto_answer_muted"),
		.uptime_s = figure_in(j, "uptime_s"),
		.sampled = has_media(all) };
	text_in(j, "far_address", out->far_address, sizeof out->far_address);
	int64_t step = json_int(j, "uptime_step_s", 1);
	out->uptime_step_s = step > 0 && step <= 86400 ? (int)step : 1;
	if (out->sampled)
		exec_media(all, &out->media);
}

void
exec_history(struct arena *a, const struct json *j, struct history *out)
{
	*out = (struct history){ .at = arena_alloc(a, HISTORY_MOST * sizeof *out->at) };
	for (const struct json *e = j && j->kind == JSON_IS_ARRAY ? j->first : NULL;
		e && out->n < HISTORY_MOST; e = e->next) {
		struct past_call *p = &out->at[out->n++];
		*p = (struct past_call){ .duration_s = figure_in(e, "duration_s"),
			.ended_ago_s = figure_in(e, "ended_ago_s"),
			.ending.cause = cause_from_name(json_text(e, "cause")) };
		text_in(e, "far_address", p->far_address, sizeof p->far_address);
		text_in(e, "words", p->ending.device_words, sizeof p->ending.device_words);
	}
}

void
exec_ending(const struct json *j, struct ending *out)
{
	*out = (struct ending){ .cause = cause_from_name(json_text(j, "cause")) };
	text_in(j, "words", out->device_words, sizeof out->device_words);
}

bool
exec_leg(const struct json *j, struct leg *out)
{
	static const char *const states[] = { [LEG_NEW] = "new",
		[LEG_DIALING] = "dialing",
		[LEG_RINGING] = "ringing",
		[LEG_UP] = "up",
		[LEG_GONE] = "gone" };
	const char *state = json_text(j, "state");
	size_t i = 0;
	*out = (struct leg){ .incoming = json_tri(j, "incoming") == YES,
		.muted = json_tri(j, "muted"),
		.configured = json_tri(j, "configured") == YES,
		.sampled = has_media(json_get(j, "media")) };
	text_in(j, "id", out->id, sizeof out->id);
	text_in(j, "name", out->name, sizeof out->name);
	text_in(j, "address", out->address, sizeof out->address);
	text_in(j, "protocol", out->protocol, sizeof out->protocol);
	text_in(j, "remote_ip", out->remote_ip, sizeof out->remote_ip);
	exec_ending(json_get(j, "ending"), &out->ending);
	if (out->sampled)
		exec_media(json_get(j, "media"), &out->media);
	while (i < COUNT(states) && !str_eq(states[i], state))
		i++;
	out->state = i < COUNT(states) ? (enum leg_state)i : LEG_NEW;
	return out->id[0] && i < COUNT(states);
}
