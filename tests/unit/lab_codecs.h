/* The simulated codecs on a stage without sockets: one site, called, looked at as time goes on.
 * Included by lab_codecs.c and lab_roomos.c. */
#ifndef TD_TESTS_LAB_CODECS_H
#define TD_TESTS_LAB_CODECS_H

#include "tests/lab/codec_parts.c"
#include "tests/lab/fleet.c"
#include "tests/lab/huawei.c"
#include "tests/lab/log.c"
#include "tests/lab/poly_rest.c"
#include "tests/lab/roomos_command.c"
#include "tests/lab/roomos_feedback.c"
#include "tests/lab/roomos_http.c"
#include "tests/lab/roomos_status.c"
#include "tests/lab/roomos_tsh.c"
#include "tests/lab/roomos_write.c"
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/words.c"

#include "tests/unit/lab_stage.h"

enum { S = 1000 };
#define MCU "mcu m cisco-mcu https://127.10.0.1:8443\n"

bool (*cli_dial)(struct site *s, const char *address, int64_t now);

static struct codec_box box;

static bool opened;

/* Slots are the box's own memory. */
static void
forget_slots(void)
{
	struct site *s;
	for (size_t i = 0; opened && (s = fleet_site(i)); i++)
		roomos_feedback_free(s);
	opened = false;
}

static int
close_lab(void **state)
{
	forget_slots();
	return teardown(state);
}

/* One site, called at START and connected 3 s later, looked at in ms after START. */
static void
lab(const char *site)
{
	forget_slots();
	lab_opens(arena_printf(arena, MCU "%s", site));
	opened = true;
	box = (struct codec_box){ .site = fleet_site(0) };
	leg_dial(&leg, box.site, START, false);
	box.site->call_name = "họp";
	box.site->call_host = "127.10.0.1";
}

static void
until(int64_t ms)
{
	leg_advance(&leg, START + ms);
}

static const char *
ask(codec_answer_fn *answer, struct codec_request rq, const char *body, int64_t ms, int64_t mono,
	struct codec_reply *out)
{
	until(ms);
	rq.method = rq.method ? rq.method : "POST";
	*out = (struct codec_reply){ .status = 200 };
	if (body)
		buf_puts(&rq.body, body);
	answer(&box, &rq, START + ms, mono, out);
	buf_free(&rq.body);
	buf_free(&told);
	told = out->body;
	return buf_str(&told);
}

static bool
has(const char *text, const char *part)
{
	if (!strstr(text, part))
		print_error("no %s in %s\n", part, text);
	return strstr(text, part) != NULL;
}

#endif
