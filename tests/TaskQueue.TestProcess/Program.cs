using TaskQueue.TestProcess;

// Other processes than the tests' own, each doing one thing to a queue until its input ends or it is killed. What it prints
// is acknowledged: a line is written only after the call it tells of has returned.
Action<string[]> verb = args switch
{
    ["hold-lock", _] => LockHolder.Hold,
    ["create", _] => QueueWork.Create,
    ["enqueue-forever", _, _] => QueueWork.EnqueueForever,
    ["claim-and-complete", _, _] => QueueWork.ClaimAndComplete,
    ["cleanup", _, _] => QueueWork.CleanUp,
    ["clean-up-at", _, _, _, _] => QueueWork.CleanUpAt,
    ["look-twice", _] => QueueWork.LookTwice,
    ["work", _, _, _] => WorkerWork.Work,
    ["plan", _] => OriginalWork.Plan,
    ["stop-tasks", _, _] => OriginalWork.StopTasks,
    ["serve", _, _] => OriginalWork.Serve,
    ["write-until-killed", _] => OriginalWork.WriteUntilKilled,
    ["make-incident", _] => OriginalWork.MakeIncident,
    ["frame", _] => OriginalWork.PrintFrame,
    ["sql", _, _] => OriginalWork.RunSql,
    ["hash", _] => FileWork.Hash,
    ["hash-folder", _] => FileWork.HashFolder,
    ["overwrite", _, _, _] => FileWork.Overwrite,
    ["judge-workers"] => HostWork.JudgeWorkers,
    ["kill-marked", _] => HostWork.KillMarked,
    ["stay", _] => HostWork.Stay,
    ["leave", _] => HostWork.Leave,
    ["echo", ..] => HostWork.Echo,
    _ => throw new ArgumentException(
        """
        One of:
          hold-lock <database>                      takes the write lock, prints 'locked', lets go at the end of input
          create <queue>                            prints 'ready', at the next input line makes the queue and prints 'created'
          enqueue-forever <queue> <type>            prints each id once it is committed
          claim-and-complete <queue> <type>         prints 'id token outcome' for each task it completed, or tried to; releases some
          cleanup <queue> <max age, ms>             prints 'planned n', makes a backup, prints 'backup path', applies, prints 'cleaned n'
          clean-up-at <queue> <type> <keep> <time>  plans, prints 'ready', at the next input line backs up, applies and prunes; prints 'backup path', 'cleaned n', warnings.
                                                    The clock of a queue in a file stands still at that time
          look-twice <queue>                        prints 'suspected n' and, after the second look, 'convicted n'; Stalled tasks too
          work <queue> <journal> <lease, ms>        a worker until the end of input: prints 'working', then each warning; see WorkerWork
          plan <database>                           prints the ages a cleanup at the incident's moment would find, in hours
          stop-tasks <database> <count>             stops task_0, task_1, … by force, prints 'started' after the first
          serve <database> <count>                  as the original's worker: prints 'started', completes task_0, task_1, …, prints 'done'
          write-until-killed <database>             prints 'written' in the middle of a write to a queue of the original, and waits
          make-incident <database>                  makes a queue of the original as it was found, with times counted from now
          frame <database>                          prints what nobody may change in a queue of the original
          sql <database> <statement>                prints the rows, a line each, each value as a literal
          hash <file>                               prints the SHA-256 of a file
          hash-folder <folder>                      prints name and SHA-256 of each file
          overwrite <file> <offset> <count>         writes noise over a part of a file
          judge-workers                             prints who it is as JSON, then for each such line 'state evidence'
          kill-marked <token>                       kills the processes of a claim, prints 'killed n'
          stay <file>                               writes its id to the file, and stays until it is killed
          leave <file>                              leaves another process behind that does so
          echo …                                    writes its input to its output, and its arguments to its errors
        """),
};
verb(args[1..]);
