/* The words by which people steer a run, as events: each is checked here, so that what reaches the
 * journal can be carried out.
 *
 * Called for each such request. Owns nothing. It must never let a correction pass without a reason,
 * or lose what it corrects. */
#include "coordinator_request.h"

#include "adapters/wire/json.h"
#include "advice.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

const char *
request_option(const struct request *q, const char *name)
{
	const char *text = json_text(q->json, name);
	return text ? text : "";
}

/* Without marks, capitals, hyphens and the kind of place: "Xã Tân Đoàn", "tan-doan" -> "tan doan".
 */
static const char *
bare(struct arena *a, const char *name)
{
	static const char *const kinds[] = { "diem cau ", "ubnd ", "xa ", "phuong ", "thi tran " };
	char *plain = utf8_plain(a, name);
	for (char *p = plain; *p; p++)
		if (*p == '-' || *p == '_')
			*p = ' ';
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_starts(plain, kinds[i]) && plain[strlen(kinds[i])])
			plain += strlen(kinds[i]);
	return plain;
}

/* The only site that is called so when marks are left out; NULL: none, or the error says which. */
static const char *
find_bare(struct request *q, const char *word)
{
	const struct spec *s = q->live->spec;
	const char *typed = bare(q->arena, word), *found = NULL, *all = "";
	size_t n = 0;
	for (size_t i = 0; i < s->sites_n && *typed; i++)
		if (str_eq(bare(q->arena, s->sites[i].name), typed) ||
			str_eq(bare(q->arena, s->sites[i].id), typed)) {
			found = s->sites[i].id;
			all = arena_printf(q->arena, "%s%s%s", all, n++ ? ", " : "", found);
		}
	if (n > 1)
		err_set(&q->e, ERR_INPUT, T("\"%s\" may be any of these: %s"), word, all);
	return n == 1 ? found : NULL;
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
	const char *only = find_bare(q, word);
	if (only || q->e.code != OK)
		return only;
	const char *near = str_nearest(word, ids);
	err_set(&q->e, ERR_INPUT,
		near ? T("no site \"%s\" in %s, perhaps %s") : T("no site \"%s\" in %s%s"), word,
		s->id, near ? near : "");
	return NULL;
}

/* Its conference is taken down: there is nothing left to steer. */
static bool
is_closing(struct request *q)
{
	return q->live->run->closing &&
	       err_set(&q->e, ERR_REFUSED, T("%s is over, its report follows"), q->live->spec->id);
}

static enum err
word_none(struct request *q, struct event *e)
{
	str_copy(e->text, sizeof e->text, request_option(q, "why"));
	if (e->command != COMMAND_STOP && is_closing(q))
		return ERR_REFUSED;
	if (e->command == COMMAND_ALLCLEAR && q->live->run->allclear_at)
		return err_set(&q->e, ERR_REFUSED, T("the all-clear of %s was already given by %s"),
			q->live->spec->id, q->live->run->allclear_by);
	if (e->command == COMMAND_HOLD && json_bool(q->json, "release", false))
		e->command = COMMAND_RELEASE;
	if (e->command == COMMAND_HOLD && q->live->run->held_since)
		return err_set(&q->e, ERR_REFUSED, T("%s is held already"), q->live->spec->id);
	if (e->command == COMMAND_RELEASE && !q->live->run->held_since)
		return err_set(&q->e, ERR_REFUSED, T("%s is not held"), q->live->spec->id);
	return OK;
}

static enum err
word_extend(struct request *q, struct event *e)
{
	if (!duration_parse(q->args[1], &e->value) || e->value <= 0 ||
		e->value > (int64_t)12 * 3600 * 1000)
		return err_set(&q->e, ERR_INPUT,
			T("extend by \"%s\": a duration as PT10M, at most PT12H"), q->args[1]);
	str_copy(e->text, sizeof e->text, request_option(q, "why"));
	return is_closing(q) ? ERR_REFUSED : OK;
}

/* Refused at once where none of the MCUs that are meant can do it or is there, rather than noted
 * later or lost. */
