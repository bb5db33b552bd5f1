# Who did what, and how it is taken back.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'History' {
    BeforeEach {
        $queue = New-TestQueue
        Add-TestTask a, b
        $null = New-QueueTask work -Id c
    }
    AfterEach { Disconnect-TaskQueue }

    It 'lists operations, the newest first, with who and why' {
        Get-QueueTask a | Stop-QueueTask -Force -Reason 'no worker'
        Stop-QueueTask c
        $operations = Get-QueueOperation
        $operations.Kind | Should -Be @('cancel', 'force cancel', 'import')
        $operations[1].Reason | Should -Be 'no worker'
        $operations[1].ProcessId | Should -Be $PID
        $operations[1].Command | Should -Be 'Stop-QueueTask'
        $operations[1].Tasks | Should -Be 1
    }

    It 'lists what people decided, and what workers did by themselves only where it is asked for' {
        Stop-QueueTask c
        $null = New-QueueTask bad -Id d -MaxRetries 0
        $null = Start-QueueWorker -Drain -Handler @{ bad = { throw 'no' } } -ErrorAction SilentlyContinue
        (Get-QueueOperation -Newest 1).Kind | Should -Be 'cancel'
        (Get-QueueOperation -Newest 1 -IncludeWork).Kind | Should -Be 'work'
        (Get-QueueOperation -Kind work).Kind | Should -Be 'work'
        Get-QueueOperation -Newest 1 | Undo-QueueOperation | Out-Null
        Get-TestState | Should -Be 'a=running b=running c=pending d=failed'
    }

    It 'selects operations by user' {
        $user = (Get-QueueOperation -Newest 1).User
        (Get-QueueOperation -User $user).Kind | Should -Be 'import'
        (Get-QueueOperation -User "$($user.Substring(0, 2))*", nobody -Newest 1).Kind | Should -Be 'import'
        Get-QueueOperation -User nobody | Should -BeNullOrEmpty
    }

    It 'names the tasks that an undo leaves alone since they were changed' {
        Stop-QueueTask c
        Restart-QueueTask c
        $report = Get-QueueOperation -Kind cancel | Undo-QueueOperation -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -BeLike "*'c'*"
        "$report" | Should -Match '(?s)skipped.*\bc\b'
    }

    It 'undoes each operation of a list once, and no undo in it' {
        Stop-QueueTask c
        Stop-QueueTask a -Force
        $list = { Get-QueueOperation | Where-Object Kind -NE import }
        & $list | Undo-QueueOperation -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        $warnings | Where-Object { $_ -like '*an undo*' } | Should -BeNullOrEmpty
        $state = Get-TestState

        $again = & $list | Undo-QueueOperation -WarningVariable warnings -WarningAction SilentlyContinue
        $again | Should -BeNullOrEmpty
        "$warnings" | Should -BeLike "4 operations are left alone, being undone already or an undo: *"
        Get-TestState | Should -Be $state
        & $list | Undo-QueueOperation -WhatIf -WarningAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'takes an undo back where it is named, or piped alone' {
        $before = Get-TestState
        Stop-QueueTask c
        $after = Get-TestState
        $undo = Get-QueueOperation -Newest 1 | Undo-QueueOperation
        Get-TestState | Should -Be $before
        Get-QueueOperation -Newest 1 | Undo-QueueOperation | Out-Null
        Get-TestState | Should -Be $after
        Undo-QueueOperation (Get-QueueOperation -Newest 1).Id | Out-Null
        Get-TestState | Should -Be $before
    }

    It 'selects operations by kind, age and number' {
        Get-QueueTask a | Stop-QueueTask -Force
        Stop-QueueTask c
        (Get-QueueOperation -Kind *cancel -Newest 1).Kind | Should -Be 'cancel'
        (Get-QueueOperation -Kind 'force cancel', import).Kind | Should -Be @('force cancel', 'import')
        Get-QueueOperation -NewerThan 0s | Should -BeNullOrEmpty
    }

    It 'tells the events of a task, of an operation, and of a task that is gone' {
        Stop-QueueTask a, b -Force -Reason first
        Restart-QueueTask a
        Remove-QueueTask a
        (Get-QueueTaskHistory a).Event | Should -Be @('force cancel', 'restart', 'remove')
        (Get-QueueOperation -Kind 'force cancel' | Get-QueueTaskHistory).TaskId | Should -Be @('a', 'b')
        (Get-QueueTask b | Get-QueueTaskHistory | Select-Object -Last 1).StatusAfter | Should -Be 'Failed'
    }

    It 'shows whose each event is, and why, of several tasks' {
        Get-QueueTask a, b | Stop-QueueTask -Force -Reason 'no worker'
        $text = Get-QueueTask a, b | Get-QueueTaskHistory | Out-String -Width 100
        $text | Should -Match '(?s)Task: a\s.+no worker.+Task: b\s.+no worker'
    }

    It 'shows in a list of an event what a table shows' {
        $null = New-QueueTask bad -Id d -MaxRetries 0
        Start-QueueWorker -Type bad -Drain -Handler { throw 'disk full' } -ErrorAction SilentlyContinue
        Set-QueueTask c -Priority 1
        Get-QueueTaskHistory d | Format-List | Out-String |
            Should -Match '(?m)^Change +: running → failed\r?$[\s\S]+^Reason +: disk full\r?$'
        Get-QueueTaskHistory c | Format-List | Out-String | Should -Match '(?m)^Change +: priority 5 → 1\r?$'
    }

    It 'takes back what an operation did, which came down the pipeline' {
        Stop-QueueTask c -Reason 'too early'
        Get-QueueOperation -Kind cancel -Newest 1 | Undo-QueueOperation | Out-Null
        Get-TestState | Should -Be 'a=running b=running c=pending'
        (Get-QueueOperation -Newest 1).Kind | Should -Be 'undo'
    }

    It 'takes back an operation that is named by the beginning of its id' {
        Remove-QueueTask c
        $id = (Get-QueueOperation -Newest 1).Id.ToString()
        (Undo-QueueOperation $id.Substring(0, 30)).Restored.Id | Should -Be 'c'
        Get-TestState | Should -Be 'a=running b=running c=pending'
    }

    It 'takes an undo back by piping its report' {
        Set-QueueTask c -Priority 1
        $undo = Get-QueueOperation -Newest 1 | Undo-QueueOperation
        (Get-QueueTask c).Priority | Should -Be 5
        $undo | Undo-QueueOperation | Out-Null
        (Get-QueueTask c).Priority | Should -Be 1
    }

    It 'leaves alone what changed since, and warns of it' {
        $null = New-QueueTask work -Id d
        Stop-QueueTask c, d
        $operation = Get-QueueOperation -Newest 1
        Restart-QueueTask c
        $undo = Undo-QueueOperation $operation -WarningAction SilentlyContinue -WarningVariable warnings
        $undo.Restored.Id | Should -Be 'd'
        $undo.Skipped.Id | Should -Be 'c'
        "$warnings" | Should -BeLike "1 task is left alone (*): 'c'"
    }

    It 'groups and exports operations like any object' {
        Stop-QueueTask a, b -Force
        Stop-QueueTask c
        (Get-QueueOperation | Measure-Object Tasks -Sum).Sum | Should -Be 3
        (Get-QueueOperation | Select-Object Kind, Tasks | ConvertTo-Csv | ConvertFrom-Csv).Kind |
            Should -Be @('cancel', 'force cancel', 'import')
    }
}
