/* Paths of the workspace, its small files, what others ask of it: look-ups, devices for lanes,
 * learned host keys.
 *
 * Called by workspace.c, the coordinator (devices, pins) and the command line. pins.csv is replaced
 * whole and durably: a learned key that is lost would be learned again from whoever answers then.
 */
#include "workspace_files.h"
#include "workspace.h"

#include "base/buf.h"
#include "base/net.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 32 << 20 };

void
workspace_paths(const char *dir, struct arena *a, struct workspace *out)
{
	char real[PATH_MAX];
	const char *d = arena_strdup(a, realpath(dir, real) ? real : dir);
	*out = (struct workspace){ .arena = a,
		.dir = d,
		.name = "",
		.zone = "Asia/Ho_Chi_Minh",
		.lang = "vi",
		.organization = "",
		.place = "",
		.profile = "",
		.mail = { .url = "",
			.from = "",
			.reply_to = "",
			.department = "",
			.upper = "",
			.disabled_why = "" },
		.board = { .listen = "", .url = "", .disabled_why = "" },
		.listen = { .url = "", .reach = "", .disabled_why = "" },
		.config_path = arena_printf(a, "%s/tongduyet.xml", d),
		.sites_path = arena_printf(a, "%s/sites.csv", d),
		.secrets_path = arena_printf(a, "%s/secrets.xml", d),
		.schedules_dir = arena_printf(a, "%s/schedules", d),
		.playbooks_dir = arena_printf(a, "%s/playbooks", d),
		.state_dir = arena_printf(a, "%s/state", d),
		.reports_dir = arena_printf(a, "%s/reports", d),
		.journal_path = arena_printf(a, "%s/state/journal.db", d),
		.socket_path = arena_printf(a, "%s/state/socket", d),
		.pins_path = arena_printf(a, "%s/state/pins.csv", d),
		.key_path = arena_printf(a, "%s/exchange.key", d),
		.imports_dir = arena_printf(a, "%s/state/imports", d) };
}

/* ---- whole files ---- */

enum err
workspace_file(const char *path, struct arena *a, const char **out, size_t *out_n, int *out_mode,
	struct err_text *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_GONE : ERR_SYSTEM, T("read %s: %s"), path,
			strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MOST) {
		close(fd);
		return err_set(e, ERR_INPUT, T("read %s: not a file of at most 32 MiB"), path);
	}
	char *bytes = arena_alloc(a, (size_t)st.st_size + 1);
	size_t n = 0;
	ssize_t got = 0;
	while (n < (size_t)st.st_size && (got = read(fd, bytes + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)got;
	int why = errno;
	close(fd);
	if (got < 0)
		return err_set(e, ERR_SYSTEM, T("read %s: %s"), path, strerror(why));
	*out = bytes;
	*out_n = n;
	*out_mode = (int)(st.st_mode & 07777);
	return OK;
}

static enum err
write_all(const char *path, int flags, const char *bytes, size_t n, int mode, struct err_text *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, mode);
	if (fd < 0 && errno == EEXIST)
		return err_set(
			e, ERR_REFUSED, T("%s exists already, nothing is overwritten"), path);
	if (fd < 0)
		return err_set(e, ERR_SYSTEM, T("write %s: %s"), path, strerror(errno));
	size_t done = 0;
	bool good = fchmod(fd, (mode_t)mode) == 0;
	while (good && done < n) {
		ssize_t w = write(fd, bytes + done, n - done);
		good = w > 0 || (w < 0 && errno == EINTR);
		done += w > 0 ? (size_t)w : 0;
	}
	good = good && fsync(fd) == 0;
	int why = errno;
	close(fd);
	return good ? OK : err_set(e, ERR_SYSTEM, T("write %s: %s"), path, strerror(why));
}

static void
sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	if (!slash || !str_copy(folder, sizeof folder, path))
		return;
	folder[slash - path] = 0;
	int fd = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

enum err
workspace_replace(const char *path, const char *bytes, size_t n, int mode, struct err_text *e)
{
	char beside[PATH_MAX];
	int length = snprintf(beside, sizeof beside, "%s.new", path);
	if (length < 0 || (size_t)length >= sizeof beside)
		return err_set(e, ERR_INPUT, T("write %s: path too long"), path);
	enum err code = write_all(beside, O_TRUNC, bytes, n, mode, e);
	if (code)
		return code;
	if (rename(beside, path) != 0)
		return err_set(e, ERR_SYSTEM, T("write %s: %s"), path, strerror(errno));
	sync_folder(path);
	return OK;
}

enum err
workspace_create(const char *path, const char *bytes, size_t n, int mode, struct err_text *e)
{
	enum err code = write_all(path, O_EXCL, bytes, n, mode, e);
	if (!code)
		sync_folder(path);
	return code;
}

/* ---- look-ups ---- */

const struct workspace_mcu *
workspace_mcu(const struct workspace *w, const char *name)
{
	for (size_t i = 0; i < w->mcus_n; i++) {
		if (str_eq(w->mcus[i].name, name))
			return &w->mcus[i];
	}
	return NULL;
}

const struct workspace_calendar *
workspace_calendar(const struct workspace *w, const char *id)
{
	for (size_t i = 0; i < w->calendars_n; i++) {
		if (str_eq(w->calendars[i].id, id))
			return &w->calendars[i];
	}
	return NULL;
}

const struct workspace_secret *
workspace_secret(const struct workspace *w, const char *name)
{
	for (size_t i = 0; i < w->secrets_n; i++) {
		if (str_eq(w->secrets[i].name, name))
			return &w->secrets[i];
	}
	return NULL;
}

