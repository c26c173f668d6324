/* What a run is given at its beginning: the planned run, its sites and MCUs as the files say now,
 * the playbook's bytes.
 *
 * Called by the coordinator when a run begins. Gives JSON on the arena given, which is the run's
 * first row; the run itself is built from that row, never from the files. It must never put a
 * secret, a URL or a password there. */
#include "house.h"

#include "base/instant.h"
#include "base/map.h"
#include "base/net.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"
#include "spec.h"

#include <ctype.h>
#include <string.h>

enum { LEG_NAME_MOST = 28 /* leaves room for "~2" within 31 */, NOTES_MOST = 60 };

/* Letters, digits and hyphens of the site's id, unique in the run and no longer than its MCU
 * takes. */
static const char *
leg_name_of(struct map *used, const char *id, int name_max, struct arena *a)
{
	char base[LEG_NAME_MOST + 1];
	size_t most = name_max > 3 && name_max < LEG_NAME_MOST ? (size_t)name_max : LEG_NAME_MOST,
	       n = 0;
	const char *plain = utf8_plain(a, id);
	for (const char *p = plain; *p && n < most; p++)
		base[n++] = isalnum((unsigned char)*p) ? *p : '-';
	base[n] = '\0';
	const char *name = arena_strdup(a, n ? base : "site");
	for (int i = 2; map_has(used, name); i++) {
		const char *tail = arena_printf(a, "-%d", i);
		size_t keep = n + strlen(tail) > most ? most - strlen(tail) : n;
		name = arena_printf(a, "%.*s%s", (int)keep, base, tail);
	}
	map_set(used, name, base);
	return name;
}

static const char *
recurrence_text(int64_t recurrence_id, struct arena *a)
{
	char text[INSTANT_SIZE];
	return recurrence_id == OCCURRENCE_NO_RECURRENCE
		       ? "-"
		       : arena_strdup(a, instant_utc(recurrence_id, text));
}

/* One name for a rehearsal and the session it prepares: the day and hour of the meeting, and six
 * digits of its key. */
static const char *
conference_of(
	const struct playbook *p, const struct plan_run *run, const char *base_key, struct arena *a)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_OPEN && !str_empty(p->steps[i].conference))
			return p->steps[i].conference;
	char local[INSTANT_SIZE];
	int64_t at = run->session_start ? run->session_start : run->anchor;
	instant_local(at, "%Y%m%d-%H%M", local, sizeof local);
	return arena_printf(
		a, "td-%s-%.6s", local, str_empty(run->session_key) ? base_key : run->session_key);
}

static const char *
host_of(const char *url, struct arena *a)
{
	char host[64];
	net_host(url, host, sizeof host);
	return arena_strdup(a, host);
}

/* The index of an MCU among those of the spec, added when it is new; -1: no such element. */
static int
mcu_index(const struct house *h, const char *name, struct spec *s, struct arena *a)
{
	for (size_t i = 0; i < s->mcus_n; i++)
		if (str_eq(s->mcus[i].name, name))
			return (int)i;
	const struct workspace_mcu *m = workspace_mcu(&h->ws, name);
	if (!m)
		return -1;
	const struct mcu_adapter *adapter = mcu_adapter_find(m->adapter);
	const char *why =
		m->disabled ? (m->disabled_why ? m->disabled_why : T("its element cannot be used"))
			    : NULL;
	if (!why && m->foreign)
		why = T("belongs to another tier");
	else if (!why && !adapter)
		why = arena_printf(a, T("no adapter \"%s\""), m->adapter);
	char host[64];
	unsigned evidence = adapter ? adapter->evidence : 0;
	if (adapter && workspace_posts(&h->ws, m->adapter, m->url, host))
		evidence |= adapter->push_evidence;
	s->mcus[s->mcus_n] = (struct spec_mcu){ .name = m->name,
		.adapter = m->adapter,
		.width = m->width,
		.foreign = m->foreign,
		.evidence = evidence,
		.name_max = adapter ? adapter->name_max : 0,
		.plays = adapter && adapter->play,
		.parent = m->parent,
		.host = host_of(m->url, a),
		.disabled = why };
	return (int)s->mcus_n++;
}

