/* The simulated FreeSWITCH with mod_conference, mod_xml_rpc and the event socket.
 * All state is touched with fleet_lock() held; functions that wait say so and are called without
 * it. "recorded" in a comment: seen at a running FreeSWITCH 1.11.1; "described": known from its own
 * text. */
#ifndef TD_LAB_FREESWITCH_H
#define TD_LAB_FREESWITCH_H

#include "base/buf.h"
#include "fleet.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	FS_UUID = 37,
	FS_VARS = 24,
	FS_CONFS = 64,
	FS_SERVED = 16,			  /* recorded: so many HTTP connections at a time */
	FS_REQUESTS = 30,		  /* recorded: then a kept connection ends */
	FS_IDLE_MS = 5000,		  /* recorded: real */
	FS_MEDIA_TIMEOUT_MS = 300 * 1000, /* recorded: a dumb leg stays so long, scaled, unless the
					   * dial string says media_timeout */
	FS_DIAL_MS = 60 * 1000,		  /* described: a background dial rings so long */
	FS_RTCP_MS = 5000,		  /* recorded: reports come so often, scaled */
	FS_RESTART_MS = 30 * 1000,	  /* scaled */
	FS_QUEUE_MAX = 4 << 20,		  /* unread events of a session, bytes */
};

struct fs_pair {
	char *name, *value;
};

struct fs_headers { /* of an event or of a channel's dump, in order */
	struct fs_pair *at;
	size_t n, cap;
};

struct fs_conf {
	char name[96], uuid[FS_UUID], layout[48];
	int members; /* 0: it does not exist */
	int64_t created;
	bool locked, json_seen, floor_locked;
	int floor, video_floor; /* member ids; 0: nobody */
	int playing;
};

struct fs_chan { /* a channel; a member of its conference once it is answered */
	char uuid[FS_UUID], name[200], user[100], room[96], job[FS_UUID], conf_uuid[FS_UUID];
	char cid_name[96], cid_number[48];
	struct fs_pair vars[FS_VARS];
	int vars_n, session;
	struct leg leg;
	enum phase told;
	struct fs_conf *conf;
	int member; /* id; 0: none */
	bool background, conf_was_there, deaf, hold, talking, video_muted, join_muted, over;
	bool mute_detect; /* decoded while it is muted: `talking` stays until the next mute or
			   * unmute */
	int energy_level, volume_in, volume_out, waiters;
	int64_t created, joined, last_talk, rtcp_at, stats_at;
	int64_t muted_at, muted_ms; /* since then; before that, altogether */
	int64_t reports; /* of a leg with real RTP: told so far */
	bool stats_set;
	struct media stats;
	const char *cause; /* set when over, or SUCCESS */
};

struct fs_session;

struct fs {
	const struct lab_mcu *plan;
	const char *profile;
	int64_t started, first_leg;
	char core[FS_UUID];
	struct fs_conf confs[FS_CONFS];
	int confs_n; /* in order of birth */
	VEC(struct fs_chan *) chans;
	VEC(struct fs_session *) sessions;
	int members, session_ids, peak;
	uint64_t sequence, uuids;
	unsigned requests, resets;
	bool rebooted;
	/* the sockets; freeswitch_http.c, freeswitch_esl.c */
	int http_fd, esl_fd; /* -1: closed */
	pthread_t http_thread, esl_thread;
	atomic_bool listening;
	atomic_bool stopping;
	atomic_int serving, threads;
};

/* ---- freeswitch_text.c: pure forms ---- */

/* FreeSWITCH's own URL coding: colon, at sign, blank and the like; comma, slash and brackets stay.
 */
