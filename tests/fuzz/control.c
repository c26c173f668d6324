/* Any bytes as what a client writes to the control socket, in two pieces. Each line comes out
 * whole, in its turn and within its bound, and is answered once at most; a client that sends a NUL
 * is dropped, and nothing of any client stays. */
#include "control.h"

#include "adapters/wire/json.h"
#include "tests/fuzz/text.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MOST = 64 * 1024 };

static struct control *control;
static char dir[] = "/tmp/fuzz-control-XXXXXX";

struct heard {
	const uint8_t *at; /* what was not taken for a line yet */
	size_t left, lines;
};

static void
forget(void)
{
	control_close(control);
	rmdir(dir);
}

static void
take(struct control_client *client, const char *line, void *arg)
{
	struct heard *h = arg;
	struct arena *a = arena_new();
	struct err_text e = { 0 };
	const struct json *j = NULL;
	size_t n = strlen(line);
	while (h->left && *h->at == '\n')
		h->at++, h->left--;
	if (!n || n > LINE_MOST || n >= h->left || memcmp(line, h->at, n) || h->at[n] != '\n')
		abort();
	h->at += n + 1;
	h->left -= n + 1;
	h->lines++;
	if ((json_parse(a, line, n, &j, &e) == OK) != (e.text[0] == '\0'))
		abort();
	fuzz_text(e.text, sizeof e.text);
	control_answer(client, "{\n}");
	arena_free(a);
}

static void
turn(struct heard *h)
{
	struct pollfd fds[4];
	int n = control_fds(control, fds, 4);
	poll(fds, (nfds_t)n, 0);
	control_ready(control, fds, n, take, h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (!control) {
		struct err_text e = { 0 };
		if (!mkdtemp(dir))
			abort();
		snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", dir);
		if (control_listen(address.sun_path, &control, &e) != OK || atexit(forget))
			abort();
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct heard h = { bytes, n, 0 };
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
		abort();
	turn(&h);
	for (size_t sent = 0, part = n / 2 + 1; sent < n; sent += part) {
		part = part < n - sent ? part : n - sent;
		ssize_t wrote = send(fd, bytes + sent, part, MSG_NOSIGNAL);
		if (wrote <= 0)
			break; /* dropped */
		part = (size_t)wrote;
		turn(&h);
	}
	shutdown(fd, SHUT_WR);
	turn(&h);
	size_t answers = 0;
	char got[4096];
	for (ssize_t k; (k = recv(fd, got, sizeof got, 0)) > 0;)
		for (ssize_t i = 0; i < k; i++)
			answers += got[i] == '\n';
	if (answers > h.lines)
		abort();
	close(fd);
	for (int i = 0; i < 4; i++)
		turn(&h);
	struct pollfd fds[4];
	if (control_fds(control, fds, 4) != 1)
		abort();
	return 0;
}
