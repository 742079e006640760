/**
 * Reads one input after another in a process of its own. Arguments: target, seed, the first case, and how many there are or
 * milliseconds. Before each case its number goes to descriptor 3, so that a case that ends or stops the process is known.
 */
import { writeSync } from 'node:fs';
import { Cases } from './cases.ts';
import { TARGETS } from './targets/index.ts';

/** Processor time that a case may take. */
const MAX_CASE_CPU_MS = 2000;
/** What the process may hold beyond what it held after its first cases. */
const MAX_GROWTH_BYTES = 400 << 20;
const WARM_UP_CASES = 200;

const [name, seed, first, count, milliseconds] = process.argv.slice(2);
const target = TARGETS.find((each) => each.name === name);
if (target === undefined) throw new TypeError(`no target ${name}`);

let number = Number(first);
const fail = (error: unknown): never => {
  const text = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`case ${number}: ${text}\n`);
  process.exit(1);
};
process.on('uncaughtException', fail).on('unhandledRejection', fail);

const cases = new Cases(target.input, Number(seed));
const end = performance.now() + Number(milliseconds);
const last = number + Number(count);
let baseline = Number.POSITIVE_INFINITY;
for (; number < last && performance.now() < end; number++) {
  const input = cases.at(number);
  writeSync(3, `${number}\n`);
  const before = process.cpuUsage();
  try {
    await target.run(input);
    // What closes, closes in a later turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    fail(error);
  }
  const { user, system } = process.cpuUsage(before);
  if (user + system > MAX_CASE_CPU_MS * 1000) fail(`it took ${(user + system) / 1000} ms of processor time`);
  const resident = process.memoryUsage.rss();
  if (number - Number(first) === WARM_UP_CASES) baseline = resident;
  if (resident > baseline + MAX_GROWTH_BYTES) fail(`the process has grown by ${(resident - baseline) >> 20} MiB`);
}
target.close?.();
process.stdout.write(`${number - Number(first)}\n`);
process.exit(0);
