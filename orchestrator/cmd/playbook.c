/* `playbook`: list, show, check, log, diff, commit, revert, pull, push: the versions of the
 * playbooks.
 *
 * Works on the repository of the workspace directly: a run keeps the bytes it began with, so
 * nothing here can disturb one. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "house.h"
#include "playbooks/vault.h"
#include "sentence.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REMOTE_MS = 120000, LOG_MOST = 50, FILE_MOST = 1 << 20 };

struct pb {
	const struct cmd_line *l;
	struct workspace w;
	struct vault *v;
	struct buf out;
	struct err_text e;
	const char *word; /* behind the sub-verb, or NULL */
};

static const char *
author(const struct pb *p)
{
	struct passwd *who = getpwuid(getuid());
	const char *by = cmd_value(p->l, "by");
	return by ? by : who ? who->pw_name : "operator";
}

static enum err
list(struct pb *p)
{
	struct arena *a = p->l->arena;
	struct vault_entry *at;
	size_t n;
	const char *commit;
	enum err code = vault_resolve(p->v, "HEAD", a, &commit, &p->e);
	if (code == OK)
		code = vault_list(p->v, commit, a, &at, &n, &p->e);
	for (size_t i = 0; code == OK && i < n; i++) {
		struct faults faults = { .arena = a };
		const char *bytes;
		size_t size;
		if (!str_ends(at[i].path, ".xml") || str_eq(at[i].path, "profile.xml") ||
			vault_read(p->v, commit, at[i].path, a, &bytes, &size, &p->e) != OK)
			continue;
		const struct playbook *book = playbook_parse(bytes, size, at[i].path, a, &faults);
		buf_printf(&p->out, "%-24s %-10s ", at[i].path,
			book ? phase_name(book->phase) : "broken");
		vis_terminal(&p->out, book	 ? book->title
				      : faults.n ? cmd_sentence(faults.at[0].text)
						 : "");
		buf_putc(&p->out, '\n');
	}
	return code;
}

static enum err
show(struct pb *p)
{
	const char *commit, *bytes, *rev = cmd_value(p->l, "at"), *path = p->word;
	size_t n;
	if (!path)
		return err_set(&p->e, ERR_INPUT, T("playbook show NAME [--at COMMIT]"));
	if (!str_ends(path, ".xml"))
		path = arena_printf(p->l->arena, "%s.xml", path);
	enum err code = vault_resolve(p->v, rev ? rev : "HEAD", p->l->arena, &commit, &p->e);
	if (code == OK)
		code = vault_read(p->v, commit, path, p->l->arena, &bytes, &n, &p->e);
	if (code == OK)
		buf_add(&p->out, bytes, n);
	return code;
}

/* The same bytes as those committed, whose faults are told already. */
static bool
committed(const struct house *h, const char *path, const struct buf *bytes)
{
	if (str_eq(path, "profile.xml"))
		return str_eq(h->profile_xml, buf_str(bytes));
	for (size_t i = 0; i < h->playbooks.n; i++)
		if (str_eq(h->playbooks.at[i].path, path))
			return str_eq(h->playbooks.at[i].xml, buf_str(bytes));
	return false;
}

