import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeObject } from '../api-server/client.ts';

const MODULE = 'github.com/prometheus-operator/prometheus-operator';

/**
 * The CustomResourceDefinitions of the Prometheus Operator, in the version of go.mod: some MB of YAML that need not be in this
 * repository. Throws without Go, or without a network the first time.
 *
 * @param plurals for example `podmonitors`
 */
export function prometheusOperatorDefinitions(...plurals: readonly string[]): KubeObject[] {
  const go = (...args: string[]): string =>
    execFileSync('go', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  go('mod', 'download', MODULE);
  const directory = go('list', '-m', '-f', '{{.Dir}}', MODULE).trim();
  return plurals.map((plural) => {
    const file = join(directory, 'example/prometheus-operator-crd', `monitoring.coreos.com_${plural}.yaml`);
    return parse(readFileSync(file, 'utf8')) as KubeObject;
  });
}
