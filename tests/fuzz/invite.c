/* Any text as the words of an event, its lines dealt to title, place, rooms, categories and
 * description, read against a small directory. Who is invited stands in the directory, once; every
 * text that comes out is valid; a number of people is none below nought. */
#include "schedules/invite.h"

#include "tests/fuzz/directory.h"

static const char table[] =
	"id,name,tier,parent,mcu,address1,aliases,district,platform\n"
	"ubnd-tinh,UBND tỉnh,province,,mcu-tinh,sip:1@10.0.0.1,,,H323\n"
	"chu-tuc,Xã Chu Túc,commune,ubnd-tinh,mcu-tinh,sip:2@10.0.0.2,Chu Tuc|CT,Văn Quan,SIP\n"
	"tri-le,Xã Tri Lễ,commune,ubnd-tinh,mcu-tinh,sip:3@10.0.0.3,,Văn Quan,SIP\n"
	"hoa-binh,Phường Hoà Bình,commune,ubnd-tinh,mcu-tinh,sip:4@10.0.0.4,,Văn Quan,SIP\n";

enum { MOST = 12 };

static void
check(const char *text)
{
	if (text && !utf8_valid(text, strlen(text)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct sites s;
	if (fuzz_directory(table, sizeof table - 1, a, &faults, &s) != OK || s.n != 4)
		abort();
	char *rest = utf8_repair(a, (const char *)bytes, n), *line;
	const char *rooms[MOST + 1] = { 0 }, *categories[MOST + 1] = { 0 };
	size_t rooms_n = 0, categories_n = 0;
	struct occurrence o = { .calendar = "c",
		.file = "f",
		.uid = "u",
		.summary = "",
		.description = "",
		.location = "",
		.status = "",
		.related_to = "",
		.attendees = rooms,
		.categories = categories };
	while (*rest && strchr("TPRC", *rest)) {
		char kind = *rest++;
		line = strsep(&rest, "\n");
		if (kind == 'T')
			o.summary = line;
		else if (kind == 'P')
			o.location = line;
		else if (kind == 'R' && rooms_n < MOST)
			rooms[rooms_n++] = line;
		else if (kind == 'C' && categories_n < MOST)
			categories[categories_n++] = line;
		if (!rest)
			break;
	}
	o.description = rest ? rest : "";
	struct invitation out;
	invite_read(&o, &s, 0, a, &out);
	fuzz_selection(&s, &out.sites);
	for (size_t i = 0; i < out.unknown.n; i++)
		check(out.unknown.at[i].text);
	check(out.playbook);
	check(out.chair);
	if (out.people < 0 || (!out.named && out.unknown.n) ||
		(out.place && (out.place < s.at || out.place >= s.at + s.n)))
		abort();
	sites_free(&s);
	arena_free(a);
	return 0;
}
