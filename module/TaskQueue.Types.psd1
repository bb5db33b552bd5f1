# The members of the types, as a module within the module. TaskQueue.psm1 imports it unless another copy of the module has added them.
@{
    ModuleVersion     = '0.1.0'
    TypesToProcess    = @('TaskQueue.Types.ps1xml')
    CmdletsToExport   = @()
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport   = @()
}
