/* A device in memory: MCU and endpoints whose behaviour is a script and whose time is set by the
 * test.
 *
 * Called by lanes in tests of the orchestrator. Owns nothing; the test owns struct fake, which a
 * device carries in the place of its sheet. Without one, every operation says so: the adapter is in
 * the table, but no workspace can make use of it. Everything follows from the script and the time:
 * no clock, no chance, no network. */
#include "adapters/fake.h"

#include "adapters/internal.h"
#include "base/str.h"

#include <stdio.h>

enum {
	MAGIC = 0x66616b65,
	GIVES_UP_MS = 5000, /* nobody there */
	RINGS_MS = 30000,
	SAYS_NO_MS = 500,
	SPEAKS_FOR_MS = 10000,
	AUDIO_PER_S = 50,
	VIDEO_PER_S = 100,
	SILENCE_MDB = -60000,
	SPEECH_MDB = -20000,
};

void
fake_init(struct fake *f, struct fake_site *sites, size_t n)
{
	*f = (struct fake){ .magic = MAGIC, .sites = sites, .n = n };
}

void
fake_set_time(struct fake *f, int64_t now)
{
	f->now = now;
}

const struct sheet *
fake_sheet(struct fake *f)
{
	return (const struct sheet *)(const void *)f;
}

static enum err
fake_of(struct task *t, struct lane *l, struct fake **out)
{
	struct fake *f = (struct fake *)(uintptr_t)l->device->sheet;
	*out = f;
	if (!f || f->magic != MAGIC)
		return task_fail(
			t, ERR_INPUT, "%s: fake devices exist in tests only", l->device->name);
	if (task_canceled(t))
		return task_fail(t, ERR_CANCELED, "%s: canceled", l->device->name);
	if (f->down)
		return task_fail_as(t, (enum err)f->down,
			f->down == ERR_AUTH ? "login-refused" : NULL,
			"%s: down, as the script says", l->device->name);
	return OK;
}

/* The end of every operation: the script may take the answer away after the deed. */
static enum err
done(struct task *t, struct lane *l, struct fake *f)
{
	enum err e = (enum err)f->fail_next;
	f->fail_next = OK;
	return e ? task_fail(t, e, "%s: failed once, as the script says", l->device->name) : OK;
}

/* ---- what a site does ------------------------------------------------------------------------ */

