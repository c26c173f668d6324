/* A WebSocket client: handshake, frames, messages (RFC 6455).
 *
 * Called by adapters whose device tells what happens on an event stream. Owns the link and what
 * came on it. A message is put together from its fragments, pings in between are answered. Must
 * never: connect again, keep more than one message and its cap in memory, or send a frame without a
 * mask.
 *
 *   > GET /events?.. HTTP/1.1, Upgrade: websocket, Sec-WebSocket-Key: K
 *   < HTTP/1.1 101, Sec-WebSocket-Accept: base64(SHA-1(K + the GUID of RFC 6455 1.3))
 *   < frame: FIN and opcode, length in 7, 16 or 64 bits, payload
 *                                                   > the same, masked with four bytes of chance */
#include "adapters/wire/ws.h"

#include "adapters/wire/trace.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	MESSAGE_BYTES = 1 << 20,
	HEAD_MOST = 16 << 10,
	CHUNK = 16 << 10,
	KEY_BYTES = 16,
	CONTROL_MOST = 125,  /* 5.5: payload of a control frame */
	STRAYS_MOST = 10000, /* frames that are no text, in one call */
	CLOSE_NORMAL = 1000,
	CLOSE_PROTOCOL = 1002,
	CLOSE_NOT_TEXT = 1007,
	CLOSE_TOO_BIG = 1009,
};

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

struct ws {
	struct http_link *link;
	size_t most;
	struct buf in;      /* what came and was not taken */
	size_t used;        /* of it: the frame taken last */
	struct buf message; /* fragments of the message under way, or the one given last */
	bool under_way, text, given, said_goodbye;
};

/* ---- pure ---- */

static enum ws_taken
garbage(const char **out_why, const char *why)
{
	*out_why = why;
	return WS_GARBAGE;
}

enum ws_taken
ws_take(const char *bytes, size_t n, size_t most, struct ws_frame *out, size_t *out_used,
	const char **out_why)
{
	const uint8_t *b = (const uint8_t *)bytes;
	*out = (struct ws_frame){ 0 };
	*out_used = 0;
	*out_why = "";
	if (n < 2)
		return WS_PART;
	int opcode = b[0] & 0x0f;
	bool control = opcode & 8;
	if (b[0] & 0x70)
		return garbage(out_why, "an extension that was not agreed on");
	if ((opcode > WS_BINARY && opcode < WS_CLOSE) || opcode > WS_PONG)
		return garbage(out_why, "a frame of no known kind");
	if (b[1] & 0x80)
		return garbage(out_why, "a masked frame of a server");
	uint64_t len = b[1] & 0x7f;
	size_t head = len < 126 ? 2 : len == 126 ? 4 : 10;
	if (control && (len > CONTROL_MOST || !(b[0] & 0x80)))
		return garbage(out_why, "a control frame that is too long or cut");
	if (n < head)
		return WS_PART;
	if (head > 2)
		len = 0;
	for (size_t i = 2; i < head; i++)
		len = len << 8 | b[i];
	if (len > most)
		return garbage(out_why, "a message over the limit");
	if ((head == 4 && len < 126) || (head == 10 && len < 65536))
		return garbage(out_why, "a length in too many bytes");
	if (n - head < len)
		return WS_PART;
	*out = (struct ws_frame){ .last = b[0] & 0x80,
		.opcode = (enum ws_opcode)opcode,
		.payload = bytes + head,
		.n = (size_t)len };
	*out_used = head + (size_t)len;
	return WS_WHOLE;
}

void
ws_put(struct buf *out, enum ws_opcode opcode, const uint8_t mask[4], const void *payload, size_t n)
{
	uint8_t head[14] = { (uint8_t)(0x80 | opcode),
		(uint8_t)(0x80 | (n < 126	     ? n
					 : n < 65536 ? 126
						     : 127)) };
	size_t k = n < 126 ? 2 : n < 65536 ? 4 : 10;
	for (size_t i = 2; i < k; i++)
		head[i] = (uint8_t)((uint64_t)n >> (8 * (k - 1 - i)));
	memcpy(head + k, mask, 4);
	buf_add(out, head, k + 4);
	size_t at = out->n;
	buf_add(out, payload, n);
	for (size_t i = 0; i < n; i++)
		out->at[at + i] = (char)((uint8_t)out->at[at + i] ^ mask[i % 4]);
}

