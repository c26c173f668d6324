/* A small world for tests of run.c and judge.c: one MCU and its sites as pure functions of time,
 * answering orders after a fixed latency. It stands for devices, never for the code under test.
 * Every event is kept, so that a test can feed them again. */
#ifndef TD_TEST_WORLD_H
#define TD_TEST_WORLD_H

#include "adapters/wire/json.h"
#include "base/instant.h"
#include "base/str.h"
#include "judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE 60000LL
#define N(table) (sizeof table / sizeof table[0])
#define WORLD_START 1549756800000LL /* 2019-02-10T07:00:00+07:00 */

/* A whole rehearsal, with everything in it. */
static const char world_playbook[] =
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"
	"<verify at='PT4M' within='PT4M'/>\n"
	"<watch at='PT8M' redial='yes' until='allclear'/>\n"
	"<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n"
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n"
	"<close at='PT36M'/>\n"
	"<report at='PT38M'/>\n"
	"</playbook>\n";

struct behaviour {
	const char *id;
	enum {
		W_ON,
		W_OFF,
		W_UNANSWERED,
		W_BUSY,
		W_REJECTED,
		W_WRONG_ADDRESS,
		W_INCOMPATIBLE
	} kind;
	bool silent;
	int64_t on_at;                  /* off before (from the start) */
	/* from its first connection; 0 never */
	int64_t hangup_at, poweroff_at, on_again_at, network_down_at, network_back_at;
	int64_t frozen_at;
	bool one_way_audio_to, one_way_audio_from, one_way_video_from;
	int loss_permille;
	bool skips;                     /* what is due and does not come is counted as lost, also
					 * from a dead box */
	int answers_alone;              /* answers a message to all (its meter is read under mute),
					 * and not when it is called: seconds, 0 never */
	bool no_video, auto_answer_off, other_password;
	int jitter_ms, rtt_ms, level_shift;
	int64_t person_mutes_at;        /* unmutes it at the MCU, from its first connection */
	bool from_backwards;            /* its counters at the MCU run backwards */
	bool from_wraps;                /* they have 32 bits and wrap in the fourth minute */
	int sends_kbps;                 /* what its codec says it sends; 0: says nothing */
	bool person_hangs_up; int64_t person_at;
	bool dials_in; int64_t dials_in_at; /* from the start */
	bool noisy;
	int hears;                      /* answers a tone, and not an unmute: seconds after it, 0
					 * never */
	int64_t coughs_at;              /* says something under mute then, from the start; 0
					 * never */
	bool told_muted;                /* its device tells that it spoke since it was muted */
	bool echoes;                    /* its microphone picks up what its loudspeaker plays */
	bool talks;                     /* the MCU tells a voice flag and no level, and somebody
					 * always speaks */
	bool mcu_knows_not; /* how its legs ended; its codec keeps its calls, and says: */
	enum cause codec_says; /* CAUSE_N: what was */
	int64_t codec_off; /* ms that its call ended earlier by its own word */
	bool undated;	   /* it tells how long, and not when */
	const char *from_ip, *then_ip; /* its legs come from there, from the second one on from the
					* other; NULL: not told */
	int64_t mic_muted_to; /* its codec says that its microphone is muted until then, from the
			       * start */
	int uptime_step_s; /* its codec tells its uptime in such steps; 0 minutes, -1 not at all */
	int slow_ms;	   /* its codec answers so much later than an MCU */
	const char *renamed;  /* a person gave its leg this name at the MCU, at renamed_at */
	int64_t renamed_at;   /* from the start; 0 never */
	bool moved;	      /* lives at its second address */
};

struct world_site {
	const struct behaviour *b;
	enum leg_state state;
	int64_t since, first_up, unmuted_since, booted;
	bool elsewhere;				  /* dialled where it does not live */
	bool muted, incoming, exists, unmuted_in; /* unmuted_in: it comes in unmuted when it dials
						   * in */
	struct ending ending;
	int64_t person_ended, person_told; /* a person hung it up; the first list read afterwards */
	int64_t up_since, ended;	   /* of its last call */
	char ended_words[64];
	int dials;                      /* orders that reached the MCU */
	int legs_made;                  /* legs up at the same time, must stay 1 */
	int mcu;                        /* index of the MCU that has its leg */
	bool spoke_muted;
	int64_t sounded;                /* a tone was played to it then; 0 */
	int tones;
};

struct guest {                          /* somebody nobody invited, in the first MCU's conference,
					 * from the start */
	const char *id, *name, *address;
	int64_t from, to;
	enum cause cause;               /* listed once more with this when it is gone;
					 * CAUSE_UNKNOWN: it vanishes */
};

