/* The simulated Huawei SMC 2.0 without its sockets. */
#include "tests/lab/rmx_text.c"
#include "tests/lab/smc2.c"
#include "tests/unit/hall.h"

static char cookie[120];

static unsigned
ask(int64_t at, const char *service, const char *name, const char *inner)
{
	struct web_request rq = { 0 };
	str_copy(rq.cookie, sizeof rq.cookie, cookie);
	snprintf(rq.action, sizeof rq.action, "\"http://smc.huawei.com/%s\"", name);
	return ask_with(at, "POST", arena_printf(arena, "/esdk/services/%s", service),
		arena_printf(arena,
			"<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" "
			"xmlns:smc=\"http://smc.huawei.com/\"><e:Header/><e:Body><smc:%s>%s</"
			"smc:%s></e:Body></e:Envelope>",
			name, inner, name),
		rq);
}

static bool
log_in(const char *password)
{
	char want[64];
	cookie[0] = '\0';
	assert_int_equal(ask(0, "tpCommon", "LoginRequest",
				 "<userName>dieuhanh</userName><clientType>API</clientType>"),
		200);
	str_copy(cookie, sizeof cookie, reply.cookie);
	expected(password, between("<randomSequence>"), want);
	ask(0, "tpCommon", "Authenticate",
		arena_printf(arena, "<encryptPassword>%s</encryptPassword>", want));
	return says("<resultCode>0<");
}

static void
logins(void **state)
{
	lab(&smc2_kind, "", "site a on\n");
	assert_int_equal(ask(0, "tpProfessionalConfMgr", "queryConferencesStatusEx", ""), 200);
	assert_true(says("<resultCode>1344274435<"));
	assert_true(log_in("tongduyet"));
	ask(0, "tpProfessionalConfMgr", "queryConferencesStatusEx", "");
	assert_true(says("<ns2:queryConferencesStatusExResponse") && says("<name>phong-thu<"));
	/* another service's */
	assert_int_equal(ask(0, "tpCommon", "queryConferencesStatusEx", ""), 500);
	for (int i = 0; i < 3; i++)
		assert_false(log_in("sai"));
	assert_true(says("<resultCode>1344274433<"));
	assert_false(log_in("tongduyet")); /* locked */
	assert_true(says("<resultCode>1344274490<"));
}

static void
one_life(void **state)
{
	lab(&smc2_kind, "", "site a on hangup +60s\nsite b busy\nsite c wrong-address\n");
	assert_true(log_in("tongduyet"));
	ask(0, "tpProfessionalConfMgr", "scheduleConfEx",
		"<scheduleConf><name>td</name></scheduleConf>");
	const char *conf = arena_printf(arena, "<confId>%s</confId>", between("<confId>"));
	ask(0, "tpProfessionalConfMgr", "addSiteToConfEx",
		arena_printf(arena, "%s<siteInfo><uri>a@127.20.0.1</uri><name>A</name></siteInfo>",
			conf));
	ask(0, "tpProfessionalConfMgr", "queryConfSitesStatusEx", conf);
	assert_false(says("<siteStatuses>")); /* it would have to call in: nobody is called */
	static const char *const uris[] = { "a@127.20.0.1", "b@127.20.0.2", "c@127.20.0.3" };
	for (int i = 0; i < 3; i++)
		ask(0, "tpProfessionalConfMgr", "addSiteToConfEx",
			arena_printf(arena,
				"%s<siteInfo><uri>%s</uri><name>A</name><dialingMode>0</"
				"dialingMode></siteInfo>",
				conf, uris[i]));
	ask(900, "tpProfessionalConfMgr", "queryConfSitesStatusEx", conf);
	assert_true(says("<status>5<")); /* rings */
	ask(9000, "tpProfessionalConfMgr", "queryConfSitesStatusEx", conf);
	assert_true(says("<status>2<") && says("<errCode>117</errCode><discription>busy<") &&
		    says("<errCode>110<"));
	ask(9000, "tpProfessionalConfCtrl", "setSitesMuteEx",
		arena_printf(arena, "%s<siteUris>a@127.20.0.1</siteUris><isMute>0</isMute>", conf));
	assert_true(box->b.legs.at[0]->leg.muted);
	ask(90000, "tpProfessionalConfMgr", "queryConfSitesStatusEx", conf);
	assert_false(says("<status>2<"));
	ask(90000, "tpProfessionalConfMgr", "connectSitesEx",
		arena_printf(arena, "%s<siteUris>b@127.20.0.2</siteUris>", conf));
	assert_true(hall_is_live((struct hall_leg *)box->b.legs.at[1]));
	ask(90000, "tpProfessionalConfMgr", "delScheduledConfEx", conf);
	ask(90000, "tpProfessionalConfMgr", "queryConfSitesStatusEx", conf);
	assert_true(says("<resultCode>1347420162<"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(logins, setup, teardown),
		cmocka_unit_test_setup_teardown(one_life, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
