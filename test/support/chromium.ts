import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Time in which Chromium is installed, where it is not, in milliseconds. */
export const INSTALLED_WITHIN_MS = 300_000;

/** Path of a Chromium, which is installed if there is none and that is possible. @throws Error if it is not */
export function chromiumPath(): string {
  const script = fileURLToPath(new URL('chromium.sh', import.meta.url));
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return execFileSync(script, { encoding: 'utf8', stdio: [...stdio], timeout: INSTALLED_WITHIN_MS }).trim();
}
