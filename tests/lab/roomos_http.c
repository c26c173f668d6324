/* A simulated Cisco codec over HTTPS: getxml, putxml and sessions. Called by codec.c under the
 * fleet's lock. Owns nothing; sessions are the box's. What went wrong stands in the body, under
 * status 200. */
#include "codec.h"
#include "roomos.h"

#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

static const char head[] = "<?xml version=\"1.0\"?>\n";

/* Captured: the challenge and its text */
static void
refuse(struct codec_reply *out)
{
	out->status = 401;
	out->realm = "CISCO-Endpoint";
	out->type = "text/plain";
	buf_puts(&out->body, "401 Unauthorized\n\nThis server could not verify that you are "
			     "authorized to access the "
			     "document requested.\n");
}

static bool
let_in(struct codec_box *box, const struct codec_request *rq, int64_t now)
{
	char id[60];
	if (codec_cookie(rq->cookie, "SessionId", id, sizeof id) &&
		codec_session_find(box, id, now))
		return true;
	return rq->login && codec_login(box, rq->user, rq->password, now);
}

/* Guide: web sessions are few and do not end by themselves; TC knows none and sends the caller
 * elsewhere */
static void
session(struct codec_box *box, const struct codec_request *rq, bool begin, int64_t now,
	int64_t mono, struct codec_reply *out)
{
	char id[60];
	if (box->site->plan->old_tc) {
		out->status = 302;
		str_copy(out->location, sizeof out->location, "/web/signin");
		return;
	}
	if (!begin) {
		codec_cookie(rq->cookie, "SessionId", id, sizeof id);
		struct codec_session *s = codec_session_find(box, id, now);
		out->status = s ? 204 : 401;
		if (s)
			codec_session_end(box, s, now);
		return;
	}
	if (!rq->login || !codec_login(box, rq->user, rq->password, now)) {
		refuse(out);
		return;
	}
	struct codec_session *s = codec_session_begin(box, now, mono);
	if (!s) {
		out->status = 503; /* not in our notes which one */
		return;
	}
	lab_log(now, "login", box->site->plan->id, "user", rq->user, NULL);
	out->status = 204;
	snprintf(out->cookies[0], sizeof out->cookies[0], "SessionId=%s; Path=/; HttpOnly; Secure",
		s->id);
}

static void
write_document(xmlDoc *d, struct codec_reply *out)
{
	buf_puts(&out->body, head);
	roomos_write_xml(xmlDocGetRootElement(d), &out->body);
}

static void
get_xml(struct site *s, const char *location, int64_t now, struct codec_reply *out)
{
	bool known, status = str_starts(location, "/Status") || str_starts(location, "Status");
	if (!location[0]) {
		buf_printf(&out->body,
			"%s<Fault>\n  <XPathError>\n    <Reason>Empty location</Reason>\n  "
			"</XPathError>\n"
			"</Fault>\n",
			head);
		return;
	}
	xmlDoc *all = status ? roomos_status(s, now) : roomos_configuration(s);
	xmlDoc *d = roomos_pick(all, location, &known);
	if (d) {
		write_document(d, out);
	} else if (known && s->plan->ordinal % 2) {
		/* a node that is not there now: by the box, an empty status */
		xmlNode *child;
		while ((child = xmlDocGetRootElement(all)->children)) {
			xmlUnlinkNode(child);
			xmlFreeNode(child);
		}
		write_document(all, out);
	} else {
		buf_printf(&out->body, "%s<EmptyResult path=\"", head);
		vis_xml(&out->body, location);
		buf_puts(&out->body, "\"/>\n");
	}
	if (d)
		xmlFreeDoc(d);
	xmlFreeDoc(all);
}

/* The first order in a document: down the path until a name is one. */
static xmlDoc *
first_order(struct site *s, xmlNode *n, const char *above, int64_t now)
{
	for (xmlNode *c = xmlFirstElementChild(n); c; c = xmlNextElementSibling(c)) {
		char path[200];
		snprintf(path, sizeof path, "%s%s%s", above, above[0] ? "/" : "",
			(const char *)c->name);
		xmlDoc *d = roomos_command(s, path, c, now);
		if (!d && strlen(path) < 120)
			d = first_order(s, c, path, now);
		if (d)
			return d;
	}
	return NULL;
}

static void
put_xml(struct site *s, const struct codec_request *rq, int64_t now, struct codec_reply *out)
{
	xmlDoc *in = xmlReadMemory(buf_str(&rq->body), (int)rq->body.n, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *root = in ? xmlDocGetRootElement(in) : NULL;
	xmlDoc *d = NULL;
	if (!root) {
		out->status = 400;
	} else if (xmlStrEqual(root->name, BAD_CAST "Configuration")) {
		buf_printf(
			&out->body, "%s<Configuration>\n  <Success/>\n</Configuration>\n\n", head);
	} else if (xmlStrEqual(root->name, BAD_CAST "Command") &&
		   (d = first_order(s, root, "", now))) {
		write_document(d, out);
		xmlFreeDoc(d);
	} else { /* captured: an order it does not know, with status 200 */
		buf_printf(&out->body,
			"%s<ActionError>\n  <Reason>No action detected in "
			"document</Reason>\n</ActionError>\n\n",
			head);
	}
	if (in)
		xmlFreeDoc(in);
}

void
roomos_answer(struct codec_box *box, const struct codec_request *rq, int64_t now, int64_t mono,
	struct codec_reply *out)
{
	bool post = str_eq(rq->method, "POST");
	out->type = "text/xml";
	if (str_eq(rq->path, "/xmlapi/session/begin") || str_eq(rq->path, "/xmlapi/session/end")) {
		if (post)
			session(box, rq, str_ends(rq->path, "begin"), now, mono, out);
		else
			out->status = 405;
		return;
	}
	if (!let_in(box, rq, now)) {
		refuse(out);
		return;
	}
	if (str_eq(rq->path, "/getxml") && !post)
		get_xml(box->site, rq->location, now, out);
	else if (str_eq(rq->path, "/status.xml") && !post)
		get_xml(box->site, "/Status", now, out);
	else if (str_eq(rq->path, "/configuration.xml") && !post)
		get_xml(box->site, "/Configuration", now, out);
	else if ((str_eq(rq->path, "/putxml") || str_eq(rq->path, "/formputxml")) && post)
		put_xml(box->site, rq, now, out);
	else
		out->status = 404;
}
