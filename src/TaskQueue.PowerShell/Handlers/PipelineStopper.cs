namespace TaskQueue.PowerShell;

/// <summary>Stops a pipeline without waiting for it.</summary>
internal static class PipelineStopper
{
    /// <summary>
    /// Stops the pipeline on a background thread. BeginStop would wait on a thread that keeps the process from ending, for ever if a
    /// handler ignores its stop.
    /// </summary>
    public static void Begin(System.Management.Automation.PowerShell pipeline)
    {
        var stopping = new Thread(() =>
        {
            try
            {
                pipeline.Stop();
            }
#pragma warning disable CA1031 // A stop that comes too late may throw anything, which would end the process on this thread.
            catch (Exception)
#pragma warning restore CA1031
            {
                // The pipeline has ended by itself meanwhile.
            }
        });
        stopping.IsBackground = true;
        stopping.Name = "TaskQueue handler stop";
        stopping.Start();
    }
}
