using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing.Constraints;
using TaskQueue.Server.Contract;
using TaskQueue.Server.Endpoints;
using TaskQueue.Server.Errors;
using TaskQueue.Server.Observability;
using TaskQueue.Server.Page;
using TaskQueue.Server.Security;

namespace TaskQueue.Server;

/// <summary>The server as a whole: what is set up, and in which order a call passes it.</summary>
internal static class ServerApplication
{
    /// <summary>Builds it, ready to run.</summary>
    /// <exception cref="UsageException">The tokens cannot be used.</exception>
    public static WebApplication Build(ServerSettings settings)
    {
        var callers = Callers.Read(settings);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls([.. settings.Urls.Select(url => url.GetLeftPart(UriPartial.Authority))]);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxBody;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(callers);
        builder.Services.AddSingleton<QueueAccess>();
        builder.Services.AddSingleton<QueueMetrics>();
        builder.Services.AddSingleton<TaskChanges>();
        builder.Services.AddSingleton<RecentActivity>();
        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<RouteOptions>(options => options.SetParameterPolicy<RegexInlineRouteConstraint>("regex"));
        builder.Services.AddExceptionHandler<ApiErrors>();
        builder.Services.AddCallLimits(settings);
        builder.Services.AddApiDescription();

        var application = builder.Build();
        if (settings.TrustedProxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in settings.TrustedProxies)
            {
                forwarded.KnownProxies.Add(proxy);
            }

            application.UseForwardedHeaders(forwarded);
        }

        application.UseMiddleware<SecurityHeaders>();
        application.UseRouting();
        // Outside of what turns errors into answers, so that it sees the status the caller sees.
        application.Services.GetRequiredService<QueueMetrics>().Map(application);
        application.UseExceptionHandler(_ => { });
        application.UseStatusCodePages(ApiErrors.WriteStatus);
        application.UseMiddleware<AllowedHosts>();
        // Before the token, so that nobody tries many.
        application.UseRateLimiter();
        application.UseMiddleware<SameOrigin>();
        application.UseMiddleware<TokenCheck>();
        application.UseMiddleware<TaskIdInPath>();

        var tasks = application.MapGroup("/api/v1/tasks").AddEndpointFilterFactory(ParameterRules.Create);
        TaskReading.Map(tasks);
        TaskStopping.Map(tasks);
        TaskRetrying.Map(tasks);
        TaskRemoving.Map(tasks);
        TaskEnqueueing.Map(tasks);
        StuckTasks.Map(tasks);
        Operations.Map(tasks);
        Activity.Map(tasks);
        Health.Map(application, tasks);
        StatusPage.Map(application);
        application.MapOpenApi("/openapi/{documentName}.json").WithMetadata(OpenToAll.Instance);
        StartNotice.Attach(application, settings);
        return application;
    }
}
