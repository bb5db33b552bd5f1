using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What becomes of what a handler script writes, throws and leaves behind.</summary>
public sealed class ScriptHandlerTests
{
    private static readonly (string Script, string? Result)[] Successes =
    [
        ("", null),
        ("$null", null),
        ("42", "42"),
        ("return 7", "7"),
        ("'text'", "\"text\""),
        ("1; 'two'; @{ three = 3 }", "[1,\"two\",{\"three\":3}]"),
        ("1; $null", "[1,null]"),
        (", @()", "[]"),
        ("'{\"a\": 1}'", "{\"a\": 1}"),
        ("'{ no json'", "\"{ no json\""),
        ("'12'", "\"12\""),
        ("'part'; exit 0", "\"part\""),
        ("[double]::NaN; [float]::NegativeInfinity", "[\"NaN\",\"-Infinity\"]"),
        ("$a = @{}; $a.self = $a; $a", "{\"self\":\"System.Collections.Hashtable\"}"),
        ("$a = [object[]]::new(2); $a[0] = $a; $a[1] = 1; , $a", "[\"System.Object[]\",1]"),
        ("$deep = 'x'; foreach ($level in 1..60) { $deep = @{ d = $deep } }; $null -ne $deep; $deep.Count", "[true,1]"),
        ("\"a$([char]0xD800)b\"", "\"a\\uFFFDb\""),
        (
            "$o = [pscustomobject]@{ g = 1 }; $o.PSObject.Properties.Add([System.Management.Automation.PSScriptProperty]::new('Bad', { "
                + "throw 'no' })); $o.PSObject.Properties.Add([System.Management.Automation.PSScriptProperty]::new('Good', { 2 * 3 })); $o",
                "{\"g\":1,\"Bad\":null,\"Good\":6}"),
        ("@{ 1 = 'number'; }", "{\"1\":\"number\"}"),
        ("class P { [int] $X = 5 }; [P]::new()", "{\"X\":5}"),
        ("'x' * 11MB", "\"The result was larger than 10 MiB and was not kept.\""),
        ("$many = [object[]]::new(3000000); , $many", "\"The result was larger than 10 MiB and was not kept.\""),
        ("(New-QueueTask other -Id 'by the handler').Id", "\"by the handler\""),
        ("\"$($Task.Id.Length -gt 0) $($Task.Data.n) $($TaskContext.Task.Id -eq $Task.Id) $($Task.Status)\"", "\"True 5 True Running\""),
        ("$TaskContext.Report(40, 'half'); $TaskContext.Report(50)", null),
        ("$TaskContext.CancellationToken.IsCancellationRequested", "false"),
        ("param($Task, $TaskContext) $Task.Data.n; $TaskContext.Task.Data.n", "[5,5]"),
        ("param($Other, $Task) \"$Other|$($Task.Data.n)\"", "\"|5\""),
        ("& { $ErrorActionPreference }", "\"Stop\""),
        ("$ErrorActionPreference = 'Continue'; Get-QueueTask no-such-task; 'went on'", "\"went on\""),
        ("try { throw 'kept' } catch { \"caught $_\" }", "\"caught kept\""),
        ("1, 2 | ForEach-Object -Parallel { $_ + $using:Task.Data.n } | ForEach-Object { $_ -gt 5 }", "[true,true]"),
    ];

