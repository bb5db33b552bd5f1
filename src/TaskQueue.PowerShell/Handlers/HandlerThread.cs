using System.Threading.Channels;

namespace TaskQueue.PowerShell;

/// <summary>
/// The thread of a handler runspace. PowerShell's own thread would keep the process from ending while a handler ignores its stop. This one
/// is a background thread, which does not. Its stack has the same size, so that scripts may recurse as deep as elsewhere.
/// </summary>
internal sealed class HandlerThread : IDisposable
{
    private const int StackSize = 10_000_000;

    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>();

    private readonly TaskCompletionSource<int?> _systemId = new();

    public HandlerThread() => new Thread(Run, StackSize) { IsBackground = true, Name = "TaskQueue handler" }.Start();

    /// <summary>The system's id of the thread; null where the processes that it starts cannot be told apart.</summary>
    public int? SystemId => _systemId.Task.GetAwaiter().GetResult();

    /// <summary>Runs the work on the thread and waits for its end. Throws what the work throws.</summary>
    public void Run(Action work)
    {
        var end = new TaskCompletionSource();
        var isTaken = _work.Writer.TryWrite(() =>
        {
            try
            {
                work();
                end.SetResult();
            }
#pragma warning disable CA1031 // It is thrown again on the thread that waits.
            catch (Exception error)
#pragma warning restore CA1031
            {
                end.SetException(error);
            }
        });
        ObjectDisposedException.ThrowIf(!isTaken, this);
        end.Task.GetAwaiter().GetResult();
    }

    /// <summary>Lets the thread end after its present work.</summary>
    public void Dispose() => _work.Writer.TryComplete();

    private void Run()
    {
        _systemId.SetResult(TaskChildren.EnterThread());
        try
        {
            Work();
        }
        finally
        {
            TaskChildren.LeaveThread(SystemId);
        }
    }

    private void Work()
    {
        while (_work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_work.Reader.TryRead(out var work))
            {
                work();
            }
        }
    }
}
