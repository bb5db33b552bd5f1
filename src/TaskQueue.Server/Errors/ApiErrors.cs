using Microsoft.AspNetCore.Diagnostics;

namespace TaskQueue.Server;

/// <summary>
/// The one place that gives the engine's exceptions their HTTP status, and every error its body. An unexpected error goes to the log, not
/// to the caller.
/// </summary>
internal sealed partial class ApiErrors(ILogger<ApiErrors> log) : IExceptionHandler
{
    // nginx's code for a caller that is gone. Only the log and the metrics read it.
    private const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        // The framework has cleared the endpoint by now. The answer below needs it, and the metrics count by it.
        context.SetEndpoint(context.Features.Get<IExceptionHandlerFeature>()?.Endpoint);
        switch (exception)
        {
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
                context.Response.StatusCode = ClientClosedRequest;
                break;
            case ValidationException error:
                await WriteAsync(context, error.Problems);
                break;
            case TaskValidationException error:
                await WriteAsync(context, [InputPlace.Refused(error, context)]);
                break;
            case BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } error:
                await WriteAsync(context, BindingErrors.Describe(error));
                break;
            case BadHttpRequestException error:
                await WriteAsync(context, error.StatusCode, StatusTexts.Of(error.StatusCode));
                break;
            case TaskQueueException error:
                var original = context.GetEndpoint()?.Metadata.GetMetadata<OriginalStatus>();
                await WriteAsync(context, original?.Of(error) ?? StatusOf(error), AdviceText.Sentences(error));
                break;
            default:
                Unexpected(exception, context.TraceIdentifier);
                await WriteAsync(
                    context, StatusCodes.Status500InternalServerError,
                    $"The server failed. Its log tells more under {context.TraceIdentifier}.");
                break;
        }

        return true;
    }

    /// <summary>Writes the body of an error that has none yet.</summary>
    public static Task WriteStatus(StatusCodeContext status)
    {
        var context = status.HttpContext;
        return WriteAsync(context, context.Response.StatusCode, StatusTexts.Of(context.Response.StatusCode));
    }

    public static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new ErrorBody(detail), ApiJson.Options, context.RequestAborted);
    }

    /// <summary>The status of an error.</summary>
    private static int StatusOf(TaskQueueException error) => error switch
    {
        QueueNotFoundException or QueueFormatException or QueueUnavailableException => StatusCodes.Status503ServiceUnavailable,
        TaskNotFoundException or OperationNotFoundException => StatusCodes.Status404NotFound,
        TaskStateException or TooManyTasksException => StatusCodes.Status409Conflict,
        LayoutNotSupportedException => StatusCodes.Status501NotImplemented,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static Task WriteAsync(HttpContext context, IReadOnlyList<InvalidInput> problems)
    {
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return context.Response.WriteAsJsonAsync(
            new ValidationErrorBody(string.Join(" ", problems.Select(problem => problem.Msg)), problems), ApiJson.Options,
            context.RequestAborted);
    }

    [LoggerMessage(LogLevel.Error, "Call {TraceId} failed.")]
    private partial void Unexpected(Exception error, string traceId);
}
