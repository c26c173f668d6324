/* The simulated CMS without its sockets: pages, paths, records, media sections, and whole
 * conversations. */
#include "tests/lab/bridge.c"
#include "tests/lab/cms_cdr.c"
#include "tests/lab/cms_legs.c"
#include "tests/lab/cms_objects.c"
#include "tests/lab/cms_text.c"
#include "tests/lab/fleet.c"
#include "tests/lab/log.c"
#include "tests/lab/post.c"
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/web_form.c"
#include "tests/lab/words.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define START 1550000000000LL

static void
pages(void **state)
{
	static const struct {
		size_t total;
		const char *offset, *limit;
		size_t cap, from, count;
	} table[] = { { 24, NULL, NULL, 10, 0, 10 }, { 24, "0", "100", 10, 0, 10 },
		{ 24, "20", "100", 10, 20, 4 }, { 24, "24", "10", 10, 24, 0 },
		{ 24, "99", NULL, 10, 24, 0 }, { 24, "3", "2", 10, 3, 2 },
		{ 24, "x", "-1", 10, 0, 10 }, { 0, NULL, NULL, 10, 0, 0 } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct cms_window w =
			cms_page(table[i].total, table[i].offset, table[i].limit, table[i].cap);
		assert_int_equal(w.offset, table[i].from);
		assert_int_equal(w.count, table[i].count);
	}
}

static void
paths(void **state)
{
	char ids[2][80];
	assert_true(cms_path("calls/@/callLegs", "calls/ab-c/calllegs", ids));
	assert_string_equal(ids[0], "ab-c");
	assert_true(cms_path("calls/@/participants/*", "calls/7/participants/*", ids));
	assert_false(cms_path("participants/@", "participants/*", ids));
	assert_false(cms_path("calls/@", "calls/7/callLegs", ids));
	assert_false(cms_path("calls/@/callLegs", "calls/7", ids));
	assert_false(cms_path("calls/@", "calls/", ids));
	assert_true(cms_path("calls", "calls/", ids));
	assert_false(cms_path("calls", "callsign", ids));
}

static void
forms(void **state)
{
	struct web_form f = { 0 };
	web_form_parse(&f, "a=xin+ch%C3%A0o&b=&c&d=1%2&=z&&e=%26");
	assert_string_equal(web_form_get(&f, "a"), "xin chào");
	assert_string_equal(web_form_get(&f, "b"), "");
	assert_string_equal(web_form_get(&f, "c"), "");
	assert_string_equal(web_form_get(&f, "d"), "1%2");
	assert_string_equal(web_form_get(&f, "e"), "&");
	assert_null(web_form_get(&f, "x"));
	web_form_free(&f);
	assert_int_equal(f.n, 0);
}

static void
reasons(void **state)
{
	assert_string_equal(cms_reason("busy", "a@x"), "remoteBusy");
	assert_string_equal(cms_reason("noAnswer", "a@x"), "ringingTimeout");
	assert_string_equal(cms_reason("dnsFailed", "sip:a@nowhere.vn"), "dnsFailure");
	assert_string_equal(cms_reason("dnsFailed", "sip:a@127.0.0.9"), "unknownDestination");
	assert_string_equal(cms_reason("callMoved", "a@x"), "callMoved");
}

static void
records(void **state)
{
	struct cms_record r[2] = { { .index = 4, .correlator = 9, .missing = 2, .xml = (char[]){ "<record type=\"a\"\0<x/>" } },
		{ .index = 5, .correlator = 10, .xml = (char[]){ "<record type=\"b\"\0<y/>" } } };
	struct cms_receiver v = { .queue = { r, 2, 2 } };
	struct buf b = { 0 };
	cms_write_records(&v, "S", 2, &b);
	assert_string_equal(buf_str(&b), "<?xml version=\"1.0\"?>\n<records session=\"S\">\n"
		"<record type=\"a\" recordIndex=\"4\" correlatorIndex=\"9\" numPreceedingRecordsMissing=\"2\"><x/></record>\n"
		"<record type=\"b\" recordIndex=\"5\" correlatorIndex=\"10\"><y/></record>\n</records>\n");
	buf_clear(&b);
	cms_write_records(&v, "S", 1, &b);
	assert_null(strstr(buf_str(&b), "type=\"b\""));
	buf_free(&b);
}