static bool
powered(const struct fake_site *s, int64_t at)
{
	return s->kind != FAKE_OFF && (!s->on_at || at >= s->on_at) &&
	       (!s->off_at || at < s->off_at);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* When and why it goes after it came up; 0 = it stays. */
static int64_t
goes_at(const struct fake_site *s, int64_t up, enum cause *out)
{
	int64_t hangup = s->hangup_ms ? up + s->hangup_ms : 0,
		drop = s->drop_ms ? up + s->drop_ms : 0;
	if (s->off_at && s->off_at > up)
		drop = earlier(drop, s->off_at);
	int64_t at = earlier(hangup, drop);
	*out = at && at == hangup ? CAUSE_SITE_HANGUP : CAUSE_NETWORK;
	if (s->hung_up && (!at || s->hung_up_at < at)) {
		*out = s->by_mcu ? CAUSE_OUR_HANGUP : CAUSE_SITE_HANGUP;
		return s->hung_up_at;
	}
	return at;
}

static enum leg_state
refused(int64_t since, int64_t after, enum leg_state before, enum cause why, enum cause *out)
{
	*out = why;
	return since < after ? before : LEG_GONE;
}

static enum leg_state
state_at(const struct fake_site *s, int64_t now, enum cause *out)
{
	int64_t since = now - s->dialled_at, up = s->dialled_at + s->answer_ms;
	*out = CAUSE_UNKNOWN;
	if (!powered(s, s->dialled_at))
		return refused(since, GIVES_UP_MS, LEG_DIALING, CAUSE_UNREACHABLE, out);
	switch (s->kind) {
	case FAKE_OFF:
		break;
	case FAKE_UNANSWERED:
		return refused(since, RINGS_MS, LEG_RINGING, CAUSE_NO_ANSWER, out);
	case FAKE_BUSY:
		return refused(since, SAYS_NO_MS, LEG_DIALING, CAUSE_BUSY, out);
	case FAKE_REJECTS:
		return refused(since, SAYS_NO_MS, LEG_DIALING, CAUSE_REJECTED, out);
	case FAKE_WRONG_ADDRESS:
		return refused(since, SAYS_NO_MS, LEG_DIALING, CAUSE_WRONG_ADDRESS, out);
	case FAKE_INCOMPATIBLE:
		return refused(since, SAYS_NO_MS, LEG_DIALING, CAUSE_INCOMPATIBLE, out);
	case FAKE_ANSWERS:
		break;
	}
	enum cause why;
	int64_t gone = goes_at(s, up, &why);
	if (gone && now >= gone) {
		*out = why;
		return LEG_GONE;
	}
	return now >= up ? LEG_UP : s->answer_ms ? LEG_RINGING : LEG_DIALING;
}

static bool
speaking(const struct fake_site *s, int64_t now)
{
	int64_t since = now - s->unmuted_at;
	return s->speaks_ms && !s->muted && since >= s->speaks_ms &&
	       since < s->speaks_ms + SPEAKS_FOR_MS;
}

/* Seen by the MCU, or by the codec: each counts what it receives. */
static void
media_at(const struct fake_site *s, int64_t now, bool by_codec, struct media_sample *out)
{
	int64_t ms = now - s->dialled_at - s->answer_ms;
	*out = (struct media_sample){ .speech = tri_of(speaking(s, now)) };
	for (int m = 0; m < MEDIA_N; m++) {
		for (int d = 0; d < DIRECTIONS_N; d++) {
			struct stream *x = &out->s[m][d];
			bool flows = !s->dead[m][d];
			int64_t sent = ms * (m == AUDIO ? AUDIO_PER_S : VIDEO_PER_S) / 1000;
			int64_t lost = sent * s->loss_permille / 1000;
			bool receives = by_codec == (d == TO_SITE);
			x->open = YES;
			x->packets =
				figure_of(flows || !receives ? sent - (receives ? lost : 0) : 0);
			x->kbps = figure_of(flows || !receives ? (m == AUDIO ? 64 : 1024) : 0);
			if (receives) {
				x->lost = figure_of(flows ? lost : 0);
				x->jitter_ms = figure_of(2);
			} else {
				x->far_received = figure_of(flows ? sent - lost : 0);
				x->far_lost = figure_of(flows ? lost : sent);
				x->rtt_ms = figure_of(20);
			}
			str_copy(x->codec, sizeof x->codec, m == AUDIO ? "G.722" : "H.264");
		}
	}
	out->s[AUDIO][FROM_SITE].level_mdb = figure_of(speaking(s, now) ? SPEECH_MDB : SILENCE_MDB);
}

static void
leg_at(const struct fake_site *s, int64_t now, struct leg *out)
{
	enum cause why;
	*out = (struct leg){ .configured = true, .muted = tri_of(s->muted) };
	str_copy(out->id, sizeof out->id, s->id);
	str_copy(out->name, sizeof out->name, s->id);
	str_copy(out->address, sizeof out->address, s->address);
	str_copy(out->protocol, sizeof out->protocol,
		str_starts(s->address, "h323:") ? "h323" : "sip");
	out->state = state_at(s, now, &why);
	if (out->state == LEG_GONE) {
		out->ending.cause = why;
		str_copy(
			out->ending.device_words, sizeof out->ending.device_words, cause_name(why));
	}
	if (out->state == LEG_UP) {
		out->sampled = true;
		media_at(s, now, false, &out->media);
	}
}

static struct fake_site *
by_id(struct fake *f, const char *id)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->sites[i].id, id))
			return &f->sites[i];
	return NULL;
}

/* ---- the MCU --------------------------------------------------------------------------------- */

static enum err
fake_open(struct task *t, struct lane *l)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	l->session = f;
	return done(t, l, f);
}

static void
fake_close(struct task *t, struct lane *l)
{
	struct fake *f = l->session;
	if (f)
		f->closes++;
	l->session = NULL;
}

static enum err
fake_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	*out = (struct identity){ .vendor = "tongduyet",
		.model = "fake",
		.software = "1",
		.serial = "0",
		.uptime_s = figure_of(f->now / 1000),
		.ports = figure_of((int64_t)f->n) };
	return done(t, l, f);
}

