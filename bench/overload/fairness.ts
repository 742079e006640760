import { inNamespace } from '../cluster/namespace.ts';
import { type RuntimeSpec, startRuntime } from '../cluster/runtime.ts';
import { fairnessResult } from './fairness-report.ts';
import type { PartContext, PartResult } from './part.ts';
import { type Round, steadyAndFlood } from './steady-and-flood.ts';

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
  return fairnessResult('two namespaces with a ScriptRuntime each', rounds);
}

/** Two tenants of one runtime, with both isolations. */
export async function measureTenants(context: PartContext): Promise<PartResult> {
  const { target, options, signal } = context;
  const results: PartResult[] = [];
  for (const tenantIsolation of ['Isolate', 'Process'] as const) {
    const purpose = `tenants-${tenantIsolation.toLowerCase()}`;
    const spec = { ...runtimeSpec(context, tenantIsolation), tenants: ['steady', 'flood'] };
    const rounds = await inRounds(context, () =>
      inNamespace(target, { purpose, keep: options.keep, signal }, async (namespace) => {
        await startRuntime(target, namespace, spec, options.pods, signal);
        const of = (id: string) => ({ namespace, spec: { context: { tenant: { id } } } });
        return steadyAndFlood(context, { steady: of('steady'), flood: of('flood') });
      }),
    );
    results.push(fairnessResult(`two tenants of one ScriptRuntime, tenantIsolation ${tenantIsolation}`, rounds));
  }
  const cost = '  With Process, a VM changes tenants by a fork: 170 ms of processor time on this machine.';
  return {
    text: [...results.map(({ text }) => text), cost].join('\n'),
    figures: results.map(({ figures }) => figures),
    checks: results.flatMap(({ checks }) => checks),
  };
}

/** Each round starts from scratch in new namespaces. */
async function inRounds({ options }: PartContext, measure: () => Promise<Round>): Promise<Round[]> {
  const rounds: Round[] = [];
  while (rounds.length < options.fairness.rounds) rounds.push(await measure());
  return rounds;
}

function runtimeSpec({ options }: PartContext, tenantIsolation?: 'Isolate' | 'Process'): RuntimeSpec {
  const pool = { size: options.poolSize, ...(tenantIsolation && { tenantIsolation }) };
  return { replicas: options.pods, pool };
}
