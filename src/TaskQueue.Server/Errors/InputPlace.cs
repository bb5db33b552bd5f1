using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace TaskQueue.Server;

/// <summary>
/// The place in a call of a value that the engine refused, written like the original's framework does: <c>body</c> and <c>priority</c>.
/// </summary>
internal static class InputPlace
{
    /// <summary>The place of the engine's field; the body as a whole if no field is named.</summary>
    public static IReadOnlyList<string> Of(string? field, HttpContext context) => field switch
    {
        null => ["body"],
        "Cursor" => ["query", "cursor"],
        "OperationId" => ["path", "operation"],
        nameof(NewTask.Id) => OfTaskId(context),
        nameof(NewTask.Type) => ["body", "task_type"],
        nameof(NewTask.Delay) => ["body", "delay_seconds"],
        nameof(NewTask.Timeout) => ["body", "timeout_seconds"],
        _ => ["body", JsonNamingPolicy.SnakeCaseLower.ConvertName(field)],
    };

    private static IReadOnlyList<string> OfTaskId(HttpContext context)
    {
        var body = context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        return body is null ? ["path", "task_id"]
            : body == typeof(BatchRequest) ? ["body", "task_ids"]
            : ["body", "task_id"];
    }
}
