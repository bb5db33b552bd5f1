using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Capabilities.TestFramework;
using TaskQueue.Pester;

// The tests of tests/Pester, for 'dotnet test': each It is a test of its own there.
var builder = await TestApplication.CreateBuilderAsync(args);
builder.RegisterTestFramework(_ => new TestFrameworkCapabilities(), (_, _) => new PesterFramework());
using var application = await builder.BuildAsync();
return await application.RunAsync();
