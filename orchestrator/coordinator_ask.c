/* What devices operated by people ask, and what people answer.
 *
 * Called by the loop with every answer of a lane, and by the control socket. To a run a person is a
 * slow device: an order that ended with a question stays under way, is kept here, and goes to its
 * device once more when somebody has answered. The answer is a row of its own before it counts; the
 * device reads it from a sheet that never changes (struct sheet). Owns questions, answers and
 * sheets; sheets stay until the end, because a worker may be reading one. After a restart nothing
 * of it is left: the run asks again. It must never answer for a person. */
#include "coordinator_inner.h"

#include "adapters/manual.h"
#include "adapters/wire/json.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Scaled: how long the end of a run waits for somebody to take the conference down. */
enum { END_PATIENCE_MS = 5 * 60 * 1000 };

/* ---- sheets
 * -------------------------------------------------------------------------------------------------
 */

const struct sheet *
ask_sheet(const struct coordinator *c, const char *device)
{
	for (size_t i = c->sheets.n; i > 0; i--)
		if (str_eq(c->sheets.at[i - 1].device, device))
			return c->sheets.at[i - 1].sheet;
	return NULL;
}

/* The next snapshot of what was answered to a device. */
static void
renew(struct coordinator *c, const char *device)
{
	struct sheet *s;
	struct sheet_answer *answers;
	struct device d;
	struct arena *a = arena_new();
	if (!c->ask_arena)
		c->ask_arena = arena_new();
	s = arena_alloc(c->ask_arena, sizeof *s);
	answers = arena_alloc(c->ask_arena, (c->said.n + 1) * sizeof *answers);
	for (size_t i = 0; i < c->said.n; i++)
		if (str_eq(c->said.at[i].device, device))
			answers[s->n++] = (struct sheet_answer){ .question = c->said.at[i].id,
				.answer = c->said.at[i].text };
	s->answers = answers;
	size_t at = 0;
	while (at < c->sheets.n && !str_eq(c->sheets.at[at].device, device))
		at++;
	if (at == c->sheets.n)
		str_copy(vec_add(&c->sheets)->device, sizeof c->sheets.at[at].device, device);
	c->sheets.at[at].sheet = s;
	if (house_device(c->house, device, a, &d)) {
		d.sheet = s;
		lanes_device(c->lanes, &d);
	}
	arena_free(a);
}

static struct said *
said_to(struct coordinator *c, const char *device, const char *id)
{
	for (size_t i = 0; i < c->said.n; i++)
		if (str_eq(c->said.at[i].device, device) && str_eq(c->said.at[i].id, id))
			return &c->said.at[i];
	return NULL;
}

/* Takes answers away; id NULL: of the device those about what was seen. Texts stay with the sheets.
 */
static bool
unsay(struct coordinator *c, const char *device, const char *id)
{
	size_t kept = 0, before = c->said.n;
	for (size_t i = 0; i < before; i++) {
		const struct said *s = &c->said.at[i];
		bool goes = str_eq(s->device, device) &&
			    (id ? str_eq(s->id, id) : s->verb == VERB_ROSTER);
		if (!goes)
			c->said.at[kept++] = *s;
	}
	c->said.n = kept;
	return kept < before;
}

/* ---- questions ------------------------------------------------------------------------------- */

static struct question *
question_of(struct coordinator *c, const struct order *o)
{
	for (size_t i = 0; i < c->questions.n; i++)
		if (c->questions.at[i].order.number == o->number &&
			str_eq(c->questions.at[i].order.run, o->run) &&
			str_eq(c->questions.at[i].order.device, o->device))
			return &c->questions.at[i];
	return NULL;
}

static void
forget(struct coordinator *c, struct question *q)
{
	size_t i = (size_t)(q - c->questions.at);
	free(q->id);
	memmove(q, q + 1, (--c->questions.n - i) * sizeof *q);
}

static void
send_again(struct coordinator *c, struct question *q)
{
	q->sent = true;
	*vec_add(&c->leaving) = q->order;
}

/* An order is done: its answer is used up, and what people saw before it no longer holds. */
static void
used_up(struct coordinator *c, const struct answer *a, struct question *q)
{
	static const bool changes[VERB_N] = {
		[VERB_DIAL] = true, [VERB_HANGUP] = true, [VERB_MUTE] = true, [VERB_END] = true
	};
	const char *device = a->order.device;
	bool renewed = q && verb_acts(a->order.verb) && unsay(c, device, q->id);
	if (changes[a->order.verb] && a->code == OK)
		renewed = unsay(c, device, NULL) || renewed;
	if (q)
		forget(c, q);
	if (renewed)
		renew(c, device);
}

