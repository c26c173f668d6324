/* Facts and headlines: the law of the product. For reports, the live board and `replay`. Pure:
 * reads struct run, owns nothing, must never guess: what no journal row shows is unknown.
 *
 * 1. Facts first, each yes, no or unknown with its rows. A fact is `no` only when something that
 *   could have told says so.
 * 2. One headline per expected site, the first that holds, in the order of enum headline:
 *    untested     our failure left no attempt that could have told: no conclusive attempt, or none
 *      in most of its time, or none since it woke, never up
 *    absent       attempts ended conclusively and nothing of the site ever showed a sign of life
 *    unconnected  alive, never reached, and it did not ring to the end unanswered (or auto-answer
 *      is off by setting)
 *    left-early   gone before the all-clear by its own hang-up or by being switched off, and not
 *      back
 *    lost         gone before the all-clear without a goodbye, cause not proven, and not back
 *    unattended   called and gave no answer; or rang to the end with nobody answering
 *    one-way      a negotiated medium did not arrive
 *    poor         a medium graded poor or bad in the verify window, below its class's minimum, or a
 *      picture that stands still
 *    unverified   a medium, or the answer to the call, could not be measured
 *    late         the lower bound of its lateness is beyond the grace
 *    good
 * 3. Lists are made from facts, not from headlines: a site may stand in two. */
#include "imported.h"
#include "judge_inner.h"

#include "base/str.h"

#include <string.h>

static const char *const headline_words[HEADLINE_N] = {
	[UNTESTED] = "untested",
	[ABSENT] = "absent",
	[UNCONNECTED] = "unconnected",
	[LEFT_EARLY] = "left-early",
	[LOST] = "lost",
	[UNATTENDED] = "unattended",
	[ONE_WAY] = "one-way",
	[POOR] = "poor",
	[UNVERIFIED] = "unverified",
	[LATE] = "late",
	[GOOD] = "good",
};
static const char *const grade_words[] = { "", "good", "fair", "poor", "bad" };

const char *const checklist_names[6] = { "connection", "equipment", "sound", "picture", "line",
	"power" };
const char *const list_names[LIST_N] = {
	[LIST_ABSENT] = "absent",
	[LIST_UNCONNECTED] = "unconnected",
	[LIST_UNATTENDED] = "unattended",
	[LIST_LEFT_EARLY] = "left_early",
	[LIST_LATE] = "late",
	[LIST_ONE_WAY] = "one_way",
	[LIST_LOST] = "lost",
	[LIST_UNVERIFIED] = "unverified",
	[LIST_UNTESTED] = "untested",
	[LIST_WRONG_NETWORK] = "wrong_network",
};

const char *
headline_name(enum headline h)
{
	return headline_words[h];
}

bool
headline_failed(enum headline h)
{
	switch (h) {
	case ABSENT:
	case UNCONNECTED:
	case LEFT_EARLY:
	case LOST:
	case UNATTENDED:
	case ONE_WAY:
	case POOR: return true;
	case UNTESTED:
	case UNVERIFIED:
	case LATE:
	case GOOD:
	case HEADLINE_N: return false;
	}
	return false;
}

const char *
grade_value_name(enum grade_value g)
{
	return grade_words[g];
}

/* ---- headline -------------------------------------------------------------------------------- */

static const char *
our_reason(const struct run *r, const struct run_site *s)
{
	if (r->missed)
		return "missed";
	if (s->spec->mcu >= 0) {
		const struct run_mcu *m = &r->mcus[s->spec->mcu];

		if (m->spec->disabled)
			return "mcu-unreachable";
		if (m->phase == MCU_REFUSED || (m->word[0] && !m->ever_ready))
			return m->word;
	}
	if (r->stopped)
		return "cancelled";
	if (s->spec->mcu >= 0 && r->mcus[s->spec->mcu].word[0])
		return r->mcus[s->spec->mcu].word;
	return "";
}

