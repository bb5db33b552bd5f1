using System.Globalization;
using System.Management.Automation.Host;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The program around a hosted engine: it keeps what a person would see, and gives the answers a person would type.</summary>
internal sealed class TestHost(TestScreen screen) : PSHost
{
    public override string Name => "TestHost";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI => screen;

    public override void SetShouldExit(int exitCode)
    {
    }

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
