/* An imported result as part of a journal row, and back.
 *
 * Called by event.c for the rows, by the judge for hops and by reports. Owns nothing. It must never
 * take a figure for a site that is not named: what adds up is counted from the sites. */
#include "imported.h"

#include "adapters/wire/json.h"
#include "base/str.h"
#include "run_inner.h"

#include <string.h>

const char *const imported_tiers[TIERS_N + 1] = { "central", "province", "commune", "other", NULL };

static void
put_site(struct json_out *w, const struct imported_site *s)
{
	json_open(w, NULL, '{');
	json_put_text(w, "id", s->id);
	json_put_text(w, "name", s->name);
	json_put_text(w, "tier", imported_tiers[s->tier]);
	if (!str_empty(s->district))
		json_put_text(w, "district", s->district);
	json_put_text(w, "headline", headline_name(s->headline));
	if (!str_empty(s->sub_reason))
		json_put_text(w, "sub_reason", s->sub_reason);
	json_close(w, '}');
}

static void
put_hop(struct json_out *w, const struct imported *i)
{
	json_put_text(w, "lower", i->lower);
	json_put_text(w, "upper", i->upper);
	json_put_tri(w, "reached", i->reached);
	json_open(w, "media", '[');
	for (int m = 0; m < MEDIA_N; m++) {
		for (int d = 0; d < DIRECTIONS_N; d++) {
			if (i->media[m][d] == UNKNOWN)
				continue;
			json_open(w, NULL, '{');
			json_put_text(w, "medium", medium_name(m));
			json_put_text(w, "direction", direction_name(d));
			json_put_tri(w, "value", i->media[m][d]);
			if (i->grade[m][d] != GRADE_NONE)
				json_put_text(w, "grade", grade_value_name(i->grade[m][d]));
			json_close(w, '}');
		}
	}
	json_close(w, ']');
}

void
imported_write(struct json_out *w, const char *key, const struct imported *i)
{
	json_open(w, key, '{');
	json_put_text(w, "from", i->from);
	json_put_text(w, "key", i->key);
	json_put_text(w, "sha256", i->sha256);
	json_put_text(w, "run", i->run);
	json_put_text(w, "run_key", i->run_key);
	json_put_text(w, "phase", i->phase);
	json_put_text(w, "summary", i->summary);
	json_put_int(w, "planned_start_ms", i->planned_start);
	json_put_int(w, "revision", i->revision);
	if (i->drill)
		json_put_bool(w, "drill", true);
	if (!str_empty(i->lower))
		put_hop(w, i);
	json_open(w, "sites", '[');
	for (size_t k = 0; k < i->sites_n; k++)
		put_site(w, &i->sites[k]);
	json_close(w, ']');
	json_close(w, '}');
}

static int
word_of(const char *word, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (str_eq(word, words[i]))
			return i;
	return -1;
}

static const char *
text_of(const struct json *j, const char *key, struct arena *a)
{
	const char *text = json_text(j, key);
	return arena_strdup(a, text ? text : "");
}

static enum err
read_site(const struct json *j, struct arena *a, struct imported_site *out, struct err_text *e)
{
	const char *headline = json_text(j, "headline");
	int tier = word_of(json_text(j, "tier"), imported_tiers, TIERS_N), h = 0;
	while (h < HEADLINE_N && !str_eq(headline, headline_name((enum headline)h)))
		h++;
	*out = (struct imported_site){ .id = text_of(j, "id", a), .name = text_of(j, "name", a),
		.district = text_of(j, "district", a), .sub_reason = text_of(j, "sub_reason", a),
		.tier = tier, .headline = (enum headline)h };
	if (!*out->id || !*out->name)
		return err_set(e, ERR_PROTOCOL, T("a site without id or name"));
	if (h == HEADLINE_N)
		return err_set(e, ERR_PROTOCOL, T("site %s: headline \"%s\" is not known here"),
			out->id, headline ? headline : "");
	if (tier < 0)
		return err_set(e, ERR_PROTOCOL, T("site %s: its tier is not known here"), out->id);
	return OK;
}

