# A parameter that got nothing, as from a misspelt setting, must never mean "no limit" or "all of them".
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeDiscovery {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
    $cmdlets = (Get-Module TaskQueue).ExportedCmdlets.Values | Sort-Object Name | ForEach-Object { @{ Name = $_.Name } }
}

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)

    # Where null is a value, and nothing can be lost by it. All others refuse it.
    $mayBeNull = @{
        Reason      = 'Words for the log. There may be none.'
        Message     = 'Words about the progress. There may be none.'
        Data        = 'A task may have no data.'
        Result      = 'A task may have no result.'
        InputObject = 'Of New-QueueTask: what made no object makes no task.'
    }

    # A switch without a value is off, and off is the cautious or the usual way. Only of -Stuck it would be a wider selection.
    function Test-MayBeNull($Parameter, [string] $Cmdlet) {
        if ($Parameter.SwitchParameter) { return $Parameter.Name -ne 'Stuck' }
        if ($Parameter.Name -eq 'InputObject') { return $Cmdlet -eq 'New-QueueTask' }
        $mayBeNull.ContainsKey($Parameter.Name)
    }

    function Get-OwnParameter([string] $Cmdlet) {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        (Get-Command $Cmdlet).Parameters.Values | Where-Object Name -NotIn $common
    }
}

Describe 'A value that is missing' {
    BeforeEach {
        $queue = New-TestQueue
        $null = New-QueueTask work -Id a
    }
    AfterEach { Disconnect-TaskQueue }

    It 'is refused by each parameter of <Name> that is not on the list' -ForEach $cmdlets {
        $nothing = [ordered]@{
            '$null'                    = $null
            'a command without output' = [System.Management.Automation.Internal.AutomationNull]::Value
            '[DBNull]'                 = [DBNull]::Value
            '[NullString]'             = [NullString]::Value
            "''"                       = ''
            "' '"                      = ' '
            '@()'                      = @()
            '@($null)'                 = @($null)
            "@('')"                    = @('')
            "@('a', `$null)"           = @('a', $null)
            'an empty list'            = [System.Collections.Generic.List[object]]::new()
            'a list of null'           = [System.Collections.ArrayList]@($null)
            'no item of a query'       = [System.Linq.Enumerable]::Where([object[]]@('a'), [Func[object, bool]] { $false })
        }
        $accepted = foreach ($parameter in Get-OwnParameter $Name | Where-Object { -not (Test-MayBeNull $_ $Name) }) {
            foreach ($kind in $nothing.Keys) {
                # A program may be given empty arguments, or none.
                $empty = "''", "' '", '@()', "@('')", 'an empty list', 'no item of a query'
                if ($parameter.Name -eq 'ArgumentList' -and $kind -in $empty) { continue }
                $arguments = @{ $parameter.Name = $nothing[$kind] }
                $failure = try { & $Name @arguments -ErrorAction Stop 2>&1 | Out-Null; $null } catch { $_ }
                if ($failure.FullyQualifiedErrorId -notmatch '^(ParameterArgument|CannotConvertArgument|ParameterBinding)') {
                    "-$($parameter.Name) $kind`: $failure"
                }
            }
        }

        $accepted | Should -BeNullOrEmpty
        Get-TestState | Should -Be 'a=pending'
    }

    It 'is told as the value of the parameter, with what to do' {
        $failure = Get-TestError { Get-QueueTask -OlderThan $null }
        "$failure" | Should -BeLike "*'OlderThan'*The value is null or blank. Leave the parameter out, or give it a value.*"
    }

    It 'is refused in a splat too' {
        $settings = @{ Status = 'Pending'; Worker = $null }
        { Get-QueueTask @settings } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'stops and removes nothing when it stands for a limit' {
        $limit = @{}.MaxAge
        { Get-QueueTask -OlderThan $limit | Stop-QueueTask -Force } | Should -Throw
        { Get-QueueTask -OlderThan $limit | Remove-QueueTask -NoUndo } | Should -Throw
        { Get-QueueTask -Stuck:$limit | Remove-QueueTask -NoUndo } | Should -Throw
        Get-TestState | Should -Be 'a=pending'
    }

    It 'is no task to <_> when it comes down the pipeline by name' -ForEach @(
        'Get-QueueTask', 'Stop-QueueTask', 'Remove-QueueTask', 'Restart-QueueTask', 'Get-QueueTaskHistory', 'Wait-QueueTask'
    ) {
        foreach ($id in $null, '', ' ') {
            $written = @([pscustomobject]@{ Id = $id } | & $_ 2>&1)
            $written | Should -HaveCount 1
            $written[0] | Should -BeOfType ([System.Management.Automation.ErrorRecord])
        }
        Get-TestState | Should -Be 'a=pending'
    }

    It 'is no time-out of a type' {
        (Get-TestError { Start-QueueWorker -Drain -Handler @{ work = { } } -ProgressTimeout @{ work = $null } }).FullyQualifiedErrorId |
            Should -BeLike 'TaskInvalid,*'
        Get-TestState | Should -Be 'a=pending'
    }

    It 'may be null where the list says so' {
        $null = New-QueueTask work $null -Id b
        $null = Stop-QueueTask a -Reason $null
        $null = $null | New-QueueTask work
        $received = Receive-QueueTask work
        $received | Send-QueueTaskHeartbeat -Message $null -Progress 1
        $received | Complete-QueueTask -Result $null
        Get-TestState | Should -Be 'a=cancelled b=success'
    }
}
