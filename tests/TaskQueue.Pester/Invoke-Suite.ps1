<#
.SYNOPSIS
    Runs the tests of tests/Pester, and writes a line of JSON for each It to a file.
.DESCRIPTION
    A block or a file that fails before its tests is a line, too: none of its tests would tell of it.
#>
param(
    # The manifest of the Pester to run.
    [Parameter(Mandatory)] [string] $Pester,
    # The file that gets the lines.
    [Parameter(Mandatory)] [string] $Results,
    # Lists the tests, and runs none.
    [switch] $ListOnly
)

# No $ErrorActionPreference here: the tests would inherit it, and users begin with the default.
$folder = $PSScriptRoot
while (-not (Test-Path (Join-Path $folder TaskQueue.PowerShell.sln))) { $folder = Split-Path $folder }

Import-Module $Pester -ErrorAction Stop
$run = Invoke-Pester -Configuration (New-PesterConfiguration @{
        Run    = @{ Path = (Join-Path $folder tests Pester); PassThru = $true; SkipRun = [bool] $ListOnly }
        Output = @{ Verbosity = 'None' }
    })

function ConvertTo-ResultLine([string] $Name, [string] $Result, [object[]] $ErrorRecord) {
    $message = ($ErrorRecord | ForEach-Object { $Result -eq 'Skipped' ? "$_" : "$_`n$($_.ScriptStackTrace)" }) -join "`n"
    [ordered]@{ Name = $Name; Result = $Result; Message = $message } | ConvertTo-Json -Compress
}

& {
    foreach ($test in $run.Tests) { ConvertTo-ResultLine $test.ExpandedPath $test.Result $test.ErrorRecord }
    foreach ($block in $run.FailedBlocks) {
        ConvertTo-ResultLine "$($block.ExpandedPath) (its setup or teardown)" Failed $block.ErrorRecord
    }
    foreach ($file in $run.FailedContainers) { ConvertTo-ResultLine "$($file.Item)" Failed $file.ErrorRecord }
} | Set-Content -LiteralPath $Results -Encoding utf8NoBOM -ErrorAction Stop

if (-not $run.Tests) { throw "No test was found in $folder/tests/Pester." }
