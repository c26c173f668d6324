/* Reads a lab scenario. Called by the lab's main() and by its own unit test.
 * One line per thing, '#' starts a comment, words are separated by blanks, "quoted" where they hold blanks.
 * Every wrong line is named with file:line and what was perhaps meant; the rest is still checked.
 * Owns nothing: all on the caller's arena. Must never open a socket or ask the time. */
#include "scenario.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 96, MAX_TEXT = 4 << 20, MINUTE = 60 * 1000 };

struct reader {
	struct arena *arena;
	const char *file;
	int line;
	struct faults *faults;
	struct scenario *out;
	char *words[MAX_WORDS];
	int n, i;
};

#define WRONG(r, ...) faults_add((r)->faults, (r)->file, (r)->line, __VA_ARGS__)

static const char *const mcu_words[] = { "latency", "user", "password", "ports", "page", "drop-idle",
	"reset-sockets", "reboot", "uplink-down", "api-down", "name-max", "fault", "api", "clock-off",
	"password-refused", "width", NULL };
static const char *const site_words[] = { "off", "on", "unanswered", "busy", "rejected",
	"wrong-address", "incompatible", "slow", "silent", "speaks", "noise", "one-way", "loss", "frozen",
	"hangup", "poweroff", "drop", "dials-in", "muted-by-setting", "codec-password-wrong",
	"auto-answer-off", "hostkey-changes", "operator", "address", "codec", "no-codec", "name", "mcu",
	"black-hole", "legacy-ssh", "tier", "parent", "district", NULL };
static const char *const line_words[] = { "lab", "mcu", "site", NULL };
static const char *const adapters[] = { "cisco-mcu", NULL };

bool
scenario_duration(const char *word, int64_t *out_ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", MINUTE }, { "h", 60.0 * MINUTE } };
	char *end;
	errno = 0;
	double v = strtod(word, &end);
	if (end == word || errno || v > 1e7 || v < -1e7)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_eq(end, units[i].unit)) {
			*out_ms = (int64_t)(v * units[i].ms);
			return true;
		}
	return false;
}

/* Cuts a line into words. */
static void
split_words(struct reader *r, char *line)
{
	r->n = r->i = 0;
	for (char *p = line; *p;) {
		p += strspn(p, " \t\r");
		if (!*p || *p == '#')
			return;
		if (r->n == MAX_WORDS) {
			WRONG(r, "more than %d words", MAX_WORDS);
			return;
		}
		char *end;
		if (*p == '"') {
			end = strchr(++p, '"');
			if (!end) {
				WRONG(r, "a quote is never closed: \"%s", p);
				return;
			}
		} else {
			end = p + strcspn(p, " \t\r");
		}
		bool last = *end == '\0';
		r->words[r->n++] = arena_strndup(r->arena, p, (size_t)(end - p));
		p = last ? end : end + 1;
	}
}

static const char *
peek(const struct reader *r)
{
	return r->i < r->n ? r->words[r->i] : NULL;
}

static const char *
want_word(struct reader *r, const char *after)
{
	const char *w = peek(r);
	if (!w)
		WRONG(r, "\"%s\" wants a word after it", after);
	else
		r->i++;
	return w;
}

static int64_t
want_ms(struct reader *r, const char *after)
{
	const char *w = want_word(r, after);
	int64_t ms = 0;
	if (w && !scenario_duration(w, &ms))
		WRONG(r, "\"%s\" after \"%s\" is not a duration such as 20s, +18m or 1h", w, after);
	return ms;
}

static int
want_int(struct reader *r, const char *after, int min, int max)
{
	const char *w = want_word(r, after);
	int64_t v = min;
	if (w && !str_to_int(w, min, max, &v))
		WRONG(r, "\"%s\" after \"%s\" is not a number from %d to %d", w, after, min, max);
	return (int)v;
}

