import type { ScriptRuntime } from '../../src/api/types.generated.ts';
import { SCRIPT_RUNTIMES } from '../../src/cluster/resources.ts';
import { PODS } from '../../src/kube/resources.ts';
import { blockedPods } from './pods.ts';
import type { Target } from './target.ts';
import { until } from './until.ts';

export const RUNTIME = 'default';
const READY_WITHIN_MS = 180_000;

/** The part of a ScriptRuntime's spec that a user writes; the API server adds the defaults. */
export type RuntimeSpec = Readonly<Record<string, unknown>>;

/** Creates ScriptRuntime `default` in the namespace and resolves once it has this many ready pods. */
export async function startRuntime(
  target: Target,
  namespace: string,
  spec: RuntimeSpec,
  pods: number,
  signal: AbortSignal,
): Promise<void> {
  const manifest = { metadata: { name: RUNTIME, namespace }, spec };
  await target.client.create(SCRIPT_RUNTIMES, manifest as unknown as ScriptRuntime, { signal });
  await readyPods(target, namespace, pods, signal);
}

/** Resolves once ScriptRuntime `default` reports this many ready pods. */
export async function readyPods(target: Target, namespace: string, pods: number, signal: AbortSignal): Promise<void> {
  const ref = { name: RUNTIME, namespace };
  const isReady = async () => {
    const { status } = await target.client.get(SCRIPT_RUNTIMES, ref, { signal });
    return status?.readyReplicas === pods ? true : undefined;
  };
  const why = async () => {
    const { status } = await target.client.get(SCRIPT_RUNTIMES, ref);
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    const { items } = await target.client.list(PODS, { namespace });
    return [ready?.message ?? 'the operator has not observed it', blockedPods(items)].filter(Boolean).join('; ');
  };
  await until(`${pods} ready pods of ScriptRuntime ${RUNTIME}`, READY_WITHIN_MS, signal, isReady, why);
}
