using System.Diagnostics;

namespace TaskQueue.Tests;

/// <summary>
/// A file that cannot be deleted, also by its owner: held open on Windows, immutable on macOS, and on Linux too, where only root may make
/// it so. Elsewhere the test is skipped.
/// </summary>
internal sealed class UndeletableFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream? _held;

    public UndeletableFile(string path)
    {
        _path = path;
        if (OperatingSystem.IsWindows())
        {
            _held = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return;
        }

        Xunit.Assert.SkipUnless(TrySetImmutable(true), "Only root can make a file immutable here, and not on every disk.");
    }

    public void Dispose()
    {
        _held?.Dispose();
        if (_held is null)
        {
            TrySetImmutable(false);
        }
    }

    private bool TrySetImmutable(bool isImmutable)
    {
        var (program, flag) = OperatingSystem.IsMacOS()
            ? ("chflags", isImmutable ? "uchg" : "nouchg")
            : ("chattr", isImmutable ? "+i" : "-i");
        try
        {
            using var change = Process.Start(new ProcessStartInfo(program, [flag, _path]) { RedirectStandardError = true })!;
            change.WaitForExit();
            return change.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
