/* adapters/wire/xml.c: trees, what is refused before the parser, and what a person reads about a
 * wrong file. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/xml.h"
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct err_text e;

static struct xml *
parse(const char *s)
{
	struct xml *x = NULL;
	e = (struct err_text){ 0 };
	enum err rc = xml_parse(arena, s, strlen(s), 0, &x, &e);
	assert_true((rc == OK) == (x != NULL));
	assert_true(rc == OK || (rc == ERR_PROTOCOL && e.code == ERR_PROTOCOL && e.text[0]));
	return x;
}

static void
tree(void **state)
{
	struct xml *x =
		parse("\r\n<?xml version=\"1.0\"?>\n<r xmlns:p='urn:p' p:type='no' type='yes'>\n"
		      "<!-- <x> --><a> one <b/>two&amp;<![CDATA[<3>]]> </a>\n<p:c "
		      "n=\"&lt;&#65;\"/><a>2</a></r>");
	assert_non_null(x);
	assert_string_equal(x->name, "r");
	assert_string_equal(xml_attr(x, "type"), "yes");
	assert_null(xml_attr(x, "none"));
	assert_string_equal(xml_text(x, "a"), "one two&<3>");
	assert_string_equal(xml_text(x, "a/b"), "");
	assert_null(xml_text(x, "a/b/c"));
	assert_null(xml_text(NULL, "a"));
	assert_string_equal(xml_attr(xml_at(x, "c"), "n"), "<A");
	assert_string_equal(xml_next(xml_child(x, "a"), "a")->text, "2");
	assert_ptr_equal(xml_at(x, "a/b")->parent->parent, x);
	assert_int_equal(xml_child(x, "a")->line, 3);
	assert_int_equal(xml_child(x, "c")->line, 4);
	assert_null(xml_child(x, "type"));
}

static void
broken(void **state)
{
	static const char *const bad[] = { "", "   ", "hello", "<a>", "<a></b>", "<a/><b/>",
		"<a>&nope;</a>", "<a b=1/>", "<a b='1' b='2'/>", "<", "<a b='", "<!--", "<![CDATA[",
		"<?xml", "<a>]]></a>", NULL };
	for (size_t i = 0; bad[i]; i++)
		assert_null(parse(bad[i]));
	assert_null(parse("<a>\n\n<b></a>"));
	assert_has(e.text, "line 3");
	struct xml *x;
	assert_int_equal(xml_parse(arena, "<a>\0</a>", 8, 0, &x, NULL), ERR_PROTOCOL);
	assert_int_equal(xml_parse(arena, "<a>12345</a>", 12, 11, &x, NULL), ERR_PROTOCOL);
	assert_int_equal(xml_parse(arena, "<a>12345</a>", 12, 12, &x, NULL), OK);
}

static void
encodings(void **state)
{
	/* A device's broken byte costs a character, not the roster. */
	assert_string_equal(parse("<a>x\xff y</a>")->text, "x\xef\xbf\xbd y");
	assert_string_equal(
		parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>")->text, "\xc3\xa9");
	assert_string_equal(parse("\xef\xbb\xbf<a>x\xc3\xa3</a>")->text, "x\xc3\xa3");
	/* Encodings in which the scan would not see a DOCTYPE. */
	assert_null(parse("<?xml version='1.0' encoding='UTF-7'?>+ADw-a/+AD4-"));
	assert_null(parse("<?xml version='1.0' encoding='UTF-16'?><a/>"));
	assert_null(parse("<?xml version='1.0' encoding='EBCDIC-US'?><a/>"));
}

static void
doctype(void **state)
{
	assert_null(parse(
		"<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;'>]><lolz>&c;</lolz>"));
	assert_has(e.text, "DOCTYPE");
	assert_null(parse("<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>"));
	assert_has(e.text, "DOCTYPE");
	assert_null(parse("<!-- --> <!doctype a><a/>"));
	/* Where it is only text it is text. */
	assert_string_equal(parse("<a><!-- <!DOCTYPE x> --><![CDATA[<!DOCTYPE x>]]></a>")->text,
		"<!DOCTYPE x>");
	/* XInclude is an element like any other. */
	struct xml *x = parse("<a xmlns:xi='http://www.w3.org/2001/XInclude'>"
			      "<xi:include href='/etc/hostname' parse='text'/></a>");
	assert_string_equal(x->text, "");
	assert_string_equal(x->first->name, "include");
}

