# PowerShell drops the commas of a text that is to be a number, and rounds fractions. A cleanup would have another limit than was written.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'A test uses what BeforeAll and BeforeEach assign.')]
param()

BeforeDiscovery {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
    $numbers = foreach ($cmdlet in (Get-Module TaskQueue).ExportedCmdlets.Values | Sort-Object Name) {
        foreach ($parameter in $cmdlet.Parameters.Values | Where-Object Name -NotIn $common) {
            $type = [Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType
            if ($type -in [int], [long], [double], [decimal]) { @{ Cmdlet = $cmdlet.Name; Parameter = $parameter.Name; Type = $type } }
        }
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot TestQueue.ps1)
}

Describe 'A number' {
    It 'of <Cmdlet> -<Parameter> is taken as it is written, or refused' -ForEach $numbers {
        $attributes = @((Get-Command $Cmdlet).Parameters[$Parameter].Attributes |
                Where-Object { $_ -is [System.Management.Automation.ArgumentTransformationAttribute] })
        function Get-Transformed($Value) {
            foreach ($attribute in $attributes) { $Value = $attribute.Transform($null, $Value) }
            $Value -as $Type
        }
        foreach ($text in '1,5', '1,000', '1 000', "1'000", "1`u{202F}000") {
            { Get-Transformed $text } | Should -Throw '*could be read in two ways*'
        }
        Get-Transformed '12' | Should -Be 12
        Get-Transformed ' 12 ' | Should -Be 12
        Get-Transformed 12 | Should -Be 12
        if ($Type -eq [double]) { Get-Transformed '1.5' | Should -Be 1.5 }
        else { foreach ($value in '1.5', 1.5, 1.5d) { { Get-Transformed $value } | Should -Throw '*1.5 is not a whole number*' } }
    }

    It 'with a comma is refused before anything is changed' {
        $null = New-TestQueue
        try {
            { Invoke-StuckTaskCleanup -MaxAgeHours '1,5' } | Should -Throw ("*'1,5' could be read in two ways. Write the number without " +
                "separators of thousands, and its fraction behind a point, such as 1.5.*")
            { New-QueueTask work -Priority '1,0' } | Should -Throw '*could be read in two ways*'
            "$(Get-TestError { [pscustomobject]@{ Data = 1; Priority = '1,0' } | New-QueueTask work })" |
                Should -BeLike "*'1,0' cannot be read*"
            Get-QueueTask | Should -BeNullOrEmpty
        }
        finally { Disconnect-TaskQueue }
    }
}
