using Microsoft.Testing.Platform.Extensions.Messages;
using Microsoft.Testing.Platform.Extensions.TestFramework;
using Microsoft.Testing.Platform.Requests;

namespace TaskQueue.Pester;

/// <summary>Runs the Pester suite in a real PowerShell, with each version of Pester, and reports each <c>It</c> as a test.</summary>
internal sealed class PesterFramework : ITestFramework, IDataProducer
{
    private static readonly string[] PesterVersions = ["5.9.1", "6.2.0"];

    public string Uid => nameof(PesterFramework);

    public string Version => "1.0";

    public string DisplayName => "Pester";

    public string Description => "The tests of tests/Pester, in the PowerShell of dotnet-tools.json.";

    public Type[] DataTypesProduced { get; } = [typeof(TestNodeUpdateMessage)];

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public Task<CreateTestSessionResult> CreateTestSessionAsync(CreateTestSessionContext context) =>
        Task.FromResult(new CreateTestSessionResult { IsSuccess = true });

    public Task<CloseTestSessionResult> CloseTestSessionAsync(CloseTestSessionContext context) =>
        Task.FromResult(new CloseTestSessionResult { IsSuccess = true });

    public async Task ExecuteRequestAsync(ExecuteRequestContext context)
    {
        var session = ((TestExecutionRequest)context.Request).Session.SessionUid;
        var runs = context.Request is RunTestExecutionRequest;
        foreach (var version in PesterVersions)
        {
            var number = 0;
            await foreach (var test in PesterSuite.ReadAsync(version, runs, context.CancellationToken))
            {
                TestNode node = new()
                {
                    // Two tests may have the same name.
                    Uid = $"{version} {++number} {test.Name}",
                    DisplayName = $"Pester {version}: {test.Name}",
                    Properties = new PropertyBag(StateOf(test)),
                };
                await context.MessageBus.PublishAsync(this, new TestNodeUpdateMessage(session, node));
            }
        }

        context.Complete();
    }

    private static TestNodeStateProperty StateOf(PesterTest test) => test.Result switch
    {
        "Passed" => PassedTestNodeStateProperty.CachedInstance,
        "Skipped" => new SkippedTestNodeStateProperty(test.Message),
        "NotRun" => DiscoveredTestNodeStateProperty.CachedInstance,
        _ => new FailedTestNodeStateProperty(test.Message),
    };
}
