import { AREAS, HANDLERS, MEMBERS, TIMERS } from '../guest/web/names.ts';

/** Names through which the global object, or code made of text, can be reached. */
const WAYS = ['globalThis', 'self', 'eval', 'Function', 'constructor'];
/** Or an escape, which may spell any name. */
const USES = new RegExp(
  `(?<![\\w$])(?:${[...Object.values(AREAS).flat(), ...MEMBERS, ...HANDLERS, ...TIMERS, ...WAYS].join('|')})(?![\\w$])|\\\\[ux]`,
);
/** Where code is not strict, `this` of a function is the global object. */
const THIS = /(?<![\w$])this(?![\w$])/;

/**
 * Whether code may see a global of the web platform: it mentions one, or something through which one can be reached. Code
 * that hides both, in texts that it puts together, does not see them.
 */
export function mayUseWeb(code: string, isStrict: boolean): boolean {
  return USES.test(code) || (!isStrict && THIS.test(code));
}