static const char *
cause_reason(enum cause c)
{
	switch (c) {
	case CAUSE_BUSY: return "busy";
	case CAUSE_REJECTED: case CAUSE_SITE_HANGUP: case CAUSE_AUTH: return "rejected";
	case CAUSE_WRONG_ADDRESS: return "wrong-address";
	case CAUSE_INCOMPATIBLE: return "incompatible";
	case CAUSE_NO_ANSWER: return "rang-unanswered";
	case CAUSE_UNKNOWN:
	case CAUSE_OUR_HANGUP:
	case CAUSE_UNREACHABLE:
	case CAUSE_NETWORK:
	case CAUSE_MCU:
	case CAUSE_GATEKEEPER:
	case CAUSE_N:
		break;
	}
	return "";
}

/* The last attempt that told something about the site. */
static const struct attempt *
telling_attempt(const struct run_site *s)
{
	for (size_t i = s->attempts.n; i > 0; i--)
		if (s->attempts.at[i - 1].result == ATTEMPT_FAILED)
			return &s->attempts.at[i - 1];
	return NULL;
}

static bool
rang_to_the_end(const struct run_site *s)
{
	for (size_t i = 0; i < s->attempts.n; i++)
		if (s->attempts.at[i].result == ATTEMPT_FAILED && s->attempts.at[i].rang &&
			s->attempts.at[i].cause == CAUSE_NO_ANSWER)
			return true;
	return false;
}

/* The last time that somebody who could have told looked: an attempt, or its codec's port. */
static int64_t
last_look(const struct run_site *s, const struct attempt *a, int64_t until)
{
	int64_t at = a->ended;

	at = s->probe_silent > at && s->probe_silent <= until ? s->probe_silent : at;
	return s->endpoint_seen > at && s->endpoint_seen <= until ? s->endpoint_seen : at;
}

/* Once is not enough: our failure kept us from trying it again, for longer than we had looked. It
 * may have come meanwhile. Nor is anybody judged within the grace that he has to come. */
static bool
looked_too_short(const struct run *r, const struct run_site *s, const struct attempt *a)
{
	const struct run_mcu *m = s->spec->mcu >= 0 ? &r->mcus[s->spec->mcu] : NULL;
	int64_t until = judge_stay_until(r), look = last_look(s, a, until),
		from = s->invited_at > r->dial_at ? s->invited_at : r->dial_at;

	if (a->cause == CAUSE_WRONG_ADDRESS)
		return false; /* the directory's fault, however short */
	if (r->stopped && look < from + r->spec->profile.grace_ms)
		return true;
	bool over = r->allclear_at || r->allclear_not_given || r->closed_at;

	return (over || (m && m->down)) && until - look > r->spec->profile.grace_ms &&
	       until - look > look - from;
}

/* It woke after its last attempt, and nobody called it, who is called at once: we were held, or
 * could not. */
enum { CALLED_WITHIN_MS = 60000 };

static bool
woke_uncalled(const struct run *r, const struct run_site *s, const struct attempt *a)
{
	bool no_life = a->cause == CAUSE_UNREACHABLE || (a->cause == CAUSE_NO_ANSWER && !a->rang);

	return no_life && s->alive_at > a->ended &&
	       judge_stay_until(r) - s->alive_at > CALLED_WITHIN_MS;
}

static enum headline
never_reached(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	const struct attempt *a = telling_attempt(s);

	if (s->spec->disabled || !a) {
		v->sub_reason = our_reason(r, s);
		return UNTESTED;
	}
	if (run_tried_in_vain(r, s)) {
		v->sub_reason = "uplink";
		return UNTESTED;
	}
	if (looked_too_short(r, s, a)) {
		v->sub_reason = our_reason(r, s);
		return UNTESTED;
	}
	if (woke_uncalled(r, s, a)) {
		v->sub_reason = our_reason(r, s);
		return UNTESTED;
	}
	if (v->alive == NO) {
		v->sub_reason = "no-sign-of-life";
		return ABSENT;
	}
	if (v->alive == UNKNOWN) {
		/* The directory is wrong, whether the box lives or not. */
		v->sub_reason = a->cause == CAUSE_WRONG_ADDRESS ? cause_reason(a->cause) : "";
		return a->cause == CAUSE_WRONG_ADDRESS ? UNCONNECTED : UNVERIFIED;
	}
	if (s->auto_answer == NO && rang_to_the_end(s)) {
		v->sub_reason = "auto-answer-off";
		return UNCONNECTED;
	}
	if (rang_to_the_end(s)) {
		v->sub_reason = "rang-unanswered";
		return UNATTENDED;
	}
	v->sub_reason = cause_reason(a->cause);
	return UNCONNECTED;
}

