using TaskQueue.TestProcess;

// Other processes than the tests' own, each doing one thing to a queue until its input ends or it is killed. What it prints
// is acknowledged: a line is written only after the call it tells of has returned.
Action<string[]> verb = args switch
{
    ["hold-lock", _] => LockHolder.Hold,
    ["create", _] => QueueWork.Create,
    ["upgrade", _] => QueueWork.OpenForWriting,
    ["enqueue-forever", _, _] => QueueWork.EnqueueForever,
    ["claim-and-complete", _, _] => QueueWork.ClaimAndComplete,
    ["cleanup", _, _] => QueueWork.CleanUp,
    ["hash", _] => FileWork.Hash,
    ["overwrite", _, _, _] => FileWork.Overwrite,
    _ => throw new ArgumentException(
        """
        One of:
          hold-lock <database>                      takes the write lock, prints 'locked', lets go at the end of input
          create <database>                         prints 'ready', at the next input line makes the queue and prints 'created'
          upgrade <database>                        prints 'ready', at the next input line opens the queue for writing and prints 'opened'
          enqueue-forever <database> <type>         prints each id once it is committed
          claim-and-complete <database> <type>      prints 'id token outcome' for each task it completed, or tried to; releases some
          cleanup <database> <max age, ms>          prints 'planned n', makes a backup, prints 'backup path', applies, prints 'cleaned n'
          hash <file>                               prints the SHA-256 of a file
          overwrite <file> <offset> <count>         writes noise over a part of a file
        """),
};
verb(args[1..]);
