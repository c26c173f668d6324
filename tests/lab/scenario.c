/* Reads a lab scenario. Called by the lab's main() and by its own unit test.
 * One line per thing, '#' starts a comment, words are separated by blanks, "quoted" where they hold
 * blanks.
 * Every wrong line is named with file:line and what was perhaps meant; the rest is still checked.
 * Owns nothing: all on the caller's arena. Must never open a socket or ask the time. */
#include "scenario.h"

#include "words.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 4 << 20 };

static const char *const site_words[] = { "off", "on", "unanswered", "busy", "rejected",
	"wrong-address", "incompatible", "slow", "silent", "speaks", "hears", "reads", "noise",
	"one-way", "loss", "frozen", "hangup", "poweroff", "drop", "dials-in", "muted-by-setting",
	"codec-password-wrong", "auto-answer-off", "hostkey-changes", "operator", "address",
	"codec", "no-codec", "name", "mcu", "mcu2", "black-hole", "legacy-ssh", "old-tc",
	"feedback-full", "teams-mode", "tier", "parent", "district", "moved", "class", "still",
	"kbps", "no-picture", "mute-ignored", NULL };
static const char *const codec_words[] = { "poly-cli", "roomos", "poly-rest", "huawei-te",
	"lifesize", "tandberg-mxp", "yealink-vc", "sony-pcs", NULL };
/* What a codec of each kind is spoken to over: a letter each, h https, s ssh, t telnet, p bare
 * TCP. */
static const char *const codec_ways[CODEC_KINDS] = { "st", "hs", "h", "h", "st", "th", "p", "t" };
static const char *const line_words[] = { "lab", "mcu", "site", "fleet", NULL };
/* one-way MEDIUM DIRECTION: that medium arrives in this direction only. */
static void
read_one_way(struct words *r, struct lab_site *s)
{
	const char *medium = words_want(r, "one-way");
	const char *way = medium ? words_want(r, medium) : NULL;
	if (!way)
		return;
	int m = str_eq(medium, "audio") ? 0 : str_eq(medium, "video") ? 1 : -1;
	int d = str_eq(way, "from-site") ? 0 : str_eq(way, "to-site") ? 1 : -1;
	if (m < 0 || d < 0)
		WRONG(r, "one-way wants audio|video and from-site|to-site, not \"%s %s\"", medium,
			way);
	else
		s->blocked[m][!d] = true;
}

static void
read_operator(struct words *r, struct lab_site *s)
{
	const char *act = words_want(r, "operator");
	if (!act)
		return;
	s->act = str_eq(act, "hangs-up") ? OPERATOR_HANGS_UP
		: str_eq(act, "mutes") ? OPERATOR_MUTES
		: str_eq(act, "moves") ? OPERATOR_MOVES : OPERATOR_NONE;
	if (s->act == OPERATOR_NONE)
		WRONG(r, "an operator hangs-up, mutes or moves, not \"%s\"", act);
	s->act_at = words_want_ms(r, act);
}

const char *
scenario_adapter(enum codec_kind kind)
{
	return kind == CODEC_ROOMOS ? "cisco-roomos" : codec_words[kind];
}

/* The letter of codec_ways, with what goes by default. */
static char
way_of(const char *url, const char **out_scheme, int *out_port)
{
	static const struct {
		const char *scheme;
		int port;
	} ways[] = { { "ssh://", 22 }, { "https://", 443 }, { "telnet://", 23 },
		{ "tcp://", 6024 } };
	size_t i = sizeof ways / sizeof *ways - 1;
	while (i && !str_starts(url, ways[i].scheme))
		i--;
	*out_scheme = ways[i].scheme;
	*out_port = ways[i].port;
	return i == 3 ? 'p' : *ways[i].scheme;
}

