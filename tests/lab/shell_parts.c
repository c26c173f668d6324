/* What the simulated codecs that speak lines have in common apart from their sockets: which they
 * are, the login, what became of the call. Called by shell.c, polycom.c and the kinds, under the
 * fleet's lock. Owns nothing. Must never log a password. */
#include "shell.h"

#include "log.h"

#include "base/str.h"

#include <string.h>

const struct shell_kind *
shell_kind_of(const struct site *s)
{
	switch (s->plan->codec.kind) {
	case CODEC_LIFESIZE: return &lifesize_shell;
	case CODEC_MXP: return &mxp_shell;
	case CODEC_YEALINK: return &yealink_shell;
	case CODEC_SONY: return &sony_shell;
	case CODEC_POLY_CLI:
	case CODEC_ROOMOS:
	case CODEC_POLY_REST:
	case CODEC_HUAWEI:
	case CODEC_KINDS: break;
	}
	return NULL;
}

bool
shell_login(struct shell *s, const char *password, int64_t now)
{
	const struct lab_site *p = s->site->plan;
	/* the directory believes one password, the box has another */
	bool right = !p->password_wrong && str_eq(password, p->codec.password) &&
		     (!s->user[0] || str_eq(s->user, p->codec.user));
	lab_log(now, right ? "login" : "login-refused", p->id, "user", s->user, NULL);
	s->stage = right ? SHELL_IN : SHELL_USER;
	return right;
}

const char *
shell_after(const char *line, const char *head)
{
	return str_starts(line, head) ? line + strlen(head) : NULL;
}

bool
shell_setting_up(const struct site *s)
{
	return s->leg && (s->leg->phase == PHASE_PROCEEDING || s->leg->phase == PHASE_ALERTING);
}

bool
shell_call_changed(struct shell *s, enum phase *out_was)
{
	const struct leg *l = s->site->leg;
	enum phase now = l ? l->phase : PHASE_DISCONNECTED;
	*out_was = s->seen;
	if (now == s->seen)
		return false;
	s->seen = now;
	s->seen_call = l ? l->call_id : s->seen_call;
	return true;
}
