/* The workspace on disk: tongduyet.xml with its MCUs, calendars and networks, secrets.xml, learned
 * host key pins, and the paths of everything else. A bad element disables itself and is named; only
 * an unreadable tongduyet.xml, or one without any valid <mcu>, prevents the start. Everything lies
 * on the arena given; read-only after reading but for the pins. */
#ifndef TD_WORKSPACE_H
#define TD_WORKSPACE_H

#include "adapters/adapter.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/faults.h"
#include "schedules/sites.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are never NULL unless said: "" = not given. `disabled` = the element is faulty and must not
 * be used. */
struct workspace_mcu {
	const char *name, *adapter, *url;
	const char *user, *password;  /* of the secret it names, by default the one of its own name;
				       * NULL = none */
	const char *pin, *ca;         /* NULL = none; ca is an absolute path */
	int width;                    /* tasks at a time, 1 by default */
	int ports;                    /* 0 = not told */
	const char *parent;           /* name of the MCU above */
	bool foreign;                 /* owner="foreign": belongs to another tier, never steered by
				       * us */
	const char *cascade;          /* "sip:{conference}@10.1.1.10": what the parent dials */
	bool legacy;
	int line;
	bool disabled;
	const char *disabled_why;
};

struct workspace_calendar {
	const char *id, *url;
	const char *folder;           /* absolute, "" = none */
	const char *const *files;     /* absolute paths, NULL-terminated */
	const char *user, *password;  /* of the calendar server; NULL = none */
	const char *pin, *ca;         /* NULL = none */
	int64_t every_ms;             /* between fetches, default PT10M */
	const char *playbook;         /* of the rehearsal, default "tong-duyet" */
	const char *session_playbook; /* "" = no session runs */
	const char *const *rehearsals; /* further rehearsals of every session, names of playbooks,
				        * NULL-terminated */
	const char *sites;            /* selector, default "all" */
	int line;
	bool disabled;
	const char *disabled_why;
};

struct workspace_network {
	const char *name, *cidr;
	unsigned tiers;               /* bits 1 << enum tier; which tiers may come from here */
	int line;
	bool disabled;
	const char *disabled_why;
};

struct workspace_mail { /* url "" = no mail */
	const char *url, *from, *reply_to;
	const char *user, *password;  /* NULL = none */
	const char *pin, *ca;         /* NULL = none */
	const char *department, *upper; /* addresses, separated by blanks */
	int line;
	bool disabled;
	const char *disabled_why;
};

struct workspace_board { /* listen "" = no board */
	const char *listen;           /* "127.0.0.1:8090": loopback only, a proxy stands in front */
	const char *url;              /* as people see it */
	int line;
	bool disabled;
	const char *disabled_why;
};

struct workspace_listen { /* url "" = nothing listens */
	const char *url;              /* "http://10.1.1.2:8091": a numeric address of this machine
				       * and a port */
	const char *reach;            /* what devices are told to post to, without a slash at the
				       * end; by default the url */
	const char *cert, *key;       /* PEM files for https, absolute paths; NULL */
	char host[64];
	int port;
	bool tls;
	int line;
	bool disabled;
	const char *disabled_why;
};

struct workspace_sender {         /* an office whose signed results may be imported */
	const char *name, *key;       /* "ed25519//BASE64" */
	const char *mcu;              /* our name of its MCU, "" = no hop between it and ours */
	const char *as;               /* its name of ours, "" = the same */
	int line;
	bool disabled;
	const char *disabled_why;
};

struct workspace_secret {
	const char *name, *user, *password;
	int line;
};

struct workspace_pin {
	const char *name, *pin;       /* device name as in struct device */
};

struct workspace {
	struct arena *arena;          /* borrowed */
	const char *dir, *name, *zone, *lang; /* dir is absolute; zone Asia/Ho_Chi_Minh and lang vi
					       * by default */
	const char *organization, *place; /* for the head of letters; "" */
	struct workspace_mcu *mcus;
	size_t mcus_n, mcus_cap;
	struct workspace_calendar *calendars;
	size_t calendars_n, calendars_cap;
	struct workspace_network *networks;
	size_t networks_n, networks_cap;
	struct workspace_secret *secrets;
	size_t secrets_n, secrets_cap;
	struct workspace_sender *senders;
	size_t senders_n, senders_cap;
	const char **retired;         /* hosts of servers that sites are to leave, NULL-terminated;
				       * NULL: none */
	size_t retired_n;
	struct workspace_mail mail;
	struct workspace_board board;
	struct workspace_listen listen;
	const char *profile;          /* path inside the playbooks' repository ("profile.xml"), "" =
				       * defaults */
	struct workspace_pin *pins;   /* state/pins.csv */
	size_t pins_n, pins_cap;
	/* paths, absolute */
	const char *config_path, *sites_path, *secrets_path, *schedules_dir, *playbooks_dir,
		*state_dir, *reports_dir;
	const char *journal_path, *socket_path, *pins_path, *key_path, *imports_dir;
};

