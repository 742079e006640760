import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = ['etcd', 'kube-apiserver'];
/** Built together: a test that renders deploy/ must not wait for kubectl. */
const BUILT = [...NEEDED, 'kubectl'];
const BUILDER = fileURLToPath(new URL('../cluster/binaries.sh', import.meta.url));

/**
 * The directory with `kube-apiserver` and `etcd`: `KUBEBUILDER_ASSETS` if set, else the cache, which
 * `test/cluster/binaries.sh` fills from the Go module proxy (minutes, once, progress on stderr). Throws an error that
 * says how to get them if they can be neither found nor built.
 */
export function findBinaries(env: NodeJS.ProcessEnv = process.env): string {
  const assets = env.KUBEBUILDER_ASSETS;
  if (assets) {
    const missing = missingIn(assets);
    if (missing.length === 0) return assets;
    throw new Error(
      `KUBEBUILDER_ASSETS is ${assets}, which holds no ${missing.join(' and no ')}: correct or unset it.`,
    );
  }
  const cache = execFileSync(BUILDER, ['--print'], { encoding: 'utf8', env }).trim();
  if (missingIn(cache, BUILT).length === 0) return cache;
  if (spawnSync('go', ['version'], { env }).status !== 0) {
    if (missingIn(cache).length === 0) return cache;
    throw new Error(
      'The tests against a Kubernetes API server need kube-apiserver and etcd: install Go 1.26 or later to build them, or set KUBEBUILDER_ASSETS to a directory that holds them.',
    );
  }
  execFileSync(BUILDER, BUILT, { stdio: ['ignore', 'ignore', 'inherit'], env });
  return cache;
}

function missingIn(directory: string, names = NEEDED): string[] {
  return names.filter((name) => !isExecutable(join(directory, name)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
