import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../api-server/client.ts';

const BINARIES = fileURLToPath(new URL('../../cluster/binaries.sh', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The YAML that `kubectl apply -k DIRECTORY` would apply. */
export function kustomize(directory: string): string {
  return execFileSync(findKubectl(), ['kustomize', join(ROOT, directory)], { encoding: 'utf8' });
}

/** Parses the objects of a multi-document YAML text. */
export function objectsOf(text: string): KubeObject[] {
  return [...parseAllDocuments(text)].map((document) => document.toJS() as KubeObject);
}

/** kubectl from the same place as the API server (built once, half a minute), else from the PATH. */
export function findKubectl(): string {
  const { KUBEBUILDER_ASSETS: assets } = process.env;
  const cache = execFileSync(BINARIES, ['--print'], { encoding: 'utf8' }).trim();
  for (const directory of assets ? [assets, cache] : [cache]) {
    const file = join(directory, 'kubectl');
    if (existsSync(file)) return file;
  }
  if (spawnSync('go', ['version']).status === 0) {
    execFileSync(BINARIES, ['kubectl'], { stdio: ['ignore', 'ignore', 'inherit'] });
    return join(cache, 'kubectl');
  }
  if (spawnSync('kubectl', ['version', '--client']).status === 0) return 'kubectl';
  throw new Error(
    'The tests of deploy/ need kubectl (for kustomize): put it into the PATH, or install Go 1.26 or later to build it.',
  );
}
