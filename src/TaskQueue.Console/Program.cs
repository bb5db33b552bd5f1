using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;
using TaskQueue.Console;

const string Usage = """
    PowerShell with the TaskQueue module loaded. The options are those of pwsh; about_pwsh describes them:
    https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_pwsh

    Usage: TaskQueue.Console [[-File] <script.ps1> [arguments]] [-Command { - | <code> }]
                             [-NoProfile] [-NoExit] [-NonInteractive] [-WorkingDirectory <folder>] [-Version] [-Help]

    A worker drains on Ctrl+C, SIGTERM and SIGHUP: its running tasks get their grace period, and the rest goes back to pending.
    """;

string manifest;
try
{
    manifest = ModuleLocation.FindManifest();
}
catch (FileNotFoundException error)
{
    System.Console.Error.WriteLine(error.Message);
    return 1;
}

// PowerShell reports its use to Microsoft unless told not to. A container or a cron job has no business with that.
if (Environment.GetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT") is null)
    Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

// The runspaces of ForEach-Object -Parallel and of jobs load the module by the name of the first cmdlet they meet.
var modules = Path.GetDirectoryName(Path.GetDirectoryName(manifest)!)!;
var known = Environment.GetEnvironmentVariable("PSModulePath")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];
if (!known.Contains(modules))
    Environment.SetEnvironmentVariable("PSModulePath", string.Join(Path.PathSeparator, [modules, .. known]));

var session = InitialSessionState.CreateDefault2();
session.ImportPSModule([manifest]);
var banner = $"PowerShell {PSVersionInfo.PSVersion} with TaskQueue {typeof(ModuleLocation).Assembly.GetName().Version!.ToString(3)}";
return ConsoleShell.Start(session, banner, Usage, args);
