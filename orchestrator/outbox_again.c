/* A new revision of a report, and those who have an older one: who gets a letter again, and what it
 * says first.
 *
 * Called by the coordinator when a report is sealed or sent, and by `report --send --preview`.
 * Pure. Who reads an old letter must learn that it no longer holds; who would read the same again
 * gets nothing. It must never call a letter replaced that nobody can have. */
#include "outbox.h"

#include "base/instant.h"
#include "base/str.h"
#include "text.h"

static bool
same_recipient(const struct outgoing *x, const struct outgoing *y)
{
	return str_eq(x->kind, y->kind) && str_eq(x->role, y->role) && str_eq(x->site, y->site) &&
	       str_eq(x->to, y->to);
}

/* It is there, or may be. */
static bool
may_be_there(const struct outgoing *o)
{
	return o->state == OUT_SENT || o->state == OUT_SENDING || o->state == OUT_UNKNOWN;
}

/* The last one that this recipient has, or may have. */
static const struct outgoing *
last_had(const struct outgoings *before, const struct outgoing *o)
{
	for (size_t i = before->at.n; i > 0; i--) {
		const struct outgoing *old = &before->at.at[i - 1];
		if (old->revision < o->revision && same_recipient(old, o) && may_be_there(old))
			return old;
	}
	return NULL;
}

static void
say_replaces(struct outgoing *o, const struct outgoing *old, const char *lang, struct arena *a)
{
	struct buf b = { 0 };
	char when[INSTANT_SIZE];
	text_printf(&b, lang,
		T("This letter replaces the one of %s (revision %d), which no longer holds."),
		instant_local(old->at, "%H:%M:%S %d/%m/%Y", when, sizeof when), old->revision);
	o->replaces = old->revision;
	o->text = arena_printf(a, "%s\n\n%s", buf_str(&b), o->text);
	o->subject = arena_printf(a, "%s: %s", text_get(lang, T("Correction")), o->subject);
	buf_free(&b);
}

void
outbox_replacing(const struct outgoings *before, const char *lang, struct outgoings *made)
{
	size_t kept = 0;
	for (size_t i = 0; i < made->at.n; i++) {
		struct outgoing *o = &made->at.at[i];
		const struct outgoing *old = last_had(before, o);
		if (old)
			say_replaces(o, old, lang, made->arena);
		if (old || !o->only_replaces)
			made->at.at[kept++] = *o;
	}
	made->at.n = kept;
}

static bool
is_named(const char *named, const char *role, struct arena *a)
{
	for (char **words = str_split(a, named, " ,;", NULL); *words; words++)
		if (str_eq(*words, role))
			return true;
	return false;
}

void
outbox_correct(const struct outgoings *before, const char *named, const char *lang,
	struct outgoings *made, struct strings *out_stale)
{
	size_t kept = 0;
	for (size_t i = 0; i < made->at.n; i++) {
		struct outgoing *o = &made->at.at[i];
		const struct outgoing *had = last_had(before, o);
		bool was_to_be_sent = false, refused = false;
		for (size_t k = 0; k < before->at.n; k++) {
			const struct outgoing *old = &before->at.at[k];
			if (old->revision >= o->revision || !same_recipient(old, o))
				continue;
			refused = old->state == OUT_FAILED && str_eq(old->digest, o->digest);
			if (old->state != OUT_WAITING)
				continue;
			*vec_add_in(made->arena, &out_stale->at) = old->id;
			was_to_be_sent = true;
		}
		bool wanted = was_to_be_sent || is_named(named, o->role, made->arena);
		if (had ? str_eq(had->digest, o->digest) : o->only_replaces || !wanted || refused)
			continue;
		if (had)
			say_replaces(o, had, lang, made->arena);
		made->at.at[kept++] = *o;
	}
	made->at.n = kept;
}
