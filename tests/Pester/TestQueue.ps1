<#
.SYNOPSIS
    What the test files share; BeforeAll dot-sources it.
.DESCRIPTION
    Imports the module to test: $env:TASKQUEUE_MODULE, else the built one in output/TaskQueue. Each test has a queue of its own in
    $TestDrive, and disconnects behind it.
#>
$ModulePath = if ($env:TASKQUEUE_MODULE) { $env:TASKQUEUE_MODULE } else { Join-Path $PSScriptRoot '..' '..' output TaskQueue }
$ModulePath = (Resolve-Path -LiteralPath $ModulePath).ProviderPath
Import-Module $ModulePath -ErrorAction Stop

# Connects to a queue of its own, or makes a further one beside it, and returns where it is.
function New-TestQueue([string] $Name = [guid]::NewGuid().ToString('N'), [switch] $Beside) {
    $path = Join-Path $TestDrive "$Name.db"
    if (-not $Beside) { return (Connect-TaskQueue $path -Create).Queue }

    $connected = Get-TaskQueueConnection
    $other = (Connect-TaskQueue $path -Create).Queue
    if ($connected) { $null = Connect-TaskQueue $connected.Queue } else { Disconnect-TaskQueue }
    $other
}

# Tasks in any state, as an import from another system makes them.
function Add-TestTask([string[]] $Id, [string] $Status = 'running', [double] $HoursAgo = 2, [string] $Type = 'work') {
    $since = [DateTimeOffset]::UtcNow.AddHours(-$HoursAgo)
    $Id | ForEach-Object { [pscustomobject]@{ Id = $_; Type = $Type; Status = $Status; CreatedAt = $since; StartedAt = $since } } |
        Import-QueueTask -ErrorAction Stop
}

# All tasks in order: 'a=pending b=running'.
function Get-TestState([hashtable] $At = @{}) {
    (Get-QueueTask @At | ForEach-Object { "$($_.Id)=$($_.StatusText)" }) -join ' '
}

# Runs a script with the module in a PowerShell of its own: Answer are the lines of its standard input. Returns Output, Errors and ExitCode.
function Invoke-TestShell([string] $Script, [string[]] $Answer = @(), [hashtable] $Environment = @{}, [switch] $NoModule) {
    $start = "[Console]::OutputEncoding = [Text.UTF8Encoding]::new(`$false); `$ProgressPreference = 'SilentlyContinue'"
    if (-not $NoModule) { $start += "; Import-Module '$($ModulePath -replace "'", "''")'" }
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes("$start`n$Script"))
    $pwsh = & (Join-Path $PSScriptRoot Get-PwshCommand.ps1)
    $settings = [Diagnostics.ProcessStartInfo]@{
        FileName               = $pwsh.Program
        WorkingDirectory       = $TestDrive
        RedirectStandardInput  = $true
        RedirectStandardOutput = $true
        RedirectStandardError  = $true
        StandardOutputEncoding = [Text.UTF8Encoding]::new($false)
    }
    $pwsh.Arguments + @('-NoProfile', '-OutputFormat', 'Text', '-EncodedCommand', $encoded) |
        ForEach-Object { $settings.ArgumentList.Add($_) }
    $Environment.GetEnumerator() | ForEach-Object { $settings.Environment[$_.Key] = $_.Value }
    $process = [Diagnostics.Process]::Start($settings)
    try {
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        $Answer | ForEach-Object { $process.StandardInput.WriteLine($_) }
        $process.StandardInput.Close()
        if (-not $process.WaitForExit(600000)) {
            $process.Kill($true)
            throw 'The PowerShell of the test did not end within ten minutes.'
        }
        $process.WaitForExit()
        [pscustomobject]@{
            Output = $output.Result -replace '\r\n', "`n"; Errors = $errors.Result -replace '\r\n', "`n"; ExitCode = $process.ExitCode
        }
    }
    finally {
        $process.Dispose()
    }
}

# Runs the command and returns the one error that ended it or that it wrote.
function Get-TestError([scriptblock] $Command) {
    $written = @()
    try { $written = @(& $Command 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }) } catch { $written = @($_) }
    if ($written.Count -ne 1) { throw "One error was expected, not $($written.Count): $($written -join '; ')" }
    $written[0]
}
