import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeObject } from '../api-server/client.ts';

const MODULE = 'github.com/prometheus-operator/prometheus-operator';

/**
 * The CustomResourceDefinitions of the Prometheus Operator, in the version of go.mod: some MB of YAML that need not be in this
 * repository. Throws without Go or
 * a network the first time.
 *
 * @param plurals for example `podmonitors`
 */
export function prometheusOperatorDefinitions(...plurals: readonly string[]): KubeObject[] {
  const directory = moduleDirectory();
  return plurals.map((plural) => {
    const file = join(directory, 'example/prometheus-operator-crd', `monitoring.coreos.com_${plural}.yaml`);
    return parse(readFileSync(file, 'utf8')) as KubeObject;
  });
}

/** Where Go keeps the module, once it has downloaded it. */
function moduleDirectory(): string {
  const [, version = ''] =
    new RegExp(`${MODULE} (v\\S+)`).exec(readFileSync(join(import.meta.dirname, 'go.mod'), 'utf8')) ?? [];
  const { GOMODCACHE, GOPATH = join(homedir(), 'go') } = process.env;
  const kept = join(GOMODCACHE ?? join(GOPATH, 'pkg/mod'), `${MODULE}@${version}`);
  if (existsSync(kept)) return kept;
  const go = (...args: string[]): string =>
    execFileSync('go', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  go('mod', 'download', MODULE);
  return go('list', '-m', '-f', '{{.Dir}}', MODULE).trim();
}
