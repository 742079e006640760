import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries } from '../../api-server/binaries.ts';
import { type Connection, currentConnection } from '../../api-server/connection.ts';

/** An object as the API server gives it back. */
export interface AppliedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What the cluster makes of a file. */
export interface DryRun {
  /** Empty where it is refused. */
  readonly objects: readonly AppliedObject[];
  /** Why, where it is refused. */
  readonly error: string;
}

/** Files in one call of kubectl: to start it takes longer than to apply one. */
const BATCH = 100;

/**
 * What `kubectl apply --dry-run=server --validate=strict` makes of each of these texts, each a file of its own. They are
 * applied together, so a text writes `NAME` where the name of an object begins: it becomes one that no other text has.
 *
 * @param extension of the files, such as `yaml`
 */
export async function dryRuns(
  texts: readonly string[],
  { extension = 'yaml', connection = currentConnection() }: { extension?: string; connection?: Connection } = {},
): Promise<DryRun[]> {
  const directory = mkdtempSync(join(tmpdir(), 'copepod-kubectl-'));
  try {
    const files = texts.map((text, index) => {
      const path = join(directory, `${uniqueName(index)}.${extension}`);
      writeFileSync(path, text.replaceAll('NAME', uniqueName(index)));
      return path;
    });
    const results: DryRun[] = [];
    for (let start = 0; start < files.length; start += BATCH) {
      results.push(...(await dryRunBatch(files.slice(start, start + BATCH), connection)));
    }
    return results;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What stands for `NAME` in the text of this index. */
export const uniqueName = (index: number): string => `m${String(index).padStart(5, '0')}m`;

async function dryRunBatch(files: readonly string[], connection: Connection): Promise<DryRun[]> {
  // It prints objects only where none is refused: first which are, then the objects of the others.
  const { stdout, stderr } = await apply(files, [], connection);
  const nameOf = (file: string) => /m\d{5}m/.exec(file.slice(file.lastIndexOf('/')))?.[0] ?? '';
  const accepted = files.filter((file) => stdout.includes(nameOf(file)) && !stderr.includes(nameOf(file)));
  const { stdout: json, stderr: error } = await apply(accepted, ['-o', 'json'], connection);
  if (accepted.length > 0 && json === '') throw new Error(`kubectl printed no objects: ${error}`);
  const printed = accepted.length === 0 ? { items: [] } : JSON.parse(json);
  const objects: readonly AppliedObject[] = printed.items ?? [printed];
  return files.map((file) => {
    const name = nameOf(file);
    return {
      objects: accepted.includes(file) ? objects.filter(({ metadata }) => metadata.name.includes(name)) : [],
      error: stderr
        .split('\n')
        .filter((line) => line.includes(name))
        .join('\n'),
    };
  });
}

async function apply(
  files: readonly string[],
  options: readonly string[],
  { directory }: Connection,
): Promise<{ stdout: string; stderr: string }> {
  if (files.length === 0) return { stdout: '', stderr: '' };
  const args = ['apply', '--dry-run=server', '--validate=strict', '--kubeconfig', join(directory, 'kubeconfig')];
  const named = files.flatMap((file) => ['-f', file]);
  return await new Promise((resolve) => {
    const kubectl = join(findBinaries(), 'kubectl');
    execFile(kubectl, [...args, ...options, ...named], { maxBuffer: 2 ** 29 }, (_, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
}

/** What a user does with `kubectl apply -f`. */
export async function kubectlApply(object: object, connection: Connection = currentConnection()): Promise<void> {
  const kubectl = join(findBinaries(), 'kubectl');
  const args = ['--kubeconfig', join(connection.directory, 'kubeconfig'), 'apply', '-f', '-'];
  await new Promise<void>((resolve, reject) => {
    const applying = execFile(kubectl, args, { timeout: 60_000 }, (error, _stdout, stderr) =>
      error === null ? resolve() : reject(new Error(stderr)),
    );
    applying.stdin?.end(JSON.stringify(object));
  });
}