    private static readonly (string Script, string Message)[] Failures =
    [
        ("throw 'boom'", "boom\nAt line:1 char:"),
        ("throw [InvalidOperationException]'own kind'", "own kind"),
        ("throw @{ a = 1 }", "System.Collections.Hashtable"),
        ("throw 12", "12"),
        ("throw $null", "ScriptHalted"),
        ("exit 3", "The handler ended with exit code 3."),
        ("'output'; exit 1", "The handler ended with exit code 1."),
        ("break", "The handler was left by a break or continue outside of a loop."),
        ("continue", "The handler was left by a break or continue outside of a loop."),
        ("while ($true) { 1 }", "The handler wrote more than 100,000 objects, and was stopped."),
        ("function Loop { Loop }; Loop", "The script failed due to call depth overflow."),
        ("Get-Command no-such-command; 'not reached'", "The term 'no-such-command' is not recognized"),
        ("Get-QueueTask no-such-task; 'not reached'", "There is no task 'no-such-task'"),
        ("no-such-command", "The term 'no-such-command' is not recognized"),
        ("class Bad : Exception { [string] get_Message() { throw 'no message' } }; throw [Bad]::new()", "no message"),
        ("$TaskContext.Report(140)", "Exception calling \"Report\" with \"1\" argument(s): \"Progress 140 is out of range.\""),
        ("throw ('x' * 200KB)", "xxxxxxxx"),
    ];

    private static readonly (string Script, string Result)[] NativeSuccesses =
    [
        ("sh -c 'echo well; echo words >&2'", "\"well\""),
        ("$PSNativeCommandUseErrorActionPreference = $false; sh -c 'exit 28'; \"$LASTEXITCODE\"", "\"28\""),
        ("try { sh -c 'exit 28' } catch { \"caught $LASTEXITCODE\" }", "\"caught 28\""),
        ("$ErrorActionPreference = 'Continue'; sh -c 'exit 28'; & $exit9; \"$LASTEXITCODE\"", "\"9\""),
        ("$PSNativeCommandUseErrorActionPreference = $false; & $exit9; \"$LASTEXITCODE\"", "\"9\""),
        ("try { & $exit9 } catch { \"$_\" }", "\"A script ended with exit code 9.\""),
        ("& $exit0; 'after'", "\"after\""),
        ("$global:LASTEXITCODE = 5; \"$LASTEXITCODE\"", "\"5\""),
        // In whichever order they arrive.
        ("sh -c 'echo out; echo err >&2' 2>&1 | ForEach-Object { \"got $_\" } | Sort-Object", "[\"got err\",\"got out\"]"),
        ("sh -c 'yes' | Select-Object -First 1", "\"y\""),
    ];

    private static readonly (string Script, string Message)[] NativeFailures =
    [
        ("sh -c 'exit 28'", "sh ended with exit code 28\n"),
        ("sh -c 'exit 28'; 'after'", "sh ended with exit code 28\n"),
        (
            "sh -c 'echo no space left >&2; echo giving up >&2; exit 28' | ForEach-Object { $_ }",
            "sh ended with exit code 28: no space left\ngiving up\n"),
        ("sh -c 'exit 3' | sh -c cat", "sh ended with exit code 3\n"),
        ("$x = sh -c 'echo lost >&2; exit 3' 2>$null", "sh ended with exit code 3\n"),
        ("sh -c 'kill -9 $$'", "sh ended with exit code 137 (signal 9)\n"),
        ("& $exit9; 'after'", "A script ended with exit code 9."),
        (". $exit9; 'after'", "A script ended with exit code 9."),
        ("& $exit9 | sh -c cat", "A script ended with exit code 9."),
        ("sh -c 'echo 1' | ForEach-Object { & $exit9 }", "A script ended with exit code 9."),
        ("function Inner { & $exit9; 'after' }; Inner", "A script ended with exit code 9."),
        ("sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i >&2; done; exit 1'", "sh ended with exit code 1: line 19981\n"),
        ("$ExecutionContext.SessionState.PSVariable.Remove('LASTEXITCODE'); sh -c 'exit 3'", "sh ended with exit code 3\n"),
    ];

    private static readonly Lazy<IReadOnlyDictionary<string, PSObject>> Ended = new(
        () => RunAll([.. Successes.Select(row => row.Script), .. Failures.Select(row => row.Script)]));

    public static TheoryData<string, string?> SuccessRows => new(Successes);

    public static TheoryData<string, string> FailureRows => new(Failures);

    [Theory]
    [MemberData(nameof(SuccessRows))]
    public void The_output_is_the_result_whatever_its_shape(string script, string? result)
    {
        var task = Ended.Value[script];
        Assert.Null(task.Properties["ErrorMessage"].Value);
        Assert.Equal(result, task.Properties["ResultJson"].Value);
        Assert.Equal("success", task.Properties["StatusText"].Value);
    }

