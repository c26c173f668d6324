/* Playbooks: XML in, struct playbook out. One table names every attribute, the steps it belongs to
 * and the field it fills; the schema says which words are allowed, playbook_check.c what they mean
 * together.
 *
 * Called by the planner (what starts when), by runs (from the very bytes in the journal) and by
 * `check`. Everything lies on the caller's arena. Must never decide, ask the time or read a file.
 */
#include "playbooks/playbook.h"

#include "adapters/wire/xml.h"
#include "base/embed.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vec.h"
#include "playbooks/hint.h"
#include "playbooks/playbook_check.h"

EMBED(playbook_xsd, "playbooks/playbook.xsd");

static const char *const phases[] = { "rehearsal", "session", "drill", NULL };
static const char *const steps[] = { "open", "dial", "verify", "rollcall", "message", "mute",
	"layout", "focus", "watch", "retest", "escalate", "allclear", "report", "close", NULL };
static const char *const fallbacks[] = { "second-address", "other-protocol", "lower-rate",
	"audio-only", "second-mcu", NULL };
static const char *const root_attributes[] = { "name", "title", "phase", "anchor", "handover",
	NULL };

enum kind { DURATION, YESNO, COUNT, TEXT, FALLBACK, BY };

enum { ALL = (1 << STEP_N) - 1 };
#define FIELD(f) offsetof(struct step, f)

static const struct attribute {
	const char *name;
	unsigned steps; /* bits of enum step_kind */
	enum kind kind;
	size_t field;
} attributes[] = {
	{ "at", ALL, DURATION, FIELD(at_ms) },
	{ "sites", ALL, TEXT, FIELD(sites) },
	{ "id", ALL, TEXT, FIELD(id) },
	{ "conference", 1 << STEP_OPEN, TEXT, FIELD(conference) },
	{ "muted", 1 << STEP_OPEN, YESNO, FIELD(muted) },
	{ "layout", 1 << STEP_OPEN, TEXT, FIELD(layout) },
	{ "kbps", 1 << STEP_OPEN, COUNT, FIELD(kbps) },
	{ "attach", 1 << STEP_OPEN, YESNO, FIELD(attach) },
	{ "attempts", 1 << STEP_DIAL, COUNT, FIELD(attempts) },
	{ "every", 1 << STEP_DIAL, DURATION, FIELD(every_ms) },
	{ "probe-every", 1 << STEP_DIAL, DURATION, FIELD(probe_every_ms) },
	{ "fallback", 1 << STEP_DIAL, FALLBACK, 0 },
	{ "exercise", 1 << STEP_DIAL, YESNO, FIELD(exercise) },
	{ "audio", 1 << STEP_VERIFY, YESNO, FIELD(audio) },
	{ "video", 1 << STEP_VERIFY, YESNO, FIELD(video) },
	{ "within", 1 << STEP_VERIFY, DURATION, FIELD(within_ms) },
	{ "sound", 1 << STEP_VERIFY | 1 << STEP_ROLLCALL, YESNO, FIELD(sound) },
	{ "silent", 1 << STEP_ROLLCALL, YESNO, FIELD(silent) },
	{ "spoken", 1 << STEP_ROLLCALL, YESNO, FIELD(spoken) },
	{ "answer-within", 1 << STEP_ROLLCALL, DURATION, FIELD(answer_within_ms) },
	{ "calls", 1 << STEP_ROLLCALL, COUNT, FIELD(calls) },
	{ "order", 1 << STEP_ROLLCALL, TEXT, FIELD(order) },
	{ "text", 1 << STEP_MESSAGE | 1 << STEP_ROLLCALL, TEXT, FIELD(text) },
	{ "seconds", 1 << STEP_MESSAGE, COUNT, FIELD(seconds) },
	{ "value", 1 << STEP_MUTE | 1 << STEP_LAYOUT | 1 << STEP_FOCUS, TEXT, FIELD(value) },
	{ "redial", 1 << STEP_WATCH, YESNO, FIELD(redial) },
	{ "until", 1 << STEP_WATCH, TEXT, FIELD(until) },
	{ "of", 1 << STEP_RETEST, TEXT, FIELD(of) },
	{ "to", 1 << STEP_ESCALATE | 1 << STEP_REPORT, TEXT, FIELD(to) },
	{ "by", 1 << STEP_ALLCLEAR, BY, FIELD(by_operator) },
	{ "latest", 1 << STEP_ALLCLEAR, DURATION, FIELD(latest_ms) },
	{ "formats", 1 << STEP_REPORT, TEXT, FIELD(formats) },
};
enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

