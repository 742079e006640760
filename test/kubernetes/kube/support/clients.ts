import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeClient } from '../../../../src/kube/client.ts';
import type { ClientOptions } from '../../../../src/kube/client-options.ts';
import type { CredentialSource } from '../../../../src/kube/credentials.ts';
import { parseKubeConfig } from '../../../../src/kube/kube-config.ts';
import { type Connection, currentConnection } from '../../../api-server/connection.ts';

/** The administrator's kubeconfig of the API server, optionally through another port. */
export function kubeConfig({
  port,
  connection = currentConnection(),
}: {
  port?: number;
  connection?: Connection;
} = {}): Promise<CredentialSource> {
  const text = readFileSync(join(connection.directory, 'kubeconfig'), 'utf8');
  return parseKubeConfig(port === undefined ? text : text.replaceAll(connection.url, `https://127.0.0.1:${port}`));
}

export async function clientOf(options: ClientOptions & { port?: number } = {}): Promise<KubeClient> {
  return KubeClient.to(await kubeConfig(options.port === undefined ? {} : { port: options.port }), options);
}

/** The port of the API server. */
export function serverPort(): number {
  return Number(new URL(currentConnection().url).port);
}
