# The incident: tasks stand in 'running' and nothing moves.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'Stuck tasks' {
    BeforeEach {
        $queue = New-TestQueue
        Add-TestTask a -HoursAgo 66.8 -Type publish
        Add-TestTask b -HoursAgo 5.3 -Type publish
        Add-TestTask c -HoursAgo 3 -Type import
        Add-TestTask d -HoursAgo 0.4 -Type publish
    }
    AfterEach { Disconnect-TaskQueue }

    It 'says of each why it is judged stuck' {
        $stuck = Get-QueueTask -Stuck
        $stuck.Id | Should -Be @('a', 'b', 'c')
        $stuck.Verdict | Should -Be @('Silent', 'Silent', 'Silent')
        $stuck[0].Evidence | Should -Be 'no heartbeat data; running 66.8 h'
    }

    It 'stops what is older than the limit, and backs up first' {
        $report = Invoke-StuckTaskCleanup -MaxAgeHours 4 -Reason 'nothing moved'

        Get-TestState | Should -Be 'a=failed b=failed c=running d=running'
        $report.Found.Count | Should -Be 4
        $report.Cleaned.Id | Should -Be @('a', 'b')
        $report.Skipped.Id | Should -Be @('c', 'd')
        Test-Path -LiteralPath $report.Backup.Path -PathType Leaf | Should -BeTrue
        Get-TestState @{ Queue = $report.Backup.Path } | Should -Be 'a=running b=running c=running d=running'
        (Get-QueueTask a).ErrorMessage | Should -Be 'Force terminated - stuck in running status'
    }

    It 'takes the limit as a duration that is typed without quotes' {
        (Invoke-StuckTaskCleanup -MaxAge 2d -NoBackup).Cleaned.Id | Should -Be 'a'
        (Invoke-StuckTaskCleanup -MaxAge 90m -Type import -NoBackup).Cleaned.Id | Should -Be 'c'
    }

    It 'puts them back to pending with -Requeue' {
        $null = Invoke-StuckTaskCleanup -Requeue -NoBackup
        Get-TestState | Should -Be 'a=pending b=pending c=pending d=running'
    }

    It 'makes no backup where nothing is stuck' {
        (Invoke-StuckTaskCleanup -MaxAgeHours 100).Backup | Should -BeNullOrEmpty
        Get-ChildItem -Path ($queue -replace '\.db$', '_backup_*') | Should -BeNullOrEmpty
    }

    It 'keeps as many automatic backups as -KeepBackups says, and no other file goes' {
        $mine = Join-Path $TestDrive mine_backup_20260101_000000.db
        $null = Backup-TaskQueue -DestinationPath $mine
        1..3 | ForEach-Object {
            $null = Invoke-StuckTaskCleanup -KeepBackups 2
            Get-QueueTask -Status Failed | Remove-QueueTask
            Add-TestTask "next$_"
        }
        @(Get-ChildItem -Path ($queue -replace '\.db$', '_backup_*.db')).Count | Should -Be 2
        Test-Path -LiteralPath $mine | Should -BeTrue
    }

    It 'is undone by piping its report' {
        $undo = Invoke-StuckTaskCleanup -MaxAge 1h | Undo-QueueOperation -Reason 'they were alive' -WarningAction SilentlyContinue
        @($undo.Restored).Count | Should -Be 3
        # As they were: no worker was ever known to hold them.
        Get-TestState | Should -Be 'a=running b=running c=running d=running'
    }

    It 'writes what it does to the verbose stream' {
        $said = Invoke-StuckTaskCleanup -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        $said.Message | Should -Contain '4 running, 3 of them stuck.'
        @($said.Message) -match '^Backup of 4 tasks: ' | Should -Not -BeNullOrEmpty
    }

    It 'gives a report that is worked on like any object' {
        $report = Invoke-StuckTaskCleanup -NoBackup
        ($report.Cleaned | Group-Object Type | Sort-Object Name | ForEach-Object Count) | Should -Be @(1, 2)
        ($report | ConvertTo-Json -Depth 4 | ConvertFrom-Json).Cleaned.Id | Should -Be @('a', 'b', 'c')
        ($report.Cleaned | Get-QueueTask).Status | Should -Be @('Failed', 'Failed', 'Failed')
    }

    It 'stops by hand what was looked at by hand' {
        Get-QueueTask -Stuck | Where-Object Type -EQ publish | Stop-QueueTask -Force -Reason 'as the report says'
        Get-TestState | Should -Be 'a=failed b=failed c=running d=running'
        (Get-QueueOperation -Newest 1).Reason | Should -Be 'as the report says'
    }

    It 'leaves alone what changed since it was read' {
        $tasks = Get-QueueTask -Stuck
        Stop-QueueTask a -Force
        $tasks | Stop-QueueTask -Force -ErrorAction SilentlyContinue -ErrorVariable refused
        $refused.Count | Should -Be 1
        $refused.TargetObject.Id | Should -Be 'a'
        Get-TestState | Should -Be 'a=failed b=failed c=failed d=running'
    }
}
