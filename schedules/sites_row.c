/* The rules of a row of sites.csv: what each cell may say, and what concerns other rows. Called by
 * the reader for every row and once at the end. Owns nothing. A fault disables its row and never
 * hides the next fault. */
#include "schedules/sites_internal.h"

#include "base/instant.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

enum { ID_MAX = 64, PARENTS_MAX = 32 };

static const char *const tiers[] = { "central", "province", "commune", "other", NULL };
static const char *const schemes[] = { "sip", "sips", "h323", "tel", NULL };

const char *
tier_name(enum tier t)
{
	return tiers[t];
}

void
site_fault(struct site_rows *r, struct site *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *why = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	faults_add(r->faults, r->file, s->csv_line, "%s", why);
	if (!s->disabled) {
		s->disabled = true;
		s->disabled_why = why;
	}
}

/* One word of a list that a person may have mistyped. A table whose every row is wrong holds the
 * same mistake: the first rows show it, and the rest does not cost an hour. */
static const char *
hint(struct site_rows *r, const char *word, const char *const *list)
{
	enum { HINTS_MOST = 200 };
	if (r->hints++ >= HINTS_MOST)
		return "";
	return faults_hint(r->faults, word, list);
}

/* "yes", "no" and what people write for them. */
static bool
read_yes(struct site_rows *r, struct site *s, const char *column, const char *text)
{
	static const char *const yes[] = { "yes", "true", "1", "x", "có", NULL };
	static const char *const no[] = { "no", "false", "0", "", "không", NULL };
	const char *word = utf8_fold(r->a, text);
	for (int i = 0; yes[i]; i++)
		if (str_eq(word, yes[i]))
			return true;
	for (int i = 0; no[i]; i++)
		if (str_eq(word, no[i]))
			return false;
	site_fault(r, s, T("%s \"%s\" is neither yes nor no"), column, text);
	return false;
}

/* A local day as the instant of its midnight; plus days. 0 when empty or wrong. */
static int64_t
read_day(struct site_rows *r, struct site *s, const char *column, const char *text,
	int64_t plus_days)
{
	if (!*text)
		return 0;
	int64_t at = 0, y = 0, m = 0, d = 0;
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
		!str_to_int(arena_strndup(r->a, text, 4), 1970, 9998, &y) ||
		!str_to_int(arena_strndup(r->a, text + 5, 2), 0, 99, &m) ||
		!str_to_int(arena_strndup(r->a, text + 8, 2), 0, 99, &d)) {
		site_fault(r, s, T("%s \"%s\" is not a day like 2026-03-31"), column, text);
		return 0;
	}
	/* Noon is never inside a change of the clock; midnight may be. */
	if (!instant_parse(arena_printf(r->a, "%sT12:00:00", text), &at)) {
		site_fault(r, s, T("%s \"%s\" is no day of the calendar"), column, text);
		return 0;
	}
	char day[16];
	instant_local(at + plus_days * 86400000, "%Y-%m-%d", day, sizeof day);
	int64_t midnight = 0;
	if (!instant_parse(arena_printf(r->a, "%sT00:00:00", day), &midnight))
		return at - 43200000 + plus_days * 86400000;
	return midnight;
}

static const char *
read_address(struct site_rows *r, struct site *s, const char *column, const char *text)
{
	if (!*text)
		return text;
	const char *colon = strchr(text, ':');
	const char *scheme = colon ? arena_strndup(r->a, text, (size_t)(colon - text)) : "";
	bool known = false;
	for (int i = 0; schemes[i]; i++)
		known = known || str_eq_nocase(scheme, schemes[i]);
	if (known && colon[1] && !strchr(text, ' '))
		return text;
	if (known)
		site_fault(r, s, T("%s \"%s\" has %s"), column, text,
			colon[1] ? T("a blank in it") : T("nothing behind the colon"));
	else if (colon && str_nearest(scheme, schemes))
		site_fault(r, s, T("%s \"%s\" begins with no known scheme, perhaps \"%s:%s\""),
			column, text, str_nearest(scheme, schemes), colon + 1);
	else
		site_fault(r, s, T("%s \"%s\" begins with no known scheme, perhaps \"%s:%s\""),
			column, text, strchr(text, '@') ? "sip" : "h323",
			colon && str_starts(colon, "://") ? colon + 3 : text);
	return text;
}

