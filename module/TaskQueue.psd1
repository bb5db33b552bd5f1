@{
    RootModule           = 'TaskQueue.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = 'c4bc94f4-292c-4e2f-a1ae-4a0a0df1f8ca'
    Author               = 'TaskQueue.PowerShell contributors'
    CompanyName          = 'Unknown'
    Copyright            = '(c) TaskQueue.PowerShell contributors. MIT License.'
    Description          = 'A durable task queue for PowerShell: finds tasks that are stuck, says why, and stops them safely.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('TaskQueue.Format.ps1xml')

    # Explicit lists: with a wildcard, PowerShell could not load the module by itself at the first use of a cmdlet.
    CmdletsToExport      = @(
        'Backup-TaskQueue'
        'Complete-QueueTask'
        'Connect-TaskQueue'
        'Copy-TaskQueue'
        'Disconnect-TaskQueue'
        'Get-QueueOperation'
        'Get-QueueTask'
        'Get-QueueTaskHistory'
        'Get-QueueWorker'
        'Get-TaskQueueConnection'
        'Import-QueueTask'
        'Invoke-StuckTaskCleanup'
        'Measure-TaskQueue'
        'New-QueueTask'
        'Optimize-TaskQueue'
        'Receive-QueueTask'
        'Remove-QueueTask'
        'Restart-QueueTask'
        'Restore-TaskQueue'
        'Send-QueueTaskHeartbeat'
        'Set-QueueTask'
        'Start-QueueWorker'
        'Stop-QueueTask'
        'Stop-QueueWorker'
        'Test-TaskQueue'
        'Undo-QueueOperation'
        'Wait-QueueTask'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()

    PrivateData          = @{
        PSData = @{
            Tags         = @(
                'Task', 'Queue', 'TaskQueue', 'Job', 'Worker', 'SQLite', 'PostgreSQL', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
            )
            ProjectUri   = 'https://github.com/TaskQueue-PowerShell/TaskQueue.PowerShell'
            LicenseUri   = 'https://github.com/TaskQueue-PowerShell/TaskQueue.PowerShell/blob/main/LICENSE'
            ReleaseNotes = 'https://github.com/TaskQueue-PowerShell/TaskQueue.PowerShell/blob/main/CHANGELOG.md'
        }
    }
}
