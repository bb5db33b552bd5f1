namespace TaskQueue.Server;

/// <summary>Metadata of an endpoint that changes something by a GET, as the original's did.</summary>
internal sealed class ChangesByGet
{
    public static readonly ChangesByGet Instance = new();

    private ChangesByGet()
    {
    }
}