/* A number with a unit glued to it: 4%, -38dB. */
static double
want_unit(struct reader *r, const char *after, const char *unit, double min, double max)
{
	const char *w = want_word(r, after);
	if (!w)
		return 0;
	char *end;
	double v = strtod(w, &end);
	if (end == w || !str_eq_nocase(end, unit) || v < min || v > max) {
		WRONG(r, "\"%s\" after \"%s\" is not a figure from %g%s to %g%s", w, after, min, unit, max, unit);
		return 0;
	}
	return v;
}

/* "WORD +A [BACK +B]" */
static void
add_span(struct reader *r, struct spans *s, const char *word, const char *back)
{
	struct span sp = { want_ms(r, word), INT64_MAX };
	if (peek(r) && str_eq(peek(r), back)) {
		r->i++;
		sp.to = want_ms(r, back);
		if (sp.to <= sp.from)
			WRONG(r, "%s comes before %s", back, word);
	}
	if (s->n == LAB_SPANS)
		WRONG(r, "more than %d times \"%s\" for one device", LAB_SPANS, word);
	else
		s->at[s->n++] = sp;
}

/* scheme://host[:port][/...]; false: not one. */
static bool
split_url(struct arena *a, const char *url, const char *scheme, const char **host, int *port)
{
	size_t n = strlen(scheme);
	if (strncmp(url, scheme, n) != 0)
		return false;
	const char *h = url + n;
	size_t len = strcspn(h, ":/");
	if (!len)
		return false;
	*host = arena_strndup(a, h, len);
	if (h[len] != ':')
		return h[len] == '\0' || h[len] == '/';
	char *digits = arena_strndup(a, h + len + 1, strcspn(h + len + 1, "/"));
	int64_t v;
	if (!str_to_int(digits, 1, 65535, &v))
		return false;
	*port = (int)v;
	return true;
}

static void
read_mcu(struct reader *r)
{
	struct lab_mcu m = { .user = "dieuhanh", .password = "tongduyet", .api = "2.10", .ports = 120,
		.page = 20, .name_max = 31, .width = 4, .clock_off = 3 * MINUTE, .reboot_at = LAB_NEVER };
	m.name = want_word(r, "mcu");
	m.adapter = m.name ? want_word(r, "mcu NAME") : NULL;
	m.url = m.adapter ? want_word(r, "mcu NAME ADAPTER") : NULL;
	if (!m.url)
		return;
	if (!str_eq(m.adapter, adapters[0]))
		WRONG(r, "the lab has no MCU of the kind \"%s\"%s", m.adapter,
			faults_hint(r->faults, m.adapter, adapters));
	m.tls = str_starts(m.url, "https://");
	m.port = m.tls ? 443 : 80;
	if (!split_url(r->arena, m.url, m.tls ? "https://" : "http://", &m.host, &m.port))
		WRONG(r, "\"%s\" is not an address such as https://127.10.0.1:8443", m.url);
	else if (!str_starts(m.host, "127."))
		WRONG(r, "the lab listens on 127.x.y.z only, not on \"%s\"", m.host);
	for (const char *w; (w = peek(r)); ) {
		r->i++;
		if (str_eq(w, "latency"))
			m.latency_ms = (int)want_ms(r, w);
		else if (str_eq(w, "user"))
			m.user = want_word(r, w);
		else if (str_eq(w, "password"))
			m.password = want_word(r, w);
		else if (str_eq(w, "ports"))
			m.ports = want_int(r, w, 1, 10000);
		else if (str_eq(w, "page"))
			m.page = want_int(r, w, 1, 1000);
		else if (str_eq(w, "name-max"))
			m.name_max = want_int(r, w, 4, 255);
		else if (str_eq(w, "width"))
			m.width = want_int(r, w, 1, 64);
		else if (str_eq(w, "api"))
			m.api = want_word(r, w);
		else if (str_eq(w, "drop-idle"))
			m.drop_idle = true;
		else if (str_eq(w, "reset-sockets"))
			m.reset_sockets = true;
		else if (str_eq(w, "password-refused"))
			m.password_refused = true;
		else if (str_eq(w, "reboot"))
			m.reboot_at = want_ms(r, w);
		else if (str_eq(w, "clock-off"))
			m.clock_off = want_ms(r, w);
		else if (str_eq(w, "uplink-down"))
			add_span(r, &m.uplink_down, w, "back");
		else if (str_eq(w, "api-down"))
			add_span(r, &m.api_down, w, "back");
		else if (str_eq(w, "fault")) {
			m.fault_code = want_int(r, w, 1, 9999);
			if (!peek(r) || !str_eq(peek(r), "every"))
				WRONG(r, "\"fault %d\" wants \"every N\" after it", m.fault_code);
			else
				r->i++, m.fault_every = want_int(r, "every", 2, 1000000);
		} else
			WRONG(r, "unknown word \"%s\" for an mcu%s", w, faults_hint(r->faults, w, mcu_words));
	}
	for (size_t i = 0; i < r->out->mcus.n; i++)
		if (str_eq(r->out->mcus.at[i].name, m.name))
			WRONG(r, "a second mcu named \"%s\"", m.name);
	*vec_add_in(r->arena, &r->out->mcus) = m;
}

