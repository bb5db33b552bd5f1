using System.Globalization;
using System.Management.Automation.Host;

namespace TaskQueue.PowerShell;

/// <summary>The host of a handler runspace: nobody sees it, nobody answers; it only notes the number of <c>exit n</c>.</summary>
internal sealed class HandlerHost : PSHost
{
    /// <summary>The number of the last <c>exit n</c>; null while there was none.</summary>
    public int? ExitCode { get; set; }

    public override string Name => "TaskQueue.Worker";

    public override Version Version { get; } = typeof(HandlerHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override PSHostUserInterface? UI => null;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("A handler has no prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("A handler has no prompt.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
