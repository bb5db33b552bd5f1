using System.Runtime.InteropServices;

namespace TaskQueue.Storage.Sqlite;

/// <summary>What SQLitePCLRaw leaves out, from the same native library it loads.</summary>
internal static partial class NativeMethods
{
    /// <summary>SQLITE_FCNTL_HAS_MOVED.</summary>
    public const int FileControlHasMoved = 20;

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial int FileControl(IntPtr database, string name, int operation, out int result);
}