/* Gone without a goodbye: network, unknown, or a power cut that took its neighbours too. */
static bool
went_silent(const struct interval *gone)
{
	return gone->ended_by == ENDED_NETWORK || gone->ended_by == ENDED_UNKNOWN ||
	       gone->ended_by == ENDED_POWER;
}

/* A roll call that was planned and never came leaves the answer unknown, not unneeded. */
static bool
asks_for_answer(const struct run *r)
{
	int64_t at;

	return playbook_at(r->spec->playbook, STEP_ROLLCALL, &at);
}

/* Whether it was still there at the end was seen, or a person ended its leg. Nobody is called good
 * because we could not look. */
static bool
stay_is_known(const struct verdict *v, const struct interval *gone)
{
	return v->stayed != UNKNOWN ||
	       (gone && (gone->ended_by == ENDED_OPERATOR || gone->ended_by == ENDED_US));
}

/* Packets arrive and the picture does not move: no picture is proven by that. */
static bool
stands_still(const struct verdict *v)
{
	return verdict_has_flag(v, "frozen-picture");
}

static enum headline
headline(const struct run *r, struct verdict *v)
{
	const struct run_site *s = v->site;
	struct interval end;
	const struct interval *gone = judge_leaving(r, s, &end);

	v->sub_reason = "";
	if (!s->first_up)
		return never_reached(r, v);
	if (gone && v->stayed == NO) {
		v->sub_reason = gone->ended_by == ENDED_POWER  ? "switched-off"
				: gone->ended_by == ENDED_SITE ? "hang-up"
							       : "";
		return LEFT_EARLY;
	}
	if (gone && v->stayed == UNKNOWN && went_silent(gone))
		return LOST;
	if (v->answered == NO) {
		v->sub_reason = "no-answer-to-call";
		return UNATTENDED;
	}
	if (judge_any_media(v, NO))
		return ONE_WAY;
	if (judge_below_minimum(r, v) || judge_any_poor(v) || stands_still(v))
		return POOR;
	if (!judge_media_complete(v) || (asks_for_answer(r) && v->answered != YES) ||
		!stay_is_known(v, gone))
		return UNVERIFIED;
	if (v->late_s.known && v->late_s.v * 1000 > r->spec->profile.grace_ms)
		return LATE;
	return GOOD;
}

/* ---- all sites ------------------------------------------------------------------------------- */

static void
into_list(struct judgement *j, enum list l, const char *id)
{
	j->lists[l].ids[j->lists[l].n++] = id;
}

static void
fill_lists(struct judgement *j, const struct run *r)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct verdict *v = &j->verdicts[i];
		const char *id = v->site->spec->id;
		struct interval end;
		const struct interval *gone = judge_leaving(r, v->site, &end);

		j->count[v->headline]++;
		if (v->headline == ABSENT)
			into_list(j, LIST_ABSENT, id);
		if (v->headline == UNCONNECTED)
			into_list(j, LIST_UNCONNECTED, id);
		if (v->headline == UNATTENDED || (v->site->first_up && v->answered == NO))
			into_list(j, LIST_UNATTENDED, id);
		if (v->headline == LEFT_EARLY)
			into_list(j, LIST_LEFT_EARLY, id);
		if (v->late_s.known && v->late_s.v * 1000 > r->spec->profile.grace_ms)
			into_list(j, LIST_LATE, id);
		if (judge_any_media(v, NO))
			into_list(j, LIST_ONE_WAY, id);
		if (v->headline == LOST || (gone && v->stayed == UNKNOWN && went_silent(gone)))
			into_list(j, LIST_LOST, id);
		if (v->headline == UNVERIFIED)
			into_list(j, LIST_UNVERIFIED, id);
		if (v->headline == UNTESTED)
			into_list(j, LIST_UNTESTED, id);
		if (v->network == NO)
			into_list(j, LIST_WRONG_NETWORK, id);
	}
}

