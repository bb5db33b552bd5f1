using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.PowerShell;

/// <summary>Runs a worker until it ends, and writes to the cmdlet's pipeline what it reports.</summary>
/// <param name="cmdlet">The cmdlet whose pipeline it is.</param>
/// <param name="store">The queue.</param>
/// <param name="handlers">The handler of each type.</param>
/// <param name="options">How the worker works.</param>
/// <param name="keepsChildren">Whether processes that a handler left running are left alone.</param>
internal sealed class WorkerRun(
    QueueCmdlet cmdlet, ITaskStore store, Dictionary<string, ITaskHandler> handlers, WorkerOptions options, bool keepsChildren)
{
    private readonly RunSummary _summary = new(cmdlet);

    /// <summary>In the first runspace of a console, nothing else can be started while the worker runs.</summary>
    private bool HasProcessForItself => cmdlet.Host.Name == "ConsoleHost" && Runspace.DefaultRunspace.Id == 1;

    /// <summary>Runs the worker, and returns when it has ended.</summary>
    public void Run()
    {
        using var process = HasProcessForItself && !keepsChildren ? DedicatedProcess.Begin() : null;
        using var worker = new ForegroundWorker(store, handlers, options, Actor.Current(cmdlet.MyInvocation.MyCommand.Name));
        using var signals = new TerminationSignals(worker, cmdlet.Cancellation);
        worker.Start();
        try
        {
            WriteNotices(worker, signals);
            WriteSummary(worker.Counts);
        }
        finally
        {
            SayThatItDrains(worker.Counts.Running);
            // The pipeline may end in any way, by Ctrl+C or by a command downstream. No task must be left in running.
            worker.DrainAndWait();
        }

        worker.ThrowIfFailed();
        if (signals.HasTerminated)
        {
            // The process was told to end, and the worker did so. For a service manager that is a success.
            cmdlet.Host.SetShouldExit(0);
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Writes notices and progress until the worker has ended, or until the terminal was closed.</summary>
    private void WriteNotices(ForegroundWorker worker, TerminationSignals signals)
    {
        var progress = new WorkerProgress(worker.Identity.Name, handlers.Keys);
        var hasSaidThatItDrains = false;
        while (!worker.HasEnded && !signals.HasHungUp)
        {
            if (worker.TryTake(out var notice, progress.UntilNext, cmdlet.Cancellation) && !signals.HasHungUp)
            {
                Write(notice);
            }

            if (signals.HasTerminated && !hasSaidThatItDrains && !signals.HasHungUp)
            {
                hasSaidThatItDrains = true;
                cmdlet.WriteWarning(Draining(worker.Counts.Running, "SIGTERM"));
            }

            if (!signals.HasHungUp && progress.UntilNext == TimeSpan.Zero)
            {
                cmdlet.WriteProgress(progress.Next(worker.Counts));
            }
        }

        if (!signals.HasHungUp)
        {
            cmdlet.WriteProgress(progress.Completed);
        }
    }

    private void Write(WorkerNotice notice)
    {
        if (notice.Warning is { } warning)
        {
            cmdlet.WriteWarning(warning);
            return;
        }

        if (notice.Failure is { } failure)
        {
            cmdlet.WriteVerbose(failure);
        }

        // Only in a run that ends by itself: otherwise the summary would grow for ever.
        if (options.EndsWhenEmpty || options.MaxTasks is not null)
        {
            _summary.Add(notice);
        }

        if (notice.IsFinal)
        {
            cmdlet.WriteObject(notice.Task);
        }
    }

    private void WriteSummary(WorkerCounts counts)
    {
        _summary.WriteFailures();
        if (!options.EndsWhenEmpty)
        {
            return;
        }

        _summary.WarnOfRetries();
        if (counts is { Done: 0, Failed: 0, Retried: 0 })
        {
            _summary.WarnOfWaiting(store, handlers.Keys);
        }
    }

    private static string Draining(int running, string signal) => running == 0
        ? "Draining: no task runs."
        : $"Draining: {Quantity.Of(running, "task runs", "tasks run")}; {signal} again stops {(running == 1 ? "it" : "them")} at once.";

    /// <summary>After Ctrl+C the pipeline takes no more output, so the warning goes to the host.</summary>
    private void SayThatItDrains(int running)
    {
        if (running == 0 || !cmdlet.Cancellation.IsCancellationRequested)
        {
            return;
        }

        try
        {
            cmdlet.Host.UI?.WriteWarningLine(Draining(running, "Ctrl+C"));
        }
#pragma warning disable CA1031 // Anyone may write a host, and the worker must be drained whatever it does.
        catch (Exception)
#pragma warning restore CA1031
        {
            // A host without a user interface.
        }
    }
}
