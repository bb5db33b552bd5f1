<#
.SYNOPSIS
    Runs the examples of one page of the help, and tells what the page says they print and what they print.
.DESCRIPTION
    Each page has a queue of its own (ExampleQueue.ps1), in a temporary folder that is the current location, and its examples run one after
    the other in one process. Blocks fenced as 'powershell' are code, a block fenced as 'output' behind one is what it prints.

    ./Invoke-HelpExample.ps1 ../../docs/en-US/Stop-QueueTask.md | Format-List
.OUTPUTS
    An object for each block of code: Title, Code, Expected (the page's text, or $null), Actual (at 80 columns).
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Path,
    # The module to test.
    [string] $Module = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'output', 'TaskQueue'),
    # Titles of examples that are not run.
    [string[]] $Skip = @()
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$text = (Get-Content -LiteralPath $Path -Raw) -replace '\r\n', "`n"
$examples = [regex]::Match($text, '(?s)\n## EXAMPLES\n(.*?)\n## PARAMETERS\n').Groups[1].Value
$blocks = foreach ($example in [regex]::Matches($examples, '(?ms)^### (?<title>[^\n]+)\n(?<text>.*?)(?=^### |\z)')) {
    $fenced = '(?ms)^```powershell\n(?<code>.*?)^```(\s*^```output\n(?<output>.*?)^```)?'
    foreach ($block in [regex]::Matches($example.Groups['text'].Value, $fenced)) {
        [pscustomobject]@{
            Title    = $example.Groups['title'].Value.Trim()
            Code     = $block.Groups['code'].Value
            Expected = if ($block.Groups['output'].Success) { $block.Groups['output'].Value } else { $null }
            Actual   = $null
        }
    }
}
$blocks = @($blocks | Where-Object Title -NotIn $Skip)

$folder = [IO.Directory]::CreateTempSubdirectory('taskqueue-help-').FullName
try {
    $start = "<<<$([guid]::NewGuid())>>>"
    $script = @"
`$PSStyle.OutputRendering = 'PlainText'
`$ProgressPreference = 'SilentlyContinue'
Set-Location -LiteralPath '$($folder -replace "'", "''")'
Import-Module '$((Resolve-Path -LiteralPath $Module).ProviderPath -replace "'", "''")'
. '$($PSScriptRoot -replace "'", "''")/ExampleQueue.ps1'
foreach (`$block in [Console]::In.ReadToEnd() -split '$start') {
    '$start'
    . ([scriptblock]::Create(`$block)) 2>&1 | Out-String -Stream -Width 80
}
"@
    $pwsh = & (Join-Path $PSScriptRoot Get-PwshCommand.ps1)
    $first = $pwsh.Arguments
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($script))
    $printed = ($blocks.Code -join $start) |
        & $pwsh.Program @first -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand $encoded
    $parts = ($printed -join "`n") -split $start
    for ($i = 0; $i -lt $blocks.Count; $i++) { $blocks[$i].Actual = if ($i + 1 -lt $parts.Count) { $parts[$i + 1].Trim("`n") } }
    $blocks
}
finally {
    Remove-Item -LiteralPath $folder -Recurse -Force
}
