using System.Threading.Channels;

namespace TaskQueue.PowerShell;

/// <summary>
/// The thread of a handler runspace. PowerShell's own would keep the process from ending while a handler ignores its stop; this
/// one does not, and has a stack of the same size, so that scripts may call as deep as anywhere.
/// </summary>
internal sealed class HandlerThread : IDisposable
{
    private const int StackSize = 10_000_000;

    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>();

    private readonly TaskCompletionSource<int?> _systemId = new();

    public HandlerThread() => new Thread(Run, StackSize) { IsBackground = true, Name = "TaskQueue handler" }.Start();

    /// <summary>The system's name for it; null where nothing can be told of what it starts.</summary>
    public int? SystemId => _systemId.Task.GetAwaiter().GetResult();

    /// <summary>Runs the work there and waits for its end; throws what it throws.</summary>
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
#pragma warning disable CA1031 // It is thrown again where it is waited for.
            catch (Exception error)
#pragma warning restore CA1031
            {
                end.SetException(error);
            }
        });
        ObjectDisposedException.ThrowIf(!isTaken, this);
        end.Task.GetAwaiter().GetResult();
    }

    /// <summary>Lets the thread end with what it does now.</summary>
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
