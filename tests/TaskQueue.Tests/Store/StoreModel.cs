using Xunit;

namespace TaskQueue.Tests.Store;

/// <summary>A queue as the engine alone describes it: tasks in a list, changed by nothing but <see cref="TaskChange.Apply"/>.</summary>
internal sealed class StoreModel(ITaskStore store, ManualTime time)
{
    private static readonly string[] Types = ["a", "b"];
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly NewOperation Operation = new() { Kind = "model", Actor = Actor.Current("Test-Command") };

    private readonly List<QueueTask> _tasks = [];
    private readonly List<Guid> _tokens = [Guid.NewGuid()];
    private readonly List<string?> _revisions = [null];

    public void Do(StoreStep step, CancellationToken cancellation)
    {
        var id = $"task-{step.Task}";
        switch (step.Kind)
        {
            case StepKind.Enqueue or StepKind.EnqueueLater:
                Enqueue(id, step, cancellation);
                break;
            case StepKind.Claim:
                Claim(step, cancellation);
                break;
            case StepKind.Wait:
                time.Advance(TimeSpan.FromSeconds(step.Choice * 10));
                break;
            default:
                Change(ChangeOf(id, step), cancellation);
                break;
        }

        Compare(cancellation);
    }

    private void Enqueue(string id, StoreStep step, CancellationToken cancellation)
    {
        var task = new NewTask
        {
            Id = id,
            Type = Types[step.Choice % 2],
            Priority = (step.Choice % 3) + 1,
            MaxRetries = step.Choice % 3,
            DataJson = $"[{step.Choice}]",
            Delay = step.Kind is StepKind.EnqueueLater ? TimeSpan.FromSeconds(30) : null,
        };
        var outcome = Assert.Single(store.Enqueue([task], cancellation));
        if (_tasks.Exists(known => known.Id == id))
        {
            Assert.Equal(TaskOutcomeKind.Duplicate, outcome.Kind);
            return;
        }

        Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind);
        Remember(new QueueTask
        {
            Id = id, Type = task.Type, Status = QueueTaskStatus.Pending, StatusText = "pending", Priority = task.Priority,
            MaxRetries = task.MaxRetries,
            Gate = task.Delay is null ? TaskGate.Open : TaskGate.NotDue,
            DataJson = task.DataJson, CreatedAt = time.Now, DueAt = time.Now + (task.Delay ?? TimeSpan.Zero), StateSince = time.Now,
            Queue = store.Info.Queue, Revision = outcome.Task!.Revision,
        });
    }

    private void Claim(StoreStep step, CancellationToken cancellation)
    {
        var types = step.Choice % 3 == 2 ? Types : [Types[step.Choice % 3]];
        List<Guid> tokens = [.. Enumerable.Range(0, (step.Choice % 2) + 1).Select(_ => Guid.NewGuid())];
        MakeDue();
        var expected = _tasks
            .Where(task => task.Gate is TaskGate.Open && types.Contains(task.Type))
            .OrderBy(task => task.Priority)
            .Zip(tokens, (task, token) => new ClaimTask(task.Id, token, "model:1", Lease).Apply(task, time.Now).After!)
            .ToList();

        var claimed = store.Claim(new ClaimRequest { Types = types, Tokens = tokens, Worker = "model:1", LeaseTime = Lease }, cancellation);

        Assert.Equal(expected.Select(Shown), claimed.Select(Shown));
        foreach (var (task, real) in expected.Zip(claimed))
        {
            Replace(task.Id, task, real.Revision, bumps: true);
        }

        _tokens.AddRange(tokens);
    }

    /// <summary>A claim first opens what has come due, of whatever type.</summary>
    private void MakeDue()
    {
        for (var index = 0; index < _tasks.Count; index++)
        {
            _tasks[index] = new MakeTaskDue(_tasks[index].Id).Apply(_tasks[index], time.Now).After ?? _tasks[index];
        }
    }

    private void Change(TaskChange change, CancellationToken cancellation)
    {
        var before = _tasks.Find(task => task.Id == change.Id);
        var outcome = Assert.Single(store.Change([change], Operation, cancellation));
        if (before is null)
        {
            Assert.Equal(TaskOutcomeKind.NotFound, outcome.Kind);
            return;
        }

        var transition = change.Apply(before, time.Now);
        Assert.Equal((change, transition.Outcome), (change, outcome.Kind));
        if (transition.Removes)
        {
            _tasks.Remove(before);
        }
        else if (transition.After is { } after)
        {
            Replace(before.Id, after, outcome.Task!.Revision, change.BumpsRevision);
        }
    }

    /// <summary>Tokens and revisions are taken from all that were ever seen: the present one, an old one, another task's.</summary>
    private TaskChange ChangeOf(string id, StoreStep step)
    {
        var now = _tasks.Find(task => task.Id == id);
        var token = step.Choice % 3 == 0 ? _tokens[step.Choice % _tokens.Count] : now?.ClaimToken ?? _tokens[^1];
        var revision = step.Choice % 3 == 0 ? _revisions[step.Choice % _revisions.Count] : step.Choice % 3 == 1 ? now?.Revision : null;
        return step.Kind switch
        {
            StepKind.Complete => new CompleteTask(id, token, $"[{step.Choice}]"),
            StepKind.Fail => new FailTask(id, token, $"failure {step.Choice}", TimeSpan.FromSeconds(step.Choice), step.Choice % 5 == 0),
            StepKind.Release => new ReleaseTask(id, token),
            StepKind.Heartbeat => new HeartbeatTask(id, token, Lease, step.Choice, "at it"),
            StepKind.Recover => new RecoverTask(id, token, now?.LeaseExpiresAt ?? time.Now, Budget: 1),
            StepKind.Cancel => new CancelTask(id, revision),
            StepKind.ForceCancel => new ForceCancelTask(id, revision),
            StepKind.CleanUp when now is not null => new CleanUpStuckTask(
                StuckJudge.Judge(now, Liveness.Unknown, time.Now, TimeSpan.FromSeconds(30)) with
                {
                    ClaimToken = token, Revision = revision ?? now.Revision,
                }, step.Choice % 2 == 0),
            StepKind.Restart => new RestartTask(id, revision, TimeSpan.FromSeconds(step.Choice)),
            StepKind.Set =>
                new SetTask(
                    id,
                    revision)
                    {
                        Priority = (step.Choice % 10) + 1, DataJson = $"[{step.Choice}]", DueAt = time.Now.AddSeconds(step.Choice - 30),
                    },
            _ => new RemoveTask(id, revision, Force: step.Choice % 2 == 0, KeepForUndo: step.Choice % 4 == 0),
        };
    }

    private void Compare(CancellationToken cancellation)
    {
        Assert.Equal(_tasks.Select(Shown), store.Read(new TaskQuery(), cancellation).Select(Shown));
        Assert.Equal(_tasks.Select(task => task.Revision), store.Read(new TaskQuery(), cancellation).Select(task => task.Revision));
        Assert.Equal(
            _tasks.CountBy(task => task.StatusText).Select(pair => (pair.Key, (long)pair.Value)).Order(),
            store.CountByStatus(cancellation).Select(pair => (pair.Key, pair.Value)).Order());
    }

    private void Replace(string id, QueueTask after, string revision, bool bumps)
    {
        var index = _tasks.FindIndex(task => task.Id == id);
        Assert.Equal(bumps, revision != _tasks[index].Revision);
        _tasks[index] = after with { Revision = revision };
        _revisions.Add(revision);
    }

    private void Remember(QueueTask task)
    {
        Assert.DoesNotContain(task.Revision, _revisions);
        _tasks.Add(task);
        _revisions.Add(task.Revision);
    }

    private static string Shown(QueueTask task) => string.Join('|', typeof(QueueTask).GetProperties()
        .Where(property => property.Name is not ("Data" or "Result" or "Age" or "Revision" or "Verdict" or "Evidence"))
        .Select(property => $"{property.Name}={property.GetValue(task)}"));
}
