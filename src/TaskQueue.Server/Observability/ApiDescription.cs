using Microsoft.OpenApi;
using TaskQueue.Server.Contract;

namespace TaskQueue.Server.Observability;

/// <summary>The OpenAPI document, made from the endpoints themselves.</summary>
internal static class ApiDescription
{
    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "TaskQueue",
                Version = "1",
                Description = "A durable task queue: what is in it, what is stuck and why, and how to stop, restart, remove and bring back tasks.",
            };
            document.Servers = [];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(StoredJson))
            {
                schema.Type = null;
                schema.Description = "Any JSON.";
            }

            return Task.CompletedTask;
        });
    });
}
