namespace TaskQueue;

/// <summary>
/// What to do about an error. The engine knows what helps, and not how it is asked for: a shell names a command, a server one of its
/// settings. Each interface has one place that puts all of these into words (<c>AdviceText</c>).
/// </summary>
public abstract record Advice
{
    private Advice()
    {
    }

    /// <summary>An advice that is the same for everybody.</summary>
    public static implicit operator Advice?(string? text) => text is null ? null : new Plain(text);

    /// <summary>Words that hold wherever they are read.</summary>
    /// <param name="Text">One sentence or more.</param>
    public sealed record Plain(string Text) : Advice
    {
        public override string ToString() => Text;
    }

    /// <summary>Check the location, or make a queue there.</summary>
    /// <param name="Path">The file that is missing. Null where there is a file that is not a queue.</param>
    public sealed record CreateQueueAt(string? Path) : Advice;

    /// <summary>Make a queue on the server that was reached.</summary>
    /// <param name="DatabaseIsMissing">The database has to be made first.</param>
    public sealed record CreateQueueOnServer(bool DatabaseIsMissing) : Advice;

    /// <summary>Wait longer than the time-out that was chosen.</summary>
    /// <param name="Timeout">How long was waited.</param>
    public sealed record WaitLonger(TimeSpan Timeout) : Advice;

    /// <summary>Change something in the queue. A change upgrades the layout first; reading does not.</summary>
    public sealed record WriteToUpgrade : Advice;

    /// <summary>Take the tasks out with the build that made the queue, and put them into a new one.</summary>
    public sealed record MoveFromUnreleased : Advice;

    /// <summary>Change something in the queue. A change first rolls back what a dead process left unfinished.</summary>
    public sealed record WriteToRollBack : Advice;

    /// <summary>Put a backup in the place of a damaged file.</summary>
    public sealed record ReplaceByBackup : Advice;

    /// <summary>Bring the whole queue back from a backup, since an undo cannot.</summary>
    public sealed record RestoreInsteadOfUndo : Advice;

    /// <summary>Choose another name for a backup, or allow it to replace the file that has the name.</summary>
    public sealed record RenameBackup : Advice;

    /// <summary>Give the user and the password of the server.</summary>
    /// <param name="WasRefused">True if the server refused those given; false if it was given none.</param>
    public sealed record GiveCredential(bool WasRefused) : Advice;

    /// <summary>Give the offset from UTC of the original's service.</summary>
    public sealed record GiveUtcOffset : Advice;

    /// <summary>Move the queue to this product's own layout.</summary>
    public sealed record MoveToNativeLayout : Advice;

    /// <summary>Look the operation up among those that the log knows.</summary>
    public sealed record ListOperations : Advice;

    /// <summary>Give more of an operation's id.</summary>
    /// <param name="FewestDigits">How many digits are needed at least.</param>
    public sealed record GiveMoreDigits(int FewestDigits) : Advice;

    /// <summary>Give a task's data in a form that can be read.</summary>
    public sealed record GiveReadableData : Advice;

    /// <summary>Ask for tasks of this verdict too, whose worker lives.</summary>
    /// <param name="Verdict">Stalled or Slow.</param>
    public sealed record IncludeVerdict(StuckVerdict Verdict) : Advice;
}
