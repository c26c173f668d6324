/* What the simulated HTTPS codecs have in common apart from their sockets: logins, sessions, calls.
 * Called by roomos*.c, poly_rest.c and huawei.c under the fleet's lock. Owns nothing. Must never
 * log a password. */
#include "codec.h"

#include "log.h"
#include "polycom.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool
codec_cookie(const char *header, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);
	for (const char *p = header; *p;) {
		p += strspn(p, " ;");
		size_t len = strcspn(p, ";");
		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=') {
			snprintf(out, size, "%.*s", (int)(len - n - 1), p + n + 1);
			return true;
		}
		p += len;
	}
	if (size)
		out[0] = '\0';
	return false;
}

bool
codec_login(const struct codec_box *box, const char *user, const char *password, int64_t now)
{
	const struct lab_site *p = box->site->plan;
	/* the directory believes one password, the box has another */
	bool right = !p->password_wrong && str_eq(user, p->codec.user) &&
		     str_eq(password, p->codec.password);
	if (!right)
		lab_log(now, "login-refused", p->id, "user", user, NULL);
	return right;
}

/* Names that differ between boxes and from one to the next; nobody here guesses them. */
void
codec_session_rename(struct codec_box *box, struct codec_session *s)
{
	uint64_t h = 1469598103934665603ULL;
	uint64_t parts[2] = { (uint64_t)box->site->plan->ordinal, ++box->drawn };
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 8; k++)
			h = (h ^ (parts[i] >> (8 * k) & 0xff)) * 1099511628211ULL;
	snprintf(s->id, sizeof s->id, "%016" PRIx64 "%04x", h, box->drawn & 0xffff);
	snprintf(s->token, sizeof s->token, "%016" PRIx64, (uint64_t)(h * 1099511628211ULL));
}

struct codec_session *
codec_session_begin(struct codec_box *box, int64_t now, int64_t mono)
{
	int64_t boot = site_boot(box->site, now);
	for (int i = 0; i < CODEC_SESSIONS; i++) {
		struct codec_session *s = &box->sessions[i];
		if (s->id[0] && s->boot == boot)
			continue;
		*s = (struct codec_session){ .boot = boot, .last = mono };
		codec_session_rename(box, s);
		return s;
	}
	lab_log(now, "login-refused", box->site->plan->id, "why", "sessions", NULL);
	return NULL;
}

struct codec_session *
codec_session_find(struct codec_box *box, const char *id, int64_t now)
{
	int64_t boot = site_boot(box->site, now);
	for (int i = 0; id[0] && i < CODEC_SESSIONS; i++)
		if (box->sessions[i].boot == boot && str_eq(box->sessions[i].id, id))
			return &box->sessions[i];
	return NULL;
}

void
codec_session_end(struct codec_box *box, struct codec_session *s, int64_t now)
{
	lab_log(now, "logout", box->site->plan->id, NULL);
	*s = (struct codec_session){ 0 };
}

bool
codec_in_call(const struct site *s)
{
	return s->leg && s->leg->phase == PHASE_CONNECTED;
}

int64_t
codec_sent(const struct leg *l, const struct media *md, int medium, int64_t now)
{
	static const int per_s[2] = { 50, 100 };
	int64_t end = l->ended && l->ended < now ? l->ended : now;
	/* frozen: the box itself has stopped, so its own counter stands as well */
	int64_t ms = l->site->plan->frozen_at != LAB_NEVER ? md->live_ms : end - l->connected;
	if (medium && l->site->plan->no_picture)
		return 0;
	return l->connected && ms > 0 ? ms * per_s[medium] / 1000 : 0;
}

bool
codec_sends(const struct leg *l, int64_t now)
{
	struct media md, before;
	leg_media(l, now, &md);
	leg_media(l, now - 1000, &before);
	return l->phase == PHASE_CONNECTED &&
	       (l->site->plan->frozen_at == LAB_NEVER || md.live_ms > before.live_ms);
}

void
codec_set_mic(struct site *s, bool muted, int64_t now)
{
	s->mic_muted = muted;
	lab_log(now, muted ? "mic-mute" : "mic-unmute", s->plan->id, NULL);
}

void
codec_dial(struct site *s, const char *address, int64_t now)
{
	lab_log(now, "codec-dial", s->plan->id, "line", address, "why",
		s->leg ? "already in a call" : NULL, NULL);
	if (cli_dial && !s->leg)
		cli_dial(s, address, now);
}

void
codec_hang_up(struct site *s, int64_t now)
{
	lab_log(now, "codec-hangup", s->plan->id, NULL);
	if (s->leg)
		leg_hang(s->leg, now, "remoteTeardown");
}
