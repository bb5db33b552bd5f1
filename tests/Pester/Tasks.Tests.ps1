# Cmdlets that make, read, change and remove tasks, in the pipelines they are meant for.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'Tasks' {
    BeforeEach { $queue = New-TestQueue }
    AfterEach { Disconnect-TaskQueue }

    Context 'New-QueueTask' {
        It 'makes a task of each row of a CSV file, the row being its data' {
            $csv = Join-Path $TestDrive jobs.csv
            @([pscustomobject]@{ file = 'a.csv'; rows = 3 }, [pscustomobject]@{ file = 'b, c.csv'; rows = 4 }) |
                Export-Csv -LiteralPath $csv

            $made = Import-Csv -LiteralPath $csv | New-QueueTask -Type import -Priority 2

            $made.Count | Should -Be 2
            (Get-QueueTask -Type import).Data.file | Should -Be @('a.csv', 'b, c.csv')
            (Get-QueueTask -Type import).Priority | Should -Be @(2, 2)
        }

        It 'takes the columns of a CSV file that has a Data column as settings' {
            @'
Id,Type,Data,Priority,Delay
a,import,"{""file"":""a.csv""}",1,
b,mail,"{""to"":7}",,90s
'@ | ConvertFrom-Csv | New-QueueTask | Out-Null

            $a, $b = Get-QueueTask a, b
            $a.Type, $a.Priority, $a.Data.file | Should -Be @('import', 1, 'a.csv')
            $b.Type, $b.Priority, $b.Data.to | Should -Be @('mail', 5, 7)
            ($b.DueAt - $b.CreatedAt).TotalSeconds | Should -Be 90
        }

        It 'takes what is given as a parameter before what the piped object has' {
            $row = [pscustomobject]@{
                Type = 'import'; Id = 'a'; Priority = 9; MaxRetries = 5; Delay = '1h'; Timeout = '1h'; Data = @{ f = 1 }
            }

            $made = $row | New-QueueTask -Type export -Id b -Priority 1 -MaxRetries 0 -Delay 5m -Timeout 10m -Data @{ f = 2 }

            $made.Type, $made.Id, $made.Priority, $made.MaxRetries, $made.Timeout.TotalMinutes, $made.DataJson |
                Should -Be @('export', 'b', 1, 0, 10, '{"f":2}')
            ($made.DueAt - $made.CreatedAt).TotalMinutes | Should -Be 5
            ($row | New-QueueTask -Id c -DataJson '1.10').DataJson | Should -Be '1.10'
        }

        It 'takes a due time that is given before the delay of the piped object, and a delay before its due time' {
            $at = [DateTimeOffset]'2040-01-02T03:04:05Z'
            ([pscustomobject]@{ Delay = '1h'; Data = 1 } | New-QueueTask work -DueAt $at).DueAt | Should -Be $at
            $made = [pscustomobject]@{ DueAt = $at; Data = 1 } | New-QueueTask work -Delay 5m
            ($made.DueAt - $made.CreatedAt).TotalMinutes | Should -Be 5
        }

        It 'copies a task under another id' {
            $null = New-QueueTask import '{"f": 1e0}' -Id a -Priority 2 -MaxRetries 7 -Timeout 90m -DueAt 2040-01-02T03:04:05Z

            $copy = Get-QueueTask a | New-QueueTask -Id copy

            $copy.Id, $copy.Type, $copy.DataJson, $copy.Priority, $copy.MaxRetries, $copy.Timeout.TotalMinutes |
                Should -Be @('copy', 'import', '{"f": 1e0}', 2, 7, 90)
            $copy.DueAt | Should -Be (Get-QueueTask a).DueAt
            Get-TestState | Should -Be 'a=pending copy=pending'
        }

        It 'takes the data of a task as they are now' {
            $task = New-QueueTask import '{"file": "a.csv", "rate": 1.0}' -Id a
            $task.Data.file = 'b.csv'
            ($task | New-QueueTask -Id b).DataJson | Should -BeExactly '{"file":"b.csv","rate":1.0}'
            Remove-QueueTask a
            ($task | Import-QueueTask -PassThru).Data.file | Should -Be b.csv
        }

        It 'names once what is beside Data and no setting of a task' {
            $rows = @'
Id,Type,Data,Prioritty,note
a,work,1,2,x
b,work,2,3,y
'@ | ConvertFrom-Csv
            $made = @($rows; @{ Type = 'work'; Data = 3; NOTE = 'z'; further = 1 }) |
                New-QueueTask -WarningVariable warnings -WarningAction SilentlyContinue
            $made | Should -HaveCount 3
            $warnings | Should -HaveCount 2
            "$($warnings[0])" | Should -BeLike "Not taken from what was piped: 'Prioritty', 'note'. An object with Data gives Id, Type,*"
            "$($warnings[1])" | Should -BeLike "Not taken from what was piped: 'further'.*"

            $null = [pscustomobject]@{ Id = 'i'; Type = 'work'; Status = 'failed'; Note = 1 } |
                Import-QueueTask -WarningVariable warnings -WarningAction SilentlyContinue
            "$warnings" | Should -BeLike "Not taken from what was piped: 'Note'.*"
        }

        It 'says nothing of what a task has, however it came here: <Name>' -ForEach @(
            @{ Name = 'as it is'; Way = { $_ } }
            @{ Name = 'selected'; Way = { $_ | Select-Object * } }
            @{ Name = 'by CSV'; Way = { $_ | ConvertTo-Csv | ConvertFrom-Csv } }
            @{ Name = 'by JSON of little depth'; Way = { $_ | ConvertTo-Json -Depth 1 -WarningAction Ignore | ConvertFrom-Json } }
            @{ Name = 'by JSON'; Way = { $_ | ConvertTo-Json -Depth 9 | ConvertFrom-Json } }
            @{
                Name = 'by Clixml'
                Way = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) }
            }
        ) {
            $json = '{"a":[1,2.50,{"b":{"c":true}}],"at":"2026-12-01T00:00:00Z","none":null}'
            $null = New-QueueTask work -Id a -DataJson $json
            $null = New-QueueTask work 1.5 -Id b
            $null = New-QueueTask work 'a text' -Id c
            $null = New-QueueTask work -Id d
            $copies = Get-QueueTask | ForEach-Object $Way
            Get-QueueTask | Remove-QueueTask
            ($copies | New-QueueTask -WarningVariable warnings).DataJson | Should -Be @($json, '1.5', '"a text"', $null)
            Get-QueueTask | Remove-QueueTask
            ($copies | Import-QueueTask -PassThru -WarningVariable +warnings).DataJson | Should -Be @($json, '1.5', '"a text"', $null)
            $warnings | Should -BeNullOrEmpty
        }

        It 'refuses a copy of a task whose data were changed and whose DataJson were not: <Name>' -ForEach @(
            @{ Name = 'selected'; Way = { $_ | Select-Object * }; Change = { $_.Data = 5 } }
            @{ Name = 'selected, to nothing'; Way = { $_ | Select-Object * }; Change = { $_.Data = $null } }
            @{ Name = 'selected, within'; Way = { $_ | Select-Object * }; Change = { $_.Data.file = 'b.csv' } }
            @{ Name = 'selected, by its JSON'; Way = { $_ | Select-Object * }; Change = { $_.DataJson = '{"file":"b.csv"}' } }
            @{ Name = 'by CSV'; Way = { $_ | ConvertTo-Csv | ConvertFrom-Csv }; Change = { $_.Data = 'b.csv' } }
            @{ Name = 'by JSON'; Way = { $_ | ConvertTo-Json | ConvertFrom-Json }; Change = { $_.Data.file = 'b.csv' } }
            @{
                Name = 'by Clixml'
                Way = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) }
                Change = { $_.Data = 'b.csv' }
            }
        ) {
            $copy = New-QueueTask work @{ file = 'a.csv' } -Id a | ForEach-Object $Way
            $copy | ForEach-Object $Change
            Remove-QueueTask a
            foreach ($cmdlet in 'New-QueueTask', 'Import-QueueTask') {
                $refusal = Get-TestError { $copy | & $cmdlet }
                "$refusal" | Should -Be 'Data and DataJson of the object say different things.'
                $refusal.ErrorDetails.RecommendedAction | Should -BeLike '*Select-Object `* -ExcludeProperty DataJson'
            }
            Get-QueueTask | Should -BeNullOrEmpty
        }

        It 'refuses data beside a piped object that would be the data: <Name>' -ForEach @(
            @{ Name = 'a text'; Value = 'x.csv' }
            @{ Name = 'an object'; Value = [pscustomobject]@{ Id = 'p'; file = 'x.csv' } }
            @{ Name = 'a hashtable'; Value = @{ file = 'x.csv' } }
            @{ Name = 'a number'; Value = 5 }
        ) {
            "$(Get-TestError { $Value | New-QueueTask work -Data @{ common = 1 } })" | Should -BeLike 'The piped object would be the data*'
            "$(Get-TestError { $Value | New-QueueTask work -DataJson 1 })" | Should -BeLike 'The piped object would be the data*'
            Get-QueueTask | Should -BeNullOrEmpty
        }

        It 'gives the task the Id of an object that is the data: <Name>' -ForEach @(
            @{ Name = 'an object'; Value = [pscustomobject]@{ Id = 'a'; file = 'x.csv' } }
            @{ Name = 'a hashtable'; Value = [ordered]@{ id = 'a'; file = 'x.csv' } }
            @{ Name = 'a row of a CSV file'; Value = "Id,file`na,x.csv" | ConvertFrom-Csv }
            @{ Name = 'an object with a TaskId'; Value = [pscustomobject]@{ TaskId = 'a'; file = 'x.csv' } }
        ) {
            $made = $Value | New-QueueTask work
            $made.Id, $made.Data.file | Should -Be @('a', 'x.csv')
            ($Value | New-QueueTask work -Id mine).Id | Should -Be mine
        }

        It 'makes an id where that of the object is empty' {
            ([pscustomobject]@{ Id = ''; file = 'x' }, [pscustomobject]@{ Id = $null; file = 'y' } | New-QueueTask work).Id |
                ForEach-Object { [guid]::Parse($_) } | Should -HaveCount 2
        }

        It 'refuses an Id that is no text, instead of the name of its type' {
            "$(Get-TestError { [pscustomobject]@{ Id = @{ a = 1 }; file = 'x' } | New-QueueTask work })" |
                Should -BeLike 'Id is an object or a list*'
            "$(Get-TestError { [pscustomobject]@{ Type = 'a', 'b'; Data = 1 } | New-QueueTask })" |
                Should -BeLike 'Type is an object or a list*'
        }

        It 'takes a DataJson property without a Data property to the letter' {
            $null = New-QueueTask import '{"f": 1.0}' -Id a
            $made = Get-QueueTask a | Select-Object Type, DataJson | New-QueueTask
            $made.Type, $made.DataJson | Should -Be @('import', '{"f": 1.0}')
        }

        It 'keeps what ConvertFrom-Json read as it was' {
            $json = '{"a":[1,[2,3]],"b":null,"c":{"d":"<e> ''x''"}}' -replace '<e>', [char]0xE9
            $json | ConvertFrom-Json | New-QueueTask work -Id j
            (Get-QueueTask j).DataJson | Should -Be $json
            (Get-QueueTask j).Data.c.d | Should -Be "$([char]0xE9) 'x'"
        }

        It 'takes a file of Get-ChildItem as data without its depths' {
            Set-Content -LiteralPath (Join-Path $TestDrive a.txt) -Value a
            Get-ChildItem -LiteralPath $TestDrive -Filter a.txt | Select-Object Name, Length | New-QueueTask work -Id f
            (Get-QueueTask f).Data.Name | Should -Be 'a.txt'
        }
    }

    Context 'Parameters beside piped objects' {
        It 'are taken by <_> as PowerShell binds them' -ForEach @(
            'Set-QueueTask', 'Stop-QueueTask', 'Restart-QueueTask', 'Remove-QueueTask', 'Wait-QueueTask', 'Get-QueueTask',
            'Get-QueueTaskHistory', 'Complete-QueueTask', 'Send-QueueTaskHeartbeat'
        ) {
            # Another id than that of the object: nothing is left that could take the object, and neither task is touched.
            $null = New-QueueTask work -Id a
            $null = New-QueueTask work -Id b
            $more = if ($_ -eq 'Set-QueueTask') { @{ Priority = 1 } } else { @{} }
            (Get-TestError { Get-QueueTask a | & $_ -Id b @more }).FullyQualifiedErrorId | Should -BeLike 'InputObjectNotBound,*'
            Get-TestState | Should -Be 'a=pending b=pending'
        }

        It 'are taken before what the object has' {
            Add-TestTask a failed
            $null = New-QueueTask work -Id b -Priority 9 -MaxRetries 9
            Get-QueueTask b | Set-QueueTask -Priority 2 -PassThru | ForEach-Object { $_.Priority, $_.MaxRetries } | Should -Be @(2, 9)
            $restarted = [pscustomobject]@{ Id = 'a'; Delay = '5h' } | Restart-QueueTask -Delay 1h -PassThru
            ($restarted.DueAt - $restarted.StateSince).TotalMinutes | Should -Be 60
        }
    }

    Context 'Get-QueueTask' {
        BeforeEach {
            Add-TestTask done success -HoursAgo 1000
            Add-TestTask old -HoursAgo 66.8
            Add-TestTask young -HoursAgo 0.4 -Type import
            $null = New-QueueTask import -Id new
        }

        It 'selects <Text>' -ForEach @(
            @{ Text = '-Status Running'; Ids = 'old', 'young' }
            @{ Text = '-Status Running, Success'; Ids = 'done', 'old', 'young' }
            @{ Text = '-Status Running -OlderThan 1h'; Ids = @('old') }
            @{ Text = '-Type imp*'; Ids = 'young', 'new' }
            @{ Text = '-NewerThan 90m'; Ids = 'young', 'new' }
            @{ Text = '-Id *n*'; Ids = 'done', 'young', 'new' }
            @{ Text = '-First 2'; Ids = 'done', 'old' }
            @{ Text = '-Newest 2'; Ids = 'new', 'young' }
            @{ Text = '-Stuck'; Ids = @('old') }
            @{ Text = '-Stuck -OlderThan 20m'; Ids = 'old', 'young' }
        ) {
            (& ([scriptblock]::Create("Get-QueueTask $Text"))).Id | Should -Be $Ids
        }

        It 'gives tasks that sort, group, measure and convert like any object' {
            (Get-QueueTask | Sort-Object Age -Descending | Select-Object -First 2).Id | Should -Be @('done', 'old')
            (Get-QueueTask | Group-Object Status | Sort-Object Name).Name | Should -Be @('Pending', 'Running', 'Success')
            (Get-QueueTask -Status Running | Measure-Object).Count | Should -Be 2
            (Get-QueueTask old | ConvertTo-Json -Depth 3 | ConvertFrom-Json).Id | Should -Be 'old'
            (Get-QueueTask | Where-Object Type -EQ import).Id | Should -Be @('young', 'new')
        }

        It 'lets a pipeline end early' {
            (Get-QueueTask | Select-Object -First 1).Id | Should -Be 'done'
        }

        It 'reads tasks again that come down the pipeline, in whatever shape' {
            $task = Get-QueueTask new
            ($task | Get-QueueTask).Id | Should -Be 'new'
            ('new' | Get-QueueTask).Id | Should -Be 'new'
            ($task | Select-Object Id, Queue | Get-QueueTask).Id | Should -Be 'new'
            ([pscustomobject]@{ TaskId = 'new' } | Get-QueueTask).Id | Should -Be 'new'
            @() | Get-QueueTask | Should -BeNullOrEmpty
        }
    }

    Context 'Stop-QueueTask' {
        It 'stops what Get-QueueTask selected, and running tasks with -Force' {
            Add-TestTask a, b -HoursAgo 3
            Add-TestTask c -HoursAgo 0.2
            Get-QueueTask -Status Running -OlderThan 1h | Stop-QueueTask -Force
            Get-TestState | Should -Be 'a=failed b=failed c=running'
            (Get-QueueTask a).ErrorMessage | Should -Be 'Force cancelled by user'
        }

        It 'takes a task as <Shape>' -ForEach @(
            @{ Shape = 'a task'; Make = { Get-QueueTask a } }
            @{ Shape = 'a text'; Make = { 'a' } }
            @{ Shape = 'Select-Object Id, Queue'; Make = { Get-QueueTask a | Select-Object Id, Queue } }
            @{ Shape = 'an object with an Id'; Make = { [pscustomobject]@{ Id = 'a' } } }
            @{ Shape = 'a row of a CSV file'; Make = { Get-QueueTask a | Select-Object Id, Queue, Type | ConvertTo-Csv | ConvertFrom-Csv } }
            @{
                Shape = 'what came out of CliXml'
                Make = {
                    $text = [System.Management.Automation.PSSerializer]::Serialize((Get-QueueTask a))
                    [System.Management.Automation.PSSerializer]::Deserialize($text)
                }
            }
            @{ Shape = 'what came out of JSON'; Make = { Get-QueueTask a | Select-Object Id, Queue | ConvertTo-Json | ConvertFrom-Json } }
        ) {
            $null = New-QueueTask work -Id a
            & $Make | Stop-QueueTask
            Get-TestState | Should -Be 'a=cancelled'
        }

        It 'stops a task in the queue it came from, and not in the connected one' {
            $other = New-TestQueue -Beside
            $null = New-QueueTask work -Id a
            $null = New-QueueTask work -Id a -Queue $other
            Get-QueueTask -Queue $other | Select-Object Id, Queue | Stop-QueueTask
            Get-TestState | Should -Be 'a=pending'
            Get-TestState @{ Queue = $other } | Should -Be 'a=cancelled'
        }

        It 'writes the stopped tasks only with -PassThru' {
            $null = New-QueueTask work -Id a
            $null = New-QueueTask work -Id b
            Stop-QueueTask a | Should -BeNullOrEmpty
            $stopped = Stop-QueueTask b -PassThru
            $stopped | Should -BeOfType ([TaskQueue.QueueTask])
            $stopped.Status | Should -Be 'Cancelled'
        }
    }

    Context 'Changes' {
        It 'restarts what was stopped, under the same id' {
            $null = New-QueueTask work -Id a
            Stop-QueueTask a -PassThru | Restart-QueueTask -Delay 2d -PassThru | ForEach-Object { "$($_.Id) $($_.Status)" } |
                Should -Be 'a Pending'
            (Get-QueueTask a).DueAt | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddHours(47))
        }

        It 'changes settings of the tasks that wait' {
            'a', 'b' | ForEach-Object { New-QueueTask work -Id $_ } |
                Set-QueueTask -Priority 1 -MaxRetries 0 -Data @{ n = 1 } -DueAt (Get-Date).AddDays(1)
            (Get-QueueTask).Priority | Should -Be @(1, 1)
            (Get-QueueTask).MaxRetries | Should -Be @(0, 0)
            (Get-QueueTask a).Data.n | Should -Be 1
            (Get-QueueTask a).DueAt | Should -BeGreaterThan ([DateTimeOffset]::Now.AddHours(23))
        }

        It 'is a retention job: old successes go, younger ones and all others stay' {
            Add-TestTask a1, a2 success -HoursAgo (24 * 31)
            Add-TestTask b failed -HoursAgo (24 * 31)
            Add-TestTask c success -HoursAgo (24 * 29)
            Get-QueueTask -Status Success -OlderThan 30d | Remove-QueueTask
            Get-TestState | Should -Be 'b=failed c=success'
        }

        It 'writes tasks of the queue they are in now, and takes what Export-Clixml saved' {
            $other = New-TestQueue -Beside
            $made = New-QueueTask work -Id saved -Queue $queue
            $xml = Join-Path $TestDrive saved.xml
            Get-QueueTask saved -Queue $queue | Export-Clixml -LiteralPath $xml

            $imported = Import-Clixml -LiteralPath $xml | Import-QueueTask -Queue $other -PassThru

            $imported.Queue | Should -Be (Get-QueueTask saved -Queue $other).Queue
            $imported.CreatedAt | Should -Be $made.CreatedAt
            $imported | Stop-QueueTask
            (Get-QueueTask saved -Queue $other).Status | Should -Be Cancelled
            (Get-QueueTask saved -Queue $queue).Status | Should -Be Pending
        }

        It 'imports into another queue what was read from one, with its state and times' {
            Add-TestTask a -HoursAgo 5
            Add-TestTask b success
            $other = New-TestQueue -Beside
            $imported = Get-QueueTask | Import-QueueTask -Queue $other -PassThru
            $imported.Id | Should -Be @('a', 'b')
            Get-TestState @{ Queue = $other } | Should -Be 'a=running b=success'
            (Get-QueueTask a -Queue $other).StateSince | Should -Be (Get-QueueTask a).StateSince
        }

        It 'imports a table of another system that is a CSV file' {
            @'
Id,Type,Status,StartedAt,ErrorMessage
a,publish,running,2026-01-02T03:04:05Z,
b,publish,failed,2026-01-02T03:04:05Z,no such file
'@ | ConvertFrom-Csv | Import-QueueTask
            Get-TestState | Should -Be 'a=running b=failed'
            (Get-QueueTask a).StartedAt | Should -Be ([DateTimeOffset]'2026-01-02T03:04:05Z')
            (Get-QueueTask b).ErrorMessage | Should -Be 'no such file'
        }

        It 'waits for tasks that finish meanwhile in another runspace' {
            $tasks = 1..2 | ForEach-Object { New-QueueTask work -Id "t$_" }
            $worker = [powershell]::Create().AddScript({
                    param($Module, $Queue)
                    Import-Module $Module
                    Start-QueueWorker -Queue $Queue -Drain -Handler @{ work = { 42 } }
                }).AddArgument($ModulePath).AddArgument($queue)
            $running = $worker.BeginInvoke()
            try {
                $finished = $tasks | Wait-QueueTask -Timeout 60s
                $finished.Id | Sort-Object | Should -Be @('t1', 't2')
                $finished.Result | Should -Be @(42, 42)
            }
            finally {
                $null = $worker.EndInvoke($running)
                $worker.Runspace.Dispose()
                $worker.Dispose()
            }
        }
    }

    Context 'Filters' {
        BeforeEach {
            @{ Id = 'f1'; Type = 'mail'; Status = 'failed'; ErrorMessage = "The mailbox is full`nat line 3" } | Import-QueueTask
            @{ Id = 'f2'; Type = 'render'; Status = 'failed'; ErrorMessage = 'no such scene' } | Import-QueueTask
            @{ Id = 's'; Type = 'render'; Status = 'success' } | Import-QueueTask
            $null = New-QueueTask mail -Id p1
            $null = New-QueueTask upload -Id p2 -Delay 2h
        }

        It 'select by <Name>' -ForEach @(
            @{ Name = 'a pattern of the error message'; With = @{ ErrorMessage = '*FULL*' }; Ids = 'f1' }
            @{ Name = 'the first line of the error message'; With = @{ ErrorMessage = 'the mailbox is full' }; Ids = 'f1' }
            @{ Name = 'several error messages'; With = @{ ErrorMessage = 'the mailbox*', '*scene' }; Ids = 'f1', 'f2' }
            @{ Name = 'an id and an error message'; With = @{ Id = 'f1', 'f2'; ErrorMessage = '*scene' }; Ids = 'f2' }
            @{ Name = 'a type left out'; With = @{ ExcludeType = 'mail' }; Ids = 'f2', 's', 'p2' }
            @{ Name = 'several types left out, literally'; With = @{ ExcludeType = 'mail', 'RENDER', 'upload' }; Ids = 'f2', 's' }
            @{ Name = 'patterns of types left out'; With = @{ ExcludeType = 'm*', 'UP*' }; Ids = 'f2', 's' }
            @{ Name = 'a type left out of a pattern'; With = @{ Type = '*'; ExcludeType = 'render'; Status = 'Failed' }; Ids = 'f1' }
            @{ Name = 'an id and a type left out'; With = @{ Id = 'f1', 'f2'; ExcludeType = 'mail' }; Ids = 'f2' }
            @{ Name = 'what is due within the hour'; With = @{ DueBefore = [datetime]::Now.AddHours(1) }; Ids = 'p1' }
            @{ Name = 'what is due within a day, the newest'; With = @{ DueBefore = [datetime]::Now.AddDays(1); Newest = 1 }; Ids = 'p2' }
            @{
                Name = 'what is due of those that wait, though others are asked for too'
                With = @{ DueBefore = [datetime]::Now.AddDays(1); Status = 'Pending', 'Failed' }; Ids = 'p1', 'p2'
            }
            @{ Name = 'text that looks like SQL'; With = @{ ExcludeType = "mail') OR ('1'='1" }; Ids = 'f1', 'f2', 's', 'p1', 'p2' }
        ) {
            @(Get-QueueTask @With | ForEach-Object Id) | Should -Be $Ids
        }
    }

    Context 'Set-QueueTask' {
        It 'changes type and time-out and takes data away, and the undo brings them back' {
            $null = New-QueueTask work @{ a = 1 } -Id t -Timeout 5m
            Set-QueueTask t -Type other -Timeout 90s -Data $null
            $task = Get-QueueTask t
            $task.Type, $task.Timeout.TotalSeconds, $task.DataJson | Should -Be @('other', 90, $null)
            Get-QueueOperation -Newest 1 | Undo-QueueOperation | Out-Null
            $task = Get-QueueTask t
            $task.Type, $task.Timeout.TotalMinutes, $task.Data.a | Should -Be @('work', 5, 1)
            Set-QueueTask t -Timeout 0s
            (Get-QueueTask t).Timeout | Should -BeNullOrEmpty
            (Start-QueueWorker -Drain -Handler @{ work = { $_.Data.a } }).Result | Should -Be 1
        }

        It 'takes data as JSON to the letter, and a wait from now' {
            $null = New-QueueTask work @{ a = 1 } -Id t
            Set-QueueTask t -DataJson '{"rate": 1.10}' -Delay 2h
            $task = Get-QueueTask t
            $task.DataJson | Should -BeExactly '{"rate": 1.10}'
            ($task.DueAt - [DateTimeOffset]::UtcNow).TotalMinutes | Should -BeGreaterThan 60
            Set-QueueTask t -Delay 0s
            (Get-QueueTask t).DueAt | Should -BeLessOrEqual ([DateTimeOffset]::UtcNow.AddMinutes(1))
            "$(Get-TestError { Set-QueueTask t -DataJson 'no json' })" | Should -Be '-DataJson is not JSON: it is wrong at line 1, byte 2.'
            "$(Get-TestError { Set-QueueTask t -DataJson 1 -Data 1 })" | Should -Be '-Data and -DataJson are both given.'
            "$(Get-TestError { Set-QueueTask t -DueAt 2040-01-02 -Delay 1h })" | Should -Be '-DueAt and -Delay are both given.'
            (Get-QueueTask t).DataJson | Should -BeExactly '{"rate": 1.10}'
        }

        It 'has what New-QueueTask and it can set alike' {
            # What makes a task, and what picks those that are there.
            $own = 'Id', 'InputObject', 'Reason', 'PassThru'
            $new, $set = 'New-QueueTask', 'Set-QueueTask' |
                ForEach-Object { , @((Get-Command $_).Parameters.Keys | Where-Object { $_ -notin $own } | Sort-Object) }
            $set | Should -Be $new
        }

        It 'refuses a piped task whose data were changed: they would not be set' {
            $null = New-QueueTask work @{ file = 'a.csv' } -Id t
            $changed = Get-QueueTask t
            $changed.Data.file = 'b.csv'
            $copy = Get-QueueTask t | Select-Object *
            $copy.Data = 5
            foreach ($task in $changed, $copy) {
                $refusal = Get-TestError { $task | Set-QueueTask -Priority 1 }
                "$refusal" | Should -BeLike "The Data of the piped task 't' were changed,*"
                $refusal.ErrorDetails.RecommendedAction | Should -BeLike '*-Data*'
            }
            (Get-QueueTask t).Priority | Should -Be 5
            $changed | Set-QueueTask -Data $changed.Data
            $read = Get-QueueTask t
            $read.Data.file | Should -Be 'b.csv'
            $read | Set-QueueTask -Priority 1
            (Get-QueueTask t).Priority | Should -Be 1
        }

        It 'says what it can change where nothing is given' {
            $null = New-QueueTask work -Id t
            (Get-TestError { Set-QueueTask t }).ErrorDetails.RecommendedAction |
                Should -Be 'Give -Priority, -DueAt, -Delay, -MaxRetries, -Type, -Timeout, -Data or -DataJson.'
        }
    }

    It 'Remove-QueueTask writes what it removed where it is asked for' {
        1..2 | ForEach-Object { New-QueueTask work @{ n = $_ } -Id "t$_" } | Out-Null
        Remove-QueueTask t1 | Should -BeNullOrEmpty
        $removed = Remove-QueueTask t2 -PassThru
        $removed.Id, $removed.StatusText, $removed.Data.n | Should -Be @('t2', 'pending', 2)
        Get-QueueTask | Should -BeNullOrEmpty
    }
}
