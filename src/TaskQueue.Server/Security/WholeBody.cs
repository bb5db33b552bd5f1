using System.Text;
using Microsoft.Net.Http.Headers;

namespace TaskQueue.Server;

/// <summary>
/// Reads the whole body before the call takes a slot, so that a slow sender holds only a connection. The size is bounded by --max-body.
/// </summary>
internal sealed class WholeBody(RequestDelegate next, ServerSettings settings)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            && type.Charset is { HasValue: true } charset
            && !IsUtf8(charset.Value!))
        {
            await ApiErrors.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "The body's charset is not utf-8.");
            return;
        }

        if (context.Request.ContentLength is not 0)
        {
            context.Request.EnableBuffering(bufferThreshold: (int)settings.MaxBody, bufferLimit: settings.MaxBody + 1);
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                // The server stops while the body is still on its way.
                context.Response.Headers.Connection = "close";
                await ApiErrors.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is stopping. Call again later.");
                return;
            }

            context.Request.Body.Position = 0;
        }

        await next(context);
    }

    private static bool IsUtf8(string charset) =>
        string.Equals(charset.Trim('"'), Encoding.UTF8.WebName, StringComparison.OrdinalIgnoreCase);
}
