/* The `conference` command of the simulated FreeSWITCH. Called by fs_api() under the fleet's lock.
 * Owns nothing. Must never wait: a dial that blocks is handed back to be waited for. */
#include "freeswitch.h"

#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct order { /* one command given to a conference */
	struct fs *f;
	struct fs_conf *conf;
	const char *verb, *args;
	int64_t now;
	struct buf *out;
};

bool
fs_word(const char **text, char *out, size_t size)
{
	const char *p = *text;
	size_t n = 0;
	bool quoted = false;
	int braces = 0;
	while (*p == ' ')
		p++;
	/* recorded: arguments are split on blanks; described: quotes and braces hold them together
	 */
	for (; *p && (quoted || braces > 0 || *p != ' '); p++) {
		quoted ^= *p == '\'';
		braces += *p == '{' ? 1 : *p == '}' ? -1 : 0;
		if (n + 1 < size)
			out[n++] = *p;
	}
	if (size)
		out[n] = '\0';
	*text = p;
	return n > 0;
}

/* ---- lists ---- */

static void
list_members(const struct order *o, const struct fs_conf *conf)
{
	/* recorded: the newest first */
	for (struct fs_chan *c = NULL; (c = fs_below(o->f, conf, c ? c->member : INT_MAX));)
		fs_list_line(c, o->out);
}

static void
list_head(const struct order *o, const struct fs_conf *conf)
{
	buf_printf(o->out,
		"+OK Conference %s (%d member%s rate: 8000 flags: "
		"running|answered|enforce_min|dynamic|"
		"exit_sound|enter_sound%s%s)\n",
		conf->name, conf->members, conf->members == 1 ? "" : "s",
		conf->locked ? "|locked" : "", conf->json_seen ? "|json_status" : "");
}

static void
xml_conference(const struct order *o, const struct fs_conf *conf)
{
	buf_puts(o->out, "  <conference name=\"");
	vis_xml(o->out, conf->name);
	buf_printf(o->out,
		"\" member-count=\"%d\" ghost-count=\"0\" rate=\"8000\" uuid=\"%s\"%s "
		"running=\"true\" "
		"answered=\"true\" enforce_min=\"true\" dynamic=\"true\" exit_sound=\"true\" "
		"enter_sound=\"true\" "
		"run_time=\"%lld\">\n    <variables></variables>\n    <members>\n",
		conf->members, conf->uuid, conf->locked ? " locked=\"true\"" : "",
		(long long)((o->now - conf->created) / 1000));
	for (struct fs_chan *c = NULL; (c = fs_below(o->f, conf, c ? c->member : INT_MAX));)
		fs_xml_member(c, o->now, o->out);
	buf_puts(o->out, "    </members>\n  </conference>\n");
}

static void
json_conference(const struct order *o, struct fs_conf *conf)
{
	static const struct {
		const char *name;
		bool on;
	} flags[] = { { "destruct", false }, { "wait_mod", false }, { "audio_always", false },
		{ "running", true }, { "answered", true }, { "enforce_min", true },
		{ "bridge_to", false }, { "dynamic", true }, { "exit_sound", true },
		{ "enter_sound", true }, { "recording", false }, { "video_bridge", false },
		{ "video_floor_only", false }, { "video_rfc4579", false } };
	conf->json_seen = true; /* recorded trap: the question leaves a flag */
	buf_puts(o->out, "{\n\t\t\"conference_name\":\t\"");
	vis_json(o->out, conf->name);
	buf_printf(o->out,
		"\",\n\t\t\"member_count\":\t%d,\n\t\t\"ghost_count\":\t0,\n\t\t\"rate\":\t8000,\n"
		"\t\t\"run_time\":\t%lld,\n\t\t\"conference_uuid\":\t\"%s\",\n\t\t\"canvas_count\":"
		"\t%d,\n"
		"\t\t\"max_bw_in\":\t0,\n\t\t\"force_bw_in\":\t0,\n\t\t\"video_floor_packets\":\t0,"
		"\n"
		"\t\t\"locked\":\t%s",
		conf->members, (long long)((o->now - conf->created) / 1000), conf->uuid,
		o->f->plan->audio_only ? 0 : 1, conf->locked ? "true" : "false");
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		buf_printf(o->out, ",\n\t\t\"%s\":\t%s", flags[i].name,
			flags[i].on ? "true" : "false");
	buf_puts(o->out, ",\n\t\t\"variables\":\t{\n\t\t},\n\t\t\"members\":\t[");
	bool first = true;
	for (struct fs_chan *c = NULL; (c = fs_below(o->f, conf, c ? c->member : INT_MAX));
		first = false) {
		buf_puts(o->out, first ? "" : ", ");
		fs_json_member(c, o->now, o->out);
	}
	buf_puts(o->out, "]\n\t}");
}

