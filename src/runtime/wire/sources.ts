import type { ProgramSource } from '../compiler/program.ts';
import { packParts, unpackParts } from './texts.ts';
import type { CompileMessage } from './to-sandbox.ts';

/** The sources of a program in a message: their texts are in its blob. */
export type SourcesMessage = Pick<CompileMessage, 'files' | 'parts' | 'imports'>;

/** What a process is sent to compile a program. */
export function packSources({ files, imports }: ProgramSource): SourcesMessage & { readonly blob: Buffer } {
  const named = files.map(({ name, language }) => (language === undefined ? { name } : { name, language }));
  return { files: named, imports, ...packParts(files.map(({ source }) => source)) };
}

/** The program that was sent. @throws RangeError if the blob is shorter than its parts */
export function unpackSources({ files, parts, imports }: SourcesMessage, blob: Buffer): ProgramSource {
  const sources = unpackParts(parts, blob) as string[];
  return { files: files.map((file, i) => ({ ...file, source: sources[i] as string })), imports };
}
