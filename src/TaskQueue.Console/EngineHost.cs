using System.Globalization;
using System.Management.Automation.Host;

namespace TaskQueue.Console;

/// <summary>What the PowerShell engine knows of the program it runs in.</summary>
internal sealed class EngineHost(HostTerminal terminal) : PSHost
{
    private readonly HostUserInterface _ui = new(terminal);

    /// <summary>The number of the script's <c>exit n</c>; null while none ran.</summary>
    public int? ExitCode { get; private set; }

    public override string Name => "TaskQueue.Console";

    public override Version Version { get; } = typeof(EngineHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI => _ui;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() =>
        throw new NotSupportedException("This host has no nested prompt. Answer the question instead.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This host has no nested prompt.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
