import { NeedsMoreError } from './needs-more-error.ts';
import { placeAt, SourceError } from './source-error.ts';
import { mergesNamespaces, refuseCommonJs, refuseWhatOxcTakes } from './typescript-grammar.ts';

export interface JavaScript {
  readonly code: string;
  /** Source map as JSON. */
  readonly map: string;
}

interface OxcError {
  readonly message: string;
  readonly helpMessage: string | null;
  readonly labels: readonly { readonly start: number }[];
}

interface Oxc {
  transformSync(
    fileName: string,
    source: string,
    options: object,
  ): { code: string; map?: { mappings: string }; errors: readonly OxcError[] };
}

/** The part of TypeScript's own compiler that is used here. */
interface TypeScript {
  transpileModule(
    source: string,
    options: object,
  ): {
    outputText: string;
    sourceMapText?: string;
    diagnostics?: { messageText: string | object; start?: number }[];
  };
}

/** What oxc leaves as it is, though V8 does not run it, or refuses, though TypeScript compiles it. */
const NOT_LOWERED = /@|\baccessor\b/;
const REFUSED_BY_OXC = /not supported by Oxc|^.with. statements are not allowed|has already been declared$/;

/** TypeScript to JavaScript: oxc for most of it, TypeScript's own compiler for what oxc does not do. */
export class TypeScriptCompiler {
  readonly #oxc: Oxc;
  readonly #typescript: (() => TypeScript) | undefined;

  /** @param typescript loads TypeScript's own compiler, where the process may */
  constructor(oxc: Oxc, typescript?: () => TypeScript) {
    this.#oxc = oxc;
    this.#typescript = typescript;
  }

  /**
   * @param isValid whether V8 takes a source
   * @throws SourceError for what does not parse or has no meaning in one file; NeedsMoreError
   */
  compile(source: string, fileName: string, isValid: (code: string) => boolean): JavaScript {
    refuseCommonJs(source);
    const { code, map, errors } = this.#transform(source, fileName);
    const isParsed = code !== '' || errors.length === 0;
    const refused = errors.some(({ message }) => REFUSED_BY_OXC.test(message));
    if (refused || mergesNamespaces(source) || (NOT_LOWERED.test(source) && isParsed && !isValid(code))) {
      return this.#compileWhole(source, fileName);
    }
    // V8 judges what is left: an `await` or a `return` in the wrong place is reported in its words.
    if (!isParsed || map === undefined) throw errorOf(errors, source);
    refuseWhatOxcTakes(source);
    return { code, map: JSON.stringify({ ...map, sourcesContent: undefined, names: [] }) };
  }

  #transform(source: string, fileName: string): ReturnType<Oxc['transformSync']> {
    const options = { lang: 'ts', sourcemap: true, target: 'esnext', typescript: { onlyRemoveTypeImports: false } };
    const asScript = this.#oxc.transformSync(fileName, source, { ...options, sourceType: 'script' });
    if (asScript.errors.length === 0) return asScript;
    const asModule = this.#oxc.transformSync(fileName, source, { ...options, sourceType: 'module' });
    return asModule.code !== '' || asScript.code === '' ? asModule : asScript;
  }

  #compileWhole(source: string, fileName: string): JavaScript {
    if (this.#typescript === undefined) throw new NeedsMoreError();
    const { outputText, sourceMapText, diagnostics } = this.#typescript().transpileModule(source, {
      fileName,
      reportDiagnostics: true,
      // Of what ECMAScript 2024 does not have, V8 lacks decorators and `accessor`.
      compilerOptions: { target: 11, module: 99, sourceMap: true, useDefineForClassFields: true, removeComments: true },
    });
    const problem = diagnostics?.find(({ start }) => start !== undefined);
    if (problem !== undefined) {
      const text = typeof problem.messageText === 'string' ? problem.messageText : 'the source does not compile';
      throw new SourceError(`SyntaxError: ${text}`, placeAt(source, problem.start as number));
    }
    const map = JSON.parse(sourceMapText ?? '{}') as object;
    const code = outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
    return { code, map: JSON.stringify({ ...map, sourcesContent: undefined, names: [] }) };
  }
}

/** oxc counts in bytes of UTF-8. */
function errorOf(errors: readonly OxcError[], source: string): SourceError {
  const [first] = errors;
  const message = `SyntaxError: ${first?.message ?? 'the source does not compile'}`;
  const start = first?.labels[0]?.start;
  if (start === undefined) return new SourceError(message);
  return new SourceError(message, placeAt(source, Buffer.from(source).subarray(0, start).toString().length));
}
