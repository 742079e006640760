import type { ValueReference } from '../../api/env.ts';
import type { PodStats } from '../../api/pod-protocol.ts';
import type { ScriptRuntime, ScriptRuntimeStatus } from '../../api/types.generated.ts';
import type { KnownRuntime } from '../../cluster/known-runtime.ts';
import type { KnownPod } from '../../cluster/pods/known-pod.ts';
import { RUNTIME_LABEL } from '../../cluster/pods/pod-template.ts';
import { SCRIPT_RUNTIMES } from '../../cluster/resources.ts';
import { isConflict, isNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ReconcileResult } from '../../kube/controller.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Informer } from '../../kube/informer.ts';
import type { Deployment } from '../../kube/resources.ts';
import type { Store } from '../../kube/store.ts';
import type { ChildReport, ChildWriter } from './child-writer.ts';
import { childName, childrenOf, templateOf } from './children.ts';
import { runtimeConditions } from './conditions.ts';
import { weakestContainment } from './containment.ts';
import { PodCounts } from './counts.ts';
import { covers } from './drift.ts';
import type { PodDefaults } from './pod-defaults.ts';
import { PODS_BY_RUNTIME } from './pods-by-runtime.ts';
import type { ScaleDown } from './scale-down.ts';

export interface RuntimeReconcilerParts {
  readonly client: KubeClient;
  readonly runtimes: Informer<KnownRuntime>;
  readonly deployments: Store<Deployment>;
  readonly pods: Store<KnownPod>;
  readonly children: Pick<ChildWriter, 'apply' | 'forget' | 'hasNetworkPolicy'>;
  readonly podDefaults: PodDefaults;
  /** The Secrets that requests for endpoints of a runtime are authenticated by. */
  readonly endpointSecrets: (runtime: string) => readonly ValueReference[];
  readonly events: EventRecorder;
  /** Desired number of pods of a runtime. */
  readonly replicas: (runtime: KnownRuntime) => number;
  readonly scaleDown: Pick<ScaleDown, 'step' | 'forget'>;
  /** Pods that accept runs of a runtime. */
  readonly serving: (runtime: string) => number;
  /** Whether executions have waited long for a runtime's VMs. */
  readonly isSaturated: (runtime: string) => boolean;
  /** Executions that run on, and wait for, a runtime. */
  readonly executions: (runtime: string) => { running: number; pending: number };
}

/** The applied state and its result. */
interface Intent {
  readonly replicas: number;
  readonly template: string | undefined;
  readonly problems: ChildReport['problems'];
}

/** Minimum interval of status updates that only change counters. */
const NUMBERS_EVERY_MS = 10_000;
/** A refusal may be resolved without an event: a raised quota, an added permission. */
const REFUSED_AGAIN_MS = 15_000;

/** Reconciles a ScriptRuntime with its pods, and reports their state in its status. */
export class RuntimeReconciler {
  readonly #parts: RuntimeReconcilerParts;
  readonly #counts = new Map<string, PodCounts>();
  readonly #numbersWrittenAt = new Map<string, number>();

  constructor(parts: RuntimeReconcilerParts) {
    this.#parts = parts;
  }

  /** Reconciles one runtime. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const runtime = this.#parts.runtimes.store.get(key);
    if (runtime === undefined) {
      this.#counts.delete(key);
      this.#numbersWrittenAt.delete(key);
      this.#parts.scaleDown.forget(key);
      this.#parts.children.forget(key);
      return undefined;
    }
    const replicas = this.#parts.replicas(runtime);
    // Its children are garbage-collected; its pods finish active runs.
    if (runtime.metadata.deletionTimestamp !== undefined) {
      return await this.#writeStatus(key, runtime, { replicas, problems: [], template: undefined });
    }
    const step = await this.#parts.scaleDown.step(key, runtime, replicas);
    const secrets = this.#parts.endpointSecrets(key);
    const children = childrenOf(runtime, step.replicas, this.#parts.podDefaults, secrets);
    const { problems, error, requeueAfterMs } = await this.#parts.children.apply(runtime, children);
    const result = await this.#writeStatus(key, runtime, { replicas, problems, template: templateOf(children) });
    // Status first: a lasting error would otherwise never be reported in it.
    if (error !== undefined) throw error;
    const againMs = problems.length > 0 ? REFUSED_AGAIN_MS : undefined;
    return soonest(result?.requeueAfterMs, step.lookAgainMs, requeueAfterMs ?? againMs);
  }

  /** Stats of a pod have arrived. */
  podTold(pod: KnownPod, stats: PodStats): void {
    const counts = this.#countsOf(pod.runtime);
    if (counts === undefined) return;
    counts.told(pod.metadata.uid ?? '', stats);
    const pods = [...this.#parts.pods.by(PODS_BY_RUNTIME, pod.runtime ?? '')];
    if (pods.every(({ metadata, isTerminal }) => isTerminal || counts.has(metadata.uid ?? ''))) counts.heardAll();
  }

  podGone(pod: KnownPod): void {
    this.#countsOf(pod.runtime)?.gone(pod.metadata.uid ?? '');
  }

  #countsOf(key: string | undefined): PodCounts | undefined {
    const runtime = key === undefined ? undefined : this.#parts.runtimes.store.get(key);
    if (key === undefined || runtime === undefined) return undefined;
    const counts = this.#counts.get(key) ?? new PodCounts(runtime.status);
    this.#counts.set(key, counts);
    return counts;
  }

