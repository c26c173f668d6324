/* adapters/wire/xmlrpc.c: what goes out is what is read back; devices' habits; faults; garbage. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/xml.h"
#include "adapters/wire/xmlrpc.h"

#include <string.h>

#define RESPONSE(v) \
	"<?xml version=\"1.0\"?><methodResponse><params><param>" v \
	"</param></params></methodResponse>"

static enum err
parse(struct task *t, const char *s, const struct xmlrpc **out, struct xmlrpc_fault *fault)
{
	task_forgive(t);
	enum err rc = xmlrpc_parse(t, s, strlen(s), out, fault);
	assert_int_equal(rc, t->code);
	return rc;
}

static void
there_and_back(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 10000);
	struct buf b = { 0 };
	xmlrpc_call(&b, "participant.add");
	xmlrpc_add_string(&b, "name", "<A> & \"B\" X\xc3\xa3 </struct>");
	xmlrpc_add_int(&b, "kbps", -768);
	xmlrpc_add_bool(&b, "muted", true);
	xmlrpc_add_strings(&b, "scope", (const char *const[]){ "one", "two", NULL });
	xmlrpc_open_struct(&b, "inner");
	xmlrpc_open_array(&b, "list");
	xmlrpc_open_struct(&b, NULL);
	xmlrpc_add_int(&b, "x", 1);
	xmlrpc_open_struct(&b, "deep");
	xmlrpc_close_struct(&b);
	xmlrpc_close_struct(&b);
	xmlrpc_open_array(&b, NULL);
	xmlrpc_close_array(&b);
	xmlrpc_close_array(&b);
	xmlrpc_close_struct(&b);
	xmlrpc_add_string(&b, "last", NULL);
	xmlrpc_end(&b);

	const struct xmlrpc *v;
	const char *method;
	assert_int_equal(xmlrpc_parse_call(t, b.at, b.n, &method, &v), OK);
	assert_string_equal(method, "participant.add");
	assert_string_equal(xmlrpc_text(v, "name", ""), "<A> & \"B\" X\xc3\xa3 </struct>");
	assert_int_equal(xmlrpc_figure(v, "kbps").v, -768);
	assert_int_equal(xmlrpc_tri(v, "muted"), YES);
	const struct xmlrpc *scope = xmlrpc_get(v, "scope");
	assert_int_equal(scope->kind, XMLRPC_ARRAY);
	assert_string_equal(scope->first->next->text, "two");
	const struct xmlrpc *list = xmlrpc_get(xmlrpc_get(v, "inner"), "list");
	assert_int_equal(xmlrpc_get(list->first, "deep")->kind, XMLRPC_STRUCT);
	assert_int_equal(list->first->next->kind, XMLRPC_ARRAY);
	assert_string_equal(xmlrpc_text(v, "last", "none"), "");
	assert_string_equal(xmlrpc_text(v, "inner", "none"), "none");
	buf_free(&b);
	task_end(&f);
}

static void
habits(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 10000);
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	assert_int_equal(parse(t, RESPONSE("<value>plain &lt;text&gt;</value>"), &v, &fault), OK);
	assert_int_equal(v->kind, XMLRPC_STRING);
	assert_string_equal(v->text, "plain <text>");
	assert_int_equal(parse(t, RESPONSE("<value/>"), &v, &fault), OK);
	assert_string_equal(v->text, "");
	assert_int_equal(parse(t, "<methodResponse><params/></methodResponse>", &v, &fault), OK);
	assert_int_equal(v->kind, XMLRPC_STRUCT);
	assert_int_equal(
		parse(t,
			RESPONSE(
				"<value><struct>"
				"<member><name>i4</name><value><i4>+5</i4></value></member>"
				"<member><name>i8</name><value><i8>5000000000</i8></value></member>"
				"<member><name>bad</name><value><int>five</int></value></member>"
				"<member><name>none</name><value><int/></value></member>"
				"<member><name>d</name><value><double>-2.9</double></value></"
				"member>"
				"<member><name>inf</name><value><double>1e400</double></value></"
				"member>"
				"<member><name>b</name><value><boolean>0</boolean></value></member>"
				"<member><name>bt</name><value><boolean>true</boolean></value></"
				"member>"
				"<member><name>b2</name><value><boolean>2</boolean></value></"
				"member>"
				"<member><name>num</name><value>42</value></member>"
				"<member><name>date</"
				"name><value><dateTime.iso8601>20260302T07:00:00</"
				"dateTime.iso8601></value></member>"
				"<member><name>nil</name><value><nil/></value></member>"
				"<member><name>num</name><value>43</value></member>"
				"</struct></value>"),
			&v, &fault),
		OK);
	assert_int_equal(fault.code, 0);
	assert_int_equal(xmlrpc_figure(v, "i4").v, 5);
	assert_true(xmlrpc_figure(v, "i8").v == 5000000000);
	assert_false(xmlrpc_figure(v, "bad").known);
	assert_string_equal(xmlrpc_text(v, "bad", ""), "five");
	assert_false(xmlrpc_figure(v, "none").known);
	assert_int_equal(xmlrpc_figure(v, "d").v, -2);
	assert_false(xmlrpc_figure(v, "inf").known);
	assert_int_equal(xmlrpc_tri(v, "b"), NO);
	assert_int_equal(xmlrpc_tri(v, "bt"), YES);
	assert_int_equal(xmlrpc_tri(v, "b2"), UNKNOWN);
	assert_int_equal(xmlrpc_tri(v, "absent"), UNKNOWN);
	assert_int_equal(xmlrpc_figure(v, "num").v, 42);
	assert_int_equal(xmlrpc_get(v, "date")->kind, XMLRPC_DATE);
	assert_string_equal(xmlrpc_text(v, "nil", "-"), "-");
	assert_null(xmlrpc_get(NULL, "x"));
	task_end(&f);
}

#define FAULT(s) \
	"<methodResponse><fault><value><struct>" s "</struct></value></fault></methodResponse>"

static void
faults(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 10000);
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	assert_int_equal(
		parse(t,
			FAULT("<member><name>faultCode</name><value><int>14</int></value></member>"
			      "<member><name>faultString</name><value><string>authorization "
			      "failed</string></value></member>"),
			&v, &fault),
		OK);
	assert_null(v);
	assert_int_equal(fault.code, 14);
	assert_string_equal(fault.text, "authorization failed");
	/* A fault is a fault, whatever its number. */
	assert_int_equal(parse(t, FAULT(""), &v, &fault), OK);
	assert_int_not_equal(fault.code, 0);
	assert_string_equal(fault.text, "");
	assert_int_equal(
		parse(t, FAULT("<member><name>faultCode</name><value>4294967296</value></member>"),
			&v, &fault),
		OK);
	assert_int_not_equal(fault.code, 0);
	task_end(&f);
}

