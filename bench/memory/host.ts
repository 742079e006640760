// One engine in a process of its own: gives sandboxes to as many tenants as its second argument says, and says what they hold.
import { setTimeout as sleep } from 'node:timers/promises';
import { loadEngine } from '../engine.ts';
import { childrenOf } from '../processes.ts';
import { PARAMS, SOURCE } from '../scenarios/small.ts';
import { heldBy } from './held.ts';

const [root = '', tenants = '100'] = process.argv.slice(2);
const SETTLING_MS = 1000;

const pids = new Set<number>();
const { createRuntime } = await loadEngine(root);
const runtime = createRuntime({
  // All of them stay: an earlier engine knows `size` alone.
  pool: { size: Number(tenants), spares: 0, lazy: true },
  observer: { executionStarted: ({ pid }) => pids.add(pid) },
});
for (let i = 0; i < Number(tenants); i++) {
  const { error } = await runtime.execute({ source: SOURCE }, { params: PARAMS, tenantKey: `tenant-${i}` });
  if (error) throw error;
}
await sleep(SETTLING_MS);
const sandboxes = [...pids].map(heldBy);
const zygotes = childrenOf(process.pid).filter(
  (pid) => !pids.has(pid) && [...pids].some((each) => childrenOf(pid).includes(each)),
);
process.send?.({ sandboxes, zygotes: zygotes.map(heldBy) });
await runtime.close();
process.disconnect?.();
