/* Configurations of devices as lanes keep them. Used by lane.c only. */
#ifndef TD_LANE_DEVICE_H
#define TD_LANE_DEVICE_H

#include "adapters/adapter.h"

/* True if a session opened with one serves the other as well. */
bool lane_device_same(const struct device *a, const struct device *b);
/* Strings too; width within 1 to 64. */
struct device *lane_device_copy(struct arena *a, const struct device *d);
/* In the list, or in adapters/table.c if that is NULL; NULL: no such adapter. */
const struct mcu_adapter *lane_find_mcu(const struct mcu_adapter *const *list, const char *name);
const struct endpoint_adapter *lane_find_endpoint(
	const struct endpoint_adapter *const *list, const char *name);

#endif
