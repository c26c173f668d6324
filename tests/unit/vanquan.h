/* The Văn Quan case as a run and its judgement, filled by hand: for the tests of what shows them.
 */
#ifndef TD_TESTS_VANQUAN_H
#define TD_TESTS_VANQUAN_H

#include "base/clock.h"
#include "base/instant.h"
#include "base/utf8.h"
#include "judge.h"

#include <string.h>

static const char *const vanquan_names[] = { "Chu Túc", "Xuân Mai", "Tri Lễ", "Văn An", "Tràng Cúc",
	"Bình Phúc", "Yên Phúc", "Văn Quan", "Điềm He", "Liên Hội", "Trấn Ninh", "Hòa Bình",
	"Tú Xuyên", "Lương Năng", "Hữu Lễ", "Tân Đoàn", "Tràng Phái", "Khánh Khê", "Vĩnh Lại",
	"Đại An", "Phú Mỹ", "Song Giang", "Việt Yên", "Đồng Giáp" };
enum { VANQUAN_N = sizeof vanquan_names / sizeof *vanquan_names };

struct vanquan {
	struct arena *arena;
	struct spec spec;
	struct playbook playbook;
	struct run run;
	struct judgement judgement;
};

static int64_t
vanquan_at(const char *clock)
{
	char text[40] = "2019-02-10T";
	strncat(text, clock, 10);
	strncat(text, "+07:00", 7);
	int64_t at = 0;
	return instant_parse(text, &at) ? at : 0;
}

static const char *
vanquan_id(struct arena *a, const char *name)
{
	char *id = utf8_plain(a, name);
	for (char *p = id; *p; p++)
		*p = *p == ' ' ? '-' : *p;
	return id;
}

static void
vanquan_list(struct vanquan *f, enum list l, const char *id)
{
	size_t n = f->judgement.lists[l].n;
	const char **ids = arena_alloc(f->arena, (n + 1) * sizeof *ids);
	if (n)
		memcpy(ids, f->judgement.lists[l].ids, n * sizeof *ids);
	ids[n] = id;
	f->judgement.lists[l].ids = ids;
	f->judgement.lists[l].n = n + 1;
}

static void
vanquan_present(
	struct vanquan *f, struct run_site *s, struct verdict *v, const char *to, enum ended_by by)
{
	struct attempt *t = vec_add_in(f->arena, &s->attempts);
	*t = (struct attempt){ .number = 1,
		.address = "h323:10.10.0.1",
		.at = vanquan_at("07:00:00"),
		.seq = 30,
		.result = ATTEMPT_UP };
	struct interval *i = vec_add_in(f->arena, &s->intervals);
	*i = (struct interval){ .from = vanquan_at("07:00:04"),
		.to = vanquan_at(to),
		.seen = vanquan_at(to) - 500,
		.ended_by = by,
		.begin_seq = 31,
		.end_seq = 90 };
	s->first_up = s->first_willing = i->from;
	s->phase = SITE_UP;
	s->leg_state = LEG_UP;
	s->muted = YES;
	v->alive = v->reached = YES;
	v->stayed = YES;
	v->reached_rows = (struct evidence_rows){ .seq = { 31 }, .n = 1 };
	v->late_s = figure_of(4);
	v->late_uncertainty_s = figure_of(0);
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			v->media[v->media_n++] = (struct media_fact){ .medium = m,
				.direction = d,
				.hop = "site-mcu",
				.value = YES,
				.grade = GRADE_GOOD,
				.seen_by = d == FROM_SITE ? "mcu" : "endpoint",
				.evidence = { .seq = { 41, 77 }, .n = 2 },
				.loss_permille = 2,
				.jitter_ms = 5,
				.kbps = 768,
				.width = m == VIDEO ? 1280 : -1,
				.height = m == VIDEO ? 720 : -1 };
	s->roll = (struct rollcall_mark){ .called = 1,
		.first_called = vanquan_at("07:10:00"),
		.answered_at = vanquan_at("07:10:03"),
		.answered = true,
		.sound = true,
		.seq = 80 };
	v->answered = v->heard = YES;
	v->answered_rows = (struct evidence_rows){ .seq = { 80 }, .n = 1 };
}

