/* Reads an MCU's line of a scenario. Called by scenario.c only. Owns nothing: all on the reader's
 * arena. Must never open a socket or ask the time. */
#include "scenario.h"

#include "words.h"

#include "base/str.h"

static const char *const mcu_words[] = { "latency", "user", "password", "ports", "page",
	"drop-idle", "reset-sockets", "reboot", "keeps-dead", "uplink-down", "api-down", "name-max",
	"fault", "api", "clock-off", "password-refused", "width", "cut-off", "esl", "esl-password",
	"profile", "allowed-api", "audio-only", "parent", "tps", NULL };
static const char *const adapters[] = { "cisco-mcu", "freeswitch", "cisco-cms", "poly-rmx",
	"asterisk", "pexip", "huawei-smc3", "huawei-smc2", "bigbluebutton", NULL };

/* Words of a FreeSWITCH; false: not one of them. */
static bool
read_freeswitch(struct words *r, const char *w, struct lab_mcu *m)
{
	if (str_eq(w, "esl")) {
		const char *at = words_want(r, w);
		m->esl_port = 8021;
		if (at && !words_url(r->arena, arena_printf(r->arena, "esl://%s", at), "esl://",
				  &m->esl_host, &m->esl_port))
			WRONG(r, "\"%s\" is not an address such as 127.10.0.1:8021", at);
		else if (at && !str_starts(m->esl_host, "127."))
			WRONG(r, "the lab listens on 127.x.y.z only, not on \"%s\"", m->esl_host);
	} else if (str_eq(w, "esl-password"))
		m->esl_password = words_want(r, w);
	else if (str_eq(w, "profile"))
		m->profile = words_want(r, w);
	else if (str_eq(w, "allowed-api"))
		m->allowed = words_want(r, w);
	else if (str_eq(w, "audio-only"))
		m->audio_only = true;
	else
		return false;
	return true;
}

/* Words that stand alone. */
static bool
mcu_flag(const char *w, struct lab_mcu *m)
{
	if (str_eq(w, "drop-idle"))
		m->drop_idle = true;
	else if (str_eq(w, "reset-sockets"))
		m->reset_sockets = true;
	else if (str_eq(w, "password-refused"))
		m->password_refused = true;
	else if (str_eq(w, "cut-off"))
		m->cut_off = true;
	else
		return false;
	return true;
}

static bool
mcu_text(struct words *r, const char *w, struct lab_mcu *m)
{
	const char **field = str_eq(w, "user") ? &m->user
		: str_eq(w, "password") ? &m->password
		: str_eq(w, "api") ? &m->api
		: str_eq(w, "parent") ? &m->parent : NULL;
	if (!field)
		return false;
	*field = words_want(r, w);
	return true;
}

static bool
mcu_number(struct words *r, const char *w, struct lab_mcu *m)
{
	if (str_eq(w, "ports"))
		m->ports = words_want_int(r, w, 1, 10000);
	else if (str_eq(w, "page"))
		m->page = words_want_int(r, w, 1, 1000);
	else if (str_eq(w, "name-max"))
		m->name_max = words_want_int(r, w, 4, 255);
	else if (str_eq(w, "width"))
		m->width = words_want_int(r, w, 1, 64);
	else
		return false;
	return true;
}

static bool
mcu_time(struct words *r, const char *w, struct lab_mcu *m)
{
	if (str_eq(w, "latency"))
		m->latency_ms = (int)words_want_ms(r, w);
	else if (str_eq(w, "keeps-dead"))
		m->keep_ms = words_want_ms(r, w);
	else if (str_eq(w, "reboot"))
		m->reboot_at = words_want_ms(r, w);
	else if (str_eq(w, "clock-off"))
		m->clock_off = words_want_ms(r, w);
	else if (str_eq(w, "uplink-down"))
		words_span(r, &m->uplink_down, w, "back");
	else if (str_eq(w, "api-down"))
		words_span(r, &m->api_down, w, "back");
	else
		return false;
	return true;
}

/* tps MODE */
static void
read_tps(struct words *r, struct lab_mcu *m)
{
	static const char *const modes[] = { "standalone", "flexible", NULL };
	m->tps = words_want(r, "tps");
	m->width = 1; /* who is posted figures wants one session */
	if (m->tps && !str_eq(m->tps, modes[0]) && !str_eq(m->tps, modes[1]))
		WRONG(r, "\"%s\" is no mode of a TelePresence Server%s", m->tps,
			faults_hint(r->faults, m->tps, modes));
}

/* fault CODE every N */
static void
read_fault(struct words *r, struct lab_mcu *m)
{
	m->fault_code = words_want_int(r, "fault", 1, 9999);
	if (!words_peek(r) || !str_eq(words_peek(r), "every"))
		WRONG(r, "\"fault %d\" wants \"every N\" after it", m->fault_code);
	else
		r->i++, m->fault_every = words_want_int(r, "every", 2, 1000000);
}

/* What is known of its kind, and where it listens. */
static void
check_place(struct words *r, struct lab_mcu *m)
{
	bool known = false;
	for (int i = 0; adapters[i]; i++)
		known = known || str_eq(m->adapter, adapters[i]);
	if (!known)
		WRONG(r, "the lab has no MCU of the kind \"%s\"%s", m->adapter,
			faults_hint(r->faults, m->adapter, adapters));
	m->tls = str_starts(m->url, "https://");
	m->port = m->tls ? 443 : 80;
	if (!words_url(r->arena, m->url, m->tls ? "https://" : "http://", &m->host, &m->port))
		WRONG(r, "\"%s\" is not an address such as https://127.10.0.1:8443", m->url);
	else if (!str_starts(m->host, "127."))
		WRONG(r, "the lab listens on 127.x.y.z only, not on \"%s\"", m->host);
}

void
scenario_mcu(struct words *r)
{
	struct lab_mcu m = { .user = "dieuhanh",
		.password = "tongduyet",
		.api = "2.10",
		.ports = 120,
		.page = 20,
		.name_max = 31,
		.width = 4,
		.clock_off = 3 * 60 * 1000,
		.reboot_at = LAB_NEVER };
	m.name = words_want(r, "mcu");
	m.adapter = m.name ? words_want(r, "mcu NAME") : NULL;
	if (m.adapter && (str_eq(m.adapter, adapters[1]) || str_eq(m.adapter, "asterisk") ||
				 str_eq(m.adapter, "pexip") || str_starts(m.adapter, "huawei-smc")))
		m.width = 1; /* its session is one event stream; one table of legs */
	m.url = m.adapter ? words_want(r, "mcu NAME ADAPTER") : NULL;
	if (!m.url)
		return;
	check_place(r, &m);
	for (const char *w; (w = words_peek(r)); ) {
		r->i++;
		if (mcu_flag(w, &m) || mcu_text(r, w, &m) || mcu_number(r, w, &m) ||
			mcu_time(r, w, &m))
			continue;
		if (str_eq(m.adapter, adapters[1]) && read_freeswitch(r, w, &m))
			continue;
		if (str_eq(m.adapter, adapters[0]) && str_eq(w, "tps"))
			read_tps(r, &m);
		else if (str_eq(w, "fault"))
			read_fault(r, &m);
		else
			WRONG(r, "unknown word \"%s\" for an mcu%s", w,
				faults_hint(r->faults, w, mcu_words));
	}
	for (size_t i = 0; i < r->out->mcus.n; i++)
		if (str_eq(r->out->mcus.at[i].name, m.name))
			WRONG(r, "a second mcu named \"%s\"", m.name);
	*vec_add_in(r->arena, &r->out->mcus) = m;
}
