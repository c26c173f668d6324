/* What people ask of the daemon through the control socket: looking, and a person's word as an event of a run.
 *
 * Called by the loop for each request line. Owns nothing. Every word is checked here, so that what reaches the journal can
 * be carried out; the person is the peer of the socket, with the name given by --by in front. It must never let a
 * request reach a device past the run. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "advice.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"
#include "incident.h"
#include "outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARGS_MOST = 8, NEXT_SHOWN = 10 };

struct request {
	struct coordinator *c;
	struct control_client *client;
	struct arena *arena;
	const struct json *json;
	const char *verb, *args[ARGS_MOST]; /* "" where not given */
	size_t args_n;
	struct live *live;
	struct err_text e;
};

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

static const char *
option(const struct request *q, const char *name)
{
	const char *text = json_text(q->json, name);
	return text ? text : "";
}

/* Who it is: the name given, with the user of the socket behind it. */
static const char *
person(struct request *q)
{
	const char *by = option(q, "by"), *peer = control_peer(q->client);
	const char *text = by[0] ? arena_printf(q->arena, "%.50s (%.20s)", by, peer) : peer;
	return utf8_repair(q->arena, text, strlen(text));
}

/* ---- which run, which site ---------------------------------------------------------------------------------- */

static struct live *
from_journal(struct request *q, const char *id)
{
	struct live *l;
	struct begun *b = plan_begun(q->c, id);
	if (!b) {
		err_set(&q->e, ERR_INPUT, "no run \"%s\"", id);
		return NULL;
	}
	return live_restore(q->c, b, false, &l, &q->e) == OK ? l : NULL;
}

/* In memory, or (if asked for) read back from the journal: what people settle they mostly settle afterwards. */
static struct live *
find_run(struct request *q, bool ended_too)
{
	const char *word = q->args[0], *id = NULL;
	struct live *found = str_eq(word, "last") || !word[0] ? live_newest(q->c) : live_find(q->c, word);
	for (size_t i = 0; !found && word[0] && i < q->c->lives.n; i++) {
		if (!str_starts(q->c->lives.at[i]->spec->id, word))
			continue;
		found = q->c->lives.at[i];
		for (size_t k = i + 1; k < q->c->lives.n; k++)
			if (str_starts(q->c->lives.at[k]->spec->id, word)) {
				err_set(&q->e, ERR_INPUT, "\"%s\" is the beginning of more than one run", word);
				return NULL;
			}
	}
	if (!found && (!word[0] || str_eq(word, "last")) && !ended_too) {
		err_set(&q->e, ERR_REFUSED, "no run is under way");
		return NULL;
	}
	if (!found && story_find(q->c->reader, word[0] ? word : "last", q->arena, &id, &q->e) != OK)
		return NULL;
	if (found && (!found->ended || ended_too))
		return found;
	if (!ended_too) {
		err_set(&q->e, ERR_REFUSED, "%s has ended", id ? id : found->spec->id);
		return NULL;
	}
	found = live_find(q->c, id);
	return found ? found : from_journal(q, id);
}

/* By id, or by a name as people write it. */
static const char *
find_site(struct request *q, const char *word)
{
	const struct spec *s = q->live->spec;
	const char *folded = utf8_fold(q->arena, word);
	const char **ids = arena_alloc(q->arena, (s->sites_n + 1) * sizeof *ids);
	if (spec_site(s, word, NULL))
		return word;
	for (size_t i = 0; i < s->sites_n; i++) {
		ids[i] = s->sites[i].id;
		if (str_eq(utf8_fold(q->arena, s->sites[i].name), folded))
			return s->sites[i].id;
	}
	const char *near = str_nearest(word, ids);
	err_set(&q->e, ERR_INPUT, near ? "no site \"%s\" in %s, perhaps %s" : "no site \"%s\" in %s%s", word, s->id, near ? near : "");
	return NULL;
}

/* ---- words that steer a run --------------------------------------------------------------------------------- */

static enum err
word_none(struct request *q, struct event *e)
{
	str_copy(e->text, sizeof e->text, option(q, "why"));
	if (e->command == COMMAND_ALLCLEAR && q->live->run->allclear_at)
		return err_set(&q->e, ERR_REFUSED, "the all-clear of %s was already given by %s", q->live->spec->id,
			q->live->run->allclear_by);
	if (e->command == COMMAND_HOLD && json_bool(q->json, "release", false))
		e->command = COMMAND_RELEASE;
	if (e->command == COMMAND_HOLD && q->live->run->held_since)
		return err_set(&q->e, ERR_REFUSED, "%s is held already", q->live->spec->id);
	if (e->command == COMMAND_RELEASE && !q->live->run->held_since)
		return err_set(&q->e, ERR_REFUSED, "%s is not held", q->live->spec->id);
	return OK;
}

