// What the drivers have in common. Each is started with: where the queue is, "default" or "best", how many jobs, how many to warm up
// with, and how long a handler takes in milliseconds. It prints a line of JSON: how many jobs a second were run.

const [, , location, settings, jobs, warmUp, handlerTime] = process.argv;

export { location };

export const isBest = settings === "best";

/** The data of each job, which is that of our own benchmarks: 43 characters of JSON. */
export const data = { to: "someone@example.org", template: "w" };

/**
 * A handler, and a promise that is kept when it has begun on as many jobs as it is made for.
 * @param {number} count
 */
export function handlerOf(count) {
  let resolve;
  const allBegan = new Promise((done) => { resolve = done; });
  const began = (more = 1) => {
    count -= more;
    if (count <= 0) {
      resolve();
    }
  };
  const time = Number(handlerTime);
  const run = time === 0 ? async () => {} : () => new Promise((done) => { setTimeout(done, time); });
  return { began, run, allBegan };
}

/**
 * Drains twice, the first time so that the code is compiled, and says how fast the second time was.
 * @param {(count: number) => Promise<number>} drain Adds jobs and runs them; returns for how many milliseconds they ran.
 */
export async function measure(drain) {
  await drain(Number(warmUp));
  const milliseconds = await drain(Number(jobs));
  console.log(JSON.stringify({ jobsPerSecond: Number(jobs) / milliseconds * 1000 }));
}

/** Ends the measurement if a queue has not done what it was given. */
export function expect(what, actual, expected) {
  if (actual !== expected) {
    throw new Error(`${what}: ${actual} instead of ${expected}`);
  }
}
