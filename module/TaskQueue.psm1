# This file uses only cmdlets of Microsoft.PowerShell.Core: the console host has no others.

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    throw "TaskQueue cannot be used in the $($ExecutionContext.SessionState.LanguageMode) mode of this session: " +
        "it needs the full language. Use a session without that restriction, or have the module signed and trusted by the machine's policy."
}

# Only the calls that are needed: each one costs milliseconds of every import.
$loaderPath = "$PSScriptRoot/bin/TaskQueue.PowerShell.Loader.dll"

# A process can hold one version of the loader. A second import, or another runspace, uses the one that is loaded.
$loader = 'TaskQueue.PowerShell.Loader.ModuleLoadContext' -as [type]
$isLoaded = $null -ne $loader
if ($isLoaded) {
    $loadedVersion = $loader.Assembly.GetName().Version
    $wantedVersion = [System.Reflection.AssemblyName]::GetAssemblyName($loaderPath).Version
    if ($loadedVersion -ne $wantedVersion) {
        throw "TaskQueue $loadedVersion is loaded in this process, so $wantedVersion cannot be. Start a new PowerShell to use it."
    }
}
else {
    $loader = [System.Reflection.Assembly]::LoadFrom($loaderPath).GetType('TaskQueue.PowerShell.Loader.ModuleLoadContext')
}

$inner = Microsoft.PowerShell.Core\Import-Module -Assembly ($loader::LoadCmdlets()) -PassThru
$cmdlets = $inner.ExportedCmdlets

# A second copy of the module, from another path or a link, must not add the members of the types again: that is an error.
if (-not ([pscustomobject]@{ PSTypeName = 'TaskQueue.QueueTask' }).psobject.Properties['TaskId']) {
    Microsoft.PowerShell.Core\Import-Module "$PSScriptRoot/TaskQueue.Types.psd1"
}

# When the assembly's module is already known (Import-Module -Force), PowerShell does not hand its cmdlets on to this one:
# https://github.com/PowerShell/PowerShell/issues/20710
$module = $ExecutionContext.SessionState.Module
if ($isLoaded -and $module.ExportedCmdlets.Count -lt $cmdlets.Count) {
    $addExportedCmdlet = [System.Management.Automation.PSModuleInfo].GetMethod(
        'AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
    foreach ($cmdlet in $cmdlets.Values) {
        $null = $addExportedCmdlet.Invoke($module, @(, $cmdlet))
    }
}

# Nothing may hold the queue's file once the module is removed. Here and not in an IModuleAssemblyCleanup: PowerShell calls that of
# the first import only, not after Import-Module -Force.
$disconnect = $cmdlets['Disconnect-TaskQueue']
$module.OnRemove = { & $disconnect }