static enum err
word_extend(struct request *q, struct event *e)
{
	if (!duration_parse(q->args[1], &e->value) || e->value <= 0 || e->value > (int64_t)12 * 3600 * 1000)
		return err_set(&q->e, ERR_INPUT, "extend by \"%s\": a duration as PT10M, at most PT12H", q->args[1]);
	return OK;
}

static enum err
word_site(struct request *q, struct event *e)
{
	if (e->command == COMMAND_MUTE && json_bool(q->json, "off", false))
		e->command = COMMAND_UNMUTE;
	if ((e->command == COMMAND_MUTE || e->command == COMMAND_UNMUTE) && str_eq(q->args[1], "all"))
		return OK;
	const char *site = find_site(q, q->args[1]);
	if (!site)
		return ERR_INPUT;
	str_copy(e->site, sizeof e->site, site);
	const struct run_site *s = run_site(q->live->run, site);
	if (s->spec->disabled)
		return err_set(&q->e, ERR_REFUSED, "%s cannot be used: %s", site, s->spec->disabled);
	if (e->command == COMMAND_DIAL && s->phase == SITE_UP)
		return err_set(&q->e, ERR_REFUSED, "%s is connected already", site);
	if (e->command == COMMAND_HANGUP && s->phase != SITE_UP && s->phase != SITE_DIALING)
		return err_set(&q->e, ERR_REFUSED, "%s is not connected", site);
	return OK;
}

static enum err
word_message(struct request *q, struct event *e)
{
	const char *site = option(q, "site");
	if (str_empty(q->args[1]))
		return err_set(&q->e, ERR_INPUT, "message: no text");
	if (!str_copy(e->text, sizeof e->text, q->args[1]))
		return err_set(&q->e, ERR_INPUT, "message: longer than %zu bytes", sizeof e->text - 1);
	if (site[0] && !(site = find_site(q, site)))
		return ERR_INPUT;
	str_copy(e->site, sizeof e->site, site);
	return OK;
}

static enum err
word_layout(struct request *q, struct event *e)
{
	const char *mcu = option(q, "mcu");
	bool known = !mcu[0];
	for (size_t i = 0; i < q->live->spec->mcus_n; i++)
		known = known || str_eq(mcu, q->live->spec->mcus[i].name);
	if (!known)
		return err_set(&q->e, ERR_INPUT, "no MCU \"%s\" in %s", mcu, q->live->spec->id);
	if (str_empty(q->args[1]) || strlen(q->args[1]) >= sizeof ((struct order *)0)->layout)
		return err_set(&q->e, ERR_INPUT, "layout \"%s\": not a name of a layout", q->args[1]);
	str_copy(e->text, sizeof e->text, q->args[1]);
	str_copy(e->device, sizeof e->device, mcu);
	return OK;
}

/* What the report would say of this fact now: it stays beside the correction. */
static void
keep_old(struct request *q, struct event *e, const char *site, const char *fact)
{
	struct arena *a = arena_new();
	struct judgement j;
	const char *old = "";
	judge(q->live->run, a, &j);
	for (size_t i = 0; i < j.n; i++) {
		const struct verdict *v = &j.verdicts[i];
		if (!str_eq(v->site->spec->id, site))
			continue;
		if (str_eq(fact, "people"))
			old = v->site->people_actual < 0 ? "unknown" : arena_printf(a, "%d", v->site->people_actual);
		else
			old = str_eq(fact, "fault") ? advice_fault_settled(v) : str_eq(fact, "cause") ? advice_cause_settled(v)
				: tri_name(str_eq(fact, "answered") ? v->answered : v->stayed);
	}
	str_copy(e->word, sizeof e->word, old);
	arena_free(a);
}

