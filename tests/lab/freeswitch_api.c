/* The commands of the simulated FreeSWITCH other than `conference`, as they come over XML-RPC and
 * over the event socket. Called without the lock by the sockets' threads. Owns nothing. A dial that
 * blocks is waited for here, outside the lock and bounded. */
#include "freeswitch.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 10, WAIT_MAX_MS = 130 * 1000 };

static void
cmd_version(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	buf_puts(out, "FreeSWITCH Version 1.11.1-release~64bit ( 64bit)\n");
}

static int
active(const struct fs *f)
{
	int n = 0;
	for (size_t i = 0; i < f->chans.n; i++)
		n += !f->chans.at[i]->over;
	return n;
}

static void
cmd_status(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	long long up = now > f->started ? (long long)(now - f->started) : 0, s = up / 1000;
	buf_printf(out,
		"UP %lld years, %lld days, %lld hours, %lld minutes, %lld seconds, %lld "
		"milliseconds, "
		"0 microseconds\nFreeSWITCH (Version 1.11.1-release  64bit) is ready\n%d "
		"session(s) since startup\n"
		"%d session(s) - peak %d, last 5min %d \n0 session(s) per Sec out of max 100, peak "
		"0, last 5min 0 \n"
		"%d session(s) max\nmin idle cpu 0.00/97.10\nCurrent Stack Size/Max 240K/8192K\n",
		s / 31536000, s / 86400 % 365, s / 3600 % 24, s / 60 % 60, s % 60, up % 1000,
		f->session_ids, active(f), f->peak, f->peak, f->plan->ports);
}

/* ---- show ---- */

static void
channel_row(const struct fs *f, const struct fs_chan *c, struct fs_headers *h)
{
	bool up = c->leg.connected != 0;
	const char *number = fs_var(c, "origination_caller_id_number"),
		   *name = fs_var(c, "origination_caller_id_name");
	char when[32];
	int64_t at = c->created + f->plan->clock_off;
	time_t t = (time_t)(at / 1000);
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
	number = number ? number : "0000000000";
	name = name ? name : "";
	fs_put(h, "uuid", "%s", c->uuid);
	fs_put(h, "direction", "%s", c->leg.incoming ? "inbound" : "outbound");
	fs_put(h, "created", "%s", when);
	fs_put(h, "created_epoch", "%lld", (long long)(at / 1000));
	fs_put(h, "name", "%s", c->name);
	fs_put(h, "state", "%s", up ? "CS_EXECUTE" : "CS_CONSUME_MEDIA");
	fs_put(h, "cid_name", "%s", up ? c->cid_name : "");
	fs_put(h, "cid_num", "%s", up ? c->cid_number : number);
	fs_put(h, "ip_addr", "%s", c->leg.incoming ? c->leg.site->plan->ip : "");
	fs_put(h, "dest", "%s", c->leg.incoming ? c->room : c->user);
	fs_put(h, "application", "%s", up ? "conference" : "");
	fs_put(h, "application_data", "%s", up ? c->room : "");
	fs_put(h, "dialplan", "%s", c->leg.incoming ? "XML" : "");
	fs_put(h, "context", "default");
	fs_put(h, "read_codec", "%s", up ? "L16" : "");
	fs_put(h, "read_rate", "%s", up ? "8000" : "");
	fs_put(h, "read_bit_rate", "%s", up ? "128000" : "");
	fs_put(h, "write_codec", "%s", up ? "PCMU" : "");
	fs_put(h, "write_rate", "%s", up ? "8000" : "");
	fs_put(h, "write_bit_rate", "%s", up ? "64000" : "");
	fs_put(h, "secure", "%s", "");
	fs_put(h, "hostname", "%s", f->plan->name);
	fs_put(h, "presence_id", "%s", "");
	fs_put(h, "presence_data", "%s", "");
	fs_put(h, "accountcode", "%s", "");
	/* recorded: RINGING and ACTIVE; described: DOWN before that */
	fs_put(h, "callstate", "%s",
		up				 ? "ACTIVE"
		: c->leg.phase == PHASE_ALERTING ? "RINGING"
						 : "DOWN");
	fs_put(h, "callee_name", "%s", up ? name : "Outbound Call");
	fs_put(h, "callee_num", "%s", up ? number : c->user);
	fs_put(h, "callee_direction", "%s", up ? "RECV" : "");
	fs_put(h, "call_uuid", "%s", c->uuid);
	fs_put(h, "sent_callee_name", "%s", "");
	fs_put(h, "sent_callee_num", "%s", "");
	fs_put(h, "initial_cid_name", "%s", name);
	fs_put(h, "initial_cid_num", "%s", number);
	fs_put(h, "initial_ip_addr", "%s", "");
	fs_put(h, "initial_dest", "%s", c->user);
	fs_put(h, "initial_dialplan", "%s", "");
	fs_put(h, "initial_context", "default");
}

