/* The workspace: what init makes can be read, every fault of tongduyet.xml is named with its line
 * and disables only its element, secrets and devices, networks, learned pins. */
#include "workspace.h"

#include "adapters/wire/xml.h"
#include "base/buf.h"
#include "base/str.h"
#include "playbooks/playbook.h"
#include "playbooks/vault.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1549756800000)
#define PIN43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

extern char **environ;

struct fixture {
	struct arena *a;
	struct faults faults;
	struct workspace w;
	struct err_text e;
	char dir[64];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	f->a = arena_new();
	f->faults.arena = f->a;
	str_copy(f->dir, sizeof f->dir, "/tmp/workspace-test-XXXXXX");
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	pid_t pid;
	char *argv[] = { "rm", "-rf", f->dir, NULL };
	if (posix_spawnp(&pid, "rm", NULL, NULL, argv, environ) == 0)
		waitpid(pid, NULL, 0);
	arena_free(f->a);
	free(f);
	return 0;
}

static const char *
path(struct fixture *f, const char *name)
{
	return arena_printf(f->a, "%s/%s", f->dir, name);
}

static void
put(struct fixture *f, const char *name, const char *text, int mode)
{
	const char *p = path(f, name);
	int fd = open(p, O_CREAT | O_TRUNC | O_WRONLY, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	fchmod(fd, (mode_t)mode);
	close(fd);
}

static const char *
get(struct fixture *f, const char *name)
{
	char text[16384];
	int fd = open(path(f, name), O_RDONLY);
	if (fd < 0)
		return NULL;
	ssize_t n = read(fd, text, sizeof text);
	close(fd);
	return arena_strndup(f->a, text, n > 0 ? (size_t)n : 0);
}

static int
mode_of(struct fixture *f, const char *name)
{
	struct stat st;
	return stat(path(f, name), &st) == 0 ? (int)(st.st_mode & 0777) : -1;
}

static const char *
printed(struct fixture *f)
{
	struct buf b = { 0 };
	faults_print(&f->faults, &b);
	char *s = arena_strdup(f->a, buf_str(&b));
	buf_free(&b);
	return s;
}

static enum err
read_with(struct fixture *f, const char *config)
{
	f->faults.n = 0;
	put(f, "tongduyet.xml", config, 0644);
	return workspace_read(f->dir, f->a, &f->faults, &f->w);
}

static void
test_init(void **state)
{
	struct fixture *f = *state;
	const char *dir = path(f, "new");
	assert_int_equal(workspace_init(dir, "Xã \"A\" & <B>", NOW, &f->e), OK);
	assert_int_equal(mode_of(f, "new/secrets.xml"), 0600);
	assert_int_equal(mode_of(f, "new/state"), 0700);
	assert_int_equal(mode_of(f, "new/schedules"), 0755);
	assert_int_equal(mode_of(f, "new/reports"), 0755);
	assert_int_equal(workspace_read(dir, f->a, &f->faults, &f->w), OK);
	assert_string_equal(printed(f), "");
	assert_string_equal(f->w.name, "Xã \"A\" & <B>");
	assert_int_equal(f->w.mcus_n, 1);
	assert_string_equal(f->w.calendars[0].playbook, "tong-duyet");
	assert_string_equal(f->w.profile, "profile.xml");

	struct sites sites;
	assert_int_equal(sites_read(f->w.sites_path, workspace_mcu_names(&f->w, f->a), f->a,
				 &f->faults, &sites),
		OK);
	assert_string_equal(printed(f), "");
	assert_int_equal(sites.n, 1);
	sites_free(&sites);

	struct vault *v;
	struct vault_entry *files;
	size_t n, bytes_n;
	const char *bytes;
	assert_int_equal(vault_open(f->w.playbooks_dir, &v, &f->e), OK);
	assert_int_equal(vault_list(v, "HEAD", f->a, &files, &n, &f->e), OK);
	assert_int_equal(n, 6);
	assert_int_equal(
		vault_read(v, "HEAD", "tong-duyet.xml", f->a, &bytes, &bytes_n, &f->e), OK);
	assert_non_null(playbook_parse(bytes, bytes_n, "tong-duyet.xml", f->a, &f->faults));
	assert_false(vault_dirty(v));
	vault_close(v);

	assert_int_equal(workspace_init(dir, "again", NOW, &f->e), ERR_REFUSED);
	assert_null(strstr(get(f, "new/tongduyet.xml"), "again"));
	put(f, "sites.csv", "mine", 0644); /* one file of a person is enough */
	f->e.code = OK;
	assert_int_equal(workspace_init(f->dir, "x", NOW, &f->e), ERR_REFUSED);
	assert_string_equal(get(f, "sites.csv"), "mine");
	assert_int_equal(mode_of(f, "tongduyet.xml"), -1);
	f->e.code = OK;
	assert_int_equal(workspace_init(path(f, "no/such/place"), "x", NOW, &f->e), ERR_SYSTEM);
}

static void
test_full(void **state)
{
	struct fixture *f = *state;
	mkdir(path(f, "schedules"), 0755);
	put(f, "a.ics", "", 0644);
	put(f, "ca.pem", "", 0644);
	put(f, "secrets.xml",
		"<secrets><secret name='tinh' user='u' password='p &lt;&amp; 1 '/>"
		"<secret name='ubnd' user='cal' password='c'/></secrets>",
		0600);
	assert_int_equal(
		read_with(f,
			"<tongduyet name='Cao Bằng' zone='Asia/Bangkok' lang='en'>\n"
			"<mcu name='tinh' adapter='cisco-mcu' url='https://192.0.2.1/' "
			"pin='sha256//" PIN43 "=' ca='ca.pem' width='4' ports='120' parent='tw' "
			"cascade='sip:{conference}@192.0.2.1' "
			"legacy='yes'/>\n"
			"<mcu name='tw' owner='foreign'/>\n"
			"<calendar id='ubnd' url='https://lich.example/u.ics' every='PT5M' "
			"playbook='p' "
			"session-playbook='s' sites='tier:commune'/>\n"
			"<calendar id='tay' folder='schedules'/>\n"
			"<calendar id='tep' files='a.ics'/>\n"
			"<network name='a' cidr='10.0.0.0/8' tiers='commune province'/>\n"
			"<network name='b' cidr='10.1.0.0/17'/>\n"
			"<network name='c' cidr='fd00::/8'/>\n"
			"<profile file='playbooks/p.xml'/>\n"
			"<mail url='smtps://m.example' from='a@b.example' secret='tinh'/>\n"
			"<board listen='127.0.0.1:8090'/>\n"
			"</tongduyet>"),
		OK);
	assert_string_equal(printed(f), "");
	const struct workspace *w = &f->w;
	const struct workspace_mcu *m = workspace_mcu(w, "tinh");
	assert_string_equal(w->zone, "Asia/Bangkok");
	assert_string_equal(w->lang, "en");
	assert_string_equal(m->user, "u");	     /* the secret of its own name */
	assert_string_equal(m->password, "p <& 1 "); /* blanks belong to a password */
	assert_int_equal(m->width, 4);
	assert_int_equal(m->ports, 120);
	assert_true(m->legacy);
	assert_true(workspace_mcu(w, "tw")->foreign);
	struct device d;
	assert_true(workspace_mcu_device(w, m, f->a, &d));
	assert_string_equal(d.name, "tinh");
	assert_string_equal(d.ca_file, path(f, "ca.pem"));
	assert_string_equal(d.pin, "sha256//" PIN43 "=");
	assert_false(workspace_mcu_device(w, workspace_mcu(w, "tw"), f->a, &d));
	const struct workspace_calendar *c = workspace_calendar(w, "ubnd");
	assert_int_equal(c->every_ms, 300000);
	assert_string_equal(c->user, "cal");
	assert_string_equal(c->session_playbook, "s");
	c = workspace_calendar(w, "tay");
	assert_string_equal(c->folder, path(f, "schedules"));
	assert_int_equal(c->every_ms, 600000);
	assert_string_equal(c->sites, "all");
	assert_string_equal(c->session_playbook, "");
	assert_string_equal(workspace_calendar(w, "tep")->files[0], path(f, "a.ics"));
	assert_null(workspace_calendar(w, "tep")->files[1]);
	assert_int_equal(w->networks_n, 3);
	assert_string_equal(w->networks[0].name, "a");
	assert_int_equal(w->networks[0].tiers, 1 << TIER_COMMUNE | 1 << TIER_PROVINCE);
	assert_string_equal(w->networks[2].cidr, "fd00::/8");
	assert_string_equal(w->profile, "p.xml");
	assert_string_equal(w->mail.password, "p <& 1 ");
	assert_string_equal(w->journal_path, path(f, "state/journal.db"));
}

static void
test_listen(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *attributes, *fault; /* NULL: good */
	} cases[] = {
		{ "url='http://10.1.1.2:8091'", NULL },
		{ "url='http://10.1.1.2:8091/'", NULL },
		{ "url='http://[fd00::2]:8091'", NULL },
		{ "url='http://0.0.0.0:8091' reach='http://10.1.1.2:80'", NULL },
		{ "url='https://10.1.1.2:8091' cert='ca.pem' key='ca.pem'", NULL },
		{ "url='http://0.0.0.0:8091'", "no address that a device could call" },
		{ "url='http://name.example:8091'", "is not like http://10.1.1.2:8091" },
		{ "url='http://10.1.1.2'", "is not like http://10.1.1.2:8091" },
		{ "url='http://10.1.1.2:99999'", "is not like http://10.1.1.2:8091" },
		{ "url='http://10.1.1.2:80/push'", "is not like http://10.1.1.2:8091" },
		{ "url='ftp://10.1.1.2:80'", "is not like http://10.1.1.2:8091" },
		{ "url='http://10.1.1.2:80' reach='10.1.1.2:80'",
			"reach \"10.1.1.2:80\" is not like" },
		{ "url='https://10.1.1.2:8091'", "https needs cert" },
		{ "url='https://10.1.1.2:8091' cert='ca.pem'", "https needs cert" },
		{ "url='https://10.1.1.2:8091' cert='ca.pem' key='missing.pem'",
			"missing.pem\": No such file" },
		{ "url='http://10.1.1.2:8091' cert='ca.pem' key='ca.pem'",
			"cert and key are for https" },
		{ "url='http://10.1.1.2:8091'/><listen url='http://10.1.1.2:8092'",
			"a second <listen>" },
		{ "urll='http://10.1.1.2:8091'", "perhaps \"url\"" },
	};
	put(f, "ca.pem", "x", 0644);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char host[64];
		f->faults.n = 0;
		assert_int_equal(
			read_with(
				f, arena_printf(f->a,
					   "<tongduyet name='x'><mcu name='m' adapter='cisco-cms' "
					   "url='https://10.1.1.9/'/>\n<listen %s/></tongduyet>",
					   cases[i].attributes)),
			OK);
		const char *said = printed(f);
		if (cases[i].fault ? !strstr(said, cases[i].fault) : *said)
			fail_msg("%s: %s", cases[i].attributes, said);
		bool good = !cases[i].fault || strstr(cases[i].fault, "second");
		assert_int_equal(
			workspace_posts(&f->w, "cisco-cms", "https://10.1.1.9:443/x", host), good);
		if (good)
			assert_string_equal(host, "10.1.1.9");
		/* Who posts is known by its number; others have nothing to post. */
		assert_false(workspace_posts(&f->w, "cisco-cms", "https://cms.example/", host));
		assert_false(workspace_posts(&f->w, "fake", "https://10.1.1.9/", host));
		assert_int_equal(
			workspace_site_posts(&f->w, "cisco-roomos", "ssh://10.2.0.4:22", host),
			good);
		assert_string_equal(host, good ? "10.2.0.4" : "");
		assert_false(workspace_site_posts(&f->w, "cisco-roomos", "https://sx20/", host));
		assert_false(workspace_site_posts(&f->w, "cisco-cms", "https://10.1.1.9/", host));
		assert_false(workspace_posts(&f->w, "nothing", NULL, host));
	}
	f->faults.n = 0;
	assert_int_equal(read_with(f, "<tongduyet name='x'><mcu name='m' adapter='cisco-cms' "
				      "url='https://cms.example/'/>\n"
				      "<mcu name='n' adapter='fake'/><listen "
				      "url='http://10.1.1.2:81'/></tongduyet>"),
		OK);
	if (!strstr(printed(f), "tongduyet.xml:1: mcu \"m\": its url has a name"))
		fail_msg("%s", printed(f));
	assert_int_equal(f->faults.n, 1);
	assert_false(workspace_mcu(&f->w, "m")->disabled); /* asked as before */
	f->faults.n = 0;
	assert_int_equal(read_with(f, "<tongduyet name='x'><mcu name='m' adapter='fake'/><listen "
				      "url='http://0.0.0.0:81' "
				      "reach='http://10.1.1.2:80//'/></tongduyet>"),
		OK);
	assert_string_equal(f->w.listen.host, "0.0.0.0");
	assert_int_equal(f->w.listen.port, 81);
	f->faults.n = 0;
	assert_int_equal(read_with(f, "<tongduyet name='x'><mcu name='m' adapter='cisco-cms' "
				      "url='https://10.1.1.9/'/></tongduyet>"),
		OK);
	char host[64];
	/* nothing listens unasked */
	assert_false(workspace_posts(&f->w, "cisco-cms", "https://10.1.1.9/", host));
}

