/* Loaded into a process by LD_PRELOAD. Its wall clock is off by the seconds, a 64-bit number, in the file that SOAK_CLOCK names,
   from the moment they are written there. The monotonic clock and waits are as they are.
   SOAK_SECONDS is the longest such a process may live, also where nobody is left to end it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static volatile int64_t *offset;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("SOAK_CLOCK");
    const char *seconds = getenv("SOAK_SECONDS");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
        close(file);
        if (mapped != MAP_FAILED)
            offset = mapped;
    }
    if (seconds)
        alarm((unsigned)atoi(seconds));
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    /* Others' constructors may ask for the time before ours has run. */
    if (!real_clock_gettime)
        *(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real_clock_gettime(clock, time);
    if (result == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += *offset;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}
