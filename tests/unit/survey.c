/* The survey: each line of its rule, what it must not hold against equipment, servers, lines,
 * changes; sums that add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/survey_report.h"
#include "survey.h"

#include "adapters/wire/json.h"
#include "base/str.h"

#include <string.h>

struct fixture {
	struct arena *a;
	struct sites sites;
	struct records records;
	struct inventories inventories;
	struct profile profile;
	struct site_class class;
	struct survey survey;
};

static struct site *
site(struct fixture *f, const char *id)
{
	struct site *s = &f->sites.at[f->sites.n++];
	*s = (struct site){ .id = id,
		.name = id,
		.tier = TIER_COMMUNE,
		.parent = "",
		.district = "Huyện",
		.mcu = "tinh",
		.address = { "", "" },
		.adapter = "cisco-roomos",
		.control = "",
		.contact = "",
		.contact_phone = "",
		.contact_mail = "",
		.chief = "",
		.chief_mail = "",
		.provider = "VNPT",
		.provider_mail = "",
		.platform = "",
		.class = "xa",
		.line = "" };
	return s;
}

/* n runs alike. */
static void
runs(struct fixture *f, const char *id, int n, struct record_run like)
{
	struct record_site *r = map_get(f->records.by_id, id);
	if (!r) {
		r = arena_alloc(f->a, sizeof *r);
		r->id = r->name = id;
		r->district = r->provider = r->tier = "";
		map_set(f->records.by_id, id, r);
		*vec_add_in(f->a, &f->records.sites) = r;
	}
	like.run = "r";
	like.fault = like.fault ? like.fault : "";
	like.cause = like.cause ? like.cause : "";
	for (int i = 0; i < n; i++)
		*vec_add_in(f->a, &r->runs) = like;
}

static const struct record_run good = { .headline = GOOD,
	.loss_permille = 2,
	.jitter_ms = 5,
	.kbps = 768,
	.width = 1280,
	.height = 720 };

static struct record_run
failed(enum headline h, const char *fault, const char *cause)
{
	return (struct record_run){ .headline = h,
		.fault = fault,
		.cause = cause,
		.loss_permille = 2,
		.kbps = -1,
		.width = -1,
		.height = -1 };
}

static void
begin(struct fixture *f)
{
	*f = (struct fixture){ .a = arena_new() };
	f->sites.at = arena_alloc(f->a, 40 * sizeof *f->sites.at);
	record_new(&f->records, f->a);
	f->inventories.arena = f->a;
	profile_default(&f->profile);
	f->class = (struct site_class){
		.name = "xa", .min_kbps = 512, .min_width = 1280, .min_height = 720, .video = true
	};
	f->profile.classes = &f->class;
	f->profile.classes_n = 1;
}

static void
make(struct fixture *f)
{
	static const char *const retired[] = { "gk-cu.example", NULL };
	record_finish(&f->records);
	survey_make(
		&f->sites, &f->records, &f->inventories, &f->profile, retired, 0, f->a, &f->survey);
}

static void
finish(struct fixture *f)
{
	record_free(&f->records);
	arena_free(f->a);
}

static const struct survey_site *
of(const struct fixture *f, const char *id)
{
	for (size_t i = 0; i < f->survey.n; i++)
		if (str_eq(f->survey.sites[i].site->id, id))
			return &f->survey.sites[i];
	fail_msg("no site %s", id);
	return NULL;
}

static void
test_each_line_of_the_rule(void **state)
{
	struct fixture f;
	struct record_run small = good, lossy;
	(void)state;
	begin(&f);
	small.height = 288;
	small.width = 352;
	small.below = true;
	lossy = small;
	lossy.loss_permille = 80;
	site(&f, "tot");
	runs(&f, "tot", 5, good);
	site(&f, "moi");
	runs(&f, "moi", 2, good);
	site(&f, "khong-chay");
	site(&f, "hong");
	runs(&f, "hong", 4, failed(POOR, "broken-video", "equipment"));
	site(&f, "thap");
	runs(&f, "thap", 4, small);
	site(&f, "thap-mot-lan-du"); /* reached it once: its settings can */
	runs(&f, "thap-mot-lan-du", 4, small);
	runs(&f, "thap-mot-lan-du", 1, good);
	site(&f, "thap-vi-duong"); /* the line was not good: nothing is known of the equipment */
	runs(&f, "thap-vi-duong", 4, lossy);
	site(&f, "micro");
	runs(&f, "micro", 4, good);
	runs(&f, "micro", 2, failed(ONE_WAY, "no-audio", "equipment"));
	site(&f, "cau-hinh");
	runs(&f, "cau-hinh", 4, good);
	runs(&f, "cau-hinh", 2, failed(UNCONNECTED, "no-connection", "configuration"));
	site(&f, "duong"); /* half of all by the line: unfit, and no equipment is charged */
	runs(&f, "duong", 2, good);
	runs(&f, "duong", 4, failed(POOR, "noisy-audio", "line"));
	site(&f, "vang"); /* people who do not come */
	runs(&f, "vang", 6, failed(ABSENT, "no-connection", "operation"));
	make(&f);
	static const struct {
		const char *id;
		enum proposal proposal;
		const char *besides;
	} rows[] = { { "tot", PROPOSAL_KEEP, "" }, { "moi", PROPOSAL_UNKNOWN, "" },
		{ "khong-chay", PROPOSAL_UNKNOWN, "" }, { "hong", PROPOSAL_REPLACE, "" },
		{ "thap", PROPOSAL_REPLACE, "" }, { "thap-mot-lan-du", PROPOSAL_KEEP, "" },
		{ "thap-vi-duong", PROPOSAL_KEEP, "" }, { "micro", PROPOSAL_PART, "" },
		{ "cau-hinh", PROPOSAL_RECONFIGURE, "" }, { "duong", PROPOSAL_KEEP, "line" },
		{ "vang", PROPOSAL_KEEP, "operation" } };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct survey_site *s = of(&f, rows[i].id);
		if (s->proposal != rows[i].proposal)
			fail_msg(
				"%s: %s (%s)", rows[i].id, proposal_name(s->proposal), s->evidence);
		assert_string_equal(s->besides, rows[i].besides);
	}
	assert_int_equal(of(&f, "thap")->times, 4);
	assert_int_equal(of(&f, "thap")->height, 288);
	assert_int_equal(of(&f, "thap-mot-lan-du")->height, 720);
	assert_int_equal(of(&f, "khong-chay")->height, -1);
	finish(&f);
}