/* one-way MEDIUM DIRECTION: that medium arrives in this direction only. */
static void
read_one_way(struct reader *r, struct lab_site *s)
{
	const char *medium = want_word(r, "one-way");
	const char *way = medium ? want_word(r, medium) : NULL;
	if (!way)
		return;
	int m = str_eq(medium, "audio") ? 0 : str_eq(medium, "video") ? 1 : -1;
	int d = str_eq(way, "from-site") ? 0 : str_eq(way, "to-site") ? 1 : -1;
	if (m < 0 || d < 0)
		WRONG(r, "one-way wants audio|video and from-site|to-site, not \"%s %s\"", medium, way);
	else
		s->blocked[m][!d] = true;
}

static void
read_operator(struct reader *r, struct lab_site *s)
{
	const char *act = want_word(r, "operator");
	if (!act)
		return;
	s->act = str_eq(act, "hangs-up") ? OPERATOR_HANGS_UP
		: str_eq(act, "mutes") ? OPERATOR_MUTES
		: str_eq(act, "moves") ? OPERATOR_MOVES : OPERATOR_NONE;
	if (s->act == OPERATOR_NONE)
		WRONG(r, "an operator hangs-up, mutes or moves, not \"%s\"", act);
	s->act_at = want_ms(r, act);
}

static void
read_codec(struct reader *r, struct lab_site *s)
{
	s->codec.url = want_word(r, "codec");
	s->codec.exists = true;
	if (s->codec.url && !split_url(r->arena, s->codec.url, "ssh://", &s->codec.host, &s->codec.port))
		WRONG(r, "\"%s\" is not an address such as ssh://127.20.0.1:2222", s->codec.url);
	else if (s->codec.url && !str_starts(s->codec.host, "127."))
		WRONG(r, "the lab listens on 127.x.y.z only, not on \"%s\"", s->codec.host);
	while (peek(r) && (str_eq(peek(r), "user") || str_eq(peek(r), "password"))) {
		const char *w = r->words[r->i++];
		*(w[0] == 'u' ? &s->codec.user : &s->codec.password) = want_word(r, w);
	}
}

static bool
read_answer(const char *w, enum answer *out)
{
	static const struct {
		const char *word;
		enum answer answer;
	} table[] = { { "off", ANSWER_OFF }, { "unanswered", ANSWER_NOBODY }, { "busy", ANSWER_BUSY },
		{ "rejected", ANSWER_REJECTED }, { "wrong-address", ANSWER_WRONG_ADDRESS },
		{ "incompatible", ANSWER_INCOMPATIBLE } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(w, table[i].word)) {
			*out = table[i].answer;
			return true;
		}
	return false;
}

