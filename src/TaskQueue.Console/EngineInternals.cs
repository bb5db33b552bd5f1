using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace TaskQueue.Console;

/// <summary>
/// The two things <c>pwsh</c> does for which the engine has no public name. The package's version is pinned, and the tests of the
/// exit codes and of standard error guard both.
/// </summary>
internal static class EngineInternals
{
    /// <summary>
    /// Lets <c>exit n</c> of the script file that runs next reach the host. Otherwise it only sets <c>$LASTEXITCODE</c>, which cannot
    /// be told from the exit code of a program that the script ran.
    /// </summary>
    public static void LetExitLeaveScript(Runspace runspace)
    {
        object context = Property(runspace, "GetExecutionContext").GetValue(runspace)!;
        Property(context, "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    /// <summary>Makes Out-Default write an uncaught error where errors go, with its own position.</summary>
    public static PSObject MarkForErrorStream(PSObject error)
    {
        PropertyInfo stream = Property(error, "WriteStream");
        stream.SetValue(error, Enum.Parse(stream.PropertyType, "Error"));
        return error;
    }

    private static PropertyInfo Property(object target, string name) =>
        target.GetType().GetProperty(name, BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingMemberException(target.GetType().FullName, name);
}
