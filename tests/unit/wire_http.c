/* adapters/wire/http.c against a small server: what a reply gives, which class each failure has,
 * that a request is never sent twice, and that deadline and cancel are kept. */
#include "tests/unit/wire_http_server.h"

#include "adapters/wire/xmlrpc.h"

static const char *
last_request(struct server *s)
{
	static char copy[sizeof s->last];
	pthread_mutex_lock(&s->lock);
	str_copy(copy, sizeof copy, s->last);
	pthread_mutex_unlock(&s->lock);
	return copy;
}

static void
replies(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	struct http *h = open_at(t, &s, (struct http_options){ .cookies = true });
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, 5);
	assert_string_equal(r.body, "hello");
	assert_string_equal(http_header(&r, "x-word"), "a b");
	assert_string_equal(http_header(&r, "X-Empty"), "");
	assert_null(http_header(&r, "x-none"));
	assert_has(last_request(&s), "GET /ok HTTP/1.1\r\n");
	assert_int_equal(get(t, h, "/missing", &r), OK);
	assert_int_equal(r.status, 404);
	assert_int_equal(get(t, h, "/away", &r), OK); /* not followed */
	assert_int_equal(r.status, 302);
	assert_string_equal(http_header(&r, "location"), "/ok");
	assert_int_equal(r.len, 0);
	assert_int_equal(get(t, h, "/cookie", &r), OK);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_has(last_request(&s), "Cookie: sid=t0psecret");
	assert_lacks(f.trace.out.at, "t0psecret");

	struct http_request q = { .path = "/echo",
		.body = "a\0b",
		.body_len = 3,
		.content_type = "text/xml",
		.headers = (const char *const[]){ "SOAPAction: \"\"", NULL } };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_has(last_request(&s), "POST /echo");
	assert_has(last_request(&s), "Content-Type: text/xml\r\n");
	assert_has(last_request(&s), "SOAPAction: \"\"\r\n");
	assert_null(strcasestr(last_request(&s), "Expect:"));
	q = (struct http_request){ .path = "/echo", .method = "PUT", .body = "xyz", .body_len = 3 };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_has(last_request(&s), "PUT /echo");
	assert_string_equal(r.body, "xyz");
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_has(last_request(&s), "GET /ok");
	assert_null(strcasestr(last_request(&s), "content-type"));
	assert_int_equal(s.connections, 1); /* one connection for all */

	struct buf call = { 0 };
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	xmlrpc_call(&call, "x");
	xmlrpc_end(&call);
	assert_int_equal(xmlrpc_ask(t, h, "/rpc", &call, &v, &fault), OK);
	assert_string_equal(v->text, "7");
	assert_int_equal(xmlrpc_ask(t, h, "/missing", &call, &v, &fault), ERR_PROTOCOL);
	assert_has(t->why, "404");
	buf_free(&call);
	http_close(h);
	task_end(&f);
	server_stop(&s);
}

static void
wrong_input(void **state)
{
	static const char *const urls[] = { "", "ssh://127.0.0.1/", "file:///etc/passwd", "http://",
		"http://u:p@127.0.0.1/", "127.0.0.1:80", "ht tp://x/", NULL };
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct http *h;
	struct http_reply r;
	for (size_t i = 0; urls[i]; i++) {
		task_forgive(t);
		if (http_open(t, &(struct http_options){ .url = urls[i] }, &h) != ERR_INPUT)
			fail_msg("%s was accepted", urls[i]);
		assert_null(h);
	}
	/* A pin that curl would read as the name of a key file; a pin that would protect
	 * nothing. */
	assert_int_equal(http_open(t,
				 &(struct http_options){
					 .url = "https://127.0.0.1/", .pin = "/etc/key.pem" },
				 &h),
		ERR_INPUT);
	assert_int_equal(
		http_open(t,
			&(struct http_options){ .url = "http://127.0.0.1/", .pin = "sha256//x" },
			&h),
		ERR_INPUT);
	assert_int_equal(
		http_open(t, &(struct http_options){ .url = "http://127.0.0.1:9/" }, &h), OK);
	static const char *const paths[] = { "ok", "/a b", "/a\r\nX: y", "/a\n", NULL };
	for (size_t i = 0; paths[i]; i++)
		assert_int_equal(get(t, h, paths[i], &r), ERR_INPUT);
	struct http_request q = { .path = "/",
		.headers = (const char *const[]){ "X: a\r\nY: b", NULL } };
	assert_int_equal(http_ask(t, h, &q, &r), ERR_INPUT);
	q = (struct http_request){ .path = "/", .method = "GET / HTTP/1.1\r\n" };
	assert_int_equal(http_ask(t, h, &q, &r), ERR_INPUT);
	http_close(h);
	task_end(&f);
}

