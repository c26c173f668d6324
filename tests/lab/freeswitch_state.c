/* The simulated FreeSWITCH's conferences and channels: born, answered, dropped, all under the
 * fleet's lock. Called by the commands and by the ticker. Owns the channels; conferences stay in
 * their array and are empty when nobody is in them. Must never wait and never open a socket. */
#include "freeswitch.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
fs_uuid(struct fs *f, char out[FS_UUID])
{
	/* a count is enough to be unique; it is mixed so that nobody sorts by it */
	uint64_t x = ++f->uuids + (uint64_t)f->started * 1000003u, y;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	y = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u + f->uuids;
	snprintf(out, FS_UUID, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(x >> 32),
		(unsigned)(x >> 16) & 0xffff, (unsigned)x & 0xfff,
		0x8000u | ((unsigned)(y >> 48) & 0x3fff),
		(unsigned long long)(y & 0xffffffffffffULL));
}

struct fs_conf *
fs_conf(struct fs *f, const char *name)
{
	for (int i = 0; i < f->confs_n; i++)
		if (f->confs[i].members > 0 && str_eq_nocase(f->confs[i].name, name))
			return &f->confs[i];
	return NULL;
}

struct fs_chan *
fs_chan(struct fs *f, const char *uuid)
{
	for (size_t i = 0; i < f->chans.n; i++)
		if (!f->chans.at[i]->over && str_eq(f->chans.at[i]->uuid, uuid))
			return f->chans.at[i];
	return NULL;
}

struct fs_chan *
fs_member(struct fs *f, const struct fs_conf *conf, int id)
{
	for (size_t i = 0; i < f->chans.n; i++)
		if (!f->chans.at[i]->over && f->chans.at[i]->conf == conf &&
			f->chans.at[i]->member == id)
			return f->chans.at[i];
	return NULL;
}

struct fs_chan *
fs_below(struct fs *f, const struct fs_conf *conf, int below)
{
	struct fs_chan *best = NULL;
	for (size_t i = 0; i < f->chans.n; i++) {
		struct fs_chan *c = f->chans.at[i];
		if (!c->over && c->conf == conf && c->member < below &&
			(!best || c->member > best->member))
			best = c;
	}
	return best;
}

static void
log_chan(const struct fs *f, const struct fs_chan *c, int64_t now, const char *event,
	const char *why)
{
	lab_log(now, event, f->plan->name, "site", c->leg.site ? c->leg.site->plan->id : NULL,
		"conference", c->conf ? c->conf->name : c->room, "participant", c->name, "uuid",
		c->uuid, "why", why, NULL);
}

/* recorded: a conference comes with its first member */
static struct fs_conf *
conf_for(struct fs *f, const char *room, int64_t now)
{
	struct fs_conf *c = fs_conf(f, room), fresh = { 0 };
	if (c)
		return c;
	str_copy(fresh.name, sizeof fresh.name, room);
	str_copy(fresh.layout, sizeof fresh.layout, "group:grid");
	fs_uuid(f, fresh.uuid);
	fresh.created = now;
	for (int i = 0; i < f->confs_n && !c;
		i++) /* an old one of that name: sites may still show it */
		if (str_eq(f->confs[i].name, room))
			c = &f->confs[i];
	if (!c)
		c = &f->confs[f->confs_n < FS_CONFS ? f->confs_n++ : FS_CONFS - 1];
	*c = fresh;
	fs_tell(f, c, NULL, "conference-create", now, NULL);
	return c;
}

static void
take_floor(struct fs *f, struct fs_conf *conf, struct fs_chan *c, int64_t now)
{
	char old[16], id[16];
	snprintf(old, sizeof old, "%d", conf->floor);
	snprintf(id, sizeof id, "%d", c ? c->member : 0);
	if (c && conf->floor == c->member)
		return;
	conf->floor = c ? c->member : 0;
	fs_tell(f, conf, c, "floor-change", now, "Old-ID", str_eq(old, "0") ? "none" : old,
		"New-ID", c ? id : "none", NULL);
	if (!conf->floor_locked && !f->plan->audio_only && conf->video_floor != conf->floor) {
		fs_tell(f, conf, c, "video-floor-change", now, "Old-ID",
			str_eq(old, "0") ? "none" : old, "New-ID", c ? id : "none", NULL);
		conf->video_floor = conf->floor;
	}
}