static void
receivers(void **state)
{
	char host[64];
	const char *path;
	int port;
	assert_true(cms_receiver_uri("http://127.0.0.1:8099/cdr?x=1", host, &port, &path));
	assert_string_equal(host, "127.0.0.1");
	assert_int_equal(port, 8099);
	assert_string_equal(path, "/cdr?x=1");
	assert_true(cms_receiver_uri("http://127.0.0.1", host, &port, &path));
	assert_int_equal(port, 80);
	assert_string_equal(path, "/");
	assert_false(cms_receiver_uri("http://192.0.2.1/cdr", host, &port, &path));
	assert_false(cms_receiver_uri("https://127.0.0.1/cdr", host, &port, &path));
	assert_false(cms_receiver_uri("http://127.0.0.1:0/", host, &port, &path));
}

static int
bits(const char *text, const char *section)
{
	const char *at = strstr(text, section), *b = at ? strstr(at, "<bitRate>") : NULL;
	int64_t v = -1;
	char digits[16] = "";
	if (b)
		snprintf(digits, sizeof digits, "%.*s", (int)strcspn(b + 9, "<"), b + 9);
	return b && str_to_int(digits, 0, INT32_MAX, &v) ? (int)v : -1;
}

static void
media(void **state)
{
	static const struct {
		const char *behaviour;
		int64_t ms;
		const char *has;
		bool sections, audio, picture; /* sections at all; receives sound; receives a picture */
	} table[] = {
		{ "on", 500, "<state>initial</state>", false, false, false },
		{ "on", 1500, "<state>ringing</state>", false, false, false },
		{ "on", 9000, "<state>connected</state>", true, true, true },
		{ "loss 4%", 9000, "<packetLossPercentage>4.0<", true, true, true },
		{ "one-way audio to-site", 9000, "<rxAudio>", true, false, true },
		{ "one-way video to-site", 9000, "<txVideo role", true, true, false },
		{ "frozen +2s", 9000, "<state>connected</state>", true, false, false },
		{ "poweroff +2s", 9000, "<state>connected</state>", true, false, false },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct arena *a = arena_new();
		struct faults faults = { .arena = a };
		struct scenario s;
		assert_true(scenario_parse(a, "x.lab",
			arena_printf(a, "mcu m cisco-cms https://127.10.0.1\nsite a %s\n",
				table[i].behaviour),
			&s, &faults));
		assert_string_equal(s.sites.at[0].address, "sip:a@127.20.0.1");
		fleet_open(&s, a, START);
		struct cms_leg l = { .b.leg.mcu = &s.mcus.at[0], .id = "0123456789" };
		leg_dial(&l.b.leg, fleet_find(s.sites.at[0].address), START, false);
		for (int64_t t = 0; t <= table[i].ms; t += 100)
			leg_advance(&l.b.leg, START + t);
		struct buf b = { 0 };
		cms_write_status(&l, "allEqual", START + table[i].ms, &b);
		const char *x = buf_str(&b);
		assert_non_null(strstr(x, table[i].has));
		assert_int_equal(strstr(x, "<txAudio>") != NULL, table[i].sections);
		assert_int_equal(bits(x, "<rxAudio>") > 0, table[i].audio);
		assert_int_equal(bits(x, "<rxVideo role=\"main\">") > 0, table[i].picture);
		if (i == 5) /* no stream, no section */
			assert_null(strstr(x, "<rxVideo"));
		buf_free(&b);
		arena_free(a);
	}
}

/* ---- conversations ---- */

static struct arena *arena;
static struct scenario scenario;
static struct cms *box;
static struct web_reply reply;

static void
lab(const char *mcu, const char *who)
{
	struct faults faults = { .arena = arena };
	assert_true(scenario_parse(arena, "x.lab",
		arena_printf(arena, "mcu m cisco-cms https://127.10.0.1 %s\n%s", mcu, who),
		&scenario, &faults));
	fleet_open(&scenario, arena, START);
	box = xalloc(sizeof *box);
	box->b.plan = &scenario.mcus.at[0];
	box->b.kind = &cms_kind;
	box->b.started = START;
	cms_id(box, box->session);
}

static int
setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	for (size_t i = 0; i < box->b.legs.n; i++)
		free(box->b.legs.at[i]);
	for (size_t i = 0; i < box->calls.n; i++)
		free(box->calls.at[i]);
	for (size_t i = 0; i < box->spaces.n; i++)
		free(box->spaces.at[i]);
	for (int i = 0; i < CMS_RECEIVERS; i++)
		cms_receiver_clear(&box->receivers[i]);
	vec_free(&box->b.legs);
	vec_free(&box->calls);
	vec_free(&box->spaces);
	free(box);
	buf_free(&reply.body);
	arena_free(arena);
	return 0;
}

