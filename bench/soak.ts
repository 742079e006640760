// `make soak`: thousands of executions of twenty tenants, one in fifty hostile, under both isolations. Exits with 1 on
// a wrong outcome, a breach of tenant isolation, or a leak.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { TenantIsolation } from './engine.ts';
import { wholeNumber } from './option-values.ts';
import { runPhase } from './soak/phase.ts';
import { reportOf } from './soak/report.ts';

const USAGE = `Runs many executions of twenty tenants, one in fifty hostile, and checks every outcome, isolation, leaks and memory.

Usage: node bench/soak.ts [options]

  --executions N           under tenantIsolation Isolate (default 20000)
  --process-executions N   under tenantIsolation Process (default 2000)
  --vms N                  VMs (default: one per core)
  --seed N                 repeats an earlier soak (default: a new one, printed)
  --help                   this text
`;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      executions: { type: 'string', default: '20000' },
      'process-executions': { type: 'string', default: '2000' },
      vms: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const vms = wholeNumber('--vms', values.vms);
  const seed = wholeNumber('--seed', values.seed, 0);
  const phases: readonly (readonly [TenantIsolation, number])[] = [
    ['Isolate', wholeNumber('--executions', values.executions, 0)],
    ['Process', wholeNumber('--process-executions', values['process-executions'], 0)],
  ];
  console.log(`seed ${seed}, ${vms} VMs, ${vms * 4} executions asked for at once\n`);

  let violations = 0;
  for (const [isolation, executions] of phases) {
    if (executions === 0 || stop.signal.aborted) continue;
    const report = await runPhase({ isolation, executions, seed, vms, clients: vms * 4, signal: stop.signal });
    console.log(reportOf(report));
    violations += report.violations.length;
  }
  if (stop.signal.aborted) return 130;
  return violations === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`soak: ${error.message}\n`);
    process.exitCode = 1;
  },
);
