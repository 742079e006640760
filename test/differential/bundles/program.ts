import type { ScriptSource } from '../../../src/index.ts';
import type { Bundle } from './bundle.ts';

/** Where a bundle that is a module lies beside the file that imports it. */
export const MODULE = 'bundle.mjs';

/** A program that loads a bundle and is worth an expression of `lib`. */
export function programOf(
  { load }: Bundle,
  text: string,
  expression: string,
): ScriptSource & { readonly name: string } {
  if (load === 'module') {
    const source = `import * as lib from './${MODULE}';\nexport default ${expression};\n`;
    return { name: 'main.mjs', source, files: { [MODULE]: text } };
  }
  const [before, name] =
    load === 'CommonJS'
      ? ['var module = { exports: {} }, exports = module.exports;', 'module.exports']
      : ['', load.global];
  const rest = name === 'lib' ? '' : `var lib = ${name};\n`;
  return { name: 'script.js', source: `${before}\n${text}\n;${rest}${expression}\n` };
}
