import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './objects.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Objects of the YAML files of a folder in this repository, without their namespace. */
export function manifestsIn(folder: string): Manifest[] {
  return globSync(`${folder}/*.yaml`, { cwd: ROOT })
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(`${ROOT}${file}`, 'utf8')))
    .map((document) => document.toJS() as Manifest)
    .map(({ metadata: { namespace: _, ...metadata }, ...manifest }) => ({ ...manifest, metadata }) as Manifest);
}

/** An expectation in the annotations of an example. */
export const expected = ({ metadata }: Manifest, what: 'reason' | 'result' | 'line' | 'column'): string | undefined =>
  metadata.annotations?.[`copepod.dev/expected-${what}`];