/* Does a selector such as "all" or "tier:province tinh-a" mean an MCU of another office? Its sites
 * are not in our directory: it is invited with everybody, or by its name. */
static bool
selects(const char *selector, const char *mcu, struct arena *a)
{
	for (char **words = str_split(a, selector, " ,;\t\n", NULL); *words; words++)
		if (str_eq(*words, "all") || str_eq(*words, mcu))
			return true;
	return false;
}

/* The MCUs of other offices below one of ours, where the calendar's meetings are theirs as well. */
static void
add_foreign(const struct house *h, const struct plan_run *run, struct spec *s, struct arena *a)
{
	const struct workspace_calendar *cal = workspace_calendar(&h->ws, run->calendar);
	for (size_t i = 0; i < h->ws.mcus_n && cal; i++) {
		const struct workspace_mcu *m = &h->ws.mcus[i];
		const struct workspace_mcu *above =
			str_empty(m->parent) ? NULL : workspace_mcu(&h->ws, m->parent);
		if (m->foreign && !m->disabled && !str_empty(m->cascade) && above &&
			!above->foreign && selects(cal->sites, m->name, a))
			mcu_index(h, m->name, s, a);
	}
}

/* The MCUs above those that have sites, and a cascade leg from each to the one below it. */
static void
add_cascades(const struct house *h, struct spec *s, struct arena *a)
{
	for (size_t i = 0; i < s->mcus_n; i++) { /* grows while it runs: an added parent may have
						  * one of its own */
		const struct workspace_mcu *below = workspace_mcu(&h->ws, s->mcus[i].name);
		const struct workspace_mcu *above = below && !str_empty(below->parent)
							    ? workspace_mcu(&h->ws, below->parent)
							    : NULL;
		if (!above || above->disabled || below->disabled ||
			(below->foreign && above->foreign))
			continue;
		/* Another office's MCU dials ours: what comes in from its address is the leg, and
		 * nobody here dials it. */
		if (above->foreign ? !*host_of(above->url, a) : str_empty(below->cascade))
			continue;
		int mcu = mcu_index(h, above->name, s, a);
		s->sites[s->sites_n + s->cascades_n++] = (struct spec_site){
			.id = arena_printf(a, "mcu:%s", below->name),
			.name = below->name,
			.tier = "",
			.parent = above->name,
			.district = "",
			.address = { above->foreign ? "" : below->cascade, "" },
			.mcu = mcu,
			.lower = (int)i + 1,
			.leg_name = arena_printf(a, "mcu-%.24s", below->name),
			.class = "",
			.people = -1,
			.chair = "",
			.contact = "",
			.contact_phone = "",
			.provider = "",
		};
	}
}

static void
add_networks(const struct house *h, struct spec *s, struct arena *a)
{
	s->networks = arena_alloc(a, (h->ws.networks_n + 1) * sizeof *s->networks);
	for (size_t i = 0; i < h->ws.networks_n; i++)
		if (!h->ws.networks[i].disabled)
			s->networks[s->networks_n++] =
				(struct spec_network){ .name = h->ws.networks[i].name,
					.cidr = h->ws.networks[i].cidr,
					.tiers = h->ws.networks[i].tiers };
}

static struct spec_site
entry_of(const struct house *h, const struct plan_run *run, const struct site *site, int mcu,
	int mcu2, const char *leg_name, struct arena *a)
{
	struct device unused;
	bool endpoint = workspace_site_device(&h->ws, site, a, &unused);
	const struct endpoint_adapter *kind =
		endpoint ? endpoint_adapter_find(site->adapter) : NULL;
	return (struct spec_site){
		.id = site->id,
		.name = site->name,
		.tier = tier_name(site->tier),
		.parent = site->parent,
		.district = site->district,
		.address = { site->address[0], site->address[1] },
		.mcu = mcu,
		.mcu2 = mcu2 + 1,
		.endpoint = endpoint,
		.history = kind && kind->history,
		.leg_name = leg_name,
		.class = site->class,
		.importance = site->importance,
		.people = run->people_expected ? run->people_expected : -1,
		.chair = "",
		.contact = site->contact,
		.contact_phone = site->contact_phone,
		.provider = site->provider,
		.disabled = site->disabled ? (site->disabled_why ? site->disabled_why
								 : T("its row cannot be used"))
					   : NULL,
	};
}

