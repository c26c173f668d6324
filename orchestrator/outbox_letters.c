/* Who gets what after a run, and whom an escalation reaches: letters made from the report's own
 * sentences and the directory.
 *
 * Called by the coordinator, and by `report --send --preview` so that a person sees exactly what
 * would leave. Pure. One letter has one recipient, so that one that is refused stops nobody else's.
 * It must never send one site's sheet to another. */
#include "outbox.h"

#include "advice.h"
#include "base/hash.h"
#include "base/str.h"
#include "mime.h"
#include "report/letter.h"
#include "report/say.h"
#include "report/words.h"
#include "text.h"

#include <string.h>

static const char *const roles_known[] = { "contact", "chief", "provider", "department", "upper",
	NULL };

struct making {
	const struct house *h;
	const struct report *r;
	const char *kind, *lang;
	int64_t seq;	 /* of the escalation: part of the id */
	struct buf said; /* of the letter being written: what its digest is made of */
	struct outgoings *out;
	size_t without;
};

static const char *
keep(struct making *m, struct buf *b)
{
	const char *text = arena_strdup(m->out->arena, buf_str(b));
	buf_free(b);
	return text;
}

static const char *
digest(struct making *m)
{
	char hex[HASH_HEX_SIZE];
	hash_hex(buf_str(&m->said), m->said.n, hex);
	hex[32] = '\0';
	return arena_strdup(m->out->arena, hex);
}

static const char *
with_foot(struct making *m, const char *text)
{
	return arena_printf(m->out->arena, "%s\n%s\n%s\n", text, m->h->ws.name,
		say_run(m->r, m->lang, m->out->arena));
}

/* text: without its foot. */
static void
add(struct making *m, const char *role, const char *site, const char *to, const char *subject,
	const char *text, const char *documents)
{
	struct arena *a = m->out->arena;
	char id[HASH_HEX_SIZE];
	if (!mime_address(to)) {
		m->without++;
		return;
	}
	const char *whole = arena_printf(a, "%s\n%s\n%d\n%lld\n%s\n%s\n%s", m->r->spec->id, m->kind,
		m->r->revision, (long long)m->seq, role, site, to);
	hash_hex(whole, strlen(whole), id);
	id[32] = '\0';
	if (outbox_find(m->out, id))
		return;
	*vec_add_in(a, &m->out->at) = (struct outgoing){ .id = arena_strdup(a, id),
		.run = m->r->spec->id,
		.kind = m->kind,
		.role = role,
		.site = site,
		.to = arena_strdup(a, to),
		.subject = subject,
		.text = with_foot(m, text),
		.documents = documents,
		.digest = digest(m),
		.revision = m->r->revision,
		.why = "" };
}

