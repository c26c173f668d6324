/* Legs, figures, endings, what a codec told: the nouns of adapter.h as JSON and back.
 *
 * Called by event.c for journal rows, and through it by snapshots. Owns nothing; pure. The order of
 * keys is the order of the tables below, so that the same value always gives the same bytes. It
 * must never drop a known figure, not even a zero: "0 packets lost" and "not told" are different
 * evidence. */
#include "event_parts.h"

#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

static const char *const state_names[] = { "new", "dialing", "ringing", "up", "gone" };

static const struct {
	const char *key;
	size_t offset;
} stream_figures[] = {
	{ "packets", offsetof(struct stream, packets) },
	{ "lost", offsetof(struct stream, lost) },
	{ "kbps", offsetof(struct stream, kbps) },
	{ "jitter_ms", offsetof(struct stream, jitter_ms) },
	{ "width", offsetof(struct stream, width) },
	{ "height", offsetof(struct stream, height) },
	{ "fps", offsetof(struct stream, fps) },
	{ "rtt_ms", offsetof(struct stream, rtt_ms) },
	{ "level_mdb", offsetof(struct stream, level_mdb) },
	{ "far_received", offsetof(struct stream, far_received) },
	{ "far_lost", offsetof(struct stream, far_lost) },
	{ "loss_permille", offsetof(struct stream, loss_permille) },
};
enum { FIGURES_N = sizeof stream_figures / sizeof stream_figures[0] };

/* ---- plain values ---------------------------------------------------------------------------- */

void
part_put_text(struct json_out *w, const char *key, const char *text, size_t size)
{
	char kept[512];
	size_t n = 0, left = strnlen(text, size);
	if (size > sizeof kept)
		size = sizeof kept;
	while (left > 0) {
		size_t used = utf8_char(text, left, &(uint32_t){ 0 });
		const char *from = used ? text : "\xef\xbf\xbd";
		size_t add = used ? used : 3;
		if (n + add >= size)
			break;
		memcpy(kept + n, from, add);
		n += add;
		text += used ? used : 1;
		left -= used ? used : 1;
	}
	kept[n] = '\0';
	if (n || !key)
		json_put_text(w, key, kept);
}

void
part_put_int(struct json_out *w, const char *key, int64_t v)
{
	if (v)
		json_put_int(w, key, v);
}

void
part_put_bool(struct json_out *w, const char *key, bool v)
{
	if (v)
		json_put_bool(w, key, v);
}

void
part_get_text(const struct json *j, const char *key, char *out, size_t size)
{
	const char *text = json_text(j, key);
	str_copy(out, size, text ? text : "");
}

static void
put_figure(struct json_out *w, const char *key, struct figure f)
{
	if (f.known)
		json_put_int(w, key, f.v);
}

static void
put_tri(struct json_out *w, const char *key, enum tri t)
{
	if (t != UNKNOWN)
		json_put_tri(w, key, t);
}

/* ---- figures --------------------------------------------------------------------------------- */

static const struct figure *
figure_in(const struct stream *s, int i)
{
	return (const struct figure *)(const void *)((const char *)s + stream_figures[i].offset);
}

static bool
stream_empty(const struct stream *s)
{
	for (int i = 0; i < FIGURES_N; i++)
		if (figure_in(s, i)->known)
			return false;
	return s->open == UNKNOWN && !s->codec[0];
}

