using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Closes the connection when the module is removed: nothing may hold the file after that.</summary>
/// <remarks>PowerShell looks for it among the exported types only, so it must not be nested in one that is not.</remarks>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    public void OnRemove(PSModuleInfo psModuleInfo) => ConnectedQueue.Replace(null);
}
