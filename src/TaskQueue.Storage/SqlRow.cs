namespace TaskQueue.Storage;

/// <summary>The row that a statement stands on: its columns, counted from 0.</summary>
internal abstract class SqlRow
{
    public abstract bool IsDBNull(int column);

    public abstract long GetInt64(int column);

    public abstract double GetDouble(int column);

    public abstract string GetString(int column);

    /// <summary>The column as what it is stored as; <see cref="DBNull"/> for a missing value.</summary>
    public abstract object GetValue(int column);

    /// <summary>An identifier of 16 bytes; null for anything else.</summary>
    public abstract Guid? GetIdentifier(int column);

    public abstract string GetName(int column);
}
