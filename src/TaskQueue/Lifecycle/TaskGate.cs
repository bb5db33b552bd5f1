namespace TaskQueue;

/// <summary>What a waiting task waits for. Stores keep the number, and look for tasks to claim only among the open ones.</summary>
public enum TaskGate
{
    /// <summary>Waits for its time: <see cref="QueueTask.DueAt"/>. <see cref="MakeTaskDue"/> opens it.</summary>
    NotDue = 0,

    /// <summary>Nothing but a free worker: it can be claimed now.</summary>
    Open = 1,
}
