using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>
/// A prepared statement, on the bare engine. A worker runs some three for each task, and the library's commands, which look up every
/// parameter by its name each time, take as long as SQLite itself.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const uint Persistent = raw.SQLITE_PREPARE_PERSISTENT;

    // A statement keeps a copy of each value until it is bound again. One larger than this must not stay for the life of the connection.
    private const int LargeText = 64 * 1024;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly IntPtr _handle;
    private readonly int[] _places;
    private bool _holdsLargeText;

    /// <param name="database">The connection.</param>
    /// <param name="sql">One statement.</param>
    /// <param name="parameters">Its parameters, in the order in which they will be given each time.</param>
    public SqliteStatement(sqlite3 database, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, Persistent, out _statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            _statement.Dispose();
            throw new ArgumentException($"More than one statement: {sql}", nameof(sql));
        }

        _handle = _statement.DangerousGetHandle();
        Row = new SqliteRow(_statement);
        _places = new int[parameters.Length];
        for (var index = 0; index < parameters.Length; index++)
        {
            _places[index] = raw.sqlite3_bind_parameter_index(_statement, parameters[index].Name);
        }
    }

    /// <summary>The row it stands on.</summary>
    public SqliteRow Row { get; }

    /// <summary>Sets its parameters. To be followed by <see cref="Reset"/> once it has run.</summary>
    public void Bind(ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        for (var index = 0; index < parameters.Length; index++)
        {
            // A statement may have no use for a value it is given.
            if (_places[index] is > 0 and var place)
            {
                Check(Bind(place, parameters[index].Value));
            }
        }
    }

    /// <summary>Goes on to the next row; false if there is none, and what the statement changes is changed.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw SqliteErrors.Last(_database, code),
        };
    }

    /// <summary>Ends its run, and with it its lock.</summary>
    public void Reset()
    {
        raw.sqlite3_reset(_statement);
        if (_holdsLargeText)
        {
            raw.sqlite3_clear_bindings(_statement);
            _holdsLargeText = false;
        }
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int place, object? value) => value switch
    {
        null => NativeMethods.BindNull(_handle, place),
        string text => Bind(place, text),
        long number => NativeMethods.BindInt64(_handle, place, number),
        int number => NativeMethods.BindInt64(_handle, place, number),
        double number => NativeMethods.BindDouble(_handle, place, number),
        bool flag => NativeMethods.BindInt64(_handle, place, flag ? 1 : 0),
        Guid identifier => Bind(place, identifier),
        _ => throw new ArgumentException($"No column holds a {value.GetType()}.", nameof(value)),
    };

    private int Bind(int place, string text)
    {
        _holdsLargeText |= text.Length > LargeText;
        return raw.sqlite3_bind_text(_statement, place, text);
    }

    // 16 bytes, in the order it is written in.
    private int Bind(int place, Guid identifier)
    {
        Span<byte> bytes = stackalloc byte[16];
        identifier.TryWriteBytes(bytes, bigEndian: true, out _);
        return raw.sqlite3_bind_blob(_statement, place, bytes);
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.Last(_database, code);
        }
    }
}
