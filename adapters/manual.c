/* A person as device, for platforms without an interface and for a province that has no password
 * yet. Each operation looks for its answer on the device's sheet, and asks for it when there is
 * none.
 *
 * Called by lanes like any adapter; needs no network, no session and no wire. Owns nothing: answers
 * are borrowed from the sheet, which never changes. Must never answer for the person: no answer is
 * ERR_BUSY, an answer that is not understood is asked again. All it tells is evidence by person; it
 * tells no figure.
 *
 *   question "roster:NAME"    answer  "Chu Túc\nTri Lễ (muted)\nYên Phúc; mất kết nối"
 *   question "dial:..."       answer  "xong" | "không: bận"  */
#include "adapters/manual.h"

#include "adapters/internal.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <ctype.h>
#include <string.h>

enum { MOST_LEGS = 5000, MOST_WORDS = 8 /* behind one name */ };

/* Words are compared without marks and capitals: people type both. */
static const struct {
	const char *word;
	enum tri means;
} verdicts[] = {
	{ "khong", NO },
	{ "chua", NO },
	{ "no", NO },
	{ "ko", NO },
	{ "da xong", YES },
	{ "xong", YES },
	{ "co", YES },
	{ "roi", YES },
	{ "yes", YES },
	{ "done", YES },
	{ "ok", YES },
};

static const struct state_word {
	const char *word;
	enum leg_state state;
	enum cause cause;
	enum tri muted;
} state_words[] = {
	{ "trong phong", LEG_UP, CAUSE_UNKNOWN, UNKNOWN },
	{ "da vao", LEG_UP, CAUSE_UNKNOWN, UNKNOWN },
	{ "up", LEG_UP, CAUSE_UNKNOWN, UNKNOWN },
	{ "in", LEG_UP, CAUSE_UNKNOWN, UNKNOWN },
	{ "connected", LEG_UP, CAUSE_UNKNOWN, UNKNOWN },
	{ "tat mic", LEG_UP, CAUSE_UNKNOWN, YES },
	{ "muted", LEG_UP, CAUSE_UNKNOWN, YES },
	{ "mo mic", LEG_UP, CAUSE_UNKNOWN, NO },
	{ "unmuted", LEG_UP, CAUSE_UNKNOWN, NO },
	{ "dang goi", LEG_DIALING, CAUSE_UNKNOWN, UNKNOWN },
	{ "dialing", LEG_DIALING, CAUSE_UNKNOWN, UNKNOWN },
	{ "dang do chuong", LEG_RINGING, CAUSE_UNKNOWN, UNKNOWN },
	{ "ringing", LEG_RINGING, CAUSE_UNKNOWN, UNKNOWN },
	{ "gone", LEG_GONE, CAUSE_UNKNOWN, UNKNOWN },
	{ "disconnected", LEG_GONE, CAUSE_UNKNOWN, UNKNOWN },
	{ "mat ket noi", LEG_GONE, CAUSE_NETWORK, UNKNOWN },
	{ "lost", LEG_GONE, CAUSE_NETWORK, UNKNOWN },
	{ "da thoat", LEG_GONE, CAUSE_SITE_HANGUP, UNKNOWN },
	{ "left", LEG_GONE, CAUSE_SITE_HANGUP, UNKNOWN },
	{ "hung up", LEG_GONE, CAUSE_SITE_HANGUP, UNKNOWN },
	{ "ban", LEG_GONE, CAUSE_BUSY, UNKNOWN },
	{ "busy", LEG_GONE, CAUSE_BUSY, UNKNOWN },
	{ "khong tra loi", LEG_GONE, CAUSE_NO_ANSWER, UNKNOWN },
	{ "khong nghe may", LEG_GONE, CAUSE_NO_ANSWER, UNKNOWN },
	{ "no answer", LEG_GONE, CAUSE_NO_ANSWER, UNKNOWN },
	{ "tu choi", LEG_GONE, CAUSE_REJECTED, UNKNOWN },
	{ "rejected", LEG_GONE, CAUSE_REJECTED, UNKNOWN },
	{ "sai dia chi", LEG_GONE, CAUSE_WRONG_ADDRESS, UNKNOWN },
	{ "wrong address", LEG_GONE, CAUSE_WRONG_ADDRESS, UNKNOWN },
	{ "khong lien lac duoc", LEG_GONE, CAUSE_UNREACHABLE, UNKNOWN },
	{ "unreachable", LEG_GONE, CAUSE_UNREACHABLE, UNKNOWN },
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- the sheet ------------------------------------------------------------------------------- */

/* The answer, or NULL while nobody gave one. sheet may be NULL. */
static const char *
sheet_answer(const struct sheet *sheet, const char *question)
{
	for (size_t i = sheet ? sheet->n : 0; i-- > 0;)
		if (str_eq(sheet->answers[i].question, question))
			return sheet->answers[i].answer;
	return NULL;
}

const char *
manual_question(const struct task *t)
{
	return t->word && str_starts(t->word, "ask:") ? t->word + 4 : NULL;
}

/* The answer to the question of that id; ERR_BUSY with the question while there is none. */
static enum err
ask(struct task *t, struct lane *l, const char *id, const char *question, const char **out)
{
	*out = sheet_answer(l->device->sheet, id);
	if (!str_empty(*out))
		return OK;
	return task_fail_as(t, ERR_BUSY, arena_printf(t->arena, "ask:%s", id), "%s: %s",
		l->device->name, question);
}

/* A question whose answer is done, or no and why. */
static enum err
order(struct task *t, struct lane *l, const char *id, const char *question)
{
	const char *answer, *words;
	enum err e = ask(t, l, id, question, &answer);
	if (e)
		return e;
	switch (manual_verdict(t->arena, answer, &words)) {
	case YES:
		return OK;
	case NO:
		return task_fail(t, ERR_REFUSED, "%s: %s: %s", l->device->name, question,
			*words ? words : "no");
	case UNKNOWN:
		break;
	}
	return task_fail_as(t, ERR_BUSY, arena_printf(t->arena, "ask:%s", id),
		"%s: %s (\"%s\" was not understood: yes or no)", l->device->name, question, answer);
}

/* ---- what people write ----------------------------------------------------------------------- */

enum tri
manual_verdict(struct arena *a, const char *answer, const char **out_words)
{
	char *plain = str_trim(utf8_plain(a, answer));
	*out_words = answer;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		size_t n = strlen(verdicts[i].word);
		if (!str_starts(plain, verdicts[i].word) || isalnum((unsigned char)plain[n]))
			continue;
		/* What is behind the first , ; or : is the person's own words. */
		const char *mark = strpbrk(answer, ",;:");
		*out_words = str_trim(arena_strdup(a, mark ? mark + 1 : plain[n] ? answer : ""));
		return verdicts[i].means;
	}
	return UNKNOWN;
}

