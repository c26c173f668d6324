/* The contract between the orchestrator and a kind of device.
 *
 * An operation is a straight line: ask, look at the answer, return. It runs on a worker thread with
 * a task (memory, real deadline, cancel) and the lane of its device (configuration, logged-in
 * session). It never frees, retries, decides, waits for something to happen in the room, reads
 * files, asks the time or remembers between lanes.
 * It fails in one line: return task_fail(t, ERR_REFUSED, "dial %s: %s", addr, cause);
 * A NULL operation is unsupported, shown as such, never guessed.
 * Units are converted in the adapter and nowhere else; every figure carries "known".
 * Text from a device is valid UTF-8 and bounded by the fields here. */
#ifndef TD_ADAPTER_H
#define TD_ADAPTER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/task.h"
#include "base/tri.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what an adapter is given ---------------------------------------------------------------- */

struct device { /* from tongduyet.xml and sites.csv; read-only */
	const char *name;      /* MCU name or "site:ID" */
	const char *adapter;
	const char *url;       /* https://host:port/, ssh://host:port, telnet://... */
	const char *user, *password;
	const char *pin;       /* TLS public key or SSH host key pin, or NULL */
	const char *ca_file;   /* or NULL */
	bool learn; /* no pin yet: the TLS key met first is kept, as an SSH host key is */
	bool legacy;
	int width;             /* tasks at a time, >= 1 */
	const char *push_url;  /* where it may post to our listener, a secret; NULL: nowhere */
	const struct sheet *sheet; /* manual: where answers by people come from; else NULL */
};

struct lane { /* the face of a device's lane that an adapter sees; one worker at a time */
	const struct device *device;
	struct arena *arena;   /* lives as long as the session: until close, error or idleness */
	void *session;         /* the adapter's own; NULL before open */
	char learned_pin[64];  /* set on first use of an unpinned SSH host or TLS box: the
				  orchestrator keeps it */
};

/* ---- nouns ----------------------------------------------------------------------------------- */

enum medium { AUDIO, VIDEO, MEDIA_N };
/* always seen from the site, whoever tells it */
enum direction { FROM_SITE, TO_SITE, DIRECTIONS_N };
/* Their words in the journal, in reports and in what offices exchange. */
const char *medium_name(enum medium m);	      /* "audio", "video" */
const char *direction_name(enum direction d); /* "from-site", "to-site" */
const char *direction_key(enum direction d);  /* as the key of an object: "from_site", "to_site" */
bool medium_from_name(const char *name, enum medium *out); /* false: no such word; so below */
bool direction_from_name(const char *name, enum direction *out);

struct stream {
	enum tri open;         /* was this medium negotiated in this direction: unknown if the
			        * device does not tell */
	struct figure packets, lost; /* counters since the leg began (received ones where the teller
				      * receives) */
	struct figure kbps, jitter_ms, width, height, fps, rtt_ms;
	struct figure level_mdb;     /* raw level, milli-dB, device's own range */
	struct figure far_received, far_lost; /* what the other end reports (RTCP) */
	struct figure loss_permille; /* where a device gives only a share */
	char codec[24];
};

struct media_sample {
	struct stream s[MEDIA_N][DIRECTIONS_N];
	enum tri speech;       /* the device's own voice flag of this leg */
};

enum leg_state { LEG_NEW, LEG_DIALING, LEG_RINGING, LEG_UP, LEG_GONE };

/* Classes of "why did it end or not come about", with the device's words beside them. */
enum cause {
	CAUSE_UNKNOWN,
	CAUSE_SITE_HANGUP, /* the far end said goodbye */
	CAUSE_OUR_HANGUP,  /* by an order through the MCU's interface or its own page: run tells
			    * ours from a person's */
	CAUSE_NO_ANSWER,   /* rang to the end. From one without EVIDENCE_RINGING this word is
			    * all that tells that it rang */
	CAUSE_BUSY,
	CAUSE_REJECTED,
	CAUSE_WRONG_ADDRESS, /* no such number or name */
	CAUSE_INCOMPATIBLE,
	CAUSE_UNREACHABLE, /* no sign of life from that address */
	CAUSE_NETWORK,	   /* went silent while up */
	CAUSE_MCU,	   /* the MCU's own shortage or fault */
	CAUSE_GATEKEEPER,  /* registrar or gatekeeper refused or is away */
	CAUSE_AUTH,	   /* the far device wants another password */
	CAUSE_N
};
const char *cause_name(enum cause c); /* "busy", "site-hangup" ... */
enum cause cause_from_name(const char *name);

struct ending {
	enum cause cause;
	char device_words[64];
};

/* A device's own word for an end and its class; NULL ends the table. */
struct cause_word {
	const char *word;
	enum cause cause;
};

struct conference {
	char id[80];   /* the device's handle for it */
	char name[80]; /* our name */
	bool created;  /* by this start(): only such is ended by us */
};

