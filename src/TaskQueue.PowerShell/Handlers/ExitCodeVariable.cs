using System.Diagnostics;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// <c>$LASTEXITCODE</c> of a handler. PowerShell raises an error for a program that failed. For a script that was left by <c>exit n</c> it
/// only sets this variable, so the error is raised here.
/// </summary>
/// <param name="variables">The variables of the runspace.</param>
internal sealed class ExitCodeVariable(PSVariableIntrinsics variables) : PSVariable("LASTEXITCODE")
{
    /// <summary>The preference that turns exit codes other than 0 into errors.</summary>
    public const string NativeErrors = "PSNativeCommandUseErrorActionPreference";

    private object? _value;

    public override object? Value
    {
        get => _value;
        set
        {
            _value = value;
            if (JsonValueWriter.BaseOf(value) is int and not 0 && ComesFromScript())
            {
                FailIfWanted((int)JsonValueWriter.BaseOf(value)!);
            }
        }
    }

    // PowerShell also sets the variable for a program, and a handler may set it itself. Only the call stack of the engine tells which of
    // these it is.
    private static bool ComesFromScript() =>
        new StackTrace(2).GetFrames().Select(frame => frame.GetMethod()?.DeclaringType?.FullName)
            .FirstOrDefault(
                type =>
                    type is "System.Management.Automation.DlrScriptCommandProcessor"
                        or "System.Management.Automation.NativeCommandProcessor"
                            or "System.Management.Automation.Interpreter.Interpreter" or "System.Management.Automation.VariableOps")
            is "System.Management.Automation.DlrScriptCommandProcessor";

    private void FailIfWanted(int code)
    {
        if (LanguagePrimitives.IsTrue(variables.GetValue(NativeErrors))
            && LanguagePrimitives.TryConvertTo<ActionPreference>(variables.GetValue("ErrorActionPreference"), out var action)
            && action is ActionPreference.Stop)
        {
            throw new RuntimeException($"A script ended with exit code {code}.");
        }
    }
}
