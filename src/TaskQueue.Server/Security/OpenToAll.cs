namespace TaskQueue.Server;

/// <summary>Metadata of an endpoint that answers without a token: it tells nothing of the queue but whether it is there.</summary>
internal sealed class OpenToAll
{
    public static readonly OpenToAll Instance = new();

    private OpenToAll()
    {
    }
}
