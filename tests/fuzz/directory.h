/* A directory of sites out of bytes, as sites_read() has it from a file. */
#ifndef TD_TESTS_FUZZ_DIRECTORY_H
#define TD_TESTS_FUZZ_DIRECTORY_H

#include "schedules/sites.h"
#include "tests/fuzz/text.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static inline enum err
fuzz_directory(
	const void *bytes, size_t n, struct arena *a, struct faults *faults, struct sites *out)
{
	static const char *const mcus[] = { "mcu-tinh", NULL };
	char path[40];
	int fd = memfd_create("sites.csv", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	enum err e = sites_read(path, mcus, a, faults, out);
	close(fd);
	return e;
}

/* Each of them once, in the order of the directory. */
static inline void
fuzz_selection(const struct sites *s, const struct selection *found)
{
	if (found->n > s->n)
		abort();
	for (size_t i = 0; i < found->n; i++)
		if (found->at[i] < s->at || found->at[i] >= s->at + s->n ||
			(i && found->at[i] <= found->at[i - 1]))
			abort();
}

#endif
