/* A new workspace that can be started at once: one MCU operated by a person, one made-up site, the
 * shipped playbooks under version control.
 *
 * Called by `init`. Must never overwrite anything: it looks for everything first, and creates files
 * exclusively. */
#include "workspace.h"
#include "workspace_files.h"

#include "base/buf.h"
#include "base/embed.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/vis.h"
#include "playbooks/vault.h"
#include "report/letterhead.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

EMBED(shipped_tong_duyet, "playbooks/examples/tong-duyet.xml");
EMBED(shipped_tong_duyet_3_cap, "playbooks/examples/tong-duyet-3-cap.xml");
EMBED(shipped_hom_truoc, "playbooks/examples/tong-duyet-hom-truoc.xml");
EMBED(shipped_phien_hop, "playbooks/examples/phien-hop.xml");
EMBED(shipped_dien_tap, "playbooks/examples/dien-tap.xml");
EMBED(shipped_profile, "playbooks/examples/profile.xml");

static const char config_head[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<!-- The workspace. After every change: tongduyet check\n"
	"     Tệp cấu hình. Sau mỗi lần sửa hãy chạy: tongduyet check -->\n";

static const char config_body[] =
	"\n"
	"\t<!-- One line per MCU. adapter=\"manual\" asks the operator for every operation and "
	"needs no password; for a\n"
	"\t     device with an interface (tongduyet adapters lists them) give url and secret, for "
	"example:\n"
	"\t     Mỗi MCU một dòng. \"manual\": người điều khiển tự thao tác, chưa cần mật khẩu. Ví "
	"dụ MCU có giao diện:\n"
	"\t<mcu name=\"tinh\" adapter=\"cisco-mcu\" url=\"https://192.0.2.10/\" secret=\"tinh\" "
	"ports=\"120\"/>\n"
	"\t-->\n"
	"\t<mcu name=\"tinh\" adapter=\"manual\"/>\n"
	"\n"
	"\t<!-- Calendars: .ics files in schedules/, or a server. Lịch họp: tệp .ics trong "
	"schedules/, hoặc máy chủ lịch:\n"
	"\t<calendar id=\"ubnd\" url=\"https://lich.example/ubnd.ics\" every=\"PT10M\" "
	"playbook=\"tong-duyet-3-cap\"\n"
	"\t\tsession-playbook=\"phien-hop\" sites=\"all\"/>\n"
	"\t-->\n"
	"\t<calendar id=\"lich\" folder=\"schedules\" playbook=\"tong-duyet\" sites=\"all\"/>\n"
	"\n"
	"\t<!-- Networks that sites may come from; without any, addresses are not judged. Các mạng "
	"được phép:\n"
	"\t<network name=\"tslcd-2\" cidr=\"10.0.0.0/8\" tiers=\"commune province\"/>\n"
	"\t-->\n"
	"\n"
	"\t<profile file=\"playbooks/profile.xml\"/>\n"
	"\n"
	"\t<!-- Devices that tell on their own why a call ended (Cisco CMS, MCU) post to this "
	"machine. Thiết bị tự "
	"báo về máy này:\n"
	"\t<listen url=\"http://192.0.2.2:8091\"/>\n"
	"\t-->\n"
	"\n"
	"\t<!-- Offices whose signed results are imported; each tells its key by `tongduyet "
	"check`. Đơn vị gửi kết quả "
	"đã ký:\n"
	"\t<sender name=\"Tỉnh Ví Dụ\" key=\"ed25519//...\" mcu=\"vi-du\"/>\n"
	"\t-->\n"
	"\n"
	"\t<!-- Mail. Thư điện tử:\n"
	"\t<mail url=\"smtps://mail.example:465\" from=\"tongduyet@tinh.example\" secret=\"mail\" "
	"upper=\"cap-tren@example\"/>\n"
	"\t-->\n"
	"</tongduyet>\n";

static const char sites_csv[] = "id,name,aliases,tier,parent,district,mcu,address1,address2,"
				"adapter,control,legacy,pin,contact,contact_phone,"
				"contact_mail,chief,chief_mail,provider,line,platform,importance,"
				"class,valid_from,valid_to\n"
				"vi-du,Điểm cầu ví dụ (sửa hoặc xóa dòng "
				"này),vidu,commune,tinh,Huyện Ví Dụ,tinh,sip:vi-du@192.0.2.21,,,,,,"
				"Cán bộ Ví Dụ,000,,,,,,,,xa,,\n";

static const char secrets_xml[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<!-- Passwords by name; mode 0600. <secret name=\"tinh\" user=\"...\" password=\"...\"/> "
	"for the MCU that says\n"
	"     secret=\"tinh\"; name=\"endpoints\" for codecs without a secret of their own id.\n"
	"     Mật khẩu theo tên; chỉ người chạy chương trình được đọc tệp này. -->\n"
	"<secrets>\n"
	"</secrets>\n";

static enum err
make_folder(const char *path, int mode, struct err_text *e)
{
	if (mkdir(path, (mode_t)mode) == 0 || errno == EEXIST)
		return OK;
	return err_set(e, ERR_SYSTEM, T("make folder %s: %s"), path, strerror(errno));
}

/* Everything that init makes must be missing. */
static enum err
check_free(const struct workspace *w, struct arena *a, struct err_text *e)
{
	const char *const paths[] = { w->config_path, w->sites_path, w->secrets_path,
		w->playbooks_dir, w->state_dir, w->reports_dir, w->key_path,
		arena_printf(a, "%s/letterhead.xml", w->dir) };
	struct stat st;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (lstat(paths[i], &st) == 0)
			return err_set(e, ERR_REFUSED,
				T("%s exists already, nothing is overwritten"), paths[i]);
	}
	return OK;
}

static enum err
write_config(const struct workspace *w, const char *name, struct err_text *e)
{
	struct buf b = { 0 };
	buf_puts(&b, config_head);
	buf_puts(&b, "<tongduyet name=\"");
	vis_xml(&b, name);
	buf_puts(&b, "\" zone=\"Asia/Ho_Chi_Minh\" lang=\"vi\">\n");
	buf_puts(&b, config_body);
	enum err code = workspace_create(w->config_path, b.at, b.n, 0644, e);
	buf_free(&b);
	return code;
}

static enum err
write_letterhead(const struct workspace *w, struct arena *a, struct err_text *e)
{
	size_t n;
	const char *bytes = letterhead_example(&n);
	return workspace_create(arena_printf(a, "%s/letterhead.xml", w->dir), bytes, n, 0644, e);
}

static enum err
write_playbooks(const struct workspace *w, struct arena *a, int64_t now, struct err_text *e)
{
	const struct {
		const char *name, *at;
		size_t n;
	} shipped[] = {
		{ "tong-duyet.xml", shipped_tong_duyet, EMBED_SIZE(shipped_tong_duyet) },
		{ "tong-duyet-3-cap.xml", shipped_tong_duyet_3_cap,
			EMBED_SIZE(shipped_tong_duyet_3_cap) },
		{ "tong-duyet-hom-truoc.xml", shipped_hom_truoc, EMBED_SIZE(shipped_hom_truoc) },
		{ "phien-hop.xml", shipped_phien_hop, EMBED_SIZE(shipped_phien_hop) },
		{ "dien-tap.xml", shipped_dien_tap, EMBED_SIZE(shipped_dien_tap) },
		{ "profile.xml", shipped_profile, EMBED_SIZE(shipped_profile) },
	};
	enum err code = make_folder(w->playbooks_dir, 0755, e);
	for (size_t i = 0; !code && i < sizeof shipped / sizeof *shipped; i++)
		code = workspace_create(arena_printf(a, "%s/%s", w->playbooks_dir, shipped[i].name),
			shipped[i].at, shipped[i].n, 0644, e);
	if (code)
		return code;
	return vault_init(w->playbooks_dir, "tongduyet <tongduyet@localhost>", now, e);
}

enum err
workspace_init(const char *dir, const char *name, int64_t now, struct err_text *e)
{
	struct arena *a = arena_new();
	struct workspace w;
	struct sign_key key;
	enum err code = str_empty(name) ? err_set(e, ERR_INPUT, T("a workspace needs a name")) : OK;
	if (!code)
		code = make_folder(dir, 0755, e);
	workspace_paths(dir, a, &w);
	if (!code)
		code = check_free(&w, a, e);
	if (!code)
		code = make_folder(w.schedules_dir, 0755, e);
	if (!code)
		code = make_folder(w.state_dir, 0700, e);
	if (!code)
		code = make_folder(w.reports_dir, 0755, e);
	if (!code)
		code = workspace_create(
			w.secrets_path, secrets_xml, sizeof secrets_xml - 1, 0600, e);
	if (!code)
		code = workspace_create(w.sites_path, sites_csv, sizeof sites_csv - 1, 0644, e);
	if (!code)
		code = write_letterhead(&w, a, e);
	if (!code)
		code = write_playbooks(&w, a, now, e);
	if (!code)
		code = workspace_key_new(&w, &key, e);
	if (!code) /* last: what has a tongduyet.xml is complete */
		code = write_config(&w, name, e);
	arena_free(a);
	return code;
}
