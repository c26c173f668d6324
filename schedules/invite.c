/* Reads from an event who is invited to it. Called by the plan for every event. What names a site
 * is planned, what should name one and does not is reported with its nearest matches. Must never
 * take the hall in LOCATION for the whole list of invited sites. */
#include "schedules/invite.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

enum { ITEMS_MAX = 2000 };

/* What people write for whole groups, folded. */
static const char *const groups[][2] = {
	{ "tất cả", "all" },
	{ "tất cả các điểm cầu", "all" },
	{ "toàn bộ", "all" },
	{ "toàn tỉnh", "all" },
	{ "các xã", "tier:commune" },
	{ "tất cả các xã", "tier:commune" },
	{ "cấp xã", "tier:commune" },
	{ "các xã, phường", "tier:commune" },
	{ "các phường", "tier:commune" },
	{ "cấp tỉnh", "tier:province" },
	{ "trung ương", "tier:central" },
};

struct gather {
	const struct sites *s;
	struct arena *a;
	struct buf selector; /* what was named, separated by ";" */
	size_t items;
};

static void
add_item(struct gather *g, const char *text)
{
	if (g->items++ >= ITEMS_MAX)
		return;
	const char *folded = utf8_fold(g->a, text);
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (str_eq(folded, groups[i][0]))
			text = groups[i][1];
	buf_printf(&g->selector, "%s;", text);
}

/* Whether a text names a site, or a group by its keyword or by its bare name. NULL: neither; else
 * what to select. */
static const char *
known(struct gather *g, const char *text)
{
	struct selection hit = { 0 };
	struct unknowns unknown = { .bare = true };
	sites_select(g->s, text, 0, g->a, &hit, &unknown);
	if (unknown.n == 0 && hit.n)
		return text;
	const char *group = arena_printf(g->a, "group:%s", text);
	hit.n = unknown.n = 0;
	if (!strpbrk(text, ",;"))
		sites_select(g->s, group, 0, g->a, &hit, &unknown);
	return hit.n && unknown.n == 0 ? group : NULL;
}

/* "Key: value" by its folded key, also typed without marks. NULL: another line. */
static const char *
value_of(struct arena *a, const char *line, const char *key)
{
	const char *colon = strchr(line, ':');
	if (!colon || colon - line > 60)
		return NULL;
	char *left = arena_strndup(a, line, (size_t)(colon - line));
	while (*left && strchr("-*+. \t", *left))
		left++;
	const char *folded = utf8_fold(a, left);
	if (!str_eq(folded, key) && !str_eq(folded, utf8_plain(a, key)))
		return NULL;
	return str_trim(arena_strdup(a, colon + 1));
}

/* Mail programs put markup into descriptions: a tag ends a line. */
static char *
without_tags(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text), *to = out;
	for (const char *c = text; *c; c++) {
		const char *end = *c == '<' ? strchr(c, '>') : NULL;
		if (end && end - c < 200) {
			*to++ = '\n';
			c = end;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
	return out;
}

static void
read_description(struct gather *g, const struct occurrence *o, struct invitation *out)
{
	size_t n = 0;
	char **lines = str_split(g->a, without_tags(g->a, o->description), "\r\n", &n);
	bool list = false; /* "Điểm cầu:" with its sites on the lines below */
	for (size_t i = 0; i < n; i++) {
		const char *v;
		bool item = list && strchr("-*+", lines[i][0]);
		if ((v = value_of(g->a, lines[i], "điểm cầu"))) {
			size_t parts_n = 0;
			char **parts = str_split(g->a, v, ",;", &parts_n);
			const char *whole = utf8_fold(g->a, v);
			bool group = false;
			for (size_t k = 0; k < sizeof groups / sizeof *groups; k++)
				group = group || str_eq(whole, groups[k][0]);
			if (group)
				add_item(g, v);
			for (size_t k = 0; k < parts_n && !group; k++)
				add_item(g, parts[k]);
			list = parts_n == 0;
			continue;
		}
		if (item) {
			char *text = lines[i];
			while (*text && strchr("-*+ \t", *text))
				text++;
			add_item(g, text);
			continue;
		}
		list = false;
		if ((v = value_of(g->a, lines[i], "kịch bản")))
			out->playbook = v;
		else if ((v = value_of(g->a, lines[i], "chủ trì")))
			out->chair = utf8_nfc(g->a, v);
		else if ((v = value_of(g->a, lines[i], "số người"))) {
			int64_t people = 0;
			size_t digits = strspn(v, "0123456789");
			if (digits &&
				str_to_int(arena_strndup(g->a, v, digits), 1, 100000, &people))
				out->people = (int)people;
		}
	}
}

/* A list in LOCATION is a list of the invited; a single name is where the meeting sits. */
static void
read_location(struct gather *g, const struct occurrence *o, struct invitation *out)
{
	size_t n = 0, hits = 0;
	char **parts = str_split(g->a, o->location, ",;\r\n", &n);
	const char **found = arena_alloc(g->a, (n + 1) * sizeof *found);
	const struct site *only = NULL;
	for (size_t i = 0; i < n && i < ITEMS_MAX; i++) {
		found[i] = known(g, parts[i]);
		if (!found[i])
			continue;
		hits++;
		only = sites_match(g->s, parts[i], g->a, NULL);
	}
	if (hits == 1 && only) {
		out->place = only;
		return;
	}
	for (size_t i = 0; hits && i < n && i < ITEMS_MAX; i++)
		add_item(g, found[i] ? found[i] : parts[i]);
}

void
invite_read(const struct occurrence *o, const struct sites *s, int64_t at, struct arena *a,
	struct invitation *out)
{
	*out = (struct invitation){ .playbook = "", .chair = "" };
	struct gather g = { .s = s, .a = a };
	read_description(&g, o, out);
	for (size_t i = 0; o->attendees && o->attendees[i]; i++) {
		const char *hit = known(&g, o->attendees[i]);
		add_item(&g, hit ? hit : o->attendees[i]);
	}
	for (size_t i = 0; o->categories && o->categories[i]; i++) {
		const char *hit = known(&g, o->categories[i]);
		if (hit)
			add_item(&g, hit);
	}
	read_location(&g, o, out);
	out->named = g.items > 0;
	sites_select(s, buf_str(&g.selector), at, a, &out->sites, &out->unknown);
	buf_free(&g.selector);
}