/* The status of one request; what it says is in `reply`. */
static unsigned
ask_as(const char *user, int64_t at, const char *method, const char *path, const char *form)
{
	struct web_request rq = {
		.method = method, .path = arena_printf(arena, "/api/v1/%s", path), .login = true
	};
	str_copy(rq.user, sizeof rq.user, user);
	str_copy(rq.password, sizeof rq.password, "tongduyet");
	if (str_eq(method, "GET"))
		web_form_parse(&rq.query, form);
	else
		buf_puts(&rq.body, form);
	buf_free(&reply.body);
	reply = (struct web_reply){ .status = 200 };
	bridge_tick(&box->b, START + at);
	cms_request(box, &rq, START + at, &reply);
	web_form_free(&rq.query);
	buf_free(&rq.body);
	return reply.status;
}

static unsigned
ask(int64_t at, const char *method, const char *path, const char *form)
{
	return ask_as("dieuhanh", at, method, path, form);
}

/* What was made, as its path. */
static const char *
made(void)
{
	assert_int_equal(reply.body.n, 0);
	assert_true(str_starts(reply.location, "/api/v1/"));
	return arena_printf(arena, "%s", reply.location + 8);
}

static bool
says(const char *text)
{
	return strstr(buf_str(&reply.body), text) != NULL;
}

/* A call, and one leg for each site. */
static const char *
rehearse(const char *mcu, const char *who)
{
	lab(mcu, who);
	assert_int_equal(ask(0, "POST", "coSpaces", "name=td&uri=td"), 200);
	const char *id = strrchr(made(), '/') + 1;
	assert_int_equal(ask(0, "POST", "calls", arena_printf(arena, "coSpace=%s", id)), 200);
	const char *call = made();
	for (size_t i = 0; i < scenario.sites.n; i++)
		assert_int_equal(ask(0, "POST", arena_printf(arena, "%s/callLegs", call),
					 arena_printf(arena, "remoteParty=%s&rxAudioMute=true",
						 scenario.sites.at[i].address)),
			200);
	return call;
}

static void
list_in_pages(void **state)
{
	rehearse("page 3", "fleet 8 x on\n");
	int seen = 0;
	for (int offset = 0; offset < 9; offset += 3) {
		assert_int_equal(ask(9000, "GET", "callLegs",
					 arena_printf(arena, "offset=%d&limit=50", offset)),
			200);
		assert_true(says("total=\"8\""));
		for (const char *p = buf_str(&reply.body); (p = strstr(p, "<callLeg ")); p++)
			seen++;
	}
	assert_int_equal(seen, 8);
	assert_false(says("<status>")); /* a list tells names and addresses only */
}

static void
legs_vanish(void **state)
{
	const char *call = rehearse("", "site a busy\nsite b on\nsite c hangup +5s\n");
	const char *leg =
		arena_printf(arena, "callLegs/%s", ((struct cms_leg *)box->b.legs.at[0])->id);
	assert_int_equal(ask(500, "GET", leg, ""), 200);
	assert_true(says("<state>initial<"));
	assert_int_equal(ask(5000, "GET", leg, ""), 404);
	assert_true(says("<failureDetails><callLegDoesNotExist/></failureDetails>"));
	assert_int_equal(ask(20000, "GET", "calllegs", ""), 200);
	assert_true(says("total=\"1\""));
	const char *b =
		arena_printf(arena, "callLegs/%s", ((struct cms_leg *)box->b.legs.at[1])->id);
	assert_int_equal(ask(20000, "GET", b, ""), 200);
	assert_true(says("<rxAudioMute>true<"));
	assert_int_equal(ask(20000, "PUT", b, "rxAudioMute=false"), 200);
	assert_false(box->b.legs.at[1]->leg.muted);
	assert_int_equal(ask(20000, "PUT", b, "rxAudioMute=true&layout=onePlusSix"), 400);
	assert_true(says("<parameterError parameter=\"layout\""));
	assert_false(box->b.legs.at[1]->leg.muted); /* refused as a whole */
	assert_int_equal(ask(20000, "PUT", arena_printf(arena, "%s/participants/*", call), "rxAudioMute=true"), 200);
	assert_true(box->b.legs.at[1]->leg.muted);
	assert_int_equal(ask(20000, "DELETE", call, ""), 200);
	assert_int_equal(ask(20000, "GET", b, ""), 404);
	assert_int_equal(ask(20000, "GET", call, ""), 404);
	assert_true(says("callDoesNotExist"));
}