/* The names of a pasted list are those people use: they become the handles a run knows. */
static void
read_names(struct coordinator *c, struct answer *a)
{
	static const char *const nobody[] = { "khong co ai", "khong ai", "chua co ai", "nobody",
		"none", "empty", "trong", NULL };
	struct live *l = live_find(c, a->order.run);
	size_t kept = 0;
	for (size_t i = 0; i < a->roster.n; i++) {
		struct leg leg = a->roster.legs[i];
		const char *plain = utf8_plain(a->arena, leg.name);
		bool none = false;
		for (size_t k = 0; nobody[k]; k++)
			none = none || str_eq(plain, nobody[k]);
		const struct site *site = c->house->have_sites ? sites_match(&c->house->sites,
									 leg.name, a->arena, NULL)
							       : NULL;
		const struct spec_site *spec =
			l && site ? spec_site(l->spec, site->id, NULL) : NULL;
		if (spec) {
			leg.configured = true;
			str_copy(leg.id, sizeof leg.id, utf8_fold(a->arena, spec->name));
			str_copy(leg.name, sizeof leg.name, spec->leg_name);
		}
		if (!none)
			a->roster.legs[kept++] = leg;
	}
	a->roster.n = kept;
}

/* "no: busy" to an order to call tells why, in the words of a list. */
static void
read_refusal(struct coordinator *c, struct answer *a, const struct question *q)
{
	const struct said *s = q ? said_to(c, a->order.device, q->id) : NULL;
	const char *words;
	struct roster one;
	if (!s || a->code != ERR_REFUSED || a->order.verb != VERB_DIAL || a->word[0])
		return;
	if (manual_verdict(a->arena, s->text, &words) != NO)
		return;
	manual_roster(a->arena, arena_printf(a->arena, "x;%s", words), &one);
	if (one.n == 1 && one.legs[0].state == LEG_GONE &&
		one.legs[0].ending.cause != CAUSE_UNKNOWN)
		str_copy(a->word, sizeof a->word, cause_name(one.legs[0].ending.cause));
}

bool
ask_park(struct coordinator *c, struct answer *a)
{
	struct question *q = question_of(c, &a->order);
	if (!a->ask) {
		if (a->code == OK && a->order.verb == VERB_ROSTER && ask_sheet(c, a->order.device))
			read_names(c, a);
		read_refusal(c, a, q);
		if (q || ask_sheet(c, a->order.device))
			used_up(c, a, q);
		return false;
	}
	bool answered = said_to(c, a->order.device, a->ask) != NULL, tried = q && q->sent;
	if (!q) {
		q = vec_add(&c->questions);
		q->number = ++c->asked;
		q->order = a->order;
		q->asked_at = c->now;
	}
	if (!q->id || !str_eq(q->id, a->ask)) {
		free(q->id);
		q->id = xstrdup(a->ask);
	}
	str_copy(q->text, sizeof q->text, a->why);
	q->sent = false;
	if (answered && !tried) { /* it left before the answer came */
		send_again(c, q);
	} else {
		if (answered && unsay(c, a->order.device, a->ask)) /* it was not understood */
			renew(c, a->order.device);
		log_info("coordinator", "question %d: %s", q->number, q->text);
		probe_asked(c, &q->order);
	}
	return true;
}

/* Questions of runs that are over, and an end that nobody makes. */
void
ask_settle(struct coordinator *c)
{
	for (size_t i = c->questions.n; i > 0; i--) {
		struct question *q = &c->questions.at[i - 1];
		struct live *l = q->order.run[0] ? live_find(c, q->order.run) : NULL;
		if (!q->order.run[0] || q->sent)
			continue;
		if (!l || l->run->finished) {
			if (l && l->outstanding)
				l->outstanding--;
			forget(c, q);
		} else if (q->order.verb == VERB_END && c->now > q->asked_at + END_PATIENCE_MS) {
			struct answer *a = answer_new(&q->order);
			a->code = ERR_TIMEOUT;
			struct buf why = { 0 };
			buf_printf(&why, T("nobody answered: %s"), q->text);
			str_copy(a->why, sizeof a->why, buf_str(&why));
			buf_free(&why);
			forget(c, q);
			live_answer(c, a);
			answer_free(a);
			i = c->questions.n + 1; /* the step may have asked for more */
		}
	}
	for (size_t i = c->said.n; i > 0; i--) {
		struct said s = c->said.at[i - 1];
		struct live *l = s.run[0] ? live_find(c, s.run) : NULL;
		if (s.run[0] && (!l || l->run->finished)) {
			c->said.at[i - 1] = c->said.at[--c->said.n];
			renew(c, s.device);
		}
	}
}

