# What people see.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
    $escape = [char]27
    $longId = 'publish_batch_e7dfb5e286ab_30_account_1734682941926'

    # The lines as they are shown at so many columns, without the empty ones.
    function Get-Line([scriptblock] $Command, [int] $Width = 100) {
        @(((& $Command | Out-String -Width $Width) -replace "`r") -split "`n" | Where-Object { $_.Trim() } | ForEach-Object TrimEnd)
    }
}

Describe 'Views' {
    BeforeAll {
        $rendering = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'PlainText'
        $queue = New-TestQueue
        Add-TestTask done success -HoursAgo 1000 -Type report
        Add-TestTask $longId -HoursAgo 66.8 -Type publish
        Add-TestTask failed failed -HoursAgo 3 -Type mail
        Add-TestTask stopped cancelled -HoursAgo 2 -Type render
        $null = New-QueueTask render @{ scene = 7 } -Id held
        $null = Receive-QueueTask render
        $null = New-QueueTask import @{ file = 'a.csv' } -Id new -Priority 2
    }
    AfterAll {
        Disconnect-TaskQueue
        $PSStyle.OutputRendering = $rendering
    }

    Context 'Tables' {
        It 'show tasks whole at 100 columns' {
            $lines = Get-Line { Get-QueueTask }
            $lines[0] | Should -Match '^Id +Type +Status +Age +Prio +Attempt +Worker$'
            $lines[2] | Should -Match '^done +report +success +41\.7d +5 +0$'
            $lines[3] | Should -Match '^publish_batch_\w+\u2026\w+_1734682941926 publish +running +66\.8h +5 +0$'
            $lines[6] | Should -Match '^held +render +running +\S+ +5 +1 \S+:\d+$'
            $lines[7] | Should -Match '^new +import +pending +\S+ +2 +0$'
            $lines.Count | Should -Be 8
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
        }

        It 'end with a whole column at 80 columns' {
            $lines = Get-Line { Get-QueueTask } 80
            $lines[0] | Should -Match '^Id +Type +Status +Age +Prio +Attempt$'
            $lines[3] | Should -Match '66\.8h +5 +0$'
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 79
        }

        It 'show the whole id where the object is used' {
            (Get-QueueTask -Status Running | Select-Object -First 1).Id | Should -Be $longId
            Get-Line { Get-QueueTask $longId | Select-Object -ExpandProperty Id } | Should -Be $longId
        }

        It 'show stuck tasks with verdict and evidence, at <_> columns' -ForEach 80, 100 {
            $lines = Get-Line { Get-QueueTask -Stuck } $_
            $lines[0] | Should -Match '^Id +Type +Age +Verdict +Evidence$'
            $lines[2] | Should -Match '^publish_batch\S+ publish +66\.8h Silent +no heartbeat data;'
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $_
        }

        It 'show a connection, workers, operations and events within 80 columns: <_>' -ForEach @(
            'Get-QueueWorker', 'Get-QueueOperation', 'Get-QueueTaskHistory', 'Get-QueueTaskHistory held'
        ) {
            $lines = Get-Line ([scriptblock]::Create($_)) 80
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        }

        It 'show a worker with its state and its tasks'' number' {
            $lines = Get-Line { Get-QueueWorker }
            $lines[0] | Should -Match '^Id +Name +State +Running +Heartbeat +Kind$'
            $lines[2] | Should -Match '^[0-9a-f-]{36} \S+ +Working +1 +\S+ Session$'
        }

        It 'are the ones for objects that crossed a job boundary too' {
            $crossed = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-QueueTask $longId)))
            (Get-Line { $crossed | Format-Table Id, Type, StatusText })[2] | Should -Match "^$longId publish running$"
        }
    }

    Context 'Lists and others' {
        It 'a list has what a task is about, and leaves out what it has not' {
            $text = (Get-Line { Get-QueueTask new | Format-List }) -join "`n"
            $text | Should -Match '(?m)^Id +: new$'
            $text | Should -Match '(?m)^Retries +: 0 of 3$'
            $text | Should -Match '(?m)^Data +: \{"file":"a\.csv"\}$'
            $text | Should -Not -Match '(?m)^(StartedAt|Worker|ErrorMessage|Verdict) '
        }

        It 'a list of a stuck task says why it is judged so' {
            $text = (Get-Line { Get-QueueTask $longId | Format-List }) -join "`n"
            $text | Should -Match "(?m)^Id +: $longId$"
            $text | Should -Match '(?m)^Age +: 66\.8h$'
            $text | Should -Match '(?m)^Evidence +: no heartbeat data; running 66\.8 h$'
        }

        It 'Format-Wide shows ids' {
            Get-Line { Get-QueueTask -Status Success, Failed, Cancelled | Format-Wide -Column 3 } 80 | Should -Match '^done +failed +stopped$'
        }

        It 'Format-Table and Select-Object show the properties that are asked for' {
            (Get-Line { Get-QueueTask new | Format-Table Id, Status, Priority })[2] | Should -Match '^new +Pending +2$'
            (Get-Line { Get-QueueTask new | Select-Object Id, @{ n = 'File'; e = { $_.Data.file } } })[2] | Should -Match '^new a\.csv$'
        }

        It 'a connection and a plan are shown in their own form whatever stands around them, and tasks as a table' {
            $text = (Get-Line { Get-TaskQueueConnection; Invoke-StuckTaskCleanup -WhatIf; Get-QueueTask new }) -join "`n"
            $text | Should -Match '(?m)^Queue +Kind +Layout +Times +Tasks +Running +Oldest running$'
            $text | Should -Match '(?m)^Stuck task cleanup, plan only: nothing was changed$'
            $text | Should -Match '(?m)^new +import +pending '
        }

        It 'a measurement and a backup are lists, of which Format-List shows what it is asked for' {
            (Get-Line { Measure-TaskQueue }) -join "`n" | Should -Match '(?m)^OldestRunning +: 66\.8h$'
            (Get-Line { Backup-TaskQueue -DestinationPath (Join-Path $TestDrive b.db) }) -join "`n" | Should -Match '(?m)^Bytes +: \d+$'
            $asked = (Get-Line { Measure-TaskQueue | Format-List Pending, Running }) -join "`n"
            $asked | Should -Match '(?m)^Pending +: 1$'
            $asked | Should -Not -Match 'OldestRunning'
        }
    }

    Context 'Colors' {
        BeforeAll { $PSStyle.OutputRendering = 'Ansi' }
        AfterAll { $PSStyle.OutputRendering = 'PlainText' }

        It 'a state has the color of what it means: <Status>' -ForEach @(
            @{ Id = 'failed'; Status = 'failed'; Color = 'Red' }
            @{ Id = 'held'; Status = 'running'; Color = 'Cyan' }
            @{ Id = 'new'; Status = 'pending'; Color = 'Yellow' }
            @{ Id = 'stopped'; Status = 'cancelled'; Color = 'BrightBlack' }
        ) {
            $colored = "$($PSStyle.Foreground.$Color)$Status$($PSStyle.Reset)"
            (Get-QueueTask $Id | Out-String).Contains($colored) | Should -BeTrue
            (Get-QueueTask $Id | Format-List | Out-String).Contains($colored) | Should -BeTrue
        }

        It 'colors take no part of the columns' {
            $PSStyle.OutputRendering = 'PlainText'
            $plain = Get-Line { Get-QueueTask done, failed, stopped }
            $PSStyle.OutputRendering = 'Ansi'
            Get-Line { Get-QueueTask done, failed, stopped } | ForEach-Object { $_ -replace "$escape\[[0-9;]*m" } | ForEach-Object TrimEnd | Should -Be $plain
        }
    }

    It 'has no colors where the output is plain text' {
        Get-QueueTask | Out-String | Should -Not -Match $escape
        Get-QueueTask $longId | Format-List | Out-String | Should -Not -Match $escape
    }

    It 'has no colors under NO_COLOR, nor in a property' {
        $shell = Invoke-TestShell "Get-QueueTask -Queue '$queue'; Get-QueueTask -Queue '$queue' -Stuck; Get-QueueTask new -Queue '$queue' | ForEach-Object StatusText" -Environment @{ NO_COLOR = '1' }
        $shell.Errors | Should -BeNullOrEmpty
        $shell.Output | Should -Match 'publish_batch\S+ publish +running +66\.8h'
        $shell.Output | Should -Not -Match $escape
    }

    It 'shows the plan of a cleanup in a few lines' {
        $text = (Invoke-TestShell "Invoke-StuckTaskCleanup -Queue '$queue' -WhatIf" -Environment @{ NO_COLOR = '1' }).Output
        $text | Should -Match '(?m)^Stuck task cleanup, plan only: nothing was changed$'
        $text | Should -Match '(?m)^  found +2 running$'
        $text | Should -Match '(?m)^  stuck +1 older than 1h +would become failed$'
        $text | Should -Not -Match 'backup +\S+_backup_|Undo-QueueOperation'
    }

    It 'shows the reports of a cleanup and of its undo in the words of an incident' {
        $text = (Get-Line { Invoke-StuckTaskCleanup }) -join "`n"
        $text | Should -Match '^Stuck task cleanup  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d\n'
        $text | Should -Match '(?m)^  found +2 running$'
        $text | Should -Match '(?m)^  stuck +1 older than 1h +1 stopped, now failed$'
        $text | Should -Match "\s$($longId): no heartbeat\s+data;\s+running\s+66\.8\s+h\n"
        $text | Should -Match '(?m)^  skipped +1 younger than 1h '
        $text | Should -Match '\n  backup +\S+_backup_\d{8}_\d{6}\.db\s+\d+\s+KB,\s+verified\n'
        $text | Should -Match '(?m)^  undo +Undo-QueueOperation [0-9a-f]{8}-[0-9a-f]{4}$'
        $text | Should -Match '(?m)^  failed +1 +2$'
        $text | Should -Match '(?m)^  total +6 +6$'

        $undo = (Get-Line { Get-QueueOperation -Kind cleanup | Undo-QueueOperation }) -join "`n"
        $undo | Should -Match '^Undo of the cleanup of \d{4}-\d\d-\d\d '
        $undo | Should -Match '(?m)^  restored +1 +1 running$'
    }
}

