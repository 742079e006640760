import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubeObject, TestClient } from '../api-server/client.ts';
import { currentConnection } from '../api-server/connection.ts';

const BUILDER = fileURLToPath(new URL('../cluster/binaries.sh', import.meta.url));

/** The CronJob controller of a real kube-controller-manager, alone: no Job of it runs a pod. */
export class CronJobController {
  readonly #kubeconfig: string;
  #process: ChildProcess | undefined;

  constructor(kubeconfig = join(currentConnection().directory, 'kubeconfig')) {
    this.#kubeconfig = kubeconfig;
  }

  start(): void {
    const directory = execFileSync(BUILDER, ['kube-controller-manager'], { encoding: 'utf8' }).trim();
    const args = ['--kubeconfig', this.#kubeconfig, '--controllers', 'cronjob-controller', '--leader-elect=false'];
    // Its own port is of no use here, and could be taken.
    this.#process = spawn(join(directory, 'kube-controller-manager'), [...args, '--secure-port', '0'], {
      stdio: 'ignore',
    });
  }

  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    const exited = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await exited;
  }
}

interface Job extends KubeObject {
  readonly status: { readonly conditions?: readonly { readonly type: string }[] };
}

/** A user's view of the CronJobs of a namespace. The test plays their Jobs. */
export class CronJobs {
  readonly #api: TestClient;
  readonly #path: string;
  readonly #namespace: string;

  constructor(api: TestClient, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#path = `/apis/batch/v1/namespaces/${namespace}`;
  }

  async create(name: string, spec: object): Promise<void> {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'none' }] } };
    const metadata = { labels: { cronjob: name } };
    await this.#api.request('POST', `${this.#path}/cronjobs`, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name },
      spec: { ...spec, jobTemplate: { metadata, spec: { template } } },
    });
  }

  async patch(name: string, spec: object): Promise<void> {
    await this.#api.request('PATCH', `${this.#path}/cronjobs/${name}`, { spec }, 'application/merge-patch+json');
  }

  /** The Jobs that there are. */
  async jobs(name: string): Promise<readonly Job[]> {
    const { items } = await this.#api.request<{ items: Job[] }>(
      'GET',
      `${this.#path}/jobs?labelSelector=cronjob%3D${name}`,
    );
    return items;
  }

  isOver({ status }: Job): boolean {
    return status.conditions?.some(({ type }) => type === 'Complete') ?? false;
  }

  /** Ends a Job as the Job controller would. */
  async complete(job: Job): Promise<void> {
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = { status: 'True', lastTransitionTime: now, lastProbeTime: now, reason: 'Test', message: '' };
    const status = {
      startTime: now,
      completionTime: now,
      succeeded: 1,
      conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({ ...condition, type })),
    };
    const patch = { status };
    const path = `${this.#path}/jobs/${job.metadata.name}/status`;
    await this.#api.request('PATCH', path, patch, 'application/merge-patch+json');
  }

  /** The reasons of the Events of a CronJob. */
  async eventReasons(name: string): Promise<string[]> {
    const { items } = await this.#api.request<{
      items: { reason: string; involvedObject: { name: string; kind: string } }[];
    }>('GET', `/api/v1/namespaces/${this.#namespace}/events`);
    return items
      .filter(({ involvedObject }) => involvedObject.kind === 'CronJob' && involvedObject.name === name)
      .map(({ reason }) => reason);
  }
}