enum err
cmd_playbooks_check(const char *dir, const char *shown, const struct house *but, struct arena *a,
	struct faults *faults, struct err_text *e)
{
	struct buf bytes = { 0 };
	DIR *d = opendir(dir);
	if (!d)
		return err_set(e, ERR_SYSTEM, T("read %s: %s"), dir, strerror(errno));
	for (struct dirent *entry; (entry = readdir(d));) {
		struct profile profile;
		char chunk[8192];
		const char *file = arena_printf(a, "%s%s", shown, entry->d_name);
		if (!str_ends(entry->d_name, ".xml") || entry->d_name[0] == '.')
			continue;
		FILE *f = fopen(arena_printf(a, "%s/%s", dir, entry->d_name), "re");
		buf_clear(&bytes);
		for (size_t n;
			f && bytes.n < FILE_MOST && (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
			buf_add(&bytes, chunk, n);
		if (f)
			fclose(f);
		else
			faults_add(faults, file, 0, T("cannot be read: %s"), strerror(errno));
		if (!f || (but && committed(but, entry->d_name, &bytes)))
			continue;
		if (str_eq(entry->d_name, "profile.xml"))
			profile_parse(buf_str(&bytes), bytes.n, file, a, faults, &profile);
		else
			playbook_parse(buf_str(&bytes), bytes.n, file, a, faults);
	}
	closedir(d);
	buf_free(&bytes);
	return OK;
}

/* The work tree, as it would be committed. */
static enum err
check(struct pb *p)
{
	struct faults faults = { .arena = p->l->arena };
	enum err code =
		cmd_playbooks_check(p->w.playbooks_dir, "", NULL, p->l->arena, &faults, &p->e);
	if (code != OK)
		return code;
	sentence_faults(&faults, cmd_lang(p->l), &p->out);
	return faults.n ? err_set(&p->e, ERR_PROTOCOL, T("faults in the playbooks: %zu"), faults.n)
			: OK;
}

static enum err
show_log(struct pb *p)
{
	struct vault_commit *at;
	size_t n;
	enum err code = vault_log(p->v, p->word, LOG_MOST, p->l->arena, &at, &n, &p->e);
	for (size_t i = 0; code == OK && i < n; i++) {
		char when[INSTANT_SIZE];
		buf_printf(&p->out, "%.10s  %s  ", at[i].id,
			instant_local(at[i].at, "%Y-%m-%d %H:%M", when, sizeof when));
		vis_terminal(&p->out, at[i].author);
		buf_puts(&p->out, "  ");
		vis_terminal(&p->out, at[i].subject);
		buf_putc(&p->out, '\n');
	}
	return code;
}

static enum err
diff(struct pb *p)
{
	const char *text, *from = p->word ? p->word : "HEAD",
			  *to = p->l->words_n > 2 ? p->l->words[2] : NULL;
	enum err code = vault_diff(p->v, from, to, NULL, p->l->arena, &text, &p->e);
	if (code == OK)
		buf_puts(&p->out, text);
	return code;
}

static enum err
commit(struct pb *p)
{
	const char *id, *message = cmd_value(p->l, "m") ? cmd_value(p->l, "m") : p->word;
	if (!message)
		return err_set(&p->e, ERR_INPUT,
			T("playbook commit -m MESSAGE: what was changed and why"));
	enum err code = check(p);
	if (code != OK)
		return err_set(&p->e, ERR_REFUSED, T("not committed"));
	code = vault_commit_all(p->v, author(p), message, clock_now(), p->l->arena, &id, &p->e);
	if (code == OK)
		buf_printf(&p->out, "%.10s\n", id);
	return code;
}

static enum err
revert(struct pb *p)
{
	const char *id;
	if (!p->word)
		return err_set(&p->e, ERR_INPUT, T("playbook revert COMMIT"));
	enum err code =
		vault_revert(p->v, p->word, author(p), clock_now(), p->l->arena, &id, &p->e);
	if (code == OK)
		buf_printf(&p->out, "%.10s\n", id);
	return code;
}

static enum err
remote(struct pb *p, bool push)
{
	const char *text = "", *to = p->word ? p->word : "origin";
	enum err code =
		push ? vault_push(p->w.playbooks_dir, to, REMOTE_MS, p->l->arena, &text, &p->e)
		     : vault_pull(p->w.playbooks_dir, to, REMOTE_MS, p->l->arena, &text, &p->e);
	if (code == OK)
		buf_printf(&p->out, "%s\n", text);
	return code;
}

static enum err
pull(struct pb *p)
{
	return remote(p, false);
}

static enum err
push(struct pb *p)
{
	return remote(p, true);
}

static const struct {
	const char *name;
	enum err (*run)(struct pb *);
} subs[] = { { "list", list }, { "show", show }, { "check", check }, { "log", show_log },
	{ "diff", diff }, { "commit", commit }, { "revert", revert }, { "pull", pull },
	{ "push", push } };

static int
run_playbook(const struct cmd_line *l)
{
	struct pb p = { .l = l, .word = l->words_n > 1 ? l->words[1] : NULL };
	enum err (*run)(struct pb *) = NULL;
	for (size_t i = 0; i < sizeof subs / sizeof subs[0]; i++)
		if (str_eq(subs[i].name, l->words[0]))
			run = subs[i].run;
	if (!run)
		return cmd_fail(ERR_INPUT,
			T("playbook %s: list show check log diff commit revert pull push"),
			l->words[0]);
	cmd_zone(l);
	workspace_paths(l->workspace, l->arena, &p.w);
	enum err code = vault_open(p.w.playbooks_dir, &p.v, &p.e);
	if (code == OK)
		code = run(&p);
	cmd_print(&p.out);
	buf_free(&p.out);
	if (p.v)
		vault_close(p.v);
	if (code == ERR_PROTOCOL && run == check) {
		cmd_fail(code, "%s", p.e.text);
		return CMD_FAULTS;
	}
	return code == OK ? CMD_DONE : cmd_fail(code, "%s", p.e.text);
}

const struct cmd cmd_playbook = { .name = "playbook",
	.usage = "playbook list | show NAME [--at COMMIT] | check | log [PATH] | diff [FROM [TO]] "
		 "| commit -m MESSAGE [--by NAME] | "
		 "revert COMMIT | pull [REMOTE] | push [REMOTE]",
	.help = T("Shows, checks and versions the playbooks."),
	.values = "at by m",
	.min = 1,
	.max = 3,
	.run = run_playbook };
