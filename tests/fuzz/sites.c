/* Any bytes as sites.csv, and as what selects sites of it. It is a directory or a list of faults;
 * every text of a row is valid, a row that may be used has what a site needs, is found under its id
 * and selected once. */
#include "tests/fuzz/directory.h"

#include "base/str.h"

static void
check_row(const struct sites *s, const struct site *x, struct arena *a)
{
	const char *const texts[] = { x->id, x->name, x->parent, x->district, x->mcu, x->mcu2,
		x->address[0], x->address[1], x->adapter, x->control, x->pin, x->contact,
		x->contact_phone, x->contact_mail, x->chief, x->chief_mail, x->provider,
		x->provider_mail, x->platform, x->class, x->line, x->successor };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!texts[i] || !utf8_valid(texts[i], strlen(texts[i])))
			abort();
	for (size_t i = 0; x->aliases[i]; i++)
		if (!utf8_valid(x->aliases[i], strlen(x->aliases[i])))
			abort();
	if (x->disabled ? str_empty(x->disabled_why) : !*x->id || !*x->name)
		abort();
	if (x->importance < 0 || x->tier > TIER_OTHER)
		abort();
	if (!x->disabled && sites_find(s, x->id) != x)
		abort();
	const struct site *now = sites_in_place_of(s, x, 1);
	if (now && (now < s->at || now >= s->at + s->n))
		abort();
	sites_by_address(s, x->address[0], "10.0.0.1");
	sites_match(s, x->name, a, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct sites s;
	enum err e = fuzz_directory(bytes, n, a, &faults, &s);
	if (e != OK && (e != ERR_INPUT || !faults.n))
		abort();
	for (size_t i = 0; i < faults.n; i++)
		if (!utf8_valid(faults.at[i].text, strlen(faults.at[i].text)))
			abort();
	for (size_t i = 0; e == OK && i < s.n && i < 50; i++)
		check_row(&s, &s.at[i], a);
	if (e == OK) {
		struct selection found = { 0 };
		struct unknowns unknown = { 0 };
		const char *const *nearest = NULL;
		const char *words = utf8_repair(a, (const char *)bytes, n < 300 ? n : 300);
		sites_select(&s, words, 0, a, &found, &unknown);
		fuzz_selection(&s, &found);
		sites_match(&s, words, a, &nearest);
	}
	sites_free(&s);
	arena_free(a);
	return 0;
}
