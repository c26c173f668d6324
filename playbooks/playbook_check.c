/* What a schema cannot say about a playbook: steps in order, a conference before a call, room for
 * at least one call, words of selectors, an all-clear that can be given. Every fault in one pass,
 * each at its own line.
 *
 * Called by playbook.c only. Pure: reads the steps, adds faults. Must never judge a value that the
 * schema refused already (given->faulty): one mistake, one fault. */
#include "playbooks/playbook_check.h"

#include "base/instant.h"
#include "base/str.h"

#include <string.h>

struct check {
	const struct playbook *p;
	const struct given *given;
	struct faults *faults;
};

struct text {
	char s[INSTANT_SIZE];
};

static struct text
iso(int64_t ms)
{
	struct text t;
	duration_iso(ms, t.s);
	return t;
}

#define FAULT(c, step, ...) faults_add((c)->faults, (c)->p->file, (step)->line, __VA_ARGS__)

/* First step of a kind before number `before` (or anywhere with p->n), or NULL. */
static const struct step *
find(const struct check *c, enum step_kind kind, size_t before)
{
	for (size_t i = 0; i < before; i++) {
		if (c->p->steps[i].kind == kind)
			return &c->p->steps[i];
	}
	return NULL;
}

static void
check_order(const struct check *c)
{
	const struct step *last = NULL;
	for (size_t i = 0; i < c->p->n; i++) {
		const struct step *s = &c->p->steps[i];
		if (!c->given[i].at)
			continue;
		if (last && s->at_ms < last->at_ms)
			FAULT(c, s,
				T("<%s> at %s stands after <%s> at %s of line %d: write the steps "
				  "in "
				  "the "
				  "order of at"),
				step_name(s->kind), iso(s->at_ms).s, step_name(last->kind),
				iso(last->at_ms).s, last->line);
		else
			last = s;
	}
}

static bool
needs_conference(enum step_kind k)
{
	switch (k) {
	case STEP_DIAL:
	case STEP_VERIFY:
	case STEP_ROLLCALL:
	case STEP_MESSAGE:
	case STEP_MUTE:
	case STEP_LAYOUT:
	case STEP_FOCUS:
	case STEP_WATCH:
	case STEP_RETEST:
	case STEP_CLOSE: return true;
	case STEP_OPEN:
	case STEP_ESCALATE:
	case STEP_ALLCLEAR:
	case STEP_REPORT:
	case STEP_N: return false;
	}
	return false;
}

/* Which step may come when. */
static void
check_sequence(const struct check *c)
{
	const struct step *dial = find(c, STEP_DIAL, c->p->n);
	for (size_t i = 0; i < c->p->n; i++) {
		const struct step *s = &c->p->steps[i];
		const struct step *same = find(c, s->kind, i), *close = find(c, STEP_CLOSE, i);
		if (same &&
			(s->kind == STEP_OPEN || s->kind == STEP_CLOSE || s->kind == STEP_ALLCLEAR))
			FAULT(c, s, T("a second <%s>: the first is in line %d"), step_name(s->kind),
				same->line);
		else if (close && (needs_conference(s->kind) || s->kind == STEP_ALLCLEAR))
			FAULT(c, s,
				T("<%s> after <close> of line %d: nobody is connected any more"),
				step_name(s->kind), close->line);
		else if (needs_conference(s->kind) && !find(c, STEP_OPEN, i))
			FAULT(c, s, T("<%s> before <open>: there is no conference yet"),
				step_name(s->kind));
		else if (dial && dial > s &&
			 (s->kind == STEP_VERIFY || s->kind == STEP_ROLLCALL ||
				 s->kind == STEP_RETEST))
			FAULT(c, s, T("<%s> before <dial> of line %d: nobody has been called yet"),
				step_name(s->kind), dial->line);
	}
}

static void
check_ids(const struct check *c)
{
	for (size_t i = 0; i < c->p->n; i++) {
		const struct step *s = &c->p->steps[i];
		for (size_t k = 0; *s->id && k < i; k++) {
			if (!str_eq(s->id, c->p->steps[k].id))
				continue;
			FAULT(c, s, T("id \"%s\" is used already in line %d"), s->id,
				c->p->steps[k].line);
			break;
		}
	}
}

