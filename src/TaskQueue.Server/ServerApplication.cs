using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace TaskQueue.Server;

/// <summary>The server as a whole: what is set up, and in which order a call passes through it.</summary>
internal static class ServerApplication
{
    private const int MostConnections = 2048;

    /// <summary>Builds it, ready to run.</summary>
    /// <exception cref="UsageException">The tokens cannot be used.</exception>
    public static WebApplication Build(ServerSettings settings)
    {
        var callers = Callers.Read(settings);
        // The settings are not read from the current folder, where anybody may have left an appsettings.json.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        if (builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            throw new UsageException(
                "Kestrel:Endpoints is set, which would listen where --urls does not say. "
                    + "Leave it out, and name all addresses with --urls.");
        }

        builder.WebHost.UseUrls([.. settings.Urls.Select(url => url.GetLeftPart(UriPartial.Authority))]);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxBody;
            // Enough for a reason of 1000 characters and an id of 1024; each character is sent as up to nine bytes.
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            // Connections are few, so a client that sends or reads more slowly than a modem loses its own.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(4096, TimeSpan.FromSeconds(5));
            kestrel.Limits.MinResponseDataRate = new MinDataRate(16 * 1024, TimeSpan.FromSeconds(5));
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Program reports what fails at the start, in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
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
        application.UseMiddleware<KnownMethods>();
        application.UseRouting();
        // The metrics come before the middleware that turns errors into answers, so they see the status that the caller sees.
        application.Services.GetRequiredService<QueueMetrics>().Map(application);
        application.UseExceptionHandler(_ => { });
        application.UseStatusCodePages(ApiErrors.WriteStatus);
        application.UseMiddleware<AllowedHosts>();
        application.UseMiddleware<SameOrigin>();
        // Before the check of the token, so that nobody can try many tokens.
        application.UseRateLimiter();
        application.UseMiddleware<TokenCheck>();
        application.UseMiddleware<WholeBody>();
        application.UseMiddleware<CallSlots>();
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
