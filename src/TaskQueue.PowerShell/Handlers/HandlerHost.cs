using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace TaskQueue.PowerShell;

/// <summary>
/// The host of a handler runspace. It has no user interface. It notes the number of <c>exit n</c>, and is told of each program before that
/// starts.
/// </summary>
/// <param name="thread">The thread of the runspace.</param>
internal sealed class HandlerHost(HandlerThread thread) : PSHost
{
    /// <summary>The number of the last <c>exit n</c>; null while there was none.</summary>
    public int? ExitCode { get; set; }

    /// <summary>The processes that the present task starts; null while no task runs.</summary>
    public TaskChildren? Children { get; set; }

    public override string Name => "TaskQueue.Worker";

    public override Version Version { get; } = typeof(HandlerHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override PSHostUserInterface? UI => null;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("A handler has no prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("A handler has no prompt.");

    /// <summary>PowerShell calls this for each program, on the thread that starts the program next.</summary>
    public override void NotifyBeginApplication()
    {
        if (Children is { } children)
        {
            children.Starting();
        }
        else
        {
            TaskChildren.StartingOther(thread.SystemId);
        }
    }

    public override void NotifyEndApplication() => TaskChildren.Started(thread.SystemId);

    /// <summary>
    /// Start-Process and Start-Job start processes without telling the host. PowerShell tells of the lookup of a command, but not when it
    /// starts a process, or whether it does. So no mark is set for them: another process could get it.
    /// </summary>
    public void NotifyCommand(CommandInfo? command)
    {
        if (command is CmdletInfo { ImplementingType.FullName: "Microsoft.PowerShell.Commands.StartProcessCommand"
            or "Microsoft.PowerShell.Commands.StartJobCommand" })
        {
            Children?.MayStart();
        }
    }
}
