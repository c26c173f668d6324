/* XML-RPC as peers of a talk speak it: members, structs and lists, an answer, a fault, a call that
 * is posted, and the step that expects a call. */
#ifndef TD_TESTS_TALK_XMLRPC_H
#define TD_TESTS_TALK_XMLRPC_H

#define S(name, value) \
	"<member><name>" name "</name><value><string>" value "</string></value></member>"
#define I(name, value) "<member><name>" name "</name><value><int>" value "</int></value></member>"
#define B(name, value) \
	"<member><name>" name "</name><value><boolean>" value "</boolean></value></member>"
#define BARE(name, value) "<member><name>" name "</name><value>" value "</value></member>"
#define STRUCT(name, members) \
	"<member><name>" name "</name><value><struct>" members "</struct></value></member>"
#define LIST(name, items) \
	"<member><name>" name "</name><value><array><data>" items "</data></array></value></member>"
#define ITEM(members) "<value><struct>" members "</struct></value>"
#define REPLY(members) \
	"<?xml version=\"1.0\" " \
	"encoding=\"UTF-8\"?><methodResponse><params><param><value><struct>" members \
	"</struct></value></param></params></methodResponse>"
#define FAULT(code, text) \
	"<?xml version=\"1.0\"?><methodResponse><fault><value><struct>" I("faultCode", code) \
		S("faultString", text) "</struct></value></fault></methodResponse>"
#define POSTED(method, members) \
	"<?xml version=\"1.0\"?><methodCall><methodName>" method \
	"</methodName><params><param><value><struct>" members \
	"</struct></value></param></params></methodCall>"
#define CALL(method, ...) .expect = { "<methodName>" method "</methodName>", __VA_ARGS__ }

#endif
