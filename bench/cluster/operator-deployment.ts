import type { ObjectRef } from '../../src/kube/object.ts';
import { DEPLOYMENTS, type Deployment, LEASES, type Lease, PODS, type Pod } from '../../src/kube/resources.ts';
import { blockedPods } from './pods.ts';
import type { Progress } from './progress.ts';
import { scaleDeployment } from './scale.ts';
import type { Target } from './target.ts';
import { until } from './until.ts';

const REF: ObjectRef = { namespace: 'copepod-system', name: 'copepod-operator' };
const GONE_WITHIN_MS = 120_000;
const LEADS_WITHIN_MS = 120_000;
/** Longer than a lease that was not released. */
const FREE_WITHIN_MS = 20_000;

/** The deployed operator. */
export class OperatorDeployment {
  /** Its user name at the API server. */
  readonly user: string;
  readonly #target: Target;
  readonly #replicas: number;
  readonly #labelSelector: string;

  private constructor(target: Target, { spec }: Deployment) {
    this.#target = target;
    this.#replicas = spec?.replicas ?? 1;
    this.#labelSelector = Object.entries(spec?.selector.matchLabels ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
    this.user = `system:serviceaccount:${REF.namespace}:${spec?.template.spec?.serviceAccountName ?? 'default'}`;
  }

  /** Returns undefined if the operator is not deployed. */
  static async find(target: Target): Promise<OperatorDeployment | undefined> {
    const deployment = await target.client.find(DEPLOYMENTS, REF);
    return deployment && new OperatorDeployment(target, deployment);
  }

  /** Waits for a leader and returns its pod. @throws Error that says what prevents it. */
  async leader(signal: AbortSignal): Promise<Pod> {
    if (this.#replicas === 0) {
      const how = `kubectl --namespace ${REF.namespace} scale deployment ${REF.name} --replicas=1`;
      throw new Error(`the operator is scaled to 0: ${how}`);
    }
    const probe = async (): Promise<Pod | undefined> => {
      const holder = await this.#holder();
      return (await this.#pods()).find((pod) => isReady(pod) && isIdentityOf(pod, holder));
    };
    return until('the operator to be ready and to lead', LEADS_WITHIN_MS, signal, probe, async () =>
      blockedPods(await this.#pods()),
    );
  }

  /** The pod of the next leader, as soon as it holds the Lease. */
  async nextLeader(before: Pod, signal: AbortSignal): Promise<Pod> {
    const probe = async (): Promise<Pod | undefined> => {
      const holder = await this.#holder();
      return isIdentityOf(before, holder) ? undefined : (await this.#pods()).find((pod) => isIdentityOf(pod, holder));
    };
    return until('another operator to lead', LEADS_WITHIN_MS, signal, probe, async () =>
      blockedPods(await this.#pods()),
    );
  }

  /** @throws Error if another pod leads by now: the measurement then covers two leaders, or another operator. */
  async requireLeader(pod: Pod): Promise<void> {
    const holder = await this.#holder();
    if (isIdentityOf(pod, holder)) return;
    throw new Error(`the leader changed from ${pod.metadata.name} to ${holder ?? 'none'} during the measurement`);
  }

  /** Runs `inside` while the operator is scaled to zero; resolves when a new leader leads. */
  async stoppedWhile<T>(progress: Progress, signal: AbortSignal, inside: () => Promise<T>): Promise<T> {
    progress.step('scaling the operator to 0');
    try {
      await scaleDeployment(this.#target, REF, 0);
      const isGone = async () => ((await this.#pods()).length === 0 ? true : undefined);
      await until("the deletion of the operator's pods", GONE_WITHIN_MS, signal, isGone);
      const isFree = async () => ((await this.#holder()) === undefined ? true : undefined);
      await until(
        'the Lease to expire',
        FREE_WITHIN_MS,
        signal,
        isFree,
        async () => `${await this.#holder()} holds it`,
      );
      return await inside();
    } finally {
      await scaleDeployment(this.#target, REF, this.#replicas);
      if (this.#replicas > 0 && !signal.aborted) {
        progress.step('waiting for the operator to lead again');
        await this.leader(signal);
      }
    }
  }

  /** Identity of the leader, whether or not it is a pod of the Deployment. */
  async #holder(): Promise<string | undefined> {
    const { items: leases } = await this.#target.client.list(LEASES, { namespace: REF.namespace });
    return leases.find(isFresh)?.spec?.holderIdentity;
  }

  async #pods(): Promise<Pod[]> {
    const selection = { namespace: REF.namespace, labelSelector: this.#labelSelector };
    return (await this.#target.client.list(PODS, selection)).items;
  }
}

export function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return Boolean(ready) && !metadata.deletionTimestamp;
}

function isFresh({ spec }: Lease): boolean {
  const { holderIdentity, renewTime = '', leaseDurationSeconds = 0 } = spec ?? {};
  return Boolean(holderIdentity) && Date.parse(renewTime) > Date.now() - leaseDurationSeconds * 1000;
}

/** An identity starts with the host name, which is the pod's name. */
function isIdentityOf({ metadata: { name } }: Pod, identity: string | undefined): boolean {
  return identity === name || Boolean(identity?.startsWith(`${name}_`));
}