static void
failures(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	struct http *h = open_at(t, &s, (struct http_options){ .max_body = 2999 });
	assert_int_equal(get(t, h, "/big", &r), ERR_PROTOCOL);
	assert_has(t->why, "2999");
	assert_int_equal(get(t, h, "/many-headers", &r), ERR_PROTOCOL);
	assert_int_equal(get(t, h, "/cut", &r), ERR_TIMEOUT);
	assert_int_equal(get(t, h, "/garbage", &r), ERR_PROTOCOL);
	assert_int_equal(get(t, h, "/ok", &r), OK); /* the handle is still good */
	assert_int_equal(get(t, h, "/login", &r), ERR_AUTH);
	assert_string_equal(t->word, "login-refused");
	http_close(h);
	h = open_at(t, &s, (struct http_options){ .max_body = 3000 });
	assert_int_equal(get(t, h, "/big", &r), OK);
	/* Lists without end: what one piece of work was told is bounded, not only each answer. */
	arena_alloc(t->arena, TASK_BYTES_MOST);
	int hits = s.hits;
	task_forgive(t);
	assert_int_equal(get(t, h, "/ok", &r), ERR_PROTOCOL);
	assert_has(t->why, "256 MiB");
	assert_int_equal(s.hits, hits);
	http_close(h);
	task_end(&f);
	t = task_begin(&f, 20000);
	server_stop(&s);

	/* Nobody listens there any more. */
	h = NULL;
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", s.port);
	task_forgive(t);
	assert_int_equal(http_open(t, &(struct http_options){ .url = url }, &h), OK);
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	task_forgive(t);
	struct http_request order = { .path = "/order", .body = "<dial/>", .body_len = 7 };
	assert_int_equal(http_ask(t, h, &order, &r), ERR_UNREACHABLE);
	assert_null(strstr(buf_str(&f.trace.out), "<dial/>")); /* what never left is not told */
	http_close(h);
	assert_int_equal(
		http_open(t, &(struct http_options){ .url = "http://no-such-name.invalid/" }, &h),
		OK);
	task_forgive(t);
	t->deadline = clock_mono() + 3000;
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	t->deadline = clock_mono() - 1;
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	http_close(h);
	task_end(&f);
}

/* A kept-alive connection that dies: before the request is sent it is replaced, after that the
 * outcome is unknown. curl alone would send the request again. */
static void
never_twice(void **state)
{
	static const char *const dying[] = { "/drop", "/reset", NULL };
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	for (size_t i = 0; dying[i]; i++) {
		struct http *h = open_at(t, &s, (struct http_options){ 0 });
		assert_int_equal(get(t, h, "/ok", &r), OK);
		int hits = s.hits, connections = s.connections;
		struct http_request q = { .path = dying[i], .body = "dial", .body_len = 4 };
		task_forgive(t);
		assert_int_equal(http_ask(t, h, &q, &r), ERR_TIMEOUT);
		assert_has(t->why, "connection was closed by the device");
		assert_int_equal(s.hits, hits + 1);
		assert_int_equal(s.connections, connections);
		assert_int_equal(get(t, h, "/ok", &r), OK);
		/* And on a new connection. */
		http_close(h);
		h = open_at(t, &s, (struct http_options){ 0 });
		hits = s.hits;
		assert_int_equal(get(t, h, dying[i], &r), ERR_TIMEOUT);
		assert_int_equal(s.hits, hits + 1);
		http_close(h);
	}
	struct http *h = open_at(t, &s, (struct http_options){ 0 });
	for (int i = 0; i < 3; i++) {
		int hits = s.hits;
		assert_int_equal(get(t, h, "/ok-then-close", &r), OK);
		assert_int_equal(s.hits, hits + 1);
		usleep(50 * 1000); /* the close has come: known before anything is sent */
	}
	http_close(h);
	task_end(&f);
	server_stop(&s);
}

