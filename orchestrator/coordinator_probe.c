/* `devices --probe`: every device is asked who it is, codecs also for their settings; what they say
 * becomes rows.
 *
 * Called by the control socket, the loop with each answer, and coordinator_probe(). The questions
 * go through the lanes like any other, so a device is asked by one at a time and a refused one is
 * left alone. They belong to no run. It must never change anything on a device. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "base/log.h"
#include "base/str.h"
#include "inventory.h"

#include <stdlib.h>
#include <string.h>

enum { PROBE_TIMEOUT_MS = 15000 /* real */, FAILED_TOLD = 200 };

static void
ask(struct coordinator *c, struct probe *p, enum verb verb)
{
	struct order *o = vec_add(&c->leaving);
	memset(o, 0, sizeof *o);
	p->number = o->number = ++c->probed;
	o->verb = verb;
	o->timeout_ms = PROBE_TIMEOUT_MS;
	str_copy(o->device, sizeof o->device, p->device);
	if (p->site)
		str_copy(o->site, sizeof o->site, p->device + strlen("site:"));
}

static size_t
begin_one(struct coordinator *c, const char *device, uint64_t client)
{
	struct probe *p = vec_add(&c->probes);
	memset(p, 0, sizeof *p);
	str_copy(p->device, sizeof p->device, device);
	p->client = client;
	p->site = str_starts(device, "site:");
	ask(c, p, p->site ? VERB_IDENTIFY : VERB_PROBE);
	return 1;
}

size_t
probe_begin(struct coordinator *c, const char *device, uint64_t client, struct err_text *e)
{
	const struct house *h = c->house;
	struct arena *a = arena_new();
	struct device d;
	size_t n = 0;
	if (!str_empty(device)) {
		if (lanes_has(c->lanes, device))
			n = begin_one(c, device, client);
		else
			err_set(e, ERR_INPUT,
				T("no device \"%s\"; MCUs by name, codecs as site:ID"), device);
		arena_free(a);
		return n;
	}
	for (size_t i = 0; i < h->ws.mcus_n; i++)
		if (workspace_mcu_device(&h->ws, &h->ws.mcus[i], a, &d))
			n += begin_one(c, d.name, client);
	for (size_t i = 0; h->have_sites && i < h->sites.n; i++)
		if (workspace_site_device(&h->ws, &h->sites.at[i], a, &d))
			n += begin_one(c, d.name, client);
	if (!n)
		err_set(e, ERR_REFUSED, T("no device of this workspace can be asked"));
	arena_free(a);
	return n;
}

static void
keep(struct coordinator *c, struct probe *p)
{
	struct arena *a = arena_new();
	struct device d;
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	p->done = true;
	p->asks = false;
	if (p->code == OK && house_device(c->house, p->device, a, &d)) {
		inventory_write(&d, &p->identity, p->have_status ? &p->status : NULL, &w);
		coordinator_house_row(c, "inventory", buf_str(&b), NULL);
	}
	buf_free(&b);
	arena_free(a);
}

static struct probe *
probe_of(struct coordinator *c, const struct order *o)
{
	for (size_t i = 0; !o->run[0] && i < c->probes.n; i++)
		if (c->probes.at[i].number == o->number &&
			str_eq(c->probes.at[i].device, o->device))
			return &c->probes.at[i];
	return NULL;
}

void
probe_answered(struct coordinator *c, const struct answer *a)
{
	struct probe *p = probe_of(c, &a->order);
	if (!p)
		return;
	if (a->order.verb == VERB_STATUS) { /* who it is was told; its settings may be missing */
		p->have_status = a->code == OK;
		p->status = a->status;
		if (p->code == ERR_UNSUPPORTED)
			p->code = a->code;
		keep(c, p);
		return;
	}
	p->code = a->code;
	p->identity = a->identity;
	if (a->code == OK && (str_eq(a->identity.vendor, "") && str_eq(a->identity.model, "")))
		log_info("coordinator", "%s does not say who it is", p->device);
	str_copy(p->why, sizeof p->why, a->why);
	str_copy(p->word, sizeof p->word, a->word);
	if (p->site && (a->code == OK || a->code == ERR_UNSUPPORTED))
		ask(c, p, VERB_STATUS);
	else
		keep(c, p);
}

/* A person is the device: whoever waits is not kept waiting. */
void
probe_asked(struct coordinator *c, const struct order *o)
{
	struct probe *p = probe_of(c, o);
	if (p)
		p->asks = true;
}

/* {"code":"ok","probed":N,"failed":[{"device","class","word","why"}],"asked":["name"]} */
static void
put_result(const struct coordinator *c, uint64_t client, struct buf *out)
{
	struct json_out w = { .out = out };
	size_t n = 0, told = 0;
	json_open(&w, NULL, '{');
	json_put_text(&w, "code", "ok");
	json_open(&w, "failed", '[');
	for (size_t i = 0; i < c->probes.n; i++) {
		const struct probe *p = &c->probes.at[i];
		if (p->client != client || p->told)
			continue;
		n++;
		if (!p->done || p->code == OK || told++ >= FAILED_TOLD)
			continue;
		json_open(&w, NULL, '{');
		json_put_text(&w, "device", p->device);
		json_put_text(&w, "class", err_name(p->code));
		if (p->word[0])
			json_put_text(&w, "word", p->word);
		json_put_text(&w, "why", p->why);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_open(&w, "asked", '[');
	for (size_t i = 0; i < c->probes.n; i++)
		if (c->probes.at[i].client == client && !c->probes.at[i].told &&
			c->probes.at[i].asks)
			json_put_text(&w, NULL, c->probes.at[i].device);
	json_close(&w, ']');
	json_put_int(&w, "probed", (int64_t)n);
	json_close(&w, '}');
}

bool
probe_waits(const struct coordinator *c, uint64_t client)
{
	for (size_t i = 0; i < c->probes.n; i++) {
		const struct probe *p = &c->probes.at[i];
		if (p->client == client && !p->told && !p->done && !p->asks)
			return true;
	}
	return false;
}

/* Tells clients whose devices have all answered; behind the commit. */
void
probe_settle(struct coordinator *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->probes.n; i++) {
		uint64_t client = c->probes.at[i].client;
		if (!client || c->probes.at[i].told || probe_waits(c, client))
			continue;
		struct control_client *there = control_find(c->control, client);
		struct buf b = { 0 };
		put_result(c, client, &b);
		if (there)
			control_answer(there, buf_str(&b));
		buf_free(&b);
		for (size_t k = 0; k < c->probes.n; k++)
			c->probes.at[k].told =
				c->probes.at[k].told || c->probes.at[k].client == client;
	}
	for (size_t i = 0; i < c->probes.n; i++)
		if (!c->probes.at[i].told || !c->probes.at[i].done)
			c->probes.at[kept++] = c->probes.at[i];
	c->probes.n = kept;
}

void
probe_result(const struct coordinator *c, struct buf *out)
{
	put_result(c, 0, out);
}
