import { pause } from '../../src/operator/kube/pause.ts';
import { lookAtExecution } from '../cluster/executions.ts';
import type { Step } from '../cluster/figures.ts';
import { inNamespace, userIn } from '../cluster/namespace.ts';
import { OperatorMemory } from '../cluster/operator-memory.ts';
import { type RuntimeSpec, startRuntime } from '../cluster/runtime.ts';
import { stepsOf } from '../cluster/steps.ts';
import { tableLines } from '../cluster/table.ts';
import { withWorkers } from '../cluster/workers.ts';
import { BusyLoop } from './busy-loop.ts';
import { Crowd, type Run } from './crowd.ts';
import { type Latency, latencyOf } from './latency.ts';
import { openLoop } from './open-loop.ts';
import { type Check, nothingFailed, type PartContext, type PartResult } from './part.ts';

const STALL_LIMIT_MS = 120_000;
const WARM_UP = 20;
const MOST_TIMES = 2;

interface Phase {
  readonly name: string;
  readonly latency: Latency;
  /** Where the time went. */
  readonly steps: readonly Step[];
  /** See BusyLoop. */
  readonly ownDelayP99Ms: number;
}

interface Figures {
  readonly phases: readonly Phase[];
  readonly flood: { readonly count: number; readonly createsPerSecond: number; readonly perSecond: number };
  readonly operatorLagSeconds: number | undefined;
  readonly failures: readonly string[];
}

/** Two namespaces with a runtime each. */
export async function measureFairness(context: PartContext): Promise<PartResult> {
  const { target, options, signal } = context;
  const namespace = (purpose: string) => ({ purpose, keep: options.keep, signal });
  const spec = runtimeSpec(context);
  return inNamespace(target, namespace('steady'), (steady) =>
    inNamespace(target, namespace('flood'), async (flooded) => {
      await Promise.all([steady, flooded].map((name) => startRuntime(target, name, spec, options.pods, signal)));
      const figures = await steadyAndFlood(context, { steady: { namespace: steady }, flood: { namespace: flooded } });
      return resultOf('two namespaces with a ScriptRuntime each', figures);
    }),
  );
}

/** Two tenants of one runtime, with either isolation. */
export async function measureTenants(context: PartContext): Promise<PartResult> {
  const { target, options, signal } = context;
  const results: PartResult[] = [];
  for (const tenantIsolation of ['Isolate', 'Process'] as const) {
    const purpose = `tenants-${tenantIsolation.toLowerCase()}`;
    const result = await inNamespace(target, { purpose, keep: options.keep, signal }, async (namespace) => {
      const spec = runtimeSpec(context, tenantIsolation);
      await startRuntime(target, namespace, spec, options.pods, signal);
      const of = (id: string) => ({ namespace, spec: { context: { tenant: { id } } } });
      const figures = await steadyAndFlood(context, { steady: of('steady'), flood: of('flood') });
      return resultOf(`two tenants of one ScriptRuntime, tenantIsolation ${tenantIsolation}`, figures);
    });
    results.push(result);
  }
  const cost =
    '  With Process, a VM goes from one tenant to the other by a fork: 170 ms of processor time on this machine.';
  return {
    text: [...results.map(({ text }) => text), cost].join('\n'),
    figures: results.map(({ figures }) => figures),
    checks: results.flatMap(({ checks }) => checks),
  };
}

function runtimeSpec({ options }: PartContext, tenantIsolation?: 'Isolate' | 'Process'): RuntimeSpec {
  const pool = { size: options.poolSize, ...(tenantIsolation && { tenantIsolation }) };
  return { replicas: options.pods, pool };
}

type Side = { readonly namespace: string; readonly spec?: Readonly<Record<string, unknown>> };

