# What a script handler gets, what it may leave out, and what is refused before a task is taken.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSReviewUnusedParameter', '', Justification = 'Handlers have parameters that are only to be passed over.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'A test of global variables.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)

    # Runs one task with the handler and returns it.
    function Invoke-Handler($Handler, [hashtable] $More = @{}) {
        $null = New-QueueTask work @{ folder = 'tmp' } -Id t -MaxRetries 0
        Start-QueueWorker -Drain -Type work -Handler $Handler @More -ErrorAction Stop
    }
}

Describe 'Script handlers' {
    BeforeEach { $queue = New-TestQueue }
    AfterEach { Disconnect-TaskQueue }

    Context 'The task' {
        It 'is there as <Name>' -ForEach @(
            @{ Name = '$Task'; Handler = { $Task.Data.folder } }
            @{ Name = '$_'; Handler = { $_.Data.folder } }
            @{ Name = '$_ of a process block'; Handler = { process { $_.Data.folder } } }
            @{ Name = '$_ in an inner function'; Handler = { function Get-Folder { $_.Data.folder }; Get-Folder } }
            @{ Name = '$args[0]'; Handler = { $args[0].Data.folder } }
            @{ Name = 'the first parameter'; Handler = { param($Anything, $Further) $Anything.Data.folder } }
            @{ Name = 'the first parameter that is no switch'; Handler = { param([switch] $Force, $Anything) $Anything.Data.folder } }
            @{
                Name = 'the parameter at position 0'
                Handler = { param([Parameter(Position = 1)] $Second, [Parameter(Position = 0)] $First) $First.Data.folder }
            }
            @{
                Name = 'the parameter beside $TaskContext'
                Handler = { param($TaskContext, $Anything) if ($TaskContext.Task.Id -eq $Anything.Id) { $Anything.Data.folder } }
            }
            @{ Name = 'the parameter named Task'; Handler = { param($Other, $Task) if (-not $Other) { $Task.Data.folder } } }
            @{
                Name = 'the parameter with the alias Task'
                Handler = { param($Other, [Alias('Task')] $Job) if (-not $Other) { $Job.Data.folder } }
            }
            @{
                Name = 'pipeline input'
                Handler = {
                    param([Parameter(Mandatory, ValueFromPipeline)] $InputObject)
                    process { if ($_.Id -eq $InputObject.Id) { $_.Data.folder } }
                }
            }
        ) {
            (Invoke-Handler $Handler).Result | Should -Be 'tmp'
        }

        It 'gives a parameter for text its id' {
            (Invoke-Handler { param([string] $Id) "id $Id" }).Result | Should -Be 'id t'
        }
    }

    Context 'A function of a module' {
        It 'has what its module keeps for itself' {
            $module = Join-Path $TestDrive Helping.psm1
            @'
$script:folder = '/srv'
function Get-Inner($Name) { "$script:folder/$Name" }
function Get-Outer($Job) { Get-Inner $Job.Data.folder }
Export-ModuleMember Get-Outer
'@ | Set-Content $module
            Import-Module $module
            try { (Invoke-Handler (Get-Command Get-Outer)).Result | Should -Be '/srv/tmp' }
            finally { Remove-Module Helping }
        }
    }

    Context 'A variable of the caller' {
        BeforeEach { $outer = '/srv'; $list = 1, 2 }

        It 'is refused with what to write instead where the handler <Name>' -ForEach @(
            @{ Name = 'reads it in a text'; Handler = { "rm -r $outer/*" } }
            @{ Name = 'reads it in an inner script block'; Handler = { 1 | ForEach-Object { $outer } } }
            @{ Name = 'reads it in an inner function'; Handler = { function Get-Outer { $outer }; Get-Outer } }
            @{ Name = 'reads a property of it'; Handler = { $outer.Length } }
            @{ Name = 'passes it as a default'; Handler = { param($Job, $Folder = $outer) $Folder } }
            @{ Name = 'only uses its name elsewhere'; Handler = { $h = @{ outer = $outer }; $h.outer } }
            @{ Name = 'passes it on with $using:'; Handler = { 1 | ForEach-Object -Parallel { $using:outer } } }
            @{ Name = 'only adds to it'; Handler = { $outer += '/tmp'; $outer } }
            @{ Name = 'makes it of itself'; Handler = { $outer = "$outer/tmp"; $outer } }
            @{ Name = 'is a closure over it'; Handler = { $outer }.GetNewClosure() }
        ) {
            $refusal = Get-TestError { Invoke-Handler $Handler }
            $refusal.FullyQualifiedErrorId | Should -BeLike 'TaskInvalid,*'
            $refusal.ToString() | Should -BeLike '-Handler reads $*outer, but it does not run in this session (line *).'
            $refusal.ErrorDetails.RecommendedAction |
                Should -Be 'Give the value with -Variable @{ outer = $outer }, or set the variable in the script before it is read.'
            Get-TestState | Should -Be 't=pending'
            Get-QueueWorker | Should -BeNullOrEmpty
        }

        It 'is let pass where the handler sets it, in a scope of its own too' {
            (Invoke-Handler { $local:outer = 4; [int] $private:list = 2; "$outer $list" }).Result | Should -Be '4 2'
        }

        It 'is named with all others, also a splatted one' {
            $refusal = Get-TestError { Invoke-Handler { Get-Item @list; "$outer" } }
            $refusal.ToString() | Should -BeLike '-Handler reads @list, $outer, but*'
            $refusal.ErrorDetails.RecommendedAction | Should -Be (
                'Give the value with -Variable @{ list = $list; outer = $outer }, or set the variable in the script before it is read.')
        }

        It 'is refused in a global scope too' {
            $global:TaskQueueTestOuter = 1
            try {
                (Get-TestError { Invoke-Handler { $global:TaskQueueTestOuter } }).ToString() |
                    Should -BeLike '-Handler reads $global:TaskQueueTestOuter, but*'
            }
            finally { Remove-Variable TaskQueueTestOuter -Scope Global }
        }

        It 'is refused in -InitializationScript, in a function and in a script file' {
            function Read-Outer { "$outer" }
            $path = Join-Path $TestDrive outer.ps1
            Set-Content -LiteralPath $path -Value '"$outer"'
            (Get-TestError { Invoke-Handler { 1 } @{ InitializationScript = { $x = $outer } } }).ToString() |
                Should -BeLike '-InitializationScript reads $outer, but*'
            (Get-TestError { Start-QueueWorker -Drain -Handler @{ work = Get-Command Read-Outer } }).ToString() |
                Should -BeLike '-Handler reads $outer, but*'
            (Get-TestError { Start-QueueWorker -Drain -Type work -FilePath $path }).ToString() |
                Should -BeLike '-FilePath reads $outer, but*'
        }

        It 'is none where the handler <Name>' -ForEach @(
            @{ Name = 'assigns it on some branch'; Handler = { if ($false) { $outer = 1 }; "<$outer>" }; Result = '<>' }
            @{ Name = 'assigns it among others'; Handler = { $x, $outer = 1, 2; $outer }; Result = 2 }
            @{ Name = 'loops with it'; Handler = { foreach ($outer in 3) { $outer } }; Result = 3 }
            @{ Name = 'has a parameter of that name in a function'; Handler = { function Get-It($outer) { $outer }; Get-It 4 }; Result = 4 }
            @{ Name = 'fills it by -OutVariable'; Handler = { $null = Write-Output 5 -OutVariable outer; $outer[0] }; Result = 5 }
            @{ Name = 'fills it by -ov'; Handler = { $null = Write-Output 5 -ov +outer; $outer[0] }; Result = 5 }
            @{
                Name = 'fills it by -PipelineVariable'; Handler = { Write-Output 6 -PipelineVariable outer | ForEach-Object { $outer } }
                Result = 6
            }
            @{ Name = 'fills it by Tee-Object'; Handler = { $null = 7 | Tee-Object -Variable outer; $outer }; Result = 7 }
            @{ Name = 'fills it by Set-Variable'; Handler = { Set-Variable outer 8; $outer }; Result = 8 }
            @{ Name = 'fills it by reference'; Handler = { $outer = 0; $null = [int]::TryParse('9', [ref] $outer); $outer }; Result = 9 }
            @{ Name = 'has another value ready'; Handler = { $outer ?? 'none' }; Result = 'none' }
            @{
                Name = 'asks whether it is there'; Handler = { if (Test-Path variable:outer) { $outer } else { 'absent' } }
                Result = 'absent'
            }
            @{
                Name = 'may get it from dot-sourced code'; Handler = { $code = [scriptblock]::Create('$outer = 10'); . $code; $outer }
                Result = 10
            }
            @{ Name = 'reads the environment'; Handler = { $env:PATH.Length -gt 0 }; Result = $true }
        ) {
            (Invoke-Handler $Handler).Result | Should -Be $Result
        }

        It 'comes by -Variable or -InitializationScript' {
            (Invoke-Handler { $outer } @{ Variable = @{ outer = 1 } }).Result | Should -Be 1
            Remove-QueueTask t
            (Invoke-Handler { $outer } @{ InitializationScript = { $outer = 2 } }).Result | Should -Be 2
            Remove-QueueTask t
            (Invoke-Handler { "<$outer>" } @{ Variable = @{ outer = $null } }).Result | Should -Be '<>'
        }

        It 'is none of those that every session has' {
            $null = 'other' -match 'o'
            (Invoke-Handler {
                $null = 'abc' -match 'b'
                "$($Matches[0]) $ErrorActionPreference $($PSVersionTable.PSVersion.Major -ge 7) $($PID -gt 0) $($HOME.Length -gt 0) $true"
            }).Result |
                Should -Be 'b Stop True True True True'
        }
    }

    Context 'A function of the caller' {
        BeforeEach {
            function Get-Outer { 'outer' }
            Set-Alias outeralias Get-Outer
        }

        It 'is refused with what to do where the handler <Name>' -ForEach @(
            @{ Name = 'calls it'; Handler = { Get-Outer }; Named = 'Get-Outer' }
            @{ Name = 'calls it within a pipeline'; Handler = { 1 | ForEach-Object { Get-Outer } }; Named = 'Get-Outer' }
            @{ Name = 'calls it with &'; Handler = { & 'Get-Outer' }; Named = 'Get-Outer' }
            @{ Name = 'calls it in a function of its own'; Handler = { function Get-Inner { Get-Outer }; Get-Inner }; Named = 'Get-Outer' }
            @{ Name = 'calls an alias, and it'; Handler = { outeralias; Get-Outer }; Named = 'outeralias, Get-Outer' }
        ) {
            $refusal = Get-TestError { Invoke-Handler $Handler }
            $refusal.FullyQualifiedErrorId | Should -BeLike 'TaskInvalid,*'
            $refusal.ToString() |
                Should -BeLike "-Handler calls $Named, which only this session has; handlers do not run in this session (line *)."
            $refusal.ErrorDetails.RecommendedAction | Should -BeLike '*-ImportModule*-InitializationScript*'
            Get-TestState | Should -Be 't=pending'
            Get-QueueWorker | Should -BeNullOrEmpty
        }

        It 'is refused in -InitializationScript, in a function and in a script file' {
            function Read-Outer { Get-Outer }
            function Read-Itself { Read-Itself }
            $path = Join-Path $TestDrive calls.ps1
            Set-Content -LiteralPath $path -Value 'Get-Outer'
            (Get-TestError { Invoke-Handler { 1 } @{ InitializationScript = { Get-Outer } } }).ToString() |
                Should -BeLike '-InitializationScript calls Get-Outer, *'
            (Get-TestError { Start-QueueWorker -Drain -Handler @{ work = Get-Command Read-Outer } }).ToString() |
                Should -BeLike '-Handler calls Get-Outer, *'
            (Get-TestError { Start-QueueWorker -Drain -Handler @{ work = Get-Command Read-Itself } }).ToString() |
                Should -BeLike '-Handler calls Read-Itself, *'
            (Get-TestError { Start-QueueWorker -Drain -Type work -FilePath $path }).ToString() |
                Should -BeLike '-FilePath calls Get-Outer, *'
        }

        It 'is none where the handler <Name>' -ForEach @(
            @{ Name = 'defines it'; Handler = { function Get-Outer { 1 }; Get-Outer }; Result = 1 }
            @{
                Name = 'asks whether it is there'; Handler = { if (Get-Command Get-Outer -ErrorAction Ignore) { Get-Outer } else { 2 } }
                Result = 2
            }
            @{ Name = 'makes an alias of that name'; Handler = { Set-Alias Get-Outer Get-Date; (Get-Outer).Year -gt 2000 }; Result = $true }
            @{
                Name = 'may get it from dot-sourced code'
                Handler = { $code = [scriptblock]::Create('function Get-Outer { 3 }'); . $code; Get-Outer }; Result = 3
            }
            @{ Name = 'sets it by the drive of the functions'; Handler = { ${function:Get-Outer} = { 4 }; Get-Outer }; Result = 4 }
        ) {
            (Invoke-Handler $Handler).Result | Should -Be $Result
        }

        It 'comes by -InitializationScript, or by a module that only the caller has loaded and -ImportModule names' {
            (Invoke-Handler { Get-Outer } @{ InitializationScript = { function Get-Outer { 5 } } }).Result | Should -Be 5
            Remove-QueueTask t
            $module = Join-Path $TestDrive Lending.psm1
            Set-Content -LiteralPath $module -Value 'function Get-Lent { 6 }'
            Import-Module $module
            try {
                (Invoke-Handler { Get-Lent } @{ ImportModule = $module }).Result | Should -Be 6
                (Get-TestError { Start-QueueWorker -Drain -Handler @{ work = { Get-Lent } } }).ToString() |
                    Should -BeLike '-Handler calls Get-Lent, *'
            }
            finally { Remove-Module Lending }
        }

        It 'is none of those that every session has, or loads by itself' {
            (Invoke-Handler { @(1, 2 | % { $_ } | ? { $_ -gt 1 }).Count + (Get-Verb Get).Count + @(Get-Random -Maximum 1).Count }).Result |
                Should -Be 3
        }
    }

    Context 'What may be a handler' {
        BeforeAll {
            $script = Join-Path $TestDrive 'the job [1].ps1'
            Set-Content -LiteralPath $script -Value 'param($Job) "$($Job.Data.folder) of $(Split-Path -Leaf $PSScriptRoot)"'
            $folder = Split-Path -Leaf $TestDrive
        }
        BeforeEach { $null = New-QueueTask work @{ folder = 'tmp' } -Id t -MaxRetries 0 }

        It 'is a script file by -FilePath, seen from the present location' {
            Push-Location -LiteralPath $TestDrive
            try { (Start-QueueWorker -Drain -Type work -FilePath 'the job [1].ps1').Result | Should -Be "tmp of $folder" }
            finally { Pop-Location }
        }

        It 'is a script file by Get-Command' {
            $plain = Join-Path $TestDrive plain.ps1
            Copy-Item -LiteralPath $script -Destination $plain
            (Start-QueueWorker -Drain -Handler @{ work = Get-Command $plain }).Result | Should -Be "tmp of $folder"
        }

        It 'is a script file with variables, and fails by its exit code' {
            $exiting = Join-Path $TestDrive exiting.ps1
            Set-Content -LiteralPath $exiting -Value 'exit $Code'
            (Start-QueueWorker -Drain -Type work -FilePath $exiting -Variable @{ Code = 9 } -ErrorAction SilentlyContinue).ErrorMessage |
                Should -BeLike 'A script ended with exit code 9.*'
        }

        It 'is a function by its name or from its drive' {
            function Get-Folder($Job) { $Job.Data.folder }
            $null = New-QueueTask other @{ folder = 'two' } -Id u
            $finished = Start-QueueWorker -Drain -Concurrency 1 -Handler @{ work = Get-Command Get-Folder; other = ${function:Get-Folder} }
            $finished.Result | Should -Be @('tmp', 'two')
        }

        It 'is refused as <Name>' -ForEach @(
            @{
                Name = 'a cmdlet'; More = @{ Handler = { Get-Command Get-Item }; Type = 'work' }
                Message = "'Get-Item' is not a script that can be a handler."
            }
            @{
                Name = 'a script that is not there'; More = @{ FilePath = './no-such.ps1'; Type = 'work' }
                Message = "There is no script '*no-such.ps1'."
            }
            @{
                Name = 'a script that cannot be read'; More = @{ FilePath = './broken.ps1'; Type = 'work' }
                Message = "'*broken.ps1' is not a script that can run: *(line 1)"
            }
            @{
                Name = 'a script with arguments'; More = @{ FilePath = './broken.ps1'; Type = 'work'; ArgumentList = 'x' }
                Message = "-ArgumentList is for programs; './broken.ps1' is a script."
            }
            @{
                Name = 'a program with variables'; More = @{ FilePath = 'dotnet'; Type = 'work'; Variable = @{ a = 1 } }
                Message = "-Variable is for scripts; 'dotnet' is a program."
            }
        ) {
            Set-Content -LiteralPath (Join-Path $TestDrive broken.ps1) -Value 'if ('
            if ($More.Handler) { $More = $More + @{}; $More.Handler = & $More.Handler }
            Push-Location -LiteralPath $TestDrive
            try { $refusal = Get-TestError { Start-QueueWorker -Drain @More } } finally { Pop-Location }
            $refusal.ToString() | Should -BeLike $Message
            $refusal.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            Get-TestState | Should -Be 't=pending'
        }
    }

    Context 'The handler of all other types' {
        It "is that of '*', also for types that come up while the worker runs" {
            'own', 'other' | ForEach-Object { New-QueueTask $_ -Id $_ } | Out-Null
            $finished = Start-QueueWorker -Drain -Concurrency 1 -Handler @{
                own = { 'by its own' }
                '*' = { if ($_.Type -eq 'other') { $null = New-QueueTask late -Id late }; "default for $($_.Type)" }
            }
            $finished | Sort-Object Id | ForEach-Object Result | Should -Be @('default for late', 'default for other', 'by its own')
        }

        It 'serves -Type * and a program alike, and has a time-out for progress' {
            1..2 | ForEach-Object { New-QueueTask "type$_" -Id "t$_" } | Out-Null
            (Start-QueueWorker -Drain -Type '*' -ProgressTimeout @{ type1 = '1h' } -Handler { $_.Type } | Sort-Object Id).Result |
                Should -Be @('type1', 'type2')
        }
    }

    Context 'What a handler says' {
        It 'becomes the progress of its task by Write-Progress' {
            $finished = Invoke-Handler {
                Write-Progress -Activity Encoding -Status 'frame 3 of 10' -PercentComplete 30
                Write-Progress -Id 1 -ParentId 0 -Activity Part -PercentComplete 99
                do { Start-Sleep -Milliseconds 50; $seen = Get-QueueTask $Task.Id } until ($null -ne $seen.Progress)
                "$($seen.Progress) $($seen.ProgressMessage)"
            }
            $finished.Result | Should -Be '30 Encoding: frame 3 of 10'
        }

        It 'by $TaskContext wins over what the commands that it calls write' {
            $finished = Invoke-Handler {
                $TaskContext.Report(40, 'unpacking')
                Write-Progress -Activity Expand -Status half -PercentComplete 50
                do { Start-Sleep -Milliseconds 50; $seen = Get-QueueTask $Task.Id } until ($null -ne $seen.Progress)
                "$($seen.Progress) $($seen.ProgressMessage)"
            }
            $finished.Result | Should -Be '40 unpacking'
        }

        It 'about a missing parameter shows no line that is not its own' {
            $null = New-QueueTask work -Id t -MaxRetries 0
            $worker = @{
                Drain = $true; Type = 'work'; Handler = { param($Job, [Parameter(Mandatory)] $Folder) $Folder }
                ErrorAction = 'SilentlyContinue'
            }
            $message = (Start-QueueWorker @worker).ErrorMessage
            $message | Should -BeExactly 'Cannot process command because of one or more missing mandatory parameters: Folder.'
        }
    }
}
