import { readFileSync } from 'node:fs';
import { terminalText } from '../../api/text.ts';
import { UsageError } from '../../api/usage-error.ts';
import { serveClusterDashboard, serveLocalDashboard } from '../../dashboard/main.ts';
import { EXIT } from '../exit-code.ts';
import { type ClusterOptions, readCredentials } from '../kubectl/cluster.ts';
import { terminalStyle } from '../output/style.ts';
import { packageVersion } from '../package-version.ts';
import { interruptible } from '../run/interrupt.ts';

export interface DashboardOptions extends ClusterOptions {
  readonly port?: number;
  readonly address?: string;
  readonly auth: 'Kubeconfig' | 'Bearer';
  readonly certificateAuthority?: string;
  readonly allNamespaces?: boolean;
}

/** Default of `--certificate-authority`: the file that Kubernetes mounts into pods. */
const POD_CA = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';

/** `copepod dashboard`: serves it until it is interrupted. Returns the exit code. */
export async function dashboardCommand(options: DashboardOptions): Promise<number> {
  const { auth, port = 0, address, allNamespaces, namespace } = options;
  const interrupt = interruptible();
  interrupt.handleSignals();
  const { bold, dim } = terminalStyle(process.stdout);
  const served = {
    port,
    version: packageVersion(),
    signal: interrupt.signal,
    onBug: (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`copepod: a request failed by a bug: ${terminalText(text, { multiline: true })}\n`);
    },
    onServing: (url: string) => {
      process.stdout.write(`${bold('Copepod dashboard')}  ${url}\n${dim('Ctrl-C ends it.')}\n`);
    },
  };
  if (auth === 'Bearer') {
    const first = allNamespaces === true ? '' : (namespace ?? '');
    await serveClusterDashboard({ ...served, ...apiServer(options), address, namespace: first });
  } else {
    if (options.certificateAuthority !== undefined)
      throw new UsageError('--certificate-authority is for --auth Bearer');
    const source = await readCredentials(options);
    const first = allNamespaces === true ? '' : (namespace ?? source.namespace ?? 'default');
    await serveLocalDashboard({ ...served, source, address: address ?? '127.0.0.1', namespace: first });
  }
  return EXIT.ok;
}

/** The API server of a pod, without the pod's credential. */
function apiServer({ kubeconfig, context, certificateAuthority = POD_CA }: DashboardOptions): {
  readonly server: URL;
  readonly ca: string;
} {
  if (kubeconfig !== undefined || context !== undefined) {
    throw new UsageError('with --auth Bearer no kubeconfig is read', 'leave --kubeconfig and --context out');
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  if (!host) throw new UsageError('--auth Bearer is for a pod: KUBERNETES_SERVICE_HOST is not set');
  try {
    const ca = readFileSync(certificateAuthority, 'utf8');
    return { server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`), ca };
  } catch (error) {
    throw new UsageError(
      `cannot read ${certificateAuthority}: ${(error as Error).message}`,
      'name it with --certificate-authority',
    );
  }
}
