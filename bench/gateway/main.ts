// `make bench-gateway`: the gateway without a cluster beside the engine that it uses, other servers, and workerd, on loopback.
import { parseArgs } from 'node:util';
import { machineFacts } from '../machine.ts';
import { measure } from '../measure.ts';
import { wholeNumber } from '../option-values.ts';
import { SOURCE } from '../scenarios/small.ts';
import { type GatewayEntry, ratiosText, tableText } from './report.ts';

/** In the order of rounds and of the table. */
const CONTESTANTS = [
  'gateway',
  'endpoint',
  'endpoint-module',
  'copepod',
  'workerd',
  'workerd-load',
  'workerd-plain',
  'node-http',
];
const SCENARIO = 'small';
const WARM_UP_MS = 1500;

const USAGE = `Compares 'copepod gateway --local' with the engine used directly and with other servers: a script of
${SOURCE.split('\n').length} lines, one load generator in a process of its own, on loopback.

Usage: node bench/gateway/main.ts [options]

  --only NAMES       contestants, separated by commas (default all)
  --seconds N        length of one measurement (default 3)
  --rounds N         rounds over all contestants; figures are medians of the rounds (default 3)
  --vms N            VMs of the gateway and of the engine, processes of workerd's load() (default 2)
  --concurrency N    requests at once; each contestant is also measured with one (default 8)
  --help             this text

Contestants:
  gateway            copepod gateway --local, Execute: a fresh context for each request
  endpoint           the same, a ScriptEndpoint with reuse None: a fresh context for each request
  endpoint-module    the same with reuse Module: the module stays evaluated in each VM
  copepod            the engine, called by the load generator itself: no HTTP
  workerd            worker loader with a new id per request: a new isolate
  workerd-load       the loader's one-off load(), one workerd for each VM: a new isolate
  workerd-plain      the script as a worker: nothing fresh
  node-http          node:http: nothing fresh, nothing contained
`;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      vms: { type: 'string', default: '2' },
      concurrency: { type: 'string', default: '8' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const only = values.only.split(',').filter(Boolean);
  const unknown = only.filter((name) => !CONTESTANTS.includes(name));
  if (unknown.length > 0) throw new Error(`--only: no contestant ${unknown.join(', ')}; see --help`);
  const contestants = only.length === 0 ? CONTESTANTS : CONTESTANTS.filter((name) => only.includes(name));
  const rounds = wholeNumber('--rounds', values.rounds);
  const lanes = wholeNumber('--vms', values.vms);
  const durationMs = wholeNumber('--seconds', values.seconds) * 1000;
  const concurrencies = [...new Set([wholeNumber('--concurrency', values.concurrency), 1])];
  const loads = concurrencies.map((concurrency) => ({ concurrency, durationMs }));

  const { cores, cpu, kernel, node, loadAverage } = machineFacts();
  console.log(`${cores} x ${cpu}, ${kernel}, Node ${node}, load ${loadAverage}`);
  console.log(
    `${rounds} rounds of ${durationMs / 1000} s; medians; the load generator shares the cores, and its memory counts\n`,
  );
  const entries: GatewayEntry[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kround ${round} of ${rounds}: ${contestant}`);
      const order = { contestant, scenario: SCENARIO, lanes, warmUpMs: WARM_UP_MS, loads };
      const measurements = await measure(order, stop.signal);
      entries.push(...measurements.map((measurement) => ({ ...measurement, contestant, round })));
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  for (const concurrency of concurrencies) console.log(tableText(entries, concurrency));
  console.log(ratiosText(entries, concurrencies[0] ?? 1));
}

main().catch((error: Error) => {
  if (stop.signal.aborted) process.exit(130);
  process.stderr.write(`bench-gateway: ${error.message}\n`);
  process.exit(1);
});
