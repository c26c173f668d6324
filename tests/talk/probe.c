/* Talks of the probe: SIP over UDP and TCP and bare ports, against scripted peers on loopback. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/probe.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum how { ANSWERS, HANGS, DROPS, CANCELS, DEAF_ONCE };

/* One datagram socket and one listener on the same port; either may be left out. */
struct sip_peer {
	int udp, tcp, stop, port, cancel_fd;
	enum how how;
	const char *reply; /* behind the status line; %s is replaced by the question's Call-ID
			    * line */
	int asked;
	struct buf heard;
	pthread_t thread;
};

struct talk {
	struct task task;
	struct lane lane;
	struct device device;
	struct sip_peer peer;
	char url[96];
	bool hushed;
};

static const struct endpoint_adapter *const box = &probe_adapter;

static int
bound(int type, int port, int *out_port)
{
	int yes = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, (void *)&at, n) || (type == SOCK_STREAM && listen(fd, 4)) ||
		getsockname(fd, (void *)&at, &n)) {
		close(fd);
		return -1;
	}
	*out_port = ntohs(at.sin_port);
	return fd;
}

static void
answer(struct sip_peer *p, const char *question, struct buf *out)
{
	const char *id = strstr(question, "Call-ID:");
	buf_puts(&p->heard, question);
	p->asked++;
	if (p->how == CANCELS)
		eventfd_write(p->cancel_fd, 1);
	bool answers = p->how == ANSWERS || (p->how == DEAF_ONCE && p->asked > 1);
	if (!answers || !id)
		return;
	for (const char *s = p->reply; *s; s++) {
		if (*s == '%' && s[1] == 's')
			buf_add(out, id, strcspn(id, "\r\n")), s++;
		else
			buf_putc(out, *s);
	}
}

static void
serve_stream(struct sip_peer *p)
{
	int fd = accept(p->tcp, NULL, NULL);
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof bytes - 1, 0);
	struct buf out = { 0 };
	if (n > 0) {
		bytes[n] = '\0';
		answer(p, bytes, &out);
		if (out.n && send(fd, out.at, out.n, MSG_NOSIGNAL) < 0)
			abort();
		struct pollfd f[2] = { { .fd = p->stop, .events = POLLIN },
			{ .fd = fd, .events = POLLIN } };
		if (p->how != DROPS)
			poll(f, 2, 8000);
	}
	buf_free(&out);
	close(fd);
}

static void *
peer_main(void *of)
{
	struct sip_peer *p = of;
	for (;;) {
		struct pollfd f[3] = { { .fd = p->stop, .events = POLLIN },
			{ .fd = p->udp, .events = POLLIN }, { .fd = p->tcp, .events = POLLIN } };
		if (poll(f, 3, 10000) <= 0 || f[0].revents)
			return NULL;
		if (f[2].revents)
			serve_stream(p);
		if (!f[1].revents)
			continue;
		char bytes[4096];
		struct sockaddr_in from;
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(p->udp, bytes, sizeof bytes - 1, 0, (void *)&from, &size);
		struct buf out = { 0 };
		if (n > 0) {
			bytes[n] = '\0';
			answer(p, bytes, &out);
			if (out.n)
				sendto(p->udp, out.at, out.n, 0, (void *)&from, size);
		}
		buf_free(&out);
	}
}

static void
begin(struct talk *k, enum how how, bool udp, bool tcp, const char *reply)
{
	*k = (struct talk){ 0 };
	k->task = (struct task){ .arena = arena_new(), .cancel_fd = eventfd(0, 0),
		.deadline = clock_mono() + 12000 };
	k->peer = (struct sip_peer){ .udp = -1,
		.tcp = -1,
		.stop = eventfd(0, 0),
		.how = how,
		.reply = reply,
		.cancel_fd = k->task.cancel_fd };
	/* A port that is free for both. */
	for (int i = 0; i < 50 && k->peer.tcp < 0; i++) {
		int port = 0;
		k->peer.udp = bound(SOCK_DGRAM, 0, &port);
		k->peer.port = port;
		k->peer.tcp = bound(SOCK_STREAM, port, &port);
		if (k->peer.tcp < 0)
			close(k->peer.udp);
	}
	assert_true(k->peer.tcp >= 0);
	if (!udp) {
		close(k->peer.udp);
		k->peer.udp = -1;
	}
	if (!tcp) {
		close(k->peer.tcp);
		k->peer.tcp = -1;
	}
	pthread_create(&k->peer.thread, NULL, peer_main, &k->peer);
	snprintf(k->url, sizeof k->url, "sip://127.0.0.1:%d?tcp=1", k->peer.port);
	k->device = (struct device){
		.name = "site:chu-tuc", .adapter = "probe", .url = k->url, .width = 1
	};
	k->lane = (struct lane){ .device = &k->device, .arena = arena_new() };
	assert_int_equal(box->open(&k->task, &k->lane), OK);
}

