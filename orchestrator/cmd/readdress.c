/* `sites --readdress OLD --with NEW`: the sites whose addresses name a server that is to be left,
 * and with --write their addresses in sites.csv at the new one.
 *
 * Called by `sites`. Only whole cells that are such an address change; every other byte of the file
 * stays. It must never write without being told to. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/vis.h"
#include "house.h"
#include "survey.h"
#include "workspace_files.h"

#include <string.h>

/* "h323:1001@gk-cu.example:1720" with its host exchanged. */
static const char *
moved(const char *address, const char *host, const char *with, struct arena *a)
{
	const char *at = strchr(address, '@');
	return arena_printf(
		a, "%.*s%s%s", (int)(at + 1 - address), address, with, at + 1 + strlen(host));
}

static bool
ends_cell(char c)
{
	return !c || strchr(",;\"\r\n", c);
}

/* How many cells are this text; each becomes `to`. */
static size_t
exchange_cells(struct buf *text, const char *from, const char *to)
{
	struct buf out = { 0 };
	const char *p = buf_str(text), *found;
	size_t n = 0, length = strlen(from);
	while ((found = strstr(p, from))) {
		bool whole = (found == buf_str(text) || ends_cell(found[-1])) &&
			     ends_cell(found[length]);
		buf_add(&out, p, (size_t)(found - p));
		buf_puts(&out, whole ? to : from);
		n += whole;
		p = found + length;
	}
	buf_puts(&out, p);
	buf_free(text);
	*text = out;
	return n;
}

static size_t
readdress(const struct cmd_line *l, const struct house *h, const char *old, const char *with,
	struct buf *csv, struct buf *shown)
{
	size_t n = 0;
	for (size_t i = 0; i < h->sites.n; i++) {
		const struct site *s = &h->sites.at[i];
		for (int k = 0; k < 2; k++) {
			const char *host = survey_server(s->address[k], l->arena);
			if (!*host || !str_eq_nocase(host, old))
				continue;
			const char *to = moved(s->address[k], host, with, l->arena);
			struct buf line = { 0 };
			n++;
			buf_printf(&line, "%-20s %s: %s -> %s", s->id, s->name, s->address[k], to);
			vis_terminal(shown, buf_str(&line));
			buf_putc(shown, '\n');
			buf_free(&line);
			exchange_cells(csv, s->address[k], to);
		}
	}
	return n;
}

int
cmd_readdress(const struct cmd_line *l)
{
	struct house *h;
	struct err_text e = { 0 };
	struct buf csv = { 0 }, shown = { 0 };
	const char *old = cmd_value(l, "readdress"), *with = cmd_value(l, "with"), *bytes = "";
	size_t n = 0, size = 0;
	int mode = 0;
	if (str_empty(with) || strpbrk(with, ",;\"@ \t\r\n") || strpbrk(old, ",;\"@ \t\r\n"))
		return cmd_fail(ERR_INPUT, T("--readdress OLD --with NEW: two hosts, as "
					     "gk-cu.example and gk-moi.example"));
	cmd_zone(l);
	enum err code = house_read(l->workspace, clock_now(), &h, &e);
	if (code == OK)
		code = workspace_file(h->ws.sites_path, l->arena, &bytes, &size, &mode, &e);
	if (code == OK) {
		buf_add(&csv, bytes, size);
		n = readdress(l, h, old, with, &csv, &shown);
	}
	if (code == OK && n && cmd_flag(l, "write"))
		code = workspace_replace(h->ws.sites_path, buf_str(&csv), csv.n, mode, &e);
	if (code == OK) {
		const char *lang = cmd_lang(l);
		text_printf(&shown, lang, T("addresses at %s: %zu%s\n"), old, n,
			!n		       ? ""
			: cmd_flag(l, "write") ? text_get(lang, T("; sites.csv was written"))
					       : text_get(lang, T("; --write changes sites.csv")));
		cmd_print(&shown);
	}
	buf_free(&csv);
	buf_free(&shown);
	house_free(h);
	return code == OK ? CMD_DONE : cmd_fail(code, "%s", e.text);
}
