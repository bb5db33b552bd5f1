namespace TaskQueue.PowerShell;

/// <summary>What a worker has to say on the pipeline: a task that ended, or a warning.</summary>
internal readonly record struct WorkerNotice(QueueTask? Task, string? Warning);