static void
login(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	struct http_options o = {
		.auth = HTTP_AUTH_BASIC, .user = "admin", .password = "s3cret Word"
	};
	struct http *h = open_at(t, &s, o);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_has(last_request(&s), "Authorization: Basic YWRtaW46czNjcmV0IFdvcmQ=");
	struct http_request q = { .path = "/echo", .body = "<p>s3cret Word</p>", .body_len = 18 };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_string_equal(r.body, "<p>s3cret Word</p>");
	assert_has(f.trace.out.at, "> Authorization: ***\n");
	assert_has(f.trace.out.at, "> <p>***</p>\n");
	assert_has(f.trace.out.at, "< <p>***</p>\n");
	assert_has(strstr(f.trace.out.at, "> POST /echo"), "> <p>***</p>\n"); /* in this order */
	assert_lacks(f.trace.out.at, "s3cret");
	assert_lacks(f.trace.out.at, "YWRtaW4");
	http_close(h);

	o.auth = HTTP_AUTH_DIGEST;
	h = open_at(t, &s, o);
	q = (struct http_request){ .path = "/digest", .body = "once", .body_len = 4 };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_string_equal(r.body, "once"); /* nothing of the first half */
	assert_int_equal(s.login_hits, 1);
	http_close(h);
	o.user = "other";
	h = open_at(t, &s, o);
	assert_int_equal(get(t, h, "/digest", &r), ERR_AUTH);
	assert_string_equal(t->word, "login-refused");
	assert_int_equal(s.login_hits, 2); /* one attempt is one attempt */
	http_close(h);
	task_end(&f);
	server_stop(&s);
}

static void
time_is_kept(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	pthread_t thread;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 300);
	struct http *h = open_at(t, &s, (struct http_options){ 0 });
	int64_t before = clock_mono();
	assert_int_equal(get(t, h, "/silent", &r), ERR_TIMEOUT);
	assert_in_range(clock_mono() - before, 250, 5000);

	t->deadline = clock_mono() + 30000;
	before = clock_mono();
	pthread_create(&thread, NULL, cancel_soon, &t->cancel_fd);
	assert_int_equal(get(t, h, "/silent", &r), ERR_CANCELED);
	assert_true(clock_mono() - before < 5000);
	pthread_join(thread, NULL);
	int hits = s.hits;
	assert_int_equal(get(t, h, "/ok", &r),
		ERR_CANCELED); /* cancelled stays cancelled, nothing is sent */
	assert_int_equal(s.hits, hits);
	http_close(h);
	task_end(&f);
	server_stop(&s);

	/* A socket whose queue accepts but whose owner never speaks TLS: nothing of a request was
	 * sent. */
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	listen(fd, 1);
	getsockname(fd, (struct sockaddr *)&at, &size);
	t = task_begin(&f, 20000);
	struct http_options o = { .connect_ms = 200,
		.pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
	o.url = arena_printf(t->arena, "https://127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(http_open(t, &o, &h), OK);
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	assert_true(task_left(t) > 10000);
	http_close(h);
	close(fd);
	task_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(wrong_input),
		cmocka_unit_test(failures),
		cmocka_unit_test(never_twice),
		cmocka_unit_test(login),
		cmocka_unit_test(time_is_kept),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
