/* What people ask of the daemon through the control socket: looking, and a person's word as an
 * event of a run.
 *
 * Called by the loop for each request line. Owns nothing. Words that steer a run are checked in
 * coordinator_words.c; the person is the peer of the socket, with the name given by --by in front.
 * It must never let a request reach a device past the run. */
#include "coordinator_request.h"

#include "adapters/wire/json.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"
#include "incident.h"
#include "outbox.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEXT_SHOWN = 10 };

void
people_say(struct control_client *client, enum err code, const char *fmt, ...)
{
	struct buf text = { 0 }, b = { 0 };
	struct json_out w = { .out = &b };
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	json_open(&w, NULL, '{');
	json_put_text(&w, "code", err_name(code));
	json_put_text(&w, "text", buf_str(&text));
	json_close(&w, '}');
	control_answer(client, buf_str(&b));
	buf_free(&text);
	buf_free(&b);
}

/* In which language the answer is wanted; the house's where it is not said. */
static const char *
lang_of(const struct request *q)
{
	const char *lang = json_text(q->json, "lang");
	return lang ? lang : q->c->house->ws.lang;
}

static const char *
say_command(const struct request *q, enum command command)
{
	static const char *const words[COMMAND_N] = {
		[COMMAND_ALLCLEAR] = T("completion announced"),
		[COMMAND_HOLD] = T("steps held"),
		[COMMAND_RELEASE] = T("steps go on"),
		[COMMAND_EXTEND] = T("later steps moved"),
		[COMMAND_STOP] = T("the run is stopped"),
		[COMMAND_HANGUP] = T("the site is hung up"),
		[COMMAND_DIAL] = T("the site is called"),
		[COMMAND_MUTE] = T("microphone to be closed"),
		[COMMAND_UNMUTE] = T("microphone to be opened"),
		[COMMAND_MARK] = T("roll call recorded"),
		[COMMAND_SETTLE] = T("settled"),
		[COMMAND_PEOPLE] = T("people in the room recorded"),
		[COMMAND_LAYOUT] = T("layout to be set"),
		[COMMAND_FOCUS] = T("the site is put into the picture"),
		[COMMAND_MESSAGE] = T("the text is sent to the screens"),
		[COMMAND_NEXT] = T("the next site is called in the roll call"),
		[COMMAND_CALL] = T("the site is called in the roll call"),
		[COMMAND_PASS] = T("the site is passed over"),
		[COMMAND_REPEAT] = T("the site is called once more"),
		[COMMAND_CALLED] = T("telephone call recorded"),
	};
	const char *word = (unsigned)command < COMMAND_N ? words[command] : NULL;
	return word ? text_get(lang_of(q), word) : command_name(command);
}

/* Who it is: the name given, with the user of the socket behind it. */
static const char *
person(struct request *q)
{
	const char *by = request_option(q, "by"), *peer = control_peer(q->client);
	const char *text =
		by[0] ? arena_printf(q->arena, "%.*s (%.20s)", (int)utf8_cut(by, 50), by, peer)
		      : peer;
	return utf8_repair(q->arena, text, strlen(text));
}

/* ---- which run, which site ------------------------------------------------------------------- */

static struct live *
from_journal(struct request *q, const char *id)
{
	struct live *l;
	struct begun *b = plan_begun(q->c, id);
	if (!b) {
		err_set(&q->e, ERR_INPUT, T("no run \"%s\""), id);
		return NULL;
	}
	return live_restore(q->c, b, false, &l, &q->e) == OK ? l : NULL;
}

/* In memory, or (if asked for) read back from the journal: what people settle they mostly settle
 * afterwards. */