/* Fills dir and the paths only. Never fails. */
void workspace_paths(const char *dir, struct arena *a, struct workspace *out);
/* All faults in one pass. ERR_INPUT: cannot start (the faults say why). secrets.xml readable by
 * others is a fault, but it is used. What is disabled stays in the lists. */
enum err workspace_read(
	const char *dir, struct arena *a, struct faults *faults, struct workspace *out);

/* or NULL */
const struct workspace_mcu *workspace_mcu(const struct workspace *w, const char *name);
/* or NULL */
const struct workspace_calendar *workspace_calendar(const struct workspace *w, const char *id);
/* or NULL */
const struct workspace_secret *workspace_secret(const struct workspace *w, const char *name);
/* or NULL */
const struct workspace_sender *workspace_sender(const struct workspace *w, const char *key);
/* Names of all MCUs, NULL-terminated: for sites_read(). */
const char *const *workspace_mcu_names(const struct workspace *w, struct arena *a);

/* The device of an MCU. False: disabled, foreign or without an adapter: it has no lane. */
bool workspace_mcu_device(const struct workspace *w, const struct workspace_mcu *m, struct arena *a,
	struct device *out);
/* The numeric address this device may post from to our listener; false: nothing listens, the kind
 * of device posts nothing that is understood, or its url has no numeric address (posts are known by
 * where they come from). */
bool workspace_posts(
	const struct workspace *w, const char *adapter, const char *url, char out_host[64]);
/* The same of a site's endpoint. */
bool workspace_site_posts(
	const struct workspace *w, const char *adapter, const char *url, char out_host[64]);
/* The device "site:ID" of a site's endpoint. Credentials: the secret named like the site's id, else
 * "endpoints".
 * False: the site has no adapter, or its row is disabled. */
bool workspace_site_device(
	const struct workspace *w, const struct site *s, struct arena *a, struct device *out);

/* Pins of SSH hosts and of codecs over HTTPS, learned on first use. workspace_read() loads them,
 * silently; load says what is wrong. It replaces what is held (a missing file is none). Save sets
 * one and writes the file whole, durably; one caller at a time. ERR_INPUT: a name or pin that
 * cannot stand in the file. */
enum err workspace_pin_load(struct workspace *w, struct err_text *e);
enum err workspace_pin_save(
	struct workspace *w, const char *name, const char *pin, struct err_text *e);
/* As save, without it: the key met next is learned. ERR_GONE: none was learned. */
enum err workspace_pin_forget(struct workspace *w, const char *name, struct err_text *e);
const char *workspace_pin(const struct workspace *w, const char *name); /* or NULL */

struct sign_key;
/* exchange.key, with which results for other offices are signed. ERR_GONE: there is none;
 * ERR_INPUT: others may read it, or it holds no Ed25519 secret. */
enum err workspace_key(const struct workspace *w, struct sign_key *out, struct err_text *e);
/* A new one (0600). ERR_REFUSED: there is one. */
enum err workspace_key_new(const struct workspace *w, struct sign_key *out, struct err_text *e);
/* An imported document as it came, under its hash; it is there already: fine. */
enum err workspace_import_keep(const struct workspace *w, const char *sha256, const char *bytes,
	size_t n, struct err_text *e);
const char *workspace_import_path(const struct workspace *w, const char *sha256, struct arena *a);

/* Makes a workspace that can be started at once: tongduyet.xml with comments, sites.csv,
 * secrets.xml (0600), schedules/, playbooks/ (a git repository with the shipped ones), state/,
 * reports/. ERR_REFUSED: something of it is there already; nothing is overwritten. now: UTC ms, for
 * the first commit. */
enum err workspace_init(const char *dir, const char *name, int64_t now, struct err_text *e);

#endif
