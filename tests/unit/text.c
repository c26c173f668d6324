/* Translated texts: look-up, completeness of every language against the sources, printf directives
 * that agree, and the program that compiles .po files. Runs from the top of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"

#include <ctype.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct map *marked; /* T("...") of the sources, read as C reads it -> the file */

static char *
slurp(const char *path, size_t *out_n)
{
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read: run the tests from the top of the tree", path);
	struct buf b = { 0 };
	char block[4096];
	for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
		buf_add(&b, block, n);
	fclose(f);
	*out_n = b.n;
	return buf_take(&b);
}

/* Adds the string literal at p (on its opening quote) to b; returns what follows its closing quote.
 */
static const char *
literal(const char *p, struct buf *b)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1]) {
			p++;
			buf_putc(b, *p == 'n' ? '\n' : *p == 't' ? '\t' : *p);
		} else {
			buf_putc(b, *p);
		}
	}
	return *p ? p + 1 : p;
}

static void
scan_marks(const char *path)
{
	size_t n;
	char *text = slurp(path, &n);
	for (const char *p = text; (p = strstr(p, "T(")); p += 2) {
		if (p > text && (isalnum((unsigned char)p[-1]) || p[-1] == '_'))
			continue;
		struct buf b = { 0 };
		const char *q = p + 2;
		for (;;) {
			q += strspn(q, " \t\n");
			if (*q != '"')
				break;
			q = literal(q, &b);
		}
		if (b.n)
			map_set(marked, buf_str(&b), "");
		buf_free(&b);
	}
	free(text);
}

static int
visit(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	if (kind == FTW_F && str_ends(path, ".c"))
		scan_marks(path);
	return 0;
}

static int
scan_sources(void **state)
{
	marked = map_new();
	static const char *const rooms[] = { "orchestrator", "schedules", "playbooks", "adapters" };
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
		nftw(rooms[i], visit, 8, FTW_PHYS);
	return 0;
}

static int
free_sources(void **state)
{
	map_free(marked);
	return 0;
}

static const struct text_entry *
entry_of(const struct text_language *l, const char *msgid)
{
	for (unsigned i = 0; i < l->n; i++)
		if (str_eq(l->at[i].msgid, msgid))
			return &l->at[i];
	return NULL;
}

static void
every_marked_text_has_a_translation(void **state)
{
	assert_true(map_has(marked, "Sites that did not switch the system on"));
	int languages = 0, missing = 0, texts = 0;
	for (const struct text_language *l = text_languages; l->lang; l++, languages++) {
		const char *msgid;
		void *value;
		for (size_t i = 0; map_next(marked, &i, &msgid, &value); texts++)
			if (!entry_of(l, msgid)) {
				print_error("%s.po lacks \"%s\"\n", l->lang, msgid);
				missing++;
			}
	}
	assert_int_equal(languages, 2);
	assert_true(texts > 200); /* the scan itself works */
	assert_int_equal(missing, 0);
}

static void
no_translation_is_left_over(void **state)
{
	for (const struct text_language *l = text_languages; l->lang; l++)
		for (unsigned i = 0; i < l->n; i++)
			if (!map_has(marked, l->at[i].msgid))
				fail_msg("%s.po: nobody says \"%s\"", l->lang, l->at[i].msgid);
}

/* "ds%" of "%d of %s, %02d %%"... without flags and widths. */
static void
directives(const char *text, struct buf *out)
{
	for (const char *p = text; (p = strchr(p, '%')); p++) {
		p++;
		p += strspn(p, "0123456789$+-. #'");
		p += strspn(p, "hlzjt");
		if (!*p)
			break;
		if (*p != '%')
			buf_putc(out, *p);
	}
}

static void
keys_are_ascii_texts_are_sound_and_directives_agree(void **state)
{
	for (const struct text_language *l = text_languages; l->lang; l++)
		for (unsigned i = 0; i < l->n; i++) {
			const struct text_entry *e = &l->at[i];
			assert_int_equal(e->n, strlen(e->msgid));
			assert_true(i == 0 || l->at[i - 1].n <= e->n);
			for (const char *p = e->msgid; *p; p++)
				assert_true((unsigned char)*p < 0x80);
			assert_true(utf8_valid(e->text, strlen(e->text)));
			assert_true(*e->text != '\0');
			if (!strchr(e->msgid, '%'))
				continue;
			struct buf a = { 0 }, b = { 0 };
			directives(e->msgid, &a);
			directives(e->text, &b);
			if (!str_eq(buf_str(&a), buf_str(&b)))
				fail_msg("%s.po: directives of \"%s\" and \"%s\" differ", l->lang,
					e->msgid, e->text);
			buf_free(&a);
			buf_free(&b);
		}
}