void
ws_accept(const char *key, char out[32])
{
	uint8_t raw[20];
	struct buf both = { 0 };
	buf_printf(&both, "%s%s", key, guid);
	hash_sha1(both.at, both.n, raw);
	hash_base64(raw, sizeof raw, out);
	buf_free(&both);
}

/* ---- frames on the link ---- */

static enum err
chance(struct task *t, void *out, size_t n)
{
	if (getrandom(out, n, 0) == (ssize_t)n)
		return OK;
	return task_fail(t, ERR_SYSTEM, T("no random bytes"));
}

static enum err
say_frame(struct task *t, struct ws *w, enum ws_opcode opcode, const void *payload, size_t n)
{
	uint8_t mask[4];
	struct buf out = { 0 };
	enum err rc = chance(t, mask, sizeof mask);
	if (rc == OK) {
		ws_put(&out, opcode, mask, payload, n);
		rc = http_link_send(t, w->link, out.at, out.n);
	}
	buf_free(&out);
	return rc;
}

/* A close frame with a status (7.4.1), once; what becomes of it is of no matter. */
static void
goodbye(struct task *t, struct ws *w, int status)
{
	if (w->said_goodbye)
		return;
	w->said_goodbye = true;
	uint8_t code[2] = { (uint8_t)(status >> 8), (uint8_t)status };
	int64_t deadline = t->deadline, now = clock_mono();
	struct task apart = {
		.arena = t->arena, .cancel_fd = -1, .deadline = now < deadline ? now : deadline
	};
	say_frame(&apart, w, WS_CLOSE, code, sizeof code);
}

static enum err
broken(struct task *t, struct ws *w, int status, const char *why)
{
	goodbye(t, w, status);
	return task_fail(
		t, ERR_PROTOCOL, T("event stream of %s: %s"), http_link_host(w->link), why);
}

/* More bytes; *out_any false: none came. */
static enum err
hear(struct task *t, struct ws *w, int64_t at_most_ms, bool *out_any)
{
	char chunk[CHUNK];
	size_t n = 0;
	enum err rc = http_link_read(t, w->link, chunk, sizeof chunk, at_most_ms, &n);
	buf_add(&w->in, chunk, n);
	*out_any = n > 0;
	return rc;
}

