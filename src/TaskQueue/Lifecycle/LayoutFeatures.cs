namespace TaskQueue;

/// <summary>What the native layout holds of a task and the original's does not.</summary>
[Flags]
public enum LayoutFeatures
{
    /// <summary>Nothing beyond the original's layout.</summary>
    None = 0,

    /// <summary>Which worker holds a task, and until when.</summary>
    Claims = 1,

    /// <summary>How long an attempt may run.</summary>
    Timeouts = 2,

    /// <summary>The earliest time a task may be claimed.</summary>
    DueTimes = 4,
}
