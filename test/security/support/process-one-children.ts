/**
 * A program that embeds a runtime as process 1 and starts processes of its own: after the end of a zygote it starts one
 * after another, is busy while each ends, and prints how many it has heard the end of.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRuntime } from '../../../src/index.ts';

const OWN = 10;
const children = (): number[] => readFileSync('/proc/1/task/1/children', 'utf8').split(' ').filter(Boolean).map(Number);

const runtime = createRuntime({ pool: { size: 1 } });
await runtime.ready();
for (const zygote of children()) process.kill(zygote, 'SIGKILL');
await runtime.execute('1'); // lost, or run by the next zygote: the first one's end is known then

let heard = 0;
for (let i = 0; i < OWN; i++) {
  const own = spawn('true', { stdio: 'ignore' });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  await once(own, 'exit', { signal: AbortSignal.timeout(5000) });
  heard++;
}
await runtime.close();
process.stdout.write(JSON.stringify({ heard }));