static void
test_faults(void **state)
{
	struct fixture *f = *state;
	put(f, "secrets.xml",
		"<secrets>\n<secret name='tinh' password='geheim'/>\n<secret name='tinh' "
		"password='x'/>\n</secrets>",
		0644);
	assert_int_equal(read_with(f, "<tongduyet name='x' zone='Asia/Hanoi2'>\n"
				      "<mcu name='good' adapter='fake'/>\n"
				      "<mcu name='b1' adapter='cisco-mcuu' url='https://h/'/>\n"
				      "<mcu name='b2' adapter='fake' secret='tin'/>\n"
				      "<mcu name='b3' adapter='fake' widht='4'/>\n"
				      "<mcu name='good' adapter='fake'/>\n"
				      "<mcu name='b5' adapter='fake' parent='god'/>\n"
				      "<mcu name='b6' adapter='fake' parent='b7'/>\n"
				      "<mcu name='b7' adapter='fake' parent='b6'/>\n"
				      "<mcu name='b8' adapter='cisco-mcu'/>\n"
				      "<mcu name='b9' adapter='fake' pin='abc'/>\n"
				      "<calendar id='c1' url='https://h/' folder='f'/>\n"
				      "<calendar id='c2' folder='missing'/>\n"
				      "<calendar id='c3' url='https://h/' every='PT1S'/>\n"
				      "<network name='n1' cidr='10.0.0.0/33'/>"
				      "<network name='n2' cidr='10.1.1.1'/>\n"
				      "<profile file='/etc/passwd'/>\n"
				      "<board listen='0.0.0.0:80'/>\n"
				      "<mcuu name='z'/>\n"
				      "</tongduyet>"),
		OK);
	const char *dir = f->w.dir, *s = printed(f);
	const char *const said[] = {
		arena_printf(f->a,
			"secrets.xml: others can read the passwords (mode 0644): chmod 600 "
			"%s/secrets.xml\n",
			dir),
		"secrets.xml:3: secret \"tinh\" is there already, in line 2\n",
		"tongduyet.xml:1: no zone \"Asia/Hanoi2\", Asia/Ho_Chi_Minh is used\n",
		"tongduyet.xml:3: mcu \"b1\": no adapter \"cisco-mcuu\", perhaps \"cisco-mcu\"\n",
		"tongduyet.xml:4: no secret \"tin\" in secrets.xml, perhaps \"tinh\"\n",
		"tongduyet.xml:5: <mcu> has no attribute \"widht\", perhaps \"width\"\n",
		"tongduyet.xml:6: mcu \"good\" is there already, in line 2\n",
		"tongduyet.xml:7: mcu \"b5\": no mcu \"god\" to be its parent, perhaps \"good\"\n",
		"tongduyet.xml:8: mcu \"b6\" is above itself\n",
		"tongduyet.xml:9: mcu \"b7\" is above itself\n",
		"tongduyet.xml:10: mcu \"b8\" needs url=\"...\"\n",
		"tongduyet.xml:11: <mcu pin>: \"abc\" has not the expected form: sha256//BASE64= "
		"(TLS) or SHA256:BASE64 (SSH)\n",
		"tongduyet.xml:12: calendar \"c1\" needs exactly one of url, folder, files\n",
		arena_printf(
			f->a, "tongduyet.xml:13: calendar \"c2\": no folder %s/missing\n", dir),
		"tongduyet.xml:14: calendar \"c3\": every PT1S is shorter than PT10S\n",
		"tongduyet.xml:15: network \"n1\": \"10.0.0.0/33\" is not like 10.0.0.0/8 or "
		"fd00::/8\n",
		"tongduyet.xml:15: network \"n2\": \"10.1.1.1\" is not like 10.0.0.0/8 or "
		"fd00::/8\n",
		"tongduyet.xml:16: profile \"/etc/passwd\" is not in playbooks/: it is versioned "
		"with the playbooks\n",
		"tongduyet.xml:17: board: listen \"0.0.0.0:80\" is not on this machine alone, "
		"perhaps \"127.0.0.1:80\"\n",
		"tongduyet.xml:18: ",
	};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		if (!strstr(s, said[i]))
			fail_msg("not said: %s in\n%s", said[i], s);
	}
	assert_null(strstr(s, "geheim"));
	assert_int_equal(f->faults.n, 21); /* c1 names a missing folder too, and nothing else */
	assert_int_equal(f->w.mcus_n, 10);
	for (size_t i = 0; i < f->w.mcus_n; i++) {
		assert_int_equal(f->w.mcus[i].disabled, i != 0);
		assert_int_equal(*f->w.mcus[i].disabled_why != 0, i != 0);
	}
	struct device d;
	assert_false(workspace_mcu_device(&f->w, &f->w.mcus[3], f->a, &d));
	assert_string_equal(
		f->w.mcus[3].disabled_why, "<mcu> has no attribute \"widht\", perhaps \"width\"");
	assert_true(f->w.calendars[0].disabled && f->w.calendars[1].disabled &&
		    f->w.calendars[2].disabled);
	assert_string_equal(f->w.zone, "Asia/Ho_Chi_Minh");
	assert_true(f->w.networks[0].disabled && f->w.networks[1].disabled);
}