static void
add_each(struct making *m, const char *role, const char *addresses, const char *subject,
	const char *text, const char *documents)
{
	char **to = str_split(m->out->arena, addresses, " ,;\t\n", NULL);
	if (!*to)
		m->without++;
	for (; *to; to++)
		add(m, role, "", *to, subject, text, documents);
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *
meeting_of(const struct report *r)
{
	return str_empty(r->spec->summary) ? r->spec->title : r->spec->summary;
}

/* Begins a letter. */
static void
put_head(struct making *m, struct buf *b)
{
	buf_clear(&m->said);
	text_printf(b, m->lang, T("Meeting: %s"), meeting_of(m->r));
	buf_putc(b, '\n');
	text_printf(b, m->lang, T("Planned start: %s"),
		say_date(m->r->spec->planned_start, m->lang, m->out->arena));
	buf_puts(b, "\n\n");
}

/* What of a site counts for its letters, in whatever words: what changes none of it needs no new
 * letter. */
static void
say_substance(struct making *m, const struct report_site *s)
{
	const struct verdict *v = s->verdict;
	const struct run_site *site = s->site;
	buf_printf(&m->said, "%s %s %s %x %d %s %lld %lld %d %d", s->spec->id,
		headline_name(v->headline), v->sub_reason, s->lists, site->people_actual,
		site->people_chair ? site->people_chair : "", (long long)v->left_at,
		v->late_s.known ? (long long)v->late_s.v : -1, (int)v->answered, (int)v->stayed);
	for (int i = 0; i < v->flags_n; i++)
		buf_printf(&m->said, " %s", v->flags[i]);
	buf_printf(&m->said, " %s %s\n", advice_fault_settled(v), advice_cause_settled(v));
}

static void
put_site(struct making *m, struct buf *b, const struct report_site *s)
{
	const char *first = advice_first(s->verdict),
		   *remark = letter_remark(m->r, s, m->lang, m->out->arena);
	say_substance(m, s);
	buf_printf(b, "- %s: %s%s%s\n", s->name, words_headline(m->lang, s->verdict->headline),
		str_empty(remark) ? "" : "; ", remark);
	if (!str_empty(first)) {
		buf_puts(b, "  ");
		text_printf(b, m->lang, T("First: %s"), text_get(m->lang, first));
		buf_putc(b, '\n');
	}
}

static const char *
subject_of(struct making *m, const char *what, const char *of)
{
	struct arena *a = m->out->arena;
	return arena_printf(
		a, "%s: %s", of ? arena_printf(a, "%s - %s", what, of) : what, meeting_of(m->r));
}

/* ---- letters --------------------------------------------------------------------------------- */

static const struct site *
in_directory(const struct making *m, const struct report_site *s)
{
	return m->h->have_sites ? sites_find(&m->h->sites, s->spec->id) : NULL;
}

/* To the contact or the chief of one site: its own sheet, nothing of the others. */
static void
to_site(struct making *m, const char *role, const struct report_site *s, const char *what,
	bool sheet)
{
	const struct site *d = in_directory(m, s);
	const char *to = !d ? "" : str_eq(role, "chief") ? d->chief_mail : d->contact_mail;
	struct buf b = { 0 };
	put_head(m, &b);
	put_site(m, &b, s);
	add(m, role, s->spec->id, to, subject_of(m, what, s->name), keep(m, &b),
		sheet ? arena_printf(m->out->arena, "site:%s", s->spec->id) : "");
}

static const char *
provider_of(const struct making *m, const struct report_site *s)
{
	const struct site *d = in_directory(m, s);
	return d ? d->provider_mail : "";
}

static bool
told_before(
	const struct making *m, const struct report_site *const *sites, size_t n, const char *to)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(provider_of(m, sites[i]), to))
			return true;
	return false;
}

/* To each provider that has an address: its sites among these. */
static void
to_providers(struct making *m, const struct report_site *const *sites, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++) {
		const char *to = provider_of(m, sites[i]);
		struct buf b = { 0 };
		if (told_before(m, sites, i, to))
			continue;
		put_head(m, &b);
		for (size_t k = i; k < n; k++)
			if (str_eq(provider_of(m, sites[k]), to))
				put_site(m, &b, sites[k]);
		add(m, "provider", "", to, subject_of(m, what, NULL), keep(m, &b), "");
	}
}

/* A correction may leave a provider nothing to do: who was told otherwise must learn it. */
static void
to_relieved_providers(
	struct making *m, const struct report_site *const *failed, size_t n, const char *what)
{
	for (size_t i = 0; i < m->r->n; i++) {
		const char *to = provider_of(m, &m->r->sites[i]);
		struct buf b = { 0 };
		size_t before = m->out->at.n;
		if (!*to || told_before(m, failed, n, to))
			continue;
		put_head(m, &b);
		buf_printf(&b, "%s\n", text_get(m->lang, T("No site is to be named.")));
		add(m, "provider", "", to, subject_of(m, what, NULL), keep(m, &b), "");
		if (m->out->at.n > before)
			m->out->at.at[before].only_replaces = true;
	}
}

static const char *
letter_of(struct making *m)
{
	struct letter l;
	struct buf b = { 0 };
	letter_write(m->r, m->lang, m->out->arena, &l);
	put_head(m, &b);
	buf_printf(&b, "%s\n", l.summary);
	for (size_t i = 0; i < l.n; i++)
		buf_printf(&b, "%zu. %s\n", i + 1, l.at[i].text);
	buf_puts(&m->said, buf_str(&b));
	for (size_t i = 0; i < m->r->n; i++)
		say_substance(m, &m->r->sites[i]);
	return keep(m, &b);
}

static const char *
list_of(struct making *m, const struct report_site *const *sites, size_t n)
{
	struct buf b = { 0 };
	put_head(m, &b);
	for (size_t i = 0; i < n; i++) {
		put_site(m, &b, sites[i]);
		if (!str_empty(sites[i]->spec->contact_phone))
			buf_printf(&b, "  %s %s\n", sites[i]->spec->contact,
				sites[i]->spec->contact_phone);
	}
	return keep(m, &b);
}

