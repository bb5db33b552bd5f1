namespace TaskQueue;

/// <summary>running → success. The token stays on the row, so that a repeated completion is recognised as this one.</summary>
public sealed record CompleteTask(string Id, Guid Token, string? ResultJson = null) : WorkerChange(Id, Token)
{
    public override string Kind => "complete";

    public override bool CarriesResult => true;

    public override void Validate() => TaskRules.CheckJson(ResultJson, "Result");

    protected override string LateDetails => "success: " + (ResultJson ?? "no result");

    protected override bool IsInPlace(QueueTask before) =>
        before.Status is QueueTaskStatus.Success && before.ResultJson == ResultJson;

    protected override Transition Change(QueueTask before, DateTimeOffset now) =>
        Transition.To(before.Enter(QueueTaskStatus.Success, now) with
        {
            ResultJson = ResultJson,
            ErrorMessage = null,
            CompletedAt = now,
            LeaseExpiresAt = null,
        });
}