static void
looks_up_by_language(void **state)
{
	assert_string_equal(text_get("vi", T("not switched on")), "không bật");
	assert_string_equal(text_get("en", "not switched on"), "not switched on");
	assert_string_equal(text_get(NULL, "grade poor"), "poor");
	assert_string_equal(text_get("xx", "not switched on"), "not switched on");
	assert_string_equal(text_get("vi", "nobody said this"), "nobody said this");
	assert_string_equal(text_get("vi", ""), "");
	struct buf b = { 0 };
	text_printf(&b, "vi", T("between %s and %s"), "06:12:00", "06:12:30");
	assert_string_equal(buf_str(&b), "giữa 06:12:00 và 06:12:30");
	buf_free(&b);
}

/* Runs awk on a file; returns its exit status, what it wrote in *out. */
static int
run_awk(const char *path, struct buf *out)
{
	int ends[2], status = -1;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		close(ends[0]);
		close(ends[1]);
		execlp("awk", "awk", "-f", "orchestrator/po/po2c.awk", path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	char block[4096];
	for (ssize_t n; (n = read(ends[0], block, sizeof block)) > 0;)
		buf_add(out, block, (size_t)n);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int
compile(const char *po, struct buf *out)
{
	char folder[] = "/tmp/text-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/xx.po", folder);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(po, f);
	fclose(f);
	int status = run_awk(path, out);
	unlink(path);
	rmdir(folder);
	return status;
}

static void
po_files_are_compiled(void **state)
{
	struct buf b = { 0 };
	int status = compile("# head\nmsgid \"\"\nmsgstr \"Language: xx\\n\"\n\n#: a.c\nmsgid "
			     "\"longer one\"\nmsgstr \"\"\n\"mot \"\n"
			     "\"\\\"hai\\\"\\n\"\n\nmsgid \"a\\tb\"\nmsgstr \"á\"\n\n#~ msgid "
			     "\"old\"\n#~ msgstr \"cũ\"\n",
		&b);
	assert_int_equal(status, 0);
	const char *longer = strstr(buf_str(&b),
		"{ \"longer one\", sizeof \"longer one\" - 1, \"mot \\\"hai\\\"\\n\" }");
	const char *shorter = strstr(buf_str(&b), "{ \"a\\tb\", sizeof \"a\\tb\" - 1, \"á\" }");
	assert_non_null(longer);
	assert_non_null(shorter);
	assert_true(shorter < longer); /* sorted by length as C counts */
	assert_null(strstr(buf_str(&b), "old"));
	assert_non_null(strstr(buf_str(&b), "{ \"xx\", entries_xx, 2 }"));
	buf_free(&b);
}

static void
po_faults_stop_the_build(void **state)
{
	static const struct {
		const char *po, *why;
	} table[] = {
		{ "msgid \"a\"\nmsgstr \"\"\n", "not translated: \"a\"" },
		{ "#, fuzzy\nmsgid \"a\"\nmsgstr \"b\"\n", "fuzzy: \"a\"" },
		{ "msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n", "twice: \"a\"" },
		{ "msgid \"a\"\n\nmsgid \"b\"\nmsgstr \"c\"\n", "msgid without msgstr: \"a\"" },
		{ "msgid \"a\nmsgstr \"b\"\n", "no closing quote" },
		{ "msgctxt \"x\"\nmsgid \"a\"\nmsgstr \"b\"\n", "not understood" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf b = { 0 };
		assert_int_not_equal(compile(table[i].po, &b), 0);
		if (!strstr(buf_str(&b), table[i].why) || !strstr(buf_str(&b), "xx.po:"))
			fail_msg("row %zu: %s", i, buf_str(&b));
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_marked_text_has_a_translation),
		cmocka_unit_test(no_translation_is_left_over),
		cmocka_unit_test(keys_are_ascii_texts_are_sound_and_directives_agree),
		cmocka_unit_test(looks_up_by_language),
		cmocka_unit_test(po_files_are_compiled),
		cmocka_unit_test(po_faults_stop_the_build),
	};
	return cmocka_run_group_tests(tests, scan_sources, free_sources);
}