const char *
phase_name(enum phase p)
{
	return phases[p];
}

const char *
step_name(enum step_kind k)
{
	return steps[k];
}

const char *
fallback_name(enum fallback f)
{
	return fallbacks[f];
}

static int
index_of(const char *word, const char *const *list)
{
	for (int i = 0; list[i]; i++) {
		if (str_eq(word, list[i]))
			return i;
	}
	return -1;
}

/* An attribute with its blanks as xs:token sees them, or NULL. */
static const char *
attribute(struct arena *a, const struct xml *el, const char *name)
{
	const char *raw = xml_attr(el, name);
	if (!raw)
		return NULL;
	char *s = str_trim(arena_strdup(a, raw));
	char *to = s;
	for (const char *from = s; *from; from++) {
		char c = *from == '\t' || *from == '\n' || *from == '\r' ? ' ' : *from;
		if (c != ' ' || (to > s && to[-1] != ' '))
			*to++ = c;
	}
	*to = 0;
	return s;
}

static struct step
step_default(enum step_kind kind, int line)
{
	return (struct step){
		.kind = kind,
		.line = line,
		.id = "",
		.sites = "invited",
		.conference = "",
		.muted = true,
		.layout = "",
		.attempts = 3,
		.every_ms = 60000,
		.probe_every_ms = 30000,
		.audio = true,
		.video = true,
		.within_ms = 180000,
		.answer_within_ms = 20000,
		.calls = 2,
		.order = "directory",
		.text = "",
		.seconds = 30,
		.value = kind == STEP_MUTE ? "on" : "",
		.redial = true,
		.until = "allclear",
		.of = "failed",
		.to = kind == STEP_ESCALATE ? "contact" : "",
		.formats = kind == STEP_REPORT ? "text json html" : "",
	};
}

static void
read_fallback(struct arena *a, const char *value, struct step *step)
{
	char **words = str_split(a, value, " ", NULL);
	for (; *words && step->fallback_n < 5; words++) {
		int i = index_of(*words, fallbacks);
		if (i >= 0)
			step->fallback[step->fallback_n++] = (enum fallback)i;
	}
}

/* Fills one field. A value that the schema refused may come here: false, and the default stays. */
static bool
read_value(struct arena *a, const struct attribute *at, const char *value, struct step *step)
{
	void *field = (char *)step + at->field;
	int64_t number = 0;
	switch (at->kind) {
	case DURATION:
		if (!duration_parse(value, &number) || number > INT64_C(366) * 86400000 ||
			number < INT64_C(-366) * 86400000)
			return false;
		*(int64_t *)field = number;
		return true;
	case YESNO: *(bool *)field = str_eq(value, "yes"); return true;
	case COUNT:
		if (!str_to_int(*value == '+' ? value + 1 : value, 0, 1000000, &number))
			return false;
		*(int *)field = (int)number;
		return true;
	case TEXT: *(const char **)field = value; return true;
	case FALLBACK: read_fallback(a, value, step); return true;
	case BY: *(bool *)field = str_eq(value, "operator"); return true;
	}
	return false;
}

static struct step
read_step(struct arena *a, const struct xml *el, enum step_kind kind, struct given *given)
{
	struct step step = step_default(kind, el->line);
	for (int i = 0; i < ATTRIBUTES; i++) {
		const struct attribute *at = &attributes[i];
		const char *value = at->steps & 1u << kind ? attribute(a, el, at->name) : NULL;
		if (!value || !read_value(a, at, value, &step))
			continue;
		given->at |= str_eq(at->name, "at");
		given->within |= str_eq(at->name, "within");
		given->latest |= str_eq(at->name, "latest");
	}
	if (!given->latest)
		step.latest_ms = step.at_ms;
	if (kind == STEP_LAYOUT)
		step.layout = step.value;
	if (kind == STEP_FOCUS && str_eq(step.value, "normal"))
		step.value = "";
	return step;
}

