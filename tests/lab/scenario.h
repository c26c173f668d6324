/* A lab scenario: which MCUs and sites exist and how each one behaves, as an operator wrote it.
 * Everything lives on the arena given to scenario_read(). Durations are milliseconds of scaled
 * time. */
#ifndef TD_LAB_SCENARIO_H
#define TD_LAB_SCENARIO_H

#include "base/arena.h"
#include "base/faults.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum { LAB_SPANS = 4, LAB_NEVER = -1 };

struct span { /* from a first connection; `to` INT64_MAX: for good */
	int64_t from, to;
};

struct spans {
	struct span at[LAB_SPANS];
	int n;
};

struct lab_mcu {
	const char *name, *adapter, *url, *host, *user, *password, *api;
	const char *parent; /* the MCU above, which dials this one; or NULL */
	bool tls;
	int port;
	/* freeswitch: its event socket (0: none), SIP profile, own password (NULL: the same), the
	 * commands it allows to its user (NULL: all), no picture */
	const char *esl_host, *esl_password, *profile, *allowed;
	int esl_port;
	bool audio_only;
	const char *tps; /* cisco-mcu: it is a TelePresence Server in this mode, standalone or
			    flexible; NULL: an MCU */
	bool cut_off; /* it reaches no site at all: its uplink is dead from the beginning */
	int latency_ms; /* real: deadlines of device I/O are real */
	int ports, page, name_max, width;
	int fault_code, fault_every; /* every n-th request is answered with this fault */
	bool drop_idle, reset_sockets, password_refused;
	int64_t clock_off;           /* the device's own clock minus ours */
	int64_t keep_ms;             /* it lists a dead leg so long; 0: as its kind does */
	int64_t reboot_at;           /* from the MCU's first connected leg, or LAB_NEVER */
	struct spans uplink_down;    /* the MCU cannot reach the sites; its interface still
				      * answers */
	struct spans api_down;       /* its interface is gone; calls go on */
};

enum answer { /* what comes of ringing this site */
	ANSWER_YES,
	ANSWER_OFF,
	ANSWER_NOBODY,
	ANSWER_BUSY,
	ANSWER_REJECTED,
	ANSWER_WRONG_ADDRESS,
	ANSWER_INCOMPATIBLE,
};

enum operator_act { OPERATOR_NONE, OPERATOR_HANGS_UP, OPERATOR_MUTES, OPERATOR_MOVES };

enum codec_kind {
	CODEC_POLY_CLI,
	CODEC_ROOMOS,
	CODEC_POLY_REST,
	CODEC_HUAWEI,
	CODEC_LIFESIZE,
	CODEC_MXP,
	CODEC_YEALINK,
	CODEC_SONY,
	CODEC_KINDS
};

struct lab_codec {
	bool exists;
	enum codec_kind kind;
	bool tls;     /* its control address is https:// */
	bool plain;   /* telnet:// or tcp:// */
	int ssh_port; /* roomos: tsh beside HTTPS, or alone; 0: none */
	const char *url, *host, *user, *password; /* as the directory believes */
	int port;
};

struct lab_site {
	const char *class; /* for sites.csv, or NULL */
	const char *mcu2; /* for sites.csv, or NULL */
	const char *id, *name, *mcu, *address, *ip, *tier, *parent, *district;
	int ordinal; /* from 1 */
	struct lab_codec codec;
	enum answer answer;
	int64_t on_at;     /* from the lab's start, or LAB_NEVER: on from the beginning */
	int64_t answer_ms; /* ringing before it answers */
	int64_t speaks_ms; /* after each unmute, or LAB_NEVER: silent */
	int64_t hears_ms;  /* so long after a sound that reached it somebody answers; LAB_NEVER:
			    * nobody listens */
	int64_t reads_ms;  /* so long after a text on its screen somebody answers; LAB_NEVER: nobody
			    * reads */
	int64_t speech_ms; /* how long somebody answers */
	int floor_mdb;     /* the room's own noise */
	bool blocked[2][2]; /* [audio, video][from site, to site]: does not arrive */
	int loss_permille;
	int64_t frozen_at; /* or LAB_NEVER */
	int64_t still_at;  /* its camera stands still from then on, the stream flows; or
			    * LAB_NEVER */
	int kbps;          /* of its picture */
	bool moved;        /* what the directory says first leads nowhere: its address is the second
			    * one */
	bool no_picture;   /* it has no camera and no screen: only sound is negotiated */
	bool mute_ignored; /* the MCU takes the order to mute it, and goes on letting it be heard */
	struct spans away;   /* hung up by a person in the room, does not answer until `to` */
	struct spans power;  /* cut, no goodbye */
	struct spans drop;   /* network away */
	int64_t dials_in_at, dials_in_every; /* from the lab's start; LAB_NEVER, 0 */
	bool muted_by_setting, password_wrong, auto_answer_off, black_hole, legacy_ssh;
	bool old_tc, teams_mode; /* roomos: no sessions; no call to be seen */
	bool feedback_full;	 /* roomos: others have all its slots */
	int64_t hostkey_changes_at;
	enum operator_act act;
	int64_t act_at;
};

struct scenario {
	const char *name;
	VEC(struct lab_mcu) mcus;
	VEC(struct lab_site) sites;
};

/* Reads text of a scenario; `file` names it in faults. False: at least one fault was added. */
bool scenario_parse(struct arena *a, const char *file, const char *text, struct scenario *out,
	struct faults *faults);
/* The same from a file; an unreadable file is a fault too. */
bool scenario_read(struct arena *a, const char *file, struct scenario *out, struct faults *faults);
/* Moves every 127.A.x.y to 127.(A+by).x.y, so that several labs run beside each other. */
void scenario_shift(struct scenario *s, struct arena *a, int by);
/* A site that does nothing remarkable. */
struct lab_site scenario_plain_site(void);
/* The adapter of sites.csv that fits a codec. */
const char *scenario_adapter(enum codec_kind kind);
/* "18m", "+90s", "50ms", "1h", with sign; false if it is not one. */
bool scenario_duration(const char *word, int64_t *out_ms);

#endif
