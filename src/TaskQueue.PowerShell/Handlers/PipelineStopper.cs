namespace TaskQueue.PowerShell;

/// <summary>Stops a pipeline without waiting for it.</summary>
internal static class PipelineStopper
{
    /// <summary>BeginStop would wait on a thread that keeps the process from ending, for ever if a handler ignores its stop.</summary>
    public static void Begin(System.Management.Automation.PowerShell pipeline)
    {
        var stopping = new Thread(() =>
        {
            try
            {
                pipeline.Stop();
            }
#pragma warning disable CA1031 // Whatever a stop that came too late is told: on a thread of its own it would end the process.
            catch (Exception)
#pragma warning restore CA1031
            {
                // It ended by itself meanwhile.
            }
        });
        stopping.IsBackground = true;
        stopping.Name = "TaskQueue handler stop";
        stopping.Start();
    }
}
