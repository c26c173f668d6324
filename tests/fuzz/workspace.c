/* Any bytes as tongduyet.xml, behind a record separator as secrets.xml, behind a second one as the
 * learned pins; and as a letterhead. Whatever is wrong has a sentence; what is not disabled may be
 * used: its texts are valid, its numbers in their bounds, its tree without a circle. */
#include "workspace.h"

#include "adapters/wire/xml.h"
#include "base/str.h"
#include "report/letterhead.h"
#include "tests/fuzz/text.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEPARATOR = 0x1e };

static char dir[] = "/tmp/fuzz-workspace-XXXXXX";
static const char *const names[] = { "tongduyet.xml", "secrets.xml", "state/pins.csv" };

static void
name_of(char out[80], const char *name)
{
	snprintf(out, 80, "%s/%s", dir, name);
}

static void
forget(void)
{
	char path[80];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		name_of(path, names[i]);
		unlink(path);
	}
	name_of(path, "state");
	rmdir(path);
	rmdir(dir);
}

static void
put(const char *name, const uint8_t *bytes, size_t n)
{
	char path[80];
	name_of(path, name);
	FILE *f = fopen(path, "we");
	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f))
		abort();
	chmod(path, 0600);
}

static void
valid(const char *text)
{
	if (!text || !utf8_valid(text, strlen(text)))
		abort();
}

static void
check_mcus(const struct workspace *w, struct arena *a)
{
	for (size_t i = 0; i < w->mcus_n && i < 40; i++) {
		const struct workspace_mcu *m = &w->mcus[i];
		struct device d;
		valid(m->name);
		valid(m->url);
		if (m->disabled ? str_empty(m->disabled_why) : !*m->name)
			abort();
		if (m->width < 1 || m->width > 64 || m->ports < 0 || m->ports > 100000)
			abort();
		if (workspace_mcu_device(w, m, a, &d) && (m->disabled || m->foreign || !*d.adapter))
			abort();
		const struct workspace_mcu *up = m;
		for (size_t step = 0; up && !up->disabled && *up->parent; step++) {
			if (step > w->mcus_n)
				abort();
			up = workspace_mcu(w, up->parent);
		}
	}
}

static void
check(const struct workspace *w, struct arena *a)
{
	char host[64];
	valid(w->name);
	valid(w->organization);
	valid(w->place);
	valid(w->zone);
	if (!str_eq(w->lang, "vi") && !str_eq(w->lang, "en"))
		abort();
	check_mcus(w, a);
	for (size_t i = 0; i < w->calendars_n; i++) {
		const struct workspace_calendar *c = &w->calendars[i];
		valid(c->id);
		valid(c->url);
		if (c->disabled ? str_empty(c->disabled_why) : !*c->id || c->every_ms <= 0)
			abort();
	}
	for (size_t i = 0; i < w->networks_n; i++) {
		const struct workspace_network *x = &w->networks[i];
		if (!x->disabled && (!strchr(x->cidr, '/') || !x->tiers))
			abort();
	}
	for (size_t i = 0; i < w->pins_n; i++) {
		valid(w->pins[i].name);
		valid(w->pins[i].pin);
	}
	if (*w->listen.url && !w->listen.disabled && (w->listen.port < 1 || w->listen.port > 65535))
		abort();
	workspace_posts(w, "cisco-mcu", "http://10.1.1.10/", host);
}

static void
letterhead(const uint8_t *bytes, size_t n, struct arena *a)
{
	struct faults faults = { .arena = a };
	struct letterhead l;
	enum err e = letterhead_read((const char *)bytes, n, "fuzz.xml", a, &faults, &l);
	if ((e != OK) != (faults.n > 0))
		abort();
	if (e == OK) {
		const struct letterhead_paper *p = letterhead_paper(&l, "minutes");
		valid(letterhead_say(&l.issuer, "en"));
		valid(p->symbol);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool begun;
	char path[80];
	if (!begun) {
		xml_global_init();
		if (!mkdtemp(dir))
			abort();
		name_of(path, "state");
		if (mkdir(path, 0700) || atexit(forget))
			abort();
		begun = true;
	}
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct workspace w;
	letterhead(bytes, n, a);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const uint8_t *end = n ? memchr(bytes, SEPARATOR, n) : NULL;
		size_t part = end && i < 2 ? (size_t)(end - bytes) : n;
		put(names[i], bytes, part);
		bytes += part + (part < n);
		n -= part + (part < n);
	}
	enum err e = workspace_read(dir, a, &faults, &w);
	if (e != OK && (e != ERR_INPUT || !faults.n))
		abort();
	for (size_t i = 0; i < faults.n; i++)
		valid(faults.at[i].text);
	if (e == OK)
		check(&w, a);
	arena_free(a);
	return 0;
}