static void
join(struct fs *f, struct fs_chan *c, int64_t now)
{
	c->conf = conf_for(f, c->room, now);
	c->conf->members++;
	c->joined = now;
	/* recorded: ids grow over conferences and redials; a transferred member keeps its own */
	c->member = c->member ? c->member : ++f->members;
	c->rtcp_at = now;
	str_copy(c->conf_uuid, sizeof c->conf_uuid, c->conf->uuid);
	if (c->join_muted && !c->leg.muted) {
		leg_mute(&c->leg, true, now);
		c->muted_at = now;
	}
	if (c->leg.site && c->leg.site->leg == &c->leg) {
		c->leg.site->call_name = c->conf->name;
		c->leg.site->call_host = f->plan->host;
	}
	fs_tell(f, c->conf, c, "add-member", now, NULL);
	if (!c->conf->floor)
		take_floor(f, c->conf, c, now);
}

static void
leave(struct fs *f, struct fs_chan *c, int64_t now)
{
	struct fs_conf *conf = c->conf;
	if (!conf)
		return;
	conf->members--;
	c->talking = false;
	fs_tell(f, conf, c, "del-member", now, NULL);
	c->conf = NULL;
	if (conf->floor == c->member) {
		struct fs_chan *next = NULL;
		for (size_t i = 0; i < f->chans.n && !next; i++)
			if (!f->chans.at[i]->over && f->chans.at[i]->conf == conf)
				next = f->chans.at[i];
		take_floor(f, conf, next, now);
	}
	if (conf->members == 0) /* recorded: an empty conference vanishes */
		fs_tell(f, conf, NULL, "conference-destroy", now, NULL);
}

/* The channel is no more. What remains of it are events. */
static void
finish(struct fs *f, struct fs_chan *c, const struct fs_cause *cause, int64_t now)
{
	if (c->over)
		return;
	struct fs_conf *was = c->conf;
	c->cause = cause->name;
	log_chan(f, c, now, "disconnected", cause->name);
	leave(f, c, now);
	c->over = true;
	fs_tell_hangup(f, c, now);
	if (!was && c->background && c->conf_was_there) {
		/* described: without the conference nobody is told; recorded: else Action
		 * bgdial-result */
		struct fs_conf *conf = fs_conf(f, c->room);
		struct fs_conf gone = { 0 };
		str_copy(gone.name, sizeof gone.name, c->room);
		str_copy(gone.uuid, sizeof gone.uuid, c->conf_uuid);
		fs_tell(f, conf ? conf : &gone, NULL, "bgdial-result", now, "Result", cause->name,
			"Job-UUID", c->job, NULL);
	}
}

/* described: conference_member_flags=mute|mute-detect|... */
static bool
has_flag(const struct fs_chan *c, const char *flag)
{
	const char *at = fs_var(c, "conference_member_flags");
	for (size_t n; at && *at; at += n + (at[n] != '\0')) {
		n = strcspn(at, "|,");
		if (n == strlen(flag) && strncmp(at, flag, n) == 0)
			return true;
	}
	return false;
}

static void
answered(struct fs *f, struct fs_chan *c)
{
	int64_t at = c->leg.connected;
	c->join_muted = c->join_muted || has_flag(c, "mute");
	c->mute_detect = has_flag(c, "mute-detect");
	if (!f->first_leg)
		f->first_leg = at;
	c->leg.mcu_first = f->first_leg;
	/* recorded: from now on the names are turned round */
	str_copy(c->cid_name, sizeof c->cid_name, c->leg.incoming ? c->user : "Outbound Call");
	str_copy(c->cid_number, sizeof c->cid_number, c->user);
	join(f, c, at);
	log_chan(f, c, at, "connected", NULL);
	if (c->background && c->conf_was_there)
		fs_tell(f, c->conf, NULL, "bgdial-result", at, "Result", "SUCCESS", "Job-UUID",
			c->job, "Peer-UUID", c->uuid, NULL);
	c->cause = "SUCCESS";
}

static int
sessions(const struct fs *f)
{
	int n = 0;
	for (size_t i = 0; i < f->chans.n; i++)
		n += !f->chans.at[i]->over;
	return n;
}

static struct fs_chan *
new_chan(struct fs *f, const char *room, int64_t now)
{
	struct fs_chan *c = xalloc(sizeof *c);
	str_copy(c->room, sizeof c->room, room);
	c->room[strcspn(c->room, "@+")] = '\0'; /* name@profile+flags{...} */
	c->created = now;
	c->energy_level = 100;
	c->session = ++f->session_ids;
	c->leg.mcu = f->plan;
	c->leg.mcu_first = f->first_leg;
	c->leg.keepalive_ms = FS_MEDIA_TIMEOUT_MS;
	return c;
}

