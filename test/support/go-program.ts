import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUILDER = fileURLToPath(new URL('../go-program.sh', import.meta.url));

/** A program of a module that the directory's go.mod requires. */
export interface RequiredProgram {
  readonly package: string;
  readonly tags?: readonly string[];
}

/**
 * The path of a Go program of the tests. Builds it if it does not exist yet: a minute, or some for a required one. Throws one
 * sentence if it cannot be built.
 *
 * @param what for people, while they wait
 */
export function goProgram(directory: URL, name: string, what: string, required?: RequiredProgram): string {
  const more = required === undefined ? [] : [required.package, (required.tags ?? []).join(',')];
  try {
    return execFileSync(BUILDER, [fileURLToPath(directory), name, what, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    }).trim();
  } catch {
    throw new Error(`${name} could not be built (above): it needs Go 1.26 or later (https://go.dev/dl).`);
  }
}
