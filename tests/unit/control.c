/* The local socket: framing, limits, who is at the other end, watchers, clients that leave or do
 * not read, and a socket that a dead daemon left behind. One thread plays both ends but where the
 * client must block. */
#include "control.h"

#include "base/clock.h"
#include "base/str.h"

#include <pthread.h>
#include <stdatomic.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct house {
	char folder[64], path[96];
	struct control *control;
	struct buf heard; /* lines, each with a newline */
	uint64_t number;
	char peer[64];
	bool answer;
};

static int
setup(void **state)
{
	struct house *h = xalloc(sizeof *h);
	str_copy(h->folder, sizeof h->folder, "/tmp/control-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	snprintf(h->path, sizeof h->path, "%s/socket", h->folder);
	struct err_text e = { 0 };
	if (control_listen(h->path, &h->control, &e))
		fail_msg("%s", e.text);
	*state = h;
	return 0;
}

static int
teardown(void **state)
{
	struct house *h = *state;
	control_close(h->control);
	assert_int_equal(access(h->path, F_OK), -1);
	rmdir(h->folder);
	buf_free(&h->heard);
	free(h);
	return 0;
}

static void
hear(struct control_client *k, const char *line, void *arg)
{
	struct house *h = arg;
	buf_printf(&h->heard, "%s\n", line);
	h->number = control_number(k);
	str_copy(h->peer, sizeof h->peer, control_peer(k));
	if (str_starts(line, "watch "))
		control_subscribe(k, line + 6);
	if (h->answer) {
		struct buf b = { 0 };
		buf_printf(&b, "echo\n%s", line);
		control_answer(k, buf_str(&b));
		buf_free(&b);
	}
}

/* Turns of the daemon's loop until nothing more comes for a moment. */
static void
turn(struct house *h)
{
	struct pollfd fds[64];
	for (int i = 0; i < 1000; i++) {
		int n = control_fds(h->control, fds, 64);
		if (poll(fds, (nfds_t)n, 20) <= 0)
			return;
		control_ready(h->control, fds, n, hear, h);
	}
	fail_msg("the loop does not come to rest");
}

static int
raw_client(const struct house *h)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	str_copy(a.sun_path, sizeof a.sun_path, h->path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static void
put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static struct control_call *
call(const struct house *h)
{
	struct err_text e = { 0 };
	struct control_call *c = NULL;
	if (control_connect(h->path, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

static void
a_request_is_answered(void **state)
{
	struct house *h = *state;
	h->answer = true;
	struct control_call *c = call(h);
	struct err_text e = { 0 };
	assert_int_equal(control_send(c, "{\"verb\":\"status\"}", &e), OK);
	assert_int_equal(control_send(c, "{\"verb\":\"sites\"}", &e), OK);
	assert_int_equal(control_send(c, "two\nlines", NULL), ERR_INPUT);
	turn(h);
	assert_string_equal(buf_str(&h->heard), "{\"verb\":\"status\"}\n{\"verb\":\"sites\"}\n");
	const char *line;
	assert_int_equal(control_receive(c, 1000, &line, &e), OK);
	assert_string_equal(line, "echo {\"verb\":\"status\"}"); /* one line, whatever was inside */
	assert_int_equal(control_receive(c, 1000, &line, &e), OK);
	assert_string_equal(line, "echo {\"verb\":\"sites\"}");
	assert_int_equal(control_receive(c, 30, &line, &e), ERR_TIMEOUT);
	assert_null(line);
	struct passwd *who = getpwuid(getuid());
	char number[32];
	snprintf(number, sizeof number, "%lu", (unsigned long)getuid());
	assert_string_equal(h->peer, who ? who->pw_name : number);
	assert_non_null(control_find(h->control, h->number));
	control_hangup(c);
	turn(h);
	assert_null(control_find(h->control, h->number));
}

static void
lines_come_in_any_pieces(void **state)
{
	struct house *h = *state;
	int fd = raw_client(h);
	turn(h);
	put(fd, "on");
	turn(h);
	put(fd, "e\n\n\ntwo\nth");
	turn(h);
	assert_string_equal(buf_str(&h->heard), "one\ntwo\n");
	put(fd, "ree\n");
	shutdown(fd, SHUT_WR);
	turn(h);
	assert_string_equal(buf_str(&h->heard), "one\ntwo\nthree\n");
	close(fd);
	fd = raw_client(h);
	put(fd, "half a line");
	close(fd);
	turn(h);
	assert_string_equal(buf_str(&h->heard), "one\ntwo\nthree\n");
}

static void
an_answer_reaches_one_who_said_all(void **state)
{
	struct house *h = *state;
	h->answer = true;
	int fd = raw_client(h);
	put(fd, "last words\n");
	shutdown(fd, SHUT_WR);
	turn(h);
	char bytes[64] = "";
	assert_int_equal(recv(fd, bytes, sizeof bytes - 1, MSG_DONTWAIT), 16);
	assert_string_equal(bytes, "echo last words\n");
	assert_int_equal(recv(fd, bytes, sizeof bytes - 1, 0), 0);
	close(fd);
}

static void
too_long_a_line_ends_the_client(void **state)
{
	struct house *h = *state;
	char *bytes = xalloc(70 * 1024);
	memset(bytes, 'a', 70 * 1024 - 1);
	bytes[64 * 1024] = '\n';
	bytes[64 * 1024 + 1] = '\0';
	int fd = raw_client(h);
	put(fd, bytes); /* just within */
	turn(h);
	assert_int_equal(h->heard.n, 64 * 1024 + 1);
	buf_clear(&h->heard);
	memset(bytes, 'a', 70 * 1024 - 1);
	put(fd, bytes); /* no end in sight */
	turn(h);
	assert_int_equal(h->heard.n, 0);
	assert_int_equal(recv(fd, bytes, 10, 0) <= 0, 1);
	close(fd);
	fd = raw_client(h);
	assert_int_equal(send(fd, "a\0b\n", 4, 0), 4);
	turn(h);
	assert_int_equal(h->heard.n, 0);
	close(fd);
	free(bytes);
}

static void
watchers_get_their_channel(void **state)
{
	struct house *h = *state;
	assert_false(control_watched(h->control, "run1"));
	struct control_call *a = call(h), *b = call(h), *c = call(h);
	control_send(a, "watch run1", NULL);
	control_send(b, "watch ", NULL);
	control_send(c, "status", NULL);
	turn(h);
	assert_true(control_watched(h->control, "run1"));
	assert_true(control_watched(h->control, ""));
	assert_false(control_watched(h->control, "run2"));
	control_broadcast(h->control, "run1", "{\"n\":1}");
	control_broadcast(h->control, "", "{\"n\":2}");
	control_broadcast(h->control, "run2", "{\"n\":3}");
	turn(h);
	const char *line;
	assert_int_equal(control_receive(a, 1000, &line, NULL), OK);
	assert_string_equal(line, "{\"n\":1}");
	assert_int_equal(control_receive(b, 1000, &line, NULL), OK);
	assert_string_equal(line, "{\"n\":2}");
	assert_int_equal(control_receive(c, 30, &line, NULL), ERR_TIMEOUT);
	assert_int_equal(control_receive(a, 30, &line, NULL), ERR_TIMEOUT);
	control_hangup(a);
	turn(h);
	assert_false(control_watched(h->control, "run1"));
	control_hangup(b);
	control_hangup(c);
}

/* A watcher that does not read is dropped, the others go on. */
static void
a_deaf_client_is_dropped(void **state)
{
	struct house *h = *state;
	int deaf = raw_client(h);
	put(deaf, "watch r\n");
	turn(h);
	char *big = xalloc(512 * 1024);
	memset(big, 'x', 512 * 1024 - 1);
	int rounds = 0;
	while (control_watched(h->control, "r") && rounds < 100) {
		control_broadcast(h->control, "r", big);
		rounds++;
	}
	assert_in_range(rounds, 8, 20); /* about 4 MiB */
	h->answer = true;
	struct control_call *c = call(h);
	control_send(c, "hello", NULL);
	turn(h);
	const char *line;
	assert_int_equal(control_receive(c, 1000, &line, NULL), OK);
	control_hangup(c);
	close(deaf);
	free(big);
}

struct caller {
	struct control_call *call;
	size_t got;
	enum err rc;
	atomic_bool done;
};

static void *
receive_big(void *arg)
{
	struct caller *c = arg;
	const char *line;
	c->rc = control_receive(c->call, 20000, &line, NULL);
	c->got = c->rc ? 0 : strlen(line);
	c->done = true;
	return NULL;
}

static void
a_big_answer_arrives_whole(void **state)
{
	struct house *h = *state;
	struct caller c = { .call = call(h) };
	control_send(c.call, "watch r", NULL);
	turn(h);
	char *big = xalloc(6 * 1024 * 1024);
	memset(big, 'x', 6 * 1024 * 1024 - 1);
	control_broadcast(h->control, "r", big); /* one line may be longer than the queue's limit */
	pthread_t id;
	pthread_create(&id, NULL, receive_big, &c);
	for (int i = 0; i < 10000 && !c.done; i++) /* a busy machine writes it in many small
						    * parts */
		turn(h);
	pthread_join(id, NULL);
	assert_int_equal(c.rc, OK);
	assert_int_equal(c.got, 6 * 1024 * 1024 - 1);
	control_hangup(c.call);
	free(big);
}

static void
one_daemon_listens(void **state)
{
	struct house *h = *state;
	struct control *other = NULL;
	struct err_text e = { 0 };
	assert_int_equal(control_listen(h->path, &other, &e), ERR_BUSY);
	assert_null(other);
	struct stat st;
	assert_int_equal(stat(h->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void
a_stale_socket_is_replaced(void **state)
{
	struct house *h = *state;
	struct control_call *c = NULL;
	char stale[128];
	snprintf(stale, sizeof stale, "%s2", h->path);
	assert_int_equal(control_connect(stale, &c, NULL), ERR_UNREACHABLE);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	str_copy(a.sun_path, sizeof a.sun_path, stale);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	close(fd); /* the file stays */
	assert_int_equal(control_connect(stale, &c, NULL), ERR_UNREACHABLE);
	struct control *again = NULL;
	assert_int_equal(control_listen(stale, &again, NULL), OK);
	assert_int_equal(control_connect(stale, &c, NULL), OK);
	control_hangup(c);
	control_close(again);
	FILE *f = fopen(stale, "w"); /* a file that is no socket is nobody's to remove */
	fclose(f);
	assert_int_equal(control_listen(stale, &again, NULL), ERR_SYSTEM);
	assert_int_equal(unlink(stale), 0);
	char longest[200];
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(control_listen(longest, &again, NULL), ERR_INPUT);
	assert_int_equal(control_connect(longest, &c, NULL), ERR_INPUT);
}

static void
a_daemon_that_goes_is_noticed(void **state)
{
	struct house *h = *state;
	char path[128];
	snprintf(path, sizeof path, "%s3", h->path);
	struct control *brief = NULL;
	assert_int_equal(control_listen(path, &brief, NULL), OK);
	struct control_call *c = NULL;
	assert_int_equal(control_connect(path, &c, NULL), OK);
	control_close(brief);
	const char *line;
	assert_int_equal(control_receive(c, 1000, &line, NULL), ERR_GONE);
	assert_int_equal(control_send(c, "anybody", NULL), ERR_GONE);
	control_hangup(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_is_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_come_in_any_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_answer_reaches_one_who_said_all, setup, teardown),
		cmocka_unit_test_setup_teardown(too_long_a_line_ends_the_client, setup, teardown),
		cmocka_unit_test_setup_teardown(watchers_get_their_channel, setup, teardown),
		cmocka_unit_test_setup_teardown(a_deaf_client_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(a_big_answer_arrives_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(one_daemon_listens, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stale_socket_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(a_daemon_that_goes_is_noticed, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
