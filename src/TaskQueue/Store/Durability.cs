namespace TaskQueue;

/// <summary>What a committed task survives.</summary>
public enum Durability
{
    /// <summary>Power loss: each commit is synced to the disk.</summary>
    Full,

    /// <summary>The death of any process, but the last commits may be lost when the machine loses power.</summary>
    Normal,
}