static const struct state_word *
state_word(struct arena *a, const char *text)
{
	const char *plain = str_trim(utf8_plain(a, text));
	for (size_t i = 0; i < COUNT(state_words); i++)
		if (str_eq(state_words[i].word, plain))
			return &state_words[i];
	return NULL;
}

/* Takes the last part off a line when it is a state word: "Name (muted)" -> "Name". */
static const struct state_word *
take_state(struct arena *a, char *line)
{
	size_t n = strlen(line);
	bool bracket = n && line[n - 1] == ')';
	char *cut = NULL;
	for (char *p = line; *p; p++)
		if (strchr(bracket ? "(" : ",;|\t", *p))
			cut = p;
	if (!cut || cut == line)
		return NULL;
	char *word = arena_strndup(a, cut + 1, strlen(cut + 1) - (bracket ? 1 : 0));
	const struct state_word *found = state_word(a, word);
	if (found) {
		*cut = '\0';
		str_trim(line);
	}
	return found;
}

/* "3. ", "12) ", "- ", "* ", "• " before a name are the paste's, not the name's. */
static char *
without_bullet(char *line)
{
	size_t digits = strspn(line, "0123456789");
	if (digits && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ')
		return str_trim(line + digits + 2);
	if ((*line == '-' || *line == '*') && line[1] == ' ')
		return str_trim(line + 2);
	if (str_starts(line, "\xe2\x80\xa2"))
		return str_trim(line + 3);
	return line;
}

static void
leg_id(struct arena *a, struct leg *leg, const char *name)
{
	str_copy(leg->id, sizeof leg->id, utf8_fold(a, name));
}

void
manual_roster(struct arena *a, const char *pasted, struct roster *out)
{
	VEC(struct leg) legs = { 0 };
	char **lines = str_split(a, pasted, "\r\n", NULL);
	for (size_t i = 0; lines[i] && legs.n < MOST_LEGS; i++) {
		char *line = without_bullet(str_trim(lines[i]));
		const struct state_word *word;
		struct leg leg = { .state = LEG_UP };
		for (int k = 0; k < MOST_WORDS && (word = take_state(a, line)); k++) {
			if (word->state != LEG_UP)
				leg.state = word->state;
			if (word->muted)
				leg.muted = word->muted;
			if (word->state == LEG_GONE) {
				leg.ending.cause = word->cause;
				str_copy(leg.ending.device_words, sizeof leg.ending.device_words,
					word->word);
			}
		}
		line = str_trim(line);
		if (!*line)
			continue;
		str_copy(leg.name, sizeof leg.name, line);
		leg_id(a, &leg, line);
		*vec_add_in(a, &legs) = leg;
	}
	*out = (struct roster){ .legs = legs.at, .n = legs.n };
}

/* ---- the MCU --------------------------------------------------------------------------------- */

static enum err
manual_open(struct task *t, struct lane *l)
{
	return OK;
}

static void
manual_close(struct task *t, struct lane *l)
{
}

static enum err
manual_probe(struct task *t, struct lane *l, struct identity *out)
{
	const char *answer;
	enum err e = ask(t, l, "probe", "which device is it, and is it working", &answer);
	if (e)
		return e;
	*out = (struct identity){ 0 };
	str_copy(out->model, sizeof out->model, answer);
	return OK;
}

static const char *
id_of(struct task *t, const char *verb, const char *what)
{
	return arena_printf(t->arena, "%s:%s", verb, what ? what : "");
}

static enum err
manual_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	const char *answer, *words, *id = id_of(t, "find", conference);
	const char *question = arena_printf(t->arena, "is the conference %s running", conference);
	enum err e = ask(t, l, id, question, &answer);
	if (e)
		return e;
	if (manual_verdict(t->arena, answer, &words) == NO)
		return task_fail(t, ERR_GONE, "%s: no conference %s", l->device->name, conference);
	e = order(t, l, id, question);
	if (e)
		return e;
	*out = (struct conference){ 0 };
	str_copy(out->id, sizeof out->id, conference);
	str_copy(out->name, sizeof out->name, conference);
	return OK;
}

