import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUILDER = fileURLToPath(new URL('../go-program.sh', import.meta.url));

/**
 * The path of a Go program of the tests. Builds it where it is not there: a minute, once. Throws one sentence where it can't be built.
 *
 * @param what for people, while they wait
 */
export function goProgram(directory: URL, name: string, what: string): string {
  try {
    return execFileSync(BUILDER, [fileURLToPath(directory), name, what], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    }).trim();
  } catch {
    throw new Error(`${name} could not be built (above): it needs Go 1.26 or later (https://go.dev/dl).`);
  }
}
