import { globalNames, takenName } from './hoisting.ts';
import { type ImportPlace, importOf } from './import-of.ts';
import { type Findings, findings, type Instrumented, instrument, parseSource } from './instrument.ts';
import type { FileResult, Names } from './program.ts';
import type { AnyNode } from './syntax-tree.ts';
import { isTypeScript } from './typescript-grammar.ts';

export type SourceType = 'script' | 'module';

/** What takes a parser: V8 compiles a source, and tells little of it. Every method throws a SourceError where a source does not parse. */
export interface Parser {
  findings(code: string, type: SourceType): Findings;
  /** Whether a source follows the grammar of TypeScript. */
  isTypeScript(source: string): boolean;
  /** Names that a script declares for all of its realm. */
  globalNames(code: string): Set<string>;
  /** What a script declares in place of a property of the global object that it cannot replace: the name, and its offset. */
  takenName(code: string): { readonly name: string; readonly offset: number } | undefined;
  /** @param names what instrumented code calls */
  instrument(code: string, fileName: string, kind: 'script' | 'async' | 'module', names: Names): Instrumented;
  /** Where a file imports a specifier. */
  importOf(file: FileResult, specifier: string): ImportPlace;
}

export const BABEL: Parser = {
  findings: (code, type) => findings(parseSource(code, type)),
  isTypeScript,
  globalNames: (code) => globalNames(parseSource(code, 'script').program as unknown as AnyNode),
  takenName(code) {
    const found = takenName(parseSource(code, 'script').program as unknown as AnyNode);
    return found && { name: found.name as string, offset: found.start as number };
  },
  instrument(code, fileName, kind, names) {
    const isModule = kind === 'module';
    const file = parseSource(code, isModule ? 'module' : 'script');
    return instrument(file, code, fileName, names, { isAsync: kind === 'async', isModule });
  },
  importOf,
};