static void
test_no_start(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = { "", "<tongduyet name='x'>", "<other/>",
		"<tongduyet name='x'/>",
		"<tongduyet name='x'><mcu name='a' adapter='nothing'/></tongduyet>",
		"<!DOCTYPE a><tongduyet name='x'><mcu name='a' adapter='fake'/></tongduyet>" };
	assert_int_equal(workspace_read(f->dir, f->a, &f->faults, &f->w), ERR_INPUT);
	assert_non_null(strstr(printed(f), "tongduyet.xml: read "));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(read_with(f, bad[i]), ERR_INPUT);
		assert_true(f->faults.n > 0);
	}
	/* without secrets.xml nothing is missed until somebody names a secret */
	assert_int_equal(
		read_with(f, "<tongduyet name='x'><mcu name='a' adapter='fake'/></tongduyet>"), OK);
	assert_string_equal(printed(f), "");
	assert_null(f->w.mcus[0].password);
}

static void
test_site_device(void **state)
{
	struct fixture *f = *state;
	put(f, "secrets.xml",
		"<secrets><secret name='endpoints' user='admin' password='e'/><secret "
		"name='chu-tuc' password='own'/></secrets>",
		0600);
	assert_int_equal(
		read_with(f, "<tongduyet name='x'><mcu name='a' adapter='fake'/></tongduyet>"), OK);
	struct site s = { .id = "chu-tuc",
		.adapter = "poly-cli",
		.control = "telnet://192.0.2.3",
		.legacy = true };
	struct device d;
	assert_true(workspace_site_device(&f->w, &s, f->a, &d));
	assert_string_equal(d.name, "site:chu-tuc");
	assert_string_equal(d.password, "own");
	assert_string_equal(d.url, "telnet://192.0.2.3");
	assert_true(d.legacy);
	assert_int_equal(d.width, 1);
	assert_null(d.pin);
	s.id = "tri-le";
	assert_true(workspace_site_device(&f->w, &s, f->a, &d));
	assert_string_equal(d.user, "admin");
	assert_string_equal(d.password, "e");
	s.adapter = "";
	assert_false(workspace_site_device(&f->w, &s, f->a, &d));
	s.adapter = "poly-cli";
	s.disabled = true;
	assert_false(workspace_site_device(&f->w, &s, f->a, &d));
}