/* `list`, `xml_list`, `json_list` of one conference, or of all of them with only NULL. */
static void
list_all(struct order *o, const char *kind, struct fs_conf *only)
{
	bool xml = str_eq(kind, "xml_list"), json = str_eq(kind, "json_list");
	int shown = 0;
	buf_puts(o->out, xml ? "<?xml version=\"1.0\"?>\n<conferences>" : json ? "[" : "");
	for (int i = o->f->confs_n; i-- > 0;) {
		struct fs_conf *c = &o->f->confs[i];
		if (c->members <= 0 || (only && c != only))
			continue;
		shown++;
		if (xml) {
			buf_puts(o->out, shown == 1 ? "\n" : "");
			xml_conference(o, c);
		} else if (json) {
			buf_puts(o->out, shown == 1 ? "" : ", ");
			json_conference(o, c);
		} else {
			if (!only)
				list_head(o, c);
			list_members(o, c);
		}
	}
	if (!shown && !xml && !json)
		buf_puts(o->out, "+OK No active conferences.\n");
	buf_puts(o->out, xml ? "</conferences>\n" : json ? "]" : "");
}

/* ---- acts on members ---- */

typedef void fs_act_fn(struct order *o, struct fs_chan *c, const char *value);

static void
act_mute(struct order *o, struct fs_chan *c, const char *value)
{
	bool on = str_eq(o->verb, "mute") || (str_eq(o->verb, "tmute") && !c->leg.muted);
	fs_mute(o->f, c, on, o->now, "api");
	buf_printf(o->out, "+OK %s %d\n", on ? "mute" : "unmute", c->member);
}

static void
act_flag(struct order *o, struct fs_chan *c, const char *value)
{
	const char *verb = o->verb;
	bool on = !str_starts(verb, "un");
	const char *what = on ? verb : verb + 2;
	char action[32];
	*(str_eq(what, "deaf") ? &c->deaf : str_eq(what, "hold") ? &c->hold : &c->video_muted) = on;
	snprintf(action, sizeof action, "%s-member", verb);
	fs_tell(o->f, o->conf, c, action, o->now, NULL);
	lab_log(o->now, verb, o->f->plan->name, "participant", c->name, NULL);
	buf_printf(o->out, "+OK %s %d\n", verb, c->member);
}

static void
act_level(struct order *o, struct fs_chan *c, const char *value)
{
	bool energy = str_eq(o->verb, "energy"), in = str_eq(o->verb, "volume_in");
	int *field = energy ? &c->energy_level : in ? &c->volume_in : &c->volume_out;
	int64_t n;
	if (str_to_int(value, -20, 20000, &n))
		*field = (int)n;
	if (energy) /* recorded: without +OK */
		buf_printf(o->out, "Energy %d = %d\n", c->member, *field);
	else
		buf_printf(o->out, "+OK Volume %s %d = %d\n", in ? "IN" : "OUT", c->member, *field);
}

