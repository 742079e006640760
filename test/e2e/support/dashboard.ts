import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '../../integration/support/cli.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { kubectl, kubectlJson } from './kubectl.ts';
import type { Namespace } from './namespace.ts';

const SYSTEM = ['--namespace', 'copepod-system'];
const MANIFESTS = 'deploy/dashboard';

/** `copepod dashboard` on this machine, with a user's kubeconfig. */
export class LocalDashboard implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'copepod-dashboard-'));
  #command: Command | undefined;

  /** Starts it; returns it with the URL that it has printed. */
  static async start(namespace: Namespace, token: string): Promise<{ dashboard: LocalDashboard; url: string }> {
    const dashboard = new LocalDashboard();
    const KUBECONFIG = join(dashboard.#directory, 'config');
    await writeKubeconfig(KUBECONFIG, namespace, token);
    const command = new Command(['dashboard'], { env: { KUBECONFIG } });
    dashboard.#command = command;
    await command.waitFor(/http:\/\/\S+\s/);
    return { dashboard, url: /http:\/\/\S+/.exec(command.stdout)?.[0] ?? '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#command?.child.kill('SIGTERM');
    await this.#command?.ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Applies deploy/dashboard with the image of the operator that runs; returns the URL of its Service once it is ready. */
export async function installDashboard(): Promise<string> {
  const path = 'jsonpath={.spec.template.spec.containers[0].image}';
  const image = await kubectl([...SYSTEM, 'get', 'deployment', 'copepod-operator', '--output', path]);
  const manifests = await kubectl(['kustomize', MANIFESTS]);
  const input = manifests.replace('localhost/copepod:dev', image);
  await kubectl(['apply', '--server-side', '--filename', '-'], { input });
  await kubectl([...SYSTEM, 'rollout', 'status', 'deployment/copepod-dashboard', '--timeout=180s']);
  const service = await kubectlJson<{ spec: { clusterIP: string } }>([
    ...SYSTEM,
    'get',
    'service',
    'copepod-dashboard',
  ]);
  return `http://${service.spec.clusterIP}/`;
}

export const uninstallDashboard = (): Promise<string> =>
  kubectl(['delete', '--kustomize', MANIFESTS, '--ignore-not-found', '--wait=false']);