void fs_url_encode(struct buf *out, const char *s);
/* As xmlrpc-c writes a string: only & < > and CR. */
void fs_xml_text(struct buf *out, const char *s);
/* Mean opinion score of a quality in percent. */
double fs_mos(double quality);
/* What FreeSWITCH makes of an energy of the fleet: 0 to 20000, above 100 somebody talks. */
int fs_score(int energy_mdb);
/* Percent; 100 where nothing ever arrived. */
double fs_quality(const struct media *m, int medium, int64_t silent_ms);
struct fs_cause {
	const char *why, *name; /* the fleet's word; the cause */
	int q850, sip;		/* 0: no SIP answer was seen */
	const char *phrase;
};
const struct fs_cause *fs_cause_of(const char *why);	 /* never NULL */
const struct fs_cause *fs_cause_named(const char *name); /* never NULL */
void fs_put(struct fs_headers *h, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *fs_get(const struct fs_headers *h, const char *name); /* NULL */
void fs_headers_free(struct fs_headers *h);
void fs_write_plain(const struct fs_headers *h, struct buf *out);
void fs_write_json(const struct fs_headers *h, struct buf *out);
void fs_write_xml(const struct fs_headers *h, struct buf *out);
/* "{a=b,c='d e'}sofia/lab/sip:x@h": variables into c->vars, the rest is returned; NULL: malformed.
 */
const char *fs_dial_string(struct fs_chan *c, const char *text);
const char *fs_var(const struct fs_chan *c, const char *name); /* NULL */
void fs_vars_free(struct fs_chan *c);
void fs_set_var(struct fs_chan *c, const char *name, const char *value);
/* One line of `conference list`. */
void fs_list_line(const struct fs_chan *c, struct buf *out);
void fs_xml_member(const struct fs_chan *c, int64_t now, struct buf *out);
void fs_json_member(const struct fs_chan *c, int64_t now, struct buf *out);
/* Counters of one medium as {"in_raw_bytes":...}. */
void fs_json_media(
	const struct fs_chan *c, const struct media *m, int medium, int64_t now, struct buf *out);
/* The same as variables rtp_audio_*, rtp_video_*. */
void fs_put_media(struct fs_headers *h, const struct fs_chan *c);
/* Was a picture negotiated on it? */
bool fs_has_video(const struct fs_chan *c);

/* ---- freeswitch_state.c ---- */

void fs_uuid(struct fs *f, char out[FS_UUID]);
struct fs_conf *fs_conf(struct fs *f, const char *name); /* NULL: it does not exist now */
struct fs_chan *fs_chan(struct fs *f, const char *uuid); /* NULL */
struct fs_chan *fs_member(struct fs *f, const struct fs_conf *c, int id); /* NULL */
/* The member with the highest id below that one, so that lists go from the newest down; NULL. */
struct fs_chan *fs_below(struct fs *f, const struct fs_conf *c, int below);
/* Dials `text` for the room. Never NULL; `over` with a cause when nothing could be dialled at all.
 */
struct fs_chan *fs_dial(struct fs *f, const char *room, const char *text, const char *number,
	const char *name, bool background, int64_t now);
void fs_hang(struct fs *f, struct fs_chan *c, const char *why, int64_t now);
void fs_mute(struct fs *f, struct fs_chan *c, bool on, int64_t now, const char *by);
void fs_move(struct fs *f, struct fs_chan *c, const char *room, int64_t now);
bool fs_dial_in(struct fs *f, struct site *s, int64_t now);
void fs_tick(struct fs *f, int64_t now);
/* Neither restarting nor with its interface down? Under the fleet's lock. */
bool fs_api_up(const struct fs *f, int64_t now);
/* The same, and takes the fleet's lock. */
bool fs_serves(const struct fs *f, int64_t now);
void fs_forget(struct fs *f); /* at the end: all memory */

/* ---- freeswitch_events.c: who listens hears it ---- */

/* Everything uuid_dump shows. */
void fs_dump(struct fs *f, const struct fs_chan *c, int64_t now, struct fs_headers *h);
/* conference::maintenance; c may be NULL; then pairs of header and value, ended by NULL. */
void fs_tell(struct fs *f, const struct fs_conf *conf, const struct fs_chan *c, const char *action,
	int64_t now, ...) __attribute__((sentinel));
void fs_tell_hangup(struct fs *f, const struct fs_chan *c, int64_t now);
void fs_tell_rtcp(struct fs *f, struct fs_chan *c, int64_t now);
void fs_tell_job(struct fs *f, const char *job, const char *command, const char *args,
	const char *result, int64_t now);

/* ---- freeswitch_api.c, freeswitch_conference.c: commands ---- */

/* Runs one command; takes the lock itself and may wait for a call. */
void fs_api(struct fs *f, const char *command, const char *args, struct buf *out);
/* `conference ...`; a channel to wait for is left in *wait. Called with the lock. */
void fs_conference(
	struct fs *f, const char *args, int64_t now, struct buf *out, struct fs_chan **wait);
/* Takes the next word off *text, quoted ones whole; false: none. */
bool fs_word(const char **text, char *out, size_t size);

/* ---- freeswitch_http.c ---- */

void *fs_http_main(void *f);
void fs_nap(int ms);

/* ---- freeswitch_esl.c ---- */

struct fs_session {
	struct fs *owner;
	int fd;
	bool known, json, all, gone, bye;
	char wants[1024]; /* " NAME NAME " */
	struct buf in, out;
};

void *fs_esl_main(void *f);
/* Hands an event to the sessions that asked for it; body NULL: none. */
void fs_post(struct fs *f, const char *name, const char *subclass, struct fs_headers *h,
	const char *body);

/* ---- freeswitch.c: the lab's hooks ---- */

bool freeswitch_start(const struct scenario *s, int64_t now); /* all MCUs of this kind */
void freeswitch_tick(int64_t now);			      /* with the lock */
void freeswitch_follow(int64_t now);			      /* without it */
/* The site calls the MCU of this name, or the one whose address holds this host; with the lock. */
bool freeswitch_dial_in(struct site *s, const char *name, const char *address, int64_t now);
void freeswitch_stop(void);

#endif
