# What Tab offers.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)

    # What completing the line offers in the place of its last word.
    function Get-Completion([string] $Line) {
        @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches | ForEach-Object CompletionText)
    }
}

Describe 'Completion' {
    Context 'In a queue' {
        BeforeAll {
            $queue = New-TestQueue
            'import-1', 'import-2' | ForEach-Object { $null = New-QueueTask import -Id $_ }
            $null = New-QueueTask render -Id render-1
            $task = Receive-QueueTask render
            $worker = (Get-QueueTask render-1).Worker
            Stop-QueueTask import-1 -Reason 'too early'
            Restart-QueueTask import-1
        }
        AfterAll {
            Disconnect-TaskQueue
        }

        It 'offers statuses, also behind a comma' {
            Get-Completion 'Get-QueueTask -Status ' |
                Should -Be @('Cancelled', 'Failed', 'Pending', 'Retry', 'Running', 'Success', 'Unknown')
            Get-Completion 'Get-QueueTask -Status R' | Should -Be @('Retry', 'Running')
            Get-Completion 'Get-QueueTask -Status Running, p' | Should -Be @('Pending')
        }

        It 'offers ids, the newest first, wherever an id stands: <_>' -ForEach @(
            'Get-QueueTask ', 'Get-QueueTask -Id ', 'Stop-QueueTask ', 'Stop-QueueTask -Force -Id ', 'Remove-QueueTask ', 'Wait-QueueTask ',
            'Get-QueueTaskHistory ', 'Get-QueueTask import-9, '
        ) {
            Get-Completion $_ | Should -Be @('render-1', 'import-2', 'import-1')
        }

        It 'offers only the ids of tasks that the command does not refuse' {
            Get-Completion 'Set-QueueTask -TaskId ' | Should -Be @('import-2', 'import-1')
            Get-Completion 'Restart-QueueTask ' | Should -BeNullOrEmpty
        }

        It 'offers what begins with the word, in whatever case and quotes' {
            Get-Completion 'Stop-QueueTask import-' | Should -Be @('import-2', 'import-1')
            Get-Completion 'Stop-QueueTask IMPORT-1' | Should -Be @('import-1')
            Get-Completion "Stop-QueueTask 'ren" | Should -Be @('render-1')
            Get-Completion 'Stop-QueueTask "ren' | Should -Be @('render-1')
            Get-Completion 'Stop-QueueTask nothing-begins-so' | Should -BeNullOrEmpty
        }

        It 'offers types: <_>' -ForEach @(
            'Get-QueueTask -Type ', 'New-QueueTask ', 'Receive-QueueTask ', 'Invoke-StuckTaskCleanup -Type ', 'Measure-TaskQueue -Type ',
            'Start-QueueWorker -Drain -Type '
        ) {
            Get-Completion $_ | Should -Be @('render', 'import')
        }

        It 'offers the workers that hold tasks' {
            # A name such as web01:4711 stands in quotes.
            Get-Completion 'Get-QueueTask -Worker ' | Should -Be @("'$worker'")
        }

        It 'offers operations by their ids and kinds' {
            $ids = (Get-QueueOperation | Where-Object Kind -NE work).Id
            Get-Completion 'Undo-QueueOperation ' | Should -Be $ids
            Get-Completion 'Get-QueueOperation -Id ' | Should -Be $ids
            Get-Completion 'Get-QueueTaskHistory -OperationId ' | Should -Be $ids
            Get-Completion 'Get-QueueOperation -Kind ' | Should -Be @('restart', 'cancel')
            Get-Completion 'Get-QueueOperation -Kind c' | Should -Be @('cancel')
        }

        It 'says of an operation what it was' {
            $tip = (TabExpansion2 'Undo-QueueOperation ' 20).CompletionMatches[-1].ToolTip
            $tip | Should -Match '^cancel, 1 task, .*, too early$'
        }

        It 'offers the values of enumerations' {
            Get-Completion 'Copy-TaskQueue -Running ' | Should -Be @('Fail', 'Keep', 'Requeue')
            Get-Completion 'Connect-TaskQueue -Durability ' | Should -Be @('Full', 'Normal')
            Get-Completion 'Complete-QueueTask -Status ' | Should -Be @('Failed', 'Pending', 'Success')
        }

        It 'offers the files of queues without what SQLite keeps beside them: <_>' -ForEach 'Get-QueueTask -Queue ', 'Connect-TaskQueue ' {
            $beside = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))).FullName
            'a.db', 'a.db-wal', 'a.db-shm', 'b c.db' | ForEach-Object { $null = New-Item -ItemType File -Path (Join-Path $beside $_) }
            Push-Location -LiteralPath $beside
            try { Get-Completion $_ | Split-Path -Leaf | ForEach-Object Trim "'" | Should -Be @('a.db', 'b c.db') } finally { Pop-Location }
            Get-Completion "$_'$beside/b" | Should -Be "'$(Join-Path $beside 'b c.db')'"
        }

        It 'asks the queue that -Queue names, and leaves the connection as it is' {
            $other = New-TestQueue -Beside
            $null = New-QueueTask work -Id elsewhere -Queue $other
            Get-Completion "Stop-QueueTask -Queue '$other' -Id " | Should -Be @('elsewhere')
            (Get-TaskQueueConnection).Queue | Should -Be $queue
        }

        It 'asks a queue that is named by a relative path' {
            $null = New-QueueTask work -Id elsewhere -Queue (New-TestQueue -Beside -Name relative)
            Push-Location -LiteralPath $TestDrive
            try { Get-Completion 'Stop-QueueTask -Queue ./relative.db -Id ' | Should -Be @('elsewhere') } finally { Pop-Location }
        }
    }

    Context 'Quoting' {
        BeforeAll { $null = New-TestQueue }
        AfterAll { Disconnect-TaskQueue }

        It 'the id <Id> is completed to what means it and nothing else' -ForEach @(
            @{ Id = 'plain-1_2.3/4'; Completed = 'plain-1_2.3/4' }
            @{ Id = 'with space'; Completed = "'with space'" }
            @{ Id = "it's"; Completed = "'it''s'" }
            @{ Id = 'say "so"'; Completed = "'say `"so`"'" }
            @{ Id = 'list[1]'; Completed = "'list[1]'" }
            @{ Id = 'star*?'; Completed = "'star*?'" }
            @{ Id = '$home'; Completed = "'`$home'" }
            @{ Id = '$(Get-Date)'; Completed = "'`$(Get-Date)'" }
            @{ Id = 'a;b|c&d'; Completed = "'a;b|c&d'" }
            @{ Id = '-dash'; Completed = "'-dash'" }
            @{ Id = '@at'; Completed = "'@at'" }
            @{ Id = '#hash'; Completed = "'#hash'" }
            @{ Id = 'back`tick'; Completed = "'back``tick'" }
            @{ Id = "typo$([char]0x2019)graphic"; Completed = "'typo$([char]0x2019)$([char]0x2019)graphic'" }
        ) {
            $null = New-QueueTask work -Id $Id
            $offered = Get-Completion 'Get-QueueTask -Id ' | Select-Object -First 1
            $offered | Should -BeExactly $Completed
            (& ([scriptblock]::Create("Get-QueueTask -Id $offered"))).Id | Should -BeExactly $Id
        }
    }

    Context 'Durations' {
        It 'shows how a duration is written: <_>' -ForEach @(
            'Get-QueueTask -OlderThan ', 'Get-QueueTask -NewerThan ', 'New-QueueTask work -Delay ', 'New-QueueTask work -Timeout ',
            'Start-QueueWorker -LeaseTime ', 'Invoke-StuckTaskCleanup -MaxAge ', 'Set-QueueTask a -Timeout '
        ) {
            $offered = Get-Completion $_
            $offered | Should -Contain '30m'
            $offered | Should -Contain '1d'
            foreach ($text in $offered) { ([TaskQueue.Duration] $text).Value | Should -BeGreaterThan ([timespan]::Zero) }
        }

        It 'offers what begins with the word' {
            Get-Completion 'Get-QueueTask -OlderThan 1' | Should -Be @('1h', '1h30m', '1d', '1w')
        }
    }

    Context 'Without a queue' {
        BeforeEach { $before = $env:TASKQUEUE }
        AfterEach { $env:TASKQUEUE = $before }

        It 'nothing is offered and no error is left: <Name>' -ForEach @(
            @{ Name = 'a file that is not there'; Make = { Join-Path $TestDrive missing.db } }
            @{
                Name = 'a file that is no queue'
                Make = {
                    $path = Join-Path $TestDrive notes.txt
                    Set-Content -LiteralPath $path -Value 'Just some notes, more than a header of a database is long.'
                    $path
                }
            }
            @{ Name = 'a folder'; Make = { $TestDrive } }
            @{ Name = 'a server that does not listen'; Make = { 'postgresql://ops@127.0.0.1:9/jobs' } }
            @{ Name = 'a location that nobody can read'; Make = { 'http://example.invalid/jobs' } }
        ) {
            $queue = & $Make
            $Error.Clear()
            $texts = 'Stop-QueueTask -Id ', 'Get-QueueTask -Type ', 'Get-QueueTask -Worker ', 'Undo-QueueOperation -OperationId ',
                'Get-QueueOperation -Kind '
            $texts | ForEach-Object {
                Get-Completion ($_ -replace ' -', " -Queue '$queue' -") | Should -BeNullOrEmpty
                $env:TASKQUEUE = $queue
                Get-Completion $_ | Should -BeNullOrEmpty
                $env:TASKQUEUE = $before
            }
            $Error.Count | Should -Be 0
            Test-Path -LiteralPath (Join-Path $TestDrive missing.db) | Should -BeFalse
        }
    }
}
