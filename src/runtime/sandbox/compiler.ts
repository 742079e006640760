/** The code of processes that compile what V8 alone cannot. */
import type { Parser } from '../compiler/parser.ts';
import { TypeScriptCompiler } from '../compiler/typescript.ts';
import type { SandboxCode } from './code.ts';
import { openCompileService } from './compile-service.ts';

type Oxc = ConstructorParameters<typeof TypeScriptCompiler>[0];
export type LoadTypeScript = NonNullable<ConstructorParameters<typeof TypeScriptCompiler>[1]>;

let typescript: TypeScriptCompiler;

/** Loaded with its first use, or in a zygote that has nothing else to do: it takes half of the time that all the rest takes. */
const parser = (): Parser => (require('../compiler/parser.ts') as typeof import('../compiler/parser.ts')).BABEL;

/** @param load gives TypeScript's own compiler, for the processes that have it */
export function compilerCode(load?: LoadTypeScript): SandboxCode {
  const code: SandboxCode = {
    preload() {
      typescript ??= new TypeScriptCompiler(require(oxcFile()) as Oxc, load);
      // Each has something that it loads when it is first used.
      typescript.compile('let warm: 1 = 1', 'warm.ts', () => true);
      if (load !== undefined) typescript.compile('class A { accessor warm: 1 = 1 }', 'warm.ts', () => false);
    },
    preloadLate() {
      parser().instrument('throw 1', 'warm.js', 'async', { thrown: 'a', load: 'b', value: 'c', mark: '/*d*/' });
    },
    open(options) {
      code.preload();
      return openCompileService(options, (v8) => ({
        v8,
        get parser() {
          return parser();
        },
        typescript,
      }));
    },
  };
  return code;
}

/** The addon of oxc, which is among the files that this process may read. */
function oxcFile(): string {
  const flag = process.execArgv.find((each) => /--allow-fs-read=.*oxc.*\.node$/.test(each));
  return (flag as string).slice('--allow-fs-read='.length);
}
