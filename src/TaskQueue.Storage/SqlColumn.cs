namespace TaskQueue.Storage;

/// <summary>A column of one of our tables.</summary>
internal sealed record SqlColumn(string Name, SqlType Type)
{
    /// <summary>The parameter of a statement that writes it.</summary>
    public string Parameter { get; } = "$" + Name;
}

/// <summary>What a column holds.</summary>
internal enum SqlType
{
    Text,
    Integer,
    Real,
    Identifier,
}