static void
attributes(void **state)
{
	struct buf b = { 0 };
	buf_puts(&b, "<a");
	for (int i = 0; i < 40000; i++)
		buf_printf(&b, " a%d='1'", i);
	buf_puts(&b, "/>");
	int64_t before = clock_mono();
	assert_null(parse(b.at));
	assert_has(e.text, "attributes");
	assert_true(
		clock_mono() - before < 5000); /* the parser alone takes more than ten seconds */
	buf_clear(&b);
	buf_puts(&b, "<a");
	for (int i = 0; i < 256; i++)
		buf_printf(&b, "\n a%d=\"'='>/\"", i);
	buf_puts(&b, "/>");
	assert_int_equal(parse(b.at)->attrs_n, 256);
	buf_clear(&b);
	for (int i = 0; i < 3; i++) {
		buf_puts(&b, "<a");
		for (int k = 0; k < 100; k++)
			buf_printf(&b, " xmlns:n%d='urn:%d'", k, k);
		buf_puts(&b, ">");
	}
	buf_puts(&b, "</a></a></a>");
	assert_null(parse(b.at));
	assert_has(e.text, "namespaces");
	buf_free(&b);
}

static void
nesting(void **state)
{
	struct buf b = { 0 };
	for (int depth = 255; depth <= 100000; depth = depth == 255 ? 257 : depth + 99743) {
		buf_clear(&b);
		for (int i = 0; i < depth; i++)
			buf_puts(&b, "<a>");
		for (int i = 0; i < depth; i++)
			buf_puts(&b, "</a>");
		struct xml *x = parse(b.at);
		assert_true((x != NULL) == (depth < 256));
		if (!x)
			assert_has(e.text, "deeper");
	}
	buf_clear(&b);
	buf_puts(&b, "<a>"); /* many siblings are no depth */
	for (int i = 0; i < 50000; i++)
		buf_puts(&b, "<b></b><b/>");
	buf_puts(&b, "</a>");
	assert_non_null(parse(b.at));
	/* Each costs some hundred bytes while it is read, whatever it costs on the wire. */
	buf_clear(&b);
	buf_puts(&b, "<a>");
	for (int i = 0; i < 600000; i++)
		buf_puts(&b, "<b/>");
	buf_puts(&b, "</a>");
	struct xml *x = NULL;
	assert_int_equal(xml_parse(arena, b.at, b.n, 4 << 20, &x, &e), ERR_PROTOCOL);
	assert_has(e.text, "elements");
	buf_free(&b);
}

static void
long_text(void **state)
{
	struct buf b = { 0 };
	struct xml *x;
	buf_puts(&b, "<a>");
	for (int i = 0; i < 120000; i++)
		buf_puts(&b, "0123456789");
	buf_puts(&b, "</a>");
	assert_int_equal(xml_parse(arena, b.at, b.n, 4 << 20, &x, NULL), ERR_PROTOCOL);
	buf_free(&b);
}

static const char xsd[] =
	"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element "
	"name='plan'><xs:complexType>"
	"<xs:sequence><xs:element name='step' maxOccurs='unbounded'><xs:complexType><xs:sequence>"
	"<xs:element name='note' type='xs:string' minOccurs='0'/></xs:sequence>"
	"<xs:attribute name='id' use='required' type='xs:ID'/>"
	"<xs:attribute name='minutes' type='xs:positiveInteger'/>"
	"<xs:attribute name='kind'><xs:simpleType><xs:restriction base='xs:string'>"
	"<xs:enumeration value='connect'/><xs:enumeration value='verify'/><xs:enumeration "
	"value='rollcall'/>"
	"</xs:restriction></xs:simpleType></xs:attribute></xs:complexType></xs:element></"
	"xs:sequence>"
	"</xs:complexType></xs:element></xs:schema>";

static struct xml *
check(const char *bytes, size_t n, struct buf *out)
{
	struct faults faults = { .arena = arena };
	struct xml *x = xml_check(arena, bytes, n, "plan.xml", xsd, sizeof xsd - 1, &faults);
	buf_clear(out);
	faults_print(&faults, out);
	return x;
}

