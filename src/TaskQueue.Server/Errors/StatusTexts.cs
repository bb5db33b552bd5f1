namespace TaskQueue.Server;

/// <summary>The text for a caller if only a status is known.</summary>
internal static class StatusTexts
{
    public static string Of(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address; /openapi/v1.json tells what there is.",
        StatusCodes.Status405MethodNotAllowed => "The address does not take this method; /openapi/v1.json tells which.",
        StatusCodes.Status413PayloadTooLarge => "The body is larger than the server takes (--max-body).",
        StatusCodes.Status415UnsupportedMediaType => "The body must be JSON. Send it with 'Content-Type: application/json'.",
        _ => "The call could not be answered.",
    };
}
