# Runspaces, jobs, and other sessions than a fresh one; the module coming and going.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseUsingScopeModifierInNewRunspaces', '', Justification = 'A handler is given its $Task.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'Sessions' {
    BeforeAll {
        # As an installed module is found: by its name, in a folder of PSModulePath.
        $modulePathBefore = $env:PSModulePath
        $env:PSModulePath = (Split-Path $ModulePath) + [IO.Path]::PathSeparator + $env:PSModulePath
    }
    AfterAll {
        $env:PSModulePath = $modulePathBefore
    }
    BeforeEach { $queue = New-TestQueue }
    AfterEach {
        Import-Module $ModulePath
        Disconnect-TaskQueue
    }

    Context 'Connections' {
        It 'says where the session stays when another queue cannot be had' {
            $queue = New-TestQueue
            { Connect-TaskQueue (Join-Path $TestDrive missing.db) -WarningVariable script:warnings -WarningAction SilentlyContinue } |
                Should -Throw
            "$script:warnings" | Should -Be "This session stays connected to '$queue'."
        }
    }

    Context 'Runspaces and jobs' {
        It 'ForEach-Object -Parallel stops tasks of the connected queue, each in a runspace of its own' {
            1..6 | ForEach-Object { New-QueueTask work -Id "t$_" } | Out-Null
            $stopped = Get-QueueTask | ForEach-Object -Parallel { $_ | Stop-QueueTask -PassThru } -ThrottleLimit 3
            @($stopped | Where-Object Status -EQ Cancelled).Count | Should -Be 6
            @(Get-QueueTask -Status Cancelled).Count | Should -Be 6
        }

        It 'ForEach-Object -Parallel makes tasks in the queue that is named' {
            1..6 | ForEach-Object -Parallel { New-QueueTask work @{ n = $_ } -Queue $using:queue } | Out-Null
            (Get-QueueTask).Data.n | Sort-Object | Should -Be (1..6)
        }

        It 'Start-ThreadJob gives live objects, which are acted on' {
            $null = New-QueueTask work -Id t
            $task = Start-ThreadJob { Get-QueueTask -Queue $using:queue } | Receive-Job -Wait -AutoRemoveJob
            $task | Should -BeOfType ([TaskQueue.QueueTask])
            $task | Stop-QueueTask
            Get-TestState | Should -Be 't=cancelled'
        }

        It 'Start-Job gives a connection that means the same queue again' {
            $null = New-QueueTask work -Id t
            $connection = Start-Job { Import-Module TaskQueue; Connect-TaskQueue $using:queue } | Receive-Job -Wait -AutoRemoveJob
            (Get-QueueTask -Queue $connection).Id | Should -Be t
        }

        It 'Start-ThreadJob runs a worker while the session does something else' {
            $job = Start-ThreadJob { Start-QueueWorker -Queue $using:queue -MaxTasks 2 -Handler @{ work = { 2 * $Task.Data } } }
            1..2 | ForEach-Object { New-QueueTask work $_ -Id "t$_" } | Wait-QueueTask -Timeout 60s | ForEach-Object Result | Sort-Object |
                Should -Be @(2, 4)
            $job | Receive-Job -Wait -AutoRemoveJob | ForEach-Object Id | Sort-Object | Should -Be @('t1', 't2')
        }

        It 'Start-Job gives objects that crossed a process, and pipe into what acts on them' {
            Add-TestTask stuck, other
            'cancel', 'move', 'take' | ForEach-Object { $null = New-QueueTask work -Id $_ }
            Add-TestTask again failed
            $crossed = Start-Job {
                Get-QueueTask -Queue $using:queue
                Get-QueueTask -Queue $using:queue -Stuck | Select-Object -First 1 | Stop-QueueTask -Force -PassThru
            } |
                Receive-Job -Wait -AutoRemoveJob
            $crossed[0].PSTypeNames | Should -Contain 'Deserialized.TaskQueue.QueueTask'

            Disconnect-TaskQueue
            $crossed | Where-Object Id -EQ cancel | Stop-QueueTask
            $crossed | Where-Object Id -EQ move | Set-QueueTask -Priority 1
            $crossed | Where-Object Id -EQ again | Restart-QueueTask
            $crossed | Where-Object Id -EQ take | Remove-QueueTask
            # Read before the job itself stopped it: it changed since.
            $crossed[0] | Stop-QueueTask -Force -ErrorAction SilentlyContinue -ErrorVariable refused
            ($crossed | Where-Object Id -EQ other | Get-QueueTask).Status | Should -Be 'Running'
            $refused.FullyQualifiedErrorId | Should -BeLike 'TaskStateInvalid,*'

            $null = Connect-TaskQueue $queue
            Get-TestState | Should -Be 'stuck=failed other=running cancel=cancelled move=pending again=pending'
            (Get-QueueTask move).Priority | Should -Be 1
        }

        It 'Start-Job gives reports and operations that are undone here' {
            Add-TestTask stuck
            $report = Start-Job { Invoke-StuckTaskCleanup -Queue $using:queue -NoBackup } | Receive-Job -Wait -AutoRemoveJob
            $report | Undo-QueueOperation | Out-Null
            Get-TestState | Should -Be 'stuck=running'
        }
    }

    Context 'Callers' {
        It 'works where the caller is under Set-StrictMode -Version Latest' {
            $shell = Invoke-TestShell @"
Set-StrictMode -Version Latest
`$ErrorActionPreference = 'Stop'
`$null = Connect-TaskQueue '$queue'
`$null = New-QueueTask work @{ n = 1 } -Id t
`$null = @{ Id = 'stuck'; Type = 'work'; Status = 'running'; StartedAt = '2026-01-01T00:00:00Z' } | Import-QueueTask
Get-QueueTask; Get-QueueTask | Format-List; Get-QueueTask -Stuck; Get-TaskQueueConnection; Measure-TaskQueue
Start-QueueWorker -Drain -Handler @{ work = { `$Task.Data.n } }
(TabExpansion2 'Get-QueueTask -Id ' 18).CompletionMatches.Count
Invoke-StuckTaskCleanup; Get-QueueOperation; Get-QueueTaskHistory stuck; Get-QueueOperation -Newest 1 | Undo-QueueOperation
Get-QueueWorker
'reached the end'
"@
            $shell.Errors | Should -BeNullOrEmpty
            $shell.Output | Should -Match 'reached the end'
        }

        It 'works in a session that is restricted to the constrained language after the import' {
            $shell = Invoke-TestShell @"
`$null = Connect-TaskQueue '$queue'
`$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
`$ErrorActionPreference = 'Stop'
`$null = New-QueueTask work @{ n = 1 } -Id t -Delay 0s
`$null = New-QueueTask work @{ n = 2 } -Id later -Delay 2d
Start-QueueWorker -Drain -Handler @{ work = { `$Task.Data.n + 1 } } | Out-Null
Get-QueueTask -Status Pending | Select-Object Id, Queue | Stop-QueueTask
`$null = New-QueueTask work -Id mine
`$task = Receive-QueueTask work
`$task | Send-QueueTaskHeartbeat -Progress 50
`$task | Complete-QueueTask -Result @{ ok = `$true }
(Get-QueueTask -OlderThan 0s | ForEach-Object { "`$(`$_.Id)=`$(`$_.Status)" }) -join ' '
(Get-QueueTask t).Result
(TabExpansion2 'Restart-QueueTask -Id la' 24).CompletionMatches.CompletionText
"@
            $shell.Errors | Should -BeNullOrEmpty
            $shell.Output.Trim() -split "`n" | Should -Be @('t=Success later=Cancelled mine=Success', '2', 'later')
        }

        It 'works beside another module''s Microsoft.Data.Sqlite in the default load context' {
            $library = Join-Path $TestDrive Microsoft.Data.Sqlite.dll
            $name = [Reflection.AssemblyName]::new('Microsoft.Data.Sqlite, Version=6.0.0.0')
            $assembly = [Reflection.Emit.PersistedAssemblyBuilder]::new($name, [object].Assembly)
            # A class of the name the module uses, which can do nothing.
            $type = $assembly.DefineDynamicModule('Other').DefineType('Microsoft.Data.Sqlite.SqliteConnection', 'Public, Class')
            $null = $type.CreateType()
            $assembly.Save($library)
            $other = "[Microsoft.Data.Sqlite.SqliteConnection].Assembly.GetName().Version.ToString()"
            $use = "`$null = New-QueueTask work -Id t -Queue '$queue'; (Get-QueueTask t -Queue '$queue').Status"
            $load = "`$null = [Reflection.Assembly]::LoadFrom('$library')"

            $before = Invoke-TestShell "$load; Import-Module '$ModulePath'; $use; $other" -NoModule
            $before.Errors | Should -BeNullOrEmpty
            $before.Output.Trim() -split "`n" | Should -Be @('Pending', '6.0.0.0')
            Remove-QueueTask t
            $after = Invoke-TestShell "$load; $use; $other"
            $after.Errors | Should -BeNullOrEmpty
            $after.Output.Trim() -split "`n" | Should -Be @('Pending', '6.0.0.0')
        }
    }

    Context 'The module' {
        It 'is imported by the first use of a cmdlet where it is on PSModulePath' {
            $shell = Invoke-TestShell "(Get-QueueTask -Queue '$queue' | Measure-Object).Count; (Get-Module TaskQueue).Name" -NoModule
            $shell.Errors | Should -BeNullOrEmpty
            $shell.Output.Trim() -split "`n" | Should -Be @('0', 'TaskQueue')
        }

        It 'has its cmdlets, views and connection again after Import-Module -Force' {
            $null = New-QueueTask work -Id t
            Import-Module $ModulePath -Force
            (Get-Command -Module TaskQueue).Count | Should -Be 27
            $null = Connect-TaskQueue $queue
            Get-QueueTask | Out-String | Should -Match 't +work'
        }

        It 'is gone after Remove-Module, and there again after an import' {
            Remove-Module TaskQueue
            Get-Module TaskQueue | Should -BeNullOrEmpty
            Import-Module $ModulePath
            $null = Connect-TaskQueue $queue
            $null = New-QueueTask work -Id t
            Get-TestState | Should -Be 't=pending'
        }

        It 'lets go of the queue''s file when it is <Way>' -ForEach @(
            @{ Way = 'disconnected'; End = { Disconnect-TaskQueue } }
            @{ Way = 'removed'; End = { Remove-Module TaskQueue } }
            @{
                Way = 'removed after a forced import'
                End = { Import-Module $ModulePath -Force; $null = Connect-TaskQueue $queue; Remove-Module TaskQueue }
            }
            @{ Way = 'imported by force'; End = { Import-Module $ModulePath -Force } }
        ) {
            $null = New-QueueTask work -Id t
            $null = Receive-QueueTask work
            . $End
            # Windows would refuse to move an open file; Linux says what is open.
            if ($IsLinux) {
                (Get-ChildItem /proc/self/fd -ErrorAction Ignore).Target | Where-Object { $_ -like "$queue*" } | Should -BeNullOrEmpty
            }
            $moved = Join-Path $TestDrive "$([guid]::NewGuid()).db"
            Move-Item -LiteralPath $queue -Destination $moved
            # All is in the one file: what reading leaves beside it is empty.
            if (Test-Path -LiteralPath "$queue-wal") { (Get-Item -LiteralPath "$queue-wal").Length | Should -Be 0 }
            Import-Module $ModulePath
            Get-TestState @{ Queue = $moved } | Should -Be 't=pending'
            Remove-Item -LiteralPath $moved
            Test-Path -LiteralPath $moved | Should -BeFalse
        }

        It 'has no command that PowerShell warns about, and leaves no variable or function behind' {
            $shell = Invoke-TestShell -NoModule ("Import-Module '$ModulePath' -Verbose:`$false 3>&1; " +
                "(Get-Command -Module TaskQueue -CommandType Function, Alias | Measure-Object).Count")
            $shell.Output.Trim() | Should -Be '0'
        }
    }
}
