<#
.SYNOPSIS
    The command that starts another PowerShell like this one: Program, and the Arguments that must come first.
.DESCRIPTION
    The pwsh of the dotnet tool is a library that dotnet runs; an installed one is a program.
#>
$program = [Environment]::ProcessPath
$isLibrary = [IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet'
@{ Program = $program; Arguments = @(if ($isLibrary) { Join-Path $PSHOME pwsh.dll }) }
