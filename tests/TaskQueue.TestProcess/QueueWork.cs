using System.Globalization;
using TaskQueue.Storage;

namespace TaskQueue.TestProcess;

/// <summary>A second user of a queue.</summary>
internal static class QueueWork
{
    private static readonly StoreOptions Writing = new() { ForWriting = true, Timeout = TimeSpan.FromMinutes(2) };

    public static void Create(string[] args)
    {
        AwaitStart();
        using var store = TaskStores.Open(args[0], Writing with { Create = true });
        Console.WriteLine("created");
    }

    public static void EnqueueForever(string[] args)
    {
        using var store = TaskStores.Open(args[0], Writing);
        while (!EndOfInput.Reached)
        {
            var task = new NewTask { Type = args[1], DataJson = """{"from":"child"}""" };
            store.Enqueue([task], CancellationToken.None);
            Console.WriteLine(task.Id);
        }
    }

    public static void ClaimAndComplete(string[] args)
    {
        using var store = TaskStores.Open(args[0], Writing);
        var worker = $"child:{Environment.ProcessId}";
        var operation = new NewOperation { Kind = "work", Actor = Actor.Current("claim-and-complete") };
        while (!EndOfInput.Reached)
        {
            var request = new ClaimRequest
            {
                Types = [args[1]],
                Tokens = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()],
                Worker = worker,
                // So short that a claim is soon judged dead although its worker lives: the worst case for a cleanup.
                LeaseTime = TimeSpan.FromMilliseconds(1),
            };
            foreach (var task in store.Claim(request, CancellationToken.None))
            {
                Thread.Sleep(Random.Shared.Next(4));
                var token = task.ClaimToken!.Value;
                if (Random.Shared.Next(4) == 0)
                {
                    store.Change([new ReleaseTask(task.Id, token)], operation, CancellationToken.None);
                    continue;
                }

                store.Change(
                    [new HeartbeatTask(task.Id, token, request.LeaseTime, Random.Shared.Next(100))], operation, CancellationToken.None);
                var outcome = store.Change([new CompleteTask(task.Id, token, $"\"{token}\"")], operation, CancellationToken.None)[0];
                Console.WriteLine($"{task.Id} {token} {outcome.Kind}");
            }
        }
    }

    public static void CleanUp(string[] args)
    {
        using var store = TaskStores.Open(args[0], Writing);
        var cleanup = new StuckTaskCleanup(store);
        var maxAge = TimeSpan.FromMilliseconds(int.Parse(args[1], CultureInfo.InvariantCulture));
        var plan = cleanup.Plan(new StuckPolicy { MaxAge = maxAge }, CancellationToken.None);
        Console.WriteLine($"planned {plan.Stuck.Count}");
        var report = cleanup.Apply(plan, plan.Stuck, () => Backup(store, args[0]), OperationOf("cleanup"), CancellationToken.None);
        Console.WriteLine($"cleaned {report.Cleaned.Count}");
    }

    /// <summary>As a cleanup of the product, with others that begin at the same time: whose backups would all have the same name.</summary>
    public static void CleanUpAt(string[] args)
    {
        var now = new ManualTime(DateTimeOffset.Parse(args[3], CultureInfo.InvariantCulture));
        using var store = TaskStores.Open(args[0], Writing with { Time = now });
        var backups = new AutomaticBackups(store);
        var cleanup = new StuckTaskCleanup(store);
        var plan = cleanup.Plan(new StuckPolicy { Matches = task => task.Type == args[1] }, CancellationToken.None);
        AwaitStart();
        var report = cleanup.Apply(
            plan, plan.Stuck, () => backups.Make(null, CancellationToken.None), OperationOf("cleanup"), CancellationToken.None);
        var pruned = backups.Prune(report.Backup!, int.Parse(args[2], CultureInfo.InvariantCulture));
        Console.WriteLine($"backup {report.BackupPath}");
        Console.WriteLine($"cleaned {report.Cleaned.Count}");
        report.Warnings.Concat(pruned.Warnings).ToList().ForEach(Console.WriteLine);
    }

    /// <summary>
    /// What a cleanup of all that does not hold its lease would stop, at the first look and at the second; changes nothing.
    /// </summary>
    public static void LookTwice(string[] args)
    {
        using var store = TaskStores.Open(args[0], new StoreOptions());
        var cleanup = new StuckTaskCleanup(store);
        var policy = new StuckPolicy { MaxAge = TimeSpan.FromMilliseconds(1), IncludeStalled = true };
        var plan = cleanup.Plan(policy, CancellationToken.None);
        Console.WriteLine($"suspected {plan.Stuck.Count}");
        Console.WriteLine($"convicted {cleanup.Confirm(plan, null, CancellationToken.None).Stuck.Count}");
    }

    private static BackupResult Backup(ITaskStore store, string path)
    {
        var request = BackupNaming.Resolve(path, null, TimeProvider.System.GetLocalNow()) with { IsAutomatic = true };
        var made = store.Backup(request, CancellationToken.None);
        Console.WriteLine($"backup {made.Path}");
        return made;
    }

    private static NewOperation OperationOf(string kind) => new() { Kind = kind, Actor = Actor.Current(kind) };

    private static void AwaitStart()
    {
        Console.WriteLine("ready");
        Console.ReadLine();
    }
}
