/* The profile: thresholds of the judgement, from a file versioned with the playbooks. Every figure
 * carries its unit, so that nobody takes a share for a number of milliseconds.
 *
 * Called with the bytes of the profile at a run's commit, and by `check`. What is sound replaces
 * the default, what is faulty leaves it. Pure; everything lies on the caller's arena. */
#include "playbooks/playbook.h"

#include "adapters/wire/xml.h"
#include "base/embed.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vec.h"
#include "playbooks/hint.h"

#include <string.h>

EMBED(profile_xsd, "playbooks/profile.xsd");

static const struct element {
	const char *name;
	const char *attributes[6];
	const char *form;
} elements[] = {
	{ "grace", { "late-after" }, "such as PT2M" },
	{ "window", { "length" }, "such as PT20S" },
	{ "loss", { "good", "fair", "poor" }, "such as 1.5%" },
	{ "jitter", { "worse-above" }, "such as 40ms" },
	{ "rtt", { "good-below", "bad-above" }, "such as 200ms" },
	{ "speech", { "rise", "samples" }, "such as 10dB" },
	{ "class", { "name", "min-kbps", "min-width", "min-height", "video" }, "a number" },
};
enum { ELEMENTS = sizeof elements / sizeof *elements };

struct reader {
	struct arena *a;
	const char *file;
	struct faults *faults;
	struct profile *out;
	size_t classes_cap;
};

void
profile_default(struct profile *out)
{
	*out = (struct profile){
		.grace_ms = 120000,
		.window_ms = 20000,
		.loss_good = 10,
		.loss_fair = 30,
		.loss_poor = 100,
		.jitter_step_ms = 40,
		.rtt_good_ms = 200,
		.rtt_bad_ms = 300,
		.speech_rise_mdb = 10000,
		.speech_samples = 2,
	};
}

/* "1.5%" with unit "%" and scale 10: 15. The value stays if there is none or it is not understood.
 */
static void
read_figure(struct reader *r, const struct xml *el, const char *name, const char *unit,
	int64_t scale, int64_t *inout)
{
	const char *raw = xml_attr(el, name);
	if (!raw)
		return;
	char *s = str_trim(arena_strdup(r->a, raw));
	size_t n = strlen(s), u = strlen(unit);
	if (n <= u || !str_ends(s, unit))
		return;
	s[n - u] = 0;
	int64_t whole, tenth = 0;
	char *dot = strchr(s, '.');
	if (dot) {
		*dot = 0;
		if (!str_to_int(dot + 1, 0, 9, &tenth))
			return;
	}
	if (str_to_int(s, 0, 1000000, &whole))
		*inout = whole * scale + tenth * scale / 10;
}

static void
read_duration(struct reader *r, const struct xml *el, const char *name, int64_t *inout)
{
	const char *raw = xml_attr(el, name);
	int64_t ms;
	if (!raw || !duration_parse(str_trim(arena_strdup(r->a, raw)), &ms))
		return;
	if (ms <= 0)
		faults_add(r->faults, r->file, el->line, T("%s %s: longer than nothing"), el->name,
			name);
	else
		*inout = ms;
}

static void
read_loss(struct reader *r, const struct xml *el)
{
	int64_t good = r->out->loss_good, fair = r->out->loss_fair, poor = r->out->loss_poor;
	read_figure(r, el, "good", "%", 10, &good);
	read_figure(r, el, "fair", "%", 10, &fair);
	read_figure(r, el, "poor", "%", 10, &poor);
	if (good >= fair || fair >= poor) {
		faults_add(r->faults, r->file, el->line,
			T("loss must rise from good to fair to poor, here %d.%d%%, %d.%d%%, "
			  "%d.%d%%"),
			(int)good / 10, (int)good % 10, (int)fair / 10, (int)fair % 10,
			(int)poor / 10, (int)poor % 10);
		return;
	}
	r->out->loss_good = (int)good;
	r->out->loss_fair = (int)fair;
	r->out->loss_poor = (int)poor;
}

