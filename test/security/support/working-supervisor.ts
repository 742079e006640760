/** A program that embeds a runtime and runs executions until it is killed. Says when it has started, and each end: a line each. */
import { createRuntime } from '../../../src/index.ts';

const runtime = createRuntime({ pool: { size: 2, spares: 1 } });
await runtime.ready();
process.stdout.write('ready\n');

const SOURCES = [
  'export default ({ n }) => n * 2',
  'export default async ({ n }) => { await rest(5); return n * 2 }',
  'export default ({ n }) => { for (const end = Date.now() + 5; Date.now() < end; ); return n * 2 }',
];

let next = 0;
async function lane(): Promise<never> {
  for (;;) {
    const n = next++;
    const { reason, result } = await runtime.execute(SOURCES[n % SOURCES.length] as string, {
      params: { n },
      tenantKey: `tenant-${n % 4}`,
      setup: (host) =>
        host.expose('rest', (_, ms) => new Promise((resolve) => setTimeout(() => resolve(null), Number(ms)))),
    });
    process.stdout.write(`${reason === 'Completed' && result === n * 2 ? 'ok' : reason}\n`);
  }
}
await Promise.all([lane(), lane(), lane()]);