static void
act_leave(struct order *o, struct fs_chan *c, const char *value)
{
	bool kick = str_eq(o->verb, "kick");
	int id = c->member;
	lab_log(o->now, "disconnect", o->f->plan->name, "participant", c->name, NULL);
	fs_tell(o->f, o->conf, c, kick ? "kick-member" : "hup-member", o->now, NULL);
	fs_hang(o->f, c, "disconnectAll", o->now);
	buf_printf(o->out, "+OK %s %d\n", kick ? "kicked" : "hup", id);
}

static void
act_dtmf(struct order *o, struct fs_chan *c, const char *value)
{
	buf_printf(o->out, "+OK sent %s to %d\n", value, c->member);
}

static void
act_uuid(struct order *o, struct fs_chan *c, const char *value)
{
	buf_puts(o->out, c->uuid);
}

static const struct {
	const char *verb;
	fs_act_fn *act;
} acts[] = { { "mute", act_mute }, { "unmute", act_mute }, { "tmute", act_mute },
	{ "deaf", act_flag }, { "undeaf", act_flag }, { "hold", act_flag }, { "unhold", act_flag },
	{ "vmute", act_flag }, { "unvmute", act_flag }, { "energy", act_level },
	{ "volume_in", act_level }, { "volume_out", act_level }, { "kick", act_leave },
	{ "hup", act_leave }, { "dtmf", act_dtmf }, { "get-uuid", act_uuid } };

/* VERB ID|all|last|non_moderator [VALUE] */
static void
act_on(struct order *o, fs_act_fn *act)
{
	char who[64], value[64] = "";
	const char *rest = o->args;
	int64_t id = 0;
	if (!fs_word(&rest, who, sizeof who)) {
		buf_printf(
			o->out, "-ERR Bad Args\n%s <[member_id|all]|last|non_moderator>", o->verb);
		return;
	}
	fs_word(&rest, value, sizeof value);
	bool all = str_eq(who, "all") || str_eq(who, "non_moderator"), last = str_eq(who, "last");
	if (!all && !last && !str_to_int(who, 0, INT32_MAX, &id)) {
		buf_printf(o->out, "-ERR Non-Existant ID %s\n", who);
		return;
	}
	int done = 0, below = INT_MAX;
	for (struct fs_chan *c;
		(c = fs_below(o->f, o->conf, below));) { /* recorded: the newest first */
		below = c->member;
		if ((!all && !last && c->member != id) || (last && done))
			continue;
		act(o, c, value);
		done++;
	}
	if (!done && !all)
		buf_printf(o->out, "-ERR Non-Existant ID %lld\n", (long long)id);
}

/* ---- pictures, sounds ---- */

static const char *const layouts[] = { "1x1", "1x2", "2x1", "1x1+2x1", "2x2", "3x3", "4x4", "5x5",
	"6x6", "8x8", "1up_top_left+5", "1up_top_left+7", "1up_top_left+9", "2up_top+8",
	"2up_middle+8", "2up_bottom+8", "3up+4", "3up+9", "presenter-dual-horizontal",
	"presenter-dual-vertical", "presenter-overlap-small-top-right", NULL };
static const char *const layout_groups[] = { "grid", "grid-zoom", "1up_top_left_plus", "3up_plus",
	NULL };

static bool
in_list(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(word, *list))
			return true;
	return false;
}

static void
vid_layout(struct order *o)
{
	char name[64] = "", group[64] = "";
	const char *rest = o->args;
	if (o->f->plan->audio_only) { /* recorded */
		buf_puts(o->out, "-ERR Conference is not in mixing mode\n");
		return;
	}
	fs_word(&rest, name, sizeof name);
	if (str_eq(name, "list")) {
		for (int i = 0; layout_groups[i]; i++)
			buf_printf(o->out, "group:%s\n", layout_groups[i]);
		for (int i = 0; layouts[i]; i++)
			buf_printf(o->out, "%s\n", layouts[i]);
		return;
	}
	bool by_group = str_eq(name, "group") && fs_word(&rest, group, sizeof group);
	if (!(by_group ? in_list(group, layout_groups) : in_list(name, layouts))) {
		buf_printf(o->out, "-ERR Invalid layout [%s]\n", by_group ? group : name);
		return;
	}
	snprintf(o->conf->layout, sizeof o->conf->layout, "%.40s", by_group ? group : name);
	lab_log(o->now, "layout", o->f->plan->name, "conference", o->conf->name, "layout",
		o->conf->layout, NULL);
	buf_printf(o->out, "+OK Change canvas 1 to layout [%s]\n", o->conf->layout);
}