/* The device closes: told why, and answered as 5.5.1 asks. */
static enum err
closed(struct task *t, struct ws *w, const struct ws_frame *f)
{
	int status = f->n >= 2 ? (uint8_t)f->payload[0] << 8 | (uint8_t)f->payload[1] : 0;
	goodbye(t, w, CLOSE_NORMAL);
	char *why =
		utf8_repair(t->arena, f->payload + (f->n > 2 ? 2 : f->n), f->n > 2 ? f->n - 2 : 0);
	for (char *c = why; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return task_fail(t, ERR_GONE, T("event stream of %s: closed by the device (%d%s%s)"),
		http_link_host(w->link), status, *why ? " " : "", why);
}

/* Takes one data frame into the message. *out_whole: it is complete. */
static enum err
take_data(struct task *t, struct ws *w, const struct ws_frame *f, bool *out_whole)
{
	if (f->opcode == WS_MORE ? !w->under_way : w->under_way)
		return broken(t, w, CLOSE_PROTOCOL, "fragments out of order");
	if (f->opcode != WS_MORE) {
		buf_clear(&w->message);
		w->text = f->opcode == WS_TEXT;
	}
	if (f->n > w->most - w->message.n)
		return broken(t, w, CLOSE_TOO_BIG, "a message over the limit");
	buf_add(&w->message, f->payload, f->n);
	w->under_way = !f->last;
	*out_whole = f->last && w->text;
	if (*out_whole && !utf8_valid(buf_str(&w->message), w->message.n))
		return broken(t, w, CLOSE_NOT_TEXT, "a text that is no UTF-8");
	return OK;
}

static enum err
take_frame(struct task *t, struct ws *w, const struct ws_frame *f, bool *out_whole)
{
	*out_whole = false;
	if (f->opcode == WS_CLOSE)
		return closed(t, w, f);
	if (f->opcode == WS_PING)
		return say_frame(t, w, WS_PONG, f->payload, f->n);
	if (f->opcode == WS_PONG)
		return OK;
	return take_data(t, w, f, out_whole);
}

enum err
ws_next(struct task *t, struct ws *w, int64_t at_most_ms, const char **out, size_t *out_n)
{
	int64_t until = at_most_ms < 0 ? INT64_MAX : clock_mono() + at_most_ms;
	*out = NULL;
	*out_n = 0;
	if (w->given)
		buf_clear(&w->message);
	w->given = false;
	enum err room = task_room(t); /* for what is made of it */
	if (room)
		return room;
	for (int strays = 0; strays < STRAYS_MOST;) {
		struct ws_frame f;
		const char *why;
		buf_drop(&w->in, w->used);
		enum ws_taken taken =
			ws_take(buf_str(&w->in), w->in.n, w->most, &f, &w->used, &why);
		if (taken == WS_GARBAGE)
			return broken(t, w, CLOSE_PROTOCOL, why);
		if (taken == WS_WHOLE) {
			bool whole;
			enum err rc = take_frame(t, w, &f, &whole);
			if (rc != OK)
				return rc;
			if (whole) {
				trace_bytes(t->trace, '<', buf_str(&w->message), w->message.n);
				w->given = true;
				*out = buf_str(&w->message);
				*out_n = w->message.n;
				return OK;
			}
			strays++;
			continue;
		}
		int64_t now = clock_mono();
		bool any;
		enum err rc = hear(t, w,
			until == INT64_MAX ? -1
			: until > now	   ? until - now
					   : 0,
			&any);
		if (rc != OK || !any)
			return rc;
	}
	return broken(t, w, CLOSE_PROTOCOL, "no message among many frames");
}

enum err
ws_say(struct task *t, struct ws *w, const char *text, size_t n)
{
	trace_bytes(t->trace, '>', text, n);
	return say_frame(t, w, WS_TEXT, text, n);
}

/* ---- the handshake ---- */

static bool
one_line(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s <= 0x20 || *s == 0x7f)
			return false;
	return true;
}

static void
put_login(struct task *t, struct buf *b, const struct http_options *o)
{
	if (o->auth == HTTP_AUTH_NONE)
		return;
	struct buf both = { 0 };
	buf_printf(&both, "%s:%s", o->user ? o->user : "", o->password ? o->password : "");
	char *login = arena_alloc(t->arena, 4 * ((both.n + 2) / 3) + 1);
	hash_base64(both.at, both.n, login);
	buf_free(&both);
	trace_secret(t->trace, login);
	buf_printf(b, "Authorization: Basic %s\r\n", login);
}

static enum err
ask(struct task *t, struct ws *w, const struct ws_options *o, const char *key)
{
	struct buf b = { 0 };
	buf_printf(&b,
		"GET %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: tongduyet\r\nUpgrade: "
		"websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n",
		http_link_path(w->link), o->path, http_link_host(w->link), key);
	if (o->protocol)
		buf_printf(&b, "Sec-WebSocket-Protocol: %s\r\n", o->protocol);
	put_login(t, &b, o->http);
	buf_puts(&b, "\r\n");
	trace_bytes(t->trace, '>', b.at, b.n);
	enum err rc = http_link_send(t, w->link, b.at, b.n);
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	return rc;
}

/* Value of a header in a head whose lines end in CR LF, on the arena, or NULL. */
static const char *
header(struct task *t, const char *head, const char *name)
{
	size_t n = strlen(name);
	for (const char *at = strstr(head, "\r\n"); at; at = strstr(at, "\r\n")) {
		at += 2;
		if (strncasecmp(at, name, n) == 0 && at[n] == ':')
			return str_trim(
				arena_strndup(t->arena, at + n + 1, strcspn(at + n + 1, "\r\n")));
	}
	return NULL;
}

static bool
has_word(struct task *t, const char *list, const char *word)
{
	size_t n = 0;
	char **words = list ? str_split(t->arena, list, ",", &n) : NULL;
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(words[i], word))
			return true;
	return false;
}

