import { tenantOf } from '../../../api/defaults.ts';
import type { ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import { executionState, runtimeState, wantedPods } from '../../../cluster/executions/state.ts';
import type { KubeObject } from '../../../kube/object.ts';

/** What the table shows of an execution; the rest of it is not kept. */
export interface ExecutionRow extends KubeObject {
  readonly runtime: string;
  readonly tenant: string;
  readonly state: 'running' | 'waiting' | 'succeeded' | 'failed';
  readonly reason: string;
  /** When it was claimed, has begun to wait, or ended; milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly pod: string;
}

/** The projection of an execution. Pure. */
export function executionRow(execution: ScriptExecution): ExecutionRow {
  const { apiVersion, kind, metadata, spec, status } = execution;
  const { name, namespace, uid, resourceVersion } = metadata;
  const { claim } = status;
  const { state, reason, since } = executionState(execution);
  return {
    apiVersion,
    kind,
    metadata: Object.assign({ name, namespace }, { uid, resourceVersion }) as KubeObject['metadata'],
    runtime: spec.runtimeRef.name,
    tenant: tenantOf(execution),
    state: state === 'suspended' ? 'waiting' : state,
    reason,
    sinceMs: Date.parse(since),
    pod: claim?.podName ?? '',
  };
}

/** What the table shows of a runtime. */
export interface RuntimeRow {
  readonly namespace: string;
  readonly name: string;
  readonly ready: number;
  readonly replicas: number;
  /** Pods that it is to have. */
  readonly wanted: number;
  /** VMs that run a script, and how many can at once. */
  readonly busy: number;
  readonly slots: number;
  readonly running: number;
  readonly waiting: number;
  readonly total: number;
  readonly failed: number;
  /** Reason of what is wrong with it, else of its condition Ready. */
  readonly state: string;
  readonly isWell: boolean;
  /** What is wrong with it, and what to do. */
  readonly message?: string;
}

/** The row of a runtime; running and waiting are counted in its executions. Pure. */
export function runtimeRow(runtime: ScriptRuntime, executions: Iterable<ExecutionRow>): RuntimeRow {
  const { metadata, spec, status } = runtime;
  const { name, namespace } = metadata;
  let [running, waiting] = [0, 0];
  for (const each of executions) {
    if (each.runtime !== name || each.metadata.namespace !== namespace) continue;
    if (each.state === 'running') running += 1;
    else if (each.state === 'waiting') waiting += 1;
  }
  const { readyReplicas = 0, replicas = 0, pool = {}, executions: counts = {} } = status;
  return {
    namespace,
    name,
    ready: readyReplicas,
    replicas,
    wanted: wantedPods(runtime),
    busy: pool.busy ?? 0,
    slots: readyReplicas * spec.pool.size,
    running,
    waiting,
    total: counts.total ?? 0,
    failed: (counts.errors ?? 0) + (counts.timeouts ?? 0),
    ...runtimeState(runtime),
  };
}

const ORDER = { running: 0, waiting: 1, failed: 2, succeeded: 2 };

/** Executions as the table has them: the longest running, the longest waiting, then those that ended last. Pure. */
export function ordered(executions: Iterable<ExecutionRow>): ExecutionRow[] {
  return [...executions].sort((one, other) => {
    const order = ORDER[one.state] - ORDER[other.state];
    if (order !== 0) return order;
    return ORDER[one.state] === 2 ? other.sinceMs - one.sinceMs : one.sinceMs - other.sinceMs;
  });
}
