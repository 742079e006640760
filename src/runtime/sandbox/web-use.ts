import type { CompiledProgram, FileTexts, ProgramGraph } from '../compiler/program.ts';
import { AREAS, HANDLERS, MEMBERS, TIMERS } from '../guest/web/names.ts';

const INTERFACES: ReadonlySet<string> = new Set(Object.values(AREAS).flat());
const NAMES = [...INTERFACES, ...MEMBERS, ...HANDLERS, ...TIMERS];
// `\b` takes the name in `$URL` for a mention too, which does no harm, and is twice as fast as what looks for a `$`.
const MENTIONED = new RegExp(`\\b(?:${NAMES.join('|')})\\b`, 'g');
/** What the global object, or code made of text, can be reached through; or an escape, which may spell any name. */
const WAYS = /\b(?:globalThis|self|eval|Function|constructor)\b|\\[ux]/;
/** Where code is not strict, `this` of a function is the global object. */
const THIS = /\bthis\b/;

/**
 * The globals of the web platform that a program may use: those that it mentions, or all where one can be reached without
 * being named. Code that hides names and ways, in texts that it puts together, does not see them.
 *
 * @returns interfaces, then other globals, then handlers, each with commas between, and semicolons between the three; empty
 * where there are none, timers among them
 */
export function webNames(files: readonly { readonly code: string; readonly isStrict: boolean }[]): string {
  const names = new Set<string>();
  for (const { code, isStrict } of files) {
    if (WAYS.test(code) || (!isStrict && THIS.test(code))) {
      for (const name of NAMES) names.add(name);
      break;
    }
    for (const [name] of code.matchAll(MENTIONED)) names.add(name);
  }
  if (names.size === 0) return '';
  const among = (list: Iterable<string>): string => [...list].filter((name) => names.has(name)).join();
  return [INTERFACES, MEMBERS, HANDLERS].map(among).join(';');
}

/** A compiled program, with what it may use of the web platform. */
export const withWebUse = (graph: ProgramGraph, texts: readonly Pick<FileTexts, 'code'>[]): CompiledProgram => ({
  ...graph,
  webNames: webNames(texts.map(({ code }, i) => ({ code, isStrict: graph.files[i]?.kind === 'module' }))),
  mayCancelRejections: texts.some(({ code }) => code.includes('unhandledrejection')),
});