static enum err
manual_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	enum err e = order(t, l, id_of(t, "start", spec->name),
		arena_printf(t->arena, "open the conference %s%s", spec->name,
			spec->muted ? ", everybody muted" : ""));
	if (e)
		return e;
	*out = (struct conference){ .created = true };
	str_copy(out->id, sizeof out->id, spec->name);
	str_copy(out->name, sizeof out->name, spec->name);
	return OK;
}

/* The attempt is part of the id: a second dial is a new question. */
static enum err
manual_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	enum err e = order(t, l,
		arena_printf(t->arena, "dial:%s/%s/%s", c->id, d->site_name,
			d->attempt ? d->attempt : ""),
		arena_printf(t->arena, "call %s into %s at %s", d->site_name, c->name, d->address));
	if (e)
		return e;
	*out = (struct leg){ .state = LEG_DIALING };
	leg_id(t->arena, out, d->site_name);
	str_copy(out->name, sizeof out->name, d->site_name);
	str_copy(out->address, sizeof out->address, d->address);
	return OK;
}

static enum err
manual_list(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	const char *answer;
	enum err e = ask(t, l, id_of(t, "roster", c->id),
		arena_printf(t->arena, "who is in %s: paste the list, one name per line", c->name),
		&answer);
	if (e)
		return e;
	manual_roster(t->arena, answer, out);
	return OK;
}

static const char *
leg_question(struct task *t, const char *verb, const struct conference *c, const struct leg *leg)
{
	return arena_printf(t->arena, "%s:%s/%s", verb, c->id, leg ? leg->id : "all");
}

static enum err
manual_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	const char *answer;
	enum err e = ask(t, l, leg_question(t, "reason", c, leg),
		arena_printf(t->arena, "why did %s leave %s", leg->name, c->name), &answer);
	if (e)
		return e;
	const struct state_word *word = state_word(t->arena, answer);
	*out = (struct ending){ .cause = word ? word->cause : cause_from_name(answer) };
	str_copy(out->device_words, sizeof out->device_words, answer);
	return OK;
}

static enum err
manual_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return order(t, l, leg_question(t, "hangup", c, leg),
		arena_printf(t->arena, "take %s out of %s", leg->name, c->name));
}

