/* The list of device kinds the program can talk to, and words: why a leg ended, media,
 * directions.
 *
 * Called by the workspace (to check adapter="..." of a device), by lanes (to get the operations)
 * and by `adapters` on the command line. Owns nothing; everything here is constant. Must never hold
 * a condition on a particular device: that belongs in the device's own file. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "base/str.h"

const struct mcu_adapter *const mcu_adapters[] = {
	&cisco_mcu_adapter,
	&cisco_cms_adapter,
	&poly_rmx_adapter,
	&freeswitch_mcu_adapter,
	&asterisk_mcu_adapter,
	&pexip_adapter,
	&huawei_smc3_adapter,
	&huawei_smc2_adapter,
	&bigbluebutton_adapter,
	&exec_mcu_adapter,
	&manual_mcu_adapter,
	&fake_mcu_adapter,
	NULL,
};

const struct endpoint_adapter *const endpoint_adapters[] = {
	&poly_cli_adapter,
	&cisco_roomos_adapter,
	&poly_rest_adapter,
	&huawei_te_adapter,
	&lifesize_adapter,
	&tandberg_mxp_adapter,
	&yealink_vc_adapter,
	&sony_pcs_adapter,
	&baresip_adapter,
	&probe_adapter,
	&exec_adapter,
	&manual_endpoint_adapter,
	&fake_endpoint_adapter,
	NULL,
};

const struct mcu_adapter *
mcu_adapter_find(const char *name)
{
	for (size_t i = 0; mcu_adapters[i]; i++)
		if (str_eq(mcu_adapters[i]->name, name))
			return mcu_adapters[i];
	return NULL;
}

const struct endpoint_adapter *
endpoint_adapter_find(const char *name)
{
	for (size_t i = 0; endpoint_adapters[i]; i++)
		if (str_eq(endpoint_adapters[i]->name, name))
			return endpoint_adapters[i];
	return NULL;
}

static const char *const causes[CAUSE_N] = {
	[CAUSE_UNKNOWN] = "unknown",
	[CAUSE_SITE_HANGUP] = "site-hangup",
	[CAUSE_OUR_HANGUP] = "our-hangup",
	[CAUSE_NO_ANSWER] = "no-answer",
	[CAUSE_BUSY] = "busy",
	[CAUSE_REJECTED] = "rejected",
	[CAUSE_WRONG_ADDRESS] = "wrong-address",
	[CAUSE_INCOMPATIBLE] = "incompatible",
	[CAUSE_UNREACHABLE] = "unreachable",
	[CAUSE_NETWORK] = "network",
	[CAUSE_MCU] = "mcu",
	[CAUSE_GATEKEEPER] = "gatekeeper",
	[CAUSE_AUTH] = "auth",
};

static const char *const grades[] = { "draft", "tested", "proven" };
static const char *const media[MEDIA_N] = { [AUDIO] = "audio", [VIDEO] = "video" };
static const char *const directions[DIRECTIONS_N] = {
	[FROM_SITE] = "from-site", [TO_SITE] = "to-site"
};
static const char *const direction_keys[DIRECTIONS_N] = {
	[FROM_SITE] = "from_site", [TO_SITE] = "to_site"
};

const char *
medium_name(enum medium m)
{
	return media[m];
}

const char *
direction_name(enum direction d)
{
	return directions[d];
}

const char *
direction_key(enum direction d)
{
	return direction_keys[d];
}

bool
medium_from_name(const char *name, enum medium *out)
{
	for (int m = 0; m < MEDIA_N; m++)
		if (str_eq(name, media[m])) {
			*out = (enum medium)m;
			return true;
		}
	return false;
}

bool
direction_from_name(const char *name, enum direction *out)
{
	for (int d = 0; d < DIRECTIONS_N; d++)
		if (str_eq(name, directions[d])) {
			*out = (enum direction)d;
			return true;
		}
	return false;
}

const char *
grade_name(enum grade g)
{
	return grades[g];
}

const char *
cause_name(enum cause c)
{
	return (unsigned)c < CAUSE_N ? causes[c] : causes[CAUSE_UNKNOWN];
}

enum cause
cause_from_name(const char *name)
{
	for (int c = 0; c < CAUSE_N; c++)
		if (str_eq(causes[c], name))
			return (enum cause)c;
	return CAUSE_UNKNOWN;
}

enum cause
cause_lookup(const struct cause_word *table, const char *word)
{
	for (size_t i = 0; word && table[i].word; i++)
		if (str_eq_nocase(table[i].word, word))
			return table[i].cause;
	return CAUSE_UNKNOWN;
}