static void
vid_floor(struct order *o)
{
	char id[64] = "", force[16] = "", old[16], text[16];
	const char *rest = o->args;
	int64_t n = 0;
	fs_word(&rest, id, sizeof id);
	fs_word(&rest, force, sizeof force);
	if (str_eq(id, "clear")) {
		o->conf->floor_locked = false;
		buf_puts(o->out, "+OK video floor auto\n");
		return;
	}
	struct fs_chan *c =
		str_to_int(id, 1, INT32_MAX, &n) ? fs_member(o->f, o->conf, (int)n) : NULL;
	if (!c) {
		buf_printf(o->out, "-ERR Non-Existant ID %s\n", id);
		return;
	}
	if (o->f->plan->audio_only) {
		buf_puts(o->out, "-ERR Conference is not in mixing mode\n");
		return;
	}
	snprintf(old, sizeof old, "%d", o->conf->video_floor);
	snprintf(text, sizeof text, "%d", c->member);
	o->conf->video_floor = c->member;
	o->conf->floor_locked = str_eq(force, "force");
	fs_tell(o->f, o->conf, c, "video-floor-change", o->now, "Old-ID",
		str_eq(old, "0") ? "none" : old, "New-ID", text, NULL);
	lab_log(o->now, "floor", o->f->plan->name, "site", c->leg.site->plan->id, "participant",
		c->name, NULL);
	buf_printf(o->out, "+OK video floor %d\n", c->member);
}

/* Who hears a sound: said in the lab's log, for tests. */
static void
sound(struct order *o, const char *file, const struct fs_chan *to)
{
	for (size_t i = 0; i < o->f->chans.n; i++) {
		struct fs_chan *c = o->f->chans.at[i];
		struct media md;
		if (c->over || c->conf != o->conf || (to && c != to))
			continue;
		if (!c->deaf && !c->hold)
			leg_play(&c->leg, file, o->now);
		leg_media(&c->leg, o->now, &md);
		lab_log(o->now, "sound", o->f->plan->name, "site", c->leg.site->plan->id, "file",
			file, "heard", md.flowing[0][1] && !c->deaf && !c->hold ? "yes" : "no",
			NULL);
	}
}

static void
play(struct order *o)
{
	char file[300], id[32] = "";
	const char *rest = o->args;
	int64_t n = 0;
	if (!fs_word(&rest, file, sizeof file)) {
		buf_puts(o->out, "-ERR Bad Args\nplay <file_path> [async|<member_id> [nomux]]");
		return;
	}
	fs_word(&rest, id, sizeof id);
	struct fs_chan *to =
		str_to_int(id, 1, INT32_MAX, &n) ? fs_member(o->f, o->conf, (int)n) : NULL;
	if (n && !to) {
		buf_printf(o->out, "-ERR Member: %lld not found.\n", (long long)n);
		return;
	}
	/* the simulated box has tones and the files of its own sound folder */
	if (!strstr(file, "stream://") &&
		(!str_ends(file, ".wav") || strstr(file, "nonexistent"))) {
		buf_printf(o->out, "-ERR (play) File: %s not found.\n", file);
		return;
	}
	o->conf->playing++;
	sound(o, file, to);
	buf_printf(o->out, "+OK (play) Playing file %s", file);
	if (to)
		buf_printf(o->out, " to member %lld", (long long)n);
	buf_putc(o->out, '\n');
}

