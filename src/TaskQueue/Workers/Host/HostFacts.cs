using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security;
using System.Text;
using Microsoft.Win32;

namespace TaskQueue;

/// <summary>Where this process runs, in facts that tell whether another's process id and start time mean the same here as there.</summary>
/// <param name="Machine">The machine's name.</param>
/// <param name="Boot">See <see cref="WorkerIdentity.Boot"/>.</param>
/// <param name="Namespace">See <see cref="WorkerIdentity.Namespace"/>.</param>
/// <param name="ProcessStart">When this process started; see <see cref="WorkerIdentity.ProcessStart"/>.</param>
internal sealed record HostFacts(string Machine, string? Boot, string? Namespace, long? ProcessStart)
{
    private static readonly Lazy<HostFacts> Read = new(() =>
        OperatingSystem.IsLinux() ? OfLinux()
        : OperatingSystem.IsMacOS() ? OfMacOS()
        : OperatingSystem.IsWindows() ? OfWindows()
        : new HostFacts(Environment.MachineName, null, null, null));

    /// <summary>The facts of this process; read once, since none of them changes while it lives.</summary>
    public static HostFacts Current => Read.Value;

    /// <summary>True if all is known that this platform needs to compare processes.</summary>
    public bool IsComplete => Boot is not null && (Namespace is not null || !OperatingSystem.IsLinux());

    private static HostFacts OfLinux() => new(
        Environment.MachineName, LinuxProcess.ReadBoot(), LinuxProcess.ReadNamespaces(), LinuxProcess.ReadOwn()?.Start);

    private static HostFacts OfMacOS()
    {
        var text = new byte[64];
        var length = (nuint)text.Length;
        var boot = UnixCalls.SystemValue("kern.bootsessionuuid", text, ref length, 0, 0) == 0
            ? Encoding.ASCII.GetString(text, 0, (int)length).TrimEnd('\0')
            : "";
        return new HostFacts(Environment.MachineName, boot.Length > 0 ? boot : null, null, OwnStart());
    }

    // The time a process started never repeats there, so the installation is enough: no mark of the boot is needed.
    [SupportedOSPlatform("windows")]
    private static HostFacts OfWindows()
    {
        string? installation;
        try
        {
            // The view of 64 bits: the other one has no such value.
            using var machine = RegistryKey.OpenBaseKey(RegistryHive.LocalMachine, RegistryView.Registry64);
            using var key = machine.OpenSubKey(@"SOFTWARE\Microsoft\Cryptography");
            installation = key?.GetValue("MachineGuid") as string;
        }
        catch (Exception error) when (error is SecurityException or IOException or UnauthorizedAccessException)
        {
            installation = null;
        }

        return new HostFacts(Environment.MachineName, installation, null, OwnStart());
    }

    private static long OwnStart()
    {
        using var process = Process.GetCurrentProcess();
        return process.StartTime.ToUniversalTime().Ticks;
    }
}
