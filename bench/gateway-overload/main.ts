// `make bench-gateway-overload`: a gateway without a cluster that is offered more than its runtime can run, on loopback.
import { parseArgs } from 'node:util';
import type { Aim } from '../aims.ts';
import { aimsText } from '../cluster/report.ts';
import { tableLines } from '../cluster/table.ts';
import { startLocalGateway } from '../contestants/local-gateway.ts';
import { machineFacts } from '../machine.ts';
import { wholeNumber } from '../option-values.ts';
import { type Answer, byCode, closedLoad, type Load, openLoad } from './load.ts';

const MIN_GOODPUT = 0.8;
const WARM_UP_MS = 1000;
const PATH = '/apis/copepod.dev/v1alpha1/namespaces/default/scriptruntimes/bench/execute';

const USAGE = `Measures 'copepod gateway --local' at the best load, then at a multiple of it, and then at the best load again. The script
waits on its VM, so that the capacity is that of the VMs, not of the processor that the load generator shares.

Usage: node bench/gateway-overload/main.ts [options]

  --vms N            VMs of the runtime (default 2)
  --work-ms N        time that a script takes (default 20)
  --times N          load offered, as a multiple of the best throughput (default 10)
  --seconds N        length of each measurement (default 5)
  --help             this text
`;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error('interrupted')));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      vms: { type: 'string', default: '2' },
      'work-ms': { type: 'string', default: '20' },
      times: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const vms = wholeNumber('--vms', values.vms);
  const workMs = wholeNumber('--work-ms', values['work-ms']);
  const times = wholeNumber('--times', values.times, 2);
  const durationMs = wholeNumber('--seconds', values.seconds) * 1000;

  const { cores, cpu, kernel, node, loadAverage } = machineFacts();
  console.log(`${cores} x ${cpu}, ${kernel}, Node ${node}, load ${loadAverage}`);
  console.log(`${vms} VMs, a script of ${workMs} ms; the load generator shares the cores\n`);

  const runtime = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptRuntime',
    metadata: { name: 'bench', namespace: 'default' },
    spec: { pool: { size: vms } },
  };
  const gateway = await startLocalGateway([runtime]);
  try {
    const source = `export default () => new Promise((resolve) => setTimeout(resolve, ${workMs}));`;
    const load: Load = {
      port: gateway.port,
      path: PATH,
      body: JSON.stringify({ source }),
      durationMs,
      signal: stop.signal,
    };
    // All places of the VMs are taken, and some requests wait: more would only wait longer.
    const concurrency = 4 * vms;
    await closedLoad({ ...load, durationMs: WARM_UP_MS }, concurrency);
    const before = await closedLoad(load, concurrency);
    const best = (before.filter(isDone).length / durationMs) * 1000;
    if (best === 0) throw new Error(`no request was answered with 200: ${before[0]?.code ?? 'no answer'}`);
    const overload = await openLoad(load, best * times);
    const after = await closedLoad(load, concurrency);
    stop.signal.throwIfAborted();

    const parts = [
      [`best: ${concurrency} at once`, before],
      [`${times} times as much`, overload],
      ['afterwards', after],
    ] as const;
    console.log(
      tableLines([HEAD, ...parts.flatMap(([title, answers]) => rowsOf(title, answers, durationMs))]).join('\n'),
    );
    console.log(`\n${aimsText(aimsOf(overload, best, workMs, durationMs))}`);
  } finally {
    await gateway.close();
  }
}

const isDone = ({ code }: Answer): boolean => code === 200;
const HEAD = ['', 'code', 'requests', 'per second', 'p50 ms', 'p99 ms'];

function rowsOf(title: string, answers: readonly Answer[], durationMs: number): string[][] {
  return [...byCode(answers, durationMs)].map(([code, { count, perSecond, p50Ms, p99Ms }], index) => [
    index === 0 ? title : '',
    code === 0 ? 'lost' : `${code}`,
    `${count}`,
    perSecond.toFixed(0),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
  ]);
}

function aimsOf(overload: readonly Answer[], best: number, workMs: number, durationMs: number): Aim[] {
  const codes = byCode(overload, durationMs);
  const [done, refused] = [codes.get(200), codes.get(429)];
  // Goodput counts what was answered while the load lasted, not the queue that is worked off after it.
  const startMs = Math.min(...overload.map(({ atMs, latencyMs }) => atMs - latencyMs));
  const inTime = overload.filter((answer) => isDone(answer) && answer.atMs <= startMs + durationMs).length;
  const share = ((inTime / durationMs) * 1000) / best;
  const others = overload.length - (done?.count ?? 0) - (refused?.count ?? 0);
  return [
    {
      text: `goodput at least ${MIN_GOODPUT} of the best throughput`,
      measured: share.toFixed(2),
      met: share >= MIN_GOODPUT,
    },
    { text: 'all others are refused with 429', measured: `${others} are not`, met: others === 0 },
    {
      text: `refused at once: p50 below the ${workMs} ms that a script takes`,
      measured: `${(refused?.p50Ms ?? Number.NaN).toFixed(1)} ms, p99 ${(refused?.p99Ms ?? Number.NaN).toFixed(1)} ms`,
      met: (refused?.p50Ms ?? Number.POSITIVE_INFINITY) < workMs,
    },
  ];
}

main().catch((error: Error) => {
  process.stderr.write(`bench-gateway-overload: ${error.message}\n`);
  process.exit(stop.signal.aborted ? 130 : 1);
});
