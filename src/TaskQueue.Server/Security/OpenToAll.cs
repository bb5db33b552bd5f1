namespace TaskQueue.Server;

/// <summary>Metadata of an endpoint that answers without a token. It tells nothing of the queue except whether it can be read.</summary>
internal sealed class OpenToAll
{
    public static readonly OpenToAll Instance = new();

    private OpenToAll()
    {
    }
}
