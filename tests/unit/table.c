/* Tables: alignment by columns and not bytes, cutting, wrapping, shrinking, colours, hostile cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "table.h"

#include "base/utf8.h"

#include <string.h>

static void
cells_are_cut_and_filled_by_columns(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		enum align align;
		const char *out;
	} rows[] = {
		{ "Lễ", 4, ALIGN_LEFT, "Lễ  " },
		{ "Lễ", 4, ALIGN_RIGHT, "  Lễ" },
		{ "Lễ", 4, ALIGN_CENTRE, " Lễ " },
		{ "Bình Phúc", 5, ALIGN_LEFT, "Bình…" },
		{ "Bình Phúc", 9, ALIGN_LEFT, "Bình Phúc" },
		{ "Bi\xcc\x80nh Phu\xcc\x81"
		  "c",
			5, ALIGN_LEFT, "Bi\xcc\x80nh…" }, /* marks of their own take no column */
		{ "日本語", 4, ALIGN_LEFT, "日… " },	  /* a wide one is not halved */
		{ "\033[2J", 8, ALIGN_LEFT, "\\x1b[2J " },
		{ "a\nb", 1, ALIGN_LEFT, "…" },
		{ "", 2, ALIGN_RIGHT, "  " },
		{ "x", 0, ALIGN_LEFT, "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = { 0 };
		table_cell(&b, rows[i].text, rows[i].width, rows[i].align, true);
		assert_string_equal(buf_str(&b), rows[i].out);
		assert_int_equal(utf8_width(buf_str(&b)), rows[i].width);
		buf_free(&b);
	}
}

static char *
drawn(struct arena *a, const struct table_column *columns, size_t width, bool colour)
{
	struct table_column passing[3]; /* gone before the table is drawn */
	memcpy(passing, columns, sizeof passing);
	struct table *t = table_new(a, passing, 3);
	memset(passing, 0, sizeof passing);
	table_row(t, (const char *[]){ "1", "Tri Lễ", "bật nhưng không có người trực" }, NULL);
	table_rule(t);
	table_row(t, (const char *[]){ "12", "A", NULL },
		(enum colour[]){ COLOUR_NONE, COLOUR_RED, COLOUR_GREEN });
	assert_int_equal(table_rows(t), 3);
	struct buf b = { 0 };
	table_write(t, width, 1, colour, &b);
	char *copy = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return copy;
}

static void
tables_align_wrap_and_shrink(void **state)
{
	struct arena *a = arena_new();
	static const struct table_column plain[] = { { .title = "", .align = ALIGN_RIGHT },
		{ .title = "" }, { .title = "" } };
	assert_string_equal(drawn(a, plain, 0, false),
		"  1  Tri Lễ  bật nhưng không có người trực\n"
		" ─────────────────────────────────────────\n"
		" 12  A\n");
	static const struct table_column wraps[] = { { .title = "N" }, { .title = "Tên" },
		{ .title = "Lý do", .min = 8, .shrink = true, .wrap = true } };
	assert_string_equal(drawn(a, wraps, 24, false), " N   Tên     Lý do\n"
							" ───────────────────────\n"
							" 1   Tri Lễ  bật nhưng\n"
							"             không có\n"
							"             người trực\n"
							" ───────────────────────\n"
							" 12  A\n");
	static const struct table_column cuts[] = { { .title = "" }, { .title = "", .max = 4 },
		{ .title = "", .shrink = true } };
	assert_string_equal(drawn(a, cuts, 20, false), " 1   Tri…  bật nhưn…\n"
						       " ───────────────────\n"
						       " 12  A\n");
	arena_free(a);
}

static void
colours_only_when_asked_for(void **state)
{
	struct arena *a = arena_new();
	static const struct table_column plain[] = { { .title = "" }, { .title = "" },
		{ .title = "" } };
	assert_null(strchr(drawn(a, plain, 0, false), '\033'));
	const char *on = drawn(a, plain, 0, true);
	assert_non_null(strstr(on, "\033[31;1mA     \033[0m"));
	assert_null(strstr(on, "\033[32m")); /* nothing is coloured where nothing stands */
	arena_free(a);
}

static void
paragraphs_break_at_blanks(void **state)
{
	static const struct {
		const char *text;
		size_t width, at, indent;
		const char *out;
	} rows[] = {
		{ "một hai ba bốn", 8, 0, 2, "một hai\n  ba bốn\n" },
		{ "một hai ba", 20, 0, 0, "một hai ba\n" },
		{ "một hai", 8, 4, 0, "một\nhai\n" },
		{ "", 8, 0, 0, "\n" },
		{ "Nguyễnvănkhôngcách", 8, 0, 0, "Nguyễnvă\nnkhôngcá\nch\n" },
		{ "a\nb", 20, 0, 0, "a\\x0ab\n" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = { 0 };
		table_paragraph(&b, rows[i].text, rows[i].width, rows[i].at, rows[i].indent);
		assert_string_equal(buf_str(&b), rows[i].out);
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_cut_and_filled_by_columns),
		cmocka_unit_test(tables_align_wrap_and_shrink),
		cmocka_unit_test(colours_only_when_asked_for),
		cmocka_unit_test(paragraphs_break_at_blanks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
