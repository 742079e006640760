import { describe, expect, test } from '@jest/globals';
import { encode } from '@jridgewell/sourcemap-codec';
import { takeInlineMap } from '../../../../src/runtime/compiler/inline-map.ts';
import { FilePlaces } from '../../../../src/runtime/compiler/positions.ts';

const MAPPINGS = encode([[[0, 0, 0, 0]], [[4, 0, 8, 2]], []]);
const map = (fields: object = {}): string =>
  JSON.stringify({ version: 3, sources: ['src/vat.ts'], names: ['unused'], mappings: MAPPINGS, ...fields });
const inline = (data: string, type = 'application/json'): string =>
  `one();\n    two();\nthree();\n//# sourceMappingURL=data:${type}${data}`;
const base64 = (text: string): string => `;base64,${Buffer.from(text).toString('base64')}`;

const sourcesOf = (fields: object, name = 'rules.js'): unknown =>
  JSON.parse(takeInlineMap(inline(`,${encodeURI(map(fields))}`), name).map ?? '{}').sources;

describe('the source map at the end of a source', () => {
  test.each([
    ['in base64', inline(base64(map()))],
    ['in base64 with an encoding', inline(`;charset=utf-8${base64(map())}\n`)],
    ['percent-encoded', inline(`,${encodeURI(map())}`)],
    ['percent-encoded, with line ends behind it', inline(`;charset=utf-8,${encodeURIComponent(map())}\r\n\n`)],
    ['with the texts of its sources', inline(base64(map({ sourcesContent: ['x'.repeat(1000)] })))],
  ])('is taken %s', (_, source) => {
    const { code, map } = takeInlineMap(source, 'rules.js');
    expect(code).toBe('one();\n    two();\nthree();\n');
    expect(JSON.parse(map as string)).toEqual({ version: 3, sources: ['src/vat.ts'], names: [], mappings: MAPPINGS });
  });

  test.each([
    ['none', 'one();\n'],
    ['one elsewhere', 'one();\n//# sourceMappingURL=main.js.map\n'],
    ['one of another type', inline(base64(map()), 'text/plain')],
    ['one that is no base64', inline(`${base64(map())}*`)],
    ['one that is no JSON', inline(base64('{"version":3'))],
    ['null', inline(base64('null'))],
    ['one that is encoded wrongly', inline(',%E0%A4%A')],
    ['one of another version', inline(base64(map({ version: 2 })))],
    ['one of parts', inline(base64(map({ sections: [], mappings: undefined })))],
    ['one without sources', inline(base64(map({ sources: null })))],
    ['one that code follows', `${inline(base64(map()))}\nfour();`],
    ['one inside a template', `\`${inline(`,${encodeURI(map())}`)}\`;`],
    ['one inside a comment', `/*${inline(base64(map()))}*/`],
  ])('stays a comment: %s', (_, source) => {
    expect(takeInlineMap(source, 'rules.js')).toEqual({ code: source, map: undefined });
  });

  test.each<[string, object, string | undefined, string[]]>([
    ['relative to the file', { sources: ['a.ts', './b.ts', '../c.ts'] }, 'lib/x.js', ['lib/a.ts', 'lib/b.ts', 'c.ts']],
    ['from their root', { sources: ['a.ts'], sourceRoot: 'src' }, undefined, ['src/a.ts']],
    ['without a scheme', { sources: ['webpack:///./src/a.ts', 'file:///a.ts'] }, undefined, ['src/a.ts', 'a.ts']],
    ['absolute ones as they are', { sources: ['/a/../b.ts'] }, 'lib/x.js', ['/b.ts']],
    ['fit for a stack', { sources: ['a (b)\n:1:2.ts'] }, undefined, ['a__b___1_2.ts']],
    ['not too long', { sources: ['x'.repeat(1000)] }, undefined, ['x'.repeat(520)]],
    ['those that are none as empty', { sources: [null, 5, {}] }, undefined, ['', '', '']],
  ])('names its sources %s', (_, fields, name, expected) => {
    expect(sourcesOf(fields, name)).toEqual(expected);
  });
});

describe('a place in a bundle', () => {
  const places = (mappings: string, sources: unknown[] = ['src/vat.ts']) =>
    new FilePlaces({ compiled: [], inline: JSON.stringify({ version: 3, sources, names: [], mappings }) });

  test.each([
    ['a mapped place', 2, 5, { file: 'src/vat.ts', line: 9, column: 3 }],
    ['a place behind it', 2, 7, { file: 'src/vat.ts', line: 9, column: 3 }],
    ['a place in front of what is mapped', 2, 1, { line: 2, column: 1 }],
    ['a line that is not mapped', 3, 1, { line: 3, column: 1 }],
    ['a line that is not there', 9, 1, { line: 9, column: 1 }],
  ])('is the author’s where the map has one: %s', (_, line, column, expected) => {
    expect(places(MAPPINGS).find({ line, column })).toEqual(expected);
  });

  test.each([
    ['a source that is not there', encode([[[0, 7, 0, 0]]])],
    ['a negative source', encode([[[0, -1, 0, 0]]])],
    ['a negative line', encode([[[0, 0, -5, 0]]])],
    ['a negative column', encode([[[0, 0, 5, -2]]])],
    ['a line that no file has', encode([[[0, 0, 2 ** 30, 0]]])],
    ['no source', encode([[[0]]])],
    ['a number without an end', 'gggggggggggggggggggggggg'],
    ['a source without a name', encode([[[0, 1, 0, 0]]])],
  ])('stays where a map says nonsense: %s', (_, mappings) => {
    expect(places(mappings, ['src/vat.ts', '']).find({ line: 1, column: 1 })).toEqual({ line: 1, column: 1 });
  });
});
