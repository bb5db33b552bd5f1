namespace TaskQueue.Storage;

/// <summary>
/// A property of tasks, so that each is named in one place only. For everybody else it can be set only while the task is made. Here it is
/// set column by column on a task that nobody else has seen yet, since a copy of the task for each column would cost more than the reading.
/// </summary>
internal sealed class TaskProperty<T>(Func<QueueTask, T> get, Action<QueueTask, T> set)
{
    public TaskProperty(string name)
        : this(
            typeof(QueueTask).GetProperty(name)!.GetMethod!.CreateDelegate<Func<QueueTask, T>>(),
            typeof(QueueTask).GetProperty(name)!.SetMethod!.CreateDelegate<Action<QueueTask, T>>())
    {
    }

    public Func<QueueTask, T> Get { get; } = get;

    public Action<QueueTask, T> Set { get; } = set;
}
