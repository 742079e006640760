import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import type { Workload } from '../workload.ts';

// The source is passed by stdin: an argument is limited to 128 KB.
const WRAPPER = `
const { source, params } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
globalThis.params = params;
process.stdout.write(JSON.stringify((0, eval)(source)));`;

export const nodeChild: Contestant = {
  name: 'node-child',
  note: 'a new process per run: node -e',
  start: async () => ({
    measure: (workload, load) => closedLoop(execute, workload, load),
    close: async () => {},
  }),
};

async function execute(workload: Workload, index: number): Promise<string> {
  const child = spawn(process.execPath, ['-e', WRAPPER], { env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  child.stdin.end(JSON.stringify({ source: workload.source(index), params: workload.params }));
  const result = await text(child.stdout);
  await closed;
  return result;
}