/* Words that stand alone. */
static bool
read_flag(const char *w, struct lab_site *s)
{
	if (str_eq(w, "silent"))
		s->speaks_ms = LAB_NEVER;
	else if (str_eq(w, "muted-by-setting"))
		s->muted_by_setting = true;
	else if (str_eq(w, "codec-password-wrong"))
		s->password_wrong = true;
	else if (str_eq(w, "auto-answer-off"))
		s->auto_answer_off = true;
	else if (str_eq(w, "black-hole"))
		s->black_hole = true;
	else if (str_eq(w, "legacy-ssh"))
		s->legacy_ssh = true;
	else if (str_eq(w, "no-codec"))
		s->codec.exists = false;
	else
		return false;
	return true;
}

/* speaks AFTER [for LONG]: an answer by voice to each unmute. */
static void
read_speaks(struct reader *r, struct lab_site *s)
{
	s->speaks_ms = want_ms(r, "speaks");
	if (peek(r) && str_eq(peek(r), "for"))
		r->i++, s->speech_ms = want_ms(r, "for");
}

static bool
read_text(struct reader *r, const char *w, struct lab_site *s)
{
	const char **field = str_eq(w, "address") ? &s->address
		: str_eq(w, "name") ? &s->name
		: str_eq(w, "mcu") ? &s->mcu
		: str_eq(w, "tier") ? &s->tier
		: str_eq(w, "parent") ? &s->parent
		: str_eq(w, "district") ? &s->district : NULL;
	if (!field)
		return false;
	*field = want_word(r, w);
	return true;
}

static void
read_timed(struct reader *r, const char *w, struct lab_site *s)
{
	if (str_eq(w, "on")) {
		if (peek(r) && peek(r)[0] == '+')
			s->on_at = want_ms(r, w);
	} else if (str_eq(w, "slow"))
		s->answer_ms = want_ms(r, w);
	else if (str_eq(w, "speaks"))
		read_speaks(r, s);
	else if (str_eq(w, "noise"))
		s->floor_mdb = (int)(want_unit(r, w, "dB", -90, 0) * 1000);
	else if (str_eq(w, "loss"))
		s->loss_permille = (int)(want_unit(r, w, "%", 0, 100) * 10 + 0.5);
	else if (str_eq(w, "frozen"))
		s->frozen_at = want_ms(r, w);
	else if (str_eq(w, "hangup"))
		add_span(r, &s->away, w, "back");
	else if (str_eq(w, "poweroff"))
		add_span(r, &s->power, w, "on");
	else if (str_eq(w, "drop"))
		add_span(r, &s->drop, w, "back");
	else if (str_eq(w, "hostkey-changes"))
		s->hostkey_changes_at = want_ms(r, w);
	else if (str_eq(w, "dials-in")) {
		s->dials_in_at = want_ms(r, w);
		if (peek(r) && str_eq(peek(r), "every"))
			r->i++, s->dials_in_every = want_ms(r, "every");
	} else
		WRONG(r, "unknown word \"%s\" for a site%s", w, faults_hint(r->faults, w, site_words));
}

/* Where the site lives: its address, or 127.20.0.N. */
static void
place(struct reader *r, struct lab_site *s)
{
	const char *own = arena_printf(r->arena, "127.20.%d.%d", s->ordinal / 250, s->ordinal % 250);
	if (s->ordinal % 250 == 0)
		own = arena_printf(r->arena, "127.20.%d.251", s->ordinal / 250);
	s->ip = own;
	if (!s->address) {
		s->address = arena_printf(r->arena, "h323:%s", own);
	} else {
		if (!str_starts(s->address, "h323:") && !str_starts(s->address, "sip:"))
			WRONG(r, "\"%s\" is not an address such as h323:127.20.0.1 or sip:1001@127.20.0.1", s->address);
		const char *at = strchr(s->address, '@');
		const char *host = at ? at + 1 : strchr(s->address, ':') ? strchr(s->address, ':') + 1 : "";
		if (str_starts(host, "127."))
			s->ip = arena_strndup(r->arena, host, strcspn(host, ":;"));
	}
	if (s->codec.exists && !s->codec.host) {
		s->codec.host = s->ip;
		s->codec.port = 2222;
		s->codec.url = arena_printf(r->arena, "ssh://%s:2222", s->ip);
	}
}

