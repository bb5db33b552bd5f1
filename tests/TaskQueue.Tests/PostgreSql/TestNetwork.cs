using System.Diagnostics;
using System.Security.Cryptography;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// Hosts of their own on this machine: network namespaces with their own names, addresses and cables to one switch, at which this process
/// stands too. Skips the test where that cannot be made.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    // Names of interfaces have 15 letters at most.
    private readonly string _name = $"tq{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
    private readonly List<string> _hosts = [];

    // Addresses for testing networks: RFC 2544.
    private readonly string _subnet = $"198.18.{RandomNumberGenerator.GetInt32(256)}";

    public TestNetwork(params string[] hosts)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can make network namespaces.");
        try
        {
            Ip("link", "add", _name, "type", "bridge");
            Ip("address", "add", $"{Address}/24", "dev", _name);
            Ip("link", "set", _name, "up");
            foreach (var host in hosts)
            {
                Add(host);
            }
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Dispose();
            Assert.Skip($"Network namespaces cannot be made here: {error.Message}");
        }
    }

    /// <summary>The address of this process in the network.</summary>
    public string Address => $"{_subnet}.1";

    /// <summary>Starts a verb of TaskQueue.TestProcess on a host.</summary>
    public ChildProcess Start(string host, params string[] arguments) => ChildProcess.StartProgram(
        "ip",
        [
            "netns", "exec", Namespace(host), "unshare", "--uts", "sh", "-c", "hostname \"$0\" && exec \"$@\"", host, ChildProcess.Program,
            .. arguments,
        ]);

    /// <summary>Pulls the host's cable out: nobody is told, nothing gets through.</summary>
    public void Cut(string host) => Ip("link", "set", Cable(host), "down");

    public void Mend(string host) => Ip("link", "set", Cable(host), "up");

    public void Dispose()
    {
        foreach (var host in _hosts)
        {
            TryIp("netns", "delete", Namespace(host));
        }

        TryIp("link", "delete", _name);
    }

    private void Add(string host)
    {
        _hosts.Add(host);
        Ip("netns", "add", Namespace(host));
        Ip("link", "add", Cable(host), "type", "veth", "peer", "name", "eth0", "netns", Namespace(host));
        Ip("link", "set", Cable(host), "master", _name, "up");
        Ip("-n", Namespace(host), "address", "add", $"{_subnet}.{1 + _hosts.Count}/24", "dev", "eth0");
        Ip("-n", Namespace(host), "link", "set", "eth0", "up");
        Ip("-n", Namespace(host), "link", "set", "lo", "up");
    }

    private string Namespace(string host) => $"{_name}-{host}";

    private string Cable(string host) => $"{_name}-{_hosts.IndexOf(host)}";

    private static void TryIp(params string[] arguments)
    {
        try
        {
            Ip(arguments);
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It was not made.
        }
    }

    private static void Ip(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'ip {string.Join(' ', arguments)}': {errors.Trim()}");
        }
    }
}
