using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;

namespace TaskQueue.Server;

/// <summary>
/// The place in a call of a value that the engine refused, written like the original's framework does: <c>body</c> and <c>priority</c>.
/// </summary>
internal static class InputPlace
{
    /// <summary>What the engine has refused: where it stood, and why, with the names that callers know.</summary>
    public static InvalidInput Refused(TaskValidationException error, HttpContext context)
    {
        var message = AdviceText.Sentences(error);
        foreach (var field in new[] { error.Field, error.OtherField }.OfType<string>())
        {
            message = Regex.Replace(message, $@"\b{Regex.Escape(field)}\b", Of(field, context)[^1], RegexOptions.CultureInvariant);
        }

        return new(Of(error.Field, context), message);
    }

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