static bool
one_of(const char *const *words, const char *word)
{
	for (size_t i = 0; words[i]; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

/* settle RUN SITE FACT=VALUE --why TEXT */
static enum err
word_settle(struct request *q, struct event *e)
{
	static const char *const facts[] = { "left=yes", "left=no", "stayed=yes", "stayed=no", NULL };
	const char *site = find_site(q, q->args[1]), *said = q->args[2];
	bool fault = str_starts(said, "fault="), cause = str_starts(said, "cause=");
	const char *value = fault || cause ? said + strlen("fault=") : "";
	if (!site)
		return ERR_INPUT;
	if (fault && !str_eq(value, "none") && !one_of(advice_faults, value))
		return err_set(&q->e, ERR_INPUT, "settle fault=\"%s\": none, or one of no-connection unattended left-early no-audio "
			"noisy-audio no-video video-delay broken-video drop wrong-network", value);
	if (cause && !one_of(advice_causes, value))
		return err_set(&q->e, ERR_INPUT, "settle cause=\"%s\": one of equipment configuration line power operation coordination",
			value);
	if (!fault && !cause && !one_of(facts, said))
		return err_set(&q->e, ERR_INPUT, "settle \"%s\": one of left=yes left=no stayed=yes stayed=no fault=... cause=...", said);
	if (!option(q, "why")[0])
		return err_set(&q->e, ERR_INPUT, "settle needs --why: how is it known");
	str_copy(e->site, sizeof e->site, site);
	snprintf(e->text, sizeof e->text, "%s: %.250s", said, option(q, "why"));
	keep_old(q, e, site, fault ? "fault" : cause ? "cause" : "stayed");
	return OK;
}

static enum err
word_people(struct request *q, struct event *e)
{
	const char *site = find_site(q, q->args[1]);
	if (!site)
		return ERR_INPUT;
	if (!str_to_int(q->args[2], 0, 100000, &e->value))
		return err_set(&q->e, ERR_INPUT, "people \"%s\": a number of persons", q->args[2]);
	str_copy(e->site, sizeof e->site, site);
	str_copy(e->text, sizeof e->text, option(q, "chair"));
	keep_old(q, e, site, "people");
	return OK;
}

/* called RUN SITE --said TEXT */
static enum err
word_called(struct request *q, struct event *e)
{
	const char *said = option(q, "said"), *site = find_site(q, q->args[1]);
	if (!site)
		return ERR_INPUT;
	if (!said[0])
		return err_set(&q->e, ERR_INPUT, "called needs --said: what the site said");
	if (!str_copy(e->text, sizeof e->text, utf8_repair(q->arena, said, strlen(said))))
		return err_set(&q->e, ERR_INPUT, "called: longer than %zu bytes", sizeof e->text - 1);
	str_copy(e->site, sizeof e->site, site);
	return OK;
}

/* rollcall RUN next | call SITE | pass SITE | repeat SITE */
static enum err
word_roll(struct request *q, struct event *e, enum command command)
{
	const struct run *r = q->live->run;
	e->command = command;
	if (q->live->ended || !r->rolling)
		return err_set(&q->e, ERR_REFUSED, "the roll is not being called in %s", q->live->spec->id);
	if (command == COMMAND_NEXT)
		return OK;
	const char *site = find_site(q, q->args[2]);
	if (!site)
		return ERR_INPUT;
	if (command != COMMAND_PASS && !run_site_up(run_site(r, site)))
		return err_set(&q->e, ERR_REFUSED, "%s is not connected", site);
	str_copy(e->site, sizeof e->site, site);
	return OK;
}

/* rollcall RUN mark SITE yes|no, or a word that leads it */
static enum err
word_mark(struct request *q, struct event *e)
{
	static const struct { const char *word; enum command command; } leads[] = { { "next", COMMAND_NEXT }, { "call", COMMAND_CALL },
		{ "pass", COMMAND_PASS }, { "repeat", COMMAND_REPEAT } };
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
		if (str_eq(q->args[1], leads[i].word))
			return word_roll(q, e, leads[i].command);
	if (!str_eq(q->args[1], "mark"))
		return err_set(&q->e, ERR_INPUT, "rollcall \"%s\": one of next, call, pass, repeat, mark", q->args[1]);
	const char *site = find_site(q, q->args[2]);
	if (!site)
		return ERR_INPUT;
	if (!str_eq(q->args[3], "yes") && !str_eq(q->args[3], "no"))
		return err_set(&q->e, ERR_INPUT, "rollcall mark %s \"%s\": yes (answered) or no", site, q->args[3]);
	if (!option(q, "why")[0])
		return err_set(&q->e, ERR_INPUT, "rollcall mark needs --why: how is it known");
	e->value = str_eq(q->args[3], "yes");
	keep_old(q, e, site, "answered");
	str_copy(e->site, sizeof e->site, site);
	str_copy(e->text, sizeof e->text, option(q, "why"));
	return OK;
}

static const struct word {
	const char *verb;
	enum command command;
	enum err (*check)(struct request *, struct event *);
	bool afterwards; /* also for a run that has ended: the report gets a new revision */
} words[] = {
	{ "allclear", COMMAND_ALLCLEAR, word_none, false },
	{ "hold", COMMAND_HOLD, word_none, false },
	{ "extend", COMMAND_EXTEND, word_extend, false },
	{ "stop", COMMAND_STOP, word_none, false },
	{ "hangup", COMMAND_HANGUP, word_site, false },
	{ "dial", COMMAND_DIAL, word_site, false },
	{ "mute", COMMAND_MUTE, word_site, false },
	{ "message", COMMAND_MESSAGE, word_message, false },
	{ "layout", COMMAND_LAYOUT, word_layout, false },
	{ "settle", COMMAND_SETTLE, word_settle, true },
	{ "people", COMMAND_PEOPLE, word_people, true },
	{ "rollcall", COMMAND_MARK, word_mark, true },
	{ "called", COMMAND_CALLED, word_called, true },
};

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
	live_feed(q->c, q->live, &e);
	if (word->afterwards && q->live->revision)
		q->live->report_wanted = true;
	if (coordinator_commit(q->c))
		people_say(q->client, OK, "%s: %s, by %s", q->live->spec->id, command_name(e.command), e.by);
	else
		people_say(q->client, ERR_SYSTEM, "%s", q->c->why.text);
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

static void
put_next(struct coordinator *c, struct json_out *w)
{
	char when[INSTANT_SIZE];
	size_t shown = 0;
	json_open(w, "next", '[');
	for (size_t i = 0; c->have_plan && i < c->plan.runs_n && shown < NEXT_SHOWN; i++) {
		const struct plan_run *r = &c->plan.runs[i];
		if (r->start <= c->now)
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
		people_say(q->client, ERR_INPUT, "no device \"%s\"; MCUs by name, codecs as site:ID", q->args[0]);
		return;
	}
	const char *key = device_forget_key(q->c, q->args[0], q->arena);
	if (!device_pardon(q->c, q->args[0], control_peer(q->client)))
		people_say(q->client, ERR_REFUSED, "%s is not refused", q->args[0]);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK, "%s may be tried again%s", q->args[0], key);
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
		err_set(&q->e, ERR_INPUT, "an empty answer");
	else
		n = ask_answer(q->c, q->args[0], q->args[1], text, person(q), &q->e);
	if (!n)
		people_say(q->client, q->e.code, "%s", q->e.text);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK, "%s: %zu answer%s, by %s", q->args[0], n, n == 1 ? "" : "s", person(q));
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
	const char *roles = option(q, "to"), *wrong = outbox_roles_wrong(roles, q->arena);
	size_t without = 0, n = 0;
	q->live = wrong ? NULL : find_run(q, true);
	if (wrong)
		err_set(&q->e, ERR_INPUT, "--to %s: of contact, chief, provider, department, upper", wrong);
	else if (q->live && !q->live->revision)
		err_set(&q->e, ERR_REFUSED, "%s has no report yet", q->live->spec->id);
	else if (q->live)
		n = outbox_send(q->c, q->live, roles, json_bool(q->json, "again", false), &without, &q->e);
	if (!n)
		people_say(q->client, q->e.code, "%s", q->e.text);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK, "%s revision %d: %zu letter%s to be sent%s", q->live->spec->id, q->live->revision, n,
			n == 1 ? "" : "s", without ? arena_printf(q->arena, "; %zu recipients without an address", without) : "");
	else
		people_say(q->client, ERR_SYSTEM, "%s", q->c->why.text);
}

