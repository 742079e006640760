import { parse } from '@babel/parser';
import { FilePlaces } from './positions.ts';
import type { FileResult } from './program.ts';
import { type Place, SourceError } from './source-error.ts';
import type { AnyNode } from './syntax-tree.ts';

/** Where a file imports a specifier. V8 tells neither places nor attributes: a file is parsed again where they matter. */
export interface ImportPlace {
  error(message: string): SourceError;
  /** @throws SourceError unless each import of it says `with { type: 'json' }` */
  mustBeJson(): void;
}

export function importOf(file: FileResult, specifier: string): ImportPlace {
  const found = declarations(file.code).filter(({ source }) => (source as AnyNode).value === specifier);
  const error = (message: string, declaration = found[0]): SourceError =>
    new SourceError(`SyntaxError: ${message}`, placeOf(file, declaration?.source as AnyNode | undefined));
  return {
    error,
    mustBeJson() {
      for (const declaration of found) {
        const attributes = (declaration.attributes ?? []) as AnyNode[];
        const isJson = attributes.some(
          ({ key, value }) => nameOf(key as AnyNode) === 'type' && (value as AnyNode).value === 'json',
        );
        if (!isJson) {
          throw error(`'${specifier}' is JSON: import it with { type: 'json' } behind the name`, declaration);
        }
      }
    },
  };
}

function declarations(code: string): AnyNode[] {
  const { program } = parse(code, { sourceType: 'module', errorRecovery: true, attachComment: false });
  return (program.body as unknown as AnyNode[]).filter(
    ({ type, source }) => /^(Import|Export)/.test(type) && typeof source === 'object' && source !== null,
  );
}

const nameOf = ({ type, name, value }: AnyNode): unknown => (type === 'Identifier' ? name : value);

function placeOf({ maps }: FileResult, node: AnyNode | undefined): Place | undefined {
  const start = (node?.loc as { start: { line: number; column: number } } | undefined)?.start;
  if (start === undefined) return undefined;
  return new FilePlaces(maps).find({ line: start.line, column: start.column + 1 });
}
