/**
 * Sets a flag of V8 for all that it makes from here on, such as `--expose-gc`. node:v8 is loaded with the first one: it takes as long to
 * load as all code of a sandbox, and most processes set none.
 */
export function setV8Flag(flag: string): void {
  (require('node:v8') as typeof import('node:v8')).setFlagsFromString(flag);
}
