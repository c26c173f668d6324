/* Login to a Polycom command line over telnet: the API port 24, and 23 of a Group. Called by poly_cli.c.
 *
 *   HDX                    Group
 *   < Password: _          < username: _
 *   > s3cret               > admin
 *   < (introduction)       < password: _
 *   < -> _                 > s3cret
 *                          < (introduction)
 *                          < -> _
 *
 * The questions have no line end. A port without a password shows its prompt at once. What a box says to a wrong
 * password is not documented; asking again is a no, and so is hanging up on it. Must never: say the password twice,
 * or to a question that is not one for it. */
#include "adapters/poly_cli.h"

#include "adapters/wire/lines.h"

enum { QUESTION_MS = 10000, QUESTIONS_MOST = 3 };

enum question { ASKS_USER, ASKS_LOGIN, ASKS_PASSWORD, READY };

static const char *const questions[] = { "username:", "login:", "password:", "->", NULL };

static enum err
refused(struct task *t, const struct device *d, const char *how)
{
	return task_fail_as(t, ERR_AUTH, "login-refused", "log in to %s: %s", d->name, how);
}

enum err
poly_telnet_login(struct task *t, struct lines *l, const struct device *d)
{
	bool user_said = false, password_said = false, first = t->code == OK;
	for (int i = 0; i <= QUESTIONS_MOST; i++) {
		int asked;
		enum err e = lines_prompt_of(t, l, questions, QUESTION_MS, &asked);
		if (e == ERR_GONE && password_said) {
			if (first)
				task_forgive(t);
			return refused(t, d, "the device hung up on the password");
		}
		if (e)
			return e;
		if (asked < 0)
			return task_fail(t, password_said ? ERR_TIMEOUT : ERR_PROTOCOL, "log in to %s: %s",
				d->name, password_said ? "no prompt behind the password" : "no question");
		if (asked == READY)
			return OK;
		if (password_said || (asked != ASKS_PASSWORD && user_said))
			return refused(t, d, "the device asks again");
		const char *answer = asked == ASKS_PASSWORD ? d->password : d->user;
		user_said |= asked != ASKS_PASSWORD;
		password_said |= asked == ASKS_PASSWORD;
		e = lines_send(t, l, answer ? answer : "", "\r\n");
		if (e)
			return e;
	}
	return task_fail(t, ERR_PROTOCOL, "log in to %s: questions without end", d->name);
}
