import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubeObject, TestClient } from '../api-server/client.ts';
import { currentConnection } from '../api-server/connection.ts';

const BUILDER = fileURLToPath(new URL('../cluster/binaries.sh', import.meta.url));

/** As long as the kubelet waits first. */
const RESTART_MS = 10_000;

/**
 * The CronJob controller of a real kube-controller-manager, alone: no Job of it runs a pod. As on a cluster it elects a
 * leader, ends when it loses its lease, and is started again: without that, its back-off after minutes without an API server
 * lasts as long as they did.
 */
export class CronJobController {
  readonly #kubeconfig: string;
  #process: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(kubeconfig = join(currentConnection().directory, 'kubeconfig')) {
    this.#kubeconfig = kubeconfig;
  }

  start(): void {
    const directory = execFileSync(BUILDER, ['kube-controller-manager'], { encoding: 'utf8' }).trim();
    const args = ['--kubeconfig', this.#kubeconfig, '--controllers', 'cronjob-controller'];
    // Its own port is of no use here, and could be taken.
    const child = spawn(join(directory, 'kube-controller-manager'), [...args, '--secure-port', '0'], {
      stdio: 'ignore',
    });
    this.#process = child;
    child.once('exit', () => {
      if (this.#process === child) this.#restart = setTimeout(() => this.start(), RESTART_MS);
    });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#restart);
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined || process.exitCode !== null) return;
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