/* A text for one member, or for all (mod_conference: what takes a member takes "all" and "last" as
 * well). */
static void
banner_all(struct order *o, const char *text)
{
	for (size_t i = 0; i < o->f->chans.n; i++) {
		struct fs_chan *c = o->f->chans.at[i];
		if (c->conf != o->conf || !c->member)
			continue;
		if (o->f->plan->audio_only) {
			buf_puts(o->out, "-ERR Conference is not in mixing mode\n");
			continue;
		}
		leg_show(&c->leg, o->now);
		lab_log(o->now, "message", o->f->plan->name, "site", c->leg.site->plan->id,
			"participant", c->name, "text", text, NULL);
		buf_puts(o->out, "+OK\n");
	}
}

static void
banner(struct order *o)
{
	char id[32] = "";
	const char *rest = o->args;
	int64_t n = 0;
	fs_word(&rest, id, sizeof id);
	struct fs_chan *c =
		str_to_int(id, 1, INT32_MAX, &n) ? fs_member(o->f, o->conf, (int)n) : NULL;
	while (*rest == ' ')
		rest++;
	if (str_eq(id, "all")) {
		banner_all(o, rest);
	} else if (!c) {
		buf_printf(o->out, "-ERR Non-Existant ID %s\n", id);
	} else if (o->f->plan->audio_only) {
		buf_puts(o->out, "-ERR Conference is not in mixing mode\n");
	} else {
		leg_show(&c->leg, o->now);
		lab_log(o->now, "message", o->f->plan->name, "site", c->leg.site->plan->id,
			"participant", c->name, "text", rest, NULL);
		buf_puts(o->out, "+OK\n");
	}
}

static void
transfer(struct order *o)
{
	char room[96], id[32];
	const char *rest = o->args;
	int64_t n = 0;
	if (!fs_word(&rest, room, sizeof room)) {
		buf_puts(o->out,
			"-ERR Bad Args\ntransfer <conference_name> <member_id> [...<member_id>]");
		return;
	}
	while (fs_word(&rest, id, sizeof id)) {
		struct fs_chan *c =
			str_to_int(id, 1, INT32_MAX, &n) ? fs_member(o->f, o->conf, (int)n) : NULL;
		if (c) {
			fs_move(o->f, c, room, o->now);
			buf_printf(o->out, "+OK Member '%lld' sent to conference %s.\n",
				(long long)n, room);
		} else {
			buf_printf(
				o->out, "-ERR No Member %s in conference %s.\n", id, o->conf->name);
		}
	}
}

static void
floor_of(struct order *o)
{
	char id[32] = "";
	const char *rest = o->args;
	int64_t n = 0;
	fs_word(&rest, id, sizeof id);
	if (!str_to_int(id, 1, INT32_MAX, &n) || !fs_member(o->f, o->conf, (int)n))
		buf_printf(o->out, "-ERR Non-Existant ID %s\n", id);
	else if (o->conf->floor && o->conf->floor != n)
		buf_printf(o->out, "-ERR floor is held by %d\n", o->conf->floor);
	else
		buf_printf(o->out, "+OK floor %lld\n", (long long)n);
}

/* Words about the conference itself. */
static bool
about_conference(struct order *o)
{
	const char *rest = o->args;
	char what[64] = "";
	if (str_eq(o->verb, "lock") || str_eq(o->verb, "unlock")) {
		o->conf->locked = str_eq(o->verb, "lock");
		fs_tell(o->f, o->conf, NULL, o->verb, o->now, NULL);
		buf_printf(o->out, "+OK %s %sed\n", o->conf->name, o->verb);
	} else if (str_eq(o->verb, "get")) {
		fs_word(&rest, what, sizeof what);
		if (str_eq(what, "run_time"))
			buf_printf(o->out, "%lld", (long long)((o->now - o->conf->created) / 1000));
		else if (str_eq(what, "count"))
			buf_printf(o->out, "%d", o->conf->members);
		else
			buf_puts(o->out, "get <parameter-name>"); /* recorded: usage without -ERR */
	} else if (str_eq(o->verb, "stop")) {
		buf_printf(o->out, "+OK Stopped %d files.\n", o->conf->playing);
		o->conf->playing = 0;
	} else {
		return false;
	}
	return true;
}

