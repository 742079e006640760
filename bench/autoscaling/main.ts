import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { plot } from './plot.ts';
import { copepod, fixed, hpa } from './scalers.ts';
import { simulate } from './simulate.ts';
import { TRACES } from './traces.ts';

const USAGE = `Simulates loads with the operator's autoscaler, a HorizontalPodAutoscaler's rule, and a fixed number of pods equal to the
mean of the first; prints a table.

Usage: node bench/autoscaling/main.ts [options]

  --draw             also write bench/measurements/autoscaling/*.svg
  --help             this text
`;

const RUNTIME = { vmsPerPod: 4, scriptSeconds: 0.2, podStartSeconds: 4, firstReplicas: 0 };
const TARGET = 0.7;
const MAX_REPLICAS = 500;
const COLOURS: Readonly<Record<string, string>> = { copepod: '#0072b2', HPA: '#d55e00', fixed: '#7a7a7a' };
const FOLDER = new URL('../measurements/autoscaling/', import.meta.url);

function play(draws: boolean): void {
  console.log(
    `scripts of ${RUNTIME.scriptSeconds} s on pods of ${RUNTIME.vmsPerPod} VMs that take ${RUNTIME.podStartSeconds} s to start\n`,
  );
  console.log('| load | scaler | pods, mean | pods, most | wait, mean | wait, p99 |');
  console.log('|---|---|---|---|---|---|');
  for (const trace of TRACES) {
    const config = {
      minReplicas: 0,
      maxReplicas: MAX_REPLICAS,
      targetPerPod: RUNTIME.vmsPerPod * TARGET,
      stableWindowMs: 60_000,
    };
    const ours = simulate(trace, RUNTIME, copepod(config));
    const mean = Math.ceil(ours.podSeconds / trace.seconds);
    const runs = [
      ours,
      simulate(trace, { ...RUNTIME, firstReplicas: 1 }, hpa({ target: TARGET, maxReplicas: MAX_REPLICAS })),
      simulate(trace, { ...RUNTIME, firstReplicas: mean }, fixed(mean)),
    ];
    for (const { scaler, podSeconds, replicas, meanWait, p99Wait } of runs) {
      const pods = (podSeconds / trace.seconds).toFixed(0);
      const most = Math.max(...replicas);
      console.log(
        `| ${trace.name} | ${scaler} | ${pods} | ${most} | ${meanWait.toFixed(2)} s | ${p99Wait.toFixed(1)} s |`,
      );
    }
    if (!draws) continue;
    mkdirSync(FOLDER, { recursive: true });
    const load = Array.from({ length: trace.seconds }, (_, second) => trace.arrivals(second));
    const lines = (of: (run: (typeof runs)[number]) => readonly number[]) =>
      runs.map((run) => ({ name: run.scaler, colour: COLOURS[run.scaler] ?? '#000', values: of(run) }));
    const svg = plot(`${trace.name}: ${trace.what}`, trace.seconds, [
      { title: 'executions a second', series: [{ name: '', colour: '#222', values: load }] },
      { title: 'pods', series: lines(({ replicas }) => replicas) },
      { title: 'wait for a VM, seconds', series: lines(({ waits }) => waits) },
    ]);
    writeFileSync(new URL(`${trace.name}.svg`, FOLDER), svg);
  }
}

try {
  const { values } = parseArgs({
    options: { draw: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) process.stdout.write(USAGE);
  else play(values.draw);
} catch (error) {
  process.stderr.write(`bench-autoscaling: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
