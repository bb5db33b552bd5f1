# Nothing happens under -WhatIf, and nothing is done that was declined.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeDiscovery {
    # Every cmdlet that changes something, in a form that would.
    $changes = @(
        @{ Text = 'New-QueueTask work -Id more'; Says = 'Enqueue work task' }
        @{ Text = "@{ Id = 'more'; Type = 'work'; Status = 'failed' } | Import-QueueTask"; Says = 'Import failed task' }
        @{ Text = 'Stop-QueueTask waiting'; Says = 'Cancel task' }
        @{ Text = 'Get-QueueTask -Status Running | Stop-QueueTask -Force'; Says = 'Force-stop task (running, ' }
        @{ Text = 'Set-QueueTask waiting -Priority 1'; Says = 'Change task' }
        @{ Text = 'Restart-QueueTask done'; Says = 'Restart task' }
        @{ Text = 'Get-QueueTask | Remove-QueueTask -Force'; Says = 'Remove task (success, ' }
        @{ Text = 'Invoke-StuckTaskCleanup'; Says = 'Stop stuck task (Silent, ' }
        @{ Text = 'Invoke-StuckTaskCleanup -Requeue'; Says = 'Requeue stuck task (Silent, ' }
        @{ Text = 'Get-QueueOperation -Kind cancel | Undo-QueueOperation'; Says = 'Undo cancel of 1 task ' }
        @{ Text = 'Backup-TaskQueue'; Says = 'Back up to ' }
        @{ Text = 'Restore-TaskQueue -BackupPath backup.db'; Says = 'Replace all tasks by those of ' }
        @{ Text = 'Copy-TaskQueue -Destination copy.db'; Says = 'Copy tasks of ' }
        @{ Text = 'Optimize-TaskQueue -KeepRemoved 0s -KeepEvents 0s'; Says = 'Optimize, keeping ' }
        @{ Text = 'Connect-TaskQueue made.db -Create'; Says = 'Create task queue' }
        @{ Text = "Start-QueueWorker -Drain -Handler @{ work = { 'done' } }"; Says = 'Run tasks of the types work' }
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)

    # A queue with a past, in a folder of its own that is the present location; nothing is connected to it.
    function New-QueueAtRest {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString('N')))).FullName
        Set-Location -LiteralPath $folder
        $null = Connect-TaskQueue (Join-Path $folder tasks.db) -Create
        Add-TestTask done success
        Add-TestTask busy
        'stopped', 'waiting' | ForEach-Object { $null = New-QueueTask work -Id $_ }
        Stop-QueueTask stopped
        $null = Backup-TaskQueue -DestinationPath (Join-Path $folder backup.db)
        Disconnect-TaskQueue
        $folder
    }

    # The names of all files and a hash of each. A -shm and an empty -wal come with reading. Only for a queue that nobody has open: closing
    # another handle to its file would drop SQLite's locks.
    function Get-Fingerprint([string] $Folder) {
        $files = Get-ChildItem -LiteralPath $Folder |
            Where-Object { $_.Name -notlike '*-shm' -and -not ($_.Name -like '*-wal' -and $_.Length -eq 0) }
        ($files | Sort-Object Name | ForEach-Object { "$($_.Name) $((Get-FileHash -LiteralPath $_.FullName).Hash)" }) -join "`n"
    }

    # In a runspace whose host shows nothing, so that what-if lines are not between the results of the tests.
    function Invoke-Silently([string] $Script) {
        $silent.Commands.Clear()
        $silent.Streams.ClearStreams()
        $null = $silent.AddScript("Set-Location -LiteralPath '$($PWD.ProviderPath -replace "'", "''")'; & { $Script }").Invoke()
        $silent.Streams.Error | Should -BeNullOrEmpty
    }

    # A question for each of the tasks t1 to t4, answered by the lines: the states afterwards, and what was shown.
    function Invoke-Question([string] $Command, [string[]] $Answer) {
        $null = New-TestQueue
        1..4 | ForEach-Object { $null = New-QueueTask work -Id "t$_" }
        $script:at = (Get-TaskQueueConnection).Queue
        Disconnect-TaskQueue
        $shell = Invoke-TestShell "`$null = Connect-TaskQueue '$at'`n$Command" -Answer $Answer
        [pscustomobject]@{
            State = Get-TestState @{ Queue = $at }; Output = $shell.Output; Errors = $shell.Errors
            Questions = [regex]::Matches($shell.Output, 'Are you sure').Count
        }
    }
}