static void
vanquan_site(struct vanquan *f, int i)
{
	struct run_site *s = &f->run.sites[i];
	struct verdict *v = &f->judgement.verdicts[i];
	const char *id = f->spec.sites[i].id;
	v->site = s;
	v->headline = GOOD;
	v->sub_reason = "";
	for (int k = 0; k < 6; k++)
		v->checklist[k].value = "unknown";
	if (i >= 2)
		vanquan_present(f, s, v, "07:40:00", ENDED_US);
	if (i < 2) {
		v->headline = ABSENT;
		v->sub_reason = "no-sign-of-life";
		v->alive = v->reached = NO;
		v->alive_rows = (struct evidence_rows){ .seq = { 1033 }, .n = 1 };
		for (int k = 0; k < 3; k++) {
			struct attempt *t = vec_add_in(f->arena, &s->attempts);
			*t = (struct attempt){ .number = k + 1,
				.address = "h323:10.10.0.9",
				.at = vanquan_at("07:00:00") + k * 60000,
				.seq = 33 + k,
				.result = ATTEMPT_FAILED,
				.cause = CAUSE_UNREACHABLE,
				.words = "unreachable" };
		}
		s->phase = SITE_WAITING;
		vanquan_list(f, LIST_ABSENT, id);
	} else if (i < 5) {
		v->headline = UNATTENDED;
		v->sub_reason = "no-answer-to-call";
		v->answered = NO;
		v->heard = UNKNOWN;
		s->roll.answered = false;
		s->roll.answered_at = 0;
		s->roll.called = 2;
		vanquan_list(f, LIST_UNATTENDED, id);
	} else if (i < 7) {
		struct interval *last = &s->intervals.at[0];
		v->headline = LEFT_EARLY;
		v->stayed = NO;
		s->phase = SITE_LEFT;
		v->sub_reason = i == 5 ? "hang-up" : "switched-off";
		last->to = v->left_at = vanquan_at(i == 5 ? "07:18:05" : "07:20:30");
		last->seen = i == 5 ? last->to - 400 : vanquan_at("07:20:00");
		last->ended_by = i == 5 ? ENDED_SITE : ENDED_POWER;
		vanquan_list(f, LIST_LEFT_EARLY, id);
	}
}

static void
vanquan_steps(struct vanquan *f)
{
	static const struct {
		enum step_kind kind;
		int minute;
	} plan[] = { { STEP_OPEN, 0 }, { STEP_DIAL, 0 }, { STEP_VERIFY, 3 }, { STEP_ROLLCALL, 10 },
		{ STEP_ALLCLEAR, 30 }, { STEP_REPORT, 40 }, { STEP_CLOSE, 40 } };
	f->playbook.n = sizeof plan / sizeof *plan;
	f->playbook.steps = arena_alloc(f->arena, f->playbook.n * sizeof *f->playbook.steps);
	for (size_t i = 0; i < f->playbook.n; i++)
		f->playbook.steps[i] =
			(struct step){ .kind = plan[i].kind, .at_ms = plan[i].minute * 60000LL };
	f->playbook.name = "tong-duyet";
}

static void
vanquan_open(struct vanquan *f)
{
	*f = (struct vanquan){ .arena = arena_new() };
	struct err_text e = { 0 };
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	vanquan_steps(f);
	f->spec = (struct spec){ .id = "20190210-0700-tong-duyet-3fa2c1",
		.key = "3fa2c1",
		.calendar = "huyen",
		.uid = "thu-1@huyen.example",
		.recurrence_id = "-",
		.name = "tong-duyet",
		.title = "Tổng duyệt",
		.summary = "Kết nối thử tới 24 xã, thị trấn huyện Văn Quan",
		.phase = PHASE_REHEARSAL,
		.session_key = "",
		.conference = "td",
		.commit = "0a1b2c3d4e5f",
		.profile_xml = "",
		.lang = "vi",
		.playbook = &f->playbook,
		.sites_n = VANQUAN_N,
		.mcus_n = 1 };
	f->spec.anchor = f->spec.planned_start = vanquan_at("07:00:00");
	f->spec.sites = arena_alloc(f->arena, VANQUAN_N * sizeof *f->spec.sites);
	f->spec.mcus = arena_alloc(f->arena, sizeof *f->spec.mcus);
	f->spec.mcus[0] = (struct spec_mcu){ .name = "huyen", .adapter = "cisco-mcu" };
	f->run = (struct run){ .arena = f->arena,
		.spec = &f->spec,
		.begun = vanquan_at("07:00:00"),
		.ended = vanquan_at("07:40:00"),
		.allclear_at = vanquan_at("07:30:00"),
		.allclear_by = "rule",
		.finished = true,
		.step_next = 7 };
	f->run.sites = arena_alloc(f->arena, VANQUAN_N * sizeof *f->run.sites);
	f->run.mcus = arena_alloc(f->arena, sizeof *f->run.mcus);
	f->run.mcus[0] =
		(struct run_mcu){ .spec = &f->spec.mcus[0], .phase = MCU_READY, .roll_site = -1 };
	f->judgement.verdicts = arena_alloc(f->arena, VANQUAN_N * sizeof *f->judgement.verdicts);
	f->judgement.n = VANQUAN_N;
	for (int i = 0; i < VANQUAN_N; i++) {
		f->spec.sites[i] = (struct spec_site){ .id = vanquan_id(f->arena, vanquan_names[i]),
			.name = vanquan_names[i],
			.tier = "commune",
			.parent = "",
			.district = "Văn Quan",
			.class = "",
			.people = -1,
			.chair = "" };
		f->run.sites[i].spec = &f->spec.sites[i];
		f->run.sites[i].index = i;
		f->run.sites[i].people_actual = -1;
		vanquan_site(f, i);
		f->judgement.count[f->judgement.verdicts[i].headline]++;
	}
}

static void
vanquan_note(struct vanquan *f, const char *kind, const char *text)
{
	struct run_note *n = vec_add_in(f->arena, &f->run.notes);
	*n = (struct run_note){
		.kind = kind, .text = text, .at = vanquan_at("07:40:00"), .seq = 200
	};
}

static void
vanquan_close(struct vanquan *f)
{
	arena_free(f->arena);
}

#endif
