// Generates the API's types and reference page from crds/, and the part of the Helm chart that it shares with crds/ and deploy/.
// With --check it writes nothing, names stale files and exits with 1.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Crd, KINDS, loadCrd } from '../src/api/crd.ts';
import { chartFiles } from './generate-chart.ts';
import { apiReference } from './generate-reference.ts';
import { withTemplate } from './generate-template.ts';
import { apiTypes } from './generate-types.ts';

const SCHEDULES = 'crds/scriptschedules.copepod.dev.yaml';
const EXECUTIONS = 'crds/scriptexecutions.copepod.dev.yaml';

/** Generated contents by path from the root of the repository. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const schedule = withTemplate(read(SCHEDULES) ?? '', read(EXECUTIONS) ?? '');
  const crds = KINDS.map((kind) => (kind === 'ScriptSchedule' ? (parse(schedule) as Crd) : loadCrd(kind)));
  return new Map([
    [SCHEDULES, schedule],
    ['src/api/types.generated.ts', await apiTypes(crds)],
    ['docs/api.md', apiReference(crds)],
    ...chartFiles((path) => (path === SCHEDULES ? schedule : (read(path) ?? ''))),
  ]);
}

/** Generated files that differ from what their sources yield. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of await generatedFiles()) if (read(path) !== text) stale.push(path);
  return stale;
}

function fileUrl(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(fileUrl(path), 'utf8');
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  const stale = await staleFiles();
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is stale: run 'npm run generate'`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  const files = await generatedFiles();
  for (const path of stale) {
    mkdirSync(dirname(fileURLToPath(fileUrl(path))), { recursive: true });
    writeFileSync(fileUrl(path), files.get(path) ?? '');
    console.log(`wrote ${path}`);
  }
}

if (import.meta.main) await main();
