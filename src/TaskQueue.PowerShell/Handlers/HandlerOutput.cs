using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// What a handler writes: its output up to a limit, of the other streams its progress and the end of programs' errors, so that memory stays
/// bounded.
/// </summary>
internal sealed class HandlerOutput
{
    /// <summary>Beyond it the handler is stopped: what writes so much does not return a result.</summary>
    public const int MostObjects = 100_000;

    private readonly PSDataCollection<PSObject?> _objects = [];

    /// <param name="pipeline">What runs the handler.</param>
    /// <param name="progressed">Called with what it says of its progress; null where that is of no interest.</param>
    public HandlerOutput(System.Management.Automation.PowerShell pipeline, Action<ProgressRecord>? progressed = null)
    {
        _objects.DataAdded += (_, _) =>
        {
            if (_objects.Count > MostObjects)
            {
                // Cleared each time, since the handler goes on writing until the stop reaches it.
                _objects.Clear();
                if (!IsTooMuch)
                {
                    IsTooMuch = true;
                    PipelineStopper.Begin(pipeline);
                }
            }
        };
        var errors = pipeline.Streams.Error;
        errors.DataAdded += (_, _) => NativeErrors.Add(errors.ReadAll());
        Drop(pipeline.Streams.Warning);
        Drop(pipeline.Streams.Verbose);
        Drop(pipeline.Streams.Debug);
        Drop(pipeline.Streams.Information);
        var progress = pipeline.Streams.Progress;
        progress.DataAdded += (_, _) =>
        {
            foreach (var record in progress.ReadAll())
            {
                progressed?.Invoke(record);
            }
        };
    }

    public PSDataCollection<PSObject?> Objects => _objects;

    /// <summary>True once more than <see cref="MostObjects"/> came.</summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>What programs wrote to their standard error.</summary>
    public NativeErrors NativeErrors { get; } = new();

    /// <summary>Nothing is null, one object is itself, several are an array.</summary>
    public static object? Combine(IReadOnlyList<object?> objects) => objects.Count switch
    {
        0 => null,
        1 => objects[0],
        _ => objects,
    };

    private static void Drop<T>(PSDataCollection<T> stream) => stream.DataAdded += (_, _) => stream.Clear();
}