static struct live *
find_run(struct request *q, bool ended_too)
{
	const char *word = q->args[0], *id = NULL;
	struct live *found =
		str_eq(word, "last") || !word[0] ? live_newest(q->c) : live_find(q->c, word);
	for (size_t i = 0; !found && word[0] && i < q->c->lives.n; i++) {
		if (!str_starts(q->c->lives.at[i]->spec->id, word))
			continue;
		found = q->c->lives.at[i];
		for (size_t k = i + 1; k < q->c->lives.n; k++)
			if (str_starts(q->c->lives.at[k]->spec->id, word)) {
				err_set(&q->e, ERR_INPUT,
					T("\"%s\" is the beginning of more than one run"), word);
				return NULL;
			}
	}
	if (!found && (!word[0] || str_eq(word, "last")) && !ended_too) {
		err_set(&q->e, ERR_REFUSED, T("no run is under way"));
		return NULL;
	}
	if (!found && story_find(q->c->reader, word[0] ? word : "last", q->arena, &id, &q->e) != OK)
		return NULL;
	if (found && (!found->ended || ended_too))
		return found;
	if (!ended_too) {
		err_set(&q->e, ERR_REFUSED, T("%s has ended"), id ? id : found->spec->id);
		return NULL;
	}
	found = live_find(q->c, id);
	return found ? found : from_journal(q, id);
}

/* ---- steering -------------------------------------------------------------------------------- */

/* What was understood: the word, the site it is about, and what a correction corrects. */
static const char *
said_back(struct request *q, const struct event *e)
{
	const char *lang = lang_of(q), *word = say_command(q, e->command);
	const struct run_site *s = e->site[0] ? run_site(q->live->run, e->site) : NULL;
	const char *value = e->command == COMMAND_MARK ? (e->value ? "answered=yes" : "answered=no")
			    : e->command == COMMAND_SETTLE
				    ? arena_printf(q->arena, "%.*s", (int)strcspn(e->text, ":"),
					      e->text)
				    : "";
	bool later = e->command == COMMAND_DIAL && s && s->mcu >= 0 &&
		     q->live->run->mcus[s->mcu].phase != MCU_READY;
	struct buf b = { 0 };
	buf_puts(&b, word);
	if (s)
		buf_printf(&b, ": %s (%s)", s->spec->name, e->site);
	if (*value)
		buf_printf(&b, " %s", value);
	if (later)
		buf_puts(&b, text_get(lang, T(" once its MCU answers")));
	if (*value && e->word[0])
		text_printf(&b, lang, T(" (was: %s)"), e->word);
	const char *said = arena_strdup(q->arena, buf_str(&b));
	buf_free(&b);
	return said;
}

static void
steer(struct request *q, const struct word *word)
{
	struct event e = { .kind = EVENT_COMMAND, .command = word->command, .at = q->c->now };
	q->live = find_run(q, word->afterwards);
	if (!q->live || word->check(q, &e) != OK) {
		people_say(q->client, q->e.code, "%s", q->e.text);
		return;
	}
	str_copy(e.by, sizeof e.by, person(q));
	const char *what = said_back(q, &e);
	live_feed(q->c, q->live, &e);
	const char *incidents = e.command == COMMAND_SETTLE
					? incident_settled(q->c, q->live, e.site, q->arena)
					: "";
	if (word->afterwards && q->live->revision)
		q->live->report_wanted = true;
	if (coordinator_commit(q->c))
		people_say(q->client, OK, text_get(lang_of(q), T("%s: %s, by %s%s%s")),
			q->live->spec->id, what, e.by,
			incidents[0] ? text_get(lang_of(q), T("; kept with incident ")) : "",
			incidents);
	else
		people_say(q->client, ERR_SYSTEM, "%s", q->c->why.text);
}

/* By hand, or before the clock was set back: it does not begin once more. */
static bool
has_begun(const struct coordinator *c, const struct plan_run *r)
{
	for (size_t i = 0; i < c->begun.n; i++)
		if (str_eq(c->begun.at[i].key, r->key) && c->begun.at[i].start == r->start)
			return true;
	return false;
}

/* ---- looking --------------------------------------------------------------------------------- */