static enum grade_value
read_grade(const char *word)
{
	for (int g = GRADE_GOOD; g <= GRADE_BAD; g++)
		if (str_eq(word, grade_value_name((enum grade_value)g)))
			return (enum grade_value)g;
	return GRADE_NONE;
}

void
imported_read_hop(const struct json *j, struct imported *out)
{
	const struct json *media = json_get(j, "media");
	out->reached = json_tri(j, "reached");
	for (const struct json *f = media ? media->first : NULL; f; f = f->next) {
		enum medium m;
		enum direction d;
		if (!medium_from_name(json_text(f, "medium"), &m) ||
			!direction_from_name(json_text(f, "direction"), &d))
			continue;
		out->media[m][d] = json_tri(f, "value");
		out->grade[m][d] = read_grade(json_text(f, "grade"));
	}
}

enum err
imported_read(const struct json *j, struct arena *a, struct imported *out, struct err_text *e)
{
	const struct json *sites = json_get(j, "sites");
	*out = (struct imported){ .from = text_of(j, "from", a),
		.key = text_of(j, "key", a),
		.sha256 = text_of(j, "sha256", a),
		.run = text_of(j, "run", a),
		.run_key = text_of(j, "run_key", a),
		.phase = text_of(j, "phase", a),
		.summary = text_of(j, "summary", a),
		.lower = text_of(j, "lower", a),
		.upper = text_of(j, "upper", a),
		.by = "",
		.planned_start = json_int(j, "planned_start_ms", 0),
		.revision = (int)json_int(j, "revision", 0),
		.drill = json_bool(j, "drill", false) };
	imported_read_hop(j, out);
	out->sites = arena_alloc(a, ((sites ? sites->count : 0) + 1) * sizeof *out->sites);
	for (const struct json *s = sites ? sites->first : NULL; s; s = s->next) {
		enum err code = read_site(s, a, &out->sites[out->sites_n++], e);
		if (code != OK)
			return code;
	}
	return OK;
}

const struct imported *
imported_hop(const struct run *r, const char *lower, const char *upper)
{
	for (size_t i = 0; i < r->imports.n; i++) {
		const struct imported *in = r->imports.at[i];
		if (!str_empty(in->lower) && str_eq(in->lower, lower) && str_eq(in->upper, upper))
			return in;
	}
	return NULL;
}

/* What was read lies on the event's arena: the run keeps its own. */
static const struct imported *
keep(struct run *r, const struct imported *in)
{
	struct arena *a = r->arena;
	struct imported *out = arena_memdup(a, in, sizeof *in);
	out->from = arena_strdup(a, in->from);
	out->key = arena_strdup(a, in->key);
	out->sha256 = arena_strdup(a, in->sha256);
	out->run = arena_strdup(a, in->run);
	out->run_key = arena_strdup(a, in->run_key);
	out->phase = arena_strdup(a, in->phase);
	out->summary = arena_strdup(a, in->summary);
	out->lower = arena_strdup(a, in->lower);
	out->upper = arena_strdup(a, in->upper);
	out->by = arena_strdup(a, in->by);
	out->sites = arena_alloc(a, (in->sites_n + 1) * sizeof *out->sites);
	for (size_t i = 0; i < in->sites_n; i++) {
		out->sites[i] = in->sites[i];
		out->sites[i].id = arena_strdup(a, in->sites[i].id);
		out->sites[i].name = arena_strdup(a, in->sites[i].name);
		out->sites[i].district = arena_strdup(a, in->sites[i].district);
		out->sites[i].sub_reason = arena_strdup(a, in->sites[i].sub_reason);
	}
	return out;
}

void
imported_take(struct run *r, const struct event *e)
{
	const struct imported *in = e->imported;
	if (!in)
		return;
	run_note(
		r, e->seq, "imported", "%s: %s (r%d), %s", in->from, in->run, in->revision, in->by);
	for (size_t i = 0; i < r->imports.n; i++)
		if (str_eq(r->imports.at[i]->from, in->from)) {
			r->imports.at[i] = keep(r, in);
			return;
		}
	*vec_add_in(r->arena, &r->imports) = keep(r, in);
}