static bool
media_empty(const struct media_sample *m)
{
	for (int i = 0; i < MEDIA_N; i++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			if (!stream_empty(&m->s[i][d]))
				return false;
	return m->speech == UNKNOWN;
}

static void
put_stream(struct json_out *w, const char *key, const struct stream *s)
{
	if (stream_empty(s))
		return;
	json_open(w, key, '{');
	put_tri(w, "open", s->open);
	for (int i = 0; i < FIGURES_N; i++)
		put_figure(w, stream_figures[i].key, *figure_in(s, i));
	part_put_text(w, "codec", s->codec, sizeof s->codec);
	json_close(w, '}');
}

void
part_put_media(struct json_out *w, const char *key, const struct media_sample *m)
{
	if (media_empty(m))
		return;
	json_open(w, key, '{');
	for (int i = 0; i < MEDIA_N; i++) {
		if (stream_empty(&m->s[i][FROM_SITE]) && stream_empty(&m->s[i][TO_SITE]))
			continue;
		json_open(w, medium_name(i), '{');
		for (int d = 0; d < DIRECTIONS_N; d++)
			put_stream(w, direction_key(d), &m->s[i][d]);
		json_close(w, '}');
	}
	put_tri(w, "speech", m->speech);
	json_close(w, '}');
}

static void
get_stream(const struct json *j, struct stream *out)
{
	out->open = json_tri(j, "open");
	for (int i = 0; i < FIGURES_N; i++) {
		struct figure *f =
			(struct figure *)(void *)((char *)out + stream_figures[i].offset);
		*f = json_figure(j, stream_figures[i].key);
	}
	part_get_text(j, "codec", out->codec, sizeof out->codec);
}

void
part_get_media(const struct json *j, struct media_sample *out)
{
	*out = (struct media_sample){ 0 };
	for (int i = 0; i < MEDIA_N; i++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			get_stream(json_get(json_get(j, medium_name(i)), direction_key(d)),
				&out->s[i][d]);
	out->speech = json_tri(j, "speech");
}

/* ---- endings, conferences, legs -------------------------------------------------------------- */

void
part_put_ending(struct json_out *w, const char *key, const struct ending *e)
{
	if (e->cause == CAUSE_UNKNOWN && !e->device_words[0])
		return;
	json_open(w, key, '{');
	if (e->cause != CAUSE_UNKNOWN)
		json_put_text(w, "cause", cause_name(e->cause));
	part_put_text(w, "device_words", e->device_words, sizeof e->device_words);
	json_close(w, '}');
}

bool
part_get_ending(const struct json *j, struct ending *out)
{
	const char *cause = json_text(j, "cause");
	*out = (struct ending){ 0 };
	part_get_text(j, "device_words", out->device_words, sizeof out->device_words);
	if (!cause)
		return true;
	out->cause = cause_from_name(cause);
	return str_eq(cause_name(out->cause), cause);
}

void
part_put_conference(struct json_out *w, const char *key, const struct conference *c)
{
	if (!c->id[0] && !c->name[0] && !c->created)
		return;
	json_open(w, key, '{');
	part_put_text(w, "id", c->id, sizeof c->id);
	part_put_text(w, "name", c->name, sizeof c->name);
	part_put_bool(w, "created", c->created);
	json_close(w, '}');
}

void
part_get_conference(const struct json *j, struct conference *out)
{
	*out = (struct conference){ 0 };
	part_get_text(j, "id", out->id, sizeof out->id);
	part_get_text(j, "name", out->name, sizeof out->name);
	out->created = json_bool(j, "created", false);
}

static bool
leg_empty(const struct leg *l)
{
	return !l->id[0] && !l->name[0] && !l->address[0] && !l->protocol[0] && !l->remote_ip[0] &&
	       l->state == LEG_NEW && !l->incoming && l->muted == UNKNOWN && !l->configured &&
	       l->ending.cause == CAUSE_UNKNOWN && !l->ending.device_words[0] && !l->sampled &&
	       media_empty(&l->media);
}

void
part_put_leg(struct json_out *w, const char *key, const struct leg *l)
{
	if (key && leg_empty(l))
		return;
	json_open(w, key, '{');
	part_put_text(w, "id", l->id, sizeof l->id);
	part_put_text(w, "name", l->name, sizeof l->name);
	part_put_text(w, "address", l->address, sizeof l->address);
	part_put_text(w, "protocol", l->protocol, sizeof l->protocol);
	part_put_text(w, "remote_ip", l->remote_ip, sizeof l->remote_ip);
	if (l->state != LEG_NEW)
		json_put_text(w, "state", state_names[l->state]);
	part_put_bool(w, "incoming", l->incoming);
	put_tri(w, "muted", l->muted);
	part_put_bool(w, "configured", l->configured);
	part_put_ending(w, "ending", &l->ending);
	part_put_bool(w, "sampled", l->sampled);
	part_put_media(w, "media", &l->media);
	json_close(w, '}');
}

bool
part_get_leg(const struct json *j, struct leg *out)
{
	const char *state = json_text(j, "state");
	*out = (struct leg){ 0 };
	part_get_text(j, "id", out->id, sizeof out->id);
	part_get_text(j, "name", out->name, sizeof out->name);
	part_get_text(j, "address", out->address, sizeof out->address);
	part_get_text(j, "protocol", out->protocol, sizeof out->protocol);
	part_get_text(j, "remote_ip", out->remote_ip, sizeof out->remote_ip);
	out->incoming = json_bool(j, "incoming", false);
	out->muted = json_tri(j, "muted");
	out->configured = json_bool(j, "configured", false);
	out->sampled = json_bool(j, "sampled", false);
	part_get_media(json_get(j, "media"), &out->media);
	if (!part_get_ending(json_get(j, "ending"), &out->ending))
		return false;
	if (!state)
		return true;
	for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
		if (str_eq(state, state_names[i])) {
			out->state = (enum leg_state)i;
			return true;
		}
	return false;
}

/* ---- what a codec or an MCU says of itself --------------------------------------------------- */

void
part_put_past(struct json_out *w, const char *key, const struct past_call *p)
{
	json_open(w, key, '{');
	part_put_text(w, "far_address", p->far_address, sizeof p->far_address);
	put_figure(w, "duration_s", p->duration_s);
	put_figure(w, "ended_ago_s", p->ended_ago_s);
	part_put_ending(w, "ending", &p->ending);
	json_close(w, '}');
}

bool
part_get_past(const struct json *j, struct past_call *out)
{
	*out = (struct past_call){ 0 };
	part_get_text(j, "far_address", out->far_address, sizeof out->far_address);
	out->duration_s = json_figure(j, "duration_s");
	out->ended_ago_s = json_figure(j, "ended_ago_s");
	return part_get_ending(json_get(j, "ending"), &out->ending);
}

static void
put_told(struct json_out *w, const char *key, const struct told *t)
{
	if (!t->posts)
		return;
	json_open(w, key, '{');
	part_put_int(w, "posts", t->posts);
	put_tri(w, "in_call", t->in_call);
	put_tri(w, "mic_muted", t->mic_muted);
	if (t->ends_n)
		json_open(w, "ends", '[');
	for (size_t i = 0; i < t->ends_n; i++) {
		json_open(w, NULL, '{');
		part_put_text(w, "call_id", t->ends[i].call_id, sizeof t->ends[i].call_id);
		part_put_past(w, "call", &t->ends[i].call);
		json_close(w, '}');
	}
	if (t->ends_n)
		json_close(w, ']');
	json_close(w, '}');
}

static void
get_told(const struct json *j, struct told *out)
{
	const struct json *ends = json_get(j, "ends");
	*out = (struct told){ .posts = (int)json_int(j, "posts", 0),
		.in_call = json_tri(j, "in_call"),
		.mic_muted = json_tri(j, "mic_muted") };
	for (const struct json *e = ends ? ends->first : NULL; e && out->ends_n < TOLD_ENDS_MOST;
		e = e->next) {
		struct told_end *to = &out->ends[out->ends_n];
		part_get_text(e, "call_id", to->call_id, sizeof to->call_id);
		out->ends_n += part_get_past(json_get(e, "call"), &to->call);
	}
}

static bool
status_empty(const struct endpoint_status *s)
{
	return s->in_call == UNKNOWN && !s->far_address[0] && s->mic_muted == UNKNOWN &&
	       s->auto_answer == UNKNOWN && s->auto_answer_muted == UNKNOWN && !s->uptime_s.known &&
	       !s->uptime_step_s && !s->sampled && !s->told.posts && media_empty(&s->media);
}

void
part_put_status(struct json_out *w, const char *key, const struct endpoint_status *s)
{
	if (status_empty(s))
		return;
	json_open(w, key, '{');
	put_tri(w, "in_call", s->in_call);
	part_put_text(w, "far_address", s->far_address, sizeof s->far_address);
	put_tri(w, "mic_muted", s->mic_muted);
	put_tri(w, "auto_answer", s->auto_answer);
	put_tri(w, "auto_answer_muted", s->auto_answer_muted);
	put_figure(w, "uptime_s", s->uptime_s);
	part_put_int(w, "uptime_step_s", s->uptime_step_s);
	part_put_bool(w, "sampled", s->sampled);
	part_put_media(w, "media", &s->media);
	put_told(w, "told", &s->told);
	json_close(w, '}');
}

void
part_get_status(const struct json *j, struct endpoint_status *out)
{
	*out = (struct endpoint_status){ 0 };
	out->in_call = json_tri(j, "in_call");
	part_get_text(j, "far_address", out->far_address, sizeof out->far_address);
	out->mic_muted = json_tri(j, "mic_muted");
	out->auto_answer = json_tri(j, "auto_answer");
	out->auto_answer_muted = json_tri(j, "auto_answer_muted");
	out->uptime_s = json_figure(j, "uptime_s");
	out->uptime_step_s = (int)json_int(j, "uptime_step_s", 0);
	out->sampled = json_bool(j, "sampled", false);
	part_get_media(json_get(j, "media"), &out->media);
	get_told(json_get(j, "told"), &out->told);
}

void
part_put_identity(struct json_out *w, const char *key, const struct identity *i)
{
	if (!i->vendor[0] && !i->model[0] && !i->software[0] && !i->serial[0] && !i->mac[0] &&
		!i->uptime_s.known && !i->ports.known && !i->alarms[0])
		return;
	json_open(w, key, '{');
	part_put_text(w, "vendor", i->vendor, sizeof i->vendor);
	part_put_text(w, "model", i->model, sizeof i->model);
	part_put_text(w, "software", i->software, sizeof i->software);
	part_put_text(w, "serial", i->serial, sizeof i->serial);
	part_put_text(w, "mac", i->mac, sizeof i->mac);
	put_figure(w, "uptime_s", i->uptime_s);
	put_figure(w, "ports", i->ports);
	part_put_text(w, "alarms", i->alarms, sizeof i->alarms);
	json_close(w, '}');
}

void
part_get_identity(const struct json *j, struct identity *out)
{
	*out = (struct identity){ 0 };
	part_get_text(j, "vendor", out->vendor, sizeof out->vendor);
	part_get_text(j, "model", out->model, sizeof out->model);
	part_get_text(j, "software", out->software, sizeof out->software);
	part_get_text(j, "serial", out->serial, sizeof out->serial);
	part_get_text(j, "mac", out->mac, sizeof out->mac);
	out->uptime_s = json_figure(j, "uptime_s");
	out->ports = json_figure(j, "ports");
	part_get_text(j, "alarms", out->alarms, sizeof out->alarms);
}