static void
put_next(struct coordinator *c, struct json_out *w)
{
	char when[INSTANT_SIZE];
	size_t shown = 0;
	json_open(w, "next", '[');
	for (size_t i = 0; c->have_plan && i < c->plan.runs_n && shown < NEXT_SHOWN; i++) {
		const struct plan_run *r = &c->plan.runs[i];
		if (r->start <= c->now || has_begun(c, r))
			continue;
		shown++;
		json_open(w, NULL, '{');
		json_put_text(w, "start", instant_rfc3339(r->start, when));
		json_put_text(w, "key", r->key);
		json_put_text(w, "name", r->name);
		json_put_text(w, "summary", r->summary);
		json_put_int(w, "sites", (int64_t)r->sites.n);
		if (r->disabled)
			json_put_text(w, "disabled", r->disabled);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
look_status(struct request *q)
{
	int64_t written;
	struct coordinator *c = q->c;
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	char when[INSTANT_SIZE];
	json_open(&w, NULL, '{');
	json_put_text(&w, "code", "ok");
	json_put_text(&w, "name", c->house->ws.name);
	json_put_text(&w, "now", instant_rfc3339(c->now, when));
	json_open(&w, "runs", '[');
	for (size_t i = 0; i < c->lives.n; i++) {
		struct buf one = { 0 };
		if (c->lives.at[i]->ended)
			continue;
		report_snapshot(c, c->lives.at[i], &one);
		json_put_raw(&w, NULL, buf_str(&one));
		buf_free(&one);
	}
	json_close(&w, ']');
	put_next(c, &w);
	json_open(&w, "refused", '[');
	for (size_t i = 0; i < c->refusals.n; i++) {
		json_open(&w, NULL, '{');
		json_put_text(&w, "device", c->refusals.at[i].device);
		json_put_text(&w, "word", c->refusals.at[i].word);
		json_put_text(&w, "why", c->refusals.at[i].why);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	ask_put(c, &w);
	json_put_int(&w, "faults", (int64_t)c->house->faults.n);
	if ((written = coordinator_clock_behind(c)))
		json_put_text(&w, "clock_behind", instant_rfc3339(written, when));
	json_close(&w, '}');
	control_answer(q->client, buf_str(&b));
	buf_free(&b);
}

static void
look_watch(struct request *q)
{
	q->live = find_run(q, false);
	if (!q->live) {
		people_say(q->client, q->e.code, "%s", q->e.text);
		return;
	}
	struct buf b = { 0 };
	people_say(q->client, OK, "%s", q->live->spec->id);
	control_subscribe(q->client, q->live->spec->id);
	report_snapshot(q->c, q->live, &b);
	control_answer(q->client, buf_str(&b));
	buf_free(&b);
}

static void
pardon(struct request *q)
{
	if (!lanes_has(q->c->lanes, q->args[0])) {
		people_say(q->client, ERR_INPUT,
			T("no device \"%s\"; MCUs by name, codecs as site:ID"), q->args[0]);
		return;
	}
	const char *key = device_forget_key(q->c, q->args[0], q->arena);
	if (!device_pardon(q->c, q->args[0], control_peer(q->client)))
		people_say(q->client, ERR_REFUSED, T("%s is not refused"), q->args[0]);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK, text_get(lang_of(q), T("%s may be tried again%s")),
			q->args[0], key);
	else
		people_say(q->client, ERR_SYSTEM, "%s", q->c->why.text);
}

/* devices answer NAME QUESTION TEXT */
static void
answer_question(struct request *q)
{
	const char *text = str_trim(utf8_repair(q->arena, q->args[2], strlen(q->args[2])));
	size_t n = 0;
	if (str_empty(text))
		err_set(&q->e, ERR_INPUT, T("an empty answer"));
	else
		n = ask_answer(q->c, q->args[0], q->args[1], text, person(q), &q->e);
	if (!n)
		people_say(q->client, q->e.code, "%s", q->e.text);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK, text_get(lang_of(q), T("%s: %zu answered, by %s")),
			q->args[0], n, person(q));
	else
		people_say(q->client, ERR_SYSTEM, "%s", q->c->why.text);
}

/* devices --probe [NAME]: answered when all devices have. */
static void
probe(struct request *q)
{
	if (!probe_begin(q->c, q->args[0], control_number(q->client), &q->e))
		people_say(q->client, q->e.code, "%s", q->e.text);
}

/* report RUN --send */
static void
send_report(struct request *q)
{
	const char *roles = request_option(q, "to"), *wrong = outbox_roles_wrong(roles, q->arena);
	size_t without = 0, n = 0;
	q->live = wrong ? NULL : find_run(q, true);
	if (wrong)
		err_set(&q->e, ERR_INPUT,
			T("--to %s: of contact, chief, provider, department, upper"), wrong);
	else if (q->live && !q->live->revision)
		err_set(&q->e, ERR_REFUSED, T("%s has no report yet"), q->live->spec->id);
	else if (q->live)
		n = outbox_send(
			q->c, q->live, roles, json_bool(q->json, "again", false), &without, &q->e);
	if (!n)
		people_say(q->client, q->e.code, "%s", q->e.text);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK,
			text_get(lang_of(q),
				T("%s, revision %d: letters to be sent: %zu; recipients "
				  "without an address: %zu")),
			q->live->spec->id, q->live->revision, n, without);
	else
		people_say(q->client, ERR_SYSTEM, "%s", q->c->why.text);
}

