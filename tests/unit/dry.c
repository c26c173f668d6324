/* A rehearsal on paper: every order of the playbook at its instant, one leg per site, cascade legs
 * after the conference below is open and never muted, and nothing left over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "dry.h"

#define START 1549756800000LL

static const char playbook[] =
	"<playbook name='t' title='T' phase='rehearsal' anchor='event'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	"<dial at='PT1M' attempts='2' every='PT1M' probe-every='PT30S'/>\n"
	"<verify at='PT3M' within='PT2M'/>\n"
	"<rollcall at='PT6M' answer-within='PT20S' calls='2'/>\n"
	"<escalate at='PT8M' sites='failed' to='contact'/>\n"
	"<allclear at='PT9M' by='rule' latest='PT12M'/>\n"
	"<close at='PT15M'/>\n"
	"<report at='PT16M'/>\n"
	"</playbook>\n";

struct seen {
	struct buf text;
	int dials, starts, ends, mutes_off;
	int64_t lower_started, cascade_dialed, last;
	bool cascade_muted;
	char cascade_address[160];
};

static void
take(const struct run *r, const struct order *o, int64_t now, void *arg)
{
	struct seen *s = arg;

	assert_true(now >= s->last);
	s->last = now;
	buf_printf(&s->text, "%lld %s %s %s\n", (long long)(now - START), verb_name(o->verb),
		o->device, o->site);
	s->starts += o->verb == VERB_START;
	s->ends += o->verb == VERB_END;
	s->mutes_off += o->verb == VERB_MUTE && !o->on;
	if (o->verb == VERB_START && str_eq(o->device, "huyen"))
		s->lower_started = now;
	if (o->verb == VERB_DIAL) {
		s->dials++;
		if (str_starts(o->site, "mcu:")) {
			s->cascade_dialed = now;
			s->cascade_muted = o->on;
			str_copy(s->cascade_address, sizeof s->cascade_address, o->address);
		}
	}
}

static struct spec *
spec_new(struct arena *a)
{
	struct faults faults = { .arena = a };
	struct spec *s = arena_alloc(a, sizeof *s);
	struct spec_mcu *mcus = arena_alloc(a, 2 * sizeof *mcus);
	struct spec_site *sites = arena_alloc(a, 4 * sizeof *sites);
	const unsigned can = EVIDENCE_RX_COUNTERS | EVIDENCE_LEVEL | EVIDENCE_ONE_LEG;

	mcus[0] = (struct spec_mcu){ .name = "huyen",
		.adapter = "fake",
		.evidence = can,
		.width = 1,
		.parent = "tinh",
		.host = "10.1.1.2" };
	mcus[1] = (struct spec_mcu){ .name = "tinh",
		.adapter = "fake",
		.evidence = can,
		.width = 1,
		.parent = "",
		.host = "10.1.1.1" };
	for (int i = 0; i < 3; i++)
		sites[i] = (struct spec_site){ .id = arena_printf(a, "s%d", i),
			.name = arena_printf(a, "Site %d", i),
			.tier = "commune",
			.parent = "",
			.district = "",
			.address = { "sip:x@10.2.0.1", "" },
			.leg_name = arena_printf(a, "s%d", i),
			.class = "",
			.people = -1,
			.chair = "",
			.contact = "",
			.contact_phone = "",
			.provider = "" };
	sites[3] = (struct spec_site){ .id = "mcu:huyen",
		.name = "huyen",
		.tier = "",
		.parent = "tinh",
		.district = "",
		.address = { "sip:{conference}@10.1.1.2", "" },
		.mcu = 1,
		.lower = 1,
		.leg_name = "mcu-huyen",
		.class = "",
		.people = -1,
		.chair = "",
		.contact = "",
		.contact_phone = "",
		.provider = "" };
	*s = (struct spec){ .id = "r",
		.key = "k",
		.calendar = "c",
		.uid = "u",
		.recurrence_id = "-",
		.name = "t",
		.title = "T",
		.summary = "",
		.phase = PHASE_REHEARSAL,
		.anchor = START,
		.planned_start = START,
		.session_key = "",
		.conference = "hop-1",
		.commit = "",
		.playbook_xml = playbook,
		.profile_xml = "",
		.lang = "vi",
		.sites = sites,
		.sites_n = 3,
		.cascades_n = 1,
		.mcus = mcus,
		.mcus_n = 2 };
	s->playbook = playbook_parse(playbook, sizeof playbook - 1, "t.xml", a, &faults);
	assert_non_null(s->playbook);
	profile_default(&s->profile);
	return s;
}

static void
test_orders_on_paper(void **state)
{
	struct arena *a = arena_new();
	struct seen s = { 0 }, again = { 0 };
	struct spec *spec = spec_new(a);

	dry_run(spec, take, &s);
	assert_int_equal(s.starts, 2);
	assert_int_equal(s.dials, 4);
	assert_int_equal(s.ends, 2);
	assert_int_equal(s.mutes_off, 3);
	assert_true(s.cascade_dialed > s.lower_started);
	assert_true(s.cascade_dialed >= START + 60000);
	assert_false(s.cascade_muted);
	assert_string_equal(s.cascade_address, "sip:hop-1@10.1.1.2");
	assert_true(s.last >= START + 15 * 60000);
	/* The same paper twice. */
	dry_run(spec, take, &again);
	assert_string_equal(buf_str(&s.text), buf_str(&again.text));
	buf_free(&s.text);
	buf_free(&again.text);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_orders_on_paper) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
