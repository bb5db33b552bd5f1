using System.Collections.Concurrent;
using CsCheck;
using Xunit;

namespace TaskQueue.Tests;

/// <summary>The invariants of a task's life, over random sequences of random changes, late and repeated ones among them.</summary>
public sealed class RandomLifeTests
{
    private static readonly Gen<Step[]> Steps = Gen
        .Select(
            Gen.Int[0, 19], Gen.Int[0, 2], Gen.Int[0, 90], Gen.Int[0, 2],
            (kind, claim, minutes, choice) => new Step(kind, claim, minutes, choice))
        .Array[1, 60];

    [Fact]
    public void A_task_keeps_the_invariants_whatever_is_done_to_it()
    {
        var applied = new ConcurrentDictionary<string, bool>();
        Gen.Select(Gen.OneOfConst([.. StatusNames.All]), Steps).Sample(
            (start, steps) =>
            {
                var life = new Life(TestTask.In(start));
                foreach (var step in steps.TakeWhile(_ => !life.IsRemoved))
                {
                    life.Do(step);
                    applied[life.LastApplied] = true;
                }
            },
            iter: 3_000);

        // The sequences do reach each change and late results: without them the invariants would hold for nothing.
        Assert.Superset(
            new HashSet<string>
            {
                "cancel", "force cancel", "cleanup", "restart", "remove", "set", "claim", "complete", "failure", "release", "heartbeat",
                "recovery", "due", "late result",
            },
            applied.Keys.ToHashSet());
    }

    /// <param name="Kind">Which change.</param>
    /// <param name="Claim">How many claims back the worker is that asks.</param>
    /// <param name="Minutes">Time that passes before.</param>
    /// <param name="Choice">A choice within the change.</param>
    private sealed record Step(int Kind, int Claim, int Minutes, int Choice);

    private sealed class Life(QueueTask start)
    {
        private readonly List<Guid> _tokens = [TestTask.Token];
        private readonly HashSet<Guid> _answered = start.Status is QueueTaskStatus.Running ? [] : [TestTask.Token];
        private QueueTask _task = start;
        private QueueTask _seen = start;
        private DateTimeOffset _now = TestTask.Now;
        private int _writes = 7;

        public bool IsRemoved { get; private set; }

        public string LastApplied { get; private set; } = "";

        public void Do(Step step)
        {
            _now += TimeSpan.FromMinutes(step.Minutes);
            var before = _task;
            var change = ChangeOf(step);
            var transition = change.Apply(before, _now);
            LastApplied = transition.EventKind is "late result"
                ? "late result"
                : transition.Outcome is TaskOutcomeKind.Applied ? change.Kind : "";
            CheckEffects(before, change, transition);
            if (transition.After is not { } after)
            {
                CheckUnwritten(before, change, transition);
                IsRemoved = transition.Removes;
                return;
            }

            CheckStep(before, change, after);
            CheckState(after);
            CheckGate(before, change, after);
            _task = change.BumpsRevision ? after with { Revision = $"{++_writes}" } : after;
            _seen = step.Choice == 0 ? _task : _seen;
        }

        private static void CheckUnwritten(QueueTask before, TaskChange change, Transition transition)
        {
            if (transition.Outcome is not TaskOutcomeKind.Applied)
            {
                Assert.Equal(change is CompleteTask or FailTask, transition.EventKind is "late result");
                Assert.False(transition.Removes);
            }
            else if (change is WorkerChange worker)
            {
                // Applied without a write: a repeat, and only of the claim's own answer.
                Assert.Equal(worker.Token, before.ClaimToken);
                Assert.NotEqual(QueueTaskStatus.Running, before.Status);
            }
            else
            {
                Assert.True(transition.Removes || change is ClaimTask or MakeTaskDue);
            }
        }

        private static void CheckEffects(QueueTask before, TaskChange change, Transition transition)
        {
            var isWritten = transition.Removes || transition.After is not null;
            Assert.True(isWritten || transition.EventKind is null or WorkerChange.LateResult);
            Assert.Equal(change is OperatorChange && isWritten, transition.IsUndoable);
            Assert.True(!transition.IsUndoable || transition.EventKind == change.Kind);
            // Who holds a claim either asks for its end, or is told of it: it never just vanishes.
            var losesToken = transition.Removes || (transition.After is { } left && left.ClaimToken != before.ClaimToken);
            var isTaken = before.Status is QueueTaskStatus.Running && losesToken && change is not WorkerChange;
            Assert.Equal(isTaken ? before.ClaimToken : null, transition.EndedClaim);
            var isRefused = transition.Outcome is TaskOutcomeKind.Superseded && change is WorkerChange and not HeartbeatTask;
            Assert.Equal(isRefused ? ((WorkerChange)change).Token : null, transition.RefusedClaim);
            Assert.Equal(change is WorkerChange ? transition.After?.Gate is TaskGate.Open : isWritten, transition.IsNews);
        }

