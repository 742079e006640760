import type { ScriptExecution, ScriptRuntime } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS, SCRIPT_RUNTIMES } from '../../src/cluster/resources.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { pause } from '../../src/kube/pause.ts';
import type { Resource } from '../../src/kube/resource.ts';
import {
  DEPLOYMENTS,
  type Deployment,
  PODS,
  type Pod,
  REPLICA_SETS,
  type ReplicaSet,
} from '../../src/kube/resources.ts';
import { newExecution, observeExecution } from '../cluster/executions.ts';
import { blockedPods } from '../cluster/pods.ts';
import { at } from '../cluster/steps.ts';
import type { Target } from '../cluster/target.ts';
import { until } from '../cluster/until.ts';
import { hasAddress, isReady, isScheduled, type Moment, type Moments, startUpOf } from './moments.ts';
import { nowMs, Sightings } from './sightings.ts';

const RUNTIME = 'default';
const CHILD = `copepod-${RUNTIME}`;
/** The shortest the API allows: how long an idle runtime keeps its pods. */
const STABLE_WINDOW = '6s';
const ZERO_WITHIN_MS = 90_000;
/** The kubelet syncs containers and probes once a second: each round starts at a random moment of that second. */
const KUBELET_PERIOD_MS = 1000;

type Watches = Awaited<ReturnType<typeof watchesOf>>;

/** The two ways to a serving pod, one after the other in one namespace. Disposing it ends its watches. */
export class Rounds {
  readonly #target: Target;
  readonly #namespace: string;
  readonly #signal: AbortSignal;
  readonly #watches: Watches;
  readonly #over: AbortController;
  #made = 0;

  private constructor(
    target: Target,
    namespace: string,
    { signal, watches, over }: { signal: AbortSignal; watches: Watches; over: AbortController },
  ) {
    this.#target = target;
    this.#namespace = namespace;
    this.#signal = signal;
    this.#watches = watches;
    this.#over = over;
  }

  /** Creates the ScriptRuntime and resolves once it has no pod. */
  static async start(target: Target, namespace: string, poolSize: number, signal: AbortSignal): Promise<Rounds> {
    const over = new AbortController();
    const watches = await watchesOf(target, namespace, AbortSignal.any([signal, over.signal]));
    const rounds = new Rounds(target, namespace, { signal, watches, over });
    const autoscaling = { minReplicas: 0, maxReplicas: 1, stableWindow: STABLE_WINDOW };
    const manifest = { metadata: { name: RUNTIME, namespace }, spec: { autoscaling, pool: { size: poolSize } } };
    await target.client.create(SCRIPT_RUNTIMES, manifest as unknown as ScriptRuntime, { signal });
    await rounds.#atZero();
    return rounds;
  }

