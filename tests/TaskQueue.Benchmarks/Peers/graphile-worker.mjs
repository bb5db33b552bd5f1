// graphile-worker on PostgreSQL. "best" is what its documentation measures itself with (worker.graphile.org/docs/performance). Its log is
// off: it would write a line a job.
import { Logger, makeWorkerUtils, runOnce } from "graphile-worker";
import { data, expect, handlerOf, isBest, location, measure } from "./driver.mjs";

const best = {
  concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0,
};
const logger = new Logger(() => () => {});
const preset = { worker: { connectionString: location, logger, ...(isBest ? best : {}) } };
const utils = await makeWorkerUtils({ preset });
await utils.migrate();

const countJobs = async () =>
  Number((await utils.withPgClient((client) => client.query("SELECT count(*) FROM graphile_worker.jobs"))).rows[0].count);

await measure(async (count) => {
  await utils.addJobs(Array(count).fill({ identifier: "mail", payload: data }));
  expect("added", await countJobs(), count);
  const handler = handlerOf(count);
  const started = performance.now();
  // Runs what there is, then ends.
  await runOnce({ preset, taskList: { mail: handler.run } });
  let milliseconds = performance.now() - started;
  // It does not wait for the last completions.
  while (await countJobs() > 0) {
    milliseconds = performance.now() - started;
  }

  return milliseconds;
});

await utils.release();
