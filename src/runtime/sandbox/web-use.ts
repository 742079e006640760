import type { CompiledProgram, FileTexts, ProgramGraph } from '../compiler/program.ts';
import { HANDLERS, INTERFACES, MEMBERS, TIMERS } from '../guest/web/names.ts';

const CONSOLE = 'console';
const NAMES = [...INTERFACES, ...MEMBERS, ...HANDLERS, ...TIMERS, CONSOLE];
/** What the global object, or code made of text, can be reached through. */
const WAYS = ['globalThis', 'self', 'eval', 'Function', 'constructor'];
/** Where code is not strict, `this` of a function is the global object. */
const SLOPPY_WAYS = [...WAYS, 'this'];
/** An escape may spell any name. */
const ESCAPE = /\\[ux]/;
// One expression for all is faster than one for each. `\b` takes the name in `$URL` for a mention too, which does no harm, and is
// twice as fast as what looks for a `$`.
const wordsOf = (words: readonly string[]): RegExp => new RegExp(`\\b(?:${words.join('|')})\\b`, 'g');
const STRICT = { ways: new Set(WAYS), words: wordsOf([...WAYS, ...NAMES]) };
const SLOPPY = { ways: new Set(SLOPPY_WAYS), words: wordsOf([...SLOPPY_WAYS, ...NAMES]) };

/** What a program may use of the web platform. */
export type WebUse = Pick<CompiledProgram, 'webNames' | 'usesConsole'>;

/**
 * The globals of the web platform that a program may use: those that it mentions, or all where one can be reached without
 * being named. Code that hides names and ways, in texts that it puts together, does not see them.
 *
 * @returns `webNames`: interfaces, then other globals, then handlers, each with commas between, and semicolons between the
 * three; empty where there are none, timers among them
 */
export function webUse(files: readonly { readonly code: string; readonly isStrict: boolean }[]): WebUse {
  const names = new Set<string>();
  for (const { code, isStrict } of files) {
    if (addMentioned(code, isStrict, names)) continue;
    for (const name of NAMES) names.add(name);
    break;
  }
  const usesConsole = names.delete(CONSOLE);
  const among = (list: Iterable<string>): string => [...list].filter((name) => names.has(name)).join();
  const webNames = names.size === 0 ? '' : [INTERFACES, MEMBERS, HANDLERS].map(among).join(';');
  return { webNames, usesConsole };
}

/** Adds the names that code mentions. @returns false where it may reach any */
function addMentioned(code: string, isStrict: boolean, names: Set<string>): boolean {
  if (code.includes('\\') && ESCAPE.test(code)) return false;
  const { ways, words } = isStrict ? STRICT : SLOPPY;
  for (const [word] of code.matchAll(words)) {
    if (ways.has(word)) return false;
    names.add(word);
  }
  return true;
}

/** A compiled program, with what it may use of the web platform. */
export const withWebUse = (graph: ProgramGraph, texts: readonly Pick<FileTexts, 'code'>[]): CompiledProgram => ({
  ...graph,
  ...webUse(texts.map(({ code }, i) => ({ code, isStrict: graph.files[i]?.kind === 'module' }))),
  mayCancelRejections: texts.some(({ code }) => code.includes('unhandledrejection')),
});
