/* From a verdict to fault, probable cause and first thing to try: tables, so that everybody gets
 * the same advice.
 *
 * Called by `calls`, by escalations, incidents and the record of a site. Owns nothing. The first
 * line that holds speaks, as in judge.c. It must never accuse a site of what failed at our end, nor
 * call a proposal proven. */
#include "advice.h"

#include "base/str.h"
#include "causes.h"
#include "text.h"

const char *const advice_faults[] = { "no-connection", "unattended", "left-early", "no-audio",
	"noisy-audio", "no-video", "video-delay", "broken-video", "drop", "wrong-network", NULL };
const char *const advice_causes[] = { "equipment", "configuration", "line", "power", "operation",
	"coordination", NULL };

static const struct line {
	enum headline headline; /* HEADLINE_N: whichever */
	const char *sub_reason, *common, *flag; /* NULL: whichever */
	int medium; /* of what is missing or poor; -1 whichever */
	const char *fault, *cause, *evidence, *first;
} lines[] = {
	{ ABSENT, NULL, "power-cut", NULL, -1, "no-connection", "power",
		T("neighbouring sites went off at the same time"),
		T("Ask whether there is electricity; switch to the reserve supply.") },
	{ ABSENT, NULL, "line", NULL, -1, "no-connection", "line",
		T("most sites of the same MCU went at the same time"),
		T("Report the common line to the provider; do not call each site.") },
	{ ABSENT, NULL, NULL, NULL, -1, "no-connection", "operation",
		T("no sign of life from the equipment"),
		T("Ask to switch on the equipment and to check power and network cable.") },
	{ UNCONNECTED, "busy", NULL, NULL, -1, "no-connection", "operation",
		T("the equipment says it is busy"),
		T("Ask to end the other call at the equipment.") },
	{ UNCONNECTED, "rejected", NULL, NULL, -1, "no-connection", "operation",
		T("the call was rejected at the site"),
		T("Ask to accept the call, or to switch on auto-answer.") },
	{ UNCONNECTED, "wrong-address", NULL, NULL, -1, "no-connection", "configuration",
		T("the address in the directory leads nowhere"),
		T("Ask for the number or address shown on the equipment and correct sites.csv.") },
	{ UNCONNECTED, "incompatible", NULL, NULL, -1, "no-connection", "configuration",
		T("the settings of both ends do not fit"),
		T("Check protocol, encryption and call rate at the equipment.") },
	{ UNCONNECTED, "auto-answer-off", NULL, NULL, -1, "no-connection", "configuration",
		T("auto-answer is switched off"),
		T("Ask to switch on auto-answer in the settings.") },
	{ UNCONNECTED, NULL, NULL, NULL, -1, "no-connection", "", T("alive, but never connected"),
		T("Ask to restart the equipment, then dial again.") },
	{ LEFT_EARLY, NULL, "power-cut", NULL, -1, "left-early", "power",
		T("neighbouring sites went off at the same time"),
		T("Ask whether there is electricity; switch to the reserve supply.") },
	{ LEFT_EARLY, NULL, NULL, NULL, -1, "left-early", "operation",
		T("ended or switched off at the site before the all-clear"),
		T("Ask to switch on again and to stay until the end is announced.") },
	{ LOST, NULL, NULL, NULL, -1, "drop", "line", T("gone without a hang-up and not back"),
		T("Ask whether the equipment is on; if it is, check the network cable and report "
		  "the line to the provider.") },
	{ UNATTENDED, NULL, NULL, NULL, -1, "unattended", "coordination",
		T("the equipment is on, nobody answered"),
		T("Ask that somebody be in the room to test microphone and loudspeaker.") },
	{ ONE_WAY, NULL, NULL, "muted-by-setting", -1, "no-audio", "configuration",
		T("muted by a setting of the equipment"),
		T("Ask to switch off the mute of the microphone in the settings.") },
	{ ONE_WAY, NULL, NULL, "silent-microphone", -1, "no-audio", "equipment",
		T("the stream arrives, but carries no sound"),
		T("Ask to check the microphone, its cable and its switch.") },
	{ ONE_WAY, NULL, NULL, NULL, AUDIO, "no-audio", "configuration",
		T("no sound packets in one direction"),
		T("Ask to check microphone and loudspeaker; then the firewall for media ports.") },
	{ ONE_WAY, NULL, NULL, NULL, -1, "no-video", "configuration",
		T("no picture packets in one direction"),
		T("Ask to check the camera and its cable; then the firewall for media ports.") },
	{ POOR, NULL, NULL, "frozen-picture", -1, "video-delay", "line",
		T("the picture stood still although packets arrived"),
		T("Ask to close what else uses the line; lower the call rate.") },
	{ POOR, NULL, NULL, "low-rate", -1, "broken-video", "configuration",
		T("less than the rate that its class demands"),
		T("Check the call rate set at the equipment.") },
	{ POOR, NULL, NULL, "low-resolution", -1, "broken-video", "configuration",
		T("less than the resolution that its class demands"),
		T("Check the call rate set at the equipment.") },
	{ POOR, NULL, NULL, NULL, VIDEO, "broken-video", "line", T("packets are lost or late"),
		T("Ask to close what else uses the line; report the line to the provider.") },
	{ POOR, NULL, NULL, NULL, -1, "noisy-audio", "line", T("packets are lost or late"),
		T("Ask to close what else uses the line; report the line to the provider.") },
	{ HEADLINE_N, NULL, NULL, "wrong-network", -1, "wrong-network", "configuration",
		T("came from a network that is not permitted"),
		T("Ask to connect the equipment to the dedicated state network.") },
	{ HEADLINE_N, NULL, NULL, "drop", -1, "drop", "line", T("gone and back during the run"),
		T("Check the network cable; watch the line.") },
};

