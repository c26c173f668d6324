/* `adapters`: the kinds of devices the program can talk to, how well each is proven, what evidence
 * it gives. */
#include "cmd/cmd.h"

#include "table.h"

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "base/str.h"
#include "causes.h"
#include "text.h"

/* By bit: the word, and what it says. */
static const struct {
	const char *word, *says;
} evidences[] = {
	{ "rx-counters", T("counts the packets it receives") },
	{ "rx-rate", T("measures the rate it receives") },
	{ "far-reports", T("tells what the far end reports of its reception (RTCP)") },
	{ "speech", T("tells who speaks") },
	{ "level", T("tells the level of the sound") },
	{ "level-muted", T("notices speech of a site that is muted") },
	{ "end-reason", T("tells why a call ended") },
	{ "remote-ip", T("tells the network address at the other end") },
	{ "absent-is-none", T("a sound or picture that it does not list is not there") },
	{ "uptime", T("tells since when it is on") },
	{ "ringing", T("tells that a site rings") },
	{ "one-leg", T("one site can be looked at alone") },
};
enum { EVIDENCE_WORDS = sizeof evidences / sizeof evidences[0] };

static const char *
evidence_text(unsigned evidence, struct arena *a)
{
	const char *text = "";
	for (size_t i = 0; i < EVIDENCE_WORDS; i++)
		if (evidence & (1u << i))
			text = arena_printf(
				a, "%s%s%s", text, text[0] ? " " : "", evidences[i].word);
	return text;
}

/* And what it tells besides where it posts to us. */
static const char *
both_text(unsigned evidence, unsigned posting, struct arena *a)
{
	const char *text = evidence_text(evidence, a);
	return posting ? arena_printf(a, "%s (with <listen>: %s)", text, evidence_text(posting, a))
		       : text;
}

/* The operations that this kind lacks; "" none. */
static const char *
cannot_text(const struct mcu_adapter *m, struct arena *a)
{
	const char *text = "";
	for (size_t i = 0; operation_words[i]; i++)
		if (!(mcu_adapter_can(m) & (1u << i)))
			text = arena_printf(
				a, "%s%s%s", text, text[0] ? " " : "", operation_words[i]);
	return text;
}

static void
put_operations(struct json_out *w, const char *key, unsigned operations)
{
	json_open(w, key, '[');
	for (size_t i = 0; operation_words[i]; i++)
		if (operations & (1u << i))
			json_put_text(w, NULL, operation_words[i]);
	json_close(w, ']');
}

static void
put_adapter(struct json_out *w, const char *kind, const char *name, const char *title,
	enum grade grade, const char *met, unsigned evidence, unsigned posting,
	const struct mcu_adapter *m)
{
	json_open(w, NULL, '{');
	json_put_text(w, "kind", kind);
	json_put_text(w, "name", name);
	json_put_text(w, "title", title);
	json_put_text(w, "grade", grade_name(grade));
	if (met)
		json_put_text(w, "met", met);
	json_open(w, "evidence", '[');
	for (size_t i = 0; i < EVIDENCE_WORDS; i++)
		if (evidence & (1u << i))
			json_put_text(w, NULL, evidences[i].word);
	json_close(w, ']');
	if (posting) {
		json_open(w, "evidence_where_it_posts", '[');
		for (size_t i = 0; i < EVIDENCE_WORDS; i++)
			if (posting & (1u << i))
				json_put_text(w, NULL, evidences[i].word);
		json_close(w, ']');
	}
	if (m) {
		put_operations(w, "operations", mcu_adapter_can(m));
		put_operations(w, "unsupported", ~mcu_adapter_can(m));
	}
	json_close(w, '}');
}

static void
tell_proof(struct buf *b, const char *lang, enum grade grade, const char *met)
{
	switch (grade) {
	case GRADE_DRAFT:
		buf_puts(b,
			text_get(lang, T("written from documents, no such device has been met")));
		break;
	case GRADE_TESTED:
		buf_puts(b,
			text_get(lang, T("tested with simulators, no such device has been met")));
		break;
	case GRADE_PROVEN: text_printf(b, lang, T("proven with %s"), met); break;
	}
}

static void
tell_evidence(struct buf *b, const char *lang, unsigned evidence)
{
	for (size_t i = 0; i < EVIDENCE_WORDS; i++)
		if (evidence & (1u << i))
			buf_printf(b, "  %-15s %s\n", evidences[i].word,
				text_get(lang, evidences[i].says));
}

/* What it is, how well proven, and what it can tell. */
static void
tell_mcu(const struct cmd_line *l, const char *lang, const struct mcu_adapter *m, struct buf *b)
{
	buf_printf(b, "%s (mcu, %s): %s: ", m->name, m->title, grade_name(m->grade));
	tell_proof(b, lang, m->grade, m->met);
	buf_puts(b, "\n");
	tell_evidence(b, lang, m->evidence);
	if (m->push_evidence) {
		buf_printf(b, "%s:\n", text_get(lang, T("where it can post to us (<listen>)")));
		tell_evidence(b, lang, m->push_evidence);
	}
	if (cannot_text(m, l->arena)[0])
		buf_printf(b, "%s: %s\n", text_get(lang, T("cannot")), cannot_text(m, l->arena));
	buf_puts(b, "\n");
}