/* Cuts "sip:user@host:port;params" of "sofia/PROFILE/..." out; NULL and the reason: cannot be
 * dialled. */
static const char *
target(const struct fs *f, const char *rest, const char **why)
{
	size_t n = strlen(f->profile);
	*why = "badEndpoint";
	if (!str_starts(rest, "sofia/"))
		return NULL;
	rest += 6;
	*why = "badProfile";
	if (strncmp(rest, f->profile, n) == 0 && rest[n] == '/')
		rest += n + 1;
	else
		return NULL;
	return str_starts(rest, "sip:") || str_starts(rest, "sips:") ? strchr(rest, ':') + 1 : rest;
}

/* What a SIP dial makes of the fleet's plan. */
static void
replan(struct fs_chan *c, const char *url, int64_t limit_ms)
{
	struct leg *l = &c->leg;
	const char *user = l->site ? l->site->plan->address : "";
	if (str_starts(user, "sip:"))
		user = strchr(user, ':') + 1;
	size_t n = strcspn(user, "@");
	if (l->fail_why && str_eq(l->fail_why, "destinationUnreachable")) {
		/* recorded: a dead address fails at once; a name behind a registrar is answered for
		 * by it (480) */
		l->fail_at = l->dialed + 300;
		if (user[n] == '@' && !str_starts(user + n + 1, "127."))
			l->fail_why = "notRegistered";
	} else if (user[n] == '@' && (strncmp(url, user, n) != 0 || url[n] != '@')) {
		/* recorded: right box, wrong user part */
		l->connect_at = l->alert_at = 0;
		l->fail_at = l->dialed + 300;
		l->fail_why = "noGatekeeperForDN";
	} else if (l->fail_why && str_eq(l->fail_why, "noAnswer")) {
		l->fail_at = l->dialed + limit_ms;
	} else if (l->connect_at > l->dialed + limit_ms) {
		l->connect_at = 0;
		l->fail_at = l->dialed + limit_ms;
		l->fail_why = "noAnswer";
	}
}

/* A box that was switched off in the call knows nothing of it any more. */
static void
forget_old_call(struct site *s, int64_t now)
{
	if (s && s->leg && s->leg->connected && site_powered(s, now) &&
		site_boot(s, now) > s->leg->connected)
		s->leg = NULL;
}

static void
place_call(struct fs *f, struct fs_chan *c, const char *url, int64_t now)
{
	char address[256];
	int64_t limit;
	int64_t dumb;
	const char *timeout = fs_var(c, "originate_timeout"), *media = fs_var(c, "media_timeout");
	if (!timeout || !str_to_int(timeout, 1, 600, &limit))
		limit = FS_DIAL_MS / 1000;
	if (media && str_to_int(media, 1, INT32_MAX, &dumb))
		c->leg.keepalive_ms = (int)dumb;
	snprintf(address, sizeof address, "sip:%s", url);
	struct site *s = fleet_find(address);
	if (s && str_starts(s->plan->address, "h323:"))
		s = NULL; /* no SIP there */
	forget_old_call(s, now);
	c->leg.limit_ms = limit * 1000;
	leg_dial(&c->leg, s, now, sessions(f) > f->plan->ports); /* this one is counted */
	replan(c, url, limit * 1000);
	if (s && s->leg == &c->leg) {
		s->call_name = "";
		s->call_host = f->plan->host;
	}
}

