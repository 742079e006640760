import { defineResource } from '../../src/kube/resource.ts';
import { DEPLOYMENTS, PODS, type Pod } from '../../src/kube/resources.ts';
import { isReady } from '../cluster/operator-deployment.ts';
import { blockedPods } from '../cluster/pods.ts';
import { scaleDeployment } from '../cluster/scale.ts';
import type { Target } from '../cluster/target.ts';
import { until } from '../cluster/until.ts';

const REF = { namespace: 'copepod-system', name: 'copepod-gateway' };
const SELECTION = { namespace: REF.namespace, labelSelector: 'app.kubernetes.io/component=gateway' };
/** Longer than its pods take to drain. */
const SCALED_WITHIN_MS = 180_000;

interface Service {
  metadata: { name: string; namespace?: string };
  spec: { clusterIP: string; ports: { port: number }[] };
}
const SERVICES = defineResource<Service>('v1', 'Service', 'services');

/** The deployed gateway, behind its Service. */
export class GatewayDeployment {
  readonly #target: Target;
  readonly #replicas: number;
  /** Address of the Service in the cluster. */
  readonly host: string;
  readonly port: number;

  private constructor(target: Target, replicas: number, { spec }: Service) {
    this.#target = target;
    this.#replicas = replicas;
    this.host = spec.clusterIP;
    this.port = spec.ports[0]?.port ?? 80;
  }

  /** @throws Error that says what to do if it is not deployed */
  static async find(target: Target): Promise<GatewayDeployment> {
    const [deployment, service] = await Promise.all([
      target.client.find(DEPLOYMENTS, REF),
      target.client.find(SERVICES, REF),
    ]);
    if (!deployment || !service) {
      throw new Error(
        `Deployment ${REF.namespace}/${REF.name} does not exist: run \`kubectl apply -k deploy/gateway\``,
      );
    }
    return new GatewayDeployment(target, deployment.spec?.replicas ?? 1, service);
  }

  /** Scales it, and resolves with its pods when there are as many, all ready. */
  async scaledTo(replicas: number, signal: AbortSignal): Promise<Pod[]> {
    await scaleDeployment(this.#target, REF, replicas);
    const probe = async (): Promise<Pod[] | undefined> => {
      const pods = await this.#pods();
      return pods.length === replicas && pods.every(isReady) ? pods : undefined;
    };
    return until(`${replicas} ready pods of the gateway`, SCALED_WITHIN_MS, signal, probe, async () =>
      blockedPods(await this.#pods()),
    );
  }

  /** Gives it the replicas again that it had; does not wait for them. */
  async restore(): Promise<void> {
    await scaleDeployment(this.#target, REF, this.#replicas);
  }

  async #pods(): Promise<Pod[]> {
    return (await this.#target.client.list(PODS, SELECTION)).items;
  }
}
