using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace TaskQueue.Tests;

/// <summary>
/// The wall clock of other processes, which can be set while they run. Their monotonic clock goes on as it is. A library that is loaded
/// before all others answers them: it needs Linux and a C compiler.
/// </summary>
internal sealed class SteppedClock
{
    // The offset is read anew with each look at the clock, in seconds.
    private const string Source =
        """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static long offset(void) {
            const char *path = getenv("TASKQUEUE_CLOCK_OFFSET");
            char text[32];
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return 0;
            ssize_t count = read(file, text, sizeof text - 1);
            close(file);
            if (count <= 0) return 0;
            text[count] = 0;
            return atol(text);
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int result = syscall(SYS_clock_gettime, clock, now);
            if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
            return result;
        }

        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec real;
            clock_gettime(CLOCK_REALTIME, &real);
            now->tv_sec = real.tv_sec;
            now->tv_usec = real.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *now) {
            struct timespec real;
            clock_gettime(CLOCK_REALTIME, &real);
            if (now) *now = real.tv_sec;
            return real.tv_sec;
        }
        """;

    private readonly string _library;
    private readonly string _offset;

    /// <summary>Skips the test where the library cannot be made.</summary>
    /// <param name="libraryPath">Where to make it.</param>
    /// <param name="offsetPath">Where the offset is to be kept.</param>
    public SteppedClock(string libraryPath, string offsetPath)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can a library answer for the clock.");
        Assert.SkipUnless(TryCompile(libraryPath), "There is no C compiler (cc) to make the library with.");
        (_library, _offset) = (libraryPath, offsetPath);
        Set(TimeSpan.Zero);
    }

    /// <summary>Sets the clock so far ahead of this process's own, in whole seconds.</summary>
    public void Set(TimeSpan ahead)
    {
        // Renamed into place: a process that looks meanwhile reads the one or the other.
        var next = _offset + ".next";
        File.WriteAllText(next, ((long)ahead.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        File.Move(next, _offset, overwrite: true);
    }

    public void Apply(IDictionary<string, string?> environment)
    {
        environment["LD_PRELOAD"] = _library;
        environment["TASKQUEUE_CLOCK_OFFSET"] = _offset;
    }

    private static bool TryCompile(string library)
    {
        try
        {
            File.WriteAllText(library + ".c", Source);
            using var compiler = Process.Start(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-o", library, library + ".c"]));
            compiler!.WaitForExit();
            return compiler.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