struct pending {
	int64_t at, waited;
	struct order order;
	bool done; /* obeyed, and its answer is on its way: */
	struct event answer;
	struct roster list;
};

struct world {
	struct run *thorough, *thorough_of; /* world_compare() */
	struct arena *arena;
	struct spec spec;
	struct world_site *sites;
	size_t n;
	bool endpoints;
	enum err mcu_open;              /* what start answers */
	const char *mcu_word;
	int64_t mcu_down_from, mcu_down_to; /* absolute */
	int64_t mcu_forgets_at;         /* absolute; a restart of the MCU: no conference, no legs */
	bool forgot;
	int64_t latency;
	int64_t before_ms, after_ms;	  /* an order takes up to so much longer until it is obeyed,
					   * and its answer until it is read */
	int64_t stall_ms, stall_every_ms; /* our machine stands still so long, so often; 0: never */
	uint64_t dice;
	int64_t keep_alive;             /* how long a dead leg stays listed; 0 = 90 s */
	VEC(struct pending) pending;
	VEC(struct event) events;       /* everything fed */
	VEC(struct order) orders;       /* everything ordered */
	struct run *run;
	int64_t now, seq;
	int logins;
	int busy_ends;                  /* so many orders to end the conference are answered
					 * "later" */
	bool cut_off;                   /* the MCU reaches no box; we reach the codecs */
	int lose_mutes;                 /* so many orders to mute do nothing */
	int against_person;             /* dials ordered after the list had told that a person hung
					 * up */
	int64_t skew;                   /* our clock was set by so much */
	int64_t asked_all_at;           /* a message went to everybody */
	int64_t blind_from, blind_to;   /* absolute: the list leaves everybody out */
	bool upward;                    /* somebody below dialled upward beside our leg, to the
					 * conference above */
	int two_legs;                   /* 1 + index of a site that is listed twice */
	int reason_late_s;              /* an answer to the question for the reason takes longer */
	enum cause reason;              /* and says this */
	int64_t list_reason_late;       /* the list says so much later why a leg ended than that it
					 * did: ms */
	size_t cascades;                /* the last sites are cascade legs, on the second MCU */
	const char *found;              /* a conference that runs already: its name */
	const struct guest *guests;
	size_t guests_n;
	enum err layout;                /* what an order for a layout is answered, also one to open
					 * with it */
	int64_t mcu_uptime_s;           /* told when it is asked; 0: not told */
	int lose_dial_answers;          /* so many answers to dials get lost on the way: a
					 * timeout */
	int tones_to_all;
	enum err message;               /* what an order to show a text answers */
	enum err message_alone;         /* the same, of a text to one site alone */
	enum err play;                  /* what an order to play answers */
	bool hides_call;		/* its codecs do not say whether they are in a call */
	struct told told;		/* what its codec posted: in its next answer */
	enum err unmute;		/* what an order to unmute the first site answers, and it
					 * does nothing */
	int64_t mcu_booted;  /* absolute; the first MCU counts its uptime from then; 0: no such */
	int64_t mcu_boot_ms; /* it counts from so long after its restart */
	int64_t line_down_from, line_down_to; /* absolute: from here nothing is reached at all */
	int64_t stale_from, stale_to; /* absolute: the first MCU shows its list as it was then */
	struct roster stale;
	int lose_every, lost; /* of so many answers one gets lost, and every second such order too;
			       * 0 none */
	void (*watch)(struct world *w, const struct order *done); /* sees every order that a device
								   * carried out, and with NULL
								   * every half second */
	void *watcher;
	int double_dials;               /* dials of a site that had a leg on another MCU */
};

static inline struct spec_site *
world_spec_sites(struct world *w, const struct behaviour *b, size_t n)
{
	struct spec_site *sites = arena_alloc(w->arena, n * sizeof *sites);

	for (size_t i = 0; i < n; i++) {
		sites[i] = (struct spec_site){ .id = b[i].id,
			.name = b[i].id,
			.tier = "commune",
			.parent = "",
			.district = "van-quan",
			.mcu = 0,
			.endpoint = w->endpoints,
			.history = w->endpoints && b[i].mcu_knows_not,
			.leg_name = b[i].id,
			.class = "",
			.people = -1,
			.chair = "",
			.contact = "",
			.contact_phone = "",
			.provider = "" };
		sites[i].address[0] = arena_printf(w->arena, "h323:127.20.0.%zu", i + 1);
		sites[i].address[1] = "";
	}
	return sites;
}

