// pg-boss on PostgreSQL. "best" is batches, of which each follows the last at once (pgboss.io/api/workers).
import { PgBoss } from "pg-boss";
import { data, expect, handlerOf, isBest, location, measure } from "./driver.mjs";

const best = { batchSize: 1000, burstWhenBatchFull: true, localConcurrency: 2 };
const boss = new PgBoss(location);
boss.on("error", (error) => { throw error; });
await boss.start();

let round = 0;
await measure(async (count) => {
  const queue = `mail${++round}`;
  await boss.createQueue(queue);
  for (let left = count; left > 0; left -= 1000) {
    await boss.insert(queue, Array(Math.min(left, 1000)).fill({ data }));
  }

  const handler = handlerOf(count);
  const started = performance.now();
  await boss.work(queue, isBest ? best : {}, async (jobs) => {
    handler.began(jobs.length);
    await Promise.all(jobs.map(handler.run));
  });
  await handler.allBegan;
  // Until the last jobs are completed.
  await boss.offWork(queue);
  const milliseconds = performance.now() - started;
  const [{ completed }] = (await boss.getDb().executeSql(
    "SELECT count(*) AS completed FROM pgboss.job WHERE name = $1 AND state = 'completed'", [queue])).rows;
  expect("completed", Number(completed), count);
  return milliseconds;
});

await boss.stop();
