using Microsoft.OpenApi;

namespace TaskQueue.Server;

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
                Description =
                    "A durable task queue: what is in it, what is stuck and why, and how to stop, restart, remove and bring back tasks.",
            };
            document.Servers = [];
            DescribeAnyJson(document);
            DescribeAccess(document);
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

    /// <summary>
    /// Describes a value that may be null or any JSON as any JSON. In the framework's 'one of null and anything', null would match both,
    /// and so be invalid.
    /// </summary>
    private static void DescribeAnyJson(OpenApiDocument document)
    {
        foreach (var schema in document.Components?.Schemas?.Values ?? [])
        {
            foreach (var name in schema.Properties?.Where(
                property => property.Value.OneOf?.Any(one => one is OpenApiSchemaReference { Reference.Id: nameof(StoredJson) }) == true)
                .Select(property => property.Key).ToList() ?? [])
            {
                schema.Properties![name] = new OpenApiSchema { Description = "Any JSON." };
            }
        }
    }

    /// <summary>Describes the token, and the answers that every call may get beside its own.</summary>
    private static void DescribeAccess(OpenApiDocument document)
    {
        const string Token = "token";
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Token] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token of the server's token file.",
            },
        };
        foreach (var (path, item) in document.Paths)
        {
            foreach (var operation in item.Operations?.Values.ToList() ?? [])
            {
                operation.Responses ??= [];
                _ = operation.Responses.TryAdd(
                    "429", new OpenApiResponse { Description = "Too many calls; Retry-After says how many seconds to wait." });
                _ = operation.Responses.TryAdd(
                    "503",
                    new OpenApiResponse { Description = "The queue is not there, locked or damaged, or too many calls are worked on." });
                if (path.EndsWith("/health", StringComparison.Ordinal) || path == "/healthz")
                {
                    continue;
                }

                _ = operation.Responses.TryAdd("401", new OpenApiResponse { Description = "A token is needed." });
                _ = operation.Responses.TryAdd("403", new OpenApiResponse { Description = "The call comes from another site's page." });
                _ = operation.Responses.TryAdd("404", new OpenApiResponse { Description = "There is no such task or operation." });
                _ = operation.Responses.TryAdd(
                    "409", new OpenApiResponse { Description = "The task's status does not allow it, or it has changed." });
                _ = operation.Responses.TryAdd(
                    "422", new OpenApiResponse { Description = "A value is missing or not valid; detail and errors say which." });
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Token, document)] = [] }];
            }
        }
    }
}
