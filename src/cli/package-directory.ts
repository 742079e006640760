import { fileURLToPath } from 'node:url';

/** Where this package is; works from src/cli/ and from dist/cli/. Links are resolved, so that it is a clone where npm has linked one. */
export function packageDirectory(): string {
  return fileURLToPath(new URL('../../', import.meta.url));
}