static enum err
some_can(struct request *q, const char *mcu, const char *what, enum operation operation)
{
	const struct live *l = q->live;
	bool can = false;
	for (size_t i = 0; i < l->spec->mcus_n; i++) {
		const struct spec_mcu *m = &l->spec->mcus[i];
		const struct mcu_adapter *a = mcu_adapter_find(m->adapter);
		if ((!str_empty(mcu) && !str_eq(mcu, m->name)) ||
			(a && !(mcu_adapter_can(a) & operation)))
			continue;
		if (l->run->mcus[i].phase == MCU_READY)
			return OK;
		can = true;
	}
	if (can)
		return err_set(&q->e, ERR_REFUSED, "%s: %s", what,
			str_empty(mcu) ? T("no MCU of this run is connected now")
				       : arena_printf(q->arena, T("%s is not connected now"), mcu));
	return err_set(&q->e, ERR_UNSUPPORTED, T("%s: %s cannot do that"), what,
		str_empty(mcu) ? "no MCU of this run" : mcu);
}

/* The site is connected, and its MCU can do it. */
static enum err
its_mcu_can(struct request *q, const char *site, const char *what, enum operation operation)
{
	const struct run_site *s = run_site(q->live->run, site);
	if (s->phase != SITE_UP)
		return err_set(&q->e, ERR_REFUSED, T("%s is not connected"), site);
	return some_can(
		q, s->mcu >= 0 ? q->live->spec->mcus[s->mcu].name : "", what, operation);
}

static enum err
word_site(struct request *q, struct event *e)
{
	if (e->command == COMMAND_MUTE && json_bool(q->json, "off", false))
		e->command = COMMAND_UNMUTE;
	bool mute = e->command == COMMAND_MUTE || e->command == COMMAND_UNMUTE;
	if (mute && str_eq(q->args[1], "all"))
		return some_can(q, "", "mute", CAN_MUTE);
	const char *site = find_site(q, q->args[1]);
	if (!site)
		return ERR_INPUT;
	str_copy(e->site, sizeof e->site, site);
	const struct run_site *s = run_site(q->live->run, site);
	if (s->spec->disabled)
		return err_set(
			&q->e, ERR_REFUSED, T("%s cannot be used: %s"), site, s->spec->disabled);
	if (e->command == COMMAND_DIAL && s->phase == SITE_UP)
		return err_set(&q->e, ERR_REFUSED, T("%s is connected already"), site);
	if (e->command == COMMAND_DIAL && s->mcu >= 0 && !s->spec->mcu2 &&
		q->live->run->mcus[s->mcu].phase == MCU_REFUSED)
		return err_set(&q->e, ERR_REFUSED, T("%s cannot be dialled: %s refused us"), site,
			q->live->spec->mcus[s->mcu].name);
	if (e->command == COMMAND_DIAL && q->live->run->closing)
		return err_set(&q->e, ERR_REFUSED, T("%s is over, nobody is dialled any more"),
			q->live->spec->id);
	if (e->command == COMMAND_HANGUP && s->phase != SITE_UP && s->phase != SITE_DIALING &&
		!s->next_dial)
		return err_set(
			&q->e, ERR_REFUSED, T("%s is neither connected nor to be dialled"), site);
	return mute ? its_mcu_can(q, site, "mute", CAN_MUTE) : OK;
}

static enum err
word_focus(struct request *q, struct event *e)
{
	const char *id = q->args[1];
	if (str_eq(id, "normal"))
		return some_can(q, "", "focus", CAN_FOCUS);
	if (!(id = find_site(q, id)))
		return ERR_INPUT;
	str_copy(e->site, sizeof e->site, id);
	return its_mcu_can(q, id, "focus", CAN_FOCUS);
}

static enum err
word_message(struct request *q, struct event *e)
{
	const char *site = request_option(q, "site");
	if (str_empty(q->args[1]))
		return err_set(&q->e, ERR_INPUT, T("message: no text"));
	if (!str_copy(e->text, sizeof e->text, q->args[1]))
		return err_set(
			&q->e, ERR_INPUT, T("message: longer than %zu bytes"), sizeof e->text - 1);
	if (site[0] && !(site = find_site(q, site)))
		return ERR_INPUT;
	str_copy(e->site, sizeof e->site, site);
	return site[0] ? its_mcu_can(q, site, "message", CAN_MESSAGE)
		       : some_can(q, "", "message", CAN_MESSAGE);
}

/* Of the MCUs that are meant, at least one could have a layout of that name. */
static enum err
some_has_layout(struct request *q, const char *mcu)
{
	const struct live *l = q->live;
	const struct mcu_adapter *without = NULL;
	for (size_t i = 0; i < l->spec->mcus_n; i++) {
		const struct spec_mcu *m = &l->spec->mcus[i];
		const struct mcu_adapter *a = mcu_adapter_find(m->adapter);
		if ((!str_empty(mcu) && !str_eq(mcu, m->name)) || !a || !a->layout ||
			l->run->mcus[i].phase != MCU_READY)
			continue;
		if (!a->has_layout || a->has_layout(q->args[1]))
			return OK;
		without = a;
	}
	return err_set(&q->e, ERR_UNSUPPORTED, T("layout: %s has no layout \"%s\"; it knows %s"),
		without ? without->name : "no MCU of this run", q->args[1],
		without && without->layouts ? without->layouts : "none");
}