static enum err
manual_end(struct task *t, struct lane *l, const struct conference *c)
{
	return order(t, l, id_of(t, "end", c->id),
		arena_printf(t->arena, "end the conference %s", c->name));
}

static enum err
manual_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	return order(t, l, leg_question(t, on ? "mute" : "unmute", c, leg),
		arena_printf(t->arena, "%s %s in %s", on ? "mute" : "unmute", leg->name, c->name));
}

static enum err
manual_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	return order(t, l, arena_printf(t->arena, "layout:%s/%s", c->id, value),
		arena_printf(t->arena, "set the picture of %s to %s", c->name, value));
}

static enum err
manual_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return order(t, l, leg_question(t, "focus", c, leg),
		leg ? arena_printf(t->arena, "show %s large in %s", leg->name, c->name) :
		      arena_printf(t->arena, "back to the normal picture in %s", c->name));
}

static enum err
manual_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	return order(t, l,
		arena_printf(t->arena, "%s/%s", leg_question(t, "message", c, leg), text),
		arena_printf(t->arena, "show or tell %s in %s: %s", leg ? leg->name : "everybody",
			c->name, text));
}

/* ---- the endpoint ---------------------------------------------------------------------------- */

static enum err
endpoint_status_by_person(struct task *t, struct lane *l, struct endpoint_status *out)
{
	const char *answer;
	enum err e =
		ask(t, l, "status", "is the machine in the call, is its microphone on", &answer);
	if (e)
		return e;
	*out = (struct endpoint_status){ 0 };
	struct roster one;
	/* "trong phong, tat mic": the same words as behind a name. */
	manual_roster(t->arena, arena_printf(t->arena, "x;%s", answer), &one);
	const char *words;
	enum tri said = manual_verdict(t->arena, answer, &words);
	if (said) {
		out->in_call = said;
		return OK;
	}
	if (one.n != 1 || !str_eq(one.legs[0].name, "x"))
		return task_fail_as(t, ERR_BUSY, "ask:status",
			"%s: \"%s\" was not understood: in the call or not", l->device->name,
			answer);
	out->in_call = tri_of(one.legs[0].state == LEG_UP);
	out->mic_muted = one.legs[0].muted;
	return OK;
}

static enum err
endpoint_dial_by_person(struct task *t, struct lane *l, const char *address, int kbps)
{
	return order(t, l, id_of(t, "dial", address), arena_printf(t->arena, "dial %s", address));
}

static enum err
endpoint_answer_by_person(struct task *t, struct lane *l)
{
	return order(t, l, "answer", "accept the call");
}

static enum err
endpoint_hangup_by_person(struct task *t, struct lane *l)
{
	return order(t, l, "hangup", "hang up");
}

static enum err
endpoint_mute_by_person(struct task *t, struct lane *l, bool on)
{
	return order(
		t, l, on ? "mute" : "unmute", on ? "mute the microphone" : "unmute the microphone");
}

static enum err
endpoint_message_by_person(struct task *t, struct lane *l, const char *text, int seconds)
{
	return order(
		t, l, id_of(t, "message", text), arena_printf(t->arena, "tell the site: %s", text));
}

/* This is everything we export. No media: a person tells no counters; what the operator judges by
 * eye and ear is settled by hand, with name and reason. */
const struct mcu_adapter manual_mcu_adapter = {
	.name = "manual",
	.title = "A person at the MCU",
	.grade = GRADE_TESTED,
	.evidence = EVIDENCE_END_REASON,
	.open = manual_open,
	.close = manual_close,
	.probe = manual_probe,
	.find = manual_find,
	.start = manual_start,
	.dial = manual_dial,
	.roster = manual_list,
	.reason = manual_reason,
	.hangup = manual_hangup,
	.end = manual_end,
	.mute = manual_mute,
	.layout = manual_layout,
	.focus = manual_focus,
	.message = manual_message,
};

const struct endpoint_adapter manual_endpoint_adapter = {
	.name = "manual",
	.title = "A person at the site",
	.grade = GRADE_TESTED,
	.open = manual_open,
	.close = manual_close,
	.probe = manual_probe,
	.status = endpoint_status_by_person,
	.dial = endpoint_dial_by_person,
	.answer = endpoint_answer_by_person,
	.hangup = endpoint_hangup_by_person,
	.mute = endpoint_mute_by_person,
	.message = endpoint_message_by_person,
};
