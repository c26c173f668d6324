/* The named lists as sentences, and one remark per site.
 *
 * Called by the writers of documents for people. Owns nothing but what it puts on the caller's
 * arena. It must never name a site that is not in the judgement's list, never charge a site with
 * our own failure, and never drop a site that is. */
#include "report/letter.h"

#include "advice.h"
#include "causes.h"

#include "report/notes.h"
#include "report/say.h"

#include "report/words.h"

#include "base/str.h"
#include "base/vec.h"
#include "text.h"

struct pen {
	const struct report *r;
	const char *lang;
	struct arena *a;
};

/* What is said of a site in a list, on the arena; "" = its name is enough. */
typedef const char *(detail_fn)(const struct pen *p, const struct report_site *s);

/* Takes the text of b onto the arena and frees b. */
static const char *
take(const struct pen *p, struct buf *b)
{
	const char *text = arena_strdup(p->a, buf_str(b));
	buf_free(b);
	return text;
}

static void
comma(struct buf *b, const char *separator)
{
	if (b->n)
		buf_puts(b, separator);
}

static const char *
reason_of(const struct pen *p, const struct report_site *s)
{
	return words_reason(p->lang, s->verdict->sub_reason);
}

static const char *
reason_if_rang(const struct pen *p, const struct report_site *s)
{
	return str_eq(s->verdict->sub_reason, "rang-unanswered") ? reason_of(p, s) : "";
}

/* "hung up at 07:18:05" */
static const char *
how_left(const struct pen *p, const struct report_site *s)
{
	struct buf b = { 0 };
	buf_puts(&b, reason_of(p, s));
	struct report_time t = s->left;
	if (!t.to && s->last_up)
		t = (struct report_time){ .from = s->last_up, .to = s->last_up };
	if (t.to) {
		comma(&b, " ");
		words_when(&b, p->lang, t, p->r->spec->planned_start);
	}
	return take(p, &b);
}

static const char *
how_late(const struct pen *p, const struct report_site *s)
{
	struct figure low = s->verdict->late_s, more = s->verdict->late_uncertainty_s;
	if (!low.known)
		return "";
	struct buf b = { 0 }, from = { 0 }, to = { 0 };
	words_duration(&from, p->lang, low.v);
	words_duration(&to, p->lang, low.v + more.v);
	if (more.known && more.v > 0)
		text_printf(&b, p->lang, T("late by %s to %s"), buf_str(&from), buf_str(&to));
	else
		text_printf(&b, p->lang, T("late by %s"), buf_str(&from));
	if (s->came.to) {
		struct buf when = { 0 };
		words_when(&when, p->lang, s->came, p->r->spec->planned_start);
		text_printf(&b, p->lang, T(", connected %s"), buf_str(&when));
		buf_free(&when);
	}
	buf_free(&from);
	buf_free(&to);
	return take(p, &b);
}

/* The media of the hop to its own MCU that have this value. */
static void
media_with(const struct pen *p, const struct report_site *s, enum tri value, struct buf *out)
{
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			if (s->media[m][d].value == value &&
				(s->media[m][d].judged || !s->audio_only)) {
				comma(out, ", ");
				buf_puts(out, words_media(p->lang, m, d));
			}
}

static const char *
missing_media(const struct pen *p, const struct report_site *s)
{
	struct buf media = { 0 }, b = { 0 };
	media_with(p, s, NO, &media);
	if (media.n)
		text_printf(&b, p->lang, T("no %s"), buf_str(&media));
	buf_free(&media);
	return take(p, &b);
}

static const char *
unknown_media(const struct pen *p, const struct report_site *s)
{
	struct buf media = { 0 }, b = { 0 };
	media_with(p, s, UNKNOWN, &media);
	if (media.n)
		text_printf(&b, p->lang, T("not measured: %s"), buf_str(&media));
	if (s->verdict->silent_since) {
		struct buf since = { 0 };
		words_clock(&since, s->verdict->silent_since, p->r->spec->planned_start);
		comma(&b, "; ");
		text_printf(&b, p->lang,
			T("nothing arrived from it since %s, although the MCU went on listing it"),
			buf_str(&since));
		buf_free(&since);
	}
	if (p->r->rollcall && s->verdict->answered == UNKNOWN) {
		comma(&b, "; ");
		buf_puts(&b, text_get(p->lang, s->site->roll.called
						       ? T("called in the roll call, but it could "
							   "not be told whether anybody answered")
						       : T("not called in the roll call")));
	}
	buf_free(&media);
	return take(p, &b);
}

