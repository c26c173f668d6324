/* Sites by what people write: ids, names, aliases, groups. Called for calendars, selectors of
 * playbooks and the command line. Owns nothing but the indexes of struct sites. Must never guess:
 * an ambiguous name matches nobody and its candidates are offered as nearest. */
#include "schedules/sites_internal.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <string.h>

/* Folded prefixes that name the kind of place, not the place. */
static const char *const prefixes[] = { "điểm cầu ", "đc ", "ubnd ", "xã ", "phường ", "thị trấn ",
	"tt. ", "p. ", "x. ", NULL };

/* Both ways of placing a tone on oa, oe, uy are in use; the newer one is compared. Folded text,
 * NFC. */
static const char *const tones[][2] = {
	{ "òa", "oà" },
	{ "óa", "oá" },
	{ "ỏa", "oả" },
	{ "õa", "oã" },
	{ "ọa", "oạ" },
	{ "òe", "oè" },
	{ "óe", "oé" },
	{ "ỏe", "oẻ" },
	{ "õe", "oẽ" },
	{ "ọe", "oẹ" },
	{ "ùy", "uỳ" },
	{ "úy", "uý" },
	{ "ủy", "uỷ" },
	{ "ũy", "uỹ" },
	{ "ụy", "uỵ" },
};

/* The form names are compared in: folded, old and new tone placement alike ("Hoà" = "Hòa"); without
 * the prefixes "xã", "phường", "điểm cầu" ... when bare. */