/* A word that is nearly a keyword but is none. Short words may be ids of sites: only a slip of one
 * letter counts. */
static const char *
nearly(const char *word)
{
	static const char *const keywords[] = { "invited", "all", "failed", "absent" };
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
		if (str_eq(word, keywords[i]))
			return NULL;
	}
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
		size_t n = strlen(keywords[i]);
		if (str_eq_nocase(word, keywords[i]) ||
			(n > 3 && str_distance(word, keywords[i], 3) <= 2))
			return keywords[i];
	}
	return str_eq(word, "al") || str_eq(word, "alls") ? "all" : NULL;
}

static void
check_group(const struct check *c, const struct step *s, char *word, char *colon)
{
	static const char *const prefixes[] = { "tier", "district", "group", NULL };
	static const char *const tiers[] = { "central", "province", "commune", "other", NULL };
	*colon = 0;
	const char *value = colon + 1;
	bool known = false;
	for (int i = 0; prefixes[i]; i++)
		known |= str_eq(word, prefixes[i]);
	if (!known)
		FAULT(c, s, T("sites: unknown selector \"%s:\"%s"), word,
			faults_hint(c->faults, word, prefixes));
	else if (!*value)
		FAULT(c, s, T("sites: \"%s:\" without a name behind it"), word);
	else if (str_eq(word, "tier")) {
		known = false;
		for (int i = 0; tiers[i]; i++)
			known |= str_eq(value, tiers[i]);
		if (!known)
			FAULT(c, s, T("sites: unknown tier \"%s\"%s"), value,
				faults_hint(c->faults, value, tiers));
	}
}

static void
check_sites(const struct check *c)
{
	for (size_t i = 0; i < c->p->n; i++) {
		const struct step *s = &c->p->steps[i];
		char **words = str_split(c->faults->arena, s->sites, " ,;", NULL);
		for (; *words; words++) {
			char *colon = strchr(*words, ':');
			const char *meant = colon ? NULL : nearly(*words);
			if (colon)
				check_group(c, s, *words, colon);
			else if (meant)
				FAULT(c, s, T("sites: unknown word \"%s\", perhaps \"%s\""), *words,
					meant);
			else if ((str_eq(*words, "failed") || str_eq(*words, "absent")) &&
				 s->kind != STEP_OPEN && !find(c, STEP_DIAL, i) &&
				 find(c, STEP_DIAL, c->p->n))
				FAULT(c, s,
					T("sites=\"%s\" before <dial>: nobody has been called yet"),
					*words);
		}
	}
}

/* The next step that begins later, or NULL. */
static const struct step *
later(const struct check *c, size_t i)
{
	for (size_t k = i + 1; k < c->p->n; k++) {
		if (c->given[k].at && c->p->steps[k].at_ms > c->p->steps[i].at_ms)
			return &c->p->steps[k];
	}
	return NULL;
}

static void
check_rollcall(const struct check *c, size_t i)
{
	const struct step *s = &c->p->steps[i], *next = later(c, i);
	if (s->answer_within_ms <= 0)
		FAULT(c, s, T("answer-within must be longer than nothing"));
	else if (next && next->at_ms - s->at_ms < s->answer_within_ms)
		FAULT(c, s,
			T("answer-within %s: not one call can end before <%s> at %s of line %d"),
			iso(s->answer_within_ms).s, step_name(next->kind), iso(next->at_ms).s,
			next->line);
}

