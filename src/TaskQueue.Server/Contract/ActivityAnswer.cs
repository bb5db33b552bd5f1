namespace TaskQueue.Server;

/// <summary>The tasks that ended in an hour.</summary>
/// <param name="From">When the hour begins.</param>
/// <param name="Success">How many ended well.</param>
/// <param name="Failed">How many failed or were stopped by force.</param>
/// <param name="Cancelled">How many were cancelled before they ran.</param>
internal sealed record HourBody(string From, int Success, int Failed, int Cancelled);

/// <summary>The tasks that ended in the last day, by the hour.</summary>
/// <param name="Data">The hours, the oldest first.</param>
/// <param name="Total">How many tasks were counted.</param>
/// <param name="IsComplete">False if more tasks ended than were counted. Only those created last are counted then.</param>
internal sealed record ActivityAnswer(IReadOnlyList<HourBody> Data, int Total, bool IsComplete)
{
    public bool Success { get; } = true;

    public static ActivityAnswer Of(EndedTasks ended, ApiTimes times) => new(
        [.. ended.Hours.Select(hour => new HourBody(times.Write(hour.From), hour.Success, hour.Failed, hour.Cancelled))],
        ended.Hours.Sum(hour => hour.Success + hour.Failed + hour.Cancelled),
        ended.IsComplete);
}
