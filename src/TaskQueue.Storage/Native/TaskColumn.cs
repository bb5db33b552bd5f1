using System.Text.Json;

namespace TaskQueue.Storage;

/// <summary>A column of the table of tasks, and of the trash. <see cref="TaskColumns"/> lists them.</summary>
internal abstract class TaskColumn(string name, SqlType type)
{
    public SqlColumn Sql { get; } = new(name, type);

    /// <summary>What is written to the column.</summary>
    public abstract object? Value(in TaskToWrite written);

    /// <summary>True if a change from one state to the other has to write the column.</summary>
    public abstract bool Differs(QueueTask before, QueueTask after);
}

/// <summary>A task as it is written.</summary>
/// <param name="Task">The task.</param>
/// <param name="Now">The queue's clock.</param>
/// <param name="Revision">Its new revision.</param>
/// <param name="Source">See <see cref="TaskToInsert"/>.</param>
internal readonly record struct TaskToWrite(QueueTask Task, DateTimeOffset Now, long Revision, string? Source);

/// <summary>A column that is written when a task is added or imported. Tasks do not show it, and no change concerns it.</summary>
/// <param name="name">The column.</param>
/// <param name="type">Its type.</param>
/// <param name="value">What is written.</param>
internal sealed class HiddenColumn(string name, SqlType type, Func<TaskToWrite, object?> value) : TaskColumn(name, type)
{
    public override object? Value(in TaskToWrite written) => value(written);

    public override bool Differs(QueueTask before, QueueTask after) => false;
}

/// <summary>A column that tasks show.</summary>
/// <param name="name">The column.</param>
/// <param name="type">Its type.</param>
/// <param name="isOptional">True if it may be NULL.</param>
internal abstract class FieldColumn(string name, SqlType type, bool isOptional) : TaskColumn(name, type)
{
    /// <summary>True if it may be NULL. A new task has nothing in it.</summary>
    public bool IsOptional { get; } = isOptional;

    /// <summary>What the operations log calls it; null if the log does not tell its changes.</summary>
    public string? LogName { get; init; }

    /// <summary>True if a heartbeat changes it, which leaves the revision as it is.</summary>
    public bool IsMovedByHeartbeats { get; init; }

    /// <summary>True for what a task carries. It is read only where it is asked for, and may be large.</summary>
    public bool IsPayload { get; init; }

    /// <summary>The first layout that has the column. Older ones are read without it.</summary>
    public int Since { get; init; } = 1;

    /// <summary>Sets the field of a task that nobody else has seen yet, from a column that is not NULL.</summary>
    public abstract void Read(NativeRow row, int place, QueueTask task);

    public abstract void WriteJson(Utf8JsonWriter json, QueueTask task);

    /// <summary>The same from the log.</summary>
    public abstract void ReadJson(JsonElement json, QueueTask task);

    /// <summary>The same from another task.</summary>
    public abstract void Copy(QueueTask from, QueueTask to);
}

/// <inheritdoc/>
/// <param name="name">The column.</param>
/// <param name="form">How its values stand in it.</param>
/// <param name="property">The task's property.</param>
/// <param name="value">What is written where it is not the property's own value.</param>
internal sealed class FieldColumn<T>(string name, ColumnForm<T> form, TaskProperty<T> property, Func<TaskToWrite, object?>? value = null)
    : FieldColumn(name, form.Type, form.IsOptional)
{
    // Called for each column of each row that is read.
    private readonly Func<NativeRow, int, T> _read = form.Read;
    private readonly Action<QueueTask, T> _set = property.Set;

    public override object? Value(in TaskToWrite written) => value is null ? form.Store(property.Get(written.Task)) : value(written);

    public override bool Differs(QueueTask before, QueueTask after) =>
        !EqualityComparer<T>.Default.Equals(property.Get(before), property.Get(after));

    public override void Read(NativeRow row, int place, QueueTask task) => _set(task, _read(row, place));

    public override void WriteJson(Utf8JsonWriter json, QueueTask task) => form.WriteJson(json, property.Get(task));

    public override void ReadJson(JsonElement json, QueueTask task) => property.Set(task, form.ReadJson(json));

    public override void Copy(QueueTask from, QueueTask to) => property.Set(to, property.Get(from));
}
