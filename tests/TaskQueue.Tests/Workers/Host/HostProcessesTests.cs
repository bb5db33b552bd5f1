using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>Real processes, alive and dead; and facts that must never pass for a proof.</summary>
public sealed class HostProcessesTests
{
    private static readonly WorkerIdentity Self = HostProcesses.NewWorkerIdentity();

    [Fact]
    public void This_process_lives()
    {
        Assert.Equal(new Liveness(LivenessState.Alive, $"{Self.Name} lives"), HostProcesses.LivenessOf(Self));
        Assert.Equal(Environment.ProcessId, Self.ProcessId);
        Assert.True(HostFacts.Current.IsComplete);
    }

    [Fact]
    public void Each_start_of_a_worker_has_its_own_id() => Assert.NotEqual(Self.Id, HostProcesses.NewWorkerIdentity().Id);

    [Fact]
    public void Workers_of_one_process_that_are_there_at_the_same_time_have_names_of_their_own()
    {
        var several = Enumerable.Range(0, 5).Select(_ => HostProcesses.NewWorkerIdentity()).ToList();
        Assert.Equal(5, several.Select(worker => worker.Name).Distinct().Count());
        Assert.All(
            several, worker => Assert.StartsWith($"{worker.Machine}:{Environment.ProcessId}", worker.Name, StringComparison.Ordinal));
        // The name is made of what is kept of a worker.
        Assert.All(several, worker => Assert.Equal(worker.Name, (Self with { Id = worker.Id }).Name));
        several.ForEach(HostProcesses.FreeWorkerIdentity);
    }

    [Fact]
    public void Two_processes_see_each_other_alive_and_a_killed_one_is_gone()
    {
        using var child = ChildProcess.Start("judge-workers");
        var worker = Parse(child.ReadLine());

        child.SendLine(JsonSerializer.Serialize(Self));
        Assert.Equal($"Alive {Self.Name} lives", child.ReadLine());
        Assert.Equal(LivenessState.Alive, HostProcesses.LivenessOf(worker).State);

        child.Kill();
        AssertGone(worker, "no process with that start");
        Assert.Matches($@"^{worker.Name} \(since \d\d-\d\d \d\d:\d\d\) is gone: ", HostProcesses.LivenessOf(worker).Evidence);
    }

    [Fact]
    public void A_process_id_that_another_process_has_now_is_no_sign_of_life() =>
        AssertGone(Self with { ProcessStart = Self.ProcessStart - TimeSpan.TicksPerHour }, "no process with that start");

    [Fact]
    public void The_start_in_the_evidence_is_the_local_time_of_the_process()
    {
        using var process = Process.GetCurrentProcess();
        var earlier = OperatingSystem.IsLinux() ? 360_000 : TimeSpan.TicksPerHour;
        var since = process.StartTime.AddHours(-1);

        var evidence = HostProcesses.LivenessOf(Self with { ProcessStart = Self.ProcessStart - earlier }).Evidence;

        Assert.Contains(new[] { -1, 0, 1 }, seconds =>
            evidence.Contains(
                since.AddSeconds(seconds).ToString("'(since 'MM-dd HH:mm')'", CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    public static TheoryData<string, WorkerIdentity> NotTheSameFacts => new()
    {
        { "is on another machine", Self with { Machine = "elsewhere" } },
        {
            "is on another machine of that name, or from before this one was started",
            Self with { Boot = "11111111-2222-3333-4444-555555555555" }
        },
        { "is in another container", Self with { Namespace = "pid:[1] time:[1]" } },
        { "cannot be looked at", Self with { Boot = null } },
        { "cannot be looked at", Self with { ProcessStart = null } },
        { "cannot be looked at", Self with { ProcessId = 0 } },
        { "cannot be looked at", Self with { ProcessId = -1 } },
    };

    [Theory]
    [MemberData(nameof(NotTheSameFacts), DisableDiscoveryEnumeration = true)]
    public void Without_the_same_known_facts_nothing_is_proof(string evidence, WorkerIdentity worker)
    {
        // Also where the process would be found dead.
        foreach (var candidate in new[] { worker, worker with { ProcessStart = worker.ProcessStart - TimeSpan.TicksPerHour } })
        {
            var liveness = HostProcesses.LivenessOf(candidate);
            Assert.Equal(LivenessState.Unknown, liveness.State);
            Assert.StartsWith($"{worker.Name} {evidence}", liveness.Evidence);
        }
    }

    [Fact]
    public void Where_this_machine_knows_too_little_of_itself_nothing_is_proof()
    {
        var absent = new ProcessSighting(ProcessPresence.Absent, null);
        Assert.Equal(LivenessState.Gone, HostProcesses.Judge(Self, HostFacts.Current, _ => absent).State);
        Assert.Equal(
            LivenessState.Unknown,
            HostProcesses.Judge(Self with { Boot = null }, HostFacts.Current with { Boot = null }, _ => absent).State);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(
                LivenessState.Unknown,
                HostProcesses.Judge(Self with { Namespace = null }, HostFacts.Current with { Namespace = null }, _ => absent).State);
        }
    }

    [Fact]
    public void A_process_whose_start_is_hidden_may_live() =>
        Assert.Equal(
            LivenessState.Unknown,
            HostProcesses.Judge(Self, HostFacts.Current, _ => new ProcessSighting(ProcessPresence.There, null)).State);

    private static void AssertGone(WorkerIdentity worker, string why)
    {
        var liveness = HostProcesses.LivenessOf(worker);
        Assert.Equal(LivenessState.Gone, liveness.State);
        Assert.EndsWith("is gone: " + why, liveness.Evidence);
    }

    private static WorkerIdentity Parse(string json) => JsonSerializer.Deserialize<WorkerIdentity>(json)!;
}
