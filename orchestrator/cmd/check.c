/* `check`: everything that is wrong with the files of a workspace, in one pass, with file and
 * line. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/hash.h"
#include "house.h"
#include "sentence.h"

enum { DAYS_AHEAD = 60 };

static void
put_json(const struct house *h, struct buf *out)
{
	struct json_out w = { .out = out, .pretty = true };
	struct sign_key key;
	char text[SIGN_TEXT_SIZE];
	json_open(&w, NULL, '{');
	json_open(&w, "faults", '[');
	for (size_t i = 0; i < h->faults.n; i++) {
		json_open(&w, NULL, '{');
		json_put_text(&w, "file", h->faults.at[i].file);
		json_put_int(&w, "line", h->faults.at[i].line);
		json_put_text(&w, "text", h->faults.at[i].text);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_put_int(&w, "mcus", (int64_t)h->ws.mcus_n);
	json_put_int(&w, "sites", (int64_t)h->sites.n);
	json_put_int(&w, "playbooks", (int64_t)h->playbooks.n);
	json_put_bool(&w, "uncommitted_playbooks", h->dirty);
	if (workspace_key(&h->ws, &key, NULL) == OK)
		json_put_text(&w, "key", sign_text(key.open, text));
	json_close(&w, '}');
}

static void
put_text(const struct house *h, const char *lang, struct buf *out)
{
	sentence_faults(&h->faults, lang, out);
	text_printf(out, lang,
		T("MCUs %zu, sites %zu, playbooks %zu, calendars %zu; faults: %zu\n"), h->ws.mcus_n,
		h->sites.n, h->playbooks.n, h->ws.calendars_n, h->faults.n);
	struct sign_key key;
	char text[SIGN_TEXT_SIZE];
	if (workspace_key(&h->ws, &key, NULL) == OK)
		text_printf(out, lang, T("results for other offices are signed by %s\n"),
			sign_text(key.open, text));
	if (h->dirty)
		text_printf(out, lang,
			T("playbooks/ has changes that are not committed: runs do not follow "
			  "them (`tongduyet playbook commit -m MESSAGE`)\n"));
}

static int
run_check(const struct cmd_line *l)
{
	struct house *h;
	struct plan plan;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	cmd_zone(l);
	enum err code = house_read(l->workspace, clock_now(), &h, &e), key_code;
	struct err_text key_why = { 0 };
	struct sign_key key;
	int64_t now = clock_now();
	if (code == OK &&
		house_plan(h, now, now + (int64_t)DAYS_AHEAD * 24 * 3600 * 1000, &plan, &e) != OK)
		faults_add(&h->faults, "schedules", 0, "%s", e.text);
	if (code == OK && (key_code = workspace_key(&h->ws, &key, &key_why)) != OK &&
		key_code != ERR_GONE)
		faults_add(&h->faults, "exchange.key", 0, "%s", key_why.text);
	/* What people are writing just now is checked before it is committed. */
	if (code == OK && h->dirty &&
		cmd_playbooks_check(
			h->ws.playbooks_dir, "playbooks/", h, h->arena, &h->faults, &e) != OK)
		faults_add(&h->faults, "playbooks", 0, "%s", e.text);
	if (l->json)
		put_json(h, &b);
	else
		put_text(h, cmd_lang(l), &b);
	cmd_print(&b);
	buf_free(&b);
	int exit = code != OK ? CMD_COULD_NOT : h->faults.n ? CMD_FAULTS : CMD_DONE;
	if (code != OK)
		cmd_fail(ERR_SYSTEM, "%s", e.text);
	house_free(h);
	return exit;
}

const struct cmd cmd_check = { .name = "check", .usage = "check [--json]",
	.help = T("Reads all files of the workspace and tells every fault."), .run = run_check };
