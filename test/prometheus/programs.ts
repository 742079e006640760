import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goProgram } from '../support/go-program.ts';

/** The modules that Prometheus finds its targets with need the clients of thirty clouds; these tests need none. */
const TAGS = ['remove_all_sd'];
const MODULE = new URL('./', import.meta.url);
const PACKAGE = 'github.com/prometheus/prometheus/cmd';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

type Program = 'prometheus' | 'promtool';

/**
 * The path of Prometheus or its tool: in `PROMETHEUS_ASSETS` if set, else from the PATH (Debian's package `prometheus` has both), else
 * built from source, which takes long the first time.
 */
export function findProgram(name: Program): string {
  const { PROMETHEUS_ASSETS: assets, PATH = '' } = process.env;
  for (const directory of assets ? [assets] : PATH.split(delimiter)) {
    const file = join(directory, name);
    if (existsSync(file)) return file;
  }
  if (assets) throw new Error(`PROMETHEUS_ASSETS is ${assets}, which holds no ${name}: correct or unset it.`);
  return goProgram(MODULE, name, 'for the tests of alerts and dashboards', {
    package: `${PACKAGE}/${name}`,
    tags: TAGS,
  });
}

export interface Checked {
  readonly code: number | null;
  readonly output: string;
}

/** Runs promtool at the root of the repository. */
export function promtool(args: readonly string[], input = ''): Checked {
  const { status, stdout, stderr, error } = spawnSync(findProgram('promtool'), args, {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error) throw error;
  return { code: status, output: `${stdout}${stderr}` };
}
