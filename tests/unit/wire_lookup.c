/* Names of hosts: digits at once, names in a thread that a deadline and a cancel leave behind, and
 * the first error of a task that stays. getaddrinfo() is ours here: it is slow for one name. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/lookup.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>

enum { SLOW_MS = 300 };

static atomic_int asked, answered;

int getaddrinfo(
	const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **out);

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	void *found = dlsym(RTLD_NEXT, "getaddrinfo");
	memcpy(&real, &found, sizeof real);
	if ((hints->ai_flags & AI_NUMERICHOST) || strcmp(host, "slow.example") != 0)
		return real(host, port, hints, out);
	atomic_fetch_add(&asked, 1);
	usleep(SLOW_MS * 1000);
	int rc = real("127.0.0.1", port, hints, out);
	atomic_fetch_add(&answered, 1);
	return rc;
}

static int
port_of(const struct sockaddr *a)
{
	return ntohs(a->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)a)->sin6_port
					      : ((const struct sockaddr_in *)a)->sin_port);
}

static void
digits_and_names(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 20000);
	struct addrinfo *all = NULL;
	struct sockaddr_storage one;
	socklen_t size = 0;
	assert_int_equal(lookup_all(t, "127.0.0.9", 5060, SOCK_STREAM, &all), OK);
	assert_non_null(all);
	assert_int_equal(port_of(all->ai_addr), 5060);
	assert_int_equal(all->ai_socktype, SOCK_STREAM);
	freeaddrinfo(all);
	assert_int_equal(lookup_host(t, "slow.example", 5061, SOCK_DGRAM, &one, &size), OK);
	assert_int_equal(size, sizeof(struct sockaddr_in));
	assert_int_equal(port_of((struct sockaddr *)&one), 5061);
	task_end(&f);
}

static void
silence_is_unreachable(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 50);
	struct addrinfo *all = NULL;
	assert_int_equal(lookup_all(t, "slow.example", 1, SOCK_STREAM, &all), ERR_UNREACHABLE);
	assert_null(all);
	assert_int_equal(t->code, ERR_UNREACHABLE);
	assert_has(t->why, "look up slow.example: no answer in the time given");
	task_end(&f);
}

static void
the_first_error_stays(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 50);
	struct sockaddr_storage one;
	socklen_t size = 1;
	task_fail(t, ERR_BUSY, "something before");
	assert_int_equal(
		lookup_host(t, "slow.example", 1, SOCK_DGRAM, &one, &size), ERR_UNREACHABLE);
	assert_int_equal(size, 0);
	assert_int_equal(t->code, ERR_BUSY);
	assert_string_equal(t->why, "something before");
	task_end(&f);
}

static void
a_cancel_leaves_at_once(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 20000);
	struct addrinfo *all = NULL;
	pthread_t other;
	int before = atomic_load(&answered);
	assert_int_equal(pthread_create(&other, NULL, cancel_soon, &t->cancel_fd), 0);
	assert_int_equal(lookup_all(t, "slow.example", 1, SOCK_STREAM, &all), ERR_CANCELED);
	assert_null(all);
	pthread_join(other, NULL);
	task_end(&f);
	/* The thread ends by itself and frees what it shared. */
	for (int i = 0; i < 100 && atomic_load(&answered) == before; i++)
		usleep(50 * 1000);
	assert_true(atomic_load(&answered) > before);
}

/* No thread may outlive the program: what it holds would look lost. */
static int
wait_for_all(void **state)
{
	for (int i = 0; i < 100 && atomic_load(&answered) < atomic_load(&asked); i++)
		usleep(50 * 1000);
	usleep(50 * 1000);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_and_names),
		cmocka_unit_test(silence_is_unreachable),
		cmocka_unit_test(the_first_error_stays),
		cmocka_unit_test(a_cancel_leaves_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, wait_for_all);
}