static void
test_settings_servers_lines_addresses(void **state)
{
	struct fixture f;
	(void)state;
	begin(&f);
	struct site *s = site(&f, "cu");
	s->address[0] = "h323:1001@GK-cu.example:1719";
	s->line = "Cáp quang TSLCD | FTTH VNPT";
	s = site(&f, "hai");
	s->address[0] = "sip:2@sip-moi.example";
	s->address[1] = "h323:2@gk-cu.example";
	s->line = "FTTH | ftth";
	s = site(&f, "moi");
	s->address[0] = "h323:1001@gk-moi.example";
	s->line = "Cáp quang TSLCD";
	s = site(&f, "trung");
	s->address[0] = "h323:1001@gk-moi.example";
	runs(&f, "moi", 5, good);
	*vec_add_in(f.a, &f.inventories.at) = (struct inventory){ .device = "site:moi",
		.address = "",
		.adapter = "",
		.vendor = "Cisco",
		.model = "SX20",
		.software = "TC7",
		.serial = "S1",
		.alarms = "",
		.auto_answer = NO };
	make(&f);
	assert_true(of(&f, "cu")->retired && of(&f, "hai")->retired && !of(&f, "moi")->retired);
	assert_string_equal(of(&f, "hai")->server, "gk-cu.example");
	assert_int_equal(of(&f, "cu")->lines_n, 2);
	assert_true(of(&f, "cu")->beside_dedicated && !of(&f, "cu")->same_line_twice);
	assert_true(of(&f, "hai")->same_line_twice && !of(&f, "hai")->beside_dedicated);
	assert_false(of(&f, "moi")->beside_dedicated);
	assert_string_equal(of(&f, "trung")->shares_address, "moi");
	assert_null(of(&f, "moi")->shares_address);
	/* auto-answer is off, whatever the record */
	assert_int_equal(of(&f, "moi")->proposal, PROPOSAL_RECONFIGURE);
	assert_string_equal(of(&f, "moi")->group, "Cisco SX20");
	assert_string_equal(of(&f, "trung")->group, "cisco-roomos");
	finish(&f);
}

static void
test_everybody_is_counted_once(void **state)
{
	struct fixture f;
	struct buf b = { 0 };
	const struct json *j;
	int sites = 0, proposals = 0;
	(void)state;
	begin(&f);
	site(&f, "a")->platform = "VNPT";
	site(&f, "b")->platform = "VNPT";
	site(&f, "c");
	site(&f, "=d")->name = "=1+1";
	runs(&f, "a", 5, good);
	make(&f);
	for (size_t i = 0; i < f.survey.groups_n; i++) {
		sites += f.survey.groups[i].sites;
		for (int k = 0; k < PROPOSALS_N; k++)
			proposals += f.survey.groups[i].by_proposal[k];
	}
	assert_int_equal(sites, 4);
	assert_int_equal(proposals, 4);
	assert_int_equal(f.survey.groups_n, 2);
	struct survey_period p = { .from = 1, .to = 86400000, .scope = "", .survey = &f.survey };
	survey_json(&p, &b);
	assert_int_equal(json_parse(f.a, b.at, b.n, &j, NULL), OK);
	assert_int_equal(json_get(j, "sites")->count, 4);
	assert_null(json_text(json_get(json_get(j, "sites")->first, "measured"), "nothing"));
	assert_true(json_figure(json_get(json_get(j, "sites")->first, "measured"), "height").known);
	assert_false(json_figure(json_get(json_get(j, "sites")->first->next, "measured"), "height")
			     .known);
	assert_non_null(survey_build(&p, NULL, "vi", f.a));
	buf_free(&b);
	finish(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_line_of_the_rule),
		cmocka_unit_test(test_settings_servers_lines_addresses),
		cmocka_unit_test(test_everybody_is_counted_once),
	};
	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
