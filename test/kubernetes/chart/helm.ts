import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from '../../api-server/client.ts';
import { goProgram } from '../../support/go-program.ts';
import { objectsOf } from '../support/kustomize.ts';

export const CHART = fileURLToPath(new URL('../../../charts/copepod', import.meta.url));

/** Values of the chart, as in a values file. */
export type Values = Readonly<Record<string, unknown>>;

let program: string | undefined;

/** Helm's path; builds it the first time. */
export function findHelm(): string {
  program ??= goProgram(new URL('../../helm/', import.meta.url), 'helm', 'for the tests of the chart', {
    package: 'helm.sh/helm/v4/cmd/helm',
  });
  return program;
}

/** Runs Helm without the user's settings. Rejects with its output if it fails. */
export async function helm(args: readonly string[], input = ''): Promise<string> {
  return await new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, HOME: '/nonexistent', HELM_NO_PLUGINS: '1' };
    const child = execFile(findHelm(), args, { env, timeout: 60_000, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`helm ${args.join(' ')}: ${stderr}${stdout}`));
      else resolve(stdout);
    });
    child.stdin?.end(input);
  });
}

/** The objects that `helm install` of a release named copepod would create. */
export async function rendered(values: Values, namespace = 'copepod-system'): Promise<KubeObject[]> {
  const args = ['template', 'copepod', CHART, '--namespace', namespace, '--values', '-'];
  return objectsOf(await helm(args, JSON.stringify(values))).filter((object) => object !== null);
}
