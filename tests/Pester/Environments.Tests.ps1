# Where the module is used: twice in a session, in a restricted one, under other calendars, on systems without shares by name.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'The module' {
    It 'is imported without an error from <Name>' -ForEach @(
        @{ Name = 'two copies'; Make = { param($To) Copy-Item -LiteralPath $ModulePath -Destination $To -Recurse } }
        @{
            Name = 'its folder and a link to that'
            Make = { param($To) $null = New-Item -ItemType SymbolicLink -Path $To -Value $ModulePath }
        }
    ) {
        if ($IsWindows -and $Name -match 'link') { Set-ItResult -Skipped -Because 'links need a privilege there' }
        $second = Join-Path $TestDrive ([guid]::NewGuid().ToString('N')) TaskQueue
        $null = New-Item -ItemType Directory -Path (Split-Path $second)
        & $Make $second
        $script = @"
Import-Module '$second'
"errors `$(`$Error.Count)"
`$null = Connect-TaskQueue ./twice.db -Create
New-QueueTask work -Id a | ForEach-Object TaskId
Import-Module '$second' -Force
"errors `$(`$Error.Count)"
"@
        foreach ($first in '', "Import-Module '$second'; Remove-Module TaskQueue`n") {
            $shell = Invoke-TestShell ($first + $script)
            $shell.Errors | Should -BeNullOrEmpty
            $shell.Output -split "`n" | Where-Object { $_ } | Should -Be @('errors 0', 'a', 'errors 0')
            Remove-Item (Join-Path $TestDrive 'twice.db*')
        }
    }

    It 'says in one error that a restricted session cannot use it' {
        $shell = Invoke-TestShell -NoModule ("`$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; " +
            "Import-Module '$ModulePath'; `"errors `$(`$Error.Count)`"")
        $shell.Errors | Should -Match 'TaskQueue cannot be used in the ConstrainedLanguage mode of this session'
        $shell.Output | Should -Match 'errors 1'
    }
}

Describe 'Other calendars' {
    It 'change no date under <_>' -ForEach 'th-TH', 'ar-SA', 'fa-IR', 'de-DE' {
        $shell = Invoke-TestShell @"
[cultureinfo]::CurrentCulture = '$_'
`$null = Connect-TaskQueue ./calendar.db -Create
`$year = { (Get-QueueTask `$args[0]).DueAt.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
`$null = New-QueueTask work -Id a -DueAt '2036-12-24 10:00'; & `$year a
Set-QueueTask a -DueAt 2036-12-26T10:00; & `$year a
Set-QueueTask a -DueAt ([datetime]::new(2036, 12, 27)); & `$year a
`$null = [pscustomobject]@{ Id = 'b'; Data = 1; DueAt = '2036-12-25 10:00' } | New-QueueTask work; & `$year b
@{ Id = 'c'; Type = 'x'; Status = 'pending'; DueAt = '2036-12-28T10:00:00Z' } | Import-QueueTask; & `$year c
"due `$(@(Get-QueueTask -DueBefore '2036-12-26').Count)"
((Get-QueueTask a | Format-List | Out-String) -split "``n" -match '^DueAt').Trim()
Split-Path -Leaf (Backup-TaskQueue).Path
"@
        $shell.Errors | Should -BeNullOrEmpty
        $lines = @($shell.Output -split "`n" | Where-Object { $_ })
        $lines[0..5] | Should -Be @('2036-12-24', '2036-12-26', '2036-12-27', '2036-12-25', '2036-12-28', 'due 1')
        $lines[6] | Should -Match '^DueAt +: 2036-12-27 '
        $lines[7] | Should -Match "^calendar_backup_$([datetime]::UtcNow.Year)\d{4}_\d{6}\.db$"
        Remove-Item (Join-Path $TestDrive 'calendar*')
    }
}

Describe 'A parameter that takes a time' {
    It 'refuses what is no time, and text of another calendar' {
        $shell = Invoke-TestShell @'
$null = Connect-TaskQueue ./times.db -Create
[cultureinfo]::CurrentCulture = 'th-TH'
foreach ($time in @{}, '4/3/2570 05:06:07') {
    foreach ($command in { New-QueueTask work -DueAt $time }, { Set-QueueTask a -DueAt $time }, { Get-QueueTask -DueBefore $time }) {
        try { & $command; 'taken' } catch { $_.FullyQualifiedErrorId -replace ',.*' }
    }
}
'@
        $shell.Output -split "`n" | Where-Object { $_ } | Should -Be (@('ParameterArgumentTransformationError') * 6)
    }
}

Describe 'The path of a share' {
    It 'is refused where the system has no such names: <_>' -ForEach '\\server\share\queue.db', '//server/share/queue.db' -Skip:$IsWindows {
        $null = New-TestQueue
        $path = $_
        $commands = { Connect-TaskQueue $path -Create }, { Get-QueueTask -Queue $path }, { Backup-TaskQueue $path },
            { Copy-TaskQueue $path }, { Restore-TaskQueue $path -Confirm:$false }
        foreach ($command in $commands) {
            $refusal = Get-TestError $command
            $refusal.ToString() | Should -Be "'$path' names a share, which this system does not find by its name."
            $refusal.ErrorDetails.RecommendedAction | Should -BeLike 'Mount the share, *'
        }
        Disconnect-TaskQueue
    }
}