Describe 'What a terminal obeys' {
    BeforeAll {
        $rendering = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'Ansi'
        $null = New-TestQueue
        $evil = "a$escape]0;owned`a`u{202E}b"
        $shown = "a`u{FFFD}]0;owned`u{FFFD}`u{FFFD}b"
        @{
            Id = $evil; Type = $evil; Status = 'running'; StartedAt = [DateTimeOffset]::UtcNow.AddHours(-2); Worker = $evil; Progress = 40
            ProgressMessage = $evil; ErrorMessage = "$evil`nat line 3"
        } | Import-QueueTask -Reason $evil
    }
    AfterAll {
        Disconnect-TaskQueue
        $PSStyle.OutputRendering = $rendering
    }

    It 'does not reach it by <Name>' -ForEach @(
        @{ Name = 'a table'; Command = { Get-QueueTask }; Times = 2 }
        @{ Name = 'a list'; Command = { Get-QueueTask | Format-List }; Times = 6 }
        @{ Name = 'a wide view'; Command = { Get-QueueTask | Format-Wide }; Times = 1 }
        @{ Name = 'a list of stuck tasks'; Command = { Get-QueueTask -Stuck | Format-List }; Times = 6 }
        @{ Name = 'a list of operations'; Command = { Get-QueueOperation | Format-List }; Times = 1 }
        @{ Name = 'a measurement'; Command = { Measure-TaskQueue -Type $evil }; Times = 1 }
        @{ Name = 'an error'; Command = { Stop-QueueTask $evil 2>&1 }; Times = 1 }
    ) {
        $text = & $Command | Out-String -Width 200
        $text | Should -Not -Match "$escape\]|`a|`u{202E}"
        [regex]::Matches($text, [regex]::Escape($shown)).Count | Should -BeGreaterOrEqual $Times
    }

    It 'leaves a message of several lines its lines in a list' {
        Get-QueueTask | Format-List | Out-String | Should -Match '(?m)^\S*ErrorMessage *: .*b\r?\n +at line 3'
    }

    It 'stays in the properties' {
        $task = Get-QueueTask
        $task.Id, $task.Type, $task.Worker, $task.ProgressMessage | Should -Be $evil, $evil, $evil, $evil
    }
}
