using System.Reflection;
using System.Text.Json;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Store;

public sealed class TaskColumnTests
{
    // What is not stored: it follows from what is, or is said by who reads the task.
    private static readonly HashSet<string> Derived =
    [
        nameof(QueueTask.Status), nameof(QueueTask.Age), nameof(QueueTask.Verdict), nameof(QueueTask.Evidence), nameof(QueueTask.Queue),
        nameof(QueueTask.Remark),
    ];

    private static readonly QueueTask Plain = new()
    {
        Id = "a",
        Type = "work",
        Status = QueueTaskStatus.Pending,
        StatusText = "pending",
        Queue = "queue",
        Revision = "1",
    };

    public static TheoryData<string> StoredProperties =>
        [.. typeof(QueueTask)
            .GetProperties()
            .Where(property => property.CanWrite && !Derived.Contains(property.Name))
            .Select(property => property.Name)];

    public static TheoryData<string> LoggedColumns => [.. TaskColumns.InLog.Select(column => column.Sql.Name)];

    [Theory]
    [MemberData(nameof(StoredProperties))]
    public void Each_property_of_a_task_has_a_column(string property) =>
        Assert.Single(TaskColumns.All.OfType<FieldColumn>(), column => column.Differs(Plain, With(property)));

    [Fact]
    public void The_columns_fit_into_the_bits_that_name_those_of_an_update() => Assert.InRange(TaskColumns.All.Count, 1, 63);

    [Theory]
    [MemberData(nameof(LoggedColumns))]
    public void What_the_log_tells_of_a_column_can_be_applied_again(string name)
    {
        var column = Assert.Single(TaskColumns.InLog, column => column.Sql.Name == name);
        var changed = With(StoredProperties.Select(row => row.Data).First(property => column.Differs(Plain, With(property))));

        var difference = TaskDifference.Between(Plain, changed);

        Assert.Equal([column.LogName!], Names(difference.Before!));
        Assert.Equal([column.LogName!], Names(difference.After!));
        Assert.Equal(changed, TaskDifference.Apply(Plain, difference.After!));
        Assert.Equal(Plain, TaskDifference.Apply(changed, difference.Before!));
    }

    [Fact]
    public void Applying_a_difference_leaves_the_task_that_it_is_applied_to()
    {
        Assert.NotNull(TaskDifference.Apply(Plain, """{"priority":1}"""));

        Assert.Equal(NewTask.DefaultPriority, Plain.Priority);
    }

    private static IEnumerable<string> Names(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Select(property => property.Name)];
    }

    private static QueueTask With(string name)
    {
        var property = typeof(QueueTask).GetProperty(name)!;
        var changed = Plain with { };
        property.SetValue(changed, Other(property));
        return name == nameof(QueueTask.StatusText) ? changed with { Status = StatusNames.Parse(changed.StatusText) } : changed;
    }

    private static object Other(PropertyInfo property) =>
        (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
        {
            var type when type == typeof(int) => 7,
            var type when type == typeof(double) => 12.5,
            var type when type == typeof(Guid) => Guid.Parse("0198d2a4-5b6c-7d8e-9f00-112233445566"),
            var type when type == typeof(TimeSpan) => TimeSpan.FromSeconds(3),
            var type when type == typeof(DateTimeOffset) => DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_123),
            var type when type == typeof(TaskGate) => TaskGate.Open,
            var type when type == typeof(RecoveryHistory) => new RecoveryHistory("1790000000123"),
            _ => property.Name == nameof(QueueTask.StatusText) ? "running" : "7",
        };
}