static void
write_row(const struct fs_headers *h, int form, int n, struct buf *out)
{
	if (form == 'x') {
		buf_printf(out, "  <row row_id=\"%d\">\n", n);
		for (size_t i = 0; i < h->n; i++) {
			buf_printf(out, "    <%s>", h->at[i].name);
			vis_xml(out, h->at[i].value);
			buf_printf(out, "</%s>\n", h->at[i].name);
		}
		buf_puts(out, "  </row>\n");
	} else if (form == 'j') {
		buf_puts(out, n > 1 ? "," : "");
		fs_write_json(h, out);
	} else {
		if (n == 1)
			for (size_t i = 0; i < h->n; i++)
				buf_printf(out, "%s%c", h->at[i].name, i + 1 < h->n ? ',' : '\n');
		for (size_t i = 0; i < h->n; i++)
			buf_printf(out, "%s%c", h->at[i].value, i + 1 < h->n ? ',' : '\n');
	}
}

static void
cmd_show(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	char what[32] = "", how[32] = "", word[64] = "";
	struct buf rows = { 0 };
	int n = 0;
	fs_word(&args, what, sizeof what);
	fs_word(&args, how, sizeof how);
	fs_word(&args, word, sizeof word);
	if (!str_eq(what, "channels") && !str_eq(what, "calls")) {
		buf_puts(out, "-USAGE: channels|calls [count|like <text>] [as xml|as json]\n");
		return;
	}
	int form = !str_eq(how, "as")	  ? 't'
		   : str_eq(word, "xml")  ? 'x'
		   : str_eq(word, "json") ? 'j'
					  : 't';
	for (size_t i = 0; i < f->chans.n; i++) {
		const struct fs_chan *c = f->chans.at[i];
		struct fs_headers h = { 0 };
		if (c->over ||
			(str_eq(how, "like") && !strstr(c->uuid, word) && !strstr(c->name, word)))
			continue;
		channel_row(f, c, &h);
		write_row(&h, form, ++n, &rows);
		fs_headers_free(&h);
	}
	if (form == 'x' && n)
		buf_printf(out, "<result row_count=\"%d\">\n%s</result>\n", n, buf_str(&rows));
	else if (form == 'x')
		buf_puts(out, "<result row_count=\"0\"/>\n");
	else if (form == 'j' && n)
		buf_printf(out, "{\"row_count\":%d,\"rows\":[%s]}\n", n, buf_str(&rows));
	else if (form == 'j')
		buf_puts(out, "{\"row_count\": 0}\n");
	else if (n && !str_eq(how, "count"))
		buf_printf(out, "%s%d total.\n", buf_str(&rows), n);
	else
		buf_printf(out, "\n%d total.\n", n);
	buf_free(&rows);
}

/* ---- uuid_* ---- */

static struct fs_chan *
chan_of(struct fs *f, const char **args, struct buf *out)
{
	char uuid[64] = "";
	fs_word(args, uuid, sizeof uuid);
	struct fs_chan *c = fs_chan(f, uuid);
	if (!c)
		buf_puts(out, "-ERR No such channel!\n");
	return c;
}

static void
cmd_exists(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	char uuid[64] = "";
	fs_word(&args, uuid, sizeof uuid);
	buf_puts(out, fs_chan(f, uuid) ? "true" : "false");
}

static void
cmd_stats(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	struct fs_chan *c = chan_of(f, &args, out);
	if (!c)
		return;
	leg_media(&c->leg, now, &c->stats);
	c->stats_set = true;
	c->stats_at = now;
	buf_puts(out, "+OK:\n");
}

static void
cmd_dump(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	char form[16] = "";
	struct fs_headers h = { 0 };
	const struct fs_chan *c = chan_of(f, &args, out);
	if (!c)
		return;
	fs_word(&args, form, sizeof form);
	fs_dump(f, c, now, &h);
	if (str_eq(form, "json"))
		fs_write_json(&h, out);
	else if (str_eq(form, "xml"))
		fs_write_xml(&h, out);
	else
		fs_write_plain(&h, out);
	fs_headers_free(&h);
}

