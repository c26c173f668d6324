/* A simulated management platform without its sockets: one hall, asked with whole requests at
 * instants of a test's own. The program includes the platform's .c first and says its kind and
 * adapter word in lab(). */
#ifndef TD_TESTS_UNIT_HALL_H
#define TD_TESTS_UNIT_HALL_H

#include "tests/lab/bridge.c"
#include "tests/lab/fleet.c"
#include "tests/lab/hall.c"
#include "tests/lab/log.c"
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/web_form.c"
#include "tests/lab/words.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define START 1550000000000LL

static struct arena *arena;
static struct scenario scenario;
static struct hall *box;
static struct web_reply reply;

static void
lab(const struct hall_kind *kind, const char *mcu, const char *who)
{
	struct faults faults = { .arena = arena };
	assert_true(scenario_parse(arena, "x.lab",
		arena_printf(arena, "mcu m %s https://127.10.0.1 %s\n%s", kind->adapter, mcu, who),
		&scenario, &faults));
	fleet_open(&scenario, arena, START);
	box = xalloc(sizeof *box);
	hall_open(box, kind, &scenario.mcus.at[0], START);
}

static int
setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	if (box)
		hall_free(box);
	box = NULL;
	buf_free(&reply.body);
	arena_free(arena);
	return 0;
}

/* One request at START + at; its query stands behind '?'. The status; what was said is in `reply`.
 */
static unsigned
ask_with(int64_t at, const char *method, const char *uri, const char *body, struct web_request rq)
{
	const char *mark = strchr(uri, '?');
	rq.method = method;
	rq.uri = arena_strdup(arena, uri);
	rq.path = mark ? arena_strndup(arena, uri, (size_t)(mark - uri)) : uri;
	web_form_parse(&rq.query, mark ? mark + 1 : "");
	buf_puts(&rq.body, body ? body : "");
	buf_free(&reply.body);
	reply = (struct web_reply){ .status = 200 };
	bridge_tick(&box->b, START + at);
	box->kind->answer(box, &rq, START + at, at, &reply);
	web_form_free(&rq.query);
	buf_free(&rq.body);
	return reply.status;
}

static bool
says(const char *text)
{
	return strstr(buf_str(&reply.body), text) != NULL;
}

/* The text between `from` and the next quotation mark or angle. */
static const char *
between(const char *from)
{
	const char *at = strstr(buf_str(&reply.body), from);
	assert_non_null(at);
	at += strlen(from);
	return arena_strndup(arena, at, strcspn(at, "\"<,}"));
}

#endif