struct fs_chan *
fs_dial(struct fs *f, const char *room, const char *text, const char *number, const char *name,
	bool background, int64_t now)
{
	struct fs_chan *c = new_chan(f, room, now);
	const char *why = "badString", *rest = fs_dial_string(c, text),
		   *url = rest ? target(f, rest, &why) : NULL;
	const char *uuid = fs_var(c, "origination_uuid");
	struct fs_conf *conf = fs_conf(f, c->room);
	c->background = background;
	c->conf_was_there = conf != NULL;
	if (conf)
		str_copy(c->conf_uuid, sizeof c->conf_uuid, conf->uuid);
	if (uuid && strlen(uuid) < FS_UUID)
		str_copy(c->uuid, sizeof c->uuid, uuid);
	else
		fs_uuid(f, c->uuid);
	if (background) {
		fs_uuid(f, c->job);
		fs_set_var(c, "conference_bgdial_jobid", c->job);
	}
	if (name && *name && !fs_var(c, "origination_caller_id_name"))
		fs_set_var(c, "origination_caller_id_name", name);
	if (number && *number && !fs_var(c, "origination_caller_id_number"))
		fs_set_var(c, "origination_caller_id_number", number);
	bool twice =
		uuid && fs_chan(f, uuid); /* recorded: a uuid in use is DESTINATION_OUT_OF_ORDER */
	*vec_add(&f->chans) = c;
	f->peak = sessions(f) > f->peak ? sessions(f) : f->peak;
	if (!url || twice) {
		c->over = true; /* no channel came to be, so no hangup is told */
		c->cause = fs_cause_of(twice ? "badString" : why)->name;
		log_chan(f, c, now, "dial", c->cause);
		if (background && c->conf_was_there)
			fs_tell(f, conf, NULL, "bgdial-result", now, "Result", c->cause, "Job-UUID",
				c->job, NULL);
		return c;
	}
	snprintf(c->name, sizeof c->name, "sofia/%s/%.*s", f->profile, (int)strcspn(url, ";"), url);
	snprintf(c->user, sizeof c->user, "%.*s", (int)strcspn(url, "@;:"), url);
	place_call(f, c, url, now);
	c->told = c->leg.phase;
	log_chan(f, c, now, "dial", NULL);
	return c;
}

void
fs_hang(struct fs *f, struct fs_chan *c, const char *why, int64_t now)
{
	leg_hang(&c->leg, now, why);
	c->told = c->leg.phase;
	finish(f, c, fs_cause_of(why), now);
}

void
fs_mute(struct fs *f, struct fs_chan *c, bool on, int64_t now, const char *by)
{
	if (c->leg.muted != on)
		log_chan(f, c, now, on ? "mute" : "unmute", by);
	if (c->leg.muted && !on)
		c->muted_ms += now - c->muted_at;
	else if (on && !c->leg.muted)
		c->muted_at = now;
	leg_mute(&c->leg, on, now);
	if (on)
		c->talking = false;
	fs_tell(f, c->conf, c, on ? "mute-member" : "unmute-member", now, NULL);
}

void
fs_move(struct fs *f, struct fs_chan *c, const char *room, int64_t now)
{
	leave(f, c, now);
	str_copy(c->room, sizeof c->room, room);
	join(f, c, now);
	log_chan(f, c, now, "move", NULL);
}

static bool
down(const struct spans *s, int64_t origin, int64_t now)
{
	for (int i = 0; origin && i < s->n; i++)
		if (now - origin >= s->at[i].from && now - origin < s->at[i].to)
			return true;
	return false;
}

static bool
restarting(const struct fs *f, int64_t now)
{
	int64_t at = f->first_leg + f->plan->reboot_at;
	return f->plan->reboot_at != LAB_NEVER && f->first_leg && now >= at &&
	       now < at + FS_RESTART_MS;
}

bool
fs_api_up(const struct fs *f, int64_t now)
{
	return !restarting(f, now) && !down(&f->plan->api_down, f->first_leg, now);
}

bool
fs_dial_in(struct fs *f, struct site *s, int64_t now)
{
	struct fs_conf *conf = NULL;
	for (int i = 0; i < f->confs_n; i++)
		if (f->confs[i].members > 0)
			conf = &f->confs[i];
	forget_old_call(s, now);
	if (!conf || s->leg || !site_reachable(s, now) || !fs_api_up(f, now) ||
		!str_starts(s->plan->address, "sip:"))
		return false;
	struct fs_chan *c = new_chan(f, conf->name, now);
	const char *url = s->plan->address + 4;
	fs_uuid(f, c->uuid);
	snprintf(c->name, sizeof c->name, "sofia/%s/%s", f->profile, url);
	snprintf(c->user, sizeof c->user, "%.*s", (int)strcspn(url, "@;:"), url);
	*vec_add(&f->chans) = c;
	leg_dial_in(&c->leg, s, now);
	c->told = c->leg.phase;
	log_chan(f, c, now, "dial-in", NULL);
	answered(f, c);
	return true;
}

static void
operator_acts(struct fs *f, struct fs_chan *c, int64_t now)
{
	struct site *s = c->leg.site;
	if (!s || s->acted || c->leg.phase != PHASE_CONNECTED || s->plan->act == OPERATOR_NONE ||
		now < s->first_connect + s->plan->act_at)
		return;
	s->acted = true;
	lab_log(now, "operator", f->plan->name, "site", s->plan->id, NULL);
	switch (s->plan->act) {
	case OPERATOR_HANGS_UP: fs_hang(f, c, "disconnectAll", now); break;
	case OPERATOR_MUTES: fs_mute(f, c, true, now, "operator"); break;
	case OPERATOR_MOVES: fs_move(f, c, "phong khac", now); break;
	case OPERATOR_NONE: break;
	}
}

