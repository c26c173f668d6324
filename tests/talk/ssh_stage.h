/* The stage of a codec's shell over SSH. Its program defines before: `box` (the adapter), `codec`
 * (the device) and `far_end` (a struct peer of ssh_peer.h with its password and what its shell
 * does). */
#ifndef TD_TESTS_TALK_SSH_STAGE_H
#define TD_TESTS_TALK_SSH_STAGE_H

#include "tests/talk/ssh_peer.h"
#include "tests/talk/talk.h"

static inline void
begin(struct talk *k, const char *greeting, const struct peer_step *steps, size_t n)
{
	struct peer as = far_end;
	as.greeting = greeting;
	as.steps = steps;
	as.n = n;
	talk_begin(k, &codec, &as, 10000);
}

static inline void
open_it(struct talk *k)
{
	if (box->open(&k->task, &k->lane))
		fail_msg("open: %s", k->task.why);
}

static inline void
finish(struct talk *k)
{
	talk_end(k, box->close);
}

#define BEGIN(greeting, ...) \
	TALK(__VA_ARGS__); \
	begin(&k, greeting, steps, STEPS_N)

/* Logging in fails for good with this word, after so many passwords were tried; none is told. */
static inline void
is_not_let_in(struct talk *k, const char *word, int logins)
{
	k->peer.n = 0;
	assert_int_equal(box->open(&k->task, &k->lane), ERR_AUTH);
	assert_string_equal(k->task.word, word);
	assert_null(strstr(k->task.why, k->device.password));
	assert_string_equal(k->lane.learned_pin, "");
	finish(k);
	assert_int_equal(k->peer.logins, logins);
}

/* The password is another than the box's: one attempt. */
static inline void
has_a_wrong_password(struct talk *k)
{
	k->device.password = "wr0ng";
	is_not_let_in(k, "login-refused", 1);
}

/* The host's key is not the one that was pinned: no attempt at all. */
static inline void
has_another_key(struct talk *k)
{
	k->device.pin = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	is_not_let_in(k, "host-key-changed", 0);
}

#endif