/* codec URL [KIND] [ssh PORT] [user U] [password P] */
static void
read_codec(struct words *r, struct lab_site *s)
{
	struct lab_codec *c = &s->codec;
	const char *scheme;
	c->url = words_want(r, "codec");
	c->exists = true;
	if (!c->url)
		return;
	char way = way_of(c->url, &scheme, &c->port);
	c->tls = way == 'h';
	c->plain = way == 't' || way == 'p';
	if (!words_url(r->arena, c->url, scheme, &c->host, &c->port))
		WRONG(r, "\"%s\" is not an address such as ssh://127.20.0.1:2222", c->url);
	else if (!str_starts(c->host, "127."))
		WRONG(r, "the lab listens on 127.x.y.z only, not on \"%s\"", c->host);
	for (int k = 0; codec_words[k]; k++)
		if (words_peek(r) && str_eq(words_peek(r), codec_words[k])) {
			r->i++;
			c->kind = (enum codec_kind)k;
			break;
		}
	if (!strchr(codec_ways[c->kind], way))
		WRONG(r, "%s is not spoken at \"%s\"", codec_words[c->kind], c->url);
	c->ssh_port = way == 's' ? c->port : 0;
	if (c->kind == CODEC_ROOMOS && c->tls && words_peek(r) && str_eq(words_peek(r), "ssh"))
		r->i++, c->ssh_port = words_want_int(r, "ssh", 1, 65535);
	while (words_peek(r) &&
		(str_eq(words_peek(r), "user") || str_eq(words_peek(r), "password"))) {
		const char *w = r->words[r->i++];
		*(w[0] == 'u' ? &c->user : &c->password) = words_want(r, w);
	}
}

