# A name that is misspelt finds nothing, and nothing found looks like good news.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)

    # The warnings of a command.
    function Get-Warning([scriptblock] $Command) {
        @(& $Command 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | ForEach-Object Message)
    }
}

Describe 'A misspelt name' {
    BeforeAll {
        $queue = New-TestQueue
        1..12 | New-QueueTask num | Out-Null
        $null = New-QueueTask import
        $null = New-QueueTask import-v1
    }
    AfterAll { Disconnect-TaskQueue }

    Context 'A type that finds nothing' {
        It 'is told with the type that differs by case, by <Name>' -ForEach @(
            @{ Name = 'Get-QueueTask'; Command = { Get-QueueTask -Type NUM } }
            @{ Name = 'Get-QueueTask -Status'; Command = { Get-QueueTask -Type NUM -Status Failed } }
            @{ Name = 'Get-QueueTask -Id with a pattern'; Command = { Get-QueueTask '*' -Type NUM } }
            @{ Name = 'Measure-TaskQueue'; Command = { Measure-TaskQueue -Type NUM } }
            @{ Name = 'Receive-QueueTask'; Command = { Receive-QueueTask NUM } }
            @{ Name = 'Invoke-StuckTaskCleanup'; Command = { Invoke-StuckTaskCleanup -Type NUM -WhatIf } }
        ) {
            Get-Warning $Command | Should -Be "No task has the type 'NUM', but 12 tasks have the type 'num'. Types are case-sensitive."
        }

        It 'is told with the type that differs by one letter: <_>' -ForEach 'imort', 'impport', 'inport', 'improt', 'IMPORTS' {
            $type = $_
            Get-Warning { Get-QueueTask -Type $type } | Should -BeLike "No task has the type '$type', but 1 task has the type 'import'.*"
        }

        It 'is told where tasks of another type are found too' {
            Get-Warning { Receive-QueueTask NUM, none } | Should -HaveCount 1
        }

        It 'says nothing <Name>' -ForEach @(
            @{ Name = 'where tasks have it, in other states'; Command = { Get-QueueTask -Type num -Status Failed } }
            @{ Name = 'where no type is near: a script may ask for what is still to come'; Command = { Get-QueueTask -Type mail } }
            @{ Name = 'where it is as short as many others'; Command = { Get-QueueTask -Type nun } }
            @{ Name = 'where it differs by a digit'; Command = { Get-QueueTask -Type import-v2 } }
            @{ Name = 'where it is a pattern'; Command = { Get-QueueTask -Type 'NUM?' } }
        ) {
            Get-Warning $Command | Should -BeNullOrEmpty
        }

        It 'says nothing of an empty queue' {
            $other = New-TestQueue -Beside
            Get-Warning { Get-QueueTask -Type NUM -Queue $other } | Should -BeNullOrEmpty
        }

        It 'is told with the types there are where -Verbose asks for it' {
            $told = Get-QueueTask -Type mail -Verbose 4>&1
            "$told" | Should -Be "No task has the type 'mail'. The types there are: 'import', 'import-v1', 'num'."
        }
    }

    It 'of -ExcludeType excludes nothing, and is told before a task is written' {
        $first = Get-QueueTask -ExcludeType NUM 3>&1 | Select-Object -First 1
        "$first" | Should -Be "No task has the type 'NUM', but 12 tasks have the type 'num'. Types are case-sensitive."
    }

    It 'of a worker or machine is told with the names that begin with it' {
        $received = Receive-QueueTask num
        $worker = $received.Worker
        $machine = (Get-QueueWorker).Machine
        Get-Warning { Get-QueueTask -Worker $machine } |
            Should -Be "No worker matches -Worker '$machine'. Names go on after it: '$worker'. Give a pattern such as '$machine*'."
        $part = $machine.Substring(0, $machine.Length - 1)
        Get-Warning { Get-QueueWorker -MachineName $part } |
            Should -BeLike "No worker matches -MachineName '$part'. Names go on after it: '$machine'.*"
        Get-Warning {
            Get-QueueTask -Worker $worker
            Get-QueueWorker -MachineName $machine
            Get-QueueTask -Worker nobody
            Get-QueueTask -Worker 'no*'
        } | Should -BeNullOrEmpty
    }

    It 'of a kind of operation is told with those there are' {
        Get-Warning { Get-QueueOperation -Kind clenup } |
            Should -BeLike "'clenup' is not one of the kinds of operations: backup, cancel, cleanup, *"
        Get-Warning { Get-QueueOperation -Kind cleanup; Get-QueueOperation -Kind 'clen*' } | Should -BeNullOrEmpty
    }
}