static void
garbage(void **state)
{
	static const char *const bad[] = { "", "<html><body>Log in</body></html>",
		"<methodResponse/>", "<methodCall><methodName>x</methodName></methodCall>",
		RESPONSE(""), RESPONSE("<value><what>1</what></value>"),
		RESPONSE("<value><int>1</int><int>2</int></value>"),
		RESPONSE("<value><struct><member><value>1</value></member></struct></value>"),
		RESPONSE("<value><struct><member><name>a</name></member></struct></value>"),
		"<methodResponse><fault/></methodResponse>", "<methodResponse><params><param>",
		NULL };
	struct fixture f;
	struct task *t = task_begin(&f, 10000);
	const struct xmlrpc *v;
	const char *method;
	struct xmlrpc_fault fault;
	for (size_t i = 0; bad[i]; i++) {
		if (parse(t, bad[i], &v, &fault) != ERR_PROTOCOL)
			fail_msg("%s was accepted", bad[i]);
		assert_null(v);
		assert_has(t->why, "XML-RPC");
	}
	static const char nameless[] = "<methodCall><params/></methodCall>";
	assert_int_equal(
		xmlrpc_parse_call(t, nameless, sizeof nameless - 1, &method, &v), ERR_PROTOCOL);

	struct buf b = { 0 };
	for (int depth = 30; depth <= 40; depth += 10) {
		buf_clear(&b);
		buf_puts(&b, "<methodResponse><params><param>");
		for (int i = 0; i < depth; i++)
			buf_puts(&b, "<value><array><data>");
		for (int i = 0; i < depth; i++)
			buf_puts(&b, "</data></array></value>");
		buf_puts(&b, "</param></params></methodResponse>");
		assert_int_equal(parse(t, b.at, &v, &fault), depth == 30 ? OK : ERR_PROTOCOL);
	}
	buf_clear(&b);
	buf_puts(&b, "<methodResponse><params><param><value><array><data>");
	for (int i = 0; i < 200001; i++)
		buf_puts(&b, "<value/>");
	buf_puts(&b, "</data></array></value></param></params></methodResponse>");
	assert_int_equal(parse(t, b.at, &v, &fault), ERR_PROTOCOL);
	assert_has(t->why, "200,000");
	buf_free(&b);
	task_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(habits),
		cmocka_unit_test(faults),
		cmocka_unit_test(garbage),
	};
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
