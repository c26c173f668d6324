/* A run's first row: everything it was given, as one JSON object, and back.
 *
 * Written by the coordinator when a run begins; read at a restart, for a report, for a replay. Owns
 * nothing; pure.
 * Playbook and profile are kept as their very bytes and parsed again, so that a run replays without
 * the repository.
 * It must never look at today's directory, calendar or secrets. */
#include "spec.h"

#include "adapters/wire/json.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static void
put_int(struct json_out *w, const char *key, int64_t v)
{
	if (v)
		json_put_int(w, key, v);
}

static void
put_bool(struct json_out *w, const char *key, bool v)
{
	if (v)
		json_put_bool(w, key, v);
}

void
spec_site_write(struct json_out *w, const char *key, const struct spec_site *s)
{
	json_open(w, key, '{');
	json_put_text(w, "id", s->id);
	json_put_known_text(w, "name", s->name);
	json_put_known_text(w, "tier", s->tier);
	json_put_known_text(w, "parent", s->parent);
	json_put_known_text(w, "district", s->district);
	json_put_known_text(w, "address1", s->address[0]);
	json_put_known_text(w, "address2", s->address[1]);
	json_put_int(w, "mcu", s->mcu);
	put_int(w, "mcu2", s->mcu2);
	put_bool(w, "endpoint", s->endpoint);
	put_bool(w, "history", s->history);
	json_put_known_text(w, "leg_name", s->leg_name);
	json_put_known_text(w, "class", s->class);
	put_int(w, "importance", s->importance);
	if (s->people >= 0)
		json_put_int(w, "people", s->people);
	json_put_known_text(w, "chair", s->chair);
	json_put_known_text(w, "contact", s->contact);
	json_put_known_text(w, "contact_phone", s->contact_phone);
	json_put_known_text(w, "provider", s->provider);
	if (s->disabled)
		json_put_text(w, "disabled", s->disabled);
	put_int(w, "lower", s->lower);
	json_close(w, '}');
}

static void
put_network(struct json_out *w, const struct spec_network *n)
{
	json_open(w, NULL, '{');
	json_put_known_text(w, "name", n->name);
	json_put_text(w, "cidr", n->cidr);
	json_put_int(w, "tiers", n->tiers);
	json_close(w, '}');
}

static void
put_mcu(struct json_out *w, const struct spec_mcu *m)
{
	json_open(w, NULL, '{');
	json_put_text(w, "name", m->name);
	json_put_known_text(w, "adapter", m->adapter);
	put_int(w, "evidence", m->evidence);
	put_int(w, "width", m->width);
	put_int(w, "name_max", m->name_max);
	put_bool(w, "plays", m->plays);
	put_bool(w, "foreign", m->foreign);
	json_put_known_text(w, "parent", m->parent);
	json_put_known_text(w, "host", m->host);
	if (m->disabled)
		json_put_text(w, "disabled", m->disabled);
	json_close(w, '}');
}

static void
put_head(struct json_out *w, const struct spec *s)
{
	json_put_text(w, "id", s->id);
	json_put_text(w, "key", s->key);
	json_put_known_text(w, "calendar", s->calendar);
	json_put_known_text(w, "uid", s->uid);
	json_put_known_text(w, "recurrence_id", s->recurrence_id);
	json_put_known_text(w, "name", s->name);
	json_put_known_text(w, "title", s->title);
	json_put_known_text(w, "summary", s->summary);
	json_put_text(w, "phase", phase_name(s->phase));
	put_int(w, "generation", s->generation);
	json_put_int(w, "anchor", s->anchor);
	json_put_int(w, "planned_start", s->planned_start);
	put_int(w, "event_end", s->event_end);
	put_int(w, "session_start", s->session_start);
	put_int(w, "session_end", s->session_end);
	json_put_known_text(w, "session_key", s->session_key);
	put_bool(w, "short_notice", s->short_notice);
	put_bool(w, "drill", s->drill);
	put_bool(w, "letters", s->letters);
	json_put_known_text(w, "conference", s->conference);
	json_put_known_text(w, "lang", s->lang);
	json_put_known_text(w, "commit", s->commit);
}

const char *
spec_write(const struct spec *s, struct arena *a)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	put_head(&w, s);
	json_open(&w, "sites", '[');
	for (size_t i = 0; i < s->sites_n; i++)
		spec_site_write(&w, NULL, &s->sites[i]);
	json_close(&w, ']');
	json_open(&w, "cascades", '[');
	for (size_t i = s->sites_n; i < s->sites_n + s->cascades_n; i++)
		spec_site_write(&w, NULL, &s->sites[i]);
	json_close(&w, ']');
	json_open(&w, "mcus", '[');
	for (size_t i = 0; i < s->mcus_n; i++)
		put_mcu(&w, &s->mcus[i]);
	json_close(&w, ']');
	json_open(&w, "networks", '[');
	for (size_t i = 0; i < s->networks_n; i++)
		put_network(&w, &s->networks[i]);
	json_close(&w, ']');
	if (s->notes && s->notes[0]) {
		json_open(&w, "notes", '[');
		for (size_t i = 0; s->notes[i]; i++)
			json_put_text(&w, NULL, s->notes[i]);
		json_close(&w, ']');
	}
	json_put_text(&w, "playbook_xml", s->playbook_xml);
	json_put_known_text(&w, "profile_xml", s->profile_xml);
	json_close(&w, '}');
	const char *text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *
