using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Takes what a handler writes, in bounded memory. It keeps the output up to a limit and the last lines that programs wrote to standard
/// error. It passes on progress, and drops all else.
/// </summary>
internal sealed class HandlerOutput
{
    /// <summary>The most objects of output. A handler that writes more is stopped, since so much cannot be meant as a result.</summary>
    public const int MostObjects = 100_000;

    private readonly PSDataCollection<PSObject?> _objects = [];

    /// <param name="pipeline">The pipeline that runs the handler.</param>
    /// <param name="progressed">Called with each record of progress; null if progress is of no interest.</param>
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
