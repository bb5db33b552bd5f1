using System.Runtime.InteropServices;

namespace TaskQueue.PowerShell;

/// <summary>
/// Handles the signals that the process gets while a worker runs in the foreground. The host handles the first Ctrl+C: it stops the
/// pipeline, which drains the worker. The second Ctrl+C, once the pipeline is being stopped, stops the worker's tasks. A third one ends the
/// process, as it does without this class. SIGTERM, which stops containers and services, drains the worker the first time and stops its
/// tasks the second time. SIGHUP, which tells that the terminal was closed, drains the worker. It may come twice, from the shell and from
/// the system; the second one changes nothing. On Windows these two signals stand for the end of the console, of the user's session and of
/// the system.
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
    /// <param name="stopping">Cancelled once the pipeline is being stopped. Until then a Ctrl+C is meant for another pipeline.</param>
    public TerminationSignals(ForegroundWorker worker, CancellationToken stopping)
    {
        _worker = worker;
        _stopping = stopping;
        Console.CancelKeyPress += Interrupt;
        _termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Terminate);
        _hangup = HostProcesses.IgnoresHangup ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp);
    }

    /// <summary>True if a signal ended the worker. The pipeline must then end like a stopped one.</summary>
    public bool HasTerminated => _hasHungUp || Volatile.Read(ref _terminations) > 0;

    /// <summary>True once the terminal was closed. Nothing can be written to it any more.</summary>
    public bool HasHungUp => _hasHungUp;

    public void Dispose()
    {
        Console.CancelKeyPress -= Interrupt;
        _termination.Dispose();
        _hangup?.Dispose();
    }

    private void Interrupt(object? sender, ConsoleCancelEventArgs press)
    {
        // Presses are counted. It is not enough that the pipeline is being stopped: the first press may have done that before it arrives
        // here.
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
            // Windows ends the process as soon as this returns, and after some seconds in any case.
            _worker.WaitForEnd();
        }
    }
}
