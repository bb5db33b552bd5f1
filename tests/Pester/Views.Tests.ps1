# What people see.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
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
        @{
            Id = 'failed'; Type = 'mail'; Status = 'failed'; CompletedAt = [DateTimeOffset]::UtcNow.AddHours(-3)
            ErrorMessage = "The mailbox is full`nat line 3"
        } | Import-QueueTask
        Add-TestTask stopped cancelled -HoursAgo 2 -Type render
        $null = New-QueueTask render @{ scene = 7 } -Id held
        $null = Receive-QueueTask render | Send-QueueTaskHeartbeat -Progress 40 -Message 'encoding'
        $null = New-QueueTask import @{ file = 'a.csv' } -Id new -Priority 2
    }
    AfterAll {
        Disconnect-TaskQueue
        $PSStyle.OutputRendering = $rendering
    }

    Context 'Tables' {
        It 'show tasks whole at <_> columns' -ForEach 80, 120, 140 {
            $lines = Get-Line { Get-QueueTask } $_
            $lines[0] | Should -Match '^Status +Id +Type +Age +Details$'
            $lines[2] | Should -Match '^success +done +report +41\.7d$'
            $lines[3] | Should -Match '^running +publish_batch_\w+ +publish +66\.8h'
            $lines -match '^pending +new +import' | Should -HaveCount 1
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $_
        }

        It 'answer the next question about a task, at <_> columns: how far it is, why it failed, when it is due' -ForEach 80, 120, 140 {
            $null = New-QueueTask import -Id later -Delay 3h
            @{
                Id = 'again'; Type = 'mail'; Status = 'retry'; RetryCount = 1; MaxRetries = 3; DueAt = [DateTimeOffset]::UtcNow.AddHours(2)
                ErrorMessage = 'no answer'
            } | Import-QueueTask
            try { $text = (Get-Line { Get-QueueTask } $_) -join "`n" } finally { Remove-QueueTask later, again }
            $text | Should -Match '(?m)^running +held +render +\S+ 40 % encoding'
            $text | Should -Match '(?m)^failed +failed +mail +3\.0h The mailbox is full$'
            $text | Should -Match '(?m)^pending +later +import +\S+ due in (3\.0|2\.9)h$'
            $text | Should -Match '(?m)^retry +again +mail +\S+ due in (2\.0|1\.9)h, '
        }

        It 'never show two tasks alike, at <Width> columns, where ids differ <Where>' -ForEach @(
            foreach ($width in 60, 80, 120, 140) {
                @{
                    Width = $width; Where = 'in the middle'
                    Ids = 30..32 | ForEach-Object { "publish_batch_e7dfb5e286ab_${_}_account_1734682941926" }
                }
                @{ Width = $width; Where = 'at the end'; Ids = 1..3 | ForEach-Object { "$('a' * 120)$_" } }
                @{ Width = $width; Where = 'at the beginning'; Ids = 1..3 | ForEach-Object { "$_$('a' * 120)" } }
            }
        ) {
            $other = New-TestQueue -Beside
            $Ids | ForEach-Object { New-QueueTask work -Id $_ -Queue $other } | Out-Null
            $views = { Get-QueueTask -Queue $other }, { Stop-QueueTask -Id $Ids -Queue $other; Get-QueueTaskHistory -Queue $other }
            foreach ($view in $views) {
                $lines = Get-Line $view $Width
                # What stands in the column of the id, line under line.
                $start = [regex]::Match($lines[0], '\b(Id|Task)\b').Index
                $end = [regex]::Match($lines[0], '\b(Type|Event)\b').Index
                $shown = -join ($lines | Select-Object -Skip 2 |
                        ForEach-Object { $_.PadRight($end).Substring($start, $end - $start).Trim() })
                foreach ($id in $Ids) { $shown.Contains($id) | Should -BeTrue -Because "$id is to be there whole in $shown" }
            }
        }

        It 'never show two tasks alike where ids differ by what is not seen: <Name>' -ForEach @(
            @{ Name = 'a table'; View = { $_ | Format-Table } }
            @{ Name = 'a list'; View = { $_ | Format-List } }
            @{ Name = 'a wide view'; View = { $_ | Format-Wide } }
            @{ Name = 'a history'; View = { $_ | Stop-QueueTask; Get-QueueTaskHistory -Queue $_.Queue | Where-Object TaskId -EQ $_.Id } }
            @{ Name = 'what is done'; View = { $_ | Stop-QueueTask -Verbose 4>&1 } }
        ) {
            $other = New-TestQueue -Beside
            $ids = 'a', "a`t", "a`u{200B}", "a`u{200C}", "a`u{A0}", 'a ', "a`u{FE0F}"
            $made = $ids | ForEach-Object { New-QueueTask work -Id $_ -Queue $other }
            $shown = $made |
                ForEach-Object { (Get-Line $View | Where-Object { $_ -match 'a' -and $_ -notmatch 'Queue' }) -join "`n" -replace '\d|\s+$' }
            # What shows nothing is left out, as by the eye.
            @($shown -replace '[\t\u200B\u200C\uFE0F]' -replace '\u00A0', ' ' | Sort-Object -Unique -CaseSensitive) |
                Should -HaveCount $ids.Count
        }

        It 'show an id that the module made in one line, at <Width> columns: <Name>' -ForEach @(
            @{ Name = 'tasks'; Width = 104; View = { $_ } }
            @{ Name = 'stuck tasks'; Width = 104; View = { Get-QueueTask $_.Id -Queue $_.Queue -Stuck -OlderThan 0s } }
            @{ Name = 'workers'; Width = 80; View = { Get-QueueWorker -Queue $_.Queue } }
        ) {
            $other = New-TestQueue -Beside
            $null = New-QueueTask work -Queue $other
            $task = Receive-QueueTask work -Queue $other
            try {
                $id = $Name -eq 'workers' ? (Get-QueueWorker -Queue $other).Id : $task.Id
                Get-Line { $task | ForEach-Object $View } $Width | Where-Object { $_ -match "(^| )$id( |$)" } | Should -HaveCount 1
            }
            finally { $task | Complete-QueueTask }
        }

        It 'show the whole id where the object is used' {
            (Get-QueueTask -Status Running | Select-Object -First 1).Id | Should -Be $longId
            Get-Line { Get-QueueTask $longId | Select-Object -ExpandProperty Id } | Should -Be $longId
        }

        It 'show stuck tasks with verdict and evidence, at <_> columns' -ForEach 80, 100 {
            $lines = Get-Line { Get-QueueTask -Stuck } $_
            $lines[0] | Should -Match '^Verdict +Id +Type +Age +Evidence$'
            $lines[2] | Should -Match '^Silent +publish_batch\S+ publish +66\.8h no heartbeat data;'
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $_
        }

        It 'show a connection, workers, operations and events within 80 columns: <_>' -ForEach @(
            'Get-QueueWorker', 'Get-QueueOperation', 'Get-QueueTaskHistory', 'Get-QueueTaskHistory held', 'Get-TaskQueueConnection',
            'Connect-TaskQueue $queue'
        ) {
            $lines = Get-Line ([scriptblock]::Create($_)) 80
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        }

        It 'show operations with reason, and who did it, at 80 columns' {
            Set-QueueTask new -Priority 2 -Reason 'by hand'
            $lines = Get-Line { Get-QueueOperation -Newest 1 } 80
            $lines[0] | Should -Match '^Id +Time +Kind +Tasks +By +Reason$'
            $lines[2] | Should -Match '^[0-9a-f]{8}-[0-9a-f]{4} \S+ \S+ set +1 \S+ +by hand$'
        }

        It 'show a worker with its state and its tasks'' number' {
            $lines = Get-Line { Get-QueueWorker }
            $lines[0] | Should -Match '^Id +Name +State +Running +Heartbeat +Kind$'
            $lines[2] | Should -Match '^[0-9a-f-]{36} \S+ +Working +1 +\S+ Session$'
        }

        It 'are the ones for objects that crossed a job boundary too' {
            $text = [System.Management.Automation.PSSerializer]::Serialize((Get-QueueTask $longId))
            $crossed = [System.Management.Automation.PSSerializer]::Deserialize($text)
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
            Get-Line { Get-QueueTask -Status Success, Failed, Cancelled | Format-Wide -Column 3 } 80 |
                Should -Match '^done +failed +stopped$'
        }

        It 'Format-Table and Select-Object show the properties that are asked for' {
            (Get-Line { Get-QueueTask new | Format-Table Id, Status, Priority })[2] | Should -Match '^new +Pending +2$'
            (Get-Line { Get-QueueTask new | Select-Object Id, @{ n = 'File'; e = { $_.Data.file } } })[2] | Should -Match '^new a\.csv$'
        }

        It 'a connection and a plan are shown in their own form whatever stands around them, and tasks as a table' {
            $text = (Get-Line { Get-TaskQueueConnection; Invoke-StuckTaskCleanup -WhatIf; Get-QueueTask new }) -join "`n"
            $text | Should -Match '(?m)^Queue +Kind +Layout +Times +Tasks +Running +Oldest running$'
            $text | Should -Match '(?m)^Stuck task cleanup, plan only: nothing was changed$'
            $text | Should -Match '(?m)^pending +new +import '
        }

        It 'a mixed pipeline is readable: each type says what it shows where no table can be' {
            $types = [xml](Get-Content -Raw -LiteralPath (Join-Path $ModulePath TaskQueue.Types.ps1xml))
            $named = $types.Types.Type.Name
            $results = (Get-Module TaskQueue).ExportedCmdlets.Values.OutputType.Type | Where-Object Namespace -EQ TaskQueue |
                Sort-Object FullName -Unique
            foreach ($result in $results) {
                $result.FullName | Should -BeIn $named
                $shown = ($types.Types.Type | Where-Object Name -EQ $result.FullName).SelectNodes('.//ReferencedProperties/Name').InnerText
                $shown | Should -BeIn $result.GetProperties().Name
                $shown.Count | Should -BeLessOrEqual 15
            }
            $text = (Get-Line { Get-Item -LiteralPath $TestDrive; Get-QueueWorker; Get-QueueOperation -Newest 1 }) -join "`n"
            $text | Should -Match '(?m)^State +: Working$'
            $text | Should -Match '(?m)^Kind +: \w+$'
            $text | Should -Not -Match '(?m)^(Liveness|Evidence|Actor) +:'
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
            Get-Line { Get-QueueTask done, failed, stopped } | ForEach-Object { $_ -replace "$escape\[[0-9;]*m" } | ForEach-Object TrimEnd |
                Should -Be $plain
        }
    }

    It 'has no colors where the output is plain text' {
        Get-QueueTask | Out-String | Should -Not -Match $escape
        Get-QueueTask $longId | Format-List | Out-String | Should -Not -Match $escape
    }

    It 'has no colors under NO_COLOR, nor in a property' {
        $script = "Get-QueueTask -Queue '$queue'; Get-QueueTask -Queue '$queue' -Stuck; " +
            "Get-QueueTask new -Queue '$queue' | ForEach-Object StatusText"
        $shell = Invoke-TestShell $script -Environment @{ NO_COLOR = '1' }
        $shell.Errors | Should -BeNullOrEmpty
        $shell.Output | Should -Match '(?m)^running +publish_batch\S+ +publish +66\.8h'
        $shell.Output | Should -Not -Match $escape
    }

    It 'shows the plan of a cleanup in a few lines' {
        $text = (Invoke-TestShell "Invoke-StuckTaskCleanup -Queue '$queue' -WhatIf" -Environment @{ NO_COLOR = '1' }).Output
        $text | Should -Match '(?m)^Stuck task cleanup, plan only: nothing was changed$'
        $text | Should -Match '(?m)^  found +2 running$'
        $text | Should -Match '(?m)^  stuck +1 \(limit 1h\) +would become failed$'
        $text | Should -Not -Match 'backup +\S+_backup_|Undo-QueueOperation'
    }

    It 'shows the reports of a cleanup and of its undo in the words of an incident' {
        $text = (Get-Line { Invoke-StuckTaskCleanup }) -join "`n"
        $text | Should -Match '^Stuck task cleanup  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d\n'
        $text | Should -Match '(?m)^  found +2 running$'
        $text | Should -Match '(?m)^  stuck +1 \(limit 1h\) +1 stopped, now failed$'
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
        $shown = 'a`e]0;owned`a`u{202E}b'
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