static void
read_rtt(struct reader *r, const struct xml *el)
{
	int64_t good = r->out->rtt_good_ms, bad = r->out->rtt_bad_ms;
	read_figure(r, el, "good-below", "ms", 1, &good);
	read_figure(r, el, "bad-above", "ms", 1, &bad);
	if (good > bad) {
		faults_add(r->faults, r->file, el->line,
			T("rtt: good-below %dms is above bad-above %dms"), (int)good, (int)bad);
		return;
	}
	r->out->rtt_good_ms = (int)good;
	r->out->rtt_bad_ms = (int)bad;
}

static int
read_size(struct reader *r, const struct xml *el, const char *name)
{
	int64_t v = 0;
	read_figure(r, el, name, "", 1, &v);
	return (int)v;
}

static void
read_class(struct reader *r, const struct xml *el)
{
	const char *raw = xml_attr(el, "name");
	char *name = raw ? str_trim(arena_strdup(r->a, raw)) : NULL;
	if (str_empty(name)) {
		faults_add(r->faults, r->file, el->line, T("class without a name"));
		return;
	}
	for (size_t i = 0; i < r->out->classes_n; i++) {
		if (str_eq(r->out->classes[i].name, name)) {
			faults_add(r->faults, r->file, el->line,
				T("class \"%s\" stands here twice"), name);
			return;
		}
	}
	struct profile *p = r->out;
	p->classes = vec_grow(r->a, p->classes, p->classes_n, &r->classes_cap, sizeof *p->classes);
	p->classes[p->classes_n++] = (struct site_class){
		.name = name,
		.min_kbps = read_size(r, el, "min-kbps"),
		.min_width = read_size(r, el, "min-width"),
		.min_height = read_size(r, el, "min-height"),
		.video = !str_eq(xml_attr(el, "video"), "no"),
	};
}

static void
read_element(struct reader *r, const struct xml *el)
{
	struct profile *p = r->out;
	if (str_eq(el->name, "grace"))
		read_duration(r, el, "late-after", &p->grace_ms);
	else if (str_eq(el->name, "window"))
		read_duration(r, el, "length", &p->window_ms);
	else if (str_eq(el->name, "loss"))
		read_loss(r, el);
	else if (str_eq(el->name, "jitter")) {
		int64_t v = p->jitter_step_ms;
		read_figure(r, el, "worse-above", "ms", 1, &v);
		p->jitter_step_ms = (int)v;
	} else if (str_eq(el->name, "rtt"))
		read_rtt(r, el);
	else if (str_eq(el->name, "speech")) {
		read_figure(r, el, "rise", "dB", 1000, &p->speech_rise_mdb);
		const char *samples = xml_attr(el, "samples");
		int64_t v;
		if (samples && str_to_int(samples, 1, 20, &v))
			p->speech_samples = (int)v;
	} else if (str_eq(el->name, "class"))
		read_class(r, el);
}

void
profile_parse(const char *bytes, size_t n, const char *file, struct arena *a, struct faults *faults,
	struct profile *out)
{
	profile_default(out);
	size_t since = faults->n;
	const struct xml *root =
		xml_check(a, bytes, n, file, profile_xsd, EMBED_SIZE(profile_xsd), faults);
	if (!root)
		return;
	if (!str_eq(root->name, "profile")) {
		if (faults->n == since)
			faults_add(faults, file, root->line,
				T("the root must be <profile>, not <%s>"), root->name);
		return;
	}
	size_t schema = faults->n;
	struct reader r = { .a = a, .file = file, .faults = faults, .out = out };
	const char *known[ELEMENTS + 1] = { 0 };
	const char *const none[] = { NULL };
	for (int i = 0; i < ELEMENTS; i++)
		known[i] = elements[i].name;
	hint_attributes(faults, since, root, file, none);
	for (const struct xml *el = root->first; el; el = el->next) {
		hint_element(faults, since, el, file, known);
		for (int i = 0; i < ELEMENTS; i++) {
			if (str_eq(el->name, elements[i].name))
				hint_attributes(faults, since, el, file, elements[i].attributes);
			for (int k = 0; k < 5 && elements[i].attributes[k]; k++)
				hint_form(faults, since, el, elements[i].attributes[k],
					elements[i].form);
		}
		if (!hint_faulty(faults, since, schema, el->line))
			read_element(&r, el);
	}
}