static enum err
judge(struct task *t, const struct ws *w, const char *head, const char *key)
{
	const char *host = http_link_host(w->link);
	int64_t status = 0;
	char digits[4];
	if (!str_starts(head, "HTTP/1.") || strlen(head) < 12)
		return task_fail(t, ERR_PROTOCOL, T("event stream of %s: not HTTP"), host);
	str_copy(digits, sizeof digits, head + 9);
	if (!str_to_int(digits, 100, 999, &status))
		return task_fail(t, ERR_PROTOCOL, T("event stream of %s: not HTTP"), host);
	if (status == 401)
		return task_fail_as(
			t, ERR_AUTH, "login-refused", "event stream of %s: login refused", host);
	if (status != 101)
		return task_fail(t, status == 503 ? ERR_BUSY : ERR_REFUSED,
			T("event stream of %s: refused with status %d"), host, (int)status);
	char accept[32];
	ws_accept(key, accept);
	if (!has_word(t, header(t, head, "Upgrade"), "websocket") ||
		!has_word(t, header(t, head, "Connection"), "upgrade") ||
		!str_eq(header(t, head, "Sec-WebSocket-Accept"), accept) ||
		header(t, head, "Sec-WebSocket-Extensions"))
		return task_fail(t, ERR_PROTOCOL, T("event stream of %s: no WebSocket"), host);
	return OK;
}

/* Reads the head of the answer; what follows it stays. */
static enum err
answer(struct task *t, struct ws *w, const char *key)
{
	for (;;) {
		const char *end = strstr(buf_str(&w->in), "\r\n\r\n");
		if (end) {
			size_t n = (size_t)(end - w->in.at) + 4;
			trace_bytes(t->trace, '<', w->in.at, n);
			const char *head = arena_strndup(t->arena, w->in.at, n);
			buf_drop(&w->in, n);
			return judge(t, w, head, key);
		}
		if (w->in.n > HEAD_MOST || memchr(buf_str(&w->in), 0, w->in.n))
			return task_fail(t, ERR_PROTOCOL, T("event stream of %s: not HTTP"),
				http_link_host(w->link));
		bool any;
		enum err rc = hear(t, w, -1, &any);
		if (rc != OK)
			return rc;
	}
}

static enum err
shake_hands(struct task *t, struct ws *w, const struct ws_options *o)
{
	uint8_t raw[KEY_BYTES];
	char key[32];
	enum err rc = chance(t, raw, sizeof raw);
	hash_base64(raw, sizeof raw, key);
	if (rc == OK)
		rc = ask(t, w, o, key);
	if (rc == OK)
		rc = answer(t, w, key);
	if (rc != ERR_GONE)
		return rc;
	task_forgive(t);
	return task_fail(t, ERR_TIMEOUT, T("event stream of %s: the device closed the connection"),
		http_link_host(w->link));
}

enum err
ws_open(struct task *t, const struct ws_options *o, struct ws **out)
{
	*out = NULL;
	if (*o->path != '/' || !one_line(o->path) || !one_line(o->protocol))
		return task_fail(t, ERR_INPUT, T("event stream: \"%.100s\" is no path"), o->path);
	trace_secret(t->trace, o->secret);
	trace_secret(t->trace, o->http->password);
	int64_t deadline = t->deadline;
	if (o->at_most_ms > 0 && clock_mono() + o->at_most_ms < deadline)
		t->deadline = clock_mono() + o->at_most_ms;
	struct ws *w = xalloc(sizeof *w);
	w->most = o->max_message ? o->max_message : MESSAGE_BYTES;
	enum err rc = http_link_open(t, o->http, &w->link);
	if (rc == OK)
		rc = shake_hands(t, w, o);
	t->deadline = deadline;
	if (rc != OK) {
		w->said_goodbye = true; /* there is nobody to say it to */
		ws_close(t, w);
		return rc;
	}
	*out = w;
	return OK;
}

void
ws_close(struct task *t, struct ws *w)
{
	if (!w)
		return;
	if (w->link)
		goodbye(t, w, CLOSE_NORMAL);
	http_link_close(w->link);
	buf_free(&w->in);
	buf_free(&w->message);
	free(w);
}