static void
refusals(void **state)
{
	lab("fault 503 every 4", "site a on\n");
	assert_int_equal(ask_as("ai-do", 0, "GET", "calls", ""), 401);
	assert_int_equal(ask(0, "GET", "nothing", ""), 404);
	assert_int_equal(ask(0, "POST", "calls", "coSpace=x"), 404);
	assert_int_equal(ask(0, "GET", "calls", ""), 503);
	assert_int_equal(ask(0, "GET", "calls", ""), 200);
	assert_int_equal(ask(0, "POST", "calls", ""), 400);
	assert_true(says("parameter=\"coSpace\""));
	assert_int_equal(ask(0, "POST", "system/cdrReceivers", "url=http://127.0.0.1/"), 400); /* it is `uri` */
	assert_int_equal(ask(0, "GET", "calls", ""), 503);
	for (int i = 0; i < CMS_RECEIVERS; i++) {
		unsigned got = ask(0, "POST", "system/cdrReceivers", "uri=http://127.0.0.1/");
		if (got == 503)
			got = ask(0, "POST", "system/cdrReceivers", "uri=http://127.0.0.1/");
		assert_int_equal(got, 200);
	}
	assert_int_equal(ask(0, "POST", "system/cdrReceivers", "uri=http://127.0.0.1/"), 400);
	assert_true(says("tooManyCdrReceivers"));
}

/* A receiver that is away: what does not fit is lost, and the next record that fits says how
 * many. */
static void
lost_records(void **state)
{
	lab("reboot +9m", "fleet 30 x on\n");
	assert_int_equal(ask(0, "POST", "system/cdrReceivers", "uri=http://127.0.0.1:9/"), 200);
	struct cms_receiver *r = &box->receivers[0];
	assert_int_equal(ask(0, "POST", "coSpaces", "name=td"), 200);
	const char *id = strrchr(made(), '/') + 1;
	assert_int_equal(ask(0, "POST", "calls", arena_printf(arena, "coSpace=%s", id)), 200);
	const char *call = made();
	assert_int_equal(r->queue.n, 1);
	for (int i = 0; i < 30; i++)
		ask(0, "POST", arena_printf(arena, "%s/callLegs", call),
			arena_printf(arena, "remoteParty=%s", scenario.sites.at[i].address));
	bridge_tick(&box->b, START + 1000); /* ringing */
	bridge_tick(&box->b, START + 9000); /* connected */
	assert_int_equal(r->queue.n, CMS_QUEUE);
	assert_int_equal(r->missing, 1 + 90 - CMS_QUEUE);
	posted(box, r, CMS_PER_POST, 500); /* refused: the same again later */
	assert_int_equal(r->queue.n, CMS_QUEUE);
	assert_int_equal(r->queue.at[0].index, 1);
	posted(box, r, CMS_PER_POST, 200);
	assert_int_equal(r->queue.n, CMS_QUEUE - CMS_PER_POST);
	assert_int_equal(r->queue.at[0].index, 1 + CMS_PER_POST);
	assert_int_equal(ask(10000, "DELETE",
				 arena_printf(arena, "callLegs/%s",
					 ((struct cms_leg *)box->b.legs.at[0])->id),
				 ""),
		200);
	const struct cms_record *last = &r->queue.at[r->queue.n - 1];
	assert_int_equal(last->index, CMS_QUEUE + 1); /* no gap here */
	assert_int_equal(last->missing, 1 + 90 - CMS_QUEUE);
	assert_int_equal(last->correlator, 91); /* but here */
	char session[CMS_ID];
	str_copy(session, sizeof session, box->session);
	bridge_tick(&box->b, START + 700000); /* it restarts */
	assert_string_not_equal(session, box->session);
	assert_int_equal(r->queue.n, 0);
	assert_int_equal(r->index, 0);
	assert_int_equal(ask(900000, "GET", call, ""), 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pages), cmocka_unit_test(paths),
		cmocka_unit_test(forms), cmocka_unit_test(reasons), cmocka_unit_test(records),
		cmocka_unit_test(receivers), cmocka_unit_test(media),
		cmocka_unit_test_setup_teardown(list_in_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(legs_vanish, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_records, setup, teardown) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
