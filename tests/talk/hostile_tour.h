/* Every operation of an adapter against the device of hostile.h, one after the other, and what
 * must hold of whatever comes out: texts are bounded and valid, no figure is below nought, words
 * are ours. The program defines HARM(text): what happens when it does not. */
#ifndef TD_TESTS_TALK_HOSTILE_TOUR_H
#define TD_TESTS_TALK_HOSTILE_TOUR_H

#include "tests/talk/hostile.h"

enum tour_op {
	T_OPEN,
	T_PROBE,
	T_FIND,
	T_START,
	T_DIAL,
	T_ROSTER,
	T_LOOK,
	T_MEDIA,
	T_REASON,
	T_MUTE,
	T_LAYOUT,
	T_FOCUS,
	T_MESSAGE,
	T_PLAY,
	T_SUBSCRIBE,
	T_STATUS,
	T_HISTORY,
	T_ANSWER,
	T_HANGUP,
	T_END,
	TOUR_OPS
};

static const char *const tour_words[TOUR_OPS] = { "open", "probe", "find", "start", "dial",
	"roster", "look", "media", "reason", "mute", "layout", "focus", "message", "play",
	"subscribe", "status", "history", "answer", "hangup", "end" };

struct tour {
	enum err code[TOUR_OPS];
	bool tried[TOUR_OPS];
	size_t first[TOUR_OPS], last[TOUR_OPS]; /* answers that were given to it: [first, last) */
	size_t up;				/* legs that stand */
	size_t figures;				/* known ones, of media */
	enum tri in_call;
	size_t memory; /* of task and lane */
};

static inline void
tour_text(const char *text, size_t size)
{
	if (!memchr(text, '\0', size) || !utf8_valid(text, strlen(text)))
		HARM("a text is not bounded, or not valid");
}

static inline void
tour_figure(struct tour *o, struct figure f)
{
	o->figures += f.known;
	if (f.v < 0 || (!f.known && f.v))
		HARM("a figure below nought, or one that is not known and has a value");
}

static inline void
tour_media(struct tour *o, const struct media_sample *m)
{
	for (int k = 0; k < MEDIA_N; k++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &m->s[k][d];
			const struct figure all[] = { s->packets, s->lost, s->kbps, s->jitter_ms,
				s->width, s->height, s->fps, s->rtt_ms, s->far_received,
				s->far_lost, s->loss_permille };
			for (size_t i = 0; i < sizeof all / sizeof *all; i++)
				tour_figure(o, all[i]);
			tour_text(s->codec, sizeof s->codec);
			if ((unsigned)s->open > YES)
				HARM("a flag that is none");
		}
}

static inline void
tour_leg(struct tour *o, const struct leg *l)
{
	tour_text(l->id, sizeof l->id);
	tour_text(l->name, sizeof l->name);
	tour_text(l->address, sizeof l->address);
	tour_text(l->protocol, sizeof l->protocol);
	tour_text(l->remote_ip, sizeof l->remote_ip);
	tour_text(l->ending.device_words, sizeof l->ending.device_words);
	if (l->state > LEG_GONE || l->ending.cause >= CAUSE_N || (unsigned)l->muted > YES)
		HARM("a leg in no state");
	o->up += l->state == LEG_UP;
	tour_media(o, &l->media);
}

static inline void
tour_identity(struct tour *o, const struct identity *w)
{
	tour_text(w->vendor, sizeof w->vendor);
	tour_text(w->model, sizeof w->model);
	tour_text(w->software, sizeof w->software);
	tour_text(w->serial, sizeof w->serial);
	tour_text(w->mac, sizeof w->mac);
	tour_text(w->alarms, sizeof w->alarms);
	if (w->uptime_s.v < 0 || w->ports.v < 0)
		HARM("a device that is younger than nothing");
}

struct tour_stage {
	struct task task;
	struct lane lane;
	struct tour *out;
	struct hostile *h;
};

