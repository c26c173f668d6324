/* Participants that nobody invited: the directory is asked who they are, and what it says becomes a
 * row of the run.
 *
 * Called by the loop behind the answers. Owns nothing but a count per run. The run itself never
 * sees the directory, so that its journal tells everything. It must never make somebody expected: a
 * name alone proves nobody, and says so. */
#include "coordinator_inner.h"

#include "base/log.h"
#include "base/net.h"
#include "base/str.h"

#include <string.h>

/* An MCU of the configuration at this address: a hop from another tier, not a stranger. */
static const struct workspace_mcu *
mcu_at(const struct workspace *w, const char *address, const char *ip)
{
	const char *at = strchr(address, '@');
	char host[64], theirs[64];
	net_host(at ? at + 1 : address, host, sizeof host);
	for (size_t i = 0; i < w->mcus_n; i++) {
		net_host(w->mcus[i].url, theirs, sizeof theirs);
		if (theirs[0] && (str_eq(theirs, host) || str_eq(theirs, ip)))
			return &w->mcus[i];
	}
	return NULL;
}

static bool
known(const struct coordinator *c, const struct run_extra *x, struct arena *a,
	struct spec_site *out, const char **out_by)
{
	const struct workspace_mcu *m = mcu_at(&c->house->ws, x->address, x->remote_ip);
	*out = (struct spec_site){ .people = -1,
		.mcu = -1,
		.id = m ? m->name : "",
		.name = m ? m->name : "",
		.tier = "" };
	*out_by = "mcu";
	if (m)
		return true;
	if (!c->house->have_sites)
		return false;
	const struct site *s = sites_by_address(&c->house->sites, x->address, x->remote_ip);
	*out_by = "address";
	if (!s) {
		s = sites_match(&c->house->sites, x->shown_name, a, NULL);
		*out_by = "name";
	}
	if (s)
		*out = (struct spec_site){ .people = -1,
			.mcu = -1,
			.id = s->id,
			.name = s->name,
			.tier = tier_name(s->tier),
			.district = s->district };
	return s != NULL;
}

void
extra_look(struct coordinator *c)
{
	for (size_t i = 0; i < c->lives.n && !c->looks_only && !c->broken; i++) {
		struct live *l = c->lives.at[i];
		for (; l->extras < l->run->extras.n; l->extras++) {
			const struct run_extra *x = &l->run->extras.at[l->extras];
			struct arena *a = arena_new();
			struct spec_site site;
			const char *by;
			if (str_empty(x->site) && known(c, x, a, &site, &by)) {
				struct event e = {
					.kind = EVENT_KNOWN, .at = c->now, .invited = &site
				};
				str_copy(
					e.device, sizeof e.device, l->run->spec->mcus[x->mcu].name);
				str_copy(e.site, sizeof e.site, site.id);
				str_copy(e.leg.id, sizeof e.leg.id, x->leg_id);
				str_copy(e.word, sizeof e.word, by);
				log_info("coordinator", "%s: %s was not invited and is there",
					l->spec->id, site.id);
				live_feed(c, l, &e);
			}
			arena_free(a);
		}
	}
}