  async #writeStatus(key: string, runtime: KnownRuntime, intent: Intent): Promise<ReconcileResult> {
    const status = this.#status(key, runtime, intent);
    const { executions, pool, compilation, retired, ...state } = status;
    const isNews = !sameState(runtime.status, state);
    const hasNumbers = !covers(runtime.status, { executions, pool, compilation, retired });
    if (!isNews && !hasNumbers) return undefined;
    const now = performance.now();
    const leftMs = (this.#numbersWrittenAt.get(key) ?? Number.NEGATIVE_INFINITY) + NUMBERS_EVERY_MS - now;
    if (!isNews && leftMs > 0) return { requeueAfterMs: leftMs };
    const written = await this.#write(runtime, status);
    if (written === undefined) return { requeueAfterMs: 50 };
    this.#numbersWrittenAt.set(key, now);
    this.#tell(runtime, written);
    return undefined;
  }

  #status(key: string, runtime: KnownRuntime, { replicas, problems, template }: Intent): ScriptRuntimeStatus {
    const { deployments, pods, serving, isSaturated, executions, children } = this.#parts;
    const { name, namespace } = runtime.metadata;
    const deployment = deployments.get({ namespace, name: childName(name) });
    // Pods of an older template are being replaced: their problems are irrelevant.
    const current = [...pods.by(PODS_BY_RUNTIME, key)].filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && pod.template === template,
    );
    const troubles = current.flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble]));
    const counts = this.#countsOf(key);
    const told = current.flatMap(({ metadata }) => counts?.latest(metadata.uid ?? '') ?? []);
    const containment = told.flatMap((stats) => stats.containment ?? []);
    // A new leader has heard no pod yet: what the last one heard still holds.
    const heard = weakestContainment(containment) ?? (current.length > 0 ? runtime.status.containment : undefined);
    const situation = {
      runtime,
      replicas,
      serving: serving(key),
      isSaturated: isSaturated(key),
      deployment,
      troubles,
      containment,
      values: told.flatMap(({ values }) => values ?? []),
      tools: told.map(({ tools = [] }) => tools),
      problems,
      hasNetworkPolicy: children.hasNetworkPolicy(key),
    };
    return {
      observedGeneration: runtime.metadata.generation ?? 1,
      replicas: deployment?.status?.replicas ?? 0,
      readyReplicas: deployment?.status?.readyReplicas ?? 0,
      selector: `${RUNTIME_LABEL}=${name}`,
      conditions: runtimeConditions(situation, new Date()),
      ...(heard === undefined ? {} : { containment: heard }),
      ...counts?.numbers(executions(key)),
    };
  }

  /** Returns undefined if the object has changed. */
  async #write(runtime: KnownRuntime, status: ScriptRuntimeStatus): Promise<ScriptRuntime | undefined> {
    const { client, runtimes } = this.#parts;
    try {
      const written = await client.replaceStatus(SCRIPT_RUNTIMES, { ...runtime, status });
      runtimes.observe(written);
      return written;
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      const found = await client.find(SCRIPT_RUNTIMES, runtime.metadata);
      if (found) runtimes.observe(found);
      return undefined;
    }
  }

  /** Records Events on transitions only. */
  #tell(before: KnownRuntime, after: ScriptRuntime): void {
    for (const type of [
      'Stalled',
      'Reconciling',
      'Ready',
      'Saturated',
      'SeccompInactive',
      'EnvMissing',
      'ToolsUnavailable',
    ] as const) {
      const [old, now] = [before, after].map(({ status }) => status.conditions?.find((each) => each.type === type));
      if (now === undefined || (old?.status === now.status && old.reason === now.reason)) continue;
      const { reason, message } = now;
      // Starting is not an Event; its obstacles are covered by the other conditions.
      if (type === 'Ready' ? now.status === 'False' : reason === 'Progressing') continue;
      const isBad = type !== 'Ready';
      this.#parts.events.record(after, {
        type: isBad ? 'Warning' : 'Normal',
        reason,
        action: 'Reconcile',
        note: message,
      });
    }
  }
}

function soonest(...times: (number | undefined)[]): ReconcileResult {
  const requeueAfterMs = Math.min(...times.filter((ms) => ms !== undefined));
  return Number.isFinite(requeueAfterMs) ? { requeueAfterMs } : undefined;
}

function sameState(before: ScriptRuntimeStatus, after: ScriptRuntimeStatus): boolean {
  return (
    covers(before, after) &&
    (before.conditions?.length ?? 0) === (after.conditions?.length ?? 0) &&
    (before.containment === undefined) === (after.containment === undefined)
  );
}
