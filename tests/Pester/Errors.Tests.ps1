# The errors people meet: what they are called, whom they are about, what they advise, and how a script deals with them.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'Errors' {
    BeforeEach {
        $queue = New-TestQueue
        Add-TestTask busy
        Add-TestTask done success
        $null = New-QueueTask work -Id waiting
    }
    AfterEach { Disconnect-TaskQueue }

    Context 'What they say' {
        It 'names the queue where a task was looked for: <_>' -ForEach @(
            'Get-QueueTask', 'Stop-QueueTask', 'Restart-QueueTask', 'Remove-QueueTask', 'Set-QueueTask -Priority 1 -Id', 'Wait-QueueTask',
            'Stop-QueueTask -WhatIf -Id'
        ) {
            $failure = Get-TestError ([scriptblock]::Create("$_ nosuch"))
            "$failure" | Should -Be "There is no task 'nosuch' in '$queue'."
            $failure.ErrorDetails.RecommendedAction | Should -BeLike '*Get-QueueTask*'
        }

        It '<Id> of <Text>' -ForEach @(
            @{
                Text = 'Stop-QueueTask none'; Id = 'TaskNotFound'; Category = 'ObjectNotFound'; Target = 'none'
                Advice = 'Ids are case-sensitive. Get-QueueTask lists*'
            }
            @{
                Text = 'Stop-QueueTask wait*'; Id = 'TaskNotFound'; Category = 'ObjectNotFound'; Target = 'wait*'
                Advice = "*Get-QueueTask -Id 'wait`*' | Stop-QueueTask"
            }
            @{
                Text = 'Get-QueueTask None'; Id = 'TaskNotFound'; Category = 'ObjectNotFound'; Target = 'None'
                Advice = 'Ids are case-sensitive*'
            }
            @{
                Text = 'Get-QueueTaskHistory none'; Id = 'TaskNotFound'; Category = 'ObjectNotFound'; Target = 'none'
                Advice = 'Ids are case-sensitive*'
            }
            @{
                Text = 'Wait-QueueTask none'; Id = 'TaskNotFound'; Category = 'ObjectNotFound'; Target = 'none'
                Advice = 'Ids are case-sensitive. Get-QueueTask lists*'
            }
            @{
                Text = 'Stop-QueueTask busy'; Id = 'TaskStateInvalid'; Category = 'InvalidOperation'; Target = 'busy'
                Advice = '*only with -Force*'
            }
            @{
                Text = 'Remove-QueueTask busy'; Id = 'TaskStateInvalid'; Category = 'InvalidOperation'; Target = 'busy'
                Advice = '*only with -Force*'
            }
            @{
                Text = 'Stop-QueueTask done'; Id = 'TaskStateInvalid'; Category = 'InvalidOperation'; Target = 'done'
                Advice = 'Only waiting tasks*'
            }
            @{
                Text = 'Restart-QueueTask waiting'; Id = 'TaskStateInvalid'; Category = 'InvalidOperation'; Target = 'waiting'
                Advice = 'Only finished tasks*'
            }
            @{
                Text = 'Set-QueueTask done -Priority 1'; Id = 'TaskStateInvalid'; Category = 'InvalidOperation'; Target = 'done'
                Advice = 'Only waiting tasks*'
            }
            @{
                Text = 'Complete-QueueTask waiting'; Id = 'TaskStateInvalid'; Category = 'InvalidOperation'; Target = 'waiting'
                Advice = '*Receive-QueueTask*'
            }
            @{
                Text = 'New-QueueTask work -Id waiting'; Id = 'TaskInvalid'; Category = 'InvalidArgument'; Target = 'waiting'
                Advice = 'Give another -Id*'
            }
            @{ Text = 'New-QueueTask'; Id = 'TaskInvalid'; Category = 'InvalidArgument'; Target = ''; Advice = 'Give -Type*' }
            @{ Text = 'Set-QueueTask waiting'; Id = 'TaskInvalid'; Category = 'InvalidArgument'; Advice = 'Give -Priority*' }
            @{ Text = 'Stop-QueueTask waiting -Wait'; Id = 'TaskInvalid'; Category = 'InvalidArgument'; Advice = 'Add -Force*' }
            @{
                Text = 'Invoke-StuckTaskCleanup -MaxAgeHours 0'; Id = 'TaskInvalid'; Category = 'InvalidArgument'
                Advice = 'Give -MaxAgeHours above 0*'
            }
            @{
                Text = 'Start-QueueWorker -Type work -FilePath ./no-such-program'; Id = 'TaskInvalid'; Category = 'InvalidArgument'
                Advice = 'Give its path*'
            }
            @{
                Text = 'Invoke-StuckTaskCleanup -MaxAge 1s -Type work -MaxCount 1'; Id = 'TooManyTasks'; Category = 'LimitsExceeded'
                Advice = 'Look at them*'; Also = 'busy2'
            }
            @{
                Text = "'waiting', 'done' | Remove-QueueTask -MaxCount 1"; Id = 'TooManyTasks'; Category = 'LimitsExceeded'; Target = 'done'
                Advice = 'Look at the selection*'
            }
            @{
                Text = 'Wait-QueueTask waiting -Timeout 0s'; Id = 'TaskTimeout'; Category = 'OperationTimeout'; Target = 'waiting'
                Advice = ''
            }
            @{
                Text = 'Undo-QueueOperation 00000000-0000-0000-0000-000000000000'; Id = 'OperationNotFound'; Category = 'ObjectNotFound'
                Target = '00000000-0000-0000-0000-000000000000'
            }
            @{
                Text = 'Stop-QueueWorker 00000000-0000-0000-0000-000000000000'; Id = 'WorkerNotFound'; Category = 'ObjectNotFound'
                Target = '00000000-0000-0000-0000-000000000000'
            }
        ) {
            if ($Also) { Add-TestTask $Also }
            $command = [regex]::Match($Text, '[A-Z]\w+-\w+').Value -replace '-'
            $found = Get-TestError ([scriptblock]::Create($Text))
            $found.FullyQualifiedErrorId | Should -Be "$Id,TaskQueue.PowerShell.Commands.${command}Command"
            $found.CategoryInfo.Category | Should -Be $Category
            if ($null -ne $Target) { "$($found.TargetObject)" | Should -BeExactly $Target }
            if ($Advice) { $found.ErrorDetails.RecommendedAction | Should -BeLike $Advice }
        }

        It 'a queue that is not there says how to make one' {
            $missing = Join-Path $TestDrive missing.db
            $found = Get-TestError { Get-QueueTask -Queue $missing }
            $found.FullyQualifiedErrorId | Should -BeLike 'QueueNotFound,*'
            $found.CategoryInfo.Category | Should -Be 'ObjectNotFound'
            Split-Path -Leaf $found.TargetObject | Should -Be 'missing.db'
            $found.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-TaskQueue*-Create*'
            Test-Path -LiteralPath $missing | Should -BeFalse
        }

        It 'a file that is no queue is refused and stays as it is' {
            $notes = Join-Path $TestDrive notes.txt
            Set-Content -LiteralPath $notes -Value 'Just some notes, more than a header of a database is long.'
            $found = Get-TestError { Connect-TaskQueue $notes -Create }
            $found.FullyQualifiedErrorId | Should -BeLike 'QueueFormatInvalid,*'
            $found.CategoryInfo.Category | Should -Be 'InvalidData'
            Get-Content -LiteralPath $notes | Should -BeLike 'Just some notes*'
        }

        It 'a server that does not answer is unavailable, and its password is not repeated' {
            $found = Get-TestError { Connect-TaskQueue 'postgresql://ops:s3cret@127.0.0.1:9/jobs' -Timeout 1s }
            $found.FullyQualifiedErrorId | Should -BeLike 'QueueUnavailable,*'
            $found.CategoryInfo.Category | Should -Be 'ResourceUnavailable'
            "$found $($found.TargetObject) $($found.ErrorDetails.RecommendedAction) $($found.Exception)" | Should -Not -Match 's3cret'
        }

        It 'a task of another queue than the named one is left alone' {
            $other = New-TestQueue -Beside
            $null = New-QueueTask work -Id waiting -Queue $other
            $found = Get-TestError { Get-QueueTask waiting | Stop-QueueTask -Queue $other }
            $found.FullyQualifiedErrorId | Should -BeLike 'QueueMismatch,*'
            $found.CategoryInfo.Category | Should -Be 'InvalidArgument'
            $found.TargetObject.Id | Should -Be 'waiting'
            Get-TestState @{ Queue = $other } | Should -Be 'waiting=pending'
        }
    }

    Context 'Durations' {
        It 'a bare number is refused with advice: <Text>' -ForEach @(
            @{ Text = 'Get-QueueTask -OlderThan 6'; Advice = '6h' }
            @{ Text = 'New-QueueTask work -Delay 90'; Advice = '90s|90m' }
            @{ Text = 'Get-QueueTask -OlderThan 1.5'; Advice = '1\.5h' }
            @{ Text = 'Invoke-StuckTaskCleanup -MaxAge 2'; Advice = '2h' }
        ) {
            $found = Get-TestError ([scriptblock]::Create($Text))
            $found.CategoryInfo.Category | Should -Be 'InvalidArgument'
            "$found" | Should -Match $Advice
        }

        It 'what PowerShell takes for a number keeps its unit: <Text>' -ForEach @(
            @{ Text = '2d'; Hours = 48 }
            @{ Text = '1.5h'; Hours = 1.5 }
            @{ Text = '5400s'; Hours = 1.5 }
            @{ Text = '1h30m'; Hours = 1.5 }
            @{ Text = '01:30:00'; Hours = 1.5 }
            @{ Text = '1w'; Hours = 168 }
            @{ Text = '(New-TimeSpan -Minutes 90)'; Hours = 1.5 }
        ) {
            $task = & ([scriptblock]::Create("New-QueueTask work -Delay $Text"))
            ($task.DueAt - $task.CreatedAt).TotalHours | Should -Be $Hours
        }

        It 'a text that only looks like hours is refused' {
            "$(Get-TestError { Get-QueueTask -OlderThan 48:00:00 })" | Should -Match '48h|2d'
        }
    }

    Context 'How scripts deal with them' {
        It 'a bad record does not keep the others from being done' {
            'none', 'waiting', 'busy' | Stop-QueueTask -ErrorAction SilentlyContinue -ErrorVariable failures
            Get-TestState | Should -Be 'busy=running done=success waiting=cancelled'
            $failures.Count | Should -Be 2
            "$($failures.TargetObject)" | Should -Be 'none busy'
        }

        It 'a bad row of a CSV file does not keep the others from being made' {
            $rows = @'
Id,Data,Priority
r1,1,1
r2,2,99
r3,3,3
'@ | ConvertFrom-Csv
            $made = $rows | New-QueueTask -Type work -ErrorAction SilentlyContinue -ErrorVariable failures
            $made.Id | Should -Be @('r1', 'r3')
            @($failures.TargetObject)[0].Id | Should -Be 'r2'
        }

        It '-ErrorAction Stop ends the pipeline at the first error, which a catch block gets' {
            $caught = try { 'waiting', 'none', 'busy' | Remove-QueueTask -Force -ErrorAction Stop } catch { $_ }
            $caught.FullyQualifiedErrorId | Should -BeLike 'TaskNotFound,*'
            Get-TestState | Should -Be 'busy=running done=success'
        }

        It 'a catch block can name the type of error' {
            $caught = try { Stop-QueueTask none -ErrorAction Stop }
            catch [TaskQueue.TaskStateException] { 'state' }
            catch [TaskQueue.TaskNotFoundException] { 'not found' }
            $caught | Should -Be 'not found'
        }

        It 'an error about the queue ends the command without -ErrorAction too' {
            $caught = try { Get-QueueTask -Queue (Join-Path $TestDrive missing.db) } catch { 'caught' }
            $caught | Should -Be 'caught'
        }

        It '$? is false after an error and true after none' {
            Stop-QueueTask none -ErrorAction SilentlyContinue
            $? | Should -BeFalse
            Stop-QueueTask waiting
            $? | Should -BeTrue
        }

        It '-ErrorAction Ignore leaves nothing in $Error' {
            $Error.Clear()
            Stop-QueueTask none -ErrorAction Ignore
            $Error.Count | Should -Be 0
        }

        It '-ErrorVariable with a plus gathers the errors of several commands' {
            $all = @()
            Stop-QueueTask none -ErrorAction SilentlyContinue -ErrorVariable +all
            Stop-QueueTask busy -ErrorAction SilentlyContinue -ErrorVariable +all
            $all.FullyQualifiedErrorId -replace ',.*' | Should -Be @('TaskNotFound', 'TaskStateInvalid')
        }

        It 'a script run with $ErrorActionPreference Stop ends, with exit code 1 and the advice on standard error' {
            Disconnect-TaskQueue
            $shell = Invoke-TestShell "`$ErrorActionPreference = 'Stop'; Stop-QueueTask busy -Queue '$queue'; 'not reached'"
            $shell.ExitCode | Should -Be 1
            $shell.Output | Should -Not -Match 'not reached'
            $shell.Errors -replace '\s+', ' ' | Should -Match "Task 'busy' is running.*only with -Force"
        }
    }
}