        private void CheckStep(QueueTask before, TaskChange change, QueueTask after)
        {
            Assert.Equal((before.Id, before.Type, before.CreatedAt), (after.Id, after.Type, after.CreatedAt));
            Assert.Equal(before.Status != after.Status, before.Status != after.Status && after.StateSince == _now);
            Assert.Equal(before.Attempt + (change is ClaimTask ? 1 : 0), after.Attempt);
            if (before.Status.IsFinished())
            {
                Assert.IsType<RestartTask>(change);
                Assert.Equal(QueueTaskStatus.Pending, after.Status);
            }

            if (after.Status is QueueTaskStatus.Running && before.Status is not QueueTaskStatus.Running)
            {
                var claim = Assert.IsType<ClaimTask>(change);
                Assert.Equal(claim.Token, after.ClaimToken);
                Assert.DoesNotContain(claim.Token, _answered);
                Assert.True(before.DueAt <= _now);
            }

            if (change is WorkerChange worker)
            {
                Assert.Equal(QueueTaskStatus.Running, before.Status);
                Assert.Equal(worker.Token, before.ClaimToken);
                Assert.Equal(_tokens[^1], worker.Token);
                // Exactly one recorded outcome per claim.
                Assert.True(change is HeartbeatTask || _answered.Add(worker.Token));
            }
            else if (before.Status is QueueTaskStatus.Running)
            {
                // Stopped from outside: no later answer of this claim may find its token.
                Assert.Null(after.ClaimToken);
                Assert.True(_answered.Add(before.ClaimToken!.Value));
            }

            if (after.RetryCount > before.RetryCount)
            {
                Assert.IsType<FailTask>(change);
                Assert.InRange(after.RetryCount, 1, after.MaxRetries);
            }
        }

        private void CheckState(QueueTask after)
        {
            var isRunning = after.Status is QueueTaskStatus.Running;
            Assert.Equal(after.Status.ToText(), after.StatusText);
            Assert.Equal(isRunning, after.LeaseExpiresAt is not null);
            Assert.Equal(after.Status.IsFinished(), after.CompletedAt is not null);
            Assert.True(after.ClaimToken is null || after.ClaimToken == _tokens[^1], "a former claim's token");
            Assert.True(!isRunning || (after.ClaimToken is not null && after.StartedAt is not null && after.Worker is not null));
            Assert.True(isRunning || after.Verdict is null);
        }

        /// <summary>
        /// Time only goes on here: what is open has come due. What is not has not come due, or has not been made due yet.
        /// </summary>
        private void CheckGate(QueueTask before, TaskChange change, QueueTask after)
        {
            Assert.Equal(after.Status.IsWaiting(), after.Gate is not null);
            Assert.True(after.Gate is not TaskGate.Open || after.DueAt <= _now, "open before its time");
            var waitsOn = (before.Gate, before.DueAt) == (after.Gate, after.DueAt);
            Assert.True(after.Gate is not TaskGate.NotDue || after.DueAt > _now || waitsOn, "put off when it was due");
            if (change is MakeTaskDue)
            {
                Assert.Equal(before with { Gate = TaskGate.Open }, after);
            }
        }

        private TaskChange ChangeOf(Step step)
        {
            var id = _task.Id;
            var token = _tokens[Math.Max(0, _tokens.Count - 1 - step.Claim)];
            var revision = step.Choice switch { 0 => null, 1 => _task.Revision, _ => _seen.Revision };
            return step.Kind switch
            {
                0 => new CancelTask(id, revision),
                1 => new ForceCancelTask(id, revision),
                2 => new CleanUpStuckTask(TestTask.Judged(step.Choice == 0 ? _task : _seen), Requeue: step.Claim == 0),
                3 => new RestartTask(id, revision),
                4 when step.Minutes >= 80 => new RemoveTask(id, revision, Force: step.Choice == 0),
                4 =>
                    new SetTask(
                        id, revision) { MaxRetries = step.Claim, DueAt = step.Choice == 1 ? null : _now.AddMinutes(step.Minutes - 40) },
                5 => new HeartbeatTask(id, token, TimeSpan.FromMinutes(30), step.Minutes),
                6 => new ReleaseTask(id, token),
                7 or 8 => new CompleteTask(id, token, step.Choice == 0 ? null : "1"),
                9 or 10 => new FailTask(id, token, "disk full", TimeSpan.FromMinutes(step.Claim * 10), DoNotRetry: step.Choice == 2),
                11 => new RecoverTask(id, token, _task.LeaseExpiresAt ?? _now, Budget: 2),
                // A repeated claim. Once the row has lost its token nothing but the client's making a new one each time fences it.
                12 when _task.ClaimToken is { } repeated => new ClaimTask(id, repeated, "web01:4711", TimeSpan.FromMinutes(30)),
                13 or 14 => new MakeTaskDue(id),
                _ => NewClaim(id),
            };
        }

        private ClaimTask NewClaim(string id)
        {
            var claim = new ClaimTask(id, Guid.NewGuid(), "web02:9120", TimeSpan.FromMinutes(30));
            if (_task.Gate is TaskGate.Open)
            {
                _tokens.Add(claim.Token);
            }

            return claim;
        }
    }
}