static void
permille(struct buf *out, const char *lang, int64_t v)
{
	text_printf(out, lang, T("loss %d.%d %%"), (int)(v / 10), (int)(v % 10));
}

static const char *
poor_media(const struct pen *p, const struct report_site *s)
{
	struct buf b = { 0 };
	for (int i = 0; i < s->verdict->media_n; i++) {
		const struct media_fact *m = &s->verdict->media[i];
		if (m->grade != GRADE_POOR && m->grade != GRADE_BAD)
			continue;
		comma(&b, "; ");
		buf_printf(&b, "%s %s", words_media(p->lang, m->medium, m->direction),
			words_grade(p->lang, m->grade));
		if (m->loss_permille >= 0) {
			buf_puts(&b, ", ");
			permille(&b, p->lang, m->loss_permille);
		}
		if (m->jitter_ms >= 0)
			text_printf(&b, p->lang, T(", jitter %d ms"), (int)m->jitter_ms);
	}
	static const char *const below[] = { "low-rate", "low-resolution", "frozen-picture",
		"audio-only" };
	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		if (verdict_has_flag(s->verdict, below[i])) {
			comma(&b, "; ");
			buf_puts(&b, words_flag(p->lang, below[i]));
		}
	return take(p, &b);
}

/* The wrong address stands in our directory: it is nobody's fault but ours. */
static bool
is_unconnected(const struct report_site *s)
{
	return !str_eq(s->verdict->sub_reason, "wrong-address");
}

static bool
has_wrong_address(const struct report_site *s)
{
	return !is_unconnected(s);
}

static const char *
remote_address(const struct pen *p, const struct report_site *s)
{
	return s->verdict->network_ip;
}

static const char *
why_untested(const struct pen *p, const struct report_site *s)
{
	if (!s->spec->disabled)
		return reason_of(p, s);
	struct buf b = { 0 };
	struct buf why = { 0 };
	notes_quote(&why, p->lang, s->spec->disabled);
	text_printf(&b, p->lang, T("its entry cannot be used: %s"), buf_str(&why));
	buf_free(&why);
	return take(p, &b);
}

/* "Chu Túc, Xuân Mai (hung up at 07:18:05)" */
static const char *
names_each(const struct pen *p, const struct report_list *list, detail_fn *detail)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < list->n; i++) {
		const char *more = detail ? detail(p, list->sites[i]) : "";
		comma(&b, ", ");
		buf_puts(&b, list->sites[i]->name);
		if (*more)
			buf_printf(&b, " (%s)", more);
	}
	return take(p, &b);
}

/* "the line was busy (A, B); the call was rejected (C)": the reasons in the order of their first
 * site. */
static const char *
names_by_detail(const struct pen *p, const struct report_list *list, detail_fn *detail)
{
	struct buf b = { 0 };
	const char **why = arena_alloc(p->a, (list->n + 1) * sizeof *why);
	for (size_t i = 0; i < list->n; i++)
		why[i] = detail(p, list->sites[i]);
	for (size_t i = 0; i < list->n; i++) {
		if (!why[i])
			continue;
		const char *reason = why[i];
		comma(&b, "; ");
		if (*reason)
			buf_printf(&b, "%s (", reason);
		buf_puts(&b, list->sites[i]->name);
		for (size_t k = i + 1; k < list->n; k++)
			if (why[k] && str_eq(why[k], reason)) {
				buf_printf(&b, ", %s", list->sites[k]->name);
				why[k] = NULL;
			}
		if (*reason)
			buf_putc(&b, ')');
	}
	return take(p, &b);
}

static void
say(const struct pen *p, struct letter *out, bool ours, const char *frame, int n, const char *names)
{
	struct buf b = { 0 };
	text_printf(&b, p->lang, T("%s (%d): %s."), text_get(p->lang, frame), n, names);
	struct letter_sentence *s = vec_add_in(p->a, out);
	*s = (struct letter_sentence){ .ours = ours, .text = take(p, &b) };
}