    [Theory]
    [MemberData(nameof(FailureRows))]
    public void Whatever_ends_a_handler_early_is_a_failure_with_its_message_first(string script, string message)
    {
        var task = Ended.Value[script];
        Assert.Equal("failed", task.Properties["StatusText"].Value);
        var text = (string)task.Properties["ErrorMessage"].Value;
        Assert.StartsWith(message, text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1, 64 * 1024);
    }

    [Fact]
    public void A_program_that_fails_fails_its_task_unless_the_handler_says_otherwise()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a shell.");
        var ended = RunAll(
            [.. NativeSuccesses.Select(row => row.Script), .. NativeFailures.Select(row => row.Script)]);
        Assert.All(
            NativeSuccesses,
            row => Assert.Equal(
                (null, row.Result),
                ((string?)ended[row.Script].Properties["ErrorMessage"].Value, (string?)ended[row.Script].Properties["ResultJson"].Value)));
        Assert.All(NativeFailures, row =>
        {
            Assert.Equal("failed", ended[row.Script].Properties["StatusText"].Value);
            Assert.StartsWith(row.Message, (string)ended[row.Script].Properties["ErrorMessage"].Value, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_result_is_a_file_by_its_name_and_a_process_two_levels_deep()
    {
        using QueueSession session = new();
        var results = session.Values<string>(
            """
            $null = New-QueueTask file; $null = New-QueueTask process
            Start-QueueWorker -Drain -Concurrency 1 -Handler @{ file = { [IO.DirectoryInfo]$pwd.Path }; process = { [Diagnostics.Process]::GetCurrentProcess() } } |
                ForEach-Object { "$($_.StatusText) $($_.Type) $($_.Result -eq $pwd.Path) $($_.Result.Name.Length -gt 0) $($_.Result.StartInfo.ArgumentList -is [object[]])" }
            """);
        Assert.Contains("success file True False False", results);
        Assert.Contains(results, result => result.StartsWith("success process False True", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_that_a_handler_writes_beside_its_output_reaches_the_session()
    {
        using QueueSession session = new();
        var result = session.Run(
            """
            $null = New-QueueTask noise
            Start-QueueWorker -Drain -Handler @{ noise = {
                function Noise {
                    [CmdletBinding()] param()
                    $PSCmdlet.WriteWarning('warning')
                    $PSCmdlet.WriteVerbose('verbose')
                    $PSCmdlet.WriteDebug('debug')
                    $PSCmdlet.WriteInformation('information', @('PSHOST'))
                    $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(1, 'progress', 'x'))
                    $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]'error', 'id', 'NotSpecified', $null))
                }
                Noise -Verbose -Debug -WarningAction Continue -InformationAction Continue -ErrorAction Continue
                'default' | Out-Default
                'host' | Out-Host
                try { $Host.UI.WriteLine('ui') } catch { }
                'result'
            } }
            """);
        Assert.Null(result.Failure);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Empty(result.Verbose);
        Assert.Empty(result.Information);
        Assert.Equal("", result.HostText);
        Assert.Equal("result", Assert.Single(result.Output).Properties["Result"].Value);
    }

    [Fact]
    public void An_error_names_the_file_and_line_of_the_script_it_was_written_in()
    {
        using QueueSession session = new();
        var file = session.InFolder("worker.ps1");
        File.WriteAllText(
            file,
            """
            Start-QueueWorker -Drain -Handler @{ work = {

                throw 'from a file'
            } }
            """);
        var message = session.Value<string>("$null = New-QueueTask work -MaxRetries 0; (& $file).ErrorMessage", ("file", file));
        var lines = message.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("from a file", lines[0]);
        Assert.Equal($"At {file}:3 char:5", lines[1]);
        Assert.Contains($"worker.ps1: line 3", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_is_a_handler_with_its_parameters()
    {
        using QueueSession session = new();
        Assert.Equal(["5", "5"], session.Values<string>(
            """
            function Invoke-Inner($Task) { "$($Task.Data.n)" }
            function Invoke-Block { param($Task) "$($Task.Data.n)" }
            $null = New-QueueTask a @{ n = 5 }; $null = New-QueueTask b @{ n = 5 }
            Start-QueueWorker -Drain -Handler @{ a = ${function:Invoke-Inner}; b = ${function:Invoke-Block} } | ForEach-Object Result
            """));
    }

    [Fact]
    public void Tasks_do_not_see_each_others_variables_and_errors()
    {
        using QueueSession session = new();
        Assert.Equal(["0|", "0|", "0|"], session.Values<string>(
            """
            $null = 1..3 | New-QueueTask work
            Start-QueueWorker -Drain -Concurrency 1 -Handler @{ work = {
                "$($Error.Count)|$mine"
                $mine = 'x'
                try { throw 'noted' } catch { }
            } } | ForEach-Object { $_.Result }
            """));
    }

    [Theory]
    [InlineData("$null")]
    [InlineData("$paths.SetLocation([IO.Path]::GetTempPath())")]
    [InlineData("$paths.SetLocation('Env:')")]
    [InlineData(
        "$state.Drive.New([System.Management.Automation.PSDriveInfo]::new($Task.Id, $pwd.Provider, $here, '', $null), 'global'); "
            + "$paths.SetLocation($Task.Id + ':')")]
    public void Each_task_begins_in_the_folder_of_its_worker(string leave)
    {
        using QueueSession session = new();
        Assert.Equal(["True", "True"], session.Values<string>(
            $$"""
            $null = 1..2 | New-QueueTask work
            Start-QueueWorker -Drain -Concurrency 1 -Variable @{ here = $pwd.Path } -Handler @{ work = {
                "$($pwd.Path -eq $here)"
                $state = $ExecutionContext.SessionState
                $paths = $state.Path
                $null = & { {{leave}} }
            } } | ForEach-Object { $_.Result }
            """));
    }

    [Fact]
    public void Modules_variables_and_the_initialization_script_are_there_before_the_first_task()
    {
        using QueueSession session = new();
        var module = session.InFolder("Tools.psm1");
        File.WriteAllText(module, "function Get-Answer { 42 }");
        Assert.Equal(["42 7 fresh 1", "42 7 fresh 2"], session.Values<string>(
            """
            $null = 1..2 | New-QueueTask work
            Start-QueueWorker -Drain -Concurrency 1 -ImportModule $module -Variable @{ number = 7; block = { 'fresh' } } -InitializationScript {
                $count = 0
                function Step { $script:count++; $global:total = ($global:total + 1); $global:total }
            } -Handler @{ work = { "$(Get-Answer) $number $(& $block) $(Step)" } } | ForEach-Object Result
            """,
            ("module", module)));
    }

    private static Dictionary<string, PSObject> RunAll(string[] scripts)
    {
        using QueueSession session = new();
        foreach (var code in new[] { 0, 9 })
            File.WriteAllText(session.InFolder($"exit{code}.ps1"), $"exit {code}");
        var tasks = session.Values<PSObject>(
            """
            $handlers = @{}
            for ($i = 0; $i -lt $scripts.Count; $i++) {
                $handlers["t$i"] = [scriptblock]::Create($scripts[$i])
                $null = New-QueueTask "t$i" @{ n = 5 } -Id "$i" -MaxRetries 0
            }
            Start-QueueWorker -Handler $handlers -Drain -Concurrency 2 -GracePeriod 5s -Variable @{ exit0 = "$folder/exit0.ps1"; exit9 = "$folder/exit9.ps1" }
            """,
            ("scripts", scripts), ("folder", session.Folder));
        Assert.Equal(scripts.Length, tasks.Count);
        return tasks.ToDictionary(
            task => scripts[int.Parse((string)task.Properties["Id"].Value, System.Globalization.CultureInfo.InvariantCulture)]);
    }
}
