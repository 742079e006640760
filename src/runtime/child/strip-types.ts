import { stripTypeScriptTypes } from 'node:module';
import { SourceError } from './syntax-error.ts';

const HINTS: readonly [RegExp, string][] = [
  [/enum/, 'write a const object instead'],
  [/namespace|module/, 'use plain objects or functions instead'],
  [/parameter property/, 'declare the field and assign it in the constructor'],
];

/** A source has exhausted the stack of what strips types, which is WebAssembly and of no use to anyone afterwards. */
export class BrokenStripperError extends SourceError {
  constructor() {
    super('SyntaxError: the source nests too deeply');
  }
}

/**
 * TypeScript to JavaScript of the same length: types become blanks, so that positions stay true.
 * @throws BrokenStripperError if this process can strip no more types; SourceError for what does not parse, or has no meaning without a compiler (enum, namespace).
 */
export function stripTypes(source: string): string {
  try {
    return stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: 'script' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_INTERNAL_ASSERTION') throw new BrokenStripperError();
    throw sourceError(error as Error);
  }
}

/** Node shows the place of a TypeScript error in its stack alone: `script:LINE`, the line, and a mark under the column. */
function sourceError(error: Error): SourceError {
  const [head, , mark] = (error.stack ?? '').split('\n');
  const line = Number(/^script:(\d+)$/.exec(head ?? '')?.[1] ?? Number.NaN);
  const column = (mark ?? '').indexOf('^') + 1;
  const hint = HINTS.find(([pattern]) => pattern.test(error.message) && /not supported/.test(error.message))?.[1];
  const message = `SyntaxError: ${error.message.split('\n', 1)[0]}${hint === undefined ? '' : `: ${hint}`}`;
  return Number.isNaN(line) ? new SourceError(message) : new SourceError(message, line, Math.max(column, 1));
}