get(const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	return text ? text : "";
}

enum err
spec_site_read(const struct json *j, struct spec_site *out, struct err_text *e)
{
	*out = (struct spec_site){
		.id = get(j, "id"),
		.name = get(j, "name"),
		.tier = get(j, "tier"),
		.parent = get(j, "parent"),
		.district = get(j, "district"),
		.address = { get(j, "address1"), get(j, "address2") },
		.mcu = (int)json_int(j, "mcu", -1),
		.mcu2 = (int)json_int(j, "mcu2", 0),
		.endpoint = json_bool(j, "endpoint", false),
		.history = json_bool(j, "history", false),
		.leg_name = get(j, "leg_name"),
		.class = get(j, "class"),
		.importance = (int)json_int(j, "importance", 0),
		.people = (int)json_int(j, "people", -1),
		.chair = get(j, "chair"),
		.contact = get(j, "contact"),
		.contact_phone = get(j, "contact_phone"),
		.provider = get(j, "provider"),
		.disabled = json_text(j, "disabled"),
		.lower = (int)json_int(j, "lower", 0),
	};
	return out->id[0] ? OK : err_set(e, ERR_PROTOCOL, "spec row: a site without an id");
}

static enum err
get_site(const struct json *j, const struct spec *s, struct spec_site *out, struct err_text *e)
{
	enum err code = spec_site_read(j, out, e);
	if (code != OK)
		return code;
	if (out->lower < 0 || (size_t)out->lower > s->mcus_n)
		return err_set(e, ERR_PROTOCOL,
			"spec row: %s leads to MCU number %d, which is not there", out->id,
			out->lower);
	if (out->mcu < -1 || (out->mcu >= 0 && (size_t)out->mcu >= s->mcus_n))
		return err_set(e, ERR_PROTOCOL,
			"spec row: site %s hangs on MCU number %d, which is not there", out->id,
			out->mcu);
	if (out->mcu2 < 0 || (size_t)out->mcu2 > s->mcus_n)
		return err_set(e, ERR_PROTOCOL,
			"spec row: second MCU number %d of site %s is not there", out->mcu2,
			out->id);
	return OK;
}

static void
get_mcus(const struct json *j, struct arena *a, struct spec *s)
{
	const struct json *list = json_get(j, "mcus");
	s->mcus = arena_alloc(a, (list ? list->count : 0) * sizeof *s->mcus + 1);
	for (const struct json *m = list ? list->first : NULL; m; m = m->next)
		s->mcus[s->mcus_n++] = (struct spec_mcu){
			.name = get(m, "name"),
			.adapter = get(m, "adapter"),
			.evidence = (unsigned)json_int(m, "evidence", 0),
			.width = (int)json_int(m, "width", 0),
			.name_max = (int)json_int(m, "name_max", 0),
			.plays = json_bool(m, "plays", false),
			.foreign = json_bool(m, "foreign", false),
			.parent = get(m, "parent"),
			.host = get(m, "host"),
			.disabled = json_text(m, "disabled"),
		};
}

static enum err
get_sites(const struct json *j, struct arena *a, struct spec *s, struct err_text *e)
{
	const struct json *list = json_get(j, "sites"), *cascades = json_get(j, "cascades");
	s->sites = arena_alloc(a,
		((list ? list->count : 0) + (cascades ? cascades->count : 0)) * sizeof *s->sites +
			1);
	for (const struct json *one = list ? list->first : NULL; one; one = one->next) {
		enum err code = get_site(one, s, &s->sites[s->sites_n++], e);
		if (code != OK)
			return code;
	}
	for (const struct json *one = cascades ? cascades->first : NULL; one; one = one->next) {
		enum err code = get_site(one, s, &s->sites[s->sites_n + s->cascades_n++], e);
		if (code != OK)
			return code;
	}
	return OK;
}

static void
get_networks(const struct json *j, struct arena *a, struct spec *s)
{
	const struct json *list = json_get(j, "networks");
	s->networks = arena_alloc(a, (list ? list->count : 0) * sizeof *s->networks + 1);
	for (const struct json *one = list ? list->first : NULL; one; one = one->next)
		s->networks[s->networks_n++] = (struct spec_network){ .name = get(one, "name"),
			.cidr = get(one, "cidr"),
			.tiers = (unsigned)json_int(one, "tiers", 0) };
}