static void
test_pins(void **state)
{
	struct fixture *f = *state;
	static const char config[] =
		"<tongduyet name='x'><mcu name='a' adapter='fake'/></tongduyet>";
	assert_int_equal(read_with(f, config), OK);
	assert_int_equal(workspace_pin_save(&f->w, "a", "SHA256:one", &f->e),
		ERR_SYSTEM); /* no state/ yet */
	assert_null(workspace_pin(&f->w, "a"));
	mkdir(path(f, "state"), 0700);
	f->e.code = OK;
	assert_int_equal(workspace_pin_save(&f->w, "a", "SHA256:one", &f->e), OK);
	assert_int_equal(workspace_pin_save(&f->w, "site:x", "SHA256:two", &f->e), OK);
	assert_int_equal(workspace_pin_save(&f->w, "a", "SHA256:three", &f->e), OK);
	assert_string_equal(
		get(f, "state/pins.csv"), "device,pin\nsite:x,SHA256:two\na,SHA256:three\n");
	assert_int_equal(mode_of(f, "state/pins.csv"), 0600);
	assert_int_equal(mode_of(f, "state/pins.csv.new"), -1);
	assert_int_equal(workspace_pin_save(&f->w, "a,b", "x", &f->e), ERR_INPUT);
	f->e.code = OK;
	assert_int_equal(workspace_pin_save(&f->w, "a", "x\ny", &f->e), ERR_INPUT);

	assert_int_equal(read_with(f, config), OK);
	assert_string_equal(workspace_pin(&f->w, "a"), "SHA256:three");
	struct device d;
	assert_true(workspace_mcu_device(&f->w, &f->w.mcus[0], f->a, &d));
	assert_string_equal(d.pin, "SHA256:three");
	assert_int_equal(workspace_pin_forget(&f->w, "b", &f->e), ERR_GONE);
	f->e.code = OK;
	assert_int_equal(workspace_pin_forget(&f->w, "a", &f->e), OK);
	assert_null(workspace_pin(&f->w, "a"));
	assert_string_equal(get(f, "state/pins.csv"), "device,pin\nsite:x,SHA256:two\n");
	put(f, "state/pins.csv", "device,pin\nnonsense\n", 0600);
	assert_int_equal(read_with(f, config), OK);
	assert_string_equal(printed(f), "");
	f->e.code = OK;
	assert_int_equal(workspace_pin_load(&f->w, &f->e), ERR_INPUT);
	assert_string_equal(f->e.text, "line 2 is not \"device,pin\"");
	static const char *const bad[] = { "b,\n", ",SHA256:x\n", "b,SHA256:x,y\n", "b,S\xe3\n" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		put(f, "state/pins.csv", arena_printf(f->a, "device,pin\na,SHA256:one\n%s", bad[i]),
			0600);
		f->e = (struct err_text){ 0 };
		assert_int_equal(workspace_pin_load(&f->w, &f->e), ERR_INPUT);
		assert_string_equal(f->e.text, "line 3 is not \"device,pin\"");
		assert_string_equal(workspace_pin(&f->w, "a"), "SHA256:one");
		assert_null(workspace_pin(&f->w, "b"));
	}
}