struct clause {
	enum list list;
	const char *rehearsal, *session; /* session NULL = the same */
	detail_fn *detail;
	bool grouped, ours;
	bool (*only)(const struct report_site *s); /* NULL = the whole list */
};

/* The letter's own three first, then what needs work, our own debts last. */
static const struct clause clauses[] = {
	{ LIST_ABSENT, T("Sites that did not switch the system on"), NULL, NULL, false, false,
		NULL },
	{ LIST_UNATTENDED,
		T("Sites that were switched on but had nobody there to test microphone and "
		  "loudspeaker"),
		T("Sites that were switched on but had nobody there"), reason_if_rang, false, false,
		NULL },
	{ LIST_LEFT_EARLY,
		T("Sites that switched the system off on their own before completion of the trial "
		  "was announced"),
		T("Sites that left on their own before the end of the session"), how_left, false,
		false, NULL },
	{ LIST_UNCONNECTED, T("Sites that are alive but could not be connected"), NULL, reason_of,
		true, false, is_unconnected },
	{ LIST_LOST,
		T("Sites whose connection was lost, cause not yet known, to be settled by a "
		  "person"),
		NULL, how_left, false, false, NULL },
	{ LIST_ONE_WAY, T("Sites connected one-way only"), NULL, missing_media, true, false, NULL },
	{ LIST_LATE, T("Sites that connected late"), NULL, how_late, false, false, NULL },
	{ LIST_WRONG_NETWORK, T("Sites not connected through the dedicated state network"), NULL,
		remote_address, false, false, NULL },
	{ LIST_UNCONNECTED,
		T("Sites not reached because their address in our directory is wrong, not charged "
		  "to the sites"),
		NULL, NULL, false, true, has_wrong_address },
	{ LIST_UNVERIFIED, T("Sites connected, but not everything could be measured"), NULL,
		unknown_media, true, true, NULL },
	{ LIST_UNTESTED, T("Sites not tested for reasons on our side, not charged to the sites"),
		NULL, why_untested, true, true, NULL },
};

static void
say_flagged(const struct pen *p, struct letter *out, const char *flag, const char *frame)
{
	struct report_list list = report_flagged(p->r, flag, p->a);
	if (list.n)
		say(p, out, false, frame, (int)list.n, names_each(p, &list, NULL));
}

/* "Khách (address 127.0.0.9, on huyen, at 07:03:00, 14 min)" */
static const char *
extra_of(const struct pen *p, const struct report_extra *e)
{
	struct buf b = { 0 }, from = { 0 }, span = { 0 };
	words_when(&from, p->lang, (struct report_time){ e->from, e->from },
		p->r->spec->planned_start);
	words_duration(&span, p->lang, e->present_s);
	buf_puts(&b, e->name);
	text_printf(&b, p->lang, T(" (%s on %s, came %s, stayed %s"), e->extra->address, e->mcu,
		buf_str(&from), buf_str(&span));
	if (e->bears_invited_name)
		text_printf(&b, p->lang,
			T("; shows the name of an invited site, from another address"));
	else if (e->elsewhere)
		text_printf(&b, p->lang,
			T("; an invited site, in the conference of another MCU than its own"));
	else if (str_empty(e->extra->known_by))
		text_printf(&b, p->lang, T("; not in the directory"));
	buf_putc(&b, ')');
	buf_free(&from);
	buf_free(&span);
	return take(p, &b);
}

static void
say_extras(const struct pen *p, struct letter *out)
{
	struct buf b = { 0 };
	int n = 0;
	for (size_t i = 0; i < p->r->extras_n; i++)
		if (!p->r->extras[i].is_mcu) {
			comma(&b, ", ");
			buf_puts(&b, extra_of(p, &p->r->extras[i]));
			n++;
		}
	if (n) {
		struct buf all = { 0 };
		text_printf(&all, p->lang,
			T("Participants that were not invited, not counted above (%d): %s."), n,
			buf_str(&b));
		*vec_add_in(p->a, out) = (struct letter_sentence){ .text = take(p, &all) };
	}
	buf_free(&b);
}

