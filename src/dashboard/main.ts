import { isIPv6 } from 'node:net';
import { cannotListen, UsageError } from '../api/usage-error.ts';
import { KubeClient } from '../kube/client.ts';
import type { CredentialSource } from '../kube/credentials.ts';
import { untilAborted } from '../kube/until-aborted.ts';
import { BearerViewers } from './access/bearer-viewers.ts';
import { LocalAccess } from './access/local-access.ts';
import { LocalViewers } from './access/local-viewers.ts';
import { Dashboard, type DashboardParts } from './dashboard.ts';
import { DashboardServer } from './server.ts';
import { readStaticFiles } from './static-files.ts';

interface Served {
  readonly port: number;
  /** Namespace that the page begins with; empty: all. */
  readonly namespace: string;
  readonly version: string;
  /** Aborted to end. */
  readonly signal: AbortSignal;
  /** Called once it serves. @param url to open */
  readonly onServing: (url: string) => void;
  readonly onBug: (error: unknown) => void;
}

export interface LocalDashboard extends Served {
  readonly address: string;
  /** Of the user of this machine. */
  readonly source: CredentialSource;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Serves the dashboard to this machine, with the rights of a kubeconfig, until the signal is aborted.
 * @throws UsageError if it cannot listen, or would listen to other machines
 */
export async function serveLocalDashboard({ source, ...served }: LocalDashboard): Promise<void> {
  if (!LOOPBACK.has(served.address)) {
    throw new UsageError(
      `--address: ${served.address} is not a loopback address`,
      'whoever reaches it would have your rights; with --auth Bearer each viewer has their own',
    );
  }
  const local = new LocalAccess();
  const client = KubeClient.to(source, { userAgent: userAgent(served) });
  const viewers = new LocalViewers(client, local);
  const about = aboutOf(served, source.server, 'Kubeconfig');
  await serve(served, { viewers, local, about }, (base) => `${base}/#token=${local.token}`);
}

export interface ClusterDashboard extends Served {
  /** Undefined: all addresses. */
  readonly address: string | undefined;
  /** The API server. */
  readonly server: URL;
  /** Certificates of the authority that signs its certificate, PEM. */
  readonly ca: string;
}

/**
 * Serves the dashboard to viewers that send a bearer token with each request. It has no credential of its own.
 * @throws UsageError if it cannot listen
 */
export async function serveClusterDashboard({ server, ca, ...served }: ClusterDashboard): Promise<void> {
  const viewers = new BearerViewers({ server, ca, userAgent: userAgent(served) });
  await serve(served, { viewers, local: undefined, about: aboutOf(served, server, 'Bearer') }, (base) => `${base}/`);
}

async function serve(
  { port, address, signal, onServing, onBug }: Served & { readonly address: string | undefined },
  parts: Pick<DashboardParts, 'viewers' | 'local' | 'about'>,
  urlOf: (base: string) => string,
): Promise<void> {
  const server = new DashboardServer(new Dashboard({ ...parts, files: readStaticFiles(), onBug }));
  try {
    const bound = await server.listen(port, address).catch((error: unknown): never => {
      throw cannotListen(port, error);
    });
    onServing(
      urlOf(`http://${address === undefined ? 'localhost' : isIPv6(address) ? `[${address}]` : address}:${bound}`),
    );
    await untilAborted(signal);
    await server.close();
  } finally {
    parts.viewers.close();
  }
}

const userAgent = ({ version }: Served): string => `copepod-dashboard/${version}`;

function aboutOf({ version, namespace }: Served, server: URL, auth: 'Kubeconfig' | 'Bearer'): DashboardParts['about'] {
  return { version, namespace, cluster: server.host, auth };
}