static void
command(struct order *o)
{
	char what[32] = "";
	const char *rest = o->args;
	fs_word(&rest, what, sizeof what);
	if (str_eq(o->verb, "list") && str_eq(what, "count")) {
		buf_printf(o->out, "%d", o->conf->members);
	} else if (str_eq(o->verb, "list") || str_eq(o->verb, "xml_list") ||
		   str_eq(o->verb, "json_list")) {
		list_all(o, o->verb, o->conf);
	} else if (str_eq(o->verb, "vid-layout")) {
		vid_layout(o);
	} else if (str_eq(o->verb, "vid-floor")) {
		vid_floor(o);
	} else if (str_eq(o->verb, "clear-vid-floor")) { /* answers nothing */
		o->conf->floor_locked = false;
		lab_log(o->now, "floor", o->f->plan->name, "conference", o->conf->name, NULL);
	} else if (str_eq(o->verb, "vid-banner")) {
		banner(o);
	} else if (str_eq(o->verb, "play")) {
		play(o);
	} else if (str_eq(o->verb, "transfer")) {
		transfer(o);
	} else if (str_eq(o->verb, "floor")) {
		floor_of(o);
	} else if (!about_conference(o)) {
		for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
			if (str_eq(o->verb, acts[i].verb)) {
				act_on(o, acts[i].act);
				return;
			}
		buf_printf(o->out, "-ERR Conference command '%s' not found.\n", o->verb);
	}
}

static void
dial(struct order *o, const char *room, struct fs_chan **wait)
{
	bool background = str_eq(o->verb, "bgdial");
	char url[2000], number[64] = "", name[96] = "";
	const char *rest = o->args;
	if (!fs_word(&rest, url, sizeof url)) {
		buf_printf(o->out,
			"-ERR Bad Args\n%s <endpoint_module_name>/<destination> <callerid number> "
			"<callerid name>",
			o->verb);
		return;
	}
	fs_word(&rest, number, sizeof number); /* recorded: what follows the name is dropped */
	fs_word(&rest, name, sizeof name);
	struct fs_chan *c = fs_dial(o->f, room, url, number, name, background, o->now);
	if (background)
		buf_printf(o->out, "+OK Job-UUID: %s\n", c->job);
	else
		*wait = c;
}

void
fs_conference(struct fs *f, const char *args, int64_t now, struct buf *out, struct fs_chan **wait)
{
	char room[200] = "", verb[64] = "";
	struct order o = { .f = f, .now = now, .out = out };
	*wait = NULL;
	fs_word(&args, room, sizeof room);
	bool more = fs_word(&args, verb, sizeof verb);
	while (*args == ' ')
		args++;
	o.verb = verb;
	o.args = args;
	if (!room[0]) {
		buf_puts(out, "Conference command, not specified.\nTry 'help'\n");
		return;
	}
	if (str_eq(room, "list") || str_eq(room, "xml_list") || str_eq(room, "json_list")) {
		list_all(&o, room, NULL);
		return;
	}
	if (str_eq(verb, "dial") ||
		str_eq(verb, "bgdial")) { /* recorded: no conference is needed for these */
		dial(&o, room, wait);
		return;
	}
	room[strcspn(room, "@")] = '\0';
	o.conf = fs_conf(f, room);
	if (!o.conf)
		buf_printf(out, "-ERR Conference %s not found\n", room);
	else if (!more)
		buf_puts(out, "Conference command, not specified.\nTry 'help'\n");
	else
		command(&o);
}