const char *const *
workspace_mcu_names(const struct workspace *w, struct arena *a)
{
	const char **names = arena_alloc(a, (w->mcus_n + 1) * sizeof *names);
	for (size_t i = 0; i < w->mcus_n; i++)
		names[i] = w->mcus[i].name;
	return names;
}

/* ---- devices ---- */

bool
workspace_mcu_device(const struct workspace *w, const struct workspace_mcu *m, struct arena *a,
	struct device *out)
{
	if (m->disabled || m->foreign || !*m->adapter)
		return false;
	*out = (struct device){ .name = m->name,
		.adapter = m->adapter,
		.url = m->url,
		.user = m->user,
		.password = m->password,
		.pin = m->pin ? m->pin : arena_strdup(a, workspace_pin(w, m->name)),
		.ca_file = m->ca,
		.legacy = m->legacy,
		.width = m->width };
	return true;
}

/* The row's own, else the one learned; NULL: none yet, or a CA vouches. A key learned over another
 * kind of connection is none. */
static const char *
pin_of(const struct workspace *w, const struct site *s, const char *name, struct arena *a)
{
	const char *learned = workspace_pin(w, name);
	if (!str_empty(s->pin))
		return str_eq(s->pin, "ca") ? NULL : s->pin;
	if (!learned || str_starts(s->control, "https:") != str_starts(learned, "sha256//"))
		return NULL;
	return arena_strdup(a, learned);
}

bool
workspace_site_device(
	const struct workspace *w, const struct site *s, struct arena *a, struct device *out)
{
	if (s->disabled || str_empty(s->adapter))
		return false;
	const struct workspace_secret *secret = workspace_secret(w, s->id);
	if (!secret)
		secret = workspace_secret(w, "endpoints");
	const char *name = arena_printf(a, "site:%s", s->id);
	*out = (struct device){ .name = name,
		.adapter = s->adapter,
		.url = s->control,
		.user = secret ? secret->user : NULL,
		.password = secret ? secret->password : NULL,
		.pin = pin_of(w, s, name, a),
		.learn = str_empty(s->pin),
		.legacy = s->legacy,
		.width = 1 };
	return true;
}

/* ---- learned keys ---- */

static const char pins_head[] = "device,pin\n";

static struct workspace_pin *
find_pin(const struct workspace *w, const char *name)
{
	for (size_t i = 0; i < w->pins_n; i++) {
		if (str_eq(w->pins[i].name, name))
			return &w->pins[i];
	}
	return NULL;
}

static void
set_pin(struct workspace *w, const char *name, const char *pin)
{
	struct workspace_pin *p = find_pin(w, name);
	if (!p) {
		w->pins = vec_grow(w->arena, w->pins, w->pins_n, &w->pins_cap, sizeof *w->pins);
		p = &w->pins[w->pins_n++];
		p->name = arena_strdup(w->arena, name);
	}
	p->pin = arena_strdup(w->arena, pin);
}

static bool
plain_cell(const char *s)
{
	for (const char *p = s; *p; p++) {
		if ((unsigned char)*p < 32 || *p == ',' || *p == '"' || *p == 127)
			return false;
	}
	return *s && strlen(s) < 300 && utf8_valid(s, strlen(s));
}

const char *
workspace_pin(const struct workspace *w, const char *name)
{
	const struct workspace_pin *p = find_pin(w, name);
	return p ? p->pin : NULL;
}

enum err
workspace_pin_load(struct workspace *w, struct err_text *e)
{
	const char *bytes;
	size_t n;
	int mode;
	struct err_text why = { .code = OK };
	w->pins_n = 0;
	enum err code = workspace_file(w->pins_path, w->arena, &bytes, &n, &mode, &why);
	if (code == ERR_GONE)
		return OK;
	if (code)
		return err_set(e, code, "%s", why.text);
	char **lines = str_split(w->arena, bytes, "\r\n", NULL);
	for (size_t i = 0; lines[i]; i++) {
		char *comma = strchr(lines[i], ',');
		if (i == 0 && str_starts(lines[i], "device,"))
			continue;
		if (comma)
			*comma = 0;
		const char *name = str_trim(lines[i]), *pin = comma ? str_trim(comma + 1) : "";
		if (!plain_cell(name) || !plain_cell(pin))
			return err_set(e, ERR_INPUT, T("line %zu is not \"device,pin\""), i + 1);
		set_pin(w, name, pin);
	}
	return OK;
}

/* The file anew: what is held, but for this device, which has `pin` or none. */
static enum err
write_pins(struct workspace *w, const char *name, const char *pin, struct err_text *e)
{
	struct buf b = { 0 };
	buf_puts(&b, pins_head);
	for (size_t i = 0; i < w->pins_n; i++) {
		if (!str_eq(w->pins[i].name, name))
			buf_printf(&b, "%s,%s\n", w->pins[i].name, w->pins[i].pin);
	}
	if (pin)
		buf_printf(&b, "%s,%s\n", name, pin);
	enum err code = workspace_replace(w->pins_path, b.at, b.n, 0600, e);
	buf_free(&b);
	return code;
}

enum err
workspace_pin_forget(struct workspace *w, const char *name, struct err_text *e)
{
	struct workspace_pin *p = find_pin(w, name);
	if (!p)
		return err_set(e, ERR_GONE, T("no key of %s was learned"), name);
	enum err code = write_pins(w, name, NULL, e);
	if (!code)
		*p = w->pins[--w->pins_n];
	return code;
}

enum err
workspace_pin_save(struct workspace *w, const char *name, const char *pin, struct err_text *e)
{
	if (!plain_cell(name) || !plain_cell(pin))
		return err_set(e, ERR_INPUT,
			T("pin of a device: name or key holds characters that cannot be kept"));
	enum err code = write_pins(w, name, pin, e);
	if (!code)
		set_pin(w, name, pin);
	return code;
}
