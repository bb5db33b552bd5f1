using System.Runtime.InteropServices;

namespace TaskQueue.PowerShell;

/// <summary>
/// What the process is told while a worker runs in the foreground. The first Ctrl+C is the host's: it stops the pipeline, which drains the
/// worker. The second, once the pipeline is being stopped, stops the worker's tasks; a third ends the process, as it does without us.
/// SIGTERM, by which containers and services are stopped, drains, and the second time stops. SIGHUP, which tells that the terminal was
/// closed, drains; it may come twice, from the shell and from the system, and says nothing more then. On Windows both stand for the end of
/// the console, of the user's session and of the system.
/// </summary>
internal sealed class TerminationSignals : IDisposable
{
    private readonly ForegroundWorker _worker;
    private readonly CancellationToken _stopping;
    private readonly PosixSignalRegistration _termination;
    private readonly PosixSignalRegistration? _hangup;
    private int _interrupts;
    private int _terminations;
    private volatile bool _hasHungUp;

    /// <param name="worker">The worker.</param>
    /// <param name="stopping">Cancelled once the pipeline is being stopped: a Ctrl+C is meant for another one until then.</param>
    public TerminationSignals(ForegroundWorker worker, CancellationToken stopping)
    {
        _worker = worker;
        _stopping = stopping;
        Console.CancelKeyPress += Interrupt;
        _termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Terminate);
        _hangup = HostProcesses.IgnoresHangup ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp);
    }

    /// <summary>True if the worker was ended from here: then the pipeline is to end as a stopped one.</summary>
    public bool HasTerminated => _hasHungUp || Volatile.Read(ref _terminations) > 0;

    /// <summary>True once the terminal was closed: nothing can be written to it any more.</summary>
    public bool HasHungUp => _hasHungUp;

    public void Dispose()
    {
        Console.CancelKeyPress -= Interrupt;
        _termination.Dispose();
        _hangup?.Dispose();
    }

    private void Interrupt(object? sender, ConsoleCancelEventArgs press)
    {
        // Not merely whether the pipeline is being stopped: the first Ctrl+C may have done that before its signal arrives here.
        if (Interlocked.Increment(ref _interrupts) == 2 && _stopping.IsCancellationRequested)
        {
            press.Cancel = true;
            _worker.StopNow();
        }
    }

    private void HangUp(PosixSignalContext signal)
    {
        _hasHungUp = true;
        signal.Cancel = true;
        _worker.Drain();
        WaitOnWindows();
    }

    private void Terminate(PosixSignalContext signal)
    {
        switch (Interlocked.Increment(ref _terminations))
        {
            case 1:
                signal.Cancel = true;
                _worker.Drain();
                break;
            case 2:
                signal.Cancel = true;
                _worker.StopNow();
                break;
        }

        WaitOnWindows();
    }

    private void WaitOnWindows()
    {
        if (OperatingSystem.IsWindows())
        {
            // It ends the process as soon as this returns, and after some seconds whatever happens.
            _worker.WaitForEnd();
        }
    }
}