Describe 'Confirmation' {
    Context '-WhatIf' {
        BeforeAll {
            $silent = [powershell]::Create()
            $null = $silent.AddScript("Import-Module '$($ModulePath -replace "'", "''")'").Invoke()
        }
        AfterAll {
            $silent.Runspace.Dispose()
            $silent.Dispose()
        }
        BeforeEach {
            Push-Location
            $folder = New-QueueAtRest
            $before = Get-Fingerprint $folder
        }
        AfterEach {
            Disconnect-TaskQueue
            Pop-Location
        }

        It 'changes no byte: <Text>' -ForEach $changes {
            Invoke-Silently "Connect-TaskQueue ./tasks.db; $Text -WhatIf; Disconnect-TaskQueue"
            Get-Fingerprint $folder | Should -Be $before
        }

        $offline = $changes | Where-Object Text -Match '^(Stop|Invoke|Restore|Set)'
        It 'changes no byte without a connection, by $WhatIfPreference: <Text>' -ForEach $offline {
            Invoke-Silently "`$PSDefaultParameterValues = @{ '*:Queue' = './tasks.db' }; `$WhatIfPreference = `$true; $Text"
            Get-Fingerprint $folder | Should -Be $before
        }

        It 'is offered by every cmdlet that changes something, and by no other' {
            $offered = (Get-Module TaskQueue).ExportedCmdlets.Values | Where-Object { $_.Parameters.ContainsKey('WhatIf') } |
                ForEach-Object Name
            $verbs = 'New', 'Set', 'Stop', 'Restart', 'Remove', 'Import', 'Invoke', 'Undo', 'Backup', 'Restore', 'Copy', 'Optimize',
                'Connect', 'Start'
            $expected = (Get-Module TaskQueue).ExportedCmdlets.Keys | Where-Object { ($_ -split '-')[0] -in $verbs }
            $offered | Sort-Object | Should -Be ($expected | Sort-Object)
        }

        It 'says the same as the real command where that would refuse' {
            $found = Get-TestError { Stop-QueueTask busy -Queue ./tasks.db -WhatIf }
            $found.FullyQualifiedErrorId | Should -BeLike 'TaskStateInvalid,*'
        }

        It 'says in one line for each task what would be done' {
            $commands = ($changes | ForEach-Object { "$($_.Text) -WhatIf | Out-Null" }) -join "`n"
            $shell = Invoke-TestShell "Set-Location -LiteralPath '$folder'`n`$null = Connect-TaskQueue ./tasks.db`n$commands"
            $text = $shell.Output -replace '\s+', ' '
            $changes.Says | Where-Object { -not $text.Contains("What if: Performing the operation `"$_") } | Should -BeNullOrEmpty
            $shell.Errors | Should -BeNullOrEmpty
        } -ForEach @(@{ changes = $changes })
    }

    Context '-Confirm' {
        It 'does what the answers <Answer> say' -ForEach @(
            @{ Answer = 'y', 'n', 'y', 'n'; State = 't1=cancelled t2=pending t3=cancelled t4=pending'; Questions = 4 }
            @{ Answer = 'n', 'a'; State = 't1=pending t2=cancelled t3=cancelled t4=cancelled'; Questions = 2 }
            @{ Answer = 'y', 'l'; State = 't1=cancelled t2=pending t3=pending t4=pending'; Questions = 2 }
        ) {
            $asked = Invoke-Question 'Get-QueueTask | Stop-QueueTask -Confirm' $Answer
            $asked.State | Should -Be $State
            $asked.Questions | Should -Be $Questions
            $asked.Output -replace '\s+', ' ' | Should -Match 'Performing the operation "Cancel task \(pending, \S+\)" on target "t1"'
        }

        It 'asks a cleanup about each task, and leaves out of it what was declined' {
            $null = New-TestQueue
            Add-TestTask a, b, c
            $at = (Get-TaskQueueConnection).Queue
            Disconnect-TaskQueue
            $shell = Invoke-TestShell "(Invoke-StuckTaskCleanup -Queue '$at' -Confirm).Cleaned.Id -join ' '" -Answer y, n, y
            ($shell.Output.TrimEnd() -split "`n")[-1] | Should -BeLike '*a c'
            Get-TestState @{ Queue = $at } | Should -Be 'a=failed b=running c=failed'
        }

        It 'is asked for by $ConfirmPreference too' {
            $asked = Invoke-Question '$ConfirmPreference = "Medium"; Get-QueueTask | Remove-QueueTask' 'y', 'l'
            $asked.State | Should -Be 't2=pending t3=pending t4=pending'
            $asked.Questions | Should -Be 2
        }

        It 'is not asked where nothing says so' {
            (Invoke-Question 'Get-QueueTask | Remove-QueueTask' @()).Questions | Should -Be 0
        }

        It 'is asked by a restore of its own accord, once: <Answer>' -ForEach @(
            @{ Answer = 'n'; State = 't1=pending t2=pending t3=pending t4=pending' }
            @{ Answer = 'y'; State = 't1=pending t2=pending t3=pending' }
        ) {
            $command = 'Stop-QueueTask t4; Remove-QueueTask t4; $b = Backup-TaskQueue; ' +
                'Get-QueueOperation -Newest 1 | Undo-QueueOperation | Out-Null; ' +
            'Restart-QueueTask t4; Restore-TaskQueue -BackupPath $b.Path | Out-Null'
            $asked = Invoke-Question $command $Answer
            $asked.State | Should -Be $State
            $asked.Questions | Should -Be 1
        }

        It 'is declined by -Confirm:$false, which needs no one to answer' {
            $command = '$ConfirmPreference = "Low"; Get-QueueTask | Remove-QueueTask -Confirm:$false; ' +
                '$b = Backup-TaskQueue -Confirm:$false; Restore-TaskQueue -BackupPath $b.Path -Confirm:$false'
            $asked = Invoke-Question $command @()
            $asked.Questions | Should -Be 0
            $asked.State | Should -BeNullOrEmpty
        }

        It 'is an error where nobody can be asked, and nothing is done' {
            $null = New-TestQueue
            $null = New-QueueTask work -Id a
            $at = (Get-TaskQueueConnection).Queue
            Disconnect-TaskQueue
            $module = $ModulePath -replace "'", "''"
            $pwsh = & (Join-Path $PSScriptRoot Get-PwshCommand.ps1)
            $first = $pwsh.Arguments
            $command = "Import-Module '$module'; Stop-QueueTask a -Queue '$at' -Confirm"
            & $pwsh.Program @first -NoProfile -NonInteractive -Command $command 2>&1 | Out-Null
            $LASTEXITCODE | Should -Be 1
            Get-TestState @{ Queue = $at } | Should -Be 'a=pending'
        }
    }
}
