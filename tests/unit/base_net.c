/* Addresses against networks, as a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/net.h"

static void
test_contains(void **state)
{
	static const struct {
		const char *cidr, *ip;
		bool in;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.1.2", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "10.20.0.0/15", "10.21.255.255", true },
		{ "10.20.0.0/15", "10.22.0.0", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "203.0.113.9/32", "203.0.113.9", true },
		{ "203.0.113.9/32", "203.0.113.8", false },
		{ "10.0.0.0/8", "10.1.1.1:5060", true },
		{ "10.0.0.0/8", "::ffff:10.1.1.1", true },
		{ "fd00::/8", "fd12::1", true },
		{ "fd00::/8", "fe80::1", false },
		{ "10.0.0.0/8", "fd12::1", false },
		{ "10.0.0.0", "10.1.1.1", false },
		{ "10.0.0.0/33", "10.1.1.1", false },
		{ "10.0.0.0/x", "10.1.1.1", false },
		{ "10.0.0.0/8", "", false },
		{ "10.0.0.0/8", "chu-tuc.example", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(net_contains(rows[i].cidr, rows[i].ip), rows[i].in);
}

static void
test_mac(void **state)
{
	static const struct {
		const char *text, *mac;
	} rows[] = {
		{ "02-00-00-01-00-0a", "02:00:00:01:00:0A" },
		{ "02:00:00:01:00:0A", "02:00:00:01:00:0A" },
		{ "0200.0001.000a", "02:00:00:01:00:0A" },
		{ "02000001000a", "02:00:00:01:00:0A" },
		{ "02000001000", "" },
		{ "02000001000a0", "" },
		{ "02:00:00:01:00:0g", "" },
		{ "", "" },
		{ NULL, "" },
	};
	char mac[18];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(net_mac(rows[i].text, mac), *rows[i].mac != 0);
		assert_string_equal(mac, rows[i].mac);
	}
}

static void
test_host(void **state)
{
	static const struct {
		const char *url, *host;
	} rows[] = {
		{ "https://10.1.1.10:8443/x", "10.1.1.10" },
		{ "ssh://[::1]:22", "::1" },
		{ "10.1.1.10:80", "10.1.1.10" },
		{ "http://u@mcu.example/?a=b", "mcu.example" },
		{ "fd12::1", "fd12::1" },
		{ "", "" },
	};
	char host[64], tiny[4];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		net_host(rows[i].url, host, sizeof host);
		assert_string_equal(host, rows[i].host);
	}
	net_host("10.1.1.10", tiny, sizeof tiny);
	assert_string_equal(tiny, "10.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_contains),
		cmocka_unit_test(test_mac), cmocka_unit_test(test_host) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