static enum err
fake_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	if (!str_eq(f->conference, conference))
		return task_fail(t, ERR_GONE, "find %s on %s: none", conference, l->device->name);
	*out = (struct conference){ 0 };
	str_copy(out->id, sizeof out->id, conference);
	str_copy(out->name, sizeof out->name, conference);
	return done(t, l, f);
}

static enum err
fake_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	*out = (struct conference){ .created = !str_eq(f->conference, spec->name) };
	str_copy(out->id, sizeof out->id, spec->name);
	str_copy(out->name, sizeof out->name, spec->name);
	str_copy(f->conference, sizeof f->conference, spec->name);
	return done(t, l, f);
}

/* A leg that is under way is returned as it is: never a second one. */
static enum err
fake_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct fake *f;
	enum cause why;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	if (!str_eq(f->conference, c->id))
		return task_fail(t, ERR_GONE, "dial %s on %s: no conference %s", d->address,
			l->device->name, c->id);
	for (size_t i = 0; i < f->n; i++) {
		struct fake_site *s = &f->sites[i];
		if (!str_eq(s->address, d->address))
			continue;
		if (!s->has_leg || state_at(s, f->now, &why) == LEG_GONE) {
			s->has_leg = true;
			s->hung_up = s->by_mcu = false;
			s->muted = d->muted;
			s->dialled_at = s->unmuted_at = f->now;
			s->dials++;
		}
		leg_at(s, f->now, out);
		return done(t, l, f);
	}
	return task_fail(
		t, ERR_REFUSED, "dial %s on %s: no such address", d->address, l->device->name);
}

static enum err
fake_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	if (!str_eq(f->conference, c->id))
		return task_fail(
			t, ERR_GONE, "list legs on %s: no conference %s", l->device->name, c->id);
	*out = (struct roster){ .legs = arena_alloc(t->arena, (f->n + 1) * sizeof *out->legs) };
	for (size_t i = 0; i < f->n; i++)
		if (f->sites[i].has_leg)
			leg_at(&f->sites[i], f->now, &out->legs[out->n++]);
	return done(t, l, f);
}

/* The operations on one leg start alike. */
static enum err
leg_of(struct task *t, struct lane *l, const struct leg *leg, struct fake **out_f,
	struct fake_site **out)
{
	enum err e = fake_of(t, l, out_f);
	if (e)
		return e;
	*out = by_id(*out_f, leg->id);
	return *out && (*out)->has_leg
		       ? OK
		       : task_fail(t, ERR_GONE, "%s: no leg %s", l->device->name, leg->id);
}

static enum err
fake_media(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	struct fake *f;
	struct fake_site *s;
	enum cause why;
	enum err e = leg_of(t, l, leg, &f, &s);
	if (e)
		return e;
	if (state_at(s, f->now, &why) != LEG_UP)
		return task_fail(t, ERR_GONE, "%s: %s is not up", l->device->name, leg->id);
	media_at(s, f->now, false, out);
	return done(t, l, f);
}

static enum err
fake_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct fake *f;
	struct fake_site *s;
	struct leg now;
	enum err e = leg_of(t, l, leg, &f, &s);
	if (e)
		return e;
	leg_at(s, f->now, &now);
	*out = now.ending;
	return done(t, l, f);
}

static void
hang_up(struct fake *f, struct fake_site *s, bool by_mcu)
{
	enum cause why;
	if (!s->has_leg || s->hung_up || state_at(s, f->now, &why) == LEG_GONE)
		return;
	s->hung_up = true;
	s->by_mcu = by_mcu;
	s->hung_up_at = f->now;
}

static enum err
fake_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct fake *f;
	struct fake_site *s;
	enum err e = leg_of(t, l, leg, &f, &s);
	if (e)
		return e;
	hang_up(f, s, true);
	return done(t, l, f);
}

static enum err
fake_end(struct task *t, struct lane *l, const struct conference *c)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	if (!str_eq(f->conference, c->id))
		return task_fail(t, ERR_GONE, "end %s on %s: none", c->id, l->device->name);
	for (size_t i = 0; i < f->n; i++)
		hang_up(f, &f->sites[i], true);
	f->conference[0] = '\0';
	return done(t, l, f);
}

static enum err
fake_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	struct fake *f;
	struct fake_site *s;
	enum err e = leg_of(t, l, leg, &f, &s);
	if (e)
		return e;
	if (s->muted && !on)
		s->unmuted_at = f->now;
	s->muted = on;
	return done(t, l, f);
}

