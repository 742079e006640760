import type { Step } from '../cluster/figures.ts';
import { inNamespace } from '../cluster/namespace.ts';
import { type RuntimeSpec, startRuntime } from '../cluster/runtime.ts';
import { stepsOf } from '../cluster/steps.ts';
import { tableLines } from '../cluster/table.ts';
import { type Latency, latencyOf } from './latency.ts';
import { type Check, nothingFailed, type PartContext, type PartResult } from './part.ts';
import { type Round, steadyAndFlood } from './steady-and-flood.ts';

const MOST_TIMES = 2;

/** Two namespaces with a runtime each. */
export async function measureFairness(context: PartContext): Promise<PartResult> {
  const { target, options, signal } = context;
  const namespace = (purpose: string) => ({ purpose, keep: options.keep, signal });
  const spec = runtimeSpec(context);
  const rounds = await inRounds(context, () =>
    inNamespace(target, namespace('steady'), (steady) =>
      inNamespace(target, namespace('flood'), async (flooded) => {
        await Promise.all([steady, flooded].map((name) => startRuntime(target, name, spec, options.pods, signal)));
        return steadyAndFlood(context, { steady: { namespace: steady }, flood: { namespace: flooded } });
      }),
    ),
  );
  return resultOf('two namespaces with a ScriptRuntime each', rounds);
}

/** Two tenants of one runtime, with either isolation. */
export async function measureTenants(context: PartContext): Promise<PartResult> {
  const { target, options, signal } = context;
  const results: PartResult[] = [];
  for (const tenantIsolation of ['Isolate', 'Process'] as const) {
    const purpose = `tenants-${tenantIsolation.toLowerCase()}`;
    const spec = runtimeSpec(context, tenantIsolation);
    const rounds = await inRounds(context, () =>
      inNamespace(target, { purpose, keep: options.keep, signal }, async (namespace) => {
        await startRuntime(target, namespace, spec, options.pods, signal);
        const of = (id: string) => ({ namespace, spec: { context: { tenant: { id } } } });
        return steadyAndFlood(context, { steady: of('steady'), flood: of('flood') });
      }),
    );
    results.push(resultOf(`two tenants of one ScriptRuntime, tenantIsolation ${tenantIsolation}`, rounds));
  }
  const cost =
    '  With Process, a VM goes from one tenant to the other by a fork: 170 ms of processor time on this machine.';
  return {
    text: [...results.map(({ text }) => text), cost].join('\n'),
    figures: results.map(({ figures }) => figures),
    checks: results.flatMap(({ checks }) => checks),
  };
}

/** Each anew: nothing of the round before is there. */
async function inRounds({ options }: PartContext, measure: () => Promise<Round>): Promise<Round[]> {
  const rounds: Round[] = [];
  while (rounds.length < options.fairness.rounds) rounds.push(await measure());
  return rounds;
}

function runtimeSpec({ options }: PartContext, tenantIsolation?: 'Isolate' | 'Process'): RuntimeSpec {
  const pool = { size: options.poolSize, ...(tenantIsolation && { tenantIsolation }) };
  return { replicas: options.pods, pool };
}

interface PhaseFigures {
  readonly name: string;
  readonly latency: Latency;
  /** Where the time went. */
  readonly steps: readonly Step[];
  readonly ownDelayP99Ms: number;
}

/** A phase in all rounds together. */
function phaseFigures(rounds: readonly Round[], index: number): PhaseFigures {
  const phases = rounds.flatMap(({ phases }) => phases[index] ?? []);
  const runs = phases.flatMap((phase) => phase.runs);
  const ownDelayP99Ms = Math.max(...phases.map((phase) => phase.ownDelayP99Ms));
  const steps = stepsOf(runs.flatMap(({ timeline }) => timeline ?? []));
  return { name: phases[0]?.name ?? '', latency: latencyOf(runs), steps, ownDelayP99Ms };
}

function resultOf(title: string, rounds: readonly Round[]): PartResult {
  const phases = (rounds[0]?.phases ?? []).map((_, index) => phaseFigures(rounds, index));
  const failures = rounds.flatMap((round) => round.failures);
  const operatorLagSeconds = Math.max(...rounds.map((round) => round.operatorLagSeconds ?? 0));
  const floods = rounds.map(({ flood }) => flood);
  const mean = (rate: 'createsPerSecond' | 'perSecond'): string =>
    (floods.reduce((sum, flood) => sum + flood[rate], 0) / floods.length).toFixed(0);
  const ms = (value: number): string => value.toFixed(1);
  const rows = phases.map(({ name, latency: { count, p50Ms, p99Ms, maxMs }, ownDelayP99Ms }) => {
    return [name, String(count), ms(p50Ms), ms(p99Ms), ms(maxMs), ms(ownDelayP99Ms)];
  });
  const head = [title, 'executions', 'p50 ms', 'p99 ms', 'most ms', 'own delay p99 ms'];
  const [alone, during] = phases;
  const timesOf = (phase: PhaseFigures | undefined, at: 'p50Ms' | 'p99Ms'): number =>
    (phase?.latency[at] ?? Number.NaN) / (alone?.latency[at] ?? Number.NaN);
  const times = timesOf(during, 'p99Ms');
  const check: Check = {
    text: `${title}: p99 in the flood at most ${MOST_TIMES} times that of alone`,
    measured: `${times.toFixed(2)} times; p50 ${timesOf(during, 'p50Ms').toFixed(2)} times`,
    met: times <= MOST_TIMES,
  };
  const told = `  the flood: ${floods[0]?.count}, created ${mean('createsPerSecond')} a second, done ${mean('perSecond')} a second, ${rounds.length} times; longest turn of the operator's event loop ${(operatorLagSeconds * 1000).toFixed(0)} ms`;
  const ratios = phases.slice(1).map((phase) => {
    return `${phase.name.trim()} ${timesOf(phase, 'p50Ms').toFixed(2)} / ${timesOf(phase, 'p99Ms').toFixed(2)}`;
  });
  const byRound = rounds.map(({ phases: [alone, flooded] }) => {
    const [before, during] = [latencyOf(alone?.runs ?? []), latencyOf(flooded?.runs ?? [])];
    return `${(during.p50Ms / before.p50Ms).toFixed(2)} / ${(during.p99Ms / before.p99Ms).toFixed(2)}`;
  });
  const compared = `  times as long as alone, p50 / p99: ${ratios.join(', ')}`;
  const spread = rounds.length > 1 ? [`  in the flood, round by round: ${byRound.join(', ')}`] : [];
  const names = [...new Set(phases.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  const stepRows = names.map((name) => {
    const found = phases.map(({ steps }) => steps.find((step) => step.name === name));
    return [name, ...found.map((step) => (step ? `${ms(step.p50Ms)} / ${ms(step.p99Ms)}` : ''))];
  });
  const stepHead = ['p50 / p99 ms', ...phases.map(({ name }) => name.trim())];
  return {
    text: [...tableLines([head, ...rows]), told, compared, ...spread, '', ...tableLines([stepHead, ...stepRows])].join(
      '\n',
    ),
    figures: { title, phases, floods, byRound, operatorLagSeconds, failures },
    checks: [check, nothingFailed(`${title}: executions`, failures)],
  };
}
