using System.Management.Automation;
using System.Reflection;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What <c>Select-Object -First</c> does to the commands before it; the console host has no Microsoft.PowerShell.Utility.</summary>
[Cmdlet(VerbsCommon.Select, "First")]
public sealed class SelectFirstCommand : PSCmdlet
{
    private int _left;

    [Parameter(Position = 0)]
    public int Count { get; set; } = 1;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void BeginProcessing() => _left = Count;

    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        if (--_left == 0)
        {
            Type stop = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!;
            throw (Exception)Activator.CreateInstance(
                stop, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, [this], null)!;
        }
    }
}
