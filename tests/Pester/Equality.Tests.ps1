# What parameters hold is compared with what was typed, above all in the filters of a Pester mock.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'A script that uses the module, under test' {
    BeforeEach {
        Mock Get-QueueTask { }
        Mock Stop-QueueTask { }
        Mock Stop-QueueWorker { }
        Mock Undo-QueueOperation { }
    }

    It 'finds an id by its text' {
        Stop-QueueTask x1, x2
        Should -Invoke Stop-QueueTask -ParameterFilter { $Id -eq 'x1' }
        Should -Invoke Stop-QueueTask -ParameterFilter { $Id -contains 'x2' }
        Should -Invoke Stop-QueueTask -ParameterFilter { 'x1' -in $Id }
        Should -Invoke Stop-QueueTask -ParameterFilter { 'x1' -eq $Id[0] }
        Should -Invoke Stop-QueueTask -ParameterFilter { $Id[0] -ceq 'x1' -and $Id[0] -ne 'x2' }
        Should -Not -Invoke Stop-QueueTask -ParameterFilter { $Id -eq 'x3' }
        Should -Not -Invoke Stop-QueueTask -ParameterFilter { $Id -contains 'x' }
    }

    It 'finds ids case-sensitively, as they are' {
        Stop-QueueTask x1
        Should -Not -Invoke Stop-QueueTask -ParameterFilter { $Id -eq 'X1' }
    }

    It 'finds an id by the task' {
        $queue = New-TestQueue
        $task = New-QueueTask work -Id x1
        Disconnect-TaskQueue
        Stop-QueueTask $task
        Should -Invoke Stop-QueueTask -ParameterFilter { $Id -eq $task -and $Id -eq 'x1' }
    }

    It 'finds a duration by its text' {
        Get-QueueTask -OlderThan 90m
        Should -Invoke Get-QueueTask -ParameterFilter { $OlderThan -eq '90m' }
        Should -Invoke Get-QueueTask -ParameterFilter { $OlderThan -eq '1.5h' -and '1.5h' -eq $OlderThan }
        Should -Invoke Get-QueueTask -ParameterFilter { $OlderThan -in '1h', '1.5h' }
        Should -Invoke Get-QueueTask -ParameterFilter { $OlderThan -gt '1h' -and $OlderThan -le '2h' }
        Should -Not -Invoke Get-QueueTask -ParameterFilter { $OlderThan -eq '91m' }
        Should -Not -Invoke Get-QueueTask -ParameterFilter { $OlderThan -eq 'no duration' }
    }

    It 'finds a duration by a TimeSpan' {
        Get-QueueTask -OlderThan 1h
        Should -Invoke Get-QueueTask -ParameterFilter { $OlderThan -eq [timespan]'01:00' }
        Should -Invoke Get-QueueTask -ParameterFilter { [timespan]'01:00' -eq $OlderThan }
        Should -Not -Invoke Get-QueueTask -ParameterFilter { $OlderThan -eq [timespan]'01:01' }
    }

    It 'finds a status by its name' {
        Get-QueueTask -Status Running
        Should -Invoke Get-QueueTask -ParameterFilter { $Status -eq 'Running' }
    }

    It 'finds a worker, an operation, a queue and an offset by what was given' {
        Mock Connect-TaskQueue { }
        $worker = [guid]::NewGuid()
        Stop-QueueWorker $worker
        Undo-QueueOperation 4711ab
        Connect-TaskQueue ./tasks.db -UtcOffset '+08:00'
        Should -Invoke Stop-QueueWorker -ParameterFilter { $Id -eq $worker -and $Id -eq "$worker" }
        Should -Invoke Undo-QueueOperation -ParameterFilter { $OperationId -eq '4711AB' }
        Should -Invoke Connect-TaskQueue -ParameterFilter {
            $Queue -eq './tasks.db' -and $UtcOffset -eq '+08:00' -and $UtcOffset -eq [timespan]'08:00'
        }
    }
}

Describe 'Ids and durations' {
    BeforeAll {
        # The type is the module's own; a parameter is how a script gets one.
        $type = (Get-Command Stop-QueueTask).Parameters['Id'].ParameterType.GetElementType()
        function ConvertTo-Identity($Value) { [System.Management.Automation.LanguagePrimitives]::ConvertTo($Value, $type) }
    }

    It 'are found in a hashtable by an equal one' {
        $found = @{ (ConvertTo-Identity 'x1') = 1; ([TaskQueue.Duration]'60m') = 2 }
        $found[(ConvertTo-Identity 'x1')], $found[[TaskQueue.Duration]'1h'], $found[(ConvertTo-Identity 'X1')] | Should -Be @(1, 2, $null)
    }

    It 'are grouped, sorted and made unique by what they stand for' {
        $durations = [TaskQueue.Duration[]]('90m', '1h', '01:30', '20s')
        ($durations | Group-Object | Sort-Object Name | ForEach-Object { "$($_.Name)=$($_.Count)" }) |
            Should -Be @('1.5h=2', '1h=1', '20s=1')
        "$($durations | Sort-Object)" | Should -Be '20s 1h 1.5h 1.5h'
        ($durations | Sort-Object -Unique).Count | Should -Be 3
        $ids = 'b', 'a', 'b' | ForEach-Object { ConvertTo-Identity $_ }
        ($ids | Group-Object | Sort-Object Name | ForEach-Object { "$($_.Name)=$($_.Count)" }) | Should -Be @('a=1', 'b=2')
        "$($ids | Select-Object -Unique)" | Should -Be 'b a'
    }

    It 'are found by switch' {
        $(switch (ConvertTo-Identity 'x1') { 'x2' { 'no' } 'x1' { 'yes' } }) | Should -Be yes
        $(switch ([TaskQueue.Duration]'60m') { '2h' { 'no' } '1h' { 'yes' } }) | Should -Be yes
    }

    It 'have a text that is read as the same length: <_>' -ForEach @(
        '45s', '100s', '61m', '1h', '90m', '1.5h', '25h', '8d', '1w', '10d1h', '1ms', '1.0001s', '365000d', '0s'
    ) {
        $duration = [TaskQueue.Duration]$_
        [TaskQueue.Duration]"$duration" | Should -Be $duration
        "$duration" -eq $duration -and $duration -eq "$duration" | Should -BeTrue
    }
}