static void
check_verify(const struct check *c, size_t i)
{
	const struct step *s = &c->p->steps[i];
	if (s->within_ms <= 0)
		FAULT(c, s, T("within must be longer than nothing"));
	if (!s->audio && !s->video)
		FAULT(c, s, T("audio=\"no\" and video=\"no\": nothing is left to verify"));
	for (size_t k = i + 1; c->given[i].within && k < c->p->n; k++) {
		const struct step *n = &c->p->steps[k];
		if (!c->given[k].at || (n->kind != STEP_ALLCLEAR && n->kind != STEP_CLOSE))
			continue;
		int64_t end = n->kind == STEP_ALLCLEAR ? n->latest_ms : n->at_ms;
		if (end >= n->at_ms && s->at_ms + s->within_ms > end) {
			FAULT(c, s, T("within %s ends at %s, later than <%s> at %s of line %d"),
				iso(s->within_ms).s, iso(s->at_ms + s->within_ms).s,
				step_name(n->kind), iso(end).s, n->line);
			return;
		}
	}
}

static void
check_allclear(const struct check *c, size_t i)
{
	const struct step *s = &c->p->steps[i];
	if (s->by_operator && !c->given[i].latest)
		FAULT(c, s,
			T("by=\"operator\" needs latest: until when the operator may give the "
			  "all-clear"));
	else if (s->latest_ms < s->at_ms)
		FAULT(c, s, T("latest %s lies before at %s"), iso(s->latest_ms).s, iso(s->at_ms).s);
	for (size_t k = i + 1; k < c->p->n; k++) {
		const struct step *n = &c->p->steps[k];
		if (c->given[k].at && (n->kind == STEP_REPORT || n->kind == STEP_CLOSE) &&
			n->at_ms >= s->at_ms && n->at_ms < s->latest_ms)
			FAULT(c, n,
				T("<%s> at %s comes before the latest all-clear, %s of line %d"),
				step_name(n->kind), iso(n->at_ms).s, iso(s->latest_ms).s, s->line);
	}
}

static void
check_until(const struct check *c, const struct step *s)
{
	int64_t until;
	if (str_eq(s->until, "allclear") || str_eq(s->until, "end"))
		return;
	if (!duration_parse(s->until, &until))
		FAULT(c, s, T("until=\"%s\": allclear, end, or an offset"), s->until);
	else if (until <= s->at_ms)
		FAULT(c, s, T("until %s is over before at %s"), s->until, iso(s->at_ms).s);
}

static void
check_steps(const struct check *c)
{
	for (size_t i = 0; i < c->p->n; i++) {
		const struct step *s = &c->p->steps[i];
		if (c->given[i].faulty || !c->given[i].at)
			continue;
		if (s->kind == STEP_ROLLCALL)
			check_rollcall(c, i);
		if (s->kind == STEP_VERIFY)
			check_verify(c, i);
		if (s->kind == STEP_ALLCLEAR)
			check_allclear(c, i);
		if (s->kind == STEP_WATCH)
			check_until(c, s);
		if (s->kind == STEP_DIAL && s->every_ms < 1000)
			FAULT(c, s, T("every %s: at least PT1S"), iso(s->every_ms).s);
		if (s->kind == STEP_DIAL && s->probe_every_ms < 1000)
			FAULT(c, s, T("probe-every %s: at least PT1S"), iso(s->probe_every_ms).s);
		if (c->p->phase == PHASE_REHEARSAL && c->p->anchor == ANCHOR_SESSION &&
			s->at_ms > 0 && s->kind != STEP_REPORT && s->kind != STEP_ESCALATE)
			FAULT(c, s,
				T("<%s> at %s lies after the start of the session: a rehearsal "
				  "with "
				  "anchor=\"session\" counts down to it, perhaps -%s"),
				step_name(s->kind), iso(s->at_ms).s, iso(s->at_ms).s);
	}
}

void
playbook_check(const struct playbook *p, const struct given *given, bool handover_given,
	int root_line, struct faults *faults)
{
	const struct check c = { .p = p, .given = given, .faults = faults };
	if (handover_given && p->phase != PHASE_REHEARSAL)
		faults_add(faults, p->file, root_line,
			T("handover belongs to a rehearsal: a %s has no session after it"),
			phase_name(p->phase));
	check_order(&c);
	check_sequence(&c);
	check_ids(&c);
	check_sites(&c);
	check_steps(&c);
}