/* Speech and reports of a member. */
static void
listen_to(struct fs *f, struct fs_chan *c, int64_t now)
{
	struct media md;
	leg_media(&c->leg, now, &md);
	/* conference_loop.c: a muted member is listened to with mute-detect only; it is told once,
	 * and nothing but an order to mute or a stretch of quiet after an unmute takes the flag
	 * back */
	bool loud =
		!c->hold && fs_score(c->leg.muted ? md.room_mdb : md.energy_mdb) > c->energy_level;
	bool talks = c->leg.muted ? c->mute_detect && (c->talking || loud) : loud;
	if (loud && talks)
		c->last_talk = now;
	if (talks != c->talking && c->leg.muted) {
		c->talking = talks;
		fs_tell(f, c->conf, c, "mute-detect", now, NULL);
	} else if (talks != c->talking) {
		c->talking = talks;
		fs_tell(f, c->conf, c, talks ? "start-talking" : "stop-talking", now, NULL);
		const struct fs_chan *holder = fs_member(f, c->conf, c->conf->floor);
		if (talks && (!holder || !holder->talking))
			take_floor(f, c->conf, c, now);
	}
	/* seen with 1.11.3: as it comes, it neither sends nor reads reports */
	if (!fs_var(c, "rtcp_audio_interval_msec"))
		return;
	if (md.is_counted ? md.counted.reports != c->reports : now - c->rtcp_at >= FS_RTCP_MS) {
		c->rtcp_at = now;
		c->reports = md.counted.reports;
		fs_tell_rtcp(f, c, now);
	}
}

/* recorded: killed, it says nothing; afterwards no conference and no channel is known */
static void
restart(struct fs *f, int64_t now)
{
	f->rebooted = true;
	lab_log(now, "reboot", f->plan->name, NULL);
	for (size_t i = 0; i < f->chans.n; i++) {
		leg_hang(&f->chans.at[i]->leg, now, "networkError");
		f->chans.at[i]->over = true;
		if (!f->chans.at[i]->cause)
			f->chans.at[i]->cause = "SYSTEM_SHUTDOWN";
	}
	for (int i = 0; i < f->confs_n; i++)
		f->confs[i].members = 0;
	f->started = f->first_leg + f->plan->reboot_at + FS_RESTART_MS;
	f->members = f->session_ids = f->peak = 0;
	f->sequence = 0;
	fs_uuid(f, f->core);
}

bool
fs_serves(const struct fs *f, int64_t now)
{
	fleet_lock();
	bool up = fs_api_up(f, now);
	fleet_unlock();
	return up;
}

/* Those over and waited for by nobody are forgotten. */
static void
sweep(struct fs *f)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->chans.n; i++) {
		struct fs_chan *c = f->chans.at[i];
		if (c->over && c->waiters == 0) {
			if (c->leg.site && c->leg.site->leg == &c->leg)
				c->leg.site->leg = NULL;
			fs_vars_free(c);
			free(c);
		} else {
			f->chans.at[kept++] = c;
		}
	}
	f->chans.n = kept;
}

void
fs_tick(struct fs *f, int64_t now)
{
	size_t n = f->chans.n;
	for (size_t i = 0; i < n; i++) {
		struct fs_chan *c = f->chans.at[i];
		if (c->over)
			continue;
		c->leg.mcu_first = f->first_leg;
		leg_advance(&c->leg, now);
		if (c->leg.phase != c->told) {
			c->told = c->leg.phase;
			if (c->leg.connected && !c->conf)
				answered(f, c);
			if (c->leg.phase == PHASE_DISCONNECTED)
				finish(f, c, fs_cause_of(c->leg.why), c->leg.ended);
		}
		if (!c->over && c->conf)
			listen_to(f, c, now);
		if (!c->over)
			operator_acts(f, c, now);
	}
	if (!f->rebooted && restarting(f, now))
		restart(f, now);
	sweep(f);
}

void
fs_forget(struct fs *f)
{
	for (size_t i = 0; i < f->chans.n; i++) {
		f->chans.at[i]->over = true;
		f->chans.at[i]->waiters = 0;
	}
	sweep(f);
	vec_free(&f->chans);
	vec_free(&f->sessions);
}