/* A task of its own for each, as lanes have it. false: it is not to be tried. */
static inline bool
tour_begin(struct tour_stage *s, enum tour_op op, bool there)
{
	if (!there || (op != T_OPEN && s->out->code[T_OPEN] != OK))
		return false;
	s->task = (struct task){
		.arena = arena_new(), .cancel_fd = -1, .deadline = hostile_now + HOSTILE_GIVEN_MS
	};
	s->out->tried[op] = true;
	s->out->first[op] = s->h->asked;
	return true;
}

static inline bool
tour_end(struct tour_stage *s, enum tour_op op, enum err code)
{
	struct tour *o = s->out;
	tour_text(s->task.why, sizeof s->task.why);
	if (code != OK && s->task.code == OK)
		HARM("an error without a sentence");
	size_t used = arena_used(s->task.arena) + arena_used(s->lane.arena);
	o->memory = used > o->memory ? used : o->memory;
	o->last[op] = s->h->asked;
	o->code[op] = code;
	return code == OK;
}

#define TRY(op, there, call) \
	if (tour_begin(&s, op, (there) != NULL)) \
		for (bool good = tour_end(&s, op, call), once = true; once; \
			once = false, arena_free(s.task.arena)) \
			if (good)

static inline void
tour_mcu(struct hostile *h, const struct mcu_adapter *m, struct tour *out)
{
	struct tour_stage s = { .out = out, .h = h };
	struct task *t = &s.task;
	struct lane *l = &s.lane;
	struct conference c = h->conference, found = { 0 };
	struct leg leg = { .id = "1", .name = "chu-tuc" }, looked = { 0 };
	struct identity who = { 0 };
	struct roster list = { 0 };
	struct media_sample media = { 0 };
	struct ending ending = { 0 };
	int again = 0;
	const struct conference_spec spec = { .name = *c.name ? c.name : "giao ban",
		.muted = true };
	const struct dial d = { .site_name = "Xã Chu Túc",
		.leg_name = h->leg_name,
		.address = "sip:chutuc@10.2.0.5",
		.attempt = "run/chu-tuc/1",
		.muted = true,
		.kbps = 1024 };
	s.lane = (struct lane){ .device = &h->device, .arena = arena_new() };
	TRY(T_OPEN, m->open, m->open(t, l)) {}
	TRY(T_PROBE, m->probe, m->probe(t, l, &who)) tour_identity(out, &who);
	TRY(T_FIND, m->find, m->find(t, l, spec.name, &found))
	{
		tour_text(found.id, sizeof found.id);
		tour_text(found.name, sizeof found.name);
	}
	TRY(T_START, m->start, m->start(t, l, &spec, &found))
	{
		tour_text(found.id, sizeof found.id);
		tour_text(found.name, sizeof found.name);
	}
	TRY(T_DIAL, m->dial, m->dial(t, l, &c, &d, &looked))
	{
		leg = looked;
		tour_leg(out, &leg);
	}
	out->up = 0;
	TRY(T_ROSTER, m->roster, m->roster(t, l, &c, &list))
	{
		for (size_t i = 0; i < list.n; i++)
			tour_leg(out, &list.legs[i]);
		if (list.n)
			leg = list.legs[0];
	}
	TRY(T_LOOK, m->look, m->look(t, l, &c, &leg, &looked)) tour_leg(out, &looked);
	TRY(T_MEDIA, m->media, m->media(t, l, &c, &leg, &media)) tour_media(out, &media);
	TRY(T_REASON, m->reason, m->reason(t, l, &c, &leg, &ending))
	{
		tour_text(ending.device_words, sizeof ending.device_words);
		if (ending.cause >= CAUSE_N)
			HARM("a cause that is none");
	}
	TRY(T_MUTE, m->mute, m->mute(t, l, &c, &leg, true)) {}
	TRY(T_LAYOUT, m->layout, m->layout(t, l, &c, "grid")) {}
	TRY(T_FOCUS, m->focus, m->focus(t, l, &c, &leg)) {}
	TRY(T_MESSAGE, m->message, m->message(t, l, &c, NULL, "Xin chào", 10)) {}
	TRY(T_PLAY, m->play, m->play(t, l, &c, &leg, 3)) {}
	h->device.push_url = "http://10.1.1.2:8091/push/00";
	TRY(T_SUBSCRIBE, m->subscribe, m->subscribe(t, l, &again)) {}
	h->device.push_url = NULL;
	TRY(T_HANGUP, m->hangup, m->hangup(t, l, &c, &leg)) {}
	TRY(T_END, m->end, m->end(t, l, &c)) {}
	s.task = (struct task){
		.arena = arena_new(), .cancel_fd = -1, .deadline = hostile_now + HOSTILE_GIVEN_MS
	};
	if (out->code[T_OPEN] == OK)
		m->close(t, l);
	arena_free(s.task.arena);
	arena_free(s.lane.arena);
}