void
ask_free(struct coordinator *c)
{
	while (c->questions.n)
		forget(c, &c->questions.at[c->questions.n - 1]);
	vec_free(&c->questions);
	vec_free(&c->said);
	vec_free(&c->sheets);
	arena_free(c->ask_arena);
}

/* ---- answers
 * ------------------------------------------------------------------------------------------------
 */

static void
tell(struct coordinator *c, const struct order *o, const char *id, const char *text, const char *by)
{
	struct live *l = o->run[0] ? live_find(c, o->run) : NULL;
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	struct err_text e = { 0 };
	json_open(&w, NULL, '{');
	json_put_text(&w, "device", o->device);
	json_put_text(&w, "question", id);
	json_put_text(&w, "verb", verb_name(o->verb));
	json_put_int(&w, "number", o->number);
	json_put_text(&w, "answer", text);
	json_put_text(&w, "by", by);
	json_close(&w, '}');
	if (!l)
		coordinator_house_row(c, "answer-by-person", buf_str(&b), NULL);
	else if (!c->broken && journal_append(c->journal, l->spec->id, c->now, "answer-by-person",
				       o->site, buf_str(&b), NULL, &l->last_seq, &e) != OK)
		coordinator_break(c, &e);
	buf_free(&b);
}

static void
say(struct coordinator *c, const struct order *o, const char *id, const char *text)
{
	struct said *s = said_to(c, o->device, id);
	if (!c->ask_arena)
		c->ask_arena = arena_new();
	if (!s) {
		s = vec_add(&c->said);
		str_copy(s->device, sizeof s->device, o->device);
		str_copy(s->run, sizeof s->run, o->run);
		s->id = arena_strdup(c->ask_arena, id);
	}
	s->verb = o->verb;
	s->order = *o;
	s->text = arena_strdup(c->ask_arena, text);
}

/* Who stands in a list was evidently called: the open orders to call them are done. */
static void
called_by_list(struct coordinator *c, const char *device, const char *run, const char *text)
{
	struct arena *a = arena_new();
	struct answer list = { .arena = a, .order = { .verb = VERB_ROSTER } };
	str_copy(list.order.run, sizeof list.order.run, run);
	manual_roster(a, text, &list.roster);
	read_names(c, &list);
	for (size_t i = c->questions.n; i > 0; i--) {
		struct question *q = i <= c->questions.n ? &c->questions.at[i - 1] : NULL;
		if (!q || q->sent || q->order.verb != VERB_DIAL ||
			!str_eq(q->order.device, device) || !str_eq(q->order.run, run))
			continue;
		const char *id = utf8_fold(a, q->order.site_name);
		for (size_t k = 0; k < list.roster.n; k++) {
			if (!str_eq(list.roster.legs[k].id, id))
				continue;
			struct answer *done = answer_new(&q->order);
			done->leg = (struct leg){ .state = LEG_DIALING };
			str_copy(done->leg.id, sizeof done->leg.id, id);
			str_copy(done->leg.name, sizeof done->leg.name, q->order.site_name);
			str_copy(done->leg.address, sizeof done->leg.address, q->order.address);
			forget(c, q);
			live_answer(c, done);
			answer_free(done);
			break;
		}
	}
	arena_free(a);
}

/* A question by its number, its id, or all of a verb; "" is the only open one. */
static bool
is_meant(const struct question *q, const char *device, const char *word)
{
	int64_t number;
	if (q->sent || !str_eq(q->order.device, device))
		return false;
	if (str_empty(word) || str_eq(q->id, word) || str_eq(verb_name(q->order.verb), word))
		return true;
	return str_to_int(word, 1, INT32_MAX, &number) && number == q->number;
}