/* A codec: the row's own key, else the one learned over the same kind of connection, else it is
 * learned. */
static void
test_codec_pins(void **state)
{
	struct fixture *f = *state;
	struct device d;
	struct site s = {
		.id = "x", .adapter = "poly-rest", .control = "https://192.0.2.3", .pin = ""
	};
	mkdir(path(f, "state"), 0700);
	assert_int_equal(
		read_with(f, "<tongduyet name='x'><mcu name='a' adapter='fake'/></tongduyet>"), OK);
	assert_true(workspace_site_device(&f->w, &s, f->a, &d));
	assert_null(d.pin);
	assert_true(d.learn);
	assert_int_equal(workspace_pin_save(&f->w, "site:x", "sha256//" PIN43 "=", &f->e), OK);
	assert_true(workspace_site_device(&f->w, &s, f->a, &d));
	assert_string_equal(d.pin, "sha256//" PIN43 "=");
	s.control = "ssh://192.0.2.3"; /* its shell has another key */
	assert_true(workspace_site_device(&f->w, &s, f->a, &d));
	assert_null(d.pin);
	s.pin = "SHA256:own";
	assert_true(workspace_site_device(&f->w, &s, f->a, &d));
	assert_string_equal(d.pin, "SHA256:own");
	assert_false(d.learn);
	s.control = "https://192.0.2.3";
	s.pin = "ca";
	assert_true(workspace_site_device(&f->w, &s, f->a, &d));
	assert_null(d.pin);
	assert_false(d.learn);
	/* An MCU's certificate is vouched for by a pin or a CA, never learned. */
	assert_true(workspace_mcu_device(&f->w, &f->w.mcus[0], f->a, &d));
	assert_false(d.learn);
}