static enum err
word_layout(struct request *q, struct event *e)
{
	const char *mcu = request_option(q, "mcu");
	bool known = !mcu[0];
	for (size_t i = 0; i < q->live->spec->mcus_n; i++)
		known = known || str_eq(mcu, q->live->spec->mcus[i].name);
	if (!known)
		return err_set(&q->e, ERR_INPUT, "no MCU \"%s\" in %s", mcu, q->live->spec->id);
	if (str_empty(q->args[1]) || strlen(q->args[1]) >= sizeof((struct order *)0)->layout)
		return err_set(
			&q->e, ERR_INPUT, T("layout \"%s\": not a name of a layout"), q->args[1]);
	str_copy(e->text, sizeof e->text, q->args[1]);
	str_copy(e->device, sizeof e->device, mcu);
	return some_can(q, mcu, "layout", CAN_LAYOUT) == OK ? some_has_layout(q, mcu) : q->e.code;
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
			old = v->site->people_actual < 0
				      ? "unknown"
				      : arena_printf(a, "%d", v->site->people_actual);
		else
			old = str_eq(fact, "fault") ? advice_fault_settled(v)
			      : str_eq(fact, "cause")
				      ? advice_cause_settled(v)
				      : tri_name(
						str_eq(fact, "answered") ? v->answered : v->stayed);
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
	static const char *const facts[] = { "left=yes", "left=no", "stayed=yes", "stayed=no",
		NULL };
	const char *site = find_site(q, q->args[1]), *said = q->args[2];
	bool fault = str_starts(said, "fault="), cause = str_starts(said, "cause=");
	const char *value = fault || cause ? said + strlen("fault=") : "";
	if (!site)
		return ERR_INPUT;
	if (fault && !str_eq(value, "none") && !one_of(advice_faults, value))
		return err_set(&q->e, ERR_INPUT,
			T("settle fault=\"%s\": none, or one of no-connection unattended "
			  "left-early "
			  "no-audio "
			  "noisy-audio no-video video-delay broken-video drop wrong-network"),
			value);
	if (cause && !one_of(advice_causes, value))
		return err_set(&q->e, ERR_INPUT,
			T("settle cause=\"%s\": one of equipment configuration line power "
			  "operation "
			  "coordination"),
			value);
	if (!fault && !cause && !one_of(facts, said))
		return err_set(&q->e, ERR_INPUT,
			T("settle \"%s\": one of left=yes left=no stayed=yes stayed=no fault=... "
			  "cause=..."),
			said);
	if (!request_option(q, "why")[0])
		return err_set(&q->e, ERR_INPUT, T("settle needs --why: how is it known"));
	if (!fault && !cause && !run_site(q->live->run, site)->first_up)
		return err_set(&q->e, ERR_REFUSED,
			T("%s was never connected: whether it left cannot be settled"), site);
	str_copy(e->site, sizeof e->site, site);
	const char *why = request_option(q, "why");
	str_copy(e->text, sizeof e->text,
		arena_printf(q->arena, "%s: %.*s", said, (int)utf8_cut(why, 250), why));
	keep_old(q, e, site, fault ? "fault" : cause ? "cause" : "stayed");
	bool left = str_eq(said, "left=yes") || str_eq(said, "stayed=no");
	if (left && str_eq(e->word, "yes") && !run_site(q->live->run, site)->settled_present)
		return err_set(&q->e, ERR_REFUSED,
			T("%s was seen there to the end: that is known, and not to be settled"),
			site);
	return OK;
}

static enum err
word_people(struct request *q, struct event *e)
{
	const char *site = find_site(q, q->args[1]);
	if (!site)
		return ERR_INPUT;
	if (!str_to_int(q->args[2], 0, 100000, &e->value))
		return err_set(
			&q->e, ERR_INPUT, T("people \"%s\": a number of persons"), q->args[2]);
	str_copy(e->site, sizeof e->site, site);
	str_copy(e->text, sizeof e->text, request_option(q, "chair"));
	keep_old(q, e, site, "people");
	return OK;
}

