/** A program that embeds a runtime, keeps its sandboxes busy, and says which processes they are: to be killed. */
import { createRuntime } from '../../../src/index.ts';

const pids = new Set<number>();
const runtime = createRuntime({
  pool: { size: 3, spares: 1 },
  limits: { cpuTimeMs: 60_000, timeoutMs: 60_000 },
  observer: { executionStarted: ({ pid }) => pids.add(pid) },
});
await runtime.ready();

let called = 0;
const scripts = [
  'await busy(); for (;;);',
  'await busy(); Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
  'await busy(); await never()',
];
for (const [i, script] of scripts.entries()) {
  void runtime.execute(script, {
    tenantKey: `tenant-${i}`,
    setup: (host) => {
      host.expose('busy', async () => {
        if (++called === scripts.length) setTimeout(() => process.stdout.write(`${JSON.stringify([...pids])}\n`), 50);
        return null;
      });
      host.expose('never', () => new Promise<never>(() => {}));
    },
  });
}
