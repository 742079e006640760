// `make bench-cluster-gateway`: a script by objects, by Execute and by endpoints, on one cluster in one run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES } from '../../src/cluster/resources.ts';
import { PODS } from '../../src/kube/resources.ts';
import { closedLoop } from '../closed-loop.ts';
import { EndWatcher } from '../cluster/end-watcher.ts';
import { observeExecution } from '../cluster/executions.ts';
import { inNamespace } from '../cluster/namespace.ts';
import { OperatorDeployment } from '../cluster/operator-deployment.ts';
import { Progress } from '../cluster/progress.ts';
import { aimsText } from '../cluster/report.ts';
import { RUNTIME, readyPods, startRuntime } from '../cluster/runtime.ts';
import { stopOnInterrupt } from '../cluster/stop-on-interrupt.ts';
import { Target } from '../cluster/target.ts';
import { HttpClient } from '../contestants/http-post.ts';
import { machineFacts } from '../machine.ts';
import { small } from '../scenarios/small.ts';
import { callerToken } from './caller.ts';
import { figuresOf, type Measured, type Size } from './figures.ts';
import { GatewayDeployment } from './gateway-deployment.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { processorTimes, processorTimesSince } from './processor-time.ts';
import { aimsOf, scalingTable, sizeTable } from './report.ts';
import { makeEndpoints, prepareWays } from './ways.ts';

const WARM_UP_MS = 1500;
const STALL_LIMIT_MS = 60_000;

const signal = stopOnInterrupt();
const progress = new Progress();

/** Measures all ways at all sizes, in a namespace. */
async function measureIn(
  namespace: string,
  target: Target,
  deployment: GatewayDeployment,
  operatorUid: string,
  options: Options,
): Promise<Measured[]> {
  const [{ pods: firstPods, gateways: firstGateways }] = options.sizes as [Size];
  progress.step(`waiting for runtime pods`);
  await deployment.scaledTo(firstGateways, signal);
  const spec = { replicas: firstPods, pool: { size: options.poolSize } };
  await startRuntime(target, namespace, spec, firstPods, signal);
  const authorization = `Bearer ${await callerToken(target, namespace, signal)}`;
  using watcher = await EndWatcher.start<ScriptExecution>(target.client, SCRIPT_EXECUTIONS, namespace, {
    observe: observeExecution,
    stallLimitMs: STALL_LIMIT_MS,
    signal,
  });

  await makeEndpoints(target, namespace, signal);

  let executions = 0;
  const nextName = (): string => `bench-${executions++}`;
  const measured: Measured[] = [];
  for (const size of options.sizes) {
    progress.step(`scaling to ${size.gateways}:${size.pods}`);
    const gateways = await deployment.scaledTo(size.gateways, signal);
    await target.client.mergePatch(SCRIPT_RUNTIMES, { namespace, name: RUNTIME }, { spec: { replicas: size.pods } });
    await readyPods(target, namespace, size.pods, signal);
    const { items } = await target.client.list(PODS, { namespace });
    const where = {
      stateDir: target.stateDir,
      pods: {
        operator: [operatorUid],
        gateways: gateways.map(({ metadata }) => metadata.uid ?? ''),
        pods: items.map(({ metadata }) => metadata.uid ?? ''),
      },
    };
    for (let round = 1; round <= options.rounds; round++) {
      // Connections of its own: the Service spreads them over the gateways that there are now.
      const gateway = new HttpClient(deployment.port, deployment.host, { authorization });
      const ways = await prepareWays({ target, namespace, gateway, watcher, nextName, signal });
      for (const way of options.ways) {
        progress.step(`${size.gateways}:${size.pods}, round ${round} of ${options.rounds}: ${way}`);
        const loop = (durationMs: number) =>
          closedLoop(ways[way], small, { concurrency: options.concurrency, durationMs });
        await loop(WARM_UP_MS);
        signal.throwIfAborted();
        const before = processorTimes(where);
        const sample = await loop(options.durationMs);
        measured.push({ way, size, round, sample, processor: processorTimesSince(before, processorTimes(where)) });
      }
      gateway.close();
    }
  }
  progress.step('removing the namespace');
  return measured;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) return void process.stdout.write(USAGE);

  const target = await Target.connect();
  await target.requireKinds();
  const deployment = await GatewayDeployment.find(target);
  const operator = await OperatorDeployment.find(target);
  if (!operator) throw new Error('Deployment copepod-system/copepod-operator does not exist: run `make deploy` first');
  const operatorUid = (await operator.leader(signal)).metadata.uid ?? '';
  const machine = machineFacts();
  console.log(
    `${target.server}, with ${machine.cores} x ${machine.cpu}, Node ${machine.node}, load ${machine.loadAverage}`,
  );
  console.log(
    `${options.concurrency} at once; ${options.poolSize} VMs a pod; medians of ${options.rounds} rounds of ${options.durationMs / 1000} s; everything shares the cores\n`,
  );

  let measured: Measured[];
  try {
    measured = await inNamespace(target, { purpose: 'gateway', keep: options.keep, signal }, (namespace) =>
      measureIn(namespace, target, deployment, operatorUid, options),
    );
  } finally {
    await deployment.restore();
    target.close();
  }
  progress.clear();

  const figures = figuresOf(measured);
  for (const size of options.sizes) console.log(sizeTable(figures, size));
  console.log(scalingTable(figures, options.sizes));
  const aims = options.sizes.map((size) => ({ size, aims: aimsOf(figures, size) }));
  for (const { size, aims: of } of aims) {
    console.log(`${size.gateways}:${size.pods}. ${aimsText(of)}`);
  }
  mkdirSync(dirname(options.jsonFile), { recursive: true });
  const text = JSON.stringify({ machine, server: target.server, options, measured, figures, aims }, null, 2);
  writeFileSync(options.jsonFile, `${text}\n`);
  console.log(`figures: ${relative('.', options.jsonFile)}`);
}

main().catch((error: Error) => {
  progress.clear();
  process.stderr.write(`bench-cluster-gateway: ${error.message}\n`);
  process.exit(signal.aborted ? 130 : 1);
});