/* called RUN SITE --said TEXT */
static enum err
word_called(struct request *q, struct event *e)
{
	const char *said = request_option(q, "said"), *site = find_site(q, q->args[1]);
	if (!site)
		return ERR_INPUT;
	if (!said[0])
		return err_set(&q->e, ERR_INPUT, T("called needs --said: what the site said"));
	if (!str_copy(e->text, sizeof e->text, utf8_repair(q->arena, said, strlen(said))))
		return err_set(
			&q->e, ERR_INPUT, T("called: longer than %zu bytes"), sizeof e->text - 1);
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
		return err_set(&q->e, ERR_REFUSED, T("the roll is not being called in %s"),
			q->live->spec->id);
	bool unnamed = command != COMMAND_CALL && str_empty(q->args[2]);
	const struct run_site *meant = command == COMMAND_NEXT ? run_roll_next(r)
				       : unnamed	       ? run_roll_now(r)
							       : NULL;
	if (command == COMMAND_NEXT && !meant)
		return err_set(&q->e, ERR_REFUSED,
			T("nobody is left to be called; `rollcall %s repeat SITE` calls one again"),
			q->live->spec->id);
	if (unnamed && !meant)
		return err_set(&q->e, ERR_INPUT,
			T("rollcall %s: which site? Nobody, or more than "
			  "one, is being called just now"),
			command_name(command));
	const char *site = meant ? meant->spec->id : find_site(q, q->args[2]);
	if (!site)
		return ERR_INPUT;
	if (command != COMMAND_PASS && !run_site_up(run_site(r, site)))
		return err_set(&q->e, ERR_REFUSED, T("%s is not connected"), site);
	str_copy(e->site, sizeof e->site, site);
	return command == COMMAND_PASS ? OK : its_mcu_can(q, site, "rollcall", CAN_MUTE);
}

/* rollcall RUN mark SITE yes|no, or a word that leads it */
static enum err
word_mark(struct request *q, struct event *e)
{
	static const struct {
		const char *word;
		enum command command;
	} leads[] = { { "next", COMMAND_NEXT }, { "call", COMMAND_CALL }, { "pass", COMMAND_PASS },
		{ "repeat", COMMAND_REPEAT } };
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
		if (str_eq(q->args[1], leads[i].word))
			return word_roll(q, e, leads[i].command);
	if (!str_eq(q->args[1], "mark"))
		return err_set(&q->e, ERR_INPUT,
			T("rollcall \"%s\": one of next, call, pass, repeat, mark"), q->args[1]);
	const char *site = find_site(q, q->args[2]);
	if (!site)
		return ERR_INPUT;
	if (!str_eq(q->args[3], "yes") && !str_eq(q->args[3], "no"))
		return err_set(&q->e, ERR_INPUT, T("rollcall mark %s \"%s\": yes (answered) or no"),
			site, q->args[3]);
	if (!request_option(q, "why")[0])
		return err_set(&q->e, ERR_INPUT, T("rollcall mark needs --why: how is it known"));
	if (!run_site(q->live->run, site)->first_up)
		return err_set(&q->e, ERR_REFUSED,
			T("%s was never connected: it could not be called; what it said on the "
			  "telephone is kept by `called`"),
			site);
	e->value = str_eq(q->args[3], "yes");
	keep_old(q, e, site, "answered");
	str_copy(e->site, sizeof e->site, site);
	str_copy(e->text, sizeof e->text, request_option(q, "why"));
	return OK;
}

static const struct word words[] = {
	{ "allclear", COMMAND_ALLCLEAR, word_none, false },
	{ "hold", COMMAND_HOLD, word_none, false },
	{ "extend", COMMAND_EXTEND, word_extend, false },
	{ "stop", COMMAND_STOP, word_none, false },
	{ "hangup", COMMAND_HANGUP, word_site, false },
	{ "dial", COMMAND_DIAL, word_site, false },
	{ "mute", COMMAND_MUTE, word_site, false },
	{ "message", COMMAND_MESSAGE, word_message, false },
	{ "layout", COMMAND_LAYOUT, word_layout, false },
	{ "focus", COMMAND_FOCUS, word_focus, false },
	{ "settle", COMMAND_SETTLE, word_settle, true },
	{ "people", COMMAND_PEOPLE, word_people, true },
	{ "rollcall", COMMAND_MARK, word_mark, true },
	{ "called", COMMAND_CALLED, word_called, true },
};

const struct word *
word_find(const char *verb)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_eq(words[i].verb, verb))
			return &words[i];
	return NULL;
}
