/* A calendar from anywhere, planned: its instances for a week, for a directory of six sites. Every
 * run has its key, its sites once each, conflicts within bounds, and all of it is written in valid
 * text; what it takes does not grow beyond reason. The first byte chooses who is invited by whom.
 */
#include "schedules/occurrence.h"

#include "adapters/wire/json.h"
#include "base/clock.h"
#include "base/str.h"
#include "schedules/calendar_internal.h"
#include "tests/fuzz/directory.h"

enum { INSTANCES_MOST = 300, MEMORY_MOST = 64 << 20 };
#define MINUTE INT64_C(60000)

static const char table[] =
	"id,name,tier,parent,mcu,address1,district,platform,valid_to,successor\n"
	"ubnd-tinh,UBND tỉnh,province,,mcu-tinh,sip:1@10.0.0.1,,H323,,\n"
	"chu-tuc,Xã Chu Túc,commune,ubnd-tinh,mcu-tinh,sip:2@10.0.0.2,Văn Quan,SIP,,\n"
	"tri-le,Xã Tri Lễ,commune,ubnd-tinh,mcu-tinh,sip:3@10.0.0.3,Văn Quan,SIP,,\n"
	"cu,Xã Cũ,commune,ubnd-tinh,mcu-tinh,sip:4@10.0.0.4,Văn Quan,SIP,2026-03-03,chu-tuc\n"
	"dong,Xã Đóng,commune,ubnd-tinh,mcu-tinh,sip:5@10.0.0.5,Văn Quan,SIP,2020-03-03,\n"
	"hong,Xã Hỏng,comune,ubnd-tinh,mcu-tinh,sip:6@10.0.0.6,Văn Quan,SIP,,\n";

struct list {
	struct arena *a;
	struct occurrences o;
};

static void
add(void *arg, const struct cal_instance *i)
{
	struct list *l = arg;
	const struct cal_event *e = i->event;
	if (l->o.n >= INSTANCES_MOST)
		return;
	*vec_add_in(l->a, &l->o) = (struct occurrence){ .calendar = "c",
		.file = e->file,
		.line = e->line,
		.uid = e->uid,
		.recurrence_id = i->recid,
		.start = i->start,
		.end = i->end,
		.all_day = e->start.kind == CAL_DATE,
		.cancelled = i->cancelled,
		.summary = e->summary,
		.description = e->description,
		.location = e->location,
		.status = e->status,
		.categories = e->categories,
		.attendees = e->attendees,
		.related_to = e->related_to,
		.known_since = e->created,
		.rehearsal = e->rehearsal };
}

static int
by_start(const void *x, const void *y)
{
	const struct occurrence *a = x, *b = y;
	return a->start != b->start ? (a->start > b->start) - (a->start < b->start)
				    : strcmp(a->uid, b->uid);
}

static void
check(const struct plan *p, struct arena *a, int64_t from, int64_t to)
{
	struct buf b = { 0 };
	const struct json *j;
	for (size_t i = 0; i < p->runs_n; i++) {
		const struct plan_run *r = &p->runs[i];
		if (r->start < from || r->start >= to || strlen(r->key) != 64 || !*r->id ||
			r->sites.n > 6 || r->conflicts_n > 20 || (!r->sites.n && !r->disabled))
			abort();
		for (size_t k = 0; k < r->sites.n; k++)
			for (size_t m = 0; m < k; m++)
				if (r->sites.at[k] == r->sites.at[m])
					abort();
	}
	plan_json(p, from, to, &b);
	if (!utf8_valid(buf_str(&b), b.n) || json_parse(a, buf_str(&b), b.n, &j, NULL) != OK)
		abort();
	buf_clear(&b);
	plan_ics(p, "Tổng duyệt", from, &b);
	if (!utf8_valid(buf_str(&b), b.n))
		abort();
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct plan_playbook lead = {
		.name = "tong-duyet", .first_at = -60 * MINUTE, .last_at = 0
	};
	static const struct plan_playbook on_event = {
		.name = "ket-noi-thu", .anchor_event = true, .last_at = 55 * MINUTE
	};
	static const struct plan_playbook session = {
		.name = "phien-hop", .session_phase = true, .last_at = 10 * MINUTE
	};
	const struct plan_playbook known[] = { lead, on_event, session };
	static const char *const sites_of[] = { "all", "tier:commune", "cu dong", "" };
	if (n < 1)
		return 0;
	struct err_text e = { 0 };
	if (clock_set_zone("Asia/Ho_Chi_Minh", &e) != OK)
		abort();
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct sites s;
	if (fuzz_directory(table, sizeof table - 1, a, &faults, &s) != OK || s.n != 6)
		abort();
	struct cal c = { .arena = a, .faults = &faults, .budget = 200000 };
	c.local = cal_zone_system("Asia/Ho_Chi_Minh", a);
	if (!c.local)
		abort();
	struct cal_scan scan;
	struct list l = { .a = a };
	struct plan plan;
	int64_t from = INT64_C(1772323200000), to = from + 7 * 24 * 60 * MINUTE; /* March 2026 */
	struct plan_rule rule = { .calendar = "c",
		.rehearsal = bytes[0] & 4 ? on_event : lead,
		.session = session,
		.sites = sites_of[bytes[0] & 3],
		.known = known,
		.known_n = 3 };
	struct plan_mcu mcu = { .name = "mcu-tinh", .ports = 3 };
	cal_scan((const char *)bytes + 1, n - 1, "fuzz.ics", a, &faults, &scan);
	cal_parse(&c, &scan, "fuzz.ics");
	cal_expand(&c, from, to, add, &l);
	if (l.o.n)
		qsort(l.o.at, l.o.n, sizeof *l.o.at, by_start);
	size_t before = arena_used(a);
	plan_make(&l.o, &rule, 1, &s, from, to, a, &plan);
	plan_ports(&plan, &mcu, 1, a);
	plan_add_faults(&plan, &faults, a);
	if (arena_used(a) - before > MEMORY_MOST)
		abort();
	check(&plan, a, from, to);
	sites_free(&s);
	arena_free(a);
	return 0;
}