struct conference_spec {
	const char *name;
	bool muted;
	const char *layout; /* or NULL */
	int kbps;           /* 0 = device's own */
	int ports;          /* legs expected, 0 = unknown */
};

struct leg {
	char id[128];        /* the device's handle: stable from dial to the end */
	char name[80];       /* as the device shows it */
	char address[160];   /* what was dialled, or where it came from */
	char protocol[8];    /* "sip" "h323" */
	char remote_ip[48];  /* "" = the device does not tell */
	enum leg_state state;
	bool incoming;
	enum tri muted;      /* by the MCU: audio from the site is ignored */
	bool configured;     /* made by us through the interface: keeps its reason after the end */
	struct ending ending; /* when GONE, if the list tells */
	bool sampled;        /* media holds figures */
	struct media_sample media;
};

struct roster {
	struct leg *legs; /* on the task's arena */
	size_t n;
};

struct dial {
	const char *site_name; /* shown on the MCU, cut to the device's limit */
	const char *leg_name;  /* unique within the conference and stable for this site: device
			        * handles are made from it */
	const char *address;   /* "sip:..", "h323:..", "h323:e164@gk" */
	const char *attempt;   /* our idempotency word (run/site/attempt), given to the device where
			        * it can carry one */
	int kbps;
	bool muted;
	bool audio_only;
};

struct identity {
	char vendor[32], model[64], software[64], serial[64];
	char mac[18]; /* "02:00:00:01:00:0A" */
	struct figure uptime_s, ports;
	char alarms[160];
};

struct past_call { /* as the codec keeps it; its room is the site */
	char far_address[160];
	struct figure duration_s;  /* connected for so long */
	struct figure ended_ago_s; /* by its own clock, against its own now: right also where that
				      clock is wrong */
	struct ending ending; /* SITE_HANGUP: in the room; MCU: the other side ended it; NETWORK:
				 neither did */
};

enum { TOLD_ENDS_MOST = 4 };

/* What a codec posted by itself since it was asked last. Whether it is so, its answer says. */
struct told {
	int posts;
	enum tri in_call, mic_muted; /* as posted last */
	struct told_end {
		char call_id[16];      /* its own number of that call, or "" */
		struct past_call call; /* ended_ago_s: since the post came here */
	} ends[TOLD_ENDS_MOST];	       /* calls that ended, newest first */
	size_t ends_n;
};

struct endpoint_status { /* one codec, asked directly */
	enum tri in_call;
	char far_address[160];
	enum tri mic_muted;       /* by the room's own setting */
	enum tri auto_answer;
	enum tri auto_answer_muted;
	struct figure uptime_s;
	int uptime_step_s;        /* resolution of uptime: 60 when told in minutes */
	bool sampled;
	struct media_sample media; /* the codec's own figures: TO_SITE is what it receives */
	struct told told;
};

struct history {
	struct past_call *at; /* newest first, on the task's arena */
	size_t n;
};
enum { HISTORY_MOST = 5 };

/* ---- the two kinds --------------------------------------------------------------------------- */

enum grade { GRADE_DRAFT, GRADE_TESTED, GRADE_PROVEN }; /* talks only; lab; a real peer */
const char *grade_name(enum grade g);			/* "draft" "tested" "proven" */

enum evidence { /* what a family can tell at all; bits */
	EVIDENCE_RX_COUNTERS = 1 << 0,   /* packets received, growing */
	EVIDENCE_RX_RATE = 1 << 1,       /* measured receive rate */
	EVIDENCE_FAR_REPORTS = 1 << 2,   /* RTCP reports of the far end */
	EVIDENCE_SPEECH = 1 << 3,        /* voice flag */
	EVIDENCE_LEVEL = 1 << 4,         /* audio level */
	EVIDENCE_LEVEL_MUTED = 1 << 5,   /* level, or a flag "has spoken since it was muted", while
					  * the MCU mutes the leg */
	EVIDENCE_END_REASON = 1 << 6,
	EVIDENCE_REMOTE_IP = 1 << 7,
	EVIDENCE_ABSENT_IS_NONE = 1 << 8, /* a missing media section means no stream (else: not
					   * told) */
	EVIDENCE_UPTIME = 1 << 9,
	EVIDENCE_RINGING = 1 << 10,      /* alerting is reported */
	EVIDENCE_ONE_LEG = 1 << 11,      /* look() shows one leg without the whole list */
};

/* Of an adapter's own table: what some models do otherwise. */
struct model {
	const char *match; /* prefix of the reported model, NULL ends */
	unsigned quirks;   /* the adapter's own bits */
};