static void
cmd_getvar(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	char name[96] = "", full[112];
	struct fs_headers h = { 0 };
	const struct fs_chan *c = chan_of(f, &args, out);
	if (!c)
		return;
	fs_word(&args, name, sizeof name);
	snprintf(full, sizeof full, "variable_%s", name);
	fs_dump(f, c, now, &h);
	const char *value = fs_get(&h, full);
	buf_puts(out, value ? value : "_undef_");
	fs_headers_free(&h);
}

static void
cmd_setvar(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	char name[96] = "";
	struct fs_chan *c = chan_of(f, &args, out);
	if (!c)
		return;
	fs_word(&args, name, sizeof name);
	while (*args == ' ')
		args++;
	fs_set_var(c, name, args);
	buf_puts(out, "+OK\n");
}

static void
cmd_kill(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	char cause[64] = "";
	struct fs_chan *c = chan_of(f, &args, out);
	if (!c)
		return;
	fs_word(&args, cause, sizeof cause);
	lab_log(now, "disconnect", f->plan->name, "participant", c->name, NULL);
	fs_hang(f, c, cause[0] ? cause : "disconnectAll", now);
	buf_puts(out, "+OK\n");
}

/* ---- json ---- */

static void
media_stats(struct fs *f, const json_t *data, int64_t now, struct buf *out)
{
	const char *uuid = json_string_value(json_object_get(data, "uuid"));
	struct fs_chan *c = uuid ? fs_chan(f, uuid) : NULL;
	if (!c) {
		buf_puts(out, ",\"status\":\"error\",\"message\":\"The command returned an error\","
			      "\"response\":{\"response\":\"Session does not exist\"}}\n");
		return;
	}
	leg_media(&c->leg, now, &c->stats);
	c->stats_at = now;
	c->stats_set = true; /* described: the question freshens the counters */
	buf_puts(out, ",\"status\":\"success\",\"response\":{\"audio\":");
	fs_json_media(c, &c->stats, 0, now, out);
	if (fs_has_video(c)) {
		buf_puts(out, ",\"video\":");
		fs_json_media(c, &c->stats, 1, now, out);
	}
	buf_puts(out, "}}\n");
}

static void
cmd_json(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	json_t *asked = json_loads(args, 0, NULL);
	char *echo = asked && json_is_object(asked) ? json_dumps(asked, JSON_COMPACT) : NULL;
	if (!echo) {
		buf_puts(out, "-ERR Parse error.\n");
		json_decref(asked);
		return;
	}
	const char *command = json_string_value(json_object_get(asked, "command"));
	buf_add(out, echo,
		strlen(echo) - 1); /* recorded: the request comes back with members added */
	if (command && str_eq(command, "mediaStats"))
		media_stats(f, json_object_get(asked, "data"), now, out);
	else if (command && str_eq(command, "status"))
		buf_printf(out,
			",\"status\":\"success\",\"response\":{\"systemStatus\":\"ready\","
			"\"version\":"
			"\"1.11.1-release  "
			"64bit\",\"sessions\":{\"count\":{\"total\":%d,\"active\":%d,\"peak\":%d,"
			"\"limit\":%d}}}}\n",
			f->session_ids, active(f), f->peak, f->plan->ports);
	else
		buf_puts(out, ",\"status\":\"error\",\"message\":\"Command not found\"}\n");
	free(echo);
	json_decref(asked);
}

static void
cmd_sofia(struct fs *f, const char *args, int64_t now, struct buf *out)
{
	static const char rule[] = "==============================================================="
				   "==================================\n";
	buf_printf(out, "%25s\t%7s\t%42s\t%s\n%s", "Name", "Type", "Data", "State", rule);
	buf_printf(out, "%25s\t%7s\tsip:mod_sofia@%s:5080\tRUNNING (0)\n%s1 profile 0 aliases\n",
		f->profile, "profile", f->plan->host, rule);
}

static const struct {
	const char *name;
	void (*run)(struct fs *f, const char *args, int64_t now, struct buf *out);
} commands[] = { { "version", cmd_version }, { "status", cmd_status }, { "show", cmd_show },
	{ "uuid_exists", cmd_exists }, { "uuid_set_media_stats", cmd_stats },
	{ "uuid_dump", cmd_dump }, { "uuid_getvar", cmd_getvar }, { "uuid_setvar", cmd_setvar },
	{ "uuid_kill", cmd_kill }, { "json", cmd_json }, { "sofia", cmd_sofia } };