/* Its medium is not proven, or graded worst. */
static bool
medium_at_fault(const struct verdict *v, int medium)
{
	for (int i = 0; i < v->media_n; i++) {
		const struct media_fact *m = &v->media[i];
		bool bad = v->headline == ONE_WAY ? m->value == NO
						  : m->grade == GRADE_POOR || m->grade == GRADE_BAD;
		if (bad && (int)m->medium == medium)
			return true;
	}
	return false;
}

static const struct line *
line_of(const struct verdict *v)
{
	for (size_t i = 0; v->headline != UNTESTED && i < sizeof lines / sizeof lines[0]; i++) {
		const struct line *l = &lines[i];
		if (l->headline != HEADLINE_N && l->headline != v->headline)
			continue;
		if ((l->sub_reason && !str_eq(l->sub_reason, v->sub_reason)) ||
			(l->common && !str_eq(l->common, v->common_cause)))
			continue;
		if ((l->flag && !verdict_has_flag(v, l->flag)) ||
			(l->medium >= 0 && !medium_at_fault(v, l->medium)))
			continue;
		return l;
	}
	return NULL;
}

const char *
advice_fault(const struct verdict *v)
{
	const struct line *l = line_of(v);
	return l ? l->fault : "";
}

const char *
advice_cause(const struct verdict *v)
{
	const struct line *l = line_of(v);
	return l ? l->cause : "";
}

const char *
advice_fault_settled(const struct verdict *v)
{
	return v->site && v->site->fault_confirmed ? v->site->fault_confirmed : advice_fault(v);
}

const char *
advice_cause_settled(const struct verdict *v)
{
	return v->site && v->site->cause_confirmed ? v->site->cause_confirmed : advice_cause(v);
}

const char *
advice_evidence(const struct verdict *v)
{
	const struct line *l = line_of(v);
	return l ? l->evidence : "";
}

const char *
advice_device(const struct verdict *v)
{
	const struct run_site *s = v->site;
	if (!s)
		return "";
	switch (v->headline) {
	case LEFT_EARLY: case LOST:
		return s->intervals.n ? s->intervals.at[s->intervals.n - 1].ending.device_words
				      : "";
	case ABSENT: case UNCONNECTED: case UNATTENDED:
		for (size_t i = s->first_up ? 0 : s->attempts.n; i > 0; i--)
			if (s->attempts.at[i - 1].result == ATTEMPT_FAILED)
				return s->attempts.at[i - 1].words;
		return "";
	case UNTESTED:
	case ONE_WAY:
	case POOR:
	case UNVERIFIED:
	case LATE:
	case GOOD:
	case HEADLINE_N: break;
	}
	return "";
}

const char *
advice_first(const struct verdict *v)
{
	const struct line *l = line_of(v);
	const char *said = l ? advice_device(v) : "";
	return *causes_word(said) ? causes_first(CAUSE_UNKNOWN, said) : l ? l->first : "";
}

bool
advice_call(const struct verdict *v)
{
	return headline_failed(v->headline) && !v->site->spec->disabled;
}

const char *
advice_say_fault(const char *lang, const char *fault)
{
	static const struct text_word words[] = {
		{ "no-connection", T("no connection") },
		{ "unattended", T("on, but nobody there") },
		{ "left-early", T("left before the end was announced") },
		{ "no-audio", T("no sound") },
		{ "noisy-audio", T("noisy sound") },
		{ "no-video", T("no picture") },
		{ "video-delay", T("delayed picture") },
		{ "broken-video", T("broken picture") },
		{ "drop", T("connection dropped") },
		{ "wrong-network", T("not on the dedicated network") },
		{ "none", T("no fault") },
		{ 0 },
	};
	return text_word(lang, words, fault);
}

const char *
advice_say_cause(const char *lang, const char *cause)
{
	static const struct text_word words[] = {
		{ "equipment", T("equipment") },
		{ "configuration", T("configuration") },
		{ "line", T("transmission line") },
		{ "power", T("power supply") },
		{ "operation", T("operation") },
		{ "coordination", T("coordination") },
		{ 0 },
	};
	if (str_empty(cause))
		return text_get(lang, T("cause not known"));
	return text_word(lang, words, cause);
}

int *
advice_order(const struct run *r, const struct judgement *j, struct arena *a, size_t *out_n)
{
	int *order = arena_alloc(a, (j->n + 1) * sizeof *order);
	size_t n = 0;
	for (size_t i = 0; i < j->n; i++) {
		if (!advice_call(&j->verdicts[i]))
			continue;
		size_t at = n++;
		for (; at > 0 &&
			r->spec->sites[order[at - 1]].importance < r->spec->sites[i].importance;
			at--)
			order[at] = order[at - 1];
		order[at] = (int)i;
	}
	*out_n = n;
	return order;
}