static void
faults_of_people(void **state)
{
	struct buf out = { 0 };
	static const char text[] =
		"<plan>\n<step id='a' kind='conect'/>\n<step minuts='3' id='b'/>\n"
		"<step id='a' minutes='0'/>\n<step/>\n<stpe id='z'/>\n</plan>";
	assert_non_null(check(text, sizeof text - 1, &out));
	assert_has(out.at,
		"plan.xml:2: <step kind>: \"conect\" is not one of connect, verify or rollcall, "
		"perhaps \"connect\"\n");
	assert_has(out.at, "plan.xml:3: <step> has no attribute \"minuts\", perhaps \"minutes\"\n");
	assert_has(out.at, "plan.xml:4: <step id>: \"a\" is not a name used once in the file");
	assert_has(out.at, "plan.xml:4: <step minutes>:");
	assert_has(out.at, "plan.xml:5: <step> lacks the attribute \"id\"\n");
	assert_has(out.at, "plan.xml:6: <stpe> is not expected here: step, perhaps \"step\"\n");
	assert_lacks(out.at, "Element '");
	/* one line for one fault */
	assert_null(strstr(strstr(out.at, "plan.xml:2:") + 1, "plan.xml:2:"));

	/* Behind an element that is not expected, the others are looked at all the same, and
	 * nothing is told twice. */
	static const char behind[] =
		"<plan>\n<stpe id='z'/>\n<step id='a' kind='conect'/>\n<stepp/>\n<step id='b' "
		"minutes='0'/>\n</plan>";
	assert_non_null(check(behind, sizeof behind - 1, &out));
	for (int line = 2; line <= 5; line++) {
		char at[20];
		snprintf(at, sizeof at, "plan.xml:%d:", line);
		assert_has(out.at, at);
		assert_null(strstr(strstr(out.at, at) + 1, at));
	}
	static const char alone[] = "<plan>\n<stpe id='z'/>\n</plan>";
	assert_non_null(check(alone, sizeof alone - 1, &out));
	assert_lacks(out.at, "lacks");

	static const char good[] =
		"<plan><step id='a' kind='verify' minutes='3'><note>x</note></step></plan>";
	assert_non_null(check(good, sizeof good - 1, &out));
	assert_string_equal(buf_str(&out), "");

	static const char cut[] = "<plan>\n<step id='a'>\n</plan>";
	assert_null(check(cut, sizeof cut - 1, &out));
	assert_has(out.at, "plan.xml:3: ");
	static const char dtd[] = "<?xml version='1.0'?>\n<!DOCTYPE plan>\n<plan/>";
	assert_null(check(dtd, sizeof dtd - 1, &out));
	assert_has(out.at, "plan.xml:2: DOCTYPE");
	assert_null(check("", 0, &out));
	assert_has(out.at, "plan.xml: is empty");
	assert_null(check("<plan>\xff</plan>", 14, &out));
	assert_non_null(check("<other/>", 8, &out));
	assert_has(out.at, "plan.xml:1: <other> is not the element this file begins with");
	buf_free(&out);
}

static void
late_lines(void **state)
{
	struct buf b = { 0 }, out = { 0 };
	buf_puts(&b, "<plan>");
	for (int i = 0; i < 70000; i++)
		buf_puts(&b, "\n");
	buf_puts(&b, "<step id='a' kind='x'/></plan>");
	struct xml *x = check(b.at, b.n, &out);
	assert_non_null(x);
	assert_in_range(x->first->line, 70000, 70002);
	assert_true(strstr(out.at, "plan.xml:70001:") || strstr(out.at, "plan.xml:70000:") ||
		    strstr(out.at, "plan.xml:70002:"));
	buf_free(&b);
	buf_free(&out);
}

static int
set_up(void **state)
{
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tree, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(encodings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(doctype, set_up, tear_down),
		cmocka_unit_test_setup_teardown(attributes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nesting, set_up, tear_down),
		cmocka_unit_test_setup_teardown(long_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(faults_of_people, set_up, tear_down),
		cmocka_unit_test_setup_teardown(late_lines, set_up, tear_down),
	};
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