/* incident ACTION NUMBER|SITE [TEXT] */
static void
change_incident(struct request *q)
{
	const char *why = option(q, "why"), *text = str_empty(q->args[2]) ? why : q->args[2];
	struct incident_order o = { .action = q->args[0], .word = q->args[1], .text = utf8_repair(q->arena, text, strlen(text)),
		.by = person(q), .fault = option(q, "fault"), .cause = option(q, "cause"), .owner = option(q, "owner") };
	const struct incident *i = incident_order(q->c, &o, q->arena, &q->e);
	if (!i)
		people_say(q->client, q->e.code != OK ? q->e.code : ERR_SYSTEM, "%s", q->e.text);
	else if (coordinator_commit(q->c))
		people_say(q->client, OK, "incident %d: %s, owner %s, by %s", i->number, incident_state(i), i->owner, o.by);
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
	for (const struct json *a = args ? args->first : NULL; a && q->args_n < ARGS_MOST; a = a->next)
		q->args[q->args_n++] = a->text ? a->text : "";
	return q->verb || err_set(&q->e, ERR_INPUT, "a request without a verb") == OK;
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
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_eq(words[i].verb, q.verb))
			word = &words[i];
	if (word)
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
	else if (str_eq(q.verb, "incident"))
		change_incident(&q);
	else if (str_eq(q.verb, "run"))
		plan_begin_by_hand(q.c, q.args[0], json_bool(q.json, "again", false), control_number(client));
	else
		people_say(client, ERR_UNSUPPORTED, "the daemon does not know \"%s\"", q.verb);
	arena_free(q.arena);
}
