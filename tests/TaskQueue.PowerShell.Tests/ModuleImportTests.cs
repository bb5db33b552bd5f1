namespace TaskQueue.PowerShell.Tests;

public sealed class ModuleImportTests
{
    private const string ExportedNames = "(Get-Module TaskQueue).ExportedCmdlets.Keys";

    // Only what the module's own table of commands says can be called.
    private const string CallableNames =
        "foreach ($name in $names) { (Get-Command -Name $name -Module TaskQueue -CommandType Cmdlet).Name }";

    [Fact]
    public void The_manifest_names_exactly_the_cmdlets_of_the_assembly()
    {
        using ModuleSession session = new();
        var inAssembly = session.Run(
            """
            $cmdlets = [TaskQueue.PowerShell.Loader.ModuleLoadContext]::LoadCmdlets()
            foreach ($type in $cmdlets.GetExportedTypes()) {
                foreach ($cmdlet in $type.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)) {
                    "$($cmdlet.VerbName)-$($cmdlet.NounName)"
                }
            }
            """).Values<string>();

        Assert.Equal(Sorted(ManifestNames()), Sorted(inAssembly));
    }

    [Fact]
    public void An_import_gives_every_cmdlet_of_the_manifest()
    {
        using ModuleSession session = new();
        AssertAllCallable(session);
    }

    [Fact]
    public void A_forced_import_keeps_the_cmdlets()
    {
        using ModuleSession session = new();
        Assert.Empty(session.Run("Import-Module $manifest -Force; Import-Module $manifest -Force", ("manifest", BuiltModule.Manifest))
            .Values<object>());
        AssertAllCallable(session);
    }

    [Fact]
    public void A_removed_module_can_be_imported_again()
    {
        using ModuleSession session = new();
        Assert.Empty(session.Run("Remove-Module TaskQueue; Get-Module TaskQueue").Values<object>());
        Assert.Empty(session.Run("Import-Module $manifest", ("manifest", BuiltModule.Manifest)).Values<object>());
        AssertAllCallable(session);
    }

    [Fact]
    public void A_second_runspace_imports_the_module_beside_the_first()
    {
        using ModuleSession first = new();
        using ModuleSession second = new();
        AssertAllCallable(second);
        AssertAllCallable(first);
    }

    [Fact]
    public void The_runspaces_of_a_parallel_loop_import_the_module()
    {
        using ModuleSession session = new();
        var counts = session.Run(
            """
            1..6 | ForEach-Object -ThrottleLimit 3 -Parallel {
                Import-Module $using:manifest
                (Get-Module TaskQueue).ExportedCmdlets.Count
            }
            """,
            ("manifest", BuiltModule.Manifest)).Values<int>();

        Assert.Equal(Enumerable.Repeat(ManifestNames().Count, 6), counts);
    }

    [Fact]
    public void A_script_imports_the_module_with_the_core_cmdlets_alone()
    {
        using var session = ModuleSession.WithoutModule();
        var result = session.Run(
            "Import-Module $manifest; Get-Module | ForEach-Object Name", ("manifest", BuiltModule.Manifest));

        Assert.Equal(["TaskQueue"], result.Values<string>());
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void A_copy_of_the_same_version_takes_the_place_of_one_that_was_removed()
    {
        var copy = Directory.CreateTempSubdirectory("taskqueue-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(BuiltModule.Folder, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy, "TaskQueue", Path.GetRelativePath(BuiltModule.Folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            using ModuleSession session = new();
            var path = Path.Combine(copy, "TaskQueue", "TaskQueue.psd1");
            Assert.Equal([Path.ChangeExtension(path, "psm1")], session.Run(
                "Remove-Module TaskQueue; Import-Module $path; (Get-Module TaskQueue).Path", ("path", path)).Values<string>());
            AssertAllCallable(session);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void A_loader_of_another_version_is_refused_by_name()
    {
        var copy = Directory.CreateTempSubdirectory("taskqueue-").FullName;
        try
        {
            // Any assembly with another version number will do as the other module's loader.
            File.Copy(Path.Combine(BuiltModule.Folder, "TaskQueue.psm1"), Path.Combine(copy, "TaskQueue.psm1"));
            Directory.CreateDirectory(Path.Combine(copy, "bin"));
            File.Copy(
                typeof(System.Management.Automation.PSObject).Assembly.Location,
                Path.Combine(copy, "bin", "TaskQueue.PowerShell.Loader.dll"));
            using ModuleSession session = new();
            var result = session.Run(
                "Remove-Module TaskQueue; Import-Module $path", ("path", Path.Combine(copy, "TaskQueue.psm1")));

            Assert.Contains("Start a new PowerShell", Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static void AssertAllCallable(ModuleSession session)
    {
        var expected = ManifestNames();
        Assert.Equal(Sorted(expected), Sorted(session.Run(ExportedNames).Values<string>()));
        Assert.Equal(Sorted(expected), Sorted(session.Run(CallableNames, ("names", expected.ToArray())).Values<string>()));
    }

    private static IReadOnlyList<string> ManifestNames()
    {
        using var session = ModuleSession.WithoutModule();
        // A manifest is a hashtable of constants.
        return session.Run("(& ([scriptblock]::Create([System.IO.File]::ReadAllText($manifest)))).CmdletsToExport",
            ("manifest", BuiltModule.Manifest)).Values<string>();
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Order(StringComparer.Ordinal);
}
