# Connecting, copying, backing up, restoring, measuring and tidying a queue.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)

    # No cmdlet drops what holds a queue on a server. The module's own copy of Npgsql is loaded by now.
    function Remove-Schema([string] $Name) {
        $npgsql = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Npgsql' } | Select-Object -First 1
        $location = [uri] $env:TASKQUEUE_TEST_POSTGRES
        $user, $password = $location.UserInfo -split ':', 2 | ForEach-Object { [uri]::UnescapeDataString($_) }
        $settings = [System.Data.Common.DbConnectionStringBuilder]::new()
        $settings['Host'] = $location.Host
        $settings['Database'] = $location.AbsolutePath.Trim('/')
        if ($location.Port -gt 0) { $settings['Port'] = $location.Port }
        if ($user) { $settings['Username'] = $user }
        if ($password) { $settings['Password'] = $password }
        $connection = [Activator]::CreateInstance($npgsql.GetType('Npgsql.NpgsqlConnection'), [object[]] @($settings.ConnectionString))
        try {
            $connection.Open()
            $command = $connection.CreateCommand()
            $command.CommandText = "DROP SCHEMA IF EXISTS $Name CASCADE"
            $null = $command.ExecuteNonQuery()
        }
        finally { $connection.Dispose() }
    }
}

Describe 'The whole queue' {
    BeforeEach {
        $queue = New-TestQueue
        Add-TestTask old success -HoursAgo 30
        Add-TestTask busy -HoursAgo 3
        $null = New-QueueTask import @{ file = 'a.csv' } -Id new
    }
    AfterEach { Disconnect-TaskQueue }

    Context 'Connections' {
        It 'says what this session is connected to, and nothing once it is disconnected' {
            $connection = Get-TaskQueueConnection
            $connection.Kind, $connection.Layout, $connection.IsReachable, $connection.Tasks, $connection.Running |
                Should -Be @('SQLite', 'TaskQueue', $true, 3, 1)
            Disconnect-TaskQueue
            Get-TaskQueueConnection | Should -BeNullOrEmpty
        }

        It 'resolves a path against the location of PowerShell, not of the process' {
            Push-Location -LiteralPath $TestDrive
            try { (Connect-TaskQueue (Join-Path . (Split-Path $queue -Leaf))).Tasks | Should -Be 3 } finally { Pop-Location }
        }

        It 'resolves a path on a drive of PowerShell' {
            (Connect-TaskQueue (Join-Path TestDrive: (Split-Path $queue -Leaf))).Queue | Should -Be $queue
        }

        It 'takes a connection as the queue' {
            $connection = Get-TaskQueueConnection
            Disconnect-TaskQueue
            @(Get-QueueTask -Queue $connection).Count | Should -Be 3
        }

        It 'uses the queue of the environment where none is connected' {
            Disconnect-TaskQueue
            $before = $env:TASKQUEUE
            try {
                $env:TASKQUEUE = $queue
                @(Get-QueueTask).Count | Should -Be 3
            }
            finally { $env:TASKQUEUE = $before }
        }
    }

    Context 'Measure-TaskQueue and Test-TaskQueue' {
        It 'counts and measures' {
            $measured = Measure-TaskQueue
            $measured.Pending, $measured.Running, $measured.Success, $measured.Total | Should -Be @(1, 1, 1, 3)
            $measured.OldestRunning.TotalHours | Should -BeGreaterOrEqual 3
            (Measure-TaskQueue -Type imp*).Total | Should -Be 1
        }

        It 'answers monitoring with one value' {
            Test-TaskQueue | Should -BeTrue
            Test-TaskQueue -MaxStuck 0 | Should -BeFalse
            Test-TaskQueue -MaxAge 1d | Should -BeTrue
            Test-TaskQueue -Queue (Join-Path $TestDrive none.db) -WarningAction SilentlyContinue -WarningVariable warnings | Should -BeFalse
            "$warnings" | Should -Match 'none\.db'
        }
    }

    Context 'Backup-TaskQueue and Restore-TaskQueue' {
        It 'brings back the tasks of a backup, and keeps the state before in another' {
            $backup = Backup-TaskQueue -DestinationPath (Join-Path $TestDrive 'back up.db') -Force
            $backup.Tasks | Should -Be 3
            Get-QueueTask | Remove-QueueTask -Force
            $null = New-QueueTask work -Id later

            $restored = Restore-TaskQueue -BackupPath $backup.Path -Confirm:$false -WarningAction SilentlyContinue -WarningVariable warnings

            Get-TestState | Should -Be 'old=success busy=pending new=pending'
            "$warnings" | Should -BeLike '1 task was running; it is pending now.*'
            Get-TestState @{ Queue = $restored.PreviousState } | Should -Be 'later=pending'
        }

        It 'can keep running tasks as they were' {
            $backup = Backup-TaskQueue -DestinationPath (Join-Path $TestDrive keep.db)
            $null = Restore-TaskQueue -BackupPath $backup.Path -Running Keep -Confirm:$false -WarningAction SilentlyContinue
            Get-TestState | Should -Be 'old=success busy=running new=pending'
        }

        It 'replaces a file only with -Force' {
            $path = Join-Path $TestDrive twice.db
            $null = Backup-TaskQueue -DestinationPath $path
            { Backup-TaskQueue -DestinationPath $path -ErrorAction Stop } | Should -Throw
            (Backup-TaskQueue -DestinationPath $path -Force).Tasks | Should -Be 3
        }
    }

    Context 'Copy-TaskQueue' {
        It 'copies all tasks to another file, and a rerun brings what is new' {
            $copy = Join-Path $TestDrive "copy-$([guid]::NewGuid()).db"
            $first = Copy-TaskQueue -Destination $copy -Running Keep -WarningAction SilentlyContinue
            $first.Added | Should -Be 3
            $null = New-QueueTask work -Id later
            $second = Copy-TaskQueue -Destination $copy -Running Keep -WarningAction SilentlyContinue
            $second.Added, $second.Unchanged | Should -Be @(1, 3)
            Get-TestState @{ Queue = $copy } | Should -Be 'old=success busy=running new=pending later=pending'
            (Get-QueueTask new -Queue $copy).Data.file | Should -Be 'a.csv'
        }

        It 'moves a queue to PostgreSQL and back' {
            if (-not $env:TASKQUEUE_TEST_POSTGRES) { Set-ItResult -Skipped -Because 'TASKQUEUE_TEST_POSTGRES names no server' }
            $separator = $env:TASKQUEUE_TEST_POSTGRES.Contains('?') ? '&' : '?'
            $schema = "pester_$([guid]::NewGuid().ToString('N'))"
            $server = "$env:TASKQUEUE_TEST_POSTGRES${separator}schema=$schema"
            try {
                (Copy-TaskQueue -Destination $server -Running Keep -WarningAction SilentlyContinue).Added | Should -Be 3
                Get-QueueTask -Queue $server -Status Pending | Stop-QueueTask
                $back = Join-Path $TestDrive "back-$([guid]::NewGuid()).db"
                (Copy-TaskQueue -Queue $server -Destination $back -Running Keep -WarningAction SilentlyContinue).Added | Should -Be 3
                Get-TestState @{ Queue = $back } | Should -Be 'old=success busy=running new=cancelled'
            }
            finally { Remove-Schema $schema }
        }
    }

    It 'gives the space of removed tasks back' {
        1..50 | ForEach-Object { New-QueueTask big @{ text = 'x' * 10000 } } | Remove-QueueTask -NoUndo
        $result = Optimize-TaskQueue -KeepRemoved 0s
        $result.BytesAfter | Should -BeLessThan $result.BytesBefore
        Get-TestState | Should -Be 'old=success busy=running new=pending'
    }

    It 'is backed up, restored and copied with the path alone' {
        $null = New-TestQueue
        $null = New-QueueTask work -Id a
        $backup = Join-Path $TestDrive by-position.db
        (Backup-TaskQueue $backup).Path | Should -Be $backup
        (Copy-TaskQueue (Join-Path $TestDrive copied.db)).Added | Should -Be 1
        Remove-QueueTask a
        (Restore-TaskQueue $backup -Confirm:$false).Tasks | Should -Be 1
        Disconnect-TaskQueue
    }

    It 'is restored though a worker that is proven dead held a task' {
        $queue = New-TestQueue
        $null = New-QueueTask import -Id a
        $backup = Backup-TaskQueue
        $receiver = "`$null = Receive-QueueTask import -Queue '$queue' -LeaseTime 1h; [Console]::Out.Flush(); Stop-Process -Id `$PID -Force"
        $null = Invoke-TestShell $receiver
        (Get-QueueTask a).Verdict | Should -Be 'Dead'
        (Restore-TaskQueue $backup.Path -Confirm:$false).Tasks | Should -Be 1
        Get-TestState | Should -Be 'a=pending'
        Disconnect-TaskQueue
    }
}
