import type { FileMaps, ProgramSource } from '../compiler/program.ts';
import type { CompilerAnswer } from '../compiler-lane.ts';
import { packParts, unpackParts } from '../wire/texts.ts';
import { debuggerText } from './debugger-text.ts';

/** A compiled program whose files a debugger finds under the URLs of their author. @param urlOf URL of a file by its name */
export function forDebugger(
  { files: authors }: ProgramSource,
  answer: CompilerAnswer,
  urlOf: (name: string) => string,
): CompilerAnswer {
  const { compilation } = answer;
  if (compilation.kind !== 'program') return answer;
  const { files } = compilation.program;
  const isSource = [...compilation.isSource];
  const sources = new Map(authors.map(({ name, source }) => [name, source]));
  const texts = unpackParts(compilation.parts, answer.blob);
  for (const [i, { name, kind }] of files.entries()) {
    if (kind === 'json' || kind === 'broken') continue;
    const source = sources.get(name) ?? '';
    const code = isSource[i] ? source : (texts[3 * i] as string);
    const maps = JSON.parse((texts[3 * i + 2] as string) || '{"compiled":[]}') as FileMaps;
    texts[3 * i] = debuggerText({ name, code, maps, source, urlOf });
    // It is of other code now.
    texts[3 * i + 1] = Buffer.alloc(0);
    isSource[i] = false;
  }
  const { parts, blob } = packParts(texts);
  return { ...answer, compilation: { ...compilation, isSource, parts }, blob };
}