static inline void
tour_box(struct hostile *h, const struct endpoint_adapter *b, struct tour *out)
{
	struct tour_stage s = { .out = out, .h = h };
	struct task *t = &s.task;
	struct lane *l = &s.lane;
	struct identity who = { 0 };
	struct endpoint_status now = { 0 };
	struct history past = { 0 };
	int again = 0;
	s.lane = (struct lane){ .device = &h->device, .arena = arena_new() };
	TRY(T_OPEN, b->open, b->open(t, l)) {}
	TRY(T_PROBE, b->probe, b->probe(t, l, &who)) tour_identity(out, &who);
	TRY(T_DIAL, b->dial, b->dial(t, l, "sip:1234@10.2.0.5", 1024)) {}
	TRY(T_MUTE, b->mute, b->mute(t, l, true)) {}
	TRY(T_MESSAGE, b->message, b->message(t, l, "Xin chào", 10)) {}
	h->device.push_url = "http://10.1.1.2:8091/push/00";
	TRY(T_SUBSCRIBE, b->subscribe, b->subscribe(t, l, &again)) {}
	h->device.push_url = NULL;
	TRY(T_STATUS, b->status, b->status(t, l, &now))
	{
		tour_text(now.far_address, sizeof now.far_address);
		tour_media(out, &now.media);
		out->in_call = now.in_call;
		if ((unsigned)now.in_call > YES || (unsigned)now.mic_muted > YES ||
			now.uptime_s.v < 0)
			HARM("a status that is none");
	}
	TRY(T_HISTORY, b->history, b->history(t, l, &past))
	{
		if (past.n > HISTORY_MOST)
			HARM("a history without end");
		for (size_t i = 0; i < past.n; i++) {
			tour_text(past.at[i].far_address, sizeof past.at[i].far_address);
			tour_text(past.at[i].ending.device_words,
				sizeof past.at[i].ending.device_words);
			tour_figure(out, past.at[i].duration_s);
			tour_figure(out, past.at[i].ended_ago_s);
		}
	}
	TRY(T_ANSWER, b->answer, b->answer(t, l)) {}
	TRY(T_HANGUP, b->hangup, b->hangup(t, l)) {}
	s.task = (struct task){
		.arena = arena_new(), .cancel_fd = -1, .deadline = hostile_now + HOSTILE_GIVEN_MS
	};
	if (out->code[T_OPEN] == OK)
		b->close(t, l);
	arena_free(s.task.arena);
	arena_free(s.lane.arena);
}

/* false: there is no adapter of that name. */
static inline bool
tour_of(struct hostile *h, struct tour *out)
{
	const struct mcu_adapter *m = mcu_adapter_find(h->device.adapter);
	const struct endpoint_adapter *b = endpoint_adapter_find(h->device.adapter);
	hostile_rewind(h);
	/* None; one that speaks with people or programs; one with sockets of its own. */
	if (!m == !b || str_eq(h->device.adapter, "probe"))
		return false;
	if (m)
		tour_mcu(h, m, out);
	else
		tour_box(h, b, out);
	return true;
}

#endif
