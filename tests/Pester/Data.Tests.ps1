# Data say what was meant: what becomes of each kind of value as a task's data, and as a result.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSAvoidUsingConvertToSecureStringWithPlainText', '', Justification = 'A secret of the test.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)

    class TestAccessToken { [string] $Token = 'secret' }
    class TestNode { [string] $Name; [TestNode] $Next }

    function Get-ResultOf($Value) {
        $null = New-QueueTask result
        (Receive-QueueTask result | Complete-QueueTask -Result $Value -PassThru -ErrorAction Stop).ResultJson
    }

    # The result of a handler that returns what the text makes.
    function Get-HandlerResult([string] $Text) {
        $null = New-QueueTask handled
        $ended = Start-QueueWorker -Drain -Type handled -Handler ([scriptblock]::Create($Text))
        $ended.StatusText | Should -Be success -Because $ended.ErrorMessage
        $ended.ResultJson
    }
}

Describe 'Data' {
    BeforeEach { $queue = New-TestQueue }
    AfterEach { Disconnect-TaskQueue }

    Context 'given as text' {
        It 'is the text: <_>' -ForEach @(
            'v1', '1.10', '2026', '7e3', 'true', 'null', '007', '-1', '"quoted"', '[draft] report.docx', '{0} of {1}', '{"open":',
            '[1,', '', ' '
        ) {
            (New-QueueTask work $_).Data | Should -BeExactly $_
            (New-QueueTask work | Set-QueueTask -Data $_ -PassThru).Data | Should -BeExactly $_
            ([pscustomobject]@{ text = $_ } | New-QueueTask work).Data.text | Should -BeExactly $_
            Get-ResultOf $_ | ConvertFrom-Json | Should -BeExactly $_
            Get-HandlerResult "'$_'" | ConvertFrom-Json | Should -BeExactly $_
        }

        It 'is the text of each line that comes down the pipeline' {
            ('1.10', '[draft] report.docx', 'null' | New-QueueTask work).Data | Should -BeExactly @('1.10', '[draft] report.docx', 'null')
        }

        It 'is JSON where it is an object or an array: <_>' -ForEach '{"a": 1}', '[1, 2]', '{}', '[]', ' {"a":1}' {
            (New-QueueTask work $_).DataJson | Should -BeExactly $_
            ($_ | New-QueueTask work).DataJson | Should -BeExactly $_
            Get-ResultOf $_ | Should -BeExactly $_
            Get-HandlerResult "'$_'" | Should -BeExactly $_
        }
    }

    Context 'that is no text' {
        BeforeAll { $half = [string] [char] 0xD800 }

        It 'is refused by its place: half of a surrogate pair <Name>' -ForEach @(
            @{ Name = 'in a text'; Data = { "a$half" }; Place = 'Data' }
            @{ Name = 'in a property'; Data = { [pscustomobject]@{ files = @(@{ name = "$half" }) } }; Place = 'Data.files`[0`].name' }
            @{ Name = 'in a key'; Data = { @{ "a$half" = 1 } }; Place = 'Data' }
        ) {
            $data = & $Data
            foreach ($command in { New-QueueTask work $data }, { @{ Type = 'work'; Data = $data } | New-QueueTask }) {
                "$(Get-TestError $command)" | Should -BeLike "$Place holds half of a surrogate pair*"
            }
            Get-QueueTask | Should -BeNullOrEmpty
        }
    }

    Context 'given as -DataJson' {
        It 'is any JSON to the letter: <_>' -ForEach '1.10', '2026', 'true', 'null', '"text"', '{"a": 1.0}', '[ ]' {
            (New-QueueTask work -DataJson $_).DataJson | Should -BeExactly $_
        }

        It 'is an error where it is no JSON, and makes no task: <_>' -ForEach 'v1', '{"open":', '[draft] report.docx', '007', '{a:1}' {
            (Get-TestError { New-QueueTask work -DataJson $_ }).FullyQualifiedErrorId | Should -BeLike 'TaskInvalid,*'
            Get-QueueTask | Should -BeNullOrEmpty
        }

        It 'is not given beside -Data' {
            "$(Get-TestError { New-QueueTask work 1 -DataJson 2 })" | Should -BeLike '*-Data and -DataJson*'
        }
    }

    Context 'that is a secret' {
        It 'is refused by its name and place: <Name>' -ForEach @(
            @{
                Name = 'Data.a`[1`].p is a secret (SecureString)*'
                Make = { @{ a = 1, @{ p = ConvertTo-SecureString secret -AsPlainText } } }
            }
            @{
                Name = 'Data is a secret (PSCredential)*'; Make = { [pscredential]::new('u', (ConvertTo-SecureString secret -AsPlainText)) }
            }
            @{
                Name = 'Data.login is a secret (NetworkCredential)*'
                Make = { [pscustomobject]@{ login = [Net.NetworkCredential]::new('u', 'secret') } }
            }
            @{ Name = 'Data.t is a secret (TestAccessToken)*'; Make = { @{ t = [TestAccessToken]::new() } } }
            @{
                Name = 'Data.t is a secret (AccessToken)*'
                Make = { @{ t = [pscustomobject]@{ PSTypeName = 'Cloud.AccessToken'; Token = 'secret' } } }
            }
            @{ Name = 'Data is a secret (*'; Make = { [Security.Cryptography.Aes]::Create() } }
            @{
                Name = 'Data.h is a secret (AuthenticationHeaderValue)*'
                Make = { @{ h = [Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', 'secret') } }
            }
        ) {
            $value = & $Make
            $null = New-QueueTask other -Id o
            $failure = Get-TestError { New-QueueTask work -Data $value }
            $failure.FullyQualifiedErrorId | Should -BeLike 'TaskInvalid,*'
            "$failure" | Should -BeLike $Name
            "$(Get-TestError { , $value | New-QueueTask work })" | Should -BeLike $Name
            "$(Get-TestError { Set-QueueTask o -Data $value })" | Should -BeLike $Name
            Get-TestState | Should -Be 'o=pending'
        }

        It 'is refused as a result too, and the task stays with its session' {
            $null = New-QueueTask work -Id a
            $received = Receive-QueueTask work
            "$(Get-TestError { $received | Complete-QueueTask -Result @{ login = [Net.NetworkCredential]::new('u', 'secret') } })" |
                Should -BeLike 'Result.login is a secret (NetworkCredential)*'
            ($received | Complete-QueueTask -Result ok -PassThru).Result | Should -Be ok
        }

        It 'is left out of what a handler returned, whose work is done' {
            Get-HandlerResult ('[ordered]@{ rows = 3; login = [Net.NetworkCredential]::new("u", "secret"); ' +
                'p = ConvertTo-SecureString secret -AsPlainText }') |
                Should -BeExactly '{"rows":3,"login":"NetworkCredential: a secret, not kept","p":"SecureString: a secret, not kept"}'
        }

        It 'is none where its name was selected, or only sounds so' {
            $login = [pscredential]::new('u', (ConvertTo-SecureString secret -AsPlainText))
            (New-QueueTask work ($login | Select-Object UserName)).DataJson | Should -BeExactly '{"UserName":"u"}'
            (New-QueueTask work @{ token = 'x' }).DataJson | Should -BeExactly '{"token":"x"}'
        }
    }

    Context 'of a kind that JSON does not know' {
        It 'is kept as its text or its parts: <Make>' -ForEach @(
            @{
                Make = { [ordered]@{ none = $(Get-QueueTask none*); list = 1, $(Get-QueueTask none*) } }
                Json = '{"none":null,"list":[1,null]}'
            }
            @{ Make = { [ordered]@{ db = [DBNull]::Value; text = [NullString]::Value } }; Json = '{"db":null,"text":null}' }
            @{ Make = { @{ doc = [xml]'<a><b>1</b></a>' } }; Json = '{"doc":"<a><b>1</b></a>"}' }
            @{ Make = { @{ b = ([xml]'<a><b c="1">x</b></a>').a.b } }; Json = '{"b":"<b c=\"1\">x</b>"}' }
            @{ Make = { @{ x = [Xml.Linq.XElement]::Parse('<a><b>1</b></a>') } }; Json = '{"x":"<a><b>1</b></a>"}' }
            @{ Make = { @{ q = [Web.HttpUtility]::ParseQueryString('a=1&b=2&b=3') } }; Json = '{"q":{"a":"1","b":["2","3"]}}' }
            @{ Make = { [version]'1.2.3' }; Json = '"1.2.3"' }
            @{ Make = { [semver]'1.2.3-beta.1' }; Json = '"1.2.3-beta.1"' }
            @{ Make = { [ipaddress]'::1' }; Json = '"::1"' }
            @{ Make = { [Net.IPEndPoint]::Parse('10.0.0.1:80') }; Json = '"10.0.0.1:80"' }
            @{ Make = { [uri]'https://example.org/a%20b' }; Json = '"https://example.org/a%20b"' }
            @{ Make = { [DayOfWeek]::Monday }; Json = '"Monday"' }
            @{ Make = { [IO.FileAttributes]'Hidden, System' }; Json = '"Hidden, System"' }
            @{ Make = { [datetime]::SpecifyKind('2026-01-02T03:04:05', 'Utc') }; Json = '"2026-01-02T03:04:05.0000000Z"' }
            @{ Make = { [datetime]::SpecifyKind('2026-01-02T03:04:05', 'Unspecified') }; Json = '"2026-01-02T03:04:05.0000000"' }
            @{ Make = { [DateTimeOffset]'2026-01-02T03:04:05+08:00' }; Json = '"2026-01-02T03:04:05.0000000+08:00"' }
            @{ Make = { [DateOnly]::new(2026, 1, 2) }; Json = '"2026-01-02"' }
            @{ Make = { [timespan]'01:30' }; Json = '"01:30:00"' }
            @{ Make = { [TaskQueue.Duration]'90m' }; Json = '"01:30:00"' }
            @{ Make = { [char]'x' }; Json = '"x"' }
            @{ Make = { , [byte[]](1, 2, 255) }; Json = '"AQL/"' }
            @{ Make = { [float] 0.1 }; Json = '0.1' }
            @{ Make = { 1.10d }; Json = '1.10' }
            @{ Make = { { 1 + 1 } }; Json = '" 1 + 1 "' }
            @{ Make = { [regex]'a+' }; Json = '"a+"' }
            @{ Make = { [cultureinfo]'de-DE' }; Json = '"de-DE"' }
            @{
                Make = { try { throw 'no such file' } catch { @{ why = $_; what = $_.Exception } | Select-Object why, what } }
                Json = '{"why":"no such file","what":"no such file"}'
            }
            @{ Make = { [Text.Json.JsonDocument]::Parse('{"a":1.10}') }; Json = '{"a":1.10}' }
            @{
                Make = {
                    $table = [Data.DataTable]::new()
                    'A', 'B' | ForEach-Object { $null = $table.Columns.Add($_) }
                    $null = $table.Rows.Add('x', [DBNull]::Value)
                    @{ row = $table.Rows[0] }
                }
                Json = '{"row":{"A":"x","B":null}}'
            }
            @{
                Make = {
                    $table = [Data.DataTable]::new()
                    $null = $table.Columns.Add('A', [int])
                    $null = $table.Rows.Add(1)
                    @{ table = $table }
                }
                Json = '{"table":[{"A":1}]}'
            }
            @{
                Make = {
                    [pscustomobject]@{
                        PSTypeName = 'Deserialized.Microsoft.Management.Infrastructure.CimInstance'; Name = 'x'; CimClass = 'c'
                    }
                }
                Json = '{"Name":"x"}'
            }
        ) {
            $value = & $Make
            (New-QueueTask work -Data $value).DataJson | Should -BeExactly $Json
            Get-ResultOf $value | Should -BeExactly $Json
        }

        It 'is the full name of a file or folder, as data and as a result' {
            $file = Join-Path $TestDrive a.txt
            Set-Content -LiteralPath $file -Value a
            (Get-Item -LiteralPath $file | New-QueueTask work).Data | Should -BeExactly $file
            (New-QueueTask work @{ folder = Get-Item -LiteralPath $TestDrive }).Data.folder |
                Should -BeExactly (Get-Item -LiteralPath $TestDrive).FullName
            Get-ResultOf (Get-Item -LiteralPath $file) | ConvertFrom-Json | Should -BeExactly $file
            Get-HandlerResult "Get-Item -LiteralPath '$file'" | ConvertFrom-Json | Should -BeExactly $file
        }

        It 'is no data where it stands for nothing' {
            (New-QueueTask work $(Get-QueueTask none*)).DataJson | Should -BeNullOrEmpty
            (New-QueueTask work ([DBNull]::Value)).DataJson | Should -BeNullOrEmpty
            ([pscustomobject]@{ Type = 'work'; Data = $(Get-QueueTask none*) } | New-QueueTask).DataJson | Should -BeNullOrEmpty
            Get-ResultOf $(Get-QueueTask none*) | Should -BeNullOrEmpty
        }

        It 'is the message of an exception, which has Data of its own' {
            ([InvalidOperationException]::new('no such file') | New-QueueTask work).Data | Should -Be 'no such file'
        }

        It 'is read and given again as deep as JSON may be' {
            $json = '{"in":' * 255 + '{}' + '}' * 255
            (New-QueueTask work (New-QueueTask work $json).Data).DataJson | Should -BeExactly $json
            (New-QueueTask work -Id a $json | New-QueueTask -Id b).DataJson | Should -BeExactly $json
        }

        It 'is refused with the property that it is in: <Message>' -ForEach @(
            @{ Message = 'Data.job.files`[1`] is the number NaN*'; Make = { @{ job = @{ files = 1, [double]::NaN } } } }
            @{ Message = 'Data is the number Infinity*'; Make = { [float]::PositiveInfinity } }
            @{ Message = 'Data.self`[0`]*refers to itself*'; Make = { $a = @{}; $a.self = @(, $a); $a } }
            @{ Message = 'Data.Next (TestNode) refers to itself*'; Make = { $node = [TestNode]@{ Name = 'a' }; $node.Next = $node; $node } }
            @{
                Message = 'Data.in.in.in*nested more than 255 levels deep*'
                Make = { $top = @{}; $last = $top; 1..300 | ForEach-Object { $last.in = @{}; $last = $last.in }; $top }
            }
            @{
                Message = 'Data.Next.Next.Next*nested more than 32 objects deep*'
                Make = { $node = $null; 1..40 | ForEach-Object { $node = [TestNode]@{ Name = $_; Next = $node } }; $node }
            }
            @{
                Message = "Data.'a b'.process (Process) lives in this process*"; Make = { @{ 'a b' = @{ process = Get-Process -Id $PID } } }
            }
            @{ Message = 'Data.stream (MemoryStream) lives in this process*'; Make = { @{ stream = [IO.MemoryStream]::new() } } }
            @{ Message = "Data has two keys '1'*"; Make = { $table = @{ 1 = 'a' }; $table['1'] = 'b'; $table } }
        ) {
            $value = & $Make
            $failure = Get-TestError { New-QueueTask work -Data $value }
            $failure.FullyQualifiedErrorId | Should -BeLike 'TaskInvalid,*'
            "$failure" | Should -BeLike $Message
            Get-QueueTask | Should -BeNullOrEmpty
            Get-ResultOf $value | Should -Not -BeNullOrEmpty -Because 'of a result is kept what can be kept'
        }
    }
}
