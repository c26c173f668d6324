/* libFuzzer: adapters/wire/xmlrpc.c, answers and calls. */
#include "adapters/wire/xml.h"
#include "adapters/wire/xmlrpc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static int ready;
	if (!ready++)
		xml_global_init();
	struct task t = { .arena = arena_new(), .cancel_fd = -1, .deadline = INT64_MAX };
	const struct xmlrpc *v;
	const char *method;
	struct xmlrpc_fault fault;
	enum err rc = xmlrpc_parse(&t, (const char *)bytes, n, &v, &fault);
	if ((rc == OK) != (v || fault.code != 0) || (rc != OK && rc != ERR_PROTOCOL))
		abort();
	xmlrpc_figure(v, "kbps");
	xmlrpc_tri(v, "muted");
	xmlrpc_text(v, "name", "");
	rc = xmlrpc_parse_call(&t, (const char *)bytes, n, &method, &v);
	if ((rc == OK) != (v != NULL))
		abort();
	arena_free(t.arena);
	return 0;
}