  /** An execution without a pod, from its create to its success. Resolves when there is no pod again. */
  async fromZero(): Promise<Moments> {
    const { deployments, replicaSets, executions } = this.#watches;
    const name = `from-zero-${this.#made++}`;
    const wantsPod = ({ spec }: Deployment | ReplicaSet): boolean => (spec?.replicas ?? 0) > 0;
    const seen = Promise.all([
      deployments.first('the scale-up of the Deployment', wantsPod),
      replicaSets.first('the scale-up of the ReplicaSet', wantsPod),
      this.#podSeen(() => true),
      executions.first('the execution to end', (object) => object.metadata.name === name && hasEnded(object)),
    ]);
    seen.catch(() => {}); // reported below, unless the create fails
    const sentAt = await this.#begin();
    await this.#target.client.create(SCRIPT_EXECUTIONS, newExecution(this.#namespace, name, RUNTIME));
    const answered = nowMs();
    const [deployment, replicaSet, podMoments, { object, at: end }] = await seen;
    const { status } = object;
    requireSuccess(object);
    const startUp = await startUpOf(this.#target, this.#namespace, status.claim?.podName ?? '');
    await this.#atZero();
    return since(sentAt, {
      answered,
      deployment: deployment.at,
      replicaSet: replicaSet.at,
      ...podMoments,
      ...startUp,
      claimed: at(status.claim?.claimTime),
      started: at(status.startTime),
      completed: at(status.completionTime),
      end,
    });
  }

  /**
   * A pod from the runtime's Deployment template without an owner, from its create to Ready. Resolves when it is
   * deleted.
   */
  async barePod(): Promise<Moments> {
    const { client } = this.#target;
    const { spec } = await client.get(DEPLOYMENTS, { namespace: this.#namespace, name: CHILD });
    const { template } = spec ?? {};
    const name = `bare-${this.#made++}`;
    const ref = { namespace: this.#namespace, name };
    // Without the labels: the Deployment would adopt it.
    const metadata = { ...ref, annotations: template?.metadata?.annotations };
    const isIt = (pod: Pod): boolean => pod.metadata.name === name;
    const seen = Promise.all([
      this.#podSeen(isIt),
      this.#watches.pods.first('the pod to be Ready', (pod) => isIt(pod) && isReady(pod)),
    ]);
    seen.catch(() => {}); // reported below, unless the create fails
    const sentAt = await this.#begin();
    await client.create(PODS, { metadata, spec: template?.spec } as Pod);
    const answered = nowMs();
    const [podMoments, { at: end }] = await seen;
    const startUp = await startUpOf(this.#target, this.#namespace, name);
    await client.delete(PODS, ref, { gracePeriodSeconds: 1 });
    await this.#atZero();
    return since(sentAt, { answered, ...podMoments, ...startUp, end });
  }

  [Symbol.dispose](): void {
    this.#over.abort(new Error('the rounds are over'));
  }

  async #begin(): Promise<number> {
    await pause(KUBELET_PERIOD_MS * (1 + Math.random()), this.#signal);
    this.#signal.throwIfAborted();
    return nowMs();
  }

  async #podSeen(isIt: (pod: Pod) => boolean) {
    const { pods } = this.#watches;
    const [pod, scheduled, address] = await Promise.all([
      pods.first('a pod', isIt),
      pods.first('a pod to be scheduled', (each) => isIt(each) && isScheduled(each)),
      pods.first('a pod to have an address', (each) => isIt(each) && hasAddress(each)),
    ]);
    return { pod: pod.at, scheduled: scheduled.at, address: address.at };
  }

  /** No pod in the namespace, and none desired. */
  async #atZero(): Promise<void> {
    const { client } = this.#target;
    const selection = { namespace: this.#namespace };
    const isZero = async () => {
      const deployment = await client.find(DEPLOYMENTS, { ...selection, name: CHILD });
      if (deployment?.spec?.replicas !== 0 || (deployment.status?.replicas ?? 0) > 0) return undefined;
      return (await client.list(PODS, selection)).items.length === 0 ? true : undefined;
    };
    const why = async () => blockedPods((await client.list(PODS, selection)).items);
    await until('all pods to be deleted', ZERO_WITHIN_MS, this.#signal, isZero, why);
  }
}

async function watchesOf({ client }: Target, namespace: string, signal: AbortSignal) {
  const watch = <T extends KubeObject>(resource: Resource<T>) => Sightings.start(client, resource, namespace, signal);
  const [deployments, replicaSets, pods, executions] = await Promise.all([
    watch(DEPLOYMENTS),
    watch(REPLICA_SETS),
    watch(PODS),
    watch(SCRIPT_EXECUTIONS),
  ]);
  return { deployments, replicaSets, pods, executions };
}

const hasEnded = (execution: ScriptExecution): boolean => observeExecution(execution).end !== undefined;

/** @throws Error if it finished in any other way */
function requireSuccess(execution: ScriptExecution): void {
  const { state, message = '', end } = observeExecution(execution);
  if (end !== 'good') throw new Error(`${execution.metadata.name} ended as ${state}: ${message}`);
}

function since(start: number, times: Partial<Record<Moment, number | undefined>>): Moments {
  const told = Object.entries(times).filter(([, time]) => time !== undefined) as [Moment, number][];
  return Object.fromEntries(told.map(([moment, time]) => [moment, time - start]));
}