static inline void
world_new(struct world *w, const char *playbook_xml, const struct behaviour *b, size_t n,
	bool endpoints)
{
	struct faults faults = { 0 };

	memset(w, 0, sizeof *w);
	w->arena = arena_new();
	faults.arena = w->arena;
	w->endpoints = endpoints;
	w->latency = 300;
	w->n = n;
	w->sites = arena_alloc(w->arena, n * sizeof *w->sites);
	for (size_t i = 0; i < n; i++)
		w->sites[i].b = &b[i];
	struct playbook *p =
		playbook_parse(playbook_xml, strlen(playbook_xml), "test.xml", w->arena, &faults);

	if (!p) {
		struct buf text = { 0 };

		faults_print(&faults, &text);
		fprintf(stderr, "%s", buf_str(&text));
		buf_free(&text);
		abort();
	}
	struct spec_mcu *mcu = arena_alloc(w->arena, sizeof *mcu);

	*mcu = (struct spec_mcu){ .name = "huyen",
		.adapter = "cisco-mcu",
		.width = 4,
		.name_max = 31,
		.evidence = EVIDENCE_ONE_LEG | EVIDENCE_RX_COUNTERS | EVIDENCE_LEVEL |
			    EVIDENCE_END_REASON | EVIDENCE_RINGING };
	w->spec = (struct spec){ .id = "20190210-0700-tong-duyet-abcdef",
		.key = "k",
		.calendar = "c",
		.uid = "u",
		.recurrence_id = "-",
		.name = "tong-duyet",
		.title = "t",
		.summary = "s",
		.phase = p->phase,
		.anchor = WORLD_START,
		.planned_start = WORLD_START,
		.session_key = "",
		.conference = "TD test",
		.commit = "c0",
		.playbook_xml = playbook_xml,
		.profile_xml = "",
		.lang = "vi",
		.sites_n = n,
		.mcus = mcu,
		.mcus_n = 1,
		.playbook = p };
	w->spec.sites = world_spec_sites(w, b, n);
	profile_default(&w->spec.profile);
	w->run = run_new(&w->spec);
	w->now = WORLD_START;
}

/* The last `cascades` sites become cascade legs which a second MCU dials to the first; every third
 * site moves to it. */
static inline void
world_two_mcus(struct world *w, size_t cascades)
{
	struct spec_mcu *mcus = arena_alloc(w->arena, 2 * sizeof *mcus);
	struct spec_site *sites = w->spec.sites;

	mcus[0] = mcus[1] = w->spec.mcus[0];
	mcus[0].parent = mcus[1].name = "tinh";
	mcus[0].host = "10.1.1.2";
	mcus[1].parent = "";
	mcus[1].host = "10.1.1.1";
	w->spec.mcus = mcus;
	w->spec.mcus_n = 2;
	w->cascades = cascades;
	w->spec.sites_n = w->n - cascades;
	w->spec.cascades_n = cascades;
	for (size_t i = 0; i < w->n; i++) {
		bool leg = i >= w->spec.sites_n;

		sites[i].mcu = w->sites[i].mcu = leg || i % 3 == 2;
		sites[i].lower = leg;
		if (!leg)
			continue;
		sites[i].endpoint = false;
		sites[i].tier = "";
		sites[i].address[0] = "sip:{conference}@10.1.1.2";
	}
	run_free(w->run);
	w->run = run_new(&w->spec);
}

/* A second MCU "du-phong", beside the one or two there are, which can dial every site. */
static inline void
world_second_mcu(struct world *w)
{
	size_t n = w->spec.mcus_n;
	struct spec_mcu *mcus = arena_alloc(w->arena, (n + 1) * sizeof *mcus);

	memcpy(mcus, w->spec.mcus, n * sizeof *mcus);
	mcus[n] = mcus[0];
	mcus[n].name = "du-phong";
	mcus[n].parent = "";
	mcus[n].host = "10.1.1.9";
	w->spec.mcus = mcus;
	w->spec.mcus_n = n + 1;
	for (size_t i = 0; i < w->spec.sites_n; i++)
		w->spec.sites[i].mcu2 = (int)n + 1;
	run_free(w->run);
	w->run = run_new(&w->spec);
}

static inline bool
on_reserve(const struct world *w, const struct world_site *s)
{
	return str_eq(w->spec.mcus[s->mcu].name, "du-phong");
}

static inline void
world_free(struct world *w)
{
	run_free(w->run);
	run_free(w->thorough);
	vec_free(&w->pending);
	vec_free(&w->events);
	vec_free(&w->orders);
	arena_free(w->arena);
}

#include "world_devices.h"

#include "world_answers.h"

/* ---- the loop -------------------------------------------------------------------------------- */

/* Another run that asks every site at every event, as run_due.c spares it: the same orders, and not
 * woken later. */
