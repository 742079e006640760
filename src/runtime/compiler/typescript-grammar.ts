import { type ParserOptions, parse } from '@babel/parser';
import { placeAt, SourceError } from './source-error.ts';
import type { AnyNode } from './syntax-tree.ts';

const OPTIONS: ParserOptions = {
  sourceType: 'unambiguous',
  errorRecovery: true,
  attachComment: false,
  allowAwaitOutsideFunction: true,
  plugins: ['typescript', 'decorators', 'decoratorAutoAccessors', 'explicitResourceManagement'],
};

/** oxc prints these in a form that V8 takes, and so as something else than their author has written. */
const TAKEN_BY_OXC = new Set([
  'MixingCoalesceWithLogical',
  'UnexpectedTokenUnaryExponentiation',
  'RestTrailingComma',
  'ForOfAsync',
]);
/** What a source with one of them has, and few others: to parse it takes longer than oxc does. */
const MAY_BE_TAKEN = [
  /[^/*]\*\*[^/*]/,
  /\.\.\.[\w$]+,\s*[\]}]/,
  /\basync\s+of\b/,
  /\?\?[^\n;]{0,200}?(?:\|\||&&)|(?:\|\||&&)[^\n;]{0,200}?\?\?/,
];
/** Longer sources, in UTF-16 units, take too long to parse for errors that an editor shows. */
const MAX_PARSED_LENGTH = 64 << 10;

interface ParserError {
  readonly message: string;
  readonly reasonCode?: string;
  readonly pos?: number;
}

/** @throws SourceError for a mistake that neither oxc nor V8 would tell */
export function refuseWhatOxcTakes(source: string): void {
  if (source.length > MAX_PARSED_LENGTH) return;
  if (!MAY_BE_TAKEN.some((form) => form.test(source))) return;
  const found = grammarErrors(source).find(({ reasonCode = '' }) => TAKEN_BY_OXC.has(reasonCode));
  if (found === undefined) return;
  const message = found.message.replace(/\s*\(\d+:\d+\)$/, '');
  throw new SourceError(`SyntaxError: ${message}`, placeAt(source, found.pos ?? 0));
}

/** Whether a source follows the grammar of TypeScript, as far as a parser tells. */
export const isTypeScript = (source: string): boolean => grammarErrors(source).length === 0;

function grammarErrors(source: string): readonly ParserError[] {
  try {
    return (parse(source, OPTIONS) as unknown as { errors?: readonly ParserError[] }).errors ?? [];
  } catch (error) {
    return [error as ParserError];
  }
}

/** Whether a namespace may be declared in parts: then one part sees what another exports, which oxc does not know. */
export function mergesNamespaces(source: string): boolean {
  const names = new Set<string>();
  for (const [, name = ''] of source.matchAll(NAMESPACES)) {
    if (names.has(name)) return true;
    names.add(name);
  }
  return false;
}

const NAMESPACES = /\b(?:namespace|module)\s+([\w$]+)/g;

const MAY_BE_COMMONJS = /\bimport\b[^"'`;]*=\s*require\b|\bexport\s*=/;

/** `import a = require("b")` and `export = a` are CommonJS, which scripts do not have. */
export function refuseCommonJs(source: string): void {
  if (!MAY_BE_COMMONJS.test(source)) return;
  let body: readonly AnyNode[];
  try {
    body = parse(source, { ...OPTIONS, sourceType: 'module' }).program.body as unknown as AnyNode[];
  } catch {
    return; // what does not parse is reported by the compiler
  }
  for (const node of body) {
    const isImport =
      node.type === 'TSImportEqualsDeclaration' &&
      (node.moduleReference as AnyNode).type === 'TSExternalModuleReference' &&
      node.importKind !== 'type';
    if (!isImport && node.type !== 'TSExportAssignment') continue;
    const what = isImport ? '`import … = require(…)`' : '`export =`';
    const instead = isImport ? '`import … from "…"`' : '`export default`';
    throw new SourceError(
      `SyntaxError: ${what} is CommonJS, which scripts do not have: write ${instead}`,
      placeAt(source, node.start as number),
    );
  }
}
