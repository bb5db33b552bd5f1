using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace TaskQueue.Server;

/// <summary>What an operator should know when the server has started.</summary>
internal static partial class StartNotice
{
    public static void Attach(WebApplication application, ServerSettings settings) =>
        application.Lifetime.ApplicationStarted.Register(() =>
        {
            var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            if (!settings.IsLoopbackOnly && settings.Urls.Any(url => url.Scheme == "http"))
            {
                TokensInTheClear(application.Logger);
            }

            try
            {
                Serving(
                    application.Logger, application.Services.GetRequiredService<QueueAccess>().ForReading().Info.Queue,
                    string.Join(", ", addresses));
            }
            catch (Exception error)
            {
                // Every error is caught, since nobody else would catch it. Each call is told what is wrong with the queue.
                NoQueue(application.Logger, string.Join(", ", addresses), error.Message);
            }
        });

    [LoggerMessage(LogLevel.Information, "Serving {Queue} at {Addresses}.")]
    private static partial void Serving(ILogger log, string queue, string addresses);

    [LoggerMessage(LogLevel.Warning, "Listening at {Addresses}. Calls are answered with 503 until the queue can be opened: {Reason}")]
    private static partial void NoQueue(ILogger log, string addresses, string reason);

    [LoggerMessage(LogLevel.Warning, "Tokens and answers travel in the clear. Put a proxy with TLS in front, or listen on https.")]
    private static partial void TokensInTheClear(ILogger log);
}
