/* Writes the workspace that belongs to a scenario: what an operator would have typed who knows
 * these devices. Called by main() for --workspace. Owns nothing. Must never overwrite a calendar or
 * a playbook:
 * those are the caller's. */
#include "workspace.h"

#include "freeswitch.h"
#include "tls.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/vis.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool
lab_folder(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST;
}

static void
attribute(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	vis_xml(b, value);
	buf_putc(b, '"');
}

static bool
save(const char *dir, const char *file, struct buf *b, unsigned mode)
{
	char path[700];
	snprintf(path, sizeof path, "%s/%s", dir, file);
	bool ok = write_small_file(path, buf_str(b), mode);
	if (!ok)
		fprintf(stderr, "lab: write %s: %s\n", path, strerror(errno));
	buf_free(b);
	return ok;
}

/* A FreeSWITCH's event socket and SIP profile stand in the query of its address. */
static const char *
url_of(const struct lab_mcu *m, char *out, size_t size)
{
	char esl[128] = "", password[128] = "";
	if (!str_eq(m->adapter, "freeswitch"))
		return m->url;
	if (m->esl_host && str_eq(m->esl_host, m->host))
		snprintf(esl, sizeof esl, "esl=%d&", m->esl_port);
	else if (m->esl_host)
		snprintf(esl, sizeof esl, "esl=%s:%d&", m->esl_host, m->esl_port);
	if (m->esl_password) {
		struct buf coded = { 0 };
		fs_url_encode(&coded, m->esl_password);
		snprintf(password, sizeof password, "&eslpassword=%s", buf_str(&coded));
		buf_free(&coded);
	}
	snprintf(out, size, "http://%s:%d/?%sprofile=%s%s", m->host, m->port, esl,
		m->profile ? m->profile : "lab", password);
	return out;
}

static bool
write_config(const struct scenario *s, const char *dir, const char *state)
{
	struct buf b = { 0 };
	buf_puts(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tongduyet");
	attribute(&b, "name", s->name);
	buf_puts(&b, " zone=\"Asia/Ho_Chi_Minh\" lang=\"vi\">\n");
	for (size_t i = 0; i < s->mcus.n; i++) {
		const struct lab_mcu *m = &s->mcus.at[i];
		char url[400];
		buf_puts(&b, "\t<mcu");
		attribute(&b, "name", m->name);
		attribute(&b, "adapter", m->adapter);
		attribute(&b, "url", url_of(m, url, sizeof url));
		attribute(&b, "secret", m->name);
		struct tls_identity id;
		if (m->tls) {
			if (!tls_identity(state, m->name, m->host, &id))
				return buf_free(&b), false;
			attribute(&b, "pin", id.pin);
			tls_identity_free(&id);
		}
		if (m->parent) {
			char cascade[160];
			snprintf(cascade, sizeof cascade, "sip:{conference}@%s", m->host);
			attribute(&b, "parent", m->parent);
			attribute(&b, "cascade", cascade);
		}
		buf_printf(&b, " width=\"%d\" ports=\"%d\"/>\n", m->width, m->ports);
	}
	buf_puts(&b, "\t<calendar id=\"lich\" folder=\"schedules\" every=\"PT10M\" "
		     "playbook=\"tong-duyet\" sites=\"all\"/>\n"
		     "\t<profile file=\"playbooks/profile.xml\"/>\n</tongduyet>\n");
	return save(dir, "tongduyet.xml", &b, 0644);
}

static void
cell(struct buf *b, const char *text)
{
	text = text ? text : "";
	bool quote = strpbrk(text, ",\";\n") != NULL;
	if (quote)
		buf_putc(b, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_putc(b, '"');
		buf_putc(b, *text);
	}
	if (quote)
		buf_putc(b, '"');
}

static bool
write_sites(const struct scenario *s, const char *dir, bool endpoints)
{
	struct buf b = { 0 };
	buf_puts(&b, "id,name,aliases,tier,parent,district,mcu,address1,address2,adapter,control,"
		     "legacy,contact,"
		     "contact_phone,contact_mail,chief,chief_mail,provider,line,platform,"
		     "importance,class,valid_from,valid_to,mcu2\n");
	for (size_t i = 0; i < s->sites.n; i++) {
		const struct lab_site *p = &s->sites.at[i];
		bool codec = endpoints && p->codec.exists;
		char nowhere[160];
		if (str_starts(p->address, "sip:"))
			snprintf(nowhere, sizeof nowhere, "sip:%s@127.99.0.1", p->id);
		else
			str_copy(nowhere, sizeof nowhere, "h323:127.99.0.1");
		const char *cells[] = { p->id, p->name, "", p->tier, p->parent ? p->parent : p->mcu,
			p->district, p->mcu, p->moved ? nowhere : p->address,
			p->moved ? p->address : "", codec ? scenario_adapter(p->codec.kind) : "",
			codec ? p->codec.url : "", p->legacy_ssh ? "yes" : "", "", "", "", "", "",
			"", "", "hardware codec", "", p->class, "", "", p->mcu2 };
		for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
			if (c)
				buf_putc(&b, ',');
			cell(&b, cells[c]);
		}
		buf_putc(&b, '\n');
	}
	return save(dir, "sites.csv", &b, 0644);
}

static void
secret(struct buf *b, const char *name, const char *user, const char *password)
{
	buf_puts(b, "\t<secret");
	attribute(b, "name", name);
	attribute(b, "user", user);
	attribute(b, "password", password);
	buf_puts(b, "/>\n");
}

static bool
write_secrets(const struct scenario *s, const char *dir, bool endpoints)
{
	struct buf b = { 0 };
	buf_puts(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<secrets>\n");
	for (size_t i = 0; i < s->mcus.n; i++)
		secret(&b, s->mcus.at[i].name, s->mcus.at[i].user, s->mcus.at[i].password);
	for (size_t i = 0; endpoints && i < s->sites.n; i++)
		if (s->sites.at[i].codec.exists)
			secret(&b, s->sites.at[i].id, s->sites.at[i].codec.user,
				s->sites.at[i].codec.password);
	buf_puts(&b, "</secrets>\n");
	return save(dir, "secrets.xml", &b, 0600);
}

bool
lab_workspace(const struct scenario *s, const char *dir, const char *state, bool endpoints)
{
	char schedules[700];
	snprintf(schedules, sizeof schedules, "%s/schedules", dir);
	if (!lab_folder(dir) || !lab_folder(state) || !lab_folder(schedules)) {
		fprintf(stderr, "lab: make %s: %s\n", dir, strerror(errno));
		return false;
	}
	return write_config(s, dir, state) && write_sites(s, dir, endpoints) &&
	       write_secrets(s, dir, endpoints);
}
