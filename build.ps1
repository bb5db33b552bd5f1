#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, documents, analyzes, tests and packages the module in PowerShell 7.6.
.DESCRIPTION
    Without an installed PowerShell, the one of dotnet-tools.json runs it: dotnet tool restore; dotnet pwsh build.ps1

    Build     dotnet build: the module in output/TaskQueue. All other tasks work on what it left there.
    Docs      docs/en-US -> module/en-US: brings the pages' syntax and parameters up to date with the cmdlets (PlatyPS), makes the
              help that Get-Help reads, and builds again so that the module has it. Commit both folders.
    Analyze   PSScriptAnalyzer over every script of the repository.
    Test      dotnet test, the Pester suite included.
    Package   builds in Release and makes output/TaskQueue.<version>.nupkg for the PowerShell Gallery.

    Every task may be run again; tasks run in this order, however they are named.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 -Task Build, Docs, Analyze, Test, Package
#>
[CmdletBinding()]
param(
    [ArgumentCompletions('Build', 'Docs', 'Analyze', 'Test', 'Package')]
    [string[]] $Task = 'Build',

    # Of Build; Package is always a Release.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Set where the script has started a PowerShell of its own.
    [Parameter(DontShow)]
    [switch] $Apart
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

# pwsh -File hands 'Build,Test' on as one text.
$Task = $Task -split ',' | ForEach-Object Trim
$unknown = $Task | Where-Object { $_ -notin 'Build', 'Docs', 'Analyze', 'Test', 'Package' }
if ($unknown) {
    throw "There is no task '$($unknown -join "', '")'. Tasks are Build, Docs, Analyze, Test and Package."
}

$output = Join-Path $PSScriptRoot output
$module = Join-Path $output TaskQueue
$pages = Join-Path $PSScriptRoot docs en-US
$help = Join-Path $PSScriptRoot module en-US

# A tool of the gallery, the newest that is installed.
function Import-Tool([string] $Name, [version] $Minimum) {
    $wanted = @{ ModuleName = $Name; ModuleVersion = $Minimum }
    if (-not (Get-Module -FullyQualifiedName $wanted -ListAvailable)) {
        throw "$Name $Minimum or later is not installed. Get it with: Install-PSResource $Name -Version '[$Minimum,)'"
    }
    Import-Module -FullyQualifiedName $wanted -Force
}

# The module is documented by a PowerShell of its own: a session keeps the first assembly of the module that it loaded, and would
# document that one after the next build, too.
function Invoke-DocumentationApart {
    $pwsh = & (Join-Path $PSScriptRoot tests Pester Get-PwshCommand.ps1)
    $first = $pwsh.Arguments
    & $pwsh.Program @first -NoProfile -File $PSCommandPath -Task Docs -Apart
}

function Invoke-Build([string] $Configuration) {
    dotnet build (Join-Path $PSScriptRoot TaskQueue.PowerShell.sln) --configuration $Configuration
}

# A page's text with each paragraph on one line; what is fenced, listed, a heading or front matter stays as it is.
function Join-Paragraph([string[]] $Line) {
    $isFenced = $false
    $text = [System.Text.StringBuilder]::new()
    for ($i = 0; $i -lt $Line.Count; $i++) {
        if ($Line[$i] -match '^(```|---$)') { $isFenced = -not $isFenced }
        $next = $i + 1 -lt $Line.Count ? $Line[$i + 1] : ''
        $isContinued = -not $isFenced -and
            $Line[$i] -match '^(?!```)[^#\s]' -and $Line[$i] -ne '---' -and
            $next -match '^(?!```)[^#\s]' -and $next -notmatch '^([-*] |\d+\. |---$)'
        $null = $isContinued ? $text.Append($Line[$i]).Append(' ') : $text.Append($Line[$i]).Append("`n")
    }
    $text.ToString()
}

function Invoke-Documentation {
    Import-Tool Microsoft.PowerShell.PlatyPS 1.0.0
    # It reads properties that are not always there.
    Set-StrictMode -Off
    # PlatyPS would read the help of the last time, too. The build afterwards puts it back.
    Remove-Item -LiteralPath (Join-Path $module en-US) -Recurse -ErrorAction Ignore
    Import-Module $module -Force
    $project = (Import-PowerShellDataFile -LiteralPath (Join-Path $module TaskQueue.psd1)).PrivateData.PSData.ProjectUri
    $made = [IO.Directory]::CreateTempSubdirectory('taskqueue-docs-').FullName
    $syntax = '(?s)(?<=\n## SYNTAX\n).*?(?=\n## ALIASES\n)'

    foreach ($new in New-MarkdownCommandHelp -ModuleInfo (Get-Module TaskQueue) -OutputFolder $made) {
        $page = Join-Path $pages $new.Name
        $fresh = (Get-Content -LiteralPath $new -Raw) -replace '\r\n', "`n"
        if (-not (Test-Path -LiteralPath $page)) {
            Write-Warning "$page is new: fill in what stands in {{ braces }}."
            Set-Content -LiteralPath $page -Value $fresh -NoNewline
        }
        # Words are people's; the syntax is the cmdlet's. The date of the last run would be a change with each.
        $text = (Get-Content -LiteralPath $page -Raw) -replace '\r\n', "`n" -replace '(?m)^ms\.date:.*\n', ''
        $text = [regex]::Replace($text, $syntax, { [regex]::Match($fresh, $syntax).Value })
        $text = $text -replace '(?m)^HelpUri:.*$', "HelpUri: $project/blob/main/docs/en-US/$($new.Name)"
        Set-Content -LiteralPath $page -Value $text -NoNewline

        $parameters = foreach ($source in $fresh, $text) {
            , @([regex]::Matches($source, '(?m)^### -(\w+)$').ForEach({ $_.Groups[1].Value }))
        }
        $difference = Compare-Object $parameters[0] $parameters[1]
        if ($difference) {
            $names = $difference.ForEach({ "$($_.InputObject) $($_.SideIndicator)" }) -join ', '
            throw "$page describes other parameters than the cmdlet has: $names."
        }
        if (-not (Test-MarkdownCommandHelp -Path $page)) {
            throw "$page is no help page: see Test-MarkdownCommandHelp -Path $page -DetailView."
        }
    }

    # Get-Help breaks lines by itself, and shows marks as they are. A link to another page reads as its title there, without the name of
    # a file.
    $flowing = Get-ChildItem -LiteralPath $pages -Filter *-*.md | Sort-Object Name | ForEach-Object {
        $copy = Join-Path $made $_.Name
        Set-Content -LiteralPath $copy -Value (Join-Paragraph (Get-Content -LiteralPath $_))
        $copy
    }
    $null = $flowing | Import-MarkdownCommandHelp | Export-MamlCommandHelp -OutputFolder $made
    $null = New-Item -ItemType Directory -Path $help -Force
    $maml = Get-ChildItem -Path (Join-Path $made TaskQueue *-Help.xml)
    $xml = (Get-Content -LiteralPath $maml -Raw) -replace '```\w*\r?\n?' -replace '\r\n', "`n" -replace
        '<maml:uri>[\w-]+\.md</maml:uri>', '<maml:uri />'
    Set-Content -LiteralPath (Join-Path $help $maml.Name) -Value $xml -NoNewline
    Remove-Item -LiteralPath $made -Recurse

    # Get-Help shows an about_ topic as it is: headings and code need no marks there.
    $about = (Get-Content -LiteralPath (Join-Path $pages about_TaskQueue.md)) -notmatch '^```' -replace '^#+ ', ''
    $about = (($about -join "`n") -replace '(?m)^([A-Z ]+)\n\n', "`$1`n") + "`n"
    Set-Content -LiteralPath (Join-Path $help about_TaskQueue.help.txt) -Value $about -NoNewline
}

function Invoke-Analysis {
    Import-Tool PSScriptAnalyzer 1.24.0
    $scripts = git -C $PSScriptRoot ls-files --cached --others --exclude-standard -- '*.ps1' '*.psm1' '*.psd1' '*.ps1xml'
    $findings = $scripts | ForEach-Object {
        Invoke-ScriptAnalyzer -Path (Join-Path $PSScriptRoot $_) -Settings (Join-Path $PSScriptRoot PSScriptAnalyzerSettings.psd1)
    }
    $findings | Format-Table ScriptName, Line, RuleName, Message -Wrap | Out-Host
    if ($findings) {
        throw "PSScriptAnalyzer has $(@($findings).Count) findings."
    }
    Write-Information "PSScriptAnalyzer: $($scripts.Count) files, no findings." -InformationAction Continue
}

function Invoke-Test([string] $Configuration) {
    dotnet test --solution (Join-Path $PSScriptRoot TaskQueue.PowerShell.sln) --no-build --configuration $Configuration
}

function Invoke-Package {
    Invoke-Build Release
    $manifest = Import-PowerShellDataFile -LiteralPath (Join-Path $module TaskQueue.psd1)
    $gallery = $manifest.PrivateData.PSData
    # What the gallery finds a module by: https://learn.microsoft.com/powershell/gallery/concepts/package-manifest-affecting-ui
    $tags = @($gallery.Tags) + 'PSModule' + 'PSIncludes_Cmdlet' +
        ($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })

    $nuspec = Join-Path $output TaskQueue.nuspec
    $writer = [Xml.XmlWriter]::Create($nuspec, [Xml.XmlWriterSettings]@{ Indent = $true })
    $writer.WriteStartElement('package', 'http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd')
    $writer.WriteStartElement('metadata')
    foreach ($entry in ([ordered]@{
                id = 'TaskQueue'; version = $manifest.ModuleVersion; authors = $manifest.Author
                description = $manifest.Description; copyright = $manifest.Copyright
                projectUrl = $gallery.ProjectUri; releaseNotes = $gallery.ReleaseNotes; tags = $tags -join ' '
            }).GetEnumerator()) {
        $writer.WriteElementString($entry.Key, $entry.Value)
    }
    $writer.WriteStartElement('license')
    $writer.WriteAttributeString('type', 'expression')
    $writer.WriteString('MIT')
    $writer.WriteEndElement()
    $writer.WriteEndElement()
    $writer.WriteStartElement('files')
    $writer.WriteStartElement('file')
    $writer.WriteAttributeString('src', '**')
    $writer.WriteEndElement()
    $writer.Dispose()

    # NU5100: what is no package of .NET has no lib folder.
    dotnet pack (Join-Path $PSScriptRoot src TaskQueue.PowerShell) --no-build --configuration Release --output $output `
        -p:NuspecFile=$nuspec -p:NuspecBasePath=$module -p:NoWarn=NU5100
    Remove-Item -LiteralPath $nuspec
    Get-Item (Join-Path $output "TaskQueue.$($manifest.ModuleVersion).nupkg")
}

if ($Apart) { Invoke-Documentation; return }

if ('Build' -in $Task) { Invoke-Build $Configuration }
if ('Docs' -in $Task) { Invoke-DocumentationApart; Invoke-Build $Configuration }
if ('Analyze' -in $Task) { Invoke-Analysis }
if ('Test' -in $Task) { Invoke-Test $Configuration }
if ('Package' -in $Task) { Invoke-Package }
