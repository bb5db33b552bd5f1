using System.Globalization;

namespace TaskQueue.Storage;

/// <summary>A database connection. Used by one thread at a time.</summary>
internal abstract class SqlSession : IDisposable
{
    /// <summary>The queue's clock at the beginning of the present piece of work, in whole milliseconds.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>What the present transaction changes in the numbers of tasks, where they are kept.</summary>
    public CountChanges Counts { get; } = new();

    /// <summary>Runs a statement now; returns how many rows it changed.</summary>
    /// <param name="sql">A statement with parameters such as <c>$id</c>.</param>
    /// <param name="parameters">Their values, in the order in which the names come up in the text.</param>
    public abstract int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>
    /// Runs a statement whose answer nobody needs: at the latest together with the next one that answers, or with the commit.
    /// </summary>
    /// <inheritdoc cref="Execute"/>
    public abstract void Write(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>
    /// The same for one row of many. The rows of calls that follow each other may be written together, each kind of statement for itself,
    /// but for a row that is changed twice.
    /// </summary>
    /// <param name="statement">The statement.</param>
    /// <param name="values">The row's values, one for each of the statement's columns, under the names of their parameters.</param>
    public virtual void WriteRow(RowStatement statement, params ReadOnlySpan<(string Name, object? Value)> values) =>
        Write(statement.Text, values);

    /// <summary>Runs statements that come up once, such as those that make a table.</summary>
    public abstract void ExecuteScript(string sql);

    /// <summary>Reads rows and closes the statement.</summary>
    /// <param name="sql">A statement with parameters.</param>
    /// <param name="read">Reads one row.</param>
    /// <param name="takesMore">Asked after each row whether another one is wanted.</param>
    /// <param name="parameters">The values of the parameters.</param>
    /// <returns>The rows read, and whether they are all there are.</returns>
    public abstract (List<T> Rows, bool AreAll) RowsWhile<T>(
        string sql, Func<SqlRow, T> read, Predicate<T> takesMore, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>Notes that others are to be told of what the present transaction changes, once it is committed.</summary>
    public virtual void Announce()
    {
        // Nothing to do where the database tells them by itself.
    }

    /// <summary>
    /// Notes that what the present transaction finds is told to the caller as done, also where it writes nothing itself: its commit is to
    /// be waited for as if it had written all of that.
    /// </summary>
    public virtual void Confirm()
    {
        // Nothing to do where all that can be read is safe.
    }

    /// <summary>Lifts the time limit of the statements that follow: they go over the whole queue.</summary>
    public virtual void LiftTimeLimit()
    {
        // Nothing to do where only the wait for a lock is limited.
    }

    /// <summary>Reads all rows and closes the statement.</summary>
    public List<T> Rows<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        RowsWhile(sql, read, _ => true, parameters).Rows;

    public long Number(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Rows(sql, row => Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), parameters)[0];

    /// <summary>The text in the first column of the first row; null if there is no row, or no text in it.</summary>
    public string? Text(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Rows(sql, row => row.GetValue(0) as string, parameters).FirstOrDefault();

    public abstract void Dispose();
}