/* originate DIALSTRING &conference(ROOM@PROFILE+flags{mute}) */
static void
originate(struct fs *f, const char *args, int64_t now, struct buf *out, struct fs_chan **wait)
{
	char url[2000], app[200];
	if (!fs_word(&args, url, sizeof url) || !fs_word(&args, app, sizeof app)) {
		buf_puts(out, "-USAGE: <call url> <exten>|&<application_name>(<app_args>) "
			      "[<dialplan>] [<context>] "
			      "[<cid_name>] [<cid_num>] [<timeout_sec>]\n");
		return;
	}
	if (!str_starts(app, "&conference(")) {
		buf_puts(out, "-ERR INVALID_NUMBER_FORMAT\n"); /* the lab has no dial plan */
		return;
	}
	app[strcspn(app, ")")] = '\0';
	*wait = fs_dial(f, app + 12, url, NULL, NULL, false, now);
	(*wait)->join_muted = strstr(app, "flags{") && strstr(app, "mute");
}

/* Until the call is answered or over; the caller holds the lock, which is let go meanwhile. */
static void
wait_for(struct fs *f, struct fs_chan *c)
{
	int64_t until = clock_mono() + WAIT_MAX_MS;
	c->waiters++;
	while (!c->cause && clock_mono() < until && !atomic_load(&f->stopping)) {
		fleet_unlock();
		fs_nap(LOOK_MS);
		fleet_lock();
		fs_tick(f, clock_now());
	}
	c->waiters--;
}

static bool
allowed(const struct fs *f, const char *command)
{
	const char *list = f->plan->allowed;
	size_t n = strlen(command);
	for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
		if (strncmp(p, command, n) == 0 && (p[n] == ',' || !p[n]))
			return true;
	return !list;
}

/* bgapi: the command on a thread of its own. */
struct job {
	struct fs *f;
	char uuid[FS_UUID], command[64];
	char *args;
};

static void *
run_job(void *p)
{
	struct job *j = p;
	struct buf out = { 0 };
	fs_api(j->f, j->command, j->args, &out);
	fleet_lock();
	fs_tell_job(j->f, j->uuid, j->command, j->args, buf_str(&out), clock_now());
	fleet_unlock();
	atomic_fetch_sub(&j->f->threads, 1);
	buf_free(&out);
	free(j->args);
	free(j);
	return NULL;
}

static void
background(struct fs *f, const char *args, struct buf *out)
{
	struct job *j = xalloc(sizeof *j);
	pthread_t t;
	fs_word(&args, j->command, sizeof j->command);
	while (*args == ' ')
		args++;
	j->f = f;
	j->args = xstrdup(args);
	fleet_lock();
	fs_uuid(f, j->uuid);
	fleet_unlock();
	buf_printf(out, "+OK Job-UUID: %s\n", j->uuid);
	atomic_fetch_add(&f->threads, 1);
	if (pthread_create(&t, NULL, run_job, j) == 0)
		pthread_detach(t);
	else
		run_job(j);
}

void
fs_api(struct fs *f, const char *command, const char *args, struct buf *out)
{
	struct fs_chan *wait = NULL;
	if (str_eq(command, "bgapi")) {
		background(f, args, out);
		return;
	}
	fleet_lock();
	int64_t now = clock_now();
	fs_tick(f, now);
	if (!allowed(f, command)) {
		buf_puts(out, "UNAUTHORIZED!"); /* recorded: a normal answer, not a fault */
	} else if (str_eq(command, "conference")) {
		fs_conference(f, args, now, out, &wait);
		if (wait) {
			wait_for(f, wait);
			/* recorded trap: +OK whatever came of it */
			buf_printf(out, "+OK Call Requested: result: [%s]\n",
				wait->cause ? wait->cause : "NO_ANSWER");
		}
	} else if (str_eq(command, "originate")) {
		originate(f, args, now, out, &wait);
		if (wait) {
			wait_for(f, wait);
			if (wait->cause && str_eq(wait->cause, "SUCCESS"))
				buf_printf(out, "+OK %s\n", wait->uuid);
			else
				buf_printf(
					out, "-ERR %s\n", wait->cause ? wait->cause : "NO_ANSWER");
		}
	} else {
		size_t i = 0, n = sizeof commands / sizeof *commands;
		while (i < n && !str_eq(commands[i].name, command))
			i++;
		if (i < n)
			commands[i].run(f, args, now, out);
		else
			buf_puts(out, "ERROR!"); /* recorded: an unknown command too */
	}
	fleet_unlock();
}