/* One box cannot stand for two sites of a run: the second one would be found busy, and accused of
 * it. `first`: who has that address in this run, or NULL. */
static void
keep_from_dialling(struct spec_site *second, const struct spec_site *first, struct arena *a)
{
	if (first && !second->disabled)
		second->disabled = arena_printf(
			a, T("its address is that of %s, which is invited as well"), first->name);
}

/* Both MCUs of a site must take its name; 0: any length. */
static int
name_most(const struct spec *s, int mcu, int mcu2)
{
	int most = mcu >= 0 ? s->mcus[mcu].name_max : 0,
	    second = mcu2 >= 0 ? s->mcus[mcu2].name_max : 0;
	return most && second ? (most < second ? most : second) : most + second;
}

bool
house_invited(const struct house *h, const struct plan_run *run, const struct site *site,
	const struct spec *s, struct arena *a, struct spec_site *out)
{
	struct map *used = map_new();
	int mcu = -1, mcu2 = -1;
	for (size_t i = 0; i < s->mcus_n; i++) {
		if (str_eq(s->mcus[i].name, site->mcu))
			mcu = (int)i;
		if (str_eq(s->mcus[i].name, site->mcu2))
			mcu2 = (int)i;
	}
	for (size_t i = 0; i < s->sites_n; i++)
		map_set(used, s->sites[i].leg_name, used);
	*out = entry_of(h, run, site, mcu, mcu2,
		leg_name_of(used, site->id, name_most(s, mcu, mcu2), a), a);
	map_free(used);
	for (size_t i = 0; i < s->sites_n; i++)
		if (!s->sites[i].disabled &&
			sites_same_address(s->sites[i].address[0], out->address[0]))
			keep_from_dialling(out, &s->sites[i], a);
	return mcu >= 0;
}

static void
add_sites(const struct house *h, const struct plan_run *run, struct spec *s, struct arena *a)
{
	struct map *used = map_new(), *boxes = map_new();
	s->sites = arena_alloc(a, (run->sites.n + h->ws.mcus_n + 1) * sizeof *s->sites);
	s->mcus = arena_alloc(a, (h->ws.mcus_n + 1) * sizeof *s->mcus);
	for (size_t i = 0; i < run->sites.n; i++) {
		const struct site *site = run->sites.at[i];
		int mcu = str_empty(site->mcu) ? -1 : mcu_index(h, site->mcu, s, a);
		int mcu2 = str_empty(site->mcu2) ? -1 : mcu_index(h, site->mcu2, s, a);
		struct spec_site *entry = &s->sites[s->sites_n++];
		char box[160];
		*entry = entry_of(h, run, site, mcu, mcu2,
			leg_name_of(used, site->id, name_most(s, mcu, mcu2), a), a);
		if (entry->disabled || str_empty(entry->address[0]))
			continue;
		sites_plain_address(entry->address[0], box, sizeof box);
		keep_from_dialling(entry, map_get(boxes, box), a);
		if (!entry->disabled)
			map_set(boxes, box, entry);
	}
	map_free(boxes);
	map_free(used);
}

/* The faults of files people wrote, and names of the invitation that nobody knows: every report
 * names them. */
