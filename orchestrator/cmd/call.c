/* One request to the daemon and its answer.
 *
 * Called by every verb that speaks with the daemon. It must never wait without a deadline, nor open
 * the journal for writing: the daemon alone writes. */
#include "cmd/cmd.h"

#include "base/str.h"
#include "control.h"
#include "workspace.h"

#include <string.h>

int
cmd_connect(const struct cmd_line *l, struct control_call **out)
{
	struct workspace w;
	struct err_text e = { 0 };
	workspace_paths(l->workspace, l->arena, &w);
	enum err code = control_connect(w.socket_path, out, &e);
	if (code == OK)
		return CMD_DONE;
	if (code == ERR_UNREACHABLE)
		return cmd_fail(code, T("no daemon serves %s (`tongduyet serve` starts one): %s"),
			w.dir, e.text);
	return cmd_fail(code, "%s", e.text);
}

const char *
cmd_request_of(const struct cmd_line *l, const char *verb, const char *const *args, size_t n)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "verb", verb);
	json_put_text(&w, "lang", cmd_lang(l));
	json_open(&w, "args", '[');
	for (size_t i = 0; i < n; i++)
		json_put_text(&w, NULL, args[i]);
	json_close(&w, ']');
	for (size_t i = 0; i < l->options_n; i++)
		if (l->options[i].value)
			json_put_text(&w, l->options[i].name, l->options[i].value);
		else
			json_put_bool(&w, l->options[i].name, true);
	json_close(&w, '}');
	const char *text = arena_strdup(l->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

const char *
cmd_request(const struct cmd_line *l, const char *verb, size_t first)
{
	return cmd_request_of(l, verb, l->words + first, l->words_n - first);
}

int
cmd_ask(const struct cmd_line *l, const char *request, int ms, const struct json **out,
	const char **out_line)
{
	struct control_call *call;
	struct err_text e = { 0 };
	const char *line;
	int code = cmd_connect(l, &call);
	if (code != CMD_DONE)
		return code;
	enum err rc = control_send(call, request, &e);
	if (rc == OK)
		rc = control_receive(call, ms, &line, &e);
	if (rc == OK) {
		line = arena_strdup(l->arena, line);
		rc = json_parse(l->arena, line, strlen(line), out, &e);
	}
	control_hangup(call);
	if (rc != OK)
		return cmd_fail(rc, "%s", e.text);
	if (out_line)
		*out_line = line;
	enum err said = err_from_name(json_text(*out, "code") ? json_text(*out, "code") : "");
	return said == OK ? CMD_DONE
			  : cmd_fail(said, "%s",
				    json_text(*out, "text") ? json_text(*out, "text")
							    : err_name(said));
}

int
cmd_tell(const struct cmd_line *l, const char *request, int ms, bool as_json)
{
	const struct json *answer;
	const char *line;
	struct buf b = { 0 };
	int code = cmd_ask(l, request, ms, &answer, &line);
	if (code != CMD_DONE)
		return code;
	buf_printf(&b, "%s\n",
		as_json ? line
			: cmd_sentence(json_text(answer, "text") ? json_text(answer, "text") : ""));
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}
