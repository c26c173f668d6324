/* SIP OPTIONS (RFC 3261, 11) in the little that a sign of life needs: our request, and from an
 * answer its status and the name of the software.
 *
 * Called by probe.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never take an answer
 * to somebody else's question for one to ours: the Call-ID tells. */
#include "adapters/probe.h"

#include "base/str.h"
#include "base/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Any final answer to it proves that the stack is alive. rport (RFC 3581): the answer comes back
 * through translators. */
void
sip_options(struct buf *out, const struct sip_way *w)
{
	buf_printf(out, "OPTIONS sip:%s:%d SIP/2.0\r\n", w->host, w->port);
	buf_printf(out, "Via: SIP/2.0/%s %s:%d;branch=z9hG4bK%s;rport\r\n", w->transport,
		w->local_host, w->local_port, w->word);
	buf_printf(out, "Max-Forwards: 70\r\n");
	buf_printf(out, "From: <sip:tongduyet@%s>;tag=%.8s\r\n", w->local_host, w->word);
	buf_printf(out, "To: <sip:%s:%d>\r\n", w->host, w->port);
	buf_printf(out, "Call-ID: %s@tongduyet\r\n", w->word);
	buf_printf(out, "CSeq: 1 OPTIONS\r\n");
	buf_printf(out, "Contact: <sip:tongduyet@%s:%d;transport=%s>\r\n", w->local_host,
		w->local_port, str_eq(w->transport, "TCP") ? "tcp" : "udp");
	buf_printf(out,
		"Accept: application/sdp\r\nUser-Agent: tongduyet\r\nContent-Length: 0\r\n\r\n");
}

/* The value of a header in the lines from `at`, trimmed, on the arena; NULL. Short: its compact
 * form, or "". */
static char *
header(struct arena *a, const char *at, const char *name, const char *brief)
{
	while (*at) {
		size_t n = strcspn(at, "\r\n"), key = strcspn(at, ":\r\n"), len = key;
		while (len && (at[len - 1] == ' ' || at[len - 1] == '\t'))
			len--;
		bool is = at[key] == ':' &&
			  ((len == strlen(name) && strncasecmp(at, name, len) == 0) ||
				  (*brief && len == strlen(brief) &&
					  strncasecmp(at, brief, len) == 0));
		if (is)
			return str_trim(arena_strndup(a, at + key + 1, n - key - 1));
		at += n;
		at += strspn(at, "\r\n");
	}
	return NULL;
}

bool
sip_read(struct arena *a, const char *bytes, size_t n, const char *word, struct sip_answer *out)
{
	*out = (struct sip_answer){ 0 };
	const char *end = memmem(bytes, n, "\r\n\r\n", 4);
	if (!end)
		end = memmem(bytes, n, "\n\n", 2);
	if (!end)
		return false;
	char *text = utf8_repair(a, bytes, (size_t)(end - bytes));
	const char *digits = text + strlen("SIP/2.0 ");
	if (strncasecmp(text, "SIP/2.0 ", 8) != 0 || strspn(digits, "0123456789") != 3 ||
		*digits < '1' || *digits > '6')
		return false;
	const char *lines = text + strcspn(text, "\r\n"), *id = header(a, lines, "Call-ID", "i");
	const char *mine = arena_printf(a, "%s@tongduyet", word);
	if (!str_eq(id, mine))
		return false;
	out->status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
	const char *agent = header(a, lines, "Server", "");
	if (str_empty(agent))
		agent = header(a, lines, "User-Agent", "");
	str_copy(out->agent, sizeof out->agent, agent);
	return true;
}

/* A word like 00.01.12.81, v1.0.0 or 6.2.2-560: where the software begins. */
static bool
like_version(const char *p)
{
	p += *p == 'v' || *p == 'V';
	size_t digits = strspn(p, "0123456789");
	return digits && p[digits] == '.' && isdigit((unsigned char)p[digits + 1]);
}

void
sip_agent(const char *agent, struct identity *out)
{
	char left[160];
	*out = (struct identity){ 0 };
	str_copy(left, sizeof left, agent);
	char *from = str_trim(left), *comma = strstr(from, ", "), *p = from;
	if (comma && strcspn(from, " ") >= (size_t)(comma - from)) { /* the maker is one word */
		*comma = '\0';
		str_copy(out->vendor, sizeof out->vendor, from);
		from = p = comma + 2;
	}
	for (; *p; p++) {
		bool begins = p > from && (p[-1] == ' ' || p[-1] == '/' || p[-1] == '-');
		if (!begins || !like_version(p))
			continue;
		str_copy(out->software, sizeof out->software, p);
		p[-1] = '\0';
		break;
	}
	str_copy(out->model, sizeof out->model, str_trim(from));
}
