# Workers of script blocks, of programs, and a script that is its own worker.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
    $pwsh = & (Join-Path $PSScriptRoot Get-PwshCommand.ps1)
}

Describe 'Workers' {
    BeforeEach { $queue = New-TestQueue }
    AfterEach { Disconnect-TaskQueue }

    Context 'Start-QueueWorker with script blocks' {
        It 'runs each task by the handler of its type and writes it when it is done' {
            1..3 | ForEach-Object { New-QueueTask import @{ n = $_ } -Id "i$_" } | Out-Null
            $null = New-QueueTask mail @{ to = 'x' } -Id m
            $finished = Start-QueueWorker -Drain -Handler @{
                import = { @{ double = 2 * $Task.Data.n } }
                mail   = { throw "no such mailbox: $($Task.Data.to)" }
            } -RetryDelay 1h
            $finished.Id | Sort-Object | Should -Be @('i1', 'i2', 'i3')
            (Get-QueueTask -Type import).Result.double | Should -Be @(2, 4, 6)
            (Get-QueueTask m).Status | Should -Be 'Retry'
            (Get-QueueTask m).ErrorMessage | Should -BeLike '*no such mailbox: x*'
        }

        It 'gives handlers the cmdlets, functions of a module, variables and what was initialized' {
            $module = Join-Path $TestDrive Sums.psm1
            Set-Content -LiteralPath $module -Value 'function Get-Sum([int[]] $Number) { ($Number | Measure-Object -Sum).Sum }'
            $null = New-QueueTask sum @{ numbers = 1, 2, 3 } -Id s
            $environment = @{
                ImportModule = $module; Variable = @{ Extra = 10 }; InitializationScript = { function Get-Start { 100 } }
            }
            $null = Start-QueueWorker -Drain -Type sum @environment -Handler {
                (Get-Sum $Task.Data.numbers) + $Extra + (Get-Start)
            }
            (Get-QueueTask s).Result | Should -Be 116
        }

        It 'runs handlers in the present location, with the usual cmdlets and connected to its queue' {
            $null = New-QueueTask first -Id f
            Push-Location -LiteralPath $TestDrive
            try {
                $null = Start-QueueWorker -Drain -Handler @{
                    first  = {
                        Set-Content -LiteralPath said.txt -Value hello
                        $null = New-QueueTask second @{ text = Get-Content -LiteralPath said.txt } -Id s
                    }
                    second = { $Task.Data.text | ConvertTo-Json | ConvertFrom-Json }
                }
            }
            finally { Pop-Location }
            (Get-QueueTask s).Result | Should -Be 'hello'
            Test-Path -LiteralPath (Join-Path $TestDrive said.txt) | Should -BeTrue
        }

        It 'counts a failed cmdlet in a handler as a failure' {
            $null = New-QueueTask copy -Id c -MaxRetries 0
            $null = Start-QueueWorker -Drain -Type copy -ErrorAction SilentlyContinue -Handler {
                Get-Item -LiteralPath ./not-there.txt
                'done'
            }
            (Get-QueueTask c).Status | Should -Be 'Failed'
            (Get-QueueTask c).ErrorMessage | Should -BeLike '*not-there.txt*'
        }

        It 'runs several tasks at the same time' {
            1..2 | ForEach-Object { New-QueueTask meet -Id "m$_" } | Out-Null
            # Each waits for the other: one after the other they could not.
            $gate = [Threading.CountdownEvent]::new(2)
            $null = Start-QueueWorker -Drain -Concurrency 2 -Type meet -Variable @{ Gate = $gate } -Handler {
                $null = $Gate.Signal()
                $Gate.Wait(60000)
            }
            (Get-QueueTask).Result | Should -Be @($true, $true)
        }

        It 'hands finished tasks on to the commands behind it' {
            1..3 | ForEach-Object { New-QueueTask work -Id "t$_" } | Out-Null
            Start-QueueWorker -Drain -Type work -Handler { 1 } | Remove-QueueTask
            Get-QueueTask | Should -BeNullOrEmpty
        }

        It 'takes no more than -MaxTasks' {
            1..3 | ForEach-Object { New-QueueTask work -Id "t$_" } | Out-Null
            @(Start-QueueWorker -MaxTasks 2 -Type work -Handler { 1 }).Count | Should -Be 2
            @(Get-QueueTask -Status Pending).Count | Should -Be 1
        }
    }

    Context 'A run that ends by itself' {
        It 'says that it took no task where those that failed wait for another try' {
            @{
                Id = 'later'; Type = 'work'; Status = 'retry'; RetryCount = 1; MaxRetries = 3; DueAt = [DateTimeOffset]::UtcNow.AddHours(2)
            } | Import-QueueTask
            Start-QueueWorker -Drain -Type work -Handler { 1 } -WarningVariable warnings -WarningAction SilentlyContinue |
                Should -BeNullOrEmpty
            "$warnings" | Should -BeLike 'No task was taken: 1 task that failed waits for another try. The next task is due at *'
        }

        It 'says nothing where tasks wait for the time they were put off to' {
            $null = New-QueueTask work -Delay 2h
            Start-QueueWorker -Drain -Type work -Handler { 1 } -WarningVariable warnings -WarningAction SilentlyContinue |
                Should -BeNullOrEmpty
            $warnings | Should -BeNullOrEmpty
        }

        It 'warns of failures that are left to another try, and of those alone' {
            $null = New-QueueTask work -Id later
            $null = New-QueueTask good -Id good
            $handlers = @{ work = { throw 'the disk is away' }; good = { } }
            $null = Start-QueueWorker -Drain -Handler $handlers -WarningVariable warnings -WarningAction SilentlyContinue
            $warnings | Should -HaveCount 1
            "$warnings" | Should -BeLike '1 task has failed and waits for another try, *later*: the disk is away'
        }

        It 'has an error for each task that failed for good, after all were done' {
            'a', 'b' | ForEach-Object { New-QueueTask bad -Id $_ -MaxRetries 0 } | Out-Null
            $null = New-QueueTask bad -Id later -MaxRetries 3
            $null = New-QueueTask good -Id c -Priority 9
            $worker = @{
                Drain = $true; Concurrency = 1; RetryDelay = '1h'; Handler = @{ bad = { throw "no $($_.Id)" }; good = { 1 } }
            }
            $finished = Start-QueueWorker @worker -ErrorAction SilentlyContinue -ErrorVariable failures
            $? | Should -BeFalse
            $finished.Id | Should -Be @('a', 'b', 'c')
            $failures.Count | Should -Be 2
            $failures | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.TargetObject): $_" } | Should -Be @(
                "TaskFailed,TaskQueue.PowerShell.Commands.StartQueueWorkerCommand a: Task 'a' failed: no a",
                "TaskFailed,TaskQueue.PowerShell.Commands.StartQueueWorkerCommand b: Task 'b' failed: no b")
            $failures[0].ErrorDetails.RecommendedAction | Should -BeLike "Get-QueueTask 'a' *"
        }

        It 'has an error for a task that was stopped while it ran' {
            $null = New-QueueTask work -Id t
            $handlers = @{ work = { Stop-QueueTask $Task.Id -Force; Start-Sleep 600 } }
            $silence = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failures'; WarningVariable = 'warnings' }
            $finished = Start-QueueWorker -Drain -Handler $handlers @silence
            $finished.Id | Should -Be t
            "$failures" | Should -Be "Task 't' failed: Force cancelled by user"
            $warnings | Should -BeNullOrEmpty
        }

        It 'does all there is before an error ends a script that stops at errors' {
            1..3 | ForEach-Object { New-QueueTask bad -Id "t$_" -MaxRetries 0 } | Out-Null
            { Start-QueueWorker -Drain -Handler @{ bad = { throw 'no' } } -ErrorAction Stop } | Should -Throw "Task 't?' failed: no"
            @(Get-QueueTask -Status Failed).Count | Should -Be 3
        }

        It 'has no error where all succeeded' {
            $null = New-QueueTask good -Id c
            $null = Start-QueueWorker -Drain -Handler @{ good = { 1 } } -ErrorVariable failures
            $? | Should -BeTrue
            $failures | Should -BeNullOrEmpty
        }

        It 'gives a script its exit code as the help says' {
            $null = New-QueueTask bad -MaxRetries 0
            $run = "`$null = Start-QueueWorker -Queue '$queue' -Drain -Handler @{ bad = { throw 'no' } }; if (-not `$?) { exit 1 }"
            (Invoke-TestShell $run).ExitCode | Should -Be 1
            (Invoke-TestShell $run).ExitCode | Should -Be 0
        }
    }

    Context 'Workers of one process' {
        It 'have names of their own' {
            $null = New-QueueTask render; $null = Receive-QueueTask render
            $null = New-QueueTask work
            $names = Start-QueueWorker -Drain -Type work -Handler { (Get-QueueWorker).Name } | ForEach-Object Result
            $names.Count | Should -Be 2
            $names | Select-Object -Unique | Should -HaveCount 2
            $names | ForEach-Object { $_ | Should -Match ":$PID(\.\d+)?$" }
        }
    }

    Context 'Start-QueueWorker with a program' {
        It 'gives the program the task, and takes what it prints as the result' {
            $null = New-QueueTask import @{ file = 'a b.csv' } -Id i
            $script = Join-Path $TestDrive handler.ps1
            Set-Content -LiteralPath $script -Value ('$task = [Console]::In.ReadLine() | ConvertFrom-Json; ' +
                '@{ got = $task.data.file; id = $task.id } | ConvertTo-Json -Compress')
            $arguments = $pwsh.Arguments + @('-NoProfile', '-File', $script)
            $finished = Start-QueueWorker -Drain -Type import -FilePath $pwsh.Program -ArgumentList $arguments
            $finished.ErrorMessage | Should -BeNullOrEmpty
            $finished.Result.got | Should -Be 'a b.csv'
            $finished.Result.id | Should -Be 'i'
        }

        It 'gives a program its arguments as they are, empty ones too' {
            $null = New-QueueTask echo -MaxRetries 0
            $script = Join-Path $TestDrive arguments.ps1
            Set-Content -LiteralPath $script -Value 'ConvertTo-Json @($args) -Compress'
            $arguments = $pwsh.Arguments + @('-NoProfile', '-File', $script, '', 'a b', '')
            $finished = Start-QueueWorker -Drain -Type echo -FilePath $pwsh.Program -ArgumentList $arguments
            $finished.Result | Should -Be @('', 'a b', '')
        }

        It 'counts another exit code than 0 as a failure' {
            $null = New-QueueTask import -Id i -MaxRetries 0
            $program = @{
                FilePath = $pwsh.Program
                ArgumentList = $pwsh.Arguments + @('-NoProfile', '-Command', '[Console]::Error.WriteLine("broken"); exit 3')
            }
            $finished = Start-QueueWorker -Drain -Type import @program -ErrorAction SilentlyContinue
            $finished.Status | Should -Be 'Failed'
            $finished.ErrorMessage | Should -Match '3'
            $finished.ErrorMessage | Should -Match 'broken'
        }
    }

    Context 'Workers seen from outside' {
        BeforeEach {
            $worker = [powershell]::Create().AddScript({
                    param($Module, $Queue)
                    Import-Module $Module
                    Start-QueueWorker -Queue $Queue -Type work -GracePeriod 1s -Handler {
                        while (-not $TaskContext.CancellationToken.WaitHandle.WaitOne(50)) { }
                    }
                }).AddArgument($ModulePath).AddArgument($queue)
            $running = $worker.BeginInvoke()
            $null = New-QueueTask work -Id t
            $until = [datetime]::UtcNow.AddSeconds(60)
            while ((Get-QueueTask t).Status -ne 'Running' -and [datetime]::UtcNow -lt $until) { Start-Sleep -Milliseconds 50 }
        }
        AfterEach {
            Get-QueueWorker | Where-Object Kind -EQ Worker | Stop-QueueWorker -Force -ErrorAction SilentlyContinue
            $null = $worker.EndInvoke($running)
            $worker.Runspace.Dispose()
            $worker.Dispose()
        }

        It 'lists a worker and its tasks' {
            $seen = Get-QueueWorker
            $seen.ProcessId | Should -Be $PID
            $seen.Tasks | Should -Be 't'
            $seen.Types | Should -Be 'work'
            (Get-QueueWorker -MachineName $seen.Machine).Id | Should -Be $seen.Id
            (Get-QueueTask -Worker $seen.Name).Id | Should -Be 't'
        }

        It 'stops a running task and returns when the worker has confirmed it' {
            Get-QueueTask -Status Running |
                Stop-QueueTask -Force -Wait -Timeout 60s -WarningVariable warnings -WarningAction SilentlyContinue
            $warnings | Should -BeNullOrEmpty
            (Get-QueueTask t).Status | Should -Be 'Failed'
        }

        It 'ends a worker that is piped to Stop-QueueWorker, and its tasks go back' {
            Get-QueueWorker | Stop-QueueWorker -Force
            $running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
            Get-QueueWorker | Should -BeNullOrEmpty
            (Get-QueueTask t).Status | Should -Be 'Pending'
        }
    }

    Context 'A script that is its own worker' {
        It 'receives, reports progress and completes' {
            $null = New-QueueTask render @{ scene = 7 } -Id r
            $task = Receive-QueueTask render
            $task | Send-QueueTaskHeartbeat -Progress 40 -Message encoding
            (Get-QueueTask r).Progress | Should -Be 40
            (Get-QueueTask r).ProgressMessage | Should -Be 'encoding'
            (Get-QueueWorker).Kind | Should -Be 'Session'
            $task | Complete-QueueTask -Result @{ frames = $task.Data.scene } -PassThru | ForEach-Object { $_.Result.frames } | Should -Be 7
        }

        It 'fails a task for good, and gives back at the end what it did not complete' {
            1..2 | ForEach-Object { New-QueueTask render -Id "r$_" } | Out-Null
            Receive-QueueTask render -First 2 | Where-Object Id -EQ r1 |
                Complete-QueueTask -Status Failed -ErrorMessage 'no such scene' -NoRetry
            Disconnect-TaskQueue
            $null = Connect-TaskQueue $queue
            Get-TestState | Should -Be 'r1=failed r2=pending'
        }

        It 'gives one task back and keeps the others' {
            1..2 | ForEach-Object { New-QueueTask render -Id "r$_" } | Out-Null
            $received = Receive-QueueTask render -First 2
            $back = $received[0] | Complete-QueueTask -Status Pending -PassThru
            $back.StatusText, $back.RetryCount | Should -Be @('pending', 0)
            Get-TestState | Should -Be 'r1=pending r2=running'
            (Get-TestError { $received[1] | Complete-QueueTask -Status Pending -Result 1 }).ToString() |
                Should -Be 'A task that is given back has neither result nor error.'
            (Receive-QueueTask render).Id | Should -Be 'r1'
        }

        It 'works in a loop of the pipeline until the queue is empty' {
            1..5 | ForEach-Object { New-QueueTask render -Id "r$_" } | Out-Null
            while ($task = Receive-QueueTask render) { $task | Complete-QueueTask -Result $task.Id }
            (Get-QueueTask -Status Success).Result | Should -Be @('r1', 'r2', 'r3', 'r4', 'r5')
        }
    }
}