static const char *const *
notes_of(const struct house *h, const struct plan_run *run, struct arena *a)
{
	const char **notes = arena_alloc(a, (NOTES_MOST + 2) * sizeof *notes);
	size_t n = 0;
	for (size_t i = 0; i < run->unknown.n && n < NOTES_MOST; i++) {
		const struct unknown_site *u = &run->unknown.at[i];
		const char *near = u->nearest && u->nearest[0] ? u->nearest[0] : NULL;
		notes[n++] =
			near ? arena_printf(a,
				       T("invited, but not in sites.csv: \"%s\", perhaps %s"),
				       u->text, near)
			     : arena_printf(a, T("invited, but not in sites.csv: \"%s\""), u->text);
	}
	for (size_t i = 0; i < run->merged.n && n < NOTES_MOST; i++) {
		const struct site *old = run->merged.at[i],
				  *now = sites_in_place_of(&h->sites, old, run->start);
		notes[n++] = arena_printf(a, T("invited as \"%s\", which is now part of %s"),
			old->name, now ? now->name : old->successor);
	}
	for (size_t i = 0; i < h->faults.n && n < NOTES_MOST; i++) {
		const struct fault *f = &h->faults.at[i];
		const char *name = strrchr(f->file, '/');
		notes[n++] = fault_say(a, name ? name + 1 : f->file, f);
	}
	return notes;
}

/* Of a run that cannot take place for want of a playbook: a report and nothing else. */
static const struct house_playbook *
no_playbook(const struct plan_run *run, struct arena *a)
{
	const char *names[] = { run->playbook.name, "khong-co-kich-ban" };
	struct house_playbook *p = arena_alloc(a, sizeof *p);
	for (size_t i = 0; i < 2 && !p->playbook; i++) {
		struct buf b = { 0 };
		struct faults ignored = { .arena = a };
		buf_puts(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playbook name=\"");
		vis_xml(&b, names[i] ? names[i] : "");
		buf_puts(&b, "\" title=\"");
		vis_xml(&b, names[i] ? names[i] : "");
		buf_printf(&b,
			"\" phase=\"%s\" anchor=\"event\">\n\t<report at=\"PT0S\"/>\n</playbook>\n",
			run->session ? "session" : "rehearsal");
		p->xml = arena_strdup(a, buf_str(&b));
		p->playbook = playbook_parse(p->xml, b.n, "playbook", a, &ignored);
		buf_free(&b);
	}
	return p;
}

const char *
house_spec(const struct house *h, const struct plan_run *run, const char *base_key,
	int64_t start_now, struct arena *a)
{
	const struct house_playbook *p = house_playbook(h, run->playbook.name);
	if (!p || !p->playbook)
		p = no_playbook(run, a);
	if (!p->playbook)
		return NULL;
	struct spec s = {
		.id = run->id,
		.key = run->key,
		.calendar = run->calendar,
		.uid = run->uid,
		.recurrence_id = recurrence_text(run->recurrence_id, a),
		.name = p->playbook->name,
		.title = p->playbook->title,
		.summary = run->summary,
		.phase = p->playbook->phase,
		.generation = run->generation,
		.anchor = run->anchor,
		.planned_start = run->start,
		.event_end = run->end,
		.session_start = run->session_start,
		.session_end = run->session_end,
		.session_key = run->session_key ? run->session_key : "",
		.short_notice = run->short_notice,
		.drill = p->playbook->phase == PHASE_DRILL,
		.letters = !str_empty(h->ws.mail.url) && !h->ws.mail.disabled,
		.conference = conference_of(p->playbook, run, base_key, a),
		.commit = h->commit,
		.playbook_xml = p->xml,
		.profile_xml = h->profile_xml,
		.lang = h->ws.lang,
		.notes = notes_of(h, run, a),
	};
	int64_t moved = start_now ? start_now - run->start : 0;
	if (moved > 60000 || moved < -60000) {
		s.anchor = start_now - playbook_first(p->playbook);
		s.planned_start = start_now;
		s.event_end = s.event_end ? s.event_end + moved : 0;
	}
	add_sites(h, run, &s, a);
	add_foreign(h, run, &s, a);
	add_cascades(h, &s, a);
	add_networks(h, &s, a);
	return spec_write(&s, a);
}
