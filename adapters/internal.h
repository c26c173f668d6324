/* What the files of this folder share with each other and with nobody else: the adapters for table.c,
 * and the shape of a device's cause words. */
#ifndef TD_ADAPTERS_INTERNAL_H
#define TD_ADAPTERS_INTERNAL_H

#include "adapters/adapter.h"

extern const struct mcu_adapter cisco_cms_adapter;
extern const struct mcu_adapter cisco_mcu_adapter;
extern const struct mcu_adapter freeswitch_mcu_adapter;
extern const struct mcu_adapter manual_mcu_adapter;
extern const struct mcu_adapter fake_mcu_adapter;
extern const struct mcu_adapter skel_mcu_adapter; /* the template: compiled, never listed */
extern const struct mcu_adapter poly_rmx_adapter;
extern const struct mcu_adapter pexip_adapter;
extern const struct endpoint_adapter poly_cli_adapter;
extern const struct endpoint_adapter cisco_roomos_adapter;
extern const struct endpoint_adapter poly_rest_adapter;
extern const struct endpoint_adapter huawei_te_adapter;
extern const struct endpoint_adapter lifesize_adapter;
extern const struct endpoint_adapter tandberg_mxp_adapter;
extern const struct endpoint_adapter baresip_adapter;
extern const struct endpoint_adapter probe_adapter;
extern const struct endpoint_adapter exec_adapter;
extern const struct endpoint_adapter manual_endpoint_adapter;
extern const struct endpoint_adapter fake_endpoint_adapter;

/* A device's own word for an end and its class; NULL ends the table. */
struct cause_word {
	const char *word;
	enum cause cause;
};
/* Compared without ASCII case; a word that is not listed is CAUSE_UNKNOWN, never an error. */
enum cause cause_lookup(const struct cause_word *table, const char *word);

/* "1080p", "1920x1080", "4CIF": the size of a picture out of a device's word; unknown where it does not tell. */
void picture_size(const char *word, struct figure *out_width, struct figure *out_height);

#endif
