using Xunit;

namespace TaskQueue.Tests;

public sealed class NewTaskTests
{
    private static readonly NewTask Valid = new() { Type = "render" };

    [Fact]
    public void Only_the_type_is_required()
    {
        Valid.Validate();

        Assert.Equal((5, 3), (Valid.Priority, Valid.MaxRetries));
        Assert.Null(Valid.DataJson);
        Assert.Null(Valid.DueAt);
    }

    [Fact]
    public void An_id_is_made_before_the_first_try_and_sorts_by_time()
    {
        var id = Guid.Parse(Valid.Id);

        Assert.Equal(7, id.Version);
        Assert.NotEqual(Valid.Id, new NewTask { Type = "render" }.Id);
    }

    public static TheoryData<string, NewTask> Invalid => new()
    {
        { "Id", Valid with { Id = "" } },
        { "Type", Valid with { Type = " " } },
        { "Priority", Valid with { Priority = 0 } },
        { "MaxRetries", Valid with { MaxRetries = -1 } },
        { "Data", Valid with { DataJson = "{" } },
        { "DueAt", Valid with { DueAt = TestTask.Now, Delay = TimeSpan.Zero } },
        { "Delay", Valid with { Delay = TimeSpan.FromTicks(-1) } },
        { "Timeout", Valid with { Timeout = TimeSpan.Zero } },
        { "Timeout", Valid with { Timeout = TimeSpan.FromSeconds(-1) } },
    };

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public void The_error_names_the_field_that_is_wrong_and_says_what_to_do(string field, NewTask task)
    {
        var error = Assert.Throws<TaskValidationException>(task.Validate);

        Assert.StartsWith(field, error.Message, StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(error.Advice?.ToString()));
    }

    [Fact]
    public void Every_field_at_its_bound_is_valid()
    {
        (Valid with
        {
            Priority = 10, MaxRetries = 0, DataJson = "null", Delay = TimeSpan.Zero, Timeout = TimeSpan.FromTicks(1),
        }).Validate();
        (Valid with { DueAt = DateTimeOffset.MinValue }).Validate();
    }
}