static bool
wanted(const char *roles, const char *role, struct arena *a)
{
	char **words = str_split(a, roles, " ,;", NULL);
	for (; *words; words++)
		if (str_eq(*words, role))
			return true;
	return false;
}

static void
send_list(struct making *m, const char *roles, const struct report_site *const *sites, size_t n)
{
	struct arena *a = m->out->arena;
	const char *what = text_get(m->lang, T("Site to be put right"));
	for (size_t i = 0; i < n; i++) {
		if (wanted(roles, "contact", a))
			to_site(m, "contact", sites[i], what, false);
		if (wanted(roles, "chief", a))
			to_site(m, "chief", sites[i], what, false);
	}
	what = text_get(m->lang, T("Sites to be put right"));
	if (wanted(roles, "provider", a))
		to_providers(m, sites, n, what);
	if (wanted(roles, "department", a))
		add_each(m, "department", m->h->ws.mail.department, subject_of(m, what, NULL),
			list_of(m, sites, n), "");
	if (wanted(roles, "upper", a))
		add_each(m, "upper", m->h->ws.mail.upper, subject_of(m, what, NULL),
			list_of(m, sites, n), "");
}

void
outbox_escalation(const struct house *h, const struct report *r, const struct escalation *e,
	struct outgoings *out, size_t *out_without)
{
	struct making m = { .h = h,
		.r = r,
		.kind = "escalation",
		.lang = r->spec->lang,
		.seq = e->seq,
		.out = out };
	const struct report_site **sites = arena_alloc(out->arena, (e->n + 1) * sizeof *sites);
	for (size_t i = 0; i < e->n; i++)
		sites[i] = &r->sites[e->sites[i]];
	send_list(&m, e->to, sites, e->n);
	*out_without = m.without;
	buf_free(&m.said);
}

void
outbox_report(const struct house *h, const struct report *r, const char *roles,
	struct outgoings *out, size_t *out_without)
{
	struct making m = { .h = h, .r = r, .kind = "report", .lang = r->spec->lang, .out = out };
	struct arena *a = out->arena;
	const char *documents = r->spec->phase == PHASE_SESSION ? "attendance consolidated"
								: "minutes consolidated";
	const char *what = say_title(r, m.lang);
	size_t n;
	const int *order = advice_order(r->run, r->judgement, a, &n);
	const struct report_site **failed = arena_alloc(a, (n + 1) * sizeof *failed);
	for (size_t i = 0; i < n; i++)
		failed[i] = &r->sites[order[i]];
	for (size_t i = 0; i < r->n; i++) {
		if (wanted(roles, "contact", a))
			to_site(&m, "contact", &r->sites[i],
				text_get(m.lang, T("Result of the site")), true);
		if (wanted(roles, "chief", a))
			to_site(&m, "chief", &r->sites[i],
				text_get(m.lang, T("Result of the site")), true);
	}
	if (wanted(roles, "provider", a))
		to_providers(&m, failed, n, text_get(m.lang, T("Sites to be put right")));
	if (wanted(roles, "provider", a) && r->revision > 1)
		to_relieved_providers(&m, failed, n, text_get(m.lang, T("Sites to be put right")));
	if (wanted(roles, "department", a))
		add_each(&m, "department", h->ws.mail.department, subject_of(&m, what, NULL),
			letter_of(&m), documents);
	if (wanted(roles, "upper", a))
		add_each(&m, "upper", h->ws.mail.upper, subject_of(&m, what, NULL), letter_of(&m),
			h->signs ? arena_printf(a, "%s signed", documents) : documents);
	*out_without = m.without;
	buf_free(&m.said);
}

const char *
outbox_roles_named(const struct spec *s)
{
	for (size_t i = 0; i < s->playbook->n; i++)
		if (s->playbook->steps[i].kind == STEP_REPORT &&
			!str_empty(s->playbook->steps[i].to))
			return s->playbook->steps[i].to;
	return "";
}

const char *
outbox_roles(const struct spec *s)
{
	const char *named = outbox_roles_named(s);
	return *named ? named : "chief department upper";
}

const char *
outbox_roles_wrong(const char *roles, struct arena *a)
{
	for (char **words = str_split(a, roles, " ,;", NULL); *words; words++) {
		size_t i = 0;
		while (roles_known[i] && !str_eq(roles_known[i], *words))
			i++;
		if (!roles_known[i])
			return *words;
	}
	return NULL;
}