/* The sites of a clause. */
static struct report_list
only(const struct pen *p, const struct clause *c)
{
	const struct report_list *all = &p->r->lists[c->list];
	struct report_list some = { .sites = arena_alloc(p->a, (all->n + 1) * sizeof *some.sites) };
	for (size_t i = 0; i < all->n; i++)
		if (!c->only || c->only(all->sites[i]))
			some.sites[some.n++] = all->sites[i];
	return some;
}

static void
say_missed(const struct pen *p, struct buf *b)
{
	struct buf why = { 0 };
	notes_say(&why, p->lang, "missed", p->r->run->missed_why ? p->r->run->missed_why : "");
	text_printf(b, p->lang,
		T("The run did not take place: %s. Nothing is charged to the sites."),
		buf_str(&why));
	buf_free(&why);
}

static const char *
summary_of(const struct pen *p)
{
	struct buf b = { 0 };
	int all = (int)p->r->n, good = (int)p->r->by_headline[GOOD].n;
	if (p->r->run->missed)
		say_missed(p, &b);
	else if (p->r->rollcall)
		text_printf(&b, p->lang,
			T("Of %d sites invited, %d connected well: sound and picture in both "
			  "directions, roll call answered."),
			all, good);
	else
		text_printf(&b, p->lang,
			T("Of %d sites invited, %d connected well: sound and picture in both "
			  "directions."),
			all, good);
	int sound_only = 0;
	for (size_t i = 0; i < p->r->by_headline[GOOD].n; i++)
		sound_only += p->r->by_headline[GOOD].sites[i]->audio_only;
	if (sound_only && !p->r->run->missed) {
		buf_putc(&b, ' ');
		text_printf(&b, p->lang,
			T("%d of them with sound only: a picture was not negotiated."), sound_only);
	}
	int unverified = (int)p->r->by_headline[UNVERIFIED].n;
	if (unverified && !p->r->run->missed) {
		buf_putc(&b, ' ');
		text_printf(&b, p->lang,
			T("%d more were connected, but not everything could be measured."),
			unverified);
	}
	return take(p, &b);
}

void
letter_write(const struct report *r, const char *lang, struct arena *a, struct letter *out)
{
	struct pen p = { .r = r, .lang = lang, .a = a };
	*out = (struct letter){ .summary = summary_of(&p) };
	for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
		const struct clause *c = &clauses[i];
		struct report_list some = only(&p, c), *list = &some;
		if (!list->n)
			continue;
		const char *frame =
			r->spec->phase == PHASE_SESSION && c->session ? c->session : c->rehearsal;
		const char *names = c->grouped ? names_by_detail(&p, list, c->detail)
					       : names_each(&p, list, c->detail);
		say(&p, out, c->ours, frame, (int)list->n, names);
		if (c->list == LIST_ONE_WAY && r->by_headline[POOR].n)
			say(&p, out, false, T("Sites connected with poor quality"),
				(int)r->by_headline[POOR].n,
				names_each(&p, &r->by_headline[POOR], poor_media));
	}
	if (!r->lists[LIST_ONE_WAY].n && r->by_headline[POOR].n)
		say(&p, out, false, T("Sites connected with poor quality"),
			(int)r->by_headline[POOR].n,
			names_each(&p, &r->by_headline[POOR], poor_media));
	say_flagged(&p, out, "open-microphone",
		T("Sites that opened their microphone without being called"));
	say_flagged(&p, out, "muted-by-setting",
		T("Sites whose microphone is muted by their own setting"));
	say_flagged(&p, out, "drop", T("Sites that dropped and came back"));
	say_extras(&p, out);
}

static void
remark(struct buf *b, const char *text)
{
	if (!*text)
		return;
	comma(b, "; ");
	buf_puts(b, text);
}

static void
remark_attempts(const struct pen *p, const struct report_site *s, struct buf *b)
{
	if (s->first_up || !s->attempts)
		return;
	struct buf from = { 0 }, to = { 0 };
	words_clock(&from, s->first_attempt, p->r->spec->planned_start);
	words_clock(&to, s->last_attempt, p->r->spec->planned_start);
	comma(b, "; ");
	if (s->attempts == 1)
		text_printf(b, p->lang, T("called once, at %s"), buf_str(&from));
	else
		text_printf(b, p->lang, T("called %d times, from %s to %s"), s->attempts,
			buf_str(&from), buf_str(&to));
	buf_free(&from);
	buf_free(&to);
}

