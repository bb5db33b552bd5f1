using TaskQueue.TestPostgres;

// The guardian of a server: lives until its input ends, which it does also when the tests are killed; then stops the server and
// deletes its folder.
var folder = new ServerFolder(args[1], new ServerPrograms(args[0]));
Guardian.StayOutOfSignals();
Console.WriteLine("guarding");
while (Console.ReadLine() is not null)
{
    // Only the end counts.
}

folder.Delete();
