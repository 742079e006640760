import { writeFileSync } from 'node:fs';
import { kubectlJson } from './kubectl.ts';
import type { Namespace } from './namespace.ts';

/**
 * Writes a kubeconfig for the cluster of the tests whose context has a namespace.
 * @param token of another user; that of the tests where left out
 */
export async function writeKubeconfig(path: string, { name }: Namespace, token?: string): Promise<void> {
  const config = await kubectlJson<{
    contexts: { context: { namespace?: string } }[];
    users: { user: object }[];
  }>(['config', 'view', '--raw', '--flatten', '--minify']);
  for (const { context } of config.contexts) context.namespace = name;
  if (token !== undefined) for (const each of config.users) each.user = { token };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
}