static char *
fold(struct arena *a, const char *name, bool bare)
{
	const char *s = utf8_fold(a, name);
	for (bool again = bare; again;) {
		again = false;
		for (int i = 0; prefixes[i]; i++)
			if (str_starts(s, prefixes[i]) && s[strlen(prefixes[i])]) {
				s += strlen(prefixes[i]);
				again = true;
			}
	}
	struct buf b = { 0 };
	while (*s) {
		size_t skip = 0;
		for (size_t i = 0; (*s & 0x80) && i < sizeof tones / sizeof *tones && !skip; i++)
			if (str_starts(s, tones[i][0])) {
				buf_puts(&b, tones[i][1]);
				skip = strlen(tones[i][0]);
			}
		if (!skip)
			buf_putc(&b, *s);
		s += skip ? skip : 1;
	}
	char *out = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

static void
index_form(struct sites *s, const char *form, struct site *site, struct map *fixed)
{
	if (!*form || (fixed && map_has(fixed, form)))
		return;
	struct site *other = map_get(s->by_name, form);
	if (!other)
		map_set(s->by_name, form, site);
	else if (other != site)
		map_set(s->ambiguous, form, site);
}

static void
index_groups(struct sites *s)
{
	s->groups = arena_alloc(s->arena, (s->n + 1) * sizeof *s->groups);
	for (size_t i = 0; i < s->n; i++) {
		const struct site *t = &s->at[i];
		const char *const texts[SITE_GROUPS] = { t->district, t->platform, t->provider,
			t->class };
		for (int k = 0; k < SITE_GROUPS; k++) {
			const char *folded = *texts[k] ? fold(s->arena, texts[k], false) : "";
			s->groups[i][k] = folded;
			if (*folded && !map_has(s->by_group, folded))
				map_set(s->by_group, folded, s);
		}
	}
}

/* Full names first: a bare form never takes a name away from the site that is called exactly so. */
void
sites_index(struct sites *s)
{
	struct arena *a = s->arena;
	struct map *full = map_new();
	index_groups(s);
	s->plain = arena_alloc(a, (s->n + 1) * sizeof *s->plain);
	for (int bare = 0; bare <= 1; bare++) {
		for (size_t i = 0; i < s->n; i++) {
			struct site *site = &s->at[i];
			if (!bare)
				s->plain[i] = utf8_plain(a, fold(a, site->name, true));
			if (map_get(s->by_id, utf8_fold(a, site->id)) != site)
				continue;
			index_form(s, fold(a, site->name, bare), site, bare ? full : NULL);
			for (size_t k = 0; site->aliases[k]; k++)
				index_form(s, fold(a, site->aliases[k], bare), site,
					bare ? full : NULL);
		}
		if (bare)
			break;
		const char *key;
		void *value;
		for (size_t i = 0; map_next(s->by_name, &i, &key, &value);)
			map_set(full, key, value);
	}
	map_free(full);
}

const struct site *
sites_find(const struct sites *s, const char *id)
{
	if (str_empty(id))
		return NULL;
	struct arena *a = arena_new();
	const struct site *found = map_get(s->by_id, utf8_fold(a, id));
	arena_free(a);
	return found;
}

bool
site_valid(const struct site *site, int64_t at)
{
	return at == 0 || (at >= site->valid_from && (site->valid_to == 0 || at < site->valid_to));
}

const struct site *
sites_in_place_of(const struct sites *s, const struct site *site, int64_t at)
{
	for (int i = 0; site && i < MERGERS_MOST; i++) {
		if (site_valid(site, at))
			return site;
		if (at < site->valid_from)
			return NULL;
		site = sites_find(s, site->successor);
	}
	return NULL;
}

/* Up to three ids, nearest first: sites that answer to the same ambiguous form, then by edit
 * distance. */
static const char *const *
find_nearest(const struct sites *s, const char *text, struct arena *a)
{
	enum { MOST = 3 };
	const char **out = arena_alloc(a, (MOST + 1) * sizeof *out);
	size_t best[MOST], n = 0;
	const char *word = utf8_plain(a, fold(a, text, true));
	size_t limit = strlen(word) / 3 > 2 ? strlen(word) / 3 : 2;
	for (size_t i = 0; i < s->n; i++) {
		size_t d = str_distance(word, s->plain[i], limit + 1);
		size_t by_id = str_distance(word, s->at[i].id, limit + 1);
		d = by_id < d ? by_id : d;
		if (d > limit || map_get(s->by_id, utf8_fold(a, s->at[i].id)) != &s->at[i])
			continue;
		size_t at = n < MOST ? n : MOST;
		while (at > 0 && best[at - 1] > d)
			at--;
		if (at == MOST)
			continue;
		size_t last = n < MOST ? n : MOST - 1;
		for (size_t k = last; k > at; k--) {
			best[k] = best[k - 1];
			out[k] = out[k - 1];
		}
		best[at] = d;
		out[at] = s->at[i].id;
		n += n < MOST;
	}
	return out;
}

const struct site *
sites_match(const struct sites *s, const char *text, struct arena *a, const char *const **nearest)
{
	if (nearest)
		*nearest = arena_alloc(a, sizeof **nearest);
	const char *id = utf8_fold(a, text);
	if (!*id)
		return NULL;
	const struct site *found = map_get(s->by_id, id);
	for (int bare = 0; bare <= 1 && !found; bare++) {
		const char *form = fold(a, text, bare);
		found = map_has(s->ambiguous, form) ? NULL : map_get(s->by_name, form);
	}
	if (!found && nearest)
		*nearest = find_nearest(s, text, a);
	return found;
}

struct picker {
	const struct sites *s;
	struct arena *a;
	bool *picked; /* per row */
	struct unknowns *unknown;
	size_t groups, tries; /* so far */
};

/* "tier:commune" and its like; false if no site could ever be meant by it. */
static bool
pick_group(struct picker *p, const char *kind, const char *value)
{
	const char *v = fold(p->a, value, false);
	bool group = str_eq(kind, "group"), any = false;
	bool tiers = group || str_eq(kind, "tier"), districts = group || str_eq(kind, "district");
	int tier = -1;
	for (int i = TIER_CENTRAL; tiers && i <= TIER_OTHER; i++)
		if (str_eq(v, tier_name((enum tier)i)))
			tier = i;
	bool known = districts && *v && map_has(p->s->by_group, v);
	if ((tier < 0 && !known) || p->groups++ >= SITES_GROUPS_MOST)
		return false;
	for (size_t i = 0; i < p->s->n; i++) {
		bool hit = (int)p->s->at[i].tier == tier;
		for (int k = 0; known && k < (group ? SITE_GROUPS : 1); k++)
			hit = hit || str_eq(v, p->s->groups[i][k]);
		if (hit)
			any = p->picked[i] = true;
	}
	return any || tier >= 0;
}

/* A keyword, a group, an id or a name; false if it is none of them. */
static bool
pick_item(struct picker *p, const char *text)
{
	static const char *const kinds[] = { "tier", "district", "group", NULL };
	if (str_eq_nocase(text, "all")) {
		for (size_t i = 0; i < p->s->n; i++)
			p->picked[i] = true;
		return true;
	}
	const char *colon = strchr(text, ':');
	if (colon) {
		char *kind = str_trim(arena_strndup(p->a, text, (size_t)(colon - text)));
		for (int i = 0; kinds[i]; i++)
			if (str_eq_nocase(kind, kinds[i]))
				return pick_group(p, kinds[i], colon + 1);
	}
	const struct site *site = sites_match(p->s, text, p->a, NULL);
	if (site)
		p->picked[site - p->s->at] = true;
	return site != NULL;
}

static void
add_unknown(struct picker *p, struct buf *text)
{
	if (text->n == 0)
		return;
	static const char *const none[] = { NULL };
	struct unknown_site *u = vec_add_in(p->a, p->unknown);
	u->text = arena_strdup(p->a, buf_str(text));
	u->nearest = p->unknown->bare || p->unknown->n > SITES_NEAREST_MOST
			     ? none
			     : find_nearest(p->s, u->text, p->a);
	buf_clear(text);
}

/* A part without commas: as a whole, else by blanks, each time the longest run of words that means
 * something. Words that mean nothing stay together, so that an unknown name is shown as it was
 * written. */
static void
pick_part(struct picker *p, const char *part)
{
	enum { WORDS_TRIED = 6 };
	if (pick_item(p, part))
		return;
	size_t n = 0;
	char **words = str_split(p->a, part, " \t\r\n", &n);
	struct buf unknown = { 0 };
	for (size_t i = 0; i < n;) {
		size_t used = 0;
		for (size_t k = n - i < WORDS_TRIED ? n - i : WORDS_TRIED;
			k > 0 && !used && p->tries < SITES_WORDS_MOST; k--, p->tries++) {
			struct buf join = { 0 };
			for (size_t w = 0; w < k; w++)
				buf_printf(&join, "%s%s", w ? " " : "", words[i + w]);
			used = pick_item(p, buf_str(&join)) ? k : 0;
			buf_free(&join);
		}
		if (used) {
			add_unknown(p, &unknown);
		} else {
			buf_printf(&unknown, "%s%s", unknown.n ? " " : "", words[i]);
			used = 1;
		}
		i += used;
	}
	add_unknown(p, &unknown);
	buf_free(&unknown);
}

void
sites_select(const struct sites *s, const char *selector, int64_t at, struct arena *a,
	struct selection *out, struct unknowns *unknown)
{
	struct unknowns none = { 0 };
	struct picker p = { .s = s, .a = a, .unknown = unknown ? unknown : &none };
	p.picked = arena_alloc(a, s->n + 1);
	size_t n = 0;
	char **parts = str_split(a, selector ? selector : "", ",;\n", &n);
	for (size_t i = 0; i < n; i++)
		pick_part(&p, parts[i]);
	/* A row without an id, or with that of another row, is no site: nothing could be told of
	 * it. */
	for (size_t i = 0; i < s->n; i++)
		if (p.picked[i] && site_valid(&s->at[i], at) &&
			map_get(s->by_id, utf8_fold(a, s->at[i].id)) == &s->at[i])
			*vec_add_in(a, out) = &s->at[i];
}