static void
get_notes(const struct json *j, struct arena *a, struct spec *s)
{
	const struct json *list = json_get(j, "notes");
	const char **notes = arena_alloc(a, ((list ? list->count : 0) + 1) * sizeof *notes);
	size_t n = 0;
	for (const struct json *one = list ? list->first : NULL; one; one = one->next)
		if (one->text)
			notes[n++] = one->text;
	s->notes = notes;
}

static bool
get_phase(const char *word, enum phase *out)
{
	for (int p = PHASE_REHEARSAL; p <= PHASE_DRILL; p++)
		if (str_eq(word, phase_name((enum phase)p))) {
			*out = (enum phase)p;
			return true;
		}
	return false;
}

/* The bytes were sound when the row was written: a fault now means a damaged row. */
static enum err
parse_files(struct arena *a, struct spec *s, struct err_text *e)
{
	struct faults faults = { .arena = a };
	profile_default(&s->profile);
	if (s->profile_xml[0])
		profile_parse(s->profile_xml, strlen(s->profile_xml), "profile.xml", a, &faults,
			&s->profile);
	const char *file = arena_printf(a, "%s.xml", s->name);
	s->playbook = playbook_parse(s->playbook_xml, strlen(s->playbook_xml), file, a, &faults);
	if (s->playbook)
		return OK;
	return err_set(e, ERR_PROTOCOL, "spec row of %s: its playbook cannot be read: %s", s->id,
		faults.n ? faults.at[0].text : "no reason given");
}

enum err
spec_read(const char *json, size_t n, struct arena *a, struct spec **out, struct err_text *e)
{
	const struct json *j;
	enum err code = json_parse(a, json, n, &j, e);
	*out = NULL;
	if (code != OK)
		return code;
	struct spec *s = arena_alloc(a, sizeof *s);
	*s = (struct spec){
		.id = get(j, "id"),
		.key = get(j, "key"),
		.calendar = get(j, "calendar"),
		.uid = get(j, "uid"),
		.recurrence_id = get(j, "recurrence_id"),
		.name = get(j, "name"),
		.title = get(j, "title"),
		.summary = get(j, "summary"),
		.generation = (int)json_int(j, "generation", 0),
		.anchor = json_int(j, "anchor", 0),
		.planned_start = json_int(j, "planned_start", 0),
		.event_end = json_int(j, "event_end", 0),
		.session_start = json_int(j, "session_start", 0),
		.session_end = json_int(j, "session_end", 0),
		.session_key = get(j, "session_key"),
		.short_notice = json_bool(j, "short_notice", false),
		.drill = json_bool(j, "drill", false),
		.letters = json_bool(j, "letters", false),
		.conference = get(j, "conference"),
		.lang = get(j, "lang"),
		.commit = get(j, "commit"),
		.playbook_xml = get(j, "playbook_xml"),
		.profile_xml = get(j, "profile_xml"),
	};
	if (!s->id[0] || !s->key[0])
		return err_set(e, ERR_PROTOCOL, "spec row without an id or a key");
	if (!get_phase(json_text(j, "phase"), &s->phase))
		return err_set(e, ERR_PROTOCOL, "spec row of %s: phase \"%s\" is none", s->id,
			get(j, "phase"));
	get_mcus(j, a, s);
	get_networks(j, a, s);
	get_notes(j, a, s);
	if ((code = get_sites(j, a, s, e)) != OK || (code = parse_files(a, s, e)) != OK)
		return code;
	spec_index(s, a);
	*out = s;
	return OK;
}

static int
by_id(const void *a, const void *b, void *sites)
{
	const struct spec_site *at = sites;
	int x = *(const int *)a, y = *(const int *)b, order = strcmp(at[x].id, at[y].id);

	return order ? order : (x > y) - (x < y);
}

void
spec_index(struct spec *s, struct arena *a)
{
	size_t n = s->sites_n + s->cascades_n;
	int *index = arena_alloc(a, (n + 1) * sizeof *index);

	for (size_t i = 0; i < n; i++)
		index[i] = (int)i;
	qsort_r(index, n, sizeof *index, by_id, s->sites);
	s->by_id = index;
	s->by_id_n = n;
}

/* The first of that id. */
static const struct spec_site *
find_site(const struct spec *s, const char *id)
{
	size_t n = s->sites_n + s->cascades_n, from = 0, to = n;

	if (s->by_id_n != n) {
		for (size_t i = 0; i < n; i++)
			if (str_eq(s->sites[i].id, id))
				return &s->sites[i];
		return NULL;
	}
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(s->sites[s->by_id[middle]].id, id) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < n && str_eq(s->sites[s->by_id[from]].id, id) ? &s->sites[s->by_id[from]]
								   : NULL;
}

const struct spec_site *
spec_site(const struct spec *s, const char *id, int *out_index)
{
	const struct spec_site *found = find_site(s, id ? id : "");

	if (out_index)
		*out_index = found ? (int)(found - s->sites) : -1;
	return found;
}