/* Whatever is wrong with secrets.xml, no password is repeated. */
static void
test_secrets_stay_secret(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = {
		"<secrets>\n<secret name='' password='geheim'/>\n</secrets>",
		"<secrets>\n<secret name='a' passwort='geheim'/>\n</secrets>",
		"<secrets>\n<secret name='geheim geheim geheim geheim geheim geheim geheim geheim "
		"geheim geheim "
		"geheim geheim'/>\n</secrets>",
		"<secrets>\n<secret name='a' password='geheim' password='geheim'/>\n</secrets>",
		"<secrets>\n<secret name='a' password='geheim</secret>\n</secrets>",
		"<secrets>\ngeheim\n</secrets>",
		"<secrets>\n<secret name='a' password='&geheim;'/>\n</secrets>",
		"<secrets>\n<secret name='a' password='x'geheim/>\n</secrets>",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		put(f, "secrets.xml", bad[i], 0600);
		assert_int_equal(
			read_with(f,
				"<tongduyet name='x'><mcu name='a' adapter='fake'/></tongduyet>"),
			OK);
		if (f->faults.n == 0 || strstr(printed(f), "geheim"))
			fail_msg("case %zu: %s", i, printed(f));
	}
}

int
main(void)
{
	xml_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_init, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_listen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_site_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_codec_pins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets_stay_secret, setup, teardown),
	};
	return cmocka_run_group_tests_name("workspace", tests, NULL, NULL);
}