static void
remark_headline(const struct pen *p, const struct report_site *s, struct buf *b)
{
	switch (s->verdict->headline) {
	case UNTESTED: remark(b, why_untested(p, s)); break;
	case ABSENT:
	case UNCONNECTED:
	case UNATTENDED: remark(b, reason_of(p, s)); break;
	case LEFT_EARLY:
	case LOST: remark(b, how_left(p, s)); break;
	case ONE_WAY: remark(b, missing_media(p, s)); break;
	case POOR: remark(b, poor_media(p, s)); break;
	case UNVERIFIED: remark(b, unknown_media(p, s)); break;
	case LATE:
	case GOOD:
	case HEADLINE_N: break;
	}
}

bool
letter_all_without_sound(const struct report *r)
{
	size_t called = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (!r->sites[i].site->roll.called)
			continue;
		if (r->sites[i].site->roll.sound)
			return false;
		called++;
	}
	return called > 1;
}

/* The headline's reason has said it, or the letter says it once for all. */
static bool
is_said(const struct pen *p, const struct report_site *s, const char *flag)
{
	static const char *const poor[] = { "low-rate", "low-resolution", "frozen-picture",
		"audio-only" };
	for (size_t i = 0; s->verdict->headline == POOR && i < sizeof poor / sizeof *poor; i++)
		if (str_eq(flag, poor[i]))
			return true;
	return str_eq(flag, "called-without-sound") && letter_all_without_sound(p->r);
}

static void
remark_flags(const struct pen *p, const struct report_site *s, struct buf *b)
{
	for (int i = 0; i < s->verdict->flags_n; i++)
		if (!is_said(p, s, s->verdict->flags[i]))
			remark(b, words_flag(p->lang, s->verdict->flags[i]));
	if (s->audio_only && !verdict_has_flag(s->verdict, "audio-only"))
		remark(b, words_flag(p->lang, "audio-only"));
}

/* What people entered, said on the telephone and corrected. */
static void
remark_people(const struct pen *p, const struct run_site *s, struct buf *b)
{
	if (s->roll.by_person) {
		comma(b, "; ");
		text_printf(b, p->lang, T("roll call entered by %s"),
			s->roll.person ? s->roll.person : "?");
		if (!str_empty(s->roll.why))
			buf_printf(b, " (%s)", s->roll.why);
	}
	for (size_t i = 0; i < s->calls.n; i++) {
		const struct phone_call *call = &s->calls.at[i];
		comma(b, "; ");
		text_printf(b, p->lang, T("telephoned by %s: %s"), call->by ? call->by : "?",
			call->said ? call->said : "");
	}
	for (size_t i = 0; i < s->corrections.n; i++)
		if (!str_eq(s->corrections.at[i].what, "answered"))
			remark(b, say_correction(&s->corrections.at[i], p->lang, p->a));
}

const char *
letter_remark(
	const struct report *r, const struct report_site *s, const char *lang, struct arena *a)
{
	struct pen p = { .r = r, .lang = lang, .a = a };
	struct buf b = { 0 };
	remark_headline(&p, s, &b);
	if (s->lists & 1u << LIST_LATE)
		remark(&b, how_late(&p, s));
	remark(&b, words_common_cause(lang, s->verdict->common_cause));
	remark_attempts(&p, s, &b);
	const char *words = advice_device(s->verdict);
	if (*causes_word(words)) {
		comma(&b, "; ");
		text_printf(&b, lang, T("the device says %s: %s"), words,
			text_get(lang, causes_word(words)));
	}
	if (s->ours && s->verdict->headline != UNTESTED) {
		comma(&b, "; ");
		text_printf(&b, lang, T("%d calls failed at our end"), s->ours);
	}
	remark_flags(&p, s, &b);
	if (s->site->roll.not_made)
		remark(&b, text_get(lang, T("roll call not made: no time was left")));
	remark_people(&p, s->site, &b);
	return take(&p, &b);
}