static void
read_site(struct reader *r)
{
	struct lab_site s = { .on_at = LAB_NEVER, .answer_ms = 2000, .speaks_ms = 3000, .speech_ms = 10000,
		.floor_mdb = -28500,
		.frozen_at = LAB_NEVER, .dials_in_at = LAB_NEVER, .hostkey_changes_at = LAB_NEVER, .tier = "commune",
		.codec = { .exists = true, .user = "admin", .password = "codec", .port = 22 } };
	s.id = want_word(r, "site");
	if (!s.id)
		return;
	s.ordinal = (int)r->out->sites.n + 1;
	for (const char *c = s.id; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c)) {
			WRONG(r, "a site's id is lower-case letters, digits and hyphens, not \"%s\"", s.id);
			break;
		}
	for (size_t i = 0; i < r->out->sites.n; i++)
		if (str_eq(r->out->sites.at[i].id, s.id))
			WRONG(r, "a second site with the id \"%s\"", s.id);
	for (const char *w; (w = peek(r)); ) {
		r->i++;
		if (read_answer(w, &s.answer) || read_flag(w, &s) || read_text(r, w, &s))
			continue;
		if (str_eq(w, "one-way"))
			read_one_way(r, &s);
		else if (str_eq(w, "operator"))
			read_operator(r, &s);
		else if (str_eq(w, "codec"))
			read_codec(r, &s);
		else
			read_timed(r, w, &s);
	}
	if (!s.name)
		s.name = s.id;
	place(r, &s);
	*vec_add_in(r->arena, &r->out->sites) = s;
}

/* What can be said only when all lines are read. */
static void
check_whole(struct reader *r)
{
	r->line = 0;
	if (!r->out->name)
		r->out->name = "lab";
	if (!r->out->mcus.n)
		WRONG(r, "no mcu line: nothing could dial the sites");
	for (size_t i = 0; i < r->out->sites.n; i++) {
		struct lab_site *s = &r->out->sites.at[i];
		bool known = !s->mcu && r->out->mcus.n;
		if (known)
			s->mcu = r->out->mcus.at[0].name;
		for (size_t j = 0; s->mcu && j < r->out->mcus.n; j++)
			known = known || str_eq(s->mcu, r->out->mcus.at[j].name);
		if (s->mcu && !known)
			WRONG(r, "site %s: there is no mcu \"%s\"", s->id, s->mcu);
	}
}

bool
scenario_parse(struct arena *a, const char *file, const char *text, struct scenario *out,
	struct faults *faults)
{
	struct reader r = { .arena = a, .file = file, .faults = faults, .out = out };
	size_t before = faults->n;
	*out = (struct scenario){ 0 };
	if (!utf8_valid(text, strlen(text))) {
		WRONG(&r, "not UTF-8 text");
		return false;
	}
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		r.line++;
		split_words(&r, arena_strndup(a, p, n));
		p += n + (p[n] == '\n');
		const char *w = peek(&r);
		if (!w)
			continue;
		r.i++;
		if (str_eq(w, "lab")) {
			if (want_word(&r, w))
				out->name = r.words[r.n - 1]; /* words before it are for people */
		} else if (str_eq(w, "mcu")) {
			read_mcu(&r);
		} else if (str_eq(w, "site")) {
			read_site(&r);
		} else {
			WRONG(&r, "a line begins with lab, mcu or site, not \"%s\"%s", w,
				faults_hint(faults, w, line_words));
		}
	}
	check_whole(&r);
	return faults->n == before;
}

bool
scenario_read(struct arena *a, const char *file, struct scenario *out, struct faults *faults)
{
	FILE *f = fopen(file, "re");
	if (!f) {
		faults_add(faults, file, 0, "open: %s", strerror(errno));
		return false;
	}
	struct buf b = { 0 };
	char part[8192];
	for (size_t n; b.n < MAX_TEXT && (n = fread(part, 1, sizeof part, f)) > 0;)
		buf_add(&b, part, n);
	fclose(f);
	bool ok = scenario_parse(a, file, buf_str(&b), out, faults);
	buf_free(&b);
	return ok;
}