static bool
read_answer(const char *w, enum answer *out)
{
	static const struct {
		const char *word;
		enum answer answer;
	} table[] = { { "off", ANSWER_OFF }, { "unanswered", ANSWER_NOBODY },
		{ "busy", ANSWER_BUSY }, { "rejected", ANSWER_REJECTED },
		{ "wrong-address", ANSWER_WRONG_ADDRESS },
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
	else if (str_eq(w, "old-tc"))
		s->old_tc = true;
	else if (str_eq(w, "feedback-full"))
		s->feedback_full = true;
	else if (str_eq(w, "teams-mode"))
		s->teams_mode = true;
	else if (str_eq(w, "moved"))
		s->moved = true;
	else if (str_eq(w, "no-picture"))
		s->no_picture = true;
	else if (str_eq(w, "mute-ignored"))
		s->mute_ignored = true;
	else if (str_eq(w, "no-codec"))
		s->codec.exists = false;
	else
		return false;
	return true;
}

/* speaks AFTER [for LONG]: an answer by voice to each unmute. */
static void
read_speaks(struct words *r, struct lab_site *s)
{
	s->speaks_ms = words_want_ms(r, "speaks");
	if (words_peek(r) && str_eq(words_peek(r), "for"))
		r->i++, s->speech_ms = words_want_ms(r, "for");
}

/* hears AFTER: an answer by voice to each sound that the MCU plays to it, and to nothing else. */
static void
read_hears(struct words *r, struct lab_site *s)
{
	s->hears_ms = words_want_ms(r, "hears");
	s->speaks_ms = LAB_NEVER;
}

static bool
read_text(struct words *r, const char *w, struct lab_site *s)
{
	const char **field = str_eq(w, "address") ? &s->address
		: str_eq(w, "class") ? &s->class
		: str_eq(w, "name") ? &s->name
		: str_eq(w, "mcu") ? &s->mcu
		: str_eq(w, "mcu2") ? &s->mcu2
		: str_eq(w, "tier") ? &s->tier
		: str_eq(w, "parent") ? &s->parent
		: str_eq(w, "district") ? &s->district : NULL;
	if (!field)
		return false;
	*field = words_want(r, w);
	return true;
}

static void
read_timed(struct words *r, const char *w, struct lab_site *s)
{
	if (str_eq(w, "on")) {
		if (words_peek(r) && words_peek(r)[0] == '+')
			s->on_at = words_want_ms(r, w);
	} else if (str_eq(w, "slow"))
		s->answer_ms = words_want_ms(r, w);
	else if (str_eq(w, "speaks"))
		read_speaks(r, s);
	else if (str_eq(w, "hears"))
		read_hears(r, s);
	else if (str_eq(w, "reads")) {
		s->reads_ms = words_want_ms(r, w);
		s->speaks_ms = LAB_NEVER;
	} else if (str_eq(w, "noise"))
		s->floor_mdb = (int)(words_want_unit(r, w, "dB", -90, 0) * 1000);
	else if (str_eq(w, "loss"))
		s->loss_permille = (int)(words_want_unit(r, w, "%", 0, 100) * 10 + 0.5);
	else if (str_eq(w, "frozen"))
		s->frozen_at = words_want_ms(r, w);
	else if (str_eq(w, "still"))
		s->still_at = words_want_ms(r, w);
	else if (str_eq(w, "kbps"))
		s->kbps = words_want_int(r, w, 1, 20000);
	else if (str_eq(w, "hangup"))
		words_span(r, &s->away, w, "back");
	else if (str_eq(w, "poweroff"))
		words_span(r, &s->power, w, "on");
	else if (str_eq(w, "drop"))
		words_span(r, &s->drop, w, "back");
	else if (str_eq(w, "hostkey-changes"))
		s->hostkey_changes_at = words_want_ms(r, w);
	else if (str_eq(w, "dials-in")) {
		s->dials_in_at = words_want_ms(r, w);
		if (words_peek(r) && str_eq(words_peek(r), "every"))
			r->i++, s->dials_in_every = words_want_ms(r, "every");
	} else
		WRONG(r, "unknown word \"%s\" for a site%s", w,
			faults_hint(r->faults, w, site_words));
}

/* FreeSWITCH and CMS dial SIP only; an RMX is given SIP, whose end reasons are known. */
static bool
speaks_sip(const struct words *r, const struct lab_site *s)
{
	for (size_t i = 0; i < r->out->mcus.n; i++)
		if (!s->mcu || str_eq(s->mcu, r->out->mcus.at[i].name))
			return !str_eq(r->out->mcus.at[i].adapter, "cisco-mcu");
	return false;
}

/* Where the site lives: its address, or 127.20.0.N. */
static void
place(struct words *r, struct lab_site *s)
{
	const char *own =
		arena_printf(r->arena, "127.20.%d.%d", s->ordinal / 250, s->ordinal % 250);
	if (s->ordinal % 250 == 0)
		own = arena_printf(r->arena, "127.20.%d.251", s->ordinal / 250);
	s->ip = own;
	if (!s->address) {
		s->address = speaks_sip(r, s) ? arena_printf(r->arena, "sip:%s@%s", s->id, own)
			: arena_printf(r->arena, "h323:%s", own);
	} else {
		if (!str_starts(s->address, "h323:") && !str_starts(s->address, "sip:"))
			WRONG(r,
				"\"%s\" is not an address such as h323:127.20.0.1 or "
				"sip:1001@127.20.0.1",
				s->address);
		const char *at = strchr(s->address, '@');
		const char *host = at			     ? at + 1
				   : strchr(s->address, ':') ? strchr(s->address, ':') + 1
							     : "";
		if (str_starts(host, "127."))
			s->ip = arena_strndup(r->arena, host, strcspn(host, ":;"));
	}
	if (s->codec.exists && !s->codec.host) {
		s->codec.host = s->ip;
		s->codec.port = s->codec.ssh_port = 2222;
		s->codec.url = arena_printf(r->arena, "ssh://%s:2222", s->ip);
	}
}

struct lab_site
scenario_plain_site(void)
{
	return (struct lab_site){ .on_at = LAB_NEVER,
		.answer_ms = 2000,
		.speaks_ms = 3000,
		.hears_ms = LAB_NEVER,
		.reads_ms = LAB_NEVER,
		.speech_ms = 10000,
		.floor_mdb = -28500,
		.frozen_at = LAB_NEVER,
		.still_at = LAB_NEVER,
		.kbps = 1748,
		.dials_in_at = LAB_NEVER,
		.hostkey_changes_at = LAB_NEVER,
		.tier = "commune",
		.codec = { .exists = true, .user = "admin", .password = "codec", .port = 22 } };
}

static void
read_site(struct words *r, const char *id)
{
	struct lab_site s = scenario_plain_site();
	s.id = id;
	s.ordinal = (int)r->out->sites.n + 1;
	for (const char *c = s.id; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c)) {
			WRONG(r,
				"a site's id is lower-case letters, digits and hyphens, not \"%s\"",
				s.id);
			break;
		}
	for (size_t i = 0; i < r->out->sites.n; i++)
		if (str_eq(r->out->sites.at[i].id, s.id))
			WRONG(r, "a second site with the id \"%s\"", s.id);
	for (const char *w; (w = words_peek(r)); ) {
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

/* fleet N PREFIX BEHAVIOUR...: N sites that behave alike, PREFIX-001 and so on. */
static void
read_fleet(struct words *r)
{
	int n = words_want_int(r, "fleet", 1, 5000);
	const char *prefix = words_want(r, "fleet N");
	int from = r->i;
	size_t before = r->faults->n;
	for (int k = 1; prefix && k <= n && r->faults->n == before; k++) {
		r->i = from;
		read_site(r, arena_printf(r->arena, "%s-%03d", prefix, k));
	}
}

/* What can be said only when all lines are read. */
static void
check_whole(struct words *r)
{
	r->line = 0;
	if (!r->out->name)
		r->out->name = "lab";
	if (!r->out->mcus.n)
		WRONG(r, "no mcu line: nothing could dial the sites");
	for (size_t i = 0; i < r->out->mcus.n; i++) {
		const struct lab_mcu *m = &r->out->mcus.at[i];
		bool above = !m->parent;
		for (size_t j = 0; !above && j < r->out->mcus.n; j++)
			above = j != i && str_eq(m->parent, r->out->mcus.at[j].name);
		if (!above)
			WRONG(r, "mcu %s: there is no mcu \"%s\" above it", m->name, m->parent);
	}
	for (size_t i = 0; i < r->out->sites.n; i++) {
		struct lab_site *s = &r->out->sites.at[i];
		bool known = !s->mcu && r->out->mcus.n;
		if (known)
			s->mcu = r->out->mcus.at[0].name;
		for (size_t j = 0; s->mcu && j < r->out->mcus.n; j++)
			known = known || str_eq(s->mcu, r->out->mcus.at[j].name);
		if (s->mcu && !known)
			WRONG(r, "site %s: there is no mcu \"%s\"", s->id, s->mcu);
		bool second = !s->mcu2;
		for (size_t j = 0; j < r->out->mcus.n; j++)
			second = second || str_eq(s->mcu2, r->out->mcus.at[j].name);
		if (!second)
			WRONG(r, "site %s: there is no mcu \"%s\"", s->id, s->mcu2);
	}
}

bool
scenario_parse(struct arena *a, const char *file, const char *text, struct scenario *out,
	struct faults *faults)
{
	struct words r = { .arena = a, .file = file, .faults = faults, .out = out };
	size_t before = faults->n;
	*out = (struct scenario){ 0 };
	if (!utf8_valid(text, strlen(text))) {
		WRONG(&r, "not UTF-8 text");
		return false;
	}
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		r.line++;
		words_split(&r, arena_strndup(a, p, n));
		p += n + (p[n] == '\n');
		const char *w = words_peek(&r);
		if (!w)
			continue;
		r.i++;
		if (str_eq(w, "lab")) {
			if (words_want(&r, w))
				out->name = r.words[r.n - 1]; /* words before it are for people */
		} else if (str_eq(w, "mcu")) {
			scenario_mcu(&r);
		} else if (str_eq(w, "site")) {
			const char *id = words_want(&r, w);
			if (id)
				read_site(&r, id);
		} else if (str_eq(w, "fleet")) {
			read_fleet(&r);
		} else {
			WRONG(&r, "a line begins with lab, mcu, site or fleet, not \"%s\"%s", w,
				faults_hint(faults, w, line_words));
		}
	}
	check_whole(&r);
	return faults->n == before;
}

/* "127.A." anywhere in the text becomes "127.A+by.". */
static const char *
shifted(struct arena *a, const char *text, int by)
{
	const char *at = text ? strstr(text, "127.") : NULL;
	char *end;
	if (!at)
		return text;
	long octet = strtol(at + 4, &end, 10);
	return arena_printf(a, "%.*s127.%ld%s", (int)(at - text), text, (octet + by) % 256, end);
}

void
scenario_shift(struct scenario *s, struct arena *a, int by)
{
	for (size_t i = 0; i < s->mcus.n; i++) {
		s->mcus.at[i].url = shifted(a, s->mcus.at[i].url, by);
		s->mcus.at[i].host = shifted(a, s->mcus.at[i].host, by);
		s->mcus.at[i].esl_host = shifted(a, s->mcus.at[i].esl_host, by);
	}
	for (size_t i = 0; i < s->sites.n; i++) {
		struct lab_site *p = &s->sites.at[i];
		p->address = shifted(a, p->address, by);
		p->ip = shifted(a, p->ip, by);
		p->codec.url = shifted(a, p->codec.url, by);
		p->codec.host = shifted(a, p->codec.host, by);
	}
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
