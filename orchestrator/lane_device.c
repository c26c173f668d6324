/* What lanes remember of a device's configuration, and which adapter it names.
 *
 * lane.c calls it when the workspace is read or read again. A changed configuration is a new copy:
 * a worker may still be using the old one. Nothing here touches a device. */
#include "lane_device.h"

#include "base/str.h"

enum { MOST_WIDTH = 64 };

static int
width_of(const struct device *d)
{
	return d->width < 1 ? 1 : d->width > MOST_WIDTH ? MOST_WIDTH : d->width;
}

bool
lane_device_same(const struct device *a, const struct device *b)
{
	return str_eq(a->adapter, b->adapter) && str_eq(a->url, b->url) &&
	       str_eq(a->user, b->user) && str_eq(a->password, b->password) &&
	       str_eq(a->pin, b->pin) && str_eq(a->ca_file, b->ca_file) && a->legacy == b->legacy &&
	       str_eq(a->push_url, b->push_url) && a->learn == b->learn && a->sheet == b->sheet &&
	       width_of(a) == width_of(b);
}

struct device *
lane_device_copy(struct arena *a, const struct device *d)
{
	struct device *c = arena_memdup(a, d, sizeof *d);
	c->name = arena_strdup(a, d->name);
	c->adapter = arena_strdup(a, d->adapter);
	c->url = arena_strdup(a, d->url);
	c->user = arena_strdup(a, d->user);
	c->password = arena_strdup(a, d->password);
	c->pin = arena_strdup(a, d->pin);
	c->ca_file = arena_strdup(a, d->ca_file);
	c->push_url = arena_strdup(a, d->push_url);
	c->width = width_of(d);
	return c;
}

const struct mcu_adapter *
lane_find_mcu(const struct mcu_adapter *const *list, const char *name)
{
	if (!list)
		return mcu_adapter_find(name);
	for (; *list; list++)
		if (str_eq((*list)->name, name))
			return *list;
	return NULL;
}

const struct endpoint_adapter *
lane_find_endpoint(const struct endpoint_adapter *const *list, const char *name)
{
	if (!list)
		return endpoint_adapter_find(name);
	for (; *list; list++)
		if (str_eq((*list)->name, name))
			return *list;
	return NULL;
}