static inline void
world_compare(struct world *w, const struct event *e, const struct orders *got)
{
	struct orders out = { 0 };

	run_step(w->thorough, e, &out);
	if (out.n != got->n || w->thorough->wake_at != w->run->wake_at)
		fprintf(stderr, "# event %d %s %s: %zu orders, wake %lld; thorough %zu, %lld\n",
			(int)e->kind, e->device, e->site, got->n, (long long)w->run->wake_at, out.n,
			(long long)w->thorough->wake_at);
	assert_int_equal(got->n, out.n);
	for (size_t i = 0; i < out.n; i++)
		assert_memory_equal(&got->at[i], &out.at[i], sizeof out.at[i]);
	assert_int_equal(w->run->wake_at, w->thorough->wake_at);
	free(out.at);
}

static inline int64_t
up_to(struct world *w, int64_t ms)
{
	w->dice = w->dice * 6364136223846793005ULL + 1442695040888963407ULL;
	return ms > 0 ? (int64_t)((w->dice >> 33) % (uint64_t)ms) : 0;
}

static inline void
world_feed(struct world *w, struct event *e)
{
	struct orders out = { 0 };

	e->at = w->now + w->skew;
	e->seq = ++w->seq;
	*vec_add(&w->events) = *e;
	if (w->thorough_of != w->run) {
		run_free(w->thorough);
		w->thorough = run_new(w->run->spec);
		w->thorough->thorough = true;
		w->thorough_of = w->run;
	}
	run_step(w->run, e, &out);
	world_compare(w, e, &out);
	for (size_t i = 0; i < out.n; i++) {
		*vec_add(&w->orders) = out.at[i];
		struct pending *p = vec_add(&w->pending);

		memset(p, 0, sizeof *p);
		p->waited = up_to(w, w->before_ms);
		p->at = w->now + w->latency + p->waited +
			(out.at[i].verb == VERB_REASON ? w->reason_late_s * 1000 : 0) +
			codec_slowness(w, &out.at[i]);
		p->order = out.at[i];
	}
	free(out.at);
}

static inline void
world_begin(struct world *w)
{
	struct event e = { .kind = EVENT_BEGIN };

	world_feed(w, &e);
}

/* The device does what it is told, and answers; later than we wait, its answer is none. */
static inline void
obey(struct world *w, struct pending *p)
{
	const struct order *o = &p->order;
	int64_t after = up_to(w, w->after_ms);

	p->done = true;
	enum err fault = way_fault(w, o);

	if (fault == OK || (fault == ERR_TIMEOUT && w->lost % 2))
		order_done(w, o);
	if (o->verb == VERB_ROSTER && fault == OK)
		p->list = shown_list(w, o);
	answer_order(w, o, fault, &p->answer);
	if (o->timeout_ms && p->waited + after > o->timeout_ms) {
		p->answer.code = ERR_TIMEOUT;
		p->answer.legs_n = p->answer.gone_n = 0;
		after = o->timeout_ms > p->waited ? o->timeout_ms - p->waited : 0;
	}
	p->at = w->now + after;
}

/* Advances in steps of half a second until the instant (from the start) or the run is finished. */
static inline void
world_until(struct world *w, int64_t until)
{
	for (; w->now < WORLD_START + until && !w->run->finished; w->now += 500) {
		bool stalled = w->stall_ms && (w->now - WORLD_START) % w->stall_every_ms >=
						      w->stall_every_ms - w->stall_ms;

		devices_step(w);
		for (size_t i = 0; i < w->pending.n;) {
			struct pending *next = &w->pending.at[i];

			if (next->at <= w->now && !next->done)
				obey(w, next);
			if (next->at > w->now || stalled) {
				i++;
				continue;
			}
			struct pending p = *next;

			memmove(next, next + 1, (w->pending.n - i - 1) * sizeof *next);
			w->pending.n--;
			if (p.order.verb == VERB_ROSTER && p.answer.code == OK)
				list_told_by(w, &p.order, &p.list, &p.answer);
			world_feed(w, &p.answer);
		}
		if (stalled)
			continue;
		if (w->run->wake_at <= w->now + w->skew) {
			struct event e = { .kind = EVENT_TICK };

			world_feed(w, &e);
		}
	}
}

static inline void
world_command(struct world *w, enum command c, const char *site, const char *by, const char *text,
	int64_t value)
{
	struct event e = { .kind = EVENT_COMMAND, .command = c, .value = value };

	str_copy(e.site, sizeof e.site, site);
	str_copy(e.by, sizeof e.by, by);
	str_copy(e.text, sizeof e.text, text);
	world_feed(w, &e);
}

static inline const struct verdict *
world_verdict(struct world *w, const struct judgement *j, const char *id)
{
	return &j->verdicts[site_index(w, id)];
}

#endif
