/* libFuzzer: adapters/wire/xml.c as an answer of a device and as a file of a person. */
#include "adapters/wire/xml.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static const char xsd[] =
	"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element "
	"name='a'><xs:complexType>"
	"<xs:sequence><xs:element name='b' maxOccurs='unbounded' type='xs:integer'/></xs:sequence>"
	"<xs:attribute name='id' use='required' "
	"type='xs:ID'/></xs:complexType></xs:element></xs:schema>";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
walk(const struct xml *top)
{
	size_t depth = 0;
	for (const struct xml *x = top; x;) {
		if (!x->name || !x->text || (x->first && x->first->parent != x) || depth > 256)
			abort();
		if (x->first) {
			x = x->first;
			depth++;
			continue;
		}
		while (x && !x->next) {
			x = x->parent;
			depth--;
		}
		x = x ? x->next : NULL;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static int ready;
	if (!ready++)
		xml_global_init();
	struct arena *a = arena_new();
	struct err_text e = { 0 };
	struct faults faults = { .arena = a };
	struct buf out = { 0 };
	struct xml *x = NULL;
	if (xml_parse(a, (const char *)bytes, n, 0, &x, &e) == OK)
		walk(x);
	else if (x || e.code != ERR_PROTOCOL)
		abort();
	x = xml_check(a, (const char *)bytes, n, "f.xml", xsd, sizeof xsd - 1, &faults);
	if (x)
		walk(x);
	else if (faults.n == 0)
		abort();
	faults_print(&faults, &out);
	buf_free(&out);
	arena_free(a);
	return 0;
}
