using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.PowerShell;

/// <summary>
/// The preferences by which errors of a handler fail its task. Before each task they are set back to what the initialization script left.
/// </summary>
internal sealed class HandlerPreferences
{
    private const string ErrorAction = "ErrorActionPreference";

    private readonly SessionStateProxy _session;
    private readonly ExitCodeVariable _exitCode;
    private object? _errorAction;
    private object? _nativeErrors;

    /// <summary>Sets them in a runspace that has just been opened.</summary>
    public HandlerPreferences(Runspace runspace)
    {
        _session = runspace.SessionStateProxy;
        // If a cmdlet or a program could not do its work, the task must not count as a success.
        _session.SetVariable(ErrorAction, ActionPreference.Stop);
        _session.SetVariable(ExitCodeVariable.NativeErrors, true);
        _exitCode = new ExitCodeVariable(_session.PSVariable);
        _session.PSVariable.Set(_exitCode);
    }

    /// <summary>Keeps them as they are now.</summary>
    public void Keep()
    {
        _errorAction = _session.GetVariable(ErrorAction);
        _nativeErrors = _session.GetVariable(ExitCodeVariable.NativeErrors);
    }

    /// <summary>Brings them back to what was kept.</summary>
    public void Reset()
    {
        _session.SetVariable(ErrorAction, _errorAction);
        _session.SetVariable(ExitCodeVariable.NativeErrors, _nativeErrors);
        // A handler can have removed it.
        if (!ReferenceEquals(_session.PSVariable.Get(_exitCode.Name), _exitCode))
        {
            _session.PSVariable.Set(_exitCode);
        }

        _exitCode.Value = null;
    }
}
