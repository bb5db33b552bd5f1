// plainjob on a file. It has no settings for speed: "best" is "default". Its log is off: it would write several lines a job.
import Database from "better-sqlite3";
import { better, defineQueue, defineWorker, JobStatus } from "plainjob";
import { data, expect, handlerOf, location, measure } from "./driver.mjs";

const nothing = () => {};
const logger = { debug: nothing, info: nothing, warn: console.warn, error: console.error };
const queue = defineQueue({ connection: better(new Database(location)), logger });

await measure(async (count) => {
  const doneBefore = queue.countJobs({ type: "mail", status: JobStatus.Done });
  queue.addMany("mail", Array(count).fill(data));
  const handler = handlerOf(count);
  // Called once the job is marked as done.
  const worker = defineWorker("mail", handler.run, { queue, logger, onCompleted: () => handler.began() });
  const started = performance.now();
  const ended = worker.start();
  await handler.allBegan;
  const milliseconds = performance.now() - started;
  await worker.stop();
  await ended;
  expect("done", queue.countJobs({ type: "mail", status: JobStatus.Done }) - doneBefore, count);
  return milliseconds;
});

queue.close();