static void
hint_step(struct faults *faults, size_t since, const struct xml *el, const char *file,
	enum step_kind kind)
{
	const char *known[ATTRIBUTES + 1];
	int n = 0;
	for (int i = 0; i < ATTRIBUTES; i++) {
		if (attributes[i].steps & 1u << kind)
			known[n++] = attributes[i].name;
	}
	known[n] = NULL;
	hint_attributes(faults, since, el, file, known);
	for (int i = 0; i < ATTRIBUTES; i++) {
		if (attributes[i].kind == DURATION)
			hint_form(faults, since, el, attributes[i].name,
				attributes[i].steps == ALL
					? T("an offset such as -PT60M or PT4M30S")
					: T("a duration such as PT30S or PT5M"));
	}
}

/* A verify step without `within` takes what the playbook leaves it. */
static void
fit_verify(struct playbook *p, const struct given *given)
{
	for (size_t i = 0; i < p->n; i++) {
		struct step *v = &p->steps[i];
		for (size_t k = i + 1; v->kind == STEP_VERIFY && !given[i].within && k < p->n;
			k++) {
			const struct step *s = &p->steps[k];
			int64_t end = s->kind == STEP_ALLCLEAR ? s->latest_ms : s->at_ms;
			if ((s->kind == STEP_ALLCLEAR || s->kind == STEP_CLOSE) && end > v->at_ms &&
				end - v->at_ms < v->within_ms)
				v->within_ms = end - v->at_ms;
		}
	}
}

struct playbook *
playbook_parse(
	const char *bytes, size_t n, const char *file, struct arena *a, struct faults *faults)
{
	size_t since = faults->n;
	const struct xml *root =
		xml_check(a, bytes, n, file, playbook_xsd, EMBED_SIZE(playbook_xsd), faults);
	if (!root)
		return NULL;
	if (!str_eq(root->name, "playbook")) {
		if (faults->n == since)
			faults_add(faults, file, root->line,
				T("the root must be <playbook>, not <%s>"), root->name);
		return NULL;
	}
	size_t schema = faults->n;
	struct playbook *p = arena_alloc(a, sizeof *p);
	p->file = arena_strdup(a, file);
	p->name = attribute(a, root, "name");
	p->title = attribute(a, root, "title");
	if (!p->title)
		p->title = p->name;
	int phase = index_of(attribute(a, root, "phase"), phases);
	p->phase = phase < 0 ? PHASE_REHEARSAL : (enum phase)phase;
	p->anchor = str_eq(attribute(a, root, "anchor"), "event") ? ANCHOR_EVENT : ANCHOR_SESSION;
	const char *handover = attribute(a, root, "handover");
	if (handover && !duration_parse(handover, &p->handover_ms))
		p->handover_ms = 0;
	hint_attributes(faults, since, root, file, root_attributes);
	hint_form(faults, since, root, "handover", T("a duration such as PT60M"));
	hint_form(faults, since, root, "name", T("a-z 0-9 . _ - and at most 48 of them"));

	VEC(struct step) list = { 0 };
	VEC(struct given) given = { 0 };
	for (const struct xml *el = root->first; el; el = el->next) {
		int kind = index_of(el->name, steps);
		if (kind < 0) {
			hint_element(faults, since, el, file, steps);
			continue;
		}
		struct given *g = vec_add_in(a, &given);
		g->faulty = hint_faulty(faults, since, schema, el->line);
		struct step *step = vec_add_in(a, &list);
		*step = read_step(a, el, (enum step_kind)kind, g);
		hint_step(faults, since, el, file, (enum step_kind)kind);
	}
	p->steps = list.at;
	p->n = list.n;
	playbook_check(p, given.at, handover != NULL, root->line, faults);
	if (faults->n > since || !p->n)
		return NULL;
	fit_verify(p, given.at);
	return p;
}

int64_t
playbook_first(const struct playbook *p)
{
	return p->n ? p->steps[0].at_ms : 0;
}

int64_t
playbook_last(const struct playbook *p)
{
	return p->n ? p->steps[p->n - 1].at_ms : 0;
}

bool
playbook_at(const struct playbook *p, enum step_kind kind, int64_t *out)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind == kind) {
			*out = p->steps[i].at_ms;
			return true;
		}
	}
	return false;
}
