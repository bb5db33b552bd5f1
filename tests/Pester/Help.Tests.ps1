# The help that Get-Help shows, and the examples of its pages, run as tests.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeDiscovery {
    $modulePath = if ($env:TASKQUEUE_MODULE) { $env:TASKQUEUE_MODULE } else { Join-Path $PSScriptRoot '..' '..' output TaskQueue }
    $cmdlets = (Import-PowerShellDataFile -LiteralPath (Join-Path $modulePath TaskQueue.psd1)).CmdletsToExport |
        ForEach-Object { @{ Name = $_ } }

    # Examples that cannot run unattended on the queue of the examples.
    $unattended = @(
        @{
            Page = 'Connect-TaskQueue'; Title = 'Example 5: Connect to a queue on a PostgreSQL server'
            Reason = 'it asks for a password, and needs a server'
        }
        @{ Page = 'Copy-TaskQueue'; Title = 'Example 4: Move a queue to a PostgreSQL server'; Reason = 'it needs a server' }
        @{ Page = 'Start-QueueWorker'; Title = 'Example 5: A worker that is meant to stay'; Reason = 'it runs until Ctrl+C' }
        @{
            Page = 'Stop-QueueTask'; Title = 'Example 6: Stop a running task and wait until its worker has confirmed'
            Reason = 'it needs a worker of another process'
        }
    )
    $folder = Join-Path $PSScriptRoot '..' '..' docs en-US
    $examples = foreach ($page in Get-ChildItem -Path (Join-Path $folder *-*.md) -ErrorAction Ignore) {
        $text = Get-Content -LiteralPath $page.FullName -Raw
        $part = [regex]::Match($text, '(?s)\n## EXAMPLES\r?\n(.*?)\n## PARAMETERS\r?\n').Groups[1].Value
        foreach ($title in [regex]::Matches($part, '(?m)^### ([^\r\n]+)') | ForEach-Object { $_.Groups[1].Value.Trim() }) {
            $exception = $unattended | Where-Object { $_.Page -eq $page.BaseName -and $title -like $_.Title } | Select-Object -First 1
            @{ Page = $page.BaseName; Path = $page.FullName; Title = $title; Reason = $exception.Reason }
        }
    }
    $stale = $unattended | Where-Object {
        $exception = $_
        -not ($examples | Where-Object { $_.Page -eq $exception.Page -and $_.Title -like $exception.Title })
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'Help' {
    BeforeAll {
        $hasHelp = Test-Path -LiteralPath (Join-Path $ModulePath en-US TaskQueue.PowerShell.dll-Help.xml)
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters +
            [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    }

    It 'of <Name> has a synopsis, a description, every parameter and two examples' -ForEach $cmdlets {
        if (-not $hasHelp) {
            Set-ItResult -Skipped -Because 'the module has no en-US/TaskQueue.PowerShell.dll-Help.xml yet: ./build.ps1 -Task Docs makes it'
        }
        $help = Get-Help $Name -Full
        $help.Synopsis | Should -Match '^\s*[A-Z][^\r\n]+\.\s*$'
        $help.Synopsis | Should -Not -Match "^\s*$Name"
        ($help.description | Out-String).Trim().Length | Should -BeGreaterThan 40
        "$($help | Out-String)" | Should -Not -Match '\{\{'
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        @($help.examples.example | Where-Object { -not "$($_.code)".Trim() -and -not "$($_.introduction.Text)$($_.remarks.Text)".Trim() }) |
            Should -BeNullOrEmpty

        $described = @($help.parameters.parameter | Where-Object { ($_.description | Out-String).Trim() } | ForEach-Object name)
        (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common -and $_ -notin $described } | Should -BeNullOrEmpty
        $described | Where-Object { $_ -notin (Get-Command $Name).Parameters.Keys } | Should -BeNullOrEmpty
    }

    It 'has a page for each cmdlet, once there is one' -Skip:(-not $examples) {
        $pages = (Get-ChildItem -Path (Join-Path $PSScriptRoot '..' '..' docs en-US *-*.md)).BaseName
        $pages | Sort-Object | Should -Be ((Get-Module TaskQueue).ExportedCmdlets.Keys | Sort-Object)
    }

    $listed = @{ stale = @($stale | ForEach-Object { "$($_.Page): $($_.Title)" }) }
    It 'has no other examples in the list of those that cannot run than the pages have' -Skip:(-not $examples) -ForEach @($listed) {
        $stale | Should -BeNullOrEmpty
    }
}

# Pester 6 takes no empty -ForEach.
if (-not $examples) { $examples = @{ Page = 'no page'; Title = 'docs/en-US is not there'; Reason = 'docs/en-US has no pages yet' } }

Describe 'The examples' {
    BeforeAll {
        # What differs from machine to machine and from run to run becomes a mark; how the lines are broken is the terminal's business.
        function Get-Normal([string] $Text) {
            $machine = [regex]::Escape([Environment]::MachineName)
            $replacements = [ordered]@{
                '\x1b\[[0-9;]*m'                                    = ''
                '\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b'     = '<id>'
                '\b[0-9a-f]{8}-[0-9a-f]{4}\b'                       = '<id>'
                '(?<![\w:/])([A-Za-z]:)?[\\/]([^\\/\s''"]+[\\/])+'  = ''
                '[\w.\\-]+@[\w.\u2026-]+(:\d+(\.\d+)?)?\u2026?'                       = '<who>'
                "(?<![\w.-])($machine|[A-Za-z\u2026][\w.\u2026-]*):\d+(\.\d+)?\u2026?"     = '<who>'
                '(?<=\s)[+-]?\d+(?:[.,:/-]\d+)*|\d+(?:[.,:/-]\d+)*' = '<n>'
                '\s+'                                               = ' '
            }
            foreach ($pattern in $replacements.Keys) { $Text = $Text -replace $pattern, $replacements[$pattern] }
            $Text.Trim()
        }

        # One run a page: its examples follow one another on one queue.
        $runner = Join-Path $PSScriptRoot Invoke-HelpExample.ps1
        $printed = @{}
        $pages | ForEach-Object -ThrottleLimit ([Environment]::ProcessorCount) -Parallel {
            $page = $_.Page
            $run = @{ Path = $_.Path; Module = $using:ModulePath; Skip = $_.Skip }
            # What the examples warn of goes to standard error.
            try { @{ Page = $page; Blocks = @(& $using:runner @run 2>$null) } } catch { @{ Page = $page; Failure = "$_" } }
        } | ForEach-Object { $printed[$_.Page] = $_ }
    }

    It 'of <Page>: <Title>' -ForEach $examples {
        if ($Reason) { Set-ItResult -Skipped -Because $Reason }
        $printed[$Page].Failure | Should -BeNullOrEmpty
        $blocks = @($printed[$Page].Blocks | Where-Object Title -EQ $Title)
        $blocks.Count | Should -BeGreaterThan 0
        foreach ($block in $blocks) {
            if ($null -ne $block.Expected) {
                Get-Normal $block.Actual |
                    Should -Be (Get-Normal $block.Expected) -Because "that is what the page says of: $($block.Code)"
            }
            else {
                $block.Actual |
                    Should -Not -Match '(?m)^[A-Z][A-Za-z]+-[A-Za-z]+: |^Line \|' -Because "this is to run without an error: $($block.Code)"
            }
        }
    }
} -ForEach @(@{
        pages = @($examples | Where-Object { $_.Path } | Group-Object { $_.Page } | ForEach-Object {
                @{
                    Page = $_.Name; Path = $_.Group[0].Path
                    Skip = @($_.Group | Where-Object { $_.Reason } | ForEach-Object { $_.Title })
                }
            })
    })
