# What comes back as data and results is worked with like what ConvertFrom-Json makes.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'Data and results' {
    BeforeEach { $queue = New-TestQueue }
    AfterEach { Disconnect-TaskQueue }

    It 'of a type can be summed, sorted, grouped, selected, filtered and shown by their properties' {
        $rows = @{ 'a.csv' = 30; 'b.csv' = 10; 'c.csv' = 20 }
        'a.csv', 'b.csv', 'c.csv' | ForEach-Object { @{ File = $_ } } | New-QueueTask import | Out-Null
        Start-QueueWorker -Drain -Variable @{ rows = $rows } -Handler @{
            import = { [pscustomobject]@{ File = $Task.Data.File; Rows = $rows[$Task.Data.File]; Ok = $true } }
        } | Out-Null

        $results = (Get-QueueTask -Type import).Result
        ($results | Measure-Object Rows -Sum).Sum | Should -Be 60
        ($results | Sort-Object Rows -Descending).File | Should -Be @('a.csv', 'c.csv', 'b.csv')
        ($results | Group-Object Ok | ForEach-Object { "$($_.Name)=$($_.Count)" }) | Should -Be 'True=3'
        ($results | Sort-Object File | Select-Object File, Rows | ConvertTo-Json -Compress) |
            Should -Be '[{"File":"a.csv","Rows":30},{"File":"b.csv","Rows":10},{"File":"c.csv","Rows":20}]'
        ($results | Where-Object Rows -GT 15).Count | Should -Be 2
        ($results | Sort-Object File | Format-Table File, Rows | Out-String -Width 80).Trim() -split '\r?\n' | Select-Object -Last 1 |
            Should -Match '^c\.csv\s+20'
        ($results | ConvertTo-Csv)[0] | Should -Be '"File","Rows","Ok"'
    }

    It 'are custom objects at every depth, of what was made, read, received and run' {
        function Get-Kind($Value) {
            $Value.GetType().Name, $Value.inner.GetType().Name, $Value.list[0].GetType().Name, $Value.list.GetType().Name
        }
        $kinds = 'PSCustomObject', 'PSCustomObject', 'PSCustomObject', 'Object[]'
        $made = New-QueueTask work ([ordered]@{ inner = @{ x = 1 }; list = @(, @{ y = 2 }) }) -Id a

        Get-Kind $made.Data | Should -Be $kinds
        Get-Kind (Get-QueueTask a).Data | Should -Be $kinds
        $received = Receive-QueueTask work
        Get-Kind $received.Data | Should -Be $kinds
        Get-Kind ($received | Complete-QueueTask -Result $received.Data -PassThru).Result | Should -Be $kinds
        $null = Restart-QueueTask a
        (Start-QueueWorker -Drain -Handler @{
                work = { param($Task, $TaskContext) $Task.Data.GetType().Name, $TaskContext.Task.Data.GetType().Name, $Task.Data.list[0].y }
            }).Result | Should -Be @('PSCustomObject', 'PSCustomObject', 2)
    }

    It 'are custom objects in a runspace that has not imported the module, too' {
        $null = New-QueueTask work @{ file = 'a.csv' } -Id a
        Get-QueueTask a | ForEach-Object -Parallel { $_.Data.GetType().Name } | Should -Be PSCustomObject
    }

    It 'give the same JSON when they are made data again: <_>' -ForEach @(
        '{"z":1,"a":{"c":[],"b":{}},"M":null}'
        '{"whole":1,"half":0.5,"price":1.10,"one":1.0,"large":12345678901234567890,"precise":1234567890123.456789}'
        '{"at":"2026-01-02T03:04:05Z","on":"2026-01-02","offset":"2026-01-02T03:04:05+08:00"}'
        '{"list":[1,[2,[3]],[],{"x":[{}]}],"yes":true,"text":"007"}'
        '{"Count":1,"Length":2,"Keys":["a"],"Values":3,"Item":4,"PSTypeName":"x"," ":5}'
        '[{"a":1},{"a":2}]'
    ) {
        $made = New-QueueTask work $_
        (New-QueueTask work $made.Data).DataJson | Should -BeExactly $_
        (New-QueueTask work @{ wrapped = $made.Data }).DataJson | Should -BeExactly "{`"wrapped`":$_}"
    }

    It 'stay a dictionary where a custom object cannot hold the names: <Json>' -ForEach @(
        @{ Json = '{"id":1,"ID":2}'; Name = 'ID'; Value = 2 }
        @{ Json = '{"":1,"a":2}'; Name = ''; Value = 1 }
        @{ Json = '{"PSObject":1}'; Name = 'PSObject'; Value = 1 }
        @{ Json = '{"pstypenames":["x"]}'; Name = 'pstypenames'; Value = 'x' }
    ) {
        $data = (New-QueueTask work $Json).Data
        $data | Should -BeOfType ([System.Collections.Specialized.OrderedDictionary])
        $data[$Name] | Should -Be $Value
        (New-QueueTask work $data).DataJson | Should -BeExactly $Json
        (New-QueueTask work "{`"inner`":$Json,`"x`":1}").Data | ForEach-Object { $_.GetType().Name, $_.inner.GetType().Name } |
            Should -Be @('PSCustomObject', 'OrderedDictionary')
    }

    It 'keep their properties through <_>' -ForEach 'a job', 'Export-Clixml', 'JSON', 'CSV' {
        $json = '{"a":{"b":{"c":{"d":{"e":1}}}},"list":[{"x":1}]}'
        $null = New-QueueTask work $json -Id a
        $read = switch ($_) {
            'a job' {
                Start-Job { Import-Module $using:ModulePath; Get-QueueTask a -Queue $using:queue } | Receive-Job -Wait -AutoRemoveJob
            }
            'Export-Clixml' { $file = Join-Path $TestDrive task.xml; Get-QueueTask a | Export-Clixml $file -Depth 9; Import-Clixml $file }
            'JSON' { Get-QueueTask a | ConvertTo-Json -Depth 9 | ConvertFrom-Json }
            'CSV' {
                $data = @{ n = 'Data'; e = { $_.DataJson | ConvertFrom-Json } }
                Get-QueueTask a | ConvertTo-Csv | ConvertFrom-Csv | Select-Object *, $data -ExcludeProperty Data
            }
        }

        $read.Data.a.b.c.d.e | Should -Be 1
        $read.Data.list[0].x | Should -Be 1
        ($read | Select-Object Type, Data, DataJson | New-QueueTask).DataJson | Should -BeExactly $json
        Remove-QueueTask a
        ($read | Import-QueueTask -PassThru).DataJson | Should -BeExactly $json
    }
}