/* A cause confirmed at the desk of incidents changes no report by itself: it may be sent already.
 */
static const char *
report_hint(struct request *q, const struct incident_order *o, const struct incident *i)
{
	const char *run = incident_run(i);
	if (!str_eq(o->action, "fix") || !o->cause[0] || !run[0] || str_empty(i->site))
		return "";
	struct buf b = { 0 };
	text_printf(&b, lang_of(q),
		T("; the report of that run keeps its cause until `settle %s %s cause=%s --why "
		  "...`"),
		run, i->site, o->cause);
	const char *hint = arena_strdup(q->arena, buf_str(&b));
	buf_free(&b);
	return hint;
}

/* incident ACTION NUMBER|SITE [TEXT] */
static void
change_incident(struct request *q)
{
	const char *why = request_option(q, "why"),
		   *text = str_empty(q->args[2]) ? why : q->args[2];
	struct incident_order o = { .action = q->args[0],
		.word = q->args[1],
		.text = utf8_repair(q->arena, text, strlen(text)),
		.by = person(q),
		.fault = request_option(q, "fault"),
		.cause = request_option(q, "cause"),
		.owner = request_option(q, "owner") };
	const struct incident *i = incident_order(q->c, &o, q->arena, &q->e);
	if (!i)
		people_say(q->client, q->e.code != OK ? q->e.code : ERR_SYSTEM, "%s", q->e.text);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK,
			text_get(lang_of(q), T("incident %d: %s, owner %s, by %s%s")), i->number,
			incident_say_state(lang_of(q), i), i->owner, o.by, report_hint(q, &o, i));
	else
		people_say(q->client, ERR_SYSTEM, "%s", q->c->why.text);
}

static bool
read_request(struct request *q, const char *line)
{
	if (json_parse(q->arena, line, strlen(line), &q->json, &q->e) != OK)
		return false;
	q->verb = json_text(q->json, "verb");
	const struct json *args = json_get(q->json, "args");
	for (size_t i = 0; i < ARGS_MOST; i++)
		q->args[i] = "";
	for (const struct json *a = args ? args->first : NULL; a && q->args_n < ARGS_MOST;
		a = a->next)
		q->args[q->args_n++] = a->text ? a->text : "";
	return q->verb || err_set(&q->e, ERR_INPUT, T("a request without a verb")) == OK;
}

void
people_request(struct control_client *client, const char *line, void *coordinator)
{
	struct request q = { .c = coordinator, .client = client, .arena = arena_new() };
	const struct word *word = NULL;
	if (!read_request(&q, line)) {
		people_say(client, q.e.code, "%s", q.e.text);
		arena_free(q.arena);
		return;
	}
	if ((word = word_find(q.verb)))
		steer(&q, word);
	else if (str_eq(q.verb, "status"))
		look_status(&q);
	else if (str_eq(q.verb, "watch"))
		look_watch(&q);
	else if (str_eq(q.verb, "pardon"))
		pardon(&q);
	else if (str_eq(q.verb, "probe"))
		probe(&q);
	else if (str_eq(q.verb, "answer"))
		answer_question(&q);
	else if (str_eq(q.verb, "send"))
		send_report(&q);
	else if (str_eq(q.verb, "import"))
		import_begin(q.c, q.args[0], q.args[1], json_bool(q.json, "replace", false),
			person(&q), control_number(client));
	else if (str_eq(q.verb, "incident"))
		change_incident(&q);
	else if (str_eq(q.verb, "run"))
		plan_begin_by_hand(
			q.c, q.args[0], json_bool(q.json, "again", false), control_number(client));
	else
		people_say(client, ERR_UNSUPPORTED, T("the daemon does not know \"%s\""), q.verb);
	arena_free(q.arena);
}
