/* The only asker of the time, and the only clock that can run faster than life.
 *
 * The coordinator, the command line and the lab take `now` from here once per turn and pass it
 * down; device deadlines use clock_mono() and are never scaled. The scale and the zone are set
 * before threads start and only read afterwards. In trials the real time below the scale may come
 * from a file that another process keeps, and that goes slower on a busy machine
 * (tests/lab/pace.c). It must never be asked by a pure module. */
#include "base/clock.h"

#include "base/instant.h"
#include "base/str.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ZONE_LONGEST = 128, SPEED_MOST = 100000, PACE_MS = 5 };

static struct {
	int64_t instant, origin;
	double speed;
	const _Atomic int64_t *paced; /* real ms since the origin; NULL: the machine's own */
} scale = { 0, 0, 1, NULL };

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_real(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

static int64_t
scaled(int64_t real)
{
	if (scale.speed == 1)
		return scale.instant + (real - scale.origin);
	return scale.instant + (int64_t)floor((double)(real - scale.origin) * scale.speed);
}

void
clock_scale(int64_t instant, int64_t origin_real_ms, double speed)
{
	scale.instant = instant;
	scale.origin = origin_real_ms;
	scale.speed = isfinite(speed) && speed > 0 ? speed : 1;
	scale.paced = NULL;
}

double
clock_speed(void)
{
	return scale.speed;
}

int64_t
clock_now(void)
{
	return scaled(scale.paced ? scale.origin + atomic_load(scale.paced) : clock_real());
}

/* How long that will take nobody knows: at least so long, and not in ever smaller steps. */
static int64_t
paced_until(int64_t instant)
{
	double left = ceil(((double)instant - (double)clock_now()) / scale.speed);

	return left <= 0 ? 0 : left >= INT_MAX ? INT_MAX : left < PACE_MS ? PACE_MS : (int64_t)left;
}

int64_t
clock_real_until(int64_t instant)
{
	if (scale.paced)
		return paced_until(instant);
	int64_t real = clock_real();
	if (scaled(real) >= instant)
		return 0;
	/* In double, because "never" may be any large number. */
	double left = ceil(((double)instant - (double)scaled(real)) / scale.speed);
	if (left >= INT_MAX)
		return INT_MAX;
	/* The fraction of a scaled millisecond that scaled() dropped may make this one too many or
	 * few. */
	int64_t ms = left > 1 ? (int64_t)left - 1 : 1;
	for (int i = 0; i < 3 && scaled(real + ms) < instant; i++)
		ms++;
	return ms;
}

/* "1700000000" or "1700000000.25", seconds since 1970. */
static bool
origin_parse(const char *s, int64_t *out_ms)
{
	double seconds;
	if (strspn(s, "0123456789.") != strlen(s) || !str_to_double(s, &seconds) || seconds > 1e11)
		return false;
	*out_ms = llround(seconds * 1000);
	return true;
}

/* Eight bytes that another process keeps, as long as this one lives. */
static const _Atomic int64_t *
map_pace(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	bool good = !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size == sizeof(int64_t);
	void *p = good ? mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

enum err
clock_options(const char *instant_at, const char *speed, struct err_text *e)
{
	if (!instant_at && !speed)
		return OK;
	double times = 1;
	if (speed && (!str_to_double(speed, &times) || times <= 0 || times > SPEED_MOST))
		return err_set(e, ERR_INPUT, T("speed \"%s\": not a number above 0 and at most %d"),
			speed, SPEED_MOST);
	int64_t origin = clock_real(), instant = origin;
	const _Atomic int64_t *paced = NULL;
	if (instant_at) {
		char text[512];
		bool whole = str_copy(text, sizeof text, instant_at);
		char *at = strchr(text, '@');
		if (at) {
			*at++ = '\0';
			if (*at == '/' && whole)
				paced = map_pace(at);
			if (!whole || (!paced && !origin_parse(at, &origin)))
				return err_set(e, ERR_INPUT,
					T("clock \"%s\": after @ stands no UNIX time in seconds"),
					instant_at);
		}
		if (!whole || !instant_parse(text, &instant))
			return err_set(e, ERR_INPUT,
				T("clock \"%s\": not an instant such as 2019-02-10T06:55:00+07:00"),
				instant_at);
	}
	clock_scale(instant, origin, times);
	scale.paced = paced;
	return OK;
}

/* A name in the form of the zone database, which cannot leave its folder. */
static bool
zone_name_ok(const char *zone)
{
	if (str_empty(zone) || *zone == '/' || strlen(zone) > ZONE_LONGEST || strstr(zone, ".."))
		return false;
	/* These count leap seconds, UNIX time does not. */
	if (str_starts(zone, "right/"))
		return false;
	return strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-") ==
	       strlen(zone);
}

/* The C library takes an unknown zone for UTC without a word, so the file itself is looked at. */
static bool
zone_exists(const char *zone)
{
	const char *folder = getenv("TZDIR");
	char path[512], magic[4];
	int n = snprintf(path, sizeof path, "%s/%s",
		str_empty(folder) ? "/usr/share/zoneinfo" : folder, zone);
	if (n < 0 || (size_t)n >= sizeof path)
		return false;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	bool good = !fstat(fd, &st) && S_ISREG(st.st_mode) &&
		    read(fd, magic, sizeof magic) == (ssize_t)sizeof magic &&
		    !memcmp(magic, "TZif", sizeof magic);
	close(fd);
	return good;
}

enum err
clock_set_zone(const char *zone, struct err_text *e)
{
	if (!zone_name_ok(zone) || !zone_exists(zone))
		return err_set(e, ERR_INPUT, T("zone \"%.*s\": not in this system's zone database"),
			ZONE_LONGEST, zone ? zone : "");
	if (setenv("TZ", zone, 1))
		return err_set(
			e, ERR_SYSTEM, T("zone \"%s\": no memory for the environment"), zone);
	tzset();
	return OK;
}
