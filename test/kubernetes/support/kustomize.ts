import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../api-server/client.ts';

const BINARIES = fileURLToPath(new URL('../../cluster/binaries.sh', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What `kubectl apply -k DIRECTORY` would apply: text that holds every object. */
export function kustomize(directory: string): string {
  return execFileSync(findKubectl(), ['kustomize', join(ROOT, directory)], { encoding: 'utf8' });
}

/** The objects of a text of YAML documents. */
export function objectsOf(text: string): KubeObject[] {
  return [...parseAllDocuments(text)].map((document) => document.toJS() as KubeObject);
}

/** Where the API server comes from, kubectl does too: half a minute, once. Else that of the PATH. */
function findKubectl(): string {
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
    'The tests of deploy/ need kubectl, which knows kustomize: put it into the PATH, or install Go 1.26 or later, with which it is built.',
  );
}