/* What the peer heard may be looked at from then on. */
static void
hush(struct talk *k)
{
	if (k->hushed)
		return;
	k->hushed = true;
	eventfd_write(k->peer.stop, 1);
	pthread_join(k->peer.thread, NULL);
}

static void
finish(struct talk *k)
{
	hush(k);
	box->close(&k->task, &k->lane);
	assert_null(k->lane.session);
	if (k->peer.udp >= 0)
		close(k->peer.udp);
	if (k->peer.tcp >= 0)
		close(k->peer.tcp);
	close(k->peer.stop);
	close(k->task.cancel_fd);
	buf_free(&k->peer.heard);
	arena_free(k->task.arena);
	arena_free(k->lane.arena);
}

#define OK_200 \
	"SIP/2.0 200 OK\r\n%s\r\nServer: AVer, EVC130 00.01.12.81\r\nContent-Length: 0\r\n\r\n"

/* ---- it works -------------------------------------------------------------------------------- */

static void
tells_model_and_firmware_without_a_password(void **unused)
{
	struct talk k;
	struct identity who;
	begin(&k, ANSWERS, true, false, OK_200);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "AVer");
	assert_string_equal(who.model, "EVC130");
	assert_string_equal(who.software, "00.01.12.81");
	finish(&k);
}

/* A number nobody has, a box that is busy: the stack answered. */
static void
any_final_answer_is_life(void **unused)
{
	static const char *const replies[] = { "SIP/2.0 404 Not Found\r\n%s\r\n\r\n",
		"SIP/2.0 486 Busy Here\r\n%s\r\n\r\n", "SIP/2.0 100 Trying\r\n%s\r\n\r\n" };
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		struct talk k;
		struct endpoint_status s;
		begin(&k, ANSWERS, true, false, replies[i]);
		assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
		assert_int_equal(s.in_call, UNKNOWN);
		assert_int_equal(s.auto_answer, UNKNOWN);
		assert_false(s.sampled);
		finish(&k);
	}
}

static void
asks_again_when_a_datagram_is_lost(void **unused)
{
	struct talk k;
	struct endpoint_status s;
	begin(&k, DEAF_ONCE, true, false, OK_200);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	hush(&k);
	assert_int_equal(k.peer.asked, 2);
	assert_non_null(strstr(k.peer.heard.at, ";rport\r\nMax-Forwards: 70\r\n"));
	/* the whole port, not four digits of it */
	assert_non_null(strstr(k.peer.heard.at,
		arena_printf(k.task.arena, "To: <sip:127.0.0.1:%d>", k.peer.port)));
	finish(&k);
}

static void
asks_over_tcp_where_nobody_hears_datagrams(void **unused)
{
	struct talk k;
	struct identity who;
	begin(&k, ANSWERS, false, true,
		"SIP/2.0 100 Trying\r\n%s\r\n\r\nSIP/2.0 405 No\r\n%s\r\nUser-Agent: baresip "
		"v1.0.0 (x86_64/linux)\r\n\r\n");
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "baresip");
	assert_string_equal(who.software, "v1.0.0 (x86_64/linux)");
	hush(&k);
	assert_non_null(strstr(k.peer.heard.at, "Via: SIP/2.0/TCP "));
	finish(&k);
}

static void
an_open_port_is_a_sign_of_life(void **unused)
{
	struct talk k, quiet;
	struct endpoint_status s;
	struct identity who;
	begin(&quiet, HANGS, false, true, "");
	begin(&k, HANGS, false, false, "");
	box->close(&k.task, &k.lane);
	snprintf(k.url, sizeof k.url, "sip://127.0.0.1:%d?tcp=1,%d", k.peer.port, quiet.peer.port);
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "");
	finish(&k);
	finish(&quiet);
}

/* Taken and then silent until the time is over: somebody is there all the same. So is who says only
 * "trying". */