static enum err
fake_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	return done(t, l, f);
}

static enum err
fake_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	return done(t, l, f);
}

static enum err
fake_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	struct fake *f;
	enum err e = fake_of(t, l, &f);
	if (e)
		return e;
	return done(t, l, f);
}

/* ---- the endpoint: device "site:ID" ---------------------------------------------------------- */

static enum err
box_of(struct task *t, struct lane *l, struct fake **out_f, struct fake_site **out)
{
	const char *name = l->device->name;
	enum err e = fake_of(t, l, out_f);
	if (e)
		return e;
	*out = by_id(*out_f, str_starts(name, "site:") ? name + 5 : name);
	if (!*out || !powered(*out, (*out_f)->now))
		return task_fail(t, ERR_UNREACHABLE, "%s: nobody answers", name);
	return OK;
}

static enum err
box_open(struct task *t, struct lane *l)
{
	struct fake *f;
	struct fake_site *s;
	enum err e = box_of(t, l, &f, &s);
	if (e)
		return e;
	l->session = f;
	return done(t, l, f);
}

static enum err
box_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct fake *f;
	struct fake_site *s;
	enum err e = box_of(t, l, &f, &s);
	if (e)
		return e;
	*out = (struct identity){ .vendor = "tongduyet", .model = "fake box", .software = "1",
		.uptime_s = figure_of((f->now - s->on_at) / 1000) };
	str_copy(out->serial, sizeof out->serial, s->id);
	return done(t, l, f);
}

static enum err
box_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct fake *f;
	struct fake_site *s;
	enum cause why;
	enum err e = box_of(t, l, &f, &s);
	if (e)
		return e;
	bool up = s->has_leg && state_at(s, f->now, &why) == LEG_UP;
	*out = (struct endpoint_status){ .in_call = tri_of(up),
		.mic_muted = tri_of(s->mic_muted),
		.auto_answer = tri_of(!s->no_auto_answer),
		.uptime_s = figure_of((f->now - s->on_at) / 1000),
		.uptime_step_s = 1,
		.sampled = up };
	if (up)
		media_at(s, f->now, true, &out->media);
	if (up)
		str_copy(out->far_address, sizeof out->far_address, f->conference);
	return done(t, l, f);
}

static enum err
box_hangup(struct task *t, struct lane *l)
{
	struct fake *f;
	struct fake_site *s;
	enum err e = box_of(t, l, &f, &s);
	if (e)
		return e;
	hang_up(f, s, false);
	return done(t, l, f);
}

static enum err
box_mute(struct task *t, struct lane *l, bool on)
{
	struct fake *f;
	struct fake_site *s;
	enum err e = box_of(t, l, &f, &s);
	if (e)
		return e;
	s->mic_muted = on;
	return done(t, l, f);
}

/* This is everything we export. */
const struct mcu_adapter fake_mcu_adapter = {
	.name = "fake",
	.title = "A device in memory, for tests",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_RX_RATE | EVIDENCE_FAR_REPORTS |
		    EVIDENCE_SPEECH | EVIDENCE_LEVEL | EVIDENCE_END_REASON |
		    EVIDENCE_ABSENT_IS_NONE | EVIDENCE_UPTIME | EVIDENCE_RINGING,
	.open = fake_open,
	.close = fake_close,
	.probe = fake_probe,
	.find = fake_find,
	.start = fake_start,
	.dial = fake_dial,
	.roster = fake_roster,
	.media = fake_media,
	.reason = fake_reason,
	.hangup = fake_hangup,
	.end = fake_end,
	.mute = fake_mute,
	.layout = fake_layout,
	.focus = fake_focus,
	.message = fake_message,
};

const struct endpoint_adapter fake_endpoint_adapter = {
	.name = "fake",
	.title = "A box in memory, for tests",
	.grade = GRADE_DRAFT,
	.evidence =
		EVIDENCE_RX_COUNTERS | EVIDENCE_RX_RATE | EVIDENCE_FAR_REPORTS | EVIDENCE_UPTIME,
	.open = box_open,
	.close = fake_close,
	.probe = box_probe,
	.status = box_status,
	.hangup = box_hangup,
	.mute = box_mute,
};