static void
judge_all_media(const struct run *r, struct verdict *v)
{
	for (int m = 0; m < MEDIA_N && v->site->first_up; m++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			judge_medium(r, v, m, d);
	if (judge_sound_only(r, v))
		judge_flag(v, "audio-only");
}

/* The fact of one medium and direction; made if there is none. */
static struct media_fact *
hop_fact(struct verdict *v, enum medium medium, enum direction direction)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].medium == medium && v->media[i].direction == direction)
			return &v->media[i];
	if (v->media_n == MEDIA_FACTS_MAX)
		return NULL;
	struct media_fact *f = &v->media[v->media_n++];

	*f = (struct media_fact){ .medium = medium,
		.direction = direction,
		.hop = v->hop,
		.seen_by = "",
		.loss_permille = -1,
		.jitter_ms = -1,
		.kbps = -1,
		.width = -1,
		.height = -1 };
	return f;
}

/* The receiver's word counts: from what is imported, what arrives at the sender's end. Of a hop
 * that we cannot see at all, everything. */
static void
judge_import(struct hop *h)
{
	struct verdict *v = &h->verdict;

	if (h->foreign && v->reached == UNKNOWN)
		v->reached = h->import->reached;
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			enum tri value = h->import->media[m][d];
			struct media_fact *f = value == UNKNOWN || (!h->foreign && d != TO_SITE)
						       ? NULL
						       : hop_fact(v, m, d);

			if (!f)
				continue;
			/* what arrives here, we tell */
			if (h->foreign && d == TO_SITE && f->value != UNKNOWN) {
				f->contradiction = f->contradiction || f->value != value;
				continue;
			}
			f->contradiction =
				f->contradiction || (f->value != UNKNOWN && f->value != value);
			f->value = value;
			f->grade = h->import->grade[m][d];
			f->seen_by = "import";
			f->evidence = (struct evidence_rows){ .seq = { h->import->seq }, .n = 1 };
		}
}

static void
judge_hops(const struct run *r, struct arena *a, struct judgement *out)
{
	out->hops = arena_alloc(a, (r->spec->mcus_n + 1) * sizeof *out->hops);
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		const struct spec_mcu *m = r->mcus[i].spec;

		if (str_empty(m->parent) || (r->mcus[i].reserve && !r->mcus[i].have_conference))
			continue;
		struct hop *h = &out->hops[out->hops_n++];

		*h = (struct hop){ .name = arena_printf(a, "%s-%s", m->name, m->parent),
			.lower = m->name,
			.upper = m->parent,
			.foreign = true };
		h->verdict.hop = h->name;
		for (size_t c = r->spec->sites_n; c < r->legs_n; c++) {
			if (r->sites[c].spec->lower != (int)i + 1)
				continue;
			h->foreign = r->mcus[r->sites[c].spec->mcu].spec->foreign;
			h->verdict.site = &r->sites[c];
			if (!h->foreign)
				judge_presence(r, &h->verdict);
			else if (r->sites[c].first_up) {
				h->verdict.reached = YES;
				judge_rests_on(&h->verdict.reached_rows, r->sites[c].first_up_seq);
			}
			judge_all_media(r, &h->verdict);
		}
		h->import = imported_hop(r, h->lower, h->upper);
		if (h->import)
			judge_import(h);
	}
}

void
judge(const struct run *r, struct arena *a, struct judgement *out)
{
	memset(out, 0, sizeof *out);
	out->n = r->spec->sites_n;
	out->verdicts = arena_alloc(a, (out->n + 1) * sizeof *out->verdicts);
	for (int l = 0; l < LIST_N; l++)
		out->lists[l].ids = arena_alloc(a, (out->n + 1) * sizeof *out->lists[l].ids);
	for (size_t i = 0; i < out->n; i++) {
		struct verdict *v = &out->verdicts[i];

		v->site = &r->sites[i];
		v->hop = "site-mcu";
		judge_life(v);
		judge_presence(r, v);
		judge_lateness(r, v);
		judge_network(r, v);
		judge_all_media(r, v);
		judge_answer(r, v);
		v->headline = headline(r, v);
		judge_checklist(r, v);
	}
	judge_hops(r, a, out);
	fill_lists(out, r);
}