static void
life_that_came_before_the_deadline_counts(void **unused)
{
	static const struct {
		enum how how;
		bool udp;
	} table[] = { { HANGS, false }, { ANSWERS, true } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct talk k;
		struct endpoint_status s;
		begin(&k, table[i].how, table[i].udp, true, "SIP/2.0 100 Trying\r\n%s\r\n\r\n");
		k.task.deadline = clock_mono() + 1500;
		assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
		finish(&k);
	}
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
nothing_there_is_no_sign_of_life(void **unused)
{
	struct talk k;
	struct endpoint_status s;
	begin(&k, HANGS, false, false, "");
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_UNREACHABLE);
	assert_non_null(strstr(k.task.why, "no sign of life"));
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	struct talk k;
	struct endpoint_status s;
	begin(&k, HANGS, true, false, "");
	k.task.deadline = clock_mono() + 1500;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_TIMEOUT);
	finish(&k);
}

static void
a_cancelled_question_comes_back(void **unused)
{
	struct talk k;
	struct endpoint_status s;
	begin(&k, CANCELS, true, false, "");
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_CANCELED);
	finish(&k);
}

/* A port that takes the connection and hangs up is there all the same. */
static void
the_line_drops(void **unused)
{
	struct talk k;
	struct endpoint_status s;
	begin(&k, DROPS, false, true, "");
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	finish(&k);
}

static void
garbage_and_answers_to_others_are_no_sign(void **unused)
{
	static const char *const replies[] = { "\x16\x03hello\r\n\r\n",
		"SIP/2.0 200 OK\r\nCall-ID: 1234@elsewhere\r\n\r\n", "SIP/2.0 999 ?\r\n%s\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\n%s\r\n\r\n" };
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		struct talk k;
		struct endpoint_status s;
		begin(&k, ANSWERS, true, false, replies[i]);
		assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_UNREACHABLE);
		finish(&k);
	}
}

/* There is no password to be wrong: what an address may say is checked. */
static void
an_address_is_checked(void **unused)
{
	static const char *const wrong[] = { "https://10.1.1.1", "sip://", "sip://a:b",
		"sip://10.1.1.1?tcp=x", "sip://10.1.1.1?tcp=1,2,3,4,5,6,7,8,9",
		"sip://10.1.1.1?tcp=0" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct task t = {
			.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 1000
		};
		struct device d = { .name = "site:x", .url = wrong[i] };
		struct lane l = { .device = &d, .arena = arena_new() };
		assert_int_equal(box->open(&t, &l), ERR_INPUT);
		arena_free(t.arena);
		arena_free(l.arena);
	}
	assert_true(!box->dial && !box->hangup && !box->mute && !box->answer && !box->message);
}

static void
agents_come_in_many_shapes(void **unused)
{
	static const struct {
		const char *agent, *vendor, *model, *software;
	} t[] = {
		{ "AVer, EVC130 00.01.12.81", "AVer", "EVC130", "00.01.12.81" },
		{ "baresip v1.0.0 (x86_64/linux)", "", "baresip", "v1.0.0 (x86_64/linux)" },
		{ "Maker Box 500/6.2.2-560", "", "Maker Box 500", "6.2.2-560" },
		{ "Stack-1.10", "", "Stack", "1.10" },
		{ "Some words, and more", "", "Some words, and more", "" },
		{ "6.1", "", "6.1", "" },
		{ "", "", "", "" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct identity who;
		sip_agent(t[i].agent, &who);
		assert_string_equal(who.vendor, t[i].vendor);
		assert_string_equal(who.model, t[i].model);
		assert_string_equal(who.software, t[i].software);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_model_and_firmware_without_a_password),
		cmocka_unit_test(any_final_answer_is_life),
		cmocka_unit_test(asks_again_when_a_datagram_is_lost),
		cmocka_unit_test(asks_over_tcp_where_nobody_hears_datagrams),
		cmocka_unit_test(an_open_port_is_a_sign_of_life),
		cmocka_unit_test(life_that_came_before_the_deadline_counts),
		cmocka_unit_test(nothing_there_is_no_sign_of_life),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_question_comes_back),
		cmocka_unit_test(the_line_drops),
		cmocka_unit_test(garbage_and_answers_to_others_are_no_sign),
		cmocka_unit_test(an_address_is_checked),
		cmocka_unit_test(agents_come_in_many_shapes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
