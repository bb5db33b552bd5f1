namespace TaskQueue.Storage;

/// <summary>A column of one of our tables.</summary>
internal sealed record SqlColumn(string Name, SqlType Type)
{
    /// <summary>The parameter of a statement that writes it, or compares it.</summary>
    public string Parameter { get; init; } = "$" + Name;
}

/// <summary>What a column holds.</summary>
internal enum SqlType
{
    Text,
    Integer,
    Real,
    Identifier,
}