/* What was seen can be told anew without being asked. */
static bool
anew(struct coordinator *c, const char *device, const char *word, const char *text, const char *by,
	struct err_text *e)
{
	struct said *found = NULL;
	for (size_t i = 0; i < c->said.n; i++) {
		struct said *s = &c->said.at[i];
		if (str_eq(s->device, device) && !verb_acts(s->verb) &&
			(str_eq(s->id, word) || str_eq(verb_name(s->verb), word)))
			found = s;
	}
	if (!found) {
		err_set(e, ERR_REFUSED,
			str_empty(word) ? T("%s asks nothing now%s")
					: T("%s does not ask \"%s\" now"),
			device, word);
		return false;
	}
	struct order o = found->order;
	tell(c, &o, found->id, text, by);
	found->text = arena_strdup(c->ask_arena, text);
	if (o.verb == VERB_ROSTER)
		called_by_list(c, device, o.run, text);
	renew(c, device);
	return true;
}

size_t
ask_answer(struct coordinator *c, const char *device, const char *word, const char *text,
	const char *by, struct err_text *e)
{
	size_t open = 0, done = 0;
	if (!lanes_has(c->lanes, device)) {
		err_set(e, ERR_INPUT, T("no device \"%s\"; MCUs by name, codecs as site:ID"),
			device);
		return 0;
	}
	for (size_t i = 0; i < c->questions.n; i++)
		open += is_meant(&c->questions.at[i], device, word);
	if (open > 1 && str_empty(word)) {
		err_set(e, ERR_INPUT,
			T("%s asks %zu questions: say which one (`tongduyet status` numbers them), "
			  "or all of a kind, as in "
			  "`devices answer %s dial TEXT`"),
			device, open, device);
		return 0;
	}
	if (!open)
		return anew(c, device, word, text, by, e) ? 1 : 0;
	for (size_t i = 0; i < c->questions.n; i++) {
		struct question *q = &c->questions.at[i];
		if (!is_meant(q, device, word))
			continue;
		tell(c, &q->order, q->id, text, by);
		say(c, &q->order, q->id, text);
		send_again(c, q);
		done++;
	}
	for (size_t i = 0; i < c->said.n; i++)
		if (c->said.at[i].verb == VERB_ROSTER && str_eq(c->said.at[i].device, device) &&
			str_eq(c->said.at[i].text, text))
			called_by_list(c, device, c->said.at[i].run, text);
	renew(c, device);
	return done;
}

/* ---- showing
 * ------------------------------------------------------------------------------------------------
 */

void
ask_put(const struct coordinator *c, struct json_out *w)
{
	char when[INSTANT_SIZE];
	json_open(w, "questions", '[');
	for (size_t i = 0; i < c->questions.n; i++) {
		const struct question *q = &c->questions.at[i];
		if (q->sent)
			continue;
		json_open(w, NULL, '{');
		json_put_int(w, "number", q->number);
		json_put_text(w, "device", q->order.device);
		if (q->order.run[0])
			json_put_text(w, "run", q->order.run);
		json_put_text(w, "verb", verb_name(q->order.verb));
		json_put_text(w, "question", q->id);
		json_put_text(w, "text", q->text);
		json_put_text(w, "since", instant_rfc3339(q->asked_at, when));
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* As notes behind those of a snapshot, whose last member they are. */
void
ask_note(const struct coordinator *c, const char *run, struct buf *snapshot)
{
	char when[INSTANT_SIZE];
	if (!str_ends(buf_str(snapshot), "]}"))
		return;
	for (size_t i = 0; i < c->questions.n; i++) {
		const struct question *q = &c->questions.at[i];
		struct buf text = { 0 };
		struct json_out w = { .out = snapshot };
		if (q->sent || !str_eq(q->order.run, run))
			continue;
		snapshot->n -= 2;
		if (snapshot->at[snapshot->n - 1] != '[')
			buf_putc(snapshot, ',');
		buf_printf(&text, "question %d: %s", q->number, q->text);
		json_open(&w, NULL, '{');
		json_put_text(&w, "kind", "question");
		json_put_text(&w, "text", buf_str(&text));
		json_put_text(&w, "at", instant_rfc3339(q->asked_at, when));
		json_close(&w, '}');
		buf_puts(snapshot, "]}");
		buf_free(&text);
	}
}