async function steadyAndFlood(
  { target, operator, progress, options, signal }: PartContext,
  sides: { readonly steady: Side; readonly flood: Side },
): Promise<Figures> {
  const { flood: count, perSecond, seconds } = options.fairness;
  const common = { look: lookAtExecution, stallLimitMs: STALL_LIMIT_MS, signal };
  // A user and a connection each: the flood's answers and events are in nobody's way.
  const start = (name: string, side: Side, keepsTimelines = false) =>
    Crowd.start(userIn(target, side.namespace), { ...common, ...side, name, keepsTimelines });
  using steady = await start('steady', sides.steady, true);
  using flood = await start('flood', sides.flood);
  using busy = new BusyLoop();
  using memory = new OperatorMemory(target, await operator.leader(signal));

  /** The steady ones for as long as the other load takes. */
  const beside = async (name: string, load: () => Promise<unknown>): Promise<Stretch> => {
    progress.step(`fairness: ${perSecond} a second ${name}`);
    busy.takeP99Ms();
    const startMs = performance.now();
    let endMs = Number.POSITIVE_INFINITY;
    const goesOn = (): boolean => performance.now() < endMs;
    await Promise.all([
      load().finally(() => {
        endMs = performance.now();
      }),
      openLoop({ perSecond, signal, goesOn }, (dueMs) => {
        void steady.send(dueMs);
        progress.at(flood.runs.length, count);
      }),
    ]);
    await steady.ended();
    const runs = steady.runs.filter(({ dueMs }) => dueMs >= startMs);
    return { startMs, endMs, runs, ownDelayP99Ms: busy.takeP99Ms() };
  };

  progress.step('fairness: warming up');
  await Promise.all([steady, flood].map((crowd) => withWorkers(WARM_UP, 4, () => crowd.send().ended)));

  const alone = await beside('alone', () => pause(seconds * 1000, signal));
  await memory.takePeak();
  let createdMs = Number.POSITIVE_INFINITY;
  const flooded = await beside(`beside a flood of ${count}`, async () => {
    await flood.flood(count, options.workers);
    createdMs = performance.now();
    await flood.ended();
  });
  // What nobody can be spared who uses this API server: the flood's creates, with nothing for the operator to do.
  const suspended = await beside(`beside the creates of ${count} that are suspended`, () =>
    flood.idleFlood(count, options.workers),
  );
  const { lagSeconds: operatorLagSeconds } = await memory.takePeak();
  progress.step(`fairness: removing ${2 * count + steady.sent} executions`);
  return {
    phases: [
      phaseOf('alone', alone),
      phaseOf('in the flood', flooded),
      phaseOf('  while it is created', flooded, ({ dueMs }) => dueMs < createdMs),
      phaseOf('  after that', flooded, ({ dueMs }) => dueMs >= createdMs),
      phaseOf('beside creates alone', suspended),
    ],
    flood: {
      count,
      createsPerSecond: (count / (createdMs - flooded.startMs)) * 1000,
      perSecond: (count / (flooded.endMs - flooded.startMs)) * 1000,
    },
    operatorLagSeconds,
    failures: [...steady.failures, ...flood.failures],
  };
}

/** Times by `performance.now()`. */
interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly runs: readonly Run[];
  readonly ownDelayP99Ms: number;
}

function phaseOf(name: string, stretch: Stretch, isOf: (run: Run) => boolean = () => true): Phase {
  const runs = stretch.runs.filter(isOf);
  const steps = stepsOf(runs.flatMap(({ timeline }) => timeline ?? []));
  return { name, latency: latencyOf(runs), steps, ownDelayP99Ms: stretch.ownDelayP99Ms };
}

function resultOf(title: string, figures: Figures): PartResult {
  const { phases, flood, failures, operatorLagSeconds = 0 } = figures;
  const ms = (value: number): string => value.toFixed(1);
  const rows = phases.map(({ name, latency: { count, p50Ms, p99Ms, maxMs }, ownDelayP99Ms }) => {
    return [name, String(count), ms(p50Ms), ms(p99Ms), ms(maxMs), ms(ownDelayP99Ms)];
  });
  const head = [title, 'executions', 'p50 ms', 'p99 ms', 'most ms', 'own delay p99 ms'];
  const [alone, during] = phases;
  const timesOf = (phase: Phase | undefined, at: 'p50Ms' | 'p99Ms'): number =>
    (phase?.latency[at] ?? Number.NaN) / (alone?.latency[at] ?? Number.NaN);
  const times = timesOf(during, 'p99Ms');
  const check: Check = {
    text: `${title}: p99 in the flood at most ${MOST_TIMES} times that of alone`,
    measured: `${times.toFixed(2)} times; p50 ${timesOf(during, 'p50Ms').toFixed(2)} times`,
    met: times <= MOST_TIMES,
  };
  const told = `  the flood: ${flood.count}, created ${flood.createsPerSecond.toFixed(0)} a second, done ${flood.perSecond.toFixed(0)} a second; longest turn of the operator's event loop ${(operatorLagSeconds * 1000).toFixed(0)} ms`;
  const ratios = phases.slice(1).map((phase) => {
    return `${phase.name.trim()} ${timesOf(phase, 'p50Ms').toFixed(2)} / ${timesOf(phase, 'p99Ms').toFixed(2)}`;
  });
  const compared = `  times as long as alone, p50 / p99: ${ratios.join(', ')}`;
  const names = [...new Set(phases.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  const stepRows = names.map((name) => {
    const found = phases.map(({ steps }) => steps.find((step) => step.name === name));
    return [name, ...found.map((step) => (step ? `${ms(step.p50Ms)} / ${ms(step.p99Ms)}` : ''))];
  });
  const stepHead = ['p50 / p99 ms', ...phases.map(({ name }) => name.trim())];
  return {
    text: [...tableLines([head, ...rows]), told, compared, '', ...tableLines([stepHead, ...stepRows])].join('\n'),
    figures: { title, ...figures },
    checks: [check, nothingFailed(`${title}: executions`, failures)],
  };
}