struct mcu_adapter {
	const char *name, *title;
	enum grade grade;
	const char *met; /* proven: the real peers, with version; else NULL */
	unsigned evidence;
	const struct cause_word *causes; /* the words it knows, or NULL: it has none, or numbers */
	int name_max;			 /* bytes of a leg or conference name, 0 = unlimited */
	enum err (*open)(struct task *, struct lane *);  /* log in */
	void (*close)(struct task *, struct lane *);
	enum err (*probe)(struct task *, struct lane *, struct identity *out);
	enum err (*find)(struct task *, struct lane *, const char *conference,
		struct conference *out); /* ERR_GONE: none */
	enum err (*start)(struct task *, struct lane *, const struct conference_spec *,
		struct conference *out);
	enum err (*dial)(struct task *, struct lane *, const struct conference *,
		const struct dial *, struct leg *out); /* returns at once */
	enum err (*roster)(struct task *, struct lane *, const struct conference *,
		struct roster *out); /* every leg, cheap */
	enum err (*look)(struct task *, struct lane *, const struct conference *,
		const struct leg *,
		struct
		leg *out); /* one leg as roster would show it; with EVIDENCE_ONE_LEG. ERR_GONE: not
			    * listed */
	enum err (*media)(struct task *, struct lane *, const struct conference *,
		const struct leg *, struct media_sample *out);
	enum err (*reason)(struct task *, struct lane *, const struct conference *,
		const struct leg *, struct ending *out);
	enum err (*hangup)(
		struct task *, struct lane *, const struct conference *, const struct leg *);
	enum err (*end)(struct task *, struct lane *, const struct conference *);
	enum err (*mute)(struct task *, struct lane *, const struct conference *,
		const struct leg *, bool on);
	enum err (*layout)(
		struct task *, struct lane *, const struct conference *, const char *value);
	/* Pure: could that word be a layout of this family? NULL: only the device knows. layouts:
	 * its words, for who wrote another one. */
	bool (*has_layout)(const char *value);
	const char *layouts;
	enum err (*focus)(struct task *, struct lane *, const struct conference *,
		const struct leg *); /* leg NULL: back to normal */
	enum err (*message)(struct task *, struct lane *, const struct conference *,
		const struct leg *, const char *text, int seconds); /* leg NULL: all */
	enum err (*play)(struct task *, struct lane *, const struct conference *,
		const struct leg *, int seconds); /* a tone that is heard there; leg NULL: by all */
	/* Posts of the device to our listener; both or neither. subscribe() asks it to post to the
	 * lane's device->push_url, which may be asked already; *out_again_s: when to ask again,
	 * before it forgets. pushed() takes one body that came, whole, into the lane's state,
	 * without a word to the device: what it told shows in the next roster() and reason(). An
	 * error: not understood, and nothing was taken. */
	enum err (*subscribe)(struct task *, struct lane *, int *out_again_s);
	enum err (*pushed)(struct task *, struct lane *, const char *bytes, size_t n);
	unsigned push_evidence;    /* what it can tell besides where it posts to us */
	const char *push_answer;   /* the body of our 200; NULL: empty */
};

struct endpoint_adapter {
	const char *name, *title;
	enum grade grade;
	const char *met; /* proven: the real peers, with version; else NULL */
	unsigned evidence;
	const struct cause_word *causes; /* as above */
	enum err (*open)(struct task *, struct lane *);
	void (*close)(struct task *, struct lane *);
	enum err (*probe)(struct task *, struct lane *, struct identity *out);
	enum err (*status)(struct task *, struct lane *, struct endpoint_status *out);
	enum err (*dial)(struct task *, struct lane *, const char *address, int kbps);
	enum err (*answer)(struct task *, struct lane *);
	enum err (*hangup)(struct task *, struct lane *);
	enum err (*mute)(struct task *, struct lane *, bool on);
	enum err (*message)(struct task *, struct lane *, const char *text, int seconds);
	enum err (*history)(struct task *, struct lane *,
		struct history *out); /* its last calls that are over, HISTORY_MOST of them */
	/* As of an MCU, before status() alone: what was posted goes into its answer, as told.
	 * ago_ms: so long ago the body came. */
	enum err (*subscribe)(struct task *, struct lane *, int *out_again_s);
	enum err (*pushed)(
		struct task *, struct lane *, const char *bytes, size_t n, int64_t ago_ms);
	unsigned push_evidence;
};

/* operations.c: what may be left NULL in the table of an MCU. */
enum operation {
	CAN_LOOK = 1 << 0,
	CAN_MEDIA = 1 << 1,
	CAN_REASON = 1 << 2,
	CAN_MUTE = 1 << 3,
	CAN_LAYOUT = 1 << 4,
	CAN_FOCUS = 1 << 5,
	CAN_MESSAGE = 1 << 6,
	CAN_PLAY = 1 << 7,
	CAN_DIAL = 1 << 8,
	CAN_HANGUP = 1 << 9,
};
extern const char *const operation_words[]; /* by bit, NULL-terminated: "look" "media" ... */
unsigned mcu_adapter_can(const struct mcu_adapter *m);

/* table.c: one line per adapter. NULL-terminated. */
extern const struct mcu_adapter *const mcu_adapters[];
extern const struct endpoint_adapter *const endpoint_adapters[];
const struct mcu_adapter *mcu_adapter_find(const char *name);           /* or NULL */
const struct endpoint_adapter *endpoint_adapter_find(const char *name); /* or NULL */

#endif