/* So many signs of base64, and at most one = behind them. */
static bool
is_digest(const char *s)
{
	enum { SIGNS = 43 };
	static const char base64[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = strspn(s, base64);
	return n == SIGNS && (!s[n] || (s[n] == '=' && !s[n + 1]));
}

/* The key of its control port: of HTTPS as curl writes it, of SSH as ssh-keygen does. */
static const char *
read_pin(struct site_rows *r, struct site *s, const char *text)
{
	bool https = str_starts(s->control, "https://"), ssh = str_starts(s->control, "ssh://");
	if (!*text || str_starts(s->control, "exec:")) /* a program is given it as it is */
		return text;
	if (!*s->control)
		site_fault(r, s, T("pin without a control address: there is no key to compare"));
	else if (!https && !ssh)
		site_fault(r, s, T("pin needs a control address with https:// or ssh://"));
	else if (ssh && !(str_starts(text, "SHA256:") && is_digest(text + 7)))
		site_fault(r, s, T("pin \"%s\" of an ssh:// address is not SHA256: and 43 signs"),
			text);
	else if (https && !str_eq(text, "ca") &&
		 !(str_starts(text, "sha256//") && is_digest(text + 8)))
		site_fault(r, s,
			T("pin \"%s\" of an https:// address is neither sha256// and 43 signs with "
			  "= "
			  "nor ca"),
			text);
	return text;
}

static bool
good_id(const char *id)
{
	for (const unsigned char *c = (const unsigned char *)id; *c; c++)
		if (*c <= ' ' || strchr(",;:|/\\\"'<>&", *c) || *c == 127)
			return false;
	return strlen(id) <= ID_MAX && id[0] != '.';
}

void
site_fill(struct site_rows *r, struct site *s, const char *const v[C_N])
{
	s->id = v[C_ID];
	s->name = utf8_nfc(r->a, v[C_NAME]);
	size_t n = 0;
	s->aliases = (const char *const *)str_split(r->a, utf8_nfc(r->a, v[C_ALIASES]), "|", &n);
	s->parent = v[C_PARENT], s->district = utf8_nfc(r->a, v[C_DISTRICT]), s->mcu = v[C_MCU];
	s->mcu2 = v[C_MCU2];
	s->adapter = v[C_ADAPTER], s->control = v[C_CONTROL];
	s->contact = utf8_nfc(r->a, v[C_CONTACT]), s->contact_phone = v[C_CONTACT_PHONE];
	s->contact_mail = v[C_CONTACT_MAIL];
	s->chief = utf8_nfc(r->a, v[C_CHIEF]), s->chief_mail = v[C_CHIEF_MAIL];
	s->provider_mail = v[C_PROVIDER_MAIL];
	s->provider = utf8_nfc(r->a, v[C_PROVIDER]), s->platform = utf8_nfc(r->a, v[C_PLATFORM]);
	s->class = v[C_CLASS], s->line = utf8_nfc(r->a, v[C_LINE]);
	if (!*s->id)
		site_fault(r, s, T("the site has no id%s%s"), *s->name ? ": " : "", s->name);
	else if (!good_id(s->id))
		site_fault(r, s,
			T("id \"%s\" has a blank or sign that ids cannot have, or is too long"),
			s->id);
	if (!*s->name)
		site_fault(r, s, T("site %s has no name"), s->id);
	s->tier = TIER_OTHER;
	bool known = false;
	for (int i = 0; tiers[i] && !known; i++)
		if (str_eq_nocase(v[C_TIER], tiers[i])) {
			s->tier = (enum tier)i;
			known = true;
		}
	if (!known)
		site_fault(r, s, T("unknown tier \"%s\"%s"), v[C_TIER], hint(r, v[C_TIER], tiers));
	if (!*s->mcu && !*s->adapter)
		site_fault(r, s,
			T("site %s has neither mcu nor adapter: nobody could ask about it"), s->id);
	if (*s->mcu2 && !*s->mcu)
		site_fault(r, s, T("site %s has a second mcu and no first one"), s->id);
	else if (*s->mcu2 && str_eq(s->mcu, s->mcu2))
		site_fault(r, s, T("mcu2 \"%s\" is the same as mcu"), s->mcu2);
	if (*s->control && !*s->adapter)
		site_fault(r, s, T("site %s has a control address but no adapter"), s->id);
	s->address[0] = read_address(r, s, "address1", v[C_ADDRESS1]);
	s->address[1] = read_address(r, s, "address2", v[C_ADDRESS2]);
	s->legacy = read_yes(r, s, "legacy", v[C_LEGACY]);
	s->pin = read_pin(r, s, v[C_PIN]);
	int64_t number = 0;
	if (*v[C_IMPORTANCE] && !str_to_int(v[C_IMPORTANCE], 0, 1000000, &number))
		site_fault(
			r, s, T("importance \"%s\" is not a whole number from 0"), v[C_IMPORTANCE]);
	s->importance = (int)number;
	s->valid_from = read_day(r, s, "valid_from", v[C_VALID_FROM], 0);
	s->valid_to = read_day(r, s, "valid_to", v[C_VALID_TO], 1);
	if (s->valid_from && s->valid_to && s->valid_to <= s->valid_from)
		site_fault(r, s, T("valid_to %s lies before valid_from %s"), v[C_VALID_TO],
			v[C_VALID_FROM]);
	s->successor = v[C_SUCCESSOR];
	if (*s->successor && !s->valid_to)
		site_fault(r, s,
			T("successor %s without valid_to: until when did %s stand for itself"),
			s->successor, s->id);
}

static bool
is_mcu(const struct site_rows *r, const char *name)
{
	for (size_t i = 0; r->mcus[i]; i++)
		if (str_eq(r->mcus[i], name))
			return true;
	return false;
}

/* Who was merged leads to somebody, and not in a circle. */
static void
check_successors(struct site_rows *r, const char *const *ids)
{
	struct sites *all = r->sites;
	for (size_t i = 0; i < all->n; i++) {
		struct site *s = &all->at[i];
		if (!s->successor || !*s->successor)
			continue;
		const struct site *next = map_get(all->by_id, utf8_fold(r->a, s->successor));
		if (!next) {
			site_fault(r, s, T("successor \"%s\" is no site%s"), s->successor,
				hint(r, s->successor, ids));
			continue;
		}
		size_t steps = 0;
		while (next && next != s && steps++ < MERGERS_MOST)
			next = next->successor && *next->successor
				       ? map_get(all->by_id, utf8_fold(r->a, next->successor))
				       : NULL;
		if (next)
			site_fault(r, s,
				T("successor \"%s\": the sites follow each other in a circle, or "
				  "more than %d of them"),
				s->successor, MERGERS_MOST);
	}
}

/* Both are in the directory on some day. */
static bool
at_one_time(const struct site *a, const struct site *b)
{
	return (!a->valid_to || !b->valid_from || b->valid_from < a->valid_to) &&
	       (!b->valid_to || !a->valid_from || a->valid_from < b->valid_to);
}

/* A slip, or one box for two offices. Both rows are kept: a run that invites both dials the first
 * alone (house_spec.c), or the second one would be found busy and accused of it. */
static void
check_addresses(struct site_rows *r)
{
	struct map *seen = map_new();
	for (size_t i = 0; i < r->sites->n; i++) {
		struct site *s = &r->sites->at[i];
		char plain[160];
		if (!*s->address[0] || s->disabled)
			continue;
		sites_plain_address(s->address[0], plain, sizeof plain);
		const struct site *first = map_get(seen, plain);
		if (!first)
			map_set(seen, plain, s);
		else if (at_one_time(first, s))
			faults_add(r->faults, r->file, s->csv_line,
				T("address1 \"%s\" is that of %s in line %d already: of the two "
				  "one "
				  "can be called at a time"),
				s->address[0], first->id, first->csv_line);
	}
	map_free(seen);
}

void
site_check_all(struct site_rows *r)
{
	struct sites *all = r->sites;
	const char **ids = arena_alloc(r->a, (all->n + 1) * sizeof *ids);
	size_t ids_n = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct site *s = &all->at[i];
		if (!*s->id)
			continue;
		const char *key = utf8_fold(r->a, s->id);
		const struct site *first = map_get(all->by_id, key);
		if (first) {
			site_fault(r, s, T("id \"%s\" stands twice, first in line %d"), s->id,
				first->csv_line);
			continue;
		}
		map_set(all->by_id, key, s);
		ids[ids_n++] = s->id;
	}
	check_successors(r, ids);
	check_addresses(r);
	if (!r->mcus)
		return;
	const char **parents = arena_alloc(r->a, (ids_n + 1) * sizeof *parents);
	memcpy(parents, ids, ids_n * sizeof *parents);
	for (size_t i = 0; i < all->n; i++) {
		struct site *s = &all->at[i];
		if (*s->mcu && !is_mcu(r, s->mcu))
			site_fault(r, s, T("there is no mcu \"%s\" in the configuration%s"), s->mcu,
				hint(r, s->mcu, r->mcus));
		if (*s->mcu2 && !is_mcu(r, s->mcu2))
			site_fault(r, s, T("mcu2: there is no mcu \"%s\" in the configuration%s"),
				s->mcu2, hint(r, s->mcu2, r->mcus));
		if (!*s->parent || is_mcu(r, s->parent))
			continue;
		const struct site *above = map_get(all->by_id, utf8_fold(r->a, s->parent));
		if (!above) {
			const char *near = hint(r, s->parent, parents);
			site_fault(r, s, T("parent \"%s\" is neither a site nor an mcu%s"),
				s->parent, *near ? near : hint(r, s->parent, r->mcus));
			continue;
		}
		int depth = 0;
		while (above && above != s && depth++ < PARENTS_MAX)
			above = *above->parent ? map_get(all->by_id, utf8_fold(r->a, above->parent))
					       : NULL;
		if (above == s || depth > PARENTS_MAX)
			site_fault(
				r, s, T("parent \"%s\": the sites stand in a circle"), s->parent);
	}
}
