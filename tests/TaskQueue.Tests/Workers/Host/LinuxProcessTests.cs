using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>States of a process, and namespaces, that only Linux has.</summary>
public sealed class LinuxProcessTests
{
    public LinuxProcessTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone has /proc.");

    [Fact]
    public void A_name_with_spaces_and_parentheses_does_not_shift_the_fields()
    {
        var text = "4711 (a) R (b 7 8) Z 1 4711 4711 0 -1 4194304 97 0 0 0 0 0 0 0 20 0 3 0 98819 3133440 350\n";
        Assert.Equal(new LinuxProcess('Z', 1, 3, 98819), LinuxProcess.Parse(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4711 (name")]
    [InlineData("4711 (name)")]
    [InlineData("4711 (name) S 1 2 3")]
    public void A_text_that_is_cut_off_is_no_process(string text) => Assert.Null(LinuxProcess.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_process_with_an_odd_name_lives_and_is_gone_once_killed()
    {
        using var folder = new TemporaryFolder();
        var program = Path.Combine(folder.Path, "a) R (b");
        File.Copy("/bin/sleep", program);
        using var child = ChildProcess.StartProgram(program, "1000");
        var worker = IdentityOf(child.Id);

        Assert.Contains(") R (", File.ReadAllText($"/proc/{child.Id}/stat"));
        Assert.Equal(LivenessState.Alive, HostProcesses.LivenessOf(worker).State);
        child.Kill();
        Assert.Equal(LivenessState.Gone, HostProcesses.LivenessOf(worker).State);
    }

    [Fact]
    public void A_suspended_process_lives()
    {
        using var child = ChildProcess.StartProgram("/bin/sleep", "1000");
        var worker = IdentityOf(child.Id);
        Assert.True(UnixCalls.Signal(child.Id, 19 /* SIGSTOP */));
        AwaitState(child.Id, 'T');

        Assert.Equal(LivenessState.Alive, HostProcesses.LivenessOf(worker).State);
    }

    [Fact]
    public void A_process_that_has_ended_and_waits_for_its_parent_is_gone()
    {
        // The shell becomes a program that never asks for its child's end; before, it would.
        using var parent = ChildProcess.StartProgram("/bin/sh", "-c", "sleep 1000 & echo $!; exec sleep 1000");
        var zombie = int.Parse(parent.ReadLine(), CultureInfo.InvariantCulture);
        var worker = IdentityOf(zombie);
        Await(() => File.ReadAllText($"/proc/{parent.Id}/comm") == "sleep\n");
        Assert.True(UnixCalls.Signal(zombie, UnixCalls.Kill));
        AwaitState(zombie, 'Z');

        var liveness = HostProcesses.LivenessOf(worker);

        Assert.Equal(LivenessState.Gone, liveness.State);
        Assert.EndsWith("is gone: its process has ended", liveness.Evidence);
    }

    [Fact]
    public void A_process_whose_first_thread_alone_has_ended_lives() =>
        Assert.Equal((false, true), (new LinuxProcess('Z', 1, 2, 1).HasEnded, new LinuxProcess('Z', 1, 1, 1).HasEnded));

    [Fact]
    public void A_process_that_proc_hides_may_live_and_a_dead_one_is_gone_there_too()
    {
        // A view of /proc of its own, in which a user without rights sees nobody else's processes.
        string[] hidden = [
            "--mount", "/bin/sh", "-c",
            "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" \"$@\"",
        ];
        SkipUnlessItRuns([.. hidden, ChildProcess.Program, "echo"]);
        using var child = ChildProcess.StartProgram("unshare", [.. hidden, ChildProcess.Program, "judge-workers"]);
        using var other = ChildProcess.StartProgram("/bin/sleep", "1000");
        var worker = IdentityOf(other.Id);
        child.ReadLine();

        child.SendLine(JsonSerializer.Serialize(worker));
        Assert.StartsWith($"Unknown {worker.Name} cannot be looked at: when its process started is hidden", child.ReadLine());
        other.Kill();
        child.SendLine(JsonSerializer.Serialize(worker));
        Assert.StartsWith($"Gone {worker.Name} ", child.ReadLine());
        child.Finish();
    }

    [Fact]
    public void Workers_in_two_containers_cannot_judge_each_other()
    {
        SkipUnlessItRuns("--pid", "--fork", "--mount-proc", "true");
        using var child = ChildProcess.StartProgram("unshare", "--pid", "--fork", "--mount-proc", ChildProcess.Program, "judge-workers");
        var inner = Parse(child.ReadLine());
        var outer = HostProcesses.NewWorkerIdentity();

        Assert.Equal((outer.Machine, outer.Boot), (inner.Machine, inner.Boot));
        Assert.NotNull(inner.Namespace);
        var liveness = HostProcesses.LivenessOf(inner);
        Assert.Equal(new Liveness(LivenessState.Unknown, $"{inner.Name} is in another container"), liveness);
        child.SendLine(JsonSerializer.Serialize(outer));
        Assert.Equal($"Unknown {outer.Name} is in another container", child.ReadLine());
        child.SendLine(JsonSerializer.Serialize(inner));
        Assert.Equal($"Alive {inner.Name} lives", child.ReadLine());
        child.Finish();
    }

    [Fact]
    public void A_container_that_sees_the_proc_of_its_host_proves_nothing()
    {
        SkipUnlessItRuns("--pid", "--fork", "true");
        using var child = ChildProcess.StartProgram("unshare", "--pid", "--fork", ChildProcess.Program, "judge-workers");
        var inner = Parse(child.ReadLine());

        Assert.Null(inner.Namespace);
        child.SendLine(JsonSerializer.Serialize(inner));
        Assert.StartsWith($"Unknown {inner.Name} cannot be looked at", child.ReadLine());
        child.Finish();
    }

    private static WorkerIdentity IdentityOf(int process) =>
        HostProcesses.NewWorkerIdentity() with { ProcessId = process, ProcessStart = LinuxProcess.Read(process)!.Value.Start };

    private static void AwaitState(int process, char state) =>
        Await(() => LinuxProcess.Read(process)?.State == state);

    private static void Await(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, HangGuard.Longest));

    private static WorkerIdentity Parse(string json) => JsonSerializer.Deserialize<WorkerIdentity>(json)!;

    private static void SkipUnlessItRuns(params string[] options)
    {
        try
        {
            using var attempt = ChildProcess.StartProgram("unshare", options);
            attempt.Finish();
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            Assert.Skip($"This user may not make namespaces here: {error.Message}");
        }
    }
}
