import { createRequire } from 'node:module';
import type TypeScript from 'typescript-5';

/** TypeScript's own compiler, of which only the parser is used here. It takes some 100 ms to load. */
export function typeScript(): typeof TypeScript {
  // Works from src/cli/ and from dist/cli/.
  return createRequire(import.meta.url)('../../dist/sandbox/typescript-5.cjs') as typeof TypeScript;
}