static void
tell_endpoint(const char *lang, const struct endpoint_adapter *e, struct buf *b)
{
	buf_printf(b, "%s (endpoint, %s): %s: ", e->name, e->title, grade_name(e->grade));
	tell_proof(b, lang, e->grade, e->met);
	buf_puts(b, "\n");
	tell_evidence(b, lang, e->evidence);
	if (e->push_evidence) {
		buf_printf(b, "%s:\n", text_get(lang, T("where it can post to us (<listen>)")));
		tell_evidence(b, lang, e->push_evidence);
	}
	buf_puts(b, "\n");
}

/* One kind: what it is, then the words for an end that it has, their class, what they mean and what
 * to try first. As JSON the words alone. */
static int
run_one(const struct cmd_line *l)
{
	static const struct table_column columns[] = { { .title = "WORD" }, { .title = "CAUSE" },
		{ .title = "MEANING" }, { .title = "FIRST" } };
	const struct mcu_adapter *m = mcu_adapter_find(l->words[0]);
	const struct endpoint_adapter *e = endpoint_adapter_find(l->words[0]);
	const struct cause_word *c = m ? m->causes : e ? e->causes : NULL;
	const char *lang = cmd_lang(l);
	struct table *t = table_new(l->arena, columns, 4);
	struct buf b = { 0 };
	struct json_out w = { .out = &b, .pretty = true };
	if (!m && !e)
		return cmd_fail(ERR_INPUT, T("no adapter \"%s\": `tongduyet adapters` lists them"),
			l->words[0]);
	json_open(&w, NULL, '[');
	for (; c && c->word; c++) {
		const char *says = text_get(lang, causes_say(c->cause, c->word)),
			   *first = text_get(lang, causes_first(c->cause, c->word));
		json_open(&w, NULL, '{');
		json_put_text(&w, "word", c->word);
		json_put_text(&w, "cause", cause_name(c->cause));
		json_put_text(&w, "meaning", says);
		json_put_text(&w, "first", first);
		json_close(&w, '}');
		table_row(t, (const char *const[]){ c->word, cause_name(c->cause), says, first },
			NULL);
	}
	json_close(&w, ']');
	if (!l->json) {
		buf_clear(&b);
		if (m)
			tell_mcu(l, lang, m, &b);
		if (e)
			tell_endpoint(lang, e, &b);
		if (table_rows(t))
			table_write(t, 0, 0, false, &b);
	}
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

/* What tests play with in memory is nothing that a workspace could have. */
static bool
for_tests(const char *name)
{
	return str_eq(name, fake_mcu_adapter.name);
}

static int
run_adapters(const struct cmd_line *l)
{
	if (l->words_n)
		return run_one(l);
	const char *lang = cmd_lang(l);
	const struct table_column columns[] = { { .title = text_get(lang, T("KIND")) },
		{ .title = text_get(lang, T("NAME")) }, { .title = text_get(lang, T("GRADE")) },
		{ .title = text_get(lang, T("TITLE")), .max = 44 },
		{ .title = text_get(lang, T("EVIDENCE")) },
		{ .title = text_get(lang, T("UNSUPPORTED")) } };
	struct table *t = table_new(l->arena, columns, 6);
	struct buf b = { 0 };
	struct json_out w = { .out = &b, .pretty = true };
	json_open(&w, NULL, '[');
	for (size_t i = 0; mcu_adapters[i]; i++) {
		const struct mcu_adapter *m = mcu_adapters[i];
		if (for_tests(m->name))
			continue;
		put_adapter(&w, "mcu", m->name, m->title, m->grade, m->met, m->evidence,
			m->push_evidence, m);
		table_row(t,
			(const char *const[]){ "mcu", m->name, grade_name(m->grade), m->title,
				both_text(m->evidence, m->push_evidence, l->arena),
				cannot_text(m, l->arena) },
			NULL);
	}
	for (size_t i = 0; endpoint_adapters[i]; i++) {
		const struct endpoint_adapter *e = endpoint_adapters[i];
		if (for_tests(e->name))
			continue;
		put_adapter(&w, "endpoint", e->name, e->title, e->grade, e->met, e->evidence,
			e->push_evidence, NULL);
		table_row(t,
			(const char *const[]){ "endpoint", e->name, grade_name(e->grade), e->title,
				both_text(e->evidence, e->push_evidence, l->arena), "" },
			NULL);
	}
	json_close(&w, ']');
	cmd_print_list(l, t, &b);
	struct buf foot = { 0 };
	text_printf(&foot, lang,
		T("`tongduyet adapters NAME` explains these words, and says which real peers "
		  "proved a kind.\n"));
	if (!l->json)
		cmd_print(&foot);
	buf_free(&foot);
	return CMD_DONE;
}

const struct cmd cmd_adapters = { .name = "adapters",
	.usage = "adapters [NAME] [--json]",
	.help = T("Lists the kinds of devices, how well each is proven and what evidence it gives; "
		"of one, "
		"its words for the end of a call, what they mean and what to try first."),
	.max = 1,
	.run = run_adapters };
