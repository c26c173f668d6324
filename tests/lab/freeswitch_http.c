/* The HTTP side of the simulated FreeSWITCH: XML-RPC as the Abyss server of xmlrpc-c gives it. One
 * thread accepts, one serves each connection, sixteen at a time; the next caller waits in the
 * backlog, as recorded. Owns its sockets. Must never touch state without the fleet's lock: it only
 * calls fs_api(). */
#include "freeswitch.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "log.h"

#include <errno.h>
#include <libxml/parser.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_MAX = 16 * 1024, BODY_MAX = 512 * 1024, LOOK_MS = 100, RESET_EVERY = 9 };

void
fs_nap(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
	while (ms > 0 && nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* ---- XML-RPC ---- */

static xmlNode *
child(xmlNode *n, const char *name)
{
	for (xmlNode *c = n ? n->children : NULL; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && (!name || str_eq((const char *)c->name, name)))
			return c;
	return NULL;
}

static void
fault(struct buf *out, int code, const char *text)
{
	buf_printf(out,
		"<?xml version=\"1.0\" "
		"encoding=\"UTF-8\"?>\r\n<methodResponse>\r\n<fault>\r\n<value><struct>\r\n"
		"<member><name>faultCode</name>\r\n<value><i4>%d</i4></value></member>\r\n"
		"<member><name>faultString</name>\r\n<value><string>",
		code);
	fs_xml_text(out, text);
	buf_puts(out, "</string></value></member>\r\n</struct></value>\r\n</fault>\r\n</"
		      "methodResponse>\r\n");
}

static void
wrong_type(struct buf *out, const char *type)
{
	char upper[16], text[120];
	str_copy(upper, sizeof upper, str_eq(type, "i4") ? "int" : type);
	for (char *p = upper; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	snprintf(text, sizeof text, "Value of type %s supplied where string type was expected.",
		upper);
	fault(out, -501, text);
}

/* The two strings of the call; false: a fault was written. The caller frees them. */
static bool
two_strings(xmlNode *root, char *args[2], struct buf *out)
{
	int n = 0;
	xmlNode *params = child(root, "params");
	for (xmlNode *p = params ? params->children : NULL; p; p = p->next) {
		if (p->type != XML_ELEMENT_NODE)
			continue;
		xmlNode *value = child(p, "value"), *typed = child(value, NULL);
		if (n < 2 && typed && !str_eq((const char *)typed->name, "string")) {
			wrong_type(out, (const char *)typed->name);
			return false;
		}
		if (n < 2 && value) {
			xmlChar *s = xmlNodeGetContent(typed ? typed : value);
			args[n] = xstrdup(s ? (const char *)s : "");
			xmlFree(s);
		}
		n++;
	}
	if (n >= 2 && args[0] && args[1])
		return true;
	char text[120];
	snprintf(text, sizeof text,
		"Format string requests 2 items from array, but array has only %d items.", n);
	fault(out, -502, text);
	return false;
}

static void
call(struct fs *f, xmlNode *root, struct buf *out)
{
	char *args[2] = { NULL, NULL }, name[100] = "", text[160];
	xmlChar *s = xmlNodeGetContent(child(root, "methodName"));
	str_copy(name, sizeof name, s ? (const char *)s : "");
	xmlFree(s);
	if (!str_eq(name, "freeswitch.api") && !str_eq(name, "freeswitch_api")) {
		snprintf(text, sizeof text, "Method '%s' not defined", name);
		fault(out, -506, text);
	} else if (f->plan->fault_every && ++f->requests % (unsigned)f->plan->fault_every == 0) {
		fault(out, -f->plan->fault_code, "Internal error");
	} else if (two_strings(root, args, out)) {
		struct buf answer = { 0 };
		fs_api(f, args[0], args[1], &answer);
		buf_puts(out, "<?xml version=\"1.0\" "
			      "encoding=\"UTF-8\"?>\r\n<methodResponse>\r\n<params>\r\n"
			      "<param><value><string>");
		fs_xml_text(out, buf_str(&answer));
		buf_puts(out, "</string></value></param>\r\n</params>\r\n</methodResponse>\r\n");
		buf_free(&answer);
	}
	free(args[0]);
	free(args[1]);
}

/* The answer to one XML-RPC body. */
static void
answer_rpc(struct fs *f, const char *body, size_t n, struct buf *out)
{
	xmlDoc *doc = xmlReadMemory(body, (int)n, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (!root || !str_eq((const char *)root->name, "methodCall"))
		fault(out, -503, "Call XML not a proper XML-RPC call.  Call is not valid XML.");
	else
		call(f, root, out);
	if (doc)
		xmlFreeDoc(doc);
}

/* ---- HTTP ---- */

struct talk { /* one connection */
	struct fs *f;
	int fd, served;
	struct buf in;
};

/* Reads more; false: closed, silent for too long, or the lab ends. */
static bool
more(struct talk *t)
{
	char part[8192];
	for (int64_t until = clock_mono() + FS_IDLE_MS; clock_mono() < until;) {
		struct pollfd p = { t->fd, POLLIN, 0 };
		if (atomic_load(&t->f->stopping) || !t->f->listening)
			return false;
		if (poll(&p, 1, LOOK_MS) <= 0)
			continue;
		ssize_t n = recv(t->fd, part, sizeof part, 0);
		if (n <= 0)
			return false;
		buf_add(&t->in, part, (size_t)n);
		return true;
	}
	return false;
}

static bool
send_all(int fd, const char *at, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, at, n, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

/* The value of a header within the head, "" if absent. */
static void
header(const char *head, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);
	out[0] = '\0';
	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
			const char *v = line + n + 1;
			while (*v == ' ')
				v++;
			snprintf(out, size, "%.*s", (int)strcspn(v, "\r"), v);
			return;
		}
	}
}

static void
reply(const char *status, const char *extra, const char *type,
	const struct buf *body, bool keep, struct buf *out)
{
	char date[64];
	time_t now = (time_t)(clock_real() / 1000);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S UTC", &tm);
	/* recorded: these spellings, UTC where HTTP wants GMT */
	buf_printf(out,
		"HTTP/1.1 %s\r\n%sContent-type: %s\r\nContent-length: %zu\r\n%sDate: %s\r\n"
		"Server: Freeswitch xmlrpc-c_abyss /1.26.0\r\n\r\n",
		status, extra, type, body->n,
		keep ? "Connection: Keep-Alive\r\nKeep-Alive: timeout=5, max=30\r\n"
		     : "Connection: close\r\n",
		date);
	buf_add(out, buf_str(body), body->n);
}

static void
refuse(const char *status, const char *realm, struct buf *out)
{
	struct buf body = { 0 };
	char extra[200] = "";
	if (realm)
		snprintf(extra, sizeof extra, "WWW-Authenticate: Basic realm=\"%s\"\r\n", realm);
	buf_printf(&body,
		"<HTML><HEAD><TITLE>Error %.3s</TITLE></HEAD><BODY><H1>Error "
		"%.3s</H1><P>%s</P></BODY></HTML>",
		status, status, status + 4);
	reply(status, extra, "text/html", &body, false, out);
	buf_free(&body);
}

static bool
knows(const struct fs *f, const char *authorization)
{
	char pair[300], coded[420];
	snprintf(pair, sizeof pair, "%.120s:%.120s", f->plan->user, f->plan->password);
	hash_base64(pair, strlen(pair), coded);
	return !f->plan->password_refused && str_starts(authorization, "Basic ") &&
	       str_eq(authorization + 6, coded);
}

static void
url_decode(char *s)
{
	char *out = s;
	for (; *s; s++) {
		unsigned c;
		if (*s == '%' && sscanf(s + 1, "%2x", &c) == 1 && s[1] && s[2])
			*out++ = (char)c, s += 2;
		else
			*out++ = *s == '+' ? ' ' : *s;
	}
	*out = '\0';
}

/* GET /api/COMMAND?ARGS and its sisters; the connection ends with the answer. */
static bool
plain(struct talk *t, char *path, const char *extra, struct buf *out)
{
	static const char *const roots[] = { "/api/", "/txtapi/", "/webapi/" };
	for (size_t i = 0; i < 3; i++) {
		if (!str_starts(path, roots[i]))
			continue;
		struct buf answer = { 0 };
		char *command = path + strlen(roots[i]), *args = strchr(command, '?');
		if (args)
			*args++ = '\0', url_decode(args);
		fs_api(t->f, command, args ? args : "", &answer);
		buf_printf(out,
			"HTTP/1.1 200 OK\r\n%sConnection: close\r\nContent-Type: "
			"text/%s\r\n\r\n%s%s",
			extra, i == 2 ? "html" : "plain", i == 2 ? "<pre>\n" : "",
			buf_str(&answer));
		buf_free(&answer);
		return true;
	}
	return false;
}

/* Answers the request whose head and body are there; false: the connection ends. */
static bool
answer(struct talk *t, char *head, const char *body, size_t n, struct buf *out)
{
	char method[16] = "", path[3000] = "", connection[64], who[500], host[200], extra[400];
	header(head, "Connection", connection, sizeof connection);
	header(head, "Authorization", who, sizeof who);
	header(head, "Host", host, sizeof host);
	host[strcspn(host, ":")] = '\0';
	if (sscanf(head, "%15s %2999s", method, path) != 2) {
		refuse("400 Bad Request", NULL, out);
		return false;
	}
	fs_nap(t->f->plan->latency_ms);
	if (!fs_serves(t->f, clock_now()))
		return false; /* killed a moment ago; the door is closed at the next tick */
	if (!knows(t->f, who)) {
		/* recorded: the realm is another one when nothing was said at all */
		refuse("401 Unauthorized", who[0] ? host : "freeswitch", out);
		lab_log(clock_now(), "refused", t->f->plan->name, NULL);
		return false;
	}
	snprintf(extra, sizeof extra, "freeswitch-user: %s\r\nfreeswitch-domain: %s\r\n",
		t->f->plan->user, host);
	if (str_eq(method, "GET") && plain(t, path, extra, out))
		return false;
	if (!str_eq(method, "POST") || !str_eq(path, "/RPC2")) {
		refuse("404 Not Found", NULL, out);
		return false;
	}
	bool keep = !str_eq_nocase(connection, "close") && ++t->served < FS_REQUESTS;
	struct buf xml = { 0 };
	answer_rpc(t->f, body, n, &xml);
	bool up = fs_serves(t->f, clock_now());
	if (up)
		reply("200 OK", extra, "text/xml", &xml, keep, out);
	buf_free(&xml);
	return up && keep;
}

/* The box resets busy sockets now and then, before or after it obeyed. */
static bool
resets(struct talk *t, bool *before)
{
	fleet_lock();
	unsigned turn = t->f->plan->reset_sockets ? ++t->f->resets : 0;
	fleet_unlock();
	*before = turn / RESET_EVERY % 2 == 1;
	return turn && turn % RESET_EVERY == 0;
}

/* One request; false: the connection ends. */
static bool
serve_one(struct talk *t)
{
	char *end, length[32];
	int64_t n = 0;
	bool before, keep = false;
	while (!(end = t->in.n ? strstr(t->in.at, "\r\n\r\n") : NULL))
		if (t->in.n > HEAD_MAX || !more(t))
			return false;
	char *head = xstrdup(t->in.at);
	head[end - t->in.at] = '\0';
	header(head, "Content-Length", length, sizeof length);
	size_t skip = (size_t)(end - t->in.at) + 4;
	if (length[0] && !str_to_int(length, 0, BODY_MAX, &n))
		n = -1;
	while (n > 0 && t->in.n < skip + (size_t)n)
		if (!more(t))
			n = -1;
	if (n >= 0) {
		struct buf out = { 0 };
		bool reset = resets(t, &before);
		if (!reset || !before)
			keep = answer(t, head, t->in.at + skip, (size_t)n, &out);
		if (reset) {
			struct linger hard = { 1, 0 };
			setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
			lab_log(clock_now(), "reset", t->f->plan->name, "before",
				before ? "yes" : "no", NULL);
			keep = false;
		} else {
			keep = send_all(t->fd, out.at, out.n) && keep;
		}
		buf_free(&out);
	}
	free(head);
	buf_clear(&t->in); /* recorded: what was sent ahead is lost */
	return keep;
}

static void *
serve(void *p)
{
	struct talk *t = p;
	while (serve_one(t))
		;
	close(t->fd);
	atomic_fetch_sub(&t->f->serving, 1);
	atomic_fetch_sub(&t->f->threads, 1);
	buf_free(&t->in);
	free(t);
	return NULL;
}

void *
fs_http_main(void *p)
{
	struct fs *f = p;
	while (!atomic_load(&f->stopping) && f->listening) {
		struct pollfd l = { f->http_fd, POLLIN, 0 };
		if (atomic_load(&f->serving) >= FS_SERVED) {
			fs_nap(5);
			continue;
		}
		if (poll(&l, 1, LOOK_MS) <= 0)
			continue;
		int fd = accept4(f->http_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		struct talk *t = xalloc(sizeof *t);
		pthread_t thread;
		t->f = f;
		t->fd = fd;
		atomic_fetch_add(&f->serving, 1);
		atomic_fetch_add(&f->threads, 1);
		if (pthread_create(&thread, NULL, serve, t) == 0)
			pthread_detach(thread);
		else
			serve(t);
	}
	return NULL;
}
