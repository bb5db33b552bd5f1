using System.Runtime.InteropServices;
using System.Text;

namespace TaskQueue.Storage;

/// <summary>
/// Calls of the native library that SQLitePCLRaw loads: what it leaves out, and what comes up a hundred times for each task, where its
/// checks cost more than the call. Those return at once and never call back, so that the runtime need not be told of them
/// (<see cref="SuppressGCTransitionAttribute"/>).
/// </summary>
internal static partial class NativeMethods
{
    /// <summary>SQLITE_FCNTL_HAS_MOVED.</summary>
    public const int FileControlHasMoved = 20;

    private const string Library = "e_sqlite3";
    private const DllImportSearchPath Folders = DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories;

    [LibraryImport(Library, EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(Folders)]
    public static partial int FileControl(IntPtr database, string name, int operation, out int result);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    public static partial int ColumnType(IntPtr statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    public static partial long ColumnInt64(IntPtr statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_double")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    public static partial double ColumnDouble(IntPtr statement, int column);

    /// <summary>A text, null for NULL.</summary>
    public static unsafe string? ColumnText(IntPtr statement, int column)
    {
        // The order matters: the first call may convert the value.
        var text = ColumnTextPointer(statement, column);
        return text == null ? null : Encoding.UTF8.GetString(text, ColumnBytes(statement, column));
    }

    /// <summary>Bytes, valid until the statement goes on.</summary>
    public static unsafe ReadOnlySpan<byte> ColumnBlob(IntPtr statement, int column)
    {
        var bytes = ColumnBlobPointer(statement, column);
        return bytes == null ? [] : new ReadOnlySpan<byte>(bytes, ColumnBytes(statement, column));
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    public static partial int BindNull(IntPtr statement, int place);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    public static partial int BindInt64(IntPtr statement, int place, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_double")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    public static partial int BindDouble(IntPtr statement, int place, double value);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_text")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    private static unsafe partial byte* ColumnTextPointer(IntPtr statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    private static unsafe partial byte* ColumnBlobPointer(IntPtr statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    [DefaultDllImportSearchPaths(Folders)]
    [SuppressGCTransition]
    private static partial int ColumnBytes(IntPtr statement, int column);
}
